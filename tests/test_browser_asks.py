"""All that the course asks, in a real browser: by keys alone, by mouse, at 1024 x 768 and at 200 % zoom.

Run by `course.py test browser`.
"""

import functools
import json
import os
import urllib.request
from pathlib import Path

from helpers.practice import predict, quiz

import nbformat
import numpy as np
import pytest
from playwright import sync_api
from test_browser import PATIENCE, browser, command, in_one_notebook, lab, opened, serious_faults
from test_features import DRAWINGS, drawn, truth_of

__all__ = ["browser", "lab"]  # fixtures
ALL = os.environ.get("COURSE_READER") == "all"
LESSONS = sorted({one.lesson for one in predict.declared().values()})

NOTHING_ANSWERED = """
import os, tempfile
os.environ["COURSE_ANSWERS"] = tempfile.mkdtemp()
"""
LOAD = f"""{NOTHING_ANSWERED}
from helpers.practice import predict, quiz
predictions = dict(predict.declared())
quizzes = [one for each in quiz.declared().values() for one in each.questions]
"""
# Lesson by lesson, as JupyterLab shows a cell's first 50 outputs.
OF_LESSON = """
for one in [one for one in predictions.values() if one.lesson == "{0}"]:
    display(one())
for one in [one for one in quizzes if one.lesson == "{0}"]:
    display(one.ask())
"""
THREE = """
from helpers.practice import features, forms, predict
from helpers.practice.predict import Prediction
drawing = forms.Drawing([0, 1, 2, 3, 4], 0, 8, "input x", "answer", [features.Height()])
choice = forms.Choice(["a", "b"])
for name, form in {"number": forms.Number(), "choice": choice, "drawing": drawing}.items():
    predict.declared()[name] = Prediction("99", name, f"A {name}?", form, lambda truth: (truth, "So it is."))
    display(predict.declared()[name]())
"""
REVEAL = """
for name, truth in {"number": 8, "choice": "b", "drawing": [0, 2, 4, 6, 8]}.items():
    predict.declared()[name].reveal(truth)
"""
PROGRESS = "from helpers.practice.progress import progress\nprogress()"


@pytest.fixture(scope="module")
def notebook(lab):
    """Put a notebook with all that is asked into the JupyterLab, and return its name."""
    sources = [LOAD, *map(OF_LESSON.format, LESSONS), THREE, REVEAL, PROGRESS]
    asks = in_one_notebook([nbformat.v4.new_code_cell(source) for source in sources])
    put(lab, "asks.ipynb", asks)
    return "asks.ipynb"


def put(lab, name, notebook):
    """Put a notebook into the JupyterLab."""
    content = {"type": "notebook", "content": notebook}
    request = urllib.request.Request(f"{lab}/api/contents/notebooks/{name}", json.dumps(content).encode())
    request.method = "PUT"
    urllib.request.urlopen(request).close()


def answer(page, ask, by_mouse):
    """Answer a question and keep it, as a reader does; return what the page then says."""
    kind = "drawing" if ask.query_selector("svg") else ask.query_selector("input").get_attribute("type")
    turn = ask.evaluate("ask => Number(ask.dataset.turn) || 0")  # it may have been answered before
    keep = ask.query_selector("button:visible")
    if by_mouse and kind == "drawing":
        box = ask.query_selector("svg").bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + box["height"] * 0.3, steps=5)
        page.mouse.up()
    elif by_mouse and kind == "radio":
        ask.query_selector(".option").click()
    elif by_mouse:
        ask.query_selector("input").fill("about 8")
    else:
        ask.query_selector("[tabindex='0'], input").focus()
        to_the_last = ["ArrowRight"] * len(ask.query_selector_all("circle"))
        for key in {"drawing": ["ArrowUp", *to_the_last, "End"], "radio": ["Space"], "text": ["8"]}[kind]:
            page.keyboard.press(key)
    if by_mouse:
        keep.click()
    else:
        for _ in range(9):
            if keep.evaluate("button => button === document.activeElement"):
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
    try:
        answered = "([ask, turn]) => Number(ask.dataset.turn) > turn"
        page.wait_for_function(answered, arg=[ask, turn], timeout=PATIENCE)
    except sync_api.TimeoutError:
        pytest.fail(f"{kind} was not answered: {ask.inner_text()}")
    assert ask.evaluate("ask => ask.contains(document.activeElement)"), "the focus is lost"
    return ask.inner_text()


CUT = """root => [...root.querySelectorAll("legend, label, button, svg, p, table")]
    .filter(e => (e.clientWidth && e.scrollWidth > e.clientWidth + 1)
        || e.getBoundingClientRect().right > innerWidth)
    .map(e => e.outerHTML.slice(0, 90))"""


TOUCHING = """root => [...root.querySelectorAll("svg")].flatMap(svg => {
    const texts = [...svg.querySelectorAll("text")].map(e => [e.textContent, e.getBoundingClientRect()]);
    return texts.flatMap(([one, r], i) => texts.slice(i + 1).filter(([, s]) =>
        Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1
        && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 1).map(([other]) => [one, other]));
})"""


