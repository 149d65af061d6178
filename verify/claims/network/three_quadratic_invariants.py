"""False reading of the list of conserved quantities (Appendix B.1).

That λ₊, λ₋ and c span all conserved quadratic forms is not so: w₊v₋ + v₊w₋ is missing.
"""

from verify.claim import Check, Claim, Control, Fault, Method
from verify.claims.network.quadratic_invariants import STATEMENT as FOUR_FORMS
from verify.claims.network.quadratic_invariants import decide
from verify.registry import register

THREE_FORMS = FOUR_FORMS[:3]

register(
    Claim(
        id="network.three-quadratic-invariants",
        title="λ₊, λ₋ and c are all quadratic invariants (false)",
        sentence="Every conserved quadratic form of a coordinate is a linear combination of λ₊, "
        "λ₋ and c.",
        latex=r"\operatorname{span}\{w_+^2 - v_+^2,\; w_-^2 - v_-^2,\; w_+ w_- + v_+ v_-\}",
        source="A reading of Appendix B.1",
        checks=(
            Check(
                "search among all quadratic forms",
                Method.SYMBOLIC,
                decide,
                THREE_FORMS,
                Control("with w₊v₋ + v₊w₋", FOUR_FORMS, must_hold=True),
            ),
        ),
        twin="network.quadratic-invariants",
        fault=Fault.READ,
    )
)
