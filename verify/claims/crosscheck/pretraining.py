"""Real pretraining (Section 3.3, “α_PT ≥ 1”; Appendix B.1, “weights after pretraining”).

Pretrained by gradient flow on n ≥ d examples, a network recovers β*_PT and has the layer weights
that c, λ and β*_PT determine.

W(β; c, λ) are the layer weights (w₊, v₊, w₋, v₋) of effective weight β (network.layer-weights).
"""

from dataclasses import replace
from functools import cache
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization
from numerics.gradient_flow import pretrain_flow
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import Gaps, absolute
from verify.claims.crosscheck._scale import BETA_PT, LAM, C, own
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import applied, on_arrays
from verify.registry import state

SEED = 89
D = 8
CASES = ((0.5, 0.0), (0.5, 0.45), (1.0, -0.9), (0.1, -0.1), (0.1, 0.1), (2.0, 1.0))


TEACHER, WEIGHTS = sp.Symbol(r"\beta_{PT}^*", real=True), sp.Function("W")
AT_END = sp.Symbol("W_{PT}")


class EndState(NamedTuple):
    """What is learnt, and the weights that go with it."""

    learnt: Formula
    weights: Formula

    def latex(self):
        return rf"{self.learnt.latex()}, \quad {self.weights.latex()}"

    def weights_of(self, init, beta):
        """Return the weights from the invariants, (4, d)."""

        def weights(beta, c, lam):
            end = Initialization(c, lam).pretraining_layer_weights(beta)
            return np.array([end.w_plus, end.v_plus, end.w_minus, end.v_minus])

        return applied(
            defined(self.weights, AT_END), {WEIGHTS: weights}, own(init) | {TEACHER: beta}
        )


STATED = EndState(
    learnt=Formula(BETA_PT, (TEACHER,), lambda beta: beta),
    weights=Formula(AT_END, (TEACHER, C, LAM), lambda beta, c, lam: WEIGHTS(beta, c, lam)),
)


def other(weights):
    return STATED._replace(weights=replace(STATED.weights, body=weights))


CONTROLS = (
    Control("λ of the opposite sign", other(lambda beta, c, lam: WEIGHTS(beta, c, -lam))),
    Control("c twice as large", other(lambda beta, c, lam: WEIGHTS(beta, 2 * c, lam))),
    Control(
        "−β*_PT is learnt",
        STATED._replace(learnt=replace(STATED.learnt, body=lambda beta: -beta)),
    ),
)


@cache
def flows():
    """Pretrain on 2d and on d examples; return (n, c, λ), network, teacher, and flow."""
    rng, found = np.random.default_rng(SEED), []
    for n, (c, lam) in product((2 * D, D), CASES):
        init = Initialization(c, lam)
        beta = rng.choice([-2.0, -0.5, 0.0, 1.0], size=D)
        X = rng.standard_normal((n, D)) / np.sqrt(n)
        found.append(((n, c, lam), init, beta, pretrain_flow(init, X, X @ beta)))
    return tuple(found)


def decide(stated):
    """Compare β and all weights at the end of pretraining, signs included."""
    gaps = Gaps()
    for case, init, beta, flow in flows():
        if not flow.converged or flow.weights is None:
            return Evidence(None, f"pretraining did not end: {flow.message}")
        learnt = on_arrays(defined(stated.learnt, BETA_PT), {TEACHER: beta})
        ends = (
            (flow.beta[-1], learnt),
            (flow.weights[:, -1], stated.weights_of(init, learnt)),
        )
        for by_flow, analytic in ends:
            results = {"weights' flow": by_flow, "analytic end": analytic}
            where = {"n, c, lambda": case, "beta": beta.tolist()}
            absolute(gaps, "β_PT and layer weights", results, where)
    return gaps.measured(f"β_PT and all weights within {{worst}} in {2 * len(CASES)} networks")


REASON = "the flow stops at a training error of 1e-20, conditions of X up to 100"
CHECK = Check("twelve networks", Method.FLOW, decide, STATED, CONTROLS, 1e-7, REASON, seed=SEED)
state(
    "crosscheck.pretraining",
    __doc__,
    (CHECK,),
    assumptions=("no label noise", f"d = {D}, n = {2 * D} and n = {D}"),
    requires=("network.layer-weights",),
)
