"""`train` against `model.fit`, and what it promises besides."""

import _thread
import itertools
import json
import os
import random
import runpy
import signal
import subprocess
import sys
import threading

from helpers import experiments, networks
from helpers.checks import InputError
from helpers.problems import Problem
from helpers.train import TrainingDiverged, TrainingInterrupted, compiled, stop_when, train, training
from helpers.train.stopping import ctrl_c_asks

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, optimizers


def examples(count=100, inputs=1, outputs=1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (count, inputs))
    return x, np.concatenate([x.sum(axis=1, keepdims=True) ** (k + 1) for k in range(outputs)], axis=1)


def ready(units=(8, 8, 1), inputs=1, activation="relu", optimizer="adam", loss="mse", seed=0):
    model = networks.stack(list(units), inputs=inputs, activation=activation, seed=seed)
    model.compile(optimizer=optimizer, loss=loss)
    return model


@pytest.mark.parametrize("examples", [1, 7, 64])
def test_each_example_comes_once_an_epoch_and_as_often_at_each_place(examples):
    orders = compiled.drawn_orders(3, examples, 20_000, 0)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(examples), (20_000, 1)))
    share = 1 / examples
    for place in range(examples):
        counts = np.bincount(orders[:, place], minlength=examples)
        # Of 64 × 64 counts none is 6 standard deviations off, but once in 100,000 runs.
        assert np.abs(counts - 20_000 * share).max() <= 6 * np.sqrt(20_000 * share * (1 - share))


def test_every_seed_block_and_epoch_has_another_order():
    orders = [compiled.drawn_orders(seed, 64, 100, block)[:2] for seed, block in ((3, 0), (3, 1), (4, 0))]
    assert len(np.unique(np.concatenate(orders), axis=0)) == 6


def assert_same(weights, others, **tolerance):
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_allclose(a, b, **{"rtol": 0, "atol": 0} | tolerance)


def test_twice_8_epochs_give_the_weights_losses_and_history_of_16_of_fit():
    x, y = examples(105)
    options = {"batch_size": 20, "shuffle": False, "validation_data": examples(23, seed=1), "verbose": 0}
    ours, theirs = ready(), ready()
    histories = [train(ours, x, y, epochs=8, **options) for _ in range(2)]
    expected = theirs.fit(x, y, epochs=16, **options)
    assert_same(ours.get_weights(), theirs.get_weights(), rtol=1e-4, atol=1e-5)
    for name, values in expected.history.items():
        losses = [loss for history in histories for loss in history.history[name]]
        np.testing.assert_allclose(losses, values, rtol=1e-3, atol=1e-6)
    assert isinstance(histories[1], keras.callbacks.History)
    assert ours.history is histories[1]
    assert histories[1].model is ours
    assert histories[1].epoch == list(range(8))
    assert histories[1].params == expected.params | {"epochs": 8}
    json.dumps(histories[1].history)


@pytest.mark.parametrize("of", ["Keras", "train"])
def test_same_seed_same_result_to_the_bit_also_of_what_is_drawn_next_and_another_seed_another(of):
    x, y = examples(100)
    weights = []
    for seed in (1, 1, 2):  # the first compiles
        model = ready((64, 61, 1))
        keras.utils.set_random_seed(seed if of == "Keras" else 0)
        train(model, x, y, epochs=30, batch_size=10, seed=seed if of == "train" else None)
        then = keras.Sequential([keras.Input((1,)), layers.Dense(3)])
        arrays = [*model.get_weights(), *then.get_weights(), np.array([random.random()])]
        weights.append(np.concatenate([array.ravel() for array in arrays]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2])[:-7].max() > 1e-6


def test_a_second_training_of_the_same_architecture_compiles_nothing(monkeypatch):
    x, y = examples(60)
    train(ready((5, 1)), x, y, epochs=3, batch_size=20, seed=0)
    monkeypatch.setattr(compiled, "Program", None)
    other_x, other_y = examples(60, seed=9)
    other = ready((5, 1), optimizer=optimizers.Adam(0.01), seed=5)
    loss = train(other, other_x, other_y, epochs=7, batch_size=20, seed=8).history["loss"]
    assert len(loss) == 7


