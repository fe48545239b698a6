"""`train` against its oracle, `model.fit`, and its own promises."""

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
import time
import warnings
from concurrent import futures

from helpers import experiments, networks
from helpers.checks import InputError
from helpers.problems import Problem
from helpers.train import TrainingDiverged, TrainingInterrupted, compiled, stop_when, train, training

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


def test_another_seed_and_another_block_have_other_orders():
    orders = [compiled.drawn_orders(seed, 64, 100, block)[:2] for seed, block in ((3, 0), (3, 1), (4, 0))]
    for one, other in itertools.combinations(itertools.chain(*orders), 2):
        assert (one != other).any()


def assert_same(weights, others, **tolerance):
    for a, b in zip(weights, others, strict=True):
        np.testing.assert_allclose(a, b, **{"rtol": 0, "atol": 0} | tolerance)


@pytest.mark.parametrize("activation", [None, "relu"])
def test_twice_8_epochs_give_the_weights_and_losses_of_16_of_fit(activation):
    x, y = examples(105)
    options = {"batch_size": 20, "shuffle": False, "validation_data": examples(23, seed=1), "verbose": 0}
    ours, theirs = ready(activation=activation), ready(activation=activation)
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
def test_same_seed_same_result_to_the_bit_and_another_seed_another(of):
    x, y = examples(100)
    weights = []
    for seed in (1, 1, 2):
        model = ready((64, 64, 1))
        keras.utils.set_random_seed(seed if of == "Keras" else 0)
        train(model, x, y, epochs=30, batch_size=10, seed=seed if of == "train" else None)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2]).max() > 1e-6


def test_a_second_training_of_the_same_architecture_compiles_nothing(monkeypatch):
    x, y = examples(60)
    train(ready((5, 1)), x, y, epochs=3, batch_size=20, seed=0)
    held = len(compiled._programs)
    monkeypatch.setattr(compiled, "Program", None)
    other_x, other_y = examples(60, seed=9)
    other = ready((5, 1), optimizer=optimizers.Adam(0.01), seed=5)
    loss = train(other, other_x, other_y, epochs=7, batch_size=20, seed=8).history["loss"]
    assert len(loss) == 7
    assert len(compiled._programs) == held


@pytest.mark.parametrize("count", [1, 2, 499, 500, 501])
def test_cutting_into_calls_changes_nothing(monkeypatch, count):
    x, y = examples(20)
    results = []
    for seconds in (0.0, 0.01, 10.0):
        monkeypatch.setattr(compiled, "SECONDS_A_CALL", seconds)
        model = ready((3, 1))
        losses = train(model, x, y, epochs=min(count, 501), batch_size=10, seed=0).history["loss"]
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


def test_a_nan_loss_on_data_that_is_not_normalised_says_so():
    x, y = examples(50)
    model = ready((8, 1), activation=None, optimizer=optimizers.SGD(0.01))
    with pytest.raises(TrainingDiverged, match=r"the data reaches [\d,]+, so normalise it"):
        train(model, x * 1000, y * 1000**2, epochs=50, batch_size=10)


def stop_after(calls):
    """Return a question that is answered with yes from its `calls`-th time on."""
    asked = iter(range(calls))
    return lambda: next(asked, None) is None


def test_interrupted_training_keeps_what_was_learned():
    x, y = examples(50)
    model, shorter = ready(), ready()
    told = pytest.raises(TrainingInterrupted, match=r"after epoch \d+ of 1000000; the model keeps")
    with stop_when(stop_after(3)), told:
        train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
    done = len(model.history.history["loss"])
    assert 1 <= done < 1_000_000
    train(shorter, x, y, epochs=done, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights())
    train(model, x, y, epochs=1, batch_size=10)


def test_ctrl_c_stops_the_training_too_and_names_the_epoch_that_the_model_is_in(monkeypatch):
    x, y = examples(50)
    model, shorter = ready(), ready()
    monkeypatch.setattr(compiled, "SECONDS_A_CALL", 0.05)
    train(ready(), x, y, epochs=1, batch_size=10)  # compiles
    threading.Timer(0.5, _thread.interrupt_main).start()
    with pytest.raises(TrainingInterrupted, match="Interrupted after epoch") as caught:
        train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
    done = int(str(caught.value).split()[3])
    assert done == len(model.history.history["loss"]) == int(model.optimizer.iterations) / 5
    train(shorter, x, y, epochs=done, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights())


