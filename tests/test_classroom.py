"""A class: every vote counts once, nothing else gets in, and a notebook never waits for the server."""

import asyncio
import contextlib
import http.client
import importlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from unittest import mock

from helpers import classroom, lessons
from helpers.classroom import __main__ as command
from helpers.classroom import member, questions, room, server, votes
from helpers.practice import forms, predict, quiz, store

import pytest
from support import answers_at, free_port, wait

LESSON = "02_squaring"
NAMES = [one.name for one in questions.of(LESSON)]
CHOICE, DRAWN = NAMES.index("rmse_again"), NAMES.index("shape_of_the_answers")
NEAR = questions.of(LESSON)[CHOICE].spec["options"]
COUNTED = (200, {"counted": True})


@pytest.fixture(autouse=True)
def in_no_class(answers, monkeypatch):
    """Let each test begin and end in no class, with answers of its own."""
    monkeypatch.setattr(store, "observers", [])
    for name, seconds in {"SOONEST": 0.05, "LATEST": 0.2}.items():
        monkeypatch.setattr(member, name, seconds)
    member._waiting.clear()
    yield
    classroom.leave()


class Client:
    """A learner's and a teacher's requests to the newest class of a folder."""

    def __init__(self, port, folder):
        self.address = f"http://127.0.0.1:{port}"
        with contextlib.closing(sqlite3.connect(folder / votes.FILE)) as file:
            newest = file.execute("select code, secret from class order by made desc")
            self.code, self.secret = newest.fetchone()

    def ask(self, path, body=None):
        """Return the status and the text, or what it is as JSON."""
        body = json.dumps(body).encode() if isinstance(body, dict | list) else body
        try:
            request = urllib.request.Request(f"{self.address}/{path}", body)
            with urllib.request.urlopen(request, timeout=30) as response:
                status, text = response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read().decode()
        with contextlib.suppress(ValueError):
            text = json.loads(text)
        return status, text

    def teach(self, what, **how):
        return self.ask(f"teach/{self.secret}/do", {"do": what, **how})

    def do(self, what, **how):
        assert self.teach(what, **how) == (200, {"done": True})

    def open(self, at, lesson=LESSON):
        self.do("choose", lesson=lesson)
        self.do("go", at=at)

    def now(self):
        return self.ask(f"{self.code}/now")[1]

    def vote(self, answer, voter=1, **other):
        now = self.now()
        given = {"question": now["question"], "answer": answer, "sure": True, "vote": now.get("vote", 1)}
        return self.ask(f"{self.code}/vote", given | {"name": f"{voter:032x}"} | other)

    def news(self, path):
        """Yield what a stream sends."""
        with urllib.request.urlopen(f"{self.address}/{path}", timeout=30) as stream:
            for line in stream:
                if line.startswith(b"data: "):
                    yield json.loads(line[6:])

    def seen(self):
        """Return what the teacher's page shows."""
        return next(self.news(f"teach/{self.secret}/news"))


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


