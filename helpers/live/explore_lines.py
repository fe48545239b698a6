"""The live panels of the notebooks 00 to 03, and what all panels share.

Each is a plain function from its settings to what is shown; it needs no browser.
"""

from collections.abc import Sequence

from helpers import closed_forms, networks
from helpers.experiments import Trained, run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.marks import BLACK, BLUE, GREEN, LOOKS, Curve, Dots, Frame, equal, expected, level, ticks
from helpers.problems import Problem, rmse
from helpers.words import about, line

import numpy as np

SQUARE = Problem("square")
X, Y = SQUARE.every_number()
FLOOR = closed_forms.line_floor(SQUARE.largest)

ANSWERS = Frame("x", "answer", (0, 1000), (-250_000, 1_100_000), width=2)
THE_SQUARES = expected(X, Y)
THE_FLOOR = level("the best line", FLOOR)


def rmse_frame(low: float, high: float, width: float = 1.0) -> Frame:
    """Return a frame for errors, on a logarithmic axis; its other axis has no scale."""
    return Frame("", "RMSE of the answers", (0, 1), (low, high), log="y", x_ticks={}, width=width)


def now(error: float, at: float = 0.5, name: str = "now") -> Dots:
    """Return the big dot of this setting's error."""
    return Dots(name, [at], [error], {"color": BLUE, "markersize": 13})


def answered(predicted: np.ndarray, x: np.ndarray = X) -> Curve:
    """Return the curve of a network's answers."""
    return Curve("the network", x, predicted, LOOKS[0])


def trained_once(problem: Problem, units: Sequence[int], *, seed: int = 0, **recipe: object) -> Trained:
    """Train one network for one picture: its model is one that the next picture's network fills anew."""
    return run_seeds(problem, units, seeds=[seed], **recipe).lend(0)


# 00 Start here ------------------------------------------------------------------------------


@panel([ANSWERS, rmse_frame(100, 1e6)], trains=1, epochs=epochs_from(20, 500, 5))
def learning_to_square(epochs: int) -> View:
    """Train a ReLU network 64-1 on squares, x divided by 1000, from the same start for so many epochs."""
    trained = trained_once(SQUARE, [64, 1], activation="relu", scale="largest", epochs=epochs)
    predicted = trained.answers(X)
    error = rmse(Y, predicted)
    told = f"RMSE against x²: after {epochs} epochs {about(error)}."
    return View(told, [[THE_SQUARES, answered(predicted)], [now(error)]])


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
    epochs=epochs_from(20, 2000, 20),
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
    sums = Dots("sums never seen", NEW_SUMS, predicted, {"color": BLUE, "markersize": 5})
    two = Dots("weights", [1, 2], weights, {"color": BLUE, "markersize": 13})
    return View(
        f"After {epochs} epochs the effective weights are {told}. Of 1,000 sums it never saw, {verdict}.",
        [[equal([0, SUM.largest_target]), sums], [level("1", 1), two]],
    )


# 02 Squaring --------------------------------------------------------------------------------


@panel(
    [ANSWERS, rmse_frame(50_000, 3e6)],
    slope=Slider("slope", 500, 0, 2000, 1, "times x"),
    intercept=Slider("intercept", 0, -400_000, 400_000, 1000, "added"),
)
def line_by_hand(slope: float, intercept: float, best: tuple[float, float] | None = None) -> View:
    """Move a line and try to get its RMSE on squares down; best: the slope and intercept best so far."""

    def error(line: tuple[float, float]) -> float:
        return rmse(Y, np.polyval(line, X))

    mine, ends = (slope, intercept), np.array([0, SQUARE.largest])
    best = min(mine, best or mine, key=error)
    its_line = f"{best[0]:,}·x {'−' if best[1] < 0 else '+'} {abs(best[1]):,}"
    lines = [
        Curve("best so far", ends, np.polyval(best, ends), LOOKS[2] | {"linewidth": 2}),
        Curve("your line", ends, np.polyval(mine, ends), LOOKS[0]),
    ]
    least = Dots("best so far", [0.5], [error(best)], {"color": GREEN, "marker": "D", "markersize": 9})
    return View(
        f"RMSE against x²: your line {error(mine):,.0f}. Best so far: {error(best):,.0f}, with {its_line}. "
        f"The floor for every line is {FLOOR:,.0f}.",
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
        f"RMSE against x² of {trained.model.count_params()} weights and biases: "
        f"{about(rmse(Y, predicted), 5)}, after {epochs} epochs. The floor of every line is {FLOOR:,.0f}.",
        [
            [THE_SQUARES, answered(predicted)],
            [THE_FLOOR, answered(on_the_way, np.arange(1, len(on_the_way) + 1))],
        ],
    )


# 03 Linear collapse -------------------------------------------------------------------------

ALL_LINES = (-1500, 1500), (-400_000, 700_000)  # that training passes through
SLOPES = {-1000: "−1,000", 0: "0", 1000: "1,000"}
TWO_NUMBERS = Frame("slope", "intercept", *ALL_LINES, x_ticks=SLOPES, legend="lower left", width=1.5)
BEST = {"color": BLACK, "marker": "X", "markersize": 13}
THE_BEST = Dots("best line", *np.transpose([closed_forms.best_line(SQUARE.largest)]), BEST, still=True)


@panel(
    [ANSWERS, TWO_NUMBERS],
    trains=1,
    press="epochs",
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
        f"RMSE against x² of {trained.model.count_params():,} weights and biases: "
        f"{about(rmse(Y, predicted))}. Collapsed, it is {line(slope, intercept)}.",
        [[THE_SQUARES, *both], [THE_BEST, here]],
    )
