"""How the runs behind the claims are made, counted and bounded (tests/test_claims.py holds the claims)."""

import concurrent.futures
import contextlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from pathlib import Path

from helpers.checks import InputError
from helpers.evidence import claims, runs, trials
from helpers.evidence.runs import Claim

import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
BY_NAME = {claim.name: claim for claim in claims.CLAIMS}


# The claims


@pytest.mark.parametrize("claim", claims.CLAIMS, ids=lambda claim: claim.name)
def test_claim_is_sound(claim):
    assert claim.measured[1] >= 100
    assert claim.least(claim.tested) >= 1
    notebook, _, heading = claim.said.partition("#")
    cells = nbformat.read(ROOT / "notebooks" / f"{notebook}.ipynb", 4).cells
    headings = [
        line.lstrip("# ") for cell in cells for line in cell.source.splitlines() if re.match("#+ ", line)
    ]
    assert heading in headings


def test_names_are_unique():
    assert len(BY_NAME) == len(claims.CLAIMS)


# The bound


def exactly_below(k, n, p):
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(min(k, n + 1)))


@given(st.integers(0, 40), st.integers(1, 40), st.fractions(0, 1, max_denominator=50))
def test_the_binomial_tail_is_exact(k, n, p):
    assert runs.below(k, n, float(p)) == pytest.approx(float(exactly_below(k, n, Fraction(p))), abs=1e-12)


@given(st.integers(1, 300), st.data())
def test_the_bound_on_the_share_is_clopper_and_pearsons(of, data):
    inside = data.draw(st.integers(1, of))
    share = runs.share_bound(inside, of)
    assert 1 - runs.below(inside, of, share) == pytest.approx(1 / 2000, rel=1e-6)
    if inside == of:
        assert share == pytest.approx((1 / 2000) ** (1 / of))


@pytest.mark.parametrize("share", [0.3, 0.8, 0.97, 1.0])
def test_a_false_alarm_is_rarer_than_1_in_1000(share):
    """All that can happen, at this true share: 100 seeds measured once, then 20 tested."""
    alarm = 0.0
    for inside in range(101):
        measured = runs.below(inside + 1, 100, share) - runs.below(inside, 100, share)
        alarm += measured * runs.below(runs.least(20, inside, 100), 20, share)
    assert alarm < runs.FALSE_ALARM


def test_impossible_counts_give_one_sentence():
    with pytest.raises(InputError, match="inside must be at most 100, but is 101"):
        runs.share_bound(101, 100)


# The runs


def squares(seeds, *, plus=0):
    """Stand in for an experiment: quick, and another number for each seed."""
    return np.array([seed**2 + plus for seed in seeds], dtype=float)


def flaky(seeds, *, folder):
    """Log each block; fail at seed 10 while the folder says so."""
    if seeds.start == 10 and (Path(folder) / "down").exists():
        raise RuntimeError("the machine went down")
    with (Path(folder) / "log").open("a") as file:
        file.write(f"{seeds.start}\n")
    return squares(seeds)


def claim(experiment=squares, name="quick", seeds=23, block=5, high=1e9, **settings):
    return Claim(
        name, "Squares.", "a#b", experiment, settings, (100, 100), {}, high=high, seeds=seeds, block=block
    )


EXPECTED = [seed**2 for seed in range(23)]


def stored(store):
    keys = []
    for line in store.read_text().splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            keys.append(json.loads(line)["key"])
    return keys


def test_a_block_is_run_once_for_all_claims_that_share_it(tmp_path):
    (tmp_path / "folder").mkdir()
    asked = [claim(flaky, name=name, folder=str(tmp_path)) for name in ("one", "other")]
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        found = runs.gather(asked, executor)
    assert found["one"].tolist() == found["other"].tolist() == EXPECTED
    assert sorted(map(int, (tmp_path / "log").read_text().split())) == [0, 5, 10, 15, 20]


def test_what_another_recipe_or_other_code_has_run_does_not_count(tmp_path, monkeypatch):
    store = tmp_path / "runs.jsonl"
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        runs.gather([claim()], executor, store=store)
        found = runs.gather([claim(plus=1)], executor, store=store)
        assert found["quick"].tolist() == [value + 1 for value in EXPECTED]
        monkeypatch.setattr(runs, "_code", lambda: "changed")
        runs.gather([claim()], executor, store=store)
    assert len(stored(store)) == 15


def test_a_line_cut_off_in_the_store_is_run_again(tmp_path):
    store = tmp_path / "runs.jsonl"
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        runs.gather([claim()], executor, store=store)
        store.write_text(store.read_text()[:-20])
        assert len(stored(store)) == 4
        found = runs.gather([claim()], executor, store=store)
    assert found["quick"].tolist() == EXPECTED
    assert len(stored(store)) == len(set(stored(store))) == 5