@pytest.mark.parametrize("by_mouse", [False, True], ids=["by keys", "by mouse"])
def test_all_that_is_asked_is_answered_and_told(by_mouse, browser, lab, notebook):
    with opened(browser, lab, notebook) as (page, faults):
        assert page.evaluate("isSecureContext") is False
        assert page.query_selector("[data-mime-type='application/vnd.jupyter.error']") is None
        page.wait_for_selector(".course-progress")
        asks = [ask for ask in page.query_selector_all(".course-ask") if ask.query_selector("fieldset")]
        quizzed = sum(len(each.questions) for each in quiz.declared().values())
        assert len(asks) == len(predict.declared()) + quizzed + 3
        if not by_mouse:
            change_my_mind(page, asks[0])
        for ask in asks:
            ask.scroll_into_view_if_needed()
            said = answer(page, ask, by_mouse)
            assert ("Kept: " in said) or ("You chose: " in said), said
            assert not ask.query_selector(".error").is_visible(), said
        for ask in asks[-3:]:
            assert "So it is." in ask.inner_text()
        texts = "all => all.map(e => e.getAttribute('aria-valuetext'))"
        values = asks[-1].eval_on_selector_all("circle", texts)
        assert values[2].startswith("input x 2: you drew ")
        assert values[2].endswith(", it was 4")
        if by_mouse:
            look_closely(page)
            forget(page)
        assert faults == []


# Puts every question that is drawn into the page, by name.
DRAWN = f"""{NOTHING_ANSWERED}
from helpers.practice import predict
for one in [one for one in predict.declared().values() if hasattr(one.form, "features")]:
    display(one())
"""


def test_drawings_by_mouse_and_by_keys_are_judged_as_a_teacher_would(browser, lab):
    """Print what is said of each: `pytest -s -k drawings tests/test_browser_asks.py`.

    COURSE_READER=all draws all of them, else the right ones and a few wrong ones.
    """
    put(lab, "drawn.ipynb", in_one_notebook([nbformat.v4.new_code_cell(DRAWN)]))
    judged = []
    with opened(browser, lab, "drawn.ipynb") as (page, faults):
        page.wait_for_function(f"() => document.querySelectorAll('.course-ask').length === {len(DRAWINGS)}")
        for ask in page.query_selector_all(".course-ask"):
            ask.scroll_into_view_if_needed()
            asked = ask.query_selector("legend").inner_text()
            question = next(name for name in DRAWINGS if predict.declared()[name].question == asked)
            form, drawings = predict.declared()[question].form, DRAWINGS[question]
            by_keys = [name for name in drawings if name.startswith("by keys")]
            keep = ask.query_selector("button:has-text('not sure')")
            keep.click()
            assert "Draw the curve first" in ask.query_selector(".error").inner_text()
            assert not ask.query_selector(".curve").get_attribute("d").count("L")  # nothing is drawn yet
            right = [name for name in drawings if drawings[name][1] == ""]
            wrong = [name for name in drawings if name not in right][: None if ALL else 3]
            for name in [*by_keys, *right, *wrong]:  # first by keys, then all by mouse
                if by_keys:
                    set_by_keys(page, ask, form, drawings[by_keys.pop()][0].points)
                else:
                    stroke(page, ask, form, functools.partial(drawn, question, name))
                assert not ask.query_selector(".error").is_visible()
                if shots := os.environ.get("COURSE_SCREENSHOTS"):
                    ask.screenshot(path=Path(shots) / f"{question}-{len(judged)}.png")
                turn = int(ask.get_attribute("data-turn"))
                keep.click()
                page.wait_for_function("([ask, turn]) => Number(ask.dataset.turn) > turn", arg=[ask, turn])
                heights = ask.eval_on_selector_all("circle", "all => all.map(e => +e.ariaValueNow)")
                agrees = form.agrees(heights, truth_of(question))
                print(f"{question}, {name}: {form.compare(heights, truth_of(question))}")
                judged.append((question, name, agrees is (name in right)))
                ask.query_selector("button:has-text('Change my mind')").click()
                keep.wait_for_element_state("visible")
        assert faults == []
    print(f"{sum(good for *_, good in judged)} of {len(judged)} drawings are judged as a teacher would")
    assert [case for case in judged if not case[-1]] == []


def place(ask, form, x, height):
    """Return where a height at x is on the page: ask.js lays its picture out so."""
    box = ask.query_selector("svg").bounding_box()
    across = 140 + (x - form.x[0]) / (form.x[-1] - form.x[0]) * (640 - 140 - 44)
    down = 20 + (form.high - height) / (form.high - form.low) * (360 - 20 - 56)
    return box["x"] + across / 640 * box["width"], box["y"] + down / 360 * box["height"]


