"""Errors of two stages at four points (beyond the paper; Proposition 4.2, for both stages).

The errors of pretraining and of fine-tuning, and that of fine-tuning if pretraining were perfect,
at the four settings of the table: reusing features from too few examples multiplies the error by
up to a thousand, and where none is shared it can lower it.
"""

from fractions import Fraction
from functools import partial
from typing import NamedTuple

from flint import arb, ctx

from numerics import Initialization, Pretraining, TaskDistribution, solve_pipeline, solve_replica
from numerics.certified import ExactPretraining, Mixture, certify_pipeline
from verify.claim import Check, Control, Evidence, Method
from verify.claims.pipeline._nested import (
    Reading,
    Stage,
    Start,
    pipeline_error,
    pretrained,
    teacher,
)
from verify.methods.digits import last_unit
from verify.methods.identity import prove_all
from verify.methods.notation import number
from verify.methods.numeric import Worst
from verify.registry import state


class Row(NamedTuple):
    """A setting, and E_PT, E and E* there, as written; the last digit counts."""

    rho_pt: float
    rho_ft: float
    overlap: float
    c: float
    lam: float
    gamma: float
    alpha_pt: float
    alpha: float
    first: str
    error: str
    perfect: str

    def latex(self):
        names = (r"\rho_{PT}", r"\rho_{FT}", r"\omega", "c", r"\lambda", r"\gamma", r"\alpha_{PT}")
        densities = self.rho_pt, self.rho_ft, self.overlap
        numbers = (*densities, self.c, self.lam, self.gamma, self.alpha_pt, self.alpha)
        values = zip((*names, r"\alpha"), numbers, strict=True)
        given = r",\, ".join(f"{name} = {number(value)}" for name, value in values)
        found = ("E_{PT}", self.first), ("E", self.error), ("E^*", self.perfect)
        return rf"{given}: \\ \qquad " + r",\quad ".join(f"{n} = {number(v)}" for n, v in found)


class Values(NamedTuple):
    """Errors, with c_FT as it is read."""

    rows: tuple[Row, ...]
    reading: Reading = Reading.EXACT

    def latex(self):
        return r" \\ ".join((*(row.latex() for row in self.rows), f"c_{{FT}} = {self.reading}"))


STATED = Values(
    (
        Row(0.1, 0.1, 1.0, 1e-3, 0.0, 0.0, 0.3, 0.3, "0.0511254", "0.0692990", "5.70500e-5"),
        Row(0.1, 0.1, 0.5, 1e-3, 0.0, 0.0, 0.2, 0.3, "0.0774753", "0.3056568", "0.0911658"),
        Row(
            0.1, 0.04, 1.0, 1e-2, -0.0099, 0.0, 0.25, 0.25, "0.0651800", "0.00459492", "1.90413e-4"
        ),
        Row(0.2, 0.1, 0.0, 0.1, 0.0, 0.1, 0.5, 0.4, "0.0851706", "0.3666807", "0.4166976"),
    )
)
CONTROLS = (
    Control("perfect pretraining", STATED._replace(reading=Reading.PERFECT)),
    Control("θ₁ ignored", STATED._replace(reading=Reading.WITHOUT_NOISE)),
    Control("τ₁ ignored", STATED._replace(reading=Reading.WITHOUT_SHRINKING)),
    Control("c_FT of the mean of |β̂_PT|", STATED._replace(reading=Reading.OF_MEAN)),
    Control(
        "E of the first row larger by 10⁻⁶",
        STATED._replace(rows=(STATED.rows[0]._replace(error="0.0692991"), *STATED.rows[1:])),
    ),
)


def digit(text):
    """Return half a unit of the last digit of a decimal text."""
    digits, _, exponent = text.lower().partition("e")
    places = len(digits.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - places)


def compared(values, errors):
    """Return the largest deviation from E_PT, E and E*, in units of half the last digit."""
    worst = Worst()
    for row in values.rows:
        names = ("E_PT", row.first), ("E", row.error), ("E*", row.perfect)
        for (name, text), found in zip(names, errors(row, values.reading), strict=True):
            worst.at(abs(found - float(text)) / digit(text), of=name, **row._asdict(), found=found)
    return worst.measured("{count} errors, off by {worst} of half a unit of the last digit")


