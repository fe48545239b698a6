"""The changes that `cure` tries: each has a name and a function from one recipe to another."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from helpers.cure.recipes import Recipe, Step, number

import numpy as np

WIDE, WIDEST = 64, 256  # units of a new layer, and the most after widening one
STEPS = 5_000  # of a training run that is long enough
SMOOTH = {"mean_squared_error", "mse", "mean_absolute_error", "mae", "huber", "log_cosh"}


class Task(NamedTuple):
    """What the targets require: the last layer's activation and units, the loss, and the form of labels.

    classes: "" for amounts; "one" for a column of two labels; "each" for a column per class.
    """

    classes: str
    activation: str
    units: int
    loss: str
    labels: str = ""


class Change(NamedTuple):
    """A change: its name, as in "with …", and its function of a recipe (None: not applicable)."""

    words: str
    make: Callable[[Recipe, Task], Recipe | None]


def task(recipe: Recipe, y: np.ndarray) -> Task:
    """Return what the targets (examples, columns) require, even if the network is built for others."""
    last, values = recipe.dense[-1], np.unique(y)
    whole = bool((values == np.rint(values)).all())
    names = any(word in recipe.loss.lower() for word in ("crossentropy", "hinge", "divergence", "kld"))
    names |= last.activation in ('"sigmoid"', '"softmax"')
    if y.shape[1] == 1 and len(values) == 2 and names and last.units <= 2:
        if last.units == 2:
            return Task("each", '"softmax"', 2, '"categorical_crossentropy"', "one-hot")
        labels = "" if values.tolist() == [0, 1] else "two"
        return Task("one", '"sigmoid"', 1, '"binary_crossentropy"', labels)
    exclusive = "entropy" in recipe.loss or last.activation == '"softmax"'
    if y.shape[1] == 1 and whole and exclusive and 2 < len(values) <= min(50, len(y) / 3):
        return Task("each", '"softmax"', len(values), '"categorical_crossentropy"', "one-hot")
    if y.shape[1] > 1 and names and values.tolist() == [0, 1]:
        if (y.sum(axis=1) == 1).all():
            return Task("each", '"softmax"', y.shape[1], '"categorical_crossentropy"')
        return Task("each", '"sigmoid"', y.shape[1], '"binary_crossentropy"')
    if "poisson" in recipe.loss.lower() and (y >= 0).all():
        return Task("", '"exponential"', last.units, recipe.loss)
    kept = recipe.loss if recipe.loss.strip('"') in SMOOTH else '"mean_squared_error"'
    return Task("", "", last.units, kept)


def plain(recipe: Recipe, task: Task, y: np.ndarray) -> Recipe:
    """Return the same training with a column for each class 0, 1 …, if its loss is sparse."""
    usual = np.array_equal(np.unique(y), np.arange(task.units))
    fits = usual and task.labels == "one-hot" and recipe.dense[-1].units == task.units
    if not fits or "sparse" not in recipe.loss.lower():
        return recipe
    return replace(recipe, loss=recipe.loss.replace("sparse_", "").replace("Sparse", ""), labels="one-hot")


def _end(recipe: Recipe, task: Task) -> Recipe:
    if "from_logits=True" in recipe.loss and not recipe.dense[-1].activation and not task.labels:
        return recipe
    if not task.classes and "exponential" in task.activation and recipe.dense[-1].activation == '"softplus"':
        return recipe
    fitting = recipe.with_dense(
        lambda step: step.having(units=str(task.units), activation=task.activation or None), last=True
    )
    labels = recipe.labels if recipe.labels == "standardised" and not task.classes else task.labels
    return replace(fitting, loss=task.loss, labels=labels)


def _inputs(recipe: Recipe, _task: Task) -> Recipe:
    return replace(recipe, inputs=True)


def _targets(recipe: Recipe, task: Task) -> Recipe | None:
    if task.classes or recipe.dense[-1].activation or recipe.loss.strip('"') not in SMOOTH:
        return None
    return replace(recipe, labels="standardised")


def _hidden(activation: str) -> Callable:
    def change(recipe: Recipe, _task: Task) -> Recipe:
        if not recipe.hidden:
            fresh = Step("Dense", {"units": str(WIDE), "activation": activation})
            return replace(recipe, steps=(*recipe.steps[:-1], fresh, recipe.steps[-1]))
        return recipe.with_dense(lambda step: step.having(activation=activation))

    return change


def _two_layers(recipe: Recipe, _task: Task) -> Recipe:
    kept = [step.activation for step in recipe.hidden if step.activation not in ("", '"softmax"')]
    fresh = Step("Dense", {"units": str(WIDE)}).having(activation=kept[0] if kept else None)
    return replace(recipe, steps=(fresh, fresh, recipe.steps[-1]))


def _waves(spread: float) -> Callable:
    def change(recipe: Recipe, _task: Task) -> Recipe | None:
        if recipe.columns > 3:
            return None
        start = f"keras.initializers.RandomNormal(stddev={spread / recipe.columns**0.5:.3g})"
        arguments = {"units": str(WIDE), "activation": "keras.ops.sin", "kernel_initializer": start}
        last = recipe.steps[-1].having(kernel_initializer=None)
        return replace(recipe, steps=(Step("Dense", arguments), last), inputs=True)

    return change


def _wider(recipe: Recipe, _task: Task) -> Recipe:
    return recipe.with_dense(
        lambda step: step.having(units=str(max(step.units, min(WIDEST, max(16, 4 * step.units)))))
    )


def _deeper(recipe: Recipe, _task: Task) -> Recipe | None:
    if not recipe.hidden or len(recipe.hidden) > 3:
        return None
    return replace(recipe, steps=(*recipe.steps[:-1], recipe.hidden[-1], recipe.steps[-1]))


def _narrowest(recipe: Recipe, _task: Task) -> Recipe:
    sizes = [step.units for step in recipe.hidden] or [0]
    least, most = min(sizes), max(sizes)
    return recipe.with_dense(lambda step: step.having(units=str(most)) if step.units == least else step)


def _starts(initializer: str | None) -> Callable:
    def change(recipe: Recipe, _task: Task) -> Recipe:
        steps = [
            step.having(kernel_initializer=initializer, bias_initializer=None)
            if step.kind == "Dense" and step.activation != "keras.ops.sin"
            else step
            for step in recipe.steps
        ]
        return replace(recipe, steps=tuple(steps))

    return change


def _rate(factor: float) -> Callable:
    def change(recipe: Recipe, _task: Task) -> Recipe | None:
        try:
            rate = factor * float(recipe.optimizer.arguments["learning_rate"])
        except ValueError:
            return None  # a schedule
        return replace(recipe, optimizer=recipe.optimizer.having(learning_rate=number(rate)))

    return change


def _adam(rate: str) -> Callable:
    def change(recipe: Recipe, _task: Task) -> Recipe:
        return replace(recipe, optimizer=Step("Adam", {"learning_rate": rate}))

    return change


def _batches(recipe: Recipe, _task: Task) -> Recipe | None:
    return replace(recipe, batch_size=recipe.batch_size // 4) if recipe.batch_size >= 16 else None


def _longer(recipe: Recipe, _task: Task) -> Recipe:
    return replace(recipe, epochs=4 * recipe.epochs)


def enough(examples: int) -> Callable[[Recipe, Task], Recipe]:
    """Return the change that makes a training run long enough for this many examples."""

    def change(recipe: Recipe, _task: Task) -> Recipe:
        batch = recipe.batch_size if 8 <= recipe.batch_size <= 128 else min(32, examples)
        return replace(
            recipe, batch_size=batch, epochs=max(recipe.epochs, -(-STEPS // -(-examples // batch)))
        )

    return change


def _free(recipe: Recipe, _task: Task) -> Recipe:
    rules = [f"{part}_{kind}" for part in ("kernel", "bias") for kind in ("regularizer", "constraint")]
    none = dict.fromkeys([*rules, "activity_regularizer"])
    steps = [
        step.having(**none)
        for step in recipe.steps
        if "Dropout" not in step.kind and "Noise" not in step.kind
    ]
    return replace(recipe, steps=tuple(steps))


CHANGES = {
    "end": Change("a last layer, loss and labels that fit the targets", _end),
    "inputs": Change("standardised inputs", _inputs),
    "targets": Change("standardised targets", _targets),
    "relu": Change("relu in the hidden layers", _hidden('"relu"')),
    "tanh": Change("tanh in the hidden layers", _hidden('"tanh"')),
    "start": Change("Keras's own starting weights", _starts(None)),
    "free": Change("no dropout, regularizer or constraint", _free),
    "adam": Change("Adam at 0.001", _adam("0.001")),
    "adam 0.01": Change("Adam at 0.01", _adam("0.01")),
    "rate up": Change("ten times the learning rate", _rate(10)),
    "rate down": Change("a tenth of the learning rate", _rate(0.1)),
    "longer": Change("four times the epochs", _longer),
    "batches": Change("a quarter of the batch size", _batches),
    "wider": Change("more units in the hidden layers", _wider),
    "narrowest": Change("the narrowest layer widened", _narrowest),
    "deeper": Change("one more layer", _deeper),
    "two layers": Change(f"two hidden layers of {WIDE} units", _two_layers),
    "he": Change("He's starting weights", _starts('"he_normal"')),
    "wide start": Change("wider starting weights", _starts("keras.initializers.VarianceScaling(9.0)")),
    "waves": Change(f"standardised inputs and {WIDE} sine units that start wide", _waves(10.0)),
    "fast waves": Change(f"standardised inputs and {WIDE} sine units that start very wide", _waves(30.0)),
    "enough": Change(f"{STEPS:,} steps or more", enough(1)),
}
# Changes that exclude each other.
ALTERNATIVES = (
    {"relu", "tanh"},
    {"start", "he", "wide start"},
    {"adam", "adam 0.01", "rate up", "rate down"},
    {"longer", "enough"},
)
# Whole recipes as one would start today, in rounds; unnecessary changes of the best one are taken back.
_CLEAN = ("free", "start", "end", "inputs", "targets", "two layers")
_WAVES = ("free", "start", "end", "targets")
WHOLE = [
    [(*_CLEAN, "relu", "adam", "enough"), (*_CLEAN, "relu", "adam 0.01", "enough")],
    [(*_CLEAN, "tanh", "adam 0.01", "enough")],
    [(*_WAVES, "waves", "adam 0.01", "enough"), (*_WAVES, "fast waves", "adam 0.01", "enough")],
]


def exclude(key: str, other: str) -> bool:
    """Return whether two changes exclude each other."""
    return any({key, other} <= some for some in ALTERNATIVES)


def applied(
    recipe: Recipe, keys: tuple[str, ...], task: Task, examples: int
) -> tuple[Recipe, tuple[str, ...]]:
    """Return a recipe with these changes applied in order, and those that changed something."""
    done = []
    for key in keys:
        make = enough(examples) if key == "enough" else CHANGES[key].make
        changed = make(recipe, task)
        if changed is not None and changed != recipe:
            recipe, done = changed, [*done, key]
    return recipe, tuple(done)
