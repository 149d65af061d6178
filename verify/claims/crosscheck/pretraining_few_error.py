"""The cost of pretraining on few examples (Sections 3.2 and 5.3; Appendix E.2).

For reused features, pretraining on n_PT = d/2 examples gives fine-tuning more than ten times the
error of ideal pretraining, and n_PT = 0.9 d still 1.2 times, though β_PT then has an error below
10⁻⁵; for new features less pretraining does no harm, at n_PT = 0.1 d, d/2 and 0.9 d.

The published curves start from β_PT = β*_PT, the end of pretraining on n_PT ≥ d examples. Below
that, β_PT is the minimiser of Σ q with scale c, and c_FT follows it. Where all features are reused
(ω = 1) that costs much, long before β_PT itself looks wrong: a residue of the size of c in an
inactive coordinate raises c_FT there. Where none is (ω = 0) less pretraining misleads less. Of
errors, p is that after such pretraining, p_∞ that after ideal one, both ‖β̂ − β*‖²/d, and p_PT is
‖β_PT − β*_PT‖²/d.
"""

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, minimum_penalty
from verify.claim import Check, Control, Evidence, Method
from verify.claims.crosscheck._gaps import decimal, whole
from verify.claims.crosscheck._scale import STATED_SCALE, evaluated
from verify.methods.equivalence import LEVEL, Estimate, decide_all
from verify.methods.notation import shown
from verify.methods.relations import Bound, Relation
from verify.registry import state

SEED = 127
D, ALPHA, SEEDS = 300, 0.2, 20
INIT = Initialization(1e-3, 0.0)


P, IDEAL = sp.symbols(r"p p_{\infty}", positive=True)


class Effect(NamedTuple):
    """At overlap ω and α_PT = n_PT/d, bounds of the error over the ideal one, and of β_PT's own."""

    overlap: float
    alpha_pt: float
    ratio: tuple[Bound, ...] = ()
    missed: tuple[Bound, ...] = ()

    def latex(self):
        where = rf"\omega = {self.overlap:g},\; \alpha_{{PT}} = {self.alpha_pt:g}"
        return rf"{where}: \quad {', '.join(self.bounds())}"

    def bounds(self):
        for bound in self.ratio:
            yield f"{shown(P / IDEAL)} {bound.relation} {bound.value:.6g}"
        for bound in self.missed:
            yield f"p_{{PT}} {bound.relation} {decimal(bound.value)}"


class Effects(NamedTuple):
    members: tuple[Effect, ...]

    def latex(self):
        return r" \\ ".join(effect.latex() for effect in self.members)


def above(value):
    return (Bound(Relation.ABOVE, value),)


def below(value):
    return (Bound(Relation.BELOW, value),)


STATED = Effects(
    (
        Effect(1.0, 0.5, above(10.0)),
        Effect(1.0, 0.9, above(1.2), missed=below(1e-5)),
        Effect(0.0, 0.1, below(0.95)),
        Effect(0.0, 0.5, below(1.05)),
        Effect(0.0, 0.9, above(0.97) + below(1.03)),
    )
)
CONTROLS = (
    Control("pretraining on d examples", Effects((Effect(1.0, 1.0, above(1.2)),))),
    Control("ω = 0 in place of 1", Effects((Effect(0.0, 0.5, above(1.2)),))),
    Control("new features gain a half", Effects((Effect(0.0, 0.1, below(0.5)),))),
    Control("β_PT as good after d/2 examples", Effects((Effect(1.0, 0.5, (), below(1e-5)),))),
    Control("less than ten times", Effects((Effect(1.0, 0.5, below(10.0)),))),
)


@cache
def ratios(overlap, alpha_pt):
    """Return log(error/ideal error) for each seed, and the errors of β_PT itself."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, overlap, slab="gaussian")
    n, found, missed = whole(alpha_pt * D), [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng([SEED, seed])
        sample = task.sample(D, ALPHA, rng)
        X = rng.standard_normal((n, D)) / np.sqrt(n)
        learnt = minimum_penalty(X, X @ sample.beta_pt, INIT.c).beta
        real, ideal = (
            np.mean((minimum_penalty(sample.X, sample.y, scale).beta - sample.beta_ft) ** 2)
            for scale in (evaluated(STATED_SCALE, INIT, at) for at in (learnt, sample.beta_pt))
        )
        found.append(np.log(float((P / IDEAL).subs({P: real, IDEAL: ideal}))))
        missed.append(np.mean((learnt - sample.beta_pt) ** 2))
    return Estimate.of(np.array(found)), Estimate.of(np.array(missed))


def decide(stated):
    """Test each bound on a mean by a one-sided t test; Holm's correction over all."""
    steps, distances = [], []
    for effect in stated.members:
        log, missed = ratios(effect.overlap, effect.alpha_pt)
        steps.append(
            f"ω = {effect.overlap:g}, α_PT = {effect.alpha_pt:g}: error times "
            f"{np.exp(log.value):.3g}, that of β_PT {missed.value:.2g}, log {log.value:+.3f} ± "
            f"{log.error:.3f}"
        )
        for bound in effect.ratio:
            away = bound.relation.margin(log.value, np.log(bound.value))
            distances.append(replace(log, value=away))
        distances += [replace(missed, value=one.margin(missed.value)) for one in effect.missed]
    against = [replace(distance, value=-distance.value) for distance in distances]
    decision = decide_all(
        [one.positive_p() for one in distances], [one.positive_p() for one in against]
    )
    text = "; ".join(step.partition(", log")[0] for step in steps)
    where = {f"effect {i + 1}": step for i, step in enumerate(steps)}
    fails = where if decision.holds is False else None
    return Evidence(decision.holds, text, decision.p, fails, tuple(steps))


REASON = "level of the tests, for all bounds together (Holm)"
NAME = f"{SEEDS} seeds, one-sided t tests"
CHECK = Check(NAME, Method.STATISTICS, decide, STATED, CONTROLS, LEVEL, REASON, seed=SEED)
state(
    "crosscheck.pretraining-few-error",
    __doc__,
    (CHECK,),
    assumptions=(
        f"c = 10⁻³, λ = γ = 0, ρ_PT = ρ_FT = 0.1, Gaussian slab, d = {D}, α = {ALPHA}",
        "geometric means over the seeds",
    ),
    requires=("crosscheck.pretraining-few",),
)
