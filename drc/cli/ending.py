"""How the `drc` command ends: one place for every exit code, every error and every signal."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from drc.errors import ProblemError

DISAGREEMENT, WRONG_INPUT, INTERRUPTED, TERMINATED = 1, 2, 130, 143

#: What is thrown for a wrong option; typer brings click along under a name of its own, or imports it.
_UsageError: Any = typer.BadParameter.__base__

#: A longer message would hide what it says: it repeats an argument that long.
_LONGEST = 2000


class Commands(TyperGroup):
    """All commands; whatever one of them does, the process ends here.

    Wrong input is one line on stderr and exit code 2, never a traceback. A reader that closes the pipe, as `head` does,
    has what it wants: that is exit code 0.
    """

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **_: object) -> object:
        """Run the command line, and exit."""
        arguments = sys.argv[1:] if args is None else list(args)

        def work() -> None:
            if any("\0" in argument for argument in arguments):  # no shell can pass one, and no path can have one
                raise ProblemError("an argument must have no null character")
            with self.make_context(prog_name or "drc", arguments) as context:
                self.invoke(context)

        with _terminated_as_interrupted() as signals:
            status = _status(work)
        sys.exit(TERMINATED if signals else status)


def _status(work: Callable[[], None]) -> int:
    """Do the work, and return the exit code."""
    try:
        try:
            work()
            status = 0
        except typer.Exit as ended:
            status = ended.exit_code
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        _discard_output()
        return 0
    except SystemExit as ended:
        if not isinstance(
            ended.__context__, BrokenPipeError
        ):  # rich ends the process itself when help cannot be printed
            raise
        return 0
    except _UsageError as error:
        context = getattr(error, "ctx", None)
        hint = f"; see `{context.command_path} --help`" if context is not None else ""
        _say(f"error: {error.format_message().rstrip('.')}{hint}")
        return WRONG_INPUT
    except (ProblemError, OSError) as error:
        _say(f"error: {_words(error)}")
        _discard_output()
        return WRONG_INPUT
    except MemoryError:
        _say("error: there is not enough memory for this")
        return WRONG_INPUT
    except KeyboardInterrupt:
        _say("interrupted: stopped on request, and no file was left half written.")
        return INTERRUPTED


def _words(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _say(message: str) -> None:
    """Print one line on stderr: arguments may contain anything, even line ends, or codes that move a terminal's cursor."""
    line = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in " ".join(message.split()))
    if len(line) > _LONGEST:
        line = f"{line[: _LONGEST // 2]} ... {line[-_LONGEST // 2 :]}"
    with contextlib.suppress(OSError):  # nobody may be listening there either
        typer.echo(line, err=True)


def _discard_output() -> None:
    """Let what is still to be written to a closed pipe, or a full disk, go nowhere: Python writes it when it ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _terminated_as_interrupted() -> Iterator[list[int]]:
    """Take SIGTERM as Ctrl-C, so that what was computed is kept; yield a list that holds the signal if it came."""
    came: list[int] = []

    def terminate(number: int, frame: Any) -> None:
        """Do what Ctrl-C does at this moment."""
        came.append(number)
        handler = signal.getsignal(signal.SIGINT)
        if not callable(handler):  # a shell ignores Ctrl-C for what it starts in the background
            raise KeyboardInterrupt
        handler(signal.SIGINT, frame)

    try:
        before = signal.signal(signal.SIGTERM, terminate)
    except ValueError:  # signals reach the main thread alone
        yield came
        return
    try:
        yield came
    finally:
        signal.signal(signal.SIGTERM, before)


def prepare_streams() -> None:
    """Give the process the streams that it was started without, and let output take any character."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (it stays open)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
