"""The page: every verdict, hostile text, links, size, and its structure as HTML."""

import json
import re
from base64 import b64decode
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from verify import report
from verify.claim import Method, Verdict
from verify.record import CheckResult, ClaimResult, RecordError, RunRecord, VariantResult

HOSTILE = "<script>alert('x')</script>\"'&<img src=http://example.org/x.png onerror=alert(1)>"
VOID = frozenset(("meta", "input", "br", "hr", "img", "link", "source", "col", "wbr"))

REJECTED = VariantResult(
    "the penalty with 4k in place of 2k",
    must_hold=False,
    holds=False,
    told_apart=True,
    summary="worst relative error 0.41",
    counterexample={"z": "0.31250000000000000000000000000000000000000000000001", "k": "1/3"},
)
SYMBOLIC = CheckResult(
    "derivation from the flow",
    Method.SYMBOLIC.value,
    Verdict.PROVED,
    "the difference simplifies to zero",
    seconds=0.41,
    steps=("differentiate the conserved quantity", "insert the flow: 2u·u̇ − 2v·v̇ = 0"),
    control=(REJECTED,),
)
DIGITS = CheckResult(
    "fifty digits",
    Method.MULTIPRECISION.value,
    Verdict.CONFIRMED,
    "200 points agree",
    figure=3.1e-49,
    tolerance=1e-45,
    reason="fifty digits, of which five are lost to cancellation",
    seconds=1.2,
    seed=20240117,
    control=(replace(REJECTED, summary="rejected at the first point"),),
    data={"points": 200, "worst": {"k": "1e-12"}},
)


def claim(identifier, verdict=Verdict.PROVED, checks=(SYMBOLIC, DIGITS), **options):
    values = {
        "id": identifier,
        "title": f"Title of {identifier.partition('.')[2]}",
        "statement": "The penalty qₖ is even, convex, and grows like |z| as k → 0.",
        "latex": r"q_k(z) = \int_0^z \operatorname{arsinh}\left(\frac{u}{2k}\right) du"
        r" \\ q_k''(z) = \frac{1}{\sqrt{z^2 + 4k^2}}",
        "source": "Theorem 4.1",
        "assumptions": ("k > 0", "z real"),
        "requires": (),
        "twin": None,
        "module": "verify.claims." + identifier.replace(".", "_").replace("-", "_"),
        "verdict": verdict,
        "expected": Verdict.PROVED,
        "reason": f"{checks[0].name}: {checks[0].summary}" if checks else "",
        "checks": checks,
    }
    return ClaimResult(**(values | options))


def outcome(verdict, summary, **options):
    return replace(SYMBOLIC, verdict=verdict, summary=summary, steps=(), **options)


def sample_claims():
    """Claims that end in every possible way."""
    enclosed = replace(
        SYMBOLIC,
        name="Arb balls",
        method=Method.ENCLOSURE.value,
        verdict=Verdict.CERTIFIED,
        summary="positive on [1e-8, 1e8], in 4096 boxes",
        figure=0.0,
        tolerance=0.25,
        reason="the margin that the expansion at infinity needs",
    )
    failed = outcome(
        Verdict.REFUTED,
        "the two sides differ",
        counterexample={"c": "1.3", "left": "0.2718281828459045", "right": "-0.3"},
    )
    corrected = replace(
        REJECTED, variant="the signed sum", must_hold=True, holds=True, summary="holds"
    )
    missed = replace(REJECTED, holds=True, told_apart=False, summary="fits as well")
    undecided = replace(REJECTED, holds=None, told_apart=False, summary="no decision")
    return (
        claim("network.conservation", assumptions=("λ² ≤ c²",)),
        claim(
            "network.scale",
            Verdict.CERTIFIED,
            (enclosed, DIGITS),
            expected=Verdict.CERTIFIED,
            requires=("network.conservation", "network.not-in-this-run"),
        ),
        claim("penalty.numbers", Verdict.CONFIRMED, (DIGITS,), expected=Verdict.CONFIRMED),
        claim(
            "penalty.as-printed",
            Verdict.REFUTED,
            (replace(failed, control=(corrected,)),),
            expected=Verdict.REFUTED,
            twin="network.conservation",
        ),
        claim(
            "regimes.wrong", Verdict.REFUTED, (failed, DIGITS), requires=("network.conservation",)
        ),
        claim(
            "regimes.blind",
            Verdict.INCONCLUSIVE,
            (outcome(Verdict.INCONCLUSIVE, "toothless", toothless=True, control=(missed,)),),
        ),
        claim(
            "regimes.blind-twice",
            Verdict.INCONCLUSIVE,
            (outcome(Verdict.INCONCLUSIVE, "toothless", toothless=True, control=(undecided,)),),
        ),
        claim(
            "regimes.crashed",
            Verdict.INCONCLUSIVE,
            (
                outcome(
                    Verdict.INCONCLUSIVE,
                    "raised ZeroDivisionError: one over nothing (x.py:3)",
                    control=(),
                    output="Traceback (most recent call last):\n  ZeroDivisionError",
                ),
                DIGITS,
            ),
        ),
        claim(
            "replica.blocked",
            Verdict.BLOCKED,
            (outcome(Verdict.BLOCKED, "not run", control=()),),
            requires=("regimes.wrong",),
            reason="requires regimes.wrong, which did not come out as expected",
        ),
        claim(
            "replica.skipped",
            Verdict.SKIPPED,
            (
                outcome(
                    Verdict.SKIPPED,
                    "needs torch, not found here",
                    control=(),
                    method=Method.TRAINING.value,
                    tier="full",
                ),
            ),
            expected=Verdict.CONFIRMED,
        ),
        claim(
            "replica.partly",
            checks=(SYMBOLIC, outcome(Verdict.SKIPPED, "needs flint, not found here", control=())),
        ),
        claim("replica.empty", Verdict.INCONCLUSIVE, (), assumptions=()),
    )


