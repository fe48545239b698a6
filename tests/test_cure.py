"""`networks.cure`: what it says of networks with a known fault, and that it changes nothing."""

import contextlib
import random
from dataclasses import replace
from unittest import mock

from helpers import networks
from helpers.checks import InputError
from helpers.cure import changes, floors, recipes, trials

import keras
import numpy as np
import pytest
from keras import layers
from keras.src.backend.common import global_state

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (60, 2))
SCHEDULE = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
CURVED = X.max(axis=1, keepdims=True)


def network(*path, loss="mean_squared_error", optimizer="adam", inputs=2):
    model = keras.Sequential([keras.Input((inputs,)), *path])
    model.compile(optimizer, loss)
    return model


def joined():
    """A functional model with a way around its hidden layer."""
    x = keras.Input((2,))
    model = keras.Model(x, layers.Dense(1)(layers.Add()([x, layers.Dense(2)(x)])))
    model.compile("adam", "mse")
    return model


def state(model):
    generator = global_state.get_global_attribute("global_seed_generator")
    return (
        [weight.tolist() for weight in (*model.get_weights(), *map(np.asarray, model.optimizer.variables))],
        random.getstate(),
        repr(np.random.get_state()),
        generator and generator.state.numpy().tolist(),
        dict(global_state.get_global_attribute("object_name_uids") or {}),
    )


@pytest.fixture(scope="module")
def straight():
    """A network without activation on a curved target: what it was before and after, and what is said."""
    keras.utils.set_random_seed(3)
    model = network(layers.Dense(8), layers.Dense(1))
    model.fit(X, CURVED, epochs=2, verbose=0)
    before = state(model)
    found = networks.cure(model, X, CURVED, epochs=300, verbose=False)
    return model, before, found


def test_the_activation_is_what_helps_and_the_learners_things_stay(straight):
    model, before, found = straight
    assert state(model) == before
    assert found.verdict == "cured"
    assert any("relu" in change or "tanh" in change for change in found.changes), found.sentence
    assert found.false_alarm <= 0.05
    assert found.sentence in str(found)


def test_the_printed_code_is_complete_and_does_what_is_said(straight):
    *_, found = straight
    space = {"x": X, "y": CURVED}
    exec(found.code, space)
    error = np.sqrt(np.mean((space["answers"](X) - CURVED) ** 2)) / CURVED.std()
    assert error < 0.5 * found.trials[0].score


def test_the_table_and_the_picture_show_every_trial(straight):
    *_, found = straight
    assert found.table().data.count("\n") == len(found.trials) + 1
    rows = found.table("four times the epochs", "one more layer").data.splitlines()[2:]
    names = ["as it is", "four times the epochs", "one more layer"]
    assert [row.split(" | ")[0] for row in rows] == [f"| {name}" for name in names]
    with pytest.raises(InputError, match=r"a change must be one of .*'more'"):
        found.table("more")
    picture = found.picture()
    assert len(picture.figure.axes[0].get_yticks()) == len(found.trials)
    assert found.sentence in picture.alt


def search(x, y, errors):
    """Return a search after trials that ended with these errors, by their changes."""
    made = networks.cure.__globals__["_Search"]
    recipe = recipes.read(network(layers.Dense(1), inputs=x.shape[1]), x.shape[1], 1, 2)
    asked = changes.Task("", "", 1, '"mean_squared_error"')
    found = made(None, trials.Examples(x, y, asked), recipe, 0, False)
    spread, blank = np.array([[1.0], [0.9], [1.1], [0.95], [1.05]]), np.full(5, np.nan)
    found.tried = {of: trials.Trial(of, recipe, error * spread, blank, blank) for of, error in errors.items()}
    return found


def test_few_starts_by_luck_are_no_cure():
    found = search(X, CURVED, {(): 1.0, ("relu",): 0.1, ("tanh",): 1.0})
    for chances, names in ((1, ["relu"]), (2, ["relu", "tanh"])):
        found.fresh = {keys: found.tried[keys] for keys in [(), *((name,) for name in names)]}
        assert found.luck(("relu",)) == pytest.approx(chances / 3003)
    assert found.luck(("tanh",)) > 0.3


