"""What a prediction is held against follows the notebook's variables: other variables, another truth."""

import dataclasses
import inspect
import re
from types import SimpleNamespace

from helpers import closed_forms, lessons, networks, question
from helpers.practice import predict
from helpers.problems import Problem
from lessons import build

import numpy as np
import pytest

SQUARE, SUM = Problem("square"), Problem("sum", inputs=2)
EVERY = SQUARE.every_number()[1]


def groups(*medians):
    """Groups of runs with these medians, under the names that each notebook gives."""
    return {f"group {number}": [median] * 3 for number, median in enumerate(medians)}


def pairs(*won):
    """Two groups for each: the first is 1 in all of 20 pairs, the second lower in so many."""
    return {
        f"group {n}{side}": runs
        for n, k in enumerate(won)
        for side, runs in (("a", [1] * 20), ("b", [0] * k + [2] * (20 - k)))
    }


def rates(*medians):
    names = ("0.0003", "0.001", "0.002", "0.003", "0.01", "0.03")
    return {f"learning_rate {name}": [median] for name, median in zip(names, medians, strict=True)}


def pieces(errors):
    """Answers that miss the squares by these errors, piece after piece."""
    return {"wide": {4: EVERY - np.tile(errors, 4)[:, np.newaxis]}, "every_y": EVERY}


