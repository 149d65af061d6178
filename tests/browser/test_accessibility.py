"""The report under axe-core: nothing that keeps a reader out, in light and dark, on any width."""

import pytest

from tests.browser.conftest import DESKTOP, PHONE

axe = pytest.importorskip(
    "axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed"
)

# The guidelines in force and the tool's own best practices.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


def violations(page):
    found = axe.Axe().run(page, options=RULES).response
    assert found["testEngine"]["version"] >= "4.10"
    return [
        f"{entry['impact']}: {entry['id']} {entry['nodes'][0]['html'][:200]}"
        for entry in found["violations"]
    ]


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        ("run", "light", DESKTOP),
        ("run", "dark", PHONE),
        ("every-verdict", "dark", DESKTOP),
        ("every-verdict", "light", PHONE),
    ],
    ids=lambda value: str(value["width"]) if isinstance(value, dict) else value,
)
def test_no_violation(visit, name, scheme, viewport):
    page = visit(name, color_scheme=scheme, viewport=viewport).page
    page.get_by_role("button", name="Unfold all evidence").click()
    assert violations(page) == []


def test_the_tool_sees_a_violation(visit):
    page = visit("every-verdict").page
    page.evaluate("document.querySelector('label[for=filter-text]').remove()")
    page.evaluate("document.querySelector('.lead').style.color = '#eeeeee'")
    found = " ".join(violations(page))
    assert "critical: label" in found
    assert "serious: color-contrast" in found
