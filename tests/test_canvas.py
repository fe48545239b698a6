"""The kept picture: after any move artists hold the view's data, and pixels are those of a new one."""

import io
from dataclasses import replace

from helpers.live import canvas
from helpers.live.canvas import Canvas, View
from helpers.pictures import marks
from helpers.pictures.marks import Band, Bundle, Curve, Dots, Frame

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

x = np.linspace(0, 10, 50)
LEFT = Frame("x", "answer", (0, 10), (-10, 10))
RIGHT = Frame("", "RMSE", (0, 1), (1, 1e6), log="y", x_ticks={})
WIDE = Curve("still", [0, 10], [-5, 5], {"color": "black"}, still=True)


def view(height, *, dots=3):
    runs = np.outer(np.arange(4), x) / 10 + height
    left = [
        WIDE,
        Band("band", x, runs, {"color": marks.SKY, "alpha": 0.35}),
        Bundle("runs", x, runs[:, :, np.newaxis], {"color": marks.PURPLE}),
        replace(marks.level("level", height), still=False),
        Curve("curve", x[:, np.newaxis], np.full((50, 1), height), {"color": marks.BLUE}),
        marks.kinks([2, 3][: dots - 1]),
    ]
    right = marks.strip("runs", 10.0 ** np.arange(1, dots + 1) + height, at=0.5)
    return View(f"At {height}.", [left, right])


def test_after_moves_the_picture_is_that_of_a_new_one_and_artists_hold_the_data():
    kept, new = Canvas(LEFT, RIGHT), Canvas(LEFT, RIGHT)
    for height in (0, 5, -3):
        kept.draw(view(height, dots=2 + (height > 0)))
    new.draw(last := view(-3, dots=2))
    np.testing.assert_array_equal(kept.pixels, new.pixels)
    for own, artists in zip(last.frames, kept.artists, strict=True):
        assert list(artists) == [mark.name for mark in own]
        for mark in own:
            if isinstance(mark, Curve | Dots):
                np.testing.assert_array_equal(
                    artists[mark.name].get_xydata().T, [np.ravel(mark.x), np.ravel(mark.y)]
                )
    left, place = kept.artists[0], kept.axes[0].transData.inverted()
    # Shares of the frame: 2 % above its lower edge, and from its left to its right.
    assert place.transform(left["kinks"].get_transform().transform((2, 0.02)))[1] == pytest.approx(-9.6)
    ends = place.transform(left["level"].get_transform().transform([(0, -3), (1, -3)]))
    np.testing.assert_allclose(ends, [(0, -3), (10, -3)], atol=1e-9)
    runs = np.outer(np.arange(4), x) / 10 - 3
    np.testing.assert_allclose([path.vertices[:, 1] for path in left["runs"].get_paths()], runs)
    band = left["band"].get_xy()[:100, 1]
    np.testing.assert_allclose(band, [*runs.min(axis=0), *runs.max(axis=0)[::-1]])
    kept.draw(view(-2))
    assert not np.array_equal(kept.pixels, new.pixels)


def test_other_names_get_their_own_artists_and_legend_and_the_axes_stay():
    ticks = {"x_ticks": {1: "one", 16: "16"}, "y_ticks": {10: "ten"}}
    kept = Canvas(Frame("pieces", "RMSE", (1, 16), (1, 100), log="xy", **ticks))
    (axes,) = kept.axes
    kept.draw(View("One.", [[Curve("one", x, x)]]))
    place = axes.get_position().bounds
    kept.draw(View("Two.", [[Curve("another with a long name", x, -x), Dots("dots", x, x, legend=False)]]))
    assert list(kept.artists[0]) == ["another with a long name", "dots"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["another with a long name"]
    assert axes.get_position().bounds == place
    assert (axes.get_xlim(), axes.get_ylim()) == ((1, 16), (1, 100))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("pieces", "RMSE")
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["one", "16"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["ten"]


def test_the_picture_is_a_small_png_and_a_caption_stands_under_it():
    kept = Canvas(LEFT, RIGHT)
    kept.draw(view(1))
    png = kept.png()
    captioned = canvas.captioned(png, "What it shows: ≈ x². " * 9)
    live, stored = (Image.open(io.BytesIO(each)) for each in (png, captioned))
    assert live.size == (900, 440)
    assert stored.width == live.width
    assert live.height + 60 < stored.height < live.height + 120
    under = np.array(stored.convert("L"))[live.height :]
    assert under.min() < 50
    assert under[:, -5:].min() > 250
    pixels = np.array(live.convert("RGB"), int)
    assert np.abs(pixels - kept.pixels[:, :, :3]).mean() < 1
    assert pixels[0, 0].min() > 250
    assert len(png) < 30_000
    assert len(canvas.captioned(png, "A caption.")) < 120_000


@pytest.mark.parametrize("colour", marks.COLOURS)
def test_each_colour_that_we_draw_with_is_kept_but_for_a_shade(colour):
    kept = Canvas(replace(LEFT, legend=""))
    kept.draw(View("All.", [[Curve("all", [0, 10], [0, 0], {"color": colour, "linewidth": 400})]]))
    shown = np.array(Image.open(io.BytesIO(kept.png())).convert("RGB"))
    np.testing.assert_allclose(shown[220, 500], 255 * np.array(to_rgb(colour)), atol=8)


def test_one_run_is_a_strip_too():
    dots, median = marks.strip("run", [5.0], at=2)
    assert dots.x.tolist() == [2]
    assert list(median.y) == [5, 5]
