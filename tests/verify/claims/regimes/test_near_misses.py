"""False statements about the regimes that were accepted once, or nearly; each beside the true one.

They are decided by the check of the claim itself. None may hold; most are refuted.
"""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
import sympy as sp

from tests.verify.claims.changes import instead
from theory.network import Weights
from theory.positivity import Orthant
from theory.regime_bounds import ALL_NETWORKS, COUPLED, INACTIVE_ALL, Parameter
from theory.regimes import (
    ABSOLUTE,
    BETA_FT,
    BETA_PT,
    GAMMA,
    RATIO,
    SCALE,
    E,
    G,
    H,
    S,
    Z,
)
from verify import registry
from verify.claim import Measurement
from verify.claims.regimes import (
    equal_magnitude_limit,
    equal_magnitude_triangle,
    h_coth_h_increasing,
    half_angle_forms,
    inactive_independent,
    inactive_lambda_like_c,
    inactive_lambda_slight,
    l1_penalty_up_to_logs,
    lazy_dependent_corner,
    lorder_at_practical_scale,
    lorder_bounds,
    lorder_closed_form,
    lorder_large_argument,
    pd_closed_form,
    portrait_paths,
    portrait_values,
    reinitialised_scale,
    saddle_corner,
    small_scale_edge,
    sum_identity,
    transfer_bounds,
    transfer_closed_form,
    transfer_one,
    triangle,
    triangle_filled,
)
from verify.claims.regimes._approach import (
    ABSOLUTE_SHARE,
    ARGUMENT,
    READOUT_SHARE,
    Vanishes,
)
from verify.claims.regimes._language import ELL, KAPPA, ORDER, PD, Q
from verify.claims.regimes._slopes import Slopes, falls, rises
from verify.claims.regimes._statements import (
    Approached,
    At,
    Holds,
    HoldsAlways,
    Limit,
    OnlyWhere,
    Range,
    Theorem,
    decide,
)
from verify.methods.digits import begins
from verify.methods.relations import Bound, Relation
from verify.methods.relations import Limit as Towards

RICH_END = Limit(PD, Z, sp.oo, 0)
AT_MINUS_C = (Orthant(frozenset({E, G}), frozenset({S})),)
AT_ZERO = (Orthant(frozenset({S}), frozenset({E, G})),)
TRIANGLE, ATTAINED = triangle.STATED, equal_magnitude_triangle.STATED
LOGS, RATE = l1_penalty_up_to_logs.STATED, lorder_large_argument.STATED
BOUNDS = lorder_bounds.STATED

