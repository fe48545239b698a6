"""All that the course asks, in a real browser: by keys alone, by mouse, at 1024 x 768 and at 200 % zoom.

Run by `course.py test browser`.
"""

import json
import urllib.request

from helpers.practice import predict, quiz

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api
from test_browser import PATIENCE, browser, command, in_one_notebook, lab, opened

__all__ = ["browser", "lab"]  # fixtures
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
from helpers.practice import forms, predict
from helpers.practice.predict import Prediction
drawing = forms.Drawing([0, 1, 2, 3, 4], 0, 8, "input x", "answer")
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
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + box["height"] * 0.3, steps=5)
        page.mouse.up()
    elif by_mouse and kind == "radio":
        ask.query_selector(".option").click()
    elif by_mouse:
        ask.query_selector("input").fill("about 8")
    else:
        ask.query_selector("[tabindex='0'], input").focus()
        for key in {"drawing": ["ArrowUp", "ArrowRight", "End"], "radio": ["Space"], "text": ["8"]}[kind]:
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
        page.wait_for_selector(".course-ask table")
        asks = [ask for ask in page.query_selector_all(".course-ask") if ask.query_selector("fieldset")]
        assert (
            len(asks)
            == len(predict.declared()) + sum(len(each.questions) for each in quiz.declared().values()) + 3
        )
        if not by_mouse:
            change_my_mind(page, asks[0])
        for ask in asks:
            ask.scroll_into_view_if_needed()
            said = answer(page, ask, by_mouse)
            assert ("Kept: " in said) or ("You chose: " in said), said
            assert not ask.query_selector(".error").is_visible(), said
        for ask in asks[-3:]:
            assert "So it is." in ask.inner_text()
        values = asks[-1].eval_on_selector_all(
            "circle", "all => all.map(e => e.getAttribute('aria-valuetext'))"
        )
        assert values[2].startswith("input x 2: you drew ")
        assert values[2].endswith(", it was 4")
        if by_mouse:
            look_closely(page)
            forget(page)
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
    found = Axe().run(page, context=".course-ask").response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
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
    page.wait_for_selector(".course-ask p:has-text('Kept on this machine')")
    button = page.query_selector("button:has-text('Forget all my answers')")
    button.click()
    button.click()
    page.wait_for_selector(".course-ask p:has-text('Nothing is kept yet')")
