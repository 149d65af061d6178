"""The study's trainer: networks side by side, and runs in pieces, are the runs they stand for.

A smoke test of the whole path on made-up images: pretraining, a lever, fine-tuning, accuracy, PR
and ENSD. Networks trained side by side must end where each ends alone, and a study saved after
every epoch and resumed must give the rows of an uninterrupted one, to the bit.
"""

import tempfile
from pathlib import Path
from typing import Any

from verify.claim import Check, Claim, Comparison, Control, Evidence, Method
from verify.claims.vision._scaled_networks import NEEDS
from verify.methods.numeric import largest
from verify.registry import register

SEED = 3
TOLERANCE = 1e-8
# Two whole batches: one of two images alone amplifies rounding ten thousand million times.
IMAGES = 8


def side_by_side(neighbours: tuple[int, int]) -> Evidence:
    """Train two networks together, in double precision; compare with two trained alone.

    `neighbours` says which of the lonely ones each is held to.
    """
    import numpy as np
    import torch

    from empirics.vision.recipe import Machine, Recipe
    from empirics.vision.resnet import initial_state
    from empirics.vision.synthetic import synthetic_images
    from empirics.vision.training import Pupil, Run

    torch.set_num_threads(1)
    images = torch.from_numpy(synthetic_images((1, 1), SEED).train_images)
    states = [
        {n: t.double() if t.is_floating_point() else t for n, t in initial_state(seed).items()}
        for seed in (SEED, SEED + 1)
    ]
    pupils = [
        Pupil(str(i), np.arange(IMAGES) + 10 * i, np.arange(IMAGES) % 2, (i, 5), (SEED, i))
        for i in range(2)
    ]
    recipe = Recipe(1e-30, 2, batch=4)

    def trained(which: list[int]) -> list[Any]:
        chosen = [pupils[i] for i in which]
        run = Run.start(chosen, [states[i] for i in which], recipe, Machine(), images)
        run.advance()
        return [run.finished[pupil.name].state for pupil in chosen]

    together = trained([0, 1])
    alone = [trained([i])[0] for i in range(2)]
    worst = 0.0
    for position, index in enumerate(neighbours):
        for name, tensor in alone[index].items():
            gap = (together[position][name].double() - tensor.double()).abs().max()
            worst = largest(worst, gap)
    holds = worst <= TOLERANCE
    return Evidence(
        holds,
        f"weights and statistics after two epochs differ by {worst:.2g}",
        figure=worst,
        counterexample=None if holds else {"largest difference": repr(worst)},
        comparisons=(Comparison("weights", ("side by side", "alone"), worst, "absolute"),)
        if holds
        else (),
    )


def in_pieces(seed: int) -> Evidence:
    """Run one condition saved after every epoch, and, with `seed`, in one piece; compare rows."""
    import torch

    from empirics.sweep.store import Store
    from empirics.vision.measure import Bench
    from empirics.vision.protocol import Condition, Protocol, Scaling
    from empirics.vision.recipe import Machine
    from empirics.vision.study import STORE, Clock, Study
    from empirics.vision.synthetic import synthetic_images
    from empirics.vision.tasks import alone

    torch.set_num_threads(1)
    protocol = Protocol("smoke", 4, 2, 1e-30, 2, 1e-30, 2, (4,), inputs=4)
    bench = Bench.of(protocol, Machine(), synthetic_images((4, 2), SEED))
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder), bench)
        study.run(["kappa"], [SEED], Clock(piece=0.0), [0.5])
        with Store(Path(folder) / STORE) as store:
            pieces = [dict(result.row) for result in store.results()]
    whole = alone(bench, Condition(seed, Scaling("kappa", 0.5), Scaling(), 4))
    differ = [i for i, (one, two) in enumerate(zip(pieces, whole, strict=True)) if one != two]
    return Evidence(
        not differ,
        f"{len(differ)} of {len(whole)} rows differ",
        counterexample={"in pieces": str(pieces[differ[0]]), "whole": str(whole[differ[0]])}
        if differ
        else None,
    )


register(
    Claim(
        id="vision.side-by-side",
        title="The vision trainer: side by side, and in pieces",
        sentence="ResNets trained side by side end where each ends alone, and a study that is "
        "saved and resumed gives the rows of an uninterrupted one to the bit.",
        latex=r"\theta_m^{\text{together}} = \theta_m^{\text{alone}}",
        source="Section 6; Appendix E.3 (the machinery, on made-up images)",
        checks=(
            Check(
                "two networks in double precision",
                Method.TRAINING,
                side_by_side,
                (0, 1),
                Control("held to their neighbours", (1, 0)),
                tolerance=TOLERANCE,
                reason="rounding, amplified by four steps in batches of two to four images",
                needs=NEEDS,
                limit=300.0,
                seed=SEED,
            ),
            Check(
                "the whole path, saved after every epoch",
                Method.TRAINING,
                in_pieces,
                SEED,
                Control("another seed", SEED + 1),
                needs=NEEDS,
                limit=300.0,
                seed=SEED,
            ),
        ),
    )
)
