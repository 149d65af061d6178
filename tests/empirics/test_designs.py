"""Designs of other laws: their moments, what is measured on them, and the file."""

from importlib.resources import files

import numpy as np
import pytest

from empirics import designs, finite_problems, finite_size
from empirics.designs import (
    DESIGNS,
    Case,
    autoregressive,
    cases,
    column,
    columns,
    instance,
    measure,
    measured_on,
    plan,
    produce,
    recorded,
)
from empirics.finite_problems import scales_of
from empirics.finite_size import draw, problem
from numerics import convex, solve_replica


class TestLaws:
    @pytest.mark.parametrize("design", DESIGNS)
    def test_entries_have_mean_zero_and_variance_one_over_n(self, design):
        X = instance(design, 1000, 0.28, 5)[0]
        assert X.shape == (280, 1000)
        # A fourth moment that is infinite scatters: the sum of squares has no variance.
        assert np.mean(X**2) * 280 == pytest.approx(1.0, rel=0.2 if design == "student" else 0.05)
        assert abs(X.mean()) * 280**0.5 < 0.02

    def test_signs_are_of_one_size(self):
        X, _ = instance("rademacher", 250, 0.12, 0)
        assert np.unique(np.abs(X)).tolist() == [1 / np.sqrt(30)]
        assert np.array_equal(np.sign(X), np.sign(draw(250, 0.12, 0)[0]))

    def test_a_tenth_of_the_entries_is_not_zero(self):
        X, _ = instance("sparse", 1000, 0.28, 0)
        assert np.mean(X != 0) == pytest.approx(0.1, rel=0.02)

    def test_each_row_has_four_entries_and_columns_share_them(self):
        X, _ = instance("four-per-row", 500, 0.28, 0)
        assert set(np.count_nonzero(X, axis=1)) == {4}
        assert np.linalg.matrix_rank(X) == 140
        counts = np.bincount(np.count_nonzero(X, axis=0))
        # Nearly Poisson of mean 4·0.28: a third of the columns is empty.
        assert counts[0] / 500 == pytest.approx(np.exp(-4 * 0.28), rel=0.15)

    def test_student_entries_have_the_tails_of_three_degrees_of_freedom(self):
        X = instance("student", 2000, 0.28, 0)[0] * np.sqrt(560 * 3)  # variance 3, as t has
        # P(|t₃| > 10) from tables of Student's law.
        assert np.mean(np.abs(X) > 10) == pytest.approx(0.002128, rel=0.1)
        assert np.mean(np.abs(X) > 1) == pytest.approx(0.391, rel=0.01)

    @pytest.mark.parametrize("axis", [0, 1])
    @pytest.mark.parametrize("r", [0.8, -0.3])
    def test_autoregressive_covariance_is_exact(self, axis, r):
        root = autoregressive(np.eye(6), r, axis)
        covariance = root @ root.T if axis == 0 else root.T @ root
        place = np.arange(6)
        assert covariance == pytest.approx(r ** np.abs(place[:, None] - place))

    def test_autoregressive_changes_nothing_it_was_given(self):
        gaussian = np.ones((3, 3))
        autoregressive(gaussian, 0.5, 0)
        assert np.array_equal(gaussian, np.ones((3, 3)))

    @pytest.mark.parametrize("r", [1.0, -1.5, np.nan])
    def test_a_correlation_beyond_one_is_refused(self, r):
        with pytest.raises(ValueError, match="must satisfy -1 < r < 1, got r="):
            autoregressive(np.eye(2), r, 0)

    def test_mixed_features_are_those_in_order(self):
        mixed, ordered = (
            instance(name, 250, 0.12, 1)[0] for name in ("correlated-features", "features-in-order")
        )
        place = [int(np.flatnonzero((ordered == x[:, None]).all(axis=0))[0]) for x in mixed.T]
        assert sorted(place) == list(range(250))
        assert place != sorted(place)
        assert np.mean(ordered[:, 1:] * ordered[:, :-1]) * 30 == pytest.approx(0.8, rel=0.1)
        assert abs(np.mean(mixed[:, 1:] * mixed[:, :-1])) * 30 < 0.1

    def test_neighbouring_examples_are_correlated(self):
        X, _ = instance("correlated-examples", 1000, 0.28, 0)
        assert np.mean(X[1:] * X[:-1]) * 280 == pytest.approx(0.8, rel=0.05)
        assert np.mean(X[2:] * X[:-2]) * 280 == pytest.approx(0.64, rel=0.05)


class TestCases:
    def test_names_are_unique_and_all_scales_are_positive(self):
        names = [case.name for case in cases()]
        assert len(set(names)) == len(names) == 16
        assert all(scales_of(case).all() for case in cases())

    def test_a_ridge_is_part_of_the_name(self):
        ridged = [case for case in cases() if case.ridge]
        assert {case.setting.slab for case in ridged} == {"gaussian", "sign"}
        assert all(case.name.endswith("baseline ridge=0.5") for case in ridged)
        assert not any(case.interpolates for case in ridged)

    def test_noise_does_not_interpolate(self):
        noisy = [case for case in cases() if case.noise_variance]
        assert len(noisy) == 2
        assert not any(case.interpolates for case in noisy)

    def test_what_is_measured_where(self):
        assert measured_on("gaussian") == cases()
        assert len(measured_on("correlated-examples")) == 4
        assert len(columns()) == 7 * 16 + 4
        with pytest.raises(ValueError, match="design must be one of"):
            measured_on("uniform")


