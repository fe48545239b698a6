"""Every picture of the course. Each comes with a sentence, computed from its data, that says what it shows.

Numbers that were trained carry a ≈ in the sentence, as everywhere.
"""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from helpers.checks import InputError
from helpers.problems import rmse, same_length
from helpers.words import about, spread

import matplotlib
import matplotlib.ticker
import numpy as np
from IPython.display import Markdown, display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

STYLE = matplotlib.rc_params_from_file(
    Path(__file__).with_name("course.mplstyle"), use_default_template=False
)
_styled = matplotlib.rc_context(STYLE)
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = matplotlib.color_sequences["okabe_ito"]
# Curves differ by colour, by dashes and by name: no reader depends on colour alone.
LOOKS = [
    {"color": BLUE, "linestyle": "-"},
    {"color": RED, "linestyle": "--"},
    {"color": GREEN, "linestyle": "-."},
    {"color": PURPLE, "linestyle": ":"},
]
EXPECTED = {"color": BLACK, "linewidth": 8, "alpha": 0.25}


@dataclass(frozen=True)
class Picture:
    """A matplotlib figure and the sentence that says what it shows; a notebook displays both."""

    figure: Figure
    sentence: str

    def png(self) -> bytes:
        """Return the figure as PNG."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png")
        return buffer.getvalue()

    def bundle(self) -> dict[str, str]:
        """Return what Jupyter stores: the picture in base64, and the sentence as its plain text."""
        return {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.sentence}

    def _ipython_display_(self) -> None:
        display(
            self.bundle(),
            metadata={"image/png": {"alt": self.sentence}},
            raw=True,
        )
        display(Markdown(self.sentence))


def _axes(x_label: str, y_label: str, *, columns: int = 1, size=None) -> tuple[Figure, np.ndarray]:
    """Return a figure of our style and its axes: (columns,) Axes, labelled alike."""
    figure = Figure(figsize=size)
    axes = np.atleast_1d(figure.subplots(1, columns))
    for each in axes:
        number_axes(each, x_label, y_label)
    return figure, axes


def number_axes(axes: Axes, x_label: str, y_label: str) -> None:
    """Label the axes, and write their numbers as the course does."""
    axes.set(xlabel=x_label, ylabel=y_label)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:,.10g}"))


@_styled
def fit(
    x: np.ndarray,
    expected: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    *,
    trained: bool = True,
    kinks: Sequence[float] = (),
    target: str = "x²",
    trained_to: float | None = None,
    highest: float | None = None,
) -> Picture:
    """Draw what was expected and up to four predictions, by name, over x.

    x, expected and each prediction: (examples,) or (examples, 1). trained: the predictions come from
    training, so the sentence marks their figures with ≈. kinks: positions to mark on the x axis.
    target: the name of what was expected. trained_to: where the training range ends, if x goes
    beyond it; the range is shaded, and the sentence tells the RMSE inside and beyond. highest: the
    answer at which the picture is cut off, where some leave the others far below.
    """
    figure, (axes,) = _axes("x", "answer")
    x, expected = np.ravel(x), np.ravel(expected)
    order = np.argsort(x)
    axes.plot(x[order], expected[order], label=f"expected: {target}", **EXPECTED)
    say = about if trained else lambda value: f"{value:,.0f}"
    misses = []
    for look, (name, predicted) in _told_apart(predictions):
        predicted = np.ravel(predicted)
        same_length(expected=expected, predicted=predicted)
        axes.plot(x[order], predicted[order], label=name, **look)
        if trained_to is None:
            misses.append(f"{name} {say(rmse(expected, predicted))}")
        else:
            errors = [
                say(rmse(expected[part], predicted[part])) for part in (x <= trained_to, x > trained_to)
            ]
            misses.append(f"{name} {' and '.join(errors)}")
    where = ""
    if trained_to is not None:
        axes.axvspan(x.min(), trained_to, color=YELLOW, alpha=0.35, linewidth=0, label="trained here")
        where = f" up to {trained_to:,.0f} and from there to {x.max():,.0f}"
    parts = [f"RMSE against {target}{where}: {', '.join(misses)}"]
    if len(kinks):
        _mark_kinks(axes, kinks)
        parts.append(f"kinks inside the range: {'≈ ' if trained else ''}{len(kinks)}")
    if highest is not None:
        axes.set_ylim(-highest / 3, highest)
        parts.append(f"the picture ends at {highest:,.0f}")
    axes.legend(loc="upper left" if highest is None else "best")
    return Picture(figure, _sentence(parts))


def _mark_kinks(axes: Axes, kinks: Sequence[float]) -> None:
    axes.plot(
        kinks,
        np.full(len(kinks), 0.02),
        "^",
        color=BLACK,
        markersize=10,
        clip_on=False,
        transform=axes.get_xaxis_transform(),
        label="kinks",
    )


@_styled
def errors(x: np.ndarray, expected: np.ndarray, predictions: Mapping[str, np.ndarray]) -> Picture:
    """Draw by how much up to four predictions, set by hand, miss what was expected, over x.

    x, expected and each prediction: (examples,) or (examples, 1), whole numbers.
    """
    figure, (axes,) = _axes("x", "error: x² − answer")
    x, expected = np.ravel(x), np.ravel(expected)
    parts = []
    for look, (name, predicted) in _told_apart(predictions):
        same_length(expected=expected, predicted=predicted)
        left = expected - np.ravel(predicted)
        axes.plot(x, left, label=name, **look | {"linewidth": 1.8})
        parts.append(
            f"{name}: worst error {np.abs(left).max():,.0f}, RMSE {_told(rmse(left, np.zeros_like(left)))}, "
            f"{(left != 0).sum():,} of {len(x):,} wrong"
        )
    figure.legend(loc="outside upper right")
    return Picture(figure, _sentence(parts))


@_styled
def folds(z: np.ndarray, curves: Mapping[str, np.ndarray]) -> Picture:
    """Draw up to four curves by name over z from 0 to 1, (points,), and count how often each turns."""
    figure, (axes,) = _axes("z", "g")
    parts = []
    for look, (name, values) in _told_apart(curves):
        axes.plot(z, values, label=name, **look)
        turns = int((np.diff(np.sign(np.diff(values))) != 0).sum())
        parts.append(f"{name} turns {turns} time{'s' if turns > 1 else ''}")
    figure.legend(loc="outside right upper")
    return Picture(figure, _sentence(parts))


@_styled
def scaling(
    size: str,
    could: Mapping[str, Mapping[int, float]],
    found: Mapping[int, Sequence[float]] | None = None,
    *,
    log_size: bool = True,
) -> Picture:
    """Draw RMSE over the size of a network, logarithmic: what it could reach, and what training found.

    size: what is counted, for example "units"; could: by name, the exact RMSE for each size; found:
    the RMSE of every run for each size, drawn as dots with the median.
    """
    figure, (axes,) = _axes(size, "RMSE of the answers")
    axes.set_yscale("log")
    if log_size:
        axes.set_xscale("log")
    parts = []
    for look, (name, law) in _told_apart(could, LOOKS[1:]):
        sizes, values = list(law), list(law.values())
        axes.plot(sizes, values, marker="s", label=name, **look)
        parts.append(
            f"{name}: from {_told(values[0])} at {sizes[0]:,} to {_told(values[-1])} at {sizes[-1]:,} {size}"
        )
    if found:
        sizes = list(found)
        for at, values in found.items():
            axes.plot(np.full(len(values), at), values, "o", color=BLUE, alpha=0.35, markersize=6)
        medians = [float(np.median(values)) for values in found.values()]
        axes.plot(sizes, medians, label="trained: median; dots: every run", **LOOKS[0])
        runs = sum(len(values) for values in found.values())
        told = [f"{about(median)} at {at:,}" for at, median in zip(sizes, medians, strict=True)]
        parts.append(f"trained, the median of the runs is {', '.join(told)} {size} ({runs} runs)")
    ticks = sorted({at for law in (*could.values(), found or {}) for at in law})
    if len(ticks) <= 12:
        axes.set_xticks(ticks, [f"{at}" for at in ticks])
        axes.minorticks_off()
    axes.legend(loc="best")
    return Picture(figure, _sentence(parts))


def _told(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def _told_apart(curves: Mapping[str, object], looks: Sequence[object] = LOOKS) -> list[tuple]:
    """Return (look, (name, values)) for each curve, or raise InputError if there are more than looks."""
    if len(curves) > len(looks):
        raise InputError(
            f"a picture tells up to {len(looks)} curves apart, but got {len(curves)}: draw fewer."
        )
    return list(zip(looks, curves.items(), strict=False))


def _sentence(parts: Sequence[str]) -> str:
    joined = "; ".join(parts)
    return joined[:1].upper() + joined[1:] + "."


@_styled
def printed_rows(expected: np.ndarray, predicted: np.ndarray) -> Picture:
    """Draw printed rows of squares over x = √expected, and the line that runs through the predictions.

    expected, predicted: int arrays (rows,), as a thread or a notebook printed them.
    """
    x = np.sqrt(expected)
    # Rounded as the sentence tells them, so that a reader can check it.
    slope, intercept = map(round, np.polyfit(x, predicted, 1), (4, 1))
    deviation = np.abs(slope * x + intercept - predicted).max()
    figure, (axes,) = _axes("x", "answer")
    ends = np.array([0, 1000])
    axes.plot(ends, slope * ends + intercept, label="one straight line", **LOOKS[0])
    axes.plot(x, predicted, "s", color=RED, label="predicted", markersize=10)
    axes.plot(x, expected, "o", color=BLACK, label="expected: x²", markersize=9)
    axes.legend(loc="upper left")
    return Picture(
        figure,
        f"All {len(x)} predictions lie within {deviation:.2f} of the line "
        f"{slope:.4f}·x {_signed(intercept, 1)}, while the expected answers bend away from it.",
    )


def _signed(value: float, decimals: int = 0) -> str:
    return f"{'−' if value < 0 else '+'} {abs(value):,.{decimals}f}"


@_styled
def diagonal(expected: np.ndarray, predicted: np.ndarray) -> Picture:
    """Draw predicted over expected answers, with the diagonal on which both are the same."""
    expected, predicted = np.ravel(expected), np.ravel(predicted)
    wrong = int((expected != predicted).sum())
    figure, (axes,) = _axes("expected", "predicted", size=(6.5, 6))
    ends = [min(expected.min(), 0), expected.max()]
    axes.plot(ends, ends, color=BLACK, linewidth=1.5, label="predicted = expected")
    axes.plot(expected, predicted, "o", color=BLUE, markersize=5, label="examples")
    axes.locator_params(nbins=5)
    axes.legend(loc="upper left")
    verdict = "all of them exactly on" if wrong == 0 else f"≈ {wrong:,} of them off"
    return Picture(figure, f"{len(expected):,} examples, {verdict} the diagonal.")


@_styled
def losses(histories: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the loss after each epoch, one curve a training, on a logarithmic axis."""
    figure, (axes,) = _axes("epoch", "loss (mean squared error)")
    parts = []
    for look, (name, values) in _told_apart(histories):
        axes.plot(np.arange(1, len(values) + 1), values, label=name, **look)
        parts.append(f"{name}: from {about(values[0])} to {about(values[-1])} in {len(values):,} epochs")
    axes.set_yscale("log")
    figure.legend(loc="outside upper right")
    return Picture(figure, _sentence(parts))


