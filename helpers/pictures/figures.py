"""The still pictures of the course, with captions computed from their data.

A caption has at most 25 words; where the data need more, a table follows. Trained numbers are marked with ≈.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from helpers.checks import InputError
from helpers.lessons import Registry
from helpers.pictures import marks
from helpers.pictures.drawings import network as network
from helpers.pictures.marks import (
    BLUE,
    LOOKS,
    YELLOW,
    Band,
    Curve,
    Dots,
    Frame,
    Mark,
    Picture,
    described,
    level,
    still,
    strip,
)
from helpers.problems import rmse, same_length
from helpers.words import about, number

import numpy as np


def exact(value: float) -> str:
    """Return an exact error in words: whole from 10 on, with two decimals below."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def with_looks(curves: Mapping[str, object], looks: Sequence[object] = LOOKS) -> list[tuple]:
    """Return (look, name, values) for each curve; raise InputError if there are too few looks."""
    if len(curves) > len(looks):
        raise InputError(
            f"a picture has room for up to {len(looks)} curves, but got {len(curves)}: draw fewer."
        )
    return [(look, *curve) for look, curve in zip(looks, curves.items(), strict=False)]


def each_curve(curves: Mapping[str, np.ndarray], x: np.ndarray, **look: object) -> list[Mark]:
    """Return a curve for each array of values over x, each with its own look."""
    return [Curve(name, x[: len(y)], y, own | look) for own, name, y in with_looks(curves)]


def fit(
    x: np.ndarray,
    expected: np.ndarray,
    predictions: Mapping[str, np.ndarray],
    *,
    trained: bool = True,
    kinks: Sequence[float] = (),
    trained_to: float | None = None,
    highest: float | None = None,
) -> Picture:
    """Draw what was expected and up to four predictions over x.

    Args:
        x: (examples,) or (examples, 1), in any order.
        expected: of the same shape.
        predictions: by name, of the same shape.
        trained: whether the predictions come from training, so that their figures are marked with ≈.
        kinks: positions to mark on the x axis.
        trained_to: where the training range ends, if x goes beyond it; the RMSE is given inside and beyond.
        highest: the answer at which the picture is cut off.
    """
    for predicted in predictions.values():
        same_length(expected=expected, predicted=predicted)
    order, say = np.argsort(np.ravel(x)), about if trained else lambda y: number(round(float(y)))
    x, expected, *sorted_ = (np.ravel(each)[order] for each in (x, expected, *predictions.values()))
    predictions = dict(zip(predictions, sorted_, strict=True))
    drawn, parts, notes = [marks.expected(x, expected)], {"RMSE": np.ones(len(x), dtype=bool)}, []
    if trained_to is not None:
        parts = {f"up to {trained_to:,.0f}": x <= trained_to, f"from there to {x[-1]:,.0f}": x > trained_to}
        shade = {"color": YELLOW, "alpha": 0.35}
        drawn.append(Band("trained here", [x[0], trained_to], [[0, 0], [1, 1]], shade, across="y"))
    drawn += each_curve(predictions, x)
    if len(kinks):
        drawn.append(marks.kinks(kinks))
        notes.append(f"kinks inside the range: {'≈ ' if trained else ''}{len(kinks)}")
    frame = Frame("x", "prediction")
    if highest is not None:
        frame = Frame("x", "prediction", y_limits=(-highest / 3, highest), legend="best")
        notes.append(f"the picture ends at {highest:,.0f}")
    rows = [
        (name, *(say(rmse(expected[part], y[part])) for part in parts.values()))
        for name, y in predictions.items()
    ]
    picture = described(still((frame, drawn)), "RMSE against x²", ["curve", *parts], rows, *notes)
    places = np.linspace(0, len(x) - 1, min(5, len(x))).astype(int)
    heights = [
        f"at x = {number(x[at])} expected {number(expected[at])}, "
        + ", ".join(f"{name} {say(y[at])}" for name, y in predictions.items())
        for at in places
    ]
    return replace(picture, long=f"{picture.alt} Heights: {'; '.join(heights)}.")


SPREAD = ["median", "lowest", "highest", "runs"]


def spread(values: Sequence[float]) -> list[str]:
    """Return the cells below SPREAD in a table."""
    return [*map(about, (np.median(values), min(values), max(values))), f"{len(values)}"]


