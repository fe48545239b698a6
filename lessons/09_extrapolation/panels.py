"""The panels of this lesson: plain functions from settings to a View."""

from dataclasses import replace

from helpers.experiments import run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider
from helpers.live.panels import panel
from helpers.live.squares import answered
from helpers.pictures import marks
from helpers.pictures.marks import RED, Dots, Frame
from helpers.problems import Problem
from helpers.words import about

import numpy as np

FARTHEST = 6000
FAR = np.linspace(1, FARTHEST, 600).round()[:, np.newaxis]
FAR_X = {"x_limits": (0, FARTHEST), "x_ticks": marks.ticks(2000, FARTHEST)}
MILLIONS = {at * 1e6: f"{at} million" for at in (0, 10, 20, 30, 40)}
FAR_ANSWERS = Frame("x", "prediction", y_limits=(-5e6, 4e7), y_ticks=MILLIONS, width=1.5, **FAR_X)


@panel(
    [FAR_ANSWERS, Frame("x", "size of the error", y_limits=(10, 1e8), log="y", legend="", **FAR_X)],
    trains=1,
    press="asked",
    page={
        "trained_to": (200, 400, 600, 1000, 1400, 2000),
        "asked": (100, 500, 1000, 1200, 1500, 2000, 2500, 3000, 3500, 4000, 4500, 5000, 5500, 6000),
    },
    activation=Choice("activation", "relu", ("relu", "tanh", "sine")),
    trained_to=Slider("trained on 1 up to", 1000, 200, 2000, 200),
    asked=Slider("asked", 3000, 100, FARTHEST, 100),
)
def beyond_the_range(activation: str, trained_to: int, asked: int) -> View:
    """Train 16 units on 1,000 squares up to a limit of your choice, and ask the network for more."""
    problem = Problem("square", largest=trained_to)
    recipe = {"activation": activation, "scale": "largest", "learning_rate": 0.01}
    trained = run_seeds(problem, [16, 1], seeds=[6], **recipe).lend(0)
    predicted = trained.answers(FAR)
    answer = int(trained.answers(np.array([[asked]]))[0, 0])
    place = "inside" if asked <= trained_to else "beyond"
    edge = replace(marks.level("trained up to here", trained_to, ":", upright=True), still=False)
    missed, off = np.maximum(abs(predicted - FAR**2), 10), max(abs(answer - asked**2), 10)
    dot = Dots("asked", [asked], [answer], {"color": RED, "marker": "D", "markersize": 10})
    return View(
        f"Trained on 1 to {trained_to:,}: RMSE there {about(trained.rmse())}. For {asked:,}, {place} the "
        f"range, it predicts {about(answer)}; x² is {asked**2:,}.",
        [
            [marks.expected(FAR, FAR**2), edge, answered(predicted, FAR), dot],
            [edge, answered(missed, FAR), replace(dot, y=[off])],
        ],
    )
