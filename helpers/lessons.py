"""The lessons, and what they declare: the folders beside this package, such as lessons/05_input_scale.

The engine knows no lesson. It imports a file of a given name from each, and finds what was declared there.
"""

import difflib
import importlib
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from helpers.checks import InputError

FOLDER = Path(__file__).parents[1] / "lessons"


class Unknown(InputError, AttributeError):
    """No lesson declares anything of that name."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of the lessons in their order, such as "05_input_scale"."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("[0-9][0-9]_*/lesson.md")))


def named(name: str) -> str:
    """Return the lesson that is called "input_scale", "05" or "05_input_scale", or raise InputError."""
    for lesson in names():
        if name in (lesson, *lesson.split("_", 1)):
            return lesson
    shorts = ", ".join(lesson.partition("_")[2] for lesson in names())
    raise InputError(f"expected a lesson, one of {shorts}, but got {name!r}: name one of them.")


def numbered(text: str) -> str:
    """Return a text with the number of each lesson that it names: "{{ input_scale }}" becomes "05"."""
    return re.sub(r"\{\{ (\w+) \}\}", lambda found: named(found[1])[:2], text)


def having(file: str) -> dict[str, Path]:
    """Return the files of this name, by the lesson that has one, in the lessons' order."""
    paths = {lesson: FOLDER / lesson / file for lesson in names()}
    return {lesson: path for lesson, path in paths.items() if path.exists()}


@cache
def load(part: str) -> Mapping[str, ModuleType]:
    """Import a part, such as "panels", of every lesson that has one; return the modules by lesson."""
    return {lesson: importlib.import_module(f"lessons.{lesson}.{part}") for lesson in having(f"{part}.py")}


def declaring(function: Callable) -> str:
    """Return the lesson in whose files a function is defined, or its module's name if it is in none."""
    package, *inside = function.__module__.split(".")
    return inside[0] if package == "lessons" and len(inside) > 1 else function.__module__


class Registry:
    """What the lessons declare of one kind, by name.

    where: the module in which readers look it up, such as "predict"; part: the file of a lesson that
    declares it; what: its kind, for messages.
    """

    def __init__(self, where: str, part: str, what: str) -> None:
        self.where, self.part, self.what = where, part, what
        self.declared: dict[str, object] = {}
        self._in_order = False

    def all(self) -> dict[str, object]:
        """Return what all lessons declare, in their order."""
        if not self._in_order:
            self._in_order = True
            for name in [name for module in load(self.part).values() for name in vars(module)]:
                if name in self.declared:  # another file of its lesson may have imported it before the others
                    self.declared[name] = self.declared.pop(name)
        return self.declared

    def find(self, name: str) -> object:
        """Return what is declared under a name; raise Unknown, with the nearest name, if nothing is."""
        if name.startswith("_"):  # what Python and IPython look for in a module
            raise AttributeError(name)
        found = self.all()
        if name not in found:
            near = (difflib.get_close_matches(name, found, 1, 0) or ["nothing"])[0]
            raise Unknown(f"There is no {self.what} {name!r}: do you mean {self.where}.{near}?")
        return found[name]
