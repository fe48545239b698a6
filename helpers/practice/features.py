"""What drawings are judged by: where they are level, bend or turn; how straight, steep and high they are.

Each feature compares the truth and the drawing at the same x, and says whether the drawing has it right.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Protocol

from helpers.words import listed, short

import numpy as np

LEVEL = 0.02  # of the range of heights: the truth is level between two x if it changes by no more
TURN = 0.1  # of the range of heights: a curve turns if it goes back by more than this


@dataclass(frozen=True)
class Curves:
    """A drawing and the truth, at the same x.

    span: the range of heights, which tolerances are relative to; say: puts a height of the truth into words.
    """

    x: np.ndarray
    drawn: np.ndarray
    truth: np.ndarray
    span: float
    say: Callable[[float], str]

    def level(self) -> np.ndarray:
        """Return the indices of x on a level part of the truth."""
        return _ends(np.abs(np.diff(self.truth)) <= LEVEL * self.span)

    def slanted(self) -> np.ndarray:
        """Return the indices of x where the truth rises or falls."""
        return _ends(np.abs(np.diff(self.truth)) > LEVEL * self.span)


class Feature(Protocol):
    """One property that a drawing is judged by."""

    def judge(self, curves: Curves) -> tuple[bool, str] | None:
        """Return whether the drawing is right in this, and a clause; None if the truth has no such part."""


@dataclass(frozen=True)
class Level:
    """Level where the truth is, from x = since on; within: the tolerance, relative to the span."""

    within: float = 0.05
    since: float = -np.inf

    def judge(self, curves: Curves) -> tuple[bool, str] | None:
        """Judge how level the drawing is there."""
        there = [at for at in curves.level() if curves.x[at] >= self.since]
        if len(there) < 2:
            return None
        where, heights = _stretch(curves.x[there]), curves.drawn[there]
        if np.ptp(heights) <= self.within * curves.span:
            return True, f"level {where}"
        return False, f"{where} it is level, and yours {_goes(heights, self.within * curves.span / 2)} there"


@dataclass(frozen=True)
class Kink:
    """Where it bends, once; within: the tolerance, relative to the width."""

    within: float = 0.075

    def judge(self, curves: Curves) -> tuple[bool, str] | None:
        """Judge where the drawing bends."""
        truth, yours = (kink(curves.x, heights, curves.span) for heights in (curves.truth, curves.drawn))
        if truth is None:
            return None
        if yours is None:
            return False, f"its kink is at {short(truth)}, and yours has none"
        if abs(truth - yours) < self.within * np.ptp(curves.x):
            return True, f"the kink at {short(truth)}"
        return False, f"its kink is at {short(truth)}, and yours is near {_near(yours)}"


@dataclass(frozen=True)
class Turns:
    """How often and where it turns, and in which direction; within: the tolerance, relative to the width."""

    within: float = 0.07

    def judge(self, curves: Curves) -> tuple[bool, str]:
        """Judge the turns of the drawing."""
        truth, yours = (turns(curves.x, heights, curves.span) for heights in (curves.truth, curves.drawn))
        least, first = TURN * curves.span, bool(truth)
        ways = [_goes(heights, least, first) for heights in (curves.truth, curves.drawn)]
        if len(truth) != len(yours):
            count = [f"turns {_times(len(places))}" if places else "never turns" for places in (truth, yours)]
            return False, f"it {count[0]}, and yours {count[1]}"
        if ways[0] != ways[1]:
            return False, f"it {ways[0]}{' first' if first else ''}, and yours {ways[1]}"
        if not truth:
            return True, {"falls": "it never rises", "rises": "it never falls"}.get(ways[0], f"it {ways[0]}")
        at = listed([short(place) for place in truth])
        if np.abs(np.subtract(truth, yours)).max() <= self.within * np.ptp(curves.x):
            return True, f"the turn{'s' if len(truth) > 1 else ''} at {at}"
        return False, f"it turns at {at}, and yours near {listed([_near(place) for place in yours])}"


@dataclass(frozen=True)
class Slope:
    """How steep it is where the truth is not level; within: 0.3 for up to 1.3 times as steep."""

    within: float = 0.3

    def judge(self, curves: Curves) -> tuple[bool, str] | None:
        """Judge how steep the drawing is there."""
        there = curves.slanted()
        if len(there) < 2:
            return None
        where, heights = _stretch(curves.x[there]), (curves.truth[there], curves.drawn[there])
        truth, yours = (np.polyfit(curves.x[there], each, 1)[0] for each in heights)
        goes = "rises" if truth > 0 else "falls"
        if yours / truth < TURN:
            other = "is level" if yours / truth > -TURN else "falls" if truth > 0 else "rises"
            return False, f"{where} it {goes}, and yours {other}"
        if 1 / (1 + self.within) <= yours / truth <= 1 + self.within:
            return True, f"how steep it is {where}"
        return False, f"{where} yours is {float(f'{yours / truth:.2g}'):g} times as steep"


@dataclass(frozen=True)
class Straight:
    """Straight where the truth is not level; within: the tolerance, relative to the span."""

    within: float = 0.04

    def judge(self, curves: Curves) -> tuple[bool, str] | None:
        """Judge how straight the drawing is there."""
        there = curves.slanted()
        if len(there) < 3:
            return None
        x, heights = curves.x[there], curves.drawn[there]
        where, off = _stretch(x), np.abs(heights - np.polyval(np.polyfit(x, heights, 1), x)).max()
        if off <= self.within * curves.span:
            return True, f"straight {where}"
        bend = np.polyfit(x, heights, 2)[0] * (np.ptp(x) / 2) ** 2
        how = "wavers" if abs(bend) < off / 2 else "bends upwards" if bend > 0 else "bends downwards"
        return False, f"{where} it is straight, and yours {how}"


@dataclass(frozen=True)
class Height:
    """How high it is at some x, or at the ends and turns; within: the tolerance, relative to the span."""

    at: Sequence[float] = ()
    within: float = 0.15

    def judge(self, curves: Curves) -> tuple[bool, str]:
        """Judge how high the drawing is there."""
        at = self.at or [curves.x[0], *turns(curves.x, curves.truth, curves.span), curves.x[-1]]
        truth, yours = (np.interp(at, curves.x, heights) for heights in (curves.truth, curves.drawn))
        far = int(np.abs(truth - yours).argmax())
        if abs(truth - yours)[far] <= self.within * curves.span:
            return True, f"how high it is at {listed([short(place) for place in at])}"
        drawn = round(yours[far] / curves.span, 3) * curves.span
        return False, f"at {short(at[far])} it is {curves.say(truth[far])}, and yours {_near(drawn)}"


KINDS = {kind.__name__: kind for kind in (Level, Kink, Turns, Slope, Straight, Height)}


def plain(features: Sequence[Feature]) -> list[tuple[str, dict]]:
    """Return features as JSON values: the kind of each, and its settings that are not the default."""
    return [
        (type(one).__name__, {f.name: v for f in fields(one) if (v := getattr(one, f.name)) != f.default})
        for one in features
    ]


def read(values: Sequence[tuple[str, dict]]) -> list[Feature]:
    """Return the features from what `plain` returned."""
    return [KINDS[kind](**settings) for kind, settings in values]


def kink(x: np.ndarray, heights: np.ndarray, span: float) -> float | None:
    """Return where the best two straight pieces meet, or None if one, or a parabola, is as good."""
    line, _ = np.linalg.qr(np.stack([np.ones_like(x), x], axis=1))
    rest = heights - line @ (line.T @ heights)  # the error of one straight piece
    if np.abs(rest).max() < LEVEL * span:
        return None

    def explained(bends: np.ndarray) -> np.ndarray:
        """Return how much of the rest each column explains."""
        bends = bends - line @ (line.T @ bends)
        return (rest @ bends) ** 2 / (bends**2).sum(axis=0)

    def best(places: np.ndarray) -> float:
        return float(places[np.argmax(explained(np.maximum(x[:, np.newaxis] - places, 0)))])

    step = np.ptp(x) / 100
    coarse = best(np.arange(x[0] + step, x[-1] - step / 2, step))
    place = best(np.linspace(coarse - step / 2, coarse + step / 2, 101))
    two = np.stack([np.maximum(x - place, 0), x**2], axis=1)
    return place if np.diff(explained(two))[0] < 0 else None


def turns(x: np.ndarray, heights: np.ndarray, span: float) -> list[float]:
    """Return where a curve changes between rising and falling, by more than a shaky hand does."""
    far = np.flatnonzero(np.abs(heights - heights[0]) > TURN * span)
    if len(far) == 0:
        return []
    way, last, top = np.sign(heights[far[0]] - heights[0]), 0, far[0]
    places = []
    for at in range(far[0], len(x)):
        if way * (heights[at] - heights[top]) >= 0:
            top = at  # the farthest so far
        elif way * (heights[top] - heights[at]) > TURN * span:
            summit = np.abs(heights[last:at] - heights[top]) <= LEVEL * span
            places.append(float(x[last:at][summit].mean()))
            way, last, top = -way, top, at
    return places


def _ends(steps: np.ndarray) -> np.ndarray:
    """Return the places on either side of the steps that are True."""
    return np.flatnonzero(np.append(steps, False) | np.append(False, steps))


def _stretch(x: np.ndarray) -> str:
    return f"from {short(x[0])} to {short(x[-1])}"


def _goes(heights: np.ndarray, least: float, first: bool = False) -> str:
    """Return the direction of a curve from start to end, or at first, if it changes by more than `least`."""
    changes = heights - heights[0]
    far = np.flatnonzero(np.abs(changes) > least)
    if len(far) == 0:
        return "stays level"
    change = changes[far[0]] if first else changes[-1]
    return "goes up and down" if abs(change) <= least else "rises" if change > 0 else "falls"


def _near(value: float) -> str:
    return short(float(f"{value:.2g}"))


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
