"""What this lesson says of trained networks, by the heading under which it is said."""

from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_runs
from helpers.experiments import Runs
from helpers.problems import rmse
from helpers.question import X, Y
from lessons.recipes import ASKED, ASKED_SHORT, LINE, RELU, SMALL, WIDE

import numpy as np

FEW = {"examples": 20, "epochs": 2000}


@of_runs
def new_number_ratio(runs: Runs) -> np.ndarray:
    """Return the RMSE on the whole numbers not trained on, divided by that on the examples trained on."""
    return runs.held_out_rmse() / runs.rmse()


@of_runs
def between_ratio(runs: Runs) -> np.ndarray:
    """Return the RMSE on new numbers between the examples, divided by that on all new numbers."""
    errors = []
    for seed, answers in zip(runs.seeds, runs.answers(X), strict=True):
        x, _ = runs.recipe.draw(seed)
        new = ~np.isin(X, x) & (x.min() < X) & (x.max() > X)
        errors.append(rmse(Y[new], answers[new]))
    return errors / runs.held_out_rmse()


@of_runs
def mean_output_error(runs: Runs) -> np.ndarray:
    """Return the RMSE, on all numbers, of the mean of all outputs."""
    return np.array([rmse(Y, y) for y in runs.recipe.scaling.invert(runs.outputs(X)[-1].mean(axis=2))])


@of_runs
def copies_off(runs: Runs, asked: int = 500) -> np.ndarray:
    """Return by what share of the right answer the outputs for one number miss it at most."""
    copies = runs.outputs(np.array([[asked]]))[-1][:, 0] * runs.recipe.scaling.y_divisor
    return np.abs(copies / asked**2 - 1).max(axis=1)


