"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, near, number, one, weights

import numpy as np

Z = np.linspace(0, 1, 129)
TENT, CARRIED = np.array([2.0, -4, 2, 0]), np.array([0.0, 0, 0, 1])


def g(times, z=Z):
    for _ in range(times):
        z = 1 - np.abs(2 * z - 1)
    return z


def answers(third, last, z=Z):
    """Return the answers of the deep squarer's two layers, then a layer and an output with these weights."""
    units = np.maximum(z[:, np.newaxis] - [0, 0.5, 1, 0], 0)
    for kernel in (np.column_stack([TENT, TENT, TENT, CARRIED - TENT / 4]), np.asarray(third, float)):
        units = np.maximum(units @ kernel + [0, -0.5, -1, 0], 0)
    return units @ np.ravel(last)


WANTED = Z - g(1) / 4 - g(2) / 16 - g(3) / 64


def third(share):
    return np.column_stack([TENT, TENT, TENT, CARRIED - share * TENT])


def layers(rng):
    shares = [1 / 16, 1 / 16, 1 / 4, 1 / 8, 0, -1 / 16, 1 / 64, rng.normal()]
    kernel, last = third(one(rng, shares)), CARRIED - one(rng, [1 / 64, 1 / 64, *shares]) * TENT
    if rng.random() < 0.4:
        kernel = one(
            rng,
            [kernel.T, kernel * weights(rng, (4, 4)), kernel / 4, kernel * [[1], [1], [1], [0]], kernel[:3]],
        )
    if rng.random() < 0.3:
        last = one(rng, [last - CARRIED, last + weights(rng, (4,)), last * [1, 1, 0, 1], last[:3]])
    return kernel.tolist(), last.tolist()


def draws(kernel, last):
    if np.shape(kernel) != (4, 4) or np.shape(last) != (4,):
        return False
    off = np.abs(answers(kernel, last) - WANTED).max()
    return None if 0.5e-4 < off < 3e-4 else bool(off < 1e-4)


def formula(m, kernel, last):
    """Compute a network's answers from the formula in a sentence."""
    total, terms = np.zeros_like(Z), m.texts[0].replace("−", "-").replace(" - ", " + -").split(" + ")
    for term in terms:
        sign, term = (-1, term[1:]) if term.startswith("-") else (1, term)
        share, _, name = term.rpartition("·")
        name, _, parts = name.partition("/")
        of = Z if name == "z" else g(int(name[1:]))
        total += sign * float((share or "1").replace(",", "")) / float(parts or 1) * of
    off = np.abs(answers(kernel, last) - total).max()
    return off <= 2e-4 + 0.006 * np.abs(answers(kernel, last) - WANTED).max()


SPACES = {
    "layers_for_4000": Space(
        lambda rng: (
            one(rng, [number(rng, [12, 10, 4, 4000, 2, 1000]), float(rng.integers(-2, 60)), np.log2(4000)]),
        ),
        lambda layers: near(layers, 12, 1e-5),
        {
            "number of layers: take": lambda m, layers: not near(layers, round(layers), 1e-7),
            "enough for 1 to 1,000": lambda m, layers: 2 ** round(layers - 1) < 1000 <= 2 ** round(layers),
            "do not take four times": lambda m, layers: near(layers, 4 * 10, 1e-4),
            "counts the units": lambda m, layers: near(layers, 4 * 12, 1e-4),
            "twice as many numbers": lambda m, layers: 2 ** round(layers) >= 2000 > 2 ** round(layers - 1),
            "so does one layer less": lambda m, layers: 2 ** round(layers - 1) >= 4000,
            "a number of pieces": lambda m, layers: layers > 999,
            "too few joints": lambda m, layers: 2.0**layers < 4000,
            "Fewer layers are enough": lambda m, layers: 2 ** (layers - 1) >= 4000,
            r"Divide by (\S+), and every": lambda m, layers: m[0] == 2 ** round(layers) and m[0] >= 4000,
        },
    ),
    "one_more_layer": Space(
        layers,
        draws,
        {
            r"4 numbers, not (.*) and (\d+):": lambda m, kernel, last: (
                " by ".join(map(str, np.shape(kernel))) == m.texts[0] and np.size(last) == m[1]
            ),
            r"largest error is (\S+), a quarter": lambda m, *a: (
                abs(np.abs(answers(*a) - Z**2).max() - m[0]) < 2e-4
            ),
            "swapped, `third` is right": lambda m, kernel, last: (
                draws(np.transpose(kernel), last) is not False
            ),
            "the second layer unchanged": lambda m, kernel, last: np.allclose(kernel, third(1 / 4)),
            r"It gives (z .*):": formula,
            r": subtract g3/64 in `last`\.": lambda m, kernel, last: (
                draws(kernel, CARRIED - TENT / 64) is not False
            ),
            r": subtract g2/16 in `third`\.": lambda m, kernel, last: draws(third(1 / 16), last) is not False,
            r"third\[3\]\[3\] is 0": lambda m, kernel, last: kernel[3][3] == 0,
            r"last\[3\] is 0": lambda m, kernel, last: last[3] == 0,
            "`third` is right, `last`": lambda m, kernel, last: (
                draws(kernel, CARRIED - TENT / 64) is not False
            ),
            "`last` is right, `third`": lambda m, kernel, last: draws(third(1 / 16), last) is not False,
            r"most of all at z = (\S+):": lambda m, *a: (
                np.abs(answers(*a) - WANTED).max() <= np.abs(answers(*a) - WANTED)[round(m[0] * 128)] * 1.05
            ),
        },
    ),
}
