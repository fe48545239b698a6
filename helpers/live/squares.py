"""What panels on squares share: frames, marks and training runs."""

from collections.abc import Sequence
from functools import lru_cache

from helpers import networks
from helpers.experiments import Trained, answers, run_seeds
from helpers.live.controls import Choice
from helpers.pictures.marks import BLUE, LOOKS, PURPLE, Bundle, Curve, Dots, Frame, expected, level
from helpers.problems import Problem, rmse
from helpers.question import FLOOR, SQUARE, X, Y

import numpy as np

ANSWERS = Frame("x", "answer", (0, 1000), (-250_000, 1_100_000), width=2)
MISSES = Frame("x", "size of the error", (0, 1000), (0.1, 1e6), log="y", legend="", width=1.5)
THE_SQUARES = expected(X, Y)
THE_FLOOR = level("the best line", FLOOR)


def rmse_frame(low: float, high: float, width: float = 1.0) -> Frame:
    """Return a frame for errors on a logarithmic y axis, without an x axis."""
    return Frame("", "RMSE of the answers", (0, 1), (low, high), log="y", x_ticks={}, width=width)


def now(error: float, at: float = 0.5, name: str = "now") -> Dots:
    """Return the large dot of the present error."""
    return Dots(name, [at], [error], {"color": BLUE, "markersize": 13})


def answered(predicted: np.ndarray, x: np.ndarray = X) -> Curve:
    """Return the curve of a network's answers."""
    return Curve("the network", x, predicted, LOOKS[0])


def missed(predicted: np.ndarray) -> Curve:
    """Return the curve of the absolute errors for `MISSES`, clipped at its lower limit."""
    shown = np.maximum(np.abs(predicted - Y), MISSES.y_limits[0])
    return Curve("|answer − x²|", X, shown, LOOKS[0] | {"linewidth": 1.5})


def trained_once(problem: Problem, units: Sequence[int], *, seed: int = 0, **recipe: object) -> Trained:
    """Train one network for one picture; the next call reuses its model."""
    return run_seeds(problem, units, seeds=[seed], **recipe).lend(0)


STARTS = 20
ACTIVATION = Choice("activation", "relu", tuple(networks.ACTIVATIONS))


def widths(shape: str) -> list[int]:
    """Return the units of each layer for a choice such as "8-8-1"."""
    return [int(width) for width in shape.split("-")]


def thin_lines(name: str, predicted: np.ndarray) -> Bundle:
    """Return the thin curves of several networks' answers, (networks, 1000, 1)."""
    return Bundle(name, X, predicted, {"color": PURPLE, "linewidth": 1})


def rmse_of_each(predicted: np.ndarray) -> np.ndarray:
    """Return the RMSE of each network's answers, (networks,)."""
    return np.array([rmse(Y, one) for one in predicted])


@lru_cache
def squared_by_hand(pieces: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the answers of `networks.squarer` to 1..1000, its kinks inside the range, and its RMSE."""
    model = networks.squarer(pieces)
    predicted = answers(model, SQUARE.scaling("largest"), X)
    return predicted, networks.kinks(model)[1:] * SQUARE.largest, rmse(Y, predicted)
