"""Least objectives of finite problems: the plan, the draw, what is measured, and the file."""

from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from empirics import free_energy
from empirics.experiments import REGIMES
from empirics.free_energy import (
    draw,
    expected_squares,
    load,
    measure,
    plan,
    problems,
    produce,
    seeds_of,
)
from numerics import convex, solve_replica
from numerics.penalty import penalty
from numerics.tasks import exact_group_sizes


class TestPlan:
    def test_problems_are_both_slabs_and_all_regimes_at_each_kind(self):
        seen = {(p.curve.setting.slab, p.regime, p.kind) for p in problems()}
        assert len(seen) == len(problems()) == 64
        assert {regime for _, regime, _ in seen} == set(REGIMES)
        ridges = {ridge for _, _, (_, ridge, _) in seen}
        assert 0.0 in ridges
        assert len(ridges) >= 3
        assert any(noise > 0 for _, _, (_, _, noise) in seen)
        assert any(alpha > 1 for _, _, (alpha, _, _) in seen)

    def test_regimes_are_those_of_figure_5(self):
        for problem in problems():
            init = problem.curve.setting.initialization
            assert (init.c, init.lam / init.c, init.gamma) == pytest.approx(REGIMES[problem.regime])
            assert free_energy.sizes_of(problem.curve, 260).sum() == 260

    def test_every_dimension_has_the_shares_of_the_task_and_whole_examples(self):
        for problem in problems():
            shares = problem.curve.setting.task.probabilities
            for d, count in seeds_of(problem).items():
                assert exact_group_sizes(shares, d) == pytest.approx(shares * d, abs=1e-9)
                assert problem.alpha * d == pytest.approx(round(problem.alpha * d), abs=1e-9)
                assert count >= 2

    def test_more_seeds_where_the_scatter_is_larger(self):
        by_regime = {p.regime: sum(seeds_of(p).values()) for p in problems()[:4]}
        assert max(by_regime, key=by_regime.get) == "II"
        assert {d for _, d, _ in plan()} == {260, 500, 1000, 2000, 5000}


class TestDraw:
    def test_the_same_seed_gives_another_design_in_each_problem(self):
        first, second = (free_energy.draw(index, 260, 0).X for index in (0, 1))
        assert first.shape == second.shape
        assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05
        assert np.array_equal(first, free_energy.draw(0, 260, 0).X)

    @pytest.mark.parametrize("index", [0, 37], ids=["noiseless", "noisy"])
    def test_means_of_the_squares(self, index):
        """Over 400 draws, each within four standard errors; one quarter off would be seen."""
        problem, d = problems()[index], 60
        sizes = exact_group_sizes(problem.curve.setting.task.probabilities, d)
        assert (problem.curve.noise_variance > 0.0) is (index == 37)
        drawn = []
        for seed in range(400):
            X, y, _ = free_energy.draw(index, d, seed)
            parts = np.split(X.T @ y, np.cumsum(sizes)[:-1])
            drawn.append([y @ y, *(part @ part for part in parts)])
        ratio = np.array(drawn) / expected_squares(problem, d)
        error = ratio.std(axis=0, ddof=1) / 20
        assert np.all(np.abs(ratio.mean(axis=0) - 1) < 4 * error)
        assert np.all(error < 0.06)

    def test_squares_of_one_column_by_hand(self):
        """One example: xᵀy = x²β and y = xβ with x ~ N(0, 1), so E = 3β² and β²."""
        problem = problems()[0]
        moments = [g.second_moment for g in problem.curve.setting.task.groups]
        alone = replace(problem, alpha=1 / 20)
        sizes = exact_group_sizes(problem.curve.setting.task.probabilities, 20)
        total = float(sizes @ moments)
        found = expected_squares(alone, 20)
        assert found[0] == pytest.approx(total)
        # With n = 1, E(xᵢy)² = 2βᵢ² + ‖β*‖² for each column.
        expected = [m * (2 * moment + total) for m, moment in zip(sizes, moments, strict=True)]
        assert found[1:] == pytest.approx(expected)


@pytest.mark.parametrize("index", [0, 13, 41])
def test_what_is_measured_is_the_least_objective_and_its_parts(index):
    problem, (X, y, scale) = problems()[index], free_energy.draw(index, 60, 5)
    found = measure(index, 60, 5)
    cone = convex.minimum_penalty(X, y, scale, ridge=problem.ridge).beta
    part, error = float(np.mean(penalty(cone, scale))), float(np.mean((y - X @ cone) ** 2))
    assert found.penalty == pytest.approx(part, rel=1e-6)
    assert found.training_error == pytest.approx(error, rel=1e-6, abs=1e-15)
    least = part + (problem.alpha * error / (2 * problem.ridge) if problem.ridge else 0.0)
    assert found.objective == pytest.approx(least, rel=1e-9)


