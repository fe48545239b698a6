"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, dense, near, numbers, one

import keras
import numpy as np

X = np.arange(1.0, 1001)
Z = np.linspace(0, 2, 4001)
BEST_TWO = 1 / np.sqrt(180)  # the RMSE of two pieces, each 1 long


def kink(fact):
    return lambda m, at, out: fact(at)


def output(fact):
    return lambda m, at, out: near(at, 300, 1e-4) and fact(out)


def pieces(rng):
    w = [one(rng, [1, 1, 2, -1, rng.normal()]) for _ in range(2)]
    kinks = [one(rng, [0, 1, 0, 1, rng.uniform(-1, 3), rng.uniform(0, 2)]) for _ in range(2)]
    kinks = one(rng, [kinks, [0, 1], [0, 1], [-0.4, 1], [1, 0]])
    last = [one(rng, [1, 2, 3, 0.5, rng.normal(), 0]) for _ in range(2)]
    end = one(rng, [-1 / 6, -1 / 6, 0, 1 / 6, -1 / 4, -1 / 12, rng.normal()])
    if rng.random() < 0.5:  # the right slopes, or nearly, for the units there are
        w, kinks, last = [1.0, 1.0], [min(kinks[0], 0), one(rng, [1, 1, 1, 1.01, kinks[1]])], [1.0, 2.0]
        last = np.array(last) * (1 + rng.normal(size=2) * one(rng, [0, 0, 0.003, 0.3]))
        end = end + one(rng, [1, 1, 0]) * last[0] * w[0] * kinks[0]
    w = np.array(w, float)
    w[rng.random(2) < 0.05] = 0
    return w.tolist(), (-w * kinks).tolist(), np.asarray(last, float).tolist(), float(end)


def drawn(w, b, last, end, z=Z):
    return np.maximum(np.outer(z, w) + b, 0) @ last + end


def off(*answer):
    return float(np.sqrt(np.mean((drawn(*answer) - Z**2) ** 2)))


def good(w, b, last, end):
    found = off(w, b, last, end) / BEST_TWO
    return (None if abs(found - 1.01) < 0.002 else bool(found < 1.01)) if np.all(w) else False


def bends(w, b, last, end):
    """Return the kinks inside the range, from the weights."""
    found = {round(-bias / weight, 9) for weight, bias, out in zip(w, b, last, strict=True) if out}
    return sorted(at for at in found if 0 < at < 2)


def slope(at):
    return lambda *answer: float(np.diff(drawn(*answer, z=np.array([at - 0.3, at + 0.3])))[0] / 0.6)


def begins(value):
    return lambda m, *answer: abs(drawn(*answer)[0] - value) < 0.0105


def slopes_fit(m, *answer):
    return abs(slope(0.5)(*answer) - 1) < 0.03 and abs(slope(1.5)(*answer) - 3) < 0.03


def layers(rng):
    names = ["relu"] * 8 + [
        "linear",
        "tanh",
        "sigmoid",
        "relu6",
        "gelu",
        "softplus",
        "elu",
        "leaky_relu",
        "silu",
    ]
    names += [keras.ops.abs, keras.ops.square, "selu", "hard_sigmoid", "softsign"]
    units, inputs = one(rng, [8, 8, 8, 1, 3, 9]), one(rng, [1, 1, 2])
    kind = rng.integers(8)
    if kind == 0:
        return (dense(rng, one(rng, [[8, 8], [8, 1], [3, 8]]), inputs, ["relu", "relu", None]),)
    if kind == 1:
        more = one(rng, [keras.layers.ReLU(), keras.layers.Activation("tanh"), keras.layers.LeakyReLU()])
        stack = [keras.layers.Dense(units), more]
        return (keras.Sequential([keras.Input((inputs,)), *(stack if rng.random() < 0.7 else stack[::-1])]),)
    if kind == 2:
        return (dense(rng, [units], inputs, names),)
    start = one(rng, ["glorot_uniform", "glorot_uniform", "he_normal", "zeros", "ones"])
    return (
        keras.layers.Dense(units, one(rng, names), use_bias=rng.random() < 0.8, kernel_initializer=start),
    )


def asked(layer, x):
    """Return the answers if all inputs are x; a layer that is not built gets new weights."""
    layer = layer if layer.built else keras.Sequential([keras.Input((1,)), layer])
    inputs = layer.weights[0].shape[0]
    return np.asarray(layer(np.outer(x, np.ones(inputs)).astype("float32")))


WIDE = np.array([*np.linspace(-7, 7, 57), *np.linspace(-7000, 7000, 57)])


