"""Figures are tested by the data on their artists, and by what their sentence says."""

import base64
import re
from pathlib import Path

from helpers import figures, question, words
from helpers.checks import InputError

import numpy as np
import pytest

x = np.arange(1, 101)


def lines(picture, axes=0):
    return {line.get_label(): line for line in picture.figure.axes[axes].lines}


def assert_readable(picture):
    """Labelled axes, type that the back row can read, one sentence, a picture without warnings."""
    for axes in picture.figure.axes:
        assert axes.get_xlabel()
        for label in (axes.xaxis.label, axes.yaxis.label, axes.title):
            assert label.get_size() >= 14
        for tick in axes.get_xticklabels() + axes.get_yticklabels():
            assert tick.get_size() >= 14
    assert picture.figure.axes[0].get_ylabel() or picture.figure.axes[0].get_yticklabels()
    assert picture.sentence.endswith(".")
    assert picture.png().startswith(b"\x89PNG")
    assert len(picture.png()) < 120_000


def test_fit_draws_expected_and_predictions_sorted_by_x():
    shuffled = np.random.default_rng(0).permutation(x)
    picture = figures.fit(shuffled[:, None], shuffled[:, None] ** 2, {"off by 30": shuffled**2 + 30})
    drawn = lines(picture)
    np.testing.assert_array_equal(drawn["expected: x²"].get_xydata(), np.stack([x, x**2], axis=1))
    np.testing.assert_array_equal(drawn["off by 30"].get_ydata(), x**2 + 30)
    assert picture.sentence == "RMSE against x²: off by 30 ≈ 30.0."
    assert_readable(picture)


def test_fit_marks_kinks_and_leaves_exact_figures_unmarked():
    picture = figures.fit(x, x**2, {"it": x**2 - 5}, trained=False, kinks=[20, 60])
    np.testing.assert_array_equal(lines(picture)["kinks"].get_xdata(), [20, 60])
    assert picture.sentence == "RMSE against x²: it 5; kinks inside the range: 2."
    both = figures.fit(x, x, {"it": x, "its twin": x + 1}, kinks=[20], target="x")
    assert both.sentence == "RMSE against x: it ≈ 0, its twin ≈ 1.00; kinks inside the range: ≈ 1."


def test_curves_differ_by_more_than_colour():
    picture = figures.fit(x, x, {name: x + i for i, name in enumerate("abcd")})
    looks = {line.get_linestyle() for name, line in lines(picture).items() if name in "abcd"}
    assert len(looks) == 4


def test_fit_refuses_more_curves_than_it_can_tell_apart():
    with pytest.raises(InputError, match="up to 4 curves apart, but got 5"):
        figures.fit(x, x, dict.fromkeys("abcde", x))


def test_runs_refuse_more_lines_than_they_can_tell_apart():
    with pytest.raises(InputError, match="up to 3 curves apart, but got 4"):
        figures.runs({"runs": [1, 2]}, floors={"a": 1, "b": 2}, marks={"c": 3, "d": 4})


def test_fit_refuses_predictions_of_another_length():
    with pytest.raises(InputError, match="has 100 and predicted has 99"):
        figures.fit(x, x, {"short": x[1:]})


def test_fit_shades_the_training_range_and_judges_both_sides():
    wide = np.arange(1, 201)
    picture = figures.fit(wide, wide**2, {"it": np.where(wide <= 50, wide**2 + 3, 0)}, trained_to=50)
    (band,) = picture.figure.axes[0].patches
    assert [band.get_x(), band.get_x() + band.get_width()] == [1, 50]
    beyond = words.about(np.sqrt(np.mean(wide[50:] ** 4.0)))
    assert picture.sentence == f"RMSE against x² up to 50 and from there to 200: it ≈ 3.00 and {beyond}."
    assert_readable(picture)


