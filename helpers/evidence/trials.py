"""What is measured: experiments over seeds, one number a seed.

Each takes the seeds first and its settings by name, and returns a float array (seeds,). The notebooks show
these numbers, and claims.py says what must hold of them. Settings are plain values (numbers, text, lists),
so that a run can be sent to another process and found again.

Most measure networks trained by a recipe. Their settings are those of experiments.run, by name, such as
units, scale, activation, epochs; scale may also list the divisors of x and y. `operation` and `inputs` name
another problem than the square of one number, `last` an activation of the last layer.
"""

import functools
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers import closed_forms, experiments, networks, question
from helpers.experiments import Recipe, Runs, Trained
from helpers.problems import Problem, Scaling, rmse

import keras
import numpy as np

SQUARE = Problem("square")
X, Y = SQUARE.every_number()
FLOORS = [closed_forms.units_floor(question.LARGEST, units) for units in range(1, 9)]


@dataclass(frozen=True)
class Ending(Recipe):
    """A recipe whose last layer has an activation, too."""

    last: str | None = None

    def build(self, seed: int) -> keras.Sequential:
        """Return the network of a seed, compiled and not yet trained."""
        model = super().build(seed)
        model.layers[-1].activation = keras.activations.get(self.last)
        return model


@functools.lru_cache(maxsize=200)
def _runs(asked: str) -> Runs:
    """Train once what several experiments measure; asked: seeds and settings as JSON."""
    seeds, recipe = json.loads(asked)
    problem = Problem(recipe.pop("operation", "square"), recipe.pop("inputs", 1))
    if isinstance(recipe.get("scale"), list):
        recipe["scale"] = Scaling(*recipe["scale"])
    return Runs(Ending(problem, **recipe), seeds)


