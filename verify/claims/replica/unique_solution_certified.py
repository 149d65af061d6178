"""One solution, certified on a rectangle (Proposition 4.2, eqs. (19)-(20); Appendix E.2.3).

In a rectangle of states the two equations have at most one solution for every α about 0.3: E[η′]
falls in τ, and the Jacobian keeps its sign.

`verify.claims.replica._enclosure` says why signs on a rectangle exclude a second solution.
"""

from dataclasses import replace
from typing import NamedTuple

from flint import arb

from verify.claim import Check, Control, Method
from verify.claims.replica._enclosure import Box, SignGroup, prove_injective
from verify.registry import state


class Unique(NamedTuple):
    """Scale c (λ = γ = 0), rectangle of (log τ, log θ²), α, exponent of θ² in p/θ², signs."""

    c: str
    region: Box
    alpha: tuple[float, float]
    exponent: int = 1
    signs: tuple[int, int] = (-1, 1)

    def latex(self):
        box, (low, high) = self.region, self.alpha
        falls, turns = ("<" if sign < 0 else ">" for sign in self.signs)
        return (
            rf"c = {self.c}: \quad {low} \le \alpha \le {high}, \quad "
            rf"{box.low_tau} \le \log\tau \le {box.high_tau}, \quad "
            rf"{box.low_theta} \le \log\theta^2 \le {box.high_theta} \\ "
            r"E[\eta'] = \alpha \text{ within}, \quad "
            rf"\frac{{\partial E[\eta']}}{{\partial \tau}} {falls} 0, \quad "
            rf"\frac{{\partial(\log E[\eta'], \log(p/\theta^{{{2 * self.exponent}}}))}}"
            rf"{{\partial(\log\tau, \log\theta^2)}} {turns} 0"
        )

    def said(self):
        box, (low, high) = self.region, self.alpha
        return (
            f"c = {self.c}, α in [{low}, {high}], log τ in [{box.low_tau}, {box.high_tau}], log θ² "
            f"in [{box.low_theta}, {box.high_theta}]"
        )


# About the solutions at α = 0.3.
LAZY = Unique("1", Box(2.08, 2.48, 1.48, 1.68), (0.28, 0.32))
RICH = Unique("0.001", Box(-1.0, -0.7, -0.2, 0.04), (0.29, 0.31))


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
    c, *conditions = stated
    found = prove_injective(groups(c), *conditions)
    return replace(found, summary=f"{stated.said()}: {found.summary}")


def check(stated, tier, limit):
    controls = (
        Control("p·θ² = const for p/θ² = const", stated._replace(exponent=-1)),
        Control("α ≤ 0.5", stated._replace(alpha=(stated.alpha[0], 0.5))),
    )
    name = f"c = {stated.c}"
    return Check(name, Method.ENCLOSURE, decide, stated, controls, tier=tier, limit=limit)


state(
    "replica.unique-solution-certified",
    __doc__,
    (check(LAZY, "quick", 120.0), check(RICH, "full", 900.0)),
    assumptions=("σ = 0, ϱ = 0; sign slab, ρ_PT = ρ_FT = 0.1, ω = 0.5, λ = γ = 0",),
    requires=("replica.effective-parameters", "replica.estimator-derivative"),
)
