"""A picture of a report, for the README: `python -m tests.browser.picture PAGE.html PICTURE.png`.

`nox -s picture` makes docs/report.png of results/verify.html, the page of the last run.
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.chromium import FLAGS, binary

SIZE_BOUND = 300_000
WINDOW = {"width": 1120, "height": 1180}


def take(page: Path, picture: Path) -> None:
    """Write the top of `page`, as a window shows it, to `picture`.

    Raises
    ------
    FileNotFoundError
        If there is no page, or no Chromium.
    ValueError
        If the picture has more than `SIZE_BOUND` bytes.
    """
    found = binary()
    if found is None:
        raise FileNotFoundError("chromium is not installed")
    if not page.is_file():
        raise FileNotFoundError(f"{page} is not there; `nox -s verify` makes it")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(FLAGS))
        shown = browser.new_page(viewport=WINDOW, color_scheme="light")
        shown.goto(page.resolve().as_uri())
        content = shown.screenshot()
        browser.close()
    if len(content) > SIZE_BOUND:
        raise ValueError(f"a picture must have at most {SIZE_BOUND} bytes, got {len(content)}")
    picture.write_bytes(content)


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
