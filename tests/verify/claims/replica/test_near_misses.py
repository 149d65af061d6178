"""False statements that once held, or would be easy to miss, beside the true ones."""

from dataclasses import replace

import pytest
import sympy as sp

from theory import replica as theory
from verify.claims.replica import _means as means
from verify.claims.replica import (
    coordinate_groups,
    critical_data,
    degrees_of_freedom,
    effective_parameters,
    estimator_derivative,
    exact_solver,
    full_sample_limit,
    l1_threshold,
    min_norm_limit,
    montecarlo_agreement,
    more_data,
    null_limit,
    perfect_pretraining,
    r_transform,
    random_signs,
    ridge_limit,
    stability,
    stein,
    susceptibility,
    unique_solution,
    unique_solution_certified,
    vanishing_ridge,
)
from verify.claims.replica._enclosure import Box
from verify.claims.replica._means import ESTIMATE, RESPONSE, SCALE, TARGET, Group, Z, known, over, q
from verify.claims.replica._signs import positive
from verify.methods.formula import Formulas
from verify.methods.notation import Mean
from verify.methods.relations import Bound, Limit, Relation, Side
from verify.registry import load

MORE, LESS = sp.Rational(101, 100), sp.Rational(99, 100)


def scaled(stated, name, factor):
    """Return formulas of which one is a little larger or smaller."""
    body = vars(stated)[name].body
    return stated.but("", **{name: lambda *at: factor * body(*at)}).subject


PROOFS = [
    (susceptibility.decide, susceptibility.STATED),
    (effective_parameters.decide, effective_parameters.STATED),
    (estimator_derivative.decide, estimator_derivative.STATED),
    (stability.decide, stability.STATED),
    (more_data.derive, more_data.STATED),
    (vanishing_ridge.decide, vanishing_ridge.STATED),
    (random_signs.decide, random_signs.STATED),
]


def instead(stated, which, **fields):
    """Return formulas, or a statement with a formula, of which one has other fields."""
    if not isinstance(stated, Formulas):
        return stated._replace(**{which: replace(getattr(stated, which), **fields)})
    return Formulas(**{**vars(stated), which: replace(vars(stated)[which], **fields)})


def exchanged(stated, name, one, two):
    """Return formulas of which one has two symbols in each other's place."""
    formula = vars(stated)[name] if isinstance(stated, Formulas) else getattr(stated, name)
    symbols = list(formula.symbols)
    symbols[one], symbols[two] = symbols[two], symbols[one]
    return instead(stated, name, symbols=tuple(symbols))


def holds(decide, stated):
    """Whether a statement is accepted: one that is refused, by ValueError, is not."""
    try:
        return decide(stated).holds is True
    except ValueError:
        return False


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


LEMMA, RECOVERY, THRESHOLD = stein.STATED, perfect_pretraining.STATED, l1_threshold.STATED
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
    assert not holds(decide, exchanged(stated, name, one, two))


OTHER = sp.Symbol("a", positive=True)
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
    assert holds(decide, true)
    assert not holds(decide, false)


@pytest.mark.parametrize(("decide", "stated"), PROOFS)
def test_an_equality_is_not_accepted_as_an_inequality(decide, stated):
    equalities = [name for name, one in vars(stated).items() if one.relation == Relation.EQUAL]
    for name in equalities:
        assert not holds(decide, instead(stated, name, relation=Relation.BELOW)), name


@pytest.mark.parametrize(
    ("module", "tolerance", "limit", "true"),
    [
        (null_limit, 1e-5, Limit(theory.alpha, 0, Side.ABOVE), True),
        (null_limit, 1e-5, Limit(theory.alpha, sp.Rational(1, 100), Side.ABOVE), False),
        (null_limit, 1e-5, Limit(theory.ridge, 0, Side.ABOVE), False),
        (null_limit, 1e-5, None, False),
        (null_limit, 1e-5, Limit(theory.alpha, sp.oo), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1, Side.BELOW), True),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1, Side.ABOVE), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, 1), False),
        (full_sample_limit, 1e-6, Limit(theory.alpha, LESS, Side.BELOW), False),
    ],
)
def test_where_a_limit_is_taken_is_decided(module, tolerance, limit, true):
    stated = replace(module.STATED, limit=limit)
    assert holds(lambda one: module.decide(one).held_to(tolerance, None), stated) is true


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
    assert holds(stein.decide, instead(LEMMA, "growth", body=growth)) is true


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


