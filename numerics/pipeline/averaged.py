r"""Solution of the replica equations where c_FT has a continuous law within each group.

The equations are solved with a Gauss rule for the law of c_FT, and judged with one that has more
nodes: what is left of them there is the error of the smaller rule. Where that is too much, rules
with twice as many nodes follow, and at last the rule that defines the law.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from numerics.pipeline.channel import AveragedChannel, ScaleMixture
from numerics.pipeline.coefficient_law import ScaleRule
from numerics.replica.curve import ReplicaCurve, fill_least_squares, fill_solution
from numerics.replica.equations import FixedPointProblem
from numerics.replica.newton import CORRECTIONS, FixedPoints, finished, solve_states
from numerics.replica.quadrature import ChannelGroups
from numerics.validation import FloatArray

# Numbers of nodes, as multiples of the usual one: of a rule, of one to check it, of one to start
# with.
_NODE_SHARES = ((1.0, 0.9, 0.5), (2.0, 1.7, 0.8))
# The fine quadrature costs several times the coarse one here: this step spares a pass of it.
_COARSE_DONE = 4e-4


@dataclass(frozen=True)
class ScaleLaws:
    """Groups of coordinates, and the law of c_FT within each.

    Attributes
    ----------
    groups
        Shares and teachers of the groups, (G,); their scales are not used.
    rules
        Law of y within each group.
    scale
        Returns c_FT at values of y, in their shape.
    slopes
        Takes the number of a group and a rule for it, and returns mean derivatives of log c_FT at
        its nodes in P parameters, shape (P, N). The last parameter, if there is one, is log θ₁².
    """

    groups: ChannelGroups
    rules: tuple[ScaleRule, ...]
    scale: Callable[[FloatArray], FloatArray]
    slopes: Callable[[int, ScaleRule], FloatArray]

    def mixture(self, rules: Sequence[ScaleRule]) -> ScaleMixture:
        """Return the mixture whose groups have these rules."""
        group = np.repeat(np.arange(len(rules)), [rule.y.size for rule in rules])
        weight = np.concatenate([rule.weight for rule in rules])
        nodes = ChannelGroups(
            self.groups.probability[group] * weight,
            np.concatenate([self.scale(rule.y) for rule in rules]),
            self.groups.sign_amplitude[group],
            self.groups.gaussian_amplitude[group],
        )
        slopes = np.concatenate(
            [self.slopes(index, rule) for index, rule in enumerate(rules)], axis=1
        )
        tilts = np.zeros_like(slopes)
        tilts[-1:] = np.concatenate([rule.tilt for rule in rules])
        return ScaleMixture(nodes, group, weight, slopes, tilts)

    def ladder(self) -> Iterator[_Rung]:
        """Yield Gauss's rules with more and more nodes, and last the laws themselves."""
        distinct = list(dict.fromkeys(map(id, self.rules)))
        member = [distinct.index(id(rule)) for rule in self.rules]
        laws = [self.rules[member.index(index)] for index in range(len(distinct))]
        for shares in _NODE_SHARES:
            each = [law.gauss(*shares) for law in laws]
            full, check, coarse = (
                self.mixture([each[index][place] for index in member])
                for place in range(len(shares))
            )
            yield _Rung(full, check, coarse, last=False)
        whole = self.mixture(self.rules)
        yield _Rung(whole, whole, coarse, last=True)


class _Rung(NamedTuple):
    """Mixtures by rules with all nodes, with fewer, and with few."""

    full: ScaleMixture
    check: ScaleMixture
    coarse: ScaleMixture
    last: bool


def fill_averaged(
    curve: ReplicaCurve,
    laws: ScaleLaws,
    noise_variance: float,
    ridge: float,
    log_slopes: Callable[[FixedPointProblem, FixedPoints], tuple[FloatArray, FloatArray]],
) -> None:
    """Fill in the solutions at all data scales of `curve`.

    `log_slopes` returns the derivatives of log p that `mse_gradient` holds, and an error of p, (A,)
    relative to it, that the equations do not know.
    """
    todo = np.ones(curve.alpha.size, dtype=np.bool_)
    if ridge == 0.0:
        todo = curve.alpha < 1.0
        if not todo.all():
            penalty_of = laws.mixture(laws.rules).observed_penalty
            overdetermined = np.flatnonzero(~todo)
            fill_least_squares(curve, overdetermined, laws.groups, noise_variance, penalty_of)
    points, start, ladder = np.flatnonzero(todo), None, laws.ladder()
    while points.size:
        rung = next(ladder)
        # A scale for each group, from which the solver guesses where to start.
        groups = replace(laws.groups, scale=rung.coarse.typical_scales)
        check, problem = (
            FixedPointProblem(
                groups,
                AveragedChannel(mixture, rung.coarse),
                curve.alpha[points],
                noise_variance,
                ridge,
            )
            for mixture in (rung.check, rung.full)
        )
        state, iterations = solve_states(check, start=start, coarse_done=_COARSE_DONE)
        # A step that is left is the error of the smaller rule, and not to be corrected.
        found = finished(problem, state, iterations, CORRECTIONS if rung.last else 1)
        slopes, error = log_slopes(problem, found)
        fill_solution(curve, points, problem, found, slopes)
        curve.relative_error[points] += error
        if rung.last:
            break
        rough = ~found.converged
        points, start = points[rough], found.state[:, rough]
