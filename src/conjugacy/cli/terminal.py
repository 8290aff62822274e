"""What the terminal shows besides results: progress, errors that read like help, exit codes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

OK, FAILED_ON, WRONG_INPUT, OUR_FAULT, INTERRUPTED = 0, 1, 2, 70, 130


class Progress:
    """Say on standard error what is going on, with the seconds since the start."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def __call__(self, sentence: str) -> None:
        """Print one line."""
        line = f"[{time.monotonic() - self.start:5.1f} s] {sentence}"
        if sys.stderr.isatty():
            from rich.console import Console

            Console(stderr=True, highlight=False).print(line, style="dim", markup=False)
        else:
            print(line, file=sys.stderr, flush=True)


def complain(message: str) -> None:
    """Print one error on standard error."""
    print(f"conjugacy: {message}", file=sys.stderr, flush=True)


def run(command: Callable[[], Any]) -> int:
    """Run the whole program and turn what it raises into an exit code and one message."""
    import click

    from conjugacy.errors import ConjugacyError

    try:
        code = command()
        sys.stdout.flush()
        return code if isinstance(code, int) else OK
    except (KeyboardInterrupt, click.exceptions.Abort):
        complain("interrupted; files are written as a whole or not at all")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return WRONG_INPUT
    except ConjugacyError as error:
        complain(str(error))
        return WRONG_INPUT
    except BrokenPipeError:
        # whoever read our output has gone; keep the interpreter from complaining when it closes the stream
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except Exception as error:
        from conjugacy import __version__

        if os.environ.get("CONJUGACY_TRACEBACK"):
            raise
        complain(
            f"this is our fault, not yours ({type(error).__name__}: {error}; version {__version__}); "
            "CONJUGACY_TRACEBACK=1 shows where, please report it"
        )
        return OUR_FAULT


def write_text(path: Any, text: str) -> None:
    """Write a text file as a whole or not at all."""
    from pathlib import Path

    from conjugacy.storage.atomic import replacing

    with replacing(Path(path)) as temporary:
        temporary.write_text(text, encoding="utf-8")
