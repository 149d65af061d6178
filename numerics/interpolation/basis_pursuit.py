"""Basis pursuit, min ‖β‖₁ subject to Aβ = t: the limit of the penalty as every scale goes to 0.

As k → 0 the penalty is q_k(β) ≈ (|β|/2)(log(4|β|/√k) − 1), the ℓ1 norm up to logarithms, so that
at scale 0 (relative scale λ = −c and γ = 0) the meaningful problem is the linear programme

    min ‖β‖₁ s.t. Aβ = t        dual: max tᵀν s.t. ‖Aᵀν‖∞ ≤ 1.

HiGHS solves it by column generation: only the columns that look active enter, the others are
priced with the dual, and violating columns are added until there are none. A linear system on the
active set then gives the vertex and the multipliers to rounding; HiGHS's own tolerance is 1e-7.
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
    """Solution of the linear programme: β (d,), ν (m,), simplex iterations, and HiGHS' message."""

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
    # The 2d candidates are the columns and their negatives: the most correlated come first.
    correlation = np.concatenate([slopes, -slopes])
    chosen = np.zeros(2 * d, dtype=np.bool_)
    chosen[np.argsort(-correlation, kind="stable")[: min(2 * d, m + m // 8 + 10)]] = True
    iterations = 0
    for _ in range(_MAX_ROUNDS):
        candidates = np.flatnonzero(chosen)
        columns, signs = candidates % d, np.where(candidates < d, 1.0, -1.0)
        programme = linprog(
            np.ones(candidates.size),
            A_eq=rows[:, columns] * signs,
            b_eq=targets,
            bounds=(0.0, None),
            method="highs",
        )
        iterations += int(programme.nit)
        if programme.status == 2 and not chosen.all():
            chosen[:] = True
            continue
        if programme.x is None:  # also for "infeasible", as independent rows fit any targets
            return LinearProgramme(np.zeros(d), np.zeros(m), iterations, False)
        beta = np.zeros(d)
        np.add.at(beta, columns, signs * np.asarray(programme.x, dtype=np.float64))
        beta = _polish_primal(rows, targets, beta)
        # Where a sparse vector is recovered exactly the multipliers are not unique: those of a
        # vertex may violate columns that are not chosen, while central ones satisfy all.
        dual = np.asarray(programme.eqlin.marginals, dtype=np.float64)
        for candidate in (dual, centre):
            polished = _polish_dual(rows, beta, candidate)
            if np.abs(polished @ rows).max() <= 1.0 + _SHARP_TOLERANCE:
                return LinearProgramme(beta, polished, iterations, programme.status == 0)
        slopes = dual @ rows
        violation = np.where(chosen, 0.0, np.concatenate([slopes, -slopes]) - 1.0)
        worst = np.argsort(-violation)[:m]
        entering = worst[violation[worst] > _PRICE_TOLERANCE]
        if entering.size == 0:
            return LinearProgramme(beta, dual, iterations, programme.status == 0)
        chosen[entering] = True
    return LinearProgramme(np.zeros(d), np.zeros(m), iterations, False)


def _support(beta: FloatArray) -> NDArray[np.bool_]:
    return np.asarray(np.abs(beta) > 1e-9 * np.abs(beta).max())


def _polish_primal(rows: FloatArray, targets: FloatArray, beta: FloatArray) -> FloatArray:
    """Solve the constraints on the support of β, if no sign changes and the residual decreases."""
    support = _support(beta)
    polished = np.where(support, beta, 0.0)
    for _ in range(3):
        residual = targets - rows @ polished
        polished[support] += np.linalg.lstsq(rows[:, support], residual, rcond=None)[0]
    flipped = bool(np.any((polished * beta < 0.0) & support))
    before = np.abs(rows @ beta - targets).max()
    return beta if flipped or np.abs(rows @ polished - targets).max() > before else polished


def _polish_dual(rows: FloatArray, beta: FloatArray, dual: FloatArray) -> FloatArray:
    """Change ν as little as possible so that (Aᵀν)ᵢ = sign(βᵢ) on the support of β."""
    support = _support(beta)
    polished = dual
    for _ in range(2):  # the second pass removes the rounding of the first
        defect = np.sign(beta[support]) - polished @ rows[:, support]
        polished = polished + np.linalg.lstsq(rows[:, support].T, defect, rcond=None)[0]
    return np.asarray(polished)
