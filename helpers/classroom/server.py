"""The addresses of a class, for Tornado: a page for learners under its code, the teacher's under a secret.

`handlers` are the same for a server of their own and for a Jupyter server. Everything that is sent is one
JSON object; what is refused gets {"error": one sentence}.
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
BREATH = 0.2  # seconds between two pieces of news
SILENCE = 15  # seconds until a quiet stream says once more what it said
OWN = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SAFE = {"Content-Security-Policy": OWN, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Limit:
    """At most `most` times in `seconds` for a key, such as an address; what is over is forgotten."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds, self._span, self._counts = most, seconds, 0.0, Counter()

    def reached(self, key: str, happened: bool = True) -> bool:
        """Tell whether it may not happen again now; happened: it just has."""
        span = time.monotonic() // self.seconds
        if span != self._span:
            self._span, self._counts = span, Counter()
        full = self._counts[key] >= self.most
        self._counts[key] += happened
        return full


class Hall:
    """What all classes of a server share. address: where learners reach it; "" if the browser knows."""

    def __init__(self, votes: Votes, address: str = "") -> None:
        self.votes, self.address = votes, address.rstrip("/")
        self.wrong, self.many, self.flood = Limit(20, 60), Limit(20, 10), Limit(5000, 10)
        self.news: dict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)  # the next, once set

    def tell(self, code: str, *audiences: str) -> None:
        """Tell the pages of a class, the "teacher" or "learners", that there is news."""
        for audience in audiences:
            self.news.pop((code, audience), asyncio.Event()).set()


@web.stream_request_body
class Plain(web.RequestHandler):
    """What all addresses share: headers, short bodies, and one sentence for a fault."""

    def initialize(self, hall: Hall) -> None:
        """Take what all of them share."""
        self.hall, self.body = hall, b""

    def set_default_headers(self) -> None:
        """Let nothing in from another host."""
        for name, value in (SAFE | {"Cache-Control": "no-store"}).items():
            self.set_header(name, value)

    def get(self, *_: str) -> None:
        """Refuse: at any other address there is nothing."""
        raise web.HTTPError(404)

    def check_xsrf_cookie(self) -> None:
        """Do nothing: no cookie opens anything here, only an address does."""

    def data_received(self, chunk: bytes) -> None:
        """Keep a body up to its limit, and let the rest pass."""
        self.body += chunk[: LONGEST + 1 - len(self.body)]

    def given(self) -> dict:
        """Return the body's JSON object, or raise Refused."""
        if len(self.body) > LONGEST:
            raise Refused(413, f"This is too long: an answer has at most {LONGEST:,} bytes.")
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(given := json.loads(self.body), dict):
                return given
        raise Refused(400, "Expected one JSON object.")

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say what is wrong in one sentence."""
        said = "There is nothing at this address." if status_code < 500 else "The server met an error."
        self.finish({"error": getattr(kwargs.get("exc_info", [None] * 2)[1], "sentence", said)})

    def room(self, code: str, name: str = "") -> Room:
        """Return the class of a code; who guesses codes has to wait, who has voted in the class need not."""
        code, address = code.upper(), self.request.remote_ip
        wrong = self.hall.votes.state(code) is None
        if self.hall.wrong.reached(address, wrong) and not self.hall.votes.count(code, voter=name):
            raise Refused(429, "There were too many wrong codes from here: wait a minute, and try again.")
        return Room(self.hall.votes, code)

    async def stream(self, code: str, audience: str, seen: Callable[[Room], dict]) -> None:
        """Send what is seen, now and at all news, until the page or the class is gone."""
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")  # what stands before the server keeps nothing back
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
    """The pages' files; among them the learners' page, whose script reads the code from its address."""

    def get(self, name: str = "learner", kind: str = "html") -> None:
        """Send one, with that of practice on which it stands."""
        before = {"css": (PRACTICE / "ask.css").read_text("utf-8"), "js": script(PRACTICE / "ask.js")}
        self.set_header("Content-Type", f"text/{kind.replace('js', 'javascript')}; charset=utf-8")
        self.finish(before.get(kind, "") + (HERE / f"{name}.{kind}").read_text("utf-8"))


class Learner(Plain):
    """What is asked, and votes."""

    async def get(self, code: str, what: str) -> None:
        """Send what is asked: "now", for kernels, or as "news" while a page is there."""
        room = self.room(code, self.get_argument("name", ""))
        if what == "now":
            self.finish(room.learners())
        else:
            await self.stream(room.code, "learners", Room.learners)

    def post(self, code: str, _what: str) -> None:
        """Count a vote."""
        given = self.given()
        room = self.room(code, name := str(given.get("name")))
        if self.hall.many.reached(name) or self.hall.flood.reached(self.request.remote_ip):
            raise Refused(429, "These are too many votes at once: wait ten seconds, and try again.")
        room.vote(given)
        self.hall.tell(room.code, "teacher")
        self.finish({"counted": True})


class Teacher(File):
    """The teacher's page, and what it asks for."""

    async def get(self, secret: str, what: str) -> None:
        """Send the page, its news, a lesson with the class's QR code, or the votes."""
        room = self.room(self.hall.votes.code(secret) or "")
        at = {"address": self.hall.address or self.get_argument("at", "")}  # or as the browser sees it
        if what == "":
            super().get("teacher")
        elif what == "news":
            await self.stream(room.code, "teacher", lambda room: room.teachers() | at)
        elif what == "lesson":
            code = segno.make_qr(f"{at['address']}/{room.code}").svg_data_uri(scale=8, light="#fff")
            self.finish({"titles": questions.titles(), "questions": [*map(vars, room.asked)], "qr": code})
        else:
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", 'attachment; filename="votes.csv"')
            csv.writer(self).writerows([("question", "vote", "answer", "sure"), *room.votes.rows(room.code)])

    def post(self, secret: str, _what: str) -> None:
        """Do what the page asks for."""
        given, room = self.given(), self.room(self.hall.votes.code(secret) or "")
        done = {"done": True}
        if given.get("do") == "new":
            done["secret"] = room.votes.new()
        elif given.get("do") == "delete":
            room.votes.delete(room.code)
        else:
            room.act(given)
        self.hall.tell(room.code, "teacher", "learners")
        self.finish(done)


def handlers(hall: Hall, base: str = "") -> list[tuple]:
    """Return what Tornado needs, under a path such as "/user/name/class"."""
    made = {
        r"/static/(class|learner|teacher)\.(css|js)": File,
        r"/teach/([\w-]+)/(|do|lesson|news|votes\.csv)": Teacher,
        r"/(?:\w{6})?": File,
        r"/(\w{6})/(news|now|vote)": Learner,
        r"/.*": Plain,
    }
    return [(base + path, handler, {"hall": hall}) for path, handler in made.items()]
