"""Readers of learners' answers: whatever an answer is or does, the result is a value or one sentence.

A reader takes a value and its name, and returns what a check works with. It raises InputError if something
is wrong with the value, and Blank if it is still the `...` of the notebook.
"""

import contextlib
import copy
import inspect
import re
import reprlib
import zlib
from collections.abc import Callable, Iterator

from helpers import checks, experiments, networks, words
from helpers.checks import InputError
from helpers.practice import limits, numbers

import keras
import numpy as np
import tensorflow as tf

TOO_LARGE = 1e50  # squares and products of larger numbers may overflow
SECONDS = 3  # that a learner's code may take, unless the exercise allows more
UNFINISHED = {
    "time": "takes more than {:g} s: look for a loop that never ends",
    "crash": "ends Python itself, or needs more memory than there is: look for what could",
}
# Classes whose objects cannot be used in a copy of this process (limits.py).
HERE = (keras.layers.Layer, keras.Variable, tf.Tensor, experiments.Trained, experiments.Runs)


class Blank(Exception):
    """The answer is still blank: it contains `...`."""


def number(value: object, name: str) -> float:
    """Read one finite number: an int or float of any library, an array of one element, or a text."""
    array = _array(value)
    if isinstance(value, str):
        return numbers.read(value)
    if array is None or array.size != 1 or isinstance(value, range):
        raise InputError(f"{name} must be one number, but is {short(value)}: give for example 6 or 0.5.")
    return float(_finite(array, name).reshape(()))


def array(value: object, name: str) -> np.ndarray:
    """Read numbers of any shape, as a float array."""
    values = _array(value)
    if isinstance(value, list | tuple) and any(isinstance(each, str) for each in value):
        values = np.array([number(each, name) for each in value])
    if values is None or values.ndim == 0:
        raise InputError(f"{name} must be numbers, but is {short(value)}: give a list, for example [1, 2].")
    return _finite(values, name)


class function:  # noqa: N801, it is used as a reader beside number
    """Read a function of numbers or arrays; it must return finite numbers and not change its arguments."""

    def __init__(self, value: object, name: str):
        if not callable(value) or isinstance(value, type | keras.layers.Layer):
            raise InputError(
                f"{name} must be a function, but is {short(value)}: give the function itself, by its name, "
                "without calling it."
            )
        self.function, self.name = value, name

    def __call__(self, *arguments: float | np.ndarray, shape: tuple | None = None) -> np.ndarray:
        """Return the results as a float array of this shape, by default that of the first argument."""
        wanted = np.shape(arguments[0]) if shape is None else shape

        def steps() -> Iterator[object]:
            try:
                yield self._called(arguments, wanted).ravel().tolist()
            except InputError as error:
                yield str(error)
            except Blank:
                yield None

        results, ended = limits.within(SECONDS / 2, steps)  # a limit around the whole check takes precedence
        if ended:
            raise InputError(f"{self._call(arguments)} {UNFINISHED[ended].format(SECONDS / 2)}.")
        if results[0] is None:
            raise Blank
        if isinstance(results[0], str):
            raise InputError(results[0])
        return np.array(results[0], float).reshape(wanted)

    def _call(self, arguments: tuple) -> str:
        return one_line(f"{self.name}({', '.join(map(short, arguments))})", 150)

    def _called(self, arguments: tuple, wanted: tuple) -> np.ndarray:
        call, signature = self._call(arguments), None
        with contextlib.suppress(ValueError, TypeError):  # some library functions have none
            signature = inspect.signature(self.function)
        try:
            if signature:
                signature.bind(*arguments)
        except TypeError:
            raise InputError(
                f"{self.name} must take {words.plural(len(arguments), 'argument')}, but is "
                f"defined with {signature}: change its parameters."
            ) from None
        before = copy.deepcopy(arguments)
        answer = attempt(lambda: self.function(*arguments), call)
        if inspect.iscoroutine(answer):
            answer.close()  # or Python prints a warning later
        if blank(answer):
            raise Blank
        if answer is None:
            raise InputError(f"{call} gives None: end your function with return and its result.")
        if not all(np.array_equal(one, other) for one, other in zip(before, arguments, strict=True)):
            raise InputError(f"{call} changes what it is given: compute a new value instead.")
        answers = _array(answer)
        if answers is None:
            raise InputError(f"{call} gives {short(answer)}, which is no number: return numbers.")
        if answers.shape != wanted:
            size = f"the shape {wanted}" if wanted else "one number"
            raise InputError(f"{call} must give {size}, but gives {short(answer)}: return as much as asked.")
        return _finite(answers, call)


