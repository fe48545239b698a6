"""What lines, joined pieces, ReLU units and a deep network leave of the squares, exactly.

Write a whole number x of 1..n as its distance u = x - c from the middle c = (n+1)/2. Then
x^2 = c^2 + 2cu + u^2, and over all x the numbers 1, u and u^2 - mean(u^2) are uncorrelated. So the
best line (least squares) keeps c^2 + 2cu, replaces u^2 by its mean (n^2-1)/12, and what remains is
the spread of u^2: its variance is mean(u^4) - mean(u^2)^2 = (n^2-1)(n^2-4)/180.
"""

import math

from helpers.checks import InputError, whole_number


def best_line(n: int) -> tuple[float, float]:
    """Return (slope, intercept) of the least-squares line through (x, x^2), x = 1..n.

    From c^2 + 2cu + (n^2-1)/12 with u = x - c, c = (n+1)/2.
    """
    n = whole_number("n", n, at_least=2)
    return float(n + 1), -(n + 1) * (n + 2) / 6


def line_floor(n: int) -> float:
    """Return the RMSE of `best_line(n)`: no linear network gets below it on 1..n."""
    n = whole_number("n", n)
    return math.sqrt((n**2 - 1) * (n**2 - 4) / 180) if n > 1 else 0.0


def mean_floor(n: int) -> float:
    """Return the RMSE of the one answer that fits all squares of 1..n best, their mean (n+1)(2n+1)/6.

    It is the standard deviation of x^2: its variance mean(x^4) - mean(x^2)^2 comes to
    (n^2-1)(2n+1)(8n+11)/180. For large n it nears n^2 sqrt(1/5 - 1/9), that of x^2 on the whole 0..n.
    """
    n = whole_number("n", n)
    return math.sqrt((n**2 - 1) * (2 * n + 1) * (8 * n + 11) / 180)


def pieces_floor(n: float, pieces: int) -> float:
    """Return the RMSE of the best `pieces` equal straight pieces for x^2, x continuous on 0..n.

    On a piece of length h the best line misses by a spread of h^2/sqrt(180), and by the same h^2/6
    at both ends: neighbouring best lines meet, so the best pieces are joined. h = n/pieces.
    """
    pieces, n = whole_number("pieces", pieces), _length(n)
    return (n / pieces) ** 2 / math.sqrt(180)


def _length(n: float) -> float:
    if not n > 0:
        raise InputError(f"n must be a length above 0, but is {n!r}: give for example n=1000.")
    return n


def units_floor(n: float, units: int) -> float:
    """Return the lowest RMSE of one hidden layer of `units` ReLU units on x^2, x continuous on 0..n.

    Each unit brings one kink. To bend upwards, a unit that is off on the left starts flat, and one
    that is off on the right starts downhill: with every kink inside the range the first piece does
    not rise. Flat is best, at its mean: on a length g it adds g^5 * 4/45 to the squared error,
    where a best piece of length h adds h^5/180. The sum is least where g = h/2, so
    n = (units + 1/2) h, and it is what units + 1/2 pieces leave. The pieces join: the flat one
    ends h^2/6 below the curve, as its neighbour begins.
    """
    h = _length(n) / (whole_number("units", units) + 0.5)
    return h**2 / math.sqrt(180)


def units_worth(n: float, error: float) -> float:
    """Return how many ReLU units of one hidden layer an RMSE of `error` is worth: see units_floor.

    Solved for the units, which need not come out whole; 0 for an error that no unit explains.
    """
    if not error > 0:
        raise InputError(f"error must be an RMSE above 0, but is {error!r}: give for example error=1.")
    return max(0.0, _length(n) / math.sqrt(error * math.sqrt(180)) - 0.5)


def deep_errors(n: float, layers: int) -> tuple[float, float]:
    """Return (worst error, RMSE) of `networks.deep_squarer(layers)` for x^2, x continuous on 0..n.

    It joins points of the curve by 2**layers equal straight pieces. Between two of them, h apart,
    the piece lies above the curve by d(h - d), d the distance to the left one: at most h^2/4, in the
    middle, and d^2 (h - d)^2 has the mean h^4/30. h = n/2**layers, so h^2/4 = n^2/4**(layers + 1).
    """
    h = _length(n) / 2 ** whole_number("layers", layers)
    return h**2 / 4, h**2 / math.sqrt(30)


def error_beyond(x: float, n: int, pieces: int) -> float:
    """Return how far x^2 is above the best `pieces` equal pieces of 1..n, for x beyond n.

    There the last piece goes straight on. Over h = n/pieces whole numbers around their middle
    c = n + 1/2 - h/2 it is c^2 + 2c(x - c) + (h^2-1)/12, and x^2 = c^2 + 2c(x - c) + (x - c)^2. So
    the error is (x - c)^2 - (h^2-1)/12: with ever more pieces it tends to (x - n)^2, and no lower.
    """
    n, pieces = whole_number("n", n), whole_number("pieces", pieces)
    if not x >= n:
        raise InputError(f"x must be beyond 1..{n}, but is {x!r}: give for example x={2 * n}.")
    h = n / pieces
    return (x - (n + 0.5 - h / 2)) ** 2 - (h**2 - 1) / 12
