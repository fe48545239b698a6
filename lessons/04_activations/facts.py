"""Numbers in the prose of this lesson that its code does not set."""

import math

from helpers import closed_forms, networks
from helpers.problems import rmse
from helpers.question import LARGEST, Y
from lessons.facts import CLAIMS

from . import panels, practice


def first_edge() -> float:
    """Return the x where the pieces of networks.squarer begin."""
    return round(float(networks.kinks(networks.squarer(1))[0]) * LARGEST, 3)


GOAL = 1000  # an RMSE

FACTS = {
    "half_of_the_range": LARGEST // 2,
    "factor_of_doubling": round(closed_forms.pieces_floor(1, 1) / closed_forms.pieces_floor(1, 2)),
    "edge_of_the_drawing": panels.EDGE,
    "first_edge": first_edge,
    "last_edge": lambda: LARGEST + first_edge(),
    "first_middle": lambda: LARGEST / 4 + first_edge(),
    "first_slope": lambda: round(2 * (LARGEST / 4 + first_edge())),
    "goal_of_the_pieces": GOAL,
    "pieces_to_the_goal": math.ceil(math.sqrt(closed_forms.pieces_floor(LARGEST, 1) / GOAL)),
    "kinks_of_the_third_clump": CLAIMS["8 units, clumps"].high,
    "rmse_of_answering_0": lambda: round(rmse(Y, 0 * Y)),
    "kinks_of_the_exercise": practice.KINKS,
    "goal_of_the_kinks": practice.GOAL,
    "pieces_of_the_exercise": round(closed_forms.pieces_floor(LARGEST, practice.KINKS)),
    "floor_of_the_exercise": round(practice.BEST),
}
