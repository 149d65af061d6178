"""Numbers, times and texts read as in print."""

import pytest

from verify.report import formatting


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
    assert str(formatting.number(value)) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0.00 s"),
        (9.994, "9.99 s"),
        (9.996, "10 s"),
        (119.4, "119 s"),
        (119.6, "2 min 0 s"),
        (239.6, "4 min 0 s"),
        (125.0, "2 min 5 s"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
    ],
)
def test_times_read_as_in_print(seconds, shown):
    assert formatting.duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "1 kB"), (1499, "1 kB"), (238_000, "238 kB"), (1_250_000, "1.2 MB")]
)
def test_sizes_read_as_in_print(count, shown):
    assert formatting.size(count) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("c_FT ≤ 2β_PT", "c<sub>FT</sub> ≤ 2β<sub>PT</sub>"),
        ("(β_PT/c)", "(β<sub>PT</sub>/c)"),
        ("4(c_FT² + β²)", "4(c<sub>FT</sub>² + β²)"),
        ("q_k(z) and q_k", "q<sub>k</sub>(z) and q<sub>k</sub>"),
        ("file a_name and claim.c_FT", "file a_name and claim.c_FT"),
        ("ρ_shared", "ρ<sub>shared</sub>"),
        ("<b>c_FT</b> & more", "&lt;b&gt;c<sub>FT</sub>&lt;/b&gt; &amp; more"),
    ],
)
def test_subscripts_are_set_and_markup_is_not(text, shown):
    assert str(formatting.prose(text, 1000)) == shown


def test_long_texts_are_cut_and_say_so():
    assert formatting.cut("x" * 10, 10) == "x" * 10
    assert formatting.cut("x" * 12, 10) == "x" * 10 + " … [2 more characters are in the record]"
    assert "[3 more" in formatting.prose("abc<&>", 3)
