"""What the flow of one coordinate conserves, found by search (Sections 3.1-3.2, B.1).

The conserved quantities are not assumed: a search among all polynomials of a given degree in the
four weights finds those that gradient flow leaves unchanged for every loss. Exact algebra decides
how they depend on each other, and what they leave undetermined of the state.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp

from theory.network import (
    Weights,
    absolute_scale,
    effective_weight,
    gradient_flow,
    rate,
    relative_scale,
    weights,
)

Expr = Any


def conserved_polynomials(degree: int) -> list[Expr]:
    """Return a basis of the homogeneous polynomials in `weights()` that the flow conserves.

    Parameters
    ----------
    degree
        Degree of the polynomials, at least 1. The ansatz is every monomial of that degree.

    Raises
    ------
    ValueError
        If `degree` is less than 1, or no whole number.
    """
    if degree < 1 or degree != int(degree):
        raise ValueError(f"degree must be a positive integer, got {degree}")
    state = weights()
    gradient = sp.Symbol("g")
    velocities = gradient_flow([state], [gradient])
    monomials = _monomials(state, degree)
    rates = [rate(monomial, [state], velocities) for monomial in monomials]
    equations = _coefficients(rates, [*state, gradient])
    return [
        sp.Add(*(factor * monomial for factor, monomial in zip(vector, monomials, strict=True)))
        for vector in equations.nullspace()
    ]


def relation(target: Expr, generators: Mapping[sp.Symbol, Expr], degree: int) -> Expr | None:
    """Write `target` as a homogeneous polynomial in given quantities, or return None.

    Parameters
    ----------
    target
        Polynomial in `weights()`.
    generators
        Symbols, and the polynomials in `weights()` that they stand for.
    degree
        Degree of the polynomial in the symbols.

    Returns
    -------
    The polynomial in the symbols, or None if there is none.
    """
    products = _monomials(list(generators), degree)
    values = [sp.expand(product.subs(generators, simultaneous=True)) for product in products]
    system = _coefficients([*values, sp.expand(target)], list(weights()))
    unknowns = sp.symbols(f"a:{len(products)}")
    solutions = sp.linsolve((system[:, :-1], system[:, -1]), *unknowns)
    if not solutions:
        return None
    (solution,) = solutions
    return sp.Add(
        *(
            factor.subs(dict.fromkeys(unknowns, 0)) * product
            for factor, product in zip(solution, products, strict=True)
        )
    )


def independence(quantities: Sequence[Expr]) -> Expr:
    """Sum of the squares of the maximal minors of the quantities' Jacobian, in `weights()`.

    At a real state it vanishes exactly if the gradients of the quantities are linearly
    dependent there (Cauchy-Binet: it is the determinant of J Jᵀ).
    """
    jacobian = sp.Matrix(quantities).jacobian(list(weights()))
    return sp.factor((jacobian * jacobian.T).det())


def count_states_like(state: Weights) -> int:
    """Count the real states that share λ₊, λ₋, c and β with a given rational `state`.

    Exact, by Hermite's method: modulo the four equations, polynomials form an algebra of finite
    dimension, and the signature of its trace form is the number of distinct real solutions.

    Raises
    ------
    ValueError
        If an entry is not rational, or c = 0 and λ₊ = λ₋, where the equations have a continuum
        of complex solutions.
    """
    entries = [sp.sympify(weight) for weight in state]
    if not all(entry.is_Rational for entry in entries):
        raise ValueError(f"state must be rational, got {tuple(entries)}")
    unknown = weights()
    given = dict(zip(unknown, entries, strict=True))
    quantities = (*relative_scale(unknown), absolute_scale(unknown), effective_weight(unknown))
    equations = [quantity - quantity.subs(given) for quantity in quantities]
    basis = sp.groebner(equations, *unknown, order="grevlex")
    if not basis.is_zero_dimensional:
        raise ValueError(f"state must leave finitely many states alike, got {tuple(entries)}")
    return _signature(_trace_form(basis))


def _trace_form(basis: sp.GroebnerBasis) -> sp.Matrix:
    """Matrix of the traces of multiplication by products of two standard monomials."""
    leading = [sp.LM(member, *basis.gens, order=basis.order) for member in basis.exprs]
    standard: list[Expr] = []
    for degree in itertools.count():
        new = [
            monomial
            for monomial in _monomials(basis.gens, degree)
            if not any(sp.rem(monomial, lead, *basis.gens) == 0 for lead in leading)
        ]
        if not new:
            break
        standard += new

    def coordinates(polynomial: Expr) -> list[Expr]:
        remainder = sp.Poly(basis.reduce(sp.expand(polynomial))[1], *basis.gens)
        return [remainder.coeff_monomial(monomial) for monomial in standard]

    multiplications = [
        sp.Matrix([coordinates(factor * other) for other in standard]) for factor in standard
    ]
    return sp.Matrix(
        [[(one * other).trace() for other in multiplications] for one in multiplications]
    )


def _signature(symmetric: sp.Matrix) -> int:
    """Positive minus negative eigenvalues; all are real, so Descartes' rule counts exactly."""
    variable = sp.Symbol("eigenvalue")
    characteristic = symmetric.charpoly(variable).as_expr()
    return _sign_changes(characteristic, variable) - _sign_changes(
        characteristic.subs(variable, -variable), variable
    )


def _sign_changes(polynomial: Expr, variable: sp.Symbol) -> int:
    signs = [sp.sign(factor) for factor in sp.Poly(polynomial, variable).coeffs() if factor != 0]
    return sum(one != other for one, other in itertools.pairwise(signs))


def _monomials(symbols: Sequence[sp.Symbol], degree: int) -> list[Expr]:
    return [sp.Mul(*chosen) for chosen in itertools.combinations_with_replacement(symbols, degree)]


def _coefficients(polynomials: Sequence[Expr], symbols: Sequence[sp.Symbol]) -> sp.Matrix:
    """Matrix whose columns are the coefficients of the polynomials, a row for each monomial."""
    dictionaries = [sp.Poly(polynomial, *symbols).as_dict() for polynomial in polynomials]
    exponents = sorted(set().union(*dictionaries))
    return sp.Matrix([[entry.get(exponent, 0) for entry in dictionaries] for exponent in exponents])