@_styled
def runs(
    groups: Mapping[str, Sequence[float]],
    *,
    floors: Mapping[str, float] | None = None,
    marks: Mapping[str, float] | None = None,
    log: bool = False,
) -> Picture:
    """Draw the RMSE of every run as a dot, one row a group, with the median.

    floors: named limits, of which is told how many runs are below; marks: named values, of which is told
    how many runs are within 5 % of them. log: count in factors, where some runs end 100 times above others.
    """
    floors, marks = floors or {}, marks or {}
    height = 1.8 + 0.75 * len(groups) + 0.3 * len(floors | marks)  # axis, rows and legend
    figure, (axes,) = _axes("RMSE of the answers", "", size=(9, height))
    for row, values in enumerate(groups.values()):
        jitter = np.linspace(-0.22, 0.22, len(values)) if len(values) > 1 else [0]
        axes.plot(values, row + np.asarray(jitter), "o", color=BLUE, alpha=0.6)
        median = axes.plot([np.median(values)] * 2, [row - 0.35, row + 0.35], color=RED)[0]
    median.set_label("median of the runs")
    for style, (name, value) in _told_apart(floors | marks, ("--", ":", "-.")):
        label = f"{name}: {value:,.0f}"
        axes.axvline(value, color=BLACK, linestyle=style, linewidth=2, label=label, zorder=1)  # behind runs
    if log:
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.xaxis.set_major_locator(
            matplotlib.ticker.LogLocator(subs=(1, 2, 5) if high < 20 * low else (1,))
        )
        axes.xaxis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:,.10g}"))
        axes.xaxis.set_minor_formatter(matplotlib.ticker.NullFormatter())
    axes.set_yticks(range(len(groups)), groups)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.grid(axis="y", visible=False)
    figure.legend(loc="outside upper right")
    # A figure rounded to whole answers may slip below by a hair.
    below = {
        name: [sum(value < 0.9999 * floor for value in values) for values in groups.values()]
        for name, floor in floors.items()
    }
    near = {
        name: [sum(abs(value / mark - 1) < 0.05 for value in values) for values in groups.values()]
        for name, mark in marks.items()
    }
    told = []
    for row, (name, values) in enumerate(groups.items()):
        counts = [f"≈ {of[row]} below {floor}" for floor, of in below.items() if any(of)]
        counts += [f"≈ {of[row]} within 5 % of {mark}" for mark, of in near.items()]
        count = f"{len(values)} run{'s' if len(values) > 1 else ''}"
        told.append(", ".join([f"{name}: {spread(values)}", count, *counts]))
    for name, of in below.items():
        told.append(f"{f'{name} is' if any(of) else f'no run is below {name},'} {floors[name]:,.0f}")
    told += [f"{name} is {mark:,.0f}" for name, mark in marks.items()]
    told[0] = f"RMSE, median and range: {told[0]}"
    return Picture(figure, _sentence(told))