def test_errors_draws_what_is_missed_and_counts():
    picture = figures.errors(x, x**2, {"off": np.where(x > 60, x**2 + 5, x**2), "right": x**2})
    np.testing.assert_array_equal(lines(picture)["off"].get_ydata(), np.where(x > 60, -5, 0))
    assert picture.sentence == (
        "Off: worst error 5, RMSE 3.16, 40 of 100 wrong; right: worst error 0, RMSE 0.00, 0 of 100 wrong."
    )
    assert_readable(picture)


def test_folds_counts_turns():
    z = np.linspace(0, 1, 41)
    picture = figures.folds(z, {"one": np.abs(z - 0.5), "two": np.abs(np.abs(z - 0.5) - 0.25)})
    np.testing.assert_array_equal(lines(picture)["one"].get_ydata(), np.abs(z - 0.5))
    assert picture.sentence == "One turns 1 time; two turns 3 times."
    assert_readable(picture)


@pytest.mark.parametrize("log_size", [True, False])
def test_scaling_draws_every_run_its_median_and_what_could_be(log_size):
    found = {1: [90.0, 400.0, 100.0], 4: [30.0, 20.0, 70.0]}
    picture = figures.scaling("units", {"by hand": {1: 80.0, 4: 0.25}}, found, log_size=log_size)
    axes = picture.figure.axes[0]
    drawn = lines(picture)
    np.testing.assert_array_equal(drawn["by hand"].get_xydata(), [[1, 80], [4, 0.25]])
    np.testing.assert_array_equal(drawn["trained: median; dots: every run"].get_xydata(), [[1, 100], [4, 30]])
    dots = [line for line in axes.lines if line.get_linestyle() == "None"]
    np.testing.assert_array_equal([line.get_ydata() for line in dots], list(found.values()))
    assert axes.get_yscale() == "log"
    assert (axes.get_xscale() == "log") is log_size
    assert picture.sentence == (
        "By hand: from 80 at 1 to 0.25 at 4 units; trained, the median of the runs is ≈ 100 at 1, "
        "≈ 30.0 at 4 units (6 runs)."
    )
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
    assert "All 4 predictions lie within 0.2" in picture.sentence
    assert_readable(picture)


def test_printed_rows_of_the_thread():
    sentence = figures.printed_rows(*question.rows("square")).sentence
    assert "All 16 predictions lie within 0.52 of the line 979.3837·x − 163,514.4," in sentence


def test_diagonal_counts_what_is_off():
    right, wrong = figures.diagonal(x, x), figures.diagonal(x, np.where(x < 4, x + 1, x))
    assert right.sentence == "100 examples, all of them exactly on the diagonal."
    assert wrong.sentence == "100 examples, ≈ 3 of them off the diagonal."
    np.testing.assert_array_equal(lines(wrong)["examples"].get_ydata(), np.where(x < 4, x + 1, x))
    assert_readable(wrong)


def test_losses_start_at_epoch_1():
    picture = figures.losses({"it": [4.0, 2.0, 0.5]})
    np.testing.assert_array_equal(lines(picture)["it"].get_xydata(), [[1, 4], [2, 2], [3, 0.5]])
    assert picture.sentence == "It: from ≈ 4.00 to ≈ 0.500 in 3 epochs."
    assert picture.figure.axes[0].get_yscale() == "log"
    assert_readable(picture)


