"""Nested gain lost at large scales (Section 5.3, “large c or γ”).

At ω = 1 the ratio of the errors at ρ_FT = 0.1 and 0.01 is larger at the baseline than at c = 1 or
γ = 10, at every α; at γ = 10 it is below e^0.01 for λ = −0.99c, 0, 0.99c, while at c = 1 it still
grows as λ falls from 0 to −0.99c.

So "very large" must refer to c_FT: at c = 1, the largest c of the sweeps, λ = −0.99c leaves c_FT =
0.02 where β_PT = 0. For c → ∞ or γ → ∞ nothing of the gain is left (curves.nested-gain-vanishes).
"""

from functools import partial

from empirics.experiments import Slab
from verify.claims.curves._margins import Inequalities, Line
from verify.claims.curves._quantities import exponential, nested_gain
from verify.registry import state

# The least ratio of the two sides, in the order of the lines.
VALUES: dict[Slab, tuple[str, ...]] = {
    "gaussian": (
        "1.041884351192",
        "1.041910758197",
        "1.001461682841",
        "1.001623003768",
        "1.001779852819",
        "1.027323994673",
    ),
    "sign": (
        "1.013812555377",
        "1.013821116513",
        "1.007125644763",
        "1.007181715632",
        "1.007236190344",
        "1.007313801424",
    ),
}


def lines(slab):
    gain = partial(nested_gain, slab, 0.01)
    pairs = (
        (gain(), gain(c=1.0)),
        (gain(), gain(gamma=10.0)),
        *((exponential(0.01), gain(gamma=10.0, ratio=r)) for r in (-0.99, 0.0, 0.99)),
        (gain(c=1.0, ratio=-0.99), gain(c=1.0)),
    )
    return tuple(Line(*pair, value=value) for pair, value in zip(pairs, VALUES[slab], strict=True))


STATED = Inequalities((*lines("gaussian"), *lines("sign")))

state("curves.nested-gain-small-for-large-scales", __doc__, **STATED.claim())