@pytest.mark.parametrize("count", [1, 500, 501])
def test_cutting_into_calls_changes_nothing(monkeypatch, count):
    x, y = examples(20)
    results = []
    for seconds in (0.0, 0.01, 10.0):
        monkeypatch.setattr(compiled, "SECONDS_A_CALL", seconds)
        model = ready((3, 1))
        losses = train(model, x, y, epochs=count, batch_size=10, seed=0).history["loss"]
        assert len(losses) == count
        results.append(losses + [float(w.sum()) for w in model.get_weights()])
    assert results[0] == results[1] == results[2]


def test_a_nan_loss_ends_with_a_sentence_that_names_its_epoch_and_leaves_the_model_as_it_was():
    x, y = examples(50)
    models = [ready((8, 1), activation=None, optimizer=optimizers.SGD(1e6)) for _ in range(2)]
    before, settings = models[0].get_weights(), {"epochs": 20, "batch_size": 10, "shuffle": False}
    first = 1 + int(np.argmin(np.isfinite(models[1].fit(x, y, verbose=0, **settings).history["loss"])))
    with pytest.raises(TrainingDiverged, match=rf"in epoch {first} of 20: .*learning rate 1e\+06 is too"):
        train(models[0], x, y, **settings)
    assert_same(before, models[0].get_weights())
    assert int(models[0].optimizer.iterations) == 0


def test_ctrl_c_stops_the_training_after_an_epoch_and_keeps_what_was_learned(monkeypatch):
    x, y = examples(50)
    model, shorter = ready(), ready()
    monkeypatch.setattr(compiled, "SECONDS_A_CALL", 0.05)
    train(ready(), x, y, epochs=1, batch_size=10)  # compiles
    threading.Timer(0.5, _thread.interrupt_main).start()
    with pytest.raises(TrainingInterrupted, match=r"after epoch \d+ of 1000000; the model keeps") as caught:
        train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
    done = int(str(caught.value).split()[3])
    assert done == len(model.history.history["loss"]) == int(model.optimizer.iterations) / 5
    train(shorter, x, y, epochs=done, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights())


