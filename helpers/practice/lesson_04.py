"""What the reader answers in 04, activations."""

from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong

import numpy as np


@exercise(
    "04",
    minutes=3,
    hints=(
        "A Dense layer takes two things here: how many units, and the name of the activation.",
        'The first argument is the number of units; the second is activation="...".',
    ),
)
def relu_layer(layer: given.model) -> Verdict:
    """A layer of 8 ReLU units."""
    grid = np.linspace(-4, 4, 81)
    near, far = (layer.answers(np.outer(x, np.ones(layer.inputs))) for x in (grid, 1000 * grid))
    size, units = np.abs(far).max(), far.shape[1]
    bends = [(np.abs(np.diff(y, 2, axis=0)) > 1e-4 * np.abs(y).max()).sum(axis=0).max() for y in (near, far)]
    if layer.count() == 0:
        return wrong("This has no weights of its own: put the activation behind a Dense layer of 8 units.")
    if size == 0:
        return wrong("All its answers are 0, as if its weights were 0: leave them as Keras starts them.")
    if max(bends) == 0:
        return wrong('Its answers lie on straight lines, so it has no activation: add activation="relu".')
    if (far[[0, -1]].max(axis=0) < 1.5 * far[[20, 60]].max(axis=0)).any():
        kind = "tanh" if far.min() < -0.5 else "sigmoid" if size < 1.01 else "relu6"
        return wrong(f'Its answers settle, as with {kind}, where ReLU goes on rising: take "relu" instead.')
    if far.min() < 0 and (far[:30] == far[0]).all():
        return wrong(
            "ReLU stands before the weights here, and they make negatives again: put it behind Dense."
        )
    if min(near.min(), far.min()) < 0:
        return wrong('Some of its answers are negative, but ReLU gives 0 instead: take "relu" itself.')
    if max(bends) > 2 or (far.min(axis=0) > 0).any():
        return wrong(
            'Its units do not go straight up from one kink, as relu(x − 400) does: take "relu" itself.'
        )
    if units != 8:
        count = f"{units} unit{'s' * (units > 1)}"
        return wrong(f"The activation is right, but this has {count}: give 8 as the first argument of Dense.")
    return right("Whatever its weights are, each of the 8 units goes straight up from one kink of its own.")
