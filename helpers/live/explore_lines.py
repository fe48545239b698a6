"""The live panels of the notebooks 00 to 03, and what all panels share.

Each is a plain function from its settings to what is shown; it needs no browser.
"""

from collections.abc import Sequence

from helpers import closed_forms, networks
from helpers.experiments import Trained, run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Slider, Steps
from helpers.live.panels import panel
from helpers.marks import BLACK, BLUE, GREEN, LOOKS, Curve, Dots, Frame, expected, level
from helpers.problems import Problem, rmse
from helpers.words import about, line

import numpy as np

SQUARE = Problem("square")
X, Y = SQUARE.every_number()
FLOOR = closed_forms.line_floor(SQUARE.largest)

ANSWERS = Frame("x", "answer", (0, 1000), (-250_000, 1_100_000), width=2)
THE_SQUARES = expected(X, Y)
THE_FLOOR = level("the best line", FLOOR)
START = 0  # the seed where a panel has no slider for it


def rmse_frame(low: float, high: float, width: float = 1.0) -> Frame:
    """Return a frame for errors, on a logarithmic axis; its other axis has no scale."""
    return Frame("", "RMSE of the answers", (0, 1), (low, high), log="y", x_ticks={}, width=width)


def ticks(step: int, last: int) -> dict[float, str]:
    """Return ticks from 0 to the last, every so many."""
    return {at: f"{at:,}" for at in range(0, last + 1, step)}


def now(error: float, at: float = 0.5, name: str = "now") -> Dots:
    """Return the big dot of this setting's error."""
    return Dots(name, [at], [error], {"color": BLUE, "markersize": 13})


def trained_once(problem: Problem, units: Sequence[int], *, seed: int = START, **recipe: object) -> Trained:
    """Train one network for one picture: its model is one that the next picture's network fills anew."""
    return run_seeds(problem, units, seeds=[seed], **recipe).lend(0)


# 00 Start here ------------------------------------------------------------------------------


@panel(
    [ANSWERS, rmse_frame(100, 1e6)], trains=1, epochs=Slider("epochs of training", 20, 0, 500, 5, "epochs")
)
def learning_to_square(epochs: int) -> View:
    """Train a ReLU network 64-1 on squares, x divided by 1000, from the same start for so many epochs."""
    trained = trained_once(SQUARE, [64, 1], activation="relu", scale="largest", epochs=epochs)
    predicted = trained.answers(X)
    error = rmse(Y, predicted)
    return View(
        f"RMSE against x²: after {epochs} epochs {about(error)}.",
        [[THE_SQUARES, Curve("the network", X, predicted, LOOKS[0])], [now(error)]],
    )


# 01 Summation -------------------------------------------------------------------------------

SUM = Problem("sum", inputs=2)
NEW_PAIRS, NEW_SUMS = SUM.draw(1000, seed=1001)  # none of them is drawn to train on (seed 1)
SUMS = Frame("expected", "predicted", (0, 2000), (-500, 2500), x_ticks=ticks(500, 2000), width=2)
INPUTS = {1: "first\ninput", 2: "second\ninput"}


@panel(
    [SUMS, Frame("", "effective weight", (0.5, 2.5), (-0.5, 2), x_ticks=INPUTS)],
    trains=1,
    press="epochs",
    layers=Slider("hidden layers", 2, 0, 2, unit="layers"),
    width=Steps("units in each", 8, (1, 8, 32), "units"),
    examples=Steps("examples", 1000, (10, 100, 1000), "examples"),
    epochs=Slider("epochs of training", 20, 0, 2000, 20, "epochs"),
)
def learning_to_add(layers: int, width: int, examples: int, epochs: int) -> View:
    """Train linear layers on sums of two numbers, 10 batches an epoch, and ask for 1,000 other sums."""
    units, batch_size = [width] * layers + [1], examples // 10
    trained = trained_once(SUM, units, examples=examples, batch_size=batch_size, epochs=epochs, seed=1)
    weights, _ = networks.collapse(trained.model)
    predicted = trained.answers(NEW_PAIRS)
    wrong = int((predicted != NEW_SUMS).sum())
    told = " and ".join(about(weight) for weight in weights.ravel())
    verdict = f"≈ {wrong:,} are wrong" if wrong else "none is wrong"
    ends = [0, SUM.largest_target]
    right = Curve("predicted = expected", ends, ends, {"color": BLACK, "linewidth": 1.5}, still=True)
    return View(
        f"After {epochs} epochs the effective weights are {told}. Of 1,000 sums it never saw, {verdict}.",
        [
            [right, Dots("sums never seen", NEW_SUMS, predicted, {"color": BLUE, "markersize": 5})],
            [level("1", 1), Dots("weights", [1, 2], weights, {"color": BLUE, "markersize": 13})],
        ],
    )


