"""Drawings are tested by the data on their artists, against the weights that Keras holds."""

import re
import time

from helpers import lessons, networks, question
from helpers.checks import InputError
from helpers.live import explore
from helpers.pictures import figures, marks
from helpers.problems import Problem

import keras
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from test_figures import assert_readable, lines

SIGNED = {1: marks.BLUE, -1: marks.RED}


def drawn_weights(picture, axes=0):
    """Each drawn weight: x of its source, heights at both ends, sign, width, whether it is dashed."""
    found = []
    for bundle in picture.figure.axes[axes].collections:
        for sign in (sign for sign, c in SIGNED.items() if np.allclose(bundle.get_colors(), to_rgba(c))):
            dashed = bundle.get_linestyles()[0][1] is not None
            for path, width in zip(bundle.get_paths(), bundle.get_linewidths(), strict=True):
                (x0, y0), (x1, y1) = path.vertices.round(3)
                if x1 > x0:
                    found.append((x0, y0, y1, sign, width, dashed))
    return sorted(found, key=lambda line: (line[0], -line[1], -line[2]))


def texts(picture, axes=0):
    return [text.get_text() for text in picture.figure.axes[axes].texts]


def functional(*layers):
    inputs = keras.Input((2,))
    outputs = inputs
    for layer in layers:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


