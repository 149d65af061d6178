"""In which direction quantities move as one parameter grows and all others are held."""

from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import COUPLED, Parameter, derivative
from verify.claim import Control, Evidence
from verify.claims.regimes._language import (
    ELL,
    KAPPA,
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


class Direction(Enum):
    """The sign of a derivative, strict."""

    RISES = 1
    FALLS = -1
    STAYS = 0

    @property
    def words(self) -> str:
        """What it says of a function, followed by the variable."""
        return {1: "strictly increases in", -1: "strictly decreases in", 0: "does not depend on"}[
            self.value
        ]

    @property
    def latex(self) -> str:
        """How the derivative compares with 0."""
        return {1: "> 0", -1: "< 0", 0: "= 0"}[self.value]

    @property
    def reversed(self) -> "Direction":
        """The opposite direction; of no motion, to rise."""
        return Direction.FALLS if self is Direction.RISES else Direction.RISES

    def decide(
        self, slope: Any, sign: Callable[[Any], Evidence], zero: Callable[[Any], Evidence]
    ) -> Evidence:
        """Decide by `sign` that something is positive, or by `zero` that it vanishes."""
        return zero(slope) if self is Direction.STAYS else sign(self.value * slope)


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
            + f" {direction.latex}"
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
    name, held = _PARAMETERS[parameter]
    of = rf"({printed(of)})" if of.is_Add else printed(of)
    slope = rf"\frac{{\partial {of}}}{{\partial {name}}}"
    return rf"\left.{slope}\right|_{{{held}}}" if held else slope


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
