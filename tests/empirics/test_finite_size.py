"""Errors of finite networks: what is measured, the draw, the file, and how a run continues."""

from importlib.resources import files

import numpy as np
import pytest

from empirics import finite_size
from empirics.experiments import settings
from empirics.finite_problems import Curve, draw_teacher, scales_of
from empirics.finite_size import curves, curves_at, draw, load, measure, problem, produce
from numerics import Initialization, TaskDistribution, solve_replica
from numerics.tasks import exact_group_sizes


def test_networks_have_the_scale_of_the_task_without_taking_it_from_there(monkeypatch):
    found = {curve.name: scales_of(curve) for curve in curves()}
    for curve in curves():
        task, init = curve.setting.task, curve.setting.initialization
        assert found[curve.name] == pytest.approx(task.penalty_scales(init), rel=1e-14, abs=0)
    for function in (TaskDistribution.penalty_scales, Initialization.finetune_scale_parts):
        owner = globals()[function.__qualname__.split(".")[0]]
        monkeypatch.setattr(owner, function.__name__, lambda *of: pytest.fail("the task's"))
    assert all((scales_of(curve) == found[curve.name]).all() for curve in curves())


class TestCurves:
    def test_every_setting_has_a_curve_of_its_law(self):
        """Solved at one data scale, each setting's replica error is that of some curve."""
        for slab in ("gaussian", "sign"):
            known = {
                float(solve_replica(c.setting.task, c.setting.initialization, 0.3).mse[0])
                for c in curves()
                if c.setting.slab == slab and not c.noise_variance
            }
            for experiment in finite_size.EXPERIMENTS:
                for setting in settings(experiment, slab):
                    mse = float(solve_replica(setting.task, setting.initialization, 0.3).mse[0])
                    assert min(abs(mse - one) for one in known) <= 1e-12 * mse

    def test_names_are_unique(self):
        names = [curve.name for curve in curves()]
        assert len(set(names)) == len(names)

    def test_noise_is_part_of_the_name(self):
        noisy = [curve for curve in curves() if curve.noise_variance]
        assert noisy
        assert all("noise=0.2" in curve.name for curve in noisy)

    def test_composed_shares_are_those_of_the_draw(self):
        curve = next(c for c in curves() if c.setting.rho_ft == 0.01)
        sizes = exact_group_sizes(curve.setting.task.probabilities, 250)
        kept = [size / 250 for size in sizes if size]
        assert curve.composed(250).probabilities.tolist() == pytest.approx(kept)

    def test_what_is_measured_where(self):
        assert len(curves_at(250, 0.28)) == len(curves())
        assert all(scales_of(c).any() for c in curves_at(2000, 0.28))
        smooth = [c for c in curves() if scales_of(c).any()]
        assert [*curves_at(500, 0.35)] == smooth != [*curves()]
        assert 0 < len(curves_at(5000, 0.04)) < 20


class TestDraw:
    def test_shapes_and_variance(self):
        X, teachers = draw(250, 0.12, 3)
        assert X.shape == (30, 250)
        assert X.var() == pytest.approx(1 / 30, rel=0.05)
        assert all(teacher.shape == (250,) for teacher in teachers.values())

    def test_teachers_have_their_second_moment_exactly(self):
        """What is drawn has E[β²] = shares of d coordinates times 1/ρ, whatever the slab."""
        X, teachers = draw(500, 0.04, 0)
        for curve in curves():
            _, _, truth = problem(curve, X, teachers, 0)
            assert np.mean(truth**2) == pytest.approx(curve.composed(500).second_moment)

    def test_gaussian_quantiles_tend_to_the_gaussian(self):
        teachers = draw(5000, 0.001, 0)[1]
        curve = next(c for c in curves() if c.setting.slab == "gaussian" and c.baseline)
        active = teachers[finite_size.teacher_of(curve)]
        active = active[active != 0] * np.sqrt(curve.setting.rho_ft)
        assert np.mean(np.abs(active)) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-3)
        assert np.mean(active**4) == pytest.approx(3.0, rel=0.01)

    def test_scales_belong_to_the_coordinates(self):
        curve = Curve(next(s for s in settings("reuse") if s.overlap == 1.0))
        X, teachers = draw(250, 0.12, 0)
        _, scale, truth = problem(curve, X, teachers, 0)
        # ω = 1 and ρ_FT = ρ_PT: what is active now was active before, and has the larger scale.
        assert set(scale[truth != 0]) == {scale.max()}
        assert set(scale[truth == 0]) == {scale.min()}

    def test_noise_is_added_where_stated(self):
        plain, noisy = (Curve(settings("reuse")[0], variance) for variance in (0.0, 0.2))
        X, teachers = draw(250, 0.28, 1)
        noise = problem(noisy, X, teachers, 1)[0] - problem(plain, X, teachers, 1)[0]
        assert noise.var() == pytest.approx(0.2, rel=0.5)


