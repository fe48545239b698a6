"""Numbers as text, for figures and tables."""

import re
from collections.abc import Iterable, Sequence

from helpers.problems import same_length

import numpy as np
from IPython.display import Markdown


def number(value: float) -> str:
    """Return an exact number as the prose writes it: "1,000", "0.5", "−163,514"."""
    return f"{value:,.10g}".replace("-", "−")


def short(value: float) -> str:
    """Return an exact number, rounded to three digits: "0.333", "−1,230"."""
    return number(float(f"{value:.3g}") + 0.0)  # no −0


def rounded(value: float, digits: int = 4) -> str:
    """Return an exact number, rounded to digits, and without an exponent: "164,700", "−3", "0.00001"."""
    value = float(f"{value:.{digits}g}") + 0.0  # no −0
    small = 1e-9 <= abs(value) < 1e-4
    plain = np.format_float_positional(value, trim="-") if small else f"{value:,.{max(digits, 15)}g}"
    return plain.replace("-", "−")


def about(value: float, digits: int = 3) -> str:
    """Return a trained number, rounded to `digits` digits and marked as such: "≈ 75,800"."""
    if value == 0 or not np.isfinite(value):
        return f"≈ {value:g}"
    rounded = float(f"{value:.{digits - 1}e}")
    if abs(rounded) < 1e-4:
        return f"≈ {value:.{digits - 1}e}".replace("≈ -", "≈ −")
    decimals = max(0, digits - 1 - int(np.floor(np.log10(abs(rounded)))))
    return f"≈ {rounded:,.{decimals}f}".replace("-", "−")


def spread(values: Sequence[float]) -> str:
    """Return the median of trained numbers and their range: "≈ 671 (≈ 387 to ≈ 1,260)"."""
    return f"{about(float(np.median(values)))} ({about(min(values))} to {about(max(values))})"


def line(slope: float, intercept: float) -> str:
    """Return a trained line in words: "≈ 1,000·x − ≈ 167,000"."""
    sign = "−" if intercept < 0 else "+"
    return f"{about(slope)}·x {sign} {about(abs(intercept))}"


def plural(number: int, noun: str) -> str:
    """Return a number and its noun: "1 unit", "2 units"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Return texts as a list in prose: "a", "a and b", "a, b and c"."""
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def rows(expected: Iterable[int], predicted: Iterable[int], *, trained: bool = False) -> str:
    """Return the lines that the thread printed: "Expected=120, Predicted=120 (err=0)".

    trained: mark the predictions with ≈, as they differ between machines.
    """
    expected, predicted = np.ravel(expected), np.ravel(predicted)
    same_length(expected=expected, predicted=predicted)
    mark = "≈ " if trained else ""
    return "\n".join(
        f"Expected={right}, Predicted={mark}{answer} (err={mark}{right - answer})"
        for right, answer in zip(expected, predicted, strict=True)
    )


def table(header: Sequence[str], lines: Iterable[Sequence[object]]) -> Markdown:
    """Return a table for the end of a cell, with numbers right-aligned and words left-aligned."""
    lines = [[str(cell) for cell in line] for line in lines]
    number_like = re.compile(r"[≈ −-]*\d(?!.*[A-Za-z]{3})")  # "≈ 3 of 8", but not "1 layer"
    numbers = [all(number_like.match(line[i]) for line in lines) for i in range(len(header))]
    ruler = ["--:" if right else ":--" for right in numbers]
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in (header, ruler, *lines)))
