"""The predictions and exercises of this lesson."""

from helpers import closed_forms
from helpers import question as thread
from helpers.checks import InputError
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.features import Height, Slope, Straight
from helpers.practice.forms import Choice, Drawing
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.question import SQUARE
from helpers.words import about, number

import keras
import numpy as np

from .pictures import closest_line

X, Y = (values[:, 0] for values in SQUARE.every_number())
SLOPE, INTERCEPT = closed_forms.best_line(SQUARE.largest)

REASONS = ["a mistake in the program", "too little training", "something that no training can repair"]
NEAR = ["the same", "up to 1.5 times larger or smaller", "farther from it"]


@prediction(
    "What is your network's RMSE, compared with the thread's?",
    Choice(NEAR),
)
def rmse_again(y, predicted):
    mine, printed = rmse(y, predicted), thread.PRINTED_RMSE["square"]
    same, near, far = NEAR
    verdict = same if round(mine) == round(printed) else near if 2 / 3 < mine / printed < 1.5 else far
    return verdict, f"This one is {about(mine)}, the thread's is {number(round(printed))}."


EVERY_HUNDRED = list(range(0, SQUARE.largest + 1, 100))


@prediction(
    "Draw the answers of the thread's network over its inputs.",
    Drawing(
        *(EVERY_HUNDRED, -200_000, 1_000_000, "input x", "answer"),
        features=[Straight(), Slope(within=0.25), Height(at=[0, SQUARE.largest], within=0.12)],
    ),
)
def shape_of_the_answers():
    expected, predicted = thread.rows("square")
    x = np.sqrt(expected)
    line = closest_line(x, predicted)
    far = np.abs(np.polyval(line, x) - predicted).max()
    return np.polyval(
        line, EVERY_HUNDRED
    ), f"All {len(predicted)} answers, rounded to whole numbers, lie within {far:.2f} of one line."


FAR = [
    "less than half of it",
    "between a half and nine tenths of it",
    "nearly the same: at least nine tenths of it",
]


@prediction(
    "What is the lowest RMSE that any line can reach, compared with the thread's?",
    Choice(FAR),
    {
        "less than half of it": "That would blame the training, but the thread's line is almost the best "
        "there is.",
        "between a half and nine tenths of it": "Training cost less than that: nearly all of the thread's "
        "RMSE remains even with the best line.",
    },
)
def floor_and_thread(largest):
    floor, printed = closed_forms.line_floor(largest), thread.PRINTED_RMSE["square"]
    sentence = f"The floor is {number(round(floor))} and the thread's RMSE {number(round(printed))}."
    half, less, near = FAR
    return half if floor < printed / 2 else less if floor < 0.9 * printed else near, sentence


BELOW = ["none of them", "only the longest training", "only the widest layers", "several of them"]


def below(groups: dict, largest: int) -> list[int]:
    """Return the indices of the groups with a run below the floor."""
    floor = 0.9999 * closed_forms.line_floor(largest)  # an answer is rounded to a whole number
    return [at for at, errors in enumerate(groups.values()) if min(errors) < floor]


@prediction(
    "A single layer, 8-8-1, 8-8-1 trained for longer, and 32-32-1: which groups have a run below the floor?",
    Choice(BELOW),
    {
        "only the longest training": "More epochs bring the runs closer to the floor; none gets below it.",
        "only the widest layers": "Wider layers have more weights, but their answers still stay on a "
        "straight line.",
        "several of them": "Whatever the layers and the epochs, none of these networks does better than the "
        "best line.",
    },
)
def below_the_floor(groups, largest):
    lowest, floor = min(map(min, groups.values())), closed_forms.line_floor(largest)
    verdict = {(): 0, (2,): 1, (3,): 2}.get(tuple(below(groups, largest)), 3)
    place = "is on it, to within a thousandth" if abs(lowest / floor - 1) < 0.001 else f"is {about(lowest)}"
    return BELOW[verdict], f"The floor is {floor:,.0f}, and the lowest run {place}."


