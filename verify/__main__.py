"""Command line: `python -m verify run | falsify | power | list | show | coverage | twice | report`.

Exit status: 0 if every claim has its expected verdict and no check is toothless (what is skipped
is named, not passed), 1 otherwise, 2 for bad usage.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console

from empirics.processes import positive_int
from verify import registry, report
from verify.claim import TIERS, Claim
from verify.figures.page import report_figures
from verify.report import terminal
from verify.report.coverage import coverage
from verify.report.drawing import drawing
from verify.report.pictures import NOT_DRAWN, Picture, pictures
from verify.run import ledger, power, runner
from verify.run.record import ClaimResult, RunRecord

SUCCESS, FAILURE, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # A character that the terminal cannot encode is shown by its code; it must not end a run.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    console = Console(highlight=False, emoji=False, markup=False)
    errors = Console(stderr=True, highlight=False, emoji=False, markup=False)
    try:
        status: int = options.command(options, console)
    except registry.RegistryError as error:
        errors.print(f"verify: {error}")
        return FAILURE
    except (ValueError, OSError) as error:
        errors.print(f"verify: {error}")
        return USAGE
    except KeyboardInterrupt as error:
        when = f" {error}" if str(error) else ""
        errors.print(f"verify: interrupted{when}; no record was written")
        return FAILURE
    return status


def _run(options: argparse.Namespace, console: Console) -> int:
    chosen = runner.Options(
        tier=options.tier,
        only=tuple(options.only),
        jobs=options.jobs,
        packages=_packages(options),
        limit_factor=options.limit_factor,
    )
    for path in (options.json, options.html, options.junit):
        _require_writable(path)
    whole = not options.only and not options.claims
    folder = _figures_folder(options) if whole and options.html is not None else None
    figures = drawing(folder) if folder is not None else contextlib.nullcontext(lambda: "")
    with figures as finish:
        with terminal.LiveProgress(console) as progress:
            record = runner.run(chosen, progress)
        # The record first: it must not be lost if printing fails.
        if options.json is not None:
            record.write(options.json)
        terminal.print_run(console, record)
        if options.json is not None:
            console.print(f"record: {options.json}")
        problem = finish()
    if problem:
        console.print(f"figures: not all could be drawn: {problem}")
    _write_reports(options, record, console)
    return SUCCESS if record.succeeded else FAILURE


def _write_reports(options: argparse.Namespace, record: RunRecord, console: Console) -> None:
    """Write the page and the JUnit file that were asked for."""
    if options.html is not None:
        report.write(record, options.html, _pictures(options))
        console.print(f"page: {options.html}")
    if options.junit is not None:
        report.write_junit(record, options.junit)
        console.print(f"JUnit: {options.junit}")


def _figures_folder(options: argparse.Namespace) -> Path | None:
    """Return the folder of the page's figures: the one named, or `figures` beside the page."""
    if options.no_figures:
        return None
    folder: Path = options.figures or options.html.parent / "figures"
    return folder


def _pictures(options: argparse.Namespace) -> tuple[Picture, ...]:
    """Return the figures in the folder, and if there are any, the report's missing ones too."""
    folder = _figures_folder(options)
    shown = pictures(folder, names=[figure.name for figure in report_figures()])
    found = any(picture.problem != NOT_DRAWN for picture in shown)
    if options.figures is not None and not found:
        raise ValueError(
            f"figures must be in {folder}, got none; `python -m verify.figures` draws them"
        )
    return shown if found else ()


def _list(options: argparse.Namespace, console: Console) -> int:
    loaded = registry.load(_packages(options))
    terminal.print_list(console, registry.select(loaded, tuple(options.only), "full"))
    broken = registry.select_broken(loaded, options.only)
    for module in broken:
        console.print(f"{module} cannot be imported: {loaded.broken[module]}")
    return FAILURE if broken else SUCCESS


def _show(options: argparse.Namespace, console: Console) -> int:
    chosen = runner.Options(tier=options.tier, only=(options.id,), packages=_packages(options))
    if options.record is None and not options.statement:
        runner.start_server(chosen)
    loaded = registry.load(_packages(options), (options.id,))
    if options.id not in loaded:
        loaded = registry.load(_packages(options))
        near = [name for name in loaded.claims if options.id.split(".")[-1] in name]
        hint = f"; is it one of {', '.join(near)}?" if near else "; `list` names them all"
        for module in registry.select_broken(loaded, [options.id]):
            hint = f"; {module} cannot be imported: {loaded.broken[module]}"
        raise ValueError(f"no claim has the id {options.id!r}{hint}")
    claim = loaded[options.id]
    result = None
    if options.record is not None:
        recorded = {found.id: found for found in RunRecord.read(options.record).claims}
        result = recorded.get(claim.id)
        if result is None:
            raise ValueError(f"{options.record} holds no result for {claim.id}")
    elif not options.statement:
        with terminal.LiveProgress(console, announce=False) as progress:
            decided = runner.run(chosen, progress).claims
        result = decided[0] if decided else None
    terminal.print_claim(console, claim, result)
    return SUCCESS if result is None or result.acceptable else FAILURE


