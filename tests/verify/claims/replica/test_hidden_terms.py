"""False statements of ψ and its theorem that differ where a proof need not look.

A term that is not 0 at one place only; what is random, outside a mean; another expression in q that
is q′ where q is a line through 0.
"""

import pytest
import sympy as sp

from tests.verify.claims.changes import accepted, instead
from theory.replica import alpha, noise, tau, theta
from theory.saddle import b, w
from verify.claims.replica import (
    auxiliary_problem,
    bounded_estimate,
    convex_concave,
    error_gap,
    existence,
    free_energy_slopes,
    ridge_limit_uniform,
    theorem_hypotheses,
    unique_solution,
)
from verify.claims.replica._means import ESTIMATE, RESPONSE, SCALE, TARGET, Z, q
from verify.claims.replica._potential import CHANNEL, ENVELOPE, at_each_place, varrho
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Relation

HYPOTHESES, UNIFORM = theorem_hypotheses.STATED, ridge_limit_uniform.STATED
BOUNDED, GAP, ENDS = bounded_estimate.STATED, error_gap.STATED, existence.STATED
PROBLEM, CURVATURES, UNIQUE = (
    auxiliary_problem.STATED,
    convex_concave.STATED,
    unique_solution.UNIQUE,
)
ERROR = (ESTIMATE - TARGET) ** 2


def at_zero(of):
    """Return 1 where a number is 0, else 0."""
    return 1 - sp.Abs(sp.sign(of))


def beside(stated, which, more):
    """Return formulas with something added to the right side of one, given its symbols' values."""
    body = vars(stated)[which].body
    return stated.but("", **{which: lambda *at: body(*at) + more(*at)}).subject


AT_ONE_PLACE = {
    "q at least c/2 at β = 0": (
        theorem_hypotheses,
        HYPOTHESES.but(
            "",
            coercive=lambda m, beta, c: (
                m * sp.Abs(beta) - c / 2 * (sp.Abs(sp.sign(beta)) * sp.cosh(2 * m) - 1)
            ),
        ).subject,
    ),
    "|q′(0)| at most −c": (
        theorem_hypotheses,
        beside(HYPOTHESES, "slope", lambda beta, c: -c * at_zero(beta)),
    ),
    "z²/(2τ) − e at β̂ = 0": (
        theorem_hypotheses,
        beside(HYPOTHESES, "rest", lambda estimate, *_: at_zero(estimate)),
    ),
    "e(0) at most −1": (
        theorem_hypotheses,
        beside(HYPOTHESES, "envelope", lambda z, tau: -at_zero(z)),
    ),
    "q′(0)² + 1": (
        ridge_limit_uniform,
        instead(UNIFORM, "slope", name=UNIFORM.slope.name + at_zero(ridge_limit_uniform.beta)),
    ),
    "an excess at r = 0": (
        ridge_limit_uniform,
        beside(UNIFORM, "exact", lambda R, norm, residual: at_zero(residual)),
    ),
    "an excess at ν = 0": (
        ridge_limit_uniform,
        beside(UNIFORM, "exact", lambda R, norm, residual: at_zero(norm)),
    ),
    "0 less than q* by m": (
        bounded_estimate,
        BOUNDED.but(
            "", weight=lambda q, dual, m: (q + dual - m * at_zero(q) - m * dual * at_zero(q)) / m
        ).subject,
    ),
    "a square at r = 0": (
        auxiliary_problem,
        beside(PROBLEM, "square", lambda r, ridge, b: at_zero(r)),
    ),
    "a root at N = 0": (
        auxiliary_problem,
        beside(PROBLEM, "root", lambda theta, square: at_zero(square)),
    ),
    "θ₀ at β* = 0": (
        existence,
        ENDS.but(
            "",
            small_b_theta=lambda theta, s, signal, alpha: (
                theta**2 - (s**2 * sp.sign(signal) + signal / alpha)
            ),
        ).subject,
    ),
    "ψ at β* = 0": (existence, beside(ENDS, "at_zero", lambda e, a, r, b: b * at_zero(e))),
    "the slope at β* = 0": (
        existence,
        beside(ENDS, "smaller_theta", lambda a, squared, b: -at_zero(squared)),
    ),
}
RANDOM_OUTSIDE = {
    "η′ before E[(β̂ − z)²]": (
        convex_concave,
        instead(
            CURVATURES,
            "in_b",
            symbols=(varrho, alpha, b, theta, RESPONSE * Mean(convex_concave.RESIDUAL**2)),
        ),
    ),
    "η′ before a mean over η′": (
        convex_concave,
        instead(
            CURVATURES,
            "in_theta",
            symbols=(b, noise, theta, Mean((1 - RESPONSE) * ERROR / RESPONSE) * RESPONSE, alpha),
        ),
    ),
    "the root of the mean of a square": (
        convex_concave,
        instead(
            CURVATURES,
            "in_b",
            symbols=(varrho, alpha, b, theta, sp.sqrt(Mean(convex_concave.IN_B**2))),
        ),
    ),
    "β* outside of E[β*(w − ŵ)²]": (
        error_gap,
        instead(
            GAP,
            "excess",
            symbols=(b, Mean(TARGET * error_gap.DISTANCE) / TARGET, alpha, theta),
        ),
    ),
    "β*² for its mean": (
        error_gap,
        instead(
            GAP,
            "lacking",
            symbols=(
                b,
                theta,
                noise,
                Mean(error_gap.ESTIMATED**2) + TARGET**2 - Mean(TARGET**2),
                alpha,
            ),
        ),
    ),
    "c_FT outside of E[c_FT β*²]": (
        existence,
        instead(
            ENDS,
            "small_b_theta",
            symbols=(theta, noise, Mean(SCALE * TARGET**2) / SCALE, alpha),
        ),
    ),
    "β̂ outside of E[β̂w²]": (
        auxiliary_problem,
        instead(PROBLEM, "size", symbols=(noise, Mean(ESTIMATE * w**2) / ESTIMATE, alpha)),
    ),
}
OTHER_EXPRESSIONS = {
    "2q′ − q/β": (
        theorem_hypotheses,
        instead(
            HYPOTHESES,
            "slope",
            name=sp.Abs(
                2 * theorem_hypotheses.PULL - q(theorem_hypotheses.beta) / theorem_hypotheses.beta
            ),
        ),
    ),
    "6q/z − 2q′": (
        theorem_hypotheses,
        instead(
            HYPOTHESES,
            "mean_slope",
            name=Mean((6 * q(CHANNEL) / CHANNEL - 2 * theorem_hypotheses.PULL_THERE) ** 2),
        ),
    ),
    "e of two steps": (
        theorem_hypotheses,
        instead(
            HYPOTHESES,
            "mean_envelope",
            name=Mean(6 * ENVELOPE(CHANNEL, 2 * tau) - 2 * ENVELOPE(CHANNEL, tau)),
        ),
    ),
    "q(β*)/β* for q′(β*)": (
        existence,
        instead(
            ENDS,
            "smaller_theta",
            symbols=(alpha, Mean((q(TARGET) / TARGET) ** 2), b),
        ),
    ),
}
CHANGED = AT_ONE_PLACE | RANDOM_OUTSIDE | OTHER_EXPRESSIONS


