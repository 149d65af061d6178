"""ℓ1 up to logarithms for small scales (Theorem 4.1; Section 5.1, regime I).

q_k(β) = (|β|/2)(log(4|β|/√k) − 1) + √k/4 up to at most k/(32|β|), so a vanishing scale makes the
penalty ℓ1 up to logarithms.

As k → 0, q_k(β) divided by ½ log(1/√k) tends to |β|, but only logarithmically fast.
"""

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Evidence, Method
from verify.methods.formula import Formula, Formulas, named
from verify.methods.identity import prove_all
from verify.methods.inequality import decide_positive
from verify.registry import state


def leading(size, k):
    return size / 2 * (sp.log(4 * size / sp.sqrt(k)) - 1) + sp.sqrt(k) / 4


def bound(size, k):
    return k / (32 * size)


PLACE = named(r"|\beta|", "k")
STATED = Formulas(
    leading=Formula(r"q_k(\beta)", PLACE, leading, r" - \rho"),
    bound=Formula(r"0 \le \rho", PLACE, bound, relation=r"\le"),
)
CONTROLS = (
    STATED.but("log(2|β|/√k)", leading=lambda size, k: leading(size, 4 * k) - sp.sqrt(k) / 4),
    STATED.but("without √k/4", leading=lambda size, k: leading(size, k) - sp.sqrt(k) / 4),
    STATED.but("k/(64|β|) for k/(32|β|)", bound=lambda size, k: bound(size, k) / 2),
)


def decide(stated):
    """Both gaps vanish at infinity and have a slope of one sign: the order of the logarithms."""
    return prove_all(steps(stated))


def steps(stated):
    size, s, x = sp.symbols("beta s x", positive=True)
    remainder = stated.leading(size, s**2) - penalty(size, s / 2)
    # z = 1/x: infinity is x = 0, and all terms are functions of z up to a factor of s.
    gaps = {"ρ": remainder, "bound less ρ": stated.bound(size, s**2) - remainder}
    for name, gap in gaps.items():
        end = sp.limit(sp.simplify(gap.subs(size, s / (2 * x)) / s), x, 0)
        tends = Evidence(bool(end == 0), f"it tends to {end}", counterexample={"limit": str(end)})
        yield f"{name} vanishes as |β| grows", tends
    for name, gap in gaps.items():
        # Slopes in z: those of ρ and of its bound are differences of ½log and powers of x.
        slope = sp.simplify(sp.diff(gap, size).subs(size, s / (2 * x)))
        yield f"{name} falls at every |β|, so it is positive", never_positive(slope, x)
    rich = sp.limit((stated.leading(size, sp.exp(-2 * x)) / (x / 2)).expand(), x, sp.oo)
    yield "q over ½ log(1/√k) tends to |β|", sp.simplify(rich - size) == 0


def never_positive(slope, x):
    """Zero at x = 0 and with a derivative in x that is nowhere positive for x > 0."""
    turn = sp.together(sp.simplify(sp.diff(slope, x)))
    # √(1 + x²) = 1 + u covers x > 0.
    u = sp.Symbol("u", positive=True)
    rational = sp.simplify(turn.subs(x, sp.sqrt((1 + u) ** 2 - 1)))
    rational = sp.factor(sp.powdenest(rational, force=True))
    if sp.limit(slope, x, 0) == 0 and rational.is_nonpositive:
        return Evidence(True, f"slope 0 at infinity, turning by {rational} <= 0")
    places = [{x: sp.Rational(place)} for place in ("0.01", "0.3", "1", "5", "80")]
    text = "minus the slope, at z = 1/x, is never negative"
    return decide_positive(text, lambda: None, (-slope).subs, places, strict=False)


state(
    "implicit-bias.l1-limit",
    __doc__,
    (Check("signs of slopes from infinity", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0, β ≠ 0",),
    requires=("implicit-bias.penalty",),
)
