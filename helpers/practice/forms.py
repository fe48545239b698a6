"""The forms of an answer: a choice, a number or a drawing; how each is read, compared and put into words."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from helpers import words
from helpers.checks import InputError
from helpers.practice import numbers

import numpy as np


@dataclass(frozen=True)
class Choice:
    """One of a few options."""

    options: Sequence[str]

    def read(self, given: object) -> str:
        """Return the option that was given, or raise InputError."""
        if given not in self.options:
            raise InputError(f"expected one of {', '.join(self.options)}, but got {given!r}: choose one.")
        return given

    def agrees(self, answer: str, truth: str) -> bool:
        """Tell whether the answer is right."""
        return answer == truth

    def compare(self, answer: str, truth: str) -> str:
        """Return a sentence that holds the answer against the truth."""
        if self.agrees(answer, truth):
            return f"You said “{answer}”, and so it is."
        return f"You said “{answer}”; it is “{truth}”."

    def say(self, value: str) -> str:
        """Return an answer or a truth in words."""
        return value


@dataclass(frozen=True)
class Number:
    """A number.

    unit: as in "seconds", or "". trained: its truth differs from machine to machine. within: the share of
    the truth by which a right answer may miss it. digits: of a trained truth, as its reveal prints it.
    """

    unit: str = ""
    trained: bool = False
    within: float = 0.1
    digits: int = 3

    def read(self, given: object) -> float:
        """Return the number that was given, "74,535", "7.4e4" or "about 75k", or raise InputError."""
        return numbers.read(str(given), self.unit)

    def agrees(self, answer: float, truth: float) -> bool:
        """Tell whether the answer is right."""
        return bool(abs(answer - truth) <= self.within * abs(truth))

    def compare(self, answer: float, truth: float) -> str:
        """Return a sentence that holds the answer against the truth."""
        said, is_ = words.number(answer), self.say(truth)
        if answer == truth:
            return f"You said {said}, and so it is."
        if truth == 0 or answer / truth <= 0:
            far = ""
        elif 0.5 < answer / truth < 2:
            far = f", {abs(answer / truth - 1):.1%} off".replace("%", " %")
        else:
            factor = max(answer / truth, truth / answer)
            far = f", {words.about(factor, 2)} times too {'large' if answer > truth else 'small'}"
        close = " That is close." if self.agrees(answer, truth) else ""
        return f"You said {said}{far}; it is {is_}.{close}"

    def say(self, value: float) -> str:
        """Return an answer or a truth in words."""
        in_words = words.number(value)
        if self.trained:
            in_words = f"≈ {in_words}" if isinstance(value, int) else words.about(value, self.digits)
        return f"{in_words} {self.unit}".strip()


@dataclass(frozen=True)
class Drawing:
    """A curve through a handful of points, whose heights the reader sets.

    x: where the points stand; low, high: the range of the heights; x_label, y_label: of the axes, with units;
    within: the share of the range by which a right curve may miss the truth; trained: as in Number.
    """

    x: Sequence[float]
    low: float
    high: float
    x_label: str
    y_label: str
    within: float = 0.1
    trained: bool = False

    def read(self, given: object) -> list[float]:
        """Return the heights that were given, one for each point, or raise InputError."""
        heights = [float(height) for height in given] if isinstance(given, list) else []
        if len(heights) != len(self.x) or not np.isfinite(heights).all():
            raise InputError(f"expected {len(self.x)} heights, but got {given!r}: draw the curve again.")
        return heights

    def agrees(self, answer: Sequence[float], truth: Sequence[float]) -> bool:
        """Tell whether the answer is right."""
        return bool(self._gaps(answer, truth).max() <= self.within * (self.high - self.low))

    def compare(self, answer: Sequence[float], truth: Sequence[float]) -> str:
        """Return a sentence that holds the answer against the truth."""
        gaps = self._gaps(answer, truth)
        at = words.number(self.x[int(gaps.argmax())])
        far = (words.about(gaps.max(), 2) if self.trained else f"{float(f'{gaps.max():.2g}'):,.10g}") + " off"
        close = " That is close." if self.agrees(answer, truth) else ""
        return (
            f"You drew {self.say(answer)}; it is {self.say(truth)}: you were up to {far}, near {at}.{close}"
        )

    def say(self, value: Sequence[float]) -> str:
        """Return the shape of a curve in words."""
        x, y = np.asarray(self.x, dtype=float), np.asarray(value, dtype=float)
        span = self.high - self.low
        steps = np.diff(y)
        signs = np.sign(steps[np.abs(steps) > 0.02 * span])
        turns = int(np.sum(signs[1:] != signs[:-1]))
        line = np.polyfit(x, y, 1)
        if np.ptp(y) < 0.02 * span:
            return "a level line"
        if np.abs(y - np.polyval(line, x)).max() < 0.03 * span:
            return "a straight line that " + ("rises" if line[0] > 0 else "falls")
        if turns:
            return f"a curve that turns {turns} time{'s' if turns > 1 else ''}"
        runs = "rises" if line[0] > 0 else "falls"
        return f"a curve that {runs} and bends {'up' if np.polyfit(x, y, 2)[0] > 0 else 'down'}wards"

    def _gaps(self, answer: Sequence[float], truth: Sequence[float]) -> np.ndarray:
        inside = np.clip(truth, self.low, self.high)  # nobody can draw higher
        return np.abs(np.asarray(answer, dtype=float) - inside)


Form = Choice | Number | Drawing


def spec(form: Form) -> dict[str, object]:
    """Return what the browser needs to build the form."""
    return {"kind": type(form).__name__.lower(), **asdict(form)}
