"""Statements about the regimes: what is changed is shown, and refuted; NaN confirms nothing."""

import itertools
import sys

import numpy as np
import pytest
import sympy as sp

from numerics import multiprecision, regimes
from theory.network import finetune_scale
from theory.positivity import Orthant
from theory.regime_bounds import (
    COUPLED,
    COUPLED_AT_ZERO,
    INACTIVE,
    INACTIVE_ALL,
    OMEGA,
    Parameter,
    derivative,
    sign_on,
)
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
    Y,
    Z,
    canonical,
    l_order_half_angle,
    scale_from_invariants,
)
from verify import registry
from verify.claim import Measurement
from verify.claims.regimes import equal_magnitude_triangle
from verify.claims.regimes._language import (
    ELL,
    KAPPA,
    LAMBDA,
    PD,
    SHOWN,
    SIGNS,
    VANISHING,
    Q,
    in_coordinates,
    plain,
    where,
)
from verify.claims.regimes._slopes import MOVED, Slopes, falls, rises
from verify.claims.regimes._statements import Holds, Limit, OnlyWhere, Theorem, decide
from verify.claims.regimes._statements import limit as limit_of
from verify.methods.identity import equal
from verify.methods.inequality import equal_on_networks
from verify.methods.notation import as_written
from verify.methods.relations import Relation
from verify.report.typesetting import typeset


def constant(of, domain=COUPLED):
    return Slopes((of,), constant=(Parameter.RATIO,), domain=domain)


RIGHT, WRONG = (l_order_half_angle().subs(H, h) for h in (sp.asinh(1) / 2, 1))
AT_THREE_QUARTERS = ((ABSOLUTE, sp.Rational(3, 4)), (RATIO, 0), (GAMMA, 0))

