"""Every picture of the course: the data on its artists, its words, and whether a back row can read it."""

import base64
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from helpers import lessons, networks, question, words
from helpers.checks import InputError
from helpers.pictures import figures, marks
from helpers.problems import Problem, Scaling

import keras
import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb, to_rgba
from support import assert_readable


class Case(NamedTuple):
    """A picture, a part of its caption, its artists' x and y by label, and a part of its alternative text."""

    draw: partial
    caption: str
    data: dict | None = None
    alt: str = ""

    @property
    def name(self):
        return self.draw.func.__name__


x = np.arange(1, 101)
mixed = np.random.default_rng(0).permutation(x)[:, np.newaxis]
wide = np.arange(1, 201)
z = np.linspace(0, 1, 41)
roots = np.array([10, 20, 40, 70])
off_by_5 = np.where(x > 60, x**2 + 5, x**2)
bent = np.maximum(x - 50.0, 0)
layers = {"one": np.stack([x, 0 * x, bent, 0 * x], 1), "other": np.stack([x, bent, bent, x], 1)}
FOUR = {f"a curve with a long name, number {i}": x + i for i in range(4)}
NINE = {f"a recipe with a long name, number {i}": [10.0 + i, 20.0 + i] for i in range(9)}
THREE_LAWS = dict(zip(list(FOUR)[:3], [{1: 2.0, 3: 1.0}] * 3, strict=True))
FOUND = {1: [90.0, 400.0, 100.0], 4: [30.0, 20.0, 70.0]}
LAWS = {"wide": {1: 80.0, 2: 40.0, 90: 0.25}, "deep": {5: 30.0, 9: 2.0}}
PAIRED = {"a": [10, 20, 60], "b": [20, 10, 240], "c": [10, 20, 30]}
FAR = {"x/L²": [500, 5000, 290_000]}
MOVED = np.array([1, 1, 1, -1, -1, -1.0]), np.array([400, -50, 5000, 0, 2000, 7])
three_units = networks.stack([3, 1], activation="relu")
three_units.set_weights([np.array(w) for w in ([[2, 0, 1]], [0, 0, -6.25], [[1], [1], [3]], [0.875])])
two_units = networks.keep_units(three_units, [0, 2])
by_hand = {"wide": networks.squarer(8), "deep": networks.deep_squarer(3)}
to_and_fro = np.linspace(-4, 4, 161)

