"""`train` does the work of `model.fit` with the whole loop compiled into one program (XLA).

`fit` comes back to Python after every batch; for a small network that costs more than the batch.
Here epochs, batches, gradients and the optimizer's steps run inside one program (compiled.py), made
for an architecture once. `train_many` runs it for several networks, on all cores at once.
"""

import contextlib
import contextvars
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures

from helpers import progress
from helpers.checks import InputError, whole_number
from helpers.reading import examples
from helpers.train import compiled, known

import keras
import numpy as np
import tensorflow as tf

_trainers = futures.ThreadPoolExecutor(os.cpu_count(), "train")


class TrainingDiverged(InputError):
    """The loss became NaN or infinite."""


class TrainingInterrupted(KeyboardInterrupt):
    """The learner stopped the training; the model keeps what it learned."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


_asked_to_stop: contextvars.ContextVar[Callable[[], bool]] = contextvars.ContextVar(
    "asked_to_stop", default=lambda: False
)


@contextlib.contextmanager
def stop_when(asked: Callable[[], bool]) -> Iterator[None]:
    """Stop any training inside this block, as Ctrl-C would, soon after `asked()` becomes true."""
    token = _asked_to_stop.set(asked)
    try:
        yield
    finally:
        _asked_to_stop.reset(token)


def train(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    epochs: int = 1,
    batch_size: int | None = None,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    verbose: bool = True,
) -> keras.callbacks.History:
    """Train a compiled Keras model of Dense layers as `model.fit` would; return what `fit` returns.

    It does exactly what `fit(shuffle=False)` does, to rounding, on the CPU, where thousands of tiny steps
    belong; for large networks `fit`, on a GPU if there is one, is as good or better.

    Args:
        model: what known.py lists, compiled.
        x: float array (examples, inputs), normalised.
        y: float array (examples, outputs), or one target column for several outputs.
        epochs: passes through the examples.
        batch_size: examples a step, 32 if not given, or all if fewer.
        validation_data: (x, y), of which the loss is taken after each epoch.
        shuffle: draw a new order of the examples each epoch.
        seed: of the orders: the same gives the same result. If not given, it is drawn from NumPy's global
            generator, which keras.utils.set_random_seed seeds.
        verbose: show a bar if it takes long.

    Returns:
        A history, with `.history["loss"]` and, with validation data, `.history["val_loss"]`: one number
        an epoch, in the unit of the loss.

    Raises:
        InputError: for what it does not know to do as `fit`, or data that do not fit.
        TrainingDiverged: when the loss becomes NaN or infinite; the model is then as it was before.
        TrainingInterrupted: after Ctrl-C or the stop button; the model keeps what it learned.
    """
    epochs = whole_number("epochs", epochs)
    if seed is not None:
        seed = whole_number("seed", seed, at_least=0)
    _check_model(model)
    data = examples(model, x, y)
    if validation_data is not None:
        if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
            raise InputError(
                "validation_data must be a pair (x, y), but is not: give validation_data=(x, y)."
            )
        data += examples(model, *validation_data, "validation ")
    program = _program(model, batch_size, *data)
    values = program.values_of(model)
    if shuffle and seed is None:
        # Keras starts no model from this generator: what is built next does not depend on this draw.
        seed = np.random.randint(2**31 - 1)

    history = keras.callbacks.History()
    history.set_model(model)
    history.on_train_begin()
    model.history = history
    run = compiled.Run(program, model, values, data, epochs, seed if shuffle else None)

    def meanwhile() -> None:
        # A new optimizer makes its variables while the program runs, and does not delay its start.
        run.first_orders.result()
        model.optimizer.build(model.trainable_variables)

    try:
        _finish([run], verbose, meanwhile)
    finally:
        if run.done:
            history.history.update({name: kept[: run.done].tolist() for name, kept in run.losses.items()})
        history.epoch = list(range(run.done))
        if not run.diverged:
            program.give_to(model, run.values)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return history


def train_many(
    model: keras.Model,
    starts: Sequence[Sequence[np.ndarray]],
    x: Sequence[np.ndarray],
    y: Sequence[np.ndarray],
    *,
    seeds: Sequence[int],
    epochs: int = 1,
    batch_size: int | None = None,
    verbose: bool = True,
) -> tuple[list[list[np.ndarray]], np.ndarray]:
    """Train a compiled model from several starts at once: the work of `train` for each, on all cores.

    starts: for each run its starting weights, as model.get_weights() has them; x, y: its examples, of
    equal shapes; seeds: of the order of its examples. The optimizer starts anew in each. The model only
    tells the architecture; it stays as it is.

    Returns (weights, losses): for each run its weights as model.get_weights() would have them, and
    a float array (runs, epochs). Raises what `train` raises; of an interrupted training nothing is kept.
    """
    epochs = whole_number("epochs", epochs)
    _check_model(model)
    if not len(starts) == len(x) == len(y) == len(seeds) > 0:
        raise InputError(
            f"train_many needs one start, x, y and seed for each run, but got {len(starts)}, {len(x)}, "
            f"{len(y)} and {len(seeds)}: give the same number of each, at least 1."
        )
    seeds = [whole_number("seed", seed, at_least=0) for seed in seeds]
    data = [examples(model, *pair) for pair in zip(x, y, strict=True)]
    shapes = {(own_x.shape, own_y.shape) for own_x, own_y in data}
    if len(shapes) > 1:
        raise InputError(
            f"train_many needs x and y of the same shapes in every run, but got {sorted(shapes)}: "
            "draw equally many examples for each."
        )
    program = _program(model, batch_size, *data[0])
    runs = [
        compiled.Run(program, model, program.fresh_values(model, start), own, epochs, seed)
        for start, own, seed in zip(starts, data, seeds, strict=True)
    ]
    _finish(runs, verbose, kept="nothing is kept")
    weights = [[value.numpy() for value in run.values[: len(model.weights)]] for run in runs]
    return weights, np.array([run.losses["loss"] for run in runs])


def _program(
    model: keras.Model, batch_size: int | None, x: np.ndarray, *data: np.ndarray
) -> compiled.Program:
    """Return the program for a model, which is built if it is not, and for these examples."""
    if batch_size is None:
        batch_size = min(32, len(x))
    if whole_number("batch_size", batch_size) > len(x):
        raise InputError(
            f"batch_size must be at most the number of examples, but is {batch_size} for "
            f"{len(x)} examples: make it smaller."
        )
    if not model.built:
        model.build((None, x.shape[1]))
    return compiled.program(model, int(batch_size), x, *data)


def _finish(
    runs: list[compiled.Run],
    verbose: bool,
    meanwhile: Callable[[], None] = lambda: None,
    *,
    kept: str = "the model keeps what it learned",
) -> None:
    """Let all runs go to their end, with a bar; raise TrainingDiverged or TrainingInterrupted."""
    with progress.bar(runs[0].epochs * len(runs), wanted=verbose) as bar:
        going = [_trainers.submit(run.go) for run in runs]
        try:
            meanwhile()
            while futures.wait(going, timeout=0.05).not_done and not any(run.diverged for run in runs):
                if _asked_to_stop.get()():
                    raise KeyboardInterrupt
                latest = [run.losses["loss"][run.done - 1] for run in runs if run.done]
                bar.set_postfix_str(f"loss {np.median(latest):.3g}" if latest else "", refresh=False)
                bar.update(sum(run.done for run in runs) - bar.n)
        except KeyboardInterrupt:
            done, epochs = runs[0].done, runs[0].epochs
            raise TrainingInterrupted(f"Interrupted after epoch {done} of {epochs}; {kept}.") from None
        finally:
            for run in runs:
                run.stopped.set()
            futures.wait(going)
    for run, future in zip(runs, going, strict=True):
        future.result()
        if run.diverged:
            raise _divergence(run)


def _check_model(model: object) -> None:
    """Raise InputError unless `train` does with this model exactly what `fit` would do."""
    if not isinstance(model, keras.Model):
        raise InputError(
            f"model must be a Keras model, but is a {type(model).__name__}: build one with keras.Sequential."
        )
    if not model.compiled:
        raise InputError(
            f"model {model.name!r} must be compiled before training, but is not: "
            'call model.compile(optimizer="adam", loss="mean_squared_error") first.'
        )
    known.description(model)


def _divergence(run: compiled.Run) -> TrainingDiverged:
    losses = np.stack([kept[: run.done] for kept in run.losses.values()])
    epoch = int(np.argmin(np.isfinite(losses).all(axis=0)))
    loss = next(loss for loss in losses[:, epoch] if not np.isfinite(loss))
    size = max(float(tf.reduce_max(tf.abs(a))) for a in run.data)
    cause = (
        f"the data reaches {size:,.0f}, so normalise it"
        if size > 100
        else f"the learning rate {float(run.model.optimizer.learning_rate):g} is too large, so lower it"
    )
    return TrainingDiverged(
        f"The loss became {loss} in epoch {epoch + 1} of {run.epochs}: probably {cause}. "
        "The model is as it was before."
    )
