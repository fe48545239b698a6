"""What the notebooks say of trained networks, each a Claim: where, the experiment, the bound, its mutation.

`make evidence` reruns all of them and writes evidence/README.md; tests/test_claims.py holds each over
its first seeds and shows that its mutation turns it red. To add one: measure the experiment over 100 seeds
or more, choose a range that nearly all of them meet, and enter how many did as `measured`.
"""

import argparse
import sys

from helpers import closed_forms, question
from helpers.evidence import trials
from helpers.evidence.runs import FOLDER, Claim, local_executor, write

SMALL = {"units": [8, 8, 1], "activation": "relu"}
WIDE = {"units": [64, 1], "activation": "relu", "scale": "largest"}
ASKED = {"units": [20, 100, 1000, 100, 20, 1], "activation": "relu"}
# A mutation for the asker's network: no ReLU, and a layer less, which makes no difference then.
BENT_NOWHERE = {"activation": None, "units": [20, 100, 100, 20, 1]}
LINE = closed_forms.line_floor(question.LARGEST)

EIGHT = {"units": [8, 1], "activation": "relu", "scale": "largest", "epochs": 2000}

WALK = [
    Claim(
        name="64 units learn to square",
        statement="ReLU 64-1 at x/L ends below 2,000 after 500 epochs.",
        said="00_start_here#A first slider",
        experiment=trials.square_error,
        settings=WIDE,
        high=2_000,
        measured=(99, 100),
        mutation={"activation": None},
    ),
    Claim(
        name="linear networks reach the floor",
        statement="Linear 8-8-1, trained on all numbers, ends within 10 % of the best line, never below.",
        said="02_squaring#More layers? More epochs?",
        experiment=trials.square_error,
        settings={"units": [8, 8, 1], "scale": "largest", "examples": None},
        low=0.9999 * LINE,
        high=1.1 * LINE,
        measured=(100, 100),
        mutation={"activation": "relu"},
    ),
    Claim(
        name="8 units, never as good as by hand",
        statement="8 ReLU units end above what 8 pieces set by hand reach.",
        said="04_activations#Let training find the kinks",
        experiment=trials.square_error,
        settings=EIGHT,
        low=closed_forms.pieces_floor(question.LARGEST, 8),
        measured=(100, 100),
        mutation={"units": [64, 1]},
    ),
    Claim(
        name="8 units, better than a line",
        statement="8 ReLU units end below half the RMSE of the best line.",
        said="04_activations#Let training find the kinks",
        experiment=trials.square_error,
        settings=EIGHT,
        high=LINE / 2,
        measured=(99, 100),
        mutation={"activation": None},
    ),
    *(
        Claim(
            name=f"{activation} beats ReLU",
            statement=f"From the same start, 8 units with {activation} end below 8 with ReLU.",
            said="04_activations#Other activations",
            experiment=trials.ratio,
            settings={**EIGHT, "of": {"activation": activation}, "to": {"activation": "relu"}},
            high=0.98,
            measured=(better, 100),
            mutation={"of": {"activation": "relu"}},
        )
        for activation, better in (("tanh", 91), ("sigmoid", 91), ("gelu", 100), ("silu", 100))
    ),
]

