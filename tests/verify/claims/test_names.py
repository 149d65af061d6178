"""Symbols stand for what the claims' own names for them say.

A check inserts a value under a symbol, whatever that is called: two names exchanged where they are
defined are the same statement to every check, and another one to a reader. The names are held to
those in the code here, and for the other topics in their own tests.
"""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
import sympy as sp
from sympy.core.function import UndefinedFunction

import verify
from verify.claims.crosscheck._instances import ACTIVE, GROUPS, PRETRAINED

ROOT = Path(verify.__file__).parent
TOPICS = "crosscheck", "curves", "implicit_bias", "pipeline", "training"
MODULES = sorted(
    f"{topic}.{path.stem}"
    for topic in TOPICS
    for path in (ROOT / "claims" / topic).glob("*.py")
    if path.stem != "__init__"
)
# What is not called by its LaTeX without accents and brackets, as `beta_pt` for \beta_{PT}.
NAMES = {
    "crosscheck._design_curves": {
        "RIDGE": "varrho",
        "STRENGTH": "varrho_e",
    },
    "crosscheck._factors": {
        "BEST_FACTOR": r"\hat{k}",
    },
    "crosscheck._finite_size": {
        "P_FOUND": r"\hat{p}_d",
        "REPLICA": "p",
        "SLOPE": "s",
    },
    "crosscheck._free_energy": {
        "BEYOND": "P_u",
        "F_FOUND": "F_d",
        "LARGE": "u",
        "Q_FOUND": "Q_d",
        "RIDGE": "varrho",
        "SOLUTION": r"(Q, \tau, \theta)",
        "SOLVED": "R",
        "T_FOUND": "T_d",
    },
    "crosscheck.amp_minimiser": {
        "AMP": r"\beta_{\mathrm{AMP}}",
        "MINIMISER": r"\hat\beta",
        "RIDGE": "varrho",
        "SLOPE": r"\eta'",
    },
    "crosscheck.amp_state_evolution": {
        "P": "p_t",
        "P_FOUND": r"\hat{p}_t",
        "TAU": r"\tau_t",
        "TAU_FOUND": r"\hat\tau_t",
        "THETA": r"\hat\theta_t",
    },
    "crosscheck.certificate": {
        "BEST": r"\hat\beta",
        "GAP": "g",
    },
    "crosscheck.correlated_examples": {
        "APART": "rho_k",
        "BEFORE": "x_1",
        "INNOVATION": "g_2",
        "NOW": "x_2",
        "WHITE": "w_n",
        "noise": "e",
        "truth": r"\beta^*",
    },
    "crosscheck.decoupling": {
        "BELOW": "P_u",
        "FOUND": r"\hat\beta_i",
        "LEVEL": "u",
        "TRUTH": r"\beta_i^*",
        "Z": "Z_i",
    },
    "crosscheck.effective_parameters": {
        "HESSIAN": "H",
        "TAU_FOUND": r"\hat\tau",
        "THETA_FOUND": r"\hat\theta",
    },
    "crosscheck.pretraining": {
        "AT_END": "W_{PT}",
        "TEACHER": r"\beta_{PT}^*",
        "WEIGHTS": "W",
    },
    "crosscheck.pretraining_few": {
        "MINIMISER": r"\hat\beta",
    },
    "crosscheck.pretraining_few_error": {
        "IDEAL": r"p_{\infty}",
    },
    "crosscheck.pretraining_lambda": {
        "END": r"\beta_{PT}",
        "MINIMISER": r"\hat\beta",
    },
    "crosscheck.recovery_threshold": {
        "DENSITY": r"\varphi",
        "HALF": r"\alpha_{1/2}",
        "INTEGRAL": r"\Phi",
        "THRESHOLD": r"\alpha^*",
    },
    "crosscheck.scale_limits": {
        "BASIS_PURSUIT": r"\beta_1",
        "LEAST_SQUARES": r"\beta_2",
        "MINIMISER": r"\beta",
    },
    "crosscheck.state_evolution_fixed_point": {
        "EVOLVED": r"(\tau_t, \theta_t, p_t)",
        "RIDGE": "varrho",
        "SOLVED": r"(\tau, \theta, p)",
    },
    "implicit_bias._symbols": {
        "EACH": "i",
        "other": "b",
        "rest": "r",
    },
    "implicit_bias.dual": {
        "b": "beta_i",
        "c": "c_i",
        "m": "m_i",
        "q": "q_i",
        "r": "r_i",
    },
    "implicit_bias.exponential_cone": {
        "best_m": "m^*",
        "best_p": "p^*",
        "least": "s",
    },
    "implicit_bias.fenchel_young": {
        "dual": "q^*",
    },
    "implicit_bias.kkt": {
        "b": "beta_i",
        "c": "c_i",
        "m": "m_i",
        "m_all": "m",
        "q": "q_i",
    },
    "implicit_bias.l1_limit": {
        "size": "beta",
    },
    "implicit_bias.mirror_flow": {
        "g": r"{\frac{\partial L}{\partial\beta}}",
    },
    "implicit_bias.penalty": {
        "q": "q_k",
    },
    "implicit_bias.pretraining_lambda_free": {
        "g": r"{\frac{\partial L}{\partial \beta}}",
    },
    "implicit_bias.random_signs": {
        "beta": "beta_PT",
        "tuned": "beta_FT",
    },
    "implicit_bias.readout_only_reset": {
        "beta": "beta_PT",
        "lam_balanced": r"\lambda^\circ",
        "minus": "w_-",
        "plus": "w_+",
    },
    "implicit_bias.saddle": {
        "HIDDEN": r"w_{\pm}",
        "READOUT": r"v_{\pm}",
        "SCALE": "c_FT",
    },
    "implicit_bias.scale_suffices": {
        "G": r"{\frac{\partial L}{\partial\beta}}",
        "W": "w_+",
        "c": "c_FT",
        "lam": "lambda_FT",
        "minus": "w_-",
        "plus": "w_+",
    },
    "implicit_bias.woodworth_factor_two": {
        "c": "c_FT",
        "q": "q(z)",
        "twice": "k'",
    },
    "implicit_bias.woodworth_normalisation": {
        "factor": "a",
        "q": "q(z)",
    },
    "pipeline._ends": {
        "FT_END": r"\hat\beta_{FT}",
        "PT_END": r"\hat\beta_{PT}",
        "TEACHER": r"\beta_{PT}^*",
    },
    "pipeline._finite_size": {
        "BEYOND": "P_u",
        "FACTOR": r"\hat{k}",
        "FOUND": "E_d",
        "LARGE": "u",
        "LARGEST": r"z_{\max}",
        "SCALE_FOUND": "C_d",
    },
    "pipeline._trained": {
        "AT_FOURFOLD": r"E_{4\eta}",
        "AT_RATE": "E_eta",
        "AT_ZERO": "E_0",
        "CONVEX": "E_d",
        "MEAN": "G",
        "RATE": "eta",
        "_SQUARE": "S",
    },
    "pipeline._two_stages": {
        "ERROR": "E",
        "ESTIMATE": "P",
        "LEARNT": r"\hat\beta_{PT}",
        "NOISE": "Z_1",
        "REPLICA": "p",
        "SCALE": "c_{FT}",
        "SEEN": "z_1",
        "TAU": "tau_1",
        "TEACHER": r"\beta_{PT}^*",
        "THETA": "theta_1",
    },
    "pipeline.exact_solver": {
        "EXACT": "E",
        "EXACT_PT": "E_{PT}",
        "SOLVED": r"\hat{E}",
        "SOLVED_PT": r"\hat{E}_{PT}",
    },
    "pipeline.least_squares": {
        "ERROR": "E_PT",
        "ESTIMATE": r"\hat\beta_{PT}",
        "target": r"\beta^*",
    },
    "pipeline.limits": {
        "PERFECT": "E^*",
        "SCALE": "C",
        "SPLIT": "D",
        "UNIFORM": "E_0",
    },
    "pipeline.pretrained_law": {
        "BELOW": "B_u",
        "LEVEL": "u",
        "SCALE_BELOW": "C_u",
    },
    "pipeline.published_runs": {
        "FOUND": r"\hat{p}",
        "REPLICA": "p",
        "RIDGE": r"\varrho_{PT}",
        "SAMPLED": "p",
    },
    "pipeline.restart": {
        "HIDDEN": "{w_0'}",
        "NEXT": "{c'}",
        "NEXT_GAMMA": r"{\gamma'}",
        "NEXT_LAM": r"{\lambda'}",
        "THIRD": "{c_3}",
        "THIRD_LAM": r"{\lambda_3}",
    },
    "pipeline.scale_law": {
        "B": r"\hat\beta_{PT}",
        "ESTIMATE": r"\hat\beta_{PT}",
        "K": "c_{FT}",
        "RADIUS": "R",
        "RESPONSE": r"\eta'",
        "SCALE": "c_{FT}",
        "angle": "u",
        "target": r"\beta^*",
    },
    "training._minimiser": {
        "MINIMISER": r"\hat\beta",
    },
    "training.finite_pretraining": {
        "IDEAL": r"\beta_{FT}^*",
    },
    "training.learning_rate_gap": {
        "EXAMPLES": "n",
        "GAP": r"\Delta",
        "WIDTH": "d",
    },
    "training.optimum": {
        "END": r"\beta_{GD}",
    },
    "training.published_networks": {
        "FOUND": r"\hat p",
        "REPLICA": "p",
        "RIDGE": r"p_\varrho",
    },
    "training.published_stopping": {
        "FOUND": r"\hat{p}",
        "MINIMISER": "p",
        "STOPPED": "p_t",
        "THRESHOLD": "E_t",
    },
    "training.published_rate_stability": {
        "WIDTH": "d",
    },
    "training.published_units": {
        "ERROR": "varepsilon",
        "ERROR_0": "varepsilon_0",
        "LOSS": "{L}",
        "LOSS_0": "{L_0}",
        "READOUT": r"{v_{\pm}}",
        "READOUT_0": r"{v_{\pm,0}}",
        "SQUARES": "{S}",
        "SQUARES_0": "{S_0}",
    },
    "training.recorded_flow": {
        "ALONE": "c_0",
        "EPOCHS": "m",
        "FOUND": r"\hat{p}",
        "P": "p_t",
        "RATE": "eta",
        "TIME": "t",
    },
    "training.recorded_rows": {
        "RATE": "eta",
        "THRESHOLD": "varepsilon",
        "WIDTH": "d",
    },
    "training.replica_curve": {
        "FOUND": r"\hat p",
        "REPLICA": "p",
        "RESPONSE": "t",
        "SLOPE": "s",
        "UNIT": "u",
    },
    "training.shrinkage": {
        "AT_END": r"c_{\mathrm{end}}",
    },
    "training.stopped_flow": {
        "FLOWS": "D_t",
        "GAP": "Delta",
        "LEFT": "r_t",
        "RIDGE": "varrho",
        "RIDGES": r"D_\varrho",
        "SMOOTH": r"r_\varrho",
        "U": "u",
    },
    "training.stopped_flow_beside_ridge": {
        "RIDGES": r"p_\varrho",
        "STOPPED": "p_t",
    },
    "training.single_task_lambda": {
        "ERROR": r"\hat p",
        "SCRATCH": r"\beta_{\mathrm{scratch}}",
        "SEED_OF": "s",
        "TUNED": r"\beta_{\mathrm{tuned}}",
    },
}


