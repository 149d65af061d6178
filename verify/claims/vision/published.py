"""The published protocol: what the paper reports, one claim for each factor that is varied.

Of κ, c and γ (Section 6, Figures 4 and 6-8): accuracy, and the rich, pretraining-dependent
signature. At one eighth of a factor the last stage loses dimensions in fine-tuning, those left are
shared with the pretrained network, and both hold more so than at the factor 1.

The paper does not say at which intermediate n a smaller γ generalises better: the middle three are
used. All weights (Appendix D.4) are in published_all_weights.py.
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.registry import state

SIZES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
SMALL, N = 0.125, 500.0


def higher(name, better, worse, title, source, sizes=SIZES):
    study, factor = effects.Study("published", name, sizes), effects.WORDS[name]
    more, less = study.at(better, effects.ACCURACY), study.at(worse, effects.ACCURACY)
    averaged = "all n" if sizes == SIZES else "n = " + ", ".join(f"{n:g}" for n in sizes)
    state(
        f"vision.published-{name}-accuracy",
        f"""{title} ({source}).

        At the published protocol, test accuracy averaged over {averaged} is higher at
        {factor} = {better:g} than at {factor} = {worse:g}.
        """,
        effects.greater(more, less, (0.5, "by more than a half")),
        assumptions=("ResNet-18 on CIFAR-100, Appendix E.3", "differences paired by seed"),
    )


def signature(name, source):
    study, factor = effects.Study("published", name, (N,)), effects.WORDS[name]
    stated = effects.signature(study, SMALL, 1.0)

    def shared(low, high):
        within = effects.Within(study.at(SMALL, effects.SHARED_FRACTION), low, high)
        return effects.Statement((stated[0], within, *stated[2:]))

    state(
        f"vision.published-{name}-signature",
        f"""{factor} = 1/8: PR falls, and what is left is shared ({source}).

        At the published protocol, in the last stage at {factor} = {SMALL:g} and n = {N:g}, PR is
        lower after fine-tuning than before, and ENSD is PR within a tenth; and PR falls more, and
        ENSD is closer to PR, than at {factor} = 1. Of centred features, in evaluation mode.
        """,
        effects.checks(
            shared(*effects.ABOUT_ONE),
            Control("ENSD is twice PR after fine-tuning", shared(1.8, 2.2)),
        ),
        assumptions=("500 fine-tuning inputs", "differences paired by seed"),
    )


GAMMA = "Smaller γ generalises better at intermediate n"
FIGURE_4C = "Section 6, Figure 4c; Appendix D.3"

higher("kappa", 0.125, 1.0, "Smaller κ generalises better", "Section 6, Figure 4a; Appendix D.1")
higher("scale", 1.0, 2.0, "Larger c generalises worse", "Section 6, Figure 4b; Appendix D.2")
higher("gamma", 0.125, 1.0, GAMMA, FIGURE_4C, (50.0, 100.0, 200.0))

signature("kappa", "Appendix D.1, Figure 6")
signature("scale", "Appendix D.2, Figure 7")
signature("gamma", "Appendix D.3, Figure 8")
