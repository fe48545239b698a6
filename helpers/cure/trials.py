"""Trials: recipes trained from several starts at once, each judged on examples it was not trained on."""

import contextlib
import contextvars
import copy
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from dataclasses import dataclass

from helpers import progress
from helpers.checks import InputError
from helpers.cure import floors
from helpers.cure.changes import Task
from helpers.cure.recipes import Recipe
from helpers.train import TrainingDiverged, known, stop_when, train_many

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state

STARTS = 5
SEEDS = "global_random_seed", "global_seed_generator", "object_name_uids"


@dataclass(frozen=True)
class Trial:
    """A recipe that was tried: its changes, and the results of each start.

    errors: (starts, outputs), relative to the deviation of each output, infinite if it diverged; accuracy,
    entropy (cross-entropy): (starts,), NaN for amounts; by_train: whether `train` was used.
    """

    keys: tuple[str, ...]
    recipe: Recipe
    errors: np.ndarray
    accuracy: np.ndarray
    entropy: np.ndarray
    by_train: bool = True

    @property
    def each(self) -> np.ndarray:
        """The error of each start, over all outputs: (starts,)."""
        return np.sqrt((self.errors**2).mean(axis=1))

    @property
    def score(self) -> float:
        """The error that all starts but the worst stay below."""
        return float(np.sort(self.each)[-2 if len(self.each) > 2 else -1])


