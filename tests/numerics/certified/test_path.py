"""Arcs and series: the solutions at all α between lie on them, and nothing else is claimed."""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

import pytest
from flint import arb, arb_series, ctx

from numerics.certified import Interval, Mixture, NotCertifiedError, certified_path, solve
from numerics.certified.exact import ball
from numerics.certified.path import Path
from numerics.certified.series import Coefficients, expand, expand_near, follow, long_series, moved
from numerics.certified.solve import problem_of
from numerics.certified.start import float_states
from numerics.certified.trapezoid import IntegrationError
from tests.numerics.certified.cases import mixture

PATHS = {
    "baseline, Gaussian slab": ("0.2", "0.6"),
    "baseline, sign slab": ("0.01", "0.05"),
    "rich": ("0.55", "0.6"),
    "lazy": ("0.4", "0.9"),
}


def path(name, digits=12):
    return certified_path(mixture(name), digits)


def interval(low, high):
    return Interval(Fraction(low), Fraction(high))


@pytest.mark.parametrize("name", PATHS)
def test_arcs_cover_an_interval_and_hold_the_solutions(name):
    found, whole = path(name), interval(*PATHS[name])
    arcs = list(found.arcs(whole))
    assert arcs[0].alpha.low == whole.low
    assert arcs[-1].alpha.high == whole.high
    for one, other in pairwise(arcs):
        assert one.alpha.high == other.alpha.low
    for arc in arcs[:: max(1, len(arcs) // 12)]:
        for share in (Fraction(1, 7), Fraction(1, 2), Fraction(9, 10)):
            alpha = arc.alpha.low + share * (arc.alpha.high - arc.alpha.low)
            inside = found.point(alpha).middle
            assert all(a.overlaps(b) for a, b in zip(arc.box, inside, strict=True))
            first = arc.ends[0].middle
            step = inside[arc.leading] - first[arc.leading]
            other = 1 - arc.leading
            assert (first[other] + arc.turn * step).overlaps(inside[other])


@pytest.fixture
def asked(monkeypatch):
    """Record at how many data scales float64 is asked together."""
    asked = []

    def counted(mixture, alpha, *strengths):
        asked.append(len(alpha))
        return float_states(mixture, alpha, *strengths)

    monkeypatch.setattr("numerics.certified.start.float_states", counted)
    monkeypatch.setattr(solve, "_starts", lru_cache(solve._starts.__wrapped__))
    return asked


def test_where_to_start_is_found_together(asked):
    found = path("lazy")
    arcs = list(found.arcs(interval("0.2", "0.4")))
    assert len(arcs) > 3
    assert asked == [257]


def test_where_to_start_is_found_for_a_short_interval_and_its_parts(asked):
    found, whole = path("lazy"), interval("0.3", "0.301")
    found.arc(whole)
    assert asked == [33]
    found.arc(Interval(whole.low, whole.middle))
    found.point(whole.low + (whole.high - whole.low) / 32)
    assert asked == [33]
    found.arc(Interval(whole.high, whole.high + Fraction(1, 10)))
    assert asked == [33, 256]
    found.arc(interval("0.7", "0.7"))
    assert asked == [33, 256, 1]


@pytest.mark.parametrize("first", [0, 1])
def test_where_to_start_is_found_for_the_other_half_as_well(asked, first):
    found, whole = path("lazy"), interval("0.3", "0.301")
    found.arc(whole)
    part = (whole.high - whole.low) / 64
    halves = [Interval(whole.low + k * part, whole.low + (k + 1) * part) for k in (0, 1)]
    found.arc(halves[first])
    assert asked == [33, 31]
    found.arc(halves[1 - first])
    assert asked == [33, 31]


def test_where_to_start_does_not_depend_on_digits(asked):
    for digits in (8, 14):
        path("lazy", digits).arc(interval("0.3", "0.301"))
    assert asked == [33]


def test_an_arc_of_other_equations_is_refused():
    own, other = path("baseline, sign slab"), path("lazy")
    again = certified_path(mixture("baseline, sign slab"), 14)
    arc = next(own.arcs(interval("0.3", "0.31")))
    refused = [
        lambda: other.arc(arc.alpha, arc),
        lambda: other.trend(arc),
        lambda: other.expansion(arc, 2),
        lambda: other.follow(arc, 2),
    ]
    for use in refused:
        with pytest.raises(ValueError, match="an arc must be of this path's equations, "):
            use()
    other_noise = problem_of(mixture("baseline, sign slab"), Fraction(1), Fraction(0))
    noisy = Path(other_noise, own.start, 12)
    with pytest.raises(ValueError, match=r"noise_variance=1, ridge=0, got .* noise_variance=0"):
        noisy.arc(arc.alpha, arc)
    part = again.arc(arc.alpha, arc)
    assert all(a.overlaps(b) for a, b in zip(part.box, arc.box, strict=True))


def test_a_part_of_an_arc_is_an_arc():
    found = path("baseline, sign slab")
    arc = next(found.arcs(interval("0.3", "0.31")))
    low, high = arc.alpha.low, arc.alpha.high
    part = found.arc(Interval((2 * low + high) / 3, (low + 2 * high) / 3), arc)
    assert all(a.contains(b) for a, b in zip(arc.box, part.box, strict=True))
    assert part.box[1].rad() < arc.box[1].rad() / 2
    with pytest.raises(ValueError, match="must lie within"):
        found.arc(Interval(low, high + 1), arc)


def test_an_interval_that_is_too_long_has_no_arc():
    assert path("rich").arc(interval("0.2", "0.6")) is None
    with pytest.raises(NotCertifiedError, match="more than 3 arcs"):
        list(path("rich").arcs(interval("0.2", "0.6"), most=3))


@pytest.mark.parametrize("name", PATHS)
def test_a_series_is_that_of_the_solutions(name):
    found = path(name, 20)
    alpha, order = Fraction(PATHS[name][0]), 5
    with ctx.workprec(140):
        series = found.series(alpha, order)
        for step in (Fraction(1, 1000), Fraction(-1, 2000)):
            other = found.point(alpha * (1 + step)).middle
            delta = ball(1 + step).log()
            for known, wanted in zip(series, other, strict=True):
                gap = wanted - sum((c * delta**k for k, c in enumerate(known)), arb(0))
                # What is left is of the next order: sixty times the last coefficient is plenty.
                assert abs(gap) < 60 * abs(known[-1]) * abs(delta) ** (order + 1)


@pytest.mark.parametrize("name", ["baseline, sign slab", "lazy"])
def test_taylors_formula_holds_over_an_arc(name):
    found = path(name)
    low = Fraction(PATHS[name][0])
    arc = found.arc(Interval(low, low * Fraction(1001, 1000)))
    for order in (1, 2, 3):
        expansion = found.expansion(arc, order)
        for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
            alpha = low + share * (arc.alpha.high - low)
            delta = ball(alpha).log() - ball(arc.alpha.middle).log()
            inside = found.point(alpha).middle
            for middle, whole, wanted in zip(*expansion, inside, strict=True):
                terms = [*middle, whole[order]]
                assert sum((c * delta**k for k, c in enumerate(terms)), arb(0)).overlaps(wanted)


@pytest.mark.parametrize("name", PATHS)
def test_a_solution_is_as_far_from_a_polynomial_as_is_certified(name):
    found, fine = path(name, 14), path(name, 20)
    low = Fraction(PATHS[name][0])
    arc = next(found.arcs(Interval(low, low * Fraction(1003, 1000))))
    log_middle = ball(arc.alpha.middle).log()
    sizes = []
    for order in (1, 3, 5):
        polynomial, deviation = found.follow(arc, order)
        assert all(one.rad() == 0 for known in polynomial for one in known)
        sizes.append(float(deviation[1].abs_upper()))
        for share in (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(1)):
            alpha = low + share * (arc.alpha.high - low)
            delta = ball(alpha).log() - log_middle
            inside = fine.point(alpha).middle
            for known, off, wanted in zip(polynomial, deviation, inside, strict=True):
                value = sum((c * delta**k for k, c in enumerate(known)), arb(0))
                assert (value + off).overlaps(wanted)
    assert sizes[2] < sizes[1] < sizes[0]
    assert sizes[2] < 1e-5


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("name", PATHS)
def test_what_a_rule_leaves_out_of_a_series_is_in_its_balls(name, residual):
    found, alpha, length = path(name), Fraction(PATHS[name][0]), 5
    x, y = found.point(alpha).middle
    # So many bits that of a coarse rule's error nothing is hidden by rounding.
    with ctx.workprec(400), long_series(length):
        tau, theta_squared = (
            arb_series([one.mid(), slope], prec=length).exp() for one, slope in ((x, -2), (y, 3))
        )
        coarse, fine = (
            found.problem.series(
                tau, theta_squared, alpha=ball(alpha), digits=digits, residual=residual
            )
            for digits in (2, 80)
        )
        for one, other in zip(coarse, fine, strict=True):
            for k in range(length):
                assert one[k].contains(other[k].mid())
                assert 1e-60 > other[k].rad() > 0
                assert 0.01 > one[k].rad() / abs(other[0]) > 1e-60


@pytest.mark.parametrize("alpha", ["0.3", "0.7"])
@pytest.mark.parametrize("name", PATHS)
def test_float64_finds_the_series(name, alpha):
    found, alpha = path(name, 20), Fraction(alpha)
    near = expand_near(found.problem, ball(alpha), found.start(alpha), 6)
    for one, other in zip(near, found.series(alpha, 6), strict=True):
        off = [abs(a - b) for a, b in zip(one, other, strict=True)]
        # Each order amplifies rounding; what counts is the polynomial over a short interval.
        assert sum(float(size) * 0.03**k for k, size in enumerate(off)) < 1e-11


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ((700.0, -5.0), NotCertifiedError, "coefficients are beyond the range of float64"),
        ((0.0, 700.0), NotCertifiedError, "Jacobian of the equations is singular"),
        ((0.0, -700.0), IntegrationError, "takes more than 200000 nodes"),
    ],
)
def test_float64_says_where_it_finds_no_series(state, error, message):
    found = path("lazy")
    with pytest.raises(error, match=message):
        expand_near(found.problem, ball(Fraction("0.3")), state, 4)


