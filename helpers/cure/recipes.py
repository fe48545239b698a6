"""A training run as a recipe, which `cure` changes, and its code to paste, which is also what is run."""

import inspect
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

from helpers.checks import InputError, one_line
from helpers.reading import ACTIVATION_LAYERS, path

import keras
import numpy as np

LABELS = {
    "": "targets = y",
    "standardised": "y_mean, y_std = y.mean(axis=0), np.where(np.ptp(y, axis=0), y.std(axis=0), 1)\n"
    "targets = (y - y_mean) / y_std",
    "two": "targets = (y == y.max()).astype(float)  # 1 for the larger label",
    "one-hot": "classes = np.unique(y)\ntargets = (y == classes).astype(float)  # a column for each class",
}
INPUTS = {
    False: ("", "{}"),
    True: (
        "x_mean, x_std = x.mean(axis=0), np.where(np.ptp(x, axis=0), x.std(axis=0), 1)\n",
        "({} - x_mean) / x_std",
    ),
}


class Step(NamedTuple):
    """A layer: the name of its class in keras.layers, and its arguments as code."""

    kind: str
    arguments: dict[str, str]

    def having(self, **arguments: str | None) -> "Step":
        """Return a copy with other arguments; None removes one."""
        merged = self.arguments | arguments
        return Step(self.kind, {name: value for name, value in merged.items() if value is not None})

    @property
    def units(self) -> int:
        """The units of a Dense layer."""
        return int(self.arguments["units"])

    @property
    def activation(self) -> str:
        """The activation as code, "" if there is none."""
        return self.arguments.get("activation", "")