@_styled
def hinge(x: np.ndarray, kink: float) -> Picture:
    """Draw one ReLU unit, relu(x - kink), over x: (examples,)."""
    figure, (axes,) = _axes("x", "output of the unit")
    values = np.maximum(x - kink, 0)
    axes.plot(x, values, label=f"relu(x − {kink:,})", **LOOKS[0])
    _mark_kinks(axes, [kink])
    axes.legend(loc="upper left")
    return Picture(
        figure,
        f"Up to x = {kink:,} the unit gives {values[x <= kink].max():.0f}; from there its output "
        f"rises with slope {np.diff(values)[-1]:.0f}, to {values[-1]:,.0f}.",
    )


@_styled
def activations(names: Sequence[str]) -> Picture:
    """Draw activations by Keras name, side by side, over what reaches a unit, from -4 to 4."""
    import keras  # here, so that a picture without a network needs no TensorFlow

    figure, axes = _axes("input", "", columns=len(names), size=(2.1 * len(names), 3.6))
    z = np.linspace(-4, 4, 161)
    parts = []
    for each, name in zip(axes, names, strict=True):
        values = np.asarray(keras.activations.get(name)(z.astype("float32")))
        first, last = (round(float(values[end]), 1) + 0.0 for end in (0, -1))  # + 0.0: no −0.0
        each.plot(z, values, **LOOKS[0])
        each.set(title=name, ylim=(-2, 4))
        parts.append(f"{name} runs from {first} at -4 to {last} at 4")
    axes[0].set_ylabel("output of the unit")
    return Picture(figure, _sentence(parts).replace("-", "−"))


