"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

import functools
import re

from helpers import experiments
from helpers.problems import Problem
from lessons.drawn import Space, near, one, written

import numpy as np

SQUARE = Problem("square")
SIDES = [
    "one",
    "other",
    "np.sort(one)",
    "np.sort(other)",
    "np.median(other)",
    "np.mean(one)",
    "(one + 0.5)",
    "5",
]
AROUND = [
    "np.sum({})",
    "np.sum({})",
    "np.sum({})",
    "np.mean({})",
    "len({})",
    "np.sum({}) + 1",
    "8 - np.sum({})",
]
AROUND += ["{}", "np.median({})", "sum({})", "np.max({})", "np.argmax({})"]


def counters(rng):
    first, then = ("one", "other") if rng.random() < 0.4 else (one(rng, SIDES), one(rng, SIDES))
    pairs = f"{first} {one(rng, ['<', '<', '<', '<=', '>', '>=', '==', '-', '/'])} {then}"
    return (written(f"lambda one, other: {one(rng, AROUND).format(pairs)}"),)


TRIES = np.round(np.random.default_rng(9).normal(5, 3, (40, 2, 6)), 1)


def counts(count):
    try:
        with np.errstate(all="ignore"):
            found = [np.asarray(count(a, b), float) for a, b in TRIES]
        return all(
            each.shape == () and each == np.sum(a < b) for each, (a, b) in zip(found, TRIES, strict=True)
        )
    except TypeError:
        return False


def lists(m):
    return [np.array([float(each) for each in text.strip("[]").split(", ")]) for text in m.texts[:2]]


GIVEN = r"For one = (\[.*?\]) and other = (\[.*?\])"


def gives(m, count):
    return near(float(count(*lists(m))), m[2], 6e-3)


def by(compare):
    """Return a fact about the answered number, m[2], from the two lists in the sentence."""
    return lambda m, count: near(compare(*lists(m)), m[2], 6e-3)


def sides(rng):
    start = {"activation": "relu", "scale": "largest", "seeds": range(20), "units": [8, 8, 1], "epochs": 2000}
    units = [8, *one(rng, [[8], [], [8, 8], [16], [8, 16]]), one(rng, [1, 1, 1, 1, 2])]
    units = one(rng, [units, units, [16, 1], [64, 1], [1], [16, 16, 1], [4, 4, 4, 4, 1]])
    changed = {"units": units if rng.random() < 0.9 else [8, 8, 1]}
    if rng.random() < 0.3:
        changed |= one(
            rng, [{"epochs": 500}, {"activation": None}, {"activation": "tanh"}, {"seeds": range(10)}]
        )
    if rng.random() < 0.2:
        changed |= one(
            rng, [{"learning_rate": 0.01}, {"scale": "question"}, {"batch_size": 100}, {"examples": 1000}]
        )
    if rng.random() < 0.05:
        changed |= one(rng, [{"units": 8}, {"seeds": 3}, {"epoch": 3}, {"units": [8.5, 1]}])
    pair = [start, start | changed]
    return tuple(pair[::-1] if rng.random() < 0.2 else pair)


USUAL = {
    "learning_rate": 0.001,
    "batch_size": 100,
    "examples": 1000,
    "activation": None,
    "scale": "question",
    "epochs": 500,
}


def setting(side):
    return USUAL | {name: value for name, value in side.items() if name not in ("units", "seeds")}


def differing(m, one, other):
    a, b = setting(one), setting(other)
    return set(m.texts[0].split(", ")) == {name for name in a if a[name] != b.get(name)}


def fair(one_side, other):
    if (
        not isinstance(other["units"], list)
        or isinstance(other["seeds"], int)
        or isinstance(one_side["seeds"], int)
    ):
        return False
    if not isinstance(one_side["units"], list) or set(setting(one_side)) != set(setting(other)):
        return False
    same = setting(one_side) == setting(other) and list(one_side["seeds"]) == list(other["seeds"])
    (*a, last), (*b, end) = one_side["units"], other["units"]
    return bool(same and a and b and len({*a, *b}) == 1 and len(a) != len(b) and last == end == 1)


def weights(units):
    return sum((a + 1) * b for a, b in zip([1, *units], units, strict=False))


def hidden(*both):
    return [side["units"][:-1] for side in both]


# Cached, as training takes time: a few hundred runs, each needed several times.
@functools.cache
def runs(units, count, problem=SQUARE, **recipe):
    return experiments.run_seeds(problem, units, seeds=range(count), **recipe)


def trained(rng):
    recipe = {
        "activation": one(rng, ["relu", "relu", "relu", "tanh", None]),
        "scale": one(rng, ["largest", "largest", "standardised", "question"]),
    }
    recipe["epochs"] = int(one(rng, [0, 1, 2, 5, 20, 20, 60, 251]))
    recipe["learning_rate"] = one(rng, [0.001, 0.003, 0.01, 0.03])
    recipe["batch_size"] = int(one(rng, [20, 100, 100, 1000]))
    recipe["examples"] = int(one(rng, [1, 5, 100, 1000, 1000]))
    if rng.random() < 0.05:
        recipe = {
            "activation": "relu",
            "scale": "largest",
            "epochs": 250,
            "learning_rate": 0.005,
            "batch_size": 20,
        }
    problem = SQUARE if rng.random() < 0.95 else Problem("square", largest=100)
    return (
        runs(
            one(rng, [(64, 1), (64, 1), (8, 8, 1), (32, 1)]),
            int(one(rng, [5, 5, 5, 5, 4])),
            problem,
            **recipe,
        ),
    )


