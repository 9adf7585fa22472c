"""The version, apart from the package itself: rooms do not import what is above them."""

from __future__ import annotations

import platform

__version__ = "0.1.0"


def commit() -> str:
    """Return the commit of a clone, with "dirty" after it if files were changed; otherwise nothing."""
    # The command line, which starts often, has no use for it.
    import subprocess
    from pathlib import Path

    clone = Path(__file__).parents[1]
    if not (clone / ".git").exists():
        return ""
    asked = ["git", "-C", str(clone), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def versions(*packages: str) -> dict[str, str]:
    """Return the versions of the project, of Python, and of packages, some of which may be missing.

    Examples
    --------
    >>> versions("no-such-package")["no-such-package"]
    'not installed'
    """
    # The command line, which starts often, has no use for it.
    from importlib.metadata import PackageNotFoundError, version

    found = {"drc": __version__, "Python": platform.python_version()}
    for name in packages:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
