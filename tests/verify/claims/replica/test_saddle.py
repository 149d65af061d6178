"""The function ψ whose saddle is the fixed point: false ones beside it, and its numbers."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy.integrate import quad
from scipy.optimize import brentq

from numerics import Initialization, TaskDistribution, solve_replica
from tests.verify.claims.changes import accepted, instead
from theory.replica import theta
from theory.saddle import b
from verify.claims.replica import (
    auxiliary_problem,
    convex_concave,
    existence,
    free_energy_slopes,
    stationarity,
    unique_solution,
)
from verify.claims.replica._means import ESTIMATE, RESPONSE, TARGET, Z
from verify.claims.replica._potential import ENVELOPE, POTENTIAL
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Relation

PROOFS = [
    (stationarity.decide, stationarity.STATED),
    (convex_concave.decide, convex_concave.STATED),
    (existence.decide, existence.STATED),
    (unique_solution.prove, unique_solution.UNIQUE),
    (free_energy_slopes.decide, free_energy_slopes.STATED),
    (auxiliary_problem.decide, auxiliary_problem.STATED),
]


@pytest.mark.parametrize(("decide", "stated"), PROOFS)
def test_what_is_stated_is_proved(decide, stated):
    assert accepted(decide, stated)


def terms(b, s, theta, r, alpha, mean):
    return (
        b * s**2 / (2 * theta),
        b * theta / 2,
        -r * b**2 / 2,
        mean / alpha,
        -b * theta / (2 * alpha),
    )


def test_terms_are_those_of_the_potential():
    symbols = sp.symbols("b s theta r alpha m", positive=True)
    assert sp.expand(sum(terms(*symbols)) - POTENTIAL.body(*symbols)) == 0


@pytest.mark.parametrize("factor", [sp.Rational(99, 100), sp.Rational(101, 100), -1, 0, 2])
@pytest.mark.parametrize("term", range(5))
def test_no_term_of_the_potential_may_have_another_factor(term, factor):
    def body(*at):
        parts = list(terms(*at))
        parts[term] *= factor
        return sum(parts)

    false = instead(stationarity.STATED, "potential", body=body)
    assert not accepted(stationarity.decide, false)


@pytest.mark.parametrize(
    ("at", "step"),
    [(TARGET + 2 * theta * Z, theta / b), (TARGET + theta * Z, b / theta), (theta * Z, theta / b)],
)
def test_the_envelope_is_one_of_the_channel(at, step):
    symbols = (*POTENTIAL.symbols[:-1], Mean(ENVELOPE(at, step)))
    false = instead(stationarity.STATED, "potential", symbols=symbols)
    assert not accepted(stationarity.decide, false)


def test_the_potential_may_not_be_shifted():
    false = instead(
        stationarity.STATED, "potential", body=lambda *at: POTENTIAL.body(*at) + sp.Rational(1, 100)
    )
    assert not accepted(stationarity.decide, false)


@pytest.mark.parametrize("name", ["in_theta", "in_b"])
def test_curvatures_are_of_one_sign(name):
    (bound,) = vars(convex_concave.STATED)[name].bounds
    turned = Relation.BELOW if bound.relation is Relation.ABOVE else Relation.ABOVE
    false = instead(convex_concave.STATED, name, bounds=(Bound(turned, 0),))
    assert not accepted(convex_concave.decide, false)


def test_curvatures_have_their_weights():
    for mean in (ESTIMATE**2 * (1 - RESPONSE), (ESTIMATE - TARGET) ** 2):
        formula = convex_concave.STATED.in_theta
        symbols = tuple(Mean(mean) if isinstance(s, Mean) else s for s in formula.symbols)
        false = instead(convex_concave.STATED, "in_theta", symbols=symbols)
        assert not accepted(convex_concave.decide, false)


@pytest.mark.parametrize(
    "fields",
    [
        {"alpha": Bound(Relation.BELOW, sp.Rational(101, 100))},
        {"alpha": Bound(Relation.BELOW, sp.Rational(99, 100))},
        {"alpha": Bound(Relation.AT_MOST, 1)},
        {"alpha": Bound(Relation.ABOVE, 1)},
        {"ridge": Bound(Relation.AT_LEAST, 0)},
        {"ridge": Bound(Relation.ABOVE, sp.Rational(1, 100))},
        {"with_ridge": 2},
        {"below": 0},
        {"beyond": 1},
    ],
)
def test_there_is_one_solution_where_it_is_said(fields):
    assert not accepted(unique_solution.prove, unique_solution.UNIQUE._replace(**fields))


def test_the_equations_are_those_of_the_paper():
    stated = unique_solution.UNIQUE
    for name, body in (
        ("regularisation", lambda r, t, m, a: r + t * m * a),
        ("regularisation", lambda r, t, m, a: 2 * r + t * m / a),
        ("noise", lambda s, p, a: (s**2 + p) / a),
    ):
        false = stated._replace(**{name: replace(getattr(stated, name), body=body)})
        assert not accepted(unique_solution.prove, false)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("at_zero", lambda penalty, alpha, ridge, b: penalty / alpha - ridge * b**2),
        ("along", lambda theta, ridge, b: theta - 2 * ridge * b),
        ("larger_b", lambda sigma, theta, alpha: (sigma**2 / theta + theta) / 2),
        ("small_b", lambda theta: -theta),
        ("large_b", lambda ridge: 0 * ridge),
        ("smaller_theta", lambda alpha, squared, b: 1 - squared / (alpha * b**2)),
    ],
)
def test_slopes_at_the_ends(name, body):
    assert not accepted(existence.decide, instead(existence.STATED, name, body=body))


def test_without_the_number_the_covariances_do_not_compare():
    stated = auxiliary_problem.STATED
    a, a2, s, f, f2, t, n = stated.gap.symbols
    plain = instead(stated, "first", body=lambda s, t, a, a2, f, f2, n: s * t / n)
    assert not accepted(auxiliary_problem.decide, plain)
    # Nor would the difference be of one sign.
    difference = (s * t - a * a2 * t - f * f2 * s) / n
    at = {a: 1, a2: 1, f: 1, f2: 1, n: 1}
    signs = {sp.sign(difference.subs(at | {s: x, t: y})) for x, y in ((1, 1), (-1, -1))}
    assert signs == {-1, 1}


# ψ by integrals that share nothing with the project: β̂ by bisection, E by adaptive quadrature.
C, SIGNAL = 0.7, 1.3


def envelope(z, tau):
    def penalty(beta):
        return (beta * np.arcsinh(beta / C) - np.hypot(beta, C) + C) / 2

    reach = abs(z) + 1e-9
    beta = brentq(lambda x: (x - z) / tau + np.arcsinh(x / C) / 2, -reach, reach, xtol=1e-15)
    return (beta - z) ** 2 / (2 * tau) + penalty(beta)


def integrated(pull, size, data, sigma, ridge):
    """Return ψ for β* = ±1.3 in all coordinates."""

    def weighted(x):
        both = (envelope(sign * SIGNAL + size * x, size / pull) for sign in (1, -1))
        return sum(both) / 2 * np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi)

    mean = quad(weighted, -9, 9, epsabs=1e-13, epsrel=1e-12, limit=400)[0]
    return float(POTENTIAL.body(pull, sigma, size, ridge, data, mean))


@pytest.mark.parametrize(("data", "sigma", "ridge"), [(0.4, 0.0, 0.0), (1.5, 0.3, 0.2)])
def test_it_is_stationary_at_the_solution_and_a_saddle_there(data, sigma, ridge):
    task = TaskDistribution.single_task(1.0, slab="sign", amplitude=SIGNAL)
    init = Initialization(C, 0.0)
    curve = solve_replica(task, init, data, noise_variance=sigma**2, ridge=ridge)
    size = float(curve.theta[0])
    pull = size / float(curve.tau[0])
    here = integrated(pull, size, data, sigma, ridge)
    for factor in (0.97, 1.03):
        assert integrated(pull, factor * size, data, sigma, ridge) > here
        assert integrated(factor * pull, size, data, sigma, ridge) < here
    step, given = 1e-4, (data, sigma, ridge)
    for along_pull, along_size in ((step, 0.0), (0.0, step)):
        ahead, behind = (
            integrated(pull * np.exp(s * along_pull), size * np.exp(s * along_size), *given)
            for s in (1, -1)
        )
        assert abs(ahead - behind) / (2 * step) < 1e-6 * max(1.0, abs(here))
