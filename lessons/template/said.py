"""Random answers to the exercises of this lesson, and when each statement of the feedback is true."""

from lessons.drawn import Space, numbers

SPACES = {
    "exercise_of_new_name": Space(
        lambda rng: numbers(rng, (2,), [0, 1, 3]),
        lambda number: number == 2,
        {
            "It is the sum": lambda m, number: number == 2,
            "the product": lambda m, number: number == 1,
            "not the sum": lambda m, number: number != 2,
        },
    ),
}
