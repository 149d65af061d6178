"""Every public function of `numerics` is fuzzed, or a reason is given why it is not."""

import importlib
import inspect
import pkgutil

from fuzz import depth

MODULES = (
    "certified", "commands", "empirics", "interpolation", "kernels", "multiprecision", "pipeline",
    "records", "replica", "tasks", "theory",
)  # fmt: skip

INNER = "works on arguments that its public caller, which is fuzzed, has validated"
# Name of a function, or of a module whose functions all have the same reason.
REASONS = {
    "numerics.amp": "by its own property tests",
    "numerics.state_evolution": "by its own property tests",
    "numerics.certified.channel": INNER,
    "numerics.certified.float_series": INNER,
    "numerics.certified.fixed_point": INNER,
    "numerics.certified.path": INNER,
    "numerics.certified.series": INNER,
    "numerics.certified.soft_threshold": INNER,
    "numerics.certified.arguments": "by its callers certify_replica and certify_pipeline",
    "numerics.certified.solve.lost_bits": INNER,
    "numerics.certified.start": INNER,
    "numerics.certified.trapezoid": INNER,
    "numerics.interpolation.basis_pursuit": INNER,
    "numerics.compensated": INNER,
    "numerics.sampling": INNER,
    "numerics.pipeline.averaged": INNER,
    "numerics.replica.curve": INNER,
    "numerics.replica.solve.checked_alpha": INNER,
    "numerics.replica.solve.learnable": INNER,
    "numerics.interpolation.dual_newton": INNER,
    "numerics.replica.equations": INNER,
    "numerics.replica.kernel": INNER,
    "numerics.replica.soft_threshold": INNER,
    "numerics.replica.nodes": INNER,
    "numerics.replica.quadrature": INNER,
    "numerics.replica.newton": INNER,
    "numerics.replica_montecarlo.fixed_point": INNER,
    "numerics.certificate.certify": INNER,
    "numerics.certificate.certified": INNER,
    "numerics.certificate.inverse_force": INNER,
    "numerics.penalty_problem": INNER,
    "numerics.multiprecision.fixed_point": INNER,
    "numerics.multiprecision.implicit_bias.channel_root": INNER,
    "numerics.multiprecision.implicit_bias.finetune_scale_in": INNER,
    "numerics.multiprecision.implicit_bias.profile_digits": INNER,
    "numerics.multiprecision.implicit_bias.profile_in": INNER,
    "numerics.multiprecision.integer_kernel": INNER,
    "numerics.multiprecision.precision.evaluate": INNER,
    "numerics.multiprecision.precision.in_context": INNER,
    "numerics.multiprecision.precision.in_words": INNER,
    "numerics.multiprecision.precision.released": INNER,
    "numerics.multiprecision.teacher.normalised": INNER,
    "numerics.multiprecision.teacher.prior_of": INNER,
}


def _functions(package):
    """Yield the names of the public functions that the modules of a package define."""
    root = importlib.import_module(package)
    names = [package]
    names += [info.name for info in pkgutil.walk_packages(root.__path__, f"{package}.")]
    for name in names:
        if name.endswith("__main__"):
            continue
        module = importlib.import_module(name)
        for member, value in vars(module).items():
            public = callable(value) and not member.startswith("_")
            if public and inspect.isfunction(inspect.unwrap(value)) and value.__module__ == name:
                yield f"{name}.{member}"


def test_every_public_function_of_the_numbers_is_fuzzed_or_excused():
    for module in MODULES:
        importlib.import_module(f"fuzz.test_{module}")
    missing = []
    for name in _functions("numerics"):
        excused = name in REASONS or name.rpartition(".")[0] in REASONS
        if name not in depth.TARGETS and not excused:
            missing.append(name)
    assert not missing


def test_no_reason_is_left_of_what_is_gone():
    known = set(_functions("numerics"))
    modules = {name.rpartition(".")[0] for name in known}
    assert [name for name in REASONS if name not in known | modules] == []
