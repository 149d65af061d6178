"""False statements about trained networks beside the true ones, on small made-up data."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp

from empirics.experiments import sweep_settings
from numerics import Initialization
from numerics.gradient_flow import finetune_flow, pretrain_flow
from verify.claims.crosscheck._scale import C_FT, GAMMA, LAM, C
from verify.claims.training import (
    finite_pretraining,
    learning_rate_gap,
    optimum,
    published_rate_stability,
    recorded_flow,
    recorded_rows,
    replica_curve,
    shrinkage,
    single_task_lambda,
)
from verify.claims.training._minimiser import ETA, MINIMISER
from verify.methods.bounds import at_least
from verify.methods.relations import Bound, Relation, Side


def shown(*statements):
    """Whether statements are shown as different formulas."""
    return len({one.latex() for one in statements}) == len(statements)


LIMIT = optimum.Limit()


@pytest.mark.parametrize(
    ("limit", "holds"),
    [
        (LIMIT, True),
        (LIMIT._replace(end=replace(LIMIT.end, limit=replace(LIMIT.end.limit, to=0.04))), False),
        (LIMIT._replace(end=replace(LIMIT.end, body=lambda c: MINIMISER(2 * c))), False),
        (LIMIT._replace(end=replace(LIMIT.end, name=1.01 * LIMIT.end.name)), False),
        (LIMIT._replace(end=replace(LIMIT.end, name=optimum.END(ETA + 0.01))), False),
        (LIMIT._replace(scale=replace(LIMIT.scale, symbols=(C, C, GAMMA, LAM))), False),
    ],
    ids=["stated", "another limit", "another scale", "1.01 β", "β(η + 0.01)", "λ and γ exchanged"],
)
def test_end_points_in_the_limit(monkeypatch, limit, holds):
    """Made-up end points, off the minimisers by a cubic polynomial of the rate."""
    ends = np.array([optimum.minimiser(LIMIT, init, one) for init, one in optimum.PROBLEMS])
    rates = 0.04, 0.02, 0.01
    made_up = rates, [ends * (1 + rate - rate**2) for rate in rates]
    monkeypatch.setattr(optimum, "trained", lambda: made_up)
    assert optimum.decide(limit).held_to(1e-4, None).holds is holds
    assert shown(limit, LIMIT) is not holds


@pytest.mark.parametrize(
    "changed",
    [
        {"name": optimum.END(sp.Symbol("eta'"))},
        {"relation": Relation.AT_MOST},
        {"limit": replace(LIMIT.end.limit, variable=C)},
        {"limit": replace(LIMIT.end.limit, side=Side.BELOW, to=1)},
        {"limit": replace(LIMIT.end.limit, to=sp.oo, side=Side.BOTH)},
    ],
    ids=["name", "relation", "variable", "side", "to"],
)
def test_another_limit_is_refused(monkeypatch, changed):
    limit = LIMIT._replace(end=replace(LIMIT.end, **changed))
    assert shown(limit, LIMIT)
    ends = np.array([optimum.minimiser(LIMIT, init, one) for init, one in optimum.PROBLEMS])
    monkeypatch.setattr(optimum, "trained", lambda: ((0.04, 0.02), [ends, ends]))
    with pytest.raises(ValueError, match=r"got|stated"):
        optimum.decide(limit)


@pytest.mark.parametrize(("power", "holds"), [(1, True), (1.2, False), (2, False)])
def test_power_of_the_rate(power, holds):
    found = np.outer(np.array(learning_rate_gap.RATES), np.ones(len(learning_rate_gap.PROBLEMS)))
    stated = learning_rate_gap.decay(power)
    measured = learning_rate_gap.held_to(stated, found, -1)
    assert measured.held_to(0.1, None).holds is holds
    turned = replace(stated, name=-stated.name)
    assert learning_rate_gap.held_to(turned, found, -1).held_to(0.1, None).holds is False
    assert shown(stated, turned, learning_rate_gap.decay(3))


@pytest.mark.parametrize("factor", [2, sp.Rational(1, 4), 3])
def test_power_between_the_rates_that_are_named(factor):
    module = learning_rate_gap
    found = np.outer(np.array(module.RATES), np.ones(len(module.PROBLEMS)))
    name = sp.log(module.GAP(ETA) / module.GAP(factor * ETA)) / sp.log(2)
    other = replace(module.decay(1), name=name)
    assert shown(other, module.decay(1))
    with pytest.raises(ValueError, match="the rates are"):
        module.held_to(other, found, 0)


PUBLISHED, GAP = learning_rate_gap.PUBLISHED, learning_rate_gap.GAP


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        (PUBLISHED, True),
        (PUBLISHED._replace(near=replace(PUBLISHED.near, relation=Relation.ABOVE)), False),
        (PUBLISHED._replace(near=replace(PUBLISHED.near, body=lambda: 0.005)), False),
        (
            PUBLISHED._replace(near=replace(PUBLISHED.near, name=learning_rate_gap.GAP(ETA / 4))),
            False,
        ),
        (PUBLISHED._replace(rate=replace(PUBLISHED.rate, body=lambda d: 2 / d)), False),
    ],
    ids=["below 1 %", "above 1 %", "below 0.5 %", "at η/4", "2/d"],
)
def test_gap_at_the_published_rate(monkeypatch, stated, holds):
    module = learning_rate_gap
    made_up = SimpleNamespace(stop_reason=np.full(12, "converged"), beta=np.zeros(12))
    rates = []
    monkeypatch.setattr(module, "trained", lambda _, rate, **__: rates.append(rate) or made_up)
    monkeypatch.setattr(module, "minimiser", lambda *_: None)
    monkeypatch.setattr(module, "distances", lambda *_: np.full(12, 0.3 * rates[-1]))
    try:
        found = module.published(stated).held_to(0.01, None).holds
    except ValueError:  # no networks were trained at another rate
        found = False
    assert found is holds
    assert shown(stated, PUBLISHED) is not holds


def test_invariants_that_the_minimiser_is_for():
    scale = shrinkage.STATED.scale
    of_the_start = replace(scale, symbols=(C_FT,))
    assert (scale(), of_the_start()) == (shrinkage.AT_END, C_FT)
    assert shown(scale, of_the_start)


STABLE = published_rate_stability.STATED


def larger(*of):
    return sp.Rational(105, 100) * STABLE.product.body(*of)


def squared(d, alpha, scale):
    return STABLE.product.body(d, alpha, scale**2 / 50)


def of_one_size(_, alpha, scale):
    return STABLE.product.body(5000, alpha, scale)


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        (STABLE, True),
        (STABLE._replace(diverges=(Bound(Relation.BELOW, 4),)), False),
        (STABLE._replace(diverges=(Bound(Relation.ABOVE, 5),)), False),
        (STABLE._replace(catapulted=STABLE.catapulted[:1]), False),
        (STABLE._replace(catapulted=(Bound(Relation.ABOVE, 3.1), STABLE.catapulted[1])), False),
        (STABLE._replace(scale=replace(STABLE.scale, symbols=(GAMMA, C))), False),
        (STABLE._replace(product=replace(STABLE.product, body=lambda d, a, c: 2 * c / d)), False),
        (STABLE._replace(product=replace(STABLE.product, body=larger)), False),
        (STABLE._replace(scale=replace(STABLE.scale, body=lambda c, g: 3 * c + g**2 / 2)), False),
        (STABLE._replace(scale=replace(STABLE.scale, body=lambda c, g: 2 * c + 5 * g)), False),
        (STABLE._replace(diverges=(Bound(Relation.ABOVE, 4),)), False),
        (STABLE._replace(diverges=(Bound(Relation.ABOVE, 3.9),)), False),
        (STABLE._replace(diverges=(Bound(Relation.AT_LEAST, 3.5),)), False),
        (STABLE._replace(product=replace(STABLE.product, body=squared)), False),
        (STABLE._replace(product=replace(STABLE.product, body=of_one_size)), False),
        (STABLE._replace(product=replace(STABLE.product, name=sp.Symbol("n"))), False),
    ],
    ids=[
        *("stated", "below 4", "above 5", "without end", "above 3.1", "exchanged", "no √α"),
        *("1.05 s", "3c", "5γ", "above 4", "above 3.9", "from 3.5", "c_FT²/50"),
        *("d = 5000", "n"),
    ],
)
def test_what_becomes_of_networks(monkeypatch, stated, holds):
    module = published_rate_stability
    names = dict.fromkeys((0.005, 0.006), module.DIVERGES)
    names |= dict.fromkeys((0.0066, 0.0084, 0.01, 0.0115), module.CATAPULTED)
    monkeypatch.setattr(module, "outcome", lambda alpha: names.get(alpha, module.FOLLOWS))
    try:
        found = module.decide(stated).held_to(0.0, None).holds
    except ValueError:
        found = False
    assert found is holds
    assert shown(stated, STABLE) is not holds


@pytest.mark.parametrize(
    ("reason", "shrinkage", "word", "bounds"),
    [
        ("diverged", np.nan, "diverges", STABLE.diverges),
        ("converged", 0.2, "catapulted", STABLE.catapulted),
        ("converged", 0.01, "follows the flow", None),
    ],
)
def test_what_becomes_of_a_network_is_called_by_what_training_reports(
    reason, shrinkage, word, bounds
):
    assert published_rate_stability.named_outcome(reason, shrinkage) == word
    assert STABLE.outcomes.get(word) == bounds
    if bounds is not None:
        assert rf"\le \frac{{37}}{{10}} \iff \text{{{word}}}" in STABLE.latex() or (
            rf"s > \frac{{37}}{{10}} \iff \text{{{word}}}" in STABLE.latex()
        )


@pytest.mark.parametrize(("reason", "shrinkage"), [("stopped", 0.0), ("converged", np.nan)])
def test_a_network_that_does_not_end_is_called_nothing(reason, shrinkage):
    with pytest.raises(ArithmeticError, match="training must end"):
        published_rate_stability.named_outcome(reason, shrinkage)


SEED = single_task_lambda.SEED_OF
NEAR, FITTED = recorded_flow.FEW, recorded_flow.FITTED


SOME = [one for one in sweep_settings("all") if one.c == 1.0 or one.gamma == 1.0][::3]


def made_up_networks(monkeypatch, error=1.01, factor=1.0, lost=0):
    """Take as recorded networks whose errors are those of flows of the weights, times `error`.

    β_PT, c, λ and γ² are times `factor`.
    """
    rng = np.random.default_rng(3)
    X, beta = rng.standard_normal((len(SOME), 5, 10)) / 5**0.5, rng.standard_normal((2, 10))
    found = []
    for inputs, setting in zip(X, SOME, strict=True):
        init = setting.initialization
        init = Initialization(factor * init.c, factor * init.lam, factor**0.5 * init.gamma)
        data = inputs, inputs @ beta[1]
        if setting.overlap is None:
            end = pretrain_flow(init, *data, target=1e-200, longest=0.2).beta[-1]
        else:
            before = init.pretraining_layer_weights(factor * beta[0])
            end = finetune_flow(before, init, *data, target=1e-200, longest=0.2).beta[-1]
        own = error * float(((end - beta[1]) ** 2).mean())
        found.append(recorded_flow.Instance(setting, *data, *beta, own, 1e-3, 200.0))
    monkeypatch.setattr(recorded_flow, "instances", lambda alphas, stride: (found, lost))


def test_made_up_networks_are_of_every_kind():
    kinds = {(one.overlap is None, one.gamma > 0.0, one.relative_scale != 0.0) for one in SOME}
    assert kinds == {(True, False, True), (True, False, False), (False, True, False)} | {
        (False, False, False)
    }


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        (NEAR, True),
        (NEAR._replace(near=at_least(NEAR.near)), False),
        (NEAR._replace(near=replace(NEAR.near, body=lambda: 0.001)), False),
        (NEAR._replace(time=replace(NEAR.time, body=lambda rate, m: 2 * rate * m)), False),
        (NEAR._replace(time=replace(NEAR.time, body=lambda rate, m: sp.oo)), False),
        (NEAR._replace(scale=recorded_flow.times(2)), False),
        (NEAR._replace(alone=replace(NEAR.alone, body=lambda c: 2 * c)), False),
    ],
    ids=["stated", "further apart", "a per mille", "2t", "the minimiser", "2 c_FT", "2c alone"],
)
def test_errors_beside_those_of_flows(monkeypatch, stated, holds):
    made_up_networks(monkeypatch)
    assert recorded_flow.decide(stated).held_to(1.0, None).holds is holds
    assert shown(stated, NEAR) is not holds


def test_networks_that_are_further_apart_are_said_to_be(monkeypatch):
    made_up_networks(monkeypatch, error=1.1)
    assert not recorded_flow.decide(NEAR).held_to(1.0, None).holds
    further = NEAR._replace(near=at_least(NEAR.near))
    assert recorded_flow.decide(further).held_to(1.0, None).holds


@pytest.mark.parametrize("factor", [1.0, 1.01, 1.03, 0.97])
def test_the_factor_that_networks_have_is_found(monkeypatch, factor):
    made_up_networks(monkeypatch, 1.0, factor)
    found = recorded_flow.fitted(FITTED)
    assert found.data["log_kappa"] == pytest.approx(np.log(factor), abs=1e-3)
    assert found.held_to(1.0, None).holds is (abs(factor - 1) < 0.02)
    stated = FITTED._replace(scale=recorded_flow.times(sp.Rational(21, 20)))
    assert recorded_flow.fitted(stated).data["log_kappa"] < found.data["log_kappa"]


def test_networks_that_did_not_converge_are_counted(monkeypatch):
    made_up_networks(monkeypatch, lost=1)
    assert f"{len(SOME)} networks (1 that did not converge)" in recorded_flow.decide(NEAR).summary
    made_up_networks(monkeypatch, lost=len(SOME))
    with pytest.raises(ArithmeticError, match="networks must converge"):
        recorded_flow.decide(NEAR)


def test_flows_are_of_an_alpha_that_is_recorded():
    with pytest.raises(ValueError, match=r"not \(0\.2,\)"):
        recorded_flow.decide(NEAR._replace(alphas=(0.2,)))


@pytest.mark.parametrize("stated", [replica_curve.EACH, replica_curve.FACTOR, replica_curve.SCALE])
def test_parameters_of_the_curve_are_those_shown(stated):
    module = replica_curve
    half = stated.but("γ²/2 for γ²", module.WRONG["γ²/2 for γ²"]).subject
    above, below = module.fraction(half.near)
    (curve,) = above.atoms(module.REPLICA)
    assert curve.args[-1] == GAMMA**2 / 2
    numbers = {module.FOUND(*module.OWN): 3, curve: 2, module.UNIT: 1, module.RESPONSE: 5}
    slope = 5 if stated is module.SCALE else 1
    assert above.subs(numbers) == slope * sp.log(sp.Rational(3, 2))
    assert below.subs(numbers) == slope**2
    others = [stated.but(why, apart).subject for why, apart in module.WRONG.items()]
    assert shown(stated, *others, replace(stated, near=at_least(stated.near)))
    with pytest.raises(ValueError, match="tested to be near"):
        module.fraction(at_least(stated.near))
    with pytest.raises(ValueError, match="a mean must be bounded"):
        module.fraction(replace(stated.near, name=sp.Abs(module.FOUND(*module.OWN[::-1]))))


BACK = single_task_lambda.ERROR(LAM, 401 - SEED)


@pytest.mark.parametrize(
    ("body", "name", "holds"),
    [
        (lambda s: single_task_lambda.ERROR(0, s), None, True),
        (lambda s: single_task_lambda.ERROR(0, 2 * s - 199), None, False),
        (lambda s: single_task_lambda.ERROR(0, s + 1), None, False),
        (lambda s: single_task_lambda.ERROR(0, s), BACK, False),
        (lambda s: 2 * single_task_lambda.ERROR(0, s), None, False),
    ],
    ids=["stated", "2s − 199", "s + 1", "401 − s", "2p"],
)
def test_networks_are_paired_by_the_seeds_that_are_named(body, name, holds):
    module = single_task_lambda
    equal = module.Pairs().equal
    changed = module.Pairs(equal=replace(equal, name=name or equal.name, body=body))
    if changed.equal.body(SEED).func is module.ERROR:
        assert module.paired(changed).held_to(1e-4, None).holds is holds
    else:
        with pytest.raises(ValueError, match="is stated"):
            module.paired(changed)
    assert shown(changed, module.Pairs()) is not holds


def test_ends_are_those_of_the_networks_that_are_named():
    module = single_task_lambda
    exchanged = replace(module.STATED, name=module.SCRATCH(LAM, C))
    assert shown(module.STATED, exchanged, *(one.subject for one in module.CONTROLS))
    with pytest.raises(ValueError, match=r"no networks were trained of c = -0\.1"):
        module.decide(exchanged)


@pytest.mark.parametrize(
    ("body", "holds"),
    [
        (lambda c: MINIMISER(c), True),
        (lambda c: MINIMISER(10 * c**2), False),
        (lambda c: MINIMISER(sp.Rational(1, 10)), False),
    ],
    ids=["stated", "10c²", "1/10"],
)
def test_the_scale_of_a_single_task_is_c(monkeypatch, body, holds):
    module = single_task_lambda
    ends = np.array(
        [
            [module.minimum_penalty(one.X, one.y, c).beta for one in module.SAMPLES]
            for c, _ in module.SCALES
        ]
    )
    monkeypatch.setattr(module, "extrapolated", lambda pretrained: ends)
    changed = replace(module.STATED, body=body)
    assert module.decide(changed).held_to(2e-3, None).holds is holds
    assert shown(changed, module.STATED) is not holds


@pytest.mark.parametrize("symbols", [(LAM, C, GAMMA), (C, GAMMA, LAM)])
def test_the_ideal_end_is_that_of_the_parameters_shown(symbols):
    end = finite_pretraining.STATED.end
    exchanged = replace(end, symbols=symbols)
    assert exchanged().args == symbols
    assert end().args == (C, LAM, GAMMA)
    assert shown(end, exchanged)


AGAIN = recorded_rows.STATED


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        (AGAIN, True),
        (AGAIN._replace(rate=replace(AGAIN.rate, body=lambda d: 1.001 / d)), False),
        (AGAIN._replace(threshold=replace(AGAIN.threshold, body=lambda a: 1.001e-4 / a)), False),
    ],
    ids=["stated", "rate 1.001/d", "threshold 1.001e-4/α"],
)
def test_rate_and_threshold_are_those_of_the_recorded_task(monkeypatch, stated, holds):
    """The networks that are trained again are taken for the recorded ones."""
    pytest.importorskip("torch")

    def as_recorded(configuration, seed):
        slab = configuration["slab"]
        return [one | made_up(one, slab, seed) for one in configuration["settings"]]

    def made_up(row, slab, seed):
        setting = recorded_rows.setting_of(row, slab)
        networks, place = recorded_rows.networks_of(setting, stated.alpha, seed)
        return {name: networks.measured[name][place] for name in recorded_rows.MEASURED}

    monkeypatch.setattr(recorded_rows, "train_curves", as_recorded)
    assert recorded_rows.decide(stated).held_to(2e-3, None).holds is holds
    assert shown(stated, AGAIN) is not holds


def test_networks_trained_again_are_of_an_alpha_that_is_recorded():
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match=r"not 0\.109"):
        recorded_rows.decide(AGAIN._replace(alpha=0.109))
