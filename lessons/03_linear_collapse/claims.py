"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.question import FLOOR
from lessons.recipes import LINEAR

CLAIMS = {
    "Does width help?": [
        Claim(f"linear {'-'.join(map(str, units))}", "It ends within 2 % of the best line, never below.")
        .of(trials.square_error, units=units, **LINEAR)
        .within(inside, 100, low=0.9999 * FLOOR, high=1.02 * FLOOR, mutation={"epochs": 1})
        for units, inside in (([1], 76), ([4, 1], 100), ([32, 1], 99), ([32, 32, 1], 86))
    ],
}
