"""The JavaScript of a front end, with what all of them share before it."""

from pathlib import Path


def script(path: Path) -> str:
    """Return the text of a front end's file behind that of page.js, as one module."""
    return Path(__file__).with_suffix(".js").read_text("utf-8") + "\n" + path.read_text("utf-8")
