"""What a run gives its readers besides the record: the page, and JUnit XML for build servers."""

from verify.report.junit import write as write_junit
from verify.report.page import SIZE_BOUND, render, write

__all__ = ["SIZE_BOUND", "render", "write", "write_junit"]
