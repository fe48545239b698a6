"""What the reader answers in 03, linear collapse."""

from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong


@exercise(
    "03",
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
