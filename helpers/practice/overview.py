"""The reader's progress in the course: a table, what is shaky, what comes next, and a button to reset it."""

import html
import json
import re
from functools import cache
from pathlib import Path

from helpers.lessons import FOLDER
from helpers.page import Widget, script, table
from helpers.practice import again, check, predict, quiz, store

import traitlets
from IPython.display import HTML, display

_here = Path(__file__).parent
KINDS = {"prediction": "predictions kept", "exercise": "exercises solved", "quiz": "questions right"}
ROOMS = {"predict": "prediction", "check": "exercise", "quiz": "quiz"}
CALL = re.compile(rf"^({'|'.join(ROOMS)})\.(\w+)\(", re.MULTILINE)


class Progress(Widget):
    """A report of the reader's answers, and a button that forgets them (front end: overview.js).

    The report is a separate output, as front ends open links to other notebooks only there.
    """

    _esm = script(_here / "overview.js")
    _css = _here / "ask.css"

    fault = traitlets.Unicode().tag(sync=True)
    emptied = traitlets.Int().tag(sync=True, echo_update=False)  # how often the button was pressed
    done = traitlets.Int().tag(sync=True)  # and how often that was done, or refused with a fault

    def __init__(self) -> None:
        super().__init__()
        self._shown = None
        self.observe(self._empty, "emptied")

    def _ipython_display_(self) -> None:
        self._shown = display(HTML(report()), display_id=True)
        data, metadata = self._repr_mimebundle_()
        display(data | {"text/plain": "Your progress"}, metadata=metadata, raw=True)

    def _empty(self, change: dict) -> None:
        if change["new"] != change["old"] + 1:  # not from the button
            return
        self.fault = store.forget()
        self.done = change["new"]
        if self._shown:
            self._shown.update(HTML(report()))

    def refuse(self, sentence: str) -> None:
        """Show the sentence below the button."""
        self.fault = sentence


def progress() -> Progress:
    """Show what the reader has done, what is shaky, and what comes next."""
    return Progress()


def everything() -> dict[tuple[str, str, str], str]:
    """Return all questions and exercises in order, {(kind, notebook, name): title}."""
    titles = {("prediction", one.lesson, one.name): one.question for one in predict.declared().values()}
    titles |= {("exercise", one.lesson, one.name): one.title for one in check.declared().values()}
    questions = [one for of_notebook in quiz.declared().values() for one in of_notebook.questions]
    return titles | {("quiz", one.lesson, one.name): one.text for one in questions}


@cache
def cells(lesson: str) -> dict[tuple[str, str], str]:
    """Return the ids of a notebook's cells with questions, by kind and name; {} if it is not stored."""
    try:
        notebook = json.loads((FOLDER.parent / "notebooks" / f"{lesson}.ipynb").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    sources = [(cell.get("id", ""), "".join(cell["source"])) for cell in notebook["cells"]]
    return {(ROOMS[room], name): at for at, source in sources for room, name in CALL.findall(source)}


def link(kind: str, lesson: str, name: str, text: str) -> str:
    """Return a text as HTML, linked to the cell with the question in its notebook."""
    of_cell = name.rpartition("_")[0] if kind == "quiz" else name
    at = cells(lesson).get((kind, of_cell))
    text = html.escape(text)
    return f'<a href="{lesson}.ipynb#cell-id={at}">{text}</a>' if at else text


def report() -> str:
    """Return the reader's progress as HTML."""
    all_titles, last, wrong = everything(), {}, {}
    keys = {(kind, name): (kind, lesson, name) for kind, lesson, name in all_titles}  # numbers may change
    for answer in store.kept():
        key = keys.get((answer.kind, answer.name), (answer.kind, "", answer.name))
        if answer.kind == "exercise" and last.get(key, {}).get("right"):
            continue  # once solved, an exercise stays solved
        last[key] = answer.content
        wrong[key] = 0 if answer.content.get("right") else wrong.get(key, 0) + 1
    predicted = {key: _fit(key[2], entry) for key, entry in last.items() if key[0] == "prediction"}
    done = {key for key, entry in last.items() if key[0] != "prediction" and entry.get("right")}
    done |= {key for key, fit in predicted.items() if fit and not fit["late"]}

    def shaky(key: tuple[str, str, str]) -> bool:
        if key[0] == "prediction":
            return again.shaky(last[key], last.get(("again", "", key[2]), {}))
        return wrong[key] >= (check.TRIES if key[0] == "exercise" else 1)

    lines = []
    for lesson in sorted({lesson for _, lesson, _ in all_titles}):
        counts = []
        for kind in KINDS:
            here = [key for key in all_titles if key[:2] == (kind, lesson)]
            counts.append(f"{sum(key in done for key in here)} of {len(here)}" if here else "")
        lines.append([f'<a href="{lesson}.ipynb">{lesson[:2]}</a>' if cells(lesson) else lesson[:2], *counts])
    parts = [table(["notebook", *KINDS.values()], lines)]
    parts.append(_list("Shaky, look again:", [key for key in all_titles if key in last and shaky(key)]))
    left = [key for key in all_titles if key[0] == "exercise" and key not in done]
    parts.append(_list("Next exercise:", left[:1]))
    unfit = [key for key in all_titles if key in predicted and not predicted[key]]
    parts.append(_list("Changed since you answered, so answer again:", unfit))
    where = f"{'Kept' if last else 'Nothing is kept yet; it will be'} on this machine only."
    parts.append(f"<p>{html.escape(store.news()) or where}</p>")
    return "".join(parts)


def _list(title: str, keys: list[tuple[str, str, str]]) -> str:
    if not keys:
        return ""
    titles = everything()
    lines = "".join(f"<li>{link(*key, f'{key[1][:2]}: {titles[key]}')}</li>" for key in keys)
    return f"<p><b>{title}</b></p><ul>{lines}</ul>"


def _fit(name: str, entry: dict) -> dict | None:
    """Return a stored answer in its prediction's present form, or None if it no longer fits."""
    try:
        return predict.declared()[name].fits(entry)
    except Exception:  # another version may have stored anything
        return None