@pytest.mark.parametrize(("again", "verdict", "says"), [
    ({("relu",): 0.1, ("tanh", "enough"): 1.0}, "cured", "With relu"),
    ({("relu",): 0.9, ("tanh", "enough"): 0.1}, "cured", "With tanh"),
    ({("relu",): 0.9, ("tanh", "enough"): 0.9}, "nothing helps", "clearly less from fresh starts as well"),
])  # fmt: skip
def test_what_fresh_starts_do_not_confirm_gives_way_to_the_lowest_trial(again, verdict, says, monkeypatch):
    tried = {(): 1.0, ("relu",): 0.00009, ("tanh", "enough"): 0.00008}
    found, fresh = search(X, CURVED, tried), search(X, CURVED, {(): 1.0} | again).tried

    def run(wanted, fresh_starts=fresh, *, fresh=False):
        if fresh:
            found.fresh |= {keys: fresh_starts[keys] for keys in wanted}
        return [found.fresh[keys] for keys in wanted if fresh]

    monkeypatch.setattr(found, "run", run)
    result = found.result()
    assert result.verdict == verdict
    assert says in result.sentence


def test_a_constant_output_beside_another_has_its_own_error():
    found = search(X, np.hstack([CURVED, 0 * CURVED]), {(): 1.0})
    both = found.tried[()].errors * [[0.5, 4.0]]
    assert found.error(replace(found.tried[()], errors=both)).endswith(
        "and ≈ 4.00, ≈ 50 and ≈ 400 % of the targets' deviation"
    )


def test_with_every_class_right_it_is_healthy_and_with_an_outlier_it_is_not():
    found = search(X, CURVED, {(): 0.5, ("relu",): 0.1})
    assert found.floor()[0] == "nothing helps"
    right = replace(found.tried[()], accuracy=np.array([0.9, 1, 1, 1, 1]))
    found.tried[()] = right
    assert found.floor()[0] == "healthy"
    found = search(X, np.where(X[:, :1] == X[5, 0], 1e4, CURVED), {(): 0.001})
    assert found.floor() == (
        "nothing helps",
        "Target 1 of row 5 is 10,000, far from all others, so every error here is measured against it",
    )


def test_what_helps_by_its_median_but_leaves_more_than_a_constant_does_not_help():
    found = search(X, CURVED, {(): 100.0, ("relu",): 2.0, ("tanh",): 0.5})
    assert found.alone(()).startswith("Helpful on their own: tanh")
    assert "relu" in found.alone(()).partition("Not helpful")[2]
    assert search(X, CURVED, {(): 1.0}).alone(()) == ""


@pytest.mark.parametrize(("single", "fewest"), [(0.012, ("relu",)), (0.013, ("relu", "inputs"))])
def test_one_change_is_enough_if_several_are_hardly_better(single, fewest, monkeypatch):
    found = search(X, CURVED, {(): 1.0, ("relu",): single, ("inputs",): 1.0, ("relu", "inputs"): 0.01})
    monkeypatch.setattr(found, "run", lambda wanted: [found.tried[keys] for keys in wanted])
    assert found.fewest().keys == fewest


@pytest.mark.parametrize(("left", "rounds"), [(0.005, 1), (0.05, 2), (0.5, 3)])
def test_whole_recipes_are_tried_while_much_of_the_error_is_left(left, rounds, monkeypatch):
    found, asked = search(X, CURVED, {(): left, ("relu",): left}), []
    monkeypatch.setattr(found, "run", asked.append)
    assert found.result().verdict in ("healthy", "nothing helps")
    assert [wanted for wanted in asked if wanted in changes.WHOLE] == changes.WHOLE[:rounds]


def test_the_picture_shows_the_best_trial_on_top_with_every_start_inside():
    errors = {(): 1.0, ("relu",): 0.1, ("tanh",): np.inf, ("adam",): 0.0}
    axes = search(X, CURVED, errors).verdict(None).picture().figure.axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["tanh", "as it is", "relu", "adam"]
    dots = [line for line in axes.lines if line.get_marker() != "None"]
    low, high = axes.get_xlim()
    assert [low < min(line.get_xdata()) and max(line.get_xdata()) < high for line in dots] == [True] * 4
    assert max(max(line.get_xdata()) for line in dots) == 10  # as its alternative text says
    (legend,) = axes.figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["median", "the best constant"]


NOISE = np.random.default_rng(1).normal(size=(60, 1))
SAME = np.repeat(np.arange(4.0), 15)[:, None]
SINGLE = [(key,) for key in ("inputs", "targets", "relu", "tanh", "adam")]


