"""Predictions: what the reader expects before a cell runs, and what happens in it.

`predict.NAME()` asks. `predict.NAME.reveal(...)`, the last line of the cell with the result, computes the
truth from the notebook's variables and compares it with the reader's answer.
"""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral

from helpers.checks import InputError
from helpers.lessons import Registry, declaring, named
from helpers.page import table
from helpers.practice import forms, store
from helpers.practice.ask import FRESH, Ask
from helpers.practice.verdict import Outcome, still

from IPython.display import HTML, display

_predictions = Registry("predict", "practice", "prediction")
LATE = "You answered after you could see it, so it does not count as a prediction."


@dataclass
class Prediction:
    """A question, its form, and how its truth is computed.

    truth: a function of variables of the notebook that returns the truth and a sentence about it.
    """

    lesson: str
    name: str
    question: str
    form: forms.Form
    truth: Callable[..., tuple[object, str]]
    happened: tuple[object, str] | None = None  # the truth, once it is revealed
    _widget: Ask | None = field(default=None, repr=False)

    def __call__(self) -> Ask:
        """Ask the reader."""
        self.happened = None
        self._widget = Ask(self.question, self.form, self._now(), self._did)
        return self._widget

    def reveal(self, *variables: object) -> None:
        """Show what happened, beside the reader's answer; it never stops a notebook.

        variables: the arguments of `truth`.
        """
        try:
            self.happened = self.truth(*variables)
            happened = f"What happened: {self.outcome()}"
            fault = self._compare()
        except Exception as error:  # the reader may have changed anything
            self.happened = None
            reason = f"{type(error).__name__}: {error}"
            sentence = f"What happened cannot be computed ({reason}): run the cells above, then this one."
            display(HTML(still("neither", sentence)))
            return
        kept = self.kept()
        if kept is None or kept["late"]:
            # The metadata are for pages without a kernel, which read the stored notebook.
            metadata = {"text/html": {"prediction": self.name, "truth": self._plain()}}
            data = {"text/html": still("neither", happened), "text/plain": happened}
            display(data, raw=True, metadata=metadata)
        else:
            display(Outcome("right" if kept["right"] else "wrong", f"{kept['told']} {fault}".strip()))
        if self._widget is not None:
            self._widget.now = self._now()

    def kept(self) -> dict | None:
        """Return the answer: {"answer", "sure", "late", and "right", "told" (feedback) once compared}."""
        last = store.last("prediction", self.name, self.fits)
        return last.content if last else None

    def fits(self, entry: dict) -> dict:
        """Return a stored answer in today's form; raise if the question has changed too much."""
        fit = {"answer": self.form.read(entry["answer"]), "sure": bool(entry["sure"])}
        fit["late"] = bool(entry.get("late"))
        if "typed" in entry:
            fit["typed"] = str(entry["typed"])
        if "told" in entry:
            fit |= {"told": str(entry["told"]), "right": bool(entry["right"])}
        return fit

    def outcome(self) -> str:
        """Return what happened in words; "" before it is revealed."""
        if self.happened is None:
            return ""
        truth, sentence = self.happened
        return f"{self.form.say(truth)}. {sentence}".strip()

    def _plain(self) -> str | float | list[float]:
        """Return the truth as a JSON value."""
        truth = self.happened[0]
        if isinstance(self.form, forms.Drawing):
            return [float(height) for height in truth]
        if isinstance(self.form, forms.Choice):
            return str(truth)
        return int(truth) if isinstance(truth, Integral) else float(truth)

    def _did(self, do: str, answer: object, sure: bool) -> dict:
        if do == "change" and self.happened is None:
            return self._now(change=True)
        fault = ""
        if do == "keep":
            entry = {"answer": self.form.read(answer), "sure": sure, "late": self.happened is not None}
            if isinstance(self.form, forms.Number):
                entry["typed"] = str(answer).strip()  # shown as the reader wrote it
            fault = self._keep(entry)
            fault = self._compare() or fault
        return self._now() | ({"fault": fault} if fault else {})

    def _compare(self) -> str:
        """Compare the reader's answer with what happened, and keep the feedback, too."""
        kept = self.kept()
        if kept is None or self.happened is None:
            return ""
        truth, sentence = self.happened
        feedback = forms.verdict(self.form, kept["answer"], truth, sentence, kept.get("typed", ""))
        if feedback == kept.get("told"):
            return ""
        return self._keep(kept | {"right": self.form.agrees(kept["answer"], truth), "told": feedback})

    def _keep(self, entry: dict) -> str:
        return store.keep(store.Answer(self.lesson, "prediction", self.name, entry))

    def _now(self, change: bool = False) -> dict:
        """Return what the browser shows."""
        kept = self.kept()
        drawn = isinstance(self.form, forms.Drawing) and self.happened is not None
        now = FRESH | {"open": change or kept is None, "fault": store.news()}
        now["truth"] = self._plain() if drawn else None
        if kept is None:
            return now
        now |= {key: kept[key] for key in ("answer", "typed") if key in kept}
        sure = "sure" if kept["sure"] else "not sure"
        now["kept"] = f"Kept: {kept.get('typed') or self.form.say(kept['answer'])} ({sure})."
        if kept["late"]:
            now |= {"told": f"{kept.get('told', '')} {LATE}".strip(), "look": "neither"}
        return now | {"change": not change and "told" not in kept}


def prediction(question: str, form: forms.Form, meanings: Mapping[str, str] | None = None) -> Callable:
    """Declare the function below as the truth of a prediction of the same name.

    Args:
        question: in one line; the notebook's own text is above it.
        form: Choice, Number or Drawing.
        meanings: of the wrong options of a Choice, as forms.Choice describes them.
    """
    if meanings:
        form = replace(form, meanings=meanings)

    def declare(truth: Callable[..., tuple[object, str]]) -> Prediction:
        made = Prediction(declaring(truth), truth.__name__, question, form, truth)
        return _predictions.add(made.name, made)

    return declare


declared = _predictions.all
__getattr__ = _predictions.find


def __dir__() -> list[str]:
    return list(declared())


def summary(lesson: str) -> HTML:
    """Return the reader's predictions in a notebook and what happened, sure and wrong ones first.

    lesson: such as "linear_collapse". Below, folded, is what happened for all of the notebook's predictions.
    """
    lesson = named(lesson)
    of_lesson = [one for one in declared().values() if one.lesson == lesson]
    if not of_lesson:
        raise InputError(f"expected a notebook with predictions, but got {lesson!r}: name another.")
    answers = [(one, one.kept() or {}) for one in of_lesson]
    judged = [(one, kept) for one, kept in answers if "told" in kept and not kept["late"]]
    judged.sort(key=lambda pair: (pair[1]["right"], pair[1]["right"] == pair[1]["sure"]))
    rows = [(one.question, _verdict(kept), kept["told"]) for one, kept in judged]
    happened = [(one.question, one.outcome()) for one in of_lesson if one.happened is not None]
    title = f"Your predictions in notebook {lesson[:2]}"
    right = sum(kept["right"] for _, kept in judged)
    score = f"{right} of {len(judged)} right" if judged else "none was kept"
    parts = [f"<p><b>{title}:</b> {score}.</p>"]
    if rows:
        parts.append(_table(["question", "you were", "what happened"], rows))
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
