"""Each claim of the lessons over its first seeds: it holds, and its mutation breaks it.

With them what the pictures of the notebooks show of their own starts, from the same runs.
(What is exact, or so for every trained network, stands in test_walk.py.)
"""

from helpers import experiments, lessons, question
from helpers.evidence import claims, trials
from helpers.problems import rmse
from helpers.question import FLOOR, X
from lessons.recipes import ADDER, LINEAR

import numpy as np
import pytest

LESSONS = lessons.load("claims")


@pytest.mark.parametrize("claim", claims.declared().values(), ids=lambda claim: claim.name)
def test_claim_holds_and_its_mutation_breaks_it(claim):
    failed = []
    for mutation, expected in ({}, True), (claim.mutation, False):
        holds, values = claim.verdict(**mutation)
        if holds is not expected:
            verdict = "does not hold" if expected else f"survives {mutation}"
            failed.append(f"{verdict}: {claim.inside(values)} of {len(values)} inside, {np.sort(values)}")
    assert not failed, "\n".join(failed)


def test_the_loss_of_the_network_that_adds_falls_at_once_and_its_bias_counts_for_unstretched_logarithms():
    losses = experiments.adder(0, tuple(ADDER["units"])).losses
    assert 0.005 < losses[0] < 0.3
    assert losses[4] < 0.005
    assert np.median(losses[-50:]) < 1e-6  # the last may be on a peak
    assert 1 < LESSONS["09_extrapolation"].product_error([0], **ADDER, stretch=False)[0] < 100


def test_2_networks_of_the_question_square_as_badly_as_printed_and_one_clearly_worse_than_a_line():
    """Their training takes too long for the 100 seeds of a claim; no one can be better than its line."""
    runs = experiments.run_seeds(question.SQUARE, question.LAYERS, seeds=range(2))
    lines = [np.polyfit(one.x[:, 0], one.y[:, 0], 1) for one in runs]
    best = [rmse(one.y, np.polyval(line, one.x)) for one, line in zip(runs, lines, strict=True)]
    above = runs.rmse() / best
    assert runs.rmse().min() > 71_000
    assert runs.rmse().max() < 150_000
    assert above.min() > 0.9999
    assert above.max() > 1.1


def test_of_10_linear_networks_of_each_kind_one_single_layer_stays_farthest_from_the_floor():
    single, deep, longer, wide = (
        np.sort(trials.square_error(range(10), units=units, **LINEAR, epochs=epochs)) / FLOOR
        for units, epochs in (([1], 500), ([8, 8, 1], 500), ([8, 8, 1], 2000), ([32, 32, 1], 500))
    )
    assert single[-1] > max(1.01, deep[-1], longer[-1], wide[-1])
    assert single[-2] < 1.01
    assert longer[-3:].mean() < deep[-3:].mean()


def test_of_20_networks_with_a_linear_end_one_answers_with_less_than_0():
    ending = LESSONS["04_activations"].ENDING
    runs = experiments.run_seeds(question.SQUARE, **ending, last="linear", seeds=range(20))
    assert runs.answers(X).min() < 0
