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
from verify.claims.regimes._language import SIGNS, in_coordinates
from verify.methods.formula import NONNEGATIVE, POSITIVE, Bound, Limit, Relation, shown, written
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_networks, decide_positive
from verify.registry import state

KAPPA, Z, C = sp.symbols("kappa z c", positive=True)
# c = |β_PT|·sinh log u and R = |β_PT|·cosh log u, for every c > 0.
W = sp.Symbol("w", positive=True)
U = 1 + W


class Attained(NamedTuple):
    """Which κ and z belong to a network with |β_FT| = |β_PT| = `magnitude`.

    Those with κ at least, or above, `lowest` and below, or at most, both `highest` and `factor`·z:
    no others, and these by λ/c and γ² as functions of κ, z, c and R = √(c²+β_PT²), in the limit of
    small c.
    """

    lowest: Bound
    relation: Relation
    highest: Any
    factor: Any
    ratio: Any
    gamma_squared: Any
    magnitude: Any = sp.Integer(1)
    small: Limit = Limit(C, 0)

    @property
    def radius(self):
        return sp.sqrt(self.magnitude**2 + C**2)

    def latex(self):
        R, low = sp.Symbol("R"), self.lowest
        above = rf"\kappa {low.relation} {shown(low.value)}"
        return (
            r"|\beta_{FT}| = |\beta_{PT}|: \quad (\ell, \mathrm{PD}) \ \text{attained} \iff "
            rf"{above}, \ \kappa {self.relation} {shown(self.highest)}, \ "
            rf"\kappa {self.relation} {shown(self.factor * Z)}, "
            r"\quad z = \frac{|\beta_{FT}|}{c_{FT}} \\ "
            rf"\text{{by}} \quad \frac{{\lambda}}{{c}} = {written(self.ratio, KAPPA, Z, C, R)}, "
            rf"\quad \gamma^2 = {written(self.gamma_squared, KAPPA, Z, C, R)}, "
            rf"\quad R = {shown(self.radius)}, \quad |\beta_{{PT}}| = {shown(self.magnitude)}, "
            rf"\quad {shown(self.small.variable)} \to {shown(self.small.to)}"
        )


STATED = Attained(
    lowest=NONNEGATIVE,
    relation=Relation.BELOW,
    highest=sp.Integer(1),
    factor=sp.Integer(2),
    ratio=lambda kappa, z, c, R: kappa * R / z - 1,
    gamma_squared=lambda kappa, z, c, R: (1 - kappa * R * (c + R)) / z,
)
CONTROLS = (
    Control("κ < (199/100)z", STATED._replace(factor=sp.Rational(199, 100))),
    Control("κ < (201/100)z", STATED._replace(factor=sp.Rational(201, 100))),
    Control("κ < 3z", STATED._replace(factor=sp.Integer(3))),
    Control("κ ≤ 2z", STATED._replace(relation=Relation.AT_MOST)),
    Control("0 < κ", STATED._replace(lowest=POSITIVE)),
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
    relation, kappa = statement.relation, derived.regime_point().transfer
    sign, factor = SIGNS[relation], statement.factor
    text = f"c_FT·κ {sign} {factor}|β_PT| for every |λ| ≤ c, so κ {sign} {factor}z"
    gap = relation.margin(moved, statement.factor * BETA_PT)
    gap = in_coordinates(gap, magnitude=BETA_PT)
    yield text, decide_on_networks(text, gap, COUPLED, strict=relation.strict)
    text, gap = f"κ {sign} {statement.highest}", relation.margin(kappa, statement.highest)
    yield text, decide_on_networks(text, gap, strict=relation.strict)
    low = statement.lowest
    text, gap = f"κ {SIGNS[low.relation]} {low.value}", low.margin(kappa)
    yield text, decide_on_networks(text, gap, strict=statement.lowest.strict)

    scale, radius = derived.scale_from_invariants(), statement.radius
    at = {BETA_PT: statement.magnitude, ABSOLUTE: C}
    network = _network(statement)
    there = scale.subs(at).subs(network)
    yield "the network has z = |β_PT|/c_FT", equal(sp.expand(there * Z), statement.magnitude)
    network = _network(statement)
    slope = (BETA_PT * sp.diff(scale, BETA_PT)).subs(at).subs(network)
    yield "and κ = c_FT′/c_FT as asked for", equal(sp.simplify(slope / there), KAPPA)

    at_lowest = (sp.sympify(statement.lowest.value), Z, C, radius)
    yield "the lowest κ: λ = −c, for any c", equal(statement.ratio(*at_lowest), sp.Integer(-1))
    yield "and γ² = 1/z", equal(statement.gamma_squared(*at_lowest), 1 / Z)

    # As c → 0; for κ between the ends every small enough c > 0 is then admissible.
    lowest = statement.small.of(statement.ratio(KAPPA, Z, C, radius))
    yield "λ/c increases with κ", _positive("slope of λ/c", sp.diff(lowest, KAPPA))
    yield "from −1 at κ = 0", equal(lowest.subs(KAPPA, 0), sp.Integer(-1))
    end = {KAPPA: statement.factor * Z}
    yield f"to 1 at κ = {statement.factor}z", equal(lowest.subs(end), sp.Integer(1))
    most = statement.small.of(statement.gamma_squared(KAPPA, Z, C, radius))
    yield "γ² decreases with κ", _positive("minus the slope of γ²", -sp.diff(most, KAPPA))
    one = {KAPPA: statement.highest}
    yield f"to 0 at κ = {statement.highest}", equal(most.subs(one), sp.Integer(0))
    # An end is excluded where the network would be beyond λ = c, or γ = 0, for every c > 0.
    any_c = [Z, *(statement.magnitude * (U + sign / U) / 2 for sign in (-1, 1))]
    beyond = {
        f"λ/c − 1 at κ = {statement.factor}z": statement.ratio(statement.factor * Z, *any_c) - 1,
        f"−γ² at κ = {statement.highest}": -statement.gamma_squared(statement.highest, *any_c),
    }
    for text, excess in beyond.items():
        text += " is positive: excluded" if relation.strict else " is not positive: attained"
        yield text, _positive(text, excess if relation.strict else -excess)


def _network(statement):
    point = (KAPPA, Z, C, statement.radius)
    return {
        RATIO: statement.ratio(*point),
        GAMMA: sp.sqrt(statement.gamma_squared(*point)),
    }


def _positive(text, expression):
    domain = (Orthant(frozenset({KAPPA, Z, W})),)
    tried = [{KAPPA: sp.Rational(1, 2), Z: sp.Integer(1), W: sp.Integer(1)}]
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
