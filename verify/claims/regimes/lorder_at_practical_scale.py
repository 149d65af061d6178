"""The ℓ-order at practical scales (Section 5.1, regime I at finite scale).

At |β_FT| = 1 the ℓ-order is 1.1513200… at c_FT = 1e-3, 1.0740265… at 1e-6, 1.0489802… at 1e-9 and
1.0365976… at 1e-12, and it passes 1.01 only at c_FT = 2.737…e-44.
"""

import math
from decimal import Decimal
from typing import NamedTuple

import mpmath
import sympy as sp
from flint import arb, ctx

from numerics import multiprecision, regimes
from theory.regimes import BETA_FT, SCALE
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.regimes._language import SIGNS, printed
from verify.methods.digits import after, begins
from verify.methods.identity import prove_all
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.methods.relations import Relation
from verify.registry import state


class Table(NamedTuple):
    """ℓ at |β_FT| = `beta` by c_FT, right to the digits given; decimal strings.

    It passes `level` at the scale `passed`, right to the digits given, too. `own` and `scale` are
    the symbols that have these values: |β_FT| and c_FT.
    """

    orders: tuple[tuple[str, str], ...]
    level: str
    passed: str
    beta: str = "1"
    own: sp.Symbol = BETA_FT
    scale: sp.Symbol = SCALE

    def latex(self):
        scale = printed(self.scale)
        rows = (rf"{scale} = {number(at)}: \ \ell = {order}\ldots" for at, order in self.orders)
        digits, exponent = number(self.passed).split(r" \cdot ")
        return rf"{printed(self.own)} = {self.beta}: \quad " + r" \\ ".join(
            (*rows, rf"\ell = {self.level}: \ {scale} = {digits}\ldots \cdot {exponent}")
        )

    def order(self, scale):
        """Enclose ℓ at a scale."""
        return enclosed_order({self.own: self.beta, self.scale: scale})


STATED = Table(
    orders=(
        ("1e-3", "1.1513200"),
        ("1e-6", "1.0740265"),
        ("1e-9", "1.0489802"),
        ("1e-12", "1.0365976"),
    ),
    level="1.01",
    passed="2.737e-44",
)
WRONG = (
    Control("ℓ = 1.0000000 at 1e-6", STATED._replace(orders=(("1e-6", "1.0000000"),))),
    Control("ℓ = 1.0740266 at 1e-6", STATED._replace(orders=(("1e-6", "1.0740266"),))),
)
CONTROLS = (
    *WRONG,
    Control("ℓ passes 1.01 at 1.000e-20", STATED._replace(passed="1.000e-20")),
    Control("ℓ passes 1.01 at 2.736e-44", STATED._replace(passed="2.736e-44")),
    Control("ℓ passes 1.01 at 2.738e-44", STATED._replace(passed="2.738e-44")),
    Control("ℓ passes 1.0101 there", STATED._replace(level="1.0101")),
)


def enclosed_order(at):
    """Enclose ℓ = a/(a − tanh(a/2)), a = asinh(β_FT/c_FT)."""
    beta, scale = map(arb, magnitudes(at))
    a = (beta / scale).asinh()
    return a / (a - (a / 2).tanh())


def magnitudes(at):
    """Return |β_FT| and c_FT by their symbols, decimal texts."""
    if {*at} != {BETA_FT, SCALE} or not all(Decimal(value) > 0 for value in at.values()):
        raise ValueError(f"|β_FT| and c_FT must be given and positive, got {at}")
    return at[BETA_FT], at[SCALE]


def decide(table):
    """Enclose every entry; ℓ − level must change sign between the scale given and the next one."""
    with ctx.workprec(400):
        return prove_all(steps(table), summary="every digit enclosed")


