"""A certificate vouches for an answer (Theorem 4.1).

Whatever solver it comes from, and whatever that says of it, an answer whose recomputed duality gap
and infeasibility are small is near the minimiser.

The certificate is recomputed from the answer (β, ν) and the data: g is its duality gap, and Q the
value of the penalty. Where all inequalities before the arrow hold, the one after it does, and some
answer comes as near to its bound as is stated, so that it could not be half as large. For β with
Xβ = y the duality gap bounds Σ [q(β) − q(β̂) − q′(β̂)(β − β̂)], and q″ ≥ 1/(2√(c² + β²)) bounds the
distance by it. The answers that come near are off in the direction that q″ resists least.
"""

import math
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from scipy.linalg import null_space
from scipy.optimize import brentq

from numerics import convex, minimum_penalty
from numerics.certificate import certificate
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.crosscheck._gaps import Gaps, relative
from verify.methods.bounds import at_least, share
from verify.methods.formula import Formula
from verify.methods.notation import shown, written
from verify.methods.numeric import Worst
from verify.methods.on_arrays import Largest
from verify.methods.relations import Bound, Relation
from verify.registry import state

SEED = 107
DISTANCE = 1e-4
PROBLEMS = 15
SCALES = (5e-6, 1e-3)  # √k = 1e-5, and the published c
WAYS: dict[str, dict[str, Any]] = {
    "CLARABEL at its tightest": {},
    "CLARABEL at its own tolerances": {"tolerance": 1e-8},
    "CLARABEL with the scale inside the cones": {"tolerance": 1e-8, "naive": True},
}


GAP, Q = sp.symbols("g Q", real=True)
N, D = sp.symbols("n d", integer=True, positive=True)
X, Y = sp.MatrixSymbol("X", N, D), sp.MatrixSymbol("y", N, 1)
BETA, BEST = (sp.MatrixSymbol(name, D, 1) for name in (r"\beta", r"\hat\beta"))
MISSED = Largest(sp.MatAdd(X * BETA, -Y, evaluate=False))
TEN = sp.Integer(10)
SMALL_GAP = Formula(sp.Abs(GAP), (Q,), lambda q: sp.Abs(q) / TEN**10, Relation.AT_MOST)
FEASIBLE = Formula(MISSED, (Largest(Y),), lambda y: y / TEN**10, Relation.AT_MOST)
NEAR = Formula(
    Largest(sp.MatAdd(BETA, -BEST, evaluate=False)),
    (Largest(BEST),),
    lambda best: best / TEN**4,
    Relation.AT_MOST,
)


# Of the bound, which some answer comes that near.
HALFWAY = Bound(Relation.ABOVE, sp.Rational(1, 2))


class Trust(NamedTuple):
    """Which answers are said to be near the minimiser: by their certificate, or by a status."""

    conditions: tuple[Formula, ...] = ()
    status: str = ""
    near: Formula = NEAR
    reached: Bound = HALFWAY

    def latex(self):
        conditions = [one.latex() for one in self.conditions]
        if self.status:
            conditions.append(rf"\text{{status}} = \text{{{self.status}}}")
        trusted = r", \quad ".join(conditions)
        near, relation = self.near, self.reached.relation
        part = rf"\frac{{{near.left_latex()}}}{{{written(near.body, *near.symbols)}}}"
        reached = rf"\max {part} {relation} {shown(self.reached.value)}"
        return rf"{trusted} \quad\Rightarrow\quad {near.latex()} \\ {reached}"

    def __call__(self, status, at):
        # An infinite value would excuse any gap.
        return self.status in ("", status) and all(
            math.isfinite(float(one.side(at))) and share(one, at, at) < math.inf
            for one in self.conditions
        )


BY_CERTIFICATE = Trust((SMALL_GAP, FEASIBLE))
BY_STATUS = Trust(status="optimal")
LARGE_GAP = replace(SMALL_GAP, body=lambda q: TEN**3 * sp.Abs(q))
WRONG = (
    Control("the solver's status in place of the certificate", BY_STATUS),
    Control("any gap below 10³", BY_CERTIFICATE._replace(conditions=(LARGE_GAP, FEASIBLE))),
    Control("any infeasibility", BY_CERTIFICATE._replace(conditions=(SMALL_GAP,))),
    Control("a large gap", BY_CERTIFICATE._replace(conditions=(at_least(SMALL_GAP), FEASIBLE))),
    Control("far from the minimiser", BY_CERTIFICATE._replace(near=at_least(NEAR))),
)


