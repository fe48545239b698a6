"""The numbers that the prose of this lesson names."""

from helpers.problems import Problem
from lessons.facts import CLAIMS

FACTS = {
    "largest_sum": Problem("sum", inputs=2).largest_target,
    "epochs_that_add": CLAIMS["8-8-1 adds, 300 epochs"].settings["epochs"],
}
