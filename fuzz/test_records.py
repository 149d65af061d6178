"""Files read back, records of runs, the register of claims, and formulas: none is trusted."""

import copy
import json
import math
import string
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fuzz.depth import fuzzes
from fuzz.strategies import anything, attempt, number
from numerics.__main__ import alpha_grid
from regression.table import TABLE_PATH, TableError, read_table
from verify import decoding, registry, report
from verify.claim import Check, Claim, Comparison, Control, Evidence, Method, Verdict
from verify.figures.figure import as_csv, read_csv
from verify.methods.numeric import compare, relative_error
from verify.report import typesetting
from verify.run import record
from verify.run.worker import run_check

texts = st.one_of(
    st.text(max_size=12), st.sampled_from(["", "a.b", "A.B", "\x1b[31m", "<b>", "\\"])
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


def _decide(subject):
    return Evidence(subject, "as drawn", figure=0.0 if subject else None)


def _claim(identifier="a.b", **named):
    control = Control("the opposite", False)
    check = Check("as drawn", Method.FLOAT64, _decide, True, control, 0.0, "as drawn")
    return Claim(identifier, "t", "s", "x = 1", "Section 1", (check,), **named)


def _valid_record():
    claim = _claim()
    result = record.claim_result(claim, "module", [run_check(claim.checks[0])])
    return record.RunRecord((result,), {"python": "3"}, 1.0).as_dict()


VALID = _valid_record()


@st.composite
def damaged(draw):
    """A record in which one value was replaced, dropped or moved."""
    document = copy.deepcopy(VALID)
    place, key = document, draw(st.sampled_from(sorted(document)))
    for _ in range(6):
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or draw(st.integers(0, 3)) == 0:
            break
        place = inner
        key = draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
    if draw(st.booleans()):
        place[key] = draw(values)
    else:
        place.pop(key)
    return document


@fuzzes(
    6000, record.RunRecord.read, record.RunRecord.as_dict, record.RunRecord.summary, report.render
)
@given(document=st.one_of(damaged(), damaged(), damaged(), values), page=st.integers(0, 30))
def test_damaged_records(document, page, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "record.json"
    path.write_text(json.dumps(document), encoding="utf-8", errors="surrogatepass")
    found = attempt(record.RunRecord.read, path, refusals=(record.RecordError,))
    if found is not None:
        again = json.loads(json.dumps(found.as_dict()))
        assert again["schema"] == record.SCHEMA
        assert isinstance(found.succeeded, bool)
        if page == 0:
            assert report.render(found).lower().startswith("<!doctype html>")


@fuzzes(4000, decoding.loads)
@given(raw=st.one_of(st.binary(max_size=60), values.map(lambda v: json.dumps(v).encode())))
def test_bytes_as_json(raw, tmp_path_factory):
    attempt(decoding.loads, raw, refusals=(decoding.DecodingError,))
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(raw)
    attempt(record.RunRecord.read, path, refusals=(record.RecordError,))


@fuzzes(3000, decoding.decode, decoding.clean, record.check_from)
@given(value=values, text=st.text())
def test_decoding(value, text):
    attempt(decoding.decode, record.CheckResult, value, refusals=(decoding.DecodingError,))
    attempt(
        record.check_from, value, refusals=(decoding.DecodingError, KeyError, TypeError, ValueError)
    )
    cleaned = decoding.clean(text)
    assert decoding.clean(cleaned) == cleaned
    assert len(cleaned) == len(text)


@fuzzes(3000, Claim, Check, Check.controls, Control, registry.Registry, registry.select)
@given(
    identifier=st.one_of(
        texts, st.sampled_from(["a.b", "a.c", "b.c", "a.b.c", "a.", ".a", "a b.c"])
    ),
    requires=st.lists(st.sampled_from(["a.b", "a.c", "none.such"]), max_size=2),
    limit=number,
    tolerance=st.one_of(st.none(), number),
    twin=st.one_of(st.none(), st.just("a.b")),
    glob=st.text(alphabet="ab.*?[]!c", max_size=5),
    tier=st.sampled_from(["quick", "full", "slow"]),
)
def test_claims_and_their_register(identifier, requires, limit, tolerance, twin, glob, tier):
    control = Control("the opposite", False)
    check = attempt(
        Check, "n", Method.FLOAT64, _decide, True, control,
        tolerance=tolerance, reason="r", limit=limit, tier=tier,
    )  # fmt: skip
    if check is None:
        return
    claim = attempt(
        Claim, identifier, "t", "s", "x", "source", (check,),
        requires=tuple(requires), twin=twin,
    )  # fmt: skip
    register = registry.Registry()
    register.add(_claim(), "one")
    register.add(_claim("a.c", requires=("a.b",)), "two")
    if claim is not None:
        assert claim.id == claim.id.lower()
        refusals = (registry.RegistryError,)
        added = attempt(register.add, claim, "three", refusals=refusals)
        assert (added is None) == (identifier in ("a.b", "a.c"))
        attempt(lambda: register.validate() or True, refusals=refusals)
    chosen = attempt(registry.select, register, [glob] if glob else [], "quick")
    assert chosen is None or chosen


@fuzzes(3000, run_check, Evidence, Comparison)
@given(
    holds=st.one_of(st.booleans(), st.none(), st.just("yes"), st.just(1)),
    figure=st.one_of(st.none(), number),
    tolerance=st.floats(0.0, 1.0),
    worst=number,
    control=st.one_of(st.booleans(), st.none()),
    fault=st.sampled_from([None, ValueError, KeyError, MemoryError, ZeroDivisionError]),
)
def test_what_a_check_returns(holds, figure, tolerance, worst, control, fault):
    comparison = attempt(Comparison, "quantity", ("one", "two"), worst)
    comparisons = () if comparison is None else (comparison,)

    def decide(subject):
        if fault is not None:
            raise fault("as drawn")
        return Evidence(subject, "as drawn", figure=figure, comparisons=comparisons)

    check = Check(
        "n", Method.FLOAT64, decide, holds, Control("another", control), tolerance, "why",
    )  # fmt: skip
    result = run_check(check)
    json.dumps(result.summary)
    if result.verdict is Verdict.CONFIRMED:
        assert holds is True
        assert control is False
        assert figure <= tolerance
    if fault is not None:
        assert result.verdict is Verdict.INCONCLUSIVE


latex = st.lists(
    st.sampled_from(
        ["x", "\\frac", "{", "}", "^", "_", "\\sqrt", "\\\\", "&", "\\left(", "\\right)", "\\sum",
         "\\text{a}", "\\begin{cases}", "\\end{cases}", " ", "1", "<", ">", "\\beta", "'",
         "\\operatorname{a}", "&#x3c;", "\x00", "é", "\\nosuch", "\\,", "%", "$"]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@fuzzes(6000, typesetting.typeset, typesetting.to_mathml, typesetting.split_lines)
@given(source=st.one_of(latex, latex, st.text(max_size=20)))
def test_formulas(source):
    from xml.etree import ElementTree

    lines = typesetting.typeset(source)
    for line in lines:
        assert (line.mathml is None) == bool(line.problem)
        if line.mathml is not None:
            ElementTree.fromstring(decoding.clean(line.mathml))
            assert "<script" not in line.mathml
    attempt(typesetting.to_mathml, source, refusals=(typesetting.FormulaError,))


@fuzzes(5000, alpha_grid)
@given(
    text=st.one_of(
        st.text(alphabet=string.digits + ".,:-+einfa ", max_size=14), st.text(max_size=6)
    )
)
def test_grids_on_the_command_line(text):
    grid = attempt(alpha_grid, text)
    assert grid is None or grid.ndim == 1


@fuzzes(3000, compare, relative_error)
@given(pairs=st.lists(st.tuples(number, number), max_size=3), tolerance=st.floats(0.0, 1.0))
def test_comparisons(pairs, tolerance):
    found = attempt(compare, lambda a, b: a, lambda a, b: b, pairs, names=("a", "b"))
    assert (found is None) == (not pairs)
    if found is None:
        return
    evidence = found.held_to(tolerance, None)
    if any(math.isnan(a) or math.isnan(b) for a, b in pairs):
        assert evidence.holds is False
    if all(a == b for a, b in pairs):
        assert evidence.holds is True
        assert evidence.figure == 0.0


@fuzzes(2500, as_csv, read_csv)
@given(
    names=st.lists(
        st.text(st.characters(categories=["L", "N", "P"], exclude_characters="#"), min_size=1),
        min_size=1, max_size=3, unique=True,
    ),
    rows=st.lists(st.lists(st.floats(), min_size=3, max_size=3), min_size=1, max_size=4),
)  # fmt: skip
def test_tables_of_figures(names, rows, tmp_path_factory):
    table = [dict(zip(names, row, strict=False)) for row in rows]
    path = tmp_path_factory.getbasetemp() / "table.csv"
    path.write_text(as_csv(table, "drawn"), encoding="utf-8")
    back = read_csv(path)
    assert len(back) == len(table)
    for row, other in zip(table, back, strict=True):
        assert list(row) == list(other)
        for before, after in zip(row.values(), other.values(), strict=True):
            assert repr(float(after)) == repr(before)


@fuzzes(400, read_table)
@given(data=st.data())
def test_damaged_golden_tables(data, tmp_path_factory):
    text = data.draw(st.sampled_from(GOLDEN))
    start = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(start, min(len(text), start + 40)))
    changed = text[:start] + data.draw(st.text(max_size=4)) + text[stop:]
    path = tmp_path_factory.getbasetemp() / "table.json"
    path.write_text(changed, encoding="utf-8")
    found = attempt(read_table, path, refusals=(TableError,))
    if found is not None and changed != text:
        # Only what the checksum does not cover may differ: layout, and the words of the header.
        assert json.loads(changed)["points"] == json.loads(text)["points"]


GOLDEN = [Path(TABLE_PATH).read_text(encoding="utf-8")]


@fuzzes(400, record.write_whole)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"])), name=st.sampled_from(["a", ".b", "c d"])
)
def test_files_are_written_whole(text, name, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "whole" / name
    record.write_whole(path, text)
    assert path.read_bytes().decode() == text


@fuzzes(2000)
@given(value=anything)
def test_numbers_for_records(value):
    check = Check(
        "n", Method.FLOAT64, lambda s: Evidence(s, "x", figure=value), True, Control("c", False),
        1.0, "as drawn",
    )  # fmt: skip
    result = run_check(check)
    assert result.figure is None or math.isfinite(result.figure)
