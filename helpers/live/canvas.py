"""The live picture of a panel: axes are drawn once, and a move redraws only what changed.

A panel's function returns a `View`: the marks of each frame, and a sentence.
The `Canvas` keeps one matplotlib figure and one artist for each mark's name; a move changes their
data. Names are in the legend, so they should not change with a move.
"""

import functools
import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field

from helpers.pictures.marks import COLOURS, Frame, Mark, figure_of

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, findfont
from PIL import Image, ImageDraw, ImageFont

SIZE = 9, 4.4


@dataclass(frozen=True)
class View:
    """What a panel shows for some settings.

    sentence: the same in words. frames: the marks of each frame. kept: keyword arguments for the next call
    of the panel's function, besides the settings.
    """

    sentence: str
    frames: Sequence[Sequence[Mark]]
    kept: dict[str, object] = field(default_factory=dict)


class Canvas:
    """One figure: `draw` updates its artists, and `png` encodes its pixels."""

    def __init__(self, *frames: Frame) -> None:
        self.frames = frames
        self.figure = figure_of(frames, SIZE)
        self.axes = self.figure.axes
        self._agg = FigureCanvasAgg(self.figure)
        self.artists: list[dict[str, Artist]] = [{} for _ in frames]
        self._names: list[tuple] | None = None
        self._background = None

    @property
    def pixels(self) -> np.ndarray:
        """The picture as last drawn, uint8 (height, width, 4): a view that the next `draw` changes."""
        return np.asarray(self._agg.buffer_rgba())

    def places(self, points: Sequence[tuple[float, float]]) -> list[list[float]]:
        """Return where points of the first frame are drawn, as fractions of the picture from left and top."""
        on_axes = self.axes[0].transData + self.figure.transFigure.inverted()
        return [[float(x), float(1 - y)] for x, y in map(on_axes.transform, points)]

    def draw(self, view: View) -> None:
        """Draw the view into `pixels`."""
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
        """Make the artists and legends of this view, and save all that does not move as background."""
        for frame, axes, artists, marks in zip(
            self.frames, self.axes, self.artists, view.frames, strict=True
        ):
            for artist in artists.values():
                artist.remove()
            artists.clear()
            for mark, artist in zip(marks, frame.fill(axes, marks), strict=True):
                artist.set_animated(not mark.still)
                artists[mark.name] = artist
        self._agg.draw()
        # From now on a legend must not change the layout.
        self.figure.set_layout_engine("none")
        self._background = self._agg.copy_from_bbox(self.figure.bbox)

    def png(self) -> bytes:
        """Return the picture as a PNG with the colours of `_palette`, which is small and quick to encode."""
        colours, nearest = _palette()
        # A pixel is one number: red in its lowest 8 bits, then green, blue and alpha. Keep the upper
        # 4 bits of each colour. Shifted by 24, 12 and 0 bits, red, green and blue are side by side in
        # the upper 12 bits; one multiplication takes a fifth of the time of three shifts.
        upper = self.pixels.view("<u4")[..., 0] & 0xF0F0F0
        place = (upper * (2**24 + 2**12 + 1)) >> 20
        image = Image.fromarray(nearest[place])
        image.putpalette(colours.tobytes())
        return _encoded(image)


@functools.cache
def _palette() -> tuple[np.ndarray, np.ndarray]:
    """Return 256 colours, uint8 (256, 3), and the index of the nearest one to each of 4096, uint8 (4096,).

    The 256 are 32 shades from white to each of the eight in COLOURS. A colour's index among the 4096
    consists of the upper 4 bits of its red, green and blue.
    """
    shades = np.linspace(0, 1, 32)[:, np.newaxis, np.newaxis]
    colours = 255 * (1 - shades * (1 - np.array([to_rgb(colour) for colour in COLOURS]))).reshape(256, 3)
    every_colour = 17 * np.indices((16, 16, 16)).reshape(3, 4096).T
    # Squared distances, but for every_colour², which is the same for all 256.
    distances = (colours**2).sum(axis=1) - 2 * every_colour @ colours.T
    return colours.round().astype(np.uint8), distances.argmin(axis=1).astype(np.uint8)


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()


def captioned(png: bytes, caption: str) -> bytes:
    """Return the PNG with the caption written below it."""
    picture = Image.open(io.BytesIO(png))
    font = ImageFont.truetype(findfont(FontProperties(family="DejaVu Sans")), 18)
    columns = int(0.95 * (picture.width - 20) * len(caption) / font.getlength(caption))
    text = "\n".join(textwrap.wrap(caption, columns))
    *_, height = ImageDraw.Draw(picture).multiline_textbbox((0, 0), text, font=font)
    whole = Image.new("RGB", (picture.width, picture.height + int(height) + 20), "white")
    whole.paste(picture)
    ImageDraw.Draw(whole).multiline_text((10, picture.height + 5), text, font=font, fill="black")
    return _encoded(whole.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE))
