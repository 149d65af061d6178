"""Accuracy at the published protocol: one claim for each factor that is varied.

What the paper reports of κ, c and γ (Section 6, Figure 4) and of all weights (Appendix D.4). It
does not say at which intermediate n a smaller γ generalises better: the middle three are used.
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.registry import state

SIZES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


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
        effects.checks(
            effects.Statement((effects.Greater(more, less),)),
            Control("by more than a half", effects.Statement((effects.Greater(more, less, 0.5),))),
        ),
        assumptions=("ResNet-18 on CIFAR-100, Appendix E.3", "differences paired by seed"),
    )


WEIGHTS = "Smaller weights after pretraining generalise better"
GAMMA = "Smaller γ generalises better at intermediate n"
FIGURE_4C = "Section 6, Figure 4c; Appendix D.3"

higher("kappa", 0.125, 1.0, "Smaller κ generalises better", "Section 6, Figure 4a; Appendix D.1")
higher("scale", 1.0, 2.0, "Larger c generalises worse", "Section 6, Figure 4b; Appendix D.2")
higher("gamma", 0.125, 1.0, GAMMA, FIGURE_4C, (50.0, 100.0, 200.0))
higher("all-weights", 0.125, 1.0, WEIGHTS, "Appendix D.4, Figure 9")
