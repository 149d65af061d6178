"""Sweeps of tasks in a store that survives a kill: the names that scripts need."""

from empirics.sweep.runner import run
from empirics.sweep.store import Store
from empirics.sweep.task import Task, dependencies, depends_on

__all__ = ["Store", "Task", "dependencies", "depends_on", "run"]
