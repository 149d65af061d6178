"""Statements about the regimes as data: relations, limits and slopes, shown and decided from one.

They are written in ℓ, PD, κ, q and the symbols of `theory.regimes`. To decide them the derived
quantities are inserted: for networks in the canonical coordinates; for what depends on
z = |β_FT|/c_FT alone in h = ½ asinh z; and where log 2z occurs in t = asinh z.
"""

from functools import partial
from itertools import groupby, pairwise
from typing import Any, NamedTuple, Protocol

import sympy as sp

from theory.positivity import Certificate, Orthant
from theory.regime_bounds import (
    ALL_NETWORKS,
    COUPLED,
    OMEGA,
    Parameter,
    T,
    at_network,
    decay_certificate,
    derivative,
    elasticity_certificates,
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
    decide_on_half_line,
    decide_on_networks,
    decide_positive,
    equal_on_networks,
    networks,
)

ELL, PD, KAPPA, Q = sp.symbols(r"\ell \mathrm{PD} \kappa q")
LOG_2Z = sp.Symbol(r"{\log(2z)}")

Steps = list[tuple[str, Any]]

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
    BETA_FT: sp.Symbol("|β_FT|"),
    BETA_PT: sp.Symbol("|β_PT|"),
    RATIO: sp.Symbol("λ/c"),
    GAMMA: sp.Symbol("γ"),
}
# The parameter of a derivative, and what is held fixed besides all others.
_PARAMETERS = {
    Parameter.BETA_FT: (r"|\beta_{FT}|", ""),
    Parameter.BETA_PT: (r"|\beta_{PT}|", ""),
    Parameter.RATIO: (r"\lambda", ""),
    Parameter.GAMMA: (r"\gamma^2", ""),
    Parameter.ABSOLUTE_AT_RATIO: ("c", r"\lambda/c"),
    Parameter.ABSOLUTE_AT_LAMBDA: ("c", r"\lambda"),
}
# What it means for the network that a canonical coordinate is positive, or vanishes.
_POSITIVE = {E: r"\beta_{PT} \ne 0", S: r"\lambda > -c", G: r"\gamma > 0"}
_VANISHING = {E: r"\beta_{PT} = 0", S: r"\lambda = -c", G: r"\gamma = 0"}

# γ = 0, β_PT ≠ 0 and λ > −c.
COUPLED_AT_ZERO = (Orthant(frozenset({Y, ABSOLUTE, E, S}), fixed=((G, sp.Integer(0)),)),)


class Statement(Protocol):
    """A statement that prints itself and gives the steps of its proof."""

    def latex(self) -> str: ...
    def steps(self) -> Steps: ...


def decide(statement: Statement) -> Evidence:
    """Take the steps of the proof."""
    steps = statement.steps()
    first, *others = dict.fromkeys(text for text, _ in steps)
    return prove_all(steps, summary=f"{first}; and {len(others)} more" if others else first)


class Theorem:
    """Statements that hold together, each shown on a line of its own."""

    def __init__(self, *parts: Statement) -> None:
        self.parts = parts

    def latex(self) -> str:
        return r" \\ ".join(part.latex() for part in self.parts)

    def steps(self) -> Steps:
        return [step for part in self.parts for step in part.steps()]


