"""At |β_FT| = |β_PT| not all of the triangle is attained (Section 5.2, Fig. 2b).

The phase portraits of Section 5.2 set |β_FT| = |β_PT|. Then κ < 2z with z = |β_FT|/c_FT, since
c_FT·κ = (1+r)β_PT²/R < 2|β_PT|; and every κ < min(1, 2z) is attained. What is missing is the
neighbourhood of regime II's corner: points with 2z(ℓ) ≤ κ, all of them at ℓ > 1.96298….
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS, sign_on
from theory.regimes import (
    ABSOLUTE,
    BETA_PT,
    GAMMA,
    RATIO,
    E,
    canonical,
    finetune_scale,
    regime_point,
    transfer,
)
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.inequality import decide_equal, decide_on_networks
from verify.methods.symbolic import prove_all
from verify.registry import register


@dataclass(frozen=True)
class Attained:
    """κ < `factor`·z is necessary; λ/c and γ² attain κ and z at |β_PT| = 1 with given c, R."""

    factor: Any
    ratio: Callable[..., Any]
    gamma_squared: Callable[..., Any]


STATED = Attained(
    sp.Integer(2),
    ratio=lambda kappa, z, c, radius: kappa * radius / z - 1,
    gamma_squared=lambda kappa, z, c, radius: (1 - kappa * radius * (c + radius)) / z,
)


def decide(statement: Attained) -> Evidence:
    """Prove the necessary condition, insert the network, and show that it is admissible."""
    point = regime_point()
    # s ≤ 2 as s = 2/(1+w): λ ≤ c. κ < factor·z reads c_FT·κ < factor·|β_PT| at equal magnitudes.
    w = sp.Symbol("w", nonnegative=True)
    moved = canonical(transfer() * finetune_scale())
    squared = canonical(BETA_PT**2)
    gap = (statement.factor**2 * squared - moved**2).subs(
        sp.Symbol("s", nonnegative=True), 2 / (1 + w)
    )
    case = (Orthant(frozenset({ABSOLUTE, E}), frozenset({w})),)
    kappa, z, c = sp.symbols("kappa z c", positive=True)
    radius = sp.sqrt(1 + c**2)
    network = {
        RATIO: statement.ratio(kappa, z, c, radius),
        GAMMA: sp.sqrt(statement.gamma_squared(kappa, z, c, radius)),
    }
    at_one = {BETA_PT: sp.Integer(1), ABSOLUTE: c}
    scale = finetune_scale().subs(at_one).subs(network)
    attained = (BETA_PT * sp.diff(finetune_scale(), BETA_PT)).subs(at_one).subs(network)
    limits = {
        "λ/c": sp.limit(network[RATIO], c, 0, "+") - (kappa / z - 1),
        "γ²": sp.limit(network[GAMMA] ** 2, c, 0, "+") - (1 - kappa) / z,
    }
    return prove_all(
        (
            (
                f"c_FT·κ < {statement.factor}|β_PT| for every |λ| ≤ c",
                _necessary(gap, case, statement),
            ),
            (
                "the network has c_FT = 1/z at |β_PT| = 1",
                decide_equal(sp.expand(scale), 1 / z),
            ),
            ("and κ = c_FT′/c_FT as asked for", decide_equal(sp.simplify(attained * z), kappa)),
            (
                "as c → 0: λ/c → κ/z − 1, which lies in (−1, 1) exactly if 0 < κ < 2z",
                sp.simplify(limits["λ/c"]) == 0,
            ),
            (
                "κ = 0: λ = −c and γ² = 1/z, for any c",
                (statement.ratio(0, z, c, radius), statement.gamma_squared(0, z, c, radius))
                == (-1, 1 / z),
            ),
            (
                "as c → 0: γ² → (1−κ)/z > 0; so some c > 0 serves",
                sp.simplify(limits["γ²"]) == 0,
            ),
            ("κ < 1 always", decide_on_networks("κ < 1", 1 - point.transfer, ALL_NETWORKS)),
        ),
        summary="attained exactly for κ < min(1, 2z)",
    )


def _necessary(gap: Any, case: tuple[Orthant, ...], statement: Attained) -> Evidence:
    if sign_on(gap, case) is not None:
        return Evidence(True, "coefficients of one sign")
    # λ = c, γ = 0, c = 1e-6, |β_PT| = 1.
    tiny = {ABSOLUTE: sp.Rational(1, 10**6), BETA_PT: 1, RATIO: 1, GAMMA: 0}
    value = sp.N((transfer() * finetune_scale()).subs(tiny), 17)
    if value >= statement.factor:
        return Evidence(
            False,
            "violated",
            counterexample={"c = lambda": "1e-6", "beta_PT": "1", "c_FT*kappa": str(value)},
        )
    return Evidence(None, "neither proved nor refuted")


register(
    Claim(
        id="regimes.equal-magnitude-triangle",
        title="What of the triangle is attained at equal magnitudes",
        sentence="At |β_FT| = |β_PT| a point of the triangle, with κ = −PD/(ℓ−1) and z = z(ℓ), is "
        "attained if and only if κ < min(1, 2z): a neighbourhood of regime II's corner is not.",
        latex=r"|\beta_{FT}|=|\beta_{PT}|:\quad(\ell,\mathrm{PD})\ \text{attained}"
        r"\iff 0\le\kappa<\min(1,2z),\quad z=\frac{|\beta_{FT}|}{c_{FT}}",
        source="Section 5.2, Fig. 2b (|β_FT| = |β_PT| = 1)",
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "|β_FT| = |β_PT| ≠ 0"),
        requires=("regimes.triangle", "regimes.transfer-closed-form"),
        checks=(
            Check(
                "necessity, and a network for every such point",
                Method.SYMBOLIC,
                decide,
                STATED,
                (
                    Control("κ < z", replace(STATED, factor=sp.Integer(1))),
                    Control(
                        "λ/c = κR/z",
                        replace(STATED, ratio=lambda kappa, z, c, radius: kappa * radius / z),
                    ),
                    Control(
                        "γ² = (1 − κR)/z",
                        replace(
                            STATED,
                            gamma_squared=lambda kappa, z, c, radius: (1 - kappa * radius) / z,
                        ),
                    ),
                ),
            ),
        ),
    )
)
