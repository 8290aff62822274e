"""The command line: thin commands over the library; only this package writes to the terminal."""

from conjugacy.cli.app import main

__all__ = ["main"]
