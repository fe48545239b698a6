"""Why networks do not learn whose cause is known: built by hand, or rebuilt from public questions."""

import re

from helpers import closed_forms, experiments, networks
from helpers.problems import Problem
from helpers.train.training import train

import keras
import numpy as np
import pytest
from keras import layers

SQUARE = Problem("square")
X = np.linspace(-1.7, 1.7, 101)[:, np.newaxis]  # standardised, nearly
Y = X**2
HUNDRED = np.arange(100.0)


def network(*path, inputs=1, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((inputs,)), *path])


def standardised(x):
    return (x - x.mean(axis=0)) / x.std(axis=0)


def trained(model, x, y, optimizer="adam", **settings):
    model.compile(optimizer, "mean_squared_error")
    train(model, x, y, seed=0, verbose=False, **settings)
    return networks.diagnose(model, x, y)


def test_a_layer_that_is_off_from_the_start_lets_nothing_through():
    """Seed 283, in notebook 05: all weights of the first layer start below 0, all inputs lie above."""
    model = networks.stack([8, 8, 1], activation="relu", seed=283)
    x, y = SQUARE.scaling("largest").normalise(*SQUARE.every_number())
    assert networks.dead_units(model, x) == [8, 8]
    *others, last_bias = networks.gradients(model, x, y)
    assert all((gradient == 0).all() for gradient in others)
    assert last_bias[0] == pytest.approx(-2 * np.mean(y), rel=1e-5)
    found = networks.diagnose(model, x, y)
    assert found.cause == "shut layer"
    assert "All 8 units of layer 1 are off" in found.sentence
    assert "standardise" in found.sentence
    assert [each.gradient == 0 for each in found.layers] == [True, True, False]


def wide(size, **of):
    model = networks.stack([32] * 7 + [1], seed=0, **of)
    model.set_weights([value * size for value in model.get_weights()])
    return model


def one_layer(activation):
    return networks.stack([16, 1], activation=activation, seed=0)


def biased(units, activation, bias):
    return layers.Dense(units, activation, bias_initializer=keras.initializers.Constant(bias))


def with_bias(activation, bias, last="linear"):
    return network(biased(8, activation, bias), layers.Dense(1, last))


@pytest.mark.parametrize(
    ("cause", "model", "x", "y", "says"),
    [
        ("unknown", one_layer("relu"), X, Y, "networks.cure. tries"),
        ("straight", with_bias("relu", 9.0), X, Y, "No unit bends"),
        ("one side", with_bias("relu", 9.0), X + 3, Y, "one side of 0, from 1.3 to 4.7"),
        ("shut layer", with_bias("tanh", 9.0), X, Y, "8 units of layer 1 are stuck .* smaller weights"),
        ("shut layer", with_bias("relu", -9.0), X, Y, "layer 1 are off .*: start from other weights"),
        ("vanishing gradient", wide(1.0, activation="sigmoid"), X, Y, "shrinks from"),
        ("exploding gradient", wide(9.0, activation="relu"), X, Y, "grows from"),
        ("no activation", networks.stack([8, 1], seed=0), X, Y, "No layer has an activation"),
        ("small inputs", one_layer("tanh"), X / 1000, Y, "only from -0.0017 to 0.0017"),
        ("large inputs", one_layer("tanh"), X * 20, Y, "from -34 to 34: standardise"),
        ("large targets", one_layer("tanh"), X, Y * 1e3, "to 2,890: standardise"),
        ("range", with_bias("tanh", 0.0, "tanh"), X, Y, "tanh can't give 42 of the targets"),
        ("last layer", network(biased(1, "sigmoid", 9.0)), X, Y, "stuck where its sigmoid is level"),
        ("last layer", network(biased(1, "relu", -9.0)), X, Y > 1, "is off .*: use sigmoid"),
        ("last layer", network(biased(1, "sigmoid", 9.0)), X, Y > 1, "start from smaller weights"),
        (
            "no activation",
            network(layers.Dense(8), layers.Dense(1, "sigmoid")),
            X,
            Y > 1,
            "sigmoid gets",
        ),
    ],
)
def test_each_cause_is_named(cause, model, x, y, says):
    found = networks.diagnose(model, x, y)
    assert found.cause == cause, found
    assert re.search(says, found.sentence), found.sentence
    assert str(found).startswith(found.sentence + "\n\n|")
    assert found._repr_markdown_() == str(found)


def test_few_examples_of_many_columns_show_no_curve():
    rng = np.random.default_rng(0)
    x, noise = rng.normal(size=(16, 8)), rng.normal(size=(16, 1))
    found = networks.diagnose(networks.stack([1], inputs=8, seed=0), x, noise)
    assert found.smooth_rmse == 0 < found.affine_rmse
    assert found.cause == "straight"


