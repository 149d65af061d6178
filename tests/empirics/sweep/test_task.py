"""Tasks: what they accept, what their keys depend on, and what they do not depend on."""

import importlib
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from empirics.sweep.task import (
    Task,
    canonical_json,
    code_version,
    dependencies,
    depends_on,
    resolve,
    rows_json,
)

SQUARE = "tests.empirics.sweep.sweep_functions:square"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
configurations = st.dictionaries(st.text(), json_values, max_size=5)


@given(configurations)
def test_canonical_json_is_json_of_the_same_value_in_ascii(configuration):
    text = canonical_json(configuration)
    assert json.loads(text) == configuration
    assert text.isascii()
    assert canonical_json(json.loads(text)) == text


@given(configurations, st.randoms())
def test_the_order_of_names_does_not_matter(configuration, random):
    names = list(configuration)
    random.shuffle(names)
    shuffled = {name: configuration[name] for name in names}
    assert Task(SQUARE, configuration, 1).key == Task(SQUARE, shuffled, 1).key


@given(configurations, configurations)
def test_different_configurations_have_different_keys(one, other):
    same = canonical_json(one) == canonical_json(other)
    assert (Task(SQUARE, one, 0).key == Task(SQUARE, other, 0).key) is same
    assert (Task(SQUARE, one, 0) == Task(SQUARE, other, 0)) is same


def test_seed_and_function_enter_the_key():
    keys = {
        Task(function, {"x": 1}, seed).key
        for function in (SQUARE, "tests.empirics.sweep.sweep_functions:busy")
        for seed in (0, 1, 2**63 - 1)
    }
    assert len(keys) == 6
    assert all(len(key) == 64 for key in keys)


def test_integers_are_not_floats():
    assert Task(SQUARE, {"x": 1}, 0).key != Task(SQUARE, {"x": 1.0}, 0).key
    assert Task(SQUARE, {"x": 1}, 0).key != Task(SQUARE, {"x": True}, 0).key


def test_a_task_does_not_change_with_what_it_was_made_from():
    inner = [1.0]
    task = Task(SQUARE, {"x": inner}, 0)
    key = task.key
    inner.append(2.0)
    assert task.configuration == {"x": [1.0]}
    task.configuration["x"].append(3.0)
    assert task.key == key
    with pytest.raises(TypeError):
        task.configuration["y"] = 1


def test_tasks_can_be_sent():
    task = Task(SQUARE, {"x": [1, {"y": None}]}, 3)
    again = pickle.loads(pickle.dumps(task))
    assert again == task
    assert hash(again) == hash(task)
    assert again.key == task.key


def test_keys_are_the_same_in_another_process_with_another_hash_seed():
    code = f"from empirics.sweep import Task; print(Task({SQUARE!r}, {{'b': 1, 'a': 0.1}}, 5).key)"
    keys = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert keys == {Task(SQUARE, {"b": 1, "a": 0.1}, 5).key}


@pytest.mark.parametrize(
    ("configuration", "named"),
    [
        ({"x": float("nan")}, "configuration['x'] must hold finite numbers, or None, got nan"),
        ({"x": {"y": [0, float("-inf")]}}, "configuration['x']['y'][1] must hold finite"),
        ({"x": np.int64(3)}, "must hold JSON values, got np.int64(3)"),
        ({"x": {1, 2}}, "must hold JSON values"),
        ({"x": b"bytes"}, "must hold JSON values"),
        ({"x": 1j}, "must hold JSON values"),
        ({1: "x"}, "must have strings as names, got 1"),
        ({"x": "\udc80"}, r"['x'] must hold text that UTF-8 can encode, got '\udc80'"),
        ({"\ud800": 1}, "configuration must hold text that UTF-8 can encode"),
        ({"x": {None: 1}}, "configuration['x'] must have strings as names, got None"),
        ([1, 2], "a configuration must be a mapping, got [1, 2]"),
    ],
)
def test_what_is_not_finite_json_is_refused(configuration, named):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared below
        Task(SQUARE, configuration, 0)
    assert named in str(refused.value)


@pytest.mark.parametrize("seed", [-1, 2**63, 1.0, True, None, "1", np.int64(1)])
def test_a_seed_is_an_int_of_63_bits(seed):
    with pytest.raises(ValueError, match=r"seed must be an int with 0 <= seed < 2\*\*63, got"):
        Task(SQUARE, {}, seed)


@pytest.mark.parametrize(
    "function", ["", "square", "a.b.c", "a:b:c", "a b:c", "a:b.c", "a:", ":b", "a:1", 'a":b', None]
)
def test_a_function_is_named_by_module_and_name(function):
    with pytest.raises(ValueError, match=r"must read like package\.module:name"):
        Task(function, {}, 0)


@pytest.mark.parametrize("function", ["", ".", "..:x", ".sweep:resolve", ":", "a", "a:b.c", None])
def test_what_is_no_reference_is_not_looked_for(function):
    with pytest.raises(ValueError, match=r"must read like package\.module:name, got"):
        resolve(function)


@pytest.mark.parametrize(
    "function", ["no.such.module:f", "empirics.sweep:no_such", "empirics.sweep:FOLLOWED"]
)
def test_functions_that_are_not_there_are_named(function):
    with pytest.raises(ValueError, match=function):
        resolve(function)
    with pytest.raises(ValueError, match=function):
        _ = Task(function, {}, 0).key


