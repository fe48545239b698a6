"""What the reader has done in the course: a table, what is shaky, what comes next, and a way to empty it."""

import html
from pathlib import Path

from helpers.practice import check, predict, quiz, store
from helpers.practice.ask import Fallback

import traitlets

_here = Path(__file__).parent
KINDS = {"prediction": "predictions kept", "exercise": "exercises solved", "quiz": "questions right"}


class Progress(Fallback):
    """The reader's answers so far, and a button that forgets them; its front end is progress.js."""

    _esm = _here / "progress.js"
    _css = _here / "ask.css"

    report = traitlets.Unicode().tag(sync=True)  # HTML, its texts escaped
    fault = traitlets.Unicode().tag(sync=True)
    emptied = traitlets.Int().tag(sync=True, echo_update=False)  # how often the reader has emptied it

    def __init__(self) -> None:
        super().__init__(report=report())
        self.observe(self._empty, "emptied")

    def _empty(self, _change: object) -> None:
        self.fault = store.forget()
        self.report = report()

    def fallback(self) -> tuple[str, str]:
        """Return the report."""
        return self.report, "Your progress"


def progress() -> Progress:
    """Show what the reader has done, what is shaky, and what comes next."""
    return Progress()


def asked() -> dict[tuple[str, str, str], str]:
    """Return what the course asks, {(kind, notebook, name): its title}, in its order."""
    found = {("prediction", one.lesson, one.name): one.question for one in predict.declared().values()}
    found |= {("exercise", one.lesson, one.name): one.title for one in check.declared().values()}
    questions = [one for of_notebook in quiz.declared().values() for one in of_notebook.questions]
    return found | {("quiz", one.lesson, one.name): one.text for one in questions}


def report() -> str:
    """Return the reader's progress as HTML."""
    all_asked, last, wrong = asked(), {}, {}
    keys = {(kind, name): (kind, lesson, name) for kind, lesson, name in all_asked}  # numbers may change
    for answer in store.kept():
        key = keys.get((answer.kind, answer.name), (answer.kind, answer.lesson, answer.name))
        if answer.kind == "exercise" and last.get(key, {}).get("right"):
            continue  # what was solved once stays solved, whatever is tried later
        last[key] = answer.said
        wrong[key] = 0 if answer.said.get("right") else wrong.get(key, 0) + 1
    predicted = {key: _fit(key[2], said) for key, said in last.items() if key[0] == "prediction"}
    done = {key for key, said in last.items() if key[0] != "prediction" and said.get("right")}
    done |= {key for key, fit in predicted.items() if fit and not fit["late"]}
    shaky = [
        title for key, title in all_asked.items() if key in last and _shaky(key[0], last[key], wrong[key])
    ]
    lines = []
    for lesson in sorted({lesson for _, lesson, _ in all_asked}):
        counts = []
        for kind in KINDS:
            here = [key for key in all_asked if key[:2] == (kind, lesson)]
            counts.append(f"{sum(key in done for key in here)} of {len(here)}" if here else "")
        lines.append([lesson[:2], *counts])
    left = [(key, title) for key, title in all_asked.items() if key[0] == "exercise" and key not in done]
    header = "".join(f"<th>{name}</th>" for name in ("notebook", *KINDS.values()))
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    parts = [f"<table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table>"]
    if shaky:
        titles = "".join(f"<li>{html.escape(title)}</li>" for title in shaky)
        parts.append(f"<p><b>Shaky, look again:</b></p><ul>{titles}</ul>")
    if left:
        (_, lesson, name), title = left[0]
        where = f"notebook {lesson[:2]}, check.{name}"
        parts.append(f"<p><b>Next exercise:</b> {html.escape(title)} ({where}).</p>")
    unfit = [title for key, title in all_asked.items() if key in predicted and not predicted[key]]
    if unfit:
        titles = "".join(f"<li>{html.escape(title)}</li>" for title in unfit)
        parts.append(f"<p><b>Changed since you answered, answer anew:</b></p><ul>{titles}</ul>")
    where = f"{'Kept' if last else 'Nothing is kept yet; it will be'} on this machine only."
    parts.append(f"<p>{html.escape(store.news()) or where}</p>")
    return "".join(parts)


def _fit(name: str, said: dict) -> dict | None:
    """Return what was kept as its prediction takes it today, or None if it no longer fits."""
    try:
        return predict.declared()[name].fits(said)
    except Exception:  # another version may have kept anything
        return None


def _shaky(kind: str, said: dict, wrong_in_a_row: int) -> bool:
    if kind == "prediction":
        return bool(said.get("sure")) and said.get("right") is False and not said.get("late")
    return wrong_in_a_row >= (check.TRIES if kind == "exercise" else 1)
