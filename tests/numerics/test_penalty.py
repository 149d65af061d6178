"""Penalty, conjugate and prox against the textbook formulas of Theorem 4.1, to 60 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from numerics import penalty as module
from numerics.penalty import (
    ProximalConvergenceError,
    conjugate,
    conjugate_derivative,
    penalty,
    penalty_curvature,
    penalty_derivative,
    proximal_derivative,
    proximal_operator,
    soft_threshold,
    solve_proximal,
)
from tests.numerics.accuracy import max_error

# A handful of roundings of functions that are good to one unit in the last place (2.2e-16) each,
# with condition numbers up to 2; libraries whose vector functions err by 4 units also stay below.
TOLERANCE = 5e-15
LARGEST = float(np.finfo(np.float64).max)
TINY = 5e-324


def powers(seed: int, low: float, high: float, count: int) -> np.ndarray:
    return 10.0 ** np.random.default_rng(seed).uniform(low, high, count)


def textbook_penalty(beta: Any, c: Any) -> Any:
    """(√k/4)(1 − √(1+z²) + z asinh z), with digits for what cancels as z → 0."""
    root_k = 2 * c
    z = 2 * beta / root_k
    lost = 0 if z == 0 else max(0, -2 * int(mpmath.log10(abs(z))))
    with mpmath.workdps(70 + lost):
        z = 2 * beta / root_k
        return root_k / 4 * (1 - mpmath.sqrt(1 + z * z) + z * mpmath.asinh(z))


def textbook_derivative(beta: Any, c: Any) -> Any:
    return mpmath.asinh(beta / c) / 2


def textbook_curvature(beta: Any, c: Any) -> Any:
    return 1 / mpmath.sqrt((2 * c) ** 2 + 4 * beta**2)


def textbook_conjugate(s: Any, c: Any) -> Any:
    lost = 0 if s == 0 else max(0, -2 * int(mpmath.log10(abs(s))))
    with mpmath.workdps(70 + lost):
        return c / 2 * (mpmath.cosh(2 * s) - 1)


def textbook_conjugate_derivative(s: Any, c: Any) -> Any:
    return c * mpmath.sinh(2 * s)


def reference_prox(z: Any, tau: Any, c: Any) -> Any:
    """Root of x + (τ/2) asinh(x/c) = z, checked in that form to 70 digits."""
    with mpmath.workdps(90):
        u = min(z / (c + tau / 2), mpmath.asinh(z / c))
        for _ in range(100):
            step = (c * mpmath.sinh(u) + tau / 2 * u - z) / (c * mpmath.cosh(u) + tau / 2)
            u -= step
            if abs(step) < mpmath.mpf(10) ** -80 * u:
                break
        x = c * mpmath.sinh(u)
        assert abs(x + tau / 2 * mpmath.asinh(x / c) - z) < mpmath.mpf(10) ** -70 * z
        return x


def reference_susceptibility(z: Any, tau: Any, c: Any) -> Any:
    with mpmath.workdps(90):
        x = reference_prox(z, tau, c)
        return 1 / (1 + tau * textbook_curvature(x, c))


PAIRS = [
    (penalty, textbook_penalty),
    (penalty_derivative, textbook_derivative),
    (penalty_curvature, textbook_curvature),
]


@pytest.mark.parametrize(("function", "textbook"), PAIRS)
def test_accuracy_tiny_argument(function: Any, textbook: Any) -> None:
    z, c = powers(1, -150, -3, 300), powers(2, -150, 150, 300)
    max_error(function, textbook, [c * z, c], TOLERANCE)


@pytest.mark.parametrize(("function", "textbook"), PAIRS)
def test_accuracy_transition(function: Any, textbook: Any) -> None:
    z, c = powers(3, -3, 3, 400), powers(4, -280, 280, 400)
    max_error(function, textbook, [c * z, c], TOLERANCE)


@pytest.mark.parametrize(("function", "textbook"), PAIRS)
def test_accuracy_huge_argument(function: Any, textbook: Any) -> None:
    z, c = powers(5, 3, 150, 300), powers(6, -150, 150, 300)
    max_error(function, textbook, [c * z, c], TOLERANCE)


@pytest.mark.parametrize(("function", "textbook"), PAIRS)
def test_accuracy_boundary(function: Any, textbook: Any) -> None:
    """Everything float64 holds, where quotients, products and results leave its range."""
    ends = np.array([TINY, 3e-309, 2.3e-308, 1e-200, 1.0, 1e200, LARGEST / 2, LARGEST])
    max_error(function, textbook, list(np.meshgrid(np.append(ends, 0.0), ends)), TOLERANCE)


@pytest.mark.parametrize(
    ("function", "textbook"),
    [
        (conjugate, textbook_conjugate),
        (conjugate_derivative, textbook_conjugate_derivative),
    ],
)
def test_conjugate_accuracy(function: Any, textbook: Any) -> None:
    slope = np.concatenate([powers(7, -160, 0, 200), powers(8, -1, 3.2, 300), [0.0, LARGEST]])
    near = np.array([1.0, 350.0, 354.9, 355.5, 709.0, 709.9, 726.0, 730.0, 1e4])
    slope = np.concatenate([slope, near, np.nextafter(near, 0), np.nextafter(near, 1e9)])
    for low, high in ((-323, -300), (-150, 0), (150, 300)):
        max_error(function, textbook, [slope, powers(9, low, high, slope.size)], TOLERANCE)


REGIONS = {
    # z, τ, c as exponents: (what is drawn, relative to what)
    "anywhere": ((-300, 300), (-300, 300), (-300, 300)),
    "transition": ((-2, 2), (-2, 2), (-2, 2)),
    "logarithmic": ((-1, 1), (-3, 0), (-300, -1)),
    "tiny": ((-300, -280), (-300, -280), (-323, -290)),
    "huge": ((290, 300), (280, 300), (-300, 300)),
}


@pytest.mark.parametrize("region", REGIONS)
def test_prox_accuracy(region: str) -> None:
    arguments = [powers(20 + i, *ends, 300) for i, ends in enumerate(REGIONS[region])]
    max_error(proximal_operator, reference_prox, arguments, TOLERANCE)
    max_error(proximal_derivative, reference_susceptibility, arguments, TOLERANCE)


def test_prox_accuracy_where_it_is_ill_conditioned() -> None:
    """∂log x/∂log z ≈ u = asinh(x/c) up to 1400: rounding 2z/τ or u once would cost 3e-13."""
    rng = np.random.default_rng(5)
    u = rng.uniform(1.0, 1400.0, 300)
    z = powers(6, 0, 308, 300)
    tau = 2 * z / u * (1 + 10.0 ** rng.uniform(-16, 0, 300))
    c = np.maximum(z * np.exp(-np.minimum(u, 700)) * np.exp(-np.maximum(u - 700, 0)), TINY)
    max_error(proximal_operator, reference_prox, [z, tau, c], TOLERANCE)
    max_error(proximal_derivative, reference_susceptibility, [z, tau, c], TOLERANCE)


def test_prox_accuracy_boundary() -> None:
    ends = np.array([TINY, 2.3e-308, 1e-9, 1.0, LARGEST / 3, LARGEST])
    grid = list(np.meshgrid(ends, ends, ends))
    max_error(proximal_operator, reference_prox, grid, TOLERANCE)
    max_error(proximal_derivative, reference_susceptibility, grid, TOLERANCE)


def test_prox_iterations_stay_within_the_limit() -> None:
    """Dense in exponents, and where z/(τ/2) and asinh(z/c) compete, the start's worst case."""
    axis = np.linspace(-308, 308, 78)
    grid = np.meshgrid(*([10.0**axis] * 3))
    most = int(solve_proximal(*grid).iterations.max())
    rng = np.random.default_rng(3)
    u = 10.0 ** rng.uniform(-7, np.log10(1440), 200_000)
    with np.errstate(over="ignore", divide="ignore"):
        c = np.maximum(np.exp(-0.5 * u) / np.sinh(0.5 * u), TINY)
    tau = 2 / u * np.where(rng.random(u.size) < 0.5, 10.0 ** rng.uniform(-4, 4, u.size), 1.0)
    tau *= rng.uniform(0.7, 1.4, u.size)
    most = max(most, int(solve_proximal(1.0, tau, c).iterations.max()))
    assert 3 <= most <= 7  # 6 where it was measured


