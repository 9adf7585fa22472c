"""The version, apart from the package itself: rooms do not import what is above them."""

from __future__ import annotations

import platform

__version__ = "0.1.0"


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
