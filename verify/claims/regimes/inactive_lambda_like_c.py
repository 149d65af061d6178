"""At inactive coordinates λ weighs as much as c (Section 5.2, “λ, inactive”).

Where β_PT = 0, c_FT = 2(c+λ) + γ² depends on c and λ through c + λ alone: ∂ℓ/∂λ = ∂ℓ/∂c > 0, equal
increments of λ and of c do exactly the same, and one of γ² does half.
"""

from typing import Any, NamedTuple

import sympy as sp

from theory.positivity import Orthant
from theory.regime_bounds import INACTIVE, INACTIVE_ALL, Parameter, derivative
from theory.regimes import ABSOLUTE, GAMMA, RATIO, SCALE, E, G, S
from verify.claim import Check, Control, Fault, Method
from verify.claims.regimes._language import (
    ELL,
    SIGNS,
    equal_on,
    in_coordinates,
    printed,
    require_networks,
    where,
)
from verify.claims.regimes._slopes import partial_derivative, rises
from verify.claims.regimes._statements import Holds, Theorem, decide
from verify.methods.inequality import decide_on_networks
from verify.methods.notation import as_written
from verify.methods.relations import Relation
from verify.registry import state

LAMBDA, C, GAMMA_SQUARED = Parameter.RATIO, Parameter.ABSOLUTE_AT_LAMBDA, Parameter.GAMMA
# `derivative` takes c·∂/∂λ and c·∂/∂c of the first two.
UNIT = {LAMBDA: ABSOLUTE, C: ABSOLUTE, GAMMA_SQUARED: sp.Integer(1)}


def per_unit(parameter):
    """Return ∂ℓ/∂(parameter)."""
    if parameter not in UNIT:
        raise ValueError(f"increments of λ, c and γ² are compared, got {parameter}")
    return derivative(in_coordinates(ELL), parameter) / UNIT[parameter]


class Compared(NamedTuple):
    """∂ℓ/∂(one) compares with `factor` times ∂ℓ/∂(other) as `relation` says, on `domain`."""

    one: Parameter
    factor: Any
    other: Parameter
    relation: Relation = Relation.EQUAL
    domain: tuple[Orthant, ...] = INACTIVE_ALL

    def latex(self):
        one, other = (partial_derivative(ELL, parameter) for parameter in (self.one, self.other))
        factor = "" if self.factor == 1 else printed(self.factor)
        return f"{one} {self.relation} {factor} {other}{where(self.domain)}"

    def steps(self):
        if self.one == self.other:
            raise ValueError(f"two parameters are compared, got {self.one} twice")
        one, other = per_unit(self.one), per_unit(self.other)
        require_networks(self.domain)
        sign = SIGNS[self.relation]
        text = f"∂ℓ/∂({self.one}) {sign} {self.factor}·∂ℓ/∂({self.other})"
        if self.relation is Relation.EQUAL:
            yield text, equal_on(self.domain, one, self.factor * other)
            return
        gap = self.relation.margin(one, self.factor * other)
        yield text, decide_on_networks(text, gap, self.domain, strict=self.relation.strict)


LIKE_C = Compared(LAMBDA, 1, C)
HALF = Compared(GAMMA_SQUARED, sp.Rational(1, 2), C)
with as_written():
    STATED = Theorem(
        Holds(sp.Eq(SCALE, 2 * (1 + RATIO) * ABSOLUTE + GAMMA**2), domain=INACTIVE_ALL),
        LIKE_C,
        HALF,
        rises(ELL, C, LAMBDA, GAMMA_SQUARED, domain=INACTIVE_ALL),
    )
    CONTROLS = (
        Control("99/100 of it", LIKE_C._replace(factor=sp.Rational(99, 100))),
        Control("λ twice as much as c", LIKE_C._replace(factor=2)),
        Control("γ² as much as c", HALF._replace(factor=1)),
        Control(
            "at β_PT ≠ 0 too",
            LIKE_C._replace(domain=(Orthant(frozenset({S}), frozenset({E, G})),)),
        ),
        Control(
            "c_FT = 2c + λ + γ²",
            Holds(sp.Eq(SCALE, (2 + RATIO) * ABSOLUTE + GAMMA**2), domain=INACTIVE_ALL),
        ),
    )

state(
    "regimes.inactive-lambda-like-c",
    __doc__,
    (Check("derivatives compared", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_FT ≠ 0, β_PT = 0"),
    requires=("regimes.transfer-closed-form", "regimes.lorder-elasticity"),
)

# A false twin: the paper calls the effect of λ “less pronounced” than that of c and γ. In which
# sense it is, regimes.inactive-lambda-capped says.

state(
    "regimes.inactive-lambda-less-pronounced",
    """λ moves inactive coordinates less than c (false) (Section 5.2, “λ, inactive”: less
    pronounced).

    Where β_PT = 0 and λ > −c, ∂ℓ/∂λ < ∂ℓ/∂c: an increment of λ does less than an equal one of c.
    """,
    (
        Check(
            "derivatives compared",
            Method.SYMBOLIC,
            decide,
            LIKE_C._replace(relation=Relation.BELOW, domain=INACTIVE),
            Control("the same", LIKE_C._replace(domain=INACTIVE), must_hold=True),
        ),
    ),
    twin="regimes.inactive-lambda-like-c",
    fault=Fault.READ,
)
