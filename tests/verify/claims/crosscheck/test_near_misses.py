"""False statements about finite problems that once held, beside the true ones."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp

from verify.claims.crosscheck import certificate, finite_size
from verify.claims.crosscheck._finite_size import Deviation, common_factor
from verify.claims.crosscheck._gaps import whole
from verify.methods.bounds import at_least
from verify.methods.equivalence import Estimate


@pytest.mark.parametrize(
    ("factor", "holds"), [("1", True), ("1.01", False), ("0.99", False), ("1.03", False)]
)
def test_the_scale_of_the_penalty_is_resolved_to_one_per_cent(factor, holds):
    assert finite_size.decide_scale(finite_size.best(sp.Rational(factor))).holds is holds


def test_a_common_factor_is_found_with_its_error():
    rng, slopes, found = np.random.default_rng(0), {}, []
    truth = 0.03
    for alpha in (0.1, 0.3):
        common = {d: rng.standard_normal((2, 60)) / d**0.5 for d in (100, 400)}
        for curve in range(8):
            slope = slopes[str(curve), alpha] = 0.2 + 0.1 * curve
            samples = {
                d: slope * truth + shared[curve % 2] + rng.standard_normal(60) / (10 * d**0.5)
                for d, shared in common.items()
            }
            found.append(Deviation(str(curve), alpha, 1.0, Estimate(0, 1, 1), 1.0, samples))
    best = common_factor(found, slopes)
    # What all curves of a seed share is cancelled by the weights.
    assert best.error < 0.01
    assert abs(best.value - truth) < 4 * best.error


TRUSTED = certificate.BY_CERTIFICATE
GAP, FEASIBLE = TRUSTED.conditions
LOOSE_GAP = replace(GAP, body=lambda q: sp.Abs(q) / 100)
LOOSE_FEASIBILITY = replace(FEASIBLE, body=lambda y: y / 100)


@pytest.mark.parametrize(
    ("trust", "holds"),
    [
        (TRUSTED, True),
        (TRUSTED._replace(conditions=(LOOSE_GAP, FEASIBLE)), False),
        (TRUSTED._replace(conditions=(GAP, LOOSE_FEASIBILITY)), False),
        (TRUSTED._replace(conditions=(FEASIBLE,)), False),
        (TRUSTED._replace(conditions=(at_least(GAP), FEASIBLE)), False),
        (TRUSTED._replace(near=at_least(TRUSTED.near)), False),
    ],
    ids=["small", "gap 1e-2", "infeasibility 1e-2", "any gap", "a large gap", "far away"],
)
def test_an_answer_just_too_far_from_the_minimiser_is_not_trusted(trust, holds):
    assert certificate.decide(trust).held_to(certificate.DISTANCE, None).holds is holds


@pytest.mark.parametrize("density", [0.101, 0.099, 0.11])
def test_a_density_is_not_rounded_to_the_next_whole_number_of_coordinates(density):
    assert whole(0.1 * 50) == 5
    with pytest.raises(ValueError, match="must be whole"):
        whole(density * 50)
