"""Decisions on recorded networks: true and false records, few seeds, networks that were lost."""

from dataclasses import replace

import numpy as np
import pytest

from empirics.diagonal_record import Networks, Recorded
from empirics.experiments import Setting, sweep_settings
from numerics import solve_replica
from verify import registry
from verify.claim import Verdict
from verify.claims.curves._margins import (
    EVERYWHERE,
    Inequalities,
    Line,
    Region,
    above,
    below,
    everywhere,
)
from verify.claims.curves._quantities import error, overlap_gap
from verify.claims.curves.regime_winners import WINS
from verify.claims.training import _effects as desk_effects
from verify.claims.training import learning_rate_gap, optimum, regime_winners, single_task_lambda
from verify.claims.training import replica_curve as desk_curves
from verify.claims.training._effects import InNetworks, decide, decide_together
from verify.claims.training._minimiser import minimiser
from verify.claims.vision import shared_dimensions_form
from verify.figures import error_curves
from verify.figures.figure import column
from verify.run.worker import run_check

ALPHA = np.linspace(0.01, 0.5, 11)
SEEDS = tuple(range(6, 14))
CHOSEN = [
    setting
    for setting in sweep_settings("all")
    if setting.rho_ft == 0.1 and setting.relative_scale in (0.0, 0.99, -0.99)
]


def made_up(factor=1.0, spread=0.02, lost=None):
    """Networks whose errors are the replica error times `factor`, with scatter."""
    rng = np.random.default_rng(0)
    found = {}
    for setting in CHOSEN:
        exact = solve_replica(setting.task, setting.initialization, ALPHA).mse
        errors = factor * exact[:, None] * np.exp(spread * rng.standard_normal((11, len(SEEDS))))
        reasons = np.full(errors.shape, "converged", dtype="U10")
        if lost is not None:
            errors[lost], reasons[lost] = np.nan, "diverged"
        key = setting.rho_ft, setting.overlap, setting.c, setting.relative_scale, setting.gamma
        measured = {
            "squared_error": errors,
            "null_error": np.ones(errors.shape),
            "shrinkage": np.full(errors.shape, 0.1),
        }
        found[key] = Networks(ALPHA, SEEDS, reasons, measured)
    return Recorded({"d": "1000", "slab": "gaussian"}, found)


@pytest.fixture
def use(monkeypatch):
    def using(record):
        for module in (desk_curves, desk_effects):
            monkeypatch.setattr(module, "recorded", lambda name=None: record)

    return using


def test_networks_on_the_curve_are_confirmed_and_others_refuted(use):
    use(made_up())
    found = desk_curves.decide(desk_curves.Statement())
    assert found.holds is True
    assert found.comparisons[0].between == ("trained network", "replica")
    assert found.figure < 0.05
    use(made_up(factor=1.4))
    found = desk_curves.decide(desk_curves.Statement())
    assert found.holds is False
    assert "curve" in found.counterexample
    # At the margin itself nothing is decided.
    use(made_up(factor=1.0 + desk_curves.MARGIN, spread=0.05))
    assert desk_curves.decide(desk_curves.Statement()).holds is None


def test_a_teachers_length_is_taken_into_account(use):
    record = made_up(spread=0.0)
    longer = {}
    for key, networks in record.networks.items():
        setting = next(s for s in record.settings() if s.parameters[2:] == key)
        size = 1.3 / np.sqrt(setting.rho_ft)
        task = type(setting.task)
        if setting.overlap is None:
            scaled = task.single_task(setting.rho_ft, slab="gaussian", amplitude=size)
        else:
            scaled = task.pretrain_finetune(
                0.1, setting.rho_ft, setting.overlap, slab="gaussian", ft_amplitude=size
            )
        exact = solve_replica(scaled, setting.initialization, ALPHA).mse
        shape = networks.error.shape
        noise = 1 + 0.01 * np.random.default_rng(1).standard_normal(shape)
        measured = {
            "squared_error": exact[:, None] * noise,
            "null_error": np.full(shape, 1.69),
            "shrinkage": np.full(shape, 0.1),
        }
        longer[key] = Networks(ALPHA, SEEDS, networks.stop_reason, measured)
    use(Recorded(record.header, longer))
    assert desk_curves.decide(desk_curves.Statement()).figure < 0.02


