"""Statements about the regimes as data: relations, limits and slopes, shown and decided from one.

They are written in ℓ, PD, κ, q and the symbols of `theory.regimes`. To decide them the derived
quantities are inserted: for networks in the canonical coordinates; for what depends on
z = |β_FT|/c_FT alone in h = ½ asinh z; and where log 2z occurs in t = asinh z.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from typing import Any, NamedTuple, Protocol

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import (
    ALL_NETWORKS,
    COUPLED,
    Parameter,
    T,
    decay_certificate,
    derivative,
    elasticity,
    inverse_excess,
    logarithm_of_double_argument,
    sign_on,
)
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
    Y,
    Z,
    half_angle,
    l_order_half_angle,
    normalised_penalty,
    regime_point,
)
from verify.claim import Control, Evidence
from verify.methods.formula import shown
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import (
    certified,
    decide_on_half_line,
    decide_on_networks,
    equal_on_networks,
)

ELL, PD, KAPPA, Q = sp.symbols(r"\ell \mathrm{PD} \kappa q")
LOG_2Z = sp.Symbol(r"{\log(2z)}")
# How fast ℓ − 1 grows with c_FT.
ETA = sp.Symbol(r"{\frac{\partial \log(\ell - 1)}{\partial \log c_{FT}}}")

Steps = Iterator[tuple[str, Any]]

# ℓ − 1, in limits.
_EXCESS = sp.Symbol("excess", positive=True)

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
# The parameter of a derivative, and what is held fixed besides all others.
_PARAMETERS = {
    Parameter.BETA_FT: (r"|\beta_{FT}|", ""),
    Parameter.SCALE: ("c_{FT}", ""),
    Parameter.BETA_PT: (r"|\beta_{PT}|", ""),
    Parameter.RATIO: (r"\lambda", ""),
    Parameter.GAMMA: (r"\gamma^2", ""),
    Parameter.ABSOLUTE_AT_RATIO: ("c", r"\lambda/c"),
    Parameter.ABSOLUTE_AT_LAMBDA: ("c", r"\lambda"),
}
# What it means for the network that a canonical coordinate is positive, or vanishes.
_POSITIVE = {E: r"\beta_{PT} \ne 0", S: r"\lambda > -c", G: r"\gamma > 0"}
_VANISHING = {E: r"\beta_{PT} = 0", S: r"\lambda = -c", G: r"\gamma = 0"}


class Statement(Protocol):
    """A statement that prints itself and gives the steps of its proof."""

    def latex(self) -> str: ...
    def steps(self) -> Steps: ...


def decide(statement: Statement) -> Evidence:
    """Take the steps of the proof."""
    taken: list[str] = []

    def steps() -> Steps:
        for text, outcome in statement.steps():
            taken.append(text)
            yield text, outcome

    found = prove_all(steps())
    if not found.holds:
        return found
    first, *others = dict.fromkeys(taken)
    return replace(found, summary=f"{first}; and {len(others)} more" if others else first)


class Theorem:
    """Statements that hold together, each shown on a line of its own."""

    def __init__(self, *parts: Statement) -> None:
        self.parts = parts

    def latex(self) -> str:
        return r" \\ ".join(part.latex() for part in self.parts)

    def steps(self) -> Steps:
        for part in self.parts:
            yield from part.steps()


class Holds:
    """Relations (<, ≤, =) at every network of `domain`."""

    def __init__(self, *relations: Any, domain: tuple[Orthant, ...] = ALL_NETWORKS) -> None:
        self.relations, self.domain = relations, domain

    def latex(self) -> str:
        text = printed(self.relations[0])
        for before, relation in pairwise(self.relations):
            middle, more = printed(before.rhs), printed(relation)
            chained = printed(relation.lhs) == middle
            text += more.removeprefix(middle) if chained else r", \qquad " + more
        return text + where(self.domain)

    def steps(self) -> Steps:
        require_some(relations=self.relations)
        require_networks(self.domain)
        for relation in self.relations:
            yield plain(relation), self._decide(relation)

    def _decide(self, relation: Any) -> Evidence:
        if isinstance(relation, sp.Equality):
            return equal_on(self.domain, *map(in_coordinates, relation.args))
        text, gap = plain(relation), (relation.gts - relation.lts).doit()
        if LOG_2Z in gap.free_symbols:
            in_t = {ELL: 1 + 1 / inverse_excess(), LOG_2Z: logarithm_of_double_argument()}
            return decide_on_half_line(text, sp.expand(gap.subs(in_t)), T, decay_certificate)
        if gap.free_symbols <= {ELL, ETA, Z, Q, BETA_FT, SCALE}:
            return decide_on_half_line(text, in_half_angle(gap), H)
        gap = in_coordinates(gap.subs(Z, BETA_FT / SCALE), magnitude=BETA_PT)
        strict = isinstance(relation, (sp.StrictLessThan, sp.StrictGreaterThan))
        return decide_on_networks(text, gap, self.domain, strict=strict)


class HoldsAlways(Holds):
    """Relations at every z > 0, of what depends on z alone."""

    def __init__(self, *relations: Any) -> None:
        super().__init__(*relations)


class Limit(NamedTuple):
    """The limit of `of` as `along` tends to `to`, where the symbols in `at` have a value.

    Limits of c_FT are taken at every λ > −c, unless `at` or `along` says otherwise.
    """

    of: Any
    along: Any
    to: Any
    value: Any
    at: tuple[tuple[Any, Any], ...] = ()

    @property
    def _free_ratio(self) -> bool:
        return SCALE in self.of.free_symbols and RATIO not in (self.along, *dict(self.at))

    def latex(self) -> str:
        of = rf"\left({printed(self.of)}\right)" if self.of.is_Add else printed(self.of)
        along = rf"{printed(self.along)} \to {printed(self.to)}"
        if (self.along, self.to) == (RATIO, -1):
            along = r"\lambda \to -c"
        places = [f"{printed(symbol)} = {printed(value)}" for symbol, value in self.at]
        places += [r"\lambda > -c"] * self._free_ratio
        conditions = r" \quad (" + r",\ ".join(places) + ")" if places else ""
        return rf"\lim_{{{along}}} {of} = {printed(self.value)}{conditions}"

    def steps(self) -> Steps:
        places = "".join(f", {plain(symbol)} = {plain(value)}" for symbol, value in self.at)
        text = (
            f"{plain(self.of)} → {plain(self.value)} as {plain(self.along)} → {plain(self.to)}"
            f"{places}"
        )
        yield text, self._decide()

    def _decide(self) -> Evidence | bool | None:
        of, value, at = self.of.doit(), sp.sympify(self.value).doit(), dict(self.at)
        if of.free_symbols <= {ELL, ETA, Z}:
            if self.along != Z or at:
                raise ValueError(
                    f"a limit of ℓ alone must be along z with nothing else given, got along "
                    f"{plain(self.along)} at {at}"
                )
            there = in_half_angle(of)
            if self.to in (0, sp.oo):
                # SymPy is ten times as fast with a quotient of exponentials.
                there = sp.cancel(sp.together(there.rewrite(sp.exp)))
            found = sp.limit(there, H, sp.asinh(self.to) / 2, "+")
        else:
            found = self._of_networks(of, at)
        return None if found.has(sp.Limit) else same_limit(found, value)

    def _of_networks(self, of: Any, at: dict[Any, Any]) -> Any:
        """Take the limit in the network's own parameters; z → 0 is y → 0, z → ∞ is y → ∞."""
        for symbol, there in ((self.along, self.to), *self.at):
            if symbol == Z and there not in (0, sp.oo):
                raise ValueError(f"z must be 0 or ∞ beside PD or κ, got z = {plain(there)}")
        given, own = {self.along, *at}, {Z: Y}
        positive = sp.Symbol("s", positive=True) if self._free_ratio else S
        network = {
            E: sp.sqrt(ABSOLUTE**2 + BETA_PT**2) - ABSOLUTE if given & {ABSOLUTE, BETA_PT} else E,
            S: 1 + RATIO if RATIO in given else positive,
            G: GAMMA**2,
        }
        there = in_coordinates(of).subs(network)
        there = there.subs({own.get(symbol, symbol): held for symbol, held in at.items()})

        def limit(quantity: Any) -> Any:
            taken = sp.limit(quantity, own.get(self.along, self.along), self.to, "+")
            return taken.subs(positive, 1 + RATIO)

        if self.along == Z or Y not in there.free_symbols:
            found = limit(there)
        else:
            # z moves with c_FT. A polynomial in ℓ − 1, which stays between 0 and 1, has a limit
            # where its coefficients have one and all but the constant vanish.
            polynomial = sp.Poly(sp.together(there.subs(Y, (1 / _EXCESS - 1) / 2)), _EXCESS)
            *moving, found = map(limit, polynomial.all_coeffs())
            if any(limited != 0 for limited in moving):
                raise ValueError(f"the limit of {plain(of)} must not depend on z, got {moving}")
        if Y in found.free_symbols:
            raise ValueError(f"the limit of {plain(of)} must not depend on z, got {found}")
        return found


