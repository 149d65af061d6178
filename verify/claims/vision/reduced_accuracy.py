"""Accuracy in the reduced study: one claim for each factor that is varied.

What the paper reports of κ, c and γ (Section 6, Figure 4) and of all weights (Appendix D.4).
"""

from verify.claims.vision import _effects as effects
from verify.registry import state


def higher(name, better, worse, source):
    study, factor = effects.Study("reduced", name, (10.0, 20.0, 50.0, 96.0)), effects.WORDS[name]
    state(
        f"vision.reduced-{name}-accuracy",
        f"""Accuracy: {factor} = {better:g} against {worse:g} (reduced study) ({source}).

        In the reduced study, test accuracy averaged over n is higher at {factor} = {better:g} than
        at {factor} = {worse:g}.
        """,
        effects.greater(
            study.at(better, effects.ACCURACY),
            study.at(worse, effects.ACCURACY),
            (0.5, "by more than a half"),
        ),
        assumptions=effects.REDUCED,
    )


higher("kappa", 0.125, 1.0, "Section 6, Figure 4a; Appendix D.1")
higher("scale", 1.0, 2.0, "Section 6, Figure 4b; Appendix D.2")
higher("gamma", 0.125, 1.0, "Section 6, Figure 4c; Appendix D.3")
higher("all-weights", 0.125, 1.0, "Appendix D.4, Figure 9")
