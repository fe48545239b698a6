"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

import functools
from dataclasses import replace

from helpers.train import TrainingDiverged
from lessons.drawn import Space, near, number, one

import keras
import numpy as np
from keras.layers import Dense

from .cases import CASES

CHANCE = np.sqrt(10 * np.mean((np.arange(1, 7) - 3.5) ** 2))
PRICES = CASES["houses"].y


def off(answers, targets):
    return float(np.sqrt(np.mean((answers - targets) ** 2)))


# Cached, as training is deterministic.
@functools.cache
def thermometer(shift, divisor):
    """Return the RMSE, or infinity if training diverges."""
    case = CASES["thermometer"].scaled(shift, divisor)
    try:
        return off(case.trained(case.build(0)), case.y)
    except TrainingDiverged:
        return np.inf


def celsius(shift, divisor):
    return (np.arange(200.0) - shift) / divisor


@functools.cache
def houses(shift, divisor):
    case = CASES["houses"].scaled(0, 1, shift, divisor)
    return off(case.trained(case.build(0)) * divisor + shift, PRICES)


def affine():
    basis = np.hstack([CASES["houses"].x, np.ones_like(PRICES)])
    return off(basis @ np.linalg.pinv(basis) @ PRICES, PRICES)


def runs_from(m, low, high):
    return near(m[0], low, 6e-4) and near(m[1], high, 6e-4)


def targets(shift, divisor):
    return np.sort((np.array([PRICES.min(), PRICES.max()]) - shift) / divisor)


def shifts(constants):
    def draw(rng):
        shift = one(rng, [constants[0], constants[0], number(rng, constants)])
        return shift, one(rng, [constants[1], number(rng, constants), number(rng, [*constants, 0])])

    return draw


def network(inputs, shapes, ends):
    """Draw a new Keras network; a few have the wrong inputs or outputs."""

    def draw(rng):
        units = [*one(rng, shapes), one(rng, [1] * 9 + [2])]
        hidden = one(rng, ["relu", "tanh", None])
        stack = [Dense(count, hidden) for count in units[:-1]] + [Dense(units[-1], one(rng, ends))]
        given = one(rng, [inputs] * 9 + [3])
        return (keras.Sequential([keras.Input((given,)), *stack]),)

    return draw


def fits(name, model):
    return model.input_shape[-1] == CASES[name].x.shape[1] and model.output_shape[-1] == 1


@functools.lru_cache(maxsize=8)
def trained(name, model, loss=None):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return replace(CASES[name], loss=loss or CASES[name].loss).trained(copy)


def line(model):
    return off(trained("line", model), CASES["line"].y)


def missed(name, *answer):
    return int(((trained(name, *answer) > 0.5) != CASES[name].y).sum())


def probabilities(name, *answer):
    answers = trained(name, *answer)
    return answers.min() >= 0 and answers.max() <= 1


def bent(model):
    """Return whether the last activation's input is not an affine map of the points, by its units."""
    return any(layer.activation is not keras.activations.linear for layer in model.layers[:-1])


SIZES = {
    r"the network (takes|gives) (\S+) numbers? per example instead of (\S+):": lambda m, model, *_: (
        m[1] == (model.input_shape if m[0] == "takes" else model.output_shape)[-1] != m[2]
    ),
}


def classifying(name):
    """Return facts about the outputs of a network that classifies."""
    return {
        r"^≈ (\S+) of (\S+) (points )?(?:is|are) (on the )?wrong": lambda m, *answer: (
            m[0] == missed(name, *answer) and m[1] == len(CASES[name].y)
        ),
        r"outputs run from (≈ \S+) to (≈ \S+\d)": lambda m, *answer: (
            near(trained(name, *answer).min(), m[0], 6e-3) and near(trained(name, *answer).max(), m[1], 6e-3)
        ),
        "probabilities are asked|sigmoid at its end": lambda m, *answer: not probabilities(name, *answer),
        r"predicts (\S+) for every(thing| point):": lambda m, *answer: (
            np.abs(trained(name, *answer) - m[0]).max() < 1e-4
        ),
    }


SUM_LOSSES = ["binary_crossentropy", "mean_squared_error", "mse", "hinge"]
OTHERS = ["categorical_crossentropy", "mae", "crossentropy", "binary", "accuracy", ""]


def sums(rng):
    (model,) = network(2, [[16], [16, 16], [2], []], ["sigmoid", "sigmoid", "softmax", None, "relu"])(rng)
    return model, one(rng, [*SUM_LOSSES[:1] * 4, *SUM_LOSSES, one(rng, OTHERS)])


def sum_right(model, loss):
    return (
        fits("sum", model)
        and loss in SUM_LOSSES
        and missed("sum", model, loss) <= 6
        and probabilities("sum", model, loss)
    )


