"""κ in a ResNet with the ε of batch normalisation: the same function (Section 6).

In training mode, with ε = 10⁻⁵ in batch normalisation, multiplying stem and stages 1–3 of ResNet-18
by κ leaves every output unchanged.

It does at ε = 0. Variances inside the stages are multiplied by κ⁴, and at κ = 1/8, which makes them
4096 times smaller, the ε that torchvision sets is no longer small beside them.
"""

from verify.claim import Control, Fault
from verify.claims.vision import _scaled_networks as networks
from verify.claims.vision.kappa_function import SAME, same_function
from verify.registry import state

TORCHVISION = 1e-5
state(
    "vision.kappa-function-epsilon",
    __doc__,
    (
        networks.check(
            "outputs of torchvision's network",
            same_function,
            SAME._replace(eps=TORCHVISION),
            (Control("ε = 0", SAME, must_hold=True),),
        ),
    ),
    assumptions=(
        "torchvision's resnet18, with affine parameters drawn about its initial ones",
        "batch statistics",
        "κ > 0",
    ),
    twin="vision.kappa-function",
    fault=Fault.READ,
)
