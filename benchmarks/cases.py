# ruff: noqa: E501 (tables, a row a case)
"""Networks that do not learn, with what is wrong known: other people's, rebuilt, and some of our own.

Also twenty healthy ones, and thirty without activation on curved targets. `cures.py` runs them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from helpers import networks

import keras
import numpy as np


@dataclass(frozen=True)
class Net:
    """A network, how it is trained, and whether its inputs and targets are standardised first.

    units: of each layer. hidden: the activation of all layers but the last, or a list, one a layer. more:
    further arguments of each Dense layer.
    """

    units: Sequence[int]
    hidden: str | Sequence = "relu"
    last: str = "linear"
    loss: str = "mean_squared_error"
    optimizer: tuple = ("Adam", 0.001)
    epochs: int = 500
    batch: int = 32
    x: bool = False
    y: bool = False
    zero: bool = False
    dropout: float = 0.0
    more: dict | None = None

    def model(self, inputs: int) -> keras.Model:
        """Return the network, compiled."""
        hidden = [self.hidden] * (len(self.units) - 1) if isinstance(self.hidden, str) else self.hidden
        path = [keras.Input((inputs,))]
        for units, activation in zip(self.units, [*hidden, self.last], strict=True):
            function = getattr(networks.ACTIVATIONS.get(activation), "function", activation)
            path.append(keras.layers.Dense(units, function, **(self.more or {})))
            path += [keras.layers.Dropout(self.dropout)] * (self.dropout > 0)
        model = keras.Sequential(path[:-1] if self.dropout else path)
        if self.zero:
            model.set_weights([0 * weight for weight in model.get_weights()])
        name, rate, *options = self.optimizer
        optimizer = getattr(keras.optimizers, name)(rate, **(options[0] if options else {}))
        model.compile(optimizer, self.loss)
        return model


@dataclass(frozen=True)
class Case:
    """A network that does not learn, and one known to: cure is the known cure, None if there is none.

    labels: of the known cure, where the targets are to be other numbers.
    """

    name: str
    wrong: str
    data: Callable
    net: Net
    cure: Net | None
    labels: Callable | None = None


def _rng() -> np.random.Generator:
    return np.random.default_rng(27)


def _uniform(low: float, high: float, count: int, columns: int) -> np.ndarray:
    return _rng().uniform(low, high, (count, columns))


def _column(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, float)[:, np.newaxis]


def _standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _of(x: np.ndarray, function: Callable) -> tuple[np.ndarray, np.ndarray]:
    y = np.asarray(function(x), float)
    return x, y.reshape(len(x), -1)


def _walk():
    walk = 1 + 0.001 * np.cumsum(_rng().normal(size=1500))
    windows = np.lib.stride_tricks.sliding_window_view(walk / walk.max(), 9)[:1000]
    return windows[:, :8], windows[:, 8:]


def _bits(count: int, width: int) -> np.ndarray:
    return (np.arange(count)[:, np.newaxis] >> np.arange(width)[::-1] & 1).astype(float)


def _classes():
    x = _rng().normal(size=(400, 30))
    return _of(x, lambda x: x[:, :3].sum(axis=1) > 0)


def _skewed():
    rng = _rng()
    x = np.hstack([np.exp(rng.normal(9, 2, (1500, 4))).clip(0, 1e6), rng.normal(size=(1500, 4))])
    score = np.log(x[:, 0]) + 2 * x[:, 4] + x[:, 5]
    return x, _column(score > np.quantile(score, 0.88))


def _noisy_sum():
    x = _rng().integers(0, 3, (400, 3)).astype(float)
    return x, x.sum(axis=1, keepdims=True) + _rng().normal(0, 2.5, (400, 1))


def _weighted_bits():
    x = _rng().integers(0, 2, (800, 16)).astype(float)
    return _of(x, lambda x: x @ np.linspace(-1, 1, 16) + 2 * x[:, 0] * x[:, 1])


def _counts():
    x = _rng().normal(size=(600, 3))
    return x, _rng().poisson(np.exp(x[:, :1] / 2)).astype(float)


def _prices():
    x = _rng().normal(size=(500, 6))
    return _of(
        x, lambda x: 250_000 + 60_000 * x[:, 0] + 30_000 * np.abs(x[:, 1]) + 20_000 * x[:, 2] * x[:, 3]
    )


TINY = {"kernel_initializer": keras.initializers.RandomUniform(-0.05, 0.05)}
WAVES = {"kernel_initializer": keras.initializers.RandomNormal(stddev=30.0)}
CENT = np.arange(100.0)
STANDARD = {"x": True, "y": True}
BINARY = {"last": "sigmoid", "loss": "binary_crossentropy"}
SCHEDULE = keras.optimizers.schedules.InverseTimeDecay(0.06, 1, 1e-6)
Q16 = Net([16, 16, 1], optimizer=("SGD", 0.001), epochs=5000, batch=100)
BIG = [20, 100, 1000, 100, 20, 1]

ASKED = [
    Case("Cross Validated 280372", "inputs to one side, tiny steps", lambda: _of(_column(CENT / 100), lambda x: (x - 0.5) ** 2),
         Q16, replace(Q16, optimizer=("Adam", 0.001), x=True)),
    Case("Stack Overflow 52800582", "targets", lambda: _of(_column(np.arange(-200, 201) / 2), lambda x: x**4),
         Net([50, 50, 1], ["sigmoid", "elu"], epochs=300), Net([50, 50, 1], ["sigmoid", "elu"], epochs=300, **STANDARD)),
    Case("deeplearning.ai 324182", "ReLU at the end", lambda: _of(_column(np.arange(-1, 6)), lambda x: 2 * x - 1),
         Net([4, 2, 1], last="relu"), Net([16, 1], optimizer=("Adam", 0.01), **STANDARD)),
    Case("keras 2051", "inputs to one side", _walk,
         Net([7, 4, 1], ["linear", "tanh"], optimizer=("SGD", SCHEDULE, {"momentum": 0.5}), epochs=2, batch=1, more=TINY),
         Net([7, 4, 1], ["linear", "tanh"], optimizer=("SGD", SCHEDULE, {"momentum": 0.5}), epochs=2, batch=1, more=TINY, x=True)),
    Case("keras 3040", "inputs", lambda: _of(_column(np.arange(200)), lambda x: 2 * x),
         Net([1], optimizer=("SGD", 0.001), epochs=10, batch=1), Net([1], optimizer=("SGD", 0.001), epochs=10, batch=1, x=True)),
    Case("Cross Validated 418955", "targets; no activation", lambda: _of(_standard(_column(CENT)), lambda x: _column(CENT**2 + 3)),
         Net([1, 1], "linear", optimizer=("SGD", 0.01), epochs=100, batch=1),
         Net([1, 1], "linear", optimizer=("SGD", 0.01), epochs=100, batch=1, y=True)),
    Case("Data Science 51468", "nothing, but beyond its examples", lambda: _of(_column(np.arange(1001)), lambda x: x**2),
         Net([100, 50, 1], optimizer=("Adam", 0.01), epochs=1000), None),
    Case("our thread", "inputs squeezed to 0 … 0.001", lambda: _of(np.random.default_rng(1).integers(1, 1001, (1000, 1)) / 1e6, lambda x: (x * 1e3) ** 2),
         Net(BIG, batch=100), Net(BIG, batch=100, x=True)),
    Case("Data Science 19365", "range, 16 periods, too few units", lambda: _of(_column(CENT), np.sin),
         Net([10, 1], "sigmoid", "sigmoid", optimizer=("SGD", 0.01), batch=1),
         Net([50, 1], "sine", optimizer=("Adam", 0.01), epochs=1000, more=WAVES, x=True)),
    Case("Stack Overflow 53581388", "three ReLU units that may be off", lambda: (_bits(100, 8), _column(CENT % 2)),
         Net([1, 2, 1], **BINARY, epochs=200, batch=2, more=TINY), Net([16, 16, 1], **BINARY, epochs=200, batch=2)),
    Case("keras 126", "softmax of one unit", lambda: _of(_uniform(0, 1, 60, 2), lambda x: x.sum(axis=1) > 1),
         Net([64, 64, 1], "tanh", "softmax", epochs=200), Net([64, 64, 1], "tanh", **BINARY, epochs=200)),
    Case("keras 14729", "categorical cross-entropy of one unit", _classes,
         Net([16, 16, 1], last="sigmoid", loss="categorical_crossentropy", epochs=100), Net([16, 16, 1], **BINARY, epochs=100)),
    Case("Stack Overflow, multiply", "inputs, targets, ReLU at the end", lambda: _of(_rng().integers(0, 500, (1000, 2)).astype(float), lambda x: x[:, 0] * x[:, 1]),
         Net([3, 5, 3, 5, 1], ["linear", "relu", "relu", "relu"], "relu", epochs=200, batch=10), Net([3, 5, 3, 5, 1], ["linear", "relu", "relu", "relu"], epochs=200, batch=10, **STANDARD)),
    Case("a forum: product", "no activation", lambda: _of(_uniform(-100, 100, 1000, 2), lambda x: x[:, 0] * x[:, 1] / 1e4),
         Net([10, 10, 1], "linear", optimizer=("Adam", 0.1)), Net([10, 10, 1], optimizer=("Adam", 0.01), x=True)),
    Case("Data Science 56676", "no activation", lambda: _of(_uniform(0, 1, 1000, 2), lambda x: x.max(axis=1)),
         Net([32, 1], "linear"), Net([32, 1])),
    Case("Cross Validated 387150", "no activation, tiny rate", lambda: (_column([-1, 0, 1]), _column([-0.25, 0.12, 0.17])),
         Net([10, 1], "linear", optimizer=("Adam", 1e-5), epochs=10_000), Net([10, 1], optimizer=("Adam", 0.01), epochs=10_000)),
    Case("Cross Validated 213666", "two units: a local minimum", lambda: (_bits(4, 2), _column([0, 1, 1, 0])),
         Net([2, 1], "sigmoid", "sigmoid", optimizer=("Adam", 0.05), epochs=2000, batch=4, more={"kernel_initializer": keras.initializers.RandomUniform(0, 1)}),
         Net([4, 1], "sigmoid", "sigmoid", optimizer=("Adam", 0.05), epochs=2000, batch=4)),
    Case("Data Science 19283", "inputs up to a million", _skewed, Net([8, 8, 8, 1], **BINARY, epochs=100), Net([8, 8, 8, 1], **BINARY, epochs=100, x=True)),
    Case("Data Science 93125", "nothing", _noisy_sum, Net([6, 6, 1], "tanh", optimizer=("SGD", 0.01), epochs=200), None),
    Case("Artificial Intelligence 16557", "sigmoids and small steps", _weighted_bits,
         Net([64] * 4 + [1], "sigmoid", optimizer=("SGD", 0.01), epochs=100), Net([64] * 4 + [1], epochs=100)),
    Case("deeplearning.ai 121049", "all weights 0", lambda: _of(_rng().normal(size=(500, 2)), lambda x: x[:, 0] * x[:, 1] > 0),
         Net([10, 5, 1], "tanh", **BINARY, epochs=300, zero=True), Net([10, 5, 1], "tanh", **BINARY, epochs=300)),
    Case("keras 590", "negative answers have no Poisson loss", _counts,
         Net([16, 1], loss="poisson", optimizer=("RMSprop", 0.001), epochs=100), Net([16, 1], last="exponential", loss="poisson", optimizer=("RMSprop", 0.001), epochs=100)),
    Case("Cross Validated 409000", "targets", _prices, Net([8, 1], epochs=200), Net([8, 1], epochs=200, y=True)),
]  # fmt: skip


# Twenty of our own, of other kinds, written down before `cure` was run on any of them. --------------


def _pressure():
    x = _uniform(-1, 1, 800, 3)
    return _of(x, lambda x: 101_325 + 300 * np.sin(2 * x[:, 0]) + 200 * x[:, 1] * x[:, 2])


def _three(first: int = 0):
    x = _rng().normal(size=(600, 2))
    angle = np.arctan2(x[:, 1], x[:, 0])
    return x, _column(np.digitize(angle, [-1, 1]) + first)


def _two_scales():
    return _of(_uniform(-1, 1, 800, 2), lambda x: np.stack([1000 * x[:, 0] ** 2, np.cos(3 * x[:, 1])], 1))


def _timestamps():
    hours = _uniform(0, 24, 1000, 1)
    return _of(hours * 3600 + 1.6e9, lambda _: np.sin(hours / 24 * 2 * np.pi))


def _one_hot(y: np.ndarray) -> np.ndarray:
    return (y == np.unique(y)).astype(float)


def _circle():
    return _of(_uniform(-1, 1, 800, 2), lambda x: (x**2).sum(axis=1) < 0.6)


def _wave(times: float):
    return lambda: _of(_uniform(-1, 1, 800, 1), lambda x: np.sin(times * x))


def _bowl():
    return _of(_uniform(-1, 1, 800, 3), lambda x: (x**2).sum(axis=1))


NON_NEGATIVE = {"kernel_constraint": keras.constraints.NonNeg()}
HEAVY = {"kernel_regularizer": keras.regularizers.L2(0.3)}
GIANT = {"kernel_initializer": keras.initializers.RandomNormal(stddev=10.0)}
G = Net([32, 32, 1])  # a good network
SOFTMAX = Net([32, 3], last="softmax", loss="categorical_crossentropy", epochs=200)

OWN = [
    Case("pressure in pascals", "an offset of 101,325", _pressure, Net([16, 16, 1]), Net([16, 16, 1], y=True)),
    Case("two outputs, a thousand and one", "the second is not learned", _two_scales, Net([32, 2], epochs=200), Net([32, 2], epochs=1000, y=True)),
    Case("classes 1, 2, 3 for a sparse loss", "labels from 1", lambda: _three(1),
         replace(SOFTMAX, loss="sparse_categorical_crossentropy"), SOFTMAX, _one_hot),
    Case("labels −1 and 1 for a sigmoid", "labels", lambda: _of(_circle()[0], lambda x: 2 * _circle()[1] - 1),
         Net([16, 1], **BINARY, epochs=300), Net([16, 1], **BINARY, epochs=300), lambda y: y > 0),
    Case("cross-entropy on a linear end", "no sigmoid", _circle, Net([16, 1], loss="binary_crossentropy", epochs=300), Net([16, 1], **BINARY, epochs=300)),
    Case("weights that may not be negative", "a constraint", lambda: _of(_uniform(-1, 1, 500, 2), lambda x: np.abs(x[:, 0]) - x[:, 1]),
         Net([16, 1], more=NON_NEGATIVE), Net([16, 1])),
    Case("a heavy penalty", "L2 of 0.3", _bowl, replace(G, more=HEAVY), G),
    Case("one unit between 32 and 32", "a bottleneck", lambda: _of(_uniform(-1, 1, 800, 2), lambda x: np.stack([x[:, 0], x[:, 1], x[:, 0] * x[:, 1]], 1)),
         Net([32, 1, 32, 3]), Net([32, 32, 32, 3])),
    Case("Adam at 1", "the rate", _bowl, replace(G, optimizer=("Adam", 1.0)), G),
    Case("SGD at 0.000001", "the rate", _bowl, replace(G, optimizer=("SGD", 1e-6)), G),
    Case("ten epochs of one batch", "too few steps", _bowl, replace(G, epochs=10, batch=800), replace(G, epochs=200)),
    Case("twelve sigmoid layers", "gradients vanish", _wave(4), Net([8] * 12 + [1], "sigmoid", epochs=200), Net([32, 1], "tanh", optimizer=("Adam", 0.01), epochs=200)),
    Case("tanh from giant weights", "starts of deviation 10", _bowl, Net([32, 32, 1], "tanh", more=GIANT), Net([32, 32, 1], "tanh")),
    Case("a tanh at the end", "targets from 0 to 10", lambda: _of(_uniform(-1, 1, 500, 1), lambda x: 10 * x**2), Net([32, 1], last="tanh"), Net([32, 1], y=True)),
    Case("softmax for three amounts", "they do not add up to 1", lambda: _of(_uniform(-1, 1, 800, 2), lambda x: np.stack([x[:, 0], x[:, 1] ** 2, x[:, 0] * x[:, 1]], 1)),
         Net([32, 3], last="softmax"), Net([32, 3])),
    Case("seconds since 1970", "inputs near 1.6 billion", _timestamps, Net([32, 1], "tanh"), Net([32, 1], "tanh", x=True)),
    Case("a loss for positive numbers", "logarithms of negative ones", _wave(3), replace(G, loss="mean_squared_logarithmic_error"), G),
    Case("softmax in the hidden layers", "units that share 1", _bowl, Net([8, 8, 1], "softmax", optimizer=("SGD", 0.01), epochs=100), replace(G, epochs=100)),
    Case("a fast wave", "ten periods, tanh", _wave(30), Net([64, 1], "tanh"),
         Net([64, 1], "sine", optimizer=("Adam", 0.01), more=WAVES)),
    Case("half of 8 units dropped", "dropout on a small network", _wave(3), Net([8, 8, 1], epochs=60, dropout=0.5), Net([8, 8, 1], epochs=60)),
]  # fmt: skip


# Healthy: as good as their examples allow. ------------------------------------------------------------


def _noisy(function: Callable, noise: float, columns: int = 1, count: int = 600) -> Callable:
    def data():
        x = _rng().uniform(-1, 1, (count, columns))
        clean = np.asarray(function(x)).reshape(count, -1)
        return x, clean + np.random.default_rng(5).normal(0, noise, clean.shape)

    return data


def _clouds(apart: float, classes: int = 2) -> Callable:
    def data():
        y = _rng().integers(0, classes, 600)
        centres = apart * np.stack([np.cos(y * 2 * np.pi / classes), np.sin(y * 2 * np.pi / classes)], 1)
        x = np.random.default_rng(5).normal(centres)
        return x, _column(y) if classes == 2 else _one_hot(_column(y))

    return data


def _squares(scale: float = 1000):
    return lambda: _of(_column(np.arange(1, 1001)) / scale, lambda x: x**2 * (scale / 1000) ** 2)


def _pairs():
    return _of(_rng().integers(1, 1001, (1000, 2)) / 2000, lambda x: x.sum(axis=1))


def _repeated():
    x = _rng().integers(0, 8, (600, 1)) / 4 - 1.0
    return x, np.cos(3 * x) + _rng().normal(0, 0.3, (600, 1))


LINEAR = Net([1], optimizer=("Adam", 0.01), epochs=300)
HEALTHY = [
    ("the course's adder, 8-8-1", _pairs, Net([8, 8, 1], "linear", batch=100)),
    ("the course's squares, 64-1", _squares(), Net([64, 1], batch=100)),
    ("the course's squares, standardised", lambda: (_standard(_squares()()[0]), _squares()()[1]), Net([64, 1], batch=100)),
    ("the course's squares, 32 tanh", lambda: (_standard(_squares()()[0]), _squares()()[1]), Net([32, 1], "tanh", batch=100, epochs=2000)),
    ("the course's 16 sines", _squares(), Net([16, 1], "sine", optimizer=("Adam", 0.01), batch=100, epochs=1000)),
    ("a line with noise", _noisy(lambda x: 2 * x + 1, 0.5), LINEAR),
    ("a plane with noise", _noisy(lambda x: x @ [[1.0], [-2.0], [0.5]], 0.5, 3), LINEAR),
    ("a plane with noise, ReLU", _noisy(lambda x: x @ [[1.0], [-2.0], [0.5]], 0.5, 3), Net([8, 1], epochs=100)),
    ("a parabola with noise", _noisy(lambda x: x**2, 0.2), Net([16, 1], epochs=200)),
    ("a parabola with noise, tanh", _noisy(lambda x: x**2, 0.2), Net([16, 1], "tanh", optimizer=("Adam", 0.01), epochs=200)),
    ("a wave with noise", _noisy(lambda x: np.sin(3 * x), 0.3), Net([32, 1], optimizer=("Adam", 0.01), epochs=100)),
    ("a product with noise", _noisy(lambda x: x[:, 0] * x[:, 1], 0.2, 2), Net([32, 1], epochs=200)),
    ("two outputs with noise", _noisy(lambda x: np.hstack([x, -(x**2)]), 0.2), Net([32, 2], epochs=200)),
    ("nothing but noise", _noisy(lambda x: 0 * x[:, 0], 1.0, 2), Net([8, 1], epochs=50)),
    ("inputs that repeat", _repeated, Net([16, 1], "tanh", optimizer=("Adam", 0.01), epochs=300)),
    ("two clouds", _clouds(1.0), Net([8, 1], **BINARY, epochs=100)),
    ("two clouds, a line", _clouds(1.5), Net([1], **BINARY, optimizer=("Adam", 0.01), epochs=200)),
    ("two clouds far apart", _clouds(2.0), Net([16, 1], **BINARY, epochs=100)),
    ("three clouds", _clouds(1.5, 3), Net([16, 3], last="softmax", loss="categorical_crossentropy", epochs=100)),
    ("five clouds", _clouds(3.0, 5), Net([16, 5], last="softmax", loss="categorical_crossentropy", epochs=100)),
]  # fmt: skip

# Thirty networks without activation, on curved targets: five kinds, three widths, two scales. ---------
KINDS = {
    "product": lambda x: x[:, 0] * x[:, 1],
    "maximum": lambda x: x.max(axis=1),
    "cube": lambda x: (x[:, 0] - 0.2) ** 3,
    "cosine": lambda x: np.cos(3 * x[:, 0]),
    "distance": lambda x: np.hypot(x[:, 0], x[:, 1]),
}
STRAIGHT = [
    (f"{kind}, {units}, inputs up to {size:g}", lambda f=function, s=size: (s * _uniform(-1, 1, 500, 2), _column(f(_uniform(-1, 1, 500, 2)))), Net(units, "linear", epochs=100))
    for kind, function in KINDS.items() for units in ([1], [16, 1], [32, 32, 1]) for size in (1.0, 30.0)
]  # fmt: skip