@pytest.fixture
def one(answers):
    """A class at the first question of 02."""
    with serving(answers) as client:
        client.open(CHOICE)
        yield client


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A class for tests that leave it as it is."""
    folder = tmp_path_factory.mktemp("class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ANSWERS", str(folder))
        with serving(folder) as client:
            patch.undo()
            client.open(CHOICE)
            yield client


def refused(answer, *statuses):
    """Check that an answer refuses with one sentence."""
    status, said = answer
    assert status in statuses
    assert set(said) == {"error"}
    assert re.fullmatch(r"[^\n]{1,319}\.", said["error"])


# What is asked ------------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", lessons.names())
def test_a_class_is_asked_what_the_lesson_asks(lesson):
    asked = questions.of(lesson)
    declared = {name: one.form for name, one in predict.declared().items()}
    of_quiz = quiz.declared()[lesson[3:]].questions
    declared |= {each.name: forms.Choice(list(each.choices)) for each in of_quiz}
    assert [each.name for each in asked][-3:] == [each.name for each in of_quiz]
    for each in asked:
        form = declared[each.name]
        spec = json.loads(json.dumps(forms.spec(form)))
        for key in ("kind", "options", "unit", "low", "high", "x_label", "y_label"):
            assert each.spec.get(key) == spec.get(key)
        assert getattr(each.form, "features", None) == getattr(form, "features", None)
        assert (each.truth is None) == (not each.told)
        if each.truth is not None and spec["kind"] != "drawing":
            assert each.form.agrees(each.form.read(each.truth), each.truth)
        assert "$" not in each.before  # each formula is drawn
        assert "<a" not in each.before  # there are no links
        assert all(picture["alt"] for picture in each.pictures)
    assert sum(bool(each.told) for each in asked) >= len(asked) - 1
    assert questions.of(LESSON)[DRAWN].pictures


def test_a_notebook_that_is_not_stored_is_not_offered(shared, monkeypatch, tmp_path):
    monkeypatch.setattr(questions, "NOTEBOOKS", tmp_path)
    assert shared.ask(f"teach/{shared.secret}/lesson")[1]["titles"] == {}
    refused(shared.teach("choose", lesson=LESSON), 400)


# Votes --------------------------------------------------------------------------------------


def test_each_voter_counts_once_and_the_split_is_sent_only_when_it_is_shown(one):
    for voter, answer in ((1, 0), (2, 0), (3, 1), (1, 2), (1, 2)):
        assert one.vote(NEAR[answer], voter) == COUNTED
    seen = one.seen()
    assert seen["answered"] == [3]
    assert not {"splits", "changes", "truth"} & set(seen)
    assert NEAR[0] not in json.dumps(seen)
    one.do("show", on=True)
    (split,) = one.seen()["splits"]
    assert sorted(answer for answer, _ in split["answers"]) == sorted([NEAR[0], NEAR[1], NEAR[2]])
    assert one.vote(NEAR[0], 4) == (409, {"error": room.CLOSED})  # who has seen the split follows it
    one.do("show", on=False)
    assert one.vote(NEAR[0], 4) == COUNTED
    assert "00000001" not in json.dumps(one.seen())


def test_a_second_vote_is_compared_with_the_first(one):
    for voter, answer in ((1, 0), (2, 0), (3, 1), (4, 1)):
        one.vote(NEAR[answer], voter)
    one.do("show", on=True)
    one.do("again")
    for voter, answer in ((1, 1), (2, 0), (3, 2), (5, 1)):
        assert one.vote(NEAR[answer], voter) == COUNTED
    assert one.vote(NEAR[1], 1, vote=1) == (409, {"error": room.CLOSED})
    assert one.seen()["answered"] == [4, 4]
    one.do("show", on=True)
    seen = one.seen()
    assert [len(split["answers"]) for split in seen["splits"]] == [4, 4]
    assert seen["changes"][0].startswith("2 of the 3 who voted twice changed")
    assert f"1 from “{NEAR[0]}” to “{NEAR[1]}”" in seen["changes"][0]
    assert "right" not in seen["changes"][0]  # nobody knows it yet
    one.do("reveal", on=True)
    assert one.seen()["changes"][0].endswith("1 came to the right answer, 1 left it.")


def test_what_happened_and_what_choices_mean_are_sent_only_once_revealed(one):
    one.open(NAMES.index("below_the_floor"))
    asked = questions.of(LESSON)[NAMES.index("below_the_floor")]
    assert asked.meanings == predict.declared()["below_the_floor"].form.meanings
    for shown in (False, True):
        one.do("show", on=shown)
        assert not {"meanings", "told", "truth"} & set(one.now())
    one.do("reveal", on=True)
    assert (one.now()["told"], one.now()["meanings"]) == (asked.told, asked.meanings)


LEVEL = [-200_000.0] * 11
NO_NUMBERS = ("many", [7], {"a": 7}, None, True, float("inf"), "9" * 5000)
NO_DRAWINGS = (LEVEL[1:], [*LEVEL[1:], "x"], [*LEVEL[1:], 1e300], "<svg>")
KINDS = {
    "number": ("01_summation", 0, 7e3, 8e3, NO_NUMBERS),
    "drawing": (LESSON, DRAWN, LEVEL, [1e6] * 11, NO_DRAWINGS),
}


@pytest.mark.parametrize(("lesson", "at", "low", "high", "wrong"), KINDS.values(), ids=KINDS)
def test_numbers_and_drawings_are_read_and_compared(one, lesson, at, low, high, wrong):
    one.open(at, lesson)
    assert one.vote(low) == COUNTED
    for each in wrong:
        refused(one.vote(each, 2), 400)
    one.do("again")
    one.vote(high)
    one.do("show", on=True)
    seen = one.seen()
    assert [split["answers"] for split in seen["splits"]] == [[[low, True]], [[high, True]]]
    assert seen["changes"][0].startswith("1 of the 1 who voted twice changed their answer")
    assert ("1 to a higher one, 0 to a lower one" in seen["changes"][0]) is not isinstance(low, list)


def test_right_answers_are_counted_once_it_is_revealed(one):
    asked, form = questions.of(LESSON)[DRAWN], predict.declared()["shape_of_the_answers"].form
    squares = [float(x**2) for x in form.x]
    one.open(DRAWN)
    for voter, drawn in enumerate([asked.truth, squares, squares]):
        one.vote(drawn, voter)
    one.do("show", on=True)
    assert one.seen()["changes"] == []
    one.do("reveal", on=True)
    judged = form.judged(squares, asked.truth)
    for line, (right, clause) in zip(one.seen()["changes"], judged, strict=True):
        assert line.startswith(f"Right in {3 if right else 1} of 3")
        assert clause in line
    (asked,) = (each for each in questions.of("01_summation") if each.name == "above_the_unit")
    one.open(questions.of("01_summation").index(asked), "01_summation")
    for voter, share in enumerate((1, 1.05, 2, 0.5, 0.1)):
        one.vote(asked.truth * share, voter)
    one.do("hands", hands=[[asked.truth * 3, 4]])
    one.do("reveal", on=True)
    assert one.seen()["changes"] == ["Of 9 numbers in the last vote 2 are right, 5 too large, 2 too small."]


def test_raised_hands_are_shown_beside_the_votes(one):
    hands = [[NEAR[0], 12], [NEAR[2], 3]]
    one.do("hands", hands=hands)
    assert one.seen()["raised"] == hands
    one.do("show", on=True)
    assert one.seen()["answered"] == [0]
    for wrong in ([["nobody", 3]], [[NEAR[0], -1]], [[NEAR[0], "3"]], [3], [[NEAR[0], 10**9]]):
        refused(one.teach("hands", hands=wrong), 400)
    assert one.seen()["splits"] == [{"answers": [], "hands": hands}]


# The file of classes ------------------------------------------------------------------------


def test_votes_are_exported_as_a_table_and_deleted_without_a_trace(one, answers):
    for voter in range(3):
        one.vote(NEAR[1], voter + 77)
    status, text = one.ask(f"teach/{one.secret}/votes.csv")
    row = f'{LESSON}/rmse_again,1,"""{NEAR[1]}""",1'
    assert (status, text.splitlines()) == (200, ["question,vote,answer,sure", row, row, row])
    status, said = one.teach("new")
    assert one.ask(f"teach/{said['secret']}/lesson")[1]["questions"] == []
    news = one.news(f"{one.code}/news?name=")
    next(news)
    one.teach("delete")
    assert "no class" in next(news)["error"]
    assert one.ask(f"{one.code}/now")[0] == 404
    for path in answers.glob(f"{votes.FILE}*"):
        assert f"{78:032x}".encode() not in path.read_bytes()


def test_after_thirty_days_a_class_is_deleted_without_a_trace(answers, monkeypatch):
    file = votes.Votes(answers)
    assert (answers / votes.FILE).stat().st_mode & 0o77 == 0 or os.name == "nt"
    secret, now = file.new(), time.time()
    code = file.code(secret)
    file.cast(code, "a", 1, f"{78:032x}", 1, True)
    for days, left in ((29, 1), (31, 0)):
        monkeypatch.setattr(votes.time, "time", lambda days=days: now + days * 86_400)
        assert (file.state(code) is None) == (left == 0)
        assert file.count(code) == left
    assert file.code(secret) is None
    assert [path for path in answers.glob("*") if f"{78:032x}".encode() in path.read_bytes()] == []
    file.close()


def test_a_damaged_file_is_set_aside(answers):
    (answers / votes.FILE).write_bytes(b"no database" * 999)
    with serving(answers) as client:
        client.open(CHOICE)
        assert client.vote(NEAR[0]) == COUNTED
    assert [path.read_bytes()[:11] for path in answers.glob("*.damaged")] == [b"no database"]


def test_while_another_program_holds_the_file_a_vote_is_refused_with_a_sentence(one, answers):
    with contextlib.closing(sqlite3.connect(answers / votes.FILE, isolation_level=None)) as other:
        other.execute("begin exclusive")
        refused(one.vote(NEAR[0]), 500)  # after which the page and the notebook try again
        other.execute("rollback")
    assert one.vote(NEAR[0]) == COUNTED


# What is refused ----------------------------------------------------------------------------

VOTE = {"question": "rmse_again", "answer": NEAR[0], "sure": True, "vote": 1, "name": "a" * 32}
WRONG = {
    "another answer": VOTE | {"answer": "<script>alert(1)</script>"},
    "a question that is not open": VOTE | {"question": "floor_and_thread"},
    "the second vote": VOTE | {"vote": 2},
    "no name": VOTE | {"name": ""},
    "a name that is not random": VOTE | {"name": "Anna"},
    "neither sure nor not": VOTE | {"sure": "yes"},
    "more than is asked": VOTE | {"city": "Graz"},
    "no object": [1, 2],
    "no JSON": b"\xff\xfe{",
    "nested too deeply": b'{"answer":' * 1500,
    "a number too large": b'{"vote":' + 9000 * b"9" + b"}",
}


@pytest.mark.parametrize("body", WRONG.values(), ids=WRONG)
def test_malformed_votes_are_refused(shared, body):
    refused(shared.ask(f"{shared.code}/vote", body), 400, 409)
    assert shared.seen()["answered"] == [0]


def test_long_bodies_are_refused(shared):
    said = shared.ask(f"{shared.code}/vote", b"9" * 10_000_000)
    assert said == (413, {"error": "This is too long: an answer has at most 20,000 bytes."})
    with contextlib.closing(http.client.HTTPConnection(shared.address[7:], timeout=30)) as connection:
        chunks = (b"x" * 1000 for _ in range(100))
        connection.request("POST", f"/{shared.code}/vote", chunks, encode_chunked=True)
        assert connection.getresponse().status == 413


def test_other_addresses_are_refused_and_pages_load_nothing_from_another_host(shared):
    for path in ("teach/nobody/", "teach/nobody/news", "no/such/place", "static/server.py", "%2e%2e/room.py"):
        refused(shared.ask(path), 404)
    refused(shared.teach("<b>"), 400)
    for path in ("", shared.code, f"teach/{shared.secret}/", "static/learner.js", "static/teacher.js"):
        with urllib.request.urlopen(f"{shared.address}/{path}") as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
            text = re.sub(r"(?m)^ *//.*| // .*|http://www.w3.org/2000/svg", "", answer.read().decode())
            assert len(text) > 100
            assert "//" not in text


@pytest.fixture
def clock(monkeypatch):
    """The time that the limits read; it stands still."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(server, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_guessing_codes_is_slowed_down_and_voting_is_not(one, clock):
    assert one.vote(NEAR[0]) == COUNTED
    for guess in range(20):
        assert one.ask(f"AAAA{guess:02}/now")[0] == 404
    refused(one.ask("AAAAAA/now"), 429)
    assert one.ask(f"{one.code}/now")[0] == 429  # or it would tell that the code is right
    given = VOTE | {"name": f"{1:032x}", "answer": NEAR[1]}
    assert one.ask(f"{one.code}/vote", given)[0] == 200
    assert one.ask(f"{one.code}/vote", given | {"name": "b" * 32})[0] == 429


