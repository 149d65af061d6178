"""In which direction quantities move as one parameter grows and all others are held."""

from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, Parameter, derivative
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE
from verify.claim import Control, Evidence
from verify.claims.regimes._language import (
    ELL,
    KAPPA,
    LAMBDA,
    PD,
    Steps,
    equal_on,
    in_coordinates,
    plain,
    printed,
    require_networks,
    require_some,
    where,
)
from verify.methods.inequality import decide_on_networks
from verify.methods.relations import Relation

# What moves, and what is held fixed besides all others.
MOVED = {
    Parameter.BETA_FT: (BETA_FT, None),
    Parameter.SCALE: (SCALE, None),
    Parameter.BETA_PT: (BETA_PT, None),
    Parameter.RATIO: (LAMBDA, None),
    Parameter.GAMMA: (GAMMA**2, None),
    Parameter.ABSOLUTE_AT_RATIO: (ABSOLUTE, RATIO),
    Parameter.ABSOLUTE_AT_LAMBDA: (ABSOLUTE, LAMBDA),
}


class Direction(Enum):
    """How a derivative compares with 0."""

    RISES = Relation.ABOVE
    FALLS = Relation.BELOW
    STAYS = Relation.EQUAL

    @property
    def words(self) -> str:
        """What it says of a function, followed by the variable."""
        return {
            Direction.RISES: "strictly increases in",
            Direction.FALLS: "strictly decreases in",
            Direction.STAYS: "does not depend on",
        }[self]

    @property
    def reversed(self) -> "Direction":
        """The opposite direction; of no motion, to rise."""
        return Direction.FALLS if self is Direction.RISES else Direction.RISES

    def decide(
        self, slope: Any, sign: Callable[[Any], Evidence], zero: Callable[[Any], Evidence]
    ) -> Evidence:
        """Decide by `sign` that something is positive, or by `zero` that it vanishes."""
        return zero(slope) if self is Direction.STAYS else sign(self.value.margin(slope, 0))


class Slopes(NamedTuple):
    """How each of the quantities `of` moves with parameters, at every network of `domain`.

    It strictly increases with each of `rising`, and decreases with each of `falling`; it does not
    depend on any of `constant`. A parameter is named once.
    """

    of: tuple[Any, ...]
    rising: tuple[Parameter, ...] = ()
    falling: tuple[Parameter, ...] = ()
    constant: tuple[Parameter, ...] = ()
    domain: tuple[Orthant, ...] = COUPLED

    @property
    def directions(self) -> dict[Direction, tuple[Parameter, ...]]:
        """The parameters by the direction in which the quantities move with them."""
        return {
            Direction.RISES: self.rising,
            Direction.FALLS: self.falling,
            Direction.STAYS: self.constant,
        }

    def latex(self) -> str:
        groups = (
            r", \ ".join(partial_derivative(of, one) for of in self.of for one in parameters)
            + f" {direction.value} 0"
            for direction, parameters in self.directions.items()
            if parameters
        )
        return r", \qquad ".join(groups) + where(self.domain)

    def steps(self) -> Steps:
        parameters = self.rising + self.falling + self.constant
        require_some(quantities=self.of, parameters=parameters)
        if len(set(parameters)) < len(parameters):
            raise ValueError(f"each parameter must be named once, got {', '.join(parameters)}")
        require_networks(self.domain)
        for direction, moved in self.directions.items():
            for of in self.of:
                for parameter in moved:
                    text = f"{plain(of)} {direction.words} {parameter}"
                    yield text, self._decide(text, direction, _slope(of, parameter))

    def _decide(self, text: str, direction: Direction, slope: Any) -> Evidence:
        return direction.decide(
            slope,
            lambda positive: decide_on_networks(text, positive, self.domain),
            lambda zero: equal_on(self.domain, zero, sp.Integer(0)),
        )


@cache
def _slope(of: Any, parameter: Parameter) -> Any:
    unknown = sp.sympify(of).free_symbols - {ELL, PD, KAPPA}
    if unknown:
        raise ValueError(f"slopes are of ℓ, PD and κ, got {unknown}")
    return derivative(in_coordinates(of), parameter)


def partial_derivative(of: Any, parameter: Parameter) -> str:
    """Return the LaTeX of a derivative, with what is held besides all others."""
    moved, held = MOVED[parameter]
    of = rf"({printed(of)})" if of.is_Add else printed(of)
    slope = rf"\frac{{\partial {of}}}{{\partial {printed(moved)}}}"
    return slope if held is None else rf"\left.{slope}\right|_{{{printed(held)}}}"


def rises(of: Any, *parameters: Parameter, domain: tuple[Orthant, ...] = COUPLED) -> Slopes:
    """State that one quantity rises with each of the parameters."""
    return Slopes((of,), rising=parameters, domain=domain)


def falls(of: Any, *parameters: Parameter, domain: tuple[Orthant, ...] = COUPLED) -> Slopes:
    """State that one quantity falls with each of the parameters."""
    return Slopes((of,), falling=parameters, domain=domain)


def opposite(slopes: Slopes) -> tuple[Control, ...]:
    """Return controls: each direction by itself, reversed."""
    return tuple(
        Control(
            f"the opposite direction in {parameter}",
            {Direction.RISES: rises, Direction.FALLS: falls}[direction.reversed](
                of, parameter, domain=slopes.domain
            ),
        )
        for direction, parameters in slopes.directions.items()
        for of in slopes.of
        for parameter in parameters
    )
