"""A Keras model made again from its configuration: the same layers with weights that their initialisers draw."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, cast

from conjugacy.activations.networks.keras.reading import layers_of
from conjugacy.activations.networks.protocol import NoControlError
from conjugacy.activations.randomness import own_randomness

WAY_OUT = "give untrained=, which makes the network again, or controls='none'"
OF_DATA = {"Normalization", "Discretization"}  # whose numbers are of the data, whatever was trained


def made_anew(model: Any, seed: int) -> Any:
    """Return a model of the same configuration with other weights.

    Seeds of initialisers are left out, or each copy would begin where the network itself began. What layers took from the data
    before training stays.

    Raises
    ------
    NoControlError
        Where the model does not say how it was made.
    """
    with own_randomness(seed=seed):  # initialisers draw their seeds from Python's generator
        try:
            config = _without_seeds(deepcopy(model.get_config()))
            copy = type(model).from_config(config)
        except Exception as error:
            said = (str(error).strip().splitlines() or [""])[0]
            raise NoControlError(
                f"from_config of {type(model).__name__} raised {type(error).__name__}: {said}; {WAY_OUT}"
            ) from error
    own, others = layers_of(model), layers_of(copy)
    for (name, layer), (_, fresh) in zip(own.items(), others.items(), strict=False):
        if type(layer).__name__ in OF_DATA and layer.built:
            if type(fresh) is not type(layer):
                raise NoControlError(
                    f"{name!r} holds numbers of the data, and has no counterpart in a new copy; {WAY_OUT}"
                )
            if not fresh.built:
                fresh.build(layer.get_build_config()["input_shape"])
            fresh.set_weights(layer.get_weights())
            fresh.finalize_state()
    return copy


def _without_seeds(config: Any) -> Any:
    if isinstance(config, dict):
        entries = cast("dict[str, Any]", config)
        inner = entries.get("config")
        if entries.get("module") == "keras.initializers" and isinstance(inner, dict) and "seed" in inner:
            entries["config"] = {**cast("dict[str, Any]", inner), "seed": None}
        return {name: _without_seeds(part) for name, part in entries.items()}
    if isinstance(config, (list, tuple)):
        parts = cast("list[Any]", config)
        return type(parts)(_without_seeds(part) for part in parts)
    return config