LIMITS = [
    pytest.param(RICH_END, RICH_END._replace(value=sp.Rational(value)), id=f"I: PD → {value}")
    for value in ("-1", "-1/1000", "-1/2", "-100", "1", "1/1000")
]
JOINT = [
    pytest.param(
        lazy_dependent_corner.DEPENDENT,
        Vanishes(1 + PD, (ABSOLUTE, GAMMA, ARGUMENT)),
        id="II: (2, −1) as c → 0, γ → 0 and z₀ → 0, at any λ",
    ),
    pytest.param(
        lazy_dependent_corner.DEPENDENT,
        lazy_dependent_corner.DEPENDENT._replace(
            small=(ARGUMENT, ABSOLUTE_SHARE, GAMMA**2 / BETA_PT)
        ),
        id="II: γ² small beside |β_PT|",
    ),
    pytest.param(
        transfer_one.STATED,
        Vanishes(ABSOLUTE + GAMMA**2, (1 - KAPPA,)),
        id="κ → 1 only as c → 0 and γ → 0",
    ),
    pytest.param(
        transfer_one.STATED,
        Vanishes(1 - KAPPA, (ABSOLUTE, GAMMA)),
        id="κ → 1 as c → 0 and γ → 0",
    ),
    pytest.param(
        small_scale_edge.PLACE,
        Vanishes(SCALE / BETA_PT - 1, (ABSOLUTE_SHARE, READOUT_SHARE)),
        id="c_FT → |β_PT| for small c, whatever λ is",
    ),
    # The parts of a chain hold, but do not add up to the bound.
    pytest.param(
        lazy_dependent_corner.LAZY,
        lazy_dependent_corner.LAZY._replace(bound=lambda z: z**2 / 7),
        id="2 − ℓ ≤ z₀²/7, by a chain for z₀²/6",
    ),
    # A bound that holds, and does not vanish.
    pytest.param(
        transfer_one.STATED,
        transfer_one.STATED._replace(bound=lambda a, b: a + b + sp.Rational(1, 100)),
        id="1 − κ ≤ a + b + 1/100",
    ),
    # Bounds that hold, and are not the best.
    pytest.param(
        transfer_one.STATED,
        transfer_one.STATED._replace(bound=lambda a, b: a + 101 * b / 100),
        id="1 − κ ≤ a + 1.01 b",
    ),
    pytest.param(
        transfer_one.STATED,
        transfer_one.STATED._replace(lower=lambda a, b: 99 * (a + b) / (100 * (1 + a + b))),
        id="1 − κ ≥ 0.99(a+b)/(1+a+b)",
    ),
    pytest.param(
        transfer_one.STATED,
        Vanishes(KAPPA, (ABSOLUTE_SHARE,), lambda a: 1 / a),
        id="κ → 0 as c/|β_PT| → 0, by κ ≤ |β_PT|/c",
    ),
]
DOMAINS = [
    pytest.param(
        rises(ELL, Parameter.SCALE, domain=ALL_NETWORKS),
        falls(ELL, Parameter.SCALE, domain=ALL_NETWORKS),
        id="ℓ falls in c_FT",
    ),
    pytest.param(
        rises(ELL, Parameter.BETA_PT, domain=COUPLED),
        rises(ELL, Parameter.BETA_PT, domain=AT_MINUS_C),
        id="ℓ rises in |β_PT| at λ = −c",
    ),
    pytest.param(
        falls(KAPPA, Parameter.GAMMA, domain=COUPLED),
        falls(KAPPA, Parameter.GAMMA, domain=AT_ZERO),
        id="κ falls in γ at β_PT = 0",
    ),
    pytest.param(
        falls(sp.Abs(PD), Parameter.BETA_FT, domain=COUPLED),
        falls(sp.Abs(PD), Parameter.BETA_FT, domain=ALL_NETWORKS),
        id="|PD| falls in |β_FT| everywhere",
    ),
    pytest.param(
        rises(ELL, Parameter.ABSOLUTE_AT_LAMBDA, domain=INACTIVE_ALL),
        rises(ELL, Parameter.ABSOLUTE_AT_RATIO, domain=INACTIVE_ALL),
        id="ℓ rises in c at λ = −c, λ/c held",
    ),
    pytest.param(
        inactive_lambda_like_c.LIKE_C,
        inactive_lambda_like_c.LIKE_C._replace(domain=AT_ZERO),
        id="∂ℓ/∂λ = ∂ℓ/∂c at β_PT ≠ 0, too",
    ),
    pytest.param(
        inactive_lambda_like_c.LIKE_C,
        inactive_lambda_like_c.LIKE_C._replace(relation=Relation.BELOW),
        id="∂ℓ/∂λ < ∂ℓ/∂c at β_PT = 0",
    ),
    # 1 + λ/c ≤ 2.
    pytest.param(
        Holds(2 * (ABSOLUTE + sp.sqrt(ABSOLUTE**2 + BETA_PT**2)) + GAMMA**2 >= SCALE),
        Holds(199 * (ABSOLUTE + BETA_PT) / 100 + GAMMA**2 >= SCALE),
        id="c_FT above its value at λ = c",
    ),
]
CORNERS = [
    pytest.param(TRIANGLE, TRIANGLE._replace(**{name: corner}), id=f"corner {name}: {corner}")
    for name, corner in (
        ("second", (2, -2)),
        ("second", (2, sp.Rational(-101, 100))),
        ("second", (2, -1000)),
        ("second", (3, -2)),
        ("first", (0, 0)),
        ("first", (-100, 0)),
        ("third", (sp.Rational(201, 100), 0)),
        ("third", (1000, 0)),
    )
]


