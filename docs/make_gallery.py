"""Draws the gallery's pictures again, where a script has changed since, or those that are named.

python docs/make_gallery.py [NAME ...]    # minutes; the pictures are committed, so that the pages are built without running them
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from gallery import PICTURES, Example, groups
from PIL import Image

MADE_FROM = PICTURES / "made_from.json"  # picture -> what its script was
WIDEST = 1600


def mark(example: Example) -> str:
    """Return a short hash of the script."""
    return hashlib.sha256(example.script.read_bytes()).hexdigest()[:16]


def keep(drawn: Path, example: Example) -> None:
    """Keep a picture small enough for a page."""
    with Image.open(drawn) as picture:
        small = picture.convert("RGB")
    small.thumbnail((WIDEST, WIDEST))
    small.save(example.picture, quality=82, method=6)
    known = json.loads(MADE_FROM.read_text(encoding="utf-8")) if MADE_FROM.exists() else {}
    MADE_FROM.write_text(json.dumps(dict(sorted((known | {example.name: mark(example)}).items())), indent=1) + "\n")


def draw(example: Example) -> bool:
    """Run one script as `make examples` does and keep its picture; say whether that worked."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(example.script), "--quick", "--out", folder]
        done = subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True)
        drawn = Path(folder) / f"{example.name}.png"
        if done.returncode == 0 and drawn.exists():
            keep(drawn, example)
            print(f"{example.name}: drawn", flush=True)
            return True
    print(
        f"{example.name}: no picture; the script ended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    )
    return False


def main(names: list[str]) -> None:
    """Draw the pictures of these names, or all whose script has changed."""
    known = {one.name: one for examples in groups().values() for one in examples}
    unknown = sorted(set(names) - set(known))
    if unknown:
        sys.exit(f"no such example: {', '.join(unknown)}; there are {', '.join(known)}")
    made = json.loads(MADE_FROM.read_text(encoding="utf-8")) if MADE_FROM.exists() else {}
    wanted = names or [name for name, one in known.items() if made.get(name) != mark(one) or not one.picture.exists()]
    failed = [name for name in wanted if not draw(known[name])]
    if failed:
        sys.exit(f"no picture of {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
