"""Figure 5's regimes in the phase portrait (Section 5.2, Fig. 2b; regimes I-IV).

At |β_FT| = |β_PT| = 1 the pairs (ℓ, PD) of Figure 5's regimes are (1.112…, −0.112…) for I,
(1.962…, −0.962…) for II, (1.962…, −0.481…) for III and (1.229…, −0.229…) for IV; and where β_PT = 0
their ℓ-orders are 1.045…, 1.082…, 1.886… and 1.057….

I, the limit λ → −c, is taken at λ/c = −0.9999. III, at γ = 1, is nearly half-way between the
corners of regimes II and III.
"""

import math
from typing import Any, NamedTuple

import mpmath
import sympy as sp
from flint import arb, ctx

from numerics.initialization import REGIMES
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.regimes._language import ELL, PD, plain, printed
from verify.claims.regimes._portrait import (
    PRECISION,
    enclosed,
    in_float64,
    listed,
    require_network,
    to_fifty_digits,
)
from verify.methods.digits import begins
from verify.methods.identity import prove_all
from verify.methods.numeric import Worst
from verify.registry import state


class Regime(NamedTuple):
    """A regime of Figure 5, and the first digits of its pair where β_PT is active, of ℓ where not.

    Decimal texts; `initial` has c, λ/c and γ.
    """

    name: str
    initial: tuple[tuple[sp.Symbol, str], ...]
    active: tuple[str, str]
    inactive: str


class Portrait(NamedTuple):
    """Regimes with |β_FT| = `own`; |β_PT| is `active` or `inactive`."""

    regimes: tuple[Regime, ...]
    own: tuple[sp.Symbol, str] = (BETA_FT, "1")
    active: tuple[sp.Symbol, str] = (BETA_PT, "1")
    inactive: tuple[sp.Symbol, str] = (BETA_PT, "0")
    pair: tuple[sp.Symbol, sp.Symbol] = (ELL, PD)

    def latex(self):
        active, inactive, own = (
            listed(dict((one,))) for one in (self.active, self.inactive, self.own)
        )
        pair, order = ", ".join(map(printed, self.pair)), printed(self.pair[0])

        def row(one):
            first, second = (rf"{text}\ldots" for text in one.active)
            return (
                rf"\text{{{one.name}}} \ ({listed(dict(one.initial))}): \quad "
                rf"{active}: \ ({pair}) = ({first}, {second}), \quad "
                rf"{inactive}: \ {order} = {one.inactive}\ldots"
            )

        return rf"{own}: \quad " + r" \\ ".join(map(row, self.regimes))

    def entries(self):
        """Yield each regime's networks, with the quantity stated there and its digits."""
        if {*self.pair} != {ELL, PD}:
            raise ValueError(f"the pair must be ℓ and PD, got {self.pair}")
        for one in self.regimes:
            active, inactive = (
                dict((*one.initial, self.own, place)) for place in (self.active, self.inactive)
            )
            require_network(active)
            require_network(inactive)
            yield one, active, self.pair[0], one.active[0]
            yield one, active, self.pair[1], one.active[1]
            yield one, inactive, self.pair[0], one.inactive

    def only(self, name, **changed):
        """Return the statement on one regime, changed or not."""
        (one,) = (one for one in self.regimes if one.name == name)
        return self._replace(regimes=(one._replace(**changed),))


def regime(name, c, ratio, gamma, active, inactive):
    return Regime(name, ((ABSOLUTE, c), (RATIO, ratio), (GAMMA, gamma)), active, inactive)


STATED = Portrait(
    (
        regime("I", "1e-6", "-0.9999", "0", ("1.1123030589", "-0.1123029466"), "1.0454011971"),
        regime("II", "1e-6", "0.99", "0", ("1.9626452357", "-0.9626442730"), "1.0824577137"),
        regime("III", "1e-6", "0", "1", ("1.9629774026", "-0.4814884605"), "1.8866634328"),
        regime("IV", "1e-6", "-0.99", "0", ("1.2298010747", "-0.2298008449"), "1.0574030368"),
    )
)
CONTROLS = (
    Control(
        "ℓ = 1.1123030588… in regime I",
        STATED.only("I", active=("1.1123030588", "-0.1123029466")),
    ),
    Control(
        "PD = −0.4814884606… in regime III",
        STATED.only("III", active=("1.9629774026", "-0.4814884606")),
    ),
    Control("ℓ = 1.0574030369… in regime IV, β_PT = 0", STATED.only("IV", inactive="1.0574030369")),
    Control("regime II in its corner", STATED.only("II", active=("2.0000000000", "-1.0000000000"))),
    Control("at |β_FT| = 1.001", STATED._replace(own=(BETA_FT, "1.001"))),
    Control("at |β_PT| = 0.999", STATED._replace(active=(BETA_PT, "0.999"))),
)


def decide(stated):
    """Enclose every entry, from exact decimals."""
    with ctx.workprec(PRECISION):
        return prove_all(steps(stated), summary="every digit enclosed")


def steps(stated):
    for one in stated.regimes:
        initial = tuple(float(value) for _, value in one.initial)
        text = f"{one.name} is at (c, λ/c, γ) = {initial} in Figure 5"
        yield text, initial == REGIMES.get(one.name)
    for one, network, of, text in stated.entries():
        found = enclosed(network)[of]
        shown = f"{plain(of)} = {found.str(14, radius=False)} in regime {one.name}"
        place = {str(symbol): value for symbol, value in network.items()}
        where = {"regime": one.name, **place, "stated": text}
        yield shown, Evidence(begins(found, text, arb), shown, counterexample=where)


def decide_by_numbers(stated):
    """Hold float64 to 50 digits, of which the stated ones must be the first."""
    worst = Worst()
    with mpmath.workdps(50):
        for one, network, of, text in stated.entries():
            exact: Any = to_fifty_digits(network)[of]
            right = begins(exact, text, mpmath.mpf)
            error = abs(in_float64(network)[of] - exact) if right else math.inf
            where = {"regime": one.name, plain(of): mpmath.nstr(exact, 15), "stated": text}
            worst.at(error, **where)
    return worst.measured("float64 is {worst} from the digits, of which the stated are the first")


def checks(stated, controls):
    return (
        Check("Arb enclosures", Method.ENCLOSURE, decide, stated, controls),
        Check(
            "50 digits and float64",
            Method.MULTIPRECISION,
            decide_by_numbers,
            stated,
            controls,
            tolerance=1e-13,
            reason="1 + λ/c is off by up to 1e-12 of itself, and the pair by a tenth of that",
        ),
    )


state(
    "regimes.portrait-values",
    __doc__,
    checks(STATED, CONTROLS),
    requires=(
        "regimes.lorder-closed-form",
        "regimes.pd-closed-form",
        "regimes.transfer-closed-form",
    ),
)

# A false twin: regime III is independent of pretraining as c → ∞ or γ → ∞, but not at the
# γ = 1 at which Figure 5 shows it.

state(
    "regimes.lazy-independent-at-figure-5",
    """Regime III of Figure 5 is independent of pretraining (false) (Section 5.1, regime III read at
    γ = 1).

    At c = 1e-6, λ = 0, γ = 1 and |β_FT| = |β_PT| = 1, PD is 0 to the first decimal.
    """,
    checks(
        STATED.only("III", active=("1.9", "-0.0")),
        Control("the true pair", STATED.only("III"), must_hold=True),
    ),
    twin="regimes.portrait-values",
    fault=Fault.READ,
)
