"""As many examples as coordinates are enough (Section 3.3, “α_PT = 1”, “α_PT ≥ 1”).

The β with Xβ = y, X of n rows and d columns with a density, form a space of dimension max(0, d − n)
with probability one, that of the kernel of X: without noise, the examples determine the teacher,
whatever it is, if and only if α_PT = n/d ≥ 1. Then a network that is trained to zero error recovers
it.

With fewer examples a teacher may be recovered by the bias, as a sparse one in the rich limit.
"""

from typing import NamedTuple

import numpy as np
import sympy as sp

from theory import replica
from verify.claim import Check, Control, Method
from verify.methods.formula import Formula
from verify.methods.identity import equal, prove_all
from verify.methods.notation import shown
from verify.methods.numeric import Worst
from verify.methods.orthant import decide_on_orthant
from verify.methods.relations import Bound, Relation
from verify.registry import state


class Recovery(NamedTuple):
    """The dimension of the kernel of X, α_PT, and the bounds of both that say the same."""

    freedom: Formula
    share: Formula
    none: Bound
    enough: Bound

    def latex(self):
        none, enough = (f"{one.relation} {shown(one.value)}" for one in self[2:])
        return (
            rf"{self.freedom.latex()} \\ {self.share.latex()} \\ "
            rf"{self.freedom.left_latex()} {none} \iff {self.share.left_latex()} {enough}"
        )


n, d = sp.symbols("n d", integer=True, positive=True)
X = sp.MatrixSymbol("X", n, d)
KERNEL = sp.Function(r"\dim \ker")
STATED = Recovery(
    Formula(KERNEL(X), (n, d), lambda n, d: sp.Max(0, d - n)),
    Formula(r"\alpha_{PT}", (n, d), lambda n, d: n / d),
    Bound(Relation.EQUAL, sp.Integer(0)),
    Bound(Relation.AT_LEAST, sp.Integer(1)),
)


def but(variant, body):
    return Control(variant, STATED._replace(freedom=STATED.freedom.but("", body).subject))


THRESHOLDS = tuple(
    Control(
        f"recovery from α_PT ≥ {text}",
        STATED._replace(enough=STATED.enough._replace(value=sp.Rational(text))),
    )
    for text in ("99/100", "101/100")
)
CONTROLS = (
    but("one dimension more below d examples", lambda n, d: sp.Max(0, d - n + 1)),
    but("one dimension less", lambda n, d: sp.Max(0, d - n - 1)),
    but("d − 0.99 n", lambda n, d: sp.Max(0, d - sp.Rational(99, 100) * n)),
)


def value_of(none):
    """Return the dimension of the kernel where the teacher is determined."""
    if none.relation is not Relation.EQUAL:
        raise ValueError(f"the dimension must be said where it = 0, got {none.relation}")
    return none.value


def decide(stated):
    """Split X into a square block and the rest; n and d are arbitrary."""
    return prove_all(steps(stated), summary="the square block is invertible with probability one")


def sizes_of(matrix, at):
    """Return the rows and columns of a matrix, at values of n and d."""
    return tuple(size.subs(at) for size in matrix.shape)


def dimension(matrix, at):
    """Return dim ker of a matrix of that shape, with probability one.

    Raises
    ------
    ValueError
        If it is not known whether it has more rows or more columns.
    """
    rows, columns = sizes_of(matrix, at)
    if (columns - rows).is_nonnegative:
        return replica.null_space(rows, columns - rows).shape[1]
    if (rows - columns).is_nonnegative:
        return replica.null_space(columns, 0).shape[1]
    raise ValueError(f"one size must be known to be larger, got {rows} and {columns}")


def steps(stated):
    more = sp.Symbol("m", integer=True, nonnegative=True)

    def free(rows):
        return stated.freedom.left({KERNEL: lambda matrix: dimension(matrix, rows)})

    none = value_of(stated.none)
    yield (
        "n ≤ d, X = (A B): Xv = 0 has the columns of (−A⁻¹B; 1) as a basis, d − n of them; det A, "
        "a polynomial that is 1 at A = 1, vanishes with probability zero",
        equal(free({d: n + more}), stated.freedom({d: n + more})),
    )
    yield (
        "n ≥ d, A the first d rows of X: Av = 0 has the solution 0 only",
        equal(free({n: d + more}), stated.freedom({n: d + more})),
    )
    bound, fewer = stated.enough, sp.Symbol("m", integer=True, positive=True)
    yield "it is 0 at n = d + m, m ≥ 0", equal(stated.freedom({n: d + more}), none)
    yield (
        "where the bound holds",
        decide_on_orthant(
            "α_PT within the bound",
            bound.margin(stated.share({n: d + more})),
            strict=bound.strict,
        ),
    )
    yield (
        "and it is not at n = d − m, m > 0",
        decide_on_orthant("dim ker X > 0", stated.freedom({d: n + fewer}) - none),
    )
    yield (
        "where the bound does not hold",
        decide_on_orthant(
            "α_PT beyond the bound",
            -bound.margin(stated.share({d: n + fewer})),
            strict=not bound.strict,
        ),
    )


SEED = 227
SIZES = ((1, 2), (7, 8), (8, 8), (9, 8), (20, 8), (3, 40))


def count(stated):
    """Count the singular values of random X that vanish, and where all or some of them do."""
    rng, wrong = np.random.default_rng(SEED), Worst()

    def counted(matrix, at):
        rows, columns = sizes_of(matrix, at)
        if not (rows.is_Integer and columns.is_Integer):
            raise ValueError(f"sizes must be n and d, got {matrix.shape}")
        values = np.linalg.svd(rng.standard_normal((int(rows), int(columns))), compute_uv=False)
        return columns - int((values > 1e-10 * values.max()).sum())

    for rows, columns in SIZES:
        at = {n: sp.Integer(rows), d: sp.Integer(columns)}
        found = stated.freedom.left({KERNEL: lambda matrix, at=at: counted(matrix, at)})
        where = {"n": rows, "d": columns, "found": found}
        wrong.at(abs(found - stated.freedom(at)), of="dimension", **where)
        margin = stated.enough.margin(stated.share(at))
        enough = margin > 0 if stated.enough.strict else margin >= 0
        alike = bool(enough) is bool(found == value_of(stated.none))
        wrong.at(int(not alike), of="none if and only if enough", **where)
    return wrong.measured("null spaces of matrices and what they say, {count}, wrong by {worst}")


state(
    "replica.perfect-pretraining",
    __doc__,
    (
        Check("a square block", Method.SYMBOLIC, decide, STATED, (*CONTROLS, *THRESHOLDS)),
        Check("ranks", Method.FLOAT64, count, STATED, CONTROLS, 0.0, "a count", seed=SEED),
    ),
    assumptions=(
        "the joint law of the entries of X has a density, as for Gaussian ones",
        "no label noise, zero training error",
    ),
)
