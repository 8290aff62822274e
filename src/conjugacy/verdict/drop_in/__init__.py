"""Whether B, as it stands and without any map, is a replacement for A on these inputs."""

from conjugacy.verdict.drop_in.given import AsTheyStand
from conjugacy.verdict.drop_in.heads import all_heads, by_holm
from conjugacy.verdict.drop_in.judge import from_blocks, judge_drop_in

__all__ = ["AsTheyStand", "all_heads", "by_holm", "from_blocks", "judge_drop_in"]
