"""`train` against its oracle, `model.fit`, and its own promises."""

import itertools
import json
import warnings

from helpers import compiled, networks, training
from helpers.checks import InputError
from helpers.training import TrainingDiverged, TrainingInterrupted, train

import keras
import numpy as np
import pytest
from keras import layers, optimizers


def examples(count=100, inputs=1, outputs=1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, (count, inputs))
    return x, np.concatenate([x.sum(axis=1, keepdims=True) ** (k + 1) for k in range(outputs)], axis=1)


def ready(units=(8, 8, 1), inputs=1, activation="relu", optimizer="adam", loss="mse", seed=0):
    model = networks.stack(list(units), inputs=inputs, activation=activation, seed=seed)
    model.compile(optimizer=optimizer, loss=loss)
    return model


def assert_same_as_fit(make, x, y, *, epochs=50, rtol=1e-4, atol=1e-5, **options):
    ours, keras_own = make(), make()
    history = train(ours, x, y, epochs=epochs, shuffle=False, **options)
    expected = keras_own.fit(x, y, epochs=epochs, shuffle=False, verbose=0, **options)
    for mine, theirs in zip(ours.get_weights(), keras_own.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=atol)
    for mine, theirs in zip(ours.optimizer.variables, keras_own.optimizer.variables, strict=True):
        np.testing.assert_allclose(mine.numpy(), theirs.numpy(), rtol=1e-3, atol=1e-4)
    assert list(history.history) == list(expected.history)
    for name, values in expected.history.items():
        np.testing.assert_allclose(history.history[name], values, rtol=1e-3, atol=1e-6)
    assert history.epoch == expected.epoch


OPTIMIZERS = {
    "SGD": lambda: optimizers.SGD(0.05),
    "momentum": lambda: optimizers.SGD(0.02, momentum=0.9),
    "Adam": lambda: optimizers.Adam(0.005),
    "RMSprop": lambda: optimizers.RMSprop(0.002),
}
# Adafactor is missing: fit itself ends in NaN with it here.
MORE_OPTIMIZERS = {
    "Nesterov": lambda: optimizers.SGD(0.02, momentum=0.9, nesterov=True),
    "Adagrad": lambda: optimizers.Adagrad(0.05),
    "Adadelta": lambda: optimizers.Adadelta(1.0),
    "Adamax": lambda: optimizers.Adamax(0.005),
    "AdamW": lambda: optimizers.AdamW(0.005, weight_decay=0.01),
    "AMSGrad": lambda: optimizers.Adam(0.005, amsgrad=True),
    "Ftrl": lambda: optimizers.Ftrl(0.05),
    "Lamb": lambda: optimizers.Lamb(0.005),
    "Lion": lambda: optimizers.Lion(0.0005),
    "Nadam": lambda: optimizers.Nadam(0.005),
    "averaged": lambda: optimizers.SGD(0.05, use_ema=True),
    "clipped": lambda: optimizers.Adam(0.005, clipnorm=0.01),
}


@pytest.mark.parametrize("examples", [1, 2, 7, 64])
def test_each_example_comes_once_an_epoch_and_as_often_at_each_place(examples):
    orders = compiled.drawn_orders(3, examples, 20_000, 0)
    np.testing.assert_array_equal(np.sort(orders, axis=1), np.tile(np.arange(examples), (20_000, 1)))
    share = 1 / examples
    for place in range(examples):
        counts = np.bincount(orders[:, place], minlength=examples)
        # Of 64 × 64 counts none is 6 standard deviations off, but once in 100,000 runs.
        assert np.abs(counts - 20_000 * share).max() <= 6 * np.sqrt(20_000 * share * (1 - share))


def test_another_seed_and_another_block_have_other_orders():
    orders = [compiled.drawn_orders(seed, 64, 100, block) for seed, block in ((3, 0), (3, 1), (4, 0))]
    for one, other in itertools.combinations([*orders[0][:2], *orders[1][:2], *orders[2][:2]], 2):
        assert (one != other).any()


