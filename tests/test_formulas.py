"""Formulas are typed in the lessons, numbers and all; here each is held against what it is about.

The closed forms are held against brute force in test_closed_forms.
"""

from helpers import closed_forms, lessons

import numpy as np
import pytest

FINE = (np.arange(10_000) + 0.5) / 10_000  # the whole curve, from 0 to 1
H = 500.0  # a piece, and u on it, from its middle
U = H * (FINE - 0.5)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


# What stands in a lesson, its value, and that value measured.
FORMULAS = {
    "02_squaring": [
        (r"(N^2-1)/12", (7**2 - 1) / 12, np.var(np.arange(1, 8))),
        (r"\frac{N^2-1}{12} = (N+1)\,x - \frac{(N+1)(N+2)}{6}", [8, -8 * 9 / 6], closed_forms.best_line(7)),
        (r"\sqrt{\frac{(N^2-1)(N^2-4)}{180}}", (48 * 45 / 180) ** 0.5, closed_forms.line_floor(7)),
    ],
    "04_activations": [
        ("h²/12", H**2 / 12, np.mean(U**2)),
        ("(N² − 1)/12", (7**2 - 1) / 12, np.var(np.arange(1, 8))),
        ("h²/4", H**2 / 4, np.max(U**2)),
        ("h²/6", H**2 / 6, np.max(U**2) - np.mean(U**2)),
        ("1/2 + z/4", 1 / 2 + 0.01 / 4, sigmoid(0.01)),
        ("z/2 + z²/4", 0.01 / 2 + 0.01**2 / 4, 0.01 * sigmoid(0.01)),
    ],
    "05_input_scale": [
        ("L²/3", 1 / 3, np.mean(FINE**2)),
        ("L⁴/5", 1 / 5, np.mean(FINE**4)),
        ("L⁴/9", 1 / 9, np.mean(FINE**2) ** 2),
        (r"\sqrt{\frac{1}{5}-\frac{1}{9}}", (1 / 5 - 1 / 9) ** 0.5, np.std(FINE**2)),
    ],
    "07_width_and_depth": [
        ("N²/√180", 1000**2 / 180**0.5, 1000**2 * np.std(FINE**2 - FINE)),
        (
            r"\frac{N^2}{\sqrt{180}\,\left(k+\frac12\right)^2}",
            [1000**2 / 180**0.5 / (k + 0.5) ** 2 for k in (1, 4)],
            [closed_forms.units_floor(1000, k) for k in (1, 4)],
        ),
        ("h²/4", H**2 / 4, np.max(U**2)),
        (
            r"\frac{h^2}{4} = \frac{N^2}{4^{\,m+1}}, \qquad h = \frac{N}{2^m}",
            [1024**2 / 4 ** (m + 1) for m in (1, 3)],
            [closed_forms.deep_errors(1024, m)[0] for m in (1, 3)],
        ),
    ],
}


@pytest.mark.parametrize(("lesson", "row"), [(name, row) for name, rows in FORMULAS.items() for row in rows])
def test_a_formula_is_in_its_lesson_and_true(lesson, row):
    formula, value, measured = row
    assert formula in (lessons.FOLDER / lesson / "lesson.md").read_text("utf-8")
    assert np.allclose(value, measured, rtol=1e-3)
