"""The page of the sample record, drawn once."""

import pytest

from tests.verify.report.samples import Page, sample_record
from verify import report


@pytest.fixture(scope="session")
def rendered():
    return report.render(sample_record())


@pytest.fixture(scope="session")
def page(rendered):
    return Page(rendered)
