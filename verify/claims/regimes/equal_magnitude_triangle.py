"""What of the triangle is attained at equal magnitudes (Section 5.2, “triangle”; Fig. 2b).

At |β_FT| = |β_PT| a point of the triangle, with κ = −PD/(ℓ−1) and z = z(ℓ), is attained if and only
if κ < min(1, 2z); so near regime II's corner, where z → 0 and κ → 1, no point is.

κ < 2z is necessary as c_FT·κ = (1+r)β_PT²/R < 2|β_PT|. What is missing are the points with
2z(ℓ) ≤ κ, all of them at ℓ > 1.96298….
"""

from dataclasses import replace
from typing import Any, NamedTuple

import sympy as sp

from theory import regimes as derived
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, sign_on
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import SIGNS, in_coordinates, plain, solved
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_networks, decide_positive
from verify.methods.notation import as_written, shown
from verify.methods.relations import Limit, Relation, Side, stated_limit
from verify.registry import state

KAPPA, Z, C, R = sp.symbols("kappa z c R", positive=True)
beta_pt, beta_ft, c_ft, lam, gamma = sp.symbols("beta_PT beta_FT c_FT lambda gamma")
# c = |β_PT|·sinh log u and R = |β_PT|·cosh log u, for every c > 0.
W = sp.Symbol("w", positive=True)
U = 1 + W


class Attained(NamedTuple):
    """Which κ and z belong to a network with |β_FT| = `own`: those within three bounds, no others.

    They are attained by λ/c and γ² as functions of κ, z, c and R, at one |β_PT|, in the limit of
    small c.
    """

    own: Formula
    argument: Formula
    lowest: Formula
    highest: Formula
    multiple: Formula
    ratio: Formula
    gamma_squared: Formula
    radius: Formula
    magnitude: Formula
    small: Limit = Limit(C, 0, Side.ABOVE)

    def latex(self):
        bounds = r",\ ".join(one.latex() for one in (self.lowest, self.highest, self.multiple))
        network = (self.ratio, self.gamma_squared, self.radius, self.magnitude)
        inserted = r", \quad ".join(one.latex() for one in network)
        return (
            rf"{self.own.latex()}: \quad (\ell, \mathrm{{PD}}) \ \text{{attained}} \iff {bounds}, "
            rf"\quad {self.argument.latex()} \\ "
            rf"\text{{by}} \quad {inserted}, "
            rf"\quad {shown(self.small.variable)} \to {shown(self.small.to)}"
        )

    def ratio_at(self, at):
        return solved(self.ratio, lam, {C: at[C]}, at) / at[C]

    def gamma_squared_at(self, at):
        return solved(self.gamma_squared, gamma, at=at, through=sp.sqrt)

    def but(self, variant, **changed):
        """Return a control: other right sides, or formulas."""
        formulas: dict[str, Any] = {
            name: new if isinstance(new, Formula) else replace(getattr(self, name), body=new)
            for name, new in changed.items()
        }
        return Control(variant, self._replace(**formulas))


with as_written():
    STATED = Attained(
        own=Formula(sp.Abs(beta_ft), (beta_pt,), sp.Abs),
        argument=Formula(Z, (beta_ft, c_ft), lambda beta, scale: sp.Abs(beta) / scale),
        lowest=Formula(KAPPA, (), lambda: 0, Relation.AT_LEAST),
        highest=Formula(KAPPA, (), lambda: 1, Relation.BELOW),
        multiple=Formula(KAPPA, (Z,), lambda z: 2 * z, Relation.BELOW),
        ratio=Formula(lam / C, (KAPPA, Z, R), lambda kappa, z, R: kappa * R / z - 1),
        gamma_squared=Formula(
            gamma**2, (KAPPA, Z, C, R), lambda kappa, z, c, R: (1 - kappa * R * (c + R)) / z
        ),
        radius=Formula(R, (C,), lambda c: sp.sqrt(c**2 + 1)),
        magnitude=Formula(sp.Abs(beta_pt), (), lambda: 1),
    )
CONTROLS = (
    STATED.but("κ < (199/100)z", multiple=lambda z: 199 * z / 100),
    STATED.but("κ < (201/100)z", multiple=lambda z: 201 * z / 100),
    STATED.but("κ < 3z", multiple=lambda z: 3 * z),
    STATED.but("κ ≤ 2z", multiple=replace(STATED.multiple, relation=Relation.AT_MOST)),
    STATED.but("κ ≤ 1", highest=replace(STATED.highest, relation=Relation.AT_MOST)),
    STATED.but("0 < κ", lowest=replace(STATED.lowest, relation=Relation.ABOVE)),
    STATED.but("κ < min(99/100, 2z)", highest=lambda: sp.Rational(99, 100)),
    STATED.but("κ < min(101/100, 2z)", highest=lambda: sp.Rational(101, 100)),
    STATED.but("λ/c = κR/z", ratio=lambda kappa, z, R: kappa * R / z),
    STATED.but("γ² = (1 − κR)/z", gamma_squared=lambda kappa, z, c, R: (1 - kappa * R) / z),
    STATED.but("|β_FT| = 101/100·|β_PT|", own=lambda beta: 101 * sp.Abs(beta) / 100),
)