X = np.arange(1, 1001)[:, np.newaxis]


def median_of(my_runs):
    errors = my_runs.answers(X)[:, :, 0] - (X[:, 0] ** 2).astype(float)
    return float(np.median(np.sqrt(np.mean(errors**2, axis=1))))


def few(my_runs):
    of = my_runs.recipe
    fits = (
        of.problem == SQUARE and of.units in ((64, 1), (8, 8, 1)) and len(my_runs) >= 5 and of.epochs <= 250
    )
    return bool(fits and median_of(my_runs) < 1000)


def steps(my_runs):
    of = my_runs.recipe
    return of.epochs * int(np.ceil(of.examples / min(of.batch_size, of.examples)))


SPACES = {
    "pairs_won": Space(
        counters,
        counts,
        {
            "One number is asked for": lambda m, count: counts(count) is False,
            GIVEN + r" it is (\d):": lambda m, count: near(float(count(*lists(m))), m[2]) and counts(count),
            GIVEN + r" it is right, but the other way round it gives (\S+), not (\S+):": lambda m, count: (
                near(float(count(*lists(m)[::-1])), m[2], 6e-3)
                and float(count(*lists(m))) == np.less(*lists(m)).sum()
            ),
            GIVEN + r" it gives (\S+?),? (?:not|but|as|with|a|which)": gives,
            GIVEN + r" it gives (\S+), not (\d+):": lambda m, count: np.less(*lists(m)).sum() == m[3] != m[2],
            GIVEN + r" it gives (\S+), but one is lower in (\d) pairs": lambda m, count: (
                np.less(*lists(m)).sum() == m[3]
            ),
            GIVEN + r" it gives (\S+), as many as there are pairs in which": by(lambda a, b: np.sum(a > b)),
            GIVEN + r" it gives (\S+), with the pair in which both": by(lambda a, b: np.sum(a <= b)),
            GIVEN + r" it gives (\S+), a share": by(lambda a, b: np.mean(a < b)),
            GIVEN + r" it gives (\S+), as after sorting": by(lambda a, b: np.sum(np.sort(a) < np.sort(b))),
            GIVEN + r" it gives (\S+), as many as lie below": by(lambda a, b: np.sum(a < np.median(b))),
            GIVEN + r" it gives (\S+), which is how many": by(lambda a, b: len(a)),
        },
    ),
    "fair_recipe": Space(
        sides,
        fair,
        {
            "activation got lost": lambda m, one, other: other["activation"] is None != one["activation"],
            r"Only the units may differ \((.*) must not\): start": differing,
            "The seeds differ": lambda m, one, other: list(one["seeds"]) != list(other["seeds"]),
            "Nothing differs": lambda m, one, other: (
                setting(one) == setting(other) and one["units"] == other["units"]
            ),
            "needs one output": lambda m, one, other: {1} != {one["units"][-1], other["units"][-1]},
            "Without a hidden layer": lambda m, *both: [] in hidden(*both),
            "the width, not the depth": lambda m, *both: len(hidden(*both)[0]) == len(hidden(*both)[1]),
            "sum of the units is the same": lambda m, *both: sum(hidden(*both)[0]) == sum(hidden(*both)[1]),
            r"widths also differ \((.*)\)": lambda m, *both: (
                {int(width) for width in re.split(", | and ", m.texts[0])}
                == {*hidden(*both)[0], *hidden(*both)[1]}
            ),
            r"number of weights, (\d+) and (\d+):": lambda m, one, other: (
                [weights(one["units"]), weights(other["units"])] == m and m[0] != m[1]
            ),
        },
    ),
    "fewer_epochs": Space(
        trained,
        few,
        {
            "not the problem of squaring": lambda m, of: of.recipe.problem != SQUARE,
            r"network is (\S+):": lambda m, of: (
                "-".join(map(str, of.recipe.units)) == m[0] not in ("64-1", "8-8-1")
            ),
            "may be luck": lambda m, of: len(set(of.seeds)) < 5,
            r"These are (\S+) epochs": lambda m, of: of.recipe.epochs == m[0] > 250,
            r"own examples the RMSE is (≈ \S+), but": lambda m, of: near(np.median(of.rmse()), m[0], 6e-3),
            r"all numbers it is (≈ \S+):": lambda m, of: near(median_of(of), m[0], 6e-3),
            r"RMSE on all numbers is (≈ \S+?):? ": lambda m, of: (
                near(median_of(of), m[0], 6e-3) and not few(of)
            ),
            "a line, so": lambda m, of: np.abs(np.diff(of.outputs(X)[-1][..., 0], 2)).max() < 1e-4,
            r"median of (\d+) starts is (≈ \S+) after (\S+) steps": lambda m, of: (
                len(of) == m[0] and near(median_of(of), m[1], 6e-3) and steps(of) == m[2]
            ),
            r"thread makes (\S+):": lambda m, of: m[0] == 500 * 10,
            "and fewer steps": lambda m, of: steps(of) < 5000,
            "no fewer steps": lambda m, of: steps(of) >= 5000,
        },
    ),
}
