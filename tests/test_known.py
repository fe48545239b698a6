"""`train` is `model.fit(shuffle=False)` or a sentence: a table, and a sample of combinations."""

import contextlib
import random

from helpers.checks import InputError
from helpers.train import TrainingDiverged, train

import hypothesis
import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import strategies as st
from keras import constraints, layers, losses, optimizers, regularizers  # noqa: F401
from keras.layers import Dense
from keras.optimizers import schedules

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


# Own classes and functions, as people write them.


def bend(value):
    return 3 * keras.ops.tanh(value)


def off(y_true, y_predicted):
    return 3 * keras.ops.mean((y_true - y_predicted) ** 2, axis=-1)


class ForgetfulDense(Dense):
    def call(self, inputs, training=None):
        return 3 * super().call(inputs)


class OwnLoss(keras.Sequential):
    def compute_loss(self, *given, **named):
        return 2 * super().compute_loss(*given, **named)


class OwnStep(keras.Model):
    def train_step(self, data):
        return super().train_step((data[0], 2 * data[1]))


class HalfSteps(optimizers.SGD):
    def apply_gradients(self, pairs):
        return super().apply_gradients([(gradient / 2, weight) for gradient, weight in pairs])


class Shrinking(regularizers.L2):
    def __call__(self, weight):
        return 3 * super().__call__(weight)


class Clipped(constraints.NonNeg):
    def __call__(self, weight):
        return keras.ops.clip(weight, -0.1, 0.1)


@keras.saving.register_keras_serializable()
class Stronger(schedules.ExponentialDecay):
    def __call__(self, step):
        return 3 * super().__call__(step)


class Steeper(losses.MeanSquaredError):
    def call(self, y_true, y_pred):
        return 3 * super().call(y_true, y_pred)


def functional(join):
    start = keras.Input((1,))
    return ready(keras.Model(start, join(start, Dense(4, "tanh")(start))))


def doubled_loss(model):
    model.compute_loss = lambda *given, **named: 2 * keras.Model.compute_loss(model, *given, **named)


def twice(start, hidden):
    layer = Dense(4, "tanh", kernel_regularizer="l2", activity_regularizer="l2")
    return Dense(1)(layer(layer(hidden)))


def of_another_model():
    other = stack(optimizer=optimizers.Adam(0.01))
    other.fit(X, Y, verbose=0)
    return stack(optimizer=other.optimizer)


def of_a_layer_trained_elsewhere():
    other = stack(optimizer="adam")
    other.fit(X, Y, verbose=0)
    return ready(keras.Sequential([keras.Input((1,)), other.layers[0], Dense(1)]), "adam")


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


def on_layer(**attributes):
    return after(lambda model: changed(model.layers[0], **attributes))


def on_weight(**attributes):
    return after(lambda model: changed(model.layers[0].kernel, **attributes))


