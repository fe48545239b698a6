"""The form with which a learner joins a class (front end: field.js)."""

from pathlib import Path

from helpers.checks import InputError
from helpers.classroom import member
from helpers.page import script
from helpers.practice import ask

import traitlets

SENT = (
    "In a class, each prediction that you keep, and each answer to a quiz, is also sent to its teacher's "
    "server: the question, your answer, whether you are sure, first or second vote, and a random name; "
    "nothing else. Leaving ends it, and so do twelve hours."
)


class Field(ask.Fallback):
    """The form; `message` is what the learner did: {"do": "join" or "leave", "address", "code"}."""

    _esm = script(Path(__file__).with_suffix(".js"))
    _css = Path(ask.__file__).with_suffix(".css")

    sent = traitlets.Unicode(SENT).tag(sync=True)
    status = traitlets.Unicode().tag(sync=True)
    member = traitlets.Bool().tag(sync=True)
    message = traitlets.Dict().tag(sync=True, echo_update=False)

    def __init__(self) -> None:
        super().__init__(status=member.status(), member=member.member() is not None)
        member.listeners[:] = [self._show]  # the latest form is the one in view
        self.observe(self._did, "message")

    def _did(self, change: dict) -> None:
        message = change["new"]
        try:
            if message.get("do") == "join":
                member.enter(str(message.get("address")), str(message.get("code")))
            else:
                member.leave()
        except InputError as error:
            self._show(f"{type(error).__name__}: {error}")
        except OSError as error:
            self._show(
                f"You are still in the class, as {error.filename} cannot be removed: {error.strerror}."
            )

    def refuse(self, sentence: str) -> None:
        """Show the sentence as the status."""
        self._show(sentence)

    def _show(self, sentence: str) -> None:
        self.status, self.member = sentence, member.member() is not None

    def fallback(self) -> tuple[str, str]:
        """Return what a class is sent."""
        return f'<p class="course-still">{SENT}</p>', SENT