CLAIMS = {
    "The unused input": [
        Claim("unused input, wide", "An unused input makes the RMSE of 64-1 1.5 times as large, or more.")
        .of(trials.ratio, **WIDE, of={"inputs": 2}, to={"inputs": 1})
        .within(199, 200, low=1.5)
        .broken_by(of={"inputs": 1}),
        Claim("unused input, wide, bound", "With it most starts of 64-1 end above 2,000.")
        .of(trials.square_error, **WIDE, inputs=2)
        .within(85, 100, low=2_000)
        .broken_by(inputs=1),
        Claim("unused input, small", "With 8-8-1 the unused input harms in most pairs, but not in all.")
        .of(trials.ratio, **SMALL, scale="largest", of={"inputs": 2}, to={"inputs": 1})
        .within(137, 200, low=1, tested=20)
        .broken_by(of={"inputs": 1, "units": [64, 1]}),
    ],
    "Start simple?": [
        Claim("large beats small", "After 25 epochs the asker's network beats ReLU 8-8-1 after 500, at x/L.")
        .of(trials.ratio, of={**ASKED, "epochs": 25}, to=SMALL, scale="largest")
        .within(94, 100, high=1, **ASKED_SHORT)
        .broken_by(of={**SMALL, "epochs": 25}),
        Claim("wide beats large", "64-1 after 500 epochs beats the asker's network after 25.")
        .of(trials.ratio, of=WIDE, to={**ASKED, "epochs": 25}, scale="largest")
        .within(97, 100, high=1, **ASKED_SHORT)
        .broken_by(of={**WIDE, "epochs": 20}),
        Claim("wide needs epochs", "25 epochs leave 64-1 5 times the RMSE of the asker's network, or more.")
        .of(trials.ratio, of=WIDE, to=ASKED, scale="largest", epochs=25)
        .within(100, 100, low=5, **ASKED_SHORT)
        .broken_by(of={**WIDE, "epochs": 500}),
    ],
    "One hidden layer": [
        Claim("wide beats deep", "One hidden layer of 64 ReLU units beats 8-8-1.")
        .of(trials.ratio, **RELU, of={"units": [64, 1]}, to={"units": [8, 8, 1]})
        .within(200, 200, high=0.95)
        .broken_by(of={"units": [8, 8, 1]}),
        Claim("one linear layer", "Without activation one hidden layer of 64 is as wrong as the best line.")
        .of(trials.square_error, **WIDE | {"activation": None})
        .within(200, 200, low=0.9 * LINE, high=1.2 * LINE)
        .broken_by(activation="relu"),
    ],
    "Are 500 epochs enough?": [
        Claim("large at 25 epochs", "The asker's network at x/L is below 10,000 after 25 epochs already.")
        .of(trials.square_error, **ASKED, scale="largest", epochs=25)
        .within(100, 100, high=10_000, **ASKED_SHORT | {"seeds": 60})
        .broken_by(epochs=1),
        Claim("more epochs at x/L²", "10 times the epochs bring most starts of 8-8-1 to a third of the RMSE.")
        .of(trials.ratio, **SMALL, scale="question", of={"epochs": 5000}, to={"epochs": 500})
        .within(86, 100, high=1 / 3)
        .broken_by(of={"epochs": 500}),
        Claim("more epochs at x/L, small", "10 times the epochs leave a tenth of the RMSE, or more.")
        .of(trials.ratio, **SMALL, scale="largest", of={"epochs": 5000}, to={"epochs": 500})
        .within(99, 100, low=0.1)
        .broken_by(scale="question"),
        Claim("dividing beats waiting", "500 epochs at x/L leave 8-8-1 a lower RMSE than 5,000 at x/L².")
        .of(trials.ratio, **SMALL, of={"scale": "largest"}, to={"scale": "question", "epochs": 5000})
        .within(76, 100, high=1, tested=20)
        .broken_by(of={"scale": "question"}),
    ],
    "100 output units for one target": [
        Claim("100 outputs, wide", "100 output units for one target make the RMSE of 64-1 larger.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]})
        .within(190, 200, low=1.05)
        .broken_by(of={"units": [64, 1]}),
        Claim("100 outputs, copies", "All 100 answers to 500 are within 5 % of its square.")
        .of(copies_off, **RELU, units=[64, 100])
        .within(100, 100, high=0.05)
        .broken_by(epochs=20),
        Claim("100 outputs, their mean", "The mean of all 100 is about as good as a single output.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]}, measure="mean_output_error")
        .within(95, 100, low=0.5, high=2)
        .broken_by(of={"units": [64, 1], "epochs": 20}),
    ],
    "Judging on the training data": [
        Claim("judged on few examples", "With 20 examples 64-1 is 1.2 times as wrong on others, or more.")
        .of(new_number_ratio, **WIDE | FEW)
        .within(161, 200, low=1.2, tested=20)
        .broken_by(examples=1000, epochs=500),
        Claim("judged on many examples", "With 1,000 examples it is about as good on other numbers.")
        .of(new_number_ratio, **WIDE)
        .within(95, 100, low=0.7, high=1.4, tested=20)
        .broken_by(examples=20, learning_rate=0.03),
        Claim("few examples, larger error", "On its 20 examples it errs at least twice as much as on 1,000.")
        .of(trials.ratio, **WIDE, of=FEW, to={"examples": 1000})
        .within(100, 100, low=2)
        .broken_by(of={"examples": 1000}),
        Claim("few examples, beyond them", "Between them it is less wrong than on all other numbers.")
        .of(between_ratio, **WIDE | FEW)
        .within(55, 100, high=0.9, tested=30)
        .broken_by(examples=1000, epochs=500),
    ],
    "Learning rate, batch size, epochs": [
        Claim("slow learning rate", "A rate of 0.0001 leaves 5 times the RMSE of 0.001, or more.")
        .of(trials.ratio, **WIDE, of={"learning_rate": 0.0001}, to={"learning_rate": 0.001})
        .within(100, 100, low=5)
        .broken_by(of={"learning_rate": 0.001}),
        Claim("fast learning rate", "A rate of 0.1 leaves 2 times the RMSE of 0.001, or more.")
        .of(trials.ratio, **WIDE, of={"learning_rate": 0.1}, to={"learning_rate": 0.001})
        .within(100, 100, low=2)
        .broken_by(of={"learning_rate": 0.001}),
        Claim("the rate 0.01", "64-1 at a rate of 0.01 ends below 5,000, too.")
        .of(trials.square_error, **WIDE, learning_rate=0.01)
        .within(94, 100, high=5_000)
        .broken_by(learning_rate=0.0001),
        Claim("all in one batch", "Batches of 1,000 leave 10 times the RMSE of batches of 100, or more.")
        .of(trials.ratio, **WIDE, of={"batch_size": 1000}, to={"batch_size": 100})
        .within(100, 100, low=10)
        .broken_by(of={"batch_size": 100}),
        Claim("as many steps", "After 5,000 epochs, as many steps, batches of 1,000 are about as good.")
        .of(trials.ratio, **WIDE, of={"batch_size": 1000, "epochs": 5000}, to={"batch_size": 100})
        .within(99, 100, low=2 / 3, high=3 / 2)
        .broken_by(of={"batch_size": 1000}),
        Claim("small batches", "Batches of 20 come out lower than batches of 100.")
        .of(trials.ratio, **WIDE, of={"batch_size": 20}, to={"batch_size": 100})
        .within(77, 100, high=1)
        .broken_by(of={"batch_size": 1000}),
        Claim("more epochs at x/L", "From 500 to 2,000 epochs the RMSE of 64-1 falls further, in most pairs.")
        .of(trials.ratio, **WIDE, of={"epochs": 2000}, to={"epochs": 500})
        .within(95, 100, high=0.95)
        .broken_by(of={"epochs": 500}),
        Claim("less and less", "From 100 to 500 epochs it falls to less than a fifth.")
        .of(trials.ratio, **WIDE, of={"epochs": 500}, to={"epochs": 100})
        .within(100, 100, high=0.2)
        .broken_by(of={"epochs": 2000}, to={"epochs": 500}),
    ],
    "Try it yourself": [
        Claim("20 examples, slowly", "On 20 examples 500 epochs at 0.001 leave both columns alike.")
        .of(new_number_ratio, **WIDE, examples=20)
        .within(81, 100, low=0.7, high=1.4, tested=20)
        .broken_by(learning_rate=0.03),
        Claim("20 examples, learned", "At a rate of 0.03 other numbers come out at least 1.4 times as wrong.")
        .of(new_number_ratio, **WIDE, examples=20, learning_rate=0.03)
        .within(94, 100, low=1.4, tested=20)
        .broken_by(learning_rate=0.001),
    ],
}
