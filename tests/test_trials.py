"""The experiments behind the claims, against one run at a time."""

from helpers import experiments, networks
from helpers.evidence import trials
from helpers.problems import Problem, Scaling, rmse

import numpy as np
import pytest

SEEDS = [4, 7]
RECIPE = {"units": [6, 1], "activation": "relu", "scale": "largest", "epochs": 5, "examples": 200}


def alone(inputs=1, **recipe):
    return [experiments.run(Problem("square", inputs), seed=seed, **{**RECIPE, **recipe}) for seed in SEEDS]


def test_square_error_is_that_of_each_run():
    found = trials.square_error(SEEDS, **RECIPE)
    np.testing.assert_allclose(found, [trained.rmse() for trained in alone()], rtol=1e-5)
    with_two = [trained.rmse() for trained in alone(inputs=2)]
    np.testing.assert_allclose(trials.square_error(SEEDS, inputs=2, **RECIPE), with_two, rtol=1e-5)


def test_a_ratio_pairs_what_starts_from_the_same_seed():
    found = trials.ratio(SEEDS, of={"epochs": 9}, to={"epochs": 5}, **{**RECIPE, "epochs": 1})
    expected = [long.rmse() / short.rmse() for long, short in zip(alone(epochs=9), alone(), strict=True)]
    np.testing.assert_allclose(found, expected)


def test_new_numbers_are_those_not_trained_on():
    ratios = trials.new_number_ratio(SEEDS, **RECIPE)
    for ratio, trained in zip(ratios, alone(), strict=True):
        new = np.setdiff1d(np.arange(1, 1001), trained.x)[:, np.newaxis]
        assert ratio == pytest.approx(rmse(new**2, trained.answers(new)) / trained.rmse())


@pytest.mark.parametrize("count", [trials.bending_units, trials.dead_units], ids=lambda count: count.__name__)
def test_units_are_counted_in_the_first_layer(count):
    recipe = {**RECIPE, "units": [6, 3, 1], "scale": "standardised"}
    found = count(SEEDS, **recipe)
    x, _ = Problem("square").every_number()
    for number, trained in zip(found, alone(**recipe), strict=True):
        scaled = trained.scaling.inputs(x)
        outputs = networks.outputs(trained.model, scaled)[0]
        on = (outputs > 0).sum(axis=0)
        expected = {"bending_units": (on > 0) & (on < 1000), "dead_units": on == 0}[count.__name__]
        assert number == expected.sum()


def test_a_deep_network_starts_by_hand_or_at_random():
    recipe = {"layers": 2, "optimizer": "sgd", "learning_rate": 1e-9}
    x, y = Problem("square").every_number()
    scaling = Scaling(1024.0, 1024.0**2)
    by_hand = rmse(y, experiments.answers(networks.deep_squarer(2), scaling, x))
    np.testing.assert_allclose(trials.deep_error(SEEDS, by_hand=True, **recipe), by_hand, rtol=1e-3)
    models = [networks.stack([3, 3, 1], activation="relu", seed=seed) for seed in SEEDS]
    expected = [rmse(y, experiments.answers(model, scaling, x)) for model in models]
    found = trials.deep_error(SEEDS, by_hand=False, width=3, **recipe)
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_shares_and_growth_are_those_of_the_answers():
    shares = trials.share_of_the_square(SEEDS, asked=3000, **RECIPE)
    growths = trials.growth(SEEDS, near=2000, far=3000, **RECIPE)
    for share, growth, trained in zip(shares, growths, alone(), strict=True):
        near, far = trained.answers(np.array([[2000], [3000]]))[:, 0]
        assert share == pytest.approx(far / 3000**2)
        assert growth == pytest.approx(far / near)


def test_a_perfect_adder_multiplies_and_stretching_takes_the_weight_off_its_bias(monkeypatch):
    def adder(seed, units):
        model = networks.stack([1], inputs=2)
        model.set_weights([np.ones((2, 1)), np.array([1e-6])])
        problem = Problem("sum", inputs=2)
        return experiments.Trained(model, problem, problem.scaling(), *problem.draw(9, seed=seed), [])

    monkeypatch.setattr(experiments, "adder", adder)
    stretched, plain = (trials.product_error(SEEDS, stretch=stretch, units=[1]) for stretch in (True, False))
    assert stretched.max() < 10
    assert plain.min() > 100


def test_a_linear_unit_squares_with_the_square_as_its_input():
    assert trials.squared_feature_error([0], asked=10_000)[0] < 0.0001
    assert trials.squared_feature_error([0], asked=10_000, epochs=1)[0] > 0.01
