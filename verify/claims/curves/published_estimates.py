"""Published Monte-Carlo estimates of two errors, as values of the error: false (Figure 3).

The two values were printed by the published runs for the baseline of Experiment 1.
"""

from verify.claim import Check, Claim, Control, Fault, Method
from verify.claims.curves.reference_values import EXACT, compare_values
from verify.registry import register

TOLERANCE = 1e-2
PUBLISHED = ((0.17126582, 0.508971), (0.3635443, 0.028619))

register(
    Claim(
        id="curves.published-estimates",
        title="Published estimates of two errors",
        sentence="At the baseline the error is 0.508971 at α = 0.17126582 and 0.028619 at "
        "α = 0.3635443, within 1 %, as the published error bars say.",
        latex=r"p(0.17126582) = 0.508971 \pm 1\%,\quad p(0.3635443) = 0.028619 \pm 1\%",
        source="Figure 3; Appendix E.2.4",
        assumptions=("baseline of Experiment 1, Gaussian slab, ω = 0.5",),
        requires=("replica.exact-solver",),
        checks=(
            Check(
                "exact error",
                Method.FLOAT64,
                lambda values: compare_values(values, TOLERANCE),
                PUBLISHED,
                Control("the exact values", EXACT, must_hold=True),
                tolerance=TOLERANCE,
                reason="the published error bars are smaller than 1 %",
            ),
        ),
        twin="curves.reference-values",
        fault=Fault.ESTIMATE,
    )
)
