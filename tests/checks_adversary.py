"""The adversary of the checks: hostile answers to every exercise, and what must hold all the same.

`python tests/checks_adversary.py [ANSWERS]` gives 2,000 and prints what it found; test_given.py gives a few.
A fault is: right that is wrong; no sentence; a wait of more than five seconds; a generator, a setting or a
figure that has moved; anything printed, shown or raised.
"""

import ctypes
import decimal
import fractions
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
    """All that a check must leave as it was."""
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
    """What is no longer as it was."""
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
METHODS = [
    "__repr__", "__str__", "__getattr__", "__getattribute__", "__float__", "__int__", "__index__", "__len__",
    "__array__", "__iter__", "__getitem__", "__eq__", "__hash__", "__bool__", "__call__", "__format__",
    "__array_interface__", "__name__", "__class__", "__code__", "shape", "dtype", "model",
]  # fmt: skip


def evil(methods, deed):
    """An object that does this in these methods."""

    def does(self, *_, **__):
        deed()
        raise AttributeError

    properties = ("__array_interface__", "__name__", "__class__", "__code__", "shape", "dtype", "model")
    attributes = {name: property(does) if name in properties else does for name in methods}
    return type("<b>Evil</b>", (), attributes)()


class Text(str):
    """A text that is not what it seems."""

    __slots__ = ()
    deed = staticmethod(endless)

    def strip(self, *_):
        return self.deed()

    lower = __len__ = __str__ = __repr__ = __eq__ = strip
    __hash__ = str.__hash__


def spoiled(value, rng):
    """What may look like a value, and is not: a name for it, and it; `value` a number, list or array."""
    number = isinstance(value, int | float | np.number)
    whole = int(value) if number and np.isfinite(value) else 7
    odd = {
        "range": range(whole, whole + 1) if number else range(-12, -11),
        "masked": np.ma.masked_array(value, mask=True) if number else np.ma.masked,
        "masked in part": np.ma.masked_array([whole, whole], mask=[True, False]),
        "bytes": str(value).encode()[:50],
        "a byte": bytearray([abs(whole) % 256]),
        "memory": memoryview(bytes([abs(whole) % 256])),
        "complex": complex(1, 2),
        "a set": {whole},
        "a dictionary": {whole: whole},
        "True": True,
        "None": None,
        "NaN": float("nan"),
        "infinity": float("inf"),
        "huge": 10**400,
        "a type": float,
        "an iterator": iter([value]),
        "a generator": (each for each in [value]),
        "a list in itself": [],
        "a million": [0.0] * 10**6,
        "nothing": [],
        "twice": [value, value] if number else {},
        "tags": "<img src=x onerror=alert(1)>",
        "markdown": "[a](javascript:alert(1)) `b` $c$ **d**",
        "ends": "\x1b[31m\n\n\x00\ud800",
        "a long text": "9" * 10**6,
        "an evil text": Text(whole),
        "a date": np.datetime64("2020-01-01"),
        "not yet": NotImplemented,
        "a module": np,
        "a fraction": fractions.Fraction(10**400, 3),
        "a decimal": decimal.Decimal("nan"),
        "a class": type("<script>", (), {}),
        "an error": ValueError("x"),
        "a file": io.StringIO("7"),
        "objects": np.array([None, object()], dtype=object),
        "fields": np.zeros(2, dtype=[("a", "f8")]),
    }
    odd["a list in itself"].append(odd["a list in itself"])
    return rng.choice([*odd.items()])


def function(right, deed, later):
    """A function that does this, perhaps only when it is called again, and then answers no number."""
    calls = []

    def hostile(*given_):
        calls.append(1)
        if not later or len(calls) > 1:
            deed()
            return "<b>"
        return right(*given_)

    return hostile


class Layer(keras.layers.Layer):
    """A layer that does something, and then answers its inputs."""

    def __init__(self, deed):
        super().__init__()
        self.deed = deed

    def call(self, x):
        self.deed()
        return x * np.nan


def layer(deed, rng):
    """A hostile layer, or a layer hostile in a method, for which there is no process of its own."""
    if rng.random() < 0.5:
        return Layer(deed)
    names = rng.sample(["call", "__call__", "count_params", "weights", "built", "__repr__", "name"], 2)

    def does(self, *_, **__):
        deed()
        raise AttributeError

    hostile = type("Hostile", (keras.layers.Layer,), {})
    made = hostile()
    for name in names:
        plain = name in ("call", "__call__", "count_params", "__repr__")
        setattr(hostile, name, does if plain else property(does))
    return made


