"""The penalty q_k (Theorem 4.1, eqs. 11-12; Azulay et al. 2021).

With √k = 2c and z = 2β/√k,

    q_k(β) = (√k/4)(1 − √(1 + z²) + z asinh z),  q_k′ = ½ asinh z,  q_k″ = 1/√(k + 4β²).
"""

from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp

from numerics import multiprecision
from numerics import penalty as kernels
from theory.implicit_bias import penalty, penalty_curvature, penalty_slope
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register

POINTS = tuple(
    (beta, scale)
    for beta in (1e-8, -0.3, 1.0, -20.0, 1e10)
    for scale in (2.0**-30, 0.5, 1.0, 1024.0, 1e12)
)
QUADRATURE_POINTS = ((0.01, 1.0), (-0.3, 0.5), (1.0, 1.0), (-20.0, 4.0), (3.0, 0.125))
DIGITS_AGREED, KERNEL_ERROR, QUADRATURE_ERROR = 1e-45, 1e-14, 1e-40


class Statement(NamedTuple):
    """The penalty and its two derivatives, as functions of β and k."""

    value: Any
    slope: Any
    curvature: Any


def value(beta: Any, k: Any) -> Any:
    """Return q_k(β), as stated."""
    z = 2 * beta / sp.sqrt(k)
    return sp.sqrt(k) / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def slope(beta: Any, k: Any) -> Any:
    """Return q_k'(β), as stated."""
    return sp.asinh(2 * beta / sp.sqrt(k)) / 2


def curvature(beta: Any, k: Any) -> Any:
    """Return q_k''(β), as stated."""
    return 1 / sp.sqrt(k + 4 * beta**2)


def decide(statement: Statement) -> Evidence:
    """Integrate the metric of the flow of β twice."""
    beta, c = sp.Symbol("beta", real=True), sp.Symbol("c", positive=True)
    k = (2 * c) ** 2
    return prove_all(
        [
            (
                "q″ is the metric of the flow",
                equal(statement.curvature(beta, k), penalty_curvature(beta, c)),
            ),
            ("q′ is its integral", equal(statement.slope(beta, k), penalty_slope(beta, c))),
            ("q is the integral of that", equal(statement.value(beta, k), penalty(beta, c))),
        ]
    )


def exactly(statement: Statement, digits: int = 60) -> Any:
    """Evaluate the stated q at float arguments (β, c), taken as exact, without cancellation."""

    def q(beta: float, c: float) -> Any:
        number = sp.N(statement.value(sp.Rational(beta), 4 * sp.Rational(c) ** 2), digits)
        with mpmath.workdps(digits):
            return mpmath.mpf(str(number))

    return q


def compare_quadrature(statement: Statement) -> Evidence:
    """Compare with ∫₀^β (β − b) / (2√(c² + b²)) db by Gauss-Legendre quadrature."""

    def integral(beta: float, c: float) -> Any:
        with mpmath.workdps(60):
            b, scale = mpmath.mpf(beta), mpmath.mpf(c)
            # In b = c sinh u the integrand is entire.
            end = mpmath.asinh(b / scale)
            return mpmath.quad(lambda u: (b - scale * mpmath.sinh(u)) / 2, [0, end / 2, end])

    return compare(exactly(statement), integral, QUADRATURE_POINTS, names=("beta", "c"))


def compare_digits(statement: Statement) -> Evidence:
    """Compare with the multiprecision function at 50 digits."""
    return compare(
        lambda beta, c: multiprecision.penalty(beta, c, digits=50),
        exactly(statement),
        POINTS,
        names=("beta", "c"),
    )


def compare_kernel(statement: Statement) -> Evidence:
    """Compare the float64 function with the formula."""
    return compare(
        lambda beta, c: kernels.penalty(np.float64(beta), np.float64(c)),
        exactly(statement),
        POINTS,
        names=("beta", "c"),
    )


STATEMENT = Statement(value, slope, curvature)
CONTROLS = (
    Control(
        "k for 4k: z = β/√k",
        Statement(*(lambda b, k, f=f: f(b, 4 * k) for f in (value, slope, curvature))),
    ),
    Control(
        "+√(1 + z²)",
        STATEMENT._replace(value=lambda b, k: value(b, k) + sp.sqrt(k + 4 * b**2) / 2),
    ),
    Control("√k/2 for √k/4", STATEMENT._replace(value=lambda b, k: 2 * value(b, k))),
)

register(
    Claim(
        id="implicit-bias.penalty",
        title="The penalty of a coordinate",
        sentence="The potential of the mirror flow that starts with scale c is "
        "q_k(β) = (√k/4)(1 − √(1+z²) + z asinh z) with √k = 2c and z = 2β/√k.",
        latex=r"q_k(\beta) = \frac{\sqrt{k}}{4}\left(1 - \sqrt{1 + z^2} "
        r"+ z \operatorname{asinh} z\right),\quad z = \frac{2\beta}{\sqrt{k}},\quad "
        r"\sqrt{k} = 2c \\ q_k'(\beta) = \frac{1}{2}\operatorname{asinh} z,\quad "
        r"q_k''(\beta) = \frac{1}{\sqrt{k + 4\beta^2}}",
        source="Theorem 4.1, eqs. (11)-(12); Azulay et al. (2021)",
        checks=(
            Check("integration of the metric", Method.SYMBOLIC, decide, STATEMENT, CONTROLS),
            Check(
                "quadrature of the metric",
                Method.MULTIPRECISION,
                compare_quadrature,
                STATEMENT,
                CONTROLS,
                tolerance=QUADRATURE_ERROR,
                reason="60 digits; the quadrature of an entire function loses few of them",
            ),
            Check(
                "50 digits",
                Method.MULTIPRECISION,
                compare_digits,
                STATEMENT,
                CONTROLS[:1] + CONTROLS[2:],
                tolerance=DIGITS_AGREED,
                reason="50 digits, less the last ones",
            ),
            Check(
                "float64",
                Method.FLOAT64,
                compare_kernel,
                STATEMENT,
                CONTROLS[:1] + CONTROLS[2:],
                tolerance=KERNEL_ERROR,
                reason="a few dozen roundings of the last bit",
            ),
        ),
        assumptions=("c > 0",),
        requires=("implicit-bias.mirror-flow",),
    )
)
