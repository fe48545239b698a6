"""What the reader answers in 06, advice on trial."""

import dataclasses

from helpers import closed_forms, experiments, networks, question, words
from helpers.checks import InputError, whole_number
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Choice
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.question import SQUARE

import numpy as np

CLEAR = 1.5  # medians that are closer, as factors, leave the notebook's verdict open
BELOW = 1000  # the RMSE that the last exercise asks for
STARTS = 5  # that it asks for, at least
EPOCHS = question.EPOCHS // 2  # that it allows
IGNORES, TAKES, STOPS = "it ignores the number", "it takes that many inputs", "it stops with an error"
LEFT, BETWEEN, RIGHT = "lower than that of 64-1", "between 64-1 and 8-8-1", "higher than that of 8-8-1"
WIDER, DEEPER, NEITHER = "64-1, it is wider", "8-8-1, it is deeper", "neither, they are alike"
TINY, LARGE, SAME = "at x/L²", "at x/L", "by about the same factor at both"
COPIES, PARTS, FIRST = "all learn the square", "each learns a part of it", "only the first learns it"
NONE_FAILS, SELDOM, SOMETIMES, MOSTLY = "none", "a few, fewer than 1 in 4", "1 in 4 to 1 in 2", "most"
HARDLY, TWICE, OFTEN = "less than 1.5 times", "1.5 to 3 times", "3 times or more"
THE_FIRST, THE_MEAN, BOTH, NONE = "the first of them", "their mean", "both", "neither"


def medians(groups: dict) -> list[float]:
    """Return the median of each group of runs."""
    return [float(np.median(runs)) for runs in groups.values()]


def times(factor: float) -> str:
    """Return which of the factors on offer this is."""
    return HARDLY if factor < CLEAR else TWICE if factor < 3 else OFTEN


def fall(before: float, after: float) -> str:
    """Return two medians in words."""
    return f"{words.about(before)} to {words.about(after)}"


@prediction(
    "What does Keras do with a wrong input_dim in a later layer?",
    Choice([STOPS, TAKES, IGNORES]),
    reveal="layers = [keras.layers.Dense(units, input_dim=1)",
)
def wrong_input_dim(model, units, wrong):
    rows = model.get_weights()[2].shape[0]
    return {units: IGNORES, wrong: TAKES}[rows], f"The second layer has weights for {rows} inputs."


@prediction(
    "By what factor does a second, unused input raise the median RMSE of 64-1?",
    Choice([HARDLY, TWICE, OFTEN]),
    reveal='pairs = Problem("square", inputs=2)',
)
def unused_input(groups):
    wide, wide_pairs, small, small_pairs = medians(groups)
    told = f"It goes from {fall(wide, wide_pairs)}; that of 8-8-1 from {fall(small, small_pairs)}."
    return times(wide_pairs / wide), told


@prediction(
    "The asker's network has fewer epochs than the others: where is its median RMSE?",
    Choice([LEFT, BETWEEN, RIGHT]),
    reveal="large = experiments.run_seeds(problem, asker",
)
def asker_lands(sizes):
    large, small, wide = medians(sizes)
    told = f"The medians: {words.about(large)}, {words.about(wide)} of 64-1, {words.about(small)} of 8-8-1."
    return LEFT if large < wide else BETWEEN if large < small else RIGHT, told


@prediction(
    "Without activation, which has the lower median RMSE?",
    Choice([WIDER, DEEPER, NEITHER]),
    reveal='linear = recipe | {"activation": None}',
)
def without_activation(groups):
    wide, small, *_ = medians(groups)
    floor = words.number(round(closed_forms.line_floor(question.LARGEST)))
    told = f"{words.about(wide)} and {words.about(small)}: the best line leaves {floor}."
    return NEITHER if max(wide, small) < CLEAR * min(wide, small) else (DEEPER, WIDER)[wide < small], told


