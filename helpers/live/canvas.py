"""The live picture of a panel: axes that stay as they are, and only what moved is drawn anew.

A panel's function returns a `View`: for each of the picture's frames the marks in it, and a sentence.
The `Canvas` keeps one matplotlib figure and one artist for each mark's name; a move changes their
data. Names are in the legend, so they should not change from move to move.
"""

import functools
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from helpers.checks import InputError
from helpers.figures import BLACK, BLUE, RED, STYLE, number_axes

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont
from matplotlib.patches import Polygon
from PIL import Image, ImageDraw, ImageFont

SIZE = 9, 4.4


@dataclass(frozen=True)
class Mark:
    """Something drawn under a name. `shape` tells it from marks that another artist must draw.

    x, y: float arrays (points,). look: matplotlib's properties, fixed like the name. still: it never
    moves, so it is drawn once. legend: whether the legend names it.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    look: dict = field(default_factory=dict)
    still: bool = False
    legend: bool = True

    def add_to(self, axes: Axes) -> Artist:
        """Return a new artist for this mark, in the axes."""
        look = {"linewidth": STYLE["lines.linewidth"]} | self.look
        (line,) = axes.plot(np.ravel(self.x), np.ravel(self.y), **look)
        return line

    def move(self, artist: Artist) -> None:
        """Give the artist this mark's data."""
        artist.set_data(np.ravel(self.x), np.ravel(self.y))


@dataclass(frozen=True)
class Curve(Mark):
    """A line through the points."""


@dataclass(frozen=True)
class Dots(Mark):
    """A dot at each point; the look's "marker" tells groups apart without colour."""

    def add_to(self, axes: Axes) -> Artist:
        """Return a new artist for this mark, in the axes."""
        size = STYLE["lines.markersize"]
        look = {"linestyle": "none", "marker": "o", "markersize": size, "clip_on": False} | self.look
        (line,) = axes.plot(np.ravel(self.x), np.ravel(self.y), **look)
        return line


@dataclass(frozen=True)
class Bundle(Mark):
    """Thin lines of one kind over a common x, one for each run or unit. y: (lines, points)."""

    def _segments(self) -> np.ndarray:
        y = np.reshape(self.y, (len(self.y), -1))
        return np.stack([np.broadcast_to(np.ravel(self.x), y.shape), y], axis=-1)

    def add_to(self, axes: Axes) -> Artist:
        """Return a new artist for this mark, in the axes."""
        return axes.add_collection(LineCollection(self._segments(), **self.look), autolim=False)

    def move(self, artist: Artist) -> None:
        """Give the artist this mark's data."""
        artist.set_segments(self._segments())


@dataclass(frozen=True)
class Band(Mark):
    """The area between the lowest and the highest of several lines. y: (lines, points)."""

    def _outline(self) -> np.ndarray:
        x, y = np.ravel(self.x), np.reshape(self.y, (len(self.y), -1))
        low, high = y.min(axis=0), y.max(axis=0)
        return np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])

    def add_to(self, axes: Axes) -> Artist:
        """Return a new artist for this mark, in the axes."""
        return axes.add_patch(Polygon(self._outline(), **({"linewidth": 0} | self.look)))

    def move(self, artist: Artist) -> None:
        """Give the artist this mark's data."""
        artist.set_xy(self._outline())


@dataclass(frozen=True)
class Frame:
    """One pair of axes, the same at every move: what it shows, from where to where, in which unit.

    log: "x", "y", "xy" or "". ticks: {position: name} on the x axis or, with a name for y, on both.
    legend: where matplotlib puts it, or "" for none. width: its share of the picture.
    """

    x: str
    y: str
    x_limits: tuple[float, float]
    y_limits: tuple[float, float]
    log: str = ""
    x_ticks: dict[float, str] | None = None
    y_ticks: dict[float, str] | None = None
    legend: str = "upper left"
    title: str = ""
    width: float = 1.0

    def set_up(self, axes: Axes) -> None:
        """Make the axes what this frame says."""
        if "x" in self.log:
            axes.set_xscale("log")
        if "y" in self.log:
            axes.set_yscale("log")
        number_axes(axes, self.x, self.y)
        axes.set(xlim=self.x_limits, ylim=self.y_limits, title=self.title)
        for axis, ticks in ((axes.xaxis, self.x_ticks), (axes.yaxis, self.y_ticks)):
            if ticks is not None:
                axis.set_ticks(list(ticks), list(ticks.values()))
                axis.set_ticks([], minor=True)


@dataclass(frozen=True)
class View:
    """What a panel shows for some settings.

    sentence: what it shows, in words. frames: for each frame of the picture, its marks. kept: what
    the next call of the panel's function gets, by name, besides its settings.
    """

    sentence: str
    frames: Sequence[Sequence[Mark]]
    kept: dict[str, object] = field(default_factory=dict)


