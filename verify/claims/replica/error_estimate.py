"""The error estimate of the solver is never too small (Proposition 4.2; Appendix E.2).

The relative error of p that the float64 solver estimates is at least the true one, over its whole
domain: at each of the problems drawn from it, p is enclosed.
"""

import math
from functools import cache
from typing import NamedTuple

from flint import arb, ctx

from numerics import solve_replica
from numerics.certified import certify_replica
from verify.claim import Check, Control, Evidence, Method
from verify.claims.replica.exact_solver import SEED, problems
from verify.methods.balls import holds
from verify.methods.identity import prove_all
from verify.methods.relations import Relation
from verify.registry import state

# Beyond those of float64, so that the enclosure's own width does not count.
DIGITS = 18
COUNTS = {"20 problems of the domain": 20, "520 problems of the domain": 520}
FEW, MANY = COUNTS


class Estimate(NamedTuple):
    """How the true relative error of p compares with the estimated one, at problems by name.

    The solver is asked for p at α times `scaled`, which is 1 in truth.
    """

    problems: str
    relation: Relation = Relation.AT_MOST
    scaled: str = "1"

    def latex(self):
        at = r"\alpha" if self.scaled == "1" else rf"{self.scaled} \alpha"
        return (
            rf"\left|\hat{{p}}({at}) / p(\alpha) - 1\right| {self.relation} "
            rf"\hat{{\varepsilon}}({at}) \quad \text{{at {self.problems}}}"
        )


CONTROLS = (
    Control("p̂ at 1.000000001 α", Estimate(FEW, scaled="1.000000001")),
    Control("the estimate is too small", Estimate(FEW, Relation.ABOVE)),
)


@cache
def solved(index, scaled):
    """Return a problem's error in float64, its estimated relative error, and the error enclosed."""
    _, task, init, data, noise, ridge = problems(max(COUNTS.values()))[index]
    strengths = {"noise_variance": noise, "ridge": ridge}
    found = solve_replica(task, init, data * float(scaled), **strengths)
    return float(found.mse[0]), float(found.relative_error[0]), enclosed(index)


@cache
def enclosed(index):
    _, task, init, data, noise, ridge = problems(max(COUNTS.values()))[index]
    return certify_replica(
        task, init, data, digits=DIGITS, noise_variance=noise, ridge=ridge
    ).points[0]


def decide(stated):
    """Hold each estimate to the enclosure."""
    with ctx.workprec(120):
        return prove_all(steps(stated), summary=f"every estimate holds at {stated.problems}")


def steps(stated):
    for index in range(COUNTS[stated.problems]):
        error, estimated, point = solved(index, stated.scaled)
        if not point.certified:
            yield f"problem {index}", Evidence(None, f"not certified: {point.reason}")
            continue
        deviation = abs(arb(error) / point.mse - 1)
        text = f"problem {index}: {deviation.str(3)} {stated.relation} {estimated:.3g}"
        found = holds(stated.relation, deviation, arb(estimated))
        if math.isnan(error) or math.isnan(estimated):
            found = False
        elif not math.isfinite(estimated):  # which says nothing
            found = None
        where = {"problem": str(index), "p": point.mse.str(20), "float64": repr(error)}
        yield text, Evidence(found, text, counterexample=where)


def check(name, **how):
    return Check(name, Method.ENCLOSURE, decide, Estimate(name), CONTROLS, seed=SEED, **how)


state(
    "replica.error-estimate",
    __doc__,
    (check(FEW), check(MANY, tier="full", limit=900.0)),
    assumptions=("α ∈ [10⁻³, 10³], c ∈ [10⁻¹², 10⁶], γ ≤ 10³, ρ ∈ [10⁻⁴, 1], σ², ϱ ≤ 10³",),
    requires=("replica.effective-parameters", "replica.unique-solution"),
)
