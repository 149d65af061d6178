"""Eleven digits of the error curves (Proposition 4.2; Appendix E.2).

The error p and the mean penalty Q = E[q(β̂)] that the float64 solver returns are those of the fixed
point to a relative error of 10⁻¹¹, at problems drawn from its whole domain.
"""

from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

import mpmath
import numpy as np
import sympy as sp
from flint import arb, ctx

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.certified import Mixture, certify_replica
from numerics.multiprecision import pretrain_finetune_groups, replica_fixed_point
from theory.replica import alpha
from verify.claim import Check, Control, Evidence, Method
from verify.methods.balls import applied_enclosed, exactly, holds
from verify.methods.identity import prove_all
from verify.methods.notation import as_written, shown
from verify.methods.numeric import FLOAT64, MULTIPRECISION, Worst, compared
from verify.methods.on_arrays import applied
from verify.methods.relations import Relation
from verify.registry import state

SEED = 20261124
DIGITS = 11

# How many problems are drawn.
PROBLEMS = {f"{count} problems of the domain": count for count in (4, 8, 220)}
SOLVED, EXACT = sp.Function(r"\hat p"), sp.Function("p")
SOLVED_PENALTY, EXACT_PENALTY = sp.Function(r"\hat Q"), sp.Function("Q")


def deviation(solved, exact=EXACT):
    """Return the relative deviation of what is solved from the exact value."""
    with as_written():
        return sp.Abs(solved / exact(alpha) - 1)


PENALTY_DEVIATION = deviation(SOLVED_PENALTY(alpha), EXACT_PENALTY)


class Solver(NamedTuple):
    """The problems, by name; what is of which relation to 10^−`digits` there."""

    problems: str
    deviation: sp.Expr = deviation(SOLVED(alpha))
    penalty: sp.Expr = PENALTY_DEVIATION
    relation: Relation = Relation.AT_MOST
    digits: int = DIGITS

    def latex(self):
        parts = ", ".join(map(shown, (self.deviation, self.penalty)))
        return rf"{parts} {self.relation} 10^{{-{self.digits}}}"


FEW = next(iter(PROBLEMS))
with as_written():
    LARGER = (1 + sp.Integer(10) ** -10) * SOLVED(alpha)
    LARGER_PENALTY = (1 + sp.Integer(10) ** -10) * SOLVED_PENALTY(alpha)
    AT_MORE = SOLVED((1 + sp.Integer(10) ** -6) * alpha)
CONTROLS = (
    Control("error scaled by 1 + 10⁻¹⁰", Solver(FEW, deviation(LARGER))),
    Control(
        "penalty scaled by 1 + 10⁻¹⁰",
        Solver(FEW, penalty=deviation(LARGER_PENALTY, EXACT_PENALTY)),
    ),
    Control("α scaled by 1 + 10⁻⁶", Solver(FEW, deviation(AT_MORE))),
)


