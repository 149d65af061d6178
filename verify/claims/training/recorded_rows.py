"""Rows of the record come out again when their networks are trained again."""

from verify.claim import Check, Claim, Control, Method
from verify.claims.training._effects import RECORD
from verify.claims.training._instances import Change, trained_again
from verify.registry import register

TOLERANCE = 2e-3
CURVES = (
    ("reuse", "omega=0.5 rho_ft=0.1 baseline"),
    ("reuse", "omega=1 rho_ft=0.1 lam/c=0.99"),
    ("reuse", "omega=0 rho_ft=0.1 gamma=1"),
    ("new-features", "omega=0 rho_ft=0.9 c=1e-06"),
    ("nested-features", "omega=1 rho_ft=0.04 c=1"),
    ("single-task", "rho=0.1 c=0.001 lam/c=-1"),
    ("regimes", "II omega=1 rho_ft=0.01"),
)
CHANGE = Change(0.108, CURVES)

register(
    Claim(
        id="training.recorded-rows",
        title="The record can be reproduced",
        sentence="Networks trained again from the recorded seed take the recorded number of epochs "
        "and end at the recorded errors.",
        latex=r"(\text{epochs}, \hat p, \|\hat\beta\|^2)\;\text{as recorded}",
        source="Appendix E.2.6",
        assumptions=("first recorded seed, α = 0.108, seven curves",),
        checks=(
            Check(
                "seven networks",
                Method.TRAINING,
                lambda change: trained_again(change, TOLERANCE),
                CHANGE,
                (
                    Control("the next seed", CHANGE._replace(seed_offset=1)),
                    Control("1.05 times the rate", CHANGE._replace(configuration={"rate": 0.105})),
                    Control(
                        "twice the threshold", CHANGE._replace(configuration={"threshold": 2e-4})
                    ),
                ),
                tolerance=TOLERANCE,
                reason="six recorded digits, and an epoch more or less where rounding differs",
                needs=("torch",),
                needs_files=(RECORD,),
                limit=180.0,
            ),
        ),
    )
)
