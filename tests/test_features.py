"""Drawings are judged by what their question is about, as a teacher would judge them."""

import re

from helpers.practice import predict
from helpers.practice.features import Height, Kink, Level, Slope, Straight, Turns, kink, turns
from helpers.practice.forms import Drawing

import numpy as np
import pytest
from support import truth_of


def shaky(draw, seed=0, by=0.018):
    """Draw with a hand that trembles, by five pixels on the page."""

    def shaken(x, span):
        return draw(x) + by * span * np.random.default_rng(seed).uniform(-1, 1, len(x))

    return shaken


def through(*points):
    """A curve of straight pieces, as set point by point."""
    at, heights = zip(*points, strict=True)

    def curve(x):
        return np.interp(x, at, heights)

    curve.points = points
    return curve


def relu(x):
    return np.maximum(x - 400, 0)


def line(x):
    return 978.1 * x - 163_500


def tents(z):
    return 1 - np.abs(4 * z - 1 - 2 * (z >= 0.5))


def onwards(x):
    return 1e6 + 1780 * (x - 1000)


# Each drawing, and what a teacher would say is wrong in it, or "" for a right drawing; None is the truth.
DRAWINGS = {
    "relu_drawn": {
        "as it is": (relu, ""),
        "by keys, three points": (through((0, 0), (400, 0), (1000, 600)), ""),
        "a line from below": (lambda x: x - 400, "yours rises there; its kink is at 400, and yours has none"),
        "a parabola": (lambda x: 600e-6 * x**2, "yours rises there; its kink is at 400, and yours has none"),
        "a kink at 500": (lambda x: np.maximum(x - 500, 0), "its kink is at 400, and yours is near 500"),
        "mirrored": (lambda x: np.maximum(400 - x, 0), "from 0 to 400 it is level, and yours falls there"),
        "too steep": (lambda x: 1.6 * relu(x), "yours is 1.6 times as steep"),
        "half as steep": (lambda x: 0.5 * relu(x), "yours is 0.5 times as steep"),
        "too high": (lambda x: relu(x) + 300, "at 0 it is 0, and yours 300"),
    },
    "shape_of_the_answers": {
        "as it is": (line, ""),
        "by keys, two points": (through((0, -160_000), (1000, 820_000)), ""),
        "the squares": (lambda x: x**2, "it is straight, and yours bends upwards"),
        "level": (lambda x: 333_000 + 0 * x, "it rises, and yours is level"),
        "falling": (lambda x: 815_000 - 978 * x, "it rises, and yours falls"),
        "flat": (lambda x: 100_000 + 400 * x, "yours is 0.41 times as steep"),
        "too high": (lambda x: line(x) + 180_000, "at 0 it is −164,000, and yours 17,000"),
    },
    "tent_of_a_tent": {
        "as it is": (tents, ""),
        "by keys, five points": (through((0, 0), (0.25, 1), (0.5, 0), (0.75, 1), (1, 0)), ""),
        "round": (lambda z: np.sin(2 * np.pi * z) ** 2, ""),
        "one tent": (lambda z: 1 - np.abs(2 * z - 1), "it turns 3 times, and yours turns once"),
        "mirrored": (lambda z: 1 - tents(z), "it rises first, and yours falls"),
        "half as high": (lambda z: tents(z) / 2, "at 0.25 it is 1, and yours 0.5"),
        "three tents": (lambda z: np.abs((8 * z + 1) % 2 - 1), "7 times"),
        "elsewhere": (through((0, 0), (0.4, 1), (0.5, 0), (0.6, 1), (1, 0)), "it turns at 0.25, 0.5 and"),
    },
    "loss_over_epochs": {
        "as it is": (None, ""),
        "by keys, three points": (through((1, -3.5), (40, -15), (100, -15)), ""),
        "shaky": (shaky(through((1, -3.5), (35, -14.5), (100, -14.5))), ""),
        "slower and slower": (lambda x: -14 + 11 * np.exp(-x / 20), ""),
        "straight to the end": (lambda x: -3.5 - 0.11 * x, "from 70 to 100 it is level, and yours falls"),
        "level": (lambda x: -3 + 0 * x, "it falls, and yours stays level"),
        "hardly falling": (through((1, -3.5), (40, -6), (100, -6)), "at 100 it is ≈ −15, and yours −6"),
        "up again": (through((1, -3.5), (50, -14), (100, -4)), "yours turns once"),
    },
    "beyond_the_examples": {
        "as it is": (None, ""),
        "by keys, two points": (through((1000, 1e6), (3000, 4.6e6)), ""),
        "shaky": (shaky(onwards), ""),
        "the squares": (lambda x: x**2, "it is straight, and yours bends upwards"),
        "to the last square": (lambda x: 1e6 + 4000 * (x - 1000), "yours is 2.2 times as steep"),
        "up and down": (through((1000, 1e6), (2000, 4e6), (3000, 1e6)), "it is straight"),
    },
}
CASES = [(question, name) for question, drawings in DRAWINGS.items() for name in drawings]


