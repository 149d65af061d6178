"""The hypotheses of the comparison, and what follows from it, by plain numbers."""

import numpy as np
import pytest
import sympy as sp
from scipy.optimize import minimize_scalar, root
from scipy.stats import norm

from numerics import minimum_penalty
from numerics.penalty import penalty, penalty_derivative, proximal_operator
from tests.verify.claims.changes import accepted, exchanged, instead
from tests.verify.claims.replica.changes import LESS, MORE, OTHER, scaled
from theory.replica import alpha, noise, ridge, tau, theta
from theory.saddle import b, w
from verify.claims.replica import (
    bounded_estimate,
    error_gap,
    ridge_limit_uniform,
    theorem_hypotheses,
)
from verify.claims.replica._means import ESTIMATE, TARGET, Z, q
from verify.claims.replica._potential import CHANNEL, ENVELOPE, varrho
from verify.methods.formula import Formula
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Limit, Relation, Side

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(60)
WEIGHTS = WEIGHTS / WEIGHTS.sum()
SCALE, NOISE_LEVEL, STEP, SIGNAL = 0.3, 0.8, 1.7, 1.2
CHANNELS = SIGNAL + NOISE_LEVEL * NODES


def envelope(z, step):
    """Return the Moreau envelope of q by minimisation over a bracket that holds the minimiser."""
    bracket = sorted((0.0, z))
    found = minimize_scalar(
        lambda x: (x - z) ** 2 / (2 * step) + float(penalty(x, SCALE)),
        bounds=bracket,
        method="bounded",
        options={"xatol": 1e-12},
    )
    return found.fun


def test_means_of_the_channel_are_within_their_bounds():
    stated = theorem_hypotheses.STATED
    at = {Mean: lambda _: sp.Float(SIGNAL**2), theta: NOISE_LEVEL, theorem_hypotheses.c: SCALE}
    squared = float(WEIGHTS @ penalty_derivative(CHANNELS, SCALE) ** 2)
    assert 0 < squared < float(stated.mean_slope.side(at))
    envelopes = np.array([envelope(z, STEP) for z in CHANNELS])
    of_envelope = float(stated.mean_envelope.side(at | {tau: STEP}))
    assert 0 < WEIGHTS @ envelopes < of_envelope
    # E[z²]/(2τ) − E[e] is the mean of what each point lacks.
    lacking = [
        float(stated.rest.body(x, STEP, penalty_derivative(x, SCALE), penalty(x, SCALE)))
        for x in proximal_operator(CHANNELS, STEP, SCALE)
    ]
    assert WEIGHTS @ lacking == pytest.approx(of_envelope - WEIGHTS @ envelopes, rel=1e-9)


