"""What the reader answers in 07, width and depth."""

import math
from itertools import pairwise

from helpers import closed_forms, question, words
from helpers.lessons import numbered
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.features import Height, Turns
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.question import SQUARE

import numpy as np

FOLDED = 2**10  # by what the notebook divides
NEXT = numbered("Notebook {{ extrapolation }} asks what such a network answers beyond its range.")
SHARES = {1 / 2: "about a half", 1 / 3: "about a third", 1 / 4: "about a quarter", 1 / 8: "about an eighth"}
BOWL, ARCH, LEVEL = "a bowl, largest at the joints", "an arch, largest in the middle", "level"
CLOSER, AS_FAR, FARTHER = "closer to its floor", "about as many times off", "more times off"
RISE, STAY, FALL = "it rises", "it stays", "it falls"
SIXTEENTHS = [i / 16 for i in range(17)]
SOME, TEN, HUNDRED = "less than 3 times", "about 10 times", "100 times or more"


@prediction(
    "Twice the units in one hidden layer: what share of the lowest possible error is left?",
    Choice([*SHARES.values()]),
)
def twice_the_units():
    share = closed_forms.units_floor(1000, 64) / closed_forms.units_floor(1000, 32)
    floors = [f"{closed_forms.units_floor(1000, units):,.1f}" for units in (32, 64)]
    told = f"From {floors[0]} to {floors[1]}, for instance."
    return SHARES[min(SHARES, key=lambda one: abs(one - share))], told


@prediction("How many units in one hidden layer does an RMSE below 1 take?", Number("units"))
def units_for_one():
    one, tenth = (round(closed_forms.units_worth(1000, error)) for error in (1, 0.1))
    return one, f"Below 0.1 it takes {tenth}."


