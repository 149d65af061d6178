"""ℓ, PD and q through h = ½ asinh|z| (rewriting of Proposition B.1).

φ = 2q/c_FT = 2 sinh h (2h cosh h − sinh h),   ℓ − 1 = 1/(2h coth h − 1),
2 − ℓ = 2(h coth h − 1)/(2h coth h − 1),       PD = −κ/(2h coth h − 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from theory.regimes import (
    H,
    canonical,
    half_angle,
    in_argument,
    in_exponential,
    l_order,
    normalised_penalty,
    pretraining_dependence,
    transfer,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal
from verify.methods.symbolic import prove_all
from verify.registry import register

# The stated forms, functions of h and κ.
Forms = Mapping[str, Callable[[Any, Any], Any]]

STATED: Forms = MappingProxyType(
    {
        "φ": lambda h, _: 2 * sp.sinh(h) * (2 * h * sp.cosh(h) - sp.sinh(h)),
        "ℓ − 1": lambda h, _: 1 / (2 * h * sp.coth(h) - 1),
        "2 − ℓ": lambda h, _: 2 * (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1),
        "PD": lambda h, kappa: -kappa / (2 * h * sp.coth(h) - 1),
    }
)


def decide(forms: Forms) -> Evidence:
    """Compare each form with what the derived penalty and scale give under z = sinh 2h."""
    kappa = canonical(transfer())
    order = in_argument(l_order())
    derived = {
        "φ": normalised_penalty(),
        "ℓ − 1": order - 1,
        "2 − ℓ": 2 - order,
        "PD": pretraining_dependence(),
    }
    steps = []
    for name, form in forms.items():
        left = in_exponential(half_angle(derived[name]))
        right = in_exponential(form(H, kappa))
        steps.append((f"{name} = {form(H, sp.Symbol('kappa'))}", decide_equal(left, right)))
    return prove_all(steps, summary="all four forms follow from z = sinh 2h")


def _with(name: str, form: Callable[[Any, Any], Any]) -> Forms:
    return MappingProxyType({**STATED, name: form})


register(
    Claim(
        id="regimes.half-angle-forms",
        title="ℓ and PD through the half angle",
        sentence="With h = ½ asinh|z|: φ = 2 sinh h (2h cosh h − sinh h), "
        "ℓ − 1 = 1/(2h coth h − 1), 2 − ℓ = 2(h coth h − 1)/(2h coth h − 1) and "
        "PD = −κ/(2h coth h − 1), where q = ½ c_FT φ.",
        latex=r"\varphi=2\sinh h\,(2h\cosh h-\sinh h),\quad"
        r"\ell-1=\frac{1}{2h\coth h-1}\\"
        r"2-\ell=\frac{2(h\coth h-1)}{2h\coth h-1},\quad"
        r"\mathrm{PD}=-\frac{\kappa}{2h\coth h-1},\quad h=\frac{1}{2}\operatorname{asinh}|z|",
        source="rewriting of Proposition B.1",
        assumptions=("c_FT > 0", "β_FT ≠ 0"),
        checks=(
            Check(
                "substitute z = sinh 2h",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control(
                        "φ without the factor 2 of h",
                        _with("φ", lambda h, _: 2 * sp.sinh(h) * (h * sp.cosh(h) - sp.sinh(h))),
                    ),
                    Control(
                        "tanh for coth in ℓ − 1",
                        _with("ℓ − 1", lambda h, _: 1 / (2 * h * sp.tanh(h) - 1)),
                    ),
                    Control(
                        "2 − ℓ with the factor 1 for 2",
                        _with(
                            "2 − ℓ",
                            lambda h, _: (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1),
                        ),
                    ),
                    Control(
                        "PD with the sign of +κ",
                        _with("PD", lambda h, kappa: kappa / (2 * h * sp.coth(h) - 1)),
                    ),
                ),
            ),
        ),
    )
)
