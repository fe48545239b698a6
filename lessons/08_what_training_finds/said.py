"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from helpers import networks
from lessons.drawn import Space, dense, one

import keras
import numpy as np

X = np.arange(1, 1001)[:, np.newaxis]
REACHED, MUST = {8: 11_900, 16: 290, 32: 930, 64: 95}, 100
FLOORS = {units: (1000 / (units + 0.5)) ** 2 / np.sqrt(180) for units in REACHED}


def widths(rng):
    def few():
        return rng.choice([8, 16, 32, 64], rng.integers(4), replace=False).tolist()

    drawn = one(rng, [(few(), few()), ([8, 16], few()), (few(), [32]), ([8, 16], [32])])
    return tuple([*each, one(rng, [290, 7, 8])] if rng.random() < 0.1 else each for each in drawn)


def squaring(x):
    return keras.ops.round(x * 1024) ** 2 / 1024**2


def squarers(rng):
    kind = rng.integers(10)
    if kind < 4:
        model = networks.deep_squarer(int(one(rng, [9, 10, 10, 10, 10, 11])))
        model = networks.keep_units(model, one(rng, [[0, 1, 3], [0, 1, 3], [0, 1, 2, 3], [0, 1]]))
        arrays = model.get_weights()
        if rng.random() < 0.4:
            arrays[0], arrays[-2] = arrays[0] / 1024, arrays[-2] * 1024**2
        noise = one(rng, [0, 0, 0, 1e-7, 1e-3])
        model.set_weights([array * (1 + noise * rng.normal(size=array.shape)) for array in arrays])
        return (keras.Sequential([keras.Input((1,)), model]) if rng.random() < 0.2 else model,)
    if kind == 4:
        return (networks.squarer(int(one(rng, [1, 2, 8, 50, 400, 500, 1000]))),)
    if kind == 5:
        square = one(
            rng,
            [
                keras.layers.Lambda(squaring),
                keras.layers.Lambda(lambda x: x * x),
                keras.layers.Dense(1, keras.ops.square, kernel_initializer="ones"),
            ],
        )
        more = one(
            rng,
            [[], [keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")], [keras.layers.ReLU()]],
        )
        return (keras.Sequential([keras.Input((1,)), square, *more]),)
    if kind == 6:
        x = keras.Input((1,))
        return (keras.Model(x, one(rng, [x * x, squaring(x), x * 3 + 1])),)
    return (dense(rng, one(rng, [[1], [4, 1], [8, 8, 1], [3, 2]]), 1, ["relu", "relu", None, "tanh"]),)


def best(network):
    """Return the answers nearest to the squares, of the three ways to scale."""
    found = [np.asarray(network((X / n).astype("float32")))[:, :1] * float(n) ** 2 for n in (1024, 1000, 1)]
    return min(found, key=lambda answers: np.mean((np.rint(answers) - X**2) ** 2))


def missed(network):
    """Return how many squares are missed at least and at most, as float32 rounds near a half either way."""
    off = np.abs(best(network) - X**2)
    return int((off > 0.6).sum()), int((off > 0.4).sum())


def misses(count, network):
    """Return whether this number may be missed."""
    least, most = missed(network)
    return least <= count <= most


def made_of(network):
    """Return whether it has only Dense layers with ReLU or without activation, by its configuration."""
    text = str(network.get_config() if isinstance(network, keras.Sequential) else network.operations).lower()
    others = ("lambda", "square", "multiply", "power", "round", "tanh", "divide", "add")
    return not any(name in text for name in others)


def smaller(network):
    least, most = missed(network)
    if least or network.count_params() >= 193 or not made_of(network):
        return False
    return None if most else True


def line(m, network):
    found = np.rint(best(network)[:, 0])
    return (
        np.abs(found - np.polyval(np.polyfit(X[:, 0], found, 1), X[:, 0])).max()
        < 2.1 + 1e-4 * np.abs(found).max()
    )


SPACES = {
    "could_and_did": Space(
        widths,
        lambda never, found: (set(never), set(found)) == ({8, 16}, {32}),
        {
            r"^(\S+) is none of": lambda m, *both: m[0] not in REACHED and m[0] in {*both[0], *both[1]},
            r"^(\d+) units are in both": lambda m, never, found: m[0] in never and m[0] in found,
            r"^(\d+) units reached (\S+), below 100": lambda m, *both: (
                REACHED[m[0]] == m[1] < MUST and m[0] in {*both[0], *both[1]}
            ),
            r"^(\d+) units could reach (\S+):": lambda m, never, found: (
                abs(FLOORS[m[0]] - m[1]) < 0.6 and m[1] < MUST and m[0] in never
            ),
            r"gets (\d+) units below their floor, (\S+):": lambda m, never, found: (
                abs(FLOORS[m[0]] - m[1]) < 0.6 and m[1] > MUST and m[0] in found
            ),
            r"^(\d+) units ended at (\S+), above": lambda m, *both: (
                REACHED[m[0]] == m[1] > MUST and m[0] not in {*both[0], *both[1]}
            ),
            "^8 and 16 units could": lambda m, never, found: FLOORS[16] > MUST > FLOORS[32],
        },
    ),
    "smallest_squarer": Space(
        squarers,
        smaller,
        {
            "It draws a line": line,
            r"1,000 squares (\S+) (?:is|are) wrong": lambda m, network: misses(m[0], network),
            r"by up to (\S+), with": lambda m, network: (
                abs(np.abs(best(network) - X**2).max() - m[0]) < 0.6 + 6e-3 * m[0]
            ),
            r"with (\S+) weights": lambda m, network: network.count_params() == m[0],
            r"Every square": lambda m, network: misses(0, network),
            r"but (\S+) weights are (just as many as|more than) the ten layers' (\d+)": lambda m, network: (
                network.count_params() == m[0] >= m[2] == 193
                and (m[0] == m[2]) == (m[1] == "just as many as")
            ),
            r"as it has (\w+) in it": lambda m, network: not made_of(network),
            r"of 3 units (\d+)": lambda m, network: made_of(network) and m[0] == 118,
        },
    ),
}
