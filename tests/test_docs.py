"""What the README and the handbook show is what happens; see `tests.documents` for the rules."""

import ast
import re
from pathlib import Path

import pytest

from tests.documents import (
    NOT_RUN,
    PAGES,
    ROOT,
    Block,
    Command,
    DocumentError,
    agrees,
    blocks,
    commands,
    parse_arguments,
    parse_command,
    run_command,
    sessions,
    try_page,
)

HANDBOOK = [page for page in PAGES if page.startswith("docs/")]
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES)
def test_all_that_a_page_shows_works(page, tmp_path):
    assert blocks(page) or page in ("CONTRIBUTING.md", *HANDBOOK)
    try_page(page, tmp_path)


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [link.partition("#")[0] for link in LINK.findall(text)]
    for target in targets:
        if target and "://" not in target:
            assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_every_page_of_the_handbook_is_in_its_contents():
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^([\w/-]+)$", index, flags=re.M))
    written = {
        path.relative_to(ROOT / "docs").with_suffix("").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    }
    assert written - {"index"} == listed & written


def test_every_package_is_in_the_reference():
    for package in ("theory", "numerics", "empirics", "verify"):
        page = (ROOT / f"docs/api/{package}.md").read_text(encoding="utf-8")
        assert f".. package:: {package}" in page


def test_quoted_commands_of_a_block_that_is_not_run_are_parsed(tmp_path):
    shown = f"```console\n{NOT_RUN} hours\n$ python -m verify run --tier full --jobs 8\n```\n"
    try_page("page.md", tmp_path, shown)
    with pytest.raises(DocumentError, match="invalid choice"):
        try_page("page.md", tmp_path, shown.replace("full", "fullest"))


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("python -m verify run --no-such-option", "unrecognized arguments"),
        ("nox -s verify -- --teir full", "unrecognized arguments"),
        ("nox -s no-such-session", "no session"),
        ("python3 -m pip install nox && nox -s nothing", "no session"),
        ("pip install -e '.[cuda]'", "no extra"),
        ("pip install -e . --group testing", "no dependency group"),
        ("python -m no_such_module", "no module"),
        ("python -m pytest tests/test_nothing.py", "no such tests"),
        ("rm -rf .", "may not name the program"),
        ("python script.py", "must be given a module"),
    ],
)
def test_commands_that_would_not_run_are_refused(text, match, tmp_path):
    with pytest.raises(DocumentError, match=match):
        parse_command(Command("page.md:1", text, "", 0, False), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "python3 -m pip install nox && nox -s verify",
        "nox -s verify -- --tier full --only 'network.*'",
        "nox -s lint types tests",
        "OMP_NUM_THREADS=1 python -m verify run --jobs $CORES > log.txt 2>&1 &",
        "python -m numerics curve --alpha 0.1:0.5:9 --c 1e-3 --rho-pt .1 | tee curve.txt",
        "pip install -e '.[torch,dask]' --group tests",
    ],
)
def test_commands_that_would_run_are_accepted(text, tmp_path):
    parse_command(Command("page.md:1", text, "", 0, False), tmp_path)


def test_shown_output_and_status_are_held_to_the_truth(tmp_path):
    run_command(Command("page.md:1", "echo one two", "one ...", 0, True), tmp_path)
    with pytest.raises(DocumentError, match="where the page shows"):
        run_command(Command("page.md:1", "echo one two", "two", 0, True), tmp_path)
    with pytest.raises(DocumentError, match="exit status 3, not 0"):
        run_command(Command("page.md:1", "exit 3", "", 0, True), tmp_path)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("one two three", True),
        ("one\n  two   three", True),
        ("...", True),
        ("one ... three", True),
        ("one ... two three", True),
        ("... two ...", True),
        ("one", False),
        ("two ...", False),
        ("... two", False),
        ("... three ... two ...", False),
        ("one two ... two three", False),
        ("... two ... two ...", False),
    ],
)
def test_dots_stand_for_anything(shown, expected):
    assert agrees("one  two\nthree\n", shown) is expected


def test_a_console_block_splits_into_commands_output_and_status():
    text = "$ first \\\n>   --option\nprinted\n$ second\n(exit status 1)\n"
    first, second = commands(Block("page.md", 10, "console", text))
    assert (first.text, first.shown, first.status) == ("first   --option", "printed", 0)
    assert (second.text, second.shown, second.status) == ("second", "", 1)
    assert (first.place, second.place) == ("page.md:10", "page.md:13")


@pytest.mark.parametrize(
    ("page", "match"),
    [
        ("```python\n>>> 1 + 1\n3\n```\n", "Expected"),
        ("```\nanything\n```\n", "must say what it holds"),
        ("```console\nno prompt\n```\n", "neither a command nor its output"),
        ("```bash\nif true\n```\n", "syntax error"),
        ("```bash\npython -m verify runs\n```\n", "invalid choice"),
    ],
)
def test_a_page_that_shows_something_false_is_refused(page, match, tmp_path):
    with pytest.raises(DocumentError, match=match):
        try_page("page.md", tmp_path, page)


def test_blocks_of_a_page_share_their_names_and_files(tmp_path):
    page = (
        "```python\nimport math\n```\n```python\n>>> root = math.sqrt(4)\n>>> root\n2.0\n\n```\n"
        "```python\n# kept.py\nprint('kept')\n```\n```python\nassert root == 2\n```\n"
        "```console\n$ python kept.py\nkept\n```\n"
    )
    try_page("page.md", tmp_path, page)
    assert (tmp_path / "kept.py").is_file()


def test_a_program_without_a_parser_is_noticed(monkeypatch):
    from verify.figures import __main__ as figures

    monkeypatch.setattr(figures, "main", lambda arguments: 0)
    with pytest.raises(DocumentError, match="by argparse"):
        parse_arguments("verify.figures", [])


def test_sessions_are_read_from_the_noxfile():
    known = sessions()
    assert known["verify"][:4] == ["python", "-m", "verify", "run"]
    assert known["tests"][:3] == ["python", "-m", "pytest"]


def test_settings_of_the_handbook_parse():
    ast.parse((ROOT / "docs/conf.py").read_text(encoding="utf-8"))
    assert Path(ROOT / "docs/index.md").is_file()
