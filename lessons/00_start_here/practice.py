"""The predictions and exercises of this lesson."""

from helpers.classroom import member
from helpers.practice.forms import Choice
from helpers.practice.predict import prediction
from helpers.words import number

import numpy as np

member.listen()  # joining a class in one notebook joins it in all

OUTCOMES = ["perfect again", "nearly right", "far off"]


@prediction(
    "How good are the answers once the network is trained to square instead of to add?",
    Choice(OUTCOMES),
    {
        "perfect again": "Layers and training that are right for sums need not be right for squares.",
        "nearly right": "A harder task may cost some accuracy, but here one answer is even negative, which "
        "no square is.",
    },
)
def after_one_line(squares, guesses):
    """Nearly right: half of the answers have a relative error below a hundredth."""
    missed = np.abs(squares - guesses)
    right, near, far = OUTCOMES
    verdict = right if not missed.any() else near if np.median(missed / squares) < 0.01 else far
    return (
        verdict,
        f"{np.sum(missed == 0)} of the rows are right; the first is off by {number(missed[0])}.",
    )
