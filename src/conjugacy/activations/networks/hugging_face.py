"""Networks of transformers, and what PEFT has adapted: inputs by their names, adapted layers read after their change."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np

from conjugacy.activations.networks.protocol import Batch
from conjugacy.activations.networks.torch_module import TorchNetwork
from conjugacy.activations.shown import Shown
from conjugacy.activations.tensors import as_array
from conjugacy.errors import InputError, ModelError

PART = "a part of an adapted layer, which is read after the change"
DECODED = ("decoder_input_ids", "decoder_inputs_embeds", "decoder_input_values", "labels")


def adapt(thing: Any, output: str | int | None = None) -> HuggingFaceNetwork | None:
    """Return a network of transformers, or one that PEFT has adapted; None of anything else. Neither is imported to find out."""
    model = getattr(thing, "_orig_mod", thing)
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(model, torch.nn.Module) or isinstance(model, torch.jit.ScriptModule):
        return None
    known = _is_of(model, "transformers", "PreTrainedModel") or _is_of(model, "peft")
    known = known or ("peft" in sys.modules and any(_is_adapted(module) for module in model.modules()))
    return HuggingFaceNetwork(model, output) if known else None


class HuggingFaceNetwork(TorchNetwork):
    """A network of transformers, or any module that PEFT has adapted.

    A single array is given under the name of the network's main input. Of a layer that PEFT has adapted the answer after the
    change is a layer, and the parts that it is made of are none unless they are named.
    """

    def axes_of(self, layer: str, ndim: int) -> str | None:
        """Return what a layer's type tells of its axes; an adapted layer has those of the layer inside."""
        name, modules = layer.partition("#")[0], self.modules
        while _is_adapted(modules.get(name)):
            name = f"{name}.base_layer"
        return super().axes_of(name, ndim)

    def default_layers(self, ran: Iterable[str]) -> tuple[list[str], dict[str, str]]:
        """Return the layers recorded where none are named; of adapted ones the answer after the change."""
        modules = self.modules
        adapted = [name for name, module in modules.items() if name and _is_adapted(module)]
        inside = {name for name in modules if any(name.startswith(f"{outer}.") for outer in adapted)}
        names = list(ran)
        chosen, left_out = super().default_layers(name for name in names if name.partition("#")[0] not in inside)
        left_out = {name: why for name, why in left_out.items() if name not in inside}
        for name in names:
            plain = name.partition("#")[0]
            if plain in inside and not any(True for _ in modules[plain].children()):
                left_out[name] = PART
        return chosen, left_out

    def remarks(self, shown: Shown) -> list[str]:
        """Return what is to be told of what it is shown: padding that nothing marks."""
        decoded = shown.parts.get("decoder_attention_mask")
        if decoded is not None and not as_array(decoded).all():
            return [
                "the layers of the decoder are read without decoder_attention_mask; give it as mask= to leave padding out"
            ]
        pad = getattr(self._config, "pad_token_id", None)
        if pad is None or shown.mask is not None or len(shown.shape) != 2:
            return []
        ids = as_array(shown.main)
        rows = int(((ids[:, 0] == pad) | (ids[:, -1] == pad)).sum()) if ids.dtype.kind in "iu" and ids.shape[1] else 0
        told = f"{rows} of {len(ids)} rows begin or end with token {pad}, which pads, and no attention_mask is given: padding "
        return [f"{told}counts as tokens"] if rows else []

    def token_mask(self, mask: np.ndarray, length: int) -> np.ndarray | None:
        """Return which of so many places hold tokens, where the network itself works with another number than it is shown.

        Sounds become frames, and tokens that a prompt puts in front are none of those that are shown.
        """
        virtual = _virtual_tokens(self.model)
        if virtual and length == mask.shape[1] + virtual:
            return np.pad(mask, ((0, 0), (virtual, 0)))
        frames = getattr(self.model, "_get_feature_vector_attention_mask", None)
        if frames is None:
            return None
        import torch

        try:
            found = as_array(frames(length, torch.as_tensor(mask.astype(np.int64)))).astype(bool)
        except Exception:  # a private function of the library: what it cannot do is left out with its length
            return None
        return found if found.shape == (len(mask), length) and found.any(axis=1).all() else None

    def described(self) -> Mapping[str, Any]:
        """Return what a torch module's description holds, and the library, how attention is computed, and active adapters."""
        versions = {name: str(sys.modules[name].__version__) for name in ("transformers", "peft") if self._uses(name)}
        attention = getattr(self._config, "_attn_implementation", None)
        active: Any = getattr(self.model, "active_adapters", None) if "peft" in versions else None
        adapters = list(map(str, cast("Sequence[Any]", active))) if isinstance(active, (list, tuple)) else []
        return {
            **super().described(),
            **versions,
            **({"attention": str(attention)} if attention else {}),
            **({"adapters": adapters} if adapters else {}),
        }

    @property
    def _config(self) -> Any:
        return getattr(self.model, "config", None)

    def _uses(self, library: str) -> bool:
        if library not in sys.modules:
            return False
        return any(_is_of(module, library) for module in self.model.modules())

    def _run(self, batch: Batch, layers: Sequence[str], keep: Callable[[Any], Any]) -> dict[str, Any]:
        name = getattr(self.model, "main_input_name", None)
        lone = not isinstance(batch, Mapping)
        given = {name: batch} if lone and isinstance(name, str) and _is_transformers(self.model) else batch
        try:
            return super()._run(given, layers, keep)
        except ModelError as error:
            self._say_what_is_missing(given, error)
            raise

    def _say_what_is_missing(self, given: Any, error: ModelError) -> None:
        """Say what an encoder and decoder needs beside one input."""
        names = list(cast("Mapping[str, Any]", given)) if isinstance(given, Mapping) else ["one array"]
        if not getattr(self._config, "is_encoder_decoder", False) or any(name in DECODED for name in names):
            return
        kind, main = type(self.model).__name__, names[0]
        raise InputError(
            f"the model: {kind} is an encoder and a decoder, and was shown {', '.join(names)} alone; show what is decoded too, "
            f"as {{{main!r}: ..., 'decoder_input_ids': ...}}, or record the encoder: model.get_encoder() ({error})"
        ) from error


def _is_of(module: Any, library: str, kind: str | None = None) -> bool:
    return any(
        one.__module__.partition(".")[0] == library and kind in (None, one.__name__) for one in type(module).__mro__
    )


def _is_transformers(model: Any) -> bool:
    """Whether a network takes inputs by the names that transformers gives them, itself or through PEFT."""
    inner = getattr(model, "get_base_model", None)
    return _is_of(model, "transformers", "PreTrainedModel") or (
        inner is not None and _is_of(model, "peft") and _is_of(inner(), "transformers", "PreTrainedModel")
    )


def _is_adapted(module: Any) -> bool:
    """Whether PEFT has put a module around a layer."""
    return module is not None and _is_of(module, "peft") and hasattr(module, "base_layer")


def _virtual_tokens(model: Any) -> int:
    """Return how many tokens an active prompt puts in front."""
    active: Any = getattr(model, "active_peft_config", None)
    return int(getattr(active, "num_virtual_tokens", None) or 0)
