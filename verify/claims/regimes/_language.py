"""The language of statements about the regimes: ℓ, PD, κ, q and the symbols of `theory.regimes`.

To decide them the derived quantities are inserted: for networks in the canonical coordinates; for
what depends on z = |β_FT|/c_FT alone in h = ½ asinh z; and where log 2z occurs in t = asinh z.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Protocol

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS
from theory.regimes import (
    ABSOLUTE,
    BETA_FT,
    BETA_PT,
    GAMMA,
    RATIO,
    SCALE,
    DerivationError,
    E,
    G,
    H,
    S,
    Z,
    half_angle,
    in_argument,
    l_order,
    l_order_half_angle,
    normalised_penalty,
    regime_point,
)
from verify.claim import Evidence
from verify.methods.formula import Formula, inserted
from verify.methods.inequality import equal_on_networks
from verify.methods.notation import written
from verify.methods.relations import Relation

ELL, PD, KAPPA, Q = sp.symbols(r"\ell \mathrm{PD} \kappa q")
# ℓ as a function of c_FT, at fixed |β_FT|; and λ, for which the theory has RATIO = λ/c.
ORDER = sp.Function(r"\ell")
LAMBDA = sp.Symbol("lambda", real=True)

Steps = Iterator[tuple[str, Any]]

# |β_PT| in the canonical coordinates.
_MAGNITUDE = sp.sqrt(E * (E + 2 * ABSOLUTE))

# What the theory's symbols of magnitudes and of the ratio are shown as.
SHOWN = {
    **{size: sp.Abs(sp.Symbol(size.name)) for size in (BETA_FT, BETA_PT)},
    RATIO: LAMBDA / ABSOLUTE,
}
_LETTERS = {
    r"\ell": "ℓ",
    r"\mathrm{PD}": "PD",
    r"\kappa": "κ",
    "beta": "β",
    "gamma": "γ",
    "lambda": "λ",
    "Derivative": "∂",
    "**2": "²",
    "**4": "⁴",
    "*": "·",
    "sqrt": "√",
    "oo": "∞",
}
SIGNS = {
    Relation.EQUAL: "=",
    Relation.BELOW: "<",
    Relation.AT_MOST: "≤",
    Relation.ABOVE: ">",
    Relation.AT_LEAST: "≥",
}
# Which symbol has which value where a canonical coordinate vanishes; elsewhere it is larger.
VANISHING = {E: (BETA_PT, 0), S: (RATIO, -1), G: (GAMMA, 0)}
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
    there = sp.sympify(expression).doit().subs(sp.Abs(PD), -PD)
    there = there.subs(sp.sqrt(ABSOLUTE**2 + BETA_PT**2), ABSOLUTE + E)
    return there.subs(
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


def of_argument(expression: Any) -> bool:
    """Whether this is said of z = |β_FT|/c_FT alone: through ℓ, too, and how it moves with c_FT."""
    moved = {SCALE} if expression.has(ORDER) else set()
    return bool(expression.free_symbols <= {ELL, Z} | moved)


def argument_of(expression: Any, *others: sp.Symbol) -> Any:
    """Write a function of β_FT/c_FT as one of z; ValueError if it depends on more, and `others`."""
    try:
        return in_argument(expression, frozenset(others))
    except DerivationError as error:
        raise ValueError(f"must be a function of z, got {plain(expression)}: {error}") from None


def solved(
    form: Formula,
    unknown: sp.Symbol,
    given: Mapping[Any, Any] | None = None,
    at: Mapping[Any, Any] | None = None,
    *,
    through: Callable[[Any], Any] = sp.sympify,
) -> Any:
    """Return the value for which an equality holds: of a quantity, or of what gives it `through`.

    Raises
    ------
    ValueError
        If the left side is not linear in it, or in its magnitude.
    """
    value = sp.Dummy(positive=True)
    left = sp.expand(form.left({**(given or {}), unknown: through(value)}))
    slope = sp.diff(left, value)
    if slope == 0 or slope.has(value):
        raise ValueError(f"must be linear in {unknown}, got {form.name}")
    return (form(at) - left.subs(value, 0)) / slope


@cache
def in_half_angle(expression: Any) -> Any:
    """Insert the derived ℓ and q with z = sinh 2h; q, β_FT and c_FT in units of c_FT."""
    expression = sp.sympify(expression)
    if expression.has(ORDER):
        order = inserted(expression, {ORDER: lambda scale: l_order().subs(SCALE, scale)})
        return half_angle(argument_of(order, ELL)).subs(ELL, l_order_half_angle())
    phi = half_angle(normalised_penalty())
    there = expression.doit().subs({Q: SCALE * phi / 2, BETA_FT: SCALE * Z})
    if SCALE in there.free_symbols:
        there = sp.expand(there / SCALE)
    if SCALE in there.free_symbols:
        raise ValueError(f"must be homogeneous of degree one in β and c_FT, got {expression}")
    return there.subs({ELL: l_order_half_angle(), Z: sp.sinh(2 * H)})


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
    return written(lambda: sp.sympify(expression).xreplace(SHOWN))


def plain(expression: Any) -> str:
    """Return an expression, or a relation, as text."""
    expression = sp.sympify(expression)
    if expression.is_Relational:
        sign = {"==": "=", "<=": "≤", ">=": "≥"}.get(expression.rel_op, expression.rel_op)
        return f"{plain(expression.lhs)} {sign} {plain(expression.rhs)}"
    magnitudes = expression if expression.has(ORDER) else expression.doit()
    text = str(magnitudes.xreplace(SHOWN).replace(sp.Abs, lambda x: sp.Symbol(f"|{x}|")))
    for name, letter in _LETTERS.items():
        text = text.replace(name, letter)
    return text


def related(relation: Any, symbol: Any, value: Any) -> str:
    """Return the LaTeX of a relation (sp.Eq, sp.Gt) of a symbol to a value; λ for λ/c."""
    symbol, value = in_lambda(symbol, value)
    return printed(relation(symbol, value, evaluate=False))


def in_lambda(symbol: Any, value: Any) -> tuple[Any, Any]:
    """Return a symbol and its value; where they are λ/c and a number, λ and a multiple of c."""
    return (LAMBDA, value * ABSOLUTE) if symbol == RATIO else (symbol, value)


def placed(at: tuple[tuple[Any, Any], ...]) -> list[str]:
    """Return the LaTeX of values that symbols have."""
    return [related(sp.Eq, *one) for one in at]


def vanishes(coordinate: Any, value: Any = 0) -> str:
    """Return the LaTeX of what it means that a canonical coordinate is 0; of s, another value."""
    symbol, least = VANISHING[coordinate]
    if value != 0 and symbol != RATIO:
        raise ValueError(f"a fixed coordinate other than s must be 0, got {coordinate} = {value}")
    return related(sp.Eq, symbol, least + value)


def exceeds(coordinate: Any) -> str:
    """Return the LaTeX of what it means that a canonical coordinate is positive."""
    return related(sp.Gt, *VANISHING[coordinate])


def where(domain: tuple[Orthant, ...]) -> str:
    """Return the LaTeX of the conditions that define a domain; none for all networks."""

    def conditions(case: Orthant) -> list[str]:
        fixed = [vanishes(*one) for one in case.fixed]
        return fixed + [exceeds(one) for one in VANISHING if one in case.positive]

    cases = [conditions(case) for case in domain]
    common = [text for text in cases[0] if all(text in case for case in cases)]
    apart = [[text for text in case if text not in common] for case in cases]
    # For all networks, the claim's assumptions say that λ > −c, or λ = −c and γ > 0.
    if len(cases) > 1 and apart != [conditions(case) for case in ALL_NETWORKS]:
        common += [r" \ \text{or} \ ".join(r",\ ".join(case) for case in apart)]
    return r" \quad (" + r",\ ".join(common) + ")" if common else ""