def test_the_stability_margin_is_told_from_its_near_misses_in_float64():
    stated = stability.STATED
    assert stability.evaluate(stated.margin).held_to(1e-9, None).holds is True
    for factor in (1.01, 0.99):
        found = stability.evaluate(scaled(stated, "margin", factor).margin)
        assert found.held_to(1e-9, None).holds is False
    # E[η′] < α in place of E[η′²] < α.
    mean = stated.but("", margin=lambda ridge, tau, spread, alpha: ridge / tau).subject
    assert stability.evaluate(mean.margin).held_to(1e-9, None).holds is False


@pytest.mark.parametrize(("variant", "true"), [("stated", True), (MORE, False), (LESS, False)])
def test_the_bound_without_ridge_is_the_best(variant, true):
    stated = vanishing_ridge.STATED
    if variant != "stated":
        stated = scaled(stated, "bound", float(variant))
    assert vanishing_ridge.solve(stated).held_to(1e-9, None).holds is true


def test_the_rate_at_as_many_examples_as_coordinates_has_its_exponent():
    stated = critical_data.STATED
    assert critical_data.derive(stated).holds is True
    for power in ("151/100", "149/100"):
        wrong = stated.but(
            "", error=lambda r, q, s, power=power: sp.sqrt(r) * q / (2 * s ** sp.Rational(power))
        ).subject
        assert critical_data.derive(wrong).holds is False
        vanishing = critical_data.VANISHING.but(
            "", rate=lambda q, s, power=power: q / (2 * s ** sp.Rational(power))
        ).subject
        assert critical_data.in_the_limit(vanishing).held_to(1e-6, None).holds is False


OF_TARGET = sp.Derivative(q(TARGET), TARGET)
# (Claim, tolerance, the fields that make it false.)
LIMITS = {
    "p/α": (null_limit, 1e-5, {"name": theory.error / theory.alpha}),
    "(p + E[β*²])/α": (
        null_limit,
        1e-5,
        {"name": (theory.error + Mean(TARGET**2)) / theory.alpha},
    ),
    "E[c_FT] for E[c_FT²]": (
        null_limit,
        1e-5,
        {
            "symbols": (
                *null_limit.STATED.symbols[:2],
                Mean(SCALE) ** 2,
                null_limit.STATED.symbols[3],
            )
        },
    ),
    "E[c_FT β*⁴] for E[c_FT β*²]": (
        null_limit,
        1e-5,
        {"symbols": (*null_limit.STATED.symbols[:3], Mean(SCALE * TARGET**4))},
    ),
    "another symbol for α in 1 − α": (
        full_sample_limit,
        1e-6,
        {"name": theory.error / (1 - OTHER)},
    ),
    "another symbol for p": (null_limit, 1e-5, {"name": OTHER / theory.alpha}),
    "p/(1 + α)": (full_sample_limit, 1e-6, {"name": theory.error / (1 + theory.alpha)}),
    "E[q″] for E[q′²], and the reverse": (
        full_sample_limit,
        1e-6,
        {"symbols": full_sample_limit.STATED.symbols[::-1]},
    ),
    "E[q′³] for E[q′²]": (
        full_sample_limit,
        1e-6,
        {"symbols": (Mean(OF_TARGET**3), full_sample_limit.STATED.symbols[1])},
    ),
}


@pytest.mark.parametrize(("module", "tolerance", "fields"), LIMITS.values(), ids=LIMITS)
def test_what_tends_to_a_limit_and_the_means_in_it_are_decided(module, tolerance, fields):
    def decide(stated):
        return module.decide(stated).held_to(tolerance, None)

    assert not holds(decide, replace(module.STATED, **fields))


