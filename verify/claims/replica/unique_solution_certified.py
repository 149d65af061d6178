"""One solution, certified on rectangles (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

E[η′] falls in τ and the Jacobian of both equations keeps its sign on a rectangle of states; so no α
that E[η′] passes in it has two fixed points there (`verify.claims.replica._enclosure` says why).
"""

from dataclasses import replace
from functools import cache, partial
from typing import Any, NamedTuple

import sympy as sp
from flint import arb

from theory.replica import alpha, error, noise, tau, theta
from verify.claim import Check, Control, Method
from verify.claims.replica._enclosure import Box, SignGroup, moments_on, prove_injective
from verify.claims.replica._means import RESPONSE
from verify.claims.replica.effective_parameters import STATED as PARAMETERS
from verify.methods.identity import zero
from verify.methods.notation import Mean, as_written, shown
from verify.methods.relations import Bound, Relation
from verify.registry import state

with as_written():
    QUOTIENT, PRODUCT = error / theta**2, error * theta**2


class Unique(NamedTuple):
    """Scale c (λ = γ = 0), rectangle of logarithms, α; what both equations fix; and both signs.

    Numbers are decimal texts, and taken exactly.
    """

    c: str
    log_tau: tuple[str, str]
    log_theta_squared: tuple[str, str]
    alpha: tuple[str, str]
    states: tuple[Any, Any] = (tau, theta**2)
    fixed: tuple[Any, Any] = (Mean(RESPONSE), QUOTIENT)
    falls: Bound = Bound(Relation.BELOW, 0)
    turns: Bound = Bound(Relation.ABOVE, 0)

    def latex(self):
        logs = [rf"\log {shown(state)}" for state in self.states]
        ranges = zip(
            (shown(alpha), *logs), (self.alpha, self.log_tau, self.log_theta_squared), strict=True
        )
        listed = r", \quad ".join(rf"{low} \le {name} \le {high}" for name, (low, high) in ranges)
        first, second = map(shown, self.fixed)
        falls, turns = (f"{one.relation} {shown(one.value)}" for one in (self.falls, self.turns))
        return (
            rf"c = {self.c}: \quad {listed} \\ "
            rf"{first} = {shown(alpha)} \text{{ within}}, \quad "
            rf"\frac{{\partial {first}}}{{\partial {shown(self.states[0])}}} {falls}, \quad "
            rf"\frac{{\partial(\log {first}, \log {second})}}"
            rf"{{\partial({', '.join(logs)})}} {turns}"
        )

    def said(self):
        ranges = {"α": self.alpha, "log τ": self.log_tau, "log θ²": self.log_theta_squared}
        listed = (f"{name} in [{low}, {high}]" for name, (low, high) in ranges.items())
        return f"c = {self.c}, {', '.join(listed)}"


# About the solutions at α = 0.3.
LAZY = Unique("1", ("2.08", "2.48"), ("1.48", "1.68"), ("0.28", "0.32"))
RICH = Unique("0.001", ("-1.0", "-0.7"), ("-0.2", "0.04"), ("0.29", "0.31"))


def groups(c):
    """Return ρ_PT = ρ_FT = 0.1, ω = 0.5 with the sign slab; c_FT = c + √(c² + β_PT²)."""
    absolute = arb(c)
    active, inactive = absolute + (absolute**2 + 1).sqrt(), 2 * absolute
    amplitude, tenth = arb(10).sqrt(), arb(1) / 10
    return [
        SignGroup(tenth / 2, active, amplitude),
        SignGroup(tenth / 2, inactive, amplitude),
        SignGroup(tenth / 2, active, arb(0)),
        SignGroup(1 - 3 * tenth / 2, inactive, arb(0)),
    ]


def decide(stated):
    """Enclose the Jacobian of both equations on the rectangle."""
    region = Box.around(stated.log_tau, stated.log_theta_squared)
    low, high = map(arb, stated.alpha)
    if not (low < high and arb(stated.c) > 0):
        raise ValueError(f"α must be an interval and c positive, got {stated.said()}")
    if not all(one.strict and one.value == 0 for one in (stated.falls, stated.turns)):
        raise ValueError(f"both must be strict signs, got {stated.falls} and {stated.turns}")
    first, second = (one.doit() for one in stated.fixed)
    if first != Mean(RESPONSE) or stated.states != (tau, theta**2):
        raise ValueError(f"the first must be E[η′], of τ and θ², got {first}, {stated.states}")
    signs = stated.falls.margin(1), stated.turns.margin(1)
    enclose = partial(enclosed, stated.c)
    found = prove_injective(enclose, region, (low, high), power_of(second), signs)
    if found.holds:
        (solved,) = sp.solve(PARAMETERS.theta_squared({noise: sp.Integer(0)}) - theta**2, error)
        fixed = zero(sp.diff(second.subs(error, solved), theta))
        if not fixed.holds:
            return replace(fixed, summary=f"{second} varies along p = {solved}: {fixed.summary}")
    return replace(found, summary=f"{stated.said()}: {found.summary}")


def power_of(product):
    """Return the power of θ² beside p.

    Raises
    ------
    ValueError
        If it is not p times a power.
    """
    powers = product.as_powers_dict()
    if powers.keys() - {error, theta} or powers[error] != 1 or not powers[theta].is_Rational:
        raise ValueError(f"the second must be p times a power of θ, got {product}")
    power = powers[theta] / 2
    return arb(int(power.p)) / int(power.q)


# For smaller c the integrands are steeper, and take more cells.
STEEP = 0.1


@cache
def enclosed(c, box):
    """Return the moments at scale c on a box."""
    return moments_on(groups(c), box, cells=2000 if arb(c) < STEEP else 700)


def check(stated, tier, limit):
    controls = (
        Control("p·θ² = const for p/θ² = const", stated._replace(fixed=(Mean(RESPONSE), PRODUCT))),
        Control("α ≤ 0.5", stated._replace(alpha=(stated.alpha[0], "0.5"))),
        Control("E[η′] rises in τ", stated._replace(falls=stated.turns)),
        Control("the Jacobian is negative", stated._replace(turns=stated.falls)),
    )
    name = f"c = {stated.c}"
    return Check(name, Method.ENCLOSURE, decide, stated, controls, tier=tier, limit=limit)


state(
    "replica.unique-solution-certified",
    f"""One solution, certified on rectangles (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

    For {LAZY.said()} the two equations have at most one solution: E[η′] falls in τ, and the
    Jacobian keeps its sign. The full tier certifies it for {RICH.said()} as well.
    """,
    (check(LAZY, "quick", 120.0), check(RICH, "full", 900.0)),
    assumptions=("σ = 0, ϱ = 0; sign slab, ρ_PT = ρ_FT = 0.1, ω = 0.5, λ = γ = 0",),
    requires=(
        "replica.effective-parameters",
        "replica.degrees-of-freedom",
        "replica.estimator-derivative",
    ),
)