# 02 Squaring --------------------------------------------------------------------------------


@panel(
    [ANSWERS, rmse_frame(50_000, 3e6)],
    slope=Slider("slope", 500, 0, 2000, 1, "times x"),
    intercept=Slider("intercept", 0, -400_000, 400_000, 1000, "added"),
)
def line_by_hand(slope: float, intercept: float, best: tuple[float, float] | None = None) -> View:
    """Move a line and try to get its RMSE on squares down; best: the slope and intercept best so far."""

    def error(slope: float, intercept: float) -> float:
        return rmse(Y, slope * X + intercept)

    best = min((slope, intercept), best or (slope, intercept), key=lambda two: error(*two))
    mine, least = error(slope, intercept), error(*best)
    ends = np.array([0, SQUARE.largest])
    its_line = f"{best[0]:,}·x {'−' if best[1] < 0 else '+'} {abs(best[1]):,}"
    return View(
        f"RMSE against x²: your line {mine:,.0f}. Best so far: {least:,.0f}, with {its_line}. "
        f"The floor for every line is {FLOOR:,.0f}.",
        [
            [
                THE_SQUARES,
                Curve("best so far", ends, best[0] * ends + best[1], LOOKS[2] | {"linewidth": 2}),
                Curve("your line", ends, slope * ends + intercept, LOOKS[0]),
            ],
            [
                THE_FLOOR,
                Dots("best so far", [0.5], [least], {"color": GREEN, "marker": "D", "markersize": 9}),
                now(mine),
            ],
        ],
        kept={"best": best},
    )


WHILE_TRAINING = Frame(
    "epoch", "RMSE while training", (0, 1000), (50_000, 2e6), "y", ticks(500, 1000), width=1.5
)


@panel(
    [ANSWERS, WHILE_TRAINING],
    trains=1,
    press="seed",
    layers=Slider("hidden layers of 8 units", 0, 0, 3, unit="layers"),
    epochs=Slider("epochs of training", 200, 0, 1000, 20, "epochs"),
    seed=Slider("start (seed)", 0, 0, 19),
)
def training_a_line(layers: int, epochs: int, seed: int) -> View:
    """Train linear networks on all squares, deeper and longer, from several starts."""
    units = [8] * layers + [1]
    trained = trained_once(SQUARE, units, scale="largest", examples=None, epochs=epochs, seed=seed)
    predicted = trained.answers(X)
    on_the_way = np.sqrt(trained.losses) * trained.scaling.y_divisor
    return View(
        f"RMSE against x² of {trained.model.count_params()} weights and biases: "
        f"{about(rmse(Y, predicted), 5)}, after {epochs} epochs. The floor of every line is {FLOOR:,.0f}.",
        [
            [THE_SQUARES, Curve("the network", X, predicted, LOOKS[0])],
            [THE_FLOOR, Curve("the network", np.arange(1, len(on_the_way) + 1), on_the_way, LOOKS[0])],
        ],
    )


# 03 Linear collapse -------------------------------------------------------------------------

TWO_NUMBERS = Frame("slope", "intercept", (0, 1500), (-400_000, 200_000), x_ticks=ticks(500, 1500), width=1.5)


@panel(
    [ANSWERS, TWO_NUMBERS],
    trains=1,
    press="epochs",
    layers=Slider("hidden layers", 1, 0, 3, unit="layers"),
    width=Steps("units in each", 8, (1, 8, 32), "units"),
    epochs=Slider("epochs of training", 500, 0, 500, 10, "epochs"),
)
def depth_of_a_linear_network(layers: int, width: int, epochs: int) -> View:
    """Make a linear network deeper and wider, and see the two numbers that it collapses into."""
    units = [width] * layers + [1]
    trained = trained_once(SQUARE, units, scale="largest", examples=None, epochs=epochs)
    predicted = trained.answers(X)
    slope, intercept = trained.line()
    best_slope, best_intercept = closed_forms.best_line(SQUARE.largest)
    best_look = {"color": BLACK, "marker": "X", "markersize": 13}
    return View(
        f"RMSE against x² of {trained.model.count_params():,} weights and biases: "
        f"{about(rmse(Y, predicted))}. Collapsed, it is {line(slope, intercept)}.",
        [
            [
                THE_SQUARES,
                Curve("the network", X, predicted, LOOKS[0] | {"linewidth": 6, "alpha": 0.6}),
                Curve("its two numbers", X, slope * X + intercept, LOOKS[1] | {"linewidth": 2}),
            ],
            [
                Dots("best line", [best_slope], [best_intercept], best_look, still=True),
                Dots("the network", [slope], [intercept], {"color": BLUE, "markersize": 10}),
            ],
        ],
    )
