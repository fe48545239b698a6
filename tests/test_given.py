"""What learners give: whatever it is or does, it ends in one sentence, in time."""

import contextlib
import itertools
import re
import subprocess
import sys
import threading
import time

from helpers.checks import InputError
from helpers.practice import check, given, limits, numbers, store, verdict

import checks_adversary
import keras
import numpy as np
import pytest
import tensorflow as tf
from checks_adversary import Layer, endless, recursive, stubborn
from nbconvert.filters import markdown2html
from support import is_one_sentence, wait

pytestmark = pytest.mark.usefixtures("answers")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("74,535", 74535), ("7.4e4", 74000), ("about 75k", 75000), ("≈ 75 000", 75000),
        ("−163,514.5", -163514.5), (" 3 million ", 3e6), ("1.5M", 1.5e6), ("+.5", 0.5), ("5.", 5),
        ("75_000", 75000), ("0,500", 500), ("1,000 times", 1000), ("1000x", 1000), ("× 1000", 1000),
        ("about 10-fold", 10), ("10^3", 1000), ("10**-3", 0.001), ("3·10^5", 3e5), ("-2 x 10^3 times", -2000),
        ("1/2", 0.5), ("−1/1,000", -0.001), ("2 / 10^3", 0.002), ("zero", 0), ("Three", 3),
        ("about a thousand times", 1000), ("two million", 2e6), ("ten", 10), ("75k times", 75000),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_type_them(text, value):
    assert numbers.read(text) == given.number(text, "x") == numbers.read(f"{text} Epochs", "epochs") == value


@pytest.mark.parametrize(
    "text",
    [
        "", "seventy", "70-80", "0,5", "1,00", "1e999", "12 %", "k", "1 2", "nan", "٣k k", "x", "a bit",
        "1/0", "1/2/3", "10^999", "0^-1", "10^", "1/1e999", "2^" + "9" * 5000, "a", "an", "xx3", "times",
        "zeroe3", "-", "1/",
    ],
)  # fmt: skip
def test_what_is_no_number_gets_one_sentence(text):
    with pytest.raises(InputError) as refused:
        numbers.read(text)
    assert is_one_sentence(str(refused.value))


def sample(judge, **annotations):
    judge.__annotations__ = annotations
    return check.Exercise(judge, "00", 1, ("One.", "Two."))


def double(f):
    """A function that doubles."""
    doubles = f(3.0) == 6 and (f(np.arange(4.0)) == 2 * np.arange(4)).all()
    return check.right("It does.") if doubles else check.wrong("No: it does not.")


def answering(layer):
    """A model with answers."""
    return check.right(f"It has {layer.answers([1.0, 2]).shape} and {layer.count()}.")


DOUBLE, MODEL = sample(double, f=given.function), sample(answering, layer=given.model)


def changing(x):
    x *= 2
    return x


def loud(x):
    print("here", x)
    sys.stderr.write("there")
    return 2 * x


async def later(x):
    return 2 * x


class Broken(Layer):
    def call(self, x):
        return self.deed(x)


BAD_FUNCTIONS = [
    (lambda x: 1 / 0, "f(3.0) stops with ZeroDivisionError (division by zero)"),
    (lambda: 3, "must take 1 argument, but is defined with ()"),
    (lambda x, y: x, "must take 1 argument"),
    (lambda x: None, "gives None: end your function with return"),
    (lambda x: np.nan, "is nan, which is no finite number"),
    (lambda x: -1e60, "is -1e+60, which is too large to compute with"),
    (lambda x: [x, x], "must give one number"),
    (lambda x: 6.0, "must give the shape (4,), but gives 6.0"),
    (lambda x: "6", "gives '6', which is no number"),
    (lambda x: sys.exit(), "ends the program"),
    (lambda x: max(0, 2 * x), "truth value of an array"),
    (endless, "takes more than"),
    (stubborn, "takes more than"),
    (recursive, "calls itself without end"),
    (changing, "f([0.0, 1.0, 2.0, 3.0]) changes what it is given"),
    (later, "which is no number"),
    (6, "f must be a function, but is 6"),
    (keras.layers.Dense(1), "must be a function, but is Dense"),
    ([np.float64(0.5), np.ones(2)], "must be a function, but is [0.5, [1.0, 1.0]]"),
]


BAD_MODELS = [
    (Broken(lambda x: 1 / 0), "layer, given 1 input, stops with ZeroDivisionError"),
    (Broken(endless), "takes more than"),
    (Broken(recursive), "calls itself without end"),
    (Broken(lambda x: x * np.nan), "is nan"),
    (Broken(lambda x: None), "stops with ValueError"),
    (keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), "1 number per example, but takes 3"),
    (keras.layers.Add(), "must take 1 number per example, but one of its layers does not"),
]
BAD = [(DOUBLE, *each) for each in BAD_FUNCTIONS] + [(MODEL, *each) for each in BAD_MODELS]


