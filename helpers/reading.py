"""The layers of a network, and how their units respond to examples."""

from collections.abc import Callable
from typing import NamedTuple

from helpers.checks import InputError, columns
from helpers.problems import same_length

import keras
import numpy as np
import tensorflow as tf
from keras.src.models.functional import Functional

MODELS = {keras.Sequential, Functional}
ACTIVATION_LAYERS = (keras.layers.Activation, keras.layers.ReLU, keras.layers.LeakyReLU, keras.layers.ELU)
FLAT = 0.01  # a slope below is nearly 0, and one that varies by more is a bend


class Layer(NamedTuple):
    """A Dense layer and its activation, which may also be a layer of its own after it."""

    dense: keras.layers.Dense
    activation: Callable

    @property
    def linear(self) -> bool:
        """Whether the layer has no activation."""
        return self.activation is keras.activations.linear

    @property
    def activation_name(self) -> str:
        """The name of the activation, in Keras or by its author."""
        return getattr(self.activation, "__name__", getattr(self.activation, "name", "activation"))

    def weights(self) -> tuple[np.ndarray, np.ndarray]:
        """Return float arrays: weights (inputs, units) and biases (units,), which are 0 if it has none."""
        kernel, *bias = (np.asarray(value, dtype=float) for value in self.dense.get_weights())
        return kernel, bias[0] if bias else np.zeros(kernel.shape[1])


def path(model: keras.Model) -> list[keras.layers.Layer]:
    """Return the layers from the model's input to its output, or only those after several join."""
    if isinstance(model, keras.Sequential):
        return model.layers
    steps, before = [], model.outputs
    while len(before) == 1 and before[0] is not model.inputs[0]:
        layer, node, _ = before[0]._keras_history
        steps.insert(0, layer)
        before = layer._inbound_nodes[node].input_tensors
    return steps


def layers(model: keras.Model, caller: str) -> list[Layer]:
    """Return the Dense layers of a network, from input to output.

    Args:
        model: a built Sequential or functional Keras model with inputs (examples, columns): Dense
            layers in one path, with or without biases, each with at most one activation, as an
            argument or as a layer of its own.
        caller: the name of the calling function, for the message.

    Raises:
        InputError: for any other model, naming the first layer that does not fit.
    """
    ends = getattr(model, "outputs", None) or () if type(model) in MODELS else ()
    if len(ends) != 1 or len(ends[0].shape) != 2 or not model.weights:
        raise InputError(
            f"{caller} needs a built Sequential or functional Keras model with one output layer, but got "
            f"{type(model).__name__} {getattr(model, 'name', model)!r}: start it with keras.Input."
        )
    found, steps = [], path(model)
    for position, layer in enumerate(steps):
        if type(layer) is keras.layers.Dense and layer not in steps[:position] and not layer.lora_enabled:
            found.append(Layer(layer, layer.activation))
        elif type(layer) in ACTIVATION_LAYERS and found and found[-1].linear:
            is_relu = type(layer) is keras.layers.ReLU
            plain = is_relu and (layer.negative_slope, layer.max_value, layer.threshold) == (0, None, 0)
            function = keras.activations.relu if plain else getattr(layer, "activation", layer)
            found[-1] = found[-1]._replace(activation=function)
        else:
            raise InputError(
                f"{caller} follows one path of Dense layers, each with one activation at most, but "
                f"layer {position + 1}, {layer.name!r} (type {type(layer).__name__}), is none: leave it out."
            )
    return found


