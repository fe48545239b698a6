"""`train` does the work of `model.fit` with the whole loop compiled into one program (XLA).

`fit` comes back to Python after every batch; for a small network that costs more than the batch.
Here epochs, batches, gradients and the optimizer's steps run inside one `tf.function`. It is
compiled for an architecture once, on a twin of the model: before a run the model's values are
copied into the twin, after it they are copied back.
"""

import json
import threading
import time
import warnings
from collections.abc import Callable, Hashable, Iterator

from helpers import progress
from helpers.checks import InputError, columns, whole_number
from helpers.problems import same_length

import keras
import numpy as np
import tensorflow as tf

# A run is cut into calls of about this length, so that it can show progress and be interrupted.
SECONDS_A_CALL = 0.25
# At most so many positions of examples are handed to one call (4 bytes each).
ORDER_SIZE = 500_000


class TrainingDiverged(InputError):
    """The loss became NaN or infinite."""


class TrainingInterrupted(KeyboardInterrupt):
    """The learner stopped the training; the model keeps what it learned."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


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
    batch_size = min(32, len(x)) if batch_size is None else whole_number("batch_size", batch_size)
    if batch_size > len(x):
        raise InputError(
            f"batch_size must be at most the number of examples, but is {batch_size} for "
            f"{len(x)} examples: make it smaller."
        )
    held_out = None if validation_data is None else _examples(model, *validation_data, "validation ")
    rng = np.random.default_rng(None if seed is None else whole_number("seed", seed, at_least=0))

    history = keras.callbacks.History()
    history.set_model(model)
    history.on_train_begin()
    model.history = history
    with warnings.catch_warnings():
        # Keras warns of saving lambdas; here they are only told apart.
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        program = _program(model, x, y, held_out, batch_size)
    with program.lock, progress.bar(epochs, wanted=verbose) as bar:
        program.copy_in(model)
        try:
            for losses in program.calls(x, y, held_out, epochs, rng if shuffle else None):
                for name, values in losses.items():
                    history.history.setdefault(name, []).extend(values.tolist())
                history.epoch = list(range(len(history.history["loss"])))
                _check_finite(history.history, epochs, model, x, y)
                bar.set_postfix_str(f"loss {history.history['loss'][-1]:.3g}", refresh=False)
                bar.update(len(history.epoch) - bar.n)
        except KeyboardInterrupt:
            program.copy_out(model)
            raise TrainingInterrupted(
                f"Interrupted after epoch {len(history.epoch)} of {epochs}; the model keeps what it learned."
            ) from None
        program.copy_out(model)
    model.optimizer.finalize_variable_values(model.trainable_variables)
    return history


class _Program:
    """The compiled loop for one architecture and one shape of data, around a twin of the model."""

    def __init__(self, model, x, y, held_out, batch_size) -> None:
        self.lock = threading.Lock()
        self.twin = _twin(model)
        self.batch_size = batch_size
        self.epochs_a_call = 1
        self.most_epochs_a_call = max(1, min(500, ORDER_SIZE // len(x)))
        data = [tf.TensorSpec(a.shape, keras.config.floatx()) for a in (x, y, *(held_out or ()))]
        orders = tf.TensorSpec((self.most_epochs_a_call, len(x)), tf.int32)
        loop = tf.function(self._epochs, jit_compile=True, autograph=False)
        self.run = loop.get_concrete_function(orders, tf.TensorSpec((), tf.int32), *data)

    def calls(self, x, y, held_out, epochs, rng) -> Iterator[dict[str, np.ndarray]]:
        """Run `epochs` epochs, a few a call; yield each call's losses, (epochs of the call,)."""
        data = [tf.constant(a, keras.config.floatx()) for a in (x, y, *(held_out or ()))]
        orders = np.tile(np.arange(len(x), dtype=np.int32), (self.most_epochs_a_call, 1))
        done = 0
        while done < epochs:
            count = min(self.epochs_a_call, epochs - done)
            if rng is not None:
                orders[:count] = [rng.permutation(len(x)) for _ in range(count)]
            began = time.perf_counter()
            losses = self.run(tf.constant(orders), tf.constant(count), *data)
            pace = count / (time.perf_counter() - began)
            self.epochs_a_call = max(1, min(self.most_epochs_a_call, int(pace * SECONDS_A_CALL)))
            done += count
            yield {name: values.numpy()[:count] for name, values in losses.items()}

    def copy_in(self, model: keras.Model) -> None:
        """Give the twin the model's weights and its optimizer's state."""
        for ours, theirs in zip(_state(self.twin), _state(model), strict=True):
            ours.value.assign(theirs.value)

    def copy_out(self, model: keras.Model) -> None:
        """Give the model the twin's weights and its optimizer's state."""
        for ours, theirs in zip(_state(self.twin), _state(model), strict=True):
            theirs.value.assign(ours.value)

    def _epochs(self, orders, count, x, y, *held_out):
        """Train `count` epochs, epoch e on the examples in the order orders[e]."""
        names = ["loss", "val_loss"] if held_out else ["loss"]

        def epoch(e, losses):
            order = orders[e]
            now = [self._mean_loss(lambda at: self._step(tf.gather(x, at), tf.gather(y, at)), order)]
            if held_out:
                x_held, y_held = held_out
                all_held = tf.range(x_held.shape[0])
                now.append(
                    self._mean_loss(
                        lambda at: self._loss(tf.gather(x_held, at), tf.gather(y_held, at), False),
                        all_held,
                    )
                )
            return e + 1, [
                tf.tensor_scatter_nd_update(kept, [[e]], [loss])
                for kept, loss in zip(losses, now, strict=True)
            ]

        empty = [tf.zeros(orders.shape[0]) for _ in names]
        _, losses = tf.while_loop(lambda e, _: e < count, epoch, (0, empty))
        return dict(zip(names, losses, strict=True))

    def _mean_loss(self, loss_of: Callable, order):
        """Mean of loss_of(positions) over the batches of `order`, each weighted by its size."""
        full, rest = divmod(order.shape[0], self.batch_size)
        total = 0.0
        if full:

            def batch(i, total):
                at = tf.slice(order, [i * self.batch_size], [self.batch_size])
                return i + 1, total + self.batch_size * loss_of(at)

            _, total = tf.while_loop(lambda i, _: i < full, batch, (0, total))
        if rest:
            total += rest * loss_of(order[-rest:])
        return total / order.shape[0]

    def _step(self, x, y):
        """One batch: the loss, its gradients, one step of the optimizer."""
        weights = self.twin.trainable_variables
        with tf.GradientTape() as tape:
            loss = self._loss(x, y, True)
        self.twin.optimizer.apply(tape.gradient(loss, weights), weights)
        return loss

    def _loss(self, x, y, training):
        return self.twin.compute_loss(x=x, y=y, y_pred=self.twin(x, training=training), training=training)


