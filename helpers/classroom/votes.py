"""The classes and their votes, in one small file beside the reader's own answers."""

import json
import secrets
import sqlite3
import time
from pathlib import Path

FILE = "classes-1.sqlite"
DAYS = 30
START = {"lesson": None, "at": -1, "marks": {}}  # of a new class
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that can be misread
TABLES = """
create table if not exists class (
    code text primary key, secret text unique not null, made real not null, state text not null);
create table if not exists vote (
    code text not null references class on delete cascade, question text not null, round integer not null,
    voter text not null, answer text not null, sure integer not null,
    primary key (code, question, round, voter)) without rowid;
"""


class Votes:
    """The file of classes and votes. A vote is in the file before it is acknowledged."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / FILE
        path.touch(0o600)
        try:
            self._open(path)
        except sqlite3.DatabaseError as error:
            if type(error) is not sqlite3.DatabaseError:  # locked or full, not damaged
                raise
            self.close()
            for part in folder.glob(f"{FILE}*"):
                part.replace(f"{part}.{time.time():.0f}.damaged")
            self._open(path)
        self.expire()

    def _open(self, path: Path) -> None:
        self._file = sqlite3.connect(path, timeout=1, isolation_level=None)
        self.close, self._do = self._file.close, self._file.execute
        # Votes survive a crash of the server; deleted ones are overwritten.
        for setting in ("journal_mode=wal", "synchronous=normal", "foreign_keys=on", "secure_delete=on"):
            self._do(f"pragma {setting}").fetchall()
        self._file.executescript(TABLES)
        if self._do("pragma quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError

    def _one(self, sql: str, *values: object) -> object:
        return next((row[0] for row in self._do(sql, values)), None)

    def new(self) -> str:
        """Make a class with a new code; return the teacher's secret."""
        code, secret = "".join(secrets.choice(LETTERS) for _ in range(6)), secrets.token_urlsafe(24)
        self._do("insert into class values (?, ?, ?, ?)", (code, secret, time.time(), json.dumps(START)))
        return secret

    def latest(self) -> str:
        """Return the secret of the newest class, or of a new one."""
        return self._one("select secret from class order by made desc limit 1") or self.new()

    def code(self, secret: str) -> str | None:
        """Return the code of the class with this secret."""
        return self._one("select code from class where secret = ?", secret)

    def state(self, code: str) -> dict | None:
        """Return the state of a class, None if there is no such class."""
        if time.time() > self._expiry:
            self.expire()
        return json.loads(self._one("select state from class where code = ?", code) or "null")

    def set_state(self, code: str, state: dict) -> None:
        """Store the state of a class."""
        self._do("update class set state = ? where code = ?", (json.dumps(state), code))

    def cast(self, code: str, question: str, vote: int, voter: str, answer: object, sure: bool) -> None:
        """Count a vote, which replaces an earlier one of the same voter."""
        row = (code, question, vote, voter, json.dumps(answer), sure)
        self._do("insert or replace into vote values (?, ?, ?, ?, ?, ?)", row)

    def count(self, code: str, **where: object) -> int:
        """Return the number of voters in a class; where: limits it to a question, round or voter."""
        these = " and ".join(f"{name} = ?" for name in ("code", *where))
        return self._one(f"select count(distinct voter) from vote where {these}", code, *where.values())

    def cast_in(self, *where: object) -> dict[str, tuple[object, bool]]:
        """Return {voter: (answer, sure)}; where: a class's code, the question and the vote."""
        sql = "select voter, answer, sure from vote where (code, question, round) = (?, ?, ?)"
        return {voter: (json.loads(answer), bool(sure)) for voter, answer, sure in self._do(sql, where)}

    def rows(self, code: str) -> list[tuple]:
        """Return (question, vote, answer, sure) of all votes, without names and in random order."""
        sql = "select question, round, answer, sure from vote where code = ? order by 1, 2, random()"
        return self._do(sql, (code,)).fetchall()

    def delete(self, code: str) -> None:
        """Delete a class with its votes."""
        self._delete("code = ?", code)

    def expire(self) -> None:
        """Delete classes older than 30 days; `state` calls it, at most once an hour."""
        self._expiry = time.time() + 3600
        self._delete("made < ?", time.time() - DAYS * 86_400)

    def _delete(self, which: str, value: object) -> None:
        self._do(f"delete from class where {which}", (value,))
        self._do("pragma wal_checkpoint(truncate)").fetchall()  # or they would stay readable in the log
