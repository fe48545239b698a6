"""A class: nothing lost, nothing double, nothing that does not belong; and a notebook never waits for it."""

import asyncio
import concurrent.futures
import contextlib
import http.client
import importlib
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

from helpers import classroom, lessons
from helpers.classroom import __main__ as command
from helpers.classroom import member, questions, room, server, votes
from helpers.practice import forms, predict, quiz, store, table

import pytest
from support import free_port, wait

LESSON = "02_squaring"
NAMES = [one.name for one in questions.of(LESSON)]
CHOICE, DRAWN = NAMES.index("rmse_again"), NAMES.index("shape_of_the_answers")
NEAR = questions.of(LESSON)[CHOICE].spec["options"]


@pytest.fixture(autouse=True)
def answers(tmp_path, monkeypatch):
    """Keep each test's answers and classes in a folder of its own."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path))
    monkeypatch.setattr(store, "_table", table.Table(store.place, store._say))
    monkeypatch.setattr(store, "observers", [])
    member._waiting.clear()
    yield tmp_path
    classroom.leave()


class Client:
    """Who speaks to a class's server."""

    def __init__(self, port, folder):
        self.address = f"http://127.0.0.1:{port}"
        with contextlib.closing(sqlite3.connect(folder / votes.FILE)) as file:
            self.code, self.secret = file.execute("select code, secret from class order by made").fetchall()[
                -1
            ]

    def ask(self, path, body=None):
        """Return the status and what is said."""
        body = json.dumps(body).encode() if isinstance(body, dict | list) else body
        try:
            with urllib.request.urlopen(
                urllib.request.Request(f"{self.address}/{path}", body), timeout=30
            ) as r:
                status, text = r.status, r.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        with contextlib.suppress(ValueError):
            text = json.loads(text)
        return status, text

    def do(self, what, **how):
        assert self.ask(f"teach/{self.secret}/do", {"do": what, **how}) == (200, {"done": True})

    def open(self, at, lesson=LESSON):
        self.do("choose", lesson=lesson)
        self.do("go", at=at)

    def vote(self, answer, voter=1, **other):
        now = self.ask(f"{self.code}/now")[1]
        given = {"question": now["question"], "answer": answer, "sure": True, "vote": now.get("vote", 1)}
        return self.ask(f"{self.code}/vote", given | {"name": f"{voter:032x}"} | other)

    @contextlib.contextmanager
    def news(self, path):
        """Return a function that waits for the next news of a stream."""
        with urllib.request.urlopen(f"{self.address}/{path}", timeout=30) as stream:

            def following():
                while not (line := stream.readline()).startswith(b"data: "):
                    assert line, "the stream ended"
                return json.loads(line[6:])

            yield following

    def seen(self):
        """Return what the teacher's page shows."""
        with self.news(f"teach/{self.secret}/news") as following:
            return following()


