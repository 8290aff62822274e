"""A page as a test reads it."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Reader(HTMLParser):
    """Collects elements, scripts and visible text, and checks that elements close."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)
        elif not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


SHOWS = {"svg", "table", "ul", "dl", "pre", "canvas", "p"}


def empty_headings(text: str) -> list[str]:
    """Return the headings under which a page shows nothing, or nothing but that there is nothing."""
    return Headings(text).empty


class Headings(HTMLParser):
    """Follows the headings of a page, and what stands under each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.empty: list[str] = []
        self.open: list[list[object]] = []  # level, words, whether something was shown
        self.inside = False
        self.feed(text)
        self.close()
        self._close_down_to(0)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"h1", "h2", "h3"}:
            self._close_down_to(int(tag[1]))
            self.open.append([int(tag[1]), "", False])
            self.inside = True
        elif tag in SHOWS and dict(attrs).get("class") != "empty":
            for heading in self.open:
                heading[2] = True

    def handle_endtag(self, tag: str) -> None:
        if tag in {"h1", "h2", "h3"}:
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.open[-1][1] = f"{self.open[-1][1]}{data}"

    def _close_down_to(self, level: int) -> None:
        while self.open and self.open[-1][0] >= level:  # pyright: ignore[reportOperatorIssue]
            _, words, shows = self.open.pop()
            self.empty += [] if shows else [str(words)]
