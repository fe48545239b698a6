"""What the reader answers in 00, start here."""

from helpers.classroom import member
from helpers.practice.forms import Choice
from helpers.practice.predict import prediction
from helpers.words import number

import numpy as np

member.listen()  # who joins a class in one notebook is in it with all of them

OUTCOMES = ["perfect again", "nearly right", "far off"]


@prediction("How good are the network's answers, trained to square instead of to add?", Choice(OUTCOMES))
def after_one_line(expected, predicted):
    """Nearly right: half of the answers miss by less than a hundredth."""
    missed = np.abs(expected - predicted)
    verdict = OUTCOMES[0 if not missed.any() else 1 if np.median(missed / expected) < 0.01 else 2]
    return (
        verdict,
        f"{np.sum(missed == 0)} of the rows are right; the first is off by {number(missed[0])}.",
    )
