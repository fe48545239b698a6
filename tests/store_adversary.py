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

from helpers.practice import store

from support import new_kernel

SECOND = 1.0
WORKER = [sys.executable, "-c", "import store_adversary, sys; store_adversary.work(*sys.argv[1:])"]
PAGE = 4096


def kernel(folder):
    os.environ["COURSE_ANSWERS"] = str(folder)
    new_kernel()


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
        numbers[one.name].append(one.content["n"])
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
        wholes.append((store.place().read_bytes(), [(one.name, one.content) for one in store.kept()]))
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
                watch(store.last, "quiz", rng.choice("abcde"))
                said += watch(store.news) or ""
            said += watch(store.keep, answer("a", n)) or ""
            if (found := watch(store.last, "quiz", "a")) is None or found.content.get("n") != n:
                watch.note(f"{n} is not the latest")
        kernel(here)
        after = [one for one in watch(store.kept) if "padding" in one.content]
        shown = [(one.name, one.content) for one in after]
        given = [*before, *(("a", answer("a", n).content) for n in new)]
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


def work(name, count, faulty):
    """Keep `count` answers under a name, and print a line for each."""
    if int(faulty):
        Faulty.rng.seed(name)
        connect = sqlite3.connect
        sqlite3.connect = lambda *args, **options: connect(*args, factory=Faulty, **options)
    watch = Watch()
    watch.label = name
    print("ready", flush=True)
    for n in range(int(count)):
        watch(store.keep, answer(name, n, 200))
        held = bool(store._waiting)
        found = watch(store.last, "quiz", name)
        unread = found is None and "cannot be read" in store.news()  # another process holds it, as is said
        if not unread and (found is None or found.content["n"] != n):
            watch.note(f"{n} is not the latest")
        print(json.dumps({"n": n, "kept": not held, "faults": watch.faults}), flush=True)


def start(folder, names, *args):
    """Start a worker for each name, and return them when all are ready."""
    env = os.environ | {"COURSE_ANSWERS": str(folder)}
    env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    workers = {name: subprocess.Popen([*WORKER, name, *map(str, args)], env=env, **pipes) for name in names}
    for process in workers.values():
        process.stdout.readline()
    return workers


def faults_of(folder, workers):
    """Wait for workers to end; return their faults, and those of the store, given what they have printed."""
    printed, faults = {}, []
    for name, process in workers.items():
        out, err = process.communicate()
        # A kill may have cut off the last line.
        printed[name] = [json.loads(line) for line in out.splitlines() if line[:1] == "{" and line[-1] == "}"]
        faults += err.strip().splitlines()[-1:]
    kernel(folder)
    found = store.kept()
    there = collections.Counter((one.name, one.content["n"]) for one in found)
    for name, lines in printed.items():
        faults += [f"{name} {one['n']} is lost" for one in lines if one["kept"] and not there[name, one["n"]]]
        faults += [fault for line in lines[-1:] for fault in line["faults"]]
    faults += [f"{key} is there {count} times" for key, count in there.items() if count > 1]
    return faults + [f"{name} is out of order" for name in out_of_order(found)]


def at_once(folder, share=1.0):
    """20 processes meet a broken file, and keep 100 answers each, of which every tenth write fails."""
    (folder / store.FILE).write_bytes(b"no database at all" * 999)
    names = [f"w{number}" for number in range(max(4, int(20 * share)))]
    faults = faults_of(folder, start(folder, names, max(20, int(100 * share)), 1))
    aside = len(list(folder.glob("*.aside*")))
    return faults if aside == 1 else [*faults, f"{aside} files are set aside"]


def kills(folder, share=1.0):
    """Kill four processes in mid-write, 200 times; every other time they all meet a damaged file."""
    rng, faults = random.Random(25), []
    path = folder / store.FILE
    for trial in range(max(4, int(200 * share))):
        if trial % 2:
            label = rng.choice(["a random page", "zeros", "garbage", "truncated"])
            path.write_bytes(DAMAGES[label](path.read_bytes(), rng, PAGE))
        workers = start(folder, [f"k{trial}{letter}" for letter in "abcd"], 10_000, 0)
        time.sleep(rng.random() * 0.2)
        for process in workers.values():
            process.kill()
        faults += faults_of(folder, workers)
    return faults


PARTS = {part.__name__: part for part in (damaged, at_once, kills)}


if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            found = PARTS[name](Path(folder))
        print(f"{name}: {len(found)} faults", *found[:20], sep="\n  ", flush=True)
