"""The reduced study: accuracy over all values of a factor (Section 6, Figure 4; Appendix D).

The smaller a factor, the higher the accuracy: of κ, c, γ and all weights, by the slope over all
values. It is no statement about two values next to each other: of these nothing is decided. 16
seeds, the same for every factor and value; the plan, with families, sides and stopping rule, is
older than the first of these networks (`empirics/recorded/vision-reduced.plan.json`).
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.claims.vision._effects import Beside, Fits, Statement
from verify.claims.vision._reduced import FACTORS, NAMES, PLANNED, SEEDS, SIZES, SOURCES
from verify.claims.vision._values import ACCURACY, WORDS, Greater, PerDoubling, Study, in_words
from verify.methods.relations import Relation
from verify.registry import state

# The n at which the slope by itself, of a family of all factors and n, is decided to be below 0.
# It is nowhere above.
TOGETHER = f" (intervals simultaneous for {len(NAMES)} factors and {len(SIZES)} n)"
FALLS_AT = {**dict.fromkeys(NAMES, SIZES), "gamma": SIZES[:3]}


def slope(name, averaged=SIZES):
    return Study("reduced", name, averaged).at(PerDoubling(FACTORS[name]), ACCURACY)


def stated(name, relation=Relation.BELOW, by=0.0, beside=()):
    one = Greater(slope(name), by=by, relation=relation)
    return Statement((one,), SEEDS, len(NAMES), beside)


def beside(name):
    by_size = (
        Beside(f"slope at n = {n:g}", Greater(slope(name, (n,))), len(NAMES) * len(SIZES))
        for n in SIZES
    )
    return (*by_size, Fits("slope", slope(name)))


def by_size(name):
    """Return what is decided of single n, in words."""
    falls = FALLS_AT[name]
    left = tuple(n for n in SIZES if n not in falls)
    if not left:
        return f"So it does at each of these n{TOGETHER}."
    return f"So it does at {in_words(falls)}; it is not decided at {in_words(left)}{TOGETHER}."


for name in NAMES:
    values = FACTORS[name]
    state(
        f"vision.reduced-{name}-accuracy",
        f"""Accuracy over {WORDS[name]} (reduced study) ({SOURCES[name][0]}).

        In the reduced study, {SEEDS} seeds, test accuracy averaged over {in_words(SIZES)} falls
        with the logarithm of {WORDS[name]} from {min(values):g} to {max(values):g}, by the
        least-squares slope. {by_size(name)}
        """,
        effects.checks(
            stated(name, beside=beside(name)),
            Control("rises", stated(name, Relation.ABOVE)),
            Control("by more than 0.1 a doubling", stated(name, by=-0.1)),
        ),
        assumptions=PLANNED,
    )
