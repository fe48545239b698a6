"""Every still picture of the course: its frames, its marks, and words computed from its data.

A caption has at most 25 words; where the data need more, a table stands under it. Numbers that were
trained carry a ≈, as everywhere.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from helpers import marks as draw
from helpers.checks import InputError
from helpers.drawings import network as network
from helpers.marks import BLACK, BLUE, LOOKS, RED, SKY, YELLOW, Band, Bundle, Curve, Dots, Frame, Mark, still
from helpers.marks import Picture as Picture
from helpers.mechanisms import descent as descent
from helpers.mechanisms import kinks_moved as kinks_moved
from helpers.mechanisms import piece as piece
from helpers.mechanisms import ruler as ruler
from helpers.problems import rmse, same_length
from helpers.words import about, number

import numpy as np


def _exact(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"


def _told_apart(curves: Mapping[str, object], looks: Sequence[object] = LOOKS) -> list[tuple]:
    """Return (look, name, values) for each curve, or raise InputError if there are more than looks."""
    if len(curves) > len(looks):
        raise InputError(
            f"a picture tells up to {len(looks)} curves apart, but got {len(curves)}: draw fewer."
        )
    return [(look, *curve) for look, curve in zip(looks, curves.items(), strict=False)]


def _curves(curves: Mapping[str, np.ndarray], x: np.ndarray, **look: object) -> list[Mark]:
    return [Curve(name, x[: len(y)], y, own | look) for own, name, y in _told_apart(curves)]


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
        trained: the predictions come from training, so their figures are marked with ≈.
        kinks: positions to mark on the x axis.
        trained_to: where the training range ends, if x goes beyond it; the RMSE is told inside and beyond.
        highest: the answer at which the picture is cut off.
    """
    for predicted in predictions.values():
        same_length(expected=expected, predicted=predicted)
    order, say = np.argsort(np.ravel(x)), about if trained else "{:,.0f}".format
    x, expected, *sorted_ = (np.ravel(each)[order] for each in (x, expected, *predictions.values()))
    predictions = dict(zip(predictions, sorted_, strict=True))
    drawn, parts, notes = [draw.expected(x, expected)], {"RMSE": x == x}, []
    if trained_to is not None:
        parts = {f"up to {trained_to:,.0f}": x <= trained_to, f"from there to {x[-1]:,.0f}": x > trained_to}
        shade = {"color": YELLOW, "alpha": 0.35}
        drawn.append(Band("trained here", [x[0], trained_to], [[0, 0], [1, 1]], shade, across="y"))
    drawn += _curves(predictions, x)
    if len(kinks):
        drawn.append(draw.kinks(kinks))
        notes.append(f"kinks inside the range: {'≈ ' if trained else ''}{len(kinks)}")
    frame = Frame("x", "answer")
    if highest is not None:
        frame = Frame("x", "answer", y_limits=(-highest / 3, highest), legend="best")
        notes.append(f"the picture ends at {highest:,.0f}")
    rows = [
        (name, *(say(rmse(expected[part], y[part])) for part in parts.values()))
        for name, y in predictions.items()
    ]
    return draw.told(still((frame, drawn)), "RMSE against x²", ["curve", *parts], rows, *notes)


def errors(x: np.ndarray, expected: np.ndarray, predictions: Mapping[str, np.ndarray]) -> Picture:
    """Draw by how much up to four predictions, set by hand, miss what was expected, over x.

    Takes what `fit` takes, x rising.
    """
    missed, rows = {}, []
    for name, predicted in predictions.items():
        same_length(expected=expected, predicted=predicted)
        left = missed[name] = np.ravel(expected) - np.ravel(predicted)
        wrong = f"{(left != 0).sum():,} of {left.size:,}"
        rows.append((name, f"{np.abs(left).max():,.0f}", _exact(rmse(left, 0 * left)), wrong))
    frame = Frame("x", "error: x² − answer", legend="outside upper right")
    figure = still((frame, _curves(missed, np.ravel(x), linewidth=1.8)))
    return draw.told(
        figure, "How far the answers are from x²", ["network", "worst error", "RMSE", "wrong"], rows
    )


