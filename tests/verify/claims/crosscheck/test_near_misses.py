"""False statements about finite problems that once held, beside the true ones."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from numerics import Initialization
from verify.claims.crosscheck import (
    amp_minimiser,
    amp_state_evolution,
    certificate,
    effective_parameters,
    finite_size,
    pretraining,
    scale_limits,
    state_evolution_fixed_point,
)
from verify.claims.crosscheck._factors import common_factor
from verify.claims.crosscheck._factors import decide as decide_factor
from verify.claims.crosscheck._finite_size import Deviation
from verify.claims.crosscheck._gaps import whole
from verify.claims.crosscheck._scale import STATED_SCALE, C, evaluated
from verify.methods.bounds import at_least, within
from verify.methods.equivalence import Estimate
from verify.methods.on_arrays import Largest
from verify.methods.relations import Bound, Limit, Relation, Side


@pytest.mark.parametrize(
    ("factor", "holds"), [("1", True), ("1.01", False), ("0.99", False), ("1.03", False)]
)
def test_the_scale_of_the_penalty_is_resolved_to_one_per_cent(factor, holds):
    stated = finite_size.ON_SCALE_OF_FEW.but(sp.Rational(factor))
    assert decide_factor(stated).holds is holds


@pytest.mark.parametrize(("factor", "holds"), [("1", True), ("0.98", False), ("1.02", False)])
def test_the_error_is_resolved_to_two_per_cent(factor, holds):
    assert decide_factor(finite_size.ON_ERROR.but(sp.Rational(factor))).holds is holds


@pytest.mark.parametrize(("factor", "holds"), [("1", True), ("0.99", None), ("1.01", None)])
def test_a_data_scale_that_is_off_by_one_per_cent_is_noticed(factor, holds):
    assert decide_factor(finite_size.ON_DATA.but(sp.Rational(factor))).holds is holds


def test_a_factor_is_on_the_error_or_on_the_scale_and_near():
    with pytest.raises(ValueError, match="the factor must be on"):
        decide_factor(finite_size.ON_ERROR._replace(of=C))
    above = replace(finite_size.ON_ERROR.near, relation=Relation.AT_LEAST)
    with pytest.raises(ValueError, match="tested to be near"):
        decide_factor(finite_size.ON_ERROR._replace(near=above))


def test_a_common_factor_is_found_with_its_error():
    rng, slopes, found = np.random.default_rng(0), {}, []
    truth = 0.03
    for alpha in (0.1, 0.3):
        common = {d: rng.standard_normal((2, 60)) / d**0.5 for d in (100, 400)}
        for curve in range(8):
            slope = slopes[str(curve), alpha] = 0.2 + 0.1 * curve
            samples = {
                d: slope * truth + shared[curve % 2] + rng.standard_normal(60) / (10 * d**0.5)
                for d, shared in common.items()
            }
            found.append(Deviation(str(curve), alpha, 1.0, Estimate(0, 1, 1), 1.0, samples))
    best = common_factor(found, slopes)
    # What all curves of a seed share is cancelled by the weights.
    assert best.error < 0.01
    assert abs(best.value - truth) < 4 * best.error


TRUSTED = certificate.BY_CERTIFICATE
GAP, FEASIBLE = TRUSTED.conditions
DOUBLED = Largest(sp.MatAdd(certificate.BETA, -2 * certificate.BEST, evaluate=False))
LOOSE_GAP = replace(GAP, body=lambda q: sp.Abs(q) / 100)
LOOSE_FEASIBILITY = replace(FEASIBLE, body=lambda y: y / 100)


NINE_TIMES = replace(GAP, body=lambda q: 9 * sp.Abs(q) / sp.Integer(10) ** 10)


def gap_below(power):
    return replace(GAP, body=lambda q: sp.Abs(q) / sp.Integer(10) ** power)


@pytest.mark.parametrize(
    ("trust", "holds"),
    [
        (TRUSTED, True),
        (TRUSTED._replace(conditions=(LOOSE_GAP, FEASIBLE)), False),
        (TRUSTED._replace(conditions=(GAP, LOOSE_FEASIBILITY)), False),
        (TRUSTED._replace(conditions=(FEASIBLE,)), False),
        (TRUSTED._replace(conditions=(at_least(GAP), FEASIBLE)), False),
        (TRUSTED._replace(near=at_least(TRUSTED.near)), False),
        (TRUSTED._replace(near=replace(TRUSTED.near, name=DOUBLED)), False),
        (TRUSTED._replace(near=replace(TRUSTED.near, body=lambda best: best / 10**5)), False),
        (TRUSTED._replace(near=replace(TRUSTED.near, body=lambda best: best / 10**3)), False),
        (TRUSTED._replace(conditions=(gap_below(9), FEASIBLE)), False),
        (TRUSTED._replace(conditions=(gap_below(11), FEASIBLE)), False),
        (TRUSTED._replace(conditions=(NINE_TIMES, FEASIBLE)), False),
        (TRUSTED._replace(conditions=(GAP, replace(FEASIBLE, body=lambda y: y / 10**4))), False),
        (TRUSTED._replace(conditions=(GAP, replace(FEASIBLE, body=lambda y: y / 10**5))), False),
        (TRUSTED._replace(reached=Bound(Relation.BELOW, 0.5)), False),
        (TRUSTED._replace(reached=Bound(Relation.ABOVE, 0.6)), False),
    ],
    ids=[
        *("small", "gap 1e-2", "infeasibility 1e-2", "any gap", "a large gap", "far away"),
        *("twice β̂", "within 1e-5", "within 1e-3", "gap 1e-9", "gap 1e-11"),
        *("gap 9e-10", "infeasibility 1e-4", "infeasibility 1e-5"),
        *("within half the bound", "beyond 0.6 of it"),
    ],
)
def test_an_answer_just_too_far_from_the_minimiser_is_not_trusted(trust, holds):
    assert certificate.decide(trust).held_to(certificate.DISTANCE, None).holds is holds


def test_no_answer_has_another_sign_of_the_labels():
    turned = Largest(sp.MatAdd(certificate.X * certificate.BETA, certificate.Y, evaluate=False))
    trust = TRUSTED._replace(conditions=(GAP, replace(FEASIBLE, name=turned)))
    assert trust.latex() != TRUSTED.latex()
    assert certificate.decide(trust).holds is None


@pytest.mark.parametrize(
    ("tau", "theta"),
    [
        ({}, {}),
        ({"symbols": (effective_parameters.N, sp.Trace(effective_parameters.HESSIAN**-2))}, {}),
        ({"body": lambda n, trace: n**2 / trace}, {}),
        ({"body": lambda n, trace: n / trace**2}, {}),
        ({}, {"body": lambda tau, nu, n: tau * nu / n}),
        ({}, {"body": lambda tau, nu, n: tau**2 * nu / sp.sqrt(n)}),
        ({}, {"body": lambda tau, nu, n: tau * nu**2 / sp.sqrt(n)}),
    ],
    ids=["stated", "H⁻²", "n²", "tr²", "n", "τ²", "ν²"],
)
def test_effective_parameters_are_those_shown(tau, theta):
    module = effective_parameters
    stated = module.estimators(module.THREE[2:], 200, range(12), 0.2)
    changed = stated._replace(
        tau_found=replace(stated.tau_found, **tau),
        theta_found=replace(stated.theta_found, **theta),
    )
    same = not (tau or theta)
    assert (module.decide(changed).holds is True) is same
    assert (changed.latex() == stated.latex()) is same


def test_effective_parameters_are_positive():
    module = effective_parameters
    stated = module.estimators(module.THREE[2:], 200, range(2), 0.2)
    turned = replace(stated.theta_found, body=lambda tau, nu, n: -tau * nu / sp.sqrt(n))
    with pytest.raises(ValueError, match="must be positive"):
        module.decide(stated._replace(theta_found=turned))


@pytest.mark.parametrize(
    ("coefficient", "factor"),
    [
        (lambda slopes, alpha: slopes.mean() / alpha, 1),
        (lambda slopes, alpha: slopes.mean(), 0.4),
        (lambda slopes, alpha: slopes.mean() / alpha**2, 2.5),
        (lambda slopes, alpha: 0.0, 0),
        (lambda slopes, alpha: 1.0, None),
        (lambda slopes, alpha: slopes.mean() ** 2 / alpha, None),
        (lambda slopes, alpha: (slopes**2).mean() / alpha, None),
    ],
    ids=["stated", "per input", "α²", "none", "constant", "square", "mean square"],
)
def test_onsagers_coefficient_in_units_of_the_response(coefficient, factor):
    def of_slopes(slopes):
        return coefficient(slopes, 0.4)

    if factor is None:
        with pytest.raises(ValueError, match="a multiple of ⟨η′⟩"):
            amp_minimiser.onsager_factor(of_slopes, 0.4)
    else:
        assert amp_minimiser.onsager_factor(of_slopes, 0.4) == pytest.approx(
            factor, rel=1e-12, abs=0
        )


@pytest.mark.parametrize(
    ("end", "holds"),
    [
        ({}, True),
        ({"body": lambda ridge, scale: amp_minimiser.MINIMISER(5 * ridge**2, scale)}, False),
        ({"body": lambda ridge, scale: amp_minimiser.MINIMISER(10 * ridge**2, scale)}, False),
        ({"body": lambda ridge, scale: amp_minimiser.MINIMISER(ridge, 10 * scale**2)}, False),
    ],
    ids=["stated", "5ϱ²", "10ϱ²", "10c²"],
)
def test_message_passing_ends_at_the_minimiser_named(end, holds):
    module = amp_minimiser
    few = module.Rest("2 problems, d = 300")
    changed = few._replace(end=replace(few.end, **end))
    assert module.decide(changed).held_to(module.TOLERANCE, None).holds is holds
    assert (changed.latex() == few.latex()) is holds


EVOLUTION = amp_state_evolution.prediction(
    amp_state_evolution.PROBLEMS[2:], 1000, range(12), 3, 0.1
)


def evolution_of_noise(total):
    """State evolution, with another square of θ."""
    module = amp_state_evolution
    of = total(module.SIGMA**2, module.P, module.ALPHA)
    return EVOLUTION._replace(residual=within(sp.log(module.THETA**2 / of), 0.1))


def evolution_of_coefficient(coefficient):
    """State evolution, with another coefficient of Onsager's term."""
    return EVOLUTION._replace(onsager=replace(EVOLUTION.onsager, body=coefficient))


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        (EVOLUTION, True),
        (evolution_of_noise(lambda square, p, alpha: 10 * square**2 + p / alpha), False),
        (evolution_of_noise(lambda square, p, alpha: sp.Rational(1, 10) + p / alpha), False),
        (evolution_of_noise(lambda square, p, alpha: alpha - sp.Rational(2, 5) + p / alpha), False),
        (evolution_of_noise(lambda square, p, alpha: square + 2 * p), False),
        (evolution_of_noise(lambda square, p, alpha: square + 5 * p), False),
        (evolution_of_coefficient(lambda response, alpha: 2 * response), False),
        (evolution_of_coefficient(lambda response, alpha: response / (2 * alpha**2)), False),
    ],
    ids=["stated", "10σ⁴", "1/10", "α − 2/5", "2p", "5p", "2⟨η′⟩", "⟨η′⟩/(2α²)"],
)
def test_state_evolution_at_two_noises_and_two_alphas(monkeypatch, changed, holds):
    module = amp_state_evolution

    def made_up(problem, d, seeds, steps, onsager):
        noise, rng = module.noise_of(problem), np.random.default_rng(0)
        how = {"iterations": steps, "noise_variance": noise, "ridge": problem.ridge}
        found = module.state_evolution(problem.task, problem.initialization, problem.alpha, **how)
        factors = onsager**2 * np.exp(0.01 * rng.standard_normal((len(seeds), 1)))
        squares = noise + found.mse / problem.alpha
        return factors * found.mse, factors * squares, factors * found.tau

    monkeypatch.setattr(module, "runs", made_up)
    assert (module.decide(changed).holds is True) is holds
    assert (changed.latex() == EVOLUTION.latex()) is holds


