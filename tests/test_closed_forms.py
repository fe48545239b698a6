"""The closed forms against brute force: NumPy's least squares on all the numbers."""

from helpers import closed_forms

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

GRID = (np.arange(24_000) + 0.5) / 24


@given(st.integers(2, 2000))
def test_the_best_line_and_the_mean_are_of_least_squares_and_their_floors_what_they_leave(n):
    x = np.arange(1, n + 1, dtype=float)
    slope, intercept = closed_forms.best_line(n)
    expected = np.linalg.lstsq(np.stack([x, np.ones(n)], axis=1), x**2)[0]
    np.testing.assert_allclose([slope, intercept], expected, rtol=1e-7, atol=1e-6 * n)
    left = np.sqrt(np.mean((x**2 - slope * x - intercept) ** 2))
    assert closed_forms.line_floor(n) == pytest.approx(left, rel=1e-9, abs=1e-9 * n**2)
    assert closed_forms.mean_floor(n) == pytest.approx((x**2).std(), rel=1e-9)


def units_fit(x, kinks, left=()):
    """The RMSE of the best fit by ReLU units with these kinks, those in `left` off on the right."""
    sides = [np.maximum(k - x if i in left else x - k, 0) for i, k in enumerate(kinks)]
    basis = np.stack([np.ones_like(x), *sides], axis=1)
    return np.sqrt(np.mean((x**2 - basis @ np.linalg.lstsq(basis, x**2)[0]) ** 2))


def test_units_floor_is_the_best_of_all_kinks_and_sides():
    x = (np.arange(500) + 0.5) / 500
    grid = np.arange(-0.1, 1, 0.03)
    one = [units_fit(x, [k], left) for k in grid for left in ((), (0,))]
    sides = ((), (0,), (1,), (0, 1))
    two = [units_fit(x, [j, k], left) for j in grid for k in grid if j < k for left in sides]
    for units, tried in ((1, one), (2, two)):
        floor = closed_forms.units_floor(1, units)
        assert 0.999 * floor < min(tried) < 1.02 * floor


@pytest.mark.parametrize("pieces", [1, 2, 5, 8])
def test_pieces_floor_is_the_best_joined_fit_on_a_fine_grid(pieces):
    best = units_fit(GRID, 1000 / pieces * np.arange(pieces))  # the first unit is on everywhere
    assert closed_forms.pieces_floor(1000, pieces) == pytest.approx(best, rel=1e-5)


@pytest.mark.parametrize("units", [1, 3, 8])
def test_units_reach_their_floor_with_a_flat_piece_of_half_the_length(units):
    h = 1000 / (units + 0.5)
    floor = closed_forms.units_floor(1000, units)
    assert units_fit(GRID, h / 2 + h * np.arange(units)) == pytest.approx(floor, rel=1e-4)
    assert closed_forms.units_worth(1000, floor) == pytest.approx(units)
    assert closed_forms.units_worth(1000, 1000**2) == 0


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_deep_errors_are_those_of_joining_points_of_the_curve(layers):
    joints = np.linspace(0, 700, 2**layers + 1)
    x = np.linspace(0, 700, 2**layers * 10_000 + 1)
    left = np.interp(x, joints, joints**2) - x**2
    worst, root_mean = closed_forms.deep_errors(700, layers)
    assert worst == pytest.approx(left.max(), rel=1e-6)
    assert root_mean == pytest.approx(np.sqrt(np.mean(left**2)), rel=1e-3)


@given(st.integers(1, 20), st.integers(2, 40), st.floats(1, 50))
def test_error_beyond_is_what_the_last_best_piece_leaves(pieces, length, times):
    n = pieces * length
    last = np.arange(n - length + 1, n + 1, dtype=float)
    line = np.linalg.lstsq(np.stack([last, np.ones(length)], axis=1), last**2)[0]
    left = (times * n) ** 2 - np.polyval(line, times * n)
    found = closed_forms.error_beyond(times * n, n, pieces)
    assert found == pytest.approx(left, rel=1e-6, abs=1e-6 * n**2)