def sample_record(claims=None):
    environment = {
        "date": "2025-01-17T09:12:00+00:00",
        "command": "python -m verify run",
        "tier": "quick",
        "only": [],
        "revision": "0123456789abcdef",
        "python": "3.11.9",
        "packages": {"sympy": "1.13.3", "numpy": "2.1.0"},
    }
    return RunRecord(sample_claims() if claims is None else tuple(claims), environment, 12.34)


class Page(HTMLParser):
    """A page as a reader's browser sees it; refuses elements that are not closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.elements = []
        self.text = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        assert "math" in self.open

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> without a beginning"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs, _ in self.elements if name == tag]

    @property
    def prose(self):
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def rendered():
    return report.render(sample_record())


@pytest.fixture(scope="module")
def page(rendered):
    return Page(rendered)


def article(text, identifier):
    found = re.search(rf'<article id="{re.escape(identifier)}".*?</article>', text, re.DOTALL)
    assert found, identifier
    return found[0]


def test_every_verdict_is_named_and_counted(page, rendered):
    labels = Counter(attrs["data-verdict"] for attrs in page.all("article"))
    assert labels == {
        **{"PROVED": 2, "CERTIFIED": 1, "CONFIRMED": 1, "REFUTED": 2, "TOOTHLESS": 2},
        **{"INCONCLUSIVE": 2, "BLOCKED": 1, "SKIPPED": 1},
    }
    tally = re.search(r'<table class="tally">.*?</table>', rendered, re.DOTALL)[0]
    for verdict in Verdict:
        assert verdict.meaning in Page(tally).prose


def test_summary_names_what_needs_attention(page):
    prose = page.prose
    assert "6 statements of 12 did not come out as expected" in prose
    assert "2 checks are toothless" in prose
    assert "1 statement and 1 check of other statements were skipped" in prose
    assert "2 of 12 such controls were not told apart" in prose
    assert "1 statement, false as printed or as commonly coded, is refuted as expected" in prose
    assert "needs torch, not found here" in prose


def test_a_good_run_says_so_and_alarms_nobody():
    text = report.render(sample_record([claim("network.conservation")]))
    page = Page(text)
    assert "Every statement decided came out as expected." in page.prose
    assert "Nothing was skipped, and no check is toothless." in page.prose
    assert 'id="attention"' not in text
    assert 'id="skipped"' not in text
    assert 'class="bad"' not in text


def test_nothing_decided_is_not_success():
    page = Page(report.render(sample_record([])))
    assert "No statement was decided." in page.prose
    assert "as expected" not in page.prose.replace("not as expected", "")


def test_false_statement_stands_beside_its_twin(rendered):
    section = re.search(r'<section id="corrected".*?</section>', rendered, re.DOTALL)[0]
    assert 'href="#penalty.as-printed"' in section
    assert 'href="#network.conservation"' in section
    assert "0.2718281828459045" in section
    assert "Corrects" in article(rendered, "network.conservation")
    assert "Accepted, as it must be" in article(rendered, "penalty.as-printed")


def test_evidence_is_complete(rendered):
    text = Page(article(rendered, "penalty.numbers")).prose
    for part in (
        "fifty digits, of which five are lost to cancellation",
        "3.1 × 10−49 ≤ 10−45",
        "3.1e-49",
        "20240117",
        "Rejected, as it must be",
        "the penalty with 4k in place of 2k",
        '"points": 200',
        "verify/claims/penalty_numbers.py",
        "python -m verify run --only penalty.numbers",
    ):
        assert part in text
    text = Page(article(rendered, "network.conservation")).prose
    assert "insert the flow: 2u·u̇ − 2v·v̇ = 0" in text
    assert "λ² ≤ c²" in text


def test_failing_controls_are_told(rendered):
    assert "Not rejected, and it must be rejected" in article(rendered, "regimes.blind")
    assert "Undecided, and it must be rejected" in article(rendered, "regimes.blind-twice")


def test_figure_above_tolerance_is_shown_as_such():
    above = replace(DIGITS, figure=2e-3, verdict=Verdict.REFUTED)
    text = report.render(sample_record([claim("a.b", Verdict.REFUTED, (above,))]))
    assert "0.002 &gt; 10<sup>−45</sup>" in article(text, "a.b")


def test_full_tier_command_names_the_tier(rendered):
    assert "run --tier full --only replica.skipped" in article(rendered, "replica.skipped")


def test_command_names_a_foreign_package():
    foreign = claim("a.b", module="elsewhere.claims", checks=(SYMBOLIC,))
    text = Page(report.render(sample_record([foreign]))).prose
    assert "python -m verify run --claims elsewhere.claims --only a.b" in text


@pytest.mark.parametrize("number", [1, 2])
def test_skipped_checks_alone_are_named(number):
    partly = sample_claims()[-2]
    claims = [replace(partly, id=f"replica.partly-{n}") for n in range(number)]
    prose = Page(report.render(sample_record(claims))).prose
    assert ("1 check was skipped" if number == 1 else "2 checks were skipped") in prose
    assert "Every statement decided came out as expected." in prose


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
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
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
        assert report._hash(inline) in policy


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
    )
    record = RunRecord((hostile, hostile), {HOSTILE: HOSTILE, "packages": {HOSTILE: HOSTILE}}, 1.0)
    text = report.render(record)
    page = Page(text)
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not [a for _, a, _ in page.elements if any(name.startswith("on") for name in a)]
    assert all(attrs["href"].startswith(("#", "data:application/json")) for attrs in page.all("a"))
    ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert not any(char in text for char in "\x00\x1b\ud800")
    assert text.encode()


def test_formula_is_mathml(rendered, page):
    assert page.all("math")
    for tag, attrs, _ in [e for e in page.elements if "math" in e[2]]:
        assert tag.startswith("m")
        assert "href" not in attrs
    assert article(rendered, "network.conservation").count("<math ") == 2


def test_formula_that_cannot_be_typeset_shows_its_source():
    text = report.render(sample_record([claim("a.b", latex=r"\frac{a}{ \\ x = \nosuchthing")]))
    shown = article(text, "a.b")
    assert "<math" not in shown
    assert r"<code>\frac{a}{ \\ x = \nosuchthing</code>" in shown
    assert "Shown as its LaTeX source" in shown


def test_write_leaves_one_whole_file(tmp_path, rendered):
    target = tmp_path / "deep" / "page.html"
    report.write(sample_record(), target)
    assert target.read_text(encoding="utf-8") == rendered
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_same_record_same_page(rendered):
    assert report.render(sample_record()) == rendered


def test_record_survives_json(tmp_path, rendered):
    path = tmp_path / "record.json"
    sample_record().write(path)
    again = RunRecord.read(path)
    assert again == sample_record()
    assert report.render(again) == rendered


def test_page_carries_its_record(tmp_path, page):
    (link,) = [attrs for attrs in page.all("a") if "download" in attrs]
    carried = tmp_path / link["download"]
    carried.write_bytes(b64decode(link["href"].partition("base64,")[2]))
    assert RunRecord.read(carried) == sample_record()


def test_record_that_is_not_json_is_not_carried():
    odd = replace(DIGITS, data={"x": float("nan")})
    text = report.render(sample_record([claim("a.b", checks=(odd,))]))
    assert "download=" not in text
    assert "cannot be written as JSON" in text


@pytest.mark.parametrize("content", ["", "[]", '{"schema": 0}', '{"schema": 1}', "\xff"])
def test_unreadable_record_is_refused(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_text(content, encoding="latin-1")
    with pytest.raises(RecordError, match=r"record\.json"):
        RunRecord.read(path)


def test_size_is_bounded_and_cuts_are_told():
    long = replace(SYMBOLIC, output="x" * 100_000, steps=("y" * 30_000,) * 3)
    claims = [claim(f"topic.number-{n}", checks=(long,)) for n in range(60)]
    text = report.render(sample_record(claims))
    assert len(text.encode()) <= report.SIZE_BOUND
    assert "more characters are in the record" in text
    assert "too large to be carried by the page" in text


def test_page_beyond_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(report, "SIZE_BOUND", 1000)
    with pytest.raises(ValueError, match="must have at most 1000 bytes, got"):
        report.render(sample_record())


def test_hundred_claims_are_far_below_the_bound():
    claims = [replace(sample_claims()[0], id=f"topic.number-{n}") for n in range(100)]
    assert len(report.render(sample_record(claims)).encode()) < report.SIZE_BOUND / 4


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "none"),
        (0.0, "0"),
        (1.0, "1"),
        (0.25, "0.25"),
        (-0.002, "−0.002"),
        (1e-45, "10<sup>−45</sup>"),
        (3.14159e-49, "3.14 × 10<sup>−49</sup>"),
        (2.5e12, "2.5 × 10<sup>12</sup>"),
        (float("inf"), "∞"),
    ],
)
def test_numbers_read_as_in_print(value, shown):
    assert str(report._number(value)) == shown


def test_assets_are_package_data():
    folder = Path(report.__file__).parent / "templates"
    patterns = {".html", ".css", ".js"}
    assert {path.suffix for path in folder.iterdir()} == patterns
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert path.suffix == ".html" or "</" not in text


def test_data_is_json_for_the_reader(rendered):
    shown = Page(article(rendered, "penalty.numbers")).prose
    assert json.dumps({"k": "1e-12"})[1:-1] in shown
