"""The store of answers loses nothing without saying so, and is never in the way (see store_adversary.py)."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from types import SimpleNamespace

from helpers.practice import check, overview, predict, quiz, salvage, store, table
from helpers.practice.features import Height
from helpers.practice.forms import Choice, Drawing, Number
from helpers.practice.predict import Prediction
from helpers.practice.store import Answer

import pytest
import store_adversary
from support import new_kernel

pytestmark = pytest.mark.usefixtures("answers")


@pytest.fixture
def locked(answers):
    """Return a connection that holds the file locked."""
    keep(0)
    with sqlite3.connect(answers / store.FILE, isolation_level=None) as other:
        other.execute("begin exclusive")
        yield other
    other.close()


def keep(said, name="a"):
    return store.keep(Answer("01", "quiz", name, {"n": said}))


def kept():
    return [answer.content["n"] for answer in store.kept()]


def sql(answers, command, *values):
    with sqlite3.connect(answers / store.FILE) as file:
        found = file.execute(command, values).fetchall()
    file.close()
    return found


# Trouble ------------------------------------------------------------------------------------


def test_what_the_disk_did_not_take_waits_and_is_written_in_its_place(answers, locked):
    assert "another program" in keep(1)
    assert "another program" in keep(2)
    locked.execute("commit")
    command = "from helpers.practice.store import *; print(keep(Answer('01', 'quiz', 'a', {'n': 3})))"
    assert subprocess.check_output([sys.executable, "-c", command], text=True) == "\n"
    assert store.last("quiz", "a").content == {"n": 3}
    in_the_file = [json.loads(said)["n"] for (said,) in sql(answers, "select said from answers")]
    assert in_the_file == kept() == [0, 1, 2, 3]
    assert keep(4) == store.news() == ""


def test_what_waits_for_the_disk_is_read_by_name_and_forgotten_with_the_rest(locked):
    assert "another program" in keep(1)
    keep(2, "another question")
    assert store.last("quiz", "a").content == {"n": 1}
    locked.execute("commit")
    assert store.forget() == ""
    assert kept() == []


def test_a_cause_without_a_sentence_of_ours_is_said_in_its_own_words():
    assert table.cause(sqlite3.OperationalError("no such table: answers")) == "no such table: answers"


def test_all_that_a_cell_does_waits_less_than_a_second_for_a_locked_file(locked, monkeypatch):
    waits = [0]
    clock = {"monotonic": lambda: sum(waits), "sleep": waits.append, "time_ns": time.time_ns}
    monkeypatch.setattr(table, "time", SimpleNamespace(**clock))
    store._table.wait(table.PATIENCE)
    predict.summary("03")
    keep(1)
    assert "cannot be read" in overview.report()
    assert 0.1 < sum(waits) < 1
    assert kept() == [1]


def test_a_clock_that_goes_backwards_changes_no_order(monkeypatch):
    for hour in (3, 2, 1):
        monkeypatch.setattr(table.time, "time_ns", lambda hour=hour: hour * 3600 * 10**9)
        keep(hour)
        new_kernel()
    assert kept() == [3, 2, 1]


@pytest.mark.parametrize("at", ["folder", "file"])
def test_where_nothing_can_be_kept_one_sentence_says_so(answers, monkeypatch, at):
    (answers / "file").write_text("")
    (answers / "folder" / store.FILE).mkdir(parents=True)
    monkeypatch.setenv("COURSE_ANSWERS", str(answers / at))
    said = keep(1)
    assert said.count("COURSE_ANSWERS") == 1
    assert kept() == [1]
    assert "cannot be kept" in overview.report()
    assert "this machine only" not in overview.report()
    assert "cannot all be forgotten" in store.forget()
    assert kept() == [1]
    assert "cannot be kept" in check.one_unit(-12, 11).sentence


def test_what_a_full_disk_does_not_take_is_written_once_there_is_room(answers):
    code = """
import resource, signal
from helpers.practice.store import Answer, keep, kept
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
said = [keep(Answer("01", "quiz", "a", {"n": "x" * 5000})) for _ in range(6)]
assert said[0] == "" and "make room" in said[-1], said
resource.setrlimit(resource.RLIMIT_FSIZE, (10**6, resource.RLIM_INFINITY))
assert keep(Answer("01", "quiz", "a", {})) == "" and len(kept()) == 7
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    assert len(store.kept()) == 7


@pytest.mark.parametrize("named", ["~/Übung 1?#", "relative"])
def test_the_folder_stays_where_it_was_and_is_the_readers_own(tmp_path, monkeypatch, named):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_ANSWERS", named)
    monkeypatch.chdir(tmp_path)
    old = os.umask(0)
    keep(1)
    os.umask(old)
    monkeypatch.chdir(tmp_path / "other")
    assert kept() == [1]
    folder = tmp_path / named.removeprefix("~/")
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (folder, *folder.iterdir())]
    assert modes == [0o700, 0o600, 0o600]


def test_an_older_versions_file_is_read_and_made_the_readers_own(answers):
    sql(answers, table.CREATE)
    sql(answers, "insert into answers values ('2026-01-01T10:00:00+01:00', '01', 'quiz', 'a', '{\"n\": 1}')")
    keep(2)
    assert kept() == [1, 2]
    assert store.kept()[0].at == "2026-01-01T10:00:00+01:00"
    assert stat.S_IMODE((answers / store.FILE).stat().st_mode) == 0o600
    # By the older one, later.
    sql(answers, "insert into answers values ('', '01', 'quiz', 'a', '{\"n\": 3}')")
    assert kept() == [1, 2, 3]


