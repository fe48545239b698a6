"""The numbers that the prose of this lesson names."""

from collections.abc import Iterable

from helpers import closed_forms, experiments, networks, words
from helpers.evidence import runs
from helpers.question import LARGEST, SQUARE, X, Y
from lessons.facts import CLAIMS, FOLDED, exact_layers

import numpy as np


def wide_errors(pieces: int) -> np.ndarray:
    """Return by how much networks.squarer misses the squares, as the course divides them."""
    return np.abs(experiments.answers(networks.squarer(pieces), SQUARE.scaling("largest"), X) - Y)


def deep_units(layers: int) -> int:
    """Return how many units networks.deep_squarer has."""
    return sum(layer.units for layer in networks.deep_squarer(layers).layers)


def curve_rmse(layers: int) -> float:
    """Return the RMSE of networks.deep_squarer on the whole curve, if LARGEST is FOLDED."""
    return closed_forms.deep_errors(FOLDED, layers)[1]


def beats_width(layers: int) -> bool:
    """Tell whether networks.deep_squarer is better than one layer of as many units can be."""
    return curve_rmse(layers) < closed_forms.units_floor(FOLDED, deep_units(layers))


def exact_pieces() -> int:
    """Return how many pieces hit every square, each of them two; raise ValueError if one is missed."""
    pieces = LARGEST // 2
    if wide_errors(pieces).any():
        raise ValueError(f"{pieces} pieces must hit two squares each, but miss some: see networks.squarer.")
    return pieces


def listed(values: Iterable[float]) -> str:
    """Return numbers with commas between them."""
    return ", ".join(map(words.number, values))


def times_the_floor(units: int) -> int:
    """Return how many times the lowest RMSE possible one trained layer is left with, in the median."""
    median = runs.stored(f"{units} units, times the floor").median
    return round(median / closed_forms.units_floor(LARGEST, units))


FACTS = {
    "floor_divisor_of_the_curve": round(closed_forms.pieces_floor(1, 1) ** -2),
    "units_a_digit": round(closed_forms.units_worth(1000, 1) / closed_forms.units_worth(1000, 10)),
    "small_error": 100,
    "pieces_below_the_small_error": lambda: (
        1 + next(k for k in range(64, 0, -1) if wide_errors(k).max() >= FACTS["small_error"])
    ),
    "exact_pieces": exact_pieces,
    "year_of_the_deep_squarer": str(2017),
    "units_a_layer": lambda: networks.deep_squarer(1).layers[0].units,
    "units_a_tent": lambda: networks.deep_squarer(1).layers[0].units - 1,
    "tent_weights": lambda: listed(networks.deep_squarer(2).layers[1].kernel.numpy()[:3, 0]),
    "tent_biases": lambda: listed(networks.deep_squarer(2).layers[1].bias.numpy()[:3]),
    "pieces_a_fold": round((closed_forms.deep_errors(1, 1)[0] / closed_forms.deep_errors(1, 2)[0]) ** 0.5),
    "error_a_layer": round(closed_forms.deep_errors(1, 1)[0] / closed_forms.deep_errors(1, 2)[0]),
    "chord_divisor": round(1 / closed_forms.deep_errors(2, 1)[0]),
    "nearly_exact_layers": lambda: exact_layers() - 1,
    "rmse_of_the_exact_layers": lambda: f"{curve_rmse(exact_layers()):.2f}",
    "weights_of_the_exact_layers": lambda: networks.deep_squarer(exact_layers()).count_params(),
    "units_of_the_exact_layers": lambda: deep_units(exact_layers()),
    "layers_that_beat_width": lambda: next(filter(beats_width, range(1, 20))),
    "narrow_trained": CLAIMS["8 units, worth fewer than 4"].settings["units"][0],
    "widest_trained": CLAIMS["64 units, worth fewer than 12"].settings["units"][0],
    "times_the_floor_when_narrow": lambda: times_the_floor(8),
    "times_the_floor_when_wide": lambda: round(times_the_floor(64), -1),
    "deepest_trained": len(CLAIMS["10 layers from random starts"].settings["units"]) - 1,
    "gain_of_trained_depth": lambda: round(1 / runs.stored("10 layers for one").median, -1),
    "gain_of_depth": round(closed_forms.deep_errors(1, 1)[1] / closed_forms.deep_errors(1, 10)[1]),
}
