"""The controls of a panel: their labels, their initial values and the values that they accept."""

import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from helpers.checks import InputError


def _equal(position: object, value: object) -> bool:
    """Return whether a value is a position of a control, up to rounding."""
    if isinstance(position, bool) or isinstance(value, bool):
        return position is value
    if isinstance(position, int | float) and isinstance(value, int | float):
        tolerance = 1e-9 * max(1e-3, abs(position))
        return position - tolerance <= value <= position + tolerance
    return position == value


@dataclass(frozen=True)
class Control:
    """A setting of a panel: its label and its initial value."""

    label: str
    value: object

    def check(self, name: str, value: object) -> object:
        """Return the value for the panel's function, or raise InputError."""
        for position in self.positions():
            if _equal(position, value):
                return position
        raise InputError(f"{name} must be {self._range()}, but is {reprlib.repr(value)}: choose one of them.")

    def positions(self) -> list:
        """Return all accepted values in order."""
        raise NotImplementedError

    def spec(self) -> dict[str, object]:
        """Return what the browser needs to build the control."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in steps.

    unit: in the plural, as in "500 epochs"; film: a button plays all positions from low to high; drag: two
    points (x, y) of the panel's first frame, between which a handle is dragged from low to high.
    """

    low: float
    high: float
    step: float = 1
    unit: str = ""
    film: bool = False
    drag: Sequence[tuple[float, float]] = ()

    def positions(self) -> list[float]:
        """Return all accepted values, from the lowest."""
        return [self.low + i * self.step for i in range(round((self.high - self.low) / self.step) + 1)]

    def _range(self) -> str:
        return f"a number from {self.low:,} to {self.high:,} in steps of {self.step:,}"


@dataclass(frozen=True)
class Choice(Control):
    """One of a few options in a drop-down list, or, as Steps, on a slider. film: as in Slider."""

    options: Sequence[object]
    unit: str = ""
    film: bool = False

    def positions(self) -> list:
        """Return its options."""
        return list(self.options)

    def _range(self) -> str:
        return f"one of {', '.join(map(str, self.options))}"


@dataclass(frozen=True)
class Steps(Choice):
    """A slider with a position for each option: for settings where each value needs a compilation."""


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    value: bool = False

    def positions(self) -> list[bool]:
        """Return off and on."""
        return [False, True]

    def _range(self) -> str:
        return "True or False"


def epochs_from(start: int, most: int, step: int) -> Slider:
    """Return the slider of the epochs."""
    return Slider("epochs of training", start, 0, most, step, "epochs", film=True)
