"""Import torchvision, also where its compiled extension does not match the torch build.

torchvision registers fake kernels for its operators when it is imported, and stops where the
operators do not exist: its wheel was built against a CUDA torch and cannot load beside a CPU one.
Only two schemas are missed, those of `nms` and `qnms`, and nothing here calls either. They are
declared, without a kernel, and the import is repeated. Where torchvision imports, nothing is done.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_MISSING = ("nms", "qnms")

# A library that is no longer referenced takes its operators with it.
_kept: list[Any] = []


def load() -> ModuleType:
    """Return the module `torchvision`, with its operators declared if they have to be.

    Raises
    ------
    ImportError
        If torch or torchvision is not installed.
    RuntimeError
        If torchvision stops for another reason than a missing operator.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
    torch = importlib.import_module("torch")
    library = torch.library.Library("torchvision", "DEF")
    for name in _MISSING:
        library.define(f"{name}{_SCHEMA}")
    _kept.append(library)
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]
    return importlib.import_module("torchvision")


def resnet18(classes: int = 100) -> Any:
    """Return torchvision's resnet18 with `classes` outputs and random weights."""
    load()
    return importlib.import_module("torchvision.models").resnet18(num_classes=classes)
