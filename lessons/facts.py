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
from helpers.practice import lesson_04, lesson_05, lesson_06, lesson_08
from helpers.problems import Problem, Scaling, rmse

import keras
import numpy as np

SQUARE = Problem("square", largest=question.LARGEST)
X, Y = SQUARE.every_number()
N = question.LARGEST
BEST_LINE = np.polyfit(X[:, 0], Y[:, 0], 1)  # not from closed_forms, which it checks
FLOOR = closed_forms.line_floor(question.LARGEST)
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


def another_line_passes_within() -> str:
    """Return how near some line passes to all the printed squares; below ½, which rounding explains."""
    expected, predicted = question.rows("square")
    slopes = thread_line()[0] + np.linspace(-0.01, 0.01, 201)
    return f"{min(np.ptp(predicted - slope * np.sqrt(expected)) / 2 for slope in slopes):.2f}"


RANGE = (np.arange(10_000) + 0.5) / 10_000  # all of 0 to 1, for means over a whole range


def first_edge() -> float:
    """Return the x at which the pieces of networks.squarer begin."""
    return round(float(networks.kinks(networks.squarer(1))[0]) * question.LARGEST, 3)


def pieces_below(error: float) -> int:
    """Return from how many pieces on their RMSE, on the whole curve, is below an error."""
    return next(k for k in range(1, 1000) if closed_forms.pieces_floor(question.LARGEST, k) < error)


def promise(claim: str) -> int:
    """Return how many of the seeds that `make evidence` runs a claim promises."""
    return least(claim, CLAIMS[claim].seeds)


def start_of_the_copy() -> keras.Sequential:
    """Return 8-8-1 as 05 looks at it before any training."""
    return networks.stack(**claims.SMALL, seed=0)


def gradients_apart() -> int:
    """Return by which power of 10, at x/L², the gradient of 8-8-1's first biases is above its weights'."""
    x, y = SQUARE.scaling("question").normalise(X, Y)
    of_weights, of_biases, *_ = networks.gradients(start_of_the_copy(), x, y)
    return 10 ** math.floor(math.log10(np.abs(of_biases).max() / np.abs(of_weights).max()))


def sigmoid(z: float) -> float:
    """Return the activation sigmoid, written out."""
    return 1 / (1 + math.exp(-z))


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


def listed(values: Iterable[float]) -> str:
    """Return numbers with commas between them."""
    return ", ".join(map(words.number, values))


