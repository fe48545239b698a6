"""The panels of this lesson: plain functions from settings to a View."""

from dataclasses import replace
from functools import lru_cache

from helpers import closed_forms, networks
from helpers.experiments import answers
from helpers.live.canvas import View
from helpers.live.controls import Slider
from helpers.live.panels import panel
from helpers.live.squares import MISSES, missed, now, squared_by_hand
from helpers.pictures import marks
from helpers.pictures.marks import Frame
from helpers.problems import Scaling, rmse
from helpers.question import SQUARE, X, Y

import numpy as np

WIDEST, DEEPEST = 64, 10
WIDTHS = {k: f"{k}" for k in (1, 4, 16, 64)}
UNITS = {k: f"{k}" for k in (1, 10, 100)}


def _described(predicted: np.ndarray) -> str:
    sizes = np.abs(predicted - Y)
    wrong = f"{(sizes > 0).sum():,} of {len(Y):,} predictions wrong"
    return f"worst error {sizes.max():,}, RMSE {rmse(Y, predicted):,.2f}, {wrong}"


@panel(
    [MISSES, Frame("straight pieces", "RMSE", (0.9, 70), (10, 200_000), "xy", WIDTHS, legend="lower left")],
    pieces=Slider("straight pieces", 4, 1, WIDEST, unit="pieces"),
)
def width_by_hand(pieces: int) -> View:
    """Square with one hidden layer set by hand: its error at every number, and the law of pieces."""
    predicted, _, error = squared_by_hand(pieces)
    k = np.arange(1, WIDEST + 1)
    floors = [closed_forms.pieces_floor(SQUARE.largest, each) for each in k]
    return View(
        f"{pieces} straight piece{'s' if pieces > 1 else ''}: {_described(predicted)}.",
        [[missed(predicted)], [marks.law(k, floors), now(error, pieces, "set by hand")]],
    )


@lru_cache
def _deep_answers(layers: int) -> np.ndarray:
    return answers(networks.deep_squarer(layers), Scaling(1024.0, 1024.0**2), X)


@panel(
    [MISSES, Frame("hidden units", "RMSE", (1, 2000), (0.1, 200_000), "xy", UNITS, legend="upper right")],
    layers=Slider("hidden layers", 3, 1, DEEPEST, unit="layers"),
)
def depth_by_hand(layers: int) -> View:
    """Square with a deep network set by hand: its error at every number, beside a wide one's."""
    predicted = _deep_answers(layers)
    wide = np.unique(np.geomspace(1, 2000, 60).round())
    floors = [closed_forms.units_floor(1024, int(k)) for k in wide]
    here = closed_forms.deep_errors(1024, layers)[1]
    one_layer = replace(marks.law(wide, floors), name="one layer")
    return View(
        f"{layers} hidden layer{'s' if layers > 1 else ''}, {2**layers:,} pieces: {_described(predicted)}. "
        f"On the whole curve the RMSE is {here:,.2f}.",
        [[missed(predicted)], [one_layer, now(here, 4 * layers, "deep")]],
    )
