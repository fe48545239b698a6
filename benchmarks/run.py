"""Measure `train` against its peers on one machine: `make bench`, or `python course.py bench`.

Every contender runs in a process of its own, so that a first call is fresh and nobody's threads
disturb the others; they take turns, so that a slow minute of the machine strikes all of them.
"""

import argparse
import contextlib
import datetime
import multiprocessing
import os
import platform
import re
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from importlib import metadata
from pathlib import Path
from statistics import median

from helpers.words import table

import numpy as np
from contenders import (
    BARE,
    BATCH_SIZE,
    FIT,
    PEERS,
    THREADS,
    TRAIN,
    TRAINERS,
    bare_products,
    train_once,
)

NETWORKS = {"8-8-1": (8, 8, 1), "20-100-1000-100-20-1": (20, 100, 1000, 100, 20, 1)}
SMALL, LARGE = NETWORKS
PACKAGES = ("tensorflow", "keras", "jax", "torch", "sklearn", "numpy")
README = Path(__file__).with_name("README.md")
LATENCY = "\n## From key press to new pixels\n"  # latency.py writes this section


def main() -> None:
    """Measure everything, print it as Markdown, and write it to a file if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small numbers, only to try this script")
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes of each contender (3)")
    parser.add_argument("--write", action="store_true", help="write the result to benchmarks/README.md")
    options = parser.parse_args()
    installed = metadata.packages_distributions()
    missing = [package for package in PACKAGES if package not in installed]
    if missing:
        sys.exit(
            f"The benchmark expects {', '.join(PACKAGES)}, but {' and '.join(missing)} cannot be found: "
            "run `make bench`, which installs them."
        )
    # Read by NumPy's OpenBLAS, PyTorch, TensorFlow and JAX, in this order, when they start.
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "NPROC"):
        os.environ[name] = str(THREADS)

    epochs, rounds, repeats = (10, 1, 1) if options.quick else (500, options.rounds, 3)
    began = time.perf_counter()
    parts = [machine(installed)]
    if options.quick:
        parts.append("**A quick run, to try the script: its figures mean nothing.**")
    runs = {network: race(network, epochs, rounds, repeats) for network in NETWORKS}
    parts += [seconds_table(runs, epochs), ratios_table(runs)]
    with processes(["growth"]) as run:
        parts += [growth_table(run, *curve, repeats) for curve in curves(options.quick)]
    parts.append(f"Measured in {(time.perf_counter() - began) / 60:.0f} minutes.")
    text = "\n\n".join(parts) + "\n"
    print(text)
    if options.write:
        _, *latency = README.read_text("utf-8").partition(LATENCY)
        README.write_text(INTRODUCTION + text + "".join(latency), encoding="utf-8")


INTRODUCTION = f"""# Benchmarks

How long the thread's recipe takes: 1,000 examples of the square, scaled with "largest", float32;
500 epochs in batches of {BATCH_SIZE}, shuffled every epoch, Adam with 0.001, mean squared error. `make bench`
measures it anew on your machine (`make bench ARGS=--write` also rewrites this file). Every contender
starts from the same weights (scikit-learn draws its own) and has {THREADS} threads and its own process; they
take turns. Imports and the making of the model are not timed; compiling is, in the first call. The peers run
as people write them: without the option of XLA that `helpers/train/compiled.py` sets
(JAX gains by it, too).

