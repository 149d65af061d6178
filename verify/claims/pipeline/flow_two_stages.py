"""Both stages from data are two convex problems (Theorem 4.1; Section 3.3, imperfect pretraining).

Gradient flow of all weights through both stages ends where two convex problems say: pretraining on
any number of examples at the least penalty of scale c, fine-tuning at the least penalty whose scale
c_FT is that of what was learnt, whether or not it is the teacher.

B_PT(s) and B_FT(s) are the minimisers of Σ q(βᵢ; sᵢ) among all β that fit the data of pretraining
and of fine-tuning; β̂_PT and β̂_FT are the ends of the flow on these data, and β*_PT is the teacher
of pretraining. The flow knows neither penalty nor c_FT: fine-tuning starts from w± = w₊ + w₋ and
v± = γ, with the weights at which the flow of pretraining has ended.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import sympy as sp

from empirics.two_stage import TwoStages, draw, follow
from numerics.validation import ActiveSlab
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.claims.crosscheck._scale import LAM, STATED_SCALE, WRONG_SCALES, C
from verify.claims.pipeline._ends import LEAST, PT_END, Ends, at_first_scale, of_the_teacher
from verify.methods.formula import Formula
from verify.registry import state

SEED = 337
D = 20
# (c, λ/c, γ), α_PT and σ_PT²: the four regimes at scales that a flow can leave, and between. Where
# n_PT ≥ d there is no noise: no flow would reach it.
CASES = (
    ((1e-3, -0.999, 0.0), 0.5, 0.0),
    ((1e-3, 0.99, 0.0), 0.25, 0.0),
    ((1e-3, 0.0, 1.0), 0.4, 0.1),
    ((1e-3, -0.9, 0.05), 0.75, 0.01),
    ((0.1, 0.0, 0.0), 0.6, 0.1),
    ((1.0, 0.5, 0.3), 0.3, 0.0),
    ((0.3, -0.5, 2.0), 1.5, 0.0),
)
LAWS: tuple[tuple[ActiveSlab, ActiveSlab], ...] = (
    ("sign", "gaussian"),
    ("gaussian", "sign"),
    ("sign", "sign"),
    ("gaussian", "gaussian"),
)


@cache
def instances():
    """Draw both stages of each case and follow the flow; name, initialisation, data and ends."""
    found = []
    for index, ((c, ratio, gamma), alpha_pt, noise_pt) in enumerate(CASES):
        pt_slab, slab = LAWS[index % len(LAWS)]
        stages = TwoStages(
            0.4, 0.3, 0.5, slab, pt_slab, c, ratio, gamma, alpha_pt, noise_pt, 0.5, noise_pt
        )
        init = stages.initialization
        drawn = draw(stages, D, np.random.default_rng([SEED, index]))
        found.append((stages.name, init, drawn, follow(stages.name, init, drawn)))
    return tuple(found)


def decide(stated):
    """Compare the ends of both stages, by flow and as convex problems, coordinate by coordinate."""
    gaps = Gaps()
    for name, init, drawn, ends in instances():
        first, second = stated.found(init, drawn)
        for what, by_flow, convex in (
            ("β̂_PT", ends.pretrained, first),
            ("β̂_FT", ends.finetuned, second),
        ):
            where = {"problem": name, "flow": str(by_flow[:4].tolist())}
            relative(gaps, what, {"weights' flow": by_flow, "dual Newton": convex}, where)
    return gaps.measured(f"both ends of {len(CASES)} flows within {{worst}} of the minimisers")


STATED = Ends()


def with_scale(scale):
    return STATED._replace(scale=scale)


CONTROLS = (
    Control(
        "pretraining at scale c + λ/2",
        STATED._replace(
            pretraining=Formula(PT_END, (C, LAM), lambda c, lam: LEAST[PT_END](c + lam / 2))
        ),
    ),
    Control("c_FT of the teacher", of_the_teacher(STATED)),
    Control("fine-tuning at scale c", at_first_scale(STATED)),
    Control(
        "(|w₊| + |w₋|)² for (w₊ + w₋)²",
        with_scale(
            replace(
                STATED_SCALE,
                body=lambda beta, c, lam, gamma: (
                    lam
                    + c * sp.sqrt(1 + (beta / c) ** 2)
                    + sp.Abs(c + lam * sp.sqrt(1 + (beta / c) ** 2))
                    + gamma**2
                ),
            )
        ),
    ),
    *(Control(why, with_scale(scale)) for why, scale in WRONG_SCALES.items()),
)
state(
    "pipeline.flow-two-stages",
    __doc__,
    (
        Check(
            f"{len(CASES)} problems, d = {D}",
            Method.CONVEX,
            decide,
            STATED,
            CONTROLS,
            1e-6,
            "flows stop at a training error of 1e-20; the second starts from the end of the first",
            seed=SEED,
            limit=120.0,
        ),
    ),
    assumptions=(
        f"d = {D}; α_PT from 0.25 to 1.5, α = ½; label noise in both stages where α_PT < 1",
    ),
    requires=("implicit-bias.minimiser", "network.finetune-scale"),
)
