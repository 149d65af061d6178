r"""Diagonal linear networks trained by plain gradient descent, many at once (Appendix E.2.6).

A network has four weights per coordinate, β = w₊v₊ − w₋v₋, and the loss ½‖Xβ − y‖² of its n
examples (inputs of variance 1/n). A batch is one tensor program in float64, on a CPU or a GPU:
networks of shape (B, d), each with its own data, or S groups of C networks, of shape (S, C, d),
that share the inputs of their group and differ in labels, start and learning rate. In a group
Xβ is a matrix product, limited by arithmetic; a single network is limited by reading X.

Gradient descent in rotated weights. With g = Xᵀ(Xβ − y), a step of learning rate η reads

    w₊ + v₊ and w₋ − v₋   are multiplied by 1 − ηg,
    w₊ − v₊ and w₋ + v₋   are multiplied by 1 + ηg,

so that the products P = Π(1 − ηg), M = Π(1 + ηg) are the whole state, and, from any start,

    β = S P² − D M²,   4S = (w₊ + v₊)² + (w₋ − v₋)²,   4D = (w₊ − v₊)² + (w₋ + v₋)²  at the start.

This is the published algorithm in other coordinates, not an approximation. It shows the effect of a
finite learning rate: λ₊, λ₋ and c are all multiplied by PM = Π(1 − η²g²), which the flow
leaves at 1. `TrainingResult.drift` and `shrinkage` measure this change.

A network stops at the first look at which its training error ‖Xβ − y‖²/n is at the threshold
(looks are every `look_every` epochs, and at the last one), when the limit of epochs is reached, or
at the first epoch at which it has diverged. It is frozen on the device at that epoch; the host
checks every `CHECK_EVERY` epochs and removes the networks that have stopped. A network whose
weights are all zero is at a saddle of the loss, which gradient descent never leaves (λ = −c,
γ = 0): it is stationary, and stops at epoch 0.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from numerics.initialization import Initialization, LayerWeights
from numerics.validation import (
    FloatArray,
    finite_array,
    finite_scalar,
    integer_at_least,
    require,
)

THRESHOLD = 1e-4
MOST_EPOCHS = 5_000_000
CHECK_EVERY = 50

CONVERGED, EPOCHS, DIVERGED, STATIONARY = "converged", "epochs", "diverged", "stationary"
# A training error this many times the first one, or not finite, counts as diverged.
_BLOW_UP = 1e6
# Stopped networks are removed once they are this share of the batch.
_IDLE_SHARE = 0.125
# Test inputs are drawn in blocks of this many numbers.
_BLOCK = 2**22


@dataclass(frozen=True)
class TrainingResult:
    """The trained networks; leading shape (B,) or (S, C), as they were given.

    Attributes
    ----------
    beta
        Effective weights at the end, shape (..., d); NaN for networks that diverged.
    weights
        w₊, v₊, w₋, v₋ at the end, shape (4, ..., d).
    training_error
        ‖Xβ − y‖²/n at the end, shape (...).
    drift
        Largest change over training of λ₊, λ₋ and c over all coordinates, shape (3, ...).
    shrinkage
        Largest |PM − 1| over the coordinates, the relative change of each invariant, shape (...).
    epochs
        Steps taken, shape (...).
    stop_reason
        ``"converged"``, ``"epochs"``, ``"diverged"`` or ``"stationary"``, shape (...).
    learning_rate
        Learning rate for the loss ½‖Xβ − y‖², shape (...).
    seconds
        Wall-clock time of the whole batch.
    """

    beta: FloatArray
    weights: FloatArray
    training_error: FloatArray
    drift: FloatArray
    shrinkage: FloatArray
    epochs: NDArray[np.int64]
    stop_reason: NDArray[np.str_]
    learning_rate: FloatArray
    seconds: float

    def squared_error(self, truth: ArrayLike) -> FloatArray:
        """Return ‖β − truth‖²/d of each network, shape (...); NaN where it diverged.

        inf where the square exceeds the range of float64.
        """
        target = finite_array("truth", truth)
        with np.errstate(over="ignore"):
            return np.asarray(((self.beta - target) ** 2).mean(axis=-1))

    def test_error(
        self,
        truth: ArrayLike,
        examples: int,
        *,
        inputs: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> FloatArray:
        """Return the error of prediction on new inputs, which have variance 1/`examples`.

        Parameters
        ----------
        truth
            Teacher of each network, broadcast to (..., d).
        examples
            The number n of training examples, which fixes the inputs' variance.
        inputs, rng
            Number of test inputs to draw (as published 10 000), and their source. None gives the
            expectation over them, ‖β − truth‖²/n, without sampling error.

        Returns
        -------
        Mean squared errors, shape (...); NaN where a network diverged.
        """
        exact = self.squared_error(truth) * self.beta.shape[-1] / examples
        if inputs is None:
            return np.asarray(exact)
        if inputs < 1 or rng is None:
            raise ValueError(f"inputs must be >= 1 and come with an rng, got inputs={inputs!r}")
        d = self.beta.shape[-1]
        difference = (self.beta - finite_array("truth", truth)).reshape(-1, d)
        sums = np.zeros(difference.shape[0])
        for rows in _blocks(inputs, max(1, _BLOCK // d)):
            sums += ((rng.standard_normal((rows, d)) @ difference.T) ** 2).sum(axis=0)
        return np.asarray((sums / (inputs * examples)).reshape(self.beta.shape[:-1]))

    def layer_weights(self) -> LayerWeights:
        """Return the weights at the end, each of shape (..., d)."""
        return LayerWeights(*self.weights)


def initial_state(init: Initialization, networks: int, d: int) -> LayerWeights:
    """Return the weights before pretraining, equal in all coordinates, each (networks, d)."""
    hidden, output = init.initial_weights
    shape = (networks, d)
    return LayerWeights(*(np.full(shape, value) for value in (hidden, output, hidden, output)))


def rebalanced(weights: LayerWeights, gamma: ArrayLike) -> LayerWeights:
    """Return w± ← w₊ + w₋, v± ← γ (eqs. 4-5); γ is broadcast to the weights' shape."""
    hidden = np.asarray(weights.w_plus + weights.w_minus)
    readout = np.array(np.broadcast_to(finite_array("gamma", gamma), hidden.shape))
    return LayerWeights(hidden, readout, hidden.copy(), readout.copy())


