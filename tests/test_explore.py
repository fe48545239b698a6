"""Every panel of the course over its whole range of settings, against independent calculations."""

import contextlib
import ctypes
import gc
import itertools
import mmap
import re
from pathlib import Path

from helpers import closed_forms, experiments, lessons, networks
from helpers.live import explore
from helpers.live.controls import Slider, Switch
from helpers.pictures.marks import MOST_WORDS, Band, Bundle, Curve
from helpers.problems import rmse
from helpers.question import X, Y

import numpy as np
import pytest
from support import assert_readable

ADDING = lessons.load("panels")["01_summation"]
COLLAPSE = lessons.load("panels")["03_linear_collapse"]


def ends(control):
    """The first and the last position of a control."""
    if isinstance(control, Slider):
        return control.low, control.high
    return (False, True) if isinstance(control, Switch) else (control.options[0], control.options[-1])


def settings_of(panel, **brief):
    """All corners of a panel with few; else both ends of each control, the others as at the start.

    brief: what the last corner, and each position but of this control, has instead.
    """
    controls = panel._controls
    corners = list(itertools.product(*map(ends, controls.values())))
    if len(corners) <= 8:
        return [dict(zip(controls, corner, strict=True)) for corner in corners]
    moved = [brief | {name: value} for name in controls for value in ends(controls[name])]
    return [panel._start | each for each in [*moved, dict(zip(controls, corners[-1], strict=True)) | brief]]


def numbers_in(mark):
    return np.ravel(np.asarray(mark.x, float)), np.ravel(np.asarray(mark.y, float))


@pytest.mark.parametrize("make", explore.declared().values(), ids=explore.declared())
def test_every_panel_answers_over_its_range(make, monkeypatch):
    panel, trained, sentences, views = make(), [], set(), []
    many = make.trains >= 20 or "every_start" in make.controls
    brief = {"epochs": 100} if many else {}
    train_many, view_of = experiments.train_many, panel._view_of

    def counted(model, starts, *given, **how):
        trained.append(len(starts))
        return train_many(model, starts, *given, **how)

    monkeypatch.setattr(experiments, "train_many", counted)
    panel._view_of = lambda **settings: views.append(view_of(**settings)) or views[-1]
    assert 1 <= len(panel._controls) <= 5
    assert make.__doc__
    assert make.press in make.controls
    panel.settings(**settings_of(panel, **brief)[-1])
    for settings in settings_of(panel, **brief):
        assert panel.settings(**settings) == settings
        view = views[-1]
        assert panel.sentence == view.sentence
        assert view.sentence.endswith(".")
        assert len(view.sentence.split()) <= MOST_WORDS
        assert "nan" not in view.sentence
        sentences.add(view.sentence)
        for frame, marks in zip(panel.canvas.frames, view.frames, strict=True):
            for mark in marks:
                x, y = numbers_in(mark)
                assert np.isfinite([*x, *y]).all()
                # What a dot says must not fall off the picture.
                if not isinstance(mark, Curve | Bundle | Band):
                    outside = (y < frame.y_limits[0]) | (y > frame.y_limits[1])
                    assert outside.sum() <= y.size / 2, settings
    assert_readable(panel.canvas.figure, axes=False)
    assert len(sentences) >= 2
    assert set(trained) - {20} == {make.trains} - {0, 20}
    assert (20 in trained) is many
    assert panel.settings(**panel._start) == panel._start
    # Its function has no memory but what its view keeps.
    first, again = views[-1], view_of(**panel._start)
    assert first.sentence == again.sentence == panel.sentence
    for one, other in zip(itertools.chain(*first.frames), itertools.chain(*again.frames), strict=True):
        np.testing.assert_array_equal(one.y, other.y)


