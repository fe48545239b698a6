"""A reader goes through whole notebooks by the key that 00 teaches, answers by mouse, and sees the verdicts.

Run by `course.py test browser`, for the notebooks that train little; COURSE_READER=all takes all of them.
"""

import os

from helpers import lessons
from lessons import learner

import nbformat
import pytest
import test_browser
from browsers import CONNECTED, PLAIN_LAB, ChromiumPage, opened, serving
from support import ROOT

ALL = os.environ.get("COURSE_READER") == "all"
LESSONS = [name for name in lessons.names() if ALL or name[3:] in ("start_here", "linear_collapse")]
ACTIVE = "() => jupyterapp.shell.currentWidget.content.activeCellIndex"
# Whether the words of a cell's last verdict can be read without scrolling.
IN_VIEW = """at => {
    const notebook = jupyterapp.shell.currentWidget.content, cell = notebook.widgets[at].node;
    const said = [...cell.querySelectorAll(".course-verdict .words")].pop();
    if (!said || !said.textContent) return null;
    const words = said.getBoundingClientRect(), room = notebook.node.getBoundingClientRect();
    return words.top >= room.top - 1 && words.bottom <= Math.min(room.bottom, innerHeight) + 1;
}"""
# Whether the text below a cell that tells is not folded any more.
OPEN = """at => {
    const below = jupyterapp.shell.currentWidget.content.widgets[at + 1].node;
    return [...below.querySelectorAll("details.course-after")].every(folded => folded.open);
}"""
DONE = """at => {
    const cell = jupyterapp.shell.currentWidget.content.widgets[at];
    return cell.model.type !== "code" || !cell.prompt?.includes?.("*") && cell.node.querySelector(
        ".jp-InputPrompt").textContent !== "[*]:";
}"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Serve learners' copies of the notebooks in a plain JupyterLab."""
    folder = tmp_path_factory.mktemp("reader")
    for lesson in lessons.names():
        notebook = learner.own(nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", 4))
        nbformat.write(notebook, folder / f"{lesson}.ipynb")
    os.environ["COURSE_ANSWERS"] = str(folder / "answers")
    with serving(folder, *PLAIN_LAB) as address:
        yield address


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_reader_goes_through(lesson, server, browser):
    with opened(browser, f"{server}/lab/workspaces/{lesson}/tree/{lesson}.ipynb") as page:  # no other tabs
        go_through(page, lesson)


def go_through(page, lesson):
    page.wait_for_function(CONNECTED)
    count = page.evaluate("() => jupyterapp.shell.currentWidget.content.widgets.length")
    page.locator(".jp-Notebook .jp-Cell").first.click()
    seen = []
    for at in range(count):
        assert page.evaluate(ACTIVE) == at, "a key was dead, or went elsewhere"
        run(page, at)
        if answer(page, at):
            run(page, at)  # the cell asks again, shows what was kept, and the next one is chosen
        visible = page.evaluate(IN_VIEW, at)
        if visible is not None:
            seen.append(visible)
            assert page.evaluate(OPEN, at), f"the text below cell {at} stayed folded"
    assert sum(seen) >= 0.9 * len(seen), seen
    assert lesson.startswith("00") or seen


def run(page, at):
    """Press the key, and wait as a reader does until the cell has run."""
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(150)
    page.wait_for_function(DONE, arg=at)
    page.wait_for_timeout(400)


def answer(page, at):
    """Answer the questions that a cell asks and that are open, by mouse; return whether there were any."""
    cell = page.locator(f".jp-Cell[data-windowed-list-index='{at}']")
    open_ones = "button:text-matches('^(Keep|Answer)'):visible"
    asks = [ask for ask in cell.locator(".course-ask").all() if ask.locator(open_ones).count()]
    for ask in asks:
        number = ask.evaluate("ask => [...document.querySelectorAll('.course-ask')].indexOf(ask)")
        test_browser.answer(ChromiumPage(page), number, by_mouse=True)
    return bool(asks)
