"""The transfer κ in closed form (Appendix B.2, Proposition B.1, eqs. 23 and 26).

The elasticity ∂log c_FT/∂log|β_PT| of the fine-tuning scale in the pretrained coefficient is
κ = (1+λ/c)·β_PT²/R / [(1+λ/c)(c+R) + γ²] with R = √(c²+β_PT²).
"""

from itertools import product

import sympy as sp

from numerics import Initialization, multiprecision, regimes
from theory.network import finetune_scale
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, scale_from_invariants, transfer
from verify.claims.regimes._differences import logarithmic_slope
from verify.methods.formula import Formula, formula_checks
from verify.methods.identity import prove_all
from verify.methods.inequality import equal_on_networks
from verify.registry import state

NETWORK = beta_pt, c, lam, gamma = sp.symbols("beta_PT c lambda gamma")


def kappa(beta, c, lam, gamma):
    R = sp.sqrt(c**2 + beta**2)
    return (1 + lam / c) * beta**2 / (R * ((1 + lam / c) * (c + R) + gamma**2))


def linear_numerator(beta, c, lam, gamma):
    R = sp.sqrt(c**2 + beta**2)
    return (1 + lam / c) * beta / ((1 + lam / c) * (c + R) + gamma**2)


STATED = Formula(r"\kappa", NETWORK, kappa)
CONTROLS = (
    STATED.but(
        "γ²/2 for γ² (the re-initialisation v = γ/√2)",
        lambda beta, c, lam, gamma: kappa(beta, c, lam, gamma / sp.sqrt(2)),
    ),
    STATED.but("1 − λ/c for 1 + λ/c", lambda beta, c, lam, gamma: kappa(beta, c, -lam, gamma)),
    STATED.but("|β_PT| for β_PT²/√(c²+β_PT²)", linear_numerator),
)


def decide(formula):
    """Compare with the logarithmic derivative of the derived c_FT."""
    return prove_all(steps(formula), summary="both sides agree symbolically")


def steps(formula):
    at = {beta_pt: BETA_PT, c: ABSOLUTE, lam: RATIO * ABSOLUTE, gamma: GAMMA}
    yield (
        "c_FT = (w₊+w₋)² + γ² from the conserved quantities, where w₊+w₋ ≠ 0, is that of the "
        "trajectory, which has λ = −c too",
        equal_on_networks(scale_from_invariants(), finetune_scale(*at.values())),
    )
    yield "κ is its logarithmic derivative", equal_on_networks(transfer(), formula(at))


def slope(beta, c, lam, gamma):
    return logarithmic_slope(
        lambda moved: multiprecision.finetune_scale(moved, c, lam, gamma, digits=110), beta
    )


def kernel(beta, c, lam, gamma):
    return regimes.transfer(beta, Initialization(c, lam, gamma))


DECIMAL = [
    (beta, c, str(sp.Rational(r) * sp.Rational(c)), gamma)
    for beta, c, r, gamma in product(
        ("0.001", "1", "50"), ("0.00001", "2"), ("-9/10", "0", "1"), ("0", "0.3")
    )
]
BINARY = [
    (beta, c, r * c, gamma)
    for beta, c, r, gamma in product(
        (1e-8, 0.25, 1.0, 1e6), (2.0**-40, 1.0, 2.0**20), (-0.75, 0.0, 1.0), (0.0, 0.5, 1e4)
    )
]

state(
    "regimes.transfer-closed-form",
    __doc__,
    (
        *formula_checks(STATED, CONTROLS, proof=decide, digits=slope, points=DECIMAL, of=NETWORK),
        *formula_checks(
            STATED, CONTROLS, kernel=kernel, points=BINARY, of=NETWORK, tolerances=(0.0, 3e-15, 0.0)
        ),
    ),
    assumptions=("c > 0, |λ| ≤ c, γ ≥ 0", "not both λ = −c and γ = 0", "β_PT ≠ 0"),
    requires=("network.finetune-scale",),
)
