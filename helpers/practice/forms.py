"""The forms of an answer, a choice, a number or a drawing: how to read, compare and describe each."""

import math
import reprlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields

from helpers import words
from helpers.checks import InputError
from helpers.practice import numbers
from helpers.practice.features import Curves, Feature, turns

import numpy as np


@dataclass(frozen=True)
class Choice:
    """One of a few options.

    meanings: {wrong option: a sentence for readers who chose it}: what they may have thought, and why not.
    """

    options: Sequence[str]
    meanings: Mapping[str, str] = field(default_factory=dict)

    def read(self, value: object) -> str:
        """Return the value if it is an option, or raise InputError."""
        if value not in self.options:
            raise InputError(
                f"expected one of {', '.join(self.options)}, but got {reprlib.repr(value)}: choose one."
            )
        return value

    def agrees(self, answer: str, truth: str) -> bool:
        """Return whether the answer is right."""
        return answer == truth

    def compare(self, answer: str, truth: str) -> str:
        """Return a sentence that compares the answer with the truth."""
        if self.agrees(answer, truth):
            return f"You said “{answer}”, and so it is."
        return f"You said “{answer}”; it is “{truth}”."

    def means(self, answer: str, truth: str) -> str:
        """Return the meaning of a wrong answer; "" for a right one, or if none is declared."""
        return "" if self.agrees(answer, truth) else self.meanings.get(answer, "")

    def right_in(self, answers: Sequence[str], truth: str) -> list[str]:
        """Return sentences on how many of a class are right: none, as the bars of a choice show it."""
        return []

    def say(self, value: str) -> str:
        """Return an answer or a truth in words."""
        return value


@dataclass(frozen=True)
class Number:
    """A number.

    unit: such as "seconds", or "". trained: whether the truth differs between machines. within: the largest
    relative error of a right answer. digits: the significant digits of a trained truth.
    """

    unit: str = ""
    trained: bool = False
    within: float = 0.1
    digits: int = 3

    def read(self, value: object) -> float:
        """Return a number from "74,535", "7.4e4" or "about 75k", or raise InputError."""
        return numbers.read(str(value), self.unit)

    def agrees(self, answer: float, truth: float) -> bool:
        """Return whether the answer is right."""
        return bool(abs(answer - truth) <= self.within * abs(truth))

    def compare(self, answer: float, truth: float, typed: str = "") -> str:
        """Return a sentence that compares the answer with the truth; typed: the answer as typed."""
        typed = typed or words.number(answer)
        if answer == truth:
            return f"You said {typed}, and so it is."
        close = " That is close." if self.agrees(answer, truth) else ""
        return f"You said {typed}{_far(answer, truth)}; it is {self.say(truth)}.{close}"

    def right_in(self, answers: Sequence[float], truth: float) -> list[str]:
        """Return a sentence on how many answers of a class are right."""
        wrong = [answer for answer in answers if not self.agrees(answer, truth)]
        large, right = sum(answer > truth for answer in wrong), len(answers) - len(wrong)
        sentence = (
            f"Of {words.plural(len(answers), 'number')} in the last vote {right} "
            f"{'is' if right == 1 else 'are'} right, {large} too large, {len(wrong) - large} too small."
        )
        return [sentence] if answers else []

    def say(self, value: float) -> str:
        """Return an answer or a truth in words."""
        in_words = words.number(value)
        if self.trained:
            in_words = f"≈ {in_words}" if isinstance(value, int) else words.about(value, self.digits)
        return f"{in_words} {self.unit}".strip()


def _far(answer: float, truth: float) -> str:
    """Return the distance from the truth in words, rounded as in the browser (site/answers.js)."""
    ratio = answer / truth if truth else 0
    if ratio <= 0:
        return ""
    if 0.5 < ratio < 2:
        return f", {_tenths(100 * abs(ratio - 1)):g} % off"
    factor = max(ratio, truth / answer)
    times = "over a million"
    if factor < 1e6:
        times = f"about {words.number(_tenths(factor) if factor < 10 else math.floor(factor + 0.5))}"
    return f", {times} times too {'large' if answer > truth else 'small'}"


def _tenths(value: float) -> float:
    return math.floor(10 * value + 0.5) / 10


