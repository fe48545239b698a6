"""Stacks, collapse and the hand-set squarer, against Keras' own answers and the closed forms."""

from helpers import networks
from helpers.checks import InputError
from helpers.problems import Problem

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from keras.layers import Dense

X, _ = Problem("square").every_number()


def network(*path, inputs=1):
    return keras.Sequential([keras.Input((inputs,)), *path])


def filled(model, seed):
    """Return a model with other weights and biases."""
    rng = np.random.default_rng(seed)
    model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
    return model


@settings(max_examples=15)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 4), st.booleans(), st.integers(0, 99)
)
def test_collapse_equals_the_model_for_any_depth_width_inputs_outputs_and_bias(units, inputs, bias, seed):
    path = [Dense(width, use_bias=bias) for width in units]
    model = filled(network(*path, inputs=inputs), seed)
    weights, offset = networks.collapse(model)
    assert weights.shape == (inputs, units[-1])
    assert offset.shape == (units[-1],)
    assert weights.dtype == offset.dtype == float
    x = np.random.default_rng(seed).normal(size=(20, inputs))
    scale = np.abs(x).max() * np.abs(weights).max() + np.abs(offset).max()
    np.testing.assert_allclose(model(x), x @ weights + offset, atol=1e-4 * max(scale, 1))
    assert bias or not offset.any()


def test_stack_is_the_model_one_writes_by_hand():
    by_hand = network(Dense(5, "relu"), Dense(3, "relu"), Dense(1), inputs=2)
    model = networks.stack([5, 3, 1], inputs=2, activation="relu")
    assert [layer.activation for layer in model.layers] == [layer.activation for layer in by_hand.layers]
    assert [w.shape for w in model.get_weights()] == [w.shape for w in by_hand.get_weights()]
    assert np.abs(model.get_weights()[2]).max() <= np.sqrt(6 / (5 + 3))


@pytest.mark.parametrize("layers", [1, 2, 9, 10, 12])
def test_the_deep_squarer_joins_points_of_the_curve_to_the_bit_on_fractions_of_1024(layers):
    model, joints = networks.deep_squarer(layers), np.linspace(0, 1024, 2**layers + 1)
    assert [layer.units for layer in model.layers] == [4] * layers + [1]
    for x, off in ((np.arange(1025), 0), (np.linspace(0, 1024, 5001), 6e-7)):
        answers = np.asarray(model((x / 1024)[:, np.newaxis]), dtype=float)[:, 0]
        np.testing.assert_allclose(answers, np.interp(x, joints, joints**2) / 1024**2, atol=off, rtol=0)


def test_a_network_of_fewer_units_is_what_those_units_give():
    model = networks.stack([5, 4, 2], inputs=3, activation="tanh", last="sigmoid", seed=0)
    small = networks.keep_units(model, [2, 0])
    x = np.random.default_rng(0).normal(size=(9, 3))
    (first, _, second, _, last, _) = model.get_weights()
    reached = np.tanh(np.tanh(x @ first[:, [2, 0]]) @ second[[2, 0]][:, [2, 0]]) @ last[[2, 0]]
    np.testing.assert_allclose(small(x), 1 / (1 + np.exp(-reached)), rtol=1e-5)
    exact = networks.deep_squarer(10)
    smaller = networks.keep_units(exact, [0, 1, 3])
    np.testing.assert_array_equal(smaller(X / 1024), exact(X / 1024))
    assert smaller.count_params() == 118


@settings(max_examples=20)
@given(
    st.lists(st.integers(1, 6), max_size=3),
    st.sampled_from([name for name, each in networks.ACTIVATIONS.items() if each.right is not None]),
    st.booleans(),
    st.integers(0, 99),
)
def test_far_away_the_network_is_on_its_asymptote(hidden, activation, bias, seed):
    path = [Dense(width, activation, use_bias=bias, dtype="float64") for width in hidden]
    model = filled(network(*path, Dense(1, dtype="float64")), seed)
    slope, intercept = networks.asymptote(model)
    far = np.array([[1e9], [2e9]])  # so far even a unit with small weights is on its way
    answers = np.asarray(model(far), dtype=float)[:, 0]
    np.testing.assert_allclose(answers, slope * far[:, 0] + intercept, rtol=1e-11, atol=1e-4)


def test_a_unit_of_weight_0_settles_at_its_bias():
    for activation in ("relu", "tanh", "sigmoid"):
        model = networks.stack([1, 1], activation=activation)
        model.set_weights([np.zeros((1, 1)), np.array([0.5]), np.ones((1, 1)), np.array([0.25])])
        slope, intercept = networks.asymptote(model)
        assert slope == 0
        assert intercept == pytest.approx(float(model(np.ones((1, 1)))[0, 0]))


@pytest.mark.parametrize("name", networks.ACTIVATIONS)
def test_an_activation_settles_where_the_table_says(name):
    each = networks.ACTIVATIONS[name]
    far = np.array([-1e9, 1e9], "float32")
    for level, z, value in zip((each.left, each.right), far, np.asarray(each.function(far)), strict=True):
        assert level is None or value == pytest.approx(z if np.isinf(level) else level)


@pytest.mark.parametrize(("ask", "path", "sentence"), [
    (networks.collapse, [Dense(2), Dense(2, "tanh", name="bend")], "layer 2, 'bend', has .* tanh"),
    (networks.collapse, [Dense(2), layers.Dropout(0.5)], r"layer 2, .* \(type Dropout\), is none"),
    (networks.collapse, [Dense(2), layers.ReLU()], "layer 1, 'dense.*', has the activation relu"),
    (networks.asymptote, [Dense(3, keras.ops.sin), Dense(1)], "layer 1, 'dense.*', has sin:"),
    (networks.asymptote, [Dense(1), layers.ReLU(max_value=6.0)], "layer 1, 'dense.*', has re_lu"),
    (networks.asymptote, [Dense(3), Dense(2)], "1 input and 1 output, but this has 1 and 2"),
    (networks.kinks, [Dense(3, "tanh"), Dense(1)], "are tanh units of 1: build"),
])  # fmt: skip
def test_the_layer_that_does_not_fit_is_named(ask, path, sentence):
    with pytest.raises(InputError, match=sentence):
        ask(network(*path))


@pytest.mark.parametrize("initializer", networks.INITIALIZERS)
def test_starting_weights_are_those_of_a_stack_of_that_seed(initializer):
    kernels = []
    for seed in (2, 3, 2):  # the first ones are cached
        stack = networks.stack([4, 4, 4, 1], seed=seed, initializer=initializer)
        again = networks.starting_weights((4, 4, 4, 1), 1, initializer, seed)
        for expected, drawn in zip(stack.get_weights(), again, strict=True):
            np.testing.assert_array_equal(drawn, expected)
        kernels += [again[2], again[4]]
    assert len(np.unique(kernels, axis=0)) == 4  # no two layers, and no two seeds, start alike
