"""`train` does what `model.fit(shuffle=False)` does, or refuses in a sentence: tables of settings."""

import contextlib
import random

from helpers.checks import InputError
from helpers.train import TrainingDiverged, known, train

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import constraints, layers, losses, optimizers, regularizers  # noqa: F401
from keras.layers import Dense
from keras.optimizers import schedules  # noqa: F401

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, of what is done to it here
X = np.linspace(0.05, 0.95, 20)[:, np.newaxis]
Y = X**2


def stack(*steps, optimizer="sgd", loss="mse", start=None, **settings):
    """Return a compiled 1-4-1 network with steps in between; with start=[] it is not built."""
    start = [keras.Input((1,))] if start is None else start
    return ready(keras.Sequential([*start, Dense(4, "tanh"), *steps, Dense(1)]), optimizer, loss, **settings)


def ready(model, optimizer="sgd", loss="mse", **settings):
    model.compile(optimizer=optimizer, loss=loss, **settings)
    return model


def one_layer(inputs, layer, **settings):
    return ready(keras.Sequential([keras.Input((inputs,)), layer]), **settings)


def changed(thing, **attributes):
    for name, value in attributes.items():
        setattr(thing, name, value)
    return thing


def after(do, model=None):
    """Return a compiled model, or what is given, to which something was done."""
    model = model or stack()
    do(model)
    return model


def state(model):
    """Return what a refusal must leave: the model and its optimizer, generators, and what is set for all."""
    weights = [variable.numpy().tobytes() for variable in model.weights + model.optimizer.variables]
    compiled = model.train_function, model.optimizer, model._compile_loss, vars(model).get("history")
    generators = random.getstate(), np.random.get_state()[1].tobytes()
    numbers = keras.config.floatx(), keras.config.dtype_policy().name, keras.config.epsilon()
    limits = keras.config.max_epochs(), keras.config.max_steps_per_epoch()
    return weights, model.built, model.optimizer.built, compiled, generators, numbers, limits


def judge(make, x=X, y=Y, **options):
    """Return how `train` compares with `fit`: "equal", "refused" or what differs, and its sentence."""
    options = {"epochs": 2, "batch_size": 10, "shuffle": False, "verbose": False} | options
    results = []
    for how in (train, keras.Model.fit):
        in_precision("float32")
        keras.utils.set_random_seed(3)
        model = make()
        before = state(model)
        # Step by step, fit does the same in half the time; compiling is for those that ask for it.
        model.run_eagerly = how is not train and not model.jit_compile and model.steps_per_execution == 1
        try:
            losses = how(model, x, y, **options).history
        except InputError as error:
            one_sentence = len(str(error)) <= 300 and "\n" not in str(error)
            foreseen = not isinstance(error, TrainingDiverged) and "cannot be compiled" not in str(error)
            done = one_sentence and before == state(model) and foreseen
            return ("refused" if done else "changed, too long or late"), str(error)
        except Exception as error:  # a wall of text
            return f"{type(error).__name__} of {how.__name__}", str(error).splitlines()[0]
        state_of_optimizer = [variable.numpy() for variable in model.optimizer.variables]
        results.append([*model.get_weights(), *state_of_optimizer, *losses.values()])
    apart = max(np.abs(np.subtract(a, b) / (1 + np.abs(b))).max() for a, b in zip(*results, strict=True))
    return ("equal" if apart < 1e-4 else f"{apart:.1g} apart"), ""


def in_precision(name):
    keras.config.set_floatx(name)
    keras.config.set_dtype_policy(name)
    return stack()


def own(kind):
    """Return a class derived from one of Keras's: it may do anything else."""
    return type("Own", (kind,), {})


def functional(join):
    start = keras.Input((1,))
    return ready(keras.Model(start, join(start, Dense(4, "tanh")(start))))


def twice(start, hidden):
    layer = Dense(4, "tanh", kernel_regularizer="l2", activity_regularizer="l2")
    return Dense(1)(layer(layer(hidden)))


def made_in(strategy, make):
    with strategy.scope():
        return make()


def built_layer():
    return after(lambda layer: layer.build((None, 4)), Dense(3))


