"""Equivalence tests: p-values by simulation, Holm by hand, extrapolation on known lines."""

import numpy as np
import pytest
from scipy import stats

from verify.methods.equivalence import (
    Estimate,
    controlled_mean,
    decide_all,
    decide_equivalence,
    extrapolate,
    extrapolate_controlled,
    holm,
    profile_p,
    spread,
)


class TestEstimate:
    def test_p_values_are_students_tails(self):
        one = Estimate(0.2, 0.1, 7.0)
        assert one.equivalence_p(0.5) == pytest.approx(stats.t.sf(3.0, 7.0))
        assert one.difference_p(0.05) == pytest.approx(stats.t.sf(1.5, 7.0))
        assert one.positive_p() == pytest.approx(stats.t.sf(2.0, 7.0))
        assert Estimate(-0.2, 0.1, 7.0).positive_p() == pytest.approx(stats.t.cdf(2.0, 7.0))

    def test_sign_does_not_matter_to_equivalence(self):
        plus, minus = Estimate(0.3, 0.2, 9.0), Estimate(-0.3, 0.2, 9.0)
        assert plus.equivalence_p(0.4) == minus.equivalence_p(0.4)
        assert plus.difference_p(0.1) == minus.difference_p(0.1)

    def test_at_the_margin_nothing_is_known(self):
        assert Estimate(0.5, 0.1, 5.0).equivalence_p(0.5) == pytest.approx(0.5)
        assert Estimate(0.5, 0.1, 5.0).difference_p(0.5) == pytest.approx(0.5)

    def test_without_scatter_the_answer_is_certain(self):
        exact = Estimate(0.1, 0.0, 3.0)
        assert exact.equivalence_p(0.2) == 0.0
        assert exact.equivalence_p(0.1) == 1.0
        assert exact.difference_p(0.05) == 0.0

    def test_size_of_the_test_by_simulation(self):
        """A true value on the margin is called equivalent in 5 % of the cases."""
        rng = np.random.default_rng(0)
        hits = 0
        for _ in range(4000):
            sample = 0.5 + rng.standard_normal(8)
            estimate = Estimate(sample.mean(), sample.std(ddof=1) / np.sqrt(8), 7.0)
            hits += estimate.equivalence_p(0.5) < 0.05
        assert hits / 4000 <= 0.06  # below 5 % where the other side takes part

    @pytest.mark.parametrize("level", [0.05, 0.2])
    def test_coverage_of_students_interval_by_simulation(self, level):
        rng = np.random.default_rng(5)
        found = [Estimate.of(rng.normal(1.0, 2.0, 5)) for _ in range(4000)]
        inside = [abs(one.value - 1.0) < one.half_width(level) for one in found]
        # Of 4000 draws two standard errors are 0.7 % and 1.3 %.
        assert abs(np.mean(inside) - (1.0 - level)) < 0.015

    def test_half_width_is_students(self):
        values = np.array([0.1, 0.4, 0.2, 0.3, 0.25])
        low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.9)
        assert Estimate.of(values).half_width(0.1) == pytest.approx(0.5 * (high - low))


class TestExtrapolation:
    def test_a_line_without_scatter(self):
        dimensions = [100, 200, 400]
        found = extrapolate(dimensions, [np.full(4, 3.0 + 7.0 / d) for d in dimensions])
        assert found.value == pytest.approx(3.0, rel=1e-12, abs=0)
        assert found.error == pytest.approx(0.0, abs=1e-12)

    def test_coverage_by_simulation(self):
        rng = np.random.default_rng(1)
        dimensions, sizes = np.array([250, 500, 1000]), (30, 20, 10)
        inside = 0
        for _ in range(2000):
            samples = [
                0.1 - 20.0 / d + rng.standard_normal(n) * 3.0 / np.sqrt(d)
                for d, n in zip(dimensions, sizes, strict=True)
            ]
            found = extrapolate(dimensions.tolist(), samples)
            inside += abs(found.value - 0.1) < stats.t.ppf(0.975, found.freedom) * found.error
        assert 0.93 < inside / 2000 < 0.97

    def test_without_extrapolation_the_same_data_would_miss(self):
        rng = np.random.default_rng(2)
        samples = [5.0 / d + 1e-4 * rng.standard_normal(9) for d in (100, 200)]
        assert abs(extrapolate([100, 200], samples).value) < 1e-3
        assert abs(np.mean(samples)) > 0.03

    @pytest.mark.parametrize(
        ("dimensions", "sizes"), [([100], [5]), ([100, 100], [5, 5]), ([100, 200], [5, 1])]
    )
    def test_too_little_is_an_error(self, dimensions, sizes):
        with pytest.raises(ValueError, match="at least two values at two dimensions"):
            extrapolate(dimensions, [np.arange(n, dtype=float) for n in sizes])


