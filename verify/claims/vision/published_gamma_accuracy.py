"""A smaller γ generalises better at intermediate n (Section 6, Figure 4c; Appendix D.3).

The paper does not say which sizes are intermediate; these are the middle three of its seven.
"""

from verify.claims.vision._statements import accuracy_claim
from verify.registry import register

register(
    accuracy_claim(
        "gamma",
        0.125,
        1.0,
        "Section 6, Figure 4c; Appendix D.3",
        title="Smaller γ generalises better at intermediate n",
        sizes=(50.0, 100.0, 200.0),
    )
)
