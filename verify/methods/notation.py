"""How formulas are written in LaTeX: printed from SymPy expressions, in the order of the code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

# Within `with as_written():`, formulas are kept, and shown, in the order of the code. SymPy empties
# its caches wherever that begins or ends.
as_written = partial(sp.evaluate, False)

# The name of one quantity: a letter with accents, index, mark and arguments. A dot is d/dt.
_GREEK = (
    r"\\(?:alpha|beta|chi|Delta|ell|eta|gamma|kappa|lambda|nu|omega|phi|Phi|rho|sigma|tau|theta"
    r"|psi|varphi|varrho)(?![a-z])"
)
_WORD = r"\\mathrm\{[A-Za-z]+(?:\\ [A-Za-z]+)?\}"
_LETTER = rf"(?:(?:\\(?:dot|hat|nabla) ?)?(?:[A-Za-z]|{_GREEK}|{_WORD})|\\hat\{{[A-Za-z]\}})"
_INDEX = rf"(?:_(?:\w|{_GREEK}|\\pm|[+-]|\{{(?:[\w,/]|\\pm|{_GREEK}|{_WORD})+\}}))?"
_MARK = r"(?:'|\^(?:\*|\\circ|\\varrho|\{(?:FT|PT)\}))?"
_ATOM = _LETTER + _INDEX + _MARK
_ARGUMENTS = rf"(?<!')\((?:{_ATOM}|0)(?:, {_ATOM})*\)"  # q'(β) is a derivative
_GRADIENT = r"\\frac\{\\partial L\}\{\\partial ?\\beta\}"
NAME = re.compile(rf"{_ATOM}(?:{_ARGUMENTS})?|{_GRADIENT}")
# What a symbol may be called as well: as SymPy has it, "beta_PT"; several quantities that are
# functions together; the dimension of a kernel.
_PLAIN = re.compile(rf"[A-Za-z]+(?:_(?:\w+|[+-]))?'?|\({_ATOM}(?:, {_ATOM})*\)|\\dim \\ker")


def is_name(text: str) -> bool:
    """Whether this is the name of one quantity, in braces or not, for a symbol or a function."""
    return bool(NAME.fullmatch(_bare(text)) or _PLAIN.fullmatch(text))


def _bare(text: str) -> str:
    """Return a text without the braces around the whole of it."""
    return text[1:-1] if text.startswith("{") and text.endswith("}") else text


def names_in(held: Any) -> Iterator[str]:
    """Yield the names of the symbols and undefined functions in an expression, or in a tuple."""
    for one in held if isinstance(held, tuple) else (held,):
        if isinstance(one, sp.Basic):
            yield from (symbol.name for symbol in one.atoms(sp.Symbol, sp.MatrixSymbol))
            yield from (term.func.__name__ for term in one.atoms(AppliedUndef))


def latex_of_symbols(held: Any) -> Iterator[str]:
    """Yield the LaTeX of the symbols, and of functions with their arguments, in an expression."""
    for one in held if isinstance(held, tuple) else (held,):
        if isinstance(one, sp.Basic):
            found = one.atoms(sp.Symbol, sp.MatrixSymbol, AppliedUndef)
            yield from (_bare(shown(term)) for term in found)


def written(body: Callable[..., Any], *arguments: Any) -> str:
    """Return the LaTeX of `body(*arguments)`, its terms and factors in the order of the code.

    Raises
    ------
    ValueError
        If the body does not write its formula out, but computes it (an integral, a limit).
    """
    try:
        with as_written():
            flat = _flat(sp.sympify(body(*arguments)))
    except RecursionError:
        raise ValueError(
            "the body of a formula must write it out, got one that SymPy has to evaluate"
        ) from None
    return _print(flat)


def shown(expression: Any) -> str:
    """Return the LaTeX of an expression or a number, in the order in which it is written."""
    if isinstance(expression, sp.Symbol):
        return _print(expression)
    with as_written():
        flat = _flat(sp.sympify(expression))
    return _print(flat)


def _print(expression: Any) -> str:
    """Print what is flat. The printer asks SymPy what is constant, and needs it to evaluate."""
    with sp.evaluate(True):
        return str(_Printer({"order": "none"}).doprint(expression))


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
        if isinstance(of, sp.Derivative) and of.expr.args == (*names,) == of.variables[:1]:
            return self._applied(of.expr, len(of.variables), point, None)
        return str(super()._print_Subs(expr))

    def _print_transpose(self, expr: Any) -> str:
        return rf"{self.parenthesize(expr.args[0], PRECEDENCE['Pow'])}^{{\top}}"

    def _applied(self, function: Any, order: int, arguments: Any, exp: Any) -> str:
        """Return a function's name with primes, its power and its arguments."""
        power = "" if exp is None else f"^{{{exp}}}"
        held = ", ".join(map(self._print, arguments))
        return f"{function.func.__name__}" + order * "'" + f"{power}({held})"


def number(value: float | str) -> str:
    """Return a number in LaTeX, with its power of ten: a text as it stands, or all its digits."""
    text = value if isinstance(value, str) else in_full(value)
    digits, _, exponent = text.lower().partition("e")
    if not exponent:
        return digits
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def in_full(value: float) -> str:
    """Return the shortest decimal text that reads back as the number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


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
