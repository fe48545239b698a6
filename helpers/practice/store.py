"""The reader's answers: one small file on the reader's own disk, and nowhere else.

Answers that cannot be written wait in memory, in order, until they can. The file's name has a version, so
that the file of another version is neither misread nor lost.
"""

import atexit
import contextlib
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from helpers.practice import table

import platformdirs

NAME = "summation-to-activations"
FILE = "answers-1.sqlite"
COLAB = Path("/content")  # the folder that Colab shows
UNFIT = "Your earlier answer no longer fits this question, which has changed: it is still kept; answer again."


@dataclass(frozen=True)
class Answer:
    """One answer. lesson: "03_linear_collapse"; content: for JSON.

    kind: "prediction", "again", "exercise" or "quiz".
    """

    lesson: str
    kind: str
    name: str
    content: dict
    at: str = ""


observers: list[Callable[[Answer], None]] = []  # called with each answer; they return at once and never raise
_waiting: list[table.Row] = []  # could not be written yet
_trouble: dict[str, str] = {}  # with "keep" and "read", while it lasts
_news: list[str] = []  # other messages for the reader, shown once
_writes = threading.RLock()


@cache  # so that the folder stays the same if the notebook changes directory
def _absolute(folder: str) -> Path:
    with contextlib.suppress(RuntimeError):  # for an unknown user, "~nobody"
        return Path(folder).expanduser().absolute()
    return Path(folder).absolute()


def place() -> Path:
    """Return the file's path: in the folder in COURSE_ANSWERS, or the platform's own.

    A relative folder is relative to the working directory at the first call.
    """
    default = COLAB / NAME if "google.colab" in sys.modules else platformdirs.user_data_path(NAME)
    return Path(os.path.realpath(_absolute(os.environ.get("COURSE_ANSWERS") or str(default)) / FILE))


def _say(sentence: str) -> None:
    if sentence not in _news:
        _news.append(sentence)


_table = table.Table(place, _say)


def keep(answer: Answer) -> str:
    """Keep an answer; return a message for the reader, "" if all is well."""
    _table.wait(0.1 if _trouble else table.PATIENCE)  # with trouble, it has waited before
    _waiting.append(_table.new(answer.lesson, answer.kind, answer.name, json.dumps(answer.content)))
    _write()
    for observe in observers:
        observe(answer)
    return news()


def kept(kind: str | None = None, name: str | None = None) -> list[Answer]:
    """Return all answers, or those of one kind and name, in the file and waiting; the oldest first."""
    _write()
    rows = [row for row in _waiting if kind in (None, row[3]) and name in (None, row[4])]
    try:
        rows += _table.read("where kind is ifnull(?, kind) and name is ifnull(?, name)", (kind, name))
        _trouble.pop("read", None)
    except table.Trouble as error:
        _trouble["read"] = f"What you kept before cannot be read in {place()} now ({table.cause(error)})."
    return [_answer(row) for row in sorted({*rows}, key=lambda row: row[0])]


def last(kind: str, name: str, fits: Callable[[dict], dict] = lambda content: content) -> Answer | None:
    """Return the latest answer of that kind and name, or None; its lesson's number may have changed.

    fits: returns the content in the question's present form, or raises: then the result is None, and `news`
    says why.
    """
    answers = kept(kind, name)
    try:
        return replace(answers[-1], content=fits(answers[-1].content)) if answers else None
    except Exception:  # another version or program may have stored anything
        _say(UNFIT)
        return None


def forget() -> str:
    """Forget all answers; return "", or a sentence if that fails."""
    with _writes:
        try:
            _table.empty()  # which repairs a damaged file first, and sets it aside
            for aside in place().parent.glob(f"{place().name}.aside*"):
                aside.unlink()
        except table.Trouble as error:
            return f"Your answers in {place()} cannot all be forgotten ({table.cause(error)})."
        _waiting.clear()
        _trouble.clear()
        _news.clear()
    return news()


def news() -> str:
    """Return messages about the answers' file: trouble while it lasts, others once."""
    messages = " ".join([*_trouble.values(), *_news])
    _news.clear()
    return messages


@atexit.register
def _end() -> None:
    _table.wait(3)  # the server gives a kernel five seconds to end
    _write()


def _write() -> None:
    """Write the waiting answers in order, or as many as can be written."""
    with _writes:
        rows = list(_waiting)
        while rows:
            try:
                _table.add(rows)
                del _waiting[: len(rows)]
                rows = _waiting[: len(rows)]
                _trouble.clear()
            except table.Trouble as error:
                _trouble["keep"] = (
                    f"Your answers cannot be kept in {place()} now ({table.cause(error)}): they are written "
                    "as soon as they can be, and hold until the kernel ends."
                )
                rows = [] if table.cause(error) == table.LOCKED else rows[: len(rows) // 2]


def _answer(row: table.Row) -> Answer:
    """Return the answer in a row; its content is {} if another version wrote something unreadable."""
    try:
        content = json.loads(row[5])
    except (TypeError, ValueError, RecursionError):
        content = None
    return Answer(*map(str, row[2:5]), content if isinstance(content, dict) else {}, table.moment(row))
