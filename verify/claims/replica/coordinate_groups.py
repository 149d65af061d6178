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
from verify.methods.numeric import compare
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
NAMES = "both", r"FT\ only", r"PT\ only", "neither"
STATED = Formulas(
    density=Formula(after, (before, shared, new), lambda b, s, n: b * s + (1 - b) * n),
    omega=Formula(both, (before, shared, after), lambda b, s, a: b * s / a),
    **{
        group: Formula(rf"P_{{\mathrm{{{name}}}}}", (before, after, both), share)
        for (group, share), name in zip(SHARES.items(), NAMES, strict=True)
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
)
HALVED = with_overlap("ω halved", lambda b, a, both: both / 2)


def decide(stated):
    """Compare with the probabilities of two draws, as eqs. 8 and 10 make them."""
    return prove_all(two_draws(stated), summary="all four shares follow from the two draws")


def two_draws(stated):
    probabilities = {
        "overlap": before * shared,
        "new": (1 - before) * new,
        "pt-only": before * (1 - shared),
        "none": (1 - before) * (1 - new),
    }
    active = probabilities["overlap"] + probabilities["new"]
    yield (
        "ρ_FT is the probability to be active in fine-tuning",
        equal(stated.density(), active),
    )
    for group, probability in probabilities.items():
        density = {after: stated.density()}
        task = density | {both: stated.omega(density)}
        yield f"share of {group}", equal(vars(stated)[group](task), probability)


# (ρ_PT, ρ_FT, ω): tasks of the experiments, and each edge of what is possible.
TASKS = [(0.1, 0.1, 0.5), (0.1, 0.1, 1.0), (0.1, 0.9, 0.0), (0.1, 0.01, 1.0), (1.0, 0.3, 1.0)]
TASKS += [(0.0, 0.7, 0.0), (0.6, 1.0, 0.6)]


def compare_task(stated):
    """Hold the shares of the numbers' own task distribution to those stated."""

    def computed(*task, group):
        mixture = TaskDistribution.pretrain_finetune(*task)
        found = {g.name: p for g, p in zip(mixture.groups, mixture.probabilities, strict=True)}
        return float(found.get(group, 0.0))

    def claimed(*task, group):
        return vars(stated)[group](dict(zip((before, after, both), task, strict=True)))

    return compare(
        lambda *point: computed(*point[:3], group=point[3]),
        lambda *point: claimed(*point[:3], group=point[3]),
        [(*task, group) for task in TASKS for group in SHARES],
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
