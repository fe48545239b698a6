"""What the notebooks say of trained networks, each a Claim: the experiment, its range, and what breaks it.

`make evidence` reruns all of them and writes evidence/README.md; tests/test_claims.py holds each over
its first seeds and shows that its mutation turns it red. To add one, under the heading where it is said:
measure the experiment over 100 seeds, choose a range, and enter how many of them were inside.
"""

import argparse
import sys
from dataclasses import replace

from helpers import closed_forms, question
from helpers.evidence import trials
from helpers.evidence.runs import FOLDER, Claim, local_executor, write

LARGEST = question.LARGEST
LINE = closed_forms.line_floor(LARGEST)
EIGHT_BY_HAND = closed_forms.pieces_floor(LARGEST, 8)
COULD = {units: closed_forms.units_floor(LARGEST, units) for units in (4, 8, 12, 16, 32, 64)}
FOLDED = {layers: closed_forms.deep_errors(LARGEST, layers)[1] for layers in (1, 2)}

RELU = {"activation": "relu", "scale": "largest"}
EVERY = {**RELU, "examples": None}
LINEAR = {"scale": "largest", "examples": None}
SUM = {"operation": "sum", "inputs": 2}
SMALL = {"units": [8, 8, 1], "activation": "relu"}
WIDE = {"units": [64, 1], **RELU}
EIGHT = {"units": [8, 1], **RELU, "epochs": 2000}
ENDING = {"units": [8, 1], **EVERY, "epochs": 2000}
FEW = {"examples": 20, "epochs": 2000}
FAR = {"units": [16, 1], **EVERY, "learning_rate": 0.01}
BY_1024 = {**EVERY, "scale": [1024, 1024**2]}
# Measured 100 times: it multiplies with an RMSE below 0.5. By least squares over the pairs this bounds its
# weights and its bias, and so how it adds and squares.
ADDER = {"units": [20, 100, 1000, 100, 1]}
ASKED = {"units": [20, 100, 1000, 100, 20, 1], "activation": "relu"}
HIDDEN = {"measure": "bending_units", "layers": [0, 1, 2, 3, 4]}
# These train for seconds: few are tested, in blocks the first of which may decide, and which some share.
LARGE = {"tested": 3, "block": 1}
ASKED_SHORT = {"seeds": 40, "tested": 7, "block": 7}

