"""The training loop as one program (XLA), compiled once for an architecture and the shapes of its data.

The program is a pure function from the values of all weights and of the optimizer to their trained values.
So it trains any model with the same description (see known.py).
"""

import functools
import math
import os
import threading
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent import futures

from helpers.checks import InputError
from helpers.train import known

import keras
import numpy as np
import tensorflow as tf

# XLA calls the operations of a loop one by one, but compiles a loop into one function if an iteration reads
# and writes fewer bytes than this. For a small network the calls take longer than the work; products of
# larger matrices are slower in such a function. (XLA reads its settings when it compiles its first program.)
# The option is undocumented, and TensorFlow 2.20 aborts with it: it is set only where it was tested.
ONE_FUNCTION = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=120000"
TRIED_ON = "2.21."
if tf.__version__.startswith(TRIED_ON) and ONE_FUNCTION not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_FUNCTION}".strip()

# Thousands of tiny steps take longer on a GPU, as each waits for the previous one.
DEVICE = "CPU:0"
# The orders of the examples are drawn in blocks of at most this many epochs and positions.
BLOCK_EPOCHS, BLOCK_SIZE = 500, 500_000
# A run is cut into calls of at most this length, so that it can show progress and be interrupted.
SECONDS_A_CALL = 0.25
# Up to this many weights, the time of a step depends on the number of operations, not on their size.
SMALL = 5_000
# Up to this many inputs and units of a layer, calling a matrix product takes longer than the product.
FEW = 8

_drawers = futures.ThreadPoolExecutor(1, "draw")


