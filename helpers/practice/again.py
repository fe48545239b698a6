"""A prediction that the reader was sure of, and wrong about, asked again: a later notebook's quiz does so."""

import json
from dataclasses import dataclass

from helpers.lessons import FOLDER
from helpers.practice import forms, store
from helpers.practice.ask import Ask
from helpers.practice.predict import Prediction


def shaky(said: dict, again: dict) -> bool:
    """Tell whether a prediction, as it was kept, is to be asked again; again: what was said when it was."""
    missed = bool(said.get("sure")) and said.get("right") is False and not said.get("late")
    return missed and not again.get("right")


@dataclass
class Again:
    """A prediction asked again, against what happened when its notebook was stored."""

    one: Prediction

    def ask(self) -> Ask:
        """Ask the reader, who may try until the answer is right."""
        return Ask(asked_again(self.one.lesson, self.one.question), self.one.form, FRESH, self._did, False)

    def _did(self, do: str, answer: object, _sure: bool) -> dict:
        if do == "change":
            return FRESH
        one, happened = self.one, json.loads((FOLDER / self.one.lesson / "truths.json").read_text("utf-8"))
        truth, (_, _, sentence) = happened[one.name]["truth"], happened[one.name]["told"].partition(". ")
        said = {"answer": one.form.read(answer)}
        said["right"] = one.form.agrees(said["answer"], truth)
        fault = store.keep(store.Answer(one.lesson, "again", one.name, said))
        told = forms.verdict(one.form, said["answer"], truth, sentence, str(answer).strip())
        now = FRESH | {"open": False, "answer": said["answer"], "fault": fault, "told": told}
        if isinstance(one.form, forms.Number):
            now["typed"] = str(answer).strip()  # shown as the reader wrote it
        shown = now.get("typed") or one.form.say(said["answer"])
        now |= {"kept": f"You answered: {shown}.", "change": not said["right"]}
        if isinstance(one.form, forms.Drawing):
            now["truth"] = truth
        return now | {"look": "right" if said["right"] else "wrong"}


FRESH = {"open": True, "change": False, "told": "", "look": "", "fault": "", "truth": None}


def asked_again(lesson: str, question: str) -> str:
    """Return a question of an earlier notebook as a later one asks it."""
    return f"Once more, from notebook {lesson[:2]}: {question}"
