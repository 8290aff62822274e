"""The README's examples run as they stand."""

import re
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize(
    "block", [pytest.param(BLOCKS[0], id="live", marks=pytest.mark.slow), pytest.param(BLOCKS[1], id="arrays")]
)
def test_examples_run(block, capsys):
    pytest.importorskip("torch")
    exec(block, {})
    if "print" in block:
        assert capsys.readouterr().out.startswith("A = a, B = b")
