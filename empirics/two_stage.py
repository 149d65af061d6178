r"""Finite networks from data in both stages: pretraining may be imperfect (beyond the paper).

Pretraining has n_PT = α_PT d examples of its own and label noise σ_PT²: gradient flow from (c, λ)
ends at

    β̂_PT = argmin Σ q(βᵢ; c)  subject to  X_PT β = y_PT,      or at least squares if n_PT ≥ d,

and fine-tuning, re-balanced, at the same with c_FT(β̂_PT,ᵢ) for c (Theorem 4.1 twice). Both are
solved by dual Newton (`solve`), or followed as flows of all four weights (`follow`), of which the
second starts from the weights at which the first ends and knows neither penalty nor c_FT.

Instances are as in `empirics.finite_problems`: groups have the sizes nearest to their shares, and
coefficients, in both stages, lie at the quantiles of their law with random signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from empirics.finite_problems import UnsolvedError, draw_design, draw_slab, solved
from numerics.gradient_flow import finetune_flow, pretrain_flow
from numerics.initialization import Initialization
from numerics.tasks import TaskDistribution, exact_group_sizes
from numerics.validation import ActiveSlab, FloatArray


@dataclass(frozen=True)
class TwoStages:
    """A task, an initialisation, and how much data of which noise each stage has.

    Attributes
    ----------
    rho_pt, rho_ft, overlap
        Densities of the teachers, and ω. Coefficients of pretraining have size 1, those of
        fine-tuning 1/√ρ_FT.
    slab, pt_slab
        Laws of the active coefficients in fine-tuning and in pretraining.
    c, relative_scale, gamma
        Initialisation: c, λ/c and γ.
    alpha_pt, noise_variance_pt
        n_PT/d and σ_PT² of pretraining, whose inputs have variance 1/n_PT.
    alpha, noise_variance
        n/d and σ² of fine-tuning.
    """

    rho_pt: float
    rho_ft: float
    overlap: float
    slab: ActiveSlab
    pt_slab: ActiveSlab
    c: float
    relative_scale: float
    gamma: float
    alpha_pt: float
    noise_variance_pt: float
    alpha: float
    noise_variance: float = 0.0

    @property
    def task(self) -> TaskDistribution:
        """The task, of both stages."""
        return TaskDistribution.pretrain_finetune(
            self.rho_pt, self.rho_ft, self.overlap, slab=self.slab, pt_slab=self.pt_slab
        )

    @property
    def initialization(self) -> Initialization:
        """The initialisation; λ = (λ/c)·c."""
        return Initialization(self.c, self.relative_scale * self.c, self.gamma)

    @property
    def name(self) -> str:
        """What it is, in a few words."""
        noise_pt = f" noise_pt={self.noise_variance_pt:g}" if self.noise_variance_pt else ""
        noise = f" noise={self.noise_variance:g}" if self.noise_variance else ""
        return (
            f"{self.pt_slab}/{self.slab} slabs, rho_pt={self.rho_pt:g} rho_ft={self.rho_ft:g} "
            f"omega={self.overlap:g}, c={self.c:g} lam/c={self.relative_scale:g} "
            f"gamma={self.gamma:g}, alpha_pt={self.alpha_pt:g}{noise_pt} "
            f"alpha={self.alpha:g}{noise}"
        )


def learnt_scale(init: Initialization, learnt: FloatArray) -> FloatArray:
    """Return c_FT of each coordinate after pretraining to `learnt`, in its shape.

    Written out here, as in `empirics.finite_problems`, so that networks and theory do not share it.
    """
    grown = 1.0 + np.sqrt(1.0 + (learnt / init.c) ** 2)
    return np.asarray((init.c + init.lam) * grown + init.gamma**2)


class Stage(NamedTuple):
    """Data of one stage, and its teacher: X (n, d), y (n,), β* (d,)."""

    X: FloatArray
    y: FloatArray
    truth: FloatArray


class Instance(NamedTuple):
    """Both stages, and the group of each coordinate, its place in the task's groups, (d,)."""

    pretraining: Stage
    finetuning: Stage
    group: NDArray[np.intp]


def draw(problem: TwoStages, d: int, rng: np.random.Generator) -> Instance:
    """Draw an instance whose coordinates are in the order of their groups."""
    groups = problem.task.groups
    sizes = exact_group_sizes(problem.task.probabilities, d)
    before, after = [], []
    for one, size in zip(groups, sizes.tolist(), strict=True):
        law = one.pt_slab if one.pt_magnitude else "zero"
        # Both stages' magnitudes are sorted: in random order they are independent.
        before.append(rng.permutation(draw_slab(law, one.pt_magnitude, size, rng)))
        after.append(draw_slab(one.slab, one.ft_amplitude, size, rng))
    pretraining = _stage(np.concatenate(before), problem.alpha_pt, problem.noise_variance_pt, rng)
    finetuning = _stage(np.concatenate(after), problem.alpha, problem.noise_variance, rng)
    return Instance(pretraining, finetuning, np.repeat(np.arange(sizes.size), sizes))


def _stage(truth: FloatArray, alpha: float, noise: float, rng: np.random.Generator) -> Stage:
    X = draw_design(round(alpha * truth.size), truth.size, rng)
    y = X @ truth
    if noise:
        y = y + np.sqrt(noise) * rng.standard_normal(y.size)
    return Stage(X, y, truth)


class Ends(NamedTuple):
    """Where both stages end: β̂_PT and β̂_FT, each (d,)."""

    pretrained: FloatArray
    finetuned: FloatArray


def pretrained(what: str, init: Initialization, stage: Stage) -> FloatArray:
    """Return where pretraining ends, (d,): the least penalty of scale c, or least squares.

    Raises
    ------
    UnsolvedError
        If the minimiser's certificate fails; `what` names the problem.
    """
    n, d = stage.X.shape
    if n >= d:
        basis, upper = np.linalg.qr(stage.X)
        return np.asarray(solve_triangular(upper, basis.T @ stage.y))
    return solved(f"pretraining of {what}", stage.X, stage.y, np.full(d, init.c)).beta


def solve(what: str, init: Initialization, drawn: Instance) -> Ends:
    """Return where both stages end, each as the solution of a convex problem.

    Raises
    ------
    UnsolvedError
        If a minimiser's certificate fails; `what` names the problem.
    """
    learnt = pretrained(what, init, drawn.pretraining)
    scale, stage = learnt_scale(init, learnt), drawn.finetuning
    return Ends(learnt, solved(f"fine-tuning of {what}", stage.X, stage.y, scale).beta)


def follow(what: str, init: Initialization, drawn: Instance, **options: Any) -> Ends:
    """Return where the gradient flow of all weights ends in both stages.

    Fine-tuning starts from w± = w₊ + w₋ and v± = γ at the end of pretraining (eqs. 4-5); `options`
    are those of `numerics.gradient_flow.weight_flow`.

    Raises
    ------
    UnsolvedError
        If a flow does not reach its training error; `what` names the problem. With noisy labels and
        n_PT > d none does.
    """
    before = pretrain_flow(init, drawn.pretraining.X, drawn.pretraining.y, **options)
    if not before.converged:
        raise UnsolvedError(f"pretraining of {what} did not end: {before.message}")
    after = finetune_flow(before.end, init, drawn.finetuning.X, drawn.finetuning.y, **options)
    if not after.converged:
        raise UnsolvedError(f"fine-tuning of {what} did not end: {after.message}")
    return Ends(before.beta[-1], after.beta[-1])
