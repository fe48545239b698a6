"""The predictions and exercises of this lesson."""

from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.features import Height, Level, Turns
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.problems import Problem
from helpers.words import about, number, plural

import keras
import numpy as np

SUM = Problem("sum", inputs=2)
DIVISOR = SUM.largest_target  # of inputs and targets


@prediction(f"What is the largest sum of two numbers up to {SUM.largest:,}?", Number(within=0))
def largest_sum(scaling):
    return scaling.y_divisor, "Divided by it, no target is above 1."


@prediction(
    "Does one of the examples that you drew reach the largest sum?",
    Choice(["yes", "no"]),
    {"yes": "Both numbers of a pair would have to be the largest, and you drew few of all possible pairs."},
)
def reaches_the_largest(y, scaling):
    share = y.max() / scaling.y_divisor
    return (
        "yes" if share == 1 else "no",
        f"Divided, the largest sum that you drew is {share:.3f}; the largest possible would be 1.",
    )


@prediction("What is the unit's result?", Number())
def above_the_unit(unit):
    weights, bias = unit.get_weights()
    inputs = np.array([4, 10])  # as in the cell
    return float((inputs @ weights + bias)[0]), "Each input times its weight, and the bias: all added up."


STEPS = ["all equally long", "shorter and shorter", "longer and longer"]


@prediction(
    "How long are the steps of the weight?",
    Choice(STEPS),
    {
        "all equally long": "The rate is the same for all steps, but it multiplies the slope, and the slope "
        "changes.",
        "longer and longer": "A ball gains speed downhill; a step depends only on the slope where it starts, "
        "and that shrinks.",
    },
)
def steps_of_a_weight(loss_of):
    at_first, later = (abs(loss_of(at + 0.01) - loss_of(at - 0.01)) for at in (0.2, 0.8))
    equal, shorter, longer = STEPS
    truth = shorter if later < 0.9 * at_first else longer if later > 1.1 * at_first else equal
    return truth, "The slope gets smaller towards the bottom, and a step is a fixed multiple of it."


EPOCHS = [1, *range(10, 101, 10)]
POWER = "loss as a power of ten"


@prediction(
    f"Draw the loss over the next {EPOCHS[-1]} epochs, as a power of ten (−3 stands for 0.001).",
    Drawing(
        *(EPOCHS, -24, 0, "epoch", POWER),
        features=[Turns(), Level(since=70, within=0.055), Height(at=[1, EPOCHS[-1]], within=0.17)],
        trained=True,
    ),
)
def loss_over_epochs(history):
    loss = np.minimum.accumulate(history.history["loss"])  # without the peaks that Adam may add
    sentence = f"It falls from {about(loss[0])} to {about(loss[-1])} at its lowest: only rounding is left."
    return [np.log10(loss[epoch - 1]) for epoch in EPOCHS], sentence


@prediction("How many of the network's sums are wrong after rounding?", Number())
def wrong_sums(y, predicted):
    return int((y != predicted).sum()), f"It gave {len(y):,} answers."


NEW = ["for all of them", "for most of them", "for hardly any"]


@prediction(
    "For how many pairs that it has never seen is the network right?",
    Choice(NEW),
    {
        "for most of them": "New pairs are no harder than old ones for a network that computes the sum "
        "instead of remembering examples.",
        "for hardly any": "A network that had learned its examples by heart would fail here; this one has "
        "not.",
    },
)
def new_pairs(new_y, new_predicted):
    wrong_ones = (new_y != new_predicted).sum()
    every, most, hardly_any = NEW
    truth = every if wrong_ones == 0 else most if wrong_ones < len(new_y) / 2 else hardly_any
    return truth, f"{wrong_ones} of {len(new_y):,} are wrong."


@prediction("How much of the input arrives at the answer?", Number())
def two_paths(into, out):
    return float(into @ out), "Multiply along each path, then add the paths up."


