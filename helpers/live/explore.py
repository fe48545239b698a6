"""The panels that lessons declare in panels.py, for notebooks: `explore.units_at_work()`."""

from helpers.live.panels import REGISTRY

__getattr__ = REGISTRY.find


def declared() -> dict:
    """Return all panels by name, in the order of the lessons."""
    return REGISTRY.all()


def __dir__() -> list[str]:
    return sorted(declared())
