"""Coordinates decouple into scalar channels (Proposition 4.2, eqs. (17)-(18); Definition C.1).

In every group, β̂ + τ q′(β̂) − β* of a finite minimiser is Gaussian with the variance θ² of the
replica fixed point, and independent of β*.

β̂ from dual Newton goes through the channel's own equation back to z, and Z = (z − β*)/θ is held
to N(0, 1), group by group and, where |β*| varies, in halves of it. τ and θ are the replica
fixed point's: nothing is fitted to the instances. The unit of replication is the seed, so that
the fluctuation of a finite instance's own τ and θ is in the intervals.
"""

from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from verify.claim import Control
from verify.claims.crosscheck._gaps import times
from verify.claims.crosscheck._instances import (
    GROUPS,
    PRETRAINED,
    SLABS,
    Problem,
    by_problem,
    fixed_point,
)
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.claims.crosscheck._scale import stated_scale
from verify.registry import state

LEVELS = (0.1, 0.5, 0.9)


class Channel(NamedTuple):
    """The problems and margins; factors on θ and c_FT, and β_PT of each group that c_FT is for.

    Margins are of the shares below a quantile and of E[Z²] − 1.
    """

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    share_margin: float
    square_margin: float
    theta: float = 1.0
    scale: float = 1.0
    pretrained: tuple[float, ...] = PRETRAINED

    def latex(self):
        members = (
            rf"{before:g} \text{{ in {group}}}"
            for group, before in zip(GROUPS, self.pretrained, strict=True)
        )
        return (
            rf"\hat\beta_i + \tau q'(\hat\beta_i; {times(self.scale)}c_{{FT}}(b_i)) = "
            rf"\beta^*_i + {times(self.theta)}\theta Z_i, \quad "
            rf"Z_i \sim \mathcal{{N}}(0, 1) \perp \beta^*_i \\ b_i = {', '.join(members)} \\ "
            rf"|P(Z_i < z_u) - u| \le {self.share_margin:.6g}, \quad "
            rf"u \in \{{{', '.join(map(str, LEVELS))}\}}; \quad "
            rf"|E[Z_i^2] - 1| \le {self.square_margin:.6g}"
        )

    def margins(self):
        return f"{self.share_margin:.6g} in probability, {self.square_margin:.6g} in E[Z²]"


def standard_noise(estimate, truth, scale, tau, theta):
    """Return Z = (β̂ + (τ/2) asinh(β̂/c) − β*)/θ, with the sign that makes β* positive."""
    z = (estimate + 0.5 * tau * np.arcsinh(estimate / scale) - truth) / theta
    return np.where(truth < 0.0, -z, z)


def law_statistics(noise, truth, amplitude, slab):
    """Return what is 0 on average if `noise` is N(0, 1) and independent of |β*|.

    The excess of the share of Z below each normal quantile, in halves of |β*| where it varies, and
    that of Z² over 1. ArithmeticError if there is no coordinate in one of these parts.
    """
    found = {"E[Z²] − 1": float(np.mean(noise**2)) - 1.0}
    parts = {"": np.ones(noise.size, dtype=np.bool_)}
    if slab == "gaussian" and truth.any():
        small = np.abs(truth) < 0.6744897501960817 * amplitude
        parts = {" at small |β*|": small, " at large |β*|": ~small}
    for place, part in parts.items():
        if not part.any():
            raise ArithmeticError(f"a group must have coordinates{place}, got none")
        for level in LEVELS:
            share = float(np.mean((ndtr(noise) < level)[part] - level))
            found[f"P(Z < z_{level}) − {level}{place}"] = share
    return found


def statistics(stated, problem, solved):
    """Return the statistics of one instance, all groups."""
    tau, theta = fixed_point(problem, stated.scale)
    found = {}
    scales = stated_scale(problem.initialization, stated.pretrained).tolist()
    for group, scale in zip(GROUPS, scales, strict=True):
        estimate, truth = solved.estimate[group], solved.truth[group]
        noise = standard_noise(estimate, truth, stated.scale * scale, tau, stated.theta * theta)
        law = law_statistics(noise, truth, 1.0 / np.sqrt(problem.rho), problem.slab)
        found |= {f"{group}, {name}": value for name, value in law.items()}
    return found


def decide(stated):
    """Average the statistics over the seeds, and hold each to its margin."""
    return equivalence(
        [
            Quantity(name, values, stated.square_margin if "E[" in name else stated.share_margin)
            for name, values in by_problem(stated, statistics)
        ],
        between=("dual Newton", "replica fixed point"),
        what="joint law of (β*, β̂) by groups",
        measure="probability, or excess of E[Z²]",
    )


def check(stated, **how):
    controls = (
        Control("θ ten per cent larger", stated._replace(theta=1.1)),
        Control("c_FT twice as large", stated._replace(scale=2.0)),
        Control("overlap and new swapped", stated._replace(pretrained=(0.0, 1.0, 1.0, 0.0))),
    )
    return over_seeds(decide, stated, controls, **how)


TWO = (Problem("gaussian", (1e-3, 0.0, 0.0)), Problem("sign", (1e-3, -0.9, 0.05)))
CASES = [((1e-3, 0.0, 0.0), 0.0), ((1e-6, 0.99, 0.0), 0.2)]
CASES += [((1e-6, -0.99, 0.0), 0.2), ((0.1, 0.0, 1.0), 0.0)]
EIGHT = tuple(Problem(slab, init, ridge=ridge) for slab, (init, ridge) in product(SLABS, CASES))

state(
    "crosscheck.decoupling",
    __doc__,
    (
        check(Channel(TWO, 400, range(100), 0.06, 0.1), limit=120.0),
        check(Channel(EIGHT, 800, range(200), 0.03, 0.06), tier="full", limit=1800.0),
    ),
    assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "d = 400 (quick), d = 800 (full)"),
    requires=("replica.effective-parameters",),
)
