"""Near misses of a statement: the same statement with one thing in it a little wrong.

A check has controls, which its author chose. Near misses are made from its subject without an
author: every number by one per cent and by 1/100, every sign, every exponent, every constant and
the result of every function in it, every inequality strict or not, wider or narrower, every choice
from a list, every domain with its boundary. A check that accepts one of them does not decide what
the statement says there; or the statement stays true, which is for a reader to explain.
"""

from __future__ import annotations

import dis
import inspect
import opcode
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from functools import cache, partial, wraps
from itertools import combinations
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from theory.positivity import Orthant

PER_CENT = Fraction(1, 100)
FACTORS = (1 + PER_CENT, 1 - PER_CENT)
# Of arrays with more entries, all are changed at once instead.
ENTRIES = 12

Put = Callable[[Any], Any]
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


@dataclass(frozen=True)
class _Edit:
    """A change of a part of the statement, to be put back into it."""

    place: tuple[str, ...]
    change: str
    size: float | None
    make: Callable[[], Any]

    def within(self, put: Put, *part: str, change: str | None = None) -> _Edit:
        """Return the edit of the whole, in which `put` replaces the part."""
        make = partial(_put, put, self.make)
        return _Edit((*part, *self.place), change or self.change, self.size, make)


def _put(put: Put, make: Callable[[], Any]) -> Any:
    return put(make())


def _to(value: Any, change: str, size: float | None = None) -> _Edit:
    """Return the edit that replaces a value by another one."""
    return _Edit((), change, size, partial(_same, value))


def _same(value: Any) -> Any:
    return value


def _edits(value: Any) -> Iterator[_Edit]:
    """Yield the edits of any value; none for what is not known to state anything, such as text."""
    if isinstance(value, (bool, np.bool_)):
        yield _to(not value, f"{value} → {not value}")
    elif isinstance(value, Enum):
        for other in type(value):
            if other is not value:
                yield _to(other, f"{value.name} → {other.name}")
    elif isinstance(value, Orthant):
        yield from _of_domain(value)
    elif isinstance(value, (sp.Basic, sp.MatrixBase)):
        yield from _of_expression(value)
    elif isinstance(value, str):
        yield from _of_text(value)
    elif isinstance(value, np.ndarray):
        yield from _of_array(value)
    elif _is_number(value):
        yield from _of_number(value)
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
        yield from _of_function(value)


def _is_number(value: Any) -> bool:
    plain = isinstance(value, (int, float, Fraction, Decimal, np.number))
    return plain or type(value).__name__ in ("mpf", "arb", "fmpq", "fmpz")


def _variants(value: Any, times: Callable[[Any, Fraction], Any], plus: Any) -> Iterator[_Edit]:
    """Yield a value one per cent and 1/100 larger and smaller, and of the other sign."""
    try:
        # SymPy looks for the value of a derivative of an undefined function without end.
        open_ended = isinstance(value, sp.Basic) and bool(
            value.free_symbols or value.has(AppliedUndef)
        )
        size = None if open_ended else abs(float(value))
    except (TypeError, ValueError, OverflowError):
        size = None
    text = _shortened(value)
    for factor in FACTORS if size != 0 else ():
        yield _to(times(value, factor), f"{text} × {factor}", float(PER_CENT))
    for step, sign in ((PER_CENT, "+"), (-PER_CENT, "−")):
        change = float(PER_CENT) / size if size else None
        yield _to(plus(value, step), f"{text} {sign} 1/100", change)
    if size != 0:
        yield _to(times(value, Fraction(-1)), f"{text} × (−1)", 2.0)


