"""What a reader sees in the terminal: live progress, the table, one claim at length."""

from __future__ import annotations

from collections.abc import Iterable

from rich import progress
from rich.console import Console, Group
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from verify.claim import SUPPORTING, Check, Claim, Verdict
from verify.report.coverage import Coverage, Row
from verify.report.formatting import plural
from verify.report.typesetting import split_lines
from verify.run import power, runner
from verify.run.noticed import NOTHING_USED
from verify.run.record import CheckResult, ClaimResult, RunRecord

_STYLES = {
    Verdict.PROVED: "bold green",
    Verdict.CERTIFIED: "green",
    Verdict.CONFIRMED: "cyan",
    Verdict.REFUTED: "magenta",
    Verdict.INCONCLUSIVE: "bold red",
    Verdict.BLOCKED: "yellow",
    Verdict.SKIPPED: "dim",
}

# Columns that verdict, figure, seconds and readable evidence take beside the longest id.
_ROOM_FOR_EVIDENCE = 80


class LiveProgress(runner.Progress):
    """Shows the progress of a run and what runs now; may announce unexpected verdicts at once."""

    def __init__(self, console: Console, *, announce: bool = True) -> None:
        self._announce = announce
        self._bar = progress.Progress(
            progress.SpinnerColumn(),
            progress.BarColumn(bar_width=24),
            progress.MofNCompleteColumn(),
            progress.TimeElapsedColumn(),
            progress.TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._running: list[str] = []

    def __enter__(self) -> LiveProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def begin(self, checks: int) -> None:
        """Note the number of checks to come."""
        self._bar.update(self._task, total=checks)

    def started(self, claim: Claim, check: Check) -> None:
        """Show that a check runs."""
        self._running.append(f"{claim.id}: {check.name}")
        self._show()

    def finished(self, claim: Claim, result: CheckResult) -> None:
        """Count a check that ended."""
        name = f"{claim.id}: {result.name}"
        if name in self._running:
            self._running.remove(name)
        self._bar.advance(self._task)
        self._show()

    def decided(self, result: ClaimResult) -> None:
        """Print at once what did not come out as expected."""
        if self._announce and not result.acceptable:
            self._bar.console.print(_headline(result))

    def _show(self) -> None:
        self._bar.update(self._task, description=escape(" · ".join(self._running)))


def table(record: RunRecord, width: int) -> Table:
    """Return the table of a run for a terminal of `width` columns.

    One row a claim; the evidence is below the claim's id if it does not fit beside it.
    """
    shown, beside = _bare_table(record.claims, width)
    shown.add_column("verdict", no_wrap=True)
    shown.add_column("claim", no_wrap=beside, overflow="fold", ratio=None if beside else 1)
    if beside:
        shown.add_column("strongest evidence", overflow="fold", ratio=1)
    shown.add_column("figure", justify="right", no_wrap=True)
    shown.add_column("s", justify="right", no_wrap=True)
    for claim in record.claims:
        check = claim.strongest
        evidence = f"{check.method}: {check.summary}" if check else claim.reason
        name = Text(claim.id)
        said = (name, Text(evidence)) if beside else (Group(name, _indented(evidence)),)
        shown.add_row(_verdict_text(claim), *said, _figure(check), f"{claim.seconds:.1f}")
    return shown


def print_run(console: Console, record: RunRecord) -> None:
    """Print the table, everything that needs attention, and the summary line."""
    console.print(table(record, console.width))
    for claim in record.claims:
        if not claim.acceptable:
            console.print()
            console.print(_trouble(claim))
    console.print()
    console.print(summary_line(record))


def print_near_misses(console: Console, record: RunRecord) -> None:
    """Print what each check made of the near misses of its statement, and those it accepted."""
    shown, _ = _bare_table(record.claims, console.width)
    names = ("near misses", "refuted", "open", "refused", "explained", "accepted", "nearest", "s")
    shown.add_column("claim and check", overflow="fold", ratio=1)
    for name in names:
        shown.add_column(name, justify="right")
    tried = 0
    for claim in record.claims:
        for check in claim.checks:
            found = check.near_misses
            if found is None:
                continue
            tried += found.tried
            counts = (found.made, found.refuted, found.undecided, found.refused, found.explained)
            near = "" if found.nearest is None else f"{found.nearest:.2g}"
            cells = (*map(str, counts), str(len(found.accepted)), near, f"{check.seconds:.1f}")
            shown.add_row(Text(f"{claim.id}: {check.name}"), *cells)
    console.print(shown)
    for claim in record.claims:
        for check in claim.checks:
            _print_left(console, claim, check)
    console.print()
    console.print(Text(f"{plural(tried, 'near miss', 'near misses')}. ") + summary_line(record))


def _print_left(console: Console, claim: ClaimResult, check: CheckResult) -> None:
    """Print which near misses a check accepted, which reasons are idle, or why none was tried."""
    name = Text(f"{claim.id}: {check.name}", style="bold")
    found = check.near_misses
    if found is None:
        if not claim.acceptable and check.verdict not in SUPPORTING:
            console.print(name + Text(f"\n  {check.label}: {check.summary}"))
        return
    for miss in found.accepted:
        console.print(name + Text(f"\n  accepts “{miss}”", style="magenta"))
    for reason in found.idle:
        console.print(name + Text(f"\n  the reason for “{reason}” is not needed", style="yellow"))


def print_power(console: Console, outcome: power.Outcome) -> None:
    """Print which errors of the theory one check notices, or why that is not known."""
    line = Text(f"{outcome.claim.id}: {outcome.check.name}", style="bold")
    if outcome.power is not None:
        text = outcome.power.text or NOTHING_USED
        line.append(f"\n  {text} ({outcome.power.seconds:.0f} s)", style="not bold")
    else:
        word, style = ("SKIPPED", "dim") if outcome.skipped else ("not tried", "bold red")
        line.append(f"\n  {word}: {outcome.problem}", style=style)
    console.print(line)


def print_twice(console: Console, record: RunRecord, *, markdown: bool = False) -> None:
    """Print which proved claims resist a second proof, and why."""
    proved = [claim for claim in record.claims if claim.verdict is Verdict.PROVED]
    resisting = [claim for claim in proved if not claim.proved_twice]
    if markdown:
        console.print("| claim | what is proved once only |\n|---|---|", soft_wrap=True)
    for claim in resisting:
        checks = [check for check in claim.checks if check.verdict is Verdict.PROVED]
        found = [check.second or "no identity or inequality" for check in checks]
        if markdown:
            text = " ".join(found).replace("|", r"\|")
            console.print(Text(f"| `{claim.id}` | {text} |"), soft_wrap=True)
        else:
            console.print(Group(Text(claim.id, style="bold"), *map(_indented, found)))
    console.print()
    twice = len(proved) - len(resisting)
    console.print(f"{plural(len(proved), 'claim')} proved, {twice} of them twice.")


def summary_line(record: RunRecord) -> Text:
    """Return one line that counts every verdict by name and says whether the run succeeded."""
    summary = record.summary()
    line = Text(f"{plural(summary['claims'], 'claim')}, {plural(summary['checks'], 'check')}: ")
    separator = ""
    for name, count in summary["verdicts"].items():
        if count:
            line.append(f"{separator}{count} {name}", style=_STYLES[Verdict(name)])
            separator = ", "
    if summary["proved_twice"]:
        line.append(f"; {summary['proved_twice']} proved twice")
    refuted = [c for c in record.claims if c.verdict is c.expected is Verdict.REFUTED]
    if refuted:
        line.append(f" ({len(refuted)} of the refutations expected)")
    if summary["skipped_checks"]:
        line.append(f"; {plural(len(summary['skipped_checks']), 'check')} skipped")
    line.append(f"; {record.seconds:.0f} s. ")
    if record.succeeded and len(summary["skipped"]) == summary["claims"]:
        line.append("No claim was decided.", style="bold yellow")
    elif record.succeeded:
        line.append("Every claim decided has its expected verdict.", style="bold green")
    else:
        bad = len(summary["unexpected"]) + len(summary["toothless"])
        line.append(f"{bad} not as expected or toothless.", style="bold red")
    return line


def print_list(console: Console, claims: Iterable[Claim]) -> None:
    """Print ids, expected verdicts, sources and titles."""
    listed = list(claims)
    shown, beside = _bare_table(listed, console.width)
    shown.add_column("claim", no_wrap=beside, overflow="fold")
    shown.add_column("expected", no_wrap=True)
    for name in ("source", "title") if beside else ():
        shown.add_column(name, overflow="fold")
    for claim in listed:
        expected = Text(claim.expected.value, style=_STYLES[claim.expected])
        if beside:
            shown.add_row(Text(claim.id), expected, Text(claim.source), Text(claim.title))
        else:
            below = _indented(f"{claim.title}; {claim.source}")
            shown.add_row(Group(Text(claim.id), below), expected)
    console.print(shown)


def print_claim(console: Console, claim: Claim, result: ClaimResult | None) -> None:
    """Print one claim as the paper would state it, followed by its evidence if there is any."""
    body: list[Text | Padding] = [Text(claim.sentence)]
    body += map(_indented, split_lines(claim.latex))
    facts = [("Assumes", "; ".join(claim.assumptions)), ("Requires", ", ".join(claim.requires))]
    facts.append(("Not decided", "; ".join(claim.not_decided)))
    if claim.expected is not Verdict.PROVED:
        facts.append(("Expected", claim.expected.value))
    if claim.twin:
        facts.append(("Corrected by", claim.twin))
    body += [Text.assemble((f"{name}: ", "bold"), value) for name, value in facts if value]
    console.print(
        Panel(
            Group(*body),
            title=Text(f"{claim.title}  ({claim.source})"),
            subtitle=Text(claim.id, style="dim"),
            title_align="left",
            subtitle_align="right",
        )
    )
    if result is not None:
        console.print(_headline(result))
        for check in result.checks:
            console.print(Padding(_check_text(check, claim=claim.latex), (1, 0, 0, 2)))


def print_coverage(console: Console, covered: Coverage, *, missing: bool = False) -> None:
    """Print the paper's items with the claims that decide each; or those that are `missing`."""
    for section in covered.sections:
        rows = [row for row in section.rows if row.missing or not missing]
        if rows:
            console.print(Text(section.place.heading, style="bold"))
        for row in rows:
            console.print(Padding(_item_text(row), (0, 0, 0, 2)))
    for identifier, unknown in covered.unknown:
        console.print(Text.assemble((f"{identifier}: ", "bold"), (f"{unknown}", "bold red")))
    counts = {"decided": covered.decided, "not": len(covered.missing)}
    counts["skipped"] = covered.needed - sum(counts.values())
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    line = f"Of {plural(covered.needed, 'item')} that the paper states or shows: {told}; "
    line += f"{covered.unneeded} more are definitions and assumptions."
    console.print(Text(line, style="bold green" if covered.complete else "bold red"))


def _item_text(row: Row) -> Text:
    """Return an item and, below it, what decides it."""
    item = row.item
    text = Text.assemble((item.name, "bold"), "  ", item.words) if item else Text("other claims")
    if row.remark:
        text.append(f"\n  {row.remark}", style="bold red" if row.needed else "dim")
    for decision in (one for alike in row.by_label for one in alike):
        style = _STYLES[Verdict(decision.label)] if decision.acceptable else "bold red"
        mark = "" if decision.acceptable else " !"
        text.append(f"\n  {decision.label + mark:14s}", style=style).append(decision.claim.id)
    return text


def _bare_table(claims: Iterable[Claim | ClaimResult], width: int) -> tuple[Table, bool]:
    """Return a table for `claims`, and whether something readable fits beside their ids."""
    widest = max((len(claim.id) for claim in claims), default=0)
    shown = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1))
    return shown, width - widest >= _ROOM_FOR_EVIDENCE


