"""All quadratic invariants (Section 3.2; Appendix B.1, completed).

The conserved quadratic forms of a coordinate make up a space of dimension four, spanned by λ₊, λ₋,
w₊w₋ + v₊v₋ and w₊v₋ + v₊w₋; no polynomial of degree one or three is conserved, and those of degree
four are quadratic forms in these four.
"""

from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.invariants import conserved_polynomials, relation
from theory.network import gradient_flow, weights
from verify.claim import Check, Control, Fault, Method
from verify.claims.network._weights import SHOWN
from verify.claims.network.conservation import lam_minus, lam_plus, scale
from verify.claims.network.fourth_invariant import cross
from verify.claims.network.invariants_complete import other_scale
from verify.methods.along import TIME, moving
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import written
from verify.registry import state

Q = sp.Function("Q")
CONSERVED = Formula(sp.Derivative(Q(TIME), TIME), (), lambda: 0)


@dataclass(frozen=True)
class Span:
    """Functions of the weights of a coordinate: a basis of the conserved quadratic forms.

    No polynomial of a degree in `empty` is conserved.
    """

    forms: tuple[Any, ...]
    empty: tuple[int, ...] = (1, 3)
    conserved: Formula = CONSERVED

    def latex(self):
        listed = r",\; ".join(written(form, SHOWN) for form in self.forms)
        every = rf"\{{Q : {self.conserved.latex()}\}}"
        none = ", ".join(map(str, self.empty))
        return (
            rf"{every} = \operatorname{{span}}\{{{listed}\}} \\ "
            rf"\dim {every} = {len(self.forms)} \\ "
            rf"\text{{none of degree }} {none}"
        )


STATED = Span((lam_plus, lam_minus, scale, cross))
THREE = Span((lam_plus, lam_minus, scale))
FIVE = Span((*STATED.forms, lambda w: lam_plus(w) + lam_minus(w)))
CONTROLS = (
    Control("λ₊, λ₋ and c alone", THREE),
    Control("w₊w₋ − v₊v₋ for c", Span((lam_plus, lam_minus, other_scale, cross))),
    Control("a fifth form, not independent", FIVE),
    Control("none of degree 2", Span(STATED.forms, empty=(1, 2, 3))),
)


def decide(span):
    """Search the space of all quadratic forms, and compare it with what the forms span."""
    return prove_all(steps(span))


def steps(span):
    now, g = weights(), sp.Symbol("g", real=True)
    (velocities,) = gradient_flow([now], [g])
    stated = [form(now) for form in span.forms]
    names = dict(zip(sp.symbols(f"s_1:{len(stated) + 1}"), stated, strict=True))
    for form, here in zip(span.forms, stated, strict=True):
        rate = span.conserved.left({Q: moving(form, now, velocities), TIME: 0})
        yield f"{here} is conserved", equal(sp.expand(rate), span.conserved())
    found = conserved_polynomials(2)
    for form in found:
        yield f"{form} is conserved, and a combination of the stated forms", made_of(form, names, 1)
    yield f"as many forms are stated as found: {len(found)}", len(found) == len(stated)
    for degree in span.empty:
        yield f"no polynomial of degree {degree} is conserved", not conserved_polynomials(degree)
    for form in conserved_polynomials(4):
        yield f"{form}, of degree 4, is quadratic in the forms", made_of(form, names, 2)


def made_of(form, names, degree):
    """Decide whether `form` is a homogeneous polynomial of that degree in the named quantities."""
    found = relation(form, names, degree)
    return False if found is None else equal(sp.expand(found.subs(names, simultaneous=True)), form)


state(
    "network.quadratic-invariants",
    __doc__,
    (Check("search among all quadratic forms", Method.SYMBOLIC, decide, STATED, CONTROLS),),
    requires=("network.conservation", "network.fourth-invariant"),
)

TRUTH = Control("with w₊v₋ + v₊w₋", STATED, must_hold=True)

state(
    "network.three-quadratic-invariants",
    """λ₊, λ₋ and c are all quadratic invariants (false) (A reading of Appendix B.1).

    Every conserved quadratic form of a coordinate is a linear combination of λ₊, λ₋ and c.
    """,
    (Check("search among all quadratic forms", Method.SYMBOLIC, decide, THREE, TRUTH),),
    twin="network.quadratic-invariants",
    fault=Fault.READ,
)