# Each row is what somebody wrote; neighbours differ in what a key of a cache, or a copy, may have lost.
EQUAL = """
stack(optimizer=optimizers.Adam(0.05))
stack(optimizer=optimizers.Adam(0.05, amsgrad=True))
stack(optimizer=optimizers.AdamW(0.05, weight_decay=0.1))
stack(optimizer=optimizers.Adagrad(0.05))
stack(optimizer=optimizers.Adadelta(1.0))
stack(optimizer=optimizers.Adamax(0.05))
stack(optimizer=optimizers.Ftrl(0.05, l1_regularization_strength=0.1))
stack(optimizer=optimizers.Lamb(0.05))
stack(optimizer=optimizers.Lion(0.005))
stack(optimizer=optimizers.Nadam(0.05))
stack(optimizer=optimizers.RMSprop(0.02, centered=True, momentum=0.5))
stack(optimizer=optimizers.RMSprop(0.05, use_ema=True, ema_momentum=0.6))
stack(optimizer=optimizers.SGD(0.05, momentum=0.3))
stack(optimizer=optimizers.SGD(0.05, momentum=0.9))
stack(optimizer=optimizers.SGD(0.3, global_clipnorm=0.1))
stack(optimizer=optimizers.SGD(0.1, loss_scale_factor=64.0, clipvalue=0.05))
stack(optimizer=changed(optimizers.Adam(0.05), beta_1=0.5))
stack(optimizer=changed(optimizers.SGD(), learning_rate=schedules.ExponentialDecay(0.4, 2, 0.8)))
stack(optimizer=optimizers.SGD(schedules.ExponentialDecay(0.4, 2, 0.5)))
stack(optimizer=optimizers.SGD(schedules.PiecewiseConstantDecay([1, 3], [0.5, 0.1, 0.3])))
stack(optimizer=optimizers.Adam(schedules.CosineDecay(0.1, 12, warmup_target=0.2, warmup_steps=3)))
stack(optimizer=optimizers.SGD(schedules.CosineDecayRestarts(0.3, 2)))
stack(optimizer=optimizers.SGD(schedules.InverseTimeDecay(0.5, 2, 0.5, staircase=True)))
stack(optimizer=optimizers.SGD(schedules.PolynomialDecay(0.5, 9, power=2.0)))
begun(optimizers.Adam(0.05))
begun(optimizers.SGD(0.05, momentum=0.5, nesterov=True))
stack(loss=losses.Huber(0.1))
stack(loss=losses.Huber(1.0))
stack(loss=changed(losses.Huber(), _fn_kwargs={"delta": 0.05}))
stack(layers.Activation("sigmoid"), loss=losses.BinaryCrossentropy(label_smoothing=0.2))
stack(loss=losses.BinaryCrossentropy(from_logits=True))
stack(loss=losses.MeanSquaredError(reduction="sum"))
stack(loss=losses.LogCosh(reduction="mean_with_sample_weight"))
stack(Dense(12, "softmax"), loss=losses.mean_absolute_percentage_error)
stack(Dense(30, "gelu"), loss="cosine_similarity")
stack(Dense(5, "elu"), loss=losses.Hinge())
stack(Dense(5, "mish"), loss="squared_hinge")
stack(Dense(5, "silu"), layers.Activation("softplus"), loss=losses.Poisson())
stack(Dense(5, "exponential"), loss="mean_squared_logarithmic_error")
one_layer(1, Dense(3, "softmax"), loss="kl_divergence")
stack(loss=losses.MeanAbsoluteError(reduction="mean"))
stack(layers.LeakyReLU(negative_slope=0.1))
stack(layers.LeakyReLU(negative_slope=0.4))
stack(layers.ReLU(max_value=0.1, negative_slope=0.2, threshold=0.05))
stack(layers.ELU(0.3))
stack(Dense(3, keras.ops.sin), Dense(3, tf.nn.relu))
stack(Dense(3, kernel_regularizer=regularizers.L1(0.1)))
stack(Dense(3, kernel_regularizer=regularizers.OrthogonalRegularizer(0.3, mode="columns")))
stack(Dense(3, activity_regularizer=regularizers.L1L2(0.1, 0.2), bias_regularizer="l1"))
stack(Dense(3, kernel_constraint=constraints.MaxNorm(0.2, axis=1)))
stack(Dense(3, kernel_constraint=constraints.MinMaxNorm(0.2, 0.4, 0.5)))
stack(Dense(3, kernel_constraint="unit_norm", bias_constraint="non_neg"))
stack(Dense(3, use_bias=False, trainable=False))
on_layer(kernel_regularizer=regularizers.L2(0.1))
on_weight(regularizer=regularizers.L2(0.1))
on_layer(kernel_constraint=constraints.NonNeg())
on_weight(constraint=constraints.NonNeg())
on_layer(activity_regularizer=regularizers.L2(0.1))
on_layer(activation=keras.activations.sigmoid)
on_layer(activation=None)
on_layer(trainable=False)
after(lambda model: model.layers[0].add_loss(tf.constant(3.0)))
functional(lambda start, hidden: Dense(1)(hidden))
functional(lambda start, hidden: Dense(1)(start))
functional(twice)
ready(keras.Model([start := keras.Input((1,))], [Dense(1)(start)]))
ready(keras.Model({"a": (start := keras.Input((1,), name="a"))}, Dense(1)(start)))
stack(start=[])
stack(Dense(3, "relu", kernel_regularizer="l2"), start=[])
stack(jit_compile=True)
stack(run_eagerly=True)
stack(steps_per_execution=2)
stack(metrics=[])
stack(metrics={}, weighted_metrics=[[]])
on_weight(trainable=False)
of_a_layer_trained_elsewhere()
"""
REFUSED = """
stack(Dense(4, bend))
stack(loss=off)
stack(loss=Steeper())
stack(loss=changed(losses.Huber(), call=off))
stack(optimizer=optimizers.SGD(lambda: 0.1))
stack(optimizer=optimizers.SGD(Stronger(0.5, 3, 0.5)))
stack(optimizer=after(lambda own: own.exclude_from_weight_decay(var_names=["b"]), optimizers.AdamW(0.1, 0.5)))
stack(optimizer=optimizers.SGD(use_ema=True, ema_overwrite_frequency=2))
stack(optimizer=optimizers.Adam(gradient_accumulation_steps=2))
stack(optimizer=HalfSteps())
stack(optimizer=optimizers.LossScaleOptimizer(optimizers.SGD()))
of_another_model()
after(lambda model: changed(model.optimizer, amsgrad=True), begun("adam"))
after(lambda model: changed(model.layers[0], trainable=False), begun("adam"))
after(lambda model: changed(model, trainable=False))
stack(ForgetfulDense(3))
after(lambda model: model.layers[0].enable_lora(2))
after(lambda model: model.layers[0].quantize("int8"))
on_layer(call=lambda inputs: 3 * inputs)
after(lambda model: changed(model, train_step=lambda data: {}))
after(doubled_loss)
ready(OwnLoss([keras.Input((1,)), Dense(1)]))
ready(OwnStep(start := keras.Input((1,)), Dense(1)(start)))
stack(Dense(4, kernel_regularizer=Shrinking(0.1)))
stack(Dense(4, kernel_regularizer=lambda weight: 0.1))
stack(Dense(4, kernel_regularizer=lambda weight: 0.1), start=[])
stack(Dense(4, kernel_constraint=Clipped()))
stack(Dense(4, layers.PReLU()))
stack(layers.Dropout(0.5))
stack(keras.Sequential([keras.Input((4,)), Dense(2)]))
functional(lambda start, hidden: start + Dense(1)(hidden))
functional(lambda start, hidden: [Dense(1)(hidden), Dense(1)(start)])
ready(keras.Sequential([keras.Input((1, 1)), Dense(1)]))
ready(keras.Sequential([keras.Input((1,), dtype="int32"), Dense(1)]))
stack(loss=losses.MeanSquaredError(reduction="none"))
stack(loss=losses.MeanSquaredError(dtype="float64"))
stack(loss="mean_squared")
stack(loss="sparse_categorical_crossentropy")
stack(loss=None)
stack(loss_weights=2.0)
stack(loss_weights=0.0)
stack(loss="no\\nsuch" * 99)
stack(Dense(4, bend, name="long" * 99))
stack(metrics=["mae"])
stack(weighted_metrics=["mae"])
made_in(tf.distribute.OneDeviceStrategy("/cpu:0"), stack)
made_in(tf.distribute.MirroredStrategy(["/cpu:0"]), stack)
stack(optimizer=made_in(tf.distribute.OneDeviceStrategy("/cpu:0"), optimizers.Adam))
stack(made_in(tf.distribute.MirroredStrategy(["/cpu:0"]), built_layer))
after(lambda model: changed(model, train_function=lambda iterator: {}))
in_precision("float16")
stack(Dense(4, dtype="bfloat16"))
stack(Dense(4, dtype="mixed_float16"))
stack(Dense(4, dtype="float64"))
"""
DATA = {
    "a smaller last batch": {"batch_size": 8},
    "one example": {"x": X[:1], "y": Y[:1], "batch_size": 1},
    "one target for several outputs": {"make": lambda: one_layer(1, Dense(5))},
    "several inputs and outputs": {
        "make": lambda: one_layer(3, Dense(2)),
        "x": np.tile(X, 3) ** [1, 2, 3],
        "y": np.tile(Y, 2),
    },
    "flat rows": {"x": X[:, 0], "y": Y[:, 0]},
    "classes in columns": {
        "make": lambda: one_layer(1, Dense(3, "softmax"), loss="categorical_crossentropy"),
        "y": np.eye(3)[np.arange(20) % 3],
    },
    "whole numbers": {"x": np.arange(20), "y": np.arange(20) % 3},
    "validation": {"validation_data": (X[:8] + 0.5, Y[:8])},
    "the last part held out": {"validation_split": 0.33},
    "a part that validation data replace": {"validation_split": 0.5, "validation_data": (X[:3], Y[:3])},
    "what fit does by itself": {"callbacks": None, "initial_epoch": 0, "validation_freq": 1},
    "validation of less than a batch": {"validation_data": (X[:3], Y[:3])},
}


