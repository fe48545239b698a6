"""The statements of this lesson about trained networks, as claims, by heading."""

from collections.abc import Sequence

from helpers import closed_forms
from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import square_error
from helpers.question import FLOOR, LARGEST
from lessons.recipes import EVERY, RELU

import numpy as np

EIGHT_BY_HAND = closed_forms.pieces_floor(LARGEST, 8)
EIGHT = {"units": [8, 1], **RELU, "epochs": 2000}
ENDING = {"units": [8, 1], **EVERY, "epochs": 2000}


def unlike(seeds: Sequence[int], **recipe: object) -> np.ndarray:
    """Return the ratio of the RMSE from two starts, the larger to the smaller."""
    ratios = square_error(seeds, **recipe) / square_error([1000 + seed for seed in seeds], **recipe)
    return np.maximum(ratios, 1 / ratios)


CLAIMS = {
    "Let training find the kinks": [
        Claim("8 units, never as good as by hand", "8 ReLU units end above what 8 pieces set by hand reach.")
        .of(trials.square_error, **EIGHT)
        .within(100, 100, low=EIGHT_BY_HAND, mutation={"units": [64, 1]}),
        Claim("8 units, better than a line", "8 ReLU units end below half the RMSE of the best line.")
        .of(trials.square_error, **EIGHT)
        .within(99, 100, high=FLOOR / 2, mutation={"epochs": 20}),
        Claim("8 units, far from alike", "From two starts the RMSE of 8 units differs 1.5 times or more.")
        .of(unlike, **EIGHT)
        .within(69, 100, low=1.5, tested=20, mutation={"activation": None}),
        Claim("8 units, clumps", "They end near the best curves of 1, 2 or 3 kinks that begin flat.")
        .of(trials.kinks_worth, **EIGHT)
        .within(86, 100, low=1, high=3, mutation={"epochs": 20}),
        Claim("8 units, some bend", "1 to 7 of the 8 units bend inside the range.")
        .of(trials.bending_units, **EIGHT)
        .within(99, 100, low=1, high=7, mutation={"epochs": 0}),
        Claim("8 units, some are off", "1 to 7 of the 8 units are off for every x.")
        .of(trials.dead_units, **EIGHT)
        .within(99, 100, low=1, high=7, mutation={"activation": "gelu"}),
        Claim("8 units, switched off", "Some units were on at the start, and training switched them off.")
        .of(trials.switched_off, **EIGHT)
        .within(61, 100, low=1, tested=20, mutation={"epochs": 0}),
    ],
    "Other activations": [
        *(
            Claim(f"{name} beats ReLU", f"From the same start, 8 units with {name} end below 8 with ReLU.")
            .of(trials.ratio, **EIGHT, of={"activation": name}, to={"activation": "relu"})
            .within(better, 100, high=0.98, mutation={"of": {"activation": "relu"}})
            for name, better in (("tanh", 91), ("sigmoid", 91), ("gelu", 100), ("silu", 100))
        ),
        Claim("8 units, ReLU, at best", "Hardly a start of 8 ReLU units ends below 3,000.")
        .of(trials.square_error, **EIGHT)
        .within(99, 100, low=3_000, mutation={"activation": "gelu"}),
        *(
            Claim(f"8 units, {name}, {which}", f"{many} of 8 {name} units ends below {high:,.0f}.")
            .of(trials.square_error, **EIGHT | {"activation": name})
            .within(inside, 100, high=high, tested=20, mutation={"activation": "relu"})
            for name, which, many, high, inside in (
                ("gelu", "at worst", "Nearly every start", 3_000, 100),
                ("silu", "at worst", "Nearly every start", 3_000, 100),
                ("gelu", "at best", "Some start", EIGHT_BY_HAND, 60),
                ("silu", "at best", "Some start", EIGHT_BY_HAND, 49),
            )
        ),
    ],
    "The last layer": [
        Claim("ending with ReLU", "Many networks that end with ReLU answer 0 to everything.")
        .of(trials.square_error, **ENDING, last="relu")
        .within(46, 100, low=447_000, high=448_000, tested=30, mutation={"last": "sigmoid"}),
        Claim("ending with sigmoid", "Most networks that end with a sigmoid stand on one spot.")
        .of(trials.square_error, **ENDING, last="sigmoid")
        .within(95, 100, low=28_000, high=29_000, mutation={"last": "linear"}),
        Claim("ending with sigmoid, no bend", "In most of them no hidden unit bends beyond x = 20.")
        .of(trials.bending_units, **ENDING, last="sigmoid", beyond=20)
        .within(94, 100, high=0, mutation={"last": "linear"}),
        *(
            Claim(f"linear beats {last} at the end", f"A linear end leaves a lower RMSE than {last}.")
            .of(trials.ratio, **ENDING, of={"last": "linear"}, to={"last": last})
            .within(inside, 100, high=1, mutation={"of": {"last": last}, "to": {"last": "linear"}})
            for last, inside in (("relu", 99), ("sigmoid", 81))
        ),
    ],
}
