"""The question of September 2019 on a Stack Exchange site (the thread): its settings and printed numbers."""

import csv
from importlib import resources

from helpers import closed_forms
from helpers.checks import one_of
from helpers.problems import Problem

import numpy as np

PRINTED_RMSE = {"sum": 0.0, "square": 75777.312879}
LAYERS = (20, 100, 1000, 100)
ASKED = (20, 100, 1000, 100, 20, 1)  # with ReLU, as the asker wrote back
EXAMPLES, EPOCHS, BATCH_SIZE, LARGEST = 1000, 500, 100, 1000
SQUARE = Problem("square", largest=LARGEST)
X, Y = SQUARE.every_number()  # all inputs and their right answers, both (1000, 1)
FLOOR = closed_forms.line_floor(LARGEST)  # the lowest RMSE of any straight line


def rows(table: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the printed rows of "sum" or "square": expected and predicted, int arrays (rows,)."""
    one_of("table", table, PRINTED_RMSE)
    text = resources.files("helpers").joinpath("question.csv").read_text(encoding="utf-8")
    found = [row for row in csv.DictReader(text.splitlines()) if row["table"] == table]
    expected, predicted = ([int(row[column]) for row in found] for column in ("expected", "predicted"))
    return np.array(expected), np.array(predicted)
