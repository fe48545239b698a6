"""Networks as plain Keras models: stacks of Dense layers, collapsed to one, or with weights set by hand."""

import functools
from collections.abc import Callable, Sequence

from helpers.checks import InputError, columns, whole_number
from helpers.problems import same_length

import keras
import numpy as np
import tensorflow as tf

ACTIVATIONS = (
    "linear",
    "relu",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "softplus",
    "tanh",
    "sigmoid",
    "exponential",
    "sine",
)
# Where a unit ends up as what reaches it goes to minus and to plus infinity.
SETTLED = {
    "linear": (-np.inf, np.inf),
    "relu": (0.0, np.inf),
    "tanh": (-1.0, 1.0),
    "sigmoid": (0.0, 1.0),
}
INITIALIZERS = (
    "glorot_uniform",
    "glorot_normal",
    "he_uniform",
    "he_normal",
    "lecun_normal",
    "random_normal",
    "random_uniform",
    "zeros",
    "ones",
)


def stack(
    units: Sequence[int],
    *,
    inputs: int = 1,
    activation: str | Callable | None = None,
    initializer: str = "glorot_uniform",
    seed: int | None = None,
) -> keras.Sequential:
    """Return a stack of Dense layers, `units` units each; the last layer has no activation.

    units: for example [20, 100, 1000, 100, 1]; inputs: numbers an example; activation: of every
    layer but the last; initializer: of the weights, by its Keras name; seed: the same seed gives the
    same starting weights.
    """
    if isinstance(units, str) or not isinstance(units, Sequence) or not units:
        raise InputError(
            f"units must list the units of each layer, but is {units!r}: give for example [8, 8, 1]."
        )
    if isinstance(activation, str) and activation not in ACTIVATIONS:
        raise InputError(
            f"activation must be one of {', '.join(ACTIVATIONS)}, but is {activation!r}: choose one "
            "of them, or give a function."
        )
    if activation == "sine":
        activation = keras.ops.sin  # Keras has the function, but no activation of this name.
    layers = [keras.Input((whole_number("inputs", inputs),))]
    initializers = _seeded(initializer, len(units), seed)
    for position, width in enumerate(units):
        last = position == len(units) - 1
        layers.append(
            keras.layers.Dense(
                whole_number(f"units[{position}]", width),
                activation=None if last else activation,
                kernel_initializer=initializers[position],
            )
        )
    return keras.Sequential(layers)


def starting_weights(model: keras.Sequential, initializer: str, seed: int) -> list[np.ndarray]:
    """Return the weights that `stack` would give a network of this architecture for another seed."""
    shapes = tuple(tuple(layer.kernel.shape) for layer in model.layers)
    return [array for pair in _starting_weights(shapes, initializer, seed) for array in pair]


