"""The penalty in the exponential cone (Theorem 4.1).

q_k(β) is (√k/4) times the least value s of 1 + p log 2p − p + m log 2m − m over p − m = 2β/√k,
reached at p* and m* only, where 4p*m* = 1.

In this form the penalty enters convex programs. p and m are positive.
"""

from dataclasses import dataclass, replace

import sympy as sp

from theory.implicit_bias import minimise_split, penalty
from verify.claim import Check, Method
from verify.methods.formula import Extremum, Formula, Formulas, written
from verify.methods.identity import equal, prove_all
from verify.methods.orthant import decide_on_orthant
from verify.registry import state

beta, z, h = sp.symbols("beta z h", real=True)
c, p, m, root_k, least = sp.symbols(r"c p m \sqrt{k} s", positive=True)


def objective(p, m):
    return 1 + p * sp.log(2 * p) - p + m * sp.log(2 * m) - m


@dataclass(frozen=True, kw_only=True)
class Extreme(Formula):
    """The right side's extreme value, `over` the p and m with this."""

    extremum: Extremum
    over: Formula

    def latex(self):
        operator = rf"{self.extremum.operator}_{{{self.over.latex()}}}"
        body = written(self.body, *self.symbols)
        return rf"{self.name} {self.relation} {operator} \left({body}\right)"


STATED = Formulas(
    q=Formula(r"q_k(\beta)", (root_k, least), lambda root_k, least: root_k / 4 * least),
    least=Extreme(
        "s",
        (p, m),
        objective,
        extremum=Extremum.MIN,
        over=Formula("z", (p, m), lambda p, m: p - m),
    ),
    z=Formula("z", (beta, root_k), lambda beta, root_k: 2 * beta / root_k),
    p=Formula("p^*", (z,), lambda z: (sp.sqrt(1 + z**2) + z) / 2),
    m=Formula("m^*", (z,), lambda z: (sp.sqrt(1 + z**2) - z) / 2),
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
    objective, best = stated.least(), sp.Matrix([stated.p(), stated.m()])
    q = penalty(c * z, c)
    # z = sinh h covers the real line: √(1 + z²) = cosh h, and p, m are e^h/2 and e^{−h}/2.
    by_h = {sp.sqrt(1 + z**2): sp.cosh(h), sp.asinh(z): h}
    best_by_h = best.subs(by_h).subs(z, sp.sinh(h)).applyfunc(lambda e: e.rewrite(sp.exp))
    q_by_h = q.subs(by_h).subs(z, sp.sinh(h)).rewrite(sp.exp)
    halves = {p: sp.exp(h) / 2, m: sp.exp(-h) / 2}
    yield "z = β/c, as √k = 2c", equal(stated.z({beta: c * z, root_k: 2 * c}), z)
    yield "p* − m* = z", equal(stated.least.over({p: stated.p(), m: stated.m()}), z)
    yield "4p*m* = 1", equal(4 * stated.p() * stated.m(), sp.Integer(1))
    yield "p* and m* at z = sinh h", equal(best_by_h, sp.Matrix([halves[p], halves[m]]))
    yield (
        "the value there as a function of h: the penalty, from √k = 2c",
        equal(stated.q({root_k: 2 * c, least: sp.expand_log(objective.subs(halves))}), q_by_h),
    )
    derived_p, derived_m, value = minimise_split(sp.Lambda((p, m), objective), z)
    yield "it is stationary there only", equal(best, sp.Matrix([derived_p, derived_m]))
    at = {z: sp.Rational(3, 4)}
    yield (
        "with the same value at z = 3/4, exactly",
        equal(
            *(
                sp.expand_log(side.subs(at).rewrite(sp.log))
                for side in (stated.q({root_k: 2 * c, least: value}), q)
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
