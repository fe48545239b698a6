"""The predictions and exercises of this lesson."""

import bisect
import contextlib

from helpers import closed_forms, experiments, networks, question, words
from helpers.checks import InputError
from helpers.lessons import numbered
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.forms import Choice, Number
from helpers.practice.predict import prediction
from helpers.practice.spreads import SPREADS, extent, spread
from helpers.problems import Problem, Scaling, rmse
from helpers.question import FLOOR, LARGEST, SQUARE, X, Y
from helpers.train import TrainingDiverged

import numpy as np

SMALL = [8, 8, 1]
MOST = Choice(["most clearly below the floor of every line", "most near that floor", "most near the mean"])
INSIDE = ["all inside the range", "some inside, some outside", "all outside the range"]
LEARN = {0: "none", 1: "only the bias of the last layer", 3: "the biases of all layers", 6: "all of them"}
BELOW = ["all below the floor of every line", "some below it", "all above it"]


def where(errors: np.ndarray) -> str:
    """Return the option of MOST for the median of the errors."""
    return MOST.options[bisect.bisect_left((0.9, 1.5), np.median(errors) / FLOOR)]


def on_all(runs: experiments.Runs, x: np.ndarray = X, y: np.ndarray = Y) -> np.ndarray:
    """Return the RMSE of each run on all numbers, for which the floor of every line holds."""
    return np.array([rmse(y, answers) for answers in runs.answers(x)])


def middle(errors: np.ndarray) -> str:
    """Return a sentence with the median of the errors."""
    return f"The median is {words.about(np.median(errors))}."


@prediction("A few people train the large network. How far apart are their errors?", SPREADS)
def large_alike(large_runs, every_x, every_y):
    reached = on_all(large_runs["x/L²"], every_x, every_y)
    return spread(reached), extent(reached)


@prediction(
    "Where will the starts of 8-8-1 end at x/L²?",
    MOST,
    {
        "most clearly below the floor of every line": "That ReLU could bend the curve does not mean that "
        "training gets there.",
        "most near that floor": "Even the best line has to rise, and most of these networks stay far too "
        "flat.",
    },
)
def small_copy_ends(small_runs):
    errors = on_all(small_runs["x/L²"])
    return where(errors), middle(errors)


@prediction(
    "Where will the kinks of the first layer be after one step at x/L²?",
    Choice(INSIDE),
    {
        "all inside the range": "One step is short for the weights, but at x/L² as long as the whole range "
        "of the inputs.",
        "some inside, some outside": "Adam moves each bias by the same step, or not at all: at x/L² it spans "
        "the whole range.",
    },
)
def kinks_after_a_step(moved, problem):
    _, kinks = moved["x/L²"]
    inside = (kinks >= 1) & (kinks <= problem.largest)
    sentence = f"The farthest has gone {words.about(np.abs(kinks).max())} from 0."
    every, some, none = INSIDE
    return every if inside.all() else some if inside.any() else none, sentence


@prediction(
    "Where will the starts end at x/L² without hidden biases?",
    MOST,
    {
        "most clearly below the floor of every line": "Without hidden biases every kink stays at 0, so the "
        "network cannot be more than a line.",
        "most near the mean": "Too little time was the other suspect, but without these biases the same "
        "epochs are enough for a line.",
    },
)
def without_biases(ends):
    return where(ends), middle(ends)


@prediction(
    "With all units of the first layer dead, what can still learn?",
    Choice([*LEARN.values()]),
    {
        "none": "Dead units block what passes through them, but the last bias is added after them.",
        "the biases of all layers": "Keras passes no gradient through a unit that gives 0, not even to that "
        "unit's own bias.",
        "all of them": "A weight learns only if its change would change an answer, and dead units pass "
        "nothing on.",
    },
)
def dead_start_learns(dead, inputs, targets):
    largest = [float(np.abs(each).max()) for each in networks.gradients(dead, inputs, targets)]
    moving = sum(each > 0 for each in largest)
    return LEARN[moving], f"Its gradient is {largest[-1]:.2f}; those of the others are 0."


