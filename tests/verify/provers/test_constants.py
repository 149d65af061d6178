"""Signs of constants by Arb, where SymPy's are wrong, right, or open."""

import pytest
import sympy as sp

from theory.positivity import Certificate, Orthant
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_positive
from verify.provers.constants import decided, misjudged

x = sp.Symbol("x", positive=True)
# SymPy 1.14 takes this for a positive number.
SECANT = sp.sec(19 * sp.pi / 500 - 26944)
WRONG = pytest.mark.skipif(not SECANT.is_positive, reason="this version of SymPy signs it rightly")


@WRONG
@pytest.mark.parametrize("expression", [SECANT, x + SECANT, sp.log(x) * sp.exp(SECANT)])
def test_a_wrong_sign_is_seen(expression):
    assert "wrong sign for csc(231*pi/500 + 26944), which is [-89.08" in misjudged(expression)


@WRONG
def test_an_identity_that_rests_on_it_is_not_decided():
    found = equal(SECANT * x, sp.Abs(SECANT) * x)
    assert found.holds is None
    assert "SymPy takes the wrong sign for csc" in found.summary


@WRONG
def test_an_inequality_that_rests_on_it_is_not_decided():
    case = (Orthant(frozenset({x})),)
    certificate = Certificate(x * SECANT, True, case, ("a positive factor",))
    found = decide_positive("x sec > 0", lambda: certificate, (x * SECANT).subs, [])
    assert found.holds is None
    assert "SymPy takes the wrong sign" in found.summary


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