CASES = [
    Case(partial(figures.fit, mixed, mixed**2, {"off by 30": mixed**2 + 30}),
     "RMSE against x²: off by 30 ≈ 30.0.", data={"expected: x²": (x, x**2), "off by 30": (x, x**2 + 30)},
     alt="30.0. Heights: at x = 1 expected 1, off by 30 ≈ 31.0; at x = 25 "),
    Case(partial(figures.fit, x, x**2, {"it": x**2 - 5}, trained=False, kinks=[20, 60]),
     "RMSE against x²: it 5; kinks inside the range: 2.", data={"kinks": ([20, 60], [0.02, 0.02])}),
    Case(partial(figures.fit, x, x, {"it": x, "its twin": x + 1}, kinks=[20]),
     "RMSE against x²: it ≈ 0; its twin ≈ 1.00; kinks inside the range: ≈ 1."),
    Case(partial(figures.fit, wide, wide**2, {"it": np.where(wide <= 50, wide**2 + 3, 0)}, trained_to=50),
     f"it: up to 50 ≈ 3.00, from there to 200 {words.about(np.sqrt(np.mean(wide[50:] ** 4.0)))}.",
     data={"trained here": ([1, 50, 50, 1, 1], [0, 0, 1, 1, 0])}),
    Case(partial(figures.fit, x, x**2, {"flat": 0 * x}, highest=600), "; the picture ends at 600."),
    Case(partial(figures.fit, x, x, FOUR, kinks=[3], trained_to=50, highest=90), "RMSE against x²; kinks"),
    Case(partial(figures.errors, x, x**2, {"off": off_by_5, "right": x**2}),
     "How far the predictions are from x².", data={"off": (x, x**2 - off_by_5), "right": (x, 0 * x)},
     alt="off: worst error 5, RMSE 3.16, wrong 40 of 100; right: worst error 0, RMSE 0.00, wrong 0 of "),
    Case(partial(figures.errors, x, x, FOUR), "How far", alt="number 3: worst error 3"),
    Case(partial(figures.folds, z, {"one": np.abs(z - 0.5), "two": np.abs(np.abs(z - 0.5) - 0.25)}),
     "How often each curve turns: one 1 time; two 3 times.", data={"one": (z, np.abs(z - 0.5))}),
    Case(partial(figures.folds, x / 100, FOUR), "How often", alt="number 3 0 time"),
    Case(partial(figures.scaling, "units", {"by hand": {1: 80.0, 4: 0.25}}, FOUND),
     "RMSE over units: by hand, and 6 trained runs.", data={"by hand": ([1, 4], [80, 0.25]),
     "trained: median; dots: every run": ([1, 4], [100, 30])},
     alt="1 unit: by hand 80, median ≈ 100, lowest ≈ 90.0, highest ≈ 400, runs 3; 4 units: by hand 0.25"),
    Case(partial(figures.scaling, "units", LAWS),
     "RMSE over units: wide: from 80 at 1, to 0.25 at 90 units; deep: from 30 at 5, to 2.00 at 9 units.",
     data={"deep": ([5, 9], [30, 2])}),
    Case(partial(figures.scaling, "hidden layers", THREE_LAWS), "RMSE over",
     alt="number 2: from 2.00 at 1, to 1.00"),
    Case(partial(figures.printed_rows, roots**2, 3 * roots - 50 + np.array([0.25, -0.25, 0, 0])),
     "All 4 predictions lie within 0.2", data={"predicted": (roots, [-19.75, 9.75, 70, 160]),
     "expected: x²": (roots, roots**2)}),
    Case(partial(figures.printed_rows, *question.rows("square")),
     "All 16 predictions lie within 0.45 of the line 979.3835·x − 163,514.3,"),
    Case(partial(figures.diagonal, x, x), "100 examples, all of them exactly on the diagonal."),
    Case(partial(figures.diagonal, x, np.where(x < 4, x + 1, x)),
     "100 examples, ≈ 3 of them off the diagonal.", data={"examples": (x, np.where(x < 4, x + 1, x)),
     "predicted = expected": ([0, 100], [0, 100])}),
    Case(partial(figures.losses, {"it": [4.0, 2.0, 0.5], "other": [3.0, 1.0]}),
     "Loss: it: at first ≈ 4.00, at last ≈ 0.500 after 3 epochs; other: ",
     data={"it": ([1, 2, 3], [4, 2, 0.5]), "other": ([1, 2], [3, 1])}),
    Case(partial(figures.losses, {"a < b": [*np.geomspace(1, 0.001, 40), 0.5, 0.002]}), "Loss: a < b: ",
     alt="a < b: ≈ 0.203 after 10, ≈ 0.00588 after 30; from 21 on at most ≈ 0.500, at ≈ 41."),
    Case(partial(figures.losses, FOUR), "Loss", alt="number 3: at first ≈ 4.00"),
    Case(partial(figures.runs, {"a": [10, 20, 60], "b": [5.0]}, floors={"floor": 7}),
     "RMSE of every run, median ≈ 5.00 to ≈ 20.0.", data={"floor: 7": ([7, 7], [0, 1]),
     "median of the runs": ([20, 20], [-0.4, 0.4])},
     alt="a: median ≈ 20.0, lowest ≈ 10.0, highest ≈ 60.0, runs 3, below floor (7) ≈ 0; b: median ≈ 5.00, "
     "lowest ≈ 5.00, highest ≈ 5.00, runs 1, below floor (7) ≈ 1."),
    Case(partial(figures.runs, {"a": [10, 20]}, floors={"it": 7}), "runs 2; no run is below it, 7."),
    Case(partial(figures.runs, PAIRED, against="a"), "RMSE of every run",
     alt="b: median ≈ 20.0, lowest ≈ 10.0, highest ≈ 240, runs 3, compared with a, wins ≈ 1 of 3, "
     "median ratio ≈ 2.0; c: median ≈ 20.0, lowest ≈ 10.0, highest ≈ 30.0, runs 3, compared with a, "
     "wins ≈ 1 of 3, median ratio ≈ 1.0."),
    Case(partial(figures.runs, PAIRED, against={"c": "b"}), "RMSE of every run",
     alt="compared with b, wins ≈ 2 of 3, median ratio ≈ 0.50."),
    Case(partial(figures.runs, FAR, floors={"a line": 74_535}, marks={"one answer": 298_422}, log=True),
     "RMSE of every run, median ≈ 5,000.", data={"a line: 74,535": ([74_535] * 2, [0, 1]),
     "one answer: 298,422": ([298_422] * 2, [0, 1])},
     alt="below a line (74,535) ≈ 2, within 5 % of one answer (298,422) ≈ 1."),
    Case(partial(figures.runs, NINE, floors={"the floor of every line": 7}, marks={"the mean": 15}),
     "median ≈ 15.0 to ≈ 23.0; no run is below the floor of every line, 7.", alt="number 8: median ≈ 23.0"),
    Case(partial(figures.hidden_units, x[:, np.newaxis], layers), "What the units give for x.",
     data={name: (x, outputs.T) for name, outputs in layers.items()},
     alt="one: units 4, bend inside the range ≈ 1, off for every x ≈ 2, largest output ≈ 100; other: "
     "units 4, bend inside the range ≈ 2, off for every x ≈ 0, largest output ≈ 100."),
    Case(partial(figures.hidden_units, x, {name: values[:, np.newaxis] for name, values in FOUR.items()}),
     "What the units", alt="number 3: units 1"),
    Case(partial(figures.relu_unit, x, 40),
     "Up to x = 40 the unit gives 0; from there its output rises with slope 1, to 60.",
     data={"relu(x − 40)": (x, np.maximum(x - 40, 0)), "kinks": ([40], [0.02])}),
    Case(partial(figures.activations, ["relu", "tanh", "sine"]),
     "What the activations give: relu: at −4 0, at 4 4; tanh: at −4 −1, at 4 1; sine: at −4 0.8, ",
     data={"relu": (to_and_fro, np.maximum(to_and_fro, 0)), "tanh": (to_and_fro, np.tanh(to_and_fro)),
     "sine": (to_and_fro, np.sin(to_and_fro))}),
    Case(partial(figures.units, three_units, Scaling(8, 8), x[:, np.newaxis]),
     "Of 3 units ≈ 1 with a kink inside the range, ≈ 1 without effect on the shape.",
     data={"one unit each": (x, [2 * x, 0 * x, 3 * bent]), "their sum + bias": (x, 2 * x + 3 * bent + 7),
     "kinks": ([50], [0.02])}),
    Case(partial(figures.units, two_units, Scaling(8, 8), x[:, np.newaxis], trained=False),
     "Of 2 units 1 with a kink inside the range, 0 without effect on the shape.", data={"unit 1": (x, 2 * x),
     "+ unit 2": (x, 3 * bent)}),
    Case(partial(figures.pieces_law, [1, 2, 4], [160, 40, 10]),
     "from 160 to 10, with slope −2: twice the pieces leave 0.25 of the error.",
     data=dict.fromkeys(("the network, set by hand", "floor / pieces²"), ([1, 2, 4], [160, 40, 10]))),
    Case(partial(figures.pieces_law, [1, 2, 4], [40, 20, 10]), "slope −1: twice the pieces leave 0.50"),
    Case(partial(figures.piece, 300, 420),
     "h²/6 = 2,400 above the best line and h²/4 = 3,600 above the tangent",
     data={"best line": ([300, 420], [87_600, 174_000]), "tangent": ([300, 420], [86_400, 172_800])}),
    Case(partial(figures.ruler, 0.01, {"a": (0.1, 1), "b": (0.001, 0.01)}),
     "One step of 0.01, as a share of the largest: a 1 %; b 100 %.",
     data={"one step: 0.01": ([0.01, 0.01], [0, 1])}),
    Case(partial(figures.descent, lambda weight: (weight - 3) ** 2, 1.0, rate=0.25, steps=2),
     "At 1 the slope of the loss is −4, so a step makes the weight larger; 2 steps take the loss from",
     data={"the weight, step by step": ([1, 2, 2.5], [4, 1, 0.25])}),
    Case(partial(figures.descent, lambda weight: weight**2, 1.0, rate=0.25), "makes the weight smaller"),
    Case(partial(figures.kinks_moved, {"x/L": MOVED}, 1000), "Where the kinks went from 0.",
     data={"bends inside": ([400, 7], [1, 6]), "on for every x": ([-50, 1900], [2, 5]),
     "off for every x": ([1900, 0], [3, 4])},
     alt="bend inside ≈ 2, on for every x ≈ 2, off for every x ≈ 2, farthest kink ≈ 5,000"),
    Case(partial(figures.network, by_hand, trained=False),
     "wide, 8-1: 25 weights and biases; weights and biases below 0: 9; deep, 4-4-4-1: 53 "),
]  # fmt: skip


