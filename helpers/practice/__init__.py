"""What the reader answers: predictions, exercises and quizzes. The core does not know this room.

What is asked stands in one file a notebook, lesson_NN.py; `load` reads them all.
"""

import importlib
from pathlib import Path


def load() -> None:
    """Declare what every notebook asks."""
    for file in sorted(Path(__file__).parent.glob("lesson_*.py")):
        importlib.import_module(f"{__name__}.{file.stem}")
