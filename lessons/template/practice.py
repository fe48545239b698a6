"""The predictions and exercises of this lesson."""

from helpers.practice import given
from helpers.practice.check import Verdict, exercise, right, wrong
from helpers.practice.forms import Number
from helpers.practice.predict import prediction


@prediction("What comes of it?", Number())
def what_comes_of_new_name(came):
    return came, "It is the sum."


@exercise("Where to begin.", "What to do next.", minutes=1)
def exercise_of_new_name(number: given.number) -> Verdict:
    """One plus one."""
    if number == 2:
        return right("It is the sum.")
    if number == 1:
        return wrong("This is the product: add the two.")
    return wrong("This is not the sum: add one and one.")
