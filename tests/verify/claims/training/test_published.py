"""What the claims about published networks make of other statements and other errors."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.stopped_flow import conditions
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

    def test_welch(self):
        condition = replace(conditions()[3], errors=np.array([1.0, 2.0, 2.0, 4.0]))
        found = published_stopping.apart(condition, ROWS, published_stopping.STATED.near)
        logs = np.log(condition.errors), np.log(ROWS["stopped"])
        parts = [one.var(ddof=1) / one.size for one in logs]
        assert found.value == pytest.approx(logs[0].mean() - logs[1].mean(), abs=1e-15)
        assert found.error == pytest.approx(sum(parts) ** 0.5)
        assert found.freedom == pytest.approx(
            sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 2)
        )

    def test_minimisers_are_read_where_they_are_stated(self):
        near = published_stopping.nearness(published_stopping.MINIMISER)
        condition = replace(conditions()[3], errors=np.array([1.0, 1.0, 1.0]))
        found = published_stopping.apart(condition, ROWS, near)
        assert found.value == pytest.approx(-np.log(ROWS["minimiser"]).mean())

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
