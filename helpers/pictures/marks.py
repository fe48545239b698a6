"""What a picture is made of: frames and the marks in them, alike in a still figure and in a live panel.

`still` draws them once, for `figures`; `live.canvas` keeps what it drew and moves it.
"""

import base64
import html
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from helpers.words import number, table

import matplotlib
import numpy as np
from IPython.display import HTML, Markdown, display
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.ticker import LogFormatterMathtext, LogLocator, NullFormatter

STYLE = matplotlib.rc_params_from_file(
    Path(__file__).with_name("course.mplstyle"), use_default_template=False
)
# Distinct for colour-blind readers, too: Okabe and Ito, Color Universal Design, 2008.
COLOURS = "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = COLOURS
# Curves differ by colour, by dashes and by name: no reader depends on colour alone.
LOOKS = [
    {"color": BLUE, "linestyle": "-"},
    {"color": RED, "linestyle": "--"},
    {"color": GREEN, "linestyle": "-."},
    {"color": PURPLE, "linestyle": ":"},
]

MOST_WORDS = 25  # of a caption


@dataclass(frozen=True)
class Mark:
    """Something drawn under a name.

    x, y: float arrays (points,). look: matplotlib's properties, fixed like the name. still: it never
    moves, so it is drawn once. legend: whether it is listed there. across: "x" or "y", if that
    coordinate is a fraction of the frame, from 0 to 1, rather than a number on the axis.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    look: dict = field(default_factory=dict)
    still: bool = False
    legend: bool = True
    across: str = ""

    # matplotlib's class, how axes add one and how it takes new data, and its default look.
    _artist: ClassVar = Line2D
    _add: ClassVar = "add_line"
    _set_data: ClassVar = "set_data"
    _usual: ClassVar = {"linewidth": STYLE["lines.linewidth"]}

    def add_to(self, axes: Axes) -> Artist:
        """Return a new artist for this mark, in the axes."""
        look = self._usual | {"label": self.name if self.legend else "_"} | self.look
        if self.across:
            mixed = axes.get_yaxis_transform if self.across == "x" else axes.get_xaxis_transform
            look["transform"] = mixed()
        artist = self._artist(*self._data(), **look)
        getattr(axes, self._add)(artist)
        # For no points at all, matplotlib would make room as if at infinity.
        artist.set_in_layout(np.size(self.y) > 0)
        axes.autoscale_view()
        return artist

    def move(self, artist: Artist) -> None:
        """Give the artist this mark's data."""
        getattr(artist, self._set_data)(*self._data())

    def _data(self) -> tuple:
        return np.ravel(self.x), np.ravel(self.y)


@dataclass(frozen=True)
class Curve(Mark):
    """A line through the points."""


@dataclass(frozen=True)
class Dots(Mark):
    """A dot at each point; a "marker" in the look distinguishes groups without colour."""

    _usual: ClassVar = {"linestyle": "none", "marker": "o", "markersize": 8, "clip_on": False}


@dataclass(frozen=True)
class Bundle(Mark):
    """Lines of one kind, one for each run or unit. x: (points,) or like y; y: (lines, points)."""

    _artist, _add, _set_data = LineCollection, "add_collection", "set_segments"

    def _data(self) -> tuple:
        y = np.reshape(self.y, (len(self.y), -1))
        x = np.reshape(self.x, (-1, y.shape[1]))
        return (np.stack([np.broadcast_to(x, y.shape), y], axis=-1),)


@dataclass(frozen=True)
class Band(Mark):
    """The area between the lowest and the highest of several lines. y: (lines, points)."""

    _artist, _add, _set_data = Polygon, "add_patch", "set_xy"
    _usual: ClassVar = {"linewidth": 0}

    def _data(self) -> tuple:
        x, y = np.ravel(self.x), np.reshape(self.y, (len(self.y), -1))
        low, high = np.stack([x, y.min(axis=0)], 1), np.stack([x, y.max(axis=0)], 1)
        return (np.concatenate([low, high[::-1]]),)


@dataclass(frozen=True)
class Frame:
    """One pair of axes: labels with units, limits, scale, ticks.

    x_limits, y_limits: None for what the marks need. log: "x", "y", "xy" or "". x_ticks, y_ticks:
    {position: label}. legend: matplotlib's location, or "" for none. width: relative to other frames.
    """

    x: str
    y: str
    x_limits: tuple[float, float] | None = None
    y_limits: tuple[float, float] | None = None
    log: str = ""
    x_ticks: dict[float, str] | None = None
    y_ticks: dict[float, str] | None = None
    legend: str = "upper left"
    title: str = ""
    width: float = 1.0

    def fill(self, axes: Axes, marks: Sequence[Mark]) -> list[Artist]:
        """Draw the marks into axes made by `figure_of`, with a legend; return their artists."""
        artists = [mark.add_to(axes) for mark in marks]
        if self.legend and any(mark.legend for mark in marks):
            owner = axes.figure if self.legend.startswith("outside") else axes
            # Not by rc_context, which threads would share.
            owner.legend(loc=self.legend, fontsize=STYLE["legend.fontsize"], frameon=False)
        for axis, ticks in ((axes.xaxis, self.x_ticks), (axes.yaxis, self.y_ticks)):
            if axis.get_scale() == "log" and ticks is None:
                low, high = sorted(axis.get_view_interval())
                subs = (1, 2, 5) if high < 30 * low else (1, 3) if high < 300 * low else (1,)
                subs = (1, 1.5, 2, 3, 5, 7) if high < 6 * low else subs
                axis.set_major_locator(LogLocator(subs=subs))
                axis.set_minor_formatter(NullFormatter())
                if low < 1e-4:
                    axis.set_major_formatter(LogFormatterMathtext())
        return artists


