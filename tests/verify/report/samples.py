"""Records of runs that end in every possible way, and a page as a browser reads it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

from verify.claim import Fault, Method, Verdict
from verify.run.noticed import Noticed, Power
from verify.run.record import CheckResult, ClaimResult, RunRecord, VariantResult

HOSTILE = "<script>alert('x')</script>\"'&<img src=http://example.org/x.png onerror=alert(1)>"
VOID = frozenset(("meta", "input", "br", "hr", "img", "link", "source", "col", "wbr"))

REJECTED = VariantResult(
    "the penalty with 4k in place of 2k",
    must_hold=False,
    holds=False,
    told_apart=True,
    summary="worst relative error 0.41",
    counterexample={"z": "0.31250000000000000000000000000000000000000000000001", "k": "1/3"},
)
SYMBOLIC = CheckResult(
    "derivation from the flow",
    Method.SYMBOLIC.value,
    Verdict.PROVED,
    "the difference simplifies to zero",
    seconds=0.41,
    steps=("differentiate the conserved quantity", "insert the flow: 2u·u̇ − 2v·v̇ = 0"),
    control=(REJECTED,),
)
DIGITS = CheckResult(
    "fifty digits",
    Method.MULTIPRECISION.value,
    Verdict.CONFIRMED,
    "200 points agree",
    figure=3.1e-49,
    tolerance=1e-45,
    reason="fifty digits, of which five are lost to cancellation",
    seconds=1.2,
    seed=20240117,
    control=(replace(REJECTED, summary="rejected at the first point"),),
    data={"points": 200, "worst": {"k": "1e-12"}},
    location="verify/claims/penalty_numbers.py:17",
)
STATISTICAL = CheckResult(
    "recorded networks",
    Method.STATISTICS.value,
    Verdict.CONFIRMED,
    "56 curves within 15 %",
    figure=0.12,
    tolerance=0.15,
    reason="the learning rate",
    control=(replace(REJECTED, summary="off by 40 %"),),
    power=Power(
        (
            Noticed("p", 1.0, (0.05, 0.02), (0.1, 0.1)),
            Noticed("τ", 1.0, (0.03, 0.03), (0.03, 0.03)),
            Noticed("c_FT", 1.0, (0.5, None), (None, None)),
            Noticed("slab", 0.0, (1.0,), (1.0,)),
        ),
        ("solve_replica",),
        "solve_replica",
        digest="0123456789abcdef",
        machine="a machine, 2 cores",
        method="statistics",
    ),
)


def claim(identifier, verdict=Verdict.PROVED, checks=(SYMBOLIC, DIGITS), **options):
    values = {
        "id": identifier,
        "title": f"Title of {identifier.partition('.')[2]}",
        "statement": "The penalty qₖ is even, convex, and grows like |z| as k → 0.",
        "latex": r"q_k(z) = \int_0^z \operatorname{arsinh}\left(\frac{u}{2k}\right) du"
        r" \\ q_k''(z) = \frac{1}{\sqrt{z^2 + 4k^2}}",
        "source": "Theorem 4.1",
        "assumptions": ("k > 0", "z real"),
        "requires": (),
        "twin": None,
        "module": "verify.claims." + identifier.replace(".", "_").replace("-", "_"),
        "verdict": verdict,
        "expected": Verdict.PROVED,
        "reason": f"{checks[0].name}: {checks[0].summary}" if checks else "",
        "checks": checks,
        "line": 42,
    }
    return ClaimResult(**(values | options))


def outcome(verdict, summary, **options):
    return replace(SYMBOLIC, verdict=verdict, summary=summary, steps=(), **options)


def sample_claims():
    """Claims that end in every possible way."""
    enclosed = replace(
        SYMBOLIC,
        name="Arb balls",
        method=Method.ENCLOSURE.value,
        verdict=Verdict.CERTIFIED,
        summary="positive on [1e-8, 1e8], in 4096 boxes",
        figure=0.0,
        tolerance=0.25,
        reason="the margin that the expansion at infinity needs",
    )
    failed = outcome(
        Verdict.REFUTED,
        "the two sides differ",
        counterexample={"c": "1.3", "left": "0.2718281828459045", "right": "-0.3"},
    )
    corrected = replace(
        REJECTED, variant="the signed sum", must_hold=True, holds=True, summary="holds"
    )
    missed = replace(REJECTED, holds=True, told_apart=False, summary="fits as well")
    undecided = replace(REJECTED, holds=None, told_apart=False, summary="no decision")
    return (
        claim("network.conservation", assumptions=("λ² ≤ c²",)),
        claim(
            "network.scale",
            Verdict.CERTIFIED,
            (enclosed, DIGITS),
            expected=Verdict.CERTIFIED,
            requires=("network.conservation", "network.not-in-this-run"),
        ),
        claim("penalty.numbers", Verdict.CONFIRMED, (DIGITS,), expected=Verdict.CONFIRMED),
        claim(
            "penalty.as-printed",
            Verdict.REFUTED,
            (replace(failed, control=(corrected,)),),
            expected=Verdict.REFUTED,
            twin="network.conservation",
            fault=Fault.PRINTED,
        ),
        claim(
            "regimes.wrong", Verdict.REFUTED, (failed, DIGITS), requires=("network.conservation",)
        ),
        claim(
            "regimes.blind",
            Verdict.INCONCLUSIVE,
            (outcome(Verdict.INCONCLUSIVE, "toothless", toothless=True, control=(missed,)),),
        ),
        claim(
            "regimes.blind-twice",
            Verdict.INCONCLUSIVE,
            (outcome(Verdict.INCONCLUSIVE, "toothless", toothless=True, control=(undecided,)),),
        ),
        claim(
            "regimes.crashed",
            Verdict.INCONCLUSIVE,
            (
                outcome(
                    Verdict.INCONCLUSIVE,
                    "raised ZeroDivisionError: one over nothing (x.py:3)",
                    control=(),
                    output="Traceback (most recent call last):\n  ZeroDivisionError",
                ),
                DIGITS,
            ),
        ),
        claim(
            "replica.blocked",
            Verdict.BLOCKED,
            (outcome(Verdict.BLOCKED, "not run", control=()),),
            requires=("regimes.wrong",),
            reason="requires regimes.wrong, which did not come out as expected",
        ),
        claim(
            "replica.skipped",
            Verdict.SKIPPED,
            (
                outcome(
                    Verdict.SKIPPED,
                    "needs torch, not found here",
                    control=(),
                    method=Method.TRAINING.value,
                    tier="full",
                ),
            ),
            expected=Verdict.CONFIRMED,
        ),
        claim(
            "replica.partly",
            checks=(SYMBOLIC, outcome(Verdict.SKIPPED, "needs flint, not found here", control=())),
        ),
        claim("replica.empty", Verdict.INCONCLUSIVE, (), assumptions=()),
    )


def sample_record(claims=None):
    environment = {
        "date": "2025-01-17T09:12:00+00:00",
        "command": "python -m verify run",
        "tier": "quick",
        "only": [],
        "revision": "0123456789abcdef",
        "python": "3.11.9",
        "packages": {"sympy": "1.13.3", "numpy": "2.1.0"},
    }
    return RunRecord(sample_claims() if claims is None else tuple(claims), environment, 12.34)


class Page(HTMLParser):
    """A page as a reader's browser sees it; refuses elements that are not closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open = []
        self.elements = []
        self.text = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        assert {"math", "svg"} & set(self.open)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> without a beginning"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"script", "style"} & set(self.open):
            self.text.append(data)

    def all(self, tag):
        return [attrs for name, attrs, _ in self.elements if name == tag]

    @property
    def prose(self):
        return " ".join("".join(self.text).split())


def article(text, identifier):
    found = re.search(rf'<article id="{re.escape(identifier)}".*?</article>', text, re.DOTALL)
    assert found, identifier
    return found[0]
