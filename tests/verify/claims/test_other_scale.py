"""Each side of a cross-check has a c_FT of its own: a wrong one in the library is noticed."""

import json
import subprocess
import sys
from fnmatch import fnmatchcase
from importlib.util import find_spec

import pytest

from tests.documents import ROOT
from verify import registry
from verify.claim import Verdict

TOPICS = ("crosscheck", "curves", "pipeline", "replica", "training")
# Checks, as "claim: name", that notice a c_FT which is larger by so much.
NOTICED = {
    1.02: (
        "crosscheck.finite-size: the best factor on c_FT in Experiment 3",
        "crosscheck.free-energy: distances in standard errors",
        "crosscheck.free-energy: recorded problems",
        "crosscheck.free-energy: training errors of recorded problems",
        "crosscheck.state-evolution-fixed-point: *",
        "curves.dense-reuse-relative-scale: *",
        "curves.interpolation-peak: *",
        "curves.nested-gain-vanishes: *",
        "curves.nested-gain-relative-scale: *",
        "curves.overlap-difference-*: *",
        "curves.overlap-gap-relative-scale: *",
        "curves.reference-values: float64*",
        "curves.regime-winners: *",
        "curves.sparse-reuse-relative-scale: *",
        "curves.sparsity-gain-absolute-scale: *",
        "pipeline.exact-solver: *",
        "pipeline.exchange-rate: *",
        "pipeline.finite-size: two ways to the theory",
        "pipeline.imperfect-helps: *",
        "pipeline.limits: *",
        "pipeline.published-runs: Monte-Carlo points and the sampled teacher",
        "pipeline.reference-values: solver",
        "pipeline.relative-scale-matters: *",
        "replica.critical-data: *",
        "replica.exact-solver: *",
        "replica.free-energy-slopes: *",
        "replica.full-sample-limit: *",
        "replica.random-signs: *",
        "replica.ridge-limit: *",
        "replica.stationarity: *",
        "training.recorded-end-points: *",
    ),
    1.05: ("crosscheck.finite-size: the best factors on c_FT",),
    1.3: (
        "crosscheck.amp-state-evolution: *",
        "crosscheck.correlated-examples: with noise",
        "crosscheck.decoupling: *",
        "crosscheck.effective-parameters: *",
        "crosscheck.finite-size: all curves, recorded errors",
        "crosscheck.finite-size: curves of large scales, closer",
        "pipeline.published-runs: Monte-Carlo points above the exact error",
        "training.published-networks: *",
        "training.published-stopping: *",
        "training.published-rate-stability: *",
        "training.replica-curve: *",
    ),
    3.0: (
        "crosscheck.correlated-examples: with a ridge",
        "crosscheck.rademacher-design: large scales, closer",
        "crosscheck.sparse-design: a tenth, large scales, closer",
        "replica.montecarlo-agreement: *",
    ),
}
# Of these, tried only at length.
LONG = (
    "crosscheck.decoupling: *",
    "crosscheck.finite-size: all curves, recorded errors",
    "crosscheck.finite-size: the best factors on c_FT",
    "curves.nested-gain-vanishes: *",
    "curves.overlap-gap-relative-scale: *",
    "curves.regime-winners: *",
    "replica.full-sample-limit: *",
    "replica.montecarlo-agreement: *",
    "training.replica-curve: *",
)
ARGUMENT = "c_FT is an argument here, the same for all methods that are compared"
APART = "none is the library's: the stated formula is held to networks, to flows or to itself"
NONE = "there is no c_FT in it, or the statement is of every c_FT"
SAME = "the stated relation is one between numbers of one solution, whatever c_FT it has"
AGAIN = "recorded networks and those measured again have the c_FT of `empirics`"
COARSE = "the margin is more than a wrong c_FT makes of it; finite-size is closer"
SIGNS = "signs that hold at every α, for c_FT thrice as large as well"
STAYS = {
    "crosscheck.amp-minimiser: *": ARGUMENT,
    "crosscheck.certificate: *": ARGUMENT,
    "crosscheck.certified-solutions: *": ARGUMENT,
    "crosscheck.correlated-design: *": COARSE,
    "crosscheck.correlated-examples: beside independent examples": COARSE,
    "crosscheck.correlated-examples: the same minimiser": ARGUMENT,
    "crosscheck.finite-size: beyond α = 0.28": COARSE,
    "crosscheck.finite-size: the best factors on p": "it is sensitive to p",
    "crosscheck.finite-size: the best factors on p beyond α = 0.28": "it is sensitive to p",
    "crosscheck.finite-size: the best factor on α": "it is sensitive to α",
    "crosscheck.free-energy: dual Newton and cone programme": ARGUMENT,
    "crosscheck.heavy-tailed-design: *": COARSE,
    "crosscheck.metamorphic: *": ARGUMENT,
    "crosscheck.minimiser: *": APART,
    "crosscheck.pretraining*: *": APART,
    "crosscheck.rademacher-design: all cases": COARSE,
    "crosscheck.recovery-threshold: *": ARGUMENT,
    "crosscheck.scale-limits: *": ARGUMENT,
    "crosscheck.sparse-design: a tenth, all cases": COARSE,
    "crosscheck.sparse-design: four entries a row*": COARSE,
    "crosscheck.*: recorded rows measured again": AGAIN,
    "curves.nested-gain-small-for-large-scales: *": SIGNS,
    "curves.overlap-gap-absolute-scale: *": SIGNS,
    "curves.overlap-gap-readout: *": SIGNS,
    "curves.reference-values: 34 digits": APART,
    "curves.sparsity-gain-readout: *": SIGNS,
    "pipeline.finite-size: distances in standard errors": APART,
    "pipeline.finite-size: mean scales of recorded problems": APART,
    "pipeline.finite-size: recorded problems": APART,
    "pipeline.finite-size: recorded rows measured again": AGAIN,
    "pipeline.finite-size: the best factor on E": APART,
    "pipeline.flow-two-stages: *": APART,
    "pipeline.least-squares: *": NONE,
    "pipeline.pretrained-law: *": APART,
    "pipeline.published-runs: published networks": "of one seed, whose errors scatter by as much",
    "pipeline.reference-values: nested trapezoidal rules": APART,
    "pipeline.restart: *": APART,
    "pipeline.trained-networks: *": APART,
    "replica.coordinate-groups: *": NONE,
    "replica.degrees-of-freedom: *": ARGUMENT,
    "replica.l1-threshold: *": NONE,
    "replica.min-norm-limit: *": NONE,
    "replica.more-data: *": NONE,
    "replica.null-limit: *": APART,
    "replica.perfect-pretraining: *": NONE,
    "replica.r-transform: *": NONE,
    "replica.ridge-limit-uniform: both problems solved": ARGUMENT,
    "replica.ridge-limit-uniform: n, d → ∞": SAME,
    "replica.sampled-teacher: *": "a share of the scatter, within wide bounds",
    "replica.stability: *": SAME,
    "replica.stein: *": ARGUMENT,
    "replica.susceptibility: *": ARGUMENT,
    "replica.unique-solution: *": SAME,
    "replica.vanishing-ridge: *": ARGUMENT,
    "training.[!pr]*": APART,
    "training.recorded-[fr]*": APART,
    "training.regime-winners: *": APART,
    "training.published-units: *": APART,
}