@pytest.mark.parametrize("press", range(9))
def test_ctrl_c_while_the_optimizers_variables_are_made_leaves_all_of_them(monkeypatch, press):
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
        if press < 8:  # two moments of each of four arrays; a ninth is not made
            with pytest.raises(TrainingInterrupted, match=r"after epoch \d+ of 1000000; the model keeps"):
                train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
        else:
            train(model, x, y, epochs=3, batch_size=10, shuffle=False)
    assert len(model.optimizer.variables) == 2 + 8
    assert signal.getsignal(signal.SIGINT) is handler
    for each, epochs in ((shorter, int(model.optimizer.iterations) // 5 + 2), (model, 2)):
        train(each, x, y, epochs=epochs, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights(), rtol=1e-3, atol=1e-4)


def test_ctrl_c_after_the_last_epoch_is_not_lost(monkeypatch):
    give = compiled.Program.give_to

    def pressed(*given):
        _thread.interrupt_main()
        give(*given)

    monkeypatch.setattr(compiled.Program, "give_to", pressed)
    model, shorter = ready(), ready()
    with pytest.raises(TrainingInterrupted, match="after the last epoch"):
        train(model, *examples(50), epochs=4, batch_size=10, shuffle=False)
    monkeypatch.undo()
    train(shorter, *examples(50), epochs=4, batch_size=10, shuffle=False)
    assert_same(model.get_weights(), shorter.get_weights())


def test_one_model_is_trained_in_one_thread_at_a_time():
    x, y = examples(50)
    model, begun, stop = ready(), threading.Event(), threading.Event()
    other = keras.Sequential([*model.layers[:1], layers.Dense(1)])  # shares a layer
    other.compile("sgd", "mse")

    def asked():
        begun.set()
        return stop.is_set()

    def long():
        with stop_when(asked), pytest.raises(TrainingInterrupted):
            train(model, x, y, epochs=1_000_000, batch_size=10)
        return model.get_weights(), len(model.history.history["loss"])

    with futures.ThreadPoolExecutor(1) as pool:
        there = pool.submit(long)
        assert begun.wait(60)
        for each in (model, other):
            with pytest.raises(InputError, match="is being trained by another thread"):
                train(each, x, y, epochs=3, batch_size=10)
        train(ready(), x, y, epochs=3, batch_size=10)  # another model may
        stop.set()
        weights, done = there.result()
    assert_same(weights, model.get_weights())
    assert int(model.optimizer.iterations) == 5 * done
    train(model, x, y, epochs=3, batch_size=10)


NAN = {
    "the loss has no value for answers such as -1, ": {"loss": "poisson", "activation": None, "start": -1.0},
    "the weights or the optimizer held NaN": {"start": np.nan},
    r"the learning rate 1e\+09 is too large": {"optimizer": optimizers.SGD(1e9), "activation": None},
    r"the learning rate 3e\+30 is": {
        "optimizer": optimizers.SGD(3e30),
        "last": "softplus",
        "loss": "poisson",
    },
}


@pytest.mark.parametrize("cause", NAN)
def test_a_loss_that_is_no_number_is_blamed_on_what_brought_it(cause):
    settings = {"last": None, "start": 1.0} | NAN[cause]
    last, start = settings.pop("last"), settings.pop("start")
    model = ready(**settings)
    model.layers[-1].activation = keras.activations.get(last)
    model.set_weights([weight * start for weight in model.get_weights()])
    with pytest.raises(TrainingDiverged, match=f"probably {cause}") as caught:
        train(model, *examples(50), epochs=50, batch_size=10)
    assert len(str(caught.value)) <= 300


def many(units=(8, 8, 1), count=3, examples_=60):
    model = ready(units, optimizer=optimizers.Adam(0.01))
    starts = [networks.starting_weights(units, 1, "glorot_uniform", seed) for seed in range(count)]
    x, y = zip(*(examples(examples_, seed=seed) for seed in range(count)), strict=True)
    return model, starts, x, y


def test_many_at_once_give_what_each_gives_alone():
    model, starts, x, y = many()
    before = model.get_weights()
    settings = {"epochs": 40, "batch_size": 25}
    weights, losses = training.train_many(model, starts, x, y, seeds=[5, 6, 7], **settings)
    assert losses.shape == (3, 40)
    for run, seed in enumerate((5, 6, 7)):
        alone = ready(optimizer=optimizers.Adam(0.01), seed=run)
        history = train(alone, x[run], y[run], seed=seed, **settings)
        np.testing.assert_allclose(losses[run], history.history["loss"], rtol=1e-3)
        assert_same(alone.get_weights(), weights[run], rtol=1e-3, atol=1e-4)
    assert_same(before, model.get_weights())
    assert int(model.optimizer.iterations) == 0


def test_many_start_with_what_an_optimizer_starts_with_even_if_the_models_is_used():
    model, starts, x, y = many()
    model.compile(optimizer=optimizers.Adagrad(0.05), loss="mse")
    train(model, x[0], y[0], epochs=30)
    weights, _ = training.train_many(model, starts, x, y, seeds=[5, 6, 7], epochs=10, batch_size=25)
    alone = ready(optimizer=optimizers.Adagrad(0.05), seed=2)
    train(alone, x[2], y[2], seed=7, epochs=10, batch_size=25)
    assert_same(alone.get_weights(), weights[2], rtol=1e-3, atol=1e-4)


def test_many_stop_when_one_diverges_or_when_asked():
    model, starts, x, y = many()
    model.compile(optimizer=optimizers.SGD(1e9), loss="mse")
    with pytest.raises(TrainingDiverged, match=r"in epoch \d+ of 1000000: .*learning rate 1e\+09"):
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)
    model.compile(optimizer="sgd", loss="mse")
    nothing = pytest.raises(TrainingInterrupted, match="of 1000000; nothing is kept")
    with stop_when(stop_after(2)), nothing:
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)


