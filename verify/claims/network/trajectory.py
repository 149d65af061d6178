"""The weights at every moment, in closed form (Appendix B.1).

From w± = w₀, v± = v₀, with the accumulated descent x = −∫ ∂L/∂β dt,

    w± = w₀ cosh x ± v₀ sinh x,   v± = v₀ cosh x ± w₀ sinh x,   β = (w₀² + v₀²) sinh 2x.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.network import Weights, effective_weight, gradient_flow, trajectory
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


class Statement(NamedTuple):
    """Weights and effective weight at x."""

    moving: Any
    beta: Any


def moving(w0: Any, v0: Any, x: Any) -> Weights:
    """Return the weights at x, as stated."""
    even, odd = sp.cosh(x), sp.sinh(x)
    return Weights(
        w_plus=w0 * even + v0 * odd,
        v_plus=v0 * even + w0 * odd,
        w_minus=w0 * even - v0 * odd,
        v_minus=v0 * even - w0 * odd,
    )


def beta(w0: Any, v0: Any, x: Any) -> Any:
    """Return the effective weight at x, as stated."""
    return (w0**2 + v0**2) * sp.sinh(2 * x)


def decide(statement: Statement) -> Evidence:
    """Insert the stated weights into the flow; compare them with the exponential of its matrix."""
    w0, v0, x = sp.symbols("w_0 v_0 x", real=True)
    stated = statement.moving(w0, v0, x)
    # dx = −g dt: in the time x the velocities are those of g = −1.
    (velocities,) = gradient_flow([Weights(*sp.symbols("a:4"))], [sp.Integer(-1)])
    at_stated = [
        v.subs(dict(zip(sp.symbols("a:4"), stated, strict=True)), simultaneous=True)
        for v in velocities
    ]
    start = Weights(w0, v0, w0, v0)
    return prove_all(
        [
            (
                "they start as initialised",
                equal(sp.Matrix(stated).subs(x, 0), sp.Matrix(start)),
            ),
            (
                "they move as the flow demands",
                equal(sp.Matrix(stated).diff(x), sp.Matrix(at_stated)),
            ),
            (
                "they are the exponential of the flow's generator",
                equal(
                    sp.Matrix([weight.rewrite(sp.exp) for weight in stated]),
                    sp.Matrix(trajectory(start, x)),
                ),
            ),
            (
                "β is their product",
                equal(
                    statement.beta(w0, v0, x).rewrite(sp.exp),
                    effective_weight(stated).rewrite(sp.exp),
                ),
            ),
        ]
    )


register(
    Claim(
        id="network.trajectory",
        title="Weights in closed form",
        sentence="In the time x = −∫ ∂L/∂β dt the weights are w± = w₀ cosh x ± v₀ sinh x and "
        "v± = v₀ cosh x ± w₀ sinh x, so that β = (w₀² + v₀²) sinh 2x, whatever the loss.",
        latex=r"w_{\pm} = w_0 \cosh x \pm v_0 \sinh x \\ v_{\pm} = v_0 \cosh x \pm w_0 \sinh x "
        r"\\ \beta = (w_0^2 + v_0^2) \sinh 2x",
        source="Appendix B.1",
        checks=(
            Check(
                "insertion into the flow",
                Method.SYMBOLIC,
                decide,
                Statement(moving, beta),
                (
                    Control(
                        "both pathways grow",
                        Statement(
                            lambda a, b, x: Weights(*moving(a, b, x)[:2], *moving(a, b, x)[:2]),
                            beta,
                        ),
                    ),
                    Control(
                        "the layers exchanged", Statement(lambda a, b, x: moving(b, a, x), beta)
                    ),
                    Control(
                        "β = (w₀² + v₀²) sinh x",
                        Statement(moving, lambda a, b, x: (a**2 + b**2) * sp.sinh(x)),
                    ),
                ),
            ),
        ),
        assumptions=("w± = w₀ and v± = v₀ at the start",),
        requires=("network.flow",),
    )
)
