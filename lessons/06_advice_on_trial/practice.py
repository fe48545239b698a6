"""The predictions and exercises of this lesson."""

import dataclasses
from collections.abc import Iterable, Sequence

from helpers import experiments, networks, question, words
from helpers.checks import InputError, one_of, whole_number
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Choice
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.question import SQUARE

import numpy as np

PAIRS, DECIDES = 20, 16  # pairs, and how many of them must agree
CLEAR = 1.5  # factors nearer to 1 do not count
BELOW = 1000  # the RMSE to reach in the last exercise
STARTS = 5  # it needs at least
EPOCHS = question.EPOCHS // 2  # it allows
LEFT, BETWEEN, RIGHT = "lower than that of 64-1", "between 64-1 and 8-8-1", "higher than that of 8-8-1"
TINY, LARGE, SAME = "at x/L²", "at x/L", "by about the same factor at both"
ALIKE, APART, FAR = "less than 1.5 times", "1.5 to 5 times", "5 times or more"
THE_WIDE, THE_DEEP, BOTH_GAIN, NONE_GAINS = "64-1 alone", "8-8-1 alone", "both", "neither"
NONE_FAILS, SELDOM, SOMETIMES, MOSTLY = "none", "a few, fewer than 1 in 4", "1 in 4 to 1 in 2", "most"
HARDLY, TWICE, OFTEN = "less than 1.5 times", "1.5 to 3 times", "3 times or more"
THE_FIRST, THE_MEAN, BOTH, NONE = "the first of them", "their mean", "both", "neither"


def medians(groups: dict) -> list[float]:
    """Return the median of each group of runs."""
    return [float(np.median(runs)) for runs in groups.values()]


def times(factor: float) -> str:
    """Return the option that a factor falls into."""
    return HARDLY if factor < CLEAR else TWICE if factor < 3 else OFTEN


def fall(before: float, after: float) -> str:
    """Return two medians in words."""
    return f"{words.about(before)} to {words.about(after)}"


def better(one: Sequence[float], other: Sequence[float]) -> bool:
    """Return whether one side is lower in enough pairs to decide."""
    return bool(np.sum(np.less(one, other)) >= DECIDES / PAIRS * len(one))


@prediction(
    "At ten times the learning rate: over the last 50 epochs, how many times larger is the highest RMSE than "
    "the lowest?",
    Choice([ALIKE, APART, FAR]),
)
def late_epochs(late_errors):
    (low, high), (fast_low, fast_high) = ((min(each), max(each)) for each in late_errors.values())
    sentence = (
        f"The RMSE ranges from {fall(fast_low, fast_high)}; at the thread's rate from {fall(low, high)}."
    )
    swing = fast_high / fast_low
    return ALIKE if swing < CLEAR else APART if swing < 5 else FAR, sentence


@prediction(
    "The median RMSE of 64-1 with an extra, unused input, divided by that without it: what is it?",
    Choice([HARDLY, TWICE, OFTEN]),
)
def unused_input(groups):
    wide, wide_pairs, small, small_pairs = medians(groups)
    sentence = (
        f"For 64-1 it rises from {fall(wide, wide_pairs)}; for 8-8-1 it goes from {fall(small, small_pairs)}."
    )
    return times(wide_pairs / wide), sentence


@prediction(
    "The asker's network has fewer epochs than the others: where is its median RMSE?",
    Choice([LEFT, BETWEEN, RIGHT]),
    {
        LEFT: "More weights do not make up for so few epochs; 64-1 had many times as many epochs.",
        RIGHT: "Few epochs need not mean a high error: the large network gets further in each of them.",
    },
)
def asker_lands(sizes):
    large, small, wide = medians(sizes)
    sentence = (
        f"The medians: {words.about(large)} for the asker's, {words.about(wide)} for 64-1, "
        f"{words.about(small)} for 8-8-1."
    )
    return LEFT if large < wide else BETWEEN if large < small else RIGHT, sentence


