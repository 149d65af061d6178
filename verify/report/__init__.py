"""What a reader gets of a run beside the record: the page, and JUnit XML for a build server."""

from verify.report.junit import write as write_junit
from verify.report.page import SIZE_BOUND, render, write

__all__ = ["SIZE_BOUND", "render", "write", "write_junit"]
