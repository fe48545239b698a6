"""The exercises: `check.NAME(answer)` says in one sentence whether an answer is right, and if not, why.

An exercise is declared in its lesson's practice.py by a function that judges an answer. Each parameter is
annotated with a reader of practice/given.py, which has read the argument already:

    @exercise("Put the first into the second.", "Multiply both parts by −3.", minutes=3)
    def one_unit(slope: given.number, intercept: given.number) -> Verdict:
        '''Two layers as one unit: 4x − 2, then −3x + 5.'''
        if slope == 4 - 3:
            return wrong("You added the slopes, but the second layer multiplies: multiply −3 by 4.")
        ...
"""

import html
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from helpers.checks import InputError
from helpers.lessons import Registry, declaring, stored
from helpers.practice import given, limits, store
from helpers.practice.verdict import Outcome

import keras
import numpy as np
from IPython.display import display

TRIES = 3  # different wrong answers after which the solution opens
NOT_YET = "Not answered yet: put your answer in place of the dots (...) above, and run the cell again."


class Verdict(NamedTuple):
    """The result of a check: right, wrong, or None for neither; and one sentence.

    exercise: the one whose hints and solution the page offers with it.
    """

    right: bool | None
    sentence: str
    code: str = ""
    exercise: "Exercise | None" = None

    def _ipython_display_(self) -> None:
        if self.exercise is None:
            return display({"text/plain": repr(self), "text/markdown": self._repr_markdown_()}, raw=True)
        look, prefix, buttons = {
            True: ("right", "Right: ", {"solution": "A solution"}),
            False: ("wrong", "Not yet: ", {"hint": "A hint", "solution": "The solution"}),
            None: ("neither", "", {"hint": "A hint"}),
        }[self.right]
        return display(Outcome(look, prefix + self.sentence, buttons, self.exercise.pressed))

    def __repr__(self) -> str:
        mark = {True: "✓ Right: ", False: "✗ Not yet: ", None: ""}[self.right]
        return f"{mark}{self.sentence}" + (f"\n\n{self.code}" if self.code else "")

    def _repr_markdown_(self) -> str:
        plain = html.escape(repr(self._replace(code="")), quote=False)
        plain = re.sub(r"([\\*_$~\[\]])", r"\\\1", plain)
        return plain + (f"\n\n```python\n{self.code}\n```" if self.code else "")


def right(sentence: str) -> Verdict:
    """Return the verdict that an answer is right, with what it shows."""
    return Verdict(True, sentence)


def wrong(sentence: str) -> Verdict:
    """Return the verdict on a misunderstanding, with the next step."""
    return Verdict(False, sentence)


def mistaken(answer: object, mistakes: Mapping[str, object], **near: float) -> Verdict | None:
    """Return the verdict on the first mistake, {sentence: what it gives}, that the answer is near, or None.

    near: rtol and atol, as in np.allclose.
    """
    fits = (sentence for sentence, gives in mistakes.items() if np.allclose(answer, gives, **near))
    return next(map(wrong, fits), None)