@prediction(
    "Where do more epochs lower the median RMSE of 8-8-1 more?",
    Choice([TINY, LARGE, SAME]),
    {
        LARGE: "At x/L most starts have already learned a lot by then, so more epochs gain less.",
        SAME: "At x/L² most runs have hardly begun to learn by then, so they have far more to gain.",
    },
)
def more_epochs(groups):
    tiny, tiny_longer, large, large_longer = medians(groups)
    gains = tiny / tiny_longer, large / large_longer
    sentence = f"At x/L² it falls from {fall(tiny, tiny_longer)}, at x/L from {fall(large, large_longer)}."
    return SAME if max(gains) < CLEAR * min(gains) else (LARGE, TINY)[gains[0] > gains[1]], sentence


@prediction(
    "Of 100 outputs: by our rule, which is worse than a network with a single output?",
    Choice([THE_FIRST, THE_MEAN, BOTH, NONE]),
    {
        THE_MEAN: "A mean evens out what the outputs get wrong in different ways; it adds no errors.",
        BOTH: "The outputs make different errors, and their mean evens those out.",
        NONE: "The task is the same, but a layer shared by so many outputs need not serve the first as well.",
    },
)
def first_or_mean(judged):
    single, first, mean = judged.values()
    of_first, of_mean, of_single = (words.about(np.median(each)) for each in (first, mean, single))
    sentence = (
        f"The medians: {of_first} for the first, {of_mean} for the mean, {of_single} for a single output."
    )
    worse = better(single, first), better(single, mean)
    return {(1, 0): THE_FIRST, (0, 1): THE_MEAN, (1, 1): BOTH, (0, 0): NONE}[worse], sentence


@prediction(
    "With 20 examples: how many times larger is the error on held-out numbers than on the examples?",
    Choice([HARDLY, TWICE, OFTEN]),
)
def other_numbers(groups):
    _, _, seen, unseen = medians(groups)
    sentence = f"On its own examples {words.about(seen)}, on held-out numbers {words.about(unseen)}."
    return times(unseen / seen), sentence


@prediction(
    "By our rule, for which network is standardising better than x/L?",
    Choice([BOTH_GAIN, THE_WIDE, THE_DEEP, NONE_GAINS]),
    {
        BOTH_GAIN: "Standardising is insurance against bad starts, but the wide network has few of these, "
        "and ends higher with it.",
        THE_WIDE: "The wide network has units enough at x/L; it is the narrow one that gets stuck.",
        NONE_GAINS: "x/L suits most starts of 8-8-1, but with standardised inputs most end lower still.",
    },
)
def standardised_wins(groups):
    wide, wide_too, small, small_too = groups.values()
    lower = [int(np.sum(np.less(*pair))) for pair in ((wide_too, wide), (small_too, small))]
    sentence = f"It wins ≈ {lower[0]} of {len(wide)} pairs of 64-1, and ≈ {lower[1]} of 8-8-1."
    gains = better(wide_too, wide), better(small_too, small)
    return {(1, 0): THE_WIDE, (0, 1): THE_DEEP, (1, 1): BOTH_GAIN, (0, 0): NONE_GAINS}[gains], sentence


RATES = ["0.0003", "0.001", "0.003", "0.01"]


@prediction("Which of these learning rates has the lowest median RMSE?", Choice(RATES))
def best_rate(rates):
    by_median = sorted((float(np.median(rates[f"learning_rate {rate}"])), rate) for rate in RATES)
    (lowest, best), (second, next_best) = by_median[:2]
    sentence = f"Of the rates offered it has the lowest median, {words.about(lowest)}; "
    return best, f"{sentence}next comes {next_best} with {words.about(second)}."


@prediction(
    "What share of the starts of 8-8-1 at x/L fails?", Choice([NONE_FAILS, SELDOM, SOMETIMES, MOSTLY])
)
def failing_starts(failed, many):
    share = failed / len(many)
    truth = NONE_FAILS if share == 0 else SELDOM if share < 0.25 else SOMETIMES if share < 0.5 else MOSTLY
    return truth, f"≈ {failed} of {len(many)} fail: too many to trust a single run."


