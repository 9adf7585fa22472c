"""Every key that a docstring or a page cites is in the bibliography."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
KEY = re.compile(r"\[([a-z]+\d{4}[a-z]*)\]")


def test_cited_keys_are_in_the_bibliography():
    known = set(
        re.findall(
            r"^@\w+\{(\w+),", (ROOT / "drc" / "report" / "references.bib").read_text(encoding="utf-8"), re.MULTILINE
        )
    )
    pages = [*(ROOT / "drc").rglob("*.py"), *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"]
    cited = {key for page in pages for key in KEY.findall(page.read_text(encoding="utf-8"))}
    assert "nguyen2026" in cited
    assert cited <= known, cited - known


def test_every_entry_has_what_the_documents_print():
    from drc.report.bibliography import references

    found = references().values()
    assert all(r.title for r in found)
    assert not any("  " in field for r in found for field in (r.title, r.author))
    assert references()["duda2013"].title.endswith("of arithmetic coding")
