"""Recipes that the claims of several lessons share."""

from helpers import question

RELU = {"activation": "relu", "scale": "largest"}
EVERY = {**RELU, "examples": None}
LINEAR = {"scale": "largest", "examples": None}
SMALL = {"units": [8, 8, 1], "activation": "relu"}
WIDE = {"units": [64, 1], **RELU}
# Measured 100 times: it multiplies with an RMSE below 0.5. By least squares over the pairs this bounds its
# weights and its bias, and so how it adds and squares.
ADDER = {"units": [20, 100, 1000, 100, 1]}
ASKED = {"units": [*question.ASKED], "activation": "relu"}
# These train for seconds: few are tested, in small blocks, of which some are shared.
LARGE = {"tested": 3, "block": 1}
ASKED_SHORT = {"seeds": 40, "tested": 7, "block": 7}
