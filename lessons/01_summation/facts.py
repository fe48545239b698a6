"""Numbers in the prose of this lesson that its code does not set."""

from helpers import networks
from helpers.problems import Problem
from lessons.facts import CLAIMS

from . import practice

FACTS = {
    "largest_sum": Problem("sum", inputs=2).largest_target,
    "epochs_that_add": CLAIMS["8-8-1 adds, 300 epochs"].settings["epochs"],
    "epochs_drawn": practice.EPOCHS[-1],
    "weights_of_one_unit": lambda: networks.stack([1], inputs=2).count_params(),
}
