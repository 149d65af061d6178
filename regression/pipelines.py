"""The two-stage fixed points of the golden table, and how they are solved again."""

from __future__ import annotations

from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline
from numerics.multiprecision import PipelineFixedPoint, pipeline_fixed_point, pipeline_groups
from numerics.pipeline import PipelineCurve
from numerics.validation import ActiveSlab

_NOISE = ("noise_variance_pt", "ridge_pt", "noise_variance", "ridge")


def problems() -> dict[str, dict[str, str]]:
    """Return the problems by name: teacher, initialisation and both stages' data, all strings."""
    baseline = {
        "rho_pt": "0.1", "rho_ft": "0.1", "overlap": "0.5", "slab": "gaussian", "pt_slab": "sign",
        "c": "1e-3", "lam": "0", "gamma": "0", "alpha_pt": "0.3", "alpha": "0.3",
        "noise_variance_pt": "0", "ridge_pt": "0", "noise_variance": "0", "ridge": "0",
    }  # fmt: skip
    changes: dict[str, dict[str, str]] = {
        "reused features": {"overlap": "1"},
        "half of the features reused": {"alpha_pt": "0.2"},
        "sparse, nearly at the saddle": {
            "rho_ft": "0.04", "overlap": "1", "c": "1e-2", "lam": "-0.0099",
            "alpha_pt": "0.25", "alpha": "0.25",
        },
        "new features": {
            "rho_pt": "0.2", "overlap": "0", "c": "0.1", "gamma": "0.1",
            "alpha_pt": "0.5", "alpha": "0.4",
        },
        "Gaussian pretraining slab": {"pt_slab": "gaussian", "slab": "sign"},
        "least squares with noise": {"alpha_pt": "1.5", "noise_variance_pt": "0.01"},
        "noise and ridge in both stages": {
            "alpha_pt": "0.5", "noise_variance_pt": "0.02", "ridge_pt": "0.1",
            "noise_variance": "0.01", "ridge": "0.05",
        },
        "next to the saddle with readout": {"c": "1e-2", "lam": "-0.00999999", "gamma": "1e-3"},
        "tiny scale": {"c": "1e-6"},
        "hardly any pretraining": {"alpha_pt": "0.01"},
    }  # fmt: skip
    return {name: baseline | change for name, change in changes.items()}


def solve(
    problem: dict[str, str],
    digits: int,
    start_pt: tuple[str, str] | None = None,
    start: tuple[str, str] | None = None,
) -> PipelineFixedPoint:
    """Solve one problem; `start_pt` and `start` = (τ, θ) of the stages save the searches."""
    groups = pipeline_groups(
        *(problem[name] for name in ("rho_pt", "rho_ft", "overlap")),
        slab=_slab(problem["slab"]),
        pt_slab=_slab(problem["pt_slab"]),
        digits=digits,
    )
    return pipeline_fixed_point(
        groups,
        *(problem[name] for name in ("c", "lam", "gamma", "alpha_pt", "alpha")),
        **{name: problem[name] for name in _NOISE},
        digits=digits,
        start=start,
        start_pt=start_pt if float(problem["alpha_pt"]) < 1 or problem["ridge_pt"] != "0" else None,
    )


def solve_in_float64(problem: dict[str, str]) -> PipelineCurve:
    """Solve one problem by the float64 solver; a curve of one point."""
    number = {name: float(text) for name, text in problem.items() if "slab" not in name}
    task = TaskDistribution.pretrain_finetune(
        number["rho_pt"],
        number["rho_ft"],
        number["overlap"],
        slab=_slab(problem["slab"]),
        pt_slab=_slab(problem["pt_slab"]),
    )
    return solve_pipeline(
        task,
        Initialization(number["c"], number["lam"], number["gamma"]),
        Pretraining(number["alpha_pt"], number["noise_variance_pt"], number["ridge_pt"]),
        number["alpha"],
        noise_variance=number["noise_variance"],
        ridge=number["ridge"],
    )


def _slab(name: str) -> ActiveSlab:
    return "sign" if name == "sign" else "gaussian"