def begun(optimizer):
    """Return a model whose optimizer has begun, with numbers in its state."""
    model = stack(optimizer=optimizer)
    model.optimizer.build(model.trainable_variables)
    for variable in model.optimizer.variables[2:]:
        variable.assign(keras.ops.ones_like(variable) * 0.25)
    return model


def on_model(**attributes):
    return changed(stack(), **attributes)


def on_layer(**attributes):
    return after(lambda model: changed(model.layers[0], **attributes))


def on_weight(**attributes):
    return after(lambda model: changed(model.layers[0].kernel, **attributes))


# Each row is what somebody wrote: most hold several settings, so that each is compiled and compared once.
EQUAL = """
stack(Dense(3, "gelu"), layers.LeakyReLU(0.1), loss="huber", optimizer=optimizers.Adam(amsgrad=True))
stack(layers.ELU(0.3), optimizer=optimizers.AdamW(0.05, weight_decay=0.1), loss=losses.LogCosh("sum"))
stack(Dense(3, tf.nn.relu), optimizer=optimizers.Adagrad(0.05), loss=losses.MeanAbsoluteError("mean"))
stack(Dense(5, "elu"), optimizer=optimizers.Adadelta(1.0), loss=losses.Hinge())
stack(Dense(5, "mish"), optimizer=optimizers.Adamax(0.05), loss="squared_hinge")
stack(Dense(3, keras.ops.sin), optimizer=optimizers.Ftrl(0.05, l1_regularization_strength=0.1))
stack(optimizer=optimizers.Lamb(0.05), loss=losses.LogCosh(reduction="mean_with_sample_weight"))
stack(Dense(5, "exponential"), optimizer=optimizers.Lion(0.005), loss="mean_squared_logarithmic_error")
stack(optimizer=optimizers.Nadam(0.05), loss=losses.BinaryCrossentropy(from_logits=True))
stack(layers.ReLU(0.1, 0.2, 0.05), optimizer=optimizers.RMSprop(0.02, centered=True, momentum=0.5))
stack(layers.Activation("sigmoid"), loss=losses.BinaryCrossentropy(label_smoothing=0.2))
stack(Dense(9, "silu"), Dense(9, "softplus"), optimizer=optimizers.SGD(0.3, clipnorm=0.1), loss="mape")
stack(optimizer=optimizers.SGD(0.1, loss_scale_factor=64.0, clipvalue=0.05, use_ema=True, ema_momentum=0.6))
stack(optimizer=changed(optimizers.Adam(), beta_1=0), loss=changed(losses.Huber(), _fn_kwargs={"delta": 9}))
stack(optimizer=changed(optimizers.SGD(), learning_rate=schedules.ExponentialDecay(0.4, 2, 0.8)), metrics=[])
stack(optimizer=optimizers.SGD(schedules.PiecewiseConstantDecay([1, 3], [0.5, 0.1, 0.3])), start=[])
stack(optimizer=optimizers.Adam(schedules.CosineDecay(0.1, 12, warmup_steps=3)), jit_compile=True)
stack(optimizer=optimizers.SGD(schedules.CosineDecayRestarts(0.3, 2)), run_eagerly=True)
stack(optimizer=optimizers.SGD(schedules.InverseTimeDecay(0.5, 2, 0.5)), steps_per_execution=2)
stack(optimizer=optimizers.SGD(schedules.PolynomialDecay(0.5, 9)), metrics={}, weighted_metrics=[[]])
begun(optimizers.Adam(0.05))
begun(optimizers.SGD(0.05, momentum=0.5, nesterov=True))
stack(Dense(3, activity_regularizer=regularizers.L1L2(0.1, 0.2), bias_regularizer="l1"))
stack(Dense(3, "relu", kernel_regularizer=regularizers.OrthogonalRegularizer(0.3, mode="columns")), start=[])
stack(Dense(3, kernel_constraint="unit_norm", bias_constraint="non_neg"))
stack(Dense(3, use_bias=False, trainable=False), Dense(3, kernel_constraint="min_max_norm"))
on_layer(kernel_regularizer=regularizers.L2(0.1))
on_weight(regularizer=regularizers.L2(0.1))
on_layer(kernel_constraint=constraints.NonNeg())
on_weight(constraint=constraints.NonNeg())
on_layer(activity_regularizer=regularizers.L2(0.1), activation=keras.activations.sigmoid)
on_layer(activation=None, trainable=False)
on_weight(trainable=False)
after(lambda model: model.layers[0].add_loss(tf.constant(3.0)))
functional(lambda start, hidden: Dense(1)(start))
functional(twice)
ready(keras.Model({"a": (start := keras.Input((1,), name="a"))}, [Dense(1)(start)]))
"""
REFUSED = """
stack(Dense(4, lambda value: value, name="long" * 99))
stack(loss=lambda y, predicted: 0.0)
stack(loss=own(losses.MeanSquaredError)())
stack(loss=changed(losses.Huber(), call=lambda y, predicted: 0.0))
stack(optimizer=own(optimizers.SGD)())
stack(optimizer=optimizers.SGD(lambda: 0.1))
stack(optimizer=optimizers.SGD(own(schedules.ExponentialDecay)(0.5, 3, 0.5)))
stack(optimizer=after(lambda own: own.exclude_from_weight_decay(var_names=["b"]), optimizers.AdamW(0.1, 0.5)))
stack(optimizer=optimizers.Adam(gradient_accumulation_steps=2))
stack(optimizer=begun("adam").optimizer)
after(lambda model: changed(model.optimizer, amsgrad=True), begun("adam"))
after(lambda model: changed(model.layers[0], trainable=False), begun("adam"))
on_model(trainable=False)
on_model(train_step=lambda data: {})
on_model(compute_loss=lambda *given, **named: 0.0)
on_model(train_function=lambda iterator: {})
on_layer(call=lambda inputs: 3 * inputs)
after(lambda model: model.layers[0].enable_lora(2))
after(lambda model: model.layers[0].quantize("int8"))
stack(own(Dense)(3))
ready(own(keras.Sequential)([keras.Input((1,)), Dense(1)]))
stack(Dense(4, kernel_regularizer=own(regularizers.L2)(0.1)))
stack(Dense(4, kernel_regularizer=lambda weight: 0.1), start=[])
stack(Dense(4, kernel_constraint=own(constraints.NonNeg)()))
functional(lambda start, hidden: [Dense(1)(hidden), Dense(1)(start)])
ready(keras.Sequential([keras.Input((1,), dtype="int32"), Dense(1)]))
stack(loss=losses.MeanSquaredError(reduction="none"))
stack(loss="no\\nsuch" * 99)
stack(loss=None)
stack(loss_weights=0.0)
stack(metrics=["mae"])
stack(weighted_metrics=["mae"])
made_in(tf.distribute.OneDeviceStrategy("/cpu:0"), stack)
stack(optimizer=made_in(tf.distribute.OneDeviceStrategy("/cpu:0"), optimizers.Adam))
stack(made_in(tf.distribute.MirroredStrategy(["/cpu:0"]), built_layer))
in_precision("float16")
stack(Dense(4, dtype="mixed_float16"))
"""
# Each differs from its neighbours in what the key of the stored programs may have lost.
APART = """
stack()
stack(optimizer=optimizers.SGD(0.01, momentum=0.3))
stack(optimizer=optimizers.SGD(0.01, momentum=0.9))
stack(optimizer=optimizers.SGD(schedules.ExponentialDecay(0.4, 2, 0.8)))
stack(optimizer=optimizers.SGD(schedules.ExponentialDecay(0.4, 2, 0.5)))
stack(loss=losses.Huber(0.1))
stack(loss=losses.Huber(1.0))
stack(loss=losses.Huber(1.0, reduction="sum"))
stack(layers.LeakyReLU(0.1))
stack(layers.LeakyReLU(0.4))
stack(Dense(3, kernel_regularizer=regularizers.L2(0.1)))
stack(Dense(3, kernel_regularizer=regularizers.L2(0.2)))
stack(Dense(3, bias_regularizer=regularizers.L2(0.1)))
stack(Dense(3, activity_regularizer=regularizers.L2(0.1)))
stack(Dense(3, kernel_constraint=constraints.MaxNorm(2, axis=0)))
stack(Dense(3, kernel_constraint=constraints.MaxNorm(2, axis=1)))
on_weight(trainable=False)
functional(twice)
"""
DATA = """
judge(stack, batch_size=8)
judge(lambda: one_layer(1, Dense(5), loss="cosine_similarity"))
judge(lambda: one_layer(3, Dense(1, "softplus"), loss="poisson"), np.tile(X, 3))
judge(lambda: one_layer(1, Dense(3, "softmax"), loss="categorical_crossentropy"), y=np.eye(3)[[0, 2] * 10])
judge(stack, np.arange(20), np.arange(20) % 3)
judge(stack, validation_split=0.33)
judge(stack, validation_split=0.5, validation_data=(X[:13], Y[:13]), callbacks=None, initial_epoch=0)
"""


