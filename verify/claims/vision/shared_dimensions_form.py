"""ENSD: small form, bound, and equality (Appendix D, “PR and ENSD”).

tr(C₁C₂) is ‖F₁F₂ᵀ‖² over ‖F₁‖²‖F₂‖², so that ENSD needs N × N products only; ENSD² ≤ PR₁ PR₂,
with ENSD(F, F) = PR(F).

For features F of shape (N, D): C = FᵀF/‖F‖², PR = 1/tr(C²), ENSD = tr(C₁C₂) PR₁ PR₂.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from empirics.vision.representation import participation_ratio, shared_dimensions
from verify.claim import Check, Control, Evidence, Fault, Method
from verify.methods.formula import named, written
from verify.methods.identity import equal, prove_all
from verify.methods.numeric import Worst, compared
from verify.registry import state


class Form(NamedTuple):
    """tr(F₁ᵀF₁F₂ᵀF₂) as the sum, over the entries of matrices made of F₁ and F₂, of a function."""

    matrices: Callable[[Any, Any], tuple[Any, ...]]
    entry: Callable[..., Any]

    def __call__(self, first, second):
        try:
            return np.sum(self.entry(*self.matrices(first, second)))
        except ZeroDivisionError:
            raise ValueError(f"an entry must have a value where it is 0, got {self}") from None

    def shown(self, printer):
        """Return the matrices, each by its name, as `printer` shows them, and their entries."""
        n, d = sp.symbols("N D", integer=True)
        matrices = self.matrices(sp.MatrixSymbol("F_1", n, d), sp.MatrixSymbol("F_2", n, d))
        shown = {name: printer(matrix) for name, matrix in zip("GH", matrices, strict=False)}
        where = ", ".join(f"{name} = {matrix}" for name, matrix in shown.items())
        return where, [sp.Symbol(f"{name}_ab") for name in shown]

    def __str__(self):
        where, entries = self.shown(str)
        return f"Σ {self.entry(*entries)}, {where}"

    def latex(self):
        where, entries = self.shown(sp.latex)
        entry = written(self.entry, *entries)
        return rf"\mathrm{{tr}}(F_1^T F_1 F_2^T F_2) = \sum_{{a,b}} {entry}, \quad {where}"


class Statement(NamedTuple):
    """A form of tr(C₁C₂), and what of PR₁ and PR₂ bounds ENSD²."""

    form: Form
    bound: Callable[[Any, Any], Any]

    def latex(self):
        bound = written(self.bound, *named(r"\mathrm{PR}_1", r"\mathrm{PR}_2"))
        return (
            rf"{self.form.latex()} \\ \mathrm{{ENSD}}^2 \le {bound}, "
            r"\ \text{with equality for } F_1 = F_2"
        )


DEFINITION = Form(lambda x, y: (x.T @ x, y.T @ y), lambda p, q: p * q)
SMALL = Form(lambda x, y: (x @ y.T,), lambda p: p**2)
GRAMS = Form(lambda x, y: (x @ x.T, y @ y.T), lambda p, q: p * q)
STATED = Statement(SMALL, lambda pr1, pr2: pr1 * pr2)
TRANSPOSED = Form(lambda x, y: (x.T @ y,), lambda p: p**2)
PLAIN = Form(lambda x, y: (x @ y.T,), lambda p: p)
OTHER_FORMS = (
    Control("F1ᵀF2 in place of F1F2ᵀ", STATED._replace(form=TRANSPOSED)),
    Control("without the squares", STATED._replace(form=PLAIN)),
)
OTHER_BOUNDS = (
    Control("half of PR₁ PR₂", STATED._replace(bound=lambda pr1, pr2: pr1 * pr2 / 2)),
    Control("ENSD ≤ PR₁ PR₂", STATED._replace(bound=lambda pr1, pr2: (pr1 * pr2) ** 2)),
)


def expand(form):
    """Try features in orthogonal directions; expand for generic ones of N x D = 2 x 3."""
    one, two = np.eye(2, 3) * [[1], [0]], np.eye(2, 3, 1) * [[1], [0]]
    if form(one, two) != DEFINITION(one, two):
        found, wanted = f"{form(one, two):g}", f"{DEFINITION(one, two):g}"
        where = {"F1": str(one.tolist()), "F2": str(two.tolist()), "form": found, "trace": wanted}
        text = "F1 = {F1}, F2 = {F2}: {form}, not {trace}".format_map(where)
        return Evidence(False, text, counterexample=where)
    first, second = (np.reshape(sp.symbols(f"{name}:6", real=True), (2, 3)) for name in "xy")
    return equal(form(first, second), DEFINITION(first, second))


def decide(statement):
    """Expand the form; write the bound less ENSD² as a square."""
    text = "the form expands to the trace, and the bound less ENSD² is a square"
    return prove_all(steps(statement), summary=text)


def steps(statement):
    yield "tr(F₁ᵀF₁F₂ᵀF₂) is the sum stated", expand(statement.form)
    # ‖C₁‖², tr(C₁C₂) and ‖C₂‖², for covariances of trace 1 and of any size: PR₁ = 1/‖C₁‖².
    one, both, two = sp.symbols("a b g", positive=True)
    ensd, share = both / (one * two), both / two
    yield (
        "the bound less ENSD² is ‖C₁ − tC₂‖² PR₁² PR₂ at t = tr(C₁C₂)/‖C₂‖², so it is ≥ 0",
        equal(
            statement.bound(1 / one, 1 / two) - ensd**2,
            (one - 2 * share * both + share**2 * two) / (one**2 * two),
        ),
    )
    alike = ensd.subs({both: one, two: one})
    yield (
        "at C₁ = C₂ it is 0, and ENSD = PR",
        equal(
            sp.Matrix([statement.bound(1 / one, 1 / one), alike]), sp.Matrix([alike**2, 1 / one])
        ),
    )


SEED, DRAWS = 31, 40


def measure(form):
    """Compare the project's ENSD with a form, on random features."""
    rng, worst = np.random.default_rng(SEED), Worst()
    for draw in range(DRAWS):
        shape = (int(rng.integers(2, 30)), int(rng.integers(2, 30)))
        one = rng.standard_normal(shape)
        two = one * rng.uniform(0, 1) + rng.standard_normal(shape)
        overlap = form(one, two) / (np.sum(one**2) * np.sum(two**2))
        expected = overlap * participation_ratio(one) * participation_ratio(two)
        found = shared_dimensions(one, two)
        worst.at(abs(found - expected) / found, draw=draw, shape=str(shape))
    measured = worst.measured(
        f"ENSD of the module is that with tr(F₁ᵀF₁F₂ᵀF₂) = {form} within {{worst}}, over {{count}} "
        "pairs of random features"
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
