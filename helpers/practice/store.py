"""What the reader answered: one small file on the reader's own disk, and nowhere else.

What the disk does not take waits in memory, in its order, and is written when the disk takes it again. The
file's name has a version, so that another version's file is neither read wrongly nor lost.
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
COLAB = Path("/content")  # what Colab shows as its files
UNFIT = "Your earlier answer no longer fits this question, which has changed: it stays kept; answer anew."


@dataclass(frozen=True)
class Answer:
    """One answer. lesson: "03"; kind: "prediction", "exercise" or "quiz"; said: what JSON can hold."""

    lesson: str
    kind: str
    name: str
    said: dict
    at: str = ""


observers: list[Callable[[Answer], None]] = []  # hear of each answer; they return at once, and never raise
_waiting: list[table.Row] = []  # since the disk would not take them
_trouble: dict[str, str] = {}  # with "keep" and "read", as long as it lasts
_news: list[str] = []  # what else the reader should hear, once
_writes = threading.RLock()


@cache  # so the folder stays, wherever the notebook changes to
def _absolute(folder: str) -> Path:
    with contextlib.suppress(RuntimeError):  # "~nobody" is a name like any other
        return Path(folder).expanduser().absolute()
    return Path(folder).absolute()


def place() -> Path:
    """Return the file's place: in the folder that COURSE_ANSWERS names, or the platform's own.

    A relative folder counts from where the kernel is when it first asks.
    """
    own = COLAB / NAME if "google.colab" in sys.modules else platformdirs.user_data_path(NAME)
    return Path(os.path.realpath(_absolute(os.environ.get("COURSE_ANSWERS") or str(own)) / FILE))


def _say(sentence: str) -> None:
    if sentence not in _news:
        _news.append(sentence)


_table = table.Table(place, _say)


def keep(answer: Answer) -> str:
    """Keep an answer; return what the reader should hear: "" if it is kept, and all is well."""
    _table.wait(0.1 if _trouble else table.PATIENCE)  # where there is trouble, it was waited before
    _waiting.append(_table.new(answer.lesson, answer.kind, answer.name, json.dumps(answer.said)))
    _write()
    for hear in observers:
        hear(answer)
    return news()


def kept(kind: str | None = None, lesson: str | None = None, name: str | None = None) -> list[Answer]:
    """Return all answers, the oldest first; or those of one kind, lesson or name."""
    return _read(kind, lesson, name, "order by rowid")


def last(
    kind: str, lesson: str | None, name: str, fits: Callable[[dict], dict] = lambda said: said
) -> Answer | None:
    """Return the latest answer of that name, or None; lesson: None where its number may have changed.

    fits: returns what was said as its question takes it today, or raises: then there is none, and `news`
    says why.
    """
    found = _read(kind, lesson, name, "order by rowid desc limit 1")
    try:
        return replace(found[-1], said=fits(found[-1].said)) if found else None
    except Exception:  # another version, or another program, may have kept anything
        _say(UNFIT)
        return None


def forget() -> str:
    """Forget all answers; return "", or a sentence if they cannot be forgotten: then all are still there."""
    with _writes:
        try:
            _table.empty()
        except table.Trouble as error:
            return (
                f"Your answers in {place()} cannot be forgotten ({table.cause(error)}): all are still there."
            )
        _waiting.clear()
        _trouble.clear()
    return news()


def news() -> str:
    """Return what the reader should hear of the answers' file: trouble while it lasts, all else once."""
    said = " ".join([*_trouble.values(), *_news])
    _news.clear()
    return said


@atexit.register
def _end() -> None:
    _table.wait(3)  # a server gives a kernel five seconds to end
    _write()


def _write() -> None:
    """Write what waits, in its order; where not all of it can be written, what can."""
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


def _read(kind: str | None, lesson: str | None, name: str | None, order: str) -> list[Answer]:
    """Return answers, the oldest first: those of the file, and those that wait."""
    _write()
    key = (lesson, kind, name)
    where = "where lesson is ifnull(?, lesson) and kind is ifnull(?, kind) and name is ifnull(?, name)"
    rows = [row for row in _waiting if all(a in (None, b) for a, b in zip(key, row[2:5], strict=True))]
    try:
        rows += _table.read(f"{where} {order}", key)
        _trouble.pop("read", None)
    except table.Trouble as error:
        _trouble["read"] = f"What you kept before cannot be read in {place()} now ({table.cause(error)})."
    return [_answer(row) for row in sorted({*rows}, key=lambda row: row[0])]


def _answer(row: table.Row) -> Answer:
    """Return the answer in a row; {} is said where another version wrote what cannot be read here."""
    try:
        said = json.loads(row[5])
    except (TypeError, ValueError, RecursionError):
        said = None
    return Answer(*map(str, row[2:5]), said if isinstance(said, dict) else {}, table.moment(row))
