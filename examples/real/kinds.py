"""Shared by the experiment on magika: files of known kind, made here, and their bytes as the network takes them."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import re
import tarfile
import wave
import zipfile
from collections.abc import Callable

import numpy as np

PADDING, PART, BLOCK = 256, 1024, 4096
WORDS = re.findall(
    r"\w+", "count total name value index buffer result item user path state line field token entry offset size"
)
# what a file begins with, lines to draw from, what it ends with; @w is a word, @n a number
TEXTS: dict[str, tuple[str, list[str], str]] = {
    "python": (
        "import os\nimport sys\n\n\nclass @w:\n    def @w(self, @w):",
        ["        return self.@w[@n]", "        for @w in range(@n):\n            print(@w)",
         "        @w = [@w for @w in self.@w if @w]", "    def @w(self, @w=None):", '        """Return the @w."""'],
        "sys.exit(@w())",
    ),
    "c": (
        "#include <stdio.h>\n#include <stdlib.h>\n\nstatic int @w(char *@w, size_t @w) {",
        ["    for (int i = 0; i < @n; i++) {\n        @w[i] = @n;\n    }", "    if (@w == NULL) return -1;",
         '    printf("%d\\n", @w);', "    struct @w *@w = malloc(sizeof(*@w));"],
        "    return 0;\n}",
    ),
    "javascript": (
        "'use strict';\nconst @w = require('@w');",
        ["const @w = (@w) => @w.map((x) => x + @n);", "module.exports.@w = @w;", "let @w = null;",
         "function @w(@w) {\n  return @w === null ? @n : @w.@w();\n}",
         "document.getElementById('@w').addEventListener('click', () => { @w(); });"],
        "module.exports = @w;",
    ),
    "html": (
        '<!DOCTYPE html>\n<html lang="en">\n<head><title>@w</title></head>\n<body>',
        ['<div class="@w"><p>@w @w @w</p></div>', '<a href="/@w/@n">@w</a>', "<ul><li>@w</li><li>@w</li></ul>",
         '<h2 id="@w">@w @w</h2>'],
        "</body>\n</html>",
    ),
    "css": (
        "body { margin: 0; }",
        [".@w > p { color: #fff; padding: @npx; }", "#@w { display: flex; }", "@media print { .@w { display: none; } }",
         ".@w:hover { top: @npx; }"],
        "",
    ),
    "sql": (
        "CREATE TABLE @w (id INTEGER PRIMARY KEY, @w TEXT);",
        ["INSERT INTO @w (@w, @w) VALUES (@n, '@w');", "SELECT @w, COUNT(*) FROM @w WHERE @w > @n GROUP BY @w;",
         "UPDATE @w SET @w = @n WHERE @w IS NULL;", "DROP TABLE IF EXISTS @w;"],
        "COMMIT;",
    ),
    "shell": (
        "#!/bin/bash\nset -euo pipefail",
        ['for @w in *.txt; do\n  echo "$@w" >> @w.log\ndone', 'if [ -f "$@w" ]; then rm -f "$@w"; fi',
         'export @w="$(cat @w | wc -l)"', "grep -r '@w' . | sort | head -n @n"],
        "exit 0",
    ),
    "json": (
        '{"@w": @n,', ['"@w": {"@w": [@n, @n, null]},', '"@w": "@w @w",', '"@w": true,'], '"@w": false}',
    ),
    "yaml": (
        "---\n@w: @n", ["@w:\n  - @w: @n\n    @w: true", "@w:\n  @w: '@w @w'", "# the @w of @w", "@w: [@w, @w]"], "",
    ),
    "rust": (
        "use std::collections::HashMap;\n\nfn main() {",
        ["    let mut @w: Vec<u32> = vec![@n, @n];", '    println!("{}", @w);',
         "    match @w.get(&@n) { Some(x) => x, None => return Err(@w) };",
         "    impl @w for @w { fn @w(&self) -> usize { self.@w.len() } }"],
        "}",
    ),
    "csv": ("@w,@w,@w,@w", ["@n,@n,@w,@n", "@n,@n,@w,", "@n,0,@w,@n"], ""),
    "xml": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<root>',
        ['<@w id="@n"><item>@w</item></@w>', '<item @w="@w"/>', "<!-- @w @w -->"],
        "</root>",
    ),
}  # fmt: skip


def text(kind: str, rng: np.random.Generator) -> bytes:
    """Return a text of a kind: drawn lines with drawn words and numbers."""
    first, lines, last = TEXTS[kind]
    body = "\n".join([first, *rng.choice(lines, size=int(rng.integers(3, 60))), last])
    return re.sub(
        "@[wn]", lambda one: str(rng.choice(WORDS)) if one[0] == "@w" else str(rng.integers(1000)), body
    ).encode()


def zipped(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a zip archive of one file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{rng.choice(WORDS)}.bin", content)
    return out.getvalue()


def tarred(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a tar archive of one file."""
    out, entry = io.BytesIO(), tarfile.TarInfo(f"{rng.choice(WORDS)}.txt")
    entry.size = len(content)
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def sound(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a wave file."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(int(rng.choice([8000, 16000, 44100])))
        file.writeframes(rng.normal(scale=3000, size=len(content)).astype("<i2").tobytes())
    return out.getvalue()


def array(content: bytes, rng: np.random.Generator) -> bytes:
    """Return an array as numpy saves it."""
    out = io.BytesIO()
    np.save(out, rng.standard_normal((len(content) // 50, 5)))
    return out.getvalue()


def pickled(content: bytes, rng: np.random.Generator) -> bytes:
    """Return a pickle of words and numbers; it is looked at, never opened."""
    return pickle.dumps([{str(word): int(rng.integers(1000))} for word in content.decode().split()])


BINARY: dict[str, Callable[[bytes, np.random.Generator], bytes]] = {
    "gzip": lambda content, _: gzip.compress(content, mtime=0),
    "bzip": lambda content, _: bz2.compress(content),
    "xz": lambda content, _: lzma.compress(content),
    "zip": zipped,
    "tar": tarred,
    "wav": sound,
    "npy": array,
    "pickle": pickled,
}
KINDS = (*TEXTS, *BINARY)


def file_of(kind: str, rng: np.random.Generator) -> bytes:
    """Return the bytes of a file of a kind."""
    if kind in TEXTS:
        return text(kind, rng)
    return BINARY[kind](" ".join(rng.choice(WORDS, size=int(rng.integers(100, 900)))).encode(), rng)


def as_taken(content: bytes) -> np.ndarray:
    """Return what the package's `_extract_features_from_seekable` makes of a file: its first and last bytes, without blanks."""
    first, last = content[:BLOCK].lstrip()[:PART], content[-BLOCK:].rstrip()[-PART:]
    found = np.full(2 * PART, PADDING, np.int32)
    found[: len(first)], found[2 * PART - len(last) :] = list(first), list(last)
    return found


def files(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return files of all kinds in turn as the network takes them, (count, 2048), and the name of each one's kind."""
    rng = np.random.default_rng(seed)
    kinds = np.array([KINDS[i % len(KINDS)] for i in range(count)])
    return np.stack([as_taken(file_of(kind, rng)) for kind in kinds]), kinds
