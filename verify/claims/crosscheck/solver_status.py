"""The status of a conic solver is no evidence: it says "optimal" of answers that are wrong."""

from verify.claim import Check, Claim, Control, Fault, Method
from verify.claims.crosscheck.certificate import (
    REASON,
    SEED,
    TOLERANCE,
    by_certificate,
    by_status,
    decide,
)
from verify.registry import register

register(
    Claim(
        id="crosscheck.solver-status",
        title="“Optimal” is optimal",
        sentence="A conic solver that reports “optimal” has found the minimiser; false where the "
        "scale of the penalty stands inside the exponential cones.",
        latex=r"\text{status} = \text{optimal}\;\Rightarrow\; \beta \approx \hat\beta",
        source="Theorem 4.1, as commonly solved",
        assumptions=("d = 20, n = 10", "CLARABEL at its own tolerances"),
        requires=("crosscheck.certificate",),
        checks=(
            Check(
                "three conic roads",
                Method.CONVEX,
                decide,
                by_status,
                Control("the certificate in place of the status", by_certificate, must_hold=True),
                tolerance=TOLERANCE,
                reason=REASON,
                seed=SEED,
            ),
        ),
        twin="crosscheck.certificate",
        fault=Fault.CODED,
    )
)
