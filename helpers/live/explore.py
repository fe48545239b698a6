"""The live panels: each is a plain function from its settings to what is shown, and a line that makes it.

Such a function returns a `canvas.View` and needs no browser; panels.Panel calls it at every move.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from helpers import closed_forms, networks
from helpers.experiments import Runs, Trained, answers, run_seeds
from helpers.figures import BLACK, BLUE, EXPECTED, GREEN, LOOKS, PURPLE, RED, SKY
from helpers.live.canvas import Band, Bundle, Curve, Dots, Frame, View, kinks, strip
from helpers.live.panels import Choice, Panel, Slider, Steps, Switch
from helpers.problems import Problem, Scaling, rmse
from helpers.words import about, line, spread

import numpy as np

SQUARE = Problem("square")
X, Y = SQUARE.every_number()
FLOOR = closed_forms.line_floor(SQUARE.largest)
MEAN = closed_forms.mean_floor(SQUARE.largest)

ANSWERS = Frame("x", "answer", (0, 1000), (-250_000, 1_100_000), width=2)
THE_SQUARES = Curve("expected: x²", X, Y, EXPECTED, still=True)
THE_FLOOR = Curve("the best line", [0, 1], [FLOOR, FLOOR], {"color": BLACK, "linestyle": "--"}, still=True)
START = 0  # the seed where a panel has no slider for it


def _rmse_frame(low: float, high: float, *, legend: str = "upper left") -> Frame:
    """A frame for errors, on a logarithmic axis; its other axis has no scale."""
    return Frame("", "RMSE of the answers", (0, 1), (low, high), log="y", x_ticks={}, legend=legend)


def _ticks(step: int, last: int) -> dict[float, str]:
    return {at: f"{at:,}" for at in range(0, last + 1, step)}


def _now(error: float) -> Dots:
    return Dots("now", [0.5], [error], {"color": BLUE, "markersize": 13})


def _trained(problem: Problem, units: Sequence[int], *, seed: int, **recipe: object) -> Trained:
    """Train one network for one picture: its model is one that the next picture's network fills anew."""
    return run_seeds(problem, units, seeds=[seed], **recipe).lend(0)


# 00 Start here ------------------------------------------------------------------------------


def learning_to_square() -> Panel:
    """Train a ReLU network on squares anew for every position of the slider."""
    return Panel(
        _square_network,
        [ANSWERS, _rmse_frame(100, 1e6)],
        epochs=Slider("epochs of training", 20, 0, 500, 5, unit="epochs"),
    )


def _square_network(epochs: int) -> View:
    """A network 64-1 with ReLU, x divided by 1000, after `epochs` epochs from the same start."""
    trained = _trained(SQUARE, [64, 1], activation="relu", scale="largest", epochs=epochs, seed=START)
    predicted = trained.answers(X)
    error = rmse(Y, predicted)
    return View(
        f"RMSE against x²: after {epochs} epochs {about(error)}.",
        [[THE_SQUARES, Curve("the network", X, predicted, LOOKS[0])], [_now(error)]],
    )


# 01 Summation -------------------------------------------------------------------------------

SUM = Problem("sum", inputs=2)
NEW_PAIRS, NEW_SUMS = SUM.draw(1000, seed=1001)  # none of them is drawn to train on (seed 1)


def learning_to_add() -> Panel:
    """Train a linear network on sums: how deep, how wide, how many examples, how long."""
    sums = Frame("expected", "predicted", (0, 2000), (-500, 2500), x_ticks=_ticks(500, 2000), width=2)
    weights = Frame(
        "", "effective weight", (0.5, 2.5), (-0.5, 2), x_ticks={1: "first\ninput", 2: "second\ninput"}
    )
    return Panel(
        _sum_network,
        [sums, weights],
        layers=Slider("hidden layers", 2, 0, 2, unit="layers"),
        width=Steps("units in each", 8, (1, 8, 32), unit="units"),
        examples=Steps("examples", 1000, (10, 100, 1000), unit="examples"),
        epochs=Slider("epochs of training", 20, 0, 2000, 20, unit="epochs"),
    )