FEW_RESTS = state_evolution_fixed_point.FixedPoint(
    state_evolution_fixed_point.problems(((1e-3, 0.0, 0.0),), (0.2,), 0.1)
)


def rests_at(body):
    """The fixed point of state evolution, said to be another solution."""
    solved = state_evolution_fixed_point.SOLVED
    rest = replace(FEW_RESTS.rest, body=lambda a, r, s: solved(*body(a, r, s)))
    return FEW_RESTS._replace(rest=rest)


def with_noise(body):
    """The fixed point of state evolution, with another equation of θ."""
    return FEW_RESTS._replace(noise=replace(FEW_RESTS.noise, body=body))


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        (FEW_RESTS, True),
        (rests_at(lambda a, r, s: (a, 10 * r**2, s**2)), False),
        (rests_at(lambda a, r, s: (a, 5 * r**2, s**2)), False),
        (rests_at(lambda a, r, s: (a, r, 10 * s**4)), False),
        (rests_at(lambda a, r, s: (5 * a**2, r, s**2)), False),
        (with_noise(lambda s, p, a: s**2 + 5 * p), False),
        (with_noise(lambda s, p, a: s**2 + 10 * p / 3), False),
        (with_noise(lambda s, p, a: 10 * s**4 + p / a), False),
    ],
    ids=["stated", "10ϱ²", "5ϱ²", "10σ⁴", "5α²", "5p", "10p/3", "θ: 10σ⁴"],
)
def test_fixed_points_at_two_values_of_each_parameter(changed, holds):
    found = state_evolution_fixed_point.decide(changed)
    assert found.held_to(1e-9, None).holds is holds
    assert (changed.latex() == FEW_RESTS.latex()) is holds


