"""The report in a browser: it loads, filters, shows formulas and figures, prints, darkens."""

import gzip
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.browser.conftest import DESKTOP, PHONE, every_claim
from tests.verify.report.samples import HOSTILE, SYMBOLIC, claim, sample_record
from verify import registry, report
from verify.figures.page import draw, report_figures
from verify.report.pictures import pictures

NAMES = ["run", "every-verdict", "every-claim"]
WIDTHS = [DESKTOP, PHONE, {"width": 320, "height": 600}]


def shown_articles(page):
    return page.eval_on_selector_all(
        "#statements > article", "all => all.filter(a => !a.hidden).map(a => a.id)"
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("viewport", WIDTHS, ids=lambda size: str(size["width"]))
def test_loads_in_silence_asks_for_nothing_and_fits(visit, name, viewport):
    opened = visit(name, viewport=viewport)
    assert opened.said == []
    assert [url for url in opened.asked if not url.startswith("data:")] == [opened.page.url]
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_every_formula_of_the_suite_is_rendered(visit):
    page = visit("every-claim").page
    assert page.locator("article").count() == len(registry.load())
    sizes = page.eval_on_selector_all(
        "math", "all => all.map(m => [m.getBoundingClientRect().height, m.textContent])"
    )
    assert len(sizes) >= page.locator("article").count()
    assert not [text for height, text in sizes if not 10 < height < 400]
    assert page.locator("math merror").count() == 0
    assert page.locator(".untypeset").all_inner_texts() == []
    # A browser that did not know MathML would show a fraction in one line.
    fraction, line = page.evaluate(
        """() => [document.querySelector("mfrac"), document.querySelector("mfrac > *")].map(
            element => element.getBoundingClientRect().height)"""
    )
    assert fraction > 1.5 * line


def test_wide_formulas_can_be_reached_with_the_keyboard(visit):
    page = visit("every-claim", viewport=PHONE).page
    boxes = page.eval_on_selector_all(
        ".formula", "all => all.map(b => [b.scrollWidth > b.clientWidth, b.tabIndex])"
    )
    assert any(wide for wide, _ in boxes)
    assert all((index == 0) == wide for wide, index in boxes)


def test_every_figure_of_the_report_has_room_on_its_page(visit, tmp_path):
    figures = report_figures()
    assert draw(tmp_path, figures) == []
    shown = pictures(tmp_path, names=[figure.name for figure in figures])
    report.write(every_claim(), tmp_path / "page.html", shown)
    page = visit(tmp_path / "page.html").page
    assert page.locator("figure img").count() == len(figures)
    assert "Not shown" not in page.locator("#figures").inner_text()
    widths = page.eval_on_selector_all("figure img", "all => all.map(image => image.naturalWidth)")
    assert min(widths) > 100


def test_a_heading_is_not_under_the_filter(visit):
    page = visit("every-claim").page
    for name in ("index", "statements"):
        page.click(f"nav a[href='#{name}']")
        heading = page.locator(f"#{name} h2").first.bounding_box()
        form = page.locator("#filter").bounding_box()
        assert heading["y"] >= form["y"] + form["height"]


def test_a_link_followed_twice_reveals_what_was_hidden_since(visit):
    page = visit("run").page
    link = page.locator("#crosschecks a[href='#crosscheck.minimiser']").first
    link.click()
    page.wait_for_url("**#crosscheck.minimiser")
    page.evaluate("new Promise(done => setTimeout(done, 50))")  # the page has heard of it
    page.select_option("#filter-verdict", "PROVED")
    assert "crosscheck.minimiser" not in shown_articles(page)
    link.click()
    page.wait_for_function("document.getElementById('filter-verdict').value === ''")
    assert "crosscheck.minimiser" in shown_articles(page)


def test_figures_are_shown_and_their_data_can_be_saved(visit, tmp_path):
    opened = visit()
    page = opened.page
    widths = page.eval_on_selector_all("figure img", "all => all.map(i => i.naturalWidth)")
    assert widths
    assert all(width > 300 for width in widths)
    links = page.locator("figure a[download]")
    assert links.count() == 2
    for position in range(links.count()):
        with page.expect_download() as waiting:
            links.nth(position).click()
        saved = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved)
        content = saved.read_bytes()
        text = gzip.decompress(content) if saved.suffix == ".gz" else content
        assert text.startswith(b"# Figure 2")
    assert opened.said == []


def test_the_record_can_be_saved(visit, tmp_path):
    page = visit("every-verdict").page
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Save the record of this run").click()
    waiting.value.save_as(tmp_path / "record.json")
    assert '"schema": 1' in (tmp_path / "record.json").read_text()


def test_filters_combine_and_clear(visit):
    page = visit("every-verdict").page
    everything = shown_articles(page)
    count = page.locator("#filter-count")
    assert count.inner_text() == "All 12 statements are shown"
    page.get_by_label("Verdict", exact=True).select_option("REFUTED")
    assert sorted(shown_articles(page)) == ["penalty.as-printed", "regimes.wrong"]
    assert page.locator("tr[data-row]:not([hidden])").count() == 2
    assert count.inner_text() == "2 of 12 statements are shown"
    page.get_by_label("Verdict", exact=True).select_option("unexpected")
    assert len(shown_articles(page)) == 6
    page.get_by_label("Method", exact=True).select_option("training")
    assert shown_articles(page) == []
    assert count.inner_text() == "0 of 12 statements are shown"
    page.get_by_role("button", name="Clear").click()
    assert shown_articles(page) == everything
    page.get_by_label("Method", exact=True).select_option("training")
    assert shown_articles(page) == ["replica.skipped"]
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Search", exact=True).fill("MUST xylophone")
    assert shown_articles(page) == []
    page.get_by_label("Search", exact=True).fill("zerodivision one over")
    assert shown_articles(page) == ["regimes.crashed"]


