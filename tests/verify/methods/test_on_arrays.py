"""Expressions on arrays: what stands for whole matrices, whose names may be LaTeX."""

import numpy as np
import pytest
import sympy as sp
from sympy.core.function import UndefinedFunction

from verify.methods.on_arrays import Average, Largest, arguments, on_arrays

N, D = sp.symbols("n d", integer=True, positive=True)
X, H = sp.MatrixSymbol("X", N, D), sp.MatrixSymbol("H", N, N)
BETA, BEST = (sp.MatrixSymbol(name, D, 1) for name in (r"\beta", r"\hat\beta"))
Y = sp.MatrixSymbol("y", N, 1)
DATA = {
    X: np.array([[1.0, 2.0, 3.0], [0.0, -1.0, 1.0]]),
    BETA: np.array([1.0, -1.0, 2.0]),
    BEST: np.array([1.0, 0.5, 2.0]),
    Y: np.array([4.0, 1.0]),
    H: np.array([[2.0, 1.0], [1.0, 3.0]]),
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (Largest(sp.MatAdd(X * BETA, -Y, evaluate=False)), 2.0),
        (Largest(sp.MatAdd(X * BETA, sp.MatMul(1, Y, evaluate=False), evaluate=False)), 9.0),
        (Largest(sp.MatAdd(BETA, -BEST, evaluate=False)), 1.5),
        (Largest(BETA), 2.0),
        (sp.Trace(H), 5.0),
        (sp.Trace(H**-1), 1.0),
        (sp.Trace(H**-2), 0.6),
        (N * Average(sp.Symbol(r"\eta'")), None),
    ],
)
def test_matrices_are_given_by_symbol(expression, value):
    if value is None:
        with pytest.raises(ValueError, match="got none"):
            on_arrays(expression, DATA)
    else:
        assert on_arrays(expression, DATA) == pytest.approx(value, rel=1e-14, abs=0)


def test_a_whole_term_is_no_symbol():
    with pytest.raises(TypeError, match="by symbol"):
        on_arrays(Largest(X * BETA), {Largest(X * BETA): 1.0})


def test_arguments_of_equal_functions():
    """Two modules may have a function of the same name; SymPy may return either of them applied."""
    x = sp.Symbol("x")
    one, same = UndefinedFunction("f")(2 * x), UndefinedFunction("f")
    assert one.func is not same
    assert arguments(one, same, {x: 3.0}) == [6.0]
    with pytest.raises(ValueError, match="the function g is stated, got f"):
        arguments(one, sp.Function("g"), {x: 3.0})
    with pytest.raises(ValueError, match="the function f is stated, got x"):
        arguments(x, same, {x: 3.0})
