"""Decide inequalities about the regimes: an exact proof of sign, or a network that violates it.

The proof is a certificate of `theory.positivity`; where none is found, the inequality is tried at
50 digits on networks that include the corners of parameter space. A violation refutes it and is
kept; no violation leaves it undecided, because points never prove an inequality.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import mpmath
import sympy as sp

from theory.positivity import Certificate, Orthant, exponential_certificate, inexact
from theory.regime_bounds import ALL_NETWORKS, T, at_network, contains, sign_on
from theory.regimes import ABSOLUTE, BETA_FT, BETA_PT, GAMMA, RATIO, SCALE, E, G, H, S, X, Z
from verify.claim import Evidence
from verify.methods.identity import Sample, equal
from verify.provers.constants import misjudged
from verify.provers.evaluation import sign_at
from verify.provers.goals import Inequality, accounted, note

DIGITS = 50
# Rounding of 50-digit evaluations, relative to the largest term, stays far below.
NOISE = mpmath.mpf(10) ** -40

# |β_FT|, |β_PT|, c, λ/c, γ: ordinary values first, then each corner of parameter space.
_NETWORKS = (
    ("1", "1", "1", "0", "0"),
    ("1", "1", "1", "1/2", "1"),
    ("1", "2", "1/2", "-1/2", "1/4"),
    ("1", "0", "1", "0", "1/2"),
    ("1", "1", "1", "-1", "1"),
    ("1", "0", "1/1000", "0", "0"),
    ("1", "1", "1/1000000", "1", "0"),
    ("1/1000", "1", "1/1000000", "1", "0"),
    ("1", "1", "1/1000000", "-999999/1000000", "1/1000"),
    ("1", "10", "1", "1", "0"),
    ("10", "10", "1", "1", "0"),
    ("1/100", "10", "1", "1", "1/100"),
    ("1", "1", "2", "-1/2", "2"),
    ("1", "1", "101/100", "-99/100", "1"),
    ("1", "1", "1000000", "0", "0"),
    ("1", "1", "1", "0", "1000"),
    ("1000000", "1", "1", "0", "0"),
    ("1", "1000000", "1", "0", "0"),
    ("1000000", "1000000", "1", "-1/2", "1"),
    ("1/1000000", "1/1000", "1", "0", "0"),
    ("1", "0", "1", "-1", "1/1000"),
    ("1", "0", "1000", "1", "0"),
    ("1", "0", "1", "1/2", "0"),
    ("1", "0", "2", "-1/2", "1/4"),
    ("1/100", "0", "1", "-99/100", "0"),
    ("10", "0", "1/1000", "3/4", "1"),
)

HALF_LINE = tuple(
    sp.Rational(x)
    for x in ("1", "1/2", "2", "1/10", "5", "1/100", "10", "1/1000", "50", "3/2", "20", "100")
)


def networks(domain: tuple[Orthant, ...] = ALL_NETWORKS) -> list[dict[sp.Symbol, Any]]:
    """Return the sampled networks that lie in `domain`."""
    symbols = (BETA_FT, BETA_PT, ABSOLUTE, RATIO, GAMMA)
    drawn = [dict(zip(symbols, map(sp.Rational, row), strict=True)) for row in _NETWORKS]
    return [network for network in drawn if contains(domain, network)]


def among_networks(*symbols: sp.Symbol) -> Sample:
    """Return a sampler of networks and their coordinates, for `equal`.

    Symbols that belong neither to a network nor to its coordinates are drawn from (0, 1).
    """

    def sample(rng: random.Random) -> dict[sp.Symbol, Any]:
        known = _random_point(rng)
        return {s: known[s] if s in known else sp.Rational(rng.randint(1, 39), 40) for s in symbols}

    return sample


def equal_on_networks(left: Any, right: Any, *, steps: Iterable[str] = ()) -> Evidence:
    """Decide whether two functions of a network, or of its coordinates, are equal everywhere."""
    return equal(left, right, steps=steps, within=among_networks)


def _random_point(rng: random.Random) -> dict[sp.Symbol, Any]:
    """Draw a network with c_FT > 0, and independently the coordinates z, h, t, c_FT and e."""

    def positive() -> Any:
        return sp.Rational(rng.randint(1, 200), rng.randint(1, 40))

    ratio = sp.Rational(rng.randint(-39, 40), 40)
    gamma = sp.Rational(rng.randint(0, 60), 20)
    return {
        BETA_FT: positive(),
        BETA_PT: positive(),
        ABSOLUTE: positive(),
        RATIO: ratio,
        GAMMA: gamma,
        SCALE: positive(),
        E: positive(),
        S: 1 + ratio,
        G: gamma**2,
        Z: positive(),
        H: sp.Rational(rng.randint(1, 100), 20),
        T: sp.Rational(rng.randint(1, 100), 20),
        X: sp.Rational(rng.randint(21, 200), 20),
    }


def decide_on_networks(
    text: str,
    expression: Any,
    domain: tuple[Orthant, ...] = ALL_NETWORKS,
    *,
    strict: bool = True,
) -> Evidence:
    """Decide `expression` > 0 (or ≥ 0) on `domain`, a function of the canonical coordinates."""
    return decide_positive(
        text,
        lambda: sign_on(expression, domain, strict=strict),
        lambda network: at_network(expression, network),
        networks(domain),
        strict=strict,
    )


def decide_on_half_line(
    text: str,
    expression: Any,
    t: sp.Symbol,
    certify: Callable[[Any, sp.Symbol], Certificate | None] = exponential_certificate,
) -> Evidence:
    """Decide `expression` > 0 for all t > 0.

    Raises
    ------
    ValueError
        If t is a symbol for integers only.
    """
    if t.is_integer:
        raise ValueError(f"{t} must stand for all real numbers > 0, got a symbol for integers")
    return decide_positive(
        text,
        lambda: certify(sp.sympify(expression), t),
        lambda point: sp.sympify(expression).subs(point),
        [{t: value} for value in HALF_LINE],
    )


def decide_positive(
    text: str,
    certify: Callable[[], Certificate | None],
    value: Callable[[Mapping[sp.Symbol, Any]], Any],
    points: Iterable[Mapping[sp.Symbol, Any]],
    *,
    strict: bool = True,
) -> Evidence:
    """Decide an inequality by certificate, or refute it at a point.

    Parameters
    ----------
    text
        The inequality, for the reader.
    certify
        Attempts the proof.
    value
        What must be positive, at a point.
    points
        Where to look for a violation if there is no proof.
    strict
        Whether equality violates it.
    """
    proved = certified(text, certify())
    if proved.holds:
        return proved
    for point in points:
        found = value(point)
        size = _violation(found, strict=strict)
        if size is not None:
            if problem := misjudged(found):
                return Evidence(None, f"{text}: {problem}")
            must = "must be positive" if strict else "must not be negative"
            return Evidence(
                False,
                f"fails at the point found: {text}",
                figure=float(size),
                counterexample={
                    **{str(symbol): str(held) for symbol, held in point.items()},
                    must: mpmath.nstr(size, 17),
                },
            )
    return Evidence(None, proved.summary)


def certified(text: str, certificate: Certificate | None) -> Evidence:
    """Return what a certificate is evidence for; without one, nothing is decided."""
    if certificate is None:
        return Evidence(None, f"neither proved nor refuted: {text}")
    expression = certificate.expression
    if problem := inexact(expression) or misjudged(expression):
        return Evidence(None, f"{text}: {problem}")
    note(*_goals(certificate))
    return accounted(Evidence(True, text, steps=(text, *certificate.steps)))


def _goals(certificate: Certificate) -> Iterable[Inequality]:
    """Return what a certificate proves, for the second prover: one inequality for each case."""
    for case in certificate.cases:
        yield Inequality(
            sp.sympify(certificate.expression),
            certificate.strict,
            case.positive,
            case.nonnegative,
            case.fixed,
        )


def _violation(value: Any, *, strict: bool) -> Any:
    """Return a number that is negative, or where `strict` is 0 exactly; None for any other.

    What is smaller than the rounding of its largest term is neither.
    """
    terms = [sp.N(term, DIGITS) for term in sp.Add.make_args(sp.sympify(value))]
    number = sp.N(value, DIGITS)
    if not (number.is_Float or number.is_Rational) or not all(term.is_real for term in terms):
        return None
    with mpmath.workdps(DIGITS):
        size = mpmath.mpf(str(number))
        scale = max(abs(mpmath.mpf(str(term))) for term in terms)
        # Arb denies what SymPy evaluates with too few digits.
        if size < -NOISE * scale:
            return size if sign_at(value, {}) in (-1, None) else None
        zero = strict and abs(size) <= NOISE * scale and sp.simplify(value) == 0
        return mpmath.mpf(0) if zero and sign_at(value, {}) in (0, None) else None
