"""Why a network does not learn: the first cause, in a sentence, and the numbers that show it."""

from collections.abc import Iterator
from typing import NamedTuple

from helpers import words
from helpers.checks import InputError
from helpers.cure import floors
from helpers.problems import rmse
from helpers.reading import Units, examples, layers, read

import keras
import numpy as np
import tensorflow as tf

SMALL_INPUTS, LARGE_INPUTS, LARGE_TARGETS = 0.01, 10.0, 1000.0  # RMS values that hinder training
FAR_TARGETS = 20.0  # a mean of the targets this many of their deviations from 0 hinders it
ONE_SIDED = 1.5  # a mean this many standard deviations from 0 hinders it, too; that of 0..1 is 1.73
FINE = 0.02  # an error of this many standard deviations of the targets is good
NOISE = 0.9  # an error above this is hardly better than a constant's
FAINT = 0.001  # a ratio of gradients between the ends of the network that hinders training


class Numbers(NamedTuple):
    """How large numbers are, and how far on one side of 0.

    size: the RMS of the largest column; side: the largest mean of a column, in its standard deviations.
    """

    lowest: float
    highest: float
    size: float
    side: float

    def __str__(self) -> str:
        return floors.span(self.lowest, self.highest)


class Diagnosis(NamedTuple):
    """Why a network does not learn: the first cause in a word and a sentence, and the measurements.

    All in the network's own units. smooth_rmse: what a smooth function reaches on examples left out,
    roughly; impossible: how many targets the last activation can't give.
    """

    cause: str
    sentence: str
    rmse: float
    constant_rmse: float
    affine_rmse: float
    smooth_rmse: float
    impossible: int
    inputs: Numbers
    targets: Numbers
    answers: Numbers
    layers: list[Units]

    def __str__(self) -> str:
        names = "the best constant", "the best affine map", "a smooth function, on examples left out"
        errors = [["this network", words.about(self.rmse)]]
        least = self[3:6] if self.smooth_rmse else self[3:5]  # with few examples none is known
        errors += [[name, words.rounded(floor)] for name, floor in zip(names, least, strict=False)]
        numbers = [[name, *map(words.rounded, getattr(self, name))] for name in ("inputs", "targets")]
        numbers.append(["predictions", *map(words.about, self.answers)])
        units = [
            [position, name, total, *(f"≈ {count}" for count in counts), words.about(gradient)]
            for position, (name, total, *counts, gradient) in enumerate(self.layers, start=1)
        ]
        tables = (
            words.table(["", "RMSE"], errors),
            words.table(["", "lowest", "highest", "RMS", "mean / standard deviation"], numbers),
            words.table(["layer", *Units._fields], units),
        )
        return "\n\n".join([self.sentence, *(table.data for table in tables)])

    __repr__ = _repr_markdown_ = __str__


def diagnose(model: keras.Model, x: np.ndarray, y: np.ndarray) -> Diagnosis:
    """Return the first cause why a network does not learn, or "healthy", with the measurements.

    Args:
        model: as in `reading.layers`, trained or not.
        x: float array (examples, inputs), scaled for the model.
        y: float array (examples, outputs), scaled for the model, or one column for all outputs.

    Raises:
        InputError: for another model, examples that do not fit, or targets that never vary.
    """
    last = layers(model, "diagnose")[-1]
    x, y = examples(model, x, y)
    if last.activation_name == "softmax" and last.dense.units > 1:
        raise InputError(
            "diagnose takes each output alone, but softmax ties them: ask `networks.cure` instead."
        )
    floors.must_vary(y)
    deviation = y.std(axis=0)
    reachable = floors.reachable(x, y)
    smooth = float(np.sqrt(np.mean((reachable * deviation) ** 2)))
    bases = [np.ones((len(x), 1)), np.hstack([np.ones((len(x), 1)), floors.standardised(x)])]
    with np.errstate(all="ignore"):  # a diverged network gives NaN
        outputs, units = read(model, "diagnose", x, y)
        answers = outputs[-1].astype(float)
        if getattr(getattr(model, "loss", None), "from_logits", False):
            turned = keras.ops.softmax if "categorical" in _loss(model) else keras.ops.sigmoid
            answers = np.asarray(turned(answers), dtype=float)
        error = float(np.sqrt(np.mean((answers - y) ** 2)))
        numbers = [_measured(each) for each in (x, y, answers)]
    of_outputs = floors.relative(answers, y, deviation)
    far = np.geomspace(0.001, 1e30, 8000)
    reach = np.asarray(last.activation(tf.constant([*-far, 0, *far], "float32")))
    beyond = np.maximum(np.nanmin(reach) - y, y - np.nanmax(reach))
    impossible = int((beyond > 0.01 * y.std()).sum())
    floor = [_floor(basis, y) for basis in bases]
    measured = Diagnosis("", "", error, *floor, smooth, impossible, *numbers, units)
    odd, values = floors.outlier("Target", y), set(np.unique(y))
    cause, sentence = next(_causes(measured, model, of_outputs, reachable, values, odd))
    return measured._replace(cause=cause, sentence=sentence)


