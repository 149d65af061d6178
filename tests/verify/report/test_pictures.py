"""Figures on the page: carried whole, within bounds, from files that may be anything."""

import gzip
import json
import re
from base64 import b64decode
from urllib.parse import unquote

import pytest

from tests.verify.report.samples import Page, sample_record
from verify import report
from verify.report import page as page_module
from verify.report import pictures as module
from verify.report.pictures import pictures

SVG = '<svg xmlns="http://www.w3.org/2000/svg">\n<path d="M 0 0 \nL 1 1"/><!-- 100 % ü --></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 3000


def figure(folder, name="figure-2", tables=None, drawings=None, **entry):
    tables = {f"{name}-data.csv": "x,y\n1,2\n"} if tables is None else tables
    drawings = {f"{name}.svg": SVG.encode(), f"{name}.png": PNG} if drawings is None else drawings
    for file, text in tables.items():
        (folder / file).write_text(text)
    for file, content in drawings.items():
        (folder / file).write_bytes(content)
    values = {"name": name, "caption": "A caption.", "revision": "0123456789abcdef"}
    values |= {"tables": list(tables), "drawings": list(drawings)} | entry
    (folder / f"{name}.json").write_text(json.dumps(values))


def test_picture_and_table_are_carried_whole(tmp_path):
    figure(tmp_path)
    (picture,) = pictures(tmp_path)
    kind, _, text = picture.url.partition(",")
    assert kind == "data:image/svg+xml"
    assert unquote(text) == SVG.replace("\n", " ")
    assert not set(text) & set('<>"#\n')
    (table,) = picture.tables
    assert b64decode(table.url.partition("base64,")[2]).decode() == "x,y\n1,2\n"
    page = Page(report.render(sample_record(), [picture]))
    (image,) = page.all("img")
    assert image == {"src": picture.url, "alt": "A caption."}
    assert [a["download"] for a in page.all("a") if "download" in a] == [
        "figure-2-data.csv",
        "record.json",
    ]
    assert "Draw again: python -m verify.figures figure-2" in page.prose
    assert "another revision" not in page.prose


def test_the_smaller_of_two_pictures_is_carried(tmp_path):
    figure(tmp_path, drawings={"a.svg": SVG.encode() * 100, "a.png": PNG[:20]})
    assert pictures(tmp_path)[0].url.startswith("data:image/png;base64,")


def test_other_figures_are_shown_last_where_they_are_named_and_stray_files_never(tmp_path):
    for name in ("decoupling", "experiments", "figure-3"):
        figure(tmp_path, name)
    (tmp_path / "record.json").write_text("{}")
    assert [picture.name for picture in pictures(tmp_path)] == ["figure-3"]
    found = pictures(tmp_path, names=["decoupling", "figure-3"])
    assert [picture.name for picture in found] == ["figure-3", "decoupling"]
    assert all(picture.url for picture in found)


def test_a_long_table_is_packed(tmp_path):
    text = "x\n" + "1.25\n" * 50_000
    figure(tmp_path, tables={"long.csv": text})
    (table,) = pictures(tmp_path)[0].tables
    assert table.name == "long.csv.gz"
    assert gzip.decompress(b64decode(table.url.partition("base64,")[2])).decode() == text
    assert table.size < 2000


def test_figures_in_the_order_of_their_numbers_and_missing_ones_named(tmp_path):
    for name in ("figure-10", "figure-2", "figure-4b"):
        figure(tmp_path, name)
    found = pictures(tmp_path, names=["figure-2", "figure-3"])
    assert [picture.name for picture in found] == [
        *("figure-2", "figure-3", "figure-4b", "figure-10")
    ]
    assert [picture.title for picture in found][2:] == ["Figure 4b", "Figure 10"]
    prose = Page(report.render(sample_record(), found)).prose
    assert "Figure 3. Not shown: it has not been drawn. Draw again: python -m" in prose


def test_another_revision_is_named(tmp_path):
    figure(tmp_path, revision="fedcba9876543210")
    prose = Page(report.render(sample_record(), pictures(tmp_path))).prose
    assert "drawn at another revision than that of this run, fedcba987654" in prose


