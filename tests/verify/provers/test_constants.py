"""Signs of constants are Arb's: where SymPy's own are wrong, right, or open."""

import pytest
import sympy as sp

from theory.positivity import Certificate, Orthant
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_positive
from verify.provers import constants, guard
from verify.provers.constants import decided, misjudged

x = sp.Symbol("x", positive=True)
ANGLE = 19 * sp.pi / 500 - 26944
# −89.08…, which SymPy 1.14 by itself takes for a positive number.
SECANT = sp.sec(ANGLE)
HUGE = sp.Integer(10) ** 80


@pytest.mark.parametrize(
    ("statement", "truth"),
    [
        (lambda: equal(-SECANT * x, sp.Abs(SECANT) * x), True),
        (lambda: equal(SECANT * x, sp.Abs(SECANT) * x), False),
        (lambda: equal(sp.sign(SECANT), sp.Integer(-1)), True),
        (lambda: equal(sp.sign(SECANT), sp.Integer(1)), False),
        (lambda: equal((x + sp.sign(SECANT)) ** 2, (x - 1) ** 2), True),
        (lambda: equal((x + sp.sign(SECANT)) ** 2, (x + 1) ** 2), False),
        (lambda: equal(sp.sqrt(SECANT**2), -SECANT), True),
        (lambda: equal(sp.sqrt(SECANT**2), SECANT), False),
        (lambda: equal(sp.re(sp.sqrt(SECANT)), sp.Integer(0)), True),
        (lambda: equal(sp.im(sp.sqrt(SECANT)), sp.Integer(0)), False),
        (lambda: equal(sp.Max(SECANT, 0), sp.Integer(0)), True),
        (lambda: prove_all([("sign", SECANT < 0)]), True),
        (lambda: prove_all([("sign", SECANT >= 0)]), False),
        (lambda: prove_all([("sign", sp.Eq(sp.Abs(SECANT), SECANT))]), False),
        (lambda: prove_all([("value", sp.Ne(SECANT, 1 / sp.cos(ANGLE)))]), None),
        (lambda: equal(SECANT, 1 / sp.cos(ANGLE)), True),
        (lambda: equal(sp.sec(HUGE) * x, x / sp.cos(HUGE)), True),
        (lambda: equal(sp.sec(HUGE), 1 / sp.cos(HUGE) + sp.Rational(1, 10**20)), False),
    ],
)
def test_what_depends_on_a_sign_is_decided_rightly(statement, truth):
    assert statement().holds is truth


@pytest.fixture
def misled(monkeypatch):
    """SymPy takes every constant with π in it for positive, and Arb is not asked at its source."""
    monkeypatch.setattr(constants, "_said", lambda e: {1} if e.has(sp.pi) else None)
    constants._problem.cache_clear()
    yield
    constants._problem.cache_clear()


@pytest.mark.usefixtures("misled")
class TestShouldAWrongSignComeThrough:
    @pytest.mark.parametrize(
        "expression", [3 - sp.pi, x + 3 - sp.pi, sp.log(x) * sp.exp(3 - sp.pi)]
    )
    def test_it_is_seen(self, expression):
        assert "SymPy takes the wrong sign for" in misjudged(expression)

    @pytest.mark.parametrize("other", [3 * x - x * sp.pi, 5 * x * (3 - sp.pi)])
    def test_an_identity_is_neither_proved_nor_refuted(self, other):
        found = equal((3 - sp.pi) * x, other)
        assert found.holds is None
        assert "SymPy takes the wrong sign for" in found.summary

    def test_an_inequality_is_neither_proved_nor_refuted(self):
        gap, case = x * (3 - sp.pi), (Orthant(frozenset({x})),)
        certificate = Certificate(gap, True, case, ("a positive factor",))
        for proof, points in ((certificate, []), (None, [{x: 1}])):
            found = decide_positive("x(3 − π) > 0", lambda proof=proof: proof, gap.subs, points)
            assert found.holds is None
            assert "SymPy takes the wrong sign" in found.summary


def test_what_fails_in_arb_confirms_no_sign(monkeypatch):
    def failing(*_):
        raise OverflowError("too large")

    monkeypatch.setattr(constants, "real_at", failing)
    constants._problem.cache_clear()
    assert "not decided by Arb (too large)" in misjudged(sp.pi + 1)
    constants._problem.cache_clear()


@pytest.mark.parametrize(
    "constant",
    [sp.tanh(1), sp.sec(3), sp.gamma(sp.Rational(1, 3)), sp.erf(sp.Rational(1, 7)), sp.coth(9)],
)
def test_values_have_all_their_digits(constant):
    for digits in (15, 50):
        found, own = sp.N(constant, digits), guard._sympys_value(constant, 400)
        assert abs(sp.Rational(found) / sp.Rational(own) - 1) < sp.Rational(10) ** (1 - digits)


@pytest.mark.parametrize(
    "expression",
    [
        sp.pi - 3,
        sp.sqrt(2) - sp.Rational(14142135623730951, 10**16),
        sp.log(2) - 1,
        sp.I * sp.sqrt(2),
        sp.sqrt(2) + sp.sqrt(3) - sp.sqrt(5 + 2 * sp.sqrt(6)),
        x * sp.erf(1),
        sp.Integral(x, (x, 0, 1)),
        SECANT,
    ],
)
def test_right_and_unknown_signs_pass(expression):
    assert misjudged(expression) is None


@pytest.mark.parametrize(
    ("relation", "truth"),
    [
        (sp.Gt(sp.pi, 3, evaluate=False), True),
        (sp.Lt(sp.sqrt(2), sp.Rational(141421356, 10**8), evaluate=False), False),
        (sp.Ge(sp.Integer(1), 1, evaluate=False), True),
        (sp.Gt(SECANT, 0, evaluate=False), False),
        (sp.Eq(sp.sqrt(2) + sp.sqrt(3), sp.sqrt(5 + 2 * sp.sqrt(6)), evaluate=False), None),
        (sp.Ne(sp.pi, sp.Rational(355, 113), evaluate=False), True),
        (sp.Gt(x, 1), None),
        (sp.Gt(sp.gamma(sp.Rational(1, 3)), sp.zeta(3), evaluate=False), None),
        (None, None),
    ],
)
def test_relations_of_constants(relation, truth):
    assert decided(relation) is truth
    assert prove_all([("relation", relation)]).holds is truth
