"""The penalty in the exponential cone (Theorem 4.1).

q_k(β) is (√k/4) times the least value of 1 + p log 2p − p + m log 2m − m over p − m = 2β/√k,
reached where 4pm = 1.

In this form the penalty enters convex programs. p and m are positive.
"""

import sympy as sp

from theory.implicit_bias import minimise_split, penalty
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import decide_on_orthant
from verify.registry import state

beta, z, h = sp.symbols("beta z h", real=True)
c, p, m, root_k, least = sp.symbols(r"c p m \sqrt{k} s", positive=True)


def objective(p, m):
    return 1 + p * sp.log(2 * p) - p + m * sp.log(2 * m) - m


STATED = Formulas(
    q=Formula(r"q_k(\beta)", (root_k, least), lambda root_k, least: root_k / 4 * least),
    objective=Formula(r"s = \min_{p - m = z} \left(", (p, m), objective, r"\right)", relation=""),
    z=Formula("z", (beta, root_k), lambda beta, root_k: 2 * beta / root_k),
    p=Formula(r"\text{reached at } p", (z,), lambda z: (sp.sqrt(1 + z**2) + z) / 2),
    m=Formula(r"\text{and } m", (z,), lambda z: (sp.sqrt(1 + z**2) - z) / 2),
)
CONTROLS = (
    STATED.but("log p for log 2p", objective=lambda p, m: objective(p, m) - (p + m) * sp.log(2)),
    STATED.but("without the constant 1", objective=lambda p, m: objective(p, m) - 1),
    STATED.but("p and m exchanged", p=STATED.m, m=STATED.p),
)


def decide(stated):
    """Minimise along p − m = z; insert; compare with the potential of the flow."""
    return prove_all(steps(stated))


def steps(stated):
    objective, best = stated.objective(p, m), sp.Matrix([stated.p(z), stated.m(z)])
    derived_p, derived_m, minimum = minimise_split(stated.objective, z)
    bend = sum(sp.diff(objective, one, other) for one in (p, m) for other in (p, m))
    q = penalty(c * z, c)
    # z = sinh h covers the real line: √(1 + z²) = cosh h, and p, m are e^h/2 and e^{−h}/2.
    by_h = {sp.sqrt(1 + z**2): sp.cosh(h), sp.asinh(z): h}
    best_by_h = best.subs(by_h).subs(z, sp.sinh(h)).applyfunc(lambda e: e.rewrite(sp.exp))
    q_by_h = q.subs(by_h).subs(z, sp.sinh(h)).rewrite(sp.exp)
    halves = {p: sp.exp(h) / 2, m: sp.exp(-h) / 2}
    yield "z = β/c, as √k = 2c", equal(stated.z(c * z, 2 * c), z)
    yield "minimisers p and m", equal(best, sp.Matrix([derived_p, derived_m]))
    yield "4pm = 1 there", equal(4 * stated.p(z) * stated.m(z), sp.Integer(1))
    yield (
        "they are the least: the objective bends upwards along p − m = z",
        decide_on_orthant("its curvature is positive", sp.simplify(bend)),
    )
    yield "p and m at z = sinh h", equal(best_by_h, sp.Matrix([halves[p], halves[m]]))
    yield (
        "minimum as a function of h: the penalty, from √k = 2c",
        equal(stated.q(2 * c, sp.expand_log(objective.subs(halves))), q_by_h),
    )
    at = {z: sp.Rational(3, 4)}
    yield (
        "the same at z = 3/4, exactly",
        equal(
            *(
                sp.expand_log(value.subs(at).rewrite(sp.log))
                for value in (stated.q(2 * c, minimum), q)
            )
        ),
    )


state(
    "implicit-bias.exponential-cone",
    __doc__,
    (Check("minimum along the split", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0",),
    requires=("implicit-bias.penalty",),
)
