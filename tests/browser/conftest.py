"""Pages in a real browser: Debian's Chromium, driven by Playwright, without a network.

Skipped, by name, where either is missing; `nox -s browser` installs the one and expects the other
(`apt-get install chromium`). CHROMIUM names another binary.
"""

import pytest

from tests.browser.chromium import FLAGS, binary
from tests.verify.report.samples import STATISTICAL, claim, sample_claims, sample_record
from verify import registry, report
from verify.claim import Verdict
from verify.figures import phase_portrait
from verify.report.pictures import pictures
from verify.run import runner, worker
from verify.run.record import RunRecord, claim_result

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser():
    found = binary()
    if found is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def figures(tmp_path_factory):
    """One figure, drawn."""
    folder = tmp_path_factory.mktemp("figures")
    phase_portrait.FIGURE.write(folder)
    return pictures(folder)


@pytest.fixture(scope="session")
def pages(tmp_path_factory, figures):
    """Files of three pages: a run, a record that ends in every way, and every claim there is."""
    folder = tmp_path_factory.mktemp("pages")
    decided = runner.run(
        runner.Options(
            only=(
                "network.c*",
                "network.f*",
                "network.ab*",
                "crosscheck.minimiser",
                "curves.overlap-gap-r*",
            )
        )
    )
    networks = claim(
        "training.curve", Verdict.CONFIRMED, (STATISTICAL,), expected=Verdict.CONFIRMED
    )
    written = {}
    for name, record, shown in (
        ("run", decided, figures),
        ("every-verdict", sample_record((*sample_claims(), networks)), ()),
        ("every-claim", every_claim(), ()),
    ):
        written[name] = folder / f"{name}.html"
        report.write(record, written[name], shown)
    return written


def every_claim():
    """All claims of the suite, undecided: what is looked at are their statements."""
    loaded = registry.load()
    results = [
        claim_result(
            claim,
            loaded.modules[claim.id],
            [
                worker.blank_result(check, Verdict.SKIPPED, "only its statement is shown here")
                for check in claim.checks
            ],
            line=loaded.lines[claim.id],
        )
        for claim in loaded
    ]
    return RunRecord(tuple(results), {"tier": "full"}, 0.0)


class Opened:
    """A page in a browser, with everything that it said and asked for."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(**({"viewport": DESKTOP} | options))
        self.page = self.context.new_page()
        self.said, self.asked = [], []
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: self.said.append(f"dialog: {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())


@pytest.fixture
def visit(browser, pages):
    """A function that opens one of the pages."""
    opened = []

    def open_page(name="run", **options):
        path = pages[name] if isinstance(name, str) else name
        opened.append(Opened(browser, path, **options))
        return opened[-1]

    yield open_page
    for one in opened:
        one.context.close()
