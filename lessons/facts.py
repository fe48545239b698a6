"""The numbers that the prose of several lessons uses; a lesson's facts.py has its own.

A value is a number, a text, or a function that computes it when it is first needed. Numbers are formatted
by words.number. What a lesson's own code sets needs no entry: see lessons/build.py.
"""

import importlib
from functools import cache

from helpers import closed_forms, experiments, lessons, networks, question, words
from helpers.evidence import claims
from helpers.problems import Scaling
from helpers.question import FLOOR, LARGEST, SQUARE, X, Y
from lessons.recipes import ASKED

import numpy as np

FOLDED = 2**10  # the divisor of the networks built by hand: halved repeatedly, it ends at 1
CLAIMS = claims.declared()


@cache
def of(lesson: str) -> dict[str, object]:
    """Return the facts that a lesson's prose may use: these and its own."""
    if not (lessons.FOLDER / lesson / "facts.py").exists():
        return FACTS
    return FACTS | importlib.import_module(f"lessons.{lesson}.facts").FACTS


@cache
def text(name: str, lesson: str) -> str:
    """Return the fact of this name as text for a lesson's prose."""
    fact = of(lesson)[name]
    value = fact() if callable(fact) else fact
    return value if isinstance(value, str) else words.number(value)


def thread_line() -> np.ndarray:
    """Return slope and intercept of the line through the question's printed squares."""
    expected, predicted = question.rows("square")
    return np.polyfit(np.sqrt(expected), predicted, 1)


def deep_errors(layers: int) -> np.ndarray:
    """Return the errors of networks.deep_squarer on the squares, if the largest number is FOLDED."""
    scaling = Scaling(FOLDED, FOLDED**2)
    return np.abs(experiments.answers(networks.deep_squarer(layers), scaling, X) - Y)


@cache
def exact_layers() -> int:
    """Return the lowest number of layers with which networks.deep_squarer makes no mistake."""
    return next(layers for layers in range(1, 20) if not deep_errors(layers).any())


FACTS = {
    "largest": LARGEST,
    "largest_square": SQUARE.largest_target,
    "examples": question.EXAMPLES,
    "epochs_of_the_question": question.EPOCHS,
    "batch_size": question.BATCH_SIZE,
    "steps_an_epoch": question.EXAMPLES // question.BATCH_SIZE,
    "printed_squares": lambda: len(question.rows("square")[0]),
    "printed_rmse_of_sums": question.PRINTED_RMSE["sum"],
    "printed_rmse": round(question.PRINTED_RMSE["square"]),
    "outputs_of_the_question": question.LAYERS[-1],
    "thread_slope": lambda: f"{thread_line()[0]:.2f}",
    "thread_intercept_size": lambda: round(-thread_line()[1]),
    "largest_normalised_input": LARGEST / SQUARE.largest_target,
    "learning_rate": experiments.Recipe.learning_rate,
    "hidden_layers_of_the_asker": len(ASKED["units"]) - 1,
    "floor": round(FLOOR),
    "floor_to_3_digits": lambda: words.about(FLOOR).removeprefix("≈ "),
    "digits_of_float32": round(np.log10(2.0 ** (np.finfo(np.float32).nmant + 1))),
    "exact_layers": exact_layers,
    "units_a_layer": lambda: networks.deep_squarer(1).layers[0].units,
    "error_a_layer": round(closed_forms.deep_errors(1, 1)[0] / closed_forms.deep_errors(1, 2)[0]),
}
