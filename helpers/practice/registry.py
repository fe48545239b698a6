"""What the notebooks ask, by name: `predict.NAME`, `check.NAME` and `quiz.NAME` are looked up here."""

import difflib
from collections.abc import Mapping

from helpers.checks import InputError
from helpers.practice import load


class Unknown(InputError, AttributeError):
    """Nothing of that name is asked."""


def find(name: str, declared: Mapping[str, object], where: str, what: str) -> object:
    """Return what is declared under a name, once all notebooks have declared theirs.

    Raises Unknown, with the nearest name; for example find("one_unti", ..., "check", "exercise").
    """
    if name.startswith("_"):  # what Python and IPython look for in a module
        raise AttributeError(name)
    load()
    if name not in declared:
        near = (difflib.get_close_matches(name, declared, 1, 0) or ["nothing"])[0]
        raise Unknown(f"There is no {what} {name!r}: do you mean {where}.{near}?")
    return declared[name]