def test_a_polynomial_that_is_off_is_found_to_be():
    found = path("baseline, sign slab", 14)
    arc = next(found.arcs(interval("0.3", "0.3003")))
    near = found.series(arc.alpha.middle, 4)
    middle = ball(arc.alpha.middle)
    for slope in (0, 0.1):
        shifted = Coefficients(near.log_tau, (near[1][0] + 1e-6, near[1][1] + slope, *near[1][2:]))
        _, deviation = follow(found.problem, arc.alpha.ball, arc.box, middle, shifted, 17)
        ends = (arc.alpha.low, arc.alpha.high)
        off = [-1e-6 - slope * (ball(end).log() - middle.log()) for end in ends]
        assert all(deviation[1].contains(one + 1e-12) for one in off)
        assert deviation[0].contains(0)
        assert deviation[1].abs_upper() < 2 * max(abs(one) for one in off)


@pytest.mark.parametrize("name", PATHS)
@pytest.mark.parametrize("width", [0.2, 0.5, 0.9])
def test_a_polynomial_is_not_followed_too_far(name, width):
    found, low = path(name), Fraction(PATHS[name][0])
    arc = found.arc(Interval(low, low * Fraction(100001, 100000)))
    near, middle = found.series(arc.alpha.middle, 4), ball(arc.alpha.middle)
    alpha = middle * (1 + arb(0, width))
    with pytest.raises(NotCertifiedError, match=r"singular over the interval|too long for a"):
        follow(found.problem, alpha, arc.box, middle, near, 17)


