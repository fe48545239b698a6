"""Problems on whole numbers: what to compute, examples, and scaling for a network."""

from dataclasses import dataclass

from helpers.checks import InputError, columns, one_of, whole_number

import numpy as np

OPERATIONS = {
    "sum": lambda x: x.sum(axis=1),
    "product": lambda x: x.prod(axis=1),
    "square": lambda x: x[:, 0] ** 2,
}
SCALES = ("question", "largest", "standardised")


@dataclass(frozen=True)
class Scaling:
    """Scales whole numbers for a network: x to (x - x_shift) / x_divisor, y to y / y_divisor."""

    x_divisor: float
    y_divisor: float
    x_shift: float = 0.0

    def normalise(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return x and y scaled for a network: float arrays of the same shapes."""
        return self.inputs(columns("x", x)), columns("y", y) / self.y_divisor

    def inputs(self, x: np.ndarray) -> np.ndarray:
        """Return x scaled for a network: float array of the same shape."""
        return (np.asarray(x, dtype=float) - self.x_shift) / self.x_divisor

    def invert(self, y: np.ndarray) -> np.ndarray:
        """Return normalised answers as whole numbers: int array of the same shape, rounded."""
        return np.rint(np.asarray(y, dtype=float) * self.y_divisor).astype(int)


@dataclass(frozen=True)
class Problem:
    """An operation on whole numbers, each from 1 to `largest`.

    "square" uses only the first input, as in the question.
    Raises InputError for an unknown operation, and for answers too large to be exact.
    """

    operation: str
    inputs: int = 1
    largest: int = 1000

    def __post_init__(self) -> None:
        one_of("operation", self.operation, OPERATIONS)
        whole_number("inputs", self.inputs)
        whole_number("largest", self.largest)
        if self.largest_target > 2**53:
            raise InputError(
                f"answers must stay below 2**53 to be exact, but the {self.operation} of "
                f"{self.inputs} inputs up to {self.largest} reaches {self.largest_target:.0e}: "
                "take fewer inputs or a smaller largest."
            )

    @property
    def largest_target(self) -> int:
        """The answer when every input is `largest`."""
        extreme = np.full((1, self.inputs), int(self.largest), dtype=object)  # whole numbers without overflow
        return int(OPERATIONS[self.operation](extreme)[0])

    def targets(self, x: np.ndarray) -> np.ndarray:
        """Return the right answers for whole numbers x (examples, inputs): int array (examples, 1)."""
        return OPERATIONS[self.operation](np.asarray(x, dtype=np.int64))[:, np.newaxis]

    def draw(self, examples: int, *, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw examples: int arrays x (examples, inputs) and y (examples, 1), determined by the seed."""
        size = (whole_number("examples", examples), self.inputs)
        rng = np.random.default_rng(whole_number("seed", seed, at_least=0))
        x = rng.integers(1, self.largest, endpoint=True, size=size)
        return x, self.targets(x)

    def every_number(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all of 1..largest and their answers, both (largest, 1), for a problem of one input."""
        if self.inputs != 1:
            raise InputError(
                f"every_number needs a problem of 1 input, but this has {self.inputs}: use draw."
            )
        x = np.arange(1, self.largest + 1)[:, np.newaxis]
        return x, self.targets(x)

    def scaling(self, scale: str = "question") -> Scaling:
        """Return a scaling by name; y is always divided by the largest answer.

        "question": x is divided by the largest answer too. "largest": x is divided by `largest`.
        "standardised": x minus its mean, divided by its standard deviation, over 1..largest.
        """
        y_divisor = float(self.largest_target)
        if one_of("scale", scale, SCALES) == "standardised":
            if self.largest < 2:
                raise InputError("standardised needs largest >= 2, but largest is 1: x never varies.")
            deviation = np.sqrt((self.largest**2 - 1) / 12)
            return Scaling(float(deviation), y_divisor, x_shift=(self.largest + 1) / 2)
        return Scaling(y_divisor if scale == "question" else float(self.largest), y_divisor)


def same_length(**two: np.ndarray) -> None:
    """Raise InputError unless the two arrays, given by name, have one row for each example."""
    (name, values), (other, others) = two.items()
    if len(values) != len(others):
        raise InputError(
            f"{name} and {other} must have one row for each example, but {name} has {len(values)} and "
            f"{other} has {len(others)}: cut or draw them together."
        )


def rmse(expected: np.ndarray, predicted: np.ndarray) -> float:
    """Return the root mean squared error of two arrays of the same size, in the unit of their values."""
    expected, predicted = np.ravel(expected), np.ravel(predicted)
    same_length(expected=expected, predicted=predicted)
    return float(np.sqrt(np.mean((columns("expected", expected) - columns("predicted", predicted)) ** 2)))