@prediction(
    "Where do more epochs lower the median RMSE of 8-8-1 more?",
    Choice([TINY, LARGE, SAME]),
    reveal="longer = 5000",
)
def more_epochs(groups):
    tiny, tiny_longer, large, large_longer = medians(groups)
    gains = tiny / tiny_longer, large / large_longer
    told = f"At x/L² it falls from {fall(tiny, tiny_longer)}, at x/L from {fall(large, large_longer)}."
    return SAME if max(gains) < CLEAR * min(gains) else (LARGE, TINY)[gains[0] > gains[1]], told


@prediction(
    "What do the output units learn, if all are compared with the same target?",
    Choice([PARTS, COPIES, FIRST]),
    reveal="hundred = experiments.run_seeds(problem, [64, 100]",
)
def many_outputs(answers, number):
    near = np.abs(answers / number**2 - 1) < 0.1
    told = f"Asked {words.number(number)}, they answer {fall(answers.min(), answers.max())}."
    return COPIES if near.mean() > 0.9 else FIRST if near[0] and near.mean() < 0.1 else PARTS, told


@prediction(
    "Which is clearly worse than a network with a single output?",
    Choice([THE_FIRST, THE_MEAN, BOTH, NONE]),
    reveal="judged = {",
)
def first_or_mean(every_y, judged):
    single, first, mean = medians({k: [rmse(every_y, one) for one in runs] for k, runs in judged.items()})
    told = f"First: {words.about(first)}, mean: {words.about(mean)}, one output: {words.about(single)}."
    worse = first > CLEAR * single, mean > CLEAR * single
    return {(1, 0): THE_FIRST, (0, 1): THE_MEAN, (1, 1): BOTH, (0, 0): NONE}[worse], told


@prediction(
    "With 20 examples: how many times larger is the error on other numbers than on its own?",
    Choice([HARDLY, TWICE, OFTEN]),
    reveal='handful = {"examples": 20',
)
def other_numbers(groups):
    _, _, seen, unseen = medians(groups)
    told = f"On its own examples {words.about(seen)}, on other numbers {words.about(unseen)}."
    return times(unseen / seen), told


@prediction(
    "Which learning rate has the lowest median RMSE?",
    Choice(["0.0001", "0.001", "0.01", "0.1"]),
    reveal="many = range(100)",
)
def best_rate(groups):
    (best, name), (second, other) = sorted(zip(medians(groups), groups, strict=True))[:2]
    verdict = "our rule leaves it open" if second < CLEAR * best else "that is clearly better"
    told = f"The next is {other} with {words.about(second)} instead of {words.about(best)}: {verdict}."
    return name.removeprefix("learning rate "), told


@prediction(
    "Which batch size has the lowest median RMSE after the same number of epochs?",
    Choice(["20", "100", "1,000"]),
    reveal="for size in (20, 100, 1000)",
)
def best_batch(groups):
    found = sorted(zip(medians(groups), groups, strict=True))
    told = ", ".join(f"{name} {words.about(median)}" for median, name in found)
    return found[0][1].removeprefix("batches of "), f"The medians: {told}."


@prediction(
    f"By what factor do {4 * question.EPOCHS:,} epochs lower the median RMSE that {question.EPOCHS} leave?",
    Choice([HARDLY, TWICE, OFTEN]),
    reveal="for epochs in (100, 500, 2000)",
)
def four_times_the_epochs(groups):
    few, usual, many = medians(groups)
    first, second, third = groups
    told = f"From {first} to {second} it falls from {fall(few, usual)}, to {third} to {words.about(many)}."
    return times(usual / many), told


@prediction(
    "What share of the starts of 8-8-1 at x/L fails?",
    Choice([NONE_FAILS, SELDOM, SOMETIMES, MOSTLY]),
    reveal="failure = 50_000",
)
def failing_starts(failed, many):
    share = failed / len(many)
    told = f"It is ≈ {failed} of {len(many)}: too many to trust a single run."
    return (
        NONE_FAILS if share == 0 else SELDOM if share < 0.25 else SOMETIMES if share < 0.5 else MOSTLY,
        told,
    )