def folds(z: np.ndarray, curves: Mapping[str, np.ndarray]) -> Picture:
    """Draw up to four curves by name over z from 0 to 1, (points,), and count how often each turns."""
    turns = {name: (np.diff(np.sign(np.diff(curve))) != 0).sum() for name, curve in curves.items()}
    rows = [(name, f"{count} time{'s' if count > 1 else ''}") for name, count in turns.items()]
    figure = still((Frame("z", "g", legend="outside right upper"), _curves(curves, z)))
    return draw.told(figure, "How often each curve turns", ["curve", "turns"], rows)


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
        for look, name, law in _told_apart(could, LOOKS[1:])
    ]
    head = f"RMSE over {size}"
    if not found:
        header, rows = ["RMSE", "from", "to"], []
        for name, law in could.items():
            (first, most), *_, (last, least) = law.items()
            rows.append((name, f"{_exact(most)} at {first:,}", f"{_exact(least)} at {last:,} {size}"))
        return draw.told(still((frame, drawn)), head, header, rows)
    dots = np.transpose([(at, value) for at, values in found.items() for value in values])
    medians = [np.median(values) for values in found.values()]
    drawn.append(Dots("", *dots, {"color": BLUE, "alpha": 0.35, "markersize": 6}, legend=False))
    drawn.append(Curve("trained: median; dots: every run", list(found), medians, LOOKS[0]))
    rows = []
    for at, values in found.items():
        laws = (_exact(law[at]) if at in law else "" for law in could.values())
        rows.append((f"{at:,} {size if at > 1 else size.removesuffix('s')}", *laws, *_spread(values)))
    head += f": what is possible, and what {len(dots[0])} runs found"
    return draw.told(still((frame, drawn)), head, [size, *could, *SPREAD], rows)


SPREAD = ["median", "lowest", "highest", "runs"]


def _spread(values: Sequence[float]) -> list[str]:
    return [*map(about, (np.median(values), min(values), max(values))), f"{len(values)}"]


def printed_rows(expected: np.ndarray, predicted: np.ndarray) -> Picture:
    """Draw printed rows of squares, int arrays (rows,), over x = √expected, and the predictions' line."""
    x, ends = np.sqrt(expected), np.array([0, 1000])
    # Rounded as the sentence tells them, so that a reader can check it.
    slope, intercept = map(round, np.polyfit(x, predicted, 1), (4, 1))
    deviation = np.abs(slope * x + intercept - predicted).max()
    drawn = [
        Curve("one straight line", ends, slope * ends + intercept, LOOKS[0]),
        Dots("predicted", x, predicted, {"marker": "s", "color": RED, "markersize": 10}),
        Dots("expected: x²", x, expected, {"color": BLACK, "markersize": 9}),
    ]
    line = f"{slope:.4f}·x {'−' if intercept < 0 else '+'} {abs(intercept):,.1f}"
    told = f"All {len(x)} predictions lie within {deviation:.2f} of the line {line}"
    figure = still((Frame("x", "answer"), drawn))
    return Picture(figure, f"{told}, while the expected answers bend away from it.")


def diagonal(expected: np.ndarray, predicted: np.ndarray) -> Picture:
    """Draw predicted over expected answers, with the diagonal on which both are the same."""
    expected, predicted = np.ravel(expected), np.ravel(predicted)
    wrong, ends = int((expected != predicted).sum()), [min(expected.min(), 0), expected.max()]
    dots = Dots("examples", expected, predicted, {"color": BLUE, "markersize": 5})
    figure = still((Frame("expected", "predicted"), [draw.equal(ends), dots]), size=(6.5, 6))
    figure.axes[0].locator_params(nbins=5)
    verdict = f"≈ {wrong:,} of them off" if wrong else "all of them exactly on"
    return Picture(figure, f"{len(expected):,} examples, {verdict} the diagonal.")


def losses(histories: Mapping[str, Sequence[float]]) -> Picture:
    """Draw the loss after each epoch, one curve a training, on a logarithmic axis."""
    frame = Frame("epoch", "loss (mean squared error)", log="y", legend="outside upper right")
    epochs = np.arange(1, 1 + max(map(len, histories.values())))
    rows = [
        (name, about(loss[0]), f"{about(loss[-1])} after {len(loss):,} epochs")
        for name, loss in histories.items()
    ]
    picture = draw.told(
        still((frame, _curves(histories, epochs))), "Loss", ["training", "at first", "at last"], rows
    )
    way = []
    for name, loss in histories.items():
        half = len(loss) // 2
        late = half + int(np.argmax(loss[half:]))
        passed = [f"{about(loss[at - 1])} after {at:,}" for at in (10, 30, 100, 300) if at <= len(loss)]
        way.append(
            f"{name}: {', '.join(passed)}; from {half:,} on at most {about(loss[late])}, at ≈ {late + 1:,}"
        )
    return replace(picture, long=f"{picture.alt} On the way, in epochs, {'; '.join(way)}.")


