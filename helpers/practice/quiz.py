"""The questions at the end of a notebook, `quiz.NAME()`: its own, and shaky ones of earlier notebooks."""

import tomllib
from dataclasses import dataclass, replace

from helpers.checks import InputError
from helpers.lessons import Registry, having, numbered
from helpers.practice import again, forms, predict, store
from helpers.practice.ask import FRESH, Ask

from IPython.display import display

MOST = 2  # questions of earlier notebooks in a quiz


@dataclass
class Question:
    """A question with one right choice; choices: {option: feedback}; right: the right option.

    fresh: ask as if it had not been answered.
    """

    lesson: str
    name: str
    text: str
    right: str
    choices: dict[str, str]
    fresh: bool = False

    def __post_init__(self) -> None:
        if self.right not in self.choices:
            raise InputError(
                f"right must be one of the choices {list(self.choices)}, but is {self.right!r}: name one."
            )

    def ask(self) -> Ask:
        """Ask the reader, who may try until the answer is right."""
        now = FRESH if self.fresh else self._now()
        return Ask(self.text, forms.Choice(list(self.choices)), now, self._did, asks_sure=False)

    def _did(self, do: str, answer: object, _sure: bool) -> dict:
        if do == "change":
            return self._now() | {"open": True, "change": False, "told": "", "look": ""}
        entry = self._read({"answer": answer})
        entry["right"] = entry["answer"] == self.right
        fault = store.keep(store.Answer(self.lesson, "quiz", self.name, entry))
        return self._now() | ({"fault": fault} if fault else {})

    def _read(self, entry: dict) -> dict:
        return {"answer": forms.Choice(list(self.choices)).read(entry["answer"])}

    def _now(self) -> dict:
        last = store.last("quiz", self.name, self._read)
        now = FRESH | {"open": last is None, "fault": store.news()}
        if last is None:
            return now
        answer = last.content["answer"]
        right = answer == self.right
        feedback = f"{'Right' if right else 'Not so'}: {self.choices[answer]}"
        now |= {"answer": answer, "kept": f"You chose: {answer}.", "told": feedback, "change": not right}
        return now | {"look": "right" if right else "wrong"}


@dataclass
class Quiz:
    """The questions at the end of one notebook."""

    questions: list[Question]

    def __call__(self) -> None:
        """Ask all, and then some that the reader got wrong in earlier notebooks."""
        for one in [*self.questions, *earlier(self.questions[0].lesson)]:
            display(one.ask())


class Quizzes(Registry):
    """The quizzes of all lessons by the lesson's name; the questions are in quiz.toml."""

    def all(self) -> dict[str, Quiz]:
        """Return them in the order of the lessons."""
        for lesson, path in having("quiz.toml").items():
            name = lesson.partition("_")[2]
            if name not in self.declared:
                questions = tomllib.loads(numbered(path.read_text("utf-8")))["question"]
                self.declared[name] = Quiz(
                    [Question(lesson, f"{name}_{n}", **one) for n, one in enumerate(questions, 1)]
                )
        return self.declared


_quizzes = Quizzes("quiz", "quiz.toml", "quiz")
declared = _quizzes.all
__getattr__ = _quizzes.find


def earlier(lesson: str) -> list[Question | again.Again]:
    """Return the questions of earlier notebooks to ask again in that of `lesson`."""
    last = {(answer.kind, answer.name): answer.content for answer in store.kept()}
    shaky: list[Question | again.Again] = [
        again.Again(one)
        for name, one in predict.declared().items()
        if one.lesson < lesson
        and again.shaky(last.get(("prediction", name), {}), last.get(("again", name), {}))
    ]
    questions = [one for of_lesson in declared().values() for one in of_lesson.questions]
    shaky += [
        replace(one, text=again.asked_again(one.lesson, one.text), fresh=True)
        for one in questions
        if one.lesson < lesson and last.get(("quiz", one.name), {}).get("right") is False
    ]
    return shaky[:MOST]


def __dir__() -> list[str]:
    return list(declared())
