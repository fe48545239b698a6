"""What all front ends share: JavaScript, tables, and a widget that survives any message."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import anywidget


def script(path: Path) -> str:
    """Return page.js and a front end's file as one module."""
    return Path(__file__).with_suffix(".js").read_text("utf-8") + "\n" + path.read_text("utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as HTML, with row headers; the cells are HTML."""
    left = "style='text-align:left'"
    head = "".join(f"<th scope='col' {left}>{cell}</th>" for cell in header)
    lines = []
    for first, *others in rows:
        line = "".join(f"<td {left}>{cell}</td>" for cell in others)
        lines.append(f"<tr><th scope='row' {left}>{first}</th>{line}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def unread(error: Exception) -> str:
    """Return the sentence for a message that cannot be used."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return f"What the page sent cannot be used ({reason}): run the cell again, and repeat it."


class Widget(anywidget.AnyWidget):
    """A widget that shows one sentence when it cannot use a message from its page."""

    def set_state(self, sync_data: dict) -> None:
        """Take a message from the page."""
        try:
            super().set_state(sync_data)
        except Exception as error:  # a traceback would appear in another cell's output, or nowhere
            self.refuse(unread(error))

    def refuse(self, sentence: str) -> None:
        """Show the sentence on the page."""
        raise NotImplementedError
