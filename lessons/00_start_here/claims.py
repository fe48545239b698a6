"""The statements of this lesson about trained networks, as claims, by heading."""

from helpers.evidence import trials
from helpers.evidence.runs import Claim
from lessons.recipes import WIDE

CLAIMS = {
    "A first slider": [
        Claim("64 units, untrained", "At 0 epochs ReLU 64-1 knows nothing: its RMSE is above 250,000.")
        .of(trials.square_error, **WIDE, epochs=0)
        .within(100, 100, low=250_000, mutation={"epochs": 500}),
        Claim("64 units, 20 epochs", "At 20 epochs it is about as bad as a line: 45,000 to 200,000.")
        .of(trials.square_error, **WIDE, epochs=20)
        .within(100, 100, low=45_000, high=200_000, mutation={"epochs": 500}),
        Claim("64 units learn to square", "ReLU 64-1 at x/L ends below 2,000 after 500 epochs.")
        .of(trials.square_error, **WIDE)
        .within(99, 100, high=2_000, mutation={"epochs": 20}),
    ],
}
