"""Figures are tested by the data on their artists, and by what their words say."""

import base64
import re
from pathlib import Path

from helpers import networks, question, words
from helpers.checks import InputError
from helpers.pictures import figures, marks
from helpers.problems import Scaling

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

x = np.arange(1, 101)


def lines(picture, axes=0):
    return {line.get_label(): line for line in picture.figure.axes[axes].lines}


def segments(picture, axes=0):
    """The y values of each line of a bundle."""
    (bundle,) = picture.figure.axes[axes].collections
    return np.array([path.vertices[:, 1] for path in bundle.get_paths()])


def assert_readable(picture, axes=True):
    """Type that the back row can read, few words, a picture without warnings; axes with their labels."""
    texts = [text for each in picture.figure.legends for text in each.get_texts()]
    for each in picture.figure.axes:
        assert each.get_xlabel() or not axes
        texts += [each.xaxis.label, each.yaxis.label, each.title, *each.texts]
        texts += each.get_xticklabels() + each.get_yticklabels()
        written = [text for text in each.texts if text.get_text()]
        corners = [corner for text in written for corner in text.get_window_extent().get_points()]
        assert all(picture.figure.bbox.contains(*corner) for corner in corners)
    assert all(text.get_size() >= 14 for text in texts if text.get_text())
    first = picture.figure.axes[0]
    assert first.get_ylabel() or first.get_yticklabels() or not axes
    assert len(picture.caption.split()) <= marks.MOST_WORDS == 25
    assert picture.caption.endswith(".")
    assert picture.alt.endswith(".")
    assert picture.png().startswith(b"\x89PNG")
    assert len(picture.png()) < 120_000 or not axes


def test_fit_draws_expected_and_predictions_sorted_by_x():
    shuffled = np.random.default_rng(0).permutation(x)
    picture = figures.fit(shuffled[:, None], shuffled[:, None] ** 2, {"off by 30": shuffled**2 + 30})
    drawn = lines(picture)
    np.testing.assert_array_equal(drawn["expected: x²"].get_xydata(), np.stack([x, x**2], axis=1))
    np.testing.assert_array_equal(drawn["off by 30"].get_ydata(), x**2 + 30)
    assert picture.caption == "RMSE against x²: off by 30 ≈ 30.0."
    assert picture.alt.startswith(
        f"{picture.caption} Heights: at x = 1 expected 1, off by 30 ≈ 31.0; at x = 25 "
    )
    assert picture.table is None
    assert_readable(picture)


def test_fit_marks_kinks_and_leaves_exact_figures_unmarked():
    picture = figures.fit(x, x**2, {"it": x**2 - 5}, trained=False, kinks=[20, 60])
    np.testing.assert_array_equal(lines(picture)["kinks"].get_xdata(), [20, 60])
    assert picture.caption == "RMSE against x²: it 5; kinks inside the range: 2."
    both = figures.fit(x, x, {"it": x, "its twin": x + 1}, kinks=[20])
    assert both.caption == "RMSE against x²: it ≈ 0; its twin ≈ 1.00; kinks inside the range: ≈ 1."


def test_curves_differ_by_more_than_colour():
    picture = figures.fit(x, x, {name: x + i for i, name in enumerate("abcd")})
    looks = {line.get_linestyle() for name, line in lines(picture).items() if name in "abcd"}
    assert len(looks) == 4


FIVE = {"floors": dict.fromkeys("ab", 1), "marks": dict.fromkeys("cde", 1)}


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: figures.fit(x, x, dict.fromkeys("abcde", x)), "up to 4 curves apart, but got 5"),
        (lambda: figures.runs({"a": [1]}, **FIVE), "up to 4"),
        (lambda: figures.fit(x, x, {"short": x[1:]}), "has 100 and predicted has 99"),
        (lambda: figures.errors(x, x, {"short": x[1:]}), "has 100 and predicted has 99"),
    ],
)
def test_what_cannot_be_drawn_is_refused(draw, sentence):
    with pytest.raises(InputError, match=sentence):
        draw()


def test_fit_shades_the_training_range_and_judges_both_sides():
    wide = np.arange(1, 201)
    picture = figures.fit(wide, wide**2, {"it": np.where(wide <= 50, wide**2 + 3, 0)}, trained_to=50)
    (band,) = picture.figure.axes[0].patches
    assert [band.get_xy()[:, 0].min(), band.get_xy()[:, 0].max()] == [1, 50]
    beyond = words.about(np.sqrt(np.mean(wide[50:] ** 4.0)))
    assert picture.caption == f"RMSE against x²: it: up to 50 ≈ 3.00, from there to 200 {beyond}."
    assert_readable(picture)


