"""The predictions and exercises of this lesson."""

from helpers import closed_forms, experiments, words
from helpers.checks import InputError
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.features import Slope, Straight
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import prediction
from helpers.problems import Problem, Scaling, rmse
from helpers.question import LARGEST

import numpy as np

BEYOND = [LARGEST + step * LARGEST // 5 for step in range(11)]  # the points of the first drawing
ENDLESS, LIMITED, NOT = "yes, without limit", "yes, up to a limit", "no"
ALL, TWO, ONE = "all three", "ReLU and tanh", "only ReLU"
ABOUT, LESS, MORE = "about its square", "much less", "much more"
SMALL, MIDDLE, GREAT, HUGE = "below 1", "1 to 100", "100 to 10,000", "above 10,000"


def size(error: float) -> str:
    """Return the option that an RMSE falls into."""
    return SMALL if error < 1 else MIDDLE if error < 100 else GREAT if error < 10_000 else HUGE


@prediction(
    f"Draw what the network predicts from {LARGEST:,} to {BEYOND[-1]:,}.",
    Drawing(
        *(BEYOND, 0, BEYOND[-1] ** 2, "input x", "prediction"),
        features=[Straight(), Slope()],
        ghost=("x²", [x**2 for x in BEYOND]),
        known={LARGEST: LARGEST**2},
        trained=True,
    ),
)
def beyond_the_examples(trained, twice):
    answer = float(trained.answers(np.array([[twice]]))[0, 0])
    sentence = f"At {words.number(twice)} it predicts {words.about(answer, 6)}, not {words.number(twice**2)}."
    return trained.answers(np.array(BEYOND)[:, np.newaxis])[:, 0].tolist(), sentence


@prediction(
    f"What will the network predict for {10 * LARGEST:,}?", Number(trained=True, within=0.02, digits=6)
)
def far_answer(far_answers, far, a, b):
    sentence = f"The line read from the weights, {words.line(a, b)}, gives this at x = "
    sentence += f"{words.number(far)} once you use unrounded values."
    return float(far_answers[1, 0]), sentence


@prediction(
    "Do more pieces help beyond the range?",
    Choice([ENDLESS, LIMITED, NOT]),
    {
        ENDLESS: "The more pieces, the steeper the last one, but never steeper than the curve at its end.",
        NOT: "With more pieces the last one is steeper, so the line beyond the range rises faster.",
    },
)
def more_pieces(twice):
    few, many, endless = (closed_forms.error_beyond(twice, LARGEST, k) for k in (1, 500, LARGEST))
    sentence = f"From {words.number(round(few))} to {words.number(round(many))}, but never below "
    sentence += f"{words.number(round(endless))}."
    return NOT if many >= few else LIMITED if endless > few / 10 else ENDLESS, sentence


@prediction(
    f"What does the network that makes no error up to {LARGEST:,} predict for {2 * LARGEST:,}?",
    Number(within=0.01),
)
def perfect_beyond(perfect, twice, n):
    answer = int(experiments.answers(perfect, Scaling(n, n**2), np.array([[twice]]))[0, 0])
    last = words.number(n)
    return answer, f"The square is {words.number(twice**2)}; from {last} on only {last} · x remains."


@prediction(
    "Which of the three grow without limit far outside the range?",
    Choice([ALL, TWO, ONE]),
    {
        ALL: "Far out tanh is at its level and a sine stays between its bounds: only ReLU goes on.",
        TWO: "tanh keeps rising, but only towards a level that it never passes.",
    },
)
def growing_activations(runs):
    places = np.array([[100 * LARGEST], [10_000 * LARGEST]])
    sizes = {name: np.median(np.abs(group.answers(places)), axis=0)[:, 0] for name, group in runs.items()}
    grow = [name for name, (far, farther) in sizes.items() if farther > 10 * far]
    sentence = "tanh approaches a level, and the sine stays in a band."
    return {3: ALL, 2: TWO, 1: ONE}[len(grow)], sentence


@prediction(
    "What does the unit with x and x² as inputs predict far beyond its range?",
    Choice([LESS, ABOUT, MORE]),
    {
        LESS: "A line falls behind the squares, but this unit only has to pass on the x² it is given.",
        MORE: "The weight on x² decides so far out, and training brings it close to 1.",
    },
)
def square_as_input(answer, farthest):
    share = answer / farthest**2
    sentence = f"For {words.number(farthest)} it predicts {words.about(answer, 4)}."
    return LESS if share < 0.9 else MORE if share > 1.1 else ABOUT, sentence


@prediction(
    "Fed with logarithms: how large is its RMSE on products, which it has never seen?",
    Choice([SMALL, MIDDLE, GREAT, HUGE]),
)
def products_from_sums(multiply, pairs, products):
    error = rmse(products, multiply(pairs, stretch=1))
    return size(error), f"It is {words.about(error)}, where products go up to {words.number(LARGEST**2)}."


@prediction("And how large is the RMSE on the squares?", Choice([SMALL, MIDDLE, GREAT, HUGE]))
def squares_from_sums(squared, every_y):
    error = rmse(every_y, squared)
    return size(error), f"It is {words.about(error)}, by a network that has never seen a square."


@exercise(
    "Far to the right a unit is on if its x has a positive weight. Which of the three are on?",
    "4·(x − 2) − (2x − 10) + 7 is left: the third unit is off. Multiply out.",
    minutes=6,
)
def last_line(slope: given.number, intercept: given.number) -> Verdict:
    """The line beyond the last kink of 4·relu(x − 2) − relu(2x − 10) + 5·relu(3 − x) + 7."""
    inner, bias, outer = np.array([1, 2, -1]), np.array([-2, -10, 3]), np.array([4, -1, 5])
    on = inner > 0

    def line(v: np.ndarray = outer * on, w: np.ndarray = inner, b: np.ndarray = bias, end: int = 7) -> tuple:
        return float(v @ w), float(v @ b + end)

    if np.allclose((slope, intercept), line()):
        return right(
            f"It holds from the last kink on, at x = {max(-bias / inner):g}; at x = 1,000,000 the network "
            f"predicts {slope * 1e6 + intercept:,.0f}: far out only the slope counts."
        )
    own = "first multiply each by its unit's own weight on x."
    lines = {  # if only these units are on, or if a part is missing
        "The third unit is off there, as its x has a minus: leave it out.": line(outer),
        "The last layer's own bias is missing: add 7.": line(end=0),
        "That is the line before the last kink: from x = 5 on the second unit is on as well, so subtract "
        "2x − 10.": line(outer * [1, 0, 0]),
        "The first unit stays on as well: add its 4·(x − 2).": line(outer * [0, 1, 0]),
        "The third unit is on to the left, not to the right: look for a positive weight on x.": line(
            outer * [0, 0, 1]
        ),
        "The second unit's own weight is missing: 2 times −1 is its share of the slope.": line(
            w=np.sign(inner)
        ),
        "The last layer subtracts the second unit: change its signs.": line(abs(outer) * on),
        "The last layer's weights are missing: multiply each unit by its own.": line(1.0 * on),
        "The slope is right, but the last weights also multiply the units' −2 and −10: multiply out.": line(
            b=0 * bias
        ),
        "Minus times minus is plus: −(2x − 10) is −2x + 10.": line(b=bias * [1, -1, 1]),
        "They are swapped: the slope is the number that multiplies x, so give it first.": line()[::-1],
        f"8 is the sum of all last weights: {own}": (8, intercept),
        f"3 is the sum of the last weights of the units that are on: {own}": (3, intercept),
        "The slope is right, the intercept is not: put x = 0 into 4·(x − 2) − (2x − 10) + 7.": (2, intercept),
    }
    return mistaken((slope, intercept), lines) or wrong(
        "This is not the line: find the units that are on at x = 100, and add only those up."
    )


@exercise(
    "The error is nearly the square of a distance. Of which?",
    f"It is (x − {LARGEST:,})²: how far is 4,000 from the end of the range?",
    minutes=4,
)
def error_farther_out(error: given.number) -> Verdict:
    """The error at 4,000, if it is 1,000,000 at 2,000."""
    far = 4 * LARGEST
    truth = closed_forms.error_beyond(far, LARGEST, 500)
    if abs(error / truth - 1) < 0.02:
        return right(
            f"With 500 pieces it is {truth:,.0f}, and the prediction is {1 - truth / far**2:.0%} of the "
            "square; three times as far from the range, nine times the error.".replace("%", " %")
        )
    mistakes = {
        "The line does not keep pace with the curve, which gets steeper and steeper: square a distance.": 1e6,
        "It grows faster than a line, as a distance squared: compare how far 2,000 and 4,000 are from "
        "the end of the range.": 2e6,
        "Three times as far from the range is right: now square the three.": 3e6,
        "Twice the x, squared; but the distance counts from the end of the range: start at 1,000.": 4e6,
        "That is the square itself, as if the network predicted 0: subtract its line.": 16e6,
        "That is the value on the line; the error is the rest of the square: take it from 16,000,000.": 7e6,
        "Its size is right, but the curve is above the line: give the error without the minus.": -truth,
    }
    smaller = {
        "That is the distance to the end of the range: square it.": 3000,
        "That is how many times larger it is: multiply the error at 2,000 by it.": 9,
    }
    return (
        mistaken(error, mistakes, rtol=0.02)
        or mistaken(error, smaller, rtol=0, atol=0)
        or wrong(
            "Count the distance from the end of the range, 1,000, and square it: that is nearly the error."
        )
    )


def network_that_adds(value: object, name: str) -> experiments.Trained:
    """Read the network that adds."""
    if type(value) is not experiments.Trained or value.problem.operation != "sum":
        raise InputError(f"{name} must be the network that adds, but is {given.short(value)}: give `adder`.")
    return value


@exercise(
    "The network computes with about 7 digits of a number: near 0 that is far finer than near 1,000.",
    "Let the large products lie near 0: take the logarithm of x / 1,000, and multiply by 1,000² last.",
    minutes=12,
    seconds=60,
)
def better_representation(
    adder: network_that_adds, encode: given.function, decode: given.function
) -> Verdict:
    """Open: numbers for the network that adds, so that it multiplies better."""
    pairs, products = Problem("product", inputs=2).draw(1000, seed=1)
    stretch = LARGEST / np.log(LARGEST)

    def asked(numbers: np.ndarray) -> np.ndarray:
        answers = adder.model.predict(adder.scaling.inputs(numbers), verbose=0)
        return (answers * adder.scaling.y_divisor).astype(float)  # with the precision of the notebook's

    logs = stretch * np.log(pairs)
    added = asked(logs)
    if not np.allclose(added, logs.sum(axis=1, keepdims=True), rtol=0.01, atol=1):
        return wrong("This network does not add: give the `adder` that the notebook trained.")
    beat = rmse(products, np.rint(np.exp(added / stretch)))
    pairs = pairs.astype(float)
    given_numbers = encode(pairs)
    mixed = encode(np.column_stack([pairs[:, 0], pairs[::-1, 1]]))  # the same numbers in other pairs
    if not np.allclose(mixed, np.column_stack([given_numbers[:, 0], given_numbers[::-1, 1]]), rtol=1e-9):
        return wrong(
            "`encode` looks at both numbers together, and may multiply them itself: encode each alone."
        )
    if not np.allclose(encode(pairs[:, ::-1]), given_numbers[:, ::-1], rtol=1e-9):
        return wrong("`encode` treats the first number differently from the second: treat both alike.")
    if not _by_rows(encode, pairs, given_numbers):
        return wrong("`encode` depends on the other pairs: use nothing but the two numbers of a pair.")
    sums = asked(given_numbers)
    decoded = decode(sums)
    if not _by_rows(decode, sums, decoded):
        return wrong("`decode` does not give each sum its own product: use nothing but its argument.")
    error = rmse(products, np.rint(decoded))
    result = f"The RMSE is {readable(error)}"
    if error < beat:
        return right(
            f"{'Every product is right' if error == 0 else result}, with the same weights, where the "
            f"stretched logarithms leave {words.about(beat)}: what a network can do depends on the form of "
            "its inputs."
        )
    if np.allclose(decoded, sums, atol=0.5):
        return wrong(
            f"{result}: the sums stay as they are; let decode undo what encode does, as exp undoes log."
        )
    if np.allclose(given_numbers, np.log(pairs)):
        return wrong(
            f"{result}: these are bare logarithms, which leave a larger error than stretched ones; "
            "stretch them."
        )
    if error > 100 and np.allclose(decode(given_numbers[:, :1]), pairs[:, :1]):
        return wrong(
            f"{result}, as `decode` undoes `encode`, but the sum of two such numbers does not stand for a "
            "product: encode with logarithms, whose sums do."
        )
    if error > LARGEST**2 / 10:
        (one, other), gives = pairs[0], readable(float(decoded[0, 0]))
        return wrong(
            f"{result}, and for {one:g} · {other:g} = {one * other:,.0f} it gives {gives}: let decode undo "
            "each step of encode, last one first."
        )
    if np.allclose(given_numbers, stretch * np.log(pairs)):
        if not np.array_equal(np.rint(decoded), np.rint(np.exp(sums / stretch))):
            return wrong(f"{result}: `encode` is the notebook's, so let `decode` undo just what it did.")
        return wrong(f"{result}: that is the notebook's own, the one to beat; shift the logarithms as well.")
    return wrong(
        f"{result}, and the stretched logarithms leave {words.about(beat)}: find out where on the "
        "axis its 7 digits tell large products apart best."
    )


def _by_rows(code: given.function, values: np.ndarray, whole: np.ndarray) -> bool:
    """Return whether each row of the result depends on its own value alone."""
    if not np.allclose(code(values[::-1].copy())[::-1], whole, rtol=1e-9):
        return False
    parts = np.concatenate([code(values[:1].copy()), code(values[1:].copy())])
    return np.allclose(parts, whole, rtol=1e-9)


def readable(value: float) -> str:
    """Return a trained number in words, a huge one as a power of ten."""
    return words.about(value) if abs(value) < 1e12 else f"≈ {value:.1e}".replace("≈ -", "≈ −")
