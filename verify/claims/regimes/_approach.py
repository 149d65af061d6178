"""What tends to zero as other quantities do: over all networks at once, whatever is held or moved.

A limit along one parameter, with all others held, says nothing of networks in which several move
together. Here a quantity is bounded, at every network, by a function of the others that vanishes
with them. What has no such bound is refuted along a path: a family of networks in t → 0 along which
the others vanish and the quantity does not.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED
from theory.regimes import (
    ABSOLUTE,
    BETA_FT,
    BETA_PT,
    GAMMA,
    RATIO,
    SCALE,
    H,
    Z,
    l_order_half_angle,
    scale_from_invariants,
    transfer,
)
from verify.claim import Evidence
from verify.claims.regimes._language import ELL, KAPPA, PD, Steps, plain, printed, where
from verify.claims.regimes._statements import Holds, HoldsAlways
from verify.methods.identity import equal, zero
from verify.methods.inequality import decide_on_networks
from verify.methods.notation import as_written
from verify.methods.orthant import decide_on_orthant

T = sp.Symbol("t", positive=True)
# What everything here tends to.
GONE = sp.Integer(0)

# What has to be small beside what in regime II: c and γ²/(1 + λ/c) beside |β_PT|, and |β_FT|
# beside (1 + λ/c)|β_PT|.
ABSOLUTE_SHARE = ABSOLUTE / BETA_PT
READOUT_SHARE = GAMMA**2 / ((1 + RATIO) * BETA_PT)
ARGUMENT = BETA_FT / ((1 + RATIO) * BETA_PT)


def _path(beta_ft: Any, beta_pt: Any, c: Any, ratio: Any, gamma: Any) -> dict[sp.Symbol, Any]:
    values = map(sp.sympify, (beta_ft, beta_pt, c, ratio, gamma))
    return dict(zip((BETA_FT, BETA_PT, ABSOLUTE, RATIO, GAMMA), values, strict=True))


PATHS = (
    _path(T, 1, 1, 1, 0),
    _path(T, 1, T, 1, 1),
    _path(1, 1, T, 1, 0),
    _path(1, 1, T, sp.Rational(-1, 2), 0),
    _path(1, 1 / T, 1, 0, 1),
    # 1 + λ/c = γ², c = |β_FT| = γ⁴.
    _path(T**4, 1, T**4, T**2 - 1, T),
    _path(1, 0, 1, 0, 1 / T),
    _path(1, T, 1, 0, 0),
)


class Vanishes(NamedTuple):
    """`quantity` tends to 0 as all of `small` do, on any sequence of networks of `domain`.

    Of `small` none is negative, and it lies between 0 and `bound`, a function of them: by `chain`,
    inequalities that add up to that. With `lower`, a bound from below that rises with each of
    `small` and equals the upper one to first order, it tends to 0 then only. Without a bound it can
    be refuted only. An empty domain stands for every z > 0.
    """

    quantity: Any
    small: tuple[Any, ...]
    bound: Callable[..., Any] | None = None
    lower: Callable[..., Any] | None = None
    chain: tuple[Any, ...] = ()
    domain: tuple[Orthant, ...] = COUPLED

    def latex(self) -> str:
        gone = rf"\to {printed(GONE)}"
        tends = r",\ ".join(
            f"{printed(one)} {gone}"
            if one == name
            else f"{printed(sp.Eq(name, one, evaluate=False))} {gone}"
            for one, name in zip(self.small, self._names, strict=True)
        )
        arrow = r"\implies" if self.lower is None else r"\iff"
        text = f"{tends} {arrow} {printed(self.quantity)} {gone}"
        there = where(self.domain) if self.domain else ""
        if self.bound is None:
            return text + there
        named = dict(zip(self.small, self._names, strict=True))
        with as_written():
            bounded = Holds(*self.bounds(*self._names)).latex()
            chain = r",\ ".join(printed(relation.xreplace(named)) for relation in self.chain)
        by = rf" \quad \text{{by}} \quad {chain}" if chain else ""
        return rf"{text}: \quad {bounded}{there}{by}"

    def bounds(self, *small: Any) -> tuple[Any, Any]:
        """Return the relations of the quantity to its bounds, at values of `small`."""
        if self.bound is None:
            raise ValueError(f"{plain(self.quantity)} must have a bound, got none")
        least = GONE if self.lower is None else self.lower(*small)
        return (
            sp.Le(least, self.quantity, evaluate=False),
            sp.Le(self.quantity, self.bound(*small), evaluate=False),
        )

    @property
    def _names(self) -> tuple[sp.Symbol, ...]:
        """What the bounds call each of `small`: a symbol itself, and a, b, d for the others."""
        letters = iter(sp.symbols("a b d"))
        return tuple(one if one.is_Symbol else next(letters) for one in self.small)

    def steps(self) -> Steps:
        name = plain(self.quantity)
        if self.bound is None:
            yield f"{name} → 0 along every path", self._along_paths()
            return
        above, below = self.bounds(*self.small)
        chain, bound = self.chain or (below,), below.gts
        if self.chain:
            gaps = sum(relation.gts - relation.lts for relation in self.chain)
            yield (
                f"{name} ≤ {plain(bound)} is the sum of what follows",
                equal(sp.expand(gaps), sp.expand(bound - self.quantity)),
            )
        yield from self._everywhere(*chain)
        at_zero = dict.fromkeys(self._places, GONE)
        numerator, denominator = sp.fraction(sp.together(self.bound(*self._places)))
        yield "the bound is 0 where they are 0", zero(sp.sympify(numerator).subs(at_zero) - GONE)
        if not sp.sympify(self.bound(*self._places)).is_rational_function(*self._places):
            raise ValueError(f"a bound must be a rational function, got {plain(bound)}")
        text = "and continuous there, as its denominator is not 0"
        yield text, decide_on_orthant(text, denominator.subs(at_zero) ** 2)
        yield from self._everywhere(*(sp.Ge(one, GONE, evaluate=False) for one in self.small))
        yield from self._everywhere(above)
        if self.lower is None:
            return
        for place, one in zip(self._places, self.small, strict=True):
            rise = sp.diff(self.lower(*self._places), place)
            text = f"{plain(above.lts)} rises with {plain(one)}"
            yield text, decide_on_networks(text, rise, (Orthant(frozenset(self._places)),))
        lower, upper = (bound(*self._scaled) for bound in (self.lower, self.bound))
        ratio = sp.limit(sp.cancel(sp.together(lower / upper)), T, 0, "+")
        yield "both bounds agree to first order", equal(ratio, sp.Integer(1))

    @property
    def _places(self) -> tuple[sp.Symbol, ...]:
        return tuple(sp.Symbol(f"x_{i}", positive=True) for i in range(len(self.small)))

    @property
    def _scaled(self) -> tuple[Any, ...]:
        return tuple(T * place for place in self._places)

    def _everywhere(self, *relations: Any) -> Steps:
        if self.domain:
            return Holds(*relations, domain=self.domain).steps()
        return HoldsAlways(*relations).steps()

    def _along_paths(self) -> Evidence:
        for number, path in enumerate(PATHS):
            if any(_limit(one, number) != GONE for one in self.small):
                continue
            found = _limit(self.quantity, number)
            if equal(found, GONE).holds is False:
                network = {plain(symbol): plain(value) for symbol, value in path.items()}
                return Evidence(
                    False,
                    f"{plain(self.quantity)} → {sp.N(found, 6)} as t → 0",
                    counterexample={**network, "t → 0, limit": str(found)},
                )
        return Evidence(None, "no path that was tried refutes it; no bound is given to prove it")


def _limit(of: Any, number: int) -> Any:
    """Return the limit along a path: that of a polynomial in ℓ and κ, which have limits."""
    path, (order, kappa, scale) = PATHS[number], _limits(number)
    written = sp.sympify(of).doit().subs(PD, -(ELL - 1) * KAPPA)
    found = sp.Integer(0)
    for (i, j), coefficient in sp.Poly(written, ELL, KAPPA).terms():
        there = coefficient.subs(Z, BETA_FT / SCALE).subs(SCALE, scale).subs(path)
        found += sp.limit(sp.simplify(there), T, 0, "+") * order**i * kappa**j
    return found


@cache
def _limits(number: int) -> tuple[Any, Any, Any]:
    """Return the limits of ℓ and κ along a path, and c_FT on it."""
    path = PATHS[number]
    scale = scale_from_invariants().subs(path)
    argument = sp.limit(sp.simplify(path[BETA_FT] / scale), T, 0, "+")
    order = {0: sp.Integer(2), sp.oo: sp.Integer(1)}.get(
        argument, l_order_half_angle().subs(H, sp.asinh(argument) / 2)
    )
    return order, sp.limit(sp.simplify(transfer().subs(path)), T, 0, "+"), scale
