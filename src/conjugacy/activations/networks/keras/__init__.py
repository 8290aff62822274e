"""Networks of Keras 3 on any of its backends: models in memory, and saved `.keras` files."""

from conjugacy.activations.networks.keras.network import KerasNetwork, adapt

__all__ = ["KerasNetwork", "adapt"]
