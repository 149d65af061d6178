"""Claims on the vision study: effects over seeds, at the published protocol and reduced.

What the paper reports are tendencies: here they are mean differences over seeds, with intervals.

Those on the published protocol read `empirics/recorded/vision-published*.csv`, which a GPU has to
make, and are skipped, by name, where these are not there. Whoever records the results holds the
expected verdicts to what they show.

Those on the reduced study read what was measured on two cores with the same code: fewer classes
and images, smaller batches, training stopped earlier. They say what that study shows, and are no
replication of the paper's.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.claim import Claim, Control, Fault
from verify.claims.vision._effects import (
    Statement,
    accuracy_gain,
    effects_check,
    log_pr_fall,
    shared_fraction_above,
)

PUBLISHED = "published"
SIZES = (10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
SYMBOLS = {"kappa": "κ", "scale": "c", "gamma": "γ", "all-weights": "factor of all weights"}
SMALL = 0.125
REPRESENTATION_SIZE = 500.0
NEARLY_ALL = 0.9
HALF = 0.5


REDUCED = "reduced"
REDUCED_SIZES = (10.0, 20.0, 50.0, 96.0)
REDUCED_ASSUMPTIONS = (
    "reduced study: 10 pretraining classes of 50 images, batches of 32",
    "trained to losses of 0.2 and 0.01; n = 10, 20, 50, 96",
    "differences paired by seed; some seeds were added after the first had been looked at",
    "intervals of 95 % each; one-sided tests of all the study's claims, corrected for their number "
    "(Holm), say the same at 5 %",
)


def reduced_claim(
    identifier: str,
    title: str,
    sentence: str,
    latex: str,
    source: str,
    statement: Statement,
    *controls: Control,
    twin: str | None = None,
) -> Claim:
    """Return a claim on the reduced study; with a `twin` it is expected to be refuted."""
    return Claim(
        id=identifier,
        title=f"{title} (reduced study)",
        sentence=f"In the reduced study, {sentence}",
        latex=latex,
        source=source,
        assumptions=REDUCED_ASSUMPTIONS,
        checks=(effects_check(REDUCED, statement, *controls),),
        twin=twin,
        fault=Fault.READ if twin else None,
    )


def reduced_accuracy_claim(study: str, better: float, worse: float, source: str) -> Claim:
    """Return the claim that accuracy, averaged over n, is higher at one end of the factors."""
    symbol = SYMBOLS[study]
    effect = accuracy_gain(REDUCED, study, better, worse, REDUCED_SIZES)
    statement = Statement((effect,), "greater", 0.0)
    return reduced_claim(
        f"vision.reduced-{study}-accuracy",
        f"Accuracy: {symbol} = {better:g} against {worse:g}",
        f"test accuracy averaged over n is higher at {symbol} = {better:g} than at "
        f"{symbol} = {worse:g}.",
        rf"\mathrm{{acc}}({better:g}) > \mathrm{{acc}}({worse:g})",
        source,
        statement,
        Control("reversed differences", statement.reversed()),
        Control("by more than a half", Statement((effect,), "greater", HALF)),
    )


def accuracy_claim(
    study: str,
    better: float,
    worse: float,
    source: str,
    *,
    title: str,
    sizes: Sequence[float] = SIZES,
) -> Claim:
    """Return the claim that accuracy, averaged over `sizes`, is higher at factor `better`."""
    symbol = SYMBOLS[study]
    effect = accuracy_gain(PUBLISHED, study, better, worse, sizes)
    told = "all n" if tuple(sizes) == SIZES else "n = " + ", ".join(f"{n:g}" for n in sizes)
    return Claim(
        id=f"vision.published-{study}-accuracy",
        title=title,
        sentence=f"At the published protocol, test accuracy averaged over {told} is higher at "
        f"{symbol} = {better:g} than at {symbol} = {worse:g}.",
        latex=rf"\mathrm{{acc}}({better:g}) > \mathrm{{acc}}({worse:g})",
        source=source,
        assumptions=("ResNet-18 on CIFAR-100, Appendix E.3", "differences paired by seed"),
        checks=(
            effects_check(
                PUBLISHED,
                Statement((effect,), "greater", 0.0),
                Control("by more than a half", Statement((effect,), "greater", HALF)),
            ),
        ),
    )


def signature_claim(study: str, source: str) -> Claim:
    """Return the claim that at factor 1/8 PR of the last stage falls, and ENSD ≈ PR after."""

    def statement(level: float) -> Statement:
        return Statement(
            (
                log_pr_fall(PUBLISHED, study, SMALL, REPRESENTATION_SIZE),
                shared_fraction_above(PUBLISHED, study, SMALL, REPRESENTATION_SIZE, level),
            ),
            "greater",
            0.0,
        )

    return Claim(
        id=f"vision.published-{study}-signature",
        title=f"{SYMBOLS[study]} = 1/8: PR falls, and what is left is shared",
        sentence=f"At the published protocol, in the last stage at {SYMBOLS[study]} = {SMALL:g} "
        f"and n = {REPRESENTATION_SIZE:g}, PR is lower after fine-tuning than before, and ENSD "
        f"exceeds {NEARLY_ALL:g} of it.",
        latex=r"\mathrm{PR}_{FT} < \mathrm{PR}_{PT}, \\ "
        r"\mathrm{ENSD} > 0.9\, \mathrm{PR}_{FT}",
        source=source,
        assumptions=("centred features of 500 fine-tuning inputs", "differences paired by seed"),
        checks=(
            effects_check(
                PUBLISHED,
                statement(NEARLY_ALL),
                Control("ENSD exceeds twice PR after fine-tuning", statement(2.0)),
            ),
        ),
    )