def _measured(values: np.ndarray) -> Numbers:
    spread = values.std(axis=0)
    side = np.max(np.abs(values.mean(axis=0))[spread > 0] / spread[spread > 0], initial=0.0)
    size = np.sqrt((values**2).mean(axis=0)).max()
    return Numbers(*map(float, (values.min(), values.max(), size, side)))


def _floor(basis: np.ndarray, y: np.ndarray) -> float:
    floor = rmse(y, basis @ np.linalg.lstsq(basis, y)[0])
    return floor if floor > 1e-9 * np.abs(y).max() else 0.0  # a smaller rest is rounding


def _loss(model: keras.Model) -> str:
    loss = getattr(model, "loss", "")
    return str(getattr(loss, "name", loss)).lower()


def _causes(
    measured: Diagnosis, model: keras.Model, errors: np.ndarray, reachable: np.ndarray, values: set, odd: str
) -> Iterator[tuple[str, str]]:
    """Yield every cause that applies, as a word and a sentence, in the order in which to cure them.

    errors, reachable: relative errors (outputs,) of the network and of a smooth function. values: of the
    targets. odd: which target is far from all others, in words.
    """
    classes = values <= {0, 1}
    x, y, units, last = measured.inputs, measured.targets, measured.layers, measured.layers[-1]
    large_x = f"the inputs run from {x}: standardise them"
    large_y = f"the targets run from {y}: standardise them"
    with_sgd = type(getattr(model, "optimizer", None)) is keras.optimizers.SGD
    adam = ", and train with Adam instead of SGD" if with_sgd else ""
    curved = bool((measured.smooth_rmse < 0.8 * measured.affine_rmse) and reachable.any())
    first_pull, last_pull = words.about(units[0].gradient, 2), words.about(last.gradient, 2)
    loss = _loss(model)

    if last.units == 1 and "categorical" in loss:
        effect = "The categorical cross-entropy of one output is 0, whatever it answers"
        yield "loss", f"{effect}: end with a sigmoid unit, and take the binary cross-entropy."
    if "poisson" in loss and last.activation == "linear":
        effect = "The Poisson loss has no value for negative answers, which the last layer can give"
        yield "loss", f"{effect}: end with an exponential or softplus unit."
    if not np.isfinite(measured.rmse):
        why = "the steps were too long: lower the learning rate"
        why = large_x if x.size > LARGE_INPUTS else large_y if y.size > LARGE_TARGETS else why
        yield "diverged", f"The training diverged, as {why}, and start from new weights."
    if odd:
        yield "outlier", f"{odd}, so every error here is measured against it: check it first."
    if (errors <= np.maximum(FINE, 1.25 * reachable)).all():
        share = words.about(100 * errors.max(), 2)
        if errors.min() > NOISE:
            effect = f"Its error is {share} % of the targets' deviation, and I see no function that is better"
            yield "noise", f"{effect}: the targets are noise, or do not belong to these rows."
        why = "" if errors.max() <= FINE else ", and I see no function of these inputs that is much better"
        yield "healthy", f"Healthy: its error is {share} % of the targets' deviation{why}."
    kernels = [np.asarray(each.dense.kernel) for each in layers(model, "diagnose")[:-1]]
    alike = [
        place
        for place, kernel in enumerate(kernels, 1)
        if np.ptp(kernel, axis=1).max() == 0 < kernel[0].size - 1
    ]
    if alike:
        effect = f"All units of layer {alike[0]} have the same weights, so they learn the same"
        yield "equal units", f"{effect}: start from random weights, as Keras does by itself."
    if {each.activation for each in units} == {"linear"} and curved:
        effect = "No layer has an activation, so the network is an affine map, whatever its weights"
        yield "no activation", f"{effect}: give it hidden layers with one, such as relu."
    if not last.straight + last.bend:
        effect = f"The last layer is {_shut(last)} for every example, so no weight has a gradient to learn by"
        cure = "leave out its activation, and start from new"
        if classes:  # the answer is a probability
            cure = "start from smaller" if last.activation == "sigmoid" else "use sigmoid, and start from new"
        yield "last layer", f"{effect}: {cure} weights."
    if measured.impossible:
        effect = f"The last layer's {last.activation} can't give {measured.impossible:,} of the targets"
        cure = "leave out that activation"
        cure = "turn the labels into 0 and 1, as this loss needs" if "crossentropy" in loss else cure
        yield "range", f"{effect}, which run from {y}: {cure}."
    if {each.activation for each in units[:-1]} == {"linear"} and curved:
        effect = (
            f"No hidden layer has an activation, so the {last.activation} gets an affine map of the inputs"
        )
        yield "no activation", f"{effect}: give the hidden layers one, such as relu."
    if y.size > LARGE_TARGETS or y.side > FAR_TARGETS:
        yield "large targets", f"Weights move in small steps, but {large_y}."
    if x.size > LARGE_INPUTS:
        yield "large inputs", f"Every step moves the answers too far, as {large_x}."
    if x.size < SMALL_INPUTS:
        effect = "one step of a bias outweighs them all, and leaves each unit on, or off, for every example"
        yield "small inputs", f"The inputs run only from {x}, so {effect}: standardise them."
    for place, each in enumerate(units, start=1):
        if not each.straight + each.bend:
            who = (
                f"All {each.units} units of layer {place} are"
                if each.units > 1
                else f"Layer {place}'s unit is"
            )
            effect = f"{who} {_shut(each)} for every example"
            cure = f"start from {'other' if each.off == each.units else 'smaller'} weights"
            cure = f"standardise the inputs, or {cure}" if x.side > ONE_SIDED else cure
            yield "shut layer", f"{effect}, so nothing gets through and no gradient comes back: {cure}."
    if len(units) > 2 and units[0].gradient < FAINT * last.gradient:
        effect = f"The gradient shrinks from {last_pull} at the last layer to {first_pull} at the first"
        yield "vanishing gradient", f"{effect}, which hardly learns: take fewer layers, with relu."
    if units[0].gradient * FAINT > last.gradient:
        effect = f"The gradient grows from {last_pull} at the last layer to {first_pull} at the first"
        yield "exploding gradient", f"{effect}, where steps go too far: start from smaller weights."
    if x.side > ONE_SIDED:
        effect = f"The inputs lie to one side of 0, from {x}, so a step moves all answers the same way"
        yield "one side", f"{effect}: standardise them{adam}."
    if not any(each.bend for each in units):
        effect = "No unit bends among the examples, so the network is an affine map"
        yield "straight", f"{effect}: standardise the inputs, or start from other weights."
    smooth = words.about(measured.smooth_rmse)
    least = f", but a smooth function reaches {smooth}" if measured.smooth_rmse else ""
    yield "unknown", f"No cause seen{least}: `networks.cure` tries what helps."


def _shut(units: Units) -> str:
    return "off" if units.off == units.units else f"stuck where its {units.activation} is level"