LARGER, SMALLER = (9.0, 1, 4, 30, 6), (1.0, 20, 3, 2)  # what the check tries
MISTAKES = {
    1 / 2.4: "You divided the smaller median by the larger: swap top and bottom.",
    3.5: "That is the difference of the medians, but a factor was asked: divide them.",
    10 / 6.5: "You compared the means, and one bad run pulls a mean far away: take np.median.",
    50 / 26: "You compared the sums, which grow with the number of runs: take np.median of each.",
    1.5: "You compared the worst runs, which bad luck may have made: take np.median of each.",
    9.0: "You compared the first runs, and one run proves nothing: take np.median of each.",
    4 / 3: "The middle of a list counts only once it is sorted: np.median does that.",
    2.0: "Of an even number of runs, the median is the mean of the middle two: np.median knows that.",
    3.0: "Of an even number of runs, the median is the mean of the middle two: np.median knows that.",
    1.4: "That is by how much it is larger, not how many times as large: do not take 1 away.",
    140.0: "That is in per cent, and by how much: give the factor, median divided by median.",
}


@exercise(
    minutes=3,
    hints=(
        "A fair trial compares medians, and a factor comes from dividing.",
        "np.median(larger) is one of the two; the return divides it by the other.",
    ),
)
def median_factor(times_larger: given.function) -> Verdict:
    """By what factor one median is above another."""

    def ask_for(one: object, other: object) -> float:
        return float(times_larger(np.array(one), np.array(other), shape=()))

    try:
        found, again = ask_for(LARGER, SMALLER), ask_for(SMALLER, LARGER)
    except InputError as error:
        if "broadcast" in str(error):
            return wrong("The groups may differ in size: take the median of each group first, then divide.")
        raise
    if found == again:
        return wrong("It gives the same for any two groups: compute with larger and smaller themselves.")
    if np.isclose(found, 2.4) and np.isclose(again, 1 / 2.4):
        spoilt = LARGER * np.array([1, 1, 1, 100, 1])
        means = np.mean(LARGER) / np.mean(SMALLER), spoilt.mean() / np.mean(SMALLER)
        return right(
            f"Of the check's runs it is {found:.1f}. Make the worst of them 100 times as bad: the factor of "
            f"the means goes from {means[0]:.1f} to {means[1]:.0f}; yours stays."
        )
    for value, sentence in MISTAKES.items():
        if np.isclose(found, value):
            return wrong(sentence)
    return wrong("It is not the factor between the medians: of [1, 2, 6] and [1, 3, 5] that is 2/3.")


def recipe(value: object, name: str) -> tuple[experiments.Recipe, list[int]]:
    """Read one side of a trial: a dictionary for run_seeds, or what run_seeds gave; with its seeds."""
    if isinstance(value, experiments.Runs):
        return value.recipe, value.seeds
    if not isinstance(value, dict):
        raise InputError(f"{name} must be a dictionary, as one_side is: write one_side | {{...}}.")
    settings = {"problem": SQUARE} | value
    for needed in ("units", "seeds"):
        if needed not in settings:
            raise InputError(f'{name} has no "{needed}": start from one_side | {{...}}.')
    seeds, units = settings.pop("seeds"), settings["units"]
    settings["units"] = [whole_number("units", entry) for entry in units]
    for entry in settings.keys() - {field.name for field in dataclasses.fields(experiments.Recipe)}:
        raise InputError(
            f'a recipe has no entry "{entry}": change "units", which has a width for each layer.'
        )
    return experiments.Recipe(**settings), sorted(seeds)


def meaning(of: experiments.Recipe) -> dict[str, object]:
    """Return the settings of a recipe, but for its units, the same for another spelling of the same."""
    known = networks.ACTIVATIONS.get(of.activation or "linear")
    function = known.function if known else of.activation
    return vars(dataclasses.replace(of, units=(), scale=of.scaling, activation=function))