def test_runs_shows_every_run_the_median_and_the_floor():
    picture = figures.runs({"a": [10, 20, 60], "b": [5.0]}, floors={"floor": 7})
    axes = picture.figure.axes[0]
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), [10, 20, 60])
    np.testing.assert_array_equal(axes.lines[1].get_xdata(), [20, 20])
    np.testing.assert_array_equal(axes.lines[2].get_xdata(), [5])
    assert axes.lines[4].get_xdata() == [7, 7]
    legend = [text.get_text() for text in picture.figure.legends[0].get_texts()]
    assert legend == ["median of the runs", "floor: 7"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    groups = "RMSE, median and range: a: ≈ 20.0 (≈ 10.0 to ≈ 60.0), 3 runs, ≈ 0 below floor; "
    assert picture.sentence == f"{groups}b: ≈ 5.00 (≈ 5.00 to ≈ 5.00), 1 run, ≈ 1 below floor; floor is 7."
    above = figures.runs({"a": [10, 20]}, floors={"the floor": 7})
    assert above.sentence.endswith("2 runs; no run is below the floor, 7.")
    assert_readable(picture)


def test_runs_that_lie_far_apart_are_counted_in_factors():
    values = [500, 5000, 290_000]
    picture = figures.runs(
        {"x/L²": values}, floors={"a line": 74_535}, marks={"one answer": 298_422}, log=True
    )
    (axes,) = picture.figure.axes
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), values)
    assert [line.get_xdata()[0] for line in axes.lines[-2:]] == [74_535, 298_422]
    assert axes.lines[-1].get_linestyle() != axes.lines[-2].get_linestyle()
    assert picture.sentence.endswith(
        "3 runs, ≈ 2 below a line, ≈ 1 within 5 % of one answer; a line is 74,535; one answer is 298,422."
    )
    assert_readable(picture)
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert "1,000" in ticks
    assert "2,000" not in ticks
    (close,) = figures.runs({"x/L²": [220_000, 309_000]}, floors={"a line": 74_535}, log=True).figure.axes
    assert "200,000" in [label.get_text() for label in close.get_xticklabels()]


def test_hidden_units_counts_what_bends_and_what_is_off():
    on, off, bent = x + 1.0, 0.0 * x, np.maximum(x - 50.0, 0)
    layers = {"one": np.stack([on, off, bent, off], 1), "other": np.stack([on, bent, bent, on], 1)}
    picture = figures.hidden_units(x[:, None], layers)
    for axes, (name, outputs) in zip(picture.figure.axes, layers.items(), strict=True):
        assert axes.get_title() == name
        for line, values in zip(axes.lines, outputs.T, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), np.stack([x, values], axis=1))
        assert axes.get_ylim()[1] > outputs.max()
    assert picture.sentence == (
        "At one, of 4 units ≈ 1 bend inside the range, ≈ 2 are off for every x, and the largest output is "
        "≈ 101; at other, of 4 units ≈ 2 bend inside the range, ≈ 0 are off for every x, and the largest "
        "output is ≈ 101."
    )
    assert_readable(picture)


def test_hinge_draws_one_unit():
    picture = figures.hinge(x, 40)
    np.testing.assert_array_equal(lines(picture)["relu(x − 40)"].get_ydata(), np.maximum(x - 40, 0))
    assert lines(picture)["kinks"].get_xdata().tolist() == [40]
    assert (
        picture.sentence == "Up to x = 40 the unit gives 0; from there its output rises with slope 1, to 60."
    )
    assert_readable(picture)


def test_activations_draws_what_keras_computes():
    picture = figures.activations(["relu", "tanh", "gelu"])
    z = np.linspace(-4, 4, 161)
    np.testing.assert_allclose(picture.figure.axes[0].lines[0].get_ydata(), np.maximum(z, 0), atol=1e-6)
    np.testing.assert_allclose(picture.figure.axes[1].lines[0].get_ydata(), np.tanh(z), atol=1e-6)
    assert "relu runs from 0.0 at −4 to 4.0 at 4" in picture.sentence[:1].lower() + picture.sentence[1:]
    assert "tanh runs from −1.0 at −4 to 1.0 at 4; gelu runs from 0.0 at −4" in picture.sentence
    assert_readable(picture)


def test_units_draws_each_contribution_and_their_sum():
    parts = np.stack([x * 2, x * 0, np.maximum(x - 50, 0)], axis=1)
    picture = figures.units(x, parts, 7.0, kinks=[0.0, np.inf, 50])
    axes = picture.figure.axes[0]
    for column in range(3):
        np.testing.assert_array_equal(axes.lines[column].get_ydata(), parts[:, column])
    np.testing.assert_array_equal(lines(picture)["their sum + bias"].get_ydata(), parts.sum(1) + 7)
    assert lines(picture)["kinks"].get_xdata().tolist() == [50]
    assert "3 units: ≈ 1 bend the curve inside the range, ≈ 1 add nothing" in picture.sentence
    assert_readable(picture)