class TestMeasure:
    def test_the_gaussian_design_is_that_of_finite_size(self):
        chosen = cases()[:3]
        errors = measure("gaussian", 250, 0.28, 0, chosen)
        expected = finite_size.measure(250, 0.28, 0, chosen)
        assert errors == {column("gaussian", case): expected[case.name] for case in chosen}

    def test_a_ridge_and_noise_reach_the_solver(self):
        """The cone programme has the same error; neither is without effect."""
        ridged = Case(cases()[0].setting, 0.2, 0.5)
        X, teachers = instance("rademacher", 250, 0.12, 0)
        y, scale, truth = problem(ridged, X, teachers, 0)
        found = convex.minimum_penalty(X, y, scale, ridge=0.5)
        error = float(np.mean((found.beta - truth) ** 2))
        name = column("rademacher", ridged)
        assert measure("rademacher", 250, 0.12, 0, [ridged])[name] == pytest.approx(error, rel=1e-4)

    def test_errors_of_signs_are_near_the_replica_curve(self):
        lazy = [case for case in cases() if case.setting.gamma == 10.0]
        errors = measure("rademacher", 500, 0.28, 3, lazy)
        for case in lazy:
            task, init = case.composed(500), case.setting.initialization
            expected = float(solve_replica(task, init, 0.28).mse[0])
            assert errors[column("rademacher", case)] == pytest.approx(expected, rel=0.1)

    def test_what_is_not_solved_is_an_error(self, monkeypatch):
        solve = finite_problems.minimum_penalty
        monkeypatch.setattr(
            finite_problems,
            "minimum_penalty",
            lambda *problem, **how: solve(*problem, max_iterations=1),
        )
        with pytest.raises(finite_problems.UnsolvedError, match=r"gaussian: .* at d=250"):
            measure("gaussian", 250, 0.28, 0, cases()[:1])


class TestRecorded:
    """The file that comes with the code."""

    def test_it_has_every_column_and_says_how_it_was_made(self):
        text = (files("empirics") / "recorded" / designs.RECORDED).read_text(encoding="utf-8")
        assert tuple(recorded().errors) == columns()
        for word in ("command", "code", "hardware", "versions", "seeds", "begun"):
            assert f"\n# {word}: " in text

    def test_it_holds_every_row_of_the_plan_once_and_every_error(self):
        kept = recorded()
        rows = list(zip(kept.d.tolist(), kept.alpha.tolist(), kept.seed.tolist(), strict=True))
        assert len(rows) == len(set(rows)) == 2 * sum(designs.SEEDS.values())
        assert set(rows) == set(plan())
        assert all((errors > 0.0).all() for errors in kept.errors.values())


class TestFile:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch):
        few = cases()[:2]
        monkeypatch.setattr(designs, "cases", lambda: few)
        monkeypatch.setattr(designs, "SEEDS", {60: 2, 80: 1})

    def test_a_killed_run_continues_to_the_same_file(self, tmp_path):
        whole, broken = tmp_path / "whole.csv", tmp_path / "broken.csv"
        assert produce(whole, "abc") == 6
        text = whole.read_text(encoding="utf-8")
        lines = text.splitlines(keepends=True)
        broken.write_text("".join(lines[:-3]) + lines[-3][:20], encoding="utf-8")
        assert produce(broken, "abc") == 3
        assert broken.read_text(encoding="utf-8") == text
        broken.write_text("".join(lines[:-3]), encoding="utf-8")
        assert produce(broken, "later") == 3
        continued = broken.read_text(encoding="utf-8").replace("# code: later, from row 3 on\n", "")
        assert continued == text
        assert produce(whole, "abc") == 0

    def test_reads_what_it_wrote(self, tmp_path):
        path = tmp_path / "errors.csv"
        produce(path, "abc")
        text = path.read_text(encoding="utf-8")
        found, again = recorded(text), measure("student", 60, 0.28, 1, designs.cases())
        assert "# code: abc" in text
        row = np.flatnonzero((found.d == 60) & (found.seed == 1) & (found.alpha == 0.28))[0]
        for name, error in again.items():
            assert found.errors[name][row] == pytest.approx(error, rel=1e-10)

    def test_another_files_columns_are_refused(self, tmp_path):
        path = tmp_path / "other.csv"
        path.write_text("a,b\n1,2\n", encoding="utf-8")
        with pytest.raises(ValueError, match="must have the columns d,alpha,seed,gaussian"):
            produce(path, "abc")
        assert path.read_text(encoding="utf-8") == "a,b\n1,2\n"

    def test_command_line(self, tmp_path, capsys):
        assert designs.main(["--out", str(tmp_path / "x.csv"), "--revision", "r"]) == 0
        assert capsys.readouterr().out == "6 new rows\n"


def test_there_is_no_such_design():
    with pytest.raises(ValueError, match="design must be one of"):
        instance("foo", 250, 0.28, 0)
