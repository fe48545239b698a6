"""Measure `train` against its peers on one machine: `make bench`, or `python course.py bench`.

Every contender runs in a process of its own, so that a first call is fresh and nobody's threads
disturb the others; they take turns, so that a slow minute of the machine strikes all of them.
"""

import argparse
import concurrent.futures
import contextlib
import datetime
import functools
import multiprocessing
import os
import platform
import statistics
import sys
import time
import warnings
from importlib import metadata
from pathlib import Path

from helpers.problems import Problem, rmse

import numpy as np

THREADS = 2
BATCH_SIZE = 100
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
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the result to FILE instead")
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

    epochs, rounds, later = (10, 1, 1) if options.quick else (500, options.rounds, 3)
    began = time.perf_counter()
    parts = [machine(installed)]
    if options.quick:
        parts.append("**A quick run, to try the script: its figures mean nothing.**")
    runs = {network: race(network, epochs, rounds, later) for network in NETWORKS}
    parts += [seconds_table(runs, epochs), ratios_table(runs, epochs)]
    with Turns(["growth"]) as turns:
        parts += [growth_table(turns, *curve, repeats=later) for curve in curves(options.quick)]
    parts.append(f"Measured in {(time.perf_counter() - began) / 60:.0f} minutes.")
    text = "\n\n".join(parts) + "\n"
    print(text)
    target = options.output or (README if options.write else None)
    if target:
        target.write_text(INTRODUCTION + text + latency_section(target), encoding="utf-8")


def latency_section(readme: Path) -> str:
    """Return what latency.py wrote at the end of the file, as it is not measured here."""
    _, heading, section = (readme.read_text("utf-8") if readme.exists() else "").partition(LATENCY)
    return heading + section


INTRODUCTION = f"""# Benchmarks

How long the thread's recipe takes: 1,000 examples of the square, scaled with "largest", float32;
500 epochs in batches of {BATCH_SIZE}, shuffled every epoch, Adam with 0.001, mean squared error. `make bench`
measures it anew on your machine (`make bench ARGS=--write` also rewrites this file). Every contender
starts from the same weights (scikit-learn draws its own) and has {THREADS} threads and its own process; they
take turns. Imports and the making of the model are not timed; compiling is, in the first call. The peers run
as people write them: without the option of XLA that `helpers/compiled.py` sets, by which JAX gains, too.

"""


# Contenders: each trains once and returns (seconds, predict) -------------------------


def glorot(units, seed):
    """Return starting weights as Keras draws them: [(W, b), ...], float32."""
    rng = np.random.default_rng(seed)
    limits = [(6 / (m + n)) ** 0.5 for m, n in pairs(units)]
    return [
        (rng.uniform(-limit, limit, (m, n)).astype("float32"), np.zeros(n, "float32"))
        for limit, (m, n) in zip(limits, pairs(units), strict=True)
    ]


def pairs(units):
    """Return (inputs, outputs) of each layer of a network with one input."""
    return list(zip((1, *units), units, strict=False))


def keras_model(units, seed):
    """Return the network as the course makes it, with the common starting weights."""
    from helpers import networks

    model = networks.stack(units, activation="relu")
    model.set_weights([value for layer in glorot(units, seed) for value in layer])
    model.compile(optimizer="adam", loss="mean_squared_error")
    return model


def helpers_train(units, epochs, x, y, seed):
    """Train with the course's `train`."""
    from helpers.training import train

    model = keras_model(units, seed)
    began = time.perf_counter()
    train(model, x, y, epochs=epochs, batch_size=BATCH_SIZE, seed=seed, verbose=False)
    return time.perf_counter() - began, lambda: model(x)


def keras_fit(units, epochs, x, y, seed):
    """Train with `model.fit`, as in the thread, with TensorFlow's own settings."""
    use_onednn()
    model = keras_model(units, seed)
    began = time.perf_counter()
    model.fit(x, y, epochs=epochs, batch_size=BATCH_SIZE, verbose=0)
    return time.perf_counter() - began, lambda: model(x)