@pytest.mark.parametrize(("exercise", "answer", "fragment"), BAD, ids=[each[-1] for each in BAD])
def test_a_bad_answer_gets_its_sentence_and_python_lives_on(exercise, answer, fragment, capfd, monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    said = in_time(exercise, answer)
    assert fragment in said.sentence
    assert is_one_sentence(said.sentence)
    assert said.right is False
    assert DOUBLE(loud).right
    assert capfd.readouterr() == ("", "")


def in_time(exercise, answer):
    start = time.monotonic()
    said = exercise(answer)
    assert time.monotonic() - start < 15  # on a busy machine
    return said


def test_the_readers_own_stop_still_stops(monkeypatch):
    def stop(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        DOUBLE(stop)
    assert store.kept() == []


@pytest.mark.parametrize("answer", [..., [1, ...], {"a": (...,)}, np.array([..., 1], object), lambda x: ...])
def test_three_dots_anywhere_are_no_answer_yet(answer):
    assert repr(DOUBLE(answer)) == check.NOT_YET
    assert store.kept() == []


@pytest.mark.slow
def test_a_sample_of_the_adversary_finds_nothing(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    assert checks_adversary.trial(100, seed=26) == []


def test_where_no_process_of_its_own_can_be_python_code_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(limits.sys, "platform", "win32")
    monkeypatch.setattr(given, "SECONDS", 1)
    in_c = lambda x: re.match("(a+)+$", "a" * 60 + "b")  # noqa: E731
    for functions in ((endless, stubborn, in_c), (endless,)):
        for function in functions:
            assert in_time(DOUBLE, function).right is False
        assert DOUBLE(loud).right
        monkeypatch.delattr(limits.signal, "setitimer", raising=False)  # as on Windows


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_what_an_answer_waits_for_a_busy_machine_does_not_count(monkeypatch, platform):
    waits = itertools.count(step=0.5)
    monkeypatch.setattr(given, "SECONDS", 0.4)
    monkeypatch.setattr(limits, "_waited", lambda _="self": next(waits))
    monkeypatch.setattr(limits.sys, "platform", platform)

    def slow(x):
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            pass
        return 2 * x

    assert DOUBLE(slow).right


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells it")
def test_the_time_that_a_process_waits_for_a_core_is_read():
    spin = (
        "import os, time; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\nwhile True: time.sleep(0)"
    )
    with contextlib.ExitStack() as stack:
        two = [stack.enter_context(subprocess.Popen([sys.executable, "-c", spin])) for _ in range(2)]
        for one in two:
            stack.callback(one.kill)
        wait(lambda: all(limits._waited(one.pid) > 0.2 for one in two))
    assert limits._waited(two[0].pid) == 0  # there is no such process any more


def test_what_only_works_here_is_asked_here(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 30)  # a copy is to stand still before
    x = np.ones((1000, 1000), "float32")
    assert DOUBLE(lambda f: 2 * f if keras.ops.sum(keras.ops.matmul(x, x)) > 0 else 0).right  # many threads
    kernel = threading.get_native_id()

    def elsewhere(x):
        if threading.get_native_id() != kernel:
            raise tf.errors.InternalError(None, None, "no graphics card in a copy")
        return 2 * x

    assert DOUBLE(elsewhere).right
    assert DOUBLE(lambda x: (time.sleep(0.6), 2 * x)[1]).right  # one that waits, too


def test_where_an_exercise_may_train_for_long_a_function_or_a_layer_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    slow, trains = sample(double, f=given.function), sample(answering, layer=given.model)
    slow.seconds = trains.seconds = 60
    for deed in (endless, stubborn):
        for platform in ("linux", "win32"):
            monkeypatch.setattr(limits.sys, "platform", platform)
            assert "f(3.0) takes more than 0.5 s" in in_time(slow, deed).sentence
        for model in (Layer(deed), keras.Sequential([Layer(deed)])):
            assert "takes more than 1 s" in in_time(trains, model).sentence
    assert trains(keras.layers.Dense(3)).right
    assert "must take 1 number" in trains(keras.layers.Conv2D(8, 3)).sentence  # the check itself says so


def test_what_an_answer_holds_is_plain_text_on_every_page():
    said = DOUBLE("<img src=x>**b** [a](b)")
    for page in (markdown2html(said._repr_markdown_()), verdict.still("wrong", said.sentence)):
        assert "&lt;img src=x&gt;**b** [a](b)" in page
        assert not re.search("<img|<strong>|<a ", page)