class TestRecorded:
    """The file that comes with the code."""

    def test_it_says_how_it_was_made(self):
        text = (files("empirics") / "recorded" / free_energy.RECORDED).read_text(encoding="utf-8")
        for word in ("command", "code", "hardware", "versions", "seeds", "begun", "problem 63"):
            assert f"\n# {word}: " in text

    def test_it_holds_every_row_of_the_plan_once(self):
        kept = load()
        rows = list(zip(kept.problem.tolist(), kept.d.tolist(), kept.seed.tolist(), strict=True))
        assert len(rows) == len(set(rows))
        assert set(rows) == set(plan())

    def test_objectives_are_the_sum_of_their_parts(self):
        kept = load()
        alpha, ridge = np.array([(p.alpha, p.ridge) for p in problems()])[kept.problem].T
        with np.errstate(invalid="ignore", divide="ignore"):
            error = np.where(ridge > 0, alpha * kept.training_error / (2 * ridge), 0.0)
        assert np.allclose(kept.penalty + error, kept.objective, rtol=1e-7, atol=0.0)
        assert np.all(kept.training_error[ridge > 0] > 0)
        assert np.all(kept.training_error[ridge == 0] < 1e-20)

    def test_squares_have_mean_zero(self):
        kept = load()
        for index in range(len(problems())):
            squares = kept.squares[kept.problem == index]
            error = squares.std(axis=0, ddof=1) / len(squares) ** 0.5
            assert np.all(np.abs(squares.mean(axis=0)) < 4.5 * error)

    def test_objectives_are_of_the_size_predicted(self):
        kept = load()
        for index in (0, 21, 42, 63):
            problem = problems()[index]
            setting = problem.curve.setting
            curve = solve_replica(
                setting.task,
                setting.initialization,
                problem.alpha,
                noise_variance=problem.curve.noise_variance,
                ridge=problem.ridge,
            )
            mean = kept.objective[kept.problem == index].mean()
            assert mean == pytest.approx(curve.objective[0], rel=0.03)


class TestFile:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        rows = [(index, d, seed) for index in (0, 13) for d in (20, 40) for seed in range(2)]
        monkeypatch.setattr(free_energy, "plan", lambda: iter(rows))

    def test_a_killed_run_continues_to_the_same_file(self, tmp_path):
        whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
        assert produce(whole, "abc") == 8
        text = whole.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        broken.write_text("".join(lines[:-3]) + lines[-3][:20], encoding="utf-8")
        assert produce(broken, "abc") == 3
        assert broken.read_text(encoding="utf-8") == text
        assert produce(whole, "abc") == 0

    def test_reads_what_it_wrote(self, tmp_path):
        path = tmp_path / "measured.csv"
        produce(path, "abc")
        kept, again = load(path.read_text(encoding="utf-8")), measure(13, 40, 1)
        row = int(np.flatnonzero((kept.problem == 13) & (kept.d == 40) & (kept.seed == 1))[0])
        assert kept.objective[row] == pytest.approx(again.objective, rel=1e-10)
        assert kept.penalty[row] == pytest.approx(again.penalty, rel=1e-7)
        assert kept.training_error[row] == pytest.approx(again.training_error, rel=1e-7)
        assert kept.squares[row] == pytest.approx(again.squares, abs=6e-6)

    def test_incomplete_rows_are_refused(self, tmp_path):
        path = tmp_path / "measured.csv"
        produce(path, "abc")
        lines = path.read_text(encoding="utf-8").splitlines()
        *cells, last = lines[-1].split(",")
        with pytest.raises(ValueError, match="row 7 must have 11 fields, got 10"):
            load("\n".join([*lines[:-1], ",".join(cells)]))
        for bad in ("", "nan", "inf"):
            with pytest.raises(ValueError, match="row 7 must have a finite none"):
                load("\n".join([*lines[:-1], ",".join([*cells, bad])]))
        assert len(load("\n".join([*lines[:-1], ",".join([*cells, last])])).d) == 8

    def test_another_files_columns_are_refused(self, tmp_path):
        path = tmp_path / "other.csv"
        path.write_text("a,b\n1,2\n", encoding="utf-8")
        with pytest.raises(ValueError, match="must have the columns"):
            produce(path, "abc")
        assert path.read_text(encoding="utf-8") == "a,b\n1,2\n"
        with pytest.raises(ValueError, match="must have the columns"):
            load("a,b\n1,2\n")

    def test_a_record_of_other_problems_is_refused(self, tmp_path):
        path = tmp_path / "measured.csv"
        produce(path, "abc")
        text = path.read_text(encoding="utf-8")
        with pytest.raises(ValueError, match="none like 'problem 0: gaussian slab, regime I,"):
            load(text.replace("# problem 0: gaussian slab, regime I,", "# problem 0: another,"))

    def test_command_line(self, tmp_path, capsys):
        path = tmp_path / "x.csv"
        assert free_energy.main(["--out", str(path), "--revision", "r"]) == 0
        assert capsys.readouterr().out == "8 new rows\n"
        assert "# code: r\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("index", "d", "message"),
    [(64, 260, "problem must be one of 64, got 64"), (0, 7, "must be a whole number of examples")],
)
def test_there_is_no_such_row(index, d, message):
    with pytest.raises(ValueError, match=message):
        draw(index, d, 0)
