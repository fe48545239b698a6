"""The course's engine: one idea per file, imports in one direction, no knowledge of lessons.

The core, where each part builds on those before it:

checks        one clear sentence for bad input
lessons       finds the lessons and what they declare
page          what all front ends share
problems      whole-number problems (sum, square, ...), their examples and their scaling
closed_forms  best straight lines and their errors, exactly
question      the question of 2019: its settings and printed numbers
words         numbers in words
progress      the bar of a long training
reading       the layers of any stack of Dense layers, and the state of its units
train/        `model.fit` as one compiled program: training, compiled, known (what it supports),
              begun (a model that fit has trained), stopping (Ctrl-C), divergence (why a loss is NaN)
pictures/     marks (the parts of a picture), figures (still pictures), drawings (networks)
cure/         finds by trial what helps a network that does not learn: floors, recipes, changes, trials, cure
diagnosis     a quick look: the first cause that the numbers show
networks      plain Keras networks: stacks of Dense layers, collapsed or set by hand
experiments   the recipe of 2019, from drawing examples to the answers

Four rooms build on the core and do not import each other, except that classroom builds on practice:

live/         live panels: canvas, controls, panels and their JavaScript
practice/     the reader's answers: predict, check (exercises), quiz, and their store
classroom/    votes in a class: the teacher's page, the learners' page, and notebooks that join
evidence/     claims about trained networks: claims, trials (experiments), runs (bounds and runs)

`import helpers` loads none of them: TensorFlow is loaded by the first module that needs it.
"""

import os
from importlib.machinery import PathFinder


class HiddenPackageError(ImportError):
    """A learner's file has the name of a package; IPython shows only the sentence."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


# The packages that the course imports, and those that Keras and TensorFlow use where they are installed.
_NAMES = ("keras", "matplotlib", "numpy", "PIL", "tensorflow", "tqdm")
for _name in (*_NAMES, "cv2", "jax", "pandas", "python", "scipy", "sklearn"):
    _spec = PathFinder.find_spec(_name)
    if _spec and _spec.origin == os.path.abspath(f"{_name}.py"):  # noqa: PTH100 (pathlib is slow to import)
        raise HiddenPackageError(
            f"{_spec.origin} hides the package {_name}: give this file another name, and restart the kernel."
        )

# TensorFlow and Keras read these once, when they are first imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# oneDNN announces itself on stderr whatever the log level is, and rounds differently on each CPU.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
