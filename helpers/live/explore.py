"""The panels that lessons declare in panels.py, for notebooks: `explore.units_at_work()`."""

from helpers.live.panels import REGISTRY

declared = REGISTRY.all
__getattr__ = REGISTRY.find


def __dir__() -> list[str]:
    return list(declared())
