"""False statements beside the true ones, as parameters of tests.

Each is (module, true formulas, what is false, the bodies that make it so); a module states one.
"""

import pytest


def _name(module):
    return module.__name__.rpartition(".")[2]


def false_statements(table):
    """Return the module and the false formulas, one parameter for each."""
    return [
        pytest.param(module, stated.but("", **changed).subject, id=f"{_name(module)}: {name}")
        for module, stated, name, changed in table
    ]


def true_statements(table):
    """Return each module with the formulas that it states."""
    stated = {module: formulas for module, formulas, *_ in table}
    assert all(formulas is stated[module] for module, formulas, *_ in table)
    return [pytest.param(module, formulas, id=_name(module)) for module, formulas in stated.items()]
