"""Rows in one SQLite file: several processes write it, any may be killed, and a damaged file is repaired.

SQLite writes a row whole or not at all, with its rollback journal, as the write-ahead log does not work on
network folders. A row's number is its time in microseconds, so that a row that had to wait is still read in
order; after its time comes a checksum. A writer also holds a lock file: one process repairs a damaged file
while the others wait, and nobody writes into the file being replaced.
"""

import contextlib
import datetime
import errno
import os
import random
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from helpers.practice import salvage
from helpers.practice.salvage import Row

CREATE = "create table answers (at text, lesson text, kind text, name text, said text)"
SELECT = "select rowid, at, lesson, kind, name, said from answers"
INSERT = "insert into answers (rowid, at, lesson, kind, name, said) values (?, ?, ?, ?, ?, ?)"
EMPTY = ("pragma secure_delete = on", "delete from answers")
FAR = 2**62  # larger than any number of a row
PATIENCE, WITHIN = 0.6, 10.0  # wait for others at most 0.6 seconds within 10
DAMAGE = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG)
LOCKED = "another program or notebook holds it: close that one"
FULL = "the disk is full: make room there"
FAILED = "the disk fails: make room there, or name another folder in the environment variable COURSE_ANSWERS"
REFUSED = "it cannot be written: name another folder in the environment variable COURSE_ANSWERS"
CAUSES = {
    LOCKED: (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED),
    FULL: (sqlite3.SQLITE_FULL,),
    FAILED: (sqlite3.SQLITE_IOERR,),
    REFUSED: (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM),
}
CAUSES_OF_THE_SYSTEM = {
    FULL: (errno.ENOSPC, errno.EDQUOT, errno.EFBIG),
    REFUSED: (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.EISDIR),
}
Trouble = (sqlite3.Error, OSError)  # what reading and writing raise; see `cause`
_private = partial(os.open, mode=0o600)


def row(number: int, at: str, *texts: str) -> Row:
    """Return a row: number, time with checksum, and the texts lesson, kind, name and content."""
    plain = "\n".join(map(str, (number, at, *texts))).encode("utf-8", "replace")
    return number, f"{at} #{zlib.crc32(plain):08x}", *texts


def moment(one: Row) -> str:
    """Return the time of a row."""
    return str(one[1]).partition(" #")[0]


def whole(one: Row) -> bool:
    """Return whether a row is intact; older versions wrote no checksum, but no zero bytes either."""
    if " #" in str(one[1]):
        return one == row(one[0], moment(one), *one[2:])
    return not any("\0" in str(each) for each in one)


