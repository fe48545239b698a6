"""The live panels of the notebooks from 04 on, whose networks bend.

Each is a plain function from its settings to what is shown; it needs no browser.
"""

from dataclasses import replace
from functools import lru_cache

from helpers import closed_forms, marks, mechanisms, networks
from helpers.experiments import Runs, answers, run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Steps, Switch, epochs_from
from helpers.live.explore_lines import (
    ANSWERS,
    SQUARE,
    THE_FLOOR,
    THE_SQUARES,
    X,
    Y,
    answered,
    now,
    rmse_frame,
)
from helpers.live.panels import panel
from helpers.marks import BLACK, LOOKS, PURPLE, RED, SKY, Band, Bundle, Curve, Dots, Frame
from helpers.problems import Problem, Scaling, rmse
from helpers.words import about, spread

import numpy as np

STARTS = 20
ACTIVATION = Choice("activation", "relu", tuple(networks.ACTIVATIONS))


def _widths(shape: str) -> list[int]:
    return [int(width) for width in shape.split("-")]


def _lines(name: str, predicted: np.ndarray) -> Bundle:
    return Bundle(name, X, predicted, {"color": PURPLE, "linewidth": 1})


def _errors(predicted: np.ndarray) -> np.ndarray:
    return np.array([rmse(Y, one) for one in predicted])


# 04 Activations -----------------------------------------------------------------------------

MOST_PIECES = 16
PIECES = {"log": "xy", "x_ticks": {k: f"{k}" for k in (1, 2, 4, 8, 16)}, "legend": "lower left", "width": 1.5}