def test_many_examples_are_shuffled_too():
    (order,) = compiled.drawn_orders.__wrapped__(0, 70_000, 1, 0)
    np.testing.assert_array_equal(np.sort(order), np.arange(70_000))
    assert abs(np.corrcoef(order, np.arange(70_000))[0, 1]) < 0.02


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_fifty_epochs_give_the_weights_of_fit(name):
    x, y = examples(100)
    assert_same_as_fit(lambda: ready(optimizer=OPTIMIZERS[name]()), x, y, batch_size=20)


@pytest.mark.parametrize("name", MORE_OPTIMIZERS)
def test_any_optimizer_gives_the_weights_of_fit(name):
    x, y = examples(60)
    make = MORE_OPTIMIZERS[name]
    assert_same_as_fit(lambda: ready(optimizer=make()), x, y, batch_size=20, epochs=10)


def test_a_last_batch_that_is_smaller():
    x, y = examples(105)
    assert_same_as_fit(ready, x, y, batch_size=20)


def test_one_example():
    x, y = examples(1)
    assert_same_as_fit(ready, x, y)


def test_several_inputs_and_outputs():
    x, y = examples(64, inputs=3, outputs=2)
    assert_same_as_fit(lambda: ready((8, 2), inputs=3), x, y, batch_size=16)


def test_one_target_for_several_outputs_as_in_the_thread():
    x, y = examples(64)
    assert_same_as_fit(lambda: ready((8, 5)), x, y, batch_size=16, epochs=10)


def test_validation_loss_with_a_smaller_last_batch():
    x, y = examples(80)
    assert_same_as_fit(ready, x, y, batch_size=16, epochs=10, validation_data=examples(23, seed=1))


def test_validation_data_smaller_than_a_batch():
    x, y = examples(80)
    assert_same_as_fit(ready, x, y, batch_size=16, epochs=10, validation_data=examples(3, seed=1))


