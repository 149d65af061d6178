"""Signs of the teachers do not matter (Section 3.3, eq. (9); Proposition 4.2).

The error is the same whatever the signs of the active β*_PT and β*_FT are, random or not, alike in
both teachers or not: c_FT is even in β_PT, and β̂ is odd in z.

β̂(z) is the one β̂ that belongs to z.
"""

from functools import partial
from itertools import product

import numpy as np
import sympy as sp

from numerics import Initialization, TaskDistribution, solve_replica
from numerics.penalty import proximal_operator
from theory.implicit_bias import penalty_slope
from theory.network import finetune_scale
from verify.claim import Check, Method
from verify.claims.replica._channel import Channel
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import CLOSED_FORM, FLOAT64, Worst, compared
from verify.methods.on_arrays import applied
from verify.registry import state

beta_pt, estimate, z = sp.symbols(r"\beta_{PT} \hat\beta z", real=True)
c, tau, own = sp.symbols(r"c tau c_{FT}", positive=True)
C_FT, ESTIMATOR = (sp.Function(symbol.name) for symbol in (own, estimate))
lam, gamma = sp.symbols("lambda gamma", real=True)


def scale(beta_pt, c, lam, gamma):
    return (c + lam) * (1 + sp.sqrt(1 + (beta_pt / c) ** 2)) + gamma**2


def noisy(estimate, tau, scale):
    return estimate + tau * sp.asinh(estimate / scale) / 2


STATED = Formulas(
    scale=Formula(own, (beta_pt, c, lam, gamma), scale),
    even=Formula(C_FT(-beta_pt), (C_FT(beta_pt),), lambda scale: scale),
    noisy=Formula(z, (estimate, tau, own), noisy),
    odd=Formula(ESTIMATOR(-z), (ESTIMATOR(z),), lambda estimate: -estimate),
)
CONTROLS = (
    STATED.but(
        "β_PT for its size",
        scale=lambda b, c, lam, g: (c + lam) * (1 + b / c) + g**2,
    ),
    STATED.but(
        "c_FT one per cent larger where β_PT > 0",
        scale=lambda b, c, lam, g: scale(b, c, lam, g) * (1 + (1 + sp.sign(b)) / 200),
    ),
    STATED.but(
        "a penalty with a slope at 0",
        noisy=lambda b, tau, scale: noisy(b, tau, scale) + sp.Rational(1, 100),
    ),
    STATED.but("an even estimator", odd=lambda estimate: estimate),
    STATED.but("an odd scale", even=lambda scale: -scale),
)


def decide(stated):
    """Reflect β_PT; reflect z and β̂."""
    return prove_all(steps(stated), summary="the scale is even, the estimator odd")


def steps(stated):
    w0, v0, readout = sp.symbols("w_0 v_0 gamma", nonnegative=True)
    init = {c: w0**2 + v0**2, lam: w0**2 - v0**2, gamma: readout}
    yield (
        "c_FT is the scale that fine-tuning starts with, c = w₀² + v₀² and λ = w₀² − v₀²",
        equal(defined(stated.scale, own, init), finetune_scale(beta_pt, *init.values())),
    )
    scales = {C_FT: lambda beta: finetune_scale(beta, *init.values())}
    yield "it is the same for −β_PT", equal(stated.even.left(scales), stated.even(scales))
    slope = penalty_slope(estimate, own)

    def solution(noisy):
        """Return the b of ±β̂ for which z is `noisy`, a multiple of that of β̂."""
        at = noisy.subs(z, defined(stated.noisy, z))
        for b in (estimate, -estimate):
            if equal(defined(stated.noisy, z, {estimate: b}), at).holds:
                return b
        raise ValueError(f"z must be ± that of β̂, got {noisy}")

    estimator = {ESTIMATOR: solution}
    yield (
        "β̂ solves (β̂ − z)/τ + q′(β̂) = 0, and no other b does, as q′ increases",
        equal(defined(stated.noisy, z), estimate + tau * slope),
    )
    yield (
        "so −β̂ belongs to −z: at −β* and −Z, which has the law of Z, (β̂ − β*)² and η′ are the same",
        equal(stated.odd.left(estimator), stated.odd(estimator)),
    )


INITS = ((1e-3, 0.0, 0.0), (0.5, -0.3, 0.4))
ALPHA, LARGE = 0.4, 1.7


def estimated(tau, scale, z):
    """Return the numbers' own β̂ of z."""
    return proximal_operator(z, tau, scale)


def integrate(stated):
    """Hold the error of each group, for all four pairs of signs, to that of the solver."""
    worst, names, places = Worst(), (beta_pt, c, lam, gamma), (estimate, tau, own)
    scale_of = sp.lambdify(names, defined(stated.scale, own), "numpy")
    observed = sp.lambdify(places, defined(stated.noisy, z), "numpy")

    def squares(channel):
        """Return E[(β̂ − β*)²], and E of the square of what vanishes at β̂ as stated."""

        def error(noise, beta, response):
            return (beta - channel.target) ** 2

        def left(noise, beta, response):
            gap = channel.target + channel.theta * noise - observed(beta, *channel[2:])
            return (gap / channel.tau) ** 2

        return channel.mean_in_float64(error), channel.mean_in_float64(left)

    def unequal(formula, functions, at):
        """Return the gap between both sides, relative to the larger."""
        left, right = (applied(side, functions, at) for side in (formula.name, formula()))
        return abs(left - right) / max(abs(left), abs(right))

    for init in INITS:
        task = TaskDistribution.pretrain_finetune(0.2, 0.3, 0.5)
        start = Initialization(*init)
        curve = solve_replica(task, start, ALPHA)
        for group, found in zip(task.groups, curve.group_mse[:, 0], strict=True):
            for before, after in product((1, -1), repeat=2):
                where = {"group": group.name, "signs": (before, after), "init": init}
                scale = float(scale_of(before * group.pt_magnitude, *init))
                if not scale > 0:
                    worst.at(np.inf, of="c_FT > 0", **where)
                    continue
                target = after * group.ft_amplitude
                error, left = squares(Channel(target, curve.theta[0], curve.tau[0], scale))
                worst.at(abs(error / found - 1), of="error", **where)
                worst.at(left**0.5, of="(z − β̂)/τ − q′(β̂)", **where)
                at = {beta_pt: before * LARGE}
                worst.at(unequal(stated.even, {C_FT: start.finetune_scale}, at), of="c_FT", **where)
                noisy = {z: target + curve.theta[0]}
                estimators = {ESTIMATOR: partial(estimated, curve.tau[0], scale)}
                worst.at(unequal(stated.odd, estimators, noisy), of="β̂(−z)", **where)
    found = worst.measured("errors of groups as stated to {worst}, for all pairs of signs")
    return compared(found, "error p by groups, signs", (FLOAT64, CLOSED_FORM))


SOLVER, WHY = "errors of groups", "rounding, in the solver and in the integrals"
state(
    "replica.random-signs",
    __doc__,
    (
        Check("reflections", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check(SOLVER, Method.FLOAT64, integrate, STATED, CONTROLS, 1e-9, WHY),
    ),
    assumptions=("c > 0, |λ| ≤ c, c_FT > 0, τ > 0",),
    requires=("network.finetune-scale", "implicit-bias.penalty-zero-and-convex"),
)
