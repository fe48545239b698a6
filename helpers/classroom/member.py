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
from urllib.parse import urlsplit

from helpers.checks import InputError
from helpers.practice import store

FILE = "class.json"
HOURS = 12
PATIENCE = 5  # seconds for an answer of the server
SOONEST, LATEST = 0.5, 8  # seconds until the server is asked again
LONGEST = 100_000  # bytes of an answer
MOST = 100  # answers that wait

_waiting: dict[str, tuple[object, bool]] = {}  # by question: the answer, and whether the learner is sure
_lock, _wake = threading.RLock(), threading.Event()
_thread: threading.Thread | None = None
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
    address = address.strip().rstrip("/")
    if not re.match(r"\w+://", address):
        address = f"http://{address}"
    if not code:
        address, _, code = address.rpartition("/")
    code = code.strip().upper()
    if not re.fullmatch(r"\w{6}", code) or urlsplit(address).scheme not in ("http", "https"):
        raise InputError(
            f"expected an address and a code of six characters, but got {address!r} and {code!r}: "
            "copy both from the teacher's screen."
        )
    now = member() or {}
    same = (now.get("address"), now.get("code")) == (address, code)
    said = {"address": address, "code": code, "name": now["name"] if same else secrets.token_hex(16)}
    with _lock:
        _waiting.clear()
        try:
            _file().parent.mkdir(parents=True, exist_ok=True)
            _file().touch(0o600)
            _file().write_text(json.dumps(said | {"until": time.time() + HOURS * 3600}), "utf-8")
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
        if found["until"] > time.time() and found["address"] and found["code"] and found["name"]:
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
        _waiting.pop(answer.name, None)
        _waiting[answer.name] = (said["answer"], said.get("sure", True))
        if len(_waiting) > MOST:
            _waiting.pop(next(iter(_waiting)))
        _start()


def _start() -> None:
    """Wake the thread, or start it."""
    global _thread
    _wake.set()
    if _thread is None or not _thread.is_alive():
        _thread = threading.Thread(target=_send, name="class", daemon=True)
        _thread.start()


def _send() -> None:
    pause = SOONEST
    while True:
        # Asked less and less often; at once when there is something new.
        pause = SOONEST if _wake.wait(pause if _waiting else None) else min(LATEST, 1.5 * pause)
        _wake.clear()
        at = member()
        if at is None:
            _waiting.clear()
            continue
        try:
            _one(at)
        except urllib.error.HTTPError as error:
            _say(f"{_sentence(error)} It is tried again.")
        except Exception as error:  # it is gone, or answers nonsense
            _say(f"{at['address']} does not answer as a class ({type(error).__name__}): it is tried again.")


def _one(at: dict) -> None:
    """Ask what is open, and send the answer to it if one waits."""
    place = f"{at['address']}/{at['code']}"
    now = _ask(f"{place}/now")
    name = now["question"]
    with _lock:
        if name not in _waiting or member() != at:
            _say(status())
            return
        sent = answer, sure = _waiting[name]
    if not now["open"]:
        _drop(name, sent, "This vote was closed before your answer came.")
        return
    vote = {"question": name, "answer": answer, "sure": sure, "vote": now["vote"], "name": at["name"]}
    try:
        if _ask(f"{place}/vote", vote)["counted"] is True:
            _drop(name, sent, "Your answer was counted.")
    except urllib.error.HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise
        _drop(name, sent, f"Your answer was not counted. {_sentence(error)}")


def _sentence(error: urllib.error.HTTPError) -> str:
    try:
        with error:
            return str(json.loads(error.read(LONGEST))["error"])
    except Exception:
        return f"The server answers with the status {error.code}."


def _drop(name: str, sent: tuple, said: str) -> None:
    with _lock:
        if _waiting.get(name) == sent:  # not another one since
            del _waiting[name]
    _say(said)


def _ask(address: str, vote: dict | None = None) -> dict:
    body = None if vote is None else json.dumps(vote).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.loads(response.read(LONGEST))


def _say(sentence: str) -> None:
    for hear in heard:
        with contextlib.suppress(Exception):  # a page that is gone
            hear(sentence)


def _file() -> Path:
    return store.place().parent / FILE