@pytest.mark.parametrize(("n", "d"), [(60, 200), (30, 300)])
def test_the_ridge_vanishes_within_its_bounds(n, d):
    rng = np.random.default_rng(n)
    X = rng.standard_normal((n, d)) / np.sqrt(n)
    scale = np.where(np.arange(d) < d // 3, 0.2, 1e-3)
    y = X @ (rng.standard_normal(d) * (rng.random(d) < 0.2)) + 0.1 * rng.standard_normal(n)
    plain = minimum_penalty(X, y, scale)
    singular = np.linalg.svd(X, compute_uv=False).min()
    for size in (1e-3, 1e-1, 10.0):
        ridged = minimum_penalty(X, y, scale, ridge=size)
        lost = plain.value - ridged.value
        residual = (y - X @ ridged.beta) / size
        assert size * residual @ residual / 2 <= lost <= size * plain.dual @ plain.dual / 2
        assert lost <= size * plain.value / (2 * scale.min() * singular**2)


def test_near_the_multipliers_size_the_penalty_is_exact():
    # Minimising Σ q + R‖r‖ with R a little above ‖ν‖: no direction from the interpolator is better.
    rng = np.random.default_rng(5)
    X, y, scale = rng.standard_normal((3, 7)), rng.standard_normal(3), np.full(7, 0.5)
    plain = minimum_penalty(X, y, scale)
    size = np.linalg.norm(plain.dual)

    def least(R):
        directions = rng.standard_normal((400, 7)) * 1e-4
        # Where the residual is along ν the penalty falls fastest.
        directions[0] = -1e-5 * np.linalg.lstsq(X, plain.dual, rcond=None)[0]
        betas = plain.beta + directions
        residuals = np.linalg.norm(y - betas @ X.T, axis=1)
        return (penalty(betas, scale).sum(axis=1) + R * residuals - plain.value).min()

    assert least(1.01 * size) > 0 > least(0.9 * size)


def test_the_mean_excess_of_a_normal_variable_is_as_stated():
    t, *_ = bounded_estimate.STATED.tail.symbols
    for level in (0.1, 1.0, 2.5):
        grid = np.linspace(level, level + 12, 400_001)
        values = 2 * (grid - level) ** 2 * norm.pdf(grid)
        integral = np.trapezoid(values, grid)
        side = float(bounded_estimate.STATED.tail({t: sp.Float(level), **bounded_estimate.PHI}))
        assert side == pytest.approx(integral, rel=1e-8)


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_kernels_have_no_vectors_of_small_sum(share):
    d = 500
    n = int(share * d)
    rng = np.random.default_rng(int(10 * share))
    levels = np.linspace(0.5, 4, 71)
    tails = 2 * ((1 + levels**2) * norm.cdf(-levels) - levels * norm.pdf(levels))
    best = max((np.sqrt(share) - np.sqrt(tails)) / levels)  # η = 0
    assert best > 0.1
    X = rng.standard_normal((n, d)) / np.sqrt(n)
    target = np.zeros(d)
    target[: d // 20] = 1.0
    for scale in (1e-2, 1.0):
        found = minimum_penalty(X, X @ target, scale).beta - target
        size = np.linalg.norm(found)
        assert size > 1e-6
        assert np.abs(found).sum() > best * np.sqrt(d) * size


def test_the_excess_over_the_potential_bounds_the_distance():
    # One coordinate with β* fixed, Z by quadrature; w is moved off the estimate.
    pull, data, deviation, size_of_ridge = 0.9, 0.4, 0.3, 0.1
    rng = np.random.default_rng(2)

    def of(moved):
        size = np.sqrt(deviation**2 + WEIGHTS @ moved**2 / data)
        cost = WEIGHTS @ (penalty(SIGNAL + moved, SCALE) - pull * NODES * moved)
        return pull * size - size_of_ridge * pull**2 / 2 + cost / data, size

    for _ in range(5):
        start = proximal_operator(CHANNELS, STEP, SCALE) - SIGNAL
        moved = start + 0.5 * rng.standard_normal() + 0.2 * NODES * rng.standard_normal()
        objective, size = of(moved)
        z = SIGNAL + size * NODES
        step = size / pull
        estimate = proximal_operator(z, step, SCALE)
        e = (estimate - z) ** 2 / (2 * step) + penalty(estimate, SCALE)
        potential = (
            pull / 2 * (deviation**2 / size + size)
            - size_of_ridge * pull**2 / 2
            + (WEIGHTS @ e - pull * size / 2) / data
        )
        distance = WEIGHTS @ (moved - (estimate - SIGNAL)) ** 2
        assert objective - potential > pull * distance / (2 * data * size) > 0


def test_the_saddle_is_one_of_the_objective_too():
    # One coordinate with β* fixed; both equations are solved here, with E[η′] as E[Zβ̂]/θ.
    data, deviation, size_of_ridge = 0.4, 0.3, 0.1

    def estimate(theta, tau):
        return proximal_operator(SIGNAL + theta * NODES, tau, SCALE)

    def equations(logs):
        theta, tau = np.exp(logs)
        found = estimate(theta, tau)
        response = WEIGHTS @ (NODES * found) / theta
        spread = deviation**2 + WEIGHTS @ (found - SIGNAL) ** 2 / data
        return theta**2 / spread - 1, tau / (size_of_ridge + tau * response / data) - 1

    solved = root(equations, [0.0, 0.0], tol=1e-13)
    assert solved.success
    size, step = np.exp(solved.x)
    pull, off = size / step, estimate(size, step) - SIGNAL

    def objective(b, w):
        spread = np.sqrt(deviation**2 + WEIGHTS @ w**2 / data)
        cost = WEIGHTS @ (penalty(SIGNAL + w, SCALE) - b * NODES * w)
        return b * spread - size_of_ridge * b**2 / 2 + cost / data

    def potential(theta):
        z = SIGNAL + theta * NODES
        found = estimate(theta, theta / pull)
        e = pull * (found - z) ** 2 / (2 * theta) + penalty(found, SCALE)
        noise = pull / 2 * (deviation**2 / theta + theta) - size_of_ridge * pull**2 / 2
        return noise + (WEIGHTS @ e - pull * theta / 2) / data

    best = objective(pull, off)
    assert best == pytest.approx(potential(size), rel=1e-12)
    for share in (0.0, 0.5, 0.9, 1.1, 3.0):
        short = size_of_ridge * ((share - 1) * pull) ** 2 / 2
        assert best - objective(share * pull, off) == pytest.approx(short, rel=1e-8)
    for moved in (off + 0.01, 0.9 * off, 1.1 * off, off + 0.1 * NODES):
        assert objective(pull, moved) > best
    # Away from the saddle ψ is above A of the estimate, by a square.
    at = 1.4 * size
    away = estimate(at, at / pull) - SIGNAL
    squared = WEIGHTS @ away**2
    side = float(error_gap.STATED.lacking.body(pull, at, deviation, squared, data))
    assert potential(at) - objective(pull, away) == pytest.approx(side, rel=1e-9)


HYPOTHESES, GAP = theorem_hypotheses.STATED, error_gap.STATED
UNIFORM, BOUNDED = ridge_limit_uniform.STATED, bounded_estimate.STATED
PROOFS = {
    "hypotheses": (theorem_hypotheses.decide, HYPOTHESES),
    "gap": (error_gap.decide, GAP),
    "uniform": (ridge_limit_uniform.decide, UNIFORM),
    "bounded": (bounded_estimate.decide, BOUNDED),
}
CHANGED = {
    "c_min s for c_min s²": (
        "uniform",
        UNIFORM.but("", uniform=lambda e, f, c, s: e * f / (2 * c * s)).subject,
    ),
    "F_ϱ − F_0": ("uniform", instead(UNIFORM, "above", name=-ridge_limit_uniform.LOST)),
    "strictly below ϱ‖ν‖²/2": ("uniform", instead(UNIFORM, "above", relation=Relation.BELOW)),
    "ν_ϱ for ν": (
        "uniform",
        instead(
            UNIFORM,
            "above",
            symbols=(ridge, ridge_limit_uniform.Norm(ridge_limit_uniform.nu_ridged)),
        ),
    ),
    "R‖ν‖ for R‖r‖": (
        "uniform",
        instead(
            UNIFORM,
            "exact",
            name=ridge_limit_uniform.EXCESS.xreplace(
                {ridge_limit_uniform.r: ridge_limit_uniform.nu}
            ),
        ),
    ),
    "q′² ≤ q²/c": ("uniform", UNIFORM.but("", slope=lambda q, c: q**2 / c).subject),
    "E[q′] for E[q′²]": (
        "hypotheses",
        instead(HYPOTHESES, "mean_slope", name=Mean(theorem_hypotheses.PULL_THERE)),
    ),
    "E[z²]/τ": (
        "hypotheses",
        HYPOTHESES.but("", mean_envelope=lambda s, th, tau: (s + th**2) / tau).subject,
    ),
    "q′ over log β tends to ½ for small β": (
        "hypotheses",
        instead(HYPOTHESES, "logarithm", limit=Limit(theorem_hypotheses.size, 0, Side.ABOVE)),
    ),
    "q′ for q″": (
        "hypotheses",
        instead(HYPOTHESES, "curvature", name=theorem_hypotheses.PULL),
    ),
    "a strongly convex penalty": (
        "hypotheses",
        instead(HYPOTHESES, "flat", relation=Relation.ABOVE),
    ),
    "q at most linear": ("hypotheses", instead(HYPOTHESES, "coercive", relation=Relation.AT_MOST)),
    "e of another step": (
        "hypotheses",
        instead(HYPOTHESES, "envelope", name=ENVELOPE(theorem_hypotheses.z, 2 * tau)),
    ),
    "E[e] at twice the noise": (
        "hypotheses",
        instead(HYPOTHESES, "mean_envelope", name=Mean(ENVELOPE(CHANNEL + theta * Z, tau))),
    ),
    "b(w − ŵ) for (w − ŵ)²": (
        "gap",
        instead(GAP, "excess", symbols=(b, Mean(w - error_gap.ESTIMATED), alpha, theta)),
    ),
    "A + ψ": ("gap", instead(GAP, "excess", name=error_gap.A(w, b) + error_gap.PSI(theta, b))),
    "at most": ("gap", instead(GAP, "excess", relation=Relation.AT_MOST)),
    "E[q(β* + w)] + bE[Zw]": (
        "gap",
        instead(
            GAP,
            "objective",
            symbols=(b, noise, Mean(w**2), alpha, varrho, Mean(q(TARGET + w) + b * Z * w)),
        ),
    ),
    "another symbol for A": ("gap", instead(GAP, "objective", name=OTHER)),
    "(θ − E[ŵ²])²": (
        "gap",
        GAP.but("", lacking=lambda b, th, s, size, a: b * (th - size) ** 2 / (2 * th)).subject,
    ),
    "ψ without A of ŵ": ("gap", instead(GAP, "lacking", name=error_gap.PSI(theta, b))),
    "∂A/∂b with E[w] for E[Zw]": (
        "gap",
        instead(GAP, "in_b", symbols=(theta, varrho, b, Mean(w), alpha)),
    ),
    "A strictly concave where ϱ = 0": (
        "gap",
        instead(GAP, "bend", bounds=(Bound(Relation.BELOW, 0),)),
    ),
    "A convex": ("gap", GAP.but("", bend=lambda ridge: ridge).subject),
    "(|h| + t)₊": (
        "bounded",
        BOUNDED.but("", product=lambda t, w, h: sp.Max(sp.Abs(h) + t, 0) * sp.Abs(w)).subject,
    ),
    "Φ(t) for Φ(−t)": (
        "bounded",
        instead(
            BOUNDED,
            "tail",
            symbols=(
                bounded_estimate.t,
                bounded_estimate.TAIL(bounded_estimate.t),
                bounded_estimate.DENSITY(bounded_estimate.t),
            ),
        ),
    ),
    "t²κ for tκ": (
        "bounded",
        instead(BOUNDED, "far", name=bounded_estimate.t**2 * bounded_estimate.kappa),
    ),
    "as t → 0": (
        "bounded",
        instead(BOUNDED, "far", limit=Limit(bounded_estimate.t, 0, Side.ABOVE)),
    ),
    "|β| ≤ q + q*": ("bounded", BOUNDED.but("", weight=lambda q, dual, m: q + dual).subject),
    "|β| < (q + q*)/m": ("bounded", instead(BOUNDED, "weight", relation=Relation.BELOW)),
}


@pytest.mark.parametrize("proof", PROOFS)
def test_each_proof_holds(proof):
    assert accepted(*PROOFS[proof])


@pytest.mark.parametrize("change", CHANGED)
def test_what_is_changed_is_not_accepted(change):
    proof, stated = CHANGED[change]
    decide, true = PROOFS[proof]
    assert stated.latex() != true.latex()
    assert not accepted(decide, stated)


@pytest.mark.parametrize("factor", [MORE, LESS])
@pytest.mark.parametrize("name", ["slope", "multipliers", "above", "below", "uniform", "exact"])
def test_bounds_of_the_ridge_are_told_from_near_misses_by_solutions(name, factor):
    for stated, true in ((UNIFORM, True), (scaled(UNIFORM, name, float(factor)), False)):
        assert ridge_limit_uniform.solve(stated).held_to(1e-5, None).holds is true


@pytest.mark.parametrize("name", ["above", "below"])
def test_bounds_of_the_ridge_are_told_from_near_misses_by_curves(name):
    stated = ridge_limit_uniform.CURVES
    for given, true in (
        (stated, True),
        (scaled(stated, name, 1.01), False),
        (scaled(stated, name, 0.99), False),
        (
            instead(stated, name, relation=Relation.ABOVE if name == "above" else Relation.BELOW),
            False,
        ),
    ):
        assert ridge_limit_uniform.follow(given).held_to(2e-3, None).holds is true


def test_two_symbols_exchanged_are_not_accepted():
    for name, one, two in (("multipliers", 0, 1), ("uniform", 1, 2), ("exact", 0, 1)):
        formula: Formula = vars(UNIFORM)[name]
        changed = instead(UNIFORM, name, symbols=exchanged(formula, one, two))
        assert not accepted(ridge_limit_uniform.decide, changed)
    estimate = (*HYPOTHESES.rest.symbols[1:2], ESTIMATE, *HYPOTHESES.rest.symbols[2:])
    assert not accepted(theorem_hypotheses.decide, instead(HYPOTHESES, "rest", symbols=estimate))


def test_products_are_bounded_for_signs_that_differ():
    """|hw| is bounded in all four quadrants: one that is false in a single one falls."""
    for h_sign, w_sign in ((1, 1), (1, -1), (-1, 1), (-1, -1)):

        def body(t, w, h, h_sign=h_sign, w_sign=w_sign):
            there = (sp.Abs(h) + h_sign * h) * (sp.Abs(w) + w_sign * w)
            return t * sp.Abs(w) + sp.Max(sp.Abs(h) - t, 0) * sp.Abs(w) - 10 * there

        false = instead(bounded_estimate.STATED, "product", body=body)
        assert not accepted(bounded_estimate.decide, false)


ONE_SIDED = sp.Abs(theorem_hypotheses.z) - theorem_hypotheses.z
ONE_SIGN = {
    "7(|β̂| − β̂) more": instead(
        HYPOTHESES,
        "rest",
        body=lambda e, tau, pull, penalty: (
            e**2 / (2 * tau) + (e * pull - penalty) + 7 * (sp.Abs(e) - e)
        ),
    ),
    "β̂₊² for β̂²": instead(
        HYPOTHESES,
        "rest",
        body=lambda e, tau, pull, penalty: sp.Max(e, 0) ** 2 / (2 * tau) + (e * pull - penalty),
    ),
    "7(|z| − z) more": instead(HYPOTHESES, "rest", name=theorem_hypotheses.REST + 7 * ONE_SIDED),
    "e + 7(|z| − z)": instead(
        HYPOTHESES, "envelope", name=ENVELOPE(theorem_hypotheses.z, tau) + 7 * ONE_SIDED
    ),
    "|z| − z less": instead(
        HYPOTHESES, "envelope", body=lambda z, tau: z**2 / (2 * tau) - (sp.Abs(z) - z)
    ),
}


@pytest.mark.parametrize("change", ONE_SIGN)
def test_what_holds_for_positive_estimates_alone_is_not_accepted(change):
    assert not accepted(theorem_hypotheses.decide, ONE_SIGN[change])
