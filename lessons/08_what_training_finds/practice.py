"""The predictions and exercises of this lesson."""

from collections.abc import Iterator

from helpers import closed_forms, question, words
from helpers.lessons import numbered
from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Choice, Number
from helpers.practice.predict import prediction
from helpers.problems import rmse
from helpers.question import SQUARE

import keras
import numpy as np

FOLDED = 2**10  # the notebook's divisor
NEXT = numbered("Notebook {{ extrapolation }} shows what such a network does beyond its range.")
CLOSER, AS_FAR, FARTHER = "closer to it", "about the same multiple of it", "further from it"
RISE, STAY, FALL = "it rises", "it stays", "it falls"
SOME, TEN, HUNDRED = "less than 3 times", "about 10 times", "100 times or more"


@prediction(
    f"The floor of 8 units is {closed_forms.units_floor(1000, 8):,.0f}. What RMSE does the median run reach?",
    Number(trained=True, within=0.5),
)
def median_of_8_units(found, could):
    return float(
        np.median(found[8])
    ), f"The best run reaches {words.about(min(found[8]))}, still above {could[8]:,.0f}."


@prediction(
    "Counted in multiples of their floor: will 64 trained units get closer to it than 8?",
    Choice([CLOSER, AS_FAR, FARTHER]),
    {
        CLOSER: "More units lower the error, but the floor falls much faster, and training does not keep up.",
        AS_FAR: "Twice the units nearly quarter the floor, and training would have to gain as much from "
        "them.",
    },
)
def wide_and_its_floor(found, could):
    narrow, broad = (float(np.median(found[k])) / could[k] for k in (8, 64))
    sentence = f"The median run ends at {words.about(np.median(found[64]))}; the floor is {could[64]:,.0f}."
    return AS_FAR if 2 / 3 < broad / narrow < 1.5 else (CLOSER, FARTHER)[broad > narrow], sentence


@prediction(
    "From 1 to 10 hidden layers, by what factor does the median RMSE change?", Choice([SOME, TEN, HUNDRED])
)
def gain_of_depth(deep, by_hand):
    one, ten = (float(np.median(deep[depth])) for depth in (1, 10))
    sentence = (
        f"From {words.about(one)} to {words.about(ten)}; by hand from {by_hand[1]:,.0f} to {by_hand[10]:.2f}."
    )
    return SOME if one / ten < 3 else TEN if one / ten < 50 else HUNDRED, sentence


@prediction(
    "Trained from the hand-built weights: what does the error do?",
    Choice([RISE, STAY, FALL]),
    {
        RISE: "Small gradient steps lead down the loss, not to a worse place.",
        STAY: "It would stay if every gradient were 0, but these pieces are not yet at their best heights.",
    },
)
def trained_from_there(before, after):
    sentence = f"From {before:,.1f} to {words.about(after)}."
    return STAY if 0.9 < after / before < 1.1 else RISE if after > before else FALL, sentence


NEEDED, REPORTS = 100, {8: 11_900, 16: 290, 32: 930, 64: 95}  # the notebook's


def could(units: int) -> str:
    """Return the lowest RMSE of one hidden layer, in words."""
    return f"{closed_forms.units_floor(question.LARGEST, units):,.0f}"


@exercise(
    "What is the lowest RMSE possible? closed_forms.units_floor(1000, 8) is that of 8 units.",
    "Two of the floors are above 100; of the others, look at what was reached.",
    minutes=4,
)
def could_and_did(could_never: given.array, could_but_did_not: given.array) -> Verdict:
    """Whose fault it is: the width's, or the training's."""
    never, not_found = (
        {float(units) for units in np.ravel(each)} for each in (could_never, could_but_did_not)
    )
    if strange := sorted((never | not_found) - REPORTS.keys()):
        return wrong(f"{strange[0]:,g} is none of the widths: put 8, 16, 32 and 64 where they belong.")
    if both := sorted(never & not_found):
        return wrong(
            f"{both[0]:g} units are in both lists: if they can never do it, training is not to blame."
        )
    for units, reached in REPORTS.items():
        floor, listed = closed_forms.units_floor(question.LARGEST, units), units in never | not_found
        if reached < NEEDED and listed:
            return wrong(f"{units} units reached {reached}, below {NEEDED}: leave them out of both lists.")
        if floor < NEEDED and units in never:
            return wrong(
                f"{units} units could reach {could(units)}: it is the training that did not get there."
            )
        if floor > NEEDED and units in not_found:
            return wrong(f"No training gets {units} units below their floor, {could(units)}: they need more.")
        if reached > NEEDED and not listed:
            return wrong(
                f"{units} units ended at {reached:,}, above {NEEDED}: find out what they could reach."
            )
    return right(
        f"8 and 16 units could reach {could(8)} and {could(16)} at best, so they need more units; 32 could "
        f"reach {could(32)}, so look at the start, the scale and the steps instead."
    )


