"""The error bars of Appendix E.2.4 describe the Monte-Carlo solution: false.

They are those of a mean at given (τ, θ); but the solution's (τ, θ) come from the same draws.
"""

from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.claims.replica._seeds import SEED, coverage
from verify.registry import register

ALPHA, SAMPLES = 0.17126582, 4000


def decide(bar: str) -> Evidence:
    """Hold the deviations of 100 seeds to the error bar."""
    return coverage(bar, ALPHA, SAMPLES)


register(
    Claim(
        id="replica.published-error-bars",
        title="Batch-means error bars as published",
        sentence="The batch-means standard error of (β̂ − β*)² is the standard error of the "
        "Monte-Carlo solution p.",
        latex=r"\operatorname{Var}(\hat p) = \frac{1}{S} \operatorname{Var}(e),\quad "
        r"e = (\hat\beta - \beta^*)^2",
        source="Appendix E.2.4",
        assumptions=("baseline of Experiment 1, Gaussian slab", "draws held fixed per point"),
        checks=(
            Check(
                "100 seeds at α = 0.171",
                Method.STATISTICS,
                decide,
                "batch-means",
                Control("propagated through the fixed point", "propagated", must_hold=True),
                limit=120.0,
                seed=SEED,
            ),
        ),
        twin="replica.montecarlo-agreement",
        fault=Fault.ESTIMATE,
    )
)