with as_written():
    QUADRATIC = BETA_FT**2 / (4 * SCALE)
    # A true statement, and false ones: another sign, constant, exponent, bound, strictness, order.
    PAIRS = [
        (Holds(2 - ELL < Z**2 / 6), Holds(2 - ELL < Z**2 / 7)),
        (Holds(2 - ELL < Z**2 / 6), Holds(2 - ELL > Z**2 / 6)),
        (Holds(sp.Lt(-1, PD), sp.Le(PD, 0)), Holds(sp.Lt(-1, PD), sp.Lt(PD, 0))),
        (Holds(SCALE >= 2 * (1 + RATIO) * ABSOLUTE), Holds(SCALE > 2 * (1 + RATIO) * ABSOLUTE)),
        (
            Holds(KAPPA * GAMMA**2 <= (1 + RATIO) * BETA_PT),
            Holds(KAPPA * GAMMA**2 <= (1 - RATIO) * BETA_PT),
        ),
        (Holds(Q < QUADRATIC), Holds(Q < QUADRATIC * (1 - Z**2 / 12))),
        (Holds(sp.log(2 * Z) - 1 < 1 / (ELL - 1)), Holds(sp.log(2 * Z) < 1 / (ELL - 1))),
        (Holds(sp.Eq(PD, -(ELL - 1) * KAPPA)), Holds(sp.Eq(PD, -ELL * KAPPA))),
        (
            Holds(
                sp.Eq(PD, -(1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2)) * (ELL - 1)),
                domain=COUPLED_AT_ZERO,
            ),
            Holds(sp.Eq(PD, -(1 - ABSOLUTE / sp.sqrt(ABSOLUTE**2 + BETA_PT**2)) * (ELL - 1))),
        ),
        (Limit(ELL, Z, 0, 2), Limit(ELL, Z, 0, 1)),
        # h = ½ asinh z; γ² and e = √(c² + β_PT²) − c are not γ and |β_PT|.
        (Limit(ELL, Z, 1, RIGHT), Limit(ELL, Z, 1, WRONG)),
        (
            Limit(KAPPA, ABSOLUTE, 0, (RATIO + 1) / (RATIO + 5), ((GAMMA, 2), (BETA_PT, 1))),
            Limit(KAPPA, ABSOLUTE, 0, (RATIO + 1) / (RATIO + 3), ((GAMMA, 2), (BETA_PT, 1))),
        ),
        (
            Limit(KAPPA, BETA_PT, 1, sp.Rational(2, 5), AT_THREE_QUARTERS),
            Limit(KAPPA, BETA_PT, 1, sp.Rational(1, 2), AT_THREE_QUARTERS),
        ),
        (Limit(KAPPA, ABSOLUTE, sp.oo, 0), Limit(KAPPA, ABSOLUTE, sp.oo, 1)),
        (Limit(ELL, Z, 0, 2), Limit(ELL, Z, sp.oo, 2)),
        (
            Limit(ELL + PD, ABSOLUTE, 0, 1, ((GAMMA, 0),)),
            Limit(ELL + PD, ABSOLUTE, 0, 2, ((GAMMA, 0),)),
        ),
        (
            Limit(SCALE, ABSOLUTE, 0, (1 + RATIO) * BETA_PT, ((GAMMA, 0),)),
            Limit(SCALE, ABSOLUTE, 0, (1 - RATIO) * BETA_PT, ((GAMMA, 0),)),
        ),
        (
            Limit(SCALE, ABSOLUTE, sp.oo, sp.oo),
            Limit(SCALE, ABSOLUTE, sp.oo, sp.oo, ((RATIO, -1),)),
        ),
        (OnlyWhere(KAPPA, 0, (E, S)), OnlyWhere(KAPPA, 1, (E, S))),
        (rises(ELL, Parameter.GAMMA), falls(ELL, Parameter.GAMMA)),
        (
            rises(ELL, Parameter.ABSOLUTE_AT_RATIO, domain=INACTIVE),
            rises(ELL, Parameter.ABSOLUTE_AT_RATIO, domain=INACTIVE_ALL),
        ),
        (
            constant(KAPPA, COUPLED_AT_ZERO),
            constant(KAPPA),
        ),
        # All cases of a domain count, not the first alone.
        (Holds(sp.Eq(PD, 0), domain=INACTIVE_ALL), Holds(sp.Eq(PD, 0), domain=INACTIVE + COUPLED)),
        (
            constant(KAPPA, COUPLED_AT_ZERO + INACTIVE),
            constant(KAPPA, COUPLED_AT_ZERO + COUPLED),
        ),
    ]


@pytest.mark.parametrize(("true", "false"), PAIRS)
def test_what_is_changed_is_shown_and_refuted(true, false):
    assert decide(true).holds is True
    refuted = decide(false)
    assert refuted.holds is False
    assert refuted.counterexample
    assert true.latex() != false.latex()
    assert all(line.mathml for shown in (true, false) for line in typeset(shown.latex()))


def test_a_place_that_is_missing_is_not_overlooked():
    assert decide(OnlyWhere(KAPPA, 0, (E,))).holds is None


def test_a_false_part_decides_before_one_that_is_open():
    part = OnlyWhere(KAPPA, 0, (E,))
    assert decide(Theorem(part, Holds(ELL > 2))).holds is False
    assert decide(Theorem(part, Holds(ELL < 2))).holds is None


def test_relations_with_a_common_side_are_chained_and_formulas_keep_their_order():
    with as_written():
        statement = Holds(sp.Lt(1, ELL), sp.Lt(ELL, 2))
        bound = Holds(2 - ELL < Z**2 / 6)
    assert statement.latex() == r"1 < \ell < 2"
    assert bound.latex() == r"2 - \ell < \frac{z^{2}}{6}"