class TestControlVariates:
    d = np.repeat([250.0, 500.0, 1000.0], (40, 20, 20))

    def test_a_line_and_the_controls_part_without_scatter(self):
        controls = np.random.default_rng(3).standard_normal((80, 2))
        values = 3.0 + 7.0 / self.d + controls @ [0.5, -2.0]
        found = extrapolate_controlled(self.d, values, controls)
        assert found.value == pytest.approx(3.0, rel=1e-12)
        assert found.error == pytest.approx(0.0, abs=1e-12)
        assert found.freedom == 76

    @pytest.mark.parametrize("falls", [0.5, 1.0], ids=["as 1/d", "faster"])
    def test_coverage_by_simulation(self, falls):
        rng, inside = np.random.default_rng(4), 0
        for _ in range(2000):
            controls = rng.standard_normal((80, 2)) / self.d[:, None] ** 0.5
            values = 0.1 - 20.0 / self.d + controls @ [4.0, -3.0]
            values = values + rng.standard_normal(80) * 3.0 * (250 / self.d) ** falls / 250**0.5
            found = extrapolate_controlled(self.d, values, controls)
            inside += abs(found.value - 0.1) < stats.t.ppf(0.975, found.freedom) * found.error
        assert 0.93 < inside / 2000 < 0.97

    def test_what_controls_explain_is_no_scatter(self):
        rng = np.random.default_rng(6)
        controls = rng.standard_normal((80, 1)) / self.d[:, None] ** 0.5
        values = 4.0 * controls[:, 0] + 0.1 * rng.standard_normal(80) / self.d**0.5
        without = extrapolate_controlled(self.d, values, controls[:, :0])
        assert extrapolate_controlled(self.d, values, controls).error < without.error / 20

    def test_without_controls_it_is_the_plain_extrapolation(self):
        values = np.random.default_rng(5).standard_normal(80)
        parts = [values[self.d == d] for d in (250, 500, 1000)]
        plain = extrapolate([250, 500, 1000], parts)
        found = extrapolate_controlled(self.d, values, np.empty((80, 0)))
        assert found.value == pytest.approx(plain.value, rel=1e-12)
        assert found.error == pytest.approx(plain.error, rel=0.2)

    def test_too_little_is_an_error(self):
        with pytest.raises(ValueError, match="two dimensions or more"):
            extrapolate_controlled(np.full(9, 100.0), np.zeros(9), np.empty((9, 0)))
        with pytest.raises(ValueError, match="more rows than its 3 coefficients"):
            extrapolate_controlled(np.array([1.0, 1.0, 2.0]), np.zeros(3), np.ones((3, 1)))
        with pytest.raises(ValueError, match=r"dimensions must be positive, got \[-1.0, 2.0\]"):
            extrapolate_controlled(np.array([-1.0, 2.0] * 5), np.zeros(10), np.empty((10, 0)))
        both = np.random.default_rng(3).standard_normal((80, 1)) * [1.0, -2.0]
        with pytest.raises(ValueError, match="control variates must be independent"):
            extrapolate_controlled(self.d, np.zeros(80), both)

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_what_is_no_number_is_an_error(self, bad):
        for place in range(2):
            arrays = [np.zeros(80), np.zeros((80, 1))]
            arrays[place][3] = bad
            with pytest.raises(ValueError, match="must be finite"):
                extrapolate_controlled(self.d, *arrays)


