"""One network's trajectories as a dynamical system: delays, linear models, their choice, inputs."""

from conjugacy.dynamics.dmd import DMD
from conjugacy.dynamics.linear import LinearDynamics

__all__ = ["DMD", "LinearDynamics"]
