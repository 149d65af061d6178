r"""Diagonal linear networks trained by plain gradient descent, many at once (Appendix E.2.6).

A network has four weights per coordinate, β = w₊v₊ − w₋v₋, and the loss ½‖Xβ − y‖² of its n
examples (inputs of variance 1/n). B networks are one tensor program in float64: weights of shape
(B, d), each with data of its own. A network stops when its training error ‖Xβ − y‖²/n falls to the
threshold, when the limit of epochs is reached, or when it diverges; those that have stopped are
taken out of the batch, so that the others do not wait for them.

Gradient descent is not the flow: at a finite learning rate the invariants drift, and the end
point moves with them. `TrainingResult.drift` says how far.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization, LayerWeights
from numerics.validation import FloatArray, finite_array, finite_scalar, require

PUBLISHED_RATE = 0.5
THRESHOLD = 1e-4
MOST_EPOCHS = 5_000_000

CONVERGED, EPOCHS, DIVERGED = "converged", "epochs", "diverged"
# A training error this many times the first one, or not finite, counts as diverged.
_BLOW_UP = 1e6
# Epochs between the checks that take finished networks out of the batch.
_CHECK_EVERY = 50


@dataclass(frozen=True)
class TrainingResult:
    """What became of B networks of d coordinates.

    Attributes
    ----------
    beta
        Effective weights at the end, shape (B, d); NaN for networks that diverged.
    weights
        w₊, v₊, w₋, v₋ at the end, shape (4, B, d).
    training_error
        ‖Xβ − y‖²/n at the end, shape (B,).
    drift
        Largest change over training of λ₊, λ₋ and c over all coordinates, shape (3, B).
    epochs
        Steps taken, shape (B,).
    stop_reason
        ``"converged"``, ``"epochs"`` or ``"diverged"``, shape (B,).
    seconds
        Wall-clock time of the whole batch.
    """

    beta: FloatArray
    weights: FloatArray
    training_error: FloatArray
    drift: FloatArray
    epochs: NDArray[np.int64]
    stop_reason: NDArray[np.str_]
    seconds: float

    def squared_error(self, truth: ArrayLike) -> FloatArray:
        """Return ‖β − truth‖²/d of each network, shape (B,); NaN where it diverged."""
        target = finite_array("truth", truth)
        return np.asarray(((self.beta - target) ** 2).mean(axis=-1))

    def layer_weights(self) -> LayerWeights:
        """Return the weights at the end, each of shape (B, d)."""
        return LayerWeights(*self.weights)


def initial_state(init: Initialization, networks: int, d: int) -> LayerWeights:
    """Return the weights before pretraining, equal in all coordinates, each (networks, d)."""
    hidden, output = init.initial_weights
    shape = (networks, d)
    return LayerWeights(*(np.full(shape, value) for value in (hidden, output, hidden, output)))


def rebalanced(weights: LayerWeights, gamma: float) -> LayerWeights:
    """Return w± ← w₊ + w₋, v± ← γ (eqs. 4-5)."""
    hidden = np.asarray(weights.w_plus + weights.w_minus)
    readout = np.full(hidden.shape, finite_scalar("gamma", gamma))
    return LayerWeights(hidden, readout, hidden.copy(), readout.copy())


def train(
    start: LayerWeights,
    X: ArrayLike,
    y: ArrayLike,
    *,
    learning_rate: float | None = None,
    threshold: float = THRESHOLD,
    most_epochs: int = MOST_EPOCHS,
    device: str = "cpu",
) -> TrainingResult:
    """Train B networks to the threshold.

    Parameters
    ----------
    start
        Weights, each of shape (B, d).
    X, y
        Inputs (B, n, d) and labels (B, n); n is the same for all networks of a batch.
    learning_rate
        Of the loss ½‖Xβ − y‖². None is the published rate, 0.5 of the mean ‖Xβ − y‖²/2n: 0.5/n.
    threshold, most_epochs
        Training error and number of epochs at which to stop; as published 1e-4 and 5·10⁶.
    device
        Of torch: ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    ValueError
        If an argument breaks a requirement.
    ImportError
        If torch is not installed (the extra ``torch``).
    """
    import torch

    design, labels = finite_array("X", X), finite_array("y", y)
    flat = np.array([finite_array("start", w) for w in vars(start).values()])
    _check_shapes(flat, design, labels)
    if learning_rate is None:
        learning_rate = PUBLISHED_RATE / max(labels.shape[-1], 1)
    rate, goal = (
        finite_scalar("learning_rate", learning_rate),
        finite_scalar("threshold", threshold),
    )
    require(rate > 0.0, "learning_rate must satisfy > 0", "learning_rate", rate)
    require(goal > 0.0, "threshold must satisfy > 0", "threshold", goal)
    if most_epochs < 1:
        raise ValueError(f"most_epochs must be >= 1, got most_epochs={most_epochs!r}")
    began = time.perf_counter()
    count = design.shape[0]
    place = torch.device(device)
    weights = torch.tensor(flat, dtype=torch.float64, device=place)
    inputs = torch.tensor(design, dtype=torch.float64, device=place)
    targets = torch.tensor(labels, dtype=torch.float64, device=place)
    out = _Outcome(flat.copy(), count)
    alive = np.arange(count)
    first: Any = None
    for epoch in range(most_epochs + 1):
        w_plus, v_plus, w_minus, v_minus = weights
        residual = torch.bmm(inputs, (w_plus * v_plus - w_minus * v_minus).unsqueeze(2))[..., 0]
        residual -= targets
        error = (residual**2).mean(dim=1)
        if first is None:
            first = torch.clamp(error, min=goal).clone()
        if epoch % _CHECK_EVERY == 0 or epoch == most_epochs or bool((error <= goal).any()):
            diverged = ~torch.isfinite(error) | (error > _BLOW_UP * first)
            done = (error <= goal) | diverged | (epoch == most_epochs)
            if bool(done.any()):
                gone = done.cpu().numpy()
                out.keep(alive[gone], weights[:, done], error[done], diverged[done], epoch, goal)
                alive = alive[~gone]
                stay = ~done
                weights, inputs, targets = weights[:, stay], inputs[stay], targets[stay]
                residual, first = residual[stay], first[stay]
                if not alive.size:
                    break
                w_plus, v_plus, w_minus, v_minus = weights
        gradient = torch.bmm(residual.unsqueeze(1), inputs)[:, 0]
        step = rate * gradient
        weights = torch.stack(
            [
                w_plus - step * v_plus,
                v_plus - step * w_plus,
                w_minus + step * v_minus,
                v_minus + step * w_minus,
            ]
        )
    return out.result(flat, time.perf_counter() - began)


def train_from_infinite_pretraining(
    init: Initialization, beta_pt: ArrayLike, X: ArrayLike, y: ArrayLike, **options: Any
) -> TrainingResult:
    """Fine-tune from the analytic end of infinite pretraining, as published (Appendix E.2.6).

    `beta_pt` has shape (B, d); `options` as in `train`.
    """
    learned = init.pretraining_layer_weights(finite_array("beta_pt", beta_pt))
    return train(rebalanced(learned, init.gamma), X, y, **options)


def _check_shapes(flat: FloatArray, design: FloatArray, labels: FloatArray) -> None:
    if design.ndim != 3 or labels.shape != design.shape[:2]:
        raise ValueError(
            f"X must have shape (B, n, d) and y (B, n), got {design.shape} and {labels.shape}"
        )
    wanted = (4, design.shape[0], design.shape[2])
    if flat.shape != wanted:
        raise ValueError(f"each weight must have shape {wanted[1:]}, got {flat.shape[1:]}")


def _invariants(weights: FloatArray) -> FloatArray:
    w_plus, v_plus, w_minus, v_minus = weights
    return np.array(
        [w_plus**2 - v_plus**2, w_minus**2 - v_minus**2, w_plus * w_minus + v_plus * v_minus]
    )


class _Outcome:
    """Collects networks as they stop."""

    def __init__(self, weights: FloatArray, count: int) -> None:
        self.weights = weights
        self.error = np.full(count, np.nan)
        self.epochs = np.zeros(count, dtype=np.int64)
        self.reason = np.full(count, "", dtype="U9")

    def keep(
        self,
        which: NDArray[np.intp],
        weights: Any,
        error: Any,
        diverged: Any,
        epoch: int,
        goal: float,
    ) -> None:
        self.weights[:, which] = weights.cpu().numpy()
        errors = error.cpu().numpy()
        self.error[which] = errors
        self.epochs[which] = epoch
        reason = np.where(errors <= goal, CONVERGED, EPOCHS)
        self.reason[which] = np.where(diverged.cpu().numpy(), DIVERGED, reason)

    def result(self, start: FloatArray, seconds: float) -> TrainingResult:
        lost = self.reason == DIVERGED
        w_plus, v_plus, w_minus, v_minus = self.weights
        with np.errstate(over="ignore", invalid="ignore"):
            beta = w_plus * v_plus - w_minus * v_minus
            drift = np.abs(_invariants(self.weights) - _invariants(start)).max(axis=2)
        beta[lost] = np.nan
        return TrainingResult(
            beta, self.weights, self.error, drift, self.epochs, self.reason, seconds
        )
