"""What the reader answers in 00, start here."""

from helpers.practice.forms import Choice
from helpers.practice.predict import prediction
from helpers.practice.quiz import question
from helpers.words import number

import numpy as np

OUTCOMES = ["perfect again", "nearly right", "far off"]


@prediction(
    "00",
    "Trained to square instead of to add, the network's answers will be:",
    Choice(OUTCOMES),
    reveal='question.rows("square")',
)
def after_one_line(expected, predicted):
    """Nearly right: half of the answers miss by less than a hundredth."""
    missed = np.abs(expected - predicted)
    verdict = OUTCOMES[0 if not missed.any() else 1 if np.median(missed / expected) < 0.01 else 2]
    return (
        verdict,
        f"{np.sum(missed == 0)} of the rows are right; the first is off by {number(missed[0])}.",
    )


question(
    "00_start_here",
    "Two networks have an RMSE of 3. The first adds whole numbers up to a million, the second gives the "
    "outcome of a die. Which does better?",
    right="the first",
    choices={
        "both alike: the RMSE is the same": "An RMSE has the unit of the answers: hold it against "
        "their size.",
        "the first": "3 is little beside its answers, but as large as a die's own: look at the RMSE and the "
        "size of the answers together.",
        "the second": "Its answers go from 1 to 6 only: with errors of 3 it could as well guess.",
    },
)
question(
    "00_start_here",
    "Four answers have the errors 0, 0, 0 and 2. What is their RMSE?",
    right="1",
    choices={
        "0.5": "That is the mean of the errors: the RMSE squares them first, so that large ones count more.",
        "1": "The squares add up to 4, their mean is 1, and its root is 1: twice the mean error, as one "
        "large error counts more than several small ones.",
        "2": "That is the largest error: take the mean of all four squares, and then the root.",
        "4": "That is the sum of the squares: divide it by their number, and take the root.",
    },
)
question(
    "00_start_here",
    "A number behind ≈ comes out a little different on your machine. What has happened?",
    right="nothing: another processor rounds differently",
    choices={
        "the installation is broken": "A broken one would not get so near: ≈ marks what training found, and "
        "that differs a little.",
        "the random start was another one": "The starts are drawn from seeds, which are the same for "
        "everybody; what differs is the rounding.",
        "nothing: another processor rounds differently": "Training repeats its steps so often that roundings "
        "grow until they show; a number without ≈ is the same everywhere.",
    },
)