def test_a_fit_may_be_cut_off_where_the_curve_leaves_the_others_far_below():
    picture = figures.fit(x, x**2, {"flat": 0 * x}, highest=600)
    low, high = picture.figure.axes[0].get_ylim()
    assert low < 0 < high == 600 < (x**2).max()
    assert picture.sentence.endswith("; the picture ends at 600.")
    assert_readable(picture)


def test_pieces_law_tells_its_slope():
    picture = figures.pieces_law([1, 2, 4], [160, 40, 10])
    np.testing.assert_array_equal(picture.figure.axes[0].lines[0].get_ydata(), [160, 40, 10])
    assert "from 160 to 10: a slope of −2.0" in picture.sentence
    assert [text.get_text() for text in picture.figure.axes[0].texts] == ["160", "40", "10"]
    assert "a slope of −1.0" in figures.pieces_law([1, 2, 4], [40, 20, 10]).sentence
    assert_readable(picture)


def test_a_notebook_shows_picture_alt_text_and_sentence(monkeypatch):
    shown = []
    monkeypatch.setattr(figures, "display", lambda *args, **options: shown.append((args, options)))
    picture = figures.diagonal(x, x)
    picture._ipython_display_()
    (bundle,), options = shown[0]
    assert base64.b64decode(bundle["image/png"]) == picture.png()
    assert bundle["text/plain"] == picture.sentence
    assert options["metadata"]["image/png"]["alt"] == picture.sentence
    assert shown[1][0][0].data == picture.sentence


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (75_777.3, "≈ 75,800"),
        (0.0012345, "≈ 0.00123"),
        (1.8e-15, "≈ 1.80e-15"),
        (-2.5e-5, "≈ −2.50e-05"),
        (9.999, "≈ 10.0"),
        (999.6, "≈ 1,000"),
        (-163_514, "≈ −164,000"),
        (0, "≈ 0"),
        (12, "≈ 12.0"),
        (float("nan"), "≈ nan"),
    ],
)
def test_about_rounds_to_digits_and_marks(value, text):
    assert words.about(value) == text


def test_spread_line_and_rows():
    assert words.spread([1, 2, 30]) == "≈ 2.00 (≈ 1.00 to ≈ 30.0)"
    assert words.line(979.38, -163_514) == "≈ 979·x − ≈ 164,000"
    assert words.line(2, 3) == "≈ 2.00·x + ≈ 3.00"
    assert words.rows([120], [118]) == "Expected=120, Predicted=118 (err=2)"
    assert words.rows([120], [118], trained=True) == "Expected=120, Predicted=≈ 118 (err=≈ 2)"
    with pytest.raises(InputError, match="one row for each example"):
        words.rows([1, 2], [1])


def test_table_is_markdown_with_numbers_to_the_right():
    table = words.table(["name", "RMSE"], [["a", "≈ 3.00"], ["b", "1,000"]]).data.splitlines()
    assert table == ["| name | RMSE |", "| :-- | --: |", "| a | ≈ 3.00 |", "| b | 1,000 |"]


def test_every_sentence_marks_trained_figures_so_that_the_sanitiser_finds_them():
    pattern = re.search(
        r"^regex: (.*)$", (Path(__file__).parent / "nbval_sanitize.cfg").read_text("utf-8"), re.M
    )[1]
    for text in ("≈ 75,800", "≈ −164,000", "≈ 0.00123", "≈ 1.80e-15", "≈ −2.50e-05", "≈ 12.0", "≈ nan"):
        assert re.sub(pattern, "≈", f"a {text}, b") == "a≈, b"
    assert re.sub(pattern, "≈", "err=-5 1,000 (2.5)") == "err=-5 1,000 (2.5)"
