"""The panels of this lesson: plain functions from settings to a View."""

from functools import lru_cache

from helpers import experiments, networks
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Steps, epochs_from
from helpers.live.panels import panel
from helpers.live.trails import epochs_frame, trails
from helpers.pictures.marks import BLACK, BLUE, ORANGE, Dots, Frame
from helpers.words import about, plural

import keras
import numpy as np

from .cases import CLASSES, INSIDE, POINTS

LONGEST = 500
SIDE = np.linspace(-1, 1, 31)
GRID = np.stack(np.meshgrid(SIDE, SIDE), axis=-1).reshape(-1, 2)
PALE = "#BBDDF6"  # the sky blue, but opaque: where tiles overlap, it stays the same
TICKS = {-1: "−1", 0: "0", 1: "1"}
SQUARE = Frame("first number", "second number", (-1, 1), (-1, 1), "", TICKS, TICKS, "", width=1.2)


@lru_cache
def _model(units: int, activation: str) -> keras.Sequential:
    model = networks.stack([units, 1], inputs=2, activation=activation, last="sigmoid")
    model.compile(keras.optimizers.Adam(0.01), CLASSES)
    return model


@panel(
    [SQUARE, epochs_frame(LONGEST, 0.001, 1, "loss")],
    trains=1,
    press="epochs",
    page={"units": (1, 2, 3, 4, 8), "epochs": (0, 20, 100, 200, 500), "seed": range(2)},
    forgets=True,
    units=Steps("hidden units", 2, (1, 2, 3, 4, 6, 8, 16), "units"),
    activation=Choice("activation", "relu", ("relu", "tanh", "linear")),
    epochs=epochs_from(200, LONGEST, 20),
    seed=Slider("start (seed)", 0, 0, 19),
)
def around_a_circle(units: int, activation: str, epochs: int, seed: int, seen: dict | None = None) -> View:
    """Train one hidden layer to tell a disc from its surroundings."""
    model = _model(units, activation)
    weights, losses = networks.starting_weights((units, 1), 2, "glorot_uniform", seed), np.zeros((1, 0))
    if epochs:
        recipe = {"epochs": epochs, "batch_size": 20}
        (weights,), losses = experiments.train_many(
            model, [weights], [POINTS], [INSIDE], seeds=[seed], **recipe
        )
    model.set_weights(weights)
    here, everywhere = (np.asarray(model(each))[:, 0] for each in (POINTS, GRID))
    wrong = (here > 0.5) != (INSIDE[:, 0] == 1)
    probability = np.clip(here, 1e-7, 1 - 1e-7)
    loss = float(-np.log(np.where(INSIDE[:, 0] == 1, probability, 1 - probability)).mean())
    drawn, kept = trails((units, activation, seed), [*losses[0], loss], seen)
    groups = [
        (
            "taken for inside",
            GRID[everywhere > 0.5],
            {"marker": "s", "markersize": 9, "color": PALE},
        ),
        ("inside", POINTS[INSIDE[:, 0] == 1], {"markersize": 4, "color": BLUE}),
        ("outside", POINTS[INSIDE[:, 0] == 0], {"marker": "x", "markersize": 4, "color": ORANGE}),
        ("wrong", POINTS[wrong], {"markersize": 9, "color": BLACK, "fillstyle": "none"}),
    ]
    missed = int(wrong.sum())
    are = f"{'is' if missed == 1 else 'are'} on the wrong side{' (circled)' if missed else ''}"
    net = f"{plural(units, f'{activation} unit')}"
    return View(
        f"{net}, start {seed}, {epochs:,} epochs: ≈ {missed} of {len(POINTS)} points {are}; "
        f"loss {about(loss, 2)}.",
        [[Dots(name, *at.T, look) for name, at, look in groups], drawn],
        kept,
    )
