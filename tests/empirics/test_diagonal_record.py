"""The record of a sweep: what is written is read back; incomplete and mixed records are refused."""

import numpy as np
import pytest

from empirics import diagonal_record
from empirics.diagonal_record import available, load, parse, record, record_name
from empirics.experiments import SCALES, SLABS, Setting, sweep_of_all, sweep_settings
from empirics.published import from_published, published
from empirics.sweep import Task
from empirics.sweep.store import Result, Store

CONFIGURATION = {
    "slab": "gaussian",
    "d": 100,
    "rho_pt": 0.1,
    "rate": 0.5,
    "threshold": 1e-4,
    "look_every": 1,
    "largest_product": None,
    "most_epochs": 1000,
    "test_inputs": 0,
}
SETTINGS = ((0.1, 1.0, 1e-3, 0.0, 0.0), (0.04, None, 1.0, -0.99, 0.0))


def row(setting, alpha, seed, **changes):
    names = ("rho_ft", "overlap", "c", "relative_scale", "gamma")
    return {
        **dict(zip(names, setting, strict=True)),
        "n": round(100 * alpha),
        "seed": seed,
        "epochs": 10 * seed,
        "stop_reason": "converged",
        "learning_rate": 0.01,
        "training_error": 1e-4,
        "test_error": 1.0,
        "squared_error": alpha * seed / 3,
        "norm": 0.5,
        "null_error": 1.0,
        "shrinkage": 0.1,
        **changes,
    }


def results(alphas=(0.25, 0.5), seeds=(6, 7), **changes):
    found = []
    for seed in seeds:
        for alpha in alphas:
            configuration = {**CONFIGURATION, "alpha": alpha}
            found += [
                Result(
                    "all smoke",
                    f"{seed} {alpha}",
                    configuration,
                    seed,
                    row(setting, alpha, seed, **changes),
                    "version",
                )
                for setting in SETTINGS
            ]
    return found


def test_what_is_written_is_read_back():
    text = record(results(), "abc", 12.0)
    found = parse(text)
    assert (found.d, found.slab, found.header["code"]) == (100, "gaussian", "abc")
    assert found.header["seeds"] == "6, 7"
    assert "run all --scale smoke" in found.header["command"]
    settings = found.settings()
    assert [setting.overlap for setting in settings] == [1.0, None]
    networks = found.of(settings[0])
    assert list(networks.alpha) == [0.25, 0.5]
    assert networks.seeds == (6, 7)
    expected = np.array([[0.25 * 6, 0.25 * 7], [0.5 * 6, 0.5 * 7]]) / 3
    assert networks.error == pytest.approx(expected, rel=1e-5)
    assert (networks.measured["epochs"] == [[60, 70], [60, 70]]).all()
    with pytest.raises(KeyError, match="no networks recorded"):
        found.of(Setting("x", "", 0.5, 1.0, 1.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("norm", "0.123457"),
        ("test_error", "0.12346"),
        ("learning_rate", "0.12346"),
        ("shrinkage", "0.1235"),
        ("training_error", "0.123"),
    ],
)
def test_digits_that_are_written(name, written):
    assert diagonal_record._cell(name, 0.123456789) == written
    assert diagonal_record._cell(name, None) == ""
    assert diagonal_record._cell(name, 12) == "12"


def test_networks_that_did_not_converge_have_no_error():
    lost = parse(record(results(stop_reason="diverged", squared_error=None), "abc", 1.0))
    assert np.isnan(next(iter(lost.networks.values())).error).all()
    stuck = parse(record(results(stop_reason="stationary"), "abc", 1.0))
    assert np.isnan(next(iter(stuck.networks.values())).error).all()


def test_only_whole_seeds_are_written():
    found = [r for r in results() if not (r.seed == 7 and r.configuration["alpha"] == 0.5)]
    assert parse(record(found, "abc", 1.0)).header["seeds"] == "6"
    with pytest.raises(ValueError, match="must have a whole seed"):
        record([r for r in found if r.seed == 7][:1] + results(seeds=(8,), alphas=(0.5,)), "", 1.0)


def test_mixed_and_broken_records_are_refused():
    changed = {**CONFIGURATION, "d": 200, "alpha": 0.25}
    other = Result("all smoke", "other", changed, 6, {}, "version")
    mixed = [*results(), other]
    with pytest.raises(ValueError, match="must share d"):
        record(mixed, "abc", 1.0)
    text = record(results(), "abc", 1.0)
    lines = text.splitlines()
    with pytest.raises(ValueError, match="must have one network at each n and seed"):
        parse("\n".join(lines[:-1]))
    with pytest.raises(ValueError, match="must have one network at each n and seed"):
        parse("\n".join([*lines, lines[-1]]))
    with pytest.raises(ValueError, match="must have the columns"):
        parse(text.replace("shrinkage", "shrinking"))


def test_command_line(tmp_path, capsys):
    store = tmp_path / "store.sqlite"
    out = tmp_path / "record.csv"
    function = "tests.empirics.test_diagonal_record:rows_of_a_task"
    tasks = [Task(function, {**CONFIGURATION, "alpha": alpha}, 6) for alpha in (0.25, 0.5)]
    from empirics.sweep.runner import run

    with Store(store, create=True) as opened:
        run(tasks, opened, sweep="all smoke")
    arguments = ["--store", str(store), "--sweep", "all smoke", "--out", str(out)]
    assert diagonal_record.main([*arguments, "--revision", "abc"]) == 0
    assert "lines" in capsys.readouterr().out
    assert parse(out.read_text(encoding="utf-8")).header["code"] == "abc"


def rows_of_a_task(configuration, seed):
    return [row(setting, configuration["alpha"], seed) for setting in SETTINGS]


@pytest.mark.parametrize("slab", SLABS)
def test_the_records_that_come_with_the_code(slab):
    found, scale = load(slab), SCALES["desk"]
    assert (found.d, found.slab) == (scale.d, slab)
    for name in ("rate", "threshold", "look_every", "largest_product", "most_epochs"):
        assert found.header[name] == str(getattr(scale, name))
    for setting in sweep_settings(sweep_of_all(slab)):
        networks = found.of(setting)
        assert networks.alpha == pytest.approx(scale.alphas)
        # Whole seeds, in the order of the plan.
        assert networks.seeds == scale.seeds[: len(networks.seeds)]
        stuck = setting.overlap is not None and setting.relative_scale == -1.0
        assert set(networks.stop_reason.ravel()) == {"stationary" if stuck else "converged"}
        if stuck:
            continue
        rates, epochs = (networks.measured[name] for name in ("learning_rate", "epochs"))
        if setting.gamma == 10.0:
            assert (rates < 0.5 / scale.d).all()
        else:  # ten examples may by chance be of large curvature
            assert (rates[1:] == 1.0 / scale.d).all()
            assert (0.9 / scale.d < rates).all()
            assert (rates <= 1.0 / scale.d).all()
        assert not (epochs % scale.look_every).any()
        for i, alpha in enumerate(networks.alpha):
            run = from_published(published(), round(alpha * found.d), found.d)
            assert (networks.measured["training_error"][i] <= 1.005 * run.threshold).all()
    assert available(record_name(slab))
    assert not available("no-such-file.csv")
