"""The page has a row for each statistical check, and says which are due and which use nothing."""

import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.verify.report.samples import STATISTICAL, Page, article, claim, sample_record
from verify import report
from verify.claim import Verdict
from verify.report import terminal
from verify.report.power import noticed
from verify.report.statements import statements
from verify.run.noticed import COLUMNS, DUE, NEVER, NOTHING_USED, Power


def decided(identifier, power, **options):
    check = replace(STATISTICAL, power=power, **options)
    return claim(identifier, check.verdict, (check,), expected=Verdict.CONFIRMED)


NOTHING = Power((), digest="x", method="statistics")
NEVER_TRIED = Power((), method="statistics", due=True)
CLAIMS = (
    decided("a.known", STATISTICAL.power),
    decided("a.due", replace(STATISTICAL.power, due=True)),
    decided("a.never", NEVER_TRIED),
    decided("a.nothing", NOTHING),
    decided("a.skipped", NEVER_TRIED, verdict=Verdict.SKIPPED),
    decided("a.numbers", STATISTICAL.power, method="float64"),
    decided("a.nothing-without-scatter", Power((), digest="x"), method="float64"),
    decided("a.formerly", None),
)


@pytest.fixture(scope="module")
def text():
    return report.render(sample_record(CLAIMS))


def section(text):
    return text[text.index('<section id="power"') : text.index('<div class="filtered">')]


def test_every_statistical_check_that_ran_has_a_row(text):
    found = noticed(statements(sample_record(CLAIMS)))
    assert [row.statement.result.id for row in found.rows] == ["a.known", "a.due", "a.never"]
    assert [row.statement.result.id for row in found.without] == ["a.nothing"]
    assert (found.due, [row.due for row in found.rows]) == (2, ["", DUE, NEVER])
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", section(text), re.DOTALL)
    assert len(rows) == 3
    cells = [Page(cell).prose for cell in re.findall(r"<td>.*?</td>", rows[0], re.DOTALL)]
    expected = [
        "5 % (refuted: 10 %)",
        "τ 3 % (refuted)",
        "–",
        "not up to 100 %",
        "–",
        "refuted",
        "–",
    ]
    assert cells == expected
    assert len(cells) == len(COLUMNS)
    assert "2 rows are due" in Page(section(text)).prose
    assert "1 statistical check uses no solution of the theory" in Page(section(text)).prose


def test_each_statement_has_a_line(text):
    said = "Smallest errors noticed p 5 % (refuted: 10 %), τ 3 % (refuted), cFT not up to 100 %, "
    assert f"{said}slab refuted" in Page(article(text, "a.known")).prose
    assert DUE in Page(article(text, "a.due")).prose
    assert NEVER in Page(article(text, "a.never")).prose
    assert NOTHING_USED in Page(article(text, "a.nothing")).prose
    for without in ("a.formerly", "a.nothing-without-scatter"):
        assert "Smallest errors" not in Page(article(text, without)).prose


def test_a_page_without_statistical_checks_has_no_table():
    text = report.render(sample_record([claim("a.proved")]))
    assert 'id="power"' not in text
    assert 'href="#power"' not in text


def test_show_prints_the_line(capsys):
    result = CLAIMS[0]
    console = Console(width=200, markup=False, highlight=False)
    console.print(terminal._check_text(result.checks[0]))
    assert (
        "smallest errors noticed: p 5 % (refuted: 10 %), τ 3 % (refuted)" in capsys.readouterr().out
    )
