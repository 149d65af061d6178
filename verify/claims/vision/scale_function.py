"""What the other levers do to a ResNet's function in training mode (Section 6, D.2-D.4).

With ε = 0, multiplying every parameter by c multiplies the last features by c and the logits'
weight part by c·c: f_c = c²(f − b) + c b, b the bias of the last layer. The same factor on the
last layer alone gives γ f. So c and the rescaling of all weights act on the function of a
batch-normalised ResNet as a scale of its logits; in evaluation mode, where running statistics
stay what they were, this is not so.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from verify.claim import Check, Claim, Control, Evidence, Method
from verify.claims.vision._scaled_networks import (
    ALL,
    NEEDS,
    SEED,
    TOLERANCE,
    compared,
    outputs,
    problem,
    scaled,
)
from verify.registry import register


class Statement(NamedTuple):
    """Which modules are multiplied, and the outputs that follow from f, b and the factor."""

    modules: tuple[str, ...]
    follows: Callable[[Any, Any, float], Any]


def scaled_outputs(statement: Statement) -> Evidence:
    """Compare the outputs of the scaled network with those that are said to follow."""
    state = problem()[0]
    plain, bias = outputs(state), state["fc.bias"]
    return compared(
        "outputs, scaled by c or γ",
        ("scaled network", "formula from the unscaled one"),
        lambda factor: (
            outputs(scaled(state, statement.modules, factor)),
            statement.follows(plain, bias, factor),
        ),
    )


def check(name: str, statement: Statement, *controls: Control) -> Check:
    """Return a check of one lever."""
    return Check(
        name,
        Method.FLOAT64,
        scaled_outputs,
        statement,
        controls,
        tolerance=TOLERANCE,
        reason="rounding of 18 layers in double precision, with room",
        needs=NEEDS,
        limit=300.0,
        seed=SEED,
    )


register(
    Claim(
        id="vision.scale-function",
        title="c and γ in a ResNet: a scale of the logits",
        sentence="In training mode, with ε = 0, multiplying all parameters of ResNet-18 by c turns "
        "its outputs f, of bias b, into c²(f − b) + c b; multiplying the last layer by γ turns "
        "them into γ f.",
        latex=r"f_c = c^2 (f - b) + c\, b, \\ f_\gamma = \gamma f",
        source="Section 6; Appendices D.2, D.3 and D.4",
        assumptions=("torchvision's resnet18", "batch statistics, ε = 0", "c, γ > 0"),
        checks=(
            check(
                "all parameters",
                Statement(ALL, lambda f, b, c: c**2 * (f - b) + c * b),
                Control("c f", Statement(ALL, lambda f, b, c: c * f)),
                Control("c² f", Statement(ALL, lambda f, b, c: c**2 * f)),
                Control(
                    "one power of c for each of 18 layers",
                    Statement(ALL, lambda f, b, c: c**18 * (f - b) + c * b),
                ),
            ),
            check(
                "the last layer",
                Statement(("fc",), lambda f, b, g: g * f),
                Control("γ² f", Statement(("fc",), lambda f, b, g: g**2 * f)),
                Control("γ (f − b) + b", Statement(("fc",), lambda f, b, g: g * (f - b) + b)),
            ),
        ),
    )
)
