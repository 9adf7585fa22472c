"""What a built site must hold: every link within it leads somewhere, and no page asks another host for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Attributes that make a browser fetch something at once.
_FETCHED = {
    ("img", "src"),
    ("script", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}
_ADDRESS = re.compile(r"""url\(\s*["']?(https?:)?//|@import\s+["'](https?:)?//""")


class Reader(HTMLParser):
    """What a page has of anchors and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            if (tag, name) in _FETCHED and ("rel", "canonical") not in attrs:
                self.fetched.append(value)
            if (tag, name) == ("a", "href"):
                self.links.append(value)


def faults(folder: Path) -> Iterator[str]:
    """Name every link that leads nowhere, and everything that would be fetched from another host.

    Parameters
    ----------
    folder : Path
        Of a built site.
    """
    pages = {}
    for path in sorted(folder.rglob("*.html")):
        pages[path.resolve()] = reader = Reader()
        reader.feed(path.read_text(encoding="utf-8"))
    for path, reader in pages.items():
        here = path.relative_to(folder.resolve())
        for address in reader.fetched:
            if urlsplit(address).netloc:
                yield f"{here} fetches {address}"
        for address in {*reader.links, *reader.fetched}:
            if fault := _fault(address, path, pages):
                yield f"{here} links {address}: {fault}"
    for path in sorted(folder.rglob("*.css")):
        if found := _ADDRESS.search(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder)} fetches {found[0]}"


def _fault(address: str, page: Path, pages: dict[Path, Reader]) -> str:
    """Say what is wrong with an address within the site, if something is."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return ""
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target.is_dir():
        target /= "index.html"
    if not target.exists():
        return "no such file"
    # The explorer reads what stands behind the sharp sign itself.
    if parts.fragment and target in pages and target.parent.name != "explorer":
        return "" if unquote(parts.fragment) in pages[target].anchors else "no such place"
    return ""


def check(app: Sphinx, exception: Exception | None) -> None:
    """Warn of each fault, which fails a build whose warnings are errors."""
    from sphinx.util import logging

    if exception is None and app.builder.name == "html":
        for fault in faults(Path(app.outdir)):
            logging.getLogger(__name__).warning(fault)


def setup(app: Sphinx) -> dict[str, bool]:
    # After the explorer, which is part of the site, has been written.
    app.connect("build-finished", check, priority=900)
    return {"parallel_read_safe": True}
