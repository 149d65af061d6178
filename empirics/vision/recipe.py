"""How a phase is trained, and where and how it is computed.

torch is imported where it computes: protocols can be read and command lines parsed without it.
"""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Literal

Engine = Literal["eager", "graph"]
Precision = Literal["float32", "tf32", "bfloat16"]
Statistics = Literal["batch", "fixed"]
ENGINES: tuple[Engine, ...] = ("eager", "graph")
PRECISIONS: tuple[Precision, ...] = ("float32", "tf32", "bfloat16")
STATISTICS: tuple[Statistics, ...] = ("batch", "fixed")


@dataclass(frozen=True)
class Recipe:
    """How a phase is trained.

    Attributes
    ----------
    learning_rate, momentum, batch
        Of SGD; a phase of n images takes batches of min(n, batch), the last one as it falls.
    goal
        Training loss of an epoch below which a network stops.
    most_epochs
        After which it stops anyway.
    statistics
        What batch normalisation divides by: those of the "batch", or "fixed" ones, the running
        statistics of the network that training starts from.
    """

    goal: float
    most_epochs: int
    learning_rate: float = 1e-3
    momentum: float = 0.9
    batch: int = 128
    statistics: Statistics = "batch"

    def __post_init__(self) -> None:
        if not (self.goal > 0 and self.learning_rate > 0 and 0 <= self.momentum < 1):
            raise ValueError(f"goal and learning_rate must be > 0, momentum in [0, 1), got {self}")
        if self.most_epochs < 1 or self.batch < 2:
            raise ValueError(f"most_epochs must be >= 1 and batch >= 2, got {self}")
        if self.statistics not in STATISTICS:
            raise ValueError(f"statistics must be of {STATISTICS}, got {self.statistics!r}")


@dataclass(frozen=True)
class Machine:
    """Where and how to compute.

    Attributes
    ----------
    device
        "cpu", "cuda" or "cuda:N".
    engine
        "eager", or "graph" for steps recorded once as a CUDA graph.
    precision
        "float32", or on request "tf32" (CUDA) or "bfloat16" (automatic mixed precision).
    """

    device: str = "cpu"
    engine: Engine = "eager"
    precision: Precision = "float32"

    def __post_init__(self) -> None:
        if self.engine not in ENGINES or self.precision not in PRECISIONS:
            raise ValueError(f"engine must be of {ENGINES}, precision of {PRECISIONS}, got {self}")
        if not re.fullmatch(r"cpu|cuda(:\d+)?", self.device):
            raise ValueError(f"device must be cpu, cuda or cuda:N, got {self.device!r}")
        if self.device == "cpu" and (self.engine == "graph" or self.precision == "tf32"):
            raise ValueError(f"CUDA graphs and tf32 need a CUDA device, got {self}")

    @property
    def described(self) -> str:
        """The device by its name, engine, precision and torch: for the record of a result."""
        import torch

        name = "CPU" if self.device == "cpu" else torch.cuda.get_device_name(self.device)
        return f"{name} ({self.engine}, {self.precision}, torch {torch.__version__})"

    def prepare(self) -> None:
        """Set the process's switches: its device, deterministic kernels, tf32 only if asked for.

        `ValueError` if torch does not see the device.
        """
        import torch

        if self.device != "cpu":
            number, seen = self.device.partition(":")[2], torch.cuda.device_count()
            if int(number or 0) >= seen:
                raise ValueError(
                    f"device must be one that torch sees, got {self.device}: "
                    f"torch {torch.__version__} sees {seen} CUDA devices"
                )
            if number:
                # Streams and graphs are made on the current device.
                torch.cuda.set_device(int(number))
        torch.backends.cudnn.benchmark = False
        torch.backends.cudnn.deterministic = True
        torch.backends.cudnn.allow_tf32 = self.precision == "tf32"
        torch.backends.cuda.matmul.allow_tf32 = self.precision == "tf32"

    def casting(self) -> Any:
        """Return the context in which the networks are computed."""
        if self.precision == "bfloat16":
            import torch

            kind = self.device.partition(":")[0]
            return torch.autocast(kind, dtype=torch.bfloat16, cache_enabled=False)
        return nullcontext()
