"""Pictures of how a network works: a step of training, a piece of a curve, the size of a step, kinks."""

from collections.abc import Callable, Mapping
from itertools import pairwise

from helpers import marks as draw
from helpers.marks import (
    BLACK,
    BLUE,
    GREEN,
    LOOKS,
    RED,
    YELLOW,
    Band,
    Curve,
    Dots,
    Frame,
    Mark,
    Picture,
    still,
)
from helpers.words import about, number, short

import numpy as np


def descent(loss: Callable[[float], float], weight: float, rate: float, steps: int = 4) -> Picture:
    """Draw the loss over one weight, and steps downhill from `weight`: each the rate times the slope."""
    path, slopes, tiny = [weight], [], 1e-4
    for _ in range(steps):
        slopes.append((loss(path[-1] + tiny) - loss(path[-1] - tiny)) / (2 * tiny))
        path.append(path[-1] - rate * slopes[-1])
    losses, reach = [loss(at) for at in path], np.ptp(path) or 1.0
    x = np.linspace(min(path) - 0.3 * reach, max(path) + 0.9 * reach, 100)
    touching = path[0] + 0.35 * reach * np.array([-1, 1])
    drawn = [
        Curve("loss", x, [loss(at) for at in x], LOOKS[0]),
        Curve("slope at the start", touching, losses[0] + slopes[0] * (touching - path[0]), LOOKS[1]),
        Dots("the weight, step by step", path, losses, {"color": BLACK, "markersize": 10}),
    ]
    figure = still((Frame("one weight", "loss", legend="upper right"), drawn))
    arrow = {
        "arrowstyle": "->",
        "linewidth": 2,
        "connectionstyle": "arc3,rad=-0.4",
        "shrinkA": 6,
        "shrinkB": 6,
    }
    for start, end in pairwise(zip(path, losses, strict=True)):
        figure.axes[0].annotate("", end, start, arrowprops=arrow)
    side = "larger" if path[1] > path[0] else "smaller"
    told = (
        f"At {short(weight)} the slope of the loss is {short(slopes[0])}, so a step makes the weight {side}"
    )
    caption = f"{told}; {steps} steps take the loss from {short(losses[0])} to {short(losses[-1])}."
    weights, losses = (", ".join(map(short, each)) for each in (path, losses))
    return Picture(figure, caption, None, f"{caption} The weight goes through {weights}; the loss {losses}.")


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
        draw.expected(x, x**2),
        *(Curve(name, ends, y, look) for (name, y), look in zip(lines.items(), LOOKS[:2], strict=True)),
    ]
    figure, told = still((Frame("x", "answer", (left - 0.06 * h, right + 0.3 * h)), drawn)), []
    for (name, y), at in zip(lines.items(), (right + 0.03 * h, right + 0.17 * h), strict=True):
        gap = right**2 - y[1]
        told.append(f"h²/{h**2 / gap:.0f} = {gap:,.0f} above the {name}")
        arrow = {"arrowstyle": "<->", "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
        figure.axes[0].annotate("", (at, y[1]), (at, right**2), arrowprops=arrow)
        figure.axes[0].text(at + 0.015 * h, right**2 - gap / 2, told[-1].split()[0], fontsize=16, va="center")
    return Picture(figure, f"On a piece of length h = {number(h)} the curve ends {' and '.join(told)}.")


def ruler(step: float, ranges: Mapping[str, tuple[float, float]]) -> Picture:
    """Draw named ranges of sizes, (low, high), on one logarithmic ruler, with the size of one step across."""
    look = {"color": BLUE, "linewidth": 14, "solid_capstyle": "butt"}
    bars = [
        Curve(name, ends, [row] * 2, look, legend=False) for row, (name, ends) in enumerate(ranges.items())
    ]
    names, rows_down = dict(enumerate(ranges)), (len(ranges) - 0.5, -0.5)
    frame = Frame("size", "", None, rows_down, "x", None, names, "outside upper right")
    step_line = draw.level(f"one step: {number(step)}", step, upright=True)
    figure = still((frame, [*bars, step_line]), size=(9, 1.8 + 0.6 * len(ranges)))
    rows = [(name, f"{short(100 * step / high)} %") for name, (_, high) in ranges.items()]
    return draw.told(
        figure, f"One step of {number(step)}, as a share of the largest", ["range", "share"], rows
    )


def kinks_frame(title: str, units: int, largest: float, first: bool = True) -> Frame:
    """Return the frame of `kinks_of`; the first of several has the legend and names the rows."""
    rows = {unit: f"{unit}" for unit in range(1, units + 1)} if first else {}
    places, names = {0: "0", largest: f"{largest:,}"}, ("kink at x (edge: farther)", "unit" * first)
    limits = (-largest, 2 * largest), (0.4, units + 5.5)
    return Frame(*names, *limits, "", places, rows, "upper left" * first, title)


def kinks_of(weights: np.ndarray, kinks: np.ndarray, largest: float) -> tuple[list[Mark], list[int]]:
    """Return marks of where the kinks of ReLU units went from 0, a row a unit; and how many do what.

    weights, kinks: (units,), kinks in x. A unit bends inside 1..largest, is on there, or is off there.
    """
    rows, inside = np.arange(1, len(kinks) + 1), (kinks > 1) & (kinks < largest)
    on = ~inside & (weights * (largest / 2 - kinks) > 0)
    shown = np.clip(kinks, -0.9 * largest, 1.9 * largest)
    away = np.stack([0 * shown, shown, 0 * shown], axis=1), np.repeat(rows, 3)
    shade = {"color": YELLOW, "alpha": 0.35}
    drawn = [
        Band(f"1 to {largest:,}", [1, largest], [[0, 0], [1, 1]], shade, still=True, across="y"),
        Curve("from 0", *away, {"color": BLACK, "linewidth": 1.2}, legend=False),
    ]
    groups = [
        ("bends inside", inside, {"color": GREEN, "marker": "o"}),
        ("on for every x", on, {"color": BLUE, "marker": "^"}),
        ("off for every x", ~inside & ~on, {"color": RED, "marker": "X"}),
    ]
    drawn += [
        Dots(name, shown[which], rows[which], look | {"markersize": 12, "clip_on": True})
        for name, which, look in groups
    ]
    return drawn, [int(which.sum()) for _, which, _ in groups]


def kinks_moved(moved: Mapping[str, tuple[np.ndarray, np.ndarray]], largest: float) -> Picture:
    """Draw where the kinks of trained ReLU units went from 0: by name, weights and kinks as in `kinks_of`."""
    filled, rows = [], []
    for name, (weights, kinks) in moved.items():
        drawn, counts = kinks_of(weights, kinks, largest)
        filled.append((kinks_frame(name, len(kinks), largest, first=not filled), drawn))
        rows.append((name, *map("≈ {}".format, counts), about(np.abs(kinks).max())))
    header = ["scale", "bend inside", "on for every x", "off for every x", "farthest kink"]
    return draw.told(still(*filled), "Where the kinks went from 0", header, rows)
