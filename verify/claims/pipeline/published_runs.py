"""Published runs of both stages from data (beyond the paper; Section 3.3, imperfect pretraining).

18 networks that the authors trained in both stages lie on the theory of two stages within their
scatter. Their Monte-Carlo estimate of that theory lies above it at each of 23 points, by 0.017 to
0.13 in the logarithm; where all features are reused and α_PT is ½ or 1, its sampled teacher
accounts for that within 0.015: 1.5 % more of its coordinates are active, and the squares of its
coefficients are 0.3 % larger.

p is the error of two stages at (α, α_PT, σ_PT², ϱ_PT) and, of a sampled teacher, at a density and a
mean square of its coefficients that are larger by a factor each; p̂ is a published error. The
published σ₀ is the standard deviation of noise where inputs have variance 1/d, so that
σ_PT² = σ₀²/α_PT here. Published training stops: ϱ_PT is the ridge at which the theory's training
error of pretraining is the published threshold, which at α_PT = 1 keeps the error finite.

Three networks of one seed differ in α only. Of each, the logarithms of p̂/p, at α_PT = 0.2 that of
pretraining too, are compared with the covariance that finite problems of this project's own have,
drawn now. At α_PT = 1 the error of pretraining is not judged: published ones are 0.50 to 0.60 of
the ridge's, as a stopped flow need not be a ridge. The published numbers were known, and the
statistic, the factors and margins were chosen after looking; that the share of active coordinates
is what accounts for the Monte-Carlo points was found by trying it and the mean square alone.
"""

import math
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp
from scipy.optimize import brentq
from scipy.stats import chi2

from empirics.published_two_stage import MONTECARLO, NETWORKS, Networks, montecarlo, networks
from empirics.two_stage import learnt_scale
from numerics import (
    CoordinateGroup,
    Initialization,
    Pretraining,
    TaskDistribution,
    minimum_penalty,
    solve_pipeline,
    solve_replica,
)
from verify.claim import Check, Control, Measurement, Method
from verify.methods.equivalence import LEVEL, holm
from verify.methods.formula import Formula, defined
from verify.methods.notation import Mean
from verify.methods.numeric import Worst, compared
from verify.methods.on_arrays import arguments
from verify.methods.relations import Relation
from verify.registry import state

SEED = 353
D, SEEDS = 300, 80
ALPHA, ALPHA_PT, SIGMA_0, RIDGE = sp.symbols(r"alpha \alpha_{PT} sigma_0 \varrho_{PT}", real=True)
FOUND, P = sp.symbols(r"\hat{p} p", positive=True)
REPLICA, SAMPLED = sp.Function("p"), sp.Function("p")
OFF = sp.log(FOUND / P)


@cache
def ridge_of(alpha_pt, sigma_0, c, rho, threshold):
    """Return the ridge at which the training error of pretraining is the threshold."""
    task = TaskDistribution(
        (
            CoordinateGroup("active", rho, 0.0, "sign", 1.0),
            CoordinateGroup("none", 1.0 - rho, 0.0, "zero"),
        ),
        pretrained=False,
    )

    def excess(log_ridge):
        curve = solve_replica(
            task,
            Initialization(c, 0.0),
            alpha_pt,
            noise_variance=sigma_0**2 / alpha_pt,
            ridge=math.exp(log_ridge),
        )
        return math.log(float(curve.training_error[0]) / threshold)

    return math.exp(brentq(excess, -20.0, 3.0, xtol=1e-10))


def ridge(published):
    """Return the ridge of a published pretraining."""
    run = published.run
    at = published.alpha_pt, published.sigma0_pt, published.c, published.rho_pt
    return ridge_of(*at, run.threshold)


@cache
def covariance(index):
    """Return the covariance of (log E_PT, log E at each α) of published networks, by our own."""
    published = networks()[index]
    stages, strength = published.stages(float(published.alpha[0])), ridge(published)
    init, rows = stages.initialization, []
    for seed in range(SEEDS):
        rng = np.random.default_rng([SEED, index, seed])
        drawn = stages.task.sample_pipeline(
            D, published.alpha_pt, 0.1, rng, noise_variance_pt=published.run.noise_variance
        )
        before, truth = drawn.pretraining, drawn.finetuning.beta_ft
        learnt = minimum_penalty(before.X, before.y, init.c, ridge=strength).beta
        scale, found = learnt_scale(init, learnt), [np.mean((learnt - before.beta_pt) ** 2)]
        for alpha in published.alpha:
            n = round(alpha * D)
            X = rng.standard_normal((n, D)) / np.sqrt(n)
            found.append(np.mean((minimum_penalty(X, X @ truth, scale).beta - truth) ** 2))
        rows.append(np.log(found))
    return np.cov(np.array(rows).T) * D / published.d


