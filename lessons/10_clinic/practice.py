"""The predictions and exercises of this lesson."""

from helpers import reading, words
from helpers.checks import InputError
from helpers.cure import floors
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, mistaken, right, wrong
from helpers.practice.forms import Choice, Number
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.train import TrainingDiverged

import keras
import numpy as np

from .cases import CASES, Case

INPUTS, TARGETS = "the size of the inputs", "the size of the targets"
HIDDEN, END = "a missing activation", "the last activation"
SHORT, NOTHING = "too few epochs", "nothing: no network can do better"
CAUSES = [INPUTS, TARGETS, HIDDEN, END, SHORT, NOTHING]
ALLOWED = 20  # points on the wrong side of the circle
LARGE, LARGE_TARGETS = 10, 1000
# Their names in `diagnose`.
NAMES = {
    "thermometer": {"diverged", "large inputs"},
    "houses": {"large targets"},
    "line": {"last layer", "range"},
    "circle": {"no activation"},
    "sum": {"last layer", "range"},
    "dice": {"healthy"},
}


def lowest_rmse(x: np.ndarray, y: np.ndarray) -> float:
    """Return the RMSE of the best function, which predicts the mean of rows with the same inputs."""
    _, same = np.unique(x, axis=0, return_inverse=True)
    means = np.bincount(np.ravel(same), np.ravel(y)) / np.bincount(np.ravel(same))
    return rmse(y, means[np.ravel(same)].reshape(-1, 1))


def first_cause(model: keras.Model, x: np.ndarray, y: np.ndarray) -> tuple[str, str]:
    """Return the cause to treat first, and the evidence for it."""
    *hidden, last = reading.layers(model, "the clinic")
    if last.activation is keras.activations.softmax and last.dense.units == 1:
        return END, "Softmax of one unit is 1, whatever reaches it."
    if last.activation is keras.activations.relu and y.min() < 0:
        return END, f"ReLU cannot give less than 0, and the targets start at {words.number(y.min())}."
    answers, lowest = np.asarray(model(x), dtype=float), lowest_rmse(x, y)
    if np.abs(x).max() > LARGE:
        return (
            INPUTS,
            "A step changes the prediction in proportion to the square of the input, and inputs reach "
            f"{np.abs(x).max():,g}.",
        )
    if np.abs(y).max() > LARGE_TARGETS:
        reached = words.about(np.abs(answers).max())
        return TARGETS, f"They reach {np.abs(y).max():,.0f}, and the predictions only {reached}."
    if hidden and all(layer.linear for layer in hidden):
        return HIDDEN, f"Without it the {len(hidden) + 1} layers multiply out to a single one."
    if rmse(y, answers) < 1.02 * lowest:
        return (
            NOTHING,
            f"Its RMSE is {words.about(rmse(y, answers))}, and on these rows no function gets below "
            f"{lowest:.2f}.",
        )
    return SHORT, f"The RMSE is {words.about(rmse(y, answers))}, and could still fall."


@prediction("The thermometer: what is the first cause?", Choice(CAUSES))
def cause_thermometer(thermometer, celsius, fahrenheit):
    return first_cause(thermometer, celsius, fahrenheit)


@prediction("The houses: what is the first cause?", Choice(CAUSES))
def cause_houses(houses, features, prices):
    return first_cause(houses, features, prices)


@prediction("The line: what is the first cause?", Choice(CAUSES))
def cause_line(line, x, y):
    return first_cause(line, x, y)


@prediction("The circle: what is the first cause?", Choice(CAUSES))
def cause_circle(circle, points, inside):
    return first_cause(circle, points, inside)


@prediction("The sum: what is the first cause?", Choice(CAUSES))
def cause_sum(total, pairs, above):
    return first_cause(total, pairs, above)


@prediction("The dice: what is the first cause?", Choice(CAUSES))
def cause_dice(throws, dice, pips):
    return first_cause(throws, dice, pips)


@prediction("For how many of the six networks does `diagnose` name the cause that we found?", Number("of 6"))
def same_opinion(opinions):
    same = [opinion.cause in NAMES[name.split()[-1]] for name, opinion in opinions.items()]
    others = [name for name, agrees in zip(opinions, same, strict=True) if not agrees]
    return sum(same), f"It disagrees about {' and '.join(others)}." if others else "It never disagrees."


