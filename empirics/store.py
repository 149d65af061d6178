"""Old name of `empirics.sweep.store`."""

from empirics.sweep.store import Counts, Failure, Result, Store

__all__ = ["Counts", "Failure", "Result", "Store"]