class TestControlledMean:
    def test_controls_part_without_scatter(self):
        controls = np.random.default_rng(3).standard_normal((40, 3))
        found = controlled_mean(-0.7 + controls @ [0.5, -2.0, 1.0], controls)
        assert found.value == pytest.approx(-0.7, rel=1e-12)
        assert found.error == pytest.approx(0.0, abs=1e-12)
        assert found.freedom == 36

    def test_without_controls_it_is_the_mean(self):
        values = np.random.default_rng(5).standard_normal(40)
        found, plain = controlled_mean(values, np.empty((40, 0))), Estimate.of(values)
        assert (found.value, found.error) == pytest.approx((plain.value, plain.error), rel=1e-12)
        assert found.freedom == plain.freedom

    def test_coverage_by_simulation(self):
        rng, inside = np.random.default_rng(4), 0
        for _ in range(3000):
            controls = rng.standard_normal((40, 6))
            values = 0.1 + controls @ np.linspace(-2, 2, 6) + rng.standard_normal(40)
            found = controlled_mean(values, controls)
            inside += abs(found.value - 0.1) < found.half_width(0.05)
        assert 0.935 < inside / 3000 < 0.965

    def test_too_little_or_no_number_is_an_error(self):
        with pytest.raises(ValueError, match="more than the 3 coefficients, got 3"):
            controlled_mean(np.zeros(3), np.eye(3)[:, :2])
        with pytest.raises(ValueError, match="must be finite"):
            controlled_mean(np.array([0.0, np.nan, 1.0]), np.ones((3, 1)))
        both = np.random.default_rng(3).standard_normal((40, 1)) * [1.0, -2.0]
        with pytest.raises(ValueError, match="control variates must be independent"):
            controlled_mean(np.zeros(40), both)


class TestDifference:
    def test_is_welch_s(self):
        rng = np.random.default_rng(8)
        one, other = rng.normal(1.0, 0.3, 12), rng.normal(0.5, 2.0, 40)
        found = Estimate.of(one).minus(Estimate.of(other))
        welch = stats.ttest_ind(one, other, equal_var=False)
        assert found.two_sided_p() == pytest.approx(welch.pvalue, rel=1e-12)
        assert found.freedom == pytest.approx(welch.df, rel=1e-12)
        assert found.value == pytest.approx(one.mean() - other.mean())

    def test_of_numbers_without_scatter(self):
        found = Estimate(2.0, 0.0, 3.0).minus(Estimate(0.5, 0.0, 4.0))
        assert found == Estimate(1.5, 0.0, 7.0)


class TestHolm:
    def test_by_hand(self):
        assert holm([0.01, 0.04, 0.03, 0.5]).tolist() == pytest.approx([0.04, 0.09, 0.09, 0.5])

    def test_never_falls_and_never_exceeds_one(self):
        adjusted = holm([0.9, 0.8, 0.001])
        assert adjusted.tolist() == pytest.approx([1.0, 1.0, 0.003])

    def test_between_none_and_bonferroni(self):
        p = np.random.default_rng(3).random(50) ** 3
        assert np.all(holm(p) >= p)
        assert np.all(holm(p) <= np.minimum(1.0, 50 * p) + 1e-15)

    def test_family_wise_error_by_simulation(self):
        rng = np.random.default_rng(4)
        false = sum(holm(rng.random(10)).min() < 0.05 for _ in range(4000))
        assert 0.03 < false / 4000 < 0.06


