"""A formula that is stated once, and from that shown, proved and compared with numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from verify.claim import Check, Control, Evidence, Measurement, Method
from verify.methods.identity import equal
from verify.methods.numeric import compare

DIGITS = 60


@dataclass(frozen=True)
class Formula:
    """`name` = body(*symbols), shown as the body is written.

    Attributes
    ----------
    name
        The left side, in LaTeX.
    symbols
        The variables; their assumptions are the domain.
    body
        The right side, as a function of symbols or of numbers.
    after
        What follows the formula, in LaTeX, such as the meaning of an abbreviation.
    relation
        What stands between the two sides, in LaTeX.
    """

    name: str
    symbols: tuple[sp.Symbol, ...]
    body: Callable[..., Any]
    after: str = ""
    relation: str = "="

    def __call__(self, *arguments: Any) -> Any:
        """Return the right side at any arguments, symbols or numbers."""
        return self.body(*arguments)

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        return f"{self.name} {self.relation} {written(self.body, *self.symbols)}{self.after}"

    def exactly(self, *point: Any) -> str:
        """Return the right side to 60 digits, at floats or decimal texts taken as exact."""
        return str(sp.N(self.body(*map(sp.Rational, point)), DIGITS))

    def but(self, variant: str, body: Callable[..., Any]) -> Control:
        """Return a control: the same left side with another right side."""
        return Control(variant, replace(self, body=body))


class Formulas:
    """Formulas that are stated together, each an attribute; the page shows one per line."""

    def __init__(self, **formulas: Formula) -> None:
        vars(self).update(formulas)

    def __getattr__(self, name: str) -> Formula:
        raise AttributeError(f"no formula is called {name!r}, only {', '.join(vars(self))}")

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        return r" \\ ".join(formula.latex() for formula in vars(self).values())

    def but(self, variant: str, **bodies: Callable[..., Any]) -> Control:
        """Return a control: the same left sides, some with other right sides."""
        changed = {name: replace(vars(self)[name], body=body) for name, body in bodies.items()}
        return Control(variant, Formulas(**{**vars(self), **changed}))


def written(body: Callable[..., Any], *arguments: Any) -> str:
    """Return the LaTeX of `body(*arguments)`, its terms and factors in the order of the code.

    Raises
    ------
    ValueError
        If the body does not write its formula out, but computes it (an integral, a limit).
    """
    try:
        with sp.evaluate(False):
            return shown(body(*arguments))
    except RecursionError:
        raise ValueError(
            "the body of a formula must write it out, got one that SymPy has to evaluate"
        ) from None


def shown(expression: Any) -> str:
    """Return the LaTeX of an expression or a number, in the order in which it is written."""
    with sp.evaluate(False):
        return str(sp.latex(_flat(sp.sympify(expression)), order="none"))


def number(value: float | str) -> str:
    """Return a number in LaTeX, with its power of ten: a text as it stands, or six digits."""
    text = value if isinstance(value, str) else f"{value:g}"
    digits, _, exponent = text.lower().partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def named(*latex: str) -> tuple[sp.Symbol, ...]:
    """Return symbols that print as these pieces of LaTeX."""
    return tuple(sp.Symbol(f"{{{name}}}") for name in latex)


def _flat(expression: Any) -> Any:
    """Return an unevaluated sum of sums as one sum, a product of products as one product."""
    if not expression.args:
        return expression
    arguments = [_flat(argument) for argument in expression.args]
    if isinstance(expression, (sp.Add, sp.Mul)):
        kind = type(expression)
        nested = [a.args if isinstance(a, kind) else (a,) for a in arguments]
        return kind(*(one for group in nested for one in group), evaluate=False)
    return expression.func(*arguments)


def formula_checks(
    stated: Formula,
    controls: tuple[Control, ...],
    *,
    proof: Callable[[Formula], Evidence] | None = None,
    digits: Callable[..., Any] | None = None,
    kernel: Callable[..., Any] | None = None,
    points: Sequence[tuple[Any, ...]] = (),
    measured: Callable[[], Mapping[tuple[float, ...], float]] | None = None,
    tolerances: tuple[float, float, float] = (1e-45, 1e-14, 1e-8),
    seed: int | None = None,
) -> tuple[Check, ...]:
    """Return the checks of a formula, one for each source that it is compared with.

    Parameters
    ----------
    stated, controls
        The formula, and the false variants that must be refuted.
    proof
        Decides it from the theory.
    digits, kernel
        The quantity to 50 digits, and in float64, as functions of a point's coordinates.
    points
        Where these two are compared with the formula.
    measured
        Computes the values in integrated networks, by point.
    tolerances
        Relative errors allowed: of 50 digits, of float64, of what was measured.
    seed
        Seed of the measurement.
    """
    names = tuple(map(str, stated.symbols))

    def against(computed: Any, places: Sequence[tuple[Any, ...]]) -> Callable[..., Measurement]:
        return lambda formula: compare(computed, formula.exactly, places, names=names)

    def by_networks(formula: Formula) -> Measurement:
        found = measured() if measured is not None else {}
        return against(lambda *point: found[point], list(found))(formula)

    checks = []

    def add(source: Any, name: str, method: Method, decide: Any, *held: Any, **how: Any) -> None:
        if source is not None:
            checks.append(Check(name, method, decide, stated, controls, *held, **how))

    last, rounding, flow = tolerances
    integrator = "the integrator's local tolerance is 1e-10, in two phases"
    guard = "50 digits, less the last ones"
    add(proof, "derivation", Method.SYMBOLIC, proof)
    add(measured, "integrated networks", Method.FLOW, by_networks, flow, integrator, seed=seed)
    add(digits, "50 digits", Method.MULTIPRECISION, against(digits, points), last, guard)
    add(kernel, "float64", Method.FLOAT64, against(kernel, points), rounding, "a few roundings")
    return tuple(checks)


def derived(derive: Callable[..., Any], *arguments: Any) -> Callable[[Formula], Evidence]:
    """Return the proof that a formula is what `derive` gives at the same arguments."""
    return lambda formula: equal(formula(*arguments), derive(*arguments))
