"""The panels of this lesson: plain functions from settings to a View."""

from helpers.live.canvas import View
from helpers.live.controls import Slider
from helpers.live.panels import panel
from helpers.pictures.marks import Curve, Frame


@panel([Frame("x", "answer", (0, 10), (0, 10))], height=Slider("height", 5, 0, 10))
def moving_new_name(height: int) -> View:
    """Move a line up and down."""
    return View(f"The line is at {height}.", [[Curve("the line", [0, 10], [height, height])]])
