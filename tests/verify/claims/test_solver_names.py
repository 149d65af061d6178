"""Every road that a check names is one that the report can explain: read from the sources."""

import ast
import inspect
from importlib import import_module
from pathlib import Path

import pytest

import verify
from verify.claim import Comparison
from verify.report.crosschecks import ALIASES, ROADS

ROOT = Path(verify.__file__).parent
SOURCES = sorted(path for part in ("claims", "methods") for path in (ROOT / part).rglob("*.py"))
KNOWN = set(ROADS) | set(ALIASES)


class Source:
    """One module, imported and parsed."""

    def __init__(self, path):
        self.module = import_module(".".join(path.relative_to(ROOT.parent).with_suffix("").parts))
        self.tree = ast.parse(path.read_text())

    def named(self):
        """Yield line, and names of the roads, of each call that takes roads or compares two."""
        for function in [self.tree, *self._functions()]:
            parameters = set()
            if isinstance(function, ast.FunctionDef):
                given = function.args
                parameters = {one.arg for one in (*given.args, *given.kwonlyargs)}
            for call in own_nodes(function):
                roads = self._roads(call) if isinstance(call, ast.Call) else None
                # A parameter is named where the function is called.
                if roads is not None and ast.unparse(roads) not in parameters:
                    yield call.lineno, self._strings(roads, function, frozenset())

    def _functions(self):
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    def _roads(self, call):
        """Return the expression that a call gives as its roads; None if it takes none."""
        called = (
            getattr(self.module, call.func.id, None) if isinstance(call.func, ast.Name) else None
        )
        if called is not Comparison and not inspect.isfunction(called):
            return None
        signature = inspect.signature(called)
        if "roads" not in signature.parameters:
            return None
        return signature.bind(
            *call.args, **{one.arg: one.value for one in call.keywords}
        ).arguments["roads"]

    def _strings(self, node, function, seen):
        """Return the texts that an expression can stand for, following names to what they hold."""

        def of(*nodes):
            return set().union(*(self._strings(one, function, seen) for one in nodes))

        match node:
            case ast.Constant(value=str()):
                return {node.value}
            case ast.Tuple() | ast.List():
                return of(*node.elts)
            case ast.Dict():
                return of(*node.keys)
            case ast.Attribute():
                return of(node.value)
            case ast.Call():
                return of(node.func, *node.args)
            case ast.Subscript(value=ast.Name(id=name)) if isinstance(self._global(name), dict):
                return set(self._global(name).values())
            case ast.Subscript():
                return of(node.value)
            case ast.Name(id=name) if name not in seen:
                seen = seen | {name}
                held = [one for part in own_nodes(function) for one in holds(part, name)]
                return of(*held) if held else texts(self._global(name))
        return set()

    def _global(self, name):
        return getattr(self.module, name, None)


def own_nodes(function):
    """Yield the nodes of a function or module that belong to no function within it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef):
            yield node
            waiting += ast.iter_child_nodes(node)


def holds(node, name):
    """Return the expressions that a node puts into the variable of this name."""
    match node:
        case ast.Assign(targets=[target]):
            found = node.value
        case ast.AnnAssign(target=target):
            found = node.value
        case ast.For(target=target) | ast.comprehension(target=target):
            found = node.iter
        case _:
            return []
    if isinstance(target, ast.Subscript):  # worst[one, other] = ...: the keys
        return [target.slice] if ast.unparse(target.value) == name else []
    bound = {one.id for one in ast.walk(target) if isinstance(one, ast.Name)}
    return [found] if name in bound else []


def texts(value):
    if isinstance(value, str):
        return {value}
    if isinstance(value, (tuple, dict)):
        return {one for one in value if isinstance(one, str)}
    return set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_road_of_a_check_is_explained(path):
    for line, roads in Source(path).named():
        assert len(roads) >= 2, f"{path.name}:{line}: which roads these are cannot be read"
        assert roads <= KNOWN, f"{path.name}:{line}: add {roads - KNOWN} to ROADS or ALIASES"


def test_roads_are_found_where_they_are_named():
    """In a tuple, by constants, in a table, a variable, a dictionary built up in a loop."""
    expected = {
        "claims/crosscheck/amp_minimiser.py": {"message passing", "dual Newton"},
        "claims/replica/exact_solver.py": {
            "replica equations, float64",
            "replica equations, many digits",
        },
        "claims/crosscheck/metamorphic.py": {
            "dual Newton, mapped",
            "dual Newton",
            "cone programme",
        },
        "claims/crosscheck/scale_limits.py": {
            "dual Newton",
            "weighted least squares",
            "quadratic programme",
            "linear programme",
        },
        "claims/crosscheck/decoupling.py": {"dual Newton", "replica fixed point"},
        "claims/crosscheck/_solvers.py": {
            "weights' flow",
            "dual Newton",
            "cone programme",
            "mirror flow",
        },
    }
    for name, roads in expected.items():
        found = set().union(*(names for _, names in Source(ROOT / name).named()))
        assert found == roads, name
