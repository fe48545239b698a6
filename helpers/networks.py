"""Networks as plain Keras models: stacks of Dense layers, collapsed to one, or with weights set by hand."""

from collections.abc import Callable, Sequence

from helpers.checks import InputError, whole_number

import keras
import numpy as np

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
)


def stack(
    units: Sequence[int],
    *,
    inputs: int = 1,
    activation: str | Callable | None = None,
    seed: int | None = None,
) -> keras.Sequential:
    """Return a stack of Dense layers, `units` units each; the last layer has no activation.

    units: for example [20, 100, 1000, 100, 1]; inputs: numbers an example; activation: of every
    layer but the last; seed: the same seed gives the same starting weights.
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
    rng = np.random.default_rng(None if seed is None else whole_number("seed", seed, at_least=0))
    layers = [keras.Input((whole_number("inputs", inputs),))]
    for position, width in enumerate(units):
        last = position == len(units) - 1
        layers.append(
            keras.layers.Dense(
                whole_number(f"units[{position}]", width),
                activation=None if last else activation,
                kernel_initializer=keras.initializers.GlorotUniform(int(rng.integers(2**31))),
            )
        )
    return keras.Sequential(layers)


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


def kinks(model: keras.Sequential) -> np.ndarray:
    """Return where the units of the first layer switch on or off: inputs, float array (units,).

    For one input: a ReLU bends where its input w x + b is 0, at x = -b / w.
    """
    weights, bias = (value.ravel() for value in model.layers[0].get_weights())
    with np.errstate(divide="ignore", invalid="ignore"):
        return -bias / weights


def contributions(model: keras.Sequential, x: np.ndarray) -> tuple[np.ndarray, float]:
    """Return what each unit of the one hidden layer adds to the answer, and the last layer's bias.

    x: float array (examples, 1), normalised. Returns a float array (examples, units), whose sum
    over the units plus the bias is the network's answer.
    """
    hidden, last = model.layers
    weights, bias = last.get_weights()
    return np.asarray(hidden(x.astype("float32"))) * weights[:, 0], float(bias[0])
