"""Tornado's handlers for a class: the learners' page under its code, the teacher's under a secret.

They are the same in a server of their own and in a Jupyter server. Every message is one JSON object; one
that is refused gets {"error": one sentence}.
"""

import asyncio
import contextlib
import csv
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from helpers.classroom import questions
from helpers.classroom.room import Refused, Room
from helpers.classroom.votes import Votes
from helpers.page import script

import segno
from tornado import iostream, web

HERE = Path(__file__).parent
PRACTICE = HERE.parent / "practice"
LONGEST = 20_000  # bytes of a vote
BREATH = 0.2  # seconds between two updates
SILENCE = 15  # seconds after which a quiet stream repeats its last message
OWN = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SAFE = {"Content-Security-Policy": OWN, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Limit:
    """A rate limit: at most `most` times in `seconds` for a key, such as an address."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds, self._span, self._counts = most, seconds, 0.0, Counter()

    def reached(self, key: str, happened: bool = True) -> bool:
        """Return whether the limit is reached; happened: whether to count one more."""
        span = time.monotonic() // self.seconds
        if span != self._span:
            self._span, self._counts = span, Counter()
        full = self._counts[key] >= self.most
        self._counts[key] += happened
        return full


class Hall:
    """What all classes of a server share. address: where learners reach it; "" to leave it to the browser."""

    def __init__(self, votes: Votes, address: str = "") -> None:
        self.votes, self.address = votes, address.rstrip("/")
        self.wrong, self.many, self.flood = Limit(20, 60), Limit(20, 10), Limit(5000, 10)
        self.news: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)  # set at the next update

    def tell(self, code: str, *audiences: str) -> None:
        """Wake the pages of a class, of the "teacher" or "learners"."""
        for audience in audiences:
            self.news.pop((code, audience), asyncio.Event()).set()


@web.stream_request_body
class Plain(web.RequestHandler):
    """What all handlers share: headers, short bodies, and one sentence for an error."""

    def initialize(self, hall: Hall) -> None:
        """Take the arguments of the handlers."""
        self.hall, self.body = hall, b""

    def set_default_headers(self) -> None:
        """Allow nothing from another host."""
        for name, value in (SAFE | {"Cache-Control": "no-store"}).items():
            self.set_header(name, value)

    def get(self, *_: str) -> None:
        """Answer 404 at any other address."""
        raise web.HTTPError(404)

    def check_xsrf_cookie(self) -> None:
        """Do nothing, as no cookie grants access here, only the address."""

    def data_received(self, chunk: bytes) -> None:
        """Keep a body up to its limit, and drop the rest."""
        self.body += chunk[: LONGEST + 1 - len(self.body)]

    def message(self) -> dict:
        """Return the body's JSON object, or raise Refused."""
        if len(self.body) > LONGEST:
            raise Refused(413, f"This is too long: an answer has at most {LONGEST:,} bytes.")
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(message := json.loads(self.body), dict):
                return message
        raise Refused(400, "Expected one JSON object.")

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Send what is wrong in one sentence."""
        default = "There is nothing at this address." if status_code < 500 else "The server met an error."
        _, error, _ = kwargs.get("exc_info", (None, None, None))
        self.finish({"error": getattr(error, "sentence", default)})

    def room(self, code: str, name: str = "") -> Room:
        """Return the class with a code; limit wrong codes, except for those who have voted in the class."""
        code, address = code.upper(), self.request.remote_ip
        wrong = self.hall.votes.state(code) is None
        if self.hall.wrong.reached(address, wrong) and not self.hall.votes.count(code, voter=name):
            raise Refused(429, "There were too many wrong codes from here: wait a minute, and try again.")
        return Room(self.hall.votes, code)

    async def stream(self, code: str, audience: str, seen: Callable[[Room], dict]) -> None:
        """Send `seen`, now and at each update, until the page or the class is gone."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")  # a proxy in front must not buffer
        with contextlib.suppress(iostream.StreamClosedError, asyncio.CancelledError):
            while True:
                news = self.hall.news[code, audience]
                try:
                    self.write(f"data: {json.dumps(seen(Room(self.hall.votes, code)))}\n\n")
                except Refused as gone:
                    self.write(f"data: {json.dumps({'error': gone.sentence})}\n\n")
                    return
                await self.flush()
                await asyncio.sleep(BREATH)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), SILENCE)


class File(Plain):
    """The pages' files, also the learners' page, whose script reads the code from its address."""

    def get(self, name: str = "learner", kind: str = "html") -> None:
        """Send a file, after the one of practice that it builds on."""
        before = {"css": (PRACTICE / "ask.css").read_text("utf-8"), "js": script(PRACTICE / "ask.js")}
        self.set_header("Content-Type", f"text/{kind.replace('js', 'javascript')}; charset=utf-8")
        self.finish(before.get(kind, "") + (HERE / f"{name}.{kind}").read_text("utf-8"))


class Learner(Plain):
    """The learners' questions and votes."""

    async def get(self, code: str, what: str) -> None:
        """Send the open question, once ("now", for kernels) or as a stream ("news", for pages)."""
        room = self.room(code, self.get_argument("name", ""))
        if what == "now":
            self.finish(room.learners())
        else:
            await self.stream(room.code, "learners", Room.learners)

    def post(self, code: str, _what: str) -> None:
        """Count a vote."""
        message = self.message()
        room = self.room(code, name := str(message.get("name")))
        if self.hall.many.reached(name) or self.hall.flood.reached(self.request.remote_ip):
            raise Refused(429, "These are too many votes at once: wait ten seconds, and try again.")
        room.vote(message)
        self.hall.tell(room.code, "teacher")
        self.finish({"counted": True})


class Teacher(File):
    """The teacher's page and its requests."""

    async def get(self, secret: str, what: str) -> None:
        """Send the page, its news, a lesson with the class's QR code, or the votes."""
        room = self.room(self.hall.votes.code(secret) or "")
        at = {"address": self.hall.address or self.get_argument("at", "")}  # or what the browser sees
        if what == "":
            super().get("teacher")
        elif what == "news":
            await self.stream(room.code, "teacher", lambda room: room.teachers() | at)
        elif what == "lesson":
            code = segno.make_qr(f"{at['address']}/{room.code}").svg_data_uri(scale=8, light="#fff")
            self.finish({"titles": questions.titles(), "questions": [*map(vars, room.questions)], "qr": code})
        else:
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", 'attachment; filename="votes.csv"')
            csv.writer(self).writerows([("question", "vote", "answer", "sure"), *room.votes.rows(room.code)])

    def post(self, secret: str, _what: str) -> None:
        """Do what the page asks for."""
        message, room = self.message(), self.room(self.hall.votes.code(secret) or "")
        done = {"done": True}
        if message.get("do") == "delete":
            room.votes.delete(room.code)
        if message.get("do") in ("new", "delete"):
            done["secret"] = room.votes.new()
        else:
            room.act(message)
        self.hall.tell(room.code, "teacher", "learners")
        self.finish(done)


def handlers(hall: Hall, base: str = "") -> list[tuple]:
    """Return Tornado's handlers under a path such as "/user/name/class"."""
    paths = {
        r"/static/(class|learner|teacher)\.(css|js)": File,
        r"/teach/([\w-]+)/(|do|lesson|news|votes\.csv)": Teacher,
        r"/(?:\w{6})?": File,
        r"/(\w{6})/(news|now|vote)": Learner,
        r"/.*": Plain,
    }
    return [(base + path, handler, {"hall": hall}) for path, handler in paths.items()]