def rows(text):
    return {line: lambda line=line: eval(line) for line in text.strip().splitlines()}


def test_every_setting_is_equal_to_fit_or_refused_in_a_sentence():
    judged = [("equal", name, *judge(make)) for name, make in rows(EQUAL).items()]
    judged += [("equal", name, *judge(**{"make": stack} | options)) for name, options in DATA.items()]
    judged += [("refused", name, *judge(make)) for name, make in rows(REFUSED).items()]
    wrong = []
    for expected, name, verdict, sentence in judged:
        print(line := f"{verdict:8} {name:105} {sentence}")  # pytest -s
        wrong += [line] if verdict != expected else []
    assert not wrong, "\n".join(wrong)


@contextlib.contextmanager
def for_all(name, value):
    before = getattr(keras.config, name)()
    getattr(keras.config, f"set_{name}")(value)
    try:
        yield
    finally:
        getattr(keras.config, f"set_{name}")(before)


# What is done to a model between two trainings, without compiling it again, and what is to be said of it.
BETWEEN = {
    "nothing": ("equal", lambda model: None),
    "another learning rate": ("equal", lambda model: changed(model.optimizer, learning_rate=0.2)),
    "other weights": ("equal", lambda model: model.set_weights([w / 2 for w in model.get_weights()])),
    "compiled again": ("equal", lambda model: ready(model, "adam", "mape")),
    "an activation": ("refused", lambda model: changed(model.layers[0], activation=keras.ops.sin)),
    "a regularizer": ("refused", lambda model: changed(model.weights[0], regularizer=regularizers.L2(1.0))),
    "an activity regularizer": (
        "refused",
        lambda model: changed(model.layers[0], activity_regularizer=regularizers.L2(1)),
    ),
    "a constraint": ("refused", lambda model: changed(model.weights[0], constraint=constraints.NonNeg())),
    "the optimizer": ("refused", lambda model: changed(model, optimizer=optimizers.SGD(0.3))),
    "a setting of the optimizer": ("refused", lambda model: changed(model.optimizer, beta_1=0.1)),
    "a layer's trainable": ("refused", lambda model: changed(model.layers[0], trainable=False)),
    "epsilon": ("refused", lambda model: keras.config.set_epsilon(0.3)),
}


