"""Sums and products in twice the working precision, against 60 digits."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from numerics.compensated import compensated_product, compensated_residual, exact_sum


class TestProduct:
    @pytest.mark.parametrize("length", [2, 9, 200])
    def test_survives_total_cancellation(self, length):
        rng = np.random.default_rng(length)
        matrix = rng.standard_normal((5, length)) * 10 ** rng.uniform(-3, 3, length)
        vector = np.append(rng.standard_normal(length), 1.0)
        # The last column cancels the product up to its own rounding error, which must come out.
        matrix = np.column_stack([matrix, -(matrix @ vector[:-1])])
        high, low = compensated_product(matrix, vector)
        with mp.workdps(60):
            exact = np.array(
                [
                    float(mp.fsum(mp.mpf(a) * mp.mpf(b) for a, b in zip(row, vector, strict=True)))
                    for row in matrix
                ]
            )
        assert exact.any()
        np.testing.assert_allclose(high + low, exact, rtol=1e-11)

    @pytest.mark.parametrize("shape", [(1, 1), (3, 1), (1, 7), (40, 333), (333, 40)])
    def test_has_twice_the_precision(self, shape):
        rng = np.random.default_rng(2)
        matrix, vector = rng.standard_normal(shape), rng.standard_normal(shape[1])
        high, low = compensated_product(matrix, vector)
        with mp.workdps(60):
            for i in range(shape[0]):
                exact = mp.fsum(
                    mp.mpf(a) * mp.mpf(b) for a, b in zip(matrix[i], vector, strict=True)
                )
                assert abs(mp.mpf(high[i]) + mp.mpf(low[i]) - exact) < 1e-29

    def test_huge_and_tiny_factors(self):
        matrix = np.array([[1e300, -1e300, 3.0], [1e-300, 2e-300, 0.0]])
        high, low = compensated_product(matrix, np.array([1e-10, 1e-10, 1.0]))
        np.testing.assert_allclose(high + low, [3.0, 3e-310], rtol=1e-3)

    @pytest.mark.parametrize(
        ("entry", "factor"),
        [(5e-324, 5.06e72), (5.06e72, 5e-324), (3e-320, 7e300), (1e300, 3e-310)],
    )
    def test_has_twice_the_precision_with_subnormal_factors(self, entry, factor):
        high, low = compensated_product(np.full((1, 4), entry), np.full(4, factor))
        exact = 4 * Fraction(entry) * Fraction(factor)
        assert abs(Fraction(high[0]) + Fraction(low[0]) - exact) <= exact * Fraction(2) ** -96

    @pytest.mark.parametrize(
        ("row", "vector"),
        [
            ([1.56087428e144, 1.77313912e-164], [0.0, 1.0]),
            ([1.56087428e144, 1.77313912e-164], [1e-300, 1.0]),
            ([0.0, 3e-320], [1e300, 7e-5]),
            ([1e300, 3e-310, 7e-100], [3e-310, 1e300, 1.1e90]),
        ],
    )
    def test_has_twice_the_precision_of_its_terms_however_far_the_factors_are_apart(
        self, row, vector
    ):
        high, low = compensated_product(np.array([row]), np.array(vector))
        terms = [Fraction(a) * Fraction(b) for a, b in zip(row, vector, strict=True)]
        lost = abs(Fraction(high[0]) + Fraction(low[0]) - sum(terms))
        # Or half of the smallest number, where the result itself is as small.
        assert lost <= max(sum(terms) * Fraction(2) ** -96, Fraction(2) ** -1074)

    def test_residual(self):
        X = np.array([[1e8, 1.0]])
        assert compensated_residual(X, np.array([1e8, 1e-9]), np.array([1e16]))[0] == -1e-9


class TestSum:
    def test_survives_total_cancellation(self):
        assert exact_sum(np.array([1e300, 1.0, -1e300, 1e-30])) == 1.0

    def test_not_finite_is_passed_on(self):
        assert exact_sum(np.array([1.0, np.inf])) == np.inf
        assert np.isnan(exact_sum(np.array([np.inf, -np.inf])))
        assert np.isnan(exact_sum(np.array([1.0, np.nan])))

    def test_overflow_has_its_sign(self):
        assert exact_sum(np.array([1.7e308, 1.7e308])) == np.inf
        assert exact_sum(np.array([-1.7e308, -1.7e308, 1.0])) == -np.inf
