"""`train` does the work of `model.fit` with the whole loop compiled into one program (XLA).

`fit` returns to Python after every batch, which for a small network costs more than the batch itself.
Here epochs, batches, gradients and the optimizer's steps run inside one program (compiled.py), compiled
once per architecture. `train_many` runs it for several networks, on all cores at once.
"""

import contextlib
import inspect
import math
import numbers
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures

from helpers import progress
from helpers.checks import InputError, one_line, whole_number
from helpers.reading import examples
from helpers.train import begun, compiled, known
from helpers.train.divergence import divergence
from helpers.train.stopping import TrainingInterrupted, asked_to_stop, ctrl_c_asks

import keras
import numpy as np

_trainers = futures.ThreadPoolExecutor(os.cpu_count(), "train")
_in_training: set[int] = set()
_in_training_lock = threading.Lock()


@contextlib.contextmanager
def _alone(model: keras.Model) -> Iterator[None]:
    """Refuse a model if part of it, a layer or the optimizer, is being trained in another thread."""
    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]
    parts = {id(part) for part in (model, model.optimizer, *layers)}
    with _in_training_lock:
        if parts & _in_training:
            raise InputError(
                f"model {one_line(model.name)!r} is being trained by another thread, wholly or in part: "
                "wait until that has ended, or train another model."
            )
        _in_training.update(parts)
    try:
        yield
    finally:
        with _in_training_lock:
            _in_training.difference_update(parts)


def train(
    model: keras.Model,
    x: np.ndarray | None = None,
    y: np.ndarray | None = None,
    *more: object,
    epochs: int = 1,
    batch_size: int | None = None,
    validation_split: float = 0.0,
    validation_data: tuple[np.ndarray, np.ndarray] | None = None,
    shuffle: bool = True,
    seed: int | None = None,
    verbose: bool = True,
    **others: object,
) -> keras.callbacks.History:
    """Train a compiled Keras model of Dense layers as `model.fit` would; return what `fit` returns.

    It does exactly what `fit(shuffle=False)` does, to rounding, on the CPU, where thousands of tiny steps
    belong; for large networks `fit`, on a GPU if there is one, is as good or better.

    Args:
        model: compiled, of what known.py lists.
        x: float array (examples, inputs), normalised.
        y: float array (examples, outputs), or one target column for several outputs.
        epochs: passes through the examples.
        batch_size: examples per step, by default 32, or all if fewer.
        validation_split: the fraction of the examples, the last ones, to hold out as validation data.
        validation_data: (x, y), whose loss is computed after each epoch.
        shuffle: draw a new order of the examples each epoch.
        seed: of the orders; by default drawn from NumPy's global generator, which
            keras.utils.set_random_seed seeds.
        verbose: show a bar if it takes long.
        *more: not allowed; a sentence asks for names.
        **others: other arguments of `fit` are refused with a sentence, unless they are fit's defaults.

    Returns:
        A history, with `.history["loss"]` and, with validation data, `.history["val_loss"]`: one number
        per epoch, in the unit of the loss.

    Raises:
        InputError: for what it cannot do exactly as `fit` does, or data that do not fit.
        TrainingDiverged: when the loss becomes NaN or infinite; the model is then as it was before.
        TrainingInterrupted: after Ctrl-C or the stop button; the model keeps what it learned.
    """
    if more or y is None:
        raise InputError("train needs x and y first, and the rest by name: train(model, x, y, epochs=100).")
    for name, value in others.items():
        _check_other(name, value, epochs, batch_size)
    epochs = whole_number("epochs", epochs)
    if seed is not None:
        seed = whole_number("seed", seed, at_least=0)
    if not isinstance(shuffle, bool | int | np.bool | None):
        raise InputError(f"shuffle must be True or False, but is {one_line(repr(shuffle))}: choose one.")
    _check_is_compiled(model)
    with ctrl_c_asks(), _alone(model):
        known.description(model)
        data = examples(model, x, y)
        if validation_data is not None:
            if not isinstance(validation_data, tuple | list) or len(validation_data) != 2:
                raise InputError(
                    "validation_data must be a pair (x, y), but is not: give validation_data=(x, y)."
                )
            data += examples(model, *validation_data, "validation ")
        elif np.size(validation_split) > 1 or validation_split:
            data = _split(validation_split, *data)
        program = _program(model, batch_size, *data)
        values = program.values_of(model)
        begun.check(model, program.description)
        if shuffle and seed is None:
            # Keras draws no starting weights from this generator, so models built later are not affected.
            seed = np.random.randint(2**31 - 1)
        run = compiled.Run(program, model, values, data, epochs, seed if shuffle else None)
        return _into_model(run, verbose)


