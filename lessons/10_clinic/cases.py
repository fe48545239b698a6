"""The clinic's patients: what each is trained on, and how, as the notebook shows it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpers.train import train

import keras
import numpy as np
from keras.layers import Dense


@dataclass(frozen=True)
class Case:
    """One patient: x (examples, inputs), y (examples, 1), and the training.

    layers: (units, activation) of each. rate: the learning rate of its optimizer.
    """

    x: np.ndarray
    y: np.ndarray
    layers: Sequence[tuple[int, str | None]]
    epochs: int
    batch_size: int
    loss: str = "mean_squared_error"
    optimizer: type = keras.optimizers.Adam
    rate: float = 0.001

    def build(self, seed: int) -> keras.Sequential:
        """Return its network, not yet trained; the seed is that of its starting weights."""
        keras.utils.set_random_seed(seed)
        stack = [Dense(units, activation) for units, activation in self.layers]
        return keras.Sequential([keras.Input((self.x.shape[1],)), *stack])

    def trained(self, model: keras.Model, seed: int = 0) -> np.ndarray:
        """Compile and train a model on the patient's examples; return its answers, (examples, 1)."""
        model.compile(self.optimizer(self.rate), self.loss)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # as the asker did
            recipe = {"epochs": self.epochs, "batch_size": self.batch_size, "seed": seed}
            train(model, self.x, self.y, **recipe, verbose=False)
            return np.asarray(model(self.x), dtype=float)

    def scaled(
        self, shift: float = 0, divisor: float = 1, y_shift: float = 0, y_divisor: float = 1
    ) -> "Case":
        """Return the same with other inputs and targets."""
        return replace(self, x=(self.x - shift) / divisor, y=(self.y - y_shift) / y_divisor)


CELSIUS = np.arange(200.0).reshape(-1, 1)
FEATURES = np.random.default_rng(0).normal(size=(300, 3))
LINE = np.linspace(-1, 5, 61).reshape(-1, 1)
POINTS = np.random.default_rng(0).uniform(-1, 1, size=(400, 2))
PAIRS = np.random.default_rng(0).uniform(0, 1, size=(60, 2))
DICE = np.repeat(np.arange(1.0, 7), 100).reshape(-1, 1)


def prices() -> np.ndarray:
    """Return the price of each house: by its size, its garden and its distance from the centre."""
    size, garden, distance = FEATURES.T
    return (250_000 + 40_000 * size + 25_000 * np.maximum(garden, 0) - 20_000 * np.abs(distance)).reshape(
        -1, 1
    )


def pips() -> np.ndarray:
    """Return the pips of each throw of DICE dice."""
    rng = np.random.default_rng(0)
    return np.array([[rng.integers(1, 7, size=int(count)).sum()] for count in DICE[:, 0]], dtype=float)


INSIDE = ((POINTS**2).sum(axis=1, keepdims=True) < 2 / np.pi).astype(float)
ABOVE = (PAIRS.sum(axis=1, keepdims=True) > 1).astype(float)
CLASSES = "binary_crossentropy"
CASES = {
    "thermometer": Case(CELSIUS, 1.8 * CELSIUS + 32, [(1, None)], 20, 1, optimizer=keras.optimizers.SGD),
    "houses": Case(FEATURES, prices(), [(16, "relu"), (1, None)], 300, 30),
    "line": Case(LINE, 2 * LINE - 1, [(8, "relu"), (1, "relu")], 500, 10),
    "circle": Case(POINTS, INSIDE, [(16, None), (16, None), (1, "sigmoid")], 200, 20, CLASSES),
    "sum": Case(PAIRS, ABOVE, [(16, "tanh"), (16, "tanh"), (1, "softmax")], 200, 10, CLASSES),
    "dice": Case(DICE, pips(), [(16, "tanh"), (16, "tanh"), (1, None)], 500, 30),
}