def runs(
    groups: Mapping[str, Sequence[float]],
    *,
    floors: Mapping[str, float] | None = None,
    marks: Mapping[str, float] | None = None,
    against: Mapping[str, str] | str | None = None,
    log: bool = False,
) -> Picture:
    """Draw the RMSE of every run as a dot, a row for each group, with the median.

    Args:
        groups: by name, the RMSE of each run.
        floors: named limits; the table counts the runs below each.
        marks: named values; the table counts the runs within 5 % of each.
        against: the group to compare all others with, seed by seed, or {group: the one to compare it with}.
        log: use a logarithmic axis, where some runs end 100 times above others.
    """
    floors, marks = floors or {}, marks or {}
    limits = with_looks(floors | marks, ("--", ":", "-.", (0, (1, 4))))
    drawn = [level(f"{name}: {at:,.0f}", at, dashes, upright=True) for dashes, name, at in limits]
    for row, (name, values) in enumerate(groups.items()):
        dots, median = strip(name, values, at=row, lying=True, median="median of the runs")
        drawn += [dots, replace(median, legend=row == 0)]
    rows_down, names = (len(groups) - 0.5, -0.5), dict(enumerate(groups))
    axis = Frame("RMSE", "", y_limits=rows_down, y_ticks=names, legend="outside upper right")
    frame = replace(axis, log="x" if log else "")
    # Room for the axis, rows and legend.
    figure = still((frame, drawn), size=(9, 1.8 + 0.75 * len(groups) + 0.3 * len(limits)))
    figure.axes[0].grid(axis="y", visible=False)
    counts, notes, each = {}, [], [np.ravel(values) for values in groups.values()]
    for name, floor in floors.items():
        # The RMSE of rounded answers may slip just below the floor.
        below = [(values < 0.9999 * floor).sum() for values in each]
        if any(below):
            counts[f"below {name} ({floor:,.0f})"] = below
        else:
            notes.append(f"no run is below {name}, {floor:,.0f}")
    for name, mark in marks.items():
        near = [(abs(values / mark - 1) < 0.05).sum() for values in each]
        counts[f"within 5 % of {name} ({mark:,.0f})"] = near
    columns = {name: [f"≈ {count}" for count in of_each] for name, of_each in counts.items()}
    columns |= _pairs(groups, against)
    rows = [
        (name, *spread(values), *cells)
        for name, values, *cells in zip(groups, each, *columns.values(), strict=True)
    ]
    head, medians = "RMSE of every run", sorted(map(np.median, each))
    most = f" to {about(medians[-1])}" if len(groups) > 1 else ""
    short = f"{head}, median {about(medians[0])}{most}"
    return described(figure, head, ["group", *SPREAD, *columns], rows, *notes, short=short)


def wins(one: Sequence[float], other: Sequence[float]) -> int:
    """Return in how many pairs, of the same seed each, the first is lower."""
    return int(np.sum(np.less(one, other)))


def _pairs(
    groups: Mapping[str, Sequence[float]], against: Mapping[str, str] | str | None
) -> dict[str, list[str]]:
    """Return columns that compare each group with another, seed by seed."""
    if not against:
        return {}
    if isinstance(against, str):
        against = dict.fromkeys(groups.keys() - {against}, against)
    compared = dict.fromkeys(groups, ("", "", ""))
    for name, other in against.items():
        one, two = groups[name], groups[other]
        compared[name] = other, f"≈ {wins(one, two)} of {len(one)}", about(np.median(np.divide(one, two)), 2)
    header = "compared with", "wins", "median ratio"
    return dict(zip(header, map(list, zip(*compared.values(), strict=True)), strict=True))


def scaling(
    size: str,
    possible: Mapping[str, Mapping[int, float]],
    trained: Mapping[int, Sequence[float]] | None = None,
    *,
    log_size: bool = True,
) -> Picture:
    """Draw RMSE over the size of a network, logarithmic: the lowest possible, and what training reached.

    Args:
        size: its unit, for example "units".
        possible: by name, the exact RMSE for each size.
        trained: the RMSE of every run for each size, drawn as dots with the median.
        log_size: use a logarithmic axis for the size, too.
    """
    sizes = sorted({at for law in (*possible.values(), trained or {}) for at in law})
    ticks = {at: f"{at}" for at in sizes} if len(sizes) <= 12 else None
    frame = Frame(size, "RMSE", log="xy" if log_size else "y", x_ticks=ticks, legend="best")
    drawn = [
        Curve(name, list(law), list(law.values()), look | {"marker": "s"})
        for look, name, law in with_looks(possible, LOOKS[1:])
    ]
    head = f"RMSE over {size}"
    if not trained:
        header, rows = ["RMSE", "from", "to"], []
        for name, law in possible.items():
            (first, most), *_, (last, least) = law.items()
            rows.append((name, f"{exact(most)} at {first:,}", f"{exact(least)} at {last:,} {size}"))
        return described(still((frame, drawn)), head, header, rows)
    across, heights = [], []
    for at, values in trained.items():
        steps = np.linspace(-1, 1, len(values))  # so that equal runs lie side by side
        across += [*(at * 1.06**steps if log_size else at + 0.1 * steps)]
        heights += [*values]
    medians = [np.median(values) for values in trained.values()]
    drawn.append(Dots("", across, heights, {"color": BLUE, "alpha": 0.35, "markersize": 6}, legend=False))
    drawn.append(Curve("trained: median; dots: every run", list(trained), medians, LOOKS[0]))
    rows = []
    for at, values in trained.items():
        laws = (exact(law[at]) if at in law else "" for law in possible.values())
        rows.append((f"{at:,} {size if at > 1 else size.removesuffix('s')}", *laws, *spread(values)))
    head += f": {', '.join(possible)}, and {len(heights)} trained runs"
    return described(still((frame, drawn)), head, [size, *possible, *SPREAD], rows)


REGISTRY = Registry("figures", "pictures", "picture")
__getattr__ = REGISTRY.find


def picture(draws: Callable[..., Picture]) -> Callable[..., Picture]:
    """Declare a lesson's own picture, which readers call as `figures.NAME`."""
    return REGISTRY.add(draws.__name__, draws)
