"""The numbers that the prose of this lesson names."""

import math

from helpers import closed_forms, networks
from helpers.problems import rmse
from helpers.question import LARGEST, Y
from lessons.facts import CLAIMS

import numpy as np

from . import panels, practice

RANGE = (np.arange(10_000) + 0.5) / 10_000  # all of 0 to 1, for means over a whole range


def first_edge() -> float:
    """Return the x at which the pieces of networks.squarer begin."""
    return round(float(networks.kinks(networks.squarer(1))[0]) * LARGEST, 3)


def pieces_below(error: float) -> int:
    """Return from how many pieces on their RMSE, on the whole curve, is below an error."""
    return next(k for k in range(1, 1000) if closed_forms.pieces_floor(LARGEST, k) < error)


def sigmoid(z: float) -> float:
    """Return the activation sigmoid, written out."""
    return 1 / (1 + math.exp(-z))


FACTS = {
    "half_of_the_range": LARGEST // 2,
    "piece_end_divisor": round(1 / 0.5**2),
    "piece_gap_divisor": round(1 / (0.5**2 - np.var(RANGE))),
    "factor_of_doubling": round(closed_forms.pieces_floor(1, 1) / closed_forms.pieces_floor(1, 2)),
    "edge_of_the_drawing": panels.EDGE,
    "first_edge": first_edge,
    "last_edge": lambda: LARGEST + first_edge(),
    "first_middle": lambda: LARGEST / 4 + first_edge(),
    "first_slope": lambda: round(2 * (LARGEST / 4 + first_edge())),
    "goal_of_the_pieces": 1000,
    "pieces_to_the_goal": lambda: pieces_below(FACTS["goal_of_the_pieces"]),
    "kinks_of_the_third_clump": CLAIMS["8 units, clumps"].high,
    "sigmoid_middle_divisor": lambda: round(1 / sigmoid(0)),
    "sigmoid_slope_divisor": lambda: round(0.002 / (sigmoid(0.001) - sigmoid(-0.001))),
    "rmse_of_answering_0": lambda: round(rmse(Y, 0 * Y)),
    "kinks_of_the_exercise": practice.KINKS,
    "goal_of_the_kinks": practice.GOAL,
    "pieces_of_the_exercise": round(closed_forms.pieces_floor(LARGEST, practice.KINKS)),
    "floor_of_the_exercise": round(practice.BEST),
}
