"""LaTeX to MathML: what is typeset, what is refused, and that nothing but mathematics comes out."""

import unicodedata
from xml.etree import ElementTree

import pytest
import sympy

from verify import registry
from verify.report.typesetting import FormulaError, split_lines, to_mathml, typeset


def parsed(latex):
    return ElementTree.fromstring(to_mathml(latex))


def shown(latex):
    return "".join(parsed(latex).itertext())


def leaves(latex):
    return [(leaf.tag, leaf.text) for leaf in parsed(latex).iter() if leaf.text]


@pytest.mark.parametrize(
    ("latex", "lines"),
    [
        ("a", ["a"]),
        ("", []),
        (r" \\ ", []),
        (r"a \\ b", ["a", "b"]),
        (r"a \\[4pt] b \\", ["a", "b"]),
        (r"x_{a \\ b} \\ c", [r"x_{a \\ b}", "c"]),
        (r"\begin{cases} a \\ b \end{cases} \\ c", [r"\begin{cases} a \\ b \end{cases}", "c"]),
        (r"\{ a \\ b \}", [r"\{ a", r"b \}"]),
        (r"\left\{ x \right. \\ y", [r"\left\{ x \right.", "y"]),
        (
            r"\begin{cases} a \\ [0,1) \end{cases} \\ y \in [0, 1]",
            [r"\begin{cases} a \\ [0,1) \end{cases}", r"y \in [0, 1]"],
        ),
    ],
)
def test_lines_end_outside_of_groups(latex, lines):
    assert split_lines(latex) == lines


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"|w_+| + |w_-|", "|w+|+|w−|"),
        (r"\lambda \le c", "λ≤c"),
        (r"\operatorname{arsinh}\frac{z}{2k}", "arsinhz2k"),
        (r"c_{\mathrm{FT}}", "cFT"),
        (r"x < y > z", "x<y>z"),
        (r"\text{a < b \& c}", "a\xa0<\xa0b\xa0&\xa0c"),
        (r"q_k''(z)", "qk″(z)"),
        (r"\text{values&parameters}", "values&parameters"),
        (r"\text{values\&parameters}", "values&parameters"),
        (r"\boldsymbol{\beta}", "𝜷"),
        (r"\mathbf{1}", "𝟏"),
        (r"\mathbb{1}", "𝟙"),
        (r"a := b", "a:=b"),
        (r"\operatorname*{arg\,min}_x f", "arg\u2009minxf"),
    ],
)
def test_formula_shows(latex, text):
    assert shown(latex) == text


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{a}{",
        r"\left( x",
        r"{a}^{b}^{c}",
        "",
        "&",
        r"\nosuchcommand x",
        r"\DeclareMathOperator{\foo}{foo}",
        r"\text{if $x > 0$}",
        r"\operatorname{a\,b}",
        r"\begin{aligned} a &= b \\ c &= d \end{aligned}",
        r"\boxed{x}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{color:red}{x}",
        r"\class{x}{y}",
        r"\color{red}{x}",
        r"\boldsymbol{é}",
        "x" + "^{x" * 5000 + "}" * 5000,
    ],
)
def test_what_cannot_be_shown_is_refused(latex):
    with pytest.raises(FormulaError, match=r"\w"):
        to_mathml(latex)


def test_refused_line_keeps_its_source_and_says_why():
    good, bad = typeset(r"a = b \\ \nosuchcommand")
    assert good.mathml is not None
    assert bad.mathml is None
    assert bad.source == r"\nosuchcommand"
    assert bad.problem == r"unknown command \nosuchcommand"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x>", "]]>", "<!--"])
def test_text_is_escaped(text):
    for latex in (text, rf"\text{{{text}}}", rf"\mathrm{{{text}}}", rf"\operatorname{{{text}}}"):
        try:
            mathml = to_mathml(latex)
        except FormulaError:
            continue
        assert "<script" not in mathml
        assert "<img" not in mathml
        assert "<!--" not in mathml
        assert all(element.tag.startswith("m") for element in ElementTree.fromstring(mathml).iter())


def test_relations_and_brackets_are_operators():
    tags = dict(map(reversed, leaves(r"\lfloor x \rfloor \pm y \iff z ≤ |u|")))
    assert {sign: tags[sign] for sign in "⌊⌋±⟺≤|"} == dict.fromkeys("⌊⌋±⟺≤|", "mo")
    assert dict(map(reversed, leaves(r"k \to \infty, \partial_t, \nabla f")))["∞"] == "mi"


@pytest.mark.parametrize("latex", ["1{,}000", "p(x{=}0)", "a{+}b"])
def test_an_operator_in_braces_is_an_ordinary_symbol(latex):
    (apart,) = (e for e in parsed(latex).iter("mo") if e.text in (",", "=", "+"))
    assert apart.get("lspace") == apart.get("rspace") == "0"


