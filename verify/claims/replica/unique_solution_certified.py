"""One solution, certified on rectangles (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

E[η′] falls in τ and the Jacobian of both equations keeps its sign on a rectangle of states; so no α
that E[η′] passes in it has two fixed points there (`verify.claims.replica._enclosure` says why).
"""

from dataclasses import replace
from enum import IntEnum
from functools import cache, partial
from typing import NamedTuple

from flint import arb

from verify.claim import Check, Control, Method
from verify.claims.replica._enclosure import Box, SignGroup, moments_on, prove_injective
from verify.methods.formula import Relation
from verify.registry import state


class Second(IntEnum):
    """What the second equation holds constant, by the power of θ² beside p."""

    QUOTIENT = -1
    PRODUCT = 1

    def latex(self):
        return r"\frac{p}{\theta^2}" if self is Second.QUOTIENT else r"p\, \theta^2"


class Unique(NamedTuple):
    """Scale c (λ = γ = 0), rectangle of (log τ, log θ²), α; the equation for θ, and both signs.

    Numbers are decimal texts, and taken exactly.
    """

    c: str
    log_tau: tuple[str, str]
    log_theta_squared: tuple[str, str]
    alpha: tuple[str, str]
    equation: Second = Second.QUOTIENT
    falls: Relation = Relation.BELOW
    turns: Relation = Relation.ABOVE

    def latex(self):
        ranges = {
            r"\alpha": self.alpha,
            r"\log\tau": self.log_tau,
            r"\log\theta^2": self.log_theta_squared,
        }
        listed = r", \quad ".join(
            rf"{low} \le {name} \le {high}" for name, (low, high) in ranges.items()
        )
        return (
            rf"c = {self.c}: \quad {listed} \\ "
            r"E[\eta'] = \alpha \text{ within}, \quad "
            rf"\frac{{\partial E[\eta']}}{{\partial \tau}} {self.falls} 0, \quad "
            rf"\frac{{\partial(\log E[\eta'], \log {self.equation.latex()})}}"
            rf"{{\partial(\log\tau, \log\theta^2)}} {self.turns} 0"
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
    if not (stated.falls.strict and stated.turns.strict):
        raise ValueError(f"both signs must be strict, got {stated.falls} and {stated.turns}")
    signs = stated.falls.margin(1, 0), stated.turns.margin(1, 0)
    enclose = partial(enclosed, stated.c)
    found = prove_injective(enclose, region, (low, high), stated.equation, signs)
    return replace(found, summary=f"{stated.said()}: {found.summary}")


@cache
def enclosed(c, box):
    """Return the moments at scale c on a box."""
    return moments_on(groups(c), box)


def check(stated, tier, limit):
    controls = (
        Control("p·θ² = const for p/θ² = const", stated._replace(equation=Second.PRODUCT)),
        Control("α ≤ 0.5", stated._replace(alpha=(stated.alpha[0], "0.5"))),
        Control("E[η′] rises in τ", stated._replace(falls=Relation.ABOVE)),
        Control("the Jacobian is negative", stated._replace(turns=Relation.BELOW)),
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