INPUT_SCALE = [
    Claim(
        name="asked network, x/L²",
        statement="The asker's ReLU network at x/L² ends above 3,000 from most starts.",
        said="05_input_scale#The asker's last network",
        experiment=trials.square_error,
        settings={**ASKED, "scale": "question"},
        low=3_000,
        measured=(99, 100),
        mutation={"units": [64, 1], "scale": "largest"},
        seeds=40,
        tested=6,
        block=2,
    ),
    Claim(
        name="asked network, x/L",
        statement="At x/L the same network ends below 10,000 from most starts.",
        said="05_input_scale#The asker's network again",
        experiment=trials.square_error,
        settings={**ASKED, "scale": "largest"},
        high=10_000,
        measured=(98, 100),
        mutation=BENT_NOWHERE,
        seeds=30,
        tested=6,
        block=2,
    ),
    Claim(
        name="asked network, x/L², no luck",
        statement="After 100 epochs at x/L², some starts are worse than the best line.",
        said="05_input_scale#The asker's last network",
        experiment=trials.square_error,
        settings={**ASKED, "scale": "question", "epochs": 100},
        low=LINE,
        measured=(57, 100),
        mutation={"units": [64, 1], "scale": "largest"},
        tested=40,
    ),
    Claim(
        name="asked network, x/L², luck",
        statement="After 100 epochs at x/L², some starts are better than any line, by a tenth or more.",
        said="05_input_scale#The asker's last network",
        experiment=trials.square_error,
        settings={**ASKED, "scale": "question", "epochs": 100},
        high=0.9 * LINE,
        measured=(32, 100),
        mutation=BENT_NOWHERE,
        tested=40,
    ),
    Claim(
        name="8-8-1, x/L²",
        statement="At x/L² ReLU 8-8-1 stays above 150,000 for 500 epochs, near what one number reaches.",
        said="05_input_scale#A small copy",
        experiment=trials.square_error,
        settings={**SMALL, "scale": "question"},
        low=150_000,
        measured=(197, 200),
        mutation={"scale": "largest"},
    ),
    Claim(
        name="8-8-1, x/L",
        statement="At x/L most starts of ReLU 8-8-1 end below 50,000.",
        said="05_input_scale#Divide by L",
        experiment=trials.square_error,
        settings={**SMALL, "scale": "largest"},
        high=50_000,
        measured=(192, 200),
        mutation={"scale": "question"},
    ),
    Claim(
        name="8-8-1, standardised",
        statement="With standardised inputs hardly a start of ReLU 8-8-1 ends above 10,000.",
        said="05_input_scale#Standardise",
        experiment=trials.square_error,
        settings={**SMALL, "scale": "standardised"},
        high=10_000,
        measured=(199, 200),
        mutation={"activation": None},
    ),
    Claim(
        name="no bends, x/L²",
        statement="At x/L² at most 1 of the 8 units of the first layer bends inside the range.",
        said="05_input_scale#Count the units",
        experiment=trials.bending_units,
        settings={**SMALL, "scale": "question"},
        high=1,
        measured=(195, 200),
        mutation={"scale": "standardised"},
    ),
    Claim(
        name="dead units, x/L²",
        statement="At x/L² at least half of the first layer's units are off for every x.",
        said="05_input_scale#Count the units",
        experiment=trials.dead_units,
        settings={**SMALL, "scale": "question"},
        low=4,
        measured=(197, 200),
        mutation={"scale": "standardised"},
    ),
    Claim(
        name="bends, standardised",
        statement="Standardised, at least 6 of the 8 units bend inside the range.",
        said="05_input_scale#Standardise",
        experiment=trials.bending_units,
        settings={**SMALL, "scale": "standardised"},
        low=6,
        measured=(197, 200),
        mutation={"scale": "largest"},
    ),
]

