"""Training ends at zero error (Section 3.2, “zero training error”).

Gradient flow on L = ½‖y − Xβ‖² converges, to zero training error, if Xβ = y has a solution,
from every start with c ≠ 0 or λ₊ ≠ λ₋ in each coordinate: L falls at least as fast as e^{−2Kσ²t},
and no faster rate holds for all.

K is the least of √(4c² + (λ₊ − λ₋)²) over the coordinates, 2c from the initialisation of eqs. 2-3,
and σ the smallest singular value of X that is not zero. The accumulated descent
x = Xᵀ∫(y − Xβ)dt has a limit, and the weights are functions of x.
"""

import sympy as sp

from theory.network import (
    absolute_scale,
    effective_weight,
    gradient_flow,
    rate,
    relative_scale,
    weights,
)
from verify.claim import Check, Method
from verify.claims.network._weights import squared_norm
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import decide_on_orthant
from verify.registry import state

K, sigma, t = sp.symbols("K sigma t", positive=True)
DECAY = r"L(t) \le L(0)\,e^{-\rho t},\quad \rho"

STATED = Formulas(
    rate=Formula(DECAY, (K, sigma), lambda K, sigma: 2 * K * sigma**2),
    floor=Formula(
        r"K = \min_i",
        named("c", r"\lambda_+", r"\lambda_-"),
        lambda c, lp, lm: sp.sqrt(4 * c**2 + (lp - lm) ** 2),
        relation="",
    ),
)
CONTROLS = (
    STATED.but("twice as fast", rate=lambda K, sigma: 4 * K * sigma**2),
    STATED.but("faster by 1 %", rate=lambda K, sigma: 2 * K * sigma**2 * 101 / 100),
    STATED.but("σ for σ²", rate=lambda K, sigma: 2 * K * sigma),
    STATED.but("λ₊ + λ₋", floor=lambda c, lp, lm: sp.sqrt(4 * c**2 + (lp + lm) ** 2)),
    STATED.but("c² for 4c²", floor=lambda c, lp, lm: sp.sqrt(c**2 + (lp - lm) ** 2)),
)


def decide(stated):
    """Bound the speed of β from below by what is conserved; integrate; take one coordinate."""
    return prove_all(steps(stated))


def steps(stated):
    now, g = weights(), sp.Symbol("g", real=True)
    beta, N = effective_weight(now), squared_norm(now)
    yield (
        "β̇ᵢ = −Nᵢ gᵢ with the squared norm N of a coordinate's weights: L̇ = −Σ Nᵢ gᵢ²",
        equal(rate(beta, [now], gradient_flow([now], [g])), -N * g),
    )
    yield (
        "Nᵢ² is Kᵢ² + 4βᵢ², and Kᵢ is conserved: L̇ ≤ −K |g|² = −K |Xᵀr|², r = Xβ − y",
        equal(N**2, stated.floor(absolute_scale(now), *relative_scale(now)) ** 2 + 4 * beta**2),
    )
    c, lam = sp.Symbol("c", positive=True), sp.Symbol("lambda", real=True)
    yield "it is 2c from the initialisation of eqs. 2-3", equal(stated.floor(c, lam, lam), 2 * c)
    # r is in the range of X: in the axes of XXᵀ it has components of eigenvalues ≥ σ² only.
    more = sp.Symbol("e", nonnegative=True)
    yield (
        "|Xᵀr|² ≥ σ²|r|² = 2σ²L in the range of X, so L̇ ≤ −ρL",
        decide_on_orthant(
            "K(σ² + e) ≥ ρ/2 for e ≥ 0",
            K * (sigma**2 + more) - stated.rate(K, sigma) / 2,
            strict=False,
        ),
    )
    decay = sp.exp(-stated.rate(K, sigma) * t)
    yield (
        "so ∫|r|dt ≤ √(2L(0)) ∫e^{−ρt/2}dt = √(2L(0)) 2/ρ: x, and the weights, have a limit",
        equal(sp.integrate(sp.sqrt(decay), (t, 0, sp.oo)), 2 / stated.rate(K, sigma)),
    )
    b, y, n = sp.symbols("b y N", positive=True)
    loss = (sigma * b - y) ** 2 / 2
    fall = n * sp.diff(loss, b) ** 2 / loss
    yield (
        "no faster: with one example of one coordinate −L̇/L is ρ at K = N, which is K at β = 0",
        equal(stated.rate(n, sigma), sp.simplify(fall)),
    )


state(
    "network.zero-training-error",
    __doc__,
    (Check("decay of the loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("Xβ = y has a solution", "c ≠ 0 or λ₊ ≠ λ₋ in every coordinate"),
    requires=("network.flow", "network.conservation", "network.trajectory"),
)
