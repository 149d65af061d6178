"""Limit of full samples (Proposition 4.2, expanded at τ → 0).

Without noise the error vanishes linearly as α → 1⁻: p/(1 − α) tends to E[q′(β*)²]/E[q″(β*)]², which
it is up to a part 7.8(1 − α).

For α → 1⁻ without noise τ → 0: then 1 − α = E[1 − η′] ≈ τE[q″(β*)] and E[(β̂ − z)²] ≈ τ²E[q′(β*)²],
so that the second equation, in the form E[(β̂ − z)²] = θ²E[1 − η′], gives p/(1 − α).
"""

from dataclasses import replace
from functools import cache, partial

from flint import ctx

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.certified import Mixture, NotCertifiedError, certify_replica
from theory.replica import alpha, error
from verify.claim import Check, Control, Method
from verify.claims.replica._enclosed_means import CURVATURE, SLOPE, closed_forms, slopes
from verify.claims.replica._limits import ByDecades, near
from verify.claims.replica._means import groups_of, over
from verify.methods.formula import Formula
from verify.methods.identity import prove_all
from verify.methods.notation import Mean, as_written
from verify.methods.numeric import CLOSED_FORM, FLOAT64, compare, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.relations import Limit, Side
from verify.registry import state

with as_written():
    RATE = error / (1 - alpha)
STATED = Formula(
    RATE,
    (Mean(SLOPE**2), Mean(CURVATURE)),
    lambda slope_squared, curvature: slope_squared / curvature**2,
    limit=Limit(alpha, 1, Side.BELOW),
)
CONTROLS = (
    STATED.but("E[q′²]/E[q″]", lambda squared, curvature: squared / curvature),
    STATED.but("twice that", lambda squared, curvature: 2 * squared / curvature**2),
)
with as_written():
    LEFT = 1 - alpha
DECADES = (2, 4, 6, 8, 10, 12)
NEAR = ByDecades(replace(STATED, limit=None), "7.8", LEFT, limit=STATED.limit, decades=DECADES)
OF_NEAR = (
    *(
        Control(one.variant, replace(NEAR, equation=replace(one.subject, limit=None)))
        for one in CONTROLS
    ),
    Control("within 7(1 − α)", replace(NEAR, most="7")),
    Control("within 7.8(1 − α)²", replace(NEAR, small=LEFT**2)),
)
INITS = ((0.5, 0.0, 0.3), (1.0, 0.7, 0.0), (0.2, -0.5, 1.0), (0.05, 0.0, 0.1))
STEPS = "1e-5", "2e-5"
BITS = 120
CASES = [(slab, *init) for slab in ("sign", "gaussian") for init in INITS]


@cache
def mixture(slab, c, ratio, gamma):
    """Return what is certified, with decimals as written."""
    c, ratio, gamma = map(str, (c, ratio, gamma))
    teacher = "0.2", "0.3", "0.5"
    return Mixture.pretrain_finetune(*teacher, c=c, relative_scale=ratio, gamma=gamma, slab=slab)


@cache
def means(*case):
    return slopes(mixture(*case))


@cache
def certified(case, data, digits):
    """Return the error at α as a ball; NotCertifiedError if it has none."""
    (found,) = certify_replica(mixture(*case), None, data, digits=digits).points
    if not found.certified:
        raise NotCertifiedError(found.reason)
    return found.mse


def enclose(stated):
    """Enclose p/(1 − α) close to α = 1, and the means that it tends to."""
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary="errors and means enclosed")


def steps(stated):
    yield from closed_forms()
    cases = ((str(case), partial(certified, case), means(*case)) for case in CASES)
    yield from stated.enclose(cases, lost=1)


def decide(stated):
    """Extrapolate the solver's p/(1 − α) from two α close to 1."""

    def problem(slab, c, ratio, gamma):
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5, slab=slab)
        return task, Initialization(c, ratio * c, gamma)

    def extrapolated(*case):
        task, init = problem(*case)
        curve = solve_replica(
            task, init, [float(near(stated.towards, alpha, step)) for step in STEPS]
        )
        one, other = (
            float(on_arrays(stated.name, {error: mse, alpha: data}))
            for mse, data in zip(curve.mse, curve.alpha, strict=True)
        )
        return 2 * one - other

    def claimed(*case):
        return float(stated({Mean: over(groups_of(*problem(*case)))}))

    found = compare(extrapolated, claimed, CASES, names=("slab", "c", "λ/c", "γ"))
    return compared(found, "p/(1 − α) as α → 1", (FLOAT64, CLOSED_FORM))


REASON = "terms of order (1−α)² = 10⁻¹⁰ remain, times derivatives of q up to 10³"
state(
    "replica.full-sample-limit",
    __doc__,
    (
        Check("enclosed close to α = 1", Method.ENCLOSURE, enclose, NEAR, OF_NEAR),
        Check("solver close to α = 1", Method.FLOAT64, decide, STATED, CONTROLS, 1e-6, REASON),
    ),
    assumptions=(
        "σ = 0, ϱ = 0",
        "ρ_PT = 0.2, ρ_FT = 0.3, ω = ½, both slabs; (c, λ/c, γ) = (0.5, 0, 0.3), (1, 0.7, 0), "
        "(0.2, −0.5, 1) or (0.05, 0, 0.1)",
    ),
    requires=("replica.degrees-of-freedom", "replica.unique-solution"),
    not_decided=("the limit itself: that the bound holds from α = 1 − 10⁻¹² on, and between",),
)