def test_lost_networks_are_counted_and_their_data_scales_left_out(use):
    use(made_up(lost=(3, 2)))
    found = desk_curves.decide(desk_curves.Statement())
    assert found.data["data scales with a network that was lost"] > 0
    assert found.holds is True
    catapulted = made_up()
    for networks in catapulted.networks.values():
        networks.measured["shrinkage"][4, 1] = 1.1
    use(catapulted)
    found = desk_curves.decide(desk_curves.Statement())
    assert found.data["data scales with a network that was lost"] > 0
    use(made_up(lost=(slice(None), 0)))
    assert desk_curves.decide(desk_curves.Statement()).holds is None
    with pytest.raises(ArithmeticError, match="all networks must converge"):
        decide(GAP)


def test_what_is_no_number_confirms_nothing(use, monkeypatch):
    record = made_up()
    next(iter(record.networks.values())).measured["squared_error"][4, 1] = np.nan
    use(record)
    with pytest.raises(ArithmeticError, match="is no number"):
        desk_curves.decide(desk_curves.Statement())

    def holed(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return replace(curve, mse=np.where(curve.alpha > 0.4, np.nan, curve.mse))

    use(made_up())
    desk_curves.stated_errors.cache_clear()
    monkeypatch.setattr(desk_curves, "solve_replica", holed)
    with pytest.raises(ArithmeticError, match="not resolved"):
        desk_curves.decide(desk_curves.Statement())
    desk_curves.stated_errors.cache_clear()


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
    assert run_check(check).verdict is Verdict.CONFIRMED


def test_a_range_is_held_to_both_of_its_sides(use):
    use(made_up())
    stated = stating(*SCALES, above(0.32))
    sides = [point.found.value for point in points(stated)]
    assert sides[0] < 0 < sides[-1]
    assert decide(stated).holds is True
    assert decide(replace(stated, table=stated.table.holding(everywhere))).holds is False
    assert decide(stating(*SCALES, below(0.32))).holds is False
    one_sided = replace(stated, exactly=False)
    assert {point.stated for point in points(one_sided)} == {1}


def test_points_below_the_floor_are_counted_and_without_a_floor_judged(use):
    use(made_up())
    gap = single(0.1, 0.0), single(0.1, 1.0, c=1e-6)
    few = stating(*gap)
    every = stating(*gap, floor=0.0)
    (line,) = few.table.lines
    exact = np.array([solve_replica(s.task, s.initialization, ALPHA).mse for s in line.settings])
    above_floor = int((exact.min(axis=0) > desk_effects.FLOOR).sum())
    assert len(points(few)) == above_floor < len(points(every)) == 11
    found = decide(few)
    assert found.data["points that are not judged"] == 11 - above_floor
    assert f"{11 - above_floor} of 11 points are not judged" in found.summary
    assert f"{11 - above_floor} of 11 points are not judged" in decide(few.reversed()).summary
    assert "0 of 11 points are not judged" in decide(every).summary
    # Of the other α nothing is said if nothing is stated there.
    one_sided = stating(*gap, below(0.2), exactly=False, floor=0.0)
    assert "0 of 4 points are not judged" in decide(one_sided).summary
    assert few.latex() == rf"{every.latex()} \\ \text{{where every }} p > 0.005"
    unseen = Line(*gap[::-1], Region(False, ()))
    assert stating(*gap[::-1], Region(False, ()), exactly=False).seen(unseen) == []
    more = replace(every, table=Inequalities((*every.table.lines, unseen)), exactly=False)
    found = decide(more)
    assert found.data["effects that cannot be seen"] == [unseen.name]
    assert found.holds is True


def test_networks_that_stop_early_show_the_opposite_below_the_floor(use):
    """The errors of both sides are 10⁻⁴ or more, as stopping leaves them: no effect is left."""
    record = made_up(spread=0.02)
    rng = np.random.default_rng(1)
    for networks in record.networks.values():
        left = 1e-4 * np.exp(0.02 * rng.standard_normal(networks.measured["squared_error"].shape))
        networks.measured["squared_error"] += left
    for key, networks in record.networks.items():
        if key[3] == -0.99:
            networks.measured["squared_error"] -= 0.5e-4
    use(record)
    stated = stating(single(0.1, 1.0, c=1e-6, ratio=-0.99), single(0.1, 1.0, c=1e-6, ratio=0.99))
    assert decide(stated).holds is not False
    assert decide(replace(stated, floor=0.0)).holds is False


def test_the_winners_of_networks_are_those_that_the_record_shows():
    """II at α = 0.255, where the exact curves name it, is not what networks show."""
    exact = {name: holds for *truth, name, holds in WINS if truth == ["gaussian", 1.0, 0.1]}
    assert exact["II"].at(0.255)
    found = regime_winners.decide_winners(regime_winners.stating(regime_winners.SEEN))
    assert found.holds is True
    assert found.summary.endswith("no winner is stated at 7 of 44 (truth, α)")
    as_exact = replace(
        regime_winners.SEEN,
        wins=tuple(
            (*win[:-1], exact["II"]) if win[3] == "II" else win
            for win in regime_winners.SEEN.wins
            if win[3] != "IV"
        ),
    )
    refuted = regime_winners.decide_winners(regime_winners.stating(as_exact))
    assert refuted.holds is False
    assert float(refuted.counterexample["alpha"]) == 0.255
    left = regime_winners.measure_left(regime_winners.Left())
    assert left.figure > 0
    assert regime_winners.measure_left(regime_winners.Left(beyond=0.13)).figure < 0


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
    use(made_up(lost=(3, 2)))
    with pytest.raises(ArithmeticError, match="all networks must converge"):
        decide_together(down)


def test_noise_decides_nothing(use):
    use(made_up(spread=20.0))
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


def test_points_of_the_figure_are_the_means_of_the_record(use, monkeypatch):
    record = made_up()
    monkeypatch.setattr(error_curves, "load", lambda: record)
    monkeypatch.setattr(error_curves, "available", lambda name: True)
    tables = error_curves.tables_3()
    points = tables["a-networks"]
    setting = Setting("reuse", "", 0.1, 0.0, 1e-3, 0.0, 0.0)
    where = {"c": 1e-3, "overlap": 0.0}
    assert column(points, "mse", **where) == pytest.approx(record.of(setting).error.mean(axis=1))
    assert set(column(points, "networks")) == {float(len(SEEDS))}
    error_curves.draw_3(tables)
    monkeypatch.setattr(error_curves, "available", lambda name: False)
    assert set(error_curves.tables_3()) == set(error_curves.PANELS)


def test_networks_of_a_figure_are_means_with_standard_errors():
    record = made_up(spread=0.3, lost=(3, 0))
    setting = CHOSEN[0]
    errors = record.of(setting).error
    rows = error_curves.network_rows("a", setting, record)
    assert column(rows, "alpha") == list(ALPHA)
    assert column(rows, "mse") == pytest.approx(np.nanmean(errors, axis=1))
    networks = np.where(np.arange(11) == 3, len(SEEDS) - 1.0, len(SEEDS))
    assert column(rows, "networks") == list(networks)
    assert column(rows, "not_converged") == list(len(SEEDS) - networks)
    expected = np.nanstd(errors, axis=1, ddof=1) / networks**0.5
    assert column(rows, "standard_error") == pytest.approx(expected)
    untrained = replace(setting, c=0.5)
    assert error_curves.network_rows("a", untrained, record) == []


def test_the_floor_that_is_shown_is_the_one_that_is_used():
    floor, higher = f"{desk_effects.FLOOR:g}", f"{desk_curves.FLOOR:g}"
    claims = registry.load(("verify.claims",)).claims
    of_networks = [c for c in claims.values() if isinstance(c.checks[0].subject, InNetworks)]
    assert len(of_networks) == 11
    for claim in of_networks:
        if claim.id == "training.regime-winners":
            assert claim.checks[0].subject.floor == 0.0
            assert not any("errors are above" in text for text in claim.assumptions)
            continue
        words = f"all exact errors are above {floor}"
        assert any(words in text for text in claim.assumptions), claim.id
        assert words in claim.sentence, claim.id
        assert claim.checks[0].subject.floor == desk_effects.FLOOR
    (curve,) = (claim for claim in claims.values() if claim.id == "training.replica-curve")
    assert f"above {higher} at five trained" in curve.sentence
    assert desk_curves.FEWEST == 5
    assert f"p > {higher}" in desk_curves.Statement().latex()
    assert f"< {desk_curves.MARGIN:g}" in desk_curves.Statement().latex()


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
    found = learning_rate_gap.published(learning_rate_gap.MEAN)
    assert "0 of 12 networks fail to converge at η = 0.025, which is 0.5 of the loss over 20" in (
        found.summary
    )
