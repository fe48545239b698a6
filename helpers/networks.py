"""Networks as plain Keras models: stacks of Dense layers, collapsed to one, or with weights set by hand."""

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple

from helpers.checks import InputError, one_of, whole_number
from helpers.cure import cure as cure
from helpers.diagnosis import diagnose as diagnose
from helpers.reading import bending_units as bending_units
from helpers.reading import dead_units as dead_units
from helpers.reading import gradients as gradients
from helpers.reading import layers
from helpers.reading import outputs as outputs

import keras
import numpy as np


class Activation(NamedTuple):
    """An activation function, and its limits as its input goes to minus and to plus infinity.

    An infinite limit on the right means that the input is passed on; None: there is no limit.
    """

    function: Callable
    left: float | None
    right: float | None


ACTIVATIONS = {
    "linear": Activation(keras.activations.linear, -np.inf, np.inf),
    "relu": Activation(keras.activations.relu, 0.0, np.inf),
    "gelu": Activation(keras.activations.gelu, 0.0, np.inf),
    "silu": Activation(keras.activations.silu, 0.0, np.inf),
    "tanh": Activation(keras.activations.tanh, -1.0, 1.0),
    "sigmoid": Activation(keras.activations.sigmoid, 0.0, 1.0),
    "sine": Activation(keras.ops.sin, None, None),
}
INITIALIZERS = ("glorot_uniform", "he_uniform", "lecun_normal", "random_normal")


def stack(
    units: Sequence[int],
    *,
    inputs: int = 1,
    activation: str | Callable | None = None,
    last: str | Callable | None = None,
    initializer: str = "glorot_uniform",
    seed: int | None = None,
) -> keras.Sequential:
    """Return a stack of Dense layers; the last one has no activation, unless `last` names one.

    Args:
        units: of each layer, for example [20, 100, 1000, 100, 1].
        inputs: numbers per example.
        activation: of every layer but the last, a name in ACTIVATIONS or a function.
        last: of the last layer, as `activation`.
        initializer: of the weights, one of INITIALIZERS.
        seed: the same seed gives the same starting weights.
    """
    if isinstance(units, str) or not isinstance(units, Sequence) or not units:
        raise InputError(
            f"units must list the units of each layer, but is {units!r}: give for example [8, 8, 1]."
        )
    activation, last = (_function(name, each) for name, each in (("activation", activation), ("last", last)))
    stacked = [keras.Input((whole_number("inputs", inputs),))]
    for position, start in enumerate(_seeded(initializer, len(units), seed)):
        width = whole_number(f"units[{position}]", units[position])
        stacked.append(keras.layers.Dense(width, activation, kernel_initializer=start))
    stacked[-1].activation = last or keras.activations.linear
    return keras.Sequential(stacked)


def _function(name: str, activation: str | Callable | None) -> Callable | None:
    if isinstance(activation, str):
        return ACTIVATIONS[one_of(name, activation, ACTIVATIONS)].function
    return activation


def starting_weights(units: tuple[int, ...], inputs: int, initializer: str, seed: int) -> list[np.ndarray]:
    """Return the starting weights of `stack`, in the order of model.get_weights()."""
    return _starting_weights(units, inputs, initializer, seed, keras.config.floatx())


@functools.lru_cache(maxsize=64)  # panels often start from the same seeds
def _starting_weights(
    units: tuple[int, ...], inputs: int, initializer: str, seed: int, dtype: str
) -> list[np.ndarray]:
    starts = zip(_seeded(initializer, len(units), seed), itertools.pairwise((inputs, *units)), strict=True)
    kernels = [np.asarray(start(shape, dtype)) for start, shape in starts]
    return [array for kernel in kernels for array in (kernel, np.zeros_like(kernel[0]))]


def _seeded(initializer: str, count: int, seed: int | None) -> list[keras.initializers.Initializer]:
    kind = type(keras.initializers.get(one_of("initializer", initializer, INITIALIZERS)))
    rng = np.random.default_rng(None if seed is None else whole_number("seed", seed, at_least=0))
    return [kind(seed=int(rng.integers(2**31))) for _ in range(count)]


def collapse(model: keras.Model) -> tuple[np.ndarray, np.ndarray]:
    """Return (weights, bias): the one affine map that a stack of linear Dense layers equals.

    model(x) = x @ weights + bias, with weights (inputs, outputs) and bias (outputs,), both float64.
    Each layer computes x @ W + b, so two layers give (x @ W1 + b1) @ W2 + b2
    = x @ (W1 @ W2) + (b1 @ W2 + b2): one layer again.

    Args:
        model: as in `reading.layers`, without activations, or InputError names the first layer with one.
    """
    found = layers(model, "collapse")
    weights, bias = np.eye(model.input_shape[-1]), np.zeros(model.input_shape[-1])
    for position, layer in enumerate(found, start=1):
        if not layer.linear:
            raise InputError(
                f"collapse needs linear layers, but layer {position}, {layer.dense.name!r}, has the "
                f"activation {layer.activation_name}: its weights do not multiply out."
            )
        kernel, own_bias = layer.weights()
        weights, bias = weights @ kernel, bias @ kernel + own_bias
    return weights, bias


