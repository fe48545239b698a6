"""Claims about trained networks, tested by experiments over many seeds.

A Claim says: of n seeds, at least k end inside a range. The experiment is a function in trials.py or in a
lesson's claims.py, which has the claims; this file has the bound and the runs.

A bound comes from seeds measured once. If `inside` of `of` seeds were inside then, the true share is at
least the one-sided Clopper-Pearson bound (1934), except for an unlucky draw of probability 1/2000; and at
that share n new seeds miss their bound by chance with a probability below 1/2000. Together, a false alarm
has a probability below FALSE_ALARM = 1/1000.

Runs go through any concurrent.futures.Executor, in blocks of seeds. The blocks are always the same, so
results depend neither on the executor nor on its workers nor on their order.
"""

import ast
import concurrent.futures
import contextlib
import hashlib
import json
import math
import multiprocessing
import os
import re
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from helpers.checks import InputError, whole_number
from helpers.words import spread

import numpy as np
from tqdm import tqdm

FALSE_ALARM = 1 / 1000
ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "evidence"
# What determines a training run: these modules, and these of the locked packages.
TRAINS = (
    *("problems", "closed_forms", "question", "reading", "networks", "experiments"),
    *("train/known", "train/compiled", "train/training", "evidence/trials"),
)
PINS = r"^(?:keras|numpy|tensorflow|tensorflow-cpu)==[^\\\n]*"
HEAD = """# Evidence

What the notebooks say of trained networks, and the runs behind it; `make evidence` made this table.
A claim is about the numbers of its experiment, one a seed, from seed 0 on: *inside* counts those in the
range that stands behind the experiment, *at least* is the bound. It follows from what was measured when
the claim was made, over 100 seeds or more (50 where one takes seconds), and is missed by chance less than
once in 1,000 times (*alarm*; the argument stands in `helpers/evidence/runs.py`). The tests hold each claim
over its first seeds, and break it by a change.

The numbers are RMSE of the answers, or what the experiment says, in `helpers/evidence/trials.py` or in its
lesson's `claims.py`; `≈` marks what differs a little from machine to machine.

"""


@dataclass(frozen=True)
class Claim:
    """A statement about an experiment: of n seeds, at least `least(n)` end inside low..high.

    Written as Claim(name, statement).of(...).within(..., mutation={...}), or ....within(...).broken_by(...).
    experiment: a module-level function (seeds, **settings) -> one number a seed, float array (seeds,);
    low, high: the range, ends included; measured: (inside, of), counted once over 100 seeds or more (50
    where one takes seconds); mutation: settings that break the claim, as a test shows; seeds: how many
    `make evidence` runs; tested: how many the tests run; block: how many are trained at once; said:
    "lesson#heading".
    """

    name: str
    statement: str
    experiment: Callable[..., np.ndarray] | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    low: float = -math.inf
    high: float = math.inf
    measured: tuple[int, int] = (0, 0)
    mutation: Mapping[str, object] = field(default_factory=dict)
    seeds: int = 100
    tested: int = 10
    block: int = 10
    said: str = ""

    def of(self, experiment: Callable[..., np.ndarray], **settings: object) -> "Claim":
        """Set the experiment."""
        return replace(self, experiment=experiment, settings=settings)

    def within(self, inside: int, of: int, **others: object) -> "Claim":
        """Set how many of the measured seeds were inside, and others: low, high, mutation, seeds, ..."""
        return replace(self, measured=(inside, of), **others)

    def broken_by(self, **mutation: object) -> "Claim":
        """Set the mutation, where `within` has no room for it, or in code that a stored key depends on."""
        return replace(self, mutation=mutation)

    def inside(self, values: Sequence[float]) -> int:
        """Return how many of the values lie inside the range."""
        values = np.asarray(values)
        return int(((self.low <= values) & (values <= self.high)).sum())

    def least(self, n: int) -> int:
        """Return how many of n seeds must be inside at least; see the top of this file."""
        return least(n, *self.measured)

    def false_alarm(self, n: int) -> float:
        """Return a bound on the probability that n seeds miss `least(n)` although nothing has changed."""
        return FALSE_ALARM / 2 + below(self.least(n), n, share_bound(*self.measured))

    def holds(self, values: Sequence[float]) -> bool:
        """Return whether the values of n seeds agree with the claim."""
        return self.inside(values) >= self.least(len(values))

    def verdict(self, **mutation: object) -> tuple[bool, np.ndarray]:
        """Return whether the first `tested` seeds agree with the claim, and the numbers that decided it.

        Stops as soon as the blocks left cannot change the verdict.
        """
        least, values = self.least(self.tested), np.empty(0)
        for block in self.blocks(self.tested):
            values = np.append(values, self.experiment(block, **{**self.settings, **mutation}))
            inside, left = self.inside(values), self.tested - len(values)
            if inside >= least or inside + left < least:
                break
        return self.inside(values) >= least, values

    def blocks(self, seeds: int) -> list[range]:
        """Return the seeds 0..seeds-1 in blocks."""
        return [range(first, min(first + self.block, seeds)) for first in range(0, seeds, self.block)]