def test_sections_and_subscripts_can_be_sought(visit):
    page = visit("every-claim").page
    options = page.eval_on_selector_all("#filter-place option", "all => all.map(o => o.value)")
    assert {"3.1", "4.1", "5.3", "B.1", "C.1"} <= set(options)
    page.get_by_label("Section", exact=True).select_option("3.1")
    found = shown_articles(page)
    assert "network.flow" in found
    assert "replica.stein" not in found
    # Sections without a statement leave the index as well.
    assert page.locator("[data-group]:not([hidden])").count() <= len(found)
    page.get_by_label("Section", exact=True).select_option("")
    for typed in ("c_FT", "cFT"):
        page.get_by_label("Search", exact=True).fill(typed)
        assert "network.finetune-scale" in shown_articles(page)


def test_a_count_of_the_summary_leads_to_its_statements(visit):
    page = visit("every-verdict").page
    page.get_by_role("link", name="BLOCKED", exact=True).click()
    assert shown_articles(page) == ["replica.blocked"]
    assert page.get_by_label("Verdict", exact=True).input_value() == "BLOCKED"


def test_a_link_leads_even_to_what_the_filter_hides(visit):
    page = visit("every-verdict").page
    page.get_by_label("Verdict", exact=True).select_option("BLOCKED")
    page.locator('#attention a[href="#regimes.crashed"]').first.click()
    page.wait_for_function("document.getElementById('filter-verdict').value === ''")
    assert page.locator('[id="regimes.crashed"]').is_visible()
    assert page.locator('[id="regimes.crashed"]').bounding_box()["y"] < DESKTOP["height"]


def test_a_heading_is_not_hidden_by_the_bar_that_stays(visit):
    page = visit().page
    page.goto(page.url.partition("#")[0] + "#network.flow")
    bar = page.locator("#filter").bounding_box()
    assert bar["y"] == 0
    heading = page.locator('[id="network.flow"] h3').bounding_box()
    assert heading["y"] >= bar["height"]


def test_the_keyboard_alone_is_enough(visit):
    page = visit().page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**#summary")
    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("conservation")
    assert "network.conservation" in shown_articles(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter-verdict"
    first = page.locator("article:not([hidden]) details.check").first
    first.locator("> summary").focus()
    for wanted in (True, False):
        page.keyboard.press("Enter")
        assert first.evaluate("d => d.open") is wanted
    # What has the focus is marked.
    page.get_by_role("button", name="Clear").focus()
    page.keyboard.press("Shift+Tab")
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"


def test_all_evidence_unfolds_and_folds(visit):
    page = visit("every-verdict").page
    button = page.get_by_role("button", name="Unfold all evidence")
    button.click()
    assert page.locator("details.check:not([open])").count() == 0
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert page.locator("details.check[open]").count() == 0


def test_it_prints_with_all_evidence(visit, tmp_path):
    page = visit().page
    path = tmp_path / "page.pdf"
    page.pdf(path=path, format="A4")
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) > 5
    # Folded again afterwards, as it was.
    assert page.locator("details.check[open]").count() == 0
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#filter").is_visible()
    assert page.locator(".evidence").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def luminance(color):
    values = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    linear = [v / 12.92 if v <= 0.03928 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_follows_the_scheme_of_its_reader(visit, scheme):
    page = visit(color_scheme=scheme).page
    paper = luminance(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    ink = luminance(page.evaluate("getComputedStyle(document.documentElement).color"))
    assert (paper > ink) is (scheme == "light")
    assert (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05) > 7


def test_without_scripts_everything_can_be_read(visit):
    page = visit("every-verdict", java_script_enabled=False).page
    assert page.locator("article").count() == 12
    assert page.locator("article").first.is_visible()
    assert not page.locator("#filter").is_visible()


@pytest.mark.parametrize("viewport", WIDTHS, ids=lambda size: str(size["width"]))
def test_a_word_without_end_widens_no_page(visit, tmp_path, viewport):
    long = "x" * 5000
    check = replace(SYMBOLIC, name=long, summary=long, steps=(long,), reason=long)
    path = tmp_path / "long.html"
    endless = claim("a.b", title=long, statement=long, source=long, checks=(check,), reason=long)
    report.write(sample_record([endless]), path)
    page = visit(path, viewport=viewport).page
    page.get_by_role("button", name="Unfold all evidence").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_hostile_text_runs_nothing(visit, tmp_path):
    check = replace(
        SYMBOLIC,
        name=HOSTILE,
        summary=HOSTILE,
        output=HOSTILE,
        steps=(HOSTILE,),
        counterexample={HOSTILE: HOSTILE},
    )
    hostile = claim(
        "a.b", title=HOSTILE, statement=HOSTILE, source=HOSTILE, checks=(check,), latex=HOSTILE
    )
    path = Path(tmp_path / "hostile.html")
    report.write(sample_record([hostile]), path)
    opened = visit(path)
    opened.page.get_by_role("button", name="Unfold all evidence").click()
    opened.page.wait_for_timeout(200)
    assert opened.said == []
    assert opened.asked == [opened.page.url]
    assert HOSTILE in opened.page.locator("article h3").inner_text()
