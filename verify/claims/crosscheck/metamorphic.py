"""Restated problems have restated minimisers: permutations, rotations, joint scaling."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from numerics import convex, minimum_penalty
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.methods.numeric import largest
from verify.registry import register

SEED = 101
TOLERANCE = 1e-6


class Symmetry(NamedTuple):
    """A restatement of (X, y, c), and what it does to the minimiser."""

    name: str
    restate: Callable[[Any, Any, Any, np.random.Generator], tuple[Any, Any, Any, Any]]


def _permute(X: Any, y: Any, c: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    order = rng.permutation(c.size)
    return X[:, order], y, c[order], lambda beta: beta[order]


def _rotate(X: Any, y: Any, c: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    turn = np.linalg.qr(rng.standard_normal((y.size, y.size)))[0]
    return turn @ X, turn @ y, c, lambda beta: beta


def _scale(X: Any, y: Any, c: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    factor = 10 ** rng.uniform(-6, 6)
    return X, factor * y, factor * c, lambda beta: factor * beta


def _flip(X: Any, y: Any, c: Any, rng: np.random.Generator) -> tuple[Any, Any, Any, Any]:
    signs = rng.choice([-1.0, 1.0], size=c.size)
    return X * signs, y, c, lambda beta: beta * signs


def _scale_targets_only(X: Any, y: Any, c: Any, _: Any) -> tuple[Any, Any, Any, Any]:
    return X, 3 * y, c, lambda beta: 3 * beta


def _permute_without_scales(X: Any, y: Any, c: Any, rng: Any) -> tuple[Any, Any, Any, Any]:
    order = rng.permutation(c.size)
    return X[:, order], y, c, lambda beta: beta[order]


SYMMETRIES = (
    Symmetry("permutation of coordinates", _permute),
    Symmetry("rotation of the examples", _rotate),
    Symmetry("joint scaling of y and c_FT", _scale),
    Symmetry("signs of coordinates", _flip),
)


def decide(symmetries: tuple[Symmetry, ...]) -> Evidence:
    """Solve ten problems and their restatements with both convex solvers."""
    rng = np.random.default_rng(SEED)
    worst, where = 0.0, {}
    by_solver = {"dual Newton": 0.0, "cone programme": 0.0}
    for trial in range(10):
        n, d = 6, 15
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-4, 1, size=d)
        beta = minimum_penalty(X, y, c).beta
        for symmetry in symmetries:
            Xs, ys, cs, map_ = symmetry.restate(X, y, c, rng)
            answers = {
                "dual Newton": minimum_penalty(Xs, ys, cs).beta,
                "cone programme": convex.minimum_penalty(Xs, ys, cs).beta,
            }
            for solver, answer in answers.items():
                gap = largest(np.abs(answer - map_(beta)).max() / np.abs(map_(beta)).max())
                by_solver[solver] = max(by_solver[solver], gap)
                if gap > worst:
                    worst = gap
                    where = {
                        "trial": str(trial),
                        "symmetry": symmetry.name,
                        "solver": solver,
                        "distance": repr(gap),
                    }
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"restated minimisers within {worst:.2g}, 10 problems, {len(symmetries)} symmetries",
        figure=worst,
        counterexample=None if holds else where,
        comparisons=tuple(
            Comparison("minimiser β, restated", (solver, "dual Newton, mapped"), gap)
            for solver, gap in by_solver.items()
        ),
    )


register(
    Claim(
        id="crosscheck.metamorphic",
        title="Symmetries of the minimiser",
        sentence="Permuting or reflecting coordinates, rotating the examples, and scaling y and "
        "c_FT together carry the minimiser along.",
        latex=r"\beta(XP, y, P^{T} c) = P^{T}\beta,\quad \beta(UX, Uy, c) = \beta,\quad "
        r"\beta(X, sy, sc) = s\,\beta",
        source="Theorem 4.1",
        checks=(
            Check(
                "both convex solvers",
                Method.CONVEX,
                decide,
                SYMMETRIES,
                (
                    Control("y scaled alone", (Symmetry("y alone", _scale_targets_only),)),
                    Control(
                        "scales not permuted",
                        (Symmetry("permutation without scales", _permute_without_scales),),
                    ),
                ),
                tolerance=TOLERANCE,
                reason="accuracy of the interior-point solver",
                seed=SEED,
            ),
        ),
        requires=("implicit-bias.kkt",),
    )
)
