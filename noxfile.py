"""Sessions: `nox -s verify` decides every statement; `nox -l` lists the rest.

Each session is a few commands; arguments after `--` are passed on to the last one.
"""

import nox

nox.needs_version = ">=2024.10.9"
# pip, not uv: the pinned CPU build of torch may lie where only pip looks for it.
nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["verify"]

PYPROJECT = nox.project.load_toml("pyproject.toml")


def group(name: str) -> list[str]:
    """Return the requirements of a dependency group, in a way that any version of pip can use."""
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session
def verify(session: nox.Session) -> None:
    """Decide the claims of the quick tier; table, results/verify.json, .html and .xml."""
    session.install("-e", ".")
    session.run(
        "python", "-m", "verify", "run",
        "--json", "results/verify.json", "--html", "results/verify.html",
        "--junit", "results/verify.xml", *session.posargs,
    )  # fmt: skip


@nox.session
def tests(session: nox.Session) -> None:
    """Run the test suite."""
    session.install("-e", ".", *group("tests"))
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session(default=False)
def lint(session: nox.Session) -> None:
    """Check format, style and the import arrows."""
    session.install("-e", ".", *group("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session(default=False)
def types(session: nox.Session) -> None:
    """Check types."""
    session.install("-e", ".", *group("types"))
    session.run("mypy", *session.posargs)


@nox.session(default=False)
def regress(session: nox.Session) -> None:
    """Hold float64, mpmath and enclosures to the committed table of 50-digit values."""
    session.install("-e", ".")
    session.run("python", "-m", "regression.check", *session.posargs)


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Change one sign or constant at a time; every change must be noticed."""
    session.install("-e", ".", *group("tests"))
    session.run("python", "-m", "mutation.run", *session.posargs)


@nox.session(default=False)
def falsify(session: nox.Session) -> None:
    """Put every near miss of the statements to the checks that decide them (`-- --changed`)."""
    session.install("-e", ".")
    session.run("python", "-m", "verify", "falsify", *session.posargs)


@nox.session(default=False)
def power(session: nox.Session) -> None:
    """Put checks to wrong theories; keep the smallest errors that they notice (`-- --changed`)."""
    session.install("-e", ".")
    session.run("python", "-m", "verify", "power", *session.posargs)


@nox.session(default=False)
def crosscheck(session: nox.Session) -> None:
    """Compare the independent solvers with each other, at length."""
    session.install("-e", ".")
    session.run(
        "python", "-m", "verify", "run", "--tier", "full", "--only", "crosscheck.*",
        "--json", "results/crosscheck.json", "--html", "results/crosscheck.html", *session.posargs,
    )  # fmt: skip


@nox.session(default=False)
def empirics(session: nox.Session) -> None:
    """Confirm the theory in trained networks, and test what trains them (installs torch)."""
    session.install("-e", ".[torch]", *group("tests"))
    session.run(
        "python", "-m", "pytest", "-q", "tests/empirics", "tests/test_docs.py",
        "tests/verify/claims/training", "tests/verify/claims/vision",
    )  # fmt: skip
    session.run(
        "python", "-m", "verify", "run", "--only", "training.*", "--only", "vision.*",
        "--json", "results/training.json", "--html", "results/training.html", *session.posargs,
    )  # fmt: skip


@nox.session(default=False)
def kills(session: nox.Session) -> None:
    """Kill sweeps 20 times each, serial, in processes and on Dask; nothing may be lost."""
    session.install("-e", ".", *group("tests"))
    session.run(
        "python", "-m", "pytest", "-m", "slow",
        "tests/empirics/sweep/test_kill.py", *session.posargs,
    )  # fmt: skip


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Try the report in headless Chromium (of Debian's package chromium), with axe-core."""
    session.install("-e", ".", *group("tests"), *group("browser"))
    session.run("python", "-m", "pytest", "tests/browser", *session.posargs)


@nox.session(default=False)
def picture(session: nox.Session) -> None:
    """Make docs/report.png, the README's picture, from the page of the last `nox -s verify`."""
    session.install("-e", ".", *group("tests"), *group("browser"))
    session.run("python", "-m", "tests.browser.picture", "results/verify.html", "docs/report.png")


@nox.session(default=False)
def figures(session: nox.Session) -> None:
    """Draw the figures, with the data that they show, into results/figures."""
    session.install("-e", ".")
    session.run("python", "-m", "verify.figures", "--out", "results/figures", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure speed and memory, as ratios inside one run; `-- training` runs that one alone.

    Those of training and vision need torch, which is installed only if one is named alone.
    """
    first = session.posargs[:1]
    alone = first[0] if first and first[0].isidentifier() else None
    session.install("-e", ".[torch]" if alone in ("training", "vision") else ".", *group("bench"))
    session.run(
        "python", "-m", "pytest", f"benchmarks/test_{alone}_bench.py" if alone else "benchmarks",
        *session.posargs[1 if alone else 0 :],
    )  # fmt: skip


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the handbook into results/docs; a warning is an error."""
    session.install("-e", ".", *group("docs"))
    session.run(
        "python", "-m", "sphinx", "-W", "--keep-going", "-d", "results/docs/.doctrees",
        *session.posargs, "docs", "results/docs",
    )  # fmt: skip


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Try every public function and command-line option with drawn arguments, at depth."""
    session.install("-e", ".", *group("fuzz"))
    session.run("python", "-m", "fuzz", *session.posargs)


@nox.session(default=False)
def dist(session: nox.Session) -> None:
    """Build wheel and sdist, and use both outside the checkout."""
    session.install("-e", ".", *group("dist"))
    session.run(
        "python", "-m", "pytest", "-m", "distribution", "tests/test_distribution.py",
        *session.posargs,
    )  # fmt: skip
