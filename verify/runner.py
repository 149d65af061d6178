"""Old name of `verify.run.runner`."""

from verify.run.runner import Options, Progress, run

__all__ = ["Options", "Progress", "run"]
