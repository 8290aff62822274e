"""Numbers as every sentence, table and page writes them."""

from __future__ import annotations

NOTHING = 1e-3  # of the value: an end of an interval below it is zero to any reader
LEAST = 1e-5  # of a whole
LEAST_P = 1e-4


def digits(value: float | None) -> str:
    """Return a number with two or three digits that say something; nothing is rounded to zero.

    Examples
    --------
    >>> [digits(v) for v in (0.0, 2e-5, 0.0312, 5.0, 12.34, 123.4, 51234.0, 2.5e7, None)]
    ['0', '2e-5', '0.031', '5', '12.3', '123', '51234', '2.5e7', '-']
    """
    if value is None or value != value:
        return "-"
    size = abs(value)
    if (0 < size < 1e-3) or 1e6 <= size < float("inf"):
        tens, power = f"{value:.1e}".split("e")
        return f"{tens.removesuffix('.0')}e{int(power)}"
    if size >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}" if size >= 10 else f"{value:.2g}"


def end_digits(end: float | None, value: float | None) -> str:
    """Return an end of an interval with two or three digits; one that is below a thousandth of the value is 0.

    Examples
    --------
    >>> end_digits(0.11, 1.0), end_digits(2e-5, 1.0), end_digits(-1e-13, -1.2), end_digits(None, 1.0)
    ('0.11', '0', '0', '-')
    """
    nothing = end is not None and value is not None and abs(end) < NOTHING * abs(value)
    return "0" if nothing else digits(end)


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """Return an interval in brackets, with a space before it; nothing where an end is missing.

    Examples
    --------
    >>> "3.1 %" + interval(3.1, 2.4, 3.9), "0.13 %" + interval(0.13, 8.6e-13, 3.6), "5 %" + interval(5.0, None, None)
    ('3.1 % [2.4, 3.9]', '0.13 % [0, 3.6]', '5 %')
    """
    if low is None or high is None or low != low or high != high:
        return ""
    return f" [{end_digits(low, value)}, {end_digits(high, value)}]"


def per_cent(fraction: float | None, low: float | None = None, high: float | None = None) -> str:
    """Return a fraction in per cent, with its interval where there is one.

    Examples
    --------
    >>> per_cent(0.031, 0.024, 0.039), per_cent(0.0013, 8.6e-15, 0.036), per_cent(1.2), per_cent(0.0)
    ('3.1 % [2.4, 3.9]', '0.13 % [0, 3.6]', '120 %', '0 %')
    >>> per_cent(2e-31, 1e-31, 3e-31), per_cent(1e-6, 0.0, 0.002), per_cent(None)
    ('under 0.001 %', 'under 0.001 % [0, 0.2]', '-')
    """
    if fraction is None or fraction != fraction:
        return "-"
    little = f"under {digits(100 * LEAST)} %"
    if low is None or high is None or low != low or high != high:
        return little if 0 < abs(fraction) < LEAST else f"{digits(100 * fraction)} %"
    if max(abs(low), abs(high)) < LEAST:
        return little
    return f"{per_cent(fraction)} [{hundreds(low, fraction)}, {hundreds(high, fraction)}]"


def tick_words(fraction: float) -> str:
    """Return a place on an axis in per cent: it is one of several, so that the smallest are written out, too.

    Examples
    --------
    >>> tick_words(0.1), tick_words(1e-6)
    ('10 %', '1e-4 %')
    """
    return f"{digits(100 * fraction)} %"


def hundreds(end: float, fraction: float) -> str:
    """Return an end of an interval of a fraction in hundredths: what is nothing beside it, or under 0.001 %, is 0.

    Examples
    --------
    >>> hundreds(0.0312, 0.04), hundreds(1e-6, 0.00002)
    ('3.1', '0')
    """
    return "0" if abs(end) < LEAST else end_digits(100 * end, 100 * fraction)


def signed(fraction: float, value: float | None = None) -> str:
    """Return a rise in points of a hundred, with its sign; of an end of an interval, what it is of the value.

    Examples
    --------
    >>> signed(0.0812), signed(-0.01), signed(0.0), signed(1e-15, -0.02)
    ('+8.1', '-1', '0', '0')
    """
    points = end_digits(100 * fraction, None if value is None else 100 * value)
    return f"{'+' if fraction > 0 and points != '0' else ''}{points}"


def p_digits(p: float | None) -> str:
    """Return a p with two digits and, as papers write it, without the zero that it always has.

    Examples
    --------
    >>> p_digits(0.005), p_digits(0.25), p_digits(1.0), p_digits(3e-7), p_digits(None)
    ('= .005', '= .25', '= 1', '< .0001', '-')
    """
    if p is None or p != p:
        return "-"
    return f"< {LEAST_P:f}".replace("0.", ".", 1).rstrip("0") if p < LEAST_P else f"= {_plain(p)}"


def p_cell(p: float | None) -> str:
    """Return a p as it stands under a heading that says what it is.

    Examples
    --------
    >>> p_cell(0.005), p_cell(3e-7), p_cell(None)
    ('.005', '< .0001', '-')
    """
    return p_digits(p).removeprefix("= ")


def _plain(p: float) -> str:
    text = f"{p:.2g}"
    return f"{p:.5f}".rstrip("0").lstrip("0") if "e" in text else text.removeprefix("0") if 0 < p < 1 else text