@dataclass(frozen=True)
class Drawing:
    """A curve through a few points, whose heights the reader sets.

    x: of the points; low, high: the range of heights; x_label, y_label: of the axes, with units;
    features: what it is judged by; ghost: the name and the heights of a curve shown for comparison;
    known: {x: height} of points that are given; trained: as in Number.
    """

    x: Sequence[float]
    low: float
    high: float
    x_label: str
    y_label: str
    features: Sequence[Feature]
    ghost: tuple[str, Sequence[float]] | None = None
    known: Mapping[float, float] = field(default_factory=dict)
    trained: bool = False

    def read(self, value: object) -> list[float]:
        """Return the heights, one for each point, or raise InputError."""
        complete = isinstance(value, list) and len(value) == len(self.x)
        if not (
            complete and all(type(each) in (int, float) and self.low <= each <= self.high for each in value)
        ):
            raise InputError(
                f"expected {len(self.x)} heights from {self.low:g} to {self.high:g}, but got "
                f"{reprlib.repr(value)}: draw the curve again."
            )
        return [float(height) for height in value]

    def agrees(self, answer: Sequence[float], truth: Sequence[float]) -> bool:
        """Return whether the drawing is right in all features."""
        return all(right for right, _ in self.judged(answer, truth))

    def compare(self, answer: Sequence[float], truth: Sequence[float]) -> str:
        """Return what is right in the drawing, and what is not."""
        judged = self.judged(answer, truth)
        right, wrong = ("; ".join(words for good, words in judged if good is one) for one in (True, False))
        if not wrong:
            return f"Your drawing is right: {right}."
        return f"{f'Right in your drawing: {right}. ' if right else ''}Not right: {wrong}."

    def right_in(self, answers: Sequence[Sequence[float]], truth: Sequence[float]) -> list[str]:
        """Return a sentence for each feature of the truth: in how many drawings of a class it is right."""
        judged, lines = [self.judged(answer, truth) for answer in answers], []
        for number, (_, what) in enumerate(self.judged(truth, truth) if answers else []):
            wrong = Counter(one[number][1] for one in judged if not one[number][0])
            right = f"{len(answers) - wrong.total()} of {len(answers)}"
            lines.append(f"Right in {right} drawings of the last vote: {what}.")
            words, times = [*wrong.most_common(1), ("", 0)][0]
            lines[-1] += f" Not right in {times}: {words}." if times > 1 else ""
        return lines

    def judged(self, answer: Sequence[float], truth: Sequence[float]) -> list[tuple[bool, str]]:
        """Return, for each feature of the truth, whether the drawing has it right, and a clause."""
        inside = np.clip(np.array(truth, dtype=float), self.low, self.high)  # nobody can draw higher
        say = (lambda height: words.about(height, 2)) if self.trained else words.short
        x, drawn = np.array(self.x, dtype=float), np.array(answer, dtype=float)
        curves = Curves(x, drawn, inside, self.high - self.low, say)
        return [judged for each in self.features if (judged := each.judge(curves))]

    def say(self, value: Sequence[float]) -> str:
        """Return the shape of a curve in words."""
        x, y = np.asarray(self.x, dtype=float), np.asarray(value, dtype=float)
        span = self.high - self.low
        count = len(turns(x, y, span))
        line = np.polyfit(x, y, 1)
        if np.ptp(y) < 0.02 * span:
            return "a level line"
        if np.abs(y - np.polyval(line, x)).max() < 0.03 * span:
            return "a straight line that " + ("rises" if line[0] > 0 else "falls")
        if count:
            return f"a curve that turns {count} time{'s' if count > 1 else ''}"
        runs = "rises" if line[0] > 0 else "falls"
        level = np.abs(np.diff(y)) <= 0.02 * span
        if level[:2].all():
            return f"a curve that is level, then {runs}"
        if level[-2:].all():
            return f"a curve that {runs}, then is level"
        return f"a curve that {runs} and bends {'up' if np.polyfit(x, y, 2)[0] > 0 else 'down'}wards"


Form = Choice | Number | Drawing


def verdict(form: Form, answer: object, truth: object, sentence: str, typed: str = "") -> str:
    """Return the feedback on an answer, once the truth is known; sentence: about the truth."""
    meaning = form.means(answer, truth) if isinstance(form, Choice) else ""
    options = {"typed": typed} if isinstance(form, Number) else {}
    compared = form.compare(answer, truth, **options)
    return " ".join(part for part in (compared, sentence, meaning) if part)


def spec(form: Form) -> dict[str, object]:
    """Return what the browser needs to build the form, without `meanings`, which give the answer away."""
    settings = asdict(form)
    settings.pop("meanings", None)
    if isinstance(form, Drawing):
        del settings["features"]
        settings["known"] = [form.known.get(at) for at in form.x]
    return {"kind": type(form).__name__.lower(), **settings}


def from_spec(described: Mapping[str, object], features: Sequence[Feature]) -> Form:
    """Return the form that `spec` described; features: of a drawing, which a spec does not contain."""
    kind = next(kind for kind in Form.__args__ if kind.__name__.lower() == described["kind"])
    own = {f.name: described[f.name] for f in fields(kind) if f.name in described and f.name != "known"}
    return kind(**own, features=features) if kind is Drawing else kind(**own)
