"""What the page shows is what is decided: a formula is printed by the subject of a check.

A subject that prints itself could still print a constant text. So every control, which is false by
a sign, a factor or an exponent, has to print another formula than the statement does. And so has
every near miss, but for fields that state nothing by themselves.
"""

from fnmatch import fnmatchcase

import pytest

from verify import registry
from verify.claim import printed
from verify.methods.near_misses import near_misses
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


TRIED = "the problems that the statement is tried on; the page says what they have in common"
SAMPLE = "how much is drawn, not what is said of it"
# Near misses that the page shows no other formula for, by claim and field, and why.
NOT_SHOWN = {
    ("*", "*: *' for *"): "a symbol that the formula does not depend on",
    ("*", "*: *'} for *"): "a symbol that the formula does not depend on",
    ("*", "*symbols*: * exchanged"): "symbols that the formula does not depend on",
    ("crosscheck.amp-state-evolution", "problems.*"): TRIED,
    ("crosscheck.decoupling", "problems.*"): TRIED,
    ("crosscheck.effective-parameters", "problems.*"): TRIED,
    ("crosscheck.state-evolution-fixed-point", "problems.*"): TRIED,
    ("crosscheck.amp-state-evolution", "d: *"): SAMPLE,
    ("crosscheck.decoupling", "d: *"): SAMPLE,
    ("crosscheck.effective-parameters", "d: *"): SAMPLE,
    ("crosscheck.finite-size", "chosen: *"): "of all curves those that are tested",
    ("crosscheck.free-energy", "*rows: *"): "where what was measured is read",
    ("crosscheck.*", "errors: *"): "where the errors of networks are read",
    ("crosscheck.recovery-threshold", "trials: *"): SAMPLE,
    ("curves.regime-winners", "*in_pairs: *"): "the least of all is less than each: the same",
    ("pipeline.trained-networks", "seeds.*"): SAMPLE,
    ("pipeline.pretrained-law", "problems.*"): TRIED,
    ("pipeline.pretrained-law", "d: *"): SAMPLE,
    ("training.regime-winners", "table.in_pairs: *"): "less than each is the least: the same",
    ("training.*", "exactly: *"): "of inequalities that hold at every α: there is no other",
    ("replica.montecarlo-agreement", "alpha: *"): TRIED,
    ("replica.montecarlo-agreement", "samples: *"): SAMPLE,
    ("replica.published-error-bars", "alpha: *"): TRIED,
    ("replica.published-error-bars", "samples: *"): SAMPLE,
    ("vision.*", "beside.*"): "what decides nothing: beside it, with its own formula and family",
    ("vision.published-*", "others.*"): "what others of the plan's family are; how many, it shows",
}


def unshown(claim):
    """Return the near misses that show the statement's own formula, one for each field."""
    found, seen = [], []
    for check in claim.checks:
        if check.latex is None or any(check.subject is one for one in seen):
            continue
        seen.append(check.subject)
        fields = set()
        for miss in near_misses(check.subject):
            # Of a tuple of symbols each is a field.
            if miss.place in fields and not miss.place.endswith("symbols"):
                continue
            try:
                shown = printed(miss.make())
            except (ValueError, TypeError, ArithmeticError, KeyError):
                continue  # no statement is made of it, or none that can be printed
            fields.add(miss.place)
            found += [miss.name] if shown == check.latex else []
    return found


def test_what_is_decided_is_shown():
    needed = set()
    for claim in CLAIMS:
        for miss in unshown(claim):
            reasons = [
                (claims, edit)
                for claims, edit in NOT_SHOWN
                if fnmatchcase(claim.id, claims) and fnmatchcase(miss, edit)
            ]
            assert reasons, f"{claim.id} shows the same formula for {miss}"
            needed.update(reasons)
    assert needed == set(NOT_SHOWN)
    assert all(NOT_SHOWN.values())


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_formula_can_be_typeset(claim):
    for latex in (claim.latex, *(check.latex or "" for check in claim.checks)):
        assert [line.problem for line in typeset(latex) if line.mathml is None] == []
    assert claim.latex