def drawn(picture):
    """Return the x and y of each artist by its label; of a bundle, y has a row for each line."""
    found = {}
    for axes in picture.figure.axes:
        for line in reversed(axes.lines):  # the first of a label counts
            found[line.get_label()] = line.get_data()
        for patch in axes.patches:
            found[patch.get_label()] = patch.get_xy().T
        for bundle in axes.collections:
            each = [path.vertices for path in bundle.get_paths()]
            found[bundle.get_label()] = each[0][:, 0], np.array([points[:, 1] for points in each])
    return found


@pytest.mark.parametrize("case", CASES, ids=[f"{at}-{case.name}" for at, case in enumerate(CASES)])
def test_a_picture_shows_its_data_says_them_and_can_be_read(case):
    picture = case.draw()
    for label, expected in (case.data or {}).items():
        for axis, values in zip(drawn(picture)[label], expected, strict=True):
            np.testing.assert_allclose(axis, values, atol=1e-6)
    assert case.caption in picture.caption
    assert case.alt in picture.alt
    named = case.name != "network"  # which has no axes
    assert_readable(picture.figure, axes=named)
    assert len(picture.caption.split()) <= marks.MOST_WORDS == 25
    assert picture.caption.endswith(".")
    assert picture.alt.endswith(".")
    assert picture.png().startswith(b"\x89PNG")
    assert len(picture.png()) < 120_000 or not named


