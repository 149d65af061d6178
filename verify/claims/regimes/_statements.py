"""Statements about the regimes as data: relations, limits, ranges, shown and decided from one."""

from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any, NamedTuple

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import (
    ALL_NETWORKS,
    T,
    decay_certificate,
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
    in_argument,
    l_order,
    scale_from_invariants,
    transfer,
)
from verify.claim import Control, Evidence
from verify.claims.regimes._language import (
    ELL,
    KAPPA,
    ORDER,
    PD,
    Q,
    Statement,
    Steps,
    equal_on,
    exceeds,
    in_coordinates,
    in_half_angle,
    in_lambda,
    of_argument,
    placed,
    plain,
    printed,
    require_networks,
    require_scale,
    require_some,
    vanishes,
    where,
)
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import (
    certified,
    decide_on_half_line,
    decide_on_networks,
    equal_on_networks,
)

# ℓ − 1, in limits.
_EXCESS = sp.Symbol("excess", positive=True)


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
        if gap.has(sp.log) and not gap.has(ORDER):
            in_t = gap.subs({ELL: 1 + 1 / inverse_excess(), Z: sp.sinh(T)})
            in_t = in_t.subs(sp.log(2 * sp.sinh(T)), logarithm_of_double_argument())
            return decide_on_half_line(text, sp.expand(in_t), T, decay_certificate)
        if of_argument(gap) or gap.free_symbols <= {ELL, Z, Q, BETA_FT, SCALE}:
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

    The limits in `first` are taken before. Limits of c_FT are taken at every λ > −c, unless `at` or
    `along` says otherwise.
    """

    of: Any
    along: Any
    to: Any
    value: Any
    at: tuple[tuple[Any, Any], ...] = ()
    first: tuple[tuple[Any, Any], ...] = ()

    @property
    def equality(self) -> Any:
        """What holds of the limit."""
        return sp.Eq(self.of, self.value, evaluate=False)

    @property
    def _free_ratio(self) -> bool:
        alone = of_argument(self.of)
        return (
            not alone and SCALE in self.of.free_symbols and RATIO not in (self.along, *self._held)
        )

    @property
    def _held(self) -> dict[Any, Any]:
        return dict(self.at)

    def latex(self) -> str:
        moved = (in_lambda(*one) for one in ((self.along, self.to), *self.first))
        limits = "".join(rf"\lim_{{{printed(one)} \to {printed(to)}}} " for one, to in moved)
        of, text = printed(self.of), printed(self.equality)
        if self.of.is_Add:
            text = rf"\left({of}\right)" + text.removeprefix(of)
        places = placed(self.at) + [exceeds(S)] * self._free_ratio
        conditions = r" \quad (" + r",\ ".join(places) + ")" if places else ""
        return f"{limits}{text}{conditions}"

    def steps(self) -> Steps:
        places = "".join(f", {plain(symbol)} = {plain(value)}" for symbol, value in self.at)
        then = "".join(f", after {plain(symbol)} → {plain(to)}" for symbol, to in self.first)
        text = (
            f"{plain(self.of)} → {plain(self.value)} as {plain(self.along)} → {plain(self.to)}"
            f"{then}{places}"
        )
        yield text, self._decide()

    def _decide(self) -> Evidence | bool | None:
        of, value = sides(self.equality)
        of, value, at = of if of.has(ORDER) else of.doit(), value.doit(), self._held
        if BETA_FT in at:
            found = self._at_magnitude(of, at)
        elif of_argument(of):
            if self.along != Z or at or self.first:
                raise ValueError(
                    f"a limit of ℓ alone must be along z with nothing else given, got along "
                    f"{plain(self.along)} at {at}"
                )
            there = in_half_angle(of)
            if self.to in (0, sp.oo):
                # SymPy is ten times as fast with a quotient of exponentials.
                there = sp.cancel(sp.together(there.rewrite(sp.exp)))
            found = limit(there, H, sp.asinh(self.to) / 2)
        else:
            found = self._of_networks(of, at)
        return None if found.has(sp.Limit) else same_limit(found, value)

    def _of_networks(self, of: Any, at: dict[Any, Any]) -> Any:
        """Take the limit in the network's own parameters; z → 0 is y → 0, z → ∞ is y → ∞."""
        moved = ((self.along, self.to), *self.first)
        if Z in at or any(symbol == Z and to not in (0, sp.oo) for symbol, to in moved):
            raise ValueError(
                f"z must tend to 0 or ∞ beside PD or κ, and has no other value, got {plain(of)} "
                f"with {moved} at {at}"
            )
        given, own = {self.along, *at, *dict(self.first)}, {Z: Y}
        positive = sp.Symbol("s", positive=True) if self._free_ratio else S
        network = dict(_coordinate(symbol, symbol) for symbol in (BETA_PT, RATIO, GAMMA))
        network |= {} if given & {ABSOLUTE, BETA_PT} else {E: E}
        network |= {} if RATIO in given else {S: positive}
        there = in_coordinates(of).subs(network)
        there = there.subs(at)
        for symbol, to in self.first:
            there = limit(there, own.get(symbol, symbol), to)

        def limited(quantity: Any) -> Any:
            taken = limit(quantity, own.get(self.along, self.along), self.to)
            return taken.subs(positive, 1 + RATIO)

        if self.along == Z or Y not in there.free_symbols:
            found = limited(there)
        else:
            # z moves with c_FT. A polynomial in ℓ − 1, which stays between 0 and 1, has a limit
            # where its coefficients have one and all but the constant vanish.
            written = sp.cancel(sp.together(there.subs(Y, (1 / _EXCESS - 1) / 2)))
            if not written.is_polynomial(_EXCESS):
                raise ValueError(f"must be a polynomial in ℓ − 1, got {plain(of)}")
            polynomial = sp.Poly(written, _EXCESS)
            *moving, found = map(limited, polynomial.all_coeffs())
            if any(coefficient != 0 for coefficient in moving):
                raise ValueError(f"the limit of {plain(of)} must not depend on z, got {moving}")
        if Y in found.free_symbols:
            raise ValueError(f"the limit of {plain(of)} must not depend on z, got {found}")
        return found

    def _at_magnitude(self, of: Any, at: dict[Any, Any]) -> Any:
        """Take the limit where |β_FT| is given: z has a limit then, in which ℓ is continuous."""
        pair = sp.expand(of.subs(PD, -(ELL - 1) * KAPPA))
        if not pair.is_polynomial(ELL, KAPPA) or pair.free_symbols - {ELL, KAPPA} or self.first:
            raise ValueError(f"must be a polynomial in ℓ, PD and κ, got {plain(of)}")
        network = {symbol: value for symbol, value in at.items() if symbol != BETA_FT}
        argument, kappa = (
            limit(sp.simplify(quantity.subs(network)), self.along, self.to)
            for quantity in (at[BETA_FT] / scale_from_invariants(), transfer())
        )
        if not argument.is_positive or argument.is_infinite:
            raise ValueError(f"z must tend to a positive number, got {argument}")
        return pair.subs({ELL: in_argument(l_order()).subs(Z, argument), KAPPA: kappa})


