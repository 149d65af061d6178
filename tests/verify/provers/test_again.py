"""What SymPy proved is proved again, or not, and a disagreement is an error."""

import json
from dataclasses import asdict

import pytest
import sympy as sp

from verify.claim import Check, Control, Evidence, Method, Verdict
from verify.methods import identity
from verify.methods.identity import equal, prove_all
from verify.methods.inequality import decide_on_half_line
from verify.provers import again, polynomials, semialgebraic
from verify.provers.again import DisagreementError, prove_again
from verify.provers.goals import Identity, Inequality, Once, note, noted
from verify.run.record import check_from
from verify.run.worker import run_check

x, y = sp.symbols("x y", positive=True)
r = sp.Symbol("r", real=True)


def here(_):
    return {x: sp.Rational(3, 2), y: sp.Integer(2), r: sp.Integer(-1)}


def by(*goals):
    return [proof.by for proof in prove_again(goals)]


class TestGoals:
    def test_only_what_is_proved_within_the_block_is_noted(self):
        equal(x, x)
        with noted() as goals:
            equal((x + 1) ** 2, x**2 + 2 * x + 1)
            equal(x, y)
            decide_on_half_line("sinh", sp.sinh(x) - x, x)
            prove_all([("yes", True), ("no", False)])
        note(Once("later"))
        assert [type(goal) for goal in goals] == [Identity, Inequality, Once]

    def test_a_goal_is_proved_once(self):
        same = [Identity(x * 2, x + x, here), Identity(x * 2, x + x, here)]
        assert len(prove_again(same)) == 1


class TestEngines:
    def test_each_has_its_kind(self):
        pytest.importorskip("z3")
        assert by(
            Identity(sp.sinh(x) ** 2 + 1, sp.cosh(x) ** 2, here),
            Identity(x, x, here),
            Inequality(x**2 - x * y + y**2, True, frozenset({x, y})),
            Inequality(x * sp.exp(r), True, frozenset({x})),
            Inequality(sp.sinh(x) - x, True, frozenset({x})),
            Once("because"),
        ) == ["flint polynomials", "", "z3", "flint polynomials", "Arb", ""]

    def test_nothing_is_proved_again_where_sympy_computes_by_flint_as_well(self, monkeypatch):
        goals = [
            Identity((x + 1) ** 2, x**2 + 2 * x + 1, here),
            Inequality(x + y, True, frozenset({x, y})),
            Inequality(sp.sinh(x) - x, True, frozenset({x})),
        ]
        assert by(*goals) == ["flint polynomials", "flint polynomials", "Arb"]
        monkeypatch.setattr(again, "GROUND_TYPES", "flint")
        for proof in prove_again(goals):
            assert proof.by == ""
            assert proof.reason == "SymPy computes with flint too, unless SYMPY_GROUND_TYPES=python"
        # A disagreement is one all the same.
        with pytest.raises(DisagreementError):
            prove_again([Identity(x, y, here)])

    def test_what_is_open_says_why(self):
        (proof,) = prove_again([Identity(sp.zeta(x), sp.zeta(x) + 0 * y + sp.zeta(1 + x), here)])
        assert proof.by == ""
        assert "unknown" in proof.reason

    def test_without_z3_signs_of_coefficients_are_left(self, monkeypatch):
        monkeypatch.setattr(semialgebraic, "z3", None)
        easy, hard = Inequality(x + y, True), Inequality(x**2 - x * y + y**2, True)
        one, other = prove_again([easy, hard])
        assert one.by == "flint polynomials"
        assert "z3: z3 is not installed (the extra `provers`)" in other.reason

    def test_a_model_that_arb_does_not_confirm_proves_nothing(self, monkeypatch):
        monkeypatch.setitem(again._ENGINES, "z3", lambda _: {x: sp.Integer(1)})
        (proof,) = prove_again([Inequality(sp.erf(x), True, frozenset({x}))])
        assert proof.by == ""
        assert "z3: finds a point where it fails, which Arb does not confirm" in proof.reason

    @pytest.mark.parametrize(
        "goal",
        [
            Identity((x + 1) ** 2, x**2 + 2 * x + 1, here),
            Inequality(x**2 - x * y + y**2, True, frozenset({x, y})),
        ],
    )
    @pytest.mark.parametrize("error", [RuntimeError("out of order"), RecursionError("too deep")])
    def test_an_engine_that_fails_proves_nothing_and_says_so(self, monkeypatch, goal, error):
        def failing(*_):
            raise error

        monkeypatch.setattr(polynomials, "prove_equal", failing)
        for name in again._ENGINES:
            monkeypatch.setitem(again._ENGINES, name, failing)
        (proof,) = prove_again([goal])
        assert proof.by == ""
        assert f"failed with {type(error).__name__}: {error}" in proof.reason

    def test_one_that_fails_leaves_the_others(self, monkeypatch):
        monkeypatch.setitem(again._ENGINES, "flint polynomials", lambda _: 1 / 0)
        assert by(Inequality(sp.sinh(x) - x, True, frozenset({x}))) == ["Arb"]

    def test_points_are_those_that_the_assumptions_allow(self):
        n = sp.Symbol("n", integer=True, positive=True)
        proof, real = Inequality(n**2 - n, False), Inequality(x**2 - x, False)
        assert "z3: finds a point where it fails" in prove_again([proof])[0].reason
        with pytest.raises(DisagreementError):
            prove_again([real])


