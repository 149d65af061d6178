"""The page as a file: whole, of bounded size, carrying its record."""

from base64 import b64decode
from dataclasses import replace

import pytest

from tests.verify.report.samples import DIGITS, SYMBOLIC, claim, sample_claims, sample_record
from verify import report
from verify.report import page as page_module
from verify.run.record import RecordError, RunRecord


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


def test_size_is_bounded_and_cuts_are_marked():
    long = replace(SYMBOLIC, output="x" * 100_000, steps=("y" * 30_000,) * 3)
    claims = [claim(f"topic.number-{n}", checks=(long,)) for n in range(60)]
    text = report.render(sample_record(claims))
    assert len(text.encode()) <= report.SIZE_BOUND
    assert "more characters are in the record" in text
    assert "too large to be carried by the page" in text


def test_page_beyond_the_bound_is_refused(monkeypatch):
    monkeypatch.setattr(page_module, "SIZE_BOUND", 1000)
    with pytest.raises(ValueError, match="must have at most 1000 bytes, got"):
        report.render(sample_record())


def test_hundred_claims_are_far_below_the_bound():
    claims = [replace(sample_claims()[0], id=f"topic.number-{n}") for n in range(100)]
    assert len(report.render(sample_record(claims)).encode()) < report.SIZE_BOUND / 4
