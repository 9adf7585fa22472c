"""Commands that help to choose: explore, constraints."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drc.cli.app import command
from drc.cli.options import AsJson, Ids, Quiet, UnitName
from drc.cli.texts import print_json, progress_bar
from drc.errors import ProblemError


@command
def explore(
    ids: Ids = None,
    out: Annotated[Path, typer.Option(help="The HTML file to write.")] = Path("explorer.html"),
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open it in the browser.")] = True,
    quiet: Quiet = False,
) -> None:
    """Write the explorer: one HTML file in which every theorem answers to sliders, without any network."""
    import webbrowser

    from drc.explorer import write_explorer

    with progress_bar(quiet) as progress:
        page = write_explorer(out, ids, progress=progress)
    typer.echo(str(page))
    if show:
        webbrowser.open(page.resolve().as_uri())


@command
def constraints(
    accuracy: Annotated[
        float | None, typer.Option(help="Wanted accuracy of the best classifier, such as 0.95.")
    ] = None,
    labels: Annotated[int, typer.Option(help="How many values the label has.")] = 2,
    rms: Annotated[float | None, typer.Option(help="Wanted root mean squared error of a real label.")] = None,
    detected: Annotated[
        float | None, typer.Option(help="How often an observer may tell Y from the reference: 0.55.")
    ] = None,
    shift: Annotated[float | None, typer.Option(help="Allowed shift of a normal law, as a share of sigma_ref.")] = None,
    sigma_ref: Annotated[float, typer.Option(help="Standard deviation of the reference.")] = 1.0,
    unit: UnitName = "bits",
    as_json: AsJson = False,
) -> None:
    """Turn a wanted accuracy into bounds C, and a wanted fidelity into bounds P."""
    from drc.information import classification_bound_of_rms, classification_bounds, perception_bound, wasserstein_bound
    from drc.units import unit_named

    rows: list[tuple[str, float, str]] = []
    short = f" {unit_named(unit).short}"
    if accuracy is not None:
        bounds = classification_bounds(accuracy, labels, unit)
        rows += [
            ("C", bounds.guarantees, f"{short}  guarantees an accuracy of {accuracy:g} among {labels} labels"),
            ("C", bounds.necessary, f"{short}  is necessary for it: no code with a larger H(S|Y) reaches it"),
        ]
    if rms is not None:
        words = f"{short}  is necessary for a root mean squared error of {rms:g}, and enough for normal laws"
        rows.append(("C", classification_bound_of_rms(rms, unit), words))
    if detected is not None:
        words = f"guarantees that no observer tells Y from the reference more often than {detected:g}"
        rows.append(("P", perception_bound(detected), f"  (TV) {words}"))
        rows.append(("P", perception_bound(detected, "KL", unit), f"{short}  (KL) {words}"))
    if shift is not None:
        words = f"  (W2) keeps the shift of mean and standard deviation within {shift * sigma_ref:g}"
        rows.append(("P", wasserstein_bound(shift, sigma_ref), words))
    if not rows:
        raise ProblemError("a goal must be given: --accuracy, --rms, --detected or --shift")
    if as_json:
        print_json([{"bound": name, "value": value, "meaning": words.strip()} for name, value, words in rows])
        return
    for name, value, words in rows:
        typer.echo(f"{name} <= {value:.6g}{words}")