def test_a_relation_of_q_must_be_homogeneous():
    with pytest.raises(ValueError, match="homogeneous"):
        decide(Holds(BETA_FT**2 < Q))


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (Limit(PD, Z, 1, 0), "z must tend to 0 or ∞ beside PD or κ, and has no other value"),
        (Limit(PD, ABSOLUTE, 0, -1, ((Z, 0),)), "z must tend to 0 or ∞ beside PD or κ"),
        (Limit(PD, ABSOLUTE, 0, 0, first=((Z, 2),)), "z must tend to 0 or ∞ beside PD or κ"),
        (Limit(ELL, ABSOLUTE, 0, 2), "must be along z .* got along c"),
        (Limit(ELL, Z, 0, 2, ((GAMMA, 1),)), "nothing else given"),
        (Limit(ELL * SCALE, ABSOLUTE, 0, 0), "must not depend on z"),
        (Limit(ELL + PD, ABSOLUTE, sp.oo, ELL), "must not depend on z"),
        (Limit(ELL + PD, ABSOLUTE, 0, 1, ((BETA_PT, 0),)), "must not depend on z"),
    ],
)
def test_a_limit_that_is_not_taken_where_it_is_stated_is_refused(limit, message):
    with pytest.raises(ValueError, match=message):
        decide(limit)


def test_a_condition_is_shown_only_where_a_coordinate_vanishes():
    assert where((Orthant(frozenset({S}), fixed=((G, sp.Integer(0)),)),)).count(r"\gamma = 0")
    with pytest.raises(ValueError, match="fixed coordinate other than s must be 0, got g = 1"):
        where((Orthant(frozenset({S}), fixed=((G, sp.Integer(1)),)),))


def slopes_of(statement):
    if isinstance(statement, Slopes):
        return [statement]
    return [found for part in getattr(statement, "parts", ()) for found in slopes_of(part)]


def test_the_elasticity_is_bounded_wherever_a_slope_needs_it():
    """The derivatives hold it as ω/(1+ω), ω > 0, which regimes.lorder-elasticity proves."""
    needing = {
        claim.id
        for claim in registry.load(only=["regimes.*"])
        for check in claim.checks
        for statement in slopes_of(check.subject)
        for of in statement.of
        for parameter in statement.rising + statement.falling + statement.constant
        if OMEGA in derivative(in_coordinates(of), parameter).free_symbols and not claim.twin
    }
    assert "regimes.pd-monotone" in needing
    for name in needing:
        assert "regimes.lorder-elasticity" in registry.load(only=[name])


def test_a_magnitude_reads_as_one():
    assert plain(sp.Abs(PD)) == "|PD|"


LOADED = registry.load(only=["regimes.*"])
MODULES = [
    module
    for name, module in sorted(sys.modules.items())
    if name.startswith("verify.claims.regimes.")
]
NUMERICAL = [
    pytest.param(check, id=f"{claim.id}: {check.name}")
    for claim in LOADED
    if claim.id.startswith("regimes.") and claim.twin is None
    for check in claim.checks
    if check.method.numerical
]


@pytest.mark.parametrize("check", NUMERICAL)
def test_nan_at_some_points_confirms_nothing(check, monkeypatch):
    """Every second value of the kernels is NaN; it was CONFIRMED by a minimum of steps once."""
    calls = itertools.count()

    def spoiled(function):
        def call(*arguments, **named):
            found = function(*arguments, **named)
            return found * np.nan if next(calls) % 2 else found

        return call

    for module, names in (
        (regimes, ("l_order", "l_order_minus_one", "two_minus_l_order", "transfer")),
        (regimes, ("one_minus_transfer", "pretraining_dependence")),
        (multiprecision, ("l_order", "l_order_minus_one", "penalty", "finetune_scale")),
    ):
        for name in names:
            monkeypatch.setattr(module, name, spoiled(getattr(module, name)))
    try:
        found = check.decide(check.subject)
    except ValueError:
        return  # a solver that refuses NaN: the check did not run to its end
    if isinstance(found, Measurement):
        found = found.held_to(check.tolerance, check.above)
    assert found.holds is not True
    assert next(calls) > 1


