"""The panels of this lesson: plain functions from settings to a View."""

from dataclasses import replace

from helpers.experiments import run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Choice, Steps, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import ANSWERS, STARTS, THE_SQUARES, rmse_frame, thin_lines, widths
from helpers.pictures import marks
from helpers.question import SQUARE, X
from helpers.words import about

import numpy as np

SIDES = {0.5: "examples", 1.5: "held out"}
JUDGED = replace(rmse_frame(100, 1e6, width=1.4), x_limits=(0, 2), x_ticks=SIDES, legend="")


@panel(
    [ANSWERS, JUDGED],
    trains=STARTS,
    press="learning_rate",
    page={
        "network": ("64-1", "8-8-1"),
        "batch_size": (20, 100, 1000),
        "epochs": (100, 500),
    },
    network=Choice("units in each layer", "64-1", ("8-1", "64-1", "8-8-1", "16-16-1")),
    learning_rate=Steps("learning rate", 0.001, (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)),
    batch_size=Steps("examples in a batch", 100, (20, 50, 100, 500, 1000)),
    epochs=epochs_from(500, 500, 50),
    examples=Steps("examples to train on", 1000, (20, 100, 1000)),
)
def fair_trial(network: str, **recipe: float) -> View:
    """Change the recipe, and judge 20 starts on numbers they were trained on and on others."""
    recipe |= {"activation": "relu", "scale": "largest"}
    runs = run_seeds(SQUARE, widths(network), seeds=range(STARTS), **recipe)
    seen, unseen = runs.rmse(), runs.held_out_rmse()
    medians = float(np.median(seen)), float(np.median(unseen))
    more = about(medians[1] / medians[0], 2)
    strips = [
        *marks.strip("trained on", seen, at=0.5, median="median, examples"),
        *marks.strip("held out", unseen, at=1.5, median="median, held out"),
    ]
    return View(
        f"Median RMSE of {STARTS} starts after {recipe['epochs']} epochs: {about(medians[0])} on the "
        f"examples, and {about(medians[1])} on held-out numbers, {more} times as much.",
        [[THE_SQUARES, thin_lines("one start each", runs.answers(X))], strips],
    )
