"""The free energy against made-up problems whose limit is known, and against the recorded ones."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp

from empirics.free_energy import Recorded, problems, seeds_of
from numerics import solve_replica
from verify.claims.crosscheck import _free_energy, free_energy
from verify.claims.crosscheck._free_energy import (
    FREE_ENERGY,
    SOLVED,
    F,
    T,
    decide,
    decide_scatter,
    distances,
    predicted,
)
from verify.claims.crosscheck.free_energy import (
    EXACT,
    MISFIT,
    NORMAL,
    PARTS,
    STATED,
    decide_parts,
    per_cent_more,
    solution_of,
    valued,
)
from verify.methods.equivalence import LEVEL
from verify.methods.relations import Limit, Relation

CHOSEN = range(0, 64, 3)


@cache
def values(index):
    """The solver's own objective and training error of a problem."""
    problem = problems()[index]
    curve = solve_replica(
        problem.curve.setting.task,
        problem.curve.setting.initialization,
        problem.alpha,
        noise_variance=problem.curve.noise_variance,
        ridge=problem.ridge,
    )
    return float(curve.objective[0]), float(curve.training_error[0])


@cache
def made_up(factor=1.0, scatter=0.2, broken=None):
    """Rows whose objectives are F·(1 + 3/d + the squares' part + noise), seed by seed."""
    rng, rows, measured = np.random.default_rng(0), [], []
    for index in CHOSEN:
        for d, count in ((260, 60), (500, 20), (1000, 40)):
            for seed in range(count):
                rows.append((index, d, seed))
                squares = rng.standard_normal(5) / d**0.5
                noise = 0.8 * squares[0] - 2.0 * squares[3] + scatter * rng.normal() / d**0.5
                least, error = (value * factor * (1 + 3 / d + noise) for value in values(index))
                measured.append((least, least, error, squares))
    if broken is not None:
        measured[7] = (broken, *measured[7][1:])
    return Recorded(*np.array(rows).T, *(np.array(part) for part in zip(*measured, strict=True)))


def of(stated, **how):
    """The statement about made-up rows; the same function for the same rows."""
    return stated._replace(rows=_rows(tuple(how.items())))


@cache
def _rows(how):
    return lambda: made_up(**dict(how))


@pytest.mark.parametrize("index", CHOSEN)
def test_what_is_stated_is_the_solvers_own_objective(index):
    least, error = values(index)
    assert predicted(STATED, index) == pytest.approx(least, rel=1e-12)
    assert predicted(MISFIT, index) == pytest.approx(error, rel=1e-12, abs=1e-300)


class TestMadeUp:
    def test_what_tends_to_the_value_holds_though_no_finite_size_has_it(self):
        evidence = decide(of(STATED))
        assert evidence.holds is True
        assert evidence.figure < LEVEL
        assert evidence.data["problems"] == len(CHOSEN)
        assert {one.between for one in evidence.comparisons} == {
            ("finite networks", "replica curve")
        }

    def test_training_errors_only_where_there_is_a_ridge(self):
        evidence = decide(of(MISFIT))
        assert evidence.holds is True
        with_ridge = [index for index in CHOSEN if problems()[index].ridge > 0]
        assert evidence.data["problems"] == len(with_ridge) < len(CHOSEN)

    @pytest.mark.parametrize("factor", [0.98, 1.02])
    def test_two_per_cent_are_noticed(self, factor):
        evidence = decide(of(STATED, factor=factor))
        assert evidence.holds is False
        assert evidence.counterexample["problem"] in {one.name for one in problems()}
        assert float(evidence.counterexample["relative deviation"]) == pytest.approx(
            factor - 1, abs=0.01
        )

    def test_too_much_scatter_decides_nothing(self):
        evidence = decide(of(STATED, scatter=20.0))
        assert evidence.holds is None
        assert not evidence.comparisons

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_what_is_no_number_confirms_nothing(self, bad):
        with pytest.raises(ValueError, match="must be finite"):
            decide(of(STATED, broken=bad))

    def test_distances_are_those_of_a_normal_variable(self):
        found = decide_scatter(NORMAL._replace(prediction=of(EXACT)))
        assert found.figure > LEVEL
        assert found.smallest

    def test_distances_that_are_too_small_are_noticed(self, monkeypatch):
        """Standard errors twice as large as the scatter: z² is a quarter of what it should be."""
        plain = _free_energy.extrapolate_controlled

        def doubled(*arguments):
            found = plain(*arguments)
            return replace(found, error=2 * found.error)

        monkeypatch.setattr(_free_energy, "extrapolate_controlled", doubled)
        assert decide_scatter(NORMAL._replace(prediction=of(EXACT))).figure < 1e-3

    def test_the_squares_are_taken_out(self, monkeypatch):
        plain = _free_energy.extrapolate_controlled
        with_squares = [one.estimate.error for one in distances(of(STATED))]
        monkeypatch.setattr(
            _free_energy, "extrapolate_controlled", lambda d, x, known: plain(d, x, known[:, :0])
        )
        without = [one.estimate.error for one in distances(of(STATED))]
        assert np.median(np.divide(without, with_squares)) > 3