class Canvas:
    """One kept figure: `draw` moves its artists, and `png` gives its pixels."""

    def __init__(self, *frames: Frame, size: tuple[float, float] = SIZE) -> None:
        self.frames = frames
        with matplotlib.rc_context(STYLE):
            self.figure = Figure(figsize=size)
            self._agg = FigureCanvasAgg(self.figure)
            ratios = [frame.width for frame in frames]
            self.axes = self.figure.subplots(1, len(frames), width_ratios=ratios, squeeze=False)[0]
            for frame, axes in zip(frames, self.axes, strict=True):
                frame.set_up(axes)
        self.artists: list[dict[str, Artist]] = [{} for _ in frames]
        self._names: list[tuple] | None = None
        self._background = None

    @property
    def pixels(self) -> np.ndarray:
        """The picture as drawn last, uint8 (height, width, 4): a view, which the next `draw` changes."""
        return np.asarray(self._agg.buffer_rgba())

    def draw(self, view: View) -> None:
        """Show the view: `pixels` are then its picture."""
        if len(view.frames) != len(self.frames):
            raise InputError(
                f"a view must have marks for {len(self.frames)} frames, but has {len(view.frames)}: "
                "give a list for each frame."
            )
        names = [[(type(mark), mark.name) for mark in marks] for marks in view.frames]
        if names != self._names:
            self._set_out(view)
            self._names = names
        self._agg.restore_region(self._background)
        for axes, artists, marks in zip(self.axes, self.artists, view.frames, strict=True):
            for mark in marks:
                if not mark.still:
                    mark.move(artists[mark.name])
                    axes.draw_artist(artists[mark.name])

    def _set_out(self, view: View) -> None:
        """Make the artists and legends of this view, and keep the picture without what moves."""
        for frame, axes, artists, marks in zip(
            self.frames, self.axes, self.artists, view.frames, strict=True
        ):
            for artist in artists.values():
                artist.remove()
            artists.clear()
            for mark in marks:
                artist = artists[mark.name] = mark.add_to(axes)
                artist.set_animated(not mark.still)
                artist.set_label(mark.name if mark.legend else "_")
            axes.set(xlim=frame.x_limits, ylim=frame.y_limits)
            if frame.legend and any(mark.legend for mark in marks):
                # Not by rc_context, which threads would share.
                axes.legend(loc=frame.legend, fontsize=STYLE["legend.fontsize"], frameon=False)
        self._agg.draw()
        # From now on the layout must not move with a legend.
        self.figure.set_layout_engine("none")
        self._background = self._agg.copy_from_bbox(self.figure.bbox)

    def png(self) -> bytes:
        """Return the picture as PNG, in the colours of `_palette`: quick to encode, and small."""
        colours, nearest = _palette()
        # A pixel is one number: red in the lowest 8 bits, then green, blue and opacity. The product
        # brings the upper 4 bits of red, green and blue side by side to the top.
        place = self.pixels.view("<u4")[..., 0] & 0xF0F0F0
        place *= 0x1001001
        place >>= 20
        image = Image.fromarray(nearest[place])
        image.putpalette(colours.tobytes())
        return _encoded(image)


@functools.cache
def _palette() -> tuple[np.ndarray, np.ndarray]:
    """Return 256 colours, uint8 (256, 3), and which of them is nearest to a colour, uint8 (4096,).

    The colours are 32 shades from white to each of the eight that we draw with. A colour's place in
    the 4096 is made of the upper 4 bits of its red, green and blue.
    """
    shades = np.linspace(0, 1, 32)[:, np.newaxis, np.newaxis]
    colours = 255 * (1 - shades * (1 - np.array(matplotlib.color_sequences["okabe_ito"]))).reshape(256, 3)
    asked = 17 * np.indices((16, 16, 16)).reshape(3, 4096).T
    distances = (colours**2).sum(axis=1) - 2 * asked @ colours.T  # without asked², alike for all
    return colours.round().astype(np.uint8), distances.argmin(axis=1).astype(np.uint8)


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()


def captioned(png: bytes, caption: str) -> bytes:
    """Return a PNG with the caption written under its picture."""
    picture = Image.open(io.BytesIO(png))
    font = ImageFont.truetype(findfont(FontProperties(family="DejaVu Sans")), 18)
    columns = int(0.95 * (picture.width - 20) * len(caption) / font.getlength(caption))
    text = "\n".join(textwrap.wrap(caption, columns))
    *_, height = ImageDraw.Draw(picture).multiline_textbbox((0, 0), text, font=font)
    whole = Image.new("RGB", (picture.width, picture.height + int(height) + 20), "white")
    whole.paste(picture)
    ImageDraw.Draw(whole).multiline_text((10, picture.height + 5), text, font=font, fill="black")
    return _encoded(whole.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE))


# Marks that several panels share --------------------------------------------------------


def kinks(x: Sequence[float], *, y: float) -> Dots:
    """Return triangles on the lower edge, y, of a frame, at the kinks x."""
    x = np.asarray(x, dtype=float)
    return Dots("kinks", x, np.full(len(x), y), {"marker": "^", "color": BLACK, "markersize": 10})


def strip(
    name: str, values: Sequence[float], *, at: float, look: dict | None = None, median: str = "median"
) -> list[Mark]:
    """Return a dot for each run's value, spread around the position `at`, and a bar named `median`.

    For a frame whose y axis shows the values, and whose x axis has no scale.
    """
    values = np.ravel(values)
    x = at + (np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1))
    dots = Dots(name, x, values, {"color": BLUE, "alpha": 0.6} | (look or {}))
    bar = Curve(median, np.array([at - 0.4, at + 0.4]), np.full(2, np.median(values)), {"color": RED})
    return [dots, bar]
