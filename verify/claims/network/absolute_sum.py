"""False reading of eq. 4 and Appendix B.1: the sum of the hidden weights' absolute values.

(|w₊| + |w₋|)² is not (c + λ)(1 + √(1 + (β/c)²)) where one of the two has changed sign, which
for λ < 0 happens at |β| > c√(c²/λ² − 1).
"""

from typing import Any

from verify.claim import Check, Claim, Control, Fault, Method
from verify.claims.network.signed_sum import (
    SEED,
    TOLERANCE,
    Statement,
    decide,
    integrate,
    signed,
    square,
)
from verify.registry import register


def absolute(w_plus: Any, w_minus: Any) -> Any:
    """Add the weights without their signs."""
    return abs(w_plus) + abs(w_minus)


TRUTH = Control("the signed sum", Statement(signed, square), must_hold=True)

register(
    Claim(
        id="network.absolute-sum",
        title="Sum of the hidden weights' absolute values (false)",
        sentence="The squared sum of the absolute values of the two hidden weights is "
        "(c + λ)(1 + √(1 + (β/c)²)).",
        latex=r"\left(|w_+| + |w_-|\right)^2 = (c + \lambda)"
        r"\left(1 + \sqrt{1 + \frac{\beta^2}{c^2}}\right)",
        source="A reading of Appendix B.1",
        checks=(
            Check(
                "sum of the derived weights",
                Method.SYMBOLIC,
                decide,
                Statement(absolute, square),
                TRUTH,
            ),
            Check(
                "sum after integrated training",
                Method.FLOW,
                integrate,
                Statement(absolute, square),
                TRUTH,
                tolerance=TOLERANCE,
                reason="the integrator's local tolerance is 1e-10; the weights are of order one",
                seed=SEED,
            ),
        ),
        twin="network.signed-sum",
        fault=Fault.READ,
    )
)
