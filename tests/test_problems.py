"""Problems, their examples and scales, and the numbers printed in the question."""

import math

from helpers import question
from helpers.problems import OPERATIONS, SCALES, Problem, Scaling

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

BY_HAND = {"sum": sum, "product": math.prod, "square": lambda row: row[0] ** 2}
problems = st.builds(Problem, st.sampled_from(list(OPERATIONS)), st.integers(1, 4), st.integers(2, 1000))


@given(problems, st.sampled_from(SCALES), st.integers(0, 1000))
def test_examples_have_the_right_answers_and_come_back_from_every_scale(problem, scale, seed):
    x, y = problem.draw(20, seed=seed)
    assert x.shape == (20, problem.inputs)
    assert y.shape == (20, 1)
    expected = [BY_HAND[problem.operation]([int(v) for v in row]) for row in x]
    assert y.ravel().tolist() == expected
    assert y.max() <= problem.largest_target
    np.testing.assert_array_equal(x, problem.draw(20, seed=seed)[0])
    scaling = problem.scaling(scale)
    x_small, y_small = scaling.normalise(x, y)
    np.testing.assert_array_equal(scaling.invert(y_small), y)
    np.testing.assert_allclose(x_small * scaling.x_divisor + scaling.x_shift, x)
    assert 0 < y_small.min() <= y_small.max() <= 1


def test_examples_reach_from_1_to_the_largest_and_seeds_differ():
    x, _ = Problem("sum", inputs=2, largest=3).draw(1000, seed=0)
    assert np.unique(x).tolist() == [1, 2, 3]
    assert not np.array_equal(x, Problem("sum", inputs=2, largest=3).draw(1000, seed=1)[0])


def test_the_scales_are_those_of_the_question_and_of_statistics():
    square = Problem("square", largest=1000)
    assert square.scaling("question") == Scaling(1e6, 1e6)
    assert Problem("sum", inputs=2).scaling("question") == Scaling(2000, 2000)
    assert square.scaling("largest") == Scaling(1000, 1e6)
    x, y = square.every_number()
    assert x.ravel().tolist() == list(range(1, 1001))
    np.testing.assert_array_equal(y, x**2)
    standardised, _ = square.scaling("standardised").normalise(x, y)
    assert standardised.mean() == pytest.approx(0, abs=1e-12)
    assert standardised.std() == pytest.approx(1)


def test_the_printed_rows_of_the_question():
    expected, predicted = question.rows("sum")
    assert len(expected) == 18
    np.testing.assert_array_equal(expected, predicted)
    expected, predicted = question.rows("square")
    assert len(expected) == 16
    assert (expected - predicted).tolist()[:6] == [-10590, -55169, -37988, -11611, -23242, 147737]