@exercise(
    "The mean of the inputs should become 0, and their size about 1.",
    "Subtract celsius.mean(), and divide by celsius.std().",
    minutes=3,
    seconds=60,
)
def cure_thermometer(shift: given.number, divisor: given.number) -> Verdict:
    """Which inputs cure the thermometer."""
    if divisor == 0:
        return wrong("Nothing can be divided by 0: take roughly the standard deviation of the inputs.")
    case = CASES["thermometer"].scaled(shift, divisor)
    inputs = f"the inputs run from {floors.span(case.x.min(), case.x.max())}"
    try:
        error = rmse(case.y, case.trained(case.build(0)))
    except TrainingDiverged:
        return wrong(f"It still diverges, and {inputs}: bring them to about −2 to 2.")
    result = f"after {case.epochs} epochs the RMSE is {words.about(error)}"
    if error < 1:
        return right(f"It learns: {inputs}, and {result} degrees.")
    if abs(case.x.mean()) > case.x.std():
        return wrong(
            f"It does not diverge, but {result}, as {inputs}: also shift them so that their mean is 0."
        )
    return wrong(f"It does not diverge, but {result}, as {inputs}: bring them to about −2 to 2.")


@exercise(
    "What the network learns should have the mean 0 and the size 1.",
    "Take prices.mean() and prices.std(), or numbers near them.",
    minutes=3,
    seconds=60,
)
def cure_houses(price_shift: given.number, price_divisor: given.number) -> Verdict:
    """Which targets cure the houses."""
    if price_divisor == 0:
        return wrong("Nothing can be divided by 0: take roughly the standard deviation of the prices.")
    case, prices = CASES["houses"].scaled(0, 1, price_shift, price_divisor), CASES["houses"].y
    error = rmse(prices, case.trained(case.build(0)) * price_divisor + price_shift)
    basis = np.hstack([case.x, np.ones_like(prices)])
    best = rmse(prices, basis @ np.linalg.lstsq(basis, prices)[0])
    result = f"the RMSE is {words.about(error)}"
    targets = f"the targets run from {floors.span(case.y.min(), case.y.max())}"
    if error < best:
        return right(
            f"It learns: {targets}, and {result}, below {best:,.0f}, that of the best affine map, so its "
            "ReLU units are useful."
        )
    result = f"{result[0].upper()}{result[1:]}, above the best affine map's {best:,.0f}"
    if np.abs(case.y).max() > LARGE:
        return wrong(f"{result}, and {targets}: make them smaller, to about −3 to 3.")
    return wrong(f"{result}, and {targets}: spread them over about −3 to 3.")


def retrained(network: given.model, case: Case) -> np.ndarray:
    """Return the answers of a copy of the learner's network, trained as the patient was."""
    inputs, built = case.x.shape[1], network.built(case.x.shape[1])
    for what, has, asked in (("takes", built.input_shape[-1], inputs), ("gives", built.output_shape[-1], 1)):
        if has != asked:
            raise InputError(
                f"the network {what} {words.plural(has, 'number')} per example instead of {asked}: begin "
                f"with keras.Input(({inputs},)), and end with Dense(1)."
            )
    copy = keras.models.clone_model(built)
    copy.set_weights(built.get_weights())
    return case.trained(copy)


@exercise(
    "Which values can such a last layer give?",
    "Leave out the activation of the last layer, and keep the one before it.",
    minutes=3,
    seconds=60,
)
def cure_line(network: given.model) -> Verdict:
    """The line's network, so that it can give every target."""
    case = CASES["line"]
    answers = retrained(network, case)
    error = rmse(case.y, answers)
    if error < 0.5:
        return right(
            f"Trained, it has an RMSE of {words.about(error)}, where it had {rmse(case.y, 0 * case.y):.3g}."
        )
    reached = reaches_the_targets(network, case)
    if answers.min() >= 0 and not reached:
        return wrong(
            f"Its predictions start at {words.about(answers.min())}, but the targets at −3: find out whether "
            "its last layer can give less than 0."
        )
    at = int(np.abs(answers - case.y).argmax())
    x, right_one = words.number(case.x[at, 0]), words.number(case.y[at, 0])
    missed = f"it predicts {words.about(answers[at, 0])} at x = {x}, where {right_one} is right"
    if not reached:
        return wrong(f"Trained, {missed}: give it a last layer without activation.")
    return wrong(
        f"Trained from this start, {missed}: run the cell again for another start, or give it more hidden "
        "units."
    )


def reaches_the_targets(network: given.model, case: Case) -> bool:
    """Return whether its answers pass the lowest and the highest target once its last weights are larger."""
    built, answers = network.built(case.x.shape[1]), []
    copy, weights = keras.models.clone_model(built), built.get_weights()
    for factor in (-1000, 1000):
        copy.set_weights([*weights[:-2], *(factor * array for array in weights[-2:])])
        answers.append(copy(case.x))
    return bool(np.min(answers) < case.y.min() and np.max(answers) > case.y.max())


