"""The test before and after the course: eight concepts, each asked twice with other numbers.

Every key is computed from the numbers of its question; the wrong choices come from common mistakes.
"""

from typing import NamedTuple

from helpers import words
from helpers.practice import numbers

import numpy as np


class Question(NamedTuple):
    """A question of the test; choices: at least three, with the right one among them; why: for the key."""

    lesson: str
    text: str
    choices: list[str]
    right: str
    why: str


def line(slope: float, intercept: float) -> str:
    """Return a straight line in words."""
    sign = "−" if intercept < 0 else "+"
    return f"{words.number(slope)}·x {sign} {words.number(abs(intercept))}"


def ordered(right: str, *wrong: str) -> list[str]:
    """Return the distinct choices, sorted as numbers or else as texts."""
    choices = {right, *wrong}
    try:
        return sorted(choices, key=numbers.read)
    except ValueError:
        return sorted(choices)


def collapse(w1: int, b1: int, w2: int, b2: int) -> Question:
    """Two units without activation are one."""
    choices = [line(w1 * w2, b1 * w2 + b2), line(w1 + w2, b1 + b2), line(w1 * w2, b1 + b2)]
    return Question(
        "linear_collapse",
        f"A unit computes {line(w1, b1)}. Its result goes into a unit that computes {line(w2, b2)}. "
        "What do the two compute together?",
        ordered(*choices, line(w1 * w2, b1 * b2)),
        choices[0],
        "the second unit multiplies everything that it receives, including the first bias",
    )


def parameters(inputs: int, hidden: int) -> Question:
    """Count weights and biases."""
    right = hidden * (inputs + 1) + hidden + 1
    wrong = hidden * inputs + hidden, hidden + 1, inputs * hidden + 1
    return Question(
        "summation",
        f"A network has {inputs} inputs, one hidden layer of {hidden} units and one output unit. "
        "How many weights and biases does it have?",
        ordered(*(words.number(count) for count in (right, *wrong))),
        words.number(right),
        "each hidden unit has a weight for each input, and a bias; the output unit has a weight for each "
        "hidden unit, and a bias",
    )


def two_ways_to_fail(rmse: int, floor: int, needed: int) -> Question:
    """Failed to train, or cannot represent."""
    ways = ["it failed to train", "it cannot represent the answer", "it is good enough"]
    failed, cannot, enough = ways
    right = enough if rmse <= needed else cannot if floor > needed else failed
    return Question(
        "squaring",
        f"You need an RMSE of {needed}. A network ends at {rmse}; the best weights that it could have would "
        f"leave {floor}. What is wrong?",
        ways,
        right,
        "compare what it reached with its floor, and the floor with what you need",
    )


def kink(weight: float, bias: float) -> Question:
    """Where a ReLU unit has its kink."""
    places = [-bias / weight, bias / weight, bias, -bias, -weight / bias]
    return Question(
        "activations",
        f"Where is the kink of the unit relu({line(weight, bias)})?",
        ordered(*(f"at x = {words.number(round(place, 2))}" for place in places)),
        f"at x = {words.number(round(places[0], 2))}",
        "there the unit's sum is 0",
    )


def pieces(count: int, error: int) -> Question:
    """Twice the pieces, a quarter of the error."""
    shares = [error / 4, error / 2, error / 8, error]
    return Question(
        "activations",
        f"The best {count} straight pieces of equal length miss the squares by an RMSE of {error}. What do "
        f"{2 * count} pieces leave?",
        ordered(*(f"about {words.number(round(share))}" for share in shares)),
        f"about {words.number(round(shares[0]))}",
        "the error of a piece grows with the square of its length",
    )


def first_step(divisor: int, weight: float, rate: float) -> Question:
    """How far a step of the bias moves a kink, for inputs that are divided."""
    far = round(rate / weight * divisor)
    return Question(
        "input_scale",
        f"Numbers are divided by {words.number(divisor)} before they enter a ReLU unit. Its weight is "
        f"{weight:g}; a first step has lowered its bias from 0 to −{rate:g}. At which number is its kink?",
        ordered(*(words.number(place) for place in (far, rate / weight, round(rate * divisor), -far))),
        words.number(far),
        "the unit's sum is 0 at −bias / weight, times the divisor",
    )


def pairs(one: list[int], other: list[int]) -> Question:
    """Which of two recipes is better, by pairs of the same seed."""
    won = int(np.sum(np.less(one, other)))
    by_pairs = "A" if won >= len(one) / 2 else "B"
    by_best = "A" if min(one) <= min(other) else "B"
    by_mean = "A" if np.mean(one) <= np.mean(other) else "B"
    right = f"{by_pairs}, lower in {max(won, len(one) - won)} of {len(one)} pairs"
    wrong = f"{by_best}, which has the best run", f"{by_mean}, which has the lower mean"
    return Question(
        "advice_on_trial",
        f"Two recipes, each with the same {len(one)} seeds in the same order. RMSE of A: "
        f"{', '.join(map(str, one))}. RMSE of B: {', '.join(map(str, other))}. Which is better, and why?",
        sorted([right, *wrong]),
        right,
        "count pairs: one lucky or unlucky run decides the best run and the mean",
    )


def beyond(first: int, at_first: int, second: int, at_second: int, far: int) -> Question:
    """A ReLU network is a straight line beyond its last kink."""
    slope = (at_second - at_first) / (second - first)
    on = round(at_second + slope * (far - second))
    wrong = far**2, at_second, round(at_second * far / second)
    return Question(
        "extrapolation",
        f"A ReLU network has learned the squares of the numbers up to {first}; all its kinks are among them. "
        f"It gives {words.number(at_first)} for {first} and {words.number(at_second)} for {second}. "
        f"What does it give for {far}?",
        ordered(*(words.number(answer) for answer in (on, *wrong))),
        words.number(on),
        "beyond its last kink it is a straight line",
    )


BEFORE = [
    parameters(2, 5),
    two_ways_to_fail(300, 20, 50),
    collapse(2, 3, 4, 1),
    kink(2, -6),
    pieces(4, 80),
    first_step(1000, 0.5, 0.001),
    pairs([20, 22, 25, 24, 90], [28, 30, 29, 31, 19]),
    beyond(100, 9900, 110, 11_800, 200),
]
AFTER = [
    parameters(3, 10),
    two_ways_to_fail(62, 60, 25),
    collapse(3, 2, 5, 4),
    kink(4, -20),
    pieces(10, 32),
    first_step(10_000, 0.2, 0.001),
    pairs([41, 40, 44, 43, 12], [30, 33, 31, 35, 99]),
    beyond(50, 2480, 60, 3400, 100),
]