def drawn(question, name, x):
    """Return the heights of a drawing at some x."""
    form, draw, x = predict.declared()[question].form, DRAWINGS[question][name][0], np.array(x, dtype=float)
    if draw is None:
        return np.interp(x, form.x, truth_of(question))
    heights = draw(x, form.high - form.low) if draw.__name__ == "shaken" else draw(x)
    return np.clip(heights, form.low, form.high)


@pytest.mark.parametrize(("question", "name"), CASES, ids=["-".join(case) for case in CASES])
def test_a_drawing_is_judged_as_a_teacher_would(question, name):
    """Print what is said: `pytest -s tests/test_features.py`."""
    form, truth = predict.declared()[question].form, truth_of(question)
    wrong = DRAWINGS[question][name][1]
    heights = form.read(drawn(question, name, form.x).tolist())
    told = form.compare(heights, truth)
    print(f"\n{question}, {name}: {told}")
    assert form.agrees(heights, truth) is (wrong == "")
    assert told.endswith(".")
    assert wrong in told.partition("Not right: ")[2]


def test_every_drawn_question_has_drawings():
    forms = {name: one.form for name, one in predict.declared().items() if isinstance(one.form, Drawing)}
    assert forms.keys() == DRAWINGS.keys()
    assert min(map(len, DRAWINGS.values())) >= 6


def test_a_shaky_hand_is_no_mistake():
    for question, draw in (("relu_drawn", relu), ("shape_of_the_answers", line), ("tent_of_a_tent", tents)):
        form = predict.declared()[question].form
        for seed in range(20):
            heights = shaky(draw, seed)(np.array(form.x, dtype=float), form.high - form.low)
            assert form.agrees(heights, truth_of(question)), form.compare(heights, truth_of(question))


def test_what_is_said_of_any_drawing_is_true_of_it():
    """Curves at random."""
    rng, said = np.random.default_rng(0), set()
    for question in DRAWINGS:
        form, truth = predict.declared()[question].form, np.array(truth_of(question))
        x = np.array(form.x)
        for n in range(120):
            some = np.sort(rng.choice(len(x), rng.integers(1, 6), replace=False))
            heights = rng.uniform(form.low, form.high, len(some)) * (n % 4 > 0) + truth[some] * (n % 4 < 3)
            heights = np.interp(x, x[some], np.clip(heights, form.low, form.high))
            told = form.compare(heights, truth)
            assert told.startswith("Your drawing is right: ") is form.agrees(heights, truth)
            assert len(told) < 400
            level = r"from ([\d,]+) to ([\d,]+) it is level, and yours (.+?) there"
            for first, last, goes in re.findall(level, told):
                there = heights[(x >= value(first)) & (x <= value(last))]
                rise = {"rises": there[-1] > there[0], "falls": there[-1] < there[0]}
                assert rise.get(goes, np.ptp(there) > 0)
                assert goes != "stays level"
            for at, drawn_at in re.findall(r"at ([\d.,]+) it is .+?, and yours (−?[\d.,]+)", told):
                height = np.interp(value(at.rstrip(",")), x, heights)
                assert abs(value(drawn_at) - height) <= 0.06 * abs(height) + 0.001 * (form.high - form.low)
            said |= set(re.findall("yours ([a-z]+ ?[a-z]*)", told))
    assert {"bends upwards", "wavers", "is level", "never turns", "falls there"} <= said


def value(text):
    return float(text.replace(",", "").replace("−", "-").rstrip("."))


@pytest.mark.parametrize("place", [150, 537, 800])
def test_what_is_looked_for_follows_the_truth(place):
    form = predict.declared()["relu_drawn"].form
    truth, _ = predict.declared()["relu_drawn"].truth(shift=place)
    assert form.agrees(truth, truth)
    assert f"the kink at {place}" in form.compare(truth, truth)
    assert not form.agrees(relu(np.array(form.x)), truth)
    flat, _ = predict.declared()["relu_drawn"].truth(shift=-5)  # a line without a kink
    assert "kink" not in form.compare(flat, flat)


def test_where_a_curve_bends_and_turns():
    x = np.linspace(0, 10, 21)
    assert kink(x, np.maximum(x - 3.3, 0), 10) == pytest.approx(3.3, abs=0.01)
    assert kink(x, 2 * x, 10) is None
    assert turns(x, np.abs(x - 4), 10) == [4]
    assert turns(x, np.abs(np.abs(x - 5) - 2), 5) == [3, 5, 7]
    assert turns(x, x + 0.3 * (-1) ** np.arange(21), 10) == []
    assert turns(x, np.minimum(np.minimum(x, 4), 10 - x), 10) == [5]  # the middle of what is level on top


@pytest.mark.parametrize("feature", [Level(), Slope(), Straight(), Kink()])
def test_a_feature_that_the_truth_has_not_is_not_judged(feature):
    slanted, level = [0, 3, 6, 9], [5, 5, 5, 5]
    truth = level if isinstance(feature, Slope | Straight) else slanted
    form = Drawing([0, 1, 2, 3], 0, 10, "x", "y", [feature, Height([0])])
    assert form.compare(truth, truth) == "Your drawing is right: how high it is at 0."
    assert Drawing([0, 1, 2, 3], 0, 10, "x", "y", [Turns()]).agrees(truth, truth)
