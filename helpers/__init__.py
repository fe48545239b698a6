"""The course's helpers: one idea a file.

problems      whole-number problems (sum, square, ...), their examples and their scaling
thread        the numbers printed in the 2019 question
networks      plain Keras networks: stacks of Dense layers, collapsed or set by hand
training      `train`: what `model.fit` does, with the whole loop compiled
experiments   the thread's recipe, from the draw to the answers
closed_forms  best straight lines and their floors, exactly
figures       every picture, each with a sentence computed from its data
explore       the sliders
checks, words, progress: one sentence for bad input; numbers in words; the bar of a long training

Imports run one way: explore -> figures and experiments -> training, networks -> problems -> checks.
`import helpers` loads none of them: each file is read, and TensorFlow with it, at first use.
"""

import os

import lazy_loader

# TensorFlow and Keras read these once, when they are first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "checks",
        "closed_forms",
        "experiments",
        "explore",
        "figures",
        "networks",
        "problems",
        "progress",
        "thread",
        "training",
        "words",
    ],
)
