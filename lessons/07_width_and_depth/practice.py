"""The predictions and exercises of this lesson."""

import math
from itertools import pairwise

from helpers import closed_forms, question, words
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.features import Height, Turns
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction

import numpy as np

SHARES = {1 / 2: "about a half", 1 / 3: "about a third", 1 / 4: "about a quarter", 1 / 8: "about an eighth"}
BOWL, ARCH, LEVEL = "a bowl, largest at the joints", "an arch, largest in the middle", "level"
SIXTEENTHS = [i / 16 for i in range(17)]


@prediction(
    "Twice as many units in a wide hidden layer: what share of the lowest possible error is left?",
    Choice([*SHARES.values()]),
    {
        "about a half": "The error shrinks with the square of a piece's length, not with the length itself.",
        "about a third": "The pieces get about half as long, and the error shrinks with the square of that.",
        "about an eighth": "The error shrinks with the square of a piece's length, not with a higher power.",
    },
)
def twice_the_units():
    share = closed_forms.units_floor(1000, 64) / closed_forms.units_floor(1000, 32)
    floors = [f"{closed_forms.units_floor(1000, units):,.1f}" for units in (32, 64)]
    sentence = f"From {floors[0]} to {floors[1]}, for instance."
    return SHARES[min(SHARES, key=lambda one: abs(one - share))], sentence


@prediction("How many units does one hidden layer need for an RMSE below 1?", Number("units"))
def units_for_one():
    one, tenth = (round(closed_forms.units_worth(1000, error)) for error in (1, 0.1))
    return one, f"For an RMSE below 0.1 it needs {tenth}."


