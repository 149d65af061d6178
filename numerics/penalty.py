r"""Implicit-bias penalty of a diagonal linear network (Theorem 4.1), its conjugate and its prox.

With the scale c = √k/2 > 0 (c_FT after pretraining, the absolute scale when training from scratch)
and z = β/c, everything follows from a = asinh|z|:

    q(β)   = (c/2)(1 − √(1+z²) + z asinh z) = (|β|/2)(a − tanh(a/2))
    q′(β)  = ½ asinh z                        q″(β) = 1/(2√(c²+β²))
    q*(s)  = (c/2)(cosh 2s − 1) = c sinh² s   q*′(s) = c sinh 2s
    prox   = argmin_x (x−z)²/(2τ) + q(x):     x + (τ/2) asinh(x/c) = z

The forms on the right do not cancel: no series is needed, and each function stays within a few
units in the last place for every β and c that float64 holds.

Scale 0 means the pointwise limit c → 0⁺. There q is 0 at β = 0 and +inf elsewhere, as
q ≈ (|β|/2)(log(2|β|/c) − 1); q′ is ±inf, q″ = 1/(2|β|), q* = 0, and the prox of a fixed τ > 0 is 0.
What survives is the ℓ1 geometry: as c → 0⁺ with τ = 2t/log(1/√k), i.e. a fixed threshold
t = τ·½ log(1/√k), the prox tends to `soft_threshold(z, t)`, with an error that falls only like
t log(4|x|)/log(√k). Use `soft_threshold` where ℓ1 is meant.

Functions take real numbers that broadcast together, return float64 of the broadcast shape, and
raise ValueError for NaN, ±inf, non-real input, shapes that do not broadcast, and negative scales.
A result beyond the float64 range is returned as IEEE arithmetic rounds it (±inf, or a subnormal
number or zero); no intermediate quantity overflows earlier, and no floating-point warning arises.
Even and odd symmetry hold bitwise, signed zeros included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.validation import FloatArray, finite_arrays, require

_IntArray = NDArray[np.int64]

#: Evaluations of the residual after which the prox gives up; at most 6 were ever needed.
PROXIMAL_ITERATION_LIMIT = 10
# A relative Newton correction of this size leaves a relative error below its square.
_PROXIMAL_TOLERANCE = 2e-9
# Below this bound on u = asinh(x/c), sinh u = u to within u²/6 < 2e-17.
_LINEAR_BOUND = 1e-8
# Beyond this |s|, sinh s = e^|s|/2 to all digits, and sinh² s still fits float64.
_EXPONENTIAL_BOUND = 350.0


class ProximalConvergenceError(ArithmeticError):
    """The scalar equation of the prox was not solved within the iteration limit."""


@dataclass(frozen=True)
class ProximalSolution:
    """Solution of x + τ q′(x) = z.

    Attributes
    ----------
    value
        x, the shape of the broadcast arguments.
    derivative
        η′ = ∂x/∂z = 1/(1 + τ q″(x)), in [0, 1].
    iterations
        Evaluations of the residual spent on each entry; 0 where a closed form holds.
    """

    value: FloatArray
    derivative: FloatArray
    iterations: _IntArray


@np.errstate(all="ignore")
def penalty(beta: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Penalty q(β) of Theorem 4.1 with √k = 2·scale; non-negative, even, 0 at β = 0.

    Parameters
    ----------
    beta
        Fine-tuned coefficients β.
    scale
        c_FT = √k/2 ≥ 0; at 0 the limit, +inf for β ≠ 0 (see the module's text).
    """
    beta, scale = _penalty_arguments(beta, scale)
    angle = _arcsinh_ratio(beta, scale)
    return np.abs(beta) * (0.5 * (angle - np.tanh(0.5 * angle)))


