"""The thread's recipe: draw examples, scale, train, and compare the answers in whole numbers."""

import functools
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from helpers import networks, question, reading
from helpers.checks import InputError, columns, whole_number
from helpers.problems import Problem, Scaling, rmse
from helpers.train import train, train_many

import keras
import numpy as np
import tensorflow as tf


@dataclass(frozen=True)
class Trained:
    """A trained network with its problem and scaling, so that it answers in whole numbers.

    x (examples, inputs) and y (examples, 1): the training examples; losses: the loss of each epoch.
    """

    model: keras.Model
    problem: Problem
    scaling: Scaling
    x: np.ndarray
    y: np.ndarray
    losses: list[float]

    def answers(self, x: np.ndarray) -> np.ndarray:
        """Return the network's answers to whole numbers x (examples, inputs): int array (examples, 1)."""
        return answers(self.model, self.scaling, x)

    def rmse(self) -> float:
        """Return the RMSE of the answers on the training examples, as in the thread."""
        return rmse(self.y, self.answers(self.x))

    def line(self) -> tuple[float, float]:
        """Return (slope, intercept), in whole numbers, of a linear network with one input."""
        weights, bias = networks.collapse(self.model)
        slope = weights[0, 0] * self.scaling.y_divisor / self.scaling.x_divisor
        return float(slope), float(bias[0] * self.scaling.y_divisor - slope * self.scaling.x_shift)


def answers(model: keras.Model, scaling: Scaling, x: np.ndarray) -> np.ndarray:
    """Return a network's answers to whole numbers: int array (examples, 1).

    Args:
        model: as in `reading.layers`; only the first of several outputs counts, as in the thread.
        scaling: from whole numbers to the model's inputs, and back.
        x: whole numbers (examples, inputs).
    """
    reading.layers(model, "answers")
    scaled = columns("x", scaling.inputs(x), model.input_shape[-1])
    return scaling.invert(np.asarray(model(scaled.astype("float32")))[:, :1])