"""


# Taking turns -------------------------------------------------------------------------


@contextlib.contextmanager
def processes(names):
    """Yield what runs a function in the process of a name, waits for it, and shows what came on stderr."""
    context = multiprocessing.get_context("spawn")
    with contextlib.ExitStack() as stack:
        pools = {name: stack.enter_context(ProcessPoolExecutor(1, context)) for name in names}

        def run(name, function, *arguments):
            answer = pools[name].submit(function, *arguments).result()
            tell(f"  {name}: {answer}")
            return answer

        yield run


def race(network, epochs, rounds, repeats):
    """Return {trainer: [[(seconds, RMSE) of a process's calls], ...], BARE: [seconds, ...]}."""
    results = {name: [] for name in (*TRAINERS, BARE)}
    for turn in range(rounds):
        with processes(results) as run:
            for name in TRAINERS:
                results[name].append([])
            for call in range(1 + repeats):
                tell(f"{network}, round {turn + 1} of {rounds}, call {call + 1} of {1 + repeats}:")
                for name in TRAINERS:
                    if name == FIT and call > 1:
                        continue  # so slow that two calls a round are enough
                    seed = 10 * turn + call
                    results[name][-1].append(
                        run(name, train_once, name, NETWORKS[network], epochs, 1000, seed)
                    )
                results[BARE].append(run(BARE, bare_products, NETWORKS[network], epochs, 1000))
    return results


def tell(text):
    """Show on stderr how far the measuring is, so that an interrupted run leaves its figures."""
    print(text, flush=True, file=sys.stderr)


# Tables -------------------------------------------------------------------------------


def machine(installed):
    """Return the line about the machine."""
    cpu = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        cpu = re.search(r"model name\s*: (.*)|$", Path("/proc/cpuinfo").read_text())[1] or cpu
    versions = [f"{package} {metadata.version(installed[package][0])}" for package in PACKAGES]
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
        f"{', '.join(versions)}; {datetime.date.today()}."
    )


def first(results, name):
    """Return the median seconds of the first calls."""
    return median(calls[0][0] for calls in results[name])


def later(results, name):
    """Return the median seconds of the later calls."""
    return median(seconds for calls in results[name] for seconds, _ in calls[1:])


def seconds_table(runs, epochs):
    """Return the table of seconds and errors."""
    head, rows, bare = ["seconds (median)"], {name: [name] for name in TRAINERS}, [BARE]
    for network, results in runs.items():
        head += [f"{network}: first call", "later calls", "RMSE"]
        bare += ["", f"{median(results[BARE]):.3g}", ""]
        for name, row in rows.items():
            error = median(error for calls in results[name] for _, error in calls)
            row += [f"{first(results, name):.3g}", f"{later(results, name):.3g}", f"{error:,.0f}"]
    return (
        f"## Seconds for {epochs} epochs\n\n{table(head, [*rows.values(), bare]).data}\n\n"
        "RMSE: the error of the answers in whole numbers, the median of all runs, to show that all did "
        "the same work. On 8-8-1 it varies much from start to start."
    )


def ratios_table(runs):
    """Return the table of what must hold."""
    rows = []

    def row(claim, network, target, measured):
        holds = "yes" if measured >= target else "no"
        rows.append([claim, network, f"≥ {target}×", f"{measured:.3g}×", holds])

    bare = median(runs[LARGE][BARE])
    times = {
        name: {peer: later(runs[name], peer) / later(runs[name], TRAIN) for peer in PEERS} for name in runs
    }
    for network, than_fit, at_first in ((SMALL, 400, 15), (LARGE, 7, 5)):
        of = runs[network]
        row("faster than `model.fit`", network, than_fit, later(of, FIT) / later(of, TRAIN))
        row("first call against `model.fit`'s", network, at_first, first(of, FIT) / first(of, TRAIN))
    alone = "; ".join(f"{peer} {times[SMALL][peer]:.3g}× and {times[LARGE][peer]:.3g}×" for peer in PEERS)
    return (
        "## What must hold\n\nLater calls, unless it says first; a first call has the compiling in it.\n\n"
        f"{table(['claim', 'network', 'target', 'measured', 'holds'], rows).data}\n\n"
        f"Against each peer, on {SMALL} and on {LARGE}: {alone}.\n\n"
        f"The limit of {LARGE} is XLA's own matrix products, forward and backward, at these shapes (batches "
        f"of {BATCH_SIZE}, layers of 1 to 1000): alone they take {bare:.3g} s, and `train` spends "
        f"{100 * bare / later(runs[LARGE], TRAIN):.0f} % of its time in them."
    )


def curves(quick):
    """Return (title, target slope, {size: (units, epochs, examples)}) of each curve."""
    units = NETWORKS[SMALL]
    # Long enough that what every call costs, some 8 ms, does not bend the curve.
    first = 100 if quick else 8000
    epochs = {first * 2**i: (units, first * 2**i, 1000) for i in range(5)}
    examples = {1000 * 2**i: (units, first, 1000 * 2**i) for i in range(6)}
    # Narrow networks train longer, for the same reason; the table divides by it.
    widths = {2**i: ((2**i, 2**i, 1), first // 80 * 2 ** (10 - i), 1000) for i in range(6, 11)}
    return [
        (f"epochs ({SMALL}, 1,000 examples)", 1.0, epochs),
        (f"examples ({SMALL}, {first:,} epochs)", 1.0, examples),
        ("width n (n-n-1, 1,000 examples, a thousand epochs)", None, widths),
    ]


def growth_table(run, title, target, points, repeats):
    """Measure the later calls of `train` at each point, best of `repeats`; return table and slope."""
    best = {}
    tell(f"growth with {title}:")
    for call in range(1 + repeats):
        for size, (units, epochs, examples) in points.items():
            # The first call is only to compile.
            seconds, _ = run("growth", train_once, TRAIN, units, epochs if call else 1, examples, call)
            best[size] = min(best[size], seconds) if call else np.inf
    if target is None:
        best = {size: 1000 * seconds / points[size][1] for size, seconds in best.items()}
    slope = np.polyfit(np.log(list(best)), np.log(list(best.values())), 1)[0]
    rows = [[f"{size:,}", f"{seconds:.3g}"] for size, seconds in best.items()]
    verdict = "."
    if target:
        verdict = f"; target {target} ± 0.05: {'yes' if abs(slope - target) <= 0.05 else 'no'}."
    return (
        f"## Growth with {title}\n\n{table([title.split(' (')[0], 'seconds'], rows).data}\n\n"
        f"Log-log slope {slope:.3f}{verdict}"
    )


if __name__ == "__main__":
    main()