RESTS = state_evolution_fixed_point.Rest(state_evolution_fixed_point.FEW)


def rests(body):
    """The same fixed point, of balls, said to be another one."""
    solved = state_evolution_fixed_point.SOLVED
    return RESTS._replace(rest=replace(RESTS.rest, body=lambda a, r, s: solved(*body(a, r, s))))


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        (RESTS, True),
        (rests(lambda a, r, s: (a, 10 * r**2, s**2)), False),
        (rests(lambda a, r, s: (a, r, 10 * s**4)), False),
        (rests(lambda a, r, s: (5 * a**2, r, s**2)), False),
        (RESTS._replace(noise=replace(RESTS.noise, body=lambda s, p, a: s**2 + 5 * p)), False),
        (RESTS._replace(most="1e-14"), False),
        (RESTS._replace(change="1e-9"), False),
        (RESTS._replace(change="0"), None),
    ],
    ids=["stated", "10ϱ²", "10σ⁴", "5α²", "5p", "10⁻¹⁴", "stopped early", "never stopped"],
)
def test_state_evolution_is_held_to_enclosed_fixed_points(changed, holds, monkeypatch):
    module = state_evolution_fixed_point
    monkeypatch.setitem(module.PROBLEMS, module.FEW, module.PROBLEMS[module.FEW][1::2])
    monkeypatch.setattr(module, "STEPS", 200)
    assert module.enclose(changed).holds is holds
    assert (changed.latex() == RESTS.latex()) is (changed is RESTS)


