"""The truth of a prediction is computed from the notebook's variables."""

import dataclasses
import re
from types import SimpleNamespace

from helpers import closed_forms, lessons, networks
from helpers.practice import predict
from helpers.problems import Problem
from lessons import build

import numpy as np
import pytest

SQUARE = Problem("square")
EVERY = SQUARE.every_number()[1]
FLOOR = closed_forms.line_floor(1000)


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


def case(name, truth, **variables):
    return pytest.param(name, truth, variables, id=f"{name}: {truth}")


SQUARES = SimpleNamespace(answers=lambda x: [x**2 + 2_000])
ALIVE = networks.stack([8, 8, 1], activation="relu", seed=0)
KINKS = (0, np.array([500.0, 2000]))
DIVIDED = dict(
    zip(("inputs", "targets"), SQUARE.scaling("largest").normalise(*SQUARE.every_number()), strict=True)
)
# Predictions with variables other than the notebook's: what the notebook's give is stored in it.
CASES = [
    case("steps_of_a_weight", "all equally long", loss_of=lambda w: 3 * w),
    case("largest_sum", 1_000_000, scaling=SQUARE.scaling()),
    case("reaches_the_largest", "yes", y=EVERY, scaling=SQUARE.scaling()),
    case("wrong_sums", 1000, y=EVERY, predicted=EVERY + 1),
    case("new_pairs", "for hardly any", new_y=EVERY, new_predicted=EVERY + 1),
    case("two_paths", 2.0, into=np.array([1, 1]), out=np.array([1, 1])),
    case("effective_weights", "0.5 and 0.5", product=np.full((2, 1), 0.5)),
    case("rmse_again", "the same", y=EVERY, predicted=EVERY + 75_777),
    case("floor_and_thread", "less than half of it", largest=100),
    case("below_the_floor", "only the widest layers", groups=groups(8e4, 8e4, 8e4, 7e4), largest=1000),
    case("why_these_answers", "too little training", groups=groups(70_000), largest=1000),
    case("two_as_one", "5·x + 6", slope=5, intercept=6),
    case("lowest_row", "the single unit", medians=[75_000, 94_900]),
    case("two_pieces_leave", "about half of it", every_y=EVERY, by_hand=EVERY + FLOOR / 2),
    case("eight_pieces_leave", 12, units=8, counts=[1, 8], errors=[800.0, 12.5]),
    case("alike_from_all_starts", "alike: within a tenth", reached=[100, 105]),
    case("best_on_squares", "relu", groups={"relu": [1], "silu": [2]}),
    case("small_copy_ends", "most clearly below the floor of every line", small_runs={"x/L²": SQUARES}),
    case("without_biases", "most near the mean", ends=np.array([290_000])),
    case("kinks_after_a_step", "some inside, some outside", moved={"x/L²": KINKS}, problem=SQUARE),
    case("dead_start_learns", "all of them", dead=ALIVE, **DIVIDED),
    case("unused_input", "less than 1.5 times", groups=groups(1, 1.1, 2, 3)),
    case("late_epochs", "less than 1.5 times", late_errors={"usual": [2, 9], "fast": [3, 4]}),
    case("first_or_mean", "both", judged={"one": [1] * 20, "first": [2] * 20, "mean": [2] * 16 + [0] * 4}),
    case("standardised_wins", "neither", groups=pairs(3, 4)),
    case("more_epochs", "at x/L", groups=groups(5, 4, 100, 1)),
    case("other_numbers", "3 times or more", groups=groups(1, 1, 2, 9)),
    case("best_rate", "0.001", rates=rates(9, 2, 1, 3, 4, 8)),
    case("failing_starts", "most", failed=8, many=range(9)),
    case("error_of_a_piece", "an arch, largest in the middle", **pieces(1 - np.abs(np.linspace(-1, 1, 250)))),
    case("units_instead_of_layers", 9, needed=9, deep={5: 1.0}),
    case("layers_without_a_mistake", 4, rows=[[3, 5], [4, 0]]),
    case("wide_and_its_floor", "closer to it", found={8: [10], 64: [5]}, could={8: 1, 64: 1}),
    case("trained_from_there", "it rises", before=1.0, after=9.0),
    case("squares_from_sums", "1 to 100", squared=EVERY + 9, every_y=EVERY),
    case("square_as_input", "much less", answer=1e3, farthest=1e6),
]


@pytest.mark.parametrize(("name", "truth", "variables"), CASES)
def test_other_variables_give_another_truth(name, truth, variables):
    asked = predict.declared()[name]
    said, sentence = asked.truth(**variables)
    assert said == truth != lessons.stored(asked.lesson, "truths")[name]["truth"]
    if hasattr(asked.form, "options"):
        assert asked.form.read(said) == said
    assert sentence.endswith(".")


def test_the_first_cause_follows_the_network_and_its_data():
    practice, cases = (lessons.load(part)["10_clinic"] for part in ("practice", "cases"))

    def cause(name, **changed):
        case = dataclasses.replace(cases.CASES[name], **changed)
        return practice.first_cause(case.build(0), case.x, case.y)[0]

    assert cause("circle") == practice.HIDDEN
    assert cause("circle", layers=((8, "relu"), (1, "sigmoid"))) == practice.SHORT
    assert cause("line") == practice.END
    assert cause("line", layers=((8, "relu"), (1, None))) == practice.SHORT
    assert cause("houses") == practice.TARGETS
    assert cause("houses", y=cases.CASES["houses"].y / 1e6) != practice.TARGETS
    assert cause("thermometer") == practice.INPUTS
    assert cause("thermometer", x=cases.CASES["thermometer"].x / 100) != practice.INPUTS
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
