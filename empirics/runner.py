"""Old name of `empirics.sweep.runner`."""

from empirics.sweep.runner import Progress, run

__all__ = ["Progress", "run"]
