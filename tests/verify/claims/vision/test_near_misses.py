"""False statements about ResNets beside the true ones; symbols held to what they stand for."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.vision.representation import measures, participation_ratio, shared_dimensions
from empirics.vision.scaling import FACTORS
from verify.claims.vision import _scaled_networks as networks
from verify.claims.vision import _values as records
from verify.claims.vision import kappa_function, scale_function
from verify.claims.vision import shared_dimensions_form as form
from verify.claims.vision._effects import Statement, decide
from verify.claims.vision._values import Greater
from verify.methods.relations import Relation

BEFORE, AFTER = "before pretraining", "after pretraining"
# What is multiplied, and when, by the paper's letter (Section 6; Appendix D); then, to which powers
# the weights and their learning rates are.
MULTIPLIED = {
    r"\kappa": ("κ", kappa_function.UP_TO_STAGE_3, BEFORE, 1, 0),
    "c": ("c", (), BEFORE, 1, 0),
    r"\gamma": ("γ", ("fc",), AFTER, 1, 0),
    "a": ("the factor of all weights", (), AFTER, 1, 0),
    r"\kappa_{\eta}": ("κ of the rates alone", kappa_function.UP_TO_STAGE_3, BEFORE, 0, -2),
    r"\kappa_{\theta}": ("κ with rates times κ²", kappa_function.UP_TO_STAGE_3, BEFORE, 1, 2),
}


@pytest.mark.parametrize("study", FACTORS)
def test_symbols_of_factors_mean_what_they_multiply(study):
    word, modules, phase, weights, rates = MULTIPLIED[records.SYMBOLS[study]]
    assert records.WORDS[study] == word
    one = FACTORS[study]
    assert (one.modules, one.phase, one.of_weights, one.of_rates) == (
        (modules, phase, weights, rates)
    )
    value = records.Study("reduced", study, (96.0,)).at(0.125, records.ACCURACY)
    assert f"({records.SYMBOLS[study]} = 0.125)" in value.latex()


def centred(features):
    return features - features.mean(axis=0)


@pytest.mark.parametrize(
    ("column", "shown", "of"),
    [
        (
            "pr_before",
            r"\mathrm{PR}_{\text{before}}",
            lambda before, after: participation_ratio(before),
        ),
        (
            "pr_after",
            r"\mathrm{PR}_{\text{after}}",
            lambda before, after: participation_ratio(after),
        ),
        ("ensd", r"\mathrm{ENSD}", shared_dimensions),
    ],
)
def test_symbols_of_columns_mean_what_is_measured(column, shown, of):
    rng = np.random.default_rng(5)
    before, after = rng.standard_normal((2, 6, 4))
    (row,) = (
        one for one in measures(before, after) if one["centring"] == records.Features().centring
    )
    assert row[column] == pytest.approx(of(centred(before), centred(after)))
    assert records.COLUMNS[column] == shown
    assert records.COLUMNS["accuracy"] == r"\mathrm{acc}"


def value(number, factor):
    """A value with made-up results, around a number."""

    class Made(records.Value):
        def by_seed(self, seeds=None):
            return {seed: number + 0.01 * seed for seed in range(5)}

    return Made(records.Study("reduced", "kappa", (96.0,)), factor, records.ACCURACY)


@pytest.mark.parametrize(
    ("relation", "holds"), [(Relation.ABOVE, True), (Relation.BELOW, False)], ids=[">", "<"]
)
def test_the_relation_between_values_decides(relation, holds):
    for less, by in ((value(0.3, 1.0), 0.0), (None, 0.1), (value(0.3, 1.0), 0.1)):
        one = Greater(value(0.6, 0.125), less, by, relation)
        assert decide(Statement((one,), 5)).holds is holds
        assert f" {relation} " in Statement((one,), 5).latex()
    weak = Greater(value(0.6, 0.125), value(0.3, 1.0), relation=Relation.AT_LEAST)
    with pytest.raises(ValueError, match="must exceed"):
        decide(Statement((weak,), 5))


KAPPA, SCALED, OTHERS = kappa_function.KAPPA, networks.SCALED, networks.OTHERS
f, UNSCALED = networks.OUTPUTS, networks.UNSCALED
SAME = kappa_function.SAME.equalities.outputs


def made_up(factor, others):
    """Outputs of a network that tells its parameters apart."""
    return 10.0 * factor + others


def sides(equality, at):
    return networks.sides(equality, at, made_up, made_up)


def test_what_is_multiplied_is_read_from_both_sides():
    at = {KAPPA: 0.5}
    assert sides(SAME, at) == (6.0, 11.0)
    for changed, found in (
        ({"name": f(SCALED / KAPPA, OTHERS)}, (21.0, 11.0)),
        ({"name": f(SCALED, KAPPA * OTHERS)}, (10.5, 11.0)),
        ({"name": 2 * f(KAPPA * SCALED, OTHERS)}, (12.0, 11.0)),
        ({"symbols": (f(KAPPA * SCALED, OTHERS),)}, (6.0, 6.0)),
        ({"symbols": (KAPPA * UNSCALED,)}, (6.0, 5.5)),
    ):
        other = replace(SAME, **changed)
        assert sides(other, at) == found
        assert other.latex() != SAME.latex()
    for name in (f(OTHERS, SCALED), f(KAPPA * SCALED, SCALED), f(sp.Symbol("x") * SCALED, OTHERS)):
        for changed in ({"name": name}, {"symbols": (name,)}):
            with pytest.raises(ValueError, match="parameters that are multiplied must be stated"):
                sides(replace(SAME, **changed), at)


def test_the_rate_is_that_of_the_modules():
    rate = kappa_function.STATED.rate
    at = {kappa_function.ETA: 1.0, KAPPA: 2.0}
    assert rate(at) == 0.25
    assert replace(rate, symbols=rate.symbols[::-1])(at) == 2.0
    for name in (kappa_function.ETA, 1 / kappa_function.RATE + kappa_function.ETA):
        stated = kappa_function.STATED._replace(rate=replace(rate, name=name))
        with pytest.raises((ValueError, TypeError)):
            kappa_function.same_training(stated)


EQUALITIES = scale_function.STATED.equalities
b, c, GAMMA = scale_function.b, scale_function.c, scale_function.gamma


@pytest.mark.parametrize(
    ("equality", "changed", "expected"),
    [
        (EQUALITIES.everything, {}, (22.0, 42.0)),
        (EQUALITIES.everything, {"symbols": (b, UNSCALED, c)}, (22.0, -18.0)),
        (EQUALITIES.everything, {"symbols": (UNSCALED, c, b)}, (22.0, 11.0)),
        (EQUALITIES.everything, {"name": f(c * SCALED, OTHERS)}, (21.0, 42.0)),
        (EQUALITIES.last_layer, {}, (21.0, 22.0)),
        (EQUALITIES.last_layer, {"name": f(SCALED, GAMMA * OTHERS)}, (12.0, 22.0)),
        (EQUALITIES.last_layer, {"symbols": (GAMMA, UNSCALED)}, (21.0, 22.0)),
        (EQUALITIES.last_layer, {"symbols": (UNSCALED**2, GAMMA)}, (21.0, 242.0)),
    ],
)
def test_symbols_of_the_logits_stand_for_what_they_are_called(equality, changed, expected):
    at = {b: np.array(1.0), c if c in equality.name.free_symbols else GAMMA: 2.0}
    assert sides(replace(equality, **changed), at) == expected


@pytest.mark.parametrize(
    ("symbol", "shown"),
    [
        (SCALED, r"\theta_A"),
        (OTHERS, r"\theta_B"),
        (KAPPA, "kappa"),
        (kappa_function.ETA, "eta"),
        (kappa_function.RATE, "eta_A"),
        (b, "b"),
        (c, "c"),
        (GAMMA, "gamma"),
        (form.F1, "F_1"),
        (form.F2, "F_2"),
        (form.ENSD, r"\mathrm{ENSD}"),
        (form.PR1, r"\mathrm{PR}_1"),
        (form.PR2, r"\mathrm{PR}_2"),
    ],
)
def test_symbols_are_called_what_they_stand_for(symbol, shown):
    assert symbol.name == shown


def test_bounds_and_sums_are_shown_of_what_is_inserted():
    assert form.OF_TWO.__name__ == r"\mathrm{ENSD}"
    assert form.OF_ONE.__name__ == r"\mathrm{PR}"
    assert form.SMALL.latex() == (
        r"\operatorname{tr}\left(F_{1}^{T} F_{1} F_{2}^{T} F_{2} \right) = "
        r"\sum_{\substack{0 \leq a \leq N - 1\\0 \leq b \leq N - 1}} {G}_{a,b}^{2}, "
        r"\quad G = F_{1} F_{2}^{T}"
    )


STATED = form.STATED
LARGER = sp.Trace(2 * form.F1.T * form.F1 * form.F2.T * form.F2)


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        (STATED, True),
        (STATED._replace(bound=replace(STATED.bound, relation=Relation.AT_LEAST)), False),
        (STATED._replace(bound=replace(STATED.bound, relation=Relation.BELOW)), False),
        (STATED._replace(bound=replace(STATED.bound, name=form.ENSD)), False),
        (
            STATED._replace(alike=replace(STATED.alike, name=form.OF_TWO(form.F, form.F) ** 2)),
            False,
        ),
        (STATED._replace(form=form.SMALL._replace(trace=LARGER)), False),
        (STATED._replace(form=form.SMALL._replace(matrices=(form.F1 * form.F1.T,))), False),
        (
            STATED._replace(alike=replace(STATED.alike, name=form.OF_TWO(form.F, sp.Symbol("G")))),
            False,
        ),
    ],
    ids=["stated", "at least", "below", "ENSD", "squared", "twice the trace", "F₁F₁ᵀ", "of two"],
)
def test_shared_dimensions(statement, holds):
    assert form.decide(statement).holds is holds
    assert (statement.latex() == STATED.latex()) is holds