@pytest.mark.parametrize("first", [train, keras.Model.fit])
@pytest.mark.parametrize("change", BETWEEN)
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


@pytest.mark.parametrize(
    ("loss", "end"),
    [("poisson", "softplus"), ("mape", None), ("kl_divergence", "softmax"), ("cosine_similarity", None)],
)
def test_epsilon_set_between_two_models_counts_for_the_second(loss, end):
    for epsilon in (1e-7, 0.3):
        with for_all("epsilon", epsilon):
            assert judge(lambda: one_layer(1, Dense(3, end), loss=loss), y=np.tile(Y, 3)) == ("equal", "")


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
def test_surroundings_that_change_what_fit_does_are_refused_and_nothing_of_them_stays(sentence):
    model = stack(Dense(3, "softsign"))  # which no other test compiles
    before = state(model)
    with pytest.raises(InputError, match=sentence) as caught, SURROUNDINGS[sentence]():
        train(model, X, Y)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert before == state(model)
    assert judge(lambda: stack(Dense(3, "softsign"))) == ("equal", "")


def test_another_backend_is_refused(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(InputError, match="train needs Keras on TensorFlow, but it runs on jax"):
        train(stack(), X, Y)


# What is known several times, so that a third of the combinations is.
OPTIMIZERS = [optimizers.SGD, optimizers.Adam, optimizers.Nadam, optimizers.Lion] * 2 + [HalfSteps]
LOSSES = ["mse", losses.Huber(0.2), losses.LogCosh(reduction="sum")] * 2 + [off, Steeper()]
ACTIVATIONS = ["relu", "tanh", "softplus", keras.ops.sin] * 2 + [bend]
RULES = [None, regularizers.L1(0.05), regularizers.L2(0.1)] * 3 + [Shrinking(0.1)]


@hypothesis.settings(max_examples=15, derandomize=True, database=None)
@hypothesis.given(
    optimizer=st.sampled_from(OPTIMIZERS),
    settings=st.sampled_from([{}, {"clipnorm": 0.1}, {"use_ema": True}, {"loss_scale_factor": 8.0}]),
    loss=st.sampled_from(LOSSES),
    activation=st.sampled_from(ACTIVATIONS),
    units=st.integers(1, 12),
    use_bias=st.booleans(),
    rules=st.lists(st.sampled_from(RULES), min_size=2, max_size=2),
    dtype=st.sampled_from([None] * 6 + ["bfloat16", "float64"]),
    kind=st.sampled_from([keras.Sequential] * 6 + [OwnLoss]),
)
def test_any_combination_is_equal_or_refused(
    optimizer, settings, loss, activation, units, use_bias, rules, dtype, kind
):
    def make():
        options = {"use_bias": use_bias, "kernel_regularizer": rules[0], "activity_regularizer": rules[1]}
        layer = Dense(units, activation, dtype=dtype, **options)
        return ready(kind([keras.Input((1,)), layer, Dense(1)]), optimizer(0.01, **settings), loss)

    assert judge(make)[0] in ("equal", "refused")
