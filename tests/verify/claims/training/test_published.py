"""What the claims about published networks make of other statements and other errors."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.stopped_flow import conditions, predicted
from verify.claims.training import published_networks, published_stopping
from verify.methods.bounds import at_least
from verify.methods.equivalence import LEVEL


class TestNetworks:
    """The means of published errors beside the replica curve."""

    def of(self, monkeypatch, factor):
        """Decide for errors that are a factor off those published."""
        others = tuple(replace(one, errors=factor * one.errors) for one in conditions())
        monkeypatch.setattr(published_networks, "conditions", lambda: others)
        return published_networks.decide(published_networks.STATED)

    def test_they_hold_as_published(self, monkeypatch):
        found = self.of(monkeypatch, 1.0)
        assert found.holds
        assert found.data["conditions"] == 12
        assert found.data["networks"] == 161
        # Of 12 squares of Student's t, were they independent: half to twice their number.
        assert 6 < found.data["sum of squares of mean/(standard error)"] < 24

    @pytest.mark.parametrize("factor", [0.93, 1.07])
    def test_seven_per_cent_in_all_conditions_are_noticed(self, monkeypatch, factor):
        assert self.of(monkeypatch, factor).holds is False

    def test_one_mean_by_hand(self):
        condition = conditions()[9]
        found = published_networks.deviation(condition, published_networks.STATED)
        # 14 published errors have the mean 0.2657 and the replica error is 0.26035.
        assert found.value == pytest.approx(0.2657 / 0.26035 - 1, abs=3e-4)
        assert found.error == pytest.approx(
            condition.errors.std(ddof=1) / 14**0.5 / 0.26035, rel=1e-4
        )
        assert found.freedom == 13

    def test_what_is_noticed_is_the_simultaneous_interval(self, monkeypatch):
        step = self.of(monkeypatch, 1.0).steps[0]
        one = published_networks.deviation(conditions()[0], published_networks.STATED)
        assert f"told apart from {100 * one.half_width(LEVEL / 12):.1f} % on" in step

    def test_no_condition_decides_nothing(self):
        nowhere = replace(published_networks.STATED.judged, body=lambda: sp.Integer(0))
        found = published_networks.decide(published_networks.STATED._replace(judged=nowhere))
        assert found.holds is None

    @pytest.mark.parametrize("field", ["near", "judged"])
    def test_other_forms_are_refused(self, field):
        stated = published_networks.STATED
        other = replace(getattr(stated, field), name=published_networks.P)
        with pytest.raises(ValueError, match="must be"):
            published_networks.decide(stated._replace(**{field: other}))


ROWS = {"stopped": np.array([1.0, 2.0, 4.0]), "minimiser": np.array([0.1, 0.1, 0.2])}


class TestStopping:
    """Their means beside flows that are stopped, Welch's test by hand."""

    def test_means_are_taken_where_the_minimiser_has_the_replica_error(self):
        """On a line with noise: its value there, and the error of a regression by hand."""
        x = np.array([0.0, 1.0, 2.0, 3.0])
        noise = np.array([1.0, -1.0, -1.0, 1.0]) * 0.1
        found = published_stopping.controlled(0.5 + 2 * x + noise, x, 2.5)
        assert found.value == pytest.approx(5.5)
        # s² = 4·0.01/2, (2.5 − 1.5)²/Σ(x − 1.5)² = 1/5
        assert found.error == pytest.approx((0.02 * (1 / 4 + 1 / 5)) ** 0.5)
        assert found.freedom == 2
        with pytest.raises(ValueError, match="at least 3 values, got 2"):
            published_stopping.controlled(x[:2], x[:2], 0.0)

    def test_welch(self):
        condition = replace(conditions()[3], errors=np.array([1.0, 2.0, 2.0, 4.0]))
        found = published_stopping.apart(condition, ROWS, published_stopping.STATED.near)
        mean = np.log(predicted(condition).minimiser)
        own = published_stopping.controlled(
            np.log(ROWS["stopped"]), np.log(ROWS["minimiser"]), mean
        )
        logs = np.log(condition.errors)
        parts = logs.var(ddof=1) / 4, own.error**2
        assert found.value == pytest.approx(logs.mean() - own.value)
        assert found.error == pytest.approx(sum(parts) ** 0.5)
        freedom = sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 1)
        assert found.freedom == pytest.approx(freedom)

    def test_minimisers_are_read_where_they_are_stated(self):
        near = published_stopping.nearness(published_stopping.MINIMISER)
        found = published_stopping.apart(conditions()[3], ROWS, near)
        exact = predicted(conditions()[3]).minimiser
        assert found.value == pytest.approx(np.log(conditions()[3].errors / exact).mean())

    def test_other_forms_are_refused(self):
        with pytest.raises(ValueError, match="are compared, got"):
            published_stopping.apart(
                conditions()[3], ROWS, published_stopping.nearness(sp.Symbol("p_x"))
            )
        rule = at_least(published_stopping.STATED.rule)
        with pytest.raises(ValueError, match="must be at most its threshold"):
            published_stopping.stopped_by_rule(conditions()[3], ROWS, rule)

    @pytest.mark.parametrize(
        ("time", "error", "held"),
        [(37.0, 2.2e-4, True), (37.5, 2.2e-4, False), (37.0, 2.3e-4, False)],
    )
    def test_flows_stop_at_a_look_below_the_threshold(self, time, error, held):
        rows = {"time": np.array([time]), "training_error": np.array([error])}
        rule = published_stopping.STATED.rule
        assert published_stopping.stopped_by_rule(conditions()[3], rows, rule) is held
