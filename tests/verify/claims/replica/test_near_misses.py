"""False statements that once held, or would be easy to miss, beside the true ones."""

from dataclasses import replace

import pytest
import sympy as sp

from tests.verify.claims.changes import accepted, exchanged, instead
from tests.verify.claims.replica.changes import (
    LEMMA,
    LESS,
    MORE,
    OTHER,
    RECOVERY,
    THRESHOLD,
    scaled,
)
from theory import replica as theory
from verify.claims.replica import (
    coordinate_groups,
    critical_data,
    degrees_of_freedom,
    effective_parameters,
    estimator_derivative,
    l1_threshold,
    min_norm_limit,
    more_data,
    perfect_pretraining,
    r_transform,
    random_signs,
    ridge_limit,
    stability,
    stein,
    susceptibility,
    vanishing_ridge,
)
from verify.claims.replica._means import ESTIMATE, RESPONSE, TARGET, Z, q
from verify.methods.formula import Formulas
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Limit, Relation, Side
from verify.registry import load

PROOFS = [
    (susceptibility.decide, susceptibility.STATED),
    (effective_parameters.decide, effective_parameters.STATED),
    (estimator_derivative.decide, estimator_derivative.STATED),
    (stability.decide, stability.STATED),
    (more_data.derive, more_data.STATED),
    (vanishing_ridge.decide, vanishing_ridge.STATED),
    (random_signs.decide, random_signs.STATED),
]


def with_exchanged(stated, name, one, two):
    """Return formulas of which one has two symbols in each other's place."""
    formula = vars(stated)[name] if isinstance(stated, Formulas) else getattr(stated, name)
    return instead(stated, name, symbols=exchanged(formula, one, two))


def moments_of_gaussians(stated):
    return r_transform.of_gaussians(stated).held_to(0.0, None)


def with_symbol(stated, name, place, symbol):
    """Return formulas of which one has another expression in a place of its symbols."""
    symbols = list(vars(stated)[name].symbols)
    symbols[place] = symbol
    return instead(stated, name, symbols=tuple(symbols))


def of_functions(name, argument):
    """Return the threshold with another function in the place of Φ(−κ)."""
    kappa, rho, density, _ = THRESHOLD.moment.symbols
    function = getattr(l1_threshold, name)
    tail = function(kappa if argument == "kappa" else -kappa)
    return instead(THRESHOLD, "moment", symbols=(kappa, rho, density, tail))


# Where each symbol stands, as listed: (claim, what decides it, its statement, formula, two places).
EXCHANGES = [
    (susceptibility.decide, susceptibility.STATED, "chi", 0, 1),
    (susceptibility.decide, susceptibility.STATED, "independent", 0, 1),
    (vanishing_ridge.decide, vanishing_ridge.STATED, "distance", 1, 2),
    (vanishing_ridge.decide, vanishing_ridge.STATED, "bound", 0, 1),
    (critical_data.derive, critical_data.STATED, "error", 1, 2),
    (perfect_pretraining.decide, RECOVERY, "freedom", 0, 1),
    (perfect_pretraining.decide, RECOVERY, "share", 0, 1),
    (stability.decide, stability.STATED, "margin", 0, 3),
    (estimator_derivative.decide, estimator_derivative.STATED, "response", 0, 1),
    (more_data.derive, more_data.STATED, "tau", 0, 1),
    (more_data.derive, more_data.STATED, "error", 0, 1),
    (min_norm_limit.derive, min_norm_limit.STATED, "error", 0, 1),
    (ridge_limit.derive, ridge_limit.STATED, "error", 0, 2),
    (effective_parameters.decide, effective_parameters.STATED, "tau", 0, 1),
    (r_transform.at_every_order, r_transform.STATED, "transform", 0, 1),
    (moments_of_gaussians, r_transform.STATED, "narayana", 0, 1),
    (coordinate_groups.decide, coordinate_groups.STATED, "density", 1, 2),
    (random_signs.decide, random_signs.STATED, "scale", 1, 2),
    (random_signs.decide, random_signs.STATED, "noisy", 1, 2),
    (l1_threshold.decide, THRESHOLD, "moment", 2, 3),
]


@pytest.mark.parametrize(
    ("decide", "stated", "name", "one", "two"),
    EXCHANGES,
    ids=lambda one: one.__module__.rpartition(".")[2] if callable(one) else None,
)
def test_two_symbols_exchanged_are_not_accepted(decide, stated, name, one, two):
    assert not accepted(decide, with_exchanged(stated, name, one, two))