# Inputs of the check, for which each way to count gives another number.
ONE, OTHER = np.array([7, 3, 6, 1, 2, 700, 4, 5.0]), np.array([6, 3, 7, 8, 9, 500, 5, 4.0])
MISTAKES = {
    np.sum(ONE > OTHER): "as many as there are pairs in which one is higher: lower is one < other.",
    np.sum(ONE <= OTHER): "with the pair in which both are equal: lower is <, not <=.",
    np.mean(ONE < OTHER): "a share of the pairs: count them, with np.sum.",
    np.sum(
        np.sort(ONE) < np.sort(OTHER)
    ): "as after sorting, or against the other side's mean: compare pair by pair.",
    np.sum(np.median(OTHER) > ONE): "as many as lie below the other side's median: compare pair by pair.",
    len(ONE): "which is how many pairs there are: count those in which one is lower.",
}


@exercise(
    "one < other compares place by place, and gives True or False for each pair.",
    "np.sum counts each True as 1.",
    minutes=3,
)
def pairs_won(count: given.function) -> Verdict:
    """In how many pairs one side is lower."""

    def ask_for(one: np.ndarray, other: np.ndarray) -> float:
        return float(count(one.copy(), other.copy(), shape=()))

    try:
        counted, turned = ask_for(ONE, OTHER), ask_for(OTHER, ONE)
    except InputError as error:
        if "one number" in str(error) or "no number" in str(error):
            return wrong("One number is asked for, the number of pairs: count them with np.sum.")
        raise
    lower, higher = np.sum(ONE < OTHER), np.sum(OTHER < ONE)
    tried = f"For one = {numbers(ONE)} and other = {numbers(OTHER)}"
    for pair in np.round(np.random.default_rng(0).normal(5, 2, (20, 2, 4)), 1):
        gives, wins = ask_for(*pair), np.sum(pair[0] < pair[1])
        if (counted, turned) == (lower, higher) and gives != wins:
            tried = f"For one = {numbers(pair[0])} and other = {numbers(pair[1])}"
            return wrong(f"{tried} it gives {words.short(gives)}, not {wins}: compare place by place.")
    if (counted, turned) == (lower, higher):
        return right(
            f"{tried} it is {lower}: 700 against 500 is one pair like any other, but it would decide a "
            "comparison of means."
        )
    if counted == lower:
        return wrong(
            f"{tried} it is right, but the other way round it gives {words.short(turned)}, not {higher}: "
            "compare one and other themselves."
        )
    for value, why in MISTAKES.items():
        if counted == value:
            return wrong(f"{tried} it gives {words.short(counted)}, {why}")
    return wrong(
        f"{tried} it gives {words.short(counted)}, but one is lower in {lower} pairs: compare place by "
        "place, and count the places where it is."
    )


def numbers(values: np.ndarray) -> str:
    """Return an array as a Python list is written."""
    return f"[{', '.join(map(words.short, values))}]"


def recipe(value: object, name: str) -> tuple[experiments.Recipe, list[int]]:
    """Read one side of a trial, a dictionary for run_seeds or its Runs: the recipe and its seeds."""
    if isinstance(value, experiments.Runs):
        return value.recipe, value.seeds
    if not isinstance(value, dict):
        raise InputError(f"{name} must be a dictionary, as one_side is: write one_side | {{...}}.")
    settings = {"problem": SQUARE} | value
    for needed in ("units", "seeds"):
        if needed not in settings:
            raise InputError(f'{name} has no "{needed}": start from one_side | {{...}}.')
    seeds, units = settings.pop("seeds"), settings["units"]
    for entry, of, example in (("units", units, "[8, 1]"), ("seeds", seeds, "range(20)")):
        if not isinstance(of, Iterable) or isinstance(of, str):
            raise InputError(
                f'"{entry}" of {name} must be a list, but is {given.short(of)}: write {example}.'
            )
    seeds = [whole_number("seeds", seed, at_least=0) for seed in seeds]
    settings["units"] = [whole_number("units", entry) for entry in units]
    if not seeds or len(settings["units"]) > 20 or max(settings["units"], default=0) > 1000:
        raise InputError(
            f"{name} cannot be trained: give it a seed or more, and at most 20 layers of 1,000 units."
        )
    for entry in ("epochs", "batch_size", "examples"):
        whole_number(entry, settings.get(entry) or 1)
    if isinstance(activation := settings.get("activation"), str):
        one_of("activation", activation, networks.ACTIVATIONS)
    for entry in settings.keys() - {field.name for field in dataclasses.fields(experiments.Recipe)}:
        raise InputError(
            f'a recipe has no entry "{entry}": change "units", which has a width for each layer.'
        )
    return experiments.Recipe(**settings), sorted(seeds)


