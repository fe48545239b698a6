"""The statements of this lesson about trained networks, as claims, by heading."""

from dataclasses import replace

from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_each
from helpers.problems import rmse
from helpers.train import TrainingDiverged

import numpy as np

from .cases import CASES, Case


def patient(name: str, *, layers: list | None = None, epochs: int | None = None, **scaled: float) -> Case:
    """Return a case with other layers, epochs or data."""
    case = CASES[name].scaled(**scaled)
    return replace(case, layers=layers or case.layers, epochs=epochs or case.epochs)


@of_each
def case_error(seed: int, *, name: str, **changes: object) -> float:
    """Return the RMSE on the case's own targets, or infinity if training diverged."""
    case = patient(name, **changes)
    try:
        return rmse(case.y, case.trained(case.build(seed), seed))
    except TrainingDiverged:
        return np.inf


@of_each
def case_missed(seed: int, *, name: str, **changes: object) -> float:
    """Return the number of misclassified examples."""
    case = patient(name, **changes)
    return float(((case.trained(case.build(seed), seed) > 0.5) != case.y).sum())


@of_each
def case_answers(seed: int, *, name: str, **changes: object) -> float:
    """Return the range of a case's answers."""
    case = patient(name, **changes)
    return float(np.ptp(case.trained(case.build(seed), seed)))


CENTRED = {"shift": 99.5, "divisor": 57.7}
SCALED = {"y_shift": 240_000, "y_divisor": 40_000}
LINEAR_END = [[8, "relu"], [1, None]]
BENT = [[16, "relu"], [1, "sigmoid"]]
SIGMOID = [[16, "tanh"], [1, "sigmoid"]]

CLAIMS = {
    "The thermometer": [
        Claim("the thermometer", "Its training diverges.")
        .of(case_error, name="thermometer")
        .within(100, 100, low=1e9, mutation=CENTRED),
        Claim("the thermometer, cured", "Shifted and divided, it ends below 1 degree.")
        .of(case_error, name="thermometer", **CENTRED)
        .within(100, 100, high=1, mutation={"divisor": 199, "shift": 0}),
    ],
    "The houses": [
        Claim("the houses", "After 300 epochs its RMSE is above 200,000.")
        .of(case_error, name="houses")
        .within(100, 100, low=200_000, mutation=SCALED),
        Claim("the houses, cured", "With smaller targets it ends below a tenth of their divisor.")
        .of(case_error, name="houses", **SCALED)
        .within(100, 100, high=0.1, mutation={"epochs": 1}),
    ],
    "The line": [
        Claim("the line, off", "About half of the starts answer 0 to everything.")
        .of(case_answers, name="line")
        .within(54, 100, high=0, tested=20, mutation={"layers": LINEAR_END}),
        Claim("the line, cured", "Without the last activation it ends below 0.5 from most starts.")
        .of(case_error, name="line", layers=LINEAR_END)
        .within(92, 100, high=0.5, mutation={"layers": [[8, "relu"], [1, "relu"]]}),
    ],
    "The circle": [
        Claim("the circle", "Without activation a third of the points or more are wrong.")
        .of(case_missed, name="circle")
        .within(100, 100, low=133, mutation={"layers": BENT}),
        Claim("the circle, cured", "With 16 relu units at most 20 points are wrong, as a rule.")
        .of(case_missed, name="circle", layers=BENT)
        .within(98, 100, high=20, mutation={"epochs": 5}),
    ],
    "The sum": [
        Claim("the sum", "With softmax its answers never differ.")
        .of(case_answers, name="sum")
        .within(100, 100, high=0.000001, mutation={"layers": SIGMOID}),
        Claim("the sum, cured", "With sigmoid at most 6 of 60 are wrong.")
        .of(case_missed, name="sum", layers=SIGMOID)
        .within(100, 100, high=6, mutation={"epochs": 1}),
    ],
    "The dice": [
        Claim("the dice", "It ends within 2 % of what chance leaves.")
        .of(case_error, name="dice")
        .within(100, 100, high=1.02 * 3.0240, mutation={"epochs": 5}),
    ],
}
