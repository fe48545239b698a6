"""Drawings of any network of Dense layers."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import NamedTuple

from helpers import reading
from helpers.checks import InputError
from helpers.pictures.marks import (
    BLACK,
    BLUE,
    MOST_WORDS,
    ORANGE,
    RED,
    Bundle,
    Curve,
    Dots,
    Frame,
    Mark,
    Picture,
    still,
)
from helpers.words import about, short

import keras
import numpy as np
from matplotlib.patheffects import withStroke

DRAWN = 8  # units of a layer that are drawn
WIDE = 6  # rows of a wider layer: its first units, dots, and its last units
WRITTEN = 12  # weights, of all networks side by side, up to which each is written on its line
SIGNS = ("above 0", 1, BLUE, "-"), ("below 0", -1, RED, (0, (2, 1)))
UNIT = {"color": "white", "markeredgecolor": BLACK, "markeredgewidth": 1.5, "zorder": 2}
OFF = {"marker": "X", "color": ORANGE, "markersize": 20, "markeredgecolor": BLACK, "zorder": 4}
TEXT = {"fontsize": 14, "ha": "center", "path_effects": [withStroke(linewidth=3, foreground="white")]}
UP = {"va": "bottom"}


def network(
    model: keras.Model | Mapping[str, keras.Model],
    example: Sequence[float] | None = None,
    *,
    x: np.ndarray | None = None,
    trained: bool = True,
) -> Picture:
    """Draw a network: its units in columns, and a line for each weight, the wider the larger it is.

    The stub below a unit is its bias, the curve inside it its activation. Of a layer with more than DRAWN
    units only the first and the last are drawn; the number above counts all.

    Args:
        model: as in `reading.layers`; or up to three by name, drawn side by side.
        example: numbers (inputs,), normalised; the output of each unit is written above it.
        x: float array (examples, inputs), normalised; crosses out the units that are off for all of them.
        trained: whether the weights come from training, so that the caption marks figures with ≈.

    Raises:
        InputError: for what `reading.layers` and `reading.examples` refuse, and for more than three models.
    """
    models = model if isinstance(model, Mapping) else {"": model}
    if not 1 <= len(models) <= 3:
        raise InputError(f"network draws 1 to 3 models side by side, but got {len(models)}: draw fewer.")
    row = None if example is None else np.reshape(np.asarray(example, dtype=object), (1, -1))
    read = [_columns(each, row, x) for each in models.values()]
    few = sum(column.weights.size for columns in read for column in columns) <= WRITTEN
    rows = max(column.rows for columns in read for column in columns)
    pitch = 1.0 if rows <= 4 else 0.53 if row is None else 0.59  # inches, as all lengths here
    width, height = max(9.0, 0.75 * sum(map(len, read))) / len(read), pitch * rows + 1
    filled, written, key = [], [], {}
    for name, columns in zip(models, read, strict=True):
        limits = (0, width), (-pitch * rows / 2, height - pitch * rows / 2)
        places = np.linspace(0.6, width - 0.6, len(columns)), pitch, pitch * (rows - 1) / 2 + 0.55
        marks, texts = _drawn(columns, *places, valued=row is not None, few=few)
        filled.append((Frame("", "", *limits, legend="", title=name), marks))
        written.append(texts)
    figure = still(*filled, size=(width * len(read), height + 0.8 + (0.3 if any(models) else 0)))
    for axes, texts in zip(figure.axes, written, strict=True):
        axes.set_axis_off()
        for *at, text, look in texts:
            axes.text(*at, text, **TEXT | look)
        key |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    look = {"ncols": 3, "fontsize": 14, "title_fontsize": 14, "frameon": False}
    biased = any(column.biases.any() for columns in read for column in columns[1:])
    stubs = "; stubs: biases" if biased else ""
    figure.legend(key.values(), key, title=f"lines: weights{stubs}", loc="outside lower center", **look)
    say, options = about if trained else short, (row is not None, x is not None)
    described = [_described(*each, say, *options) for each in zip(models.items(), read, strict=True)]
    for most in range(4, -1, -1):
        caption = "; ".join(
            ": ".join(filter(None, [shape, "; ".join(overall[:most])])) for shape, overall, _ in described
        )
        if len(caption.split()) <= MOST_WORDS:
            break
    long = " ".join(f"{shape}: {'; '.join(overall + layers)}." for shape, overall, layers in described)
    return Picture(figure, f"{caption}.", None, long)


class _Column(NamedTuple):
    """The inputs or a layer, an entry for each unit; curve: the activation from -3 to 3, or empty."""

    name: str
    weights: np.ndarray  # (units of the column before, units)
    biases: np.ndarray
    curve: np.ndarray
    values: np.ndarray
    off: np.ndarray

    @property
    def rows(self) -> int:
        """How many rows are drawn."""
        return len(self.biases) if len(self.biases) <= DRAWN else WIDE

    def places(self, pitch: float) -> dict[int, float]:
        """Return the height of each drawn unit, centred at 0."""
        skipped = len(self.biases) - self.rows
        shown = {row + (skipped if row > WIDE // 2 else 0): row for row in range(self.rows)}
        if skipped:
            del shown[WIDE // 2]
        return {unit: pitch * ((self.rows - 1) / 2 - row) for unit, row in shown.items()}


def _columns(model: keras.Model, row: np.ndarray | None, x: np.ndarray | None) -> list[_Column]:
    layers, inputs = reading.layers(model, "network"), model.input_shape[-1]
    row = np.zeros((1, inputs)) if row is None else row
    outputs = reading.read(model, "network", row)[0]  # refuses what it cannot draw, too
    over_all = outputs if x is None else reading.read(model, "network", x)[0]
    z = np.linspace(-3, 3, 41, dtype="float32")[:, np.newaxis]
    nothing = np.zeros((0, inputs)), np.zeros(inputs), z[:0]
    columns = [
        _Column("input" if inputs == 1 else "inputs", *nothing, row[0].astype(float), np.zeros(inputs, bool))
    ]
    for layer, values, over_x in zip(layers, outputs, over_all, strict=True):
        curve = z[:0] if layer.linear else np.asarray(layer.activation(z))[:, 0]
        off = (over_x == 0).all(axis=0) & (x is not None and not layer.linear)
        units = "unit" if len(off) == 1 else "units"
        name = units if layer.linear else layer.activation_name
        columns.append(_Column(name, *layer.weights(), curve, values[0], off))
    return columns


def _drawn(
    columns: list[_Column], across: np.ndarray, pitch: float, top: float, valued: bool, few: bool
) -> tuple[list[Mark], list[tuple]]:
    """Return the marks of columns placed at `across`, and their texts as (x, y, text, look).

    few: whether each weight is written on its line.
    """
    radius = min(0.22, 0.32 * pitch)
    largest = max(np.abs(each).max(initial=0) for column in columns for each in column[1:3]) or 1.0
    drawn = [Curve(name, [], [], {"color": colour, "linestyle": dashes}) for name, _, colour, dashes in SIGNS]
    texts, before = [], {}
    for at, (column, x) in enumerate(zip(columns, across, strict=True)):
        own = column.places(pitch)
        units, y, alone = list(own), np.array(list(own.values())), {"legend": False}
        texts.append((x, top, f"{len(column.biases):,}\n{column.name}", UP))
        if len(column.biases) > DRAWN:
            texts.append((x, -pitch / 2, "⋮", {"va": "center", "fontsize": 18}))
        if valued:
            texts += [(x, own[j] + radius, short(column.values[j]), UP | {"weight": "bold"}) for j in units]
        look = UNIT | {"marker": "o" if at else "s", "markersize": 144 * radius}
        drawn.append(Dots(f"units {at}", [x] * len(y), y, look, **alone))
        if len(column.curve):
            curve = radius * (1.3 * (column.curve - column.curve.min()) / (np.ptp(column.curve) or 1) - 0.65)
            inside = x + radius * np.linspace(-0.65, 0.65, len(curve)), y[:, np.newaxis] + curve
            look = {"color": BLACK, "linewidth": 1.8, "zorder": 3}
            drawn.append(Bundle(f"curves {at}", *inside, look, **alone))
        if column.off[units].any():
            dead = y[column.off[units]]
            drawn.append(Dots("off for every example", [x] * len(dead), dead, OFF))
        stubs = [((own[j] - radius - 0.12, own[j] - radius), column.biases[j]) for j in units]
        lines = [((before[i], own[j]), column.weights[i, j]) for i in before for j in units]
        kinds = [("biases", [x, x], stubs), ("weights", across[at - 1 : at + 1], lines)]
        for (sign_name, sign, colour, dashes), (name, ends, values) in product(SIGNS, kinds):
            with_sign = [(heights, abs(value)) for heights, value in values if sign * value > 0]
            if with_sign:
                heights, sizes = map(np.array, zip(*with_sign, strict=True))
                look = {"color": colour, "linestyle": dashes, "zorder": 1}
                wide = {"linewidth": 0.8 + 5 * sizes / largest}
                drawn.append(Bundle(f"{name} {at} {sign_name}", ends, heights, look | wide, **alone))
        if few:
            share = 0.62 if len(before) < len(own) else 0.38  # where the lines are farther apart
            for (start, end), value in lines:
                middle = (1 - share) * across[at - 1] + share * x, (1 - share) * start + share * end + 0.04
                texts.append((*middle, short(value), UP))
            texts += [(x, foot, short(value), {"va": "top"}) for (foot, _), value in stubs if value]
        before = {unit: height for unit, height in own.items() if not column.off[unit]}
    return drawn, texts


def _described(
    named: tuple[str, keras.Model], columns: list[_Column], say: Callable, valued: bool, judged: bool
) -> tuple[str, list[str], list[str]]:
    """Return a network's name and shape, sentences on the whole network, and one on each layer."""
    parameters = [np.concatenate([np.ravel(column.weights), column.biases]) for column in columns[1:]]
    mark, shape = "≈ " if say is about else "", "-".join(f"{len(column.biases)}" for column in columns[1:])
    name, overall, of_layers = named[0], [f"{named[1].count_params():,} weights and biases"], []
    if judged:
        overall.append(f"units off for every example: {mark}{sum(column.off.sum() for column in columns)}")
    if valued:
        overall.append(f"from {_all(short, columns[0].values)} it makes {_all(say, columns[-1].values)}")
    overall.append(f"weights and biases below 0: {mark}{sum((values < 0).sum() for values in parameters):,}")
    for at, (kind, weights, biases, _, values, off) in enumerate(columns[1:], start=1):
        units = "" if kind.startswith("unit") else " unit" if len(biases) == 1 else " units"
        of_layers.append(f"layer {at}, {len(biases):,} {kind}{units}: ")
        if weights.size <= WRITTEN:
            units = [
                f"weight{'s' if len(own) > 1 else ''} {_all(say, own)} and bias {say(bias)}"
                for own, bias in zip(weights.T, biases, strict=True)
            ]
            numbered = [f"unit {n} with {unit}" for n, unit in enumerate(units, 1)]
            of_layers[-1] += ", ".join(numbered if len(units) > 1 else units)
        else:
            ends = [say(end) for each in (weights, biases) for end in (each.min(), each.max())]
            of_layers[-1] += "weights from {} to {}, biases from {} to {}".format(*ends)
        if valued and len(values) <= DRAWN:
            of_layers[-1] += f", giving {_all(say, values)}"
        if off.any():
            of_layers[-1] += f", units off: {mark}{off.sum()}"
    return f"{name}, {shape}" if name else f"Network {shape}", overall, of_layers


def _all(say: Callable[[float], str], values: np.ndarray) -> str:
    return ", ".join(map(say, np.ravel(values)))
