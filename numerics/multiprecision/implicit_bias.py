"""Layer weights, fine-tuning scale, penalty, conjugate and proximal operator in mpmath.

With R = √(c² + β²), s = √(1 − (λ/c)²) β, √k = 2 c_FT and z = 2β/√k (Sections 3.1-3.2, Theorem 4.1,
Appendix B.1; Azulay et al. 2021):

    w±² = (λ + R ± s)/2,   v±² = (−λ + R ± s)/2
    c_FT(β_PT) = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ²
    q_k(β) = (√k/4)(1 − √(1 + z²) + z asinh z),   q_k′(β) = ½ asinh z,   q_k″(β) = 1/√(k + 4β²)
    q_k*(y) = (√k/4)(cosh 2y − 1)
    prox(x) = argmin_b (b − x)²/(2τ) + q_k(b):   b + (τ/2) asinh(2b/√k) = x

`scale` is c_FT throughout. At scale 0 the limits from above are returned: q and q′ are infinite
off the origin, q* and the proximal operator vanish.
"""

from __future__ import annotations

from fractions import Fraction

import mpmath

from numerics.multiprecision.precision import (
    Context,
    Number,
    Real,
    check_digits,
    digits_below_one,
    evaluate,
    exact,
    in_context,
    initialization,
    magnitude,
    nonnegative,
)


def finetune_scale(
    beta_pt: Real, c: Real, lam: Real, gamma: Real = 0, *, digits: int = 50
) -> Number:
    """Return c_FT, the scale with which fine-tuning starts after pretraining to `beta_pt`.

    Source: equations (4)-(5), Theorem 4.1. Raises ValueError unless c > 0, |λ| <= c, γ >= 0.
    """
    scale, relative, readout = initialization(c, lam, gamma)
    beta = exact("beta_pt", beta_pt)

    def formula(context: Context) -> Number:
        return finetune_scale_in(context, beta, scale, relative, readout)

    return evaluate(formula, digits)


def finetune_scale_in(
    context: Context, beta: Fraction, c: Fraction, lam: Fraction, gamma: Fraction
) -> Number:
    """Evaluate c_FT at the context's precision; exact arguments keep c + λ exact."""
    stretch = 1 + context.sqrt(1 + in_context(context, beta / c) ** 2)
    return in_context(context, c + lam) * stretch + in_context(context, gamma) ** 2


def layer_weights(
    beta: Real, c: Real, lam: Real, *, digits: int = 50
) -> tuple[Number, Number, Number, Number]:
    """Return the weights (w₊, v₊, w₋, v₋) with which a network represents `beta`.

    The network starts from w± = √((c + λ)/2), v± = √((c − λ)/2) and follows the gradient flow.
    For λ < 0 the flow takes w₋ (w₊ if β < 0) through zero at |β| = c√(c²/λ² − 1), for λ > 0 the
    same happens to v: the squares do not show it, so the sign is decided by exact arithmetic.

    Source: Section 3.1, Appendix B.1. Raises ValueError unless c > 0 and |λ| <= c.
    """
    scale, relative, _ = initialization(c, lam)
    target = exact("beta", beta)
    # Positive beyond the sign change, zero on it.
    beyond = (target * relative) ** 2 - scale**2 * (scale**2 - relative**2)
    lost = _weight_digits(target, scale, relative, beyond)
    shared = mpmath.MPContext()

    def weight(level: Fraction, side: int) -> Number:
        rising = side * target > 0
        if level == -scale and target == 0:
            return mpmath.mp.mpf(0)
        if level < 0 and not rising and target != 0 and beyond == 0:
            return mpmath.mp.mpf(0)
        flipped = level < 0 and not rising and target != 0 and beyond > 0
        sign = -1 if flipped else 1

        def formula(context: Context) -> Number:
            radius = context.sqrt(in_context(context, scale**2 + target**2))
            tilt = context.sqrt(in_context(context, 1 - (relative / scale) ** 2))
            square = in_context(context, level) + radius + side * tilt * in_context(context, target)
            return sign * context.sqrt(square / 2)

        return evaluate(formula, digits, lost, shared)

    return (
        weight(relative, 1),
        weight(-relative, 1),
        weight(relative, -1),
        weight(-relative, -1),
    )


def _weight_digits(beta: Fraction, c: Fraction, lam: Fraction, beyond: Fraction) -> int:
    """Digits that the squares of the weights can lose, from all lengths that may cancel."""
    largest = max(c, abs(beta))
    lengths = [c, abs(beta), abs(lam), c - lam, c + lam]
    lost = sum(digits_below_one(length / largest) for length in lengths)
    return 2 * (lost + digits_below_one(beyond / (c * largest) ** 2))


