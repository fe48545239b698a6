"""Predictions that the reader was sure of and wrong about, which a later notebook's quiz asks again."""

from dataclasses import dataclass

from helpers.lessons import stored
from helpers.practice import forms, store
from helpers.practice.ask import FRESH, Ask
from helpers.practice.predict import Prediction


def shaky(first: dict, again: dict) -> bool:
    """Return whether a prediction should be asked again. first, again: the stored answers, or {}."""
    missed = bool(first.get("sure")) and first.get("right") is False and not first.get("late")
    return missed and not again.get("right")


@dataclass
class Again:
    """A prediction asked again, judged by what happened when its notebook was stored."""

    one: Prediction

    def ask(self) -> Ask:
        """Ask the reader, who may try until the answer is right."""
        return Ask(asked_again(self.one.lesson, self.one.question), self.one.form, FRESH, self._did, False)

    def _did(self, do: str, answer: object, _sure: bool) -> dict:
        if do == "change":
            return FRESH | {"answer": answer}
        one, happened = self.one, stored(self.one.lesson, "truths")
        truth, (_, _, sentence) = happened[one.name]["truth"], happened[one.name]["told"].partition(". ")
        given = one.form.read(answer)
        right = one.form.agrees(given, truth)
        fault = store.keep(store.Answer(one.lesson, "again", one.name, {"answer": given, "right": right}))
        feedback = forms.verdict(one.form, given, truth, sentence, str(answer).strip())
        now = FRESH | {"open": False, "answer": given, "fault": fault, "told": feedback}
        if isinstance(one.form, forms.Number):
            now["typed"] = str(answer).strip()  # shown as the reader wrote it
        shown = now.get("typed") or one.form.say(given)
        now |= {"kept": f"You answered: {shown}.", "change": not right}
        if isinstance(one.form, forms.Drawing):
            now["truth"] = truth
        return now | {"look": "right" if right else "wrong"}


def asked_again(lesson: str, question: str) -> str:
    """Return the wording of a question from an earlier notebook."""
    return f"Once more, from notebook {lesson[:2]}: {question}"
