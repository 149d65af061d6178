"""Eleven digits of the two stages (beyond the paper; Proposition 4.2, for both stages).

The errors E_PT of pretraining and E of fine-tuning that the float64 solver returns are those of the
fixed points to a relative error of 10⁻¹¹, at problems drawn from its whole domain; where
pretraining is perfect, E_PT is 0.

Fixed points are enclosed, found in many digits, and found by nested trapezoidal rules, written anew
in this claim's folder, with readings of c_FT that are wrong as well. The rules have no Gauss
quadrature over c_FT, other nodes and another search; they are float64, too.
"""

import math
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp
from flint import arb, ctx

from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.certified import Mixture, NotCertifiedError, certify_pipeline
from numerics.multiprecision import pipeline_fixed_point, pipeline_groups
from verify.claim import Check, Control, Evidence, Method
from verify.claims.pipeline._nested import (
    Reading,
    Stage,
    Start,
    pipeline_error,
    pretrained,
    teacher,
)
from verify.methods.balls import applied_enclosed, exactly, holds
from verify.methods.identity import prove_all
from verify.methods.notation import as_written, shown
from verify.methods.numeric import Worst, compared
from verify.methods.on_arrays import applied
from verify.methods.relations import Relation
from verify.registry import state

SEED = 20_270_101
DIGITS, MANY = 11, 20
# How many problems are drawn.
PROBLEMS = {f"{count} problems of the domain": count for count in (2, 4, 120)}
PLACE = alpha_pt, alpha = sp.symbols("alpha_PT alpha", positive=True)
SOLVED, EXACT = sp.Function(r"\hat{E}"), sp.Function("E")
SOLVED_PT, EXACT_PT = sp.Function(r"\hat{E}_{PT}"), sp.Function("E_{PT}")


def relative(solved, exact):
    """Return the relative deviation of what is solved from the exact value."""
    with as_written():
        return sp.Abs(solved / exact - 1)


class Solver(NamedTuple):
    """The problems, by name; what is of which relation to 10^−`digits` there."""

    problems: str
    deviation: sp.Expr = relative(SOLVED(*PLACE), EXACT(*PLACE))
    first: sp.Expr = relative(SOLVED_PT(alpha_pt), EXACT_PT(alpha_pt))
    reading: Reading = Reading.EXACT
    relation: Relation = Relation.AT_MOST
    digits: int = DIGITS

    def latex(self):
        parts = ", ".join(map(shown, (self.deviation, self.first)))
        zero = rf"\text{{or }} {shown(SOLVED_PT(alpha_pt))} = {shown(EXACT_PT(alpha_pt))} = 0"
        bound = rf"{self.relation} 10^{{-{self.digits}}}\ ({zero})"
        return rf"{parts} {bound},\quad c_{{FT}} = {self.reading}"


FEW = next(iter(PROBLEMS))
with as_written():
    LARGER = (1 + sp.Integer(10) ** -10) * SOLVED(*PLACE)
    LARGER_PT = (1 + sp.Integer(10) ** -10) * SOLVED_PT(alpha_pt)
    AT_MORE = SOLVED((1 + sp.Integer(10) ** -6) * alpha_pt, alpha)
SCALED = (
    Control("E scaled by 1 + 10⁻¹⁰", Solver(FEW, relative(LARGER, EXACT(*PLACE)))),
    Control("E_PT scaled by 1 + 10⁻¹⁰", Solver(FEW, first=relative(LARGER_PT, EXACT_PT(alpha_pt)))),
    Control("α_PT scaled by 1 + 10⁻⁶", Solver(FEW, relative(AT_MORE, EXACT(*PLACE)))),
)
READ = (
    Control("perfect pretraining", Solver(FEW, reading=Reading.PERFECT)),
    Control("θ₁ ignored", Solver(FEW, reading=Reading.WITHOUT_NOISE)),
    Control("τ₁ ignored", Solver(FEW, reading=Reading.WITHOUT_SHRINKING)),
    Control("c_FT of the mean of |β̂_PT|", Solver(FEW, reading=Reading.OF_MEAN)),
)


class Problem(NamedTuple):
    """Teacher (ρ_PT, ρ_FT, ω) and its laws, (c, λ, γ), and (α, σ², ϱ) of both stages."""

    densities: tuple[float, float, float]
    slabs: tuple[Any, Any]
    start: Start
    first: Stage
    second: Stage


