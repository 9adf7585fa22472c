"""Write the report and the catalogue: the order of the work, and every file whole or not at all."""

from __future__ import annotations

import datetime
from dataclasses import replace
from os import PathLike
from pathlib import Path

from drc.files import writable, write_whole
from drc.numbers import whole
from drc.report import digits, experiments, gallery
from drc.report.chapters import Chapter, book
from drc.report.documents import Report, catalogue_page, catalogue_paper, formula_file, page, paper, proof_file
from drc.report.engine import Typeset, typeset
from drc.report.tables import findings_table
from drc.types import Progress
from drc.typeset.tables import render
from drc.version import versions

_PACKAGES = ("numpy", "scipy", "sympy", "python-flint", "highspy", "matplotlib", "scikit-learn")


def write_report(
    out: str | PathLike[str] = "report",
    *,
    seed: int = 0,
    samples: int = 100,
    workers: int | None = 1,
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
    workers : int or None
        How many processes compute; see `drc.theory.check_proofs`.
    progress : function of (description, done, total), optional

    Returns
    -------
    Path
        `index.html`, which is written last: where it is, everything it links to is.

    Raises
    ------
    ProblemError
        For a path that is not a folder, or numbers of samples below one.

    Notes
    -----
    Every file is written whole or not at all, so the work may be broken off at any time.  The same seed gives the same
    files, but for the date in `index.html`.

    Examples
    --------
    >>> write_report("report", samples=0)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: samples must be a whole number, at least 1, got 0
    """
    folder, tell = _begun(out, samples, progress)
    found = book(seed=seed, samples=samples, workers=workers, progress=progress)
    solved = [digits.solve(label, seed=seed, progress=tell) for label in ("parity", "digit")]
    report = Report(
        replace(found, chapters=_with_pictures(found.chapters, tell)),
        tuple((case, digits.picture(case)) for case in solved),
        experiments.quick(progress=tell),
        seed,
        samples,
        versions=versions(*_PACKAGES),
        date=datetime.date.today().isoformat(),
    )
    for picture in report.pictures:
        picture.write(folder / "figures")
    write_whole(folder / "audit.json", report.book.audit.to_json())
    _write_tables(report, folder / "tables")
    return _write_documents(report, folder, tell)


def write_catalogue(
    out: str | PathLike[str] = "catalogue",
    *,
    seed: int = 0,
    samples: int = 100,
    workers: int | None = 1,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the catalogue as a document to print and as a page: statements, regimes, proofs, and how each was verified.

    Parameters and errors are those of `write_report`; the instances are those that the theorems are compared at.

    Returns
    -------
    tuple of Path
        `catalogue.tex`, `catalogue.html` and, where LaTeX is installed, `catalogue.pdf`.
    """
    folder, tell = _begun(out, samples, progress)
    made = book(seed=seed, samples=samples, workers=workers, progress=progress)
    tell("LaTeX", 0, 2)
    source = catalogue_paper(made)
    paths = [write_whole(folder / "catalogue.tex", source)]
    paths += _write_pdf(folder / "catalogue.pdf", typeset(source))
    tell("HTML", 1, 2)
    paths.append(write_whole(folder / "catalogue.html", catalogue_page(made)))
    tell("catalogue", 2, 2)
    return tuple(paths)


def _begun(out: str | PathLike[str], samples: int, progress: Progress | None) -> tuple[Path, Progress]:
    """Return the folder if it can be written to, and a function that reports progress."""
    whole("samples", samples, 1)
    return writable(out, folder=True), progress or (lambda description, done, total: None)


def _write_pdf(path: Path, made: Typeset) -> list[Path]:
    if made.pdf is None:
        # A PDF of an earlier run would not be the one of this source.
        path.unlink(missing_ok=True)
        return []
    return [write_whole(path, made.pdf)]


def _with_pictures(found: tuple[Chapter, ...], tell: Progress) -> tuple[Chapter, ...]:
    """Draw the pictures of each theorem."""
    drawings, drawn = gallery.pictures(), {chapter.entry.id: [] for chapter in found}
    for done, (theorem, draw) in enumerate(drawings):
        if theorem in drawn:
            tell(f"draw {theorem}", done, len(drawings))
            drawn[theorem].append(draw())
    tell("pictures", len(drawings), len(drawings))
    return tuple(replace(chapter, pictures=tuple(drawn[chapter.entry.id])) for chapter in found)


def _write_tables(report: Report, folder: Path) -> None:
    for chapter in report.book.chapters:
        write_whole(folder / f"{chapter.slug}-formula.tex", formula_file(chapter))
        write_whole(folder / f"{chapter.slug}-proof.tex", proof_file(chapter))
    coded = digits.coded_table(case for case, _ in report.cases)
    for ending, form in (("tex", "latex"), ("csv", "csv")):
        for chapter in report.book.chapters:
            write_whole(folder / f"{chapter.slug}-regimes.{ending}", chapter.tradeoff.table(form=form))
            if chapter.printed:
                write_whole(folder / f"{chapter.slug}-printed.{ending}", chapter.printed.table(form=form))
        write_whole(folder / f"findings.{ending}", findings_table(report.book.audit.findings, form))
        write_whole(folder / f"digits-coded.{ending}", render(coded.head, coded.rows, form))
    write_whole(folder / "toy-sr.tex", report.trained.latex)


def _write_documents(report: Report, folder: Path, tell: Progress) -> Path:
    tell("LaTeX", 0, 2)
    source = paper(report)
    write_whole(folder / "formulas.tex", source)
    made = typeset(source)
    _write_pdf(folder / "formulas.pdf", made)
    tell("HTML", 1, 2)
    written = write_whole(folder / "index.html", page(replace(report, pdf=made.message)))
    tell("report", 2, 2)
    return written