class OnlyWhere(NamedTuple):
    """`of` has the value where one of the coordinates `places` vanishes, and only there."""

    of: Any
    value: Any
    places: tuple[Any, ...]

    def latex(self) -> str:
        places = r" \ \text{or} \ ".join(_VANISHING[place] for place in self.places)
        return rf"{printed(self.of)} = {printed(self.value)} \iff {places}"

    def steps(self) -> Steps:
        require_some(places=self.places)
        name = f"{plain(self.of)} = {self.value}"
        for place in self.places:
            yield f"{name} where {place} = 0", equal(self._distance().subs(place, 0), 0)
        positive = frozenset(self.places)
        elsewhere = (Orthant(positive, frozenset({E, S, G}) - positive),)
        signed = (sign_on(sign * self._distance(), elsewhere) for sign in (1, -1))
        text = f"nowhere else is {name}"
        yield text, certified(text, next(filter(None, signed), None))

    def _distance(self) -> Any:
        return in_coordinates(self.of) - self.value


class Approached(NamedTuple):
    """An end of a range that is never attained: the limit `along` something, `to` something."""

    value: Any
    along: Any
    to: Any
    at: tuple[tuple[Any, Any], ...] = ()

    def reached(self, of: Any) -> Statement:
        """State where `of` comes as close to the end as can be."""
        return Limit(of, self.along, self.to, self.value, self.at)


