"""The saddle at λ = −c, γ = 0 (Section 5.1, regime I (limit λ → −c, γ → 0)).

At λ = −c and γ = 0 all re-initialised weights vanish and c_FT = 0, whatever β_PT is: κ tends to
1 − c/√(c²+β_PT²) along γ = 0 and to 0 along λ = −c, while (ℓ, PD) → (1, 0) along both.

The flow does not move, and ℓ and PD have no value there, nor has κ a limit. Still ℓ → 1 and PD → 0
along every way in, since only c_FT → 0 matters.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory import network
from theory import regimes as derived
from theory.positivity import Orthant
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, E, G, S, Z
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, KAPPA, PD, placed
from verify.claims.regimes._statements import Approached, Holds, Limit, Range, Theorem, decide
from verify.methods.formula import Formula, defined
from verify.methods.identity import equal
from verify.methods.inequality import equal_on_networks
from verify.methods.notation import as_written, named
from verify.registry import state

HIDDEN, READOUT = named(r"w_\pm^{FT}(0)", r"v_\pm^{FT}(0)")


class Saddle(NamedTuple):
    """The re-initialised weights, and c_FT, where λ/c and γ have the values in `at`."""

    at: tuple[tuple[Any, Any], ...]
    hidden: Formula
    readout: Formula
    scale: Formula

    def latex(self):
        stated = r",\quad ".join(one.latex() for one in (self.hidden, self.readout, self.scale))
        places = r",\ ".join(placed(self.at))
        return rf"{stated} \quad ({places})"

    def steps(self):
        corner = dict(self.at)
        if {*corner} != {RATIO, GAMMA}:
            raise ValueError(f"λ/c and γ must be given, got {corner}")
        lam, gamma = corner[RATIO] * ABSOLUTE, corner[GAMMA]
        start = network.rebalanced(network.layer_weights(BETA_PT, ABSOLUTE, lam), gamma)
        for name, form, symbol, weights in (
            ("hidden weights", self.hidden, HIDDEN, (start.w_plus, start.w_minus)),
            ("readouts", self.readout, READOUT, (start.v_plus, start.v_minus)),
        ):
            stated = sp.sympify(defined(form, symbol))
            for weight in weights:
                yield f"{name} at every β_PT", equal(sp.sympify(weight), stated)
        scale = sp.expand(derived.scale_from_invariants().subs(corner))
        yield "c_FT at every β_PT", equal_on_networks(scale, defined(self.scale, SCALE))


# γ = 0 and λ > −c; λ = −c and γ > 0.
ALONG_LAMBDA = (Orthant(frozenset({S}), frozenset({E}), ((G, sp.Integer(0)),)),)
ALONG_GAMMA = (Orthant(frozenset({G}), frozenset({E}), ((S, sp.Integer(0)),)),)

with as_written():
    LEFT = 1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2)
    SADDLE = Saddle(
        at=((RATIO, -1), (GAMMA, 0)),
        hidden=Formula(HIDDEN, (), lambda: 0),
        readout=Formula(READOUT, (), lambda: 0),
        scale=Formula(SCALE, (), lambda: 0),
    )
    STATED = Theorem(
        SADDLE,
        Holds(sp.Eq(KAPPA, LEFT), domain=ALONG_LAMBDA),
        Holds(sp.Eq(KAPPA, 0), domain=ALONG_GAMMA),
        Limit(SCALE, RATIO, -1, 0, ((GAMMA, 0),)),
        Limit(SCALE, GAMMA, 0, 0, ((RATIO, -1),)),
        Limit(ELL, Z, sp.oo, 1),
        Range(ELL + PD, low=Approached(1, ABSOLUTE, 0, ((GAMMA, 0),))),
    )
    CONTROLS = (
        Control("λ = c instead", SADDLE._replace(at=((RATIO, 1), (GAMMA, 0)))),
        Control("λ = 0 instead", SADDLE._replace(at=((RATIO, 0), (GAMMA, 0)))),
        Control("γ = 1 instead", SADDLE._replace(at=((RATIO, -1), (GAMMA, 1)))),
        Control(
            "κ continuous: the same limit along λ = −c",
            Holds(sp.Eq(KAPPA, LEFT), domain=ALONG_GAMMA),
        ),
    )

state(
    "regimes.saddle-corner",
    __doc__,
    (Check("insert the corner", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0", "β_FT ≠ 0 in the limit of the pair"),
    requires=("regimes.rich-corner", "implicit-bias.saddle"),
)
