"""Damage, faults and kills of the store of answers.

`python tests/store_adversary.py` runs all of it; test_store.py runs a small share. Faults are: an answer that
was acknowledged and is lost without a word, comes out of its order, or is shown as nobody gave it; an error;
a wait of more than a second.
"""

import collections
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.practice import store, table

SECOND = 1.0
WORKER = [sys.executable, "-c", "import store_adversary, sys; store_adversary.work(*sys.argv[1:])"]
PAGE = 4096


def kernel(folder):
    """Begin as a kernel that has just started."""
    os.environ["COURSE_ANSWERS"] = str(folder)
    for known in (store._waiting, store._trouble, store._news):
        known.clear()
    store._table = table.Table(store.place, store._say)


class Watch:
    """Call the store, and note what fails or takes too long."""

    def __init__(self):
        self.faults, self.label = [], ""

    def __call__(self, call, *args):
        start = time.monotonic()
        try:
            return call(*args)
        except Exception as error:
            self.note(f"{call.__name__} raised {error!r}")
        finally:
            if time.monotonic() - start > SECOND:
                self.note(f"{call.__name__} took {time.monotonic() - start:.2f} s")

    def note(self, fault):
        self.faults.append(f"{self.label}: {fault}")


def answer(name, n, padding=0):
    return store.Answer("01", "quiz", name, {"n": n, "padding": "x" * padding})


def out_of_order(answers):
    """Return the names whose numbers do not rise."""
    numbers = collections.defaultdict(list)
    for one in answers:
        numbers[one.name].append(one.said["n"])
    return [name for name, found in numbers.items() if found != sorted(set(found))]


# Damage -----------------------------------------------------------------------------------

OTHER = ["", "null", "[1]", "{", None, 5, 2.5, b"\xff\x00", "[" * 10**5, '{"n": "text"}', "9" * 5000]


def with_page(data, page, instead):
    return data[:page] + instead + data[page + PAGE :]


def random_page(data, rng, page):
    return with_page(data, page, rng.randbytes(PAGE))


