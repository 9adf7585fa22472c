"""What pytest leaves out of this folder where a package is missing."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("torch") else ["torch_training.py"]
