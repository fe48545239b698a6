"""A question with a form for its answer, as a widget (front end: ask.js)."""

import html
import reprlib
from collections.abc import Callable
from pathlib import Path

from helpers.checks import InputError
from helpers.page import Widget, script, unread
from helpers.practice import forms

import traitlets
from IPython.display import display

_here = Path(__file__).parent
# The state of a question that has not been answered; see Ask.now.
FRESH = {"open": True, "change": False, "told": "", "look": "", "fault": "", "truth": None}


class Fallback(Widget):
    """A widget with a fallback to read where there is no kernel."""

    def fallback(self) -> tuple[str, str]:
        """Return the fallback as HTML and as plain text."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        page, plain = self.fallback()
        display({"text/html": page, "text/plain": plain}, raw=True)
        data, metadata = self._repr_mimebundle_()
        display(data | {"text/plain": plain}, metadata=metadata, raw=True)


class Ask(Fallback):
    """One question, its form and its present state.

    did(action, raw answer, sure) is called when the reader presses "keep" or "change"; it returns the new
    state for `now`, or raises InputError.
    """

    _esm = script(_here / "ask.js")
    _css = _here / "ask.css"

    question = traitlets.Unicode().tag(sync=True)
    form = traitlets.Dict().tag(sync=True)
    asks_sure = traitlets.Bool().tag(sync=True)
    # What the reader did: {"do": "keep" or "change", "answer", "sure", "turn"}. turn: differs each time.
    message = traitlets.Dict().tag(sync=True, echo_update=False)
    # What to show: {"answer", "typed", "kept", "told" (feedback), "look", "truth", "open",
    # "change" (whether it may be), "fault", "turn"}.
    now = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        question: str,
        form: forms.Form,
        now: dict,
        did: Callable[[str, object, bool], dict],
        asks_sure: bool = True,
    ) -> None:
        self._form, self._did = form, did
        super().__init__(question=question, form=forms.spec(form), now=now, asks_sure=asks_sure)
        self.observe(self._receive, "message")

    def _receive(self, change: dict) -> None:
        message = change["new"]
        try:
            if message.get("do") not in ("keep", "change"):
                raise InputError(
                    f'expected "keep" or "change", but the page sent {reprlib.repr(message)}: run the cell.'
                )
            now = self._did(message["do"], message.get("answer"), bool(message.get("sure")))
        except InputError as error:
            now = self.now | {"fault": str(error)}
        except Exception as error:
            now = self.now | {"fault": unread(error)}
        self.now = now | {"turn": message.get("turn")}

    def refuse(self, sentence: str) -> None:
        """Show the sentence below the form."""
        self.now = self.now | {"fault": sentence}

    def fallback(self) -> tuple[str, str]:
        """Return the question and its choices."""
        options = "".join(f"<li>{html.escape(option)}</li>" for option in getattr(self._form, "options", ()))
        choices = f"<ul>{options}</ul>" if options else ""
        page = f'<div class="course-still"><p><b>{html.escape(self.question)}</b></p>{choices}</div>'
        return page, self.question
