"""The vision trainer: side by side, and in pieces (Section 6; Appendix E.3: the machinery).

ResNets trained side by side end where each ends alone, and a study that is saved and resumed gives
the rows of an uninterrupted one to the bit.

A smoke test of the whole path on made-up images: pretraining, scaling, fine-tuning, accuracy, PR
and ENSD.
"""

import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from verify.claim import Check, Control, Method
from verify.claims.vision._scaled_networks import OPTIONS
from verify.methods.numeric import Worst, compared
from verify.registry import state

SEED = 3
# Two whole batches: a batch of only two images amplifies rounding by ten orders of magnitude.
IMAGES = 8


class SameEnds(NamedTuple):
    """For each network trained together, which one trained alone it must equal."""

    alone: tuple[int, ...]

    def latex(self):
        return r",\quad ".join(
            rf"\theta_{together + 1}^{{\text{{together}}}} = \theta_{alone + 1}^{{\text{{alone}}}}"
            for together, alone in enumerate(self.alone)
        )


STATED = SameEnds((0, 1))
NEIGHBOURS = Control("held to their neighbours", SameEnds((1, 0)))


def side_by_side(ends):
    """Compare two networks trained together, in double precision, with two trained alone."""
    together, alone = trained_both_ways()
    worst = Worst()
    for position, index in enumerate(ends.alone):
        for name, tensor in alone[index].items():
            gap = (together[position][name].double() - tensor.double()).abs().max()
            worst.at(gap, network=position, alone=index, tensor=name)
    measured = worst.measured("weights and statistics after two epochs differ by {worst}")
    return compared(measured, "weights", ("side by side", "alone"), "absolute")


@cache
def trained_both_ways():
    """Return the states of two networks that were trained together, and of each alone."""
    import numpy as np
    import torch

    from empirics.vision.recipe import Machine, Recipe
    from empirics.vision.resnet import initial_state
    from empirics.vision.synthetic import synthetic_images
    from empirics.vision.training import Run, TrainingSet

    torch.set_num_threads(1)
    images = torch.from_numpy(synthetic_images((1, 1), SEED).train_images)
    states = [
        {n: t.double() if t.is_floating_point() else t for n, t in initial_state(seed).items()}
        for seed in (SEED, SEED + 1)
    ]
    networks = [
        TrainingSet(str(i), np.arange(IMAGES) + 10 * i, np.arange(IMAGES) % 2, (i, 5), (SEED, i))
        for i in range(2)
    ]
    recipe = Recipe(1e-30, 2, batch=4)

    def trained(which):
        chosen = [networks[i] for i in which]
        run = Run.start(chosen, [states[i] for i in which], recipe, Machine(), images)
        run.advance()
        return [run.finished[network.name].state for network in chosen]

    return trained([0, 1]), [trained([i])[0] for i in range(2)]


def in_pieces(seed):
    """Compare a condition that was saved after every epoch with one in one piece, with `seed`."""
    from empirics.vision.protocol import Condition, Scaling
    from empirics.vision.tasks import alone

    workload, pieces = run_in_pieces()
    whole = alone(workload, Condition(seed, Scaling("kappa", 0.5), Scaling(), 4))
    worst = Worst()
    for row, (one, two) in enumerate(zip(pieces, whole, strict=True)):
        differ = {name for name, _ in one.items() ^ two.items()}
        worst.at(len(differ), row=row, in_pieces=str(one), whole=str(two))
    return worst.measured("at most {worst} cells of a row differ, in {count} rows")


@cache
def run_in_pieces():
    """Return a workload, and the rows of one condition of it that is saved after every epoch."""
    import torch

    from empirics.sweep.store import Store
    from empirics.vision.measure import Workload
    from empirics.vision.protocol import Protocol
    from empirics.vision.recipe import Machine
    from empirics.vision.study import STORE, Clock, Study
    from empirics.vision.synthetic import synthetic_images

    torch.set_num_threads(1)
    protocol = Protocol("smoke", 4, 2, 1e-30, 2, 1e-30, 2, (4,), inputs=4)
    workload = Workload.of(protocol, Machine(), synthetic_images((4, 2), SEED))
    with tempfile.TemporaryDirectory() as folder:
        study = Study(Path(folder), workload)
        study.run(["kappa"], [SEED], Clock(piece=0.0), [0.5])
        with Store(Path(folder) / STORE) as store:
            return workload, [dict(result.row) for result in store.results()]


ROUNDING = 1e-8, "rounding, amplified by four steps in batches of two to four images"
TO_THE_BIT = 0.0, "the same to the bit"
SEEDED = OPTIONS | {"seed": SEED}
OTHER = Control("another seed", SEED + 1)
TOGETHER, PATH = "two networks in double precision", "the whole path, saved after every epoch"

state(
    "vision.side-by-side",
    __doc__,
    (
        Check(TOGETHER, Method.TRAINING, side_by_side, STATED, NEIGHBOURS, *ROUNDING, **SEEDED),
        Check(PATH, Method.TRAINING, in_pieces, SEED, OTHER, *TO_THE_BIT, **SEEDED),
    ),
)