@_styled
def units(x: np.ndarray, contributions: np.ndarray, offset: float, kinks: Sequence[float] = ()) -> Picture:
    """Draw what each unit of the one hidden layer adds to the answer, and their sum.

    x: (examples,); contributions: (examples, units), in the unit of the answer; offset: the bias of
    the last layer; kinks: where the units switch on or off, those inside the range are marked.
    """
    x = np.ravel(x)
    order = np.argsort(x)
    figure, (axes,) = _axes("x", "answer")
    for column, values in enumerate(contributions.T):
        axes.plot(
            x[order], values[order], color=SKY, linewidth=1.8, label="one unit each" if column == 0 else None
        )
    axes.plot(x[order], (contributions.sum(axis=1) + offset)[order], label="their sum + bias", **LOOKS[0])
    inside = [kink for kink in kinks if x.min() < kink < x.max()]
    _mark_kinks(axes, inside)
    axes.legend(loc="upper left")
    silent = int((np.ptp(contributions, axis=0) == 0).sum())
    return Picture(
        figure,
        f"{contributions.shape[1]} units: ≈ {len(inside)} bend the curve inside the range, "
        f"≈ {silent} add nothing to its shape.",
    )


@_styled
def pieces_law(pieces: Sequence[int], errors: Sequence[float]) -> Picture:
    """Draw the RMSE over the number of straight pieces, both axes logarithmic."""
    figure, (axes,) = _axes("straight pieces", "RMSE of the answers")
    axes.loglog(pieces, errors, "o", label="the network, set by hand", color=BLUE)
    law = errors[0] * (np.asarray(pieces) / pieces[0]) ** -2.0
    axes.loglog(pieces, law, label="floor / pieces²", color=BLACK, linewidth=1.5)
    for k, error in zip(pieces, errors, strict=True):
        axes.annotate(f"{error:,.0f}", (k, error), xytext=(10, 6), textcoords="offset points")
    axes.set_xticks(pieces, [f"{k}" for k in pieces])
    axes.yaxis.set_major_formatter(matplotlib.ticker.StrMethodFormatter("{x:,.10g}"))
    axes.minorticks_off()
    axes.set_xlim(pieces[0] / 1.2, pieces[-1] * 1.5)
    axes.set_ylim(min(errors) / 1.5, max(errors) * 1.8)
    axes.legend(loc="upper right")
    slope = np.polyfit(np.log(pieces), np.log(errors), 1)[0]
    return Picture(
        figure,
        f"From {pieces[0]} to {pieces[-1]} pieces the RMSE falls from {errors[0]:,.0f} to {errors[-1]:,.0f}: "
        f"a slope of {slope:.1f}".replace("-", "−")
        + ", so twice the pieces leave a quarter of the error.",
    )


@_styled
def hidden_units(x: np.ndarray, layers: Mapping[str, np.ndarray]) -> Picture:
    """Draw what each ReLU unit of a layer gives over x, side by side for up to four trained networks.

    x: whole numbers, (examples,) or (examples, 1); layers: the outputs (examples, units), by scale.
    """
    _told_apart(layers)  # more of them would not be told apart either, side by side
    x = np.ravel(x)
    figure, axes = _axes("x", "", columns=len(layers), size=(4.5 * len(layers), 4.5))
    axes[0].set_ylabel("output of the unit")
    parts = []
    for each, (name, outputs) in zip(axes, layers.items(), strict=True):
        each.plot(x, outputs, **LOOKS[0])
        each.set(title=name, ylim=(-0.05 * outputs.max() - 0.01, 1.05 * outputs.max() + 0.01))
        on = outputs > 0
        bent, off = (on.any(axis=0) & ~on.all(axis=0)).sum(), (~on.any(axis=0)).sum()
        parts.append(
            f"at {name}, of {len(on[0])} units ≈ {bent} bend inside the range, ≈ {off} are off for every x, "
            f"and the largest output is {about(outputs.max())}"
        )
    return Picture(figure, _sentence(parts))
