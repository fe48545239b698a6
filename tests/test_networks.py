"""Stacks, collapse and the hand-set squarer, against Keras' own answers and the closed forms."""

from helpers import closed_forms, experiments, networks, thread
from helpers.checks import InputError
from helpers.problems import Problem, rmse

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 4), st.booleans(), st.integers(0, 99)
)
def test_collapse_equals_the_model_for_any_depth_width_inputs_outputs_and_bias(units, inputs, bias, seed):
    rng = np.random.default_rng(seed)
    stack = [layers.Dense(width, use_bias=bias) for width in units]
    model = keras.Sequential([keras.Input((inputs,)), *stack])
    model.set_weights([rng.normal(size=value.shape) for value in model.get_weights()])
    weights, offset = networks.collapse(model)
    assert weights.shape == (inputs, units[-1])
    assert offset.shape == (units[-1],)
    assert weights.dtype == offset.dtype == float
    x = rng.normal(size=(20, inputs))
    scale = np.abs(x).max() * np.abs(weights).max() + np.abs(offset).max()
    np.testing.assert_allclose(model(x), x @ weights + offset, atol=1e-4 * max(scale, 1))
    assert bias or not offset.any()


def test_collapse_of_the_threads_network():
    model = networks.stack(thread.LAYERS, inputs=1, seed=0)
    assert model.count_params() == 203_240
    weights, bias = networks.collapse(model)
    x = np.linspace(-1, 1, 50)[:, np.newaxis]
    np.testing.assert_allclose(model(x), x @ weights + bias, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: networks.stack([3, 2, 1], activation="relu"), "layer 1, 'dense.*', has the activation relu"),
        (
            lambda: keras.Sequential(
                [keras.Input((1,)), layers.Dense(2), layers.Dense(2, "tanh", name="bend")]
            ),
            "layer 2, 'bend', has the activation tanh",
        ),
        (
            lambda: keras.Sequential([keras.Input((1,)), layers.Dense(2), layers.Dropout(0.5, name="drop")]),
            "layer 2, 'drop', is a Dropout",
        ),
        (lambda: keras.Sequential([layers.Dense(2)]), "that knows its inputs, but got Sequential"),
        (lambda: "a model", "needs a keras.Sequential model .* got str 'a model'"),
    ],
)
def test_collapse_names_the_first_layer_that_is_not_linear(make, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        networks.collapse(make())
    assert "\n" not in str(caught.value)


def test_stack_is_the_model_one_writes_by_hand():
    by_hand = keras.Sequential(
        [keras.Input((2,)), layers.Dense(5, "relu"), layers.Dense(3, "relu"), layers.Dense(1)]
    )
    model = networks.stack([5, 3, 1], inputs=2, activation="relu")
    assert type(model) is keras.Sequential
    assert [layer.activation for layer in model.layers] == [layer.activation for layer in by_hand.layers]
    assert [w.shape for w in model.get_weights()] == [w.shape for w in by_hand.get_weights()]
    limit = np.sqrt(6 / (5 + 3))
    assert np.abs(model.get_weights()[2]).max() <= limit


def test_seeded_stacks_start_alike_and_no_two_layers_do():
    one, same, other = (networks.stack([4, 4, 4, 1], seed=seed).get_weights() for seed in (1, 1, 2))
    for a, b, c in zip(one[::2], same[::2], other[::2], strict=True):
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)
    assert not np.array_equal(one[2], one[4])
    assert not np.array_equal(
        networks.stack([4, 1]).get_weights()[0], networks.stack([4, 1]).get_weights()[0]
    )


@pytest.mark.parametrize("pieces", [1, 2, 4, 5, 8, 10, 20, 50, 100])
def test_the_squarer_reaches_the_floor_of_whole_numbers(pieces):
    problem = Problem("square")
    x, y = problem.every_number()
    model, scaling = networks.squarer(pieces), problem.scaling("largest")
    exact = scaling.y_divisor * np.asarray(model(x / 1000), dtype=float)
    floor = closed_forms.whole_number_pieces_floor(1000, pieces)
    assert rmse(y, exact) == pytest.approx(floor, rel=0.002)
    assert rmse(y, experiments.answers(model, scaling, x)) == pytest.approx(floor, rel=0.01)


@pytest.mark.parametrize("pieces", [500, 1000])
def test_enough_pieces_square_every_whole_number(pieces):
    problem = Problem("square")
    x, y = problem.every_number()
    by_hand = experiments.answers(networks.squarer(pieces), problem.scaling("largest"), x)
    np.testing.assert_array_equal(by_hand, y)


@pytest.mark.parametrize(("pieces", "largest"), [(3, 1000), (7, 700), (4, 12), (1, 2)])
def test_no_other_weights_do_better_with_these_kinks(pieces, largest):
    problem = Problem("square", largest=largest)
    x, y = problem.every_number()
    knots = 0.5 + largest / pieces * np.arange(1, pieces)
    basis = np.hstack([np.ones_like(x, dtype=float), x, *(np.maximum(x - knot, 0) for knot in knots)])
    best = rmse(y, basis @ np.linalg.lstsq(basis, y)[0])
    ours = largest**2 * np.asarray(networks.squarer(pieces, largest=largest)(x / largest), dtype=float)
    assert rmse(y, ours) == pytest.approx(best, rel=0.01, abs=1e-3)


def test_kinks_are_where_units_switch():
    model = networks.squarer(4)
    np.testing.assert_allclose(networks.kinks(model) * 1000, [0.5, 250.5, 500.5, 750.5], rtol=1e-5)
    hidden = model.layers[0]
    for unit, kink in enumerate(networks.kinks(model)):
        before, after = np.asarray(hidden(np.array([[kink - 0.001], [kink + 0.001]])))[:, unit]
        assert before == 0
        assert after > 0


def test_contributions_add_up_to_the_answer():
    model = networks.stack([6, 1], activation="tanh", seed=0)
    x = np.linspace(0, 1, 30)[:, np.newaxis]
    parts, bias = networks.contributions(model, x)
    assert parts.shape == (30, 6)
    np.testing.assert_allclose(parts.sum(axis=1) + bias, np.asarray(model(x))[:, 0], atol=1e-6)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: networks.stack([]), "units must list the units of each layer"),
        (lambda: networks.stack(8), "units must list .* but is 8"),
        (lambda: networks.stack("88"), "units must list .* but is '88'"),
        (lambda: networks.stack([8, 0]), r"units\[1\] must be a whole number, 1 or more, but is 0"),
        (lambda: networks.stack([8, 1], inputs=-2), "inputs must be .* but is -2"),
        (lambda: networks.stack([8, 1], activation="rleu"), "activation must be one of .* but is 'rleu'"),
        (lambda: networks.stack([8, 1], seed=1.5), "seed must be .* but is 1.5"),
        (lambda: networks.squarer(0), "pieces must be .* but is 0"),
        (lambda: networks.squarer(2, largest="big"), "largest must be .* but is 'big'"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
