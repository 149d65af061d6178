"""On inactive dimensions (β_PT = 0) the pretraining dependence vanishes (Section 5.2)."""

from __future__ import annotations

from itertools import product
from typing import Any

import sympy as sp

from numerics import Initialization, regimes
from theory.regimes import ABSOLUTE, GAMMA, RATIO, E, G, S, Y, finetune_scale, regime_point
from theory.regimes import BETA_PT as MAGNITUDE
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.symbolic import prove_all
from verify.registry import register


def decide(magnitude: Any) -> Evidence:
    """Insert |β_PT| = `magnitude`·c in PD and in the derivative of c_FT, the rest left free."""
    point = regime_point()
    excess = ABSOLUTE * (sp.sqrt(1 + magnitude**2) - 1)
    there = sp.factor(point.pretraining_dependence.subs(E, excess))
    slope = sp.diff(finetune_scale(), MAGNITUDE).subs(MAGNITUDE, magnitude * ABSOLUTE)
    if there != 0:
        example = {Y: 1, ABSOLUTE: 1, S: 1, G: 1}
        return Evidence(
            False,
            f"PD does not vanish at |β_PT| = {magnitude}·c",
            counterexample={
                "beta_PT": str(magnitude),
                **{str(symbol): str(value) for symbol, value in example.items()},
                "PD": str(sp.N(there.subs(example), 17)),
            },
        )
    return prove_all(
        (
            ("PD = 0 for every y, c, s, g", there == 0),
            ("∂c_FT/∂|β_PT| = 0: the scale is stationary there", sp.simplify(slope) == 0),
            (
                "c_FT = 2(c+λ) + γ² there",
                sp.expand(
                    finetune_scale().subs(MAGNITUDE, 0) - 2 * ABSOLUTE * (1 + RATIO) - GAMMA**2
                )
                == 0,
            ),
        ),
        summary="PD and the slope of c_FT vanish",
    )


def decide_by_kernel(magnitude: Any) -> Evidence:
    """Evaluate the float64 kernel at β_PT = magnitude·c for many networks."""
    for c, r, gamma, beta in product((1e-9, 1.0, 1e9), (-1.0, 0.5, 1.0), (1e-3, 2.0), (1e-3, 1.0)):
        init = Initialization(c, r * c, gamma)
        value = float(regimes.pretraining_dependence(float(magnitude) * c, beta, init))
        if value != 0.0:
            return Evidence(
                False,
                "PD is not 0",
                counterexample={"c": repr(c), "lambda": repr(r * c), "PD": repr(value)},
            )
    return Evidence(True, "PD is exactly 0 at all 36 networks")


CONTROL = Control("|β_PT| = c/10 instead of 0", sp.Rational(1, 10))

register(
    Claim(
        id="regimes.inactive-independent",
        title="Inactive dimensions do not depend on pretraining",
        sentence="Where β_PT = 0, PD = 0 for every network and every β_FT ≠ 0, and "
        "c_FT = 2(c+λ) + γ²: only the edge between regimes I and III is left.",
        latex=r"\beta_{PT}=0\ \Rightarrow\ \mathrm{PD}=0,\quad c_{FT}=2(c+\lambda)+\gamma^2",
        source="Section 5.2, inactive dimensions",
        assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0"),
        requires=("regimes.pd-closed-form",),
        checks=(
            Check("insert β_PT = 0", Method.SYMBOLIC, decide, sp.Integer(0), CONTROL),
            Check(
                "float64 kernel",
                Method.FLOAT64,
                decide_by_kernel,
                sp.Integer(0),
                CONTROL,
            ),
        ),
    )
)
