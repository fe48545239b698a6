"""What notebooks 05 to 07 say of trained networks, held over many seeds (the rest in test_claims.py)."""

from pathlib import Path

from helpers import claims, closed_forms, experiments, networks, thread
from helpers.claims import EVERY, SMALL
from helpers.problems import Problem, rmse
from helpers.training import train
from helpers.trials import square_error

import keras
import numpy as np

SEEDS = range(10)
SQUARE = Problem("square")
FLOOR = closed_forms.line_floor(thread.LARGEST)


# 05 Input scale


def counted(trained):
    """How many units of each hidden layer bend among 1..1000, and how many are off for all of them."""
    x, _ = trained.scaling.normalise(*SQUARE.every_number())
    return np.array(networks.bending_units(trained.model, x)), np.array(networks.dead_units(trained.model, x))


def test_of_100_starts_more_than_half_are_worse_than_a_line_and_a_third_better():
    table = (Path(__file__).parent.parent / "evidence" / "README.md").read_text("utf-8")
    for name, low, high in (("asked network, x/L², no luck", 51, 80), ("asked network, x/L², luck", 25, 42)):
        (row,) = (line.split(" | ") for line in table.splitlines() if line.startswith(f"| **{name}**"))
        assert row[3] == "100"
        for inside in (int(row[5]), *(claim.measured[0] for claim in claims.CLAIMS if claim.name == name)):
            assert low <= inside <= high


def test_one_step_at_x_over_the_square_carries_every_kink_out_of_the_range():
    one_step = experiments.run(SQUARE, **SMALL, scale="thread", epochs=1, batch_size=1000, seed=0)
    weights, biases, *_ = one_step.model.get_weights()
    kinks = networks.kinks(one_step.model) * one_step.scaling.x_divisor
    moved = weights[0] > 0
    np.testing.assert_allclose(np.abs(biases), np.where(moved, 0.001, 0), atol=1e-6)
    assert set(np.sign(biases[moved])) == {-1, 1}
    assert (kinks[biases > 0] < 0).all()
    assert (kinks[biases < 0] > 1000).all()


def test_without_hidden_biases_the_weights_have_time_enough_to_reach_the_line():
    scaling, ends = SQUARE.scaling("thread"), []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        hidden = [keras.layers.Dense(8, activation="relu", use_bias=False) for _ in range(2)]
        model = keras.Sequential([keras.Input((1,)), *hidden, keras.layers.Dense(1)])
        model.compile(optimizer="adam", loss="mean_squared_error")
        x, y = SQUARE.draw(1000, seed=seed)
        train(model, *scaling.normalise(x, y), epochs=500, batch_size=100, seed=seed)
        ends.append(rmse(y, experiments.answers(model, scaling, x)))
    assert np.median(ends) < 1.05 * FLOOR
    assert min(ends) > 0.9 * FLOOR
    assert np.median(square_error(SEEDS, **SMALL, scale="thread")) > 3 * FLOOR


def test_at_x_over_the_square_hardly_a_unit_of_either_layer_bends_and_most_are_off():
    runs = experiments.run_seeds(SQUARE, **SMALL, scale="thread", seeds=range(20))
    bending, dead = np.sum([counted(trained) for trained in runs], axis=0)
    assert max(bending) <= 8
    assert dead[0] > 105
    assert dead[1] > 80


def test_a_start_that_fails_at_x_over_l_has_a_layer_that_is_off_or_no_unit_that_bends():
    runs = experiments.run_seeds(SQUARE, **SMALL, scale="largest", seeds=range(200))
    failed, off_from_the_start = {"mean": 0, "line": 0}, 0
    x, _ = runs.recipe.scaling.normalise(*SQUARE.every_number())
    for seed, trained, error in zip(runs.seeds, runs, runs.rmse(), strict=True):
        bending, dead = counted(trained)
        if error > 250_000:
            failed["mean"] += 1
            assert max(dead) == 8
            off_from_the_start += max(networks.dead_units(runs.recipe.build(seed), x)) == 8
        elif 65_000 < error < 85_000:
            failed["line"] += 1
            assert sum(bending) == 0
    assert 1 <= off_from_the_start < failed["mean"] <= 20
    assert failed["line"] <= 10


def test_standardised_even_the_worst_start_does_well():
    worst = {
        scale: square_error(range(20), **SMALL, scale=scale).max() for scale in ("largest", "standardised")
    }
    assert worst["standardised"] < 15_000 < worst["largest"]


def test_in_the_large_network_several_times_as_many_units_bend_at_x_over_l():
    bending = {}
    for scale in ("thread", "largest"):
        asked = {**claims.ASKED, "scale": scale, "epochs": 100}
        bending[scale] = [sum(counted(experiments.run(SQUARE, **asked, seed=seed))[0]) for seed in range(4)]
    assert min(bending["largest"]) > max(bending["thread"])
    assert np.median(bending["largest"]) > 2 * np.median(bending["thread"])


def test_at_x_over_a_million_only_networks_without_units_to_switch_off_reach_the_line():
    def ends(**changed):
        return square_error(SEEDS, **SMALL | {"scale": "thread"} | changed)

    for activation in ("linear", "tanh"):
        assert np.median(ends(activation=activation)) < 1.1 * FLOOR
    for initializer in ("glorot_uniform", "he_uniform", "lecun_normal", "random_normal"):
        assert np.median(ends(initializer=initializer)) > 3 * FLOOR


# 06 Advice on trial


def test_verdicts_of_notebook_06():
    recipe = {"seeds": range(20), "activation": "relu", "scale": "largest"}
    wide = square_error(units=[64, 1], **recipe)
    pairs = square_error(units=[64, 1], inputs=2, **recipe)
    assert wide.max() < np.median(pairs)
    assert wide.max() < FLOOR / 10
    for changed in ({"learning_rate": 0.01}, {"batch_size": 20}):
        other = square_error(units=[64, 1], **recipe, **changed)
        assert 1 / 2 < np.median(other) / np.median(wide) < 2
        assert max(other.min(), wide.min()) < min(other.max(), wide.max())
    scaled = square_error(units=[8, 8, 1], **recipe)
    longer = square_error(units=[8, 8, 1], **recipe | {"scale": "thread"}, epochs=5000)
    assert np.median(scaled) < np.median(longer) < FLOOR
    few = square_error(units=[64, 1], **recipe, examples=20, epochs=2000)
    assert np.median(few) > 2 * np.median(wide)


# 07 Width and depth


def test_the_wider_the_more_times_its_floor_a_trained_layer_is_left_with():
    widths = (4, 8, 16, 32, 64)
    left = [
        np.median(square_error(range(20), units=[k, 1], **EVERY))
        / closed_forms.units_floor(thread.LARGEST, k)
        for k in widths
    ]
    assert left == sorted(left)


def test_ten_trained_layers_are_roughly_10_times_as_good_as_one():
    one, ten = (np.median(square_error(range(20), units=[8] * layers + [1], **EVERY)) for layers in (1, 10))
    assert 4 < one / ten < 20