def sklearn_fit(units, epochs, x, y, seed):
    """Train with scikit-learn, without its L2 penalty and its early stopping."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    model = MLPRegressor(
        hidden_layer_sizes=units[:-1],
        alpha=0,
        epsilon=1e-7,
        batch_size=BATCH_SIZE,
        max_iter=epochs,
        tol=0,
        n_iter_no_change=epochs,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        began = time.perf_counter()
        model.fit(x, y[:, 0])
        return time.perf_counter() - began, lambda: model.predict(x)


@functools.cache
def jax_program(epochs, drawn_inside):
    """Return (train, forward) in JAX: epochs and batches in two scans, compiled as one program.

    train takes the order of the examples in each epoch or, drawn_inside, a key to draw them from.
    """
    import jax
    import jax.numpy as jnp

    def forward(weights, x):
        for W, b in weights[:-1]:
            x = jax.nn.relu(x @ W + b)
        W, b = weights[-1]
        return x @ W + b

    def loss_of(weights, x, y):
        return jnp.mean((forward(weights, x) - y) ** 2)

    def step(state, batch):
        weights, m, v, t = state
        loss, gradient = jax.value_and_grad(loss_of)(weights, *batch)
        t += 1
        m = jax.tree.map(lambda m, g: m + 0.1 * (g - m), m, gradient)
        v = jax.tree.map(lambda v, g: v + 0.001 * (g * g - v), v, gradient)
        rate = 0.001 * jnp.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        weights = jax.tree.map(lambda w, m, v: w - rate * m / (jnp.sqrt(v) + 1e-7), weights, m, v)
        return (weights, m, v, t), loss

    def train(weights, orders, x, y):
        def epoch(state, order):
            if drawn_inside:
                order = jax.random.permutation(order, len(x))
            batches = (len(x) // BATCH_SIZE, BATCH_SIZE, 1)
            return jax.lax.scan(step, state, (x[order].reshape(batches), y[order].reshape(batches)))

        if drawn_inside:
            orders = jax.random.split(orders, epochs)
        zeros = jax.tree.map(jnp.zeros_like, weights)
        state, losses = jax.lax.scan(epoch, (weights, zeros, zeros, jnp.float32(0)), orders)
        return state[0], losses.mean(axis=1)

    return jax.jit(train), forward


def jax_scan(units, epochs, x, y, seed, drawn_inside=False):
    """Train with JAX, the order of the examples drawn by NumPy, as in `train`."""
    import jax

    weights = glorot(units, seed)
    train, forward = jax_program(epochs, drawn_inside)
    rng = np.random.default_rng(seed)
    began = time.perf_counter()
    if drawn_inside:
        orders = jax.random.key(seed)
    else:
        orders = np.array([rng.permutation(len(x)) for _ in range(epochs)], np.int32)
    weights, _ = jax.block_until_ready(train(weights, orders, x, y))
    return time.perf_counter() - began, lambda: forward(weights, x)


def jax_scan_drawing(units, epochs, x, y, seed):
    """Train with JAX, the order of the examples drawn in the program as well."""
    return jax_scan(units, epochs, x, y, seed, drawn_inside=True)


def torch_eager(units, epochs, x, y, seed):
    """Train with PyTorch, operation by operation."""
    import torch

    torch.set_num_threads(THREADS)
    torch.manual_seed(seed)
    layers = []
    for W, b in glorot(units, seed):
        layer = torch.nn.Linear(*W.shape)
        layer.weight.data, layer.bias.data = torch.tensor(W.T).contiguous(), torch.tensor(b)
        layers += [layer, torch.nn.ReLU()]
    model = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7, fused=True)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    began = time.perf_counter()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        x_epoch, y_epoch = x[order], y[order]
        for start in range(0, len(x), BATCH_SIZE):
            batch = slice(start, start + BATCH_SIZE)
            optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.mse_loss(model(x_epoch[batch]), y_epoch[batch])
            loss.backward()
            optimizer.step()
    return time.perf_counter() - began, lambda: model(x).detach()


TRAIN, FIT = "`helpers.training.train`", "`model.fit`"
TRAINERS = {
    TRAIN: helpers_train,
    FIT: keras_fit,
    "scikit-learn `MLPRegressor`": sklearn_fit,
    "JAX `lax.scan`, orders from NumPy": jax_scan,
    "JAX `lax.scan`, orders drawn inside": jax_scan_drawing,
    "PyTorch, eager": torch_eager,
}
BARE = "the matrix products alone, XLA"
PEERS = [name for name in TRAINERS if name not in (TRAIN, FIT)]


def train_once(name, units, epochs, examples, seed):
    """Train once; return (seconds, RMSE in whole numbers)."""
    use_few_cores()
    problem = Problem("square")
    whole_x, whole_y = problem.draw(examples, seed=0)
    scaling = problem.scaling("largest")
    x, y = (a.astype("float32") for a in scaling.normalise(whole_x, whole_y))
    seconds, predict = TRAINERS[name](units, epochs, x, y, seed)
    return seconds, rmse(whole_y, scaling.invert(predict()))


# The machine's peak -------------------------------------------------------------------


def numpy_product():
    """Return (array, multiply) of NumPy."""
    return np.asarray, np.matmul


def tensorflow_product():
    """Return (array, multiply) of TensorFlow."""
    use_onednn()
    import tensorflow as tf

    # To read one number is to wait for the end.
    return tf.constant, lambda a, b: tf.matmul(a, b)[0, 0].numpy()


def jax_product():
    """Return (array, multiply) of JAX."""
    import jax

    multiply = jax.jit(lambda a, b: a @ b)
    return jax.numpy.asarray, lambda a, b: multiply(a, b).block_until_ready()


def use_onednn():
    """Let TensorFlow, not yet imported, use oneDNN as it does by default; the course turns it off."""
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"


PEAKS = {"peak, NumPy": numpy_product, "peak, TensorFlow": tensorflow_product, "peak, JAX": jax_product}


def peak_once(name, seconds):
    """Return the best GFLOP/s of float32 square products, each size repeated for `seconds`."""
    use_few_cores()
    array, multiply = PEAKS[name]()
    best = 0.0
    for n in (512, 1024, 2048, 4096):
        a, b = (array(np.random.default_rng(seed).random((n, n), np.float32)) for seed in (0, 1))
        multiply(a, b)  # warm up
        end = time.perf_counter() + seconds
        while (began := time.perf_counter()) < end:
            multiply(a, b)
            best = max(best, 2 * n**3 / (time.perf_counter() - began) / 1e9)
    return best


def bare_products(units, epochs, examples):
    """Return the seconds of a training's matrix products alone, compiled by XLA: the best of 3 runs.

    In each step every product is done once, forward and backward, on operands of the training's
    shapes; no biases, activations, loss or optimizer.
    """
    use_few_cores()
    from helpers import networks  # noqa: F401  (sets TensorFlow up as for `train`)

    import tensorflow as tf

    layers = glorot(units, 0)
    kernels = [tf.constant(W) for W, _ in layers]

    def step(i, x, kernels):
        outputs = [x]
        for W in kernels:
            outputs.append(outputs[-1] @ W)
        back, after = outputs[-1], []
        for position in reversed(range(len(kernels))):
            # A small part is added, so that no product can be left out or done ahead.
            after.append(kernels[position] + 1e-9 * tf.matmul(outputs[position], back, transpose_a=True))
            if position:
                back = tf.matmul(back, kernels[position], transpose_b=True)
        return i + 1, x, after[::-1]

    steps = epochs * examples // BATCH_SIZE

    @tf.function(jit_compile=True, autograph=False)
    def loop(x, kernels):
        return tf.while_loop(lambda i, *_: i < steps, step, (0, x, kernels))[2]

    x = tf.random.uniform((BATCH_SIZE, 1))
    seconds = []
    for _ in range(4):
        began = time.perf_counter()
        loop(x, kernels)[0].numpy()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])


def flops(units, epochs, examples):
    """Count the multiplications and additions of a training's matrix products.

    Forward and the two products of backprop (to the weights, to the inputs) take 2 each per weight
    and example; only the first layer needs no gradient to its inputs. Biases, activations, the loss
    and Adam are not counted.
    """
    weights = [m * n for m, n in pairs(units)]
    return epochs * examples * (6 * sum(weights) - 2 * weights[0])


# Taking turns -------------------------------------------------------------------------


def use_few_cores():
    """Keep this process to as many cores as it may have threads, where the system can."""
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])


class Turns:
    """Jobs, each in a process of its own, that run one at a time."""

    def __init__(self, names) -> None:
        context = multiprocessing.get_context("spawn")
        self.pools = {name: concurrent.futures.ProcessPoolExecutor(1, context) for name in names}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for pool in self.pools.values():
            pool.shutdown(cancel_futures=True)

    def run(self, name, function, *arguments):
        """Run a function in the process of `name`, wait for it, and show what came on stderr."""
        answer = self.pools[name].submit(function, *arguments).result()
        tell(f"  {name}: {answer}")
        return answer


def race(network, epochs, rounds, later):
    """Return {trainer: [[(seconds, RMSE) of a process's calls], ...], peak: [GFLOP/s, ...]}."""
    peaks = PEAKS if network == LARGE else ()
    results = {name: [] for name in (*TRAINERS, *peaks, BARE)}
    for turn in range(rounds):
        with Turns(results) as turns:
            for name in TRAINERS:
                results[name].append([])
            for call in range(1 + later):
                tell(f"{network}, round {turn + 1} of {rounds}, call {call + 1} of {1 + later}:")
                for name in TRAINERS:
                    if name == FIT and call > 1:
                        continue  # so slow that two calls a round are enough
                    seed = 10 * turn + call
                    run = turns.run(name, train_once, name, NETWORKS[network], epochs, 1000, seed)
                    results[name][-1].append(run)
                results[BARE].append(turns.run(BARE, bare_products, NETWORKS[network], epochs, 1000))
                for name in peaks:
                    results[name].append(turns.run(name, peak_once, name, 0.02 * epochs**0.5))
    return results


def tell(text):
    """Show on stderr how far the measuring is, so that an interrupted run leaves its figures."""
    print(text, flush=True, file=sys.stderr)


# Tables -------------------------------------------------------------------------------


def machine(installed):
    """Return the line about the machine."""
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    cpu = (models or [platform.processor() or platform.machine()])[0]
    versions = [f"{package} {metadata.version(installed[package][0])}" for package in PACKAGES]
    return (
        f"{cpu}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, "
        f"{', '.join(versions)}; {datetime.date.today()}."
    )


def table(head, rows):
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def first(results, name):
    """Return the median seconds of the first calls."""
    return statistics.median(calls[0][0] for calls in results[name])


def later_calls(results, name):
    """Return the median seconds of the later calls."""
    return statistics.median(seconds for calls in results[name] for seconds, _ in calls[1:])


def seconds_table(runs, epochs):
    """Return the table of seconds and errors."""
    rows = []
    for name in TRAINERS:
        row = [name]
        for results in runs.values():
            error = statistics.median(error for calls in results[name] for _, error in calls)
            row += [f"{first(results, name):.3g}", f"{later_calls(results, name):.3g}", f"{error:,.0f}"]
        rows.append(row)
    bare = [f"{statistics.median(results[BARE]):.3g}" for results in runs.values()]
    rows.append([BARE, "", bare[0], "", "", bare[1], ""])
    head = ["seconds (median)"]
    for network in NETWORKS:
        head += [f"{network}: first call", "later calls", "RMSE"]
    return (
        f"## Seconds for {epochs} epochs\n\n{table(head, rows)}\n\n"
        "RMSE: the error of the answers in whole numbers, the median of all runs, to show that all did "
        "the same work. On 8-8-1 it varies much from start to start."
    )


def ratios_table(runs, epochs):
    """Return the table of what must hold."""
    rows = []

    def row(claim, network, target, measured, form="{:.3g}×"):
        holds = "yes" if measured >= target else "no"
        rows.append([claim, network, "≥ " + form.format(target), form.format(measured), holds])

    def each(claim, ratio, *targets):
        for network, target in zip(NETWORKS, targets, strict=True):
            row(claim, network, target, ratio(runs[network]))

    each("faster than `model.fit`", lambda r: later_calls(r, FIT) / later_calls(r, TRAIN), 400, 7)
    each(
        "faster than the best peer",
        lambda r: min(later_calls(r, peer) for peer in PEERS) / later_calls(r, TRAIN),
        3,
        1.3,
    )
    best = {name: max(runs[LARGE][name]) for name in PEAKS}
    peak = max(best.values())
    work = flops(NETWORKS[LARGE], epochs, 1000) / 1e9
    rate = work / later_calls(runs[LARGE], TRAIN)
    share = 100 * rate / peak
    row("share of the peak", LARGE, 80, share, "{:.0f} %")
    bare = statistics.median(runs[LARGE][BARE])
    each("first call against `model.fit`'s", lambda r: first(r, FIT) / first(r, TRAIN), 15, 5)
    speeds = ", ".join(f"{name.removeprefix('peak, ')} {speed:.0f}" for name, speed in best.items())
    peers = ", ".join(
        f"{network}: {min(PEERS, key=functools.partial(later_calls, results))}"
        for network, results in runs.items()
    )
    alone = "; ".join(
        f"{peer} "
        + " and ".join(f"{later_calls(r, peer) / later_calls(r, TRAIN):.3g}×" for r in runs.values())
        for peer in PEERS
    )
    shares = ", ".join(
        f"{name.removeprefix('peak, ')}'s {100 * rate / speed:.0f} %" for name, speed in best.items()
    )
    return (
        "## What must hold\n\nLater calls, unless it says first; a first call has the compiling in it.\n\n"
        f"{table(['claim', 'network', 'target', 'measured', 'holds'], rows)}\n\n"
        f"The best peer is, for {peers}. Against each of them, on {SMALL} and on {LARGE}: {alone}.\n\n"
        f"The peak is {peak:.0f} GFLOP/s, the best of repeated float32 "
        f"products of square matrices, 512 to 4096 wide, on {THREADS} threads ({speeds}). The training of "
        f"{LARGE} takes {work:,.0f} GFLOP in its matrix products (forward, and backward to the weights "
        f"and the inputs, but not to the network's input; 2 a weight and example each; nothing else is "
        f"counted): {work / peak:.3g} s at the peak. At these shapes (batches of {BATCH_SIZE}, layers of "
        f"1 to 1000) XLA's own products, alone, take {bare:.3g} s, {100 * work / peak / bare:.0f} % of "
        f"the peak; `train` spends {100 * bare / later_calls(runs[LARGE], TRAIN):.0f} % of its time in them. "
        f"In all it computes with {rate:.0f} GFLOP/s: of the peak of each library, {shares}."
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


def growth_table(turns, title, target, points, repeats):
    """Measure the later calls of `train` at each point, best of `repeats`; return table and slope."""
    best = dict.fromkeys(points, np.inf)
    tell(f"growth with {title}:")
    for call in range(1 + repeats):
        for size, (units, epochs, examples) in points.items():
            if call:
                seconds, _ = turns.run("growth", train_once, TRAIN, units, epochs, examples, call)
                best[size] = min(best[size], seconds)
            else:  # only to compile
                turns.run("growth", train_once, TRAIN, units, 1, examples, call)
    if target is None:
        best = {size: 1000 * seconds / points[size][1] for size, seconds in best.items()}
    slope = np.polyfit(np.log(list(best)), np.log(list(best.values())), 1)[0]
    rows = [[f"{size:,}", f"{seconds:.3g}"] for size, seconds in best.items()]
    verdict = "."
    if target:
        verdict = f"; target {target} ± 0.05: {'yes' if abs(slope - target) <= 0.05 else 'no'}."
    return (
        f"## Growth with {title}\n\n{table([title.split(' (')[0], 'seconds'], rows)}\n\n"
        f"Log-log slope {slope:.3f}{verdict}"
    )


if __name__ == "__main__":
    main()