def stacked(starts: list[LayerWeights], axis: int = 0) -> LayerWeights:
    """Return weights concatenated along a leading axis."""
    fields = zip(*(vars(start).values() for start in starts), strict=True)
    return LayerWeights(*(np.concatenate(field, axis=axis) for field in fields))


def train(
    start: LayerWeights,
    X: ArrayLike,
    y: ArrayLike,
    *,
    learning_rate: ArrayLike,
    threshold: float = THRESHOLD,
    look_every: int = 1,
    most_epochs: int = MOST_EPOCHS,
    device: str = "cpu",
) -> TrainingResult:
    """Train a batch of networks to the threshold.

    Parameters
    ----------
    start
        Weights, each of shape (B, d), or (S, C, d) for S groups that share inputs.
    X, y
        Inputs (B, n, d) and labels (B, n); in groups inputs (S, n, d) and labels (S, C, n).
    learning_rate
        Learning rate for the loss ½‖Xβ − y‖², one for all or broadcast to (B,) or (S, C).
    threshold, look_every, most_epochs
        Training error at which to stop, the epochs between looks at it, and the number of epochs
        after which to stop in any case; a network that is at the threshold then has converged.
        `empirics.published` has those of the published runs.
    device
        Device of torch, ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    ValueError
        If an argument breaks a requirement.
    ImportError
        If torch is not installed (the extra ``torch``).
    """
    began = time.perf_counter()
    design, labels = finite_array("X", X), finite_array("y", y)
    flat = np.array([finite_array("start", w) for w in vars(start).values()])
    _check_shapes(flat, design, labels)
    lead, (n, d) = flat.shape[1:-1], design.shape[1:]
    rate = finite_array("learning_rate", learning_rate)
    require(rate > 0.0, "learning_rate must satisfy > 0", "learning_rate", rate)
    goal = finite_scalar("threshold", threshold)
    require(goal > 0.0, "threshold must satisfy > 0", "threshold", goal)
    for name, value in (("look_every", look_every), ("most_epochs", most_epochs)):
        integer_at_least(name, value, 1)
    try:
        rates = np.array(np.broadcast_to(rate, lead))
    except ValueError:
        raise ValueError(f"learning_rate must broadcast to {lead}, got {rate.shape}") from None
    groups = (lead[0], 1) if len(lead) == 1 else lead
    batch = _Batch(
        flat.reshape(4, *groups, d),
        design,
        labels.reshape(*groups, n),
        rates.reshape(groups),
        goal,
        device,
    )
    with batch.torch.inference_mode():
        batch.descend(most_epochs, look_every)
    return _result(flat, batch, rates, time.perf_counter() - began)


