"""A formula that is stated once, and from that shown, proved and compared with numbers."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, StrEnum
from typing import Any, ClassVar, NamedTuple

import mpmath
import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from verify.claim import Check, Control, Evidence, Measurement, Method
from verify.methods.identity import equal
from verify.methods.numeric import compare

DIGITS = 60
_FLOATS = (float, np.ndarray, mpmath.mpf, sp.Float)


# The name of one quantity: a letter with accents, index, mark and arguments. A dot is d/dt.
_GREEK = (
    r"\\(?:alpha|beta|chi|ell|eta|gamma|kappa|lambda|nu|omega|phi|rho|sigma|tau|theta|varphi"
    r"|varrho)(?![a-z])"
)
_WORD = r"\\mathrm\{[A-Za-z]+(?:\\ [A-Za-z]+)?\}"
_LETTER = rf"(?:\\(?:dot|hat|nabla) ?)?(?:[A-Za-z]|{_GREEK}|{_WORD})"
_INDEX = rf"(?:_(?:\w|{_GREEK}|\\pm|[+-]|\{{(?:[\w,/]|\\pm|{_GREEK}|{_WORD})+\}}))?"
_MARK = r"(?:'|\^(?:\*|\\circ|\\varrho|\{(?:FT|PT)\}))?"
_ATOM = _LETTER + _INDEX + _MARK
_ARGUMENTS = rf"(?<!')\((?:{_ATOM}|0)(?:, {_ATOM})*\)"  # q'(β) is a derivative
_GRADIENT = r"\\frac\{\\partial L\}\{\\partial ?\\beta\}"
_NAME = re.compile(rf"{_ATOM}(?:{_ARGUMENTS})?|{_GRADIENT}")


class Relation(StrEnum):
    """What may stand between the two sides of a formula, in LaTeX."""

    EQUAL = "="
    BELOW = "<"
    AT_MOST = r"\le"
    ABOVE = ">"
    AT_LEAST = r"\ge"

    @property
    def strict(self) -> bool:
        """Whether the inequality excludes equality."""
        return self in (Relation.BELOW, Relation.ABOVE)

    def margin(self, left: Any, right: Any) -> Any:
        """Return what must not be negative (must be positive, if strict) for the inequality.

        Raises
        ------
        ValueError
            If it is an equality.
        """
        if self is Relation.EQUAL:
            raise ValueError("an inequality is asked for, and = is stated")
        return right - left if self in (Relation.BELOW, Relation.AT_MOST) else left - right


class Bound(NamedTuple):
    """A relation of a formula's left side to a number: "> 0"."""

    relation: Relation
    value: Any

    @property
    def strict(self) -> bool:
        """Whether the bound itself is excluded."""
        return self.relation.strict

    def margin(self, left: Any) -> Any:
        """Return what must not be negative (must be positive, if strict); see `Relation`."""
        return self.relation.margin(left, self.value)


POSITIVE = Bound(Relation.ABOVE, 0)
NONNEGATIVE = Bound(Relation.AT_LEAST, 0)


class Limit(NamedTuple):
    """The limit that a formula's left side stands for: `variable` → `to`.

    `side` is "+" from above and "-" from below where the value is finite; shown unless it is "".
    """

    variable: sp.Symbol
    to: Any
    side: str = ""

    def of(self, expression: Any) -> Any:
        """Return the limit of an expression; it has `variable` under that very name."""
        return sp.limit(expression, self.variable, sp.sympify(self.to), self.side or "+")

    def latex(self) -> str:
        """Return the operator, to stand before the quantity."""
        side = f"^{self.side}" if self.side else ""
        return rf"\lim_{{{sp.latex(self.variable)} \to {shown(self.to)}{side}}} "


