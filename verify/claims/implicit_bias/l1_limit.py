"""ℓ1 up to logarithms for small scales (Theorem 4.1; Section 5.1, regime I).

q_k(β) = (|β|/2)(log(4|β|/√k) − 1) + √k/4 − ρ, where ρ is positive and less than k/(32|β|), which it
approaches as |β| grows; as k → 0, q_k(β) divided by a = ½ log(1/√k) = −¼ log k tends to |β|: ℓ1 up
to logarithms.

The limit is approached only logarithmically fast. In units of c_FT the same two bounds are
regimes.l1-penalty-up-to-logs, found there by another proof and tried to 400 digits; here is added
that no smaller constant than 1/32 would do.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._symbols import Penalty
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.orthant import decide_on_orthant, on_line, u
from verify.methods.relations import POSITIVE, Limit, Relation, Side
from verify.registry import state


def leading(beta, k):
    size = sp.Abs(beta)
    return size / 2 * (sp.log(4 * size / sp.sqrt(k)) - 1) + sp.sqrt(k) / 4


def bound(beta, k):
    return k / (32 * sp.Abs(beta))


beta, rho = sp.symbols("beta rho", real=True)
k, a = sp.symbols("k a", positive=True)
size, s, w, y = sp.symbols("beta s w y", positive=True)

STATED = Formulas(
    leading=Formula(Penalty(beta, k), (beta, k, rho), lambda b, k, rho: leading(b, k) - rho),
    bound=Formula(rho, (beta, k), bound, Relation.BELOW, bounds=(POSITIVE,)),
    unit=Formula(a, (k,), lambda k: -sp.log(k) / 4),
    ratio=Formula(Penalty(beta, k) / a, (beta,), sp.Abs, limit=Limit(k, 0, Side.ABOVE)),
)
CONTROLS = (
    STATED.but("log(2|β|/√k)", leading=lambda b, k, rho: leading(b, 4 * k) - sp.sqrt(k) / 4 - rho),
    STATED.but("without √k/4", leading=lambda b, k, rho: leading(b, k) - sp.sqrt(k) / 4 - rho),
    STATED.but("k/(64|β|) for k/(32|β|)", bound=lambda b, k: bound(b, k) / 2),
    STATED.but("a bound wider by 1 %", bound=lambda b, k: bound(b, k) * 101 / 100),
    STATED.but("a = ½ log(1/k)", unit=lambda k: -sp.log(k) / 2),
)


def decide(stated):
    """Both gaps vanish at infinity and have a slope of one sign: the order of the logarithms."""
    return prove_all(steps(stated))


def steps(stated):
    at, bound = {beta: size, k: s**2}, stated.bound
    derived = {Penalty: lambda beta, k: penalty(beta, sp.sqrt(k) / 2)}
    for name, form in (("q", stated.leading), ("the bound", bound), ("the limit", stated.ratio)):
        text = f"{name}: the right side is the same for −β"
        yield text, equal(form.side({beta: -beta}), form.side())
    mirrored = stated.leading.left({**derived, beta: -beta})
    yield "and the penalty", equal(mirrored, stated.leading.left(derived))
    ratio = stated.ratio.left({**derived, beta: size, a: defined(stated.unit, a)})
    limit = stated.ratio.towards.of(ratio)
    yield "q over a tends to |β|", equal(limit, stated.ratio({beta: size}))
    (remainder,) = sp.solve(stated.leading.left({**derived, **at}) - stated.leading(at), rho)
    gaps = [("the bound less ρ", bound.strict, bound.margin({rho: remainder}, at))]
    gaps += [
        ("ρ", lower.strict, lower.margin(bound.left({rho: remainder}))) for lower in bound.bounds
    ]
    for name, strict, gap in gaps:
        yield f"{name} vanishes as |β| grows", zero(at_infinity(gap))
        slope = far(sp.diff(gap, size))
        yield f"the slope of {name} vanishes there as well", zero(at_infinity(sp.diff(gap, size)))
        text = f"and falls in 1/|β|: {name} falls at every |β|, so it is positive"
        # y = 1/(1 + w) with w > 0 is every y in (0, 1).
        turning = sp.diff(slope, y).subs(y, 1 / (1 + w))
        yield text, decide_on_orthant(text, -sp.factor(turning), strict=strict)
    share = at_infinity(remainder / bound.side(at))
    yield "ρ over the bound tends to 1 as |β| grows", equal(share, 1)


def at_infinity(expression):
    """Return the limit as |β| grows.

    Raises
    ------
    ValueError
        If SymPy finds none.
    """
    try:
        return sp.limit(far(expression), y, 0)
    except NotImplementedError as error:
        raise ValueError(f"a limit as |β| grows must exist, got none: {error}") from None


def far(expression):
    """Insert |β| = (√k/4)(1/y − y): y in (0, 1) covers every |β|, and y → 0 is |β| → ∞.

    Raises
    ------
    ValueError
        If it depends on more than |β| and √k.
    """
    if others := expression.free_symbols - {size, s}:
        raise ValueError(f"a function of |β| and √k is asked for, got one of {others}")

    def split(argument):
        above, below = sp.fraction(sp.together(argument))
        return sp.log(sp.expand(above)) - sp.expand_log(sp.log(below))

    at = on_line(expression, size, s / 2).subs(u, 1 / y)
    return sp.expand(at.replace(sp.log, split))


state(
    "implicit-bias.l1-limit",
    __doc__,
    (Check("signs of slopes from infinity", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0, β ≠ 0",),
    requires=("implicit-bias.penalty",),
)