@prediction(
    "What shape does x² minus the prediction have on one straight piece of the hand-built network?",
    Choice([BOWL, ARCH, LEVEL]),
    {
        ARCH: "Pieces that join points of the curve are furthest off in the middle; these cross the curve "
        "instead.",
        LEVEL: "A level error could be removed with a bias; what remains is the bend of x².",
    },
)
def error_of_a_piece(wide, every_y):
    pieces, answers = next(iter(wide.items()))
    errors = np.abs(every_y - answers)[: len(answers) // pieces, 0]
    joint, middle = errors[-1], errors[len(errors) // 2]
    sentence = f"With {pieces} pieces its size is at most {words.number(np.abs(every_y - answers).max())}."
    return LEVEL if 0.9 < joint / middle < 1.1 else BOWL if joint > middle else ARCH, sentence


@prediction(
    "Draw tent(tent(z)) between 0 and 1.",
    Drawing(SIXTEENTHS, 0, 1, "z", "tent(tent(z))", features=[Turns(), Height()]),
)
def tent_of_a_tent(tent):
    return tent(
        tent(np.array(SIXTEENTHS))
    ), "The second tent is drawn once as the first rises and again as it falls."


@prediction(
    "How often does tent(tent(tent(z))) turn between 0 and 1?",
    Number("times", within=0),
)
def turns_of_the_third(g3):
    turns = int((np.diff(np.sign(np.diff(g3))) != 0).sum())
    return turns, f"That makes {turns + 1} pieces: each tent doubles them."


@prediction(
    "How many hidden layers does it take to get all 1,000 squares right?",
    Number("layers", within=0),
)
def layers_without_a_mistake(rows):
    layers, before = next((row[0], last[-1]) for last, row in pairwise(rows) if row[-1] == 0)
    return layers, f"With one layer fewer, {words.number(before)} squares are wrong."


@prediction(
    "How many units does one hidden layer need to be as good as the deep network on the whole curve?",
    Number("units", within=0.1),
)
def units_instead_of_layers(needed, deep):
    return needed, f"The deep network has {max(deep)} hidden units."


@exercise(
    "Each layer halves the distance between the joints. When is it 1?",
    "Multiply 2 by itself until you are at 4,000 or beyond, and count.",
    minutes=3,
)
def layers_for_4000(layers: given.number) -> Verdict:
    """Layers that square every whole number from 1 to 4,000."""
    largest, before = 4000, math.ceil(math.log2(question.LARGEST))
    needed = math.ceil(math.log2(largest))
    if np.isclose(layers, needed):
        return right(
            f"Divide by {2**needed:,}, and every whole number is a joint: four times the numbers take only "
            f"{needed - before} extra layers, while one wide layer would need four times the kinks."
        )
    if not np.isclose(layers, round(layers)):
        return wrong("A network has a whole number of layers: take the first one that makes enough joints.")
    mistakes = {
        f"That is enough for 1 to {question.LARGEST:,}: count how often {largest:,} must be halved.": before,
        "Four times the numbers do not take four times the layers: each doubles the joints.": 4 * before,
        "That counts the units, 4 per layer: divide by 4.": 4 * needed,
        "One more layer is enough for twice as many numbers; here are four times as many: double again.": (
            before + 1
        ),
        f"That works, but so does one layer less: 2 to the power of {needed} is {2**needed:,}.": needed + 1,
    }
    if found := mistaken(layers, mistakes):
        return found
    if layers >= question.LARGEST:
        return wrong("That looks like a number of pieces, and layers multiply pieces: count the doublings.")
    if layers < needed:
        return wrong(
            f"That few layers make too few joints for {largest:,} numbers: double 1 until you are there."
        )
    return wrong(f"Fewer layers are enough: begin with 2 and double until you reach {largest:,}.")


TENT, CARRIED = np.array([2.0, -4, 2, 0]), np.array([0.0, 0, 0, 1])


def set_by_hand(g2: float, g3: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a layer and of the output after it that add these fractions of the tents."""
    return np.stack([TENT, TENT, TENT, CARRIED + g2 * TENT], axis=1), CARRIED + g3 * TENT


def three_layers(z: np.ndarray, third: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the answers to z, (examples, 1), of the deep squarer's first two layers and these weights."""
    for kernel in (np.ones((1, 4)), set_by_hand(-1 / 4, 0)[0], third):
        z = np.maximum(z @ kernel + [0, -1 / 2, -1, 0], 0)
    return z @ last.ravel()


def taken_away(z: np.ndarray, answers: np.ndarray) -> str:
    """Return the formula of answers that are z − g1/4 minus fractions of g2 and g3, or ""."""
    tents = [three_layers(z, *set_by_hand(*shares)) for shares in ((0, 0), (1, 0), (0, 1))]
    basis = np.stack([tents[1] - tents[0], tents[2] - tents[0]], axis=1)
    shares = np.linalg.lstsq(basis, answers - tents[0])[0]
    if np.abs(basis @ shares - (answers - tents[0])).max() > 1e-4:
        return ""
    formula = "z − g1/4"
    for share, name in zip(shares, ("g2", "g3"), strict=True):
        size = abs(share)
        if size < 1e-4:
            continue
        parts = round(1 / size)
        if parts and abs(1 / parts - size) < 1e-4:
            term = f"{name}/{parts}" if parts > 1 else name
        else:
            term = f"{words.short(size)}·{name}"
        formula += f" {'−' if share < 0 else '+'} {term}"
    return formula


@exercise(
    "Only the last column of `third` differs from the second layer's: it subtracts less of 2, −4, 2.",
    "It subtracts g2/16 instead of g1/4, and still carries the sum with a 1; `last` subtracts g3/64.",
    minutes=8,
)
def one_more_layer(third: given.array, last: given.array) -> Verdict:
    """One more layer of the deep squarer, set by hand."""
    if third.shape != (4, 4) or last.size != 4:
        shape = " by ".join(map(str, third.shape))
        return wrong(
            f"`third` must be 4 by 4 and `last` 4 numbers, not {shape} and {last.size}: give "
            "4 weights for each unit, and 4 for the output."
        )
    z = np.arange(65)[:, np.newaxis] / 64
    wanted, answers = three_layers(z, *set_by_hand(-1 / 16, -1 / 64)), three_layers(z, third, last)
    if np.allclose(answers, wanted, atol=1e-4):
        worst = np.abs(answers - z[:, 0] ** 2).max()
        return right(
            f"It draws 8 pieces and its largest error is {worst:.4f}, a quarter of what it was: the layers "
            "differ only in the share of the tent that they subtract."
        )
    if np.allclose(three_layers(z, third.T, last), wanted, atol=1e-4):
        return wrong("With rows and columns swapped, `third` is right: a column is a unit, so transpose it.")
    if np.allclose(third, set_by_hand(-1 / 4, 0)[0]):
        return wrong("`third` is the second layer unchanged, which subtracts 1/4 of its tent: subtract 1/16.")
    by_hand = set_by_hand(-1 / 16, -1 / 64)
    third_right = np.allclose(three_layers(z, third, by_hand[1]), wanted, atol=1e-4)
    last_right = np.allclose(three_layers(z, by_hand[0], last), wanted, atol=1e-4)
    formula = taken_away(z, answers)
    if formula and (third_right or "− g2/16 " not in f"{formula} "):
        steps = [] if third_right else ["subtract g2/16 in `third`"]
        steps += [] if last_right else ["subtract g3/64 in `last`"]
        return wrong(f"It gives {formula}: {', and '.join(steps)}.")
    for name, weight in (("third[3][3]", third[3, 3]), ("last[3]", np.ravel(last)[3])):
        if weight == 0:
            return wrong(f"{name} is 0, but the fourth unit must carry the sum so far: give it the weight 1.")
    if third_right:
        return wrong("`third` is right, `last` is not: carry the sum with 1, and subtract 1/64 of 2, −4, 2.")
    if last_right:
        return wrong(
            "`last` is right, `third` is not: copy the second layer, but subtract only 1/16 of 2, −4, 2."
        )
    at = float(z[np.abs(answers - wanted).argmax(), 0])
    return wrong(
        f"This does not give z − g1/4 − g2/16 − g3/64, most of all at z = {at:g}: start from the second "
        "layer's weights, and change its last column alone."
    )
