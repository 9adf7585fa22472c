"""Print pip constraints that hold every requirement of the package, and of its tests, at the lower end of its range.

`pip install -c <(python .ci/lowest.py) ".[test]"` then installs the oldest versions that `pyproject.toml` promises.
"""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirement in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
    name, low = re.fullmatch(r"([\w.-]+)>=([\w.]+)(?:,<[\w.]+)?", requirement).groups()
    print(f"{name}=={low}")
