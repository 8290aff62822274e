"""Numbers as every sentence, table and page writes them."""

from __future__ import annotations

NOTHING = 1e-3  # of the value: a lower bound below it is zero to any reader


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


def lower_digits(low: float | None, value: float | None) -> str:
    """Return a lower bound with two or three digits; one that is below a thousandth of the value is 0.

    Examples
    --------
    >>> lower_digits(0.11, 1.0), lower_digits(2e-5, 1.0), lower_digits(-1.2, 1.0), lower_digits(None, 1.0)
    ('0.11', '0', '-1.2', '-')
    """
    nothing = low is not None and value is not None and 0 <= low < NOTHING * value
    return "0" if nothing else digits(low)