BELOW_ONE = Bound(Relation.BELOW, 1)


# (What decides it, the true statement, the false one.)
CHANGED = {
    "sⱼ ≥ ϱν²/4": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        instead(vanishing_ridge.STATED, "bound", relation=Relation.AT_LEAST),
    ),
    "sⱼ < ϱν²/4, which is attained": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        instead(vanishing_ridge.STATED, "bound", relation=Relation.BELOW),
    ),
    "τ > ϱα/(α − 1)": (
        more_data.derive,
        more_data.STATED,
        instead(more_data.STATED, "tau", relation=Relation.ABOVE),
    ),
    "p → σ²α/(α − 1) as ϱ → ∞": (
        more_data.derive,
        more_data.STATED,
        instead(more_data.STATED, "error", limit=Limit(theory.ridge, sp.oo)),
    ),
    "√k q_k → β²/2 as k → 0": (
        min_norm_limit.derive,
        min_norm_limit.STATED,
        instead(min_norm_limit.STATED, "penalty", limit=Limit(min_norm_limit.k, 0, Side.ABOVE)),
    ),
    "the margin is negative": (
        stability.decide,
        stability.STATED,
        instead(stability.STATED, "margin", bounds=(Bound(Relation.BELOW, 0),)),
    ),
    "the margin is above −1/100, which is not the best bound": (
        stability.decide,
        stability.STATED,
        instead(stability.STATED, "margin", bounds=(Bound(Relation.ABOVE, -sp.Rational("0.01")),)),
    ),
    "η′ > 1": (
        estimator_derivative.decide,
        estimator_derivative.STATED,
        instead(estimator_derivative.STATED, "response", bounds=(Bound(Relation.ABOVE, 1),)),
    ),
    "η′ < 1.01, which is not the best bound": (
        estimator_derivative.decide,
        estimator_derivative.STATED,
        instead(estimator_derivative.STATED, "response", bounds=(BELOW_ONE._replace(value=MORE),)),
    ),
    "at α = 1.01": (
        critical_data.derive,
        critical_data.STATED,
        critical_data.STATED.but("", alpha=lambda: MORE).subject,
    ),
    "with noise": (
        critical_data.derive,
        critical_data.STATED,
        critical_data.STATED.but("", noise=lambda: sp.Rational(1, 100)).subject,
    ),
    "recovery from α_PT ≤ 1": (
        perfect_pretraining.decide,
        RECOVERY,
        RECOVERY._replace(enough=Bound(Relation.AT_MOST, 1)),
    ),
    "recovery from α_PT > 1": (
        perfect_pretraining.decide,
        RECOVERY,
        RECOVERY._replace(enough=Bound(Relation.ABOVE, 1)),
    ),
    "|f| bounded from below": (
        stein.decide,
        LEMMA,
        instead(LEMMA, "growth", relation=Relation.AT_LEAST),
    ),
    "α* is the maximum of M": (
        l1_threshold.decide,
        THRESHOLD,
        THRESHOLD._replace(extremum=l1_threshold.Extremum.MAX),
    ),
    "θ grows above the threshold": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "error", relation=Relation.ABOVE),
    ),
    "θ shrinks at the threshold itself": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "data", relation=Relation.AT_LEAST),
    ),
    "p < αθ below the threshold": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "error", body=lambda alpha, theta: alpha * theta),
    ),
    "M = lim p/θ² as θ → ∞": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "moment", limit=Limit(theory.theta, sp.oo)),
    ),
    "Φ(κ) for Φ(−κ)": (l1_threshold.decide, THRESHOLD, of_functions("TAIL", "kappa")),
    "φ for Φ": (l1_threshold.decide, THRESHOLD, of_functions("DENSITY", "-kappa")),
    "M = lim p/θ": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "moment", name=theory.error / theory.theta),
    ),
    "E[q′] for E[q″η′]": (
        critical_data.derive,
        critical_data.STATED,
        with_symbol(critical_data.STATED, "error", 2, Mean(sp.Derivative(q(ESTIMATE), ESTIMATE))),
    ),
    "E[q‴η′] for E[q″η′]": (
        critical_data.derive,
        critical_data.STATED,
        with_symbol(
            critical_data.STATED,
            "error",
            2,
            Mean(sp.Derivative(q(ESTIMATE), (ESTIMATE, 3)) * RESPONSE),
        ),
    ),
    "E[q′(β̂)] for E[q′(β̂)²]": (
        critical_data.derive,
        critical_data.STATED,
        with_symbol(critical_data.STATED, "error", 1, Mean(sp.Derivative(q(ESTIMATE), ESTIMATE))),
    ),
    "1 + E[η′²]/α for 1 − E[η′²]/α": (
        stability.decide,
        stability.STATED,
        instead(stability.STATED, "margin", name=1 + Mean(RESPONSE**2) / theory.alpha),
    ),
    "1 − E[η′]/α for 1 − E[η′²]/α": (
        stability.decide,
        stability.STATED,
        instead(stability.STATED, "margin", name=1 - Mean(RESPONSE) / theory.alpha),
    ),
    "η′ + η′² for η′ − η′²": (
        stability.decide,
        stability.STATED,
        instead(stability.STATED, "spread", name=RESPONSE + RESPONSE**2),
    ),
    "E[η′ + η′²] for E[η′ − η′²]": (
        stability.decide,
        stability.STATED,
        with_symbol(stability.STATED, "margin", 2, Mean(RESPONSE + RESPONSE**2)),
    ),
    "E[η′²] at every fixed point": (
        degrees_of_freedom.decide,
        degrees_of_freedom.STATED,
        replace(degrees_of_freedom.STATED, name=Mean(RESPONSE**2)),
    ),
    "k q_k for √k q_k": (
        min_norm_limit.derive,
        min_norm_limit.STATED,
        instead(
            min_norm_limit.STATED,
            "penalty",
            name=min_norm_limit.k * min_norm_limit.q_k(min_norm_limit.beta),
        ),
    ),
    "E[β*] for E[β*²]": (
        min_norm_limit.derive,
        min_norm_limit.STATED,
        with_symbol(min_norm_limit.STATED, "error", 0, Mean(TARGET)),
    ),
    "θ for θ²": (
        effective_parameters.decide,
        effective_parameters.STATED,
        instead(effective_parameters.STATED, "theta_squared", name=theory.theta),
    ),
    "q_k′ for q_k″": (
        estimator_derivative.decide,
        estimator_derivative.STATED,
        instead(
            estimator_derivative.STATED,
            "curvature",
            name=sp.Derivative(estimator_derivative.q_k(ESTIMATE), ESTIMATE),
        ),
    ),
    "√(k + β̂²) for √(k + 4β̂²)": (
        estimator_derivative.decide,
        estimator_derivative.STATED,
        estimator_derivative.STATED.but("", root=lambda k, b: sp.sqrt(k + b**2)).subject,
    ),
    "τ + q_k″ for 1/τ + q_k″": (
        estimator_derivative.decide,
        estimator_derivative.STATED,
        instead(
            estimator_derivative.STATED,
            "curvature_term",
            name=1 / (theory.tau + estimator_derivative.CURVATURE),
        ),
    ),
    "E[f(s + θZ)] for E[Z f(s + θZ)]": (
        stein.decide,
        LEMMA,
        instead(LEMMA, "covariance", name=Mean(stein.f(stein.ARGUMENT))),
    ),
    "E[f(s + θZ)] for E[f′(s + θZ)]": (
        stein.decide,
        LEMMA,
        with_symbol(LEMMA, "covariance", 1, Mean(stein.f(stein.ARGUMENT))),
    ),
    "f′ at s − θZ": (
        stein.decide,
        LEMMA,
        with_symbol(
            LEMMA,
            "covariance",
            1,
            Mean(stein.SLOPE.subs(stein.s, stein.s - 2 * theory.theta * Z)),
        ),
    ),
    "a bound of −|f|": (
        stein.decide,
        LEMMA,
        instead(LEMMA, "growth", name=-sp.Abs(stein.f(stein.x))),
    ),
    "E[(β̂ − β*)] for E[(β̂ − β*)Z]": (
        susceptibility.decide,
        susceptibility.STATED,
        with_symbol(susceptibility.STATED, "chi", 2, Mean(ESTIMATE - TARGET)),
    ),
    "E[β*Z] for E[β̂Z]": (
        susceptibility.decide,
        susceptibility.STATED,
        with_symbol(susceptibility.STATED, "independent", 2, Mean(TARGET * Z)),
    ),
    "y + f for y − f": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        instead(
            vanishing_ridge.STATED,
            "residual",
            name=vanishing_ridge.LABEL + vanishing_ridge.FITTED,
        ),
    ),
    "sⱼ = (ν^ϱ + ν)ⱼ(f − y)ⱼ": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        vanishing_ridge.STATED.but("", term=lambda m, n, f, y: (m + n) * (f - y)).subject,
    ),
    "dim ker X = 1 where α_PT ≥ 1": (
        perfect_pretraining.decide,
        RECOVERY,
        RECOVERY._replace(none=Bound(Relation.EQUAL, 1)),
    ),
    "dim ker X ≥ 0 where α_PT ≥ 1 only": (
        perfect_pretraining.decide,
        RECOVERY,
        RECOVERY._replace(none=Bound(Relation.AT_LEAST, 0)),
    ),
    "β̂(z) = −β̂(z)": (
        random_signs.decide,
        random_signs.STATED,
        instead(random_signs.STATED, "odd", name=random_signs.ESTIMATOR(random_signs.z)),
    ),
    "β̂(−2z) = −β̂(z)": (
        random_signs.decide,
        random_signs.STATED,
        instead(random_signs.STATED, "odd", name=random_signs.ESTIMATOR(-2 * random_signs.z)),
    ),
    "c_FT(−2β_PT) = c_FT(β_PT)": (
        random_signs.decide,
        random_signs.STATED,
        instead(random_signs.STATED, "even", name=random_signs.C_FT(-2 * random_signs.beta_pt)),
    ),
    "c_FT odd": (
        random_signs.decide,
        random_signs.STATED,
        random_signs.STATED.but("", even=lambda scale: -scale).subject,
    ),
    "β̂ even": (
        random_signs.decide,
        random_signs.STATED,
        random_signs.STATED.but("", odd=lambda estimate: estimate).subject,
    ),
    "another symbol for θ in θ²": (
        effective_parameters.decide,
        effective_parameters.STATED,
        instead(effective_parameters.STATED, "theta_squared", name=OTHER**2),
    ),
    "another symbol for τ": (
        effective_parameters.decide,
        effective_parameters.STATED,
        instead(effective_parameters.STATED, "tau", name=OTHER),
    ),
    "another symbol for χ, by the error": (
        susceptibility.decide,
        susceptibility.STATED,
        instead(susceptibility.STATED, "chi", name=OTHER),
    ),
    "another symbol for χ, by the estimate": (
        susceptibility.decide,
        susceptibility.STATED,
        instead(susceptibility.STATED, "independent", name=OTHER),
    ),
    "another symbol for χ, by the derivative": (
        susceptibility.decide,
        susceptibility.STATED,
        instead(susceptibility.STATED, "response", name=OTHER),
    ),
    "another symbol for sⱼ ≤ ϱν²/4": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        instead(vanishing_ridge.STATED, "bound", name=OTHER),
    ),
    "another symbol for sⱼ by multipliers": (
        vanishing_ridge.decide,
        vanishing_ridge.STATED,
        instead(vanishing_ridge.STATED, "distance", name=OTHER),
    ),
    "another symbol for p < αθ²": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "error", name=OTHER),
    ),
    "another symbol for α > α*": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "data", name=OTHER),
    ),
    "another symbol for α* in α > α*": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "data", symbols=(OTHER,)),
    ),
    "M = lim p/θ² as θ → 1/100": (
        l1_threshold.decide,
        THRESHOLD,
        instead(THRESHOLD, "moment", limit=Limit(theory.theta, sp.Rational("0.01"), Side.ABOVE)),
    ),
    "another symbol for ω": (
        coordinate_groups.decide,
        coordinate_groups.STATED,
        instead(coordinate_groups.STATED, "omega", name=OTHER),
    ),
    "another symbol for ρ_FT": (
        coordinate_groups.decide,
        coordinate_groups.STATED,
        instead(coordinate_groups.STATED, "density", name=OTHER),
    ),
    "a matrix with another number of rows": (
        perfect_pretraining.decide,
        RECOVERY,
        instead(
            RECOVERY,
            "freedom",
            name=perfect_pretraining.KERNEL(
                sp.MatrixSymbol("X", sp.Symbol("n'", integer=True), perfect_pretraining.d)
            ),
        ),
    ),
    "another symbol for τ < ϱα/(α − 1)": (
        more_data.derive,
        more_data.STATED,
        instead(more_data.STATED, "tau", name=OTHER),
    ),
    "another symbol for α = 1": (
        critical_data.derive,
        critical_data.STATED,
        instead(critical_data.STATED, "alpha", name=OTHER),
    ),
    "|f(x′)| for |f(x)|": (
        stein.decide,
        LEMMA,
        instead(LEMMA, "growth", name=sp.Abs(stein.f(OTHER))),
    ),
}