def test_a_flood_of_one_voter_stops_nobody_else(one, clock):
    assert [one.vote(NEAR[0], 1)[0] for _ in range(25)] == [200] * 20 + [429] * 5
    assert one.vote(NEAR[1], 2) == COUNTED
    assert one.seen()["answered"] == [2]


def test_a_limit_forgets_earlier_spans_of_time(clock):
    limit = server.Limit(1, 10)
    assert [limit.reached(key) for key in "aab"] == [False, True, False]
    clock.now += 10
    assert not limit.reached("a")
    assert len(limit._counts) == 1


def test_a_full_class_takes_no_more_voters(one, monkeypatch):
    monkeypatch.setattr(room, "MOST", 3)
    assert [one.vote(NEAR[0], voter)[0] for voter in (1, 2, 3, 4, 1)] == [200, 200, 200, 409, 200]


# Servers of their own -----------------------------------------------------------------------


@contextlib.contextmanager
def program(port, *arguments):
    """Run a server as a program, and end it as Ctrl-C does."""
    process = subprocess.Popen([sys.executable, "-P", "-m", *arguments], stdout=subprocess.PIPE, text=True)
    with process:
        try:
            wait(lambda: answers_at(port), 60)
            yield process
        finally:
            process.send_signal(signal.SIGINT)


