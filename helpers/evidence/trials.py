"""Experiments over seeds, which measure one number per seed.

Each takes the seeds first and its settings by name, and returns a float array (seeds,). The notebooks show
these numbers, and claims.py has the claims about them. Settings are plain values (numbers, text, lists), so
that a run can be sent to another process and its result be stored.

Most measure networks trained by a recipe. Their settings are those of experiments.run, by name, such as
units, scale, activation, epochs; scale may also list the divisors of x and y. `operation` and `inputs` set a
problem other than the square of one number.
"""

import functools
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from helpers import closed_forms, experiments, lessons, question
from helpers.experiments import Recipe, Runs, Trained
from helpers.problems import Problem, Scaling
from helpers.question import X

import numpy as np

FLOORS = [closed_forms.units_floor(question.LARGEST, units) for units in range(1, 9)]


EXPERIMENTS: dict[str, Callable[..., np.ndarray]] = {}  # by name, for `ratio`


@functools.lru_cache(maxsize=200)
def _runs(asked: str) -> Runs:
    """Train once for several experiments; asked: seeds and settings as JSON."""
    seeds, recipe = json.loads(asked)
    problem = Problem(recipe.pop("operation", "square"), recipe.pop("inputs", 1))
    if isinstance(recipe.get("scale"), list):
        recipe["scale"] = Scaling(*recipe["scale"])
    return Runs(Recipe(problem, **recipe), seeds)


def of_runs(measure: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Make an experiment of a function of runs, which are trained with the settings it does not take."""
    own = list(inspect.signature(measure).parameters)[1:]

    @functools.wraps(measure)
    def experiment(seeds: Sequence[int], **settings: object) -> np.ndarray:
        options = {name: settings.pop(name) for name in own if name in settings}
        runs = _runs(json.dumps([list(seeds), settings], sort_keys=True))
        return np.asarray(measure(runs, **options), dtype=float)

    return EXPERIMENTS.setdefault(measure.__name__, experiment)


@of_runs
def square_error(runs: Runs) -> np.ndarray:
    """Return the RMSE on the training examples, as in the question."""
    return runs.rmse()


@of_runs
def settled_error(runs: Runs) -> np.ndarray:
    """Return the RMSE where the losses have settled; see Runs.settled."""
    return runs.settled()


@of_runs
def kinks_worth(runs: Runs) -> np.ndarray:
    """Return the number of kinks, 1 to 8, whose best curve has this RMSE within a tenth, or 0 if none."""
    off = np.abs(runs.rmse()[:, np.newaxis] / FLOORS - 1)
    return np.where(off.min(axis=1) < 0.1, off.argmin(axis=1) + 1, 0)


def ratio(seeds: Sequence[int], *, of: dict, to: dict, measure: str = "square_error", **shared) -> np.ndarray:
    """Return the ratio of two recipes' results, both from the same seed.

    of, to: the settings in which they differ; shared: those in common; measure: the name of an experiment.
    """
    lessons.load("claims")  # some declare their own
    experiment = EXPERIMENTS[measure]
    return experiment(seeds, **{**shared, **of}) / experiment(seeds, **{**shared, **to})


@of_runs
def bending_units(runs: Runs, layers: Sequence[int] = (0,), beyond: int = 0) -> np.ndarray:
    """Return how many ReLU units of these hidden layers are on for some of 1..1000 and off for others.

    beyond: only look at numbers above this one.
    """
    given = runs.outputs(X[beyond:])
    on = [given[layer] > 0 for layer in layers]
    return sum((each.any(axis=1) & ~each.all(axis=1)).sum(axis=1) for each in on)


@of_runs
def dead_units(runs: Runs, layer: int = 0) -> np.ndarray:
    """Return how many ReLU units of a hidden layer are off for all of 1..1000."""
    return (runs.outputs(X)[layer] == 0).all(axis=1).sum(axis=1)


@of_runs
def switched_off(runs: Runs) -> np.ndarray:
    """Return how many units of the first layer are off for all of 1..1000 but were not at the start."""
    was, now = _off(runs, 0)
    return (now & ~was).sum(axis=1)


@of_runs
def came_back(runs: Runs, layer: int = 0) -> np.ndarray:
    """Return how many units of a hidden layer were off for all of 1..1000 at the start but no longer are."""
    was, now = _off(runs, layer)
    return (was & ~now).sum(axis=1)


def _off(runs: Runs, layer: int) -> list[np.ndarray]:
    """Return which units of a layer are off for all of 1..1000, at the start and now: bool (seeds, units)."""
    start = Runs(replace(runs.recipe, epochs=0), runs.seeds)
    return [(each.outputs(X)[layer] == 0).all(axis=1) for each in (start, runs)]


def of_each(train: Callable[..., float]) -> Callable[..., np.ndarray]:
    """Make an experiment of a function of one seed."""

    @functools.wraps(train)
    def experiment(seeds: Sequence[int], **settings: object) -> np.ndarray:
        return np.array([train(seed, **settings) for seed in seeds], dtype=float)

    return experiment


@of_each
def adder_off(seed: int, *, units: Sequence[int], epochs: int | None = None, largest: int = 1000) -> float:
    """Return the largest relative error of the sums of 1,000 pairs, drawn anew for each seed."""
    x, y = Problem("sum", inputs=2, largest=largest).draw(1000, seed=1000 + seed)
    return np.abs(adder_of(seed, units, epochs).answers(x) / y - 1).max()


def adder_of(seed: int, units: Sequence[int], epochs: int | None) -> Trained:
    """Return the network that adds, fully trained or after a number of epochs."""
    if epochs is None:
        return experiments.adder(seed, tuple(units))
    return experiments.run(Problem("sum", inputs=2), units, epochs=epochs, seed=seed)