def test_a_fit_may_be_cut_off_where_the_curve_leaves_the_others_far_below():
    picture = figures.fit(x, x**2, {"flat": 0 * x}, highest=600)
    low, high = picture.figure.axes[0].get_ylim()
    assert low < 0 < high == 600 < (x**2).max()
    assert picture.caption.endswith("; the picture ends at 600.")
    assert_readable(picture)


def test_errors_draws_what_is_missed_and_counts():
    picture = figures.errors(x, x**2, {"off": np.where(x > 60, x**2 + 5, x**2), "right": x**2})
    np.testing.assert_array_equal(lines(picture)["off"].get_ydata(), np.where(x > 60, -5, 0))
    header, rows = picture.table
    assert header == ["network", "worst error", "RMSE", "wrong"]
    assert rows == [("off", "5", "3.16", "40 of 100"), ("right", "0", "0.00", "0 of 100")]
    assert picture.caption == "How far the predictions are from x²."
    assert picture.alt.startswith("How far the predictions are from x²: off: worst error 5, RMSE 3.16")
    assert_readable(picture)


def test_folds_counts_turns():
    z = np.linspace(0, 1, 41)
    picture = figures.folds(z, {"one": np.abs(z - 0.5), "two": np.abs(np.abs(z - 0.5) - 0.25)})
    np.testing.assert_array_equal(lines(picture)["one"].get_ydata(), np.abs(z - 0.5))
    assert picture.caption == "How often each curve turns: one 1 time; two 3 times."
    assert_readable(picture)


