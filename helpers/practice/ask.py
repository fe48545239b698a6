"""A question on the page: it waits for an answer, keeps it and tells what happened (front end: ask.js)."""

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


class Fallback(Widget):
    """A widget that leaves its fallback to read where it cannot live, for want of a kernel."""

    def fallback(self) -> tuple[str, str]:
        """Return it as HTML and as plain text."""
        raise NotImplementedError

    def _ipython_display_(self) -> None:
        page, plain = self.fallback()
        display({"text/html": page, "text/plain": plain}, raw=True)
        data, metadata = self._repr_mimebundle_()
        display(data | {"text/plain": plain}, metadata=metadata, raw=True)


class Ask(Fallback):
    """One question, its form and what has become of it.

    did(what, raw answer, sure) is called for what the reader does, "keep" or "change", and returns
    what to show, as `now` takes it; it may raise InputError.
    """

    _esm = script(_here / "ask.js")
    _css = _here / "ask.css"

    question = traitlets.Unicode().tag(sync=True)
    form = traitlets.Dict().tag(sync=True)
    asks_sure = traitlets.Bool().tag(sync=True)
    # What the reader did: {"do": "keep" or "change", "answer", "sure", "turn"}.
    said = traitlets.Dict().tag(sync=True, echo_update=False)
    # What to show: {"answer", "typed", "kept", "told", "look", "truth", "open", "fault", "turn"}.
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
        self.observe(self._heard, "said")

    def _heard(self, change: dict) -> None:
        said = change["new"]
        try:
            if said.get("do") not in ("keep", "change"):
                raise InputError(
                    f'expected "keep" or "change", but the page sent {reprlib.repr(said)}: run the cell.'
                )
            news = self._did(said.get("do"), said.get("answer"), bool(said.get("sure")))
        except InputError as error:
            news = self.now | {"fault": str(error)}
        except Exception as error:
            news = self.now | {"fault": unread(error)}
        self.now = news | {"turn": said.get("turn")}

    def refuse(self, sentence: str) -> None:
        """Show the sentence below the form."""
        self.now = self.now | {"fault": sentence}

    def fallback(self) -> tuple[str, str]:
        """Return the question and its choices."""
        options = "".join(f"<li>{html.escape(option)}</li>" for option in getattr(self._form, "options", ()))
        choices = f"<ul>{options}</ul>" if options else ""
        page = f'<div class="course-still"><p><b>{html.escape(self.question)}</b></p>{choices}</div>'
        return page, self.question
