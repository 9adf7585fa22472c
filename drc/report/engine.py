"""LaTeX to PDF, where an engine is installed; without one the source alone is written."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

#: In the order in which they are tried.
ENGINES = ("pdflatex", "lualatex", "tectonic")


@dataclass(frozen=True)
class Typeset:
    """What became of a document: the PDF, or the reason why there is none."""

    pdf: bytes | None
    message: str


def typeset(source: str, *, time_limit: float = 60.0) -> Typeset:
    r"""Run LaTeX in a folder of its own.

    Parameters
    ----------
    source : str
        A whole document.
    time_limit : float
        Seconds for each of the two runs.

    Returns
    -------
    Typeset
        Never raises for LaTeX's sake: a report without a PDF is still a report.

    Examples
    --------
    >>> typeset(r"\bad", time_limit=20).pdf is None
    True
    """
    engine = next((name for name in ENGINES if shutil.which(name)), None)
    if engine is None:
        return Typeset(None, f"no PDF: none of {', '.join(ENGINES)} is installed")
    options = [] if engine == "tectonic" else ["-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape"]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "formulas.tex").write_text(source, encoding="utf-8")
        # A fixed date inside the file: the same source gives the same PDF.
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "0", "FORCE_SOURCE_DATE": "1"}
        # The second run puts the references right.
        for _ in range(1 if engine == "tectonic" else 2):
            try:
                run = subprocess.run(
                    [engine, *options, "formulas.tex"],
                    cwd=folder,
                    env=environment,
                    capture_output=True,
                    stdin=subprocess.DEVNULL,
                    timeout=time_limit,
                    check=False,
                )
            except (subprocess.TimeoutExpired, OSError) as error:
                return Typeset(None, f"no PDF: {engine} failed: {type(error).__name__}")
            if run.returncode:
                errors = [line for line in run.stdout.decode(errors="replace").splitlines() if line.startswith("!")]
                return Typeset(None, f"no PDF: {engine} failed: {' '.join(errors[:1]) or 'see the source'}")
        path = Path(folder, "formulas.pdf")
        if not path.exists():
            return Typeset(None, f"no PDF: {engine} wrote none")
        return Typeset(path.read_bytes(), f"PDF set by {engine}")