ADVICE = [
    Claim(
        name="large at 100 epochs",
        statement="The asker's network at x/L is below 10,000 after 100 epochs already.",
        said="06_advice_on_trial#Are 500 epochs enough?",
        experiment=trials.square_error,
        settings={**ASKED, "scale": "largest", "epochs": 100},
        high=10_000,
        measured=(100, 100),
        mutation=BENT_NOWHERE,
        seeds=60,
        tested=10,
    ),
    Claim(
        name="large beats small",
        statement="After 100 epochs the asker's network beats ReLU 8-8-1 after 500, at x/L.",
        said="06_advice_on_trial#Start simple?",
        experiment=trials.ratio,
        settings={"of": {**ASKED, "epochs": 100}, "to": SMALL, "scale": "largest"},
        high=1,
        measured=(90, 100),
        mutation={"of": {"units": [2, 2, 1], "activation": "relu"}},
        seeds=40,
        tested=10,
    ),
    Claim(
        name="wide beats deep",
        statement="One hidden layer of 64 ReLU units beats 8-8-1.",
        said="06_advice_on_trial#One hidden layer",
        experiment=trials.ratio,
        settings={
            "of": {"units": [64, 1]},
            "to": {"units": [8, 8, 1]},
            "activation": "relu",
            "scale": "largest",
        },
        high=0.95,
        measured=(200, 200),
        mutation={"activation": None},
    ),
    Claim(
        name="one linear layer",
        statement="Without activation one hidden layer of 64 is as wrong as the best line.",
        said="06_advice_on_trial#One hidden layer",
        experiment=trials.square_error,
        settings={**WIDE, "activation": None},
        low=0.9 * LINE,
        high=1.2 * LINE,
        measured=(200, 200),
        mutation={"activation": "relu"},
    ),
    Claim(
        name="more epochs at x/L²",
        statement="At x/L², 5,000 epochs bring most starts of ReLU 8-8-1 to a third of the RMSE after 500.",
        said="06_advice_on_trial#Are 500 epochs enough?",
        experiment=trials.ratio,
        settings={"of": {"epochs": 5000}, "to": {"epochs": 500}, **SMALL, "scale": "question"},
        high=1 / 3,
        measured=(86, 100),
        mutation={"of": {"epochs": 500}},
    ),
    Claim(
        name="unused input, wide",
        statement="An unused second input makes the RMSE of 64-1 at least 1.5 times as large.",
        said="06_advice_on_trial#The unused input",
        experiment=trials.ratio,
        settings={"of": {"inputs": 2}, "to": {"inputs": 1}, **WIDE},
        low=1.5,
        measured=(199, 200),
        mutation={"of": {"inputs": 1}},
    ),
    Claim(
        name="unused input, small",
        statement="With 8-8-1 the unused input harms in most pairs, but not in all.",
        said="06_advice_on_trial#The unused input",
        experiment=trials.ratio,
        settings={"of": {"inputs": 2}, "to": {"inputs": 1}, **SMALL, "scale": "largest"},
        low=1,
        measured=(137, 200),
        mutation={"of": {"inputs": 1, "units": [64, 1]}},
    ),
    Claim(
        name="100 outputs, wide",
        statement="100 output units for one target make the RMSE of a hidden layer of 64 larger.",
        said="06_advice_on_trial#100 output units for one target",
        experiment=trials.ratio,
        settings={
            "of": {"units": [64, 100]},
            "to": {"units": [64, 1]},
            "activation": "relu",
            "scale": "largest",
        },
        low=1.05,
        measured=(190, 200),
        mutation={"of": {"units": [64, 1]}},
    ),
    Claim(
        name="judged on few examples",
        statement="Trained on 20 examples, the network is at least 1.2 times as wrong on other numbers.",
        said="06_advice_on_trial#Judging on the training data",
        experiment=trials.new_number_ratio,
        settings={**WIDE, "examples": 20, "epochs": 2000},
        low=1.2,
        measured=(161, 200),
        mutation={"examples": 1000, "epochs": 500},
    ),
    Claim(
        name="judged on many examples",
        statement="Trained on 1,000 examples, it is about as good on other numbers.",
        said="06_advice_on_trial#Judging on the training data",
        experiment=trials.new_number_ratio,
        settings=WIDE,
        low=0.7,
        high=1.4,
        measured=(95, 100),
        mutation={"examples": 10, "epochs": 2000},
    ),
    Claim(
        name="slow learning rate",
        statement="A learning rate of 0.0001 leaves at least 5 times the RMSE of 0.001 after 500 epochs.",
        said="06_advice_on_trial#Learning rate, batch size, epochs",
        experiment=trials.ratio,
        settings={"of": {"learning_rate": 0.0001}, "to": {"learning_rate": 0.001}, **WIDE},
        low=5,
        measured=(100, 100),
        mutation={"of": {"learning_rate": 0.001}},
    ),
    Claim(
        name="fast learning rate",
        statement="A learning rate of 0.1 leaves at least 2 times the RMSE of 0.001.",
        said="06_advice_on_trial#Learning rate, batch size, epochs",
        experiment=trials.ratio,
        settings={"of": {"learning_rate": 0.1}, "to": {"learning_rate": 0.001}, **WIDE},
        low=2,
        measured=(100, 100),
        mutation={"of": {"learning_rate": 0.001}},
    ),
    Claim(
        name="all in one batch",
        statement="Batches of 1,000 leave at least 10 times the RMSE of batches of 100 after 500 epochs.",
        said="06_advice_on_trial#Learning rate, batch size, epochs",
        experiment=trials.ratio,
        settings={"of": {"batch_size": 1000}, "to": {"batch_size": 100}, **WIDE},
        low=10,
        measured=(100, 100),
        mutation={"of": {"batch_size": 100}},
    ),
    Claim(
        name="more epochs at x/L",
        statement="From 500 to 2,000 epochs the RMSE of 64-1 falls further, in most pairs.",
        said="06_advice_on_trial#Learning rate, batch size, epochs",
        experiment=trials.ratio,
        settings={"of": {"epochs": 2000}, "to": {"epochs": 500}, **WIDE},
        high=0.95,
        measured=(95, 100),
        mutation={"of": {"epochs": 500}},
    ),
]

EVERY = {"activation": "relu", "scale": "largest", "examples": None}

