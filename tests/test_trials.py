"""The experiments behind the claims against single runs."""

from helpers import closed_forms, experiments, lessons, networks
from helpers.evidence import trials
from helpers.problems import Problem, Scaling, rmse
from helpers.question import X, Y

import numpy as np
import pytest

lessons.load("claims")  # some experiments are declared there
SEEDS = [4, 6]
RECIPE = {"units": [6, 1], "activation": "relu", "scale": "largest", "epochs": 5, "examples": 200}


def alone(inputs=1, operation="square", **recipe):
    problem = Problem(operation, inputs)
    return [experiments.run(problem, seed=seed, **{**RECIPE, **recipe}) for seed in SEEDS]


def apart(trained):
    """Between and outside the examples: two masks of the numbers that are new."""
    new = ~np.isin(X, trained.x)
    return new & (trained.x.min() < X) & (trained.x.max() > X), new


def off(trained):
    return networks.outputs(trained.model, trained.scaling.inputs(X))[0] == 0


def bent(off):
    return (off.any(axis=0) & ~off.all(axis=0)).sum()


BY_HAND = {
    "square_error": lambda t: t.rmse(),
    "new_number_ratio": lambda t: rmse(Y[apart(t)[1]], t.answers(X)[apart(t)[1]]) / t.rmse(),
    "between_ratio": lambda t: np.divide(*(rmse(Y[each], t.answers(X)[each]) for each in apart(t))),
    "mean_output_error": lambda t: rmse(Y, np.rint(1e6 * np.mean(t.model(X / 1000), axis=1))),
    "copies_off": lambda t: np.abs(4 * np.asarray(t.model(np.array([[0.5]]))) - 1).max(),
    "bending_units": lambda t: bent(off(t)),
    "dead_units": lambda t: off(t).all(axis=0).sum(),
    "switched_off": lambda t: (off(t).all(axis=0) & (networks.kinks(t.model) != 0)).sum(),
    "last_kink": lambda t: 1000 * networks.kinks(t.model).max(),
    "wrong": lambda t: sum(answer != right for answer, right in zip(t.answers(t.x), t.y, strict=True))[0],
    "rise": lambda t: t.answers(X).max() - t.answers(X).min(),
    "settled_error": lambda t: 1e6 * t.losses[-1] ** 0.5,  # a tenth of 5 epochs is the last of them
    "share_of_the_square": lambda t: t.answers(np.array([[2000]]))[0, 0] / 2000**2,
    "growth": lambda t: np.divide(*t.answers(np.array([[1_000_000], [100_000]]))[:, 0]),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_an_experiment_is_what_one_run_at_a_time_gives(name):
    recipe = RECIPE | ({"units": [6, 3]} if name in ("mean_output_error", "copies_off") else {})
    found = trials.EXPERIMENTS[name](SEEDS, **recipe)
    np.testing.assert_allclose(found, [BY_HAND[name](trained) for trained in alone(**recipe)], rtol=1e-4)


def test_the_late_epochs_are_the_last_tenth_of_them():
    found = trials.EXPERIMENTS["swing"](SEEDS, **RECIPE | {"epochs": 20})
    late = [trained.losses[-2:] for trained in alone(epochs=20)]
    np.testing.assert_allclose(found, [(max(loss) / min(loss)) ** 0.5 for loss in late], rtol=1e-4)


def test_an_error_is_as_far_from_a_value_above_it_as_below_it(monkeypatch):
    monkeypatch.setattr(experiments.Runs, "rmse", lambda runs: np.array([50.0, 200.0]))
    assert trials.EXPERIMENTS["apart"](SEEDS, **RECIPE, value=100).tolist() == [2, 2]


def test_other_problems_scales_and_layers_are_those_named():
    sums = trials.square_error(SEEDS, **RECIPE, operation="sum", inputs=2)
    np.testing.assert_allclose(sums, [each.rmse() for each in alone(2, "sum")], rtol=1e-5)
    divided = trials.square_error(SEEDS, **RECIPE | {"scale": [50, 60]})
    np.testing.assert_allclose(divided, [each.rmse() for each in alone(scale=Scaling(50, 60))], rtol=1e-5)
    second = trials.dead_units(SEEDS, **RECIPE | {"units": [6, 3, 1]}, layer=1)
    dead = [networks.dead_units(each.model, each.scaling.inputs(X))[1] for each in alone(units=[6, 3, 1])]
    np.testing.assert_array_equal(second, dead)
    late, ever = trials.bending_units(SEEDS, **RECIPE, beyond=20), trials.bending_units(SEEDS, **RECIPE)
    assert late.tolist() == [bent(off(each)[20:]) for each in alone()] != ever.tolist()


def test_a_ratio_pairs_what_starts_from_the_same_seed():
    found = trials.ratio(SEEDS, of={"epochs": 9}, to={"epochs": 5}, **{**RECIPE, "epochs": 1})
    expected = [long.rmse() / short.rmse() for long, short in zip(alone(epochs=9), alone(), strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_an_error_near_that_of_a_best_curve_is_worth_its_kinks(monkeypatch):
    errors = np.array([closed_forms.units_floor(1000, 3) * share for share in (0.95, 1, 1.2)])
    monkeypatch.setattr(experiments.Runs, "rmse", lambda self: errors)
    np.testing.assert_array_equal(trials.kinks_worth([1, 2, 3], **RECIPE | {"epochs": 0}), [3, 3, 0])
