"""Optimality conditions (Theorem 4.1).

β minimises Σ qᵢ under Xβ = y exactly if Xβ = y and some multiplier ν has βᵢ = cᵢ sinh(2(Xᵀν)ᵢ) in
every coordinate, for X of any size and rank; no other β is a minimiser then.

Both equations are the derivatives of Σ qᵢ(βᵢ) − νᵀ(Xβ − y). They are enough because q(β) − mβ is
least at one β only, and Σ mᵢβᵢ = νᵀy for every interpolating β; they are needed because the penalty
must not fall along what is left of its gradient when the nearest Xᵀν is taken away.
"""

from dataclasses import replace

import sympy as sp

from theory.implicit_bias import penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._extrema import INTERPOLATION, Selected
from verify.claims.implicit_bias._symbols import (
    EACH,
    Total,
    X,
    beta,
    eta,
    nu,
    of_one,
    other,
    rest,
    transposed,
    undone,
    y,
)
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import decide_on_orthant, on_line
from verify.methods.relations import Extremum
from verify.registry import state

b, m = sp.symbols("beta_i m_i", real=True)
m_all = sp.Symbol("m", commutative=False)
c, q = sp.Symbol("c_i", positive=True), sp.Function("q_i")


def slope(b, c):
    return sp.asinh(b / c) / 2


def solved(m, c):
    return c * sp.sinh(2 * m)


STATED = Formulas(
    selected=Selected(
        beta,
        (Total(q(b), EACH),),
        lambda total: total,
        extremum=Extremum.MIN,
        over=INTERPOLATION,
    ),
    pulled=Formula(m_all, (X, nu), lambda X, nu: transposed(X) * nu),
    slope=Formula(m, (b, c), slope),
    solved=Formula(b, (m, c), solved),
)
DOUBLE = replace(INTERPOLATION, name=2 * X * beta)
CONTROLS = (
    STATED.but("2Xβ = y", selected=replace(STATED.selected, over=DOUBLE)),
    STATED.but("the greatest", selected=replace(STATED.selected, extremum=Extremum.MAX)),
    STATED.but("asinh without the ½", slope=lambda b, c: sp.asinh(b / c)),
    STATED.but("sinh of mᵢ, not of its double", solved=lambda m, c: solved(m / 2, c)),
    STATED.but("sinh of 2.02 mᵢ", solved=lambda m, c: solved(sp.Rational(101, 100) * m, c)),
    STATED.but("the opposite sign of the slope", slope=lambda b, c: slope(-b, c)),
    STATED.but("m = −Xᵀν", pulled=lambda X, nu: -transposed(X) * nu),
)


def decide(stated):
    """Differentiate the Lagrangian; show that its conditions are enough, then that they must be."""
    return prove_all(steps(stated))


def steps(stated):
    pulled, selected = defined(stated.pulled, m_all), stated.selected
    lagrangian = transposed(nu) * (X * selected.name - y)
    share = selected({Total: of_one, q: lambda b: penalty(b, c)})
    yield (
        "the derivatives of Σ q(βᵢ) − νᵀ(Xβ − y) are q′(βᵢ) − mᵢ",
        equal(defined(stated.slope, m), sp.diff(share, b)),
    )
    yield (
        "with Σ mᵢβᵢ = νᵀXβ",
        equal(transposed(pulled) * beta, sp.expand(lagrangian + transposed(nu) * y)),
    )
    yield (
        "and, by ν, y − Xβ",
        equal(
            sp.expand(transposed(nu) * (selected.over() - selected.over.left({}))),
            sp.expand(-lagrangian),
        ),
    )
    yield (
        "the solved form has the slope m",
        equal(undone(stated.slope({b: defined(stated.solved, b)})), m),
    )
    rise = on_line(selected.extremum.value * sp.diff(stated.slope(), b), b, c)
    yield (
        "enough: the slope rises with βᵢ, so q(βᵢ) − mᵢβᵢ is least there, and there only",
        decide_on_orthant("it rises at every real βᵢ", sp.factor(rise)),
    )
    yield (
        "and Σ mᵢbᵢ = νᵀy is the same for all b with Xb = y, so Σ q(βᵢ) itself is least",
        equal(sp.expand(transposed(pulled) * other).subs(X * other, y), transposed(nu) * y),
    )
    # q′(β) = Xᵀν + r with the ν that makes |r|² least.
    gradient = pulled + rest
    yield (
        "needed: let Xᵀν be nearest to q′(β): of the rest r, |r|² has the slope −2ηᵀXr = 0",
        equal(
            transposed(defined(stated.pulled, m_all, {nu: eta})) * rest,
            transposed(eta) * X * rest,
        ),
    )
    yield (
        "so Xβ = y holds along r, where the penalty changes at the rate q′(β)ᵀr = |r|²: r = 0",
        equal(
            sp.expand(transposed(gradient) * rest).subs(X * rest, 0),
            transposed(rest) * rest,
        ),
    )


state(
    "implicit-bias.kkt",
    __doc__,
    (Check("derivatives of the Lagrangian", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c_i > 0",),
    requires=("implicit-bias.penalty",),
)