@pytest.mark.parametrize(("true", "false"), LIMITS + JOINT + DOMAINS + CORNERS)
def test_a_false_statement_does_not_hold(true, false):
    assert decide(true).holds is True
    assert decide(false).holds is not True


@pytest.mark.parametrize("factor", ["3", "202/100", "201/100", "100", "1000000000", "199/100"])
def test_more_than_the_triangle_at_equal_magnitudes_is_not_attained(factor):
    assert equal_magnitude_triangle.decide(ATTAINED).holds is True
    wrong = ATTAINED.but("", multiple=lambda z: sp.Rational(factor) * z).subject
    assert equal_magnitude_triangle.decide(wrong).holds is False


@pytest.mark.parametrize(("low", "high"), [("1/2", "3"), ("1", "201/100"), ("99/100", "2")])
@pytest.mark.parametrize("way", [decide, lorder_bounds.decide_by_enclosure])
def test_bounds_that_are_not_the_best_do_not_hold(way, low, high):
    assert way(BOUNDS).holds is True
    assert way(BOUNDS.within(low=low, high=high).subject).holds is False


@pytest.mark.parametrize(("low", "high"), [("-1/100", "1"), ("0", "101/100")])
def test_bounds_of_the_transfer_that_are_not_the_best_do_not_hold(low, high):
    stated = transfer_bounds.STATED
    assert decide(stated).holds is True
    assert decide(stated.within(low=low, high=high).subject).holds is False


@pytest.mark.parametrize("shift", ["3/2", "101/100", "199/100", "99/100", "2"])
def test_a_fraction_of_a_shift_counts(shift):
    """They were cut off to whole numbers once."""
    shift = sp.Rational(shift)
    rate = RATE.but("", inverse=lambda z: (shift.q * sp.log(2 * z) - shift.p) / shift.q).subject
    logs = LOGS.but("", upper=partial(l1_penalty_up_to_logs.upper, constant=shift)).subject
    for module, true, false, tolerance, above in (
        (lorder_large_argument, RATE, rate, 1e-15, None),
        (l1_penalty_up_to_logs, LOGS, logs, None, 0.0),
    ):
        assert holds(module.decide_by_numbers(true), tolerance, above) is True
        assert holds(module.decide_by_numbers(false), tolerance, above) is False
        assert module.decide(true).holds is True
        assert module.decide(false).holds is not True


def holds(found, tolerance, above):
    assert isinstance(found, Measurement)
    return found.held_to(tolerance, above).holds


SCALED = reinitialised_scale.STATED


def raised(relation, ratio):
    ratio = reinitialised_scale.within(relation, sp.Rational(ratio))
    return SCALED.raised._replace(ratio=ratio)


def lowered(relation, ratio):
    ratio = reinitialised_scale.within(relation, sp.Rational(ratio))
    return SCALED.lowered._replace(ratio=ratio)


@pytest.mark.parametrize(
    "changed",
    [
        {"raised": raised(Relation.AT_LEAST, "1/100")},
        {"raised": raised(Relation.AT_LEAST, "-1/100")},
        {"raised": raised(Relation.AT_MOST, "0")},
        {"raised": raised(Relation.ABOVE, "0")},
        {"raised": SCALED.raised._replace(order=SCALED.lowered.order)},
        {"lowered": lowered(Relation.BELOW, "-51/100")},
        {"lowered": lowered(Relation.BELOW, "-49/100")},
        {"lowered": lowered(Relation.ABOVE, "-1/2")},
        {"lowered": lowered(Relation.AT_MOST, "-1/2")},
        {"lowered": SCALED.lowered._replace(order=SCALED.raised.order)},
        {"lowered": SCALED.lowered._replace(gamma=None)},
        {"readouts": replace(SCALED.readouts, body=lambda R, lam: R - lam / 2)},
        {"weights": replace(SCALED.weights, symbols=(reinitialised_scale.c,))},
        {"weights": replace(SCALED.weights, name=SCALED.readouts.name)},
        {"after": replace(SCALED.after, name=2 * SCALED.after.name)},
        {"lost": replace(SCALED.lost, name=reinitialised_scale.R + reinitialised_scale.c_ft)},
    ],
)
def test_where_the_scale_is_lowered_is_decided_from_both_sides(changed):
    stated = reinitialised_scale.STATED
    assert decide(stated).holds is True
    assert decide(stated._replace(**changed)).holds is False