class model:  # noqa: N801, as above
    """Read a Keras model or layer of any kind, built or not: only its answers count.

    If it isn't built, it stays so, and a copy is built for the number of inputs needed.
    """

    def __init__(self, value: object, name: str):
        with contextlib.suppress(Exception):  # experiments.run returns an object with the model
            value = value if isinstance(value, keras.layers.Layer) else getattr(value, "model", value)
        if isinstance(value, list | tuple) and any(isinstance(each, keras.layers.Layer) for each in value):
            raise InputError(f"{name} is a list of layers: put the list into keras.Sequential(...).")
        if isinstance(value, type) and issubclass(value, keras.layers.Layer):
            raise InputError(f"{name} is the class {value.__name__} itself: call it, {value.__name__}(...).")
        if not isinstance(value, keras.layers.Layer):
            raise InputError(
                f"{name} must be a Keras layer or model, but is {short(value)}: make one, for example "
                "with keras.layers.Dense(...) or keras.Sequential([...])."
            )
        self.value, self.name, self._built = value, name, None

    @property
    def inputs(self) -> int:
        """The number of inputs of its first weights; 1 if it has none yet."""
        return self.value.weights[0].shape[0] if self.value.weights else 1

    def built(self, inputs: int = 1) -> keras.Model:
        """Return the model itself if it is built, or else a built copy for this number of inputs."""
        if self._built is None and isinstance(self.value, keras.Model) and self.value.built:
            self._built = self.value
        if self._built is None:
            # Layer by layer, as Keras copies a model by saving it.
            whole = type(self.value) is not keras.Sequential or self.value.built
            stack = [_fresh(each) for each in ([self.value] if whole else self.value.layers)]
            start = keras.Input((inputs,))
            try:
                self._built = attempt(lambda: keras.Sequential([start, *stack]), self._with(inputs))
            except InputError as error:
                if re.search("incompatible|should be called|positional argument", str(error)):  # from Keras
                    raise self._unfit(inputs) from None
                raise
        return self._built

    def _with(self, inputs: int) -> str:
        return f"{self.name}, given {words.plural(inputs, 'input')},"

    def _unfit(self, inputs: int) -> InputError:
        shape = self.value.weights[0].shape if self.value.weights else ()
        takes = f"takes {shape[0]}" if len(shape) == 2 else "one of its layers does not"
        return InputError(
            f"{self.name} must take {words.plural(inputs, 'number')} per example, but {takes}: begin with "
            f"keras.Input(({inputs},)), and use Dense layers."
        )

    def answers(self, x: object) -> np.ndarray:
        """Return the answers for x, (examples,) or (examples, inputs), as floats (examples, outputs)."""
        x = np.asarray(x, dtype="float32")
        x = x[:, np.newaxis] if x.ndim == 1 else x
        built, what = self.built(x.shape[1]), self._with(x.shape[1])
        with contextlib.suppress(AttributeError):  # a learner's own class of model has none
            if built.input_shape != (None, x.shape[1]):
                raise self._unfit(x.shape[1])
        answers = _array(attempt(lambda: built(x, training=False), what))
        if answers is None or answers.shape[:1] != x.shape[:1]:
            raise InputError(f"{what} must give one answer per example, but does not: use Dense layers.")
        return _finite(answers, f"an answer of {self.name}").reshape(len(x), -1)

    def asked_once(self) -> None:
        """Call it once, to meet a layer that never ends before training; other errors are reported later."""
        with contextlib.suppress(InputError):
            self.answers(np.zeros((1, self.inputs)))

    def count(self, inputs: int = 1) -> int:
        """Return the number of weights and biases."""
        return attempt(self.built(inputs).count_params, f"{self.name}.count_params()")

    def collapsed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the weights and the bias of the equivalent linear layer, as `networks.collapse`."""
        return networks.collapse(_flat(self.built()))


def _fresh(layer: keras.layers.Layer) -> keras.layers.Layer:
    """Return a copy of a layer that isn't built, or the layer itself if Keras cannot copy it."""
    with contextlib.suppress(Exception):
        return layer if layer.built else copy.deepcopy(layer)
    return layer


def _flat(built: keras.Model) -> keras.Model:
    """Return the inner model of Sequential([Input, model])."""
    inner = built.layers[-1]
    return inner if len(built.layers) == 1 and isinstance(inner, keras.Model) else built


