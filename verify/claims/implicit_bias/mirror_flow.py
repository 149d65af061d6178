"""β follows mirror flow (Theorem 4.1; Appendix B.1, “from flow to penalty”; Azulay et al. (2021)).

β̇ = −2√(c² + β²) ∂L/∂β, so the mirror map m = ½ asinh(β/c) descends the gradient of the loss itself:
its velocity is −∂L/∂β.
"""

import sympy as sp

from theory.implicit_bias import mirror_speed, penalty_slope
from verify.claim import Check, Method
from verify.methods.along import TIME, itself, moving
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all, zero
from verify.methods.notation import named
from verify.registry import state

beta, lam = sp.symbols("beta lambda", real=True)
c = sp.Symbol("c", positive=True)
m, (g,) = sp.Symbol("m"), named(r"\frac{\partial L}{\partial\beta}")
BETA, M = sp.Function(r"\beta"), sp.Function("m")


def velocity(beta, c, g):
    return -2 * sp.sqrt(c**2 + beta**2) * g


def mirror(beta, c):
    return sp.asinh(beta / c) / 2


STATED = Formulas(
    velocity=Formula(sp.Derivative(BETA(TIME), TIME), (beta, c, g), velocity),
    mirror=Formula(m, (beta, c), mirror),
    descent=Formula(sp.Derivative(M(TIME), TIME), (g,), lambda g: -g),
)
CONTROLS = (
    STATED.but("√(c² + β²), without the 2", velocity=lambda b, c, g: velocity(b, c, g) / 2),
    STATED.but("asinh(β/c), without the ½", mirror=lambda b, c: 2 * mirror(b, c)),
    STATED.but("ṁ = ∂L/∂β", descent=lambda g: g),
    STATED.but("√(c² − β²)", velocity=lambda b, c, g: -2 * sp.sqrt(c**2 - b**2) * g),
)


def decide(stated):
    """Compare with the speed at the weights that the flow has when β is reached."""
    return prove_all(steps(stated))


def steps(stated):
    mirror, speed = defined(stated.mirror, m), -mirror_speed(beta, c, lam) * g
    at = {
        BETA: moving(itself, beta, speed),
        M: moving(lambda beta_: mirror.subs(beta, beta_), beta, speed),
        TIME: 0,
    }
    yield "velocity of β", equal(stated.velocity(), stated.velocity.left(at))
    yield "velocity of the mirror map", equal(stated.descent(), stated.descent.left(at))
    yield "it is zero at β = 0", zero(mirror.subs(beta, 0))
    yield "it is the integral of the flow's metric", equal(mirror, penalty_slope(beta, c))


state(
    "implicit-bias.mirror-flow",
    __doc__,
    (Check("weights inserted into the flow", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, λ₊ = λ₋",),
    requires=("network.effective-flow", "network.layer-weights"),
)
