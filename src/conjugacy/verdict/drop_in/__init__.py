"""Whether B, as it stands and without any map, is a replacement for A on these inputs."""

from conjugacy.verdict.drop_in.given import AsTheyStand

__all__ = ["AsTheyStand"]
