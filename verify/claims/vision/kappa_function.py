"""κ in a ResNet: the same function, other learning rates (Section 6; Appendix D.1).

In training mode, with ε = 0 in batch normalisation, multiplying stem and stages 1–3 of ResNet-18
by κ leaves every output unchanged, and SGD from there at rate η is SGD from the unscaled weights
at rate η/κ² on them.

Batch normalisation takes the scale out of every convolution, and κ on its weights and biases
multiplies the stream through stages 1-3 by κ; stage 4 opens with normalised convolutions on both
of its branches, which take it out again. What κ changes is the gradient: the weights that it
multiplies get 1/κ of it.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp

from verify.claim import Control, Method
from verify.claims.vision import _scaled_networks as networks
from verify.methods.formula import named, written
from verify.registry import state


class Scaling(NamedTuple):
    """Which modules κ multiplies; the outputs that follow from f, the rate that stands for η."""

    modules: tuple[str, ...]
    outputs: Callable[[Any, Any], Any]
    rate: Callable[[Any, Any], Any]

    def latex(self):
        (f,) = named(r"f(\theta_A, \theta_B)")
        eta, kappa = sp.symbols("eta kappa")
        return (
            rf"f(\kappa\,\theta_A, \theta_B) = {written(self.outputs, f, kappa)}, \qquad "
            rf"\eta_A = {written(self.rate, eta, kappa)} \\ "
            rf"A = \{{\text{{{', '.join(self.modules)}}}\}}"
        )


UP_TO_STAGE_3 = networks.MODULES[:5]
STATED = Scaling(UP_TO_STAGE_3, lambda f, kappa: f, lambda eta, kappa: eta / kappa**2)
OTHER_OUTPUTS = (
    Control("the outputs are multiplied by κ", STATED._replace(outputs=lambda f, kappa: kappa * f)),
    Control("stage 4 is multiplied, too", STATED._replace(modules=(*UP_TO_STAGE_3, "layer4"))),
    Control("all but bn1", STATED._replace(modules=("conv1", *UP_TO_STAGE_3[2:]))),
)
OTHER_RATES = (
    Control("rate η/κ", STATED._replace(rate=lambda eta, kappa: eta / kappa)),
    Control("rate η", STATED._replace(rate=lambda eta, kappa: eta)),
)


def same_function(scaling):
    """Compare the outputs of the scaled network with those that follow from the unscaled one."""
    modules, follows, plain = scaling.modules, scaling.outputs, networks.outputs()
    pairs = [(networks.outputs(modules, kappa), follows(plain, kappa)) for kappa in networks.VALUES]
    methods = ("weights times κ", "weights as they are")
    return networks.compare("outputs, scaled by κ", methods, pairs)


def same_training(scaling):
    """Train from scaled weights, and from unscaled ones at scaled rates; compare the outputs."""
    modules, train = scaling.modules, networks.after_training
    pairs = [
        (train(modules, kappa, 1.0), train(modules, 1.0, scaling.rate(1.0, kappa)))
        for kappa in networks.VALUES
    ]
    methods = ("weights times κ", "learning rate over κ²")
    return networks.compare("outputs after two steps of SGD", methods, pairs)


TRAINED = "training of torchvision's network"
state(
    "vision.kappa-function",
    __doc__,
    (
        networks.check("outputs of torchvision's network", same_function, STATED, OTHER_OUTPUTS),
        networks.check(TRAINED, same_training, STATED, OTHER_RATES, Method.TRAINING),
    ),
    assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "κ > 0"),
)