def examples(
    model: keras.Model, x: np.ndarray, y: np.ndarray, kind: str = ""
) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y as float arrays (examples, columns), or raise InputError if they do not fit the model.

    y may have one column for all outputs. kind: a prefix of "x" and "y" in messages.
    """
    inputs = model.input_shape[-1] if model.built else columns(f"{kind}x", x).shape[1]
    outputs = model.compute_output_shape((None, inputs))[-1]
    x, y = columns(f"{kind}x", x, inputs), columns(f"{kind}y", y, outputs, 1)
    same_length(**{f"{kind}x": x, f"{kind}y": y})
    return x, y


class Units(NamedTuple):
    """The state of a layer's units over the examples, and the gradient that reaches them.

    off: units that give nearly 0 with a slope of nearly 0 for every example; stuck: another number with
    such a slope; straight: one slope, like a ReLU that is always on; bend: several slopes. gradient: of
    an example's squared error by the inputs of the units' activations (norm, RMS over examples).
    """

    activation: str
    units: int
    off: int
    stuck: int
    straight: int
    bend: int
    gradient: float


def read(
    model: keras.Model, caller: str, x: np.ndarray, y: np.ndarray | float = 0.0
) -> tuple[list[np.ndarray], list[Units]]:
    """Return the outputs of each layer, float arrays (examples, units), and the state of its units.

    Takes what `layers` and `examples` accept; without y the gradients have no meaning.
    """
    path = layers(model, caller)
    x = columns("x", x, model.input_shape[-1])
    reached, taken, given = tf.constant(x, path[0].dense.kernel.dtype), [], []
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(reached)
        for dense, activation in path:
            taken.append(keras.ops.matmul(reached, dense.kernel) + (dense.bias if dense.use_bias else 0.0))
            reached = activation(taken[-1])
            given.append(reached)
        error = tf.reduce_sum((reached - tf.constant(y, reached.dtype)) ** 2) / reached.shape[1]
    gradients = tape.gradient(error, taken, unconnected_gradients="zero")
    units = []
    for layer, sums, values, gradient in zip(path, taken, given, gradients, strict=True):
        without_first = layer.activation(tf.concat([sums[:, :1] * 0 - 1, sums[:, 1:]], axis=1))
        if not np.allclose(without_first[:, 1:], values[:, 1:], rtol=1e-3, equal_nan=True):
            raise InputError(
                f"{caller} needs activations that take each unit alone, but {layer.activation_name}, in "
                f"layer {layer.dense.name!r}, mixes them: leave it out."
            )
        slopes = np.asarray(tape.gradient(values, sums, unconnected_gradients="zero"), "float32")
        flat = (np.abs(slopes) < FLAT).all(axis=0)
        off = flat & (np.abs(np.asarray(values)) < FLAT).all(axis=0)
        bend = ~flat & (np.ptp(slopes, axis=0) > FLAT)
        counts = [int(which.sum()) for which in (off, flat & ~off, ~flat & ~bend, bend)]
        length = np.sqrt((np.asarray(gradient, dtype=float) ** 2).sum(axis=1).mean())
        units.append(Units(layer.activation_name, len(flat), *counts, float(length)))
    return [np.asarray(values) for values in given], units


def outputs(model: keras.Model, x: np.ndarray) -> list[np.ndarray]:
    """Return the outputs of each layer, after its activation: float arrays (examples, units).

    Args:
        model: as in `layers`.
        x: float array (examples, inputs), normalised.
    """
    return read(model, "outputs", x)[0]


def dead_units(model: keras.Model, x: np.ndarray) -> list[int]:
    """Return how many units of each layer are off for every example, as in `Units`.

    Same arguments as `outputs`. A last layer without activation is left out, as it is never off.
    """
    return [each.off for each in _with_activation(model, "dead_units", x)]


def bending_units(model: keras.Model, x: np.ndarray) -> list[int]:
    """Return how many units of each layer bend among the examples, as in `Units`.

    Same arguments as `outputs`. A last layer without activation is left out, as it never bends.
    """
    return [each.bend for each in _with_activation(model, "bending_units", x)]


def _with_activation(model: keras.Model, caller: str, x: np.ndarray) -> list[Units]:
    _, units = read(model, caller, x)
    return units[:-1] if units[-1].activation == "linear" else units


def gradients(model: keras.Model, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return the gradients of the mean squared error, in arrays shaped like model.get_weights().

    Same arguments as `outputs`, and y: float array (examples, outputs), or one column for all outputs.
    """
    layers(model, "gradients")
    x, y = examples(model, x, y)
    weights = [weight.value for weight in model.weights]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        answers = model(tf.constant(x, "float32"))
        error = tf.reduce_mean(tf.square(tf.cast(y, answers.dtype) - answers))
    return [np.asarray(gradient) for gradient in tape.gradient(error, weights)]
