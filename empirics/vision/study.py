"""The study in pieces: what is left to do, trained several networks at a time, kept as it comes.

A study lives in a folder: `store.sqlite`, the sweeps' store, with one task for each condition;
`pretrained/`, one file for each pretrained network, shared by all conditions that start from it;
`tuned/`, where it was asked for, one file for each fine-tuned network; `runs/`, the state of
training that is under way, saved after every piece. The same command, started again, goes on where
the last piece ended. One process at a time works in a folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any, TypeVar

from empirics.sweep.lease import LeaseHolder, hold_leases
from empirics.sweep.store import Store
from empirics.sweep.task import Task, canonical_json, code_version, rows_json
from empirics.vision import VisionError, checkpoint
from empirics.vision.measure import (
    Workload,
    configuration,
    rows,
    start_of_finetuning,
)
from empirics.vision.protocol import Condition, Pretraining, Scaling, conditions
from empirics.vision.recipe import Recipe
from empirics.vision.scaling import factor
from empirics.vision.training import Run, Trained, TrainingSet

FUNCTION = "empirics.vision.tasks:finetuned"
PIECE_SECONDS = 480.0
STORE = "store.sqlite"

Member = TypeVar("Member", Pretraining, Condition)


class StudyBusyError(VisionError):
    """Another process is at work in the folder."""


@dataclass
class Clock:
    """How long a call may work, how long a piece of it, and what it has done.

    Attributes
    ----------
    piece
        Seconds of training after which the state is saved.
    until
        Time, of `time.monotonic`, at which to stop; what is left is taken up by the next call.
    images, seconds
        Images trained on so far, each counted once an epoch, and the seconds that it took.
    """

    piece: float = PIECE_SECONDS
    until: float = float("inf")
    images: int = 0
    seconds: float = 0.0

    def over(self, seconds: float) -> bool:
        """Whether it is time to stop, rather than begin what takes so many seconds."""
        return time.monotonic() + seconds >= self.until

    @property
    def next_save(self) -> float:
        """Seconds of the next piece."""
        return min(self.piece, self.until - time.monotonic())


@dataclass
class Study:
    """A folder, and what the networks in it are trained on.

    Attributes
    ----------
    folder
        Where everything is kept.
    workload
        Images, protocol and machine.
    together
        Most networks trained side by side.
    report
        Takes a line about what has been done.
    keep
        Whether fine-tuned networks are kept, so that they can be measured in other ways later.
    """

    folder: Path
    workload: Workload
    together: int = 1
    report: Callable[[str], None] = lambda line: None
    keep: bool = False
    # The representation before fine-tuning asked for last: n by n it is the same.
    _before: dict[tuple[Pretraining, Scaling], Any] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        if self.together < 1:
            raise ValueError(f"together must be >= 1, got {self.together}")

    def run(
        self,
        studies: Sequence[str],
        seeds: Sequence[int],
        clock: Clock,
        values: Iterable[float] | None = None,
    ) -> bool:
        """Work on the conditions of the studies until the clock stops; return whether all are done.

        Raises
        ------
        StudyBusyError
            If another process works in the folder.
        CheckpointError
            If a file in it is damaged, or is not what its place says.
        """
        chosen = None if values is None else tuple(values)
        self.folder.mkdir(parents=True, exist_ok=True)
        with (
            _alone(self.folder),
            Store(self.folder / STORE, create=True) as store,
            hold_leases(store) as worker,
        ):
            worker.reclaim()
            wanted: dict[Condition, str] = {}
            for seed, study in product(seeds, studies):
                # A sweep for each value: values may be run one by one, and none is left out.
                for value in factor(study).values if chosen is None else chosen:
                    listed = list(conditions(study, self.workload.protocol, [seed], [value]))
                    keys = store.plan(
                        f"vision/{self.workload.protocol.name}/{study}/{seed}/{value!r}",
                        [self.task(condition) for condition in listed],
                    )
                    wanted.update(zip(listed, keys, strict=True))
            states = store.states(wanted.values())
            left = {one: key for one, key in wanted.items() if states[key] == "pending"}
            self.report(f"{len(wanted)} conditions, {len(left)} to do")
            done = {one for one, key in wanted.items() if states[key] == "done"}
            return self._resume(left, done, worker, clock) and self._work(left, worker, clock)

    def task(self, condition: Condition) -> Task:
        """Return the sweeps' task of a condition; its key says which result it is."""
        return Task(FUNCTION, configuration(self.workload, condition), condition.seed)

    def pretrained(self, which: Pretraining) -> Trained:
        """Read a pretrained network; `CheckpointError` if it is not there, or is not that one."""
        loaded = checkpoint.load(self._place("pretrained", [which]), self._contents([which]))
        return _trained(loaded)

    def tuned(self, which: Condition) -> Trained:
        """Read a fine-tuned network that was kept; `CheckpointError` as for `pretrained`."""
        return _trained(checkpoint.load(self._place("tuned", [which]), self._contents([which])))

    def _work(self, left: Mapping[Condition, str], worker: LeaseHolder, clock: Clock) -> bool:
        nets = list(dict.fromkeys(one.pretrained for one in left))
        for first in range(0, len(nets), self.together):
            group = nets[first : first + self.together]
            missing = [net for net in group if not self._place("pretrained", [net]).exists()]
            if missing and not self._pretrain(missing, clock):
                return False
            for n in self.workload.protocol.sizes:
                same = [one for one in left if one.pretrained in group and one.n == n]
                for start in range(0, len(same), self.together):
                    some = same[start : start + self.together]
                    if not self._finetune(some, left, worker, clock):
                        return False
        return True

    def _resume(
        self,
        left: Mapping[Condition, str],
        done: Set[Condition],
        worker: LeaseHolder,
        clock: Clock,
    ) -> bool:
        """Go on with the runs that were interrupted, as they were composed."""
        for path in sorted((self.folder / "runs").glob("*.pt")):
            contents = checkpoint.read_contents(path)
            shared = self._contents(())
            if any(contents.get(name) != shared[name] for name in shared if name != "members"):
                self.report(f"left alone: {path.name}, which is of another configuration")
                continue
            members = contents["members"]
            if "n" not in members[0]:
                if not self._pretrain([_pretraining(one) for one in members], clock):
                    return False
                continue
            tuned = [_condition(one) for one in members]
            if all(one in done for one in tuned):
                # Ended between the last result and the removal of this file.
                path.unlink()
            elif not self._finetune(tuned, left, worker, clock):
                return False
        return True

    def _pretrain(self, nets: Sequence[Pretraining], clock: Clock) -> bool:
        ran = self._train(
            nets,
            self.workload.protocol.pretraining,
            lambda net: self.workload.pretraining_set(_name(net), net),
            self.workload.start_of_pretraining,
            clock,
        )
        if ran is None:
            return False
        for net, trained in zip(nets, ran, strict=True):
            self.report(
                f"pretrained {_described(net)}: {trained.reason} after {trained.epochs} epochs"
            )
            checkpoint.save(
                self._place("pretrained", [net]), self._contents([net]), asdict(trained)
            )
        self._place("runs", nets).unlink(missing_ok=True)
        return True

    def _finetune(
        self,
        members: Sequence[Condition],
        keys: Mapping[Condition, str],
        worker: LeaseHolder,
        clock: Clock,
    ) -> bool:
        leased = worker.claim([keys[one] for one in members if one in keys], len(members))
        if not leased:
            return True
        began = time.perf_counter()
        ran = self._train(
            members,
            self.workload.protocol.finetuning,
            lambda one: self.workload.finetuning_set(_name(one), one),
            lambda one: start_of_finetuning(self.pretrained(one.pretrained).state, one),
            clock,
        )
        if ran is None:
            return False
        seconds = (time.perf_counter() - began) / len(members)
        for one, tuned in zip(members, ran, strict=True):
            if one in keys and keys[one] in leased:
                if self.keep:
                    checkpoint.save(
                        self._place("tuned", [one]), self._contents([one]), asdict(tuned)
                    )
                net = self.pretrained(one.pretrained)
                start = one.pretrained, one.after
                if start not in self._before:
                    self._before = {start: self.workload.before(net.state, one)}
                result = rows(self.workload, one, net, tuned, self._before[start])
                self.report(
                    f"fine-tuned {_described(one)}: {tuned.reason} after {tuned.epochs} epochs, "
                    f"accuracy {result[0]['accuracy']}"
                )
                worker.finish(
                    keys[one], rows_json(result), seconds, self.workload.machine.described
                )
        self._place("runs", members).unlink(missing_ok=True)
        return True

    def _train(
        self,
        members: Sequence[Member],
        recipe: Recipe,
        training_set: Callable[[Member], TrainingSet],
        start: Callable[[Member], Any],
        clock: Clock,
    ) -> list[Trained] | None:
        """Train members side by side, from their last save if there is one; None if time ended."""
        path, contents = self._place("runs", members), self._contents(members)
        training_sets = [training_set(member) for member in members]
        machine, images = self.workload.machine, self.workload.train
        if path.exists():
            run = Run.resume(
                checkpoint.load(path, contents), training_sets, recipe, machine, images
            )
        else:
            states = [start(member) for member in members]
            run = Run.start(training_sets, states, recipe, machine, images)
        while not run.done:
            if clock.over(run.epoch_seconds):
                return None
            before, began = run.images_seen, time.monotonic()
            run.advance(clock.next_save)
            # Where a graph could not be recorded, what comes next does not try again.
            self.workload = replace(self.workload, machine=run.machine)
            clock.images += run.images_seen - before
            clock.seconds += time.monotonic() - began
            if not run.done:
                checkpoint.save(path, contents, run.snapshot())
                self.report(
                    f"saved after epoch {run.epoch}: {_described(members[0])} and what goes along"
                )
        return [run.finished[one.name] for one in training_sets]

    def _contents(self, members: Sequence[Pretraining | Condition]) -> dict[str, Any]:
        """Return what a file says of itself: all that its tensors depend on."""
        protocol = self.workload.protocol.as_json()
        # Neither has a part in training; both may be extended.
        del protocol["sizes"], protocol["inputs"]
        return {
            "protocol": protocol,
            "images": self.workload.digest,
            "precision": self.workload.machine.precision,
            "code": [
                code_version("empirics.vision.training:Run"),
                code_version("empirics.vision.scaling:scaled"),
            ],
            "members": [member.as_json() for member in members],
        }

    def _place(self, kind: str, members: Sequence[Pretraining | Condition]) -> Path:
        text = canonical_json(self._contents(members))
        return self.folder / kind / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.pt"


def _name(member: Pretraining | Condition) -> str:
    return canonical_json(member.as_json())


def _described(member: Pretraining | Condition) -> str:
    parts = [f"seed {member.seed}"]
    scalings = [member.before, *([member.after] if isinstance(member, Condition) else [])]
    parts += [f"{one.factor} x {one.value:g}" for one in scalings if one.factor is not None]
    if isinstance(member, Condition):
        parts.append(f"n = {member.n}")
    return ", ".join(parts)


def _pretraining(values: Mapping[str, Any]) -> Pretraining:
    return Pretraining(values["seed"], Scaling.of_json(values["before"]))


def _condition(values: Mapping[str, Any]) -> Condition:
    before, after = Scaling.of_json(values["before"]), Scaling.of_json(values["after"])
    return Condition(values["seed"], before, after, values["n"])


def _trained(values: Mapping[str, Any]) -> Trained:
    return Trained(**{**values, "curve": tuple(values["curve"])})


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; the system lets go of it when the process ends."""
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StudyBusyError(f"another process is at work in {folder}") from error
        yield
