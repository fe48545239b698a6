"""The pictures that only this lesson draws."""

from collections.abc import Mapping, Sequence

from helpers.pictures import marks as draw
from helpers.pictures.figures import SPREAD, each_curve, exact, picture, spread, told_apart
from helpers.pictures.marks import BLUE, LOOKS, Curve, Dots, Frame, Picture, still
from helpers.problems import rmse, same_length

import numpy as np


@picture
def errors(x: np.ndarray, expected: np.ndarray, predictions: Mapping[str, np.ndarray]) -> Picture:
    """Draw by how much up to four predictions, set by hand, miss what was expected, over x.

    Takes what `fit` takes, x rising.
    """
    missed, rows = {}, []
    for name, predicted in predictions.items():
        same_length(expected=expected, predicted=predicted)
        left = missed[name] = np.ravel(expected) - np.ravel(predicted)
        wrong = f"{(left != 0).sum():,} of {left.size:,}"
        rows.append((name, f"{np.abs(left).max():,.0f}", exact(rmse(left, 0 * left)), wrong))
    frame = Frame("x", "error: x² − answer", legend="outside upper right")
    figure = still((frame, each_curve(missed, np.ravel(x), linewidth=1.8)))
    return draw.told(
        figure, "How far the answers are from x²", ["network", "worst error", "RMSE", "wrong"], rows
    )


@picture
def folds(z: np.ndarray, curves: Mapping[str, np.ndarray]) -> Picture:
    """Draw up to four curves by name over z from 0 to 1, (points,), and count how often each turns."""
    turns = {name: (np.diff(np.sign(np.diff(curve))) != 0).sum() for name, curve in curves.items()}
    rows = [(name, f"{count} time{'s' if count > 1 else ''}") for name, count in turns.items()]
    figure = still((Frame("z", "g", legend="outside right upper"), each_curve(curves, z)))
    return draw.told(figure, "How often each curve turns", ["curve", "turns"], rows)


@picture
def scaling(
    size: str,
    could: Mapping[str, Mapping[int, float]],
    found: Mapping[int, Sequence[float]] | None = None,
    *,
    log_size: bool = True,
) -> Picture:
    """Draw RMSE over the size of a network, logarithmic: what it could reach, and what training found.

    Args:
        size: what is counted, for example "units".
        could: by name, the exact RMSE for each size.
        found: the RMSE of every run for each size, drawn as dots with the median.
        log_size: count sizes in factors.
    """
    sizes = sorted({at for law in (*could.values(), found or {}) for at in law})
    ticks = {at: f"{at}" for at in sizes} if len(sizes) <= 12 else None
    frame = Frame(size, "RMSE of the answers", log="xy" if log_size else "y", x_ticks=ticks, legend="best")
    drawn = [
        Curve(name, list(law), list(law.values()), look | {"marker": "s"})
        for look, name, law in told_apart(could, LOOKS[1:])
    ]
    head = f"RMSE over {size}"
    if not found:
        header, rows = ["RMSE", "from", "to"], []
        for name, law in could.items():
            (first, most), *_, (last, least) = law.items()
            rows.append((name, f"{exact(most)} at {first:,}", f"{exact(least)} at {last:,} {size}"))
        return draw.told(still((frame, drawn)), head, header, rows)
    dots = np.transpose([(at, value) for at, values in found.items() for value in values])
    medians = [np.median(values) for values in found.values()]
    drawn.append(Dots("", *dots, {"color": BLUE, "alpha": 0.35, "markersize": 6}, legend=False))
    drawn.append(Curve("trained: median; dots: every run", list(found), medians, LOOKS[0]))
    rows = []
    for at, values in found.items():
        laws = (exact(law[at]) if at in law else "" for law in could.values())
        rows.append((f"{at:,} {size if at > 1 else size.removesuffix('s')}", *laws, *spread(values)))
    head += f": what is possible, and what {len(dots[0])} runs found"
    return draw.told(still((frame, drawn)), head, [size, *could, *SPREAD], rows)
