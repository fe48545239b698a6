"""What the reader answers in 03, linear collapse."""

from helpers import networks
from helpers import question as thread
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Choice, Number
from helpers.practice.predict import prediction
from helpers.question import FLOOR
from helpers.words import about, line, number

import numpy as np

# Predictions ----------------------------------------------------------------------------

W1, B1, W2, B2 = 3, 1, 2, 5  # first and second of the notebook


def unit(slope: float, intercept: float) -> str:
    """Return a unit in words."""
    return f"{number(slope)}·x + {number(intercept)}"


@prediction(
    "The single unit that does the same as first, followed by second:",
    Choice(
        [
            unit(W1 + W2, B1 + B2),
            unit(W1 * W2, B1 + B2),
            unit(W1 * W2, W1 * B2 + B1),
            unit(W1 * W2, W2 * B1 + B2),
        ]
    ),
)
def two_as_one(slope, intercept):
    told = "The weights are multiplied, and the first bias goes through the second weight."
    return unit(slope, intercept), told


@prediction("The first output of the network collapses into so many numbers:", Number())
def numbers_left(weights, trained):
    count, inputs = trained.model.count_params(), weights.shape[0]
    slopes = "one slope, for its one input" if inputs == 1 else f"{inputs} slopes, one for each input"
    return inputs + 1, f"{count:,} weights and biases leave {slopes}, and one intercept."


ROWS = ["the single unit", "the widest layers", "none clearly: all within a few per cent"]


@prediction("The lowest median RMSE has:", Choice(ROWS))
def lowest_row(medians):
    """Clearly: by a tenth or more."""
    lowest, highest = min(medians), max(medians)
    near = "all stand on it, or little above" if highest < 1.1 * FLOOR else f"they end at {about(highest)}"
    told = f"The floor of every line is {FLOOR:,.0f}, and {near}."
    return ROWS[2 if highest < 1.1 * lowest else 0 if medians[0] == lowest else 1], told


# Exercises ------------------------------------------------------------------------------


@exercise(
    minutes=3,
    hints=(
        "Write 4x − 2 in place of the x of −3x + 5, and multiply out.",
        "The weight −3 multiplies both parts of 4x − 2, and then the 5 is added once.",
    ),
)
def one_unit(slope: given.number, intercept: given.number) -> Verdict:
    """Two layers as one unit: 4x − 2, then −3x + 5."""
    w1, b1, w2, b2 = 4, -2, -3, 5
    if (slope, intercept) == (w2 * w1, w2 * b1 + b2):
        return right(
            "The biases of all layers but the last go through later weights; the last is added as it is."
        )
    if (slope, intercept) == (w1 * w2, w1 * b2 + b1):
        return wrong("That is fourth followed by third: put 4x − 2 into −3x + 5, not the other way round.")
    if (slope, intercept) == (w2 * w1 + b2, w2 * b1 + b2):
        return wrong("That is the answer for x = 1: leave out the intercept to get the slope.")
    if slope == w1 + w2:
        return wrong("You added the slopes, but the second layer multiplies what it gets: multiply −3 by 4.")
    if (slope, intercept) == (w2 * b1 + b2, w2 * w1):
        return wrong("You swapped them: the slope is the number that multiplies x, so give it first.")
    if slope == -w2 * w1:
        return wrong(
            "The slope has the wrong sign: a negative weight turns a rising line into a falling one."
        )
    if slope != w2 * w1:
        return wrong("This is not the slope: x goes through both weights, so multiply them.")
    if intercept == b1 + b2:
        return wrong(
            "You added the biases, but the first goes through the second weight: begin with −3 · (−2)."
        )
    if intercept == b1 * b2:
        return wrong("You multiplied the biases, but the second is added: begin with −3 · (−2), and add 5.")
    if intercept == w2 * b1:
        return wrong("The second layer's own bias is missing: add it once, at the end.")
    if intercept == w2 * -b1 + b2:
        return wrong("Minus times minus is plus: −3 · (−2) is 6, and then the 5 is added.")
    if intercept == w2 * (b1 + b2):
        return wrong("The second bias does not go through its own layer's weight: multiply only −2 by −3.")
    return wrong("The slope is right, the intercept is not: compute what the two layers give for x = 0.")


