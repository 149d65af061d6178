"""One solution (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

On a scan of θ² about a solution (τ, θ) the two equations have no other one: at given θ the first
fixes τ, and what it leaves of the second, p − αθ², is positive below the solution and negative
above it.

y is log(θ²/θ*²), with θ* at a solution, and g(y) has the sign of p − αθ² where E[η′] = α. The
points lie closer together where they are nearer to 0, and 0 is among them.
"""

from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from numerics import Initialization, TaskDistribution
from numerics.replica.newton import scan, solve_fixed_points
from numerics.replica.solve import channel_problem
from verify.claim import Check, Control, Method
from verify.methods.finite import finite
from verify.methods.notation import shown
from verify.methods.numeric import Worst
from verify.methods.relations import Bound, Relation
from verify.registry import state

y = sp.Symbol("y", real=True)
g = sp.Function("g")


class Side(NamedTuple):
    """Some y, and the sign that the equation has there."""

    where: Bound
    sign: Bound


class Equation(NamedTuple):
    """What vanishes at y = 0 only, and its sign on both sides, within so many decades of θ².

    y = log(θ²/θ*²), with θ* at a solution; `g` is what E[η′] = α, solved for τ, leaves of the
    second equation at that θ: log p/(αθ²), or from α = ½ on a form of it with the same sign.
    """

    left: Any
    solutions: int
    before: Side
    after: Side
    decades: Any

    def latex(self):
        equation = shown(self.left)
        within = rf"|{shown(y)}| \le {shown(self.decades)} \log 10"
        sides = (
            f"{equation} {sign.relation} {shown(sign.value)} "
            rf"\text{{ where }} {shown(y)} {where.relation} {shown(where.value)}"
            for where, sign in (self.before, self.after)
        )
        count = rf"\#\{{{shown(y)}: {equation} = 0\}} = {self.solutions}"
        return r", \quad ".join([within, count, *sides])


BELOW, ABOVE = Bound(Relation.BELOW, 0), Bound(Relation.ABOVE, 0)
DECADES = 12
STATED = Equation(g(y), 1, Side(BELOW, ABOVE), Side(ABOVE, BELOW), DECADES)
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
# Of the points at y > 0, those near 0 and those far from it; as many lie at y < 0.
NEAREST, NEAR, FAR = 1e-5, 4, 30
# How near to y = 0 the scan must vanish, relative to `NEAREST`: it has a coarser quadrature.
RESOLVED = 0.1


def offsets():
    """Return the points y of a scan, in order, (B, 1)."""
    far = np.linspace(0, DECADES * np.log(10.0), FAR + 1)[1:]
    after = [*np.geomspace(NEAREST, 0.1, NEAR), *far]
    return np.array([*(-one for one in reversed(after)), 0.0, *after])[:, None]


@cache
def scanned():
    """Return g at every offset (B, 1) for every task and initialisation, (B, A) each."""
    offset = offsets()
    found = {}
    for slab, given, init in product(SLABS, TASKS, INITS):
        task, (c, ratio, gamma) = TaskDistribution.pretrain_finetune(*given, slab=slab), init
        problem = channel_problem(task, Initialization(c, ratio * c, gamma), ALPHA)
        solved = solve_fixed_points(problem).state[1]
        found[(slab, *given), init] = scan(problem, solved + offset)
    return offset, found


def holds(bound, values):
    """Return where values are within a bound."""
    margin = bound.relation.margin(values, float(bound.value))
    return margin > 0 if bound.strict else margin >= 0


def of_g(left):
    """Return the left side as a function of y and of the value of g there.

    Raises
    ------
    ValueError
        If it is of anything else.
    """
    value = sp.Dummy("g")
    inserted = left.subs(g(y), value)
    if inserted.atoms(AppliedUndef) or inserted.free_symbols - {y, value}:
        raise ValueError(f"the left side must be of {y} and {g(y)}, got {left}")
    return sp.lambdify((y, value), inserted, "numpy")


def zeros(values):
    """Count zeros along the first axis: points where a value is 0, and changes of sign between."""
    signs = np.sign(values)
    return (signs == 0).sum(axis=0) + (signs[1:] * signs[:-1] < 0).sum(axis=0)


def decide(stated):
    """Count zeros and wrong signs over 24 decades of θ², for every task and start."""
    offset, scans = scanned()
    if not 1 <= stated.decades <= DECADES:
        raise ValueError(f"the scan is of 1 to {DECADES} decades, got {stated.decades}")
    sides = stated.before, stated.after
    for where, _ in sides:
        if 0 < abs(where.value) < NEAREST:
            raise ValueError(f"no point of the scan is between 0 and {NEAREST}, got {where}")
    inside = np.abs(offset[:, 0]) <= float(stated.decades) * np.log(10.0)
    offset = offset[inside]
    (at,) = np.flatnonzero(offset[:, 0] == 0)
    left, wrong = of_g(stated.left), Worst()
    # As y → 0 from a side on which a sign is stated, the limit must not have the other one.
    limit = left(0.0, 0.0)
    against = sum(bool(w.margin(0.0) >= 0 and s.margin(limit) < 0) for w, s in sides)
    for (task, init), scan_of_g in scans.items():
        finite(g=scan_of_g)
        values_of_g = scan_of_g[inside]
        nearest = np.abs(values_of_g[[at - 1, at + 1]]).min(axis=0)
        unresolved = np.abs(values_of_g[at]) > RESOLVED * nearest
        values_of_g[at] = 0.0
        values = np.broadcast_to(left(offset, values_of_g), values_of_g.shape)
        counted = zeros(values)
        turned = sum(
            (holds(where, offset) & ~holds(sign, values)).sum(axis=0) for where, sign in sides
        )
        where = {"task": task, "(c, lambda/c, gamma)": init}
        missed = np.abs(counted - float(stated.solutions)) + turned + against + unresolved
        wrong.at(missed, alpha=ALPHA, solutions=counted, wrong_signs=turned, **where)
    return wrong.measured("solutions too many or too few, and wrong signs: {worst}, {count} curves")


CHECK = Check("sign changes", Method.FLOAT64, decide, STATED, CONTROLS, 0.0, "a count", limit=120.0)
state(
    "replica.unique-solution",
    __doc__,
    (CHECK,),
    assumptions=(
        "σ = 0, ϱ = 0, α < 1",
        f"θ² within {DECADES} decades of the solution, at {2 * (NEAR + FAR) + 1} points, the least "
        f"|y| > 0 among them {NEAREST:g}",
        f"α = {', '.join(f'{a:g}' for a in ALPHA)}; {len(INITS)} initialisations, "
        f"{len(TASKS)} tasks, both slabs",
    ),
    requires=("replica.effective-parameters",),
    not_decided=("g between two neighbouring points of the scan: it could vanish there twice",),
)