def _falsify(options: argparse.Namespace, console: Console) -> int:
    if options.changed and options.only:
        raise ValueError("--changed chooses the claims itself, got --only as well")
    only = tuple(options.only)
    if options.changed:
        only = tuple(ledger.changed(registry.load(_packages(options)), options.tier))
        if not only:
            console.print("no statement has changed since its near misses were tried")
            return SUCCESS
    chosen = runner.Options(
        tier=options.tier,
        only=only,
        jobs=options.jobs,
        packages=_packages(options),
        near_misses="all",
        limit_factor=options.limit_factor,
    )
    with terminal.LiveProgress(console) as progress:
        record = runner.run(chosen, progress)
    if options.json is not None:
        record.write(options.json)
    terminal.print_near_misses(console, record)
    if options.update:
        ledger.update(record)
    return SUCCESS if record.succeeded and not _idle(record) else FAILURE


def _idle(record: RunRecord) -> bool:
    checks = [check for claim in record.claims for check in claim.checks]
    return any(check.near_misses and check.near_misses.idle for check in checks)


def _power(options: argparse.Namespace, console: Console) -> int:
    if options.markdown:
        console.print(power.markdown(), soft_wrap=True)
        return SUCCESS
    loaded = registry.load(_packages(options), options.only)
    claims = registry.select(loaded, options.only, options.tier)
    pairs = power.chosen(loaded, claims, options.tier)
    if not (options.only or options.claims):
        power.prune(loaded)
    if options.changed:
        pairs = power.due(loaded, pairs)
        if not pairs:
            console.print("no claim has changed since its checks were put to wrong theories")
            return SUCCESS
    jobs, factor = options.jobs or os.cpu_count() or 1, options.limit_factor
    failed = 0
    try:
        for outcome in power.run(loaded, pairs, jobs=jobs, limit_factor=factor):
            terminal.print_power(console, outcome)
            failed += bool(outcome.problem) and not outcome.skipped
    except KeyboardInterrupt:
        raise KeyboardInterrupt("(what was found is kept, and --changed does the rest)") from None
    return FAILURE if failed else SUCCESS


def _coverage(options: argparse.Namespace, console: Console) -> int:
    claims: Iterable[Claim | ClaimResult]
    if options.record is not None:
        claims, broken = RunRecord.read(options.record).claims, {}
    else:
        claims = loaded = registry.load(_packages(options))
        broken = loaded.broken
    covered = coverage(claims)
    terminal.print_coverage(console, covered, missing=options.missing)
    for module, problem in broken.items():
        console.print(f"{module} cannot be imported: {problem}")
    return SUCCESS if covered.complete and not broken else FAILURE


def _twice(options: argparse.Namespace, console: Console) -> int:
    terminal.print_twice(console, RunRecord.read(options.record), markdown=options.markdown)
    return SUCCESS


def _report(options: argparse.Namespace, console: Console) -> int:
    for path in (options.html, options.junit):
        _require_writable(path)
    record = RunRecord.read(options.record)
    terminal.print_run(console, record)
    _write_reports(options, record, console)
    return SUCCESS if record.succeeded else FAILURE


def _packages(options: argparse.Namespace) -> tuple[str, ...]:
    return tuple(options.claims or (registry.DEFAULT_PACKAGE,))