CURED = "At x/L, how many of the starts end below the floor of every line?"


@prediction(CURED, Number("starts", trained=True))
def below_at_x_over_l(small_runs):
    errors = on_all(small_runs["x/L"])
    below = np.sum(errors < 0.9999 * FLOOR)  # an answer is rounded to a whole number
    return int(below), f"{middle(errors)[:-1]} and the highest {words.about(errors.max())}."


@prediction(
    "At which scale does the worst start of 8-8-1 do best?",
    Choice(["x/L²", "x/L", "standardised"]),
    {
        "x/L²": "There the inputs are no larger than a step of the biases, and most starts end near the "
        "mean.",
        "x/L": "Most starts do well at x/L, but all kinks begin at 0, the edge of the range.",
    },
)
def best_for_the_worst(small_runs):
    worst = {name: on_all(runs).max() for name, runs in small_runs.items()}
    best = min(worst, key=worst.get)
    return best, f"Its highest RMSE is {words.about(worst[best])}; at x/L it is {words.about(worst['x/L'])}."


@prediction(
    "Where will the large network end at x/L?",
    Choice(BELOW),
    {
        "some below it": "At x/L² it was such a lottery; at x/L most inputs are large compared with a step.",
        "all above it": "The activations were there already; dividing by L lets them do their work.",
    },
)
def large_at_x_over_l(large_runs, every_x, every_y):
    before, now = (on_all(large_runs[name], every_x, every_y) for name in ("x/L²", "x/L"))
    place = 0 if (now < FLOOR).all() else 1 if (now < FLOOR).any() else 2
    worst = [words.about(errors.max()) for errors in (before, now)]
    return BELOW[place], f"The highest RMSE is {worst[1]}; at x/L² it was {worst[0]}."


STEP, WEIGHT = 0.001, 0.4  # as in the exercise's cell


@exercise(
    "The unit takes x divided by L² or by L: find its kink −b/w there first, then multiply back.",
    "−b/w is 0.001 / 0.4. Multiply it by L² for the first answer, and by L for the second.",
    minutes=3,
)
def kink_after_step(at_l_squared: given.number, at_l: given.number) -> Verdict:
    """Where one step of the bias puts a kink, at x/L² and at x/L."""
    kink, product, over = STEP / WEIGHT, STEP * WEIGHT, WEIGHT / STEP
    far, near = kink * LARGEST**2, kink * LARGEST
    scales = np.array([LARGEST**2, LARGEST])
    sign = "has the wrong sign: the bias fell below 0, so −b/w is positive."
    mistakes = {
        "That is the kink in the divided x: multiply it by L², and by L.": (kink, kink),
        "They are swapped: in x, the larger divisor puts the kink farther away.": (near, far),
        "That is where the kink was before the step, with a bias of 0: use the new bias.": (0, 0),
        "That is made from 0.001 · 0.4: divide the bias by the weight.": product * scales,
        "400 is 0.4 / 0.001, turned over: −b/w is the bias divided by the weight.": (over, over),
        "That is made from 0.4 / 0.001: divide the bias by the weight instead.": over * scales,
        f"The kink at x/L² {sign}": (-far, at_l),
        f"The kink at x/L {sign}": (at_l_squared, -near),
    }
    if found := mistaken((at_l_squared, at_l), mistakes, rtol=0.01, atol=1e-9):
        return found
    if at_l_squared == at_l:
        return wrong("They can't be the same: −b/w is, but one is multiplied by L², the other by L.")
    if not np.isclose(at_l_squared, far, rtol=0.01):
        return wrong("The kink at x/L² is not there: divide 0.001 by 0.4, and multiply by L².")
    if not np.isclose(at_l, near, rtol=0.01):
        return wrong("The kink at x/L² is right, the one at x/L is not: multiply −b/w by L.")
    out, near_0 = map(words.number, (far, near))
    return right(f"At x/L² the kink is thrown out of the range, to {out}; at x/L it only moves to {near_0}.")


WEIGHTS, BIASES = np.array([0.5, -0.3, 0.8, -1.0]), np.array([0.1, 0.2, -0.9, 0.5])  # as in the cell