def answers(X, y, scale):
    """Yield the (β, ν) of every method that has one, with its name and what it says of itself."""
    for way, options in WAYS.items():
        try:
            found = convex.minimum_penalty(X, y, scale, **options)
        except convex.SolverFailedError:
            continue  # no answer, so nothing to trust
        yield way, found.solver_status, found.beta, found.dual
    # The β of least norm is feasible but not optimal; with the best ν for Xᵀν = q′(β).
    beta = np.linalg.pinv(X) @ y
    dual = np.linalg.lstsq(X.T, 0.5 * np.arcsinh(beta / scale), rcond=None)[0]
    yield "least norm", "none", beta, dual
    # As far from the minimiser, on the way there, as is just too far.
    exact = minimum_penalty(X, y, scale)
    away = beta - exact.beta
    near = exact.beta + 2 * DISTANCE * away * np.abs(exact.beta).max() / np.abs(away).max()
    yield "towards least norm", "none", near, exact.dual
    # As far as a gap allows: along the feasible direction of least curvature.
    free = null_space(X)
    least, directions = np.linalg.eigh(free.T @ (free.T / (2 * np.hypot(exact.beta, scale))).T)
    value = abs(certificate(X, y, scale, exact.beta, exact.dual).value)
    for gap in (1e-10, 2e-10, 4e-10, 1e-9):
        step = math.sqrt(2 * 0.99 * gap * value / least[0])
        yield f"gap {gap:g}", "none", exact.beta + step * (free @ directions[:, 0]), exact.dual
    # The minimiser for y + δ is not feasible; with δ orthogonal to its own ν its gap is closed. The
    # δ is taken that moves the minimiser most.
    soft = X * (2 * np.hypot(exact.beta, scale))
    off, other = DISTANCE / 10, exact
    for _ in range(3):
        across = null_space(other.dual[None])
        left, *_ = np.linalg.svd(np.linalg.solve(soft @ X.T, across).T @ soft)
        across = across @ left[:, 0] * np.sign(across[0] @ left[:, 0])
        shift = 0.99 * off * np.abs(y).max() / np.abs(across).max()
        other = minimum_penalty(X, y + shift * across, scale)
    yield f"labels off by {off:g}", "none", other.beta, other.dual
    # The minimiser for shorter y is not feasible; along the ν of y the gap of its value closes.
    for part in (0.9, 1 - 4 * DISTANCE):
        short = minimum_penalty(X, part * y, scale).beta
        length = brentq(lambda t: certificate(X, y, scale, short, t * exact.dual).gap, 0.0, 1.0)  # noqa: B023
        yield f"labels times {part:g}", "none", short, length * exact.dual


@cache
def judged_answers():
    """Return each answer's way and status, the data with it by symbol, and where it is."""
    rng, found = np.random.default_rng(SEED), []
    for trial in range(PROBLEMS):
        inputs, labels = rng.standard_normal((10, 20)) / np.sqrt(10), rng.standard_normal(10)
        for scale in SCALES:
            exact = minimum_penalty(inputs, labels, scale).beta
            for way, status, beta, dual in answers(inputs, labels, scale):
                judged = certificate(inputs, labels, scale, beta, dual)
                where = {"problem": trial, "scale": scale, "solver": way}
                where |= {"its status": status, "gap": judged.gap}
                at = {X: inputs, Y: labels, BETA: beta, BEST: exact}
                found.append((way, status, at | {GAP: judged.gap, Q: judged.value}, where))
    return tuple(found)


def decide(trust):
    """Judge the answers of cone programmes and others; what is trusted must be right."""
    gaps, farthest, answered = Gaps(), Worst(), judged_answers()
    for way, status, at, where in answered:
        if trust(status, at):
            method = "cone programme" if way in WAYS else way
            relative(gaps, "minimiser β", {method: at[BETA], "dual Newton": at[BEST]}, where)
            farthest.at(share(trust.near, at, at), methods=f"{method} and dual Newton", **where)
    if gaps.all.count < PROBLEMS:
        return Evidence(None, f"only {gaps.all.count} answers of {len(answered)} are trusted")
    if farthest.figure > 1 or not trust.reached.margin(farthest.figure) > 0:
        gaps.all.at(np.inf, **{"part of the bound": farthest.figure, **farthest.where})
    return gaps.measured(
        f"{{count}} answers of {len(answered)} are trusted, the worst is off by {{worst}}"
    )


REASON = "square root of the largest gap allowed, in units of β and √(c² + β²)"


def check(subject, control):
    name = "three cone programmes"
    return Check(name, Method.CONVEX, decide, subject, control, DISTANCE, REASON, seed=SEED)


state(
    "crosscheck.certificate",
    __doc__,
    (check(BY_CERTIFICATE, WRONG),),
    assumptions=("d = 20, n = 10",),
    requires=("implicit-bias.fenchel-young",),
)

# A false twin: the status of a conic solver is no evidence.

state(
    "crosscheck.solver-status",
    """“Optimal” is optimal (Theorem 4.1, as commonly solved).

    A conic solver that reports “optimal” has found the minimiser; false where the scale of the
    penalty stands inside the exponential cones.
    """,
    (check(BY_STATUS, Control("the certificate in place of the status", BY_CERTIFICATE, True)),),
    assumptions=("d = 20, n = 10", "CLARABEL at its own tolerances"),
    requires=("crosscheck.certificate",),
    twin="crosscheck.certificate",
    fault=Fault.CODED,
)
