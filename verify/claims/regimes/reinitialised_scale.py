"""What re-initialisation does to the scale (Section 5.2, “readouts”).

After pretraining the squares of a coordinate's weights sum to 2R, R = √(c²+β_PT²), those of the
readouts to R − λ; with hidden weights w₊ + w₋ and readouts γ they sum to 2c_FT and 2γ². So the scale
is lowered if and only if γ² < −(λ/c)R − (c+λ): never at λ ≥ 0, and for small enough γ wherever
λ < −c/2.

Large readouts go with a negative λ; re-setting them takes away more than adding the hidden weights
of both pathways brings.
"""

from typing import Any

import sympy as sp

from theory import regimes as derived
from theory.network import layer_weights, rebalanced
from theory.positivity import Orthant
from theory.regime_bounds import COUPLED_AT_ZERO
from theory.regimes import ABSOLUTE, BETA_PT, GAMMA, RATIO, SCALE, E, G, S
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.claims.regimes._statements import Holds, as_written, decide
from verify.methods.formula import Formula, Formulas
from verify.methods.identity import prove_all
from verify.methods.inequality import decide_on_networks, equal_on_networks
from verify.registry import state

c, lam, beta, gamma = sp.symbols(r"c \lambda \beta_{PT} \gamma")
NETWORK = (beta, c, lam)
