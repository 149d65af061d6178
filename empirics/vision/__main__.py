"""Command line: `python -m empirics.vision run|status|export|levers|throughput|precision`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from empirics.vision import data
from empirics.vision.protocol import PROTOCOLS, STUDIES, Protocol
from empirics.vision.scaling import LEVERS, touched

UNFINISHED = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 done, 1 cannot, 2 bad usage, 3 time is over and work is left."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (data.DataError, ValueError, OSError) as error:
        _say(f"error: {error}")
        return 1


def run(options: argparse.Namespace) -> int:
    """Train, in pieces, what is left of the studies."""
    import torch

    from empirics.store import StoreError
    from empirics.vision.checkpoint import CheckpointError
    from empirics.vision.measure import Bench
    from empirics.vision.study import Clock, Study, StudyBusyError
    from empirics.vision.training import Machine

    torch.set_num_threads(options.threads)
    began = time.monotonic()
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    engine = options.engine or ("graph" if device.startswith("cuda") else "eager")
    together = options.together or (30 if device.startswith("cuda") else 1)
    bench = Bench.of(
        _protocol(options),
        Machine(device, engine, options.precision),
        data.read(options.data, download=options.download),
    )
    clock = Clock(piece=60.0 * options.piece_minutes)
    if options.stop_after is not None:
        clock.until = began + 60.0 * options.stop_after
    study = Study(options.store, bench, together, _say)
    try:
        done = study.run(options.study, options.seeds, clock, options.factors)
    except (CheckpointError, StoreError, StudyBusyError) as error:
        _say(f"error: {error}")
        return 1
    if clock.images:
        _say(
            f"{clock.images} images in {clock.seconds:.0f} s of training: "
            f"{clock.images / clock.seconds:.0f} a second"
        )
    _say("done" if done else "time is over; the same command goes on")
    return 0 if done else UNFINISHED


def levers(options: argparse.Namespace) -> int:
    """Print which tensors of the network each lever multiplies."""
    from empirics.vision.resnet import initial_state

    state = initial_state(0)
    for lever in LEVERS.values():
        names = touched(state, lever)
        _say(f"{lever.name} ({lever.symbol}), {lever.phase}: {len(names)} of {len(state)} tensors")
        for name in names:
            _say(f"    {name}  {tuple(state[name].shape)}")
    return 0


def _protocol(options: argparse.Namespace) -> Protocol:
    """Return the protocol, changed where the command line says so, and then of another name."""
    protocol = PROTOCOLS[options.protocol]
    changes = {
        name: value
        for name, value in (
            ("classes", options.classes),
            ("images_per_class", options.images_per_class),
            ("sizes", tuple(options.sizes) if options.sizes else None),
        )
        if value is not None and value != getattr(protocol, name)
    }
    if not changes:
        return protocol
    told = ",".join(f"{name}={value}" for name, value in changes.items()).replace(" ", "")
    return replace(protocol, name=f"{protocol.name}({told})", **changes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m empirics.vision", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("run", help="train what is left of a study, in pieces")
    one.set_defaults(command=run)
    one.add_argument("--study", nargs="+", choices=STUDIES, required=True)
    one.add_argument("--seeds", nargs="+", type=int, required=True)
    one.add_argument("--data", type=Path, required=True, help="folder of the archive, or an .npz")
    one.add_argument("--download", action="store_true", help="let torchvision fetch the archive")
    one.add_argument("--store", type=Path, required=True, metavar="FOLDER")
    one.add_argument("--protocol", choices=PROTOCOLS, default="published")
    one.add_argument("--factors", nargs="+", type=float, help="in place of the published ones")
    one.add_argument("--classes", type=int, help="classes that take part, 4 to 100")
    one.add_argument("--images-per-class", type=int, help="pretraining images of each class")
    one.add_argument("--sizes", nargs="+", type=int, help="numbers n of fine-tuning images")
    one.add_argument("--together", type=int, help="networks trained at once (CPU 1, CUDA 30)")
    one.add_argument("--piece-minutes", type=float, default=8.0, help="minutes between saves")
    one.add_argument("--stop-after", type=float, metavar="MINUTES", help="stop with status 3")
    one.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda where there is one)")
    one.add_argument("--engine", choices=("eager", "graph"), help="default: graph on CUDA")
    one.add_argument("--precision", choices=("float32", "tf32", "bfloat16"), default="float32")
    one.add_argument("--threads", type=int, default=1, help="CPU threads")
    two = commands.add_parser("levers", help="print which tensors each lever multiplies")
    two.set_defaults(command=levers)
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
