"""Networks trained from data in both stages (beyond the paper; Section 3.3, Appendix E.2.6).

The errors of networks trained by gradient descent through both stages tend, as the learning rate
η → 0, to those of the two convex problems on the same data; their mean is, within a tenth, that of
the theory of two stages. Without noise the error falls with α_PT from 0.1 to 1.5. With noise it
falls up to α_PT = 0.5 and is larger at 0.8: as n_PT approaches d from below, more examples harm.

E_η is the error of a network, E_d that of the two convex problems on its data, and log E₀ what
log E_η tends to by a straight line through η and 4η. B_PT(s) and B_FT(s) are the minimisers of
Σ q(βᵢ; sᵢ), the penalty of scale s, among all β that fit the data of pretraining and of
fine-tuning; where none does, least squares. In the theory a coordinate of pretraining sees z₁, its
teacher with the noise θ₁Z₁ of the replica equations at scale c, and learns P(z₁; τ₁, c), the answer
b of b + τ₁q′(b) = z₁. E is the replica error p of fine-tuning, without noise, with the joint law of
teacher and scale c_FT. k̂ is the geometric mean of E₀/E over all networks, and G(α_PT, σ²_PT) that
of E₀ over the networks of one problem.

d = 300, ρ_PT = ρ_FT = 0.1, all features shared, sign slab in pretraining and Gaussian slab in
fine-tuning, c = 0.01, λ = γ = 0, α = 0.3, rates 0.05 and 0.0125. Networks stop at a training error
of 10⁻⁹; where noise keeps pretraining from it, at the time 1000 of the flow. No network is left
out, and nothing corrects the theory, which is for d → ∞.

It was planned with a pilot of other seeds. Chosen later, when the convex problems on these data had
been seen and of the networks nothing: that at single problems the fluctuation of a few squares of
known mean is taken out, as in pipeline.finite-size (without, two of the ten are not shown to be
within 0.3, and none is beyond); and which false theories a test is held to. c_FT of the mean of
|β̂_PT| was to be told apart at single problems and is not by any test here, twice c_FT only by all
problems together. Chosen with the networks in view: the bound of the root mean square, so that one
per cent of c_FT, or of a number in it, is noticed.
"""

from dataclasses import replace

import sympy as sp

from empirics.two_stage_trained import SEEDS
from verify.claim import Check, Control, Method
from verify.claims.crosscheck._scale import BETA_PT, C_FT, C
from verify.claims.pipeline._ends import Ends, at_first_scale, of_the_teacher
from verify.claims.pipeline._finite_size import FACTOR, CommonFactor, Near
from verify.claims.pipeline._trained import (
    AT_FOURFOLD,
    AT_RATE,
    AT_ZERO,
    CONVEX,
    FILES,
    OF_SQUARES,
    RATE,
    Again,
    Orders,
    Trained,
    decide_again,
    decide_ends,
    decide_errors,
    decide_factor,
    decide_orders,
    step,
)
from verify.claims.pipeline._two_stages import ALPHA, ERROR, REPLICA, STATED, WRONG
from verify.claims.pipeline._two_stages import SCALE as FT_SCALE
from verify.methods.bounds import at_least, within
from verify.methods.equivalence import LEVEL
from verify.methods.formula import Formula
from verify.methods.relations import Relation
from verify.registry import state

MEAN = "c_FT of the mean of |β̂_PT|"
# Without λ and γ, which are 0 in all problems.
SCALE = Formula(C_FT, (BETA_PT, C), lambda beta, c: c * (1 + sp.sqrt(1 + (beta / c) ** 2)))
TWICE = replace(SCALE, body=lambda *of: 2 * SCALE.body(*of))
ENDS = Trained(
    (0, 20),
    near=Formula(sp.Abs(sp.log(AT_RATE / CONVEX)), (RATE,), lambda eta: 5 * eta, Relation.AT_MOST),
    limit=Formula(
        sp.Abs(sp.log(AT_ZERO / CONVEX)), (), lambda: sp.Rational(1, 50), Relation.AT_MOST
    ),
    mean=Formula(sp.sqrt(OF_SQUARES), (), lambda: sp.Rational(3, 2000), Relation.AT_MOST),
    line=Formula(
        sp.log(AT_ZERO),
        (AT_RATE, AT_FOURFOLD),
        lambda once, fourfold: (4 * sp.log(once) - sp.log(fourfold)) / 3,
    ),
    ends=Ends(scale=SCALE),
)
LAW = STATED._replace(
    learning=STATED.learning._replace(scale=SCALE),
    error=Formula(ERROR, (ALPHA, FT_SCALE), lambda alpha, scale: REPLICA(alpha, scale, 0)),
)
WRONG_LAWS = {
    why: LAW._replace(learning=one.learning._replace(scale=SCALE))
    for why, one in WRONG.items()
    if why != MEAN
}
WITH_TWICE = LAW._replace(learning=LAW.learning._replace(scale=TWICE))
NEAR = Near(within(sp.log(AT_ZERO / ERROR), 0.3), LAW)
ALL_NEAR = CommonFactor(
    Formula(sp.Abs(sp.log(FACTOR)), (), lambda: sp.Rational(1, 10), Relation.AT_MOST), LAW
)
FALLS = (
    *(
        step(before, Relation.ABOVE, after, "0")
        for before, after in (("0.1", "0.3"), ("0.3", "0.5"), ("0.5", "0.8"), ("0.8", "1.5"))
    ),
    step("0.1", Relation.ABOVE, "0.3", "0.01"),
    step("0.3", Relation.ABOVE, "0.5", "0.01"),
)
ORDERS = Orders((*FALLS, step("0.5", Relation.BELOW, "0.8", "0.01")))
FALLING = Orders((*FALLS, step("0.5", Relation.ABOVE, "0.8", "0.01")))
RISING = Orders((*FALLS[:2], step("0.5", Relation.BELOW, "0.8", "0"), *FALLS[3:]))