def penalty(beta: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return q_k(β), the penalty of Theorem 4.1 with √k = 2·`scale`; at scale 0 its limit."""
    target, c = exact("beta", beta), nonnegative("scale", scale)
    if target == 0 or c == 0:
        check_digits(digits)
        return mpmath.mp.mpf(0) if target == 0 else mpmath.mp.inf

    def formula(context: Context) -> Number:
        return in_context(context, c / 2) * profile_in(context, target / c)

    return evaluate(formula, digits, profile_digits(target / c))


def profile_in(context: Context, z: Fraction) -> Number:
    """Evaluate 1 − √(1 + z²) + z asinh z, which cancels down to z²/2 for small z."""
    x = in_context(context, z)
    return 1 - context.sqrt(1 + x * x) + x * context.asinh(x)


def profile_digits(z: Fraction) -> int:
    """Digits which `profile_in` loses at z."""
    return 2 * digits_below_one(z)


def penalty_derivative(beta: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return q_k′(β) = ½ asinh(2β/√k) (Theorem 4.1) with √k = 2·`scale`; at scale 0 its limit."""
    target, c = exact("beta", beta), nonnegative("scale", scale)
    if target == 0 or c == 0:
        check_digits(digits)
        return mpmath.mp.mpf(0) if target == 0 else mpmath.sign(target) * mpmath.mp.inf
    return evaluate(lambda context: context.asinh(in_context(context, target / c)) / 2, digits)


def penalty_curvature(beta: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return q_k″(β) = 1/√(k + 4β²) (Theorem 4.1) with √k = 2·`scale`; infinite at (0, 0)."""
    target, c = exact("beta", beta), nonnegative("scale", scale)
    if target == 0 and c == 0:
        check_digits(digits)
        return mpmath.mp.inf
    k = (2 * c) ** 2
    return evaluate(
        lambda context: 1 / context.sqrt(in_context(context, k + 4 * target**2)), digits
    )


def conjugate(slope: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return q_k*(y) = sup_β yβ − q_k(β) at y = `slope`, with √k = 2·`scale`.

    Source: the dual of the problem in Theorem 4.1. Raises ValueError unless scale >= 0.
    """
    y, c = exact("slope", slope), nonnegative("scale", scale)
    if y == 0 or c == 0:
        check_digits(digits)
        return mpmath.mp.mpf(0)

    def formula(context: Context) -> Number:
        return in_context(context, c / 2) * (context.cosh(in_context(context, 2 * y)) - 1)

    # cosh(2y) − 1 cancels down to 2y² for small y; for large y its exponential magnifies the
    # rounding of 2y by y.
    return evaluate(formula, digits, 2 * digits_below_one(y) + max(0, magnitude(y)))


def conjugate_derivative(slope: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return q_k*′(y) = (√k/2) sinh 2y, the β of slope y = `slope`; 0 at scale 0.

    Source: the optimality conditions of Theorem 4.1. Raises ValueError unless scale >= 0.
    """
    y, c = exact("slope", slope), nonnegative("scale", scale)
    if y == 0 or c == 0:
        check_digits(digits)
        return mpmath.mp.mpf(0)

    def formula(context: Context) -> Number:
        return in_context(context, c) * context.sinh(in_context(context, 2 * y))

    return evaluate(formula, digits, max(0, magnitude(y)))


def proximal_operator(z: Real, tau: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return argmin_b (b − z)²/(2τ) + q_k(b), with √k = 2·`scale`.

    Source: the scalar channel of Proposition 4.2. Raises ValueError unless τ >= 0 and scale >= 0.
    """
    x, step, c = exact("z", z), nonnegative("tau", tau), nonnegative("scale", scale)
    if x == 0 or (c == 0 and step > 0):
        check_digits(digits)
        return mpmath.mp.mpf(0)
    if step == 0:
        return evaluate(lambda context: in_context(context, x), digits)

    def formula(context: Context) -> Number:
        root = in_context(context, c) * context.sinh(_root(context, abs(x), step, c))
        return -root if x < 0 else root

    return evaluate(formula, digits, _root_digits(x, c))


def proximal_derivative(z: Real, tau: Real, scale: Real, *, digits: int = 50) -> Number:
    """Return ∂prox/∂z = 1/(1 + τ q_k″(prox)); 1 at τ = 0, else 0 at scale 0.

    Source: the curvature in Proposition 4.2. Raises ValueError unless τ >= 0 and scale >= 0.
    """
    x, step, c = exact("z", z), nonnegative("tau", tau), nonnegative("scale", scale)
    if step == 0 or c == 0:
        check_digits(digits)
        return mpmath.mp.mpf(1 if step == 0 else 0)

    def formula(context: Context) -> Number:
        b = in_context(context, c) * context.sinh(_root(context, abs(x), step, c))
        return 1 / (
            1 + in_context(context, step) / context.sqrt(in_context(context, 4 * c**2) + 4 * b * b)
        )

    return evaluate(formula, digits, _root_digits(x, c))


def _root(context: Context, x: Fraction, tau: Fraction, scale: Fraction) -> Number:
    return channel_root(
        context, in_context(context, x), in_context(context, tau), in_context(context, scale)
    )


def _root_digits(x: Fraction, c: Fraction) -> int:
    """Digits lost from u to b = c sinh u: log10 of u = asinh(b/c) < 2.4 (decades of x/c + 1)."""
    return len(str(digits_below_one(c / x) + 1)) if x else 0


def channel_root(context: Context, height: Number, tau: Number, scale: Number) -> Number:
    """Return u >= 0 with scale·sinh u + (τ/2) u = height, at the context's precision.

    The left side is convex for u > 0, so Newton's method descends monotonically from any point
    above the root; the start is where one of the two terms alone would reach `height`, which is
    less than a factor 2 or log log(height/scale) steps away.
    """
    u = context.asinh(height / scale)
    if tau > 0:
        u = min(u, 2 * height / tau)
    smallest = context.ldexp(1, 8 - context.prec)
    while u > 0:
        excess = scale * context.sinh(u) + tau * u / 2 - height
        step = excess / (scale * context.cosh(u) + tau / 2)
        u -= step
        if step <= smallest * u:
            break
    return u
