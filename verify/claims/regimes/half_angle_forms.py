"""ℓ and PD through the half angle (rewriting of Proposition B.1).

With h = ½ asinh|z|: φ = 2 sinh h (2h cosh h − sinh h), ℓ − 1 = 1/(2h coth h − 1),
2 − ℓ = 2(h coth h − 1)/(2h coth h − 1) and PD = −κ/(2h coth h − 1), where φ = 2q/c_FT.
"""

import sympy as sp

from theory import regimes as derived
from theory.regimes import SCALE, H
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL, PD, Q, argument_of
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import prove_all
from verify.methods.inequality import equal_on_networks
from verify.methods.notation import as_written
from verify.registry import state

KAPPA = sp.Symbol("kappa")


def penalty(h):
    return 2 * sp.sinh(h) * (2 * h * sp.cosh(h) - sp.sinh(h))


def below_two(h):
    return 2 * (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1)


def dependence(h, kappa):
    return -kappa / (2 * h * sp.coth(h) - 1)


with as_written():
    STATED = Formulas(
        penalty=Formula(2 * Q / SCALE, (H,), penalty),
        above_one=Formula(ELL - 1, (H,), lambda h: 1 / (2 * h * sp.coth(h) - 1)),
        below_two=Formula(2 - ELL, (H,), below_two),
        dependence=Formula(PD, (H, KAPPA), dependence),
    )
CONTROLS = (
    STATED.but(
        "φ without the factor 2 of h",
        penalty=lambda h: 2 * sp.sinh(h) * (h * sp.cosh(h) - sp.sinh(h)),
    ),
    STATED.but("tanh for coth in ℓ − 1", above_one=lambda h: 1 / (2 * h * sp.tanh(h) - 1)),
    STATED.but(
        "2 − ℓ with the factor 1 for 2",
        below_two=lambda h: (h * sp.coth(h) - 1) / (2 * h * sp.coth(h) - 1),
    ),
    STATED.but("PD with the sign of +κ", dependence=lambda h, kappa: dependence(h, -kappa)),
)


def decide(stated):
    """Compare each form with what the derived penalty and scale give under z = sinh 2h."""
    return prove_all(steps(stated), summary="all four forms follow from z = sinh 2h")


def steps(stated):
    quantities = {
        Q: derived.penalty_by_integration(),
        ELL: derived.in_argument(derived.l_order()),
        PD: derived.pretraining_dependence(),
    }
    kappa = derived.canonical(derived.transfer())
    for name, form in (
        ("φ", stated.penalty),
        ("ℓ − 1", stated.above_one),
        ("2 − ℓ", stated.below_two),
        ("PD", stated.dependence),
    ):
        left = form.left(quantities)
        left = sp.expand(argument_of(left)) if form.name.has(Q) else left
        yield (
            name,
            equal_on_networks(
                derived.in_exponential(derived.half_angle(left)),
                derived.in_exponential(form({KAPPA: kappa})),
            ),
        )


state(
    "regimes.half-angle-forms",
    __doc__,
    (Check("substitute z = sinh 2h", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_FT > 0", "β_FT ≠ 0", "h = ½ asinh|z|, z = β_FT/c_FT"),
    requires=("regimes.pd-closed-form",),
)
