"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, near, numbers, one

import numpy as np

X = np.arange(1.0, 1001)
FEW = np.arange(1.0, 5)
SLOPE, INTERCEPT = np.polyfit(X, X**2, 1)


def error(slope, intercept, x=X):
    return float(np.sqrt(np.mean((x**2 - slope * x - intercept) ** 2)))


def small_lines(rng):
    slope, intercept, floor = numbers(rng, (5, -5, 1), [4, 2.5, 6.25, 15, 30])
    own = one(rng, [floor, floor, 4.0, 0.0, float(np.std(FEW**2))])
    return one(rng, [(slope, intercept, own), (-5.0, 5.0, own), (5.0, 4 * own, own), (5.0, -4.0, own)])


def worst(slope, intercept):
    errors = np.abs(X**2 - slope * X - intercept)
    return errors.max(), X[errors.argmax()]


def lines(rng):
    near_best = 1001 + rng.normal() * one(rng, [0.1, 10, 300]), -130_000 + rng.normal() * one(rng, [1e3, 1e5])
    nearest = 1001 + rng.normal() * 0.2, -125_750 + 20 * rng.normal()
    scaled = one(rng, [1001, 0, 1.001]), one(rng, [-0.125, -125_750, 0, 1000])
    joins = 1001 + rng.normal() * 0.5, -1000 + 300 * rng.normal()
    drawn = numbers(rng, (SLOPE, INTERCEPT), [1000, -125_750, 1e6])
    return tuple(map(float, one(rng, [near_best, near_best, nearest, scaled, joins, drawn])))


def below_all(slope, intercept):
    off = worst(slope, intercept)[0] - worst(SLOPE, INTERCEPT)[0]
    return None if abs(off) < 1 else bool(off < 0)


def lower_there(sign):
    def fact(m, slope, intercept):
        at = worst(slope, intercept)[1]
        return sign * (slope * at + intercept - at**2) > 0

    return fact


def unit(pattern_of):
    return lambda m, weights: pattern_of(*map(float, np.ravel([np.ravel(each) for each in weights])))


def unit_lines(rng):
    weight, bias = numbers(rng, (1.001, -0.167167), [1001, -167_167, 1000, 1e6])
    weight, bias = one(rng, [(weight, bias)] * 6 + [(round(weight, 3), round(bias, 3)), (-1.001, bias)])
    return ([[[weight]], [bias]],)


def three_decimals(weights):
    (((weight,),), (bias,)) = weights
    off = max(abs(weight - 1.001), abs(bias + 0.167167))
    return None if abs(off - 0.0005) < 1e-9 else off < 0.0005


def scaled_back(weights):
    (((weight,),), (bias,)) = weights
    return weight * 1000, bias * 1e6


