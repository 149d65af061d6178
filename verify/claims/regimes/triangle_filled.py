"""The triangle is filled (Section 5.2, “triangle”, Fig. 2).

Every pair with 1 < ℓ < 2 and −(ℓ−1) < PD ≤ 0 is attained: with κ = −PD/(ℓ−1), any c > 0,
−c < λ ≤ c, γ = 0, |β_PT| = c√(κ(2−κ))/(1−κ) and |β_FT| = c_FT·sinh 2h, where h coth h = ℓ/(2(ℓ−1))
and c_FT = (c+λ)(2−κ)/(1−κ).

h exists and is unique, h coth h increasing from 1 to ∞.
"""

import mpmath
import numpy as np
import sympy as sp

from numerics import Initialization, regimes
from theory import regimes as derived
from theory.positivity import Orthant
from theory.regime_bounds import sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E, G, H, Y, Z
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_positive, equal_on_networks
from verify.methods.numeric import Worst
from verify.registry import state

# v = κ/(1−κ) ∈ (0, ∞) parametrises κ ∈ (0, 1); ℓ = 1 + 1/(1+w) with w > 0 covers 1 < ℓ < 2.
ODDS, W = sp.symbols("v w", positive=True)
KAPPA = ODDS / (1 + ODDS)


kappa, h = sp.symbols("kappa h")
STATED = Formulas(
    magnitude=Formula(
        r"\frac{|\beta_{PT}|}{c}", (kappa,), lambda k: sp.sqrt(k * (2 - k)) / (1 - k)
    ),
    scale=Formula(r"\frac{c_{FT}}{c + \lambda}", (kappa,), lambda k: (2 - k) / (1 - k)),
    dependence=Formula(r"\mathrm{PD}", (ELL, kappa), lambda ell, k: -(ell - 1) * k),
    h_coth_h=Formula(r"h \coth h", (ELL,), lambda ell: ell / (2 * (ell - 1))),
    argument=Formula(r"\frac{|\beta_{FT}|}{c_{FT}}", (h,), lambda h: sp.sinh(2 * h)),
    gamma=Formula(r"\gamma", (), lambda: 0),
)
CONTROLS = (
    STATED.but("|β_PT| = c√κ/(1−κ)", magnitude=lambda k: sp.sqrt(k) / (1 - k)),
    STATED.but("h coth h = ℓ/(ℓ−1)", h_coth_h=lambda ell: ell / (ell - 1)),
    STATED.but("|β_FT| = c_FT·sinh h", argument=sp.sinh),
    STATED.but("c_FT = (1+r)c/(1−κ)", scale=lambda k: 1 / (1 - k)),
)


def decide(inverse):
    """Insert the network in the derived κ, c_FT, ℓ and PD; its quantities must be admissible."""
    return prove_all(steps(inverse), summary="the network attains the target, whatever it is")


def steps(inverse):
    point, order = derived.regime_point(), 1 + Y

    def same(found, stated):
        return equal_on_networks(_plain_roots(found), stated)

    found = point.transfer.subs({G: inverse.gamma() ** 2, E: _excess(inverse)})
    yield "κ of the network is the target's", same(found, KAPPA)
    scale = derived.scale_from_invariants().subs(GAMMA, inverse.gamma())
    scale = scale.subs(BETA_PT, ABSOLUTE * sp.sqrt(_squared(inverse)))
    stated = (1 + RATIO) * ABSOLUTE * inverse.scale({kappa: KAPPA})
    yield "c_FT is as stated", same(scale, stated)
    yield (
        "|β_FT|/c_FT is the z of h",
        equal_on_networks(inverse.argument({h: H}), derived.half_angle(Z)),
    )
    half = inverse.h_coth_h({ELL: order})
    found = point.l_order.subs(Y, half - 1)
    yield "ℓ of h is the target's", same(found, order)
    inserted = {Y: half - 1, G: inverse.gamma() ** 2, E: _excess(inverse)}
    found = point.pretraining_dependence.subs(inserted)
    yield (
        "PD of the network is the target's",
        same(found, inverse.dependence({ELL: order, kappa: KAPPA})),
    )
    text = "h coth h > 1 for every 1 < ℓ < 2"
    yield text, _positive(text, half.subs(Y, 1 / (1 + W)) - 1)
    text = "|β_PT| is real for every 0 < κ < 1"
    yield text, _positive(text, _squared(inverse))
    yield (
        "κ = 0 is attained at β_PT = 0",
        equal(inverse.magnitude({kappa: sp.Integer(0)}), sp.Integer(0)),
    )


def _squared(inverse):
    return sp.cancel(sp.together(inverse.magnitude({kappa: KAPPA}) ** 2))


def _excess(inverse):
    """Return √(c²+β_PT²) − c: there is a perfect square under the root, 1/(1−κ)²."""
    return ABSOLUTE * (sp.sqrt(sp.factor(1 + _squared(inverse))) - 1)


def _positive(text, expression):
    domain = (Orthant(frozenset({ODDS, W})),)
    tried = [{ODDS: size, W: size} for size in map(sp.Rational, ("1/1000", "1", "1000"))]
    return decide_positive(text, lambda: sign_on(expression, domain), expression.subs, tried)


def _plain_roots(expression):
    return sp.sympify(expression).replace(
        lambda f: f.is_Pow and f.exp == sp.S.Half, lambda f: sp.sqrt(sp.factor(f.base))
    )


def decide_by_kernel(inverse):
    """Build networks for a grid of targets and read (ℓ, PD) off the float64 kernels."""
    worst, init = Worst(), Initialization(0.5, 0.25, float(inverse.gamma()))
    for i in range(1, 12):
        for j in range(12):
            at = {ELL: sp.Rational(12 + i, 12), kappa: sp.Rational(j, 12)}
            half = float(inverse.h_coth_h(at))
            root = float(mpmath.findroot(lambda x, y=half: x * mpmath.coth(x) - y, max(half, 1.0)))
            beta_pt = init.c * float(inverse.magnitude(at))
            scale = (init.c + init.lam) * float(inverse.scale(at))
            beta_ft = float(inverse.argument({h: root})) * scale
            target = np.array([at[ELL], inverse.dependence(at)], dtype=float)
            found = np.array(
                [
                    regimes.l_order(beta_ft, init.finetune_scale(beta_pt)),
                    regimes.pretraining_dependence(beta_pt, beta_ft, init),
                ],
                dtype=float,
            )
            worst.at(np.abs(found - target), target=str(target), attained=str(found))
    return worst.measured("largest distance from 132 targets: {worst}")


state(
    "regimes.triangle-filled",
    __doc__,
    (
        Check("insert the inverse", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(
            "132 targets in float64",
            Method.FLOAT64,
            decide_by_kernel,
            STATED,
            CONTROLS,
            tolerance=1e-13,
            reason="the root h is found to 1e-15; ℓ and PD do not magnify it by more than 10",
        ),
    ),
    assumptions=("|β_FT| and |β_PT| are free",),
    requires=("regimes.triangle", "regimes.h-coth-h-increasing"),
)