@cache
def problems(count):
    """Draw problems of the whole domain, corners included; α ≥ 1 without ridge has closed forms."""
    rng, found = np.random.default_rng(SEED), []

    def or_zero(low, high, zeros=1):
        return float(rng.choice([0.0] * zeros + [10 ** rng.uniform(low, high)]))

    while len(found) < count:
        c = 10 ** rng.uniform(-8, 0)
        near = 10 ** rng.uniform(-4, 0)
        ratio = float(rng.choice([1.0, 0.0, rng.uniform(-1, 1), -1 + near, 1 - near]))
        rho_pt, rho_ft = 10 ** rng.uniform(-2, 0), 10 ** rng.uniform(-2, 0)
        low, high = max(0.0, 1 - (1 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
        overlap = low + float(rng.uniform()) * (high - low)
        before, after = (str(rng.choice(["sign", "gaussian"])) for _ in "ab")
        first, second = (
            Stage(10 ** rng.uniform(-2, top), or_zero(-4, 0.5), or_zero(-4, 0.5, 2))
            for top in (1, 0.3)
        )
        start = Start(c, max(-c, min(c, ratio * c)), or_zero(-4, 0.5))
        if second.alpha < 1.0 or second.ridge > 0.0:
            found.append(Problem((rho_pt, rho_ft, overlap), (before, after), start, first, second))
    return tuple(found)


def solved(problem, data_pt, data):
    """Return what the float64 solver finds at these α_PT and α."""
    before, after = problem.slabs
    task = TaskDistribution.pretrain_finetune(*problem.densities, slab=after, pt_slab=before)
    first, second = problem.first, problem.second
    return solve_pipeline(
        task,
        Initialization(*problem.start),
        Pretraining(float(data_pt), first.noise_variance, first.ridge),
        float(data),
        noise_variance=second.noise_variance,
        ridge=second.ridge,
    )


@cache
def nested(problem, reading, data_pt, data):
    """Return the errors of both stages by nested rules, from where the solver ended."""
    before, after = problem.slabs
    coordinates = teacher(*problem.densities, before=before, after=after)
    first = problem.first._replace(alpha=data_pt)
    second = problem.second._replace(alpha=data)
    found = solved(problem, data_pt, data)
    learned = found.pretraining
    near = (learned.tau, learned.theta), (float(found.tau[0]), float(found.theta[0]))
    start = pretrained(coordinates, problem.start.c, first, near[0])
    end = pipeline_error(coordinates, problem.start, first, second, reading, near)
    return start.error, end.error


def require_law(reading):
    """Raise ValueError if c_FT is not that of the law of β̂_PT."""
    if reading is not Reading.EXACT:
        raise ValueError(f"the fixed points have the law of β̂_PT, got {reading}")


@cache
def many_digits(problem, reading, data_pt, data):
    """Return the same in many digits.

    Raises
    ------
    ValueError
        If c_FT is not that of the law of β̂_PT.
    """
    require_law(reading)
    before, after = problem.slabs
    first, second, start = problem.first, problem.second, problem.start
    densities = map(Fraction, problem.densities)
    near = solved(problem, data_pt, data)
    learned = near.pretraining
    begin = Fraction(float(near.tau[0])), Fraction(float(near.theta[0]))
    found = pipeline_fixed_point(
        pipeline_groups(*densities, slab=after, pt_slab=before, digits=MANY),
        *map(Fraction, (*start, data_pt, data)),
        noise_variance_pt=Fraction(first.noise_variance),
        ridge_pt=Fraction(first.ridge),
        noise_variance=Fraction(second.noise_variance),
        ridge=Fraction(second.ridge),
        digits=MANY,
        start=begin,
        start_pt=(Fraction(learned.tau), Fraction(learned.theta)) if learned.tau else None,
    )
    return found.mse_pt, found.mse


@cache
def certified_errors(problem, reading, data_pt, data):
    """Return E_PT and E as balls, from the teacher's numbers as they are.

    Raises
    ------
    ValueError
        If c_FT is not that of the law of β̂_PT.
    NotCertifiedError
        If one of them is not enclosed.
    """
    require_law(reading)
    before, after = problem.slabs
    c, lam, gamma = map(Fraction, problem.start)
    mixture = Mixture.pretrain_finetune(
        *map(Fraction, problem.densities),
        c=c,
        relative_scale=lam / c,
        gamma=gamma,
        slab=after,
        pt_slab=before,
    )
    first, second = problem.first, problem.second
    found = certify_pipeline(
        mixture,
        None,
        Pretraining(data_pt, first.noise_variance, first.ridge),
        data,
        noise_variance=second.noise_variance,
        ridge=second.ridge,
        digits=ENCLOSED_DIGITS,
    )
    both = found.pretraining, found.points[0]
    for one in both:
        if not one.certified:
            raise NotCertifiedError(f"not certified: {one.reason}")
    return tuple(one.mse for one in both)


# Of E: the width of the enclosure must not count beside 10⁻¹¹.
ENCLOSED_DIGITS, BITS = 14, 120


def enclose(stated):
    """Hold the errors of both stages at every problem to what is certified of them."""
    if type(stated.digits) is not int or stated.digits < 1:
        raise ValueError(f"a positive whole number of digits is asked for, got {stated.digits}")
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary=f"E and E_PT enclosed at {stated.problems}")


def steps(stated):
    most = exactly(f"1e-{stated.digits}")
    for one in compared_at(stated, certified_errors, arb):
        text = f"problem {one.problem}, {one.quantity}"
        if one.reason or one.vanishes:
            found = None if one.reason else one.computed == 0
            yield f"{text}{one.reason or ' is 0'}", Evidence(found, one.reason or f"{text}: not 0")
            continue
        left = applied_enclosed(one.deviation, one.meaning, one.at)
        # A deviation is not negative.
        found = False if left < 0 else holds(stated.relation, left, most)
        if not math.isfinite(one.computed):
            found = False
        text += f": {left.str(3)}"
        yield text, Evidence(found, text, counterexample={"problem": text})


class Compared(NamedTuple):
    """An error at a problem: how it deviates, and what the symbols of that mean.

    Attributes
    ----------
    problem, at
        Number of the problem, and its α_PT and α by symbol.
    quantity, deviation
        Which error, and the deviation that is stated of it.
    meaning
        Functions of (α_PT, α) by symbol.
    computed
        What the solver finds.
    vanishes
        Whether the exact error is 0, so that no deviation is relative to it.
    reason
        Why there is no exact error; "" if there is.
    """

    problem: int
    at: Any
    quantity: str
    deviation: sp.Expr
    meaning: Any
    computed: float
    vanishes: bool
    reason: str


def compared_at(stated, exact_errors, number):
    """Yield what is to be compared, with the errors as a `number` of a kind.

    `exact_errors` returns E_PT and E. ValueError if E_PT vanishes at every problem.
    """
    relative = 0
    for index, problem in enumerate(problems(PROBLEMS[stated.problems])):
        at = {alpha_pt: problem.first.alpha, alpha: problem.second.alpha}

        def exact(which, data_pt, data=at[alpha], problem=problem):
            return exact_errors(problem, stated.reading, float(data_pt), float(data))[which]

        def computed(data_pt, data, problem=problem):
            return number(float(solved(problem, data_pt, data).mse[0]))

        def learned(data_pt, problem=problem, data=at[alpha]):
            return number(float(solved(problem, data_pt, data).pretraining.mse))

        meaning: dict[Any, Any] = {
            SOLVED: computed,
            EXACT: partial(exact, 1),
            SOLVED_PT: learned,
            EXACT_PT: partial(exact, 0),
        }
        found = solved(problem, *at.values())
        for which, quantity, part, value in (
            (1, "E", stated.deviation, found.mse[0]),
            (0, "E_PT", stated.first, found.pretraining.mse),
        ):
            reason = ""
            try:
                vanishes = bool(exact(which, at[alpha_pt]) == 0)
            except NotCertifiedError as error:
                vanishes, reason = False, f": {error}"
            relative += which == 0 and not vanishes
            yield Compared(index, at, quantity, part, meaning, float(value), vanishes, reason)
    if not relative:
        raise ValueError(f"E_PT must not be 0 at every problem, got {stated.problems}")


def decide(exact_errors, stated):
    """Compare the errors of both stages at every problem."""
    if (stated.relation, stated.digits) != (Relation.AT_MOST, DIGITS):
        raise ValueError(f"10^-{DIGITS} is the most that may be, got {stated.latex()}")
    worst = Worst()
    for one in compared_at(stated, exact_errors, mpmath.mpf):
        if one.vanishes:
            left = 0.0 if one.computed == 0 else np.inf
        else:
            with mpmath.workdps(MANY):  # not to lose a deviation in the last bit
                left = float(applied(one.deviation, one.meaning, one.at))
        worst.at(left if left >= 0 else np.inf, problem=one.problem, quantity=one.quantity)
    found = worst.measured("worst relative error {worst} over {count} values")
    rule = NESTED if exact_errors is nested else DIGITAL
    return compared(found, "errors of both stages", ("solve_pipeline", rule))


NESTED, DIGITAL = "nested trapezoidal rules", "two stages, many digits"
REASON = "the accuracy that the solver promises; rounding alone is 10⁻¹⁵ to 10⁻¹²"


def check(name, problems, method, by, controls, **how):
    how |= {"tolerance": 10.0**-DIGITS, "reason": REASON, "seed": SEED}
    return Check(name, method, partial(decide, by), Solver(problems), controls, **how)


def enclosure(problems, **how):
    stated, controls = Solver(problems), (*SCALED, Control("to 10⁻¹⁶", Solver(FEW, digits=16)))
    how |= {"seed": SEED}
    return Check(f"{problems}, enclosed", Method.ENCLOSURE, enclose, stated, controls, **how)


_, FIRST, ALL = PROBLEMS
digits = partial(check, method=Method.MULTIPRECISION, by=many_digits, controls=SCALED)
rules = partial(check, method=Method.FLOAT64, by=nested, controls=(*SCALED, *READ))
state(
    "pipeline.exact-solver",
    __doc__,
    (
        enclosure(FEW),
        enclosure(ALL, tier="full", limit=900.0),
        digits(f"{FEW}, {MANY} digits", FEW),
        rules(f"{FIRST}, nested rules", FIRST),
        digits(f"{ALL}, {MANY} digits", ALL, tier="full", limit=3600.0),
        rules(f"{ALL}, nested rules", ALL, tier="full", limit=900.0),
    ),
    assumptions=(
        "α_PT ∈ [0.01, 10], α ∈ [0.01, 2], c ∈ [10⁻⁸, 1], γ, σ², ϱ ≤ 3.2, ρ ∈ [0.01, 1]",
        "both laws of β*_PT and of β*_FT, noise and ridge in both stages or not",
    ),
    requires=("replica.exact-solver", "replica.unique-solution", "pipeline.scale-law"),
)