@exercise(
    "For each unit compute w·x + b at both ends of the inputs, x = 0 and x = 1.",
    "Negative at both ends: dead. Positive at both: on for every x. One of each: it bends.",
    minutes=3,
)
def which_units(dead: given.array, bend: given.array) -> Verdict:
    """Which of four units are dead, and which bend, for inputs from 0 to 1."""
    at_0, at_1 = BIASES > 0, WEIGHTS + BIASES > 0
    dies, bends = (set(1 + np.flatnonzero(each)) for each in (~at_0 & ~at_1, at_0 != at_1))
    dead, bend = set(np.ravel(dead)), set(np.ravel(bend))
    ends = "compute its w·x + b at x = 0 and at x = 1"
    if (dead, bend) == (dies, bends):
        return right("A unit with a negative weight need not be dead: the sign of w·x + b decides.")
    if (dead, bend) == ({unit - 1 for unit in dies}, {unit - 1 for unit in bends}):
        return wrong("Counted from 0 this is right: call the first unit 1.")
    if not dead | bend <= {1, 2, 3, 4}:
        return wrong("The units are called 1, 2, 3 and 4: give these numbers, in two lists.")
    if dead == {2, 4}:
        return wrong("A negative weight alone kills no unit: with their biases, 2 and 4 are on at x = 0.")
    if dead != dies:
        odd = min(dead ^ dies)
        return wrong(
            f"You are wrong about unit {odd:g}, which is {'not ' if odd in dead else ''}dead: {ends}."
        )
    odd = min(bend ^ bends)
    return wrong(
        f"Your dead units are right, but unit {odd:g} does {'not ' if odd in bend else ''}bend: {ends}."
    )


OTHER = Problem("square", largest=20 * LARGEST)
TRIALS, ENOUGH, SHORT = range(8), 6, question.EPOCHS // 5


@exercise(
    "Other numbers, same rule: which divisor brings the largest input near 1?",
    numbered("Divide by the largest number, as notebook {{ activations }} did with its own."),
    minutes=4,
    seconds=60,
)
def curing_divisor(divisor: given.number) -> Verdict:
    """The divisor that lets 8-8-1 learn squares up to 20,000."""
    if divisor == 0:
        return wrong("Nothing can be divided by 0: give a number about as large as the inputs.")
    every_x, every_y = OTHER.every_number()
    plan = {"activation": "relu", "scale": Scaling(divisor, OTHER.largest_target), "epochs": SHORT}
    size = abs(OTHER.largest / divisor)
    rounded = float(f"{size:.3g}")  # written as 0.00005, not as 5e-05
    reach = f"{rounded:,.0f}" if size >= 1e9 else np.format_float_positional(rounded, trim="-")
    reach = words.short(size) if 1e-4 <= size < 1e9 else reach
    inputs = f"the inputs {'reach ' if divisor > 0 else 'go down to −'}{reach}"
    try:
        runs = experiments.run_seeds(OTHER, SMALL, **plan, seeds=TRIALS)
    except TrainingDiverged:
        return wrong(f"The training diverges, as {inputs}: bring the largest to about 1.")
    goal = closed_forms.line_floor(OTHER.largest) / 2
    count = np.sum(on_all(runs, every_x, every_y) < goal)
    end = "ends" if count == 1 else "end"
    result = f"≈ {count} of {len(TRIALS)} starts {end} below half the floor of every line"
    if count >= ENOUGH:
        return right(f"{result}, as {inputs}, and the step of a bias is short compared with that.")
    if divisor < 0:
        return wrong(f"{result}, where {inputs}: take a divisor above 0.")
    if divisor == OTHER.largest_target:
        return wrong(f"{result}, as this is L², and the inputs only reach {reach}: divide by L.")
    if divisor == LARGEST:
        return wrong(f"{result}, as this is the L of the old numbers: use the largest of the new ones.")
    if divisor < OTHER.largest:
        return wrong(f"{result}, and {inputs}: take a larger divisor, for inputs up to about 1.")
    panel = f"the panel below shows, at x/{LARGEST**2:,}, what too small inputs do"
    return wrong(f"{result}, as the inputs only reach {reach}: take a smaller divisor; {panel}.")


