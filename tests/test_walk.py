"""What the notebooks say of every network, or of evidence/README.md."""

from helpers import experiments, lessons, networks, question
from helpers.evidence import runs
from helpers.problems import Scaling
from helpers.question import FLOOR, SQUARE, X
from lessons.recipes import SMALL

import numpy as np
import pytest

EIGHT = {"activation": "relu", "scale": "largest", "epochs": 2000}


def counted(trained):
    """How many units of each hidden layer bend among 1..1000, and how many are off for all of them."""
    x = trained.scaling.inputs(X)
    return networks.bending_units(trained.model, x), networks.dead_units(trained.model, x)


# 01 Summation


def test_the_network_that_adds_ends_with_small_steps():
    """On some CPUs no start needs them; they must have been made all the same."""
    optimizer = experiments.adder(0, (1,)).model.optimizer
    assert float(optimizer.learning_rate) == pytest.approx(0.0001)
    assert int(optimizer.iterations) == (question.EPOCHS + 50) * question.EXAMPLES / question.BATCH_SIZE


# 04 Activations


def test_a_unit_that_starts_with_a_negative_weight_stays_off_and_others_are_switched_off():
    start = networks.stack([8, 1], activation="relu", seed=3).get_weights()
    trained = experiments.run(SQUARE, [8, 1], seed=3, **EIGHT)  # the notebook's
    *_, last, bias = trained.model.get_weights()
    parts = networks.outputs(trained.model, X / 1000)[0] * last[:, 0]
    off = start[0][0] < 0
    assert 1 <= off.sum() <= 7
    np.testing.assert_array_equal(start[1], 0)
    np.testing.assert_array_equal(parts[:, off], 0)
    silent = np.ptp(parts, axis=0) == 0
    assert off.sum() < silent.sum() <= 7
    assert 1 <= counted(trained)[0][0] <= 7
    np.testing.assert_allclose(1e6 * (parts.sum(axis=1) + bias), trained.answers(X)[:, 0], atol=2)


# 05 Input scale


def test_one_step_at_x_over_the_square_carries_every_kink_out_of_the_range():
    one_step = experiments.run(SQUARE, **SMALL, scale="question", epochs=1, batch_size=1000, seed=0)
    weights, biases, *_ = one_step.model.get_weights()
    kinks = networks.kinks(one_step.model) * one_step.scaling.x_divisor
    moved = weights[0] > 0
    np.testing.assert_allclose(np.abs(biases), np.where(moved, 0.001, 0), atol=1e-6)
    assert set(np.sign(biases[moved])) == {-1, 1}
    assert (kinks[biases > 0] < 0).all()
    assert (kinks[biases < 0] > 1000).all()
    momentum = experiments.run(SQUARE, **SMALL, scale="question", epochs=9, batch_size=1000, seed=0)
    later = momentum.model.get_weights()[1]
    assert (later[biases < 0] < 2 * biases[biases < 0]).all()  # Adam carries them on, the same way


@pytest.mark.parametrize("scale", ["question", "largest"])
def test_a_run_at_the_mean_has_a_dead_layer_and_one_at_the_line_no_unit_that_bends(scale):
    runs = experiments.run_seeds(SQUARE, **SMALL, scale=scale, seeds=range(40))
    at_the_mean = 0
    for trained, rise, error in zip(runs, np.ptp(runs.answers(X), axis=(1, 2)), runs.rmse(), strict=True):
        bending, dead = counted(trained)
        assert (max(dead) == 8) == (rise == 0)
        at_the_mean += rise == 0
        if scale == "largest":
            assert rise == 0 or error < 250_000
            assert sum(bending) == 0 or not 65_000 < error < 85_000
    assert at_the_mean


def test_every_network_starts_as_a_line_and_some_with_a_layer_off():
    starts = (experiments.run(SQUARE, **SMALL, scale="largest", epochs=0, seed=seed) for seed in (0, 283))
    (bending, some_off), (none, all_off) = map(counted, starts)
    assert bending == none == [0, 0]
    assert max(some_off) < 8 == max(all_off)


def test_without_hidden_biases_a_run_at_the_mean_lost_a_layer_on_the_way():
    ends = [lessons.load("claims")["05_input_scale"].with_biases(seed, biases=False) for seed in range(20)]
    failed = [trained for trained in ends if trained.rmse() > 3 * FLOOR]
    assert failed
    assert all(max(counted(trained)[1]) == 8 for trained in failed)


def test_what_the_notebooks_say_of_the_starts_of_make_evidence_holds():
    small, unused = map(runs.stored, ("8-8-1, x/L", "unused input, small"))
    usual, settled = map(runs.stored, ("64 units learn to square", "settled at 0.01"))
    faster, near = map(runs.stored, ("the rate 0.01", "the rate 0.01, lower"))
    learned, mean, back, before = (
        runs.stored(f"asked network, x/L², {which}")
        for which in ("learned", "the mean", "thrown back", "not as before")
    )
    statements = {
        "05: a table of as many starts": learned.seeds == mean.seeds == back.seeds == before.seeds,
        "05: none ended near the asker's error": before.inside == before.seeds,
        "05: most that end high had learned": back.inside > mean.inside / 2,
        "05: about half, and half": 0.3 < mean.inside / mean.seeds < 0.7 > learned.inside / mean.seeds > 0.3,
        "05: at x/L not every start succeeds": small.inside < small.seeds,
        "06: about two in three fare worse": 58 <= unused.inside <= 76 and unused.seeds == 100,
        "06: of powers of ten the thread's rate is best": near.median > 1,
        "06: the worst last epochs are several times as high": faster.highest > 3 * settled.highest,
        "06: and settled none is a bad start": settled.highest < 1.5 * usual.highest,
    }
    assert [statement for statement, holds in statements.items() if not holds] == []


# 08 What training finds


def test_trained_on_the_network_set_by_hand_without_an_error_stays():
    model, scaling = networks.deep_squarer(10), Scaling(1024, 1024**2)
    weights = model.get_weights()
    assert experiments.fitted(model, SQUARE, scaling, epochs=20, optimizer="sgd", seed=0).rmse() == 0
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
