"""The penalty in the exponential cone (Theorem 4.1).

q_k(β) is (√k/4) times the least value s of 1 + p log 2p − p + m log 2m − m over p − m = 2β/√k,
reached at p* and m* only, where 4p*m* = 1.

In this form the penalty enters convex programs. p and m are positive.
"""

from dataclasses import replace

import sympy as sp

from theory.implicit_bias import minimise_split, penalty
from verify.claim import Check, Method
from verify.claims.implicit_bias._extrema import Extreme
from verify.claims.implicit_bias._symbols import Penalty
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Extremum
from verify.registry import state

beta, z, h = sp.symbols("beta z h", real=True)
c, p, m, k, least = sp.symbols("c p m k s", positive=True)
best_p, best_m = sp.symbols("p^* m^*", positive=True)


def objective(p, m):
    return 1 + p * sp.log(2 * p) - p + m * sp.log(2 * m) - m


with as_written():
    DIFFERENCE, PRODUCT = p - m, 4 * best_p * best_m

STATED = Formulas(
    q=Formula(Penalty(beta, k), (k, least), lambda k, least: sp.sqrt(k) / 4 * least),
    least=Extreme(
        least,
        (p, m),
        objective,
        extremum=Extremum.MIN,
        over=Formula(DIFFERENCE, (z,), lambda z: z),
    ),
    z=Formula(z, (beta, k), lambda beta, k: 2 * beta / sp.sqrt(k)),
    p=Formula(best_p, (z,), lambda z: (sp.sqrt(1 + z**2) + z) / 2),
    m=Formula(best_m, (z,), lambda z: (sp.sqrt(1 + z**2) - z) / 2),
    product=Formula(PRODUCT, (), lambda: 1),
)
CONTROLS = (
    STATED.but("log p for log 2p", least=lambda p, m: objective(p, m) - (p + m) * sp.log(2)),
    STATED.but("without the constant 1", least=lambda p, m: objective(p, m) - 1),
    STATED.but("p and m exchanged", p=STATED.m.body, m=STATED.p.body),
    STATED.but("the greatest value", least=replace(STATED.least, extremum=Extremum.MAX)),
)


def decide(stated):
    """Minimise along p − m = z; insert; compare with the potential of the flow."""
    return prove_all(steps(stated))


def steps(stated):
    objective = defined(stated.least, least)
    best = sp.Matrix([defined(stated.p, best_p), defined(stated.m, best_m)])
    at = {k: 4 * c**2}
    q = stated.q.left({**at, Penalty: lambda beta, k: penalty(beta, sp.sqrt(k) / 2), beta: c * z})
    # z = sinh h covers the real line: √(1 + z²) = cosh h, and p, m are e^h/2 and e^{−h}/2.
    by_h = {sp.sqrt(1 + z**2): sp.cosh(h), sp.asinh(z): h}
    best_by_h = best.subs(by_h).subs(z, sp.sinh(h)).applyfunc(lambda e: e.rewrite(sp.exp))
    q_by_h = q.subs(by_h).subs(z, sp.sinh(h)).rewrite(sp.exp)
    halves = {p: sp.exp(h) / 2, m: sp.exp(-h) / 2}
    yield "z = β/c, as √k = 2c", equal(defined(stated.z, z, {**at, beta: c * z}), z)
    yield (
        "p* − m* = z",
        equal(stated.least.over.left({p: best[0], m: best[1]}), stated.least.over()),
    )
    product = stated.product.left({best_p: best[0], best_m: best[1]})
    yield "4p*m* = 1", equal(product, stated.product())
    yield "p* and m* at z = sinh h", equal(best_by_h, sp.Matrix([halves[p], halves[m]]))
    yield (
        "the value there as a function of h: the penalty, from √k = 2c",
        equal(stated.q({**at, least: sp.expand_log(objective.subs(halves))}), q_by_h),
    )
    derived_p, derived_m, value = minimise_split(sp.Lambda((p, m), objective), z)
    yield "it is stationary there only", equal(best, sp.Matrix([derived_p, derived_m]))
    place = {z: sp.Rational(3, 4)}
    yield (
        "with the same value at z = 3/4, exactly",
        equal(
            *(
                sp.expand_log(side.subs(place).rewrite(sp.log))
                for side in (stated.q({**at, least: value}), q)
            )
        ),
    )
    bend = sum(sp.diff(objective, one, other) for one in (p, m) for other in (p, m))
    text = "and the least: the objective bends upwards along p − m = z"
    yield text, decide_on_orthant(text, sp.simplify(stated.least.extremum.value * bend))


state(
    "implicit-bias.exponential-cone",
    __doc__,
    (Check("minimum along the split", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("k > 0",),
    requires=("implicit-bias.penalty",),
)
