"""Symmetries of the minimiser (Theorem 4.1).

Permuting or reflecting coordinates, rotating the examples, and scaling y and c_FT together carry
the minimiser along.
"""

from functools import reduce
from typing import NamedTuple

import numpy as np

from numerics import convex, minimum_penalty
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.registry import state

SEED = 101
# What the letters of a symmetry stand for: permutation, rotation, factor, reflections.
LETTERS = {
    "P": lambda rng, n, d: np.eye(d)[:, rng.permutation(d)],
    "U": lambda rng, n, d: np.linalg.qr(rng.standard_normal((n, n)))[0],
    "s": lambda rng, n, d: 10 ** rng.uniform(-6, 6),
    "S": lambda rng, n, d: np.diag(rng.choice([-1.0, 1.0], size=d)),
}


class Symmetry(NamedTuple):
    """X, y, c and the minimiser of a restated problem, as products; shown as written."""

    X: str
    y: str
    c: str
    minimiser: str

    def latex(self):
        return rf"\beta({self.X}, {self.y}, {self.c}) = {self.minimiser} \beta(X, y, c)"


class Symmetries(NamedTuple):
    members: tuple[Symmetry, ...]

    def latex(self):
        return r" \\ ".join(one.latex() for one in self.members)


STATED = Symmetries(
    (
        Symmetry("X P", "y", "P^T c", "P^T"),
        Symmetry("U X", "U y", "c", ""),
        Symmetry("X", "s y", "s c", "s"),
        Symmetry("X S", "y", "c", "S"),
    )
)
CONTROLS = (
    Control("y scaled alone", Symmetries((Symmetry("X", "s y", "c", "s"),))),
    Control("scales not permuted", Symmetries((Symmetry("X P", "y", "c", "P^T"),))),
)


def product(text, **values):
    """Return a product of matrices, vectors and numbers, named one after the other.

    Raises
    ------
    ValueError
        If a factor has another name.
    """
    for name in text.split():
        if name not in values and not (name.endswith("^T") and name[:-2] in values):
            raise ValueError(f"a factor must be one of {', '.join(values)}, got {name!r}")
    factors = [values[name[0]].T if name.endswith("^T") else values[name] for name in text.split()]
    return reduce(lambda left, right: np.dot(left, right), factors)


def decide(stated):
    """Solve ten problems and their restatements with both convex solvers."""
    rng, gaps = np.random.default_rng(SEED), Gaps()
    n, d = 6, 15
    for trial in range(10):
        X, y = rng.standard_normal((n, d)) / np.sqrt(n), rng.standard_normal(n)
        c = 10 ** rng.uniform(-4, 1, size=d)
        beta = minimum_penalty(X, y, c).beta
        for one in stated.members:
            drawn = {name: LETTERS[name](rng, n, d) for name in LETTERS if name in "".join(one)}
            restated = [product(text, X=X, y=y, c=c, **drawn) for text in one[:3]]
            mapped = product(f"{one.minimiser} b", b=beta, **drawn)
            answers = {
                "dual Newton": minimum_penalty(*restated).beta,
                "cone programme": convex.minimum_penalty(*restated).beta,
            }
            for solver, answer in answers.items():
                results = {solver: answer, "dual Newton, mapped": mapped}
                where = {"trial": trial, "symmetry": one.latex()}
                relative(gaps, "minimiser β, restated", results, where)
    return gaps.measured(
        f"restated minimisers within {{worst}}, 10 problems, {len(stated.members)} symmetries"
    )


REASON = "accuracy of the interior-point solver"
state(
    "crosscheck.metamorphic",
    __doc__,
    (Check("both solvers", Method.CONVEX, decide, STATED, CONTROLS, 1e-6, REASON, seed=SEED),),
    requires=("implicit-bias.kkt",),
)
