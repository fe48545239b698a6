"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers import closed_forms, experiments, networks
from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_each
from helpers.problems import Scaling
from helpers.question import LARGEST, SQUARE
from lessons.recipes import EVERY

import keras

COULD = {units: closed_forms.units_floor(LARGEST, units) for units in (4, 8, 12, 16, 32, 64)}
FOLDED = {layers: closed_forms.deep_errors(LARGEST, layers)[1] for layers in (1, 2)}
BY_1024 = {**EVERY, "scale": [1024, 1024**2]}


@of_each
def kept_error(seed: int, *, layers: int, epochs: int = 500) -> float:
    """Return the RMSE of networks.deep_squarer(layers), trained on by SGD; the seed only sets the order."""
    rule = {"optimizer": keras.optimizers.SGD(0.01), "epochs": epochs, "seed": seed}
    return experiments.fitted(networks.deep_squarer(layers), SQUARE, Scaling(1024, 1024**2), **rule).rmse()


CLAIMS = {
    "One layer": [
        Claim("8 units, worth fewer than 4", "500 epochs leave 8 ReLU units above what 4 could reach.")
        .of(trials.square_error, units=[8, 1], **EVERY)
        .within(98, 100, low=COULD[4], mutation={"activation": "gelu", "epochs": 2000}),
        Claim("64 units, worth fewer than 12", "500 epochs leave 64 ReLU units above what 12 could reach.")
        .of(trials.square_error, units=[64, 1], **EVERY)
        .within(92, 100, low=COULD[12], tested=20, mutation={"epochs": 3000}),
        *(
            Claim(f"{units} units, times the floor", f"They end at {low} to {high} times it.")
            .of(trials.square_error, units=[units, 1], **EVERY)
            .within(inside, 100, low=low * COULD[units], high=high * COULD[units], mutation={"epochs": 20})
            for units, low, high, inside in ((8, 3, 40, 99), (64, 15, 100, 99))
        ),
        *(
            Claim(f"{2 * k} units for {k}", f"{2 * k} units end more times above their floor than {k}.")
            .of(trials.ratio, of={"units": [2 * k, 1]}, to={"units": [k, 1]}, **EVERY)
            .within(inside, 100, low=COULD[2 * k] / COULD[k], tested=20)
            .broken_by(of={"units": [64, 1], "epochs": 3000})
            for k, inside in ((4, 64), (8, 73), (16, 83), (32, 99))
        ),
        Claim("64 units, four times the epochs", "After 2,000 epochs they have 8 to 100 times their floor.")
        .of(trials.square_error, units=[64, 1], **EVERY, epochs=2000)
        .within(100, 100, low=8 * COULD[64], high=100 * COULD[64], mutation={"epochs": 20}),
        Claim("8 units, heights", "8 units end near the best curves of 1 to 4 kinks.")
        .of(trials.kinks_worth, units=[8, 1], **EVERY)
        .within(74, 100, low=1, high=4, mutation={"epochs": 20}),
    ],
    "Training depth": [
        Claim("10 layers for one", "10 layers of 8 units leave 1/100 to 1/2 of the RMSE of one.")
        .of(trials.ratio, of={"units": [8] * 10 + [1]}, to={"units": [8, 1]}, **EVERY)
        .within(86, 100, low=1 / 100, high=1 / 2, mutation={"of": {"units": [8, 1]}}),
        *(
            Claim(f"{len(units) - 1} of 8, better than folded", "Most end below layers set by hand.")
            .of(trials.square_error, units=units, **EVERY)
            .within(inside, 100, high=FOLDED[len(units) - 1], mutation={"epochs": 20})
            for units, inside in (([8, 1], 99), ([8, 8, 1], 81))
        ),
        Claim("10 layers from random starts", "10 layers of 8 units end above 500; by hand 4 each reach 0.")
        .of(trials.square_error, units=[8] * 10 + [1], **BY_1024)
        .within(100, 100, low=500, mutation={"units": [64, 1], "epochs": 5000}),
    ],
    "From the hand-built weights": [
        Claim("5 layers from random starts", "5 hidden layers of 4 units end above 1,000 from random starts.")
        .of(trials.square_error, units=[4] * 5 + [1], **BY_1024)
        .within(100, 100, low=1_000, mutation={"units": [64, 1], "epochs": 5000}),
        Claim("5 layers from the start by hand", "Trained on from there, they end below 80.")
        .of(kept_error, layers=5)
        .within(100, 100, high=80, mutation={"layers": 4}),
    ],
}