class Extremum(Enum):
    """Which value is meant, by the sign that the curvature has there."""

    MIN = 1
    MAX = -1

    @property
    def operator(self) -> str:
        """Its name in LaTeX."""
        return rf"\{self.name.lower()}"

    @property
    def place(self) -> str:
        """Its name in LaTeX, for where it is reached."""
        return rf"\operatorname{{arg{self.name.lower()}}}"


@dataclass(frozen=True)
class Formula:
    """`name` = body(*symbols), shown as the body is written.

    A check has the right side at values that it gives by symbol, `formula({c: 1, gamma: 0})`: what
    stands for c on the page is then what it takes for c.

    Attributes
    ----------
    name
        The left side: the name of one quantity in LaTeX, which no check can decide, or an
        expression of quantities, in which checks insert what they derive (`left`). What relates it
        to anything is a field of its own.
    symbols
        The variables, as shown: symbols, tuples of them that get one value, and expressions of
        symbols, whose value is that of the expression.
    body
        The right side, as a function of symbols or of numbers.
    relation
        What stands between the two sides.
    bounds
        Relations of the left side to numbers, "> 0".
    limit
        The limit of `name` that is the left side.

    Raises
    ------
    ValueError
        If `name` is a text and says more than the name of a quantity.
    """

    name: str | sp.Basic
    symbols: tuple[Any, ...]
    body: Callable[..., Any]
    relation: Relation = Relation.EQUAL
    bounds: tuple[Bound, ...] = ()
    limit: Limit | None = None

    def __post_init__(self) -> None:
        if isinstance(self.name, str) and not _NAME.fullmatch(self.name):
            raise ValueError(
                f"the left side must be the name of one quantity in LaTeX, or an expression, got "
                f"the text {self.name!r}: relations, bounds and limits are fields, words belong "
                f"into the sentence"
            )

    def __call__(self, at: Mapping[Any, Any] | None = None) -> Any:
        """Return the right side of an equality, with values inserted for symbols.

        Parameters
        ----------
        at
            Values, expressions or numbers, by symbol; other symbols stay as they are.

        Raises
        ------
        ValueError
            If an inequality is stated: its sides are not equal. See `margin` and `side`.
        """
        if self.relation is not Relation.EQUAL:
            raise ValueError(f"an equality is asked for, and {self.relation} is stated")
        return self.side(at)

    def side(self, at: Mapping[Any, Any] | None = None) -> Any:
        """Return the right side, of an inequality too, with values inserted for symbols.

        Raises
        ------
        TypeError
            If the values are not given by symbol.
        ValueError
            If some values are floats and others are missing: that is no number.
        """
        values = {} if at is None else at
        if not isinstance(values, Mapping):
            raise TypeError(f"values must be given by symbol, {{symbol: value}}, got {at!r}")
        given = [_value(symbol, values) for symbol in self.symbols]
        missing = [s for s, value in zip(self.symbols, given, strict=True) if value is s]
        if missing and any(isinstance(value, _FLOATS) for value in values.values()):
            raise ValueError(f"numbers must be given for all symbols, got none for {missing}")
        return self.body(*given)

    def left(self, quantity: Any) -> Any:
        """Return the left side, with what is derived inserted for the quantities in it.

        Parameters
        ----------
        quantity
            The value of the only quantity, or values by symbol, functions by function class.

        Raises
        ------
        TypeError
            If one value is given for an expression of several symbols.
        """
        if isinstance(self.name, str):
            return quantity
        if not isinstance(quantity, Mapping):
            if len(symbols := self.name.free_symbols) != 1:
                raise TypeError(
                    f"values must be given by symbol for {self.name}, which has {len(symbols)}"
                )
            quantity = {symbols.pop(): quantity}
        return inserted(self.name, quantity)

    @property
    def strict(self) -> bool:
        """Whether the inequality that is stated excludes equality."""
        return self.relation.strict

    def margin(self, quantity: Any, at: Mapping[Any, Any] | None = None) -> Any:
        """Return what must not be negative (must be positive, if `strict`); see `left`.

        Raises
        ------
        ValueError
            If an equality is stated.
        """
        return self.relation.margin(self.left(quantity), self.side(at))

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        left = self.left_latex()
        if self.limit is not None:
            grouped = rf"\left({left}\right)" if isinstance(self.name, sp.Add) else left
            left = f"{self.limit.latex()}{grouped}"
        right = f"{self.relation} {written(self.body, *self.symbols)}"
        bounds = [f"{bound.relation} {shown(bound.value)}" for bound in self.bounds]
        if len(bounds) == 1 and self.relation is Relation.EQUAL:
            return f"{left} {right} {bounds[0]}"
        return r",\quad ".join([f"{left} {right}", *(f"{left} {bound}" for bound in bounds)])

    def left_latex(self) -> str:
        """Return the left side as the page shows it."""
        return self.name if isinstance(self.name, str) else shown(self.name)

    def exactly(self, *symbols: Any) -> Callable[..., str]:
        """Return the right side to 60 digits, as a function of values of these symbols.

        The values are floats or decimal texts, taken as exact.
        """

        def value(*point: Any) -> str:
            at = dict(zip(symbols, map(sp.Rational, point), strict=True))
            return str(sp.N(self(at), DIGITS))

        return value

    def but(self, variant: str, body: Callable[..., Any]) -> Control:
        """Return a control: the same left side with another right side."""
        return Control(variant, replace(self, body=body))