class Program:
    """The compiled loop: `run(values, orders, first, last, x, y)` trains the epochs first..last of a block.

    values: the model's weights and its optimizer's variables, in order. orders: int tensor (epochs,
    examples), the order of the examples in each epoch. Returns the trained values, and the losses by
    name, each (epochs,).
    """

    def __init__(self, model: keras.Model, batch_size: int, *data: np.ndarray) -> None:
        self.batch_size, self.precision = batch_size, keras.config.floatx()
        self.names = ("loss", "val_loss") if data[2:] else ("loss",)
        self._read(model)
        self.variables = self.weights + self.own_optimizer.variables
        self.fresh = [tf.constant(variable.value) for variable in self.variables]
        self.optimizer, self.rows, self.joined = self._join_weights(model.optimizer)
        examples = len(data[0])
        self.block_epochs = max(1, min(BLOCK_EPOCHS, BLOCK_SIZE // examples))
        self.epochs_a_call = 1
        self.run = tf.function(self._epochs, jit_compile=True, autograph=False).get_concrete_function(
            [tf.TensorSpec(value.shape, value.dtype) for value in self.fresh],
            tf.TensorSpec((self.block_epochs, examples), order_dtype(examples)),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.int32),
            *[tf.TensorSpec(a.shape, self.precision) for a in data],
        )

    def _read(self, model: keras.Model) -> None:
        """Read from the model everything that determines its training."""
        place = {id(weight): i for i, weight in enumerate(model.weights)}
        self.weights = [
            keras.Variable(np.zeros(weight.shape), dtype=self.precision, name=f"weight_{i}")
            for i, weight in enumerate(model.weights)
        ]
        self.trained = [place[id(weight)] for weight in model.trainable_variables]
        rules = [(i, model.weights[i].regularizer) for i in self.trained]
        self.regularizers = [(i, regularizer) for i, regularizer in rules if regularizer]
        for variable, weight in zip(self.weights, model.weights, strict=True):
            variable.constraint = weight.constraint
        self.layers = []
        for layer in known.path(model):
            own = ()
            if isinstance(layer, keras.layers.Dense):
                own = [place[id(weight)] for weight in (layer.kernel, layer.bias) if weight is not None]
            function, arguments = known.activation(layer)
            activation = functools.partial(function, **dict(arguments)) if arguments else function
            self.layers.append((own, activation or keras.activations.linear, layer.activity_regularizer))
        last = max((i for i, (own, _, _) in enumerate(self.layers) if own), default=0)
        self.end = [activation for _, activation, _ in self.layers[last:]]
        self.outputs = keras.tree.flatten(model.output_shape)[-1]
        loss = known.loss_of(model)
        self.loss = loss if isinstance(loss, keras.losses.Loss) else _Mean(loss)
        self.own_optimizer = _like(model.optimizer)
        self.own_optimizer.build([self.weights[i] for i in self.trained])

    def values_of(self, model: keras.Model) -> list[tf.Tensor]:
        """Return the model's weights and its optimizer's state, as the program needs them."""
        values = [variable.value for variable in model.weights + model.optimizer.variables]
        if not model.optimizer.built:
            values += self.fresh[len(values) :]  # moments not created yet
        if [(v.shape, v.dtype) for v in values] != [(v.shape, v.dtype) for v in self.fresh]:
            raise known.unknown("its optimizer keeps other numbers than its settings ask for")
        return [tf.convert_to_tensor(value) for value in values]

    def fresh_values(self, model: keras.Model, weights: Sequence[np.ndarray]) -> list[tf.Tensor]:
        """Return values for these weights and a new optimizer like the model's."""
        given, wanted = [[tuple(np.shape(weight)) for weight in some] for some in (weights, self.weights)]
        if given != wanted:
            raise InputError(
                f"a start must have the shapes of model.get_weights(), {wanted}, but has {given}: "
                "give the weights of such a model."
            )
        rate = model.optimizer.learning_rate
        state = [
            tf.convert_to_tensor(rate if variable.name == "learning_rate" else value)
            for variable, value in zip(self.variables, self.fresh, strict=True)
        ]
        return [*(tf.constant(weight, self.precision) for weight in weights), *state[len(weights) :]]

    def give_to(self, model: keras.Model, values: Sequence[tf.Tensor]) -> None:
        """Assign trained values to the model's weights and its optimizer's state."""
        for variable, value in zip(model.weights + model.optimizer.variables, values, strict=True):
            variable.value.assign(value)

    def _join_weights(self, theirs):
        """Return the loop's optimizer, the loop's variables, and which of our variables each of them joins.

        If the network is small and its optimizer treats all numbers alike, the loop keeps all weights in one
        row, and the moments too: a step is then a few operations rather than a few per weight array.
        """
        weights, own = [self.weights[i] for i in self.trained], self.own_optimizer
        place = {id(variable): i for i, variable in enumerate(self.variables)}
        if not _treats_all_alike(theirs, weights):
            return own, self.variables, [[i] for i in range(len(self.variables))]
        numbers = np.zeros(sum(math.prod(weight.shape) for weight in weights))
        row = keras.Variable(numbers, dtype=self.precision, name="row")
        optimizer = _like(theirs)
        optimizer.build([row])
        fixed = [self.weights[i] for i in range(len(self.weights)) if i not in self.trained]
        groups = [weights, *([variable] for variable in fixed)]
        for variable in optimizer.variables:
            kind = variable.name.removeprefix("row")  # such as "_momentum"
            groups.append([each for each in own.variables if each.name.endswith(kind)])
        joined = [[place[id(variable)] for variable in group] for group in groups]
        return optimizer, [row, *fixed, *optimizer.variables], joined

    def _join(self, values):
        """Return the values of the loop's variables from those of ours."""
        rows = []
        for group in self.joined:
            flat = [tf.reshape(values[i], [-1]) for i in group]
            rows.append(tf.concat(flat, axis=0) if group[1:] else values[group[0]])
        return rows

    def _part(self, rows):
        """Return the values of our variables from those of the loop's."""
        values = [None] * len(self.variables)
        for row, group in zip(rows, self.joined, strict=True):
            shapes = [self.variables[i].shape for i in group]
            parts = tf.split(row, [math.prod(shape) for shape in shapes]) if group[1:] else [row]
            for i, shape, part in zip(group, shapes, parts, strict=True):
                values[i] = tf.reshape(part, shape) if group[1:] else part
        return values

    def _epochs(self, values, orders, first, last, x, y, *held_out):
        """Train the epochs first..last of a block, epoch e on the examples in the order orders[e]."""

        def epoch(e, rows, losses):
            order = tf.cast(orders[e], tf.int32)
            drawn = [tf.gather(a, order) for a in (x, y)]
            rows, loss = self._in_batches(self._step, rows, *drawn)
            now = [loss]
            if held_out:
                now.append(self._in_batches(self._check, rows, *held_out)[1])
            losses = [
                tf.tensor_scatter_nd_update(kept, [[e]], [loss])
                for kept, loss in zip(losses, now, strict=True)
            ]
            return e + 1, rows, losses

        empty = [tf.zeros(self.block_epochs, self.precision) for _ in self.names]
        start = first, self._join(values), empty
        _, rows, losses = tf.while_loop(lambda e, *_: e < last, epoch, start)
        return self._part(rows), dict(zip(self.names, losses, strict=True))

    def _in_batches(self, do: Callable, rows, x, y):
        """Process all batches; return the loop's values and the mean loss per example."""
        full, rest = divmod(x.shape[0], self.batch_size)

        def batch(first, count, rows):
            return do(rows, *(tf.slice(a, [first, 0], [count, a.shape[1]]) for a in (x, y)))

        def next_batch(i, rows, total):
            rows, loss = batch(i * self.batch_size, self.batch_size, rows)
            return i + 1, rows, total + self.batch_size * loss

        total = tf.zeros((), self.precision)
        if full:
            _, rows, total = tf.while_loop(lambda i, *_: i < full, next_batch, (0, rows, total))
        if rest:
            rows, loss = batch(full * self.batch_size, rest, rows)
            total += rest * loss
        return rows, total / x.shape[0]

    def _step(self, rows, x, y):
        """Return the loop's values after one optimizer step on a batch, and the loss before it."""
        values = self._part(rows)
        trained, now = [self.weights[i] for i in self.trained], [values[i] for i in self.trained]
        with tf.GradientTape() as tape:
            tape.watch(now)
            loss = self._loss(values, x, y)
            scaled = self.optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, now)
        if len(self.rows) < len(self.variables):
            trained = self.rows[:1]
            gradients = [tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], axis=0)]
        with keras.StatelessScope(list(zip(self.rows, rows, strict=True))) as scope:
            self.optimizer.apply(gradients, trained)
            return [scope.get_current_value(variable) for variable in self.rows], loss

    def answer_without_loss(self, y: tf.Tensor) -> float | None:
        """Return a possible answer of the last layer for which the loss is NaN, or None."""
        for taken in (-1.0, 0.0, 1.0, -10.0, 10.0):
            answers = tf.fill((1, self.outputs), tf.cast(taken, self.precision))
            for activation in self.end:
                answers = activation(answers)
            if np.isnan(self.loss(y, tf.repeat(answers, len(y), axis=0))):
                return float(answers[0, 0])
        return None

    def _check(self, rows, x, y):
        """Return the loop's values unchanged, and the loss on a validation batch."""
        return rows, self._loss(self._part(rows), x, y)

    def _loss(self, values, x, y):
        """Return the loss on a batch, including regularizers of weights and of layers' outputs."""
        added = []
        for own, activation, regularizer in self.layers:
            x = _affine(x, *(values[i] for i in own), linear=activation is keras.activations.linear)
            x = activation(x)
            if regularizer:
                added.append(regularizer(x) / x.shape[0])
        added += [regularizer(values[i]) for i, regularizer in self.regularizers]
        return sum(added, start=self.loss(y, x))


