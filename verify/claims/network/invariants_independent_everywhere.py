"""False reading: λ₊, λ₋ and c are independent wherever the weights do not vanish.

They are dependent where w₊v₋ + v₊w₋ = 0: at λ = −c, all along the training.
"""

from typing import Any

from theory.network import Weights, squared_norm
from verify.claim import Check, Claim, Control, Fault, Method
from verify.claims.network.invariants_independent import decide, determinant
from verify.registry import register


def never_zero_off_the_origin(w: Weights) -> Any:
    """Return a polynomial of degree six that vanishes at the zero state only."""
    return 16 * squared_norm(w) ** 3


register(
    Claim(
        id="network.invariants-independent-everywhere",
        title="Independent at every state (false)",
        sentence="λ₊, λ₋ and c are independent functions of the weights at every state but zero.",
        latex=r"\operatorname{rank}\frac{\partial(\lambda_+, \lambda_-, c)}"
        r"{\partial(w_+, v_+, w_-, v_-)} = 3 \text{ wherever } (w_+, v_+, w_-, v_-) \neq 0",
        source="A reading of Appendix B.1",
        checks=(
            Check(
                "all minors",
                Method.SYMBOLIC,
                decide,
                never_zero_off_the_origin,
                Control("independent where w₊v₋ + v₊w₋ ≠ 0", determinant, must_hold=True),
            ),
        ),
        twin="network.invariants-independent",
        fault=Fault.READ,
    )
)
