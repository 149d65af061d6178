"""Coordinates decouple into scalar channels (Proposition 4.2, eqs. (17)-(18); Definition C.1).

In every group, β̂ + τ q′(β̂) − β* of a finite minimiser is Gaussian with the variance θ² of the
replica fixed point, and independent of β*.

β̂ from dual Newton goes through the channel's own equation back to z, and Z = (z − β*)/θ is held
to N(0, 1), group by group and, where |β*| varies, in halves of it. τ and θ are the replica
fixed point's: nothing is fitted to the instances. P_u is the probability of Z below the normal
quantile of u. The unit of replication is the seed, so that the fluctuation of a finite instance's
own τ and θ is in the intervals.
"""

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np
import sympy as sp
from scipy.special import ndtr

from verify.claim import Control
from verify.claims.crosscheck._instances import (
    GROUPS,
    PRETRAINED,
    SLABS,
    Problem,
    by_problem,
    fixed_point,
)
from verify.claims.crosscheck._intervals import Quantity, equivalence, over_seeds
from verify.claims.crosscheck._scale import C_FT, STATED_SCALE, WRONG_SCALES, evaluated
from verify.methods.bounds import at_least, deviation, within
from verify.methods.formula import Formula, defined
from verify.methods.on_arrays import on_arrays
from verify.registry import state

LEVELS = (0.1, 0.5, 0.9)


FOUND, TRUTH = sp.symbols(r"\hat\beta_i \beta_i^*", real=True)
TAU, THETA = sp.symbols("tau theta", positive=True)
Z, BELOW, LEVEL = sp.symbols("Z_i P_u u", real=True)


def channel(found, truth, tau, theta, scale):
    """Return Z, from β̂ + τ q′(β̂) = β* + θZ with q′(β) = ½ asinh(β/c_FT)."""
    return (found + tau / 2 * sp.asinh(found / scale) - truth) / theta


NOISE = Formula(Z, (FOUND, TRUTH, TAU, THETA, C_FT), channel)


class Channel(NamedTuple):
    """The problems; bounds of shares and of Z²; Z, c_FT, and β_PT of each group."""

    problems: tuple[Problem, ...]
    d: int
    seeds: range
    share: Formula
    square: Formula
    noise: Formula = NOISE
    scale: Formula = STATED_SCALE
    pretrained: tuple[float, ...] = PRETRAINED

    def latex(self):
        members = (
            rf"{before:g} \text{{ in {group}}}"
            for group, before in zip(GROUPS, self.pretrained, strict=True)
        )
        return (
            rf"{self.share.latex()}, \quad u \in \{{{', '.join(map(str, LEVELS))}\}}, \quad "
            rf"{self.square.latex()} \\ {self.noise.latex()} \\ {self.scale.latex()}, \quad "
            rf"\beta_{{PT}} = {', '.join(members)}"
        )

    def margins(self):
        share, square = float(self.share.side()), float(self.square.side())
        return f"{share:.6g} in probability, {square:.6g} in E[Z²]"


def of_problems(problems, d, seeds, share, square):
    return Channel(
        problems,
        d,
        seeds,
        within(BELOW - LEVEL, share),
        within(sp.Add(Z**2, -1, evaluate=False), square),
    )


def with_sign(noise, truth):
    """Return the noise, with the sign that makes β* positive."""
    return np.where(truth < 0.0, -noise, noise)


def law_statistics(stated, noise, truth, amplitude, slab):
    """Return what is 0 on average if `noise` is N(0, 1) and independent of |β*|, as stated.

    The excess of the share of Z below each normal quantile, in halves of |β*| where it varies, and
    that of Z² over 1. ArithmeticError if there is no coordinate in one of these parts.
    """
    found = {"E[Z²] − 1": float(np.mean(deviation(stated.square, {Z: noise})))}
    parts = {"": np.ones(noise.size, dtype=np.bool_)}
    if slab == "gaussian" and truth.any():
        small = np.abs(truth) < 0.6744897501960817 * amplitude
        parts = {" at small |β*|": small, " at large |β*|": ~small}
    for place, part in parts.items():
        if not part.any():
            raise ArithmeticError(f"a group must have coordinates{place}, got none")
        for level in LEVELS:
            share = float(np.mean((ndtr(noise) < level)[part]))
            away = float(deviation(stated.share, {BELOW: share, LEVEL: level}))
            found[f"P(Z < z_{level}) − {level}{place}"] = away
    return found


def statistics(stated, problem, solved):
    """Return the statistics of one instance, all groups."""
    tau, theta = fixed_point(problem)
    found = {}
    scales = evaluated(stated.scale, problem.initialization, stated.pretrained).tolist()
    for group, scale in zip(GROUPS, scales, strict=True):
        estimate, truth = solved.estimate[group], solved.truth[group]
        at = {FOUND: estimate, TRUTH: truth, TAU: tau, THETA: theta, C_FT: scale}
        noise = with_sign(on_arrays(defined(stated.noise, Z), at), truth)
        law = law_statistics(stated, noise, truth, 1.0 / np.sqrt(problem.rho), problem.slab)
        found |= {f"{group}, {name}": value for name, value in law.items()}
    return found


def decide(stated):
    """Average the statistics over the seeds, and hold each to its margin."""
    return equivalence(
        [
            Quantity(name, values, stated.square if "E[" in name else stated.share)
            for name, values in by_problem(stated, statistics)
        ],
        between=("dual Newton", "replica fixed point"),
        what="joint law of (β*, β̂) by groups",
        measure="probability, or excess of E[Z²]",
    )


def larger(found, truth, tau, theta, scale):
    return channel(found, truth, tau, sp.Rational(11, 10) * theta, scale)


def check(stated, **how):
    twice, exchanged = "c_FT twice as large", (TRUTH, FOUND, TAU, THETA, C_FT)
    further = at_least(stated.square)
    controls = (
        Control("θ ten per cent larger", stated._replace(noise=replace(NOISE, body=larger))),
        Control(twice, stated._replace(scale=WRONG_SCALES[twice])),
        Control("overlap and new swapped", stated._replace(pretrained=(0.0, 1.0, 1.0, 0.0))),
        Control("β̂ and β* exchanged", stated._replace(noise=replace(NOISE, symbols=exchanged))),
        Control("Z² further from 1 than the margin", stated._replace(square=further)),
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
        check(of_problems(TWO, 400, range(100), 0.06, 0.1), limit=120.0),
        check(of_problems(EIGHT, 800, range(200), 0.03, 0.06), tier="full", limit=1800.0),
    ),
    assumptions=("ρ_PT = ρ_FT = 0.4, ω = ½, α = ½", "d = 400 (quick), d = 800 (full)"),
    requires=("replica.effective-parameters",),
)
