"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers import experiments, question
from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.evidence.trials import of_each, of_runs
from helpers.experiments import Runs, Trained
from helpers.question import FLOOR, LARGEST, SQUARE, X
from lessons.recipes import ASKED, ASKED_SHORT, SMALL, WIDE

import keras
import numpy as np

HIDDEN = {"measure": "bending_units", "layers": [0, 1, 2, 3, 4]}


@of_runs
def rise(runs: Runs) -> np.ndarray:
    """Return the range of the answers to 1..1000: 0 if they are all the same."""
    return np.ptp(runs.answers(X), axis=(1, 2))


@of_each
def bias_error(seed: int, *, biases: bool, drawn: bool = False) -> float:
    """Return the RMSE of ReLU 8-8-1 at x/L², with or without hidden biases."""
    return with_biases(seed, biases, drawn).rmse()


def with_biases(seed: int, biases: bool, drawn: bool = False) -> Trained:
    """Return ReLU 8-8-1 at x/L², trained from a seed, with or without hidden biases.

    drawn: biases do not start at 0, but are drawn as PyTorch does: within 1/√inputs of 0.
    """
    keras.utils.set_random_seed(seed)
    reaches = [inputs**-0.5 if drawn else 0.0 for inputs in (1, 8)]
    starts = [keras.initializers.RandomUniform(-reach, reach) for reach in reaches]
    hidden = [
        keras.layers.Dense(8, activation="relu", use_bias=biases, bias_initializer=start) for start in starts
    ]
    model = keras.Sequential([keras.Input((1,)), *hidden, keras.layers.Dense(1)])
    examples = SQUARE.draw(question.EXAMPLES, seed=seed)
    return experiments.fitted(model, SQUARE, SQUARE.scaling(), *examples, seed=seed)


@of_runs
def thrown_back(runs: Runs) -> np.ndarray:
    """Return the final RMSE divided by the lowest of all epochs, both from the losses."""
    return runs.rmse() / (np.sqrt(runs.losses.min(axis=1)) * runs.recipe.scaling.y_divisor)


@of_runs
def apart(runs: Runs, value: float) -> np.ndarray:
    """Return the factor between the RMSE and a value, 1 or more."""
    ratio = runs.rmse() / value
    return np.maximum(ratio, 1 / ratio)