def runs(
    groups: Mapping[str, Sequence[float]],
    *,
    floors: Mapping[str, float] | None = None,
    marks: Mapping[str, float] | None = None,
    log: bool = False,
) -> Picture:
    """Draw the RMSE of every run as a dot, one row a group, with the median.

    Args:
        groups: by name, the RMSE of each run.
        floors: named limits, of which is told how many runs are below.
        marks: named values, of which is told how many runs are within 5 % of them.
        log: count in factors, where some runs end 100 times above others.
    """
    floors, marks = floors or {}, marks or {}
    limits = _told_apart(floors | marks, ("--", ":", "-."))
    drawn = [draw.level(f"{name}: {at:,.0f}", at, dashes, upright=True) for dashes, name, at in limits]
    for row, (name, values) in enumerate(groups.items()):
        dots, median = draw.strip(name, values, at=row, lying=True, median="median of the runs")
        drawn += [dots, replace(median, legend=row == 0)]
    rows_down, names = (len(groups) - 0.5, -0.5), dict(enumerate(groups))
    frame = Frame("RMSE of the answers", "", None, rows_down, "x" * log, None, names, "outside upper right")
    # Room for the axis, rows and legend.
    figure = still((frame, drawn), size=(9, 1.8 + 0.75 * len(groups) + 0.3 * len(limits)))
    figure.axes[0].grid(axis="y", visible=False)
    counts, notes, each = {}, [], [np.ravel(values) for values in groups.values()]
    for name, floor in floors.items():
        # A figure rounded to whole answers may slip below by a hair.
        below = [(values < 0.9999 * floor).sum() for values in each]
        if any(below):
            counts[f"below {name} ({floor:,.0f})"] = below
        else:
            notes.append(f"no run is below {name}, {floor:,.0f}")
    for name, mark in marks.items():
        near = [(abs(values / mark - 1) < 0.05).sum() for values in each]
        counts[f"within 5 % of {name} ({mark:,.0f})"] = near
    rows = [
        (name, *_spread(values), *(f"≈ {count}" for count in its))
        for name, values, *its in zip(groups, each, *counts.values(), strict=True)
    ]
    head, medians = "RMSE of every run", sorted(map(np.median, each))
    most = f" to {about(medians[-1])}" if len(groups) > 1 else ""
    short = f"{head}, median {about(medians[0])}{most}"
    return draw.told(figure, head, ["group", *SPREAD, *counts], rows, *notes, short=short)


def hinge(x: np.ndarray, kink: float) -> Picture:
    """Draw one ReLU unit, relu(x - kink), over x: (examples,)."""
    values = np.maximum(x - kink, 0)
    drawn = [Curve(f"relu(x − {kink:,})", x, values, LOOKS[0]), draw.kinks([kink])]
    flat, rise = values[x <= kink].max(), np.diff(values)[-1]
    told = f"Up to x = {kink:,} the unit gives {flat:.0f}; from there its output rises with slope {rise:.0f}"
    return Picture(still((Frame("x", "output of the unit"), drawn)), f"{told}, to {values[-1]:,.0f}.")


def activations(names: Sequence[str]) -> Picture:
    """Draw activations by name, side by side, over what reaches a unit, from -4 to 4."""
    from helpers import networks  # here, so that a picture without a network needs no TensorFlow

    z, ticks = np.linspace(-4, 4, 161), {at: number(at) for at in (-4, 0, 4)}
    filled, rows, named = [], [], {"y_limits": (-2, 4), "x_ticks": ticks, "legend": ""}
    for name in names:
        values = np.asarray(networks.ACTIVATIONS[name].function(z.astype("float32")))
        frame = Frame("input", "" if filled else "output", title=name, **named)
        filled.append((frame, [Curve(name, z, values, LOOKS[0])]))
        rows.append((name, *(number(round(float(end), 1) + 0.0) for end in (values[0], values[-1]))))  # no −0
    figure = still(*filled, size=(2.1 * len(names), 3.6))
    return draw.told(figure, "What the activations give", ["activation", "at −4", "at 4"], rows)


