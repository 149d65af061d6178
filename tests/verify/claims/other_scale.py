"""Decides checks in a process whose library has another c_FT: `python -m ... FACTOR [CLAIM...]`.

The library's c_FT is multiplied before any claim is imported. A line of JSON says what became of
each check: whether it holds, or the error that it raised.
"""

import json
import sys
from fnmatch import fnmatchcase

from numerics import Initialization, TaskDistribution
from numerics.pipeline import solve as pipeline_solve
from verify import registry
from verify.run.worker import examine


def multiply(factor):
    """Multiply the scale of every penalty that the library derives from an initialisation."""
    finetune_scale, penalty_scales = Initialization.finetune_scale, TaskDistribution.penalty_scales

    def of_task(task, init):
        # After pretraining it comes from the former.
        return penalty_scales(task, init) * (1.0 if task.pretrained else factor)

    Initialization.finetune_scale = lambda init, beta_pt: factor * finetune_scale(init, beta_pt)
    TaskDistribution.penalty_scales = of_task
    # After pretraining on data it is a function of another variable.
    scales = pipeline_solve.finetune_scales
    pipeline_solve.finetune_scales = lambda init, y: factor * scales(init, y)


def one_problem(subject):
    """Return a subject of one problem of the domain; more take minutes where the start is off."""
    from verify.claims.replica.exact_solver import PROBLEMS

    PROBLEMS["1 problem of the domain"] = 1
    return subject._replace(problems="1 problem of the domain")


# Less than the check decides, where all of it takes long.
FEWER = {
    "crosscheck.amp-state-evolution": lambda s: s._replace(problems=s.problems[:1], steps=3),
    "crosscheck.effective-parameters": lambda s: s._replace(problems=s.problems[-1:]),
    "crosscheck.state-evolution-fixed-point": lambda s: s._replace(problems=s.problems[:4]),
    "replica.exact-solver": one_problem,
}


def main(factor, patterns):
    """Print what becomes of the quick checks of numbers whose "claim: name" matches a pattern."""
    multiply(float(factor))
    for claim in registry.load():
        for check in claim.checks:
            key = f"{claim.id}: {check.name}"
            quick = check.method.numerical and check.tier == "quick"
            if not (quick and any(fnmatchcase(key, one) for one in patterns)):
                continue
            try:
                holds = examine(check, FEWER.get(claim.id, lambda s: s)(check.subject)).holds
            except ArithmeticError as error:
                holds = repr(error)
            sys.stdout.write(json.dumps([key, holds]) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