CLAIMS = {
    "The asker's last network": [
        Claim("asked network, x/L²", "The asker's ReLU network at x/L² ends above 3,000 from most starts.")
        .of(trials.square_error, **ASKED, scale="question")
        .within(99, 100, low=3_000, seeds=40, tested=4, block=1, mutation=WIDE),
        Claim("asked network, x/L², learned", "About half of the starts end below 60,000.")
        .of(trials.square_error, **ASKED, scale="question")
        .within(25, 50, high=60_000, seeds=50, tested=25, block=1, mutation=SMALL),
        Claim(
            "asked network, x/L², the mean",
            "About half end above 250,000, where a network answers with the mean.",
        )
        .of(trials.square_error, **ASKED, scale="question")
        .within(24, 50, low=250_000, seeds=50, tested=30, block=1, mutation=WIDE),
        Claim("asked network, x/L², thrown back", "Many end at 10 times their lowest RMSE, or more.")
        .of(thrown_back, **ASKED, scale="question")
        .within(18, 50, low=10, seeds=50, tested=45, block=1, mutation=WIDE),
        Claim("asked network, x/L², not as before", "None ends near the asker's error without ReLU.")
        .of(apart, **ASKED, scale="question", value=question.PRINTED_RMSE["square"])
        .within(50, 50, low=1.2, seeds=50, tested=4, block=1, mutation=SMALL | {"activation": None}),
    ],
    "A small copy": [
        Claim("8-8-1, x/L²", "At x/L² ReLU 8-8-1 stays above 150,000, near what one number reaches.")
        .of(trials.square_error, **SMALL, scale="question")
        .within(197, 200, low=150_000, mutation={"scale": "largest"}),
    ],
    "Count the units": [
        *(
            Claim(f"no bends, x/L²{where}", f"At most 1 of 8 units bends inside the range{where}.")
            .of(trials.bending_units, **SMALL, scale="question", layers=[layer])
            .within(inside, of, high=1, mutation={"scale": "standardised"})
            for layer, where, inside, of in ((0, "", 195, 200), (1, ", layer 2", 100, 100))
        ),
        *(
            Claim(f"dead units, x/L²{where}", f"At least half of 8 units are off for every x{where}.")
            .of(trials.dead_units, **SMALL, scale="question", layer=layer)
            .within(inside, of, low=4, mutation={"scale": "standardised"})
            for layer, where, inside, of in ((0, "", 197, 200), (1, ", layer 2", 89, 100))
        ),
        Claim("switched off, x/L²", "Training switches units of the first layer off.")
        .of(trials.switched_off, **SMALL, scale="question")
        .within(94, 100, low=1, mutation={"epochs": 0}),
    ],
    "Short of time, or led astray?": [
        Claim("without hidden biases", "Without hidden biases 8-8-1 reaches the floor of every line at x/L².")
        .of(bias_error, biases=False)
        .within(86, 100, low=0.9 * FLOOR, high=1.1 * FLOOR, mutation={"biases": True}),
        Claim("8-8-1, x/L², 2,000 epochs", "After 2,000 epochs at x/L² most starts of 8-8-1 beat every line.")
        .of(trials.square_error, **SMALL, scale="question", epochs=2_000)
        .within(86, 100, high=FLOOR, mutation={"epochs": question.EPOCHS}),
        Claim("biases drawn, x/L²", "Where biases are drawn at random, 8-8-1 ends near the mean, too.")
        .of(bias_error, biases=True, drawn=True)
        .within(100, 100, low=250_000, mutation={"biases": False}),
        Claim("too flat, x/L²", "Most rise by less than 300,000, where the best line rises by 1,000,000.")
        .of(rise, **SMALL, scale="question")
        .within(95, 100, high=300_000, mutation={"scale": "largest"}),
        Claim("one number, x/L²", "A few runs answer with one number.")
        .of(rise, **SMALL, scale="question")
        .within(54, 400, high=0, tested=90, mutation={"scale": "standardised"}),
    ],
    "Dead units": [
        Claim("dead for good, layer 1", "No unit of the first layer that starts off is on after training.")
        .of(trials.came_back, **SMALL, scale="largest")
        .within(100, 100, high=0, mutation={"layer": 1}),
        Claim("coming back, layer 2", "From most starts some unit of the second layer does come back.")
        .of(trials.came_back, **SMALL, scale="largest", layer=1)
        .within(76, 100, low=1, mutation={"layer": 0}),
    ],
    "Divide by L": [
        Claim("8-8-1, x/L", "At x/L most starts of ReLU 8-8-1 end below 50,000.")
        .of(trials.square_error, **SMALL, scale="largest")
        .within(192, 200, high=50_000, mutation={"scale": "question"}),
    ],
    "A third scale": [
        Claim("8-8-1, standardised", "With standardised inputs hardly a start of 8-8-1 ends above 10,000.")
        .of(trials.square_error, **SMALL, scale="standardised")
        .within(199, 200, high=10_000, mutation={"scale": "question"}),
        Claim("bends, standardised", "Standardised, at least 6 of the 8 units bend inside the range.")
        .of(trials.bending_units, **SMALL, scale="standardised")
        .within(197, 200, low=6, mutation={"scale": "largest"}),
    ],
    "The asker's network again": [
        Claim("asked network, x/L", "At x/L the same network ends below 10,000 from most starts.")
        .of(trials.square_error, **ASKED, scale="largest")
        .within(98, 100, high=10_000, seeds=30, tested=4, block=1, mutation={"epochs": 1}),
        Claim("asked network, bends", "After 100 epochs at least twice as many units bend at x/L as at x/L².")
        .of(trials.ratio, **ASKED, **HIDDEN, of={"scale": "largest"}, to={"scale": "question"}, epochs=100)
        .within(47, 50, low=2, **ASKED_SHORT, mutation={"of": {"scale": "question"}}),
    ],
    "Your own divisor": [
        Claim("8-8-1, x/100,000", "Divided by 100,000 most starts of ReLU 8-8-1 end below 50,000.")
        .of(trials.square_error, **SMALL, scale=[100_000, LARGEST**2])
        .within(89, 100, high=50_000, mutation={"scale": "question"}),
        Claim("8-8-1, x/300,000, success", "Divided by 300,000 the runs spread out: some beat any line.")
        .of(trials.square_error, **SMALL, scale=[300_000, LARGEST**2])
        .within(48, 100, high=FLOOR, tested=30, mutation={"scale": "question"}),
        Claim("8-8-1, x/300,000, failure", "Divided by 300,000 the runs spread out: some end above 100,000.")
        .of(trials.square_error, **SMALL, scale=[300_000, LARGEST**2])
        .within(46, 100, low=100_000, tested=30, mutation={"scale": "standardised"}),
        Claim("8-8-1, x/10", "Divided by 10 only, inputs up to 100, 8-8-1 ends above its RMSE at x/L.")
        .of(trials.ratio, **SMALL, of={"scale": [10, LARGEST**2]}, to={"scale": "largest"})
        .within(95, 100, low=1, mutation={"of": {"scale": "largest"}, "to": {"scale": "question"}}),
        *(
            Claim(f"8-8-1, x/L², {name}", f"At x/L² 8-8-1 with {name} gets to the line's floor.")
            .of(trials.square_error, **SMALL | {"activation": name}, scale="question")
            .within(inside, 100, high=1.2 * FLOOR, mutation={"activation": "relu"})
            for name, inside in (("linear", 98), ("tanh", 98))
        ),
        *(
            Claim(f"8-8-1, x/L², {name}", f"At x/L² 8-8-1 with {name} stays above twice the line's floor.")
            .of(trials.square_error, **SMALL | {"activation": name}, scale="question")
            .within(100, 100, low=2 * FLOOR, mutation={"activation": "linear"})
            for name in ("gelu", "silu", "sigmoid")
        ),
        Claim("8-8-1, x/L², rate 0.01", "A rate ten times as high lets most starts beat every line at x/L².")
        .of(trials.square_error, **SMALL, scale="question", learning_rate=0.01)
        .within(84, 100, high=FLOOR, mutation={"learning_rate": 0.001}),
        *(
            Claim(f"8-8-1, x/L², {name}", f"At x/L² {name} leaves ReLU 8-8-1 above twice the line's floor.")
            .of(trials.square_error, **SMALL, scale="question", initializer=name)
            .within(inside, 100, low=2 * FLOOR, mutation={"scale": "standardised"})
            for name, inside in (("he_uniform", 89), ("lecun_normal", 97), ("random_normal", 100))
        ),
    ],
    "Diagnose": [
        Claim("8-8-1, time or scale", "2,000 epochs at x/L² leave more than 500 with standardised inputs.")
        .of(trials.ratio, **SMALL, of={"scale": "question", "epochs": 2_000}, to={"scale": "standardised"})
        .within(99, 100, low=1, mutation={"of": {"scale": "standardised"}, "to": {"scale": "question"}}),
    ],
}