def by_nested_rules(row, reading):
    """Return E_PT, E and E* by nested trapezoidal rules."""
    coordinates = teacher(row.rho_pt, row.rho_ft, row.overlap, after="gaussian")
    start = Start(row.c, row.lam, row.gamma)
    first, second = Stage(row.alpha_pt), Stage(row.alpha)
    return (
        pretrained(coordinates, row.c, first).error,
        pipeline_error(coordinates, start, first, second, reading).error,
        pipeline_error(coordinates, start, Stage(1.0), second).error,
    )


def by_solver(row, reading):
    """Return the same by the library's solvers.

    Raises
    ------
    ValueError
        If c_FT is not that of the law of β̂_PT: they know no other, but that of perfect pretraining.
    """
    densities = row.rho_pt, row.rho_ft, row.overlap
    task = TaskDistribution.pretrain_finetune(*densities, slab="gaussian")
    init = Initialization(row.c, row.lam, row.gamma)
    found = solve_pipeline(task, init, Pretraining(row.alpha_pt), row.alpha)
    perfect = float(solve_replica(task, init, row.alpha).mse[0])
    if reading not in (Reading.EXACT, Reading.PERFECT):
        raise ValueError(f"the solver has the law of β̂_PT, got {reading}")
    error = float(found.mse[0]) if reading is Reading.EXACT else perfect
    return found.pretraining.mse, error, perfect


# Of the enclosures: three more than are stated.
DIGITS = 10


def enclosed(values):
    """Enclose every error, which must round to the digits stated."""
    with ctx.workprec(100):
        return prove_all(steps(values), summary="every digit enclosed")


def steps(values):
    for row in values.rows:
        names = ("E_PT", row.first), ("E", row.error), ("E*", row.perfect)
        for (name, text), (ball, reason) in zip(names, balls(row, values.reading), strict=True):
            away, half = abs(ball - arb(text)), arb(str(last_unit(text) / 2))
            holds = True if away < half else False if away > half else None
            shown = f"{name} = {ball.str(DIGITS)}, stated {text}{reason and f' ({reason})'}"
            where = row._asdict() | {"of": name, "found": ball.str(DIGITS)}
            refuted = {key: str(value) for key, value in where.items()} if holds is False else None
            yield shown, Evidence(holds, shown, counterexample=refuted)


def balls(row, reading):
    """Enclose E_PT, E and E*, the numbers of the row being the decimals written.

    Raises
    ------
    ValueError
        If c_FT is not that of the law of β̂_PT, but for that of perfect pretraining; if there is no
        such initialisation.
    """
    Initialization(row.c, row.lam, row.gamma)
    if reading not in (Reading.EXACT, Reading.PERFECT):
        raise ValueError(f"the law of β̂_PT is what is enclosed, got {reading}")
    mixture = Mixture.pretrain_finetune(
        *map(str, (row.rho_pt, row.rho_ft, row.overlap)),
        c=str(row.c),
        relative_scale=Fraction(str(row.lam)) / Fraction(str(row.c)),
        gamma=str(row.gamma),
        slab="gaussian",
    )
    data = (ExactPretraining.of(alpha) for alpha in (str(row.alpha_pt), 1))
    found, perfect = (
        certify_pipeline(mixture, None, one, str(row.alpha), digits=DIGITS) for one in data
    )
    first, error = found.pretraining, (found if reading is Reading.EXACT else perfect).points[0]
    return tuple((one.mse, one.reason) for one in (first, error, perfect.points[0]))


ROUNDED = "half a unit of the last digit stated"
OF_SOLVER = (CONTROLS[0], CONTROLS[-1])
state(
    "pipeline.reference-values",
    __doc__,
    (
        Check(
            "nested trapezoidal rules",
            Method.FLOAT64,
            partial(compared, errors=by_nested_rules),
            STATED,
            CONTROLS,
            1.0,
            ROUNDED,
        ),
        Check(
            "solver",
            Method.FLOAT64,
            partial(compared, errors=by_solver),
            STATED,
            OF_SOLVER,
            1.0,
            ROUNDED,
        ),
        Check("Arb enclosures", Method.ENCLOSURE, enclosed, STATED, OF_SOLVER),
    ),
    assumptions=(
        "β*_PT = ±1, Gaussian slab of β*_FT with E[(β*_FT)²] = 1",
        "σ = ϱ = 0 in both stages",
    ),
    requires=("replica.effective-parameters", "pipeline.scale-law"),
)