class Holds:
    """Relations (<, ≤, =) at every network of `domain`, or at every z > 0."""

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
        return [(plain(relation), self._decide(relation)) for relation in self.relations]

    def _decide(self, relation: Any) -> Evidence:
        if isinstance(relation, sp.Equality):
            return equal_on(self.domain, *map(in_coordinates, relation.args))
        text, gap = plain(relation), (relation.gts - relation.lts).doit()
        if LOG_2Z in gap.free_symbols:
            in_t = {ELL: 1 + 1 / inverse_excess(), LOG_2Z: logarithm_of_double_argument()}
            return decide_on_half_line(text, sp.expand(gap.subs(in_t)), T, decay_certificate)
        if gap.free_symbols <= {ELL, Z, Q, BETA_FT, SCALE}:
            return decide_on_half_line(text, in_half_angle(gap), H)
        low, high = in_coordinates(relation.lts), in_coordinates(relation.gts)
        gap = high - low
        strict = isinstance(relation, (sp.StrictLessThan, sp.StrictGreaterThan))

        def certify() -> Certificate | None:
            if gap.is_rational_function(*gap.free_symbols):
                return sign_on(gap, self.domain, strict=strict)
            # |β_PT| is a root: low < high follows from low² < high² where high ≥ 0.
            squares = sp.expand(high**2) - low**2
            return sign_on(squares, self.domain, strict=strict) if high.is_nonnegative else None

        return decide_positive(
            text,
            certify,
            lambda network: at_network(gap, network),
            networks(self.domain),
            strict=strict,
        )


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
        return [(text, self._decide())]

    def _decide(self) -> Evidence | bool | None:
        of, value, at = self.of.doit(), sp.sympify(self.value).doit(), dict(self.at)
        if of.free_symbols <= {ELL, Z}:
            if self.along != Z or at:
                raise ValueError(
                    f"a limit of ℓ alone must be along z with nothing else given, got along "
                    f"{plain(self.along)} at {at}"
                )
            found = sp.limit(in_half_angle(of), H, sp.asinh(self.to) / 2, "+")
        else:
            found = self._of_networks(of, at)
        if found.has(sp.Limit):
            return None
        if found.is_infinite or value.is_infinite:
            return bool(found == value)
        return equal_on_networks(found, value)

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
        found = sp.limit(there, own.get(self.along, self.along), self.to, "+")
        found = found.subs(positive, 1 + RATIO)
        found = sp.cancel(found) if Y in found.free_symbols else found
        if Y in found.free_symbols:
            # z moves with c_FT: only what does not depend on it is a limit at fixed β_FT as well.
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
        distance, name = in_coordinates(self.of) - self.value, f"{plain(self.of)} = {self.value}"
        positive = frozenset({Y, ABSOLUTE, *self.places})
        elsewhere = (Orthant(positive, frozenset({E, S, G}) - positive),)
        one_sign = any(sign_on(sign * distance, elsewhere) for sign in (1, -1))
        return [
            *((f"{name} where {p} = 0", equal(distance.subs(p, 0), 0)) for p in self.places),
            (f"nowhere else is {name}", one_sign or None),
        ]


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
        words = {1: "strictly increases in", -1: "strictly decreases in", 0: "does not depend on"}
        slopes = [derivative(in_coordinates(of), parameter) for of, _, parameter in self.slopes]
        steps: Steps = []
        if any(OMEGA in slope.free_symbols for slope in slopes):
            bounded = all(elasticity_certificates()) or None
            steps.append(("0 < ∂log(ℓ−1)/∂log c_FT < 1 (Taylor coefficients in h)", bounded))
        for (of, sign, parameter), slope in zip(self.slopes, slopes, strict=True):
            text = f"{plain(of)} {words[sign]} {parameter}"
            if sign:
                steps.append((text, decide_on_networks(text, sign * slope, self.domain)))
            else:
                steps.append((text, equal_on(self.domain, slope, sp.Integer(0))))
        return steps


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
    for case in domain:
        fixed = dict(case.fixed)
        found = equal_on_networks(left.subs(fixed), right.subs(fixed))
        if found.holds is not True:
            break
    return found


def in_coordinates(expression: Any) -> Any:
    """Insert the derived ℓ, PD, κ and c_FT, and the network, in the canonical coordinates."""
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
            BETA_PT: sp.sqrt(E * (E + 2 * ABSOLUTE)),
            RATIO: S - 1,
            GAMMA: sp.sqrt(G),
        }
    )


def in_half_angle(expression: Any) -> Any:
    """Insert the derived ℓ and q with z = sinh 2h; q, β_FT and c_FT in units of c_FT."""
    phi = half_angle(normalised_penalty())
    inserted = sp.sympify(expression).doit().subs({Q: SCALE * phi / 2, BETA_FT: SCALE * Z})
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
    for code, sign in (("**2", "²"), ("*", "·"), ("sqrt", "√"), ("oo", "∞")):
        text = text.replace(code, sign)
    return text


def where(domain: tuple[Orthant, ...]) -> str:
    """Return the LaTeX of the conditions that define a domain; none for all networks."""

    def conditions(case: Orthant) -> list[str]:
        for symbol, value in case.fixed:
            if value != 0:
                raise ValueError(f"a fixed coordinate must be 0, got {symbol} = {value}")
        fixed = [_VANISHING[symbol] for symbol, _ in case.fixed]
        return fixed + [text for symbol, text in _POSITIVE.items() if symbol in case.positive]

    cases = [conditions(case) for case in domain]
    common = [text for text in cases[0] if all(text in case for case in cases)]
    apart = [[text for text in case if text not in common] for case in cases]
    # For all networks, the claim's assumptions say that λ > −c, or λ = −c and γ > 0.
    if len(cases) > 1 and apart != [conditions(case) for case in ALL_NETWORKS]:
        common += [r" \ \text{or} \ ".join(r",\ ".join(case) for case in apart)]
    return r" \quad (" + r",\ ".join(common) + ")" if common else ""
