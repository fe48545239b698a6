"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

import functools

from helpers import experiments, networks
from helpers.problems import Problem
from lessons.drawn import Space, near, number, numbers, one, written

import numpy as np

INNER, BIASES, OUTER = np.array([1, 2, -1]), np.array([-2, -10, 3]), np.array([4, -1, 5])
POINTS = np.array([100.0, 200.0])


def asked(x, inner=INNER, biases=BIASES, outer=OUTER, end=7):
    return np.maximum(np.outer(x, inner) + biases, 0) @ outer + end


def through(x, answers):
    """Return the fact that (slope, intercept) is the line through two points."""
    slope = float(np.diff(answers)[0] / np.diff(x)[0])
    return lambda m, a, b: near(a, slope, 1e-4) and near(b, float(answers[0] - slope * x[0]), 1e-4)


def sum_of(units, biases=BIASES, outer=OUTER, inner=INNER, end=7):
    """Return the fact that it is the line of these units, all on."""
    units = list(units)
    values = (np.outer(POINTS, inner) + biases)[:, units] @ np.asarray(outer)[units] + end
    return through(POINTS, values)


def lines(rng):
    on = [unit for unit in range(3) if rng.random() < 0.6]
    inner, biases, outer = (
        INNER * rng.choice([1, 1, -1], 3),
        BIASES * rng.choice([1, 1, 1, -1, 0], 3),
        OUTER * rng.choice([1, 1, 1, -1], 3),
    )
    inner = np.sign(inner) if rng.random() < 0.1 else inner
    outer = np.ones(3) if rng.random() < 0.1 else outer
    made = float(outer[on] @ inner[on]), float(outer[on] @ biases[on] + one(rng, [7, 7, 0]))
    return one(rng, [made, made, numbers(rng, (2, 9), [4, -1, 5, 7, 10])])


def about(value):
    return lambda m, error: near(error, value, 0.021)


PAIRS = np.random.default_rng(5).integers(1, 1001, (4000, 2)).astype(float)
STRETCH = 1000 / np.log(1000)


def adder_of(w1, w2, bias):
    model = networks.stack([1], inputs=2)
    model.set_weights([np.array([[w1], [w2]], "float32"), np.array([bias], "float32")])
    sums = Problem("sum", inputs=2)
    return experiments.Trained(model, sums, sums.scaling("question"), *sums.draw(1, seed=0), [])


ADDERS = [  # like trained ones, near to 1, 1 and 0
    adder_of(1.0, 0.9999999, -1e-8),
    adder_of(1.00001, 1, 1e-7),
    adder_of(0.999999, 1.000002, 0),
]


def codes(rng):
    at, size = one(rng, [1, 1, 1000, 500, 2]), one(rng, ["stretch", "stretch", "20", "1", "1e4", "300"])
    encode = one(
        rng,
        [
            f"{size} * np.log(x / {at})",
            f"{size} * np.log(x / {at})",
            "x",
            "np.sqrt(x)",
            "x ** 2",
            "x[:, ::-1] * 1",
            "np.log(x)",
            "x * x[:, :1]",
            "x[::-1] * 1",
            "1000 * x / x.max()",
        ],
    )
    right = f"{at} ** 2 * np.exp(s / {size})"
    decode = one(
        rng,
        [
            right,
            right,
            right,
            f"np.round({right})",
            "s",
            "np.exp(s)",
            f"np.exp(s / {size})",
            "s ** 2",
            "s[::-1] * 1",
            "0 * s + 15",
        ],
    )
    names = {"stretch": STRETCH}
    return one(rng, ADDERS), written(f"lambda x: {encode}", **names), written(f"lambda s: {decode}", **names)


def decoded(adder, encode, decode, pairs=PAIRS):
    answers = adder.model.predict(encode(pairs) / 2000, verbose=0)  # in batches, which round alike
    return decode((answers * 2000.0).astype(float))[:, 0]


CHECKED, PRODUCTS = Problem("product", inputs=2).draw(1000, seed=1)


def draw(adder, encode, decode):
    found = np.rint(decoded(adder, encode, decode, CHECKED.astype(float)))
    return float(np.sqrt(np.mean((found - PRODUCTS[:, 0]) ** 2)))


@functools.cache
def stretched_of(at):
    return draw(ADDERS[at], lambda x: STRETCH * np.log(x), lambda s: np.exp(s / STRETCH))


def stretched(adder):
    return stretched_of([each is adder for each in ADDERS].index(True))


def alone(encode):
    mixed = np.column_stack([PAIRS[:, 0], PAIRS[::-1, 1]])
    first, second = encode(PAIRS), encode(mixed)
    return np.allclose(second, np.column_stack([first[:, 0], first[::-1, 1]]), rtol=1e-9)


def each_alone(decode):
    sums = np.linspace(1, 1999, 500)[:, np.newaxis]
    return np.allclose([decode(sums[[at]])[0] for at in range(0, 500, 7)], decode(sums)[::7], rtol=1e-9)


def pair_alone(encode):
    return np.allclose([encode(PAIRS[[at]])[0] for at in range(0, 70, 7)], encode(PAIRS)[:70:7], rtol=1e-9)


