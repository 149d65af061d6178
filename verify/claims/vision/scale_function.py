"""c and γ in a ResNet: a scale of the logits (Section 6; Appendices D.2, D.3 and D.4).

In training mode, with ε = 0, multiplying all parameters of ResNet-18 by c turns its outputs f, of
bias b, into c²(f − b) + c b; multiplying the last layer by γ turns them into γ f.

The last features are multiplied by c, and the logits' weight part by c·c. So c and the rescaling
of all weights act on the function of a batch-normalised ResNet as a scale of its logits; in
evaluation mode, where running statistics stay what they were, this is not so.
"""

import sympy as sp

from verify.claims.vision import _scaled_networks as networks
from verify.methods.formula import Formula, Formulas
from verify.registry import state

f, b, c, gamma = sp.symbols("f b c gamma")
# The outputs as they follow from f and b: all parameters times c, the last layer times γ.
STATED = Formulas(
    everything=Formula("f_c", (f, b, c), lambda f, b, c: c**2 * (f - b) + c * b),
    last_layer=Formula(r"f_\gamma", (f, gamma), lambda f, gamma: gamma * f),
)
OTHERS_OF_ALL = (
    STATED.but("c f", everything=lambda f, b, c: c * f),
    STATED.but("c² f", everything=lambda f, b, c: c**2 * f),
    STATED.but(
        "one power of c for each of 18 layers",
        everything=lambda f, b, c: c**18 * (f - b) + c * b,
    ),
)
AROUND_THE_BIAS = Formula(r"f_\gamma", (f, b, gamma), lambda f, b, g: g * (f - b) + b)
OTHERS_OF_THE_LAST = (
    STATED.but("γ² f", last_layer=lambda f, g: g**2 * f),
    STATED.but("γ (f − b) + b", last_layer=AROUND_THE_BIAS),
)


def compare(modules, stated, factor):
    """Compare the outputs with these modules scaled with what is said to follow from f and b."""
    plain, bias = networks.outputs(), networks.problem()[0]["fc.bias"]
    pairs = [
        (networks.outputs(modules, v), stated({f: plain, b: bias, factor: v}))
        for v in networks.VALUES
    ]
    methods = ("scaled network", "formula from the unscaled one")
    return networks.compare("outputs, scaled by c or γ", methods, pairs)


def all_parameters(scalings):
    return compare(networks.MODULES, scalings.everything, c)


def the_last_layer(scalings):
    return compare(("fc",), scalings.last_layer, gamma)


state(
    "vision.scale-function",
    __doc__,
    (
        networks.check("all parameters", all_parameters, STATED, OTHERS_OF_ALL),
        networks.check("the last layer", the_last_layer, STATED, OTHERS_OF_THE_LAST),
    ),
    assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "c, γ > 0"),
)