def test_prox_reports_that_it_is_not_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ([1.0, 1.0, 0.0], 1.0, [0.1, 0.2, 0.1])
    assert module.PROXIMAL_ITERATION_LIMIT == 10
    needed = solve_proximal(*arguments).iterations
    assert needed.tolist() == [int(needed.max())] * 2 + [0]
    monkeypatch.setattr(module, "PROXIMAL_ITERATION_LIMIT", int(needed.max()))
    proximal_operator(*arguments)
    monkeypatch.setattr(module, "PROXIMAL_ITERATION_LIMIT", int(needed.max()) - 1)
    with pytest.raises(ProximalConvergenceError, match=r"iterations for 2 entries.*tau=.*scale="):
        proximal_operator(*arguments)


finite = st.floats(-1e300, 1e300, allow_subnormal=True)
scales = st.floats(0.0, 1e300, allow_subnormal=True)
moderate = st.floats(-150, 150)
signs = st.sampled_from([-1.0, 1.0])


@given(moderate, moderate, st.integers(-400, 400))
def test_penalty_is_homogeneous(log_beta: float, log_c: float, shift: int) -> None:
    """q_{s²k}(sβ) = s q_k(β), exactly for s = 2^shift; likewise q′, q″, q*, prox and η′."""
    beta, c, factor = 10.0**log_beta, 10.0**log_c, 2.0**shift
    assume(1e-290 < beta * factor < 1e290)
    assume(min(1.0, factor) * penalty(beta, c) > 1e-300)
    assert penalty(factor * beta, factor * c) == factor * penalty(beta, c)
    assert penalty_derivative(factor * beta, factor * c) == penalty_derivative(beta, c)
    assert penalty_curvature(factor * beta, factor * c) * factor == penalty_curvature(beta, c)
    assert conjugate(1.7, factor * c) == factor * conjugate(1.7, c)


