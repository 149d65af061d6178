"""The language of statements about the regimes: ℓ, PD, κ, q and the symbols of `theory.regimes`.

To decide them the derived quantities are inserted: for networks in the canonical coordinates; for
what depends on z = |β_FT|/c_FT alone in h = ½ asinh z; and where log 2z occurs in t = asinh z.
"""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Protocol

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS, elasticity
from theory.regimes import (
    ABSOLUTE,
    BETA_FT,
    BETA_PT,
    GAMMA,
    RATIO,
    SCALE,
    E,
    G,
    H,
    S,
    Z,
    half_angle,
    l_order_half_angle,
    normalised_penalty,
    regime_point,
)
from verify.claim import Evidence
from verify.methods.formula import Relation, shown
from verify.methods.inequality import equal_on_networks

ELL, PD, KAPPA, Q = sp.symbols(r"\ell \mathrm{PD} \kappa q")
LOG_2Z = sp.Symbol(r"{\log(2z)}")
# How fast ℓ − 1 grows with c_FT.
ETA = sp.Symbol(r"{\frac{\partial \log(\ell - 1)}{\partial \log c_{FT}}}")

Steps = Iterator[tuple[str, Any]]

# |β_PT| in the canonical coordinates.
_MAGNITUDE = sp.sqrt(E * (E + 2 * ABSOLUTE))

# Within `with as_written():`, formulas are kept, and shown, in the order of the code.
as_written = partial(sp.evaluate, False)

_LATEX = {
    BETA_FT: sp.Symbol(r"{|\beta_{FT}|}"),
    BETA_PT: sp.Symbol(r"{|\beta_{PT}|}"),
    RATIO: sp.Symbol(r"\lambda") / ABSOLUTE,
}
_TEXT = {
    ELL: sp.Symbol("ℓ"),
    PD: sp.Symbol("PD"),
    KAPPA: sp.Symbol("κ"),
    LOG_2Z: sp.Symbol("log 2z"),
    ETA: sp.Symbol("∂log(ℓ−1)/∂log c_FT"),
    BETA_FT: sp.Symbol("|β_FT|"),
    BETA_PT: sp.Symbol("|β_PT|"),
    RATIO: sp.Symbol("λ/c"),
    GAMMA: sp.Symbol("γ"),
}
SIGNS = {
    Relation.EQUAL: "=",
    Relation.BELOW: "<",
    Relation.AT_MOST: "≤",
    Relation.ABOVE: ">",
    Relation.AT_LEAST: "≥",
}
# What it means for the network that a canonical coordinate is positive, or vanishes.
_POSITIVE = {E: r"\beta_{PT} \ne 0", S: r"\lambda > -c", G: r"\gamma > 0"}
VANISHING = {E: r"\beta_{PT} = 0", S: r"\lambda = -c", G: r"\gamma = 0"}
# λ = c.
_LARGEST_S = sp.Integer(2)


class Statement(Protocol):
    """A statement that prints itself and gives the steps of its proof."""

    def latex(self) -> str: ...
    def steps(self) -> Steps: ...


@cache
def in_coordinates(expression: Any, magnitude: Any = _MAGNITUDE) -> Any:
    """Insert the derived ℓ, PD, κ and c_FT, and the network, in the canonical coordinates.

    `magnitude` is what stands for |β_PT|.
    """
    point = regime_point()
    # PD ≤ 0: regimes.pd-bounds.
    inserted = sp.sympify(expression).doit().subs(sp.Abs(PD), -PD)
    inserted = inserted.subs(sp.sqrt(ABSOLUTE**2 + BETA_PT**2), ABSOLUTE + E)
    return inserted.subs(
        {
            ELL: point.l_order,
            PD: point.pretraining_dependence,
            KAPPA: point.transfer,
            SCALE: point.scale,
            BETA_PT: magnitude,
            RATIO: S - 1,
            GAMMA: sp.sqrt(G),
        }
    )


@cache
def in_half_angle(expression: Any) -> Any:
    """Insert the derived ℓ and q with z = sinh 2h; q, β_FT and c_FT in units of c_FT."""
    phi = half_angle(normalised_penalty())
    inserted = sp.sympify(expression).doit().subs({Q: SCALE * phi / 2, BETA_FT: SCALE * Z})
    inserted = inserted.subs(ETA, elasticity())
    if SCALE in inserted.free_symbols:
        inserted = sp.expand(inserted / SCALE)
    if SCALE in inserted.free_symbols:
        raise ValueError(f"must be homogeneous of degree one in β and c_FT, got {expression}")
    return inserted.subs({ELL: l_order_half_angle(), Z: sp.sinh(2 * H)})