@pytest.mark.parametrize("change", CHANGED)
def test_it_is_not_accepted(change):
    claim, stated = CHANGED[change]
    assert stated.latex() != claim.STATED.latex()
    assert not accepted(claim.decide, stated)


@pytest.mark.parametrize(
    ("which", "mean"),
    [
        ("noise", Mean(ERROR) + TARGET - Mean(TARGET)),
        ("noise", Mean(TARGET * ERROR) / TARGET),
        ("regularisation", Mean(RESPONSE * TARGET) / TARGET),
    ],
)
def test_equations_have_means_only(which, mean):
    symbols = [mean if isinstance(one, Mean) else one for one in getattr(UNIQUE, which).symbols]
    assert not accepted(unique_solution.prove, instead(UNIQUE, which, symbols=tuple(symbols)))


def test_c_of_the_share_may_stand_outside_its_mean_but_no_estimate():
    stated = free_energy_slopes.STATED.in_scale
    assert at_each_place(stated).free_symbols == {free_energy_slopes.SHARE, SCALE, ESTIMATE}
    for what in (ESTIMATE, TARGET, Z, RESPONSE):
        false = Formula(stated.name, (what, stated.symbols[1], SCALE), stated.body)
        with pytest.raises(ValueError, match="outside the mean"):
            at_each_place(false)


@pytest.mark.parametrize("share", [1.0, 0.5, -1.0])
def test_no_sign_is_stated_nearer_to_the_solution_than_the_scan_looks(share):
    place = Bound(Relation.BELOW, share * unique_solution.NEAREST)
    near = unique_solution.Side(place, Bound(Relation.AT_LEAST, 0))
    with pytest.raises(ValueError, match="no point of the scan"):
        unique_solution.decide(unique_solution.STATED._replace(before=near))


def test_levels_are_positive_only_where_a_is_free():
    # On α = (1 − η)² alone, √α(2√α − (1 − η)) would pass for positive.
    far = BOUNDED.far
    stated = instead(BOUNDED, "far", body=lambda eta, a: sp.sqrt(a) * (2 * sp.sqrt(a) - (1 - eta)))
    assert stated.far.side({}) != far.side({})
    assert not accepted(bounded_estimate.decide, stated)


@pytest.mark.parametrize(
    ("name", "own"), [("slope", "|q′| < |β|/(2c)"), ("envelope", "z²/(2τ) − e > 0")]
)
def test_controls_reach_the_steps_of_their_own_formula(name, own):
    true = vars(HYPOTHESES)[name].latex()
    (control,) = (
        one for one in theorem_hypotheses.CONTROLS if vars(one.subject)[name].latex() != true
    )
    failing = theorem_hypotheses.decide(control.subject)
    assert failing.holds is False
    assert own in failing.summary