@pytest.mark.parametrize("press", [0, 7])
def test_ctrl_c_while_the_optimizer_makes_its_8_variables_leaves_all_of_them(monkeypatch, press):
    x, y = examples(50)
    model, shorter, made = ready((3, 1)), ready((3, 1)), itertools.count()
    train(ready((3, 1)), x, y, epochs=1, batch_size=10)  # compiles
    add, handler = optimizers.Adam.add_variable_from_reference, signal.getsignal(signal.SIGINT)

    def pressed(*given, **named):
        if next(made) == press:
            _thread.interrupt_main()
        return add(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(optimizers.Adam, "add_variable_from_reference", pressed)
        with pytest.raises(TrainingInterrupted, match=r"after epoch \d+ of 1000000; the model keeps"):
            train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
    assert len(model.optimizer.variables) == 2 + 8
    assert signal.getsignal(signal.SIGINT) is handler
    for each, epochs in ((shorter, int(model.optimizer.iterations) // 5 + 2), (model, 2)):
        train(each, x, y, epochs=epochs, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights(), rtol=1e-3, atol=1e-4)


def test_ctrl_c_after_the_last_epoch_is_not_lost():
    with pytest.raises(TrainingInterrupted, match="after the last epoch"), ctrl_c_asks():
        signal.raise_signal(signal.SIGINT)


def test_one_model_is_trained_by_one_thread_at_a_time():
    x, y = examples(50)
    model = ready()
    sharing = keras.Sequential([*model.layers[:1], layers.Dense(1)])
    sharing.compile("sgd", "mse")
    with training._alone(model):
        for each in (model, sharing):
            with pytest.raises(InputError, match="is being trained by another thread"):
                train(each, x, y, batch_size=10)
        train(ready(), x, y, batch_size=10)
    train(model, x, y, batch_size=10)


NAN = {
    "the loss has no value for answers such as −1, ": {"loss": "poisson", "start": -1.0},
    "the weights or the optimizer held NaN": {"start": np.nan},
    r"the learning rate 1e\+09 is too large": {"optimizer": optimizers.SGD(1e9)},
    r"the data reaches [\d,]+, so normalise it": {"optimizer": optimizers.SGD(0.01), "scale": 1000},
}


@pytest.mark.parametrize("cause", NAN)
def test_a_loss_that_is_not_finite_is_blamed_on_its_cause(cause):
    settings = {"start": 1.0, "scale": 1, "activation": None} | NAN[cause]
    start, scale = settings.pop("start"), settings.pop("scale")
    model = ready(**settings)
    model.set_weights([weight * start for weight in model.get_weights()])
    x, y = examples(50)
    with pytest.raises(TrainingDiverged, match=f"probably {cause}") as caught:
        train(model, x * scale, y * scale**2, epochs=50, batch_size=10)
    assert len(str(caught.value)) <= 300


def many(units=(8, 8, 1), count=3, examples_=60):
    model = ready(units, optimizer=optimizers.Adam(0.01))
    starts = [networks.starting_weights(units, 1, "glorot_uniform", seed) for seed in range(count)]
    x, y = zip(*(examples(examples_, seed=seed) for seed in range(count)), strict=True)
    return model, starts, x, y


def test_many_at_once_give_what_each_gives_alone_and_leave_the_model():
    model, starts, x, y = many()
    model.compile(optimizer=optimizers.Adagrad(0.05), loss="mse")  # its state does not start at 0
    train(model, x[0], y[0], epochs=30)
    before = [variable.numpy() for variable in model.weights + model.optimizer.variables]
    settings = {"epochs": 20, "batch_size": 25}
    weights, losses = training.train_many(model, starts, x, y, seeds=[5, 6, 7], **settings)
    assert losses.shape == (3, 20)
    for run, seed in enumerate((5, 6, 7)):
        alone = ready(optimizer=optimizers.Adagrad(0.05), seed=run)
        history = train(alone, x[run], y[run], seed=seed, **settings)
        np.testing.assert_allclose(losses[run], history.history["loss"], rtol=1e-3)
        assert_same(alone.get_weights(), weights[run], rtol=1e-3, atol=1e-4)
    assert_same(before, [variable.numpy() for variable in model.weights + model.optimizer.variables])


def test_many_stop_when_one_diverges_or_when_asked():
    model, starts, x, y = many()
    model.compile(optimizer=optimizers.SGD(1e9), loss="mse")
    with pytest.raises(TrainingDiverged, match=r"in epoch \d+ of 1000000: .*learning rate 1e\+09"):
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)
    model.compile(optimizer="sgd", loss="mse")
    nothing = pytest.raises(TrainingInterrupted, match="of 1000000; nothing is kept")
    with stop_when(lambda: True), nothing:
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)


def test_many_need_one_of_each_for_every_run():
    model, starts, x, y = many()
    with pytest.raises(InputError, match="but got 3, 3, 3 and 2: give the same number"):
        training.train_many(model, starts, x, y, seeds=[0, 1])
    with pytest.raises(InputError, match="same shapes in every run"):
        training.train_many(model, starts, [x[0][:9], *x[1:]], [y[0][:9], *y[1:]], seeds=[0, 1, 2])
    with pytest.raises(InputError, match=r"shapes of model.get_weights\(\), \[\(1, 8\)"):
        training.train_many(model, [starts[0][:2], *starts[1:]], x, y, seeds=[0, 1, 2])


def test_a_keras_json_of_double_precision_stops_no_experiment():
    recipe = {"epochs": 20, "examples": 50, "batch_size": 25, "activation": "tanh"}
    nine = Problem("square", 1, 9)
    try:
        keras.config.set_floatx("float64")
        keras.config.set_dtype_policy("float64")  # which any layer made before has settled
        runs = experiments.run_seeds(nine, [4, 1], seeds=[0, 1], **recipe)
        one = experiments.run(nine, [4, 1], seed=1, **recipe)
        assert one.model.get_weights()[0].dtype == np.float64
        np.testing.assert_array_equal(runs.answers(one.x)[1], one.answers(one.x))
        assert runs.rmse()[1] == one.rmse()
    finally:
        keras.config.set_floatx("float32")
        keras.config.set_dtype_policy("float32")


PLACED = """
import helpers, tensorflow as tf, warnings
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from helpers import networks
from helpers.train import compiled, train
placed, run = [], compiled.Run
class Seen(run):
    def go(self):
        super().go()
        placed.extend(value.device[-5:] for value in self.values)
compiled.Run = Seen
warnings.simplefilter("error")
for width in range(2, 8):  # so many functions would be enough for TensorFlow to warn
    with tf.device("CPU:1"):  # it stands for a GPU, on which TensorFlow would place all
        model = networks.stack([width, 1])
        model.compile("adam", "mse")
        train(model, [0.1, 0.2], [0.1, 0.2])
print({weight.value.device[-5:] for weight in model.weights}, set(placed))
"""


@pytest.mark.slow
def test_from_any_folder_the_steps_run_quietly_on_the_cpu_wherever_the_model_is(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)  # helpers sets it
    run = subprocess.run([sys.executable, "-c", PLACED], capture_output=True, text=True, cwd=tmp_path)
    assert (run.stdout, run.stderr) == ("{'CPU:1'} {'CPU:0'}\n", "")


def test_the_hidden_option_is_set_where_it_was_tried_and_nowhere_else(monkeypatch):
    for version in ("2.21.3", "2.20.0", "2.22.0"):
        monkeypatch.setattr(tf, "__version__", version)
        monkeypatch.setenv("XLA_FLAGS", "--own")
        option = runpy.run_path(compiled.__file__)["ONE_FUNCTION"]
        assert os.environ["XLA_FLAGS"] == ("--own " + option if version == "2.21.3" else "--own")


def classes():
    model = keras.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


x, y = examples(20)
BAD_INPUT = {
    r"x must be numbers .* holds \['one'": {"x": ["one", "two"], "y": [1, 2]},
    "x has 20 and y has 17": {"y": y[:-3]},
    "y must have 1 column for this model, but has 3": {"y": np.ones((20, 3))},
    "epochs must be a whole number, 1 or more, but is 0": {"epochs": 0},
    "batch_size must be .* but is -1": {"batch_size": -1},
    "seed must be a whole number": {"seed": "a"},
    "validation_split must be a share .* is array": {"validation_split": np.ones((30, 3))},
    "batch_size must be at most .* is 21 for 20": {"batch_size": 21},
    "x has 20 and validation y has 3": {"validation_data": (x, y[:3])},
    r"validation_data must be a pair \(x, y\)": {"validation_data": (x, y, y)},
    "validation x must have 1 column": {"model": ready(), "validation_data": (np.ones((9, 4)), y[:9])},
    "must be compiled before training": {"model": networks.stack([1])},
    "must be a Keras model, but is a str": {"model": "model"},
    r"x must be finite numbers, but row 0 holds \[nan": {"x": np.full((20, 900), np.nan)},
    "shuffle must be True or False, but is 'batch'": {"shuffle": "batch"},
    "validation_split must be a share .* is 1.5 of 20": {"validation_split": 1.5},
    r"takes no callbacks: call model.fit\(x, y, epochs=7,": {"epochs": 7,
     "callbacks": [keras.callbacks.Callback()]},
    "takes no class_weight: call model.fit": {"class_weight": {0: 1.0, 1: 2.0}},
    "takes no initial_epoch: call model.fit": {"initial_epoch": 1},
    "train has no setting 'epoch': it takes epochs, batch_size,": {"epoch": 7},
    "y must have 3 columns for this loss, but has 1: .*to_categorical": {"model": classes()},
    r"needs x and y first, .*: train\(model, x, y, epochs=100\)": {"y": None},
}  # fmt: skip


@pytest.mark.parametrize("sentence", BAD_INPUT)
def test_bad_input_gets_one_sentence_before_anything_is_built(sentence):
    model = keras.Sequential([layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(InputError, match=sentence) as caught:
        train(**{"model": model, "x": x, "y": y} | BAD_INPUT[sentence])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert not model.built