def test_the_limit_at_equal_magnitudes_is_not_the_corner():
    assert decide(equal_magnitude_limit.TRUE).holds is True
    assert decide(equal_magnitude_limit.CORNER).holds is False


@pytest.mark.parametrize(
    ("at", "to"),
    [
        ({BETA_FT: 2 * BETA_PT}, 0),
        ({RATIO: 0}, 0),
        ({GAMMA: 1}, 0),
        ({}, sp.oo),
    ],
)
def test_the_limit_at_equal_magnitudes_is_taken_where_it_is_stated(at, to):
    true = equal_magnitude_limit.TRUE
    parts = (part._replace(to=to, at=tuple({**dict(part.at), **at}.items())) for part in true.parts)
    wrong = Theorem(*parts)
    assert accepted(decide, wrong) is False
    assert wrong.latex() != true.latex()
    if to == 0:
        found = equal_magnitude_limit.decide_by_numbers(wrong)
        assert found.held_to(1e-12, None).holds is False


@pytest.mark.parametrize(
    "changed",
    [
        {"multiple": replace(ATTAINED.multiple, relation=Relation.AT_MOST)},
        {"multiple": replace(ATTAINED.multiple, relation=Relation.ABOVE)},
        {"highest": replace(ATTAINED.highest, relation=Relation.AT_MOST)},
        {"lowest": replace(ATTAINED.lowest, relation=Relation.ABOVE)},
        {"magnitude": replace(ATTAINED.magnitude, body=lambda: 2)},
        {"own": replace(ATTAINED.own, body=lambda beta: 2 * abs(beta))},
        {"argument": replace(ATTAINED.argument, symbols=ATTAINED.argument.symbols[::-1])},
        {"ratio": replace(ATTAINED.ratio, name=1 / ATTAINED.ratio.name)},
    ],
)
def test_what_stands_beside_a_formula_is_decided(changed):
    """Relations, ends and values that were texts once."""
    wrong = ATTAINED._replace(**changed)
    assert accepted(equal_magnitude_triangle.decide, wrong) is False
    assert wrong.latex() != ATTAINED.latex()


def test_the_saddle_is_where_all_weights_vanish():
    saddle = saddle_corner.SADDLE
    assert decide(saddle).holds is True
    for changed in (
        {"hidden": replace(saddle.hidden, body=lambda: 1)},
        {"readout": replace(saddle.readout, body=lambda: 1)},
        {"scale": replace(saddle.scale, body=lambda: 1)},
        {"at": ((RATIO, -1), (GAMMA, 1))},
    ):
        assert decide(saddle._replace(**changed)).holds is False


def test_the_symbols_of_a_table_say_which_number_is_which():
    table, value = lorder_at_practical_scale.STATED, lorder_at_practical_scale.FALSE
    exchanged = table._replace(own=table.scale, scale=table.own)
    assert lorder_at_practical_scale.decide(table).holds is True
    assert accepted(lorder_at_practical_scale.decide, exchanged) is False
    true = value._replace(relation=Relation.ABOVE)
    assert lorder_at_practical_scale.enclose(true).holds is True
    assert lorder_at_practical_scale.enclose(value).holds is False


def checks(identifier):
    return [pytest.param(one, id=one.name) for one in registry.load()[identifier].checks]


