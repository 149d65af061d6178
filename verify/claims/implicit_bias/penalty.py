"""The penalty of a coordinate (Theorem 4.1, eqs. (11)-(12); Azulay et al. (2021)).

The potential of the mirror flow that starts with scale c is
q_k(β) = (√k/4)(1 − √(1+z²) + z asinh z) with √k = 2c and z = 2β/√k; its derivatives are
q_k′ = ½ asinh z and q_k″ = 1/√(k + 4β²).
"""

from functools import cache

import mpmath
import sympy as sp

from numerics import multiprecision
from numerics import penalty as kernels
from theory.implicit_bias import penalty, penalty_curvature
from verify.claim import Check, Method
from verify.claims.implicit_bias._symbols import resolved
from verify.methods.formula import DIGITS, Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import compare
from verify.registry import state

beta, z = sp.symbols("beta z", real=True)
c, k = sp.symbols("c k", positive=True)
q = sp.Function("q_k")


def value(z, k):
    return sp.sqrt(k) / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def curvature(beta, k):
    return 1 / sp.sqrt(k + 4 * beta**2)


STATED = Formulas(
    value=Formula(q(beta), (z, k), value),
    z=Formula(z, (beta, k), lambda beta, k: 2 * beta / sp.sqrt(k)),
    root_k=Formula(sp.sqrt(k), (c,), lambda c: 2 * c),
    slope=Formula(sp.Derivative(q(beta), beta), (z,), lambda z: sp.asinh(z) / 2),
    curvature=Formula(sp.Derivative(q(beta), (beta, 2)), (beta, k), curvature),
)
CONTROLS = (
    STATED.but("z = β/√k", z=lambda beta, k: beta / sp.sqrt(k)),
    STATED.but("+√(1 + z²)", value=lambda z, k: value(z, k) + sp.sqrt(k) / 2 * sp.sqrt(1 + z**2)),
    STATED.but("√k/2 for √k/4", value=lambda z, k: 2 * value(z, k)),
    STATED.but("q′ = asinh z", slope=sp.asinh),
    STATED.but("q″ = 1/√(k + 2β²)", curvature=lambda beta, k: curvature(beta / sp.sqrt(2), k)),
)


def decide(stated):
    """Integrate the metric of the flow of β twice."""
    return prove_all(steps(stated))


def steps(stated):
    metric = penalty_curvature(sp.Integer(0), c)
    at = {k: metric**-2}
    at[z] = defined(stated.z, z, at)
    derived = {q: lambda beta: penalty(beta, c)}
    text = "√k is the inverse of the flow's metric at β = 0"
    yield text, equal(stated.root_k(), stated.root_k.left(at))
    yield "q″ is that metric", equal(stated.curvature(at), stated.curvature.left(derived))
    yield "q′ is its integral", equal(stated.slope(at), stated.slope.left(derived))
    yield "q is the integral of that", equal(stated.value(at), stated.value.left(derived))


def measured(name, method, computed, points, tolerance, reason):
    """Compare q, q′, q″ and √k with what is computed at float arguments (β, c), taken as exact."""

    def measure(stated):
        size = resolved(stated.root_k, k)

        @cache
        def near(place, *point):
            """Return the parabola in β with the value and derivatives that are computed there."""
            if place != beta:
                raise ValueError(f"q is a function of β, got {place}")
            value, slope, bend = (sp.Float(one(*point), DIGITS) for one in computed)
            step = beta - sp.Rational(point[0])
            return value + slope * step + bend * step**2 / 2

        def left(of, *point):
            metric = sp.Float(computed[-1](0.0, point[1]), DIGITS)
            at = {
                q: lambda place: near(place, *point),
                beta: sp.Rational(point[0]),
                k: metric**-2,
            }
            return str(sp.N(getattr(stated, of).left(at), DIGITS))

        def right(of, *point):
            at = dict(zip((beta, c), map(sp.Rational, point), strict=True))
            at[k] = size.subs(at)
            at[z] = defined(stated.z, z, at)
            return str(sp.N(getattr(stated, of)(at), DIGITS))

        places = [(of, *point) for point in points for of in COMPARED]
        return compare(left, right, places, names=("of", "beta", "c"))

    return Check(name, method, measure, STATED, CONTROLS, tolerance, reason)


def integral(beta, c):
    """∫₀^β (β − b) / (2√(c² + b²)) db by Gauss-Legendre quadrature."""
    with mpmath.workdps(60):
        b, scale = mpmath.mpf(beta), mpmath.mpf(c)
        # In b = c sinh u the integrand is entire.
        end = mpmath.asinh(b / scale)
        return mpmath.quad(lambda u: (b - scale * mpmath.sinh(u)) / 2, [0, end / 2, end])


def single_integral(beta, c):
    """∫₀^β 1 / (2√(c² + b²)) db, by quadrature in pieces that double: it is analytic near each."""
    with mpmath.workdps(60):
        b, scale = mpmath.mpf(beta), mpmath.mpf(c)
        ends, size = [mpmath.mpf(0)], min(abs(b), scale / 2)
        while size < abs(b):
            ends.append(size)
            size *= 2

        def metric(x):
            return 1 / (2 * mpmath.sqrt(scale**2 + x**2))

        return mpmath.sign(b) * mpmath.quad(metric, [*ends, abs(b)])


def inverse_speed(beta, c):
    """1/N of the weights that the flow has at β, N the sum of their squares."""
    with mpmath.workdps(60):
        held = multiprecision.layer_weights(beta, c, 0, digits=55)
        return 1 / mpmath.fsum(weight**2 for weight in held)


def named(module, **how):
    """Return q, q′ and q″ as a module of numerics computes them at numbers given to it exactly."""
    names = ("penalty", "penalty_derivative", "penalty_curvature")
    return tuple(lambda beta, c, name=name: getattr(module, name)(beta, c, **how) for name in names)


QUADRATURE = (integral, single_integral, inverse_speed)
MANY_DIGITS = named(multiprecision, digits=50)
KERNELS = named(kernels)
POINTS = [
    (beta, scale)
    for beta in (1e-8, -0.3, 1.0, -20.0, 1e10)
    for scale in (2.0**-30, 0.5, 1.0, 1024.0, 1e12)
]
NEAR = ((0.01, 1.0), (-0.3, 0.5), (1.0, 1.0), (-20.0, 4.0), (3.0, 0.125))
LAST_BIT = "a few dozen roundings of the last bit"
MOST_DIGITS = "50 digits, less the last ones"
COMPARED = ("value", "slope", "curvature", "root_k")
FEW_LOST = "60 digits; the quadrature of an entire function loses few of them"

state(
    "implicit-bias.penalty",
    __doc__,
    (
        Check("integration of the metric", Method.SYMBOLIC, decide, STATED, CONTROLS),
        measured("quadrature", Method.MULTIPRECISION, QUADRATURE, NEAR, 1e-40, FEW_LOST),
        measured("50 digits", Method.MULTIPRECISION, MANY_DIGITS, POINTS, 1e-45, MOST_DIGITS),
        measured("float64", Method.FLOAT64, KERNELS, POINTS, 1e-14, LAST_BIT),
    ),
    assumptions=("c > 0",),
    requires=("implicit-bias.mirror-flow",),
)
