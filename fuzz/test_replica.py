"""Error curves: the exact solver over its whole domain, and the Monte-Carlo baseline."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, everyday, number
from numerics import best_init, curve_export, exchange
from numerics.initialization import Initialization
from numerics.replica import saddle
from numerics.replica import solve as replica
from numerics.replica_montecarlo import channel as sampled_channel
from numerics.replica_montecarlo import curve as replica_montecarlo
from numerics.tasks import TaskDistribution


@st.composite
def tasks(draw):
    """Tasks of up to four groups, amplitudes and densities included."""
    slab = draw(st.sampled_from(["sign", "gaussian"]))
    size = draw(st.one_of(st.none(), everyday))
    if draw(st.booleans()):
        return TaskDistribution.single_task(draw(st.floats(1e-4, 1.0)), slab=slab, amplitude=size)
    densities = [draw(st.one_of(st.floats(1e-3, 1.0), st.sampled_from([0.1, 1.0]))) for _ in "123"]
    return TaskDistribution.from_densities(*densities, slab=slab, ft_amplitude=size)


@st.composite
def fair_initializations(draw):
    """Initialisations over many decades, corners included."""
    c = 10.0 ** draw(st.floats(-12.0, 6.0))
    ratio = draw(
        st.one_of(st.floats(-1.0, 1.0), st.sampled_from([-1.0, -0.9999, -0.99, 0.0, 0.99, 1.0]))
    )
    gamma = draw(st.one_of(st.just(0.0), st.floats(-6.0, 2.0).map(lambda x: 10.0**x)))
    return Initialization(c, ratio * c, gamma)


scales = st.one_of(
    st.floats(1e-3, 1e3),
    st.floats(0.01, 0.99),
    st.lists(st.floats(0.01, 1.2), min_size=1, max_size=5),
    st.sampled_from([0.5, 1.0, 1.0 - 1e-12, 1.0 + 1e-12, 1e-3, 1e3]),
)
strengths = st.one_of(st.just(0.0), st.floats(-8.0, 2.9).map(lambda x: 10.0**x))


@fuzzes(4000, replica.solve_replica)
@given(task=tasks(), init=fair_initializations(), alpha=scales, noise=strengths, ridge=strengths)
def test_error_curves(task, init, alpha, noise, ridge):
    curve = attempt(replica.solve_replica, task, init, alpha, noise_variance=noise, ridge=ridge)
    assert curve is not None, "all arguments are in range"
    assert curve.converged.all(), f"{task} {init} {alpha!r} noise={noise!r} ridge={ridge!r}"
    assert (curve.mse >= 0.0).all()
    assert not np.isnan(curve.mse).any()
    known = np.isfinite(curve.mse) & (curve.relative_error < 1.0)
    # Never worse than the null estimate by more than the noise explains, group by group summed.
    total = task.probabilities @ curve.group_mse
    assert np.allclose(total[known], curve.mse[known], rtol=1e-9, atol=0.0)
    theta = np.sqrt(noise + curve.mse / curve.alpha)
    assert np.allclose(curve.theta[known], theta[known], rtol=1e-9, atol=0.0)
    total = task.probabilities @ curve.group_penalty
    assert np.allclose(total, curve.penalty, rtol=1e-9, atol=0.0)
    assert (curve.penalty >= 0.0).all()
    assert (curve.objective >= curve.penalty).all()
    assert (curve.degrees_of_freedom >= 0.0).all()
    assert (curve.degrees_of_freedom <= 1.0 + 1e-12).all()
    assert (curve.stability_margin >= -1e-12).all()


@fuzzes(1000, saddle.potential, replica.channel_groups, replica.checked_strengths)
@given(
    task=tasks(),
    init=st.one_of(fair_initializations(), anything),
    alpha=st.floats(1e-3, 1e3),
    theta=st.one_of(st.floats(-40.0, 40.0).map(lambda x: 10.0**x), anything),
    b=st.one_of(st.floats(-40.0, 40.0).map(lambda x: 10.0**x), anything),
    noise=strengths,
    ridge=strengths,
)
def test_potentials(task, init, alpha, theta, b, noise, ridge):
    options = {"noise_variance": noise, "ridge": ridge}
    value = attempt(saddle.potential, task, init, alpha, theta, b, **options)
    if value is None:
        return
    assert np.isfinite(value).all()
    # The envelope lies between 0 and z²/2τ.
    quadratic = b * (noise / theta + theta) - ridge * np.square(b)
    low = 0.5 * quadratic - 0.5 * b * theta / alpha
    high = 0.5 * quadratic + 0.5 * b * task.second_moment / (alpha * theta)
    slack = 1e-12 * (np.abs(low) + np.abs(high) + b * theta / alpha + ridge * np.square(b))
    assert (low - slack <= value).all()
    assert (value <= high + slack).all()


@fuzzes(3000, replica.channel_problem)
@given(
    alpha=st.one_of(scales, anything, st.lists(number, max_size=3)),
    noise=st.one_of(strengths, anything),
    ridge=st.one_of(strengths, anything),
    start=st.one_of(st.none(), anything, st.lists(st.lists(number, max_size=2), max_size=3)),
    init=st.one_of(fair_initializations(), anything),
    task=st.one_of(tasks(), anything),
)
def test_arguments_of_error_curves(alpha, noise, ridge, start, init, task):
    options = {"noise_variance": noise, "ridge": ridge}
    curve = attempt(replica.solve_replica, task, init, alpha, start=start, **options)
    if curve is not None:
        assert curve.alpha.shape == curve.mse.shape
    attempt(replica.channel_problem, task, init, alpha, **options)


@fuzzes(60, replica.count_fixed_points)
@given(task=tasks(), init=fair_initializations(), alpha=st.floats(0.02, 0.98), noise=strengths)
def test_one_fixed_point(task, init, alpha, noise):
    count = attempt(replica.count_fixed_points, task, init, alpha, noise_variance=noise, points=40)
    if init.is_saddle and task.pretrained:
        assert count is None
    else:
        assert count.tolist() == [1]


@fuzzes(12, best_init.best_initialization)
@given(task=tasks(), alpha=st.floats(0.02, 0.95), noise=strengths)
def test_best_initialization(task, alpha, noise):
    found = attempt(best_init.best_initialization, task, alpha, noise_variance=noise, starts=4)
    assert [candidate.label for candidate in found] == ["best", "I", "II", "III", "IV"]
    assert all(found[0].mse <= other.mse * (1.0 + 1e-6) for other in found[1:])


pretrained = tasks().filter(lambda task: task.pretrained)
noises = st.one_of(st.just(0.0), st.floats(-8.0, 0.0).map(lambda x: 10.0**x))


@fuzzes(120, exchange.exchange_rates)
@given(
    task=pretrained,
    init=fair_initializations(),
    alpha_pt=st.one_of(st.floats(1e-3, 3.0), anything),
    alpha=scales,
    noise_pt=st.one_of(noises, anything),
    noise=noises,
    convention=st.sampled_from(["1/n", "1/d"]),
)
def test_rates_of_exchange(task, init, alpha_pt, alpha, noise_pt, noise, convention):
    found = attempt(
        exchange.exchange_rates, task, init, alpha_pt, alpha, noise_variance_pt=noise_pt,
        noise_variance=noise, noise_convention=convention,
    )  # fmt: skip
    if found is not None:
        there, back = found.finetuning_per_pretraining, found.pretraining_per_finetuning
        known = np.isfinite(there) & np.isfinite(back) & (found.slope_pt != 0.0)
        assert np.allclose(there[known] * back[known], 1.0, rtol=1e-9)
        assert not (np.isinf(there) & np.isinf(back)).any()


@fuzzes(6, exchange.cheapest_split, exchange.least_cost)
@given(
    task=pretrained,
    init=fair_initializations(),
    budget=st.one_of(st.floats(0.05, 0.8), anything),
    price=st.one_of(st.floats(0.1, 1.0), anything),
)
def test_splits(task, init, budget, price):
    split = attempt(exchange.cheapest_split, task, init, budget, price, 1.0)
    if split is not None:
        assert 0.0 <= split.mse <= task.second_moment * (1.0 + 1e-9)
        assert math.isclose(price * split.alpha_pt + split.alpha, budget, rel_tol=1e-9)
        if split.mse > 1e-12:
            again = attempt(exchange.least_cost, task, init, split.mse * (1 + 1e-9), price, 1.0)
            assert again.cost <= split.cost * (1.0 + 1e-6)


@fuzzes(
    60,
    curve_export.rows,
    curve_export.write_csv,
    curve_export.write_document,
    curve_export.write_json,
    curve_export.write_records,
)
@given(task=tasks(), init=fair_initializations(), alpha=scales, noise=strengths)
def test_curves_survive_files(task, init, alpha, noise, tmp_path_factory):
    import csv
    import json

    curve = replica.solve_replica(task, init, alpha, noise_variance=noise)
    folder = tmp_path_factory.mktemp("curve")
    curve_export.write_csv(folder / "curve.csv", curve)
    with (folder / "curve.csv").open(encoding="utf-8", newline="") as file:
        read = [float(row["mse"]) for row in csv.DictReader(file)]
    assert read == curve.mse.tolist()
    curve_export.write_json(folder / "curve.json", curve, {"alpha": "x"})
    document = json.loads((folder / "curve.json").read_text(encoding="utf-8"))
    assert [float(row["mse"]) for row in document["curve"]] == curve.mse.tolist()


@fuzzes(4, curve_export.write_plot)
@given(task=tasks(), init=fair_initializations(), suffix=st.sampled_from([".png", ".svg", ".txt"]))
def test_plots(task, init, suffix, tmp_path_factory):
    curve = replica.solve_replica(task, init, [0.1, 0.5, 1.0])
    path = tmp_path_factory.mktemp("plot") / f"curve{suffix}"
    attempt(curve_export.write_plot, path, curve)
    assert path.exists() == (suffix != ".txt")


@fuzzes(
    250,
    replica_montecarlo.solve_replica_montecarlo,
    replica_montecarlo.solve_task_montecarlo,
    sampled_channel.task_groups,
    sampled_channel.draw,
    sampled_channel.evaluate_channel,
    sampled_channel.moment_jacobian,
)
@given(
    task=tasks(),
    init=fair_initializations(),
    alpha=st.one_of(st.floats(0.02, 2.0), number),
    samples=st.integers(0, 60),
    damping=st.one_of(st.floats(0.1, 1.0), number),
    tolerance=st.one_of(everyday, number),
    noise=strengths,
    ridge=st.one_of(strengths, number),
    sampling=st.sampled_from(["per-point", "common", "fresh", "none"]),
    convention=st.sampled_from(["1/n", "1/d", "1"]),
)
def test_monte_carlo(
    task, init, alpha, samples, damping, tolerance, noise, ridge, sampling, convention
):
    curve = attempt(
        replica_montecarlo.solve_task_montecarlo,
        task, init, alpha, samples=samples, damping=damping, tolerance=tolerance,
        noise_variance=noise, ridge=ridge, sampling=sampling, noise_convention=convention,
        max_iterations=25,
    )  # fmt: skip
    if curve is not None:
        assert curve.mse.shape == curve.alpha.shape
        assert not np.isnan(curve.mse[curve.converged]).any()
        assert (curve.residual[curve.converged] < tolerance).all()


@fuzzes(2500, replica_montecarlo.convert_loss_convention)
@given(
    value=st.one_of(everyday, anything),
    alpha=st.one_of(everyday, anything),
    source=st.sampled_from(["1/n", "1/d", "x"]),
    target=st.sampled_from(["1/n", "1/d", "x"]),
)
def test_loss_conventions(value, alpha, source, target):
    attempt(replica_montecarlo.convert_loss_convention, value, alpha, source=source, target=target)


@fuzzes(2500, sampled_channel.ScalarGroup, sampled_channel.ScalarGroup.second_moment)
@given(
    probability=st.one_of(st.floats(0.0, 1.0), number),
    scale=number,
    slab=st.sampled_from(["zero", "sign", "gaussian", "x"]),
    size=number,
)
def test_scalar_groups(probability, scale, slab, size):
    group = attempt(sampled_channel.ScalarGroup, probability, scale, slab, size)
    if group is not None:
        assert math.isfinite(group.scale)


@fuzzes(2500, sampled_channel.newton_denoiser)
@given(
    z=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4),
    tau=everyday,
    scale=everyday,
)
def test_the_sampled_denoiser_solves_its_equation(z, tau, scale):
    points = np.array(z)
    b = attempt(sampled_channel.newton_denoiser, points, tau, scale, None)
    left = b + 0.5 * tau * np.arcsinh(b / scale)
    assert np.allclose(left, points, rtol=1e-9, atol=1e-300)


@fuzzes(1500, sampled_channel.batch_means_error)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=40))
def test_batch_means(values):
    assert sampled_channel.batch_means_error(np.array(values)) >= 0.0
