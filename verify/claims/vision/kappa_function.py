"""Scaling the stem and stages 1-3 of a ResNet leaves its function alone (Section 6, D.1).

Batch normalisation takes the scale out of every convolution, and κ on its weights and biases
multiplies the stream through stages 1-3 by κ; stage 4 opens with normalised convolutions on both
of its branches, which take it out again. In training mode, with ε = 0, this is exact. What κ
changes is the gradient: the weights that it multiplies get 1/κ of it, so that training from κθ
at rate η is training from θ at rate η/κ² on them.
"""

from typing import NamedTuple

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.vision._scaled_networks import (
    NEEDS,
    SEED,
    TOLERANCE,
    UP_TO_STAGE_3,
    after_training,
    compared,
    outputs,
    problem,
    scaled,
)
from verify.registry import register


class Statement(NamedTuple):
    """Which modules κ multiplies; the powers of κ in the outputs and in the learning rate."""

    modules: tuple[str, ...] = UP_TO_STAGE_3
    output_power: float = 0.0
    rate_power: float = -2.0


def same_function(statement: Statement) -> Evidence:
    """Compare the outputs of the scaled network with those of the unscaled one."""
    state = problem()[0]
    plain = outputs(state)
    return compared(
        "outputs, scaled by κ",
        ("weights times κ", "weights as they are"),
        lambda kappa: (
            outputs(scaled(state, statement.modules, kappa)),
            plain * kappa**statement.output_power,
        ),
    )


def same_training(statement: Statement) -> Evidence:
    """Train from scaled weights, and from unscaled ones at scaled rates; compare the outputs."""
    return compared(
        "outputs after two steps of SGD",
        ("weights times κ", "learning rate over κ²"),
        lambda kappa: (
            after_training(statement.modules, kappa, 1.0),
            after_training(statement.modules, 1.0, kappa**statement.rate_power),
        ),
    )


register(
    Claim(
        id="vision.kappa-function",
        title="κ in a ResNet: the same function, other learning rates",
        sentence="In training mode, with ε = 0 in batch normalisation, multiplying stem and stages "
        "1–3 of ResNet-18 by κ leaves every output unchanged, and SGD from there at rate η is SGD "
        "from the unscaled weights at rate η/κ² on them.",
        latex=r"f(\kappa\,\theta_{1-3}, \theta_4) = f(\theta_{1-3}, \theta_4), \\ "
        r"\eta_{1-3} = \eta/\kappa^2",
        source="Section 6; Appendix D.1",
        assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "κ > 0"),
        checks=(
            Check(
                "outputs of torchvision's network",
                Method.FLOAT64,
                same_function,
                Statement(),
                (
                    Control("the outputs are multiplied by κ", Statement(output_power=1.0)),
                    Control("stage 4 is multiplied, too", Statement((*UP_TO_STAGE_3, "layer4"))),
                    Control("all but bn1", Statement(("conv1", *UP_TO_STAGE_3[2:]))),
                ),
                tolerance=TOLERANCE,
                reason="rounding of 18 layers in double precision, with room",
                needs=NEEDS,
                limit=300.0,
                seed=SEED,
            ),
            Check(
                "training of torchvision's network",
                Method.TRAINING,
                same_training,
                Statement(),
                (
                    Control("rate η/κ", Statement(rate_power=-1.0)),
                    Control("rate η", Statement(rate_power=0.0)),
                ),
                tolerance=TOLERANCE,
                reason="as above; two steps do not amplify it much",
                needs=NEEDS,
                limit=300.0,
                seed=SEED,
            ),
        ),
    )
)