def _of_runs(measure: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Make an experiment of a function of runs: it trains first, by the settings that are not its own."""
    own = list(inspect.signature(measure).parameters)[1:]

    @functools.wraps(measure)
    def experiment(seeds: Sequence[int], **settings: object) -> np.ndarray:
        options = {name: settings.pop(name) for name in own if name in settings}
        runs = _runs(json.dumps([list(seeds), settings], sort_keys=True))
        return np.asarray(measure(runs, **options), dtype=float)

    return experiment


@_of_runs
def square_error(runs: Runs) -> np.ndarray:
    """Return the RMSE on the examples trained on, as the question judged."""
    return runs.rmse()


@_of_runs
def above_its_line(runs: Runs) -> np.ndarray:
    """Return the RMSE divided by that of the best line through the very examples trained on."""
    drawn = map(runs.recipe.draw, runs.seeds)
    return runs.rmse() / [rmse(y, np.polyval(np.polyfit(x[:, 0], y[:, 0], 1), x)) for x, y in drawn]


@_of_runs
def new_number_ratio(runs: Runs) -> np.ndarray:
    """Return the RMSE on the whole numbers not trained on, divided by that on the examples trained on."""
    return runs.held_out_rmse() / runs.rmse()


@_of_runs
def between_ratio(runs: Runs) -> np.ndarray:
    """Return the RMSE on new numbers between the examples, divided by that on all new numbers."""
    errors = []
    for seed, answers in zip(runs.seeds, runs.answers(X), strict=True):
        x, _ = runs.recipe.draw(seed)
        new = ~np.isin(X, x) & (x.min() < X) & (x.max() > X)
        errors.append(rmse(Y[new], answers[new]))
    return errors / runs.held_out_rmse()


@_of_runs
def mean_output_error(runs: Runs) -> np.ndarray:
    """Return the RMSE, on all numbers, of the mean of all outputs."""
    return np.array([rmse(Y, y) for y in runs.recipe.scaling.invert(runs.outputs(X)[-1].mean(axis=2))])


@_of_runs
def copies_off(runs: Runs, asked: int = 500) -> np.ndarray:
    """Return by what share of the right answer the outputs for one number miss it at most."""
    copies = runs.outputs(np.array([[asked]]))[-1][:, 0] * runs.recipe.scaling.y_divisor
    return np.abs(copies / asked**2 - 1).max(axis=1)


@_of_runs
def kinks_worth(runs: Runs) -> np.ndarray:
    """Return which of the best curves of 1 to 8 kinks leaves this RMSE, within a tenth, or 0 if none."""
    off = np.abs(runs.rmse()[:, np.newaxis] / FLOORS - 1)
    return np.where(off.min(axis=1) < 0.1, off.argmin(axis=1) + 1, 0)


def ratio(seeds: Sequence[int], *, of: dict, to: dict, measure: str = "square_error", **shared) -> np.ndarray:
    """Return what one recipe measures divided by what another does, both from the same seed.

    of, to: the settings in which they differ; shared: those in common; measure: an experiment's name.
    """
    experiment = globals()[measure]
    return experiment(seeds, **{**shared, **of}) / experiment(seeds, **{**shared, **to})


def unlike(seeds: Sequence[int], **recipe: object) -> np.ndarray:
    """Return how many times the RMSE from one start is that from another, the larger by the smaller."""
    ratios = square_error(seeds, **recipe) / square_error([1000 + seed for seed in seeds], **recipe)
    return np.maximum(ratios, 1 / ratios)


@_of_runs
def bending_units(runs: Runs, layers: Sequence[int] = (0,), beyond: int = 0) -> np.ndarray:
    """Return how many ReLU units of these hidden layers are on for some of 1..1000 and off for others.

    beyond: count only what bends among the numbers beyond this one.
    """
    given = runs.outputs(X[beyond:])
    on = [given[layer] > 0 for layer in layers]
    return sum((each.any(axis=1) & ~each.all(axis=1)).sum(axis=1) for each in on)


@_of_runs
def dead_units(runs: Runs, layer: int = 0) -> np.ndarray:
    """Return how many ReLU units of a hidden layer are off for all of 1..1000."""
    return (runs.outputs(X)[layer] == 0).all(axis=1).sum(axis=1)


@_of_runs
def switched_off(runs: Runs) -> np.ndarray:
    """Return how many units of the first layer are off for all of 1..1000, and were not at the start."""
    start = Runs(replace(runs.recipe, epochs=0), runs.seeds)
    was, now = ((each.outputs(X)[0] == 0).all(axis=1) for each in (start, runs))
    return (now & ~was).sum(axis=1)


@_of_runs
def last_kink(runs: Runs) -> np.ndarray:
    """Return the largest x at which a unit of the first layer switches on or off."""
    kinks = np.array([-bias / kernel[0] for kernel, bias, *_ in runs.weights])
    return kinks.max(axis=1) * runs.recipe.scaling.x_divisor


@_of_runs
def wrong(runs: Runs) -> np.ndarray:
    """Return how many of the answers to the examples trained on are wrong."""
    x, y = map(np.stack, zip(*map(runs.recipe.draw, runs.seeds), strict=True))
    return (runs.answers(x) != y).sum(axis=(1, 2))


@_of_runs
def rise(runs: Runs) -> np.ndarray:
    """Return the largest answer to 1..1000 minus the smallest; 0 is one number for all."""
    return np.ptp(runs.answers(X), axis=(1, 2))


@_of_runs
def lowest(runs: Runs) -> np.ndarray:
    """Return the lowest answer to 1..1000."""
    return runs.answers(X).min(axis=(1, 2))


@_of_runs
def share_of_the_square(runs: Runs, asked: int = 2000) -> np.ndarray:
    """Return the answer to one number as a share of its square, from networks trained on 1 to 1000."""
    return runs.answers(np.array([[asked]]))[:, 0, 0] / asked**2


@_of_runs
def growth(runs: Runs, near: int = 100_000, far: int = 1_000_000) -> np.ndarray:
    """Return how many times the answer to a far number is the answer to a nearer one, both on squares."""
    answers = runs.answers(np.array([[near], [far]]))[:, :, 0]
    return answers[:, 1] / answers[:, 0]


def _of_each(train: Callable[..., float]) -> Callable[..., np.ndarray]:
    """Make an experiment of a function of one seed."""

    @functools.wraps(train)
    def experiment(seeds: Sequence[int], **settings: object) -> np.ndarray:
        return np.array([train(seed, **settings) for seed in seeds], dtype=float)

    return experiment


@_of_each
def bias_error(seed: int, *, biases: bool) -> float:
    """Return the RMSE of ReLU 8-8-1 at x/L² whose hidden layers have biases or none."""
    return with_biases(seed, biases).rmse()


def with_biases(seed: int, biases: bool) -> Trained:
    """Return ReLU 8-8-1 at x/L² trained from a seed, its hidden layers with biases or without."""
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(8, activation="relu", use_bias=biases) for _ in range(2)]
    model = keras.Sequential([keras.Input((1,)), *hidden, keras.layers.Dense(1)])
    examples = SQUARE.draw(question.EXAMPLES, seed=seed)
    return experiments.fitted(model, SQUARE, SQUARE.scaling(), *examples, seed=seed)


@_of_each
def kept_error(seed: int, *, layers: int, epochs: int = 500) -> float:
    """Return the RMSE of networks.deep_squarer(layers), trained on by SGD; the seed draws only the order."""
    rule = {"optimizer": keras.optimizers.SGD(0.01), "epochs": epochs, "seed": seed}
    return experiments.fitted(networks.deep_squarer(layers), SQUARE, Scaling(1024, 1024**2), **rule).rmse()


@_of_each
def squared_feature_error(seed: int, *, asked: int, epochs: int = 500) -> float:
    """Return the relative error at one number of a linear unit that gets x and x², trained on 1 to 1000."""
    unit, scaling = networks.stack([1], inputs=2, seed=seed), Scaling(np.array([1e3, 1e6]), 1e6)
    rule = {"optimizer": keras.optimizers.SGD(0.5), "epochs": epochs, "seed": seed}
    trained = experiments.fitted(unit, SQUARE, scaling, np.hstack([X, X**2]), Y, **rule)
    return abs(trained.answers(np.array([[asked, asked**2]]))[0, 0] / asked**2 - 1)


@_of_each
def adder_off(seed: int, *, units: Sequence[int], epochs: int | None = None, largest: int = 1000) -> float:
    """Return by what share sums of 1,000 pairs, for each seed others, are missed at most."""
    x, y = Problem("sum", inputs=2, largest=largest).draw(1000, seed=1000 + seed)
    return np.abs(_adder(seed, units, epochs).answers(x) / y - 1).max()


@_of_each
def adder_weights_off(seed: int, *, units: Sequence[int], epochs: int | None = None) -> float:
    """Return how far the effective weights of the network that adds are from 1 and 1, at most."""
    return np.abs(networks.collapse(_adder(seed, units, epochs).model)[0] - 1).max()


def _adder(seed: int, units: Sequence[int], epochs: int | None) -> Trained:
    """Return the network that adds, or what it was after so many epochs."""
    if epochs is None:
        return experiments.adder(seed, tuple(units))
    return experiments.run(Problem("sum", inputs=2), units, epochs=epochs, seed=seed)


@_of_each
def product_error(seed: int, *, units: Sequence[int], stretch: bool = True, squares: bool = False) -> float:
    """Return the RMSE on products of a linear network that was trained on sums, fed with logarithms.

    1,000 pairs of numbers from 1 to 1000, for each seed others, or with `squares` each number twice.
    stretch: stretch the logarithms to the range of the numbers that the network was trained on.
    """
    adder, factor = experiments.adder(seed, tuple(units)), 1000 / np.log(1000) if stretch else 1.0
    drawn = Problem("product", inputs=2).draw(1000, seed=1000 + seed)
    x, y = (np.hstack([X, X]), Y) if squares else drawn
    logs = adder.scaling.inputs(factor * np.log(x)).astype("float32")
    sums = np.asarray(adder.model(logs), dtype=float) * adder.scaling.y_divisor
    return rmse(y, np.rint(np.exp(sums / factor)))