class TestDisagreement:
    @pytest.mark.parametrize(
        "goal",
        [
            Identity(x, y, here),
            Identity(sp.sqrt(r**2), r, here),
            Identity(x, x + sp.Rational(1, 10**30), here),
            Inequality(x - y, True, frozenset({x, y})),
            Inequality(sp.S.Zero * x, True, frozenset({x})),
        ],
    )
    def test_at_a_point(self, goal):
        with pytest.raises(DisagreementError, match="SymPy"):
            prove_again([goal])

    def test_at_the_point_that_z3_finds(self):
        pytest.importorskip("z3")
        narrow = (x - sp.Rational(1, 3)) ** 2 - sp.Rational(1, 10**8)
        with pytest.raises(DisagreementError, match="fails at x = "):
            prove_again([Inequality(narrow, True, frozenset({x}))])

    def test_a_wrong_strategy_of_reduction_is_caught(self, monkeypatch):
        wrong = ("wishful thinking", lambda _: sp.S.Zero)
        monkeypatch.setattr(identity, "_STRATEGIES", (*identity._STRATEGIES, wrong))
        monkeypatch.setattr(identity, "_suspicious", lambda *_: False)
        result = run_check(check(lambda e: equal(e, x), sp.log(x)))
        assert result.verdict is Verdict.INCONCLUSIVE
        assert result.summary.startswith("raised DisagreementError: SymPy reduced log(x) = x")


def check(decide, subject):
    control = Control("something else", sp.Integer(5))
    return Check("check", Method.SYMBOLIC, decide, subject, control)


class TestAccount:
    """Every step that is not proved again is on record, whatever else is proved twice."""

    def result(self, outcome):
        steps = [("sum", lambda e: equal(e, x * (x + 1))), ("other", lambda _: outcome())]
        decide = lambda e: prove_all((text, step(e)) for text, step in steps)  # noqa: E731
        return run_check(check(decide, x**2 + x))

    def test_evidence_that_another_method_gives(self):
        result = self.result(lambda: Evidence(True, "enclosed on 7 boxes"))
        assert result.verdict is Verdict.PROVED
        assert not result.proved_twice
        assert "once only “other”: evidence of one engine alone" in result.second

    def test_a_relation_of_constants_that_arb_decides(self):
        result = self.result(lambda: sp.Gt(sp.pi, 3, evaluate=False))
        assert not result.proved_twice
        assert "once only “other”: a relation between constants, which Arb alone" in result.second

    def test_a_proof_within_a_proof_is_accounted_for(self):
        assert self.result(lambda: prove_all([("inner", equal(y * 2, y + y))])).proved_twice
        inner = self.result(lambda: prove_all([("inner", True)]))
        assert "once only “inner”: a truth value" in inner.second


class TestResult:
    def test_says_by_what_it_is_proved_twice(self):
        result = run_check(check(lambda e: equal(e, x * (x + 1)), x**2 + x))
        assert result.proved_twice
        assert result.second == "1 of 1 parts proved twice, also by flint polynomials (1)"
        assert check_from(json.dumps(asdict(result)).encode()) == result

    def test_says_what_is_proved_once(self):
        def decide(e):
            return prove_all([("sum", equal(e, x * (x + 1))), ("known", e != 5)])

        result = run_check(check(decide, x**2 + x))
        assert not result.proved_twice
        assert result.second == (
            "1 of 2 parts proved twice, also by flint polynomials (1); once only “known”: a truth "
            "value, which cannot be proved again"
        )

    def test_the_same_expression_on_both_sides_is_not_proved_twice(self):
        result = run_check(check(lambda e: equal(e, x**2), x**2))
        assert not result.proved_twice
        assert result.second == "1 with the same expression on both sides, as SymPy computed them"

    def test_is_silent_about_other_checks_and_old_records(self):
        result = run_check(check(lambda e: Evidence(e != 5, "said"), x))
        assert result.second == ""
        assert not result.proved_twice
        old = {k: v for k, v in asdict(result).items() if k != "second_proofs"}
        assert check_from(json.dumps(old).encode()) == result

    def test_controls_are_not_proved_again(self):
        seen = []

        def decide(e):
            with noted() as goals:
                found = equal(e, x)
            seen.append(len(goals))
            return found

        assert run_check(check(decide, x)).second_proofs == ()
        assert seen == [1, 0]