@given(st.floats(-90, 90), st.floats(-90, 90), st.floats(-90, 90), st.integers(-50, 50))
def test_prox_is_homogeneous(log_z: float, log_tau: float, log_c: float, shift: int) -> None:
    """Exactly so for a power of two; x ≥ z c/(c + τ/2) keeps these arguments off underflow."""
    factor = 2.0**shift
    arguments = [10.0**log_z, 10.0**log_tau, 10.0**log_c]
    scaled = [factor * argument for argument in arguments]
    assert proximal_operator(*scaled) == factor * proximal_operator(*arguments)
    assert proximal_derivative(*scaled) == proximal_derivative(*arguments)


@given(finite, scales, scales)
@example(0.0, 0.0, 0.0)
@example(0.0, 1.0, 0.0)
@example(3.0, 1.0, 0.0)
@example(3.0, 0.0, 0.0)
@example(0.0, 0.0, 1.0)
def test_even_and_odd_to_the_bit(z: float, tau: float, c: float) -> None:
    for even in (penalty, penalty_curvature, conjugate):
        assert even(-z, c).tobytes() == even(z, c).tobytes()
    for odd in (penalty_derivative, conjugate_derivative, soft_threshold):
        assert odd(-z, c).tobytes() == (-odd(z, c)).tobytes()
        assert np.signbit(odd(z, c)) == np.signbit(z)
    assert proximal_operator(-z, tau, c).tobytes() == (-proximal_operator(z, tau, c)).tobytes()
    assert proximal_derivative(-z, tau, c).tobytes() == proximal_derivative(z, tau, c).tobytes()
    assert np.signbit(proximal_operator(z, tau, c)) == np.signbit(z)


