"""Where a weight changes sign (Appendix B.1).

For β > 0 and λ < 0 the hidden weight w₋ is negative exactly if β > c√(c²/λ² − 1); for λ > 0 the
same holds of the readout weight v₋. By symmetry w₊ and v₊ do so for β < 0.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from theory.network import Weights, effective_weight, initial_weights, sign_change, trajectory
from verify.claim import Check, Claim, Control, Evidence, Method
from verify.methods import flow
from verify.methods.identity import equal
from verify.methods.symbolic import prove_all
from verify.registry import register


def threshold(c: Any, lam: Any) -> Any:
    """Return the effective weight at which the sign changes, as stated."""
    return c * ((c / lam) ** 2 - 1) ** sp.Rational(1, 2)


def decide(stated: Callable[[Any, Any], Any]) -> Evidence:
    """Find the zero of the trajectory; show that the weight only falls; mirror it to β < 0."""
    # Every 0 < |λ| < c: the smaller and the larger initial weight are p and p + q.
    p, q, x = sp.symbols("p q x", positive=True)
    c, size = (p + q) ** 2 + p**2, (p + q) ** 2 - p**2
    steps: list[tuple[str, Any]] = []
    for lam, moving, still in ((-size, "w_minus", "v_minus"), (size, "v_minus", "w_minus")):
        case = "λ < 0" if lam == -size else "λ > 0"
        zeros = sign_change(c, lam, moving)
        path = trajectory(initial_weights(c, lam), x)
        # Written in e^x and e^{-x}, all coefficients of the other weight are positive.
        other = sp.Poly(sp.expand(getattr(path, still) * sp.exp(x)), sp.exp(x))
        steps += [
            (f"{case}: {moving} has one zero at β > 0", len(zeros) == 1),
            (f"{case}: it is where stated", equal(stated(c, lam), sp.Add(*zeros))),
            (f"{case}: {still} has no zero", not sign_change(c, lam, still)),
            (
                f"{case}: {moving} falls at the rate {still}",
                equal(sp.diff(getattr(path, moving), x), -getattr(path, still)),
            ),
            (
                f"{case}: which is positive, so {moving} is negative beyond its zero only",
                all(k.is_positive for k in map(sp.expand, other.coeffs())),
            ),
            (
                f"{case}: β < 0 exchanges the pathways",
                _mirrored(trajectory(initial_weights(c, lam), -x), path),
            ),
        ]
    steps.append(
        (
            "λ = 0: neither has a zero",
            not any(sign_change(c, sp.Integer(0), layer) for layer in ("w_minus", "v_minus")),
        )
    )
    return prove_all(steps)


def _mirrored(past: Weights, future: Weights) -> Evidence:
    """Compare the state at −x with that at x, the pathways exchanged: β has the opposite sign."""
    exchanged = Weights(future.w_minus, future.v_minus, future.w_plus, future.v_plus)
    return equal(
        sp.Matrix([*past, effective_weight(past)]),
        sp.Matrix([*exchanged, -effective_weight(future)]),
    )


def integrate(stated: Callable[[Any, Any], Any]) -> Evidence:
    """Train coordinates to targets just below and just beyond the threshold; look at the signs."""
    margin = 0.02
    for c, lam in ((1.0, -0.8), (0.5, -0.25), (2.0, -1.9), (1.0, 0.7), (0.3, 0.2)):
        at = float(stated(c, lam))
        if not math.isfinite(at) or at <= 0:
            return Evidence(False, "no threshold", counterexample={"threshold": str(at)})
        targets = at * np.array([1 - margin, 1 + margin])
        end = flow.train(flow.initial_state(c, lam, 2), np.eye(2), targets)
        moving = end.w_minus if lam < 0 else end.v_minus
        if not (moving[0] > 0 > moving[1]):
            return Evidence(
                False,
                "the sign does not change between the two targets",
                counterexample={
                    "c": str(c),
                    "lambda": str(lam),
                    "targets": str(targets.tolist()),
                    "weights": str(moving.tolist()),
                },
            )
    return Evidence(True, "signs change within 2 % of the threshold in 5 trainings", figure=margin)


CONTROLS = (
    Control("c√(c²/λ² + 1)", lambda c, lam: c * ((c / lam) ** 2 + 1) ** sp.Rational(1, 2)),
    Control("√(c²/λ² − 1), without c", lambda c, lam: threshold(c, lam) / c),
    Control("twice the threshold", lambda c, lam: 2 * threshold(c, lam)),
)

register(
    Claim(
        id="network.sign-change",
        title="Where a weight changes sign",
        sentence="For λ < 0 a hidden weight, for λ > 0 a readout weight of the pathway that "
        "shrinks turns negative exactly when |β| exceeds c√(c²/λ² − 1).",
        latex=r"\lambda < 0,\; \beta > 0:\quad w_- < 0 \iff "
        r"\beta > c\sqrt{\frac{c^2}{\lambda^2} - 1}",
        source="Appendix B.1",
        checks=(
            Check("zero of the trajectory", Method.SYMBOLIC, decide, threshold, CONTROLS),
            Check(
                "signs after integrated training",
                Method.FLOW,
                integrate,
                threshold,
                CONTROLS,
                tolerance=0.02,
                reason="the targets lie 2 % below and above the threshold",
            ),
        ),
        assumptions=("0 < |λ| < c",),
        requires=("network.trajectory",),
    )
)