@prediction(
    "Why did the network answer the squares as it did?",
    Choice(REASONS),
    {
        "a mistake in the program": "The course's program is a different one, yet its networks fail at "
        "squares in the same way.",
        "too little training": "More epochs bring the network closer to the floor of every line, but not "
        "below it.",
    },
)
def why_these_answers(groups, largest):
    """Asked in 00, and once more in 02."""
    if below(groups, largest):
        return REASONS[1], "Some training runs got below the floor of every line."
    return REASONS[2], "Every training, longer or larger, ends at the floor of every line, or above."


@exercise(
    "Use the two formulas above, with N = 4.",
    "The line is (N+1)·x − (N+1)(N+2)/6. Its errors at 1, 2, 3 and 4 give the floor.",
    minutes=4,
)
def small_line(slope: given.number, intercept: given.number, floor: given.number) -> Verdict:
    """The best line for the squares of 1, 2, 3 and 4, and its floor."""
    n = 4
    x = np.arange(1.0, n + 1)
    best, low = closed_forms.best_line(n), closed_forms.line_floor(n)
    own = slope * x + intercept
    if np.allclose([slope, intercept], best) and np.isclose(floor, low):
        return right(
            "Its errors are 1, −1, −1 and 1: the line is too low at the ends and too high in between, like "
            "the thread's."
        )
    if np.allclose([slope, intercept], (best[0], -best[1])):
        return wrong(
            "The intercept has the wrong sign: at x = 1 the best line is too low, and 5·1 + 5 is far above 1."
        )
    if np.allclose([slope, intercept], best[::-1]):
        return wrong("Slope and intercept are swapped: the slope multiplies x, and comes first.")
    if slope == 0:
        return wrong("A level line cannot rise with the squares: the slope is N + 1.")
    if np.isclose(slope, n):
        return wrong("The slope 4 is twice 2, but the middle of 1, 2, 3, 4 is 2.5: double that.")
    if np.isclose(slope, best[0]) and np.isclose(intercept, -(((n + 1) / 2) ** 2)):
        return wrong("That is 2cx − c², which touches the curve from below: add the mean of the u².")
    if np.allclose(own[[0, -1]], x[[0, -1]] ** 2):
        return wrong(
            "Your line joins the ends, and is too high in between: lower it until its errors add up to 0."
        )
    if not np.isclose(slope, best[0]):
        return wrong("This is not the slope: the slope is N + 1, twice the middle.")
    if not np.isclose(intercept, best[1]):
        return wrong("The slope is right, the intercept is not: choose it so that the errors add up to 0.")
    if floor == 0:
        return wrong("The line is right, but does not hit the squares: take the RMSE of its four errors.")
    if np.isclose(floor, n):
        return wrong("That is the sum of the squared errors: divide by their number, and take the root.")
    if np.isclose(floor, rmse(x**2, np.full(n, np.mean(x**2)))):
        return wrong("That is the RMSE of the mean, a level line: take the errors of your own line.")
    return wrong("The line is right, the floor is not: its errors at 1, 2, 3 and 4 are all of the same size.")


def list_of_weights(value: object, name: str) -> tuple[float, float]:
    """Read weight and bias of a unit with one input, from arguments of set_weights or from a model."""
    if isinstance(value, keras.layers.Layer):
        value = given.model(value, name).collapsed()
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise InputError(
            f"{name} must be a list of two things, but is {given.short(value)}: weights, then biases."
        )
    weight, bias = (given.array(np.ravel(np.asarray(each)).tolist(), name) for each in value)
    if weight.size != 1 or bias.size != 1:
        raise InputError(f"{name} must be for one unit with one input: give one weight and one bias.")
    return float(weight[0]), float(bias[0])


