"""What the reader answers in 01, summation."""

from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.problems import Problem
from helpers.words import about, number

import numpy as np

SUM = Problem("sum", inputs=2)
DIVISOR = SUM.largest_target  # by what inputs and targets are divided

# Predictions ----------------------------------------------------------------------------


@prediction(f"The largest sum of two numbers up to {SUM.largest:,}:", Number())
def largest_sum(scaling):
    return scaling.y_divisor, "Dividing by it, no target gets above 1."


@prediction("One of the examples that you drew reaches it:", Choice(["yes", "no"]))
def reaches_the_largest(y, scaling):
    share = y.max() / scaling.y_divisor
    return "yes" if share == 1 else "no", f"Divided, your largest sum is {share:.3f}; that one would be 1."


@prediction("The number above the unit:", Number())
def above_the_unit(unit):
    weights, bias = unit.get_weights()
    inputs = np.array([4, 10])  # as in the cell
    return float((inputs @ weights + bias)[0]), "Each input times its weight, and the bias: all added up."


STEPS = ["all equally long", "shorter and shorter", "longer and longer"]


@prediction("The steps of the weight are:", Choice(STEPS))
def steps_of_a_weight(loss_of):
    at_first, later = (abs(loss_of(at + 0.01) - loss_of(at - 0.01)) for at in (0.2, 0.8))
    shorter = STEPS[1 if later < 0.9 * at_first else 2 if later > 1.1 * at_first else 0]
    return shorter, "The slope gets smaller towards the bottom, and a step is a fixed share of it."


EPOCHS = [1, *range(10, 101, 10)]
POWER = "loss as a power of ten"


@prediction(
    f"The loss over the next {EPOCHS[-1]} epochs, as a power of ten (−3 stands for 0.001):",
    Drawing(EPOCHS, -16, 0, "epoch", POWER, within=0.2, trained=True),
)
def loss_over_epochs(history):
    loss = history.history["loss"]
    told = f"It falls from {about(loss[0])} to {about(loss[-1])}: there, only rounding is left."
    return [np.log10(loss[epoch - 1]) for epoch in EPOCHS], told


@prediction("Of its answers, so many are wrong after rounding:", Number())
def wrong_sums(y, predicted):
    return int((y != predicted).sum()), f"It was asked {len(y):,} sums."


NEW = ["for all of them", "for most of them", "for hardly any"]


@prediction("For pairs that it has never seen, it is right:", Choice(NEW))
def new_pairs(new_y, new_predicted):
    wrong_ones = (new_y != new_predicted).sum()
    told = f"{wrong_ones} of {len(new_y):,} are wrong."
    return NEW[0 if wrong_ones == 0 else 1 if wrong_ones < len(new_y) / 2 else 2], told


@prediction("So much of the input arrives at the answer:", Number())
def two_paths(into, out):
    return float(into @ out), "Multiply along each path, then add the paths up."


WEIGHTS = ["1 and 1", "0.5 and 0.5", "two numbers that depend on its random start"]


@prediction("The two effective weights:", Choice(WEIGHTS))
def effective_weights(product):
    near = [np.allclose(product, goal, atol=0.01) for goal in (1, 0.5)]
    return WEIGHTS[near.index(True) if any(near) else 2], "Every other pair of numbers would add wrongly."


# Exercises ------------------------------------------------------------------------------


@exercise(
    minutes=3,
    hints=(
        f"Before training, the targets were divided by {DIVISOR:,}: undo that.",
        "Multiply first, then round to the nearest whole number: Python's round does it.",
    ),
)
def back_to_sums(invert: given.function) -> Verdict:
    """From the network's answer back to a whole number."""
    sums = np.array([2.0, 777, 1500, 1999])
    gaps = np.array([0.3, -0.3, 0.2, -0.4])  # how far a trained network's answers may lie beside
    exact, near = (np.array([invert(z) for z in (sums + gap) / DIVISOR]) for gap in (0 * gaps, gaps))
    if np.array_equal(near, sums):
        return right("Whatever is less than one half off still ends at the right sum: rounding forgives.")
    if np.isin(near, (0, 1, DIVISOR)).all():
        return wrong(
            "It rounds an answer between 0 and 1, and that leaves 0 or 1: multiply first, then round."
        )
    if np.allclose(near, near[0]):
        return wrong("It gives the same whatever the network answers: compute with its argument.")
    if np.allclose(near, sums + gaps):
        return wrong("The division is undone, but the answers are not whole yet: round them at the end.")
    if np.array_equal(near, np.floor(sums + gaps)):
        return wrong("It cuts the decimals off, and 776.7 becomes 776: take round instead of int.")
    if np.array_equal(near, np.ceil(sums + gaps)):
        return wrong("It always rounds up, and 2.3 becomes 3: round to the nearest whole number.")
    factor = float(np.median(exact / sums))
    if np.isclose(factor * DIVISOR, 1 / DIVISOR):
        return wrong(f"You divide once more: multiply by {DIVISOR:,} to undo the division.")
    if abs(factor - 1) < 0.01:
        return wrong("Some sums are one off: round to the nearest whole number at the end.")
    if factor < 0:
        return wrong("The answers have the wrong sign: multiply by what the targets were divided by.")
    if np.allclose(exact, np.rint(factor * sums), atol=1):
        used = number(round(factor * DIVISOR, 1))
        return wrong(f"You multiply by {used}, but the largest sum is what you divided by: take {DIVISOR:,}.")
    return wrong("These are not the sums: multiply the answer by one number only, and round.")