def stroke(page, ask, form, curve):
    """Draw a curve in one stroke; the browser hears of few places on the way, none of them a point's own."""
    some = np.linspace(form.x[0], form.x[-1], 2 * len(form.x) + 8)
    corners = [x for x in form.x if abs(np.diff(curve([x - 1e-6, x, x + 1e-6]), 2)[0]) > 1e-9]
    # The hand turns where the curve has its corners, beside them by a pixel.
    for number, x in enumerate(sorted([*some, *corners])):
        page.mouse.move(*place(ask, form, x, curve([x])[0]))
        if number == 0:
            page.mouse.down()
    page.mouse.up()


def set_by_keys(page, ask, form, points):
    """Set a few points by keys; those between them lie on the line."""
    ask.query_selector("circle").focus()
    circles = ask.query_selector_all("circle")
    at = 0
    for x, height in points:
        goal = form.x.index(min(form.x, key=lambda one, x=x: abs(one - x)))
        for _ in range(goal - at):
            page.keyboard.press("ArrowRight")
        at = goal
        page.keyboard.press("Space")
        for _ in range(200):
            now = float(circles[at].get_attribute("aria-valuenow"))
            off = (height - now) / (form.high - form.low)
            if abs(off) < 0.015:
                break
            page.keyboard.press(("Page" if abs(off) > 0.2 else "Arrow") + ("Up" if off > 0 else "Down"))


LINKED = f"""{NOTHING_ANSWERED}
from helpers.practice import progress, store
store.keep(store.Answer("00_start_here", "quiz", "start_here_1", {{"answer": "a", "right": False}}))
progress.progress()
"""
IN_VIEW = """() => {
    const { context, content } = jupyterapp.shell.currentWidget;
    const cell = content.widgets.find((one) => one.model.sharedModel.source.includes("quiz.start_here()"));
    const { top, bottom } = cell?.node.getBoundingClientRect() ?? {};
    return context.path === "notebooks/00_start_here.ipynb" && top > 0 && bottom < innerHeight;
}"""


def test_an_entry_of_the_progress_opens_its_notebook_at_the_cell(browser, lab):
    put(lab, "linked.ipynb", in_one_notebook([nbformat.v4.new_code_cell(LINKED)]))
    with opened(browser, lab, "linked.ipynb") as (page, faults):
        page.click(".jp-OutputArea li a:has-text('00: ')")
        page.wait_for_function(IN_VIEW, timeout=PATIENCE)
        assert faults == []


RUN_KEYS = ["Shift+Enter", "Control+Enter", "Alt+Enter"]
PANEL = "from helpers.live import explore\nexplore.line_by_hand()"
PARTS = [".course-ask input", ".course-ask button", ".course-ask circle[tabindex='0']"]
PARTS += [".course-panel input", ".course-panel button"]
RAN = """([cell, before]) => !['[*]:', before].includes(cell.querySelector('.jp-InputPrompt').innerText)"""


def test_the_keys_that_run_a_cell_run_it_from_every_part_of_what_it_shows(browser, lab):
    cells = [nbformat.v4.new_code_cell(source) for source in (NOTHING_ANSWERED + THREE, PANEL, "1")]
    put(lab, "keys.ipynb", in_one_notebook(cells))
    with opened(browser, lab, "keys.ipynb") as (page, faults):
        page.wait_for_selector(".course-panel")
        for part in PARTS:
            cell = page.locator(".jp-CodeCell", has=page.locator(part)).first
            for key in RUN_KEYS:
                before = cell.locator(".jp-InputPrompt").inner_text()
                cell.locator(part).first.focus()
                page.keyboard.press(key)
                page.wait_for_function(RAN, arg=[cell.element_handle(), before], timeout=PATIENCE)
                if key == "Alt+Enter":  # a cell below it, which is in the way of the next
                    command(page, "notebook:delete-cell")
        assert faults == []


def change_my_mind(page, ask):
    """Answer and take it back, by keys: the focus goes to what can be done next."""
    answer(page, ask, False)
    assert page.evaluate("document.activeElement.textContent") == "Change my mind"
    page.keyboard.press("Enter")
    page.wait_for_function("ask => ask.querySelector('fieldset').contains(document.activeElement)", arg=ask)


def look_closely(page):
    """Run axe-core; nothing is cut, no words touch, at 1024 x 768 alone and at 200 % zoom."""
    assert serious_faults(page, ".course-ask") == []
    for size in ({"width": 512, "height": 384}, {"width": 1024, "height": 768}):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        for ask in page.query_selector_all(".course-ask"):
            assert ask.evaluate(CUT) == [], size
            assert ask.evaluate(TOUCHING) == [], size


def forget(page):
    """Empty the reader's progress: the button asks once more."""
    page.click(".jp-CodeCell:has-text('progress()') .jp-InputArea-editor")
    command(page, "notebook:run-cell")
    page.wait_for_selector(".jp-OutputArea p:has-text('Kept on this machine')")
    button = page.query_selector("button:has-text('Forget all my answers')")
    button.click()
    button.click()
    page.wait_for_selector(".jp-OutputArea p:has-text('Nothing is kept yet')")
