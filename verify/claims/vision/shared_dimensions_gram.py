"""tr(C1 C2) is not the product of the two N x N Gram matrices (Appendix D).

PR can be had from F Fᵀ as well as from FᵀF; reading ENSD in the same way, with tr(G1 G2),
G = F Fᵀ, gives another number unless F1 = F2: two representations in orthogonal directions of
feature space share no dimension, and arrange the inputs alike all the same.
"""

from collections.abc import Callable
from typing import Any

import sympy as sp

from verify.claim import Check, Claim, Control, Evidence, Fault, Method
from verify.registry import register

Form = Callable[[Any, Any], Any]


def of_grams(first: Any, second: Any) -> Any:
    """Return tr(F1F1ᵀ F2F2ᵀ), the form that is refuted."""
    return (first * first.T * second * second.T).trace()


def of_products(first: Any, second: Any) -> Any:
    """Return ‖F1 F2ᵀ‖², the corrected form."""
    return sum(entry**2 for entry in first * second.T)


def equal(form: Form) -> Evidence:
    """Compare a form with tr(F1ᵀF1 F2ᵀF2) for generic 2 x 2 matrices."""
    first, second = (sp.Matrix(2, 2, list(sp.symbols(f"{name}:4"))) for name in "xy")
    wanted = (first.T * first * second.T * second).trace()
    if sp.expand(form(first, second) - wanted) == 0:
        return Evidence(True, "the difference expands to 0", steps=("expanded difference: 0",))
    one, two = sp.Matrix([[1, 0], [0, 0]]), sp.Matrix([[0, 1], [0, 0]])
    values = {**dict(zip(first, one, strict=True)), **dict(zip(second, two, strict=True))}
    return Evidence(
        False,
        f"F1 = {one.tolist()}, F2 = {two.tolist()}: {form(one, two)}, not {wanted.subs(values)}",
        counterexample={
            "F1": str(one.tolist()),
            "F2": str(two.tolist()),
            "tr(G1 G2)": str(form(one, two)),
            "tr(F1ᵀF1 F2ᵀF2)": str(wanted.subs(values)),
        },
    )


register(
    Claim(
        id="vision.shared-dimensions-gram",
        title="ENSD from the Gram matrices of the inputs",
        sentence="tr(C₁C₂) is tr(G₁G₂) with the N × N Gram matrices G = F Fᵀ, as it is for PR.",
        latex=r"\mathrm{tr}(F_1^T F_1 F_2^T F_2) = \mathrm{tr}(F_1 F_1^T F_2 F_2^T)",
        source="Appendix D; false as commonly computed",
        checks=(
            Check(
                "generic matrices",
                Method.SYMBOLIC,
                equal,
                of_grams,
                Control("‖F1 F2ᵀ‖²", of_products, must_hold=True),
            ),
        ),
        twin="vision.shared-dimensions-form",
        fault=Fault.CODED,
    )
)
