"""The loop of a training as one program (XLA), compiled once for an architecture and the shapes of its data.

The program is traced on a twin of the model, as a function without side effects: the values of all weights
and of the optimizer go in, and come out trained. So it trains any model of the architecture.
"""

import json
import math
import os
import threading
import warnings
from collections.abc import Callable, Hashable, Sequence

import keras
import numpy as np
import tensorflow as tf

# XLA calls the operations of a loop one by one, but makes one function of a loop whose round reads and
# writes fewer bytes than this. For a small network calling takes longer than doing; products of larger
# matrices are slower in such a function. (XLA reads its settings when it compiles its first program.)
ONE_FUNCTION = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=120000"
if ONE_FUNCTION not in os.environ.get("XLA_FLAGS", ""):
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {ONE_FUNCTION}".strip()

# The orders of the examples are drawn for some epochs at a time: at most so many epochs and positions.
BLOCK_EPOCHS, BLOCK_SIZE = 500, 500_000
# Up to so many weights, a step takes its time for the number of its operations, not for their size.
SMALL = 5_000
# Up to so many inputs and units of a layer, its matrix product takes longer to call than to do.
FEW = 8


class Program:
    """The compiled loop: `run(values, orders, first, last, x, y)` trains the epochs first..last of a block.

    values: the model's weights and its optimizer's variables, in their order. orders: int tensor (epochs,
    examples), the order of the examples in each epoch. Returns the values, trained, and the losses by
    name, each (epochs,).
    """

    def __init__(self, model: keras.Model, batch_size: int, *data: np.ndarray) -> None:
        self.twin = _twin(model)
        self.batch_size = batch_size
        self.names = ("loss", "val_loss") if data[2:] else ("loss",)
        self.variables = self.twin.weights + self.twin.optimizer.variables
        self.fresh = [tf.constant(variable.value) for variable in self.variables]
        self.optimizer, self.rows, self.joined = self._join_weights()
        examples = len(data[0])
        self.block_epochs = max(1, min(BLOCK_EPOCHS, BLOCK_SIZE // examples))
        self.epochs_a_call = 1
        self.run = tf.function(self._epochs, jit_compile=True, autograph=False).get_concrete_function(
            [tf.TensorSpec(value.shape, value.dtype) for value in self.fresh],
            tf.TensorSpec((self.block_epochs, examples), order_dtype(examples)),
            tf.TensorSpec((), tf.int32),
            tf.TensorSpec((), tf.int32),
            *[tf.TensorSpec(a.shape, keras.config.floatx()) for a in data],
        )

    def values_of(self, model: keras.Model) -> list[tf.Tensor]:
        """Return what the program takes: the model's weights and its optimizer's state."""
        known = [variable.value for variable in model.weights + model.optimizer.variables]
        # An optimizer that is not built yet lacks its moments; they start as the twin's did.
        return [tf.convert_to_tensor(value) for value in known] + self.fresh[len(known) :]

    def fresh_values(self, model: keras.Model, weights: Sequence[np.ndarray]) -> list[tf.Tensor]:
        """Return what the program takes for these weights and the model's optimizer, starting anew."""
        rate = model.optimizer.learning_rate
        state = [
            tf.convert_to_tensor(rate if variable.name == "learning_rate" else value)
            for variable, value in zip(self.variables, self.fresh, strict=True)
        ]
        return [*map(tf.constant, weights), *state[len(weights) :]]

    def give_to(self, model: keras.Model, values: Sequence[tf.Tensor]) -> None:
        """Give the model trained values: its weights and its optimizer's state."""
        for variable, value in zip(model.weights + model.optimizer.variables, values, strict=True):
            variable.value.assign(value)

    # What is compiled

    def _join_weights(self):
        """Return the loop's optimizer, the loop's variables, and which of ours each of these joins.

        If the network is small and its optimizer treats all numbers alike, the loop has the weights in one
        row, and the moments too: a step is then a few operations, and not a few for each weight array.
        """
        weights, own = self.twin.trainable_variables, self.twin.optimizer
        place = {id(variable): i for i, variable in enumerate(self.variables)}
        if not _treats_all_alike(own, weights):
            return own, self.variables, [[i] for i in range(len(self.variables))]
        row = keras.Variable(np.concatenate([np.ravel(weight) for weight in weights]), name="row")
        optimizer = type(own).from_config(own.get_config())
        optimizer.build([row])
        fixed = self.twin.non_trainable_variables
        groups = [weights, *([variable] for variable in fixed)]
        for variable in optimizer.variables:
            kind = variable.name.removeprefix("row")  # "_momentum" stands for each that ends so
            groups.append([each for each in own.variables if each.name.endswith(kind)])
        joined = [[place[id(variable)] for variable in group] for group in groups]
        return optimizer, [row, *fixed, *optimizer.variables], joined

    def _join(self, values):
        """Return the values of the loop's variables for those of ours."""
        rows = []
        for group in self.joined:
            flat = [tf.reshape(values[i], [-1]) for i in group]
            rows.append(tf.concat(flat, axis=0) if group[1:] else values[group[0]])
        return rows

    def _part(self, rows):
        """Return the values of our variables for those of the loop's."""
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

        empty = [tf.zeros(self.block_epochs) for _ in self.names]
        start = first, self._join(values), empty
        _, rows, losses = tf.while_loop(lambda e, *_: e < last, epoch, start)
        return self._part(rows), dict(zip(self.names, losses, strict=True))

    def _in_batches(self, do: Callable, rows, x, y):
        """Do one batch after the other; return the loop's values, and the mean loss of an example."""
        full, rest = divmod(x.shape[0], self.batch_size)

        def batch(first, count, rows):
            return do(rows, *(tf.slice(a, [first, 0], [count, a.shape[1]]) for a in (x, y)))

        def next_batch(i, rows, total):
            rows, loss = batch(i * self.batch_size, self.batch_size, rows)
            return i + 1, rows, total + self.batch_size * loss

        total = tf.zeros(())
        if full:
            _, rows, total = tf.while_loop(lambda i, *_: i < full, next_batch, (0, rows, total))
        if rest:
            rows, loss = batch(full * self.batch_size, rest, rows)
            total += rest * loss
        return rows, total / x.shape[0]

    def _step(self, rows, x, y):
        """Return the loop's values after one step of the optimizer on a batch, and the loss before it."""
        values = self._part(rows)
        trained = self.twin.trainable_variables
        with keras.StatelessScope(list(zip(self.variables, values, strict=True)), collect_losses=True):
            now = [variable.value for variable in trained]
            with tf.GradientTape() as tape:
                tape.watch(now)
                loss = self._loss(x, y, True)
            gradients = tape.gradient(loss, now)
        if len(self.rows) < len(self.variables):
            trained = self.rows[:1]
            gradients = [tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], axis=0)]
        with keras.StatelessScope(list(zip(self.rows, rows, strict=True))) as scope:
            self.optimizer.apply(gradients, trained)
            return [scope.get_current_value(variable) for variable in self.rows], loss

    def _check(self, rows, x, y):
        """Return the loop's values as they are, and the loss on a batch held out."""
        values = self._part(rows)
        with keras.StatelessScope(list(zip(self.variables, values, strict=True)), collect_losses=True):
            return rows, self._loss(x, y, False)

    def _loss(self, x, y, training):
        return self.twin.compute_loss(x=x, y=y, y_pred=self.twin(x, training=training), training=training)


