"""A class in real browsers: the teacher's page and a learner's, by keys alone, by a name over plain http."""

import asyncio
import contextlib
import json
import os
import threading

from helpers.classroom import questions

import nbformat
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from test_browser import CONNECTED, NAME, PATIENCE, browser, command, in_one_notebook
from test_browser import serving as start_lab
from test_classroom import LESSON, NEAR, free_port, serving
from test_front_ends import UNTIL, chromium, firefox, webkit
from tornado import httpclient, web

__all__ = ["browser"]  # a fixture
SPACE, TAB, ENTER, DOWN, UP, RIGHT = "\ue00d", "\ue004", "\ue007", "\ue015", "\ue013", "\ue014"
PLAYWRIGHTS = {TAB: "Tab", DOWN: "ArrowDown"}
SAYS = f"""async given => {{
    const [selector, text] = JSON.parse(given);
    await {UNTIL}(() => document.querySelector(selector)?.textContent.includes(text));
    return document.querySelector(selector).textContent;
}}"""
AXE = f"""async given => {{
    {AXE_SCRIPT}
    const found = await axe.run(document, {{ resultTypes: ["violations"] }});
    return found.violations.filter(one => given.includes(one.impact)).map(one => one.id).join();
}}"""
SERIOUS = "serious, critical"


class Proxy(web.RequestHandler):
    """What stands before a class: it passes on what comes under its path, without that path."""

    def initialize(self, to):
        self.to = to

    async def get(self, path):
        def head(line):
            if line.startswith("HTTP/"):
                self.set_status(int(line.split()[1]))
            elif line.lower().startswith("content-"):
                self.set_header(*line.strip().split(": ", 1))

        def part(chunk):
            self.write(chunk)
            self.flush()

        asked = httpclient.HTTPRequest(
            f"{self.to}/{path}?{self.request.query}",
            self.request.method,
            {"X-Forwarded-For": self.request.remote_ip, "X-Forwarded-Proto": "https"},
            self.request.body or None,
            header_callback=head,
            streaming_callback=part,
            request_timeout=0,
        )
        with contextlib.closing(httpclient.AsyncHTTPClient(force_instance=True)) as client:
            await client.fetch(asked, raise_error=False)

    post = get


@contextlib.contextmanager
def behind(under, port):
    """Stand before a class's server, on a port of its own, under a path."""
    own, ready = free_port(), threading.Event()

    async def stand():
        to = {"to": f"http://127.0.0.1:{port}"}
        server = web.Application([(f"{under}/(.*)", Proxy, to)], log_function=lambda _: None).listen(own)
        running.extend([asyncio.get_running_loop(), over := asyncio.Event()])
        ready.set()
        await over.wait()
        server.stop()
        await server.close_all_connections()

    running = []
    thread = threading.Thread(target=lambda: asyncio.run(stand()))
    thread.start()
    ready.wait()
    yield own
    running[0].call_soon_threadsafe(running[1].set)
    thread.join()


