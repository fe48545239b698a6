"""The adversary of the store: damage, faults and kills, and what must hold all the same.

`python tests/store_adversary.py` runs all of it in full and prints what it found; test_store.py runs
a small share of it. A fault is: an answer that was acknowledged and is lost in silence, is shown out of its
order or is shown as nobody gave it; a traceback; a wait of more than a second.
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


def kernel(folder):
    """Begin as a kernel that has just started."""
    os.environ["COURSE_ANSWERS"] = str(folder)
    for known in (store._waiting, store._trouble, store._news):
        known.clear()
    store._table = table.Table(store.place, store._say)


class Watch:
    """Call the store, and note what takes too long, and how long anything takes."""

    def __init__(self):
        self.longest, self.faults, self.label = 0.0, [], ""

    def __call__(self, call, *args):
        start = time.monotonic()
        try:
            return call(*args)
        except Exception as error:
            self.faults.append(f"{self.label} {call.__name__} raised {error!r}")
        finally:
            took = time.monotonic() - start
            self.longest = max(self.longest, took)
            if took > SECOND:
                self.faults.append(f"{self.label} {call.__name__} took {took:.2f} s")


def answer(name, n, padding=0):
    return store.Answer("01", "quiz", name, {"n": n, "padding": "x" * padding})


def out_of_order(answers):
    """Tell whether numbers of one name do not rise, or one comes twice."""
    numbers = collections.defaultdict(list)
    for one in answers:
        numbers[one.name].append(one.said["n"])
    return [name for name, found in numbers.items() if found != sorted(set(found))]


# Damage -----------------------------------------------------------------------------------

OTHER = ["", "null", "[1]", "{", None, 5, 2.5, b"\xff\x00", "[" * 10**5, '{"n": "text"}', "9" * 5000]


def zeroed(data, rng, page, instead=bytes(4096)):
    return data[:page] + instead + data[page + 4096 :]


def random_page(data, rng, page):
    return zeroed(data, rng, page, rng.randbytes(4096))


def half_a_page(data, rng, page):
    return zeroed(data, rng, page, data[page : page + 2048] + rng.randbytes(2048))


def another_page(data, rng, page):
    other = rng.randrange(len(data) // 4096) * 4096
    return zeroed(data, rng, page, data[other : other + 4096])


def truncated(data, rng, page):
    return data[: rng.choice([page, rng.randrange(len(data))])]


def some_bytes(data, rng, page):
    changed = bytearray(data)
    for _ in range(rng.randint(1, 30)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def many_pages(data, rng, page):
    for _ in range(len(data) // 8192):
        data = random_page(data, rng, rng.randrange(len(data) // 4096) * 4096)
    return data


def garbage(data, rng, page):
    return rng.randbytes(rng.randint(1, 9999))


def other_rows(data, rng, page):
    file = sqlite3.connect(store.place())
    with file:
        texts = ("t", "01", "quiz", "a", "b")
        rows = [[rng.choice([text, *OTHER]) for text in texts[:4]] + [rng.choice(OTHER)] for _ in range(9)]
        file.executemany("insert into answers values (?, ?, ?, ?, ?)", rows)
    file.close()
    return store.place().read_bytes()


DAMAGES = [zeroed, random_page, half_a_page, another_page, truncated]
DAMAGES += [some_bytes, many_pages, garbage, other_rows]


def damaged(folder, share=1.0, seed=25):
    """Damage a store, before a kernel opens it or after, read it and keep more."""
    rng, watch, counts = random.Random(seed), Watch(), collections.Counter()
    wholes = []
    for number, count in enumerate((1, 15, 60, 300)):
        kernel(folder / f"whole{number}")
        for n in range(count):
            store.keep(answer("abcde"[n % 5], n, rng.choice([0, 50, 500, 5000 if count > 15 else 0])))
        wholes.append((store.place().read_bytes(), [(one.name, one.said) for one in store.kept()]))
    for trial in range(int(1000 * share)):
        whole, before = rng.choice(wholes)
        damage = DAMAGES[trial % len(DAMAGES)]
        here = folder / "trial"
        shutil.rmtree(here, ignore_errors=True)
        here.mkdir()
        kernel(here)
        store.place().write_bytes(whole)
        known = [len(before) == len(watch(store.kept))] if rng.random() < 0.5 else []
        broken = damage(whole, rng, rng.randrange(len(whole) // 4096) * 4096)
        store.place().write_bytes(broken)
        watch.label = label = f"trial {trial}, {damage.__name__}{', open' if known else ''}"
        said, acknowledged = "", []
        for n in range(10_000, 10_006):
            if rng.random() < 0.5:
                watch(store.last, "quiz", "01", rng.choice("abcde"))
                said += watch(store.news) or ""
            heard = watch(store.keep, answer("a", n))
            said += heard or ""
            if not store._waiting:
                acknowledged.append(("a", n))
            if (found := watch(store.last, "quiz", "01", "a")) is None or found.said.get("n") != n:
                watch.faults.append(f"{label}: {n} is not the latest")
        kernel(here)
        after = watch(store.kept)
        counts["trials"] += 1
        counts["acknowledged"] += len(acknowledged)
        shown = [(one.name, one.said) for one in after if "padding" in one.said]
        lost = [one for one in before if one not in shown]
        numbers = {(name, said["n"]) for name, said in shown}
        watch.faults += [f"{label}: {one} is lost" for one in acknowledged if one not in numbers]
        aside = here / f"{store.FILE}.aside0"
        counts["set aside"] += aside.exists()
        counts["kept before"] += len(before)
        counts["kept before and saved"] += len(before) - len(lost)
        if lost and ("damaged" not in said or aside.read_bytes() != broken):
            watch.faults.append(f"{label}: {len(lost)} of {len(before)} are lost in silence: {said!r}")
        if len(acknowledged) != 6:
            watch.faults.append(f"{label}: not kept: {said}")
        if wrong := [one for one in shown if one not in before and one[1]["n"] < 10_000]:
            watch.faults.append(f"{label}: nobody gave {wrong[0]}")
        if wrong := out_of_order(one for one in after if "padding" in one.said):
            watch.faults.append(f"{label}: {wrong} out of order")
    return {**counts, "longest": round(watch.longest, 3), "faults": watch.faults}


# Processes ------------------------------------------------------------------------------------


class Faulty(sqlite3.Connection):
    """A connection that fails in every tenth write, in one of these ways."""

    writes, rng = 0, random.Random()

    def execute(self, command, *values):
        writes = command.startswith("insert")
        Faulty.writes += writes
        if writes and Faulty.writes % 10 == 0:
            how = Faulty.rng.choice(["full", "locked", "no disk", "lies"])
            if how == "full":
                raise sqlite3.OperationalError("database or disk is full")
            if how == "locked":
                raise sqlite3.OperationalError("database is locked")
            if how == "no disk":
                raise OSError(5, "Input/output error")
            return super().execute("select 1")  # it lies: nothing is written
        done = super().execute(command, *values)
        if command == "commit" and Faulty.writes % 10 == 5 and Faulty.rng.random() < 0.5:
            Faulty.writes += 1
            raise sqlite3.OperationalError("disk I/O error")  # though it is written
        return done


def work(name, count, faulty, waits="0"):
    """Keep `count` answers under a name, and print a line for each: the number, and what was said."""
    if int(faulty):
        Faulty.rng.seed(name)
        connect = sqlite3.connect
        sqlite3.connect = lambda *args, **options: connect(*args, factory=Faulty, **options)
    watch = Watch()
    print("ready", flush=True)
    for n in range(int(count)):
        if int(waits):
            sys.stdin.readline()
        said = watch(store.keep, answer(name, n, 200))
        held = bool(store._waiting)
        found = watch(store.last, "quiz", "01", name)
        unread = found is None and "cannot be read" in store.news()  # another holds it: said, not silent
        if not unread and (found is None or found.said["n"] != n):
            watch.faults.append(f"{name}: {n} is not the latest")
        line = {"n": n, "said": said, "kept": not held, "longest": watch.longest}
        line |= {"faults": watch.faults, "unread": unread}
        print(json.dumps(line), flush=True)


def start(folder, *args, **options):
    env = os.environ | {"COURSE_ANSWERS": str(folder)}
    env["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.PIPE, "text": True}
    return subprocess.Popen([*WORKER, *map(str, args)], env=env, **pipes, **options)


def lines(text):
    """Return what a worker printed, but for a line that a kill cut off."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]


