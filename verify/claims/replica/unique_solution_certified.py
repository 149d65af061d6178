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


class Region(NamedTuple):
    """Scale c (λ = γ = 0), rectangle of (log τ, log θ²), and α; decimal texts, taken exactly."""

    c: str
    log_tau: tuple[str, str]
    log_theta_squared: tuple[str, str]
    alpha: tuple[str, str]

    def said(self):
        ranges = {"α": self.alpha, "log τ": self.log_tau, "log θ²": self.log_theta_squared}
        listed = (f"{name} in [{low}, {high}]" for name, (low, high) in ranges.items())
        return f"c = {self.c}, {', '.join(listed)}"


# About the solutions at α = 0.3.
LAZY = Region("1", ("2.08", "2.48"), ("1.48", "1.68"), ("0.28", "0.32"))
RICH = Region("0.001", ("-1.0", "-0.7"), ("-0.2", "0.04"), ("0.29", "0.31"))
REGIONS = {
    "c = 1": LAZY,
    "c = 0.001": RICH,
    "c = 1, α ≤ 0.5": LAZY._replace(alpha=(LAZY.alpha[0], "0.5")),
    "c = 0.001, α ≤ 0.5": RICH._replace(alpha=(RICH.alpha[0], "0.5")),
}


class Unique(NamedTuple):
    """A region by name; the equation for θ, and both signs."""

    region: str
    equation: Second = Second.QUOTIENT
    falls: Relation = Relation.BELOW
    turns: Relation = Relation.ABOVE

    def latex(self):
        region = REGIONS[self.region]
        ranges = {
            r"\alpha": region.alpha,
            r"\log\tau": region.log_tau,
            r"\log\theta^2": region.log_theta_squared,
        }
        listed = r", \quad ".join(
            rf"{low} \le {name} \le {high}" for name, (low, high) in ranges.items()
        )
        return (
            rf"c = {region.c}: \quad {listed} \\ "
            r"E[\eta'] = \alpha \text{ within}, \quad "
            rf"\frac{{\partial E[\eta']}}{{\partial \tau}} {self.falls} 0, \quad "
            rf"\frac{{\partial(\log E[\eta'], \log {self.equation.latex()})}}"
            rf"{{\partial(\log\tau, \log\theta^2)}} {self.turns} 0"
        )


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
    region = REGIONS[stated.region]
    rectangle = Box.around(region.log_tau, region.log_theta_squared)
    if not (stated.falls.strict and stated.turns.strict):
        raise ValueError(f"both signs must be strict, got {stated.falls} and {stated.turns}")
    signs = stated.falls.margin(1, 0), stated.turns.margin(1, 0)
    alpha = tuple(map(arb, region.alpha))
    if not (alpha[0] < alpha[1] and arb(region.c) > 0):
        raise ValueError(f"α must be an interval and c positive, got {region.said()}")
    enclose = partial(enclosed, region.c)
    found = prove_injective(enclose, rectangle, alpha, stated.equation, signs)
    return replace(found, summary=f"{region.said()}: {found.summary}")


@cache
def enclosed(c, box):
    """Return the moments at scale c on a box."""
    return moments_on(groups(c), box)


def check(name, tier, limit):
    stated = Unique(name)
    controls = (
        Control("p·θ² = const for p/θ² = const", stated._replace(equation=Second.PRODUCT)),
        Control("α ≤ 0.5", stated._replace(region=f"{name}, α ≤ 0.5")),
        Control("E[η′] rises in τ", stated._replace(falls=Relation.ABOVE)),
        Control("the Jacobian is negative", stated._replace(turns=Relation.BELOW)),
    )
    return Check(name, Method.ENCLOSURE, decide, stated, controls, tier=tier, limit=limit)


state(
    "replica.unique-solution-certified",
    f"""One solution, certified on rectangles (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

    For {LAZY.said()} the two equations have at most one solution: E[η′] falls in τ, and the
    Jacobian keeps its sign. The full tier certifies it for {RICH.said()} as well.
    """,
    (check("c = 1", "quick", 120.0), check("c = 0.001", "full", 900.0)),
    assumptions=("σ = 0, ϱ = 0; sign slab, ρ_PT = ρ_FT = 0.1, ω = 0.5, λ = γ = 0",),
    requires=(
        "replica.effective-parameters",
        "replica.degrees-of-freedom",
        "replica.estimator-derivative",
    ),
)