SPACES = {
    "small_line": Space(
        small_lines,
        lambda slope, intercept, floor: (
            near(slope, 5, 1e-5) and near(intercept, -5, 1e-5) and near(floor, 1, 1e-5)
        ),
        {
            "Its errors are 1, −1, −1 and 1": lambda m, a, b, floor: np.allclose(
                FEW**2 - a * FEW - b, [1, -1, -1, 1]
            ),
            "wrong sign": lambda m, a, b, floor: near(a, 5, 1e-4) and near(b, 5, 1e-4),
            "are swapped": lambda m, a, b, floor: near(b, 5, 1e-4) and near(a, -5, 1e-4),
            "A level line": lambda m, a, b, floor: a == 0,
            "slope 4 is twice 2": lambda m, a, b, floor: near(a, 4, 1e-4),
            "touches the curve from below": lambda m, a, b, floor: (
                abs(min(x**2 - a * x - b for x in np.linspace(1, 4, 3001))) < 1e-3
            ),
            "joins the ends": lambda m, a, b, floor: np.allclose(
                (FEW**2 - a * FEW - b)[[0, 3]], 0, atol=1e-3
            ),
            "not the slope": lambda m, a, b, floor: not near(a, 5, 1e-6),
            "slope is right": lambda m, a, b, floor: near(a, 5, 1e-4),
            "the intercept is not": lambda m, a, b, floor: not near(b, -5, 1e-6),
            "[Tt]he line is right": lambda m, a, b, floor: near(a, 5, 1e-4) and near(b, -5, 1e-4),
            "does not hit": lambda m, a, b, floor: floor == 0 < error(a, b, FEW),
            "sum of the squared errors": lambda m, a, b, floor: near(floor, 4 * error(a, b, FEW) ** 2, 1e-4),
            "RMSE of the mean": lambda m, a, b, floor: near(floor, np.std(FEW**2), 1e-4),
            "the floor is not": lambda m, a, b, floor: not near(floor, 1, 1e-6),
        },
    ),
    "line_unit": Space(
        unit_lines,
        three_decimals,
        {
            r"Its RMSE is (\S+),": lambda m, weights: abs(error(*scaled_back(weights)) - m[0]) < 0.6,
            "are swapped": unit(lambda w, b: near(b, 1.001, 1e-3) and near(w, -0.167167, 1e-3)),
            "undivided intercept": unit(lambda w, b: near(b, INTERCEPT, 1e-3)),
            "slope for x and x²": unit(lambda w, b: near(w, SLOPE, 1e-3)),
            "divided as the answers are, but": unit(lambda w, b: near(w * 1e6, SLOPE, 1e-3)),
            "is 1,000 times the slope": unit(lambda w, b: near(w, 1000 * SLOPE, 1e-3)),
            "the minus off the weight": unit(lambda w, b: near(-w, 1.001, 1e-3)),
            r"here by (\S+), but": lambda m, weights: (
                near(weights[0][0][0], m[0], 1e-5) and abs(m[0] - 1.001) > 4e-4
            ),
            "[Tt]he weight is right": unit(lambda w, b: abs(w - 1.001) < 0.0006),
            "goes through 0": unit(lambda w, b: b == 0),
            "has the wrong sign": unit(lambda w, b: near(-b, INTERCEPT / 1e6, 1e-3)),
            "intercept divided by 1,000,": unit(lambda w, b: near(b, INTERCEPT / 1000, 1e-3)),
            "the bias is not": unit(lambda w, b: abs(b + 0.167167) > 0.0004),
        },
    ),
    "least_worst": Space(
        lines,
        below_all,
        {
            r"worst error is (\S+), at x = (\S+?)[:,] ": lambda m, a, b: (
                near(worst(a, b)[0], m[0], 1e-9 + 0.6 / m[0])
                and near(abs(m[1] ** 2 - a * m[1] - b), worst(a, b)[0])
            ),
            "no line has a smaller": lambda m, a, b: worst(a, b)[0] < 999**2 / 8 + 0.6,
            "0.1 % of the least": lambda m, a, b: worst(a, b)[0] < 1.0011 * 999**2 / 8,
            r"RMSE is (\S+):": lambda m, a, b: abs(error(a, b) - m[0]) < 0.6,
            r", less than (\S+);": lambda m, a, b: worst(a, b)[0] < m[0],
            "has nearly the lowest RMSE": lambda m, a, b: error(a, b) < 1.01 * error(SLOPE, INTERCEPT),
            "too low at both ends": lambda m, a, b: a + b < 1 and 1000 * a + b < 1e6,
            "nearly joins the ends": lambda m, a, b: max(abs(a + b - 1), abs(1000 * a + b - 1e6)) < 1101,
            "too high in between": lambda m, a, b: 500 * a + b > 500**2,
            "first the slope": lambda m, a, b: a < 0 or 0 < abs(b) < 1,
            "a level line": lambda m, a, b: a == 0,
            "too low there": lower_there(-1),
            "too high there": lower_there(1),
        },
    ),
}