def test_a_port_or_a_folder_that_cannot_be_used_gets_one_sentence(answers, capsys):
    with pytest.raises(SystemExit):
        asyncio.run(command.serve(["--port=99999"]))
    assert "expected a port from 1 to 65535, but got 99999" in capsys.readouterr().err
    (answers / "file").write_text("")
    held = mock.patch.object(store, "place", return_value=answers / "file" / store.FILE)
    with held, pytest.raises(SystemExit, match=r"Votes cannot be kept in .*file"):
        asyncio.run(command.serve(["--no-browser"]))


@pytest.mark.slow
def test_a_killed_server_loses_no_vote_and_the_code_stays(answers):
    port = free_port()
    start = ["helpers.classroom", f"--port={port}", "--no-browser"]
    with program(port, *start) as process:
        one = Client(port, answers)
        assert process.stdout.readline().strip().endswith(one.code)
        one.open(CHOICE)
        assert [one.vote(NEAR[0], voter)[0] for voter in range(50)] == [200] * 50
        process.kill()
        process.wait()
    with program(port, *start) as process:
        assert one.seen()["answered"] == [50]
        assert one.vote(NEAR[0], 51) == COUNTED
        other = subprocess.run([sys.executable, "-P", "-m", *start], capture_output=True, text=True)
        assert other.returncode == 1
        assert 'make class ARGS="--port 8766".' in other.stderr
    assert process.returncode == 0


