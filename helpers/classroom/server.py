"""The addresses of a class, for Tornado: a page for learners under its code, the teacher's under a secret.

`handlers` are the same for a server of their own and for a Jupyter server. Everything that is sent is one
JSON object; what is refused gets {"error": one sentence}.
"""

import asyncio
import contextlib
import csv
import dataclasses
import io
import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from helpers.checks import InputError
from helpers.classroom import questions
from helpers.classroom.limits import Limit
from helpers.classroom.room import MOST, START, Refused, Room
from helpers.classroom.votes import Votes
from helpers.page import script

import segno
from tornado import iostream, web

HERE = Path(__file__).parent
PRACTICE = HERE.parent / "practice"
LONGEST = 20_000  # bytes of a vote
BREATH = 0.2  # seconds between two pieces of news
SILENCE = 15  # seconds until a quiet stream says that it is there
OWN = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
SAFE = {"Content-Security-Policy": OWN, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}


class Hall:
    """What all classes of a server share. address: where learners reach it; "" if the browser knows."""

    def __init__(self, votes: Votes, address: str = "") -> None:
        self.votes, self.address = votes, address.rstrip("/")
        self.wrong, self.many, self.flood = Limit(20, 60), Limit(20, 10), Limit(5000, 10)
        self.streams: dict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)

    def tell(self, code: str, *audiences: str) -> None:
        """Tell the pages of a class, the "teacher" or "learners", that there is news."""
        for audience in audiences:
            for news in self.streams[code, audience]:
                news.set()


@web.stream_request_body
class Plain(web.RequestHandler):
    """What all addresses share: headers, short bodies, and one sentence for a fault."""

    def initialize(self, hall: Hall) -> None:
        """Take what all of them share."""
        self.hall, self.body, self.long = hall, bytearray(), False

    def set_default_headers(self) -> None:
        """Let nothing in from another host."""
        for name, value in (SAFE | {"Cache-Control": "no-store"}).items():
            self.set_header(name, value)

    def check_xsrf_cookie(self) -> None:
        """Do nothing: no cookie opens anything here, only an address does."""

    def data_received(self, chunk: bytes) -> None:
        """Keep a body up to its limit, and let the rest pass."""
        self.long = self.long or len(self.body) + len(chunk) > LONGEST
        if not self.long:
            self.body += chunk

    def given(self) -> dict:
        """Return the body's JSON object, or raise Refused."""
        if self.long:
            raise Refused(413, f"This is too long: an answer has at most {LONGEST:,} bytes.")
        with contextlib.suppress(ValueError, RecursionError):
            if isinstance(given := json.loads(bytes(self.body)), dict):
                return given
        raise Refused(400, "Expected one JSON object.")

    def write_error(self, status_code: int, **kwargs: object) -> None:
        """Say what is wrong in one sentence."""
        error = kwargs.get("exc_info", (None, None))[1]
        said = "There is nothing at this address." if status_code < 500 else "The server met an error."
        if isinstance(error, Refused | InputError):
            self.set_status(getattr(error, "status", 400))
            said = str(error)
        self.finish({"error": said})

    def log_exception(self, kind: type, value: BaseException, trace: object) -> None:
        """Log what the server did not expect."""
        if not isinstance(value, Refused | InputError):
            super().log_exception(kind, value, trace)

    def room(self, code: str, name: str = "") -> Room:
        """Return the class of a code; who guesses codes has to wait, who has voted in the class need not."""
        code, address = code.upper(), self.request.remote_ip
        if self.hall.wrong.reached(address) and not self.hall.votes.known(code, name):
            raise Refused(429, "There were too many wrong codes from here: wait a minute, and try again.")
        try:
            return Room(self.hall.votes, code)
        except Refused:
            self.hall.wrong.reached(address, 1)
            raise

    async def stream(self, code: str, audience: str, seen: Callable[[], dict]) -> None:
        """Send what is seen, now and at all news, until the page is gone."""
        streams, self.news = self.hall.streams[code, audience], asyncio.Event()
        if len(streams) >= 2 * MOST:
            raise Refused(429, "This class is full.")
        self.set_header("Content-Type", "text/event-stream")
        self.set_header("X-Accel-Buffering", "no")  # what stands before the server keeps nothing back
        streams.add(self.news)
        self.news.set()
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), SILENCE)
                if self.request.connection.stream.closed():
                    break
                line = f"data: {json.dumps(seen())}" if self.news.is_set() else ":"
                self.news.clear()
                self.write(f"{line}\n\n")
                await self.flush()
                await asyncio.sleep(BREATH)
        except iostream.StreamClosedError:
            pass
        except Refused as gone:
            self.write(f"data: {json.dumps({'error': str(gone)})}\n\n")
        finally:
            streams.discard(self.news)

    def on_connection_close(self) -> None:
        """Wake a stream whose page is gone."""
        if hasattr(self, "news"):
            self.news.set()


