"""The four groups of coordinates, and their shares (Section 3.3, eqs. 8-10; Appendix E.2.6).

A coordinate is active in pretraining with probability ρ_PT, and in fine-tuning with ρ_shared if it
was and ρ_new if it was not. With ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new and ω = ρ_PT ρ_shared/ρ_FT
the shares of the groups are those that all error curves are computed with.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp

from numerics import TaskDistribution
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.numeric import compare
from verify.methods.symbolic import prove_all
from verify.registry import register

TOLERANCE = 1e-14
GROUPS = ("overlap", "new", "pt-only", "none")
# (ρ_PT, ρ_FT, ω): tasks of the experiments, and each edge of what is possible.
TASKS = (
    (0.1, 0.1, 0.5),
    (0.1, 0.1, 1.0),
    (0.1, 0.9, 0.0),
    (0.1, 0.01, 1.0),
    (1.0, 0.3, 1.0),
    (0.0, 0.7, 0.0),
    (0.6, 1.0, 0.6),
)


class Statement(NamedTuple):
    """ρ_FT and ω from (ρ_PT, ρ_shared, ρ_new), and the shares from (ρ_PT, ρ_FT, ω)."""

    density: Callable[..., Any]
    overlap: Callable[..., Any]
    shares: Callable[..., tuple[Any, Any, Any, Any]]


def density(before: Any, shared: Any, new: Any) -> Any:
    """Return ρ_FT, as stated."""
    return before * shared + (1 - before) * new


def overlap(before: Any, shared: Any, new: Any) -> Any:
    """Return ω, as stated."""
    return before * shared / density(before, shared, new)


def shares(before: Any, after: Any, both: Any) -> tuple[Any, Any, Any, Any]:
    """Return the shares of overlap, new, pt-only and none, as stated."""
    return (
        both * after,
        (1 - both) * after,
        before - both * after,
        1 - before - (1 - both) * after,
    )


def sampled(before: Any, shared: Any, new: Any) -> tuple[Any, Any, Any, Any]:
    """Return the probabilities of the groups as eqs. 8 and 10 draw them, one after the other."""
    return (
        before * shared,
        (1 - before) * new,
        before * (1 - shared),
        (1 - before) * (1 - new),
    )


def decide(statement: Statement) -> Evidence:
    """Compare with the probabilities of two draws."""
    drawn = sp.symbols("rho_PT rho_shared rho_new", positive=True)
    found = statement.shares(drawn[0], statement.density(*drawn), statement.overlap(*drawn))
    probabilities = sampled(*drawn)
    return prove_all(
        (
            (
                "ρ_FT is the probability to be active in fine-tuning",
                equal(statement.density(*drawn), probabilities[0] + probabilities[1]),
            ),
            *(
                (f"share of {name}", equal(share, probability))
                for name, share, probability in zip(GROUPS, found, probabilities, strict=True)
            ),
        ),
        summary="all four shares follow from the two draws",
    )


def compare_task(statement: Statement) -> Evidence:
    """Hold the shares of the numbers' own task distribution to those stated."""

    def computed(before: float, after: float, both: float, name: str) -> float:
        task = TaskDistribution.pretrain_finetune(before, after, both)
        held = {g.name: p for g, p in zip(task.groups, task.probabilities, strict=True)}
        return float(held.get(name, 0.0))

    return compare(
        computed,
        lambda *point: statement.shares(*point[:3])[GROUPS.index(point[3])],
        [(*task, name) for task in TASKS for name in GROUPS],
        names=("rho_PT", "rho_FT", "omega", "group"),
        floor=1.0,
    )


STATEMENT = Statement(density, overlap, shares)

register(
    Claim(
        id="replica.coordinate-groups",
        title="Shares of the four groups of coordinates",
        sentence="With ρ_FT = ρ_PT ρ_shared + (1 − ρ_PT) ρ_new and ω = ρ_PT ρ_shared/ρ_FT, "
        "coordinates are active in both tasks, in fine-tuning alone, in pretraining alone and in "
        "neither with probabilities ωρ_FT, (1 − ω)ρ_FT, ρ_PT − ωρ_FT and "
        "1 − ρ_PT − (1 − ω)ρ_FT.",
        latex=r"\rho_{FT} = \rho_{PT}\,\rho_{\mathrm{shared}} "
        r"+ (1 - \rho_{PT})\,\rho_{\mathrm{new}},\quad "
        r"\omega = \frac{\rho_{PT}\,\rho_{\mathrm{shared}}}{\rho_{FT}} \\ "
        r"\omega\rho_{FT},\quad (1 - \omega)\rho_{FT},\quad \rho_{PT} - \omega\rho_{FT},\quad "
        r"1 - \rho_{PT} - (1 - \omega)\rho_{FT}",
        source="Section 3.3, eqs. (8)-(10); Appendix E.2.6",
        assumptions=("ρ_PT, ρ_shared, ρ_new ∈ [0, 1]; ρ_FT > 0",),
        checks=(
            Check(
                "probabilities of two draws",
                Method.SYMBOLIC,
                decide,
                STATEMENT,
                (
                    Control(
                        "ρ_new without 1 − ρ_PT",
                        STATEMENT._replace(density=lambda b, s, n: b * s + n),
                    ),
                    Control(
                        "ω = ρ_shared",
                        STATEMENT._replace(overlap=lambda before, shared, new: shared),
                    ),
                    Control(
                        "ω as a share of the pretrained coordinates",
                        STATEMENT._replace(
                            shares=lambda before, after, both: shares(
                                before, after, both * before / after
                            )
                        ),
                    ),
                ),
            ),
            Check(
                "task distribution of the solvers",
                Method.FLOAT64,
                compare_task,
                STATEMENT,
                Control(
                    "ω halved",
                    STATEMENT._replace(
                        shares=lambda before, after, both: shares(before, after, both / 2)
                    ),
                ),
                tolerance=TOLERANCE,
                reason="absolute; a few roundings of numbers below 1",
            ),
        ),
    )
)
