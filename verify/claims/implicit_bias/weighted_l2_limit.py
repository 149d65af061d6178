"""Weighted ℓ2 for large scales (Theorem 4.1; Section 5.1, regimes II and III).

q_k(β) lies below β²/(2√k), by a ρ of at most (√k/4)(2β/√k)⁴/24, which is approached as β/√k → 0: a
large scale makes the penalty a weighted ℓ2 norm.

The weights of that norm are what pretraining sets: regimes.weighted-l2-penalty takes their limits
in regimes II and III. Here is added that no smaller constant than 1/24 would do.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._symbols import Penalty
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all, zero
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import NONNEGATIVE, Relation
from verify.registry import state

beta, rho = sp.symbols("beta rho", real=True)
k, s = sp.symbols("k s", positive=True)
# √(1 + z²) = 1 + u with u ≥ 0 covers every z, whatever its sign; u = 0 is z = 0.
u = sp.Symbol("u", nonnegative=True)


def leading(beta, k):
    return beta**2 / (2 * sp.sqrt(k))


def bound(beta, k):
    return sp.sqrt(k) / 4 * (2 * beta / sp.sqrt(k)) ** 4 / 24


STATED = Formulas(
    leading=Formula(Penalty(beta, k), (beta, k, rho), lambda b, k, rho: leading(b, k) - rho),
    bound=Formula(rho, (beta, k), bound, Relation.AT_MOST, bounds=(NONNEGATIVE,)),
)
CONTROLS = (
    STATED.but("β²/√k", leading=lambda b, k, rho: 2 * leading(b, k) - rho),
    STATED.but("β²/(2k)", leading=lambda b, k, rho: leading(b, k**2) - rho),
    STATED.but("z⁴/48 for z⁴/24, z = 2β/√k", bound=lambda b, k: bound(b, k) / 2),
    STATED.but("a bound lower by 1 %", bound=lambda b, k: bound(b, k) * 99 / 100),
    STATED.but("a bound wider by 1 %", bound=lambda b, k: bound(b, k) * 101 / 100),
)


def decide(stated):
    """Integrate the sign of the second derivatives twice from zero."""
    return prove_all(steps(stated))


def steps(stated):
    at, bound = {k: s**2}, stated.bound
    derived = {Penalty: lambda beta, k: penalty(beta, sp.sqrt(k) / 2)}
    q = stated.leading.left({**derived, **at})
    (remainder,) = sp.solve(q - stated.leading(at), rho)
    gaps = [("bound less ρ", bound.strict, bound.margin({rho: remainder}, at))]
    gaps += [
        ("ρ", lower.strict, lower.margin(bound.left({rho: remainder}))) for lower in bound.bounds
    ]
    for name, strict, gap in gaps:
        bend = sp.diff(gap, beta, 2).subs(beta, s / 2 * sp.sqrt((1 + u) ** 2 - 1))
        bend = sp.factor(sp.powdenest(sp.simplify(bend), force=True))
        text = f"{name}: not below its bound at β = 0"
        yield text, decide_on_orthant(text, gap.subs(beta, 0), strict=strict)
        yield f"{name}: zero there", zero(gap.subs(beta, 0))
        yield f"{name}: slope zero there", zero(sp.diff(gap, beta).subs(beta, 0))
        text = f"{name}: its curvature is ({bend}) ≥ 0, √(1 + z²) = 1 + u"
        yield text, decide_on_orthant(text, bend, strict=False)
    order = sp.series(q, beta, 0, 4).removeO()
    yield "leading term of q", equal(order, stated.leading({**at, rho: 0}))
    first = sp.series(remainder, beta, 0, 6).removeO()
    yield "leading term of ρ: the bound", equal(first, bound.side(at))


state(
    "implicit-bias.weighted-l2-limit",
    __doc__,
    (Check("signs of second derivatives", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0",),
    requires=("implicit-bias.penalty",),
)