@exercise(
    "What is the network without its sigmoid, if no other layer has an activation?",
    'Give its hidden layer one: Dense(16, "relu"), for instance.',
    minutes=3,
    seconds=60,
)
def cure_circle(network: given.model) -> Verdict:
    """The circle's network, so that its boundary can bend."""
    case = CASES["circle"]
    answers = retrained(network, case)
    low, high = answers.min(), answers.max()
    if low < 0 or high > 1:
        return wrong(
            f"Its outputs run from {words.about(low)} to {words.about(high)}, but "
            'probabilities are asked for: end it with Dense(1, "sigmoid").'
        )
    missed = int(((answers > 0.5) != case.y).sum())
    result = f"≈ {missed} of {len(case.y)} points {'is' if missed == 1 else 'are'} on the wrong side"
    if missed <= ALLOWED:
        return right(f"{result}: the boundary bends round the disc.")
    if np.ptp(answers) < 1e-6:
        return wrong(
            f"{result}, and it predicts {answers[0, 0]:.4g} for every point: look at its last layers."
        )
    if straight(answers, case.x):
        return wrong(
            f"{result}, and the boundary is still straight: an activation before the last layer lets it bend."
        )
    return wrong(
        f"{result} after {case.epochs} epochs: give it more units before its last layer, or relu instead of "
        "an activation that is slower here."
    )


def straight(answers: np.ndarray, x: np.ndarray) -> bool:
    """Return whether probabilities are a sigmoid of an affine map of x."""
    inner = np.clip(answers, 1e-6, 1 - 1e-6)
    logits, basis = np.log(inner / (1 - inner)), np.hstack([x, np.ones((len(x), 1))])
    return rmse(logits, basis @ np.linalg.lstsq(basis, logits)[0]) < 0.01 * (1 + logits.std())


def loss_name(value: object, name: str) -> str:
    """Read the name of a loss for two classes."""
    if not isinstance(value, str):
        raise InputError(
            f"{name} must be a name in quotes, but is {given.short(value)}: name a loss of Keras."
        )
    return value


@exercise(
    "Which activation gives a probability for one unit alone?",
    'Dense(1, "sigmoid"), and the loss of two classes, "binary_crossentropy".',
    minutes=3,
    seconds=60,
)
def cure_sum(network: given.model, loss: loss_name) -> Verdict:
    """The sum's network and its loss."""
    case = CASES["sum"]
    if loss not in ("binary_crossentropy", "mean_squared_error", "mse", "hinge"):
        return wrong(
            f'"{given.one_line(loss, 40)}" is not a loss that this check accepts for one probability: use '
            '"binary_crossentropy".'
        )
    answers = retrained(network, Case(case.x, case.y, case.layers, case.epochs, case.batch_size, loss))
    missed, low, high = int(((answers > 0.5) != case.y).sum()), answers.min(), answers.max()
    result = f"≈ {missed} of {len(case.y)} {'is' if missed == 1 else 'are'} wrong"
    if np.ptp(answers) < 1e-6:
        return wrong(
            f"{result}, and it predicts {answers[0, 0]:.4g} for everything: find out whether its last layer "
            "can give anything else, and whether anything reaches it."
        )
    if missed <= 6 and low >= 0 and high <= 1:
        return right(f"{result}, and all its outputs are from 0 to 1, as probabilities are.")
    if missed <= 6:
        return wrong(
            f"{result}, but its outputs run from {words.about(low)} to {words.about(high)}: a sigmoid at its "
            "end makes them probabilities."
        )
    if low < 0 or high > 1:
        return wrong(f"{result}: end it with a sigmoid, and give it enough units before that.")
    return wrong(
        f"{result} after {case.epochs} epochs: a wide hidden layer with an activation such as tanh would "
        "learn faster."
    )


@exercise(
    "One die has the mean 3.5 and the standard deviation √(35/12), about 1.71.",
    "A squared standard deviation is a variance, and variances of independent dice add up, here to "
    "10 · 35/12: take the root.",
    minutes=3,
)
def ten_dice(lowest: given.number) -> Verdict:
    """What chance leaves of the throws of ten dice."""
    die, count = 35 / 12, 10
    spread = np.sqrt(count * die)
    if abs(lowest / spread - 1) < 0.02:
        return right(
            f"{spread:.2f}: always predict 35, and that is your RMSE in the long run; no prediction "
            "does better."
        )
    if lowest <= 0:
        return wrong("The same ten dice show a different total each time: ask how far a throw is from 35.")
    mistakes = {
        "That is 10 times the standard deviation of one die, but high and low ones cancel: add the squares, "
        "the variances.": count * np.sqrt(die),
        "That is the mean square: an RMSE is its square root.": count * die,
        "That is the standard deviation of a single die: ten of them vary more.": np.sqrt(die),
        "That is the mean of ten dice: ask how far a throw is from it.": 3.5 * count,
    }
    than = "more" if lowest < spread else "less"
    add = "add the variances (squared standard deviations), and take the root"
    other = f"Chance leaves {than} than {lowest:.4g}: {add}."
    return mistaken(lowest, mistakes, rtol=0.02) or wrong(other)