def test_measured_errors_are_near_the_replica_curve():
    chosen = [c for c in curves() if "gamma=10" in c.name]
    errors = measure(500, 0.28, 0, chosen)
    for curve in chosen:
        task, init = curve.composed(500), curve.setting.initialization
        expected = float(solve_replica(task, init, 0.28).mse[0])
        assert errors[curve.name] == pytest.approx(expected, rel=0.3)


class TestRecorded:
    """The file that comes with the code."""

    def test_it_has_a_column_for_each_curve_and_says_how_it_was_made(self):
        recorded = load()
        text = (files("empirics") / "recorded" / finite_size.RECORDED).read_text(encoding="utf-8")
        assert set(recorded.errors) == {curve.name for curve in curves()}
        for word in ("command", "code", "hardware", "versions", "seeds", "begun"):
            assert f"\n# {word}: " in text

    def test_it_holds_every_row_of_the_plan_once_and_in_it_what_is_wanted(self):
        recorded = load()
        rows = list(
            zip(recorded.d.tolist(), recorded.alpha.tolist(), recorded.seed.tolist(), strict=True)
        )
        assert len(rows) == len(set(rows))
        assert set(rows) == {*finite_size.plan(), *finite_size.further_plan()}
        for row, (d, alpha, _) in enumerate(rows):
            known = {name for name, errors in recorded.errors.items() if errors[row] >= 0.0}
            assert known == {curve.name for curve in curves_at(int(d), alpha)}


class TestFile:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        few = curves()[:3]
        monkeypatch.setattr(finite_size, "curves", lambda: few)
        monkeypatch.setattr(finite_size, "SEEDS", {60: (2, 1, 1), 80: (1, 1, 1)})
        monkeypatch.setattr(finite_size, "ALPHAS", (0.1, 0.2, 0.3))
        monkeypatch.setattr(finite_size, "FURTHER_SEEDS", {60: (0, 0, 1)})
        monkeypatch.setattr(finite_size, "FURTHER_ALPHAS", (0.4, 0.5, 0.6))

    def test_a_killed_run_continues_to_the_same_file(self, tmp_path):
        whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
        assert produce(whole, "abc") == 8
        text = whole.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        broken.write_text("".join(lines[:-3]) + lines[-3][:20], encoding="utf-8")
        assert produce(broken, "abc") == 3
        assert sorted(broken.read_text(encoding="utf-8").splitlines()) == sorted(text.splitlines())
        assert produce(whole, "abc") == 0

    def test_reads_what_it_wrote(self, tmp_path):
        path = tmp_path / "errors.csv"
        produce(path, "abc")
        text = path.read_text(encoding="utf-8")
        recorded = load(text)
        assert "# code: abc" in text
        again = measure(60, 0.1, 1, finite_size.curves())
        row = np.flatnonzero((recorded.d == 60) & (recorded.seed == 1))[0]
        for name, error in again.items():
            assert recorded.errors[name][row] == pytest.approx(error, rel=1e-10)

    def test_another_files_columns_are_refused(self, tmp_path):
        path = tmp_path / "other.csv"
        path.write_text("a,b\n1,2\n", encoding="utf-8")
        with pytest.raises(ValueError, match="must have the columns"):
            produce(path, "abc")
        assert path.read_text(encoding="utf-8") == "a,b\n1,2\n"

    def test_a_short_row_is_an_error(self):
        with pytest.raises(ValueError, match="row 0 must have 4 fields, got 3"):
            load("# note\nd,alpha,seed,x\n250,0.1,0\n")

    def test_missing_cells_are_nan(self):
        assert np.isnan(load("d,alpha,seed,x\n250,0.1,0,\n").errors["x"][0])

    def test_command_line(self, tmp_path, capsys):
        assert finite_size.main(["--out", str(tmp_path / "x.csv"), "--revision", "r"]) == 0
        assert capsys.readouterr().out == "8 new rows\n"


@pytest.mark.parametrize("slab", ["sign", "gaussian"])
def test_the_only_coordinate_of_a_group_has_the_size_of_the_group(slab):
    task = TaskDistribution.pretrain_finetune(0.1, 0.1, 0.5, slab=slab)
    curve = next(one for one in curves() if one.setting.task == task)
    sizes = exact_group_sizes(task.probabilities, 20)
    teacher = draw_teacher(curve, 20, np.random.default_rng(0))
    parts = np.split(teacher, np.cumsum(sizes)[:-1])
    alone = [(part, g) for part, g in zip(parts, task.groups, strict=True) if part.size == 1]
    assert any(group.ft_amplitude for _, group in alone)
    for part, group in alone:
        assert abs(part[0]) == pytest.approx(group.ft_amplitude, rel=1e-12)
