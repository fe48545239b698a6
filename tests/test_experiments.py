"""Recipes: one seed after the other, and many at once."""

from helpers import experiments, networks
from helpers.checks import InputError
from helpers.problems import Problem

import numpy as np
import pytest

SQUARE = Problem("square")
RECIPE = {"activation": "relu", "scale": "largest", "epochs": 20, "examples": 200}


def test_many_seeds_come_out_as_each_does_alone():
    seeds = [3, 1, 4]
    runs = experiments.run_seeds(SQUARE, [6, 1], seeds=seeds, **RECIPE)
    x, _ = SQUARE.every_number()
    for position, seed in enumerate(seeds):
        alone = experiments.run(SQUARE, [6, 1], seed=seed, **RECIPE)
        for trained in (runs[position], list(runs)[position], runs.lend(position)):
            # Stacked, sums are taken in another order: the same but for the last digits of float32.
            np.testing.assert_allclose(trained.answers(x), alone.answers(x), atol=20)
            np.testing.assert_array_equal(trained.x, alone.x)
            assert trained.rmse() == pytest.approx(alone.rmse(), rel=1e-4)
            np.testing.assert_allclose(trained.losses, alone.losses, rtol=1e-4)
        # Stacked, a product may differ in its last digit: an answer by 1.
        np.testing.assert_allclose(runs.answers(x)[position], runs[position].answers(x), atol=1)
        assert runs.rmse()[position] == pytest.approx(runs[position].rmse(), rel=1e-5)
        each = networks.outputs(runs[position].model, runs.recipe.scaling.inputs(x))
        for ours, theirs in zip(runs.outputs(x), each, strict=True):
            np.testing.assert_allclose(ours[position], theirs, rtol=1e-4, atol=1e-5)
        new = np.setdiff1d(x, alone.x)[:, np.newaxis]
        wrong = runs[position].answers(new) - new**2
        assert runs.held_out_rmse()[position] == pytest.approx(np.sqrt(np.mean(wrong**2.0)), rel=1e-5)
    assert len(runs) == 3
    assert len(set(runs.rmse())) == 3
    assert runs.losses.shape == (3, 20)


@pytest.mark.parametrize(("epochs", "last"), [(20, 2), (3, 1)])
def test_a_run_settles_with_its_last_tenth_of_epochs_and_at_least_one(epochs, last):
    runs = experiments.run_seeds(SQUARE, [6, 1], seeds=[2], **RECIPE | {"epochs": epochs})
    end = runs.losses[:, -last:].mean(axis=1)
    np.testing.assert_allclose(runs.settled(), 1e6 * np.sqrt(end), rtol=1e-6)


def test_without_epochs_the_networks_are_as_drawn():
    runs = experiments.run_seeds(SQUARE, [6, 1], seeds=[2], **RECIPE | {"epochs": 0})
    new = experiments.Recipe(SQUARE, [6, 1], **RECIPE).build(2)
    for ours, theirs in zip(runs[0].model.get_weights(), new.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert runs.losses.shape == (1, 0)
    with pytest.raises(InputError, match="settled needs losses, but these runs have no epochs: train"):
        runs.settled()


def test_the_recipe_reaches_the_network():
    how = {"learning_rate": 0.01, "optimizer": "rmsprop", "initializer": "he_uniform", "batch_size": 7}
    plan = experiments.Recipe(SQUARE, [4, 1], **how)
    model = plan.build(0)
    assert type(model.optimizer).__name__ == "RMSprop"
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert type(model.layers[0].kernel_initializer).__name__ == "HeUniform"
    assert plan.settings() == {"epochs": 500, "batch_size": 7}
    assert experiments.Recipe(SQUARE, [4, 1], examples=30).settings()["batch_size"] == 30
