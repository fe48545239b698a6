"""Floors of the data: the errors that are possible without any network, and oddities of the examples.

All errors are relative to the standard deviation of each output: 1 is the error of the best constant.
"""

from helpers import words
from helpers.checks import InputError

import numpy as np

ENOUGH = 40  # examples, from which on some are left out to judge by


def standardised(values: np.ndarray) -> np.ndarray:
    """Return columns of mean 0 and standard deviation 1; a constant one becomes 0."""
    spread = np.where(np.ptp(values, axis=0) > 0, values.std(axis=0), 1)
    return (values - values.mean(axis=0)) / spread


def deviation(y: np.ndarray) -> np.ndarray:
    """Return the standard deviation (outputs,) of each output; 1 for one that never varies."""
    return np.where(y.std(axis=0) > 0, y.std(axis=0), 1)


def must_vary(y: np.ndarray) -> None:
    """Raise InputError if no output ever varies."""
    if not np.ptp(y, axis=0).any():
        raise InputError(f"y must vary, but every target is {words.rounded(y[0, 0])}: give other examples.")


def relative(answers: np.ndarray, y: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Return each output's relative RMSE, (outputs,); infinite if an answer is not finite."""
    with np.errstate(all="ignore"):
        errors = np.sqrt(np.mean((answers - y) ** 2, axis=0)) / np.where(deviation > 0, deviation, 1)
    return np.where(np.isfinite(errors), errors, np.inf)


def repeated(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the floor (outputs,) of any function of the inputs, as equal inputs get the same answer.

    Estimated by the spread over repeated inputs, corrected for degrees of freedom; 0 if too few repeat.
    """
    _, group, count = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    freedom = len(x) - len(count)
    if freedom < len(x) / 4:
        return np.zeros(y.shape[1])
    group = group.ravel()
    means = np.stack([np.bincount(group, column) / count for column in y.T], axis=1)
    residue = np.sqrt(((y - means[group]) ** 2).sum(axis=0) / freedom)
    return residue / deviation(y)


def affine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the leave-one-out error (outputs,) of the best affine map."""
    basis = np.hstack([np.ones((len(x), 1)), standardised(x)])
    left, size, _ = np.linalg.svd(basis, full_matrices=False)
    left = left[:, size > 1e-9 * size[0]]
    own = np.minimum((left**2).sum(axis=1, keepdims=True), 0.99)
    return relative((y - left @ (left.T @ y)) / (1 - own), np.zeros_like(y), y.std(axis=0))


def smooth(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the leave-one-out error (outputs,) of a smooth function.

    Kernel ridge regression with Gaussian kernels of several widths, on at most 300 examples.
    """
    spread, x = deviation(y), standardised(x)
    chosen = np.random.default_rng(0).permutation(len(x))[:300]
    x, y = x[chosen], (y - y.mean(axis=0))[chosen] / spread
    square = (x**2).sum(axis=1)
    distance = np.maximum(square[:, np.newaxis] + square - 2 * x @ x.T, 0) / x.shape[1]
    best = np.full(y.shape[1], np.inf)
    for width in (0.05, 0.2, 1.0, 4.0):
        size, vectors = np.linalg.eigh(np.exp(-distance / (2 * width**2)))
        projected = vectors.T @ y
        for penalty in (1e-6, 1e-3, 0.1, 3.0):
            weight = 1 / (np.maximum(size, 0) + penalty)
            inverse = (vectors**2) @ weight
            left_out = (vectors @ (weight[:, np.newaxis] * projected)) / inverse[:, np.newaxis]
            best = np.minimum(best, np.sqrt((left_out**2).mean(axis=0)))
    return best


def reachable(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return a relative error (outputs,) known to be possible, without any network.

    With few examples, only those with equal inputs are informative.
    """
    if len(x) < max(ENOUGH, 2 * x.shape[1]):
        return repeated(x, y)
    return np.minimum(np.minimum(affine(x, y), smooth(x, y)), 1.0)


def remarks(x: np.ndarray, y: np.ndarray) -> list[str]:
    """Return a sentence on each oddity of the examples."""
    sentences, names = [], range(1, x.shape[1] + 1)
    constant = [name for name, column in zip(names, x.T, strict=True) if not np.ptp(column)]
    if constant:
        one = len(constant) == 1
        what = "never varies: leave it out" if one else "never vary: leave them out"
        sentences.append(f"Input{'' if one else 's'} {_listed(constant)} {what}.")
    _, first = np.unique(x, axis=1, return_index=True)
    twice = [name for name in names if name - 1 not in first and name not in constant]
    if twice:
        one = len(twice) == 1
        what = "repeats another one: leave it out" if one else "repeat others: leave them out"
        sentences.append(f"Input{'' if one else 's'} {_listed(twice)} {what}.")
    return sentences + [f"{odd}: check it." for odd in (outlier("Input", x), outlier("Target", y)) if odd]


def outlier(kind: str, values: np.ndarray) -> str:
    """Return which of the values (examples, columns) is far from all others, in words, or ""."""
    middle = np.median(values, axis=0)
    usual = np.quantile(np.abs(values - middle), 0.9, axis=0)
    far = (np.abs(values - middle) > 50 * usual) & (usual > 0)
    if not far.any():
        return ""
    row, column = np.argwhere(far)[0]
    return f"{kind} {column + 1} of row {row} is {words.rounded(values[row, column])}, far from all others"


def span(low: float, high: float) -> str:
    """Return a range in words, with as many digits as it takes to tell its ends apart: "−3 to 164,700"."""
    for digits in (4, 8, 16):
        ends = [words.rounded(end, digits) for end in (low, high)]
        if ends[0] != ends[1]:
            break
    return " to ".join(ends)


def _listed(names: list[int]) -> str:
    return ", ".join(map(str, names[:5])) + (" …" if names[5:] else "")