def decide(statement):
    """Prove the necessary condition, insert the network, and show up to where it is admissible."""
    ends = f"min({statement.highest.side()}, {statement.multiple.side()})"
    return prove_all(steps(statement), summary=f"attained exactly for κ < {ends}")


def steps(statement):
    own = solved(statement.own, beta_ft, at={beta_pt: BETA_PT})
    if not own.is_positive:
        raise ValueError(f"|β_FT| must be positive, got {own}")
    argument = solved(statement.argument, Z, at={beta_ft: own, c_ft: SCALE})
    # Times c_FT. With s = 1 + λ/c: c_FT·κ = s·β_PT²/R.
    moved, kappa = sp.Symbol("moved"), derived.regime_point().transfer
    gap = sp.expand(SCALE * statement.multiple.margin({KAPPA: moved / SCALE}, {Z: argument}))
    gap = gap.subs(moved, derived.transfer() * derived.scale_from_invariants())
    text = f"{_text(statement.multiple)} for every |λ| ≤ c"
    gap = in_coordinates(gap, magnitude=BETA_PT)
    yield text, decide_on_networks(text, gap, COUPLED, strict=statement.multiple.strict)
    for form in (statement.highest, statement.lowest):
        yield (
            _text(form),
            decide_on_networks(_text(form), form.margin({KAPPA: kappa}), strict=form.strict),
        )

    scale, magnitude = derived.scale_from_invariants(), solved(statement.magnitude, beta_pt)
    at = {KAPPA: KAPPA, Z: Z, C: C, R: solved(statement.radius, R)}
    network = {
        RATIO: statement.ratio_at(at),
        GAMMA: sp.sqrt(statement.gamma_squared_at(at)),
        BETA_PT: magnitude,
        ABSOLUTE: C,
    }
    there = scale.subs(network)
    size = own.subs(BETA_PT, magnitude)
    yield (
        "the network has the z asked for",
        equal(
            sp.expand(there * Z),
            sp.expand(there * solved(statement.argument, Z, at={beta_ft: size, c_ft: there})),
        ),
    )
    slope = (BETA_PT * sp.diff(scale, BETA_PT)).subs(network)
    yield "and κ = c_FT′/c_FT as asked for", equal(sp.simplify(slope / there), KAPPA)

    lowest, highest = (sp.sympify(form.side()) for form in (statement.lowest, statement.highest))
    multiple = statement.multiple.side()
    at_lowest = {**at, KAPPA: lowest}
    yield "the lowest κ: λ = −c, for any c", equal(statement.ratio_at(at_lowest), sp.Integer(-1))
    yield "and γ² = 1/z", equal(statement.gamma_squared_at(at_lowest), 1 / Z)

    # As c → 0; for κ between the ends every small enough c > 0 is then admissible.
    small = stated_limit(statement.small, "λ/c and γ²")
    ratio = small.of(statement.ratio_at(at))
    yield "λ/c increases with κ", _positive("slope of λ/c", sp.diff(ratio, KAPPA))
    yield "from −1 at the lowest κ", equal(ratio.subs(KAPPA, lowest), sp.Integer(-1))
    yield f"to 1 at κ = {multiple}", equal(ratio.subs(KAPPA, multiple), sp.Integer(1))
    most = small.of(statement.gamma_squared_at(at))
    yield "γ² decreases with κ", _positive("minus the slope of γ²", -sp.diff(most, KAPPA))
    yield f"to 0 at κ = {highest}", equal(most.subs(KAPPA, highest), sp.Integer(0))
    # An end is excluded where the network would be beyond λ = c, or γ = 0, for every c > 0.
    c, radius = (magnitude * (U + sign / U) / 2 for sign in (-1, 1))
    ends = {KAPPA: multiple, Z: Z, C: c, R: radius}
    beyond = (
        (statement.multiple, "λ/c − 1", statement.ratio_at(ends) - 1),
        (statement.highest, "−γ²", -statement.gamma_squared_at({**ends, KAPPA: highest})),
    )
    for form, text, excess in beyond:
        text += f" at κ = {form.side()} is "
        text += "positive: excluded" if form.strict else "not positive: attained"
        yield text, _positive(text, excess if form.strict else -excess)


def _text(form):
    return f"{plain(form.name)} {SIGNS[form.relation]} {form.side()}"


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