def _require_writable(path: Path | None) -> None:
    """Refuse a bad output path before the run, not after it."""
    if path is None:
        return
    if path.is_dir():
        raise ValueError(f"output must be a file, got the folder {path}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch()
            path.unlink()
        elif not os.access(path, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ValueError(f"{path} cannot be written: {error.strerror}") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m verify",
        description="Decide the statements of the theory, and show the evidence.",
        epilog=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = "run | falsify | power | list | show | coverage | twice | report"
    commands = parser.add_subparsers(required=True, metavar=names)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--claims",
        action="append",
        metavar="PACKAGE",
        help=f"package or module that registers claims (default: {registry.DEFAULT_PACKAGE})",
    )
    tier = argparse.ArgumentParser(add_help=False)
    tier.add_argument(
        "--tier", choices=TIERS, default="quick", help="which checks (default: quick)"
    )
    only = argparse.ArgumentParser(add_help=False)
    only.add_argument(
        "--only", action="append", default=[], metavar="GLOB", help="claims by id; repeatable"
    )
    html = argparse.ArgumentParser(add_help=False)
    html.add_argument("--html", type=Path, metavar="FILE", help="write the page here")
    html.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML here")
    figures = html.add_mutually_exclusive_group()
    figures.add_argument(
        "--figures",
        type=Path,
        metavar="FOLDER",
        help="the page's figures (default: figures beside the page, where a whole run draws them)",
    )
    figures.add_argument(
        "--no-figures", action="store_true", help="neither draw figures nor show any"
    )

    run = commands.add_parser("run", parents=[common, tier, only, html], help="decide the claims")
    run.add_argument("--json", type=Path, metavar="FILE", help="write the record here")
    run.add_argument("--jobs", type=positive_int, metavar="N", help="processes (default: cores)")
    run.add_argument(
        "--limit-factor",
        type=float,
        default=1.0,
        metavar="X",
        help="multiply every time limit, for a slow machine (default: 1)",
    )
    run.set_defaults(command=_run)

    tried = commands.add_parser(
        "falsify",
        parents=[common, tier, only],
        help="put every near miss of the statements to the checks that decide them",
    )
    tried.add_argument(
        "--changed", action="store_true", help="claims changed since they were tried"
    )
    tried.add_argument("--update", action="store_true", help="keep the counts for the page")
    tried.add_argument("--json", type=Path, metavar="FILE", help="write the record here")
    tried.add_argument("--jobs", type=positive_int, metavar="N", help="processes (default: cores)")
    tried.add_argument(
        "--limit-factor", type=float, default=1.0, metavar="X", help="multiply every time limit"
    )
    tried.set_defaults(command=_falsify)

    wrong = commands.add_parser(
        "power",
        parents=[common, tier, only],
        help="put checks to theories that are wrong by more and more, and keep what they notice",
        description="Find the smallest error of the theory that each statistical check notices, "
        "and each check of numbers that uses a solution of the theory; verify/power.json keeps it. "
        "Exit status 1: a check could not be tried.",
    )
    wrong.add_argument(
        "--changed", action="store_true", help="only what is due: never tried, or changed since"
    )
    wrong.add_argument(
        "--markdown", action="store_true", help="try nothing: print the table of the handbook"
    )
    wrong.add_argument("--jobs", type=positive_int, metavar="N", help="processes (default: cores)")
    wrong.add_argument(
        "--limit-factor",
        type=float,
        default=1.0,
        metavar="X",
        help=f"multiply the time limit of a check, {power.LIMIT:g} s",
    )
    wrong.set_defaults(command=_power)

    listing = commands.add_parser("list", parents=[common, only], help="name the claims")
    listing.set_defaults(command=_list)

    show = commands.add_parser(
        "show", parents=[common, tier], help="state one claim, decide it, and show the evidence"
    )
    show.add_argument("id", metavar="ID")
    source = show.add_mutually_exclusive_group()
    source.add_argument("--record", type=Path, metavar="FILE", help="take the evidence from here")
    source.add_argument("--statement", action="store_true", help="state only, decide nothing")
    show.set_defaults(command=_show)

    covering = commands.add_parser(
        "coverage",
        help="lay the claims beside what the paper states",
        description="Print every item of the paper with the claims whose source names it, and "
        "their verdicts: the expected ones, or those of a record. Exit status 1: something that "
        "the paper states has no claim, or a source names what the paper does not have.",
    )
    origin = covering.add_mutually_exclusive_group()
    origin.add_argument(
        "--claims",
        action="append",
        metavar="PACKAGE",
        help=f"package or module that registers claims (default: {registry.DEFAULT_PACKAGE})",
    )
    origin.add_argument("--record", type=Path, metavar="FILE", help="take the verdicts from here")
    covering.add_argument(
        "--missing", action="store_true", help="only what is stated and has no claim"
    )
    covering.set_defaults(command=_coverage)

    twice = commands.add_parser(
        "twice", help="name the claims whose proofs a second prover did not prove again, and why"
    )
    twice.add_argument("record", type=Path, metavar="FILE.json")
    twice.add_argument("--markdown", action="store_true", help="print a table for the handbook")
    twice.set_defaults(command=_twice)

    shown = commands.add_parser("report", parents=[html], help="show a record")
    shown.add_argument("record", type=Path, metavar="FILE.json")
    shown.set_defaults(command=_report)
    return parser


if __name__ == "__main__":
    sys.exit(main())