def ticks(step: int, last: int) -> dict[float, str]:
    """Return ticks from 0 to `last` in steps, for a `Frame`."""
    return {at: f"{at:,}" for at in range(0, last + 1, step)}


def figure_of(frames: Sequence[Frame], size: tuple[float, float] | None = None) -> Figure:
    """Return a figure in the course's style with the frames' axes, still empty. size: in inches."""
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=size)
        figure.subplots(1, len(frames), width_ratios=[frame.width for frame in frames])
        for frame, axes in zip(frames, figure.axes, strict=True):
            axes.set(xlabel=frame.x, ylabel=frame.y, title=frame.title)
            axes.set(**{f"{letter}scale": "log" for letter in frame.log})
            for axis, names in ((axes.xaxis, frame.x_ticks), (axes.yaxis, frame.y_ticks)):
                axis.set_major_formatter(lambda value, _position: number(value))
                if names is not None:
                    axis.set_ticks(list(names), list(names.values()))
                    axis.set_ticks([], minor=True)
            limits = {"xlim": frame.x_limits, "ylim": frame.y_limits}
            axes.set(**{name: both for name, both in limits.items() if both})
    return figure


def still(*filled: tuple[Frame, Sequence[Mark]], size: tuple[float, float] | None = None) -> Figure:
    """Return a figure of frames side by side, each with its marks; size: in inches."""
    figure = figure_of([frame for frame, _ in filled], size)
    for axes, (frame, marks) in zip(figure.axes, filled, strict=True):
        frame.fill(axes, marks)
    return figure


@dataclass(frozen=True)
class Picture:
    """A figure, its caption, a table (header, rows) where the caption is too short, and all of it as text."""

    figure: Figure
    caption: str
    table: tuple[Sequence[str], Sequence[Sequence[str]]] | None = None
    long: str = ""

    @property
    def alt(self) -> str:
        """The alternative text."""
        return self.long or self.caption

    def png(self) -> bytes:
        """Return the figure as PNG."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png")
        return buffer.getvalue()

    def _ipython_display_(self) -> None:
        picture = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": self.alt}
        display(picture, metadata={"image/png": {"alt": self.alt}}, raw=True)
        display(Markdown(self.caption))
        if self.table:
            display(table(*self.table))
        elif self.alt != self.caption:  # no front end shows the alternative text of a PNG today
            words = f"<p>{html.escape(self.alt)}</p>"
            display(HTML(f"<details><summary>The picture in words</summary>{words}</details>"))


def described(
    figure: Figure,
    head: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    *notes: str,
    short: str = "",
) -> Picture:
    """Return a picture with the rows in its caption if they fit, or else in a table."""
    if len(header) == 2:
        parts = map(" ".join, rows)
    else:
        named = [(name, zip(header[1:], cells, strict=True)) for name, *cells in rows]
        parts = [
            f"{name}: {', '.join(f'{of} {cell}' for of, cell in cells if cell)}" for name, cells in named
        ]
    long = f"{head}: {'; '.join([*parts, *notes])}."
    if len(long.split()) <= MOST_WORDS:
        return Picture(figure, long)
    return Picture(figure, "; ".join([short or head, *notes]) + ".", (header, rows), long)


# Marks that several pictures share ------------------------------------------------------


def expected(x: np.ndarray, y: np.ndarray) -> Curve:
    """Return the broad grey curve of what was expected, behind all others."""
    return Curve("expected: x²", x, y, {"color": BLACK, "linewidth": 8, "alpha": 0.25}, still=True)


def equal(ends: Sequence[float]) -> Curve:
    """Return the diagonal on which predicted and expected answers are the same."""
    return Curve("predicted = expected", ends, ends, {"color": BLACK, "linewidth": 1.5}, still=True)


def kinks(x: Sequence[float]) -> Dots:
    """Return triangles just above the x axis, at the kinks x."""
    look = {"marker": "^", "color": BLACK, "markersize": 10}
    return Dots("kinks", x, np.full(len(x), 0.02), look, across="y")


def law(pieces: Sequence[int], errors: Sequence[float]) -> Curve:
    """Return the curve floor / pieces²."""
    return Curve("floor / pieces²", pieces, errors, {"color": BLACK, "linewidth": 1.5}, still=True)


def level(name: str, value: float, dashes: str = "--", *, upright: bool = False) -> Curve:
    """Return a line through the whole frame at one y, or at one x if upright: a floor, a mean, a limit."""
    look = {"color": BLACK, "linestyle": dashes, "linewidth": 2, "zorder": 1}  # behind runs
    if upright:
        return Curve(name, [value] * 2, [0, 1], look, across="y")
    return Curve(name, [0, 1], [value] * 2, look, across="x")


def strip(
    name: str, values: Sequence[float], at: float, median: str = "median", lying: bool = False
) -> list[Mark]:
    """Return a dot for each run's value, spread around the position `at`, and a bar named `median`.

    The frame's y axis shows the values, or its x axis if lying; the other one has no scale.
    """
    values = np.ravel(values)
    aside = at + (np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1))
    dots, bar = (aside, values), ([at - 0.4, at + 0.4], [np.median(values)] * 2)
    way = -1 if lying else 1
    look = {"color": BLUE, "alpha": 0.6, "markersize": 7}
    behind = {"color": RED, "linewidth": 2.5, "zorder": 0.9}  # runs and floors stay in view
    return [Dots(name, *dots[::way], look, legend=not lying), Curve(median, *bar[::way], behind)]
