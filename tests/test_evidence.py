"""How the runs behind the claims are made, counted and bounded (tests/test_claims.py holds the claims)."""

import concurrent.futures
import contextlib
import json
import math
import re
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

from helpers import lessons
from helpers.evidence import claims, runs, trials
from helpers.evidence.runs import Claim
from lessons.recipes import ASKED

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ROOT

QUICK = {"units": [4, 1], "activation": "relu", "scale": "largest", "epochs": 3}


# The claims


@pytest.mark.parametrize("claim", claims.declared().values(), ids=lambda claim: claim.name)
def test_claim_is_sound_and_its_row_in_the_stored_table_is_current_and_holds(claim):
    lesson, _, heading = claim.said.partition("#")
    cells = json.loads((ROOT / "notebooks" / f"{lesson}.ipynb").read_text("utf-8"))["cells"]
    lines = [line for cell in cells for line in "".join(cell["source"]).splitlines()]
    assert heading in [line.lstrip("# ") for line in lines if line[:1] == "#"]
    large = str(ASKED["units"]) in str(claim.settings)
    assert claim.measured[1] >= (50 if large else 100), "its bound rests on 100 seeds, 50 of a large network"
    assert claim.least(claim.tested) >= 1, "the tests ask for a seed inside"
    assert claim.low > -math.inf or claim.high < math.inf, "the range has an end"
    assert claim.mutation
    table = (ROOT / "evidence" / "README.md").read_text("utf-8")
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith(f"| **{claim.name}**: ")]
    assert len(rows) == 1, f"run make evidence ARGS=\"'{claim.name}'\""
    about = [f"| **{claim.name}**: {claim.statement}", claim.said.replace("#", ": ")]
    assert rows[0][:3] == [*about, f"`{runs._call(claim)}` {runs._range(claim)}"]
    assert rows[0][8] == "holds |"
    assert runs.stored(claim.name).seeds == claim.seeds
    assert runs.stored(claim.name).inside >= claim.least(claim.seeds)


def test_names_are_unique_and_every_claim_is_in_the_list():
    listed = [claims for module in lessons.load("claims").values() for claims in module.CLAIMS.values()]
    assert len(claims.declared()) == sum(map(len, listed))


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


@pytest.mark.parametrize("share", [0.3, 0.8, 0.97, 1.0])
def test_a_false_alarm_is_rarer_than_1_in_1000(share):
    """All that can happen, at this true share: 100 seeds measured once, then 20 tested."""
    alarm = 0.0
    for inside in range(101):
        measured = runs.below(inside + 1, 100, share) - runs.below(inside, 100, share)
        alarm += measured * runs.below(runs.least(20, inside, 100), 20, share)
    assert alarm < runs.FALSE_ALARM


@pytest.mark.parametrize("first", [0.0, 1.0])
@pytest.mark.parametrize("count", range(0, 22, 3))
def test_a_verdict_is_that_of_all_seeds_and_is_given_as_soon_as_it_is_certain(first, count):
    numbers = [first] * count + [1 - first] * (21 - count)
    ask = Claim("", "").of(lambda seeds: numbers[seeds.start : seeds.stop])
    holds, values = ask.within(90, 100, low=1, tested=21, block=3).verdict()
    least, inside = runs.least(21, 90, 100), sum(values[:-3])
    assert holds == (sum(numbers) >= least)
    assert values.tolist() == numbers[: len(values)]
    assert inside < least <= inside + 21 - len(values[:-3])


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
    bare = Claim(name, "Squares.", said="a#b").of(experiment, **settings)
    return bare.within(100, 100, high=high, seeds=seeds, block=block)


EXPECTED = [seed**2 for seed in range(23)]


def gather(asked, store=None, workers=2):
    with concurrent.futures.ThreadPoolExecutor(workers) as executor:
        return runs.gather(asked, executor, store=store)


def keys(store):
    found = []
    for line in store.read_text().splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            found.append(json.loads(line)["key"])
    return found


def test_what_another_recipe_or_other_code_has_run_does_not_count(tmp_path, monkeypatch):
    store = tmp_path / "runs.jsonl"
    gather([claim()], store)
    assert gather([claim(plus=1)], store)["quick"].tolist() == [value + 1 for value in EXPECTED]
    monkeypatch.setattr(runs, "_code", lambda: "changed")
    gather([claim()], store)
    assert len(keys(store)) == 15