BOWL = np.abs(np.linspace(-1, 1, 250))
# The prediction, two sets of variables, and the truth of each.
CHANGES = [
    (
        "steps_of_a_weight",
        {"loss_of": lambda w: (w - 1) ** 2},
        "shorter and shorter",
        {"loss_of": lambda w: 3 * w},
        "all equally long",
    ),
    ("largest_sum", {"scaling": SUM.scaling()}, 2000, {"scaling": SQUARE.scaling()}, 1_000_000),
    (
        "reaches_the_largest",
        {"y": EVERY, "scaling": SQUARE.scaling()},
        "yes",
        {"y": EVERY[:-1], "scaling": SQUARE.scaling()},
        "no",
    ),
    ("wrong_sums", {"y": EVERY, "predicted": EVERY}, 0, {"y": EVERY, "predicted": EVERY + 1}, 1000),
    (
        "new_pairs",
        {"new_y": EVERY, "new_predicted": EVERY},
        "for all of them",
        {"new_y": EVERY, "new_predicted": EVERY + 1},
        "for hardly any",
    ),
    (
        "two_paths",
        {"into": np.array([3, 2]), "out": np.array([0.5, -0.25])},
        1.0,
        {"into": np.array([1, 1]), "out": np.array([1, 1])},
        2.0,
    ),
    (
        "effective_weights",
        {"product": np.ones((2, 1))},
        "1 and 1",
        {"product": np.full((2, 1), 0.5)},
        "0.5 and 0.5",
    ),
    (
        "rmse_again",
        {"y": EVERY, "predicted": EVERY + 75_777},
        "the same",
        {"y": EVERY, "predicted": EVERY},
        "farther from it",
    ),
    ("floor_and_thread", {"largest": 1000}, "within a tenth of it", {"largest": 100}, "less than half of it"),
    (
        "below_the_floor",
        {"groups": groups(80_000, 80_000, 80_000, 80_000), "largest": 1000},
        "none of them",
        {"groups": groups(80_000, 80_000, 80_000, 70_000), "largest": 1000},
        "only the widest layers",
    ),
    (
        "why_it_failed",
        {"groups": groups(80_000), "largest": 1000},
        "something that no training can repair",
        {"groups": groups(70_000), "largest": 1000},
        "too little training",
    ),
    ("two_as_one", {"slope": 6, "intercept": 7}, "6·x + 7", {"slope": 5, "intercept": 6}, "5·x + 6"),
    (
        "lowest_row",
        {"medians": [75_000, 74_900]},
        "none clearly: all within a few per cent",
        {"medians": [75_000, 94_900]},
        "the single unit",
    ),
    (
        "two_pieces_leave",
        {"every_y": EVERY, "by_hand": EVERY + closed_forms.line_floor(1000) / 4},
        "about a quarter",
        {"every_y": EVERY, "by_hand": EVERY + closed_forms.line_floor(1000) / 2},
        "about half of it",
    ),
    (
        "eight_pieces_leave",
        {"units": 8, "counts": [1, 8], "errors": [800.0, 12.5]},
        12,
        {"units": 8, "counts": [1, 8], "errors": [800.0, 100.0]},
        100,
    ),
    (
        "alike_from_all_starts",
        {"reached": [100, 105]},
        "alike: within a tenth",
        {"reached": [100, 300]},
        "the worst more than twice the best",
    ),
    (
        "best_on_squares",
        {"groups": {"relu": [1], "silu": [2]}},
        "relu",
        {"groups": {"relu": [3], "silu": [2]}},
        "gelu or silu",
    ),
    (
        "small_copy_ends",
        {"small_runs": {"x/L²": SimpleNamespace(rmse=lambda: [300_000])}},
        "most near the mean",
        {"small_runs": {"x/L²": SimpleNamespace(rmse=lambda: [2_000])}},
        "most clearly below the floor of every line",
    ),
    (
        "without_biases",
        {"ends": np.array([75_000])},
        "most near that floor",
        {"ends": np.array([290_000])},
        "most near the mean",
    ),
    (
        "kinks_after_a_step",
        {"moved": {"x/L²": (0, np.array([-5000.0, 2000]))}, "problem": SQUARE},
        "all outside the range",
        {"moved": {"x/L²": (0, np.array([500.0, 2000]))}, "problem": SQUARE},
        "some inside, some outside",
    ),
    (
        "unused_input",
        {"groups": groups(1, 1.1, 2, 3)},
        "less than 1.5 times",
        {"groups": groups(1, 4, 2, 3)},
        "3 times or more",
    ),
    (
        "late_epochs",
        {"late_errors": {"usual": [2, 2], "fast": [3, 30]}},
        "5 times or more",
        {"late_errors": {"usual": [2, 9], "fast": [3, 4]}},
        "less than 1.5 times",
    ),
    (
        "first_or_mean",
        {"judged": {"one": [1] * 20, "first": [2] * 20, "mean": [2] * 15 + [0] * 5}},
        "the first of them",
        {"judged": {"one": [1] * 20, "first": [2] * 20, "mean": [2] * 16 + [0] * 4}},
        "both",
    ),
    ("standardised_wins", {"groups": pairs(15, 16)}, "8-8-1 alone", {"groups": pairs(3, 4)}, "neither"),
    ("more_epochs", {"groups": groups(100, 1, 5, 4)}, None, {"groups": groups(5, 4, 100, 1)}, None),
    (
        "other_numbers",
        {"groups": groups(1, 1, 2, 9)},
        "3 times or more",
        {"groups": groups(1, 1, 2, 2)},
        "less than 1.5 times",
    ),
    ("best_rate", {"rates": rates(9, 3, 1, 2, 4, 8)}, "0.003", {"rates": rates(9, 2, 1, 3, 4, 8)}, "0.001"),
    ("failing_starts", {"failed": 0, "many": range(9)}, "none", {"failed": 8, "many": range(9)}, "most"),
    ("error_of_a_piece", pieces(BOWL), None, pieces(1 - BOWL), None),
    ("units_instead_of_layers", {"needed": 9, "deep": {5: 1.0}}, 9, {"needed": 7, "deep": {5: 1.0}}, 7),
    ("layers_without_a_mistake", {"rows": [[8, 5], [9, 0]]}, 9, {"rows": [[3, 5], [4, 0]]}, 4),
    (
        "wide_and_its_floor",
        {"found": {8: [10], 64: [5]}, "could": {8: 1, 64: 1}},
        None,
        {"found": {8: [10], 64: [50]}, "could": {8: 1, 64: 1}},
        None,
    ),
    ("trained_from_there", {"by_hand": 1.0, "kept": 1.0}, None, {"by_hand": 1.0, "kept": 9.0}, None),
    (
        "squares_from_sums",
        {"squared": EVERY, "every_y": EVERY},
        "below 1",
        {"squared": EVERY + 9, "every_y": EVERY},
        "1 to 100",
    ),
    (
        "square_as_input",
        {"answer": 1e12, "farthest": 1e6},
        "about its square",
        {"answer": 1e3, "farthest": 1e6},
        "much less",
    ),
]


@pytest.mark.parametrize(("name", "one", "truth", "other", "its"), CHANGES, ids=[case[0] for case in CHANGES])
def test_a_truth_follows_the_variables(name, one, truth, other, its):
    asked = predict.declared()[name]
    assert set(one) == set(other) == set(inspect.signature(asked.truth).parameters)
    (first, told), (second, _) = asked.truth(**one), asked.truth(**other)
    assert first != second
    for found, expected in ((first, truth), (second, its)):
        if expected is not None:
            assert found == expected
        if hasattr(asked.form, "options"):
            assert asked.form.read(found) == found
    assert told.endswith(".")


