"""Orbits are curves that β parametrises (Sections 3.1-3.2; Appendix B.1).

The states that a coordinate can pass through form a curve along which β increases steadily and
takes every real value, unless c = 0 and λ₊ = λ₋: training only decides how far along it the
weights go.

The curve's parameter is x = −∫ ∂L/∂β dt, and N the squared norm of the weights.
"""

import sympy as sp

from theory import network
from theory.network import effective_weight, trajectory, weights
from verify.claim import Check, Method
from verify.claims.network._weights import (
    INVARIANTS,
    LAM_MINUS,
    LAM_PLUS,
    SHOWN,
    C,
    invariants,
    squared_norm,
)
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.orthant import decide_on_orthant
from verify.registry import state


def beta(beta_0, norm_0, x):
    return beta_0 * sp.cosh(2 * x) + norm_0 * sp.sinh(2 * x) / 2


def gap(c, lam_plus, lam_minus):
    return 4 * c**2 + (lam_plus - lam_minus) ** 2


x = sp.Symbol("x", real=True)
BETA = sp.Function(r"\beta")
NOW, BETA_0, NORM, NORM_0 = named(r"\beta", r"\beta(0)", "N", "N(0)")

STATED = Formulas(
    beta=Formula(BETA(x), (BETA_0, NORM_0, x), beta),
    slope=Formula(sp.Derivative(BETA(x), x), (NORM,), lambda norm: norm),
    norm=Formula(NORM, (SHOWN,), squared_norm),
    gap=Formula(NORM**2 - 4 * NOW**2, INVARIANTS, gap),
)
CONTROLS = (
    STATED.but("N(0) sinh 2x without the half", beta=lambda b, n, x: beta(b, 2 * n, x)),
    STATED.but("λ₊ + λ₋ in place of the difference", gap=lambda c, lp, lm: gap(c, lp, -lm)),
    STATED.but("2N for N", norm=lambda w: 2 * squared_norm(w)),
)


def decide(stated):
    """Follow the flow from a symbolic state."""
    return prove_all(steps(stated))


def steps(stated):
    start = weights()
    beta_0, norm_0 = effective_weight(start), network.squared_norm(start)
    later = trajectory(start, x)
    beta, norm = effective_weight(later), network.squared_norm(later)
    here = {NOW: beta, NORM: norm, BETA_0: beta_0, NORM_0: norm_0}
    yield "N is the squared norm", equal(stated.norm({SHOWN: later}), stated.norm.left(here))
    along = stated.beta(here)
    curve = {BETA: lambda place: beta.subs(x, place)}
    yield "β along the orbit", equal(along.rewrite(sp.exp), stated.beta.left(curve))
    yield (
        "dβ/dx is the squared norm N, positive unless all weights vanish",
        equal(stated.slope.left(curve), stated.slope(here)),
    )
    speed = sum((sp.diff(w, x) ** 2 for w in later), sp.Integer(0))
    yield (
        "the squared velocity is N, so only the zero state rests",
        equal(speed, norm),
    )
    yield (
        "N² − 4β² in terms of the invariants",
        equal(stated.gap(invariants(start)), stated.gap.left(here)),
    )
    c, apart = sp.symbols("c delta", positive=True)
    lam, some = sp.Symbol("lambda", real=True), sp.Symbol("e", nonnegative=True)
    for sign in (1, -1):
        gap = stated.gap({C: c, LAM_PLUS: lam + sign * sp.sqrt(some), LAM_MINUS: lam})
        yield "it is positive where c ≠ 0", decide_on_orthant("N² > 4β²", sp.expand(gap))
        gap = stated.gap({C: sp.sqrt(some), LAM_PLUS: lam + sign * apart, LAM_MINUS: lam})
        yield "and where λ₊ ≠ λ₋", decide_on_orthant("N² > 4β²", sp.expand(gap))
    # N + 2β and N − 2β are positive then; e^{2x} = s√(q/p) makes every real β out of every s > 0.
    p, q, s = sp.symbols("p q s", positive=True)
    moved = stated.beta(
        {BETA_0: (p - q) / 4, NORM_0: (p + q) / 2, x: sp.log(s * sp.sqrt(q / p)) / 2}
    )
    yield (
        "so β = ¼√(N² − 4β²)(s − 1/s) at e^{2x} = s√((N − 2β)/(N + 2β)): every real value",
        equal(moved.rewrite(sp.exp), sp.sqrt(p * q) * (s - 1 / s) / 4),
    )


state(
    "network.orbits",
    __doc__,
    (Check("closed form from a symbolic state", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.flow",),
)
