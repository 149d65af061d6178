"""Settings of the handbook: `nox -s docs` builds it into results/docs, warnings are errors."""

import re
import sys
from datetime import UTC, datetime
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import nested_parse_with_titles

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

project = "finetuning-bias"
author = "the finetuning-bias authors"
copyright = f"{datetime.now(UTC).year}, {author}"
release = metadata.version(project)
version = release

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns: list[str] = []
nitpicky = False

myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3

# In docstrings a single backtick marks code.
default_role = "literal"
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
# Sessions without these libraries can still build the reference.
autodoc_mock_imports = [
    name for name in ("torch", "torchvision", "distributed", "dask") if find_spec(name) is None
]

html_theme = "furo"
html_title = f"{project} {release}"
html_math_renderer = "mathml"

_CODE = re.compile(r"(``.*?``|`[^`]+`)")
_SECTION = re.compile(r"^-{3,}\s*$")


class Package(SphinxDirective):
    """`.. package:: NAME [WITHOUT ...]`: every module of a package, from its docstrings.

    Modules that begin with an underscore and the subpackages that are named are left out.
    """

    required_arguments = 1
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a section for each module."""
        name, left_out = self.arguments[0], " ".join(self.arguments[1:]).split()
        text: list[str] = []
        for module in modules(name):
            if not any(module == other or module.startswith(f"{other}.") for other in left_out):
                text += [module, "-" * len(module), "", f".. automodule:: {module}"]
                # Of packages, only the docstring: their names are documented where they are
                # defined.
                text += (
                    ["   :no-members:", ""] if (ROOT / module.replace(".", "/")).is_dir() else [""]
                )
        node = nodes.section()
        node.document = self.state.document
        nested_parse_with_titles(self.state, StringList(text, source=name), node)
        return node.children


def modules(package: str) -> list[str]:
    """Return the names of the modules of a package, itself first."""
    found = []
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if path.name == "__init__.py":
            found.append(".".join(parts[:-1]))
        elif not path.name.startswith("_"):
            found.append(".".join(parts))
    return sorted(found)


def _mathml(latex: str, display: str) -> str:
    return convert(latex, display=display)


def _visit_inline(self: Any, node: nodes.math) -> None:
    self.body.append(_mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _visit_block(self: Any, node: nodes.math_block) -> None:
    self.body.append(f'<div class="math">{_mathml(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode


def as_restructured_text(lines: list[str]) -> list[str]:
    """Return a docstring of this project as reStructuredText.

    The docstrings are written for a reader of the source: |x|, a*b and a trailing _ are
    mathematics, not markup, and indented lines are formulas whose layout is meant. Below a
    section's heading the indented lines explain the name above them, as a definition list does.
    """
    rst: list[str] = []
    in_sections = False
    for line, following in zip(lines, [*lines, ""][1:], strict=True):
        if _SECTION.match(following):
            in_sections = True
            rst += [f".. rubric:: {line}", ""]
            continue
        if _SECTION.match(line):
            continue
        formula = line.startswith("   ") and not in_sections
        if formula and not _continues(rst):
            rst += ["", "::", ""]
        elif line.strip() and not formula and not in_sections and rst and rst[-1].startswith("   "):
            rst.append("")
        rst.append(line if formula else _escaped(line))
    return rst


def _continues(lines: list[str]) -> bool:
    """Whether the last line that is not blank belongs to a formula."""
    last = next((line for line in reversed(lines) if line.strip()), "")
    return last.startswith("   ")


def _escaped(line: str) -> str:
    bullet = "* " if line.startswith("* ") else ""
    text = line.removeprefix(bullet)
    escaped, end = bullet, 0
    for code in _CODE.finditer(text):
        before, after = text[end : code.start()], text[code.end() : code.end() + 1]
        # Markup must stand apart from letters and brackets: an escaped space is no space.
        joint = "\\ " if before and not before[-1].isspace() else ""
        escaped += _as_text(before) + joint + code.group() + ("\\ " if after.strip() else "")
        end = code.end()
    return escaped + _as_text(text[end:])


def _as_text(text: str) -> str:
    return re.sub(r"([|*\\]|(?<=\w)_(?!\w))", r"\\\1", text)


def _process(
    app: Sphinx, what: str, name: str, subject: Any, options: Any, lines: list[str]
) -> None:
    lines[:] = as_restructured_text(lines)


def setup(app: Sphinx) -> None:
    """Typeset formulas as MathML, as the report does: the pages load nothing from elsewhere."""
    app.add_directive("package", Package)
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    app.connect("autodoc-process-docstring", _process)
