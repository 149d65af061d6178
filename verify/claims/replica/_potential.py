"""The function ψ(θ, b) as claims state it, and derivatives of its mean of envelopes.

That mean is over the coordinates, and its derivatives are the means of those at each (β*, Z), with
w = β − β* for what the envelope is the least value over.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from theory import saddle
from theory.replica import alpha, noise, theta
from theory.saddle import b, w
from verify.claims.replica._means import ESTIMATE, RANDOM, TARGET, Average, Z
from verify.methods.formula import Formula
from verify.methods.notation import Mean, as_written

PSI, ENVELOPE, AVERAGE = sp.Function(r"\psi"), sp.Function("e"), sp.Function("M")
AT_ORIGIN = sp.Symbol("psi_0", real=True)
varrho = sp.Symbol("varrho", nonnegative=True)  # which theory has positive
with as_written():
    CHANNEL = TARGET + theta * Z
    REGULARISATION = theta / b
POTENTIAL = Formula(
    PSI(theta, b),
    (b, noise, theta, varrho, alpha, Mean(ENVELOPE(CHANNEL, REGULARISATION))),
    lambda b, sigma, theta, ridge, alpha, envelope: (
        b / 2 * (sigma**2 / theta + theta) - ridge * b**2 / 2 + (envelope - b * theta / 2) / alpha
    ),
)


def mean_in(formula: Formula, value: Any) -> tuple[Any, Any]:
    """Return the right side of a formula with a value for the one mean in it, and what that is of.

    Raises
    ------
    ValueError
        If it has not one mean.
    """
    of: list[Any] = []

    def mean(argument: Any) -> Any:
        of.append(argument.doit())
        return value

    side = formula({Mean: mean})
    if len(of) != 1:
        raise ValueError(f"there must be one mean, got those of {of}")
    return side, of[0]


def at_each_place(formula: Formula) -> Any:
    """Return the right side of a formula with what the one mean in it is of in place of the mean.

    Where that is another expression at each place, the other's mean is the right side.

    Raises
    ------
    ValueError
        If the side is not affine in its mean, or something random is outside.
    """
    mean = sp.Dummy()
    side, of = mean_in(formula, mean)
    if outside := side.free_symbols & RANDOM:
        raise ValueError(f"nothing random must be outside the mean, got {sorted(outside, key=str)}")
    if sp.simplify(sp.diff(side, mean, 2)) != 0:
        raise ValueError(f"the right side must be affine in its mean, got {side}")
    return side.subs(mean, of)


def as_function(potential: Formula) -> tuple[Callable[[Any, Any], Any], Any]:
    """Return ψ as a function to be inserted for its name, and the envelope that it has a mean of.

    That mean is a function of θ and b, `AVERAGE`.

    Raises
    ------
    ValueError
        If ψ has not one mean, of an envelope.
    """
    value, envelope = mean_in(potential, AVERAGE(theta, b))
    if not isinstance(envelope, ENVELOPE):
        raise ValueError(f"the mean must be one of an envelope, got that of {envelope}")
    return (
        lambda first, second: value.subs({theta: first, b: second}, simultaneous=True),
        envelope,
    )


def of_deviation(mean: Average) -> Average:
    """Return a mean of expressions of w = β̂ − β* as one of expressions of β̂."""
    return lambda of: mean(of.doit().subs(ESTIMATE, TARGET + w))


def at_place(value: Any, *place: Any) -> Callable[..., Any]:
    """Return a function, to be inserted, that has this value at these arguments only."""
    return lambda *at: value if at == place else sp.nan


def plane(
    slopes: Sequence[Any], value: Any = AT_ORIGIN, place: Sequence[Any] = (0, 0)
) -> Callable[..., Any]:
    """Return a function with these slopes, to be inserted for ψ at (θ, b) and nowhere else.

    It has the value given at the place given: any, so that ψ is not a combination of its slopes.
    """
    from_there = zip(slopes, (theta, b), place, strict=True)
    found = value + sum(slope * (one - here) for slope, one, here in from_there)
    return at_place(found, theta, b)


def objective(envelope: Any) -> Any:
    """Return what an envelope is the least value of, over w, at each coordinate."""
    at, step = envelope.args
    return saddle.proximal(TARGET + w, at, step)


def with_derivatives(expression: Any, order: int, derivative: Callable[[Any], Any]) -> Any:
    """Return an expression with given derivatives of the mean of envelopes, in θ and in b.

    Parameters
    ----------
    expression
        It has derivatives of `AVERAGE` of one order.
    order
        That order.
    derivative
        Returns the mean's derivative in θ or b.
    """
    for parameter in (theta, b):
        of = sp.Derivative(AVERAGE(theta, b), (parameter, order))
        if expression.has(of):
            expression = expression.subs(of, derivative(parameter))
    return expression
