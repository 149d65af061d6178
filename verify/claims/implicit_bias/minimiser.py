"""Implicit bias of fine-tuning (Theorem 4.1, eqs. (11)-(14)).

Fine-tuned to zero training error, the network has, of all β with Xβ = y, the one with the least
Σ q_k(βᵢ), where √k = 2c_FT depends on what was pretrained.

In detail: pretrain a diagonal linear network from absolute scale c > 0 and relative scale λ,
|λ| ≤ c, by gradient flow until β = β_PT; set w± ← w₊ + w₋ and v± ← γ; fine-tune by gradient flow on
(X, y) to zero training error.
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.implicit_bias import penalty as derived_penalty
from theory.network import effective_weight, finetune_scale, gradient_flow, rate, weights
from verify.claim import Check, Control, Method
from verify.methods import flow
from verify.methods.formula import written
from verify.methods.identity import equal, zero
from verify.methods.numeric import Worst
from verify.methods.symbolic import prove_all
from verify.registry import state


def penalty(beta, root_k):
    """q_k(β), eqs. 11-12."""
    z = 2 * beta / root_k
    return root_k / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def root_k(beta_pt, c, lam, gamma):
    """√k, eqs. 13-14."""
    return 2 * ((c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2)


class Theorem(NamedTuple):
    """The theorem's formulas: penalty q_k(β) and √k after pretraining."""

    penalty: Any
    root_k: Any

    def latex(self):
        names = sp.symbols(r"beta_PT c lambda gamma")
        q = written(self.penalty, sp.Symbol("beta"), sp.Symbol(r"\sqrt{k}"))
        return (
            r"\beta_{FT} = \operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i) \\ "
            rf"q_k(\beta) = {q} \\ \sqrt{{k}} = {written(self.root_k, *names)}"
        )


THEOREM = Theorem(penalty, root_k)
CONTROLS = (
    Control("γ²/2 for γ²", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, lam, g) - g**2)),
    Control("c − λ for c + λ", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, -lam, g))),
    Control("√k = c_FT for 2c_FT", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, lam, g) / 2)),
    Control(
        "no influence of pretraining: β_PT = 0 in c_FT",
        Theorem(penalty, lambda b, c, lam, g: root_k(0 * b, c, lam, g)),
    ),
    Control("z = β/√k", Theorem(lambda b, s: penalty(b, 2 * s), root_k)),
)


# How it is decided, first way: the flow conserves the optimality conditions.


def decide(theorem):
    """Show that the slope of the penalty stays a combination of the examples."""
    w0, v0, gamma = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    beta, beta_pt = sp.symbols("beta beta_PT", real=True)
    c, lam = w0**2 + v0**2, w0**2 - v0**2
    root, start = sp.Symbol("s", positive=True), sp.Symbol("c_FT", positive=True)
    slope = sp.diff(theorem.penalty(beta, root), beta)
    bend = sp.simplify(sp.diff(slope, beta))
    state, g = weights(), sp.Symbol("g", real=True)
    speed = rate(effective_weight(state), [state], gradient_flow([state], [g])) / -g
    conserved = state.w_plus * state.w_minus + state.v_plus * state.v_minus
    equal_pathways = state.w_plus**2 - state.v_plus**2 - state.w_minus**2 + state.v_minus**2
    n, d = sp.symbols("n d", integer=True, positive=True)
    X, y = sp.MatrixSymbol("X", n, d), sp.MatrixSymbol("y", n, 1)
    end, other = sp.MatrixSymbol("beta_FT", d, 1), sp.MatrixSymbol("beta_", d, 1)
    nu = sp.MatrixSymbol("nu", n, 1)
    pull = (X.T * nu).T * (other - end)
    interpolating = pull.expand().subs({X * other: y, X * end: y})
    return prove_all(
        [
            (
                "√k is twice the scale that fine-tuning starts with, where c = w₀² + v₀² and "
                "λ = w₀² − v₀²",
                equal(
                    theorem.root_k(beta_pt, c, lam, gamma),
                    2 * finetune_scale(beta_pt, c, lam, gamma),
                ),
            ),
            (
                "q_k is the potential of the flow from that scale",
                equal(theorem.penalty(beta, 2 * start), derived_penalty(beta, start)),
            ),
            (
                "the flow moves β at √(k + 4β²), √k = 2c_FT: (speed)² = 4(c_FT² + β²) where the "
                "pathways are equal",
                zero(
                    sp.expand(speed**2)
                    - sp.expand(4 * conserved**2 + 4 * effective_weight(state) ** 2)
                    - sp.expand(equal_pathways**2)
                ),
            ),
            (
                "so d/dt q_k′(βᵢ) = −(∇L)ᵢ",
                equal(
                    sp.diff(theorem.penalty(beta, 2 * start), beta, 2)
                    * 2
                    * sp.sqrt(start**2 + beta**2),
                    sp.Integer(1),
                ),
            ),
            ("q_k′ = 0 at β_FT(0) = 0", zero(slope.subs(beta, 0))),
            ("q_k(0) = 0", zero(theorem.penalty(sp.Integer(0), root))),
            (
                "∇L = Xᵀ(Xβ − y), so q_k′(βᵢ) = (Xᵀν)ᵢ at all times, ν = −∫(Xβ − y)dt; then for "
                "any β with Xβ = y: Σ q_k′(βᵢ^FT)(βᵢ − βᵢ^FT) = νᵀ(Xβ − Xβ^FT) = 0",
                _vanishes(interpolating),
            ),
            (
                "q_k is strictly convex, so no other interpolating β has a penalty as small",
                bend.is_positive,
            ),
        ]
    )


