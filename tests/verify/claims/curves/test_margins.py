"""Regions of positive margins: known crossings, ties, wrong statements, unresolved errors."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from empirics.experiments import REGIMES
from numerics import solve_replica
from verify import registry
from verify.claim import Verdict
from verify.claims.curves import _margins as margins
from verify.claims.curves import _quantities as quantities
from verify.claims.curves import interpolation_peak
from verify.claims.curves._crossings import signs
from verify.claims.curves._margins import (
    EVERYWHERE,
    Inequalities,
    Line,
    Quantity,
    Region,
    above,
    below,
    between,
    decide,
    outside,
    shifted,
)
from verify.claims.curves.regime_winners import STATED as WINNERS
from verify.claims.curves.regime_winners import Winners
from verify.methods.relations import Extremum, Relation
from verify.run.worker import run_check


def parabola(alpha):
    return (alpha - 0.25) * (alpha - 0.75)


@dataclass(frozen=True)
class Made(Line):
    """A line with a margin of its own."""

    def exact(self, alpha):
        return parabola(alpha) if self.larger.letter == "R" else -parabola(alpha)


def made(holds):
    return Inequalities((Made(quantities.overlap_gap("sign"), quantities.exponential(1.0), holds),))


def held(statement):
    return decide(statement).held_to(margins.CROSSING_TOLERANCE, None)


def test_crossings_are_found():
    found = Region(*signs(parabola))
    assert found.begins
    assert found.crossings == pytest.approx((0.25, 0.75), abs=1e-8)
    assert found.described == "(0.010000, 0.250000) and (0.750000, 0.990000)"
    assert [found.at(a) for a in (0.1, 0.5, 0.9)] == [True, False, True]
    assert Region(*signs(lambda a: -parabola(a))).described == "(0.250000, 0.750000)"


def test_ties_are_not_positive():
    assert Region(*signs(np.zeros_like)).described == "no α"
    assert Region(*signs(np.ones_like)) == EVERYWHERE


def test_the_relation_that_is_shown_decides():
    stated = made(outside(0.25, 0.75))
    (line,) = stated.lines
    turned = Inequalities((dataclasses.replace(line, relation=Relation.BELOW),))
    assert turned.latex() == stated.latex().replace(" > e", " < e") != stated.latex()
    gap, bound = quantities.overlap_gap("sign"), quantities.exponential(0.1)
    errors = lambda setting: np.array([2.0 if setting.overlap == 0.0 else 1.0])  # noqa: E731
    more, less = (Line(gap, bound, relation=r) for r in (Relation.ABOVE, Relation.BELOW))
    assert more.margin(errors) == -less.margin(errors) == pytest.approx(np.log(2.0) - 0.1)
    for weak in (Relation.AT_LEAST, Relation.AT_MOST, Relation.EQUAL):
        with pytest.raises(ValueError, match="must be < or >"):
            dataclasses.replace(line, relation=weak)


# What the symbols and words of a curve's parameters mean, by the task and initialisation.
MEANING = {
    (r"\rho_{PT}", "ρ_PT"): lambda task, init: share(task, pretrained=True),
    (r"\rho_{FT}", "ρ_FT"): lambda task, init: share(task, active=True),
    (r"\omega", "ω"): lambda task, init: (
        share(task, pretrained=True, active=True) / share(task, active=True)
    ),
    ("c", "c"): lambda task, init: init.c,
    (r"\lambda/c", "λ/c"): lambda task, init: init.lam / init.c,
    (r"\gamma", "γ"): lambda task, init: init.gamma,
}


def share(task, *, pretrained=False, active=False):
    return sum(
        group.probability
        for group in task.groups
        if group.pt_magnitude >= 0.5 * pretrained and (group.ft_amplitude > 0) >= active
    )


@pytest.mark.parametrize("name", margins.NAMES)
def test_symbols_of_parameters_mean_what_they_are_called(name):
    curve = dataclasses.replace(
        quantities.setting("sign", 0.3, 0.25, c=2e-3, ratio=-0.4, gamma=0.7), rho_pt=0.2
    )
    value = MEANING[margins.NAMES[name]](curve.task, curve.initialization)
    assert value == pytest.approx(getattr(curve, name))
    assert margins.listed({name: 0.125}) == rf"{margins.NAMES[name][0]} = 0.125"


@pytest.mark.parametrize("slab", margins.SLABS)
def test_words_for_slabs_mean_the_laws_of_teachers(slab):
    task = quantities.setting(slab, 0.5, 0.2).task
    sample = task.sample(4000, 0.5, np.random.default_rng(1))
    active = sample.beta_ft[sample.beta_ft != 0.0]
    one_size = np.ptp(np.abs(active)) < 1e-12
    normal = stats.kstest(active / active.std(), "norm").pvalue > 0.01
    assert {"sign slab": one_size, "Gaussian slab": normal}[margins.SLABS[slab]]
    assert one_size != normal


PEAKS = interpolation_peak.STATED


@pytest.mark.parametrize(
    ("stated", "holds"),
    [
        (PEAKS, True),
        (PEAKS._replace(moves=Relation.ABOVE), False),
        (PEAKS._replace(grows=Relation.ABOVE), False),
        (PEAKS._replace(extremum=Extremum.MIN), False),
        (PEAKS._replace(null=2.5), False),
        (PEAKS._replace(null=0.999), False),
        (PEAKS._replace(null=1.0001), False),
        (PEAKS._replace(density=0.0811), False),
        (PEAKS._replace(density=0.101), False),
    ],
    ids=[
        *("stated", "moves away", "falls", "the least error", "above 2.5", "above 0.999"),
        "above 1.0001",
        *("below 0.0811", "below 0.101"),
    ],
)
def test_what_is_shown_of_peaks_decides(stated, holds):
    assert interpolation_peak.decide(stated).held_to(2e-7, None).holds is holds
    assert (stated.latex() == PEAKS.latex()) == holds


def test_peaks_move_and_grow_strictly():
    with pytest.raises(ValueError, match="strictly"):
        interpolation_peak.decide(PEAKS._replace(moves=Relation.AT_MOST))


def test_right_statement_holds_and_its_variants_fail():
    stated = made(outside(0.25, 0.75))
    assert held(stated).holds
    for wrong in (stated.reversed(), stated.holding(shifted), stated.read_everywhere()):
        evidence = held(wrong)
        assert evidence.holds is False
        alpha = float(evidence.counterexample["alpha"])
        sign = float(evidence.counterexample["margin"]) > 0
        assert sign != wrong.lines[0].holds.at(alpha)


def test_a_crossing_off_by_less_than_the_tolerance_holds():
    assert held(made(outside(0.25 + 5e-7, 0.75))).holds
    assert not held(made(outside(0.25 + 2e-6, 0.75))).holds


def test_the_size_and_the_share_of_what_fails_are_measured():
    evidence = held(made(EVERYWHERE))
    # (α − 1/4)(α − 3/4) is least at 1/2: −1/16, which in a logarithm is 6.4 %.
    assert float(evidence.counterexample["alpha"]) == pytest.approx(0.5, abs=1e-4)
    assert float(evidence.counterexample["margin"]) == pytest.approx(-1 / 16, abs=1e-8)
    assert evidence.counterexample["which is"] == "6.4 %"
    text = "sign slab, by up to 6.4 %, on 51 % of the range of α"
    assert evidence.summary == f"1 of 1 inequalities fails: {text}"
    (step,) = evidence.steps
    assert "fails on (0.250000, 0.750000), 51 % of the range, by up to 6.4 %" in step
    (failure,) = evidence.data["failures"].values()
    assert failure["share"] == pytest.approx(0.5 / 0.98)
    largest = max(
        float(margins.errors(quantities.setting("sign", 0.1, overlap), np.array([0.5]))[0])
        for overlap in (0.0, 1.0)
    )
    assert f"the largest of its errors is {largest:.2g})" in step


@pytest.mark.parametrize(
    ("quantity", "margin", "size"),
    [
        (quantities.overlap_gap, 0.011, "1.1 %"),
        (quantities.overlap_gap, -0.6, "82 %"),
        (quantities.overlap_gap, -1.07, "a factor of 2.9"),
        (quantities.overlap_gap, 6.6864, "a factor of 800"),
        (quantities.overlap_difference, -0.058, "0.058"),
    ],
)
def test_sizes_are_per_cent_factors_or_absolute(quantity, margin, size):
    side = quantity("gaussian")
    assert margins.Failure(Line(side, side), ((0.1, 0.2),), 0.15, margin).size == size


def test_a_slab_for_which_all_holds_is_told_from_one_for_which_something_fails():
    holding = Line(quantities.exponential(10.0), quantities.overlap_gap("gaussian"))
    mixed = Inequalities((holding, *made(EVERYWHERE).lines))
    evidence = held(mixed)
    assert evidence.summary.startswith("1 of 2 inequalities fails: sign slab only, by up to 6.4 %")
    assert evidence.steps[0].endswith("holds on (0.010000, 0.990000)")
    assert (
        held(made(outside(0.25, 0.75)))
        .steps[0]
        .endswith("holds on (0.010000, 0.250000) and (0.750000, 0.990000)")
    )


# The largest log of a ratio on the wrong side, and the share of α, as on a grid of 393 points.
SIZES = {
    "dense-reuse": {"Gaussian slab": (6.6, 0.75), "sign slab": (6.7, 0.69)},
    "nested-gain": {"sign slab": (0.0110, 0.0142)},
    "overlap-gap": {"Gaussian slab": (0.86, 0.32), "sign slab": (1.07, 0.19)},
    "sparse-reuse": {"sign slab": (0.0587, 0.0135)},
    "sparsity-gain": {"Gaussian slab": (0.029, 0.223), "sign slab": (0.012, 0.323)},
}


@pytest.mark.parametrize(("name", "sizes"), SIZES.items())
def test_readings_at_every_alpha_fail_by_as_much_as_is_known(name, sizes):
    scale = "absolute" if name == "sparsity-gain" else "relative"
    claim = registry.load(("verify.claims",)).claims[f"curves.{name}-{scale}-scale-printed"]
    found = held(claim.checks[-1].subject).data["failures"]
    for slab in margins.SLABS.values():
        own = [one for line, one in found.items() if line.startswith(slab)]
        expected = [sizes[slab]] if slab in sizes else []
        worst = [
            (max(abs(one["margin"]) for one in own), max(one["share"] for one in own))
            for _ in own[:1]
        ]
        assert np.ravel(worst) == pytest.approx(np.ravel(expected), rel=0.03)


def test_regions_print_themselves():
    assert EVERYWHERE.latex() == r"\text{for every } \alpha"
    assert Region(False, ()).latex() == r"\text{for no } \alpha"
    assert below(0.25).latex() == r"\iff \alpha < 0.250000000"
    assert above(0.25).latex(exactly=False, digits=6) == r"\text{if } \alpha > 0.250000"
    assert between(0.25, 0.5).latex() == r"\iff 0.250000000 < \alpha < 0.500000000"
    two = r"\iff \alpha < 0.250000000 \text{ or } \alpha > 0.500000000"
    assert outside(0.25, 0.5).latex() == two
    assert shifted(below(0.25)).latex() != below(0.25).latex()


def test_a_table_prints_what_it_decides():
    rows = [("gaussian", 1e-6, 1e-3, EVERYWHERE, ""), ("gaussian", 1e-3, 1.0, EVERYWHERE, "")]
    table = quantities.swept(quantities.overlap_gap, "c", *rows)
    head, row = table.latex().split(r" \\ ")
    assert head.startswith(r"R = \frac{{p_{\omega = 0}}}{{p_{\omega = 1}}},\quad \rho_{PT} = 0.1")
    assert r"\text{Gaussian slab}:\quad R_{c = 10^{-6}} > R_{c = 0.001} > R_{c = 1}" in row
    assert r"\hat p_{\omega = 0}" in table.latex(r"\hat p")
    assert WINNERS.reversed().latex() != WINNERS.latex() != WINNERS.holding(shifted).latex()


def test_what_is_made_of_one_error_or_none_is_shown():
    low, high = quantities.error("gaussian", 0.1, 1.0), quantities.error("gaussian", 0.1, 0.0)
    hundredfold = dataclasses.replace(high, body=lambda p: 100 * p)
    plain, more = Inequalities((Line(low, high),)), Inequalities((Line(hundredfold, low),))
    assert r"{p_{\omega = 1}} > {p_{\omega = 0}}" in plain.latex()
    assert r"100 {p_{\omega = 0}} > {p_{\omega = 1}}" in more.latex()
    assert r"100 {\hat p_{\omega = 0}}" in more.latex(r"\hat p")
    gap = quantities.overlap_gap("gaussian")
    bounds = [Inequalities((Line(quantities.exponential(x), gap),)).latex() for x in (0.01, 0.02)]
    assert "e^{0.01} > R" in bounds[0]
    assert "e^{0.02} > R" in bounds[1]
    tenth = Quantity("e", lambda: 0.1, ())
    assert "0.1 > R" in Inequalities((Line(tenth, gap),)).latex()
    # The bound is compared as it is shown: 0.1 < R < 10 where R = 2.
    made_up = lambda setting: np.array([2.0 if setting.overlap == 0.0 else 1.0])  # noqa: E731
    assert Line(tenth, gap).margin(made_up) == pytest.approx(np.log(0.1 / 2.0))
    assert Line(quantities.exponential(1.5), gap).margin(made_up) == pytest.approx(
        1.5 - np.log(2.0)
    )


def test_quantities_of_one_table_have_symbols_of_their_own():
    first, second = (
        Quantity(letter, body, quantities.overlap_gap("sign").settings)
        for letter, body in (("R", lambda p, q: p / q), ("Q", lambda p, q: p * q))
    )
    head = Inequalities((Line(first, second),)).latex().split(r" \\ ")[0]
    assert head.startswith("R = ")
    assert "Q = " in head


def test_sides_of_two_slabs_or_scales_are_refused():
    with pytest.raises(ValueError, match=r"one slab, got \['gaussian', 'sign'\]"):
        Line(quantities.error("gaussian", 0.1, 0.5), quantities.error("sign", 0.1, 0.5))
    with pytest.raises(ValueError, match=r"one slab, got \[\]"):
        Line(quantities.exponential(1.0), quantities.exponential(2.0))
    with pytest.raises(ValueError, match="one scale"):
        Line(quantities.overlap_gap("sign"), quantities.overlap_difference("sign"))
    assert Line(quantities.error("sign", 0.1, 0.5), quantities.error("sign", 0.1, 0.4)).holds.begins


@pytest.mark.parametrize("regime", REGIMES)
def test_a_regime_wins_by_the_least_of_the_others(regime):
    alpha = np.array([0.05, 0.2, 0.4])
    curves = {
        name: margins.errors(quantities.setting("sign", 0.1, 1.0, c=c, ratio=r, gamma=g), alpha)
        for name, (c, r, g) in REGIMES.items()
    }
    own = curves.pop(regime)
    expected = np.log(np.min(list(curves.values()), axis=0) / own)
    stated = Winners((("sign", 1.0, 0.1, regime, EVERYWHERE),))
    (line,) = stated.lines
    assert line.exact(alpha) == pytest.approx(expected, abs=1e-12)
    largest = np.log(own / np.max(list(curves.values()), axis=0))
    assert stated.reversed().lines[0].exact(alpha) == pytest.approx(largest, abs=1e-12)
    assert stated.reversed().latex() == stated.latex().replace("argmin", "argmax")
    pairs = [line.exact(alpha) for line in dataclasses.replace(stated, in_pairs=True).lines]
    assert np.min(pairs, axis=0) == pytest.approx(expected, abs=1e-12)
    assert expected[0] > 0 if regime == "II" else expected[0] < 0


def test_margins_of_errors():
    alpha = np.array([0.1, 0.3])
    small, large = (quantities.error("sign", 0.1, overlap) for overlap in (1.0, 0.0))
    exact = [margins.errors(one.settings[0], alpha) for one in (large, small)]
    gap, difference = quantities.overlap_gap("sign"), quantities.overlap_difference("sign")
    errors = lambda setting: margins.errors(setting, alpha)  # noqa: E731
    assert Line(large, small).exact(alpha) == pytest.approx(np.log(exact[0] / exact[1]))
    assert gap.value(errors) == pytest.approx(np.log(exact[0] / exact[1]))
    assert difference.value(errors) == pytest.approx(exact[0] - exact[1])
    assert (Line(gap, gap).exact(alpha) == 0).all()
    assert (Line(quantities.exponential(10.0), gap).exact(alpha) > 0).all()


def test_errors_without_digits_are_refused(monkeypatch):
    def vague(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return dataclasses.replace(curve, relative_error=np.ones_like(curve.mse))

    monkeypatch.setattr(margins, "solve_replica", vague)
    with pytest.raises(ArithmeticError, match="not resolved to nine digits"):
        margins.errors(quantities.setting("sign", 0.1, 0.0), np.array([0.123456]))


def test_errors_that_are_no_number_confirm_nothing(monkeypatch):
    def holed(*arguments, **options):
        curve = solve_replica(*arguments, **options)
        return dataclasses.replace(curve, mse=np.where(curve.alpha > 0.9, np.nan, curve.mse))

    margins._solved.cache_clear()
    monkeypatch.setattr(margins, "solve_replica", holed)
    rows = [("gaussian", 1e-6, 1e-3, EVERYWHERE, "")]
    *_, check = quantities.swept(quantities.overlap_gap, "c", *rows).claim()["checks"]
    assert run_check(check).verdict is Verdict.INCONCLUSIVE
    margins._solved.cache_clear()
    with pytest.raises(ArithmeticError, match="is no number"):
        signs(lambda alpha: np.where(alpha > 0.5, np.nan, parabola(alpha)))
