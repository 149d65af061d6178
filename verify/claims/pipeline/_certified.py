"""Inequalities along α, certified at single α: at a sample, and on both sides of each crossing.

Every error is a ball (`numerics.certified`), and its parameters are the decimals written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import Any, NamedTuple

from flint import ctx

from numerics.certified import (
    CertifiedPipelinePoint,
    ExactPretraining,
    Mixture,
    NotCertifiedError,
    certify_pipeline,
)
from verify.claim import Check, Control, Evidence, Method, Tier
from verify.claims.curves._crossings import CROSSING_BRACKET
from verify.claims.pipeline._lines import Lines, Setting
from verify.methods.identity import prove_all

Ball = Any

SAMPLE = tuple(map(Fraction, ("0.02", "0.2", "0.4")))
HALF_BRACKET = Fraction(CROSSING_BRACKET) / 2
_DIGITS = 12
_PRECISION = 100


Sides = Callable[[Any, Fraction], tuple[Ball, Ball]]


class Signs(NamedTuple):
    """Inequalities, where their signs are certified."""

    lines: Lines

    def latex(self) -> str:
        """Return the inequalities, and at which α."""
        few = r",\, ".join(f"{float(alpha):g}" for alpha in SAMPLE)
        return rf"{self.lines.latex()} \\ \alpha \in \{{{few}\}}, \text{{ and beside crossings}}"


@cache
def solved(
    setting: Setting, alpha_pt: Fraction, alpha: Fraction, *, slopes: bool = False
) -> CertifiedPipelinePoint:
    """Enclose what fine-tuning at α finds after pretraining with α_PT.

    Raises
    ------
    NotCertifiedError
        If the error is not enclosed.
    """
    mixture = Mixture.pretrain_finetune(
        *map(str, (setting.rho_pt, setting.rho_ft, setting.overlap)),
        c=str(setting.c),
        relative_scale=str(setting.ratio),
        gamma=str(setting.gamma),
        slab=setting.slab,
    )
    data = ExactPretraining.of(alpha_pt)
    (point,) = certify_pipeline(mixture, None, data, alpha, digits=_DIGITS, slopes=slopes).points
    if not point.certified:
        raise NotCertifiedError(point.reason)
    return point


def log_error(setting: Setting, alpha_pt: float, alpha: Fraction) -> Ball:
    """Enclose log E, which is log E* from α_PT = 1 on; errors as of `solved`."""
    return solved(setting, Fraction(str(alpha_pt)), alpha).mse.log()


def decide(stated: Signs, sides: Sides) -> Evidence:
    """Certify that each inequality holds where stated, of these α, and fails elsewhere.

    `sides` encloses both sides of a line at α, on one scale.
    """
    with ctx.workprec(_PRECISION):
        return prove_all(_steps(stated.lines, sides), summary="signs at single α enclosed")


def _steps(stated: Lines, sides: Sides) -> Iterator[tuple[str, Evidence]]:
    if not stated.relation.strict:
        raise ValueError(f"what changes at a crossing must be < or >, got {stated.relation}")
    for line in stated.lines:
        edges = (Fraction(str(crossing)) for crossing in line.holds.crossings)
        near = [edge + side * HALF_BRACKET for edge in edges for side in (-1, 1)]
        for alpha in (*near, *SAMPLE):
            said = line.holds.at(float(alpha))
            name = f"{line.name}, {line.setting.name}"
            text = f"{name}: {'holds' if said else 'fails'} at α = {float(alpha):.12g}"
            try:
                margin = stated.relation.margin(*sides(line, alpha))
            except NotCertifiedError as error:
                yield text, Evidence(None, f"{text}: {error}")
                continue
            holds = True if margin > 0 else False if margin < 0 else None
            right = None if holds is None else holds is said
            shown = margin.str(5)
            where = {"inequality": name, "alpha": str(float(alpha)), "margin": shown}
            refuted = where if right is False else None
            yield text, Evidence(right, f"{text}, margin {shown}", counterexample=refuted)


def check(lines: Lines, controls: tuple[Control, ...], sides: Sides, tier: Tier = "quick") -> Check:
    """Return the check that certifies inequalities, with its controls."""
    name = "enclosed at a sample and beside crossings"
    return Check(
        name if tier == "quick" else f"more lines, {name}",
        Method.ENCLOSURE,
        partial(decide, sides=sides),
        Signs(lines),
        tuple(replace(control, subject=Signs(control.subject)) for control in controls),
        tier=tier,
    )