class OnlyWhere(NamedTuple):
    """`of` has the value where one of the coordinates `places` vanishes, and only there."""

    of: Any
    value: Any
    places: tuple[Any, ...]

    @property
    def equality(self) -> Any:
        """What holds there, and only there."""
        return sp.Eq(self.of, self.value, evaluate=False)

    def latex(self) -> str:
        places = r" \ \text{or} \ ".join(vanishes(place) for place in self.places)
        return rf"{printed(self.equality)} \iff {places}"

    def steps(self) -> Steps:
        require_some(places=self.places)
        name = plain(self.equality)
        for place in self.places:
            yield f"{name} where {place} = 0", equal(self._distance().subs(place, 0), 0)
        positive = frozenset(self.places)
        elsewhere = (Orthant(positive, frozenset({E, S, G}) - positive),)
        signed = (sign_on(sign * self._distance(), elsewhere) for sign in (1, -1))
        text = f"nowhere else is {name}"
        yield text, certified(text, next(filter(None, signed), None))

    def _distance(self) -> Any:
        of, value = sides(self.equality)
        return in_coordinates(of) - value


class At(NamedTuple):
    """`of`, a function of the network, has the value where the symbols in `at` have theirs."""

    of: Any
    value: Any
    at: tuple[tuple[Any, Any], ...]

    @property
    def equality(self) -> Any:
        """What holds there."""
        return sp.Eq(self.of, self.value, evaluate=False)

    def latex(self) -> str:
        places = r",\ ".join(placed(self.at))
        return rf"{printed(self.equality)} \quad ({places})"

    def steps(self) -> Steps:
        require_some(at=self.at)
        places = ", ".join(f"{plain(symbol)} = {plain(value)}" for symbol, value in self.at)
        case = (Orthant(frozenset(), fixed=tuple(_coordinate(*one) for one in self.at)),)
        require_scale(case)
        of, value = sides(self.equality)
        yield f"{plain(self.equality)} where {places}", equal_on(case, in_coordinates(of), value)