ends_with = ENDS.ends._replace
OFF = {
    "c_FT of 1.01 β̂_PT": ends_with(
        learnt=replace(ENDS.ends.learnt, body=lambda found: sp.Rational(101, 100) * found)
    ),
    "1.01 for 1 in the root of c_FT": ends_with(
        scale=replace(
            SCALE, body=lambda beta, c: c * (1 + sp.sqrt(sp.Rational(101, 100) + (beta / c) ** 2))
        )
    ),
}


def ends_check(seeds, **how):
    stated = ENDS._replace(seeds=seeds)
    of = stated._replace
    controls = (
        Control("c_FT of the teacher", of(ends=of_the_teacher(stated.ends))),
        Control("fine-tuning at scale c", of(ends=at_first_scale(stated.ends))),
        Control("c_FT twice as large", of(ends=ends_with(scale=TWICE))),
        Control("E_η further from E_d", of(near=at_least(stated.near))),
        Control("E₀ further from E_d", of(limit=at_least(stated.limit))),
        *(Control(why, of(ends=ends)) for why, ends in OFF.items()),
        Control("E_η for E₀", of(line=replace(stated.line, body=lambda once, _: sp.log(once)))),
    )
    return Check(
        f"{len(seeds)} networks of each problem",
        Method.TRAINING,
        decide_ends,
        stated,
        controls,
        1.0,
        "of the margins",
        needs_files=FILES,
        **how,
    )


def statistics(name, decide, stated, controls, reason):
    return Check(
        name,
        Method.STATISTICS,
        decide,
        stated,
        tuple(Control(why, one) for why, one in controls.items()),
        LEVEL,
        reason,
        limit=120.0,
        needs_files=FILES,
    )


state(
    "pipeline.trained-networks",
    __doc__,
    (
        ends_check(ENDS.seeds, limit=120.0),
        ends_check(tuple(range(SEEDS)), limit=900.0, tier="full"),
        statistics(
            "mean errors of ten problems",
            decide_errors,
            NEAR,
            {why: NEAR._replace(law=law) for why, law in WRONG_LAWS.items()},
            "level of the tests of all problems together (Holm), within 0.3",
        ),
        statistics(
            "all problems together",
            decide_factor,
            ALL_NEAR,
            {
                why: ALL_NEAR._replace(law=law)
                for why, law in {**WRONG_LAWS, "c_FT twice as large": WITH_TWICE}.items()
            }
            | {f"the factor is {k}": ALL_NEAR.but(sp.Rational(k)) for k in ("0.8", "1.25")},
            "level of the test of a log factor within ±0.1",
        ),
        statistics(
            "more examples of pretraining",
            decide_orders,
            ORDERS,
            {"with noise it falls up to 0.8": FALLING, "it rises without noise": RISING},
            "level of the tests of all steps together (Holm)",
        ),
        Check(
            "recorded networks trained again",
            Method.TRAINING,
            decide_again,
            Again(),
            (
                Control("errors larger by 10⁻⁵", Again(factor=1 + 1e-5)),
                Control("the next seeds", Again(shift=1)),
            ),
            1e-6,
            "digits of the record",
            limit=120.0,
            needs=("torch",),
            needs_files=FILES,
        ),
    ),
    assumptions=(
        "d = 300; ten problems; seeds as recorded",
        "gradient descent as in the published runs, at rates 15 and 3.75 times as large",
        "independent seeds, means over 40 of them normal",
    ),
    requires=("pipeline.flow-two-stages", "pipeline.finite-size", "replica.exact-solver"),
    not_decided=(
        "a correction for finite d, which is within the margins",
        "errors of pretraining, which are recorded",
    ),
)
