"""What learners give, read and guarded: whatever it is or does, it ends in one sentence, in time."""

import random
import re
import sys
import threading
import time

from helpers.checks import InputError
from helpers.practice import check, given, limits, numbers, store

import checks_adversary
import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from checks_adversary import endless, recursive, stubborn
from nbconvert import HTMLExporter
from test_check import is_one_sentence

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


def adding(numbers):
    """Numbers."""
    return check.right(f"{numbers.sum()}.")


DOUBLE = sample(double, f=given.function)
MODEL = sample(answering, layer=given.model)
ARRAY = sample(adding, numbers=given.array)


def changing(x):
    x *= 2
    return x


def loud(x):
    print("here", x)
    sys.stderr.write("there")
    return 2 * x


def much(x):
    return np.ones((1000, 1000))


async def later(x):
    return 2 * x


def fragment_of(value):
    return value if isinstance(value, str) else ""


BAD_FUNCTIONS = [
    (lambda x: 1 / 0, "f(3.0) stops with ZeroDivisionError (division by zero)"),
    (lambda: 3, "must take 1 argument, but is defined with ()"),
    (lambda x, y: x, "must take 1 argument"),
    (lambda x: None, "gives None: end your function with return"),
    (lambda x: np.nan, "is nan, which is no finite number"),
    (lambda x: -1e60, "is -1e+60, which is too large to compute with"),
    (lambda x: x / np.float64(0), "is inf"),
    (lambda x: [x, x], "must give one number"),
    (lambda x: 6.0, "must give the shape (4,), but gives 6.0"),
    (lambda x: "6", "gives '6', which is no number"),
    (lambda x: 6j, "which is no number"),
    (lambda x: sys.exit(), "ends the program"),
    (lambda x: max(0, 2 * x), "truth value of an array"),
    (endless, "takes more than"),
    (stubborn, "takes more than"),
    (recursive, "calls itself without end"),
    (changing, "f([0.0, 1.0, 2.0, 3.0]) changes what it is given"),
    (much, "must give one number"),
    (later, "which is no number"),
    (6, "f must be a function, but is 6"),
    (float, "must be a function, but is the class float"),
    (keras.layers.Dense(1), "must be a function, but is Dense"),
    ([np.float64(0.5), np.ones(2)], "must be a function, but is [0.5, [1.0, 1.0]]"),
]