def each_row(text):
    return pytest.mark.parametrize("row", text.strip().splitlines())


@each_row(EQUAL)
def test_what_is_known_is_equal_to_fit(row):
    assert judge(lambda: eval(row)) == ("equal", "")


@each_row(DATA)
def test_examples_of_any_kind_are_taken_as_fit_takes_them(row):
    assert eval(row) == ("equal", "")


@each_row(REFUSED)
def test_what_is_not_known_is_refused_in_a_sentence(row):
    verdict, sentence = judge(lambda: eval(row))
    assert verdict == "refused", sentence


def test_models_share_a_program_only_if_all_that_decides_their_training_is_equal():
    rows = APART.strip().splitlines()
    descriptions = [known.description(eval(row)) for row in rows]
    assert len(set(descriptions)) == len(rows)
    assert descriptions == [known.description(eval(row)) for row in rows]


@contextlib.contextmanager
def for_all(name, value):
    before = getattr(keras.config, name)()
    getattr(keras.config, f"set_{name}")(value)
    try:
        yield
    finally:
        getattr(keras.config, f"set_{name}")(before)


# What is done to a model between two training runs, without compiling it again, and what `train` does then.
BETWEEN = {
    "another learning rate": ("equal", lambda model: changed(model.optimizer, learning_rate=0.2)),
    "compiled again": ("equal", lambda model: ready(model, "adam", "mape")),
    "an activation": ("refused", lambda model: changed(model.layers[0], activation=keras.ops.sin)),
    "a regularizer": ("refused", lambda model: changed(model.weights[0], regularizer=regularizers.L2(1.0))),
    "a setting of the optimizer": ("refused", lambda model: changed(model.optimizer, beta_1=0.1)),
    "a layer's trainable": ("refused", lambda model: changed(model.layers[0], trainable=False)),
    "epsilon": ("refused", lambda model: keras.config.set_epsilon(0.3)),
}


