"""What of the triangle is attained at equal magnitudes (Section 5.2, “triangle”; Fig. 2b).

At |β_FT| = |β_PT| a point of the triangle, with κ = −PD/(ℓ−1) and z = z(ℓ), is attained if and only
if κ < min(1, 2z): a neighbourhood of regime II's corner is not.

κ < 2z is necessary as c_FT·κ = (1+r)β_PT²/R < 2|β_PT|. What is missing are the points with
2z(ℓ) ≤ κ, all of them at ℓ > 1.96298….
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.positivity import Orthant
from theory.regime_bounds import sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, E, S
from verify.claim import Check, Control, Method
from verify.methods.formula import shown, written
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_networks, decide_positive
from verify.registry import state

KAPPA, Z, C = sp.symbols("kappa z c", positive=True)
RADIUS = sp.sqrt(1 + C**2)


class Attained(NamedTuple):
    """κ < min(`highest`, `factor`·z) is necessary, and all such κ and z are attained at |β_PT| = 1.

    By λ/c and γ² as functions of κ, z, c and R = √(1+c²), for any small enough c.
    """

    highest: Any
    factor: Any
    ratio: Any
    gamma_squared: Any

    def latex(self):
        R = sp.Symbol("R")
        return (
            r"|\beta_{FT}| = |\beta_{PT}|: \quad (\ell, \mathrm{PD}) \ \text{attained} \iff "
            rf"0 \le \kappa < \min({shown(self.highest)}, {shown(self.factor * Z)}), "
            r"\quad z = \frac{|\beta_{FT}|}{c_{FT}} \\ "
            rf"\text{{by}} \quad \frac{{\lambda}}{{c}} = {written(self.ratio, KAPPA, Z, C, R)}, "
            rf"\quad \gamma^2 = {written(self.gamma_squared, KAPPA, Z, C, R)}, "
            rf"\quad R = {shown(RADIUS)}, \quad |\beta_{{PT}}| = 1, \quad c \to 0"
        )


STATED = Attained(
    highest=sp.Integer(1),
    factor=sp.Integer(2),
    ratio=lambda kappa, z, c, R: kappa * R / z - 1,
    gamma_squared=lambda kappa, z, c, R: (1 - kappa * R * (c + R)) / z,
)
CONTROLS = (
    Control("κ < z", STATED._replace(factor=sp.Integer(1))),
    Control("κ < 3z", STATED._replace(factor=sp.Integer(3))),
    Control("κ < min(1/2, 2z)", STATED._replace(highest=sp.Rational(1, 2))),
    Control("κ < min(2, 2z)", STATED._replace(highest=sp.Integer(2))),
    Control("λ/c = κR/z", STATED._replace(ratio=lambda kappa, z, c, R: kappa * R / z)),
    Control(
        "γ² = (1 − κR)/z", STATED._replace(gamma_squared=lambda kappa, z, c, R: (1 - kappa * R) / z)
    ),
)


def decide(statement):
    """Prove the necessary condition, insert the network, and show up to where it is admissible."""
    point = (KAPPA, Z, C, RADIUS)
    ratio, squared = statement.ratio(*point), statement.gamma_squared(*point)
    lowest_ratio, most_squared = (sp.limit(f, C, 0, "+") for f in (ratio, squared))
    network = {RATIO: ratio, GAMMA: sp.sqrt(squared)}
    at_one = {BETA_PT: sp.Integer(1), ABSOLUTE: C}
    scale = derived.scale_from_invariants().subs(at_one).subs(network)
    moved = (BETA_PT * sp.diff(derived.scale_from_invariants(), BETA_PT)).subs(at_one).subs(network)
    at_zero = (sp.Integer(0), Z, C, RADIUS)
    return prove_all(
        (
            (
                f"c_FT·κ < {statement.factor}|β_PT| for every |λ| ≤ c, so κ < {statement.factor}z",
                _necessary(statement.factor),
            ),
            ("the network has c_FT = 1/z at |β_PT| = 1", equal(sp.expand(scale), 1 / Z)),
            ("and κ = c_FT′/c_FT as asked for", equal(sp.simplify(moved * Z), KAPPA)),
            (
                "κ = 0: λ = −c and γ² = 1/z, for any c",
                (statement.ratio(*at_zero), statement.gamma_squared(*at_zero)) == (-1, 1 / Z),
            ),
            (
                "as c → 0, λ/c tends to what increases with κ",
                sp.diff(lowest_ratio, KAPPA).is_positive,
            ),
            (
                f"and reaches 1 at κ = {statement.factor}z: for 0 < κ < {statement.factor}z every "
                "small enough c > 0 has −c < λ < c",
                equal(lowest_ratio.subs(KAPPA, statement.factor * Z), sp.Integer(1)),
            ),
            (
                "as c → 0, γ² tends to what decreases with κ",
                sp.diff(most_squared, KAPPA).is_negative,
            ),
            (
                f"and reaches 0 at κ = {statement.highest}: for κ < {statement.highest} every "
                "small enough c > 0 has γ² > 0",
                equal(most_squared.subs(KAPPA, statement.highest), sp.Integer(0)),
            ),
            (
                f"κ < {statement.highest} always",
                decide_on_networks(
                    f"κ < {statement.highest}", statement.highest - derived.regime_point().transfer
                ),
            ),
        ),
        summary=f"attained exactly for κ < min({statement.highest}, {statement.factor}z)",
    )


def _necessary(factor):
    """Prove (c_FT·κ)² < (factor·|β_PT|)² with s = 1 + λ/c ≤ 2 as s = 2/(1+w)."""
    w = sp.Symbol("w", nonnegative=True)
    moved = derived.transfer() * derived.scale_from_invariants()
    gap = factor**2 * derived.canonical(BETA_PT**2) - derived.canonical(moved) ** 2
    domain = (Orthant(frozenset({ABSOLUTE, E}), frozenset({w})),)
    tiny = {ABSOLUTE: sp.Rational(1, 10**6), BETA_PT: 1, RATIO: 1, GAMMA: 0}
    return decide_positive(
        f"c_FT·κ < {factor}|β_PT|",
        lambda: sign_on(gap.subs(S, 2 / (1 + w)), domain),
        (factor * BETA_PT - moved).subs,
        [tiny],
    )


state(
    "regimes.equal-magnitude-triangle",
    __doc__,
    (
        Check(
            "necessity, and a network for every such point",
            Method.SYMBOLIC,
            decide,
            STATED,
            CONTROLS,
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "|β_FT| = |β_PT| ≠ 0"),
    requires=("regimes.triangle", "regimes.transfer-closed-form"),
)