def attempt(call: Callable[[], object], what: str) -> object:
    """Return the result of a learner's code, or raise InputError on how it failed."""
    try:
        return call()
    except RecursionError:
        reason = "calls itself without end: let it stop at some point"
    except SystemExit:
        reason = "ends the program: take sys.exit() or exit() out"
    except limits.ENDS:
        raise
    except BaseException as error:
        limits.refuse(error)
        reason = f"stops with {type(error).__name__} ({one_line(error, 90).rstrip('. :')}): run it in a cell "
        reason += "of its own and repair it"
    raise InputError(f"{what} {reason}.")


def here(value: object, depth: int = 3) -> bool:
    """Return whether a value, or anything in it, needs this process and no copy; run none of its code."""
    kind = type(value)
    inside = value.values() if kind is dict else value if kind in (list, tuple) else ()
    return issubclass(kind, HERE) or (depth > 0 and any(here(each, depth - 1) for each in [*inside][:100]))


def blank(value: object) -> bool:
    """Return whether a value contains `...`."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, np.ndarray) and value.dtype == object:
        value = value.ravel().tolist()
    return value is ... or (isinstance(value, list | tuple) and any(map(blank, value)))


def short(value: object) -> str:
    """Return a value in a few words, for a sentence."""
    try:
        if isinstance(value, type):
            return f"the class {value.__name__}"
        if callable(value) and hasattr(value, "__name__"):
            return "a lambda" if value.__name__ == "<lambda>" else f"the function {value.__name__}"
        if isinstance(value, keras.layers.Layer):
            return "-".join(type(each).__name__ for each in getattr(value, "layers", [value]))
        text = one_line(_PLAIN.repr(value), 60)
    except limits.ENDS:
        raise
    except BaseException:
        text = "0x"
    unreadable = text.startswith("<") or re.search("0x|x[0-9a-f]{8}", text)
    return f"an object of the type {type(value).__name__}" if unreadable else text


class _Plain(reprlib.Repr):
    """Like `reprlib.repr`, but with NumPy's numbers as Python's, wherever they are."""

    def repr_instance(self, value: object, level: int) -> str:
        if not isinstance(value, np.ndarray | np.generic):
            return super().repr_instance(value, level)
        if value.size > 4:
            return f"an array of the shape {value.shape}"
        if value.dtype.kind == "f":
            value = np.array([float(f"{each:.4g}") for each in value.ravel()]).reshape(value.shape)
        return self.repr1(value.tolist(), level)

    repr_array = repr_instance


_PLAIN = _Plain()


def trace(value: object) -> str:
    """Return what identifies a try: the value in short, and a checksum of its code or weights."""
    try:
        if isinstance(value, keras.layers.Layer):
            inside = b"".join(np.asarray(each).tobytes() for each in value.get_weights())
        else:
            code = value.__code__
            inside = code.co_code + repr((code.co_consts, code.co_names)).encode()
        return f"{short(value)} {zlib.crc32(inside):08x}"
    except limits.ENDS:
        raise
    except BaseException:
        return short(value)


def one_line(text: object, length: int) -> str:
    """Return a text on one line, cut at a length, without unprintable characters."""
    code = r"\x1b\[[\d;]*m|Exception encountered when calling [\w.]+\(\)\.|\{\{function_node .*?\}\}+"
    shown = "".join(each if each.isprintable() else " " for each in re.sub(code, "", str(text)))
    return checks.one_line(shown, length)


def _array(value: object) -> np.ndarray | None:
    """Return real numbers as a float array, or None for anything else."""
    try:
        array = np.asarray(value)
        if isinstance(value, bytearray | memoryview) or np.ma.is_masked(value):
            return None
        if array.dtype.kind not in "iuf" and not isinstance(value, str | bytes | bool | None):
            array = array.astype(float, copy=False) if array.dtype == object else None
        return None if array is None or array.dtype.kind not in "iuf" else array.astype(float)
    except limits.ENDS:
        raise
    except BaseException:
        return None


def _finite(values: np.ndarray, what: str) -> np.ndarray:
    fits = np.abs(values) < TOO_LARGE  # False for NaN, too
    if not fits.all():
        bad = values[~fits].flat[0]
        why = "too large to compute with" if np.isfinite(bad) else "no finite number"
        raise InputError(f"{what} is {bad:.3g}, which is {why}: look for a division by 0 or an overflow.")
    return values
