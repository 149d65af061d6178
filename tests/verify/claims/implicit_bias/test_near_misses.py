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
    woodworth_factor_two,
    woodworth_normalisation,
)
from verify.claims.implicit_bias._extrema import INTERPOLATION
from verify.claims.implicit_bias._symbols import EACH, Penalty, Total, transposed
from verify.methods.along import TIME
from verify.methods.relations import POSITIVE, Bound, Extremum, Limit, Relation
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
OPPOSITE = replace(INTERPOLATION, body=lambda y: -y)
DOUBLE = replace(INTERPOLATION, name=2 * matrix.X * matrix.beta)
NOTHING = replace(INTERPOLATION, name=0 * matrix.X)
SIGNS, AT_REST = random_signs.STATED, saddle.STATED
WOODWORTH, TWICE = woodworth_normalisation.STATED, woodworth_factor_two.STATED
EVEN = (random_signs.w_plus(random_signs.beta),)
SQUARES = Total(Penalty(minimiser.beta_i, minimiser.k_i) ** 2, EACH)
BELOW_ZERO = Bound(Relation.BELOW, 0)

FALSE = [
    (kkt, KKT, "2Xβ = y", {"selected": replace(KKT.selected, over=DOUBLE)}),
    (kkt, KKT, "no constraint", {"selected": replace(KKT.selected, over=NOTHING)}),
    (kkt, KKT, "argmax", {"selected": replace(KKT.selected, extremum=Extremum.MAX)}),
    (
        kkt,
        KKT,
        "Σ qᵢ²",
        {"selected": replace(KKT.selected, symbols=(Total(kkt.q(kkt.b) ** 2, EACH),))},
    ),
    (kkt, KKT, "sinh 1.98 m", {"solved": lambda m, c: c * sp.sinh(2 * LESS * m)}),
    (kkt, KKT, "m = 1.01 Xᵀν", {"pulled": lambda X, nu: MORE * transposed(X) * nu}),
    (dual, DUAL, "costs × 0.99", {"cost": lambda m, c: LESS * DUAL.cost.body(m, c)}),
    (dual, DUAL, "costs + 0.01", {"cost": lambda m, c: DUAL.cost.body(m, c) + sp.Rational(1, 100)}),
    (dual, DUAL, "1.01 yᵀν", {"dual": lambda y, nu, r: MORE * transposed(y) * nu - r}),
    (dual, DUAL, "m = −Xᵀν", {"pulled": lambda X, nu: -transposed(X) * nu}),
    (minimiser, THEOREM, "1.01 z", {"z": lambda b, k: MORE * THEOREM.z.body(b, k)}),
    (
        minimiser,
        THEOREM,
        "0.99 γ²",
        {"root_k": lambda b, c, lam, g: THEOREM.root_k.body(b, c, lam, g) - 2 * g**2 / 100},
    ),
    (exponential_cone, CONE, "q = √k/(4s)", {"q": lambda k, s: sp.sqrt(k) / 4 / s}),
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
        {"pulled": lambda X, nu: X * nu},
    ),
    (
        kkt,
        KKT,
        "Xβ below y",
        {"selected": replace(KKT.selected, over=replace(INTERPOLATION, relation=Relation.BELOW))},
    ),
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
    (
        minimiser,
        THEOREM,
        "where Xβ = −y",
        {"selected": replace(THEOREM.selected, over=OPPOSITE)},
    ),
    (minimiser, THEOREM, "2Xβ = y", {"selected": replace(THEOREM.selected, over=DOUBLE)}),
    (minimiser, THEOREM, "Σ q²", {"selected": replace(THEOREM.selected, symbols=(SQUARES,))}),
    (minimiser, THEOREM, "k for √k", {"root_k": replace(THEOREM.root_k, name=minimiser.k)}),
    (
        minimiser,
        THEOREM,
        "q of k and β exchanged",
        {"penalty": replace(THEOREM.penalty, name=Penalty(minimiser.k, minimiser.beta))},
    ),
    (dual, DUAL, "Σ qᵢ²", {"dual": replace(DUAL.dual, name=Total(dual.q(dual.b) ** 2, EACH))}),
    (dual, DUAL, "over y", {"dual": replace(DUAL.dual, of=(matrix.y,))}),
    (dual, DUAL, "Σ 2rᵢ", {"dual": lambda y, nu, r: transposed(y) * nu - 2 * r}),
    (
        azulay_normalisation,
        AZULAY,
        "k for √k",
        {"root_k": replace(AZULAY.root_k, name=azulay_normalisation.k)},
    ),
    (
        exponential_cone,
        CONE,
        "p + m = z",
        {
            "least": replace(
                CONE.least,
                over=replace(CONE.least.over, name=exponential_cone.p + exponential_cone.m),
            )
        },
    ),
    (
        exponential_cone,
        CONE,
        "p*m* = 1",
        {"product": replace(CONE.product, name=exponential_cone.best_p * exponential_cone.best_m)},
    ),
    (
        fenchel_young,
        GAP,
        "q − q* − mβ",
        {"gap": replace(GAP.gap, name=GAP.gap.name - 2 * fenchel_young.dual(fenchel_young.m))},
    ),
    (
        fenchel_young,
        GAP,
        "q + q* + mβ",
        {"gap": replace(GAP.gap, name=GAP.gap.name + 2 * fenchel_young.m * fenchel_young.beta)},
    ),
    (
        l1_limit,
        L1,
        "q = … + ρ",
        {"leading": lambda b, k, rho: L1.leading.body(b, k, -rho)},
    ),
    (l1_limit, L1, "β for |β|", {"ratio": lambda beta: beta}),
    (l1_limit, L1, "k/(32β)", {"bound": lambda beta, k: k / (32 * beta)}),
    (
        l1_limit,
        L1,
        "q itself for q/a",
        {"ratio": replace(L1.ratio, name=Penalty(l1_limit.beta, l1_limit.k))},
    ),
    (
        weighted_l2_limit,
        L2,
        "q = … + ρ",
        {"leading": lambda b, k, rho: L2.leading.body(b, k, -rho)},
    ),
    (penalty, PENALTY, "k for √k", {"root_k": replace(PENALTY.root_k, name=penalty.k)}),
    (
        penalty,
        PENALTY,
        "q″ for q′",
        {"slope": replace(PENALTY.slope, name=PENALTY.curvature.name)},
    ),
    (
        penalty_zero_and_convex,
        CONVEX,
        "q′(1) = 0",
        {"slope_at_zero": replace(CONVEX.slope_at_zero, name=CONVEX.slope_at_zero.name.subs(0, 1))},
    ),
    (
        penalty_zero_and_convex,
        CONVEX,
        "q‴ for q″",
        {
            "curvature": replace(
                CONVEX.curvature,
                name=sp.Derivative(CONVEX.value.name, (penalty_zero_and_convex.beta, 3)),
            )
        },
    ),
    (
        pretraining_lambda_free,
        FREE,
        "∂c_FT/∂c",
        {
            "growth": replace(
                FREE.growth,
                name=sp.Derivative(FREE.growth.name.expr, pretraining_lambda_free.c),
            )
        },
    ),
    (random_signs, SIGNS, "w₊ even", {"exchanged": replace(SIGNS.exchanged, symbols=EVEN)}),
    (random_signs, SIGNS, "w₊ + w₋ odd", {"hidden": lambda plus, minus: -plus - minus}),
    (random_signs, SIGNS, "w₊ − w₋", {"hidden": lambda plus, minus: plus - minus}),
    (random_signs, SIGNS, "c_FT odd", {"scale": lambda scale: -scale}),
    (random_signs, SIGNS, "q odd", {"penalty": lambda q: -q}),
    (random_signs, SIGNS, "q′ even", {"slope": lambda slope: slope}),
    (
        readout_only_reset,
        RESTART,
        "k for √k",
        {"root_k": replace(RESTART.root_k, name=readout_only_reset.k)},
    ),
    (
        readout_only_reset,
        RESTART,
        "c/λ° for λ°/c",
        {"same": replace(RESTART.same, name=1 / RESTART.same.name)},
    ),
    (
        azulay_normalisation,
        AZULAY,
        "√α for √k",
        {"of_scale": replace(AZULAY.of_scale, name=sp.sqrt(azulay_normalisation.alpha))},
    ),
    (
        azulay_normalisation,
        AZULAY,
        "α for λ",
        {"relative": replace(AZULAY.relative, name=azulay_normalisation.alpha)},
    ),
    (
        readout_only_reset,
        RESTART,
        "√c for √k as γ → 0",
        {"learned": replace(RESTART.learned, name=sp.sqrt(readout_only_reset.c))},
    ),
    (
        mirror_flow,
        MIRROR,
        "β for its velocity",
        {"velocity": replace(MIRROR.velocity, name=mirror_flow.BETA(TIME))},
    ),
    (
        mirror_flow,
        MIRROR,
        "m for its velocity",
        {"descent": replace(MIRROR.descent, name=mirror_flow.M(TIME))},
    ),
    (
        mirror_flow,
        MIRROR,
        "the velocity of β for that of m",
        {"descent": replace(MIRROR.descent, name=MIRROR.velocity.name)},
    ),
    (
        pretraining_lambda_free,
        FREE,
        "β″ for β′",
        {
            "velocity": replace(
                FREE.velocity,
                name=sp.Derivative(pretraining_lambda_free.BETA(TIME), (TIME, 2)),
            )
        },
    ),
    (
        scale_suffices,
        SCALE,
        "β for its velocity",
        {"velocity": replace(SCALE.velocity, name=scale_suffices.BETA(TIME))},
    ),
    (
        scale_suffices,
        SCALE,
        "λ_FT for c_FT",
        {"scale": replace(SCALE.scale, name=scale_suffices.lam)},
    ),
    (
        kkt,
        KKT,
        "a sum over j",
        {"selected": replace(KKT.selected, symbols=(Total(kkt.q(kkt.b), sp.Symbol("j")),))},
    ),
    (
        dual,
        DUAL,
        "a sum over j",
        {"dual": replace(DUAL.dual, name=Total(dual.q(dual.b), sp.Symbol("j")))},
    ),
    (saddle, AT_REST, "γ for λ", {"relative": replace(AT_REST.relative, name=saddle.GAMMA)}),
    (
        saddle,
        AT_REST,
        "the hidden weights for the readouts",
        {"readout_rate": replace(AT_REST.readout_rate, name=AT_REST.hidden_rate.name)},
    ),
    (saddle, AT_REST, "λ = −0.99 c", {"relative": lambda c: -LESS * c}),
    (saddle, AT_REST, "γ = 1/100", {"gamma": lambda: sp.Rational(1, 100)}),
    (saddle, AT_REST, "weights that grow", {"hidden_rate": lambda: sp.Integer(1)}),
    (
        woodworth_normalisation,
        WOODWORTH,
        "k for √k",
        {"root_k": replace(WOODWORTH.root_k, name=woodworth_normalisation.k)},
    ),
    (
        woodworth_factor_two,
        TWICE,
        "q_k for q_k′",
        {
            "penalty": replace(
                TWICE.penalty, name=Penalty(woodworth_factor_two.beta, woodworth_factor_two.k)
            )
        },
    ),
    (
        woodworth_factor_two,
        TWICE,
        "k′ for √k′",
        {"other": replace(TWICE.other, name=woodworth_factor_two.twice)},
    ),
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


def test_the_square_of_a_weight_is_not_the_weight():
    stated, weight = scale_suffices.TRUTH.subject, scale_suffices.W(TIME)
    assert scale_suffices.decide_weights(stated).holds is True
    assert scale_suffices.decide_weights(replace(stated, name=weight)).holds is False
    assert scale_suffices.decide_weights(scale_suffices.EQUAL).holds is False


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


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        (MIRROR, r"\beta'(t) = "),
        (SCALE, r"\beta'(t) = "),
        (FREE, r"\beta'(t) = "),
        (PENALTY, r"q_k(\beta) = "),
        (AZULAY, r"\sqrt{k} = "),
        (
            THEOREM,
            r"\beta_{FT} = \operatorname{argmin}_{X \beta = y} \sum_{i} q_{k_{i}}(\beta_{i})",
        ),
        (KKT, r"\beta = \operatorname{argmin}_{X \beta = y} \sum_{i} q_i(\beta_{i})"),
    ],
)
def test_a_statement_begins_as_it_is_read(stated, text):
    assert stated.latex().startswith(text)
