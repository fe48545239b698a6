"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers.evidence import trials
from helpers.evidence.runs import Claim
from helpers.question import FLOOR
from lessons.recipes import LINEAR

CLAIMS = {
    "More layers? More epochs?": [
        Claim("linear networks reach the floor", "8-8-1 ends within 2 % of the best line, never below.")
        .of(trials.square_error, units=[8, 8, 1], **LINEAR)
        .within(99, 100, low=0.9999 * FLOOR, high=1.02 * FLOOR, mutation={"activation": "relu"}),
        Claim("linear 8-8-1, longer", "2,000 epochs bring linear 8-8-1 within 0.5 % of the best line.")
        .of(trials.square_error, units=[8, 8, 1], **LINEAR, epochs=2000)
        .within(99, 100, low=0.9999 * FLOOR, high=1.005 * FLOOR)
        .broken_by(activation="relu", epochs=500),
        Claim("wider is farther", "Linear 32-32-1 ends farther above the floor than 8-8-1, in most pairs.")
        .of(trials.ratio, of={"units": [32, 32, 1]}, to={"units": [8, 8, 1]}, **LINEAR)
        .within(76, 100, low=1, tested=20)
        .broken_by(of={"units": [8, 8, 1]}, to={"units": [32, 32, 1]}),
    ],
}
