"""How the documentation is built: `sphinx-build -W docs docs/_build/html`; every warning is an error.

`sphinx-build -b linkcheck docs docs/_build/links` tries the addresses of other hosts as well.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import socket
import sys
from pathlib import Path

from pybtex.plugin import register_plugin
from pybtex.style.formatting.plain import Style as Plain
from pybtex.style.labels import BaseLabelStyle

import drc

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

project = "drc"
author = "The drc authors"
copyright = "2026, The drc authors"
version = release = drc.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
    "mathml",
    "catalogue_pages",
    "site_check",
]
# Files of theorems/ that begin with an underscore are parts of other pages.
exclude_patterns = ["_build", "_static", "jupyter_execute", "reports", "paper", "theorems/_*"]
templates_path = []
nitpicky = True
# The types in docstrings are words ("array, shape (n,)"), no names to look up.
nitpick_ignore_regex = [("py:class", ".*")]

html_theme = "furo"
html_title = f"drc {release}"
# Formulas need a font for mathematics, which many devices lack: STIX Two Math (OFL), as the package ziamath brings it.
FONT = Path(importlib.util.find_spec("ziamath").origin).parent / "fonts" / "STIXTwoMath-Regular.ttf"
html_static_path = ["_static", str(FONT)]
html_css_files = ["custom.css"]
html_math_renderer = "mathml"
html_copy_source = False

myst_enable_extensions = ["dollarmath", "amsmath", "deflist"]
myst_heading_anchors = 3

# The notebooks of examples/ are pages too; they run at every build, and an error fails it.
nb_execution_mode = "off" if "linkcheck" in sys.argv else "force"
nb_execution_raise_on_error = True
# Where torch is missing, this page is shown without its results.
nb_execution_excludepatterns = [] if importlib.util.find_spec("torch") else ["*optimise_with_torch*"]
nb_execution_timeout = 1200  # the page of lemmas proves them all
nb_render_markdown_format = "myst"
nb_mime_priority_overrides = [("html", "text/latex", 5)]

# In docstrings a single backtick is code, as in the terminal.
default_role = "code"
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_use_ivar = True


class KeyLabels(BaseLabelStyle):
    """The label of an entry is its key, as docstrings write it."""

    def format_labels(self, sorted_entries):
        for entry in sorted_entries:
            yield entry.key


class KeyStyle(Plain):
    default_label_style = KeyLabels
    default_sorting_style = "none"  # the order of the file


register_plugin("pybtex.style.formatting", "keys", KeyStyle)
bibtex_bibfiles = ["../drc/report/references.bib"]
bibtex_default_style = "keys"
bibtex_reference_style = "label"
bibtex_cite_id = "cite-{key}"

_REFERENCES = (HERE.parent / "drc/report/references.bib").read_text(encoding="utf-8")
_KEYS = re.findall(r"^@\w+\{(\w+),", _REFERENCES, flags=re.MULTILINE)
_CITATION = re.compile(rf"\[({'|'.join(_KEYS)})\]")


def has_network() -> bool:
    """Whether the names of other hosts are known here."""
    try:
        return bool(socket.getaddrinfo("doi.org", 443))
    except OSError:
        return False


# Without a network the addresses of other hosts are listed, as ignored.
linkcheck_ignore = [] if "linkcheck" in sys.argv and has_network() else [r"https?://"]
linkcheck_timeout = 20


def cite(app, what, name, obj, options, lines) -> None:
    """Turn `[nguyen2026]` in a docstring into a link to the bibliography."""
    lines[:] = [_CITATION.sub(r":cite:`\1`", line) for line in lines]


def bring_examples(app) -> None:
    """Copy the notebooks beside the pages: Sphinx reads nothing outside its folder."""
    shutil.rmtree(HERE / "examples", ignore_errors=True)
    unwanted = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__")
    shutil.copytree(HERE.parent / "examples", HERE / "examples", ignore=unwanted)


def write_live_explorer(app, exception) -> None:
    """Put the explorer beside the pages, for those who look before they install."""
    if exception is None and app.builder.name == "html":
        from drc.explorer import write_explorer

        write_explorer(Path(app.outdir) / "explorer" / "index.html")


def setup(app) -> None:
    app.connect("builder-inited", bring_examples)
    app.connect("autodoc-process-docstring", cite)
    app.connect("build-finished", write_live_explorer)