@pytest.mark.parametrize(
    ("name", "probability"),
    [("both", 0.03), (r"PT\ only", 0.07), (r"FT\ only", 0.18), ("neither", 0.72)],
)
def test_groups_are_called_what_they_are(name, probability):
    module = coordinate_groups  # ρ_PT = 0.1, ρ_shared = 0.3, ρ_new = 0.2
    at = {module.before: 0.1, module.after: 0.21, module.both: 0.03 / 0.21}
    left = rf"P_{{\mathrm{{{name}}}}}"
    (share,) = (one for one in vars(module.STATED).values() if one.left_latex() == left)
    assert share(at) == pytest.approx(probability)


# (What decides it by numbers, its tolerance, the true statement, the fields that make it false.)
GROUPS, SIGNS, MORE_DATA = coordinate_groups.STATED, random_signs.STATED, more_data.STATED
FEW = exact_solver.Solver(exact_solver.FEW)
AT_ALPHA = exact_solver.SOLVED(theory.alpha) / exact_solver.EXACT(theory.alpha)
BY_NUMBERS = {
    "ρ_FT twice as large": (
        coordinate_groups.compare_task,
        1e-14,
        GROUPS,
        ("density", {"body": lambda b, s, n: 2 * (b * s + (1 - b) * n)}),
    ),
    "ω for ρ_FT": (
        coordinate_groups.compare_task,
        1e-14,
        GROUPS,
        ("density", {"name": coordinate_groups.both}),
    ),
    "β̂ even": (random_signs.integrate, 1e-9, SIGNS, ("odd", {"body": lambda estimate: estimate})),
    "β̂(−2z)": (
        random_signs.integrate,
        1e-9,
        SIGNS,
        ("odd", {"name": random_signs.ESTIMATOR(-2 * random_signs.z)}),
    ),
    "c_FT odd": (random_signs.integrate, 1e-9, SIGNS, ("even", {"body": lambda scale: -scale})),
    "τ ≤ 1.01 ϱα/(α − 1), which is not the best": (
        more_data.evaluate,
        1e-6,
        MORE_DATA,
        ("tau", {"body": lambda ridge, alpha: 1.01 * ridge * alpha / (alpha - 1)}),
    ),
    "p as ϱ → 1/100": (
        more_data.evaluate,
        1e-6,
        MORE_DATA,
        ("error", {"limit": Limit(theory.ridge, sp.Rational(1, 100), Side.ABOVE)}),
    ),
    "θ for p": (more_data.evaluate, 1e-6, MORE_DATA, ("error", {"name": theory.theta})),
    "α_PT > 1": (
        perfect_pretraining.count,
        0.0,
        RECOVERY,
        ("", {"enough": Bound(Relation.ABOVE, 1)}),
    ),
    "dim ker X = 1": (
        perfect_pretraining.count,
        0.0,
        RECOVERY,
        ("", {"none": Bound(Relation.EQUAL, 1)}),
    ),
    "sⱼ without a sign": (
        vanishing_ridge.solve,
        1e-9,
        vanishing_ridge.STATED,
        ("term", {"name": -vanishing_ridge.TERM}),
    ),
    "the greatest M": (
        l1_threshold.decide_by_value,
        l1_threshold.HALF_UNIT,
        l1_threshold.PART,
        ("", {"extremum": l1_threshold.Extremum.MAX}),
    ),
    "the solver's error itself": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"deviation": sp.Abs(AT_ALPHA)}),
    ),
    "|p̂/p − 1.01|": (exact_solver.decide, 1e-11, FEW, ("", {"deviation": abs(AT_ALPHA - MORE)})),
    "p̂ at 1.01 α": (
        exact_solver.decide,
        1e-11,
        FEW,
        ("", {"deviation": exact_solver.deviation(exact_solver.SOLVED(MORE * theory.alpha))}),
    ),
    "at least 10⁻¹¹": (exact_solver.decide, 1e-11, FEW, ("", {"relation": Relation.AT_LEAST})),
}


