"""Quantities and groups are called what they are."""

import pytest

from theory import replica as theory
from verify.claims.replica import _means as means
from verify.claims.replica import (
    coordinate_groups,
    estimator_derivative,
    exact_solver,
    l1_threshold,
    min_norm_limit,
    montecarlo_agreement,
    perfect_pretraining,
    r_transform,
    random_signs,
    ridge_limit,
    stein,
    unique_solution,
    vanishing_ridge,
)


@pytest.mark.parametrize(
    ("name", "probability"),
    [("both", 0.03), (r"PT\ only", 0.07), (r"FT\ only", 0.18), ("neither", 0.72)],
)
def test_groups_are_called_what_they_are(name, probability):
    module = coordinate_groups  # ρ_PT = 0.1, ρ_shared = 0.3, ρ_new = 0.2
    at = {module.before: 0.1, module.after: 0.21, module.both: 0.03 / 0.21}
    left = rf"P_{{\mathrm{{{name}}}}}"
    (share,) = (one for one in vars(module.STATED).values() if one.left_latex() == left)
    assert share(at) == pytest.approx(probability)


# What each symbol is called: two names exchanged where they are defined are the same statement to
# every check, and another one to a reader.
NAMES = {
    coordinate_groups: {
        "before": r"{\rho_{PT}}",
        "shared": r"{\rho_{\mathrm{shared}}}",
        "new": r"{\rho_{\mathrm{new}}}",
        "after": r"{\rho_{FT}}",
        "both": r"{\omega}",
    },
    estimator_derivative: {"k": "k", "ROOT": "R"},
    exact_solver: {
        "SOLVED": r"\hat p",
        "EXACT": "p",
        "SOLVED_PENALTY": r"\hat Q",
        "EXACT_PENALTY": "Q",
    },
    l1_threshold: {
        "MOMENT": "M",
        "MASS": "m",
        "kappa": "kappa",
        "RHO": "rho",
        "LEAST": r"\alpha^*",
        "DENSITY": r"\varphi",
        "TAIL": r"\Phi",
    },
    means: {
        "ESTIMATE": r"\hat\beta",
        "TARGET": r"\beta^*",
        "Z": "Z",
        "RESPONSE": r"\eta'",
        "SCALE": "c_{FT}",
        "q": "q",
    },
    min_norm_limit: {"beta": "beta", "k": "k", "q_k": "q_k"},
    montecarlo_agreement: {
        "p": "p",
        "PROPAGATED": "s_g",
        "BATCH": "s_e",
        "SAMPLED": r"\hat p",
    },
    perfect_pretraining: {"n": "n", "d": "d", "X": "X", "KERNEL": r"\dim \ker"},
    r_transform: {"k": "k", "r": "r"},
    random_signs: {
        "beta_pt": r"\beta_{PT}",
        "estimate": r"\hat\beta",
        "z": "z",
        "c": "c",
        "tau": "tau",
        "own": "c_{FT}",
        "lam": "lambda",
        "gamma": "gamma",
        "C_FT": "c_{FT}",
        "ESTIMATOR": r"\hat\beta",
    },
    ridge_limit: {"K": "K"},
    stein: {"s": "s", "x": "x", "A": "A", "B": "B", "f": "f"},
    unique_solution: {"y": "y", "g": "g"},
    vanishing_ridge: {
        "RIDGED": r"\nu_j^\varrho",
        "PLAIN": r"\nu_j",
        "FITTED": "f_j",
        "LABEL": "y_j",
        "TERM": "s_j",
    },
    theory: {
        "alpha": "alpha",
        "tau": "tau",
        "theta": "theta",
        "ridge": "varrho",
        "noise": "sigma",
        "error": "p",
        "susceptibility": "chi",
        "omega": "omega",
    },
}


@pytest.mark.parametrize("module", NAMES, ids=lambda one: one.__name__.rpartition(".")[2])
def test_quantities_are_shown_by_their_names(module):
    for attribute, name in NAMES[module].items():
        quantity = getattr(module, attribute)
        assert getattr(quantity, "name", getattr(quantity, "__name__", None)) == name


def test_groups_are_called_by_what_is_active_in_them():
    # The probability of each where pretraining activates all coordinates, and none, of ρ_FT.
    always = {"both": 0.3, r"FT\ only": 0, r"PT\ only": 0.7, "neither": 0}
    never = {"both": 0, r"FT\ only": 0.3, r"PT\ only": 0, "neither": 0.7}
    for before, named in ((1, always), (0, never)):
        found = coordinate_groups.probabilities_of(before, 0.3, 0.3)
        assert {coordinate_groups.NAMES[group]: value for group, value in found.items()} == named
    for group, name in coordinate_groups.NAMES.items():
        shown = vars(coordinate_groups.STATED)[group].latex()
        assert shown.startswith(rf"P_{{\mathrm{{{name}}}}} = ")
