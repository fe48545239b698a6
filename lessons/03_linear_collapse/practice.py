"""The predictions and exercises of this lesson."""

from helpers import networks
from helpers import question as thread
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.forms import Choice, Number
from helpers.practice.predict import prediction
from helpers.question import FLOOR
from helpers.words import about, line, number

import numpy as np

W1, B1, W2, B2 = 3, 1, 2, 5  # first and second of the notebook


def unit(slope: float, intercept: float) -> str:
    """Return a unit in words."""
    return f"{number(slope)}·x + {number(intercept)}"


ADDED, ADDED_BIASES = unit(W1 + W2, B1 + B2), unit(W1 * W2, B1 + B2)
OTHER_ORDER = unit(W1 * W2, W1 * B2 + B1)


@prediction(
    "Which single unit does the same as first, followed by second?",
    Choice([ADDED, ADDED_BIASES, OTHER_ORDER, unit(W1 * W2, W2 * B1 + B2)]),
    {
        ADDED: "The second unit multiplies what it gets, so the weights are multiplied, not added.",
        ADDED_BIASES: "The second unit multiplies everything it gets, the first bias included.",
        OTHER_ORDER: "That is second followed by first, where the other bias passes through a weight.",
    },
)
def two_as_one(slope, intercept):
    sentence = "The weights are multiplied, and the first bias passes through the second weight."
    return unit(slope, intercept), sentence


@prediction("Into how many numbers does the first output of the network collapse?", Number())
def numbers_left(weights, trained):
    count, inputs = trained.model.count_params(), weights.shape[0]
    slopes = "one slope" if inputs == 1 else f"{inputs} slopes"
    return inputs + 1, f"Of {count:,} weights and biases, {slopes} and one intercept are left for one output."


ROWS = ["the single unit", "the widest layers", "none clearly: all within a few per cent"]


@prediction(
    "Which row has clearly the lowest median RMSE, by a tenth or more?",
    Choice(ROWS),
    {
        "the single unit": "It has the fewest weights, but that gains nothing: every row could reach the "
        "same floor.",
        "the widest layers": "More weights do not help: without activations even the widest stack is one "
        "line.",
    },
)
def lowest_row(medians):
    lowest, highest = min(medians), max(medians)
    near = "all are on it or just above" if highest < 1.1 * FLOOR else f"they end at {about(highest)}"
    sentence = f"The floor of every line is {FLOOR:,.0f}, and {near}."
    single, widest, none = ROWS
    return none if highest < 1.1 * lowest else single if medians[0] == lowest else widest, sentence


@exercise(
    "Replace the x in −3x + 5 with 4x − 2, and multiply out.",
    "The weight −3 multiplies both parts of 4x − 2, and then the 5 is added once.",
    minutes=3,
)
def one_unit(slope: given.number, intercept: given.number) -> Verdict:
    """Two layers as one unit: 4x − 2, then −3x + 5."""
    if np.allclose((slope, intercept), (-12, 11)):
        return right("The first bias passes through the second weight; the last bias is added as it is.")
    both = {
        "That is fourth followed by third: put 4x − 2 into −3x + 5, not the other way round.": (-12, 18),
        "They are swapped: the slope is the number that multiplies x, and comes first.": (11, -12),
    }
    slopes = {
        "−7 is −3 · 4 + 5, but the 5 does not multiply x: leave it out of the slope.": -7,
        "−1 is the answer for x = 1, slope and intercept in one: multiply −3 by 4.": -1,
        "1 is the sum of the slopes, but the second layer multiplies what it gets: multiply −3 by 4.": 1,
        "The slope has the wrong sign: a negative weight turns a rising line into a falling one.": 12,
    }
    intercepts = {
        "3 is the sum of the biases, but the first goes through the −3: begin with −3 · (−2).": 3,
        "−10 is the product of the biases, but the second is added: begin with −3 · (−2), and add 5.": -10,
        "6 is −3 · (−2), without the second layer's own bias: add it once, at the end.": 6,
        "−1 is −3 · 2 + 5, but minus times minus is plus: −3 · (−2) is 6, and then the 5 is added.": -1,
        "−9 is −3 · (−2 + 5), but the 5 is added after the −3: multiply only −2 by it.": -9,
    }
    if found := mistaken((slope, intercept), both) or mistaken(slope, slopes):
        return found
    if not np.isclose(slope, -12):
        return wrong("This is not the slope: x goes through both weights, so multiply them.")
    if found := mistaken(intercept, intercepts):
        return wrong(f"The slope is right; {found.sentence}")
    return wrong("The slope is right, the intercept is not: compute what the two layers give for x = 0.")


