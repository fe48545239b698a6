"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, dense, near, numbers, one, written

import numpy as np


def term(rng, depth):
    if depth == 0 or rng.random() < 0.2:
        return one(rng, ["b1", "b2", "b3"])
    kind = one(rng, ["W2", "W3", "+", "+", "left", "times"])
    inner = term(rng, depth - 1)
    brackets = one(rng, ["({})", "{}"]).format(inner)
    if kind == "+":
        return f"{inner} + {term(rng, depth - 1)}"
    if kind == "left":
        return f"{one(rng, ['W2', 'W3'])} @ ({inner})"
    return (
        f"{brackets} @ {kind}"
        if kind != "times"
        else f"{one(rng, ['2', '-1', '0', 'np.ones(3)'])} * ({inner})"
    )


def biases(rng):
    classic = ["(b1 @ W2 + b2) @ W3 + b3", "b1 @ W2 @ W3 + b2 @ W3 + b3", "b1 @ W2 + b2 @ W3 + b3"]
    source = term(rng, 4) if rng.random() < 0.7 else one(rng, classic)
    for old, new in [("b3", one(rng, ["b3", "b3", "b2", "0"])), (" @ W3", one(rng, [" @ W3", " @ W3", ""]))]:
        source = source.replace(old, new) if rng.random() < 0.3 else source
    return (written(f"lambda b1, W2, b2, W3, b3: {source}"),)


FIVE = ("b1", "W2", "b2", "W3", "b3")
SHAPES = ((3,), (3, 3), (3,), (3, 3), (3,))
TRIES = [[np.random.default_rng([i, j]).normal(size=s) for j, s in enumerate(SHAPES)] for i in range(4)]


def is_formula(text):
    """Return whether a function agrees with a formula on all inputs."""

    def fact(function):
        for values in TRIES:
            try:
                given = np.asarray(function(*values))
            except ValueError:  # shapes that do not fit
                return False
            wanted = eval(text, {}, dict(zip(FIVE, values, strict=True)))
            if given.shape != (3,) or not np.allclose(given, wanted, atol=1e-6):
                return False
        return True

    return fact


def ignores_biases(m, function):
    W2, W3 = TRIES[0][1], TRIES[0][3]
    answers = [function(b1, W2, b2, W3, b3) for b1, _, b2, _, b3 in TRIES]
    return np.allclose(answers, answers[0])


def stacks(rng):
    shape = one(rng, [[1], [4, 1], [3, 5, 1], [700, 300, 1], [3, 2]])
    model = dense(rng, shape, one(rng, [1, 1, 1, 1, 1, 1, 1, 2]), bias=one(rng, [0.5, 1, 1]))
    if model.input_shape[-1] == model.output_shape[-1] == 1 and rng.random() < 0.7:
        slope, intercept = line(model)
        wanted = one(rng, [(2, 3)] * 6 + [(3, 2), (2, 5), (1, 3), (0, 3)])
        last = model.layers[-1]
        if slope and last.use_bias:
            kernel, bias = last.get_weights()
            start = intercept - bias[0]
            kernel, start = kernel * (wanted[0] / slope), start * (wanted[0] / slope)
            off = rng.normal(size=2) * one(rng, [0, 0, 1e-5, 1e-3])
            last.set_weights([kernel * (1 + off[0]), np.array([wanted[1] - start + off[1]])])
    return (model,)


def line(stack):
    """Slope and intercept, from the arrays alone, in float64."""
    slope, intercept = np.eye(1), np.zeros(1)
    for layer in stack.layers:
        kernel, *bias = [array.astype(float) for array in layer.get_weights()]
        slope, intercept = slope @ kernel, intercept @ kernel + (bias[0] if bias else 0)
    return float(slope[0, 0]), float(intercept[0])


def heavy(stack):
    if stack.input_shape[-1] != 1 or stack.output_shape[-1] != 1:
        return False
    off = np.abs(np.subtract(line(stack), (2, 3))).max()
    return None if 0.9e-4 < off < 1.1e-4 else bool(off < 1e-4 and stack.count_params() > 203_240)


def right_line(slope=None, intercept=None):
    def fact(m, stack):
        found = line(stack)
        fits = slope is None or near(found[0], slope, 1.01e-3)
        return fits and (intercept is None or near(found[1], intercept, 1.01e-3))

    return fact


def pair(slope, intercept):
    return lambda m, a, b: (
        (slope is None or near(a, slope, 1e-4)) and (intercept is None or near(b, intercept, 1e-4))
    )


SPACES = {
    "one_unit": Space(
        lambda rng: numbers(rng, (-12, 11), [4, -2, -3, 5, 18]),
        lambda slope, intercept: near(slope, -12, 1e-5) and near(intercept, 11, 1e-5),
        {
            "first bias passes through the second": pair(-12, 11),
            "fourth followed by third": pair(4 * -3, 4 * 5 - 2),
            "are swapped": pair(11, -12),
            r"−7 is −3 · 4 \+ 5": pair(-3 * 4 + 5, None),
            "the answer for x = 1": pair(-3 * (4 * 1 - 2) + 5, None),
            "1 is the sum of the slopes": pair(4 - 3, None),
            "slope has the wrong sign": pair(12, None),
            "not the slope": lambda m, a, b: not near(a, -12, 1e-6),
            "slope is right": pair(-12, None),
            "the intercept is not": lambda m, a, b: not near(b, 11, 1e-6),
            "3 is the sum of the biases": pair(None, -2 + 5),
            "−10 is the product": pair(None, -2 * 5),
            "6 is −3 ·": pair(None, -3 * -2),
            "−1 is −3 ·": pair(None, -3 * 2 + 5),
            "−9 is −3 ·": pair(None, -3 * (-2 + 5)),
        },
    ),
    "third_bias": Space(
        biases,
        is_formula("(b1 @ W2 + b2) @ W3 + b3"),
        {
            r"It gives (.*?), but": lambda m, function: is_formula(m[0])(function),
            "the same for other biases": ignores_biases,
            "This is not the bias": lambda m, function: not is_formula("(b1 @ W2 + b2) @ W3 + b3")(function),
            "what the stack answers for x = 0": lambda m, function: is_formula("(b1 @ W2 + b2) @ W3 + b3")(
                function
            ),
        },
    ),
    "heavy_line": Space(
        stacks,
        heavy,
        {
            r"takes (\d+) and gives (\d+)": lambda m, s: (s.input_shape[-1], s.output_shape[-1]) == tuple(m),
            r"Yours is (\S+ \S+)·x (.) (≈ \S+):": lambda m, s: (
                near(line(s)[0], m[0], 6e-3) and near(line(s)[1], m[2] * (-1 if m[1] == "−" else 1), 6e-3)
            ),
            "slope is 0": right_line(slope=0),
            "are swapped": right_line(3, 2),
            "slope is right": right_line(slope=2),
            "intercept is right": right_line(intercept=3),
            r"off by (\S+): only": lambda m, s: near(np.abs(np.subtract(line(s), (2, 3))).max(), m[0], 0.5),
            r"is 2x \+ 3, but (\S+) weights and biases do not beat (\S+):": lambda m, s: (
                right_line(2, 3)(m, s) and s.count_params() == m[0] <= m[1]
            ),
            r"in place of (\S+):": lambda m, s: s.count_params() == m[0] and right_line(2, 3)(m, s),
        },
    ),
}
