"""Near misses of a statement: the same statement with one thing in it a little wrong.

A check has controls, which its author chose. Near misses are made from its subject without an
author: every number by one per cent and by 1/100, every sign, every exponent, every constant and
the result of every function in it, every inequality strict or not, wider or narrower, every choice
from a list, every domain with its boundary. A check that accepts one of them does not decide what
the statement says there; or the statement stays true, which is for a reader to explain.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import partial
from itertools import combinations
from typing import Any

import numpy as np
import sympy as sp

from theory.positivity import Orthant
from verify.methods.code_edits import of_function
from verify.methods.edits import (
    FACTORS,
    Edit,
    Put,
    is_number,
    of_number,
    of_text,
    shortened,
    to,
    variants,
)
from verify.methods.notation import as_written, is_name

# Of arrays with more entries, all are changed at once instead.
ENTRIES = 12

Parts = dict[str, tuple[Any, Put]]


@dataclass(frozen=True)
class NearMiss:
    """A statement with one thing in it changed.

    Attributes
    ----------
    place
        Which field of the statement, as "second.1"; "" for the whole.
    change
        What is changed there: "2 × 101/100".
    size
        The relative change, where it is one: 0.01 for one per cent, 2 for a sign.
    make
        Returns the changed statement. Raises what its type raises for a value that it refuses.
    """

    place: str
    change: str
    size: float | None
    make: Callable[[], Any]

    @property
    def name(self) -> str:
        """Place and change; unique within a statement."""
        return f"{self.place}: {self.change}" if self.place else self.change


def near_misses(statement: Any) -> list[NearMiss]:
    """Return all near misses of a statement, in a fixed order and with different names.

    Parameters
    ----------
    statement
        Numbers, decimal texts, functions, SymPy expressions and relations, choices of an Enum,
        domains (`theory.positivity.Orthant`), variables listed in a tuple, and what is built of
        these: see `parts_of`. Other values, such as text, are left as they are.
    """
    seen: dict[str, int] = {}
    found = []
    for edit in _edits(statement):
        miss = NearMiss(".".join(edit.place), edit.change, edit.size, edit.make)
        seen[miss.name] = count = seen.get(miss.name, 0) + 1
        if count > 1:
            miss = replace(miss, change=f"{miss.change} ({count})")
        found.append(miss)
    return found


def parts_of(value: Any) -> Parts | None:
    """Return the parts of a structured value, each with the function that replaces it.

    Structured are named tuples, dataclasses, tuples, lists, mappings, and objects whose class takes
    its attributes, under their names, when it is made. None for anything else.
    """
    if isinstance(value, (sp.Basic, sp.MatrixBase, type, Enum)):
        return None
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return {
            name: (held, partial(_replace_field, value, name))
            for name, held in zip(value._fields, value, strict=True)
        }
    if isinstance(value, (tuple, list)):
        return {str(i): (held, partial(_replace_item, value, i)) for i, held in enumerate(value)}
    if isinstance(value, Mapping):
        return {
            str(key): (held, partial(_replace_entry, value, key)) for key, held in value.items()
        }
    if is_dataclass(value):
        names = [field.name for field in fields(value) if field.init]
        return {
            name: (getattr(value, name), partial(_replace_member, value, name)) for name in names
        }
    return _parts_of_object(value)


def _replace_field(value: Any, name: str, new: Any) -> Any:
    return value._replace(**{name: new})


def _replace_item(value: Any, i: int, new: Any) -> Any:
    return type(value)([*value[:i], new, *value[i + 1 :]])


def _replace_entry(value: Mapping[Any, Any], key: Any, new: Any) -> Any:
    return {**value, key: new}


def _replace_member(value: Any, name: str, new: Any) -> Any:
    return replace(value, **{name: new})


def _parts_of_object(value: Any) -> Parts | None:
    """Return the parts of an object that its class takes as arguments of the same names."""
    if isinstance(value, types.FunctionType | partial) or not hasattr(value, "__dict__"):
        return None
    if type(value).__init__ is object.__init__:
        return None
    parameters = inspect.signature(type(value)).parameters.values()
    held = dict(vars(value))
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters)
    taken = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
    if any(name not in held for name in taken):
        return None
    names = held if open_ended else taken
    return {name: (held[name], partial(_made_again, value, name)) for name in names}


def _made_again(value: Any, name: str, new: Any) -> Any:
    """Make an object again, with one of its arguments changed."""
    held = {**vars(value), name: new}
    arguments = []
    for p in inspect.signature(type(value)).parameters.values():
        if p.kind is p.VAR_POSITIONAL:
            arguments += held.pop(p.name)
        elif p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
            arguments.append(held.pop(p.name))
        elif p.kind is p.VAR_KEYWORD:
            return type(value)(*arguments, **held)
    keywords = inspect.signature(type(value)).parameters.keys() & held.keys()
    return type(value)(*arguments, **{name: held[name] for name in keywords})


def _edits(value: Any) -> Iterator[Edit]:
    """Yield the edits of any value; none for what is not known to state anything, such as text."""
    if isinstance(value, (bool, np.bool_)):
        yield to(not value, f"{value} → {not value}")
    elif isinstance(value, Enum):
        for other in type(value):
            if other is not value:
                yield to(other, f"{value.name} → {other.name}")
    elif isinstance(value, Orthant):
        yield from _of_domain(value)
    elif isinstance(value, (sp.Basic, sp.MatrixBase)):
        yield from _of_expression(value)
    elif isinstance(value, str):
        yield from of_text(value)
    elif isinstance(value, np.ndarray):
        yield from _of_array(value)
    elif is_number(value):
        yield from of_number(value)
    elif (parts := parts_of(value)) is not None:
        if isinstance(value, tuple):
            yield from _of_variables(value)
        for name, (part, put) in parts.items():
            if isinstance(part, sp.Basic) and not (
                isinstance(value, tuple) and isinstance(part, sp.Symbol)
            ):
                for edit in _of_symbols(part):
                    yield edit.within(put, name)
            for edit in _edits(part):
                yield edit.within(put, name)
    elif callable(value):
        yield from of_function(value)


def _of_array(array: Any) -> Iterator[Edit]:
    if array.dtype.kind not in "fiu":
        return
    values = array.astype(float)
    for edit in variants("all", lambda _, by: values * float(by), lambda _, by: values + float(by)):
        yield edit
    for place in np.ndindex(array.shape) if 1 < array.size <= ENTRIES else ():
        for edit in of_number(float(values[place])):
            yield edit.within(partial(_with_entry, values, place), ",".join(map(str, place)))


def _of_variables(held: tuple[Any, ...]) -> Iterator[Edit]:
    """Yield a tuple with two variables in it exchanged, or one of another name."""
    parts: Parts = parts_of(held) or {}
    names = [name for name, (part, _) in parts.items() if isinstance(part, sp.Symbol)]
    for name in names:
        variable, put = parts[name]
        for edit in _of_symbols(variable):
            yield edit.within(put)
    for one, two in combinations(names, 2):
        first, second = parts[one][0], parts[two][0]
        if first != second:
            exchanged = parts_of(parts[one][1](second)) or {}
            yield to(exchanged[two][1](first), f"{first} and {second} exchanged")


def _of_symbols(expression: Any) -> Iterator[Edit]:
    """Yield an expression with another variable in the place of each one in it."""
    for symbol in sorted(expression.free_symbols, key=str):
        if isinstance(symbol, sp.Symbol):
            other = sp.Symbol(_another(symbol.name), **symbol.assumptions0)
            yield to(expression.xreplace({symbol: other}), f"{other} for {symbol}")


def _another(name: str) -> str:
    """Return the name with a prime, in its braces, where that is a name, and else another."""
    primed = f"{name[:-1]}'}}" if name.startswith("{") else f"{name}'"
    return primed if is_name(primed) else "other"


def _with_entry(values: Any, place: tuple[int, ...], new: float) -> Any:
    changed = values.copy()
    changed[place] = new
    return changed


def _of_domain(domain: Orthant) -> Iterator[Edit]:
    """Yield domains with the boundary of an open condition, with a fixed value moved or freed."""
    for symbol in sorted(domain.positive, key=str):
        wider = replace(
            domain,
            positive=domain.positive - {symbol},
            nonnegative=domain.nonnegative | {symbol},
        )
        yield to(wider, f"{symbol} ≥ 0 for {symbol} > 0")
    for symbol, value in domain.fixed:
        wider = replace(
            domain,
            nonnegative=domain.nonnegative | {symbol},
            fixed=tuple(pair for pair in domain.fixed if pair[0] != symbol),
        )
        yield to(wider, f"{symbol} ≥ 0 for {symbol} = {value}")
        for edit in _of_value(sp.sympify(value)):
            yield edit.within(
                partial(_with_fixed, domain, symbol), change=f"{symbol} = {edit.change}"
            )


def _with_fixed(domain: Orthant, symbol: Any, new: Any) -> Orthant:
    moved = tuple((held, new if held == symbol else value) for held, value in domain.fixed)
    return replace(domain, fixed=moved)


def _of_expression(expression: Any) -> Iterator[Edit]:
    """Yield the edits of a SymPy expression, matrix or relation, in each of its places."""
    if isinstance(expression, (sp.Symbol, sp.MatrixSymbol)):
        return
    if isinstance(expression, sp.MatrixBase):
        for i, entry in enumerate(expression):
            for edit in _of_expression(entry):
                yield edit.within(partial(_with_element, expression, i), str(i))
    elif expression in (sp.true, sp.false):
        yield to(~expression, f"{expression} → {~expression}")
    elif expression.is_Relational:
        yield from _of_relation(expression)
    else:
        if isinstance(expression, sp.Expr) and not expression.is_Matrix:
            yield from _of_value(expression)
        yield from _of_arguments(expression)


def _with_element(matrix: Any, i: int, new: Any) -> Any:
    changed = matrix.as_mutable()
    changed[i] = new
    return type(matrix)(changed)


_REVERSED = {"<": sp.Gt, "<=": sp.Ge, ">": sp.Lt, ">=": sp.Le}
_STRICTNESS = {"<": sp.Le, "<=": sp.Lt, ">": sp.Ge, ">=": sp.Gt}


def _of_relation(relation: Any) -> Iterator[Edit]:
    """Yield a relation strict or not, reversed, and with the edits of each side."""
    text = shortened(relation)
    for others in (_STRICTNESS, _REVERSED):
        if relation.rel_op in others:
            other = others[relation.rel_op](*relation.args, evaluate=False)
            yield to(other, f"{other.rel_op} for {relation.rel_op} in {text}")
    for i, side in enumerate(("left", "right")):
        value = relation.args[i]
        for edit in _of_value(value) if value.is_Symbol else _of_expression(value):
            change = f"{edit.change}, {side} side of {text}"
            yield edit.within(partial(_with_argument, relation, i), change=change)


def _of_arguments(expression: Any) -> Iterator[Edit]:
    """Yield the edits of what an expression is made of: its numbers, and terms without one."""
    arguments = expression.args
    if isinstance(expression, (sp.MatrixSymbol, sp.Indexed)) or not all(
        isinstance(argument, sp.Basic) for argument in arguments
    ):
        return
    text = shortened(expression)
    if isinstance(expression, sp.Derivative):
        yield from _of_derivative(expression, text)
        return
    for i, argument in enumerate(arguments):
        put = partial(_with_argument, expression, i)
        if argument.is_Number or argument.is_NumberSymbol:
            for edit in _of_value(argument):
                yield edit.within(put, change=f"{edit.change} in {text}")
            continue
        if expression.is_Add and not any(f.is_Number for f in sp.Mul.make_args(argument)):
            for factor in (*FACTORS, Fraction(-1)):
                name = "(−1)" if factor == -1 else factor
                change = f"{shortened(argument)} × {name} in {text}"
                yield to(_product(argument, factor), change, abs(float(factor - 1))).within(put)
        for edit in _of_arguments(argument):
            yield edit.within(put)


def _of_derivative(derivative: Any, text: str) -> Iterator[Edit]:
    """Yield a derivative of one order more and less, and of what it is not taken of alone."""
    of, *variables = derivative.args
    for i, (variable, order) in enumerate(variables):
        for other in (order + 1, order - 1):
            changed = [*variables[:i], (variable, other), *variables[i + 1 :]]
            new = sp.Derivative(of, *changed) if any(n for _, n in changed) else of
            yield to(new, f"{variable}: order {order} → {other} in {text}")
    for edit in _of_arguments(of):
        yield edit.within(partial(_with_argument, derivative, 0))


def _of_value(value: Any) -> Iterator[Edit]:
    """Yield the edits of an expression as one value."""
    if value in (sp.oo, -sp.oo):
        yield to(-value, f"{-value} for {value}", 2.0)
    elif not (value.is_infinite or value.has(sp.nan)):
        yield from variants(value, _product, _sum)


def _product(value: Any, by: Fraction) -> Any:
    return sp.Mul(sp.Rational(by), value, evaluate=value.is_Number)


def _sum(value: Any, by: Fraction) -> Any:
    return sp.Add(value, sp.Rational(by), evaluate=value.is_Number)


def _with_argument(expression: Any, i: int, new: Any) -> Any:
    arguments = list(expression.args)
    arguments[i] = new
    with as_written():
        return expression.func(*arguments)