@pytest.mark.parametrize(("decide", "true", "false"), CHANGED.values(), ids=CHANGED)
def test_what_relates_the_two_sides_is_decided(decide, true, false):
    assert accepted(decide, true)
    assert not accepted(decide, false)


@pytest.mark.parametrize(("decide", "stated"), PROOFS)
def test_an_equality_is_not_accepted_as_an_inequality(decide, stated):
    equalities = [name for name, one in vars(stated).items() if one.relation == Relation.EQUAL]
    for name in equalities:
        assert not accepted(decide, instead(stated, name, relation=Relation.BELOW)), name


@pytest.mark.parametrize(
    ("decide", "stated"), PROOFS, ids=lambda one: getattr(one, "__module__", "")
)
def test_every_formula_is_held_to_one_per_cent(decide, stated):
    assert decide(stated).holds is True
    for name in vars(stated):
        for factor in (MORE, LESS, -1):
            assert decide(scaled(stated, name, factor)).holds is not True, (name, factor)


@pytest.mark.parametrize("order", [5, 8, 12])
def test_an_r_transform_that_is_right_to_some_order_is_not_proved(order):
    wrong = r_transform.STATED.but("", transform=lambda w, a: 1 / (1 - w / a) + w**order).subject
    assert r_transform.at_every_order(wrong).holds is not True
    # The moments to order 5 of the matrices themselves do not see it, and are called that.
    assert r_transform.of_gaussians(wrong).held_to(0.0, None).holds is True
    assert r_transform.PAIRINGS.endswith("orders 1 to 5")


