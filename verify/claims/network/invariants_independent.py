"""Where λ₊, λ₋ and c are independent (Appendix B.1).

The determinant of J Jᵀ, with J the Jacobian of (λ₊, λ₋, c) in the four weights, is
16 (w₊v₋ + v₊w₋)² (w₊² + v₊² + w₋² + v₋²). So the three are independent exactly where
w₊v₋ + v₊w₋ ≠ 0. That number is conserved and starts as 2w₀v₀ = √(c² − λ²): along a training
from eqs. 2-3 they are independent at every moment if |λ| < c, and at none if |λ| = c.
"""

import itertools
from collections.abc import Callable
from typing import Any

from theory.invariants import independence
from theory.network import Weights, absolute_scale, relative_scale, squared_norm, weights
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods.identity import equal
from verify.registry import register


def determinant(w: Weights) -> Any:
    """16 c′² N, as stated."""
    cross = w.w_plus * w.v_minus + w.v_plus * w.w_minus
    return 16 * cross**2 * squared_norm(w)


def decide(stated: Callable[[Weights], Any]) -> Evidence:
    """Compare zero sets on a grid of exact states, then the polynomials."""
    state = weights()
    derived = independence([*relative_scale(state), absolute_scale(state)])
    for point in itertools.product((0, 1, -1, 2), repeat=4):
        here = dict(zip(state, point, strict=True))
        rank_drops = derived.subs(here) == 0
        if rank_drops != (stated(Weights(*point)) == 0):
            verdict = "dependent" if rank_drops else "independent"
            return Evidence(
                False,
                f"the three are {verdict} at {point}, against the statement",
                counterexample={str(weight): str(value) for weight, value in here.items()},
            )
    return equal(
        stated(state),
        derived,
        steps=("both vanish at the same 256 states of a grid",),
    )


CONTROLS = (
    Control(
        "w₊v₋ − v₊w₋ for w₊v₋ + v₊w₋",
        lambda w: 16 * (w.w_plus * w.v_minus - w.v_plus * w.w_minus) ** 2 * squared_norm(w),
    ),
    Control("8 for 16", lambda w: determinant(w) / 2),
)

register(
    Claim(
        id="network.invariants-independent",
        title="Where the three invariants are independent",
        sentence="λ₊, λ₋ and c are independent functions of the weights exactly where "
        "w₊v₋ + v₊w₋ ≠ 0, which from the initialisation (c, λ) on means |λ| < c.",
        latex=r"\det J J^{\top} = 16 \left(w_+ v_- + v_+ w_-\right)^2 "
        r"\left(w_+^2 + v_+^2 + w_-^2 + v_-^2\right) \\ "
        r"J = \frac{\partial(\lambda_+, \lambda_-, c)}{\partial(w_+, v_+, w_-, v_-)}",
        source="Appendix B.1",
        checks=(Check("all minors", Method.SYMBOLIC, decide, determinant, CONTROLS),),
        requires=("network.conservation", "network.fourth-invariant"),
    )
)
