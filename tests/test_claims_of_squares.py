"""What the notebooks say of networks that are to square, held over at least 10 seeds.

Figures with a ≈ in the notebooks come from these same functions; the ranges here are wider than what
was measured over seeds, and narrow enough to go red if the ReLU or the scale is lost.
"""

from pathlib import Path

from helpers import claims, closed_forms, experiments, explore, networks, thread
from helpers.claims import EVERY, SMALL
from helpers.problems import Problem, rmse
from helpers.training import train
from helpers.trials import square_error

import keras
import numpy as np
import pytest

SEEDS = range(10)
SQUARE = Problem("square")
FLOOR = closed_forms.line_floor(thread.LARGEST)


# 02 Squaring, 03 Linear collapse


@pytest.fixture(scope="module")
def asked():
    return [experiments.run(SQUARE, thread.LAYERS, seed=seed) for seed in SEEDS]


def test_the_network_of_the_thread_squares_as_badly_as_printed(asked):
    reached = np.array([trained.rmse() for trained in asked])
    assert reached.min() > 71_000
    assert reached.max() < 150_000
    assert 74_000 < np.median(reached) < 85_000
    assert reached.min() < thread.PRINTED_RMSE["square"] < reached.max()


def test_no_seed_gets_below_the_best_line_of_its_own_examples(asked):
    for trained in asked:
        x, y = trained.x[:, 0], trained.y[:, 0]
        best = rmse(y, np.polyval(np.polyfit(x, y, 1), x))
        assert trained.rmse() > 0.9999 * best


def test_it_equals_the_two_numbers_it_collapses_to(asked):
    x, _ = SQUARE.every_number()
    for trained in asked:
        slope, intercept = trained.line()
        assert np.abs(trained.answers(x) - (slope * x + intercept)).max() < 1
        assert 850 < slope < 1150
        assert -300_000 < intercept < -30_000


@pytest.mark.parametrize(
    ("units", "epochs"),
    [([1], 500), ([4, 1], 500), ([8, 8, 1], 500), ([8, 8, 1], 2000), ([32, 1], 500), ([32, 32, 1], 500)],
    ids=str,
)
def test_linear_networks_reach_the_floor_and_none_gets_below(units, epochs):
    reached = square_error(SEEDS, units=units, epochs=epochs, scale="largest", examples=None)
    assert reached.min() > 0.9999 * FLOOR
    assert np.median(reached) < 1.01 * FLOOR
    assert reached.max() < 1.1 * FLOOR


def test_the_run_farthest_from_the_floor_is_one_of_the_single_layer():
    recipe = {"scale": "largest", "examples": None}
    single, deep, longer, wide = (
        square_error(SEEDS, units=units, epochs=epochs, **recipe)
        for units, epochs in (([1], 500), ([8, 8, 1], 500), ([8, 8, 1], 2000), ([32, 32, 1], 500))
    )
    assert single.max() > max(deep.max(), longer.max(), wide.max())
    assert np.median(wide) > np.median(deep)
    assert np.sort(single)[-2] < 1.01 * FLOOR
    assert np.sort(longer)[-3:].mean() < np.sort(deep)[-3:].mean()


def test_the_thread_is_near_the_floor():
    x, y = SQUARE.every_number()
    expected, predicted = thread.rows("square")
    line = np.polyfit(np.sqrt(expected), predicted, 1)
    assert 1 < thread.PRINTED_RMSE["square"] / FLOOR < 1.02
    assert 1 < rmse(y, np.polyval(line, x)) / FLOOR < 1.02


# 00 Start here, 04 Activations

RECIPE = {"scale": "largest", "epochs": 2000}


def test_the_first_panel_learns_to_square():
    untrained, line_like, trained = (
        square_error(SEEDS, units=[64, 1], activation="relu", scale="largest", epochs=epochs)
        for epochs in (0, 20, 500)
    )
    assert untrained.min() > 300_000
    assert 40_000 < np.median(line_like) < 150_000
    assert 400 < np.median(trained) < 1100
    assert trained.max() < 2500


@pytest.fixture(scope="module")
def eight_units():
    names = ("relu", "tanh", "sigmoid", "gelu", "silu")
    return {name: square_error(range(20), units=[8, 1], activation=name, **RECIPE) for name in names}


def test_eight_relu_units_reach_very_different_errors_none_as_low_as_by_hand(eight_units):
    reached = eight_units["relu"]
    assert reached.min() > closed_forms.pieces_floor(thread.LARGEST, 8)
    assert 3000 < reached.min() < 6500
    assert 5000 < np.median(reached) < 16_000
    assert 15_000 < reached.max() < 320_000


def test_smooth_activations_win_here_and_lie_closer_together(eight_units):
    relu = eight_units["relu"]
    for name, factor in (("tanh", 0.5), ("sigmoid", 0.6), ("gelu", 0.25), ("silu", 0.25)):
        reached = eight_units[name]
        assert np.median(reached) < factor * np.median(relu)
        assert np.ptp(reached) < 0.5 * np.ptp(relu)
    for name in ("gelu", "silu"):
        assert eight_units[name].max() < relu.min()
        assert eight_units[name][:10].min() < closed_forms.pieces_floor(thread.LARGEST, 8)
    assert 600 < np.median(eight_units["gelu"]) < 2200
    assert 600 < np.median(eight_units["silu"]) < 2200
    assert 2000 < np.median(eight_units["tanh"]) < 5500
    assert 2000 < np.median(eight_units["sigmoid"]) < 6000


