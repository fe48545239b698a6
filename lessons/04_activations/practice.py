"""What the reader answers in 04, activations."""

from helpers import closed_forms, words
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.features import Height, Kink, Level, Slope, Straight
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.practice.spreads import SPREADS, extent, spread
from helpers.problems import rmse
from helpers.question import LARGEST

import numpy as np

POINTS = [100 * step for step in range(LARGEST // 100 + 1)]

# Predictions ----------------------------------------------------------------------------


@prediction(
    f"Draw relu(x − 400) for x from 0 to {words.number(LARGEST)}:",
    Drawing(
        *(POINTS, -LARGEST / 2, LARGEST, "input x", "output"),
        features=[Level(), Kink(), Straight(), Slope(), Height(at=[0], within=0.06)],
    ),
)
def relu_drawn(kink):
    heights = np.maximum(np.array(POINTS) - kink, 0)
    return heights.tolist(), f"It is 0 up to its kink and from there x − {kink}."


SHARES = {2: "about half of it", 3: "about a third", 4: "about a quarter", 5: "a fifth or less"}


@prediction(
    f"One line left an RMSE of {closed_forms.line_floor(LARGEST):,.0f}. What will two pieces leave?",
    Choice(list(SHARES.values())),
)
def two_pieces_leave(every_y, by_hand):
    error = rmse(every_y, by_hand)
    times = round(closed_forms.line_floor(LARGEST) / error)
    return SHARES[min(max(times, 2), 5)], f"Two pieces leave {error:,.0f}."


@prediction("The RMSE of 8 pieces:", Number(within=0.05))
def eight_pieces_leave(units, counts, errors):
    error = errors[counts.index(units)]
    return round(error), f"One line leaves {errors[0]:,.0f}; k pieces divide that by k²."


@prediction("Many people train this network, each from a random start. Will their RMSEs be alike?", SPREADS)
def alike_from_all_starts(reached):
    return spread(reached), extent(reached)


@prediction(
    "Which activation has the lowest median on squares?", Choice(["relu", "tanh", "sigmoid", "gelu or silu"])
)
def best_on_squares(groups):
    medians = {name: float(np.median(errors)) for name, errors in groups.items()}
    best = min(medians, key=medians.get)
    told = f"Its median is {words.about(medians[best])}; that of relu is {words.about(medians['relu'])}."
    return "gelu or silu" if best in ("gelu", "silu") else best, told


ENDS = [
    "they all do as well as the linear ones",
    "some answer 0 to everything",
    "some answer the mean to everything",
]


@prediction("What becomes of networks that end with ReLU?", Choice(ENDS))
def end_with_relu(ends, end_errors):
    constant = [answers for answers in ends["relu"] if np.ptp(answers) == 0]
    truth = ENDS[0] if not constant else ENDS[2] if np.any(constant) else ENDS[1]
    highest = {name: words.about(max(errors)) for name, errors in end_errors.items()}
    return truth, f"The highest RMSE is {highest['relu']}; with a linear end it is {highest['linear']}."


# Exercises ------------------------------------------------------------------------------


@exercise(
    minutes=3,
    hints=(
        "At its kink, −2·x + 600 is 0: solve this for x.",
        "The kink is at 600 / 2. And for x = 100, compute −2·100 + 600 first: is it positive?",
    ),
)
def unit_kink(kink: given.number, at_100: given.number) -> Verdict:
    """The kink of relu(−2·x + 600), and its output at x = 100."""
    weight, bias, x = -2, 600, 100
    there = -bias / weight
    if kink == -there:
        return wrong("The kink has the wrong sign: put your x into −2·x + 600, which must give 0.")
    if kink == bias:
        return wrong("600 is what the unit gives at x = 0; at the kink −2·x + 600 is 0: divide 600 by 2.")
    if kink == bias * -weight:
        return wrong("You multiplied the bias by the weight: at the kink 2·x is 600, so divide.")
    if abs(kink * bias) == -weight or abs(abs(kink * bias) + weight) < 0.2:
        return wrong("That is w/b, but the kink is at −b/w: divide the bias by the weight.")
    if kink == 400:
        return wrong("That is the kink of the unit in the picture above: find where −2·x + 600 is 0.")
    if kink != there:
        return wrong("That is not the kink: find the x for which −2·x + 600 is 0.")
    if at_100 == 0:
        return wrong(
            "The kink is right, but the weight is negative, so this unit is on to the left of it: "
            "compute −2·100 + 600."
        )
    if at_100 == -weight * x + bias:
        return wrong("The kink is right; at x = 100 you lost the minus of the weight: begin with −2·100.")
    if at_100 == weight * x:
        return wrong("The kink is right; at x = 100 the bias is missing: add 600, and then apply relu.")
    if at_100 < 0:
        return wrong("The kink is right, but relu never gives less than 0: compute −2·100 + 600 again.")
    if at_100 != weight * x + bias:
        return wrong("The kink is right, the output at x = 100 is not: compute −2·100 + 600.")
    return right("With a negative weight a unit is on to the left of its kink, and falls towards it.")


EDGE = 2.0  # the two pieces square every z from 0 to here
Z = np.linspace(0, EDGE, 2001)


@exercise(
    minutes=8,
    hints=(
        "The pieces run from 0 to 1 and from 1 to 2: which middles m, and so which slopes 2m, do they have?",
        "The first unit has its kink at 0 and the slope 1; the second one, with its kink at 1, adds what is "
        "missing to 3; the last bias is −h²/6.",
    ),
)
def two_pieces(
    weights: given.array, biases: given.array, last_weights: given.array, last_bias: given.number
) -> Verdict:
    """Two ReLU units that square z from 0 to 2, set by hand."""
    weights, biases, last_weights = map(np.ravel, (weights, biases, last_weights))
    sizes = [len(weights), len(biases), len(last_weights)]
    if sizes != [2, 2, 2]:
        return wrong("Each unit has one weight, one bias and one last weight: give lists of 2 numbers.")
    if (weights == 0).any():
        return wrong("A unit whose weight is 0 gives the same for every z: give both units the weight 1.")
    answers = np.maximum(np.outer(Z, weights) + biases, 0) @ last_weights + last_bias
    error, goal, h = rmse(Z**2, answers), closed_forms.pieces_floor(EDGE, 2), EDGE / 2
    if error < 0.95 * goal:
        return right(
            f"The RMSE is {error:.3f}, where the two best pieces leave {goal:.3f}: your first piece is flat, "
            "so it needs no unit, and you have three."
        )
    if error < 1.01 * goal:
        return right(f"The RMSE is {error:.3f}, a quarter of the {4 * goal:.3f} that the best line leaves.")
    kinks = np.sort(-biases / weights) + 0.0
    inside = kinks[(kinks > 0.01) & (kinks < 0.99 * EDGE)]
    if not len(inside) and kinks[1] > EDGE:
        return wrong(
            f"Your second kink is at z = {kinks[1]:.4g}, beyond the range: put it in the middle, at 1."
        )
    if not len(inside):
        return wrong(
            "No kink of yours is inside the range, so this is one line: a kink is at −b/w, so give the "
            "second unit a negative bias."
        )
    if len(inside) == 2:
        return wrong(
            f"Your kinks at {inside[0]:.4g} and {inside[1]:.4g} leave an RMSE of "
            f"{error:.3f}: put one kink at 0, and the other in the middle."
        )
    if abs(inside[0] - h) > 0.02:
        return wrong(f"Your pieces meet at z = {inside[0]:.4g}: make them equally long, with a kink at 1.")
    first, second = (np.diff(answers[[low, low + 900]])[0] / (Z[900] - Z[0]) for low in (50, 1050))
    if abs(first - 1) < 0.02 and abs(second - 4) < 0.02:
        return wrong(
            "Behind the kink both units are on, and your slopes add up to 4: the second unit must only add "
            "what is missing to 3."
        )
    if abs(first - 1) > 0.02:
        return wrong(
            f"Your first piece has the slope {first:.3g}, but its middle m is at 0.5: give the "
            "first unit the slope 2m."
        )
    if abs(second - 3) > 0.02:
        return wrong(
            f"Your second piece has the slope {second:.3g}, but its middle m is at 1.5: let the "
            "two units together give the slope 2m."
        )
    start = answers[0]
    if abs(start) < 0.01:
        return wrong(
            "The slopes are right, but your pieces touch the curve at their ends and lie above it in "
            "between: begin h²/6 below it."
        )
    if abs(start - h**2 / 6) < 0.01:
        return wrong(
            "The slopes are right, but the last bias has the wrong sign: at z = 0 begin below the curve."
        )
    for divisor, what in ((4, "all of u² at the end of a piece"), (12, "the mean of u²")):
        if abs(start + h**2 / divisor) < 0.01:
            return wrong(
                f"You begin h²/{divisor} below the curve, {what}: take the difference of the two, h²/6."
            )
    return wrong(
        f"The slopes are right, but you begin at {words.number(round(start, 4))}: with h = 1, "
        "take −h²/6 as the last bias."
    )


@exercise(
    minutes=3,
    hints=(
        "A Dense layer takes two things here: how many units, and the name of the activation.",
        'The first argument is the number of units; the second is activation="...".',
    ),
)
def relu_layer(layer: given.model) -> Verdict:
    """A layer of 8 ReLU units."""
    grid = np.linspace(-4, 4, 81)
    near, far = (layer.answers(np.outer(x, np.ones(layer.inputs))) for x in (grid, 1000 * grid))
    size, units = np.abs(far).max(), far.shape[1]
    bends = [(np.abs(np.diff(y, 2, axis=0)) > 1e-4 * np.abs(y).max()).sum(axis=0).max() for y in (near, far)]
    if layer.count() == 0:
        return wrong("This has no weights of its own: put the activation behind a Dense layer of 8 units.")
    if size == 0:
        return wrong("All its answers are 0, as if its weights were 0: leave them as Keras starts them.")
    if max(bends) == 0:
        return wrong('Its answers lie on straight lines, so it has no activation: add activation="relu".')
    if (far[[0, -1]].max(axis=0) < 1.5 * far[[20, 60]].max(axis=0)).any():
        kind = "tanh" if far.min() < -0.5 else "sigmoid" if size < 1.01 else "relu6"
        return wrong(f'Its answers settle, as with {kind}, where ReLU goes on rising: take "relu" instead.')
    if far.min() < 0 and (far[:30] == far[0]).all():
        return wrong(
            "ReLU stands before the weights here, and they make negatives again: put it behind Dense."
        )
    if min(near.min(), far.min()) < 0:
        return wrong('Some of its answers are negative, but ReLU gives 0 instead: take "relu" itself.')
    if max(bends) > 2 or (far.min(axis=0) > 0).any():
        return wrong(
            'Its units do not go straight up from one kink, as relu(x − 400) does: take "relu" itself.'
        )
    if units != 8:
        count = f"{units} unit{'s' * (units > 1)}"
        return wrong(f"The activation is right, but this has {count}: give 8 as the first argument of Dense.")
    return right("Whatever its weights are, each of the 8 units goes straight up from one kink of its own.")


KINKS = 4
BEST = closed_forms.units_floor(LARGEST, KINKS)
GOAL = round(1.1 * BEST, -3)  # a round figure that equal steps from the left end do not reach


@exercise(
    minutes=6,
    hints=(
        "The piece before the first kink is flat, and misses more than a sloped one of the same length.",
        "Make the flat piece half as long as the other pieces: then 4 and a half pieces fill the range.",
    ),
)
def kinks_by_hand(kinks: given.array) -> Verdict:
    """Four kinks near the floor of four units."""
    kinks = np.sort(np.ravel(kinks))
    if len(kinks) != KINKS:
        return wrong(
            f"You gave {len(kinks)} kink{'s' * (len(kinks) != 1)}, but there are {KINKS} units: give {KINKS}."
        )
    if (kinks <= 1).all() and (kinks > 0).any():
        return wrong(f"Your kinks look divided by {LARGEST:,}: give the x at which the units switch on.")
    x = np.arange(1.0, LARGEST + 1)
    units = np.maximum(x[:, np.newaxis] - kinks, 0)
    basis = np.column_stack([np.ones_like(x), units])
    error = rmse(x**2, basis @ np.linalg.lstsq(basis / LARGEST, x**2)[0] / LARGEST)
    told = f"The best weights behind these kinks leave an RMSE of {error:,.0f}"
    if error < GOAL:
        return right(
            f"{told}, {100 * (error / BEST - 1):.1f} % above the floor of any {KINKS} ReLU units, where the "
            "flat piece is half as long as the others."
        )
    wasted = int(((kinks <= 1) | (kinks >= LARGEST)).sum())
    if (np.diff(kinks) < 1).any():
        return wrong(f"{told}, as two units with the same kink are worth one: move them apart.")
    if wasted == 1 and kinks[0] <= 1:
        return wrong(
            f"{told}, no more than {KINKS} pieces by hand: move the first kink into the range, and let the "
            "curve begin flat."
        )
    if wasted:
        return wrong(f"{told}, and kinks outside the range bend nothing: move all of them in.")
    steps = np.diff([*kinks, LARGEST])
    if steps.max() > 1.5 * steps.min():
        odd = "longest" if steps.max() / np.median(steps) > np.median(steps) / steps.min() else "shortest"
        at = int(steps.argmax() if odd == "longest" else steps.argmin())
        return wrong(
            f"{told}, and the piece from {kinks[at]:.0f} on is the {odd}: make all but the flat equal."
        )
    if kinks[0] > 0.5 * steps.mean():
        return wrong(
            f"{told}, and the flat piece up to {kinks[0]:.0f} is long: make it half as long as the others."
        )
    return wrong(
        f"{told}, and the flat piece up to {kinks[0]:.0f} is short, at the others' cost: make it longer."
    )
