"""Correlated examples interpolate as independent ones do; noise or a ridge tells (Section 3.3).

Let X = LG, with G of independent rows and the rows of X correlated by r^|i−k|. Then Xβ = y exactly
if Gβ = Gβ* + L⁻¹e: without noise both designs have the same interpolators, hence the same
minimiser, and σ² acts as σ²(1 + r²)/(1 − r²) does. At r = 0.8 the error of finite networks as
d → ∞ is the replica error with that noise, within 5 %; with a ridge it is that with the ridge ϱ_e
and the noise σ_e². At α = 0.28 both exceed by 1 dB at least the replica error of independent
examples.

L⁻¹ leaves the first of n examples as it is and makes g₂ of every next, x₂, and the one before it,
x₁; w_n is E‖L⁻¹e‖². F is the mean of s/(ϱ + sv) over the spectrum s of the correlations,
v = (τ/α)E[η′]. The plan was fixed before networks were measured (`empirics.designs`), but for the
margin of 5 %: 1 dB was planned, at which ϱ for ϱ_e passed, so that it was chosen after.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.designs import cases, instance
from empirics.finite_size import problem
from numerics import minimum_penalty
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._design_curves import (
    RIDGE,
    CorrelatedExamples,
    Expected,
    Independent,
    R,
)
from verify.claims.crosscheck._designs import (
    ASSUMPTIONS,
    CLOSE,
    LAZY,
    MEASURED_NOW,
    ONE_DB,
    REQUIRES,
    Breaks,
    Holds,
    again,
    breaks,
    holds,
    larger,
    live,
    too_much,
)
from verify.claims.crosscheck._finite_size import SIGMA
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.relations import Limit
from verify.registry import state

DESIGN, CORRELATION = "correlated-examples", sp.Rational(4, 5)
# Symbols that do not commute stand for matrices of any size.
X, G, L, y, beta, truth, noise = sp.symbols(r"X G L y \beta \beta^* e", commutative=False)
# Two successive examples, what is new in the second, and the correlation k examples apart.
BEFORE, NOW, INNOVATION, APART = sp.symbols("x_1 x_2 g_2 rho_k", real=True)
N, K = sp.Symbol("n", integer=True, positive=True), sp.Symbol("k", integer=True, nonnegative=True)
WHITE = sp.Symbol("w_n", positive=True)


def whitened(now, before, r):
    return (now - r * before) / sp.sqrt(1 - r**2)


def effective(sigma, r):
    return sigma**2 * (1 + r**2) / (1 - r**2)


STATED = Formulas(
    innovation=Formula(INNOVATION, (NOW, BEFORE, R), whitened),
    correlation=Formula(APART, (R, K), lambda r, k: r**k),
    design=Formula(X, (L, G), lambda L, G: L * G),
    labels=Formula(y, (X, truth, noise), lambda X, truth, noise: X * truth + noise),
    equations=Formula(
        L**-1 * (X * beta - y),
        (G, beta, truth, L, noise),
        lambda G, beta, truth, L, noise: G * (beta - truth) - L**-1 * noise,
    ),
    noise=Formula(
        WHITE / N,
        (SIGMA, R),
        effective,
        limit=Limit(N, sp.oo),
    ),
)


def decide(stated):
    """Follow the covariance along the examples; undo L; add up what L⁻¹ makes of white noise."""
    return prove_all(steps(stated))


def steps(stated):
    innovation = defined(stated.innovation, INNOVATION)
    (example,) = sp.solve(innovation - INNOVATION, NOW)
    kept, fresh = sp.diff(example, BEFORE), sp.diff(example, INNOVATION)
    variance, apart = (defined(stated.correlation, APART, at) for at in ({K: 0}, {}))
    yield "the first example has variance 1", equal(variance, 1)
    yield "so has every next", equal(kept**2 * variance + fresh**2, variance)
    yield (
        "the correlation k + 1 examples later is that k later, times what is kept",
        equal(kept * apart, defined(stated.correlation, APART, {K: K + 1})),
    )
    design = defined(stated.design, X)
    derived = {X: design, y: defined(stated.labels, y, {X: design})}
    yield (
        "L⁻¹(Xβ − y), and L is invertible",
        equal(sp.expand(stated.equations.left(derived)), sp.expand(stated.equations())),
    )
    constant = defined(stated.innovation, INNOVATION, {NOW: 0, BEFORE: 0})
    squares = constant**2 + sum(sp.diff(innovation, one) ** 2 for one in (NOW, BEFORE))
    total = stated.noise.left({WHITE: SIGMA**2 * (1 + (N - 1) * squares)})
    yield (
        "E‖L⁻¹e‖²/n, of the first and n − 1 others",
        equal(stated.noise.towards.of(sp.together(total)), stated.noise()),
    )


CONTROLS = (
    STATED.but("nothing subtracted", innovation=lambda now, before, r: now),
    STATED.but("correlation of examples further apart", correlation=lambda r, k: r ** (2 * k)),
    STATED.but("y = Xβ* − e", labels=lambda X, truth, noise: X * truth - noise),
    STATED.but(
        "the noise of independent examples",
        equations=lambda G, beta, truth, L, noise: G * (beta - truth) - noise,
    ),
    STATED.but("σ² for independent examples", noise=lambda sigma, r: sigma**2),
    STATED.but("σ²/(1 − r²)", noise=lambda sigma, r: sigma**2 / (1 - r**2)),
)

SIZES = ((250, 0.12, 0), (250, 0.28, 1))


class Same(NamedTuple):
    """X and L⁻¹X have the same minimiser, the latter with the labels L⁻¹y, at a strength ϱ."""

    innovation: Formula = STATED.innovation
    ridge: float = 0.0

    def latex(self):
        return (
            rf"\hat\beta(X, y; {self.ridge:g}) = \hat\beta(L^{{-1}}X, L^{{-1}}y; {self.ridge:g}),"
            rf" \quad L^{{-1}}X = G \\ {self.innovation.latex()}"
        )


def measure_same(stated):
    """Solve both problems of every case, of a few instances."""
    white = function_of(defined(stated.innovation, INNOVATION, {R: CORRELATION}), NOW, BEFORE)

    def undone(rows):
        return np.concatenate([rows[:1], white(rows[1:], rows[:-1])])

    worst = Worst()
    for d, alpha, seed in SIZES:
        X, teachers = instance(DESIGN, d, alpha, seed)
        G = instance("gaussian", d, alpha, seed)[0]
        place = {"d, alpha, seed": (d, alpha, seed)}
        worst.at(np.abs(undone(X) - G).max() / np.abs(G).max(), what="L⁻¹X − G", **place)
        for case in cases():
            if case.ridge:
                continue
            y, scale, _ = problem(case, X, teachers, seed)
            one = minimum_penalty(X, y, scale, ridge=stated.ridge)
            other = minimum_penalty(undone(X), undone(y), scale, ridge=stated.ridge)
            gap = np.abs(one.beta - other.beta).max() / np.abs(one.beta).max()
            solved = one.converged and other.converged
            worst.at(gap if solved else np.nan, what=case.name, **place)
        if worst.figure > TOLERANCE:
            break
    return worst.measured("{count} designs and minimisers are the same, within {worst}")


TOLERANCE = 1e-9
DIFFERENT = (
    Control("with a ridge", Same(ridge=0.5)),
    Control("r for −r", Same(replace(STATED.innovation, body=lambda x, b, r: whitened(x, b, -r)))),
)
OF_NOISE = replace(Independent().noise, symbols=(SIGMA, R), body=effective)
OF_RIDGE = CorrelatedExamples()
NOISY = Holds(DESIGN, "the noisy baseline", CLOSE, Independent(OF_NOISE))
RIDGED = Holds(DESIGN, "the baseline with a ridge", CLOSE, OF_RIDGE)
EXCESS = Breaks(DESIGN, "the noisy baseline, and that with a ridge", larger(ONE_DB))
LESS = replace(OF_NOISE, body=lambda sigma, r: sigma**2 * (1 + r**2))
UNCORRECTED = replace(
    OF_RIDGE.noise,
    body=lambda sigma, p, alpha, mean, by_ridge, by_v: (
        -(sigma**2 * by_ridge + p / alpha * by_v) / mean**2
    ),
)
MORE_NOISE = replace(OF_NOISE, body=lambda sigma, r: 5 * effective(sigma, r) / 4)
PLAIN = Formula(OF_RIDGE.ridge.name, (RIDGE,), lambda ridge: ridge)
MORE_RIDGE = replace(OF_RIDGE.ridge, body=lambda mean, v: 3 * (1 / mean - v) / 2)
WRONG_NOISE: dict[str, Expected] = {
    "as of independent examples": Independent(),
    "σ²(1 + r²)": Independent(LESS),
    "a quarter more": Independent(MORE_NOISE),
}
WRONG_RIDGE: dict[str, Expected] = {
    "as of independent examples": Independent(),
    "θ² for σ_e²": OF_RIDGE._replace(noise=UNCORRECTED),
    "ϱ for ϱ_e": OF_RIDGE._replace(ridge=PLAIN),
    "1.5 ϱ_e": OF_RIDGE._replace(ridge=MORE_RIDGE),
}

# Without the largest dimension standard errors are twice as large.
LIVE = RIDGED._replace(margin=LAZY, errors=live(DESIGN))
state(
    "crosscheck.correlated-examples",
    __doc__,
    (
        Check("L undone", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "the same minimiser",
            Method.FLOAT64,
            measure_same,
            Same(),
            DIFFERENT,
            TOLERANCE,
            "of the largest coefficient, and of the largest entry; rounding of two solutions",
        ),
        holds(
            "with noise",
            NOISY,
            {why: NOISY._replace(reference=wrong) for why, wrong in WRONG_NOISE.items()},
        ),
        holds(
            "with a ridge",
            RIDGED,
            {why: RIDGED._replace(reference=wrong) for why, wrong in WRONG_RIDGE.items()},
        ),
        breaks(
            "beside independent examples",
            EXCESS,
            {"independent examples": EXCESS._replace(design="gaussian")} | too_much(EXCESS),
        ),
        again(DESIGN),
        holds(
            "with a ridge, measured now",
            LIVE,
            {
                why: LIVE._replace(reference=wrong)
                for why, wrong in WRONG_RIDGE.items()
                if why != "1.5 ϱ_e"
            },
            **MEASURED_NOW,
        ),
    ),
    assumptions=("|r| < 1", *ASSUMPTIONS),
    requires=REQUIRES,
    not_decided=("σ² in σ_e² beside a ridge: no case has both noise and a ridge",),
)
