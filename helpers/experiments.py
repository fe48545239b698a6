"""The thread's recipe as one function: draw, scale, train, and ask the network whole numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpers import networks, thread
from helpers.problems import Problem, Scaling, rmse
from helpers.training import train

import keras
import numpy as np


@dataclass(frozen=True)
class Trained:
    """A trained network with what it takes to ask it whole numbers.

    x (examples, inputs) and y (examples, 1) are the whole numbers it was trained on; losses has the
    loss after each epoch.
    """

    model: keras.Model
    problem: Problem
    scaling: Scaling
    x: np.ndarray
    y: np.ndarray
    losses: list[float]

    def answers(self, x: np.ndarray) -> np.ndarray:
        """Return the network's answers to whole numbers x (examples, inputs): int array (examples, 1).

        Of several outputs the first counts, as in the thread.
        """
        return answers(self.model, self.scaling, x)

    def rmse(self) -> float:
        """Return the RMSE of the answers on the examples it was trained on, as the thread judged."""
        return rmse(self.y, self.answers(self.x))

    def line(self) -> tuple[float, float]:
        """Return (slope, intercept), in whole numbers, of a linear network with one input."""
        weights, bias = networks.collapse(self.model)
        slope = weights[0, 0] * self.scaling.y_divisor / self.scaling.x_divisor
        return float(slope), float(bias[0] * self.scaling.y_divisor - slope * self.scaling.x_shift)


def answers(model: keras.Model, scaling: Scaling, x: np.ndarray) -> np.ndarray:
    """Return a network's answers to whole numbers x (examples, inputs): int array (examples, 1)."""
    outputs = model(((x - scaling.x_shift) / scaling.x_divisor).astype("float32"))
    return scaling.invert(np.asarray(outputs)[:, :1])


def run(
    problem: Problem,
    units: Sequence[int],
    *,
    activation: str | Callable | None = None,
    scale: str = "thread",
    epochs: int = thread.EPOCHS,
    examples: int | None = thread.EXAMPLES,
    seed: int,
) -> Trained:
    """Train a stack of Dense layers by the thread's recipe: batches of 100, Adam, squared error.

    units, activation: as in networks.stack; scale: as in Problem.scaling; examples: how many to
    draw, or None for every whole number once; seed: of the draw, the weights and the order.
    """
    x, y = problem.every_number() if examples is None else problem.draw(examples, seed=seed)
    scaling = problem.scaling(scale)
    model = networks.stack(units, inputs=problem.inputs, activation=activation, seed=seed)
    model.compile(optimizer="adam", loss="mean_squared_error")
    losses: list[float] = []
    if epochs:
        batch_size = min(thread.BATCH_SIZE, len(x))
        history = train(model, *scaling.normalise(x, y), epochs=epochs, batch_size=batch_size, seed=seed)
        losses = history.history["loss"]
    return Trained(model, problem, scaling, x, y, losses)