def squarer(pieces: int) -> keras.Sequential:
    """Return a ReLU network, set by hand, that squares 1..1000 by `pieces` equal straight pieces.

    It takes x / 1000, (examples, 1), and answers x**2 / 1000**2. Unit j switches on at the kink
    t_j = 1/2 + j h, h = 1000 / pieces: from there it adds 2h to the slope (the first, t_0, starts the
    first piece). At each kink the pieces stand at t**2 - h**2/6 - 1/12, which is where the best lines
    of neighbouring pieces meet, for whole numbers (see closed_forms).
    """
    model = stack([whole_number("pieces", pieces), 1], activation="relu")
    h = 1000 / pieces
    kinks = 0.5 + h * np.arange(pieces)
    added_slopes = np.full((pieces, 1), 2 * h)
    added_slopes[0] = h + 1.0
    start = np.array([0.25 - h**2 / 6 - 1 / 12])
    model.set_weights([np.ones((1, pieces)), -kinks / 1000, added_slopes / 1000, start / 1000**2])
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


def keep_units(model: keras.Model, kept: Sequence[int]) -> keras.Sequential:
    """Return a smaller copy of a network, with only the given units in each hidden layer.

    Args:
        model: as in `reading.layers`.
        kept: positions of the units, counted from 0, for example [0, 1, 3].
    """
    found, kept = layers(model, "keep_units"), list(kept)
    narrow = min((layer.dense.units for layer in found[:-1]), default=0)
    if not kept or not set(kept) <= set(range(narrow)):
        raise InputError(
            f"kept must name units from 0 to {narrow - 1}, but is {kept}: give for example [0, 1]."
        )
    small, arrays = keras.Sequential([keras.Input((model.input_shape[-1],))]), []
    for layer in found:
        kernel, bias = layer.weights()
        kernel = kernel[kept] if arrays else kernel
        if layer is not found[-1]:
            kernel, bias = kernel[:, kept], bias[kept]
        small.add(keras.layers.Dense(len(bias), layer.activation))
        arrays += [kernel, bias]
    small.set_weights(arrays)
    return small


def kinks(model: keras.Model) -> np.ndarray:
    """Return where the ReLU units of the first layer switch on or off: inputs, float array (units,).

    A unit bends where its weighted sum, w x + b, is 0: at x = -b / w.

    Args:
        model: as in `reading.layers`, of 1 input, with ReLU units in the first layer.
    """
    first = layers(model, "kinks")[0]
    if model.input_shape[-1] != 1 or first.activation is not keras.activations.relu:
        raise InputError(
            f"kinks needs ReLU units of 1 input in the first layer, but these are {first.activation_name} "
            f'units of {model.input_shape[-1]}: build it with stack([8, 1], activation="relu").'
        )
    weights, bias = first.weights()
    with np.errstate(divide="ignore", invalid="ignore"):
        return -bias / weights[0]


def asymptote(model: keras.Model) -> tuple[float, float]:
    """Return (slope, intercept) of the straight line that the answers approach as x grows.

    In the network's own units. Far to the right a unit with the input a x + b depends on the
    sign of a: a relu with a > 0 passes a x + b on, a tanh settles at 1; with a < 0 they settle at 0
    and -1. So every network of relu units is on its line from its last kink on.

    Args:
        model: as in `reading.layers`, of 1 input and 1 output, with activations that settle, or
            InputError names the first that doesn't.
    """
    found = layers(model, "asymptote")
    if model.input_shape[-1] != 1 or model.output_shape[-1] != 1:
        shape = f"{model.input_shape[-1]} and {model.output_shape[-1]}"
        raise InputError(f"asymptote needs 1 input and 1 output, but this has {shape}: give stack([8, 1]).")
    known = {each.function: each for each in ACTIVATIONS.values() if each.right is not None}
    slope, intercept = np.ones(1), np.zeros(1)
    for position, layer in enumerate(found, start=1):
        if layer.activation not in known:
            raise InputError(
                f"asymptote needs activations that settle, but layer {position}, {layer.dense.name!r}, has "
                f"{layer.activation_name}: its answers far away follow no line that we know."
            )
        kernel, bias = layer.weights()
        slope, intercept = slope @ kernel, intercept @ kernel + bias
        left, right = known[layer.activation].left, known[layer.activation].right
        end = np.where(slope > 0, right, np.where(slope < 0, left, layer.activation(intercept)))
        slope, intercept = np.where(np.isinf(end), slope, 0.0), np.where(np.isinf(end), intercept, end)
    return float(slope[0]), float(intercept[0])
