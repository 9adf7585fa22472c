"""Write the report: the order of the work, and every file whole or not at all."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from drc.audit import AuditReport, audit
from drc.derivation import Derivation, DerivationReport
from drc.errors import ProblemError
from drc.files import write_whole
from drc.report import digits, gallery
from drc.report.pictures import Picture
from drc.theory import Entry, catalogue
from drc.tradeoff import Tradeoff

Progress = Callable[[str, int, int], None]

_PACKAGES = ("numpy", "scipy", "sympy", "python-flint", "highspy", "matplotlib", "scikit-learn")


@dataclass(frozen=True, eq=False)
class Chapter:
    """A theorem in the report.

    Attributes
    ----------
    entry : Entry
    tradeoff : Tradeoff
        All parameters symbolic.
    proof : Derivation
    printed : Tradeoff or None
        The published form.
    check : DerivationReport
        The proof, checked again.
    pictures : tuple of Picture
    """

    entry: Entry
    tradeoff: Tradeoff
    proof: Derivation
    printed: Tradeoff | None
    check: DerivationReport
    pictures: tuple[Picture, ...]

    @property
    def slug(self) -> str:
        """The id as it stands in file names and anchors."""
        return self.entry.id.replace(".", "-")


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that the report says, before it is written.

    Attributes
    ----------
    chapters : tuple of Chapter
    audit : AuditReport
    cases : tuple of (Case, Picture)
        The real case.
    seed, samples : int
    pdf : str
        What became of `formulas.pdf`.
    """

    chapters: tuple[Chapter, ...]
    audit: AuditReport
    cases: tuple[tuple[digits.Case, Picture], ...]
    seed: int
    samples: int
    pdf: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    date: str = ""


def write_report(
    out: str | PathLike[str] = "report",
    *,
    seed: int = 0,
    samples: int = 200,
    progress: Progress | None = None,
) -> Path:
    """Write the report into a folder.

    Parameters
    ----------
    out : path
        The folder; it is made if need be.
    seed : int
        Of the audit's instances and of the noise in the real case.
    samples : int
        Instances for each comparison of the audit.
    progress : function of (description, done, total), optional

    Returns
    -------
    Path
        `index.html`, which is written last: where it is, everything it links to is.

    Raises
    ------
    ProblemError
        For a path that is no folder, or numbers of samples below one.

    Notes
    -----
    Every file is written whole or not at all, so the work may be broken off at any time.  The same seed gives the same
    files, but for the date in `index.html`.

    Examples
    --------
    >>> write_report("/tmp", samples=0)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: samples = 0 is no number of instances: allowed is samples >= 1
    """
    if samples < 1:
        raise ProblemError(f"samples = {samples} is no number of instances: allowed is samples >= 1")
    folder = Path(out)
    if folder.exists() and not folder.is_dir():
        raise ProblemError(f"out = {str(out)!r} is a file: allowed is a folder, there or to be made")
    tell = progress or (lambda description, done, total: None)
    report = Report(
        _chapters(folder, seed, tell),
        audit(samples=samples, seed=seed, progress=progress),
        _cases(folder, seed, tell),
        seed,
        samples,
        versions=_versions(),
        date=datetime.date.today().isoformat(),
    )
    write_whole(folder / "audit.json", report.audit.to_json())
    _write_tables(report, folder)
    return _write_documents(report, folder, tell)


def _chapters(folder: Path, seed: int, tell: Progress) -> tuple[Chapter, ...]:
    entries, drawings, chapters = catalogue(), gallery.pictures(), []
    total, done = len(entries) + len(drawings), 0
    for entry in entries:
        tell(f"prove {entry.id}", done, total)
        tradeoff = entry.tradeoff()
        printed = entry.tradeoff(form="published") if "published" in entry.forms else None
        proof = tradeoff.derivation or Derivation("", ())
        check = proof.check(seed=seed)
        done += 1
        pictures = []
        for draw in (draw for theorem, draw in drawings if theorem == entry.id):
            tell(f"draw {entry.id}", done, total)
            pictures.append(draw())
            pictures[-1].write(folder / "figures")
            done += 1
        chapters.append(Chapter(entry, tradeoff, proof, printed, check, tuple(pictures)))
    tell("theorems", total, total)
    return tuple(chapters)


def _cases(folder: Path, seed: int, tell: Progress) -> tuple[tuple[digits.Case, Picture], ...]:
    cases = []
    for label in ("parity", "digit"):
        case = digits.solve(label, seed=seed, progress=tell)
        picture = digits.picture(case)
        picture.write(folder / "figures")
        cases.append((case, picture))
    return tuple(cases)


def _write_tables(report: Report, folder: Path) -> None:
    from drc.report.paper import formula_file, proof_file

    for chapter in report.chapters:
        tables = folder / "tables"
        write_whole(tables / f"{chapter.slug}-regimes.tex", chapter.tradeoff.table(form="latex"))
        write_whole(tables / f"{chapter.slug}-regimes.csv", chapter.tradeoff.table(form="csv"))
        write_whole(tables / f"{chapter.slug}-formula.tex", formula_file(chapter))
        write_whole(tables / f"{chapter.slug}-proof.tex", proof_file(chapter))
        if chapter.printed:
            write_whole(tables / f"{chapter.slug}-printed.tex", chapter.printed.table(form="latex"))
            write_whole(tables / f"{chapter.slug}-printed.csv", chapter.printed.table(form="csv"))


def _write_documents(report: Report, folder: Path, tell: Progress) -> Path:
    from dataclasses import replace

    from drc.report.engine import typeset
    from drc.report.page import page
    from drc.report.paper import findings_csv, findings_table, paper

    write_whole(folder / "tables" / "findings.tex", findings_table(report.audit))
    write_whole(folder / "tables" / "findings.csv", findings_csv(report.audit))
    tell("LaTeX", 0, 2)
    source = paper(report)
    write_whole(folder / "formulas.tex", source)
    made = typeset(source)
    if made.pdf is None:
        # A PDF of an earlier run would not be the one of this source.
        (folder / "formulas.pdf").unlink(missing_ok=True)
    else:
        write_whole(folder / "formulas.pdf", made.pdf)
    tell("HTML", 1, 2)
    written = write_whole(folder / "index.html", page(replace(report, pdf=made.message)))
    tell("report", 2, 2)
    return written


def _versions() -> dict[str, str]:
    from drc import __version__

    found = {"drc": __version__, "Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