class Statement(NamedTuple):
    """That p̂/p is 1 in the mean of the logarithm, p at its arguments, and the noise's variance."""

    mean: Formula = Formula(Mean(OFF), (), lambda: 0)
    error: Formula = Formula(
        P,
        (ALPHA, ALPHA_PT, SIGMA_0, RIDGE),
        lambda alpha, alpha_pt, sigma, ridge: REPLICA(alpha, alpha_pt, sigma**2 / alpha_pt, ridge),
    )

    def latex(self):
        return rf"{self.mean.latex()}, \quad {self.error.latex()}"


def expected(stated: Statement, published: Networks):
    """Return what is stated of log E_PT and of log E at each α, (1 + A,)."""
    at = {ALPHA: published.alpha, ALPHA_PT: published.alpha_pt, SIGMA_0: published.sigma0_pt}
    formula = defined(stated.error, P)
    alpha, alpha_pt, noise, strength = arguments(formula, REPLICA, at | {RIDGE: ridge(published)})
    stages = published.stages(float(published.alpha[0]))
    first = Pretraining(float(alpha_pt), float(noise), float(strength))
    curve = solve_pipeline(stages.task, stages.initialization, first, alpha)
    before = max(curve.pretraining.mse, 1e-300)
    return np.log([before, *curve.mse])


def decide(stated):
    """Test the distances of published networks in their scatter, of each pretraining by itself."""
    if stated.mean.relation is not Relation.EQUAL or stated.mean.name != Mean(OFF):
        raise ValueError(f"the mean of {OFF} must be stated, got {stated.mean.latex()}")
    tests, said, where = [], [], {}
    for index, published in enumerate(networks()):
        right = expected(stated, published) + float(stated.mean())
        found = np.log(np.column_stack([published.pt_errors, published.errors]))
        judged = slice(0 if published.alpha_pt < 1.0 else 1, None)
        inverse = np.linalg.inv(covariance(index)[judged, judged])
        off = (found - right)[:, judged]
        square = float(np.einsum("si,ij,sj", off, inverse, off))
        tests.append(float(chi2.sf(square, off.size)))
        said.append(f"α_PT = {published.alpha_pt:g}: χ² = {square:.1f} of {off.size}")
        where[f"mean of log(p̂/p), α_PT = {published.alpha_pt:g}"] = str(off.mean(axis=0).tolist())
    p = float(holm(tests).min())
    count = sum(one.errors.size for one in networks())
    text = f"{count} published networks, {'; '.join(said)}"
    return Measurement(p, text, where, smallest=True, data={"p": tests, **where})


class Sampled(NamedTuple):
    """That p̂ is p of a sampled teacher, with a density and a mean square, within a margin."""

    near: Formula = Formula(sp.Abs(OFF), (), lambda: 0.015, Relation.AT_MOST)
    error: Formula = Formula(
        P,
        (ALPHA, ALPHA_PT),
        lambda alpha, alpha_pt: SAMPLED(
            alpha, alpha_pt, sp.Rational(1015, 1000), sp.Rational(1003, 1000)
        ),
    )

    def latex(self):
        return rf"{self.near.latex()}, \quad {self.error.latex()}, \quad \omega = 1"


@cache
def sampled(overlap, alpha, alpha_pt, density, square):
    """Return the error of two stages with a larger density and mean square of coefficients."""
    rho = 0.1 * density
    task = TaskDistribution.pretrain_finetune(
        rho, rho, overlap, slab="gaussian", ft_amplitude=math.sqrt(10.0 * square)
    )
    curve = solve_pipeline(task, Initialization(1e-3, 0.0), Pretraining(alpha_pt), alpha)
    return float(curve.mse[0])


def decide_sampled(stated):
    """Compare the Monte-Carlo points that are judged with the error of the sampled teacher."""
    worst, formula = Worst(), defined(stated.error, P)
    if stated.near.relation is not Relation.AT_MOST or stated.near.name != sp.Abs(OFF):
        raise ValueError(f"|{OFF}| must be at most something, got {stated.near.latex()}")
    for point in montecarlo():
        if point.overlap != 1.0 or point.alpha_pt < 0.5:
            continue
        at = {ALPHA: point.alpha, ALPHA_PT: point.alpha_pt}
        read = map(float, arguments(formula, SAMPLED, at))
        ours = sampled(1.0, *read)
        where = {"alpha_PT, alpha": (point.alpha_pt, point.alpha), "p": ours, "found": point.error}
        worst.at(abs(math.log(point.error / ours)) / float(stated.near.side()), **where)
    found = worst.measured("{count} Monte-Carlo points, within {worst} of the margin")
    return compared(
        found, "error E after two stages", ("Monte Carlo", "theory of two stages"), "of the margin"
    )