@pytest.mark.parametrize(("name", "old", "new", "counts"), [
    ("requirements.txt", r"^ruff==", "ruff==9", False),
    ("requirements.txt", r"^keras==", "keras==9", True),
    ("helpers/problems.py", r'^""".', '"""Other words: ', False),
    ("helpers/networks.py", r"^def ", "# A comment.\ndef ", False),
    ("helpers/evidence/trials.py", r"< 0\.1", "< 0.2", True),
])  # fmt: skip
def test_a_run_counts_until_the_code_that_trains_or_its_packages_change(tmp_path, name, old, new, counts):
    for each in (*(f"helpers/{module}.py" for module in runs.TRAINS), "requirements.txt"):
        (tmp_path / each).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / each, tmp_path / each)
    text, found = re.subn(old, new, (tmp_path / name).read_text("utf-8"), flags=re.MULTILINE)
    assert found
    (tmp_path / name).write_text(text, "utf-8")
    assert (runs._code.__wrapped__(tmp_path) != runs._code()) == counts


@pytest.mark.parametrize(("old", "new", "counts"), [("y = 1", "y = 2", True), ("# x", "# y", False)])
def test_what_an_experiment_imports_from_its_lesson_decides_its_runs(tmp_path, old, new, counts):
    (tmp_path / "claims.py").write_text("from .cases import y\n\n\ndef of(seeds):\n    return y\n")
    (tmp_path / "cases.py").write_text("y = 1  # x\n")
    before = runs._experiments.__wrapped__(str(tmp_path / "claims.py"))
    (tmp_path / "cases.py").write_text((tmp_path / "cases.py").read_text().replace(old, new))
    assert (runs._experiments.__wrapped__(str(tmp_path / "claims.py")) != before) == counts


def test_a_failure_or_a_line_cut_off_loses_no_finished_run_and_claims_share_their_runs(tmp_path):
    store, log = tmp_path / "runs.jsonl", tmp_path / "log"
    (tmp_path / "down").touch()
    asked = [claim(flaky, name=name, folder=str(tmp_path)) for name in ("one", "other")]
    with pytest.raises(RuntimeError, match="the machine went down"):
        gather(asked, store, workers=1)
    finished = len(keys(store))
    assert finished >= 2
    store.write_text(store.read_text() + '{"key": "cut off')
    log.unlink()
    (tmp_path / "down").unlink()
    found = gather(asked, store)
    assert found["one"].tolist() == found["other"].tolist() == EXPECTED
    assert len(log.read_text().split()) == 5 - finished
    assert len(keys(store)) == len(set(keys(store))) == 5


@pytest.mark.slow
def test_trained_numbers_are_the_same_here_and_in_other_processes():
    asked = claim(trials.square_error, seeds=2, block=2, **QUICK)
    with runs.local_executor(1) as executor:
        found = runs.gather([asked], executor)
    assert found["quick"].tolist() == gather([asked], workers=1)["quick"].tolist()


@pytest.mark.slow
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


def test_the_table_says_what_holds(tmp_path):
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        assert runs.write([claim()], executor, tmp_path)
        assert not runs.write([claim(), claim(name="wrong", high=100)], executor, tmp_path)
    text = (tmp_path / "README.md").read_text()
    good, bad = text.splitlines()[-2:]
    assert "| **quick**: Squares. | a: b | `squares()` ≤ 1e+09 | 23 | ≈ 121 (≈ 0 to ≈ 484) | 23 |" in good
    assert good.endswith("| holds |")
    assert "| ≈ 121 (≈ 0 to ≈ 484) | 11 |" in bad
    assert bad.endswith("| **does not hold** |")
    # One alone: the others' rows stay, whatever their claims say now.
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        claims_now = [claim(high=1), claim(name="wrong"), claim(name="never run")]
        assert runs.write(claims_now, executor, tmp_path, names=["wrong"])
    kept, mended = (tmp_path / "README.md").read_text().splitlines()[-2:]
    assert kept == good
    assert mended == good.replace("**quick**", "**wrong**")


@pytest.mark.slow
def test_a_dask_cluster_gives_the_same_as_threads():
    distributed = pytest.importorskip("distributed")
    one = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.Client(processes=False, **one) as client:
        assert runs.gather([claim()], client.get_executor())["quick"].tolist() == EXPECTED