@pytest.mark.slow
def test_a_jupyter_server_has_the_class_under_its_own_address(answers):
    port = free_port()
    options = ["--no-browser", f"--port={port}", "--ServerApp.base_url=/user/anna/", "--allow-root"]
    options += ["--ServerApp.answer_yes=True", "--log-level=CRITICAL", "--IdentityProvider.token=abc"]
    options += ["--ServerApp.jpserver_extensions={'helpers.classroom': True}"]
    with program(port, "jupyter_server", *options):
        place = f"http://127.0.0.1:{port}/user/anna/class"
        assert "/login" in urllib.request.urlopen(f"{place}/teacher").url
        page = urllib.request.urlopen(f"{place}/teacher?token=abc")
        one = Client(port, answers)
        one.address = place
        assert page.url == f"{place}/teach/{one.secret}/"
        one.open(CHOICE)
        assert one.vote(NEAR[0]) == COUNTED
        # Learners reach it where the teacher's browser does.
        assert next(one.news(f"teach/{one.secret}/news?at={place}"))["address"] == place


# A notebook that has joined -----------------------------------------------------------------


@contextlib.contextmanager
def listening(answer):
    """Serve what `answer` returns for a path, a status and a body; yield the address and all requests."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            requests.append(SimpleNamespace(path=self.path, headers=dict(self.headers), body=body))
            status, text = answer(self.path)
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as wire:
        wire.daemon_threads = True
        threading.Thread(target=wire.serve_forever).start()
        yield f"http://127.0.0.1:{wire.server_address[1]}", requests
        wire.shutdown()


def open_one(path):
    now = {"question": "rmse_again", "open": True, "vote": 2, "revealed": False}
    return 200, json.dumps({"counted": True} if path.endswith("vote") else now).encode()


def sent(requests):
    return [json.loads(request.body) for request in requests if request.body]


def keep(answer=NEAR[0], **said):
    said = {"answer": answer, "sure": False, "late": False, **said}
    store.keep(store.Answer("02", "prediction", "rmse_again", said))


def test_only_predictions_kept_since_joining_are_sent_once_and_nothing_else():
    with listening(open_one) as (place, requests):
        keep()  # before joining
        classroom.join(place, "abc234")
        wait(lambda: requests)
        assert sent(requests) == []
        keep()
        keep(late=True, answer=NEAR[1])  # after the reveal, it is no prediction
        keep(right=True, told="You said so.", answer=NEAR[2])  # only what happened is added
        store.keep(store.Answer("02", "exercise", "rmse_again", {"answer": "my code", "right": True}))
        wait(lambda: sent(requests))
        time.sleep(0.5)
        (vote,) = sent(requests)
        assert len(vote.pop("name")) == 32
        assert vote == {"question": "rmse_again", "answer": NEAR[0], "sure": False, "vote": 2}
        usual = {"Accept-Encoding", "Host", "User-Agent", "Connection"}
        for request in requests:
            assert request.path in ("/ABC234/now", "/ABC234/vote")
            assert request.headers.keys() <= usual | {"Content-Type", "Content-Length"}
        classroom.leave()
        before = len(requests)
        keep(NEAR[1])
        time.sleep(0.5)
        assert len(requests) == before


def test_a_member_has_a_name_for_each_class_for_half_a_day(answers, monkeypatch):
    names = []
    for code in ("AAAAAA", "AAAAAA", "BBBBBB"):
        classroom.join("127.0.0.1:1", code)
        names.append(member.member()["name"])
    assert names[0] == names[1] != names[2]
    assert (answers / member.FILE).stat().st_mode & 0o77 == 0 or os.name == "nt"
    classroom.join("http://127.0.0.1:1/cccccc/")
    assert member.member()["code"] == "CCCCCC"
    now = time.time()
    monkeypatch.setattr(member.time, "time", lambda: now + 13 * 3600)
    assert member.member() is None
    keep()
    assert not member._waiting


@pytest.mark.parametrize("at", [("file:///etc/passwd", "AAAAAA"), ("127.0.0.1", ""), ("127.0.0.1", "A/../B")])
def test_a_wrong_address_or_code_gets_a_sentence(at):
    with pytest.raises(member.InputError, match="copy both from the teacher's screen"):
        classroom.join(*at)
    assert member.member() is None


def test_no_cell_waits_for_the_server():
    answered = threading.Event()
    with listening(lambda _: (answered.wait(60), (500, b""))[1]) as (place, requests):
        classroom.join(place, "AAAAAA")
        wait(lambda: requests)
        cell = threading.Thread(target=keep)
        cell.start()
        cell.join(30)
        ended = not cell.is_alive()
        answered.set()
    assert ended


@pytest.mark.parametrize("answer", [(200, b"<html>"), (200, b'{"question": []}'), (500, b"no")])
def test_an_answer_waits_whatever_the_server_says(answer):
    with listening(lambda _: answer) as (place, requests):
        classroom.join(place, "AAAAAA")
        keep()
        wait(lambda: len(requests) > 2)
        assert member._waiting == {"rmse_again": SimpleNamespace(answer=NEAR[0], sure=False, vote=0)}
        assert member._thread.is_alive()


def test_an_answer_is_sent_once_when_the_network_comes_back(answers):
    port, said = free_port(), []
    with serving(answers, port=port) as one:
        code = one.code
    classroom.join(f"http://127.0.0.1:{port}", code)
    member.listeners.append(said.append)
    keep(NEAR[1])
    wait(lambda: any("tried again" in sentence for sentence in said))
    with serving(answers, port=port) as one:
        wait(lambda: any("You are in class" in sentence for sentence in said))
        one.open(CHOICE)
        wait(lambda: said[-1].startswith("Your answer was counted."))
        time.sleep(0.5)
        assert one.seen()["answered"] == [1]
        one.do("reveal", on=True)
        wait(lambda: said[-1] == "Your answer was counted.")
        assert not member._waiting
        keep(NEAR[2])
        wait(lambda: said[-1] == "This vote was closed before your answer came.")
        assert not member._waiting
        one.teach("delete")
        keep(NEAR[2])
        wait(lambda: "no class with this code" in said[-1])
        wait(lambda: not member._waiting)  # nobody asks for a class that is gone


def test_a_class_that_cannot_be_left_is_said_to_be(one):
    classroom.join(one.address, one.code)
    form, held = classroom.join(), PermissionError(13, "Permission denied", "class")
    with mock.patch.object(member, "leave", side_effect=held):
        form.message = {"do": "leave"}
    assert form.status == "You are still in the class, as class cannot be removed: Permission denied."
    assert form.member


def test_an_answer_counts_in_the_second_vote_until_another_one_is_kept(answers):
    with serving(answers) as one:
        classroom.join(one.address, one.code)
        one.open(CHOICE)
        keep(NEAR[1])
        wait(lambda: one.seen()["answered"] == [1])
        one.do("again")
        wait(lambda: one.seen()["answered"] == [1, 1])
        keep(NEAR[2])
        wait(lambda: not member._wake.is_set() and member._waiting["rmse_again"].vote == 2)
        one.do("show", on=True)
        kept = [split["answers"] for split in one.seen()["splits"]]
        assert kept == [[[NEAR[1], False]], [[NEAR[2], False]]]
        keep(NEAR[0])  # too late for this vote
        time.sleep(0.5)
        one.open(CHOICE + 1)
        wait(lambda: [*member._waiting] == ["rmse_again"])
        one.do("go", at=CHOICE)
        one.do("reveal", on=True)
        wait(lambda: not member._waiting)
        assert [split["answers"] for split in one.seen()["splits"]] == kept


def test_joining_in_one_notebook_counts_for_all():
    importlib.reload(lessons.load("practice")["00_start_here"])  # as any notebook's first prediction does
    with listening(open_one) as (place, requests):
        member.enter(place, "AAAAAA")
        asked = predict.declared()["rmse_again"]
        asked.happened = None
        asked._did("keep", NEAR[0], True)
        wait(lambda: sent(requests))
        assert sent(requests)[0]["answer"] == NEAR[0]


def test_the_field_joins_leaves_and_says_what_is_sent():
    field = classroom.join()
    assert "nothing else" in field.sent
    assert (field.member, field.status) == (False, "You are in no class.")
    field.message = {"do": "join", "address": "a.place", "code": "<b>"}
    assert field.status.startswith("InputError: expected an address")
    with listening(open_one) as (place, _):
        field.message = {"do": "join", "address": place, "code": "AAAAAA"}
        wait(lambda: field.status == f"You are in class AAAAAA at {place}.")
        assert field.member
        field.message = {"do": "leave"}
    assert not field.member
    assert field.fallback()[1] == field.sent
