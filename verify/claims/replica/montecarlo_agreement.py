r"""The Monte-Carlo solver agrees with the exact one, within its propagated sampling error.

The moments of S draws enter both equations of the fixed point x = T(x, m(x)); an error δ of
them moves the solution by (I − ∂T/∂x)⁻¹ ∂T/∂m δ, and p by g·δ. The standard error of p is then
√(g′ Cov g/S), not that of the mean of (β̂ − β*)² at the solution found.
"""

from typing import Any, NamedTuple

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.replica._seeds import SEED, coverage
from verify.registry import register


class Statement(NamedTuple):
    """Which error bar is said to hold, at which α, with how many samples."""

    bar: str
    alpha: float
    samples: int
    exact_factor: float = 1.0


def decide(statement: Statement) -> Evidence:
    """Solve from 100 seeds."""
    return coverage(
        statement.bar,
        statement.alpha,
        statement.samples,
        exact_factor=statement.exact_factor,
    )


def _check(name: str, alpha: float, samples: int, tier: Any, limit: float) -> Check:
    return Check(
        name,
        Method.STATISTICS,
        decide,
        Statement("propagated", alpha, samples),
        (
            Control("batch-means error bars", Statement("batch-means", alpha, samples)),
            Control("exact error times 1.2", Statement("propagated", alpha, samples, 1.2)),
        ),
        tier=tier,
        limit=limit,
        seed=SEED,
    )


register(
    Claim(
        id="replica.montecarlo-agreement",
        title="Monte Carlo agrees, given its true error bar",
        sentence="Estimates of the error from sampled moments scatter about the exact error as "
        "the sampling error does that is propagated through the fixed point.",
        latex=r"\hat p - p \approx g \cdot \delta,\quad "
        r"\operatorname{Var}(\hat p) = \frac{1}{S}\, g^{T} \operatorname{Cov}(e, \eta')\, g",
        source="Appendix E.2.1 and E.2.4",
        assumptions=("baseline of Experiment 1, Gaussian slab", "draws held fixed per point"),
        requires=("replica.effective-parameters",),
        checks=(
            _check("100 seeds at α = 0.171", 0.17126582, 4000, "quick", 120.0),
            _check("100 seeds at α = 0.364", 0.3635443, 40_000, "full", 1200.0),
        ),
    )
)
