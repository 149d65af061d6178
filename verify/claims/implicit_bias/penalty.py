"""The penalty of a coordinate (Theorem 4.1, eqs. (11)-(12); Azulay et al. (2021)).

The potential of the mirror flow that starts with scale c is
q_k(β) = (√k/4)(1 − √(1+z²) + z asinh z) with √k = 2c and z = 2β/√k.
"""

import mpmath
import numpy as np
import sympy as sp

from numerics import multiprecision
from numerics import penalty as kernels
from theory.implicit_bias import penalty, penalty_curvature, penalty_slope
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import compare
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
c, k, root_k = sp.symbols(r"c k \sqrt{k}", positive=True)


def value(z, root_k):
    return root_k / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def curvature(beta, k):
    return 1 / sp.sqrt(k + 4 * beta**2)


STATED = Formulas(
    value=Formula(r"q_k(\beta)", (z, root_k), value),
    z=Formula("z", (beta, root_k), lambda beta, root_k: 2 * beta / root_k),
    root_k=Formula(r"\sqrt{k}", (c,), lambda c: 2 * c),
    slope=Formula(r"q_k'(\beta)", (z,), lambda z: sp.asinh(z) / 2),
    curvature=Formula(r"q_k''(\beta)", (beta, k), curvature),
)
CONTROLS = (
    STATED.but("z = β/√k", z=lambda beta, root_k: beta / root_k),
    STATED.but(
        "+√(1 + z²)", value=lambda z, root_k: value(z, root_k) + root_k / 2 * sp.sqrt(1 + z**2)
    ),
    STATED.but("√k/2 for √k/4", value=lambda z, root_k: 2 * value(z, root_k)),
)


def at(stated, beta, c):
    """Return q, q′ and q″ at β, from scale c."""
    root_k = stated.root_k(c)
    z = stated.z(beta, root_k)
    return stated.value(z, root_k), stated.slope(z), stated.curvature(beta, root_k**2)


def decide(stated):
    """Integrate the metric of the flow of β twice."""
    value, slope, curvature = at(stated, beta, c)
    return prove_all(
        [
            ("q″ is the metric of the flow", equal(curvature, penalty_curvature(beta, c))),
            ("q′ is its integral", equal(slope, penalty_slope(beta, c))),
            ("q is the integral of that", equal(value, penalty(beta, c))),
        ]
    )


def measured(name, method, computed, points, tolerance, reason):
    """Compare q with what is computed at float arguments (β, c), taken as exact."""

    def measure(stated):
        def exactly(beta, c):
            return str(sp.N(at(stated, sp.Rational(beta), sp.Rational(c))[0], 60))

        return compare(computed, exactly, points, names=("beta", "c"))

    return Check(name, method, measure, STATED, CONTROLS, tolerance, reason)


def integral(beta, c):
    """∫₀^β (β − b) / (2√(c² + b²)) db by Gauss-Legendre quadrature."""
    with mpmath.workdps(60):
        b, scale = mpmath.mpf(beta), mpmath.mpf(c)
        # In b = c sinh u the integrand is entire.
        end = mpmath.asinh(b / scale)
        return mpmath.quad(lambda u: (b - scale * mpmath.sinh(u)) / 2, [0, end / 2, end])


def digits(beta, c):
    return multiprecision.penalty(beta, c, digits=50)


def kernel(beta, c):
    return kernels.penalty(np.float64(beta), np.float64(c))


POINTS = [
    (beta, scale)
    for beta in (1e-8, -0.3, 1.0, -20.0, 1e10)
    for scale in (2.0**-30, 0.5, 1.0, 1024.0, 1e12)
]
NEAR = ((0.01, 1.0), (-0.3, 0.5), (1.0, 1.0), (-20.0, 4.0), (3.0, 0.125))
LAST_BIT = "a few dozen roundings of the last bit"
MOST_DIGITS = "50 digits, less the last ones"
FEW_LOST = "60 digits; the quadrature of an entire function loses few of them"

state(
    "implicit-bias.penalty",
    __doc__,
    (
        Check("integration of the metric", Method.SYMBOLIC, decide, STATED, CONTROLS),
        measured("quadrature", Method.MULTIPRECISION, integral, NEAR, 1e-40, FEW_LOST),
        measured("50 digits", Method.MULTIPRECISION, digits, POINTS, 1e-45, MOST_DIGITS),
        measured("float64", Method.FLOAT64, kernel, POINTS, 1e-14, LAST_BIT),
    ),
    assumptions=("c > 0",),
    requires=("implicit-bias.mirror-flow",),
)
