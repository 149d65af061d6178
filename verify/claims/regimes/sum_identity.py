"""ℓ + PD is a mean of ℓ and 1 (Appendix B.2, proof of Proposition B.1, eq. 28).

ℓ + PD = (1 − κ)·ℓ + κ.
"""

from theory import regimes as derived
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL, KAPPA, PD
from verify.methods.formula import Formula
from verify.methods.inequality import equal_on_networks
from verify.registry import state

STATED = Formula(ELL + PD, (ELL, KAPPA), lambda ell, kappa: (1 - kappa) * ell + kappa)
CONTROLS = (
    STATED.but("κℓ + 1 − κ", lambda ell, kappa: kappa * ell + 1 - kappa),
    STATED.but("(1 − κ)ℓ + 2κ", lambda ell, kappa: (1 - kappa) * ell + 2 * kappa),
)


def decide(formula):
    """Compare with both derivatives of log q, written in e^h and the canonical coordinates."""
    order = derived.in_exponential(derived.half_angle(derived.in_argument(derived.l_order())))
    dependence = derived.in_exponential(derived.half_angle(derived.pretraining_dependence()))
    return equal_on_networks(
        formula.left({ELL: order, PD: dependence}),
        formula({ELL: order, KAPPA: derived.canonical(derived.transfer())}),
        steps=("ℓ and PD by differentiating log q, κ by differentiating log c_FT",),
    )


state(
    "regimes.sum-identity",
    __doc__,
    (Check("both derivatives of log q", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_FT > 0", "β_FT ≠ 0"),
    requires=("regimes.pd-closed-form",),
)
