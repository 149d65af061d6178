"""Decisions on recorded networks: true and false records, few seeds, networks that were lost."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.diagonal_record import Networks, Recorded
from empirics.end_points import ALPHAS, EndPoints, column, end_settings, length_column
from empirics.end_points import load as load_end_points
from empirics.experiments import Setting
from numerics import Initialization, TaskDistribution, solve_replica
from verify.claim import Verdict
from verify.claims.curves._margins import (
    EVERYWHERE,
    Inequalities,
    Line,
    Region,
    above,
    below,
)
from verify.claims.curves._quantities import error, overlap_gap
from verify.claims.curves.regime_winners import WINS
from verify.claims.training import _effects as desk_effects
from verify.claims.training import (
    _recorded,
    learning_rate_gap,
    optimum,
    recorded_end_points,
    regime_winners,
    single_task_lambda,
)
from verify.claims.training import replica_curve as desk_curves
from verify.claims.training._effects import InNetworks, decide, decide_together
from verify.claims.training._minimiser import minimiser
from verify.claims.vision import shared_dimensions_form
from verify.figures import error_curves
from verify.figures.figure import column as cells
from verify.methods.relations import Relation
from verify.run.worker import run_check

ALPHA = np.array([0.01, 0.059, 0.108, 0.157, 0.206, 0.255, 0.304, 0.35, 0.402, 0.45, 0.5])
SEEDS = tuple(range(8))
CHOSEN = [
    setting
    for setting in end_settings("gaussian")
    if setting.rho_ft == 0.1 and setting.relative_scale in (0.0, 0.99, -0.99)
]


def made_up(factor=1.0, spread=0.02, length=1.0, bias=0.0, scale=1.0, seed=0):
    """End points whose errors are `factor` times the replica error, with scatter.

    For teachers of a length, with c_FT times `scale`, and with a bias that falls as 1/d.
    """
    rng = np.random.default_rng(seed)
    rows = [(d, alpha, one) for d in (500, 1000) for alpha in ALPHA for one in SEEDS]
    d, alpha, seeds = np.array(rows, float).T
    columns = {}
    for setting in CHOSEN:
        exact = np.interp(alpha, ALPHA, np.log(exactly(setting, length, scale)))
        scatter = spread * rng.standard_normal(alpha.size) + bias * 500 / d
        columns[column(setting)] = factor * np.exp(exact + scatter)
        columns[length_column(setting)] = np.full(alpha.size, length)
    return EndPoints(d, alpha, seeds, columns)


def exactly(setting, length=1.0, scale=1.0):
    size = np.sqrt(length / setting.rho_ft)
    init = setting.initialization
    init = Initialization(scale * init.c, scale * init.lam, np.sqrt(scale) * init.gamma)
    if setting.overlap is None:
        task = TaskDistribution.single_task(setting.rho_ft, slab="gaussian", amplitude=size)
    else:
        task = TaskDistribution.pretrain_finetune(
            *(0.1, setting.rho_ft, setting.overlap),
            slab="gaussian",
            pt_amplitude=scale,
            ft_amplitude=size,
        )
    return solve_replica(task, init, ALPHA).mse


@pytest.fixture
def use(monkeypatch):
    def using(record):
        monkeypatch.setattr(_recorded, "ends", lambda slab: record)
        monkeypatch.setattr(desk_curves, "curves", lambda: CHOSEN)

    return using


@pytest.mark.parametrize("slab", ["gaussian", "sign"])
def test_records_of_end_points_are_whole(slab):
    found = load_end_points(slab)
    assert _recorded.whole(found) is found

    def without(kept):
        columns = {name: column[kept] for name, column in found.columns.items()}
        return EndPoints(found.d[kept], found.alpha[kept], found.seed[kept], columns)

    # Every setting would lack the same: the claims could not see it.
    for kept in (found.alpha < 0.7, found.seed < 207, found.d < 1000):
        with pytest.raises(ArithmeticError, match="must have the rows planned"):
            _recorded.whole(without(kept))
    name = column(end_settings(slab)[3])
    for cell in (np.nan, 0.0, np.inf):
        holed = found.columns[name].copy()
        holed[5] = cell
        with pytest.raises(ArithmeticError, match=f"must be positive numbers, got {cell} of"):
            _recorded.whole(replace(found, columns={**found.columns, name: holed}))


def test_end_points_of_other_seeds_are_noticed(monkeypatch):
    found = recorded_end_points.decide(recorded_end_points.Copy())
    assert found.figure < 1e-8
    # The same rows, each under the seed of the next.
    real = {slab: load_end_points(slab) for slab in ("gaussian", "sign")}
    moved = {slab: replace(one, seed=np.roll(one.seed, 14)) for slab, one in real.items()}
    monkeypatch.setattr(recorded_end_points, "ends", moved.__getitem__)
    assert recorded_end_points.decide(recorded_end_points.Copy()).figure > 1e-3


STATEMENTS = (desk_curves.EACH, desk_curves.FACTOR, desk_curves.SCALE)


def test_networks_on_the_curve_are_confirmed_and_others_refuted(use):
    use(made_up())
    for statement in STATEMENTS:
        found = desk_curves.decide(statement)
        assert found.holds is True, found.summary
        assert found.comparisons[0].between == ("finite networks", "replica")
        assert found.data["curves"] == len(CHOSEN)
    use(made_up(factor=1.4))
    found = desk_curves.decide(desk_curves.EACH)
    assert found.holds is False
    assert "outside" in found.summary
    # At the margin itself nothing is decided: 1.5 units of 0.05, where a curve is flat.
    use(made_up(factor=np.exp(1.5 * 0.05), spread=0.05))
    assert desk_curves.decide(desk_curves.EACH).holds is None


def test_two_per_cent_of_p_are_noticed(use):
    for factor in (1.02, 0.98):
        use(made_up(factor=factor))
        found = desk_curves.decide(desk_curves.FACTOR)
        assert found.holds is False
        assert found.figure == pytest.approx(abs(np.log(factor)), abs=0.002)
        assert desk_curves.decide(desk_curves.EACH).holds is True


def test_a_factor_on_the_scale_is_found(use):
    use(made_up(scale=1.2))
    found = desk_curves.decide(desk_curves.SCALE)
    assert found.holds is False
    assert float(found.counterexample["value"]) == pytest.approx(np.log(1.2), abs=0.02)


def test_factors_are_those_of_large_networks(use):
    use(made_up(bias=0.05))
    assert desk_curves.decide(desk_curves.FACTOR).holds is True
    near = desk_curves.decide(desk_curves.EACH).figure
    assert near == pytest.approx(0.025 / 0.05, abs=0.1)  # of d = 1000, in units of 5 %


def test_a_teachers_length_is_taken_into_account(use):
    use(made_up(length=1.69))
    assert desk_curves.decide(desk_curves.EACH).figure < 0.2
    use(replace(made_up(length=1.69), columns={**made_up(length=1.69).columns, **lengths(1.0)}))
    assert desk_curves.decide(desk_curves.EACH).holds is False


def lengths(value):
    size = 2 * ALPHA.size * len(SEEDS)
    return {length_column(setting): np.full(size, value) for setting in CHOSEN}


def test_lengths_between_those_solved_for_are_interpolated():
    setting = CHOSEN[0]
    read = (ALPHA, *(4.0 * one for one in (1.0, 1e-3, 0.0, 0.0)))
    drawn = np.array([[0.3, 0.7, 1.1, 2.4]] * ALPHA.size)
    found = desk_curves.log_errors(setting, read, drawn)
    for i, length in enumerate(drawn[0]):
        assert found[:, i] == pytest.approx(np.log(exactly(setting, length)), abs=1e-3)


def test_what_is_no_number_confirms_nothing(use, monkeypatch):
    record = made_up()
    next(iter(record.columns.values()))[-1] = 0.0
    use(record)
    with pytest.raises(ArithmeticError, match="no positive number"):
        desk_curves.decide(desk_curves.EACH)

    def holed(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return replace(curve, mse=np.where(curve.alpha > 0.4, np.nan, curve.mse))

    use(made_up())
    desk_curves._solved.cache_clear()
    monkeypatch.setattr(desk_curves, "solve_replica", holed)
    with pytest.raises(ArithmeticError, match="not resolved"):
        desk_curves.decide(desk_curves.EACH)
    desk_curves._solved.cache_clear()


def test_a_verdict_that_depends_on_a_floor_is_none(use):
    """Large errors are on the curve, small ones are not."""
    record = made_up(spread=0.01)
    for setting in CHOSEN:
        own = record.columns[column(setting)]
        own[own < 0.03] *= 20.0
    use(record)
    found = desk_curves.decide(desk_curves.EACH)
    assert found.holds is None
    assert found.counterexample["floor 0.1"] == "holds"
    assert "depends on a floor" in found.summary


def test_other_bounds_are_refused(use):
    use(made_up())
    stated = desk_curves.FACTOR
    far = replace(stated, near=replace(stated.near, relation=Relation.ABOVE))
    with pytest.raises(ValueError, match="tested to be near"):
        desk_curves.decide(far)
    bare = replace(stated, near=replace(stated.near, name=sp.Abs(desk_curves.APART)))
    with pytest.raises(ValueError, match="a mean must be bounded"):
        desk_curves.decide(bare)


def test_end_points_that_are_no_number_confirm_nothing(monkeypatch):
    found = np.array([minimiser(sample, init) for init, sample in optimum.PROBLEMS])
    monkeypatch.setattr(optimum, "trained", lambda: ((0.04, 0.01), [found, found]))
    monkeypatch.setattr(optimum, "extrapolated", lambda to: found)
    assert optimum.decide(optimum.Limit()).figure == 0.0
    holed = found.copy()
    holed[1, 3] = np.nan
    monkeypatch.setattr(optimum, "extrapolated", lambda to: holed)
    measured = optimum.decide(optimum.Limit())
    assert measured.figure == np.inf
    assert measured.where["network"] == str(optimum.INITS[1])
    ends = np.ones((len(single_task_lambda.SCALES), 2, optimum.PROBLEMS[0][1].X.shape[1]))
    ends[2, 0, 0] = np.nan
    monkeypatch.setattr(single_task_lambda, "extrapolated", lambda pretrained: ends)
    assert single_task_lambda.decide(single_task_lambda.STATED).figure == np.inf


def single(rho_ft, overlap, **init):
    return error("gaussian", rho_ft, overlap, **init)


def stating(larger, smaller, holds=EVERYWHERE, **options):
    return InNetworks(Inequalities((Line(larger, smaller, holds),)), **options)


GAP = stating(overlap_gap("gaussian", gamma=0.0), overlap_gap("gaussian", gamma=1.0))
# The larger c is better at small α and worse at large ones.
SCALES = single(0.1, 0.0), single(0.1, 0.0, c=1e-6)


def points(statement):
    return [point for line in statement.table.lines for point in statement.seen(line)]


def test_networks_state_signs_only():
    line = Line(*SCALES, above(0.320000001), value="0.99")
    stated = InNetworks(Inequalities((line,)))
    assert stated.table.lines[0].value == ""
    assert r"\iff \alpha > 0.320000" in stated.latex()
    assert "0.99" not in stated.latex()
    assert "each crossing" not in stated.latex()


def test_effects_are_established_where_they_are_and_refuted_when_reversed(use):
    use(made_up())
    found = decide(GAP)
    assert found.holds is True
    assert found.data["established"] == found.data["points"] > 2
    assert 0 <= found.figure <= desk_effects.LEVEL
    against = decide(GAP.reversed())
    assert against.holds is False
    assert "γ = 1 against 0" in against.counterexample["effect"]
    (check,) = desk_effects.by_networks("curves.overlap-gap-readout", GAP)["checks"]
    assert run_check(replace(check, needs_files=())).verdict is Verdict.CONFIRMED


def test_a_range_is_held_to_both_of_its_sides(use):
    use(made_up())
    stated = stating(*SCALES, above(0.32))
    sides = [point.found.value for point in points(stated)]
    assert sides[0] < 0 < sides[-1]
    assert decide(stated).holds is True
    assert decide(replace(stated, table=stated.table.read_everywhere())).holds is False
    assert decide(stating(*SCALES, below(0.32))).holds is False
    one_sided = replace(stated, exactly=False)
    assert {point.stated for point in points(one_sided)} == {1}


def test_points_where_the_effect_is_small_are_counted(use):
    use(made_up())
    gap = stating(single(0.1, 0.0), single(0.1, 1.0, c=1e-6))
    (line,) = gap.table.lines
    small = int((np.abs(line.exact(ALPHA)) <= desk_effects.SMALLEST).sum())
    found = decide(gap)
    assert len(points(gap)) == 11 - small
    assert found.data["points that are not judged"] == small
    assert f"{small} of 11 points, where it is small, are not judged" in found.summary
    # Of the other α nothing is said if nothing is stated there.
    one_sided = stating(*SCALES, above(0.32), exactly=False)
    assert all(point.alpha > 0.32 for point in points(one_sided))


def test_a_sign_that_turns_below_a_floor_decides_nothing(use):
    """Where errors are small, networks show the opposite of what is stated of all."""
    record = made_up(spread=0.01)
    use(record)
    assert decide(GAP).holds is True
    (line,) = GAP.table.lines
    low = ALPHA[desk_effects.lowest(line) < 0.05]
    assert low.size
    larger, *_ = line.larger.settings
    own = record.columns[column(larger)]
    own[np.isin(record.alpha, low)] *= 1e-3
    found = decide(GAP)
    assert found.holds is None
    assert "depends on a floor" in found.summary
    assert found.counterexample["floor 0.05"] == "holds"


def test_floors_that_leave_nothing_say_nothing(use):
    use(made_up())
    small = stating(single(0.1, 1.0, c=1e-6), single(0.1, 1.0, c=1e-6, ratio=-0.99), EVERYWHERE)
    held = replace(small, table=small.table.reversed())
    verdicts = {decide(one).holds for one in (small, held)}
    assert verdicts <= {True, False, None}
    left = "open: too few points are left"
    holds, opposite, said = desk_effects.whatever_floor(lambda f: True, lambda f: int(f < 0.01))
    assert (holds, opposite) == (True, {})
    assert said == {"0.001": "holds", "0.01": left, "0.05": left, "0.1": left}
    holds, opposite, _ = desk_effects.whatever_floor(lambda f: f < 0.01, lambda f: 1)
    assert holds is None
    assert opposite == {f"floor {f:g}": "does not hold" for f in (0.01, 0.05, 0.1)}
    for verdict in (True, False):  # what a floor leaves open is not the opposite
        known = {0.0: verdict}
        assert desk_effects.whatever_floor(known.get, lambda f: 1)[:2] == (verdict, {})
    assert desk_effects.whatever_floor(lambda f: None, lambda f: 1)[:2] == (None, {})


def test_stated_winners_are_the_exact_ones_of_two_networks_or_more():
    exact = {win[:4]: win[4] for win in WINS}
    assert all(exact[win[:4]] == win[4] for win in regime_winners.SEEN.wins)
    left = {win[:4] for win in WINS} - {win[:4] for win in regime_winners.SEEN.wins}
    assert all(sum(exact[one].at(alpha) for alpha in ALPHAS) < 2 for one in left)
    found = regime_winners.measure_left(regime_winners.Left())
    assert found.figure > 0
    assert regime_winners.measure_left(regime_winners.Left(beyond=0.1)).figure < 0


def test_both_sides_of_a_crossing_together(use):
    use(made_up())
    smaller, larger = SCALES
    down = stating(larger, smaller, below(0.32))
    found = decide_together(down)
    assert found.holds is True
    assert found.figure <= desk_effects.LEVEL
    everywhere = Region(True, ())
    for sides in ((*SCALES, everywhere), (larger, smaller, everywhere), (*SCALES, below(0.32))):
        assert decide_together(stating(*sides)).holds is False
    with pytest.raises(ValueError, match="one is stated"):
        decide_together(replace(down, exactly=False))
    use(made_up(spread=20.0))
    assert decide_together(down).holds is None
    record = made_up()
    record.columns[column(SCALES[0].settings[0])][(record.alpha == 0.206)] = np.inf
    use(record)
    with pytest.raises(ArithmeticError, match="all networks must have an error"):
        decide_together(down)


def test_noise_decides_nothing(use):
    use(made_up(spread=20.0, seed=1))
    found = decide(GAP)
    assert found.holds is None
    assert "not seen: Gaussian slab" in found.summary
    assert decide(stating(overlap_gap("gaussian"), overlap_gap("gaussian"))).holds is None


def test_a_statement_of_networks_prints_what_it_decides():
    assert r"\hat p_{\omega = 0}" in GAP.latex()
    assert GAP.latex() != GAP.reversed().latex()
    one, two = (stating(*SCALES, above(0.32), exactly=exactly) for exactly in (True, False))
    assert r"\iff \alpha > 0.32" in one.latex()
    assert r"\text{if } \alpha > 0.32" in two.latex()


NETWORKS = np.linspace(0.01, 0.5, 11)


def trained(lost=None):
    """Trained networks of made-up errors."""
    rng = np.random.default_rng(0)
    found = {}
    for setting in CHOSEN:
        errors = np.exp(0.3 * rng.standard_normal((11, len(SEEDS))))
        reasons = np.full(errors.shape, "converged", dtype="U10")
        if lost is not None:
            errors[lost], reasons[lost] = np.nan, "diverged"
        key = setting.rho_ft, setting.overlap, setting.c, setting.relative_scale, setting.gamma
        found[key] = Networks(NETWORKS, SEEDS, reasons, {"squared_error": errors})
    return Recorded({"d": "1000", "slab": "gaussian"}, found)


def test_points_of_the_figure_are_the_means_of_the_records(monkeypatch):
    record, ends = trained(), made_up()
    monkeypatch.setattr(error_curves, "load", lambda slab: record)
    monkeypatch.setattr(error_curves.end_points, "load", lambda slab: ends)
    monkeypatch.setattr(error_curves, "available", lambda name: True)
    tables = error_curves.tables_3()
    setting = Setting("reuse", "", 0.1, 0.0, 1e-3, 0.0, 0.0)
    where = {"c": 1e-3, "overlap": 0.0}
    drawn = tables["a-networks"]
    assert cells(drawn, "mse", **where) == pytest.approx(record.of(setting).error.mean(axis=1))
    assert set(cells(drawn, "networks")) == {float(len(SEEDS))}
    _, errors, _ = ends.of(setting, 1000)
    crosses = tables["a-end-points"]
    assert cells(crosses, "mse", **where, d=1000) == pytest.approx(errors.mean(axis=1))
    assert cells(crosses, "alpha", **where) == list(ALPHA)
    error_curves.draw_3(tables)
    monkeypatch.setattr(error_curves, "available", lambda name: False)
    assert set(error_curves.tables_3()) == set(error_curves.PANELS)


def test_networks_of_a_figure_are_means_with_standard_errors():
    record = trained(lost=(3, 0))
    setting = CHOSEN[0]
    errors = record.of(setting).error
    rows = error_curves.network_rows("a", setting, record)
    assert cells(rows, "alpha") == list(NETWORKS)
    assert cells(rows, "mse") == pytest.approx(np.nanmean(errors, axis=1))
    networks = np.where(np.arange(11) == 3, len(SEEDS) - 1.0, len(SEEDS))
    assert cells(rows, "networks") == list(networks)
    assert cells(rows, "not_converged") == list(len(SEEDS) - networks)
    expected = np.nanstd(errors, axis=1, ddof=1) / networks**0.5
    assert cells(rows, "standard_error") == pytest.approx(expected)
    untrained = replace(setting, c=0.5)
    assert error_curves.network_rows("a", untrained, record) == []
    assert error_curves.end_point_rows("a", untrained, made_up()) == []


def test_a_second_check_says_what_it_decides():
    """Its statement is not the one that the page shows."""
    pair = single_task_lambda.paired(single_task_lambda.Pairs())
    assert r"\hat p(lambda, s) = \hat p(0, s), single task" in pair.summary
    later = single_task_lambda.paired(
        single_task_lambda.Pairs(overlap=0.0, equal=single_task_lambda.NEXT)
    )
    assert r"\hat p(lambda, s + 1) = \hat p(0, s), pretraining and" in later.summary
    form = shared_dimensions_form.measure(shared_dimensions_form.DEFINITION)
    assert "= Σ G[a, b]*H[a, b], G = F_1.T*F_1, H = F_2.T*F_2 within" in form.summary
    other = shared_dimensions_form.measure(shared_dimensions_form.GRAMS)
    assert "= Σ G[a, b]*H[a, b], G = F_1*F_1.T, H = F_2*F_2.T within" in other.summary
    assert form.figure < 1e-10 < other.figure


def test_the_published_rate_is_named():
    pytest.importorskip("torch")
    found = learning_rate_gap.published(learning_rate_gap.PUBLISHED)
    assert "0 of 12 networks fail to converge at η = 0.025" in found.summary
