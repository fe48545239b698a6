"""Numbers in the prose of this lesson that its code does not set."""

import math

from helpers.closed_forms import error_beyond
from helpers.problems import Problem
from helpers.question import LARGEST
from lessons.facts import CLAIMS

from . import practice

FACTS = {
    "growth_of_the_error": round(error_beyond(2000, 1000, 1000) / error_beyond(1500, 1000, 1000)),
    "drawn_to": practice.BEYOND[-1],
    "error_of_endless_pieces": round(error_beyond(2000, 1000, 1000)),
    "reach_of_a_tenth": CLAIMS["ReLU, a tenth off"].settings["asked"] / LARGEST,
    "farthest_reach_of_a_tenth": round(1 / (1 - math.sqrt(1 / 10)), 1),
    "times_the_range": CLAIMS["x² as an input"].settings["asked"] // LARGEST,
    "largest_product": Problem("product", inputs=2).largest_target,
    "ln_of_the_largest_below": math.ceil(math.log(LARGEST)),
    "multiplies_below": CLAIMS["the network that adds multiplies"].high,
}