def test_training_goes_on_where_it_stopped_as_fit_does():
    x, y = examples(40)
    once, twice = ready(), ready()
    train(once, x, y, epochs=20, batch_size=10, shuffle=False)
    for _ in range(2):
        train(twice, x, y, epochs=10, batch_size=10, shuffle=False)
    for a, b in zip(once.get_weights(), twice.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_flat_arrays_and_models_without_an_input_layer_work_as_with_fit():
    def make():
        keras.utils.set_random_seed(3)
        model = keras.Sequential([layers.Dense(4, "tanh"), layers.Dense(1)])
        model.compile(optimizer="adam", loss="mse")
        model.build((None, 1))
        return model

    x, y = examples(40)
    assert_same_as_fit(make, x[:, 0], y[:, 0], batch_size=10, epochs=10)
    unbuilt = keras.Sequential([layers.Dense(1)])
    unbuilt.compile(loss="mse")
    assert len(train(unbuilt, x, y, epochs=3).history["loss"]) == 3


def test_same_seed_same_result_to_the_bit_and_another_seed_another():
    x, y = examples(100)
    weights = []
    for seed in (1, 1, 2):
        model = ready((64, 64, 1))
        train(model, x, y, epochs=30, batch_size=10, seed=seed)
        weights.append(np.concatenate([w.ravel() for w in model.get_weights()]))
    np.testing.assert_array_equal(weights[0], weights[1])
    assert np.abs(weights[0] - weights[2]).max() > 1e-6


def test_shuffling_visits_every_example_once_an_epoch():
    # With all examples in one batch the order is irrelevant, if each is there once.
    x, y = examples(50)
    shuffled, ordered = ready(), ready()
    train(shuffled, x, y, epochs=30, batch_size=50, seed=4)
    train(ordered, x, y, epochs=30, batch_size=50, shuffle=False)
    for a, b in zip(shuffled.get_weights(), ordered.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


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


def test_the_learning_rate_of_a_cached_program_is_the_models_own():
    x, y = examples(60)
    for rate in (0.001, 0.1):
        assert_same_as_fit(
            lambda: ready((4, 1), optimizer=optimizers.SGD(rate)),  # noqa: B023
            x,
            y,
            epochs=5,
            batch_size=20,
        )


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


def test_a_nan_loss_ends_with_a_sentence_and_leaves_the_model_as_it_was():
    x, y = examples(50)
    model = ready((8, 1), activation=None, optimizer=optimizers.SGD(1e6))
    before = model.get_weights()
    with pytest.raises(TrainingDiverged, match=r"in epoch \d+ of 50: .*learning rate 1e\+06 is too"):
        train(model, x, y, epochs=50, batch_size=10)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert int(model.optimizer.iterations) == 0


def test_a_nan_loss_on_data_that_is_not_normalised_says_so():
    x, y = examples(50)
    model = ready((8, 1), activation=None, optimizer=optimizers.SGD(0.01))
    with pytest.raises(TrainingDiverged, match=r"the data reaches [\d,]+, so normalise it"):
        train(model, x * 1000, y * 1000**2, epochs=50, batch_size=10)


def test_the_epoch_named_is_the_first_that_is_not_finite():
    x, y = examples(50)
    make = lambda: ready((8, 1), activation=None, optimizer=optimizers.SGD(1e6))  # noqa: E731
    losses = make().fit(x, y, epochs=20, batch_size=10, shuffle=False, verbose=0).history["loss"]
    first = 1 + int(np.argmin(np.isfinite(losses)))
    with pytest.raises(TrainingDiverged, match=f"in epoch {first} of 20"):
        train(make(), x, y, epochs=20, batch_size=10, shuffle=False)


def stop_after(calls):
    """Return a question that is answered with yes from its `calls`-th time on."""
    asked = iter(range(calls))
    return lambda: next(asked, None) is None


def test_interrupted_training_keeps_what_was_learned():
    x, y = examples(50)
    model, shorter = ready(), ready()
    with (
        training.stop_when(stop_after(3)),
        pytest.raises(TrainingInterrupted, match=r"after epoch \d+ of 1000000; the model keeps"),
    ):
        train(model, x, y, epochs=1_000_000, batch_size=10, shuffle=False)
    done = len(model.history.history["loss"])
    assert 1 <= done < 1_000_000
    train(shorter, x, y, epochs=done, batch_size=10, shuffle=False)
    for a, b in zip(model.get_weights(), shorter.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    train(model, x, y, epochs=1, batch_size=10)


def test_ctrl_c_stops_the_training_too(monkeypatch):
    x, y = examples(50)
    model = ready()
    real = training.futures.wait

    def pressed(going, timeout=None, **options):
        if timeout is None:
            return real(going, **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(training.futures, "wait", pressed)
    with pytest.raises(TrainingInterrupted, match="Interrupted after epoch"):
        train(model, x, y, epochs=1_000_000, batch_size=10)


def many(units=(8, 8, 1), count=3, examples_=60):
    model = ready(units, optimizer=optimizers.Adam(0.01))
    starts = [networks.starting_weights(model, "glorot_uniform", seed) for seed in range(count)]
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
        for a, b in zip(alone.get_weights(), weights[run], strict=True):
            np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-4)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert int(model.optimizer.iterations) == 0


@pytest.mark.parametrize("optimizer", ["Lamb", "AMSGrad", "clipped"])
def test_many_know_optimizers_that_look_at_whole_arrays(optimizer):
    make = MORE_OPTIMIZERS[optimizer]
    model, starts, x, y = many()
    model.compile(optimizer=make(), loss="mse")
    weights, _ = training.train_many(model, starts, x, y, seeds=[5, 6, 7], epochs=10, batch_size=25)
    alone = ready(optimizer=make(), seed=2)
    train(alone, x[2], y[2], seed=7, epochs=10, batch_size=25)
    for a, b in zip(alone.get_weights(), weights[2], strict=True):
        np.testing.assert_allclose(b, a, rtol=1e-3, atol=1e-4)


def test_many_start_their_optimizer_anew_even_if_the_models_is_used():
    model, starts, x, y = many()
    first, _ = training.train_many(model, starts, x, y, seeds=[5, 6, 7], epochs=5)
    train(model, x[0], y[0], epochs=30)
    again, _ = training.train_many(model, starts, x, y, seeds=[5, 6, 7], epochs=5)
    for one, other in zip(first, again, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_many_stop_when_one_diverges_or_when_asked():
    model, starts, x, y = many()
    model.compile(optimizer=optimizers.SGD(1e9), loss="mse")
    with pytest.raises(TrainingDiverged, match=r"in epoch \d+ of 1000000: .*learning rate 1e\+09"):
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)
    model.compile(optimizer="sgd", loss="mse")
    with (
        training.stop_when(stop_after(2)),
        pytest.raises(TrainingInterrupted, match="of 1000000; nothing is kept"),
    ):
        training.train_many(model, starts, x, y, seeds=[0, 1, 2], epochs=1_000_000)


def test_many_need_one_of_each_for_every_run():
    model, starts, x, y = many()
    with pytest.raises(InputError, match="but got 3, 3, 3 and 2: give the same number"):
        training.train_many(model, starts, x, y, seeds=[0, 1])
    with pytest.raises(InputError, match="same shapes in every run"):
        training.train_many(model, starts, [x[0][:9], *x[1:]], [y[0][:9], *y[1:]], seeds=[0, 1, 2])


def test_a_linear_network_gives_the_weights_of_fit():
    x, y = examples(60)
    assert_same_as_fit(lambda: ready(activation=None), x, y, batch_size=20, epochs=10)


def test_history_is_the_one_of_keras():
    x, y = examples(20)
    model = ready()
    history = train(model, x, y, epochs=4, batch_size=10)
    assert isinstance(history, keras.callbacks.History)
    assert history.model is model
    assert model.history is history
    json.dumps(history.history)


def test_nothing_is_warned_or_printed(capfd):
    x, y = examples(37)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for width in range(2, 9):
            train(ready((width, 1)), x, y, epochs=2, batch_size=10)
    assert capfd.readouterr() == ("", "")


x, y = examples(20)
BAD_INPUT = {
    "text": (ready, ["one", "two"], [1, 2], {}, r"x must be numbers .* holds \['one'"),
    "NaN": (ready, [1.0, float("nan")], [1, 2], {}, r"x must be finite .* row 1 holds \[nan\]"),
    "infinite": (ready, x, [np.inf, *y[1:, 0]], {}, r"y must be finite .* row 0"),
    "empty": (ready, [], [], {}, "x must have at least one example, but is empty"),
    "cube": (ready, np.ones((2, 2, 2)), [1, 2], {}, r"x must have the shape .* \(2, 2, 2\)"),
    "lengths": (ready, x, y[:-3], {}, "x has 20 and y has 17"),
    "columns": (ready, np.ones((20, 2)), y, {}, "x must have 1 columns for this model, but has 2"),
    "targets": (ready, x, np.ones((20, 3)), {}, "y must have 1 columns for this model, or 1, but"),
    "zero epochs": (ready, x, y, {"epochs": 0}, "epochs must be a whole number, 1 or more, but is 0"),
    "half epochs": (ready, x, y, {"epochs": 1.5}, "epochs must be .* but is 1.5"),
    "batch below 1": (ready, x, y, {"batch_size": -1}, "batch_size must be .* but is -1"),
    "batch too large": (ready, x, y, {"batch_size": 21}, "batch_size must be at most .* is 21 for 20"),
    "seed": (ready, x, y, {"seed": "a"}, "seed must be a whole number"),
    "validation": (ready, x, y, {"validation_data": (x, y[:3])}, "x has 20 and validation y has 3"),
    "validation of three": (
        ready,
        x,
        y,
        {"validation_data": (x, y, y)},
        r"validation_data must be a pair \(x, y\)",
    ),
    "validation columns": (
        ready,
        x,
        y,
        {"validation_data": (np.ones((9, 4)), y[:9])},
        "validation x must have 1 columns",
    ),
    "not compiled": (lambda: networks.stack([1]), x, y, {}, "must be compiled before training"),
    "no model": (lambda: "model", x, y, {}, "must be a Keras model, but is a str"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_gets_one_sentence(case):
    make, x, y, options, sentence = BAD_INPUT[case]
    with pytest.raises(InputError, match=sentence) as caught:
        train(make(), x, y, **options)
    assert "\n" not in str(caught.value)
    assert caught.value._render_traceback_() == [f"{type(caught.value).__name__}: {caught.value}"]