# What a wrong function may return, and the advice.
FORMULAS = {
    "b1 + b2 + b3": "a bias goes through all later weights: begin with b1 @ W2",
    "b1 @ W2 + b2": "this reaches the third layer: take it through W3, and add b3",
    "b1 @ W2 + b2 + b3": "what reaches the third layer goes through W3: put it in brackets before @ W3",
    "b1 @ W2 + b2 @ W3 + b3": "@ comes before +: put all that goes through W3, b1 @ W2 + b2, in brackets",
    "b1 @ W2 @ W3 + b2 + b3": "the second biases reach the third layer as well: take b2 through W3",
    "(b1 @ W2 + b2) @ W3": "the third layer adds its own biases: add b3 at the very end",
    "b1 @ W2 @ W3": "each layer adds its own biases after its weights: add b2, and b3 at the very end",
    "b1 @ W2 @ W3 + b3": "the second layer has biases as well: start with b1 @ W2 + b2",
    "b2 @ W3 + b3": "the first biases go through two layers: start with b1 @ W2 + b2",
    "(b1 @ W2 + b2 + b3) @ W3": "b3 does not go through W3: add it after the product",
    "((b1 + b2) @ W2 + b3) @ W3": "a bias does not go through its own layer's weights: add it after them",
    "(b1 + b2) @ W2 @ W3 + b3": "b2 does not go through W2: add it after the product",
    "W3 @ (W2 @ b1 + b2) + b3": "a layer computes x @ W: put what goes in on the left",
}


@exercise(
    "After two layers the bias is b1 @ W2 + b2. What does the third layer do with what it gets?",
    "All of it goes through W3, so put it in brackets; then b3 is added. The input x has no part in it.",
    minutes=4,
)
def third_bias(bias: given.function) -> Verdict:
    """The biases of three layers, collapsed into one."""
    draw = np.random.default_rng(0).normal
    five = dict(zip(("b1", "b2", "b3", "W2", "W3"), (*draw(size=(3, 3)), *draw(size=(2, 3, 3))), strict=True))
    b1, b2, b3, W2, W3 = five.values()  # square: each mistake has a shape that fits
    answer = bias(b1, W2, b2, W3, b3, shape=(3,))

    def is_(value: np.ndarray) -> bool:
        return np.allclose(answer, value, atol=1e-6)

    if is_((b1 @ W2 + b2) @ W3 + b3):
        bias(b1, W2[:, :2], b2[:2], W3[:2, :1], b3[:1], shape=(1,))
        return right("This is what the stack answers for x = 0: that one answer shows its bias.")
    for formula, advice in FORMULAS.items():
        if is_(eval(formula, {}, five)):
            return wrong(f"It gives {formula}, but {advice}.")
    if is_(bias(-b1, W2, 2 - b2, W3, 3 * b3, shape=(3,))):
        return wrong("It gives the same for other biases: use the names in the brackets, not those above.")
    return wrong("This is not the bias: follow b1 through the second layer, then all through the third.")


LINE, ROUNDING = (2, 3), 1e-4


@exercise(
    "Begin with any large stack, and ask networks.collapse which line it is. What does its last "
    "layer do to that?",
    "Multiplying the last layer's weights multiplies the slope; whatever its bias adds is added to the "
    "intercept.",
    minutes=8,
)
def heavy_line(stack: given.model) -> Verdict:
    """Open: more weights and biases than the thread's network, and yet exactly 2x + 3."""
    weights, bias = stack.collapsed()
    count, to_beat = stack.count(), networks.stack(thread.LAYERS, inputs=1).count_params()
    if weights.shape != (1, 1):
        return wrong(
            f"It takes {weights.shape[0]} and gives {weights.shape[1]}: let it take one number and give one."
        )
    slope, intercept = weights[0, 0], bias[0]
    own = f"Yours is {line(slope, intercept)}"
    if not np.allclose((slope, intercept), LINE, rtol=1e-3):
        if slope == 0:
            return wrong(f"{own}: its slope is 0, so x does not get through; give it other weights.")
        if np.allclose((intercept, slope), LINE, rtol=1e-3):
            return wrong(f"{own}: the two are swapped, as the slope must be 2.")
        if np.isclose(slope, LINE[0], rtol=1e-3):
            return wrong(
                f"{own}: the slope is right, so change the last layer's bias, which is simply added."
            )
        if np.isclose(intercept, LINE[1], rtol=1e-3):
            return wrong(
                f"{own}: the intercept is right, the slope is not; multiply the last layer's weights, then "
                "set its bias again."
            )
        return wrong(f"{own}: multiply the last layer's weights until the slope is 2, then set its bias.")
    off = max(abs(slope - LINE[0]), abs(intercept - LINE[1]))
    if off > ROUNDING:
        return wrong(
            f"Its slope or its intercept is off by {off:.1g}: only rounding may be left, so set "
            "the weights yourself instead of training them."
        )
    if count <= to_beat:
        return wrong(
            f"It is 2x + 3, but {count:,} weights and biases do not beat {to_beat:,}: make its layers wider."
        )
    return right(f"Two numbers would do in place of {count:,}: a large network need not be able to do more.")
