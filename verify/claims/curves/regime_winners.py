"""Which of the four regimes has the least error, under four ground truths (Figure 5).

I is rich and independent of pretraining, II lazy and dependent, III lazy and independent, IV rich
and dependent. A regime that is not listed for a ground truth wins at no α.
"""

from empirics.experiments import REGIMES, Slab
from verify.claim import Claim, Control
from verify.claims.curves._margins import EVERYWHERE, Line, Region, region_check, setting, wins
from verify.registry import register

# Slab, ω, ρ_FT, regime, and where it wins.
WINNERS: tuple[tuple[Slab, float, float, str, Region], ...] = (
    ("gaussian", 0.0, 0.01, "III", Region(True, (0.034032923,))),
    ("gaussian", 0.0, 0.01, "I", Region(False, (0.034032923,))),
    ("gaussian", 1.0, 0.01, "IV", Region(True, (0.015312864,))),
    ("gaussian", 1.0, 0.01, "I", Region(False, (0.015312864,))),
    ("gaussian", 1.0, 0.1, "II", Region(True, (0.296315551,))),
    (
        "gaussian",
        1.0,
        0.1,
        "IV",
        Region(
            False,
            (
                0.296315551,
                0.321246945,
            ),
        ),
    ),
    ("gaussian", 1.0, 0.1, "I", Region(False, (0.321246945,))),
    ("gaussian", 0.0, 0.9, "III", Region(True, (0.983176772,))),
    ("gaussian", 0.0, 0.9, "I", Region(False, (0.983176772,))),
    ("sign", 0.0, 0.01, "III", Region(True, (0.062985602,))),
    ("sign", 0.0, 0.01, "I", Region(False, (0.062985602,))),
    ("sign", 1.0, 0.01, "II", Region(True, (0.019390034,))),
    (
        "sign",
        1.0,
        0.01,
        "IV",
        Region(
            False,
            (
                0.019390034,
                0.035629408,
            ),
        ),
    ),
    ("sign", 1.0, 0.01, "I", Region(False, (0.035629408,))),
    ("sign", 1.0, 0.1, "II", Region(True, (0.315322826,))),
    (
        "sign",
        1.0,
        0.1,
        "IV",
        Region(
            False,
            (
                0.315322826,
                0.324357456,
            ),
        ),
    ),
    ("sign", 1.0, 0.1, "I", Region(False, (0.324357456,))),
    ("sign", 0.0, 0.9, "III", Region(True, ())),
)


def line(slab: Slab, overlap: float, rho_ft: float, regime: str, where: Region) -> Line:
    """Return the statement that a regime beats the three others where it is said to."""
    curves = {
        name: setting(slab, rho_ft, overlap, c=c, ratio=ratio, gamma=gamma)
        for name, (c, ratio, gamma) in REGIMES.items()
    }
    others = [curve for name, curve in curves.items() if name != regime]
    name = f"{slab} slab, overlap {overlap:g}, rho_FT {rho_ft:g}: regime {regime}"
    return Line(name, wins(curves[regime], others), where)


LINES = tuple(line(*winner) for winner in WINNERS)
NEXT = {"I": "II", "II": "III", "III": "IV", "IV": "I"}

register(
    Claim(
        id="curves.regime-winners",
        title="Winning regimes",
        sentence="Few data favour regime III where nothing is shared, II or IV where features are "
        "shared; given more data regime I wins wherever the task is sparse, even if all of its "
        "features were pretrained, and III where it is dense and new (for the Gaussian slab, up to "
        "α = 0.983).",
        latex=r"\operatorname{argmin}_{R \in \{I, II, III, IV\}} p_R(\alpha)\;"
        r"\text{for four ground truths}",
        source="Appendix A, Figure 5; Section 5.3",
        assumptions=(
            "c = 10⁻⁶; I: λ = −0.9999c, II: λ = 0.99c, III: λ = 0, γ = 1, IV: λ = −0.99c",
            "0.01 ≤ α ≤ 0.99, ρ_PT = 0.1, σ = 0",
        ),
        requires=("replica.exact-solver",),
        checks=(
            region_check(
                LINES,
                Control(
                    "the next regime in each line",
                    tuple(line(s, o, r, NEXT[regime], w) for s, o, r, regime, w in WINNERS),
                ),
                Control(
                    "regime IV wins at every α for few, pretrained features",
                    (line("gaussian", 1.0, 0.01, "IV", EVERYWHERE),),
                ),
            ),
        ),
    )
)
