"""Every number that a lesson's prose says, by its name: computed here, once, and nowhere typed.

A value is a number or a text, or a function that computes it when it is first asked for. Numbers are
written as words.number writes them. What a lesson's own code sets needs no entry: see lessons/build.py.
"""

from functools import cache

from helpers import closed_forms, networks, question, words
from helpers.evidence import claims, runs
from helpers.problems import Problem, rmse

import numpy as np

SQUARE = Problem("square", largest=question.LARGEST)
X, Y = SQUARE.every_number()
CLAIMS = {claim.name: claim for claim in claims.CLAIMS}


@cache
def text(name: str) -> str:
    """Return what stands in the prose for the fact of this name."""
    fact = FACTS[name]
    found = fact() if callable(fact) else fact
    return found if isinstance(found, str) else words.number(found)


def least(claim: str, seeds: int) -> int:
    """Return how many of so many new seeds a claim promises."""
    return CLAIMS[claim].least(seeds)


def thread_line() -> np.ndarray:
    """Return slope and intercept of the line on which the question's printed squares lie."""
    expected, predicted = question.rows("square")
    return np.polyfit(np.sqrt(expected), predicted, 1)


FACTS = {
    # The question
    "year": str(2019),
    "largest": question.LARGEST,
    "largest_square": SQUARE.largest_target,
    "largest_sum": Problem("sum", inputs=2).largest_target,
    "examples": question.EXAMPLES,
    "epochs_of_the_question": question.EPOCHS,
    "batch_size": question.BATCH_SIZE,
    "steps_an_epoch": question.EXAMPLES // question.BATCH_SIZE,
    "printed_sums": lambda: len(question.rows("sum")[0]),
    "printed_squares": lambda: len(question.rows("square")[0]),
    "printed_rmse_of_sums": question.PRINTED_RMSE["sum"],
    "printed_rmse": round(question.PRINTED_RMSE["square"]),
    "weights_of_the_question": lambda: networks.stack(question.LAYERS, inputs=1).count_params(),
    "outputs_of_the_question": question.LAYERS[-1],
    "thread_slope": lambda: f"{thread_line()[0]:.2f}",
    "thread_intercept_size": lambda: round(-thread_line()[1]),
    # Closed forms
    "floor": round(closed_forms.line_floor(question.LARGEST)),
    "floor_to_3_digits": lambda: words.about(closed_forms.line_floor(question.LARGEST)).removeprefix("≈ "),
    "mean_floor": round(closed_forms.mean_floor(question.LARGEST)),
    # Evidence
    "false_alarms_in": round(1 / runs.FALSE_ALARM),
    # 00 Start here
    "first_error": lambda: abs(int(np.diff(question.rows("square"), axis=0)[0, 0])),
    "64-1_ends_below": lambda: CLAIMS["64 units learn to square"].high,
    # 01 Summation
    # 02 Squaring
    "above_the_floor": lambda: (
        f"{100 * (question.PRINTED_RMSE['square'] / closed_forms.line_floor(1000) - 1):.1f}"
    ),
    "thread_rmse_on_all": lambda: round(rmse(Y, np.polyval(thread_line(), X))),
    # 03 Linear collapse
    # 04 Activations
    # 05 Input scale
    # 06 Advice on trial
    # 07 Width and depth
    # 08 Extrapolation
}
