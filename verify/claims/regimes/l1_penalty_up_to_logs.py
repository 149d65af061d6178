"""The rich penalty is ℓ1 up to logarithms (Section 5.1, regime I).

For every β ≠ 0, with L = log(2|β|/c_FT) − 1:
½|β|·L + ½c_FT − c_FT²/(8|β|) < q < ½|β|·L + ½c_FT; so q/(½ log(1/c_FT)) → |β| as c_FT → 0.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import mpmath
import sympy as sp

from numerics import multiprecision
from theory.regime_bounds import T, decay_certificate, logarithm_of_double_argument
from theory.regimes import H, half_angle, normalised_penalty
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_on_half_line
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Expansion:
    """φ = 2q/c_FT lies between z(log 2z − `shift`) + `constant` and that minus `remainder`/z."""

    shift: Any
    constant: Any
    remainder: Any


STATED = Expansion(sp.Integer(1), sp.Integer(1), sp.Rational(1, 4))


def decide(expansion: Expansion) -> Evidence:
    """Divide by z = sinh t: both gaps decrease to 0 as t → ∞ and so are positive."""
    phi = half_angle(normalised_penalty()).subs(H, T / 2)
    z = sp.sinh(T)
    # (φ − constant)/z with the terms that grow with t split off: t + what decays.
    ratio = sp.expand((phi - expansion.constant) / z)
    gap = sp.expand(logarithm_of_double_argument() - expansion.shift - ratio)
    steps = [
        (
            f"φ < z(log 2z − {expansion.shift}) + {expansion.constant}",
            decide_on_half_line("upper bound", gap, T, decay_certificate),
        ),
        (
            f"φ > z(log 2z − {expansion.shift}) + {expansion.constant} − {expansion.remainder}/z",
            decide_on_half_line(
                "lower bound", expansion.remainder / z**2 - gap, T, decay_certificate
            ),
        ),
        (
            "φ/(z·log 2z) → 1, hence q/(½ log(1/c_FT)) → |β|",
            _same_growth(expansion),
        ),
    ]
    # A step that is refuted decides, whatever the others leave open.
    steps.sort(key=lambda step: step[1].holds is not False)
    return prove_all(steps, summary="both bounds hold for every β ≠ 0")


def _same_growth(expansion: Expansion) -> Evidence:
    """Take the limit of both bounds over z·log 2z, which is that of ½|β| log(1/c_FT)."""
    z = sp.Symbol("z", positive=True)
    above = z * (sp.log(2 * z) - expansion.shift) + expansion.constant
    limits = [
        sp.limit(bound / (z * sp.log(2 * z)), z, sp.oo)
        for bound in (above, above - expansion.remainder / z)
    ]
    return Evidence(limits == [1, 1], f"the bounds over z·log 2z tend to {limits}")


def decide_by_numbers(expansion: Expansion) -> Evidence:
    """Hold q at 400 digits to both bounds, from z = 1/100 to 1e60."""
    with mpmath.workdps(400):
        for text in ("0.01", "0.5", "1", "10", "1e6", "1e30", "1e60"):
            z = mpmath.mpf(text)
            phi = 2 * multiprecision.penalty(text, 1, digits=390)
            leading = z * (mpmath.log(2 * z) - int(expansion.shift)) + int(expansion.constant)
            scaled = (leading - phi) * z
            if not 0 < scaled < mpmath.mpf(expansion.remainder.p) / expansion.remainder.q:
                return Evidence(
                    False,
                    "a bound is violated",
                    counterexample={"z": text, "z·(leading − φ)": mpmath.nstr(scaled, 17)},
                )
    return Evidence(True, "both bounds hold at all points")


CONTROLS = (
    Control("log 2z without − 1", replace(STATED, shift=sp.Integer(0))),
    Control("constant 0", replace(STATED, constant=sp.Integer(0))),
    Control("remainder 1/(8z)", replace(STATED, remainder=sp.Rational(1, 8))),
)

register(
    Claim(
        id="regimes.l1-penalty-up-to-logs",
        title="The rich penalty is ℓ1 up to logarithms",
        sentence="For every β ≠ 0, with L = log(2|β|/c_FT) − 1, "
        "½|β|L + ½c_FT − c_FT²/(8|β|) < q < ½|β|L + ½c_FT; hence q/(½ log(1/c_FT)) → |β| as "
        "c_FT → 0.",
        latex=r"q=\frac{|\beta|}{2}\left(\log\frac{2|\beta|}{c_{FT}}-1\right)+\frac{c_{FT}}{2}"
        r"-\vartheta\,\frac{c_{FT}^2}{8|\beta|},\quad 0<\vartheta<1",
        source="Section 5.1, regime I",
        assumptions=("c_FT > 0", "β ≠ 0"),
        checks=(
            Check("decay in t = asinh z", Method.SYMBOLIC, decide, STATED, CONTROLS),
            Check(
                "400 digits",
                Method.MULTIPRECISION,
                decide_by_numbers,
                STATED,
                CONTROLS,
            ),
        ),
    )
)
