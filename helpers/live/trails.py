"""An error over the epochs so far, with pale trails of earlier settings."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

from helpers.experiments import Runs
from helpers.live.squares import now
from helpers.pictures.marks import BLUE, PURPLE, Bundle, Curve, Frame, Mark, ticks

import numpy as np

POINTS = 200  # of a trail
MOST = 6  # trails, including the present one


def epochs_frame(most: int, low: float, high: float, name: str = "RMSE", width: float = 1.0) -> Frame:
    """Return a frame for an error, on a logarithmic axis, over up to `most` epochs."""
    limits, names = (-0.02 * most, 1.02 * most), ticks(most // 2, most)
    return Frame("epochs", name, limits, (low, high), "y", names, legend="upper right", width=width)


def errors(runs: Runs, ends: float | np.ndarray) -> np.ndarray:
    """Return the RMSE of each run at the start of each epoch and at the end, (runs, epochs + 1)."""
    return np.hstack([np.sqrt(runs.losses) * runs.recipe.scaling.y_divisor, np.reshape(ends, (-1, 1))])


def thinned(errors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return as many epochs as a picture can show, and the errors there, (..., POINTS)."""
    at = np.linspace(0, errors.shape[-1] - 1, POINTS).round().astype(int)
    return at, errors[..., at]


def trails(key: Hashable, errors: Sequence[float], seen: dict | None) -> tuple[list[Mark], dict]:
    """Return the marks for an `epochs_frame`, and the next call's `seen`.

    key: identifies a curve, by all settings but the epochs; errors: at the start of each epoch and at the
    end. When the epochs are moved back, the longest curve of a key stays.
    """
    last = len(errors) - 1
    trail = np.stack(thinned(np.asarray(errors, dtype=float)))
    seen = dict(seen or {})
    before = seen.pop(key, trail)
    seen[key] = before if before[0, -1] > last else trail
    seen = dict(list(seen.items())[-MOST:])
    x, y = np.stack(list(seen.values()), axis=1)
    pale = Bundle("settings before", x, y, {"color": PURPLE, "linewidth": 1.2, "alpha": 0.7}, legend=False)
    line = Curve("this setting", *trail, {"color": BLUE, "linewidth": 1.5})
    return [pale, line, replace(now(errors[-1], last), legend=False)], {"seen": seen}
