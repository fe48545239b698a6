"""Problems, their examples and scales, and the thread's printed numbers."""

import math

from helpers import question
from helpers.checks import InputError
from helpers.problems import OPERATIONS, SCALES, Problem, Scaling, rmse

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

BY_HAND = {"sum": sum, "product": math.prod, "square": lambda row: row[0] ** 2}
problems = st.builds(Problem, st.sampled_from(list(OPERATIONS)), st.integers(1, 4), st.integers(1, 1000))


@given(problems, st.integers(0, 1000))
def test_examples_are_whole_numbers_in_range_with_the_right_answers(problem, seed):
    x, y = problem.draw(20, seed=seed)
    assert x.shape == (20, problem.inputs)
    assert y.shape == (20, 1)
    assert x.min() >= 1
    assert x.max() <= problem.largest
    expected = [BY_HAND[problem.operation]([int(v) for v in row]) for row in x]
    assert y.ravel().tolist() == expected
    assert y.max() <= problem.largest_target
    np.testing.assert_array_equal(x, problem.draw(20, seed=seed)[0])


def test_both_ends_are_drawn_and_seeds_differ():
    x, _ = Problem("sum", inputs=2, largest=3).draw(1000, seed=0)
    assert np.unique(x).tolist() == [1, 2, 3]
    assert not np.array_equal(x, Problem("sum", inputs=2, largest=3).draw(1000, seed=1)[0])


@given(problems.filter(lambda problem: problem.largest > 1), st.sampled_from(SCALES))
def test_invert_brings_every_answer_back(problem, scale):
    x, y = problem.draw(50, seed=3)
    scaling = problem.scaling(scale)
    x_small, y_small = scaling.normalise(x, y)
    np.testing.assert_array_equal(scaling.invert(y_small), y)
    np.testing.assert_allclose(x_small * scaling.x_divisor + scaling.x_shift, x)
    assert 0 < y_small.min() <= y_small.max() <= 1


def test_the_scales_are_those_of_the_thread_and_of_statistics():
    square = Problem("square", largest=1000)
    assert square.scaling("question") == Scaling(1e6, 1e6)
    assert Problem("sum", inputs=2).scaling("question") == Scaling(2000, 2000)
    assert square.scaling("largest") == Scaling(1000, 1e6)
    x, y = square.every_number()
    standardised, _ = square.scaling("standardised").normalise(x, y)
    assert standardised.mean() == pytest.approx(0, abs=1e-12)
    assert standardised.std() == pytest.approx(1)


def test_inputs_of_any_shape_are_scaled_as_normalise_does():
    scaling = Scaling(50.0, 2e6, x_shift=3.0)
    x = np.arange(24).reshape(2, 12, 1)
    np.testing.assert_array_equal(scaling.inputs(x)[1], scaling.normalise(x[1], x[1])[0])
    assert scaling.inputs(53) == 1


def test_every_number():
    x, y = Problem("square", largest=3).every_number()
    assert x.tolist() == [[1], [2], [3]]
    assert y.tolist() == [[1], [4], [9]]


def test_rmse_squares_before_it_averages():
    assert rmse([0, 0], [3, -4]) == pytest.approx(math.sqrt(12.5))


def test_the_printed_rows_of_the_thread():
    expected, predicted = question.rows("sum")
    assert len(expected) == 18
    np.testing.assert_array_equal(expected, predicted)
    expected, predicted = question.rows("square")
    assert len(expected) == 16
    roots = np.sqrt(expected)
    np.testing.assert_array_equal(roots, np.rint(roots))
    assert (expected - predicted).tolist()[:6] == [-10590, -55169, -37988, -11611, -23242, 147737]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: Problem("root"), "operation must be one of sum, .* but is 'root'"),
        (lambda: Problem("sum", inputs=0), "inputs must be a whole number, 1 or more, but is 0"),
        (lambda: Problem("sum", inputs="two"), "inputs must be .* but is 'two'"),
        (lambda: Problem("sum", largest=math.nan), "largest must be .* but is nan"),
        (lambda: Problem("product", inputs=6), r"answers must stay below 2\*\*53"),
        (lambda: Problem("sum").draw(-3, seed=0), "examples must be .* but is -3"),
        (lambda: Problem("sum").draw(5, seed=-1), "seed must be a whole number, 0 or more"),
        (lambda: Problem("sum", inputs=2).every_number(), "needs a problem of 1 input, .* has 2"),
        (lambda: Problem("sum").scaling("tiny"), "scale must be one of question, .* but is 'tiny'"),
        (lambda: Problem("sum", largest=1).scaling("standardised"), "needs largest >= 2"),
        (lambda: rmse([1, 2], [1]), "one row for each example"),
        (lambda: rmse([1, 2], [1, math.nan]), "predicted must be finite"),
        (lambda: rmse(["a"], [1]), "expected must be numbers"),
        (lambda: Scaling(1, 1).normalise([[1, 2], [3]], [1, 2]), "x must be numbers in rows of equal"),
        (lambda: question.rows("cube"), "table must be one of sum, square, but is 'cube'"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        call()
    assert "\n" not in str(caught.value)