def test_it_is_healthy_where_an_affine_map_is_all_there_is():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 3))
    y = x @ [[1.0], [-2.0], [0.5]] + rng.normal(scale=0.5, size=(500, 1))
    model = networks.stack([1], inputs=3)
    model.set_weights([np.array([[1.0], [-2.0], [0.5]]), np.zeros(1)])
    found = networks.diagnose(model, x, y)
    assert found.rmse == pytest.approx(found.affine_rmse, rel=0.02)
    assert found.cause == "healthy"
    assert networks.diagnose(model, x, y + x[:, :1] ** 2).cause == "no activation"


def test_one_column_of_targets_stands_for_all_outputs():
    found = networks.diagnose(networks.stack([4, 3], seed=0), X, Y)
    answers = np.asarray(networks.stack([4, 3], seed=0)(X))
    assert found.rmse == pytest.approx(np.sqrt(np.mean((answers - Y) ** 2)), rel=1e-5)


def relu_layers():
    return layers.Dense(16), layers.ReLU(), layers.Dense(16), layers.ReLU(), layers.Dense(1)


def test_small_steps_on_positive_inputs_are_cured_by_standardising():
    """Cross Validated 280372: full batches, SGD at 0.001."""
    x = np.arange(100)[:, np.newaxis] / 100
    y = (x - 0.5) ** 2
    settings = {"epochs": 3000, "batch_size": 100, "shuffle": False}
    found = trained(network(*relu_layers()), x, y, keras.optimizers.SGD(0.001), **settings)
    assert found.rmse > 0.6 * found.constant_rmse
    assert found.cause == "one side"
    assert found.sentence.endswith("standardise them, and train with Adam instead of SGD.")
    cured = trained(network(*relu_layers()), standardised(x), y, keras.optimizers.Adam(0.001), **settings)
    assert cured.rmse < 0.05 * cured.constant_rmse, cured


@pytest.mark.parametrize(
    ("scale", "divisor", "cause"), [(standardised, 1, "large targets"), (np.array, 1e8, "large inputs")]
)
def test_targets_up_to_100_million_are_the_cause_whatever_the_inputs(scale, divisor, cause):
    """Stack Overflow 52800582."""
    x = np.arange(-200, 201)[:, np.newaxis] / 2
    model = network(layers.Dense(50, "sigmoid"), layers.Dense(50, "elu"), layers.Dense(1))
    found = trained(model, scale(x), x**4 / divisor, epochs=300)
    assert found.cause == cause, found
    assert (found.rmse > found.constant_rmse) == (divisor == 1)


def test_a_relu_in_the_last_layer_that_is_off_or_can_not_give_the_targets():
    """deeplearning.ai 324182: functional, 4-2-1, all ReLU."""
    x = np.arange(-1, 6.0)[:, np.newaxis]
    causes = set()
    for seed in (0, 2):
        keras.utils.set_random_seed(seed)
        inputs = keras.Input((1,))
        hidden = layers.Dense(2, "relu")(layers.Dense(4, "relu")(inputs))
        model = keras.Model(inputs, layers.Dense(1, "relu")(hidden))
        found = trained(model, x, 2 * x - 1, epochs=500)
        causes.add(found.cause)
        if found.cause == "last layer":
            assert networks.dead_units(model, x)[-1] == 1
            assert not any(gradient.any() for gradient in networks.gradients(model, x, 2 * x - 1))
        assert found.impossible == 2
    assert causes == {"last layer", "range"}


def test_windows_of_a_slow_walk_lie_far_to_one_side():
    """Keras 2051: 7 linear and 4 tanh units, SGD in batches of 1."""
    walk = 1 + 0.001 * np.cumsum(np.random.default_rng(0).normal(size=1500))
    windows = np.lib.stride_tricks.sliding_window_view(walk / walk.max(), 9)[:1000]
    x, y = windows[:, :8], windows[:, 8:]
    start = {"kernel_initializer": "random_uniform"}
    found = []
    for scaled in (x, standardised(x)):
        path = layers.Dense(7, **start), layers.Dense(4, "tanh", **start), layers.Dense(1, **start)
        rate = keras.optimizers.schedules.InverseTimeDecay(0.06, 1, 1e-6)
        optimizer = keras.optimizers.SGD(rate, momentum=0.5)
        found.append(trained(network(*path, inputs=8), scaled, y, optimizer, epochs=2, batch_size=1))
    assert found[0].rmse > 0.95 * found[0].constant_rmse
    assert found[0].cause == "one side"
    assert found[1].rmse < 0.3 * found[1].constant_rmse
    assert found[1].cause != "one side"


