"""Predictions: what the reader believes before a cell runs, and what the cell then brings.

`predict.NAME()` asks. `predict.NAME.reveal(...)`, the last line of the cell that brings it, computes the
truth from the notebook's variables, and holds it against what the reader kept.
"""

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from helpers.checks import InputError
from helpers.lessons import Registry, declaring, named
from helpers.page import table
from helpers.practice import forms, store
from helpers.practice.ask import Ask
from helpers.practice.verdict import Outcome, still

from IPython.display import HTML, display

_predictions = Registry("predict", "practice", "prediction")
LATE = "You answered after you could see it, so it counts as no prediction."


@dataclass
class Prediction:
    """A question, its form, and how its truth comes about.

    truth: a function of variables of the notebook; it returns the truth and a sentence on it.
    """

    lesson: str
    name: str
    question: str
    form: forms.Form
    truth: Callable[..., tuple[object, str]]
    happened: tuple[object, str] | None = None  # the truth, once it is revealed
    _asked: Ask | None = field(default=None, repr=False)

    def __call__(self) -> Ask:
        """Ask the reader."""
        self.happened = None
        self._asked = Ask(self.question, self.form, self._now(), self._did)
        return self._asked

    def reveal(self, *given: object) -> None:
        """Show what happened, beside what the reader kept; it never stops a notebook.

        given: what `truth` takes.
        """
        try:
            self.happened = self.truth(*given)
            told = self.told()
            fault = self._confront()
        except Exception as error:  # the reader may have changed anything
            self.happened = None
            reason = f"{type(error).__name__}: {error}"
            words = f"What happened cannot be told ({reason}): run the cells above, then this one."
            display(HTML(still("neither", words)))
            return
        said = self.kept()
        if said is None or said["late"]:
            page, plain = still("neither", f"What happened: {told}"), f"What happened: {told}"
            # For a class's page and others without a kernel, which read it from the stored notebook.
            truth = {"prediction": self.name, "truth": self._plain()}
            display({"text/html": page, "text/plain": plain}, raw=True, metadata={"text/html": truth})
        else:
            display(Outcome("right" if said["right"] else "wrong", f"{said['told']} {fault}".strip()))
        if self._asked is not None:
            self._asked.now = self._now()

    def kept(self) -> dict | None:
        """Return what the reader keeps: {"answer", "sure", "late", and "right", "told" once confronted}."""
        last = store.last("prediction", None, self.name, self.fits)
        return last.said if last else None

    def fits(self, said: dict) -> dict:
        """Return what was kept as the question takes it today, or raise: another version may have kept it."""
        fit = {"answer": self.form.read(said["answer"]), "sure": bool(said["sure"])}
        fit["late"] = bool(said.get("late"))
        if "typed" in said:
            fit["typed"] = str(said["typed"])
        if "told" in said:
            fit |= {"told": str(said["told"]), "right": bool(said["right"])}
        return fit

    def told(self) -> str:
        """Return what happened, in words; "" before it is revealed."""
        if self.happened is None:
            return ""
        truth, sentence = self.happened
        return f"{self.form.say(truth)}. {sentence}".strip()

    def _plain(self) -> str | float | list[float]:
        """Return the truth as JSON can hold it."""
        truth = self.happened[0]
        if isinstance(self.form, forms.Drawing):
            return [float(height) for height in truth]
        return str(truth) if isinstance(self.form, forms.Choice) else float(truth)

    def _did(self, do: str, answer: object, sure: bool) -> dict:
        if do == "change" and self.happened is None:
            return self._now(change=True)
        fault = ""
        if do == "keep":
            said = {"answer": self.form.read(answer), "sure": sure, "late": self.happened is not None}
            if isinstance(self.form, forms.Number):
                said["typed"] = str(answer).strip()  # shown as the reader wrote it
            fault = self._keep(said)
            fault = self._confront() or fault
        return self._now() | ({"fault": fault} if fault else {})

    def _confront(self) -> str:
        """Hold what the reader keeps against what happened, and keep the outcome, too."""
        said = self.kept()
        if said is None or self.happened is None:
            return ""
        truth, sentence = self.happened
        told = forms.verdict(self.form, said["answer"], truth, sentence, said.get("typed", ""))
        if told == said.get("told"):
            return ""
        return self._keep(said | {"right": self.form.agrees(said["answer"], truth), "told": told})

    def _keep(self, said: dict) -> str:
        return store.keep(store.Answer(self.lesson, "prediction", self.name, said))

    def _now(self, change: bool = False) -> dict:
        """Return what the browser shows."""
        said = self.kept()
        drawn = isinstance(self.form, forms.Drawing) and self.happened is not None
        now = {"open": change or said is None, "told": "", "look": "", "change": False, "fault": store.news()}
        now["truth"] = self._plain() if drawn else None
        if said is None:
            return now
        now |= {key: said[key] for key in ("answer", "typed") if key in said}
        sure = "sure" if said["sure"] else "not sure"
        now["kept"] = f"Kept: {said.get('typed') or self.form.say(said['answer'])} ({sure})."
        if said["late"]:
            now |= {"told": f"{said.get('told', '')} {LATE}".strip(), "look": "neither"}
        return now | {"change": not change and "told" not in said}


def prediction(question: str, form: forms.Form) -> Callable:
    """Declare the function below as the truth of a prediction, which is asked under the function's name.

    Args:
        question: in one line; the notebook's own words stand above it.
        form: Choice, Number or Drawing.
    """

    def declare(truth: Callable[..., tuple[object, str]]) -> Prediction:
        made = Prediction(declaring(truth), truth.__name__, question, form, truth)
        return _predictions.declared.setdefault(made.name, made)

    return declare


__getattr__ = _predictions.find


def declared() -> dict[str, Prediction]:
    """Return all predictions by name, in the order of the lessons."""
    return _predictions.all()


def __dir__() -> list[str]:
    return sorted(declared())


def summary(lesson: str) -> HTML:
    """Return what the reader believed in a notebook and what happened, sure and wrong first.

    lesson: as "linear_collapse". Below it, folded, what happened in all of the notebook's predictions.
    """
    lesson = named(lesson)
    of_lesson = [one for one in declared().values() if one.lesson == lesson]
    if not of_lesson:
        raise InputError(f"expected a notebook with predictions, but got {lesson!r}: name another.")
    kept = [(one, one.kept() or {}) for one in of_lesson]
    said = [(one, said) for one, said in kept if "told" in said and not said["late"]]
    said.sort(key=lambda pair: (pair[1]["right"], pair[1]["right"] == pair[1]["sure"]))
    believed = [(one.question, _verdict(kept), kept["told"]) for one, kept in said]
    happened = [(one.question, one.told()) for one in of_lesson if one.happened is not None]
    title = f"Your predictions in notebook {lesson[:2]}"
    right = sum(kept["right"] for _, kept in said)
    score = f"{right} of {len(said)} right" if said else "none was kept"
    parts = [f"<p><b>{title}:</b> {score}.</p>"]
    if believed:
        parts.append(_table(["question", "you were", "what happened"], believed))
    if happened:
        whole = _table(["question", "what happened"], happened)
        parts.append(f"<details><summary>What happened, all of it</summary>{whole}</details>")
    if news := store.news():
        parts.append(f"<p>{html.escape(news)}</p>")
    return HTML("".join(parts))


def _verdict(kept: dict) -> str:
    return f"{'sure' if kept['sure'] else 'not sure'}, and {'right' if kept['right'] else 'wrong'}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return table(header, [map(html.escape, row) for row in rows])