@contextlib.contextmanager
def serving(folder, *options, port=None):
    """Serve a class in a thread."""
    port = port or free_port()
    loop = asyncio.new_event_loop()
    task = loop.create_task(command.serve([f"--port={port}", "--no-browser", *options]))

    def run():
        with contextlib.suppress(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait(lambda: answers_at(port))
        yield Client(port, folder)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join()


def answers_at(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True


@pytest.fixture
def one(answers):
    """A class at the first question of 02."""
    with serving(answers) as client:
        client.open(CHOICE)
        yield client


def refused(answer, *statuses):
    """Hold what is refused: its status, and one sentence."""
    status, said = answer
    assert status in statuses
    assert set(said) == {"error"}
    assert re.fullmatch(r"[^\n]{1,319}\.", said["error"])


# What is asked ------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_class_is_asked_what_the_lesson_asks(lesson):
    asked = questions.of(lesson)
    plain = {name: forms.spec(one.form) for name, one in predict.declared().items()}
    of_quiz = quiz.declared()[lesson[3:]].questions
    plain |= {each.name: forms.spec(forms.Choice(list(each.choices))) for each in of_quiz}
    assert [each.name for each in asked][-3:] == [each.name for each in of_quiz]
    for each in asked:
        spec = json.loads(json.dumps(plain[each.name]))
        for key in ("kind", "options", "unit", "low", "high", "x_label", "y_label"):
            assert each.spec.get(key) == spec.get(key)
        declared = getattr(predict.declared().get(each.name), "form", None)
        assert getattr(each.form, "features", None) == getattr(declared, "features", None)
        assert (each.truth is None) == (not each.told)
        if each.truth is not None and spec["kind"] != "drawing":
            assert each.form.agrees(each.form.read(each.truth), each.truth)
        assert "$" not in each.before  # each formula is drawn
        assert "<a" not in each.before  # nothing leads away
        assert all(picture["alt"] for picture in each.pictures)
    assert sum(bool(each.told) for each in asked) >= len(asked) - 1
    assert questions.of(LESSON)[DRAWN].pictures


def test_a_notebook_that_is_not_stored_is_not_offered(shared, monkeypatch, tmp_path):
    monkeypatch.setattr(questions, "NOTEBOOKS", tmp_path)
    assert shared.ask(f"teach/{shared.secret}/lesson")[1]["titles"] == {}
    refused(shared.ask(f"teach/{shared.secret}/do", {"do": "choose", "lesson": LESSON}), 400)


# Votes --------------------------------------------------------------------------------------


def test_each_vote_counts_once_and_the_split_is_seen_when_it_is_asked_for(one):
    for voter, answer in ((1, 0), (2, 0), (3, 1), (1, 2), (1, 2)):
        assert one.vote(NEAR[answer], voter) == (200, {"counted": True})
    seen = one.seen()
    assert seen["answered"] == [3]
    assert not {"splits", "said", "truth"} & set(seen)
    assert NEAR[0] not in json.dumps(seen)
    one.do("show", on=True)
    (split,) = one.seen()["splits"]
    assert sorted(answer for answer, _ in split["answers"]) == sorted([NEAR[0], NEAR[1], NEAR[2]])
    assert one.vote(NEAR[0], 4) == (409, {"error": room.CLOSED})  # who has seen the split follows it
    one.do("show", on=False)
    assert one.vote(NEAR[0], 4)[0] == 200
    assert "00000001" not in json.dumps(one.seen())


def test_the_second_vote_stands_beside_the_first(one):
    for voter, answer in ((1, 0), (2, 0), (3, 1), (4, 1)):
        one.vote(NEAR[answer], voter)
    one.do("show", on=True)
    one.do("again")
    for voter, answer in ((1, 1), (2, 0), (3, 2), (5, 1)):
        assert one.vote(NEAR[answer], voter)[0] == 200
    assert one.vote(NEAR[1], 1, vote=1) == (409, {"error": room.CLOSED})
    assert one.seen()["answered"] == [4, 4]
    one.do("show", on=True)
    seen = one.seen()
    assert [len(split["answers"]) for split in seen["splits"]] == [4, 4]
    assert seen["said"][0].startswith("2 of the 3 who voted twice changed")
    assert f"1 from “{NEAR[0]}” to “{NEAR[1]}”" in seen["said"][0]
    assert "right" not in seen["said"][0]  # nobody knows it yet
    one.do("reveal", on=True)
    assert one.seen()["said"][0].endswith("1 came to the right answer, 1 left it.")
    assert "told" in one.ask(f"{one.code}/now")[1]


def test_what_a_choice_means_is_seen_with_what_happened_and_never_before(one):
    one.open(at := NAMES.index("below_the_floor"))
    meanings = questions.of(LESSON)[at].meanings
    assert meanings == predict.declared()["below_the_floor"].form.meanings
    for shown in (False, True):
        one.do("show", on=shown)
        assert not any(
            sentence in json.dumps(one.ask(f"{one.code}/now")[1]) for sentence in meanings.values()
        )
    one.do("reveal", on=True)
    assert one.ask(f"{one.code}/now")[1]["meanings"] == meanings


LEVEL = [-200_000.0] * 11
KINDS = {
    "number": ("01_summation", 0, 7e3, 8e3, ("many", [7], {"a": 7}, None, True, float("inf"), "9" * 5000)),
    "drawing": (
        LESSON,
        DRAWN,
        LEVEL,
        [1e6] * 11,
        (LEVEL[1:], [*LEVEL[1:], "x"], [*LEVEL[1:], 1e300], "<svg>"),
    ),
}


@pytest.mark.parametrize(("lesson", "at", "low", "high", "wrong"), KINDS.values(), ids=KINDS)
def test_a_number_and_a_drawing(one, lesson, at, low, high, wrong):
    one.open(at, lesson)
    assert one.vote(low) == (200, {"counted": True})
    for each in wrong:
        refused(one.vote(each, 2), 400)
    one.do("again")
    one.vote(high)
    one.do("show", on=True)
    seen = one.seen()
    assert [split["answers"] for split in seen["splits"]] == [[[low, True]], [[high, True]]]
    assert seen["said"][0].startswith("1 of the 1 who voted twice changed their answer")
    assert ("1 to a higher one, 0 to a lower one" in seen["said"][0]) is not isinstance(low, list)


def test_what_is_right_in_drawings_is_counted_as_a_notebook_says_it_of_each(one):
    one.open(DRAWN)
    asked, form = questions.of(LESSON)[DRAWN], predict.declared()["shape_of_the_answers"].form
    squares = [float(x**2) for x in form.x]
    for voter, drawn in enumerate([asked.truth, squares, squares]):
        assert one.vote(drawn, voter)[0] == 200
    one.do("show", on=True)
    assert one.seen()["said"] == []  # nobody knows what happened yet
    one.do("reveal", on=True)
    said = one.seen()["said"]
    assert said[0] == (
        "Right in 1 of 3 drawings of the last vote: straight from 0 to 1,000. "
        "Not right in 2: from 0 to 1,000 it is straight, and yours bends upwards."
    )
    told = form.compare(squares, asked.truth)
    for line, (right, clause) in zip(said, form.judged(squares, asked.truth), strict=True):
        assert line.startswith(f"Right in {3 if right else 1} of 3")
        assert clause in line
        assert clause in told


def test_numbers_are_counted_as_right_too_large_or_too_small(answers):
    asked = questions.of("01_summation")
    at = next(n for n, each in enumerate(asked) if each.name == "above_the_unit")
    truth = asked[at].truth
    with serving(answers) as one:
        one.open(at, "01_summation")
        for voter, share in enumerate((1, 1.05, 2, 0.5, 0.1)):
            assert one.vote(truth * share, voter)[0] == 200
        one.do("hands", hands=[[truth * 3, 4]])
        one.do("reveal", on=True)
        assert one.seen()["said"] == ["Of 9 numbers in the last vote 2 are right, 5 too large, 2 too small."]


def test_raised_hands_count_where_no_network_is_and_are_never_taken_for_votes(one):
    one.do("hands", hands=[[NEAR[0], 12], [NEAR[2], 3]])
    one.do("show", on=True)
    seen = one.seen()
    assert seen["answered"] == [0]
    assert seen["splits"] == [{"answers": [], "hands": [[NEAR[0], 12], [NEAR[2], 3]]}]
    for wrong in ([["nobody", 3]], [[NEAR[0], -1]], [[NEAR[0], "3"]], [3], [[NEAR[0], 10**9]]):
        refused(one.ask(f"teach/{one.secret}/do", {"do": "hands", "hands": wrong}), 400)
    assert one.seen()["splits"] == seen["splits"]


def test_what_a_class_leaves_and_how_it_is_deleted(one, answers):
    for voter in range(3):
        one.vote(NEAR[1], voter + 77)
    status, table = one.ask(f"teach/{one.secret}/votes.csv")
    assert status == 200
    assert table.splitlines() == ["question,vote,answer,sure"] + 3 * [
        f'{LESSON}/rmse_again,1,"""{NEAR[1]}""",1'
    ]
    status, said = one.ask(f"teach/{one.secret}/do", {"do": "new"})
    assert one.ask(f"teach/{said['secret']}/lesson")[1]["questions"] == []
    with one.news(f"{one.code}/news?name=") as following:
        following()
        one.do("delete")
        assert "no class" in following()["error"]
    assert one.ask(f"{one.code}/now")[0] == 404
    for path in answers.glob(f"{votes.FILE}*"):
        assert f"{78:032x}".encode() not in path.read_bytes()


def test_after_thirty_days_a_class_is_deleted(answers, monkeypatch):
    file = votes.Votes(answers)
    secret = file.new()
    code = file.code(secret)
    file.cast(code, "a", 1, "b", 1, True)
    now = time.time()
    monkeypatch.setattr(votes.time, "time", lambda: now + 29 * 86_400)
    file.expire()
    assert file.code(secret) == code
    monkeypatch.setattr(votes.time, "time", lambda: now + 31 * 86_400)
    file.expire()
    assert file.code(secret) is None
    assert file.count(code) == 0
    file.close()


def test_a_damaged_file_is_set_aside(answers):
    (answers / votes.FILE).write_bytes(b"no database" * 999)
    with serving(answers) as client:
        client.open(CHOICE)
        assert client.vote(NEAR[0])[0] == 200
    assert [path.read_bytes()[:11] for path in answers.glob("*.damaged")] == [b"no database"]


def test_a_file_that_another_program_holds_gets_a_sentence_and_the_vote_is_taken_later(one, answers):
    with contextlib.closing(sqlite3.connect(answers / votes.FILE, isolation_level=None)) as other:
        other.execute("begin exclusive")
        refused(one.vote(NEAR[0]), 500)  # which the page and the notebook take for "again, later"
        other.execute("rollback")
    assert one.vote(NEAR[0]) == (200, {"counted": True})
    assert one.seen()["answered"] == [1]


# What does not belong -----------------------------------------------------------------------

VOTE = {"question": "rmse_again", "answer": NEAR[0], "sure": True, "vote": 1, "name": "a" * 32}
WRONG = {
    "another answer": VOTE | {"answer": "none of these"},
    "markup": VOTE | {"answer": "<script>alert(1)</script>"},
    "a long answer": VOTE | {"answer": "x" * 15_000},
    "a question that is not open": VOTE | {"question": "floor_and_thread"},
    "a question of nobody": VOTE | {"question": ["\ud800"]},
    "the second vote": VOTE | {"vote": 2},
    "no vote": VOTE | {"vote": None},
    "no name": {**VOTE, "name": ""},
    "a name that is none": VOTE | {"name": "Anna"},
    "a name of a class": VOTE | {"name": ["a" * 32]},
    "sure of what": VOTE | {"sure": "yes"},
    "more than is asked": VOTE | {"city": "Graz"},
    "less": {"question": "rmse_again"},
    "no object": [1, 2],
    "no JSON": b"\xff\xfe{",
    "nothing": b"",
    "a deep one": b'{"answer":' * 1500,
    "a large number": b'{"vote":' + 9000 * b"9" + b"}",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_nothing_enters_that_does_not_belong(shared, body):
    refused(shared.ask(f"{shared.code}/vote", body), 400, 409)
    assert shared.seen()["answered"] == [0]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A class that takes nothing."""
    folder = tmp_path_factory.mktemp("class")
    old = os.environ["COURSE_ANSWERS"]
    os.environ["COURSE_ANSWERS"] = str(folder)
    with serving(folder) as client:
        os.environ["COURSE_ANSWERS"] = old
        client.open(CHOICE)
        yield client


def test_ten_megabytes_get_a_sentence(shared):
    assert shared.ask(f"{shared.code}/vote", b"9" * 10_000_000) == (
        413,
        {"error": "This is too long: an answer has at most 20,000 bytes."},
    )
    with contextlib.closing(http.client.HTTPConnection(shared.address[7:], timeout=30)) as connection:
        chunks = (b"x" * 1000 for _ in range(100))
        connection.request("POST", f"/{shared.code}/vote", chunks, encode_chunked=True)
        assert connection.getresponse().status == 413
    assert shared.seen()["answered"] == [0]


def test_everything_else_gets_a_sentence_and_lets_nothing_in_from_another_host(shared):
    for path in (
        "teach/nobody/",
        "teach/nobody/news",
        "no/such/place",
        "static/server.py",
        "%2e%2e/server.py",
    ):
        refused(shared.ask(path), 404)
    for path in ("", shared.code, f"teach/{shared.secret}/", "static/learner.js", "static/teacher.js"):
        with urllib.request.urlopen(f"{shared.address}/{path}") as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            assert "//" not in re.sub(
                r"(?m)^ *//.*| // .*|http://www.w3.org/2000/svg", "", answer.read().decode()
            )
    refused(shared.ask(f"teach/{shared.secret}/do", {"do": "<b>"}), 400)


@pytest.fixture
def still(monkeypatch):
    """Let no time pass for limits."""
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: 1000.0))


def test_who_guesses_codes_waits_and_who_votes_does_not(one, still):
    assert one.vote(NEAR[0])[0] == 200
    for guess in range(20):
        assert one.ask(f"AAAA{guess:02}/now")[0] == 404
    refused(one.ask("AAAAAA/now"), 429)
    assert one.ask(f"{one.code}/now")[0] == 429  # or the guesser would know it
    given = VOTE | {"name": f"{1:032x}", "answer": NEAR[1]}
    assert one.ask(f"{one.code}/vote", given)[0] == 200
    assert one.ask(f"{one.code}/vote", given | {"name": "b" * 32})[0] == 429


def test_a_flood_of_one_voter_stops_nobody_else(one, still):
    statuses = [one.vote(NEAR[0], 1)[0] for _ in range(40)]
    assert statuses == [200] * 20 + [429] * 20
    assert one.vote(NEAR[1], 2)[0] == 200
    assert one.seen()["answered"] == [2]


def test_a_class_takes_only_so_many_voters(one, monkeypatch):
    monkeypatch.setattr(room, "MOST", 3)
    assert [one.vote(NEAR[0], voter)[0] for voter in (1, 2, 3, 4, 1)] == [200, 200, 200, 409, 200]


def test_a_forgotten_flood_takes_no_memory():
    limit = server.Limit(2, 0.05)
    for key in range(10_000):
        limit.reached(str(key))
    time.sleep(0.06)
    assert not limit.reached("1")
    assert len(limit._counts) == 1


# The server ends ----------------------------------------------------------------------------


@pytest.mark.slow
def test_a_killed_server_loses_nothing_and_the_code_stays(answers):
    port = free_port()

    def start():
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "helpers.classroom", f"--port={port}", "--no-browser"],
            stdout=subprocess.PIPE,
            text=True,
        )
        wait(lambda: answers_at(port), 60)
        return process

    process = start()
    one = Client(port, answers)
    assert process.stdout.readline().strip().endswith(one.code)
    one.open(CHOICE)
    assert [one.vote(NEAR[0], voter)[0] for voter in range(50)] == [200] * 50
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    process = start()
    try:
        assert one.seen()["answered"] == [50]
        assert one.vote(NEAR[0], 51)[0] == 200
        taken = subprocess.run(
            [sys.executable, "-P", "-m", "helpers.classroom", f"--port={port}", "--no-browser"],
            capture_output=True,
            text=True,
        )
        assert taken.returncode == 1
        assert "another one, --port 8766." in taken.stderr
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        process.stdout.close()


@pytest.mark.slow
def test_three_hundred_votes_within_a_second_are_all_counted_once(answers):
    with serving(answers) as one, one.news(f"teach/{one.secret}/news") as following:
        one.open(CHOICE)
        with concurrent.futures.ThreadPoolExecutor(30) as pool:
            cast = [pool.submit(one.vote, NEAR[voter % 3], voter) for voter in [*range(300), *range(300)]]
        assert [done.result()[0] for done in cast] == [200] * 600
        began = time.monotonic()
        while following().get("answered") != [300]:
            assert time.monotonic() - began < 1
        one.do("show", on=True)
        assert len(one.seen()["splits"][0]["answers"]) == 300


@pytest.mark.slow
def test_a_jupyter_server_has_the_same_class_under_its_own_address(answers):
    port = free_port()
    options = ["--no-browser", f"--port={port}", "--ServerApp.base_url=/user/anna/", "--allow-root"]
    options += ["--IdentityProvider.token=abc", "--ServerApp.jpserver_extensions={'helpers.classroom': True}"]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "jupyter_server", *options], stderr=subprocess.DEVNULL
    )
    try:
        wait(lambda: answers_at(port), 60)
        place = f"http://127.0.0.1:{port}/user/anna/class"
        assert "/login" in urllib.request.urlopen(f"{place}/teacher").url  # it is for who is logged in
        page = urllib.request.urlopen(f"{place}/teacher?token=abc")
        one = Client(port, answers)
        one.address = place
        assert page.url == f"{place}/teach/{one.secret}/"
        one.open(CHOICE)
        assert one.vote(NEAR[0])[0] == 200
        assert one.seen()["answered"] == [1]
        with one.news(f"teach/{one.secret}/news?at={place}") as following:
            assert following()["address"] == place  # as the browser sees it
    finally:
        process.terminate()
        process.wait()


# A notebook that has joined -----------------------------------------------------------------


class Wire(ThreadingHTTPServer):
    """A server that keeps what it hears, and answers as it is told."""

    def __init__(self, answer):
        self.heard = []
        wire = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                wire.heard.append((self.command, self.path, dict(self.headers), body))
                said = answer(self.path)
                if said is None:
                    time.sleep(3)
                    return
                self.send_response(said[0])
                self.end_headers()
                with contextlib.suppress(OSError):
                    self.wfile.write(said[1])

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.daemon_threads = True
        self.place = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()

    def votes(self):
        return [json.loads(body) for method, _, _, body in self.heard if method == "POST"]


def open_one(path):
    now = {"question": "rmse_again", "open": True, "vote": 2, "revealed": False}
    return 200, json.dumps({"counted": True} if path.endswith("vote") else now).encode()


def keep(answer=NEAR[0], name="rmse_again", **said):
    store.keep(
        store.Answer("02", "prediction", name, {"answer": answer, "sure": False, "late": False, **said})
    )


def test_what_is_sent_and_when(answers):
    wire = Wire(open_one)
    keep()
    classroom.join(wire.place, "abc234")
    wait(lambda: wire.heard)
    assert wire.votes() == []  # what was kept before is not sent
    keep()
    keep(late=True, answer=NEAR[1])  # after the reveal: no prediction
    keep(right=True, told="You said so.", answer=NEAR[2])  # only what happened is added
    store.keep(store.Answer("02", "exercise", "rmse_again", {"answer": "my code", "right": True}))
    wait(lambda: wire.votes())
    time.sleep(1)  # and it is sent once
    (vote,) = wire.votes()
    assert vote.keys() == room.SENT
    assert len(vote.pop("name")) == 32
    assert vote == {"question": "rmse_again", "answer": NEAR[0], "sure": False, "vote": 2}
    for method, path, headers, body in wire.heard:
        assert path in ("/ABC234/now", "/ABC234/vote")
        assert headers.keys() <= {"Accept-Encoding", "Host", "User-Agent", "Connection", "Content-Type"} | (
            {"Content-Length"} if method == "POST" else set()
        )
        assert body == b"" or method == "POST"
    classroom.leave()
    heard = len(wire.heard)
    keep(NEAR[1])
    time.sleep(1)
    assert len(wire.heard) == heard
    wire.end()


def test_a_name_is_one_classes_own(answers):
    names = []
    for code in ("AAAAAA", "AAAAAA", "BBBBBB"):
        classroom.join("127.0.0.1:1", code)
        names.append(member.member()["name"])
    assert names[0] == names[1] != names[2]
    assert (answers / member.FILE).stat().st_mode & 0o77 == 0 or os.name == "nt"
    classroom.join("http://127.0.0.1:1/cccccc/")
    assert member.member()["code"] == "CCCCCC"


@pytest.mark.parametrize(
    "given", [("file:///etc/passwd", "AAAAAA"), ("127.0.0.1", ""), ("127.0.0.1", "A/../B")]
)
def test_what_is_no_class_gets_a_sentence(given):
    with pytest.raises(member.InputError, match="copy both from the teacher's screen"):
        classroom.join(*given)
    assert member.member() is None


def test_a_class_ends_after_half_a_day(monkeypatch):
    classroom.join("127.0.0.1:1", "AAAAAA")
    now = time.time()
    monkeypatch.setattr(member.time, "time", lambda: now + 13 * 3600)
    assert member.member() is None
    keep()
    assert not member._waiting


SERVERS = {
    "hanging": lambda _: None,
    "nonsense": lambda _: (200, b"<html>Log in to the school's network</html>"),
    "another shape": lambda _: (200, b'{"question": ["rmse_again"]}'),
    "half": lambda _: (200, b'{"question": "rmse_again"}'),
    "broken": lambda _: (500, b"no"),
    "long": lambda _: (200, b"[" * 200_000),
}


@pytest.mark.parametrize("kind", ["gone", *SERVERS])
def test_no_cell_waits_for_the_server(kind):
    def seconds():
        times = []
        for n in range(7):
            began = time.perf_counter()
            keep(NEAR[n % 3])
            times.append(time.perf_counter() - began)
        return sorted(times)[1]  # a busy machine slows some, a server that is waited for slows all

    alone = seconds()
    wire = Wire(SERVERS[kind]) if kind in SERVERS else SimpleNamespace(place="http://127.0.0.1:9", end=int)
    classroom.join(wire.place, "AAAAAA")
    assert seconds() - alone < 0.05
    wait(lambda: kind == "gone" or wire.heard)
    assert seconds() - alone < 0.05
    (waits,) = member._waiting.items()
    assert waits == ("rmse_again", SimpleNamespace(answer=NEAR[0], sure=False, vote=0))
    assert member._thread.is_alive()
    wire.end()


def test_a_network_that_comes_back(answers):
    """Sent once, counted once: also what was kept before its question was open."""
    port, said = free_port(), []
    with serving(answers, port=port) as one:
        code = one.code
    classroom.join(f"http://127.0.0.1:{port}", code)
    member.heard.append(said.append)
    keep(NEAR[1])
    wait(lambda: any("tried again" in sentence for sentence in said))
    with serving(answers, port=port) as one:
        wait(lambda: any("You are in class" in sentence for sentence in said))
        one.open(CHOICE)
        wait(lambda: said[-1].startswith("Your answer was counted."))
        time.sleep(1)
        assert one.seen()["answered"] == [1]
        one.do("reveal", on=True)
        wait(lambda: said[-1] == "Your answer was counted.")
        assert not member._waiting
        keep(NEAR[2])
        wait(lambda: said[-1] == "This vote was closed before your answer came.")
        assert not member._waiting
        one.do("delete")
        keep(NEAR[2])
        wait(lambda: "no class with this code" in said[-1])


def test_what_is_kept_stands_in_the_second_vote_until_another_answer_is_kept(answers):
    with serving(answers) as one:
        classroom.join(one.address, one.code)
        one.open(CHOICE)
        keep(NEAR[1])
        for again, counts in ((lambda: None, [1]), (lambda: one.do("again"), [1, 1])):
            again()
            wait(lambda: one.seen()["answered"] == counts)  # noqa: B023
        keep(NEAR[2])
        wait(lambda: not member._wake.is_set() and member._waiting["rmse_again"].vote == 2)
        one.do("show", on=True)
        kept = [split["answers"] for split in one.seen()["splits"]]
        assert kept == [[[NEAR[1], False]], [[NEAR[2], False]]]
        keep(NEAR[0])  # too late for this vote
        time.sleep(1)
        one.open(CHOICE + 1)
        wait(lambda: [*member._waiting] == ["rmse_again"])
        one.do("go", at=CHOICE)
        one.do("reveal", on=True)
        wait(lambda: not member._waiting)
        assert [split["answers"] for split in one.seen()["splits"]] == kept


def test_who_joins_in_one_notebook_is_in_the_class_with_all(answers):
    importlib.reload(lessons.load("practice")["00_start_here"])  # as any notebook's first prediction does
    wire = Wire(open_one)
    member.enter(wire.place, "AAAAAA")
    asked = predict.declared()["rmse_again"]
    asked.happened = None
    asked._did("keep", NEAR[0], True)
    wait(lambda: wire.votes())
    assert wire.votes()[0]["answer"] == NEAR[0]
    wire.end()


def test_the_field_joins_leaves_and_says_what_is_sent(answers):
    field = classroom.join()
    assert "nothing else" in field.sent
    assert (field.member, field.status) == (False, "You are in no class.")
    field.said = {"do": "join", "address": "a.place", "code": "<b>"}
    assert field.status.startswith("InputError: expected an address")
    wire = Wire(open_one)
    field.said = {"do": "join", "address": wire.place, "code": "AAAAAA"}
    wait(lambda: field.status == f"You are in class AAAAAA at {wire.place}.")
    assert field.member
    field.said = {"do": "leave"}
    assert not field.member
    assert field.fallback()[1] == field.sent
    wire.end()