class _Mean(keras.losses.Loss):
    """The loss that `compile` makes of a loss function: its mean over the batch."""

    def __init__(self, function: Callable) -> None:
        super().__init__("mean")
        self.call = function


def _affine(x, kernel=None, bias=None, *, linear=False):
    """Return a Dense layer's output before its activation, for a batch of vectors.

    With few weights, the product is written as multiplications and sums, which XLA fuses with the
    operations around them; calling a matrix product would take longer than multiplying so few numbers.
    """
    if kernel is None:
        return x
    if max(kernel.shape) > FEW:
        x = keras.ops.matmul(x, kernel)
        return x if bias is None else keras.ops.add(x, bias)
    x = tf.reduce_sum(x[:, :, tf.newaxis] * kernel, axis=1)
    if bias is not None:
        x += bias
    # A maximum with -inf changes nothing, but keeps XLA from recomputing these sums in the next layer.
    return tf.maximum(x, -math.inf) if linear else x


class Run:
    """A training run under way: values and losses so far, advanced in a thread.

    losses: by name, float arrays (epochs,), filled up to `done`. seed: of the orders of the examples.
    """

    def __init__(self, program, model, values, data, epochs, seed) -> None:
        self.program, self.model, self.epochs, self.seed = program, model, epochs, seed
        self.start = self.values = values
        with tf.device(DEVICE):
            self.data = [tf.constant(a, program.precision) for a in data]
        self.losses = {name: np.full(epochs, np.nan) for name in program.names}
        self.done = 0
        self.diverged = False
        self.stopped = threading.Event()
        self.first_orders = _drawers.submit(self.orders, 0)

    def orders(self, block: int) -> tf.Tensor:
        """Draw a block of epochs: int tensor (epochs, examples)."""
        examples = len(self.data[0])
        # Cached, as panels often train with the same seeds; orders of many examples are too large to keep.
        draw = drawn_orders if examples <= BLOCK_SIZE else drawn_orders.__wrapped__
        with tf.device(DEVICE):
            return tf.constant(draw(self.seed, examples, self.program.block_epochs, block))

    def go(self) -> None:
        """Train until the end, a stop, or a loss that is not finite."""
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
            with tf.device(DEVICE):
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


