"""The invariants and β determine the state (Appendix B.1).

λ₊, λ₋, c and β determine the four weights of a coordinate up to two signs: an overall one, and that
of c′ = w₊v₋ + v₊w₋.

Together with λ₊, λ₋, c and c′ themselves the six forms give every product of two weights. Four
states are alike if c′ ≠ 0, two if c′ = 0. In training the signs are those of the initialisation, by
continuity.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.invariants import count_states_like
from theory.network import Weights, effective_weight, weights
from verify.claim import Check, Control, Method
from verify.claims.network._weights import INVARIANTS, SHOWN, invariants, squared_norm
from verify.claims.network.fourth_invariant import CROSS, cross, square
from verify.methods.formula import Formula, Formulas, defined
from verify.methods.identity import equal, prove_all
from verify.methods.notation import as_written, named, shown
from verify.methods.numeric import Worst
from verify.registry import state

FORMS = (
    lambda w: w.w_plus**2 + w.v_plus**2,
    lambda w: w.w_minus**2 + w.v_minus**2,
    lambda w: w.w_plus * w.v_plus,
    lambda w: w.w_minus * w.v_minus,
    lambda w: w.w_plus * w.w_minus - w.v_plus * w.v_minus,
    lambda w: w.w_plus * w.v_minus - w.v_plus * w.w_minus,
)


def times_K(c, lp, lm, beta, cross, N):
    return (
        N * (lp**2 - lp * lm + 2 * c**2) + 4 * beta * c * cross,
        N * (lm**2 - lp * lm + 2 * c**2) - 4 * beta * c * cross,
        N * c * cross + beta * (lp**2 - lp * lm + 2 * c**2),
        N * c * cross - beta * (lm**2 - lp * lm + 2 * c**2),
        N * c * (lp + lm) - 2 * beta * cross * (lp - lm),
        N * cross * (lp - lm) - 2 * beta * c * (lp + lm),
    )


BETA, NORM, K, FORM = named(r"\beta", "N", "K", "F")


@dataclass(frozen=True)
class OfForms(Formula):
    """A formula for each of several forms: F on the left side stands for the form."""

    forms: tuple[Any, ...] = FORMS

    def latex(self):
        with as_written():
            values = self.body(*self.symbols)
            left = [sp.sympify(self.name).xreplace({FORM: form(SHOWN)}) for form in self.forms]
        return r" \\ ".join(
            f"{shown(one)} {self.relation} {shown(value)}"
            for one, value in zip(left, values, strict=True)
        )


STATED = Formulas(
    forms=OfForms(K * FORM, (*INVARIANTS, BETA, CROSS, NORM), times_K),
    K=Formula(K, INVARIANTS, lambda c, lp, lm: 4 * c**2 + (lp - lm) ** 2),
    norm=Formula(NORM**2, (BETA, K), lambda beta, K: 4 * beta**2 + K),
    cross=Formula(CROSS**2, INVARIANTS, square),
)
CONTROLS = (
    STATED.but(
        "the sign of β c c′ reversed",
        forms=lambda c, lp, lm, beta, cross, N: times_K(c, lp, lm, beta, -cross, N),
    ),
    STATED.but(
        "the pathways' λ exchanged",
        forms=lambda c, lp, lm, beta, cross, N: times_K(c, lm, lp, beta, cross, N),
    ),
    STATED.but("N² = β² + 4c² + (λ₊ − λ₋)²", norm=lambda beta, K: beta**2 + K),
)


def decide(stated):
    """Insert the definitions of the invariants: polynomial identities in the four weights."""
    return prove_all(steps(stated))


def steps(stated):
    w = weights()
    at = {**invariants(w), BETA: effective_weight(w), CROSS: cross(w), NORM: squared_norm(w)}
    at[K] = defined(stated.K, K, at)
    yield (
        "N² is a function of the invariants and β, N > 0",
        equal(stated.norm(at), stated.norm.left(at)),
    )
    yield "c′² likewise", equal(stated.cross(at), stated.cross.left(at))
    for form, value in zip(stated.forms.forms, stated.forms(at), strict=True):
        yield (
            f"{form(w)} likewise",
            equal(sp.expand(value), sp.expand(stated.forms.left({**at, FORM: form(w)}))),
        )


def alike(cross):
    """Return the number of real states with the same λ₊, λ₋, c and β."""
    return 2 if cross == 0 else 4


ALWAYS = (
    Control("always two: the overall sign alone", lambda cross: 2),
    Control("always four", lambda cross: 4),
)
# c' = 0 (the first three) and c' != 0, pathways equal and not, c of both signs.
STATES = ((1, 0, 1, 0), (0, 1, 0, 1), (1, 2, 2, -4), (1, 2, 1, 2), (2, 1, 3, -1), (1, 0, 0, 1))


def count(number):
    """Count the real solutions of the four equations exactly, by Hermite's method."""
    worst = Worst()
    for entries in STATES:
        w = Weights(*map(sp.Integer, entries))
        stated, found = number(cross(w)), count_states_like(w)
        worst.at(abs(stated - found), state=entries, stated=stated, found=found)
    return worst.measured("exact counts at {count} rational states differ by {worst}")


WHY = "a count in exact arithmetic"

state(
    "network.state-determined",
    __doc__,
    (
        Check("all products of two weights", Method.SYMBOLIC, decide, STATED, CONTROLS),
        Check("exact count", Method.MULTIPRECISION, count, alike, ALWAYS, 0.0, WHY),
    ),
    assumptions=("c ≠ 0 or λ₊ ≠ λ₋",),
    requires=("network.fourth-invariant",),
)