def _shortened(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 48 else f"{text[:47]}…"


def _times(value: Any, by: Fraction) -> Any:
    return value * _like(value, by)


def _plus(value: Any, by: Fraction) -> Any:
    return value + _like(value, by)


def _like(value: Any, by: Fraction) -> Any:
    """Return a fraction in a type that `value` can be added to and multiplied by."""
    if isinstance(value, (sp.Basic, int, np.integer)):
        return sp.Rational(by)
    if isinstance(value, Fraction):
        return by
    if isinstance(value, (float, np.floating, np.ndarray)):
        return float(by)
    # Decimal, mpf, Arb's types.
    return type(value)(by.numerator) / by.denominator


def _of_number(value: Any) -> Iterator[_Edit]:
    exact = isinstance(value, (int, np.integer))
    # Whole numbers become rational ones, as SymPy has them.
    yield from _variants(int(value) if exact else value, _times, _plus)
    if exact:
        # Where a whole number is asked for.
        for other in (int(value) + 1, int(value) - 1):
            yield _to(other, f"{value} → {other}")


def _of_text(text: str) -> Iterator[_Edit]:
    """Yield the edits of a number in decimal text; other text states nothing."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return
    if number.is_finite():
        for edit in _of_number(number):
            yield edit.within(str)


def _of_array(array: Any) -> Iterator[_Edit]:
    if array.dtype.kind not in "fiu":
        return
    values = array.astype(float)
    for edit in _variants(
        "all", lambda _, by: values * float(by), lambda _, by: values + float(by)
    ):
        yield edit
    for place in np.ndindex(array.shape) if 1 < array.size <= ENTRIES else ():
        for edit in _of_number(float(values[place])):
            yield edit.within(partial(_with_entry, values, place), ",".join(map(str, place)))


def _of_variables(held: tuple[Any, ...]) -> Iterator[_Edit]:
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
            yield _to(exchanged[two][1](first), f"{first} and {second} exchanged")


def _of_symbols(expression: Any) -> Iterator[_Edit]:
    """Yield an expression with another variable in the place of each one in it."""
    for symbol in sorted(expression.free_symbols, key=str):
        if isinstance(symbol, sp.Symbol):
            other = sp.Symbol(f"{symbol.name}'", **symbol.assumptions0)
            yield _to(expression.xreplace({symbol: other}), f"{other} for {symbol}")


def _with_entry(values: Any, place: tuple[int, ...], new: float) -> Any:
    changed = values.copy()
    changed[place] = new
    return changed


def _of_domain(domain: Orthant) -> Iterator[_Edit]:
    """Yield domains with the boundary of an open condition, with a fixed value moved or freed."""
    for symbol in sorted(domain.positive, key=str):
        wider = replace(
            domain,
            positive=domain.positive - {symbol},
            nonnegative=domain.nonnegative | {symbol},
        )
        yield _to(wider, f"{symbol} ≥ 0 for {symbol} > 0")
    for symbol, value in domain.fixed:
        wider = replace(
            domain,
            nonnegative=domain.nonnegative | {symbol},
            fixed=tuple(pair for pair in domain.fixed if pair[0] != symbol),
        )
        yield _to(wider, f"{symbol} ≥ 0 for {symbol} = {value}")
        for edit in _of_value(sp.sympify(value)):
            yield edit.within(
                partial(_with_fixed, domain, symbol), change=f"{symbol} = {edit.change}"
            )


def _with_fixed(domain: Orthant, symbol: Any, new: Any) -> Orthant:
    moved = tuple((held, new if held == symbol else value) for held, value in domain.fixed)
    return replace(domain, fixed=moved)


def _of_expression(expression: Any) -> Iterator[_Edit]:
    """Yield the edits of a SymPy expression, matrix or relation, in each of its places."""
    if isinstance(expression, (sp.Symbol, sp.MatrixSymbol)):
        return
    if isinstance(expression, sp.MatrixBase):
        for i, entry in enumerate(expression):
            for edit in _of_expression(entry):
                yield edit.within(partial(_with_element, expression, i), str(i))
    elif expression in (sp.true, sp.false):
        yield _to(~expression, f"{expression} → {~expression}")
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


def _of_relation(relation: Any) -> Iterator[_Edit]:
    """Yield a relation strict or not, reversed, and with the edits of each side."""
    text = _shortened(relation)
    for others in (_STRICTNESS, _REVERSED):
        if relation.rel_op in others:
            other = others[relation.rel_op](*relation.args, evaluate=False)
            yield _to(other, f"{other.rel_op} for {relation.rel_op} in {text}")
    for i, side in enumerate(("left", "right")):
        value = relation.args[i]
        for edit in _of_value(value) if value.is_Symbol else _of_expression(value):
            change = f"{edit.change}, {side} side of {text}"
            yield edit.within(partial(_with_argument, relation, i), change=change)


def _of_arguments(expression: Any) -> Iterator[_Edit]:
    """Yield the edits of what an expression is made of: its numbers, and terms without one."""
    arguments = expression.args
    if isinstance(expression, (sp.MatrixSymbol, sp.Indexed)) or not all(
        isinstance(argument, sp.Basic) for argument in arguments
    ):
        return
    text = _shortened(expression)
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
                change = f"{_shortened(argument)} × {name} in {text}"
                yield _to(_product(argument, factor), change, abs(float(factor - 1))).within(put)
        for edit in _of_arguments(argument):
            yield edit.within(put)


def _of_derivative(derivative: Any, text: str) -> Iterator[_Edit]:
    """Yield a derivative of one order more and less, and of what it is not taken of alone."""
    of, *variables = derivative.args
    for i, (variable, order) in enumerate(variables):
        for other in (order + 1, order - 1):
            changed = [*variables[:i], (variable, other), *variables[i + 1 :]]
            new = sp.Derivative(of, *changed) if any(n for _, n in changed) else of
            yield _to(new, f"{variable}: order {order} → {other} in {text}")
    for edit in _of_arguments(of):
        yield edit.within(partial(_with_argument, derivative, 0))


def _of_value(value: Any) -> Iterator[_Edit]:
    """Yield the edits of an expression as one value."""
    if value in (sp.oo, -sp.oo):
        yield _to(-value, f"{-value} for {value}", 2.0)
    elif not (value.is_infinite or value.has(sp.nan)):
        yield from _variants(value, _product, _sum)


def _product(value: Any, by: Fraction) -> Any:
    return sp.Mul(sp.Rational(by), value, evaluate=value.is_Number)


def _sum(value: Any, by: Fraction) -> Any:
    return sp.Add(value, sp.Rational(by), evaluate=value.is_Number)


def _with_argument(expression: Any, i: int, new: Any) -> Any:
    arguments = list(expression.args)
    arguments[i] = new
    with sp.evaluate(False):
        return expression.func(*arguments)


def _of_function(function: Callable[..., Any], users: tuple[Any, ...] = ()) -> Iterator[_Edit]:
    """Yield a function with another result, and with each constant and sign in it changed.

    So are the numbers and the functions of its package that it uses, other than its `users`.
    """
    for edit in _variants("result", lambda _, by: (_times, by), lambda _, by: (_plus, by)):
        yield edit.within(partial(_with_result, function))
    if not isinstance(function, types.FunctionType):
        return
    for edit in _of_code(function.__code__):
        yield edit.within(partial(_with_code, function))
    known = (*users, function.__code__)
    for name, value, put in _used(function):
        if not isinstance(value, types.FunctionType):
            edits = _of_text(value) if isinstance(value, str) else _of_number(value)
        elif value.__code__ not in known and _package(value) == _package(function):
            edits = _of_function(value, known)
        else:
            continue
        for edit in edits:
            yield edit.within(put, change=f"{edit.change}, {name}")


def _package(function: types.FunctionType) -> str:
    return function.__module__.rpartition(".")[0]


def _used(function: types.FunctionType) -> Iterator[tuple[str, Any, Put]]:
    """Yield the numbers, texts and functions that a function uses, each with its place.

    These are its defaults, what it encloses, and what it has by a name of its module.
    """
    code, defaults = function.__code__, function.__defaults__ or ()
    arguments = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    used: list[tuple[str, Any, Put]] = []
    for i, (name, value) in enumerate(zip(arguments, defaults, strict=True)):
        used.append((name, value, partial(_with_default, function, i)))
    for name, value in (function.__kwdefaults__ or {}).items():
        used.append((name, value, partial(_with_keyword, function, name)))
    for i, cell in enumerate(function.__closure__ or ()):
        held = cell.cell_contents
        used.append((code.co_freevars[i], held, partial(_with_enclosed, function, i)))
    for name in _global_names(code):
        value = function.__globals__.get(name)
        used.append((name, value, partial(_with_global, function, name)))
    for name, value, put in used:
        number = _is_number(value) and not isinstance(value, bool)
        if number or isinstance(value, (str, types.FunctionType)):
            yield name, value, put


def _global_names(code: types.CodeType) -> dict[str, None]:
    """Return the names of its module that code uses, with those that functions in it use."""
    found = {s.argval: None for s in dis.get_instructions(code) if s.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _global_names(constant)
    return found


def _with_default(function: types.FunctionType, i: int, new: Any) -> types.FunctionType:
    made = _copied(function)
    made.__defaults__ = _replace_item(function.__defaults__, i, new)
    return made


def _with_keyword(function: types.FunctionType, name: str, new: Any) -> types.FunctionType:
    made = _copied(function)
    made.__kwdefaults__ = _replace_entry(function.__kwdefaults__ or {}, name, new)
    return made


def _with_enclosed(function: types.FunctionType, i: int, new: Any) -> types.FunctionType:
    return _copied(function, closure=_replace_item(function.__closure__, i, types.CellType(new)))


def _with_global(function: types.FunctionType, name: str, new: Any) -> types.FunctionType:
    return _copied(function, names={**function.__globals__, name: new})


def _with_code(function: types.FunctionType, code: types.CodeType) -> types.FunctionType:
    return _copied(function, code=code)


def _copied(
    function: types.FunctionType,
    *,
    code: types.CodeType | None = None,
    names: dict[str, Any] | None = None,
    closure: tuple[types.CellType, ...] | None = None,
) -> types.FunctionType:
    """Return a function with other code, other names of its module, or other enclosed values."""
    made = types.FunctionType(
        code or function.__code__,
        function.__globals__ if names is None else names,
        function.__name__,
        function.__defaults__,
        closure or function.__closure__,
    )
    made.__kwdefaults__ = function.__kwdefaults__
    made.__module__ = function.__module__
    return made


def _with_result(function: Callable[..., Any], change: tuple[Any, Fraction]) -> Any:
    operation, by = change

    @wraps(function, updated=())
    def changed(*arguments: Any, **keywords: Any) -> Any:
        return _each(function(*arguments, **keywords), operation, by)

    return changed


def _each(value: Any, operation: Any, by: Fraction) -> Any:
    """Change a number, or every number in a tuple, list, mapping or matrix."""
    if isinstance(value, (tuple, list)) and not hasattr(value, "_fields"):
        return type(value)(_each(x, operation, by) for x in value)
    if isinstance(value, Mapping):
        return {key: _each(x, operation, by) for key, x in value.items()}
    if isinstance(value, sp.MatrixBase):
        return value.applyfunc(lambda x: operation(x, by))
    return operation(value, by)


# Operations and the ones that a slip of the pen would put in their place.
_SLIPS = {"+": "-", "-": "+", "*": "/", "/": "*"}
_SLIPS |= {f"{one}=": f"{other}=" for one, other in _SLIPS.items()}
_COMPARISONS = {"<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<=")}
_OPERATIONS = {symbol: number for number, (_, symbol) in enumerate(opcode._nb_ops)}  # type: ignore[attr-defined]


def _of_code(code: types.CodeType) -> Iterator[_Edit]:
    """Yield a function's code with one number in it changed, + for −, × for ÷, or ≤ for <."""
    for i, constant in enumerate(code.co_consts):
        if isinstance(constant, types.CodeType):
            for edit in _of_code(constant):
                yield edit.within(partial(_with_constant, code, i))
    number = 0
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_CONST", "RETURN_CONST", "LOAD_SMALL_INT"):
            for edit in _of_constant(step.argval):
                yield edit.within(
                    partial(_with_new_constant, code, step.offset), change=f"constant {edit.change}"
                )
        elif step.opname == "BINARY_OP" and step.argrepr in _SLIPS:
            number += 1
            other = _SLIPS[step.argrepr]
            edit = _to(_OPERATIONS[other], f"{other} for {step.argrepr} (operation {number})")
            yield edit.within(partial(_with_byte, code, step.offset + 1))
        elif step.opname == "COMPARE_OP" and (sign := step.argval) in _COMPARISONS:
            number += 1
            for other in _COMPARISONS[sign]:
                # The argument has flags beside the comparison.
                argument = (step.arg or 0) ^ _compared(sign) ^ _compared(other)
                edit = _to(argument, f"{other} for {sign} (operation {number})")
                yield edit.within(partial(_with_byte, code, step.offset + 1))
        elif step.opname == "UNARY_NEGATIVE":
            number += 1
            edit = _to(dis.opmap["NOP"], f"no sign (operation {number})", 2.0)
            yield edit.within(partial(_with_byte, code, step.offset))


@cache
def _compared(sign: str) -> int:
    """Return the argument of the instruction that compares with this sign."""
    steps = dis.get_instructions(compile(f"a {sign} b", "", "eval"))
    return next(step.arg or 0 for step in steps if step.opname == "COMPARE_OP")


def _of_constant(constant: Any) -> Iterator[_Edit]:
    """Yield the edits of a number where code loads it; its other uses stay as they are."""
    if isinstance(constant, bool) or not isinstance(constant, (int, float)):
        return
    yield from _variants(
        Fraction(constant) if isinstance(constant, int) else constant, _times, _plus
    )
    if constant == 0:
        # Where a whole number is asked for, and 1/100 is cut off.
        yield _to(1, "0 → 1")


def _with_constant(code: types.CodeType, i: int, new: Any) -> types.CodeType:
    return code.replace(co_consts=(*code.co_consts[:i], new, *code.co_consts[i + 1 :]))


def _with_new_constant(code: types.CodeType, offset: int, new: Any) -> types.CodeType:
    """Return the code in which one instruction loads another constant.

    Raises
    ------
    ValueError
        If the code has more constants than one byte can number.
    """
    if len(code.co_consts) > 255:
        raise ValueError("a function with near misses must have fewer than 256 constants")
    more = code.replace(co_consts=(*code.co_consts, new))
    if code.co_code[offset] == opcode.opmap.get("LOAD_SMALL_INT"):  # Python 3.14
        more = _with_byte(more, offset, opcode.opmap["LOAD_CONST"])
    return _with_byte(more, offset + 1, len(code.co_consts))


def _with_byte(code: types.CodeType, place: int, new: int) -> types.CodeType:
    return code.replace(co_code=code.co_code[:place] + bytes([new]) + code.co_code[place + 1 :])
