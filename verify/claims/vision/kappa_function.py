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
from typing import Any, NamedTuple

import sympy as sp

from verify.claim import Control, Method
from verify.claims.vision import _scaled_networks as networks
from verify.methods.formula import Formula
from verify.registry import state

KAPPA, ETA = sp.symbols("kappa eta", positive=True)
SCALED, OTHERS = sp.symbols(r"\theta_A \theta_B")
OUTPUTS = sp.Function("f")
UNSCALED = OUTPUTS(SCALED, OTHERS)


class Scaling(NamedTuple):
    """Which modules κ multiplies; the outputs that follow from f, the rate that stands for η."""

    modules: tuple[str, ...]
    outputs: Formula
    rate: Formula

    def latex(self):
        return (
            rf"{self.outputs.latex()}, \qquad {self.rate.latex()} \\ "
            rf"A = \{{\text{{{', '.join(self.modules)}}}\}}"
        )

    def factor(self, kappa):
        """Return the factor on the modules on the left side.

        Raises
        ------
        ValueError
            If it is not the outputs with these modules multiplied.
        """
        left: Any = self.outputs.name
        if (
            left.func is not OUTPUTS
            or left.args[1] != OTHERS
            or (left.args[0] / SCALED).has(SCALED)
        ):
            raise ValueError(f"outputs with modules multiplied must be stated, got {left}")
        return float((left.args[0] / SCALED).subs(KAPPA, kappa))


UP_TO_STAGE_3 = networks.MODULES[:5]
MULTIPLIED = sp.Mul(KAPPA, SCALED, evaluate=False)
STATED = Scaling(
    UP_TO_STAGE_3,
    Formula(
        OUTPUTS(MULTIPLIED, OTHERS),
        (UNSCALED,),
        lambda f: f,
    ),
    Formula(r"\eta_A", (ETA, KAPPA), lambda eta, kappa: eta / kappa**2),
)


def follows(outputs):
    return STATED._replace(outputs=Formula(STATED.outputs.name, (UNSCALED, KAPPA), outputs))


def at_rate(rate):
    return STATED._replace(rate=replace(STATED.rate, body=rate))


BY_SQUARE = replace(STATED.outputs, name=OUTPUTS(SCALED / KAPPA**2, OTHERS))
OTHER_OUTPUTS = (
    Control("the outputs are multiplied by κ", follows(lambda f, kappa: kappa * f)),
    Control("stage 4 is multiplied, too", STATED._replace(modules=(*UP_TO_STAGE_3, "layer4"))),
    Control("all but bn1", STATED._replace(modules=("conv1", *UP_TO_STAGE_3[2:]))),
)
OTHER_RATES = (
    Control("rate η/κ", at_rate(lambda eta, kappa: eta / kappa)),
    Control("rate η", at_rate(lambda eta, kappa: eta)),
    Control("weights divided by κ²", STATED._replace(outputs=BY_SQUARE)),
)


def same_function(scaling):
    """Compare the outputs of the scaled network with those that follow from the unscaled one."""
    modules, plain = scaling.modules, networks.outputs()
    pairs = [
        (
            networks.outputs(modules, scaling.factor(kappa)),
            scaling.outputs({UNSCALED: plain, KAPPA: kappa}),
        )
        for kappa in networks.VALUES
    ]
    methods = ("weights times κ", "weights as they are")
    return networks.compare("outputs, scaled by κ", methods, pairs)


def same_training(scaling):
    """Train from scaled weights, and from unscaled ones at scaled rates; compare the outputs."""
    modules, train = scaling.modules, networks.after_training
    pairs = [
        (
            train(modules, scaling.factor(kappa), 1.0),
            train(modules, 1.0, scaling.rate({ETA: 1.0, KAPPA: kappa})),
        )
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
