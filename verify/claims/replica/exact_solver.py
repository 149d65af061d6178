"""Eleven digits of the error curves (Proposition 4.2; Appendix E.2).

The error that the float64 solver returns agrees with the fixed point in 50 digits to a relative
error of 10⁻¹¹, over its whole domain.
"""

from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.multiprecision import replica_fixed_point
from verify.claim import Check, Control, Method
from verify.methods.formula import Relation
from verify.methods.numeric import FLOAT64, MULTIPRECISION, compare, compared
from verify.registry import state

SEED = 20261124
DIGITS = 11


# How many problems are drawn.
PROBLEMS = {f"{count} problems of the domain": count for count in (4, 12, 220)}


class Solver(NamedTuple):
    """The problems, by name, and factors on the error and on α of `solve_replica`.

    The relation is that of the difference to the tolerance of the check.
    """

    problems: str
    factor: float = 1.0
    alpha_factor: float = 1.0
    relation: Relation = Relation.AT_MOST

    def latex(self):
        factor, alpha = ("" if k == 1.0 else f"{k:.12g}" for k in (self.factor, self.alpha_factor))
        error = rf"{factor} p_{{\mathrm{{float64}}}}({alpha} \alpha)"
        gap = rf"\left|\frac{{{error}}}{{p_{{50}}(\alpha)}} - 1\right|"
        return f"{gap} {self.relation} 10^{{-{DIGITS}}}"


FEW = next(iter(PROBLEMS))
CONTROLS = (
    Control("error scaled by 1 + 10⁻¹⁰", Solver(FEW, factor=1 + 1e-10)),
    Control("α scaled by 1 + 10⁻⁶", Solver(FEW, alpha_factor=1 + 1e-6)),
)


@cache
def problems(count):
    """Draw problems (task, init, α, σ², ϱ) of the whole domain, corners included."""
    rng = np.random.default_rng(SEED)
    found = []
    while len(found) < count:
        alpha = float(rng.choice([10 ** rng.uniform(-3, 0), 10 ** rng.uniform(-3, 3)]))
        c = 10 ** rng.uniform(-12, 6)
        ratio = float(rng.choice([1.0, 0.0, rng.uniform(-1, 1), -1 + 10 ** rng.uniform(-6, 0)]))
        gamma = float(rng.choice([0.0, 10 ** rng.uniform(-6, 3)]))
        noise, ridge = (float(rng.choice([0.0, 0.0, 10 ** rng.uniform(-6, 3)])) for _ in "ab")
        rho_pt, rho_ft = 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-4, 0)
        low, high = max(0.0, 1 - (1 - rho_pt) / rho_ft), min(1.0, rho_pt / rho_ft)
        overlap = low + float(rng.uniform()) * (high - low)
        slab: Any = str(rng.choice(["sign", "gaussian"]))
        if alpha >= 1.0 and ridge == 0.0:
            continue  # closed form: another claim
        task = TaskDistribution.pretrain_finetune(rho_pt, rho_ft, overlap, slab=slab)
        init = Initialization(c, max(-c, min(c, ratio * c)), gamma)
        found.append((task, init, alpha, noise, ridge))
    return tuple(found)


def exact_groups(task, init):
    """Return share, c_FT and law of β* of each group, as the float64 numbers that they are."""
    shares = [Fraction(float(share)) for share in task.probabilities]
    return [
        (
            share / sum(shares),
            Fraction(float(scale)),
            "zero" if group.slab == "zero" else (group.slab, Fraction(group.ft_amplitude)),
        )
        for share, scale, group in zip(shares, task.penalty_scales(init), task.groups, strict=True)
    ]


@cache
def exact_error(index):
    """Return the error of one problem to 50 digits, from a start at the float64 fixed point."""
    task, init, alpha, noise, ridge = problems(max(PROBLEMS.values()))[index]
    near = solve_replica(task, init, alpha, noise_variance=noise, ridge=ridge)
    start = (Fraction(float(near.tau[0])), Fraction(float(near.theta[0])))
    known = {"noise_variance": Fraction(noise), "ridge": Fraction(ridge)}
    groups = exact_groups(task, init)
    return replica_fixed_point(groups, Fraction(alpha), **known, digits=50, start=start).mse


def decide(solver):
    """Compare the error at every problem."""
    if solver.relation is not Relation.AT_MOST:
        raise ValueError(f"a tolerance is the most that may be, got {solver.relation}")
    cases = problems(PROBLEMS[solver.problems])

    def computed(index):
        task, init, alpha, noise, ridge = cases[index]
        at = alpha * float(solver.alpha_factor)
        found = solve_replica(task, init, at, noise_variance=noise, ridge=ridge)
        return float(found.mse[0]) * float(solver.factor)

    points = [(index,) for index in range(len(cases))]
    found = compare(computed, exact_error, points, names=("problem",))
    return compared(found, "error p", (FLOAT64, MULTIPRECISION))


REASON = "the accuracy that the solver promises; rounding alone is 10⁻¹⁵ to 10⁻¹³"


def check(name, **how):
    most = 10.0**-DIGITS
    how |= {"tolerance": most, "reason": REASON, "seed": SEED}
    return Check(name, Method.MULTIPRECISION, decide, Solver(name), CONTROLS, **how)


state(
    "replica.exact-solver",
    __doc__,
    (
        check("12 problems of the domain"),
        check("220 problems of the domain", tier="full", limit=900.0),
    ),
    assumptions=("α ∈ [10⁻³, 10³], c ∈ [10⁻¹², 10⁶], γ ≤ 10³, ρ ∈ [10⁻⁴, 1], σ², ϱ ≤ 10³",),
    requires=("replica.effective-parameters", "replica.estimator-derivative"),
)
