"""Every number that a lesson's prose says, by its name: computed here, once, and nowhere typed.

A value is a number or a text, or a function that computes it when it is first asked for. Numbers are
written as words.number writes them. What a lesson's own code sets needs no entry: see lessons/build.py.
"""

import math
from collections.abc import Iterable
from fractions import Fraction
from functools import cache

from helpers import closed_forms, experiments, networks, question, words
from helpers.evidence import claims, runs
from helpers.problems import Problem, Scaling, rmse

import numpy as np

SQUARE = Problem("square", largest=question.LARGEST)
X, Y = SQUARE.every_number()
FOLDED = 2**10  # by what notebook 07 divides: halved again and again, it ends at 1
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


def weights_of(*units: int) -> int:
    """Return how many weights and biases a stack with one input has."""
    return networks.stack(units, inputs=1).count_params()


def wide_errors(pieces: int) -> np.ndarray:
    """Return by how much networks.squarer misses the squares, as the course divides them."""
    return np.abs(experiments.answers(networks.squarer(pieces), SQUARE.scaling("largest"), X) - Y)


def deep_errors(layers: int) -> np.ndarray:
    """Return by how much networks.deep_squarer misses the squares, if N is FOLDED."""
    scaling = Scaling(FOLDED, FOLDED**2)
    return np.abs(experiments.answers(networks.deep_squarer(layers), scaling, X) - Y)


@cache
def exact_layers() -> int:
    """Return the lowest number of layers with which networks.deep_squarer makes no mistake."""
    return next(layers for layers in range(1, 20) if not deep_errors(layers).any())


def deep_units(layers: int) -> int:
    """Return how many units networks.deep_squarer has."""
    return sum(layer.units for layer in networks.deep_squarer(layers).layers)


def curve_rmse(layers: int) -> float:
    """Return the RMSE of networks.deep_squarer on the whole curve, if N is FOLDED."""
    return closed_forms.deep_errors(FOLDED, layers)[1]


def beats_width(layers: int) -> bool:
    """Tell whether networks.deep_squarer is better than one layer of as many units can be."""
    return curve_rmse(layers) < closed_forms.units_floor(FOLDED, deep_units(layers))


def exact_pieces() -> int:
    """Return how many pieces hit every square, each of them two; raise ValueError if one is missed."""
    pieces = question.LARGEST // 2
    if wide_errors(pieces).any():
        raise ValueError(f"{pieces} pieces must hit two squares each, but miss some: see networks.squarer.")
    return pieces


def width_guesses() -> str:
    """Return three numbers of units: in hundreds, what one layer needs to be as good as the exact layers."""
    needed = closed_forms.units_worth(FOLDED, curve_rmse(exact_layers())) // 100 * 100
    return "{}, {} or {}".format(*(words.number(times * needed) for times in (1, 2, 3)))


def listed(values: Iterable[float]) -> str:
    """Return numbers with commas between them."""
    return ", ".join(map(words.number, values))


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
    "clear_factor": 1.5,
    "seeds_of_the_unused_input": CLAIMS["unused input, small"].seeds,
    "harmed_by_the_unused_input": "{} of {}".format(
        *Fraction(*CLAIMS["unused input, small"].measured).limit_denominator(3).as_integer_ratio()
    ),
    "weights_of_8_8_1": lambda: weights_of(8, 8, 1),
    "weights_of_64_1": lambda: weights_of(64, 1),
    "weights_of_the_asker": lambda: weights_of(*claims.ASKED["units"]),
    "hidden_layers_of_the_asker": len(claims.ASKED["units"]) - 1,
    "times_the_epochs": question.EPOCHS // CLAIMS["large beats small"].settings["of"]["epochs"],
    "times_longer": CLAIMS["more epochs at x/L²"].settings["of"]["epochs"] // question.EPOCHS,
    "outputs_thrown_away": question.LAYERS[-1] - 1,
    "steps_of_the_question": question.EPOCHS * question.EXAMPLES // question.BATCH_SIZE,
    "learning_rate": experiments.Recipe.learning_rate,
    # 07 Width and depth
    "floor_divisor_of_the_curve": round(closed_forms.pieces_floor(1, 1) ** -2),
    "units_a_digit": round(closed_forms.units_worth(1000, 1) / closed_forms.units_worth(1000, 10)),
    "small_error": 100,
    "pieces_below_the_small_error": lambda: (
        1 + max(pieces for pieces in range(1, 65) if wide_errors(pieces).max() >= FACTS["small_error"])
    ),
    "exact_pieces": exact_pieces,
    "year_of_the_deep_squarer": str(2017),
    "units_a_layer": lambda: networks.deep_squarer(1).layers[0].units,
    "units_a_tent": lambda: networks.deep_squarer(1).layers[0].units - 1,
    "tent_weights": lambda: listed(networks.deep_squarer(2).layers[1].kernel.numpy()[:3, 0]),
    "tent_biases": lambda: listed(networks.deep_squarer(2).layers[1].bias.numpy()[:3]),
    "pieces_a_fold": round((closed_forms.deep_errors(1, 1)[0] / closed_forms.deep_errors(1, 2)[0]) ** 0.5),
    "error_a_layer": round(closed_forms.deep_errors(1, 1)[0] / closed_forms.deep_errors(1, 2)[0]),
    "chord_divisor": round(1 / closed_forms.deep_errors(2, 1)[0]),
    "exact_layers": exact_layers,
    "nearly_exact_layers": lambda: exact_layers() - 1,
    "rmse_of_the_exact_layers": lambda: f"{curve_rmse(exact_layers()):.2f}",
    "units_of_the_exact_layers": lambda: deep_units(exact_layers()),
    "width_guesses": width_guesses,
    "layers_that_beat_width": lambda: next(filter(beats_width, range(1, 20))),
    "narrow_trained": CLAIMS["8 units, worth fewer than 4"].settings["units"][0],
    "widest_trained": CLAIMS["64 units, worth fewer than 12"].settings["units"][0],
    # TODO claim: round(runs.stored("8 units, worth fewer than 4").median / closed_forms.units_floor(1000, 8))
    "times_the_floor_when_narrow": 12,
    # TODO claim: the same of "64 units, worth fewer than 12", round(..., -1)
    "times_the_floor_when_wide": 40,
    "deepest_trained": CLAIMS["10 layers from random starts"].settings["layers"],
    # TODO claim: round(that median / that of "10 layers from random starts", -1)
    "gain_of_trained_depth": 10,
    "gain_of_depth": round(closed_forms.deep_errors(1, 1)[1] / closed_forms.deep_errors(1, 10)[1]),
    # 08 Extrapolation
    "growth_of_the_error": round(
        closed_forms.error_beyond(2000, 1000, 1000) / closed_forms.error_beyond(1500, 1000, 1000)
    ),
    "error_of_endless_pieces": round(closed_forms.error_beyond(2000, 1000, 1000)),
    # TODO claim: share_of_the_square(FAR, asked=1300) is 0.87 to 0.93
    "reach_of_a_tenth": 1.3,
    "farthest_reach_of_a_tenth": round(1 / (1 - math.sqrt(1 / 10)), 1),
    "times_the_range": CLAIMS["x² as an input"].settings["asked"] // question.LARGEST,
    "largest_product": Problem("product", inputs=2).largest_target,
    "ln_of_the_largest_below": math.ceil(math.log(question.LARGEST)),
    "multiplies_below": CLAIMS["the network that adds multiplies"].high,
    "digits_of_float32": round(math.log10(2 ** (np.finfo(np.float32).nmant + 1))),
}
