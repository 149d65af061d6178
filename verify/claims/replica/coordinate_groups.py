"""Shares of the four groups of coordinates (Section 3.3, eqs. (8)-(10); Appendix E.2.6).

With ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new and ω = ρ_PT ρ_shared/ρ_FT, coordinates are active in
both tasks, in fine-tuning alone, in pretraining alone and in neither with probabilities ωρ_FT,
(1 − ω)ρ_FT, ρ_PT − ωρ_FT and 1 − ρ_PT − (1 − ω)ρ_FT.

A coordinate is active in pretraining with probability ρ_PT, and in fine-tuning with ρ_shared if it
was and ρ_new if it was not. All error curves are computed with these shares.
"""

from typing import Any, NamedTuple

import sympy as sp

from numerics import TaskDistribution
from verify.claim import Check, Control, Method
from verify.methods.formula import named, written
from verify.methods.identity import equal
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import state

GROUPS = ("overlap", "new", "pt-only", "none")


def shares(before, after, both):
    return both * after, (1 - both) * after, before - both * after, 1 - before - (1 - both) * after


class Groups(NamedTuple):
    """ρ_FT of (ρ_PT, ρ_shared, ρ_new), ω of (ρ_PT, ρ_shared, ρ_FT), shares of (ρ_PT, ρ_FT, ω)."""

    density: Any
    overlap: Any
    shares: Any

    def latex(self):
        before, shared, new, after, both = named(
            r"\rho_{PT}", r"\rho_{\mathrm{shared}}", r"\rho_{\mathrm{new}}", r"\rho_{FT}", r"\omega"
        )
        lines = [
            rf"{after.name} = {written(self.density, before, shared, new)}, \quad "
            rf"\omega = {written(self.overlap, before, shared, after)}"
        ]
        for i, name in enumerate(GROUPS):
            share = written(lambda *task, i=i: self.shares(*task)[i], before, after, both)
            lines.append(rf"P(\text{{{name}}}) = {share}")
        return r" \\ ".join(lines)


STATED = Groups(
    density=lambda before, shared, new: before * shared + (1 - before) * new,
    overlap=lambda before, shared, after: before * shared / after,
    shares=shares,
)


def with_overlap(change):
    """Return the statement with another ω, as a function of (ρ_PT, ρ_FT, ω), in the shares."""
    return STATED._replace(shares=lambda b, a, both: shares(b, a, change(b, a, both)))


CONTROLS = (
    Control("ρ_new without 1 − ρ_PT", STATED._replace(density=lambda b, s, n: b * s + n)),
    Control("ω = ρ_shared", STATED._replace(overlap=lambda b, s, a: s)),
    Control("ω as a share of the pretrained ones", with_overlap(lambda b, a, both: both * b / a)),
)
HALVED = Control("ω halved", with_overlap(lambda before, after, both: both / 2))


def decide(stated):
    """Compare with the probabilities of two draws, as eqs. 8 and 10 make them."""
    before, shared, new = drawn = sp.symbols("rho_PT rho_shared rho_new", positive=True)
    active = before * shared, (1 - before) * new
    inactive = before * (1 - shared), (1 - before) * (1 - new)
    after = stated.density(*drawn)
    found = stated.shares(before, after, stated.overlap(before, shared, after))
    density = equal(after, sum(active))
    steps = [("ρ_FT is the probability to be active in fine-tuning", density)]
    for name, share, probability in zip(GROUPS, found, active + inactive, strict=True):
        steps.append((f"share of {name}", equal(share, probability)))
    return prove_all(steps, summary="all four shares follow from the two draws")


# (ρ_PT, ρ_FT, ω): tasks of the experiments, and each edge of what is possible.
TASKS = [(0.1, 0.1, 0.5), (0.1, 0.1, 1.0), (0.1, 0.9, 0.0), (0.1, 0.01, 1.0), (1.0, 0.3, 1.0)]
TASKS += [(0.0, 0.7, 0.0), (0.6, 1.0, 0.6)]


def compare_task(stated):
    """Hold the shares of the numbers' own task distribution to those stated."""

    def computed(before, after, both, name):
        task = TaskDistribution.pretrain_finetune(before, after, both)
        found = {g.name: p for g, p in zip(task.groups, task.probabilities, strict=True)}
        return float(found.get(name, 0.0))

    return compare(
        computed,
        lambda *point: stated.shares(*point[:3])[GROUPS.index(point[3])],
        [(*task, name) for task in TASKS for name in GROUPS],
        names=("rho_PT", "rho_FT", "omega", "group"),
        floor=1.0,
    )


REASON = "absolute; a few roundings of numbers below 1"
state(
    "replica.coordinate-groups",
    __doc__,
    (
        Check("probabilities of two draws", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("task distribution", Method.FLOAT64, compare_task, STATED, HALVED, 1e-14, REASON),
    ),
    assumptions=("ρ_PT, ρ_shared, ρ_new ∈ [0, 1]; ρ_FT > 0",),
)
