"""A class in real browsers: the teacher's page and a learner's, by keys alone, by a name over plain http."""

import asyncio
import contextlib
import threading

from helpers.classroom import questions

import browsers
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from browsers import NAME, PLAIN_LAB, RUN_ALL, UNTIL, opened, serious_faults
from support import free_port
from test_classroom import LESSON, NEAR, serving

SAYS = f"""async (selector, text) => {{
    await {UNTIL}(() => document.querySelector(selector)?.textContent.includes(text));
}}"""
AXE = f"""async () => {{
    {AXE_SCRIPT}
    const found = await axe.run(document, {{ resultTypes: ["violations"] }});
    return found.violations.filter(one => ["serious", "critical"].includes(one.impact)).map(one => one.id);
}}"""


@contextlib.contextmanager
def behind(under, port):
    """Stand before a class's server as a proxy does, on a port of its own, under a path; yield the port."""
    own, loop = free_port(), asyncio.new_event_loop()
    forwarded = b"close\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https"

    async def pass_on(source, target):
        with contextlib.suppress(OSError):
            while part := await source.read(65536):
                target.write(part)
                await target.drain()
        target.close()

    async def relay(asks, answers):
        with contextlib.suppress(asyncio.IncompleteReadError):
            head = await asks.readuntil(b"\r\n\r\n")
            head = head.replace(under.encode(), b"", 1).replace(b"keep-alive", forwarded, 1)
            source, target = await asyncio.open_connection("127.0.0.1", port)
            target.write(head)
            await asyncio.gather(pass_on(asks, target), pass_on(source, answers))

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(asyncio.start_server(relay, "127.0.0.1", own), loop).result()
    yield own
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def one(tmp_path, monkeypatch, request):
    """A class at a host's name; with a parameter, behind a proxy under that path."""
    monkeypatch.setenv("COURSE_ANSWERS", str(tmp_path))
    port, under = free_port(), getattr(request, "param", "")
    with behind(under, port) if under else contextlib.nullcontext(port) as seen:
        place = f"http://{NAME}:{seen}{under}"
        with serving(tmp_path, f"--address={place}", *["--behind-proxy"] * bool(under), port=port) as client:
            client.do("choose", lesson=LESSON)
            client.place = place
            yield client


@pytest.mark.parametrize("kind", [browsers.in_chromium, browsers.in_firefox, browsers.in_webkit])
def test_both_pages_by_keys_alone(kind, one, browser, tmp_path):
    with kind(browser, tmp_path) as page:

        def see(address, selector, text):
            if address is not None:
                page.go(f"{one.place}/{address}")
            page.call(SAYS, selector, text)
            assert page.call(AXE) == []

        teacher = f"teach/{one.secret}/"
        see(teacher, ".address", one.code)
        page.press("PageDown")
        see(None, "#title", "question 1 of")
        page.press("v")
        see(None, "#title", "second vote")
        see(one.code, "#note", "Second vote")
        page.press("Tab", "Space", "Tab", "Enter")
        see(None, ".status", "counted")
        assert one.seen()["answered"] == [0, 1]
        one.do("reveal", on=True)
        see(None, ".told", "What happened")
        assert page.call("() => isSecureContext") is False
        see(teacher, "#slide", "1 sure")
        page.press("s", "r")  # shown, and no more revealed
        see(None, "#bar", "Hide the split")


def test_a_notebook_joins_by_the_field_and_votes_as_it_keeps(browser, one, tmp_path):
    cells = ["from helpers import classroom\n\nclassroom.join()"]
    cells += ["from helpers.practice import predict\n\npredict.rmse_again()"]
    browsers.write_notebook(tmp_path / "join.ipynb", cells)
    one.do("go", at=0)
    with browsers.serving(tmp_path, *PLAIN_LAB) as lab, opened(browser, f"{lab}/lab/tree/join.ipynb") as page:
        page.evaluate(RUN_ALL)
        page.get_by_label("The class's address").fill(f"http://127.0.0.1:{one.place.rpartition(':')[2]}")
        page.get_by_label("Its code").fill(one.code.lower())
        page.get_by_role("button", name="Join").click()
        page.get_by_text(f"You are in class {one.code}").wait_for()
        page.get_by_label(NEAR[1]).check()
        page.get_by_role("button", name="Keep: I am sure").click()
        page.get_by_text("Your answer was counted.").wait_for()
        assert one.seen()["answered"] == [1]
        page.get_by_role("button", name="Leave").click()
        page.get_by_text("You are in no class").wait_for()


