"""The float64 solver against the same fixed point in 50 digits, over its whole domain."""

from fractions import Fraction
from typing import Any

import numpy as np

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.multiprecision import replica_fixed_point
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.numeric import FLOAT64, MULTIPRECISION, compare, compared
from verify.registry import register

SEED = 20261124
TOLERANCE = 1e-11

Problem = tuple[TaskDistribution, Initialization, float, float, float]


def problems(count: int) -> list[Problem]:
    """Draw problems (task, init, α, σ², ϱ) of the whole domain, corners included."""
    rng = np.random.default_rng(SEED)
    found: list[Problem] = []
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
    return found


class Solver:
    """What is held to 50 digits: `solve_replica`, with its inputs or outcome altered."""

    def __init__(self, count: int, *, factor: float = 1.0, alpha_factor: float = 1.0) -> None:
        self.count, self.factor, self.alpha_factor = count, factor, alpha_factor


def decide(solver: Solver) -> Evidence:
    """Compare the error at every problem."""
    cases = problems(solver.count)
    solved = [
        solve_replica(task, init, alpha * solver.alpha_factor, noise_variance=noise, ridge=ridge)
        for task, init, alpha, noise, ridge in cases
    ]

    def computed(index: int) -> float:
        return float(solved[index].mse[0]) * solver.factor

    def reference(index: int) -> Any:
        task, init, alpha, noise, ridge = cases[index]
        shares = [Fraction(float(share)) for share in task.probabilities]
        total = sum(shares, Fraction(0))
        groups: list[Any] = [
            (
                share / total,
                Fraction(float(scale)),
                "zero" if group.slab == "zero" else (group.slab, Fraction(group.ft_amplitude)),
            )
            for share, scale, group in zip(
                shares, task.penalty_scales(init), task.groups, strict=True
            )
        ]
        start = (Fraction(float(solved[index].tau[0])), Fraction(float(solved[index].theta[0])))
        return replica_fixed_point(
            groups,
            Fraction(alpha),
            noise_variance=Fraction(noise),
            ridge=Fraction(ridge),
            digits=50,
            start=start,
        ).mse

    found = compare(computed, reference, [(i,) for i in range(solver.count)], names=("problem",))
    return compared(found, "error p", (FLOAT64, MULTIPRECISION))


def _check(name: str, count: int, tier: Any, limit: float) -> Check:
    return Check(
        name,
        Method.MULTIPRECISION,
        decide,
        Solver(count),
        (
            Control("error scaled by 1 + 10⁻¹⁰", Solver(4, factor=1 + 1e-10)),
            Control("α scaled by 1 + 10⁻⁶", Solver(4, alpha_factor=1 + 1e-6)),
        ),
        tolerance=TOLERANCE,
        reason="the accuracy that the solver promises; rounding alone is 10⁻¹⁵ to 10⁻¹³",
        tier=tier,
        limit=limit,
        seed=SEED,
    )


register(
    Claim(
        id="replica.exact-solver",
        title="Eleven digits of the error curves",
        sentence="The error that the float64 solver returns agrees with the fixed point in 50 "
        "digits to a relative error of 10⁻¹¹, over its whole domain.",
        latex=r"\left|\frac{p_{\mathrm{float64}}}{p_{50}} - 1\right| \le 10^{-11}",
        source="Proposition 4.2; Appendix E.2",
        assumptions=("α ∈ [10⁻³, 10³], c ∈ [10⁻¹², 10⁶], γ ≤ 10³, ρ ∈ [10⁻⁴, 1], σ², ϱ ≤ 10³",),
        requires=("replica.effective-parameters", "replica.estimator-derivative"),
        checks=(
            _check("12 problems of the domain", 12, "quick", 60.0),
            _check("220 problems of the domain", 220, "full", 900.0),
        ),
    )
)
