"""The error over the epochs: up to the present one, with those of earlier settings as pale trails."""

from dataclasses import replace

from helpers.experiments import Runs
from helpers.live.squares import now
from helpers.pictures.marks import BLUE, PURPLE, Bundle, Curve, Frame, Mark, ticks

import numpy as np

POINTS = 200  # of a trail
MOST = 6  # trails, the present one's among them


def epochs_frame(most: int, low: float, high: float, width: float = 1.0) -> Frame:
    """Return a frame for the error, on a logarithmic axis, over up to so many epochs."""
    limits, names = (-0.02 * most, 1.02 * most), ticks(most // 2, most)
    return Frame("epochs", "RMSE", limits, (low, high), "y", names, legend="upper right", width=width)


def trails(runs: Runs, error: float, seen: dict | None) -> tuple[list[Mark], dict]:
    """Return the marks for an `epochs_frame`, and what the next call gets as `seen`.

    runs: of one seed; error: the RMSE of its answers now. Each epoch's error is that of its loss. All
    that tells one curve from another is the recipe but its epochs: a longer one stays when they go back.
    """
    of = runs.recipe
    epochs = np.arange(of.epochs + 1)
    errors = np.sqrt([*runs.losses[0], np.nan]) * of.scaling.y_divisor
    errors[-1] = error
    at = np.linspace(0, of.epochs, POINTS).round().astype(int)
    key = (
        of.units,
        of.activation,
        of.scaling,
        of.batch_size,
        of.learning_rate,
        of.initializer,
        runs.seeds[0],
    )
    seen = dict(seen or {})
    before = seen.pop(key, None)
    trail = np.stack([epochs[at], errors[at]])
    seen[key] = before if before is not None and before[0, -1] > of.epochs else trail
    seen = dict(list(seen.items())[-MOST:])
    x, y = np.stack(list(seen.values()), axis=1)
    pale = Bundle("settings before", x, y, {"color": PURPLE, "linewidth": 1, "alpha": 0.5}, legend=False)
    line = Curve("this setting", epochs, errors, {"color": BLUE, "linewidth": 1.5})
    return [pale, line, replace(now(error, of.epochs), legend=False)], {"seen": seen}