def test_every_picture_of_the_lessons_is_among_them():
    lessons.load("pictures")
    shared = {"fit", "runs", "scaling", "network"}
    assert {case.name for case in CASES} == shared | set(figures.REGISTRY.declared)


def test_colours_and_dashes_tell_curves_apart():
    picture = figures.fit(x, x, {name: x + i for i, name in enumerate("abcd")})
    curves = [line for line in picture.figure.axes[0].lines if line.get_label() in "abcd"]
    assert len({line.get_linestyle() for line in curves}) == len({line.get_color() for line in curves}) == 4
    assert [to_rgb(colour) for colour in marks.COLOURS] == matplotlib.color_sequences["okabe_ito"]


ABCD = {"floors": dict.fromkeys("ab", 1), "marks": dict.fromkeys("cde", 1)}


@pytest.mark.parametrize(("draw", "sentence"), [
    (lambda: figures.fit(x, x, dict.fromkeys("abcde", x)), "up to 4 curves, but got 5"),
    (lambda: figures.runs({"a": [1]}, **ABCD), "up to 4"),
    (lambda: figures.fit(x, x, {"short": x[1:]}), "has 100 and predicted has 99"),
    (lambda: figures.errors(x, x, {"short": x[1:]}), "has 100 and predicted has 99"),
    (lambda: figures.network("a model"), "network needs a built Sequential or functional"),
    (lambda: figures.network({}), "1 to 3 models side by side, but got 0"),
    (lambda: figures.network(networks.stack([1], inputs=2), [1]), "x must have 2 columns"),
    (lambda: figures.network(networks.stack([1]), "one"), "x must be numbers"),
    (lambda: figures.network(networks.stack([3, 1], activation=keras.activations.softmax)), "mixes them"),
    (lambda: words.rows([1, 2], [1]), "one row for each example"),
])  # fmt: skip
def test_what_cannot_be_drawn_is_refused(draw, sentence):
    with pytest.raises(InputError, match=sentence):
        draw()