def decided(check, statement):
    """Return the evidence of a check, whose own bound decides what it measures."""
    found = check.decide(statement)
    if isinstance(found, Measurement):
        return found.held_to(check.tolerance, check.above)
    return found


@pytest.mark.parametrize(
    ("text", "begun", "beside"),
    [
        ("1.074", ("1.0740", "1.07499"), ("1.0739", "1.075")),
        ("-0.481", ("-0.4810", "-0.48199"), ("-0.4809", "-0.482", "0.481")),
        ("-0.0", ("0", "-0.099"), ("-0.1", "0.001")),
    ],
)
def test_the_first_digits_of_a_number_are_those_towards_zero(text, begun, beside):
    assert all(begins(Decimal(number), text, Decimal) for number in begun)
    assert not any(begins(Decimal(number), text, Decimal) for number in beside)


@pytest.mark.parametrize("check", checks("regimes.portrait-values"))
def test_the_symbols_of_a_portrait_say_which_number_is_which(check):
    stated = portrait_values.STATED.only("III")
    (regime,) = stated.regimes
    c, ratio, gamma = regime.initial
    assert accepted(partial(decided, check), stated) is True
    for wrong in (
        stated._replace(pair=stated.pair[::-1]),
        stated._replace(own=(BETA_PT, "1"), active=(BETA_FT, "1"), inactive=(BETA_FT, "0")),
        stated._replace(active=stated.inactive, inactive=stated.active),
        stated.only("III", initial=((gamma[0], c[1]), ratio, (c[0], gamma[1]))),
    ):
        assert accepted(partial(decided, check), wrong) is False


def test_a_network_is_that_of_the_regime_it_is_named_after():
    first, *others = portrait_values.STATED.regimes
    wrong = portrait_values.STATED._replace(regimes=(first._replace(name="IV"), *others))
    found = portrait_values.decide(wrong)
    assert found.holds is False
    assert found.summary.startswith("step 1 fails: IV is at (c, λ/c, γ)")


@pytest.mark.parametrize("check", checks("regimes.portrait-paths"))
@pytest.mark.parametrize(
    "changed",
    [
        {"of": PD},
        {"of": KAPPA},
        {"along": ABSOLUTE},
        {"low": "-1"},
        {"low": "-0.8"},
        {"high": "-0.8469092441"},
        {"level": "1.50000001"},
    ],
)
def test_a_path_passes_its_level_where_it_is_stated(check, changed):
    dotted, *_ = portrait_paths.STATED.paths
    wrong = portrait_paths.Paths((dotted._replace(**changed),))
    assert accepted(partial(decided, check), portrait_paths.Paths((dotted,))) is True
    assert accepted(partial(decided, check), wrong) is False


@pytest.mark.parametrize("check", checks("regimes.inactive-lambda-slight"))
@pytest.mark.parametrize(
    "changed",
    [
        {"most": "0.1556"},
        {"most": "0.1558"},
        {"at": (BETA_PT, "1")},
        {"along": ABSOLUTE},
        {"of": PD},
        {"over": (ABSOLUTE, BETA_FT)},
        {"low": "0.001"},
        {"high": "1.001"},
        {"low": "1", "high": "0"},
    ],
)
def test_the_most_that_lambda_does_to_an_inactive_coordinate(check, changed):
    stated = inactive_lambda_slight.STATED
    assert accepted(partial(decided, check), stated) is True
    assert accepted(partial(decided, check), stated._replace(**changed)) is False


@pytest.mark.parametrize(
    "wrong",
    [
        "rich: log 3z",
        "elasticity: of ℓ",
        "PD: z → ∞ first",
    ],
)
def test_what_was_the_text_of_a_symbol_is_decided(wrong):
    eta = SCALE * sp.Derivative(sp.log(ORDER(SCALE)), SCALE)
    statement = {
        "rich: log 3z": HoldsAlways(sp.log(3 * Z) - 1 < 1 / (ELL - 1)),
        "elasticity: of ℓ": Limit(eta / (ELL - 1), Z, sp.oo, 2),
        "PD: z → ∞ first": Limit(PD, ABSOLUTE, 0, -1, ((GAMMA, 0),), first=((Z, sp.oo),)),
    }[wrong]
    assert decide(statement).holds is not True


