"""The deciders decide: each is tried on what is true, what is false, and what it cannot decide."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp
from flint import arb, ctx
from hypothesis import given
from hypothesis import strategies as st

from theory.regimes import ABSOLUTE, Y
from verify.claim import Evidence
from verify.methods.enclosure import prove_positive
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import (
    decide_on_half_line,
    decide_on_networks,
    decide_positive,
)
from verify.methods.numeric import Worst, compare, compared, relative_error

x, y = sp.symbols("x y", positive=True)
N = sp.Symbol("n", integer=True)


def sample(rng):
    return {x: sp.Rational(rng.randint(1, 999), 100), y: sp.Rational(rng.randint(1, 99), 10)}


def within_sample(*symbols):
    return sample


class TestSymbolic:
    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ((x + y) ** 2, x**2 + 2 * x * y + y**2),
            (sp.sqrt(x**2 + 2 * x * y + y**2), x + y),
            (sp.asinh(x), sp.log(x + sp.sqrt(1 + x**2))),
            (sp.cosh(x) ** 2 - sp.sinh(x) ** 2, sp.Integer(1)),
            (1 / (sp.sqrt(x) - sp.sqrt(y)), (sp.sqrt(x) + sp.sqrt(y)) / (x - y)),
        ],
    )
    def test_true_identities_are_proved(self, left, right):
        evidence = equal(left, right, within=within_sample)
        assert evidence.holds is True
        assert evidence.steps

    def test_a_false_identity_is_refuted_with_both_sides(self):
        evidence = equal(x + y, x - y, within=within_sample)
        assert evidence.holds is False
        point = {sp.Symbol(k): sp.Rational(evidence.counterexample[k]) for k in ("x", "y")}
        left = point[sp.Symbol("x")] + point[sp.Symbol("y")]
        assert sp.Rational(evidence.counterexample["left side"]) == left

    def test_what_numbers_cannot_tell_apart_is_not_called_proved(self):
        tiny = sp.Rational(1, 10**40) * sp.erf(x)
        assert equal(tiny * sp.Function("f")(x), 0, within=within_sample).holds is None

    @pytest.mark.parametrize(
        ("left", "right", "holds"),
        [
            (0.5 * x, x / 2, None),  # a proof is of exact numbers
            (0.5 * x, x / 3, False),
            (sp.cos(2 * sp.pi * N), sp.Integer(1), True),
            (N**2 * sp.sin(sp.pi * N / 2), N**2, False),
            (sp.Mod(N * (N + 1), 2), sp.Integer(0), True),
        ],
    )
    def test_floats_and_integers(self, left, right, holds):
        assert equal(left, right).holds is holds

    def test_a_symbol_that_no_number_is_refused(self):
        with pytest.raises(ValueError, match="must allow rational numbers, got q, which is"):
            equal(sp.Symbol("q", imaginary=True) ** 2, sp.Integer(-1))

    def test_a_difference_at_relative_1e_minus_20_is_found(self):
        evidence = equal(x * (1 + sp.Rational(1, 10**20)) - x, 0, within=within_sample)
        assert evidence.holds is False

    def test_matrices_are_decided_entry_by_entry(self):
        good = sp.Matrix([[x - x, sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1]])
        assert equal(good, sp.zeros(1, 2), within=within_sample).holds is True
        assert equal(good, sp.Matrix([[0, 1]]), within=within_sample).holds is False

    def test_proof_stops_at_the_first_failing_step(self):
        evidence = prove_all([("one", True), ("two", sp.false), ("three", True)])
        assert evidence.holds is False
        assert "step 2 fails: two" in evidence.summary

    @pytest.mark.parametrize("open_step", [None, sp.Symbol("t") > 0, "yes", 1.5])
    def test_an_open_step_leaves_the_proof_open(self, open_step):
        assert prove_all([("one", True), ("two", open_step)]).holds is None

    def test_a_refuted_step_decides_whatever_is_open_before_it(self):
        evidence = prove_all([("one", None), ("two", True), ("three", False), ("four", None)])
        assert (evidence.holds, evidence.summary) == (False, "step 3 fails: three")
        assert prove_all([("one", None), ("two", True)]).summary == "step 1 is not decided: one"

    def test_a_proof_without_steps_is_none(self):
        assert prove_all([]).holds is None

    @pytest.mark.parametrize("count", [1, 1.0, sp.Integer(1), "yes"])
    def test_a_count_is_no_truth_value(self, count):
        evidence = prove_all([("text", count)])
        assert evidence.holds is None
        assert "must be Evidence, a truth value or None" in evidence.summary
        assert prove_all([("text", sp.true)]).holds is True

    def test_evidence_of_a_step_is_passed_on(self):
        failing = Evidence(False, "no", counterexample={"x": "1"})
        assert prove_all([("a", failing)]).counterexample == {"x": "1"}


class TestInequality:
    """Rounding is measured against the terms: 1e-56 can be a positive number."""

    @pytest.mark.parametrize("point", [1, 100])
    def test_a_small_positive_value_is_no_violation(self, point):
        t = sp.Symbol("t", positive=True)
        value = sp.exp(-2 * t) * ((t - 1) ** 2 + sp.Rational(1, 2))
        found = decide_positive("e^(−2t)((t−1)²+½) > 0", lambda: None, value.subs, [{t: point}])
        assert found.holds is None

    def test_a_small_negative_value_is(self):
        t = sp.Symbol("t", positive=True)
        value = sp.exp(-2 * t) * (sp.Rational(1, 2) - t)
        found = decide_positive("false", lambda: None, value.subs, [{t: 100}])
        assert found.holds is False
        assert mpmath.mpf(found.counterexample["must be positive"]) < 0

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_symbol_without_a_value_leaves_it_open(self, sign):
        s, t = sp.symbols("s t", positive=True)
        gap = sp.exp(2 * t) + sign * sp.exp(s)
        assert decide_on_half_line("of two variables", gap, t).holds is None

    def test_zero_violates_a_strict_inequality_only(self):
        value = (sp.sqrt(x) - 1) ** 2 - (x - 2 * sp.sqrt(x) + 1)
        for strict, holds in ((True, False), (False, None)):
            found = decide_positive("0", lambda: None, value.subs, [{x: 2}], strict=strict)
            assert found.holds is holds

    def test_true_statements_of_far_corners_are_not_refuted(self):
        true = (Y**2 - Y + 1) / (1 + ABSOLUTE**9)
        assert decide_on_networks("true", true).holds is not False
        assert decide_on_networks("false", (Y**2 - 3 * Y + 1) / (1 + ABSOLUTE**9)).holds is False


class TestEnclosure:
    def test_positive_is_proved(self):
        found = prove_positive(lambda t: t * t + 1, -3, 3)
        assert found.proved is True
        assert found.minimum is not None
        assert 0 < found.minimum <= 1
        assert found.as_evidence().holds is True

    def test_negative_point_is_returned(self):
        found = prove_positive(lambda t: t * t - 2, -3, 3)
        assert found.proved is False
        point = mpmath.mpf(found.failing_box[0])
        assert point**2 < 2
        assert found.as_evidence("t² − 2").counterexample["value"]

    def test_zero_at_an_end_is_not_positive(self):
        assert prove_positive(lambda t: t, 0, 1).proved is False

    @pytest.mark.parametrize("decimal", ["0.7", "1e-3"])
    def test_a_zero_in_the_rounding_of_a_decimal_end_refutes_nothing(self, decimal):
        """The ball around 0.7 reaches below it: a zero there is outside the interval."""
        with ctx.workprec(128):
            below = arb(decimal).lower()
            assert below < arb(decimal).upper()
        assert prove_positive(lambda x: x - below, decimal, "1").proved is not False
        assert prove_positive(lambda x: x - below / 2, decimal, "1").proved is True

    def test_a_zero_at_a_decimal_end_itself_refutes(self):
        assert prove_positive(lambda x: arb("0.7") - 1 - x, "0.7", "1").proved is False

    def test_a_double_zero_inside_stays_undecided(self):
        found = prove_positive(lambda t: (t - arb(1) / 3) ** 2, 0, 1, max_boxes=2000)
        assert found.proved is None
        low, high = (mpmath.mpf(end) for end in found.failing_box)
        assert low <= mpmath.mpf(1) / 3 + mpmath.mpf(10) ** -15
        assert high >= mpmath.mpf(1) / 3 - mpmath.mpf(10) ** -15
        assert found.as_evidence().holds is None

    def test_a_narrow_dip_is_not_overlooked(self):
        dip = prove_positive(lambda t: (t - arb("0.123456")) ** 2 - arb("1e-20"), 0, 1)
        assert dip.proved is not True

    def test_many_orders_of_magnitude(self):
        found = prove_positive(lambda t: t.asinh() / t, "1e-30", "1e30", log_scale=True)
        assert found.proved is True

    def test_precision_is_restored(self):
        before = ctx.prec
        prove_positive(lambda t: t, 1, 2, precision=300)
        with pytest.raises(ZeroDivisionError):
            prove_positive(lambda t: 1 / 0, 1, 2, precision=300)
        assert ctx.prec == before

    @pytest.mark.parametrize(
        ("low", "high", "log_scale"), [(2, 1, False), (0, 1, True), ("inf", "inf", False)]
    )
    def test_bad_intervals(self, low, high, log_scale):
        with pytest.raises(ValueError, match=r"interval|log_scale"):
            prove_positive(lambda t: t, low, high, log_scale=log_scale)

    @given(st.floats(-5, 5), st.floats(0.01, 5))
    def test_never_proves_what_a_sample_refutes(self, centre, half_width):
        low, high = centre - half_width, centre + half_width
        found = prove_positive(lambda t: t**3 - t + arb("0.2"), low, high, max_boxes=3000)
        grid = [low + (high - low) * i / 50 for i in range(51)]
        if found.proved:
            assert all(t**3 - t + 0.2 > 0 for t in grid)


class TestNumeric:
    def test_worst_point_is_kept(self):
        points = [(1.0,), (2.0,), (3.0,)]
        found = compare(lambda t: t, lambda t: t + (t == 2.0), points, names=["t"])
        assert found.where["t"] == "2.0"
        assert found.figure == pytest.approx(1 / 3)
        assert found.summary == "worst relative error 0.333 over 3 points"

    def test_small_differences_are_resolved(self):
        found = compare(lambda t: t, lambda t: t * (1 + mpmath.mpf("1e-30")), [(1,)])
        assert 0 < found.figure < 1e-29

    def test_without_points_there_is_nothing_to_hold(self):
        with pytest.raises(ValueError, match="must have points, got none"):
            compare(float, float, [])

    @pytest.mark.parametrize("bad", [float("nan"), float("inf")])
    def test_nan_and_infinity_are_never_close(self, bad):
        assert compare(lambda t: bad, lambda t: 1.0, [(0,)]).figure == math.inf
        assert compare(lambda t: bad, lambda t: bad, [(0,)]).figure == math.inf
        assert relative_error(mpmath.nan, mpmath.nan) == mpmath.inf

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (0.028619, "0.028619"),
            (np.float64(0.1), "0.1"),
            (mpmath.mpf(1) / 4, "0.25"),
            ("1.5", "1.5"),
        ],
    )
    def test_a_float_is_kept_in_its_own_digits(self, value, shown):
        assert compare(lambda t: value, lambda t: 3.0, [(0,)]).where["computed"] == shown

    def test_zero_reference(self):
        assert relative_error(mpmath.mpf(0), mpmath.mpf(0)) == 0
        assert relative_error(mpmath.mpf("1e-300"), mpmath.mpf(0)) == mpmath.inf
        assert relative_error(mpmath.mpf("1e-300"), mpmath.mpf(0), floor=1.0) < 1e-299


def worst_of(*gaps):
    worst = Worst()
    for gap in gaps:
        worst.at(gap)
    return worst.figure


@pytest.mark.parametrize("gaps", [(np.nan, 1.0), (1.0, np.nan, 2.0), (mpmath.nan, 0.0), (np.inf,)])
def test_what_is_no_number_is_the_largest_gap_wherever_it_stands(gaps):
    assert worst_of(*gaps) == np.inf


def test_the_largest_gap_is_a_float():
    assert worst_of(0.5, mpmath.mpf(2), np.float32(1.0)) == 2.0
    assert type(worst_of(mpmath.mpf(2))) is float


class TestWorst:
    """NaN is the worst wherever it stands, of largest gaps and of smallest margins."""

    @pytest.mark.parametrize("values", [(math.nan, 1.0), (1.0, math.nan), (0.5, math.nan, 2.0)])
    @pytest.mark.parametrize("at_once", [True, False])
    @pytest.mark.parametrize("smallest", [True, False])
    def test_nan(self, values, at_once, smallest):
        worst = Worst(smallest=smallest)
        for value, x in (
            [(np.array(values), np.arange(len(values)))]
            if at_once
            else zip(values, range(len(values)), strict=True)
        ):
            worst.at(value, x=x)
        found = worst.measured("worst {worst} of {count}")
        assert found.figure == (-math.inf if smallest else math.inf)
        assert found.where == {"x": str(values.index(math.nan))}
        assert not found.held_to(1e300, -1e300).holds

    def test_the_place_in_an_array_is_kept(self):
        worst = Worst(smallest=True)
        worst.at(np.array([[3.0, 2.0], [1.5, 4.0]]), row=np.array([[0], [1]]), x="a")
        worst.at(1.75, row=7, x="b")
        found = worst.measured("{worst} of {count}", note=1)
        assert (found.figure, found.where) == (1.5, {"row": "1", "x": "a"})
        assert (found.summary, found.data, found.smallest) == ("1.5 of 5", {"note": 1}, True)

    @pytest.mark.parametrize("smallest", [True, False])
    @pytest.mark.parametrize("value", [math.inf, -math.inf])
    def test_infinity_is_bad_on_either_side(self, value, smallest):
        worst = Worst(smallest=smallest)
        worst.at([1.0, value], x=np.arange(2))
        worst.at(2.0, x=2)
        found = worst.measured("{worst}")
        assert (found.where, found.held_to(1e300, -1e300).holds) == ({"x": "1"}, False)

    @pytest.mark.parametrize(
        "value",
        [
            1e-9 + 0j,
            np.array([complex(1e-9, math.nan)]),
            np.ma.masked,
            np.ma.masked_array([1.0, 2.0], [True, False]),
            "1e-9",
            np.array(["1e-9"]),
        ],
    )
    def test_what_is_no_real_number_is_refused(self, value):
        with pytest.raises(TypeError):
            Worst().at(value)

    def test_numbers_of_other_libraries_are_taken(self):
        worst = Worst()
        worst.at([mpmath.mpf("0.5"), sp.Rational(1, 4)])
        worst.at(np.float32(0.75))
        assert worst.figure == 0.75

    def test_an_empty_array_is_no_point(self):
        worst = Worst()
        worst.at(np.empty(0), x=0)
        with pytest.raises(ValueError, match="must have points"):
            worst.measured("{worst}")


def test_compared_methods_are_named_where_the_figure_is_finite():
    names = ("replica equations, float64", "closed form")
    found = compared(compare(lambda t: 2.0, lambda t: 1.0, [(0,)]), "p", names)
    (comparison,) = found.comparisons
    assert (comparison.quantity, comparison.worst) == ("p", 1.0)
    assert found.held_to(0.5, None).comparisons == ()
    assert found.held_to(1.0, None).comparisons == (comparison,)
    assert compared(compare(lambda t: np.nan, lambda t: 1.0, [(0,)]), "p", names).comparisons == ()


def test_steps_with_numpys_truth_values_are_decided_as_pythons():
    steps = [("first", Evidence(np.bool_(True), "n")), ("second", False)]
    found = prove_all(steps)
    assert (found.holds, found.summary) == (False, "step 2 fails: second")
