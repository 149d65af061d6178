"""Stability of the replica-symmetric solution (Proposition 4.2; Appendix C.1).

De Almeida and Thouless's condition E[η′²] < α holds at every fixed point: the margin 1 − E[η′²]/α
is ϱ/τ + E[η′(1 − η′)]/α, and 0 < η′ < 1.

0 is the best bound: without ridge, where R = √(k + 4β̂²) is the same for all z, as for c_FT → ∞, the
margin is 1 − η′, which vanishes as τ → 0.
"""

from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from theory import replica
from theory.replica import alpha, tau
from verify.claim import Check, Method
from verify.claims.replica._means import RESPONSE, at_each, known
from verify.claims.replica._signs import positive
from verify.claims.replica.degrees_of_freedom import STATED as MEAN_RESPONSE
from verify.claims.replica.estimator_derivative import ROOT
from verify.claims.replica.estimator_derivative import STATED as ESTIMATOR
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import function_of
from verify.methods.relations import POSITIVE
from verify.registry import state

with as_written():
    MARGIN = 1 - Mean(RESPONSE**2) / alpha
    SPREAD = RESPONSE - RESPONSE**2
# Not negative, where theory has it positive.
varrho = sp.Symbol("varrho", nonnegative=True)
STATED = Formulas(
    margin=Formula(
        MARGIN,
        (varrho, tau, Mean(SPREAD), alpha),
        lambda ridge, tau, spread, alpha: ridge / tau + spread / alpha,
        bounds=(POSITIVE,),
    ),
    spread=Formula(
        SPREAD,
        (ROOT, tau),
        lambda root, tau: root * tau / (root + tau) ** 2,
        bounds=(POSITIVE,),
    ),
)
WRONG = (
    STATED.margin.but("E[η′ − η′²] for its quotient by α", lambda r, t, spread, a: r / t + spread),
    STATED.margin.but("reversed sign", lambda r, t, spread, a: -r / t - spread / a),
    STATED.margin.but("1.01 E[η′ − η′²]", lambda r, t, spread, a: r / t + 1.01 * spread / a),
    STATED.margin.but("ϱ/τ left out", lambda r, t, spread, a: 0 * r / t + spread / a),
)
CONTROLS = tuple(STATED.but(one.variant, margin=one.subject) for one in WRONG)
SQUARED = STATED.but(
    "R/(R + τ)² for Rτ/(R + τ)²", spread=lambda root, tau: root / (root + tau) ** 2
)


def decide(stated):
    """Insert E[η′] at the fixed point; both terms are positive."""
    return prove_all(steps(stated), summary="the margin is a sum of positive terms")


def steps(stated):
    squared, spread = sp.symbols("Q S", positive=True)
    response = ESTIMATOR.response()
    yield (
        "η′ − η′² as stated, at every z",
        equal(stated.spread.left({RESPONSE: response}), stated.spread()),
    )
    closure = MEAN_RESPONSE({replica.ridge: varrho})
    means = {Mean: known({RESPONSE: closure, RESPONSE**2: squared})}
    yield (
        "E[η′] = α(1 − ϱ/τ), and so the margin is as stated",
        equal(stated.margin.left(means), stated.margin(means)),
    )
    at = {Mean: known({RESPONSE: squared + spread, RESPONSE**2: squared})}
    for name, formula in (("η′ − η′²", stated.spread), ("the margin", stated.margin)):
        for bound in formula.bounds:
            text = f"{name} {bound.relation} {bound.value}, for ϱ ≥ 0 and E[η′ − η′²] > 0"
            yield text, positive(text, bound.margin(formula(at)), strict=bound.strict)
    # R the same for all z.
    alone = {varrho: sp.Integer(0), Mean: at_each, RESPONSE: response, alpha: response}
    for formula in (stated.spread, stated.margin):
        for bound in formula.bounds:
            least = sp.limit(bound.margin(formula(alone)), tau, 0)
            yield "and comes to it as τ → 0", equal(least, 0)


INITS = ((1e-9, -0.9999, 0.0), (1e-3, 0.0, 0.0), (1.0, 0.5, 0.0), (1.0, 0.0, 30.0))
RIDGES = (1e-3, 0.1)


def evaluate(margin):
    """Hold the solver's margins along curves of all regimes to the stated ones."""
    data = np.concatenate([np.linspace(0.01, 0.99, 25), [1.5, 20.0]])
    first, second = sp.symbols("M Q")
    means = {Mean: known({RESPONSE: first, RESPONSE**2: second})}
    numbers = varrho, tau, alpha, first, second
    claimed_of, found_of = (function_of(side(means), *numbers) for side in (margin, margin.left))
    worst = Worst()
    for slab in ("sign", "gaussian"):
        task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
        for (c, ratio, gamma), ridge in product(INITS, RIDGES):
            init = Initialization(c, ratio * c, gamma)
            curve = solve_replica(task, init, data, noise_variance=0.1, ridge=ridge)
            squared = curve.alpha * (1.0 - curve.stability_margin)
            at = ridge, curve.tau, curve.alpha, curve.degrees_of_freedom, squared
            claimed, found = claimed_of(*at), found_of(*at)
            # What is not positive is no margin, however near.
            held = np.all([bound.margin(claimed) > 0 for bound in margin.bounds], axis=0)
            gap = np.where(held, np.abs(claimed / found - 1), np.inf)
            worst.at(gap, alpha=data, slab=slab, c=c, ratio=ratio, gamma=gamma, ridge=ridge)
    return worst.measured("positive margins as stated to {worst} at {count} points")


ALONG, ROUNDING = (
    "margins along curves",
    "rounding, where margins are differences of numbers near 1",
)
state(
    "replica.stability",
    __doc__,
    (
        Check("inequality at every z", Method.SYMBOLIC, decide, STATED, (*CONTROLS, SQUARED)),
        Check(ALONG, Method.FLOAT64, evaluate, STATED.margin, WRONG, 1e-9, ROUNDING),
    ),
    assumptions=("c_FT > 0, τ > 0, ϱ ≥ 0",),
    requires=("replica.estimator-derivative", "replica.degrees-of-freedom"),
)