def _sum_network(layers: int, width: int, examples: int, epochs: int) -> View:
    """Linear layers on sums of two numbers, 10 batches an epoch, asked for 1,000 other sums."""
    units = [width] * layers + [1]
    trained = _trained(SUM, units, examples=examples, batch_size=examples // 10, epochs=epochs, seed=1)
    weights, _ = networks.collapse(trained.model)
    predicted = trained.answers(NEW_PAIRS)
    wrong = int((predicted != NEW_SUMS).sum())
    told = " and ".join(about(weight) for weight in weights.ravel())
    verdict = f"≈ {wrong:,} are wrong" if wrong else "none is wrong"
    ends = [0, SUM.largest_target]
    return View(
        f"After {epochs} epochs the effective weights are {told}. Of 1,000 sums it never saw, {verdict}.",
        [
            [
                Curve("predicted = expected", ends, ends, {"color": BLACK, "linewidth": 1.5}, still=True),
                Dots("sums never seen", NEW_SUMS, predicted, {"color": BLUE, "markersize": 5}),
            ],
            [
                Curve("1", [0.5, 2.5], [1, 1], {"color": BLACK, "linestyle": "--"}, still=True),
                Dots("weights", [1, 2], weights, {"color": BLUE, "markersize": 13}),
            ],
        ],
    )


# 02 Squaring --------------------------------------------------------------------------------


def line_by_hand() -> Panel:
    """Move the slope and the intercept of a line and try to get its RMSE on squares down."""
    return Panel(
        _line_on_squares,
        [ANSWERS, _rmse_frame(50_000, 3e6)],
        slope=Slider("slope", 500, 0, 2000, 1, unit="times x"),
        intercept=Slider("intercept", 0, -400_000, 400_000, 1000, unit="added"),
    )


def _line_on_squares(slope: float, intercept: float, best: tuple[float, float] | None = None) -> View:
    """A line by hand; best: the slope and intercept that had the lowest error so far."""

    def error(slope: float, intercept: float) -> float:
        return rmse(Y, slope * X + intercept)

    best = min((slope, intercept), best or (slope, intercept), key=lambda two: error(*two))
    now, least = error(slope, intercept), error(*best)
    ends = np.array([0, SQUARE.largest])
    thin = {"color": GREEN, "linestyle": "-.", "linewidth": 2}
    return View(
        f"RMSE against x²: your line {now:,.0f}. Best so far: {least:,.0f}, with {_exact_line(*best)}. "
        f"The floor for every line is {FLOOR:,.0f}.",
        [
            [
                THE_SQUARES,
                Curve("best so far", ends, best[0] * ends + best[1], thin),
                Curve("your line", ends, slope * ends + intercept, LOOKS[0]),
            ],
            [
                THE_FLOOR,
                Dots("best so far", [0.5], [least], {"color": GREEN, "marker": "D", "markersize": 9}),
                _now(now),
            ],
        ],
        kept={"best": best},
    )


def _exact_line(slope: float, intercept: float) -> str:
    return f"{slope:,}·x {'−' if intercept < 0 else '+'} {abs(intercept):,}"


def training_a_line() -> Panel:
    """Train linear networks on squares, deeper and longer, from several starts."""
    return Panel(
        _trained_line,
        [
            ANSWERS,
            Frame(
                "epoch",
                "RMSE while training",
                (0, 1000),
                (50_000, 2e6),
                log="y",
                x_ticks=_ticks(500, 1000),
                width=1.5,
            ),
        ],
        layers=Slider("hidden layers of 8 units", 0, 0, 3, unit="layers"),
        epochs=Slider("epochs of training", 200, 0, 1000, 20, unit="epochs"),
        seed=Slider("start (seed)", 0, 0, 19),
    )


def _trained_line(layers: int, epochs: int, seed: int) -> View:
    """Linear layers, trained on all squares, with the error after each epoch."""
    trained = _trained(SQUARE, [8] * layers + [1], scale="largest", examples=None, epochs=epochs, seed=seed)
    predicted = trained.answers(X)
    on_the_way = np.sqrt(trained.losses) * trained.scaling.y_divisor
    count = trained.model.count_params()
    return View(
        f"RMSE against x² of {count} weights and biases: {about(rmse(Y, predicted), 5)}, after {epochs} "
        f"epochs. The floor of every line is {FLOOR:,.0f}.",
        [
            [THE_SQUARES, Curve("the network", X, predicted, LOOKS[0])],
            [
                replace(THE_FLOOR, x=[0, 1000]),
                Curve("the network", np.arange(1, len(on_the_way) + 1), on_the_way, LOOKS[0]),
            ],
        ],
    )


# 03 Linear collapse -------------------------------------------------------------------------


def depth_of_a_linear_network() -> Panel:
    """Make a linear network deeper and wider, and see the two numbers that it collapses into."""
    numbers = Frame(
        "slope", "intercept", (0, 1500), (-400_000, 200_000), x_ticks=_ticks(500, 1500), width=1.5
    )
    return Panel(
        _linear_network,
        [ANSWERS, numbers],
        layers=Slider("hidden layers", 1, 0, 3, unit="layers"),
        width=Steps("units in each", 8, (1, 8, 32), unit="units"),
        epochs=Slider("epochs of training", 500, 0, 500, 10, unit="epochs"),
    )


def _linear_network(layers: int, width: int, epochs: int) -> View:
    """`layers` linear layers of `width` units and one of 1, trained on all squares, and collapsed."""
    units = [width] * layers + [1]
    trained = _trained(SQUARE, units, scale="largest", examples=None, epochs=epochs, seed=START)
    predicted = trained.answers(X)
    slope, intercept = trained.line()
    best_slope, best_intercept = closed_forms.best_line(SQUARE.largest)
    error = about(rmse(Y, predicted))
    best_look = {"color": BLACK, "marker": "X", "markersize": 13}
    return View(
        f"RMSE against x² of {trained.model.count_params():,} weights and biases: {error}. "
        f"Collapsed, it is {line(slope, intercept)}.",
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


# 04 Activations -----------------------------------------------------------------------------

MOST_PIECES = 16


def pieces_by_hand() -> Panel:
    """Square with a ReLU network set by hand, one kink more at every step."""
    law = Frame(
        "straight pieces",
        "RMSE of the answers",
        (0.9, 18),
        (200, 100_000),
        log="xy",
        x_ticks={k: str(k) for k in (1, 2, 4, 8, 16)},
        legend="lower left",
        width=1.5,
    )
    return Panel(_squarer, [ANSWERS, law], pieces=Slider("straight pieces", 2, 1, MOST_PIECES, unit="pieces"))


@lru_cache
def _by_hand(pieces: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Return a hand-set network's answers, its kinks inside the range, and its RMSE."""
    model = networks.squarer(pieces)
    predicted = answers(model, SQUARE.scaling("largest"), X)
    return predicted, networks.kinks(model)[1:] * SQUARE.largest, rmse(Y, predicted)


def _squarer(pieces: int) -> View:
    predicted, bends, error = _by_hand(pieces)
    law = closed_forms.pieces_floor(SQUARE.largest, pieces)
    k = np.arange(1, MOST_PIECES + 1)
    curve = {"color": BLACK, "linewidth": 1.5}
    inside = f"; kinks inside the range: {len(bends)}" if len(bends) else ""
    return View(
        f"RMSE against x²: set by hand {error:,.0f}{inside}. The floor / {pieces}² is {law:,.0f}.",
        [
            [THE_SQUARES, Curve("set by hand", X, predicted, LOOKS[0]), kinks(bends, y=ANSWERS.y_limits[0])],
            [
                Curve("floor / pieces²", k, FLOOR / k**2.0, curve, still=True),
                Dots("set by hand", [pieces], [error], {"color": BLUE, "markersize": 13}),
            ],
        ],
    )


def units_at_work() -> Panel:
    """Train a network on squares and see what each unit adds; or the same from 20 starts at once."""
    return Panel(
        _trained_units,
        [ANSWERS, _rmse_frame(100, 3e6)],
        network=Choice("units in each layer", "8-1", ("2-1", "4-1", "8-1", "32-1", "8-8-1")),
        activation=Choice("activation", "relu", ("relu", "tanh", "sigmoid", "gelu", "silu")),
        epochs=Slider("epochs of training", 500, 0, 2000, 50, unit="epochs"),
        seed=Slider("start (seed)", 3, 0, 19),
        every_start=Switch("all 20 starts at once"),
    )


def _trained_units(network: str, activation: str, epochs: int, seed: int, every_start: bool) -> View:
    """A network with activations, x divided by 1000; every_start: from the seeds 0 to 19, not one."""
    units = [int(width) for width in network.split("-")]
    recipe = {"activation": activation, "scale": "largest", "epochs": epochs}
    after = f"RMSE against x² after {epochs} epochs"
    runs = run_seeds(SQUARE, units, seeds=range(20) if every_start else [seed], **recipe)
    if not every_start:
        predicted, parts, bends = _parts(runs)
        error = rmse(Y, predicted)
        bent = f": ≈ {len(bends)} kinks inside the range" if activation == "relu" else ""
        return View(
            f"{after}: start {seed} {about(error)}. "
            f"Thin: what each of the {parts.shape[1]} units of the last hidden layer adds{bent}.",
            [
                [
                    THE_SQUARES,
                    Bundle("one unit each", X, parts.T, {"color": PURPLE, "linewidth": 1.2}),
                    Curve("the network", X, predicted, LOOKS[0]),
                    kinks(bends, y=ANSWERS.y_limits[0]),
                ],
                [THE_FLOOR, _now(error)],
            ],
        )
    predicted = runs.answers(X)
    errors = np.array([rmse(Y, one) for one in predicted])
    return View(
        f"{after}: {spread(errors)} from 20 starts; start {seed} {about(errors[seed])}.",
        [
            [
                THE_SQUARES,
                Band("from lowest to highest", X, predicted, {"color": SKY, "alpha": 0.35}),
                Bundle("one run each", X, predicted, {"color": PURPLE, "linewidth": 0.8}),
                Curve("the start chosen", X, predicted[seed], LOOKS[0]),
            ],
            [
                THE_FLOOR,
                *strip("20 starts", errors, at=0.5, look={"markersize": 6}),
                Dots("the start chosen", [0.5], errors[seed : seed + 1], {"marker": "D", "color": BLACK}),
            ],
        ],
    )


def _parts(runs: Runs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first run's answers, what each unit adds to them, and where ReLU units bend them.

    Answers (examples, 1) and parts (examples, units); bends (bends,), in whole numbers.
    """
    *hidden, last = (given[0] for given in runs.outputs(X))
    scaling, weights = runs.recipe.scaling, runs.weights[0][-2][:, 0]
    bends = networks.bends(X, hidden) if runs.recipe.activation == "relu" else np.empty(0)
    return scaling.invert(last), hidden[-1] * weights * scaling.y_divisor, bends


# 05 Input scale -----------------------------------------------------------------------------

DIVISORS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000)


def input_scale() -> Panel:
    """Divide the inputs by anything from 1 to a million, and see where 20 starts end."""
    return Panel(
        _divided,
        [ANSWERS, replace(_rmse_frame(100, 1e8), width=1.4)],
        divisor=Steps("divide x by", 1_000_000, DIVISORS),
        activation=Choice("activation", "relu", ("relu", "tanh", "gelu", "linear")),
        initializer=Choice(
            "initialiser", "glorot_uniform", ("glorot_uniform", "he_uniform", "lecun_normal", "random_normal")
        ),
        epochs=Slider("epochs of training", 500, 0, 500, 50, unit="epochs"),
    )


def _divided(divisor: int, activation: str, initializer: str, epochs: int) -> View:
    """Twenty starts of 8-8-1 on squares, x divided by `divisor`."""
    scale = Scaling(divisor, float(SQUARE.largest_target))
    recipe = {"activation": activation, "initializer": initializer, "scale": scale, "epochs": epochs}
    runs = run_seeds(SQUARE, [8, 8, 1], seeds=range(20), **recipe)
    predicted = runs.answers(X)
    errors = np.array([rmse(Y, one) for one in predicted])
    constant = int((np.ptp(predicted, axis=(1, 2)) == 0).sum())
    return View(
        f"RMSE against x² with x/{divisor:,} after {epochs} epochs: {spread(errors)} from 20 starts; "
        f"≈ {constant} of them answer with one number only. Largest input: {SQUARE.largest / divisor:g}.",
        [
            [THE_SQUARES, Bundle("one start each", X, predicted, {"color": PURPLE, "linewidth": 1.0})],
            [
                THE_FLOOR,
                Curve("the mean", [0, 1], [MEAN, MEAN], {"color": BLACK, "linestyle": ":"}, still=True),
                *strip("20 starts", errors, at=0.5, look={"markersize": 6}),
            ],
        ],
    )


# 06 Advice on trial -------------------------------------------------------------------------


def fair_trial() -> Panel:
    """Change the recipe, and judge 20 starts on numbers they were trained on and on others."""
    judged = Frame(
        "",
        "RMSE of the answers",
        (0, 2),
        (100, 1e6),
        log="y",
        x_ticks={0.5: "seen", 1.5: "unseen"},
        legend="",
        width=1.4,
    )
    return Panel(
        _tried,
        [ANSWERS, judged],
        network=Choice("units in each layer", "64-1", ("8-1", "64-1", "8-8-1", "16-16-1")),
        learning_rate=Steps("learning rate", 0.001, (0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)),
        batch_size=Steps("examples in a batch", 100, (20, 50, 100, 500, 1000)),
        epochs=Slider("epochs of training", 500, 0, 500, 50, unit="epochs"),
        examples=Steps("examples to train on", 1000, (20, 100, 1000)),
    )


def _tried(network: str, learning_rate: float, batch_size: int, epochs: int, examples: int) -> View:
    """Twenty starts with ReLU, x divided by 1000; each has numbers among 1..1000 that it never saw."""
    runs = run_seeds(
        SQUARE,
        [int(width) for width in network.split("-")],
        seeds=range(20),
        activation="relu",
        scale="largest",
        learning_rate=learning_rate,
        batch_size=batch_size,
        epochs=epochs,
        examples=examples,
    )
    predicted = runs.answers(X)
    seen, others = runs.rmse(), runs.held_out_rmse()
    return View(
        f"RMSE after {epochs} epochs: {spread(seen)} on the examples trained on, {spread(others)} on the "
        f"other numbers; their medians stand as 1 to {about(float(np.median(others) / np.median(seen)), 2)}.",
        [
            [THE_SQUARES, Bundle("one start each", X, predicted, {"color": PURPLE, "linewidth": 1.0})],
            [
                *strip("trained on", seen, at=0.5, median="median seen"),
                *strip("other numbers", others, at=1.5, median="median unseen"),
            ],
        ],
    )


# 07 Width and depth -------------------------------------------------------------------------

MISSES = Frame("x", "size of the error", (0, 1000), (0.1, 1e6), log="y", legend="", width=1.5)
WIDEST, DEEPEST = 64, 10


def width_by_hand() -> Panel:
    """Square with one hidden layer set by hand: its error at every number, and the law of pieces."""
    law = Frame(
        "straight pieces",
        "RMSE",
        (0.9, 70),
        (10, 200_000),
        log="xy",
        x_ticks={k: str(k) for k in (1, 4, 16, 64)},
        legend="lower left",
    )
    return Panel(_wide, [MISSES, law], pieces=Slider("straight pieces", 4, 1, WIDEST, unit="pieces"))


def _wide(pieces: int) -> View:
    predicted, _, error = _by_hand(pieces)
    k = np.arange(1, WIDEST + 1)
    law = [closed_forms.pieces_floor(SQUARE.largest, each) for each in k]
    curve = {"color": BLACK, "linewidth": 1.5}
    return View(
        f"{pieces} straight piece{'s' if pieces > 1 else ''}: {_missed(predicted)}.",
        [
            [_misses(predicted)],
            [
                Curve("floor / pieces²", k, law, curve, still=True),
                Dots("set by hand", [pieces], [error], {"color": BLUE, "markersize": 13}),
            ],
        ],
    )


def _misses(predicted: np.ndarray) -> Curve:
    """The size of each error, on a logarithmic axis: less than the axis shows stands at its end."""
    sizes = np.maximum(np.abs(predicted - Y), MISSES.y_limits[0])
    return Curve("|answer − x²|", X, sizes, LOOKS[0] | {"linewidth": 1.5})


def _missed(predicted: np.ndarray) -> str:
    worst, wrong = np.abs(predicted - Y).max(), (predicted != Y).sum()
    return f"worst error {worst:,}, RMSE {rmse(Y, predicted):,.2f}, {wrong:,} of {len(Y):,} answers wrong"


def depth_by_hand() -> Panel:
    """Square with a deep network set by hand: its error at every number, beside a wide one's."""
    law = Frame(
        "units",
        "RMSE",
        (1, 2000),
        (0.1, 200_000),
        log="xy",
        x_ticks={k: str(k) for k in (1, 10, 100)},
        legend="upper right",
    )
    return Panel(_deep, [MISSES, law], layers=Slider("hidden layers", 3, 1, DEEPEST, unit="layers"))


@lru_cache
def _deep_answers(layers: int) -> np.ndarray:
    return answers(networks.deep_squarer(layers), Scaling(1024.0, 1024.0**2), X)


def _deep(layers: int) -> View:
    predicted = _deep_answers(layers)
    wide = np.unique(np.geomspace(1, 2000, 60).round())
    floors = [closed_forms.units_floor(1024, int(k)) for k in wide]
    curve = {"color": BLACK, "linestyle": "--", "linewidth": 1.5}
    here = closed_forms.deep_errors(1024, layers)[1]
    return View(
        f"{layers} hidden layer{'s' if layers > 1 else ''}, {2**layers:,} pieces: {_missed(predicted)}. "
        f"On the whole curve the RMSE is {here:,.2f}.",
        [
            [_misses(predicted)],
            [
                Curve("one layer", wide, floors, curve, still=True),
                Dots("deep", [4 * layers + 1], [here], {"color": BLUE, "markersize": 13}),
            ],
        ],
    )


# 08 Extrapolation ---------------------------------------------------------------------------

FARTHEST = 6000
FAR = np.linspace(1, FARTHEST, 600).round()[:, np.newaxis]


def beyond_the_range() -> Panel:
    """Train on squares up to a limit of your choice, and ask the network for more."""
    ticks = _ticks(2000, FARTHEST)
    millions = {at * 1e6: f"{at} million" for at in (0, 10, 20, 30, 40)}
    return Panel(
        _beyond,
        [
            Frame("x", "answer", (0, FARTHEST), (-5e6, 4e7), x_ticks=ticks, y_ticks=millions, width=1.5),
            Frame("x", "size of the error", (0, FARTHEST), (10, 1e8), log="y", x_ticks=ticks, legend=""),
        ],
        activation=Choice("activation", "relu", ("relu", "tanh", "sine")),
        trained_to=Slider("trained on 1 up to", 1000, 200, 2000, 200),
        asked=Slider("asked", 3000, 100, FARTHEST, 100),
    )


def _beyond(activation: str, trained_to: int, asked: int) -> View:
    """16 units, trained on 1,000 numbers from 1 to `trained_to`, and one number asked."""
    problem = Problem("square", largest=trained_to)
    recipe = {"scale": "largest", "learning_rate": 0.01, "seed": 6}
    trained = _trained(problem, [16, 1], activation=activation, **recipe)
    predicted = trained.answers(FAR)
    answer = int(trained.answers(np.array([[asked]]))[0, 0])
    errors = np.maximum(np.abs(predicted - FAR**2), 10)
    place = "inside" if asked <= trained_to else "beyond"
    edge = {"color": BLACK, "linestyle": ":", "linewidth": 2}
    dot = {"color": RED, "marker": "D", "markersize": 10}
    return View(
        f"Trained on 1 to {trained_to:,}: RMSE there {about(trained.rmse())}. Asked {asked:,}, {place} the "
        f"range, it answers {about(answer)}; x² is {asked**2:,}.",
        [
            [
                Curve("expected: x²", FAR, FAR**2, EXPECTED, still=True),
                Curve("trained up to here", [trained_to] * 2, [-5e6, 4e7], edge),
                Curve("the network", FAR, predicted, LOOKS[0]),
                Dots("asked", [asked], [answer], dot),
            ],
            [
                Curve("trained up to here", [trained_to] * 2, [10, 1e8], edge),
                Curve("the network", FAR, errors, LOOKS[0]),
                Dots("asked", [asked], [max(abs(answer - asked**2), 10)], dot),
            ],
        ],
    )