@lru_cache
def _by_hand(pieces: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a hand-set network's answers, its kinks inside the range, and its RMSE."""
    model = networks.squarer(pieces)
    predicted = answers(model, SQUARE.scaling("largest"), X)
    return predicted, networks.kinks(model)[1:] * SQUARE.largest, rmse(Y, predicted)


@panel(
    [ANSWERS, Frame("straight pieces", "RMSE of the answers", (0.9, 18), (200, 100_000), **PIECES)],
    pieces=Slider("straight pieces", 2, 1, MOST_PIECES, unit="pieces"),
)
def pieces_by_hand(pieces: int) -> View:
    """Square with a ReLU network set by hand, one kink more at every step."""
    predicted, bends, error = _by_hand(pieces)
    k = np.arange(1, MOST_PIECES + 1)
    inside = f"; kinks inside the range: {len(bends)}" if len(bends) else ""
    floor = closed_forms.pieces_floor(SQUARE.largest, pieces)
    by_hand = Curve("set by hand", X, predicted, LOOKS[0])
    return View(
        f"RMSE against x²: set by hand {error:,.0f}{inside}. The floor / {pieces}² is {floor:,.0f}.",
        [
            [THE_SQUARES, by_hand, marks.kinks(bends)],
            [marks.law(k, THE_FLOOR.y[0] / k**2.0), now(error, pieces, "set by hand")],
        ],
    )


@panel(
    [ANSWERS, rmse_frame(100, 1e8)],
    trains=1,
    press="seed",
    network=Choice("units in each layer", "8-1", ("2-1", "4-1", "8-1", "32-1", "8-8-1")),
    activation=ACTIVATION,
    epochs=epochs_from(500, 2000, 50),
    seed=Slider("start (seed)", 3, 0, STARTS - 1),
    every_start=Switch("all 20 starts at once"),
)
def units_at_work(network: str, activation: str, epochs: int, seed: int, every_start: bool) -> View:
    """Train a network on squares and see what each unit adds; or the same from 20 starts at once."""
    seeds = range(STARTS) if every_start else [seed]
    recipe = {"activation": activation, "scale": "largest", "epochs": epochs}
    runs = run_seeds(SQUARE, _widths(network), seeds=seeds, **recipe)
    after = f"RMSE against x² after {epochs} epochs"
    if not every_start:
        return _one_start(runs, f"{after}: start {seed}")
    predicted = runs.answers(X)
    errors = _errors(predicted)
    curves = [
        Band("from lowest to highest", X, predicted, {"color": SKY, "alpha": 0.35}),
        _lines("one run each", predicted),
        Curve("the start chosen", X, predicted[seed], LOOKS[0]),
    ]
    chosen = Dots("chosen", [0.5], errors[seed : seed + 1], {"marker": "D", "color": BLACK})
    return View(
        f"{after}: {spread(errors)} from {STARTS} starts; start {seed} {about(errors[seed])}.",
        [[THE_SQUARES, *curves], [THE_FLOOR, *marks.strip("20 starts", errors, at=0.5), chosen]],
    )


def _one_start(runs: Runs, told: str) -> View:
    """Show the answers of the first run, what each unit adds to them, and where ReLU units bend them."""
    *hidden, last = (given[0] for given in runs.outputs(X))
    of, weights = runs.recipe, runs.weights[0][-2][:, 0]
    predicted, parts = of.scaling.invert(last), hidden[-1] * weights * of.scaling.y_divisor
    bends, bent = [], ""
    if of.activation == "relu":
        on = np.hstack(hidden) > 0
        bends = X[1:][(on[1:] != on[:-1]).any(axis=1), 0] - 0.5
        bent = f"; ≈ {len(bends)} kinks inside the range"
    error, which = rmse(Y, predicted), f"each of the {'last ' if hidden[1:] else ''}{parts.shape[1]} units"
    thin = Bundle("one unit each", X, parts.T, {"color": PURPLE, "linewidth": 1.2})
    return View(
        f"{told} {about(error)}. Thin: what {which} adds{bent}.",
        [[THE_SQUARES, thin, answered(predicted), marks.kinks(bends)], [THE_FLOOR, now(error)]],
    )


# 05 Input scale -----------------------------------------------------------------------------

DIVISORS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
SCALES = {"x/L²": "question", "x/L": "largest"}
KINKS = [mechanisms.kinks_frame(name, 8, SQUARE.largest, first=name == "x/L²") for name in SCALES]


@panel(
    KINKS,
    trains=1,
    steps=Steps("steps of Adam", 0, (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500), "steps"),
    learning_rate=Steps("learning rate", 0.001, (0.00001, 0.0001, 0.001, 0.01)),
    seed=Slider("start (seed)", 0, 0, STARTS - 1),
)
def kinks_leaving(steps: int, learning_rate: float, seed: int) -> View:
    """Train 8-8-1 with ReLU step by step, all squares in each, and see where the first kinks go."""
    frames, told, most = [], [], SQUARE.largest
    recipe = {"activation": "relu", "examples": None, "batch_size": most, "learning_rate": learning_rate}
    for name, scale in SCALES.items():
        trained = run_seeds(SQUARE, [8, 8, 1], seeds=[seed], scale=scale, epochs=steps, **recipe).lend(0)
        bends = networks.kinks(trained.model) * trained.scaling.x_divisor
        drawn, (inside, _, off) = mechanisms.kinks_of(trained.model.get_weights()[0][0], bends, most)
        frames.append(drawn)
        told.append((f"≈ {inside}{'' if told else ' bend'} at {name}", f"≈ {off}"))
    bend, off = zip(*told, strict=True)
    done = f"After {steps} step{'s' * (steps != 1)} of rate {np.format_float_positional(learning_rate)}"
    return View(f"{done}, of 8 units {', '.join(bend)}; {' and '.join(off)} are off.", frames)


THE_MEAN = marks.level("the mean", closed_forms.mean_floor(SQUARE.largest), ":")


@panel(
    [ANSWERS, rmse_frame(100, 1e8, width=1.4)],
    trains=STARTS,
    divisor=Steps("divide x by", 1_000_000, DIVISORS),
    activation=ACTIVATION,
    initializer=Choice("initialiser", "glorot_uniform", networks.INITIALIZERS),
    epochs=epochs_from(500, 500, 50),
)
def input_scale(divisor: int, **recipe: object) -> View:
    """Divide the inputs by anything from 1 to a million, and see where 20 starts of 8-8-1 end."""
    scale = Scaling(divisor, float(SQUARE.largest_target))
    predicted = run_seeds(SQUARE, [8, 8, 1], seeds=range(STARTS), scale=scale, **recipe).answers(X)
    errors = _errors(predicted)
    constant = int((np.ptp(predicted, axis=(1, 2)) == 0).sum())
    return View(
        f"x/{divisor:,}, {recipe['epochs']} epochs, {STARTS} starts: RMSE {spread(errors)}; ≈ {constant} "
        f"answer with one number only. Largest input: {SQUARE.largest / divisor:g}.",
        [
            [THE_SQUARES, _lines("one start each", predicted)],
            [THE_FLOOR, THE_MEAN, *marks.strip("20 starts", errors, at=0.5)],
        ],
    )


# 06 Advice on trial -------------------------------------------------------------------------

SIDES = {0.5: "seen", 1.5: "unseen"}
JUDGED = replace(rmse_frame(100, 1e6, width=1.4), x_limits=(0, 2), x_ticks=SIDES, legend="")


@panel(
    [ANSWERS, JUDGED],
    trains=STARTS,
    press="learning_rate",
    network=Choice("units in each layer", "64-1", ("8-1", "64-1", "8-8-1", "16-16-1")),
    learning_rate=Steps("learning rate", 0.001, (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)),
    batch_size=Steps("examples in a batch", 100, (20, 50, 100, 500, 1000)),
    epochs=epochs_from(500, 500, 50),
    examples=Steps("examples to train on", 1000, (20, 100, 1000)),
)
def fair_trial(network: str, **recipe: float) -> View:
    """Change the recipe, and judge 20 starts on numbers they were trained on and on others."""
    recipe |= {"activation": "relu", "scale": "largest"}
    runs = run_seeds(SQUARE, _widths(network), seeds=range(STARTS), **recipe)
    seen, unseen = runs.rmse(), runs.held_out_rmse()
    medians = float(np.median(seen)), float(np.median(unseen))
    strips = [
        *marks.strip("trained on", seen, at=0.5, median="median seen"),
        *marks.strip("other numbers", unseen, at=1.5, median="median unseen"),
    ]
    return View(
        f"Median RMSE of {STARTS} starts after {recipe['epochs']} epochs: {about(medians[0])} on seen "
        f"numbers, {about(medians[1])} on unseen ones: 1 to {about(medians[1] / medians[0], 2)}.",
        [[THE_SQUARES, _lines("one start each", runs.answers(X))], strips],
    )


# 07 Width and depth -------------------------------------------------------------------------

MISSES = Frame("x", "size of the error", (0, 1000), (0.1, 1e6), log="y", legend="", width=1.5)
WIDEST, DEEPEST = 64, 10
WIDTHS = {k: f"{k}" for k in (1, 4, 16, 64)}
UNITS = {k: f"{k}" for k in (1, 10, 100)}


def _misses(predicted: np.ndarray) -> tuple[Curve, str]:
    """The size of each error, on a logarithmic axis: less than it shows stands at its end; and in words."""
    sizes = np.abs(predicted - Y)
    shown = np.maximum(sizes, MISSES.y_limits[0])
    told = f"worst error {sizes.max():,}, RMSE {rmse(Y, predicted):,.2f}, {(sizes > 0).sum():,} of {len(Y):,}"
    return Curve("|answer − x²|", X, shown, LOOKS[0] | {"linewidth": 1.5}), f"{told} answers wrong"


@panel(
    [MISSES, Frame("straight pieces", "RMSE", (0.9, 70), (10, 200_000), "xy", WIDTHS, legend="lower left")],
    pieces=Slider("straight pieces", 4, 1, WIDEST, unit="pieces"),
)
def width_by_hand(pieces: int) -> View:
    """Square with one hidden layer set by hand: its error at every number, and the law of pieces."""
    predicted, _, error = _by_hand(pieces)
    curve, told = _misses(predicted)
    k = np.arange(1, WIDEST + 1)
    floors = [closed_forms.pieces_floor(SQUARE.largest, each) for each in k]
    return View(
        f"{pieces} straight piece{'s' if pieces > 1 else ''}: {told}.",
        [[curve], [marks.law(k, floors), now(error, pieces, "set by hand")]],
    )


@lru_cache
def _deep_answers(layers: int) -> np.ndarray:
    return answers(networks.deep_squarer(layers), Scaling(1024.0, 1024.0**2), X)


@panel(
    [MISSES, Frame("units", "RMSE", (1, 2000), (0.1, 200_000), "xy", UNITS, legend="upper right")],
    layers=Slider("hidden layers", 3, 1, DEEPEST, unit="layers"),
)
def depth_by_hand(layers: int) -> View:
    """Square with a deep network set by hand: its error at every number, beside a wide one's."""
    curve, told = _misses(_deep_answers(layers))
    wide = np.unique(np.geomspace(1, 2000, 60).round())
    floors = [closed_forms.units_floor(1024, int(k)) for k in wide]
    here = closed_forms.deep_errors(1024, layers)[1]
    one_layer = replace(marks.law(wide, floors), name="one layer")
    return View(
        f"{layers} hidden layer{'s' if layers > 1 else ''}, {2**layers:,} pieces: {told}. "
        f"On the whole curve the RMSE is {here:,.2f}.",
        [[curve], [one_layer, now(here, 4 * layers + 1, "deep")]],
    )


# 08 Extrapolation ---------------------------------------------------------------------------

FARTHEST = 6000
FAR = np.linspace(1, FARTHEST, 600).round()[:, np.newaxis]
FAR_X = {"x_limits": (0, FARTHEST), "x_ticks": marks.ticks(2000, FARTHEST)}
MILLIONS = {at * 1e6: f"{at} million" for at in (0, 10, 20, 30, 40)}
FAR_ANSWERS = Frame("x", "answer", y_limits=(-5e6, 4e7), y_ticks=MILLIONS, width=1.5, **FAR_X)


@panel(
    [FAR_ANSWERS, Frame("x", "size of the error", y_limits=(10, 1e8), log="y", legend="", **FAR_X)],
    trains=1,
    press="asked",
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
        f"Trained on 1 to {trained_to:,}: RMSE there {about(trained.rmse())}. Asked {asked:,}, {place} the "
        f"range, it answers {about(answer)}; x² is {asked**2:,}.",
        [
            [marks.expected(FAR, FAR**2), edge, answered(predicted, FAR), dot],
            [edge, answered(missed, FAR), replace(dot, y=[off])],
        ],
    )