@functools.lru_cache(maxsize=64)  # panels start from the same seeds again and again
def _starting_weights(
    shapes: Sequence[tuple[int, int]], initializer: str, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    starts = _seeded(initializer, len(shapes), seed)
    return [
        (np.asarray(start(shape)), np.zeros(shape[1], keras.config.floatx()))
        for shape, start in zip(shapes, starts, strict=True)
    ]


def _seeded(initializer: str, layers: int, seed: int | None) -> list[keras.initializers.Initializer]:
    if initializer not in INITIALIZERS:
        raise InputError(
            f"initializer must be one of {', '.join(INITIALIZERS)}, but is {initializer!r}: "
            "choose one of them."
        )
    rng = np.random.default_rng(None if seed is None else whole_number("seed", seed, at_least=0))
    kind = type(keras.initializers.get(initializer))
    if "seed" not in kind().get_config():
        return [kind() for _ in range(layers)]
    return [kind(seed=int(rng.integers(2**31))) for _ in range(layers)]


def collapse(model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Return (weights, bias): the one affine map that a stack of linear Dense layers equals.

    model(x) = x @ weights + bias, with weights (inputs, outputs) and bias (outputs,), both float64.
    Each layer computes x @ W + b, so two layers give (x @ W1 + b1) @ W2 + b2
    = x @ (W1 @ W2) + (b1 @ W2 + b2): one layer again.
    Raises InputError and names the first layer that is not linear, or not Dense.
    """
    if not isinstance(model, keras.Sequential) or not model.built:
        raise InputError(
            "collapse needs a keras.Sequential model that knows its inputs, but got "
            f"{type(model).__name__} {getattr(model, 'name', model)!r}: "
            "start it with keras.Input, or call it once."
        )
    weights = np.eye(model.input_shape[-1])
    bias = np.zeros(model.input_shape[-1])
    for position, layer in enumerate(model.layers, start=1):
        if getattr(layer, "activation", keras.activations.linear) is not keras.activations.linear:
            raise InputError(
                f"collapse needs linear layers, but layer {position}, {layer.name!r}, has the "
                f"activation {layer.activation.__name__}: its weights do not multiply out."
            )
        if not isinstance(layer, keras.layers.Dense):
            raise InputError(
                f"collapse needs Dense layers, but layer {position}, {layer.name!r}, is a "
                f"{type(layer).__name__}: leave it out."
            )
        kernel, *own_bias = (np.asarray(value, dtype=float) for value in layer.get_weights())
        weights = weights @ kernel
        bias = bias @ kernel + (own_bias[0] if own_bias else 0.0)
    return weights, bias


def squarer(pieces: int, *, largest: int = 1000) -> keras.Sequential:
    """Return a ReLU network, set by hand, that squares by `pieces` equal straight pieces.

    It takes x / largest, (examples, 1), and answers x**2 / largest**2. Unit j switches on at the
    kink t_j = 1/2 + j h, h = largest / pieces: from there it adds 2h to the slope (the first, t_0,
    starts the first piece). At each kink the pieces stand at t**2 - h**2/6 - 1/12, which is where
    the best lines of neighbouring pieces meet, for whole numbers (see closed_forms).
    """
    pieces, largest = whole_number("pieces", pieces), whole_number("largest", largest)
    h = largest / pieces
    kinks = 0.5 + h * np.arange(pieces)
    added_slopes = np.full(pieces, 2 * h)
    added_slopes[0] = h + 1.0
    start = 0.25 - h**2 / 6 - 1 / 12

    model = stack([pieces, 1], activation="relu")
    model.set_weights(
        [
            np.ones((1, pieces)),
            -kinks / largest,
            added_slopes[:, np.newaxis] / largest,
            np.array([start / largest**2]),
        ]
    )
    return model


def deep_squarer(layers: int) -> keras.Sequential:
    """Return a deep ReLU network, set by hand, that squares by 2**layers straight pieces.

    It takes x / n, (examples, 1), and answers x**2 / n**2, for x in 0..n. The tent
    g(z) = 2 relu(z) - 4 relu(z - 1/2) + 2 relu(z - 1) doubles z and folds it back at 1/2. With g_s,
    which is g applied s times, the network computes z - g_1/4 - g_2/16 - ... - g_layers/4**layers.
    A layer has 4 units: 3 for the tent, and one that carries the sum so far.

    Source: Yarotsky, "Error bounds for approximations with deep ReLU networks", 2017.
    """
    layers = whole_number("layers", layers)
    model = stack([4] * layers + [1], activation="relu")
    tent, carried = np.array([2.0, -4.0, 2.0, 0.0]), np.array([0.0, 0.0, 0.0, 1.0])
    thresholds = np.array([0.0, -0.5, -1.0, 0.0])
    kernel, values = np.ones((1, 4)), []
    for s in range(1, layers + 1):
        values += [kernel, thresholds]
        kernel = np.stack([tent, tent, tent, carried - tent / 4**s], axis=1)
    model.set_weights([*values, kernel[:, 3:], np.zeros(1)])
    return model


def kinks(model: keras.Sequential) -> np.ndarray:
    """Return where the units of the first layer switch on or off: inputs, float array (units,).

    For one input: a ReLU bends where its input w x + b is 0, at x = -b / w.
    """
    weights, bias = (value.ravel() for value in model.layers[0].get_weights())
    with np.errstate(divide="ignore", invalid="ignore"):
        return -bias / weights


def bends(x: np.ndarray, hidden: Sequence[np.ndarray]) -> np.ndarray:
    """Return where, along rising x, a ReLU unit of any layer switches on or off: inputs, float array.

    x: float array (examples, 1), normalised; hidden: what layers of ReLU units give for it, (examples,
    units) each. A bend is put in the middle between two examples.
    """
    bent = np.zeros(len(x) - 1, dtype=bool)
    for values in hidden:
        on = values > 0
        bent |= (on[1:] != on[:-1]).any(axis=1)
    return ((x[1:] + x[:-1]) / 2)[bent, 0]


def contributions(model: keras.Sequential, x: np.ndarray) -> tuple[np.ndarray, float]:
    """Return what each unit of the last hidden layer adds to the answer, and the last layer's bias.

    x: float array (examples, inputs), normalised. Returns a float array (examples, units), whose sum
    over the units plus the bias is the network's answer.
    """
    weights, bias = model.layers[-1].get_weights()
    return outputs(model, x)[-2] * weights[:, 0], float(bias[0])


def asymptote(model: keras.Sequential) -> tuple[float, float]:
    """Return (slope, intercept) of the straight line that the answers approach as x grows.

    For one input, one output and layers of linear, relu, tanh or sigmoid units, in what the network
    takes and gives. Far to the right a unit with the input a x + b goes by the sign of a: a relu
    with a > 0 passes a x + b on, a tanh settles at 1; with a < 0 they settle at 0 and -1. So every
    layer adds up straight lines. A network of relu units is on its line from its last kink on.
    Raises InputError and names the first layer that never settles.
    """
    if model.input_shape[-1] != 1 or model.output_shape[-1] != 1:
        raise InputError(
            f"asymptote needs a network of 1 input and 1 output, but this one has "
            f"{model.input_shape[-1]} and {model.output_shape[-1]}: build one with stack([8, 1])."
        )
    slope, intercept = np.ones(1), np.zeros(1)
    for position, layer in enumerate(model.layers, start=1):
        kernel, bias = (np.asarray(value, dtype=float) for value in layer.get_weights())
        slope, intercept = slope @ kernel, intercept @ kernel + bias
        name = getattr(layer.activation, "__name__", repr(layer.activation))
        if name not in SETTLED:
            raise InputError(
                f"asymptote knows {', '.join(SETTLED)}, but layer {position}, {layer.name!r}, has the "
                f"activation {name}: its answers far away follow no line that we know."
            )
        if name != "linear":
            left, right = SETTLED[name]
            level = np.where(slope > 0, right, np.where(slope < 0, left, layer.activation(intercept)))
            grows = (slope > 0) & (name == "relu")
            slope, intercept = np.where(grows, slope, 0.0), np.where(grows, intercept, level)
    return float(slope[0]), float(intercept[0])


def outputs(model: keras.Sequential, x: np.ndarray) -> list[np.ndarray]:
    """Return what each layer gives for x (examples, inputs), normalised: float arrays (examples, units)."""
    given = []
    reached = np.asarray(x, dtype="float32")
    for layer in model.layers:
        reached = np.asarray(layer(reached))
        given.append(reached)
    return given


def outputs_of_many(
    model: keras.Sequential, weights: Sequence[Sequence[np.ndarray]], x: np.ndarray
) -> list[np.ndarray]:
    """Return what `outputs` would return with each of these weights.

    weights: for each network what model.get_weights() would be, of Dense layers with biases; x: float
    array (examples, inputs), normalised, or (networks, examples, inputs). Returns for each layer a
    float array (networks, examples, units).
    """
    given = []
    reached = tf.constant(x, keras.config.floatx())
    arrays = iter([np.stack(each) for each in zip(*weights, strict=True)])
    for layer in model.layers:
        kernel, bias = next(arrays), next(arrays)
        reached = layer.activation(reached @ kernel + bias[:, np.newaxis])
        given.append(np.asarray(reached))
    return given


def dead_units(model: keras.Sequential, x: np.ndarray) -> list[int]:
    """Return for each hidden layer how many of its units give 0 for every example x, normalised."""
    return [int((given == 0).all(axis=0).sum()) for given in outputs(model, x)[:-1]]


def bending_units(model: keras.Sequential, x: np.ndarray) -> list[int]:
    """Return for each hidden layer how many of its ReLU units are on for some examples x, off for others."""
    on = [given > 0 for given in outputs(model, x)[:-1]]
    return [int((layer.any(axis=0) & ~layer.all(axis=0)).sum()) for layer in on]


def gradients(model: keras.Model, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    """Return how the mean squared error on x and y changes with each weight, one array a weight array.

    x: float array (examples, inputs), y: (examples, 1), both normalised; the arrays have the shapes of
    model.get_weights(). A weight whose gradient is 0 for every example learns nothing.
    """
    x, y = columns("x", x).astype("float32"), columns("y", y).astype("float32")
    same_length(x=x, y=y)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - model(x)))
    return [np.asarray(gradient) for gradient in tape.gradient(loss, model.trainable_variables)]
