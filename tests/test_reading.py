"""What the layers of a network do with examples, computed by hand; other models are refused."""

from helpers import experiments, networks
from helpers.checks import InputError
from helpers.problems import Scaling

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from test_networks import network

X = np.linspace(-1.7, 1.7, 101)[:, np.newaxis]
Y = X**2


def test_an_activation_may_be_in_a_layer_or_after_it_in_a_sequential_or_functional_model():
    inputs = keras.Input((2,))
    one = network(layers.Dense(4, "relu", use_bias=False), layers.Dense(3, "tanh"), layers.Dense(2), inputs=2)
    path = [layers.Dense(4, use_bias=False), layers.ReLU(), layers.Dense(3), layers.Activation("tanh")]
    path.append(layers.Dense(2))
    end = inputs
    for layer in path:
        end = layer(end)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(30, 2))
    reports = []
    of_keras = keras.Model(one.inputs[0], [layer.output for layer in one.layers])(x.astype("float32"))
    for model in (one, network(*path, inputs=2), keras.Model(inputs, end)):
        model.set_weights(one.get_weights())
        for ours, theirs in zip(networks.outputs(model, x), of_keras, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-6)
        reports.append((str(networks.diagnose(model, x, y)), networks.dead_units(model, x)))
    assert reports[0] == reports[1] == reports[2]


def test_units_are_off_stuck_straight_or_bend_in_the_last_layer_too():
    first = layers.Dense(5, "sigmoid")
    model = network(first, layers.Dense(4, "relu"))
    to_sigmoid = [np.array([[0.0, 0.0, 0.0, 9.0, 0.01]]), np.array([-9.0, 9.0, 0.5, 0.0, 0.0])]
    to_relu = np.zeros((5, 4))
    to_relu[3] = [1, 1, 1, -1]
    model.set_weights([*to_sigmoid, to_relu, np.array([-0.5, 0.5, -2.0, 0.0])])
    found = networks.diagnose(model, X, np.repeat(Y, 4, axis=1)).layers
    assert found[0][:6] == ("sigmoid", 5, 1, 1, 2, 1)
    assert found[1][:6] == ("relu", 4, 2, 0, 1, 1)
    assert networks.dead_units(model, X) == [1, 2]
    assert networks.bending_units(model, X) == [1, 1]


def test_gradients_are_those_of_the_mean_squared_error():
    model = networks.stack([4, 3, 1], inputs=2, activation="tanh", seed=2)
    model.layers[0].trainable = False
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 6, 2)).astype("float32")
    weights = [weight.value for weight in model.weights]
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = tf.reduce_mean((y[:, :1] - model(x)) ** 2)
    for own, theirs in zip(networks.gradients(model, x, y[:, :1]), tape.gradient(loss, weights), strict=True):
        np.testing.assert_allclose(own, theirs, rtol=1e-4, atol=1e-6)


class Own(layers.Dense):
    pass


class OwnModel(keras.Sequential):
    pass


def functional(join):
    inputs, layer = keras.Input((1,)), layers.Dense(1)
    return keras.Model(inputs, join(layer, layer(inputs)))


REFUSED = {
    "a word": lambda: "a model",
    "no inputs": lambda: keras.Sequential([layers.Dense(1)]),
    "an unknown layer": lambda: network(layers.Dense(2), layers.Dropout(0.5), layers.Dense(1)),
    "an activation first": lambda: network(layers.ReLU(), layers.Dense(1)),
    "two activations": lambda: network(layers.Dense(2, "tanh"), layers.ReLU(), layers.Dense(1)),
    "an own layer": lambda: network(Own(2), layers.Dense(1)),
    "an own model": lambda: OwnModel([keras.Input((1,)), layers.Dense(1)]),
    "an activation that learns": lambda: network(layers.Dense(2), layers.PReLU(), layers.Dense(1)),
    "rows of rows": lambda: keras.Sequential([keras.Input((3, 1)), layers.Dense(1)]),
    "branches": lambda: functional(lambda _,
     one: layers.Dense(1)(layers.Concatenate()([one, layers.Dense(2)(one)]))),
    "a layer twice": lambda: functional(lambda layer, one: layer(one)),
    "a step that is no layer": lambda: functional(lambda _, one: layers.Dense(1)(one * 2)),
}  # fmt: skip
ASKED = {
    "collapse": networks.collapse,
    "kinks": networks.kinks,
    "asymptote": networks.asymptote,
    "outputs": lambda model: networks.outputs(model, X),
    "dead_units": lambda model: networks.dead_units(model, X),
    "bending_units": lambda model: networks.bending_units(model, X),
    "gradients": lambda model: networks.gradients(model, X, Y),
    "diagnose": lambda model: networks.diagnose(model, X, Y),
    "answers": lambda model: experiments.answers(model, Scaling(1.0, 1.0), X),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_every_function_of_a_model_refuses_what_it_does_not_understand_in_a_sentence(kind):
    model = REFUSED[kind]()
    for name, ask in ASKED.items():
        with pytest.raises(InputError, match=f"^{name} (needs|follows) [^\n]{{,240}}$"):
            ask(model)


def test_examples_that_do_not_fit_are_refused():
    model, mixing = networks.stack([1]), network(layers.Dense(3, "softmax"), layers.Dense(1))
    for ask in (networks.diagnose, networks.gradients):
        with pytest.raises(InputError, match="x must have 1 column for this model, but has 2"):
            ask(model, np.hstack([X, X]), Y)
        with pytest.raises(InputError, match="one row for each example"):
            ask(model, X, Y[1:])
    with pytest.raises(InputError, match="x must have 1 column"):
        experiments.answers(model, Scaling(1.0, 1.0), np.hstack([X, X]))
    with pytest.raises(InputError, match="y must vary, but every target is 2"):
        networks.diagnose(model, X, Y * 0 + 2)
    with pytest.raises(InputError, match="take each unit alone, but softmax, in layer 'dense"):
        networks.diagnose(mixing, X, Y)
