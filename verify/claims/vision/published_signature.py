"""The rich, pretraining-dependent signature at the published protocol: one claim for each factor.

At one eighth of it, the last stage loses dimensions in fine-tuning, and those left are shared with
the pretrained network (Appendices D.1-D.4, Figures 6-9).
"""

from verify.claim import Control
from verify.claims.vision import _effects as effects
from verify.registry import state

SMALL, N, NEARLY_ALL = 0.125, 500.0, 0.9


def signature(name, source):
    study, factor = effects.Study("published", name, (N,)), effects.WORDS[name]
    before, after = study.at(SMALL, effects.DIMENSION_PT), study.at(SMALL, effects.DIMENSION_FT)

    def shared(by):
        share = effects.Greater(study.at(SMALL, effects.SHARED_FRACTION), by=by)
        return effects.Statement((effects.Greater(before, after), share))

    state(
        f"vision.published-{name}-signature",
        f"""{factor} = 1/8: PR falls, and what is left is shared ({source}).

        At the published protocol, in the last stage at {factor} = {SMALL:g} and n = {N:g}, PR is
        lower after fine-tuning than before, and ENSD exceeds {NEARLY_ALL:g} of it.
        """,
        effects.checks(
            shared(NEARLY_ALL), Control("ENSD exceeds twice PR after fine-tuning", shared(2.0))
        ),
        assumptions=("centred features of 500 fine-tuning inputs", "differences paired by seed"),
    )


signature("kappa", "Appendix D.1, Figure 6")
signature("scale", "Appendix D.2, Figure 7")
signature("gamma", "Appendix D.3, Figure 8")
signature("all-weights", "Appendix D.4, Figure 9")
