"""The lessons, and what they declare: the folders beside this package, such as lessons/05_input_scale.

The engine knows no lesson: it imports a file of a given name from each, and finds what it declares.
"""

import difflib
import importlib
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from helpers.checks import InputError

FOLDER = Path(__file__).parents[1] / "lessons"


class Unknown(InputError, AttributeError):
    """No lesson declares anything of this name."""


@cache
def names() -> tuple[str, ...]:
    """Return the names of the lessons in their order, such as "05_input_scale"."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("[0-9][0-9]_*/lesson.md")))


def named(name: str) -> str:
    """Return the full name of the lesson "input_scale", "05" or "05_input_scale", or raise InputError."""
    for lesson in names():
        if name in (lesson, *lesson.split("_", 1)):
            return lesson
    shorts = ", ".join(lesson.partition("_")[2] for lesson in names())
    raise InputError(f"expected a lesson, one of {shorts}, but got {name!r}: name one of them.")


def title(lesson: str) -> str:
    """Return the number and the title of a lesson: "05 Input scale"."""
    return f"{lesson[:2]} {lesson[3:].replace('_', ' ').capitalize()}"


def stored(lesson: str, made: str) -> dict:
    """Return what `make notebooks` has stored beside a lesson; made: "truths" or "solutions"."""
    return json.loads((FOLDER / lesson / f"{made}.json").read_text("utf-8"))


def numbered(text: str) -> str:
    """Return a text with lessons replaced by their numbers: "{{ input_scale }}" becomes "05"."""
    return re.sub(r"\{\{ (\w+) \}\}", lambda match: named(match[1])[:2], text)


def having(file: str) -> dict[str, Path]:
    """Return {lesson: file} for the lessons that have a file of this name, in order."""
    paths = {lesson: FOLDER / lesson / file for lesson in names()}
    return {lesson: path for lesson, path in paths.items() if path.exists()}


@cache
def load(part: str) -> Mapping[str, ModuleType]:
    """Import a module, such as "panels", from every lesson that has it; return {lesson: module}."""
    return {lesson: importlib.import_module(f"lessons.{lesson}.{part}") for lesson in having(f"{part}.py")}


def declaring(function: Callable) -> str:
    """Return the lesson that defines a function, or its module's name if none does."""
    package, *inside = function.__module__.split(".")
    return inside[0] if package == "lessons" and len(inside) > 1 else function.__module__


class Registry:
    """What the lessons declare of one kind, by name.

    where: the module that readers use, such as "predict"; part: the lessons' module that declares it;
    what: its kind, for messages.
    """

    def __init__(self, where: str, part: str, what: str) -> None:
        self.where, self.part, self.what = where, part, what
        self.declared: dict[str, object] = {}
        self._in_order = False

    def add(self, name: str, declared: object) -> object:
        """Declare this under a name, and return it."""
        self.declared[name] = declared
        return declared

    def all(self) -> dict[str, object]:
        """Return what all lessons declare, by name and in order."""
        if not self._in_order:
            for name in [name for module in load(self.part).values() for name in vars(module)]:
                if name in self.declared:  # moves to the end, as another file may have imported it earlier
                    self.declared[name] = self.declared.pop(name)
            self._in_order = True  # only now, as loading may be interrupted
        return self.declared

    def find(self, name: str) -> object:
        """Return what is declared under a name, or raise Unknown with the nearest name."""
        if name.startswith("_"):  # looked up by Python and IPython
            raise AttributeError(name)
        declared = self.all()
        if name not in declared:
            near = (difflib.get_close_matches(name, declared, 1, 0) or ["nothing"])[0]
            raise Unknown(f"There is no {self.what} {name!r}: do you mean {self.where}.{near}?")
        return declared[name]