def kernel_check(identifier):
    claim = registry.load(only=[identifier])[identifier]
    (check,) = (check for check in claim.checks if check.method.numerical)
    return check


def verdict_of(check, subject):
    return check.decide(subject).held_to(check.tolerance, check.above).holds


@pytest.mark.parametrize("value", [None, np.inf, 5.0, 1.001])
@pytest.mark.parametrize("name", ["transfer", "one_minus_transfer"])
def test_a_transfer_beyond_its_bound_confirms_nothing(name, value, monkeypatch):
    check, compute, calls = kernel_check("regimes.transfer-bounds"), getattr(regimes, name), []

    def spoiled(*arguments):
        found = np.array(compute(*arguments))
        calls.append(found)
        if value is not None and len(calls) == 2:
            found[3] = value
        return found

    monkeypatch.setattr(regimes, name, spoiled)
    assert verdict_of(check, check.subject) is (value is None)


@pytest.mark.parametrize("value", [None, np.inf, 5.0])
def test_an_order_beyond_its_bound_confirms_nothing(value, monkeypatch):
    check, compute = kernel_check("regimes.lorder-monotone"), regimes.two_minus_l_order

    def spoiled(z, scale):
        found = compute(z, scale)
        return found if value is None else np.where(z / scale < 9e59, found, value)

    monkeypatch.setattr(regimes, "two_minus_l_order", spoiled)
    assert verdict_of(check, check.subject) is (value is None)


@pytest.mark.parametrize(("shift", "holds_there"), [(100, True), (150, False), (101, False)])
def test_a_fraction_of_a_shift_is_not_cut_off(shift, holds_there):
    check = kernel_check("regimes.lorder-large-argument")
    stated = check.subject.but("", inverse=lambda z: (100 * sp.log(2 * z) - shift) / 100)
    assert verdict_of(check, stated.subject) is holds_there


@pytest.mark.parametrize(
    ("name", "body", "holds_there"),
    [
        ("multiple", lambda z: 2 * z, True),
        ("multiple", lambda z: 3 * z, False),
        ("multiple", lambda z: 21 * z / 10, False),
        ("multiple", lambda z: 19 * z / 10, False),
        ("highest", lambda: 2, False),
        ("highest", lambda: sp.Rational(1, 2), False),
    ],
)
def test_both_directions_of_what_is_attained_are_decided(name, body, holds_there):
    stated = equal_magnitude_triangle.STATED.but("", **{name: body}).subject
    found = equal_magnitude_triangle.decide(stated)
    assert (found.holds is True) is holds_there


@pytest.mark.parametrize("coordinate", VANISHING)
def test_where_a_coordinate_is_said_to_vanish_it_does_and_nowhere_else(coordinate):
    symbol, value = VANISHING[coordinate]
    squared = canonical((symbol - value) ** 2)
    assert squared.free_symbols - {ABSOLUTE} == {coordinate}
    assert squared.subs(coordinate, 0) == 0
    assert sign_on(squared, (Orthant(frozenset({coordinate})),))


@pytest.mark.parametrize("parameter", Parameter)
def test_a_slope_is_along_what_is_shown_with_all_others_held(parameter):
    moved, held = MOVED[parameter]

    def speed(quantity):
        # Rational: |β_PT| and γ are roots in the canonical coordinates.
        power = 2 if quantity in (BETA_PT, GAMMA) else 1
        return derivative(canonical(quantity.subs(LAMBDA, RATIO * ABSOLUTE) ** power), parameter)

    if parameter in (Parameter.BETA_FT, Parameter.SCALE):
        # y rises and falls with z = |β_FT|/c_FT.
        sign = sp.sign(sp.diff(BETA_FT / SCALE, moved))
        assert sign_on(sign * derivative(Y, parameter), COUPLED)
        return
    assert sign_on(speed(moved), COUPLED)
    others = {BETA_PT, ABSOLUTE, GAMMA, LAMBDA if held is None else held} - moved.free_symbols
    assert len(others) == 3
    assert [speed(other) for other in others] == [0, 0, 0]


