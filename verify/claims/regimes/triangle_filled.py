"""The triangle is filled (Section 5.2, “triangle”, Fig. 2).

Every pair with 1 < ℓ < 2 and −(ℓ−1) < PD ≤ 0 is attained: with κ = −PD/(ℓ−1), any c > 0,
−c < λ ≤ c, γ = 0, |β_PT| = c√(κ(2−κ))/(1−κ) and |β_FT| = c_FT·sinh 2h, where h coth h = ℓ/(2(ℓ−1))
and c_FT = (c+λ)(2−κ)/(1−κ).

h exists and is unique, h coth h increasing from 1 to ∞.
"""

from dataclasses import replace

import mpmath
import numpy as np
import sympy as sp

from numerics import Initialization, regimes
from theory import regimes as derived
from theory.positivity import Orthant
from theory.regime_bounds import sign_on
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE, E, G, H, Y
from verify.claim import Check, Method
from verify.claims.regimes._language import ELL, PD, argument_of, solved
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_positive, equal_on_networks
from verify.methods.notation import as_written
from verify.methods.numeric import Worst
from verify.methods.relations import Bound, Relation
from verify.registry import state

# v = κ/(1−κ) ∈ (0, ∞) parametrises κ ∈ (0, 1); ℓ = 1 + 1/(1+w) with w > 0 covers 1 < ℓ < 2.
ODDS, W = sp.symbols("v w", positive=True)
KAPPA, ORDER = ODDS / (1 + ODDS), 1 + 1 / (1 + W)

kappa, h, gamma = sp.symbols("kappa h gamma")
c, lam, beta_pt, beta_ft, c_ft = sp.symbols("c lambda beta_PT beta_FT c_FT")
with as_written():
    STATED = Formulas(
        magnitude=Formula(sp.Abs(beta_pt) / c, (kappa,), lambda k: sp.sqrt(k * (2 - k)) / (1 - k)),
        scale=Formula(c_ft / (c + lam), (kappa,), lambda k: (2 - k) / (1 - k)),
        dependence=Formula(PD, (ELL, kappa), lambda ell, k: -(ell - 1) * k),
        h_coth_h=Formula(
            h * sp.coth(h),
            (ELL,),
            lambda ell: ell / (2 * (ell - 1)),
            bounds=(Bound(Relation.ABOVE, 1),),
        ),
        argument=Formula(sp.Abs(beta_ft) / c_ft, (h,), lambda h: sp.sinh(2 * h)),
        gamma=Formula(gamma, (), lambda: 0),
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
    point, size = derived.regime_point(), solved(inverse.magnitude, beta_pt, {c: ABSOLUTE})
    at_gamma = solved(inverse.gamma, gamma)
    size, target = size.subs(kappa, KAPPA), {ELL: ORDER, kappa: KAPPA}
    squared = sp.cancel(sp.together(size**2))
    # There is a perfect square under the root of √(c²+β_PT²) − c, 1/(1−κ)².
    excess = ABSOLUTE * (sp.sqrt(sp.factor(1 + squared / ABSOLUTE**2)) - 1)

    def same(found, stated):
        return equal_on_networks(_plain_roots(found), stated)

    found = point.transfer.subs({G: at_gamma**2, E: excess})
    yield "κ of the network is the target's", same(found, KAPPA)
    scale = derived.scale_from_invariants().subs(GAMMA, at_gamma)
    scale = scale.subs(BETA_PT, ABSOLUTE * sp.sqrt(squared / ABSOLUTE**2))
    scale = inverse.scale.left({c_ft: scale, c: ABSOLUTE, lam: RATIO * ABSOLUTE})
    yield "c_FT is as stated", same(scale, inverse.scale(target))
    argument = argument_of(inverse.argument.left({beta_ft: BETA_FT, c_ft: SCALE}))
    yield (
        "|β_FT|/c_FT is the z of h",
        equal_on_networks(inverse.argument({h: H}), derived.half_angle(argument)),
    )
    # h coth h = 1 + y.
    left = inverse.h_coth_h.left({h: H}).subs(sp.coth(H), (1 + Y) / H)
    y = solved(replace(inverse.h_coth_h, name=sp.expand(left)), Y, at=target)
    yield "ℓ of h is the target's", same(point.l_order.subs(Y, y), ORDER)
    found = point.pretraining_dependence.subs({Y: y, G: at_gamma**2, E: excess})
    yield (
        "PD of the network is the target's",
        same(found, solved(inverse.dependence, PD, at=target)),
    )
    for bound in inverse.h_coth_h.bounds:
        margin = sp.cancel(bound.margin(inverse.h_coth_h(target)))
        text = f"h coth h {bound.relation} {bound.value} for every 1 < ℓ < 2"
        yield text, _positive(text, margin, strict=bound.strict)
        yield "no better bound: it comes to it as ℓ → 2", equal(sp.limit(margin, W, 0, "+"), 0)
    text = "so there is such an h: y > 0"
    yield text, _positive(text, y)
    text = "|β_PT| is real for every 0 < κ < 1"
    yield text, _positive(text, squared)
    yield "and not negative: the root of its square", same(size, sp.sqrt(squared))
    yield (
        "κ = 0 is attained at β_PT = 0",
        equal(inverse.magnitude.left({beta_pt: 0}), inverse.magnitude({kappa: sp.Integer(0)})),
    )


def _positive(text, expression, *, strict=True):
    domain = (Orthant(frozenset({ODDS, W, ABSOLUTE})),)
    tried = [
        {ODDS: size, W: size, ABSOLUTE: size} for size in map(sp.Rational, ("1/1000", "1", "1000"))
    ]
    return decide_positive(
        text,
        lambda: sign_on(expression, domain, strict=strict),
        expression.subs,
        tried,
        strict=strict,
    )


def _plain_roots(expression):
    return sp.sympify(expression).replace(
        lambda f: f.is_Pow and f.exp == sp.S.Half, lambda f: sp.sqrt(sp.factor(f.base))
    )


def decide_by_kernel(inverse):
    """Build networks for a grid of targets and read (ℓ, PD) off the float64 kernels."""
    worst, init = Worst(), Initialization(0.5, 0.25, float(solved(inverse.gamma, gamma)))
    start = {c: init.c, lam: init.lam}
    size, scale = (
        sp.lambdify(kappa, solved(form, unknown).subs(start))
        for form, unknown in ((inverse.magnitude, beta_pt), (inverse.scale, c_ft))
    )
    argument = sp.lambdify((h, c_ft), solved(inverse.argument, beta_ft))
    h_coth_h = sp.lambdify(h, inverse.h_coth_h.left({h: h}), "mpmath")
    for i in range(1, 12):
        for j in range(12):
            at = {ELL: sp.Rational(12 + i, 12), kappa: sp.Rational(j, 12)}
            half = float(inverse.h_coth_h(at))
            root = mpmath.findroot(lambda x, y=half: h_coth_h(x) - y, max(half, 1.0))
            for bound in inverse.h_coth_h.bounds:
                missed = max(0.0, -float(bound.margin(h_coth_h(root))))
                worst.at(missed, target=str(at), attained=str(root))
            pretrained = size(j / 12)
            own = argument(float(root), scale(j / 12))
            target = np.array([at[ELL], solved(inverse.dependence, PD, at=at)], dtype=float)
            found = np.array(
                [
                    regimes.l_order(own, init.finetune_scale(pretrained)),
                    regimes.pretraining_dependence(pretrained, own, init),
                ],
                dtype=float,
            )
            worst.at(np.abs(found - target), target=str(target), attained=str(found))
    return worst.measured("largest distance from 132 targets, or beyond a bound: {worst}")


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