def test_the_last_step_of_state_evolution_is_no_limit():
    module = state_evolution_fixed_point
    with pytest.raises(ValueError, match="finitely many"):
        module.enclose(RESTS._replace(rest=module.REST_POINT))


@pytest.mark.parametrize(
    "limit",
    [
        Limit(scale_limits.S, 1, Side.BELOW),
        Limit(scale_limits.S, 1),
    ],
    ids=["below", "both"],
)
def test_scales_go_to_infinity_or_down(limit):
    with pytest.raises(ValueError, match="scales must go"):
        scale_limits.near(limit)


LIMITS = scale_limits.STATED


@pytest.mark.parametrize(
    ("changed", "holds"),
    [
        ({}, True),
        ({"small": lambda beta: sp.Rational(1001, 1000) * beta}, False),
        ({"small": lambda beta: (1 + sp.Rational(1, 10**6)) * beta}, False),
        ({"large": lambda c: (1 + sp.Rational(1, 10**6)) * scale_limits.LEAST_SQUARES(c)}, False),
        ({"large": lambda c: scale_limits.LEAST_SQUARES(c**2)}, False),
    ],
    ids=["stated", "1.001 β₁", "(1 + 10⁻⁶) β₁", "(1 + 10⁻⁶) β₂", "c²"],
)
def test_limits_of_the_minimiser_are_seen_to_the_digits_that_it_has(changed, holds):
    limits = LIMITS.but("", **changed).subject
    tolerance = scale_limits.CHECK.tolerance
    assert scale_limits.decide(limits).held_to(tolerance, None).holds is holds
    assert (limits.latex() == LIMITS.latex()) is holds


