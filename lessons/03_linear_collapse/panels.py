"""The panels of this lesson: plain functions from settings to a View."""

from helpers import closed_forms
from helpers.live.canvas import View
from helpers.live.controls import Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import ANSWERS, THE_SQUARES, trained_once
from helpers.pictures.marks import BLACK, BLUE, LOOKS, Curve, Dots, Frame
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about, line, number

import numpy as np

ALL_LINES = (-1500, 1500), (-400_000, 700_000)  # that training passes through
SLOPES = {-1000: "−1,000", 0: "0", 1000: "1,000"}
TWO_NUMBERS = Frame("slope", "intercept", *ALL_LINES, x_ticks=SLOPES, legend="lower left", width=1.5)
BEST = {"color": BLACK, "marker": "X", "markersize": 13}
SLOPE, INTERCEPT = closed_forms.best_line(SQUARE.largest)
BEST_LINE = f"{number(round(SLOPE))}·x − {number(round(-INTERCEPT))}"
THE_BEST = Dots("best line", *np.transpose([(SLOPE, INTERCEPT)]), BEST, still=True)


@panel(
    [ANSWERS, TWO_NUMBERS],
    trains=1,
    press="epochs",
    page={"epochs": (0, 10, 20, 30, 50, 80, 100, 150, 200, 250, 300, 400, 500)},
    layers=Slider("hidden layers", 1, 0, 3, unit="layers"),
    width=Steps("units in each", 8, (1, 8, 32), "units"),
    epochs=epochs_from(500, 500, 10),
)
def depth_of_a_linear_network(layers: int, width: int, epochs: int) -> View:
    """Make a linear network deeper and wider, and see the two numbers that it collapses into."""
    units = [width] * layers + [1]
    trained = trained_once(SQUARE, units, scale="largest", examples=None, epochs=epochs)
    predicted = trained.answers(X)
    slope, intercept = trained.line()
    both = [
        Curve("the network", X, predicted, LOOKS[0] | {"linewidth": 6, "alpha": 0.6}),
        Curve("its two numbers", X, slope * X + intercept, LOOKS[1] | {"linewidth": 2}),
    ]
    here = Dots("the network", [slope], [intercept], {"color": BLUE, "markersize": 10})
    return View(
        f"{trained.model.count_params():,} weights and biases after {epochs:,} epochs: RMSE "
        f"{about(rmse(Y, predicted))}. Collapsed: {line(slope, intercept)}; the best line: "
        f"{BEST_LINE}.",
        [[THE_SQUARES, *both], [THE_BEST, here]],
    )