def test_axes_fit_what_they_show():
    cut = figures.fit(x, x**2, {"flat": 0 * x}, highest=600).figure.axes[0]
    assert cut.get_ylim()[0] < 0 < cut.get_ylim()[1] == 600
    rows = figures.runs({"a": [10, 20, 60], "b": [5.0]}).figure.axes[0]
    assert [label.get_text() for label in rows.get_yticklabels()] == ["a", "b"]
    for log, scale in ((True, "log"), (False, "linear")):
        axes = figures.scaling("units", {}, FOUND, log_size=log).figure.axes[0]
        dots = axes.lines[0].get_xdata()
        np.testing.assert_array_equal(dots.round(), [1, 1, 1, 4, 4, 4])
        assert len(set(dots)) == 6  # none behind another
        assert [axes.get_yscale(), axes.get_xscale()] == ["log", scale]
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "4"]
    for values, has, lacks in ((FAR["x/L²"], "1,000", "2,000"), ([220_000, 309_000], "200,000", "10")):
        axes = figures.runs({"": values}, floors={"a line": 74_535}, log=True).figure.axes[0]
        ticks = [label.get_text() for label in axes.get_xticklabels()]
        assert has in ticks
        assert lacks not in ticks
    points = figures.pieces_law([1, 2, 4], [160, 40, 10]).figure.axes[0].texts
    assert [text.get_text() for text in points] == ["160", "40", "10"]
    ticks = figures.losses({"it": np.geomspace(1, 1e-15, 50)}).figure.axes[0].get_yticklabels()
    assert "10^{-6}" in ticks[5].get_text()
    units = figures.hidden_units(x, layers).figure.axes
    assert [axes.get_title() for axes in units] == [*layers]
    assert all(axes.get_ylim()[1] > 100 for axes in units)


def test_a_notebook_shows_picture_alt_text_caption_and_table_or_words(monkeypatch):
    shown = []
    monkeypatch.setattr(marks, "display", lambda *args, **options: shown.append((args, options)))
    picture = figures.runs({"a": [1, 2], "b": [3, 4]})
    picture._ipython_display_()
    ((bundle,), options), ((caption,), _), ((table,), _) = shown
    assert base64.b64decode(bundle["image/png"]) == picture.png()
    assert bundle["text/plain"] == options["metadata"]["image/png"]["alt"] == picture.alt
    assert caption.data == picture.caption
    assert table.data.splitlines()[2] == "| a | ≈ 1.50 | ≈ 1.00 | ≈ 2.00 | 2 |"
    shown.clear()
    figures.diagonal(x, x)._ipython_display_()
    assert len(shown) == 2
    shown.clear()
    figures.losses({"a < b": [1.0, 0.5]})._ipython_display_()
    assert shown[2][0][0].data.startswith("<details><summary>The picture in words</summary><p>Loss: a &lt; b")


# Networks --------------------------------------------------------------------------------

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


def texts(picture):
    return [text.get_text() for text in picture.figure.axes[0].texts]


def functional(*layers):
    inputs = keras.Input((2,))
    outputs = inputs
    for layer in layers:
        outputs = layer(outputs)
    return keras.Model(inputs, outputs)