def test_bars_neither_stretch_nor_stand_apart():
    for bar in (r"|x|", r"\lvert x \rvert", r"\|x\|"):
        for element in parsed(bar).iter("mo"):
            assert element.get("stretchy") == "false"
            assert element.get("lspace") == element.get("rspace") == "0"
    for sized in (r"\left|\frac{x}{2}\right|", r"\bigl|x\bigr|"):
        assert all(e.get("stretchy") == "true" for e in parsed(sized).iter("mo"))


@pytest.mark.parametrize(
    ("latex", "grown"),
    [
        (r"\left(2 m \right)", ""),
        (r"\left(x^{2} + y_{1}\right)", ""),
        (r"\left(x - \left[a + b\right]\right)", ""),
        (r"\left(\frac{a}{b}\right)", "()"),
        (r"\left(c + \lambda\right) \left[1 + \sqrt{x}\right]", "[]"),
        (r"\left(x + \left[\frac{a}{b}\right]\right)", "([])"),
        (r"\left\{\sum_i x_i\right\}", "{}"),
        (r"\left. \frac{a}{b} \right|_{x}", "|"),
    ],
)
def test_brackets_grow_around_what_is_tall_only(latex, grown):
    stretched = [e.text for e in parsed(latex).iter("mo") if e.get("stretchy") == "true"]
    assert "".join(text for text in stretched if text) == grown


@pytest.mark.parametrize(
    ("latex", "element", "parts"),
    [
        (r"{w_+}^{2}", "msubsup", ["w", "+", "2"]),
        (r"{\beta_{PT}}^{2}", "msubsup", ["β", "PT", "2"]),
        (r"{a b_i}^{2}", "msup", ["abi", "2"]),
        (r"{\beta^{*}}^{2}", "msup", ["β*", "2"]),
    ],
)
def test_a_power_stands_above_the_subscript_of_its_base(latex, element, parts):
    found = parsed(latex).find(f".//{element}")
    assert ["".join(part.itertext()) for part in found] == parts


def test_what_sympy_prints_is_typeset():
    x, c = sympy.Symbol("x"), sympy.Symbol("c_FT", positive=True)
    for expression, text in (
        (x * sympy.asinh(x / c), "xasinh(xcFT)"),
        (sympy.sinh(x) ** 2 / 2, "sinh2(x)2"),
        (sympy.sqrt(c**2 + x**2) + sympy.log(x), "cFT2+x2+log(x)"),
        (sympy.exp(-x) * sympy.Abs(x), "e−x|x|"),
        (sympy.Sum(x**c, (c, 1, sympy.oo)), "∑cFT=1∞xcFT"),
        (sympy.Derivative(sympy.Function("f")(x), x), "ddxf(x)"),
        (sympy.Piecewise((x, x > 0), (0, True)), "{xforx>00otherwise"),
    ):
        assert shown(sympy.latex(expression)).replace("\xa0", "") == text


def test_a_tilde_between_is_a_relation():
    assert ("mo", "∼") in leaves(r"Z \sim N")
    assert ("mo", "~") in leaves(r"\tilde x")


def test_names_keep_a_thin_distance_except_from_brackets():
    def spaces(latex):
        return sum(1 for _ in parsed(latex).iter("mspace"))

    assert spaces(r"2 \sinh x") == 2
    assert spaces(r"\sinh x") == 1
    assert spaces(r"(a + b) \sinh x") == 2
    assert spaces(r"\sinh(x)") == 0
    assert spaces(r"\operatorname{sech}^2\left(x\right)") == 0
    assert spaces(r"= \log x +") == 1
    assert spaces(r"c_{\mathrm{FT}} x") == 0


@pytest.mark.parametrize(
    ("latex", "form"),
    [
        (r"a = -b", "prefix"),
        (r"(2, -1)", "prefix"),
        (r"\left(-x\right)", "prefix"),
        (r"a,\quad -b", "prefix"),
        (r"a - b", None),
        (r"(a) - b", None),
        (r"|a| - b", None),
        (r"f' - b", None),
        (r"\left(a\right) - b", None),
    ],
)
def test_sign_after_a_relation_is_unary(latex, form):
    (sign,) = [mo for mo in parsed(latex).iter("mo") if mo.text == "−"]
    assert sign.get("form") == form


def test_limits_stand_below_in_display():
    assert parsed(r"\min_{x} f").find(".//munder") is not None
    assert parsed(r"\operatorname{prox}_{x} f").find(".//munder") is None


def test_upright_letters_stay_upright():
    variants = {e.text: e.get("mathvariant") for e in parsed(r"\mathrm{d} x \Delta").iter("mi")}
    assert variants == {"d": "normal", "x": None, "Δ": "normal"}


def test_every_mathematical_letter_is_one_character():
    for name in "abcxyzABCXYZ":
        (letter,) = shown(rf"\mathbf{{{name}}}")
        assert unicodedata.normalize("NFKC", letter) == name


def test_every_statement_of_the_suite_is_typeset():
    problems = {
        claim.id: line.problem
        for claim in registry.load()
        for line in typeset(claim.latex)
        if line.mathml is None
    }
    assert problems == {}