class TestDecision:
    @pytest.mark.parametrize(
        ("shown", "refuted", "decision"),
        [
            ([0.001, 0.01], [1.0, 0.9], (True, 0.01, 1, ())),
            ([0.001, 0.03], [1.0, 0.9], (True, 0.03, 1, ())),
            ([0.03, 0.03], [0.9, 0.9], (None, 0.06, 0, (0, 1))),
            ([0.001, 0.2, 0.3], [1.0, 0.9, 0.8], (None, 0.4, 1, (1, 2))),
            ([0.9, 0.001, 0.9], [0.02, 0.9, 0.001], (False, 0.003, 2, (0, 2))),
        ],
    )
    def test_by_hand(self, shown, refuted, decision):
        found = decide_all(shown, refuted)
        assert (found.holds, found.decisive, found.failing) == (decision[0], *decision[2:])
        assert found.p == pytest.approx(decision[1])

    def test_at_the_level_nothing_is_decided(self):
        assert decide_all([0.05], [1.0]).holds is None
        assert decide_all([1.0], [0.05]).holds is None

    @pytest.mark.parametrize("place", [0, 1])
    def test_what_is_no_number_is_never_shown(self, place):
        shown = [1e-9, 1e-9]
        shown[place] = np.nan
        found = decide_all(shown, [1.0, 1.0])
        assert found.holds is None
        assert place in found.failing

    @pytest.mark.parametrize("place", [0, 1])
    def test_what_is_no_number_refutes_nothing(self, place):
        refuted = [np.nan, np.nan]
        assert decide_all([0.9, 0.9], refuted).holds is None
        refuted[place] = 1e-9
        found = decide_all([0.9, 0.9], refuted)
        assert (found.holds, found.decisive, found.failing) == (False, place, (place,))

    @pytest.mark.parametrize(
        ("shown", "refuted"), [([], []), ([0.001], []), ([0.001], [1.0, 1e-9]), ([], [0.001])]
    )
    def test_each_statement_has_its_opposite(self, shown, refuted):
        with pytest.raises(ValueError, match="one of each statement, one at least"):
            decide_all(shown, refuted)

    def test_equivalence_is_within_each_margin(self):
        inside, outside = Estimate(0.1, 0.01, 9.0), Estimate(-0.3, 0.01, 9.0)
        assert decide_equivalence([inside, outside], [0.2, 0.4]).holds is True
        apart = decide_equivalence([inside, outside], [0.2, 0.2])
        assert (apart.holds, apart.decisive, apart.failing) == (False, 1, (1,))
        assert apart.p == pytest.approx(2 * outside.difference_p(0.2))
        assert decide_equivalence([inside, outside], [0.2, 0.3]).holds is None
        with pytest.raises(ValueError, match="zip"):
            decide_equivalence([inside], [0.2, 0.3])


def test_margins_are_shown_by_their_ends():
    assert spread([0.1, 0.1000001]) == "0.1"
    assert spread(np.array([0.3, 5.33, 0.1])) == "0.1 to 5.3"
    with pytest.raises(ValueError, match="got none"):
        spread([])


def test_a_profile_of_two_values_is_a_paired_t_test():
    rng = np.random.default_rng(4)
    pairs = rng.standard_normal((9, 2)) + np.array([0.5, 0.0])
    expected = stats.ttest_rel(pairs[:, 0], pairs[:, 1]).pvalue
    assert profile_p(pairs, np.ones((2, 1))) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("free", [1, 2, 3])
def test_a_profile_is_tested_by_hotellings_statistic(free):
    """Of a sample with exactly this mean and the unit covariance T² is S times the mean squared."""
    rng, count = np.random.default_rng(free), 12
    raw = rng.standard_normal((count, 4))
    raw -= raw.mean(axis=0)
    white = raw @ np.linalg.inv(np.linalg.cholesky(np.cov(raw, rowvar=False)).T)
    mean = np.array([0.6, -0.3, 0.4, 0.2])
    basis = np.eye(4)[:, free:]
    squared = count * float(np.sum(mean[:free] ** 2))
    expected = stats.f.sf(squared * (count - free) / (free * (count - 1)), free, count - free)
    # Neither a mixture of the basis nor of the values changes it.
    mixed = rng.standard_normal((4, 4))
    for profiles, others in (
        (white + mean, basis),
        (white + mean, basis @ rng.standard_normal((4 - free, 4 - free))),
        ((white + mean) @ mixed.T, mixed @ basis),
    ):
        assert profile_p(profiles, others) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("profiles", "basis", "named"),
    [
        (np.ones((5, 3)), np.ones((3, 1)), "must vary"),
        (np.ones((3, 3)), np.ones((3, 1)), "S > K"),
        (np.ones((5, 3)), np.ones((3, 3)), "M < K"),
        (np.full((5, 3), np.nan), np.ones((3, 1)), "must be finite"),
        (np.ones((5, 3)), np.ones((3, 2)), "2 independent columns"),
    ],
)
def test_what_is_no_profile_is_refused(profiles, basis, named):
    with pytest.raises(ValueError, match=named):
        profile_p(profiles, basis)
