"""What of the triangle is attained at equal magnitudes (Section 5.2, “triangle”; Fig. 2b).

At |β_FT| = |β_PT| a point of the triangle, with κ = −PD/(ℓ−1) and z = z(ℓ), is attained if and only
if κ < min(1, 2z); so near regime II's corner, where z → 0 and κ → 1, no point is.

κ < 2z is necessary as c_FT·κ = (1+r)β_PT²/R < 2|β_PT|. What is missing are the points with
2z(ℓ) ≤ κ, all of them at ℓ > 1.96298….
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO
from verify.claim import Check, Control, Method
from verify.claims.regimes._statements import in_coordinates
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
    Control("κ < (199/100)z", STATED._replace(factor=sp.Rational(199, 100))),
    Control("κ < (201/100)z", STATED._replace(factor=sp.Rational(201, 100))),
    Control("κ < 3z", STATED._replace(factor=sp.Integer(3))),
    Control("κ < min(99/100, 2z)", STATED._replace(highest=sp.Rational(99, 100))),
    Control("κ < min(101/100, 2z)", STATED._replace(highest=sp.Rational(101, 100))),
    Control("λ/c = κR/z", STATED._replace(ratio=lambda kappa, z, c, R: kappa * R / z)),
    Control(
        "γ² = (1 − κR)/z", STATED._replace(gamma_squared=lambda kappa, z, c, R: (1 - kappa * R) / z)
    ),
)


def decide(statement):
    """Prove the necessary condition, insert the network, and show up to where it is admissible."""
    summary = f"attained exactly for κ < min({statement.highest}, {statement.factor}z)"
    return prove_all(steps(statement), summary=summary)


def steps(statement):
    # With s = 1 + λ/c: c_FT·κ = s·β_PT²/R.
    moved = derived.transfer() * derived.scale_from_invariants()
    text = f"c_FT·κ < {statement.factor}|β_PT| for every |λ| ≤ c, so κ < {statement.factor}z"
    gap = in_coordinates(statement.factor * BETA_PT - moved, magnitude=BETA_PT)
    yield text, decide_on_networks(text, gap, COUPLED)
    text = f"κ < {statement.highest}"
    yield text, decide_on_networks(text, statement.highest - derived.regime_point().transfer)

    scale = derived.scale_from_invariants()
    network, at_one = _network(statement), {BETA_PT: sp.Integer(1), ABSOLUTE: C}
    there = scale.subs(at_one).subs(network)
    yield "the network has c_FT = 1/z at |β_PT| = 1", equal(sp.expand(there), 1 / Z)
    network = _network(statement)
    slope = (BETA_PT * sp.diff(scale, BETA_PT)).subs(at_one).subs(network)
    yield "and κ = c_FT′/c_FT as asked for", equal(sp.simplify(slope * Z), KAPPA)

    at_zero = (sp.Integer(0), Z, C, RADIUS)
    yield "κ = 0: λ = −c, for any c", equal(statement.ratio(*at_zero), sp.Integer(-1))
    yield "and γ² = 1/z", equal(statement.gamma_squared(*at_zero), 1 / Z)

    # As c → 0; for 0 < κ < min(highest, factor·z) every small enough c > 0 is then admissible.
    lowest = sp.limit(statement.ratio(KAPPA, Z, C, RADIUS), C, 0, "+")
    yield "λ/c increases with κ", _positive("slope of λ/c", sp.diff(lowest, KAPPA))
    yield "from −1 at κ = 0", equal(lowest.subs(KAPPA, 0), sp.Integer(-1))
    end = lowest.subs(KAPPA, statement.factor * Z)
    yield f"to 1 at κ = {statement.factor}z", equal(end, sp.Integer(1))
    most = sp.limit(statement.gamma_squared(KAPPA, Z, C, RADIUS), C, 0, "+")
    yield "γ² decreases with κ", _positive("minus the slope of γ²", -sp.diff(most, KAPPA))
    end = most.subs(KAPPA, statement.highest)
    yield f"to 0 at κ = {statement.highest}", equal(end, sp.Integer(0))


def _network(statement):
    point = (KAPPA, Z, C, RADIUS)
    return {
        RATIO: statement.ratio(*point),
        GAMMA: sp.sqrt(statement.gamma_squared(*point)),
    }


def _positive(text, expression):
    domain = (Orthant(frozenset({KAPPA, Z})),)
    tried = [{KAPPA: sp.Rational(1, 2), Z: sp.Integer(1)}]
    return decide_positive(text, lambda: sign_on(expression, domain), expression.subs, tried)


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
