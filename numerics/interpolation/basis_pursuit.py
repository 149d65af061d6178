"""Basis pursuit, min ‖β‖₁ subject to Aβ = t: the limit of the penalty as every scale goes to 0.

As k → 0 the penalty is q_k(β) ≈ (|β|/2)(log(4|β|/√k) − 1), the ℓ1 norm up to logarithms, so that
at scale 0 (relative scale λ = −c and γ = 0) the meaningful problem is the linear programme

    min ‖β‖₁ s.t. Aβ = t        dual: max tᵀν s.t. ‖Aᵀν‖∞ ≤ 1.

HiGHS solves it by column generation: only the columns that look active enter, the others are
priced with the dual, and violators join until none is left. Vertex and multipliers are then
solved for on the active set, to the accuracy of a linear system instead of the tolerance 1e-7
of a linear programme.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from numerics.validation import FloatArray

_PRICE_TOLERANCE = 1e-7  # the dual feasibility tolerance of HiGHS
_SHARP_TOLERANCE = 1e-12  # violation of |Aᵀν| <= 1 that is rounding
_MAX_ROUNDS = 60


@dataclass(frozen=True)
class LinearProgramme:
    """Answer of the linear programme: β (d,), ν (m,), simplex iterations, and HiGHS' message."""

    beta: FloatArray
    dual: FloatArray
    iterations: int
    succeeded: bool


def solve_basis_pursuit(
    rows: FloatArray, targets: FloatArray, guess: FloatArray
) -> LinearProgramme:
    """Solve min ‖β‖₁ s.t. rows·β = targets for linearly independent rows.

    Parameters
    ----------
    rows, targets
        Constraints, (m, d) and (m,), of order one: the tolerances of HiGHS are absolute.
    guess
        Any approximation of the multipliers ν, (m,); it only orders the columns.
    """
    m, d = rows.shape
    slopes = guess @ rows
    centre = guess / max(float(np.abs(slopes).max()), np.finfo(np.float64).tiny)
    # The 2d candidates are the columns and their negatives: those that lean furthest come first.
    lean = np.concatenate([slopes, -slopes])
    chosen = np.zeros(2 * d, dtype=np.bool_)
    chosen[np.argsort(-lean, kind="stable")[: min(2 * d, m + m // 8 + 10)]] = True
    iterations = 0
    for _ in range(_MAX_ROUNDS):
        candidates = np.flatnonzero(chosen)
        columns, signs = candidates % d, np.where(candidates < d, 1.0, -1.0)
        answer = linprog(
            np.ones(candidates.size),
            A_eq=rows[:, columns] * signs,
            b_eq=targets,
            bounds=(0.0, None),
            method="highs",
        )
        iterations += int(answer.nit)
        if answer.status == 2 and not chosen.all():
            chosen[:] = True
            continue
        if answer.x is None:  # "infeasible" included: independent rows meet any targets
            return LinearProgramme(np.zeros(d), np.zeros(m), iterations, False)
        beta = np.zeros(d)
        np.add.at(beta, columns, signs * np.asarray(answer.x, dtype=np.float64))
        beta = _polish_primal(rows, targets, beta)
        # Where a sparse vector is recovered exactly the multipliers are not unique; those of a
        # vertex may violate columns left out while central ones satisfy all.
        dual = np.asarray(answer.eqlin.marginals, dtype=np.float64)
        for candidate in (dual, centre):
            sharp = _polish_dual(rows, beta, candidate)
            if np.abs(sharp @ rows).max() <= 1.0 + _SHARP_TOLERANCE:
                return LinearProgramme(beta, sharp, iterations, answer.status == 0)
        slopes = dual @ rows
        violation = np.where(chosen, 0.0, np.concatenate([slopes, -slopes]) - 1.0)
        worst = np.argsort(-violation)[:m]
        entering = worst[violation[worst] > _PRICE_TOLERANCE]
        if entering.size == 0:
            return LinearProgramme(beta, dual, iterations, answer.status == 0)
        chosen[entering] = True
    return LinearProgramme(np.zeros(d), np.zeros(m), iterations, False)


def _support(beta: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(np.abs(beta) > 1e-9 * np.abs(beta).max())


def _polish_primal(rows: FloatArray, targets: FloatArray, beta: FloatArray) -> FloatArray:
    """Solve the constraints on the support of β, if signs stay and the residual falls."""
    support = _support(beta)
    sharp = np.where(support, beta, 0.0)
    for _ in range(3):
        left = targets - rows @ sharp
        sharp[support] += np.linalg.lstsq(rows[:, support], left, rcond=None)[0]
    flipped = bool(np.any((sharp * beta < 0.0) & support))
    before = np.abs(rows @ beta - targets).max()
    return beta if flipped or np.abs(rows @ sharp - targets).max() > before else sharp


def _polish_dual(rows: FloatArray, beta: FloatArray, dual: FloatArray) -> FloatArray:
    """Smallest change of ν that puts (Aᵀν)ᵢ at sign(βᵢ) on the support of β."""
    support = _support(beta)
    sharp = dual
    for _ in range(2):  # the second pass removes the rounding of the first
        miss = np.sign(beta[support]) - sharp @ rows[:, support]
        sharp = sharp + np.linalg.lstsq(rows[:, support].T, miss, rcond=None)[0]
    return np.asarray(sharp)