def equal_on(domain: tuple[Orthant, ...], left: Any, right: Any) -> Evidence:
    """Decide whether two functions of the coordinates are equal in every case of a domain."""
    require_some(domain=domain)
    for fixed in dict.fromkeys(case.fixed for case in domain):
        found = equal_on_networks(left.subs(dict(fixed)), right.subs(dict(fixed)))
        if found.holds is not True:
            break
    return found


def require_networks(domain: tuple[Orthant, ...]) -> None:
    """Raise ValueError if it holds what is no network with c_FT > 0, or cannot be shown.

    No networks are those with λ = −c and γ = 0, and those beyond |β_PT| ≥ 0, |λ| ≤ c and γ² ≥ 0.
    """
    require_some(domain=domain)
    where(domain)
    require_scale(domain)


def require_scale(domain: tuple[Orthant, ...]) -> None:
    """Raise ValueError if it holds what is no network with c_FT > 0."""
    for case in domain:
        fixed = dict(case.fixed)
        moves = {S, G} & case.positive or fixed.get(S, 0) != 0 or fixed.get(G, 0) != 0
        beyond = (*(-value for value in fixed.values()), fixed.get(S, _LARGEST_S) - _LARGEST_S)
        if not moves or any(excess.is_positive for excess in beyond):
            raise ValueError(f"must hold networks with c_FT > 0 only, got {case.describe()}")


def require_some(**given: tuple[Any, ...]) -> None:
    """Raise ValueError if one of these is empty: a statement about nothing would hold."""
    for name, values in given.items():
        if not values:
            raise ValueError(f"{name} must not be empty, got {values!r}")


def printed(expression: Any) -> str:
    """Return the LaTeX of an expression or a relation, in the order in which it is written."""
    with as_written():
        return shown(sp.sympify(expression).xreplace(_LATEX))


def plain(expression: Any) -> str:
    """Return an expression, or a relation, as text."""
    expression = sp.sympify(expression)
    if expression.is_Relational:
        sign = {"==": "=", "<=": "≤", ">=": "≥"}.get(expression.rel_op, expression.rel_op)
        return f"{plain(expression.lhs)} {sign} {plain(expression.rhs)}"
    magnitudes = expression.doit().xreplace(_TEXT).replace(sp.Abs, lambda x: sp.Symbol(f"|{x}|"))
    text = str(magnitudes)
    for code, sign in (("**2", "²"), ("**4", "⁴"), ("*", "·"), ("sqrt", "√"), ("oo", "∞")):
        text = text.replace(code, sign)
    return text


def placed(at: tuple[tuple[Any, Any], ...]) -> list[str]:
    """Return the LaTeX of values that symbols have."""
    return [f"{printed(symbol)} = {printed(value)}" for symbol, value in at]


def where(domain: tuple[Orthant, ...]) -> str:
    """Return the LaTeX of the conditions that define a domain; none for all networks."""

    def condition(symbol: Any, value: Any) -> str:
        if symbol == S and value != 0:
            return rf"\lambda = {printed((value - 1) * ABSOLUTE)}"
        if value != 0:
            raise ValueError(f"a fixed coordinate other than s must be 0, got {symbol} = {value}")
        return VANISHING[symbol]

    def conditions(case: Orthant) -> list[str]:
        fixed = [condition(*one) for one in case.fixed]
        return fixed + [text for symbol, text in _POSITIVE.items() if symbol in case.positive]

    cases = [conditions(case) for case in domain]
    common = [text for text in cases[0] if all(text in case for case in cases)]
    apart = [[text for text in case if text not in common] for case in cases]
    # For all networks, the claim's assumptions say that λ > −c, or λ = −c and γ > 0.
    if len(cases) > 1 and apart != [conditions(case) for case in ALL_NETWORKS]:
        common += [r" \ \text{or} \ ".join(r",\ ".join(case) for case in apart)]
    return r" \quad (" + r",\ ".join(common) + ")" if common else ""
