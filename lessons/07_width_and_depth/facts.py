"""Numbers in the prose of this lesson that its code does not set."""

from collections.abc import Iterable

from helpers import closed_forms, experiments, networks, words
from helpers.question import LARGEST, SQUARE, X, Y
from lessons.facts import FOLDED, exact_layers

import numpy as np


def wide_errors(pieces: int) -> np.ndarray:
    """Return the absolute errors of networks.squarer on the squares."""
    return np.abs(experiments.answers(networks.squarer(pieces), SQUARE.scaling("largest"), X) - Y)


def deep_units(layers: int) -> int:
    """Return how many hidden units networks.deep_squarer has."""
    return sum(layer.units for layer in networks.deep_squarer(layers).layers[:-1])


def curve_rmse(layers: int) -> float:
    """Return the RMSE of networks.deep_squarer on the whole curve, if LARGEST is FOLDED."""
    return closed_forms.deep_errors(FOLDED, layers)[1]


def beats_width(layers: int) -> bool:
    """Return whether networks.deep_squarer beats the best single layer with as many units."""
    return curve_rmse(layers) < closed_forms.units_floor(FOLDED, deep_units(layers))


def exact_pieces() -> int:
    """Return the number of pieces that hit every square, two each; raise ValueError if one is missed."""
    pieces = LARGEST // 2
    if wide_errors(pieces).any():
        raise ValueError(f"{pieces} pieces must hit two squares each, but miss some: see networks.squarer.")
    return pieces


def listed(values: Iterable[float]) -> str:
    """Return numbers with commas between them."""
    return ", ".join(map(words.number, values))


FACTS = {
    "units_a_digit": round(closed_forms.units_worth(1000, 1) / closed_forms.units_worth(1000, 10)),
    "small_error": 100,
    "pieces_below_the_small_error": lambda: (
        1 + next(k for k in range(64, 0, -1) if wide_errors(k).max() >= FACTS["small_error"])
    ),
    "exact_pieces": exact_pieces,
    "units_a_tent": lambda: networks.deep_squarer(1).layers[0].units - 1,
    "tent_weights": lambda: listed(networks.deep_squarer(2).layers[1].kernel.numpy()[:3, 0]),
    "tent_biases": lambda: listed(networks.deep_squarer(2).layers[1].bias.numpy()[:3]),
    "nearly_exact_layers": lambda: exact_layers() - 1,
    "rmse_of_the_exact_layers": lambda: f"{curve_rmse(exact_layers()):.2f}",
    "hidden_units_of_the_exact_layers": lambda: deep_units(exact_layers()),
    "layers_that_beat_width": lambda: next(filter(beats_width, range(1, 20))),
}
