"""The learner's side: once a notebook has joined a class, the answers that it keeps are also sent there.

What is sent: the question, the answer, whether the learner is sure, first or second vote, and a random name
that only this machine knows. An answer waits in memory until its question is open, and a thread sends it, so
that no cell waits for the network. Joining in one notebook joins all, for half a day.
"""

import contextlib
import json
import re
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

from helpers.checks import InputError
from helpers.practice import store

FILE = "class.json"
HOURS = 12
PATIENCE = 5  # seconds to wait for the server
SOONEST, LATEST = 0.5, 8  # seconds between requests
LONGEST = 100_000  # bytes of a response

_waiting: dict[str, SimpleNamespace] = {}  # by question: answer, sure, counted vote
_lock, _wake = threading.RLock(), threading.Event()
listeners: list[Callable[[str], None]] = []  # called with the status


def join(address: str = "", code: str = "") -> object:
    """Join a class with the address and code on the teacher's screen, or with the form that this returns.

    Raises InputError for a malformed address or code; whether there is such a class is checked later.
    """
    from helpers.classroom.field import Field

    if address:
        enter(address, code)
    return Field()


def leave() -> None:
    """Leave the class: nothing is sent any more."""
    with _lock:
        _waiting.clear()
        _file().unlink(missing_ok=True)
    _say("You are in no class: nothing is sent.")


def enter(address: str, code: str) -> None:
    """Join at once; raise InputError for a malformed address or code."""
    place = f"{address.strip().rstrip('/')}/{code.strip()}".rstrip("/")
    match = re.fullmatch(r"(https?://.+)/(\w{6})", place if "://" in place else f"http://{place}")
    if not match:
        raise InputError(
            f"expected an address and a code of six characters, but got {place!r}: "
            "copy both from the teacher's screen."
        )
    joined, now = {"address": match[1], "code": match[2].upper()}, member() or {}
    name = now["name"] if joined.items() <= now.items() else secrets.token_hex(16)
    joined |= {"name": name, "until": time.time() + HOURS * 3600}
    with _lock:
        _waiting.clear()
        try:
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().touch(0o600)
            _file().write_text(json.dumps(joined), "utf-8")
        except OSError as error:
            raise InputError(
                f"expected to write {_file()}, but cannot ({error.strerror}): answer on the class's page."
            ) from None
        listen()
        _start()  # which checks that there is such a class


def member() -> dict | None:
    """Return the class that the learner is in, {"address", "code", "name", "until"}, or None."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        stored = json.loads(_file().read_text("utf-8"))
        if stored["until"] > time.time() and stored.keys() == {"address", "code", "name", "until"}:
            return stored
    return None


def status() -> str:
    """Return a sentence on whether the learner is in a class."""
    at = member()
    return f"You are in class {at['code']} at {at['address']}." if at else "You are in no class."


def listen() -> None:
    """Get each answer that is kept from now on."""
    if keep not in store.observers:
        store.observers.append(keep)


def keep(answer: store.Answer) -> None:
    """Queue a prediction or a quiz answer; returns at once."""
    entry = answer.content
    if answer.kind not in ("prediction", "quiz") or entry.get("late") or "told" in entry or not member():
        return
    with _lock:
        _waiting[answer.name] = SimpleNamespace(answer=entry["answer"], sure=entry.get("sure", True), vote=0)
        _start()


def _start() -> None:
    """Wake the thread, or start it."""
    _wake.set()
    if not _thread.is_alive():
        _thread.start()


def _send() -> None:
    pause = SOONEST
    while True:
        # Requests become rarer; something new is sent at once.
        pause = SOONEST if _wake.wait(pause if _waiting else None) else min(LATEST, 1.5 * pause)
        _wake.clear()
        if at := member():
            _say(_turn(at))
        else:
            _waiting.clear()


def _turn(at: dict) -> str:
    """Ask which question is open, and send its answer if one waits; return the status."""
    place, name, sent = f"{at['address']}/{at['code']}", "", None
    try:
        now = _ask(f"{place}/now")
        with _lock:
            for over in [each for each, one in _waiting.items() if one.vote and each != now["question"]]:
                del _waiting[over]
            name, sent = now["question"], _waiting.get(now["question"])
        if not sent or member() != at:
            return status()
        if now["open"] and now["vote"] > sent.vote:
            vote = {"question": name, "answer": sent.answer, "sure": sent.sure, "vote": now["vote"]}
            if _ask(f"{place}/vote", vote | {"name": at["name"]})["counted"] is not True:
                raise ValueError
            sent.vote = now["vote"]
        if not now["revealed"]:
            counted = "Your answer was counted" if sent.vote else "This vote is closed"
            return f"{counted}. In a second vote your answer stands, unless you keep another one."
        outcome = "Your answer was counted." if sent.vote else "This vote was closed before your answer came."
    except Exception as error:  # the server refuses the answer, is gone, or sends nonsense
        outcome, code = _sentence(error, at["address"]), getattr(error, "code", 0)
        if member() != at:
            return status()
        if code == 404:  # there is no such class any more
            with _lock:
                _waiting.clear()
            return outcome
        if not sent or code == 429 or not 400 <= code < 500:
            again = "It will be tried again" if _waiting else "It is tried again when you keep an answer"
            return f"{outcome} {again}."
        outcome = f"Your answer was not counted. {outcome}"
    with _lock:
        if _waiting.get(name) is sent:  # and not a newer one
            del _waiting[name]
    return outcome


def _sentence(error: Exception, address: str) -> str:
    with contextlib.suppress(Exception), error:
        return str(json.loads(error.read(LONGEST))["error"])
    return f"{address} does not answer as a class ({type(error).__name__})."


def _ask(address: str, vote: dict | None = None) -> dict:
    body, sends = vote and json.dumps(vote).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, sends), timeout=PATIENCE) as response:
        return json.loads(response.read(LONGEST))


def _say(sentence: str) -> None:
    for listener in listeners:
        with contextlib.suppress(Exception):  # its page is gone
            listener(sentence)


def _file() -> Path:
    return store.place().parent / FILE


_thread = threading.Thread(target=_send, name="class", daemon=True)
