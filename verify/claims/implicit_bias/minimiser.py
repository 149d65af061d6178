"""Theorem 4.1 (implicit bias of fine-tuning).

Pretrain a diagonal linear network from absolute scale c > 0 and relative scale λ, |λ| ≤ c, by
gradient flow until β = β_PT; set w± ← w₊ + w₋ and v± ← γ; fine-tune by gradient flow on (X, y)
to zero training error. The network ends at

    β_FT = argmin Σᵢ q_{kᵢ}(βᵢ)   subject to   Xβ = y,
    q_k(β) = (√k/4)(1 − √(1 + z²) + z asinh z),   z = 2β/√k,   √kᵢ = 2 c_FT(β_PT,i),
    c_FT(β_PT) = (c + λ)(1 + √(1 + (β_PT/c)²)) + γ².
"""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from theory.implicit_bias import penalty as derived_penalty
from theory.network import effective_weight, finetune_scale, gradient_flow, rate, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal, zero
from verify.methods.numeric import largest
from verify.methods.symbolic import prove_all
from verify.registry import register


class Theorem(NamedTuple):
    """The theorem's formulas: penalty q_k(β) and √k after pretraining."""

    penalty: Any
    root_k: Any


def penalty(beta: Any, root_k: Any) -> Any:
    """q_k(β), eqs. 11-12."""
    z = 2 * beta / root_k
    return root_k / 4 * (1 - sp.sqrt(1 + z**2) + z * sp.asinh(z))


def root_k(beta_pt: Any, c: Any, lam: Any, gamma: Any) -> Any:
    """√k, eqs. 13-14."""
    return 2 * ((c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2)


# How it is decided, first way: the flow conserves the optimality conditions.


def decide(theorem: Theorem) -> Evidence:
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


def _vanishes(expression: Any) -> bool:
    return bool(sp.expand(expression).doit() == sp.ZeroMatrix(1, 1))


# Second way: train small networks in both phases, and look at where they end.

SEED = 59
TOLERANCE = 1e-8
NETWORKS = (
    (1.0, 0.0, 0.5),
    (0.6, 0.6, 0.0),
    (0.5, -0.45, 0.3),
    (1.2, -1.2, 0.7),
    (0.3, 0.1, 0.0),
    (2.0, -1.0, 1.5),
)


@cache
def trained() -> list[tuple[flow.Array, flow.Array, flow.Array]]:
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


def integrate(theorem: Theorem) -> Evidence:
    """Hold the end of fine-tuning to the optimality conditions: q_k′(β) in the row space of X."""
    worst, where = 0.0, {}
    symbols = beta, beta_pt, c, lam, gamma = sp.symbols("beta beta_PT c lambda gamma", real=True)
    q = theorem.penalty(beta, theorem.root_k(beta_pt, c, lam, gamma))
    slope = sp.lambdify(symbols, sp.diff(q, beta), "numpy")
    for network, (learned, tuned, X) in zip(NETWORKS, trained(), strict=True):
        # A wrong scale may vanish; its slopes are infinite then, and outside of every space.
        with np.errstate(divide="ignore", invalid="ignore"):
            slopes = slope(tuned, learned, *network)
        outside = largest(flow.outside_row_space(slopes, X))
        if outside > worst:
            worst = outside
            where = {
                "c, lambda, gamma": str(network),
                "beta_PT": str(learned.tolist()),
                "beta_FT": str(tuned.tolist()),
                "part of q' outside the row space": repr(outside),
            }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"q′(β_FT) is outside the row space of X by {worst:.2g}, relative, in "
        f"{len(NETWORKS)} networks at worst",
        figure=worst,
        counterexample=None if holds else where,
    )


THEOREM = Theorem(penalty, root_k)
CONTROLS = (
    Control(
        "γ²/2 for γ²", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, lam, g / sp.sqrt(2)))
    ),
    Control("c − λ for c + λ", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, -lam, g))),
    Control("√k = c_FT for 2c_FT", Theorem(penalty, lambda b, c, lam, g: root_k(b, c, lam, g) / 2)),
    Control(
        "no influence of pretraining: β_PT = 0 in c_FT",
        Theorem(penalty, lambda b, c, lam, g: root_k(0 * b, c, lam, g)),
    ),
    Control("z = β/√k", Theorem(lambda b, s: penalty(b, 2 * s), root_k)),
)

CLAIM = register(
    Claim(
        id="implicit-bias.minimiser",
        title="Implicit bias of fine-tuning",
        sentence="Fine-tuned to zero training error, the network has, of all β with Xβ = y, the "
        "one with the least Σ q_k(βᵢ), where √k = 2c_FT depends on what was pretrained.",
        latex=r"\beta_{FT} = \operatorname{argmin}_{X\beta = y} \sum_i q_{k_i}(\beta_i) \\ "
        r"q_k(\beta) = \frac{\sqrt{k}}{4}\left(1 - \sqrt{1 + z^2} + z\operatorname{asinh} z"
        r"\right),\quad z = \frac{2\beta}{\sqrt{k}} \\ "
        r"\sqrt{k_i} = 2\left((c + \lambda)\left(1 + \sqrt{1 + \frac{\beta_{PT,i}^2}{c^2}}\right)"
        r" + \gamma^2\right)",
        source="Theorem 4.1, eqs. (11)-(14)",
        checks=(
            Check("optimality along the flow", Method.SYMBOLIC, decide, THEOREM, CONTROLS),
            Check(
                "networks trained in both phases",
                Method.FLOW,
                integrate,
                THEOREM,
                CONTROLS,
                tolerance=TOLERANCE,
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
)
