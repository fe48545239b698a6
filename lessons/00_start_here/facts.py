"""Numbers in the prose of this lesson that its code does not set."""

from helpers import question
from lessons.facts import CLAIMS

import numpy as np

FACTS = {
    "printed_sums": lambda: len(question.rows("sum")[0]),
    "first_error": lambda: abs(int(np.diff(question.rows("square"), axis=0)[0, 0])),
    "first_slider_ends_below": lambda: CLAIMS["64 units learn to square"].high,
}
