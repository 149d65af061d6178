"""False statements on the penalty and its flow are not accepted; the true one beside them is."""

from dataclasses import replace

import pytest
import sympy as sp

from tests.verify.claims.falsities import false_statements, true_statements
from verify.claims.implicit_bias import _symbols as matrix
from verify.claims.implicit_bias import (
    azulay_normalisation,
    dual,
    exponential_cone,
    fenchel_young,
    kkt,
    l1_limit,
    minimiser,
    mirror_flow,
    penalty,
    penalty_zero_and_convex,
    pretraining_lambda_free,
    random_signs,
    readout_only_reset,
    saddle,
    scale_suffices,
    weighted_l2_limit,
    woodworth_normalisation,
)
from verify.methods.formula import POSITIVE, Bound, Extremum, Formula, Limit, Relation
from verify.registry import load
from verify.run.worker import examine


def holds(identifier, check, subject):
    (found,) = (c for c in load(only=[identifier])[identifier].checks if c.name == check)
    return examine(found, subject).holds


PENALTY = penalty.STATED
FALSE_PENALTIES = {
    "slope × 2": {"slope": lambda z: 2 * PENALTY.slope.body(z)},
    "slope × 1.01": {"slope": lambda z: PENALTY.slope.body(z) * sp.Rational(101, 100)},
    "curvature × 7": {"curvature": lambda b, k: 7 * PENALTY.curvature.body(b, k)},
    "curvature × 0.99": {
        "curvature": lambda b, k: PENALTY.curvature.body(b, k) * sp.Rational(99, 100)
    },
}


@pytest.mark.parametrize("check", ["integration of the metric", "quadrature", "50 digits"])
@pytest.mark.parametrize("false", FALSE_PENALTIES)
def test_every_check_of_the_penalty_sees_all_its_formulas(check, false):
    subject = PENALTY.but("", **FALSE_PENALTIES[false]).subject
    assert holds("implicit-bias.penalty", check, subject) is False
    assert holds("implicit-bias.penalty", check, PENALTY) is True


LESS, MORE = sp.Rational(99, 100), sp.Rational(101, 100)
KKT, DUAL, THEOREM = kkt.STATED, dual.STATED, minimiser.THEOREM
CONE, AZULAY = exponential_cone.STATED, azulay_normalisation.STATED
L1, L2 = l1_limit.STATED, weighted_l2_limit.STATED
CONVEX, RESTART = penalty_zero_and_convex.STATED, readout_only_reset.STATED
SCALE, FREE = scale_suffices.STATED, pretraining_lambda_free.STATED
GAP, MIRROR = fenchel_young.STATED, mirror_flow.STATED
OPPOSITE = Formula(r"X\beta", (matrix.y,), lambda y: -y)
BELOW_ZERO = Bound(Relation.BELOW, 0)

