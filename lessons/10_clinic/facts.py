"""Numbers in the prose of this lesson that its code does not set."""

from helpers.evidence import runs

from .cases import CASES
from .practice import ALLOWED, lowest_rmse

FACTS = {
    "patients": len(CASES),
    "thermometer_epochs": CASES["thermometer"].epochs,
    "times_slower": round(CASES["thermometer"].rate / 0.00001),
    "slow_epochs": 200,
    "freezing_point": int(CASES["thermometer"].y[0, 0]),
    "mean_price": round(float(CASES["houses"].y.mean()), -4),
    "line_end": int(CASES["line"].x.max()),
    "line_starts": lambda: runs.stored("the line, off").seeds,
    "line_off": lambda: runs.stored("the line, off").inside,
    "chance_of_the_dice": f"{lowest_rmse(CASES['dice'].x, CASES['dice'].y):.2f}",
    "circle_allowed": ALLOWED,
}