@pytest.mark.parametrize(("function", "fragment"), BAD_FUNCTIONS, ids=fragment_of)
def test_a_bad_function_gets_its_sentence_in_time_and_python_lives_on(function, fragment, capfd, monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    start = time.perf_counter()
    said = DOUBLE(function)
    assert time.perf_counter() - start < 5
    assert fragment in said.sentence
    assert is_one_sentence(said.sentence)
    assert said.right is False
    assert DOUBLE(loud).right
    assert capfd.readouterr() == ("", "")


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


HOSTILE = [
    ("an object", method, deed)
    for method in ("__repr__", "__getattr__", "__name__", "__eq__", "__iter__", "__float__", "__array__")
    for deed in ("runs for ever", "sums for ever", "exits", "prints", "moves")
]
HOSTILE += [("a function", "", deed) for deed in checks_adversary.DEEDS]
HOSTILE += [("a layer", "", deed) for deed in checks_adversary.IN_PYTHON]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "method", "deed"), HOSTILE)
def test_whatever_an_answer_does_it_ends_in_time_and_all_stays_as_it_was(kind, method, deed, monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    does = checks_adversary.DEEDS[deed]
    if kind == "a layer":
        name, arguments = "relu_layer", [checks_adversary.Layer(does)]
    elif kind == "a function":
        name, arguments = "back_to_sums", [checks_adversary.function(None, does, random.Random(0))]
    else:
        name, arguments = "one_unit", [checks_adversary.evil([method], does), 11]
    found, took = checks_adversary.faults(name, deed, (arguments, {}))
    assert found == []
    assert took < 4


@pytest.mark.slow
def test_a_sample_of_the_adversary_finds_nothing(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    assert checks_adversary.trial(100, seed=26)["faults"] == []


def test_where_no_process_of_its_own_can_be_python_code_ends_all_the_same(monkeypatch):
    monkeypatch.setattr(limits.sys, "platform", "win32")
    monkeypatch.setattr(given, "SECONDS", 1)
    in_c = lambda x: re.match("(a+)+$", "a" * 60 + "b")  # noqa: E731
    for functions in ((endless, stubborn, in_c), (endless,)):
        for function in functions:
            start = time.perf_counter()
            assert DOUBLE(function).right is False
            assert time.perf_counter() - start < 4
        assert DOUBLE(loud).right
        monkeypatch.delattr(limits.signal, "setitimer", raising=False)  # as on Windows


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


def test_a_function_within_a_longer_limit_has_its_own(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    slow = sample(double, f=given.function)
    slow.seconds = 60
    for platform in ("linux", "win32"):
        monkeypatch.setattr(limits.sys, "platform", platform)
        for function in (endless, stubborn):
            start = time.perf_counter()
            assert "f(3.0) takes more than 0.5 s" in slow(function).sentence
            assert time.perf_counter() - start < 4


def test_a_layer_that_never_ends_is_met_before_a_long_training(monkeypatch):
    monkeypatch.setattr(given, "SECONDS", 1)
    trains = sample(answering, layer=given.model)
    trains.seconds = 60
    for deed in (endless, stubborn):
        for model in (checks_adversary.Layer(deed), keras.Sequential([checks_adversary.Layer(deed)])):
            start = time.perf_counter()
            assert "takes more than 1 s" in trains(model).sentence
            assert time.perf_counter() - start < 4
    assert trains(keras.layers.Dense(3)).right
    assert "must take 1 number" in trains(keras.layers.Conv2D(8, 3)).sentence  # said by the check itself


def test_what_a_text_holds_never_breaks_a_sentence():
    def echo(text):
        """An echo."""
        return check.wrong(f"{text} is no name.")

    said = sample(echo, text=lambda value, name: value)("\x00a\ud800\x1b[31m\nb" * 200).sentence
    assert said.startswith("a b a b")
    assert len(said) == 400


def test_a_process_of_its_own_costs_less_than_half_a_second():
    DOUBLE(lambda x: 2 * x)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        DOUBLE(lambda x: 2 * x)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.5


HTML = "<img src=x>**b** [a](b)"


def test_what_an_answer_says_is_text_on_every_page(monkeypatch):
    shown = []

    def display(what, raw=False):
        shown.append(what if raw else dict(zip(("text/html", "text/plain"), what.fallback(), strict=True)))

    monkeypatch.setattr(check, "display", display)
    said = DOUBLE(HTML)
    for each in (said, said._replace(exercise=None)):
        each._ipython_display_()
    outputs = [nbformat.v4.new_output("display_data", data) for data in shown]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=outputs)])
    page, _ = HTMLExporter().from_notebook_node(notebook)
    body = page[page.index("<body") :]
    assert body.count("&lt;img src=x&gt;**b** [a](b)") == 2
    assert not re.search("<img|<strong>|<a ", body)


class Broken(checks_adversary.Layer):
    def call(self, x):
        return self.deed(x)


class Odd:
    def __getattr__(self, name):
        raise OSError(name)

    def __repr__(self):
        raise ValueError

    def __eq__(self, other):
        raise ValueError


@pytest.mark.parametrize(
    ("model", "fragment"),
    [
        (Broken(lambda x: 1 / 0), "stops with ZeroDivisionError"),
        (Broken(endless), "takes more than"),
        (Broken(recursive), "calls itself without end"),
        (Broken(lambda x: x * np.nan), "is nan"),
        (Broken(lambda x: None), "stops with ValueError"),
        (keras.Sequential(), "stops with ValueError"),
        (keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)]), "1 number an example, but takes 3"),
        (keras.layers.Add(), "must take 1 number an example, but one of its layers does not"),
        (keras.layers, "must be a Keras layer or model"),
        (keras.Model, "the class Model itself"),
        (Odd(), "the type Odd"),
    ],
    ids=fragment_of,
)
def test_a_bad_model_gets_its_sentence(model, fragment, monkeypatch, capfd):
    monkeypatch.setattr(given, "SECONDS", 2)
    said = MODEL(model)
    assert fragment in said.sentence
    assert is_one_sentence(said.sentence)
    assert capfd.readouterr() == ("", "")
