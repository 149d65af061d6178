"""c and γ in a ResNet: a scale of the logits (Section 6; Appendices D.2, D.3 and D.4).

In training mode, with ε = 0, multiplying all parameters of ResNet-18 by c turns its outputs f, of
bias b, into c²(f − b) + c b; multiplying the last layer by γ turns them into γ f.

The last features are multiplied by c, and the logits' weight part by c·c. So c and the rescaling
of all weights act on the function of a batch-normalised ResNet as a scale of its logits; in
evaluation mode, where running statistics stay what they were, this is not so.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import sympy as sp

from verify.claim import Control
from verify.claims.vision import _scaled_networks as networks
from verify.methods.formula import written
from verify.registry import state


class Scalings(NamedTuple):
    """The outputs as they follow from f and b: all parameters times c, the last layer times γ."""

    everything: Callable[[Any, Any, Any], Any]
    last_layer: Callable[[Any, Any, Any], Any]

    def latex(self):
        f, b, c, gamma = sp.symbols("f b c gamma")
        everything, last = written(self.everything, f, b, c), written(self.last_layer, f, b, gamma)
        return rf"f_c = {everything} \\ f_\gamma = {last}"


STATED = Scalings(lambda f, b, c: c**2 * (f - b) + c * b, lambda f, b, gamma: gamma * f)
OTHERS_OF_ALL = (
    Control("c f", STATED._replace(everything=lambda f, b, c: c * f)),
    Control("c² f", STATED._replace(everything=lambda f, b, c: c**2 * f)),
    Control(
        "one power of c for each of 18 layers",
        STATED._replace(everything=lambda f, b, c: c**18 * (f - b) + c * b),
    ),
)
OTHERS_OF_THE_LAST = (
    Control("γ² f", STATED._replace(last_layer=lambda f, b, g: g**2 * f)),
    Control("γ (f − b) + b", STATED._replace(last_layer=lambda f, b, g: g * (f - b) + b)),
)


def compare(modules, follows):
    """Compare the outputs with these modules scaled with what is said to follow from f and b."""
    plain, bias = networks.outputs(), networks.problem()[0]["fc.bias"]
    pairs = [(networks.outputs(modules, v), follows(plain, bias, v)) for v in networks.VALUES]
    methods = ("scaled network", "formula from the unscaled one")
    return networks.compare("outputs, scaled by c or γ", methods, pairs)


def all_parameters(scalings):
    return compare(networks.MODULES, scalings.everything)


def the_last_layer(scalings):
    return compare(("fc",), scalings.last_layer)


state(
    "vision.scale-function",
    __doc__,
    (
        networks.check("all parameters", all_parameters, STATED, OTHERS_OF_ALL),
        networks.check("the last layer", the_last_layer, STATED, OTHERS_OF_THE_LAST),
    ),
    assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "c, γ > 0"),
)
