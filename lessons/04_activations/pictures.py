"""The figures that only this lesson shows."""

from collections.abc import Sequence

from helpers import networks
from helpers.pictures import marks
from helpers.pictures.figures import exact, picture
from helpers.pictures.marks import BLUE, LOOKS, SKY, Bundle, Curve, Dots, Frame, Picture, still
from helpers.problems import Scaling
from helpers.words import number

import keras
import numpy as np


@picture
def relu_unit(x: np.ndarray, kink: float) -> Picture:
    """Draw one ReLU unit, relu(x - kink), over x: (examples,)."""
    values = np.maximum(x - kink, 0)
    drawn = [Curve(f"relu(x − {kink:,})", x, values, LOOKS[0]), marks.kinks([kink])]
    flat, rise = values[x <= kink].max(), np.diff(values)[-1]
    summary = (
        f"Up to x = {kink:,} the unit gives {flat:.0f}; from there its output rises with slope {rise:.0f}"
    )
    return Picture(still((Frame("x", "output of the unit"), drawn)), f"{summary}, to {values[-1]:,.0f}.")


@picture
def activations(names: Sequence[str]) -> Picture:
    """Draw activations by name, side by side, over what reaches a unit, from -4 to 4."""
    z, ticks = np.linspace(-4, 4, 161), {at: number(at) for at in (-4, 0, 4)}
    filled, rows, named = [], [], {"y_limits": (-2, 4), "x_ticks": ticks, "legend": ""}
    for name in names:
        values = np.asarray(networks.ACTIVATIONS[name].function(z.astype("float32")))
        frame = Frame("input", "" if filled else "output", title=name, **named)
        filled.append((frame, [Curve(name, z, values, LOOKS[0])]))
        rows.append((name, *(number(round(float(end), 1) + 0.0) for end in (values[0], values[-1]))))  # no −0
    figure = still(*filled, size=(2.1 * len(names), 3.6))
    return marks.described(figure, "What the activations give", ["activation", "at −4", "at 4"], rows)


@picture
def units(model: keras.Model, scaling: Scaling, x: np.ndarray, *, trained: bool = True) -> Picture:
    """Draw what each unit of the one hidden layer adds to the answer, and their sum.

    Where there are two units, each has its name.

    Args:
        model: one hidden layer of ReLU units and a linear last one, of 1 input and 1 output.
        scaling: as in `experiments.answers`.
        x: whole numbers, rising, (examples, 1).
        trained: as in `fit`.
    """
    hidden, _ = networks.outputs(model, scaling.inputs(x))
    last, bias = (each.astype(float) * scaling.y_divisor for each in model.layers[-1].get_weights())
    contributions, offset, x = hidden * last[:, 0], bias[0], np.ravel(x)
    kinks = networks.kinks(model) * scaling.x_divisor + scaling.x_shift
    inside = [kink for kink in kinks if x[0] < kink < x[-1]]
    thin = [Bundle("one unit each", x, contributions.T, {"color": SKY, "linewidth": 1.8})]
    if len(contributions.T) == 2:
        named = zip(LOOKS[1:], contributions.T, strict=False)
        thin = [Curve(f"{'+ ' if j else ''}unit {j + 1}", x, y, look) for j, (look, y) in enumerate(named)]
    whole = Curve("their sum + bias", x, contributions.sum(axis=1) + offset, LOOKS[0])
    silent, mark = int((np.ptp(contributions, axis=0) == 0).sum()), "≈ " if trained else ""
    summary = f"Of {len(contributions.T)} units {mark}{len(inside)} with a kink inside the range"
    figure = still((Frame("x", "answer"), [*thin, whole, marks.kinks(inside)]))
    return Picture(figure, f"{summary}, {mark}{silent} without effect on the shape.")


@picture
def pieces_law(pieces: Sequence[int], errors: Sequence[float]) -> Picture:
    """Draw the RMSE over the number of straight pieces, both axes logarithmic."""
    limits = (pieces[0] / 1.2, pieces[-1] * 1.5), (min(errors) / 1.5, max(errors) * 1.8)
    ticks = {k: f"{k}" for k in pieces}
    frame = Frame("straight pieces", "RMSE of the answers", *limits, "xy", ticks, legend="upper right")
    floors = errors[0] * (np.asarray(pieces) / pieces[0]) ** -2.0
    by_hand = Dots("the network, set by hand", pieces, errors, {"color": BLUE})
    figure = still((frame, [by_hand, marks.law(pieces, floors)]))
    for at in zip(pieces, errors, strict=True):
        figure.axes[0].annotate(exact(at[1]), at, (10, 6), textcoords="offset points", fontsize=14)
    slope = np.polyfit(np.log(pieces), np.log(errors), 1)[0]
    most, least = exact(errors[0]), exact(errors[-1])
    falls = f"From {pieces[0]} to {pieces[-1]} pieces the RMSE falls from {most} to {least}"
    left = f"twice the pieces leave {2**slope:.2f} of the error"
    return Picture(figure, f"{falls}, with slope {number(round(slope, 1))}: {left}.")


@picture
def piece(left: float, right: float) -> Picture:
    """Draw x² from left to right, its best line and its tangent, and how far it ends above them."""
    ends, h = np.array([left, right]), right - left
    x = np.linspace(left, right, 1001)
    inner = (x[1:] + x[:-1]) / 2
    lines = {
        "best line": np.polyval(np.polyfit(inner, inner**2, 1), ends),
        "tangent": (left + right) * ends - (left + right) ** 2 / 4,
    }
    drawn = [
        marks.expected(x, x**2),
        *(Curve(name, ends, y, look) for (name, y), look in zip(lines.items(), LOOKS[:2], strict=True)),
    ]
    figure, gaps = still((Frame("x", "answer", (left - 0.06 * h, right + 0.3 * h)), drawn)), []
    for (name, y), at in zip(lines.items(), (right + 0.03 * h, right + 0.17 * h), strict=True):
        gap = right**2 - y[1]
        gaps.append(f"h²/{h**2 / gap:.0f} = {gap:,.0f} above the {name}")
        arrow = {"arrowstyle": "<->", "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
        figure.axes[0].annotate("", (at, y[1]), (at, right**2), arrowprops=arrow)
        figure.axes[0].text(at + 0.015 * h, right**2 - gap / 2, gaps[-1].split()[0], fontsize=16, va="center")
    return Picture(figure, f"On a piece of length h = {number(h)} the curve ends {' and '.join(gaps)}.")