@pytest.fixture
def one(tmp_path, monkeypatch, request):
    """A class at a host's name; with a parameter, behind a proxy under that path."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path))
    port, under = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) + 8700, getattr(request, "param", "")
    with behind(under, port) if under else contextlib.nullcontext(port) as seen:
        place = f"http://{NAME}:{seen}{under}"
        with serving(tmp_path, f"--address={place}", *["--behind-proxy"] * bool(under), port=port) as client:
            client.do("choose", lesson=LESSON)
            client.place = place
            yield client


@pytest.mark.parametrize("kind", [chromium, firefox, webkit])
def test_both_pages_by_keys_alone(kind, one, tmp_path):
    with kind(tmp_path) as page:

        def press(*keys):
            for key in keys:
                page.press(PLAYWRIGHTS.get(key, key) if kind is chromium else key)

        def says(selector, text):
            return page.run(SAYS, json.dumps([selector, text]))

        page.go(f"{one.place}/teach/{one.secret}/")
        says(".address", one.code)
        assert page.run(AXE, SERIOUS) == ""
        press("PageDown" if kind is chromium else "\ue00f")
        says("#title", "question 1 of")
        press("v")
        says("#title", "second vote")
        page.go(f"{one.place}/{one.code}")
        says("#note", "Second vote")
        assert page.run(AXE, SERIOUS) == ""
        press(TAB, SPACE, TAB, ENTER)
        says(".status", "counted")
        assert one.seen()["answered"] == [0, 1]
        one.do("reveal", on=True)
        says(".told", "What happened")
        assert page.run(AXE, SERIOUS) == ""
        assert page.run("value => String(isSecureContext)", "") == "false"
        page.go(f"{one.place}/teach/{one.secret}/")
        says("#slide", "1 sure")
        assert page.run(AXE, SERIOUS) == ""
        press("s", "r")  # shown, and no more revealed
        says("#bar", "Hide the split")
        assert page.faults == []


def test_a_notebook_joins_by_the_field_and_votes_as_it_keeps(browser, one, tmp_path):
    cells = ["from helpers import classroom\n\nclassroom.join()"]
    cells += ["from helpers.practice import predict\n\npredict.rmse_again()"]
    notebook = in_one_notebook([nbformat.v4.new_code_cell(cell) for cell in cells])
    nbformat.write(notebook, tmp_path / "joins.ipynb")
    one.do("go", at=0)
    with start_lab(tmp_path, "-m", "jupyterlab", "--allow-root") as address:
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{address}/lab/tree/joins.ipynb")
        page.wait_for_function(CONNECTED)
        command(page, "notebook:run-all-cells")
        page.get_by_label("The class's address").fill(f"http://127.0.0.1:{one.place.rpartition(':')[2]}")
        page.get_by_label("Its code").fill(one.code.lower())
        page.get_by_role("button", name="Join").click()
        page.get_by_text(f"You are in class {one.code}").wait_for()
        assert look_at(page.locator(".course-ask").first) == []
        page.get_by_label(NEAR[1]).check()
        page.get_by_role("button", name="Keep: I am sure").click()
        page.get_by_text("Your answer was counted.").wait_for()
        assert one.seen()["answered"] == [1]
        page.get_by_role("button", name="Leave").click()
        page.get_by_text("You are in no class").wait_for()
        page.close()


def look_at(part):
    """Return the buttons and fields that have no name."""
    return part.evaluate("""root => [...root.querySelectorAll("input, button")].filter(
        one => !(one.labels?.length || one.textContent)).map(one => one.outerHTML)""")


@pytest.fixture
def pages(browser, one):
    """The teacher's page, a phone, and what they complain of or ask elsewhere for."""
    faults, made = [], []
    for address, size in ((f"teach/{one.secret}/", (1024, 768)), (one.code, (390, 844))):
        size = dict(zip(("width", "height"), size, strict=True))
        page = browser.new_context(viewport=size).new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on(
            "request", lambda asked: asked.url.startswith((one.place, "data:")) or faults.append(asked.url)
        )
        page.goto(f"{one.place}/{address}")
        made.append(page)
    yield made, faults
    for page in made:
        page.context.close()