def cause(error: Exception) -> str:
    """Return why a file cannot be used, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    for sentence, codes in CAUSES.items():
        if code in codes:
            return sentence
    for sentence, numbers in CAUSES_OF_THE_SYSTEM.items():
        if getattr(error, "errno", None) in numbers:
            return sentence
    return str(error)


class Table:
    """The rows of the file at place(); say(sentence) is called after a repair."""

    def __init__(self, place: Callable[[], Path], say: Callable[[str], None]) -> None:
        self._place, self._say = place, say
        self._intact: tuple = ()  # the file's identity when it was last found intact
        self._latest = 0  # the highest number seen
        self.wait(PATIENCE)

    def wait(self, seconds: float) -> None:
        """From now on wait for others this many seconds in all; after a while, PATIENCE again."""
        self._since, self._left = time.monotonic(), seconds

    def new(self, *texts: str) -> Row:
        """Return a row for now, after all that this process has seen, as a clock may go backwards."""
        with contextlib.suppress(*Trouble):
            self._do(lambda file: None)
        self._latest = max(time.time_ns() // 1000, self._latest + 1)
        return row(self._latest, datetime.datetime.now().astimezone().isoformat(timespec="seconds"), *texts)

    def read(self, where: str = "order by rowid", values: Iterable = ()) -> list[Row]:
        """Return rows in order; none if there is no file yet."""
        return self._do(lambda file: file.execute(f"{SELECT} {where}", values).fetchall()) or []

    def add(self, rows: list[Row]) -> None:
        """Write the rows that are not there yet, and read them back."""
        for _ in range(3):
            written = self._do(lambda file: [_add(file, one) for one in rows], write=True)
            if self._do(lambda file, written=written: all(_at(file, one) == one for one in written)):
                return
        raise OSError("what is written there cannot be read back")

    def empty(self) -> None:
        """Delete all rows and their bytes, which a repair would recover."""
        self._do(lambda file: [file.execute(each) for each in EMPTY], write=True)

    def _do(self, work: Callable[[sqlite3.Connection], object], write: bool = False) -> object:
        """Return the result of work(file), in one transaction; None if there is nothing to read yet."""
        if not write:
            try:
                return self._once(work, write)
            except FileNotFoundError:
                return None
            except sqlite3.DatabaseError as error:
                if not _damaged(error):
                    raise
        self._place().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = self._beside("lock")
        lock.touch(mode=0o600)
        with self._open(lock, write=True):
            for _ in range(3):
                try:
                    return self._once(work, write)
                except FileNotFoundError:
                    self._replace([])
                except sqlite3.DatabaseError as error:
                    if not _damaged(error):
                        raise
                    self._repair()
        raise OSError("it keeps getting damaged")

    def _once(self, work: Callable[[sqlite3.Connection], object], write: bool) -> object:
        identity = self._identity()
        try:
            with self._open(self._place(), write) as file:
                if self._intact != identity:
                    self._check(file)
                latest = file.execute("select max(rowid) from answers where rowid < ?", (FAR,)).fetchone()[0]
                self._latest = max(self._latest, latest or 0)
                result = work(file)
                file.execute("commit")
        except UnicodeDecodeError:  # SQLite quotes the damage, which Python cannot decode
            raise sqlite3.DatabaseError("its schema is damaged") from None
        self._intact = self._identity() if write else identity
        return result

    def _identity(self) -> tuple:
        """Return what changes when the file is written or replaced."""
        path = self._place()
        stat = path.stat()
        return path, stat.st_ino, stat.st_size, stat.st_mtime_ns

    def _check(self, file: sqlite3.Connection) -> None:
        sound = file.execute("pragma quick_check(1)").fetchone() == ("ok",)
        if not (sound and all(map(whole, file.execute(SELECT)))):
            raise sqlite3.DatabaseError("a page or a row is damaged")
        with contextlib.suppress(OSError):
            self._place().chmod(0o600)  # older versions left it readable for everybody

    @contextlib.contextmanager
    def _open(self, path: Path, write: bool) -> Iterator[sqlite3.Connection]:
        """Begin a transaction, which is rolled back unless committed."""
        start = time.monotonic()
        if start - self._since > WITHIN:
            self.wait(PATIENCE)
        with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as file:
            file.text_factory = lambda text: text.decode("utf-8", "replace")
            try:
                while not _begun(file, write, last_try=time.monotonic() - start >= self._left):
                    time.sleep(random.uniform(0.001, 0.01))  # SQLite itself retries too rarely
            finally:
                self._left -= time.monotonic() - start
            yield file

    def _repair(self) -> None:
        """Move what can be read into a fresh file, and set the damaged one aside."""
        data = self._place().read_bytes()
        rows = [one for one in salvage.rows(data) if whole(one) and one[0] < FAR]
        count = 0
        while (aside := self._beside(f"aside{count}")).exists():
            count += 1
        try:
            with open(aside, "xb", opener=_private) as copy:
                copy.write(data)
            self._replace(rows)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
        self._say(
            f"The file of your answers was damaged: what could be read of it is kept ({len(rows)} answers), "
            f"and the damaged file is set aside as {aside}."
        )

    def _replace(self, rows: list[Row]) -> None:
        """Replace the file, atomically, by one with these rows."""
        new = self._beside("new")
        with open(new, "wb", opener=_private):
            pass  # empties what a killed process may have left
        with contextlib.closing(sqlite3.connect(new, isolation_level=None)) as file:
            file.execute("pragma page_size = 4096")
            file.execute("pragma journal_mode = off")  # a failed file is never used
            file.execute("begin")
            file.execute(CREATE)
            file.executemany(INSERT, rows)
            file.execute("commit")
        new.replace(self._place())

    def _beside(self, ending: str) -> Path:
        return self._place().with_name(f"{self._place().name}.{ending}")


def _begun(file: sqlite3.Connection, write: bool, last_try: bool) -> bool:
    """Begin a transaction; return False, or raise at the last try, if another program holds the file."""
    try:
        if not file.in_transaction:
            file.execute("begin exclusive" if write else "begin")
        file.execute("select 1 from sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        if last_try or cause(error) != LOCKED:
            raise
        return False
    return True


def _add(file: sqlite3.Connection, one: Row) -> Row:
    """Write a row unless it is there, at the next free number, and return it."""
    while (there := _at(file, one)) not in (None, one):
        one = row(one[0] + 1, moment(one), *one[2:])
    if there is None:
        file.execute(INSERT, one)
    return one


def _at(file: sqlite3.Connection, one: Row) -> Row | None:
    return file.execute(f"{SELECT} where rowid = ?", one[:1]).fetchone()


def _damaged(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return type(error) is sqlite3.DatabaseError if code is None else code & 0xFF in DAMAGE