@prediction(
    "What shape does x² minus the answer have on one straight piece of the hand-set network?",
    Choice([BOWL, ARCH, LEVEL]),
)
def error_of_a_piece(wide, every_y):
    pieces, answers = next(iter(wide.items()))
    errors = np.abs(every_y - answers)[: len(answers) // pieces, 0]
    joint, middle = errors[-1], errors[len(errors) // 2]
    told = f"With {pieces} pieces it is at most {words.number(np.abs(every_y - answers).max())}."
    return LEVEL if 0.9 < joint / middle < 1.1 else BOWL if joint > middle else ARCH, told


@prediction(
    "Draw tent(tent(z)) between 0 and 1.",
    Drawing(SIXTEENTHS, 0, 1, "z", "tent(tent(z))", features=[Turns(), Height()]),
)
def two_tents(tent):
    return tent(
        tent(np.array(SIXTEENTHS))
    ), "The second layer meets the way up and the way down of the first."


@prediction(
    "How often does tent(tent(tent(z))) turn between 0 and 1?",
    Number("times", within=0),
)
def turns_of_three_tents(g3):
    turns = int((np.diff(np.sign(np.diff(g3))) != 0).sum())
    return turns, f"That makes {turns + 1} pieces: each tent doubles them."


@prediction(
    "With how many hidden layers is not one square wrong?",
    Number("layers", within=0),
)
def layers_without_a_mistake(rows):
    layers, before = next((row[0], last[-1]) for last, row in pairwise(rows) if row[-1] == 0)
    return layers, f"With one layer less, {words.number(before)} squares are wrong."


@prediction(
    "How many units does one hidden layer need to be as good on the whole curve?",
    Number("units", within=0.25),
)
def units_instead_of_layers(needed, deep):
    return needed, f"The deep network has {max(deep)}."


@prediction(
    f"Which RMSE has the median run of 8 units, with the floor {closed_forms.units_floor(1000, 8):,.0f}?",
    Number(trained=True, within=0.5),
)
def median_of_8_units(found, could):
    return float(
        np.median(found[8])
    ), f"The best run has {words.about(min(found[8]))}, above {could[8]:,.0f}."


@prediction(
    "And will 64 trained units come closer to their floor than 8?",
    Choice([CLOSER, AS_FAR, FARTHER]),
)
def wide_and_its_floor(found, could):
    narrow, broad = (float(np.median(found[k])) / could[k] for k in (8, 64))
    told = f"The median run has {words.about(np.median(found[64]))}, and could have {could[64]:,.0f}."
    return AS_FAR if 2 / 3 < broad / narrow < 1.5 else (CLOSER, FARTHER)[broad > narrow], told


@prediction(
    "From 1 to 10 hidden layers, by what factor does the median run get better?", Choice([SOME, TEN, HUNDRED])
)
def gain_of_depth(found, could):
    one, ten = (float(np.median(found[depth])) for depth in (1, 10))
    told = f"From {words.about(one)} to {words.about(ten)}; by hand from {could[1]:,.0f} to {could[10]:.2f}."
    return SOME if one / ten < 3 else TEN if one / ten < 50 else HUNDRED, told


@prediction(
    "Trained from the weights that were set by hand: what does the error do?", Choice([RISE, STAY, FALL])
)
def trained_from_there(by_hand, kept):
    told = f"From {by_hand:,.1f} to {words.about(kept)}."
    return STAY if 0.9 < kept / by_hand < 1.1 else RISE if kept > by_hand else FALL, told


@exercise(
    minutes=3,
    hints=(
        "Each layer halves the distance between the joints. When is it 1?",
        "Multiply 2 by itself until you are at 4,000 or beyond, and count.",
    ),
)
def layers_for_4000(layers: given.number) -> Verdict:
    """Layers that square every whole number from 1 to 4,000."""
    largest, before = 4000, math.ceil(math.log2(question.LARGEST))
    needed = math.ceil(math.log2(largest))
    if layers == needed:
        return right(
            f"Dividing by {2**needed:,}, every whole number is a joint; four times the numbers cost only "
            f"{needed - before} layers more; in one wide layer they would cost four times the kinks."
        )
    if layers == before:
        return wrong(
            f"That is enough for 1 to {question.LARGEST:,}: count how often {largest:,} is to be halved."
        )
    if layers in (before * largest / question.LARGEST, 4 * before):
        return wrong("Four times the numbers do not take four times the layers: each doubles the joints.")
    if layers in (2**needed, largest, largest / 2):
        return wrong("That counts pieces, and layers multiply them: count the doublings that make so many.")
    if layers == 4 * needed:
        return wrong("That counts the units, 4 a layer: divide by 4.")
    if layers == before + 1:
        return wrong(
            "One more layer serves twice as many numbers, and here are four times as many: double again."
        )
    if layers == needed + 1:
        return wrong(
            f"That works, but one layer less does, too: 2 to the power of {needed} is {2**needed:,}."
        )
    if layers < needed:
        return wrong(
            f"So few layers make too few joints for {largest:,} numbers: double 1 until you are there."
        )
    return wrong(f"Fewer layers are enough: begin with 2 and double until you reach {largest:,}.")


TENT, CARRIED = np.array([2.0, -4, 2, 0]), np.array([0.0, 0, 0, 1])


def set_by_hand(g2: float, g3: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of a layer and of the next output that add these shares of the tents."""
    return np.stack([TENT, TENT, TENT, CARRIED + g2 * TENT], axis=1), CARRIED + g3 * TENT


def three_layers(z: np.ndarray, third: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return what the deep squarer's first two layers, then these weights, answer to z, (examples, 1)."""
    for kernel in (np.ones((1, 4)), set_by_hand(-1 / 4, 0)[0], third):
        z = np.maximum(z @ kernel + [0, -1 / 2, -1, 0], 0)
    return z @ last.ravel()


SHARES_TAKEN = {  # of g2 and g3, and what is told of them
    "`third` is the second layer again, and takes a quarter of g2 away: take a sixteenth.": [
        (-1 / 4, -1 / 64),
        (-1 / 4, -1 / 16),
    ],
    "`third` is right, but `last` takes too much of g3 away: divide the tent by 64.": [
        (-1 / 16, -1 / 16),
        (-1 / 16, -1 / 4),
        (-1 / 16, -1 / 32),
    ],
    "`last` only passes the sum on, without g3: take a 64th of the tent away in it.": [(-1 / 16, 0)],
    "`third` only passes the sum on: its last column must take g2/16 away.": [(0, -1 / 64), (0, 0)],
    "You halved the share, but each layer divides it by 4: after g1/4 come g2/16 and g3/64.": [
        (-1 / 8, -1 / 16),
        (-1 / 8, -1 / 64),
    ],
    "A tent is added somewhere, but all are taken away: turn its signs round.": [
        (1 / 16, 1 / 64),
        (1 / 16, -1 / 64),
        (-1 / 16, 1 / 64),
    ],
}


@exercise(
    minutes=8,
    hints=(
        "Only the last column of `third` differs from the second layer's: it takes less of 2, −4, 2.",
        "It takes g2/16 away instead of g1/4, and still carries the sum with a 1; `last` takes g3/64 away.",
    ),
)
def one_more_layer(third: given.array, last: given.array) -> Verdict:
    """One more layer of the deep squarer, set by hand."""
    if third.shape != (4, 4) or last.size != 4:
        shape = " by ".join(map(str, third.shape))
        return wrong(
            f"`third` must be 4 by 4 and `last` 4 numbers, not {shape} and {last.size}: copy the second's."
        )
    z = np.arange(65)[:, np.newaxis] / 64
    wanted, found = three_layers(z, *set_by_hand(-1 / 16, -1 / 64)), three_layers(z, third, last)
    if np.allclose(found, wanted, atol=1e-4):
        worst = np.abs(found - z[:, 0] ** 2).max()
        return right(
            f"It draws 8 pieces and misses by {worst:.4f} at most, a quarter of before: the layers are "
            "alike, but for the share of the tent that they take away."
        )
    if np.allclose(three_layers(z, third.T, last), wanted, atol=1e-4):
        return wrong("Rows and columns are swapped: a column is a unit, so transpose `third`.")
    for sentence, cases in SHARES_TAKEN.items():
        if any(np.allclose(found, three_layers(z, *set_by_hand(*shares)), atol=1e-4) for shares in cases):
            return wrong(sentence)
    if third[3, 3] == 0 or np.ravel(last)[3] == 0:
        return wrong(
            "The sum so far gets lost: the unit that carries it needs the weight 1 from the one before."
        )
    by_hand = set_by_hand(-1 / 16, -1 / 64)
    if np.allclose(three_layers(z, third, by_hand[1]), wanted, atol=1e-4):
        return wrong("`third` is right, `last` is not: carry the sum with 1, and take 1/64 of 2, −4, 2 away.")
    if np.allclose(three_layers(z, by_hand[0], last), wanted, atol=1e-4):
        return wrong(
            "`last` is right, `third` is not: copy the second layer, but take only 1/16 of 2, −4, 2 away."
        )
    at = float(z[np.abs(found - wanted).argmax(), 0])
    return wrong(
        f"This does not give z − g1/4 − g2/16 − g3/64, most of all at z = {at:g}: start from the second "
        "layer's weights, and change its last column alone."
    )


@exercise(
    minutes=15,
    seconds=60,
    hints=(
        "One unit a layer is off for all our numbers. What does a network need it for?",
        "Without it, a kernel loses a column, and the next one a row: kernel[np.ix_([0, 1, 3], [0, 1, 3])].",
    ),
)
def smallest_squarer(network: given.model) -> Verdict:
    """Open: every square from 1 to 1,000 with fewer weights than the ten layers."""
    x, y = SQUARE.every_number()
    divisors = {FOLDED: FOLDED**2, question.LARGEST: SQUARE.largest_target, 1: 1}
    near = np.linspace(1, 17, 129)[:, np.newaxis]
    given_all = network.answers(np.concatenate([part / n for n in divisors for part in (x, near)]))[:, :1]
    found = np.split(given_all, len(divisors)) * np.reshape([*divisors.values()], (-1, 1, 1))
    exact = min(found, key=lambda one: rmse(y, np.rint(one[: len(x)])))
    answers = np.rint(exact[: len(x)]).astype(int)
    missed, weights = int((answers != y).sum()), network.count()
    ten_layers, without_third = (2 * units + 9 * (units + 1) * units + units + 1 for units in (4, 3))
    if np.allclose(answers, np.polyval(np.polyfit(x[:, 0], answers[:, 0], 1), x), atol=2):
        return wrong(
            "It draws a line: it needs ReLU units, and kinks among its inputs, x / 1,024, x / 1,000 or x."
        )
    if missed:
        return wrong(
            f"Of 1,000 squares {missed:,} are wrong, by up to {np.abs(answers - y).max():,}, with "
            f"{weights:,} weights: more joints, or moved ones, bring every error below ½, to be rounded off."
        )
    if weights >= ten_layers:
        equal = "just as many as" if weights == ten_layers else "more than"
        return wrong(
            f"Every square is right, but {weights:,} weights are {equal} the ten layers' "
            f"{ten_layers}: take depth instead of width, and leave out units that do nothing here."
        )
    bends = np.abs(np.diff(exact[len(x) :, 0], 2)) > 1 / 64
    if bends.mean() > 1 / 2:
        return wrong(
            "It is curved everywhere, so something in it squares by itself: use Dense layers with ReLU."
        )
    return right(
        f"Every square, with {weights} weights; ten layers of 4 units have {ten_layers}, of 3 units "
        f"{without_third}. {NEXT}"
    )
