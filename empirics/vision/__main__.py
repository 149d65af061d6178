"""`python -m empirics.vision run|follow|status|export|factors|throughput|precision`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from empirics.processes import positive_int
from empirics.sweep.database import StoreError
from empirics.vision import VisionError, data, plan
from empirics.vision.protocol import PROTOCOLS, STUDIES, Protocol
from empirics.vision.recipe import ENGINES, PRECISIONS, Machine, Precision
from empirics.vision.scaling import FACTORS, touched

if TYPE_CHECKING:
    from empirics.vision.study import Clock, Study

UNFINISHED = 3
NEEDED = ("torch", "torchvision")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 done, 1 cannot, 2 bad usage, 3 work is left, or outside the noise."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except ModuleNotFoundError as error:
        if error.name not in NEEDED:
            raise
        sys.stderr.write(
            f"error: this command needs {error.name}, which is not installed: the project's extra "
            "'torch' brings it (python3 -m pip install -e '.[torch]')\n"
        )
        return 1
    except (VisionError, StoreError, ValueError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except RuntimeError as error:
        # Of torch, which may not be there to name it.
        if type(error).__name__ != "OutOfMemoryError":
            raise
        problem = str(error).partition("\n")[0]
        sys.stderr.write(f"error: {problem} Fewer networks at a time (--together) need less.\n")
        return 1


def run(options: argparse.Namespace) -> int:
    """Train, in pieces, what is left of the studies."""
    began = time.monotonic()
    machine = _machine(options, options.precision)
    study, clock = _study(options, _protocol(options), machine, began)
    study.together = options.together or (1 if machine.device == "cpu" else 30)
    done = study.run(options.study, options.seeds, clock, options.factors)
    return _ended(done, clock)


def follow(options: argparse.Namespace) -> int:
    """Train, in pieces, what is left of a plan."""
    import torch

    began = time.monotonic()
    planned = plan.read(options.plan)
    seeds = planned.chosen(options.seeds)
    torch.set_num_threads(planned.threads)
    study, clock = _study(options, PROTOCOLS[planned.protocol], planned.machine, began)
    study.keep = planned.keep
    done = all(
        study.run(one.studies, [seed], clock, one.values)
        for seed in seeds
        for one in planned.rounds
    )
    return _ended(done, clock)


def _study(
    options: argparse.Namespace, protocol: Protocol, machine: Machine, began: float
) -> tuple[Study, Clock]:
    from empirics.vision.measure import Workload
    from empirics.vision.study import Clock, Study

    workload = Workload.of(protocol, machine, data.read(options.data, download=options.download))
    clock = Clock(piece=60.0 * options.piece_minutes)
    if options.stop_after is not None:
        clock.until = began + 60.0 * options.stop_after
    return Study(options.store, workload, report=_say), clock


def _ended(done: bool, clock: Clock) -> int:
    """Say how fast it went and whether all is done; return the status."""
    if clock.images:
        _say(
            f"{clock.images} images in {clock.seconds:.0f} s of training: "
            f"{clock.images / clock.seconds:.0f} a second"
        )
    _say("done" if done else "time is over; the same command goes on")
    return 0 if done else UNFINISHED


def factors(options: argparse.Namespace) -> int:
    """Print which tensors of the network each factor multiplies, and which learning rates."""
    from empirics.vision.resnet import initial_state

    state = initial_state(0)
    for one in FACTORS.values():
        names = touched(state, one)
        _say(f"{one.name} ({one.symbol}), {one.phase}: {len(names)} of {len(state)} tensors")
        for name in names:
            _say(f"    {name}  {tuple(state[name].shape)}")
        if one.of_rates:
            _say(f"    learning rates of {', '.join(one.modules)}: times value^{one.of_rates}")
    return 0


def status(options: argparse.Namespace) -> int:
    """Count the conditions of each study and seed by state."""
    from empirics.sweep.store import Counts, Store
    from empirics.vision.study import STORE

    counted: dict[str, list[Counts]] = {}
    with Store(options.store / STORE) as store:
        for sweep in store.sweeps():
            # vision/PROTOCOL/STUDY/SEED/FACTOR
            counted.setdefault("/".join(sweep.split("/")[:4]), []).append(store.counts(sweep))
        superseded = store.superseded()
    for name, counts in counted.items():
        done, total, failed = (
            sum(getattr(one, state) for one in counts) for state in ("done", "total", "failed")
        )
        _say(f"{name}: {done} of {total} done, {failed} failed")
    if superseded:
        _say(f"{superseded} more of older plans or code, not exported")
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the results of a protocol as CSV with their provenance."""
    from empirics.vision.results import collect, write
    from empirics.vision.study import STORE

    places = [folder / STORE for folder in options.store]
    collected = collect(places, options.protocol, options.seeds)
    for path in write(
        collected,
        options.out,
        options.protocol,
        commands=options.made_by,
        revision=options.revision,
        notes=options.note,
    ):
        _say(str(path))
    return 0


def throughput(options: argparse.Namespace) -> int:
    """Measure images per second side by side against a plain loop, and the product ceiling."""
    from empirics.vision.throughput import measure

    machine = _machine(options, options.precision)
    _say(machine.described)
    for together in options.together:
        found = measure(machine, together=together, images=options.images, batch=options.batch)
        _say(found.described)
    return 0


