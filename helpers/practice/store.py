"""What the reader answered: one small file on the reader's own disk, and nowhere else.

SQLite writes an answer whole or not at all, and lets two notebooks write at once. The file's name has a
version, so that another version's file is neither read wrongly nor lost.
"""

import contextlib
import datetime
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs

NAME = "summation-to-activations"
FILE = "answers-1.sqlite"
TABLE = "create table if not exists answers (at text, lesson text, kind text, name text, said text)"
COLAB = Path("/content")  # what Colab shows as its files


@dataclass(frozen=True)
class Answer:
    """One answer. lesson: "03"; kind: "prediction", "exercise" or "quiz"; said: what JSON can hold."""

    lesson: str
    kind: str
    name: str
    said: dict
    at: str = ""


_unkept: list[Answer] = []  # since the disk would not take them


def place() -> Path:
    """Return the file's place: in the folder that COURSE_ANSWERS names, or the platform's own."""
    if folder := os.environ.get("COURSE_ANSWERS"):
        return Path(folder) / FILE
    folder = COLAB / NAME if "google.colab" in sys.modules else platformdirs.user_data_path(NAME)
    return folder / FILE


def keep(answer: Answer) -> str:
    """Keep an answer; return "", or a sentence if it holds only until the kernel ends."""
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    row = (now, answer.lesson, answer.kind, answer.name, json.dumps(answer.said))
    try:
        with _file() as file:
            file.execute("insert into answers values (?, ?, ?, ?, ?)", row)
    except (sqlite3.Error, OSError) as error:
        _unkept.append(answer)
        return _sentence(error)
    return ""


def kept() -> list[Answer]:
    """Return all answers, the oldest first."""
    rows = []
    with contextlib.suppress(sqlite3.Error, OSError), _file(read=True) as file:
        rows = file.execute("select lesson, kind, name, said, at from answers order by rowid").fetchall()
    return [Answer(*row[:3], json.loads(row[3]), row[4]) for row in rows] + _unkept


def last(kind: str, lesson: str, name: str) -> Answer | None:
    """Return the latest answer of that name, or None."""
    same = [answer for answer in kept() if (answer.kind, answer.lesson, answer.name) == (kind, lesson, name)]
    return same[-1] if same else None


def forget() -> str:
    """Forget all answers; return "", or a sentence if the file cannot be emptied."""
    _unkept.clear()
    try:
        with _file() as file:
            file.execute("delete from answers")
    except (sqlite3.Error, OSError) as error:
        return _sentence(error)
    return ""


@contextlib.contextmanager
def _file(read: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the file, and close it with everything written or nothing; what is no such file is set aside."""
    path = place()
    if read and not path.exists():
        raise FileNotFoundError(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(path, timeout=5)) as file:
        try:
            file.execute(TABLE)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):  # locked, full or read-only: it may be sound
                raise
        else:
            with file:
                yield file
            return
    number = len(list(path.parent.glob(f"{FILE}.aside*")))
    path.rename(path.with_name(f"{FILE}.aside{number}"))
    with _file() as fresh:
        yield fresh


def _sentence(error: Exception) -> str:
    return (
        f"Your answers cannot be kept in {place().parent} ({error}): they hold until the kernel ends. "
        "Make room there, or name another folder in the environment variable COURSE_ANSWERS."
    )
