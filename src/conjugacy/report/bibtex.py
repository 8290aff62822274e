"""References as BibTeX: authors, title, year and where to find it, read from how measures name them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from conjugacy import __version__

YEAR = 2026
_OURS = f"""@software{{conjugacy,
  author = {{{{The Conjugacy developers}}}},
  title = {{{{Conjugacy: when have two neural networks learned the same task?}}}},
  version = {{{__version__}}},
  year = {{{YEAR}}},
}}"""
_TRANSFORMATIONS = """@article{bertalan2024transformations,
  author = {Bertalan, Tom and Dietrich, Felix and Kevrekidis, Ioannis G.},
  title = {Transformations establishing equivalence across neural networks: When have two networks learned the same task?},
  journal = {Chaos},
  volume = {34},
  year = {2024},
  doi = {10.1063/5.0206406},
}"""
SOFTWARE = (_OURS, _TRANSFORMATIONS)
_YEAR = re.compile(r"\b(1[89][0-9]{2}|20[0-9]{2})\b")
_DOI = re.compile(r"doi:\s*(10\.[^\s,;]+)")
_ARXIV = re.compile(r"arXiv:?\s*([0-9]{4}\.[0-9]{4,5})", re.IGNORECASE)


def bibtex(references: Iterable[str]) -> str:
    r"""Return the software, its paper and these references as BibTeX, each with a key of its own.

    Examples
    --------
    >>> print(bibtex(["S. Kornblith, M. Norouzi: Similarity revisited. ICML 2019"]).split("\n\n")[-1])
    @misc{kornblith2019similarity,
      author = {S. Kornblith and M. Norouzi},
      title = {{Similarity revisited}},
      howpublished = {ICML 2019},
      year = {2019},
    }
    """
    entries, keys = list(SOFTWARE), set[str]()
    for reference in dict.fromkeys(references):
        if _same_paper(reference):
            continue
        entry, key = _entry(reference)
        while key in keys:
            key += "b"
        keys.add(key)
        entries.append(entry.replace("KEY", key, 1))
    return "\n\n".join(entries)


def _same_paper(reference: str) -> bool:
    return "10.1063/5.0206406" in reference


def _entry(reference: str) -> tuple[str, str]:
    authors, _, rest = reference.partition(": ")
    title, _, where = rest.partition(". ")
    if not rest:
        authors, title, where = "", reference, ""
    names = [name.strip() for name in re.split(r",\s|\sand\s", authors) if name.strip()]
    year = _YEAR.findall(reference)
    fields = {
        "author": " and ".join("others" if name in ("et al.", "others") else name for name in names),
        "title": f"{{{title.rstrip('.')}}}",
        "howpublished": where.rstrip("."),
        "year": year[-1] if year else "",
        "doi": _first(_DOI, reference).rstrip("."),
        "eprint": _first(_ARXIV, reference),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value.strip("{}")]
    surname = names[0].split()[-1] if names else "reference"
    word = next((w for w in re.findall(r"\w+", title) if len(w) > 3), "")
    key = _plain(f"{surname}{fields['year']}{word}")
    return "\n".join(["@misc{KEY,", *lines, "}"]), key


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return "" if found is None else found[1]


def _plain(text: str) -> str:
    """Return letters and digits alone, as a key holds them."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(c for c in apart if c.isascii() and c.isalnum()).lower()