@np.errstate(all="ignore")
def penalty_derivative(beta: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Mirror map q′(β) = ½ asinh(β/scale); odd; ±inf at scale 0 unless β = 0.

    Parameters as in `penalty`.
    """
    beta, scale = _penalty_arguments(beta, scale)
    return np.copysign(0.5 * _arcsinh_ratio(beta, scale), beta)


@np.errstate(all="ignore")
def penalty_curvature(beta: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Curvature q″(β) = 1/(2√(scale² + β²)); even; +inf where both are 0.

    Parameters as in `penalty`.
    """
    beta, scale = _penalty_arguments(beta, scale)
    size, exponent = _scaled_hypot(beta, scale)
    return np.ldexp(0.5 / size, -exponent)


@np.errstate(all="ignore")
def conjugate(slope: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Convex conjugate q*(s) = sup_β sβ − q(β) = scale·sinh² s (dual objective of Theorem 4.1).

    Parameters
    ----------
    slope
        s = q′(β), the coordinate (Xᵀν)ᵢ of the dual variable.
    scale
        c_FT = √k/2 ≥ 0; at 0 the conjugate is 0.
    """
    slope, scale = _conjugate_arguments(slope, scale)
    size = np.abs(slope)
    root = np.sinh(np.minimum(size, _EXPONENTIAL_BOUND))
    # Below 1 the factors enter one by one, so that sinh² cannot underflow against a large scale.
    direct = np.where(size <= 1.0, (scale * root) * root, scale * (root * root))
    quarter = np.exp(0.5 * size)
    large = scale * quarter * quarter * (0.5 * quarter) * (0.5 * quarter)
    result = np.where(size <= _EXPONENTIAL_BOUND, direct, large)
    return np.where(scale == 0.0, 0.0, result)[()]


@np.errstate(all="ignore")
def conjugate_derivative(slope: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Inverse mirror map q*′(s) = scale·sinh 2s, the coefficient β of slope s; 0 at scale 0.

    Parameters as in `conjugate`.
    """
    slope, scale = _conjugate_arguments(slope, scale)
    size = np.abs(slope)
    direct = scale * np.sinh(2.0 * np.minimum(size, _EXPONENTIAL_BOUND))
    quarter = np.exp(0.5 * size)
    large = scale * quarter * quarter * (0.5 * quarter) * quarter
    result = np.where(size <= _EXPONENTIAL_BOUND, direct, large)
    return np.copysign(np.where(scale == 0.0, 0.0, result), slope)


@np.errstate(all="ignore")
def soft_threshold(z: ArrayLike, threshold: ArrayLike) -> FloatArray:
    """Prox of threshold·|x|: sign(z)·max(|z| − threshold, 0), the ℓ1 meaning of scale → 0⁺.

    Parameters
    ----------
    z
        Argument, any real number.
    threshold
        t ≥ 0; the limit of τ·½ log(1/√k).
    """
    z, threshold = finite_arrays(z=z, threshold=threshold)
    require(threshold >= 0, "threshold must satisfy threshold >= 0", "threshold", threshold)
    return np.copysign(np.maximum(np.abs(z) - threshold, 0.0), z)


def proximal_operator(z: ArrayLike, tau: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Denoiser x(z) = argmin_x (x−z)²/(2τ) + q(x) of Proposition 4.2; odd in z, |x| ≤ |z|.

    Arguments, conventions and errors as in `solve_proximal`, whose `value` this is.
    """
    return solve_proximal(z, tau, scale).value


def proximal_derivative(z: ArrayLike, tau: ArrayLike, scale: ArrayLike) -> FloatArray:
    """Susceptibility η′(z) = ∂x/∂z = 1/(1 + τ q″(x)) of the denoiser; even in z, in [0, 1].

    Arguments, conventions and errors as in `solve_proximal`, whose `derivative` this is.
    """
    return solve_proximal(z, tau, scale).derivative


@np.errstate(all="ignore")
def solve_proximal(z: ArrayLike, tau: ArrayLike, scale: ArrayLike) -> ProximalSolution:
    """Solve x + (τ/2) asinh(x/scale) = z (decoupled scalar problem of Proposition 4.2).

    With x = c sinh u and z > 0 the equation is f(u) = c sinh u + (τ/2)u − z = 0, with f increasing
    and convex. Halley's method starts at min(z/(c + τ/2), asinh(z/c)) ≥ u, where f ≤ c sinh u and
    the Newton step is at most 1: no step can leave u > 0. At most six evaluations were ever
    needed. An entry is accepted by its residual alone; if that stays large an error is raised.

    The condition number ∂log x/∂log z = (x + (τ/2)u)/(x + (τ/2)tanh u) lies between 1 and u coth u,
    that is up to 1400: the residual is therefore formed without rounding (τ/2)u, and the last
    Newton correction is one of x rather than u. The result is accurate to a few units in the last
    place wherever it is a normal number.

    Parameters
    ----------
    z
        Argument, any real number.
    tau
        Effective strength τ ≥ 0; at 0 the prox is the identity, whatever the scale.
    scale
        c_FT = √k/2 ≥ 0; at 0 with τ > 0 the limit is x = 0 and η′ = 0.

    Raises
    ------
    ValueError
        If an argument is not real and finite, tau or scale is negative, or the shapes do not
        broadcast.
    ProximalConvergenceError
        If an entry is not solved after `PROXIMAL_ITERATION_LIMIT` evaluations.
    """
    z, tau, scale = finite_arrays(z=z, tau=tau, scale=scale)
    require(tau >= 0, "tau must satisfy tau >= 0", "tau", tau)
    require(scale >= 0, "scale must satisfy scale >= 0", "scale", scale)
    size = np.abs(z)
    value = np.where(tau == 0.0, size, 0.0)
    derivative = np.where(tau == 0.0, 1.0, 0.0)
    iterations = np.zeros(z.shape, dtype=np.int64)
    active = (tau > 0.0) & (scale > 0.0)
    if active.any():
        value[active], derivative[active], iterations[active] = _solve_regular(
            size[active], tau[active], scale[active]
        )
    return ProximalSolution(np.copysign(value, z), derivative[()], iterations[()])


def _penalty_arguments(beta: ArrayLike, scale: ArrayLike) -> tuple[FloatArray, FloatArray]:
    beta, scale = finite_arrays(beta=beta, scale=scale)
    require(scale >= 0, "scale must satisfy scale >= 0", "scale", scale)
    return beta, np.abs(scale)  # -0.0 becomes 0.0


def _conjugate_arguments(slope: ArrayLike, scale: ArrayLike) -> tuple[FloatArray, FloatArray]:
    slope, scale = finite_arrays(slope=slope, scale=scale)
    require(scale >= 0, "scale must satisfy scale >= 0", "scale", scale)
    return slope, np.abs(scale)


def _arcsinh_ratio(beta: FloatArray, scale: FloatArray) -> FloatArray:
    """asinh(|β|/c), also where the quotient overflows; +inf at c = 0 unless β = 0."""
    size = np.abs(beta)
    ratio = size / scale
    # Both logarithms have the sign that makes their difference a sum: nothing cancels here.
    huge = np.log(size) - np.log(scale) + np.log(2.0)
    result = np.where(np.isinf(ratio), huge, np.arcsinh(ratio))
    return np.where(size == 0.0, 0.0, result)[()]


def _scaled_hypot(beta: FloatArray, scale: FloatArray) -> tuple[FloatArray, NDArray[np.int32]]:
    """Return h in {0} ∪ [½, √2) and e with √(c²+β²) = h·2^e."""
    exponent = np.frexp(np.maximum(np.abs(beta), scale))[1]
    return np.hypot(np.ldexp(beta, -exponent), np.ldexp(scale, -exponent)), exponent


def _solve_regular(
    z: FloatArray, tau: FloatArray, scale: FloatArray
) -> tuple[FloatArray, FloatArray, _IntArray]:
    """Solve the prox for one-dimensional arrays, z ≥ 0 and the others positive."""
    z_digits, z_exponent = np.frexp(z)
    tau_digits, tau_exponent = np.frexp(tau)
    scale_digits, scale_exponent = np.frexp(scale)
    # In units of 2^z_exponent: z is z_digits, τ/2 is `slope` (exact unless negligible).
    slope = np.ldexp(tau_digits, tau_exponent - 1 - z_exponent)
    linear = slope + np.ldexp(scale_digits, scale_exponent - z_exponent)
    upper = np.minimum(z_digits / linear, _arcsinh_ratio(z, scale))

    # Where sinh u = u: x = z c/(c + τ/2), with the quotient c/(τ/2) formed by exponents.
    ratio = np.ldexp(scale_digits / tau_digits, scale_exponent - tau_exponent + 1)
    small_product = np.ldexp(
        z_digits * scale_digits / tau_digits, z_exponent + scale_exponent - tau_exponent + 1
    )
    value = np.where(ratio >= 1.0, z / (1.0 + 1.0 / ratio), small_product / (1.0 + ratio))
    derivative = np.where(ratio >= 1.0, 1.0 / (1.0 + 1.0 / ratio), ratio / (1.0 + ratio))
    iterations = np.zeros(z.shape, dtype=np.int64)

    active = np.flatnonzero(upper >= _LINEAR_BOUND)
    u = upper[active]
    for iteration in range(1, PROXIMAL_ITERATION_LIMIT + 1):
        if active.size == 0:
            break
        digits, exponent = _sinh_digits(u)
        digits = digits * scale_digits[active]
        exponent = exponent + scale_exponent[active]
        x = np.ldexp(digits, exponent - z_exponent[active])
        residual = _residual(z_digits[active], slope[active], u, x)
        tanh = np.tanh(u)
        # Relative Newton step of x; in u, f = residual, f' = x/tanh u + slope and f'' = x.
        correction = residual / (x + slope[active] * tanh)
        done = np.abs(correction) <= _PROXIMAL_TOLERANCE
        finished = active[done]
        newton = correction * tanh
        # η′ = x/(x + (τ/2) tanh u), from digits: x itself may be a subnormal number.
        fitted, angle = digits - digits * correction, u - newton
        fitted_x = np.ldexp(fitted, exponent - z_exponent[active])
        share = fitted / (fitted_x + slope[active] * np.tanh(angle))
        value[finished] = np.ldexp(fitted, exponent)[done]
        derivative[finished] = np.ldexp(share, exponent - z_exponent[active])[done]
        iterations[finished] = iteration

        halley = 0.5 * newton * x / (x / tanh + slope[active])
        active, u = active[~done], (u - newton / (1.0 - halley))[~done]
    if active.size:
        worst = active[0]
        raise ProximalConvergenceError(
            f"prox not solved in {PROXIMAL_ITERATION_LIMIT} iterations for {active.size} entries, "
            f"the first |z|={z[worst]!r}, tau={tau[worst]!r}, scale={scale[worst]!r}"
        )
    return value, derivative, iterations


def _sinh_digits(u: FloatArray) -> tuple[FloatArray, NDArray[np.int32]]:
    """Return m and e with sinh u = m·2^e for u ≥ 0, beyond the range of float64 as well."""
    large = u > 40.0
    digits, exponent = np.frexp(np.where(large, np.exp(0.25 * u), np.sinh(np.minimum(u, 40.0))))
    squared = digits * digits
    return (
        np.where(large, squared * squared, digits),
        np.where(large, 4 * exponent - 1, exponent),
    )


def _residual(z: FloatArray, slope: FloatArray, u: FloatArray, x: FloatArray) -> FloatArray:
    """Evaluate x + slope·u − z with the product exact (Dekker).

    z − product is exact where it is small against z (Sterbenz), that is wherever it matters.
    """
    product = slope * u
    slope_high, u_high = _upper_half(slope), _upper_half(u)
    slope_low, u_low = slope - slope_high, u - u_high
    product_low = slope_low * u_low - (
        ((product - slope_high * u_high) - slope_low * u_high) - slope_high * u_low
    )
    return (x - (z - product)) + product_low


def _upper_half(value: FloatArray) -> FloatArray:
    """Leading 26 bits of `value`."""
    scaled = 134217729.0 * value
    return scaled - (scaled - value)
