"""The panels of this lesson: plain functions from settings to a View."""

from dataclasses import replace

from helpers import closed_forms
from helpers.experiments import run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import MISSES, STARTS, missed
from helpers.live.trails import epochs_frame, errors, trails
from helpers.pictures.marks import RED, Curve, level
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about

import numpy as np

LONGEST = 2000


def _best(units: int) -> Curve:
    """Return the error of the best curve of a number of ReLU units; see closed_forms.units_floor."""
    h = SQUARE.largest / (units + 0.5)
    from_middle = X - h * np.round(X / h)
    misses = np.maximum(np.abs(from_middle**2 - h**2 / 12), MISSES.y_limits[0])
    return Curve("the best curve", X, misses, {"color": RED, "linewidth": 1})


@panel(
    [replace(MISSES, legend="upper right"), epochs_frame(LONGEST, 10, 1e6, width=1.2)],
    trains=1,
    press="epochs",
    page={"epochs": (0, 50, 200, 500, 1000, 2000), "seed": range(6)},
    forgets=True,
    units=Steps("ReLU units", 8, (2, 4, 8, 16, 32, 64), "units"),
    epochs=epochs_from(500, LONGEST, 50),
    seed=Slider("start (seed)", 0, 0, STARTS - 1),
)
def found_and_possible(units: int, epochs: int, seed: int, seen: dict | None = None) -> View:
    """Train one hidden layer, and compare it with the best that its units could do."""
    runs = run_seeds(
        SQUARE, [units, 1], seeds=[seed], activation="relu", scale="largest", examples=None, epochs=epochs
    )
    predicted = runs.answers(X)[0]
    error, floor = rmse(Y, predicted), closed_forms.units_floor(SQUARE.largest, units)
    drawn, kept = trails((units, seed), errors(runs, error)[0], seen)
    return View(
        f"{units} units, start {seed}, {epochs:,} epochs: RMSE {about(error)}, "
        f"{about(error / floor, 2)} times the floor, {floor:,.0f}.",
        [[_best(units), missed(predicted)], [level("floor for this width", floor), *drawn]],
        kept,
    )