@pytest.mark.parametrize(
    ("x", "y", "says"),
    [
        (HUNDRED, 2 * HUNDRED, "the inputs run from 0 to 99: standardise"),  # Keras 3040
        (standardised(HUNDRED), HUNDRED**2 + 3, "the targets run from 3 to 9,804"),  # Cross Validated 418955
        (standardised(HUNDRED), HUNDRED / 100, "lower the learning rate"),
    ],
)
def test_what_made_a_training_diverge(x, y, says):
    model = network(layers.Dense(1), layers.Dense(1)) if y.max() > 1000 else network(layers.Dense(1))
    model.compile(keras.optimizers.SGD(0.01 if y.max() > 1 else 50.0), "mean_squared_error")
    model.fit(x, y, batch_size=1, epochs=3 if y.max() > 1 else 9, verbose=0)
    found = networks.diagnose(model, x, y)
    assert found.cause == "diverged"
    assert np.isnan(found.rmse)
    assert says in found.sentence


def test_a_network_that_fits_is_healthy_and_its_line_tells_what_comes_beyond():
    """Data Science 51468: squares of 0..1000, not scaled; asked for 2000."""
    x = np.arange(1001.0)[:, np.newaxis]
    model = network(layers.Dense(100, "relu"), layers.Dense(50, "relu"), layers.Dense(1))
    assert trained(model, x, x**2, keras.optimizers.Adam(0.01), epochs=300).cause == "healthy"
    slope, intercept = networks.asymptote(model)
    answer = float(model(np.array([[2000.0]]))[0, 0])
    assert answer == pytest.approx(2000 * slope + intercept, rel=1e-3)
    assert answer < 0.8 * 2000**2


def test_runs_of_the_course_are_healthy_or_have_inputs_that_are_too_small():
    recipe = {"activation": "relu", "seeds": range(25)}
    runs = experiments.run_seeds(SQUARE, [64, 1], scale="largest", **recipe)
    good = np.flatnonzero(runs.rmse() < closed_forms.line_floor(1000) / 13)  # 2 % of the targets' deviation
    assert len(good) > 20
    for each in map(runs.lend, good):
        found = networks.diagnose(each.model, *each.scaling.normalise(each.x, each.y))
        assert found.cause == "healthy", found
    for each in experiments.run_seeds(SQUARE, [8, 8, 1], scale="question", activation="relu", seeds=range(5)):
        found = networks.diagnose(each.model, *each.scaling.normalise(each.x, each.y))
        assert found.cause == "small inputs", found


@pytest.mark.parametrize(
    "curve", [np.prod, np.max, lambda x, axis: x[:, 0] ** 3, lambda x, axis: np.cos(3 * x[:, 1])]
)
@pytest.mark.parametrize("size", [1, 30])
def test_a_linear_network_is_not_healthy_where_the_targets_curve_in_ways_that_squares_do_not_show(
    curve, size
):
    x = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    found = trained(networks.stack([8, 1], inputs=2, seed=0), size * x, curve(x, axis=1)[:, None], epochs=20)
    assert found.cause == "no activation", found


def test_units_that_all_start_alike_are_named():
    """deeplearning.ai's forum 121049."""
    model = networks.stack([10, 5, 1], inputs=2, activation="tanh", last="sigmoid")
    model.set_weights([0 * weight for weight in model.get_weights()])
    x = np.random.default_rng(0).normal(size=(200, 2))
    found = networks.diagnose(model, x, x[:, 0] * x[:, 1] > 0)
    assert found.cause == "equal units"
    assert "layer 1 have the same weights" in found.sentence


@pytest.mark.parametrize(
    ("last", "loss", "says"),
    [
        ("sigmoid", "categorical_crossentropy", "one output is 0"),
        ("linear", keras.losses.Poisson(), "negative answers"),
    ],
)
def test_a_loss_that_cannot_teach_is_named(last, loss, says):
    model = network(layers.Dense(4, "relu"), layers.Dense(1, last))
    model.compile("adam", loss)
    found = networks.diagnose(model, X, Y > 1)
    assert found.cause == "loss"
    assert says in found.sentence


def test_an_output_that_is_not_learned_is_not_hidden_by_anothers_scale():
    model = networks.stack([2], inputs=1)
    model.set_weights([np.array([[1000.0, 0.0]]), np.zeros(2)])
    found = networks.diagnose(model, X, np.hstack([1000 * X, np.cos(3 * X)]))
    assert found.cause == "no activation"