def order_dtype(examples: int) -> type:
    """Return the smallest whole numbers that count so many examples."""
    return np.int16 if examples <= 2**15 else np.int32


_programs: dict[Hashable, Program] = {}
_programs_lock = threading.Lock()


def program(model: keras.Model, batch_size: int, *data: np.ndarray) -> Program:
    """Return the program for this architecture and these shapes, made now if it is new.

    data: x and y, (examples, ...) each, and perhaps those of validation.
    """
    shapes = tuple(a.shape for a in data)
    with _programs_lock, warnings.catch_warnings():
        # Keras warns of saving lambdas; here they are only told apart.
        warnings.filterwarnings("ignore", message="The object being serialized includes a `lambda`")
        settings = _architecture(model), _optimizer(model.optimizer), _loss(model.loss)
        key = (*settings, shapes, batch_size)
        if key not in _programs:
            _programs[key] = Program(model, batch_size, *data)
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


class _FewWeights(keras.layers.Dense):
    """Dense for a batch of vectors, its product written as multiplications and sums.

    XLA joins these with what stands before and after; to call a matrix product takes longer than to
    multiply so few numbers.
    """

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        outputs = tf.reduce_sum(inputs[:, :, tf.newaxis] * self.kernel, axis=1)
        if self.use_bias:
            outputs += self.bias
        if self.activation is keras.activations.linear:
            # Nothing is below -inf: it only keeps XLA from doing these sums again in the next layer's.
            return tf.maximum(outputs, -math.inf)
        return self.activation(outputs)


def _has_few_weights(layer: keras.layers.Layer) -> bool:
    return type(layer) is keras.layers.Dense and max(layer.kernel.shape) <= FEW


def _twin(model: keras.Model) -> keras.Model:
    def copy(layer):
        kind = _FewWeights if _has_few_weights(layer) else type(layer)
        twin = kind.from_config(layer.get_config() | {"activation": None})
        twin.activation = layer.activation
        return twin

    # The layers alone, without the compile settings: Keras can't clone a learner's own loss.
    bare = keras.Model(model.inputs, model.outputs)
    twin = keras.models.clone_model(bare, clone_function=copy)
    optimizer = _stateless(type(model.optimizer)).from_config(model.optimizer.get_config())
    twin.compile(optimizer=optimizer, loss=model.loss)
    optimizer.build(twin.trainable_variables)
    return twin


def _stateless(kind: type[keras.optimizers.Optimizer]) -> type[keras.optimizers.Optimizer]:
    """Return the same kind of optimizer with the steps that Keras has for every backend.

    On TensorFlow, Keras puts steps for tf.distribute in their place, which take no plain tensors.
    """
    of_tensorflow, every_backend = (
        next(c for c in kind.__mro__ if c.__name__ == name) for name in ("TFOptimizer", "BaseOptimizer")
    )
    kept = ("__init__", "__module__", "__doc__", "add_variable_from_reference")
    steps = {
        name: getattr(every_backend, name)
        for name in vars(of_tensorflow)
        if name not in kept and hasattr(every_backend, name)
    }
    # Python looks for a step in `kind` first, then here, then in the class that this one replaces.
    plain = type("PlainSteps", (of_tensorflow,), steps)
    return type(kind.__name__, (kind, plain), {})


def _treats_all_alike(optimizer: keras.optimizers.Optimizer, weights: Sequence[keras.Variable]) -> bool:
    """Tell whether one step on a row of all weights is the same as a step on each of a small network's."""
    kinds = keras.optimizers.SGD, keras.optimizers.RMSprop, keras.optimizers.Adam
    config = optimizer.get_config()
    by_array = (
        "clipnorm",
        "global_clipnorm",
        "weight_decay",
        "use_ema",
    )  # these look at whole arrays, or at names
    return (
        type(optimizer).__bases__[0] in kinds
        and not any(config.get(name) for name in by_array)
        and len(weights) > 1
        and sum(math.prod(weight.shape) for weight in weights) <= SMALL
        and not any(weight.constraint for weight in weights)
    )