def meaning(of: experiments.Recipe) -> dict[str, object]:
    """Return the settings of a recipe except its units, the same for every spelling."""
    known = networks.ACTIVATIONS.get(of.activation or "linear")
    function = known.function if known else of.activation
    return vars(dataclasses.replace(of, units=(), scale=of.scaling, activation=function))


@exercise(
    "Keep the width of 8, and everything besides the units. What else can differ between two networks?",
    "one_side has two hidden layers of 8. A different number of layers of 8 changes the depth alone.",
    minutes=5,
)
def fair_recipe(one_side: recipe, other_side: recipe) -> Verdict:
    """A fair trial of depth, where nothing else differs."""
    (one, seeds), (other, other_seeds) = one_side, other_side
    meant, other_meant = meaning(one), meaning(other)
    differ = [name for name in meant if meant[name] != other_meant[name]]
    hidden, other_hidden = one.units[:-1], other.units[:-1]
    widths = [str(width) for width in sorted({*hidden, *other_hidden})]
    if differ == ["activation"] and not other.activation:
        return wrong("The activation got lost on the other side: start from one_side | {...}.")
    if differ:
        return wrong(
            f"Only the units may differ ({', '.join(differ)} must not): start from one_side | {{...}}."
        )
    if seeds != other_seeds:
        return wrong("The seeds differ, so luck differs as well: give both sides the same seeds.")
    if one.units == other.units:
        return wrong('Nothing differs, so there is nothing to compare: give other_side its own "units".')
    if one.units[-1] != 1 or other.units[-1] != 1:
        return wrong("One target needs one output: end the units of both sides with 1.")
    if not hidden or not other_hidden:
        return wrong("Without a hidden layer there is no depth to compare: keep at least one on both sides.")
    if len(hidden) == len(other_hidden):
        return wrong("This changes the width, not the depth: change how many hidden layers there are.")
    if len(widths) > 1:
        few = "The sum of the units is the same, but the " if sum(hidden) == sum(other_hidden) else "The "
        return wrong(f"{few}widths also differ ({words.listed(widths)}), and may decide: use one width.")
    inputs = one.problem.inputs
    counts = [
        sum((a + 1) * b for a, b in zip((inputs, *of.units), of.units, strict=False)) for of in (one, other)
    ]
    return right(
        f"Only the depth differs, and with it, unavoidably, the number of weights, {counts[0]} and "
        f"{counts[1]}: say so with your verdict."
    )


def trained_runs(value: object, name: str) -> experiments.Runs:
    """Read the Runs of run_seeds."""
    if isinstance(value, experiments.Trained):
        raise InputError(f"{name} is a single run, which may be luck: train {STARTS} seeds with run_seeds.")
    if type(value) is not experiments.Runs:
        raise InputError(f"{name} must be what run_seeds gives, but is {given.short(value)}: train first.")
    return value


@exercise(
    "What counts is the number of steps and their size. Which settings change one of the two?",
    "Smaller batches make more steps per epoch; a somewhat higher learning rate makes larger steps.",
    minutes=12,
)
def fewer_epochs(my_runs: trained_runs) -> Verdict:
    """Open: half the epochs, and still below an RMSE of 1,000."""
    of, (x, y) = my_runs.recipe, SQUARE.every_number()
    if of.problem != SQUARE:
        return wrong("This is not the problem of squaring 1 to 1,000: give run_seeds `problem`.")
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
        line = " (a line, so give it an activation)" if {of.activation, of.last} <= {None, "linear"} else ""
        return wrong(
            f"The median RMSE on all numbers is {words.about(median)}{line}: change the learning rate, the "
            "batch size, as explore.fair_trial() lets you, or the scale."
        )
    batch, count = of.settings()["batch_size"], of.examples or question.LARGEST
    steps, usual = of.epochs * -(-count // batch), question.EPOCHS * question.EXAMPLES // question.BATCH_SIZE
    says = "fewer epochs, and fewer steps" if steps < usual else "fewer epochs, but no fewer steps"
    return right(
        f"The median of {len(my_runs)} starts is {words.about(median)} after {steps:,} steps; the thread "
        f"makes {usual:,}: {says}."
    )