FALSE = [
    (kkt, KKT, "2Xβ = y", {"constraint": lambda X, beta: 2 * X * beta}),
    (kkt, KKT, "no constraint", {"constraint": lambda X, beta: 0 * X * beta}),
    (kkt, KKT, "sinh 1.98 m", {"solved": lambda m, c: c * sp.sinh(2 * LESS * m)}),
    (kkt, KKT, "m = 1.01 Xᵀν", {"pulled": lambda Xt, nu: MORE * Xt * nu}),
    (dual, DUAL, "costs × 0.99", {"cost": lambda m, c: LESS * DUAL.cost.body(m, c)}),
    (dual, DUAL, "costs + 0.01", {"cost": lambda m, c: DUAL.cost.body(m, c) + sp.Rational(1, 100)}),
    (dual, DUAL, "1.01 yᵀν", {"dual": lambda y, r: MORE * y - r}),
    (dual, DUAL, "m = −Xᵀν", {"pulled": lambda Xt, nu: -Xt * nu}),
    (minimiser, THEOREM, "1.01 z", {"z": lambda b, k: MORE * THEOREM.z.body(b, k)}),
    (
        minimiser,
        THEOREM,
        "0.99 γ²",
        {"root_k": lambda b, c, lam, g: THEOREM.root_k.body(b, c, lam, g) - 2 * g**2 / 100},
    ),
    (exponential_cone, CONE, "q = √k/(4s)", {"q": lambda root_k, s: root_k / 4 / s}),
    (
        azulay_normalisation,
        AZULAY,
        "σ of the opposite sign",
        {"sigma": lambda w, v: -AZULAY.sigma.body(w, v)},
    ),
    (l1_limit, L1, "a bound wider by 1 %", {"bound": lambda b, k: MORE * L1.bound.body(b, k)}),
    (l1_limit, L1, "a bound closer by 1 %", {"bound": lambda b, k: LESS * L1.bound.body(b, k)}),
    (
        weighted_l2_limit,
        L2,
        "a bound wider by 1 %",
        {"bound": lambda b, s: MORE * L2.bound.body(b, s)},
    ),
    (
        weighted_l2_limit,
        L2,
        "a bound closer by 1 %",
        {"bound": lambda b, s: LESS * L2.bound.body(b, s)},
    ),
    (
        penalty_zero_and_convex,
        CONVEX,
        "q″ × 1.01",
        {"curvature": lambda b, c: MORE * CONVEX.curvature.body(b, c)},
    ),
    (
        readout_only_reset,
        RESTART,
        "7.92 for 8",
        {
            "root_k": lambda p, m, g: sp.sqrt(
                RESTART.root_k.body(p, m, g) ** 2 - p * m * g**2 * 8 / 100
            )
        },
    ),
    (readout_only_reset, RESTART, "as at −0.505", {"same": lambda: -sp.Rational(505, 1000)}),
    (scale_suffices, SCALE, "c_FT negative", {"scale": lambda p, m, g: -SCALE.scale.body(p, m, g)}),
    (scale_suffices, SCALE, "1.01 w²", {"scale": lambda p, m, g: MORE * (p + m) ** 2 + g**2}),
    (
        pretraining_lambda_free,
        FREE,
        "1.01 β̇",
        {"velocity": lambda b, c, g: MORE * FREE.velocity.body(b, c, g)},
    ),
    (
        kkt,
        KKT,
        "m = Xν",
        {"pulled": replace(KKT.pulled, symbols=(matrix.X, matrix.nu))},
    ),
    (kkt, KKT, "y below Xβ", {"constraint": replace(KKT.constraint, relation=Relation.BELOW)}),
    (kkt, KKT, "βᵢ and cᵢ exchanged", {"slope": replace(KKT.slope, symbols=(kkt.c, kkt.b))}),
    (dual, DUAL, "the greatest penalty", {"dual": replace(DUAL.dual, primal=Extremum.MAX)}),
    (dual, DUAL, "the minimum over ν", {"dual": replace(DUAL.dual, dual=Extremum.MIN)}),
    (dual, DUAL, "where Xβ = −y", {"dual": replace(DUAL.dual, fitted=OPPOSITE)}),
    (dual, DUAL, "at most", {"dual": replace(DUAL.dual, relation=Relation.AT_MOST)}),
    (
        minimiser,
        THEOREM,
        "argmax",
        {"selected": replace(THEOREM.selected, extremum=Extremum.MAX)},
    ),
    (minimiser, THEOREM, "where Xβ = −y", {"selected": lambda y: -y}),
    (minimiser, THEOREM, "−z", {"z": lambda b, k: -THEOREM.z.body(b, k)}),
    (
        minimiser,
        THEOREM,
        "c and λ exchanged",
        {
            "root_k": replace(
                THEOREM.root_k,
                symbols=(minimiser.beta_pt, minimiser.lam, minimiser.c, minimiser.gamma),
            )
        },
    ),
    (
        exponential_cone,
        CONE,
        "the greatest value",
        {"least": replace(CONE.least, extremum=Extremum.MAX)},
    ),
    (l1_limit, L1, "ρ above the bound", {"bound": replace(L1.bound, relation=Relation.ABOVE)}),
    (l1_limit, L1, "ρ negative", {"bound": replace(L1.bound, bounds=(BELOW_ZERO,))}),
    (l1_limit, L1, "k → 1", {"ratio": replace(L1.ratio, limit=Limit(l1_limit.k, 1))}),
    (
        weighted_l2_limit,
        L2,
        "ρ at least the bound",
        {"bound": replace(L2.bound, relation=Relation.AT_LEAST)},
    ),
    (
        weighted_l2_limit,
        L2,
        "ρ below the bound, at β = 0 too",
        {"bound": replace(L2.bound, relation=Relation.BELOW)},
    ),
    (fenchel_young, GAP, "no gap", {"gap": replace(GAP.gap, bounds=(BELOW_ZERO,))}),
    (fenchel_young, GAP, "a gap everywhere", {"gap": replace(GAP.gap, bounds=(POSITIVE,))}),
    (mirror_flow, MIRROR, "ṁ = ∂L/∂β", {"descent": lambda g: g}),
    (
        penalty_zero_and_convex,
        CONVEX,
        "concave",
        {"curvature": replace(CONVEX.curvature, bounds=(BELOW_ZERO,))},
    ),
    (penalty_zero_and_convex, CONVEX, "odd", {"reflected": lambda q: -q}),
    (
        readout_only_reset,
        RESTART,
        "γ → ∞",
        {"learned": replace(RESTART.learned, limit=Limit(readout_only_reset.gamma, sp.oo))},
    ),
    (
        readout_only_reset,
        RESTART,
        "c → ∞",
        {"same": replace(RESTART.same, limit=Limit(readout_only_reset.c, sp.oo))},
    ),
    (
        scale_suffices,
        SCALE,
        "w₊ − w₋ for w₊ + w₋",
        {"scale": lambda p, m, g: (p - m) ** 2 + g**2},
    ),
    (
        pretraining_lambda_free,
        FREE,
        "growth below 2",
        {"growth": replace(FREE.growth, bounds=(Bound(Relation.BELOW, 2),))},
    ),
    (
        pretraining_lambda_free,
        FREE,
        "growth ½",
        {"growth": lambda b, c: FREE.growth.body(b, c) / 2},
    ),
]


