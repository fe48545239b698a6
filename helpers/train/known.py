"""What `train` does exactly as `model.fit`: only with the Keras classes and functions listed here.

`description` reads from a model everything that determines a training run: the exact class of each object
and its present values, not its configuration, which may be incomplete. Models with equal descriptions share
a program; anything not listed is refused, so that nothing is trained differently from `fit`.
"""

import functools
import types
from collections.abc import Callable, Hashable

from helpers.checks import InputError, one_line
from helpers.reading import MODELS, path

import keras
import numpy as np
import tensorflow as tf
from keras import activations, constraints, layers, losses, optimizers, regularizers
from tensorflow.python.eager import context


def _named(module: types.ModuleType, names: str) -> set:
    return {getattr(module, name) for name in names.split()}


PRECISIONS = {"float32", "float64"}
# Layers, the function that each one applies, and the arguments of that function.
LAYERS = {
    layers.Dense: (None, ()),
    layers.Activation: (None, ()),
    layers.ELU: (activations.elu, ("alpha",)),
    layers.LeakyReLU: (activations.leaky_relu, ("negative_slope",)),
    layers.ReLU: (activations.relu, ("negative_slope", "max_value", "threshold")),
}
ACTIVATIONS = _named(
    activations,
    """celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
    log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
    sparse_sigmoid sparsemax squareplus tanh tanh_shrink threshold""",
)
ACTIVATIONS |= _named(keras.ops, "cos relu sigmoid sin square tanh") | _named(tf.nn, "relu sigmoid tanh")
LOSSES = _named(
    losses,
    """BinaryCrossentropy CategoricalCrossentropy CosineSimilarity Hinge Huber KLDivergence LogCosh
    MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError MeanSquaredLogarithmicError Poisson
    SquaredHinge""",
)
LOSS_FUNCTIONS = {kind().fn for kind in LOSSES}
REDUCTIONS = {"sum_over_batch_size", "mean", "mean_with_sample_weight", "sum"}
OPTIMIZERS = _named(optimizers, "Adadelta Adagrad Adam AdamW Adamax Ftrl Lamb Lion Nadam RMSprop SGD")
SCHEDULES = _named(
    optimizers.schedules,
    """CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay
    PolynomialDecay""",
)
REGULARIZERS = _named(regularizers, "L1 L1L2 L2 OrthogonalRegularizer")
CONSTRAINTS = _named(constraints, "MaxNorm MinMaxNorm NonNeg UnitNorm")

# Methods that Keras itself sets on an object, and attributes of an optimizer that are no settings.
_SET_BY_KERAS = {"build", "quantize", "loss"}
_KEPT = {"name", "built", "_lock", "_tracker", "_distribution_strategy", "_trainable_variables_indices",
         "_trainable_variables", "_exclude_from_weight_decay_cache"}  # fmt: skip


def description(model: keras.Model) -> Hashable:
    """Return all that determines a compiled model's training, except starting weights, state and examples.

    Raises InputError for the first thing that is not supported. The model need not be built.
    """
    _check_surroundings(model)
    precision = keras.config.floatx()
    if precision not in PRECISIONS or type(model) not in MODELS:
        raise unknown(f"this is {_a(model)} of {precision} numbers")
    _has_methods_of_keras(model, "the model")
    loss = model._compile_loss
    if _has_metrics(model) or loss is None or loss._user_loss_weights is not None:
        raise unknown("this model is compiled with metrics, with loss_weights or without a loss")
    if model.activity_regularizer is not None:
        raise unknown("this model has an activity regularizer")
    if model.built and not _has_plain_ends(model, precision):
        raise unknown(f"this model has not one input and one output of {precision} numbers in rows")
    places = {id(weight): place for place, weight in enumerate(model.weights)}
    trained = [places[id(weight)] for weight in model.trainable_variables]
    if model.built and not trained:
        raise unknown("no weight of this model is trainable")
    steps = [_layer(layer, places, precision) for layer in path(model)]
    weights = [(tuple(weight.shape), *_weight(weight, precision)) for weight in model.weights]
    settings = optimizer_settings(model.optimizer)
    state = model.optimizer._trainable_variables
    if state and [places.get(id(weight)) for weight in state] != trained:
        raise unknown("the optimizer began with other weights, so compile the model again first")
    numbers = precision, keras.config.epsilon()
    return numbers, *map(tuple, (steps, weights, trained)), _loss(loss_of(model), precision), settings


def unknown(what: str) -> InputError:
    """Return the error for something that `train` does not support."""
    return InputError(
        f"train knows plain stacks of Dense layers, but {one_line(what, 200)}: use model.fit for this model."
    )


def _check_surroundings(model: keras.Model) -> None:
    """Raise InputError if settings of TensorFlow or Keras change what `fit` does."""
    usual = tf.distribute.get_strategy()
    strategies = model.distribute_strategy, model.optimizer._distribution_strategy
    if tf.distribute.has_strategy() or any(strategy is not usual for strategy in strategies):
        raise unknown("this model, its optimizer or this call belongs to a distribution strategy")
    if any(isinstance(weight.value, tf.distribute.DistributedValues) for weight in model.weights):
        raise unknown("a weight of this model belongs to a distribution strategy")
    if not tf.executing_eagerly():
        raise unknown("this call is inside a tf.function or a graph")
    if context.context().op_callbacks:
        raise unknown("tf.debugging looks into every operation, as after enable_check_numerics")
    if keras.config.max_epochs() or keras.config.max_steps_per_epoch():
        raise unknown("keras.config limits the epochs or the steps")