@cache
def _ways(n: int) -> np.ndarray:
    return np.array([math.comb(n, i) for i in range(n + 1)], dtype=float)


def below(k: int, n: int, p: float) -> float:
    """Return the probability that fewer than k of n independent seeds are inside, each with probability p."""
    i = np.arange(n + 1)
    return min(1.0, float((_ways(n) * p**i * (1 - p) ** (n - i))[:k].sum()))


@cache
def share_bound(inside: int, of: int) -> float:
    """Return the one-sided Clopper-Pearson bound (1934), by bisection.

    The smallest share that would still give `inside` of `of` with probability FALSE_ALARM / 2.
    """
    whole_number("of", of)
    if not 0 <= whole_number("inside", inside, at_least=0) <= of:
        raise InputError(f"inside must be at most {of}, but is {inside}: count both over the same seeds.")
    low, high = 0.0, inside / of
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - below(inside, of, middle) < FALSE_ALARM / 2 else (low, middle)
    return low


@cache
def least(n: int, inside: int, of: int) -> int:
    """Return the largest k such that fewer than k of n inside is a false alarm below 1/2000."""
    share = share_bound(inside, of)
    return max(k for k in range(n + 1) if below(k, n, share) < FALSE_ALARM / 2)


# Runs ---------------------------------------------------------------------------------


def gather(
    claims: Iterable[Claim], executor: concurrent.futures.Executor, *, store: Path | None = None
) -> dict[str, np.ndarray]:
    """Run every claim's experiment over all its seeds; return the numbers by the claim's name.

    Claims with the same experiment and settings share their runs. executor: any Executor, such as Dask's
    client.get_executor(). store: a file with a JSON line for each finished block; blocks in it for the
    present code are not run again, and each finished block is added at once. Shows a bar in a terminal.
    Raises whatever an experiment raises.
    """
    claims, finished = list(claims), _read(store)
    wanted = {_key(claim, block): (claim, block) for claim in claims for block in claim.blocks(claim.seeds)}
    futures = {
        executor.submit(claim.experiment, block, **claim.settings): key
        for key, (claim, block) in wanted.items()
        if key not in finished
    }

    def keep(future: concurrent.futures.Future) -> None:
        claim, block = wanted[key := futures[future]]
        finished[key] = [float(value) for value in future.result()]
        _append(store, key, claim, block, finished[key])

    seeds = sum(len(block) for _, block in wanted.values())
    with tqdm(total=seeds, unit="seed", disable=None, smoothing=0) as bar:
        bar.update(seeds - sum(len(wanted[key][1]) for key in futures.values()))
        try:
            for future in concurrent.futures.as_completed(futures):
                keep(future)
                bar.update(len(wanted[futures[future]][1]))
        finally:  # after a failure, keep what others have finished meanwhile
            for future, key in futures.items():
                if not future.cancel() and key not in finished and future.done() and not future.exception():
                    keep(future)
    return {
        claim.name: np.concatenate([finished[_key(claim, block)] for block in claim.blocks(claim.seeds)])
        for claim in claims
    }


