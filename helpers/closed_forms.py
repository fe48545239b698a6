"""The best straight line for squares, and the best joined pieces, exactly.

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


def pieces_floor(n: float, pieces: int) -> float:
    """Return the RMSE of the best `pieces` equal straight pieces for x^2, x continuous on 0..n.

    On a piece of length h the best line misses by a spread of h^2/sqrt(180), and by the same h^2/6
    at both ends: neighbouring best lines meet, so the best pieces are joined. h = n/pieces.
    """
    pieces = whole_number("pieces", pieces)
    if not n > 0:
        raise InputError(f"n must be a length above 0, but is {n!r}: give for example n=1000.")
    return (n / pieces) ** 2 / math.sqrt(180)


def whole_number_pieces_floor(n: int, pieces: int) -> float:
    """Return the RMSE of the best joined pieces for the whole numbers 1..n, `pieces` dividing n.

    Each piece then covers m = n/pieces whole numbers and is their best line; two neighbours meet
    halfway between the last number of one and the first of the next. With m = 2 nothing is left:
    two points always lie on a line.
    """
    n, pieces = whole_number("n", n), whole_number("pieces", pieces)
    if n % pieces:
        raise InputError(
            f"pieces must divide n, but {n} / {pieces} leaves {n % pieces}: "
            "choose a divisor, or use pieces_floor."
        )
    return line_floor(n // pieces)