def compared(folder, heard, faults, counts):
    """Compare what is in a store with what the workers heard, {name: lines}."""
    kernel(folder)
    found = store.kept()
    there = collections.Counter((one.name, one.said["n"]) for one in found)
    for name, of_name in heard.items():
        counts["kept"] += len(of_name)
        counts["acknowledged"] += sum(line["kept"] for line in of_name)
        counts["could not be read"] += sum(line["unread"] for line in of_name)
        counts["written later"] += sum(not line["kept"] and there[name, line["n"]] > 0 for line in of_name)
        lost = [line["n"] for line in of_name if line["kept"] and not there[name, line["n"]]]
        faults += [f"{name} {n} is lost" for n in lost]
        faults += [fault for line in of_name[-1:] for fault in line["faults"]]
        counts["longest"] = max(counts["longest"], *(line["longest"] for line in of_name), 0)
    faults += [f"{key} is there {count} times" for key, count in there.items() if count > 1]
    faults += [f"{name} is out of order" for name in out_of_order(found)]


def at_once(folder, share=1.0, seed=25):
    """20 processes keep 100 answers each, and every tenth write fails."""
    workers = {f"w{number}": None for number in range(max(4, int(20 * share)))}
    faults, counts = [], collections.Counter()
    for name in workers:
        workers[name] = start(folder, name, max(20, int(100 * share)), 1)
    heard = {}
    for name, process in workers.items():
        out, err = process.communicate()
        heard[name] = lines(out)
        faults += [err.strip().splitlines()[-1]] if err.strip() else []
    compared(folder, heard, faults, counts)
    return {**counts, "faults": faults}