@exercise(
    minutes=4,
    hints=(
        "Inputs and targets were divided by the same number, so the two weights hold as they are.",
        "With 0 and 0 only the bias is left. The answer there is 100, which the network knows as 100 "
        f"/ {DIVISOR:,}.",
    ),
)
def unit_by_hand(w1: given.number, w2: given.number, bias: given.number) -> Verdict:
    """One unit, set by hand: 2·a − b + 100."""
    wanted = 100 / DIVISOR
    if (w1, w2) == (2, -1) and np.isclose(bias, wanted, rtol=1e-6):
        return right(
            "Weights stay as they are where all is divided alike, but a bias shrinks with the targets."
        )
    if (w1, w2) == (-1, 2):
        return wrong("You swapped the weights: the first belongs to a, which counts twice.")
    if (w1, w2) == (2, 1):
        return wrong("The number b is subtracted: give the second weight a minus.")
    if np.allclose([w1, w2], [2 / DIVISOR, -1 / DIVISOR]) or np.allclose([w1, w2], [2 * DIVISOR, -DIVISOR]):
        return wrong("Inputs and targets are both divided, which cancels in a weight: take 2 and −1.")
    if (w1, w2) != (2, -1):
        return wrong("The weights do not fit: each is what its input is multiplied by in 2·a − 1·b.")
    if bias == 100:
        return wrong(f"In whole numbers this bias adds 100 · {DIVISOR:,}: divide it as the targets are.")
    if bias == 0:
        return wrong("The weights are right, but nothing adds the 100: that is what the bias is for.")
    if np.isclose(bias, -wanted):
        return wrong("The 100 is added, not subtracted: turn the sign of the bias.")
    if np.isclose(bias, 100 / SUM.largest):
        return wrong(
            f"You divided by the largest input, but the targets by the largest sum: take {DIVISOR:,}."
        )
    if np.isclose(bias, 100 * DIVISOR):
        return wrong("To normalise is to divide, and you multiplied: the bias must become small.")
    return wrong("The weights are right, the bias is not: it is the answer to 0 and 0, normalised.")


@exercise(
    minutes=6,
    hints=(
        "A sum is one weighted sum. Which two weights has it? And is anything left to add?",
        "One unit is enough, and Dense has an argument that leaves the bias out: use_bias=False.",
    ),
)
def smallest_adder(network: given.model) -> Verdict:
    """Open: the smallest network that adds."""
    if network.given.weights and network.inputs != 2:
        return wrong(
            f"There are two numbers to add, but its inputs are {network.inputs}: give it keras.Input((2,))."
        )
    x, y = SUM.draw(1000, seed=1)
    scaling, count = SUM.scaling(), network.count(2)
    answers = network.answers(scaling.inputs(x))
    if answers.shape[1] != 1:
        return wrong(
            f"It gives {answers.shape[1]} answers to each pair: end with one unit, as there is one sum."
        )
    left = int((scaling.invert(answers) != y).sum())
    if left == 0 and count > 3:
        return wrong(
            f"It adds, but with {count:,} weights and biases: leave out layers and units, as a sum needs one."
        )
    if left == 0 and count == 3:
        return wrong("It adds with 2 weights and a bias, which only adds 0: leave the bias out.")
    if left == 0 and count < 2:
        return right("The sum is built in, with nothing to learn: with weights, 2 is the least.")
    if left == 0:
        return right("Both weights are 1, and fewer will not do, as each number needs one of its own.")
    a, b, none = (float(each) for each in network.answers([[1, 0], [0, 1], [0, 0]]).ravel())
    a, b = a - none, b - none
    if np.isclose(a, b, rtol=0.01) and a > 0.01:
        return wrong(
            f"It answers {number(round(a, 2))} times the sum: each number counts as it is, so weigh both "
            "by 1."
        )
    if np.isclose(a, -b, rtol=0.01) and abs(a) > 0.01:
        return wrong("It subtracts one number from the other: both weights must be positive, and 1.")
    if min(abs(a), abs(b)) < 0.01 < max(abs(a), abs(b)):
        return wrong("One of the two numbers does not count at all: give it a weight of 1, too.")
    advice = "set its weights, or compile and train it as above, for longer if it is small"
    return wrong(f"{left:,} of {len(y):,} new sums are wrong: {advice}.")