def better(adder, encode, decode):
    with np.errstate(all="ignore"):
        if not alone(encode) or not pair_alone(encode) or not each_alone(decode):
            return False
        share = draw(adder, encode, decode) / stretched(adder)
    return None if 0.98 < share < 1.02 else bool(share < 1)


def same(function, source):
    values = np.linspace(1, 1000, 200).reshape(-1, 2)
    return np.allclose(function(values), source(values), rtol=1e-5)


SPACES = {
    "last_line": Space(
        lines,
        lambda slope, intercept: near(slope, 2, 1e-5) and near(intercept, 9, 1e-5),
        {
            r"at x = 1,000,000 the network predicts (\S+):": lambda m, a, b: (
                near(m[0], asked(np.array([1e6]))[0], 1e-9) and near(a, 2, 1e-4)
            ),
            "third unit is off there": sum_of(range(3)),
            "own bias is missing": sum_of([0, 1], end=0),
            "line before the last kink": through(np.array([3.5, 4.5]), asked(np.array([3.5, 4.5]))),
            "first unit stays on": sum_of([1]),
            "on to the left, not to the right": sum_of([2]),
            "second unit's own weight": sum_of([0, 1], inner=np.sign(INNER)),
            "subtracts the second unit": sum_of([0, 1], outer=np.abs(OUTER)),
            "last layer's weights are missing": sum_of([0, 1], outer=np.ones(3)),
            "last weights also multiply": sum_of([0, 1], biases=0 * BIASES),
            "Minus times minus": sum_of([0, 1], biases=BIASES * [1, -1, 1]),
            "are swapped": lambda m, a, b: near(a, 9, 1e-4) and near(b, 2, 1e-4),
            "8 is the sum of all last": lambda m, a, b: near(a, 4 - 1 + 5, 1e-4),
            "3 is the sum of the last weights of": lambda m, a, b: near(a, 4 - 1, 1e-4),
            "[Tt]he slope is right": lambda m, a, b: near(a, 2, 1e-4),
            "the intercept is not": lambda m, a, b: not near(b, 9, 1e-6),
            "not the line": lambda m, a, b: not (near(a, 2, 1e-6) and near(b, 9, 1e-6)),
        },
    ),
    "error_farther_out": Space(
        lambda rng: (number(rng, [9e6, 9e6, 1e6, 4000, 3000, 1000, 16e6, 7e6, 3, 9]),),
        lambda error: None if 0.015 < abs(error / 9e6 - 1) < 0.025 else near(error, 9e6, 0.02),
        {
            r"it is (\S+), and the prediction is (\S+) % of": lambda m, error: (
                near(m[0], error, 0.03) and abs(100 * (1 - m[0] / 16e6) - m[1]) < 0.6
            ),
            "does not keep pace": about(1e6),
            "grows faster than a line": about(2e6),
            "Three times as far from the range is": about(3e6),
            "Twice the x, squared": about(4e6),
            "Its size is right": about(-9e6),
            "is the square itself": about(4000**2),
            "is the value on the line": about(4000**2 - 3000**2),
            "how many times larger": lambda m, error: error == 9,
            "That is the distance": lambda m, error: error == 4000 - 1000,
            "Count the distance": lambda m, error: not near(error, 9e6, 0.019),
        },
    ),
    "better_representation": Space(
        codes,
        better,
        {
            "looks at both numbers": lambda m, adder, encode, decode: not alone(encode),
            "depends on the other pairs": lambda m, adder, encode, decode: not pair_alone(encode),
            "does not give each sum": lambda m, adder, encode, decode: not each_alone(decode),
            r"RMSE is (≈ \S*\d)[:,] ": lambda m, *answer: near(draw(*answer), m[0], 0.03),
            "Every product is right": lambda m, *answer: draw(*answer) < 0.05,
            r"logarithms leave (≈ \S+):": lambda m, adder, encode, decode: near(stretched(adder), m[0], 0.03),
            "the sums stay as they are": lambda m, adder, encode, decode: (
                np.abs(decode(np.arange(1.0, 2000)[:, np.newaxis])[:, 0] - np.arange(1.0, 2000)).max() < 1
            ),
            "`decode` undoes": lambda m, adder, encode, decode: (
                same(lambda x: decode(encode(x)), lambda x: x) and draw(adder, encode, decode) > 100
            ),
            "these are bare": lambda m, adder, encode, decode: same(encode, np.log),
            r"for (\S+) · (\S+) = (\S+) it gives (≈ \S+):": lambda m, *answer: (
                m[0] * m[1] == m[2] and near(decoded(*answer, pairs=np.array([m[:2]]))[0], m[3], 0.06)
            ),
            "`encode` is the notebook's": lambda m, adder, encode, decode: (
                same(encode, lambda x: STRETCH * np.log(x))
                and not same(decode, lambda s: np.exp(s / STRETCH))
            ),
            "the notebook's own, the one": lambda m, adder, encode, decode: (
                same(encode, lambda x: STRETCH * np.log(x)) and same(decode, lambda s: np.exp(s / STRETCH))
            ),
        },
    ),
}
