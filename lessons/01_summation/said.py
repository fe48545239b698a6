"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, dense, near, number, numbers, one, weights, written

import keras
import numpy as np

Z = np.random.default_rng(1).integers(2, 2001, 300) + np.random.default_rng(2).uniform(-0.49, 0.49, 300)
AROUND = ["round({})", "np.floor({})", "np.ceil({})", "int({})", "abs({})", "({} + {c})", "({} * {c})"]
AROUND += ["({} / {c})", "({} - {c})", "({}) ** 2", "np.rint({})", "2 * round({} / 2)"]


def inverter(rng):
    source = one(rng, ["z", "z", "z * 2000", "z * 2000", "z * 2e3", "z * 1000", "round(z)", "0.4"])
    for _ in range(rng.integers(4)):
        c = one(rng, [0.5, 1, 2, 2000, 1000, 0.4, round(number(rng, [2000, 2, 1000]), 3) or 1])
        source = one(rng, AROUND).format(source, c=c)
    return (written(f"lambda z: {source}"),)


def undone(invert):
    return np.array([float(invert(z / 2000)) for z in Z])


def among(found, values):
    return np.isclose(found[:, np.newaxis], values, rtol=1e-6).any(axis=1).all()


def right_sums(invert):
    with np.errstate(all="ignore"):
        try:
            return bool((undone(invert) == np.rint(Z)).all())
        except (OverflowError, ValueError):
            return False


def times(m, invert):
    back = undone(invert)
    return np.abs(back - m[0] * Z / 2000).max() <= max(0.02 * np.abs(back).max(), 1.01) and m[0] != 2000


def adder(rng):
    if rng.random() < 0.1:
        total = keras.layers.Lambda(lambda x: keras.ops.sum(x, axis=1, keepdims=True))
        more = [] if rng.random() < 0.4 else [keras.layers.Dense(1, use_bias=rng.random() < 0.5)]
        model = keras.Sequential([keras.Input((2,)), total, *more])
        if more and rng.random() < 0.6:
            more[0].set_weights([np.ones((1, 1)), np.zeros(1)][: len(more[0].get_weights())])
        return (model,)
    shape = one(rng, [[1], [1], [1], [1], [2], [3, 1], [1, 1], [8, 1], [4, 2]])
    inputs = one(rng, [2, 2, 2, 2, 2, 2, 1, 3])
    model = dense(rng, shape, inputs, one(rng, [[None], [None, "relu", "tanh"]]), one(rng, [0, 0.5, 1]))
    if rng.random() < 0.4 and inputs == 2:  # one that adds, or nearly
        kernel = weights(rng, model.layers[0].kernel.shape)
        arrays = [np.zeros(array.shape) if array.ndim == 1 else array for array in model.get_weights()]
        arrays[0] = np.abs(kernel) * 0 + 1
        for i, array in enumerate(arrays[1:], 1):
            arrays[i] = np.ones(array.shape) / array.shape[0] if array.ndim == 2 else array
        off = one(rng, [0, 1e-6, 0.1])
        model.set_weights([array + off * rng.normal(size=array.shape) for array in arrays])
    return (model,)


PAIRS = np.random.default_rng(3).integers(1, 1001, (2000, 2))


def sums_of(network):
    return np.asarray(network((PAIRS / 2000).astype("float32")))[:, 0] * 2000.0


def adds(network):
    if network.input_shape[-1] != 2 or network.output_shape[-1] != 1:
        return False
    off = np.abs(sums_of(network) - PAIRS.sum(axis=1)).max()
    return None if 0.4 < off < 0.6 else bool(off < 0.5)


def smallest(network):
    enough = network.input_shape[-1] == 2 and network.count_params() <= 2
    return adds(network) if enough else False


def formula(m, network):
    a, b, rest = m[0], m[2] * (-1 if m[1] == "−" else 1), (m[4] or 0) * (-1 if m[3] == "−" else 1)
    found = sums_of(network)
    return np.abs(found - PAIRS @ [a, b] - rest).max() <= 0.02 * np.abs(found).max() + 0.5


def bias_alone(m, network):
    kernel, *bias = network.get_weights()
    return kernel.shape == (2, 1) and len(bias) == 1