def look(name, *pages):
    """Look for what keeps somebody out, and for what does not fit; keep a picture where one is wanted."""
    for n, page in enumerate(pages):
        serious = [
            v["id"] for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        if shots := os.environ.get("COURSE_SCREENSHOTS"):
            page.screenshot(path=f"{shots}/{name}-{n}.png")


def test_a_lesson_on_the_teachers_page_and_a_phone(one, pages):
    (teacher, phone), faults = pages
    look("opening", teacher, phone)
    for at, question in enumerate(questions.of(LESSON)):
        asked = teacher.get_by_text(f"question {at + 1} of")
        for _ in range(8):  # a presenter's key goes down a long slide first
            if not asked.count():
                teacher.keyboard.press("PageDown")
                teacher.wait_for_timeout(500)
        asked.wait_for()
        phone.get_by_role("group", name=question.text).or_(phone.get_by_text(question.text)).first.wait_for()
        if question.spec["kind"] == "choice":
            phone.get_by_role("radio").nth(at % 3).check()
        else:
            box = phone.locator("svg").bounding_box()
            for n, share in enumerate((0.1, 0.3, 0.6, 1)):
                phone.mouse.move(
                    box["x"] + share * box["width"], box["y"] + (0.7 - share / 2) * box["height"]
                )
                (phone.mouse.down if n == 0 else int)()
            phone.mouse.up()
        look(f"{at}-asked", teacher, phone)
        phone.get_by_role("button", name="not sure" if question.asks_sure else "Answer").click()
        phone.get_by_text("Your answer is counted.").wait_for()
        teacher.get_by_text("1 answered").wait_for()
        assert teacher.locator(".split, figure path.curve").count() == 0
        teacher.keyboard.press("s")
        teacher.locator(".split, figure path.curve").first.wait_for()
        phone.get_by_text("The vote is closed.").wait_for()
        if at < 2:
            teacher.get_by_role("button", name="Vote again").click()
            phone.get_by_text("Second vote: answer").wait_for()
            teacher.get_by_text("second vote").wait_for()
            phone.get_by_role("button", name="Keep: I am sure").click()
            phone.get_by_text("Your answer is counted.").wait_for()
            teacher.keyboard.press(".")
            teacher.get_by_text("0 of the 1 who voted twice changed").wait_for()
            look(f"{at}-both", teacher)
        teacher.keyboard.press("r")
        phone.get_by_text("This is what happened.").wait_for()
        if not question.meanings:
            phone.get_by_text("What happened:").first.wait_for()
        teacher.locator("main :is(.told, .split em)").first.wait_for()
        assert teacher.get_by_text("of 1 drawings").count() == len(question.features)
        assert teacher.locator(".picture").count() == len(question.pictures)
        look(f"{at}-revealed", teacher, phone)
    assert faults == []


def test_no_network_no_answer_twice_and_nothing_that_is_run(one, pages):
    (teacher, phone), faults = pages
    teacher.keyboard.press("PageDown")
    teacher.get_by_text("question 1 of").wait_for()
    phone.get_by_role("radio").first.check()
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Keep: I am sure").click()
    phone.get_by_text("as soon as there is one").wait_for()
    assert one.seen()["answered"] == [0]
    phone.context.set_offline(False)
    phone.get_by_text("Your answer is counted.").wait_for()
    other = phone.context.new_page()  # another tab
    other.goto(phone.url)
    other.get_by_role("button", name="Change my mind").click()
    other.get_by_role("radio").nth(1).check()
    other.get_by_role("button", name="Keep: not sure").click()
    other.get_by_text("Your answer is counted.").wait_for()
    assert one.seen()["answered"] == [1]
    other.close()
    teacher.get_by_text("Raised hands").click()
    teacher.get_by_role("spinbutton").first.fill("12")
    teacher.get_by_role("button", name="Take these counts").click()
    teacher.keyboard.press("Tab")
    teacher.get_by_role("button", name="Show the split").click()
    teacher.get_by_text("12 raised hands").wait_for()
    look("hands", teacher)
    faults[:] = [fault for fault in faults if "ERR_INTERNET_DISCONNECTED" not in fault]
    assert faults == []


@pytest.mark.parametrize("one", ["/user/x/course"], indirect=True)
def test_behind_a_proxy_under_a_path(one, pages):
    (teacher, phone), faults = pages
    teacher.get_by_text(f"{one.place}/{one.code}").first.wait_for()
    assert teacher.locator(".qr").evaluate("one => one.naturalWidth") > 0
    teacher.get_by_role("button", name="Next").click()
    phone.get_by_role("radio").first.check()
    phone.get_by_role("button", name="Keep: I am sure").click()
    phone.get_by_text("Your answer is counted.").wait_for()
    teacher.get_by_text("1 answered").wait_for()
    teacher.get_by_role("button", name="Reveal").click()
    phone.get_by_text("This is what happened.").wait_for()
    teacher.get_by_text("Class", exact=True).click()
    with teacher.expect_download() as table:
        teacher.get_by_role("link", name="Votes as a table").click()
    assert table.value.path().read_text("utf-8").count("\n") == 2
    teacher.get_by_role("button", name="A new class").click()
    teacher.wait_for_url(lambda address: one.secret not in address)
    teacher.get_by_text("Choose a notebook").wait_for()
    assert teacher.url.startswith(f"{one.place}/teach/")
    assert faults == []
