"""The published protocol: what the paper reports, one claim for each factor that is varied.

Of κ, c and γ (Section 6, Figures 4 and 6-8): accuracy, and the rich, pretraining-dependent
signature. At one eighth of a factor the last stage loses dimensions in fine-tuning, those left are
shared with the pretrained network, and both hold more so than at the factor 1.

How they are judged was planned before the first network (`vision-published-cpu.plan.json`), but for
the signature of c: at c = 1/8 nothing is planned yet. The paper does not say at which intermediate
n a smaller γ generalises better: the middle three are used. All weights (Appendix D.4) are in
published_all_weights.py.
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.claims.vision import _planned as planned
from verify.claims.vision._planned import Planned
from verify.claims.vision._values import (
    ACCURACY,
    TITLES,
    WORDS,
    Features,
    Greater,
    Study,
    in_words,
    signature,
)
from verify.methods.relations import Relation
from verify.registry import state

PLAN = "vision-published-cpu"
SIZES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
SMALL, N = 0.125, 500.0
FIRST = Features("layer4", "evaluation", "centred")
PUBLISHED = (
    "ResNet-18 on CIFAR-100, Appendix E.3, on a CPU",
    "seeds 100 to 105 of the plan, or 100 to 109 for what these leave open",
    "differences paired by seed; Holm's correction in a family of the plan",
)


def accuracy(name, better, worse, over=SIZES):
    study = Study("published", name, over)
    return Greater(study.at(better, ACCURACY), study.at(worse, ACCURACY))


HIGHER = {
    "kappa": accuracy("kappa", SMALL, 1.0),
    "gamma": accuracy("gamma", SMALL, 1.0, (50.0, 100.0, 200.0)),
    "scale": accuracy("scale", 1.0, 2.0),
}
HEADS = {
    "kappa": "Smaller κ generalises better (Section 6, Figure 4a; Appendix D.1)",
    "scale": "Larger c generalises worse (Section 6, Figure 4b; Appendix D.2)",
    "gamma": "Smaller γ generalises better at intermediate n (Section 6, Figure 4c; Appendix D.3)",
}


# A family of its own, which decides nothing.
FURTHER = {"gamma": accuracy("gamma", SMALL, 1.0), "scale": accuracy("scale", 0.25, 1.0)}


def further(name):
    """Return what else is estimated of the accuracy, in words and by the plan."""
    if name not in FURTHER:
        return ()
    others = tuple(one for other, one in FURTHER.items() if other != name)
    return (("at all n, or at the smaller value", Planned((FURTHER[name],), others, PLAN)),)


for name, higher in HIGHER.items():
    others = tuple(one for one in HIGHER.values() if one is not higher)
    state(
        f"vision.published-{name}-accuracy",
        f"""{HEADS[name]}.

        At the published protocol, 6 or 10 seeds, test accuracy averaged over
        {in_words(higher.more.study.sizes)} is higher at {WORDS[name]} = {higher.more.factor:g}
        than at {WORDS[name]} = {higher.less.factor:g}.
        """,
        planned.checks(
            Planned((higher,), others, PLAN, further(name)),
            Control("lower", Planned((higher._replace(relation=Relation.BELOW),), others, PLAN)),
            Control("by more than a half", Planned((higher._replace(by=0.5),), others, PLAN)),
        ),
        assumptions=PUBLISHED,
    )


def last_stage(name, protocol="published", features=FIRST):
    return Study(protocol, name, (N,), features)


def signatures(features=FIRST, shared="ensd"):
    """Return the signature of κ and that of γ, which are one family, in one reading."""
    return {
        name: signature(last_stage(name, features=features), SMALL, 1.0, shared)
        for name in ("kappa", "gamma")
    }


def whole(name, readings, beside=()):
    """Return the statement of the signature of one factor."""
    (others,) = (parts for other, parts in readings.items() if other != name)
    return Planned(readings[name], others, PLAN, beside)


SIGNATURES = signatures()
# The plan's other readings, each a family of its own, all four in the stage before, and that of
# Lippl and Lindsey.
READINGS = {
    f"{stage}, {centring}, {column}": signatures(Features(stage, "evaluation", centring), column)
    for stage in ("layer4", "layer3")
    for centring in ("centred", "raw")
    for column in ("ensd", "ensd_inputs")
    if (stage, centring, column) != ("layer4", "centred", "ensd")
}
READINGS["layer4, raw, ensd, in training mode"] = signatures(Features("layer4", "training", "raw"))
FIGURES = {
    "kappa": "Appendix D.1, Figure 6",
    "scale": "Appendix D.2, Figure 7",
    "gamma": "Appendix D.3, Figure 8",
}


def twice(parts):
    """Return these parts of a signature with ENSD twice PR."""
    return (parts[0], parts[1]._replace(low=1.8, high=2.2), *parts[2:])


def signature_of(name, seeds):
    return f"""{TITLES[name]}: PR falls, and what is left is shared ({FIGURES[name]}).

        At the published protocol, {seeds}, in the last stage at {WORDS[name]} = {SMALL:g} and
        n = {N:g}, PR is lower after fine-tuning than before, and ENSD is PR within a tenth; and PR
        falls more, and ENSD is closer to PR, than at {WORDS[name]} = 1. Of centred features, in
        evaluation mode.
        """


TWICE = "ENSD is twice PR after fine-tuning"
for name, parts in SIGNATURES.items():
    beside = tuple((words, whole(name, reading)) for words, reading in READINGS.items())
    state(
        f"vision.published-{name}-signature",
        signature_of(name, "6 or 10 seeds"),
        planned.checks(
            whole(name, SIGNATURES, beside),
            Control(TWICE, whole(name, {**SIGNATURES, name: twice(parts)})),
        ),
        assumptions=("500 fine-tuning inputs", *PUBLISHED),
    )

of_scale = signature(last_stage("scale", "published-gpu"), SMALL, 1.0)
state(
    "vision.published-scale-signature",
    signature_of("scale", "10 seeds"),
    effects.checks(
        effects.Statement(of_scale, seeds=10),
        Control(TWICE, effects.Statement(twice(of_scale), seeds=10)),
        decided=planned.not_planned,
        name="nothing before it is planned",
    ),
    assumptions=(
        "ResNet-18 on CIFAR-100, Appendix E.3, on a GPU",
        "500 fine-tuning inputs",
        "differences paired by seed; intervals of a claim simultaneous at 95 %",
        "to be planned before its record is made",
    ),
)