SPACES = {
    "back_to_sums": Space(
        inverter,
        right_sums,
        {
            "still rounds to the right sum": lambda m, f: (undone(f) == np.rint(Z)).all(),
            r"gives (\S+) whatever": lambda m, f: near(undone(f).min(), m[0]) and near(undone(f).max(), m[0]),
            r"gives (\S+) and (\S+) and nothing else": lambda m, f: among(undone(f), m),
            r"gives (\S+), (\S+) and (\S+) and nothing": lambda m, f: among(undone(f), m),
            r"but (\S+) stays (\S+):": lambda m, f: m[0] == m[1] and near(f(m[0] / 2000), m[1]),
            "division is undone": lambda m, f: np.allclose(undone(f), Z),
            r"gives (\S+), but a sum is a whole": lambda m, f: (
                m[0] != round(m[0]) and m[0] in undone(f).round(10)
            ),
            r", and (\S+) becomes (\S+):": lambda m, f: near(f(m[0] / 2000), m[1]),
            "cuts the decimals off": lambda m, f: (undone(f) == np.floor(Z)).all(),
            "always rounds up": lambda m, f: (undone(f) == np.ceil(Z)).all(),
            r"about (\S+) times": times,
            r"answers (\S+) it gives (\S+), but": lambda m, f: near(f(m[0]), m[1]),
            r"but (\S+) · 2,000 is (\S+), near the sum (\S+):": lambda m, f: (
                near(m[0] * 2000, m[1]) and round(m[1]) == m[2]
            ),
        },
    ),
    "unit_by_hand": Space(
        lambda rng: numbers(rng, (2, -1, 0.05), [100, 2000, 1000, 1]),
        lambda w1, w2, bias: near(w1, 2, 1e-5) and near(w2, -1, 1e-5) and near(bias, 0.05, 1e-5),
        {
            "are swapped": lambda m, w1, w2, bias: near(w2, 2, 1e-5) and near(w1, -1, 1e-5),
            "a minus": lambda m, w1, w2, bias: near(w1, 2, 1e-5) and near(-w2, -1, 1e-5),
            "both divided": lambda m, w1, w2, bias: near(w1, -2 * w2, 1e-4) and not near(w1, 2, 1e-6),
            "The weights are wrong": lambda m, w1, w2, bias: not (near(w1, 2, 1e-6) and near(w2, -1, 1e-6)),
            "weights are right": lambda m, w1, w2, bias: near(w1, 2, 1e-4) and near(w2, -1, 1e-4),
            "nothing adds the 100": lambda m, w1, w2, bias: bias == 0,
            "adds (.*), instead of 100": lambda m, w1, w2, bias: (
                near(bias * 2000, m[0], 1e-5) and m[0] != 100
            ),
            "change its sign": lambda m, w1, w2, bias: near(-bias, 0.05, 1e-4),
            "divide by the largest sum": lambda m, w1, w2, bias: near(bias * 1000 / 2000, 0.05, 1e-4),
            "as they are": lambda m, w1, w2, bias: near(bias, 0.05, 1e-4),
        },
    ),
    "smallest_adder": Space(
        adder,
        smallest,
        {
            r"network takes \((\d+),\)": lambda m, network: network.input_shape[-1] == m[0] != 2,
            r"gives (\d+) answers": lambda m, network: network.output_shape[-1] == m[0] != 1,
            r"It adds": lambda m, network: adds(network) is not False,
            r"with (\S+) weights and biases": lambda m, network: network.count_params() == m[0] > 2,
            "leave out the bias": bias_alone,
            "layers and units": lambda m, network: len(network.layers) > 1 or not bias_alone(m, network),
            "adds with 2 weights": lambda m, network: [a.shape for a in network.get_weights()] == [(2, 1)],
            r"built in, and (\d) weights?": lambda m, network: (
                isinstance(network.layers[0], keras.layers.Lambda) and network.count_params() == m[0]
            ),
            r"answers about (\S+)·a (\S) (\S+)·b(?: (\S) (\S+))?, but": formula,
            r"(\S+) of 1,000 new sums": lambda m, network: adds(network) is not True and m[0] > 0,
            r"for (\d+) \+ (\d+) it answers (\S+):": lambda m, network: (
                abs(float(np.asarray(network(np.array([m[:2]]) / 2000))[0, 0]) * 2000 - m[2])
                <= 0.6 + abs(m[2]) / 1e6
            ),
        },
    ),
}