@pytest.mark.parametrize(
    "refused",
    [
        Slopes((ELL,), rising=(Parameter.GAMMA, Parameter.GAMMA)),
        Slopes((sp.Symbol("other"),), constant=(Parameter.RATIO,)),
        inactive_lambda_like_c.LIKE_C._replace(other=Parameter.RATIO),
        inactive_lambda_like_c.LIKE_C._replace(one=Parameter.BETA_PT),
        # An end that is approached outside of the domain.
        Range(
            SCALE / BETA_PT,
            low=Approached(1, ABSOLUTE, 0, ((RATIO, 0), (GAMMA, 0))),
            domain=(Orthant(frozenset({E}), frozenset({G}), ((S, sp.Rational(101, 100)),)),),
        ),
        # No network: |λ| > c, β_PT² < 0.
        At(SCALE, 4 * ABSOLUTE, ((RATIO, 2), (BETA_PT, 0), (GAMMA, 0))),
        Holds(ELL < 2, domain=(Orthant(frozenset({S}), frozenset({G}), ((E, sp.Integer(-1)),)),)),
        Limit(PD / (2 - ELL), ABSOLUTE, 0, -1, ((GAMMA, 0),)),
    ],
)
def test_what_is_no_statement_is_refused(refused):
    with pytest.raises(ValueError, match=r"must|are|is|once"):
        decide(refused)


@pytest.mark.parametrize(
    "empty",
    [
        Slopes(()),
        rises(ELL, Parameter.GAMMA, domain=()),
        Holds(),
        Holds(ELL + PD > 1, domain=()),
        Holds(sp.Eq(PD, 0), domain=()),
        OnlyWhere(PD, 0, ()),
        Theorem(Slopes(())),
        Theorem(Holds(ELL > 1), Slopes(())),
    ],
)
def test_a_statement_about_nothing_is_refused(empty):
    with pytest.raises(ValueError, match=r"empty|at least one"):
        decide(empty)


def test_a_theorem_without_parts_is_not_decided():
    assert decide(Theorem()).holds is None


def test_without_a_bound_nothing_is_proved():
    """Paths can refute a joint limit; that none does is no proof."""
    assert decide(Vanishes(1 - KAPPA, (ABSOLUTE_SHARE, READOUT_SHARE))).holds is None


def test_a_limit_in_which_z_moves_too_needs_the_order_to_drop_out():
    """At fixed z, y/(1+y/c) tends to y as c → ∞, but z falls meanwhile."""
    assert decide(Limit(PD, ABSOLUTE, sp.oo, 0)).holds is True
    with pytest.raises(ValueError, match="must not depend on z"):
        decide(Limit(ELL + PD, ABSOLUTE, sp.oo, 2))


def test_in_which_units_a_relation_with_z_and_the_network_is_decided():
    in_both = Holds(Z * (1 + RATIO) * BETA_PT < BETA_FT, domain=COUPLED)
    assert decide(in_both).holds is True
    assert decide(Holds(Z * (1 + RATIO) * BETA_PT < BETA_FT / 2, domain=COUPLED)).holds is False


FILLED, INACTIVE = triangle_filled.STATED, inactive_independent.STATED
COTH = h_coth_h_increasing.STATED


def bounded(relation, value):
    """Return the inverse with another bound of h coth h."""
    return instead(FILLED, "h_coth_h", bounds=(Bound(relation, value),))