@exercise(
    "The unit gets x / 1,000, and its answer is multiplied by 1,000,000: follow x = 1,000 through both.",
    "The slope is multiplied by what the inputs were divided by, and divided by what the answers "
    "were divided by.",
    minutes=4,
)
def line_unit(weights: list_of_weights) -> Verdict:
    """One unit, set by hand: the best line, with inputs divided by their largest."""
    scaling = SQUARE.scaling("largest")
    weight, bias = weights
    wanted, start = SLOPE * scaling.x_divisor / scaling.y_divisor, INTERCEPT / scaling.y_divisor

    def near(value: float, goal: float) -> bool:
        return bool(np.isclose(value, goal, rtol=1e-4))

    if max(abs(weight - wanted), abs(bias - start)) <= 0.0005:  # three decimals
        error = rmse(Y, scaling.y_divisor * (weight * scaling.inputs(X) + bias))
        return right(f"Its RMSE is {error:,.0f}, without any training.")
    if near(weight, start) and near(bias, wanted):
        return wrong("They are swapped: set_weights takes the weights first, and then the biases.")
    if near(bias, INTERCEPT):
        return wrong(
            "The bias is still the undivided intercept, and must shrink as the answers do: divide it by "
            "1,000,000."
        )
    if near(weight, SLOPE):
        return wrong(
            "The weight is the slope for x and x², which are divided by different numbers: scale it as well."
        )
    if near(weight, SLOPE / scaling.y_divisor):
        return wrong(
            "The weight is divided as the answers are, but the inputs shrink as well: multiply it by 1,000."
        )
    if near(weight, SLOPE * scaling.y_divisor / scaling.x_divisor):
        return wrong(
            "The weight is 1,000 times the slope: that makes up for the divided inputs, but the answers are "
            "divided as well, by 1,000,000."
        )
    if near(weight, -wanted):
        return wrong("The line must rise: take the minus off the weight.")
    if abs(weight - wanted) > 0.0005:
        return wrong(
            "From x = 0 to x = 1,000 the unit's input grows by 1, so its answer grows by the weight, here by "
            f"{number(float(f'{weight:.6g}'))}, but not by what the best line grows by there: divide that by "
            "1,000,000."
        )
    if bias == 0:
        return wrong(
            "The weight is right, but the line goes through 0: set the bias to the divided intercept."
        )
    if near(bias, -start):
        return wrong("The bias has the wrong sign: the best line starts below 0, so keep the minus.")
    if near(bias, INTERCEPT / scaling.x_divisor):
        return wrong(
            "The bias is the intercept divided by 1,000, but it is part of the answer, not of the input: "
            "divide it by 1,000,000."
        )
    return wrong("The weight is right, the bias is not: it is the intercept, divided as the answers are.")


@exercise(
    "The best line is farthest off at the ends, where it is too low. What does raising it do to the middle?",
    "Join the two ends by a line: it is exact there, and too high in between. Lower it by half "
    "its largest error.",
    minutes=6,
)
def least_worst(slope: given.number, intercept: given.number) -> Verdict:
    """Open: the line whose worst error is smallest."""
    errors = Y - (slope * X + intercept)
    worst, at = np.abs(errors).max(), int(X[np.abs(errors).argmax()])
    to_beat = np.abs(Y - (SLOPE * X + INTERCEPT)).max()
    lowest = (SQUARE.largest - 1) ** 2 / 8
    error = rmse(Y, slope * X + intercept)
    own = f"Your worst error is {number(round(worst))}, at x = {at:,}"
    if worst < 1.001 * lowest:
        best = (
            "and no line has a smaller one" if round(worst) == round(lowest) else "within 0.1 % of the least"
        )
        return right(f"{own}, {best}, but its RMSE is {error:,.0f}: what is best depends on the measure.")
    if worst < to_beat - 0.5:
        return right(
            f"{own}, less than {to_beat:,.0f}; another line gets it down to {number(round(lowest))}."
        )
    if np.allclose([slope, intercept], [SLOPE, INTERCEPT], rtol=1e-3):
        return wrong(
            f"{own}: this line has nearly the lowest RMSE, but is too low at both ends, so raise it."
        )
    if slope < 0 < intercept or 0 < abs(intercept) < 1:
        hint = "give first the slope, which multiplies x, then the intercept, not divided by anything"
        return wrong(f"{own}: {hint}.")
    if np.abs(errors[[0, -1]]).max() < 1100:
        return wrong(f"{own}: this line nearly joins the ends, and is too high in between, so lower it.")
    if slope == 0:
        return wrong(f"{own}: a level line cannot follow a rising curve, so use the slope of the best line.")
    side = "low there, so raise" if errors[at - 1] > 0 else "high there, so lower"
    return wrong(f"{own}: it is too {side} it there; explore.line_by_hand() shows where.")
