"""Naming the two methods of a comparison."""

from verify.claim import Comparison, Evidence
from verify.methods.numeric import compared


def test_the_figure_of_evidence_that_holds_becomes_a_comparison():
    first = compared(Evidence(True, "equal", figure=1e-12), "p", ("one", "two"))
    assert first.comparisons == (Comparison("p", ("one", "two"), 1e-12),)
    second = compared(first, "τ", ("one", "three"), "absolute")
    assert second.comparisons[1] == Comparison("τ", ("one", "three"), 1e-12, "absolute")


def test_evidence_against_or_without_a_figure_names_nothing():
    for evidence in (
        Evidence(False, "apart", figure=1.0, counterexample={"at": "0"}),
        Evidence(True, "proved"),
        Evidence(None, "nothing decided"),
    ):
        assert compared(evidence, "p", ("one", "two")) is evidence
