"""The fixed point is unique, certified on a rectangle of states (Proposition 4.2).

`verify.claims.replica._enclosure` says why signs on a rectangle exclude a second solution.
"""

from typing import NamedTuple

from flint import arb

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.replica._enclosure import Box, SignGroup, prove_injective
from verify.registry import register


class Statement(NamedTuple):
    """Scale c (λ = γ = 0), rectangle of (log τ, log θ²), range of α, exponent of θ² in p/θ²."""

    c: str
    region: Box
    alpha: tuple[float, float]
    exponent: int = 1


def groups(c: str) -> list[SignGroup]:
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


def decide(statement: Statement) -> Evidence:
    """Enclose the Jacobian of both equations on the rectangle."""
    return prove_injective(
        groups(statement.c), statement.region, statement.alpha, statement.exponent
    )


# About the solutions at α = 0.3.
LAZY = Statement("1", Box(2.08, 2.48, 1.48, 1.68), (0.28, 0.32))
RICH = Statement("0.001", Box(-1.0, -0.7, -0.2, 0.04), (0.29, 0.31))


def _check(name: str, statement: Statement, tier: str, limit: float) -> Check:
    reversed_ = statement._replace(exponent=-1)
    return Check(
        name,
        Method.ENCLOSURE,
        decide,
        statement,
        (
            Control("p·θ² = const for p/θ² = const", reversed_),
            Control("α ≤ 0.5", statement._replace(alpha=(statement.alpha[0], 0.5))),
        ),
        tier="full" if tier == "full" else "quick",
        limit=limit,
    )


register(
    Claim(
        id="replica.unique-solution-certified",
        title="One solution, certified on a rectangle",
        sentence="In a rectangle of states the two equations have at most one solution for every α "
        "about 0.3: E[η′] falls in τ, and the Jacobian keeps its sign.",
        latex=r"\frac{\partial E[\eta']}{\partial \tau} < 0,\quad "
        r"\frac{\partial(\log E[\eta'], \log(p/\theta^2))}{\partial(\log\tau, \log\theta^2)} > 0",
        source="Proposition 4.2; Appendix E.2",
        assumptions=(
            "σ = 0, ϱ = 0; sign slab, ρ_PT = ρ_FT = 0.1, ω = 0.5, λ = γ = 0",
            "c = 1: 0.28 ≤ α ≤ 0.32, 2.08 ≤ log τ ≤ 2.48, 1.48 ≤ log θ² ≤ 1.68",
        ),
        requires=("replica.effective-parameters", "replica.estimator-derivative"),
        checks=(
            _check("c = 1", LAZY, "quick", 120.0),
            _check("c = 0.001", RICH, "full", 900.0),
        ),
    )
)