class Excess(NamedTuple):
    """That every Monte-Carlo point is above p, by so much at least and at most."""

    least: Formula = Formula(OFF, (), lambda: 0.017, Relation.AT_LEAST)
    most: Formula = Formula(OFF, (), lambda: 0.131, Relation.AT_MOST)

    def latex(self):
        return rf"{self.least.latex()}, \quad {self.most.latex()}"


def decide_excess(stated):
    """Find the least part of its bounds by which a Monte-Carlo point is inside of them."""
    worst = Worst(smallest=True)
    for point in montecarlo():
        exact = sampled(point.overlap, point.alpha, point.alpha_pt, 1.0, 1.0)
        off = {FOUND: point.error, P: exact}
        where = {"omega, alpha_PT, alpha": point[:3], "p̂": point.error, "p": exact}
        for bound in (stated.least, stated.most):
            worst.at(float(sp.N(bound.margin(off))), **where)
    return worst.measured("{count} distances of Monte-Carlo points to the bounds, least {worst}")


STATED, OF_TEACHER, ABOVE = Statement(), Sampled(), Excess()


def reading(body):
    return STATED._replace(error=replace(STATED.error, body=body))


def teacher(density, square):
    return OF_TEACHER._replace(
        error=replace(
            OF_TEACHER.error,
            body=lambda a, a_pt: SAMPLED(a, a_pt, sp.Rational(density), sp.Rational(square)),
        )
    )


LARGER = STATED._replace(mean=replace(STATED.mean, body=lambda: sp.Rational(2, 5)))
CONTROLS = (
    Control("pretraining perfect", reading(lambda a, a_pt, s, r: REPLICA(a, 2, 0, 0))),
    Control("errors 1.5 times as large", LARGER),
    Control("α twice as large", reading(lambda a, a_pt, s, r: REPLICA(2 * a, a_pt, s**2, r))),
    Control(
        "half of the examples of pretraining",
        reading(lambda a, a_pt, s, r: REPLICA(a, a_pt / 2, s**2, r)),
    ),
)
TEACHERS = (
    Control("the teacher's law itself", teacher("1", "1")),
    Control("the mean square alone, 1.8 %", teacher("1", "1.018")),
    Control("the density alone, 1.8 %", teacher("1.018", "1")),
)
state(
    "pipeline.published-runs",
    __doc__,
    (
        Check(
            "published networks",
            Method.STATISTICS,
            decide,
            STATED,
            CONTROLS,
            above=LEVEL,
            reason="level at which the χ² tests of both pretrainings refute (Holm)",
            limit=300.0,
            seed=SEED,
            needs_files=(f"empirics/recorded/{NETWORKS}",),
        ),
        Check(
            "Monte-Carlo points and the sampled teacher",
            Method.FLOAT64,
            decide_sampled,
            OF_TEACHER,
            TEACHERS,
            1.0,
            "of the margin of 0.015, chosen after looking",
            needs_files=(f"empirics/recorded/{MONTECARLO}",),
        ),
        Check(
            "Monte-Carlo points above the exact error",
            Method.FLOAT64,
            decide_excess,
            ABOVE,
            (
                Control(
                    "by a tenth at least",
                    ABOVE._replace(least=replace(ABOVE.least, body=lambda: 0.1)),
                ),
                Control(
                    "by a tenth at most", ABOVE._replace(most=replace(ABOVE.most, body=lambda: 0.1))
                ),
            ),
            above=0.0,
            reason="distance of the log-ratio to its bounds, which were chosen after looking",
            needs_files=(f"empirics/recorded/{MONTECARLO}",),
        ),
    ),
    assumptions=(
        "published networks of d = 1000, ρ_PT = ρ_FT = 0.1, ω = 1, c = 10⁻³, units converted",
        "teachers with as many active coordinates as their shares say; seeds independent",
        "published training stops at 10⁻⁴ in both stages, and only in pretraining at α_PT = 1 "
        "does that show",
    ),
    requires=("replica.exact-solver", "pipeline.pretrained-law"),
)
