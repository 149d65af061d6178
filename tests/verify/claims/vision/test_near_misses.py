"""False statements about ResNets beside the true ones; symbols held to what they stand for."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from empirics.vision.representation import measures, participation_ratio, shared_dimensions
from empirics.vision.scaling import FACTORS
from verify.claims.vision import _effects as effects
from verify.claims.vision import kappa_function, scale_function
from verify.claims.vision import shared_dimensions_form as form
from verify.claims.vision._effects import Greater, Statement, decide
from verify.methods.formula import Relation

BEFORE, AFTER = "before pretraining", "after pretraining"
# What is multiplied, and when, by the paper's letter (Section 6; Appendix D).
MULTIPLIED = {
    r"\kappa =": ("κ", kappa_function.UP_TO_STAGE_3, BEFORE),
    "c =": ("c", (), BEFORE),
    r"\gamma =": ("γ", ("fc",), AFTER),
    r"\text{all weights} \times": ("factor of all weights", (), AFTER),
}


@pytest.mark.parametrize("study", FACTORS)
def test_symbols_of_factors_mean_what_they_multiply(study):
    word, modules, phase = MULTIPLIED[effects.SHOWN[study]]
    assert effects.WORDS[study] == word
    assert (FACTORS[study].modules, FACTORS[study].phase) == (modules, phase)
    value = effects.Study("reduced", study, (96.0,)).at(0.125, effects.ACCURACY)
    assert f"({effects.SHOWN[study]} 0.125)" in value.latex()


def centred(features):
    return features - features.mean(axis=0)


@pytest.mark.parametrize(
    ("column", "shown", "of"),
    [
        ("pr_before", r"\mathrm{PR}_{PT}", lambda before, after: participation_ratio(before)),
        ("pr_after", r"\mathrm{PR}_{FT}", lambda before, after: participation_ratio(after)),
        ("ensd", r"\mathrm{ENSD}", shared_dimensions),
    ],
)
def test_symbols_of_columns_mean_what_is_measured(column, shown, of):
    rng = np.random.default_rng(5)
    before, after = rng.standard_normal((2, 6, 4))
    (row,) = (one for one in measures(before, after) if one["centring"] == effects.CENTRING)
    assert row[column] == pytest.approx(of(centred(before), centred(after)))
    assert effects.COLUMNS[column] == shown
    assert effects.COLUMNS["accuracy"] == r"\mathrm{acc}"


def value(number, factor):
    """A value with made-up results, around a number."""

    class Made(effects.Value):
        def by_seed(self):
            return {seed: number + 0.01 * seed for seed in range(5)}

    return Made(effects.Study("reduced", "kappa", (96.0,)), factor, effects.ACCURACY)


@pytest.mark.parametrize(
    ("relation", "holds"), [(Relation.ABOVE, True), (Relation.BELOW, False)], ids=[">", "<"]
)
def test_the_relation_between_values_decides(relation, holds):
    for less, by in ((value(0.3, 1.0), 0.0), (None, 0.1), (value(0.3, 1.0), 0.1)):
        one = Greater(value(0.6, 0.125), less, by, relation)
        assert decide(Statement((one,))).holds is holds
        assert f" {relation} " in Statement((one,)).latex()
    weak = Greater(value(0.6, 0.125), value(0.3, 1.0), relation=Relation.AT_LEAST)
    with pytest.raises(ValueError, match="must exceed"):
        decide(Statement((weak,)))


SCALING = kappa_function.STATED


def test_what_is_multiplied_is_read_from_the_left_side():
    kappa, scaled, others = kappa_function.KAPPA, kappa_function.SCALED, kappa_function.OTHERS
    assert SCALING.factor(0.5) == 0.5
    divided = SCALING._replace(
        outputs=replace(SCALING.outputs, name=kappa_function.OUTPUTS(scaled / kappa, others))
    )
    assert divided.factor(0.5) == 2.0
    assert divided.latex() != SCALING.latex()
    exchanged = replace(SCALING.rate, symbols=SCALING.rate.symbols[::-1])
    assert exchanged({kappa_function.ETA: 1.0, kappa: 2.0}) == 2.0
    assert SCALING.rate({kappa_function.ETA: 1.0, kappa: 2.0}) == 0.25
    for name in (
        kappa_function.OUTPUTS(others, scaled),
        kappa_function.OUTPUTS(kappa * scaled, kappa * others),
        2 * kappa_function.OUTPUTS(kappa * scaled, others),
    ):
        with pytest.raises(ValueError, match="modules multiplied must be stated"):
            SCALING._replace(outputs=replace(SCALING.outputs, name=name)).factor(0.5)


def test_symbols_of_the_logits_stand_for_what_they_are_called():
    everything = scale_function.STATED.everything
    at = {scale_function.f: 5.0, scale_function.b: 1.0, scale_function.c: 2.0}
    assert everything(at) == 4 * 4.0 + 2.0
    exchanged = replace(everything, symbols=(scale_function.b, scale_function.f, scale_function.c))
    assert exchanged(at) == 4 * -4.0 + 10.0
    assert exchanged.latex() != everything.latex()


STATED = form.STATED
LARGER = sp.Trace(2 * form.F1.T * form.F1 * form.F2.T * form.F2)


@pytest.mark.parametrize(
    ("statement", "holds"),
    [
        (STATED, True),
        (STATED._replace(bound=replace(STATED.bound, relation=Relation.AT_LEAST)), False),
        (STATED._replace(bound=replace(STATED.bound, relation=Relation.BELOW)), False),
        (STATED._replace(bound=replace(STATED.bound, name=form.ENSD)), False),
        (
            STATED._replace(alike=replace(STATED.alike, name=form.OF_TWO(form.F, form.F) ** 2)),
            False,
        ),
        (STATED._replace(form=form.SMALL._replace(trace=LARGER)), False),
        (
            STATED._replace(alike=replace(STATED.alike, name=form.OF_TWO(form.F, sp.Symbol("G")))),
            False,
        ),
    ],
    ids=["stated", "at least", "below", "ENSD", "squared", "twice the trace", "of two"],
)
def test_shared_dimensions(statement, holds):
    assert form.decide(statement).holds is holds
    assert (statement.latex() == STATED.latex()) is holds