def test_a_polynomial_is_not_followed_with_noise_or_ridge():
    found = path("lazy")
    arc = found.arc(interval("0.3", "0.3001"))
    near = found.series(arc.alpha.middle, 2)
    for wrong in ({"noise_variance": Fraction(1)}, {"ridge": Fraction(1)}, {"series": None}):
        problem = replace(found.problem, **wrong)
        with pytest.raises(ValueError, match="a series requires"):
            follow(problem, arc.alpha.ball, arc.box, ball(arc.alpha.middle), near, 10)
        with pytest.raises(ValueError, match="a series requires"):
            expand_near(problem, ball(arc.alpha.middle), (0.0, 0.0), 2)


def test_a_polynomial_about_another_point():
    coefficients = [arb(k) for k in (3, -1, 4, 1)]
    for step in (arb(2), arb("0.1", "0.01")):
        for at in (0, 1, -3):
            one = sum((c * (step + at) ** k for k, c in enumerate(coefficients)), arb(0))
            other = sum((c * at**k for k, c in enumerate(moved(coefficients, step))), arb(0))
            assert one.overlaps(other)
    assert [float(one) for one in moved(coefficients, arb(1))] == [7, 10, 7, 1]


def test_series_are_not_cut_at_the_length_that_flint_keeps():
    found, alpha = path("lazy", 30), Fraction("0.5")
    kept = ctx.cap
    few = found.series(alpha, 3)
    try:
        ctx.cap = 2
        again = found.series(alpha, 3)
        assert ctx.cap == 2
    finally:
        ctx.cap = kept
    assert all(a.overlaps(b) for a, b in zip(few[1], again[1], strict=True))
    long = found.series(alpha, 12)
    assert len(long.log_tau) == 13
    assert not long.log_theta_squared[12].contains(0)
    assert ctx.cap == kept


def test_the_trend_of_the_error_is_that_of_its_slope():
    # Rises up to α = 0.0605, and falls beyond.
    found = certified_path(Mixture.pretrain_finetune("0.1", "0.1", "0", c="1e-3"), 10)
    for low, wanted in (("0.02", 1), ("0.04", 1), ("0.1", -1), ("0.7", -1)):
        arc = next(found.arcs(interval(low, str(Fraction(low) * Fraction(1001, 1000)))))
        assert found.trend(arc) == wanted
    over_the_top = found.arc(interval("0.0604", "0.0606"))
    assert found.trend(over_the_top) == 0


def test_what_has_no_path_is_refused():
    with pytest.raises(ValueError, match="c_FT > 0"):
        certified_path(Mixture.pretrain_finetune("0.1", "0.1", "0.5", c=1, relative_scale=-1))
    noisy = problem_of(mixture("baseline, sign slab"), Fraction(1), Fraction(0))
    with pytest.raises(ValueError, match="noise_variance = 0"):
        expand(noisy, arb(0.3), (arb(0), arb(0)), 1, 5)
    with pytest.raises(ValueError, match="0 < low <= high"):
        interval("0.4", "0.3")
