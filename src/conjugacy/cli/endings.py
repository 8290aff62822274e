"""Endings of recordings in the help: the formats are asked only where the help is shown, so that all else answers at once."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand

ENDINGS = "ENDINGS"
MODEL = "FILE.py:CALLABLE, which builds the network; FILE.onnx; FILE.keras; or a folder from save_pretrained of Hugging Face."
SHOWN = f".npy, {ENDINGS} with the network's inputs; several named arrays are inputs of these names."
LIVE = "a network of FILE.py:CALLABLE, .onnx, .keras or a folder of Hugging Face"
NETWORK = (
    "The network in use: a recording, FILE.py:CALLABLE, FILE.onnx, FILE.keras, a folder from save_pretrained of Hugging Face, "
    "or a folder of seeds."
)
WEIGHTS = "State dict or checkpoint: .safetensors or a torch file."


class WithEndings(TyperCommand):
    """A command whose options may say `ENDINGS` in their help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help with the endings that there are."""
        from conjugacy.storage.formats import endings, in_words

        options: list[Any] = list(self.params)
        for option in options:
            option.help = (option.help or "").replace(ENDINGS, in_words(endings()))
        super().format_help(ctx, formatter)
