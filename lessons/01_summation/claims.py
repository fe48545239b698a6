"""The statements of this lesson about trained networks, as claims, by heading."""

from collections.abc import Sequence

from helpers import networks
from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import adder_of, of_each, of_runs
from helpers.experiments import Runs
from lessons.recipes import ADDER, LARGE

import numpy as np

SUM = {"operation": "sum", "inputs": 2}


@of_runs
def wrong(runs: Runs) -> np.ndarray:
    """Return the number of wrong answers on the training examples."""
    x, y = map(np.stack, zip(*map(runs.recipe.draw, runs.seeds), strict=True))
    return (runs.answers(x) != y).sum(axis=(1, 2))


@of_each
def adder_weights_off(seed: int, *, units: Sequence[int], epochs: int | None = None) -> float:
    """Return the largest error of the adder's effective weights, which should be 1 and 1."""
    return np.abs(networks.collapse(adder_of(seed, units, epochs).model)[0] - 1).max()


CLAIMS = {
    "Does it add?": [
        Claim("the adder adds", "The question's layers add 1,000 pairs that they never saw without an error.")
        .of(trials.adder_off, **ADDER)
        .within(100, 100, high=0, seeds=10, **LARGE, mutation={"epochs": 5}),
    ],
    "Read the weights": [
        Claim("the adder's weights", "They multiply out to 1 and 1, within 0.00001.")
        .of(adder_weights_off, **ADDER)
        .within(100, 100, high=1e-5, seeds=10, **LARGE, mutation={"epochs": 5}),
    ],
    "Watch it learn": [
        Claim("8-8-1 adds, 10 epochs", "After 10 epochs linear 8-8-1 still adds most pairs wrong.")
        .of(wrong, **SUM, units=[8, 8, 1], epochs=10)
        .within(98, 100, low=500, mutation={"epochs": 300}),
        Claim("8-8-1 adds, 300 epochs", "After 300 epochs at most 5 of 1,000 sums are wrong.")
        .of(wrong, **SUM, units=[8, 8, 1], epochs=300)
        .within(100, 100, high=5, mutation={"epochs": 10}),
    ],
}
