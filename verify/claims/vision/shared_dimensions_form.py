"""ENSD: small form, bound, and equality (Appendix D, “PR and ENSD”).

tr(C₁C₂) is ‖F₁F₂ᵀ‖² over ‖F₁‖²‖F₂‖², so that ENSD needs N × N products only; ENSD² ≤ PR₁ PR₂,
with ENSD(F, F) = PR(F).

For features F of shape (N, D): C = FᵀF/‖F‖², PR = 1/tr(C²), ENSD = tr(C₁C₂) PR₁ PR₂.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision.representation import participation_ratio, shared_dimensions
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.methods.formula import Formula, inserted
from verify.methods.identity import equal, prove_all
from verify.methods.notation import shown
from verify.methods.numeric import Worst, compared
from verify.methods.on_arrays import on_arrays
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Relation
from verify.registry import state

N, D = sp.symbols("N D", integer=True)
A, B = sp.symbols("a b", integer=True)
F1, F2 = sp.MatrixSymbol("F_1", N, D), sp.MatrixSymbol("F_2", N, D)


class Form(NamedTuple):
    """tr(F₁ᵀF₁F₂ᵀF₂) as the sum, over the entries of matrices made of F₁ and F₂, of a function."""

    matrices: tuple[Any, ...]
    entry: Callable[..., Any]
    trace: Any = sp.Trace(F1.T * F1 * F2.T * F2)

    @property
    def names(self) -> tuple[Any, ...]:
        """What the matrices are called."""
        return tuple(
            sp.MatrixSymbol(name, *one.shape)
            for name, one in zip("GH", self.matrices, strict=False)
        )

    @property
    def total(self) -> Any:
        """The sum over all entries, of matrices of one shape, called by their names."""
        rows, columns = self.names[0].shape
        entry = self.entry(*(one[A, B] for one in self.names))
        return sp.Sum(entry, (A, 0, rows - 1), (B, 0, columns - 1))

    def __call__(self, first, second):
        """Return the sum for features, arrays of numbers or of symbols."""
        features, sizes = {F1: first, F2: second}, dict(zip((N, D), first.shape, strict=True))
        made = [on_arrays(one, features) for one in self.matrices]
        return on_arrays(self.total, {**dict(zip(self.names, made, strict=True)), **sizes})

    def of_trace(self, first, second):
        """Return the left side for features."""
        features = {F1: first, F2: second}
        traces = {one: sp.Dummy() for one in self.trace.atoms(sp.Trace)}
        values = {name: np.trace(on_arrays(one.arg, features)) for one, name in traces.items()}
        return on_arrays(self.trace.xreplace(traces), values)

    def shown(self, printer):
        """Return the matrices, each by its name, as `printer` shows them."""
        named = zip(self.names, self.matrices, strict=True)
        return ", ".join(f"{printer(name)} = {printer(matrix)}" for name, matrix in named)

    def __str__(self):
        return f"Σ {self.total.function}, {self.shown(str)}"

    def latex(self):
        return rf"{shown(self.trace)} = {sp.latex(self.total)}, \quad {self.shown(sp.latex)}"


ENSD, PR1, PR2 = sp.symbols(r"\mathrm{ENSD} \mathrm{PR}_1 \mathrm{PR}_2", positive=True)
OF_TWO, OF_ONE = sp.Function(r"\mathrm{ENSD}"), sp.Function(r"\mathrm{PR}")
F = sp.Symbol("F")


class Statement(NamedTuple):
    """A form of tr(C₁C₂), a bound of ENSD² by PR₁ and PR₂, and ENSD of features with themselves."""

    form: Form
    bound: Formula
    alike: Formula

    def latex(self):
        return rf"{self.form.latex()} \\ {self.bound.latex()}, \quad {self.alike.latex()}"


DEFINITION = Form((F1.T * F1, F2.T * F2), lambda g, h: g * h)
SMALL = Form((F1 * F2.T,), lambda g: g**2)
GRAMS = Form((F1 * F1.T, F2 * F2.T), lambda g, h: g * h)
STATED = Statement(
    SMALL,
    bound=Formula(ENSD**2, (PR1, PR2), lambda pr1, pr2: pr1 * pr2, Relation.AT_MOST),
    alike=Formula(OF_TWO(F, F), (F,), lambda f: OF_ONE(f)),
)
TRANSPOSED = Form((F1.T * F2,), lambda g: g**2)
PLAIN = Form((F1 * F2.T,), lambda g: g)
OTHER_FORMS = (
    Control("F1ᵀF2 in place of F1F2ᵀ", STATED._replace(form=TRANSPOSED)),
    Control("without the squares", STATED._replace(form=PLAIN)),
)


def other_bound(variant, body):
    return Control(variant, STATED._replace(bound=replace(STATED.bound, body=body)))


OTHER_BOUNDS = (
    other_bound("half of PR₁ PR₂", lambda pr1, pr2: pr1 * pr2 / 2),
    other_bound("ENSD ≤ PR₁ PR₂", lambda pr1, pr2: (pr1 * pr2) ** 2),
)


def expand(form):
    """Try features in orthogonal directions; expand for generic ones of N x D = 2 x 3."""
    one, two = np.eye(2, 3) * [[1], [0]], np.eye(2, 3, 1) * [[1], [0]]
    found, trace = float(form(one, two)), float(form.of_trace(one, two))
    if found != trace:
        where = {"F1": str(one.tolist()), "F2": str(two.tolist()), "form": f"{found:g}"}
        where |= {"trace": f"{trace:g}"}
        text = "F1 = {F1}, F2 = {F2}: {form}, not {trace}".format_map(where)
        return Evidence(False, text, counterexample=where)
    first, second = (np.reshape(sp.symbols(f"{name}:6", real=True), (2, 3)) for name in "xy")
    return equal(form(first, second), form.of_trace(first, second))


def decide(statement):
    """Expand the form; write the bound less ENSD² as a square."""
    text = "the form expands to the trace, and the bound less ENSD² is a square"
    return prove_all(steps(statement), summary=text)


def inner(first, second=None):
    """Return tr(C₁C₂) of features, and ‖C‖² of one."""
    names = sorted({str(first), str(first if second is None else second)})
    return sp.Symbol(f"t_{''.join(names)}", positive=True)


def steps(statement):
    yield "tr(F₁ᵀF₁F₂ᵀF₂) is the sum stated", expand(statement.form)
    # ‖C₁‖², tr(C₁C₂) and ‖C₂‖², for covariances of trace 1 and of any size: PR₁ = 1/‖C₁‖².
    one, both, two = sp.symbols("a b g", positive=True)
    ensd, share = both / (one * two), both / two

    def above(one, two, ensd):
        return statement.bound.margin({ENSD: ensd}, {PR1: 1 / one, PR2: 1 / two})

    yield (
        "the bound less ENSD² is ‖C₁ − tC₂‖² PR₁² PR₂ at t = tr(C₁C₂)/‖C₂‖², so it is ≥ 0",
        equal(
            above(one, two, ensd),
            (one - 2 * share * both + share**2 * two) / (one**2 * two),
        ),
    )
    least, strict = above(one, one, ensd.subs({both: one, two: one})), statement.bound.strict
    yield "it is 0 at C₁ = C₂", equal(least, 0)
    yield "which is not excluded", decide_on_orthant("ENSD² = PR²", least, strict=strict)
    squares = {
        OF_TWO: lambda first, second: inner(first, second) / (inner(first) * inner(second)),
        OF_ONE: lambda features: 1 / inner(features),
    }
    alike = statement.alike
    yield "ENSD = PR there", equal(alike.left(squares), inserted(alike(), squares))


SEED, DRAWS = 31, 40


def measure(form):
    """Compare the project's ENSD with a form, on random features."""
    rng, worst = np.random.default_rng(SEED), Worst()
    for draw in range(DRAWS):
        shape = (int(rng.integers(2, 30)), int(rng.integers(2, 30)))
        one = rng.standard_normal(shape)
        two = one * rng.uniform(0, 1) + rng.standard_normal(shape)
        found = shared_dimensions(one, two)
        for side in (form.of_trace(one, two), form(one, two)):
            overlap = side / (np.sum(one**2) * np.sum(two**2))
            expected = overlap * participation_ratio(one) * participation_ratio(two)
            worst.at(abs(found - expected) / found, draw=draw, shape=str(shape))
    measured = worst.measured(
        f"ENSD of the module is that with tr(F₁ᵀF₁F₂ᵀF₂) = {form} within {{worst}}, over {{count}} "
        "sides for pairs of random features"
    )
    return compared(measured, "ENSD", ("D x D covariances", "representation module"))


