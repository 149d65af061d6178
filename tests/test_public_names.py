"""Names that scripts import: they stay, wherever the code behind them lies."""

import importlib

import pytest

PUBLIC = {
    "numerics": (
        "ConvergenceError",
        "CoordinateGroup",
        "Initialization",
        "Pretraining",
        "ReplicaCurve",
        "TaskDistribution",
        "count_fixed_points",
        "minimum_penalty",
        "potential",
        "solve_pipeline",
        "solve_replica",
    ),
    "numerics.pipeline": (
        "CoefficientLaw",
        "PipelineCurve",
        "Pretraining",
        "PretrainingError",
        "Stage",
        "StageGroup",
        "solve_pipeline",
        "solve_pretraining",
        "solve_stages",
    ),
    "numerics.best_init": ("Candidate", "best_initialization"),
    "numerics.certified": (
        "CertifiedCurve",
        "CertifiedPoint",
        "Mixture",
        "certified_path",
        "certify_replica",
        "float_bounds",
    ),
    "numerics.exchange": (
        "ExchangeRates",
        "Split",
        "cheapest_split",
        "exchange_rates",
        "least_cost",
    ),
    "numerics.certificate": ("PenaltyMinimum", "SolverStatus", "certificate"),
    "numerics.initialization": ("REGIMES", "Initialization", "LayerWeights"),
    "numerics.interpolation": ("InfeasibleError", "minimum_penalty"),
    "numerics.multiprecision": (
        "PrecisionError",
        "ReplicaError",
        "penalty",
        "pipeline_fixed_point",
        "pipeline_groups",
        "pretrain_finetune_groups",
        "replica_fixed_point",
        "replica_potential",
    ),
    "numerics.penalty": ("penalty", "solve_proximal"),
    "numerics.regimes": ("l_order", "pretraining_dependence", "two_minus_l_order"),
    "numerics.replica": (
        "ALPHA_RANGE",
        "PARAMETERS",
        "POTENTIAL_RANGE",
        "ConvergenceError",
        "ReplicaCurve",
        "count_fixed_points",
        "potential",
        "solve_replica",
    ),
    "numerics.replica_montecarlo": (
        "MonteCarloReplicaCurve",
        "convert_loss_convention",
        "solve_replica_montecarlo",
        "solve_task_montecarlo",
    ),
    "empirics.diagonal": ("train", "train_from_infinite_pretraining"),
    "empirics.experiments": ("EXPERIMENTS", "REGIMES", "Slab", "infeasible", "settings"),
    "empirics.sweep": ("Store", "Task", "dependencies", "depends_on", "run"),
    "verify.claim": ("Check", "Claim", "Control", "Method"),
    "verify.registry": ("load",),
    "verify.run.record": ("RunRecord",),
    "verify.run.runner": ("Options", "run"),
}
# Old names of modules, each with the module that it stands for.
OLD = {
    "empirics.runner": "empirics.sweep.runner",
    "empirics.store": "empirics.sweep.store",
    "verify.record": "verify.run.record",
    "verify.runner": "verify.run.runner",
}


@pytest.mark.parametrize(("module", "names"), PUBLIC.items(), ids=list(PUBLIC))
def test_public_names_are_there(module, names):
    found = importlib.import_module(module)
    assert [name for name in names if not hasattr(found, name)] == []


@pytest.mark.parametrize(("old", "new"), OLD.items(), ids=list(OLD))
def test_old_modules_hold_the_same_objects(old, new):
    before, after = importlib.import_module(old), importlib.import_module(new)
    assert before.__all__
    for name in before.__all__:
        assert getattr(before, name) is getattr(after, name)


def test_no_submodule_hides_a_function_of_its_package():
    from numerics import multiprecision

    importlib.import_module("numerics.multiprecision.implicit_bias")
    assert float(multiprecision.penalty(0, 1)) == 0.0
