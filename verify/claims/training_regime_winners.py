"""Trained networks: which of the four regimes has the least error (Figure 5)."""

from empirics.experiments import REGIMES
from verify.claim import Claim, Control, Method
from verify.claims.curves_regime_winners import NEXT, WINNERS
from verify.methods.desk_effects import DESK_ASSUMPTIONS, Effect, effect_check, gap, network
from verify.methods.margins import EVERYWHERE, Region
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
        )
        for other, curve in curves.items()
        if other != winner
    )


# Where a regime wins in a window between two α of the record, networks have nothing to say.
STATED = tuple(line[1:] for line in WINNERS if line[0] == "gaussian")
SEEN = tuple(
    line
    for line in STATED
    if line[:3]
    in {
        (0.0, 0.01, "III"),
        (0.0, 0.01, "I"),
        (1.0, 0.01, "I"),
        (1.0, 0.1, "II"),
        (0.0, 0.9, "III"),
    }
)
EFFECTS = tuple(effect for line in SEEN for effect in effects(*line))

CLAIM = register(
    Claim(
        id="training.regime-winners",
        title="Networks: winning regimes",
        sentence="Trained networks are best in the regime that the exact curves name, under each "
        "of four ground truths.",
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
                    "regime IV wins at every α for few, pretrained features",
                    effects(1.0, 0.01, "IV", EVERYWHERE),
                ),
            ),
        ),
        expected=Method.STATISTICS.supports,
    )
)