@pytest.mark.parametrize(
    ("first", "change"),
    [(train, "another learning rate"), (train, "an activation"), *((keras.Model.fit, n) for n in BETWEEN)],
)
def test_what_is_changed_after_a_training_began_is_equal_to_fit_or_refused(change, first):
    expected, do = BETWEEN[change]

    def make():
        keras.config.set_epsilon(1e-7)
        model = stack(optimizer=optimizers.Adam(0.05), loss="mape")
        first(model, X, Y, epochs=2, batch_size=8, shuffle=False, verbose=False)
        do(model)
        return model

    with for_all("epsilon", 1e-7):
        assert judge(make, batch_size=8)[0] == expected


@contextlib.contextmanager
def checking_numerics():
    tf.debugging.enable_check_numerics()
    try:
        yield
    finally:
        tf.debugging.disable_check_numerics()


SURROUNDINGS = {
    "tf.debugging": checking_numerics,
    "distribution strategy": lambda: tf.distribute.OneDeviceStrategy("/cpu:0").scope(),
    "inside a tf.function or a graph": lambda: tf.Graph().as_default(),
    "keras.config limits": lambda: for_all("max_epochs", 1),
    "the epochs or the steps": lambda: for_all("max_steps_per_epoch", 1),
}


@pytest.mark.parametrize("sentence", SURROUNDINGS)
def test_surroundings_that_change_what_fit_does_are_refused_and_leave_nothing_behind(sentence):
    model = stack(Dense(3, "softsign"))
    before = state(model)
    with pytest.raises(InputError, match=sentence) as caught, SURROUNDINGS[sentence]():
        train(model, X, Y)
    assert "\n" not in str(caught.value)
    assert before == state(model)
