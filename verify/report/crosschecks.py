"""The cross-check matrix: which methods gave one quantity, and how far apart they came out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from operator import attrgetter

from verify.claim import SUPPORTING, Comparison
from verify.run.record import ClaimResult

# What each compared method is, by the name that comparisons use.
METHODS = {
    "weights' flow": "the flow of the weights, integrated",
    "mirror flow": "the flow of β in its mirror geometry, integrated",
    "analytic end": "the closed form of where a flow ends",
    "invariants": "conserved quantities, taken from the start of a flow to its end",
    "dual Newton": "Newton's method on the dual of the minimum-penalty problem",
    "cone programme": "the penalty as an exponential-cone programme, by a conic solver",
    "least norm": "the interpolator of least ℓ2 norm, whose certificate must not vouch for it",
    "basis pursuit": "the least ℓ1 norm among interpolators, by linear programming",
    "linear programme": "the least ℓ1 norm among interpolators, by linear programming",
    "quadratic programme": "the least weighted ℓ2 norm among interpolators, by a conic solver",
    "weighted least squares": "the least weighted ℓ2 norm among interpolators, in closed form",
    "message passing": "approximate message passing on sampled data",
    "state evolution": "the scalar recursion that follows message passing as d → ∞",
    "replica fixed point": "the replica-symmetric error, by deterministic quadrature and Newton",
    "trained network": "networks trained by gradient descent in torch",
    "published network": "networks that the authors trained, as they published their errors",
    "Monte Carlo": "the fixed point by sampling, as in the paper's own algorithm",
    "replica equations, many digits": "the same error to any number of digits, in code of its own",
    "closed form": "the limit's formula, written down from the statement",
    "dual Newton, mapped": "the minimiser of a problem, carried over to the problem's restatement",
    "finite networks": "minimisers at finite d, their errors and values extrapolated to d → ∞",
    "recorded": "what was measured once, at cost, and is kept with the code",
    "measured again": "the same from the same seeds, now",
    "theory of two stages": "the replica error after pretraining on data, with the law of c_FT",
    "nested trapezoidal rules": "the same in rules for c_FT and the channel, nodes by nodes",
    "two stages, many digits": "the same to any number of digits, in code of its own",
    "nodes as groups": "the same, the law of c_FT as that many groups of coordinates",
    "pretrained on data": "a network pretrained by gradient descent on finitely many examples",
    "scaled network": "a network some of whose weights are multiplied by a factor",
    "formula from the unscaled one": "what the factor should do, from the network as it was",
    "weights times κ": "a network whose stages are multiplied by κ, as the study does it",
    "weights as they are": "the network before that, its output multiplied as stated",
    "learning rate over κ²": "the network before that, its learning rates divided by κ²",
    "representation module": "PR and ENSD as the studies compute them, from Gram matrices",
    "D x D covariances": "ENSD by its definition, from the covariances of the features",
    "side by side": "several networks trained at once, in one program",
    "alone": "each network trained by itself",
}
# Other names in use for the same method.
ALIASES = {
    "replica": "replica fixed point",
    "replica curve": "replica fixed point",
    "replica equations, float64": "replica fixed point",
    "replica equations, sampled": "Monte Carlo",
    "analytic end of pretraining": "analytic end",
    "solve_pipeline": "theory of two stages",
}


@dataclass(frozen=True)
class Cell:
    """The worst disagreement of two methods on one quantity, and where it was found."""

    comparison: Comparison
    claim: ClaimResult


_GAP = attrgetter("comparison.worst")


@dataclass(frozen=True)
class Matrix:
    """All comparisons of one quantity, one cell for each pair of methods."""

    quantity: str
    methods: tuple[str, ...]
    cells: dict[tuple[str, str], Cell]

    @property
    def is_pair(self) -> bool:
        """Whether there are only two methods, so that one line says it all."""
        return len(self.methods) == 2

    def between(self, one: str, other: str) -> Cell | None:
        """Return the cell of two methods, in whichever order they are named."""
        return self.cells.get((one, other)) or self.cells.get((other, one))

    @property
    def worst(self) -> Cell:
        """The cell of the largest disagreement."""
        return max(self.cells.values(), key=_GAP)


def matrices(claims: Iterable[ClaimResult]) -> tuple[Matrix, ...]:
    """Gather the comparisons behind claims that stand, by quantity and measure."""
    gathered: dict[tuple[str, str], dict[tuple[str, str], Cell]] = {}
    for claim in claims:
        if claim.verdict not in SUPPORTING:
            continue
        for check in claim.checks:
            for comparison in map(_named, check.comparisons):
                cells = gathered.setdefault((comparison.quantity, comparison.measure), {})
                one, other = comparison.between
                pair = (other, one) if (other, one) in cells else (one, other)
                cell = Cell(comparison, claim)
                cells[pair] = max(cells.get(pair, cell), cell, key=_GAP)
    found = [
        Matrix(quantity, tuple(dict.fromkeys(method for pair in cells for method in pair)), cells)
        for (quantity, _), cells in gathered.items()
    ]
    return tuple(sorted(found, key=lambda matrix: (-len(matrix.methods), matrix.quantity)))


def parted(claims: Iterable[ClaimResult]) -> tuple[Cell, ...]:
    """Return the comparisons behind claims that do not stand: there, the methods do not agree."""
    return tuple(
        Cell(_named(comparison), claim)
        for claim in claims
        if claim.verdict not in SUPPORTING
        for check in claim.checks
        for comparison in check.comparisons
    )


def glossary(found: Iterable[Matrix]) -> tuple[tuple[str, str], ...]:
    """Return what the methods of the matrices are, those that `METHODS` explains."""
    named = {method for matrix in found for method in matrix.methods}
    return tuple((method, meaning) for method, meaning in METHODS.items() if method in named)


def _named(comparison: Comparison) -> Comparison:
    """Return the comparison with each method under its one name."""
    one, other = (ALIASES.get(method, method) for method in comparison.between)
    return comparison if one == other else replace(comparison, between=(one, other))
