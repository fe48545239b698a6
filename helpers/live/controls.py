"""The controls of a panel: what each is called, where it starts, and which values it takes."""

import math
import reprlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from helpers.checks import InputError


@dataclass(frozen=True)
class Control:
    """A setting of a panel: its label, and the value that it starts with."""

    label: str
    value: object

    def check(self, name: str, value: object) -> object:
        """Return the value as the panel's function gets it, or raise InputError."""
        taken = self._taken(value)
        if taken is None:
            raise InputError(
                f"{name} must be {self._all()}, but is {reprlib.repr(value)}: choose one of them."
            )
        return taken

    def positions(self) -> list:
        """Return all values that it takes, in their order."""
        raise NotImplementedError

    def spec(self) -> dict[str, object]:
        """Return what the browser needs to build the control."""
        return {"kind": type(self).__name__.lower(), **asdict(self)}


@dataclass(frozen=True)
class Slider(Control):
    """A number from `low` to `high` in steps.

    unit: in the plural, as in "500 epochs"; film: a button runs it from its low end to its high one;
    drag: two points (x, y) of the panel's first frame; between them a handle is dragged from low to high.
    """

    low: float
    high: float
    step: float = 1
    unit: str = ""
    film: bool = False
    drag: Sequence[tuple[float, float]] = ()

    def positions(self) -> list[float]:
        """Return all values that it takes, from the lowest on."""
        return [self.low + i * self.step for i in range(round((self.high - self.low) / self.step) + 1)]

    def _taken(self, value: object) -> float | None:
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if not (good and self.low <= value <= self.high):  # so it is finite
            return None
        nearest = self.low + round((value - self.low) / self.step) * self.step
        return nearest if math.isclose(nearest, value, abs_tol=1e-9 * self.step) else None

    def _all(self) -> str:
        return f"a number from {self.low:,} to {self.high:,} in steps of {self.step:,}"


@dataclass(frozen=True)
class Choice(Control):
    """One of a few options, in a list that opens; or, as Steps, on a slider. film: as a Slider's."""

    options: Sequence[object]
    unit: str = ""
    film: bool = False

    def positions(self) -> list:
        """Return its options."""
        return list(self.options)

    def _taken(self, value: object) -> object:
        for option in self.options:
            if option == value and isinstance(value, bool) == isinstance(option, bool):
                return option
        return None

    def _all(self) -> str:
        return f"one of {', '.join(map(str, self.options))}"


@dataclass(frozen=True)
class Steps(Choice):
    """A slider with a position for each option: for settings that each cost a compilation."""


@dataclass(frozen=True)
class Switch(Control):
    """On or off."""

    value: bool = False

    def positions(self) -> list[bool]:
        """Return off and on."""
        return [False, True]

    def _taken(self, value: object) -> bool | None:
        return value if isinstance(value, bool) else None

    def _all(self) -> str:
        return "True or False"


def epochs_from(start: int, most: int, step: int) -> Slider:
    """Return the slider of the epochs."""
    return Slider("epochs of training", start, 0, most, step, "epochs", film=True)
