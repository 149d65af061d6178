"""One solution (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

With a ridge, and without one for α < 1, both equations have exactly one solution (τ, θ), for every
law of β* and c_FT with E[β*²] < ∞, unless both β* and σ are 0; without a ridge for α ≥ 1 they have
none.

Two solutions would be two points (θ, b), b = θ/τ, where ψ is stationary. What ψ is at (θ₂, b₁) less
what it is at (θ₁, b₂) would be positive from the first point, and negative from the second.

A scan of θ² about a solution finds no other, by signs at neighbouring points: at given θ the first
equation fixes τ, and what it leaves of the second, p − αθ², is positive below the solution and
negative above it. y is log(θ²/θ*²), with θ* at the solution, and g(y) has the sign of p − αθ² where
E[η′] = α.
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
from theory import replica
from theory.replica import alpha, error, noise, tau, theta
from theory.saddle import b, w
from verify.claim import Check, Control, Method
from verify.claims.replica._means import ESTIMATE, RESPONSE, TARGET, known, q
from verify.claims.replica._potential import mean_in, of_deviation, varrho
from verify.claims.replica._signs import positive
from verify.claims.replica.convex_concave import STATED as CURVATURES
from verify.claims.replica.degrees_of_freedom import STATED as MEAN_RESPONSE
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.claims.replica.existence import STATED as EXISTENCE
from verify.claims.replica.stationarity import STATED as STATIONARITY
from verify.methods.finite import finite
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, shown
from verify.methods.numeric import Worst
from verify.methods.relations import POSITIVE, Bound, Relation
from verify.registry import state


class Fixed(NamedTuple):
    """Both equations, and how many solutions they have.

    That is `with_ridge` of them, and without one `below` for α within the bound, else `beyond`.
    """

    regularisation: Formula
    noise: Formula
    with_ridge: int
    below: int
    beyond: int
    alpha: Bound
    ridge: Bound = POSITIVE

    def latex(self):
        threshold = f"{shown(alpha)} {self.alpha.relation} {shown(self.alpha.value)}"
        ridged = f"{shown(varrho)} {self.ridge.relation} {shown(self.ridge.value)}"
        smooth = f"{shown(varrho)} = {shown(self.ridge.value)}"
        count = r"\#\{(\tau, \theta)\}"
        return (
            rf"{self.regularisation.latex()}, \quad {self.noise.latex()} \\ "
            rf"{count} = {self.with_ridge} \text{{ where }} {ridged}, \quad "
            rf"{count} = {self.below} \text{{ where }} {smooth}, {threshold}, \quad "
            rf"{count} = {self.beyond} \text{{ where }} {smooth} \text{{ otherwise}}"
        )


UNIQUE = Fixed(
    Formula(
        tau,
        (varrho, tau, Mean(RESPONSE), alpha),
        lambda ridge, tau, response, alpha: ridge + tau * response / alpha,
    ),
    Formula(
        theta**2,
        (noise, Mean((ESTIMATE - TARGET) ** 2), alpha),
        lambda sigma, error, alpha: sigma**2 + error / alpha,
    ),
    with_ridge=1,
    below=1,
    beyond=0,
    alpha=Bound(Relation.BELOW, 1),
)
NOT_UNIQUE = (
    Control("two solutions", UNIQUE._replace(below=2)),
    Control("none with a ridge", UNIQUE._replace(with_ridge=0)),
    Control("one at α ≥ 1 without ridge", UNIQUE._replace(beyond=1)),
    Control("α ≤ 1 for α < 1", UNIQUE._replace(alpha=Bound(Relation.AT_MOST, 1))),
    Control("α < 1.01", UNIQUE._replace(alpha=Bound(Relation.BELOW, sp.Rational(101, 100)))),
    Control("with ϱ ≥ 0 for any α", UNIQUE._replace(ridge=Bound(Relation.AT_LEAST, 0))),
    Control("α < 0.99", UNIQUE._replace(alpha=Bound(Relation.BELOW, sp.Rational(99, 100)))),
    Control(
        "E[η′²] for E[η′]",
        UNIQUE._replace(
            regularisation=Formula(
                tau, (varrho, tau, Mean(RESPONSE**2), alpha), UNIQUE.regularisation.body
            )
        ),
    ),
    Control(
        "θ² = (σ² + p)/α",
        UNIQUE._replace(noise=UNIQUE.noise.but("", lambda s, p, alpha: (s**2 + p) / alpha).subject),
    ),
)


def prove(stated):
    """Compare ψ at the other corners between two stationary points, and count from its ends."""
    return prove_all(uniqueness(stated), summary="two solutions would be two saddles of ψ")


def uniqueness(stated):
    mean = known({RESPONSE: sp.Symbol("M"), RESPONSE**2: sp.Symbol("Q"), w**2: error})
    at = {Mean: of_deviation(mean), b: theta / tau}
    yield (
        "the first equation says that ψ is stationary, at b = θ/τ,",
        equal(
            stated.regularisation.left({}) - stated.regularisation(at),
            STATIONARITY.regularisation(at),
        ),
    )
    yield (
        "and so does the second",
        equal(stated.noise.left({}) - stated.noise(at), STATIONARITY.noise(at)),
    )
    yield from one_at_most()
    yield "and with a ridge one at least, for any α", equal(stated.with_ridge, 1)
    more = sp.Symbol("m", positive=True)
    if stated.ridge.relation not in (Relation.ABOVE, Relation.AT_LEAST):
        raise ValueError(f"ϱ must be bounded from below, got {stated.ridge}")
    above = more if stated.ridge.strict else sp.Symbol("m", nonnegative=True)
    yield (
        "as ψ → −∞ for b → ∞ there",
        positive("ϱ/2 > 0", -EXISTENCE.large_b({varrho: stated.ridge.value + above})),
    )
    # Within the bound α = value/(1 + v), else value + v; one of them includes v = 0.
    signs = {"positive": True}, {"nonnegative": True}
    inside, outside = (
        sp.Symbol("v", **sign) for sign in (signs if stated.alpha.strict else reversed(signs))
    )
    if stated.alpha.relation not in (Relation.BELOW, Relation.AT_MOST):
        raise ValueError(f"α must be bounded from above, got {stated.alpha}")
    few, many = stated.alpha.value / (1 + inside), stated.alpha.value + outside
    far = noise**2 * alpha / (1 - alpha) + more
    falls = -sp.simplify(sp.sqrt(far) * EXISTENCE.larger_b({theta: sp.sqrt(far)}))
    yield (
        "without one ψ → −∞ for some θ, and its minimum over θ has θ > 0 for all b, if α < 1",
        positive("(1/α − 1)m > 0", falls.subs(alpha, few)),
    )
    yield "so that there is one at least", equal(stated.below, 1)
    squared = known({sp.Derivative(q(TARGET), TARGET) ** 2: more})
    yield (
        "also without noise",
        positive("1/α > 1", -EXISTENCE.smaller_theta({alpha: few, Mean: squared})),
    )
    response = MEAN_RESPONSE({replica.ridge: sp.sympify(stated.ridge.value)})
    (most,) = (one for one in ESTIMATOR.response.bounds if one.relation is Relation.BELOW)
    yield (
        "E[η′] = α without ridge, and η′ < 1: none for other α",
        positive("α − 1 ≥ 0", -most.margin(response).subs(alpha, many), strict=False),
    )
    yield "so that there is none", equal(stated.beyond, 0)


def one_at_most():
    """Yield that two stationary points are one, by ψ at the other corners of their rectangle."""
    along, across = sp.symbols("delta_theta delta_b", nonnegative=True)
    means = sp.symbols("m_1:5", positive=True)
    formulas = (CURVATURES.in_theta, CURVATURES.in_b) * 2
    first, first_b, second, second_b = (
        mean_in(one, mean)[0] for one, mean in zip(formulas, means, strict=True)
    )
    # By Taylor's formula, with curvatures somewhere between, as all slopes are 0.
    from_first = (first * along**2 - first_b * across**2) / 2
    from_second = (second_b * across**2 - second * along**2) / 2
    some = sp.Symbol("delta", positive=True)
    for text, moved in (("θ", along), ("b", across)):
        yield (
            "ψ(θ₂, b₁) − ψ(θ₁, b₂), from the first stationary point and from the second: they "
            f"differ, where the points have another {text}; but it is one number",
            positive("the difference > 0", (from_first - from_second).subs(moved, some)),
        )


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
NEAREST, NEAR, FAR = 1e-5, 4, 8
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
        if 0 < abs(where.value) <= NEAREST:
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
    (
        Check("saddle of ψ", Method.SYMBOLIC, prove, UNIQUE, NOT_UNIQUE),
        CHECK,
    ),
    assumptions=(
        "c_FT > 0, E[β*²] < ∞; σ, ϱ ≥ 0; σ > 0 or E[β*²] > 0",
        "Z is standard normal and independent of β*",
        f"the scan: σ = 0, ϱ = 0; θ² within {DECADES} decades of the solution, at "
        f"{2 * (NEAR + FAR) + 1} points, the least |y| > 0 among them {NEAREST:g}; "
        f"α = {', '.join(f'{a:g}' for a in ALPHA)}; {len(INITS)} initialisations, "
        f"{len(TASKS)} tasks, both slabs",
    ),
    requires=(
        "replica.stationarity",
        "replica.convex-concave",
        "replica.existence",
        "replica.degrees-of-freedom",
        "replica.estimator-derivative",
    ),
)