def is_relu_layer(layer):
    if layer.weights and layer.weights[0].shape[0] != 1:
        return False
    found = [
        each for each in getattr(layer, "layers", [layer]) if not isinstance(each, keras.layers.InputLayer)
    ]
    acts = [getattr(each, "activation", type(each).__name__) for each in found]
    relu = acts[-1] in (keras.activations.relu, "ReLU") and isinstance(found[0], keras.layers.Dense)
    if not relu or sum(isinstance(each, keras.layers.Dense) for each in found) > 1:
        return False
    answers = asked(layer, WIDE)
    return None if not answers.any(axis=0).all() else answers.shape[1] == 8 and not flat(answers)


def flat(answers):
    return bool((np.ptp(answers, axis=0) == 0).any())


def kink_lists(rng):
    count = one(rng, [4] * 9 + [3, 5])
    even = np.linspace(0, 1000, count + 1)[:count]
    best = 1000 * (np.arange(4) + 0.5) / 4.5
    kinks = one(
        rng, [even, best, best, best + 250 * 0.4, rng.uniform(0, 1000, count), rng.uniform(-300, 1300, count)]
    )
    kinks = kinks + rng.normal(size=len(kinks)) * one(rng, [0, 1, 10, 40])
    kinks = kinks / one(rng, [1] * 9 + [1000])
    if rng.random() < 0.1:
        kinks[-1] = kinks[0] + one(rng, [0, 0.4])
    return (np.round(kinks, one(rng, [0, 1, 4])).tolist(),)


def least(kinks):
    basis = np.column_stack([np.ones(1000), *(np.maximum(X / 1000 - k / 1000, 0) for k in kinks)])
    return float(np.sqrt(np.mean((basis @ np.linalg.lstsq(basis, X**2)[0] - X**2) ** 2)))


def improves(kinks, first):
    """Return whether a first piece of this length, with equal ones after it, leaves a lower error."""
    steps = first + (1000 - first) / 4 * np.arange(4)
    return least(steps) < least(kinks)


def flat_piece(sign):
    def fact(m, kinks):
        first, rest = min(kinks), (1000 - min(kinks)) / 4
        return (
            sign * (first - rest / 2) > 0 and near(first, m[0], 0.6 / m[0]) and near(rest, m[1], 0.6 / m[1])
        )

    return fact


