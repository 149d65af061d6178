"""ℓ = 1 + 1/(log 2z − 1) up to a relative error below 2/z (rate of the rich limit, Section 5.1).

The rich limit is approached as slowly as a logarithm grows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

from numerics import multiprecision, regimes
from theory.regime_bounds import (
    T,
    decay_certificate,
    inverse_excess,
    logarithm_of_double_argument,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Rate:
    """0 < 1 − (ℓ−1)(log 2z − shift) < relative/z for every z > 0."""

    shift: Any
    relative: Any


STATED = Rate(sp.Integer(1), sp.Integer(2))


def decide(rate: Rate) -> Evidence:
    """With D = 1/(ℓ−1) − (log 2z − shift): prove 0 < D < U and z·U < relative/(ℓ−1).

    D and U − D fall to 0 as t = asinh z → ∞; the last is a quotient of exponential polynomials.
    """
    inverse, z = inverse_excess(), sp.sinh(T)
    gap = sp.expand(inverse - logarithm_of_double_argument() + rate.shift)
    bound = 2 * T / (sp.exp(T) - 1) + 1 / (sp.exp(2 * T) - 1)
    steps = [
        (
            f"D = 1/(ℓ−1) − (log 2z − {rate.shift}) > 0: it falls to 0",
            decide_on_half_line("D > 0", gap, T, decay_certificate),
        ),
        (
            "D < U = 2t/(eᵗ−1) + 1/(e²ᵗ−1) with t = asinh z: U − D falls to 0",
            decide_on_half_line("U − D > 0", sp.expand(bound - gap), T, decay_certificate),
        ),
        (
            f"z·U < {rate.relative}/(ℓ−1), hence (ℓ−1)·D < {rate.relative}/z",
            decide_on_half_line("remainder", rate.relative * inverse - z * bound, T),
        ),
    ]
    # A step that is refuted decides, whatever the others leave open.
    steps.sort(key=lambda step: step[1].holds is not False)
    return prove_all(
        steps,
        summary="two-sided rate proved for every z > 0",
    )


def decide_by_numbers(rate: Rate) -> Evidence:
    """Evaluate the remainder at 60 digits and compare the float64 kernel with it."""
    worst, where = mpmath.mpf(0), ""
    for text in ("1", "3", "1e2", "1e6", "1e14", "1e30", "1e100", "1e300"):
        excess = multiprecision.l_order_minus_one(text, 1, digits=320)
        with mpmath.workdps(320):
            z = mpmath.mpf(text)
            log = mpmath.log(2 * z) - int(rate.shift)
            remainder = (1 - excess * log) * z
            if not 0 < remainder < int(rate.relative):
                return Evidence(
                    False,
                    "the scaled remainder leaves its bounds",
                    counterexample={"z": text, "z·(1 − (ℓ−1)(log 2z − 1))": mpmath.nstr(remainder)},
                )
            rounding = largest(abs(regimes.l_order_minus_one(float(text), 1.0) / excess - 1))
            if rounding > worst:
                worst, where = rounding, text
    return Evidence(
        bool(worst <= 1e-15),
        "remainder within its bounds at all points; float64 agrees",
        figure=float(worst),
        counterexample=None if worst <= 1e-15 else {"z": where},
    )


CONTROLS = (
    Control("log 2z without − 1", replace(STATED, shift=sp.Integer(0))),
    Control("log 2z − 2", replace(STATED, shift=sp.Integer(2))),
)

register(
    Claim(
        id="regimes.lorder-large-argument",
        title="The ℓ-order near its rich end",
        sentence="For every z = |β_FT|/c_FT > 0, 0 < 1 − (ℓ−1)(log 2z − 1) < 2/z; so "
        "ℓ = 1 + 1/(log 2z − 1) up to a relative error of ℓ − 1 below 2/z where 2z > e.",
        latex=r"0<1-(\ell-1)(\log 2z-1)<\frac{2}{z},\qquad"
        r"\ell=1+\frac{1}{\log 2z-1}\left(1-\frac{2\vartheta}{z}\right),\quad 0<\vartheta<1",
        source="rate of the rich limit in Section 5.1",
        assumptions=("c_FT > 0", "β_FT ≠ 0"),
        requires=("regimes.lorder-closed-form",),
        checks=(
            Check(
                "decay and Taylor coefficients",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    *CONTROLS,
                    Control("relative error below 1/(2z)", Rate(sp.Integer(1), sp.Rational(1, 2))),
                ),
            ),
            Check(
                "320 digits and float64 kernel",
                Method.MULTIPRECISION,
                decide_by_numbers,
                STATED,
                CONTROLS,
                tolerance=1e-15,
                reason="some four roundings in float64; the bounds themselves are held exactly",
            ),
        ),
    )
)
