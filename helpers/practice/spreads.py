"""How much the errors of several runs differ, which several lessons ask."""

import bisect
from collections.abc import Sequence

from helpers.practice.forms import Choice
from helpers.words import about

import numpy as np

SPREADS = Choice(
    ["alike: within a tenth", "the worst up to twice the best", "the worst more than twice the best"]
)


def spread(errors: Sequence[float]) -> str:
    """Return the option of SPREADS for the errors of several runs."""
    ratio = np.max(errors) / np.min(errors)
    return SPREADS.options[bisect.bisect_left((1.1, 2), ratio)]


def extent(errors: Sequence[float]) -> str:
    """Return a sentence with the lowest and the highest error of several runs."""
    return f"The RMSE of {len(errors)} runs goes from {about(min(errors))} to {about(max(errors))}."