def times_the_floor(units: int) -> int:
    """Return how many times the lowest RMSE possible one trained layer is left with, in the median."""
    median = runs.stored(f"{units} units, times the floor").median
    return round(median / closed_forms.units_floor(question.LARGEST, units))


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
    "layers_of_the_question": "-".join(map(str, question.LAYERS)),
    "largest_normalised_input": question.LARGEST / SQUARE.largest_target,
    "learning_rate": experiments.Recipe.learning_rate,
    "hidden_layers_of_the_asker": len(claims.ASKED["units"]) - 1,
    # Closed forms
    "floor": round(FLOOR),
    "floor_to_3_digits": lambda: words.about(FLOOR).removeprefix("≈ "),
    "mean_floor": round(closed_forms.mean_floor(question.LARGEST)),
    "mean_square_divisor": round((N**2 - 1) / np.mean((X - X.mean()) ** 2)),
    # Evidence
    "false_alarms_in": round(1 / runs.FALSE_ALARM),
    # 00 Start here
    "first_error": lambda: abs(int(np.diff(question.rows("square"), axis=0)[0, 0])),
    "first_slider_ends_below": lambda: CLAIMS["64 units learn to square"].high,
    # 01 Summation
    "epochs_that_add": CLAIMS["8-8-1 adds, 300 epochs"].settings["epochs"],
    # 02 Squaring
    "above_the_floor": lambda: f"{100 * (question.PRINTED_RMSE['square'] / FLOOR - 1):.1f}",
    "another_line_passes_within": another_line_passes_within,
    "intercept_divisor": round(-(N + 1) * (N + 2) / BEST_LINE[1]),
    "floor_divisor": round((N**2 - 1) * (N**2 - 4) / np.var(Y - np.polyval(BEST_LINE, X))),
    "no_floor_squared": lambda: max(n for n in range(2, 9) if closed_forms.line_floor(n) == 0) ** 2,
    "worst_of_the_best_line": round(np.abs(Y - np.polyval(BEST_LINE, X)).max()),
    "lines_apart": lambda: math.ceil(100 * (rmse(Y, np.polyval(thread_line(), X)) / FLOOR - 1)),
    "the_curve_dips": 1,  # per cent, at most: tests/test_explore.py holds it
    "thread_rmse_on_all": lambda: round(rmse(Y, np.polyval(thread_line(), X))),
    # 03 Linear collapse
    "digits_of_float32": round(np.log10(2.0 ** (np.finfo(np.float32).nmant + 1))),
    "medians_above_the_floor": round(100 * (CLAIMS["linear 32-32-1"].high / FLOOR - 1)),
    "weights_of_the_widest": lambda: networks.stack([32, 32, 1], inputs=1).count_params(),
    # 04 Activations
    "half_of_the_range": question.LARGEST // 2,
    "piece_end_divisor": round(1 / 0.5**2),
    "piece_gap_divisor": round(1 / (0.5**2 - np.var(RANGE))),
    "factor_of_doubling": round(closed_forms.pieces_floor(1, 1) / closed_forms.pieces_floor(1, 2)),
    "first_edge": first_edge,
    "last_edge": lambda: question.LARGEST + first_edge(),
    "goal_of_the_pieces": 1000,
    "pieces_to_the_goal": lambda: pieces_below(FACTS["goal_of_the_pieces"]),
    "floor_by_hand": round(CLAIMS["8 units, never as good as by hand"].low),
    "kinks_of_the_third_clump": CLAIMS["8 units, clumps"].high,
    "sigmoid_middle_divisor": lambda: round(1 / sigmoid(0)),
    "sigmoid_slope_divisor": lambda: round(0.002 / (sigmoid(0.001) - sigmoid(-0.001))),
    "rmse_of_answering_0": lambda: round(rmse(Y, 0 * Y)),
    "kinks_of_the_exercise": lesson_04.KINKS,
    "goal_of_the_kinks": lesson_04.GOAL,
    "pieces_of_the_exercise": round(closed_forms.pieces_floor(N, lesson_04.KINKS)),
    "floor_of_the_exercise": round(lesson_04.BEST),
    # 05 Input scale
    "hidden_units_of_the_asker": sum(claims.ASKED["units"][:-1]),
    "largest_of_the_exercise": lesson_05.OTHER.largest,
    "starts_of_the_exercise": len(lesson_05.TRIALS),
    "enough_of_the_exercise": lesson_05.ENOUGH,
    "epochs_of_the_exercise": lesson_05.SHORT,
    "quick_epochs": lesson_05.FEW,
    "figure_to_beat": lesson_05.FIGURE,
    "starts_of_the_lottery": CLAIMS["asked network, x/L²"].seeds,
    "short_epochs": CLAIMS["asked network, x/L², luck"].settings["epochs"],
    "short_starts": CLAIMS["asked network, x/L², luck"].seeds,
    "promised_right": promise("asked network, x/L², no luck"),
    "promised_left": promise("asked network, x/L², luck"),
    "mean_of_squares_divisor": round(1 / np.mean(RANGE**2)),
    "mean_of_fourths_divisor": round(1 / np.mean(RANGE**4)),
    "squared_mean_divisor": round(1 / np.mean(RANGE**2) ** 2),
    "mean_of_the_range": round(question.LARGEST**2 * np.mean(RANGE**2)),
    "mean_floor_of_the_range": round(question.LARGEST**2 * np.std(RANGE**2)),
    "mean_floor_to_thousands": round(closed_forms.mean_floor(question.LARGEST), -3),
    "divisors_apart": SQUARE.scaling("question").x_divisor / SQUARE.scaling("largest").x_divisor,
    "units_of_the_copy": claims.SMALL["units"][0],
    "layers_of_the_copy": len(claims.SMALL["units"]),
    "growth_a_layer": round((SQUARE.largest_target / SQUARE.largest) ** (1 / len(claims.SMALL["units"]))),
    "gradients_apart": gradients_apart,
    "starts_of_the_copy": CLAIMS["8-8-1, x/L"].seeds,
    "promised_at_x_over_l": promise("8-8-1, x/L"),
    "success_at_x_over_l": CLAIMS["8-8-1, x/L"].high,
    "last_divisor_that_succeeds": CLAIMS["8-8-1, x/100,000"].settings["scale"][0],
    "divisor_that_spreads": CLAIMS["8-8-1, x/300,000, success"].settings["scale"][0],
    # 06 Advice on trial
    "clear_factor": 1.5,
    "seeds_of_the_unused_input": CLAIMS["unused input, small"].seeds,
    "harmed_by_the_unused_input": "{} of {}".format(
        *Fraction(*CLAIMS["unused input, small"].measured).limit_denominator(3).as_integer_ratio()
    ),
    "weights_of_8_8_1": lambda: weights_of(8, 8, 1),
    "weights_of_64_1": lambda: weights_of(64, 1),
    "weights_of_the_asker": lambda: weights_of(*claims.ASKED["units"]),
    "times_the_epochs": question.EPOCHS // CLAIMS["large beats small"].settings["of"]["epochs"],
    "times_longer": CLAIMS["more epochs at x/L²"].settings["of"]["epochs"] // question.EPOCHS,
    "allowed_epochs": lesson_06.EPOCHS,
    "wanted_rmse": lesson_06.BELOW,
    "outputs_thrown_away": question.LAYERS[-1] - 1,
    "steps_of_the_question": question.EPOCHS * question.EXAMPLES // question.BATCH_SIZE,
    # 07 Width and depth
    "floor_divisor_of_the_curve": round(closed_forms.pieces_floor(1, 1) ** -2),
    "units_a_digit": round(closed_forms.units_worth(1000, 1) / closed_forms.units_worth(1000, 10)),
    "small_error": 100,
    "pieces_below_the_small_error": lambda: (
        1 + next(k for k in range(64, 0, -1) if wide_errors(k).max() >= FACTS["small_error"])
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
    "weights_of_the_exact_layers": lambda: networks.deep_squarer(exact_layers()).count_params(),
    "units_of_the_exact_layers": lambda: deep_units(exact_layers()),
    "layers_that_beat_width": lambda: next(filter(beats_width, range(1, 20))),
    "narrow_trained": CLAIMS["8 units, worth fewer than 4"].settings["units"][0],
    "widest_trained": CLAIMS["64 units, worth fewer than 12"].settings["units"][0],
    "times_the_floor_when_narrow": lambda: times_the_floor(8),
    "times_the_floor_when_wide": lambda: round(times_the_floor(64), -1),
    "deepest_trained": len(CLAIMS["10 layers from random starts"].settings["units"]) - 1,
    "gain_of_trained_depth": lambda: round(1 / runs.stored("10 layers for one").median, -1),
    "gain_of_depth": round(closed_forms.deep_errors(1, 1)[1] / closed_forms.deep_errors(1, 10)[1]),
    # 08 Extrapolation
    "growth_of_the_error": round(
        closed_forms.error_beyond(2000, 1000, 1000) / closed_forms.error_beyond(1500, 1000, 1000)
    ),
    "drawn_to": lesson_08.BEYOND[-1],
    "error_of_endless_pieces": round(closed_forms.error_beyond(2000, 1000, 1000)),
    "reach_of_a_tenth": CLAIMS["ReLU, a tenth off"].settings["asked"] / question.LARGEST,
    "farthest_reach_of_a_tenth": round(1 / (1 - math.sqrt(1 / 10)), 1),
    "times_the_range": CLAIMS["x² as an input"].settings["asked"] // question.LARGEST,
    "largest_product": Problem("product", inputs=2).largest_target,
    "ln_of_the_largest_below": math.ceil(math.log(question.LARGEST)),
    "multiplies_below": CLAIMS["the network that adds multiplies"].high,
}