def test_many_need_one_of_each_for_every_run():
    model, starts, x, y = many()
    with pytest.raises(InputError, match="but got 3, 3, 3 and 2: give the same number"):
        training.train_many(model, starts, x, y, seeds=[0, 1])
    with pytest.raises(InputError, match="same shapes in every run"):
        training.train_many(model, starts, [x[0][:9], *x[1:]], [y[0][:9], *y[1:]], seeds=[0, 1, 2])
    with pytest.raises(InputError, match=r"shapes of model.get_weights\(\), \[\(1, 8\)"):
        training.train_many(model, [starts[0][:2], *starts[1:]], x, y, seeds=[0, 1, 2])


def cell(units):
    """Build, train and build, as a notebook's cell does; return the weights of both networks."""
    keras.utils.set_random_seed(units)
    x, y = examples(20)
    first = keras.Sequential([keras.Input((1,)), layers.Dense(units, "relu"), layers.Dense(1)])
    first.compile("adam", "mse")
    train(first, x, y, epochs=2, batch_size=7)
    then = keras.Sequential([keras.Input((1,)), layers.Dense(3)])
    return [*first.get_weights(), *then.get_weights(), random.random(), tf.random.uniform(())]


def test_a_cell_that_is_run_twice_gives_the_same():
    assert_same(cell(11), cell(11))  # the first compiles, the second does not


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
import helpers, tensorflow as tf
cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
from helpers import networks
from helpers.train import compiled, training
placed, run = [], compiled.Run
class Seen(run):
    def go(self):
        super().go()
        placed.extend(value.device[-5:] for value in self.values)
compiled.Run = Seen
with tf.device("CPU:1"):  # it stands for a GPU, on which TensorFlow would place all
    model = networks.stack([2, 1])
    model.compile("adam", "mse")
    training.train(model, [0.1, 0.2], [0.1, 0.2])