SPACES = {
    "cure_thermometer": Space(
        shifts([99.5, 57.735, 100, 60, 199, 1]),
        lambda shift, divisor: (
            bool(divisor)
            and (None if 0.97 < thermometer(shift, divisor) < 1.03 else thermometer(shift, divisor) < 1)
        ),
        {
            "divided by 0": lambda m, shift, divisor: divisor == 0,
            "still diverges": lambda m, *answer: thermometer(*answer) == np.inf,
            "does not diverge": lambda m, *answer: 0.97 < thermometer(*answer) < np.inf,
            r"inputs run from (\S+) to (\S+\d)": lambda m, *answer: runs_from(
                m, celsius(*answer).min(), celsius(*answer).max()
            ),
            r"after 20 epochs the RMSE is (≈ \S+\d)": lambda m, *answer: near(
                m[0], thermometer(*answer), 6e-3
            ),
            "so that their mean is 0": lambda m, *answer: not near(celsius(*answer).mean(), 0),
            "bring them to about −2 to 2": lambda m, *answer: (
                not 1.9 < np.abs(celsius(*answer)).max() < 2.1 or abs(celsius(*answer).mean()) > 0.1
            ),
        },
    ),
    "cure_houses": Space(
        shifts([240_000, 40_000, 250_000, 300_000, 1000, 1]),
        lambda shift, divisor: (
            bool(divisor)
            and (
                None if 0.99 < houses(shift, divisor) / affine() < 1.01 else houses(shift, divisor) < affine()
            )
        ),
        {
            "divided by 0": lambda m, shift, divisor: divisor == 0,
            "It learns": lambda m, *answer: houses(*answer) < 1.001 * affine(),
            r"targets run from (\S+) to (\S+\d)": lambda m, *answer: runs_from(m, *targets(*answer)),
            r"RMSE is (≈ \S+), (below|above) .*?([\d,]+\d)(,|\.)": lambda m, *answer: (
                near(m[0], houses(*answer), 6e-3)
                and near(m[2], affine(), 1e-4)
                and (m[1] == "below") == (houses(*answer) < affine())
            ),
            "make them smaller": lambda m, *answer: np.abs(targets(*answer)).max() > 3,
            "spread them over about −3 to 3": lambda m, *answer: (
                not (-3.3 < targets(*answer)[0] < -2.7 and 2.7 < targets(*answer)[1] < 3.3)
            ),
        },
    ),
    "cure_line": Space(
        network(1, [[8], [16], [1], [8, 8], []], [None, None, "relu", "sigmoid", "tanh"]),
        lambda model: fits("line", model) and (None if 0.49 < line(model) < 0.51 else line(model) < 0.5),
        {
            **SIZES,
            r"Trained, it has an RMSE of (≈ \S+), where it had (\S+)\.": lambda m, model: (
                near(m[0], line(model), 6e-3) and near(m[1], off(0, CASES["line"].y), 6e-3)
            ),
            r"predictions start at (≈ \S+), but the targets at (\S+):": lambda m, model: (
                near(m[0], trained("line", model).min(), 6e-3) and m[1] == CASES["line"].y.min()
            ),
            "its last layer can give less than 0": lambda m, model: (
                model.layers[-1].activation in (keras.activations.relu, keras.activations.sigmoid)
            ),
            "run the cell again|more hidden": lambda m, model: (
                model.layers[-1].activation is keras.activations.linear
            ),
            "give it a last layer without": lambda m, model: (
                model.layers[-1].activation is keras.activations.tanh
            ),
            r"it predicts (≈ \S+) at x = (\S+), where (\S+) is right": lambda m, model: (
                near(m[2], 2 * m[1] - 1, 1e-3)
                and near(m[0], trained("line", model)[np.abs(CASES["line"].x - m[1]).argmin(), 0], 6e-3)
            ),
        },
    ),
    "cure_circle": Space(
        network(2, [[16], [16, 16], [1], [3], []], ["sigmoid", "sigmoid", "sigmoid", None, "relu"]),
        lambda model: (
            fits("circle", model) and probabilities("circle", model) and missed("circle", model) <= 20
        ),
        {
            **SIZES,
            **classifying("circle"),
            "boundary bends round the disc": lambda m, model: bent(model),
            "still straight": lambda m, model: not bent(model) or len(model.layers) == 2,
        },
    ),
    "cure_sum": Space(
        sums,
        sum_right,
        {
            **SIZES,
            **classifying("sum"),
            r'^"(.*)" is not a loss that this check accepts': lambda m, model, loss: (
                m.texts[0] == loss not in SUM_LOSSES
            ),
            "outputs are from 0 to 1": lambda m, *answer: probabilities("sum", *answer),
        },
    ),
    "ten_dice": Space(
        lambda rng: (number(rng, [CHANCE, CHANCE, CHANCE**2, CHANCE / np.sqrt(10), 10, 35, 3.5]),),
        lambda lowest: None if 0.018 < abs(lowest / CHANCE - 1) < 0.022 else near(lowest, CHANCE, 0.02),
        {
            r"^(\S+): always predict 35": lambda m, lowest: near(m[0], CHANCE, 1e-3),
            "10 times the standard deviation of one die": lambda m, lowest: near(
                lowest, CHANCE * np.sqrt(10), 0.021
            ),
            "mean square": lambda m, lowest: near(lowest, CHANCE**2, 0.021),
            "standard deviation of a single die": lambda m, lowest: near(lowest, CHANCE / np.sqrt(10), 0.021),
            "mean of ten dice": lambda m, lowest: near(lowest, 35, 0.021),
            "how far a throw is from 35": lambda m, lowest: lowest <= 0,
            r"Chance leaves (more|less) than (\S+):": lambda m, lowest: (
                (m[0] == "more") == (lowest < CHANCE) and near(m[1], lowest, 6e-4)
            ),
        },
    ),
}
