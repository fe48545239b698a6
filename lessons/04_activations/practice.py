"""The predictions and exercises of this lesson."""

from helpers import closed_forms, words
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.features import Height, Kink, Level, Slope, Straight
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.practice.spreads import SPREADS, extent, spread
from helpers.problems import rmse
from helpers.question import LARGEST

import numpy as np

POINTS = [100 * step for step in range(LARGEST // 100 + 1)]


@prediction(
    f"Draw relu(x − 400) for x from 0 to {words.number(LARGEST)}.",
    Drawing(
        *(POINTS, -LARGEST / 2, LARGEST, "input x", "output"),
        features=[Level(), Kink(), Straight(), Slope(), Height(at=[0], within=0.06)],
    ),
)
def relu_drawn(shift):
    heights = np.maximum(np.array(POINTS) - shift, 0)
    return heights.tolist(), f"It is 0 up to its kink, and x − {shift} from there on."


SHARES = {2: "about half of it", 3: "about a third", 4: "about a quarter", 5: "a fifth or less"}


@prediction(
    f"One line left an RMSE of {closed_forms.line_floor(LARGEST):,.0f}. What will two pieces leave?",
    Choice(list(SHARES.values())),
    {
        "about half of it": "The error grows with the square of a piece's length, not with the length "
        "itself.",
        "about a third": "The length is halved, and the error shrinks by the square of that, so by more.",
        "a fifth or less": "The length is only halved, and the square of a half is a quarter.",
    },
)
def two_pieces_leave(every_y, by_hand):
    error = rmse(every_y, by_hand)
    times = round(closed_forms.line_floor(LARGEST) / error)
    return SHARES[min(max(times, 2), 5)], f"Two pieces leave {error:,.0f}."


@prediction("What RMSE do 8 pieces leave?", Number(within=0.05))
def eight_pieces_leave(units, counts, errors):
    error = errors[counts.index(units)]
    return round(error), f"One line leaves {errors[0]:,.0f}; k pieces divide that by k²."


@prediction(
    "Many people train this network, each from a random start. How far apart are their RMSEs?", SPREADS
)
def alike_from_all_starts(reached):
    return spread(reached), extent(reached)


ACTIVATIONS = ["relu", "tanh or sigmoid", "gelu or silu"]


@prediction(
    "Which activation has the lowest median on squares?",
    Choice(ACTIVATIONS),
    {
        "relu": "ReLU is the usual first choice, but its units can switch off for good, and then learn "
        "nothing.",
        "tanh or sigmoid": "Both are smooth, but they level off on both sides, as a parabola never does.",
    },
)
def best_on_squares(groups):
    medians = {name: float(np.median(errors)) for name, errors in groups.items()}
    best = min(medians, key=medians.get)
    sentence = f"Its median is {words.about(medians[best])}; that of relu is {words.about(medians['relu'])}."
    return next((option for option in ACTIVATIONS if best in option.split(" or ")), best), sentence


ENDS = [
    "all do as well as the linear ones",
    "some answer 0 to everything",
    "some answer the mean to everything",
]


@prediction(
    "How do networks that end with ReLU turn out?",
    Choice(ENDS),
    {
        "all do as well as the linear ones": "ReLU could give every target; but once the last unit is off "
        "for all inputs, it learns nothing.",
        "some answer the mean to everything": "For that the last unit would have to stay on: switched off, "
        "it gives 0, whatever its bias.",
    },
)
def end_with_relu(ends, end_errors):
    constant = [answers for answers in ends["relu"] if np.ptp(answers) == 0]
    fine, zero, mean = ENDS
    truth = fine if not constant else mean if np.any(constant) else zero
    highest = {name: words.about(max(errors)) for name, errors in end_errors.items()}
    return truth, f"The highest RMSE is {highest['relu']}; with a linear end it is {highest['linear']}."


@exercise(
    "At its kink, −2·x + 600 is 0: solve this for x.",
    "The kink is at 600 / 2. And for x = 100, compute −2·100 + 600 first: is it positive?",
    minutes=3,
)
def unit_kink(kink: given.number, at_100: given.number) -> Verdict:
    """The kink of relu(−2·x + 600), and its output at x = 100."""
    kinks = {
        "The kink has the wrong sign: put your x into −2·x + 600, which must give 0.": -300,
        "600 is what the unit gives at x = 0; at the kink −2·x + 600 is 0: divide 600 by 2.": 600,
        "1,200 is 2 times 600; at the kink 2·x is 600: divide.": 1200,
        "2 / 600 is upside down, as at the kink 2·x is 600: divide 600 by 2.": 2 / 600,
        "That is w/b, but the kink is at −b/w: divide the bias by the weight.": -2 / 600,
        "That is the kink of the unit in the picture above: find where −2·x + 600 is 0.": 400,
    }
    outputs = {
        "the weight is negative, so this unit is on to the left of its kink: compute −2·100 + 600.": 0,
        "800 is 2·100 + 600, without the minus of the weight: begin with −2·100.": 800,
        "−200 is −2·100, without the bias: add 600, and then apply relu.": -200,
    }
    if found := mistaken(kink, kinks, rtol=0.005):
        return found
    if not np.isclose(kink, 300):
        return wrong("That is not the kink: find the x for which −2·x + 600 is 0.")
    if np.isclose(at_100, 400):
        return right("With a negative weight a unit is on to the left of its kink, and falls towards it.")
    if found := mistaken(at_100, outputs):
        return wrong(f"The kink is right; {found.sentence}")
    if at_100 < 0:
        return wrong("The kink is right, but relu never gives less than 0: compute −2·100 + 600 again.")
    return wrong("The kink is right, the output at x = 100 is not: compute −2·100 + 600.")


EDGE = 2.0  # the two pieces square every z from 0 to here
Z = np.linspace(0, EDGE, 2001)


@exercise(
    "The pieces run from 0 to 1 and from 1 to 2: which middles m, and so which slopes 2m, do they have?",
    "The first unit has its kink at 0 and the slope 1; the second one, with its kink at 1, adds what the "
    "slope still lacks to be 3; the last bias is −h²/6.",
    minutes=8,
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
        return wrong("A unit with the weight 0 gives the same for every z: give both units the weight 1.")
    answers = np.maximum(np.outer(Z, weights) + biases, 0) @ last_weights + last_bias
    error, goal, h = rmse(Z**2, answers), closed_forms.pieces_floor(EDGE, 2), EDGE / 2
    kinks = np.sort((-biases / weights)[last_weights != 0]) + 0.0  # no −0
    inside = kinks[(kinks > 0) & (kinks < EDGE)]
    if error < 0.95 * goal:
        return right(
            f"The RMSE is {error:.3f}, where the two best pieces leave {goal:.3f}: with both kinks inside "
            "the range you have three pieces."
        )
    if error < 1.01 * goal:
        return right(
            f"The RMSE is {error:.3f}, about a quarter of the {4 * goal:.3f} that the best line leaves."
        )
    if not len(inside) and np.count_nonzero(last_weights) == 1:
        return wrong(
            "Inside the range this is one line, as a unit with the last weight 0 adds nothing: give it the "
            "weight by which the slope must grow."
        )
    if not len(inside):
        places = " and ".join(words.short(each) for each in kinks)
        seen = f"the kinks are at {places}" if len(kinks) > 1 else f"the kink is at {places}"
        advice = "a kink is at −b/w, so bring one to 1"
        if not len(kinks):
            seen, advice = "with last weights of 0 nothing bends", "give each unit a last weight"
        return wrong(f"Inside the range this is one line, as {seen}: {advice}.")
    if len(inside) == 2:
        places = f"{words.short(inside[0])} and {words.short(inside[1])}"
        return wrong(
            f"With kinks at {places} the RMSE is {error:.3f}: put one at 0, and the other in the middle."
        )
    if abs(inside[0] - h) > 0.02:
        return wrong(
            f"Your pieces meet at z = {words.short(inside[0])}: make them equally long, with a kink at 1."
        )
    slopes = [np.diff(answers[[low, low + 900]])[0] / (Z[900] - Z[0]) for low in (50, 1050)]
    for slope, middle, which in zip(slopes, (h / 2, 3 * h / 2), ("first", "second"), strict=True):
        if abs(slope - 2 * middle) > 0.02:
            return wrong(
                f"Your {which} piece has the slope {words.short(slope)}, but its middle m is at {middle}: "
                "the slopes of the units that are on there must add up to 2m."
            )
    starts = {
        "The slopes are right, but your pieces touch the curve at their ends and are above it in between: "
        "begin h²/6 below it.": 0,
        "The slopes are right, but at z = 0 you begin h²/6 above the curve: begin below it.": 1 / 6,
        "You begin h²/4 below the curve, all of u² at the end of a piece: use h²/4 − h²/12, which is "
        "h²/6.": -1 / 4,
        "You begin h²/12 below the curve, the mean of u²: use h²/4 − h²/12, which is h²/6.": -1 / 12,
    }
    begin = f"you begin at {words.short(answers[0])}: with h = 1, begin at −h²/6."
    return mistaken(answers[0], starts, atol=0.01) or wrong(f"The slopes are right, but at z = 0 {begin}")


@exercise(
    "A Dense layer takes two things here: how many units, and the name of the activation.",
    'The first argument is the number of units; the second is activation="...".',
    minutes=3,
)
def relu_layer(layer: given.model) -> Verdict:
    """A layer of 8 ReLU units."""
    if layer.count() == 0:
        return wrong("This has no weights of its own: put the activation after a Dense layer of 8 units.")
    x = np.concatenate([np.linspace(-4, 4, 81), np.linspace(-4000, 4000, 81)])
    answers = layer.answers(np.outer(x, np.ones(layer.inputs)))
    units, count, low, high = answers.shape[1], layer.count(), answers.min(), answers.max()
    most = units * (layer.inputs + 1)
    if count > most:
        return wrong(
            f"It gives {words.plural(units, 'answer')} with {count:,} weights and biases, and one layer of "
            f"that many units has {most:,} at most: give a single layer, not a network."
        )
    if low == high == 0:
        return wrong("All its answers are 0, as if its weights were 0: leave them as Keras starts them.")
    if all(is_straight(x, of_unit) for of_unit in answers.T):
        return wrong('Its answers lie on straight lines, without a kink: add activation="relu".')
    if max(-low, high) < 1000 and np.allclose(answers[[81, -1]], answers[[101, -21]], rtol=0.01):
        kinds = {"tanh": (-1, 1), "sigmoid": (0, 1), "relu6": (0, 6)}
        near = [
            name for name, (least, most) in kinds.items() if np.allclose((low, high), (least, most), atol=0.1)
        ]
        like = f", as with {near[0]}" if near else ""
        return wrong(
            f"Its answers stay between {words.short(low)} and {words.short(high)}{like}, where ReLU keeps "
            'rising: use "relu" instead.'
        )
    if low < 0:
        at = words.short(x[answers.min(axis=1).argmin()])
        return wrong(
            f"Given {at} it answers {words.short(low)}, but ReLU gives 0 instead of what is negative: let it "
            'come last, and use "relu" itself.'
        )
    other = [k for k in range(units) if not is_relu(x, answers[:, k])]
    if other:
        seen = ", ".join(map(words.short, answers[[20, 40, 60], other[0]]))
        return wrong(
            f"Given −2, 0 and 2 its unit {other[0] + 1} answers {seen}, but a ReLU unit is 0 on one side of "
            'its kink and a straight line on the other: use "relu" itself, with the weights of Keras.'
        )
    if units == 8 and layer.count() < 8 * layer.inputs:
        return wrong("It gives 8 answers, but has too few weights for 8 units: use a Dense layer of 8.")
    if units != 8:
        count = words.plural(units, "unit")
        return wrong(f"The activation is right, but this has {count}: give 8 as the first argument of Dense.")
    if layer.inputs != 1:
        return wrong(
            f"It has weights for {layer.inputs} numbers per example already, but the network above gets one, "
            "x: make it anew, without an Input."
        )
    return right(
        "Whatever its weights are, each of the 8 units rises in a straight line from one kink of its own."
    )


def is_straight(x: np.ndarray, y: np.ndarray) -> bool:
    """Return whether points lie on one line, near 0 and far from it, to float32 precision."""
    slope, start = np.polyfit(x, y, 1)
    near = np.abs(x) < 5
    return all(
        np.abs(slope * x[at] + start - y[at]).max(initial=0) <= 1e-3 * np.abs(y[at]).max(initial=0)
        for at in (near, ~near)
    )


def is_relu(x: np.ndarray, y: np.ndarray) -> bool:
    """Return whether points are 0 on one side of a kink, and a rising line on the other."""
    order = np.argsort(x, kind="stable")
    on = (y > 0)[order]
    sides = np.count_nonzero(np.diff(on)) == 1 and on[0] != on[-1]
    return bool(sides and is_straight(x[y > 0], y[y > 0]))


KINKS = 4
BEST = closed_forms.units_floor(LARGEST, KINKS)
GOAL = round(1.1 * BEST, -3)  # a round number that equal steps from the left end do not reach


def behind(kinks: np.ndarray) -> np.ndarray:
    """Return the answers (LARGEST,) to 1..LARGEST of the best units with these kinks, flat at first."""
    x = np.arange(1.0, LARGEST + 1)
    basis = np.column_stack([np.ones_like(x), np.maximum(x[:, np.newaxis] - kinks, 0)])
    return basis @ np.linalg.lstsq(basis / LARGEST, x**2)[0] / LARGEST


@exercise(
    "The piece before the first kink is flat, and misses more than a sloped one of the same length.",
    "Make the flat piece half as long as the other pieces: then 4 and a half pieces fill the range.",
    minutes=6,
)
def kinks_by_hand(kinks: given.array) -> Verdict:
    """Four kinks near the floor of four units."""
    kinks = np.sort(np.ravel(kinks))
    if len(kinks) != KINKS:
        return wrong(
            f"You gave {words.plural(len(kinks), 'kink')}, but there are {KINKS} units: give {KINKS}."
        )
    if kinks[0] >= 0 and kinks[-1] <= 1:
        return wrong(
            f"Your kinks are all between 0 and 1: give the x, up to {LARGEST:,}, where units switch on."
        )
    error = rmse(np.arange(1.0, LARGEST + 1) ** 2, behind(kinks))
    result = f"The best weights for these kinks leave an RMSE of {error:,.0f}"
    if error < GOAL:
        return right(
            f"{result}, where the floor of any {KINKS} ReLU units is {BEST:,.0f}: for that the flat piece is "
            "half as long as the others."
        )
    outside = (kinks <= 1) | (kinks >= LARGEST)
    if outside.any():
        at = ", ".join(words.number(kink) for kink in kinks[outside])
        return wrong(
            f"{result}, as a kink bends nothing at the ends of the range or beyond ({at}): move it in, and "
            "let the curve begin flat."
        )
    steps = np.diff([*kinks, LARGEST])
    if steps[:-1].min() < 1:
        at = int(steps[:-1].argmin())
        pair = " and ".join(words.number(kink) for kink in kinks[at : at + 2])
        return wrong(f"{result}, as two units with kinks at {pair} do little more than one: move them apart.")
    if steps.max() > 1.5 * steps.min():
        odd = "longest" if steps.max() / np.median(steps) > np.median(steps) / steps.min() else "shortest"
        at = int(steps.argmax() if odd == "longest" else steps.argmin())
        return wrong(
            f"{result}, and the piece from {kinks[at]:.0f} on is the {odd} after the flat one: make all but "
            "the flat one equal."
        )
    side, advice = ("more", "shorter") if kinks[0] > steps.mean() / 2 else ("less", "longer")
    return wrong(
        f"{result}, and the flat piece up to {kinks[0]:.0f} is {side} than half as long as the others, "
        f"{steps.mean():.0f} on average: make it {advice}, and all others equal."
    )
