"""Numbers in the prose of this lesson that its code does not set."""

import math

from helpers import closed_forms, networks
from helpers.evidence import runs
from helpers.question import LARGEST, SQUARE, X, Y
from lessons.facts import CLAIMS
from lessons.recipes import ASKED, SMALL

import keras
import numpy as np

from . import practice


def start_of_the_copy() -> keras.Sequential:
    """Return the untrained 8-8-1 that the lesson looks at."""
    return networks.stack(**SMALL, seed=0)


def gradients_apart() -> int:
    """Return the ratio of the largest gradients of 8-8-1's first biases and weights, as a power of 10."""
    x, y = SQUARE.scaling("question").normalise(X, Y)
    of_weights, of_biases, *_ = networks.gradients(start_of_the_copy(), x, y)
    return 10 ** math.floor(math.log10(np.abs(of_biases).max() / np.abs(of_weights).max()))


def between_of_the_lottery() -> str:
    """Return how many starts of the asker's network at x/L² end between the two limits."""
    named = [runs.stored(f"asked network, x/L², {end}") for end in ("learned", "the mean")]
    return f"≈ {named[0].seeds - sum(each.inside for each in named)}"


FACTS = {
    "mean_floor": round(closed_forms.mean_floor(LARGEST)),
    "hidden_units_of_the_asker": sum(ASKED["units"][:-1]),
    "largest_of_the_exercise": practice.OTHER.largest,
    "starts_of_the_exercise": len(practice.TRIALS),
    "enough_of_the_exercise": practice.ENOUGH,
    "epochs_of_the_exercise": practice.SHORT,
    "quick_epochs": practice.FEW,
    "quick_starts": practice.QUICK_STARTS,
    "figure_to_beat": practice.FIGURE,
    "starts_of_the_lottery": CLAIMS["asked network, x/L², learned"].seeds,
    "learned_below": CLAIMS["asked network, x/L², learned"].high,
    "learned_of_the_lottery": lambda: f"≈ {runs.stored('asked network, x/L², learned').inside}",
    "mean_above": CLAIMS["asked network, x/L², the mean"].low,
    "mean_of_the_lottery": lambda: f"≈ {runs.stored('asked network, x/L², the mean').inside}",
    "between_of_the_lottery": between_of_the_lottery,
    "longer_epochs": CLAIMS["8-8-1, x/L², 2,000 epochs"].settings["epochs"],
    "starts_when_longer": CLAIMS["8-8-1, x/L², 2,000 epochs"].seeds,
    "learned_when_longer": lambda: f"≈ {runs.stored('8-8-1, x/L², 2,000 epochs').inside}",
    "starts_of_the_cure": CLAIMS["asked network, x/L"].seeds,
    "cured_of_the_cure": lambda: f"≈ {runs.stored('asked network, x/L').inside}",
    "cured_below": CLAIMS["asked network, x/L"].high,
    "short_epochs": CLAIMS["asked network, bends"].settings["epochs"],
    "starts_of_the_large_units": CLAIMS["asked network, bends"].seeds,
    "mean_floor_of_the_range": round(LARGEST**2 * np.std(((np.arange(10_000) + 0.5) / 10_000) ** 2)),
    "mean_floor_to_thousands": round(closed_forms.mean_floor(LARGEST), -3),
    "divisors_apart": SQUARE.scaling("question").x_divisor / SQUARE.scaling("largest").x_divisor,
    "units_of_the_copy": SMALL["units"][0],
    "gradients_apart": gradients_apart,
    "last_divisor_that_succeeds": CLAIMS["8-8-1, x/100,000"].settings["scale"][0],
    "rescued_by_the_rate": lambda: f"≈ {runs.stored('8-8-1, x/L², rate 0.01').inside}",
    "rescuing_rate": CLAIMS["8-8-1, x/L², rate 0.01"].settings["learning_rate"],
    "starts_of_the_rate": lambda: runs.stored("8-8-1, x/L², rate 0.01").seeds,
    "divisor_that_spreads": CLAIMS["8-8-1, x/300,000, success"].settings["scale"][0],
}
