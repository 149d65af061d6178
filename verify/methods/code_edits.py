"""Changes of a function: of its result, and of each number, sign and comparison in its code."""

from __future__ import annotations

import dis
import opcode
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from functools import cache, partial, wraps
from typing import Any

import sympy as sp

from verify.methods.edits import Edit, Put, is_number, of_number, of_text, plus, times, to, variants


def of_function(function: Callable[..., Any], users: tuple[Any, ...] = ()) -> Iterator[Edit]:
    """Yield a function with another result, and with each constant and sign in it changed.

    So are the numbers and the functions of its package that it uses, other than its `users`.
    """
    for edit in variants("result", lambda _, by: (times, by), lambda _, by: (plus, by)):
        yield edit.within(partial(_with_result, function))
    if isinstance(function, partial):
        for edit in _of_held(function.args):
            yield edit.within(lambda new: partial(function.func, *new, **function.keywords))
        for name, value in function.keywords.items():
            for edit in _of_held(value):
                yield edit.within(
                    partial(_with_named, function, name), change=f"{edit.change}, {name}"
                )
    inner, put = _held(function)
    if not isinstance(inner, types.FunctionType):
        return
    for edit in _of_code(inner.__code__):
        yield edit.within(partial(_with_code, inner)).within(put)
    known = (*users, inner.__code__)
    for name, value, put_part in _used(inner):
        part, put_back = _held(value)
        if not isinstance(part, types.FunctionType):
            edits = _of_held(value)
        elif part.__code__ not in known and _package(part) == _package(inner):
            edits = of_function(part, known)
        else:
            continue
        for edit in edits:
            changed = edit.within(put_back, change=f"{edit.change}, {name}")
            yield changed.within(put_part).within(put)


def _held(value: Any) -> tuple[Any, Put]:
    """Return the function in a method, a `partial` or a cache, and what puts another in its place.

    A cache is left out, because it would hold what the function returned before.
    """
    if isinstance(value, types.MethodType):
        return value.__func__, lambda new: types.MethodType(new, value.__self__)
    if isinstance(value, partial):
        return value.func, lambda new: partial(new, *value.args, **value.keywords)
    if not isinstance(value, types.FunctionType) and hasattr(value, "__wrapped__"):
        return value.__wrapped__, lambda new: new
    return value, lambda new: new


def _of_held(value: Any) -> Iterator[Edit]:
    """Yield the edits of a number, a decimal text, or a tuple of them."""
    if isinstance(value, tuple):
        for i, part in enumerate(value):
            for edit in _of_held(part):
                yield edit.within(partial(_with_item, value, i), change=f"{edit.change} at {i}")
    elif isinstance(value, str):
        yield from of_text(value)
    elif is_number(value) and not isinstance(value, bool):
        yield from of_number(value)


def _with_named(function: partial[Any], name: str, new: Any) -> partial[Any]:
    return partial(function, **{name: new})


def _with_item(held: tuple[Any, ...], i: int, new: Any) -> tuple[Any, ...]:
    return (*held[:i], new, *held[i + 1 :])


def _package(function: types.FunctionType) -> str:
    return function.__module__.rpartition(".")[0]


def _used(function: types.FunctionType) -> Iterator[tuple[str, Any, Put]]:
    """Yield what a function uses by name, each with its place.

    These are its defaults, what it encloses, and what it has by a name of its module.
    """
    code, defaults = function.__code__, function.__defaults__ or ()
    arguments = code.co_varnames[code.co_argcount - len(defaults) : code.co_argcount]
    for i, (name, value) in enumerate(zip(arguments, defaults, strict=True)):
        yield name, value, partial(_with_default, function, i)
    for name, value in (function.__kwdefaults__ or {}).items():
        yield name, value, partial(_with_keyword, function, name)
    for i, cell in enumerate(function.__closure__ or ()):
        with suppress(ValueError):  # a cell that is not filled yet
            yield code.co_freevars[i], cell.cell_contents, partial(_with_enclosed, function, i)
    for name in _global_names(code):
        yield name, function.__globals__.get(name), partial(_with_global, function, name)


def _global_names(code: types.CodeType) -> dict[str, None]:
    """Return the names of its module that code uses, with those that functions in it use."""
    found = {s.argval: None for s in dis.get_instructions(code) if s.opname == "LOAD_GLOBAL"}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= _global_names(constant)
    return found


def _with_default(function: types.FunctionType, i: int, new: Any) -> types.FunctionType:
    made = _copied(function)
    made.__defaults__ = _with_item(function.__defaults__ or (), i, new)
    return made


def _with_keyword(function: types.FunctionType, name: str, new: Any) -> types.FunctionType:
    made = _copied(function)
    made.__kwdefaults__ = {**(function.__kwdefaults__ or {}), name: new}
    return made


def _with_enclosed(function: types.FunctionType, i: int, new: Any) -> types.FunctionType:
    return _copied(function, closure=_with_item(function.__closure__ or (), i, types.CellType(new)))


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
_SLIPS = {"+": "-", "-": "+", "*": "/", "/": "*", "//": "/", "%": "//"}
_SLIPS |= {f"{one}=": f"{other}=" for one, other in _SLIPS.items()}
_COMPARISONS = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="),
    "==": ("!=",), "!=": ("==",),
}  # fmt: skip
_OPERATIONS = {symbol: number for number, (_, symbol) in enumerate(opcode._nb_ops)}  # type: ignore[attr-defined]


def _of_code(code: types.CodeType) -> Iterator[Edit]:
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
            edit = to(_OPERATIONS[other], f"{other} for {step.argrepr} (operation {number})")
            yield edit.within(partial(_with_byte, code, step.offset + 1))
        elif step.opname == "COMPARE_OP" and (sign := step.argval) in _COMPARISONS:
            number += 1
            for other in _COMPARISONS[sign]:
                # The argument has flags beside the comparison.
                argument = (step.arg or 0) ^ _compared(sign) ^ _compared(other)
                edit = to(argument, f"{other} for {sign} (operation {number})")
                yield edit.within(partial(_with_byte, code, step.offset + 1))
        elif step.opname == "UNARY_NEGATIVE":
            number += 1
            edit = to(dis.opmap["NOP"], f"no sign (operation {number})", 2.0)
            yield edit.within(partial(_with_byte, code, step.offset))


@cache
def _compared(sign: str) -> int:
    """Return the argument of the instruction that compares with this sign."""
    steps = dis.get_instructions(compile(f"a {sign} b", "", "eval"))
    return next(step.arg or 0 for step in steps if step.opname == "COMPARE_OP")


def _of_constant(constant: Any) -> Iterator[Edit]:
    """Yield the edits of a number where code loads it; its other uses stay as they are."""
    if isinstance(constant, bool) or not isinstance(constant, (int, float)):
        return
    yield from variants(Fraction(constant) if isinstance(constant, int) else constant, times, plus)
    if constant == 0:
        # Where a whole number is asked for, and 1/100 is cut off.
        yield to(1, "0 → 1")


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
