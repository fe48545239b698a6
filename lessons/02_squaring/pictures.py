"""The figures that only this lesson shows."""

from helpers.pictures.figures import picture
from helpers.pictures.marks import BLACK, LOOKS, RED, Curve, Dots, Frame, Picture, still

import numpy as np


def closest_line(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return [slope, intercept] of the line whose largest distance from the points (n,) is least.

    Both are rounded as they are written, so that a reader can check them.
    """
    slopes = round(np.polyfit(x, y, 1)[0], 4) + np.arange(-1000, 1001) / 10_000
    rests = y - slopes[:, np.newaxis] * x
    at = np.ptp(rests, axis=1).argmin()
    return np.array([slopes[at], round((rests[at].max() + rests[at].min()) / 2, 1)])


@picture
def printed_rows(expected: np.ndarray, predicted: np.ndarray) -> Picture:
    """Draw printed rows of squares, int arrays (rows,), over x = √expected, and the predictions' line."""
    x, ends = np.sqrt(expected), np.array([0, 1000])
    slope, intercept = closest_line(x, predicted)
    deviation = np.abs(slope * x + intercept - predicted).max()
    drawn = [
        Curve("one straight line", ends, slope * ends + intercept, LOOKS[0]),
        Dots("predicted", x, predicted, {"marker": "s", "color": RED, "markersize": 10}),
        Dots("expected: x²", x, expected, {"color": BLACK, "markersize": 9}),
    ]
    line = f"{slope:.4f}·x {'−' if intercept < 0 else '+'} {abs(intercept):,.1f}"
    summary = f"All {len(x)} predictions lie within {deviation:.2f} of the line {line}"
    figure = still((Frame("x", "answer"), drawn))
    return Picture(figure, f"{summary}, while the expected answers bend away from it.")
