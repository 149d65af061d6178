"""Wheel and sdist: built, installed into fresh environments, and used outside the checkout.

Not part of `nox -s tests`, as it installs everything twice: `nox -s dist`.
"""

import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

from tests.documents import ROOT

pytestmark = pytest.mark.distribution
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PACKAGES = ("theory", "numerics", "empirics", "verify")


def _run(*command, folder):
    process = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        # No PYTHONPATH: what is used is what was installed.
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "100", "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert process.returncode == 0, f"{command}\n{process.stdout}\n{process.stderr}"
    return process.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Build both from a copy of what git tracks: nothing that lies about gets in."""
    source = tmp_path_factory.mktemp("source")
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--outdir", str(out), str(source)], check=True, timeout=1800
    )
    (wheel,) = out.glob("*.whl")
    (sdist,) = out.glob("*.tar.gz")
    return wheel, sdist


def _environment(folder: Path, artefact: Path) -> Path:
    venv.create(folder, with_pip=True)
    python = folder / "bin/python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", str(artefact)], check=True, timeout=1800
    )
    return python


@pytest.fixture(scope="module", params=["wheel", "sdist"])
def python(request, built, tmp_path_factory):
    artefact = built[request.param == "sdist"]
    return _environment(tmp_path_factory.mktemp("environment") / "venv", artefact)


def test_names_carry_the_version(built):
    for artefact in built:
        assert artefact.name.startswith(f"finetuning_bias-{PROJECT['version']}")


def test_the_wheel_holds_the_packages_and_their_data_only(built):
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {name for name in tops if not name.endswith(".dist-info")} == set(PACKAGES)
    data = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".html", ".css", ".js", ".json", ".csv") or path.name == "py.typed"
    }
    assert data <= set(names)
    assert "verify/report/templates/page.html" in data
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_sdist_can_be_tested(built):
    with tarfile.open(built[1]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    wanted = {"README.md", "CHANGELOG.md", "CITATION.cff", "noxfile.py", "tests/test_readme.py"}
    wanted |= {"regression/table.json", "docs/index.md", "mutation/equivalent.json"}
    assert wanted <= names


def test_every_package_imports_from_the_environment(python, tmp_path):
    listing = _run(
        python,
        "-c",
        "import importlib, pkgutil, sys\n"
        f"for name in {PACKAGES!r}:\n"
        "    package = importlib.import_module(name)\n"
        "    assert 'site-packages' in package.__file__, package.__file__\n"
        "    for info in pkgutil.walk_packages(package.__path__, name + '.'):\n"
        "        if 'vision' not in info.name and 'dask' not in info.name:\n"
        "            importlib.import_module(info.name)\n"
        "            print(info.name)\n",
        folder=tmp_path,
    )
    assert "verify.claims.network.flow" in listing.split()


def test_an_error_curve(python, tmp_path):
    task = [
        "--rho-pt",
        ".1",
        "--rho-ft",
        ".1",
        "--overlap",
        ".5",
        "--c",
        "1e-3",
        "--alpha",
        ".2,.4",
    ]
    output = _run(python, "-m", "numerics", "curve", *task, folder=tmp_path)
    assert re.search(r"^0\.2 +0\.37187809", output, flags=re.M)


def test_claims_are_listed_decided_and_reported(python, tmp_path):
    assert "regimes.lorder-bounds" in _run(python, "-m", "verify", "list", folder=tmp_path)
    output = _run(
        python, "-m", "verify", "run", "--only", "regimes.lorder-bounds", "--only", "network.flow",
        "--json", "a.json", "--html", "a.html", folder=tmp_path,
    )  # fmt: skip
    assert "regimes.lorder-bounds" in output
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<math" in page
    output = _run(python, "-m", "verify", "show", "network.flow", folder=tmp_path)
    assert "PROVED" in output


def test_recorded_data_come_along(python, tmp_path):
    output = _run(
        python,
        "-c",
        "from importlib.resources import files\n"
        "print(*(path.name for path in files('empirics').joinpath('recorded').iterdir()))",
        folder=tmp_path,
    )
    recorded = ROOT / "empirics/recorded"
    tracked = {path.name for kind in ("csv", "json") for path in recorded.glob(f"*.{kind}")}
    assert tracked <= set(output.split())


def test_the_citation_is_valid(tmp_path):
    program = Path(sys.executable).parent / "cffconvert"
    output = _run(program, "--validate", "-i", ROOT / "CITATION.cff", folder=tmp_path)
    assert "valid" in output.lower()