WIDTH_AND_DEPTH = [
    Claim(
        name="8 units, worth fewer than 4",
        statement="500 epochs leave 8 ReLU units above what 4 could reach, from most starts.",
        said="07_width_and_depth#What training finds",
        experiment=trials.square_error,
        settings={"units": [8, 1], **EVERY},
        low=closed_forms.units_floor(question.LARGEST, 4),
        measured=(98, 100),
        mutation={"activation": "gelu", "epochs": 2000},
    ),
    Claim(
        name="64 units, worth fewer than 12",
        statement="500 epochs leave 64 ReLU units above what 12 could reach, from most starts.",
        said="07_width_and_depth#What training finds",
        experiment=trials.square_error,
        settings={"units": [64, 1], **EVERY},
        low=closed_forms.units_floor(question.LARGEST, 12),
        measured=(92, 100),
        mutation={"epochs": 3000},
    ),
    Claim(
        name="10 layers from random starts",
        statement="10 hidden layers of 8 units end above 300, where 4 units a layer, set by hand, reach 0.",
        said="07_width_and_depth#Training depth",
        experiment=trials.deep_error,
        settings={"layers": 10, "by_hand": False, "width": 8},
        low=300,
        measured=(100, 100),
        mutation={"by_hand": True},
        tested=10,
        block=10,
    ),
    Claim(
        name="5 layers from random starts",
        statement="5 hidden layers of 4 units end above 1,000 from random starts.",
        said="07_width_and_depth#Can it at least stay there?",
        experiment=trials.deep_error,
        settings={"layers": 5, "by_hand": False},
        low=1000,
        measured=(100, 100),
        mutation={"by_hand": True, "optimizer": "sgd", "learning_rate": 0.01},
        tested=10,
        block=10,
    ),
    Claim(
        name="5 layers from the start by hand",
        statement="Trained on from the weights set by hand, they end below 80.",
        said="07_width_and_depth#Can it at least stay there?",
        experiment=trials.deep_error,
        settings={"layers": 5, "by_hand": True, "optimizer": "sgd", "learning_rate": 0.01},
        high=80,
        measured=(100, 100),
        mutation={"by_hand": False},
        tested=10,
        block=10,
    ),
]

FAR = {"units": [16, 1], **EVERY, "learning_rate": 0.01}
ADDER = {"units": [20, 100, 1000, 100, 1]}

EXTRAPOLATION = [
    Claim(
        name="ReLU at twice the range",
        statement="16 ReLU units, trained on 1 to 1000, answer 2000 with 0.6 to 0.75 of its square.",
        said="08_extrapolation#Flat, and round and round",
        experiment=trials.share_of_the_square,
        settings={**FAR, "asked": 2000},
        low=0.6,
        high=0.75,
        measured=(100, 100),
        mutation={"activation": None},
    ),
    Claim(
        name="ReLU goes straight on",
        statement="Asked for 10 times as much far outside, 16 ReLU units answer with 10 times as much.",
        said="08_extrapolation#Flat, and round and round",
        experiment=trials.growth,
        settings={**FAR, "near": 100_000, "far": 1_000_000},
        low=9.9,
        high=10.1,
        measured=(100, 100),
        mutation={"activation": "tanh"},
    ),
    Claim(
        name="tanh goes flat",
        statement="Asked for 10 times as much far outside, tanh units answer with about the same.",
        said="08_extrapolation#Flat, and round and round",
        experiment=trials.growth,
        settings={**FAR, "activation": "tanh", "near": 100_000, "far": 1_000_000},
        low=0.5,
        high=2,
        measured=(99, 100),
        mutation={"activation": "relu"},
    ),
    Claim(
        name="sine never leaves",
        statement="Sine units answer 1,000,000 with less than 0.00001 of its square, above or below 0.",
        said="08_extrapolation#Flat, and round and round",
        experiment=trials.share_of_the_square,
        settings={**FAR, "activation": "sine", "asked": 1_000_000},
        low=-0.00001,
        high=0.00001,
        measured=(100, 100),
        mutation={"activation": "relu"},
    ),
    Claim(
        name="x² as an input",
        statement="A linear unit that also gets x² answers 1,000,000 within 0.01 %, trained on 1 to 1000.",
        said="08_extrapolation#Another representation",
        experiment=trials.squared_feature_error,
        settings={"asked": 1_000_000},
        high=0.0001,
        measured=(100, 100),
        mutation={"epochs": 20},
    ),
    Claim(
        name="the network that adds multiplies",
        statement="Fed stretched logarithms, the network that adds multiplies with an RMSE below 0.5.",
        said="08_extrapolation#Logarithms",
        experiment=trials.product_error,
        settings=ADDER,
        high=0.5,
        measured=(100, 100),
        mutation={"stretch": False},
        seeds=10,
        tested=4,
        block=2,
    ),
]

CLAIMS = [*WALK, *INPUT_SCALE, *ADVICE, *WIDTH_AND_DEPTH, *EXTRAPOLATION]


def main(arguments: list[str]) -> int:
    """Run all claims in processes of this machine and write the table; return 0 if all hold, else 1."""
    parser = argparse.ArgumentParser("evidence", description="Rerun the experiments behind the claims.")
    parser.add_argument("--workers", type=int, default=2, help="processes to share the runs")
    chosen = parser.parse_args(arguments)
    try:
        with local_executor(chosen.workers) as executor:
            holds = write(CLAIMS, executor)
    except KeyboardInterrupt:
        print("\nInterrupted: finished runs are kept, and the same command goes on from there.")
        return 130
    print(f"Wrote {FOLDER / 'README.md'}: {'every claim holds' if holds else 'NOT every claim holds'}.")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
