"""The public quantities: how each is evaluated in mpmath and in float64, and how well.

Functions are looked up in their modules at every call, so that a changed module is seen.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numerics.multiprecision as exact
import numerics.penalty as kernels
import numerics.regimes as regimes
from numerics.initialization import Initialization

Arguments = dict[str, float]

# Float64 kernels claim a few units in the last place (1.1e-16 each, relative); 6e-16 was seen, the
# rest is left to other mathematics libraries.
ROUNDING = 2e-15
# The table's 50 digits are rounded to 5e-50 at worst.
MULTIPRECISION = 1e-48


@dataclass(frozen=True)
class Quantity:
    """One public quantity.

    Attributes
    ----------
    name
        Column of the table.
    multiprecision
        (arguments, digits) → mpf.
    float64
        arguments → float.
    partner
        Column whose half, times β_PT/√(c² + β_PT²), is added to the scale of errors: the
        sensitivity of a layer weight to rounding of β, which is all that is left of it where the
        weight changes sign. None for a relative error.
    defined
        Whether the quantity has a value at these arguments.
    """

    name: str
    multiprecision: Callable[[Arguments, int], Any]
    float64: Callable[[Arguments], float]
    partner: str | None = None
    defined: Callable[[Arguments], bool] = lambda _: True


def _initialization(a: Arguments) -> Initialization:
    return Initialization(a["c"], a["lam"], a["gamma"])


def _learned(a: Arguments) -> tuple[float, float, float, float]:
    return a["beta_pt"], a["c"], a["lam"], a["gamma"]


def _on_saddle(a: Arguments) -> bool:
    return a["lam"] == -a["c"] and a["gamma"] == 0


def _without_limit(a: Arguments) -> bool:
    return a["scale"] == 0 and a["beta_ft"] == 0


def _of_penalty(name: str, *arguments: str, defined: Any = None) -> Quantity:
    """Return a quantity of `numerics.penalty` or `numerics.regimes` with the same name in both."""
    module = kernels if hasattr(kernels, name) else regimes
    return Quantity(
        name,
        lambda a, digits: getattr(exact, name)(*(a[key] for key in arguments), digits=digits),
        lambda a: float(getattr(module, name)(*(a[key] for key in arguments))),
        defined=defined or (lambda _: True),
    )


def _of_weights(weights: Callable[..., Any], index: int, name: str, partner: str) -> Quantity:
    return Quantity(
        name,
        lambda a, digits: weights(*_learned(a)[:3], digits)[index],
        lambda a: float(getattr(_initialization(a).pretraining_layer_weights(a["beta_pt"]), name)),
        partner=partner,
    )


def _finite_limit(a: Arguments) -> bool:
    return a["scale"] > 0 or a["beta_ft"] == 0


def _finite_curvature(a: Arguments) -> bool:
    return a["scale"] > 0 or a["beta_ft"] != 0


def _has_order(a: Arguments) -> bool:
    return not _without_limit(a)


def _has_transfer(a: Arguments) -> bool:
    return not _on_saddle(a)


def _has_dependence(a: Arguments) -> bool:
    return not _on_saddle(a) or a["beta_ft"] != 0


def quantities() -> tuple[Quantity, ...]:
    """Return all public quantities, in the order of the table's columns."""

    @functools.lru_cache(maxsize=1)  # one evaluation gives four columns
    def weights(beta: float, c: float, lam: float, digits: int) -> Any:
        return exact.layer_weights(beta, c, lam, digits=digits)

    return (
        Quantity(
            "finetune_scale",
            lambda a, digits: exact.finetune_scale(*_learned(a), digits=digits),
            lambda a: float(_initialization(a).finetune_scale(a["beta_pt"])),
        ),
        _of_weights(weights, 0, "w_plus", "v_plus"),
        _of_weights(weights, 1, "v_plus", "w_plus"),
        _of_weights(weights, 2, "w_minus", "v_minus"),
        _of_weights(weights, 3, "v_minus", "w_minus"),
        _of_penalty("penalty", "beta_ft", "scale", defined=_finite_limit),
        _of_penalty("penalty_derivative", "beta_ft", "scale", defined=_finite_limit),
        _of_penalty("penalty_curvature", "beta_ft", "scale", defined=_finite_curvature),
        _of_penalty("conjugate", "slope", "scale"),
        _of_penalty("conjugate_derivative", "slope", "scale"),
        _of_penalty("proximal_operator", "z", "tau", "scale"),
        _of_penalty("proximal_derivative", "z", "tau", "scale"),
        _of_penalty("l_order", "beta_ft", "scale", defined=_has_order),
        _of_penalty("l_order_minus_one", "beta_ft", "scale", defined=_has_order),
        _of_penalty("two_minus_l_order", "beta_ft", "scale", defined=_has_order),
        Quantity(
            "transfer",
            lambda a, digits: exact.transfer(*_learned(a), digits=digits),
            lambda a: float(regimes.transfer(a["beta_pt"], _initialization(a))),
            defined=_has_transfer,
        ),
        Quantity(
            "one_minus_transfer",
            lambda a, digits: exact.one_minus_transfer(*_learned(a), digits=digits),
            lambda a: float(regimes.one_minus_transfer(a["beta_pt"], _initialization(a))),
            defined=_has_transfer,
        ),
        Quantity(
            "pretraining_dependence",
            lambda a, digits: exact.pretraining_dependence(
                a["beta_pt"], a["beta_ft"], a["c"], a["lam"], a["gamma"], digits=digits
            ),
            lambda a: float(
                regimes.pretraining_dependence(a["beta_pt"], a["beta_ft"], _initialization(a))
            ),
            defined=_has_dependence,
        ),
    )
