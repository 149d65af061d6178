"""All quadratic invariants (Section 3.2, Appendix B.1).

The quadratic forms in the four weights of a coordinate that every gradient flow conserves are
the linear combinations of λ₊, λ₋, c = w₊w₋ + v₊v₋ and c′ = w₊v₋ + v₊w₋: a space of dimension
four. Conserved polynomials of degree one and three do not exist, those of degree four are
quadratic forms in these four.
"""

import itertools
from collections.abc import Callable
from typing import Any

import sympy as sp

from theory.invariants import conserved_polynomials, relation
from theory.network import Weights, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.registry import register

Form = Callable[[Weights], Any]


def lam_plus(w: Weights) -> Any:
    """Difference of the positive pathway's layers, as stated."""
    return w.w_plus**2 - w.v_plus**2


def lam_minus(w: Weights) -> Any:
    """Difference of the negative pathway's layers, as stated."""
    return w.w_minus**2 - w.v_minus**2


def scale(w: Weights) -> Any:
    """Scale that the two pathways share, as stated."""
    return w.w_plus * w.w_minus + w.v_plus * w.v_minus


def cross(w: Weights) -> Any:
    """Fourth form, as stated."""
    return w.w_plus * w.v_minus + w.v_plus * w.w_minus


def decide(forms: tuple[Form, ...]) -> Evidence:
    """Search the space of all quadratic forms, and compare it with what the forms span."""
    state = weights()
    stated = [form(state) for form in forms]
    names = dict(zip(sp.symbols(f"s_1:{len(forms) + 1}"), stated, strict=True))
    found = conserved_polynomials(2)
    basis = dict(zip(sp.symbols(f"b_1:{len(found) + 1}"), found, strict=True))
    steps = [f"the search finds {len(found)} independent conserved forms among 10 monomials"]
    for form in stated:
        if relation(form, basis, 1) is None:
            return Evidence(
                False,
                f"{form} is not conserved",
                counterexample={"stated form": str(form)},
                steps=tuple(steps),
            )
    steps.append("each stated form is among their combinations")
    for form in found:
        if relation(form, names, 1) is None:
            return Evidence(
                False,
                f"{form} is conserved, and no combination of the stated forms",
                counterexample={"missing form": str(form)},
                steps=tuple(steps),
            )
    steps.append("each of them is a combination of the stated forms")
    if len(found) != len(forms):
        return Evidence(
            False,
            f"{len(forms)} forms span a space of dimension {len(found)}",
            counterexample={"dimension": str(len(found)), "stated": str(len(forms))},
            steps=tuple(steps),
        )
    odd = len(conserved_polynomials(1)) + len(conserved_polynomials(3))
    quartic = conserved_polynomials(4)
    products = {one * other for one, other in itertools.combinations_with_replacement(names, 2)}
    generated = all(relation(form, names, 2) is not None for form in quartic)
    if odd or not generated:
        return Evidence(
            False,
            "there are conserved polynomials of degree 1, 3 or 4 besides",
            counterexample={"of odd degree": str(odd), "of degree 4": str(len(quartic))},
            steps=tuple(steps),
        )
    steps += [
        "no polynomial of degree 1 or 3 is conserved",
        f"the {len(quartic)} conserved ones of degree 4 are quadratic in the forms "
        f"({len(products)} products, {len(products) - len(quartic)} relation between them)",
    ]
    return Evidence(
        True, f"dimension {len(found)}, spanned by the stated forms", steps=tuple(steps)
    )


STATEMENT = (lam_plus, lam_minus, scale, cross)

register(
    Claim(
        id="network.quadratic-invariants",
        title="All quadratic invariants",
        sentence="The conserved quadratic forms of a coordinate make up a space of dimension "
        "four, spanned by λ₊, λ₋, w₊w₋ + v₊v₋ and w₊v₋ + v₊w₋.",
        latex=r"\operatorname{span}\{w_+^2 - v_+^2,\; w_-^2 - v_-^2,\; w_+ w_- + v_+ v_-,\; "
        r"w_+ v_- + v_+ w_-\}",
        source="Section 3.2; Appendix B.1, completed",
        checks=(
            Check(
                "search among all quadratic forms",
                Method.SYMBOLIC,
                decide,
                STATEMENT,
                (
                    Control("λ₊, λ₋ and c alone", STATEMENT[:3]),
                    Control(
                        "w₊w₋ − v₊v₋ for c",
                        (
                            lam_plus,
                            lam_minus,
                            lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus,
                            cross,
                        ),
                    ),
                    Control(
                        "a fifth form, not independent",
                        (*STATEMENT, lambda w: lam_plus(w) + lam_minus(w)),
                    ),
                ),
            ),
        ),
        requires=("network.conservation", "network.fourth-invariant"),
    )
)