def matching(key, patterns):
    return [one for one in patterns if fnmatchcase(key, one)]


def checks():
    """Return "claim: name" of all checks of numbers in the quick tier of claims that are true."""
    return [
        f"{claim.id}: {check.name}"
        for claim in registry.load()
        if claim.id.split(".")[0] in TOPICS and claim.expected is not Verdict.REFUTED
        for check in claim.checks
        if check.method.numerical and check.tier == "quick"
    ]


def test_every_check_notices_a_wrong_scale_or_is_listed_with_its_reason():
    noticed = [one for patterns in NOTICED.values() for one in patterns]
    found = {key: matching(key, noticed) for key in checks()}
    listed = {key: matching(key, STAYS) for key in checks()}
    assert [key for key in found if not found[key] and not listed[key]] == []
    assert {key: listed[key] for key in found if found[key] and listed[key]} == {}
    # The first reason that matches is that of a check; none is left over.
    used = {one for of_key in found.values() for one in of_key} | {
        listed[key][0] for key in listed if listed[key]
    }
    assert used == {*noticed, *STAYS}
    assert {*LONG} <= {*noticed}


def outcomes(factor, patterns):
    """Return what becomes of the checks, by name, with the library's c_FT so much larger."""
    command = [sys.executable, "-m", "tests.verify.claims.other_scale", str(factor), *patterns]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return dict(json.loads(line) for line in run.stdout.splitlines())


def short(patterns):
    """Return what is tried each time: not what takes long, nor what needs torch without it."""
    trains = () if find_spec("torch") else ("training.published-rate-stability: *",)
    return [one for one in patterns if one not in (*LONG, *trains)]


@pytest.mark.parametrize("factor", [factor for factor, of in NOTICED.items() if short(of)])
def test_a_wrong_scale_in_the_library_is_noticed(factor):
    patterns = short(NOTICED[factor])
    found = outcomes(factor, patterns)
    # A pattern that is meant for length alone may share a claim with others.
    assert all(matching(key, patterns) for key in found)
    assert len(found) >= len(patterns)
    assert [key for key, holds in found.items() if holds is True] == []


@pytest.mark.slow
@pytest.mark.parametrize("factor", [factor for factor, of in NOTICED.items() if {*of} & {*LONG}])
def test_a_wrong_scale_in_the_library_is_noticed_at_length(factor):
    patterns = [one for one in NOTICED[factor] if one in LONG]
    found = outcomes(factor, patterns)
    assert len(found) >= len(patterns)
    assert [key for key, holds in found.items() if holds is True] == []


@pytest.mark.slow
def test_the_same_checks_hold_with_the_librarys_own_scale():
    patterns = [one for of in NOTICED.values() for one in of]
    assert set(outcomes(1.0, patterns).values()) == {True}