class Formulas:
    """Formulas that are stated together, each an attribute; the page shows one per line."""

    def __init__(self, **formulas: Formula) -> None:
        vars(self).update(formulas)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no formula is called {name!r}, only {', '.join(vars(self))}")

    def latex(self) -> str:
        """Return what the page shows: printed from what is decided."""
        return r" \\ ".join(formula.latex() for formula in vars(self).values())

    def but(self, variant: str, **others: Callable[..., Any] | Formula) -> Control:
        """Return a control: some formulas replaced, or only the bodies of their right sides."""
        changed = {
            name: new if isinstance(new, Formula) else replace(vars(self)[name], body=new)
            for name, new in others.items()
        }
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
        flat = _flat(sp.sympify(expression))
    with sp.evaluate(True):  # the printer asks SymPy what is constant
        return str(_Printer({"order": "none"}).doprint(flat))


class _Printer(LatexPrinter):  # type: ignore[misc]
    """Prints undefined functions by the LaTeX of their names, and primes for their derivatives.

    A transposed matrix has its sign, too, and a fraction that is a symbol its brackets.
    """

    def _print_Function(self, expr: Any, exp: Any = None) -> str:
        if not isinstance(expr, AppliedUndef):
            return str(super()._print_Function(expr, exp))
        return self._applied(expr, 0, expr.args, exp)

    def _print_Pow(self, expr: Any) -> str:
        text = super()._print_Pow(expr)
        if expr.base.is_Symbol and r"\frac" in expr.base.name and text.startswith("{"):
            base = self._print(expr.base)
            text = rf"\left({base}\right){text.removeprefix(base)}"
        return str(text)

    def _print_Derivative(self, expr: Any, exp: Any = None) -> str:
        of, order = expr.expr, len(expr.variables)
        if not (isinstance(of, AppliedUndef) and expr.variables == of.args * order):
            return str(super()._print_Derivative(expr))
        return self._applied(of, order, of.args, exp)

    def _print_Subs(self, expr: Any) -> str:
        of, (*names,), point = expr.args
        if isinstance(of, sp.Derivative) and {*of.variables} == {*names} and len(of.expr.args) == 1:
            return self._applied(of.expr, len(of.variables), point, None)
        return str(super()._print_Subs(expr))

    def _print_transpose(self, expr: Any) -> str:
        return rf"{self.parenthesize(expr.args[0], PRECEDENCE['Pow'])}^{{\top}}"

    def _applied(self, function: Any, order: int, arguments: Any, exp: Any) -> str:
        """Return a function's name with primes, its power and its arguments."""
        power = "" if exp is None else f"^{{{exp}}}"
        held = ", ".join(map(self._print, arguments))
        return f"{function.func.__name__}" + order * "'" + f"{power}({held})"