@cache
def problems(count):
    """Draw problems of the whole domain, corners included.

    Of each the numbers of its teacher (ρ_PT, ρ_FT, ω), task, init, α, σ² and ϱ.
    """
    rng = np.random.default_rng(SEED)
    found = []
    while len(found) < count:
        data = float(rng.choice([10 ** rng.uniform(-3, 0), 10 ** rng.uniform(-3, 3)]))
        c = 10 ** rng.uniform(-12, 6)
        ratio = float(rng.choice([1.0, 0.0, rng.uniform(-1, 1), -1 + 10 ** rng.uniform(-6, 0)]))
        gamma = float(rng.choice([0.0, 10 ** rng.uniform(-6, 3)]))
        noise, ridge = (float(rng.choice([0.0, 0.0, 10 ** rng.uniform(-6, 3)])) for _ in "ab")
        rho_pt, rho_ft = 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-4, 0)
        low, high = max(0.0, 1 - (1 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
        overlap = low + float(rng.uniform()) * (high - low)
        slab: Any = str(rng.choice(["sign", "gaussian"]))
        if data >= 1.0 and ridge == 0.0:
            continue  # closed form: another claim
        task = TaskDistribution.pretrain_finetune(rho_pt, rho_ft, overlap, slab=slab)
        init = Initialization(c, max(-c, min(c, ratio * c)), gamma)
        found.append(((rho_pt, rho_ft, overlap), task, init, data, noise, ridge))
    return tuple(found)


def slab_of(task):
    """Return the law of the active coefficients."""
    (slab,) = {group.slab for group in task.groups} - {"zero"}
    return slab


@cache
def exact_solution(index, data):
    """Return the fixed point of one problem at α to 50 digits.

    Shares, c_FT and amplitudes are those that mpmath has from the teacher's numbers. Newton's
    method starts at the float64 solution, as the search takes long; there is only one solution.
    """
    teacher, task, init, _, noise, ridge = problems(max(PROBLEMS.values()))[index]
    near = solve_replica(task, init, data, noise_variance=noise, ridge=ridge)
    start = (Fraction(float(near.tau[0])), Fraction(float(near.theta[0])))
    known = {"noise_variance": Fraction(noise), "ridge": Fraction(ridge)}
    groups = pretrain_finetune_groups(
        *map(Fraction, (*teacher, init.c, init.lam, init.gamma)), slab=slab_of(task), digits=50
    )
    return replica_fixed_point(groups, Fraction(data), **known, digits=50, start=start)


def decide(stated):
    """Compare error and penalty at every problem."""
    if (stated.relation, stated.digits) != (Relation.AT_MOST, DIGITS):
        raise ValueError(f"10^-{DIGITS} is the most that may be, got {stated.latex()}")
    worst = Worst()
    for index, (_, task, init, data, noise, ridge) in enumerate(
        problems(PROBLEMS[stated.problems])
    ):

        def computed(name, at, task=task, init=init, noise=noise, ridge=ridge):
            found = solve_replica(task, init, float(at), noise_variance=noise, ridge=ridge)
            return mpmath.mpf(float(getattr(found, name)[0]))

        def exact(name, at, index=index):
            return getattr(exact_solution(index, float(at)), name)

        meaning = {
            SOLVED: partial(computed, "mse"),
            EXACT: partial(exact, "mse"),
            SOLVED_PENALTY: partial(computed, "penalty"),
            EXACT_PENALTY: partial(exact, "penalty"),
        }
        for quantity, part in (("error", stated.deviation), ("penalty", stated.penalty)):
            left = float(applied(part, meaning, {alpha: data}))
            worst.at(left if left >= 0 else np.inf, problem=index, quantity=quantity)
    found = worst.measured("worst relative error {worst} over {count} values")
    return compared(found, "error p and penalty Q", (FLOAT64, MULTIPRECISION))


# Of p, beyond those of float64, so that the width of the enclosure does not count.
ENCLOSED_DIGITS, BITS = 18, 120


@cache
def certified(index, data):
    """Return what is certified of one problem at α, from the teacher's numbers as they are."""
    teacher, task, init, _, noise, ridge = problems(max(PROBLEMS.values()))[index]
    c, lam, gamma = map(Fraction, (init.c, init.lam, init.gamma))
    mixture = Mixture.pretrain_finetune(
        *map(Fraction, teacher), c=c, relative_scale=lam / c, gamma=gamma, slab=slab_of(task)
    )
    known = {"noise_variance": noise, "ridge": ridge, "digits": ENCLOSED_DIGITS}
    (point,) = certify_replica(mixture, None, data, **known).points
    return point


@cache
def in_float64(index, data):
    """Return what the float64 solver has of one problem at α."""
    _, task, init, _, noise, ridge = problems(max(PROBLEMS.values()))[index]
    return solve_replica(task, init, data, noise_variance=noise, ridge=ridge)


def enclose(stated):
    """Hold error and penalty at every problem to what is certified of it."""
    if not (isinstance(stated.digits, int) and stated.digits > 0):
        raise ValueError(f"a positive whole number of digits is asked for, got {stated.digits}")
    with ctx.workprec(BITS):
        return prove_all(steps(stated), summary=f"p and Q enclosed at {stated.problems}")


def steps(stated):
    most = exactly(f"1e-{stated.digits}")
    for index in range(PROBLEMS[stated.problems]):
        data = problems(max(PROBLEMS.values()))[index][3]
        point = certified(index, data)
        if not point.certified:
            yield f"problem {index}", Evidence(None, f"not certified: {point.reason}")
            continue

        def computed(name, at, index=index):
            return arb(float(getattr(in_float64(index, at), name)[0]))

        def exact(name, at, index=index):
            return getattr(certified(index, at), name)

        meaning = {
            SOLVED: partial(computed, "mse"),
            EXACT: partial(exact, "mse"),
            SOLVED_PENALTY: partial(computed, "penalty"),
            EXACT_PENALTY: partial(exact, "penalty"),
        }
        for quantity, part in (("p", stated.deviation), ("Q", stated.penalty)):
            left = applied_enclosed(part, meaning, {alpha: data})
            # A deviation is not negative.
            found = False if left < 0 else holds(stated.relation, left, most)
            text = f"problem {index}, {quantity}: {left.str(3)}"
            yield text, Evidence(found, text, counterexample={"problem": text})


REASON = "the accuracy that the solver promises; rounding alone is 10⁻¹⁵ to 10⁻¹³"


def check(name, **how):
    most = 10.0**-DIGITS
    how |= {"tolerance": most, "reason": REASON, "seed": SEED}
    return Check(name, Method.MULTIPRECISION, decide, Solver(name), CONTROLS, **how)


def enclosure(name, **how):
    tighter = Control("to 10⁻¹⁶", Solver(name, digits=16))
    how |= {"seed": SEED}
    controls = (*CONTROLS, tighter)
    return Check(f"{name}, enclosed", Method.ENCLOSURE, enclose, Solver(name), controls, **how)


state(
    "replica.exact-solver",
    __doc__,
    (
        enclosure("8 problems of the domain"),
        enclosure("220 problems of the domain", tier="full", limit=300.0),
        check("8 problems of the domain"),
        check("220 problems of the domain", tier="full", limit=900.0),
    ),
    assumptions=("α ∈ [10⁻³, 10³], c ∈ [10⁻¹², 10⁶], γ ≤ 10³, ρ ∈ [10⁻⁴, 1], σ², ϱ ≤ 10³",),
    requires=(
        "replica.effective-parameters",
        "replica.estimator-derivative",
        "replica.unique-solution",
    ),
)
