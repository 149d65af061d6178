"""Sources of statements are read as sections of the paper, whatever their wording."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify import registry
from verify.report.paper import BEYOND, OUTLINE, PAPER
from verify.report.places import order, places, read


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


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("Theorem 4.1, eqs. (11)-(14)", "Theorem 4.1|eqs. 11-12|eqs. 13-14"),
        ("eqs. 2-3 and 15", "eq. 2|eq. 3|eq. 15"),
        ("equation 20; eqs. (8)–(10)", "eq. 8|eq. 9|eq. 10|eq. 20"),
        ("eqs. 36, 37, and 40", "eq. 36|eq. 37|eq. 40"),
        ("eq. 39, as printed", "eqs. 38-39"),
        ("Propositions 5.1 and B.1, eq. 27", "Proposition 5.1|Proposition B.1|eq. 27"),
        ("Proposition 4.2; Definition C.1", "Proposition 4.2|Definition C.1"),
        ("Section 5.1, regimes I to III", "regime I|regime II|regime III"),
        ("regime IV, between regimes I and II", "regime I|regime II|regime IV"),
        ("Fig. 2b", "Figure 2"),
        ("Figure 3", "Figure 3"),
        ("Figures 3a and 3c-3e", "Figure 3a|Figure 3c|Figure 3d|Figure 3e"),
        ("Figure 4; Figure 4b", "Figure 4a|Figure 4b|Figure 4c"),
        ("Figures 6-8", "Figure 6|Figure 7|Figure 8"),
        ("Appendix E.2.1 and E.2.4", "Appendix E.2.1|Appendix E.2.4"),
        ("Experiment 4, Appendix E.2.6", "Experiment 4|Appendix E.2.6"),
        ("Section 3.1, “two pathways”", "“two pathways”"),
        ("“step 1 of eq. 34”", "“step 1 of eq. 34”"),
        ("Section 5.2; Appendix E.2", ""),
        ("eq. (5) of Azulay et al. (2021); Proposition 1 of Bereyhi & Müller", ""),
    ],
)
def test_sources_name_items(source, names):
    named = read(source)
    assert "|".join(item.name for item in named.items) == names
    assert not named.unknown


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Section 4.1, eq. 47", "the paper has no eq. 47; the nearest is eqs. 41-46"),
        ("eqs. 39-50", "the paper has no eq. 50; the nearest is eqs. 41-46"),
        ("Proposition 5.2", "the paper has no Proposition 5.2; the nearest is Proposition 5.1"),
        ("Lemma 4.1", "the paper has no Lemma 4.1; the nearest is Theorem 4.1"),
        ("Figure 12", "the paper has no Figure 12; the nearest is Figure 9"),
        ("Section 5.4", "the paper has no Section 5.4; the nearest is Section 5."),
        ("Appendix E.2.7", "the paper has no Appendix E.2.7; the nearest is Appendix E.2"),
        ("“two pathway”", "the paper has no “two pathway”; the nearest is “two pathways”"),
    ],
)
def test_what_the_paper_does_not_have_is_said_with_the_nearest(source, said):
    (unknown,) = read(source).unknown
    assert str(unknown).startswith(said)


def test_each_item_is_named_by_its_own_name():
    members = [(item, place) for place, items in PAPER.items() for item in items]
    assert len({item.name for item, _ in members}) == len(members)
    for item, place in members:
        named = read(item.name)
        assert named.items == (item,)
        assert named.places == (place,)


def test_no_numbered_equation_is_left_out():
    named = read("eqs. 1-46").items
    assert [item for item in named if not item.name.startswith("eq")] == []
    assert all(read(f"eq. {number}").items for number in range(1, 47))


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
    assert found == read(source).places
    assert len(set(found)) == len(found)