def _indented(text: str) -> Padding:
    return Padding(Text(text, style="dim"), (0, 0, 0, 2))


def _headline(claim: ClaimResult) -> Text:
    line = Text.assemble(_verdict_text(claim), "  ", (claim.id, "bold"))
    if claim.reason:
        line.append(f"  {claim.reason}")
    return line


def _trouble(claim: ClaimResult) -> Group:
    """Return what a reader needs in order to repair a claim that did not come out as expected."""
    lines: list[Text | Padding] = [_headline(claim)]
    if claim.verdict is not claim.expected:
        lines.append(Text(f"  expected {claim.expected}; defined in {claim.module}"))
    lines += [
        Padding(_check_text(check, brief=True), (0, 0, 0, 2))
        for check in claim.checks
        if check.toothless or check.verdict is claim.verdict
    ]
    return Group(*lines)


def _check_text(check: CheckResult, *, brief: bool = False, claim: str = "") -> Text:
    """Return the evidence of a check, with what it decides where `claim` shows something else."""
    text = Text.assemble((check.label, _STYLES[check.verdict]), "  ", (check.name, "bold"))
    text.append(f"  [{check.method}, {check.seconds:.2f} s]")
    text.append(f"\n  {check.summary}")
    if claim and check.latex not in ("", claim):
        for line in split_lines(check.latex):
            text.append(f"\n  decides {line}")
    if check.bound is not None:
        figure = "none" if check.figure is None else f"{check.figure:.3g}"
        text.append(f"\n  figure {figure}, {check.bound_name} {check.bound:.3g}: {check.reason}")
    for name, value in (check.counterexample or {}).items():
        text.append(f"\n  at {name} = {value}", style="magenta")
    if not brief:
        for number, step in enumerate(check.steps, start=1):
            text.append(f"\n  {number:2d}. {step}", style="dim")
            if reads := check.reads_of(number - 1):
                text.append(f"  (reads {', '.join(reads)})", style="dim")
        if check.second:
            text.append(f"\n  {check.second}", style="dim")
    for variant in check.control:
        outcome = "accepts" if variant.holds else "rejects"
        if not variant.told_apart:
            outcome = "DOES NOT ACCEPT" if variant.must_hold else "DOES NOT REJECT"
        elif variant.holds is not variant.must_hold:
            outcome = "accepts, in place of the statement,"
        text.append(f"\n  control: {outcome} “{variant.variant}”: {variant.summary}", style="dim")
    for found in filter(None, (check.near_misses, check.all_near_misses)):
        text.append(f"\n  {found.text}", style="dim")
        for name in found.accepted:
            text.append(f"\n  near miss: DOES NOT REJECT “{name}”", style="magenta")
    if check.plan:
        text.append(f"\n  plan: {check.plan}", style="dim")
    if check.power is not None and check.power.text:
        text.append(f"\n  smallest errors noticed: {check.power.text}", style="dim")
    if check.seed is not None:
        text.append(f"\n  seed {check.seed}", style="dim")
    if check.location and not brief:
        text.append(f"\n  decided in {check.location}", style="dim")
    if check.output:
        text.append("\n  printed: " + check.output.strip().replace("\n", "\n    "), style="dim")
    return text


def _verdict_text(claim: ClaimResult) -> Text:
    if claim.toothless:
        return Text(claim.label, style="bold red")
    mark = "" if claim.acceptable else " !"
    return Text(claim.label + mark, style=_STYLES[claim.verdict])


def _figure(check: CheckResult | None) -> str:
    if check is None or check.figure is None or check.method == "symbolic":
        return ""
    return f"{check.figure:.2g}"
