"""Write the report and the catalogue: the order of the work, and every file whole or not at all."""

from __future__ import annotations

import datetime
import platform
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path

from drc.files import writable, write_whole
from drc.numbers import whole
from drc.report import digits, experiments, gallery
from drc.report.chapters import Chapter, Progress, book
from drc.report.documents import Report, catalogue_page, catalogue_paper, formula_file, page, paper, proof_file
from drc.report.engine import Typeset, typeset
from drc.report.pictures import Picture
from drc.report.tables import findings_table
from drc.typeset.tables import render

_PACKAGES = ("numpy", "scipy", "sympy", "python-flint", "highspy", "matplotlib", "scikit-learn")


def write_report(
    out: str | PathLike[str] = "report",
    *,
    seed: int = 0,
    samples: int = 100,
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
        For a path that is not a folder, or numbers of samples below one.

    Notes
    -----
    Every file is written whole or not at all, so the work may be broken off at any time.  The same seed gives the same
    files, but for the date in `index.html`.

    Examples
    --------
    >>> write_report("/tmp", samples=0)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: samples must be a whole number, at least 1, got 0
    """
    folder = _folder(out, samples)
    tell = progress or (lambda description, done, total: None)
    written = book(seed=seed, samples=samples, progress=progress)
    report = Report(
        replace(written, chapters=_with_pictures(written.chapters, folder, tell)),
        _cases(folder, seed, tell),
        _trained(folder, tell),
        seed,
        samples,
        versions=_versions(),
        date=datetime.date.today().isoformat(),
    )
    write_whole(folder / "audit.json", report.audit.to_json())
    _write_tables(report, folder / "tables")
    return _write_documents(report, folder, tell)


def write_catalogue(
    out: str | PathLike[str] = "catalogue",
    *,
    seed: int = 0,
    samples: int = 100,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """Write the catalogue as a document to print and as a page: statements, regimes, proofs, and how each was verified.

    Parameters
    ----------
    out : path
        The folder; it is made if need be.
    seed : int
        Of the instances that the theorems are compared at.
    samples : int
        Instances for each comparison with the solver.
    progress : function of (description, done, total), optional

    Returns
    -------
    tuple of Path
        `catalogue.tex`, `catalogue.html` and, where LaTeX is installed, `catalogue.pdf`; each is written whole or not at
        all.

    Raises
    ------
    ProblemError
        For a path that is not a folder, or numbers of samples below one.

    Examples
    --------
    >>> write_catalogue("/tmp", samples=0)
    Traceback (most recent call last):
        ...
    drc.errors.ProblemError: samples must be a whole number, at least 1, got 0
    """
    folder = _folder(out, samples)
    tell = progress or (lambda description, done, total: None)
    made = book(seed=seed, samples=samples, progress=progress)
    tell("LaTeX", 0, 2)
    source = catalogue_paper(made)
    paths = [write_whole(folder / "catalogue.tex", source)]
    paths += _write_pdf(folder / "catalogue.pdf", typeset(source))
    tell("HTML", 1, 2)
    paths.append(write_whole(folder / "catalogue.html", catalogue_page(made)))
    tell("catalogue", 2, 2)
    return tuple(paths)


def _folder(out: str | PathLike[str], samples: int) -> Path:
    whole("samples", samples, 1)
    return writable(out, folder=True)


def _write_pdf(path: Path, made: Typeset) -> list[Path]:
    if made.pdf is None:
        # A PDF of an earlier run would not be the one of this source.
        path.unlink(missing_ok=True)
        return []
    return [write_whole(path, made.pdf)]


def _with_pictures(found: tuple[Chapter, ...], folder: Path, tell: Progress) -> tuple[Chapter, ...]:
    """Draw the pictures of each theorem, and write them."""
    drawings, drawn, done = gallery.pictures(), [], 0
    for chapter in found:
        pictures = []
        for draw in (draw for theorem, draw in drawings if theorem == chapter.entry.id):
            tell(f"draw {chapter.entry.id}", done, len(drawings))
            pictures.append(draw())
            pictures[-1].write(folder / "figures")
            done += 1
        drawn.append(replace(chapter, pictures=tuple(pictures)))
    tell("pictures", len(drawings), len(drawings))
    return tuple(drawn)


def _cases(folder: Path, seed: int, tell: Progress) -> tuple[tuple[digits.Case, Picture], ...]:
    cases = []
    for label in ("parity", "digit"):
        case = digits.solve(label, seed=seed, progress=tell)
        picture = digits.picture(case)
        picture.write(folder / "figures")
        cases.append((case, picture))
    return tuple(cases)


def _trained(folder: Path, tell: Progress) -> experiments.Trained:
    trained = experiments.quick(progress=tell)
    for drawn in trained.pictures:
        drawn.write(folder / "figures")
    return trained


def _write_tables(report: Report, folder: Path) -> None:
    for chapter in report.chapters:
        write_whole(folder / f"{chapter.slug}-formula.tex", formula_file(chapter))
        write_whole(folder / f"{chapter.slug}-proof.tex", proof_file(chapter))
    coded = digits.coded_table(case for case, _ in report.cases)
    for ending, form in (("tex", "latex"), ("csv", "csv")):
        for chapter in report.chapters:
            write_whole(folder / f"{chapter.slug}-regimes.{ending}", chapter.tradeoff.table(form=form))
            if chapter.printed:
                write_whole(folder / f"{chapter.slug}-printed.{ending}", chapter.printed.table(form=form))
        write_whole(folder / f"findings.{ending}", findings_table(report.audit.findings, form))
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


def _versions() -> dict[str, str]:
    from drc.version import __version__

    found = {"drc": __version__, "Python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
