"""JSON from another machine: each field held to its type, each refusal with its place and value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from verify.claim import Verdict
from verify.decoding import DEPTH, DecodingError, clean, decode, loads
from verify.run import record
from verify.run.record import CheckResult, RecordError, RunRecord


@dataclass(frozen=True)
class Inner:
    number: float
    text: str = "default"


@dataclass(frozen=True)
class Outer:
    verdict: Verdict
    inner: tuple[Inner, ...] = ()
    pair: tuple[str, str] = ("a", "b")
    count: int | None = None
    sure: bool = False
    texts: Mapping[str, str] | None = None
    anything: Mapping[str, Any] = field(default_factory=dict)


def test_what_fits_is_taken():
    given_ = {
        "verdict": "PROVED",
        "inner": [{"number": 3}, {"number": 0.5, "text": "t"}],
        "count": 7,
        "sure": True,
        "texts": {"a": "b"},
        "anything": {"a": [1, {"b": None}]},
        "unknown": "passed over",
    }
    found = decode(Outer, given_)
    assert found == Outer(
        Verdict.PROVED,
        (Inner(3.0), Inner(0.5, "t")),
        count=7,
        sure=True,
        texts={"a": "b"},
        anything={"a": [1, {"b": None}]},
    )
    assert type(found.inner[0].number) is float


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "FINE"}, 'verdict must be one of PROVED, .* got "FINE"'),
        ({"verdict": ["PROVED"]}, "verdict must be one of"),
        ({"verdict": None}, "verdict must be one of"),
        ({"inner": {"number": 1}}, "inner must be a list, got"),
        ({"inner": [1]}, r"inner\[0\] must be an object, got 1"),
        ({"inner": [{}]}, r"inner\[0\].number is missing"),
        ({"inner": [{"number": "1"}]}, r"inner\[0\].number must be a number, got \"1\""),
        ({"inner": [{"number": True}]}, "must be a number, got true"),
        ({"inner": [{"number": 10**400}]}, "numbers must be finite, got 1000"),
        ({"pair": ["a"]}, r"pair must be a list of 2, got \[\"a\"\]"),
        ({"pair": ["a", 1]}, r"pair\[1\] must be text, got 1"),
        ({"count": 1.5}, "count must be an integer, got 1.5"),
        ({"count": True}, "count must be an integer, got true"),
        ({"sure": 1}, "sure must be true or false, got 1"),
        ({"texts": {"a": 1}}, "texts.a must be text, got 1"),
        ({"texts": "a"}, "texts must be an object"),
        ({"anything": []}, "anything must be an object"),
        ({"texts": {"a": ["x" * 1000]}}, "…"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change, message):
    with pytest.raises(DecodingError, match=message) as refused:
        decode(Outer, {"verdict": "PROVED"} | change)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("value", [None, 1, "text", [], [{}]])
def test_the_top_level_must_be_an_object(value):
    with pytest.raises(DecodingError, match="the top level must be an object"):
        decode(Outer, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("9" * 5_000, "not JSON"),
        (b"\xff", "not JSON"),
        ("NaN", "must be finite, got NaN"),
        ("[-Infinity]", "must be finite, got -Infinity"),
        ("[1e999]", "must be finite, got 1e999"),
    ],
)
def test_what_is_no_json_of_finite_numbers_is_refused(text, message):
    with pytest.raises(DecodingError, match=message):
        loads(text)


def test_data_of_any_type_are_not_nested_without_bound():
    def nested(depth):
        return {"verdict": "PROVED", "anything": {"a": loads("[" * depth + "1" + "]" * depth)}}

    assert decode(Outer, nested(DEPTH)).anything
    with pytest.raises(DecodingError, match=f"at most {DEPTH} deep"):
        decode(Outer, nested(DEPTH + 1))


def test_texts_are_printable_afterwards():
    found = decode(Outer, {"verdict": "PROVED", "pair": ["a\x1b[31m", "b\ud800\r\x00"]})
    assert found.pair == ("a\ufffd[31m", "b\ufffd\ufffd\ufffd")
    found = decode(Outer, {"verdict": "PROVED", "anything": {"\x07": ["\x9b"]}})
    assert found.anything == {"\ufffd": ["\ufffd"]}
    assert clean("line\n\ttab – ∂β ≤ 1") == "line\n\ttab – ∂β ≤ 1"


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FIELDS = sorted(CheckResult.__dataclass_fields__)


# The first draws build tables of characters, which takes a second on a busy machine.
SLOW_START = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@SLOW_START
@given(st.dictionaries(st.sampled_from(FIELDS), JSON_VALUES))
def test_no_json_value_does_more_than_be_refused(values):
    start = {"name": "n", "method": "symbolic", "verdict": "PROVED", "summary": "s"}
    try:
        found = decode(CheckResult, start | values)
    except DecodingError:
        return
    assert isinstance(found.verdict, Verdict)
    assert isinstance(found.seconds, float)
    json.dumps(found.data, allow_nan=False)


@SLOW_START
@given(st.binary(max_size=200) | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_no_file_does_more_than_be_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("records") / "record.json"
    path.write_bytes(content)
    with pytest.raises(RecordError, match=r"record\.json"):
        RunRecord.read(path)


def test_a_file_beyond_the_bound_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "record.json"
    path.write_text("{}" + " " * 100)
    monkeypatch.setattr(record, "SIZE_LIMIT", 50)
    with pytest.raises(RecordError, match="at most 50 bytes, got 102"):
        RunRecord.read(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seconds": None}, "seconds must be a number, got null"),
        ({"claims": {}}, "claims must be a list"),
        ({"environment": []}, "environment must be an object"),
    ],
)
def test_a_record_with_a_wrong_part_is_refused(tmp_path, change, message):
    whole = {"schema": 1, "claims": [], "environment": {}, "summary": {"seconds": 1.0}}
    if "seconds" in change:
        change = {"summary": change}
    path = tmp_path / "record.json"
    path.write_text(json.dumps(whole))
    assert RunRecord.read(path).claims == ()
    path.write_text(json.dumps(whole | change))
    with pytest.raises(RecordError, match=f"not a complete record: {message}"):
        RunRecord.read(path)