def steps(table):
    for scale, text in table.orders:
        order = table.order(scale)
        shown = f"ℓ = {order.str(12, radius=False)} at c_FT = {scale}"
        where = {"c_FT": scale, "stated": text}
        yield shown, Evidence(begins(order, text, arb), shown, counterexample=where)
    ends = table.passed, after(table.passed)
    low, high = (table.order(end) for end in ends)
    passed = bool(low < arb(table.level)) and bool(high > arb(table.level))
    text = f"ℓ passes {table.level} between c_FT = {' and '.join(ends)}"
    found = f"ℓ is {low.str(12)} and {high.str(12)} there"
    where = {"c_FT": " and ".join(ends), "ell": f"{low.str(12)} and {high.str(12)}"}
    yield text, Evidence(passed, found, counterexample=where)


def decide_by_numbers(table):
    """Hold float64 to 50 digits, of which the stated ones must be the first."""
    worst = Worst()
    with mpmath.workdps(50):
        for scale, text in table.orders:
            place = magnitudes({table.own: table.beta, table.scale: scale})
            exact = multiprecision.l_order(*place)
            right = begins(exact, text, mpmath.mpf)
            error = abs(regimes.l_order(*map(float, place)) / exact - 1) if right else math.inf
            worst.at(error, c_FT=scale, stated=text, ell=mpmath.nstr(exact, 15))
        low, high = (
            multiprecision.l_order(*magnitudes({table.own: table.beta, table.scale: end}))
            for end in (table.passed, after(table.passed))
        )
        passed = low < mpmath.mpf(table.level) < high
        worst.at(0.0 if passed else math.inf, c_FT=table.passed, ell=mpmath.nstr(low, 15))
    return worst.measured("float64 is {worst} from the digits, of which the stated are the first")


state(
    "regimes.lorder-at-practical-scale",
    __doc__,
    (
        Check("Arb enclosures", Method.ENCLOSURE, decide, STATED, CONTROLS),
        Check(
            "50 digits and float64",
            Method.MULTIPRECISION,
            decide_by_numbers,
            STATED,
            CONTROLS,
            tolerance=1e-15,
            reason="some four roundings of a number near 1",
        ),
    ),
    assumptions=("|β_FT| = 1; ℓ depends on β_FT/c_FT alone",),
    requires=("regimes.lorder-closed-form", "regimes.lorder-monotone"),
)

# A false twin. Regime I's ℓ-order = 1 is a limit: at the smallest scales in use ℓ is about 1.07,
# and it is not 1 even to the nearest twentieth.


class Value(NamedTuple):
    """How |ℓ − value| compares with a margin where symbols have values; decimal strings."""

    at: tuple[tuple[sp.Symbol, str], ...]
    value: str
    relation: Relation
    margin: str

    def latex(self):
        place = r",\ ".join(f"{printed(symbol)} = {number(value)}" for symbol, value in self.at)
        return rf"{place}: \quad |\ell - {self.value}| {self.relation} {self.margin}"


FALSE = Value(((SCALE, "1e-6"), (BETA_FT, "1")), "1", Relation.AT_MOST, "0.05")


def enclose(statement):
    with ctx.workprec(200):
        order = enclosed_order(dict(statement.at))
        gap = statement.relation.margin(abs(order - arb(statement.value)), arb(statement.margin))
        holds = True if gap > 0 else False if gap < 0 else None
        shown = order.str(20, radius=False)
    stated = f"|ℓ − {statement.value}| {SIGNS[statement.relation]} {statement.margin}"
    place = {str(symbol): value for symbol, value in statement.at}
    where = {**place, "ell": shown, "stated": stated}
    text = f"ℓ = {shown} at {place}, stated {stated}"
    return Evidence(holds, text, counterexample=None if holds else where)


state(
    "regimes.lorder-one-at-practical-scale",
    """ℓ-order 1 at a practical scale (false) (Section 5.1, regime I read at a finite scale).

    At c_FT = 1e-6 a coefficient |β_FT| = 1 has the ℓ-order 1, to within 0.05.
    """,
    (
        Check(
            "Arb enclosure",
            Method.ENCLOSURE,
            enclose,
            FALSE,
            Control(
                "the true value, 1.07403 ± 0.00001",
                FALSE._replace(value="1.07403", margin="0.00001"),
                must_hold=True,
            ),
        ),
    ),
    twin="regimes.lorder-at-practical-scale",
    fault=Fault.READ,
)
