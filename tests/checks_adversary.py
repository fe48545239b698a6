"""Hostile answers to every exercise.

`python tests/checks_adversary.py [ANSWERS]` gives 2,000 of them; test_given.py gives a few. Faults are: a
wrong answer that passes; no sentence; more than five seconds (longer on a busy machine); a generator, a
setting or a figure that has changed; anything printed, shown or raised.
"""

import ctypes
import decimal
import fractions
import functools
import io
import itertools
import os
import random
import re
import signal
import sys
import tempfile
import time
import tomllib
import warnings
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import NamedTuple

from helpers import lessons
from helpers.practice import check, given

import keras
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state
from tensorflow.python.eager import context

LONGEST = 5.0  # seconds


def state():
    """Return all that a check must leave as it was."""
    eager = context.context()
    generator = global_state.get_global_attribute("global_seed_generator")
    return {
        "random": random.getstate(),
        "NumPy's generator": repr(np.random.get_state()),
        "Keras's generator": generator and generator.state.numpy().tolist(),
        "Keras's seed": keras.utils.get_random_seed() if hasattr(keras.utils, "get_random_seed") else None,
        "TensorFlow's seed": (eager._seed, getattr(eager, "_rng", None) and eager._rng.getstate()),
        "TensorFlow's generator": tf.random.get_global_generator().state.numpy().tolist(),
        "Keras's settings": (keras.config.floatx(), keras.config.epsilon(), keras.config.image_data_format()),
        "the precision of layers": keras.config.dtype_policy().name,
        "matplotlib's settings": dict(mpl.rcParams),
        "figures": (plt.get_fignums(), plt.get_fignums() and plt.gcf().number),
        "NumPy's printing": np.get_printoptions(),
        "NumPy's warnings": np.geterr(),
        "decimals": repr(decimal.getcontext()),
        "warnings": list(warnings.filters),
        "signals": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGALRM)],
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "tracing": sys.gettrace(),
        "streams": (sys.stdout, sys.stderr, input),
    }


def moved(before):
    """Return the names of what has changed."""
    now = state()
    return [name for name in before if before[name] != now[name]]


# What hostile code does -------------------------------------------------------------------


def endless(*_):
    while True:
        pass


def stubborn(*_):
    while True:
        with suppress(BaseException):
            time.sleep(60)


def raises(error):
    def deed():
        raise error

    return deed


def moves():
    random.seed(0)
    np.random.seed(0)
    keras.utils.set_random_seed(0)
    tf.random.get_global_generator().reset_from_seed(0)
    keras.config.set_floatx("float64")
    keras.config.set_epsilon(0.1)
    keras.config.set_dtype_policy("mixed_bfloat16")
    np.set_printoptions(precision=1)
    np.seterr(all="raise")
    warnings.simplefilter("error")
    decimal.getcontext().prec = 2
    mpl.rcParams["lines.linewidth"] = 9
    plt.figure()


def prints():
    print("✓ Right")
    sys.stderr.write("✓ Right\n")


def recursive(*_):
    return recursive()


IN_PYTHON = {
    "runs for ever": endless, "sleeps": stubborn, "calls itself": recursive, "prints": prints, "moves": moves,
    "exits": raises(SystemExit(0)), "fails": raises(RuntimeError("<img src=x onerror=alert(1)>")),
    "lacks": raises(AttributeError("shape")), "is no type": raises(TypeError("")), "asks": lambda: input("?"),
    "stops": raises(GeneratorExit()), "skips": raises(StopIteration(3)),
}  # fmt: skip
# What only a process of its own ends.
IN_C = {
    "sums for ever": lambda: sum(range(10**11)),
    "matches for ever": lambda: re.match("(a+)+$", "a" * 60 + "b"),
    "multiplies for ever": lambda: itertools.islice(itertools.count(), 10**12, None).__next__(),
    "takes memory": lambda: list(range(10**10)),
    "takes much at once": lambda: np.ones(10**11),
    "ends Python": lambda: os._exit(0),
    "crashes": lambda: ctypes.string_at(0),
}
DEEDS = IN_PYTHON | IN_C
PROPERTIES = [
    "__array_interface__", "__name__", "__class__", "__code__", "shape", "dtype", "model",
    "weights", "built", "name",
]  # fmt: skip
METHODS = [
    "__repr__", "__str__", "__getattr__", "__getattribute__", "__float__", "__int__", "__index__", "__len__",
    "__array__", "__iter__", "__getitem__", "__eq__", "__hash__", "__bool__", "__call__", "__format__",
    *PROPERTIES,
]  # fmt: skip
METHODS_OF_LAYERS = ["call", "__call__", "count_params", "__repr__", "weights", "built", "name"]


def doing(deed, names):
    """Return methods and properties of these names that all do this."""

    def does(self, *_, **__):
        deed()
        raise AttributeError

    return {name: property(does) if name in PROPERTIES else does for name in names}


def evil(names, deed, base=object):
    """Return an object that does this in these methods."""
    return type("<b>Evil</b>", (base,), doing(deed, names))()


