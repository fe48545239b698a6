"""`train` does the work of `model.fit` with the whole loop compiled into one program (XLA).

`fit` comes back to Python after every batch; for a small network that costs more than the batch.
Here epochs, batches, gradients and the optimizer's steps run inside one program (compiled.py), made
for an architecture once. `train_many` runs it for several networks, on all cores at once.
"""

import contextlib
import contextvars
import functools
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures

from helpers import compiled, progress
from helpers.checks import InputError, columns, whole_number
from helpers.problems import same_length

import keras
import numpy as np
import tensorflow as tf

# A run is cut into calls of at most this length, so that it can show progress and be interrupted.
SECONDS_A_CALL = 0.25

_trainers = futures.ThreadPoolExecutor(os.cpu_count(), "train")
_drawers = futures.ThreadPoolExecutor(1, "draw")


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

    x: float array (examples, inputs), normalised; y: float array (examples, outputs), or one target
    column for several outputs. batch_size: examples a step, 32 if not given, or all if fewer.
    validation_data: (x, y), its loss is taken after each epoch. shuffle: draw a new order each
    epoch, from `seed`; the same seed gives the same result. verbose: show a bar if it takes long.

    The returned history has `.history["loss"]` and, with validation data, `.history["val_loss"]`:
    one number an epoch, in the unit of the loss.

    Raises InputError for a model or data it cannot work with, and TrainingDiverged when the loss
    becomes NaN or infinite; the model is then as it was before. Interrupted (Ctrl-C, the stop
    button), it raises TrainingInterrupted, and the model keeps what it learned.
    """
    epochs = whole_number("epochs", epochs)
    _check_model(model)
    x, y = _examples(model, x, y)
    held_out = () if validation_data is None else _examples(model, *validation_data, "validation ")
    program = compiled.program(model, _batch_size(batch_size, x), x, y, *held_out)

    history = keras.callbacks.History()
    history.set_model(model)
    history.on_train_begin()
    model.history = history
    values, orders = program.values_of(model), _order_seed(seed, shuffle)
    run = _Run(program, model, values, (x, y, *held_out), epochs, orders)

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

    starts: for each run its starting weights, as model.get_weights() has them; x, y: for each run
    its examples, of equal shapes; seeds: for each run the seed of the order of its examples. The
    optimizer starts anew in each. The model itself only tells the architecture; it stays as it is.

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
    data = [_examples(model, *pair) for pair in zip(x, y, strict=True)]
    shapes = {(own_x.shape, own_y.shape) for own_x, own_y in data}
    if len(shapes) > 1:
        raise InputError(
            f"train_many needs x and y of the same shapes in every run, but got {sorted(shapes)}: "
            "draw equally many examples for each."
        )
    program = compiled.program(model, _batch_size(batch_size, data[0][0]), *data[0])
    runs = [
        _Run(program, model, program.fresh_values(model, start), own, epochs, _order_seed(seed, shuffle=True))
        for start, own, seed in zip(starts, data, seeds, strict=True)
    ]
    _finish(runs, verbose, kept="nothing is kept")
    weights = [[value.numpy() for value in run.values[: len(model.weights)]] for run in runs]
    return weights, np.array([run.losses["loss"] for run in runs])


def _batch_size(batch_size: int | None, x: np.ndarray) -> int:
    if batch_size is None:
        return min(32, len(x))
    if whole_number("batch_size", batch_size) > len(x):
        raise InputError(
            f"batch_size must be at most the number of examples, but is {batch_size} for "
            f"{len(x)} examples: make it smaller."
        )
    return int(batch_size)


def _order_seed(seed: int | None, shuffle: bool) -> int | None:
    """Return the seed of the orders of the examples, or None for the order in which they came."""
    if seed is not None:
        whole_number("seed", seed, at_least=0)
    if not shuffle:
        return None
    return int(np.random.SeedSequence().entropy) if seed is None else int(seed)


@functools.lru_cache(maxsize=64)
def _orders(seed: int | None, examples: int, epochs: int, block: int) -> np.ndarray:
    """Draw the orders of the examples for a block of epochs: int array (epochs, examples)."""
    places, dtype = np.arange(examples), compiled.order_dtype(examples)
    if seed is None:
        return np.tile(places.astype(dtype), (epochs, 1))
    # Random numbers that end in the places shuffle these when they are sorted; Generator.permuted is slower.
    bits = examples.bit_length()
    numbers = np.random.default_rng([seed, block]).integers(2 ** (63 - bits), size=(epochs, examples))
    numbers <<= bits  # in place: room for so many numbers takes longer to get than to fill
    numbers |= places
    numbers.sort(axis=1)
    numbers &= 2**bits - 1
    return numbers.astype(dtype)


class _Run:
    """A training under way: values and losses so far, advanced in a thread.

    losses: by name, float array (epochs,), known up to `done`. seed: of the orders of the examples.
    """

    def __init__(self, program, model, values, data, epochs, seed) -> None:
        self.program, self.model, self.values, self.epochs, self.seed = program, model, values, epochs, seed
        self.data = [tf.constant(a, keras.config.floatx()) for a in data]
        self.losses = {name: np.full(epochs, np.nan) for name in program.names}
        self.done = 0
        self.diverged = False
        self.stopped = threading.Event()
        self.first_orders = _drawers.submit(self.orders, 0)

    def orders(self, block: int) -> tf.Tensor:
        """Draw a block of epochs: int tensor (epochs, examples)."""
        examples = len(self.data[0])
        # Panels train on the same seeds again and again; orders of many examples are too large to keep.
        draw = _orders if examples <= compiled.BLOCK_SIZE else _orders.__wrapped__
        return tf.constant(draw(self.seed, examples, self.program.block_epochs, block))

    def go(self) -> None:
        """Train to the end, or until it is stopped or its loss is no longer finite."""
        program, block_epochs = self.program, self.program.block_epochs
        following = self.first_orders
        while self.done < self.epochs and not (self.stopped.is_set() or self.diverged):
            block, first = divmod(self.done, block_epochs)
            if first == 0:
                orders = following.result()
                if self.done + block_epochs < self.epochs:
                    following = _drawers.submit(self.orders, block + 1)
            last = min(first + program.epochs_a_call, first + self.epochs - self.done, block_epochs)
            began = time.perf_counter()
            values, losses = program.run(
                self.values, orders, tf.constant(first), tf.constant(last), *self.data
            )
            pace = (last - first) / (time.perf_counter() - began)
            program.epochs_a_call = max(1, min(block_epochs, int(pace * SECONDS_A_CALL)))
            done = self.done + last - first
            for name, kept in self.losses.items():
                kept[self.done : done] = losses[name].numpy()[first:last]
                self.diverged |= not np.isfinite(kept[self.done : done]).all()
            self.values, self.done = values, done


def _finish(
    runs: list[_Run],
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
    for position, layer in enumerate(model.layers, start=1):
        if not isinstance(layer, keras.layers.Dense | keras.layers.Activation | keras.layers.InputLayer):
            raise InputError(
                f"train knows Dense layers only, but layer {position}, {layer.name!r}, is a "
                f"{type(layer).__name__}: use model.fit for this model."
            )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        settings = model.get_compile_config()
    for name in ("metrics", "weighted_metrics", "loss_weights"):
        if settings.get(name):
            raise InputError(
                f"train reports the loss only, but the model is compiled with {name}="
                f"{settings[name]!r}: compile without, or use model.fit."
            )
    for name in ("gradient_accumulation_steps", "ema_overwrite_frequency"):
        if getattr(model.optimizer, name, None):
            raise InputError(
                f"train makes a plain step after every batch, but the optimizer has {name}="
                f"{getattr(model.optimizer, name)}: leave it out, or use model.fit."
            )
    if isinstance(model.loss, list | tuple | dict) or model.loss is None:
        raise InputError(
            f"train needs one loss, but the model is compiled with loss={model.loss!r}: "
            'compile with one, for example loss="mean_squared_error".'
        )


def _examples(model: keras.Model, x, y, kind: str = "") -> tuple[np.ndarray, np.ndarray]:
    """Return x and y as float arrays that fit the model and each other, or raise InputError."""
    x, y = columns(f"{kind}x", x), columns(f"{kind}y", y)
    same_length(**{f"{kind}x": x, f"{kind}y": y})
    if not model.built:
        model.build((None, x.shape[1]))
    inputs, outputs = model.input_shape[-1], model.output_shape[-1]
    if x.shape[1] != inputs:
        raise InputError(
            f"{kind}x must have {inputs} columns for this model, but has {x.shape[1]}: "
            "change the model's inputs or the data."
        )
    if y.shape[1] not in (1, outputs):
        raise InputError(
            f"{kind}y must have {outputs} columns for this model, or 1, but has {y.shape[1]}: "
            "change the model's last layer or the data."
        )
    return x, y


def _divergence(run: _Run) -> TrainingDiverged:
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
