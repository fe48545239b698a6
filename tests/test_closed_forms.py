"""The closed forms against brute force: NumPy's least squares on all the numbers."""

import math

from helpers import closed_forms
from helpers.checks import InputError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(2, 2000))
def test_best_line_is_the_least_squares_line(n):
    x = np.arange(1, n + 1, dtype=float)
    slope, intercept = closed_forms.best_line(n)
    basis = np.stack([x, np.ones(n)], axis=1)
    expected = np.linalg.lstsq(basis, x**2)[0]
    np.testing.assert_allclose([slope, intercept], expected, rtol=1e-7, atol=1e-6 * n)


@given(st.integers(1, 2000))
def test_line_floor_is_what_the_best_line_leaves(n):
    x = np.arange(1, n + 1, dtype=float)
    slope, intercept = closed_forms.best_line(n) if n > 1 else (1.0, 0.0)
    left = np.sqrt(np.mean((x**2 - slope * x - intercept) ** 2))
    assert closed_forms.line_floor(n) == pytest.approx(left, rel=1e-9, abs=1e-9 * n**2)


def hinge_fit(x, knots):
    """The least-squares joined pieces with the given inner knots: their RMSE."""
    basis = np.stack([np.ones_like(x), x, *(np.maximum(x - knot, 0) for knot in knots)], axis=1)
    rest = x**2 - basis @ np.linalg.lstsq(basis, x**2)[0]
    return np.sqrt(np.mean(rest**2))


@pytest.mark.parametrize("pieces", [1, 2, 3, 5, 8])
def test_pieces_floor_is_the_best_joined_fit_on_a_fine_grid(pieces):
    x = (np.arange(24_000) + 0.5) / 24
    best = hinge_fit(x, 1000 / pieces * np.arange(1, pieces))
    assert closed_forms.pieces_floor(1000, pieces) == pytest.approx(best, rel=1e-5)


@given(st.integers(1, 12), st.integers(2, 30))
def test_whole_number_pieces_floor_is_the_best_joined_fit(pieces, length):
    n = pieces * length
    x = np.arange(1, n + 1, dtype=float)
    best = hinge_fit(x, 0.5 + length * np.arange(1, pieces))
    floor = closed_forms.whole_number_pieces_floor(n, pieces)
    assert floor == pytest.approx(best, rel=1e-6, abs=1e-7 * n**2)


def test_best_pieces_miss_by_a_sixth_of_h_squared_at_both_ends():
    x = np.linspace(300, 400, 100_001)
    slope, intercept = np.polyfit(x, x**2, 1)
    for end in (300, 400):
        assert end**2 - (slope * end + intercept) == pytest.approx(100**2 / 6, rel=1e-4)


@pytest.mark.parametrize("pieces", [1, 2, 4, 8, 10, 20])
def test_whole_numbers_change_the_floor_by_little(pieces):
    whole, continuous = (
        floor(1000, pieces) for floor in (closed_forms.whole_number_pieces_floor, closed_forms.pieces_floor)
    )
    assert 0 < continuous - whole < 0.19


def test_the_figures_of_the_course():
    assert closed_forms.best_line(1000) == (1001, -167_167)
    assert round(closed_forms.line_floor(1000), 1) == 74_535.4
    assert closed_forms.pieces_floor(1000, 1) == pytest.approx(1000**2 / math.sqrt(180))
    assert closed_forms.whole_number_pieces_floor(1000, 250) == 1
    assert closed_forms.whole_number_pieces_floor(1000, 500) == 0


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: closed_forms.best_line(1), "n must be a whole number, 2 or more, but is 1"),
        (lambda: closed_forms.best_line("ten"), "n must be a whole number, .* but is 'ten'"),
        (lambda: closed_forms.line_floor(0), "n must be .* but is 0"),
        (lambda: closed_forms.line_floor(2.5), "n must be .* but is 2.5"),
        (lambda: closed_forms.pieces_floor(1000, 0), "pieces must be .* but is 0"),
        (lambda: closed_forms.pieces_floor(-1, 2), "n must be a length above 0, but is -1"),
        (lambda: closed_forms.pieces_floor(math.nan, 2), "n must be a length above 0, but is nan"),
        (lambda: closed_forms.whole_number_pieces_floor(10, 3), "pieces must divide n, .* leaves 1"),
        (lambda: closed_forms.whole_number_pieces_floor(10, True), "pieces must be .* but is True"),
    ],
)
def test_bad_input_gets_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()
