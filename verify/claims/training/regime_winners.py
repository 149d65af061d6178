"""Trained networks: which of the four regimes has the least error (Figure 5).

Stated of networks is what the exact curves say of regimes that win at two trained α or more; the
others win in windows that hold at most one.
"""

from empirics.experiments import REGIMES, SCALES
from verify.claim import Claim, Control
from verify.claims.curves._margins import EVERYWHERE, Region
from verify.claims.curves.regime_winners import NEXT, WINNERS
from verify.claims.training._effects import DESK_ASSUMPTIONS, Effect, effect_check, gap, network
from verify.registry import register


def effects(overlap: float, rho_ft: float, winner: str, where: Region) -> tuple[Effect, ...]:
    """Return the statements that a regime beats each of the three others where it is said to."""
    curves = {
        name: network(rho_ft, overlap, c=c, ratio=ratio, gamma=gamma)
        for name, (c, ratio, gamma) in REGIMES.items()
    }
    return tuple(
        Effect(
            f"ω = {overlap:g}, ρ_FT = {rho_ft:g}: error of {other} over that of {winner}",
            gap(curve, curves[winner]),
            where,
            outside=False,
            waived=True,
        )
        for other, curve in curves.items()
        if other != winner
    )


# Regimes that win at two trained data scales or more.
SEEN = tuple(
    line[1:]
    for line in WINNERS
    if line[0] == "gaussian" and sum(line[4].at(alpha) for alpha in SCALES["desk"].alphas) > 1
)
EFFECTS = tuple(effect for line in SEEN for effect in effects(*line))

register(
    Claim(
        id="training.regime-winners",
        title="Networks: winning regimes",
        sentence="Trained networks are best in the regime that the exact curves name, under each "
        "of four ground truths: I past few data where the task is sparse, II up to α = 0.296 where "
        "all old features are reused, III where the task is dense and new.",
        latex=r"\operatorname{argmin}_{R \in \{I, II, III, IV\}} \hat p_R(\alpha)\;"
        r"\text{for four ground truths}",
        source="Appendix A, Figure 5; Section 5.3",
        assumptions=DESK_ASSUMPTIONS,
        requires=("curves.regime-winners",),
        checks=(
            effect_check(
                EFFECTS,
                Control(
                    "the next regime in each line",
                    tuple(
                        effect
                        for overlap, rho, winner, where in SEEN
                        for effect in effects(overlap, rho, NEXT[winner], where)
                    ),
                ),
                Control(
                    "regime III wins at every α for few, new features",
                    effects(0.0, 0.01, "III", EVERYWHERE),
                ),
            ),
        ),
    )
)
