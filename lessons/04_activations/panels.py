"""What moves in this lesson: plain functions from settings to what is shown."""

from helpers import closed_forms
from helpers.experiments import Runs, run_seeds
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Switch, epochs_from
from helpers.live.panels import panel
from helpers.live.squares import (
    ACTIVATION,
    ANSWERS,
    STARTS,
    THE_FLOOR,
    THE_SQUARES,
    answered,
    now,
    rmse_of_each,
    squared_by_hand,
    thin_lines,
    widths,
)
from helpers.live.trails import epochs_frame, errors, thinned, trails
from helpers.pictures import marks
from helpers.pictures.marks import BLACK, BLUE, LOOKS, PURPLE, SKY, Band, Bundle, Curve, Dots, Frame
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about, spread

import numpy as np

from .practice import BEST, KINKS, behind

MOST_PIECES, LONGEST = 16, 2000
PIECES = {"log": "xy", "x_ticks": {k: f"{k}" for k in (1, 2, 4, 8, 16)}, "legend": "lower left", "width": 1.5}


@panel(
    [ANSWERS, Frame("straight pieces", "RMSE of the answers", (0.9, 18), (200, 100_000), **PIECES)],
    pieces=Slider("straight pieces", 2, 1, MOST_PIECES, unit="pieces"),
)
def pieces_by_hand(pieces: int) -> View:
    """Square with a ReLU network set by hand, one kink more at every step."""
    predicted, bends, error = squared_by_hand(pieces)
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


_NEAR = Frame("x", "answer − x²", (0, SQUARE.largest), (-40_000, 40_000), legend="lower left", width=2)
_PLACES = [200, 400, 600, 800]


@panel(
    [ANSWERS, _NEAR],
    page={f"kink_{i + 1}": range(at - 80, at + 41, 40) for i, at in enumerate(_PLACES)},
    **{
        f"kink_{i + 1}": Slider(f"kink {i + 1}", at, 0, SQUARE.largest, 10, drag=True)
        for i, at in enumerate(_PLACES)
    },
)
def kinks_dragged(**places: float) -> View:
    """Place the kinks of ReLU units by hand, and get the best weights for them."""
    kinks = np.sort(list(places.values()))
    predicted = behind(kinks)[:, np.newaxis]
    error = rmse(Y, predicted)
    at = ", ".join(f"{kink:,g}" for kink in kinks)
    return View(
        f"Kinks at {at}: the best weights for them leave an RMSE of {error:,.0f}; the floor of any "
        f"{KINKS} units is {BEST:,.0f}.",
        [
            [THE_SQUARES, answered(predicted), marks.kinks(kinks)],
            [marks.level("no error", 0.0), Curve("answer − x²", X, predicted - Y, LOOKS[0])],
        ],
    )


@panel(
    [ANSWERS, epochs_frame(LONGEST, 100, 1e8)],
    trains=1,
    press="seed",
    page={
        "network": ("2-1", "8-1", "8-8-1"),
        "activation": ("relu", "tanh", "sine"),
        "epochs": (0, 100, 500, 2000),
        "seed": (0, 3, 7),
    },
    forgets=True,
    network=Choice("units in each layer", "8-1", ("2-1", "4-1", "8-1", "32-1", "8-8-1")),
    activation=ACTIVATION,
    epochs=epochs_from(500, LONGEST, 50),
    seed=Slider("start (seed)", 3, 0, STARTS - 1),
    every_start=Switch("all 20 starts at once"),
)
def units_at_work(
    network: str, activation: str, epochs: int, seed: int, every_start: bool, seen: dict | None = None
) -> View:
    """Train a network on squares and see what each unit adds; or the same from 20 starts at once."""
    seeds = range(STARTS) if every_start else [seed]
    recipe = {"activation": activation, "scale": "largest", "epochs": epochs}
    runs = run_seeds(SQUARE, widths(network), seeds=seeds, **recipe)
    after = f"RMSE against x² after {epochs} epochs"
    if not every_start:
        return _one_start(runs, f"{after}: start {seed}", seen)
    predicted = runs.answers(X)
    ends = rmse_of_each(predicted)
    curves = [
        Band("from lowest to highest", X, predicted, {"color": SKY, "alpha": 0.35}),
        thin_lines("one run each", predicted),
        Curve("the start chosen", X, predicted[seed], LOOKS[0]),
    ]
    chosen = Dots("chosen", [epochs], ends[seed : seed + 1], {"marker": "D", "color": BLACK})
    look = {"color": PURPLE, "linewidth": 0.7}
    ways = Bundle("their ways", *thinned(errors(runs, ends)), look, legend=False)
    dots = Dots("20 starts", np.full(STARTS, epochs), ends, {"color": BLUE, "alpha": 0.6, "markersize": 7})
    return View(
        f"{after}: {spread(ends)} from {STARTS} starts; start {seed} {about(ends[seed])}.",
        [[THE_SQUARES, *curves], [THE_FLOOR, ways, dots, chosen]],
    )


def _one_start(runs: Runs, told: str, seen: dict | None) -> View:
    """Show the answers of the first run, what each unit adds to them, and where ReLU units bend them."""
    *hidden, last = (given[0] for given in runs.outputs(X))
    of, weights = runs.recipe, runs.weights[0][-2][:, 0]
    predicted, parts = of.scaling.invert(last), hidden[-1] * weights * of.scaling.y_divisor
    bends, bent = [], ""
    if of.activation == "relu":
        on = np.hstack(hidden) > 0
        bends = X[1:][(on[1:] != on[:-1]).any(axis=1), 0] - 0.5
        bent = f"; ≈ {len(bends)} kinks inside the range"
    error = rmse(Y, predicted)
    drawn, kept = trails((of.units, of.activation, runs.seeds[0]), errors(runs, error)[0], seen)
    which = f"each of the {'last ' if hidden[1:] else ''}{parts.shape[1]} units"
    thin = Bundle("one unit each", X, parts.T, {"color": PURPLE, "linewidth": 1.2})
    return View(
        f"{told} {about(error)}. Thin: what {which} adds{bent}.",
        [[THE_SQUARES, thin, answered(predicted), marks.kinks(bends)], [THE_FLOOR, *drawn]],
        kept,
    )
