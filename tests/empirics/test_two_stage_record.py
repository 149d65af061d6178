"""The record of both stages from data: its plan, what a row holds, and the file."""

import numpy as np
import pytest

from empirics import two_stage_record
from empirics.two_stage import draw
from empirics.two_stage_record import (
    DIMENSIONS,
    FIFTHS,
    KEYS,
    MEASURED,
    PT_SQUARES,
    SQUARES,
    expected_squares,
    load,
    measure,
    plan,
    problems,
    produce,
    seeds_of,
    square_deviations,
)
from numerics.tasks import exact_group_sizes


class TestPlan:
    def test_problems_cover_what_is_said(self):
        stages = [one.stages for one in problems()]
        assert len(set(stages)) == len(stages) == 64
        assert {one.label for one in problems()} == {"I", "II", "III", "IV", "baseline"}
        assert {one.overlap for one in stages} == {0.0, 0.5, 1.0}
        assert {one.noise_variance_pt for one in stages} == {0.0, 0.01, 0.1}
        assert {one.noise_variance for one in stages} == {0.0, 0.1}
        assert {(one.slab, one.pt_slab) for one in stages} == {
            (one, other) for one in ("sign", "gaussian") for other in ("sign", "gaussian")
        }
        assert {one.alpha_pt for one in stages} == {0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.5}
        assert all(one.noise_variance_pt > 0.0 for one in stages if one.alpha_pt > 1.0)
        assert len({one.name for one in problems()}) == 64

    def test_every_dimension_has_the_shares_of_the_task_and_whole_examples(self):
        for stages, _, _ in problems():
            for d in DIMENSIONS:
                shares = stages.task.probabilities
                assert exact_group_sizes(shares, d) == pytest.approx(shares * d, abs=1e-9)
                for alpha in (stages.alpha, stages.alpha_pt):
                    assert alpha * d == pytest.approx(round(alpha * d), abs=1e-9)

    def test_rows_are_planned_once_and_all_problems_come_early(self):
        rows = list(plan())
        counts = [count for one in problems() for count in seeds_of(one).values()]
        assert len(set(rows)) == len(rows) == sum(n - n // 5 for n in counts)
        assert all(seed % 5 < FIFTHS for _, _, seed in rows)
        first = rows[: len(rows) // 3]
        assert {index for index, _, _ in first} == set(range(64))

    def test_more_seeds_where_the_scatter_is_larger(self):
        many = {one.scatter: seeds_of(one)[1000] for one in problems()}
        assert [many[s] for s in sorted(many)] == sorted(many.values())
        assert min(many.values()) == 20


@pytest.mark.parametrize("index", [1, 4, 63])
def test_squares_have_the_stated_means(index):
    stages = problems()[index].stages
    rng = np.random.default_rng(5)
    rows = []
    for _ in range(400):
        drawn = draw(stages, 60, rng)
        before = square_deviations(
            drawn.pretraining, (drawn.pretraining.truth == 0) * 1, stages.noise_variance_pt
        )
        after = square_deviations(drawn.finetuning, drawn.group, stages.noise_variance)
        rows.append(np.concatenate([before, after]))
    z = np.mean(rows, axis=0) / (np.std(rows, axis=0) / 20.0)
    assert np.abs(z).max() < 4.0
    expected = expected_squares(drawn.finetuning, drawn.group, stages.noise_variance)
    assert expected.shape == (1 + len(stages.task.groups),)


def test_a_row_holds_errors_by_groups_scales_and_squares():
    found = measure(1, 260, 10**6)
    assert set(found) == set(MEASURED)
    shares = dict(
        zip(
            ("overlap", "new", "pt-only", "none"),
            problems()[1].stages.task.probabilities,
            strict=True,
        )
    )
    parts = sum(share * found[f"error {name}"] for name, share in shares.items())
    assert found["error"] == pytest.approx(parts)
    assert found["pt error"] == pytest.approx(
        0.2 * found["pt error active"] + 0.8 * found["pt error inactive"]
    )
    assert found["scale active"] > found["scale inactive"] > 0.0
    assert max(abs(found[name]) for name in (*SQUARES, *PT_SQUARES)) < 1.0
    assert measure(1, 260, 10**6) == found
    assert measure(1, 260, 10**6 + 1)["error"] != found["error"]
    assert "error overlap" not in measure(0, 260, 10**6)


@pytest.mark.parametrize("wrong", [-1, 64])
def test_there_is_no_such_problem(wrong):
    with pytest.raises(ValueError, match=f"one of 64, got {wrong}"):
        measure(wrong, 260, 0)


def test_a_file_is_continued_and_read(tmp_path, monkeypatch):
    rows = [(1, 260, 0), (0, 260, 0), (1, 260, 1)]
    monkeypatch.setattr(two_stage_record, "plan", lambda: iter(rows))
    out = tmp_path / "some.csv"
    assert produce(out, "abc") == 3
    whole = out.read_text("utf-8")
    out.write_text(whole[: whole.rindex("\n", 0, -1) + 8], encoding="utf-8")
    assert produce(out, "abc") == 1
    assert out.read_text("utf-8") == whole
    kept = load(whole)
    assert list(zip(kept.problem, kept.d, kept.seed, strict=True)) == rows
    again = measure(1, 260, 1)
    assert kept.measured["error"][2] == pytest.approx(again["error"], rel=1e-6)
    assert kept.squares(1).shape == (2, 8)
    assert kept.squares(0).shape == (1, 7)  # no overlap there
    assert np.isnan(kept.measured["error overlap"][1])


def test_what_is_no_record_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(two_stage_record, "plan", lambda: iter([(0, 260, 0)]))
    out = tmp_path / "some.csv"
    produce(out, "abc")
    text = out.read_text("utf-8")
    with pytest.raises(ValueError, match="must have the columns"):
        load(text.replace("pt error,", "pt_error,", 1))
    with pytest.raises(ValueError, match="must say what its problems are"):
        load(text.replace("# problem 7:", "# problem seven:"))
    value = text.splitlines()[-1].split(",")[len(KEYS)]
    with pytest.raises(ValueError, match="row 0 must have a finite error, got nan"):
        load(text.replace(f"0,260,0,{value}", "0,260,0,"))
