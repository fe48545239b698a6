"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_runs
from helpers.experiments import Runs
from helpers.problems import rmse
from helpers.question import FLOOR, X, Y
from lessons.recipes import ASKED, ASKED_SHORT, RELU, SMALL, WIDE

import numpy as np

FEW = {"examples": 20, "epochs": 2000}
SETTLED = {"measure": "settled_error"}
NARROW, BROAD = SMALL | SETTLED, WIDE | SETTLED
THREADS = {"learning_rate": 0.001, "batch_size": 100, "epochs": 500}
WORSE = {"learning_rate": 0.0001, "batch_size": 1000, "epochs": 100}
RATE = {"learning_rate": 0.01}


@of_runs
def new_number_ratio(runs: Runs) -> np.ndarray:
    """Return the RMSE on the held-out whole numbers divided by that on the training examples."""
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
    """Return the largest relative error among the outputs for one number."""
    copies = runs.outputs(np.array([[asked]]))[-1][:, 0] * runs.recipe.scaling.y_divisor
    return np.abs(copies / asked**2 - 1).max(axis=1)


@of_runs
def swing(runs: Runs) -> np.ndarray:
    """Return the highest RMSE of the last tenth of the epochs divided by the lowest, from the losses."""
    late = np.sqrt(runs.losses[:, -max(1, runs.recipe.epochs // 10) :])
    return late.max(axis=1) / late.min(axis=1)


def beside(setting: str, value: float) -> dict:
    """Return the settings of a ratio: 64-1 with one setting changed, to 64-1 with the thread's own."""
    return {**WIDE, **SETTLED, "of": {setting: value}, "to": {setting: THREADS[setting]}}


def better(setting: str, value: float, inside: int) -> Claim:
    """Claim that 64-1 ends lower with this value in most pairs."""
    says = f"64-1 settles lower with {value:,g} than with {THREADS[setting]}, in most pairs."
    claim = Claim(f"{setting} {value:,g}, better", says).of(trials.ratio, **beside(setting, value))
    return claim.within(inside, 100, high=0.99).broken_by(of={setting: WORSE[setting]})


def worse(setting: str, value: float, inside: int, low: float) -> Claim:
    """Claim that 64-1 ends higher with this value, by a factor of `low` or more, in most pairs."""
    says = f"64-1 settles higher with {value:,g} than with {THREADS[setting]}: {low:g} times or more."
    claim = Claim(f"{setting} {value:,g}, worse", says).of(trials.ratio, **beside(setting, value))
    return claim.within(inside, 100, low=low).broken_by(of={setting: THREADS[setting]})


CLAIMS = {
    "When to read the score": [
        Claim("no spikes at 0.001", "The last 50 epochs of 64-1 end within a factor of 1.6.")
        .of(swing, **WIDE)
        .within(100, 100, high=1.6, mutation=RATE),
        Claim(
            "spikes at 0.01", "Ten times the rate: the highest of the last 50 epochs is 3 times the lowest."
        )
        .of(swing, **WIDE, **RATE)
        .within(97, 100, low=3, mutation={"learning_rate": 0.001}),
        Claim("the rate 0.01", "At a rate of 0.01 most last epochs leave 64-1 below 5,000, and some do not.")
        .of(trials.square_error, **WIDE, **RATE)
        .within(94, 100, high=5_000, mutation={"learning_rate": 0.0001}),
        Claim("settled at 0.01", "Settled, every start of 64-1 at a rate of 0.01 is below 2,500.")
        .of(trials.settled_error, **WIDE, **RATE)
        .within(100, 100, high=2_500, mutation={"learning_rate": 0.0001}),
    ],
    "The unused input": [
        Claim("unused input, wide", "An unused input makes the RMSE of 64-1 1.5 times as large, or more.")
        .of(trials.ratio, **BROAD, of={"inputs": 2}, to={"inputs": 1})
        .within(100, 100, low=1.5, mutation={"of": {"inputs": 1}}),
        Claim("unused input, small", "With 8-8-1 the unused input harms in most pairs, but not in all.")
        .of(trials.ratio, **NARROW, scale="largest", of={"inputs": 2}, to={"inputs": 1})
        .within(70, 100, low=1, tested=20, mutation={"of": {"inputs": 1, "units": [64, 1]}}),
    ],
    "Start simple?": [
        Claim("large beats small", "After 25 epochs the asker's network beats ReLU 8-8-1 after 500, at x/L.")
        .of(trials.ratio, of={**ASKED, "epochs": 25}, to=SMALL, scale="largest")
        .within(94, 100, high=1, **ASKED_SHORT, mutation={"of": {**SMALL, "epochs": 25}}),
        Claim("wide beats large", "64-1 after 500 epochs beats the asker's network after 25.")
        .of(trials.ratio, of=WIDE, to={**ASKED, "epochs": 25}, scale="largest")
        .within(97, 100, high=1, **ASKED_SHORT, mutation={"of": {**WIDE, "epochs": 20}}),
        Claim("wide needs epochs", "25 epochs leave 64-1 5 times the RMSE of the asker's network, or more.")
        .of(trials.ratio, of=WIDE, to=ASKED, scale="largest", epochs=25)
        .within(100, 100, low=5, **ASKED_SHORT, mutation={"of": {**WIDE, "epochs": 500}}),
    ],
    "One hidden layer": [
        Claim("wide beats deep", "One hidden layer of 64 ReLU units beats 8-8-1.")
        .of(trials.ratio, **RELU, **SETTLED, of={"units": [64, 1]}, to={"units": [8, 8, 1]})
        .within(100, 100, high=0.95, mutation={"of": {"units": [8, 8, 1]}}),
        Claim("one linear layer", "Without activation one hidden layer of 64 is as wrong as the best line.")
        .of(trials.square_error, **WIDE | {"activation": None})
        .within(200, 200, low=0.9 * FLOOR, high=1.2 * FLOOR, mutation={"activation": "relu"}),
    ],
    "Are 500 epochs enough?": [
        Claim("large at 25 epochs", "The asker's network at x/L is below 10,000 after 25 epochs already.")
        .of(trials.square_error, **ASKED, scale="largest", epochs=25)
        .within(100, 100, high=10_000, **ASKED_SHORT | {"seeds": 60}, mutation={"epochs": 1}),
        Claim("more epochs at x/L²", "10 times the epochs bring most starts of 8-8-1 to a third of the RMSE.")
        .of(trials.ratio, **NARROW, scale="question", of={"epochs": 5000}, to={"epochs": 500})
        .within(86, 100, high=1 / 3, mutation={"of": {"epochs": 500}}),
        Claim("more epochs at x/L, small", "10 times the epochs leave a tenth of the RMSE, or more.")
        .of(trials.ratio, **NARROW, scale="largest", of={"epochs": 5000}, to={"epochs": 500})
        .within(99, 100, low=0.1, mutation={"scale": "question"}),
        Claim("dividing beats waiting", "500 epochs at x/L leave 8-8-1 a lower RMSE than 5,000 at x/L².")
        .of(trials.ratio, **NARROW, of={"scale": "largest"}, to={"scale": "question", "epochs": 5000})
        .within(78, 100, high=1, tested=20, mutation={"of": {"scale": "question"}}),
    ],
    "100 output units for one target": [
        Claim("100 outputs, wide", "100 output units for one target make the RMSE of 64-1 larger.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]})
        .within(190, 200, low=1.05, mutation={"of": {"units": [64, 1]}}),
        Claim("100 outputs, copies", "All 100 answers to 500 are within 5 % of its square.")
        .of(copies_off, **RELU, units=[64, 100])
        .within(100, 100, high=0.05, mutation={"epochs": 20}),
        Claim("100 outputs, their mean", "The mean of all 100 is about as good as a single output.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]}, measure="mean_output_error")
        .within(95, 100, low=0.5, high=2, mutation={"of": {"units": [64, 1], "epochs": 20}}),
    ],
    "Judging on the training data": [
        Claim("judged on few examples", "With 20 examples 64-1 is 1.2 times as wrong on others, or more.")
        .of(new_number_ratio, **WIDE | FEW)
        .within(161, 200, low=1.2, tested=20, mutation={"examples": 1000, "epochs": 500}),
        Claim("judged on many examples", "With 1,000 examples it is about as good on other numbers.")
        .of(new_number_ratio, **WIDE)
        .within(95, 100, low=0.7, high=1.4, tested=20, mutation={"examples": 20, "learning_rate": 0.03}),
        Claim("few examples, larger error", "On its 20 examples it errs at least twice as much as on 1,000.")
        .of(trials.ratio, **WIDE, of=FEW, to={"examples": 1000})
        .within(100, 100, low=2, mutation={"of": {"examples": 1000}}),
        Claim("few examples, beyond them", "Between them it is less wrong than on all other numbers.")
        .of(between_ratio, **WIDE | FEW)
        .within(55, 100, high=0.9, tested=30, mutation={"examples": 1000, "epochs": 500}),
    ],
    "The course's own advice": [
        Claim("standardised, 64-1", "Standardised, 64-1 settles higher than at x/L, in most pairs.")
        .of(trials.ratio, **BROAD, of={"scale": "standardised"}, to={"scale": "largest"})
        .within(83, 100, low=1.02, tested=20, mutation={"of": {"scale": "largest"}}),
        Claim("standardised, 64-1, longer", "After 2,000 epochs at most by a factor of 2, either way.")
        .of(trials.ratio, **BROAD, of={"scale": "standardised"}, to={"scale": "largest"}, epochs=2000)
        .within(99, 100, low=1 / 2, high=2, mutation={"of": {"scale": "question"}}),
        Claim("standardised, 8-8-1", "Standardised, 8-8-1 settles lower than at x/L, in most pairs.")
        .of(trials.ratio, **NARROW, of={"scale": "standardised"}, to={"scale": "largest"})
        .within(88, 100, high=0.98, mutation={"of": {"scale": "largest"}}),
    ],
    "Learning rate, batch size, epochs": [
        worse("learning_rate", 0.0001, 100, 5),
        worse("learning_rate", 0.0003, 100, 1.5),
        better("learning_rate", 0.002, 97),
        better("learning_rate", 0.003, 98),
        better("learning_rate", 0.005, 88),
        Claim("the rate 0.01, lower", "From some starts 64-1 settles lower with 0.01 than with 0.001.")
        .of(trials.ratio, **beside("learning_rate", 0.01))
        .within(32, 100, high=1, tested=40, mutation={"of": {"learning_rate": 0.1}}),
        Claim("the rate 0.01, higher", "From others it settles higher.")
        .of(trials.ratio, **beside("learning_rate", 0.01))
        .within(68, 100, low=1, tested=30, mutation={"of": {"learning_rate": 0.003}}),
        worse("learning_rate", 0.03, 99, 1.02),
        worse("learning_rate", 0.1, 100, 2),
        better("batch_size", 20, 97),
        better("batch_size", 50, 100),
        worse("batch_size", 200, 100, 1.5),
        worse("batch_size", 1000, 100, 10),
        Claim("as many steps", "After 5,000 epochs, as many steps, batches of 1,000 are about as good.")
        .of(trials.ratio, **BROAD, of={"batch_size": 1000, "epochs": 5000}, to={"batch_size": 100})
        .within(100, 100, low=2 / 3, high=3 / 2, mutation={"of": {"batch_size": 1000}}),
        worse("epochs", 100, 100, 5),
        worse("epochs", 200, 100, 2),
        better("epochs", 1000, 100),
        better("epochs", 2000, 100),
        Claim("twice the epochs, early", "From 100 to 200 epochs the RMSE falls to 0.4 times or less.")
        .of(trials.ratio, **BROAD, of={"epochs": 200}, to={"epochs": 100})
        .within(100, 100, high=0.4, mutation={"of": {"epochs": 2000}, "to": {"epochs": 1000}}),
        Claim("twice the epochs, late", "From 1,000 to 2,000 it stays at 0.6 times or more.")
        .of(trials.ratio, **BROAD, of={"epochs": 2000}, to={"epochs": 1000})
        .within(96, 100, low=0.6, mutation={"of": {"epochs": 200}, "to": {"epochs": 100}}),
        Claim("20 examples, slowly", "On 20 examples 500 epochs at 0.001 leave both columns alike.")
        .of(new_number_ratio, **WIDE, examples=20)
        .within(81, 100, low=0.7, high=1.4, tested=20, mutation={"learning_rate": 0.03}),
        Claim("20 examples, learned", "At a rate of 0.03 other numbers come out at least 1.4 times as wrong.")
        .of(new_number_ratio, **WIDE, examples=20, learning_rate=0.03)
        .within(94, 100, low=1.4, tested=20, mutation={"learning_rate": 0.001}),
    ],
}
