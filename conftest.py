"""The plugin for torch is left alone where torch is not installed."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["drc/images/*", "tests/images/*"]
