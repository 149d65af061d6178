"""What the page shows is what is decided: a formula is printed by the subject of a check.

A subject that prints itself could still print a constant text. So every control, which is false by
a sign, a factor or an exponent, has to print another formula than the statement does.
"""

import pytest

from verify import registry
from verify.claim import printed
from verify.report.typesetting import typeset

CLAIMS = list(registry.load())
# Statements that no subject can print, and why; what they show is compared with nothing.
BY_HAND: dict[str, str] = {}


def test_formulas_by_hand_are_listed_with_their_reason():
    by_hand = {claim.id for claim in CLAIMS if all(check.latex is None for check in claim.checks)}
    assert by_hand == set(BY_HAND)
    assert all(BY_HAND.values())
    assert len(by_hand) < 25


@pytest.mark.parametrize(
    ("claim", "check"),
    [(claim, check) for claim in CLAIMS for check in claim.checks if check.latex is not None],
    ids=lambda one: getattr(one, "id", None) or one.name,
)
def test_every_control_shows_another_formula(claim, check):
    for control in check.controls:
        assert printed(control.subject) not in (None, check.latex), control.variant


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_formula_can_be_typeset(claim):
    assert [line.problem for line in typeset(claim.latex) if line.mathml is None] == []
    assert claim.latex
