"""Estimators of scikit-learn as networks: steps of a pipeline and hidden layers by name, probabilities as outputs."""

from conjugacy.activations.networks.scikit_learn.network import SklearnNetwork, adapt

__all__ = ["SklearnNetwork", "adapt"]