class File(Plain):
    """The pages' own files."""

    def get(self, name: str, kind: str) -> None:
        """Send one, with that of practice on which it stands."""
        before = {"css": (PRACTICE / "ask.css").read_text, "js": lambda _: script(PRACTICE / "ask.js")}[kind]
        self.set_header("Content-Type", f"text/{'javascript' if kind == 'js' else kind}; charset=utf-8")
        self.finish(before("utf-8") + (HERE / f"{name}.{kind}").read_text("utf-8"))


class Learner(Plain):
    """The learners' page, whose script reads the code from the address or asks for one; and votes."""

    async def get(self, code: str, what: str = "") -> None:
        """Send the page, or what is asked: "now", for kernels, or as "news" while the page is there."""
        if not what:
            self.finish((HERE / "learner.html").read_text("utf-8"))
            return
        room = self.room(code, self.get_argument("name", ""))
        if what == "now":
            self.finish(room.learners())
        else:
            await self.stream(room.code, "learners", lambda: Room(self.hall.votes, room.code).learners())

    def post(self, code: str, _what: str) -> None:
        """Count a vote."""
        given = self.given()
        name = str(given.get("name"))
        room = self.room(code, name)
        if self.hall.many.reached(name, 1) or self.hall.flood.reached(self.request.remote_ip, 1):
            raise Refused(429, "These are too many votes at once: wait ten seconds, and try again.")
        room.vote(given)
        self.hall.tell(room.code, "teacher")
        self.finish({"counted": True})


class Teacher(Plain):
    """The teacher's page, and what it asks for."""

    async def get(self, secret: str, what: str) -> None:
        """Send the page, its news, a lesson, the QR code or the votes."""
        room = self.room(self.hall.votes.code(secret) or "")
        here = self.request.full_url().partition("/teach/")[0]
        at = {"address": self.hall.address or here}
        if what == "":
            self.finish((HERE / "teacher.html").read_text("utf-8"))
        elif what == "news":
            await self.stream(room.code, "teacher", lambda: Room(self.hall.votes, room.code).teachers() | at)
        elif what == "lesson":
            asked = [dataclasses.asdict(one) for one in room.asked]
            self.finish({"titles": questions.titles(), "questions": asked})
        elif what == "qr.svg":
            drawn = io.BytesIO()
            segno.make_qr(f"{at['address']}/{room.code}").save(drawn, kind="svg", scale=8, light="#fff")
            self.set_header("Content-Type", "image/svg+xml")
            self.finish(drawn.getvalue())
        else:
            table = io.StringIO()
            csv.writer(table).writerows([("question", "vote", "answer", "sure"), *room.votes.rows(room.code)])
            self.set_header("Content-Type", "text/csv; charset=utf-8")
            self.set_header("Content-Disposition", 'attachment; filename="votes.csv"')
            self.finish(table.getvalue())

    async def post(self, secret: str, _what: str) -> None:
        """Do what the page asks for."""
        given, room = self.given(), self.room(self.hall.votes.code(secret) or "")
        done = {"done": True}
        if given.get("do") == "new":
            done["secret"] = room.votes.new(START)
        elif given.get("do") == "delete":
            room.votes.delete(room.code)
        else:
            if given.get("do") == "choose":
                await asyncio.to_thread(questions.of, str(given.get("lesson")))  # its formulas take a second
            Room(room.votes, room.code).act(given)
        self.hall.tell(room.code, "teacher", "learners")
        self.finish(done)


class Nothing(Plain):
    """Any other address."""

    def prepare(self) -> None:
        """Say so."""
        raise web.HTTPError(404)


def handlers(hall: Hall, base: str = "") -> list[tuple]:
    """Return what Tornado needs, under a path such as "/user/name/class"."""
    made = {
        r"/static/(class|learner|teacher)\.(css|js)": File,
        r"/teach/([\w-]+)/(|do|lesson|news|qr\.svg|votes\.csv)": Teacher,
        r"/(\w{6}|)": Learner,
        r"/(\w{6})/(news|now|vote)": Learner,
        r"/.*": Nothing,
    }
    return [(base + path, handler, {"hall": hall}) for path, handler in made.items()]