HALF, TRANSFER = half_angle_forms.STATED, transfer_closed_form.STATED
# (Module, the true formulas, the false ones.)
FIELDS = {
    "γ > 0 in the triangle": (
        triangle_filled,
        FILLED,
        FILLED.but("", gamma=lambda: sp.Rational(1, 100)).subject,
    ),
    "ℓ and κ exchanged in PD": (
        triangle_filled,
        FILLED,
        instead(FILLED, "dependence", symbols=FILLED.dependence.symbols[::-1]),
    ),
    "PD = 0.01 where β_PT = 0": (
        inactive_independent,
        INACTIVE,
        INACTIVE.but("", dependence=lambda: sp.Rational(1, 100)).subject,
    ),
    "λ and γ exchanged": (
        inactive_independent,
        INACTIVE,
        instead(INACTIVE, "scale", symbols=tuple(INACTIVE.scale.symbols[i] for i in (0, 2, 1))),
    ),
    "h and κ exchanged": (
        half_angle_forms,
        HALF,
        instead(HALF, "dependence", symbols=HALF.dependence.symbols[::-1]),
    ),
    "z' for z in ℓ": (
        lorder_closed_form,
        lorder_closed_form.STATED,
        replace(lorder_closed_form.STATED, symbols=(sp.Symbol("z'", positive=True),)),
    ),
    "c and β_PT exchanged in κ": (
        transfer_closed_form,
        TRANSFER,
        replace(TRANSFER, symbols=tuple(TRANSFER.symbols[i] for i in (1, 0, 2, 3))),
    ),
    "PD < −(ℓ − 1)κ": (
        pd_closed_form,
        pd_closed_form.STATED,
        replace(pd_closed_form.STATED, relation=Relation.BELOW),
    ),
    "1 − (ℓ − 1)D > 2/z": (
        lorder_large_argument,
        RATE,
        instead(RATE, "relative", relation=Relation.ABOVE),
    ),
    "1 − (ℓ − 1)D < 0": (
        lorder_large_argument,
        RATE,
        instead(RATE, "relative", bounds=(Bound(Relation.BELOW, 0),)),
    ),
    "ρ > c_FT²/(8|β|)": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "remainder", relation=Relation.ABOVE),
    ),
    "ρ > −0.01, which is not the best bound": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "remainder", bounds=(Bound(Relation.ABOVE, -sp.Rational(1, 100)),)),
    ),
    "|β| and c_FT exchanged": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "remainder", symbols=LOGS.remainder.symbols[::-1]),
    ),
    "q/(½ log(1/c_FT)) → |β| as c_FT → ∞": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "growth", limit=Towards(SCALE, sp.oo)),
    ),
    "q − ρ for q + ρ": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "upper", name=Q - l1_penalty_up_to_logs.RHO),
    ),
    "q/log(1/c_FT) → |β|": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "growth", name=LOGS.growth.name / 2),
    ),
    "1 − ℓD for 1 − (ℓ − 1)D": (
        lorder_large_argument,
        RATE,
        instead(RATE, "relative", name=1 - ELL * lorder_large_argument.D),
    ),
    "q/c_FT for 2q/c_FT": (half_angle_forms, HALF, instead(HALF, "penalty", name=Q / SCALE)),
    "ℓ + 1": (half_angle_forms, HALF, instead(HALF, "above_one", name=ELL + 1)),
    "1 − ℓ": (half_angle_forms, HALF, instead(HALF, "below_two", name=1 - ELL)),
    "PD(1) = 0": (
        inactive_independent,
        INACTIVE,
        instead(INACTIVE, "dependence", name=inactive_independent.PD(1)),
    ),
    "c_FT″(0) = 0": (
        inactive_independent,
        INACTIVE,
        instead(
            INACTIVE,
            "slope",
            name=sp.Subs(
                sp.Derivative(
                    inactive_independent.C_FT(inactive_independent.beta),
                    (inactive_independent.beta, 2),
                ),
                inactive_independent.beta,
                0,
            ),
        ),
    ),
    "ℓ − PD": (sum_identity, sum_identity.STATED, replace(sum_identity.STATED, name=ELL - PD)),
    "c_FT/(c−λ)": (
        triangle_filled,
        FILLED,
        instead(
            FILLED, "scale", name=triangle_filled.c_ft / (triangle_filled.c - triangle_filled.lam)
        ),
    ),
    "h tanh h": (
        triangle_filled,
        FILLED,
        instead(FILLED, "h_coth_h", name=triangle_filled.h * sp.tanh(triangle_filled.h)),
    ),
    "c_FT/|β_FT|": (
        triangle_filled,
        FILLED,
        instead(FILLED, "argument", name=1 / FILLED.argument.name),
    ),
    "c/|β_PT|": (
        triangle_filled,
        FILLED,
        instead(FILLED, "magnitude", name=1 / FILLED.magnitude.name),
    ),
    "h coth h > 2": (triangle_filled, FILLED, bounded(Relation.ABOVE, 2)),
    "h coth h > 0": (triangle_filled, FILLED, bounded(Relation.ABOVE, 0)),
    "h coth h < 1": (triangle_filled, FILLED, bounded(Relation.BELOW, 1)),
    "κ for PD": (
        triangle_filled,
        FILLED,
        instead(FILLED, "dependence", name=triangle_filled.kappa),
    ),
    "β_FT = 0 for γ": (triangle_filled, FILLED, instead(FILLED, "gamma", name=BETA_FT)),
    "R for z": (
        equal_magnitude_triangle,
        ATTAINED,
        ATTAINED._replace(argument=replace(ATTAINED.argument, name=ATTAINED.radius.name)),
    ),
    "z for R": (
        equal_magnitude_triangle,
        ATTAINED,
        ATTAINED._replace(radius=replace(ATTAINED.radius, name=ATTAINED.argument.name)),
    ),
    "z for κ": (
        equal_magnitude_triangle,
        ATTAINED,
        ATTAINED._replace(multiple=replace(ATTAINED.multiple, name=equal_magnitude_triangle.Z)),
    ),
    "c_FT for R": (
        reinitialised_scale,
        reinitialised_scale.STATED,
        reinitialised_scale.STATED._replace(
            radius=replace(reinitialised_scale.STATED.radius, name=reinitialised_scale.c_ft)
        ),
    ),
    "R > c_FT for every β_PT": (
        reinitialised_scale,
        reinitialised_scale.STATED,
        reinitialised_scale.STATED._replace(
            raised=reinitialised_scale.STATED.raised._replace(
                order=replace(reinitialised_scale.STATED.raised.order, name=reinitialised_scale.R)
            )
        ),
    ),
    "β for ρ": (
        l1_penalty_up_to_logs,
        LOGS,
        instead(LOGS, "remainder", name=l1_penalty_up_to_logs.BETA),
    ),
    "g = h coth h": (
        h_coth_h_increasing,
        COTH,
        instead(COTH, "function", name=sp.Function("g")(H)),
    ),
    "h coth h falls": (
        h_coth_h_increasing,
        COTH,
        instead(COTH, "slope", relation=Relation.BELOW),
    ),
    "h coth h → ∞ as h → 0": (
        h_coth_h_increasing,
        COTH,
        instead(COTH, "start", body=COTH.end.body),
    ),
    "h coth h → 1 as h → ∞": (
        h_coth_h_increasing,
        COTH,
        instead(COTH, "start", limit=COTH.end.limit),
    ),
}


@pytest.mark.parametrize(("module", "true", "false"), FIELDS.values(), ids=FIELDS)
def test_symbols_relations_and_limits_are_decided(module, true, false):
    assert module.decide(true).holds is True
    assert accepted(module.decide, false) is False


def accepted(decide, statement):
    """Whether a statement is accepted: one that is refused, by ValueError, is not."""
    try:
        return decide(statement).holds is True
    except ValueError:
        return False


def test_weights_before_and_after_are_called_as_in_the_network():
    for field, before, after in zip(
        Weights._fields, reinitialised_scale.BEFORE, reinitialised_scale.AFTER, strict=True
    ):
        name = field.replace("plus", "+").replace("minus", "-")
        assert before.name == f"{{{name}}}"
        assert after.name == f"{{{name}^{{FT}}(0)}}"