@dataclass(frozen=True)
class Recipe:
    """How the thread trains: a stack of Dense layers in batches of 100, with Adam and squared error.

    units, activation, last, initializer: as in networks.stack; scale: a Scaling, or its name as in
    Problem.scaling; examples: how many to draw, or None for every whole number once; optimizer: its name.
    """

    problem: Problem
    units: Sequence[int]
    activation: str | Callable | None = None
    last: str | Callable | None = None
    scale: str | Scaling = "question"
    epochs: int = question.EPOCHS
    examples: int | None = question.EXAMPLES
    batch_size: int = question.BATCH_SIZE
    learning_rate: float = 0.001
    optimizer: str = "adam"
    initializer: str = "glorot_uniform"

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", tuple(self.units))

    @property
    def scaling(self) -> Scaling:
        """The scaling of the examples."""
        return self.problem.scaling(self.scale) if isinstance(self.scale, str) else self.scale

    def draw(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the examples of a seed: int arrays x (examples, inputs) and y (examples, 1)."""
        if self.examples is None:
            return self.problem.every_number()
        return self.problem.draw(self.examples, seed=seed)

    def build(self, seed: int) -> keras.Sequential:
        """Return the network of a seed, compiled and not yet trained."""
        ends = {"activation": self.activation, "last": self.last}
        start = {"inputs": self.problem.inputs, "initializer": self.initializer, "seed": seed}
        model = networks.stack(self.units, **ends, **start)
        model.compile(optimizer=self.optimizer, loss="mean_squared_error")
        model.optimizer.learning_rate = self.learning_rate
        return model

    def settings(self) -> dict[str, int]:
        """Return the arguments of `train` besides the examples and the seed."""
        count = self.problem.largest if self.examples is None else self.examples
        return {"epochs": self.epochs, "batch_size": min(self.batch_size, count)}


def run(problem: Problem, units: Sequence[int], *, seed: int, **recipe: object) -> Trained:
    """Train one network by a recipe; the further arguments are those of `Recipe`.

    seed: for the examples, the starting weights and the order of the examples.
    """
    plan = Recipe(problem, units, **recipe)
    return _trained(plan.build(seed), problem, plan.scaling, *plan.draw(seed), seed=seed, **plan.settings())


def fitted(
    model: keras.Model,
    problem: Problem,
    scaling: Scaling,
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
    *,
    seed: int,
    epochs: int = question.EPOCHS,
    optimizer: str | keras.optimizers.Optimizer = "adam",
) -> Trained:
    """Compile and train a model of your own as the thread did: squared error, batches of 100.

    x (examples, inputs), y (examples, 1): whole numbers, or every number once if not given.
    """
    if x is None:
        x, y = problem.every_number()
    model.compile(optimizer=optimizer, loss="mean_squared_error")
    settings = {"seed": seed, "epochs": epochs, "batch_size": question.BATCH_SIZE}
    return _trained(model, problem, scaling, x, y, **settings)


def _trained(
    model: keras.Model, problem: Problem, scaling: Scaling, x: np.ndarray, y: np.ndarray, **settings: int
) -> Trained:
    losses = []
    if settings["epochs"]:
        losses = train(model, *scaling.normalise(x, y), **settings).history["loss"]
    return Trained(model, problem, scaling, x, y, losses)


class Runs(Sequence[Trained]):
    """One recipe trained from several seeds: a sequence of Trained, in the order of the seeds."""

    def __init__(self, recipe: Recipe, seeds: Sequence[int]) -> None:
        self.recipe, self.seeds = recipe, [whole_number("seed", seed, at_least=0) for seed in seeds]
        if not self.seeds:
            raise InputError(
                "seeds must be at least one seed, but is empty: give for example seeds=range(20)."
            )
        self._examples = [recipe.draw(seed) for seed in self.seeds]
        # One model for each thread, as panels use theirs while others train.
        alike = replace(recipe, scale="question", epochs=0, examples=None, batch_size=1)
        self._model = _template(alike, threading.get_ident())
        shape = recipe.units, recipe.problem.inputs, recipe.initializer
        starts = [networks.starting_weights(*shape, seed) for seed in self.seeds]
        self.weights, self.losses = starts, np.zeros((len(starts), 0))
        if recipe.epochs:
            x, y = zip(*(recipe.scaling.normalise(*drawn) for drawn in self._examples), strict=True)
            settings = recipe.settings()
            self.weights, self.losses = train_many(self._model, starts, x, y, seeds=self.seeds, **settings)

    def __len__(self) -> int:
        return len(self.seeds)

    def __getitem__(self, index: int) -> Trained:
        return self._trained(index, self.recipe.build(self.seeds[index]))

    def lend(self, index: int) -> Trained:
        """Return a run like runs[index], but faster: its model is reused by the next call."""
        return self._trained(index, self._model)

    def _trained(self, index: int, model: keras.Sequential) -> Trained:
        model.set_weights(self.weights[index])
        of = self.recipe
        return Trained(model, of.problem, of.scaling, *self._examples[index], self.losses[index].tolist())

    def outputs(self, x: np.ndarray) -> list[np.ndarray]:
        """Return the outputs of each layer of every network: arrays (seeds, examples, units).

        x: whole numbers (examples, inputs), the same for all, or (seeds, examples, inputs).
        """
        given, reached = [], tf.constant(self.recipe.scaling.inputs(x), keras.config.floatx())
        arrays = iter([np.stack(each) for each in zip(*self.weights, strict=True)])
        for layer in self._model.layers:
            reached = layer.activation(reached @ next(arrays) + next(arrays)[:, np.newaxis])
            given.append(np.asarray(reached))
        return given

    def answers(self, x: np.ndarray) -> np.ndarray:
        """Return every network's answers to x, as `outputs` takes it: int array (seeds, examples, 1)."""
        return self.recipe.scaling.invert(self.outputs(x)[-1][..., :1])

    def rmse(self) -> np.ndarray:
        """Return every network's RMSE on its training examples: float array (seeds,)."""
        x, y = (np.stack(each) for each in zip(*self._examples, strict=True))
        return np.array([rmse(*pair) for pair in zip(y, self.answers(x), strict=True)])

    def settled(self) -> np.ndarray:
        """Return every network's RMSE by the median loss of its last tenth of epochs: float array (seeds,).

        What the last epoch leaves may be a spike, or lie between two. An epoch's loss is taken while it goes
        on and before answers are rounded, so it is a little too high while it still falls.
        """
        if not self.recipe.epochs:
            raise InputError(
                "settled needs losses, but these runs have no epochs: train them, or ask rmse()."
            )
        late = self.losses[:, -max(1, self.recipe.epochs // 10) :]
        return np.sqrt(np.median(late, axis=1)) * self.recipe.scaling.y_divisor

    def held_out_rmse(self) -> np.ndarray:
        """Return every network's RMSE on the numbers it was not trained on (one input): array (seeds,)."""
        every_x, every_y = self.recipe.problem.every_number()
        errors = []
        for predicted, (x, _) in zip(self.answers(every_x), self._examples, strict=True):
            new = ~np.isin(every_x[:, 0], x[:, 0])
            errors.append(rmse(every_y[new], predicted[new]))
        return np.array(errors)


@functools.lru_cache(maxsize=64)
def _template(recipe: Recipe, _thread: int) -> keras.Sequential:
    """Return one model per architecture, as TensorFlow never frees all the memory of a new one."""
    return recipe.build(seed=0)


def run_seeds(problem: Problem, units: Sequence[int], *, seeds: Iterable[int], **recipe: object) -> Runs:
    """Train one recipe from several seeds at once; same arguments as `run`."""
    return Runs(Recipe(problem, units, **recipe), list(seeds))


@functools.lru_cache(maxsize=32)
def adder(seed: int, units: tuple[int, ...]) -> Trained:
    """Return a linear network trained by the thread's recipe on sums of two numbers (cached).

    It ends with small steps: close to the minimum, Adam's usual ones sometimes lead away from it.
    """
    trained = run(Problem("sum", inputs=2), units, seed=seed)
    trained.model.optimizer.learning_rate = 0.0001
    scaled = trained.scaling.normalise(trained.x, trained.y)
    train(trained.model, *scaled, epochs=50, batch_size=question.BATCH_SIZE, seed=seed + 1)
    return trained
