"""The import remedy: torchvision comes in, and stays out of the way where nothing is wrong."""

import subprocess
import sys
import types

import pytest

pytest.importorskip("torch")

from empirics.vision import torchvision_import


def test_a_fresh_process_imports_torchvision_and_runs_its_network():
    program = (
        "from empirics.vision.torchvision_import import load, resnet18\n"
        "import torch\n"
        "assert load() is load()\n"
        "assert resnet18(7).eval()(torch.zeros(1, 3, 32, 32)).shape == (1, 7)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True, timeout=120)


def test_an_import_that_works_is_left_alone(monkeypatch):
    working = types.ModuleType("torchvision")
    monkeypatch.setitem(sys.modules, "torchvision", working)
    kept = len(torchvision_import._kept)
    assert torchvision_import.load() is working
    assert len(torchvision_import._kept) == kept


def test_other_failures_are_not_hidden(monkeypatch):
    def broken(name):
        raise RuntimeError("CUDA driver is too old")

    monkeypatch.setattr(torchvision_import.importlib, "import_module", broken)
    with pytest.raises(RuntimeError, match="driver is too old"):
        torchvision_import.load()