def accepted(module, statement):
    try:
        return module.decide(statement).holds is True
    except ValueError:
        return False


@pytest.mark.parametrize(("module", "statement"), false_statements(FALSE))
def test_a_near_miss_is_not_accepted(module, statement):
    assert not accepted(module, statement)


@pytest.mark.parametrize(("module", "statement"), true_statements(FALSE))
def test_the_true_statement_is_accepted(module, statement):
    assert accepted(module, statement)


@pytest.mark.parametrize(
    ("subject", "true"),
    [
        (saddle.Saddle(-1, 0), True),
        (saddle.Saddle(-LESS, 0), False),
        (saddle.Saddle(-1, sp.Rational(1, 100)), False),
    ],
)
def test_the_saddle_is_where_it_is_said_to_be(subject, true):
    assert saddle.decide(subject).holds is true


@pytest.mark.parametrize("field", random_signs.Parities._fields)
def test_each_parity_is_decided(field):
    false = random_signs.STATED._replace(**{field: -getattr(random_signs.STATED, field)})
    assert random_signs.decide(false).holds is False


@pytest.mark.parametrize(("shift", "true"), [(0, True), (sp.Rational(1, 100), False)])
def test_a_constant_is_not_a_factor(shift, true):
    """A constant added to q has the same curvature, and is no multiple of the penalty."""
    stated = woodworth_normalisation.TRUTH.subject
    moved = stated.but("", q=lambda z: woodworth_normalisation.woodworth(z) + shift).subject
    assert woodworth_normalisation.decide_ratio(moved).holds is true


def test_the_lambda_free_flow_is_held_to_its_speed():
    flow = pretraining_lambda_free.FLOW
    fast = flow.but("", velocity=lambda b, c, g: MORE * flow.velocity.body(b, c, g)).subject
    assert holds("implicit-bias.pretraining-lambda-free", "integration", flow) is True
    assert holds("implicit-bias.pretraining-lambda-free", "integration", fast) is False


def test_a_maximum_is_no_minimum():
    negative = THEOREM.but("", penalty=lambda z, k: -minimiser.penalty(z, k)).subject
    assert holds("implicit-bias.minimiser", "both phases", THEOREM) is True
    assert holds("implicit-bias.minimiser", "both phases", negative) is False
