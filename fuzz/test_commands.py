"""Every command line, in this process, with drawn options: status 0, 1 or 2, and no traceback."""

import contextlib
import io
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz import __main__ as fuzz_main
from fuzz.depth import fuzzes
from mutation import run as mutation_run
from numerics import __main__ as numerics_main
from regression import check as regression_check
from verify import __main__ as verify_main
from verify.figures import __main__ as figures_main

FAST_CLAIMS = ["implicit-bias.penalty-zero-and-convex", "network.readout-over-root-two"]
WORDS = [
    "", "-1", "0", "1", "2", "0.5", "1e-3", "nan", "inf", "-inf", "1e400", "0.1:0.5:3", "1:2", "a",
    "é", "\x00", "--", "-h", "--help", "*", "/", "..", "none/such", "0.1,0.2", "sign", "gaussian",
    "quick", "[red]", "%s", "{}", "$HOME",
]  # fmt: skip
word = st.one_of(st.sampled_from(WORDS), st.text(max_size=5))
value = st.one_of(
    st.sampled_from(["0.1", "0.5", "1e-3", "0", "0.9", "0.2", "1"]),
    st.sampled_from(["0.1", "0.5", "1e-3", "0", "0.9", "0.2", "1"]),
    st.floats(0.0, 1.0).map(repr),
    word,
)
files = st.sampled_from(["out.csv", "out.json", "out.png", "folder", "new/out.csv", "", "out.x"])


def _run(main, arguments):
    """Return the status of a command line in a folder of its own; whatever it prints is kept."""
    here = Path.cwd()
    folder = Path(tempfile.mkdtemp(prefix="command-"))
    (folder / "folder").mkdir()
    printed = io.StringIO()
    try:
        os.chdir(folder)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                status = main(arguments)
            except SystemExit as error:  # argparse
                status = error.code
    finally:
        os.chdir(here)
        shutil.rmtree(folder)
    assert status in (0, 1, 2), f"status {status} of {arguments}"
    assert "Traceback" not in printed.getvalue()
    if status == 2:
        assert printed.getvalue(), "bad usage must be reported"
    return status


@st.composite
def options(draw, names, required=()):
    """Some options, each with a value; the required ones nearly always."""
    chosen = [name for name in required if draw(st.integers(0, 30))]
    chosen += [name for name in names if draw(st.integers(0, 2)) == 0]
    arguments = []
    for name in draw(st.permutations(chosen)):
        arguments += [name, draw(names[name])] if names[name] is not None else [name]
    if draw(st.integers(0, 15)) == 0:
        arguments.insert(draw(st.integers(0, len(arguments))), draw(word))
    return arguments


TASK = {
    "--rho-pt": value,
    "--rho-ft": value,
    "--overlap": value,
    "--single-task": value,
    "--slab": st.sampled_from(["sign", "gaussian", "sign", "gaussian", "cauchy"]),
    "--noise-variance": value,
    "--ridge": value,
    "--alpha": st.one_of(value, st.sampled_from(["0.1:0.9:3", "0.1,0.2", "0.5", "0.01:0.5:4"])),
    "--c": value,
    "--lam": value,
    "--gamma": value,
    "--csv": files,
    "--json": files,
}


PRETRAINING = {
    "--alpha-pt": st.one_of(value, st.sampled_from(["0.3", "0.9", "1.5", "inf"])),
    "--noise-pt": value,
    "--ridge-pt": value,
    "--pt-slab": st.sampled_from(["sign", "gaussian", "sign", "gaussian", "zero"]),
}


@fuzzes(2500, numerics_main.main)
@given(
    command=st.sampled_from(["curve", "curve", "curve", "curve", "curves", ""]),
    arguments=options(TASK, required=("--alpha", "--c", "--rho-pt", "--rho-ft", "--overlap")),
)
def test_curves(command, arguments):
    _run(numerics_main.main, [command, *arguments])


@fuzzes(200, numerics_main.main)
@given(
    arguments=options(TASK, required=("--alpha", "--c", "--rho-pt", "--rho-ft", "--overlap")),
    certify=st.sampled_from([["--certify"], ["--certify"], ["--certify", "5"], ["--certify", "x"]]),
    extra=st.sampled_from([[], [], [], ["--alpha-pt", "0.3"], ["--alpha-pt", "inf"]]),
)
def test_certified_curves(arguments, certify, extra):
    _run(numerics_main.main, ["curve", *arguments, *certify, *extra])


@fuzzes(200, numerics_main.main)
@given(
    arguments=options(
        TASK | PRETRAINING,
        required=("--alpha", "--c", "--rho-pt", "--rho-ft", "--overlap", "--alpha-pt"),
    )
)
def test_curves_after_pretraining_on_data(arguments):
    _run(numerics_main.main, ["curve", *arguments])


@fuzzes(60, numerics_main.main)
@given(
    arguments=options(
        {
            **{name: draw for name, draw in TASK.items() if name != "--single-task"},
            **PRETRAINING,
            "--budget": value,
            "--price-pt": value,
            "--price-ft": value,
            "--noise-convention": st.sampled_from(["1/n", "1/d", "1"]),
        },
        required=("--rho-pt", "--rho-ft", "--overlap", "--c"),
    )
)
def test_exchanges(arguments):
    _run(numerics_main.main, ["exchange", *arguments])