@exercise(
    "One unit in each layer is off for all our numbers. What does the network need it for?",
    "networks.keep_units(exact, [0, 1, 3]) leaves it out, and every weight that comes from it.",
    minutes=15,
)
def smallest_squarer(network: given.model) -> Verdict:
    """Open: every square from 1 to 1,000 with fewer weights than the ten layers."""
    x, y = SQUARE.every_number()
    divisors = {FOLDED: FOLDED**2, question.LARGEST: SQUARE.largest_target, 1: 1}
    near = np.linspace(1, 17, 129)[:, np.newaxis]
    given_all = network.answers(np.concatenate([part / n for n in divisors for part in (x, near)]))[:, :1]
    candidates = np.split(given_all, len(divisors)) * np.reshape([*divisors.values()], (-1, 1, 1))
    exact = min(candidates, key=lambda one: rmse(y, np.rint(one[: len(x)])))
    answers = np.rint(exact[: len(x)])
    missed, weights = int((answers != y).sum()), network.count()
    ten_layers, without_third = (2 * units + 9 * (units + 1) * units + units + 1 for units in (4, 3))
    if np.allclose(answers, np.polyval(np.polyfit(x[:, 0], answers[:, 0], 1), x), atol=2):
        return wrong(
            "It draws a line, to within 2: it needs ReLU units with kinks inside the range of its inputs, "
            "and one that carries their sum to the end."
        )
    if missed:
        return wrong(
            f"Of 1,000 squares {missed:,} {'is' if missed == 1 else 'are'} wrong, by up to "
            f"{words.short(np.abs(answers - y).max())}, with {weights:,} weights: the network needs more "
            "joints, better placed ones, or a unit that was left out."
        )
    if weights >= ten_layers:
        equal = "just as many as" if weights == ten_layers else "more than"
        return wrong(
            f"Every square is right, but {weights:,} weights are {equal} the ten layers' "
            f"{ten_layers}: take depth instead of width, and leave out units that do nothing here."
        )
    bends = np.abs(np.diff(exact[len(x) :, 0], 2)) > 1 / 64
    other = next((name for name in parts(network.built()) if name not in ("Dense", "relu", "linear")), "")
    if other:
        return wrong(
            f"Every square is right with {weights} weights, but not by ReLU units alone, as it has {other} "
            "in it: use Dense layers with ReLU."
        )
    if bends.mean() > 1 / 2:
        return wrong(
            "It is curved everywhere, so something in it squares by itself: use Dense layers with ReLU."
        )
    return right(
        f"Every square, with {weights} weights; ten layers of 4 units have {ten_layers}, of 3 units "
        f"{without_third}. {NEXT}"
    )


def parts(of: keras.Operation) -> Iterator[str]:
    """Yield the types of a network's layers and the names of their activations."""
    inside = getattr(of, "operations", None) or getattr(of, "layers", None)
    for each in inside or ():
        yield from parts(each)
    if inside is None and not isinstance(of, keras.layers.InputLayer):
        kind, activation = type(of).__name__, getattr(of, "activation", None)
        yield {"ReLU": "relu", "Activation": getattr(activation, "__name__", "an activation")}.get(kind, kind)
        if kind == "Dense" and activation is not None:
            yield getattr(activation, "__name__", type(activation).__name__)