@pytest.fixture
def pages(browser, one):
    """The teacher's page and a phone, which ask nowhere else for anything."""
    asked, places = [], (f"{one.place}/teach/{one.secret}/", f"{one.place}/{one.code}")
    with opened(browser) as teacher, opened(browser, viewport={"width": 390, "height": 844}) as phone:
        for page, place in zip((teacher, phone), places, strict=True):
            page.on("request", lambda request: asked.append(request.url))
            page.goto(place)
        yield teacher, phone
        assert [url for url in asked if not url.startswith((one.place, "data:"))] == []


def look(*pages):
    """Look for what keeps somebody out, and for what does not fit."""
    for page in pages:
        assert serious_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def keep(phone, button):
    phone.get_by_role("button", name=button).click()
    phone.get_by_text("Your answer is counted.").wait_for()


def test_a_lesson_on_the_teachers_page_and_a_phone(one, pages):
    teacher, phone = pages
    look(teacher, phone)
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
            for n, to in enumerate((0.1, 0.3, 0.6, 1)):
                phone.mouse.move(box["x"] + to * box["width"], box["y"] + (0.7 - to / 2) * box["height"])
                if n == 0:
                    phone.mouse.down()
            phone.mouse.up()
        look(teacher, phone)
        keep(phone, "not sure" if question.asks_sure else "Answer")
        teacher.get_by_text("1 answered").wait_for()
        assert teacher.locator(".split, figure path.curve").count() == 0
        teacher.keyboard.press("s")
        teacher.locator(".split, figure path.curve").first.wait_for()
        phone.get_by_text("The vote is closed.").wait_for()
        if at < 2:
            teacher.get_by_role("button", name="Vote again").click()
            phone.get_by_text("Second vote: answer").wait_for()
            teacher.get_by_text("second vote").wait_for()
            keep(phone, "Keep: I am sure")
            teacher.keyboard.press(".")
            teacher.get_by_text("0 of the 1 who voted twice changed").wait_for()
            look(teacher)
        teacher.keyboard.press("r")
        phone.get_by_text("This is what happened.").wait_for()
        if not question.meanings:
            phone.get_by_text("What happened:").first.wait_for()
        teacher.locator("main :is(.told, .split em)").first.wait_for()
        assert teacher.get_by_text("of 1 drawings").count() == len(question.features)
        assert teacher.locator(".picture").count() == len(question.pictures)
        look(teacher, phone)


def test_no_network_no_answer_twice_and_nothing_that_is_run(one, pages):
    teacher, phone = pages
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
    keep(other, "Keep: not sure")
    assert one.seen()["answered"] == [1]
    other.close()
    teacher.get_by_text("Raised hands", exact=True).click()
    teacher.get_by_role("spinbutton").first.fill("12")
    teacher.get_by_role("button", name="Take these counts").click()
    teacher.get_by_text("Taken: 12 hands.").wait_for()
    teacher.keyboard.press("Tab")
    teacher.get_by_role("button", name="Show the split").click()
    teacher.get_by_text("12 raised hands").wait_for()
    look(teacher)
    teacher.get_by_role("button", name="Hide the split").click()
    teacher.get_by_text("Raised hands", exact=True).click()
    assert teacher.get_by_role("spinbutton").first.input_value() == "12"
    teacher.get_by_text("Class", exact=True).click()
    teacher.get_by_label("Question:").focus()
    teacher.keyboard.press("PageDown")  # a presenter's key, wherever the focus is
    teacher.get_by_text("question 2 of").wait_for()
    away = teacher.get_by_role("button", name="Delete this class")
    assert away.is_disabled()
    teacher.get_by_label("I am sure").check()
    phone.close()  # it would say that the class is gone, and log it
    away.click()
    teacher.wait_for_url(lambda address: one.secret not in address)


@pytest.mark.parametrize("one", ["/user/x/course"], indirect=True)
def test_behind_a_proxy_under_a_path(one, pages):
    teacher, phone = pages
    teacher.get_by_text(f"{one.place}/{one.code}").first.wait_for()
    assert teacher.locator(".qr").evaluate("one => one.naturalWidth") > 0
    teacher.get_by_role("button", name="Next").click()
    phone.get_by_role("radio").first.check()
    for button, note in (("Show the split", "The vote is closed."), ("Hide the split", "First vote.")):
        teacher.get_by_role("button", name=button).click()
        phone.get_by_text(note).wait_for()
    assert phone.get_by_role("radio").first.is_checked()  # though it was not kept
    keep(phone, "Keep: I am sure")
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