def _require_place(domain: tuple[Orthant, ...], at: tuple[tuple[Any, Any], ...]) -> None:
    """Raise ValueError if a place where some symbols have values lies in no case of a domain."""
    own = dict(_coordinate(*one) for one in at if one[0] in (BETA_PT, RATIO, GAMMA))
    if not any(
        all(own.get(symbol) == value for symbol, value in case.fixed)
        and all(own.get(symbol, 1) != 0 for symbol in case.positive)
        for case in domain
    ):
        raise ValueError(f"an end of a range must be approached in its domain, got {at}")


def _coordinate(symbol: Any, value: Any) -> tuple[Any, Any]:
    """Return the canonical coordinate that a value of |β_PT|, λ/c or γ fixes, and at what."""
    value = sp.sympify(value)
    if symbol in (BETA_PT, GAMMA) and value.is_negative:
        raise ValueError(f"|β_PT| and γ must not be negative, got {plain(symbol)} = {plain(value)}")
    if symbol == BETA_PT:
        return E, sp.sqrt(ABSOLUTE**2 + value**2) - ABSOLUTE
    if symbol in (RATIO, GAMMA):
        return (S, 1 + value) if symbol == RATIO else (G, value**2)
    raise ValueError(f"a value is given to |β_PT|, λ/c or γ, got {plain(symbol)} = {plain(value)}")


class Approached(NamedTuple):
    """An end of a range that is never attained: a `Limit`."""

    value: Any
    along: Any
    to: Any
    at: tuple[tuple[Any, Any], ...] = ()
    first: tuple[tuple[Any, Any], ...] = ()

    def reached(self, of: Any) -> Statement:
        """State where `of` comes as close to the end as can be."""
        return Limit(of, self.along, self.to, self.value, self.at, self.first)


class AttainedAt(NamedTuple):
    """An end of a range that is attained where some symbols have these values."""

    value: Any
    at: tuple[tuple[Any, Any], ...]

    def reached(self, of: Any) -> Statement:
        """State where `of` comes to the end."""
        return At(of, self.value, self.at)


class AttainedWhere(NamedTuple):
    """An end of a range that is attained exactly where one of some coordinates vanishes."""

    value: Any
    places: tuple[Any, ...]

    def reached(self, of: Any) -> Statement:
        """State where `of` comes to the end."""
        return OnlyWhere(of, self.value, self.places)


End = Approached | AttainedAt | AttainedWhere


@dataclass(frozen=True)
class Range:
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

    @property
    def attained(self) -> Theorem:
        """What it states but for ends that are approached only."""
        bounds, *ends = self.theorem.parts
        return Theorem(bounds, *(one for one in ends if not isinstance(one, Limit)))

    def latex(self) -> str:
        return self.theorem.latex()

    def steps(self) -> Steps:
        for end in (self.low, self.high):
            if self.domain and isinstance(end, Approached | AttainedAt):
                _require_place(self.domain, end.at)
        yield from self.theorem.steps()

    def within(self, low: Any = None, high: Any = None) -> Control:
        """Return a control: other ends, said to be reached in the same way."""

        def moved(end: End | None, value: Any) -> End | None:
            return end if end is None or value is None else end._replace(value=sp.Rational(value))

        given = {"low": low, "high": high}
        variant = ", ".join(f"{name} end {value}" for name, value in given.items() if value)
        return Control(
            variant, replace(self, low=moved(self.low, low), high=moved(self.high, high))
        )


@cache
def limit(of: Any, along: Any, to: Any) -> Any:
    """Return a limit from both sides; at an end, beyond which there is no network, from within.

    Raises
    ------
    ValueError
        If it is taken beyond these ends, −c ≤ λ ≤ c and 0 to ∞ for all others, or if there is none,
        as the limits from the two sides differ.
    """
    lowest, highest = (-1, 1) if along == RATIO else (0, sp.oo)
    if not (lowest <= to) or not (to <= highest):
        raise ValueError(f"{plain(along)} must tend to {lowest} … {highest}, got {plain(to)}")
    ends = (("+", highest), ("-", lowest))
    first, *others = (sp.limit(of, along, to, side) for side, end in ends if to != end)
    for other in others:
        if first != other and sp.simplify(first - other) != 0:
            raise ValueError(f"the limit must be one, got {plain(first)} and {plain(other)}")
    return first


def sides(equality: Any) -> Any:
    """Return both sides of an equality; ValueError if it is another relation."""
    if not isinstance(equality, sp.Equality):
        raise ValueError(f"an equality is asked for, got {equality}")
    return equality.args


def same_limit(found: Any, stated: Any) -> Evidence | bool:
    """Decide whether two limits are the same, infinite ones included."""
    if found.is_infinite or stated.is_infinite:
        return bool(found == stated)
    return equal_on_networks(found, stated)
