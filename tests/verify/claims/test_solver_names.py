"""The report explains every method that a check compares; the names are read from the sources."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import verify
from verify.claim import Comparison
from verify.report.crosschecks import ALIASES, METHODS

ROOT = Path(verify.__file__).parent
SOURCES = sorted(path for part in ("claims", "methods") for path in (ROOT / part).rglob("*.py"))
KNOWN = set(METHODS) | set(ALIASES)


class Source:
    """One module, imported and parsed."""

    def __init__(self, path):
        self.module = import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
        self.tree = ast.parse(path.read_text())

    def named(self):
        """Yield line and names of methods of each call with an argument `between`."""
        for call in (node for node in ast.walk(self.tree) if isinstance(node, ast.Call)):
            between = self._between(call)
            function = self._function_around(call)
            # What is passed on was named where the function is called.
            if between is not None and ast.unparse(between) != "between":
                yield call.lineno, self._names(between, function, set())

    def _between(self, call):
        """Return the expression for the argument `between`; None if the call has none."""
        called = self.module
        for part in ast.unparse(call.func).split("."):
            called = getattr(called, part, None)
        if called is not Comparison and not inspect.isfunction(called):
            return None
        signature = inspect.signature(called)
        if "between" not in signature.parameters:
            return None
        given = {one.arg: one.value for one in call.keywords}
        return signature.bind_partial(*call.args, **given).arguments["between"]

    def _function_around(self, call):
        around = [
            node
            for node in ast.walk(self.tree)
            if isinstance(node, ast.FunctionDef) and node.lineno <= call.lineno <= node.end_lineno
        ]
        return around[-1] if around else self.tree

    def _names(self, expression, function, seen):
        """Return the texts in an expression, and in what its variables were assigned from."""
        if isinstance(expression, ast.Constant):
            return {expression.value} if isinstance(expression.value, str) else set()
        if isinstance(expression, ast.Name):
            name = expression.id
            local = [] if name in seen else assigned(function, name)
            seen = seen | {name}
            parts = local
            if not local:
                value = getattr(self.module, name, None)
                texts = value if isinstance(value, tuple) else (value,)
                return {one for one in texts if isinstance(one, str)}
        else:
            # A table of methods has their names as keys.
            keys = isinstance(expression, ast.Dict)
            parts = expression.keys if keys else list(ast.iter_child_nodes(expression))
        return set().union(*(self._names(part, function, seen) for part in parts))


def assigned(function, name):
    """Return the expressions that the variable is assigned, or takes its values from."""
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, (ast.For, ast.comprehension)):
            targets, value = [node.target], node.iter
        else:
            continue
        bound = [one for target in targets for one in ast.walk(target)]
        if any(isinstance(one, ast.Name) and one.id == name for one in bound):
            found.append(value)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_method_that_a_check_compares_is_explained(path):
    for line, names in Source(path).named():
        assert len(names) >= 2, f"{path.name}:{line}: which methods these are cannot be read"
        assert names <= KNOWN, f"{path.name}:{line}: add {names - KNOWN} to METHODS or ALIASES"


def test_names_are_read_through_variables_tables_and_loops():
    expected = {
        "claims/replica/exact_solver.py": {
            "replica equations, float64",
            "replica equations, many digits",
        },
        "claims/crosscheck/metamorphic.py": {
            "dual Newton, mapped",
            "dual Newton",
            "cone programme",
        },
        "claims/crosscheck/decoupling.py": {"dual Newton", "replica fixed point"},
        "claims/vision/scale_function.py": {"scaled network", "formula from the unscaled one"},
    }
    for name, methods in expected.items():
        assert set().union(*(names for _, names in Source(ROOT / name).named())) == methods