def test_rows_keep_their_order_and_become_plain():
    rows = [{"b": 1, "a": np.float64(0.1), "c": None}, {}]
    assert rows_json(rows) == ['{"b":1,"a":0.1,"c":null}', "{}"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (None, "a task must return a list of rows, got NoneType"),
        ({"a": 1}, "a task must return a list of rows, got dict"),
        ([1], "row 0 must be a dictionary, got int"),
        ([{}, {"a": [1]}], "row 1 must hold scalars, got [1] for 'a'"),
        ([{"a": float("inf")}], "row 0['a'] must hold finite numbers, or None, got inf"),
        ([{"a": np.array(1.0)}], "row 0['a'] must hold JSON values"),
        ([{2: 1}], "row 0 must have strings as names, got 2"),
        ([{"a": "\udc80"}], r"row 0['a'] must hold text that UTF-8 can encode, got '\udc80'"),
    ],
)
def test_rows_that_are_none_are_refused(rows, named):
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the message is compared below
        rows_json(rows)
    assert named in str(refused.value)


# The code version, on a package made for the purpose.

SOURCES = {
    "__init__.py": "",
    "training.py": (
        '"""Doc."""\nfrom .kernel import step\n\n\ndef train(c, seed):\n    return step(1)\n'
    ),
    "kernel.py": "import math\n\nRATE = 0.5\n\n\ndef step(x):\n    return [{'x': x * RATE}]\n",
    "unrelated.py": "WIDTH = 3\n",
    "grid.py": (
        "from empirics.sweep import depends_on\n\nGRID = (1, 2)\n\n\n"
        "@depends_on('NAME.kernel')\ndef point(c, seed):\n    from NAME.kernel import step\n\n"
        "    return step(2)\n"
    ),
}


@pytest.fixture
def package(tmp_path, monkeypatch, request):
    """Return functions to edit a fresh package, and to compute versions in it anew."""
    name = f"sweep_package_{abs(hash(request.node.name)):x}"
    folder = tmp_path / name
    folder.mkdir()
    for file, text in SOURCES.items():
        (folder / file).write_text(text.replace("NAME", name))
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()

    def edit(file, old, new):
        text = (folder / file).read_text()
        assert old in text
        (folder / file).write_text(text.replace(old, new))

    def version(function):
        # Without the cache, and as a new process would see the body of the function.
        import linecache

        linecache.checkcache()
        return code_version.__wrapped__(f"{name}.{function}")

    return name, edit, version


def test_the_version_follows_what_is_imported(package):
    name, edit, version = package
    assert dependencies(f"{name}.training:train") == [f"{name}.kernel", f"{name}.training"]
    before = version("training:train")
    edit("unrelated.py", "3", "4")
    edit("grid.py", "(1, 2)", "(1, 2, 3)")
    assert version("training:train") == before
    edit("kernel.py", "0.5", "0.25")
    changed = version("training:train")
    assert changed != before
    edit("training.py", "step(1)", "step(2)")
    assert version("training:train") not in (before, changed)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("training.py", '"""Doc."""', '"""Another."""'),
        ("training.py", '"""Doc."""\n', ""),
        ("training.py", "    return", "    # Why.\n    return"),
        ("training.py", "seed):\n", 'seed):\n    """Train."""\n'),
        ("kernel.py", "RATE = 0.5", "RATE   =  0.50"),
        ("kernel.py", "'x'", '"x"'),
    ],
)
def test_layout_comments_and_docstrings_do_not_matter(package, file, old, new):
    _, edit, version = package
    before = version("training:train")
    edit(file, old, new)
    assert version("training:train") == before


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.5", "-0.5"), ("x * RATE", "x + RATE"), ("'x'", "'y'"), ("0.5", "True"), ("0.5", "'0.5'")],
)
def test_any_change_of_meaning_matters(package, old, new):
    _, edit, version = package
    before = version("training:train")
    edit("kernel.py", old, new)
    assert version("training:train") != before


def test_a_declared_function_depends_on_its_body_and_its_modules_only(package):
    name, edit, version = package
    assert dependencies(f"{name}.grid:point") == [f"{name}.kernel"]
    before = version("grid:point")
    edit("kernel.py", "0.5", "0.25")
    assert version("grid:point") != before
    edit("kernel.py", "0.25", "0.5")
    assert version("grid:point") == before
    edit("grid.py", "(1, 2)", "(1, 9)")
    assert version("grid:point") == before
    edit("grid.py", "step(2)", "step(3)")
    assert version("grid:point") != before


def test_declaring_changes_nothing_else():
    def function(configuration, seed):
        return []

    assert depends_on("numerics.tasks")(function) is function
    assert function.depends == ("numerics.tasks",)


def test_training_depends_on_its_numerics_and_on_no_claim():
    modules = dependencies("empirics.diagonal:train")
    assert "empirics.diagonal" in modules
    assert "numerics.initialization" in modules
    assert "empirics.sweep.runner" not in modules
    assert not [name for name in modules if name.startswith(("verify", "theory", "tests"))]


def test_modules_without_source_are_refused():
    with pytest.raises(ValueError, match="needs the source of math"):
        code_version("math:sqrt")
