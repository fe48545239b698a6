"""The panels of this lesson: plain functions from settings to a View."""

from helpers import closed_forms, networks
from helpers.experiments import run_seeds
from helpers.live import squares
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.pictures import marks
from helpers.problems import Scaling
from helpers.question import SQUARE, X
from helpers.words import plural, short, spread

import numpy as np

from .pictures import kinks_frame, kinks_of

DIVISORS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SCALES = {"x/L²": "question", "x/L": "largest"}
KINKS = [kinks_frame(name, 8, SQUARE.largest, first=name == "x/L²") for name in SCALES]


@panel(
    KINKS,
    trains=1,
    page={"seed": range(10)},
    steps=Steps("steps of Adam", 1, (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500), "steps", film=True),
    learning_rate=Steps("learning rate", 0.001, (0.00001, 0.0001, 0.001, 0.01)),
    seed=Slider("start (seed)", 0, 0, squares.STARTS - 1),
)
def kinks_step_by_step(steps: int, learning_rate: float, seed: int) -> View:
    """Train 8-8-1 with ReLU step by step, all squares in each, and see where the first kinks go."""
    frames, counts, most = [], [], SQUARE.largest
    recipe = {"activation": "relu", "examples": None, "batch_size": most, "learning_rate": learning_rate}
    for name, scale in SCALES.items():
        trained = run_seeds(SQUARE, [8, 8, 1], seeds=[seed], scale=scale, epochs=steps, **recipe).lend(0)
        bends = networks.kinks(trained.model) * trained.scaling.x_divisor
        drawn, (inside, _, off) = kinks_of(trained.model.get_weights()[0][0], bends, most)
        frames.append(drawn)
        verb = "" if counts else " bends" if inside == 1 else " bend"
        counts.append((f"≈ {inside}{verb} at {name}", f"≈ {off}"))
    bend, off = zip(*counts, strict=True)
    done = f"After {plural(steps, 'step')} of rate {np.format_float_positional(learning_rate)}"
    return View(f"{done}, of 8 units {', '.join(bend)}; {' and '.join(off)} are off.", frames)


THE_MEAN = marks.level("the mean", closed_forms.mean_floor(SQUARE.largest), ":")


@panel(
    [squares.ANSWERS, squares.rmse_frame(100, 1e9, width=1.4)],
    trains=squares.STARTS,
    page={
        "activation": ("relu", "tanh", "gelu"),
        "initializer": ("glorot_uniform", "random_normal"),
        "epochs": (0, 100, 500),
    },
    divisor=Steps("divide x by", 1_000_000, DIVISORS),
    activation=squares.ACTIVATION,
    initializer=Choice("initialiser", "glorot_uniform", networks.INITIALIZERS),
    epochs=epochs_from(500, 500, 50),
)
def input_scale(divisor: int, **recipe: object) -> View:
    """Divide the inputs by anything from 1 to a million, and see where 20 starts of 8-8-1 end."""
    scale = Scaling(divisor, float(SQUARE.largest_target))
    predicted = run_seeds(SQUARE, [8, 8, 1], seeds=range(squares.STARTS), scale=scale, **recipe).answers(X)
    errors = squares.rmse_of_each(predicted)
    constant = int((np.ptp(predicted, axis=(1, 2)) == 0).sum())
    largest = short(SQUARE.largest / divisor)
    return View(
        f"x/{divisor:,}, {recipe['epochs']} epochs, {squares.STARTS} starts: median RMSE {spread(errors)}; "
        f"≈ {constant} {'gives' if constant == 1 else 'give'} every x one answer. Largest input: {largest}.",
        [
            [squares.THE_SQUARES, squares.thin_lines("one start each", predicted)],
            [squares.THE_FLOOR, THE_MEAN, *marks.strip("20 starts", errors, at=0.5)],
        ],
    )