ROUNDING = 1e-10, "rounding of sums of up to 30 x 30 products, with room"
OF_THE_INPUTS = Control("covariances of the inputs", GRAMS)

state(
    "vision.shared-dimensions-form",
    __doc__,
    (
        Check("form and bound", Method.SYMBOLIC, decide, STATED, (*OTHER_FORMS, *OTHER_BOUNDS)),
        Check(
            *("the module that measures", Method.FLOAT64, measure, DEFINITION, OF_THE_INPUTS),
            *ROUNDING,
            seed=SEED,
        ),
    ),
    assumptions=(
        "features of the same inputs and coordinates, not all zero",
        "the form expanded for N x D = 2 x 3: it is a sum over pairs of inputs and of columns",
    ),
)

# A false twin: PR can be had from F Fᵀ as well as from FᵀF, but ENSD cannot, unless F₁ = F₂. Two
# representations in orthogonal directions of feature space share no dimension, and may arrange the
# inputs alike all the same.
CORRECTED = Control("‖F1 F2ᵀ‖²", SMALL, must_hold=True)

state(
    "vision.shared-dimensions-gram",
    """ENSD from the Gram matrices of the inputs (Appendix D; false as commonly computed).

    tr(C₁C₂) is tr(G₁G₂) with the N × N Gram matrices G = F Fᵀ, as it is for PR.
    """,
    (Check("generic matrices", Method.SYMBOLIC, expand, GRAMS, CORRECTED),),
    twin="vision.shared-dimensions-form",
    fault=Fault.CODED,
)
