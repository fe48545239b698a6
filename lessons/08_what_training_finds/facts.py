"""Numbers in the prose of this lesson that its code does not set."""

from helpers import closed_forms, networks
from helpers.evidence import runs
from helpers.question import LARGEST
from lessons.facts import CLAIMS, exact_layers


def times_the_floor(units: int) -> int:
    """Return the median RMSE of one trained layer divided by the lowest possible RMSE."""
    median = runs.stored(f"{units} units, times the floor").median
    return round(median / closed_forms.units_floor(LARGEST, units))


FACTS = {
    "weights_of_the_exact_layers": lambda: networks.deep_squarer(exact_layers()).count_params(),
    "narrow_trained": CLAIMS["8 units, worth fewer than 4"].settings["units"][0],
    "widest_trained": CLAIMS["64 units, worth fewer than 12"].settings["units"][0],
    "times_the_floor_when_narrow": lambda: times_the_floor(8),
    "times_the_floor_when_wide": lambda: round(times_the_floor(64), -1),
    "long": CLAIMS["64 units, four times the epochs"].settings["epochs"],
    "starts_of_the_long": lambda: runs.stored("64 units, four times the epochs").seeds,
    "least_times_the_floor": lambda: round(
        CLAIMS["64 units, four times the epochs"].low / closed_forms.units_floor(LARGEST, 64)
    ),
    "floor_when_narrow": round(closed_forms.units_floor(LARGEST, 8)),
    "floor_missed_from": 4,
    "starts_from_by_hand": lambda: runs.stored("5 layers from the start by hand").seeds,
    "deepest_trained": len(CLAIMS["10 layers from random starts"].settings["units"]) - 1,
    "gain_of_trained_depth": lambda: f"≈ {1 / runs.stored('10 layers for one').median:.0f}",
    "starts_of_trained_depth": lambda: runs.stored("10 layers for one").seeds,
    "gain_of_depth": round(closed_forms.deep_errors(1, 1)[1] / closed_forms.deep_errors(1, 10)[1]),
}
