"""c and γ in a ResNet: a scale of the logits (Section 6; Appendices D.2, D.3 and D.4).

In training mode, with ε = 0, multiplying all parameters of ResNet-18 by c turns its outputs f, of
bias b, into c²(f − b) + c b; multiplying the last layer by γ turns them into γ f.

The last features are multiplied by c, and the logits' weight part by c·c. So c and the rescaling
of all weights act on the function of a batch-normalised ResNet as a scale of its logits; in
evaluation mode, where running statistics stay what they were, this is not so.
"""

import sympy as sp

from verify.claims.vision import _scaled_networks as networks
from verify.claims.vision._scaled_networks import OTHERS, OUTPUTS, SCALED, UNSCALED
from verify.methods.formula import Formula, Formulas
from verify.methods.notation import as_written
from verify.registry import state

b, c, gamma = sp.symbols("b c gamma")
# The outputs as they follow from f and b: all parameters times c, the last layer times γ.
with as_written():
    STATED = networks.Outputs(
        ("fc",),
        Formulas(
            everything=Formula(
                OUTPUTS(c * SCALED, c * OTHERS),
                (UNSCALED, b, c),
                lambda f, b, c: c**2 * (f - b) + c * b,
            ),
            last_layer=Formula(
                OUTPUTS(gamma * SCALED, OTHERS), (UNSCALED, gamma), lambda f, gamma: gamma * f
            ),
        ),
    )
AROUND_THE_BIAS = Formula(
    OUTPUTS(gamma * SCALED, OTHERS), (UNSCALED, b, gamma), lambda f, b, gamma: gamma * (f - b) + b
)
CONTROLS = (
    STATED.but("c f", everything=lambda f, b, c: c * f),
    STATED.but("c² f", everything=lambda f, b, c: c**2 * f),
    STATED.but(
        "one power of c for each of 18 layers",
        everything=lambda f, b, c: c**18 * (f - b) + c * b,
    ),
    STATED.but("γ² f", last_layer=lambda f, gamma: gamma**2 * f),
    STATED.but("γ (f − b) + b", last_layer=AROUND_THE_BIAS),
)


def decide(stated):
    """Compare outputs of networks with scaled parameters with what is said to follow from f and b.

    b is the bias of the network as it is.
    """
    bias = networks.problem()[0]["fc.bias"]

    def network(factor, others):
        return networks.outputs(stated.modules, factor, others, eps=stated.eps)

    equalities = stated.equalities
    pairs = [
        networks.sides(equality, {b: bias, factor: value}, network, network)
        for equality, factor in ((equalities.everything, c), (equalities.last_layer, gamma))
        for value in networks.VALUES
    ]
    methods = ("scaled network", "formula from the unscaled one")
    return networks.compare("outputs, scaled by c or γ", methods, pairs)


state(
    "vision.scale-function",
    __doc__,
    (networks.check("outputs of torchvision's network", decide, STATED, CONTROLS),),
    assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "c, γ > 0"),
)
