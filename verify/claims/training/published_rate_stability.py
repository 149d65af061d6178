"""Where the published learning rate is stable (Appendix E.2.6).

The published learning rate is η = 1/d here, and η times the largest curvature of the loss is
(2c_FT/d)(1 + 1/√α)². At d = 5000 with the published γ = 10 that is above 2 only for α below 1/81,
which of the published data scales 0.01 is: there the network is catapulted (2.42), at the next ones
it follows the flow (0.52 at α = 0.059). None of them diverges, which it takes 3.7 to do.

Close to the start the training error obeys linear dynamics with the curvature X D Xᵀ, D = 2 c_FT,
and gradient descent leaves if the learning rate η times its largest eigenvalue is above 2. Not far
above 2 it comes back: while the residual grows, η²g² takes the invariants down until the curvature
is small enough (a catapult). The network then converges, and not to the minimiser. A single
direction would come back up to 4; these networks, of many, do not. That they diverge from about 3.7
on was read off networks on either side (at 3.56 and 3.87) and is no prediction. s is η times that
eigenvalue; γ is the published one, so that the readouts are γ/√2 (training.published-units).

An earlier version of this claim took the published rate for 0.5/n, which is 0.5/α times too large,
and γ for that of eq. (5): it stated divergence for networks that nobody had run.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import sympy as sp

from empirics.published import from_published, published
from numerics import Initialization, TaskDistribution
from verify.claim import Control
from verify.claims.crosscheck._scale import C_FT, GAMMA, C
from verify.claims.training._small_networks import by_training
from verify.methods.formula import Formula, defined
from verify.methods.notation import shown
from verify.methods.numeric import Worst
from verify.methods.relations import Bound, Relation
from verify.registry import state

SEED = 401
D, SMALL = 5000, 1e-3
# The smallest published ones, and others, so that every outcome is seen: among them networks at
# s = 3.56 and 3.87, on either side of where they begin to diverge.
PUBLISHED_ALPHAS = (0.01, 0.059, 0.108)
ALPHAS = (0.005, 0.006, 0.0066, 0.0084, 0.0115, 0.013, *PUBLISHED_ALPHAS)
# (d, α, γ) at which the curvature is compared, too: at the published size d and γ have one value.
FURTHER = (2000, 0.4, 30.0)
EPOCHS = 1000
# Relative change of the invariants that distinguishes a catapult from training near the flow.
CHANGED = 0.1
# How near the largest curvature of a network is to its limit as d → ∞, relative.
NEAR = 0.04
# (c, γ) of which c_FT at β_PT = λ = 0 is compared; at the second no power of 10 is hidden.
SCALES = ((SMALL, 10.0), (0.3, 0.7))
FOLLOWS, CATAPULTED, DIVERGES = "follows the flow", "catapulted", "diverges"


WIDTH, ALPHA, S = sp.symbols("d alpha s", positive=True)
MOST = sp.Rational(37, 10)
GAMMA_PUBLISHED = 10.0


class Statement(NamedTuple):
    """s, η times the curvature, at a readout γ; what becomes of networks exactly if s is so."""

    gamma: float = 10
    product: Formula = Formula(
        S,
        (WIDTH, ALPHA, C_FT),
        lambda d, alpha, scale: 2 * scale / d * (1 + 1 / sp.sqrt(alpha)) ** 2,
    )
    scale: Formula = Formula(C_FT, (C, GAMMA), lambda c, gamma: 2 * c + gamma**2 / 2)
    diverges: tuple[Bound, ...] = (Bound(Relation.ABOVE, MOST),)
    catapulted: tuple[Bound, ...] = (Bound(Relation.ABOVE, 2), Bound(Relation.AT_MOST, MOST))

    def latex(self):
        rows = (
            rf"{', '.join(f'{shown(S)} {one.relation} {shown(one.value)}' for one in bounds)} \iff "
            rf"\text{{{outcome}}}"
            for outcome, bounds in self.outcomes.items()
        )
        given = rf"{self.product.latex()},\quad {self.scale.latex()},\quad "
        return r" \\ ".join((rf"{given}\gamma = {shown(self.gamma)}", *rows))

    @property
    def outcomes(self):
        return {DIVERGES: self.diverges, CATAPULTED: self.catapulted}

    def expected(self, value):
        """Return for each outcome whether it is stated at a value of s."""
        return {
            outcome: all(
                one.margin(value) > 0 if one.strict else one.margin(value) >= 0 for one in bounds
            )
            for outcome, bounds in self.outcomes.items()
        }

    def value(self, alpha, d=D, gamma=None):
        """Return s at a data scale, for networks of the published size and γ unless given."""
        scale = defined(self.scale, C_FT, {C: SMALL, GAMMA: self.gamma if gamma is None else gamma})
        return float(defined(self.product, S, {WIDTH: d, ALPHA: alpha, C_FT: scale}))


STATED = Statement()
FROM_TWO = (Bound(Relation.ABOVE, 2),)
TO_FOUR, TO_EIGHT = (Bound(Relation.AT_MOST, most) for most in (4, 8))
CONTROLS = (
    Control("curvature of γ = 1", Statement(gamma=1)),
    Control("divergence above 2", Statement(diverges=FROM_TWO)),
    Control(
        "divergence above 4",
        Statement(diverges=(Bound(Relation.ABOVE, 4),), catapulted=(*FROM_TWO, TO_FOUR)),
    ),
    Control(
        "divergence above 8",
        Statement(diverges=(Bound(Relation.ABOVE, 8),), catapulted=(*FROM_TWO, TO_EIGHT)),
    ),
    Control(
        "catapult above 1",
        Statement(catapulted=(Bound(Relation.ABOVE, 1), Bound(Relation.AT_MOST, MOST))),
    ),
    Control("divergence below", Statement(diverges=(Bound(Relation.BELOW, MOST),))),
)


def drawn(alpha, d=D):
    """Draw the data of a network."""
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.0, slab="gaussian")
    return task.sample(d, alpha, np.random.default_rng((SEED, round(alpha * d))))


def as_published(alpha, d=D, gamma=GAMMA_PUBLISHED):
    """Return the published run in our units, and the initialisation with its readouts."""
    run = from_published(published(gamma), round(alpha * d), d)
    return run, Initialization(SMALL, 0.0, run.gamma)


@cache
def sharpness(alpha, d=D, gamma=GAMMA_PUBLISHED):
    """Return the published rate times the largest curvature at the start, 2c_FT in a direction."""
    sample, (run, init) = drawn(alpha, d), as_published(alpha, d, gamma)
    kernel = 2 * init.finetune_scale(sample.beta_pt)
    largest = np.linalg.eigvalsh((sample.X * kernel) @ sample.X.T)[-1]
    return float(run.learning_rate * largest)


@cache
def outcome(alpha):
    """Train one network of γ = 10 at the published rate, and say what became of it."""
    import torch

    from empirics.diagonal import train_from_infinite_pretraining

    torch.set_num_threads(1)
    sample, (run, init) = drawn(alpha), as_published(alpha)
    batch = (one[None] for one in (sample.beta_pt, sample.X, sample.y))
    options = {**run.options, "look_every": 1, "most_epochs": EPOCHS}
    found = train_from_infinite_pretraining(init, *batch, **options)
    return named_outcome(str(found.stop_reason[0]), float(found.shrinkage[0]))


def named_outcome(reason, shrinkage):
    """Return what the page calls the end of a training, from why it stopped and what it changed.

    Raises
    ------
    ArithmeticError
        If it did not end.
    """
    if reason == "diverged":
        return DIVERGES
    if reason != "converged" or not np.isfinite(shrinkage):
        raise ArithmeticError(
            f"training must end within {EPOCHS} epochs, got {reason!r}, shrinkage {shrinkage!r}"
        )
    return CATAPULTED if shrinkage > CHANGED else FOLLOWS


def decide(statement):
    """Count the networks with another curvature, or of which something else became than it says."""
    worst, outcomes = Worst(), []
    for c, gamma in SCALES:
        scale = float(defined(statement.scale, C_FT, {C: c, GAMMA: gamma}))
        readout = from_published(published(gamma), 1, 1).gamma
        of_networks = float(Initialization(c, 0.0, readout).finetune_scale(0.0))
        other = not np.isclose(scale, of_networks, rtol=1e-12)
        worst.at(other, c=c, gamma=gamma, scale=scale, of_networks=of_networks)
    d, alpha, gamma = FURTHER
    value, measured = statement.value(alpha, d, gamma), sharpness(alpha, d, gamma)
    apart = abs(value / measured - 1) > NEAR
    worst.at(apart, d=d, alpha=alpha, gamma=gamma, product=value, measured=measured)
    for alpha in ALPHAS:
        value, found = statement.value(alpha), outcome(alpha)
        stated = statement.expected(value)
        measured = sharpness(alpha)
        near = abs(value / measured - 1) <= NEAR
        wrong = not near or any(holds != (found == name) for name, holds in stated.items())
        place = {"alpha": alpha, "product": value, "measured": measured}
        worst.at(wrong, **place, stated=str(stated), found=found)
        if alpha in PUBLISHED_ALPHAS:
            outcomes.append(f"α = {alpha:g} (η·curvature {value:.2f}) {found}")
    return worst.measured(f"networks of d = {D}, γ = 10: " + ", ".join(outcomes))


NAME, REASON = "networks of the published size", "every network does what is stated"
CHECK = by_training(NAME, decide, STATED, CONTROLS, 0.0, REASON, limit=180.0, seed=SEED)
state(
    "training.published-rate-stability",
    __doc__,
    (CHECK,),
    assumptions=(
        "published γ = 10, c = 10⁻³, λ = 0, ρ_PT = ρ_FT = 0.1, ω = 0",
        "the training error is looked at every epoch, not every 5000",
    ),
    requires=("network.finetune-scale", "training.published-units"),
    not_decided=(
        "where between 3.56 and 3.87 divergence begins, and between 1.91 and 2.13 the catapult: no "
        "network is trained there",
        f"the curvature to better than {NEAR:g} of itself",
    ),
)
