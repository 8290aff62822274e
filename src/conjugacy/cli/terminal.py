"""What the terminal shows besides results: progress, errors that read like help, exit codes."""

from __future__ import annotations

import io
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

import typer

from conjugacy import __version__
from conjugacy.errors import ConjugacyError, InputError

OK, FAILED_ON, WRONG_INPUT, OUR_FAULT, INTERRUPTED = 0, 1, 2, 70, 130

# typer brings its own copy of click or uses the installed one, by version: the root of usage errors is reached through it
_USAGE_ERROR: Any = typer.BadParameter.__mro__[2]


class Progress:
    """Say on standard error what is going on, with the seconds since the start."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def __call__(self, sentence: str) -> None:
        """Print one line."""
        line = shown(f"[{time.monotonic() - self.start:5.1f} s] {sentence}")
        if sys.stderr is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
            from rich.console import Console

            Console(stderr=True, highlight=False).print(line, style="dim", markup=False)
        else:
            note(line)


def shown(text: str) -> str:
    r"""Return text without what a terminal would obey: names come from files, and from files of others.

    Examples
    --------
    >>> shown("net\x1b[31m of \u202eabc")
    'net?[31m of ?abc'
    """
    kept = "\n\u00a0"
    return "".join(c if c.isprintable() or c in kept else " " if c.isspace() else "?" for c in text)


def note(line: str) -> None:
    """Print one line on standard error; closed, unread or on a full disk, it is no reason to stop working."""
    if sys.stderr is not None:  # print would take None for standard output
        with suppress(OSError):
            print(shown(line), file=sys.stderr, flush=True)


def show(text: str) -> None:
    """Print a result on standard output; where nobody reads it any more, go on to the exit code that is due.

    Raises
    ------
    InputError
        Where standard output refuses the text, as a file on a full disk does.
    """
    _print(shown(text))


def show_json(text: str) -> None:
    r"""Print JSON as it is, with what a terminal would obey written as escapes, which mean the same.

    Raises
    ------
    InputError
        As `show` does.

    Examples
    --------
    >>> show_json('{"name": "\u202eabc"}')
    {"name": "\u202eabc"}
    """
    _print("".join(c if c.isprintable() or c in "\n\u00a0" else json.dumps(c)[1:-1] for c in text))


def _print(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _mute()
    except OSError as error:
        _mute()
        raise InputError(f"the result cannot be written to standard output: {error.strerror or error}") from None


def _mute() -> None:
    # keep the interpreter from complaining when it closes the stream
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    """Print one error on standard error; what a terminal would obey is left out of it."""
    note(f"conjugacy: {message}")


def run(command: Callable[[], Any]) -> int:
    """Run the whole program and turn what it raises into an exit code and one message."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a narrow encoding is no reason to fail
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
        return code if isinstance(code, int) else OK
    except typer.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        complain("interrupted; files are written as a whole or not at all")
        return INTERRUPTED
    except BrokenPipeError:
        _mute()
        return OK
    except Exception as error:
        if os.environ.get("CONJUGACY_TRACEBACK"):
            traceback.print_exc()
        return _explain(error)


def _explain(error: Exception) -> int:
    """Say what went wrong and return the exit code."""
    if isinstance(error, _USAGE_ERROR):
        usage = cast(Any, error)
        program = usage.ctx.command_path if getattr(usage, "ctx", None) else "conjugacy"
        complain(f"{usage.format_message().rstrip('.')}; see {program} --help")
        return WRONG_INPUT
    if isinstance(error, ConjugacyError):
        complain(str(error))
        return WRONG_INPUT
    complain(
        f"this is our fault, not yours ({type(error).__name__}: {error}; version {__version__}); "
        "CONJUGACY_TRACEBACK=1 shows where, please report it"
    )
    return OUR_FAULT