WEIGHTS = ["1 and 1", "0.5 and 0.5", "two numbers that depend on its random start"]


@prediction(
    "What are the two effective weights?",
    Choice(WEIGHTS),
    {
        "0.5 and 0.5": "Halves would give the mean of both numbers; the sum counts each of them once.",
        "two numbers that depend on its random start": "Its many weights do depend on the start, but their "
        "product is fixed by the task.",
    },
)
def effective_weights(product):
    ones, halves, by_chance = WEIGHTS
    one, half = (np.allclose(product, goal, atol=0.01) for goal in (1, 0.5))
    truth = ones if one else halves if half else by_chance
    return truth, "Weights that differ clearly from 1 and 1 would add wrongly."


@exercise(
    f"Before training, the targets were divided by {DIVISOR:,}: undo that.",
    "Multiply first, then round to the nearest whole number: Python's round does it.",
    minutes=3,
)
def back_to_sums(invert: given.function) -> Verdict:
    """From the network's answer back to a whole number."""
    sums = np.linspace(2, DIVISOR, 75)  # whole numbers, odd and even
    wanted = sums + np.resize(
        [0.3, -0.3, 0.46, -0.46, 0.05, -0.05, 0], len(sums)
    )  # like those of a trained network
    asked = wanted / DIVISOR
    given_back = np.array([invert(z) for z in asked])
    if np.array_equal(given_back, sums):
        return right("An answer that is off by less than one half still rounds to the right sum.")
    at = int((given_back != sums).argmax())
    z, before, after = (number(round(each[at], 10)) for each in (asked, wanted, given_back))
    values = np.unique(given_back)
    if len(values) == 1:
        return wrong(f"It gives {after} whatever the network answers: compute with its argument.")
    if len(values) <= 3:
        only = " and ".join(map(number, values[-2:]))
        only = f"{number(values[0])}, {only}" if len(values) == 3 else only
        return wrong(f"It gives {only} and nothing else: multiply first, then round.")
    if np.allclose(given_back, wanted, rtol=1e-9):
        return wrong(f"The division is undone, but {before} stays {after}: round at the end.")
    if np.allclose(given_back, np.round(wanted, 1), rtol=0, atol=1e-9):
        return wrong(f"It gives {after}, but a sum is a whole number: round to the nearest one.")
    if np.array_equal(given_back, np.floor(wanted)):
        return wrong(f"It cuts the decimals off, and {before} becomes {after}: use round instead.")
    if np.array_equal(given_back, np.ceil(wanted)):
        return wrong(f"It always rounds up, and {before} becomes {after}: use round instead.")
    factor = float(f"{given_back @ asked / (asked @ asked):.4g}")
    rounding = 0.51 if abs(factor) > 50 else abs(factor) / 1000
    if factor != DIVISOR and np.abs(given_back - factor * asked).max() <= rounding:
        return wrong(
            f"It gives about {number(factor)} times what the network answers, but the targets were divided "
            f"by {DIVISOR:,}: multiply by that, then round."
        )
    return wrong(
        f"Where the network answers {z} it gives {after}, but {z} · {DIVISOR:,} is {before}, near the sum "
        f"{sums[at]:,.0f}: multiply by {DIVISOR:,} and round, nothing else."
    )