@pytest.mark.parametrize(
    "model",
    [
        networks.stack([3, 4, 2], inputs=2, activation="relu", seed=1),
        functional(keras.layers.Dense(5), keras.layers.ReLU(), keras.layers.Dense(3, "tanh", use_bias=False)),
    ],
)
def test_every_weight_is_drawn_with_its_sign_and_its_size(model):
    picture = figures.network(model, trained=False)
    kernels = [layer.kernel.numpy() for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    values = np.concatenate([kernel.ravel() for kernel in kernels])
    drawn = drawn_weights(picture)
    assert [sign for *_, sign, _, _ in drawn] == np.sign(values).tolist()
    widths = np.array([line[4] for line in drawn])
    np.testing.assert_allclose((widths - 0.8) / (widths.max() - 0.8), np.abs(values) / np.abs(values).max())
    assert all(dashed == (sign < 0) for *_, sign, _, dashed in drawn)
    assert len({line[0] for line in drawn}) == len(kernels)
    assert f"; {(values < 0).sum()} of them below 0." in picture.caption
    assert_readable(picture, axes=False)


def test_a_small_network_has_its_numbers_and_what_becomes_of_an_example():
    model = networks.stack([2, 1], activation="relu")
    model.set_weights([np.array([[3, -2]]), np.array([0, 1.5]), np.array([[0.5], [4]]), np.array([-1])])
    picture = figures.network(model, [2], trained=False)
    written = ["1\ninput", "2\nrelu", "1\nunit", "2", "6", "0", "2", "3", "−2", "1.5", "0.5", "4", "−1"]
    assert sorted(texts(picture)) == sorted(written)
    assert picture.caption == "Network 2-1: 7 weights and biases; from 2 it makes 2; 2 of them below 0."
    assert picture.alt.endswith(
        "layer 1, 2 relu units: unit 1 with weight 3 and bias 0, unit 2 with weight −2 and bias 1.5, "
        "giving 6, 0; "
        "layer 2, 1 unit: weights 0.5, 4 and bias −1, giving 2."
    )
    curves = [c for c in picture.figure.axes[0].collections if np.allclose(c.get_colors(), to_rgba("k"))]
    assert len(curves) == 1  # the last unit has no activation
    inside = curves[0].get_paths()[0].vertices[:, 1]
    assert (np.diff(inside) > 0).tolist() == [False] * 20 + [True] * 20
    assert "≈ 2.00" in figures.network(model, [2]).caption
    assert_readable(picture, axes=False)


def test_the_question_is_drawn_in_a_second_and_wide_layers_with_their_count():
    model = networks.stack(question.LAYERS, seed=0)
    figures.network(networks.stack([1]))
    began = time.process_time()
    picture = figures.network(model)
    picture.png()
    assert time.process_time() - began < 1
    assert "203,240 weights and biases" in picture.caption
    assert [text for text in texts(picture) if "\n" in text] == [
        "1\ninput", *(f"{units:,}\nunits" for units in question.LAYERS)
    ]  # fmt: skip
    assert texts(picture).count("⋮") == len(question.LAYERS)
    kernel = model.layers[1].kernel.numpy()
    ends = [0, 1, 2, -2, -1]
    places = sorted({line[0] for line in drawn_weights(picture)})
    second = [line for line in drawn_weights(picture) if line[0] == places[1]]
    assert [sign for *_, sign, _, _ in second] == np.sign(kernel[np.ix_(ends, ends)]).ravel().tolist()
    assert_readable(picture, axes=False)


def test_dead_units_are_crossed_out_and_pass_nothing_on():
    x = Problem("square").scaling("largest").inputs(np.arange(1, 1001)[:, np.newaxis])
    model = networks.stack([8, 8, 1], activation="relu", seed=0)
    picture = figures.network(model, x=x)
    dead = networks.dead_units(model, x)
    crosses = [line for line in picture.figure.axes[0].lines if line.get_label() == "off for every example"]
    assert [line.get_xdata().size for line in crosses] == [count for count in dead if count]
    alive = [8 - count for count in dead]
    assert len(drawn_weights(picture)) == 8 + 8 * alive[0] + alive[1]
    assert f"off for every example: ≈ {sum(dead)};" in picture.caption
    assert all(f"≈ {count} of them off" in picture.alt for count in dead)


def test_networks_side_by_side_have_their_names():
    picture = figures.network({"wide": networks.squarer(8), "deep": networks.deep_squarer(3)}, trained=False)
    assert [axes.get_title() for axes in picture.figure.axes] == ["wide", "deep"]
    assert picture.caption.startswith(
        "wide, 8-1: 25 weights and biases; 9 of them below 0; deep, 4-4-4-1: 53 "
    )
    kernels = [layer.kernel.numpy() for layer in networks.deep_squarer(3).layers]
    assert len(drawn_weights(picture, 1)) == sum(map(np.count_nonzero, kernels))
    assert_readable(picture, axes=False)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (lambda: figures.network("a model"), "network needs a built Sequential or functional"),
        (lambda: figures.network({}), "1 to 3 models side by side, but got 0"),
        (lambda: figures.network(networks.stack([1], inputs=2), [1]), "x must have 2 columns"),
        (lambda: figures.network(networks.stack([1]), "one"), "x must be numbers"),
        (lambda: figures.network(networks.stack([3, 1], activation=keras.activations.softmax)), "mixes them"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong, told):
    with pytest.raises(InputError, match=told):
        wrong()


def test_a_step_downhill_is_the_rate_times_the_slope():
    picture = figures.descent(lambda weight: (weight - 3) ** 2, 1.0, rate=0.25, steps=2)
    np.testing.assert_allclose(lines(picture)["the weight, step by step"].get_xdata(), [1, 2, 2.5])
    assert picture.caption.startswith(
        "At 1 the slope of the loss is −4, so a step makes the weight larger; 2 "
    )
    assert picture.caption.endswith("from 4 to 0.25.")
    assert "smaller" in figures.descent(lambda weight: weight**2, 1.0, rate=0.25).caption
    assert_readable(picture)


def test_a_piece_ends_where_the_lesson_says():
    picture = figures.piece(300, 420)
    ends = np.array([300, 420]) ** 2
    np.testing.assert_allclose(lines(picture)["best line"].get_ydata(), ends - 2400, atol=0.1)
    np.testing.assert_allclose(lines(picture)["tangent"].get_ydata(), ends - 3600)
    assert "h²/6 = 2,400 above the best line and h²/4 = 3,600 above the tangent" in picture.caption
    assert_readable(picture)


def test_the_ruler_shows_ranges_and_a_step():
    picture = figures.ruler(0.01, {"a": (0.1, 1), "b": (0.001, 0.01)})
    assert [line.get_xdata().tolist() for line in picture.figure.axes[0].lines] == [
        [0.1, 1], [0.001, 0.01], [0.01, 0.01]
    ]  # fmt: skip
    assert picture.caption == "One step of 0.01, as a share of the largest: a 1 %; b 100 %."


def test_kinks_stand_where_they_are_and_tell_what_their_units_do():
    weights, kinks = np.array([1, 1, 1, -1, -1, -1.0]), np.array([400, -50, 5000, 0, 2000, 7])
    picture = figures.kinks_moved({"x/L": (weights, kinks)}, 1000)
    drawn = lines(picture)
    assert drawn["bends inside"].get_xydata().tolist() == [[400, 1], [7, 6]]
    assert drawn["on for every x"].get_xydata().tolist() == [[-50, 2], [1900, 5]]
    assert drawn["off for every x"].get_xydata().tolist() == [[1900, 3], [0, 4]]
    assert "bend inside ≈ 2, on for every x ≈ 2, off for every x ≈ 2, farthest kink ≈ 5,000" in picture.alt
    for weight, kink, rest in zip(weights, kinks, ("bends", "on", "off", "off", "on", "bends"), strict=True):
        gives = np.maximum(weight * (np.arange(1, 1001) - kink), 0) > 0
        _, (inside, on, off) = lessons.load("pictures")["05_input_scale"].kinks_of(
            np.array([weight]), np.array([kink]), 1000
        )
        assert (inside, on, off) == (rest == "bends", rest == "on", rest == "off")
        assert (gives.all(), not gives.any()) == (bool(on), bool(off))


def bending(steps, learning_rate, seed):
    sentence = explore.kinks_step_by_step.view(steps, learning_rate, seed).sentence
    return [int(count) for count in re.findall(r"≈ (\d+)(?: bend)? at", sentence)]


def test_step_by_step_no_kink_comes_into_the_range_at_l_squared_and_some_do_at_l():
    for steps, seed in ((0, 0), (1, 0), (1, 4), (20, 7), (500, 0), (500, 13)):
        by_square, by_largest = bending(steps, 0.001, seed)
        assert by_square == 0
        assert (by_largest > 0) == (steps > 0)
    early, late = (sum(bending(steps, 0.00001, seed)[0] for seed in range(8)) for steps in (1, 500))
    assert early > 3 * late  # short steps walk through the range, and out of it
