"""κ in a ResNet: the same function, other learning rates (Section 6; Appendix D.1).

In training mode, with ε = 0 in batch normalisation, multiplying stem and stages 1–3 of ResNet-18
by κ leaves every output unchanged, and SGD from there at rate η is SGD from the unscaled weights
at rate η/κ² on them.

Batch normalisation takes the scale out of every convolution, and κ on its weights and biases
multiplies the stream through stages 1-3 by κ; stage 4 opens with normalised convolutions on both
of its branches, which take it out again. What κ changes is the gradient: the weights that it
multiplies get 1/κ of it.
"""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import sympy as sp

from verify.claim import Control, Method
from verify.claims.vision import _scaled_networks as networks
from verify.claims.vision._scaled_networks import OTHERS, OUTPUTS, SCALED, UNSCALED
from verify.methods.formula import Formula, Formulas
from verify.registry import state

KAPPA, ETA, RATE = sp.symbols("kappa eta eta_A", positive=True)


class Scaling(NamedTuple):
    """Outputs that follow from f, and the rate that stands for η on the modules multiplied."""

    outputs: networks.Outputs
    rate: Formula

    def latex(self):
        equalities, modules = self.outputs.latex().split(r" \\ ")
        return rf"{equalities}, \qquad {self.rate.latex()} \\ {modules}"


# A value of either side of 1, not all powers of two: training takes its time.
TRAINED_AT = (0.3, 4.0)
UP_TO_STAGE_3 = networks.MODULES[:5]
MULTIPLIED = sp.Mul(KAPPA, SCALED, evaluate=False)
SAME = networks.Outputs(
    UP_TO_STAGE_3,
    Formulas(outputs=Formula(OUTPUTS(MULTIPLIED, OTHERS), (UNSCALED,), lambda f: f)),
)
STATED = Scaling(SAME, Formula(RATE, (ETA, KAPPA), lambda eta, kappa: eta / kappa**2))


def follows(outputs):
    return replace(SAME.equalities.outputs, symbols=(UNSCALED, KAPPA), body=outputs)


OTHER_OUTPUTS = (
    SAME.but("the outputs are multiplied by κ", outputs=follows(lambda f, kappa: kappa * f)),
    Control("stage 4 is multiplied, too", SAME._replace(modules=(*UP_TO_STAGE_3, "layer4"))),
    Control("all but bn1", SAME._replace(modules=("conv1", *UP_TO_STAGE_3[2:]))),
)


def at_rate(rate):
    return STATED._replace(rate=replace(STATED.rate, body=rate))


BY_SQUARE = replace(SAME.equalities.outputs, name=OUTPUTS(SCALED / KAPPA**2, OTHERS))
OTHER_RATES = (
    Control("rate η/κ", at_rate(lambda eta, kappa: eta / kappa)),
    Control("rate η", at_rate(lambda eta, kappa: eta)),
    Control(
        "weights divided by κ²",
        STATED._replace(outputs=SAME.but("", outputs=BY_SQUARE).subject),
    ),
)


def same_function(stated):
    """Compare the outputs of the scaled network with those that follow from the unscaled one."""
    network = partial(networks.outputs, stated.modules, eps=stated.eps)
    pairs = [
        networks.sides(stated.equalities.outputs, {KAPPA: kappa}, network, network)
        for kappa in networks.VALUES
    ]
    methods = ("weights times κ", "weights as they are")
    return networks.compare("outputs, scaled by κ", methods, pairs)


def _trained(outputs, rate, factor, others):
    return networks.after_training(outputs.modules, factor, rate, others, eps=outputs.eps)


def same_training(scaling):
    """Train from scaled weights, and from unscaled ones at scaled rates; compare the outputs."""
    stated = scaling.outputs
    pairs, unknown = [], sp.Dummy()
    for kappa in TRAINED_AT:
        at = {ETA: 1.0, KAPPA: kappa}
        (rate,) = sp.solve(scaling.rate.left({RATE: unknown}) - scaling.rate(at), unknown)
        ways = (partial(_trained, stated, float(one)) for one in (at[ETA], rate))
        pairs.append(networks.sides(stated.equalities.outputs, {KAPPA: kappa}, *ways))
    methods = ("weights times κ", "learning rate over κ²")
    return networks.compare("outputs after two steps of SGD", methods, pairs, TRAINED_AT)


TRAINED = "training of torchvision's network"
state(
    "vision.kappa-function",
    __doc__,
    (
        networks.check(TRAINED, same_training, STATED, OTHER_RATES, Method.TRAINING),
        networks.check("outputs of torchvision's network", same_function, SAME, OTHER_OUTPUTS),
    ),
    assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "κ > 0"),
)