def test_the_first_cause_follows_the_network_and_its_data():
    practice, cases = (lessons.load(part)["10_clinic"] for part in ("practice", "cases"))

    def cause(name, *layers):
        case = cases.CASES[name]
        case = dataclasses.replace(case, layers=layers or case.layers)
        return practice.first_cause(case.build(0), case.x, case.y)[0]

    assert {name: cause(name) for name in cases.CASES} == {
        "thermometer": practice.INPUTS,
        "houses": practice.TARGETS,
        "line": practice.END,
        "circle": practice.HIDDEN,
        "sum": practice.END,
        "dice": practice.SHORT,  # it is not trained yet
    }
    assert cause("line", (8, "relu"), (1, None)) == practice.SHORT
    assert cause("circle", (8, "relu"), (1, "sigmoid")) == practice.SHORT
    dice, best = cases.CASES["dice"], networks.stack([1])
    best.set_weights([np.array([[3.5]]), np.zeros(1)])
    assert practice.first_cause(best, dice.x, dice.y)[0] == practice.NOTHING
    assert practice.lowest_rmse(np.array([[1], [1], [2]]), np.array([[0], [2], [9]])) == (2 / 3) ** 0.5
    opinions = {name: SimpleNamespace(cause="healthy") for name in ("the line", "the dice")}
    assert practice.same_opinion.truth(opinions)[0] == 1


def test_the_clinic_trains_what_its_notebook_shows():
    names = {}
    for cell in build.notebook("10_clinic").cells:
        if cell.cell_type == "code" and "set_random_seed" in cell.source:
            exec(re.split(r"^(?:train\(|history =)", cell.source, flags=re.M)[0], names)
        elif cell.source.startswith("import warnings"):
            exec(cell.source, names)
    shown = [("thermometer", "celsius", "fahrenheit"), ("houses", "features", "prices"), ("line", "x", "y")]
    shown += [("circle", "points", "inside"), ("sum", "pairs", "above"), ("dice", "dice", "pips")]
    for name, x, y in shown:
        case = lessons.load("cases")["10_clinic"].CASES[name]
        model, same = names[{"sum": "total", "dice": "throws"}.get(name, name)], case.build(0)
        np.testing.assert_allclose(names[x], case.x)
        np.testing.assert_allclose(names[y], case.y)
        assert [each.activation for each in model.layers] == [each.activation for each in same.layers]
        assert [each.shape for each in model.weights] == [each.shape for each in same.weights]
        assert (model.loss, type(model.optimizer)) == (case.loss, case.optimizer)


def test_drawn_truths_are_the_curves_at_the_points():
    heights, _ = predict.declared()["relu_drawn"].truth(kink=400)
    assert heights == [max(x - 400, 0) for x in predict.declared()["relu_drawn"].form.x]
    heights, _ = predict.declared()["two_tents"].truth(tent=lambda z: 1 - np.abs(2 * z - 1))
    assert list(heights)[::2] == [0, 0.5, 1, 0.5, 0, 0.5, 1, 0.5, 0]
    heights, told = predict.declared()["shape_of_the_answers"].truth()
    expected, predicted = question.rows("square")
    x = predict.declared()["shape_of_the_answers"].form.x
    np.testing.assert_allclose(np.interp(np.sqrt(expected), x, heights), predicted, atol=1)
    assert "lie within" in told
    history = SimpleNamespace(history={"loss": [10.0**-epoch for epoch in range(1, 101)]})
    heights, _ = predict.declared()["loss_over_epochs"].truth(history=history)
    np.testing.assert_allclose(heights, [-epoch for epoch in predict.declared()["loss_over_epochs"].form.x])


def test_what_a_dead_network_learns():
    dead = networks.stack([8, 8, 1], activation="relu", seed=283)
    x, y = SQUARE.scaling("largest").normalise(*SQUARE.every_number())
    assert (
        predict.declared()["dead_start_learns"].truth(dead=dead, x=x, y=y)[0]
        == "only the bias of the last layer"
    )
    alive = networks.stack([8, 8, 1], activation="relu", seed=0)
    assert predict.declared()["dead_start_learns"].truth(dead=alive, x=x, y=y)[0] == "all of them"
