"""Numbers in the prose of this lesson that its code does not set."""

import math

from helpers import question
from helpers.problems import rmse
from helpers.question import FLOOR, X, Y
from lessons.facts import thread_line

import numpy as np

from .pictures import closest_line

BEST_LINE = np.polyfit(X[:, 0], Y[:, 0], 1)  # not from closed_forms, which it checks


def line_passes_within() -> str:
    """Return the largest distance of the printed squares from the closest line: below ½."""
    expected, predicted = question.rows("square")
    x = np.sqrt(expected)
    return f"{np.abs(np.polyval(closest_line(x, predicted), x) - predicted).max():.2f}"


FACTS = {
    "layers_of_the_question": "-".join(map(str, question.LAYERS)),
    "above_the_floor": lambda: f"{100 * (question.PRINTED_RMSE['square'] / FLOOR - 1):.1f}",
    "line_passes_within": line_passes_within,
    "worst_of_the_best_line": round(np.abs(Y - np.polyval(BEST_LINE, X)).max()),
    "lines_apart": lambda: math.ceil(100 * (rmse(Y, np.polyval(thread_line(), X)) / FLOOR - 1)),
    "the_curve_dips": 1,  # per cent, at most: checked in tests/test_explore.py
}