def _vanishes(expression):
    return bool(sp.expand(expression).doit() == sp.ZeroMatrix(1, 1))


# Second way: train small networks in both phases, and look at where they end.

SEED = 59
NETWORKS = (
    (1.0, 0.0, 0.5),
    (0.6, 0.6, 0.0),
    (0.5, -0.45, 0.3),
    (1.2, -1.2, 0.7),
    (0.3, 0.1, 0.0),
    (2.0, -1.0, 1.5),
)


@cache
def trained():
    """Train all networks in both phases; return β_PT, β_FT and the X of fine-tuning of each."""
    rng = np.random.default_rng(SEED)
    outcomes = []
    for scale, relative, readouts in NETWORKS:
        d = 6
        learned = flow.train(flow.initial_state(scale, relative, d), *flow.random_task(rng, 4, d))
        hidden, readout = learned.w_plus + learned.w_minus, np.full(d, readouts)
        X, y = flow.random_task(rng, 3, d)
        tuned = flow.train(flow.State(hidden, readout, hidden, readout), X, y)
        outcomes.append((learned.beta, tuned.beta, X))
    return outcomes


def integrate(theorem):
    """Hold the end of fine-tuning to the optimality conditions: q_k′(β) in the row space of X."""
    worst = Worst()
    symbols = beta, beta_pt, c, lam, gamma = sp.symbols("beta beta_PT c lambda gamma", real=True)
    q = theorem.penalty(beta, theorem.root_k(beta_pt, c, lam, gamma))
    slope = sp.lambdify(symbols, sp.diff(q, beta), "numpy")
    for network, (learned, tuned, X) in zip(NETWORKS, trained(), strict=True):
        # A wrong scale may vanish; its slopes are infinite then, and outside of every space.
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = slope(tuned, learned, *network)
        outside = flow.outside_row_space(slopes, X)
        worst.at(outside, network=network, beta_PT=learned.tolist(), beta_FT=tuned.tolist())
    return worst.measured(
        "q′(β_FT) is outside the row space of X by {worst}, relative, in {count} networks at worst"
    )


state(
    "implicit-bias.minimiser",
    __doc__,
    (
        Check("optimality along the flow", Method.SYMBOLIC, decide, THEOREM, CONTROLS),
        Check(
            "networks trained in both phases",
            Method.FLOW,
            integrate,
            THEOREM,
            CONTROLS,
            tolerance=1e-8,
            reason="the integrator's local tolerance is 1e-10, in two phases",
            seed=SEED,
        ),
    ),
    assumptions=(
        "gradient flow reaches zero training error and converges",
        "c > 0, |λ| ≤ c, γ ≥ 0, and c_FT > 0",
    ),
    requires=(
        "network.finetune-scale",
        "implicit-bias.penalty-zero-and-convex",
        "implicit-bias.kkt",
    ),
)