def _activation(name: str) -> Callable:
    from helpers import networks  # here, so that a picture without a network needs no TensorFlow

    return networks.ACTIVATIONS[name].function


def units(
    x: np.ndarray,
    contributions: np.ndarray,
    offset: float,
    kinks: Sequence[float],
    *,
    trained: bool = True,
) -> Picture:
    """Draw what each unit of the one hidden layer adds to the answer, and their sum.

    Where there are two units, each has its name.

    Args:
        x: rising, (examples,) or (examples, 1).
        contributions: (examples, units), in the unit of the answer.
        offset: the bias of the last layer, in that unit, too.
        kinks: where the units switch on or off; those inside the range are marked.
        trained: as in `fit`.
    """
    x = np.ravel(x)
    inside = [kink for kink in kinks if x[0] < kink < x[-1]]
    thin = [Bundle("one unit each", x, contributions.T, {"color": SKY, "linewidth": 1.8})]
    if len(contributions.T) == 2:
        named = zip(LOOKS[1:], contributions.T, strict=False)
        thin = [Curve(f"{'+ ' * (j > 0)}unit {j + 1}", x, y, look) for j, (look, y) in enumerate(named)]
    whole = Curve("their sum + bias", x, contributions.sum(axis=1) + offset, LOOKS[0])
    silent, mark = int((np.ptp(contributions, axis=0) == 0).sum()), "≈ " * trained
    told = f"Of {len(contributions.T)} units {mark}{len(inside)} with a kink inside the range"
    figure = still((Frame("x", "answer"), [*thin, whole, draw.kinks(inside)]))
    return Picture(figure, f"{told}, {mark}{silent} without effect on the shape.")


def pieces_law(pieces: Sequence[int], errors: Sequence[float]) -> Picture:
    """Draw the RMSE over the number of straight pieces, both axes logarithmic."""
    limits = (pieces[0] / 1.2, pieces[-1] * 1.5), (min(errors) / 1.5, max(errors) * 1.8)
    ticks = {k: f"{k}" for k in pieces}
    frame = Frame("straight pieces", "RMSE of the answers", *limits, "xy", ticks, legend="upper right")
    floors = errors[0] * (np.asarray(pieces) / pieces[0]) ** -2.0
    by_hand = Dots("the network, set by hand", pieces, errors, {"color": BLUE})
    figure = still((frame, [by_hand, draw.law(pieces, floors)]))
    for at in zip(pieces, errors, strict=True):
        figure.axes[0].annotate(_exact(at[1]), at, (10, 6), textcoords="offset points", fontsize=14)
    slope = np.polyfit(np.log(pieces), np.log(errors), 1)[0]
    most, least = _exact(errors[0]), _exact(errors[-1])
    falls = f"From {pieces[0]} to {pieces[-1]} pieces the RMSE falls from {most} to {least}"
    left = f"twice the pieces leave {2**slope:.2f} of the error"
    return Picture(figure, f"{falls}, with slope {number(round(slope, 1))}: {left}.")


def hidden_units(x: np.ndarray, layers: Mapping[str, np.ndarray]) -> Picture:
    """Draw what each ReLU unit of a layer gives over x, side by side for up to four trained networks.

    Args:
        x: whole numbers, (examples,) or (examples, 1).
        layers: by scale, the outputs (examples, units).
    """
    filled, rows = [], []
    for _, name, outputs in _told_apart(layers):  # more would not be told apart either, side by side
        highest, on = outputs.max(), outputs > 0
        limits = -0.05 * highest - 0.01, 1.05 * highest + 0.01
        frame = Frame("x", "" if filled else "output of the unit", None, limits, legend="", title=name)
        filled.append((frame, [Bundle(name, x, outputs.T, LOOKS[0])]))
        bent, off = (on.any(axis=0) & ~on.all(axis=0)).sum(), (~on.any(axis=0)).sum()
        rows.append((name, f"{len(on.T)}", f"≈ {bent}", f"≈ {off}", about(highest)))
    header = ["scale", "units", "bend inside the range", "off for every x", "largest output"]
    return draw.told(still(*filled, size=(4.5 * len(layers), 4.5)), "What the units make of x", header, rows)
