"""The panels of this lesson: plain functions from settings to a View."""

from dataclasses import replace

from helpers.live.canvas import View
from helpers.live.controls import Slider, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import ANSWERS, THE_FLOOR, THE_SQUARES, answered, now, rmse_frame, trained_once
from helpers.pictures.marks import GREEN, LOOKS, Curve, Dots, Frame, ticks
from helpers.problems import rmse
from helpers.question import FLOOR, SQUARE, X, Y
from helpers.words import about

import numpy as np


@panel(
    [replace(ANSWERS, y_limits=(-450_000, 1_100_000)), rmse_frame(50_000, 1e7)],
    # A page has a picture for each line beside each best one so far.
    page={
        "slope": (0, 500, 750, 1000, 1250, 2000),
        "intercept": (-300_000, -167_000, 0, 200_000),
    },
    slope=Slider("slope", 500, 0, 2000, 1, "times x"),
    intercept=Slider("intercept", 0, -400_000, 400_000, 1000, "added"),
)
def line_by_hand(slope: float, intercept: float, best: tuple[float, float] | None = None) -> View:
    """Move a line and try to get its RMSE on squares down; best: the slope and intercept best so far."""

    def error(line: tuple[float, float]) -> float:
        return rmse(Y, np.polyval(line, X))

    mine, ends = (slope, intercept), np.array([0, SQUARE.largest])
    best = min(mine, best or mine, key=error)
    best_line = f"{best[0]:,}·x {'−' if best[1] < 0 else '+'} {abs(best[1]):,}"
    lines = [
        Curve("best so far", ends, np.polyval(best, ends), LOOKS[2] | {"linewidth": 2}),
        Curve("your line", ends, np.polyval(mine, ends), LOOKS[0]),
    ]
    least = Dots("best so far", [0.5], [error(best)], {"color": GREEN, "marker": "D", "markersize": 9})
    return View(
        f"RMSE against x²: your line {error(mine):,.0f}. Best so far: {error(best):,.0f}, with {best_line}. "
        f"The floor of every line is {FLOOR:,.0f}.",
        [[THE_SQUARES, *lines], [THE_FLOOR, least, now(error(mine))]],
        kept={"best": best},
    )


WHILE_TRAINING = Frame(
    "epoch", "RMSE while training", (0, 1000), (50_000, 2e6), "y", ticks(500, 1000), width=1.5
)


@panel(
    [ANSWERS, WHILE_TRAINING],
    trains=1,
    press="seed",
    page={"epochs": (0, 20, 60, 100, 200, 400, 600, 1000), "seed": range(10)},
    layers=Slider("hidden layers of 8 units", 0, 0, 3, unit="layers"),
    epochs=epochs_from(200, 1000, 20),
    seed=Slider("start (seed)", 0, 0, 19),
)
def training_a_line(layers: int, epochs: int, seed: int) -> View:
    """Train linear networks on all squares, deeper and longer, from several starts."""
    units = [8] * layers + [1]
    trained = trained_once(SQUARE, units, scale="largest", examples=None, epochs=epochs, seed=seed)
    predicted = trained.answers(X)
    on_the_way = np.sqrt(trained.losses) * trained.scaling.y_divisor
    return View(
        f"{trained.model.count_params()} weights and biases after {epochs:,} epochs: RMSE against x² "
        f"{about(rmse(Y, predicted), 5)}. The floor of every line is {FLOOR:,.0f}.",
        [
            [THE_SQUARES, answered(predicted)],
            [THE_FLOOR, answered(on_the_way, np.arange(1, len(on_the_way) + 1))],
        ],
    )