# The answers ------------------------------------------------------------------------------


def catalogue():
    """{exercise: the arguments of its right answers, as (positional, named)}."""
    found = {}
    for path in lessons.having("answers.toml").values():
        read = tomllib.loads(path.read_text("utf-8"))
        names = {"np": np, "keras": keras, "check": check}
        exec(read.pop("set_up", ""), names)
        for name, each in read.items():
            found[name] = [eval(f"(lambda *a, **k: (a, k))({answer})", names) for answer in each["right"]]
    return found


def answers(rng, right, count):
    """Yield (exercise, what is hostile, arguments): each is a right answer with one argument spoiled."""
    names = itertools.cycle(sorted(right))
    for name in itertools.islice(names, count):
        positional, named = rng.choice(right[name])
        arguments = [*positional, *named.values()]
        at = rng.randrange(len(arguments))
        value = arguments[at]
        kind = rng.random()
        if isinstance(value, keras.layers.Layer) and kind < 0.5:
            label, deed = rng.choice([*IN_PYTHON.items()])
            what, arguments[at] = f"a layer that {label}", layer(deed, rng)
        elif callable(value) and not isinstance(value, keras.layers.Layer) and kind < 0.5:
            label, deed = rng.choice([*DEEDS.items()])
            # What trains, and what stands still, is called in several processes, each time as if first.
            later = check.declared()[name].seconds is None and label != "sleeps" and rng.random() < 0.3
            what, arguments[at] = f"a function that {label}", function(value, deed, later)
        elif kind < 0.75:
            what, arguments[at] = spoiled(value, rng)
        else:
            label, deed = rng.choice([*DEEDS.items()])
            methods = rng.sample(METHODS, rng.choice([1, 2, 5, len(METHODS)]))
            what, arguments[at] = f"an object that {label} in {methods}", evil(methods, deed)
        kept = {key: arguments[len(positional) + i] for i, key in enumerate(named)}
        yield name, f"argument {at} is {what}", (arguments[: len(positional)], kept)


def faults(name, what, arguments):
    """Give an answer; return its faults, and the seconds that it took."""
    positional, named = arguments
    printed, before, start = io.StringIO(), state(), time.monotonic()
    try:
        with redirect_stdout(printed), redirect_stderr(printed):
            within = state()
            said = check.declared()[name](*positional, **named)
            took, changed = time.monotonic() - start, moved(within)
            shown = said._repr_markdown_() + check.Outcome("wrong", said.sentence).fallback()[0]
    except BaseException as error:
        return [f"raises {type(error).__name__}"], time.monotonic() - start
    found = [f"moves {each}" for each in {*changed, *moved(before)}]
    if said.right is not False:
        found.append(f"is {said.right}: {said.sentence}")
    if type(said.sentence) is not str or not re.fullmatch(r"[^\n\x1b\x00]{10,400}\.", said.sentence):
        found.append(f"gets no sentence: {said.sentence!r}")
    if re.search(r"<(img|b|script)\b", shown):
        found.append("is live on a page")
    if took > LONGEST:
        found.append(f"takes {took:.1f} s")
    if printed.getvalue():
        found.append(f"prints {printed.getvalue()[:80]!r}")
    return found, took


def trial(count, seed=25, names=()):
    """Give so many answers; return {"answers", "longest", "faults"}."""
    rng, right, told, longest = random.Random(seed), catalogue(), [], 0.0
    right = {name: right[name] for name in names or right}
    for number, (name, what, arguments) in enumerate(answers(rng, right, count)):
        found, took = faults(name, what, arguments)
        longest = max(longest, took)
        told += [f"{number} check.{name}, {what}: {each}" for each in found]
        if __name__ == "__main__" and (found or number % 50 == 0):
            print(number, f"{took:.2f} s", *told[-len(found) :] if found else [], sep="  ", flush=True)
    return {"answers": count, "longest": longest, "faults": told}


if __name__ == "__main__":
    os.environ["COURSE_ANSWERS"] = tempfile.mkdtemp(prefix="answers")
    found = trial(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    summary = {**found, "faults": len(found["faults"])}
    print(summary, f"with {given.SECONDS} s for each", *found["faults"], sep="\n  ")