class Reached(NamedTuple):
    """An end of a range that is attained, where it is a limit as well."""

    value: Any
    along: Any
    to: Any
    at: tuple[tuple[Any, Any], ...] = ()

    def reached(self, of: Any) -> Statement:
        """State where `of` comes to the end."""
        return Limit(of, self.along, self.to, self.value, self.at)


class AttainedWhere(NamedTuple):
    """An end of a range that is attained exactly where one of some coordinates vanishes."""

    value: Any
    places: tuple[Any, ...]

    def reached(self, of: Any) -> Statement:
        """State where `of` comes to the end."""
        return OnlyWhere(of, self.value, self.places)


End = Approached | Reached | AttainedWhere


class Range(NamedTuple):
    """The ends between which a quantity lies at the networks of `domain`: the best there are.

    An empty domain stands for every z > 0.
    """

    of: Any
    low: End | None = None
    high: End | None = None
    domain: tuple[Orthant, ...] = ALL_NETWORKS

    @property
    def theorem(self) -> Theorem:
        relations, ends = [], []
        if self.low:
            above = sp.Lt if isinstance(self.low, Approached) else sp.Le
            relations.append(above(self.low.value, self.of, evaluate=False))
            ends.append(self.low.reached(self.of))
        if self.high:
            below = sp.Lt if isinstance(self.high, Approached) else sp.Le
            relations.append(below(self.of, self.high.value, evaluate=False))
            ends.append(self.high.reached(self.of))
        bounds = Holds(*relations, domain=self.domain) if self.domain else HoldsAlways(*relations)
        return Theorem(bounds, *ends)

    def latex(self) -> str:
        return self.theorem.latex()

    def steps(self) -> Steps:
        yield from self.theorem.steps()

    def within(self, low: Any = None, high: Any = None) -> Control:
        """Return a control: other ends, said to be reached in the same way."""

        def moved(end: End | None, value: Any) -> End | None:
            return end if end is None or value is None else end._replace(value=sp.Rational(value))

        given = {"low": low, "high": high}
        variant = ", ".join(f"{name} end {value}" for name, value in given.items() if value)
        return Control(
            variant, self._replace(low=moved(self.low, low), high=moved(self.high, high))
        )


