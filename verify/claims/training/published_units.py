"""Units of the published runs (Appendix E.2.6; a variant of Section 3.3).

The published code's inputs have variance 1/d, its loss is the mean square without ½, and its
readouts are γ/√2. A run in those units and the converted run in ours take the same steps: the
published learning rate 0.5 is 1/d of ½‖Xβ − y‖² with inputs of variance 1/n, and its threshold 10⁻⁴
is 10⁻⁴ d/n.

What has index 0 is in the published units: inputs, labels, loss L, residual r = Xβ − y, S = ‖r‖²,
learning rate η, training error ε = S/n, standard deviation σ of the label noise, and γ. β, c, λ
and epochs are the same. The published runs look at the training error every 5000 epochs only.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from empirics.published import (
    Run,
    data_from_published,
    data_to_published,
    from_published,
    to_published,
)
from numerics import Initialization, TaskDistribution
from verify.claim import Check, Method
from verify.claims.training._small_networks import by_training
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.numeric import Worst
from verify.registry import state

n, d = sp.symbols("n d", positive=True)
X, X_0, Y, Y_0, ETA, ETA_0 = sp.symbols("X X_0 y y_0 eta eta_0", real=True)
ERROR, ERROR_0, GAMMA, GAMMA_0 = sp.symbols("varepsilon varepsilon_0 gamma gamma_0", positive=True)
SIGMA, SIGMA_0 = sp.symbols("sigma sigma_0", positive=True)
LOSS, LOSS_0, SQUARES, SQUARES_0, READOUT, READOUT_0 = named(
    "L", "L_0", "S", "S_0", r"v_{\pm}", r"v_{\pm,0}"
)

STATED = Formulas(
    inputs=Formula(X, (X_0, n, d), lambda x, n, d: sp.sqrt(d / n) * x),
    labels=Formula(Y, (Y_0, n, d), lambda y, n, d: sp.sqrt(d / n) * y),
    loss=Formula(LOSS, (SQUARES,), lambda squares: squares / 2),
    published_loss=Formula(LOSS_0, (SQUARES_0, n), lambda squares, n: squares / n),
    rate=Formula(ETA, (ETA_0, d), lambda rate, d: 2 * rate / d),
    error=Formula(ERROR, (ERROR_0, n, d), lambda error, n, d: error * d / n),
    noise=Formula(SIGMA, (SIGMA_0, n, d), lambda noise, n, d: noise * sp.sqrt(d / n)),
    readout=Formula(READOUT, (GAMMA,), lambda gamma: gamma),
    published_readout=Formula(READOUT_0, (GAMMA_0,), lambda gamma: gamma / sp.sqrt(2)),
    gamma=Formula(GAMMA, (GAMMA_0,), lambda gamma: gamma / sp.sqrt(2)),
)
WRONG: dict[str, dict[str, Any]] = {
    "0.5/n for 0.5, of the mean with ½": {
        "rate": Formula(ETA, (ETA_0, n), lambda rate, n: rate / n)
    },
    "a loss with ½": {"rate": lambda rate, d: rate / d},
    "the threshold as it is": {"error": lambda error, n, d: error},
    "the noise as it is": {"noise": lambda noise, n, d: noise},
    "γ as it is": {"gamma": lambda gamma: gamma},
    "inputs scaled by d/n": {"inputs": lambda x, n, d: x * d / n},
}
# What of it is used to convert a run.
OF_RUN = Formulas(
    **{name: vars(STATED)[name] for name in ("inputs", "labels", "rate", "error", "noise", "gamma")}
)


def decide(stated):
    """Insert the scaled data, and compare what a step takes from each weight."""
    return prove_all(steps(stated))


def steps(stated):
    beta, factor = sp.Symbol("beta", real=True), sp.sqrt(d / n)
    data = {X: defined(stated.inputs, X), Y: defined(stated.labels, Y)}
    yield (
        "each term of the residual is √(d/n) times that of the published one",
        equal((X * beta - Y).subs(data), factor * (X_0 * beta - Y_0)),
    )
    published, slope = sp.symbols("s g", positive=True)  # ‖r₀‖², and its slope in any one weight
    ours = factor**2 * published
    loss = defined(stated.loss, LOSS, {SQUARES: ours})
    published_loss = defined(stated.published_loss, LOSS_0, {SQUARES_0: published})
    step, published_step = loss.diff(published) * slope, published_loss.diff(published) * slope
    yield (
        "a step takes the same from each weight: η ∂L/∂w = η₀ ∂L₀/∂w₀",
        equal(defined(stated.rate, ETA) * step, ETA_0 * published_step),
    )
    yield "one loss is d/2 times the other", equal(loss, d * published_loss / 2)
    yield (
        "both stop at the same β: ‖r‖²/n = ε where ‖r₀‖²/n = ε₀",
        equal(defined(stated.error, ERROR, {ERROR_0: published / n}), ours / n),
    )
    yield (
        "label noise is scaled as labels are",
        equal(defined(stated.noise, SIGMA), defined(stated.labels, Y, {Y_0: SIGMA_0})),
    )
    ours = defined(stated.readout, READOUT, {GAMMA: defined(stated.gamma, GAMMA)})
    yield "and the readouts are equal", equal(ours, defined(stated.published_readout, READOUT_0))


# --- A run in either, step for step -----------------------------------------------------------

SEED, D, EXAMPLES = 431, 60, 24
PUBLISHED = Run(0.05, 1e-3, gamma=0.7, noise_variance=0.01, look_every=40, most_epochs=4000)
START = Initialization(0.2, -0.1)


@cache
def published_problem():
    """Draw a problem in the published units: β_PT, inputs and labels."""
    task = TaskDistribution.pretrain_finetune(0.3, 0.3, 0.5, slab="gaussian")
    rng = np.random.default_rng(SEED)
    sample = task.sample(D, EXAMPLES / D, rng)
    inputs = rng.standard_normal((EXAMPLES, D)) / math.sqrt(D)
    noise = math.sqrt(PUBLISHED.noise_variance) * rng.standard_normal(EXAMPLES)
    return sample.beta_pt, inputs, inputs @ sample.beta_ft + noise


@cache
def published_run():
    """Train as the published code does, in its units: β at every look, the last one at the end."""
    beta_pt, inputs, labels = published_problem()
    learned = START.pretraining_layer_weights(beta_pt)
    w_plus = learned.w_plus + learned.w_minus
    v_plus = np.full(D, PUBLISHED.gamma / math.sqrt(2))
    w_minus, v_minus, looks = w_plus.copy(), v_plus.copy(), []
    for epoch in range(PUBLISHED.most_epochs + 1):
        beta = w_plus * v_plus - w_minus * v_minus
        residual = inputs @ beta - labels
        if epoch % PUBLISHED.look_every == 0:
            looks.append(beta)
            if np.mean(residual**2) <= PUBLISHED.threshold:
                return looks
        slope = PUBLISHED.learning_rate * 2 * inputs.T @ residual / EXAMPLES
        w_plus, v_plus = w_plus - slope * v_plus, v_plus - slope * w_plus
        w_minus, v_minus = w_minus + slope * v_minus, v_minus + slope * w_minus
    raise ArithmeticError(f"the published run must stop within {PUBLISHED.most_epochs} epochs")


def converted(stated):
    """Return the run as stated in our units, and the factors of its inputs and labels."""

    def value(formula, symbol, published, amount):
        at = {n: sp.Integer(EXAMPLES), d: sp.Integer(D), published: amount}
        return float(defined(formula, symbol, at))

    run = Run(
        value(stated.rate, ETA, ETA_0, PUBLISHED.learning_rate),
        value(stated.error, ERROR, ERROR_0, PUBLISHED.threshold),
        value(stated.gamma, GAMMA, GAMMA_0, PUBLISHED.gamma),
        value(stated.noise, SIGMA, SIGMA_0, math.sqrt(PUBLISHED.noise_variance)) ** 2,
        PUBLISHED.look_every,
        PUBLISHED.most_epochs,
    )
    return run, value(stated.inputs, X, X_0, 1), value(stated.labels, Y, Y_0, 1)


def compare_runs(worst, run, inputs, labels):
    """Train in our units from look to look beside the published run, and once to the end."""
    import torch

    from empirics.diagonal import rebalanced, train

    torch.set_num_threads(1)
    beta_pt, X0, y0 = published_problem()
    data = inputs * X0[None], labels * y0[None]
    start = rebalanced(START.pretraining_layer_weights(beta_pt[None]), run.gamma)
    weights, options = start, {**run.options, "most_epochs": run.look_every}
    looks = published_run()
    for look, published in enumerate(looks[1:], 1):
        found = train(weights, *data, **options)
        gap = np.abs(found.beta - published).max() / np.abs(published).max()
        taken = int(found.epochs[0])
        worst.at(gap if taken == run.look_every else np.inf, look=look, epochs=taken)
        if taken != run.look_every:
            break
        weights = found.layer_weights()
    last = (len(looks) - 1) * run.look_every
    stopped = int(train(start, *data, **run.options).epochs[0])
    worst.at(0.0 if stopped == last else np.inf, published_stop=last, stopped_at=stopped)
    return last


def decide_run(stated):
    """Train a network in either system of units, and compare β at every look, and where they stop.

    Also hold the functions that convert to what is stated.
    """
    (run, inputs, labels), worst = converted(stated), Worst()
    library = from_published(PUBLISHED, EXAMPLES, D)
    back = to_published(library, EXAMPLES, D)
    for name in vars(run):
        for held, to in ((library, run), (back, PUBLISHED)):
            found, wanted = getattr(held, name), getattr(to, name)
            worst.at(abs(found / wanted - 1), quantity=name, found=found, wanted=wanted)
    factors = data_from_published(1.0, EXAMPLES, D), data_to_published(labels, EXAMPLES, D)
    worst.at(np.abs(np.divide(factors, (inputs, 1.0)) - 1), quantity=np.array(["inputs", "back"]))
    last = compare_runs(worst, run, inputs, labels)
    return worst.measured(
        f"{last // run.look_every} looks at a run in either units, until both stop at epoch "
        f"{last}: within {{worst}}"
    )


RUN = by_training(
    "a run in either units",
    decide_run,
    OF_RUN,
    tuple(OF_RUN.but(why, **wrong) for why, wrong in WRONG.items()),
    1e-10,
    "relative, of the largest coefficient: rounding over some hundred steps",
    seed=SEED,
)
state(
    "training.published-units",
    __doc__,
    (
        Check(
            "scaled data inserted",
            Method.SYMBOLIC,
            decide,
            STATED,
            tuple(STATED.but(why, **wrong) for why, wrong in WRONG.items()),
        ),
        RUN,
    ),
    assumptions=(
        "units as in the published code: what the text prints leaves them open",
        f"the run: d = {D}, n = {EXAMPLES}, with label noise and γ > 0",
    ),
)
