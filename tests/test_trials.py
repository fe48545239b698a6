"""The experiments behind the claims, against one run at a time."""

from helpers import closed_forms, experiments, lessons, networks
from helpers.evidence import trials
from helpers.problems import Problem, Scaling, rmse
from helpers.question import X, Y

import keras
import numpy as np
import pytest

SEEDS = [4, 6]
RECIPE = {"units": [6, 1], "activation": "relu", "scale": "largest", "epochs": 5, "examples": 200}


LESSONS = lessons.load("claims")
ADDING, KINKS = LESSONS["01_summation"], LESSONS["04_activations"]
SCALE, DEPTH, FAR = LESSONS["05_input_scale"], LESSONS["08_what_training_finds"], LESSONS["09_extrapolation"]


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


def test_a_unit_that_came_back_was_off_at_the_start_and_is_not_now():
    recipe, seeds = RECIPE | {"units": [8, 8, 1]}, range(8)
    start, end = (
        experiments.run_seeds(Problem("square"), seeds=seeds, **recipe | {"epochs": epochs}).outputs(X)
        for epochs in (0, 50)
    )
    for layer in (0, 1):
        was, now = ((given[layer] == 0).all(axis=1) for given in (start, end))
        back = trials.came_back(seeds, **recipe | {"epochs": 50}, layer=layer)
        assert back.tolist() == [sum(units) for units in was & ~now]
        assert back.any() == bool(layer)


def test_an_error_is_as_far_from_a_value_above_it_as_below_it(monkeypatch):
    monkeypatch.setattr(experiments.Runs, "rmse", lambda runs: np.array([50.0, 200.0]))
    assert trials.EXPERIMENTS["apart"](SEEDS, **RECIPE, value=100).tolist() == [2, 2]


def test_other_problems_scales_layers_and_last_activations_are_those_named():
    two = trials.square_error(SEEDS, **RECIPE, inputs=2)
    np.testing.assert_allclose(two, [trained.rmse() for trained in alone(inputs=2)], rtol=1e-5)
    sums = trials.square_error(SEEDS, **RECIPE, operation="sum", inputs=2)
    np.testing.assert_allclose(sums, [each.rmse() for each in alone(inputs=2, operation="sum")], rtol=1e-5)
    divided = trials.square_error(SEEDS, **RECIPE | {"scale": [50, 60]})
    expected = [trained.rmse() for trained in alone(scale=Scaling(50, 60))]
    np.testing.assert_allclose(divided, expected, rtol=1e-5)
    second = trials.dead_units(SEEDS, **RECIPE | {"units": [6, 3, 1]}, layer=1)
    dead = [networks.dead_units(each.model, each.scaling.inputs(X))[1] for each in alone(units=[6, 3, 1])]
    np.testing.assert_array_equal(second, dead)
    late, ever = trials.bending_units(SEEDS, **RECIPE, beyond=20), trials.bending_units(SEEDS, **RECIPE)
    assert late.tolist() == [bent(off(each)[20:]) for each in alone()] != ever.tolist()
    untrained = trials.square_error(SEEDS, **RECIPE | {"epochs": 0}, last="sigmoid")
    starts = [(each, keras.ops.sigmoid(each.model(each.x / 1000))) for each in alone(epochs=0)]
    expected = [rmse(each.y, np.rint(1e6 * start)) for each, start in starts]
    np.testing.assert_allclose(untrained, expected, rtol=1e-5)


def test_a_ratio_pairs_what_starts_from_the_same_seed_and_two_starts_are_compared_either_way():
    found = trials.ratio(SEEDS, of={"epochs": 9}, to={"epochs": 5}, **{**RECIPE, "epochs": 1})
    expected = [long.rmse() / short.rmse() for long, short in zip(alone(epochs=9), alone(), strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    errors = trials.square_error([*SEEDS, *(1000 + seed for seed in SEEDS)], **RECIPE).reshape(2, 2)
    ratios = errors[0] / errors[1]
    assert ratios.min() < 1 < ratios.max()
    np.testing.assert_allclose(KINKS.unlike(SEEDS, **RECIPE), np.maximum(ratios, 1 / ratios))


def test_an_error_near_that_of_a_best_curve_is_worth_its_kinks(monkeypatch):
    errors = np.array([closed_forms.units_floor(1000, 3) * share for share in (0.95, 1, 1.2)])
    monkeypatch.setattr(experiments.Runs, "rmse", lambda self: errors)
    np.testing.assert_array_equal(trials.kinks_worth([1, 2, 3], **RECIPE | {"epochs": 0}), [3, 3, 0])


def test_a_perfect_adder_multiplies_and_stretching_takes_the_weight_off_its_bias(monkeypatch):
    def adder(seed, units):
        model = networks.stack([1], inputs=2)
        model.set_weights([np.array([[1], [1 + 1e-7 * seed]]), np.array([1e-6])])
        problem = Problem("sum", inputs=2)
        return experiments.Trained(model, problem, problem.scaling(), *problem.draw(9, seed=seed), [])

    monkeypatch.setattr(experiments, "adder", adder)
    stretched, plain = (FAR.product_error(SEEDS, stretch=stretch, units=[1]) for stretch in (True, False))
    assert stretched.max() < 10
    assert plain.min() > 100
    assert FAR.product_error(SEEDS, squares=True, units=[1]).max() < 20
    assert trials.adder_off(SEEDS, units=[1]) == pytest.approx([0, 0])
    assert 0 < trials.adder_off([4], units=[1], largest=100_000_000)[0] < 1e-6
    np.testing.assert_allclose(ADDING.adder_weights_off(SEEDS, units=[1]), [4e-7, 6e-7], rtol=0.2)


def test_networks_of_their_own_kind():
    assert FAR.squared_feature_error([0], asked=10_000)[0] < 0.0001
    assert FAR.squared_feature_error([0], asked=10_000, epochs=1)[0] > 0.01
    assert DEPTH.kept_error([0], layers=3, epochs=1)[0] < closed_forms.deep_errors(1024, 3)[1]
    for biases, arrays in ((False, 4), (True, 6)):
        assert len(SCALE.with_biases(0, biases).model.weights) == arrays