def resident():
    """The memory of this process in MiB, without what the C library keeps for its next requests."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # only the GNU C library can give it back at once
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * mmap.PAGESIZE / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads Linux's /proc")
def test_moves_over_all_shapes_leave_the_memory_as_it_was():
    panel = explore.units_at_work()  # the one with the most shapes
    moves = [each | {"epochs": 100} for each in settings_of(panel) if not each["every_start"]]

    def move(times):
        for settings in itertools.islice(itertools.cycle(moves), times):
            panel.settings(**settings)

    move(2 * len(moves))  # a shape's program stays, some 10 MiB each, and the allocator needs some moves
    before = resident()
    move(40)  # a kept picture would be 1.5 MiB, and 60 MiB in all
    assert resident() - before < 30


def test_each_panel_stands_in_a_lesson_and_each_lesson_has_one():
    texts = [path.read_text("utf-8") for path in lessons.having("lesson.md").values()]
    called = [re.findall(r"^explore\.(\w+)\(\)", text, re.M) for text in texts]
    assert all(called)
    assert list(itertools.chain(*called)) == list(explore.declared())


def rmse_in(view):
    return float(re.search(r"RMSE against x².*? (?:≈ )?([\d,]+)[.,;]", view.sentence)[1].replace(",", ""))


def mark(view, frame, name):
    (found,) = [mark for mark in view.frames[frame] if mark.name == name]
    return found


def test_the_line_by_hand_keeps_the_best_and_never_beats_the_floor():
    x = np.arange(1, 1001)
    rng = np.random.default_rng(0)
    best = None
    lowest = np.inf
    for slope, intercept in rng.integers([0, -400], [2001, 401], size=(50, 2)) * [1, 1000]:
        view = explore.line_by_hand.view(int(slope), int(intercept), best)
        error = np.sqrt(np.mean((slope * x + intercept - x**2) ** 2))
        lowest = min(lowest, error)
        best = view.kept["best"]
        assert mark(view, 1, "now").y == pytest.approx([error])
        assert mark(view, 1, "best so far").y == pytest.approx([lowest])
        assert f"your line {error:,.0f}. Best so far: {lowest:,.0f}" in view.sentence
        np.testing.assert_array_equal(mark(view, 0, "your line").y, [intercept, 1000 * slope + intercept])
    assert lowest > closed_forms.line_floor(1000)
    assert rmse_in(explore.line_by_hand.view(1001, -167_000)) == pytest.approx(74_535, abs=2)


def test_sums_of_new_pairs_become_perfect_even_from_ten_examples():
    before, after = (explore.learning_to_add.view(2, 8, 10, epochs) for epochs in (0, 1000))
    assert "≈ 1,000 are wrong" in before.sentence
    answers = mark(after, 0, "new pairs")
    wrong = int((np.ravel(answers.x) != np.ravel(answers.y)).sum())
    assert wrong < 10
    told = f"≈ {wrong:,} {'is' if wrong == 1 else 'are'} wrong" if wrong else "none is wrong"
    assert told in after.sentence
    np.testing.assert_allclose(np.ravel(mark(after, 1, "weights").y), 1, atol=0.01)
    new, seen = (set(map(tuple, x.tolist())) for x in (ADDING.NEW_PAIRS, ADDING.SUM.draw(1000, seed=1)[0]))
    assert not new & seen


def test_no_linear_network_gets_below_the_floor_and_each_is_two_numbers():
    for layers in (0, 1, 3):
        view = explore.training_a_line.view(layers, 1000, 2)
        answers = numbers_in(mark(view, 0, "the network"))[1]
        assert 74_530 <= rmse(answers, np.arange(1, 1001) ** 2) < 80_000
        assert len(mark(view, 1, "the network").y) == 1000
        for width, epochs in ((1, 0), (1, 50), (8, 500)):
            collapsed = explore.depth_of_a_linear_network.view(layers, width, epochs)
            dot = np.ravel(numbers_in(mark(collapsed, 1, "the network")))
            assert all(low < at < high for at, (low, high) in zip(dot, COLLAPSE.ALL_LINES, strict=True))
        network, line = (np.ravel(mark(collapsed, 0, each).y) for each in ("the network", "its two numbers"))
        np.testing.assert_allclose(network, line, atol=2)


@pytest.mark.parametrize("network", ["8-1", "8-8-1"])
def test_units_add_up_to_the_network_and_its_kinks_are_where_it_bends(network):
    view = explore.units_at_work.view(network, "relu", 500, 3, False)
    x, whole = numbers_in(mark(view, 0, "the network"))
    total = mark(view, 0, "one unit each").y.sum(axis=0)
    np.testing.assert_allclose(np.ptp(whole - total), 0, atol=2)
    kinks = mark(view, 0, "kinks").x
    slopes = np.diff(total)
    bends = x[1:-1][np.abs(np.diff(slopes)) > 0.5]
    assert len(bends)
    for bend in bends:
        assert np.abs(kinks - bend).min() <= 1.5


def test_20_starts_at_once_are_the_20_starts_one_by_one():
    many = explore.units_at_work.view("8-1", "relu", 100, 3, True)
    runs = mark(many, 0, "one run each").y
    assert len(runs) == 20
    for seed in (0, 3, 19):
        alone = explore.units_at_work.view("8-1", "relu", 100, seed, False)
        np.testing.assert_allclose(np.ravel(mark(alone, 0, "the network").y), np.ravel(runs[seed]), atol=50)
    np.testing.assert_array_equal(mark(many, 0, "the start chosen").y, runs[3])
    np.testing.assert_array_equal(mark(many, 0, "from lowest to highest").y, runs)
    assert len(mark(many, 1, "20 starts").y) == 20
    assert "from 20 starts" in many.sentence


def test_each_of_20_starts_has_a_curve_and_its_error():
    view = explore.input_scale.view(1_000_000, activation="relu", initializer="glorot_uniform", epochs=500)
    answers = mark(view, 0, "one start each").y
    errors = [rmse(Y, each) for each in answers]
    np.testing.assert_allclose(np.sort(np.ravel(mark(view, 1, "20 starts").y)), np.sort(errors), rtol=1e-5)
    constant = sum(len(np.unique(each)) == 1 for each in answers)
    assert f"≈ {constant} {'gives' if constant == 1 else 'give'} every x one answer" in view.sentence


def test_held_out_errors_are_compared_with_those_trained_on():
    recipe = {"network": "64-1", "learning_rate": 0.01, "batch_size": 20, "epochs": 500}
    view = explore.fair_trial.view(examples=20, **recipe)
    seen, others = mark(view, 1, "trained on").y, mark(view, 1, "held out").y
    told = float(view.sentence.rpartition("≈ ")[2].removesuffix(" times as much."))
    assert told == pytest.approx(np.median(others) / np.median(seen), rel=0.06)


def test_dragged_weights_are_those_of_the_network_that_is_drawn():
    numbers = {"weight": 1.0, "bias": -1.5, "first": 1.5, "second": 3.0, "last_bias": -0.375}
    model = networks.stack([2, 1], activation="relu")
    model.set_weights([np.array(each) for each in ([[1, 1]], [0, -1.5], [[1.5], [3]], [-0.375])])
    view = explore.weights_dragged.view(**numbers)
    z, answer = numbers_in(mark(view, 1, "answer"))
    np.testing.assert_allclose(answer, model(z[:, np.newaxis]).numpy()[:, 0], atol=1e-5)
    assert mark(view, 1, "kinks").x == [1.5]
    assert view.sentence.startswith("answer = 1.5 relu(z) + 3 relu(z − 1.5) − 0.375. ")
    best = f"{closed_forms.pieces_floor(3, 2):.2f}"
    assert view.sentence.count(f" {best}") == 2  # these are the best two pieces
    for sign in (1, -1):  # a bar ends where its handle is, and has the sign of its number
        numbers["second"] = sign * 2.0
        (low, high), most = explore.weights_dragged.controls["second"].drag, 4
        bars = mark(explore.weights_dragged.view(**numbers), 0, "above 0" if sign > 0 else "below 0")
        end = np.mean([low, high], axis=0) + sign * 2 / most * (np.array(high) - low) / 2
        assert any(np.allclose([x[1], y[1]], end) for x, y in zip(bars.x, bars.y, strict=True))
    assert mark(explore.weights_dragged.view(**numbers | {"weight": 0.0}), 1, "kinks").x == []


def test_pieces_by_hand_have_equal_lengths():
    for pieces in range(1, 17):
        view = explore.pieces_by_hand.view(pieces)
        assert mark(view, 1, "set by hand").y[0] == pytest.approx(74_535 / pieces**2, abs=2)
        kinks = mark(view, 0, "kinks").x
        np.testing.assert_allclose(kinks, 1000 / pieces * np.arange(1, pieces) + 0.5, rtol=1e-4)


def test_wide_and_deep_by_hand_show_their_errors_and_their_laws():
    for pieces in (1, 4, 64):
        view = explore.width_by_hand.view(pieces)
        floor = closed_forms.pieces_floor(1000, pieces)
        law = mark(view, 1, "floor / pieces²")
        assert law.y[pieces - 1] == pytest.approx(floor)
        assert mark(view, 1, "set by hand").y[0] == pytest.approx(floor, abs=1)
        worst = numbers_in(mark(view, 0, "|answer − x²|"))[1].max()
        assert worst == pytest.approx((1000 / pieces) ** 2 / 6, rel=0.06)
    for layers in range(1, 11):
        view = explore.depth_by_hand.view(layers)
        worst = 4 ** (9 - layers) if layers < 10 else 0
        wrong = 1000 - 1000 // 2 ** (10 - layers)
        assert f"worst error {worst:,}, " in view.sentence
        assert f" {wrong:,} of 1,000 predictions wrong" in view.sentence
        assert numbers_in(mark(view, 0, "|answer − x²|"))[1].max() == max(worst, 0.1)
    assert "RMSE 0.00" in view.sentence


def test_what_was_found_is_held_against_what_its_units_could_do_and_leaves_a_trail():
    seen = None
    for units, epochs in ((8, 500), (64, 2000), (64, 200), (64, 0)):
        view = explore.found_and_possible.view(units, epochs, 0, seen)
        floor = closed_forms.units_floor(1000, units)
        assert rmse(mark(view, 0, "the best curve").y, 0 * X) == pytest.approx(floor, rel=0.02)
        assert mark(view, 1, "floor for this width").y == [floor, floor]
        found = rmse(mark(view, 0, "|answer − x²|").y, 0 * X)
        dot, line = mark(view, 1, "now"), mark(view, 1, "this setting")
        assert dot.y == pytest.approx([found], rel=1e-3)
        assert (dot.x, line.x[0], line.x[-1]) == ([epochs], 0, epochs)
        assert epochs == 0 or line.y[0] > 1.5 * line.y[-1] > floor
        pale, seen = mark(view, 1, "settings before"), view.kept["seen"]
    assert pale.x[:, -1].tolist() == [500, 2000]  # the longest of each
    for seed in range(9):
        seen = explore.found_and_possible.view(8, 50, seed, seen).kept["seen"]
    assert len(seen) == 6


def test_beyond_the_range_says_where_it_was_asked():
    view = explore.beyond_the_range.view("relu", 1000, 3000)
    assert "beyond the range" in view.sentence
    assert "inside the range" in explore.beyond_the_range.view("relu", 1000, 800).sentence
    np.testing.assert_array_equal(mark(view, 0, "trained up to here").x, [1000, 1000])


def test_step_by_step_no_kink_comes_into_the_range_at_l_squared_and_some_do_at_l():
    def bending(steps, learning_rate, seed):
        sentence = explore.kinks_step_by_step.view(steps, learning_rate, seed).sentence
        return [int(count) for count in re.findall(r"≈ (\d+)(?: bends?)? at", sentence)]

    for steps, seed in ((0, 0), (1, 4), (20, 7), (500, 0)):
        by_square, by_largest = bending(steps, 0.001, seed)
        assert by_square == 0
        assert (by_largest > 0) == (steps > 0)
    early, late = (sum(bending(steps, 0.00001, seed)[0] for seed in range(8)) for steps in (1, 500))
    assert early > 3 * late  # short steps walk through the range, and out of it