def precision(options: argparse.Namespace) -> int:
    """Compare learning curves of a lower precision with float32; 0 if within seed noise."""
    from empirics.vision.measure import Workload
    from empirics.vision.precision import compare

    machine = _machine(options, options.precision)
    workload = Workload.of(_protocol(options), machine, data.read(options.data))
    found = compare(workload, options.seeds, options.precision, epochs=options.epochs)
    _say("epoch  mean log-loss difference  its standard error  seed noise")
    rows = zip(found.difference, found.error, found.seed_noise, strict=True)
    for epoch, (difference, error, noise) in enumerate(rows, start=1):
        _say(f"{epoch:5d}  {difference:24.4f}  {error:18.4f}  {noise:10.4f}")
    _say(f"{found.precision}: {'within' if found.within_noise else 'outside'} seed noise")
    return 0 if found.within_noise else UNFINISHED


def _machine(options: argparse.Namespace, precision: Precision) -> Machine:
    """Return what the command line names, by default a GPU where there is one, and prepare it."""
    import torch

    torch.set_num_threads(options.threads)
    device = options.device or ("cuda" if torch.cuda.is_available() else "cpu")
    machine = Machine(
        device, options.engine or ("eager" if device == "cpu" else "graph"), precision
    )
    machine.prepare()
    return machine


def _protocol(options: argparse.Namespace) -> Protocol:
    """Return the protocol, changed where the command line says so, and then of another name."""
    protocol = PROTOCOLS[options.protocol]
    changes: dict[str, Any] = {
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
    changed = ",".join(f"{name}={value}" for name, value in changes.items()).replace(" ", "")
    return replace(protocol, name=f"{protocol.name}({changed})", **changes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m empirics.vision", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--threads", type=positive_int, default=1, help="CPU threads")
    machine.add_argument("--device", help="cpu, cuda or cuda:N (default: cuda where there is one)")
    machine.add_argument("--engine", choices=ENGINES, help="default: graph on CUDA")
    source = argparse.ArgumentParser(add_help=False)
    source.add_argument("--data", type=Path, required=True, help="archive's folder, or an .npz")
    images = argparse.ArgumentParser(add_help=False, parents=[source])
    images.add_argument("--seeds", nargs="+", type=int, required=True)
    images.add_argument("--protocol", choices=PROTOCOLS, default="published")
    images.add_argument("--classes", type=int, help="classes that take part, 4 to 100")
    images.add_argument("--images-per-class", type=int, help="pretraining images of each class")
    images.add_argument("--sizes", nargs="+", type=int, help="numbers n of fine-tuning images")

    pieces = argparse.ArgumentParser(add_help=False)
    pieces.add_argument("--download", action="store_true", help="let torchvision fetch the archive")
    pieces.add_argument("--store", type=Path, required=True, metavar="FOLDER")
    pieces.add_argument("--piece-minutes", type=float, default=8.0, help="minutes between saves")
    pieces.add_argument("--stop-after", type=float, metavar="MINUTES", help="stop with status 3")

    one = commands.add_parser(
        "run", parents=[images, machine, pieces], help="train what is left, in pieces"
    )
    one.set_defaults(command=run)
    one.add_argument("--study", nargs="+", choices=STUDIES, required=True)
    one.add_argument(
        "--factors",
        nargs="+",
        type=float,
        help="values other than the published ones",
    )
    one.add_argument(
        "--together", type=positive_int, help="networks trained at once (CPU 1, CUDA 30)"
    )
    one.add_argument("--precision", choices=PRECISIONS, default="float32")

    two = commands.add_parser(
        "factors", aliases=["levers"], help="print which tensors each factor multiplies"
    )
    two.set_defaults(command=factors)

    three = commands.add_parser("status", help="count what is done")
    three.set_defaults(command=status)
    three.add_argument("--store", type=Path, required=True, metavar="FOLDER")

    four = commands.add_parser("export", help="write results as CSV")
    four.set_defaults(command=export)
    four.add_argument("--store", type=Path, nargs="+", required=True, metavar="FOLDER")
    four.add_argument("--protocol", required=True, help="name of the protocol")
    four.add_argument("--seeds", nargs="+", type=int, help="only these (default: all)")
    four.add_argument("--out", type=Path, default=Path("empirics/recorded"), metavar="FOLDER")
    four.add_argument("--made-by", nargs="+", required=True, help="the commands, for the header")
    four.add_argument("--revision", required=True, help="revision of the code that was run")
    four.add_argument("--note", nargs="+", default=[], help="more lines for the header")

    five = commands.add_parser("throughput", parents=[machine], help="images per second")
    five.set_defaults(command=throughput)
    five.add_argument("--precision", choices=PRECISIONS, default="float32")
    five.add_argument("--together", nargs="+", type=positive_int, default=[1, 4])
    five.add_argument("--images", type=int, default=1280)
    five.add_argument("--batch", type=int, default=128)

    six = commands.add_parser(
        "precision", parents=[images, machine], help="A/B of a lower precision against float32"
    )
    six.set_defaults(command=precision)
    six.add_argument("--precision", choices=PRECISIONS[1:], default="bfloat16")
    six.add_argument("--epochs", type=int, default=10)

    seven = commands.add_parser(
        "follow", parents=[source, pieces], help="train what is left of a plan, in pieces"
    )
    seven.set_defaults(command=follow)
    seven.add_argument("plan", help="NAME of empirics/recorded/NAME.plan.json")
    seven.add_argument("--seeds", nargs="+", type=int, help="some of the plan's, in this order")
    return parser


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