print({weight.value.device[-5:] for weight in model.weights}, set(placed))
"""


@pytest.mark.slow
def test_from_any_folder_the_steps_run_quietly_on_the_cpu_wherever_the_model_is(tmp_path, monkeypatch):
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)  # helpers sets it
    run = subprocess.run([sys.executable, "-c", PLACED], capture_output=True, text=True, cwd=tmp_path)
    assert (run.stdout, run.stderr) == ("{'CPU:1'} {'CPU:0'}\n", "")


def test_a_small_networks_step_takes_far_less_than_fits():
    x, y = examples(1000)
    model, paces = ready(), []
    for how, epochs in ((train, 200), (keras.Model.fit, 2)):
        how(model, x, y, epochs=1, batch_size=100, verbose=0)  # compiles
        began = time.perf_counter()
        how(model, x, y, epochs=epochs, batch_size=100, verbose=0)
        paces.append((time.perf_counter() - began) / epochs)
    assert paces[0] < paces[1] / 20  # a hundredth on a quiet machine: `make bench` measures it


def test_the_hidden_option_is_set_where_it_was_tried_and_nowhere_else(monkeypatch):
    for version in ("2.21.3", "2.20.0", "2.22.0"):
        monkeypatch.setattr(tf, "__version__", version)
        monkeypatch.setenv("XLA_FLAGS", "--own")
        option = runpy.run_path(compiled.__file__)["ONE_FUNCTION"]
        assert os.environ["XLA_FLAGS"] == ("--own " + option if version == "2.21.3" else "--own")


def test_nothing_is_warned_or_printed(capfd):
    x, y = examples(37)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for width in range(2, 9):
            train(ready((width, 1)), x, y, epochs=2, batch_size=10)
    assert capfd.readouterr() == ("", "")


def classes():
    model = keras.Sequential([layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    return model


x, y = examples(20)
BAD_INPUT = {
    r"x must be numbers .* holds \['one'": {"x": ["one", "two"], "y": [1, 2]},
    "x has 20 and y has 17": {"y": y[:-3]},
    "x must have 1 columns for this model, but has 2": {"model": ready(), "x": np.ones((20, 2))},
    "y must have 1 columns for this model, but has 3": {"y": np.ones((20, 3))},
    "epochs must be a whole number, 1 or more, but is 0": {"epochs": 0},
    "batch_size must be .* but is -1": {"batch_size": -1},
    "batch_size must be at most .* is 21 for 20": {"batch_size": 21},
    "seed must be a whole number": {"seed": "a"},
    "x has 20 and validation y has 3": {"validation_data": (x, y[:3])},
    r"validation_data must be a pair \(x, y\)": {"validation_data": (x, y, y)},
    "validation x must have 1 columns": {"model": ready(), "validation_data": (np.ones((9, 4)), y[:9])},
    "must be compiled before training": {"model": networks.stack([1])},
    "must be a Keras model, but is a str": {"model": "model"},
    r"epochs must be .* but is array\(\[\[ 0, 1\], \[": {"epochs": np.arange(600).reshape(300, 2)},
    "x must be numbers .* holds array": {"x": np.array([["one\n"] * 9] * 20)},
    r"x must be finite numbers, but row 0 holds \[nan": {"x": np.full((20, 900), np.nan)},
    "shuffle must be True or False, but is 'batch'": {"shuffle": "batch"},
    "validation_split must be a share .* is 1.5 of 20": {"validation_split": 1.5},
    "validation_split must be a share .* is array": {"validation_split": np.ones((30, 3))},
    r"takes no callbacks: call model.fit\(x, y, epochs=7,": {
        "epochs": 7,
        "callbacks": [keras.callbacks.Callback()],
    },
    "takes no class_weight: call model.fit": {"class_weight": {0: 1.0, 1: 2.0}},
    "takes no sample_weight: call model.fit": {"sample_weight": np.ones(20)},
    "takes no steps_per_epoch: call model.fit": {"steps_per_epoch": 1},
    "takes no initial_epoch: call model.fit": {"initial_epoch": 1},
    "takes no validation_freq: call model.fit": {"validation_freq": 2},
    "train has no setting 'epoch': it takes epochs, batch_size,": {"epoch": 7},
    "y must have 3 columns for this loss, but has 1: .*to_categorical": {"model": classes()},
    r"needs x and y first, .*: train\(model, x, y, epochs=100\)": {"y": None},
}


@pytest.mark.parametrize("sentence", BAD_INPUT)
def test_bad_input_gets_one_sentence_before_anything_is_built(sentence):
    model = keras.Sequential([layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(InputError, match=sentence) as caught:
        train(**{"model": model, "x": x, "y": y} | BAD_INPUT[sentence])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) <= 300
    assert caught.value._render_traceback_() == [f"InputError: {caught.value}"]
    assert not model.built


def test_epochs_by_position_get_one_sentence_too():
    with pytest.raises(InputError, match=r"the rest by name: train\(model, x, y, epochs=100\)"):
        train(ready(), x, y, 500)
