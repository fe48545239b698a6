"""The diagnosis of networks with a known fault, and of networks of the lessons."""

import re

from helpers import experiments, networks
from helpers.checks import InputError
from helpers.problems import Problem

import keras
import numpy as np
import pytest
from keras import layers

X = np.linspace(-1.7, 1.7, 101)[:, np.newaxis]  # standardised, nearly
Y = X**2
NOISE = np.random.default_rng(0).normal(size=X.shape)


def network(*path, inputs=1, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential([keras.Input((inputs,)), *path])


def times(factor, model):
    """Return the model with its weights so many times as large."""
    model.set_weights([value * factor for value in model.get_weights()])
    return model


def wide(activation):
    return networks.stack([32] * 7 + [1], activation=activation, seed=0)


def compiled(loss, last="linear", optimizer="adam"):
    model = network(layers.Dense(4, "relu"), layers.Dense(1, last))
    model.compile(optimizer, loss)
    return model


def one_layer(activation):
    return networks.stack([16, 1], activation=activation, seed=0)


def faint():
    """One hidden layer, to which hardly a gradient comes back."""
    model = one_layer("relu")
    model.set_weights([*model.get_weights()[:2], np.full((16, 1), 1e-5), np.zeros(1)])
    return model


def logits(weights, kind):
    """A single layer that answers with logits."""
    model = network(layers.Dense(len(weights[0])))
    model.set_weights([np.array(weights), np.zeros(len(weights[0]))])
    losses = {"binary": keras.losses.BinaryCrossentropy, "categorical": keras.losses.CategoricalCrossentropy}
    model.compile("adam", losses[kind](from_logits=True))
    return model


# Notebook 05: all weights of the first layer start below 0, all inputs lie above.
SHUT = networks.stack([8, 8, 1], activation="relu", seed=283)


def biased(units, activation, bias):
    return layers.Dense(units, activation, bias_initializer=keras.initializers.Constant(bias))


def with_bias(activation, bias, last="linear"):
    return network(biased(8, activation, bias), layers.Dense(1, last))


@pytest.mark.parametrize(("cause", "model", "x", "y", "says"), [
    ("unknown", one_layer("relu"), X, Y, "networks.cure. tries"),
    ("straight", with_bias("relu", 9.0), X, Y, "No unit bends"),
    ("one side", with_bias("relu", 9.0), X + 3, Y, "one side of 0, from 1.3 to 4.7"),
    ("shut layer", with_bias("tanh", 9.0), X, Y, "8 units of layer 1 are stuck .* smaller weights"),
    ("shut layer", with_bias("relu", -9.0), X, Y, "layer 1 are off .*: start from other weights"),
    ("shut layer", SHUT, X + 2, Y, "All 8 units of layer 1 are off .*: standardise the inputs"),
    ("vanishing gradient", wide("sigmoid"), X, Y, "shrinks from"),
    ("exploding gradient", times(9, wide("relu")), X, Y, "grows from"),
    ("no activation", networks.stack([8, 1], seed=0), X, Y, "No layer has an activation"),
    ("small inputs", one_layer("tanh"), X / 1000, Y, "only from −0.0017 to 0.0017"),
    ("large inputs", one_layer("tanh"), X * 20, Y, "from −34 to 34: standardise"),
    ("large targets", one_layer("tanh"), X, Y * 1e3, "to 2,890: standardise"),
    ("range", with_bias("tanh", 0.0, "tanh"), X, Y, "tanh can't give 42 of the targets"),
    ("last layer", network(biased(1, "sigmoid", 9.0)), X, Y, "stuck where its sigmoid is level"),
    ("last layer", network(biased(1, "relu", -9.0)), X, Y > 1, "is off .*: use sigmoid"),
    ("last layer", network(biased(1, "sigmoid", 9.0)), X, Y > 1, "start from smaller weights"),
    ("no activation", network(layers.Dense(8), layers.Dense(1, "sigmoid")), X, Y > 1, "sigmoid gets"),
    ("diverged", times(np.nan, one_layer("relu")), X * 50, Y, "inputs run from −85 to 85: standard"),
    ("diverged", times(np.nan, one_layer("relu")), X, Y * 9e3, "the targets run from .* to 26,"),
    ("diverged", times(np.nan, one_layer("relu")), X, Y, "lower the learning rate"),
    ("equal units", times(0, one_layer("tanh")), X, Y, "layer 1 have the same weights"),
    ("loss", compiled("categorical_crossentropy", "sigmoid"), X, Y > 1, "one output is 0"),
    ("loss", compiled(keras.losses.Poisson()), X, Y, "negative answers"),
    ("one side", compiled("mse", optimizer="sgd"), X + 3, Y, "train with Adam instead of SGD"),
    ("outlier", one_layer("relu"), X, np.where(X[5] == X, 1e4, Y), "Target 1 of row 5 is 10,000, far"),
    ("noise", one_layer("relu"), X, NOISE, "noise, or do not belong to these rows"),
    ("range", compiled("binary_crossentropy", "sigmoid"), X, 1 + (Y > 1), "labels into 0 and 1"),
    ("large targets", one_layer("tanh"), X, 500 + Y / 10, "from 500 to 500.3: standardise"),
    ("large inputs", one_layer("tanh"), X + 2e9, Y, "from 1,999,999,998.3 to 2,000,000,001.7"),
    ("unknown", faint(), X, Y, "networks.cure. tries"),  # fewer layers than one hidden one are no advice
    ("healthy", logits([[50.0]], "binary"), X, X > 0, "Healthy"),
    ("healthy", logits([[-50.0, 50.0]], "categorical"), X, np.hstack([X < 0, X >= 0]), "Healthy"),
])  # fmt: skip
def test_each_cause_is_named(cause, model, x, y, says):
    found = networks.diagnose(model, x, y)
    assert found.cause == cause, found
    assert re.search(says, found.sentence), found.sentence
    assert str(found).startswith(found.sentence + "\n\n|")
    assert found._repr_markdown_() == str(found)


def test_a_classifier_with_softmax_is_left_to_cure():
    with pytest.raises(InputError, match=r"ask `networks\.cure`"):
        networks.diagnose(network(layers.Dense(2, "softmax")), X, np.hstack([X < 0, X >= 0]))


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
    assert "no function of these inputs that is much better" in found.sentence
    assert networks.diagnose(model, x, y + x[:, :1] ** 2).cause == "no activation"


def test_one_column_of_targets_stands_for_all_outputs():
    found = networks.diagnose(networks.stack([4, 3], seed=0), X, Y)
    answers = np.asarray(networks.stack([4, 3], seed=0)(X))
    assert found.rmse == pytest.approx(np.sqrt(np.mean((answers - Y) ** 2)), rel=1e-5)


def test_a_network_of_the_course_is_healthy():
    run = experiments.run(Problem("square"), [64, 1], scale="largest", activation="relu", seed=0)
    found = networks.diagnose(run.model, *run.scaling.normalise(run.x, run.y))
    assert found.cause == "healthy", found


@pytest.mark.parametrize("curve", [np.prod, np.max, lambda x, axis: np.cos(3 * x[:, 1])])
def test_a_linear_network_is_not_healthy_where_targets_curve_in_ways_that_squares_do_not_show(curve):
    x = np.random.default_rng(0).uniform(-1, 1, (300, 2))
    found = networks.diagnose(networks.stack([8, 1], inputs=2, seed=0), 30 * x, curve(x, axis=1)[:, None])
    assert found.cause == "no activation", found


def test_an_output_that_is_not_learned_is_not_hidden_by_anothers_scale():
    model = networks.stack([2], inputs=1)
    model.set_weights([np.array([[1000.0, 0.0]]), np.zeros(2)])
    found = networks.diagnose(model, X, np.hstack([1000 * X, np.cos(3 * X)]))
    assert found.cause == "no activation"
