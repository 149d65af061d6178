"""The small form of tr(C1 C2): the products between the two feature matrices (Appendix D).

tr(F1ᵀF1 F2ᵀF2) = ‖F1 F2ᵀ‖², an N x N matrix for features of D > N coordinates. With it, ENSD(F, F)
is PR(F), and ENSD is at most √(PR1 PR2): tr(C1 C2)² ≤ tr(C1²) tr(C2²), whose difference is a sum
of squares (Lagrange).
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision.representation import participation_ratio, shared_dimensions
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 31
SHAPE = (2, 3)
DRAWS = 40
TOLERANCE = 1e-10

Form = Callable[[Any, Any], Any]


def cross_gram(first: Any, second: Any) -> Any:
    """Return ‖F1 F2ᵀ‖², as the claim states it."""
    cross = first * second.T
    return sum(entry**2 for entry in cross)


def definition(first: Any, second: Any) -> Any:
    """Return tr(F1ᵀF1 F2ᵀF2)."""
    return (first.T * first * second.T * second).trace()


def matrices() -> tuple[Any, Any]:
    """Return two generic N x D matrices of symbols."""
    rows, columns = SHAPE
    first, second = (
        sp.Matrix(rows, columns, list(sp.symbols(f"{name}:{rows * columns}", real=True)))
        for name in "xy"
    )
    return first, second


def identity(form: Form) -> Evidence:
    """Expand the difference of a form and the definition, for generic matrices."""
    first, second = matrices()
    difference = sp.expand(form(first, second) - definition(first, second))
    if difference == 0:
        return Evidence(
            True,
            f"the difference expands to 0 for generic {SHAPE[0]} x {SHAPE[1]} matrices",
            steps=(
                "tr(F1ᵀF1 F2ᵀF2) = Σ (F1ᵀF1)ᵢⱼ (F2ᵀF2)ⱼᵢ",
                "‖F1 F2ᵀ‖² = Σ_ab (Σᵢ F1_ai F2_bi)²",
                "their difference, expanded: 0",
            ),
        )
    one = sp.Matrix(2, 3, [1, 0, 0, 0, 0, 0])
    two = sp.Matrix(2, 3, [0, 1, 0, 0, 0, 0])
    return Evidence(
        False,
        "the difference does not expand to 0",
        counterexample={
            "F1": str(one.tolist()),
            "F2": str(two.tolist()),
            "form": str(form(one, two)),
            "tr(F1ᵀF1 F2ᵀF2)": str(definition(one, two)),
        },
    )


class Bound(NamedTuple):
    """The exponent of tr(C1²)·tr(C2²) that bounds tr(C1 C2), and whether C1 = C2 attains it."""

    squares: Callable[[Any, Any], Any]


def lagrange(first: Any, second: Any) -> Any:
    """Return ½ Σ (C1_a C2_b − C1_b C2_a)² over the entries of both, as the claim states it."""
    pairs = combinations(range(len(first)), 2)
    return sum((first[a] * second[b] - first[b] * second[a]) ** 2 for a, b in pairs)


def bounded(bound: Bound) -> Evidence:
    """Expand tr(C1²)tr(C2²) − tr(C1C2)² less the sum of squares, for symmetric 2 x 2 matrices."""
    a, b, c, d, e, f = sp.symbols("a:f", real=True)
    one, two = sp.Matrix([[a, b], [b, c]]), sp.Matrix([[d, e], [e, f]])
    left = (one * one).trace() * (two * two).trace() - (one * two).trace() ** 2
    difference = sp.expand(left - bound.squares(list(one), list(two)))
    if difference != 0:
        values = {a: 1, b: 0, c: 0, d: 0, e: 0, f: 1}
        return Evidence(
            False,
            "the difference is not the sum of squares",
            counterexample={
                "C1": "diag(1, 0)",
                "C2": "diag(0, 1)",
                "difference less squares": str(difference.subs(values)),
            },
        )
    return Evidence(
        True,
        "tr(C1²) tr(C2²) − tr(C1 C2)² is a sum of squares",
        steps=(
            "tr(C1 C2) is the inner product of the entries of C1 and C2",
            "Lagrange's identity gives the difference as a sum of squares, so it is ≥ 0",
            "times PR1² PR2²: ENSD² ≤ PR1 PR2; at C1 = C2 every square is 0 and ENSD = PR",
        ),
    )


def numbers(form: Callable[[Any, Any], Any]) -> Evidence:
    """Compare the project's ENSD with a form, written with NumPy, on random features."""
    rng = np.random.default_rng(SEED)
    worst, at = 0.0, ""
    for draw in range(DRAWS):
        shape = (int(rng.integers(2, 30)), int(rng.integers(2, 30)))
        one = rng.standard_normal(shape)
        two = one * rng.uniform(0, 1) + rng.standard_normal(shape)
        overlap = form(one, two) / (np.sum(one**2) * np.sum(two**2))
        expected = overlap * participation_ratio(one) * participation_ratio(two)
        gap = largest(abs(shared_dimensions(one, two) - expected) / shared_dimensions(one, two))
        if gap > worst:
            worst, at = gap, f"draw {draw}, N x D = {shape}"
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"relative difference {worst:.2g} over {DRAWS} pairs of random features",
        figure=worst,
        counterexample=None if holds else {"where": at},
        comparisons=(Comparison("ENSD", ("D x D covariances", "representation module"), worst),)
        if holds
        else (),
    )


register(
    Claim(
        id="vision.shared-dimensions-form",
        title="ENSD: small form, bound, and equality",
        sentence="tr(C₁C₂) is ‖F₁F₂ᵀ‖² over ‖F₁‖²‖F₂‖², so that ENSD needs N × N products only; "
        "ENSD² ≤ PR₁ PR₂, with ENSD(F, F) = PR(F).",
        latex=r"\mathrm{tr}(F_1^T F_1 F_2^T F_2) = \|F_1 F_2^T\|^2, \\ "
        r"\mathrm{ENSD}^2 \le \mathrm{PR}_1\, \mathrm{PR}_2",
        source="Appendix D",
        assumptions=(
            "features of the same inputs and coordinates, not all zero",
            "expanded for N x D = 2 x 3 and for D = 2; both are sums over pairs of entries",
        ),
        checks=(
            Check(
                "small form",
                Method.SYMBOLIC,
                identity,
                cross_gram,
                (
                    Control("F1ᵀF2 in place of F1F2ᵀ", lambda x, y: sum(z**2 for z in x.T * y)),
                    Control("without the squares", lambda x, y: sum(x * y.T)),
                ),
            ),
            Check(
                "bound",
                Method.SYMBOLIC,
                bounded,
                Bound(lagrange),
                Control("half of the squares", Bound(lambda x, y: lagrange(x, y) / 2)),
            ),
            Check(
                "the module that measures",
                Method.FLOAT64,
                numbers,
                lambda x, y: np.trace(x.T @ x @ y.T @ y),
                Control("covariances of the inputs", lambda x, y: np.sum((x @ x.T) * (y @ y.T))),
                tolerance=TOLERANCE,
                reason="rounding of sums of up to 30 x 30 products, with room",
                seed=SEED,
            ),
        ),
    )
)
