"""c → 0 in finite problems: where recovery begins (Section 5.1, regime I).

The replica error of c_FT → 0 vanishes above Donoho and Tanner's weak threshold α*(ρ). In d
coordinates recovery sets in gradually. The number of examples at which it has probability one half
is the statistical dimension of a descent cone up to the scatter of one draw, and that lies within
2/√ρ examples of α*d (Amelunxen, Lotz, McCoy & Tropp 2014, Proposition 4.5): a margin for α that
shrinks like 1/d.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.claims.crosscheck._transition import locate, recoveries, weak_threshold
from verify.methods.equivalence import holm
from verify.registry import register

SEED = 109
LEVEL = 0.05
# Wide windows of α, by ρ: their ends are far from the threshold on either side.
WINDOWS = {0.1: (0.18, 0.5), 0.04: (0.08, 0.32)}


class Statement(NamedTuple):
    """Densities, dimensions, trials for each pair, and the threshold as stated."""

    densities: tuple[float, ...]
    dimensions: tuple[int, ...]
    trials: int
    threshold: Callable[[float], float] = weak_threshold


def decide(statement: Statement) -> Evidence:
    """Fit the location at each (ρ, d); two one-sided tests within ±2/(√ρ d), Holm's correction."""
    rows = []
    for rho in statement.densities:
        for d in statement.dimensions:
            trials = recoveries(rho, d, WINDOWS[rho], statement.trials, SEED)
            place, width = locate(trials)
            away = replace(place, value=place.value - statement.threshold(rho))
            rows.append((rho, d, away, width, 2 / (rho**0.5 * d)))
    same = holm([away.equivalence_p(margin) for _, _, away, _, margin in rows])
    apart = holm([away.difference_p(margin) for _, _, away, _, margin in rows])
    steps = tuple(
        f"ρ = {rho:g}, d = {d}: α½ − α* = {away.value:+.4f} ± {away.error:.4f}, margin "
        f"{margin:.4f}, width {width:.4f}"
        for rho, d, away, width, margin in rows
    )
    share = max(abs(away.value) / margin for _, _, away, _, margin in rows)
    furthest = int(np.argmin(apart))
    if apart[furthest] < LEVEL:
        rho, d, away, _, margin = rows[furthest]
        return Evidence(
            False,
            f"at ρ = {rho:g}, d = {d} recovery begins {away.value:+.3g} away in α",
            figure=float(apart[furthest]),
            counterexample={
                "rho": repr(rho),
                "d": str(d),
                "threshold as stated": repr(statement.threshold(rho)),
                "distance": repr(away.value),
                "standard error": repr(away.error),
                "margin": repr(margin),
            },
            steps=steps,
        )
    if same.max() >= LEVEL:
        return Evidence(
            None, "the locations are not precise enough", figure=float(same.max()), steps=steps
        )
    return Evidence(
        True,
        f"{len(rows)} locations within {share:.2g} of their margins",
        figure=float(same.max()),
        steps=steps,
        comparisons=(
            Comparison(
                "threshold of recovery α*", ("basis pursuit", "replica"), share, "of the margin"
            ),
        ),
    )


def _controls(statement: Statement) -> tuple[Control, ...]:
    wrong: tuple[tuple[str, Callable[[float], float]], ...] = (
        ("α* = 2ρ log(1/ρ)", lambda rho: 2 * rho * np.log(1 / rho)),
        ("α* = 2ρ, where any vector so sparse is the sparsest", lambda rho: 2 * rho),
        ("teachers known to be positive", lambda rho: weak_threshold(rho, signed=True)),
    )
    # At d = 100 the margin is too wide to tell the last one apart.
    chosen = wrong if max(statement.dimensions) > 100 else wrong[:2]
    return tuple(Control(name, statement._replace(threshold=false)) for name, false in chosen)


REASON = "level of the tests: 5 % for all locations together (Holm); margin 2/(√ρ d) in α"
QUICK = Statement((0.1,), (50, 100), 100)
FULL = Statement((0.1, 0.04), (100, 200, 400), 600)

register(
    Claim(
        id="crosscheck.recovery-threshold",
        title="Recovery at the Donoho–Tanner threshold",
        sentence="For c_FT → 0 a finite network recovers a sparse teacher with probability one "
        "half at the weak threshold of Donoho and Tanner, up to a number of examples that "
        "does not grow with d.",
        latex=r"|\alpha_{1/2}(d, \rho) - \alpha^*(\rho)| \le \frac{2}{\sqrt{\rho}\, d},\quad "
        r"\alpha^*(\rho) = \min_\kappa\, \rho(1+\kappa^2) + 2(1-\rho)"
        r"[(1+\kappa^2)\Phi(-\kappa) - \kappa\varphi(\kappa)]",
        source="Section 5.1, regime I; Donoho & Tanner (2009)",
        assumptions=("no noise", "exact group sizes"),
        requires=("replica.l1-threshold", "crosscheck.scale-limits"),
        checks=(
            Check(
                "logistic fits, d ≤ 100",
                Method.STATISTICS,
                decide,
                QUICK,
                _controls(QUICK),
                tolerance=LEVEL,
                reason=REASON,
                limit=120.0,
                seed=SEED,
            ),
            Check(
                "logistic fits, d ≤ 400",
                Method.STATISTICS,
                decide,
                FULL,
                _controls(FULL),
                tolerance=LEVEL,
                reason=REASON,
                tier="full",
                limit=1800.0,
                seed=SEED,
            ),
        ),
    )
)
