"""`python -m drc` is the `drc` command."""

from drc.cli import main

if __name__ == "__main__":
    main()