@exercise(
    minutes=5,
    hints=(
        "Keep the width of 8, and everything besides the units. What else can differ between two networks?",
        "one_side has two hidden layers of 8. A different number of layers of 8 changes the depth alone.",
    ),
)
def fair_recipe(one_side: recipe, other_side: recipe) -> Verdict:
    """A fair trial of depth, where nothing else differs."""
    (one, seeds), (other, other_seeds) = one_side, other_side
    meant, other_meant = meaning(one), meaning(other)
    differ = [name for name in meant if meant[name] != other_meant[name]]
    hidden, other_hidden = one.units[:-1], other.units[:-1]
    widths = sorted(set(hidden + other_hidden))
    if differ == ["activation"] and not other.activation:
        return wrong("The activation got lost, and with it every bend: start from one_side | {...}.")
    if differ:
        return wrong(f"Besides the units this differs: {', '.join(differ)}: start from one_side | {{...}}.")
    if seeds != other_seeds:
        return wrong("The seeds differ, so luck differs, too: give both sides the same seeds.")
    if one.units == other.units:
        return wrong('Nothing differs, so there is nothing to compare: give other_side its own "units".')
    if one.units[-1] != 1 or other.units[-1] != 1:
        return wrong("One target needs one output: end the units of both sides with 1.")
    if not hidden or not other_hidden:
        return wrong("Without a hidden layer there is no ReLU at all: keep at least one hidden layer.")
    if len(hidden) == len(other_hidden):
        return wrong("This changes the width, not the depth: change how many hidden layers there are.")
    if len(widths) > 1:
        few = "The sum of the units is the same, but the " if sum(hidden) == sum(other_hidden) else "The "
        return wrong(
            f"{few}widths differ, too ({' and '.join(map(str, widths))}), and may decide: use one width."
        )
    counts = [sum((a + 1) * b for a, b in zip((1, *of.units), of.units, strict=False)) for of in (one, other)]
    return right(
        f"Only the depth differs, and with it what cannot stay the same, the number of weights, {counts[0]} "
        f"and {counts[1]}: say so with your verdict."
    )


def trained_runs(value: object, name: str) -> experiments.Runs:
    """Read what run_seeds gave."""
    if isinstance(value, experiments.Trained):
        raise InputError(f"{name} is a single run, which may be luck: train {STARTS} seeds with run_seeds.")
    if not isinstance(value, experiments.Runs):
        raise InputError(f"{name} must be what run_seeds gives, but is {given.short(value)}: train first.")
    return value


@exercise(
    minutes=12,
    hints=(
        "What counts is the number of steps and their size. Which settings change one of the two?",
        "Smaller batches make more steps an epoch; a rate between the two good ones makes larger steps.",
    ),
)
def fewer_epochs(my_runs: trained_runs) -> Verdict:
    """Open: half the epochs, and still below an RMSE of 1,000."""
    of, (x, y) = my_runs.recipe, SQUARE.every_number()
    if of.problem != SQUARE:
        return wrong("This is another problem than the squares of 1 to 1,000: give run_seeds `problem`.")
    if of.units not in ((64, 1), (8, 8, 1)):
        return wrong(
            f"The network is {'-'.join(map(str, of.units))}: take 64-1 or 8-8-1, and change the recipe."
        )
    if len(set(my_runs.seeds)) < STARTS:
        return wrong(f"A good run may be luck: train at least {STARTS} different seeds.")
    if of.epochs > EPOCHS:
        return wrong(f"These are {of.epochs:,} epochs: take {EPOCHS} at most, and change the rest.")
    median = float(np.median([rmse(y, answers) for answers in my_runs.answers(x)]))
    flattered = float(np.median(my_runs.rmse()))
    if median >= BELOW > flattered:
        return wrong(
            f"On its own examples the RMSE is {words.about(flattered)}, but on all numbers it is "
            f"{words.about(median)}: train on more of them."
        )
    if median >= BELOW:
        line = " (a line, so give it an activation)" if of.activation in (None, "linear") else ""
        return wrong(
            f"The median RMSE on all numbers is {words.about(median)}{line}: change the learning rate, the "
            "batch size or the scale; explore.fair_trial() shows what they do."
        )
    batch, count = of.settings()["batch_size"], of.examples or question.LARGEST
    steps, theirs = of.epochs * -(-count // batch), question.EPOCHS * question.EXAMPLES // question.BATCH_SIZE
    says = "less work, too" if steps < theirs else "fewer epochs, but no less work"
    return right(
        f"The median of {len(my_runs)} starts is {words.about(median)} after {steps:,} steps; the thread "
        f"makes {theirs:,}: {says}."
    )