# By the heading under which they are said.
SAID = {
    "00_start_here#A first slider": [
        Claim("64 units, untrained", "At 0 epochs ReLU 64-1 knows nothing: its RMSE is above 250,000.")
        .of(trials.square_error, **WIDE, epochs=0)
        .within(100, 100, low=250_000)
        .broken_by(epochs=500),
        Claim("64 units, 20 epochs", "At 20 epochs it is about as bad as a line: 45,000 to 200,000.")
        .of(trials.square_error, **WIDE, epochs=20)
        .within(100, 100, low=45_000, high=200_000)
        .broken_by(epochs=500),
        Claim("64 units learn to square", "ReLU 64-1 at x/L ends below 2,000 after 500 epochs.")
        .of(trials.square_error, **WIDE)
        .within(99, 100, high=2_000)
        .broken_by(epochs=20),
    ],
    "01_summation#Does it add?": [
        Claim("the adder adds", "The question's layers add 1,000 pairs that they never saw without an error.")
        .of(trials.adder_off, **ADDER)
        .within(100, 100, high=0, seeds=10, **LARGE)
        .broken_by(epochs=5),
    ],
    "01_summation#Read the weights": [
        Claim("the adder's weights", "They multiply out to 1 and 1, within 0.00001.")
        .of(trials.adder_weights_off, **ADDER)
        .within(100, 100, high=1e-5, seeds=10, **LARGE)
        .broken_by(epochs=5),
    ],
    "01_summation#Watch it learn": [
        Claim("8-8-1 adds, 10 epochs", "After 10 epochs linear 8-8-1 still adds most pairs wrong.")
        .of(trials.wrong, **SUM, units=[8, 8, 1], epochs=10)
        .within(98, 100, low=500)
        .broken_by(epochs=300),
        Claim("8-8-1 adds, 300 epochs", "After 300 epochs at most 5 of 1,000 sums are wrong.")
        .of(trials.wrong, **SUM, units=[8, 8, 1], epochs=300)
        .within(100, 100, high=5)
        .broken_by(epochs=10),
    ],
    "02_squaring#More layers? More epochs?": [
        Claim("linear networks reach the floor", "8-8-1 ends within 2 % of the best line, never below.")
        .of(trials.square_error, units=[8, 8, 1], **LINEAR)
        .within(99, 100, low=0.9999 * LINE, high=1.02 * LINE)
        .broken_by(activation="relu"),
        Claim("linear 8-8-1, longer", "2,000 epochs bring linear 8-8-1 within 0.5 % of the best line.")
        .of(trials.square_error, units=[8, 8, 1], **LINEAR, epochs=2000)
        .within(99, 100, low=0.9999 * LINE, high=1.005 * LINE)
        .broken_by(activation="relu", epochs=500),
        Claim("wider is farther", "Linear 32-32-1 ends farther above the floor than 8-8-1, in most pairs.")
        .of(trials.ratio, of={"units": [32, 32, 1]}, to={"units": [8, 8, 1]}, **LINEAR)
        .within(76, 100, low=1, tested=20)
        .broken_by(of={"units": [8, 8, 1]}, to={"units": [32, 32, 1]}),
    ],
    "03_linear_collapse#Does width help?": [
        Claim(f"linear {'-'.join(map(str, units))}", "It ends within 2 % of the best line, never below.")
        .of(trials.square_error, units=units, **LINEAR)
        .within(inside, 100, low=0.9999 * LINE, high=1.02 * LINE)
        .broken_by(epochs=1)
        for units, inside in (([1], 76), ([4, 1], 100), ([32, 1], 99), ([32, 32, 1], 86))
    ],
    "04_activations#Let training find the kinks": [
        Claim("8 units, never as good as by hand", "8 ReLU units end above what 8 pieces set by hand reach.")
        .of(trials.square_error, **EIGHT)
        .within(100, 100, low=EIGHT_BY_HAND)
        .broken_by(units=[64, 1]),
        Claim("8 units, better than a line", "8 ReLU units end below half the RMSE of the best line.")
        .of(trials.square_error, **EIGHT)
        .within(99, 100, high=LINE / 2)
        .broken_by(epochs=20),
        Claim("8 units, far from alike", "From two starts the RMSE of 8 units differs 1.5 times or more.")
        .of(trials.unlike, **EIGHT)
        .within(69, 100, low=1.5, tested=20)
        .broken_by(activation=None),
        Claim("8 units, clumps", "They end near the best curves of 1, 2 or 3 kinks that begin flat.")
        .of(trials.kinks_worth, **EIGHT)
        .within(86, 100, low=1, high=3)
        .broken_by(epochs=20),
        Claim("8 units, some bend", "1 to 7 of the 8 units bend inside the range.")
        .of(trials.bending_units, **EIGHT)
        .within(99, 100, low=1, high=7)
        .broken_by(epochs=0),
        Claim("8 units, some are off", "1 to 7 of the 8 units are off for every x.")
        .of(trials.dead_units, **EIGHT)
        .within(99, 100, low=1, high=7)
        .broken_by(activation="gelu"),
        Claim("8 units, switched off", "Some units were on at the start, and training switched them off.")
        .of(trials.switched_off, **EIGHT)
        .within(61, 100, low=1, tested=20)
        .broken_by(epochs=0),
    ],
    "04_activations#Other activations": [
        *(
            Claim(f"{name} beats ReLU", f"From the same start, 8 units with {name} end below 8 with ReLU.")
            .of(trials.ratio, **EIGHT, of={"activation": name}, to={"activation": "relu"})
            .within(better, 100, high=0.98)
            .broken_by(of={"activation": "relu"})
            for name, better in (("tanh", 91), ("sigmoid", 91), ("gelu", 100), ("silu", 100))
        ),
        Claim("8 units, ReLU, at best", "Hardly a start of 8 ReLU units ends below 3,000.")
        .of(trials.square_error, **EIGHT)
        .within(99, 100, low=3_000)
        .broken_by(activation="gelu"),
        *(
            Claim(f"8 units, {name}, {which}", f"{many} of 8 {name} units ends below {high:,.0f}.")
            .of(trials.square_error, **EIGHT | {"activation": name})
            .within(inside, 100, high=high, tested=20)
            .broken_by(activation="relu")
            for name, which, many, high, inside in (
                ("gelu", "at worst", "Nearly every start", 3_000, 100),
                ("silu", "at worst", "Nearly every start", 3_000, 100),
                ("gelu", "at best", "Some start", EIGHT_BY_HAND, 60),
                ("silu", "at best", "Some start", EIGHT_BY_HAND, 49),
            )
        ),
    ],
    "04_activations#Why the last layer stays linear": [
        Claim("ending with ReLU", "Many networks that end with ReLU answer 0 to everything.")
        .of(trials.square_error, **ENDING, last="relu")
        .within(46, 100, low=447_000, high=448_000, tested=30)
        .broken_by(last="sigmoid"),
        Claim("ending with sigmoid", "Most networks that end with a sigmoid stand on one spot.")
        .of(trials.square_error, **ENDING, last="sigmoid")
        .within(95, 100, low=28_000, high=29_000)
        .broken_by(last="linear"),
        Claim("ending with sigmoid, no bend", "In most of them no hidden unit bends beyond x = 20.")
        .of(trials.bending_units, **ENDING, last="sigmoid", beyond=20)
        .within(94, 100, high=0)
        .broken_by(last="linear"),
        *(
            Claim(f"linear beats {last} at the end", f"A linear end leaves a lower RMSE than {last}.")
            .of(trials.ratio, **ENDING, of={"last": "linear"}, to={"last": last})
            .within(inside, 100, high=1)
            .broken_by(of={"last": last}, to={"last": "linear"})
            for last, inside in (("relu", 99), ("sigmoid", 81))
        ),
    ],
    "05_input_scale#The asker's last network": [
        Claim("asked network, x/L²", "The asker's ReLU network at x/L² ends above 3,000 from most starts.")
        .of(trials.square_error, **ASKED, scale="question")
        .within(99, 100, low=3_000, seeds=40, tested=4, block=1)
        .broken_by(**WIDE),
        Claim("asked network, x/L², no luck", "After 100 epochs some starts are worse than a line.")
        .of(trials.square_error, **ASKED, scale="question", epochs=100)
        .within(57, 100, low=LINE, tested=21, block=7)
        .broken_by(**WIDE, epochs=500),
        Claim("asked network, x/L², luck", "After 100 epochs some starts beat any line by a tenth.")
        .of(trials.square_error, **ASKED, scale="question", epochs=100)
        .within(32, 100, high=0.9 * LINE, tested=42, block=7)
        .broken_by(units=[8, 8, 1], epochs=500),
    ],
    "05_input_scale#A small copy": [
        Claim("8-8-1, x/L²", "At x/L² ReLU 8-8-1 stays above 150,000, near what one number reaches.")
        .of(trials.square_error, **SMALL, scale="question")
        .within(197, 200, low=150_000)
        .broken_by(scale="largest"),
    ],
    "05_input_scale#Count the units": [
        *(
            Claim(f"no bends, x/L²{where}", f"At most 1 of 8 units bends inside the range{where}.")
            .of(trials.bending_units, **SMALL, scale="question", layers=[layer])
            .within(inside, of, high=1)
            .broken_by(scale="standardised")
            for layer, where, inside, of in ((0, "", 195, 200), (1, ", layer 2", 100, 100))
        ),
        *(
            Claim(f"dead units, x/L²{where}", f"At least half of 8 units are off for every x{where}.")
            .of(trials.dead_units, **SMALL, scale="question", layer=layer)
            .within(inside, of, low=4)
            .broken_by(scale="standardised")
            for layer, where, inside, of in ((0, "", 197, 200), (1, ", layer 2", 89, 100))
        ),
        Claim("switched off, x/L²", "Training switches units of the first layer off.")
        .of(trials.switched_off, **SMALL, scale="question")
        .within(94, 100, low=1)
        .broken_by(epochs=0),
    ],
    "05_input_scale#Short of time, or led astray?": [
        Claim("without hidden biases", "Without hidden biases 8-8-1 reaches the floor of every line at x/L².")
        .of(trials.bias_error, biases=False)
        .within(86, 100, low=0.9 * LINE, high=1.1 * LINE)
        .broken_by(biases=True),
        Claim("too flat, x/L²", "Most rise by less than 300,000, where the best line rises by 1,000,000.")
        .of(trials.rise, **SMALL, scale="question")
        .within(95, 100, high=300_000)
        .broken_by(scale="largest"),
        Claim("one number, x/L²", "A few runs answer with one number.")
        .of(trials.rise, **SMALL, scale="question")
        .within(54, 400, high=0, tested=90)
        .broken_by(scale="standardised"),
    ],
    "05_input_scale#Divide by L": [
        Claim("8-8-1, x/L", "At x/L most starts of ReLU 8-8-1 end below 50,000.")
        .of(trials.square_error, **SMALL, scale="largest")
        .within(192, 200, high=50_000)
        .broken_by(scale="question"),
    ],
    "05_input_scale#Standardise": [
        Claim("8-8-1, standardised", "With standardised inputs hardly a start of 8-8-1 ends above 10,000.")
        .of(trials.square_error, **SMALL, scale="standardised")
        .within(199, 200, high=10_000)
        .broken_by(scale="question"),
        Claim("bends, standardised", "Standardised, at least 6 of the 8 units bend inside the range.")
        .of(trials.bending_units, **SMALL, scale="standardised")
        .within(197, 200, low=6)
        .broken_by(scale="largest"),
    ],
    "05_input_scale#The asker's network again": [
        Claim("asked network, x/L", "At x/L the same network ends below 10,000 from most starts.")
        .of(trials.square_error, **ASKED, scale="largest")
        .within(98, 100, high=10_000, seeds=30, tested=4, block=1)
        .broken_by(epochs=1),
        Claim("asked network, bends", "After 100 epochs at least twice as many units bend at x/L as at x/L².")
        .of(trials.ratio, **ASKED, **HIDDEN, of={"scale": "largest"}, to={"scale": "question"}, epochs=100)
        .within(47, 50, low=2, **ASKED_SHORT)
        .broken_by(of={"scale": "question"}),
    ],
    "05_input_scale#Your own divisor": [
        Claim("8-8-1, x/100,000", "Divided by 100,000 most starts of ReLU 8-8-1 end below 50,000.")
        .of(trials.square_error, **SMALL, scale=[100_000, LARGEST**2])
        .within(89, 100, high=50_000)
        .broken_by(scale="question"),
        Claim("8-8-1, x/300,000, success", "Divided by 300,000 the runs spread out: some beat any line.")
        .of(trials.square_error, **SMALL, scale=[300_000, LARGEST**2])
        .within(48, 100, high=LINE, tested=30)
        .broken_by(scale="question"),
        Claim("8-8-1, x/300,000, failure", "Divided by 300,000 the runs spread out: some end above 100,000.")
        .of(trials.square_error, **SMALL, scale=[300_000, LARGEST**2])
        .within(46, 100, low=100_000, tested=30)
        .broken_by(scale="standardised"),
        Claim("8-8-1, x/10", "Divided by 10 only, inputs up to 100, 8-8-1 ends above its RMSE at x/L.")
        .of(trials.ratio, **SMALL, of={"scale": [10, LARGEST**2]}, to={"scale": "largest"})
        .within(95, 100, low=1)
        .broken_by(of={"scale": "largest"}, to={"scale": "question"}),
        *(
            Claim(f"8-8-1, x/L², {name}", f"At x/L² 8-8-1 with {name} gets to the line's floor.")
            .of(trials.square_error, **SMALL | {"activation": name}, scale="question")
            .within(inside, 100, high=1.2 * LINE)
            .broken_by(activation="relu")
            for name, inside in (("linear", 98), ("tanh", 98))
        ),
        *(
            Claim(f"8-8-1, x/L², {name}", f"At x/L² {name} leaves ReLU 8-8-1 above twice the line's floor.")
            .of(trials.square_error, **SMALL, scale="question", initializer=name)
            .within(inside, 100, low=2 * LINE)
            .broken_by(scale="standardised")
            for name, inside in (("he_uniform", 89), ("lecun_normal", 97), ("random_normal", 100))
        ),
    ],
    "06_advice_on_trial#The unused input": [
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
    "06_advice_on_trial#Start simple?": [
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
    "06_advice_on_trial#One hidden layer": [
        Claim("wide beats deep", "One hidden layer of 64 ReLU units beats 8-8-1.")
        .of(trials.ratio, **RELU, of={"units": [64, 1]}, to={"units": [8, 8, 1]})
        .within(200, 200, high=0.95)
        .broken_by(of={"units": [8, 8, 1]}),
        Claim("one linear layer", "Without activation one hidden layer of 64 is as wrong as the best line.")
        .of(trials.square_error, **WIDE | {"activation": None})
        .within(200, 200, low=0.9 * LINE, high=1.2 * LINE)
        .broken_by(activation="relu"),
    ],
    "06_advice_on_trial#Are 500 epochs enough?": [
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
    "06_advice_on_trial#100 output units for one target": [
        Claim("100 outputs, wide", "100 output units for one target make the RMSE of 64-1 larger.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]})
        .within(190, 200, low=1.05)
        .broken_by(of={"units": [64, 1]}),
        Claim("100 outputs, copies", "All 100 answers to 500 are within 5 % of its square.")
        .of(trials.copies_off, **RELU, units=[64, 100])
        .within(100, 100, high=0.05)
        .broken_by(epochs=20),
        Claim("100 outputs, their mean", "The mean of all 100 is about as good as a single output.")
        .of(trials.ratio, **RELU, of={"units": [64, 100]}, to={"units": [64, 1]}, measure="mean_output_error")
        .within(95, 100, low=0.5, high=2)
        .broken_by(of={"units": [64, 1], "epochs": 20}),
    ],
    "06_advice_on_trial#Judging on the training data": [
        Claim("judged on few examples", "With 20 examples 64-1 is 1.2 times as wrong on others, or more.")
        .of(trials.new_number_ratio, **WIDE | FEW)
        .within(161, 200, low=1.2, tested=20)
        .broken_by(examples=1000, epochs=500),
        Claim("judged on many examples", "With 1,000 examples it is about as good on other numbers.")
        .of(trials.new_number_ratio, **WIDE)
        .within(95, 100, low=0.7, high=1.4, tested=20)
        .broken_by(examples=20, learning_rate=0.03),
        Claim("few examples, larger error", "On its 20 examples it errs at least twice as much as on 1,000.")
        .of(trials.ratio, **WIDE, of=FEW, to={"examples": 1000})
        .within(100, 100, low=2)
        .broken_by(of={"examples": 1000}),
        Claim("few examples, beyond them", "Between them it is less wrong than on all other numbers.")
        .of(trials.between_ratio, **WIDE | FEW)
        .within(55, 100, high=0.9, tested=30)
        .broken_by(examples=1000, epochs=500),
    ],
    "06_advice_on_trial#Learning rate, batch size, epochs": [
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
    "06_advice_on_trial#Try it yourself": [
        Claim("20 examples, slowly", "On 20 examples 500 epochs at 0.001 leave both columns alike.")
        .of(trials.new_number_ratio, **WIDE, examples=20)
        .within(81, 100, low=0.7, high=1.4, tested=20)
        .broken_by(learning_rate=0.03),
        Claim("20 examples, learned", "At a rate of 0.03 other numbers come out at least 1.4 times as wrong.")
        .of(trials.new_number_ratio, **WIDE, examples=20, learning_rate=0.03)
        .within(94, 100, low=1.4, tested=20)
        .broken_by(learning_rate=0.001),
    ],
    "07_width_and_depth#What training finds": [
        Claim("8 units, worth fewer than 4", "500 epochs leave 8 ReLU units above what 4 could reach.")
        .of(trials.square_error, units=[8, 1], **EVERY)
        .within(98, 100, low=COULD[4])
        .broken_by(activation="gelu", epochs=2000),
        Claim("64 units, worth fewer than 12", "500 epochs leave 64 ReLU units above what 12 could reach.")
        .of(trials.square_error, units=[64, 1], **EVERY)
        .within(92, 100, low=COULD[12], tested=20)
        .broken_by(epochs=3000),
        *(
            Claim(f"{units} units, times the floor", f"They end at {low} to {high} times it.")
            .of(trials.square_error, units=[units, 1], **EVERY)
            .within(inside, 100, low=low * COULD[units], high=high * COULD[units])
            .broken_by(epochs=20)
            for units, low, high, inside in ((8, 3, 40, 99), (64, 15, 100, 99))
        ),
        *(
            Claim(f"{2 * k} units for {k}", f"{2 * k} units end more times above their floor than {k}.")
            .of(trials.ratio, of={"units": [2 * k, 1]}, to={"units": [k, 1]}, **EVERY)
            .within(inside, 100, low=COULD[2 * k] / COULD[k], tested=20)
            .broken_by(of={"units": [64, 1], "epochs": 3000})
            for k, inside in ((4, 64), (8, 73), (16, 83), (32, 99))
        ),
        Claim("8 units, heights", "8 units end near the best curves of 1 to 4 kinks.")
        .of(trials.kinks_worth, units=[8, 1], **EVERY)
        .within(74, 100, low=1, high=4)
        .broken_by(epochs=20),
    ],
    "07_width_and_depth#Training depth": [
        Claim("10 layers for one", "10 layers of 8 units leave 1/100 to 1/2 of the RMSE of one.")
        .of(trials.ratio, of={"units": [8] * 10 + [1]}, to={"units": [8, 1]}, **EVERY)
        .within(86, 100, low=1 / 100, high=1 / 2)
        .broken_by(of={"units": [8, 1]}),
        *(
            Claim(f"{len(units) - 1} of 8, better than folded", "Most end below layers set by hand.")
            .of(trials.square_error, units=units, **EVERY)
            .within(inside, 100, high=FOLDED[len(units) - 1])
            .broken_by(epochs=20)
            for units, inside in (([8, 1], 99), ([8, 8, 1], 81))
        ),
        Claim("10 layers from random starts", "10 layers of 8 units end above 500; by hand 4 each reach 0.")
        .of(trials.square_error, units=[8] * 10 + [1], **BY_1024)
        .within(100, 100, low=500)
        .broken_by(units=[64, 1], epochs=5000),
    ],
    "07_width_and_depth#Can it at least stay there?": [
        Claim("5 layers from random starts", "5 hidden layers of 4 units end above 1,000 from random starts.")
        .of(trials.square_error, units=[4] * 5 + [1], **BY_1024)
        .within(100, 100, low=1_000)
        .broken_by(units=[64, 1], epochs=5000),
        Claim("5 layers from the start by hand", "Trained on from there, they end below 80.")
        .of(trials.kept_error, layers=5)
        .within(100, 100, high=80)
        .broken_by(layers=4),
    ],
    "08_extrapolation#Read the answer off the weights": [
        Claim("kinks beyond the range", "Most starts of 16 ReLU units leave a kink there.")
        .of(trials.last_kink, **FAR)
        .within(75, 100, low=LARGEST, tested=20)
        .broken_by(epochs=0),
    ],
    "08_extrapolation#Other activations, far out": [
        *(
            Claim(f"{name}, inside", f"16 {name} units fit the squares of 1 to 1,000: below 15,000.")
            .of(trials.square_error, **FAR | {"activation": name})
            .within(inside, 100, high=15_000)
            .broken_by(epochs=1)
            for name, inside in (("relu", 100), ("tanh", 100), ("sine", 100))
        ),
        *(
            Claim(f"{name}, just outside", f"16 {name} units answer 1,100 within a tenth of its square.")
            .of(trials.share_of_the_square, **FAR | {"activation": name}, asked=1100)
            .within(inside, 100, low=0.9, high=1.1)
            .broken_by(asked=2000)
            for name, inside in (("relu", 100), ("tanh", 100), ("sine", 100))
        ),
        Claim("ReLU at twice the range", "16 ReLU units answer 2,000 with 0.6 to 0.75 of its square.")
        .of(trials.share_of_the_square, **FAR, asked=2000)
        .within(100, 100, low=0.6, high=0.75)
        .broken_by(asked=1100),
        Claim("ReLU goes straight on", "Asked for 10 times as much far outside, it answers 10 times as much.")
        .of(trials.growth, **FAR)
        .within(100, 100, low=9.9, high=10.1)
        .broken_by(activation="tanh"),
        Claim("tanh goes flat", "Asked for 10 times as much far outside, tanh answers about the same.")
        .of(trials.growth, **FAR | {"activation": "tanh"})
        .within(99, 100, low=0.5, high=2)
        .broken_by(activation="relu"),
        Claim("sine never leaves", "Sine units answer 1,000,000 with ±0.00001 of its square at most.")
        .of(trials.share_of_the_square, **FAR | {"activation": "sine"}, asked=1_000_000)
        .within(100, 100, low=-0.00001, high=0.00001)
        .broken_by(activation="relu"),
        Claim("ReLU, a tenth off", "16 ReLU units answer 1,300 with about 0.9 of its square.")
        .of(trials.share_of_the_square, **FAR, asked=1300)
        .within(100, 100, low=0.85, high=0.95)
        .broken_by(asked=1100),
    ],
    "08_extrapolation#Another representation": [
        Claim("x² as an input", "A linear unit that also gets x² answers 1,000,000 within 0.01 %.")
        .of(trials.squared_feature_error, asked=1_000_000)
        .within(100, 100, high=0.0001)
        .broken_by(epochs=20),
    ],
    "08_extrapolation#Logarithms": [
        Claim("the adder, far outside", "The network that adds adds pairs up to 1,000,000 within 0.002 %.")
        .of(trials.adder_off, **ADDER, largest=1_000_000)
        .within(100, 100, high=2e-5, seeds=10, **LARGE)
        .broken_by(epochs=5),
        Claim(
            "the network that adds multiplies",
            "Fed stretched logarithms, it multiplies with an RMSE below 0.5.",
        )
        .of(trials.product_error, **ADDER)
        .within(100, 100, high=0.5, seeds=10, **LARGE)
        .broken_by(units=[1], stretch=False),
        Claim("it squares", "Fed the logarithm of a number twice, it squares with an RMSE below 2.")
        .of(trials.product_error, **ADDER, squares=True)
        .within(100, 100, high=2, seeds=10, **LARGE)
        .broken_by(units=[1], stretch=False),
    ],
}

CLAIMS = [replace(claim, said=heading) for heading, claims in SAID.items() for claim in claims]


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