FEW, FIGURE, QUICK_STARTS = question.EPOCHS // 25, question.EPOCHS // 50, 20
OPEN = ("epochs", "initializer", "learning_rate", "scale")


def recipe(value: object, name: str) -> dict:
    """Read a dictionary of the settings that the learner may choose; experiments checks their values."""
    if not isinstance(value, dict):
        raise InputError(f'{name} must be a dictionary, as {{"epochs": 20}}, but is {given.short(value)}.')
    other = [key for key in value if key not in OPEN]
    if other:
        raise InputError(f"{name} sets {other[0]!r}, but this is fixed here: set only {', '.join(OPEN)}.")
    if not isinstance(value.get("initializer", ""), str):
        raise InputError('"initializer" must be a name, for example "glorot_uniform": write one.')
    if not isinstance(value.get("scale", ""), str | Scaling):
        raise InputError('"scale" must be "question", "largest" or "standardised": write one of the three.')
    numbers = {key: given.number(value[key], key) for key in ("epochs", "learning_rate") if key in value}
    return {"scale": "question", "epochs": question.EPOCHS, "learning_rate": STEP} | value | numbers


@exercise(
    "At which scale did even the worst start do well?",
    'Take "scale": "standardised", and a "learning_rate" ten times 0.001.',
    minutes=8,
    seconds=60,
)
def quick_recipe(recipe: recipe) -> Verdict:
    """Every start of 8-8-1 below the floor of every line, in few epochs."""
    epochs, rate, scale = recipe["epochs"], recipe["learning_rate"], recipe["scale"]
    if not 1 <= epochs <= FEW or epochs != int(epochs):
        return wrong(
            f"That takes {words.number(epochs)} epochs: set a whole number of them, from 1 to {FEW}."
        )
    if not 0 < rate <= 10:
        return wrong("This learning rate is of no use: set one above 0, and far below 1.")
    plan = recipe | {"activation": "relu", "epochs": int(epochs), "seeds": range(QUICK_STARTS)}
    try:
        errors = on_all(experiments.run_seeds(SQUARE, SMALL, **plan))
    except TrainingDiverged:
        return wrong(f"The training diverges at the rate {rate:g}: try a much lower one, or another scale.")
    count, worst = np.sum(errors < FLOOR), words.about(errors.max())
    result = (
        f"≈ {count} of {len(errors)} starts {'is' if count == 1 else 'are'} below the floor of every line, "
        f"and the worst is at {worst}"
    )
    if count == len(errors):
        beaten = f"that beats our {FIGURE}" if epochs < FIGURE else "now try it with fewer"
        return right(f"{result}, after {epochs:g} epochs: {beaten}.")
    if scale == "question":
        return wrong(f"{result}, as at x/L² the steps of biases switch units off: change the scale first.")
    if scale == "largest":
        many = "many starts need longer to bend, and a few never do"
        why = many if count < 15 else "a few starts never bend"
        return wrong(f"{result}, as at x/L {why}: try inputs on both sides of 0.")
    other = {}
    rates = [float(f"{each:.1g}") for each in (rate / 3, 3 * rate)]
    for near in rates:
        with contextlib.suppress(TrainingDiverged):
            ends = on_all(experiments.run_seeds(SQUARE, SMALL, **plan | {"learning_rate": near}))
            other[near] = np.sum(ends >= FLOOR), ends.max()
    best = min(other, key=other.get, default=rate)
    if other.get(best, (np.inf,)) < (len(errors) - count, errors.max()):
        above, highest = other[best]
        way = "higher" if best > rate else "lower"
        better = f"≈ {len(errors) - above} are, and the worst is at {words.about(highest)}"
        return wrong(f"{result}, but with a rate of {best:g} {better}: try a {way} one.")
    more = f"try more epochs, up to {FEW}" if epochs < FEW else "try a rate far from these"
    return wrong(f"{result}, and with a rate of {rates[0]:g} or {rates[1]:g} it is no better: {more}.")