@pytest.mark.parametrize(
    ("decide", "tolerance", "true", "change"), BY_NUMBERS.values(), ids=BY_NUMBERS
)
def test_numbers_decide_each_part_of_what_they_are_given(decide, tolerance, true, change):
    which, fields = change
    false = instead(true, which, **fields) if which else true._replace(**fields)
    assert holds(lambda one: decide(one).held_to(tolerance, None), true)
    assert not holds(lambda one: decide(one).held_to(tolerance, None), false)


def test_a_limit_at_0_has_the_side_of_its_variable():
    for side in (Side.BELOW, Side.BOTH):
        with pytest.raises(ValueError, match="must go to 0 from ABOVE"):
            Limit(theory.theta, 0, side)


# What each symbol is called: two names exchanged where they are defined are the same statement to
# every check, and another one to a reader.
NAMES = {
    coordinate_groups: {
        "before": r"{\rho_{PT}}",
        "shared": r"{\rho_{\mathrm{shared}}}",
        "new": r"{\rho_{\mathrm{new}}}",
        "after": r"{\rho_{FT}}",
        "both": r"{\omega}",
    },
    estimator_derivative: {"k": "k", "ROOT": "R"},
    exact_solver: {"SOLVED": r"\hat p", "EXACT": "p"},
    l1_threshold: {
        "MOMENT": "M",
        "MASS": "m",
        "kappa": "kappa",
        "RHO": "rho",
        "LEAST": r"\alpha^*",
        "DENSITY": r"\varphi",
        "TAIL": r"\Phi",
    },
    means: {
        "ESTIMATE": r"\hat\beta",
        "TARGET": r"\beta^*",
        "Z": "Z",
        "RESPONSE": r"\eta'",
        "SCALE": "c_{FT}",
        "q": "q",
    },
    min_norm_limit: {"beta": "beta", "k": "k", "q_k": "q_k"},
    montecarlo_agreement: {
        "p": "p",
        "PROPAGATED": "s_g",
        "BATCH": "s_e",
        "SAMPLED": r"\hat p",
    },
    perfect_pretraining: {"n": "n", "d": "d", "X": "X", "KERNEL": r"\dim \ker"},
    r_transform: {"k": "k", "r": "r"},
    random_signs: {
        "beta_pt": r"\beta_{PT}",
        "estimate": r"\hat\beta",
        "z": "z",
        "c": "c",
        "tau": "tau",
        "own": "c_{FT}",
        "lam": "lambda",
        "gamma": "gamma",
        "C_FT": "c_{FT}",
        "ESTIMATOR": r"\hat\beta",
    },
    ridge_limit: {"K": "K"},
    stein: {"s": "s", "x": "x", "A": "A", "B": "B", "f": "f"},
    unique_solution: {"y": "y", "g": "g"},
    vanishing_ridge: {
        "RIDGED": r"\nu_j^\varrho",
        "PLAIN": r"\nu_j",
        "FITTED": "f_j",
        "LABEL": "y_j",
        "TERM": "s_j",
    },
    theory: {
        "alpha": "alpha",
        "tau": "tau",
        "theta": "theta",
        "ridge": "varrho",
        "noise": "sigma",
        "error": "p",
        "susceptibility": "chi",
        "omega": "omega",
    },
}


@pytest.mark.parametrize("module", NAMES, ids=lambda one: one.__name__.rpartition(".")[2])
def test_quantities_are_shown_by_their_names(module):
    for attribute, name in NAMES[module].items():
        quantity = getattr(module, attribute)
        assert getattr(quantity, "name", getattr(quantity, "__name__", None)) == name


def test_groups_are_called_by_what_is_active_in_them():
    # The probability of each where pretraining activates all coordinates, and none, of ρ_FT.
    always = {"both": 0.3, r"FT\ only": 0, r"PT\ only": 0.7, "neither": 0}
    never = {"both": 0, r"FT\ only": 0.3, r"PT\ only": 0, "neither": 0.7}
    for before, named in ((1, always), (0, never)):
        found = coordinate_groups.probabilities_of(before, 0.3, 0.3)
        assert {coordinate_groups.NAMES[group]: value for group, value in found.items()} == named
    for group, name in coordinate_groups.NAMES.items():
        shown = vars(coordinate_groups.STATED)[group].latex()
        assert shown.startswith(rf"P_{{\mathrm{{{name}}}}} = ")