def test_what_is_forgotten_is_gone_from_the_disk(answers):
    for said in range(20):
        keep("secret" * 9 * said)
    assert store.forget() == ""
    assert kept() == []
    assert b"secret" not in b"".join(each.read_bytes() for each in answers.iterdir())


# Damage ---------------------------------------------------------------------------------


def test_each_broken_file_is_set_aside_under_a_new_name(answers):
    (answers / f"{store.FILE}.aside1").write_text("an earlier one")
    for count, damage in ((0, b""), (2, b"no database at all" * 999)):
        (answers / store.FILE).write_bytes(damage)
        assert keep(1).count("damaged") == 2
        assert (answers / f"{store.FILE}.aside{count}").read_bytes() == damage
        assert keep(2) == ""
        assert kept() == [1, 2]
    assert (answers / f"{store.FILE}.aside1").read_text() == "an earlier one"
    (answers / store.FILE).write_bytes(b"no database at all")
    assert store.forget() == ""
    assert not list(answers.glob("*.aside*"))  # answers are in them, too


def test_what_damage_leaves_of_a_file_is_kept(answers):
    for said in range(40):
        keep(said * 10**250)
    whole = (answers / store.FILE).read_bytes()
    for page in range(len(whole) // 4096):
        broken = whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :]
        (answers / store.FILE).write_bytes(broken)
        left = {row[5] for row in salvage.rows(broken)}
        assert len(left) > 20
        assert keep(1).count("damaged") == 2
        assert {f'{{"n": {said}}}' for said in kept()} == left | {'{"n": 1}'}


@pytest.mark.parametrize("damage", [
    lambda whole: whole.replace(b"75000", b"15000"),
    lambda whole: whole.replace(b"TABLE answers", b"TABLE\xd1answers"),  # quoted by SQLite's own error
    lambda whole: whole[:-40],  # the end of a time, and its checksum
])  # fmt: skip
def test_damage_that_sqlite_does_not_call_by_its_name(answers, damage):
    assert keep(75_000) == ""
    whole = (answers / store.FILE).read_bytes()
    (answers / store.FILE).write_bytes(damage(whole))
    assert 15_000 not in kept()
    assert "damaged" in store.news() + keep(2)
    assert kept()[-1] == 2


@pytest.mark.parametrize("lengths", [[3], [*range(1950, 2100, 5), 9_999]])
def test_short_and_long_answers_are_read_out_of_their_pages(lengths):
    file = sqlite3.connect(":memory:")
    file.execute(table.CREATE)
    rows = [table.row(2**40 + n, "t", "01", "quiz", "a", "ä" * n) for n in lengths]
    file.executemany(table.INSERT, rows)
    data = file.serialize()
    assert salvage.rows(data) == salvage.rows(bytes(4096) + data[4096:]) == rows
    file.close()


@pytest.mark.parametrize("following", [0, 3, 9])
def test_pages_that_lead_into_a_circle_end(following):
    for start in range(12, 16):  # one of them is where "page 3" is read as such
        leaf = bytearray((3).to_bytes(4, "big") * 1024)
        leaf[:10] = b"\x0d\0\0\0\1\0\0\0\0" + bytes([start])
        leaf[start : start + 10] = b"\xff" * 9 + b"\1"  # a row without end
        assert salvage.rows(bytes(4096) + leaf + following.to_bytes(4, "big") + bytes(4092)) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", store_adversary.PARTS)
def test_a_sample_of_the_adversary_finds_nothing(part, tmp_path):
    assert store_adversary.PARTS[part](tmp_path, share=0.03) == []


# What no longer fits ------------------------------------------------------------------------

ODD = ["", "nothing", "[" * 10**5, "9" * 5000, "null", "[1]", "{}", '{"right": {}}', None, 5, b"\xff"]
ODD += ['{"answer": null}', '{"answer": [1, 2], "sure": 1}', '{"answer": {"a": [[]]}, "sure": []}']
ODD += ['{"answer": [[1], 2, 3], "sure": true}', '{"answer": "many", "sure": true, "told": 3}']
ODD += ['{"answer": 1e999, "sure": true, "told": "a"}']


FORMS = [Number(), Drawing([0, 1, 2], 0, 1, "x", "y", [Height()]), Choice(["a", "b"])]


def test_a_row_that_nobody_expects_stays_in_the_file_and_is_not_shown(answers, monkeypatch):
    odd = [Prediction("01_summation", f"odd_{n}", "A?", of, lambda x: (x, "")) for n, of in enumerate(FORMS)]
    monkeypatch.setattr(predict, "declared", lambda: {one.name: one for one in odd})
    question = quiz.Question("01_summation", "odd", "Which?", "b", {"a": "No.", "b": "Yes."})
    keys = [("quiz", "odd"), ("exercise", "one_unit"), *(("prediction", one.name) for one in odd)]
    keep(1)
    for said in ODD:
        for key in keys:
            sql(answers, "insert into answers values ('', '01', ?, ?, ?)", *key, said)
        for ask in (question.ask(), *(one() for one in odd)):
            assert ask.now["open"]
            assert ask.now["fault"] == store.UNFIT
        for one in odd:
            one.reveal(1)
        assert "none was kept" in predict.summary("summation").data
        assert "answer again" in overview.report()
    assert len(sql(answers, "select * from answers")) == 1 + len(keys) * len(ODD)