def train_from_infinite_pretraining(
    init: Initialization, beta_pt: ArrayLike, X: ArrayLike, y: ArrayLike, **options: Any
) -> TrainingResult:
    """Fine-tune from the analytic end of infinite pretraining (Appendix E.2.6).

    `beta_pt` has shape (B, d) or (S, C, d); `X`, `y` and `options` as in `train`.
    """
    learned = init.pretraining_layer_weights(finite_array("beta_pt", beta_pt))
    return train(rebalanced(learned, init.gamma), X, y, **options)


def _blocks(total: int, size: int) -> list[int]:
    return [min(size, total - done) for done in range(0, total, size)]


def _check_shapes(flat: FloatArray, design: FloatArray, labels: FloatArray) -> None:
    grouped = flat.ndim == 4
    lead = flat.shape[1:-1] if grouped else design.shape[:1]
    if design.ndim != 3 or labels.shape != (*lead, design.shape[1]):
        wanted = "(S, n, d) and y (S, C, n)" if grouped else "(B, n, d) and y (B, n)"
        raise ValueError(f"X must have shape {wanted}, got {design.shape} and {labels.shape}")
    expected = (*lead, design.shape[2])
    if flat.shape[1:] != expected or (grouped and design.shape[0] != lead[0]):
        raise ValueError(f"each weight must have shape {expected}, got {flat.shape[1:]}")
    if 0 in (*lead, *design.shape):
        raise ValueError(f"a batch must have networks, examples and inputs, got X {design.shape}")


class _Batch:
    """Networks on a device, (S, C, d), and on the host the results of those that stopped."""

    def __init__(
        self,
        start: FloatArray,
        design: FloatArray,
        labels: FloatArray,
        rates: FloatArray,
        goal: float,
        device: str,
    ) -> None:
        import torch

        self.torch = torch
        shape = start.shape[1:]
        self.products = np.ones((2, *shape))
        self.error = np.full(shape[:2], np.nan)
        self.epochs = np.zeros(shape[:2], dtype=np.int64)
        self.reason = np.full(shape[:2], EPOCHS, dtype="U10")
        w_plus, v_plus, w_minus, v_minus = start
        # P multiplies √S and M multiplies √D; where a norm is 0 its product has no effect.
        self.norms = 0.5 * np.array(
            [
                np.hypot(w_plus + v_plus, w_minus - v_minus),
                np.hypot(w_plus - v_plus, w_minus + v_minus),
            ]
        )

        def on_device(values: NDArray[Any]) -> Any:
            return torch.tensor(values, device=torch.device(device))

        self.inputs = on_device(design)
        self.minus_labels = on_device(-labels)
        self.falling, self.rising = on_device(self.norms[0]), on_device(self.norms[1])
        # Without weights there is no gradient: a rate of 0 stops such a network at once.
        self.moving: NDArray[np.bool_] = np.asarray(self.norms.any(axis=(0, 3)))
        self.rate = on_device(rates * self.moving)
        self.steps = on_device(np.zeros(shape[:2], dtype=np.int64))
        # Errors are sums of squares while training.
        self.goal = goal * labels.shape[-1]
        self.examples = labels.shape[-1]
        self.ceiling = on_device(np.zeros(shape[:2]))
        # Row and column in the given batch of each network that is still computed.
        grid: NDArray[np.intp] = np.array(np.indices(shape[:2]))
        self.rows: NDArray[np.intp] = grid[0]
        self.columns: NDArray[np.intp] = grid[1]
        self.recorded = np.zeros(shape[:2], dtype=bool)

    def descend(self, most_epochs: int, look_every: int) -> None:
        """Take steps until every network has stopped, or `most_epochs` steps."""
        torch = self.torch
        self._allocate()
        for epoch in range(most_epochs + 1):
            beta, residual = self._beta, self._residual
            torch.mul(self.falling, self.falling, out=beta)
            beta.addcmul_(self.rising, self.rising, value=-1.0)
            torch.baddbmm(self.minus_labels, beta, self._transposed, out=residual)
            torch.mul(residual, residual, out=self._squares)
            torch.sum(self._squares, -1, out=self._sums)
            if epoch == 0:
                self.ceiling = _BLOW_UP * torch.clamp(self._sums, min=self.goal)
            # A rate of 0 freezes a network permanently; comparisons with NaN are false.
            going = self._sums <= self.ceiling
            if epoch % look_every == 0:
                going &= self._sums > self.goal
            self.rate *= going
            if (epoch % CHECK_EVERY == 0 or epoch == most_epochs) and not self._remove_stopped(
                epoch == most_epochs
            ):
                return
            self.steps += self.rate > 0.0
            self._residual *= self.rate.unsqueeze(-1)
            torch.bmm(self._residual, self.inputs, out=self._gradient)
            self.falling.addcmul_(self._gradient, self.falling, value=-1.0)
            self.rising.addcmul_(self._gradient, self.rising)

    def _allocate(self) -> None:
        torch = self.torch
        self._beta = torch.empty_like(self.falling)
        self._gradient = torch.empty_like(self.falling)
        self._residual = torch.empty_like(self.minus_labels)
        self._squares = torch.empty_like(self.minus_labels)
        self._sums = torch.empty_like(self.rate)
        self._transposed = self.inputs.transpose(1, 2)

    def _remove_stopped(self, last: bool) -> bool:
        """Record and remove stopped networks; return whether any is still training."""
        training = (self.rate > 0.0).cpu().numpy()
        waiting = ~self.recorded[self.rows, self.columns]
        if last:
            self._record(waiting)
            return False
        if training.sum() > (1.0 - _IDLE_SHARE) * training.size:
            return True
        self._record(waiting & ~training)
        if not training.any():
            return False
        self._compact(training)
        return True

    def _record(self, which: NDArray[np.bool_]) -> None:
        if not which.any():
            return
        mask = self.torch.tensor(which, device=self.rate.device)
        at = self.rows[which], self.columns[which]
        held = np.array([state[mask].cpu().numpy() for state in (self.falling, self.rising)])
        norms = self.norms[:, *at]
        with np.errstate(invalid="ignore"):
            self.products[:, *at] = np.divide(held, norms, out=np.ones_like(held), where=norms > 0)
        sums = self._sums[mask].cpu().numpy()
        diverged = ~(sums <= self.ceiling[mask].cpu().numpy())
        self.error[at] = sums / self.examples
        self.epochs[at] = self.steps[mask].cpu().numpy()
        stuck = np.where(self.moving[at], EPOCHS, STATIONARY)
        self.reason[at] = np.where(
            diverged, DIVERGED, np.where(sums <= self.goal, CONVERGED, stuck)
        )
        self.recorded[at] = True

    def _compact(self, training: NDArray[np.bool_]) -> None:
        """Keep the groups that are still training, as wide as the fullest of them."""
        torch = self.torch
        groups = np.flatnonzero(training.any(axis=1))
        width = int(training.sum(axis=1).max())
        order = np.argsort(~training[groups], axis=1, kind="stable")[:, :width]
        if groups.size < training.shape[0]:
            self.inputs = self.inputs[torch.tensor(groups, device=self.rate.device)]
        row = torch.tensor(groups[:, None], device=self.rate.device)
        place = torch.tensor(order, device=self.rate.device)
        for name in ("minus_labels", "falling", "rising", "rate", "steps", "ceiling", "_residual"):
            setattr(self, name, getattr(self, name)[row, place])
        sums = self._sums[row, place]
        residual = self._residual
        self.rows = self.rows[groups[:, None], order]
        self.columns = self.columns[groups[:, None], order]
        self._allocate()
        self._residual, self._sums = residual, sums