def kills(folder, share=1.0, seed=25):
    """Kill a process in mid-write 200 times, another beside it; in every fourth store a page is damaged."""
    rng, faults, counts = random.Random(seed), [], collections.Counter()
    for trial in range(max(4, int(200 * share))):
        here = folder / f"store{trial // 10}"
        if trial % 4 == 3:
            path = here / store.FILE
            page = rng.randrange(path.stat().st_size // 4096) * 4096
            path.write_bytes(random_page(path.read_bytes(), rng, page))
            shutil.copytree(here, folder / "damaged", dirs_exist_ok=True)
            here = folder / "damaged"
        both = {f"k{trial}{letter}": None for letter in "ab"}
        for name in both:
            both[name] = start(here, name, 10_000, 0)
        for process in both.values():
            process.stdout.readline()
        time.sleep(rng.random() * (0.02 if trial % 2 else 0.2))
        heard = {}
        for process in both.values():
            process.kill()
        for name, process in both.items():
            out, err = process.communicate()
            heard[name] = lines(out)
            faults += [err.strip().splitlines()[-1]] if err.strip() else []
            counts["kills"] += 1
        compared(here, heard, faults, counts)
        if trial % 4 == 3:
            shutil.rmtree(here)
            shutil.rmtree(folder / f"store{trial // 10}")
    return {**counts, "faults": faults}


def met_at_once(folder, share=1.0, seed=25):
    """Four kernels meet a broken file at once, 50 times: each keeps an answer."""
    rng, faults, counts = random.Random(seed), [], collections.Counter()
    rounds = max(5, int(50 * share))
    workers = {f"m{number}": start(folder, f"m{number}", rounds, 0, 1) for number in range(4)}
    for process in workers.values():
        process.stdout.readline()
    path = folder / store.FILE
    for turn in range(rounds):
        whole = path.read_bytes() if path.exists() else b""
        damage = rng.choice([garbage, random_page, zeroed, truncated] if len(whole) > 4096 else [garbage])
        path.write_bytes(damage(whole, rng, 4096 if len(whole) > 4096 else 0))
        heard = {}
        for process in workers.values():
            process.stdin.write("\n")
            process.stdin.flush()
        for name, process in workers.items():
            heard[name] = lines(process.stdout.readline())
        compared(folder, heard, faults, counts)
        aside = len(list(folder.glob("*.aside*")))
        if aside != turn + 1:
            faults.append(f"round {turn}: {aside} set aside")
    for process in workers.values():
        faults += process.communicate()[1].splitlines()[-1:]
    return {**counts, "faults": faults}


PARTS = {part.__name__: part for part in (damaged, at_once, kills, met_at_once)}


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    for name in sys.argv[1:] or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            found = PARTS[name](Path(folder))
        print(name, {**found, "faults": len(found["faults"])}, *found["faults"][:20], sep="\n  ", flush=True)
