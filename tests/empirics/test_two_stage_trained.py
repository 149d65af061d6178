"""Networks trained through both stages: their plan, what a row holds, and the file."""

from dataclasses import replace

import numpy as np
import pytest

from empirics import two_stage_trained
from empirics.two_stage import solve
from empirics.two_stage_trained import (
    ALPHA_PT,
    CASES,
    KEYS,
    MEASURED,
    NOISE_PT,
    RATES,
    SEEDS,
    THRESHOLD,
    TOGETHER,
    Recorded,
    converged,
    instance,
    load,
    measure,
    plan,
    produce,
)


def made_up(error, *, seeds=SEEDS):
    """Return a record whose errors are a function of problem, rate and seed."""
    keys = [key for key in plan() if key[2] < seeds]
    errors = np.array([error(*key) for key in keys])
    measured = {name: np.full(len(keys), np.nan) for name in MEASURED} | {"error": errors}
    problem, rate, seed = (np.array(one) for one in zip(*keys, strict=True))
    return Recorded(problem, rate, seed, measured)


def test_every_problem_is_planned_with_both_rates_and_all_seeds():
    assert [(one.noise_variance_pt, one.alpha_pt) for one in CASES] == [
        (noise, alpha_pt) for noise in NOISE_PT for alpha_pt in ALPHA_PT
    ]
    rows = list(plan())
    assert sorted(rows) == sorted(
        (index, rate, seed) for index in range(10) for rate in RATES for seed in range(SEEDS)
    )
    # The first seeds of all problems come first: an incomplete record has whole batches.
    assert {index for index, _, _ in rows[: 10 * 2 * TOGETHER]} == set(range(10))


def test_both_rates_have_the_same_data_and_every_row_its_own():
    first, again, other = instance(0, 3), instance(0, 3), instance(0, 4)
    np.testing.assert_array_equal(first.pretraining.X, again.pretraining.X)
    assert not np.array_equal(first.finetuning.X, other.finetuning.X)
    assert first.pretraining.X.shape == (30, 300)
    assert instance(9, 0).pretraining.X.shape == (450, 300)


def test_errors_that_go_as_the_rate_are_extrapolated():
    record = made_up(lambda index, rate, seed: np.exp(index + 0.01 * seed + 1.3 * rate))
    np.testing.assert_allclose(record.at_no_rate(4), 4.0 + 0.01 * np.arange(SEEDS), rtol=1e-13)
    assert record.of("error", 2, 0.05).shape == (SEEDS,)


def test_networks_are_paired_by_their_seeds():
    record = made_up(lambda index, rate, seed: 1.0 + seed)
    kept = ~((record.rate == 0.05) & (record.seed == 3))
    part = Recorded(record.problem[kept], record.rate[kept], record.seed[kept], record.measured)
    with pytest.raises(ValueError, match=r"problem 2 must have the same seeds at both rates, got"):
        part.at_no_rate(2)


@pytest.mark.parametrize("wrong", [(10, 0.05, 0), (0, 0.02, 0), (0, 0.05, 40), (-1, 0.05, 0)])
def test_there_is_no_such_row(wrong):
    with pytest.raises(ValueError, match="a row must have one of 10 problems, a rate in"):
        measure(*wrong)


def test_only_least_squares_may_stop_above_the_training_error():
    row = {"pt training error": 1e-3, "training error": THRESHOLD}
    assert [converged(one, row) for one in CASES] == [False] * 9 + [True]
    assert not converged(CASES[9], row | {"training error": 2 * THRESHOLD})


def text_of(index=0, **cells):
    """Return a file of one row."""
    values = dict.fromkeys(MEASURED, 0.5) | {"training error": 1e-10, "pt training error": 1e-10}
    values |= {name.replace("_", " "): value for name, value in cells.items()}
    head = "".join(f"# problem {place}: {one.name}\n" for place, one in enumerate(CASES))
    row = ",".join(str(one) for one in (index, 0.05, 0, *values.values()))
    return f"# made up\n{head}{','.join((*KEYS, *MEASURED))}\n{row}\n"


def test_a_record_is_read():
    kept = load(text_of(3, error=0.25))
    assert (kept.problem.tolist(), kept.rate.tolist(), kept.seed.tolist()) == ([3], [0.05], [0])
    assert kept.measured["error"].tolist() == [0.25]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"error": "nan"}, "row 0 must have a finite and positive error, got nan"),
        ({"convex_pt_error": 0.0}, "must have a finite and positive convex pt error, got 0"),
        ({"training_error": 1e-8}, r"must end at training errors of 1e-09 at most, got 1e-10 and"),
        ({"pt_training_error": 1e-8}, "must end at training errors of 1e-09 at most, got 1e-08"),
    ],
)
def test_a_network_that_did_not_end_is_refused(cells, message):
    with pytest.raises(ValueError, match=message):
        load(text_of(**cells))


def test_a_record_of_other_problems_is_refused():
    with pytest.raises(ValueError, match="must say what its problems are"):
        load(text_of().replace("# problem 7:", "# problem seven:"))


def test_a_file_is_continued_and_holds_what_is_trained(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    small = tuple(replace(one, c=0.3) for one in CASES)
    for name, value in (("CASES", small), ("D", 40), ("TOGETHER", 2)):
        monkeypatch.setattr(two_stage_trained, name, value)
    rows = [(1, 0.05, 0), (1, 0.05, 1), (4, 0.0125, 1)]
    monkeypatch.setattr(two_stage_trained, "plan", lambda: iter(rows))
    two_stage_trained._measured.cache_clear()
    out = tmp_path / "some.csv"
    assert produce(out, "abc") == 3
    whole = out.read_text("utf-8")
    out.write_text(whole[: whole.rindex("\n", 0, -1) + 8], encoding="utf-8")
    two_stage_trained._measured.cache_clear()
    assert produce(out, "abc") == 1
    assert out.read_text("utf-8") == whole
    kept = load(whole)
    drawn = instance(1, 1)
    end = solve("it", small[1].initialization, drawn)
    convex = float(np.mean((end.finetuned - drawn.finetuning.truth) ** 2))
    assert kept.measured["convex error"][1] == pytest.approx(convex, rel=1e-6)
    assert abs(np.log(kept.measured["error"][1] / convex)) < 5 * 0.05
    # Pretraining with more examples than coordinates recovers the teacher.
    assert kept.measured["convex pt error"][2] < 1e-25
    assert 0 < kept.measured["pt error"][2] < 1e-5
    two_stage_trained._measured.cache_clear()
