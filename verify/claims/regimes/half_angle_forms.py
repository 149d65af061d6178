"""ℓ and PD through the half angle (rewriting of Proposition B.1).

With h = ½ asinh|z|: φ = 2 sinh h (2h cosh h − sinh h), ℓ − 1 = 1/(2h coth h − 1),
2 − ℓ = 2(h coth h − 1)/(2h coth h − 1) and PD = −κ/(2h coth h − 1), where q = ½ c_FT φ.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.regimes import H
from verify.claim import Check, Control, Method
from verify.methods.formula import written
from verify.methods.identity import equal
from verify.methods.inequality import among_networks
from verify.methods.symbolic import prove_all
from verify.registry import state

KAPPA = sp.Symbol("kappa")
NAMES = (r"\varphi = \frac{2 q}{c_{FT}}", r"\ell - 1", r"2 - \ell", r"\mathrm{PD}")


class Forms(NamedTuple):
    """φ, ℓ − 1, 2 − ℓ and PD as functions of h and κ."""

    penalty: Any
    above_one: Any
    below_two: Any
    dependence: Any

    def latex(self):
        forms = (rf"{name} = {written(f, H, KAPPA)}" for name, f in zip(NAMES, self, strict=True))
        return r" \\ ".join(forms)


STATED = Forms(
    penalty=lambda h, _: 2 * sp.sinh(h) * (2 * h * sp.cosh(h) - sp.sinh(h)),
    above_one=lambda h, _: 1 / (2 * h * sp.coth(h) - 1),
    below_two=lambda h, _: 2 * (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1),
    dependence=lambda h, kappa: -kappa / (2 * h * sp.coth(h) - 1),
)
CONTROLS = (
    Control(
        "φ without the factor 2 of h",
        STATED._replace(penalty=lambda h, _: 2 * sp.sinh(h) * (h * sp.cosh(h) - sp.sinh(h))),
    ),
    Control(
        "tanh for coth in ℓ − 1",
        STATED._replace(above_one=lambda h, _: 1 / (2 * h * sp.tanh(h) - 1)),
    ),
    Control(
        "2 − ℓ with the factor 1 for 2",
        STATED._replace(below_two=lambda h, _: (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1)),
    ),
    Control(
        "PD with the sign of +κ",
        STATED._replace(dependence=lambda h, kappa: kappa / (2 * h * sp.coth(h) - 1)),
    ),
)


def decide(forms):
    """Compare each form with what the derived penalty and scale give under z = sinh 2h."""
    order = derived.in_argument(derived.l_order())
    expected = (
        derived.normalised_penalty(),
        order - 1,
        2 - order,
        derived.pretraining_dependence(),
    )
    kappa = derived.canonical(derived.transfer())
    return prove_all(
        (
            (
                f"{name}: {form(H, KAPPA)}",
                equal(
                    derived.in_exponential(derived.half_angle(expression)),
                    derived.in_exponential(form(H, kappa)),
                    within=among_networks,
                ),
            )
            for name, form, expression in zip(forms._fields, forms, expected, strict=True)
        ),
        summary="all four forms follow from z = sinh 2h",
    )


state(
    "regimes.half-angle-forms",
    __doc__,
    (Check("substitute z = sinh 2h", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_FT > 0", "β_FT ≠ 0", "h = ½ asinh|z|, z = β_FT/c_FT"),
)
