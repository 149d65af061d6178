"""One solution (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

The two equations have one solution (τ, θ) only: at given θ the first fixes τ, and what it leaves of
the second, p − αθ², is positive below the solution and negative above it.

y is log(θ²/θ*²), with θ* at a solution, and g(y) has the sign of p − αθ² where E[η′] = α.
"""

from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution
from numerics.replica.newton import scan, solve_fixed_points
from numerics.replica.solve import channel_problem
from verify.claim import Check, Control, Method
from verify.methods.finite import finite
from verify.methods.formula import Bound, Relation
from verify.methods.notation import shown
from verify.methods.numeric import Worst
from verify.registry import state

y = sp.Symbol("y", real=True)
g = sp.Function("g")


class Side(NamedTuple):
    """Some y, and the sign that the equation has there."""

    where: Bound
    sign: Bound


class Equation(NamedTuple):
    """What vanishes at y = 0 only, and its sign on both sides.

    y = log(θ²/θ*²), with θ* at a solution; `g` is what E[η′] = α, solved for τ, leaves of the
    second equation at that θ: log p/(αθ²), or from α = ½ on a form of it with the same sign.
    """

    left: Any
    solutions: int
    before: Side
    after: Side

    def latex(self):
        equation = shown(self.left)
        sides = (
            f"{equation} {sign.relation} {shown(sign.value)} "
            rf"\text{{ where }} {shown(y)} {where.relation} {shown(where.value)}"
            for where, sign in (self.before, self.after)
        )
        count = rf"\#\{{{shown(y)}: {equation} = 0\}} = {self.solutions}"
        return r", \quad ".join([count, *sides])


BELOW, ABOVE = Bound(Relation.BELOW, 0), Bound(Relation.ABOVE, 0)
STATED = Equation(g(y), 1, Side(BELOW, ABOVE), Side(ABOVE, BELOW))
CONTROLS = (
    Control("a factor that vanishes elsewhere", STATED._replace(left=g(y) * (y - 7.3))),
    Control("an equation without solution", STATED._replace(left=sp.Abs(g(y)) + 1e-300)),
    Control(
        "the other direction", STATED._replace(before=Side(BELOW, BELOW), after=Side(ABOVE, ABOVE))
    ),
    Control("two solutions", STATED._replace(solutions=2)),
)
SLABS: Any = ("sign", "gaussian")
ALPHA = np.array([0.02, 0.1, 0.4, 0.97])
INITS = [(1e-9, -0.9999, 0.0), (1e-6, 0.0, 0.0), (1e-3, -0.99, 0.0)]
INITS += [(1e-3, 0.0, 1.0), (1.0, 0.99, 0.0), (1e3, 0.0, 10.0)]
TASKS = ((0.1, 0.1, 0.0), (0.1, 0.1, 1.0), (0.1, 0.01, 1.0), (0.1, 0.9, 0.0))
DECADES, POINTS = 12, 60


@cache
def scanned():
    """Return g at every offset (B, 1) for every task and initialisation, (B, A) each."""
    offset = np.linspace(-1, 1, POINTS)[:, None] * DECADES * np.log(10.0)
    found = {}
    for slab, given, init in product(SLABS, TASKS, INITS):
        task, (c, ratio, gamma) = TaskDistribution.pretrain_finetune(*given, slab=slab), init
        problem = channel_problem(task, Initialization(c, ratio * c, gamma), ALPHA)
        solved = solve_fixed_points(problem).state[1]
        found[(slab, *given), init] = scan(problem, solved + offset)
    return offset, found


def holds(bound, values):
    """Return where values are within a bound."""
    margin = bound.margin(values)
    return margin > 0 if bound.strict else margin >= 0


def decide(stated):
    """Count sign changes and wrong signs over 24 decades of θ², for every task and start."""
    offset, scans = scanned()
    wrong = Worst()
    left = sp.lambdify((y, g(y)), stated.left, "numpy")
    for (task, init), scan_of_g in scans.items():
        finite(g=scan_of_g)
        values = left(offset, scan_of_g)
        signs = np.sign(values)
        changes = (signs[1:] != signs[:-1]).sum(axis=0)
        turned = sum(
            (holds(where, offset) & ~holds(sign, values)).sum(axis=0)
            for where, sign in (stated.before, stated.after)
        )
        missed = np.abs(changes - stated.solutions) + turned
        where = {"task": task, "(c, lambda/c, gamma)": init}
        wrong.at(missed, alpha=ALPHA, solutions=changes, wrong_signs=turned, **where)
    return wrong.measured("solutions too many or too few, and wrong signs: {worst}, {count} curves")


CHECK = Check("sign changes", Method.FLOAT64, decide, STATED, CONTROLS, 0.0, "a count", limit=120.0)
state(
    "replica.unique-solution",
    __doc__,
    (CHECK,),
    assumptions=(
        "σ = 0, ϱ = 0, α < 1",
        f"θ² within {DECADES} decades of the solution, at {POINTS} points",
        f"α = {', '.join(f'{a:g}' for a in ALPHA)}; {len(INITS)} initialisations, "
        f"{len(TASKS)} tasks, both slabs",
    ),
    requires=("replica.effective-parameters",),
)
