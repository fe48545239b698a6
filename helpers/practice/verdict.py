"""The feedback on an answer at the end of a cell: right, wrong or neither (front end: verdict.js)."""

import html
from collections.abc import Callable, Mapping
from pathlib import Path

from helpers.page import script
from helpers.practice.ask import Fallback

import traitlets

_here = Path(__file__).parent
SIGNS = {"right": "✓", "wrong": "✗", "neither": "•"}


class Outcome(Fallback):
    """A sentence in the look of "right", "wrong" or "neither", with buttons for hints and solutions.

    words: the sentence; buttons: {name: label}; pressed(name): called for a button, returns a text and code,
    either may be "".
    """

    _esm = script(_here / "verdict.js")
    _css = _here / "ask.css"

    look = traitlets.Enum(list(SIGNS)).tag(sync=True)
    words = traitlets.Unicode().tag(sync=True)
    buttons = traitlets.Dict().tag(sync=True)
    pressed = traitlets.Dict().tag(sync=True, echo_update=False)
    more = traitlets.Dict({"text": "", "code": ""}).tag(sync=True)
    fresh = traitlets.Bool(True).tag(sync=True)  # until a page has scrolled it into view

    def __init__(
        self,
        look: str,
        words: str,
        buttons: Mapping[str, str] | None = None,
        pressed: Callable[[str], tuple[str, str]] | None = None,
    ) -> None:
        super().__init__(look=look, words=words, buttons=dict(buttons or {}))
        if pressed:
            self.observe(lambda change: self._answer(pressed, change["new"].get("name")), "pressed")

    def _answer(self, pressed: Callable[[str], tuple[str, str]], name: object) -> None:
        if isinstance(name, str) and name in self.buttons:
            text, code = pressed(name)
            self.more = {"text": text, "code": code}

    def refuse(self, sentence: str) -> None:
        """Show the sentence below the buttons."""
        self.more = {"text": sentence, "code": ""}

    def fallback(self) -> tuple[str, str]:
        """Return the sentence."""
        return still(self.look, self.words), f"{SIGNS[self.look]} {self.words}"


def still(look: str, words: str) -> str:
    """Return the sentence as HTML that needs no kernel."""
    style = "border-left:4px solid;padding:0.3rem 0.6rem;margin:0.3rem 0"
    return f'<p class="course-still" style="{style}">{SIGNS[look]} {html.escape(words)}</p>'