@exercise(
    "Inputs and targets were divided by the same number, so the two weights hold as they are.",
    "With 0 and 0 only the bias is left. The answer there is 100, which the network knows as 100 "
    f"/ {DIVISOR:,}.",
    minutes=4,
)
def unit_by_hand(w1: given.number, w2: given.number, bias: given.number) -> Verdict:
    """One unit, set by hand: 2·a − b + 100."""

    def weights_are(*wanted: float) -> bool:
        return np.allclose((w1, w2), wanted)

    if weights_are(-1, 2):
        return wrong("The weights are swapped: the first belongs to a, which counts twice.")
    if weights_are(2, 1):
        return wrong("The number b is subtracted: give the second weight a minus.")
    if weights_are(2 / DIVISOR, -1 / DIVISOR) or weights_are(2 * DIVISOR, -DIVISOR):
        return wrong(
            "Inputs and targets are both divided, which cancels in a weight: leave the weights undivided."
        )
    if not weights_are(2, -1):
        return wrong("The weights are wrong: each is what its input is multiplied by in 2·a − 1·b.")
    if np.isclose(bias * DIVISOR, 100):
        return right(
            "Dividing everything by one number leaves weights as they are; a bias shrinks with the targets."
        )
    if bias == 0:
        return wrong("The weights are right, but nothing adds the 100: that is what the bias is for.")
    advice = (
        f"divide by the largest sum, {DIVISOR:,}" if np.isclose(bias * SUM.largest, 100) else "divide the 100"
    )
    advice = "change its sign" if np.isclose(bias * DIVISOR, -100) else advice
    adds = number(float(f"{bias * DIVISOR:.6g}"))
    return wrong(f"The weights are right; in whole numbers this bias adds {adds}, instead of 100: {advice}.")


@exercise(
    "A sum is one weighted sum. Which two weights does it have? And is anything left to add?",
    "One unit is enough, and Dense has an argument that leaves the bias out: use_bias=False.",
    minutes=6,
)
def smallest_adder(network: given.model) -> Verdict:
    """Open: the smallest network that adds."""
    if isinstance(network.value, keras.Model) and network.value.built:
        takes = [tuple(each.shape[1:]) for each in network.value.inputs]
    else:
        takes = [(network.inputs if network.value.weights else 2,)]
    if takes != [(2,)]:
        return wrong(
            "Each example has two numbers to add, the shape (2,), but the network takes "
            f"{' and '.join(map(str, takes))}: give it keras.Input((2,))."
        )
    x, y = SUM.draw(1000, seed=1)
    scaling, count = SUM.scaling(), network.count(2)
    answers = network.answers(scaling.inputs(x))
    if answers.shape[1] != 1:
        return wrong(
            f"It gives {answers.shape[1]} answers for each pair: end with one unit, as there is one sum."
        )
    shapes = sorted(array.shape for array in network.built(2).get_weights())
    left = int((scaling.invert(answers) != y).sum())
    if left == 0 and count > 2:
        more = "the bias" if shapes == [(1,), (2, 1)] else "layers and units"
        return wrong(f"It adds, but with {count:,} weights and biases, where 2 are enough: leave out {more}.")
    if left == 0 and shapes == [(2, 1)]:
        return right("It adds with 2 weights, the least there can be: each number needs one of its own.")
    if left == 0:
        learned = f"{plural(count, 'weight')} {'is' if count == 1 else 'are'} left to learn"
        return right(f"The sum is built in, and {learned}: with Dense layers, 2 is the least.")
    wanted, given_back = y[:, 0].astype(float), answers[:, 0] * scaling.y_divisor
    basis = np.column_stack([x, np.ones(len(x))])
    parts = np.linalg.lstsq(basis, given_back)[0]
    if np.abs(basis @ parts - given_back).max() <= 0.002 * np.abs(given_back).max():
        a, b, rest = (float(f"{part:.5g}") if abs(part) > 0.00005 else 0.0 for part in parts)
        rest = f" {'−' if rest < 0 else '+'} {number(abs(rest))}" if abs(rest) > 0.01 else ""
        return wrong(
            f"It answers about {number(a)}·a {'−' if b < 0 else '+'} {number(abs(b))}·b{rest}, but the sum "
            "is 1·a + 1·b: set its weights, or compile and train it as above."
        )
    at = int(np.abs(given_back - wanted).argmax())
    return wrong(
        f"{left:,} of {len(y):,} new sums are wrong, and for {x[at, 0]} + {x[at, 1]} it answers "
        f"{number(round(given_back[at]))}: compile and train it as above, without activations."
    )
