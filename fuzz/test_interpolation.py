"""Minimum-penalty problems: the dual Newton solver, its certificate, cones and flows."""

import math
import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from fuzz.depth import fuzzes
from fuzz.strategies import anything, arrays, attempt, everyday, number, scales
from numerics import certificate, compensated, convex, gradient_flow
from numerics.initialization import Initialization, LayerWeights
from numerics.interpolation import minimum_penalty

entries = st.one_of(st.floats(-3.0, 3.0), st.sampled_from([0.0, 1.0, -1.0]))


@st.composite
def problems(draw, entry=entries, side=4):
    """Designs of up to `side` rows, often dependent; targets usually in their range."""
    n, d = draw(st.integers(1, side)), draw(st.integers(1, side + 2))
    X = draw(hnp.arrays(np.float64, (n, d), elements=entry))
    if n > 1 and draw(st.integers(0, 4)) == 0:
        X[-1] = X[0] * draw(st.floats(-2.0, 2.0))
    if draw(st.integers(0, 5)):
        y = X @ draw(hnp.arrays(np.float64, d, elements=entry))
    else:
        y = draw(hnp.arrays(np.float64, n, elements=entry))
    return X, y


penalty_scales = st.one_of(everyday, scales, st.just(0.0), number)
ridges = st.one_of(st.just(0.0), everyday, number)


@fuzzes(6000, minimum_penalty, certificate.certificate, certificate.checked_problem)
@given(problem=problems(), scale=penalty_scales, ridge=ridges)
def test_minimum_penalty(problem, scale, ridge):
    X, y = problem
    found = attempt(minimum_penalty, X, y, scale, ridge=ridge)
    if found is None:
        return
    assert found.beta.shape == (X.shape[1],)
    assert found.dual.shape == (X.shape[0],)
    judged = certificate.certificate(X, y, scale, found.beta, found.dual, ridge)
    assert judged.gap == found.gap
    assert judged.infeasibility == found.infeasibility
    assert judged.holds() == found.converged
    assert found.status.advice
    fair = 1e-8 <= float(scale) <= 1e4 and (ridge == 0.0 or 1e-6 <= ridge <= 1e4)
    sizes = np.abs(X[X != 0.0])
    fair = fair and sizes.size > 0 and sizes.min() > 1e-3 and np.abs(y).max() < 1e3
    if fair and np.linalg.matrix_rank(X) == min(X.shape) and np.linalg.cond(X) < 1e6:
        assert found.converged, f"{found.status} gap={found.gap} X={X!r} y={y!r} scale={scale!r}"


@fuzzes(3000, certificate.Certificate.holds)
@given(
    X=st.one_of(arrays(), anything),
    y=st.one_of(arrays(), anything),
    scale=st.one_of(arrays(), anything),
    ridge=anything,
    dual=st.one_of(st.none(), arrays(), anything),
    most=st.integers(-1, 5),
)
def test_arguments_of_minimum_penalty(X, y, scale, ridge, dual, most):
    found = attempt(minimum_penalty, X, y, scale, ridge=ridge, dual=dual, max_iterations=most)
    if found is not None:
        assert np.isfinite(found.beta).all()
        judged = attempt(certificate.certificate, X, y, scale, found.beta, found.dual, ridge)
        assert judged.holds() == found.converged


@fuzzes(3000, compensated.compensated_product, compensated.compensated_residual)
@given(
    data=st.data(),
    shape=st.tuples(st.integers(1, 4), st.integers(1, 6)),
)
def test_compensated_products(data, shape):
    from fractions import Fraction

    element = st.floats(-1e150, 1e150)
    matrix = data.draw(hnp.arrays(np.float64, shape, elements=element))
    vector = data.draw(hnp.arrays(np.float64, shape[1], elements=element))
    high, low = compensated.compensated_product(matrix, vector)
    for row, got, rest in zip(matrix, high, low, strict=True):
        products = [Fraction(a) * Fraction(b) for a, b in zip(row, vector, strict=True)]
        exact, size = sum(products), sum(map(abs, products))
        if math.isfinite(got) and math.isfinite(rest) and size > Fraction(1, 10**250):
            error = abs(Fraction(float(got)) + Fraction(float(rest)) - exact)
            assert error <= size * Fraction(1, 2**96)


@fuzzes(
    400,
    convex.minimum_penalty,
    convex.weighted_l2_minimum,
    convex.l1_minimum,
    convex.ridge_minimum,
)
@given(
    problem=problems(side=3),
    scale=st.one_of(everyday, number),
    ridge=ridges,
    solver=st.sampled_from(["CLARABEL", "SCS", "CLARABEL", "GUESS"]),
)
def test_cone_programmes(problem, scale, ridge, solver):
    X, y = problem
    refusals = (ValueError, convex.SolverFailedError)
    found = attempt(convex.minimum_penalty, X, y, scale, solver, ridge=ridge, refusals=refusals)
    if found is not None:
        assert found.solver == solver
        judged = certificate.certificate(X, y, scale, found.beta, found.dual, ridge)
        assert judged.holds() == found.converged
    attempt(convex.weighted_l2_minimum, X, y, scale, solver=solver, refusals=refusals)
    attempt(convex.l1_minimum, X, y, solver=solver, refusals=refusals)
    attempt(convex.ridge_minimum, X, y, ridge, solver=solver, refusals=refusals)


@fuzzes(150, gradient_flow.weight_flow, gradient_flow.pretrain_flow, gradient_flow.finetune_flow)
@given(
    problem=problems(side=2),
    c=st.floats(1e-3, 10.0),
    ratio=st.floats(-1.0, 1.0),
    gamma=st.floats(0.0, 2.0),
)
def test_flows_of_the_weights(problem, c, ratio, gamma):
    X, y = problem
    init = Initialization(c, ratio * c, gamma)
    trained = attempt(gradient_flow.pretrain_flow, init, X, y, longest=30.0)
    assert trained.beta.shape[-1] == X.shape[1]
    assert np.isfinite(trained.beta).all()
    tuned = attempt(gradient_flow.finetune_flow, trained.end, init, X, y, longest=30.0)
    assert np.isfinite(tuned.beta).all()


@fuzzes(100, gradient_flow.mirror_flow)
@given(
    problem=problems(side=2),
    scale=st.one_of(st.floats(1e-3, 10.0), number),
    looks=st.one_of(st.none(), st.floats(1e-3, 30.0), number),
)
def test_flows_in_mirror_form(problem, scale, looks):
    X, y = problem
    if isinstance(scale, float) and math.isfinite(scale) and not 1e-3 <= scale <= 10.0:
        scale = -abs(scale)
    found = attempt(gradient_flow.mirror_flow, scale, X, y, looks=looks, longest=30.0)
    if found is not None:
        assert np.isfinite(found.beta).all()


@fuzzes(1500, gradient_flow.FlowTrajectory.end)
@given(X=st.one_of(arrays(), anything), y=st.one_of(arrays(), anything), goal=anything)
def test_arguments_of_flows(X, y, goal):
    start = LayerWeights(*(np.ones(3) for _ in range(4)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        found = attempt(gradient_flow.weight_flow, start, X, y, target=goal, longest=1e-6)
    if found is not None:
        assert found.end.w_plus.shape == (3,)
