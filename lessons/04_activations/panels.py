"""The panels of this lesson: plain functions from settings to a View."""

from helpers import closed_forms
from helpers.experiments import Runs, run_seeds
from helpers.live import squares
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Switch, epochs_from
from helpers.live.panels import panel
from helpers.live.trails import epochs_frame, errors, thinned, trails
from helpers.pictures import marks
from helpers.pictures.drawings import SIGNS, UNIT
from helpers.problems import rmse
from helpers.question import SQUARE, X, Y
from helpers.words import about, plural, short, spread

import numpy as np

from .practice import BEST, KINKS, behind

EDGE = 3  # of z, where weights are dragged
_Z = np.linspace(0, EDGE, 301)
_DRAWN = marks.Frame("", "", (-0.15, 2.15), (-1.7, 1.4), x_ticks={0: "z", 1: "ReLU", 2: "answer"}, y_ticks={})
_CURVES = marks.Frame("z", "answer", (0, EDGE), (-2, EDGE**2 + 3), width=1.2)
# How each parameter is drawn: the ends of its line, for its lowest and highest value, and the highest value.
_LINES = {
    "weight": ([(0.1, -0.07), (0.9, -0.63)], 2),
    "bias": ([(1, -1.6), (1, -0.85)], 3),
    "first": ([(1.1, 0.63), (1.9, 0.07)], 4),
    "second": ([(1.1, -0.63), (1.9, -0.07)], 4),
    "last_bias": ([(2, -0.95), (2, -0.2)], 1),
    "weight of unit 1": ([(0.1, 0.07), (0.9, 0.63)], 2),  # stays 1
}


def _dragged(label: str, name: str, value: float) -> Slider:
    line, most = _LINES[name]
    return Slider(label, value, -most, most, most / 8, drag=line)


@panel(
    [_DRAWN, _CURVES],
    page={
        "weight": (1, 2),
        "bias": (-2.25, -1.5, -0.75, 0),
        "first": (0, 1, 1.5, 2),
        "second": (0, 2, 3, 4),
        "last_bias": (-0.375, 0),
    },
    weight=_dragged("unit 2: weight", "weight", 1.0),
    bias=_dragged("unit 2: bias", "bias", 0.0),
    first=_dragged("answer: weight of unit 1", "first", 1.0),
    second=_dragged("answer: weight of unit 2", "second", 0.0),
    last_bias=_dragged("answer: bias", "last_bias", 0.0),
)
def weights_dragged(**numbers: float) -> View:
    """Set a second unit beside relu(z), and the last layer, by hand."""
    weight, bias, first, second, last_bias = numbers.values()
    units = first * _Z, second * np.maximum(weight * _Z + bias, 0)
    predicted = sum(units) + last_bias
    kinks = [-bias / weight] if weight and 0 < -bias / weight < EDGE else []
    inner = f"{ {1: '', -1: '−'}.get(weight, short(weight)) }z{_plus(bias)}"
    terms = f"{short(first)} relu(z){_plus(second)} relu({inner}){_plus(last_bias)}"
    return View(
        f"answer = {terms}. RMSE against z²: {rmse(_Z**2, predicted):.2f}; the best two equal pieces leave "
        f"{closed_forms.pieces_floor(EDGE, 2):.2f}.",
        [
            _network(numbers | {"weight of unit 1": 1}),
            [
                marks.Curve(
                    "expected: z²",
                    _Z,
                    _Z**2,
                    {"color": marks.BLACK, "linewidth": 8, "alpha": 0.25},
                    still=True,
                ),
                marks.Curve("unit 1", _Z, units[0], marks.LOOKS[3] | {"linewidth": 2}),
                marks.Curve("unit 2", _Z, units[1], marks.LOOKS[2] | {"linewidth": 2}),
                marks.Curve("answer", _Z, predicted, marks.LOOKS[0]),
                marks.kinks(kinks),
            ],
        ],
    )


def _plus(number: float) -> str:
    return f" {'−' if number < 0 else '+'} {short(abs(number))}"


def _network(numbers: dict[str, float]) -> list[marks.Mark]:
    """Return the drawn network: on each line a bar from the middle, 0, to the value of the parameter."""
    lines = np.array([_LINES[name][0] for name in numbers], float)
    most = np.array([_LINES[name][1] for name in numbers])
    middles = lines.mean(axis=1)
    thin = marks.Bundle(
        "lines", *np.moveaxis(lines, -1, 0), {"color": marks.BLACK, "linewidth": 1}, still=True, legend=False
    )
    marked = [thin]
    for name, sign, colour, dashes in SIGNS:
        shares = np.maximum(np.array([*numbers.values()]) * sign, 0) * sign / most
        bars = np.stack([middles, middles + (lines[:, 1] - middles) * shares[:, np.newaxis]], axis=1)
        look = {"color": colour, "linestyle": dashes, "linewidth": 6}
        marked.append(marks.Bundle(name, *np.moveaxis(bars, -1, 0), look))
    units = {"markersize": 24} | UNIT
    return [*marked, marks.Dots("units", [0, 1, 1, 2], [0, 0.7, -0.7, 0], units, still=True, legend=False)]


MOST_PIECES, LONGEST = 16, 2000
PIECES = {"log": "xy", "x_ticks": {k: f"{k}" for k in (1, 2, 4, 8, 16)}, "legend": "lower left", "width": 1.5}


