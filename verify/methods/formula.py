"""A formula that is stated once, and from that shown, proved and compared with numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from verify.claim import Check, Control, Evidence, Measurement, Method
from verify.methods.identity import equal
from verify.methods.near_misses import parts_of
from verify.methods.notation import NAME, is_name, latex_of_symbols, names_in, shown, written
from verify.methods.numeric import compare
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Bound, Limit, Relation, stated_limit

DIGITS = 60
_FLOATS = (float, np.ndarray, mpmath.mpf, sp.Float)


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
        If a text or the name of a symbol says more than the name of a quantity.
    """

    name: str | sp.Basic
    symbols: tuple[Any, ...]
    body: Callable[..., Any]
    relation: Relation = Relation.EQUAL
    bounds: tuple[Bound, ...] = ()
    limit: Limit | None = None

    def __post_init__(self) -> None:
        if isinstance(self.name, str) and not NAME.fullmatch(self.name):
            raise ValueError(
                f"the left side must be the name of one quantity in LaTeX, or an expression, got "
                f"the text {self.name!r}: relations, bounds and limits are fields, words belong "
                f"into the sentence"
            )
        for held in (self.name, *self.symbols):
            for name in names_in(held):
                if not is_name(name):
                    raise ValueError(f"a symbol must have the name of one quantity, got {name!r}")

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

    def left(self, quantities: Any) -> Any:
        """Return the left side, with what is derived inserted for the quantities in it.

        Parameters
        ----------
        quantities
            Values by symbol, functions by function class; of a text, the value of what it names.

        Raises
        ------
        TypeError
            If the values of an expression are not given by symbol.
        """
        if isinstance(self.name, str):
            return quantities
        if not isinstance(quantities, Mapping):
            raise TypeError(
                f"values for {self.name} must be given by symbol, {{symbol: value}}, got "
                f"{quantities!r:.60}"
            )
        return inserted(self.name, quantities)

    @property
    def strict(self) -> bool:
        """Whether the inequality that is stated excludes equality."""
        return self.relation.strict

    @property
    def towards(self) -> Limit:
        """The limit of `name` that is the left side.

        Raises
        ------
        ValueError
            If none is stated.
        """
        return stated_limit(self.limit, self.left_latex())

    def margin(self, quantities: Any, at: Mapping[Any, Any] | None = None) -> Any:
        """Return what must not be negative (must be positive, if `strict`); see `left`.

        Raises
        ------
        ValueError
            If an equality is stated.
        """
        return self.relation.margin(self.left(quantities), self.side(at))

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
    """Formulas that are stated together, each an attribute; the page shows one per line.

    Raises
    ------
    ValueError
        If two of them say what a named quantity is: no check decides that it is the same one.
    """

    def __init__(self, **formulas: Formula) -> None:
        said: set[Any] = set()
        for formula in formulas.values():
            if isinstance(formula.name, str) and formula.relation is Relation.EQUAL:
                if (formula.name, formula.limit) in said:
                    raise ValueError(f"two formulas say what {formula.left_latex()} is")
                said.add((formula.name, formula.limit))
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


def _value(symbol: Any, at: Mapping[Any, Any]) -> Any:
    """Return the value of an entry of `Formula.symbols`; the entry itself if none is given."""
    if isinstance(symbol, tuple):
        return at.get(tuple(symbol), symbol)  # reads all that are in it
    if not isinstance(symbol, sp.Basic) or isinstance(symbol, (sp.Symbol, sp.MatrixSymbol)):
        return at.get(symbol, symbol)
    if any(isinstance(at.get(one), np.ndarray) for one in symbol.free_symbols):
        return on_arrays(symbol, {one: at[one] for one in symbol.free_symbols if one in at})
    value = inserted(symbol, at)
    return symbol if value == symbol else value


def inserted(expression: Any, at: Mapping[Any, Any]) -> Any:
    """Return an expression with values inserted for symbols, and functions for undefined ones.

    All at once: in what is inserted nothing is replaced. Derivatives are taken of what is inserted
    for a function, before symbols get their values. Entries for tuples of symbols are for
    `Formula.symbols`, and are passed over.

    Raises
    ------
    TypeError
        If a value is given for anything but a symbol or a function: for a whole term.
    """
    functions = {key: value for key, value in at.items() if isinstance(key, sp.FunctionClass)}
    values = {}
    for key, value in at.items():
        if isinstance(key, (sp.Symbol, sp.MatrixSymbol)):
            values[key] = sp.sympify(value)
        elif key not in functions and not isinstance(key, tuple):
            raise TypeError(f"values must be given by symbol or function, got one for {key!r}")
    expression = expression.replace(
        lambda term: term.func in functions, lambda term: functions[term.func](*term.args)
    )
    expression = sp.sympify(expression).doit().xreplace(values)
    return expression.doit() if any(value.is_Matrix for value in values.values()) else expression


def defined(formula: Formula, symbol: sp.Symbol, at: Mapping[Any, Any] | None = None) -> Any:
    """Return the value that a formula gives to the symbol that it defines.

    Raises
    ------
    ValueError
        If another quantity is on its left side.
    """
    if formula.name != symbol:
        raise ValueError(f"the formula must define {symbol}, got one for {formula.name}")
    return formula(at)


def named_twice(statement: Any) -> list[str]:
    """Return the texts that name what is a symbol elsewhere in a statement, in any structure.

    A check inserts values under the symbol, whatever the text says: the name must be that symbol.
    """
    formulas = list(_formulas(statement))
    held = [one for formula in formulas for one in (formula.name, *formula.symbols)]
    symbols = {latex for one in held for latex in latex_of_symbols(one)}
    texts = [formula.name for formula in formulas if isinstance(formula.name, str)]
    return [text for text in texts if text in symbols]


def _formulas(statement: Any) -> Iterator[Formula]:
    if isinstance(statement, Formula):
        yield statement
        return
    for part, _ in (parts_of(statement) or {}).values():
        yield from _formulas(part)


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
        Computes what `Formula.left` takes from the theory.
    at
        Its arguments, in order, each under the symbol for which it stands in the formula; or the
        symbols, where they are the arguments themselves.
    """
    values = at if isinstance(at, Mapping) else {symbol: symbol for symbol in at}
    return lambda formula: equal(formula.left(derive(*values.values())), formula(values))