@dataclass(frozen=True)
class Examples:
    """The examples, and what the targets require."""

    x: np.ndarray
    y: np.ndarray
    task: Task

    @property
    def held_out(self) -> bool:
        """Whether there are enough to leave some out."""
        return len(self.x) >= floors.ENOUGH

    @property
    def per_start(self) -> int:
        """The number of training examples of a start."""
        return len(self.x) - (len(self.x) // STARTS if self.held_out else 0)

    def parts(self, start: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows to train a start on, in their order, and those to judge it on."""
        cut = len(self.x) // STARTS
        rows = np.random.default_rng([seed, start // STARTS]).permutation(len(self.x))
        if not self.held_out:
            return rows, rows
        rows = np.roll(rows, -cut * (start % STARTS))
        return rows[cut:], rows[:cut]


@contextlib.contextmanager
def nothing_drawn() -> Iterator[None]:
    """Restore Python's, NumPy's and Keras's generators, and Keras's counter of names, at the end.

    TensorFlow's own generator is not used: Keras draws its seeds from Python's.
    """
    kept = {name: copy.copy(global_state.get_global_attribute(name)) for name in SEEDS}
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        for name, value in kept.items():
            global_state.set_global_attribute(name, value)
        random.setstate(python)
        np.random.set_state(numpy)


def run(
    wanted: Sequence[tuple[tuple[str, ...], Recipe]],
    examples: Examples,
    starts: Sequence[int],
    seed: int,
    model: keras.Model | None = None,
    done: Callable[[Trial], None] = lambda trial: None,
) -> None:
    """Train each recipe, with its keys, from each start; `done` gets each trial when it is ready.

    model: the learner's, which the code of a recipe may use. An interrupt stops it within a second.
    """
    stop = threading.Event()
    context = contextvars.copy_context()
    with (
        futures.ThreadPoolExecutor(os.cpu_count()) as pool,
        progress.bar(len(wanted), unit="trial") as bar,
        contextlib.ExitStack() as at_the_end,
    ):
        at_the_end.callback(pool.shutdown, wait=False, cancel_futures=True)
        at_the_end.callback(stop.set)
        going = []
        for keys, recipe in wanted:
            job = _Job(keys, recipe, examples, starts, seed, model)
            going.append(pool.submit(context.copy().run, job.by_train, stop) if job.known else job)
        for each in going:
            if isinstance(each, _Job):
                done(each.by_fit())
            else:
                while not each.done():
                    futures.wait([each], timeout=0.1)
                done(each.result())
            bar.update(1)


class _Job:
    """A recipe to be trained: its model and starting weights, drawn in the present thread."""

    def __init__(self, keys, recipe, examples, starts, seed, model) -> None:
        self.keys, self.recipe, self.examples, self.seed = keys, recipe, examples, seed
        self.space = {"keras": keras, "np": np, "model": model}
        self.starts = list(starts)
        random.seed(f"{seed} {recipe.model_code} {self.starts[0]}")
        exec(recipe.model_code, self.space)
        self.model = self.space["model"]
        try:
            known.description(self.model)
            self.known = "sparse" not in recipe.loss.lower()
        except InputError:
            self.known = False
        self.weights = [_fresh(self.model) for _ in self.starts]

    def by_train(self, stop: threading.Event) -> Trial:
        """Return the trial, trained by `train`."""

        def trained(start: int, inputs: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
            settings = {"epochs": self.recipe.epochs, "batch_size": min(self.recipe.batch_size, len(inputs))}
            with stop_when(stop.is_set):
                weights, _ = train_many(
                    self.model,
                    [self.weights[start]],
                    [inputs],
                    [targets],
                    seeds=[start],
                    verbose=False,
                    **settings,
                )
            return weights[0]

        return self._judged(trained, by_train=True)

    def by_fit(self) -> Trial:
        """Return the trial, trained by `fit`."""

        def trained(start: int, inputs: np.ndarray, targets: np.ndarray) -> list[np.ndarray]:
            random.seed(f"{self.seed} {start}")
            exec(self.recipe.model_code, self.space)
            fresh = self.space["model"]
            fresh.set_weights(self.weights[start])
            settings = {"epochs": self.recipe.epochs, "batch_size": self.recipe.batch_size}
            fresh.fit(inputs, targets, **settings, shuffle=False, verbose=0)
            return fresh.get_weights()

        return self._judged(trained, by_train=False)

    def _judged(self, trained: Callable, *, by_train: bool) -> Trial:
        results = []
        for place, start in enumerate(self.starts):
            fitted, held = self.examples.parts(start, self.seed)
            space = self.space | {"x": self.examples.x[fitted], "y": self.examples.y[fitted]}
            exec(self.recipe.data_code, space)
            answers = None
            with contextlib.suppress(TrainingDiverged, tf.errors.OpError, ValueError):
                self.model.set_weights(trained(place, space["inputs"], space["targets"]))
                space["model"] = self.model
                exec(self.recipe.answers_code, space)
                answers = space["answers"](self.examples.x[held])
            results.append(judged(answers, self.recipe, self.examples, held))
        return Trial(self.keys, self.recipe, *map(np.array, zip(*results, strict=True)), by_train)


def _fresh(model: keras.Model) -> list[np.ndarray]:
    """Return new starting weights, drawn by the layers' initializers."""
    weights = []
    for layer in model.layers:
        own = [np.asarray(weight) for weight in layer.weights]
        if type(layer) is keras.layers.Dense:
            starts = [layer.kernel_initializer, layer.bias_initializer]
            own = [np.asarray(start.clone()(a.shape)) for start, a in zip(starts, own, strict=False)]
        weights += own
    return weights


def judged(
    answers: np.ndarray | None, recipe: Recipe, examples: Examples, rows: np.ndarray
) -> tuple[np.ndarray, float, float]:
    """Return the relative error of each output on some rows; accuracy and cross-entropy (NaN for amounts)."""
    truth, task, outputs = examples.y, examples.task, recipe.dense[-1].units
    if recipe.labels == "one-hot":
        truth = (truth == np.unique(truth)).astype(float)
    elif recipe.labels == "two":
        truth = (truth == truth.max()).astype(float)
    if truth.shape[1] == 1 < outputs:
        truth = np.repeat(truth, outputs, axis=1)
    if answers is None or not np.isfinite(answers).all():
        lost = (0.0, np.inf) if task.classes else (np.nan, np.nan)
        return np.full(truth.shape[1], np.inf), *lost
    answers = answers.astype(float)
    if "from_logits=True" in recipe.loss:
        answers = np.exp(-np.logaddexp(0, -answers))
        if outputs > 1 and "Binary" not in recipe.loss:
            answers /= (1 - answers) * (answers / (1 - answers)).sum(axis=1, keepdims=True)
    errors = floors.relative(answers, truth[rows], truth.std(axis=0))
    if not task.classes:
        return errors, np.nan, np.nan
    labels = np.unique(truth)
    if outputs == 1 or task.activation == '"sigmoid"':
        chosen = labels[np.abs(answers[..., np.newaxis] - labels).argmin(axis=-1)]
        right, share = chosen == truth[rows], np.where(truth[rows] == labels[-1], answers, 1 - answers)
    else:
        whole = examples.y[rows]
        place = (
            np.searchsorted(np.unique(examples.y), whole[:, 0])
            if whole.shape[1] == 1
            else whole.argmax(axis=1)
        )
        right = answers.argmax(axis=1) == place
        share = np.take_along_axis(answers, np.minimum(place, outputs - 1)[:, np.newaxis], axis=1)
    return errors, float(np.mean(right)), float(-np.log(np.clip(share, 1e-7, 1)).mean())
