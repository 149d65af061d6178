"""Parts of the replica solver that only save time: a mistake there would change no result."""

import numpy as np

from numerics.replica.newton import _cubics


def test_start_of_a_curve_is_exact_for_cubics():
    rng = np.random.default_rng(7)
    polynomials = [np.polynomial.Polynomial(rng.standard_normal(4)) for _ in "ab"]
    x = np.sort(rng.uniform(-3.0, 3.0, 9))
    at = np.concatenate([x, rng.uniform(x[0], x[-1], 40)])
    values = np.array([p(x) for p in polynomials])
    slopes = np.array([p.deriv()(x) for p in polynomials])
    expected = np.array([p(at) for p in polynomials])
    np.testing.assert_allclose(_cubics(x, values, slopes, at), expected, rtol=1e-12, atol=1e-12)