@fuzzes(25, numerics_main.main)
@given(
    arguments=options(
        {
            **TASK,
            **{name: PRETRAINING[name] for name in ("--alpha-pt", "--noise-pt")},
            "--starts": st.sampled_from(["4", "0", "-1", "x"]),
            "--seed": value,
            "--plot": files,
        },
        required=("--alpha", "--rho-pt", "--rho-ft", "--overlap"),
    )
)
def test_best_init(arguments):
    if "--starts" not in arguments:
        arguments = [*arguments, "--starts", "4"]
    _run(numerics_main.main, ["best-init", *arguments])


@fuzzes(12, numerics_main.main)
@given(path=files)
def test_plots(path):
    fixed = [
        "--rho-pt",
        ".1",
        "--rho-ft",
        ".1",
        "--overlap",
        ".5",
        "--c",
        "1",
        "--alpha",
        ".1:.5:3",
    ]
    _run(numerics_main.main, ["curve", *fixed, "--plot", path])


SELECTION = st.one_of(st.sampled_from([*FAST_CLAIMS, "none.such", "network.[", "*.nothing"]), word)


@fuzzes(250, verify_main.main)
@given(
    command=st.sampled_from(["list", "show", "report", "run", "decide"]),
    arguments=options(
        {
            "--only": SELECTION,
            "--claims": st.sampled_from(
                ["no.such.package", "math", "tests.verify.sample_claims", ""]
            ),
            "--tier": st.sampled_from(["quick", "full", "slow"]),
            "--statement": None,
            "--record": files,
            "--html": files,
            "--json": files,
            "--jobs": st.sampled_from(["0", "-1", "x", "1e3"]),
            "--limit-factor": st.sampled_from(["0", "-1", "nan", "x"]),
        }
    ),
    position=st.one_of(SELECTION, files),
)
def test_verify_without_a_run(command, arguments, position):
    """All that ends before a worker starts; runs are drawn below, as each takes a second."""
    if command == "run":
        arguments = [*arguments, "--jobs", "0"]
    elif command == "show":
        arguments = [*arguments, position, "--statement"]
    elif command == "report":
        arguments = [*arguments, position]
    _run(verify_main.main, [command, *arguments])


@fuzzes(6, verify_main.main)
@given(
    claim=st.sampled_from(FAST_CLAIMS),
    extra=st.lists(
        st.sampled_from([["--json", "a.json"], ["--html", "a.html"], ["--jobs", "1"]]), max_size=3
    ),
)
def test_runs(claim, extra):
    assert (
        _run(verify_main.main, ["run", "--only", claim, *(word for pair in extra for word in pair)])
        == 0
    )


@fuzzes(300, figures_main.main)
@given(
    names=st.lists(
        word.filter(lambda w: w not in figures_main.FIGURES and w), min_size=1, max_size=2
    )
)
def test_figures_that_are_not_there(names):
    status = _run(figures_main.main, names)
    assert status == 2 or {"-h", "--help", "--"} & set(names)


@fuzzes(300, regression_check.main)
@given(
    arguments=st.lists(
        st.one_of(st.sampled_from(["--table", "--jobs", "--worst"]), word), max_size=3
    )
)
def test_the_golden_table(arguments):
    if not arguments or all(word in ("--", "") for word in arguments):
        return
    _run(lambda drawn: regression_check.main(["--table", "none/such.json", *drawn]), arguments)


@fuzzes(300, mutation_run.main, fuzz_main.main)
@given(arguments=st.lists(word, min_size=1, max_size=3))
def test_sessions_refuse_what_they_do_not_know(arguments):
    assert _run(fuzz_main.main, ["--depth", "-1", *arguments]) in (0, 2)
    _run(mutation_run.main, ["--count", "x", *arguments])


STORE = {
    "--store": st.sampled_from(["a.sqlite", "folder", "none/such.sqlite", "", "a.sqlite"]),
    "--scale": st.sampled_from(["smoke", "huge", ""]),
    "--executor": st.sampled_from(["serial", "threads", "dask:nowhere", "processes:2", ""]),
    "--jobs": st.sampled_from(["1", "0", "-2", "x"]),
    "--limit": st.sampled_from(["nan", "-1", "0", "x"]),
    "--sweep": word,
    "--csv": files,
    "--attempts": files,
    "--json": None,
    "--tracebacks": None,
}


@fuzzes(800)
@given(
    command=st.sampled_from(["run", "status", "export", "retry", "erase"]),
    experiment=st.one_of(st.sampled_from(["no:such", "math:pi", "os:getcwd", "json:dumps"]), word),
    arguments=options(STORE, required=("--store",)),
)
def test_sweeps(command, experiment, arguments):
    main = pytest.importorskip("empirics.__main__").main
    positional = [experiment] if command == "run" else []
    _run(main, [command, *positional, *arguments])