def _result(start: FloatArray, batch: _Batch, rates: FloatArray, seconds: float) -> TrainingResult:
    shape = start.shape[1:]
    lead = shape[:-1]
    falling, rising = batch.products.reshape(2, *shape)
    diverged = batch.reason.reshape(lead) == DIVERGED
    w_plus, v_plus, w_minus, v_minus = start
    with np.errstate(over="ignore", invalid="ignore"):
        plus_sum, plus_difference = falling * (w_plus + v_plus), rising * (w_plus - v_plus)
        minus_sum, minus_difference = rising * (w_minus + v_minus), falling * (w_minus - v_minus)
        ends = 0.5 * np.array(
            [
                plus_sum + plus_difference,
                plus_sum - plus_difference,
                minus_sum + minus_difference,
                minus_sum - minus_difference,
            ]
        )
        beta = ends[0] * ends[1] - ends[2] * ends[3]
        drift = np.abs(_invariants(ends) - _invariants(start)).max(axis=-1)
        shrinkage = np.abs(falling * rising - 1.0).max(axis=-1)
    beta[diverged] = np.nan
    return TrainingResult(
        beta,
        ends,
        batch.error.reshape(lead),
        drift,
        shrinkage,
        batch.epochs.reshape(lead),
        batch.reason.reshape(lead),
        rates,
        seconds,
    )


def _invariants(weights: FloatArray) -> FloatArray:
    w_plus, v_plus, w_minus, v_minus = weights
    return np.array(
        [w_plus**2 - v_plus**2, w_minus**2 - v_minus**2, w_plus * w_minus + v_plus * v_minus]
    )
