"""The figures that only this lesson shows."""

from collections.abc import Mapping

from helpers.pictures import marks
from helpers.pictures.figures import picture, with_looks
from helpers.words import about, number, short

import numpy as np


@picture
def hidden_units(x: np.ndarray, layers: Mapping[str, np.ndarray]) -> marks.Picture:
    """Draw the output of each ReLU unit over x, side by side for up to four trained networks.

    Args:
        x: whole numbers, (examples,) or (examples, 1).
        layers: by scale, the outputs (examples, units).
    """
    filled, rows = [], []
    for _, name, outputs in with_looks(layers):  # more would not be summary apart either, side by side
        highest, on = outputs.max(), outputs > 0
        limits = -0.05 * highest - 0.01, 1.05 * highest + 0.01
        frame = marks.Frame("x", "" if filled else "output of the unit", None, limits, legend="", title=name)
        filled.append((frame, [marks.Bundle(name, x, outputs.T, marks.LOOKS[0])]))
        bent, off = (on.any(axis=0) & ~on.all(axis=0)).sum(), (~on.any(axis=0)).sum()
        rows.append((name, f"{len(on.T)}", f"≈ {bent}", f"≈ {off}", about(highest)))
    header = ["scale", "units", "bend inside the range", "off for every x", "largest output"]
    return marks.described(
        marks.still(*filled, size=(4.5 * len(layers), 4.5)), "What the units give for x", header, rows
    )


@picture
def ruler(step: float, ranges: Mapping[str, tuple[float, float]]) -> marks.Picture:
    """Draw named ranges of sizes, (low, high), on one logarithmic ruler, with the size of one step across."""
    look = {"color": marks.BLUE, "linewidth": 14, "solid_capstyle": "butt"}
    bars = [
        marks.Curve(name, ends, [row] * 2, look, legend=False)
        for row, (name, ends) in enumerate(ranges.items())
    ]
    names, rows_down = dict(enumerate(ranges)), (len(ranges) - 0.5, -0.5)
    frame = marks.Frame("size", "", y_limits=rows_down, log="x", y_ticks=names, legend="outside upper right")
    step_line = marks.level(f"one step: {number(step)}", step, upright=True)
    figure = marks.still((frame, [*bars, step_line]), size=(9, 1.8 + 0.6 * len(ranges)))
    rows = [(name, f"{short(100 * step / high)} %") for name, (_, high) in ranges.items()]
    return marks.described(
        figure, f"One step of {number(step)}, as a share of the largest", ["range", "share"], rows
    )


def kinks_frame(title: str, units: int, largest: float, first: bool = True) -> marks.Frame:
    """Return the frame of `kinks_of`; the first of several has the legend and names the rows."""
    rows = {unit: f"{unit}" for unit in range(1, units + 1)} if first else {}
    return marks.Frame(
        "kink at x (at the edges: beyond)",
        "unit" if first else "",
        (-largest, 2 * largest),
        (0.4, units + 5.5),
        x_ticks={0: "0", largest: f"{largest:,}"},
        y_ticks=rows,
        legend="upper left" if first else "",
        title=title,
    )


def kinks_of(weights: np.ndarray, kinks: np.ndarray, largest: float) -> tuple[list[marks.Mark], list[int]]:
    """Return marks of where the kinks of ReLU units moved from 0, and how many units bend, are on or off.

    weights, kinks: (units,), kinks in x. A unit bends inside 1..largest, is on there, or is off there.
    """
    rows, inside = np.arange(1, len(kinks) + 1), (kinks > 1) & (kinks < largest)
    on = ~inside & (weights * (largest / 2 - kinks) > 0)
    shown = np.clip(kinks, -0.9 * largest, 1.9 * largest)
    away = np.stack([0 * shown, shown, 0 * shown], axis=1), np.repeat(rows, 3)
    shade = {"color": marks.YELLOW, "alpha": 0.35}
    drawn = [
        marks.Band(f"1 to {largest:,}", [1, largest], [[0, 0], [1, 1]], shade, still=True, across="y"),
        marks.Curve("from 0", *away, {"color": marks.BLACK, "linewidth": 1.2}, legend=False),
    ]
    groups = [
        ("bends inside", inside, {"color": marks.GREEN, "marker": "o"}),
        ("on for every x", on, {"color": marks.BLUE, "marker": "^"}),
        ("off for every x", ~inside & ~on, {"color": marks.RED, "marker": "X"}),
    ]
    drawn += [
        marks.Dots(name, shown[which], rows[which], look | {"markersize": 12, "clip_on": True})
        for name, which, look in groups
    ]
    return drawn, [int(which.sum()) for _, which, _ in groups]


@picture
def kinks_moved(moved: Mapping[str, tuple[np.ndarray, np.ndarray]], largest: float) -> marks.Picture:
    """Draw where the kinks of trained ReLU units went from 0: by name, weights and kinks as in `kinks_of`."""
    filled, rows = [], []
    for name, (weights, kinks) in moved.items():
        drawn, counts = kinks_of(weights, kinks, largest)
        filled.append((kinks_frame(name, len(kinks), largest, first=not filled), drawn))
        rows.append((name, *map("≈ {}".format, counts), about(np.abs(kinks).max())))
    header = ["scale", "bend inside", "on for every x", "off for every x", "farthest kink"]
    return marks.described(marks.still(*filled), "Where the kinks went from 0", header, rows)
