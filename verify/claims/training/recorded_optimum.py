"""Recorded networks of d = 1000 have the error of the minimiser of Theorem 4.1 on their data."""

from typing import Any

from numerics import Initialization
from verify.claim import Check, Claim, Control, Method
from verify.claims.crosscheck._solvers import stated_scale
from verify.claims.training._effects import RECORD
from verify.claims.training._instances import ABSOLUTE, RELATIVE, Sample, Statement, near_minimiser
from verify.registry import register

QUICK = Sample((0.059, 0.108), seeds=1, stride=3)
FULL = Sample((0.01, 0.059, 0.108, 0.157, 0.206, 0.255, 0.304, 0.353), seeds=1, stride=2)


def _check(name: str, sample: Sample, tier: Any, limit: float) -> Check:
    return Check(
        name,
        Method.TRAINING,
        near_minimiser,
        Statement(sample),
        (
            Control("c_FT twice as large", Statement(sample, lambda i, b: 2 * stated_scale(i, b))),
            Control(
                "γ²/2 for γ²",
                Statement(sample, lambda i, b: stated_scale(i, b) - i.gamma**2 / 2),
            ),
            Control(
                "−λ for λ",
                Statement(
                    sample, lambda i, b: stated_scale(Initialization(i.c, -i.lam, i.gamma), b)
                ),
            ),
        ),
        tolerance=1.0,
        reason=f"{RELATIVE:g} of the error and {ABSOLUTE:g}, which learning rate and threshold "
        "leave",
        tier=tier,
        limit=limit,
        needs_files=(RECORD,),
    )


register(
    Claim(
        id="training.recorded-optimum",
        title="Networks of d = 1000 and their minimisers",
        sentence="Trained networks, over the settings of Experiments 1-4 and Figure 5, have the "
        "generalisation error of the minimiser of Theorem 4.1 on their own data.",
        latex=r"\|\hat\beta_{GD} - \beta^*\|^2 \approx \|\beta_{FT}(\infty) - \beta^*\|^2",
        source="Theorem 4.1; Appendix E.2.6",
        assumptions=(
            "recorded networks of d = 1000, Gaussian slab",
            "data drawn again from the seed",
        ),
        requires=("implicit-bias.minimiser",),
        checks=(
            _check("every third setting at two α", QUICK, "quick", 120.0),
            _check("every other setting at eight α", FULL, "full", 900.0),
        ),
    )
)