def test_groups_of_instances_are_called_by_where_they_are_active():
    assert ACTIVE == {
        "overlap": (True, True),
        "new": (False, True),
        "pt-only": (True, False),
        "none": (False, False),
    }
    assert dict(zip(GROUPS, PRETRAINED, strict=True)) == {
        "overlap": 1,
        "new": 0,
        "pt-only": 1,
        "none": 0,
    }


def defined_in(module):
    """Return the symbols and functions that a module itself defines, by what it calls them."""
    targets = [
        target
        for node in ast.walk(ast.parse(Path(module.__file__).read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
    ]
    names = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
    kinds = sp.Symbol, sp.MatrixSymbol, UndefinedFunction
    return {
        name: one for name, one in vars(module).items() if name in names and isinstance(one, kinds)
    }


def plainly(latex):
    """Return what code calls a quantity with this name."""
    spoken = latex.replace("+", "plus").replace("_-", "_minus").replace("lambda", "lam")
    return re.sub(r"\\mathrm|[\\{}]", "", spoken).lower()


@pytest.mark.parametrize("name", MODULES)
def test_symbols_are_called_what_they_stand_for(name):
    listed = dict(NAMES.get(name, {}))
    for attribute, symbol in defined_in(import_module(f"verify.claims.{name}")).items():
        shown = getattr(symbol, "name", None) or symbol.__name__
        if attribute in listed:
            assert shown == listed.pop(attribute), attribute
        else:
            assert attribute.lower() in (plainly(shown), plainly(shown).replace("_", "")), attribute
    assert not listed