def test_the_ratio_is_that_of_the_scales():
    at_ratio = scale_from_invariants().subs(RATIO, SHOWN[RATIO])
    shown = finetune_scale(BETA_PT, ABSOLUTE, LAMBDA, GAMMA)
    assert equal_on_networks(at_ratio.subs(LAMBDA, RATIO * ABSOLUTE), scale_from_invariants()).holds
    assert equal(sp.simplify(shown - at_ratio), sp.Integer(0)).holds


@pytest.mark.parametrize("relation", Relation)
def test_signs_in_texts_are_those_of_relations(relation):
    x, y = sp.symbols("x y")
    kinds = {
        Relation.EQUAL: sp.Eq,
        Relation.BELOW: sp.Lt,
        Relation.AT_MOST: sp.Le,
        Relation.ABOVE: sp.Gt,
        Relation.AT_LEAST: sp.Ge,
    }
    assert plain(kinds[relation](x, y)) == f"x {SIGNS[relation]} y"


# What modules call symbols, and how the page shows them.
NAMES = {
    "beta_pt": "beta_PT",
    "beta_ft": "beta_FT",
    "c_ft": "c_FT",
    "absolute": "c",
    "scale": "c_FT",
    "lam": "lambda",
    "readout": "gamma",
    "ratio": "r",
    "ell": r"\ell",
    "pd": r"\mathrm{PD}",
    "w0": "w_0",
    "v0": "v_0",
    "odds": "v",
    "apart": "x",
}
KEPT = {"beta", "c", "e", "g", "gamma", "h", "kappa", "lambda", "q", "rho", "s", "t", "w", "y", "z"}
# A letter that stands for something else in one module.
OWN = {
    ("inactive_independent", "beta"): "beta_PT",
    ("lorder_large_argument", "EXCESS"): "a",
    ("reinitialised_scale", "EXCESS"): "e",
    ("saddle_corner", "HIDDEN"): r"{w_\pm^{FT}(0)}",
    ("saddle_corner", "READOUT"): r"{v_\pm^{FT}(0)}",
}


def symbols_of(module):
    """The symbols that a module has, by what it calls them."""
    return {name: held for name, held in vars(module).items() if isinstance(held, sp.Symbol)}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.split(".")[-1])
def test_symbols_are_called_what_they_stand_for(module):
    own = module.__name__.split(".")[-1]
    for name, symbol in symbols_of(module).items():
        if not name.startswith("_"):
            plainly = name.lower()
            expected = NAMES.get(plainly, plainly if plainly in KEPT else name)
            shown = OWN.get((own, name), expected)
            assert symbol.name in (shown, rf"\{shown}"), name


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        (Limit(KAPPA, BETA_PT, 1, sp.Rational(2, 5), AT_THREE_QUARTERS), True),
        (Limit(ELL, Z, -1, RIGHT), None),
        (Limit(ELL, Z, -sp.oo, 1), None),
        (Limit(SCALE, RATIO, 2, 0), None),
        (Limit(SCALE, RATIO, sp.Rational(-3, 2), 0, ((GAMMA, 0),)), None),
    ],
)
def test_a_limit_is_taken_within_the_networks(limit, found):
    if found is None:
        with pytest.raises(ValueError, match="must tend to"):
            decide(limit)
    else:
        assert decide(limit).holds is found


def test_limits_from_two_sides_must_be_one():
    with pytest.raises(ValueError, match="the limit must be one, got 1 and -1"):
        limit_of((Z - 1) / sp.Abs(Z - 1), Z, 1)
    # Beyond an end there is no network.
    assert limit_of(sp.sqrt(RATIO + 1), RATIO, -1) == 0
    assert limit_of((RATIO - 1) / sp.Abs(RATIO - 1), RATIO, 1) == -1
