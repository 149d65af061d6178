"""Four mistakes that a proof must not survive: a bound, a derivative, a box, the scale c_FT."""

from dataclasses import replace
from fractions import Fraction

import pytest
from flint import arb, ctx

from numerics.certified import Interval, channel, exact, fixed_point, trapezoid
from numerics.certified.solve import certify_replica, problem_of
from numerics.certified.start import float_states
from regression.check import check_certified
from regression.table import read_table
from tests.numerics.certified.cases import exact as truth
from tests.numerics.certified.cases import holds, mixture, strengths

NAMES = ("baseline, Gaussian slab", "baseline, sign slab", "ridge", "noise")


def balls_hold_the_truth():
    """Return whether every certified ball of the cases holds the solution in 50 digits."""
    for name in NAMES:
        alpha, known = strengths(name)
        try:
            (found,) = certify_replica(mixture(name), None, alpha, digits=30, **known).points
        except ArithmeticError:  # the solver's own two enclosures of p do not meet
            return False
        if not found.certified:
            return False
        if not (holds(found.mse, truth(name).mse) and holds(found.penalty, truth(name).penalty)):
            return False
    return True


def start(name):
    alpha, known = strengths(name)
    noise, ridge = (Fraction(known[key]) for key in ("noise_variance", "ridge"))
    (x,), (y,) = float_states(mixture(name), [Fraction(alpha)], noise, ridge)
    return problem_of(mixture(name), noise, ridge), Fraction(alpha), (float(x), float(y))


def test_the_cases_hold():
    assert balls_hold_the_truth()


@pytest.mark.parametrize("bound", ["_step_error", "_window_error"])
def test_a_wrong_bound_of_what_a_sum_leaves_out_is_caught(monkeypatch, bound):
    # The rule trusts its bounds: with a step twice as long, or a window half as wide, and the
    # bound for neither, the balls are as narrow as before, and elsewhere.
    right = trapezoid.rule_for

    def careless(of, log_accuracy, power=2):
        rule = right(of, log_accuracy, power)
        if bound == "_step_error":
            return replace(rule, step=2 * rule.step, first=rule.first // 2, last=rule.last // 2)
        middle, half = (rule.first + rule.last) // 2, (rule.last - rule.first) // 4
        if rule.even:
            return replace(rule, last=rule.last // 2)
        return replace(rule, first=middle - half, last=middle + half)

    monkeypatch.setattr(channel, "rule_for", careless)
    assert not balls_hold_the_truth()


def slopes_are_those_of_differences():
    """Return whether certified slopes agree with certified errors at α a little apart."""
    for name in NAMES[:2]:
        alpha = Fraction(strengths(name)[0])
        step = Fraction(1, 10**5)
        points = certify_replica(
            mixture(name), None, [alpha * (1 - step), alpha, alpha * (1 + step)], digits=20
        ).points
        if not all(point.certified for point in points):
            return False
        with ctx.workprec(120):
            width = (exact.ball(1 + step) / exact.ball(1 - step)).log()
            quotient = (points[2].mse / points[0].mse).log() / width
            if abs(quotient - points[1].log_error_slope) > 1e-7:
                return False
    return True


def test_the_slopes_hold():
    assert slopes_are_those_of_differences()


@pytest.mark.parametrize("index", [1, 2, 4, 5])
def test_a_wrong_derivative_is_caught(monkeypatch, index):
    # Krawczyk's operator takes the Jacobian at its word, so that its error shows in the slopes.
    right = channel._direct_slopes

    def wrong(view):
        found = right(view)
        found[index] = found[index] * arb("1.01")
        return found

    monkeypatch.setattr(channel, "_direct_slopes", wrong)
    assert not slopes_are_those_of_differences()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("moved", [(0.01, 0.0), (0.0, 0.01), (-0.003, 0.003)])
def test_a_box_that_misses_the_solution_is_not_certified(name, moved):
    problem, alpha, near = start(name)
    residual = alpha >= fixed_point.SWITCH
    state = tuple(arb(one + step) for one, step in zip(near, moved, strict=True))
    box = fixed_point._around(state, [arb(1e-4)] * 2)
    there = fixed_point.evaluate(problem, box, exact.ball(alpha), 5, residual=residual, slopes=True)
    inverse = fixed_point.near_inverse(there.jacobian)
    f = fixed_point.evaluate(problem, state, exact.ball(alpha), 12, residual=residual, slopes=False)
    off = fixed_point.times(inverse, f.f)
    found, images = fixed_point._contracted(
        problem,
        Interval(alpha, alpha),
        fixed_point._Near(state, inverse, off, box, there),
        [arb(1e-4)] * 2,
        arb(0),
        residual=residual,
        slope_digits=None,
    )
    assert found is None
    assert any(image > 1e-4 for image in images)


def test_a_wrong_scale_of_the_penalty_is_caught(monkeypatch):
    right = exact.Mixture.enclosed

    def wrong(self):
        return tuple(replace(one, scale=one.scale * arb("1.01")) for one in right(self))

    monkeypatch.setattr(exact.Mixture, "enclosed", wrong)
    assert not balls_hold_the_truth()
    table = read_table()
    few = replace(table, replica=table.replica[:8])
    assert any(outcome.failures for outcome in check_certified(few))
