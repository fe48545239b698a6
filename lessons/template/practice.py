"""The predictions and exercises of this lesson."""

from helpers.practice.forms import Number
from helpers.practice.predict import prediction


@prediction("What comes of it?", Number())
def what_comes_of_new_name(came):
    return came, "It is the sum."
