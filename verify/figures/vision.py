"""Figures 4 a-c and 6-9: fine-tuned ResNets, drawn from the recorded results of a protocol.

The published protocol's results are drawn where they are recorded for every factor of a figure,
then what Lippl and Lindsey (2024) published, otherwise the reduced study, and the titles say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from empirics.vision import results
from verify.figures.figure import Cell, Figure, Table, Tables, canvas, column

# Protocols in this order, with what the title says of them.
PREFERENCE = {
    "published": "published protocol",
    "lippl-lindsey-resnet18": "Lippl and Lindsey (2024)",
    "reduced": "REDUCED STUDY",
}
TRANSFORMER = "lippl-lindsey-vit"
TITLES = {**PREFERENCE, TRANSFORMER: "Lippl and Lindsey (2024)"}
# What is drawn of a representation where it is recorded; and n.
READINGS = (("evaluation", "centred"), ("training", "raw"), ("published", "raw"))
SIZE = 500.0
STUDIES = {
    "kappa": ("κ", "relative scale"),
    "scale": ("c", "absolute scale"),
    "gamma": ("γ", "re-initialisation"),
    "all-weights": ("all weights", "rescaling"),
}
STAGES = ("stem", "layer1", "layer2", "layer3", "layer4")
PANELS = (("a", "kappa"), ("b", "scale"), ("c", "gamma"))


def protocol(*studies: str) -> str:
    """Return the protocol whose results are drawn: the first that has results of all studies.

    Raises
    ------
    ResultsError
        If none is.
    """
    for name in PREFERENCE:
        try:
            recorded = {row["study"] for row in results.read(name)}
        except results.ResultsError:
            continue
        if recorded.issuperset(studies):
            return name
    raise results.ResultsError(
        f"results on {', '.join(studies)} must be recorded of one of {', '.join(PREFERENCE)}"
    )


def drawn(study: str, rows: Table) -> Table:
    """Return the rows of the reading that is drawn: the first of `READINGS` that is recorded."""
    for reading in READINGS:
        if found := [row for row in rows if (row["reading"], row["centring"]) == reading]:
            return found
    raise results.ResultsError(f"representations of {study} must be of one of {READINGS}")


def accuracy_table(name: str, study: str) -> Table:
    """Return mean and standard error of the test accuracy by factor and n."""
    rows = [row for row in results.read(name) if row["study"] == study]
    return _summaries(rows, ("factor", "n"), ("accuracy",), name)


def representation_table(name: str, study: str) -> Table:
    """Return means and standard errors of PR, ENSD and ENSD/PR by factor and stage.

    At n = 500 where it is recorded, otherwise at the largest n.
    """
    rows = [row for row in results.read(name, "representation") if row["study"] == study]
    sizes = {float(str(row["n"])) for row in rows}
    size = SIZE if SIZE in sizes else max(sizes)
    chosen = []
    for row in rows:
        if float(str(row["n"])) == size and row["ensd"] is not None:
            ratio = float(str(row["ensd"])) / float(str(row["pr_after"]))
            chosen.append({**row, "ensd_over_pr_after": ratio})
    values = ("pr_before", "pr_after", "ensd", "ensd_over_pr_after")
    keys = ("reading", "centring", "factor", "stage", "n")
    return _summaries(chosen, keys, values, name)


def _summaries(
    rows: Sequence[results.Row], keys: Sequence[str], values: Sequence[str], name: str
) -> list[dict[str, Cell]]:
    groups: dict[tuple[Any, ...], list[results.Row]] = {}
    for row in rows:
        if all(row[value] is not None for value in values):
            groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    table = []
    for place, members in sorted(groups.items(), key=lambda item: str(item[0])):
        summary: dict[str, Cell] = {"protocol": name, "seeds": float(len(members))}
        summary.update(zip(keys, place, strict=True))
        for value in values:
            numbers = np.array([float(str(row[value])) for row in members])
            spread = numbers.std(ddof=1) / np.sqrt(len(numbers)) if len(numbers) > 1 else 0.0
            summary[value] = float(numbers.mean())
            summary[f"{value}_se"] = float(spread)
        table.append(summary)
    return table


def tables_4() -> Tables:
    """Compute the three panels of Figure 4."""
    name = protocol(*(study for _, study in PANELS))
    return {panel: accuracy_table(name, study) for panel, study in PANELS}


def draw_4(data: Tables) -> Any:
    """Draw accuracy against n, a colour for each value, with standard errors."""
    drawing, axes = canvas(1, len(PANELS), 10.5, 3.4, sharey=True)
    for axis, (panel, study) in zip(axes, PANELS, strict=True):
        _accuracy_lines(axis, data[panel], STUDIES[study][0])
        axis.set_title(f"({panel}) {STUDIES[study][0]}, {STUDIES[study][1]}")
    axes[0].set_ylabel("test accuracy")
    rows = [row for panel in data.values() for row in panel]
    drawing.suptitle(_title("Fine-tuned ResNet-18", rows))
    return drawing


def representation_figure(
    number: str, study: str, network: str = "ResNet-18", recorded: str | None = None
) -> Figure:
    """Return Figure `number`: accuracy, PR, ENSD and their ratio for one factor.

    Of the protocol `recorded`, by default the first that has results.
    """
    symbol, words = STUDIES[study]

    def tables() -> Tables:
        name = recorded or protocol(study)
        return {
            "accuracy": accuracy_table(name, study),
            "representation": representation_table(name, study),
        }

    return Figure(
        f"figure-{number}",
        f"{network} for {symbol} ({words}): test accuracy, and participation ratio, shared "
        "dimensions and their quotient by stage, mean and standard error over seeds.",
        tables,
        lambda data: _draw_representation(data, symbol, network),
    )


def _draw_representation(data: Tables, symbol: str, network: str) -> Any:
    from matplotlib.ticker import LogLocator

    drawing, axes = canvas(1, 4, 13.0, 3.4)
    _accuracy_lines(axes[0], data["accuracy"], symbol)
    axes[0].set_ylabel("test accuracy")
    rows = drawn(symbol, data["representation"])
    reading, centring = (str(rows[0][name]) for name in ("reading", "centring"))
    found = {str(row["stage"]) for row in rows}
    mode, _ = results.READINGS[reading]
    rescaled = ", rescaled" if reading != "evaluation" else ""
    stages = STAGES if found.issuperset(STAGES) else tuple(sorted(found))
    panels: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
        (f"PR (dashed: before{rescaled})", (("pr_before", "--"), ("pr_after", "-"))),
        ("ENSD", (("ensd", "-"),)),
        ("ENSD / PR after", (("ensd_over_pr_after", "-"),)),
    )
    for axis, (label, lines) in zip(axes[1:], panels, strict=True):
        for position, factor in enumerate(sorted(set(column(rows, "factor")))):
            for name, style in lines:
                _stage_line(axis, rows, stages, factor, name, style, f"C{position}")
        axis.set_xticks(range(len(stages)), stages, rotation=30)
        axis.set_title(label)
    for axis in axes[1:3]:
        axis.set_yscale("log")
        axis.yaxis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
        for formatted in (axis.yaxis.set_major_formatter, axis.yaxis.set_minor_formatter):
            formatted("{x:g}")
        axis.tick_params(axis="y", which="minor", labelsize=7)
    centred = "centred" if centring == "centred" else "not centred"
    features = f"{centred}, {mode}, n = {rows[0]['n']:g}"
    title = _title(f"{network}, {symbol}", data["accuracy"])
    drawing.suptitle(f"{title}; representations {features}, {_seeds(rows)}")
    return drawing


def _stage_line(
    axis: Any,
    rows: Table,
    stages: Sequence[str],
    factor: float,
    name: str,
    style: str,
    colour: str,
) -> None:
    means, errors = (
        [column(rows, wanted, factor=factor, stage=stage)[0] for stage in stages]
        for wanted in (name, f"{name}_se")
    )
    axis.errorbar(
        range(len(stages)), means, yerr=errors, color=colour, linestyle=style, capsize=2, lw=1.2
    )


def _accuracy_lines(axis: Any, rows: Table, symbol: str) -> None:
    rows = sorted(rows, key=lambda row: float(row["n"]))
    for position, factor in enumerate(sorted(set(column(rows, "factor")))):
        sizes, means, errors = (
            column(rows, name, factor=factor) for name in ("n", "accuracy", "accuracy_se")
        )
        axis.errorbar(
            sizes,
            means,
            yerr=errors,
            color=f"C{position}",
            marker="o",
            markersize=3,
            capsize=2,
            lw=1.2,
            label=f"{symbol} × {factor:g}",
        )
    axis.set_xscale("log")
    ticks = sorted(set(column(rows, "n")))
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.minorticks_off()
    axis.set_xlabel("fine-tuning images n")
    axis.legend(fontsize=7)


def _title(words: str, rows: Table) -> str:
    """Return a title that names the study: the reduced one must not be taken for the published."""
    return f"{words}: {TITLES[str(rows[0]['protocol'])]}, {_seeds(rows)}"


def _seeds(rows: Table) -> str:
    seeds = sorted({int(count) for count in column(rows, "seeds")})
    return f"{seeds[0]} seeds" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]} seeds"


FIGURE_4 = Figure(
    "figure-4",
    "Test accuracy of fine-tuned ResNet-18 against the number of fine-tuning images, for κ, c and "
    "γ; mean and standard error over seeds.",
    tables_4,
    draw_4,
)
REPRESENTATIONS: tuple[Figure, ...] = (
    *(representation_figure(n, study) for n, study in zip("6789", STUDIES, strict=True)),
    representation_figure(
        "9-transformer", "all-weights", "Vision transformer", recorded=TRANSFORMER
    ),
)
