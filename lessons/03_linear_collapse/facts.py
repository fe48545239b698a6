"""Numbers in the prose of this lesson that its code does not set."""

from helpers import networks, question
from helpers.problems import rmse
from helpers.question import FLOOR, X, Y
from lessons.facts import CLAIMS, thread_line

import numpy as np

FACTS = {
    "weights_of_the_question": lambda: networks.stack(question.LAYERS, inputs=1).count_params(),
    "thread_rmse_on_all": lambda: round(rmse(Y, np.polyval(thread_line(), X))),
    "medians_above_the_floor": round(100 * (CLAIMS["linear 32-32-1"].high / FLOOR - 1)),
    "weights_of_the_widest": lambda: networks.stack([32, 32, 1], inputs=1).count_params(),
}