def test_known_means_are_linear_and_no_others_are_taken():
    a, b, one, two = sp.symbols("a b one two")
    mean = known({a: one, b**2: two})
    assert mean(3 * a - b**2 / theory.tau + 5) == 3 * one - two / theory.tau + 5
    for other in (a**2, a * b**2, b):
        with pytest.raises(ValueError, match="must be one of those of"):
            mean(other)


def test_means_over_the_law_of_the_teacher():
    groups = (Group("1/4", 2, "sign", 3), Group("1/4", 1, "gaussian", 2), Group("1/2", 5, "zero"))
    mean = over(groups)
    for of, expected in ((TARGET, 0), (TARGET**2, 3.25), (SCALE * TARGET**2, 5.5), (SCALE, 3.25)):
        assert float(mean(of)) == pytest.approx(expected)
    with pytest.raises(ValueError, match="must be finite"):
        mean(1 / TARGET)
    with pytest.raises(ValueError, match="must be real"):
        mean(sp.sqrt(TARGET))
    with pytest.raises(ValueError, match="got also"):
        mean(TARGET * theory.tau)


def test_the_rectangles_are_in_the_sentence_and_their_decimals_are_kept():
    claim = load(only=["replica.unique-solution-certified"])["replica.unique-solution-certified"]
    for stated in (unique_solution_certified.LAZY, unique_solution_certified.RICH):
        assert stated.said() in claim.sentence
    box = Box.around(("0.1", "0.3"), ("-0.2", "0.7"))
    exact = [sp.Rational(text) for text in ("0.1", "0.3", "-0.2", "0.7")]
    below = [sp.Rational(float(end)) <= at for end, at in zip(box[::2], exact[::2], strict=True)]
    above = [sp.Rational(float(end)) >= at for end, at in zip(box[1::2], exact[1::2], strict=True)]
    assert all(below + above)
    assert tuple(box) == pytest.approx([0.1, 0.3, -0.2, 0.7], abs=2e-16)


@pytest.mark.parametrize("alpha", [("0.32", "0.28"), ("0.28", "0.28")])
def test_an_empty_interval_is_refused(alpha):
    with pytest.raises(ValueError, match="α must be an interval"):
        unique_solution_certified.decide(unique_solution_certified.LAZY._replace(alpha=alpha))
    with pytest.raises(ValueError, match="low ends must be below"):
        Box.around(("1", "0"), ("0", "1"))


def test_signs_of_rational_functions():
    x, y = sp.Symbol("x", positive=True), sp.Symbol("y", nonnegative=True)
    assert positive("x + y > 0", x + y).holds is True
    assert positive("y > 0", y).holds is False
    assert positive("y ≥ 0", y, strict=False).holds is True
    assert positive("1 − x > 0", 1 - x).holds is False
    assert positive("(x − 1)² > 0", (x - 1) ** 2).holds is False
    with pytest.raises(ValueError, match="must be of one sign"):
        positive("z² > 0", sp.Symbol("z", real=True) ** 2)


def test_the_null_space_of_a_wide_matrix():
    n, m = sp.symbols("n m", integer=True, positive=True)
    assert theory.null_space(n, m).shape == (n + m, m)
    basis = theory.null_space(2, 1).subs({sp.MatrixSymbol("A", 2, 2): sp.Matrix([[2, 1], [1, 1]])})
    first = basis.subs({sp.MatrixSymbol("B", 2, 1): sp.Matrix([3, 5])}).as_explicit().doit()
    assert sp.Matrix([[2, 1, 3], [1, 1, 5]]) * first == sp.zeros(2, 1)
    assert theory.transposed(3, 5) == 15
