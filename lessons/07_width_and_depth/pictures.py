"""The figures that only this lesson shows."""

from collections.abc import Mapping

from helpers.pictures import marks
from helpers.pictures.figures import each_curve, exact, picture
from helpers.pictures.marks import Frame, Picture, still
from helpers.problems import rmse, same_length

import numpy as np


@picture
def errors(x: np.ndarray, expected: np.ndarray, predictions: Mapping[str, np.ndarray]) -> Picture:
    """Draw by how much up to four predictions, set by hand, miss what was expected, over x.

    Takes what `fit` takes, x rising.
    """
    missed, rows = {}, []
    for name, predicted in predictions.items():
        same_length(expected=expected, predicted=predicted)
        left = missed[name] = np.ravel(expected) - np.ravel(predicted)
        wrong = f"{(left != 0).sum():,} of {left.size:,}"
        rows.append((name, f"{np.abs(left).max():,.0f}", exact(rmse(left, 0 * left)), wrong))
    frame = Frame("x", "error: x² − prediction", legend="outside upper right")
    figure = still((frame, each_curve(missed, np.ravel(x), linewidth=1.8)))
    return marks.described(
        figure, "How far the predictions are from x²", ["network", "worst error", "RMSE", "wrong"], rows
    )


@picture
def folds(z: np.ndarray, curves: Mapping[str, np.ndarray]) -> Picture:
    """Draw up to four curves by name over z from 0 to 1, (points,), and count how often each turns."""
    turns = {name: (np.diff(np.sign(np.diff(curve))) != 0).sum() for name, curve in curves.items()}
    rows = [(name, f"{count} time{'s' if count > 1 else ''}") for name, count in turns.items()]
    figure = still((Frame("z", "g", legend="outside right upper"), each_curve(curves, z)))
    return marks.described(figure, "How often each curve turns", ["curve", "turns"], rows)