@dataclass(frozen=True)
class Recipe:
    """A network and its training. optimizer: the class and its arguments, as code; loss: as code.

    inputs: whether they are standardised; labels: how targets are transformed, a key of LABELS.
    """

    columns: int
    steps: tuple[Step, ...]
    optimizer: Step
    loss: str
    epochs: int
    batch_size: int
    inputs: bool = False
    labels: str = ""

    @property
    def dense(self) -> list[Step]:
        """The Dense layers."""
        return [step for step in self.steps if step.kind == "Dense"]

    @property
    def hidden(self) -> list[Step]:
        """The Dense layers but the last."""
        return self.dense[:-1]

    def with_dense(self, change: Callable[[Step], Step], *, last: bool = False) -> "Recipe":
        """Return a copy with each hidden layer changed, or the last Dense layer if `last`."""
        end = max(i for i, step in enumerate(self.steps) if step.kind == "Dense")
        steps = [
            change(step) if step.kind == "Dense" and (i == end) == last else step
            for i, step in enumerate(self.steps)
        ]
        return replace(self, steps=tuple(steps))

    def work(self, examples: int) -> float:
        """Return roughly how many multiplications a training run takes, including the overhead of steps."""
        widths = [self.columns, *(step.units for step in self.dense)]
        weights = sum(a * b for a, b in itertools.pairwise(widths))
        return self.epochs * (6.0 * examples * weights + 300_000.0 * -(-examples // self.batch_size))

    @property
    def data_code(self) -> str:
        """The lines that make `inputs` and `targets` from x and y."""
        before, form = INPUTS[self.inputs]
        return (
            "x = np.asarray(x, dtype=float).reshape(len(x), -1)\n"
            "y = np.asarray(y, dtype=float).reshape(len(y), -1)\n"
            f"{before}inputs = {form.format('x')}\n{LABELS[self.labels]}\n"
        )

    @property
    def model_code(self) -> str:
        """The lines that build and compile the model."""
        layers = "".join(f"    {_call('keras.layers', step)},\n" for step in self.steps)
        optimizer = _call("keras.optimizers", self.optimizer)
        return (
            f"model = keras.Sequential([\n    keras.Input(({self.columns},)),\n{layers}])\n"
            f"model.compile({optimizer}, {self.loss})\n"
        )

    @property
    def answers_code(self) -> str:
        """The function that applies the trained network, in the units of x and y."""
        scaled = f"np.asarray(model({INPUTS[self.inputs][1].format('np.asarray(x, dtype=float)')}))"
        back = f"{scaled} * y_std + y_mean" if self.labels == "standardised" else scaled
        return f"def answers(x):\n    return {back}\n"

    def code(self, *, by_train: bool) -> str:
        """Return the whole code, to paste below x and y; by_train: use `train`, else `fit`."""
        settings = f"inputs, targets, epochs={self.epochs}, batch_size={self.batch_size}"
        how = f"train(model, {settings})" if by_train else f"model.fit({settings}, verbose=0)"
        imports = "from helpers.train import train\n\n" if by_train else ""
        head = f"{imports}import keras\nimport numpy as np\n\n"
        return f"{head}{self.data_code}\n{self.model_code}{how}\n\n\n{self.answers_code}"


def _call(module: str, step: Step) -> str:
    arguments = ", ".join(f"{name}={value}" for name, value in step.arguments.items())
    return f"{module}.{step.kind}({arguments.removeprefix('units=')})"  # units, if first, without its name


def read(model: keras.Model, columns: int, epochs: int, batch_size: int) -> Recipe:
    """Return the recipe of a compiled model.

    Raises InputError for a model that is not a single path of layers, or not compiled with one loss.
    """
    if not getattr(model, "compiled", False) or isinstance(model.loss, dict | list | type(None)):
        raise InputError(
            "cure needs a compiled model with one loss, but this is not: call model.compile(...) first."
        )
    if type(model) is not keras.Sequential and not getattr(model, "outputs", None):
        raise InputError("cure needs a Sequential or functional model, but this is neither: build one.")
    steps: list[Step] = []
    for position, layer in enumerate(path(model)):
        if isinstance(layer, ACTIVATION_LAYERS) and steps and not steps[-1].activation:
            steps[-1] = steps[-1].having(activation=_activation(layer, position))
        elif type(layer).__module__.startswith("keras.") and not layer._layers:
            steps.append(_layer(layer, position))
        else:
            raise InputError(
                f"cure follows one path of Keras's own layers, but layer {position + 1}, {layer.name!r}, "
                f"is a {type(layer).__name__}: leave it out."
            )
    if not steps or steps[-1].kind != "Dense":
        raise InputError("cure needs a model that ends in a Dense layer, but this does not: add one.")
    recipe = Recipe(columns, tuple(steps), _optimizer(model), _loss(model.loss), epochs, batch_size)
    _same_model(recipe, model)
    return recipe


def _same_model(recipe: Recipe, model: keras.Model) -> None:
    """Raise InputError unless the recipe's code builds a model with the weights of this one."""
    advice = "give x the columns that it takes, and build it of Keras's own layers, one after the other."
    built = {"keras": keras, "np": np, "model": model}
    try:
        exec(recipe.model_code, built)
    except Exception as fault:
        raise InputError(
            f"cure builds a model anew from code, but this one fails ({one_line(str(fault))}): {advice}"
        ) from fault
    shapes, wanted = map(_shapes, (built["model"], model))
    if model.built and shapes != wanted:
        raise InputError(
            f"cure builds a model anew, with weights of {shapes}, but this one has {wanted}: {advice}"
        )


def _shapes(model: keras.Model) -> list[tuple[int, ...]]:
    # A Normalization has no weights if its statistics are given as arguments.
    learning = [layer for layer in model.layers if not isinstance(layer, keras.layers.Normalization)]
    return [weight.shape for layer in learning for weight in layer.weights]


def _layer(layer: keras.layers.Layer, position: int) -> Step:
    config = layer.get_config()
    for name in ("name", "dtype", "trainable", "quantization_config", "lora_rank", "lora_alpha", "seed"):
        config.pop(name, None)
    arguments = _arguments(type(layer), config, skip=("activation",))
    if getattr(layer, "activation", keras.activations.linear) is not keras.activations.linear:
        arguments["activation"] = _activation(layer, position)
    if isinstance(layer, keras.layers.Normalization) and layer.built and not layer.invert:
        arguments |= {name: _code(np.ravel(getattr(layer, name)).tolist()) for name in ("mean", "variance")}
    if isinstance(layer, keras.layers.Dense) and layer.built:
        kernel = np.asarray(layer.kernel)
        if kernel.shape[1] > 1 and (kernel == kernel[:, :1]).all():  # all its units are equal
            arguments["kernel_initializer"] = f"keras.initializers.Constant({kernel[0, 0]:.6g})"
    return Step(type(layer).__name__, arguments)


def _activation(layer: keras.layers.Layer, position: int) -> str:
    if not hasattr(layer, "activation"):
        plain = keras.layers.ReLU().get_config() | {"name": layer.name, "dtype": None}
        same = layer.get_config() | {"dtype": None} == plain
        return '"relu"' if same else _call("keras.layers", _layer(layer, position))
    function = layer.activation
    name = getattr(function, "__name__", "")
    if getattr(keras.activations, name, None) is function:
        return f'"{name}"'
    if getattr(keras.ops, name, None) is function:
        return f"keras.ops.{name}"
    return f"model.layers[{position}].activation"


def _optimizer(model: keras.Model) -> Step:
    config = model.optimizer.get_config()
    config.pop("name")
    if not isinstance(config["learning_rate"], dict):
        config["learning_rate"] = float(f"{float(config['learning_rate']):.6g}")
    kept = {"learning_rate": _code(config.pop("learning_rate"))}
    return Step(type(model.optimizer).__name__, kept | _arguments(type(model.optimizer), config))


def _loss(loss: object) -> str:
    if isinstance(loss, str):
        return f'"{loss}"'
    serialized = keras.losses.serialize(loss)
    if isinstance(serialized, str):
        return f'"{serialized}"'
    serialized["config"] |= getattr(loss, "_fn_kwargs", {})  # Huber's configuration lacks its delta
    return _code(serialized)


def _arguments(kind: type, config: dict, skip: tuple = ()) -> dict[str, str]:
    """Return the settings of a Keras object that differ from its class's defaults, as code."""
    arguments, defaults = {}, inspect.signature(kind.__init__).parameters
    for name, value in config.items():
        usual = defaults[name].default if name in defaults else None
        if isinstance(value, dict) and isinstance(usual, str):
            usual = keras.saving.serialize_keras_object(keras.initializers.get(usual))
            value["config"].pop("seed", None)
            usual["config"].pop("seed", None)
        if name not in skip and value != usual:
            arguments[name] = _code(value)
    return arguments


def number(value: float) -> str:
    """Return a float as Python, rounded to eight digits."""
    return repr(float(f"{value:.8g}"))


def _code(value: object) -> str:
    """Return a value of a configuration as Python."""
    if isinstance(value, dict) and "class_name" in value:
        if "config" not in value or not value.get("module", "").startswith("keras"):
            raise InputError(f"cure cannot write {value['class_name']} as code: use Keras's own.")
        module, name = value["module"], value["class_name"]
        kind = getattr(getattr(keras, module.removeprefix("keras."), keras.optimizers.schedules), name)
        config = {key: each for key, each in value["config"].items() if key not in ("name", "dtype", "seed")}
        module = "keras.optimizers.schedules" if "schedule" in kind.__module__ else module
        return _call(module, Step(name, _arguments(kind, config)))
    if isinstance(value, float | np.floating):
        return number(value)
    return json.dumps(value) if isinstance(value, str) else repr(value)