def _into_model(run: compiled.Run, verbose: bool) -> keras.callbacks.History:
    """Finish a run, give the model its trained weights, and return the history."""
    model, history = run.model, keras.callbacks.History()
    history.set_model(model)
    steps = math.ceil(len(run.data[0]) / run.program.batch_size)
    history.set_params({"verbose": verbose, "epochs": run.epochs, "steps": steps})
    history.on_train_begin()
    model.history = history

    def meanwhile() -> None:
        # A new optimizer creates its variables while the program runs, so as not to delay its start.
        run.first_orders.result()
        model.optimizer.build(model.trainable_variables)

    try:
        _finish([run], verbose, meanwhile)
    finally:
        if run.done:
            history.history.update({name: kept[: run.done].tolist() for name, kept in run.losses.items()})
        history.epoch = list(range(run.done))
        if not run.diverged:
            run.program.give_to(model, run.values)
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

    starts: the starting weights of each run, as from model.get_weights(); x, y: its examples, of equal
    shapes; seeds: of the order of its examples. Each run starts with a new optimizer. The model only
    gives the architecture and stays as it is.

    Returns (weights, losses): the weights of each run, as from model.get_weights(), and a float array
    (runs, epochs). Raises what `train` raises; nothing is kept of an interrupted training.
    """
    epochs = whole_number("epochs", epochs)
    _check_is_compiled(model)
    known.description(model)
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
    with ctrl_c_asks():
        _finish(runs, verbose, kept="nothing is kept")
    weights = [[value.numpy() for value in run.values[: len(model.weights)]] for run in runs]
    return weights, np.array([run.losses["loss"] for run in runs])


def _program(
    model: keras.Model, batch_size: int | None, x: np.ndarray, *data: np.ndarray
) -> compiled.Program:
    """Return the program for a model and examples; build the model if necessary."""
    if batch_size is None:
        batch_size = min(32, len(x))
    if whole_number("batch_size", batch_size) > len(x):
        raise InputError(
            f"batch_size must be at most the number of examples, but is {batch_size} for "
            f"{len(x)} examples: make it smaller."
        )
    _check_targets(model, x, data[0])
    if not model.built:
        model.build((None, x.shape[1]))
    return compiled.program(model, int(batch_size), x, *data)


def _check_targets(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    """Raise InputError if the loss needs a column of targets for each output."""
    outputs = keras.tree.flatten(model.compute_output_shape((None, x.shape[1])))[-1]
    if y.shape[1] == outputs:
        return
    try:
        known.loss_of(model)(np.zeros((1, y.shape[1])), np.zeros((1, outputs)))
    except ValueError:
        raise InputError(
            f"y must have {outputs} columns for this loss, but has {y.shape[1]}: for numbers of classes, "
            f"give keras.utils.to_categorical(y, {outputs})."
        ) from None


def _finish(
    runs: list[compiled.Run],
    verbose: bool,
    meanwhile: Callable[[], None] = lambda: None,
    *,
    kept: str = "the model keeps what it learned",
) -> None:
    """Finish all runs, with a bar; raise TrainingDiverged or TrainingInterrupted."""
    interrupted = False
    with progress.bar(runs[0].epochs * len(runs), wanted=verbose) as bar:
        going = [_trainers.submit(run.go) for run in runs]
        try:
            meanwhile()
            while futures.wait(going, timeout=0.05).not_done and not any(run.diverged for run in runs):
                if interrupted := asked_to_stop.get()():
                    break
                latest = [run.losses["loss"][run.done - 1] for run in runs if run.done]
                bar.set_postfix_str(f"loss {np.median(latest):.3g}" if latest else "", refresh=False)
                bar.update(sum(run.done for run in runs) - bar.n)
        finally:
            for run in runs:
                run.stopped.set()
            futures.wait(going)
    for run, future in zip(runs, going, strict=True):
        future.result()
        if run.diverged:
            raise divergence(run)
    if interrupted:
        raise TrainingInterrupted(f"Interrupted after epoch {runs[0].done} of {runs[0].epochs}; {kept}.")


def _check_other(name: str, value: object, epochs: int, batch_size: int | None) -> None:
    """Raise InputError for an argument that only `fit` takes, unless it is fit's default."""
    of_fit = inspect.signature(keras.Model.fit).parameters
    if name not in of_fit:
        own = ", ".join([*inspect.signature(train).parameters][4:-1])
        raise InputError(f"train has no setting {one_line(name)!r}: it takes {own}.")
    if value is not None and not (np.isscalar(value) and value == of_fit[name].default):
        given = ", ".join(
            f"{a}={one_line(repr(b), 20)}" for a, b in (("epochs", epochs), ("batch_size", batch_size))
        )
        raise InputError(
            f"train takes no {name}: call model.fit(x, y, {given}, {name}={name}) with your {name} for that."
        )


def _split(share: float, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, ...]:
    """Return the examples to train on and those to hold out, the last ones, as `fit` splits them."""
    kept = math.floor(len(x) * (1 - share)) if isinstance(share, numbers.Real) else 0
    if not 0 < kept < len(x):
        raise InputError(
            f"validation_split must be a share that leaves examples on both sides, but is "
            f"{one_line(repr(share))} of {len(x)}: give for example validation_split=0.2."
        )
    return x[:kept], y[:kept], x[kept:], y[kept:]


def _check_is_compiled(model: object) -> None:
    """Raise InputError unless this is a compiled Keras model, on TensorFlow."""
    if keras.config.backend() != "tensorflow":
        raise InputError(
            f"train needs Keras on TensorFlow, but it runs on {keras.config.backend()}: set the environment "
            "variable KERAS_BACKEND to tensorflow before Keras is imported, or use model.fit."
        )
    if not isinstance(model, keras.Model):
        raise InputError(
            f"model must be a Keras model, but is a {type(model).__name__}: build one with keras.Sequential."
        )
    if not model.compiled:
        raise InputError(
            f"model {one_line(model.name)!r} must be compiled before training, but is not: "
            'call model.compile(optimizer="adam", loss="mean_squared_error") first.'
        )
