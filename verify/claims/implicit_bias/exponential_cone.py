"""The penalty as a minimum over a split of β (Theorem 4.1, for convex programming).

With z = 2β/√k = p − m, p, m ≥ 0,

    q_k(β) = (√k/4) min [1 + p log 2p − p + m log 2m − m],

reached at p = (√(1 + z²) + z)/2 and m = (√(1 + z²) − z)/2, where 4pm = 1.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.implicit_bias import minimise_split, penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Objective of the split, and its minimiser."""

    objective: Any
    split: Any


def objective(p: Any, m: Any) -> Any:
    """Return the function to be minimised under p − m = z, as stated."""
    return 1 + p * sp.log(2 * p) - p + m * sp.log(2 * m) - m


def split(z: Any) -> tuple[Any, Any]:
    """Return the minimising p and m, as stated."""
    root = sp.sqrt(1 + z**2)
    return (root + z) / 2, (root - z) / 2


def decide(statement: Statement) -> Evidence:
    """Minimise along p − m = z; insert; compare with the potential of the flow."""
    z, h = sp.symbols("z h", real=True)
    c, p, m = sp.symbols("c p m", positive=True)
    best_p, best_m, least = minimise_split(statement.objective, z)
    stated_p, stated_m = statement.split(z)
    objective = statement.objective(p, m)
    bend = sum(sp.diff(objective, one, other) for one in (p, m) for other in (p, m))
    q = penalty(c * z, c)
    # z = sinh h covers the real line: √(1 + z²) = cosh h, and p, m are e^h/2 and e^{−h}/2.
    shown = {sp.sqrt(1 + z**2): sp.cosh(h), sp.asinh(z): h}
    in_h = sp.simplify(q / (c / 2)).subs(shown).subs(z, sp.sinh(h)).rewrite(sp.exp)
    halves = {p: sp.exp(h) / 2, m: sp.exp(-h) / 2}
    return prove_all(
        [
            ("minimiser p", equal(stated_p, best_p)),
            ("minimiser m", equal(stated_m, best_m)),
            ("4pm = 1 there", equal(4 * stated_p * stated_m, sp.Integer(1))),
            ("the objective bends upwards along p − m = z", sp.simplify(bend).is_positive),
            (
                "p and m at z = sinh h",
                equal(
                    sp.Matrix([stated_p, stated_m])
                    .subs(sp.sqrt(1 + z**2), sp.cosh(h))
                    .subs(z, sp.sinh(h))
                    .applyfunc(lambda e: e.rewrite(sp.exp)),
                    sp.Matrix([halves[p], halves[m]]),
                ),
            ),
            (
                "minimum as a function of h: the penalty in units of √k/4",
                equal(sp.expand_log(objective.subs(halves)), in_h),
            ),
            (
                "the same at z = 3/4, exactly",
                equal(
                    sp.expand_log(least.subs(z, sp.Rational(3, 4))),
                    sp.expand_log(
                        sp.simplify(q / (c / 2)).subs(z, sp.Rational(3, 4)).rewrite(sp.log)
                    ),
                ),
            ),
        ]
    )


register(
    Claim(
        id="implicit-bias.exponential-cone",
        title="The penalty in the exponential cone",
        sentence="q_k(β) is (√k/4) times the least value of 1 + p log 2p − p + m log 2m − m over "
        "p − m = 2β/√k, reached where 4pm = 1.",
        latex=r"q_k(\beta) = \frac{\sqrt{k}}{4}\min_{p - m = z}\left(1 + p\log 2p - p "
        r"+ m\log 2m - m\right) \\ p = \frac{\sqrt{1 + z^2} + z}{2},\quad "
        r"m = \frac{\sqrt{1 + z^2} - z}{2}",
        source="Theorem 4.1",
        checks=(
            Check(
                "minimum along the split",
                Method.SYMBOLIC,
                decide,
                Statement(objective, split),
                (
                    Control(
                        "log p for log 2p",
                        Statement(lambda p, m: 1 + p * sp.log(p) - p + m * sp.log(m) - m, split),
                    ),
                    Control(
                        "without the constant 1",
                        Statement(lambda p, m: objective(p, m) - 1, split),
                    ),
                    Control(
                        "p and m exchanged",
                        Statement(objective, lambda z: split(z)[::-1]),
                    ),
                ),
            ),
        ),
        assumptions=("k > 0",),
        requires=("implicit-bias.penalty",),
    )
)
