"""The first layer that fine-tuning inherits vanishes as λ → −c (Section 5.2, “first layer”).

Whatever was pretrained, (w₊ + w₋)² lies between 2(c + λ) and (c + λ)(2 + |β_PT|/c): as λ → −c the
first layer with which fine-tuning starts is small, even after pretraining.

It is the sum that is small. Each hidden weight by itself tends to √((√(c² + β_PT²) − c)/2), in the
other pathway with the opposite sign.
"""

from dataclasses import replace

import sympy as sp

from theory.network import layer_weights
from verify.claim import Check, Control, Fault, Method
from verify.claims.network._weights import SHOWN, from_above
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import equal, prove_all
from verify.methods.notation import named
from verify.methods.orthant import decide_on_orthant, on_line, u
from verify.methods.relations import Limit, Relation, Side
from verify.registry import state

beta, lam = sp.symbols("beta_PT lambda", real=True)
c = sp.Symbol("c", positive=True)
SUM = (SHOWN.w_plus + SHOWN.w_minus) ** 2
SIZE = sp.Abs(beta)
(EITHER,) = named(r"w_\pm")

STATED = Formulas(
    lower=Formula(SUM, (c, lam), lambda c, lam: 2 * (c + lam), Relation.AT_LEAST),
    upper=Formula(SUM, (SIZE, c, lam), lambda b, c, lam: (c + lam) * (2 + b / c), Relation.AT_MOST),
    single=Formula(
        EITHER**2,
        (beta, c),
        lambda beta, c: (sp.sqrt(c**2 + beta**2) - c) / 2,
        limit=Limit(lam, -c, Side.ABOVE),
    ),
)
CONTROLS = (
    STATED.but("c − λ for c + λ", upper=lambda b, c, lam: (c - lam) * (2 + b / c)),
    STATED.but(
        "1.98 for 2", upper=lambda b, c, lam: (c + lam) * (2 * sp.Rational(99, 100) + b / c)
    ),
    STATED.but("0.99 |β_PT|/c", upper=lambda b, c, lam: (c + lam) * (2 + b * 99 / (100 * c))),
    STATED.but("1.01 |β_PT|/c", upper=lambda b, c, lam: (c + lam) * (2 + b * 101 / (100 * c))),
    STATED.but("2.02 for 2 in the lower bound", lower=lambda c, lam: (c + lam) * 202 / 100),
    STATED.but("each vanishes", single=lambda beta, c: 0 * beta),
)


def learned(formula, w0, v0):
    """Return the left side after pretraining from w₀, v₀, by u: β_PT = c(u − 1/u)/2."""
    weights = layer_weights(beta, w0**2 + v0**2, w0**2 - v0**2)
    total = formula.left(dict(zip(SHOWN, weights, strict=True)))
    return sp.factor(sp.expand(on_line(total, beta, w0**2 + v0**2)))


def limit_of(formula, weight):
    """Return the limit of the left side, for one of the hidden weights."""
    return from_above(formula.towards).of(formula.left({EITHER: weight}))


def decide(stated):
    """Insert the derived weights at β_PT = c(u − 1/u)/2; both signs of it give the same sum."""
    return prove_all(steps(stated))


def steps(stated):
    w0, v0 = sp.Symbol("w_0", positive=True), sp.Symbol("v_0", nonnegative=True)
    r = sp.Symbol("r", nonnegative=True)
    scale = w0**2 + v0**2
    size = sp.factor(scale * ((1 + r) - 1 / (1 + r)) / 2)  # u = 1 + r: every β_PT ≥ 0
    places = [{beta: b, c: scale, lam: w0**2 - v0**2} for b in (size, -size)]
    for name, bound in (
        ("not below the lower bound", stated.lower),
        ("not above the upper one", stated.upper),
    ):
        total = learned(bound, w0, v0)
        yield "it is even in β_PT", equal(total.subs(u, 1 / u), total)
        total = total.subs(u, 1 + r)
        for at in places:
            gap = bound.relation.margin(total, bound.side(at))
            yield name, decide_on_orthant(name, sp.factor(gap), strict=bound.strict)
            yield "which is reached at β_PT = 0", equal(sp.simplify(gap.subs(r, 0)), sp.Integer(0))
    for at in places:
        yield (
            "the upper bound is approached as |β_PT| grows",
            equal(sp.limit(sp.cancel(stated.upper.side(at) / total), r, sp.oo), sp.Integer(1)),
        )
    weights = layer_weights(beta, c, lam)
    for weight in (weights.w_plus, weights.w_minus):
        yield (
            "in the limit, a single one",
            equal(stated.single(), limit_of(stated.single, weight)),
        )


state(
    "network.inherited-layer",
    __doc__,
    (Check("derived weights", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    assumptions=("c > 0 and |λ| ≤ c",),
    requires=("network.layer-weights",),
)

# A false twin: the weights of the two pathways do not vanish, they cancel.

GONE = replace(STATED.single, body=lambda beta, c: sp.Integer(0))
TRUTH = Control("½(√(c² + β_PT²) − c)", STATED.single, must_hold=True)


def decide_single(stated):
    """Take the derived weight to the limit."""
    return equal(stated(), limit_of(stated, layer_weights(beta, c, lam).w_plus))


state(
    "network.hidden-weights-vanish",
    """All hidden weights are small after pretraining (false) (Section 5.2, “first layer”, as
    it can be read).

    As λ → −c, each hidden weight vanishes, even after pretraining.
    """,
    (Check("derived weight", Method.SYMBOLIC, decide_single, GONE, TRUTH),),
    twin="network.inherited-layer",
    fault=Fault.READ,
)
