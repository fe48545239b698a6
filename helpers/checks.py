"""One clear sentence for bad input: what was expected, what was given, what to do."""

import operator
from collections.abc import Iterable

import numpy as np


class InputError(ValueError):
    """Input that a helper cannot work with.

    IPython shows only its sentence: a learner gets no wall of traceback.
    """

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def one_line(text: str, most: int = 60) -> str:
    """Return a text without line breaks, cut to a number of characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def whole_number(name: str, value: object, *, at_least: int = 1) -> int:
    """Return `value` as an int, or raise InputError if it is not a whole number >= `at_least`."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or number < at_least:
        raise InputError(
            f"{name} must be a whole number, {at_least} or more, but is {one_line(repr(value))}: "
            f"give for example {name}={max(at_least, 10)}."
        )
    return number


def one_of(name: str, value: str, choices: Iterable[str]) -> str:
    """Return `value`, or raise InputError if it is not one of `choices`."""
    if value not in tuple(choices):
        raise InputError(
            f"{name} must be one of {', '.join(choices)}, but is {one_line(repr(value))}: choose one of them."
        )
    return value


def columns(name: str, values: object, *wanted: int) -> np.ndarray:
    """Return `values` as a float array (examples, columns); one-dimensional values become one column.

    Raises InputError for text, NaN, infinity, no example, another shape or a number of columns not `wanted`.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(
            f"{name} must be numbers in rows of equal length, but holds {one_line(repr(values), 40)}: "
            "turn them into numbers first."
        ) from None
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2:
        raise InputError(
            f"{name} must have the shape (examples, columns), but has {array.shape}: reshape it."
        )
    if wanted and array.shape[1] not in wanted:
        count = "1 column" if wanted[0] == 1 else f"{wanted[0]} columns"
        raise InputError(
            f"{name} must have {count} for this model, but has {array.shape[1]}: "
            "change the model or the data."
        )
    if array.size == 0:
        raise InputError(f"{name} must have at least one example, but is empty: draw some first.")
    if not np.isfinite(array).all():
        row = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise InputError(
            f"{name} must be finite numbers, but row {row} holds {one_line(str(array[row].tolist()))}: "
            "remove or repair that row."
        )
    return array
