"""The learner's half: once a notebook has joined a class, what it keeps is also sent there.

Sent are the question, the answer, whether the learner is sure, first or second vote, and a random name that
only this machine knows. It waits in memory until its question is open, and a thread sends it, so that no
cell waits for the network. Whoever joined in one notebook is in the class with all, for half a day.
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
PATIENCE = 5  # seconds for an answer of the server
SOONEST, LATEST = 0.5, 8  # seconds until the server is asked again
LONGEST = 100_000  # bytes of an answer

_waiting: dict[str, SimpleNamespace] = {}  # by question: its answer, sure, and the vote that has it
_lock, _wake = threading.RLock(), threading.Event()
heard: list[Callable[[str], None]] = []  # who shows how it goes


def join(address: str = "", code: str = "") -> object:
    """Join a class: its address and code are on the teacher's screen. Without them, return a field for them.

    Raises InputError for what is no address or code; whether there is such a class is seen later.
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


def enter(address: str, code: str = "") -> None:
    """Become a member, as of now; raise InputError for what is no address or code."""
    place = f"{address.strip().rstrip('/')}/{code.strip()}".rstrip("/")
    found = re.fullmatch(r"(https?://.+)/(\w{6})", place if "://" in place else f"http://{place}")
    if not found:
        raise InputError(
            f"expected an address and a code of six characters, but got {place!r}: "
            "copy both from the teacher's screen."
        )
    said, now = {"address": found[1], "code": found[2].upper()}, member() or {}
    name = now["name"] if said.items() <= now.items() else secrets.token_hex(16)
    said |= {"name": name, "until": time.time() + HOURS * 3600}
    with _lock:
        _waiting.clear()
        try:
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().touch(0o600)
            _file().write_text(json.dumps(said), "utf-8")
        except OSError as error:
            raise InputError(
                f"expected to write {_file()}, but cannot ({error.strerror}): answer on the class's page."
            ) from None
        listen()
        _start()  # it looks whether there is such a class


def member() -> dict | None:
    """Return the class that the learner is in, {"address", "code", "name", "until"}, or None."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        found = json.loads(_file().read_text("utf-8"))
        if found["until"] > time.time() and found.keys() == {"address", "code", "name", "until"}:
            return found
    return None


def status() -> str:
    """Return whether the learner is in a class."""
    at = member()
    return f"You are in class {at['code']} at {at['address']}." if at else "You are in no class."


def listen() -> None:
    """Hear of each answer that is kept from now on."""
    if keep not in store.observers:
        store.observers.append(keep)


def keep(answer: store.Answer) -> None:
    """Let a prediction, or a quiz's answer, wait to be sent; it returns at once."""
    said = answer.said
    if answer.kind not in ("prediction", "quiz") or said.get("late") or "told" in said or not member():
        return
    with _lock:
        _waiting[answer.name] = SimpleNamespace(answer=said["answer"], sure=said.get("sure", True), vote=0)
        _start()


def _start() -> None:
    """Wake the thread, or start it."""
    _wake.set()
    if not _thread.is_alive():
        _thread.start()


def _send() -> None:
    pause = SOONEST
    while True:
        # Asked less and less often; at once when there is something new.
        pause = SOONEST if _wake.wait(pause if _waiting else None) else min(LATEST, 1.5 * pause)
        _wake.clear()
        if at := member():
            _say(_turn(at))
        else:
            _waiting.clear()


def _turn(at: dict) -> str:
    """Ask what is open, and send the answer to it if one waits; return how it went."""
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
        said = "Your answer was counted." if sent.vote else "This vote was closed before your answer came."
    except Exception as error:  # it refuses the answer, is gone, or answers nonsense
        said, code = _sentence(error, at["address"]), getattr(error, "code", 0)
        if not sent or code == 429 or not 400 <= code < 500:
            return f"{said} It is tried again."
        said = f"Your answer was not counted. {said}"
    with _lock:
        if _waiting.get(name) is sent:  # not another one since
            del _waiting[name]
    return said


def _sentence(error: Exception, address: str) -> str:
    with contextlib.suppress(Exception), error:
        return str(json.loads(error.read(LONGEST))["error"])
    return f"{address} does not answer as a class ({type(error).__name__})."


def _ask(address: str, vote: dict | None = None) -> dict:
    body, sends = vote and json.dumps(vote).encode(), {"Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(address, body, sends), timeout=PATIENCE) as response:
        return json.loads(response.read(LONGEST))


def _say(sentence: str) -> None:
    for hear in heard:
        with contextlib.suppress(Exception):  # a page that is gone
            hear(sentence)


def _file() -> Path:
    return store.place().parent / FILE


_thread = threading.Thread(target=_send, name="class", daemon=True)
