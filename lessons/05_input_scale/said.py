"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

import functools

from helpers import experiments
from helpers.problems import Problem, Scaling
from helpers.train import TrainingDiverged
from lessons.drawn import Space, near, number, numbers, one

import numpy as np

W, B = np.array([0.5, -0.3, 0.8, -1.0]), np.array([0.1, 0.2, -0.9, 0.5])
ON = np.maximum(np.outer(np.linspace(0, 1, 101), W) + B, 0) > 0
DEAD, BEND = {3}, {2, 4}
FLOOR = np.sqrt((1000**2 - 1) * (1000**2 - 4) / 180)


def kinks(far, close):
    """Return a fact about the two kinks, within the tolerance of the exercise, a hundredth; None: any."""
    wanted = [far, close]
    return lambda m, *given: all(
        want is None or near(value, want, 0.0101) for value, want in zip(given, wanted, strict=True)
    )


def unit_lists(rng):
    drawn = [one(rng, [[3], [2, 4], [2], [1], [1, 3], [], [4, 2], [3, 3], [2.5], [0]]) for _ in range(2)]
    return tuple(
        rng.integers(0, 6, rng.integers(4)).tolist() if rng.random() < 0.4 else each for each in drawn
    )


# Cached, as training is deterministic.
@functools.cache
def errors(problem, scale, epochs, rate, initializer, seeds):
    recipe = {"activation": "relu", "scale": scale, "epochs": epochs, "seeds": range(seeds)}
    recipe |= {"initializer": initializer, "learning_rate": rate}
    x, y = problem.every_number()
    answers = experiments.run_seeds(problem, [8, 8, 1], **recipe).answers(x)
    return np.sqrt(np.mean((answers[:, :, 0] - y[:, 0].astype(float)) ** 2, axis=1))


FAR = Problem("square", largest=20_000)


def cured(divisor):
    """Return the number of starts, of 8."""
    floor = np.sqrt((2e4**2 - 1) * (2e4**2 - 4) / 180)
    try:
        found = errors(FAR, Scaling(divisor, 4e8), 100, 0.001, "glorot_uniform", 8)
    except TrainingDiverged:
        return -1
    return int((found < floor / 2).sum())


def reaches(m, divisor):
    return near(20_000 / divisor, m[0], 6e-3)


def recipes(rng):
    drawn = {"scale": one(rng, ["question", "largest", "standardised", "standardised", "standardised"])}
    drawn["epochs"] = one(rng, [1, 2, 3, 5, 8, 10, 15, 20, 20, 20, 21, 500, 0, 2.5, 12])
    usual = [factor * 10.0 ** rng.integers(-5, 1) for factor in (1, 2, 3, 5)]
    drawn["learning_rate"] = one(rng, [0, -0.01, 1, 11] if rng.random() < 0.1 else usual)
    drawn["initializer"] = one(rng, ["glorot_uniform", "glorot_uniform", "he_uniform", "random_normal"])
    return ({key: drawn[key] for key in drawn if rng.random() < 0.9 or key == "epochs"},)


def of(recipe, rate=None):
    filled = {"scale": "question", "learning_rate": 0.001, "initializer": "glorot_uniform"} | recipe
    rate = filled["learning_rate"] if rate is None else rate
    return errors(
        Problem("square"), filled["scale"], int(recipe["epochs"]), float(rate), filled["initializer"], 20
    )


def trains(recipe):
    epochs = recipe["epochs"]
    return 1 <= epochs <= 20 and epochs == int(epochs) and 0 < recipe.get("learning_rate", 0.001) <= 10


def quick(recipe):
    return bool(worst(recipe) < FLOOR) if trains(recipe) else False


def worst(recipe, rate=None):
    try:
        return of(recipe, rate).max()
    except TrainingDiverged:
        return np.inf


def below(recipe, rate=None):
    """Return how many starts end below the floor of every line."""
    try:
        return (of(recipe, rate) < FLOOR).sum()
    except TrainingDiverged:
        return 0


