"""Every number that a lesson's prose says, by its name: computed here, once, and nowhere typed.

A value is a number or a text, or a function that computes it when it is first asked for. Numbers are
written as words.number writes them. What a lesson's own code sets needs no entry: see lessons/build.py.
"""

import math
from functools import cache

from helpers import closed_forms, experiments, networks, question, words
from helpers.evidence import claims, runs
from helpers.problems import Problem, rmse

import keras
import numpy as np

SQUARE = Problem("square", largest=question.LARGEST)
X, Y = SQUARE.every_number()
N = question.LARGEST
BEST_LINE = np.polyfit(X[:, 0], Y[:, 0], 1)  # not from closed_forms, which it checks
FLOOR = closed_forms.line_floor(question.LARGEST)
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
    # TODO claim: linear 8-8-1 on sums at x/2000, after 300 epochs at most 0.5 % of its sums are wrong.
    "epochs_that_add": 300,
    # 02 Squaring
    "above_the_floor": lambda: f"{100 * (question.PRINTED_RMSE['square'] / FLOOR - 1):.1f}",
    "another_line_passes_within": another_line_passes_within,
    "intercept_divisor": round(-(N + 1) * (N + 2) / BEST_LINE[1]),
    "floor_divisor": round((N**2 - 1) * (N**2 - 4) / np.var(Y - np.polyval(BEST_LINE, X))),
    "no_floor_squared": lambda: max(n for n in range(2, 9) if closed_forms.line_floor(n) == 0) ** 2,
    "lines_apart": lambda: math.ceil(100 * (rmse(Y, np.polyval(thread_line(), X)) / FLOOR - 1)),
    # TODO claim: the loss of linear 1, 8-1, 8-8-1, 8-8-8-1 on all squares dips below the floor by < 1 %.
    "the_curve_dips": 1,
    "thread_rmse_on_all": lambda: round(rmse(Y, np.polyval(thread_line(), X))),
    # 03 Linear collapse
    "digits_of_float32": round(np.log10(2.0 ** (np.finfo(np.float32).nmant + 1))),
    # TODO claim: median RMSE of linear 1, 4-1, 32-1, 32-32-1 on all squares at x/L over 10 seeds.
    "medians_above_the_floor": 2,
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
    "kinks_of_the_third_clump": 3,  # TODO claim: 8-1 at x/L, 2,000 epochs, ends near a units_floor of 1 to 3
    "sigmoid_middle_divisor": lambda: round(1 / sigmoid(0)),
    "sigmoid_slope_divisor": lambda: round(0.002 / (sigmoid(0.001) - sigmoid(-0.001))),
    "rmse_of_answering_0": lambda: round(rmse(Y, 0 * Y)),
    # 05 Input scale
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
    "smallest_first_weight": lambda: f"{np.abs(start_of_the_copy().get_weights()[0]).min():.1f}",
    "largest_first_weight": lambda: f"{np.abs(start_of_the_copy().get_weights()[0]).max():.1f}",
    "starts_of_the_copy": CLAIMS["8-8-1, x/L"].seeds,
    "promised_at_x_over_l": promise("8-8-1, x/L"),
    "success_at_x_over_l": CLAIMS["8-8-1, x/L"].high,
    "last_divisor_that_succeeds": 100_000,  # TODO claim: 8-8-1 ends below 50,000 from most starts, as at x/L
    "divisor_that_spreads": 300_000,  # TODO claim: 8-8-1 ends on either side of 50,000
    # 06 Advice on trial
    # 07 Width and depth
    # 08 Extrapolation
}
