"""The figures that only this lesson shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from helpers.pictures import marks
from helpers.pictures.figures import each_curve, picture
from helpers.words import about, short

import numpy as np


@picture
def diagonal(expected: np.ndarray, predicted: np.ndarray) -> marks.Picture:
    """Draw predicted over expected answers, with the diagonal on which both are the same."""
    expected, predicted = np.ravel(expected), np.ravel(predicted)
    wrong, ends = int((expected != predicted).sum()), [min(expected.min(), 0), expected.max()]
    dots = marks.Dots("examples", expected, predicted, {"color": marks.BLUE, "markersize": 5})
    figure = marks.still((marks.Frame("expected", "predicted"), [marks.equal(ends), dots]), size=(6.5, 6))
    figure.axes[0].locator_params(nbins=5)
    verdict = f"≈ {wrong:,} of them off" if wrong else "all of them exactly on"
    return marks.Picture(figure, f"{len(expected):,} examples, {verdict} the diagonal.")


@picture
def losses(histories: Mapping[str, Sequence[float]]) -> marks.Picture:
    """Draw the loss after each epoch, one curve per training run, on a logarithmic axis."""
    frame = marks.Frame("epoch", "loss (mean squared error)", log="y", legend="outside upper right")
    epochs = np.arange(1, 1 + max(map(len, histories.values())))
    rows = [
        (name, about(loss[0]), f"{about(loss[-1])} after {len(loss):,} epochs")
        for name, loss in histories.items()
    ]
    picture = marks.described(
        marks.still((frame, each_curve(histories, epochs))), "Loss", ["training", "at first", "at last"], rows
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


@picture
def descent(loss: Callable[[float], float], weight: float, rate: float, steps: int = 4) -> marks.Picture:
    """Draw the loss over one weight, and steps downhill from `weight`: each the rate times the slope."""
    path, slopes, tiny = [weight], [], 1e-4
    for _ in range(steps):
        slopes.append((loss(path[-1] + tiny) - loss(path[-1] - tiny)) / (2 * tiny))
        path.append(path[-1] - rate * slopes[-1])
    losses, reach = [loss(at) for at in path], np.ptp(path) or 1.0
    x = np.linspace(min(path) - 0.3 * reach, max(path) + 0.9 * reach, 100)
    touching = path[0] + 0.35 * reach * np.array([-1, 1])
    drawn = [
        marks.Curve("loss", x, [loss(at) for at in x], marks.LOOKS[0]),
        marks.Curve(
            "slope at the start", touching, losses[0] + slopes[0] * (touching - path[0]), marks.LOOKS[1]
        ),
        marks.Dots("the weight, step by step", path, losses, {"color": marks.BLACK, "markersize": 10}),
    ]
    figure = marks.still((marks.Frame("one weight", "loss", legend="upper right"), drawn))
    # Across: the step. Down: what it gains.
    across = {"arrowstyle": "->", "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
    down = across | {"arrowstyle": "-", "linewidth": 1, "linestyle": ":"}
    for start, end in pairwise(zip(path, losses, strict=True)):
        corner = end[0], start[1]
        figure.axes[0].annotate("", corner, start, arrowprops=across)
        figure.axes[0].annotate("", end, corner, arrowprops=down)
    side = "larger" if path[1] > path[0] else "smaller"
    summary = (
        f"At {short(weight)} the slope of the loss is {short(slopes[0])}, so a step makes the weight {side}"
    )
    caption = f"{summary}; {steps} steps take the loss from {short(losses[0])} to {short(losses[-1])}."
    weights, losses = (", ".join(map(short, each)) for each in (path, losses))
    return marks.Picture(
        figure, caption, None, f"{caption} The weight goes through {weights}; the loss {losses}."
    )