@pytest.mark.parametrize(("x", "y", "error", "verdict", "says"), [
    (X, NOISE, 1.0, "nothing to cure", "the targets are noise"),
    (SAME, NOISE, 1.0, "nothing to cure", "equal inputs have different targets"),
    (X, X[:, :1] + NOISE / 2, 0.7, "nothing to cure", "as good as these examples allow: 5 other"),
    (X, CURVED, 0.5, "nothing helps", "none of 5 changes makes the network's error"),
    (X, CURVED, 0.015, "healthy", "nothing is wrong"),
])  # fmt: skip
def test_where_nothing_helps_the_verdict_says_why(x, y, error, verdict, says):
    found = search(x, y, dict.fromkeys([(), *SINGLE], error)).verdict(None)
    assert found.verdict == verdict
    assert says in found.sentence
    assert not found.code
    assert "asked beyond its examples" in str(found)


def test_the_training_that_does_not_work_is_the_last_one_as_it_was():
    model, settings = network(layers.Dense(1)), networks.cure.__globals__["_settings"]
    for _ in range(2):
        model.fit(X, CURVED, epochs=3, batch_size=10, verbose=0)
    assert settings(model, len(X), None, None) == (3, 10)
    assert settings(network(layers.Dense(1)), len(X), None, None) == (100, 32)
    with pytest.raises(InputError, match=r"epochs must be .*, but is 0"):
        networks.cure(model, X, CURVED, epochs=0)


def test_ctrl_c_gives_what_is_known(monkeypatch):
    model = network(layers.Dense(4, "relu"), layers.Dense(1))
    before = state(model)
    bar = mock.Mock(update=mock.Mock(side_effect=[None, KeyboardInterrupt]))
    monkeypatch.setattr(trials, "progress", mock.Mock(bar=lambda *_, **__: contextlib.nullcontext(bar)))
    found = networks.cure(model, X, CURVED, epochs=20, verbose=False)
    assert found.verdict == "interrupted"
    assert len(found.trials) == 2
    assert state(model) == before
    assert str(found).startswith("Interrupted after 2 trials")


@pytest.mark.parametrize(
    ("last", "loss", "y", "activation", "labels", "ends"),
    [
        (layers.Dense(1, "softmax"), "mean_squared_error", X[:, :1] > 0, '"sigmoid"', "", "binary"),
        (layers.Dense(1, "sigmoid"), "categorical_crossentropy", X[:, :1] > 0, '"sigmoid"', "", "binary"),
        (layers.Dense(1, "sigmoid"), "binary_crossentropy", np.sign(X[:, :1]), '"sigmoid"', "two", "binary"),
        (layers.Dense(3, "softmax"), "sparse_categorical_crossentropy", np.arange(60)[:, None] % 3 + 1,
         '"softmax"', "one-hot", '"categorical'),
        (layers.Dense(1), "poisson", np.arange(60)[:, None] % 9, '"exponential"', "", "poisson"),
        (layers.Dense(1, "relu"), "mean_squared_error", X[:, :1], "", "", "mean_squared_error"),
    ],
)  # fmt: skip
def test_the_end_is_made_to_fit_the_targets(last, loss, y, activation, labels, ends):
    model, y = network(layers.Dense(4, "relu"), last, loss=loss), np.asarray(y, float)
    recipe = recipes.read(model, 2, 1, 32)
    fitting, done = changes.applied(recipe, ("end",), changes.task(recipe, y), 60)
    assert done == ("end",)
    assert fitting.dense[-1].activation == activation
    assert fitting.labels == labels
    assert ends in fitting.loss
    space = {"x": X, "y": y}
    exec(fitting.code(by_train=True), space)
    assert np.isfinite(space["answers"](X)).all()


def test_every_change_gives_code_that_builds():
    model = network(
        layers.Dense(4, kernel_regularizer=keras.regularizers.L2(0.3), kernel_constraint="non_neg"),
        layers.Dropout(0.5),
        layers.Dense(9, kernel_initializer=keras.initializers.RandomNormal(stddev=3.0)),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(1),
        optimizer=keras.optimizers.SGD(SCHEDULE, momentum=0.5),
        loss=keras.losses.Huber(delta=2.0),
    )
    recipe = recipes.read(model, 2, 3, 16)
    own = "L2(l2=0.3)", "NonNeg()", "Dropout(rate=0.5)", "stddev=3.0", "LeakyReLU(negative_slope=0.2)"
    for text in (*own, "ExponentialDecay(initial_learning_rate=0.1", "momentum=0.5", "Huber(delta=2.0)"):
        assert text in recipe.model_code
    asked = changes.task(recipe, CURVED)
    for key in changes.CHANGES:
        changed, _ = changes.applied(recipe, (key,), asked, len(X))
        space = {"keras": keras, "np": np, "x": X, "y": CURVED}
        exec(changed.data_code + changed.model_code, space)
        assert space["model"](space["inputs"]).shape == space["targets"].shape
    free, _ = changes.applied(recipe, ("free",), asked, len(X))
    assert not {"L2", "NonNeg", "Dropout"} & set(free.model_code.replace("(", " ").replace(".", " ").split())


