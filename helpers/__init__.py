"""The course's helpers: one idea a file.

problems      whole-number problems (sum, square, ...), their examples and their scaling
thread        the numbers printed in the 2019 question
networks      plain Keras networks: stacks of Dense layers, collapsed or set by hand
training      `train`: what `model.fit` does; `train_many`: several networks at once
compiled      the program that both run: the whole loop of a training, compiled
known         what `train` does exactly as `fit`; the rest it refuses
experiments   the thread's recipe, from the draw to the answers
trials        experiments over seeds, one number a seed
evidence      claims about trials, their bounds, and how they are run anywhere
claims        every claim of the notebooks: `make evidence`
closed_forms  best straight lines and their floors, exactly
figures       every picture, each with a sentence computed from its data
canvas        the live picture: kept, and only what moved is drawn anew
panels        a live panel: controls, picture and sentence, and the thread that keeps them up to date
explore       the panels of the course
server        how JupyterLab sends what a panel shows: at once
checks, words, progress: one sentence for bad input; numbers in words; the bar of a long training

Imports run one way: explore -> panels -> canvas -> figures and experiments -> training -> compiled -> known;
all of them -> networks, problems -> checks.
`import helpers` loads none of them: each file is read, and TensorFlow with it, at first use.
"""

import os

import lazy_loader

# TensorFlow and Keras read these once, when they are first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# oneDNN announces itself on stderr whatever the log level is, and rounds differently on each CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "canvas",
        "checks",
        "claims",
        "closed_forms",
        "compiled",
        "evidence",
        "experiments",
        "explore",
        "figures",
        "known",
        "networks",
        "panels",
        "problems",
        "progress",
        "server",
        "thread",
        "training",
        "trials",
        "words",
    ],
)
