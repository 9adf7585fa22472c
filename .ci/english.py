"""Look for the constructions of `words.txt` in pages, docstrings, comments and messages; fail if there are any."""

from __future__ import annotations

import io
import json
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = {"drc": ("py", "html", "js"), "docs": ("md", "py"), "examples": ("py", "ipynb", "toml")}

#: Code within prose, which has its own names: backticks, formulas, links and roles.
_CODE = re.compile(r"``.+?``|`[^`]*`|\$\$?[^$]*\$\$?|\]\([^)]*\)|\{[^{}]*\}")


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that are prose: of Python its comments and texts, of a notebook its cells in Markdown."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        kinds = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", -1))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in kinds:
                yield from enumerate(token.string.splitlines(), token.start[0])
    elif path.suffix == ".ipynb":
        for cell in json.loads(text)["cells"]:
            if cell["cell_type"] == "markdown":
                yield from ((0, line) for line in "".join(cell["source"]).splitlines())
    else:
        yield from enumerate(text.splitlines(), 1)


def main() -> int:
    """Print what was found; the exit code is 1 if anything was."""
    lines = (ROOT / ".ci" / "words.txt").read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if line and not line.startswith("#")]
    words = [(re.compile(pattern, re.IGNORECASE), instead) for pattern, instead in (row.split(" -> ") for row in rows)]
    files = [p for folder, kinds in FOLDERS.items() for kind in kinds for p in (ROOT / folder).rglob(f"*.{kind}")]
    found = 0
    for path in sorted([*files, ROOT / "README.md"]):
        if "_build" in path.parts:
            continue
        for number, line in prose(path):
            for pattern, instead in words:
                if hit := pattern.search(_CODE.sub("`", line)):
                    found += 1
                    print(f"{path.relative_to(ROOT)}:{number}: {hit[0]!r}: write {instead!r}")
    return found > 0


if __name__ == "__main__":
    sys.exit(main())
