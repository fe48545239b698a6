"""The course's engine: one idea a file, imports running one way. It knows no lesson.

The core, each standing on those before it:

checks        one clear sentence for bad input
lessons       where the lessons are, and what they declare
page          the JavaScript of a front end, with what all of them share
problems      whole-number problems (sum, square, ...), their examples and their scaling
closed_forms  best straight lines and their floors, exactly
question      the question of 2019: its settings and printed numbers
words         numbers in words
progress      the bar of a long training
reading       the layers of any stack of Dense layers, and what examples bring about in its units
train/        what `model.fit` does as one compiled program: training, compiled, known (what it does exactly),
              begun (what fit would go on with), stopping (Ctrl-C), divergence (why a loss is NaN)
pictures/     marks (what a picture is made of), figures (still pictures), drawings (networks)
cure/         what helps a network that does not learn, by trial: floors, recipes, changes, trials, cure
diagnosis     the quick look: the first cause that its numbers show, and these numbers
networks      plain Keras networks: stacks of Dense layers, collapsed or set by hand
experiments   the question's recipe, from the draw to the answers

Four rooms stand on the core and do not know each other, but that classroom stands on practice, too:

live/         what moves: canvas, controls, panels and their JavaScript
practice/     what the reader answers: predict, check (exercises), quiz, and what is kept
classroom/    what a class answers: the teacher's page, the learners' page, and a notebook that has joined
evidence/     what is proved: claims, trials (their experiments), runs (their bounds and runs)

`import helpers` loads none of them: TensorFlow is loaded by the first file that needs it.
"""

import os
from importlib.machinery import PathFinder


class HiddenPackageError(ImportError):
    """A learner's file has the name of a package; IPython shows the sentence alone."""

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
