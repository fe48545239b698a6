"""What is measured: experiments over seeds, one number a seed.

Each takes the seeds first and its settings by name, and returns a float array (seeds,). The notebooks show
these numbers, and claims.py says what must hold of them. Settings are plain values (numbers, text, lists),
so that a run can be sent to another process and found again.

`recipe`: settings of experiments.run, by name, such as units, scale, activation, epochs.
"""

from collections.abc import Sequence

from helpers import experiments, networks
from helpers.problems import Problem, Scaling, rmse
from helpers.training import train

import keras
import numpy as np


def square_error(
    seeds: Sequence[int], *, inputs: int = 1, units: Sequence[int], **recipe: object
) -> np.ndarray:
    """Return the RMSE on squares, on the examples trained on, as the thread judged."""
    return experiments.run_seeds(Problem("square", inputs), units, seeds=seeds, **recipe).rmse()


def ratio(
    seeds: Sequence[int], *, of: dict[str, object], to: dict[str, object], **shared: object
) -> np.ndarray:
    """Return the RMSE of one recipe divided by that of another, both from the same seed.

    of, to: the settings in which the recipes differ; shared: those that they have in common.
    """
    return square_error(seeds, **{**shared, **of}) / square_error(seeds, **{**shared, **to})


def bending_units(seeds: Sequence[int], *, units: Sequence[int], **recipe: object) -> np.ndarray:
    """Return how many ReLU units of the first layer are on for some of 1..1000 and off for others."""
    return _first_layer(networks.bending_units, seeds, units, recipe)


def dead_units(seeds: Sequence[int], *, units: Sequence[int], **recipe: object) -> np.ndarray:
    """Return how many ReLU units of the first layer are off for all of 1..1000."""
    return _first_layer(networks.dead_units, seeds, units, recipe)


def _first_layer(count, seeds, units, recipe) -> np.ndarray:
    runs = experiments.run_seeds(Problem("square"), units, seeds=seeds, **recipe)
    every_x, every_y = runs[0].problem.every_number()
    x, _ = runs[0].scaling.normalise(every_x, every_y)
    return np.array([float(count(trained.model, x)[0]) for trained in runs])


def new_number_ratio(seeds: Sequence[int], *, units: Sequence[int], **recipe: object) -> np.ndarray:
    """Return the RMSE on the whole numbers not trained on, divided by that on the examples trained on."""
    runs = experiments.run_seeds(Problem("square"), units, seeds=seeds, **recipe)
    return runs.held_out_rmse() / runs.rmse()


def deep_error(
    seeds: Sequence[int],
    *,
    layers: int,
    by_hand: bool,
    width: int = 4,
    optimizer: str = "adam",
    learning_rate: float = 0.001,
) -> np.ndarray:
    """Return the RMSE on squares of a deep ReLU network, trained for 500 epochs, x divided by 1024.

    by_hand: it starts from networks.deep_squarer(layers), and the seed draws only the order of the
    examples; or else from the random weights of the seed, with `width` units a layer.
    """
    problem, scaling = Problem("square"), Scaling(1024.0, 1024.0**2)
    if not by_hand:
        recipe = {"optimizer": optimizer, "learning_rate": learning_rate, "activation": "relu"}
        units = [width] * layers + [1]
        runs = experiments.run_seeds(
            problem, units, seeds=seeds, scale=scaling, examples=None, epochs=500, **recipe
        )
        return runs.rmse()
    x, y = problem.every_number()
    errors = []
    for seed in seeds:
        model = networks.deep_squarer(layers)
        rule = keras.optimizers.get(optimizer)
        rule.learning_rate = learning_rate
        model.compile(optimizer=rule, loss="mean_squared_error")
        train(model, *scaling.normalise(x, y), epochs=500, batch_size=100, seed=seed)
        errors.append(rmse(y, experiments.answers(model, scaling, x)))
    return np.array(errors)


def share_of_the_square(
    seeds: Sequence[int], *, asked: int, units: Sequence[int], **recipe: object
) -> np.ndarray:
    """Return the answer to one number as a share of its square, from networks trained on 1 to 1000."""
    runs = experiments.run_seeds(Problem("square"), units, seeds=seeds, **recipe)
    return runs.answers(np.array([[asked]]))[:, 0, 0] / asked**2


def growth(
    seeds: Sequence[int], *, near: int, far: int, units: Sequence[int], **recipe: object
) -> np.ndarray:
    """Return how many times the answer to a far number is the answer to a nearer one, both on squares."""
    runs = experiments.run_seeds(Problem("square"), units, seeds=seeds, **recipe)
    answers = runs.answers(np.array([[near], [far]]))[:, :, 0]
    return answers[:, 1] / answers[:, 0]


def product_error(seeds: Sequence[int], *, stretch: bool = True, units: Sequence[int]) -> np.ndarray:
    """Return the RMSE on products of a linear network that was trained on sums, fed with logarithms.

    1,000 pairs of numbers from 1 to 1000, for each seed others. stretch: stretch the logarithms to the
    range of the numbers that the network was trained on.
    """
    factor = 1000 / np.log(1000) if stretch else 1.0
    errors = []
    for seed in seeds:
        trained = experiments.adder(seed, tuple(units))
        x, y = Problem("product", inputs=2).draw(1000, seed=1000 + seed)
        logs = trained.scaling.inputs(factor * np.log(x)).astype("float32")
        sums = np.asarray(trained.model(logs), dtype=float) * trained.scaling.y_divisor
        errors.append(rmse(y, np.rint(np.exp(sums / factor))))
    return np.array(errors)


def squared_feature_error(seeds: Sequence[int], *, asked: int, epochs: int = 500) -> np.ndarray:
    """Return the relative error at one number of a linear unit that gets x and x², trained on 1 to 1000."""
    x, y = Problem("square").every_number()

    def features(x: np.ndarray) -> np.ndarray:
        return np.hstack([x / 1000, (x / 1000) ** 2])

    errors = []
    for seed in seeds:
        unit = networks.stack([1], inputs=2, seed=seed)
        unit.compile(optimizer=keras.optimizers.SGD(0.5), loss="mean_squared_error")
        train(unit, features(x), y / 1e6, epochs=epochs, batch_size=100, seed=seed)
        answer = float(unit(features(np.array([[asked]])))[0, 0]) * 1e6
        errors.append(abs(answer / asked**2 - 1))
    return np.array(errors)
