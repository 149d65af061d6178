"""Sources of statements are read as sections of the paper, whatever their wording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify import registry
from verify.report.places import BEYOND, OUTLINE, order, places


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("Theorem 4.1", "4.1"),
        ("Proposition 4.2, eqs. (19)-(20); Appendix C.1, eqs. (33)-(34)", "4.2 C.1"),
        ("Propositions 5.1 and B.1, eq. 27", "5.1 B.2"),
        ("Sections 3.1-3.2, eq. (1)", "3.1 3.2"),
        ("Sections 3.1–4.1", "3.1 3.2 3.3 4.1"),
        ("Sections 5.1 and 5.2, Appendix B.2", "5.1 5.2 B.2"),
        ("Section 5", "5.1 5.2 5.3"),
        ("Appendix B, as commonly coded", "B.1 B.2"),
        ("Appendix E.2.1 and E.2.4", "E.2"),
        ("Appendices B.1, B.2 and C.1", "B.1 B.2 C.1"),
        ("Experiment 4 (Appendix E.2.6); Appendix B.1", "5.3 E.2 B.1"),
        ("Figure 3f", "5.3"),
        ("Fig. 2b (|β_FT| = |β_PT| = 1)", "5.2"),
        ("Figures 6 and 9; Figure 4", "D 6"),
        ("An implementation of eq. (5)", "3.2"),
        ("eqs. (11)-(14)", "4.1"),
        ("eqs. 1, 2 and 15", "3.1 3.2 4.2"),
        ("eqs. 21, 28, 29, 40 and 41", "B.2 C.1 E.1"),
        ("Appendix A, Figure 5; Section 5.3", "A 5.3"),
        ("Section 5.1; Donoho & Tanner (2009), weak threshold", "5.1"),
        ("Azulay et al. (2021)", "beyond"),
        ("Theorem 9.9; eq. (999)", "beyond"),
        ("Sectional curvature 3", "beyond"),
        ("", "beyond"),
    ],
)
def test_sources_are_read(source, keys):
    assert " ".join(place.key for place in places(source)) == keys


def test_every_statement_of_the_suite_has_its_place():
    lost = [claim.source for claim in registry.load() if places(claim.source) == (BEYOND,)]
    assert not [source for source in lost if "Section" in source or "Appendix" in source]


def test_the_outline_is_in_order_and_named_apart():
    assert [order(place) for place in OUTLINE] == list(range(len(OUTLINE)))
    assert len({place.key for place in OUTLINE}) == len(OUTLINE)
    assert OUTLINE[0].heading == "Section 3.1: network architecture"
    assert OUTLINE[-2].heading.startswith("Appendix E.3: ")
    assert BEYOND.heading == "Beyond the paper"


@given(st.text(alphabet="SectionsAppendixFigure.,-–()0123456789aABCDE and to", max_size=80))
def test_any_text_has_a_place(source):
    found = places(source)
    assert found
    assert len(set(found)) == len(found)