def test_a_page_without_figures_says_how_to_get_them(rendered):
    assert (
        "This page carries no figures. python -m verify.figures draws them" in Page(rendered).prose
    )


def test_what_cannot_be_shown_says_why(tmp_path):
    figure(tmp_path, "figure-2", problem="ZeroDivisionError: no data")
    figure(tmp_path, "figure-3", drawings={"figure-3.gif": b"GIF89a"})
    figure(tmp_path, "figure-4")
    (tmp_path / "figure-4.svg").unlink()
    (tmp_path / "figure-4.png").unlink()
    (tmp_path / "figure-5.json").write_text("not JSON")
    figure(tmp_path, "figure-6", drawings={"figure-6.svg": b"\xff\xfe"})
    figure(tmp_path, "figure-7", drawings={})
    figure(tmp_path, "figure-8", tables={"../outside.csv": "secret\n"})
    problems = {picture.name: picture.problem for picture in pictures(tmp_path)}
    for name, said in {
        "figure-2": "ZeroDivisionError: no data",
        "figure-3": "must be one of .svg, .png, got 'figure-3.gif'",
        "figure-4": "No such file",
        "figure-5": "figure-5.json cannot be read: not JSON",
        "figure-6": "codec can't decode",
        "figure-7": "names no picture",
        "figure-8": "must name files beside it",
    }.items():
        assert said in problems[name]
    shown = pictures(tmp_path)
    assert not any(picture.url for picture in shown)
    assert not Page(report.render(sample_record(), shown)).all("img")


def test_a_table_that_is_gone_leaves_the_picture(tmp_path):
    figure(tmp_path)
    (tmp_path / "figure-2-data.csv").unlink()
    (picture,) = pictures(tmp_path)
    assert picture.url
    assert picture.tables == ()


def test_bounds_hold(tmp_path, monkeypatch):
    for number in (2, 3, 4):
        figure(tmp_path, f"figure-{number}", tables={f"t{number}.csv": "x" * 100 * number})
    monkeypatch.setattr(module, "TABLES_BOUND", 750)
    found = pictures(tmp_path)
    assert [bool(picture.tables[0].url) for picture in found] == [True, True, False]
    assert "t4.csv" in Page(report.render(sample_record(), found)).prose
    monkeypatch.setattr(module, "PICTURES_BOUND", 2 * len(found[0].url) + 1)
    found = pictures(tmp_path)
    assert [bool(picture.url) for picture in found] == [True, True, False]
    assert found[2].problem == "it is too large to be carried by the page"


def test_a_page_without_room_leaves_out_tables_first_then_pictures(tmp_path, monkeypatch, rendered):
    figure(
        tmp_path,
        tables={"t.csv": "1" * 40_000},
        drawings={"p.png": bytes(40_000)},
    )
    shown = pictures(tmp_path)
    small = len(report.render(sample_record(), ()).encode())
    monkeypatch.setattr(page_module, "SIZE_BOUND", small + 70_000)
    text = report.render(sample_record(), shown)
    assert text.count("<img") == 1
    assert 'download="t.csv"' not in text
    monkeypatch.setattr(page_module, "SIZE_BOUND", small + 5_000)
    text = report.render(sample_record(), shown)
    assert text.count("<img") == 0
    assert "Not shown: this page has no room for it." in Page(text).prose


@pytest.mark.parametrize("caption", ["<script>alert(1)</script>", '" onerror="alert(1)'])
def test_a_hostile_caption_stays_text(tmp_path, caption):
    figure(tmp_path, caption=caption, revision=caption, tables={"x y'.csv": "1\n"})
    page = Page(report.render(sample_record(), pictures(tmp_path)))
    assert len(page.all("script")) == 1
    (image,) = page.all("img")
    assert image["alt"] == caption
    assert set(image) == {"src", "alt"}


def test_only_figures_of_the_paper_are_looked_for(tmp_path):
    figure(tmp_path, "experiments")
    (tmp_path / "other.json").write_text("{}")
    assert pictures(tmp_path) == ()
    assert pictures(None) == ()
    assert pictures(tmp_path / "nowhere") == ()


def test_images_are_allowed_by_the_policy_as_data_only(rendered):
    assert re.search(r"default-src 'none'; img-src data:;", rendered)