def some_bytes(data, rng, page):
    changed = bytearray(data)
    for _ in range(rng.randint(1, 30)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def many_pages(data, rng, page):
    for _ in range(len(data) // PAGE // 2):
        data = random_page(data, rng, rng.randrange(len(data) // PAGE) * PAGE)
    return data


def other_rows(data, rng, page):
    texts = ("t", "01", "quiz", "a")
    rows = [[rng.choice([text, *OTHER]) for text in texts] + [rng.choice(OTHER)] for _ in range(9)]
    file = sqlite3.connect(store.place())
    with file:
        file.executemany("insert into answers values (?, ?, ?, ?, ?)", rows)
    file.close()
    return store.place().read_bytes()


DAMAGES = {
    "zeros": lambda data, rng, page: with_page(data, page, bytes(PAGE)),
    "half a page": lambda data, rng, page: data[:page] + rng.randbytes(2048) + data[page + 2048 :],
    "another page": lambda data, rng, page: with_page(data, page, data[-PAGE:]),
    "truncated": lambda data, rng, page: data[: rng.choice([page, rng.randrange(len(data))])],
    "garbage": lambda data, rng, page: rng.randbytes(rng.randint(1, 9999)),
    "a random page": random_page,
    "random bytes": some_bytes,
    "many pages": many_pages,
    "other rows": other_rows,
}


def damaged(folder, share=1.0):
    """Damage a store, before a kernel opens it or after, read it and keep more."""
    rng, watch, wholes = random.Random(25), Watch(), []
    for count in (1, 15, 120):
        kernel(folder / f"whole{count}")
        for n in range(count):
            store.keep(answer("abcde"[n % 5], n, rng.choice([0, 50, 500, 5000 if count > 15 else 0])))
        wholes.append((store.place().read_bytes(), [(one.name, one.said) for one in store.kept()]))
    for trial in range(int(1000 * share)):
        whole, before = rng.choice(wholes)
        label = [*DAMAGES][trial % len(DAMAGES)]
        watch.label = f"trial {trial}, {label}"
        here = folder / f"trial{trial}"
        here.mkdir()
        kernel(here)
        store.place().write_bytes(whole)
        if rng.random() < 0.5:
            watch(store.kept)
        broken = DAMAGES[label](whole, rng, rng.randrange(len(whole) // PAGE) * PAGE)
        store.place().write_bytes(broken)
        said, new = "", range(10_000, 10_006)
        for n in new:
            if rng.random() < 0.5:
                watch(store.last, "quiz", "01", rng.choice("abcde"))
                said += watch(store.news) or ""
            said += watch(store.keep, answer("a", n)) or ""
            if (found := watch(store.last, "quiz", "01", "a")) is None or found.said.get("n") != n:
                watch.note(f"{n} is not the latest")
        kernel(here)
        after = [one for one in watch(store.kept) if "padding" in one.said]
        shown = [(one.name, one.said) for one in after]
        given = [*before, *(("a", answer("a", n).said) for n in new)]
        lost = [one for one in given if one not in shown]
        told = "damaged" in said and (here / f"{store.FILE}.aside0").read_bytes() == broken
        if any(one not in before for one in lost) or (lost and not told):
            watch.note(f"{len(lost)} of {len(given)} are lost: {said!r}")
        if wrong := [one for one in shown if one not in given]:
            watch.note(f"nobody gave {wrong[0]}")
        if wrong := out_of_order(after):
            watch.note(f"{wrong} out of order")
        shutil.rmtree(here)
    return watch.faults


# Processes ------------------------------------------------------------------------------------


class Faulty(sqlite3.Connection):
    """A connection that fails in every tenth write."""

    writes, rng = 0, random.Random()

    def execute(self, command, *values):
        writes = command.startswith("insert")
        Faulty.writes += writes
        if writes and Faulty.writes % 10 == 0:
            errors = [sqlite3.OperationalError("database or disk is full"), OSError(5, "Input/output error")]
            if error := Faulty.rng.choice([*errors, sqlite3.OperationalError("database is locked"), None]):
                raise error
            return super().execute("select 1")  # it lies: nothing is written
        done = super().execute(command, *values)
        if command == "commit" and Faulty.writes % 10 == 5 and Faulty.rng.random() < 0.5:
            Faulty.writes += 1
            raise sqlite3.OperationalError("disk I/O error")  # though it is written
        return done


def work(name, count, faulty, waits="0"):
    """Keep `count` answers under a name, and print a line for each; waits: for a line before each."""
    if int(faulty):
        Faulty.rng.seed(name)
        connect = sqlite3.connect
        sqlite3.connect = lambda *args, **options: connect(*args, factory=Faulty, **options)
    watch = Watch()
    watch.label = name
    print("ready", flush=True)
    for n in range(int(count)):
        if int(waits):
            sys.stdin.readline()
        watch(store.keep, answer(name, n, 200))
        held = bool(store._waiting)
        found = watch(store.last, "quiz", "01", name)
        unread = found is None and "cannot be read" in store.news()  # another process holds it, as is said
        if not unread and (found is None or found.said["n"] != n):
            watch.note(f"{n} is not the latest")
        print(json.dumps({"n": n, "kept": not held, "faults": watch.faults}), flush=True)


def start(folder, names, *args):
    """Start a worker for each name, and return them when all are ready."""
    env = os.environ | {"COURSE_ANSWERS": str(folder)}
    env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
    workers = {name: subprocess.Popen([*WORKER, name, *map(str, args)], env=env, **pipes) for name in names}
    for process in workers.values():
        process.stdout.readline()
    return workers


def ended(folder, workers):
    """Wait for workers to end; return the faults of what they kept, and their own."""
    heard, faults = {}, []
    for name, process in workers.items():
        out, err = process.communicate()
        heard[name] = out
        faults += err.strip().splitlines()[-1:]
    return faults + compared(folder, heard)


def compared(folder, heard):
    """Return the faults of a store, given what its workers have printed, {name: text}."""
    kernel(folder)
    found, faults = store.kept(), []
    there = collections.Counter((one.name, one.said["n"]) for one in found)
    for name, text in heard.items():
        # A kill may have cut off the last line.
        lines = [json.loads(line) for line in text.splitlines() if line[:1] == "{" and line[-1] == "}"]
        faults += [
            f"{name} {line['n']} is lost" for line in lines if line["kept"] and not there[name, line["n"]]
        ]
        faults += [fault for line in lines[-1:] for fault in line["faults"]]
    faults += [f"{key} is there {count} times" for key, count in there.items() if count > 1]
    return faults + [f"{name} is out of order" for name in out_of_order(found)]


def at_once(folder, share=1.0):
    """20 processes keep 100 answers each, and every tenth write fails."""
    names = [f"w{number}" for number in range(max(4, int(20 * share)))]
    return ended(folder, start(folder, names, max(20, int(100 * share)), 1))


def kills(folder, share=1.0):
    """Kill two processes in mid-write, 200 times; in every fourth store a page is damaged."""
    rng, faults = random.Random(25), []
    for trial in range(max(4, int(200 * share))):
        here = folder / f"store{trial // 4}"
        if trial % 4 == 3:
            path = here / store.FILE
            page = rng.randrange(path.stat().st_size // PAGE) * PAGE
            path.write_bytes(random_page(path.read_bytes(), rng, page))
        both = start(here, [f"k{trial}{letter}" for letter in "ab"], 10_000, 0)
        time.sleep(rng.random() * (0.02 if trial % 2 else 0.2))
        for process in both.values():
            process.kill()
        faults += ended(here, both)
    return faults


def met_at_once(folder, share=1.0):
    """Four kernels meet a broken file at once, 50 times: each keeps an answer."""
    rng, faults = random.Random(25), []
    rounds = max(5, int(50 * share))
    workers = start(folder, [f"m{number}" for number in range(4)], rounds, 0, 1)
    path = folder / store.FILE
    for turn in range(rounds):
        whole = path.read_bytes() if path.exists() else b""
        label = rng.choice(["garbage", "zeros", "truncated"]) if len(whole) > PAGE else "garbage"
        path.write_bytes(DAMAGES[label](whole, rng, PAGE))
        for process in workers.values():
            process.stdin.write("\n")
            process.stdin.flush()
        faults += compared(folder, {name: one.stdout.readline().strip() for name, one in workers.items()})
        aside = len(list(folder.glob("*.aside*")))
        if aside != turn + 1:
            faults.append(f"round {turn}: {aside} set aside")
    for process in workers.values():
        faults += process.communicate()[1].splitlines()[-1:]
    return faults


PARTS = {part.__name__: part for part in (damaged, at_once, kills, met_at_once)}


if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            found = PARTS[name](Path(folder))
        print(f"{name}: {len(found)} faults", *found[:20], sep="\n  ", flush=True)