def _has_metrics(model: keras.Model) -> bool:
    """Return whether a model computes metrics besides its loss."""
    compiled = model._compile_metrics
    asked = [compiled._user_metrics, compiled._user_weighted_metrics] if compiled else []
    own = [each for each in model.metrics if each is not compiled and each is not model._loss_tracker]
    return bool(own) or any(each is not None for each in keras.tree.flatten(asked))


def activation(layer: keras.layers.Layer) -> tuple[Callable | None, tuple]:
    """Return a layer's activation as a function and its arguments, (name, value) pairs."""
    function, names = LAYERS[type(layer)]
    if function is None:
        return _same(layer.activation, ACTIVATIONS, f"the activation of {layer.name!r}"), ()
    return function, tuple((name, _value(getattr(layer, name), name)) for name in names)


def optimizer_settings(optimizer: keras.optimizers.Optimizer) -> Hashable:
    """Return an optimizer's class and all its attributes besides variables."""
    _same_class(optimizer, OPTIMIZERS, "the optimizer")
    if optimizer.gradient_accumulation_steps or optimizer.ema_overwrite_frequency:
        raise unknown("the optimizer has gradient_accumulation_steps or ema_overwrite_frequency")
    own, found = {id(variable) for variable in optimizer.variables}, []
    for name, value in vars(optimizer).items():
        if name in _KEPT or name.startswith("_self_"):
            continue
        if not all(id(each) in own for each in (value if isinstance(value, list) else [value])):
            found.append((name, _value(value, f"the optimizer's {name.lstrip('_')}")))
    return type(optimizer), tuple(sorted(found))


def _layer(layer: keras.layers.Layer, places: dict[int, int], precision: str) -> Hashable:
    what = f"the layer {layer.name!r}"
    _same_class(layer, LAYERS, what)
    _has_methods_of_keras(layer, what)
    if type(layer.dtype_policy) is not keras.DTypePolicy or layer.dtype_policy.name != precision:
        raise unknown(f"{what} works with {layer.dtype_policy.name} numbers, and Keras with {precision}")
    own = []
    if type(layer) is layers.Dense and not layer.built:
        for rule in ("kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint"):
            _same(getattr(layer, rule), REGULARIZERS | CONSTRAINTS, f"the {rule} of {what}")
    elif type(layer) is layers.Dense:
        own = [places.get(id(weight)) for weight in (layer.kernel, layer.bias) if weight is not None]
        if layer.lora_enabled or None in own:
            raise unknown(f"{what} has other weights than its kernel and bias")
    rule = _same(layer.activity_regularizer, REGULARIZERS, f"a regularizer of {what}")
    return *own, activation(layer), rule


def _weight(weight: keras.Variable, precision: str) -> Hashable:
    if weight.dtype != precision or weight.overwrite_with_gradient:
        raise unknown(f"the weight {weight.path!r} is {weight.dtype} or quantized")
    rules = (weight.regularizer, REGULARIZERS), (weight.constraint, CONSTRAINTS)
    return [_same(rule, known, f"a rule of the weight {weight.path!r}") for rule, known in rules]


def loss_of(model: keras.Model) -> keras.losses.Loss | Callable:
    """Return the loss that a model was compiled with, looked up if given by name."""
    loss = model._compile_loss._user_loss
    try:
        return losses.get(loss) if isinstance(loss, str) else loss
    except ValueError:
        raise unknown(f"Keras has no loss {loss!r}") from None


def _loss(loss: keras.losses.Loss | Callable, precision: str) -> Hashable:
    found = _same(loss, LOSSES | LOSS_FUNCTIONS, "the loss")
    if found not in LOSS_FUNCTIONS and (loss.reduction not in REDUCTIONS or loss.dtype != precision):
        raise unknown(f"the loss has reduction={loss.reduction!r} and {loss.dtype} numbers")
    return found


def _has_plain_ends(model: keras.Model, precision: str) -> bool:
    ends = [*model.inputs, *model.outputs]
    plain = [end.dtype == precision and len(end.shape) == 2 and end.shape[0] is None for end in ends]
    return plain == [True, True] and not ends[0].sparse


def _same(thing: object, known: set | dict, what: str) -> Hashable:
    """Return what identifies a thing, itself or its class and attributes, or raise InputError."""
    if thing is None or (isinstance(thing, types.FunctionType) and thing in known):
        return thing
    _same_class(thing, known, what)
    return type(thing), *(
        (name, _value(value, f"{name} of {what}")) for name, value in vars(thing).items() if name != "name"
    )


def _value(value: object, what: str) -> Hashable:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, list | tuple):
        return tuple(_value(each, what) for each in value)
    if isinstance(value, dict):
        return tuple((name, _value(each, what)) for name, each in value.items())
    if isinstance(value, np.ndarray | np.generic | tf.Tensor):
        array = np.asarray(value)
        return array.dtype.str, array.shape, array.tobytes()
    return _same(value, LOSS_FUNCTIONS | SCHEDULES | {keras.DTypePolicy}, what)


def _same_class(thing: object, known: set | dict, what: str) -> None:
    if isinstance(thing, types.FunctionType):
        raise unknown(f"{what} is the function {thing.__name__!r}, which it does not know")
    if type(thing) not in known:
        raise unknown(f"{what} is {_a(thing)}")


def _has_methods_of_keras(thing: object, what: str) -> None:
    changed = _methods(type(thing)) & vars(thing).keys() - _SET_BY_KERAS
    if changed:
        raise unknown(f"{what} has a {min(changed)} of its own")


@functools.cache
def _methods(kind: type) -> frozenset[str]:
    return frozenset(name for name in dir(kind) if callable(getattr(kind, name, None)))


def _a(thing: object) -> str:
    return f"{'an' if type(thing).__name__[0] in 'AEIOU' else 'a'} {type(thing).__name__}"