class Exercise:
    """An exercise, as a notebook calls it.

    Attributes: lesson ("03_linear_collapse"), name, title, minutes, hints, and judge, the declared function.
    """

    def __init__(
        self,
        judge: Callable[..., Verdict],
        lesson: str,
        minutes: float,
        hints: tuple[str, ...],
        seconds: float | None = None,
    ):
        self.judge, self.lesson, self.minutes, self.hints = judge, lesson, minutes, hints
        self.seconds = seconds
        self.name, self.title = judge.__name__, inspect.getdoc(judge).rstrip(".")
        self._hinted, self._warned = 0, False

    def __repr__(self) -> str:
        return f"check.{self.name}({', '.join(self._readers())}): {self.title} ({self.minutes} minutes)"

    def __call__(self, *answer: object, **named: object) -> Verdict:
        """Judge an answer, and keep it unless it is still blank."""
        verdict, tried = self._outcome(answer, named)
        if verdict.right is None:
            return verdict._replace(exercise=self)
        entry = {"right": verdict.right, "try": tried}
        trouble = store.keep(store.Answer(self.lesson, "exercise", self.name, entry))
        return verdict._replace(sentence=f"{verdict.sentence} {trouble}".rstrip(), exercise=self)

    def accepted(self, answer: object, otherwise: object) -> object:
        """Return the answer for the cells that follow if it is right, else `otherwise`.

        A layer of another class is not accepted either: the cells that follow may not be able to train it.
        """
        verdict, _ = self._outcome((answer,), {})
        other = isinstance(otherwise, keras.layers.Layer) and type(answer) is not type(otherwise)
        return answer if verdict.right and not other else otherwise

    def _outcome(self, answer: tuple, named: dict) -> tuple[Verdict, str]:
        """Return the verdict and the answer in short, within the limits of practice/limits.py."""
        here = [given.here(each) for each in [*answer, *named.values()]]
        steps, ended, seconds = [""], "", given.SECONDS
        if self.seconds or (any(here) and not all(here)):  # first only read the answer, and ask a model once
            steps, ended = limits.within(seconds, lambda: self._steps(answer, named, whole=False))
        if not ended and len(steps) == 1:
            apart, seconds = not (self.seconds or any(here)), self.seconds or seconds
            steps, ended = limits.within(seconds, lambda: self._steps(answer, named), apart=apart)
        tried, *judged = steps or [""]
        if ended:
            return wrong(f"Your answer {given.UNFINISHED[ended].format(seconds)}."), tried
        return Verdict(*judged[0]), tried

    def _steps(self, answer: tuple, named: dict, whole: bool = True) -> Iterator[object]:
        """Yield the answer in short, then [right, sentence]; if not whole, only for an unreadable answer."""
        yield given.one_line(", ".join(map(given.trace, [*answer, *named.values()])), 120)
        try:
            read = self._read(answer, named)
            if not whole:
                for each in read.values():
                    if isinstance(each, given.model):
                        each.asked_once()
                return
            verdict = self.judge(**read)
        except given.Blank:
            verdict = Verdict(None, NOT_YET)
        except InputError as error:
            verdict = wrong(str(error))
        except limits.ENDS:
            raise
        except BaseException as error:
            limits.refuse(error)
            reason = given.one_line(f"{type(error).__name__}: {error}", 90)
            verdict = wrong(f"The check cannot work with your answer ({reason}): give {self._needs()}.")
        yield [verdict.right, given.one_line(verdict.sentence, 400)]

    def pressed(self, button: str) -> tuple[str, str]:
        """Return the text and the code that a button below a verdict shows."""
        verdict = self.hint() if button == "hint" else self.solution()
        return verdict.sentence, verdict.code

    def hint(self) -> Verdict:
        """Return the next hint, or the last one again."""
        self._hinted += 1
        count = len(self.hints)
        if self._hinted > count:
            return Verdict(None, f"That was the last of {count} hints: {self.hints[-1]}")
        return Verdict(None, f"Hint {self._hinted} of {count}: {self.hints[self._hinted - 1]}")

    def solution(self) -> Verdict:
        """Return a solution after a right answer, three different tries, or if asked twice."""
        entries = [answer.content for answer in store.kept("exercise", name=self.name)]
        tries = {str(entry.get("try")) for entry in entries}
        if not self._warned and len(tries) < TRIES and not any(entry.get("right") for entry in entries):
            self._warned = True
            tried = f"You have tried {len(tries)} of {TRIES} times."
            return Verdict(None, f"{tried} Try a hint first, or ask once more to see the solution now.")
        lines = stored(self.lesson, "solutions")[self.name]
        return Verdict(None, "One solution:", "\n".join(lines))

    def _readers(self) -> dict[str, Callable]:
        return {name: each.annotation for name, each in inspect.signature(self.judge).parameters.items()}

    def _needs(self) -> str:
        kinds = {name: reader.__name__.replace("_", " ") for name, reader in self._readers().items()}
        return ", ".join(
            f"{name} ({'an' if kind[0] in 'aeiou' else 'a'} {kind})" for name, kind in kinds.items()
        )

    def _read(self, answer: tuple, named: dict) -> dict[str, object]:
        if given.blank([answer, named]):
            raise given.Blank
        try:
            bound = inspect.signature(self.judge).bind(*answer, **named).arguments
        except TypeError:
            raise InputError(
                f"check.{self.name} takes {self._needs()}: give just these, not {len(answer) + len(named)}."
            ) from None
        return {name: reader(bound[name], name) for name, reader in self._readers().items() if name in bound}


_exercises = Registry("check", "practice", "exercise")


def exercise(*hints: str, minutes: float, seconds: float | None = None) -> Callable[[Callable], Exercise]:
    """Declare the function below as the exercise of its name; its docstring is the title.

    Args:
        hints: two; the second says more.
        minutes: that a learner needs.
        seconds: that judging may take where it trains, if not `given.SECONDS`.
    """

    def declare(judge: Callable[..., Verdict]) -> Exercise:
        made = Exercise(judge, declaring(judge), minutes, hints, seconds)
        return _exercises.add(made.name, made)

    return declare


declared = _exercises.all
__getattr__ = _exercises.find


def __dir__() -> list[str]:
    return list(declared())