SPACES = {
    "unit_kink": Space(
        lambda rng: numbers(rng, (300, 400), [-2, 600, 100, 0, 1 / 300, 800]),
        lambda at, out: near(at, 300, 1e-5) and near(out, 400, 1e-5),
        {
            "kink has the wrong sign": kink(lambda at: near(at, -300, 0.006)),
            "600 is what the unit": kink(lambda at: near(at, 600, 0.006)),
            "1,200 is 2 times": kink(lambda at: near(at, 1200, 0.006)),
            "2 / 600 is upside down": kink(lambda at: near(at, 2 / 600, 0.006)),
            "That is w/b": kink(lambda at: near(at, -2 / 600, 0.006)),
            "of the unit in the picture": kink(lambda at: near(at, 400, 0.006)),
            "not the kink": kink(lambda at: not near(at, 300, 1e-6)),
            "kink is right": output(lambda out: not near(out, 400, 1e-6)),
            "the weight is negative, so": output(lambda out: abs(out) < 1e-6),
            "800 is 2·100": output(lambda out: near(out, 800, 1e-4)),
            "−200 is −2·100": output(lambda out: near(out, -200, 1e-4)),
            "never gives less than 0": output(lambda out: out < 0),
            "on to the left of its kink, and falls": output(lambda out: near(out, 400, 1e-4)),
        },
    ),
    "two_pieces": Space(
        pieces,
        good,
        {
            r"RMSE is (\d\.\d+)": lambda m, *answer: abs(off(*answer) - m[0]) < 0.0011,
            r"two best pieces leave (\S+):": lambda m, *answer: (
                abs(BEST_TWO - m[0]) < 1e-3 and off(*answer) < m[0]
            ),
            "you have three": lambda m, *answer: len(bends(*answer)) == 2,
            r"a quarter of the (\S+) that": lambda m, *answer: abs(off(*answer) / m[0] - 0.25) < 0.015,
            "give lists of 2": lambda m, w, b, last, end: {len(w), len(b), len(last)} != {2},
            "with the weight 0": lambda m, w, *_: 0 in w,
            "this is one line": lambda m, *answer: not bends(*answer),
            r"kinks? (?:are|is) at (\S+)(?: and (\S+))?:": lambda m, w, b, last, end: all(
                any(near(-bias / weight, at, 6e-3) for weight, bias in zip(w, b, strict=True))
                for at in m
                if isinstance(at, float)
            ),
            "a unit with the last weight 0": lambda m, w, b, last, end: sum(each == 0 for each in last) == 1,
            "nothing bends": lambda m, w, b, last, end: not any(last),
            r"With kinks at (\S+) and (\S+) the": lambda m, *answer: all(
                min(abs(at - k) for k in bends(*answer)) < 0.006 for at in m
            ),
            r"meet at z = (\S+):": lambda m, *answer: (
                len(bends(*answer)) == 1 and near(bends(*answer)[0], m[0], 6e-3)
            ),
            r"first piece has the slope (\S+),": lambda m, *a: (
                abs(slope(0.5)(*a) - m[0]) < 0.006 + abs(m[0]) / 100
            ),
            r"second piece has the slope (\S+),": lambda m, *a: (
                abs(slope(1.5)(*a) - m[0]) < 0.006 + abs(m[0]) / 100
            ),
            "slopes are right": slopes_fit,
            "touch the curve at their ends": begins(0),
            "h²/6 above": begins(1 / 6),
            r"h²/4 below the curve, all": begins(-1 / 4),
            r"h²/12 below the curve, the": begins(-1 / 12),
            r"you begin at (\S+):": lambda m, *answer: (
                abs(drawn(*answer)[0] - m[0]) < 0.006 + abs(m[0]) / 100
            ),
        },
    ),
    "relu_layer": Space(
        layers,
        is_relu_layer,
        {
            "no weights of its own": lambda m, layer: not layer.weights,
            r"gives (\S+) answers? with (\S+) weights": lambda m, layer: (
                layer.output_shape[-1] == m[0] and layer.count_params() == m[1]
            ),
            r"many units has (\S+) at most": lambda m, layer: (
                layer.output_shape[-1] * (layer.input_shape[-1] + 1) == m[0] < layer.count_params()
            ),
            "All its answers are 0": lambda m, layer: not asked(layer, WIDE).any(),
            "on straight lines": lambda m, layer: np.allclose(
                np.diff(asked(layer, WIDE[:57]), 2, axis=0),
                0,
                atol=1e-3 * np.abs(asked(layer, WIDE[:57])).max(),
            ),
            r"between (\S+) and (\S+?),": lambda m, layer: (
                asked(layer, WIDE).min() > m[0] - 0.3 and asked(layer, WIDE).max() < m[1] + 0.3
            ),
            r"Given (\S+) it answers (\S+), but": lambda m, layer: (
                m[1] < 0 and (not layer.built or near(asked(layer, [m[0]]).min(), m[1], 0.01))
            ),
            r"its unit (\d) answers (\S+), (\S+), (\S+), but": lambda m, layer: (
                not layer.built
                or np.allclose(asked(layer, [-2, 0, 2])[:, int(m[0]) - 1], m[1:], rtol=0.01, atol=1e-6)
            ),
            "0 on one side of its": lambda m, layer: is_relu_layer(layer) is not True,
            r"but this has (\d) unit": lambda m, layer: asked(layer, WIDE).shape[1] == m[0] != 8,
            r"weights for (\d) numbers": lambda m, layer: layer.weights[0].shape[0] == m[0] > 1,
            "activation is right|rises in a straight line": lambda m, layer: (
                asked(layer, WIDE).min() == 0 and not flat(asked(layer, WIDE))
            ),
        },
    ),
    "kinks_by_hand": Space(
        kink_lists,
        lambda kinks: (
            False
            if len(kinks) != 4 or (min(kinks) >= 0 and max(kinks) <= 1)
            else least(kinks) < 1000 * round(1.1 * 3.6806)
        ),
        {
            r"gave (\d) kink": lambda m, kinks: len(kinks) == m[0] != 4,
            "all between 0 and 1": lambda m, kinks: min(kinks) >= 0 and max(kinks) <= 1,
            r"leave an RMSE of (\S+?),? ": lambda m, kinks: near(least(kinks), m[0], 0.6 / m[0] + 1e-3),
            r"floor of any 4 ReLU units is (\S+):": lambda m, kinks: m[0] < 1.003 * least(kinks),
            r"or beyond \((.*)\):": lambda m, kinks: (
                sorted(round(float(k.replace("−", "-").replace(",", "")), 3) for k in m.texts[0].split(", "))
                == sorted(round(k, 3) for k in kinks if k <= 1 or k >= 1000)
            ),
            r"kinks at (\S+) and (\S+) do little": lambda m, kinks: 0 <= m[1] - m[0] < 1 and {*m} <= {*kinks},
            r"from (\d+) on is the longest": lambda m, kinks: (
                abs(np.sort(kinks)[np.argmax(np.diff([*np.sort(kinks), 1000]))] - m[0]) < 0.51
            ),
            r"from (\d+) on is the shortest": lambda m, kinks: (
                abs(np.sort(kinks)[np.argmin(np.diff([*np.sort(kinks), 1000]))] - m[0]) < 0.51
            ),
            r"up to (\d+) is more than half as long as the others, (\d+)": flat_piece(1),
            r"up to (\d+) is less than half as long as the others, (\d+)": flat_piece(-1),
            "and all others equal": lambda m, kinks: improves(kinks, 1000 / 9),
        },
    ),
}