def test_gaussian_moments_notice_every_order_that_they_name():
    for order in range(5):
        wrong = r_transform.STATED.but(
            "", transform=lambda w, a, order=order: 1 / (1 - w / a) + w**order / 100
        ).subject
        assert r_transform.of_gaussians(wrong).held_to(0.0, None).holds is False


@pytest.mark.parametrize(
    ("growth", "true"),
    [
        (lambda x, A, B: A + B * abs(x), True),
        (lambda x, A, B: A + B * abs(x) ** 3, True),
        (lambda x, A, B: A + B * x, False),
        (lambda x, A, B: A - B * abs(x), False),
        (lambda x, A, B: A + B * sp.exp(x**2 / 100), False),
    ],
    ids=["linear", "cubic", "of one sign of x", "negative", "of a wide normal density"],
)
def test_steins_lemma_says_how_fast_a_function_may_grow(growth, true):
    assert accepted(stein.decide, instead(LEMMA, "growth", body=growth)) is true


def test_refuting_steins_lemma_blocks_the_fixed_point():
    registry = load(only=["replica.*"])
    resting, before = {"replica.stein"}, set()
    while resting != before:
        before = set(resting)
        resting |= {c.id for c in registry if set(c.requires) & resting}
    for name in (
        "susceptibility",
        "effective-parameters",
        "degrees-of-freedom",
        "stability",
        "more-data",
        "exact-solver",
        "l1-threshold",
    ):
        assert f"replica.{name}" in resting


def test_what_the_closure_uses_is_required():
    claim = load(only=["replica.degrees-of-freedom"])["replica.degrees-of-freedom"]
    assert set(claim.requires) >= {"replica.susceptibility", "replica.effective-parameters"}
    assert degrees_of_freedom.decide(degrees_of_freedom.STATED).holds is True


@pytest.mark.parametrize(
    ("threshold", "true"), [("1", True), ("99/100", False), ("101/100", False)]
)
def test_one_example_for_each_coordinate_is_enough_and_needed(threshold, true):
    enough = RECOVERY.enough._replace(value=sp.Rational(threshold))
    assert perfect_pretraining.decide(RECOVERY._replace(enough=enough)).holds is true
