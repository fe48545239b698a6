"""Random answers to exercises, and the conditions under which the feedback on them is true.

A lesson's said.py declares SPACES, a Space for each of its exercises; tests/test_said.py draws from them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import numpy as np

Generator = np.random.Generator


class Space(NamedTuple):
    """The answers to an exercise, and what must be true of each.

    draw(rng): an answer, as a tuple; right(*answer): whether it is right, None if rounding decides.
    facts: for each pattern of a statement, fact(m, *answer) returns whether it is true of the answer; m has
    the pattern's groups, numbers as floats (m.texts: as written). A sentence without any known statement
    is an error.
    """

    draw: Callable[[Generator], tuple]
    right: Callable[..., bool | None]
    facts: dict[str, Callable[..., bool]]


def one(rng: Generator, choices: Sequence) -> object:
    """Return one of the choices."""
    return choices[rng.integers(len(choices))]


def number(rng: Generator, constants: Sequence[float]) -> float:
    """Return a number: a constant, a combination of two or three, nearly a constant, or any other."""
    kind, value = rng.integers(6), float(one(rng, constants))
    if kind < 3:
        for _ in range(kind):
            other = float(one(rng, constants))
            value = one(rng, [value + other, value - other, value * other, value / other if other else 0.0])
    if kind == 3:
        value *= 1 + one(rng, [-1, 1]) * 10 ** rng.uniform(-7, 0)
    if kind == 4:
        value = float(f"{10 ** rng.uniform(-6, 8):.{rng.integers(1, 6)}g}")
    if kind == 5:
        value = float(rng.integers(0, 20))
    return float(value) * one(rng, [1, 1, 1, -1])


def numbers(rng: Generator, right: Sequence[float], constants: Sequence[float] = ()) -> tuple[float, ...]:
    """Return numbers, each of which may be the right one, sometimes in another order."""
    share, constants = one(rng, [0, 0.3, 0.6, 0.9]), [*right, *constants]
    drawn = [value if rng.random() < share else number(rng, constants) for value in right]
    return tuple(rng.permutation(drawn).tolist() if rng.random() < 0.1 else drawn)


def written(source: str, **names: object) -> Callable:
    """Return the function with this source, which is also its name."""
    function = eval(source, {"np": np, "keras": keras, **names})
    function.__name__ = source
    return function


def near(value: float, other: float, share: float = 1e-6) -> bool:
    """Return whether two numbers are equal up to a relative error, or both nearly 0."""
    return bool(np.isclose(value, other, rtol=share, atol=1e-9))


def weights(rng: Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return an array of equal numbers, of few different ones, or of any."""
    drawn = [rng.normal(size=shape), rng.integers(-2, 3, shape), np.full(shape, one(rng, [0, 1, 0.5, -1, 2]))]
    return np.asarray(one(rng, drawn), float) * one(rng, [1, 1, 1, 0.1, 10])


def dense(
    rng: Generator, units: Sequence[int], inputs: int, activations: Sequence = (None,), bias: float = 0.7
) -> keras.Sequential:
    """Return a stack of Dense layers with random weights and activations, some without biases."""
    stack = [keras.layers.Dense(n, one(rng, activations), use_bias=rng.random() < bias) for n in units]
    model = keras.Sequential([keras.Input((inputs,)), *stack])
    model.set_weights([weights(rng, array.shape) for array in model.get_weights()])
    return model