def test_a_failure_loses_no_finished_run_and_the_next_call_goes_on(tmp_path):
    store, log = tmp_path / "runs.jsonl", tmp_path / "log"
    (tmp_path / "down").touch()
    asked = [claim(flaky, folder=str(tmp_path))]
    with (
        concurrent.futures.ThreadPoolExecutor(1) as executor,
        pytest.raises(RuntimeError, match="the machine went down"),
    ):
        runs.gather(asked, executor, store=store)
    finished = len(stored(store))
    assert finished >= 2
    log.unlink()
    (tmp_path / "down").unlink()
    with concurrent.futures.ThreadPoolExecutor(1) as executor:
        found = runs.gather(asked, executor, store=store)
    assert found["quick"].tolist() == EXPECTED
    assert len(log.read_text().split()) == 5 - finished
    assert len(stored(store)) == len(set(stored(store))) == 5


def test_trained_numbers_are_the_same_here_and_in_other_processes():
    quick = {"units": [4, 1], "activation": "relu", "scale": "largest", "epochs": 3}
    asked = claim(trials.square_error, seeds=6, block=2, **quick)
    here = asked.values(6)
    with runs.local_executor(2) as executor:
        found = runs.gather([asked], executor)
    assert found["quick"].tolist() == here.tolist()


@pytest.mark.trains
def test_workers_end_with_the_process_that_started_them():
    code = (
        "import os, time; from helpers.evidence import runs; executor = runs.local_executor(1);"
        "print(executor.submit(os.getpid).result(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert int(parent.stdout.readline()) != parent.pid
        parent.kill()
        # The end of the output comes when its last holder, the worker, is gone.
        assert parent.communicate(timeout=20) == ("", None)


def test_the_table_tells_what_holds(tmp_path, capsys):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        assert runs.write([claim()], executor, tmp_path)
        assert not runs.write([claim(), claim(name="wrong", high=100)], executor, tmp_path)
    text = (tmp_path / "README.md").read_text()
    good, bad = text.splitlines()[-2:]
    assert "| **quick**: Squares. | a: b | `squares()` ≤ 1e+09 | 23 | ≈ 121 (≈ 0 to ≈ 484) | 23 |" in good
    assert good.endswith("| holds |")
    assert "| ≈ 121 (≈ 0 to ≈ 484) | 11 |" in bad
    assert bad.endswith("| **does not hold** |")
    assert "23/23" in capsys.readouterr().err


def test_the_stored_table_is_of_these_claims():
    lines = (ROOT / "evidence" / "README.md").read_text("utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| **")]
    assert [row[0].partition("**: ")[0].removeprefix("| **") for row in rows] == list(BY_NAME)
    for row in rows:
        one = BY_NAME[row[0].partition("**: ")[0].removeprefix("| **")]
        assert row[0].endswith(one.statement)
        assert row[1] == one.said.replace("#", ": ")
        assert row[2].startswith(f"`{runs._call(one)}`")
        assert int(row[3]) == one.seeds
        assert row[8] == "holds |"


# On a cluster


def slow(seeds, *, folder):
    """Take long enough to be killed in mid-run, and leave a note at the start."""
    (Path(folder) / f"{seeds.start}-{os.getpid()}").touch()
    time.sleep(0.4)
    return squares(seeds)


class Refusing(concurrent.futures.Executor):
    """An executor for what is all in the store already."""


@pytest.mark.trains
def test_a_dask_cluster_loses_a_worker_in_mid_run_and_nothing_else(tmp_path):
    distributed = pytest.importorskip("distributed")
    store, notes = tmp_path / "runs.jsonl", tmp_path / "notes"
    notes.mkdir()
    asked = claim(slow, seeds=60, folder=str(notes))
    quick = {"units": [4, 1], "activation": "relu", "scale": "largest", "epochs": 3}
    trained = claim(trials.square_error, name="trained", seeds=8, block=2, **quick)

    def kill_a_worker():
        while len(list(notes.iterdir())) < 5:
            time.sleep(0.01)
        killed.append(max(notes.iterdir(), key=lambda note: note.stat().st_mtime_ns).name)
        os.kill(int(killed[0].partition("-")[2]), signal.SIGKILL)

    killed = []
    killer = threading.Thread(target=kill_a_worker)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        killer.start()
        found = runs.gather([asked], client.get_executor(), store=store)
        killer.join()
        # As the README shows it.
        assert runs.write([trained], client.get_executor(), tmp_path)
        far = runs.gather([trained], Refusing(), store=store)
    assert found["quick"].tolist() == [seed**2 for seed in range(60)]
    assert len(stored(store)) == len(set(stored(store))) == 12 + 4
    begun = [note.name.partition("-") for note in notes.iterdir()]
    again = [start for start, _, _ in begun if sum(start == other for other, _, _ in begun) > 1]
    assert killed[0].partition("-")[0] in again
    assert far["trained"].tolist() == trained.values(8).tolist()
