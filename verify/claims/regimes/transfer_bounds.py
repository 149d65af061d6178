"""The transfer lies in [0, 1) (Proposition B.1, eq. 27).

For every network 0 ≤ κ < 1; κ = 0 exactly where β_PT = 0 or λ = −c, and κ = 1 is never attained,
but approached: as c → 0 where γ = 0, for one.

So c_FT grows more slowly than |β_PT|. When κ → 1 is said exactly in regimes.transfer-one.
"""

from dataclasses import replace

import numpy as np
import sympy as sp

from numerics import regimes
from theory.regimes import ABSOLUTE, GAMMA, E, G, S
from verify.claim import Check, Control, Method
from verify.claims.regimes._grids import networks
from verify.claims.regimes._language import KAPPA
from verify.claims.regimes._statements import (
    Approached,
    AttainedWhere,
    Holds,
    Range,
    decide,
    sides,
)
from verify.methods.numeric import Worst
from verify.registry import state

STATED = Range(
    KAPPA,
    low=AttainedWhere(0, (E, S)),
    high=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),)),
)
CONTROLS = (STATED.within(high="99/100"), STATED.within(low="1/100"))
# These bounds hold, too: to see that they are not the best takes the limit, and where κ vanishes.
WIDER = (
    STATED.within(high="101/100"),
    STATED.within(low="-1/100"),
    Control("κ > 0 for every network", Holds(KAPPA > 0)),
)
# The bounds, and where the lower one is attained: what floats can decide of it.
BOUNDS = STATED.attained
OTHER_BOUNDS = tuple(replace(control, subject=control.subject.attained) for control in CONTROLS)
ROUNDING = 4 * np.finfo(float).eps
DECADES = tuple(10.0**k for k in range(-7, 8, 2))
TRIED = {E: DECADES, S: (1e-3, 1.0, 2.0), G: tuple(size**2 for size in DECADES)}


def decide_by_kernel(theorem):
    """Evaluate κ and 1 − κ in float64 over fourteen decades of every parameter.

    Upper bounds of κ are held to 1 − κ, which does not round to 0; the two must add to 1.
    """
    bounds, least = theorem.parts
    of, attained = sides(least.equality)
    margin = Worst(smallest=True)
    for c in DECADES:
        for pretrained, init in networks(bounds.domain, TRIED, c):
            kappa = regimes.transfer(pretrained, init)
            rest = regimes.one_minus_transfer(pretrained, init)
            where = {"beta_PT": pretrained, "c": c, "gamma": init.gamma, "lambda": init.lam}
            margin.at(ROUNDING - np.abs(kappa + rest - 1), **where)
            vanishes = {E: pretrained == 0, S: init.lam == -c, G: init.gamma == 0}
            there = np.any([np.broadcast_to(vanishes[one], kappa.shape) for one in least.places], 0)
            for relation in bounds.relations:
                gap = _through(relation.gts - relation.lts, kappa, rest)
                margin.at(gap if _strict(relation) else np.where(gap == 0, 1.0, gap), **where)
            apart = np.abs(_through(of - attained, kappa, rest))
            margin.at(np.where(there, np.where(apart == 0, 1.0, -apart), apart), **where)
    return margin.measured("smallest distance from a bound that is not attained: {worst}")


def _through(gap, kappa, rest):
    """Return a + bκ; where it falls with κ, as a + b + |b|(1 − κ)."""
    slope, start = (sp.Poly(gap, KAPPA).coeff_monomial(power) for power in (KAPPA, 1))
    if sp.expand(gap - slope * KAPPA - start) != 0 or not (slope.is_number and start.is_number):
        raise ValueError(f"must be linear in κ, got {gap}")
    if slope < 0:
        return float(start + slope) - float(slope) * rest
    return float(start) + float(slope) * kappa


def _strict(relation):
    return isinstance(relation, (sp.StrictLessThan, sp.StrictGreaterThan))


state(
    "regimes.transfer-bounds",
    __doc__,
    (
        Check("coefficients of one sign", Method.SYMBOLIC, decide, STATED, (*CONTROLS, *WIDER)),
        Check(
            "float64 kernel on a grid",
            Method.FLOAT64,
            decide_by_kernel,
            BOUNDS,
            OTHER_BOUNDS,
            above=0.0,
            reason="a strict inequality: the distance from its bound is positive",
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0"),
    requires=("regimes.transfer-closed-form",),
)
