"""The questions at the end of a notebook: `quiz.NAME()`, named as the notebook, shows its three."""

from dataclasses import dataclass

from helpers.checks import InputError
from helpers.practice import forms, load, store
from helpers.practice.ask import Ask
from helpers.practice.registry import find

from IPython.display import display

DECLARED: dict[str, list["Question"]] = {}


@dataclass
class Question:
    """A question with one right choice; choices: {option: what the reader is told}; right: that option."""

    lesson: str
    name: str
    question: str
    choices: dict[str, str]
    right: str

    def ask(self) -> Ask:
        """Ask the reader, who may try until the answer is right."""
        return Ask(self.question, forms.Choice(list(self.choices)), self._now(), self._did, asks_sure=False)

    def _did(self, do: str, answer: object, _sure: bool) -> dict:
        if do == "change":
            return self._now() | {"open": True, "change": False, "told": ""}
        said = self._read({"answer": answer})
        said["right"] = said["answer"] == self.right
        fault = store.keep(store.Answer(self.lesson, "quiz", self.name, said))
        return self._now() | ({"fault": fault} if fault else {})

    def _read(self, said: dict) -> dict:
        return {"answer": forms.Choice(list(self.choices)).read(said["answer"])}

    def _now(self) -> dict:
        last = store.last("quiz", self.lesson, self.name, self._read)
        now = {"open": last is None, "fault": store.news(), "told": "", "hidden": "", "truth": None}
        now["change"] = False
        if last is None:
            return now
        answer = last.said["answer"]
        right = answer == self.right
        told = f"{'Right' if right else 'Not so'}: {self.choices[answer]}"
        return now | {"answer": answer, "kept": f"You chose: {answer}.", "told": told, "change": not right}


def question(notebook: str, text: str, *, right: str, choices: dict[str, str]) -> None:
    """Declare a question at the end of a notebook.

    Args:
        notebook: as "03_linear_collapse"; `quiz.linear_collapse()` asks.
        text: the question.
        right: the right choice.
        choices: all choices in their order, each with what the reader is then told: a wrong one's reason.
    """
    if right not in choices:
        raise InputError(f"right must be one of the choices {list(choices)}, but is {right!r}: name one.")
    lesson, _, name = notebook.partition("_")
    of_notebook = DECLARED.setdefault(name, [])
    of_notebook.append(Question(lesson, f"{name}_{len(of_notebook) + 1}", text, choices, right))


@dataclass
class Quiz:
    """The questions of one notebook."""

    questions: list[Question]

    def __call__(self) -> None:
        """Ask them all."""
        for one in self.questions:
            display(one.ask())


def __getattr__(name: str) -> Quiz:
    return Quiz(find(name, DECLARED, "quiz", "quiz"))


def __dir__() -> list[str]:
    load()
    return sorted(DECLARED)