def local_executor(workers: int) -> concurrent.futures.Executor:
    """Return an executor of fresh Python processes on this machine."""
    # Not forked: TensorFlow's threads do not survive a fork.
    return concurrent.futures.ProcessPoolExecutor(
        whole_number("workers", workers),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_set_up,
        initargs=(max(1, (os.cpu_count() or 1) // workers),),
    )


def _set_up(threads: int) -> None:
    """Limit this worker to its share of the cores, and end it when its parent is killed."""
    # TensorFlow reads it on import. With more threads, the workers would wait for each other.
    os.environ["TF_NUM_INTRAOP_THREADS"] = str(threads)

    def wait() -> None:
        multiprocessing.parent_process().join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _key(claim: Claim, block: range) -> str:
    """Return a hash of everything that the numbers of a block depend on."""
    experiment = [claim.experiment.__name__, claim.settings, [block.start, block.stop]]
    code = _code() + _experiments(sys.modules[claim.experiment.__module__].__file__)
    return hashlib.sha256((json.dumps(experiment, sort_keys=True) + code).encode()).hexdigest()


@cache
def _code(root: Path = ROOT) -> str:
    """Return what determines a training run: the code without comments and docstrings, and the pins."""
    code = [_bare(ast.parse((root / "helpers" / f"{name}.py").read_text("utf-8"))) for name in TRAINS]
    pins = re.findall(PINS, (root / "requirements.txt").read_text("utf-8"), re.MULTILINE)
    return "\n".join([*code, *pins])


@cache
def _experiments(file: str) -> str:
    """Return the functions of a file, and the lesson's own files that it imports."""
    path = Path(file)
    tree = ast.parse(path.read_text("utf-8"))
    near = [node.module for node in tree.body if isinstance(node, ast.ImportFrom) and node.level]
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    beside = [_bare(ast.parse((path.parent / f"{name}.py").read_text("utf-8"))) for name in near]
    return "\n".join([_bare(tree), *beside])


def _bare(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            del node.body[0]
    return ast.unparse(tree)


def _read(store: Path | None) -> dict[str, list[float]]:
    finished = {}
    for line in store.read_text("utf-8").split("\n") if store and store.exists() else ():
        # A line is incomplete if an earlier run was killed while writing.
        with contextlib.suppress(json.JSONDecodeError):
            run = json.loads(line)
            finished[run["key"]] = run["values"]
    return finished


def _append(store: Path | None, key: str, claim: Claim, block: range, values: list[float]) -> None:
    if store is not None:
        about = {"experiment": claim.experiment.__name__, "settings": claim.settings}
        run = {"key": key, **about, "seeds": [block.start, block.stop], "values": values}
        with store.open("a", encoding="utf-8") as file:
            file.write(f"\n{json.dumps(run)}\n")


# The table ----------------------------------------------------------------------------


def write(
    claims: Iterable[Claim],
    executor: concurrent.futures.Executor,
    folder: Path = FOLDER,
    names: Sequence[str] = (),
) -> bool:
    """Run all claims, write folder/README.md, and return whether every claim that was run holds.

    Finished runs are kept in folder/runs.jsonl, so that the next call continues after an interruption.
    names: of the claims to run, if not all; the rows of the others stay.
    """
    claims, readme = list(claims), folder / "README.md"
    chosen = [claim for claim in claims if not names or claim.name in names]
    folder.mkdir(exist_ok=True)
    numbers = gather(chosen, executor, store=folder / "runs.jsonl")
    kept = _rows(readme) if names else {}
    readme.write_text(
        HEAD + table([each for each in claims if each.name in numbers | kept], numbers, kept), "utf-8"
    )
    return all(claim.holds(numbers[claim.name]) for claim in chosen)


def table(
    claims: Iterable[Claim], numbers: Mapping[str, np.ndarray], kept: Mapping[str, str] | None = None
) -> str:
    """Return the evidence as a Markdown table, a row for each claim.

    numbers: of each claim by its name, as `gather` returns them; kept: rows of other claims.
    """
    lines = [
        "| claim | said in | experiment | seeds | median (range) | inside | at least | alarm | verdict |",
        "| --- | --- | --- | --: | --: | --: | --: | --: | --- |",
    ]
    for claim in claims:
        if claim.name not in numbers:
            lines.append(kept[claim.name])
            continue
        values = numbers[claim.name]
        row = [
            f"**{claim.name}**: {claim.statement}",
            claim.said.replace("#", ": "),
            f"`{_call(claim)}` {_range(claim)}",
            len(values),
            spread(values),
            claim.inside(values),
            claim.least(len(values)),
            f"≤ {math.ceil(1e5 * claim.false_alarm(len(values))) / 1e5:.5f}",
            "holds" if claim.holds(values) else "**does not hold**",
        ]
        lines.append(f"| {' | '.join(map(str, row))} |")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Stored:
    """A claim's row in evidence/README.md: seeds, their numbers to 3 digits, how many were inside."""

    seeds: int
    median: float
    lowest: float
    highest: float
    inside: int


def stored(name: str, folder: Path = FOLDER) -> Stored:
    """Return the stored row of the claim of this name, or raise InputError."""
    rows = _rows(folder / "README.md")
    if name not in rows:
        raise InputError(f"name must be a claim of evidence/README.md, but is {name!r}: run `make evidence`.")
    _, _, _, seeds, spread, inside, *_ = rows[name].split(" | ")
    figures = re.findall(r"≈ ([-−\d.,einf]+)", spread)
    numbers = [float(figure.replace("−", "-").replace(",", "")) for figure in figures]
    return Stored(int(seeds), *numbers, int(inside))


def _rows(readme: Path) -> dict[str, str]:
    """Return the rows of a stored table by their claims' names."""
    lines = readme.read_text("utf-8").splitlines()
    return {line.split("**", 2)[1]: line for line in lines if line.startswith("| **")}


def _call(claim: Claim) -> str:
    settings = ", ".join(f"{name}={value!r}" for name, value in claim.settings.items())
    return f"{claim.experiment.__name__}({settings})"


def _range(claim: Claim) -> str:
    if claim.low == -math.inf:
        return f"≤ {claim.high:,g}"
    return f"≥ {claim.low:,g}" if claim.high == math.inf else f"{claim.low:,g} to {claim.high:,g}"
