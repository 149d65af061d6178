"""The replica-symmetric error of Proposition 4.2, derived as far as algebra carries it.

X has n rows and d columns of independent N(0, 1/n) entries, α = n/d. The estimator

    β̂ = argmin (1/2ϱ)‖y − Xβ‖² + Σᵢ q_{kᵢ}(βᵢ)

decouples into scalar problems with an effective regularisation τ and an effective noise θ².
This module derives the R-transform of XᵀX from the moments of Gaussian matrices, turns the
general replica-symmetric equations (Bereyhi & Müller 2018, Proposition 1) into those of the
paper, differentiates the scalar estimator, and takes the limits that have closed forms.

The replica method itself, the exchange of limits and the continuation in the number of
replicas, is assumed by the paper and is not proved here; `theory.saddle` has the same equations
without it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import sympy as sp

alpha = sp.Symbol("alpha", positive=True)
tau = sp.Symbol("tau", positive=True)
theta = sp.Symbol("theta", positive=True)
ridge = sp.Symbol("varrho", positive=True)
noise = sp.Symbol("sigma", nonnegative=True)
error = sp.Symbol("p", positive=True)
susceptibility = sp.Symbol("chi", positive=True)
omega = sp.Symbol("omega")
root_k = sp.Symbol("s_k", positive=True)


# --- The spectrum of XᵀX (Appendix C.1, step 3) ---------------------------------------------


def gaussian_moment(order: int) -> Any:
    """Return lim (1/d) E tr (XᵀX)^order as a polynomial in y = d/n = 1/α.

    The expectation is a sum over all pairings of the 2·order Gaussian factors (Isserlis).
    Each pairing joins row indices and column indices; a free row index sums to n, a free
    column index to d, and the factors' variance is 1/n. Pairings that carry fewer powers of d
    vanish in the limit.

    Raises
    ------
    ValueError
        If `order` is not a positive integer.
    """
    if order < 1:
        raise ValueError(f"order of a moment must be at least 1, got {order}")
    y, size = sp.symbols("y d", positive=True)
    total = sp.Integer(0)
    for pairing in _pairings(tuple(range(2 * order))):
        rows, columns = _free_indices(pairing, order)
        total += (size / y) ** (rows - order) * size ** (columns - 1)
    return sp.expand(sp.limit(sp.expand(total), size, sp.oo))


def r_transform_series(moments: list[Any]) -> list[Any]:
    """Return the first coefficients of the R-transform of a law with these moments.

    With G(z) = Σ mₖ z^(−k−1), R(ω) is defined by G(R(ω) + 1/ω) = ω. Its coefficients are the
    free cumulants; they are found order by order from that equation.
    """
    cumulants: list[Any] = []
    unknown = sp.Symbol("r")
    for order, moment in enumerate(moments, start=1):
        # With C(ω) = 1 + ωR(ω) = ω·z the definition reads Σ mₖ (ω/C)ᵏ = C: compare at ωᵒʳᵈᵉʳ.
        series = [sp.Integer(1), *cumulants, unknown]
        inverse = _reciprocal(series)
        power = [sp.Integer(1)] + [sp.Integer(0)] * order
        left = sp.Integer(0)
        for k, m in enumerate([*moments[: order - 1], moment], start=1):
            power = _product(power, inverse)
            left += m * power[order - k]
        (solution,) = sp.solve(sp.expand(left - series[order]), unknown)
        cumulants.append(sp.expand(solution))
    return cumulants


def marchenko_pastur_moment(order: int) -> Any:
    """Return the moment of that order of the Marčenko–Pastur law of aspect y, by Narayana."""
    y = sp.Symbol("y", positive=True)
    return sum(
        sp.binomial(order, r) * sp.binomial(order - 1, r) * y**r / (r + 1) for r in range(order)
    )


def stieltjes_equation(transform: Any, moments: Any, x: Any) -> Any:
    """Return what must vanish if N(x) = Σ mₖ xᵏ belongs to the R-transform `transform`(ω).

    The defining equation z = R(G) + 1/G with G = x·N, z = 1/x, cleared of its denominators:
    for a rational R it is a polynomial equation for N, and it has one power series solution.
    """
    numerator, _ = sp.fraction(
        sp.together(transform.subs(omega, x * moments) + 1 / (x * moments) - 1 / x)
    )
    return sp.expand(numerator)


def moment_recurrence(coefficient: Any, order: Any, power: Any) -> Any:
    """Return the coefficient of y^power in the three-term recurrence of the moments.

    (k+2) m₍ₖ₊₁₎ − (2k+1)(1+y) mₖ + (k−1)(1−y)² m₍ₖ₋₁₎ = 0, for mₖ = Σ coefficient(k, r) yʳ.
    Divided by coefficient(k+1, power), which is not 0 for 0 ≤ power ≤ k, so that a hypergeometric
    one leaves a rational function.
    """
    terms = (
        (order + 2) * coefficient(order + 1, power)
        - (2 * order + 1) * (coefficient(order, power) + coefficient(order, power - 1))
        + (order - 1)
        * (
            coefficient(order - 1, power)
            - 2 * coefficient(order - 1, power - 1)
            + coefficient(order - 1, power - 2)
        )
    )
    return sp.gammasimp(sp.expand_func(terms / coefficient(order + 1, power)).rewrite(sp.gamma))


def recurrence_as_differential_equation(moments: Any, x: Any, y: Any) -> Any:
    """Return what vanishes for N(x) = Σ mₖ xᵏ exactly if its mₖ obey `moment_recurrence`, k ≥ 1.

    Multiplied by xᵏ and summed; mₖ ↦ N, k mₖ ↦ x N′, and m₀ = m₁ = 1.
    """
    slope = x * sp.diff(moments, x)
    forward = (slope + moments - 2 * x - 1) / x  # Σ_{k≥1} (k+2) m₍ₖ₊₁₎ xᵏ
    middle = (1 + y) * (2 * slope + moments - 1)  # Σ_{k≥1} (2k+1)(1+y) mₖ xᵏ
    backward = (1 - y) ** 2 * x * slope  # Σ_{k≥1} (k−1)(1−y)² m₍ₖ₋₁₎ xᵏ, as (k−1) = j
    return sp.together(forward - middle + backward)


# --- The fixed point (eqs. 19-20, 32-34) ------------------------------------------------------


def effective_parameters(transform: Any) -> tuple[Any, Any]:
    """Return (τ, θ²) of the general replica-symmetric equations for an R-transform R(ω).

    Bereyhi & Müller (2018), Proposition 1, with ridge ϱ, susceptibility χ, noise σ² and error p:

        τ = ϱ / R(−χ/ϱ),   θ² = R(−χ/ϱ)⁻² ∂/∂χ { (σ²χ − ϱp) R(−χ/ϱ) }.
    """
    at = transform.subs(omega, -susceptibility / ridge)
    regularisation = ridge / at
    noise_level = sp.diff((noise**2 * susceptibility - ridge * error) * at, susceptibility) / at**2
    return sp.simplify(regularisation), sp.simplify(noise_level)


def estimator_derivative(curvature: Any) -> Any:
    """Return η′ = ∂β̂/∂z of β̂ = argmin (b − z)²/(2τ) + q(b), from q″(β̂) = `curvature`.

    Implicit differentiation of the stationarity condition (β̂ − z)/τ + q′(β̂) = 0.
    """
    estimate, z = sp.symbols("b z", real=True)
    slope = sp.Function("q1", real=True)
    condition = (estimate - z) / tau + slope(estimate)
    along_estimate = sp.diff(condition, estimate).subs(
        sp.Derivative(slope(estimate), estimate), curvature
    )
    return sp.simplify(-sp.diff(condition, z) / along_estimate)


def stein_integrand(function: Any, argument: Any, shift: Any, variable: Any) -> Any:
    """Return d/dZ[f(s + θZ) φ(Z)]/φ(Z), with Z = `variable` and s = `shift`.

    φ is the standard normal density. The mean of this is [f φ] between −∞ and ∞: 0 where f φ
    vanishes there, and then E[Z f] is the mean of the part that is not Z f.
    """
    density = sp.exp(-(variable**2) / 2)  # its norm divides out
    inner = function.subs(argument, shift + theta * variable)
    return sp.simplify(sp.diff(inner * density, variable) / density)


# --- Interpolation (Section 3.3) --------------------------------------------------------------


def null_space(rows: Any, more: Any) -> Any:
    """Return a basis of {v: (A B)v = 0}, as columns, for A with `rows` rows and columns.

    B has `more` columns. A is invertible but for a set of measure zero: its determinant is a
    polynomial in its entries, which is 1 where A is the identity.

    Raises
    ------
    ArithmeticError
        If the columns do not solve the equation, or not all solutions are combinations of them.
    """
    A, B = sp.MatrixSymbol("A", rows, rows), sp.MatrixSymbol("B", rows, more)
    upper, lower = sp.MatrixSymbol("v", rows, 1), sp.MatrixSymbol("w", more, 1)
    solved = -A.I * B
    product = (A * solved + B).doit()
    # A⁻¹(Av + Bw) = 0 says that v = −A⁻¹Bw: the combination with coefficients w.
    other = (A.I * (A * upper + B * lower)).expand().doit() - (upper - solved * lower).doit()
    if not (product == sp.ZeroMatrix(rows, more) and other.doit() == sp.ZeroMatrix(rows, 1)):
        raise ArithmeticError(f"the columns must span the solutions, got {product} and {other}")
    if sp.Determinant(sp.Identity(rows)).doit() != 1:
        raise ArithmeticError("the determinant of the identity must be 1")
    return sp.BlockMatrix([[solved], [sp.Identity(more)]])


def transposed(forward: Any, multiplier: Any) -> Any:
    """Return the term of one example in Σᵢ (Xᵀμ)ᵢ bᵢ, for (Xb)ⱼ = `forward` and μⱼ = `multiplier`.

    Raises
    ------
    ArithmeticError
        If (Xᵀμ)ᵀb is not μᵀ(Xb), for X of any shape.
    """
    n, d = sp.symbols("n d", integer=True, positive=True)
    X, mu, b = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("mu", n, 1), sp.MatrixSymbol("b", d, 1)
    if (X.T * mu).T * b != mu.T * (X * b):
        raise ArithmeticError("the transpose must move from one factor to the other")
    return multiplier * forward


# --- Limits with closed forms -----------------------------------------------------------------


@cache
def quadratic_error(signal: Any, penalty_scale: Any, *, with_ridge: bool) -> Any:
    """Return the error p where every penalty is β²/(2·`penalty_scale`) and E[β*²] = `signal`.

    The estimator is then linear, β̂ = s z with s = K/(K+τ), and the fixed point is algebraic:
    the root with τ > 0 of its quadratic. `with_ridge` keeps ϱ > 0; otherwise ϱ = 0 and α < 1.
    """
    gain = penalty_scale / (penalty_scale + tau)
    closure = sp.numer(sp.together(tau - (ridge if with_ridge else 0) - tau * gain / alpha))
    roots = [root for root in sp.solve(closure, tau) if root != 0]
    # Of two roots the one that is positive for every α: at ϱ = 0, α < 1 only one is left.
    chosen = [root for root in roots if _positive_somewhere(root, penalty_scale)]
    gain = gain.subs(tau, chosen[-1])
    balance = (1 - gain) ** 2 * signal + gain**2 * (noise**2 + error / alpha) - error
    (solution,) = sp.solve(balance, error)
    return sp.simplify(solution)


def soft_threshold_moments(threshold: Any, density: Any) -> tuple[Any, Any]:
    """Return (p/θ², E[η′]) of soft thresholding at level `threshold`·θ as θ → 0.

    An active coefficient is then far above the threshold, and is estimated as z ∓ threshold·θ;
    an inactive one sees pure noise. Integrals over the normal density, done by SymPy.
    """
    z = sp.Symbol("z", real=True)
    phi = sp.exp(-(z**2) / 2) / sp.sqrt(2 * sp.pi)
    level = sp.Symbol("kappa", positive=True)
    tail_square = 2 * sp.integrate((z - level) ** 2 * phi, (z, level, sp.oo))
    tail_mass = 2 * sp.integrate(phi, (z, level, sp.oo))
    moment = density * (1 + level**2) + (1 - density) * tail_square
    mass = density + (1 - density) * tail_mass
    # One function for all tails, so that equal moments look equal.
    plain = [sp.expand(value.rewrite(sp.erf).expand(func=True)) for value in (moment, mass)]
    return plain[0].subs(level, threshold), plain[1].subs(level, threshold)


def _product(left: list[Any], right: list[Any]) -> list[Any]:
    """Multiply two power series of the same length, cut at that length."""
    return [
        sp.expand(sum(left[i] * right[order - i] for i in range(order + 1)))
        for order in range(len(left))
    ]


def _reciprocal(series: list[Any]) -> list[Any]:
    """Return the reciprocal of a power series that begins with 1, cut at its length."""
    result = [sp.Integer(1)]
    for order in range(1, len(series)):
        result.append(sp.expand(-sum(series[i] * result[order - i] for i in range(1, order + 1))))
    return result


def _pairings(items: tuple[int, ...]) -> list[list[tuple[int, int]]]:
    if not items:
        return [[]]
    first, rest = items[0], items[1:]
    return [
        [(first, partner), *others]
        for position, partner in enumerate(rest)
        for others in _pairings(rest[:position] + rest[position + 1 :])
    ]


def _free_indices(pairing: list[tuple[int, int]], order: int) -> tuple[int, int]:
    """Count free row and column indices of tr(XᵀX)^order under `pairing`.

    Factor 2m is X[r_m, c_m] (from Xᵀ) and factor 2m+1 is X[r_m, c_{m+1}], cyclically.
    """
    row = [m for m in range(order) for _ in range(2)]
    column = [(m + half) % order for m in range(order) for half in range(2)]
    return (
        _components(order, [(row[a], row[b]) for a, b in pairing]),
        _components(order, [(column[a], column[b]) for a, b in pairing]),
    )


def _components(size: int, links: list[tuple[int, int]]) -> int:
    group = list(range(size))
    for a, b in links:
        old, new = group[a], group[b]
        group = [new if g == old else g for g in group]
    return len(set(group))


def _positive_somewhere(root: Any, penalty_scale: Any) -> bool:
    """Whether a root for τ is positive at sample values of the parameters."""
    values = {alpha: sp.Rational(1, 3), ridge: sp.Rational(1, 7)}
    values |= {symbol: sp.Integer(2) for symbol in sp.sympify(penalty_scale).free_symbols}
    return bool(root.subs(values) > 0)