@pytest.mark.parametrize("log_size", [True, False])
def test_scaling_draws_every_run_its_median_and_what_could_be(log_size):
    found = {1: [90.0, 400.0, 100.0], 4: [30.0, 20.0, 70.0]}
    picture = figures.scaling("units", {"by hand": {1: 80.0, 4: 0.25}}, found, log_size=log_size)
    axes = picture.figure.axes[0]
    drawn = lines(picture)
    np.testing.assert_array_equal(drawn["by hand"].get_xydata(), [[1, 80], [4, 0.25]])
    np.testing.assert_array_equal(drawn["trained: median; dots: every run"].get_xydata(), [[1, 100], [4, 30]])
    (dots,) = [line for line in axes.lines if line.get_linestyle() == "None"]
    np.testing.assert_array_equal(dots.get_xdata().round(), [1, 1, 1, 4, 4, 4])
    assert len(set(dots.get_xdata())) == 6  # none behind another
    np.testing.assert_array_equal(dots.get_ydata(), [90, 400, 100, 30, 20, 70])
    assert [axes.get_yscale(), axes.get_xscale()] == ["log", "log" if log_size else "linear"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1", "4"]
    header, rows = picture.table
    assert header == ["units", "by hand", "median", "lowest", "highest", "runs"]
    assert rows[0] == ("1 unit", "80", "≈ 100", "≈ 90.0", "≈ 400", "3")
    assert rows[1] == ("4 units", "0.25", "≈ 30.0", "≈ 20.0", "≈ 70.0", "3")
    assert picture.caption == "RMSE over units: by hand, and 6 trained runs."
    assert_readable(picture)


def test_scaling_without_runs_tells_from_where_to_where():
    picture = figures.scaling("units", {"wide": {1: 80.0, 2: 40.0, 90: 0.25}, "deep": {5: 30.0, 9: 2.0}})
    rows = "wide: from 80 at 1, to 0.25 at 90 units; deep: from 30 at 5, to 2.00 at 9 units."
    assert picture.alt == f"RMSE over units: {rows}"
    assert_readable(picture)


def test_printed_rows_finds_the_line():
    roots = np.array([10, 20, 40, 70])
    predicted = 3 * roots - 50 + np.array([0.25, -0.25, 0, 0])
    picture = figures.printed_rows(roots**2, predicted)
    drawn = lines(picture)
    np.testing.assert_array_equal(drawn["predicted"].get_xydata(), np.stack([roots, predicted], 1))
    np.testing.assert_array_equal(drawn["expected: x²"].get_ydata(), roots**2)
    slope = np.diff(drawn["one straight line"].get_ydata()) / 1000
    assert slope == pytest.approx(3, abs=0.01)
    assert "All 4 predictions lie within 0.2" in picture.caption
    assert_readable(picture)
    caption = figures.printed_rows(*question.rows("square")).caption
    assert "All 16 predictions lie within 0.45 of the line 979.3835·x − 163,514.3," in caption


def test_diagonal_counts_what_is_off():
    right, wrong = figures.diagonal(x, x), figures.diagonal(x, np.where(x < 4, x + 1, x))
    assert right.caption == "100 examples, all of them exactly on the diagonal."
    assert wrong.caption == "100 examples, ≈ 3 of them off the diagonal."
    np.testing.assert_array_equal(lines(wrong)["examples"].get_ydata(), np.where(x < 4, x + 1, x))
    assert_readable(wrong)


def test_losses_start_at_epoch_1():
    picture = figures.losses({"it": [4.0, 2.0, 0.5], "other": [3.0, 1.0]})
    np.testing.assert_array_equal(lines(picture)["it"].get_xydata(), [[1, 4], [2, 2], [3, 0.5]])
    np.testing.assert_array_equal(lines(picture)["other"].get_xydata(), [[1, 3], [2, 1]])
    assert picture.alt.startswith("Loss: it: at first ≈ 4.00, at last ≈ 0.500 after 3 epochs; other: ")
    assert picture.figure.axes[0].get_yscale() == "log"
    assert_readable(picture)
    ticks = figures.losses({"it": np.geomspace(1, 1e-15, 50)}).figure.axes[0].get_yticklabels()
    assert "10^{-6}" in ticks[5].get_text()


def test_runs_shows_every_run_the_median_and_the_floor():
    picture = figures.runs({"a": [10, 20, 60], "b": [5.0]}, floors={"floor": 7})
    axes = picture.figure.axes[0]
    floor, dots, median, one, _ = axes.lines
    assert floor.get_xdata().tolist() == [7, 7]
    np.testing.assert_array_equal(dots.get_xdata(), [10, 20, 60])
    np.testing.assert_array_equal(median.get_xdata(), [20, 20])
    np.testing.assert_array_equal(one.get_xdata(), [5])
    assert dots.get_ydata().round().tolist() == [0, 0, 0]
    legend = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert legend == ["floor: 7", "median of the runs"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert picture.caption == "RMSE of every run, median ≈ 5.00 to ≈ 20.0."
    header, rows = picture.table
    assert header == ["group", "median", "lowest", "highest", "runs", "below floor (7)"]
    assert rows[0] == ("a", "≈ 20.0", "≈ 10.0", "≈ 60.0", "3", "≈ 0")
    assert rows[1] == ("b", "≈ 5.00", "≈ 5.00", "≈ 5.00", "1", "≈ 1")
    assert "a: median ≈ 20.0, lowest ≈ 10.0, highest ≈ 60.0, runs 3, below floor (7) ≈ 0; b: " in picture.alt
    above = figures.runs({"a": [10, 20]}, floors={"the floor": 7})
    assert above.caption.endswith("runs 2; no run is below the floor, 7.")
    assert_readable(picture)


def test_runs_of_the_same_seeds_are_compared_in_pairs():
    groups = {"a": [10, 20, 60], "b": [20, 10, 240], "c": [10, 20, 30]}
    header, rows = figures.runs(groups, against="a").table
    assert header[-3:] == ["compared with", "wins", "median ratio"]
    none = "", "", ""
    assert [row[-3:] for row in rows] == [none, ("a", "≈ 1 of 3", "≈ 2.0"), ("a", "≈ 1 of 3", "≈ 1.0")]
    _, rows = figures.runs(groups, against={"c": "b"}).table
    assert [row[-3:] for row in rows] == [none, none, ("b", "≈ 2 of 3", "≈ 0.50")]


def test_runs_that_lie_far_apart_are_counted_in_factors():
    values = [500, 5000, 290_000]
    lines = {"floors": {"a line": 74_535}, "marks": {"one answer": 298_422}}
    picture = figures.runs({"x/L²": values}, **lines, log=True)
    (axes,) = picture.figure.axes
    assert axes.get_xscale() == "log"
    floor, mark, dots, _ = axes.lines
    np.testing.assert_array_equal(dots.get_xdata(), values)
    assert [line.get_xdata()[0] for line in (floor, mark)] == [74_535, 298_422]
    assert floor.get_linestyle() != mark.get_linestyle()
    assert picture.caption == "RMSE of every run, median ≈ 5,000."
    header, ((*_, below, near),) = picture.table
    assert header[-2:] == ["below a line (74,535)", "within 5 % of one answer (298,422)"]
    assert [below, near] == ["≈ 2", "≈ 1"]
    assert_readable(picture)
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert "1,000" in ticks
    assert "2,000" not in ticks
    (close,) = figures.runs({"x/L²": [220_000, 309_000]}, floors={"a line": 74_535}, log=True).figure.axes
    assert "200,000" in [label.get_text() for label in close.get_xticklabels()]


@pytest.mark.slow
def test_many_groups_with_long_names_have_short_captions_and_every_number_in_the_table():
    groups = {f"a recipe with a long name, number {i}": [10.0 + i, 20.0 + i] for i in range(9)}
    picture = figures.runs(groups, floors={"the floor of every line": 7}, marks={"the mean": 15}, log=True)
    assert [row[0] for row in picture.table[1]] == list(groups)
    assert picture.caption.endswith("median ≈ 15.0 to ≈ 23.0; no run is below the floor of every line, 7.")
    assert_readable(picture)
    four = {f"a curve with a long name, number {i}": x + i for i in range(4)}
    for each in (
        figures.fit(x, x, four, kinks=[3], trained_to=50, highest=90),
        figures.errors(x, x, four),
        figures.folds(x / 100, four),
        figures.losses(four),
        figures.hidden_units(x, {name: values[:, None] for name, values in four.items()}),
        figures.scaling("hidden layers", dict(zip(list(four)[:3], [{1: 2.0, 3: 1.0}] * 3, strict=True))),
    ):
        assert_readable(each)
        assert all(name in each.alt for name, *_ in each.table[1])
        assert len(each.alt.split()) > 25


def test_hidden_units_counts_what_bends_and_what_is_off():
    on, off, bent = x + 1.0, 0.0 * x, np.maximum(x - 50.0, 0)
    layers = {"one": np.stack([on, off, bent, off], 1), "other": np.stack([on, bent, bent, on], 1)}
    picture = figures.hidden_units(x[:, None], layers)
    for i, (name, outputs) in enumerate(layers.items()):
        assert picture.figure.axes[i].get_title() == name
        np.testing.assert_array_equal(segments(picture, i), outputs.T)
        assert picture.figure.axes[i].get_ylim()[1] > outputs.max()
    assert picture.table == (
        ["scale", "units", "bend inside the range", "off for every x", "largest output"],
        [("one", "4", "≈ 1", "≈ 2", "≈ 101"), ("other", "4", "≈ 2", "≈ 0", "≈ 101")],
    )
    assert_readable(picture)


def test_relu_unit_draws_one_unit():
    picture = figures.relu_unit(x, 40)
    np.testing.assert_array_equal(lines(picture)["relu(x − 40)"].get_ydata(), np.maximum(x - 40, 0))
    assert lines(picture)["kinks"].get_xdata().tolist() == [40]
    assert picture.caption.startswith(
        "Up to x = 40 the unit gives 0; from there its output rises with slope 1"
    )
    assert picture.caption.endswith(", to 60.")
    assert_readable(picture)


def test_activations_draws_what_keras_computes():
    picture = figures.activations(["relu", "tanh", "sine"])
    z = np.linspace(-4, 4, 161)
    for i, function in enumerate((lambda z: np.maximum(z, 0), np.tanh, np.sin)):
        np.testing.assert_allclose(picture.figure.axes[i].lines[0].get_ydata(), function(z), atol=1e-6)
    rows = "relu: at −4 0, at 4 4; tanh: at −4 −1, at 4 1; sine: at −4 0.8, at 4 −0.8."
    assert picture.alt == f"What the activations give: {rows}"
    assert_readable(picture)


def test_units_draws_each_contribution_and_their_sum():
    model, parts = networks.stack([3, 1], activation="relu"), [x * 2, x * 0, 3 * np.maximum(x - 50, 0)]
    weights = [[2, 0, 1]], [0, 0, -6.25], [[1], [1], [3]], [0.875]
    model.set_weights([np.array(each) for each in weights])
    picture, parts = figures.units(model, Scaling(8, 8), x[:, np.newaxis]), np.transpose(parts)
    np.testing.assert_array_equal(segments(picture), parts.T)
    np.testing.assert_array_equal(lines(picture)["their sum + bias"].get_ydata(), parts.sum(1) + 7)
    assert lines(picture)["kinks"].get_xdata().tolist() == [50]
    low, high = picture.figure.axes[0].get_ylim()
    assert low < 0 < parts.sum(1).max() < high
    assert "Of 3 units ≈ 1 with a kink inside the range, ≈ 1 without effect" in picture.caption
    assert_readable(picture)
    kept = networks.keep_units(model, [0, 2])
    two = figures.units(kept, Scaling(8, 8), x[:, np.newaxis], trained=False)
    np.testing.assert_array_equal(lines(two)["+ unit 2"].get_ydata(), parts[:, 2])
    assert two.caption == "Of 2 units 1 with a kink inside the range, 0 without effect on the shape."


def test_pieces_law_tells_its_slope():
    picture = figures.pieces_law([1, 2, 4], [160, 40, 10])
    np.testing.assert_array_equal(lines(picture)["the network, set by hand"].get_ydata(), [160, 40, 10])
    np.testing.assert_array_equal(lines(picture)["floor / pieces²"].get_ydata(), [160, 40, 10])
    assert "from 160 to 10, with slope −2: twice the pieces leave 0.25 of the error." in picture.caption
    assert [text.get_text() for text in picture.figure.axes[0].texts] == ["160", "40", "10"]
    assert "slope −1: twice the pieces leave 0.50" in figures.pieces_law([1, 2, 4], [40, 20, 10]).caption
    assert_readable(picture)


def test_a_notebook_shows_picture_alt_text_caption_and_table(monkeypatch):
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


def test_what_a_caption_leaves_out_stands_in_words_below_it(monkeypatch):
    shown = []
    monkeypatch.setattr(marks, "display", lambda *args, **options: shown.append(args))
    picture = figures.losses({"a < b": [*np.geomspace(1, 0.001, 40), 0.5, 0.002]})
    picture._ipython_display_()
    _, (caption,), (below,) = shown
    assert caption.data == picture.caption != picture.alt
    assert (
        "a &lt; b: ≈ 0.203 after 10, ≈ 0.00588 after 30; from 21 on at most ≈ 0.500, at ≈ 41." in below.data
    )
    assert below.data.startswith("<details><summary>The picture in words</summary>")


@pytest.mark.skipif("okabe_ito" not in matplotlib.color_sequences, reason="new in matplotlib 3.11")
def test_the_colours_are_those_of_okabe_and_ito():
    assert [to_rgb(colour) for colour in marks.COLOURS] == matplotlib.color_sequences["okabe_ito"]


ABOUT = {
    75_777.3: "≈ 75,800",
    0.0012345: "≈ 0.00123",
    1.8e-15: "≈ 1.80e-15",
    -2.5e-5: "≈ −2.50e-05",
    0: "≈ 0",
}
ABOUT |= {9.999: "≈ 10.0", 999.6: "≈ 1,000", -163_514: "≈ −164,000", 12: "≈ 12.0", float("nan"): "≈ nan"}


def test_about_rounds_to_digits_and_marks_so_that_the_sanitiser_finds_it():
    assert {value: words.about(value) for value in ABOUT} == ABOUT
    settings = (Path(__file__).parent / "nbval_sanitize.cfg").read_text("utf-8")
    pattern = re.search(r"^regex: (.*)$", settings, re.M)[1]
    assert all(re.sub(pattern, "≈", f"a {text}, b") == "a≈, b" for text in ABOUT.values())
    assert re.sub(pattern, "≈", "err=-5 1,000 (2.5)") == "err=-5 1,000 (2.5)"


def test_spread_line_and_rows():
    assert words.spread([1, 2, 30]) == "≈ 2.00 (≈ 1.00 to ≈ 30.0)"
    assert words.line(979.38, -163_514) == "≈ 979·x − ≈ 164,000"
    assert words.line(2, 3) == "≈ 2.00·x + ≈ 3.00"
    assert words.rows([120], [118]) == "Expected=120, Predicted=118 (err=2)"
    assert words.rows([120], [118], trained=True) == "Expected=120, Predicted=≈ 118 (err=≈ 2)"
    with pytest.raises(InputError, match="one row for each example"):
        words.rows([1, 2], [1])


def test_table_is_markdown_with_numbers_to_the_right():
    table = words.table(["name", "RMSE"], [["1 layer", "≈ 3 of 8"], ["2 layers", "1,000"]]).data.splitlines()
    assert table == ["| name | RMSE |", "| :-- | --: |", "| 1 layer | ≈ 3 of 8 |", "| 2 layers | 1,000 |"]