_programs: dict[Hashable, _Program] = {}


def _program(model, x, y, held_out, batch_size) -> _Program:
    """Return the program for this architecture and these shapes, compiled now if it is new."""
    shapes = x.shape, y.shape, held_out and (held_out[0].shape, held_out[1].shape)
    key = (_architecture(model), _optimizer(model.optimizer), _loss(model.loss), shapes, batch_size)
    if key not in _programs:
        _programs[key] = _Program(model, x, y, held_out, batch_size)
    return _programs[key]


def _architecture(model: keras.Model) -> Hashable:
    """Return what two models must share to share a program: all but names and starting weights."""
    layers = tuple(
        (
            type(layer),
            _config(layer, "name", "activation", "kernel_initializer", "bias_initializer"),
            getattr(layer, "activation", None),
        )
        for layer in model.layers
    )
    # Layers of a functional model may branch; only its whole configuration, with names, tells how.
    joints = None if isinstance(model, keras.Sequential) else json.dumps(model.get_config())
    return model.input_shape, layers, joints


def _optimizer(optimizer: keras.optimizers.Optimizer) -> Hashable:
    # A learning rate is a variable of the optimizer, copied like a weight; a schedule is code.
    scheduled = isinstance(optimizer.get_config()["learning_rate"], dict)
    return type(optimizer), _config(optimizer, "name", *(() if scheduled else ("learning_rate",)))


def _loss(loss: object) -> Hashable:
    of_keras = type(loss).__module__.partition(".")[0] == "keras"
    return (type(loss), _config(loss, "name")) if of_keras else loss


def _config(thing, *without: str) -> str:
    config = {name: value for name, value in thing.get_config().items() if name not in without}
    return json.dumps(config, sort_keys=True, default=repr)


def _twin(model: keras.Model) -> keras.Model:
    def copy(layer):
        twin = type(layer).from_config(layer.get_config() | {"activation": None})
        twin.activation = layer.activation
        return twin

    # The layers alone, without the compile settings: Keras can't clone a learner's own loss.
    bare = keras.Model(model.inputs, model.outputs)
    twin = keras.models.clone_model(bare, clone_function=copy)
    optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
    twin.compile(optimizer=optimizer, loss=model.loss)
    return twin


def _state(model: keras.Model) -> list[keras.Variable]:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    return model.weights + model.optimizer.variables


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


def _check_finite(losses: dict[str, list[float]], epochs: int, model, x, y) -> None:
    finite = np.isfinite(list(losses.values())).all(axis=0)
    if finite.all():
        return
    epoch = int(np.argmin(finite))
    size = max(np.abs(x).max(), np.abs(y).max())
    cause = (
        f"the data reaches {size:,.0f}, so normalise it"
        if size > 100
        else f"the learning rate {float(model.optimizer.learning_rate):g} is too large, so lower it"
    )
    raise TrainingDiverged(
        f"The loss became {losses['loss'][epoch]} in epoch {epoch + 1} of {epochs}: probably {cause}. "
        "The model is as it was before."
    )