SPACES = {
    "kink_after_step": Space(
        lambda rng: numbers(rng, (2500, 2.5), [0.001, 0.4, 1000, 1e6, -1, 400, 0]),
        lambda far, close: (
            None
            if any(0.009 < abs(a / b - 1) < 0.011 for a, b in ((far, 2500), (close, 2.5)))
            else near(far, 2500, 0.01) and near(close, 2.5, 0.01)
        ),
        {
            "in the divided x": kinks(0.0025, 0.0025),
            "They are swapped": kinks(2.5, 2500),
            "before the step": kinks(0, 0),
            "made from 0.001 · 0.4": kinks(0.0004 * 1e6, 0.0004 * 1000),
            "400 is 0.4 / 0.001": kinks(400, 400),
            "made from 0.4 / 0.001": kinks(400e6, 400e3),
            "at x/L² has the wrong sign": kinks(-2500, None),
            "at x/L has the wrong sign": kinks(None, -2.5),
            "can't be the same": lambda m, far, close: far == close,
            "at x/L² is not there": lambda m, far, close: not near(far, 2500, 0.0099),
            "at x/L² is right": kinks(2500, None),
            "the one at x/L is not": lambda m, far, close: not near(close, 2.5, 0.0099),
            "thrown out of the range": kinks(2500, 2.5),
        },
    ),
    "which_units": Space(
        unit_lists,
        lambda dead, bend: (set(dead), set(bend)) == (DEAD, BEND),
        {
            "Counted from 0 this is right": lambda m, dead, bend: (
                {1 + unit for unit in dead} == DEAD and {1 + unit for unit in bend} == BEND
            ),
            "are called 1, 2, 3 and 4": lambda m, dead, bend: not {*dead, *bend} <= {1, 2, 3, 4},
            "2 and 4 are on at x = 0": lambda m, dead, bend: ON[0, 1] and ON[0, 3] and {2, 4} == {*dead},
            r"about unit (\d), which is dead": lambda m, dead, bend: m[0] in DEAD and m[0] not in dead,
            r"about unit (\d), which is not dead": lambda m, dead, bend: m[0] not in DEAD and m[0] in dead,
            "dead units are right": lambda m, dead, bend: (
                set(dead) == DEAD == set(1 + np.flatnonzero(~ON.any(axis=0)))
            ),
            r"unit (\d) does bend": lambda m, dead, bend: m[0] in BEND and m[0] not in bend,
            r"unit (\d) does not bend": lambda m, dead, bend: m[0] not in BEND and m[0] in bend,
            "b decides": lambda m, dead, bend: set(dead) == DEAD and set(bend) == BEND,
        },
    ),
    "curing_divisor": Space(
        lambda rng: (float(f"{number(rng, [20_000, 1000, 400e6, 1e6, 10_000, 2]):.2g}"),),
        lambda divisor: divisor != 0 and cured(divisor) >= 6,
        {
            "The training diverges": lambda m, divisor: cured(divisor) == -1,
            "divided by 0": lambda m, divisor: divisor == 0,
            r"≈ (\d) of 8 starts": lambda m, divisor: cured(divisor) == m[0],
            r"inputs (?:(?:only )?reach|go down to) (\S+?)[:,] ": reaches,
            "this is L²": lambda m, divisor: divisor == 20_000**2,
            "the L of the old numbers": lambda m, divisor: divisor == 1000,
            "above 0": lambda m, divisor: divisor < 0,
            "take a larger": lambda m, divisor: 0 < divisor < 20_000,
            "take a smaller": lambda m, divisor: divisor > 20_000,
        },
    ),
    "quick_recipe": Space(
        recipes,
        quick,
        {
            r"takes (\S+) epochs": lambda m, recipe: recipe["epochs"] == m[0] and m[0] not in range(1, 21),
            r"diverges at the rate (\S+):": lambda m, recipe: worst(recipe, m[0]) == np.inf,
            "is of no use": lambda m, recipe: not 0 < recipe["learning_rate"] <= 10,
            r"≈ (\d+) of 20 starts (?:is|are) below": lambda m, recipe: below(recipe) == m[0],
            r"the worst is at (≈ \S+?),? (?:after|as|but|and)": lambda m, recipe: near(
                worst(recipe), m[0], 6e-3
            ),
            r"after (\d+) epochs": lambda m, recipe: recipe["epochs"] == m[0],
            r"beats our (\d+)": lambda m, recipe: recipe["epochs"] < m[0],
            "as at x/L²": lambda m, recipe: recipe.get("scale", "question") == "question",
            "as at x/L (many|a few)": lambda m, recipe: (
                recipe["scale"] == "largest" and (m[0] == "many") == (below(recipe) < 15)
            ),
            r"a rate of (\S+) ≈ (\d+) are, and the worst is at (≈ \S+): try a (\w+)": lambda m, recipe: (
                below(recipe, m[0]) == m[1]
                and near(worst(recipe, m[0]), m[2], 6e-3)
                and (m[1] > below(recipe) or (m[1] == below(recipe) and m[2] < 1.01 * worst(recipe)))
                and (m[0] > recipe.get("learning_rate", 0.001)) == (m[3] == "higher")
            ),
            r"a rate of (\S+) or (\S+) it is no better": lambda m, recipe: (
                max(below(recipe, rate) for rate in m) <= below(recipe)
            ),
            "try more epochs": lambda m, recipe: recipe["epochs"] < 20,
        },
    ),
}