@functools.lru_cache(maxsize=64)
def drawn_orders(seed: int | None, examples: int, epochs: int, block: int) -> np.ndarray:
    """Draw the orders of the examples for a block of epochs: int array (epochs, examples)."""
    places, dtype = np.arange(examples), order_dtype(examples)
    if seed is None:
        return np.tile(places.astype(dtype), (epochs, 1))
    # Sorting random numbers whose low bits are the places shuffles these; Generator.permuted is slower.
    bits = examples.bit_length()
    numbers = np.random.default_rng([seed, block]).integers(2 ** (63 - bits), size=(epochs, examples))
    numbers <<= bits  # in place, as allocating so much memory is slow
    numbers |= places
    numbers.sort(axis=1)
    numbers &= 2**bits - 1
    return numbers.astype(dtype)


def order_dtype(examples: int) -> type:
    """Return the smallest integer type that can index this many examples."""
    return np.int16 if examples <= 2**15 else np.int32


_programs: dict[Hashable, Program] = {}
_programs_lock = threading.Lock()


def program(model: keras.Model, batch_size: int, *data: np.ndarray) -> Program:
    """Return the program for models of this description and these shapes, compiled once.

    data: x and y, (examples, columns) each, and those of validation if any. Raises InputError for a model
    that is not supported, or that Keras or TensorFlow cannot compile.
    """
    key = known.description(model), tuple(a.shape for a in data), batch_size
    with _programs_lock:
        if key not in _programs:
            try:
                with tf.device(DEVICE):
                    _programs[key] = Program(model, batch_size, *data)
                _programs[key].description = key[0]
            except InputError:
                raise
            except Exception as error:
                why = f"{type(error).__name__}: {error}".splitlines()[0][:200]
                raise known.unknown(f"this one cannot be compiled ({why})") from error
        return _programs[key]


def _like(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Return a new optimizer of the same settings, with Keras's steps for every backend.

    On TensorFlow, Keras replaces them by steps for tf.distribute, which take no plain tensors.
    """
    kind = type(optimizer)
    like = kind.from_config(optimizer.get_config())
    if known.optimizer_settings(like) != known.optimizer_settings(optimizer):
        raise known.unknown("its optimizer was changed in a way that its configuration does not tell")
    of_tensorflow, every_backend = (
        next(c for c in kind.__mro__ if c.__name__ == name) for name in ("TFOptimizer", "BaseOptimizer")
    )
    kept = ("__init__", "__module__", "__doc__", "add_variable_from_reference")
    steps = {
        name: getattr(every_backend, name)
        for name in vars(of_tensorflow)
        if name not in kept and hasattr(every_backend, name)
    }
    # Python looks up a step in `kind` first, then here, then in the class that this one replaces.
    plain = type("PlainSteps", (of_tensorflow,), steps)
    like.__class__ = type(kind.__name__, (kind, plain), {})
    return like


def _treats_all_alike(optimizer: keras.optimizers.Optimizer, weights: Sequence[keras.Variable]) -> bool:
    """Return whether a step on one row of all weights equals a step on each array of a small network."""
    kinds = keras.optimizers.SGD, keras.optimizers.RMSprop, keras.optimizers.Adam
    by_array = "clipnorm", "global_clipnorm", "weight_decay", "use_ema"  # these look at whole arrays
    return (
        type(optimizer) in kinds
        and not any(getattr(optimizer, name) for name in by_array)
        and len(weights) > 1
        and sum(math.prod(weight.shape) for weight in weights) <= SMALL
        and not any(weight.constraint for weight in weights)
    )
