"""The panels of this lesson: plain functions from settings to a View."""

from helpers.experiments import run_seeds
from helpers.live.canvas import View
from helpers.live.controls import epochs_from
from helpers.live.panels import panel
from helpers.live.squares import ANSWERS, THE_SQUARES, answered
from helpers.live.trails import epochs_frame, errors, trails
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about


@panel([ANSWERS, epochs_frame(500, 100, 1e6)], trains=1, forgets=True, epochs=epochs_from(20, 500, 5))
def learning_to_square(epochs: int, seen: dict | None = None) -> View:
    """Train a ReLU network 64-1 on squares, x divided by 1000, from the same start for a number of epochs."""
    runs = run_seeds(SQUARE, [64, 1], seeds=[0], activation="relu", scale="largest", epochs=epochs)
    predicted = runs.answers(X)[0]
    error = rmse(Y, predicted)
    sentence = f"RMSE against x²: after {epochs:,} epochs {about(error)}."
    drawn, kept = trails("the network", errors(runs, error)[0], seen)
    return View(sentence, [[THE_SQUARES, answered(predicted)], drawn], kept)
