"""Shares of the four groups of coordinates (Section 3.3, eqs. (8)-(10); Appendix E.2.6).

With ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new and ω = ρ_PT ρ_shared/ρ_FT, coordinates are active in
both tasks, in fine-tuning alone, in pretraining alone and in neither with probabilities ωρ_FT,
(1 − ω)ρ_FT, ρ_PT − ωρ_FT and 1 − ρ_PT − (1 − ω)ρ_FT.

A coordinate is active in pretraining with probability ρ_PT, and in fine-tuning with ρ_shared if it
was and ρ_new if it was not. All error curves are computed with these shares.
"""

from numerics import TaskDistribution
from verify.claim import Check, Method
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.numeric import Worst
from verify.methods.on_arrays import on_arrays
from verify.registry import state

before, shared, new, after, both = named(
    r"\rho_{PT}", r"\rho_{\mathrm{shared}}", r"\rho_{\mathrm{new}}", r"\rho_{FT}", r"\omega"
)
SHARES = {
    "overlap": lambda before, after, both: both * after,
    "new": lambda before, after, both: (1 - both) * after,
    "pt-only": lambda before, after, both: before - both * after,
    "none": lambda before, after, both: 1 - before - (1 - both) * after,
}
NAMES = {"overlap": "both", "new": r"FT\ only", "pt-only": r"PT\ only", "none": "neither"}
STATED = Formulas(
    density=Formula(after, (before, shared, new), lambda b, s, n: b * s + (1 - b) * n),
    omega=Formula(both, (before, shared, after), lambda b, s, a: b * s / a),
    **{
        group: Formula(rf"P_{{\mathrm{{{NAMES[group]}}}}}", (before, after, both), share)
        for group, share in SHARES.items()
    },
)


def with_overlap(variant, change):
    """Return a control with another ω, a function of (ρ_PT, ρ_FT, ω), in the shares."""

    def changed(share):
        return lambda before, after, both: share(before, after, change(before, after, both))

    return STATED.but(variant, **{group: changed(share) for group, share in SHARES.items()})


CONTROLS = (
    STATED.but("ρ_new without 1 − ρ_PT", density=lambda b, s, n: b * s + n),
    STATED.but("ω = ρ_shared", omega=lambda b, s, a: s),
    with_overlap("ω as a share of the pretrained ones", lambda b, a, both: both * b / a),
    with_overlap("ω halved", lambda b, a, both: both / 2),
)


def decide(stated):
    """Compare with the probabilities of two draws, as eqs. 8 and 10 make them."""
    return prove_all(two_draws(stated), summary="all four shares follow from the two draws")


def probabilities_of(before, shared, new):
    """Return the probability of each group, by the two draws."""
    return {
        "overlap": before * shared,
        "new": (1 - before) * new,
        "pt-only": before * (1 - shared),
        "none": (1 - before) * (1 - new),
    }


def parameters(probabilities):
    """Return ρ_FT and ω: the share that is active in fine-tuning, and of it that in both."""
    active = probabilities["overlap"] + probabilities["new"]
    return active, probabilities["overlap"] / active


def two_draws(stated):
    probabilities = probabilities_of(before, shared, new)
    active, overlap = parameters(probabilities)
    yield (
        "ρ_FT is the probability to be active in fine-tuning",
        equal(stated.density.left({after: active}), stated.density()),
    )
    yield (
        "ω is the probability to have been active before, given that",
        equal(stated.omega.left({both: overlap}), stated.omega({after: active})),
    )
    for group, probability in probabilities.items():
        density = {after: stated.density()}
        task = density | {both: stated.omega(density)}
        yield f"share of {group}", equal(vars(stated)[group](task), probability)


# (ρ_PT, ρ_shared, ρ_new): tasks as in the experiments, and each edge of what is possible.
TASKS = [(0.1, 0.5, 0.05 / 0.9), (0.1, 1.0, 0.0), (0.1, 0.0, 1.0), (0.1, 0.1, 0.0)]
TASKS += [(1.0, 0.3, 0.0), (0.0, 0.5, 0.7), (0.6, 1.0, 1.0)]


def compare_task(stated):
    """Hold what the numbers' own task distribution makes of two draws to what is stated."""
    worst = Worst()
    for draws in TASKS:
        chances = probabilities_of(*draws)
        mixture = TaskDistribution.pretrain_finetune(draws[0], *parameters(chances))
        found = dict.fromkeys(SHARES, 0.0)
        found |= {g.name: p for g, p in zip(mixture.groups, mixture.probabilities, strict=True)}
        active, overlap = parameters(found)
        at = dict(zip((before, shared, new), draws, strict=True)) | {after: active, both: overlap}
        where = dict(zip(("rho_PT", "rho_shared", "rho_new"), draws, strict=True))
        for name, formula in vars(stated).items():
            if isinstance(formula.name, str):
                left = formula.left(found[name])
                worst.at(abs(left - chances[name]), of=f"two draws, {name}", **where)
            else:
                left = on_arrays(formula.name, {after: active, both: overlap})
            worst.at(abs(left - formula(at)), of=name, **where)
    return worst.measured("shares, ρ_FT and ω of {count} comparisons are as stated to {worst}")


REASON = "absolute; a few roundings of numbers below 1"
state(
    "replica.coordinate-groups",
    __doc__,
    (
        Check("probabilities of two draws", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("task distribution", Method.FLOAT64, compare_task, STATED, CONTROLS, 1e-14, REASON),
    ),
    assumptions=("ρ_PT, ρ_shared, ρ_new ∈ [0, 1]; ρ_FT > 0",),
)
