"""What moves in this lesson: plain functions from settings to what is shown."""

from helpers.live.canvas import View
from helpers.live.controls import epochs_from
from helpers.live.panels import panel
from helpers.live.squares import ANSWERS, THE_SQUARES, answered, now, rmse_frame, trained_once
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about


@panel([ANSWERS, rmse_frame(100, 1e6)], trains=1, epochs=epochs_from(20, 500, 5))
def learning_to_square(epochs: int) -> View:
    """Train a ReLU network 64-1 on squares, x divided by 1000, from the same start for so many epochs."""
    trained = trained_once(SQUARE, [64, 1], activation="relu", scale="largest", epochs=epochs)
    predicted = trained.answers(X)
    error = rmse(Y, predicted)
    told = f"RMSE against x²: after {epochs} epochs {about(error)}."
    return View(told, [[THE_SQUARES, answered(predicted)], [now(error)]])