class TestRecorded:
    def test_distances_are_resolved_far_below_the_margin(self):
        errors = [one.estimate.error for one in distances(STATED)]
        assert len(errors) == 64
        assert max(errors) < 0.003

    @pytest.mark.parametrize("per_cent", [-1.5, 1.5])
    def test_less_than_two_per_cent_are_noticed_as_well(self, per_cent):
        assert decide(per_cent_more(STATED, per_cent)).holds is False

    @pytest.mark.parametrize(
        "body",
        [
            lambda q, a, r, theta, tau: q + a * r / 2 * theta / tau,
            lambda q, a, r, theta, tau: q - a * r / 2 * (theta / tau) ** 2,
            lambda q, a, r, theta, tau: q + a * r**2 / 2 * (theta / tau) ** 2,
            lambda q, a, r, theta, tau: q + a**2 * r / 2 * (theta / tau) ** 2,
            lambda q, a, r, theta, tau: q + a * r / 2 * (theta / tau) ** 4,
            lambda q, a, r, theta, tau: q + a / 2 * (theta / tau) ** 2,
        ],
        ids=["θ/τ", "−", "ϱ²", "α²", "(θ/τ)⁴", "without ϱ"],
    )
    def test_other_values_fall(self, body):
        other = valued(STATED, body)
        assert other.latex() != STATED.latex()
        assert decide(other).holds is False

    @pytest.mark.parametrize(
        "body",
        [
            lambda c, a, r, s: SOLVED(c**2, a, r, s**2),
            lambda c, a, r, s: SOLVED(c, a**2, r, s**2),
            lambda c, a, r, s: SOLVED(c, a, r**2, s**2),
            lambda c, a, r, s: SOLVED(c, a, r, s**4),
            lambda c, a, r, s: SOLVED(c, a, r, 0),
            lambda c, a, r, s: SOLVED(c, a, r / 2, s**2),
        ],
        ids=["c²", "α²", "ϱ²", "σ⁴", "no noise", "ϱ/2"],
    )
    def test_solutions_of_other_parameters_fall(self, body):
        other = solution_of(STATED, body)
        assert other.latex() != STATED.latex()
        assert decide(other).holds is False

    def test_rows_that_are_missing_confirm_nothing(self, monkeypatch):
        kept = _free_energy.load()
        fewer = Recorded(**{name: column[1:] for name, column in vars(kept).items()})
        monkeypatch.setattr(_free_energy, "load", lambda: fewer)
        with pytest.raises(ArithmeticError, match="must have the rows planned"):
            _free_energy.recorded.__wrapped__()


class TestStatements:
    @pytest.mark.parametrize(
        "changed",
        [{"relation": Relation.AT_LEAST}, {"limit": Limit(_free_energy.D, 0)}],
        ids=["relation", "limit"],
    )
    def test_only_small_deviations_of_large_problems_are_decided(self, changed):
        other = STATED._replace(tends=replace(STATED.tends, **changed))
        assert other.latex() != STATED.latex()
        with pytest.raises(ValueError, match=r"tested to be near|vanish as d"):
            decide(other)

    def test_a_margin_is_no_law_of_z_and_an_equality_no_margin(self):
        with pytest.raises(ValueError, match="a mean must be stated"):
            decide_scatter(NORMAL._replace(prediction=STATED))
        with pytest.raises(ValueError, match="tested to be near"):
            decide(EXACT)

    def test_what_is_measured_must_be_named(self):
        other = STATED._replace(tends=free_energy.near(F, T, 0.01))
        with pytest.raises(ValueError, match="must be measured"):
            decide(other)

    def test_what_is_predicted_must_be_defined(self):
        with pytest.raises(ValueError, match="must define"):
            decide(STATED._replace(value=replace(FREE_ENERGY, name=T)))

    @pytest.mark.parametrize("part", ["square", "beyond"])
    def test_the_law_of_z_is_that_shown(self, part):
        other = NORMAL._replace(**{part: replace(getattr(NORMAL, part), name=free_energy.Z)})
        with pytest.raises(ValueError, match="must be stated"):
            decide_scatter(other)

    @pytest.mark.parametrize(
        "body",
        [
            lambda q, error, alpha, ridge: q + sp.Rational(101, 100) * alpha * error / (2 * ridge),
            lambda q, error, alpha, ridge: (
                sp.Rational(10001, 10000) * q + alpha * error / (2 * ridge)
            ),
            lambda q, error, alpha, ridge: q + alpha * error / (2 * ridge) + 1e-6,
        ],
        ids=["1.01 T", "1.0001 Q", "+ 10⁻⁶"],
    )
    def test_the_least_value_is_that_of_its_parts(self, body):
        assert decide_parts(PARTS).figure < 1e-9
        assert decide_parts(replace(PARTS, body=body)).figure > 1e-9

    def test_every_regime_and_slab_is_measured_anew_in_the_full_tier(self):
        again = problems()[:: free_energy.EVERY]
        assert {one.regime for one in again} == {"I", "II", "III", "IV"}
        assert {one.curve.setting.slab for one in again} == {"gaussian", "sign"}
        assert len({one.kind for one in again}) == len(problems()) // 8
        assert max(max(seeds_of(one).values()) for one in problems()) < free_energy.LIVE_SEEDS