def test_trained_kinks_and_contributions_are_those_of_the_notebook():
    for seed in SEEDS:
        trained = experiments.run(SQUARE, [8, 1], activation="relu", seed=seed, **RECIPE)
        x, _ = SQUARE.every_number()
        parts, bias = networks.contributions(trained.model, x / 1000)
        inside = (networks.kinks(trained.model) > 0.001) & (networks.kinks(trained.model) < 1)
        silent = np.ptp(parts, axis=0) == 0
        assert 1 <= inside.sum() <= 7
        assert 1 <= silent.sum() <= 7
        np.testing.assert_allclose(1e6 * (parts.sum(axis=1) + bias), trained.answers(x)[:, 0], atol=2)


def test_errors_stand_in_clumps_where_the_best_curves_of_a_few_kinks_stand():
    reached = square_error(range(20), units=[8, 1], activation="relu", **RECIPE)
    best = np.array([closed_forms.units_floor(thread.LARGEST, kinks) for kinks in range(1, 9)])
    nearest = np.abs(np.log(reached[:, np.newaxis] / best)).argmin(axis=1)
    in_a_clump = np.abs(reached / best[nearest] - 1) < 0.1
    assert in_a_clump.sum() >= 16
    assert set(nearest[in_a_clump] + 1) >= {1, 2, 3}
    assert nearest.max() + 1 <= 5


def test_a_unit_that_starts_with_a_negative_weight_stays_off():
    x, _ = SQUARE.every_number()
    for seed in range(5):
        trained = experiments.run(SQUARE, [8, 1], seed=seed, activation="relu", **RECIPE)
        start = networks.stack([8, 1], activation="relu", seed=seed).get_weights()
        parts, _ = networks.contributions(trained.model, x / 1000)
        off = start[0][0] < 0
        assert 1 <= off.sum() <= 7
        np.testing.assert_array_equal(start[1], 0)
        np.testing.assert_array_equal(parts[:, off], 0)


def test_the_last_layers_activation_limits_the_answers():
    x, y = SQUARE.every_number()
    scaling = SQUARE.scaling("largest")
    x_small, y_small = scaling.normalise(x, y)
    answers = {}
    for name in ("linear", "relu", "sigmoid"):
        for seed in range(20):
            model = networks.stack([8, 1], activation="relu", seed=seed)
            model.layers[-1].activation = keras.activations.get(name)
            model.compile(optimizer="adam", loss="mean_squared_error")
            train(model, x_small, y_small, epochs=2000, batch_size=100, seed=seed)
            answers.setdefault(name, []).append(experiments.answers(model, scaling, x))
    silent = [name for name in answers for run in answers[name] if np.ptp(run) == 0]
    # Most runs that end with a sigmoid are one S: their logits lie on one line.
    shares = np.clip(np.array(answers["sigmoid"])[:, 9::10, 0] / 1e6, 1e-6, 1 - 1e-6)
    logits = np.log(shares / (1 - shares))
    lines = [np.polyval(np.polyfit(x[9::10, 0], one, 1), x[9::10, 0]) for one in logits]
    straight = np.abs(logits - lines).max(axis=1) < 0.01
    assert straight.sum() > 10
    assert np.ptp(np.array([rmse(y, run) for run in answers["sigmoid"]])[straight]) < 1000
    assert np.median([run[-1, 0] for run in answers["sigmoid"]]) < 950_000
    # A ReLU at the end is off from the start about every second time: 4 of 20 has odds above 99.8 %.
    assert 4 <= silent.count("relu") <= 16
    assert silent.count("linear") <= 2
    assert np.min(answers["relu"]) == 0
    assert np.min(answers["linear"]) < 0
    assert np.min(answers["sigmoid"]) > 0
    assert np.max(answers["sigmoid"]) < 1_000_000
    medians = {name: np.median([rmse(y, run) for run in runs]) for name, runs in answers.items()}
    assert medians["linear"] < min(20_000, medians["relu"], medians["sigmoid"])


def test_the_stored_panels_show_what_their_functions_say():
    low, high = 80_000, 130_000
    sentence = explore._square_network(20).sentence
    assert low < float(sentence.partition("≈ ")[2].rstrip(".").replace(",", "")) < high


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
    rates = [
        square_error(units=[64, 1], **recipe | {"learning_rate": rate, "seeds": range(100)})
        for rate in (0.001, 0.01)
    ]
    assert 1 / 1.5 < np.median(rates[1]) / np.median(rates[0]) < 1.5
    assert max(rates[0].min(), rates[1].min()) < min(rates[0].max(), rates[1].max())
    assert rates[1].max() > 3 * rates[0].max()
    smaller = square_error(units=[64, 1], **recipe, batch_size=20)
    assert 1 / 2 < np.median(smaller) / np.median(wide) < 0.95
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