@exercise(
    minutes=4,
    hints=(
        "After two layers the bias is b1 @ W2 + b2. What does the third layer do with what it gets?",
        "All of it goes through W3, so put it in brackets; then b3 is added. The input x has no part in it.",
    ),
)
def third_bias(bias: given.function) -> Verdict:
    """The biases of three layers, collapsed into one."""
    draw = np.random.default_rng(0).normal
    b1, b2, b3 = draw(size=(3, 3))
    W2, W3 = draw(size=(2, 3, 3))  # square: each mistake has a shape that fits
    found = bias(b1, W2, b2, W3, b3, shape=(3,))

    def is_(*values: np.ndarray) -> bool:
        return any(np.allclose(found, value, atol=1e-6) for value in values)

    if is_((b1 @ W2 + b2) @ W3 + b3):
        bias(b1, W2[:, :2], b2[:2], W3[:2, :1], b3[:1], shape=(1,))
        return right("This is what a stack answers to 0: asking it that is enough to learn its bias.")
    if is_(b1 + b2 + b3):
        return wrong("You added them, but a bias goes through all later weights: begin with b1 @ W2.")
    if is_(b1 @ W2 + b2):
        return wrong("That is what reaches the third layer: it takes this through W3, and adds b3.")
    if is_(b1 @ W2 + b2 + b3):
        return wrong("The third layer's weights are missing: what reaches it goes through W3, then add b3.")
    if is_(b1 @ W2 @ W3 + b2 + b3):
        return wrong("The second biases reach the third layer, too: take b2 through W3 as well.")
    if is_((b1 @ W2 + b2) @ W3, b1 @ W2 @ W3):
        return wrong("A layer's own biases are missing: add them after its weights, b3 at the very end.")
    if is_(b1 @ W2 @ W3 + b3, b2 @ W3 + b3):
        return wrong("One layer's biases are lost: start with b1 @ W2 + b2, and use all of it.")
    if is_((b1 @ W2 + b2 + b3) @ W3, ((b1 + b2) @ W2 + b3) @ W3, (b1 + b2) @ W2 @ W3 + b3):
        return wrong("A bias does not go through its own layer's weights: add it after the product.")
    if is_(W3 @ (W2 @ b1 + b2) + b3, W3 @ W2 @ b1 + W3 @ b2 + b3):
        return wrong("A layer computes x @ W, not W @ x: what goes in stands on the left.")
    if np.allclose(found, bias(2 * b1, W2, 3 * b2, W3, 4 * b3, shape=(3,))):
        return wrong("It does not depend on the biases: use the names in the brackets, not those above.")
    return wrong("This is not the bias: follow b1 through the second layer, then all through the third.")


LINE, ROUNDING = (2, 3), 1e-4


@exercise(
    minutes=8,
    hints=(
        "Begin with any large stack, and ask networks.collapse which line it is. What does its last "
        "layer do to that?",
        "Multiply the last layer's weights, and the slope is multiplied; whatever its bias adds, the "
        "intercept gets.",
    ),
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
            return wrong("Somewhere all weights are 0, and x does not get through: leave one path at least.")
        if np.allclose((intercept, slope), LINE, rtol=1e-3):
            return wrong(f"{own}: you swapped the two, the slope must be 2.")
        if np.isclose(slope, LINE[0], rtol=1e-3):
            return wrong(f"{own}: the slope is right, so set the last layer's bias, which is simply added.")
        if np.isclose(intercept, LINE[1], rtol=1e-3):
            return wrong(f"{own}: the intercept is right, so multiply the last layer's weights.")
        return wrong(f"{own}: multiply the last layer's weights until the slope is 2, then set its bias.")
    off = max(abs(slope - LINE[0]), abs(intercept - LINE[1]))
    if off > ROUNDING:
        return wrong(
            f"Its slope or its intercept is off by {off:.1g}: exactly 2x + 3 leaves rounding alone, so set "
            "the weights yourself instead of training them."
        )
    if count <= to_beat:
        return wrong(
            f"It is 2x + 3, but {count:,} weights and biases do not beat {to_beat:,}: make its layers wider."
        )
    return right(f"Two numbers would do in place of {count:,}: their count says nothing of what they can do.")