@panel(
    [
        squares.ANSWERS,
        marks.Frame("straight pieces", "RMSE of the answers", (0.9, 18), (200, 100_000), **PIECES),
    ],
    pieces=Slider("straight pieces", 2, 1, MOST_PIECES, unit="pieces"),
)
def pieces_by_hand(pieces: int) -> View:
    """Square with a ReLU network set by hand, one kink more at every step."""
    predicted, bends, error = squares.squared_by_hand(pieces)
    k = np.arange(1, MOST_PIECES + 1)
    inside = f", with {plural(len(bends), 'kink')} inside the range" if len(bends) else ""
    floor = closed_forms.pieces_floor(SQUARE.largest, pieces)
    by_hand = marks.Curve("set by hand", X, predicted, marks.LOOKS[0])
    return View(
        f"RMSE against x²: set by hand {error:,.0f}{inside}. The floor / {pieces}² is {floor:,.0f}.",
        [
            [squares.THE_SQUARES, by_hand, marks.kinks(bends)],
            [marks.law(k, squares.THE_FLOOR.y[0] / k**2.0), squares.now(error, pieces, "set by hand")],
        ],
    )


_NEAR = marks.Frame("x", "answer − x²", (0, SQUARE.largest), (-40_000, 40_000), legend="lower left", width=2)
_PLACES = [200, 400, 600, 800]
_ALONG = (0, 0), (SQUARE.largest, 0)


@panel(
    [squares.ANSWERS, _NEAR],
    page={f"kink_{i + 1}": range(at - 80, at + 41, 40) for i, at in enumerate(_PLACES)},
    **{
        f"kink_{i + 1}": Slider(f"kink {i + 1}", at, 0, SQUARE.largest, 10, drag=_ALONG)
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
            [squares.THE_SQUARES, squares.answered(predicted), marks.kinks(kinks)],
            [marks.level("no error", 0.0), marks.Curve("answer − x²", X, predicted - Y, marks.LOOKS[0])],
        ],
    )


@panel(
    [squares.ANSWERS, epochs_frame(LONGEST, 100, 1e8, width=1.4)],
    trains=1,
    press="seed",
    page={
        "network": ("2-1", "8-1", "8-8-1"),
        "activation": ("relu", "tanh", "gelu"),
        "epochs": (0, 100, 500, 2000),
        "seed": (0, 3, 7),
    },
    forgets=True,
    network=Choice("units in each layer", "8-1", ("2-1", "4-1", "8-1", "32-1", "8-8-1")),
    activation=squares.ACTIVATION,
    epochs=epochs_from(500, LONGEST, 50),
    seed=Slider("start (seed)", 3, 0, squares.STARTS - 1),
    every_start=Switch("all 20 starts at once"),
)
def units_at_work(
    network: str, activation: str, epochs: int, seed: int, every_start: bool, seen: dict | None = None
) -> View:
    """Train a network on squares and see what each unit adds; or the same from 20 starts at once."""
    seeds = range(squares.STARTS) if every_start else [seed]
    recipe = {"activation": activation, "scale": "largest", "epochs": epochs}
    runs = run_seeds(SQUARE, squares.widths(network), seeds=seeds, **recipe)
    after = f"RMSE against x² after {epochs:,} epochs"
    if not every_start:
        return _one_start(runs, f"{after}: start {seed}", seen)
    predicted = runs.answers(X)
    ends = squares.rmse_of_each(predicted)
    curves = [
        marks.Band("from lowest to highest", X, predicted, {"color": marks.SKY, "alpha": 0.35}),
        squares.thin_lines("one run each", predicted),
        marks.Curve("the start chosen", X, predicted[seed], marks.LOOKS[0]),
    ]
    chosen = marks.Dots("chosen", [epochs], ends[seed : seed + 1], {"marker": "D", "color": marks.BLACK})
    look = {"color": marks.PURPLE, "linewidth": 0.7}
    ways = marks.Bundle("their ways", *thinned(errors(runs, ends)), look, legend=False)
    dots = marks.Dots(
        "20 starts",
        np.full(squares.STARTS, epochs),
        ends,
        {"color": marks.BLUE, "alpha": 0.6, "markersize": 7},
    )
    return View(
        f"{after}: median {spread(ends)} from {squares.STARTS} starts; start {seed} {about(ends[seed])}.",
        [[squares.THE_SQUARES, *curves], [squares.THE_FLOOR, ways, dots, chosen]],
    )


def _one_start(runs: Runs, heading: str, seen: dict | None) -> View:
    """Show the answers of the first run, what each unit adds to them, and where ReLU units bend them."""
    *hidden, last = (outputs[0] for outputs in runs.outputs(X))
    recipe, weights = runs.recipe, runs.weights[0][-2][:, 0]
    predicted, parts = recipe.scaling.invert(last), hidden[-1] * weights * recipe.scaling.y_divisor
    triangles, bent = [], ""
    if recipe.activation == "relu":
        on = np.hstack(hidden) > 0
        bends = X[1:][(on[1:] != on[:-1]).any(axis=1), 0] - 0.5
        triangles, bent = [marks.kinks(bends)], f"; ≈ {plural(len(bends), 'kink')} inside the range"
    error = rmse(Y, predicted)
    drawn, kept = trails((recipe.units, recipe.activation, runs.seeds[0]), errors(runs, error)[0], seen)
    which = f"each of the {'last ' if hidden[1:] else ''}{parts.shape[1]} units"
    thin = marks.Bundle("one unit each", X, parts.T, {"color": marks.PURPLE, "linewidth": 1.2})
    return View(
        f"{heading} {about(error)}. Thin: what {which} adds{bent}.",
        [
            [squares.THE_SQUARES, thin, squares.answered(predicted), *triangles],
            [squares.THE_FLOOR, *drawn],
        ],
        kept,
    )