def _value(symbol: Any, at: Mapping[Any, Any]) -> Any:
    """Return the value of an entry of `Formula.symbols`; the entry itself if none is given."""
    key = tuple(symbol) if isinstance(symbol, tuple) else symbol  # a tuple reads all
    if key in at or not isinstance(symbol, sp.Basic) or symbol.is_Symbol:
        return at.get(key, symbol)
    value = inserted(symbol, at)
    return symbol if value == symbol else value


def inserted(expression: Any, at: Mapping[Any, Any]) -> Any:
    """Return an expression with values inserted for symbols, and functions for undefined ones.

    Derivatives are taken of what is inserted for a function, before symbols get their values.
    """
    for key, value in at.items():
        if isinstance(key, sp.FunctionClass):
            expression = expression.replace(key, value)
    values = {
        key: sp.sympify(value) for key, value in at.items() if not isinstance(key, sp.FunctionClass)
    }
    expression = expression.doit().xreplace(values)
    return expression.doit() if any(value.is_Matrix for value in values.values()) else expression


def number(value: float | str) -> str:
    """Return a number in LaTeX, with its power of ten: a text as it stands, or six digits."""
    text = value if isinstance(value, str) else f"{value:g}"
    digits, _, exponent = text.lower().partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


class Bracketed(sp.Function):  # type: ignore[misc]
    """A function that is shown as its argument between `opening` and `closing`."""

    opening: ClassVar[str]
    closing: ClassVar[str]

    def _latex(self, printer: Any, exp: Any = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return f"{self.opening}{printer.doprint(self.args[0])}{self.closing}{power}"


class Mean(Bracketed):
    """The expectation of an expression; what it is over stands in the claim's sentence."""

    opening, closing = r"E\left[", r"\right]"


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
    if all(map(operator.is_, arguments, expression.args)):
        return expression  # a sum over an index, made again, would have a factor 1
    return expression.func(*arguments)


def formula_checks(
    stated: Formula,
    controls: tuple[Control, ...],
    *,
    proof: Callable[[Formula], Evidence] | None = None,
    digits: Callable[..., Any] | None = None,
    kernel: Callable[..., Any] | None = None,
    points: Sequence[tuple[Any, ...]] = (),
    of: tuple[sp.Symbol, ...] = (),
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
    of
        The symbols for which the coordinates of a point stand; needed where there are points.
    measured
        Computes the values in integrated networks, by point.
    tolerances
        Relative errors allowed: of 50 digits, of float64, of what was measured.
    seed
        Seed of the measurement.
    """
    names = tuple(map(str, of))
    if not of and any(source is not None for source in (digits, kernel, measured)):
        raise ValueError(
            "`of` must name the symbols that a point's coordinates stand for, got none"
        )

    def against(computed: Any, places: Sequence[tuple[Any, ...]]) -> Callable[..., Measurement]:
        return lambda formula: compare(
            lambda *point: formula.left(computed(*point)),
            formula.exactly(*of),
            places,
            names=names,
        )

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


def derived(
    derive: Callable[..., Any], at: Mapping[Any, Any] | Sequence[Any]
) -> Callable[[Formula], Evidence]:
    """Return the proof that a formula is what `derive` gives at the same arguments.

    Parameters
    ----------
    derive
        Computes the quantity from the theory.
    at
        Its arguments, in order, each under the symbol for which it stands in the formula; or the
        symbols, where they are the arguments themselves.
    """
    values = at if isinstance(at, Mapping) else {symbol: symbol for symbol in at}
    return lambda formula: equal(formula.left(derive(*values.values())), formula(values))