def scale_of(base):
    """c_FT as stated, with another square of β_PT/c."""
    return lambda beta, c, lam, gamma: (c + lam) * (1 + sp.sqrt(1 + base(beta, c))) + gamma**2


@pytest.mark.parametrize(
    ("base", "same"),
    [
        (lambda beta, c: (beta / c) ** 2, True),
        (lambda beta, c: beta**4 / c**2, False),
        (lambda beta, c: sp.Abs(beta) ** 3 / c**2, False),
        (lambda beta, c: sp.Abs(beta) / c**2, False),
    ],
    ids=["β²", "β⁴", "β³", "|β|"],
)
def test_powers_of_pretrained_coefficients_of_one_are_told_apart(base, same):
    init, beta = Initialization(0.3, -0.1, 0.2), np.array([1.0, 0.0, -1.0, 0.0, 1.0])
    found = evaluated(replace(STATED_SCALE, body=scale_of(base)), init, beta)
    assert np.allclose(found, init.finetune_scale(beta), rtol=1e-12) is same


@pytest.mark.parametrize("symbol", [C, sp.Symbol("c_FT'")])
def test_the_scale_is_that_of_fine_tuning(symbol):
    with pytest.raises(ValueError, match="must define"):
        evaluated(replace(STATED_SCALE, name=symbol), Initialization(1.0, 0.0), np.zeros(3))


@pytest.mark.parametrize(
    ("part", "changed", "holds"),
    [
        ("learnt", {}, True),
        ("learnt", {"body": lambda beta: beta**3}, False),
        ("weights", {"body": lambda beta, c, lam: pretraining.WEIGHTS(beta**3, c, lam)}, False),
    ],
    ids=["stated", "β³ learnt", "weights of β³"],
)
def test_what_pretraining_learns(part, changed, holds):
    stated = pretraining.STATED
    other = stated._replace(**{part: replace(getattr(stated, part), **changed)})
    assert pretraining.decide(other).held_to(1e-7, None).holds is holds
    assert (other.latex() == stated.latex()) is holds


@pytest.mark.parametrize("part", ["learnt", "weights"])
def test_what_pretraining_ends_at_is_named(part):
    stated = pretraining.STATED
    with pytest.raises(ValueError, match="must define"):
        pretraining.decide(stated._replace(**{part: replace(getattr(stated, part), name=C)}))


@pytest.mark.parametrize("density", [0.101, 0.099, 0.11])
def test_a_density_is_not_rounded_to_the_next_whole_number_of_coordinates(density):
    assert whole(0.1 * 50) == 5
    with pytest.raises(ValueError, match="must be whole"):
        whole(density * 50)