def spoiled(value, rng):
    """Return what may look like a number, list or array, and is not."""
    number = isinstance(value, int | float | np.number)
    whole = int(value) if number and np.isfinite(value) else 7
    in_itself = []
    in_itself.append(in_itself)
    return rng.choice([
        np.ma.masked_array(value, mask=True) if number else np.ma.masked,
        np.ma.masked_array([whole, whole], mask=[True, False]),
        range(whole, whole + 1) if number else range(-12, -11), [value, value] if number else {},
        str(value).encode()[:50], bytearray([abs(whole) % 256]), memoryview(bytes([abs(whole) % 256])),
        complex(1, 2), {whole}, {whole: whole}, True, None, float("nan"), float("inf"), 10**400, float,
        iter([value]), (each for each in [value]), in_itself, [0.0] * 10**6, [],
        "<img src=x onerror=alert(1)>", "[a](javascript:alert(1)) `b` $c$ **d**", "\x1b[31m\n\n\x00\ud800",
        "9" * 10**6, evil(["strip", "lower", "__len__", "__str__", "__repr__"], endless, str),
        np.datetime64("2020-01-01"), NotImplemented, np, fractions.Fraction(10**400, 3),
        decimal.Decimal("nan"), type("<script>", (), {}), ValueError("x"), io.StringIO("7"),
        np.array([None, object()], dtype=object), np.zeros(2, dtype=[("a", "f8")]),
    ])  # fmt: skip


def function(right, deed, later):
    """Return a function that does this, perhaps only at its second call, and then gives no number."""
    calls = []

    def hostile(*arguments):
        calls.append(1)
        if not later or len(calls) > 1:
            deed()
            return "<b>"
        return right(*arguments)

    return hostile


class Layer(keras.layers.Layer):
    """A layer that does something when it is called."""

    def __init__(self, deed):
        super().__init__()
        self.deed = deed

    def call(self, x):
        self.deed()
        return x * np.nan


def layer(deed, rng):
    """Return a layer that is hostile when it is called, or in two of its methods."""
    if rng.random() < 0.5:
        return Layer(deed)
    made = type("Hostile", (keras.layers.Layer,), {})()
    for name, does in doing(deed, rng.sample(METHODS_OF_LAYERS, 2)).items():
        setattr(type(made), name, does)  # only now, as Keras itself calls some of them to build it
    return made


# The answers ------------------------------------------------------------------------------


class Catalogue(NamedTuple):
    """The known answers to an exercise, each as it stands in the brackets of its call."""

    names: dict  # that they use
    right: list[str]
    wrong: list[tuple[str, str]]  # with a part of the sentence that each gets

    def arguments(self, answer):
        return eval(f"(lambda *a, **k: (a, k))({answer})", self.names)


@functools.cache
def catalogue():
    """Return {exercise: its Catalogue}."""
    found = {}
    for path in lessons.having("answers.toml").values():
        read = tomllib.loads(path.read_text("utf-8"))
        names = {"np": np, "keras": keras, "check": check}
        exec(read.pop("set_up", ""), names)
        found |= {name: Catalogue(names, **answers) for name, answers in read.items()}
    return found


def answers(rng, count):
    """Yield (exercise, what is hostile, arguments): each is a right answer with one argument spoiled."""
    for name in itertools.islice(itertools.cycle(sorted(catalogue())), count):
        known = catalogue()[name]
        positional, named = known.arguments(rng.choice(known.right))
        arguments = dict(enumerate(positional)) | named
        at = rng.choice([*arguments])
        value, kind = arguments[at], rng.random()
        is_layer = isinstance(value, keras.layers.Layer)
        label, deed = rng.choice([*(IN_PYTHON if is_layer and kind < 0.5 else DEEDS).items()])
        if is_layer and kind < 0.5:
            what, arguments[at] = f"a layer that {label}", layer(deed, rng)
        elif callable(value) and not is_layer and kind < 0.5:
            # What trains, and what stands still, is called in several processes, each time as if first.
            later = check.declared()[name].seconds is None and label != "sleeps" and rng.random() < 0.3
            what, arguments[at] = f"a function that {label}", function(value, deed, later)
        elif kind < 0.75:
            arguments[at] = spoiled(value, rng)
            what = f"an odd {type(arguments[at]).__name__}"
        else:
            methods = rng.sample(METHODS, rng.choice([1, 2, 5, len(METHODS)]))
            what, arguments[at] = f"an object that {label} in {methods}", evil(methods, deed)
        positional = [arguments.pop(number) for number in range(len(positional))]
        yield name, f"argument {at} is {what}", (positional, arguments)


def faults(name, arguments):
    """Return the faults of what an exercise says of an answer."""
    positional, named = arguments
    printed, before, start = io.StringIO(), state(), time.monotonic()
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            within = state()
            said = check.declared()[name](*positional, **named)
            took, changed = time.monotonic() - start, moved(within)
            shown = said._repr_markdown_() + check.Outcome("wrong", said.sentence).fallback()[0]
    except BaseException as error:
        return [f"raises {type(error).__name__}"]
    found = [f"moves {each}" for each in {*changed, *moved(before)}]
    if said.right is not False:
        found.append(f"is {said.right}: {said.sentence}")
    if type(said.sentence) is not str or not re.fullmatch(r"[^\n\x1b\x00]{10,400}\.", said.sentence):
        found.append(f"gets no sentence: {said.sentence!r}")
    if re.search(r"<(img|b|script)\b", shown):
        found.append("is live on a page")
    if took > LONGEST * max(1, os.getloadavg()[0] / os.cpu_count()):
        found.append(f"takes {took:.1f} s")
    if printed.getvalue():
        found.append(f"prints {printed.getvalue()[:80]!r}")
    return found


def trial(count, seed=25):
    """Give so many answers; return the faults."""
    found = []
    for number, (name, what, arguments) in enumerate(answers(random.Random(seed), count)):
        found += [f"{number} check.{name}, {what}: {each}" for each in faults(name, arguments)]
    return found


if __name__ == "__main__":
    os.environ["COURSE_ANSWERS"] = tempfile.mkdtemp(prefix="answers")
    found = trial(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print(f"{len(found)} faults, with {given.SECONDS} s for each answer", *found, sep="\n  ")