@pytest.mark.parametrize("model", [
    networks.stack([3, 4, 2], inputs=2, activation="relu", seed=1),
    functional(keras.layers.Dense(5), keras.layers.ReLU(), keras.layers.Dense(3, "tanh", use_bias=False)),
])  # fmt: skip
def test_every_weight_is_drawn_with_its_sign_and_its_size(model):
    picture = figures.network(model, trained=False)
    kernels = [layer.kernel.numpy() for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    values = np.concatenate([kernel.ravel() for kernel in kernels])
    lines = drawn_weights(picture)
    assert [sign for *_, sign, _, _ in lines] == np.sign(values).tolist()
    widths = np.array([line[4] for line in lines])
    np.testing.assert_allclose((widths - 0.8) / (widths.max() - 0.8), np.abs(values) / np.abs(values).max())
    assert all(dashed == (sign < 0) for *_, sign, _, dashed in lines)
    assert len({line[0] for line in lines}) == len(kernels)
    assert f"; weights and biases below 0: {(values < 0).sum()}." in picture.caption
    assert_readable(picture.figure, axes=False)


def test_a_small_network_has_its_numbers_and_what_becomes_of_an_example():
    model = networks.stack([2, 1], activation="relu")
    model.set_weights([np.array([[3, -2]]), np.array([0, 1.5]), np.array([[0.5], [4]]), np.array([-1])])
    picture = figures.network(model, [2], trained=False)
    written = ["1\ninput", "2\nrelu", "1\nunit", "2", "6", "0", "2", "3", "−2", "1.5", "0.5", "4", "−1"]
    assert sorted(texts(picture)) == sorted(written)
    assert (
        picture.caption
        == "Network 2-1: 7 weights and biases; from 2 it makes 2; weights and biases below 0: 2."
    )
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
    assert_readable(picture.figure, axes=False)


def test_wide_layers_are_drawn_in_part_with_their_count():
    model = networks.stack(question.LAYERS, seed=0)
    picture = figures.network(model)
    assert "203,240 weights and biases" in picture.caption
    counts = ["1\ninput", *(f"{units:,}\nunits" for units in question.LAYERS)]
    assert [text for text in texts(picture) if "\n" in text] == counts
    assert texts(picture).count("⋮") == len(question.LAYERS)
    kernel, ends = model.layers[1].kernel.numpy(), [0, 1, 2, -2, -1]
    places = sorted({line[0] for line in drawn_weights(picture)})
    second = [line for line in drawn_weights(picture) if line[0] == places[1]]
    assert [sign for *_, sign, _, _ in second] == np.sign(kernel[np.ix_(ends, ends)]).ravel().tolist()
    assert_readable(picture.figure, axes=False)


def test_dead_units_are_crossed_out_and_pass_nothing_on():
    examples = Problem("square").scaling("largest").inputs(np.arange(1, 1001)[:, np.newaxis])
    model = networks.stack([8, 8, 1], activation="relu", seed=0)
    picture = figures.network(model, x=examples)
    dead = networks.dead_units(model, examples)
    crosses = [line for line in picture.figure.axes[0].lines if line.get_label() == "off for every example"]
    assert [line.get_xdata().size for line in crosses] == [count for count in dead if count]
    alive = [8 - count for count in dead]
    assert len(drawn_weights(picture)) == 8 + 8 * alive[0] + alive[1]
    assert f"off for every example: ≈ {sum(dead)};" in picture.caption
    assert all(f"units off: ≈ {count}" in picture.alt for count in dead)


def test_networks_side_by_side_have_their_names_and_share_the_room_for_numbers():
    one, two = networks.squarer(4), networks.squarer(3)
    assert "0.5" in texts(figures.network({"one": one}, trained=False))
    assert not any("." in text for text in texts(figures.network({"one": one, "two": two}, trained=False)))
    picture = figures.network(by_hand, trained=False)
    assert [axes.get_title() for axes in picture.figure.axes] == ["wide", "deep"]
    kernels = [layer.kernel.numpy() for layer in by_hand["deep"].layers]
    assert len(drawn_weights(picture, 1)) == sum(map(np.count_nonzero, kernels))


# Words -----------------------------------------------------------------------------------

ABOUT = {75_777.3: "≈ 75,800", 0.0012345: "≈ 0.00123", 1.8e-15: "≈ 1.80e-15", -2.5e-5: "≈ −2.50e-05"}
ABOUT |= {9.999: "≈ 10.0", 999.6: "≈ 1,000", -163_514: "≈ −164,000", 12: "≈ 12.0", 0: "≈ 0"}


def test_what_was_trained_is_rounded_and_marked_so_that_the_sanitiser_finds_it():
    assert {value: words.about(value) for value in ABOUT} == ABOUT
    assert words.about(float("nan")) == "≈ nan"
    settings = (Path(__file__).parent / "nbval_sanitize.cfg").read_text("utf-8")
    pattern = re.search(r"^regex: (.*)$", settings, re.M)[1]
    assert all(re.sub(pattern, "≈", f"a {text}, b") == "a≈, b" for text in [*ABOUT.values(), "≈ nan"])
    assert re.sub(pattern, "≈", "err=-5 1,000 (2.5)") == "err=-5 1,000 (2.5)"


def test_numbers_in_lines_rows_and_tables():
    assert words.spread([1, 2, 30]) == "≈ 2.00 (≈ 1.00 to ≈ 30.0)"
    assert words.line(979.38, -163_514) == "≈ 979·x − ≈ 164,000"
    assert words.line(2, 3) == "≈ 2.00·x + ≈ 3.00"
    assert words.rows([120], [118]) == "Expected=120, Predicted=118 (err=2)"
    assert words.rows([120], [118], trained=True) == "Expected=120, Predicted=≈ 118 (err=≈ 2)"
    table = words.table(["name", "RMSE"], [["1 layer", "≈ 3 of 8"], ["2 layers", "1,000"]]).data.splitlines()
    assert table == ["| name | RMSE |", "| :-- | --: |", "| 1 layer | ≈ 3 of 8 |", "| 2 layers | 1,000 |"]
