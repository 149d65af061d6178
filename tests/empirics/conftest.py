"""A store of its own for each test."""

import pytest

from empirics.sweep.store import Store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.sqlite"


@pytest.fixture
def store(path):
    with Store(path, create=True) as opened:
        yield opened