class Slope(NamedTuple):
    """A quantity that strictly increases (+1) or decreases (−1) in a parameter, or is constant."""

    of: Any
    sign: int
    parameter: Parameter

    def latex(self) -> str:
        name, held = _PARAMETERS[self.parameter]
        of = printed(self.of)
        of = rf"({of})" if self.of.is_Add else of
        slope = rf"\frac{{\partial {of}}}{{\partial {name}}}"
        return rf"\left.{slope}\right|_{{{held}}}" if held else slope


class Slopes(NamedTuple):
    """Slopes at every network of `domain`."""

    slopes: tuple[Slope, ...]
    domain: tuple[Orthant, ...] = COUPLED

    def latex(self) -> str:
        relations = {1: " > 0", -1: " < 0", 0: " = 0"}
        groups = (
            r", \ ".join(slope.latex() for slope in group) + relations[sign]
            for sign, group in groupby(self.slopes, lambda slope: slope.sign)
        )
        return r", \qquad ".join(groups) + where(self.domain)

    def steps(self) -> Steps:
        require_some(slopes=self.slopes)
        require_networks(self.domain)
        words = {1: "strictly increases in", -1: "strictly decreases in", 0: "does not depend on"}
        for of, sign, parameter in self.slopes:
            text = f"{plain(of)} {words[sign]} {parameter}"
            slope = derivative(in_coordinates(of), parameter)
            if sign:
                yield text, decide_on_networks(text, sign * slope, self.domain)
            else:
                yield text, equal_on(self.domain, slope, sp.Integer(0))


def rises(of: Any, *parameters: Parameter) -> tuple[Slope, ...]:
    return tuple(Slope(of, 1, parameter) for parameter in parameters)


def falls(of: Any, *parameters: Parameter) -> tuple[Slope, ...]:
    return tuple(Slope(of, -1, parameter) for parameter in parameters)


def opposite(slopes: Slopes) -> tuple[Control, ...]:
    """Return controls: each slope by itself, with the opposite sign."""
    return tuple(
        Control(
            f"the opposite direction in {slope.parameter}",
            slopes._replace(slopes=(slope._replace(sign=-slope.sign),)),
        )
        for slope in slopes.slopes
    )


def equal_on(domain: tuple[Orthant, ...], left: Any, right: Any) -> Evidence:
    """Decide whether two functions of the coordinates are equal in every case of a domain."""
    require_some(domain=domain)
    for fixed in dict.fromkeys(case.fixed for case in domain):
        found = equal_on_networks(left.subs(dict(fixed)), right.subs(dict(fixed)))
        if found.holds is not True:
            break
    return found


def require_networks(domain: tuple[Orthant, ...]) -> None:
    """Raise ValueError if it holds what is no network with c_FT > 0, where λ = −c and γ = 0."""
    require_some(domain=domain)
    for case in domain:
        fixed = dict(case.fixed)
        if not ({S, G} & case.positive or fixed.get(S, 0) != 0 or fixed.get(G, 0) != 0):
            raise ValueError(f"must hold networks with c_FT > 0 only, got {case.describe()}")


def same_limit(found: Any, stated: Any) -> Evidence | bool:
    """Decide whether two limits are the same, infinite ones included."""
    if found.is_infinite or stated.is_infinite:
        return bool(found == stated)
    return equal_on_networks(found, stated)


def require_some(**given: tuple[Any, ...]) -> None:
    """Raise ValueError if one of these is empty: a statement about nothing would hold."""
    for name, values in given.items():
        if not values:
            raise ValueError(f"{name} must not be empty, got {values!r}")


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


def where(domain: tuple[Orthant, ...]) -> str:
    """Return the LaTeX of the conditions that define a domain; none for all networks."""

    def condition(symbol: Any, value: Any) -> str:
        if symbol == S and value != 0:
            return rf"\lambda = {printed((value - 1) * ABSOLUTE)}"
        if value != 0:
            raise ValueError(f"a fixed coordinate other than s must be 0, got {symbol} = {value}")
        return _VANISHING[symbol]

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
