"""How much lazier λ ≥ 0 makes an inactive coordinate (Section 5.2, “λ, inactive”: slightly).

Where β_PT = 0, the ℓ-order at λ = c is above that at λ = 0 by at most 0.1557…, whatever c, γ and
β_FT ≠ 0 are.

c and γ lead it through all of 1 < ℓ < 2; so does λ below 0 (regimes.inactive-lambda-capped).
"""

from decimal import Decimal
from typing import NamedTuple

import numpy as np
import sympy as sp
from flint import arb, ctx

from numerics import Initialization, regimes
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO
from verify.claim import Check, Control, Method
from verify.claims.regimes._language import ELL, printed
from verify.claims.regimes._portrait import PRECISION, listed
from verify.methods.digits import after
from verify.methods.enclosure import prove_positive
from verify.methods.identity import prove_all
from verify.methods.numeric import Worst
from verify.registry import state

# Where the boxes end; expansions hold beyond.
NEAREST, FARTHEST = "0.1", "1e40"
# ℓ(z/2) − ℓ(z) is largest near this z.
LARGEST_AT = "3.4068"


class Rise(NamedTuple):
    """The first digits of the largest ℓ(`high`) − ℓ(`low`) of two values of `along`, over `over`.

    All other coordinates are fixed by `at`. Decimal texts.
    """

    most: str
    along: sp.Symbol = RATIO
    low: str = "0"
    high: str = "1"
    at: tuple[sp.Symbol, str] = (BETA_PT, "0")
    over: tuple[sp.Symbol, ...] = (ABSOLUTE, GAMMA, BETA_FT)
    of: sp.Symbol = ELL

    def latex(self):
        over = r",\ ".join(map(printed, self.over))
        high, low = (
            rf"{printed(self.of)} \big|_{{{listed({self.along: value})}}}"
            for value in (self.high, self.low)
        )
        return (
            rf"{listed(dict((self.at,)))}: \quad "
            rf"\max_{{{over}}} \left( {high} - {low} \right) = {self.most}\ldots"
        )

    def ratios(self):
        """Return λ/c before and after."""
        place, _ = self.at
        if (self.of, self.along, place) != (ELL, RATIO, BETA_PT) or {*self.over} != {
            ABSOLUTE,
            GAMMA,
            BETA_FT,
        }:
            raise ValueError(f"ℓ must be said to rise with λ/c over all other, got {self}")
        low, high = Decimal(self.low), Decimal(self.high)
        if not -1 < low < high <= 1 or Decimal(self.at[1]) != 0:
            raise ValueError(f"λ must rise within −c … c at β_PT = 0, got {self}")
        return self.low, self.high


def order(z):
    a = z.asinh()
    return a / (a - (a / 2).tanh())


def decide(stated):
    """Enclose the rise at γ = 0, where the ratio of both c_FT is largest, for every z."""
    with ctx.workprec(PRECISION):
        return prove_all(steps(stated), summary="the largest rise of ℓ enclosed")


def steps(stated):
    low, high = map(arb, stated.ratios())
    factor = (1 + high) / (1 + low)
    yield (
        "c_FT = 2(c+λ) + γ², with which ℓ rises, rises k-fold at γ = 0 and less above",
        bool(factor > 1),
    )
    most, beyond = stated.most, after(stated.most)

    def rise(z):
        return order(z / factor) - order(z)

    found = prove_positive(lambda z: arb(beyond) - rise(z), NEAREST, FARTHEST, log_scale=True)
    yield (
        f"ℓ(z/k) − ℓ(z) < {beyond} for z = |β_FT|/c_FT in [{NEAREST}, {FARTHEST}]",
        found.as_evidence(f"{beyond} − (ℓ(z/k) − ℓ(z))"),
    )
    small, large = arb(NEAREST), arb(FARTHEST)
    yield (
        f"z ≤ {NEAREST}: it is below 2 − ℓ(z) < z²/6 (regimes.lorder-small-argument)",
        bool(small**2 / 6 < arb(beyond)),
    )
    yield (
        f"z ≥ {FARTHEST}: it is below ℓ(z/k) − 1 < 1/(log(2z/k) − 1) "
        f"(regimes.lorder-large-argument)",
        bool(arb(beyond) * ((2 * large / factor).log() - 1) > 1),
    )
    place = arb(LARGEST_AT)
    yield f"and it is above {most} at z = {LARGEST_AT}", bool(rise(place) > arb(most))


def decide_by_kernels(stated):
    """Take the largest rise of the float64 kernels over a grid of networks."""
    low, high = map(float, stated.ratios())
    near, beyond = float(stated.most), float(after(stated.most))
    least, largest = Worst(smallest=True), 0.0
    own = np.logspace(-12, 12, 2401)
    for c in (1e-6, 1e-3, 1.0, 1e3):
        for gamma in (0.0, 1e-3, 1.0, 1e3):
            before, later = (
                regimes.l_order(own, Initialization(c, ratio * c, gamma).finetune_scale(0.0))
                for ratio in (low, high)
            )
            least.at(beyond - (later - before), c=c, gamma=gamma, beta_FT=own)
            largest = max(largest, float(np.max(later - before)))
    least.at(largest - near, largest=largest)
    return least.measured(
        "the largest of {count} rises has the digits stated, {worst} within", largest=largest
    )


STATED = Rise("0.1557")
CONTROLS = (
    Control("0.1558…", STATED._replace(most="0.1558")),
    Control("0.1556…", STATED._replace(most="0.1556")),
    Control("up to λ = 0.999c", STATED._replace(high="0.999")),
    Control("from λ = −0.001c", STATED._replace(low="-0.001")),
    Control("from λ = −0.99c", STATED._replace(low="-0.99")),
)

state(
    "regimes.inactive-lambda-slight",
    __doc__,
    (
        Check("Arb enclosure, ends by expansions", Method.ENCLOSURE, decide, STATED, CONTROLS),
        Check(
            "a grid of networks in float64",
            Method.FLOAT64,
            decide_by_kernels,
            STATED,
            CONTROLS,
            above=1e-14,
            reason="ℓ is between 1 and 2, and has a few roundings of 2e-16",
        ),
    ),
    assumptions=("c > 0, γ ≥ 0", "β_FT ≠ 0, β_PT = 0"),
    requires=(
        "regimes.lorder-closed-form",
        "regimes.lorder-monotone",
        "regimes.lorder-small-argument",
        "regimes.lorder-large-argument",
        "regimes.inactive-independent",
    ),
)
