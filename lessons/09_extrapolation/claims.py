"""The statements of this lesson about trained networks, as claims, by heading."""

from collections.abc import Sequence

from helpers import experiments, networks
from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_each, of_runs
from helpers.experiments import Runs
from helpers.problems import Problem, Scaling, rmse
from helpers.question import LARGEST, SQUARE, X, Y
from lessons.recipes import ADDER, EVERY, LARGE

import keras
import numpy as np

FAR = {"units": [16, 1], **EVERY, "learning_rate": 0.01}


@of_runs
def last_kink(runs: Runs) -> np.ndarray:
    """Return the largest x at which a unit of the first layer switches on or off."""
    kinks = np.array([-bias / kernel[0] for kernel, bias, *_ in runs.weights])
    return kinks.max(axis=1) * runs.recipe.scaling.x_divisor


@of_runs
def share_of_the_square(runs: Runs, asked: int = 2000) -> np.ndarray:
    """Return the answer to one number divided by its square, from networks trained on 1 to 1000."""
    return runs.answers(np.array([[asked]]))[:, 0, 0] / asked**2


@of_runs
def growth(runs: Runs, near: int = 100_000, far: int = 1_000_000) -> np.ndarray:
    """Return the answer to a far number divided by the answer to a nearer one."""
    answers = runs.answers(np.array([[near], [far]]))[:, :, 0]
    return answers[:, 1] / answers[:, 0]


@of_each
def squared_feature_error(seed: int, *, asked: int, epochs: int = 500) -> float:
    """Return the relative error at one number of a linear unit that gets x and x², trained on 1 to 1000."""
    unit, scaling = networks.stack([1], inputs=2, seed=seed), Scaling(np.array([1e3, 1e6]), 1e6)
    rule = {"optimizer": keras.optimizers.SGD(0.5), "epochs": epochs, "seed": seed}
    trained = experiments.fitted(unit, SQUARE, scaling, np.hstack([X, X**2]), Y, **rule)
    return abs(trained.answers(np.array([[asked, asked**2]]))[0, 0] / asked**2 - 1)


@of_each
def product_error(seed: int, *, units: Sequence[int], stretch: bool = True, squares: bool = False) -> float:
    """Return the RMSE on products of a linear network that was trained on sums, given logarithms.

    1,000 pairs of numbers from 1 to 1000, for each seed others, or with `squares` each number twice.
    stretch: stretch the logarithms to the range of the numbers that the network was trained on.
    """
    adder, factor = experiments.adder(seed, tuple(units)), 1000 / np.log(1000) if stretch else 1.0
    drawn = Problem("product", inputs=2).draw(1000, seed=1000 + seed)
    x, y = (np.hstack([X, X]), Y) if squares else drawn
    logs = adder.scaling.inputs(factor * np.log(x)).astype("float32")
    sums = np.asarray(adder.model(logs), dtype=float) * adder.scaling.y_divisor
    return rmse(y, np.rint(np.exp(sums / factor)))


CLAIMS = {
    "Ask for more": [
        Claim("kinks beyond the range", "Most starts of 16 ReLU units leave a kink there.")
        .of(last_kink, **FAR)
        .within(75, 100, low=LARGEST, tested=20, mutation={"epochs": 0}),
    ],
    "Other activations, far out": [
        *(
            Claim(f"{name}, inside", f"16 {name} units fit the squares of 1 to 1,000: below 15,000.")
            .of(trials.square_error, **FAR | {"activation": name})
            .within(inside, 100, high=15_000, mutation={"epochs": 1})
            for name, inside in (("relu", 100), ("tanh", 100), ("sine", 100))
        ),
        *(
            Claim(f"{name}, just outside", f"16 {name} units answer 1,100 within a tenth of its square.")
            .of(share_of_the_square, **FAR | {"activation": name}, asked=1100)
            .within(inside, 100, low=0.9, high=1.1, mutation={"asked": 2000})
            for name, inside in (("relu", 100), ("tanh", 100), ("sine", 100))
        ),
        Claim("ReLU at twice the range", "16 ReLU units answer 2,000 with 0.6 to 0.75 of its square.")
        .of(share_of_the_square, **FAR, asked=2000)
        .within(100, 100, low=0.6, high=0.75, mutation={"asked": 1100}),
        Claim("ReLU goes straight on", "Asked for 10 times as much far outside, it answers 10 times as much.")
        .of(growth, **FAR)
        .within(100, 100, low=9.9, high=10.1, mutation={"activation": "tanh"}),
        Claim("tanh goes flat", "Asked for 10 times as much far outside, tanh answers about the same.")
        .of(growth, **FAR | {"activation": "tanh"})
        .within(99, 100, low=0.5, high=2, mutation={"activation": "relu"}),
        Claim("sine never leaves", "Sine units answer 1,000,000 with ±0.00001 of its square at most.")
        .of(share_of_the_square, **FAR | {"activation": "sine"}, asked=1_000_000)
        .within(100, 100, low=-0.00001, high=0.00001, mutation={"activation": "relu"}),
        Claim("ReLU, a tenth off", "16 ReLU units answer 1,300 with about 0.9 of its square.")
        .of(share_of_the_square, **FAR, asked=1300)
        .within(100, 100, low=0.85, high=0.95, mutation={"asked": 1100}),
    ],
    "Another representation": [
        Claim("x² as an input", "A linear unit that also gets x² answers 1,000,000 within 0.01 %.")
        .of(squared_feature_error, asked=1_000_000)
        .within(100, 100, high=0.0001, mutation={"epochs": 20}),
    ],
    "Logarithms": [
        Claim("the adder, far outside", "The network that adds adds pairs up to 1,000,000 within 0.002 %.")
        .of(trials.adder_off, **ADDER, largest=1_000_000)
        .within(100, 100, high=2e-5, seeds=10, **LARGE, mutation={"epochs": 5}),
        Claim(
            "the network that adds multiplies",
            "Fed stretched logarithms, it multiplies with an RMSE below 0.5.",
        )
        .of(product_error, **ADDER)
        .within(100, 100, high=0.5, seeds=10, **LARGE, mutation={"units": [1], "stretch": False}),
        Claim("it squares", "Fed the logarithm of a number twice, it squares with an RMSE below 2.")
        .of(product_error, **ADDER, squares=True)
        .within(100, 100, high=2, seeds=10, **LARGE, mutation={"units": [1], "stretch": False}),
    ],
}
