"""Training ends at zero error (Section 3.2, “zero training error”).

Gradient flow on L = ½‖y − Xβ‖² converges, to zero training error, if Xβ = y has a solution,
from every start with c ≠ 0 or λ₊ ≠ λ₋ in each coordinate: L falls at least as fast as e^{−2Kσ²t},
and no faster rate holds for all.

K is the least of the coordinates' Kᵢ = √(4c² + (λ₊ − λ₋)²), 2c from the initialisation of eqs. 2-3,
and σ the smallest singular value of X that is not zero. The accumulated descent
x = Xᵀ∫(y − Xβ)dt has a limit, and the weights are functions of x.
"""

import sympy as sp

from theory.network import effective_weight, gradient_flow, rate, weights
from verify.claim import Check, Method
from verify.claims.network._weights import (
    INVARIANTS,
    LAM_MINUS,
    LAM_PLUS,
    C,
    invariants,
    squared_norm,
)
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import named
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Relation
from verify.registry import state

K, sigma, rho, t = sp.symbols("K sigma rho t", positive=True)
LOSS, K_I = named("L(0)", "K_i")
L = sp.Function("L")

STATED = Formulas(
    decay=Formula(
        L(t), (LOSS, rho, t), lambda loss, rho, t: loss * sp.exp(-rho * t), Relation.AT_MOST
    ),
    rate=Formula(rho, (K, sigma), lambda K, sigma: 2 * K * sigma**2),
    least=Formula(K, (K_I,), lambda k: k, Relation.AT_MOST),
    floor=Formula(K_I, INVARIANTS, lambda c, lp, lm: sp.sqrt(4 * c**2 + (lp - lm) ** 2)),
)
CONTROLS = (
    STATED.but("e^{−2ρt}", decay=lambda loss, rho, t: loss * sp.exp(-2 * rho * t)),
    STATED.but("half of L(0)", decay=lambda loss, rho, t: loss * sp.exp(-rho * t) / 2),
    STATED.but("twice Kᵢ", least=lambda k: 2 * k),
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
        "Nᵢ² is Kᵢ² + 4βᵢ², and Kᵢ is conserved",
        equal(N**2, defined(stated.floor, K_I, invariants(now)) ** 2 + 4 * beta**2),
    )
    c, lam = sp.Symbol("c", positive=True), sp.Symbol("lambda", real=True)
    start = {C: c, LAM_PLUS: lam, LAM_MINUS: lam}
    yield (
        "it is 2c from the initialisation of eqs. 2-3",
        equal(defined(stated.floor, K_I, start), 2 * c),
    )
    (more, b), k = sp.symbols("e beta", nonnegative=True), sp.Symbol("k")
    (large,) = sp.solve(stated.least.margin({K: K}, {K_I: k}) - more, k)
    yield (
        "so Nᵢ ≥ K for every such K: L̇ ≤ −K |g|² = −K |Xᵀr|², r = Xβ − y",
        decide_on_orthant("Nᵢ² ≥ K²", sp.expand(large**2 + 4 * b**2 - K**2), strict=False),
    )
    yield (
        "and K may be the Kᵢ of a coordinate",
        decide_on_orthant(
            "K ≤ Kᵢ where they are equal",
            stated.least.margin({K: K}, {K_I: K}),
            strict=stated.least.strict,
        ),
    )
    # r is in the range of X: in the axes of XXᵀ it has components of eigenvalues ≥ σ² only.
    yield (
        "|Xᵀr|² ≥ σ²|r|² = 2σ²L in the range of X, so L̇ ≤ −ρL",
        decide_on_orthant(
            "K(σ² + e) ≥ ρ/2 for e ≥ 0",
            K * (sigma**2 + more) - defined(stated.rate, rho) / 2,
            strict=False,
        ),
    )
    # L falls at the rate ρ or faster: it is e^{−ρt}/(1 + e) of L(0), with e ≥ 0.
    start = sp.Symbol("L", positive=True)
    slowest = start * sp.exp(-rho * t)

    def falling(time):
        return (slowest / (1 + more)).subs(t, time)

    gap = sp.simplify(stated.decay.margin({L: falling}, {LOSS: start}) / slowest)
    yield "L(0)e^{−ρt} is reached at the rate ρ itself", zero(gap.subs(more, 0))
    yield (
        "and not exceeded at larger ones",
        decide_on_orthant("L(t) ≤ L(0)e^{−ρt}", gap, strict=stated.decay.strict),
    )
    decay = stated.decay.side({LOSS: 1, rho: defined(stated.rate, rho)})
    yield (
        "so ∫|r|dt ≤ √(2L(0)) ∫e^{−ρt/2}dt = √(2L(0)) 2/ρ: x, and the weights, have a limit",
        equal(sp.integrate(sp.sqrt(decay), (t, 0, sp.oo)), 2 / defined(stated.rate, rho)),
    )
    b, y, n = sp.symbols("b y N", positive=True)
    loss = (sigma * b - y) ** 2 / 2
    fall = n * sp.diff(loss, b) ** 2 / loss
    yield (
        "no faster: with one example of one coordinate −L̇/L is ρ at K = N, which is K at β = 0",
        equal(defined(stated.rate, rho, {K: n}), sp.simplify(fall)),
    )


state(
    "network.zero-training-error",
    __doc__,
    (Check("decay of the loss", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("Xβ = y has a solution", "c ≠ 0 or λ₊ ≠ λ₋ in every coordinate"),
    requires=("network.flow", "network.conservation", "network.trajectory"),
)
