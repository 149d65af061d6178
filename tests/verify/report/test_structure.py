"""The page as a document: links, policy, structure for assistive technology, hostile text."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import verify
from tests.verify.report.samples import HOSTILE, SYMBOLIC, Page, article, claim
from verify import report
from verify.claim import Comparison, Fault, Verdict
from verify.report.page import source_hash
from verify.report.pictures import Picture, Table
from verify.run.record import RunRecord, VariantResult


def test_links_lead_somewhere(page):
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = [attrs["href"] for attrs in page.all("a") if "download" not in attrs]
    assert targets
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    for _, attrs, _ in page.elements:
        for name in ("aria-labelledby", "for", "aria-describedby"):
            assert all(part in ids for part in attrs.get(name, "").split())
    assert {attrs["data-row"] for attrs in page.all("tr") if "data-row" in attrs} == {
        attrs["id"] for attrs in page.all("article")
    }


def test_requirement_outside_of_the_run_is_no_link(rendered):
    text = article(rendered, "network.scale")
    assert 'href="#network.not-in-this-run"' not in text
    assert "network.not-in-this-run</code>" in text


def test_nothing_external(rendered, page):
    assert "http://" not in rendered
    assert "https://" not in rendered
    for tag, attrs, _ in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base")
        assert "src" not in attrs
        assert not [name for name in attrs if name.startswith("on") or name == "style"]
    assert "url(" not in rendered
    assert "@import" not in rendered


def test_policy_lets_only_its_own_script_and_style_through(rendered, page):
    (policy,) = [a["content"] for a in page.all("meta") if "http-equiv" in a]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for element in ("script", "style"):
        (inline,) = re.findall(rf"<{element}>(.*?)</{element}>", rendered, re.DOTALL)
        assert source_hash(inline) in policy


def test_structure_for_assistive_technology(page):
    assert page.all("html")[0]["lang"] == "en"
    tags = Counter(tag for tag, _, _ in page.elements)
    assert tags["main"] == tags["h1"] == tags["nav"] == 1
    levels = [int(tag[1]) for tag, _, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    labelled = {attrs["for"] for attrs in page.all("label")}
    controls = [a["id"] for tag in ("input", "select") for a in page.all(tag)]
    assert set(controls) == labelled
    assert page.all("output")[0]["aria-live"] == "polite"
    assert page.all("a")[0]["class"] == "skip"
    # Without the script there is nothing to filter with; the form must not pretend otherwise.
    assert "hidden" in page.all("form")[0]


def test_hostile_text_stays_text():
    check = replace(
        SYMBOLIC,
        name=HOSTILE,
        method=HOSTILE,
        summary=HOSTILE,
        tolerance=1.0,
        reason=HOSTILE,
        toothless=True,
        counterexample={HOSTILE: HOSTILE},
        steps=(HOSTILE,),
        control=(VariantResult(HOSTILE, False, True, False, HOSTILE, {HOSTILE: HOSTILE}),),
        data={HOSTILE: HOSTILE},
        location=HOSTILE,
        comparisons=(Comparison(HOSTILE, (HOSTILE, "other"), 1.0, HOSTILE),),
        output=HOSTILE + "\ud800\x00\x1b[31m",
    )
    hostile = claim(
        HOSTILE,
        Verdict.REFUTED,
        (check,),
        title=HOSTILE,
        statement=HOSTILE,
        latex=HOSTILE + r"\\ \text{" + HOSTILE + "}" + r"\\ \href{javascript:alert(1)}{x}",
        source=HOSTILE,
        assumptions=(HOSTILE, HOSTILE),
        requires=(HOSTILE, "other." + HOSTILE),
        twin=HOSTILE,
        module=HOSTILE,
        expected=Verdict.REFUTED,
        reason=HOSTILE,
        fault=Fault.CODED,
    )
    record = RunRecord((hostile, hostile), {HOSTILE: HOSTILE, "packages": {HOSTILE: HOSTILE}}, 1.0)
    shown = Picture(HOSTILE, HOSTILE, None, (Table(HOSTILE, 1, None, HOSTILE),), HOSTILE, HOSTILE)
    text = report.render(record, [shown])
    page = Page(text)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [a for _, a, _ in page.elements if any(name.startswith("on") for name in a)]
    assert all(attrs["href"].startswith(("#", "data:application/json")) for attrs in page.all("a"))
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert not any(char in text for char in "\x00\x1b\ud800")
    assert text.encode()


def test_assets_are_package_data():
    folder = Path(verify.__file__).parent / "report/templates"
    assert {path.suffix for path in folder.iterdir()} == {".html", ".css", ".js"}
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.suffix == ".html" or "</" not in text
