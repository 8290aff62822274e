"""Numbers as every sentence, table and page writes them."""

from __future__ import annotations


def digits(value: float | None) -> str:
    """Return a number with two or three digits that say something; nothing is rounded to zero.

    Examples
    --------
    >>> [digits(v) for v in (0.0, 2e-5, 0.0312, 5.0, 12.34, 123.4, 51234.0, None)]
    ['0', '2e-05', '0.031', '5', '12.3', '123', '51234', '-']
    """
    if value is None or value != value:
        return "-"
    size = abs(value)
    if 0 < size < 1e-3:
        return f"{value:.1e}".replace(".0e", "e")
    if size >= 100:
        return f"{value:.0f}" if size < 1e6 else f"{value:.1e}"
    return f"{value:.3g}" if size >= 10 else f"{value:.2g}"
