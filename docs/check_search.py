"""Says whether the search of the built pages finds what readers look for.

python docs/check_search.py    # after a build; an error names the words that lead nowhere
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from sphinx.search.en import SearchEnglish

INDEX = Path(__file__).parents[1] / "build" / "docs" / "searchindex.js"
WORDS = ("CKA", "NWB", "ONNX", "quantized", "quantised", "checkpoint", "notebook")


def pages_by_word() -> dict[str, list[str]]:
    """Return the pages that each word leads to, by the stem that the search looks up."""
    text = INDEX.read_text(encoding="utf-8")
    found = json.loads(text[text.index("(") + 1 : text.rindex(")")])
    stem = SearchEnglish({}).stem

    def pages(word: str) -> list[str]:
        places = [found[part].get(stem(word.lower()), []) for part in ("terms", "titleterms")]
        numbers = {one for place in places for one in (place if isinstance(place, list) else [place])}
        return sorted(found["docnames"][number] for number in numbers)

    return {word: pages(word) for word in WORDS}


def main() -> None:
    """Print where each word leads."""
    for word, pages in (found := pages_by_word()).items():
        print(f"{word}: {len(pages)} pages, {', '.join(pages[:4])}")
    missing = [word for word, pages in found.items() if not pages]
    if missing:
        sys.exit(f"the search finds nothing for {', '.join(missing)}")


if __name__ == "__main__":
    main()
