"""The numbers that the prose of this lesson names."""

from helpers.evidence import runs

from .cases import CASES
from .practice import ALLOWED

FACTS = {
    "patients": len(CASES),
    "thermometer_epochs": CASES["thermometer"].epochs,
    "mean_price": round(float(CASES["houses"].y.mean()), -4),
    "line_end": int(CASES["line"].x.max()),
    "line_starts": lambda: runs.stored("the line, off").seeds,
    "line_off": lambda: runs.stored("the line, off").inside,
    "circle_allowed": ALLOWED,
}
