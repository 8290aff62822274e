"""Anything that can be run and looked into: one protocol, one file for each kind of network."""

from conjugacy.activations.networks.protocol import Batch, LayerInfo, Network, NoControlError

__all__ = ["Batch", "LayerInfo", "Network", "NoControlError"]
