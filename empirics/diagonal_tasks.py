r"""One task of a sweep: all the networks of a sweep at one data scale and one seed.

The networks share the inputs X of the seed and differ in teachers, initialisation and learning
rate, so that they are one tensor program (`empirics.diagonal`). Settings with the same ground
truth also share the teachers and can be compared in pairs. Data scales and seeds are
independent draws.

    X        from the seeds (seed, d, n, 0), entries N(0, 1/n)
    teachers from the seeds (seed, d, n, 1), by `TaskDistribution.sample`
    X_PT     from the seeds (seed, d, n, 2), where pretraining is on data, y_PT = X_PT β*_PT
    test     from the seeds (seed, d, n, 3)

Learning rates of the loss ½‖Xβ − y‖² and the training error at which to stop: "published" are those
of the published runs (`empirics.published`), 1/d and 10⁻⁴ d/n, where the rate may be bounded; a
rate κ is κ over the largest curvature of the loss at the teacher, at which gradient descent is
stable for κ < 2. With D = 2√(c² + β*²), the squared norm of a coordinate's four weights at the
teacher, that curvature is the largest eigenvalue of X D Xᵀ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from empirics.diagonal import (
    DIVERGED,
    TrainingResult,
    initial_state,
    rebalanced,
    stacked,
    train,
)
from empirics.published import from_published, published
from numerics.initialization import Initialization, LayerWeights
from numerics.tasks import TaskDistribution
from numerics.validation import FloatArray

_POWER_STEPS = 40

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class CurveData:
    """Training data and teachers of the C networks of a task.

    Attributes
    ----------
    X
        Inputs, shape (n, d), shared.
    y
        Labels, shape (C, n).
    beta_pt, beta_ft
        Teachers of each network, shape (C, d); β_PT is 0 in a single task.
    """

    X: FloatArray
    y: FloatArray
    beta_pt: FloatArray
    beta_ft: FloatArray


def curve_data(configuration: Mapping[str, Any], seed: int) -> CurveData:
    """Draw the inputs and the teachers of a task; needs no torch.

    Raises
    ------
    ValueError
        If the groups of a setting would need a negative probability, or there is no example.
    """
    d, n = _size(configuration)
    X = _stream(configuration, seed, 0).standard_normal((n, d)) / math.sqrt(n)
    drawn: dict[tuple[float, float | None], tuple[FloatArray, FloatArray]] = {}
    for setting in configuration["settings"]:
        truth = setting["rho_ft"], setting["overlap"]
        if truth not in drawn:
            rng = _stream(configuration, seed, 1)
            sample = _task(configuration, *truth).sample(d, 1.0 / d, rng)
            drawn[truth] = sample.beta_pt, sample.beta_ft
    order = [(setting["rho_ft"], setting["overlap"]) for setting in configuration["settings"]]
    beta_pt, beta_ft = (np.array([drawn[truth][i] for truth in order]) for i in (0, 1))
    return CurveData(X, beta_ft @ X.T, beta_pt, beta_ft)


def train_curves(configuration: Mapping[str, Any], seed: int) -> Rows:
    """Train the networks of a task; a row for each.

    Parameters
    ----------
    configuration
        "slab", "rho_pt", "d", "alpha", "alpha_pt" (None: the analytic end of
        infinite pretraining), "rate" ("published" or κ), "threshold" ("published" or a training
        error), "largest_product" (of a published rate and the curvature; None: no bound),
        "look_every", "most_epochs", "test_inputs" (0: the expectation over them), "device" ("cpu",
        "cuda" or "auto": "cuda" where there is one) and "settings": a list of "experiment",
        "curve", "rho_ft", "overlap" (None: a single task), "c", "relative_scale", "gamma".
    seed
        Seed of all random draws.

    Returns
    -------
    Rows with the setting, d, n, seed and the result of training: learning_rate, epochs,
    stop_reason, training_error, test_error, squared_error ‖β̂ − β*‖²/d, norm ‖β̂‖²/d,
    null_error ‖β*‖²/d and shrinkage, the largest relative change of the invariants; None where
    the network diverged.
    With "alpha_pt" also n_pt, pt_epochs, pt_stop_reason and pt_error ‖β_PT − β*_PT‖²/d.
    """
    data = curve_data(configuration, seed)
    n, d = data.X.shape
    options = {
        "look_every": configuration["look_every"],
        "most_epochs": configuration["most_epochs"],
        "device": _device(configuration["device"]),
    }
    start, before = _starts(configuration, data, seed, options)
    found = _descend(configuration, start, data.X, data.y, data.beta_ft, options)
    inputs = configuration["test_inputs"] or None
    test = found.test_error(
        data.beta_ft, n, inputs=inputs, rng=_stream(configuration, seed, 3) if inputs else None
    )
    squared = found.squared_error(data.beta_ft)
    null = (data.beta_ft**2).mean(axis=1)
    rows = []
    for i, setting in enumerate(configuration["settings"]):
        row = {
            "experiment": setting["experiment"],
            "curve": setting["curve"],
            "slab": configuration["slab"],
            **setting,
            "d": d,
            "n": n,
            "seed": seed,
            "learning_rate": float(found.learning_rate[0, i]),
            "epochs": int(found.epochs[0, i]),
            "stop_reason": str(found.stop_reason[0, i]),
            "training_error": _finite(found.training_error[0, i]),
            "test_error": _finite(test[0, i]),
            "squared_error": _finite(squared[0, i]),
            "norm": _finite((found.beta[0, i] ** 2).mean()),
            "null_error": float(null[i]),
            "shrinkage": _finite(found.shrinkage[0, i]),
        }
        if before is not None:
            row |= {key: values[i] for key, values in before.items()}
        rows.append(row)
    return rows


def curvature(start: LayerWeights, X: FloatArray, beta: FloatArray) -> FloatArray:
    """Return the largest eigenvalue of X D Xᵀ for each network, a lower bound by power iteration.

    `start` and `beta` are (C, d), X is (n, d); D = 2√(c² + β²), with c the invariant
    w₊w₋ + v₊v₋ of the start. The result, shape (C,), is for learning rates, not for bounds.
    """
    invariant = start.w_plus * start.w_minus + start.v_plus * start.v_minus
    norms = 2.0 * np.hypot(invariant, beta)
    vector = np.ones((beta.shape[0], X.shape[0]))
    size = np.ones(beta.shape[0])
    for _ in range(_POWER_STEPS):
        vector = ((vector @ X) * norms) @ X.T
        size = np.linalg.norm(vector, axis=1)
        vector /= size[:, None]
    return size


def _descend(
    configuration: Mapping[str, Any],
    start: LayerWeights,
    X: FloatArray,
    y: FloatArray,
    teacher: FloatArray,
    options: Mapping[str, Any],
) -> TrainingResult:
    """Train C networks of weights (C, d) on shared inputs; the result has shape (1, C)."""
    run = from_published(published(), *X.shape)
    rate, threshold = configuration["rate"], configuration["threshold"]
    as_published = run.learning_rate, configuration["largest_product"]
    rates, most = as_published if rate == "published" else (np.inf, rate)
    if most is not None:
        rates = np.minimum(rates, most / curvature(start, X, teacher))
    goal = run.threshold if threshold == "published" else threshold
    grouped = LayerWeights(*(weight[None] for weight in vars(start).values()))
    return train(grouped, X[None], y[None], learning_rate=rates, threshold=goal, **options)


def _starts(
    configuration: Mapping[str, Any], data: CurveData, seed: int, options: Mapping[str, Any]
) -> tuple[LayerWeights, dict[str, list[Any]] | None]:
    """Return the weights at the start of the last phase, and the results of pretraining."""
    d = data.X.shape[1]
    settings = configuration["settings"]
    inits = [Initialization(s["c"], s["relative_scale"] * s["c"], s["gamma"]) for s in settings]
    if configuration["alpha_pt"] is None:
        starts = []
        for setting, init, beta in zip(settings, inits, data.beta_pt, strict=True):
            if setting["overlap"] is None:
                starts.append(initial_state(init, 1, d))
            else:
                learned = init.pretraining_layer_weights(beta[None])
                starts.append(rebalanced(learned, init.gamma))
        return stacked(starts), None
    n_pt = round(configuration["alpha_pt"] * d)
    X_pt = _stream(configuration, seed, 2).standard_normal((n_pt, d)) / math.sqrt(n_pt)
    raw = stacked([initial_state(init, 1, d) for init in inits])
    y_pt = data.beta_pt @ X_pt.T
    end = _descend(configuration, raw, X_pt, y_pt, data.beta_pt, options)
    diverged = end.stop_reason[0] == DIVERGED
    if diverged.any():
        names = [setting["curve"] for setting, gone in zip(settings, diverged, strict=True) if gone]
        raise ArithmeticError(f"pretraining must not diverge, got divergence of {names}")
    pretraining = {
        "n_pt": [n_pt] * len(inits),
        "pt_epochs": [int(epochs) for epochs in end.epochs[0]],
        "pt_stop_reason": [str(reason) for reason in end.stop_reason[0]],
        "pt_error": [float(error) for error in end.squared_error(data.beta_pt)[0]],
    }
    gammas = np.array([init.gamma for init in inits])[:, None]
    return rebalanced(LayerWeights(*end.weights[:, 0]), gammas), pretraining


def _task(
    configuration: Mapping[str, Any], rho_ft: float, overlap: float | None
) -> TaskDistribution:
    slab = configuration["slab"]
    if overlap is None:
        return TaskDistribution.single_task(rho_ft, slab=slab)
    return TaskDistribution.pretrain_finetune(configuration["rho_pt"], rho_ft, overlap, slab=slab)


def _size(configuration: Mapping[str, Any]) -> tuple[int, int]:
    d = configuration["d"]
    n = round(configuration["alpha"] * d)
    if n < 1:
        raise ValueError(f"n = round(alpha d) must be at least 1, got n={n} for d={d!r}")
    return d, n


def _stream(configuration: Mapping[str, Any], seed: int, purpose: int) -> np.random.Generator:
    return np.random.default_rng([seed, *_size(configuration), purpose])


def _device(name: str) -> str:
    if name != "auto":
        return name
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