@given(moderate, moderate, st.floats(1e-9, 1.0))
def test_monotonicity(log_beta: float, log_c: float, gap: float) -> None:
    beta, c = 10.0**log_beta, 10.0**log_c
    more = beta * (1 + gap)
    assume(penalty(beta, c) > 1e-300)
    assert penalty(more, c) > penalty(beta, c)
    assert penalty_derivative(more, c) >= penalty_derivative(beta, c)
    assert penalty_curvature(more, c) <= penalty_curvature(beta, c)
    assert penalty(beta, c * (1 + gap)) <= penalty(beta, c) * (1 + 1e-15)


@given(st.floats(1e-100, 1e100), scales, scales, st.floats(1e-6, 1.0))
def test_prox_bounds_and_monotonicity(z: float, tau: float, c: float, gap: float) -> None:
    x, slope = proximal_operator(z, tau, c), proximal_derivative(z, tau, c)
    assert 0.0 <= x <= z
    assert 0.0 <= slope <= 1.0
    assert proximal_operator(z * (1 + gap), tau, c) >= x
    # x is convex on z > 0, hence x(z)/z ≤ x′(z).
    assert x / z <= slope * (1 + 1e-14) + 1e-307


@given(st.floats(-100, 100), st.floats(-100, 100), st.floats(-100, 100), signs)
def test_prox_inverts_identity_plus_gradient(
    log_x: float, log_tau: float, log_c: float, sign: float
) -> None:
    x, tau, c = sign * 10.0**log_x, 10.0**log_tau, 10.0**log_c
    z = x + tau * penalty_derivative(x, c)
    # z is rounded, twice, and passes it on with the condition number.
    condition = abs(z / x) * proximal_derivative(z, tau, c)
    assert proximal_operator(z, tau, c) == pytest.approx(x, rel=1e-15 * (4 + 4 * condition))


@given(st.floats(-20, 20), moderate, signs)
def test_gradients_are_inverse_and_fenchel_young_is_tight(
    slope: float, log_c: float, sign: float
) -> None:
    c = 10.0**log_c
    assume(abs(slope) > 1e-100)
    beta = conjugate_derivative(sign * slope, c)
    assert penalty_derivative(beta, c) == pytest.approx(sign * slope, rel=1e-14, abs=0)
    total = penalty(beta, c) + conjugate(slope, c)
    assume(total > 1e-290)
    assert total == pytest.approx(beta * sign * slope, rel=2e-15, abs=0)


@given(st.floats(-1e100, 1e100), st.floats(-300, 300), st.floats(1e-100, 1e100))
def test_fenchel_young_inequality(beta: float, slope: float, c: float) -> None:
    with np.errstate(over="ignore"):
        total = penalty(beta, c) + conjugate(slope, c)
    assert total >= beta * slope * (1 - 1e-15)


@given(st.floats(-30, 30), moderate)
def test_derivatives_belong_together(log_z: float, log_c: float) -> None:
    """Central differences, good to about (rounding)^(2/3): q → q′ → q″ and prox → η′."""
    c = 10.0**log_c
    beta = c * 10.0**log_z
    step = 1e-5
    up, down = beta * (1 + step), beta * (1 - step)
    assume(1e-250 < beta < 1e250)
    width = up - down
    scale = max(abs(float(penalty_derivative(beta, c))), 1e-280)
    assume(penalty(beta, c) > 1e-280)
    assert (penalty(up, c) - penalty(down, c)) / width == pytest.approx(
        float(penalty_derivative(beta, c)), rel=1e-9, abs=1e-9 * scale
    )
    assume(10.0**log_z < 1e8)  # beyond, q′ is logarithmic and its differences lose digits
    assert (penalty_derivative(up, c) - penalty_derivative(down, c)) / width == pytest.approx(
        float(penalty_curvature(beta, c)), rel=1e-8
    )
    tau = 3.0 * c
    assert (proximal_operator(up, tau, c) - proximal_operator(down, tau, c)) / width == (
        pytest.approx(float(proximal_derivative(beta, tau, c)), rel=1e-8)
    )