def tried(seed, *path, loss="mean_squared_error", y=CURVED, starts=2):
    recipe = recipes.read(network(*path, loss=loss), 2, 3, 16)
    found = []
    with trials.nothing_drawn():
        examples = trials.Examples(X, y, changes.task(recipe, y))
        trials.run([((), recipe)], examples, range(starts), seed, done=found.append)
    return found[0]


def test_the_same_seed_gives_the_same_trials():
    first, again, other = (tried(n, layers.Dense(4, "relu"), layers.Dense(1), starts=5) for n in (1, 1, 2))
    assert first.errors.tolist() == again.errors.tolist() != other.errors.tolist()
    assert len(set(first.each)) == 5
    assert first.by_train


def test_fit_trains_what_train_refuses_and_a_loss_that_fails_is_an_infinite_error():
    found = tried(1, layers.Dropout(0.5), layers.Dense(1))
    assert not found.by_train
    assert np.isfinite(found.errors).all()
    labels, last = np.arange(60.0)[:, None] % 3 + 1, layers.Dense(3, "softmax")
    found = tried(1, last, loss="sparse_categorical_crossentropy", y=labels)
    assert not found.by_train
    assert np.isinf(found.errors).all()
    assert (found.accuracy == 0).all()


def test_floors_of_the_data_and_remarks_on_it():
    x, noise = np.repeat(np.arange(4.0), 50)[:, None], np.random.default_rng(2).normal(size=(200, 1))
    assert floors.repeated(x, noise)[0] == pytest.approx(1, abs=0.1)
    assert floors.repeated(np.arange(200.0)[:, None], noise)[0] == 0
    line = np.linspace(0, 1, 200)[:, None]
    wave = np.sin(9 * line)
    assert floors.affine(line, 2 * line + 1)[0] < 1e-6
    assert floors.smooth(line, wave)[0] < 0.01 < 0.5 < floors.affine(line, wave)[0]
    said = floors.remarks(np.hstack([x, x, 0 * x]), np.where(np.arange(200)[:, None] == 7, 1e6, noise))
    for part, sentence in zip(("3 never varies", "2 repeats", "row 7 is 1,000,000"), said, strict=True):
        assert part in sentence


def test_each_start_is_judged_on_examples_that_it_has_not_met():
    examples = trials.Examples(X, CURVED, changes.Task("", "", 1, ""))
    held = []
    for start in range(5):
        fitted, judged = examples.parts(start, 0)
        assert not set(fitted) & set(judged)
        assert len(fitted) == examples.per_start
        held += [*judged]
    assert sorted(held) == [*range(60)]


def test_a_normalization_keeps_what_it_has_adapted_to():
    adapted = layers.Normalization()
    adapted.adapt(10 * X + 3)
    model = network(adapted, layers.Dense(1))
    built = {"keras": keras}
    exec(recipes.read(model, 2, 1, 32).model_code, built)
    np.testing.assert_allclose(built["model"].layers[0](X), adapted(X), rtol=1e-5)


@pytest.mark.parametrize(("model", "says"), [
    (lambda: keras.Sequential([keras.Input((2,)), layers.Dense(1)]), "compiled model with one loss"),
    (lambda: network(layers.Dense(4), layers.BatchNormalization()), "ends in a Dense layer"),
    (lambda: network(layers.Dense(4), keras.Sequential([layers.Dense(4)]), layers.Dense(1)), "one path of"),
    (joined, "builds a model anew"),
    (lambda: network(layers.Dense(4), layers.Dense(1), inputs=3), "the columns that it takes"),
    (lambda: networks.cure(network(layers.Dense(1)), X, 3 + 0 * CURVED), "vary, but every target is 3"),
    (lambda: networks.cure(network(layers.Dense(1)), X, X), "y must have 1 column for this model, but has 2"),
])  # fmt: skip
def test_other_models_and_targets_that_show_nothing_are_refused_in_a_sentence(model, says):
    with pytest.raises(InputError, match=says):
        networks.cure(model(), X, CURVED)
