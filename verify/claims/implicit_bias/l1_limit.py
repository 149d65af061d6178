"""ℓ1 up to logarithms: the limit of small scale (Theorem 4.1; Section 5.1, rich regime).

For β ≠ 0 and k > 0,

    q_k(β) = (|β|/2)(log(4|β|/√k) − 1) + √k/4 − ρ,   0 ≤ ρ ≤ k/(32|β|).

As k → 0, q_k(β) divided by ½ log(1/√k) tends to |β|: ℓ1, but only logarithmically fast.
"""

from typing import Any, NamedTuple

import mpmath
import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Leading terms as a function of |β| and √k, and the bound of what is left."""

    leading: Any
    bound: Any


def leading(size: Any, root_k: Any) -> Any:
    """Return the leading terms, as stated."""
    return size / 2 * (sp.log(4 * size / root_k) - 1) + root_k / 4


def bound(size: Any, root_k: Any) -> Any:
    """Return the bound of the remainder ρ, as stated."""
    return root_k**2 / (32 * size)


def decide(statement: Statement) -> Evidence:
    """Both gaps vanish at infinity and have a slope of one sign: the order of the logarithms."""
    size, s = sp.symbols("beta s", positive=True)
    remainder = statement.leading(size, s) - penalty(size, s / 2)
    slack = statement.bound(size, s) - remainder
    scale = sp.Symbol("x", positive=True)
    # z = 1/x: infinity is x = 0, and all terms are functions of z up to a factor of s.
    gaps = {"ρ": remainder, "bound less ρ": slack}
    falls, ends = [], []
    for name, gap in gaps.items():
        # Slopes in z: those of ρ and of its bound are differences of ½log and powers of x.
        slope = sp.simplify(sp.diff(gap, size).subs(size, s / (2 * scale)))
        falls.append((f"{name} falls at every |β|", _never_positive(slope, scale)))
        if falls[-1][1].holds is False:
            return prove_all(falls[-1:])
    for name, gap in gaps.items():
        end = sp.limit(sp.simplify(gap.subs(size, s / (2 * scale)) / s), scale, 0)
        found = Evidence(end == 0, f"it tends to {end}", counterexample={"limit": str(end)})
        ends.append((f"{name} vanishes as |β| grows, so it is positive before", found))
        if not found.holds:
            return prove_all(ends[-1:])
    rich = sp.limit((statement.leading(size, sp.exp(-scale)) / (scale / 2)).expand(), scale, sp.oo)
    rich_limit = ("q over ½ log(1/√k) tends to |β|", sp.simplify(rich - size) == 0)
    return prove_all([*falls, *ends, rich_limit])


def _never_positive(slope: Any, x: sp.Symbol) -> Evidence:
    """Zero at x = 0 and with a derivative in x that is nowhere positive for x > 0."""
    for place in ("0.01", "0.3", "1", "5", "80"):
        value = sp.N(slope.subs(x, sp.Rational(place)), 30)
        if value > sp.Rational(1, 10**20):
            return Evidence(
                False,
                "the slope is positive",
                counterexample={"1/z": place, "slope": mpmath.nstr(mpmath.mpf(str(value)), 17)},
            )
    turn = sp.together(sp.simplify(sp.diff(slope, x)))
    root = sp.Symbol("u", positive=True)
    # √(1 + x²) = 1 + u covers x > 0.
    rational = sp.factor(
        sp.powdenest(sp.simplify(turn.subs(x, sp.sqrt((1 + root) ** 2 - 1))), force=True)
    )
    if sp.limit(slope, x, 0) == 0 and rational.is_nonpositive:
        return Evidence(True, f"slope 0 at infinity, turning by {rational} <= 0")
    return Evidence(None, f"undecided: {rational}")


register(
    Claim(
        id="implicit-bias.l1-limit",
        title="ℓ1 up to logarithms for small scales",
        sentence="q_k(β) = (|β|/2)(log(4|β|/√k) − 1) + √k/4 up to at most k/(32|β|), so a "
        "vanishing scale makes the penalty ℓ1 up to logarithms.",
        latex=r"q_k(\beta) = \frac{|\beta|}{2}\left(\log\frac{4|\beta|}{\sqrt{k}} - 1\right) "
        r"+ \frac{\sqrt{k}}{4} - \rho,\quad 0 \le \rho \le \frac{k}{32|\beta|}",
        source="Theorem 4.1; Section 5.1",
        checks=(
            Check(
                "signs of slopes from infinity",
                Method.SYMBOLIC,
                decide,
                Statement(leading, bound),
                (
                    Control(
                        "log(2|β|/√k)", Statement(lambda b, s: leading(b, 2 * s) - s / 4, bound)
                    ),
                    Control("without √k/4", Statement(lambda b, s: leading(b, s) - s / 4, bound)),
                    Control(
                        "k/(64|β|) for k/(32|β|)", Statement(leading, lambda b, s: bound(b, s) / 2)
                    ),
                ),
            ),
        ),
        assumptions=("k > 0, β ≠ 0",),
        requires=("implicit-bias.penalty",),
    )
)
