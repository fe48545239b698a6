"""All panels and questions in real browsers: by keys and by mouse, and what screen readers get.

Run by `course.py test browser`, which brings the browsers where it can; a test whose browser is not there is
skipped, and says so. All come by a server's name, over plain http.
"""

import contextlib
import functools
import itertools
import shutil

from helpers.live import explore
from helpers.practice import predict, quiz

import browsers
import numpy as np
import pytest
from browsers import COURSE_LAB, NAME, PLAIN_LAB, RUN_ALL, UNTIL, command, write_notebook
from support import ROOT
from test_features import DRAWINGS, drawn

PANELS = [f"from helpers.live import explore\nexplore.{name}()" for name in explore.declared()]
NOTHING_ANSWERED = "import os, tempfile\nos.environ['COURSE_ANSWERS'] = tempfile.mkdtemp()"
THREE = """
from helpers.practice import features, forms, predict
from helpers.practice.predict import Prediction
drawing = forms.Drawing([0, 1, 2, 3, 4], 0, 8, "input x", "answer", [features.Height()])
forms = {"number": forms.Number(), "choice": forms.Choice(["a", "b"]), "drawing": drawing}
for lesson in ("98", "99"):
    for name, form in forms.items():
        predict.declared()[name] = Prediction(lesson, name, f"A {name}?", form, lambda truth: (truth, "So."))
        display(predict.declared()[name]())
"""
REVEAL = """
for name, truth in {"number": 8, "choice": "b", "drawing": [0, 2, 4, 6, 8]}.items():
    predict.declared()[name].reveal(truth)
"""
LESSONS = sorted({one.lesson for one in predict.declared().values()})
# Lesson by lesson, as JupyterLab shows a cell's first 50 outputs.
OF_LESSON = """
from helpers.practice import predict, quiz
for one in [one for one in predict.declared().values() if one.lesson == "{0}"]:
    display(one())
for one in [one for each in quiz.declared().values() for one in each.questions if one.lesson == "{0}"]:
    display(one.ask())
"""
QUESTIONS = [*map(OF_LESSON.format, LESSONS)]
COUNT = len(predict.declared()) + sum(len(each.questions) for each in quiz.declared().values())

READY = f"""async (panels, asks) => {{
    await {UNTIL}(() => document.querySelectorAll(".course-panel").length === panels
        && document.querySelectorAll(".course-ask fieldset").length === asks);
    const errors = document.querySelectorAll("[data-mime-type='application/vnd.jupyter.error']");
    for (const image of document.querySelectorAll(".course-panel img")) image.dataset.kept = "yes";
    return [...errors].map(one => one.textContent);
}}"""
# A panel's controls: the name and the kind of each.
CONTROLS = """number => [...document.querySelectorAll(".course-panel")[number]
    .querySelectorAll("input, select")].map(input => [input.name, input.type])"""
# What a panel shows once its picture belongs to its controls.
SHOWN = f"""async number => {{
    const root = document.querySelectorAll(".course-panel")[number], image = root.querySelector("img");
    const inputs = [...root.querySelectorAll("input, select")];
    await {UNTIL}(() => {{
        const shown = JSON.parse(root.dataset.shown);
        return image.complete && root.querySelector(".status").textContent === ""
            && root.dataset.busy === "no"
            && inputs.every(input => JSON.stringify(shown[input.name]) === input.dataset.value);
    }});
    return {{
        shown: JSON.parse(root.dataset.shown),
        words: Object.fromEntries(inputs.map(i => [i.name, i.getAttribute("aria-valuetext")])),
        sentence: root.querySelector(".sentence").textContent,
        alt: image.alt,
        error: root.querySelector(".error").textContent,
        kept: image.dataset.kept === "yes",
        picture: image.src,
    }};
}}"""
# Brings a part of a panel or a question to where it can be used, and returns its place; and how far up it is.
PART = """async (kind, number, part) => {
    const found = document.querySelectorAll(kind)[number].querySelector(part);
    const shown = found.closest(".picture") ?? found;
    shown.scrollIntoView({ block: "center" });
    found.focus();
    // On a busy machine cells above it still change their height.
    for (let turn = 0, before = ""; turn < 50; turn += 1) {
        await new Promise(done => setTimeout(done, 50));
        const { top, bottom } = found.getBoundingClientRect();
        if (before === `${top} ${bottom}` && top >= 0 && bottom <= innerHeight) break;
        before = `${top} ${bottom}`;
        if (top < 0 || bottom > innerHeight) shown.scrollIntoView({ block: "center" });
    }
    found.focus(); // again, as WebKitGTK focuses nothing that is not laid out yet
    window.wanted = found;
    const { x, y, width, height } = found.getBoundingClientRect();
    return { x, y, width, height, at: (found.value - found.min) / (found.max - found.min) };
}"""
# What screen readers hear of a busy region differs: none is busy. It comes once the hand rests.
ANNOUNCED = f"""async number => {{
    const root = document.querySelectorAll(".course-panel")[number];
    const [seen, heard] = [".sentence", ".announced"].map(each => root.querySelector(each));
    await {UNTIL}(() => seen.textContent === heard.textContent);
    return [seen.ariaHidden, heard.ariaLive, heard.closest("[aria-busy=true], [aria-hidden=true]")];
}}"""
ANSWERED = f"""async (question, turn) => {{
    const root = document.querySelectorAll(".course-ask")[question];
    await {UNTIL}(() => Number(root.dataset.turn) > turn).catch(error => {{
        const focused = document.activeElement.outerHTML.slice(0, 80);
        throw Error(`${{error.message}}; ${{focused}}: ${{root.innerText}}`);
    }});
    return [root.innerText, root.querySelector(".error").hidden, root.contains(document.activeElement)];
}}"""
# Inputs without a label, or that share it or their choices with another widget on the page.
STRAYS = """() => [...document.querySelectorAll(".course-panel, .course-ask")].flatMap(root =>
    [...root.querySelectorAll("input, select")].filter(input => !input.labels.length
        || ![...input.labels].every(label => root.contains(label))
        || input.type === "radio" && ![...document.getElementsByName(input.name)].every(e => root.contains(e))
    )).map(input => input.name)"""
# Pictures that are stored for readers without a kernel, and must give way to the panel.
STILLS = """() => [...document.querySelectorAll(".jp-OutputArea-output img")].filter(
    image => !image.closest(".course-panel") && image.checkVisibility()).length"""
# What overlaps, is cut, or leaves its panel or the window.
MISPLACED = """() => [...document.querySelectorAll(".course-panel, .course-ask")].flatMap(root => {
    const kinds = "label, input, select, button, .value, .status, img, .sentence, legend, p, svg text";
    const leaves = [...root.querySelectorAll(kinds)].filter(
        e => e.checkVisibility() && !e.matches(".announced"));
    const named = e => e.outerHTML.slice(0, 80), outer = root.getBoundingClientRect(), faults = [];
    if (outer.right > innerWidth) faults.push(`${named(root)} leaves the window`);
    for (const [i, a] of leaves.entries()) {
        const r = a.getBoundingClientRect();
        if (r.left < outer.left - 1 || r.right > outer.right + 1 || r.bottom > outer.bottom + 1)
            faults.push(`${named(a)} sticks out`);
        if (!a.matches("text") && a.clientWidth && a.scrollWidth > a.clientWidth + 1)
            faults.push(`${named(a)} is cut`);
        for (const b of leaves.slice(i + 1).filter(b => !a.contains(b))) {
            const s = b.getBoundingClientRect();
            if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1
                && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 1)
                faults.push(`${named(a)} overlaps ${named(b)}`);
        }
    }
    return faults;
})"""


HANDLES = """number => [...document.querySelectorAll(".course-panel")[number]
    .querySelectorAll(".handle")].map(handle => handle.dataset.moves)"""
ASKED = """question => {
    const root = document.querySelectorAll(".course-ask")[question], points = root.querySelectorAll("circle");
    return [points.length ? "drawing" : root.querySelector("input").type, Number(root.dataset.turn) || 0,
        points.length];
}"""
PANEL, ASK = ".course-panel", ".course-ask"
NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """Start a JupyterLab when it is first asked for: as learners do, or as a hub does."""
    with contextlib.ExitStack() as stack:

        @functools.cache
        def start(lab):
            folder = tmp_path_factory.mktemp("lab")
            return stack.enter_context(browsers.serving(folder, *lab)), folder

        yield start


def run_all(page, lab, sources, panels, asks, front_end="lab/tree"):
    """Open a new notebook with these cells, and run all of it."""
    (address, folder), name = lab, f"{next(NUMBERS)}.ipynb"
    write_notebook(folder / name, sources)
    if front_end == "lab/tree":  # a workspace of its own, or the tabs of the notebook before come back
        front_end = f"lab/workspaces/test{name.removesuffix('.ipynb')}/tree"
    page.go(f"{address.replace('127.0.0.1', NAME)}/{front_end}/{name}")
    assert page.call(RUN_ALL) is False  # no secure context
    assert page.call(READY, panels, asks) == []


@pytest.mark.parametrize(("kind", "lab", "front_end"), [
    (browsers.in_chromium, COURSE_LAB, "lab/tree"),
    (browsers.in_chromium, PLAIN_LAB, "notebooks"),
    (browsers.in_firefox, PLAIN_LAB, "lab/tree"),
    (browsers.in_webkit, PLAIN_LAB, "lab/tree"),
], ids=["all in Chromium", "Notebook 7", "Firefox", "WebKitGTK"])  # fmt: skip
def test_every_panel_and_question_answers_keys_and_the_mouse(kind, lab, front_end, labs, browser, tmp_path):
    """In Chromium every control and every question; elsewhere a slider of each panel, and each kind."""
    everything = lab is COURSE_LAB
    sources = [NOTHING_ANSWERED, *PANELS, *(QUESTIONS if everything else []), THREE, REVEAL]
    asks = 6 + everything * COUNT
    with kind(browser, tmp_path) as page:
        run_all(page, labs(lab), sources, len(PANELS), asks, front_end)
        for number in range(len(PANELS)):
            move(page, number, everything)
        for question in range(asks):
            answer(page, question, by_mouse=question % 2)
        assert (page.call(STILLS), page.call(STRAYS)) == (0, [])
        if everything:
            play(page, 0, "epochs")
            look_closely(page.page)


# As on a machine that is too busy to begin a widget within anywidget's two seconds.
BUSY = "AbortSignal.timeout = (of => ms => of.call(AbortSignal, ms === 2000 ? 0 : ms))(AbortSignal.timeout)"


def test_widgets_that_take_long_to_begin_answer_all_the_same(browser, labs):
    with browsers.opened(browser) as page:
        page.add_init_script(BUSY)
        run_all(browsers.ChromiumPage(page), labs(PLAIN_LAB), [NOTHING_ANSWERED, PANELS[0], THREE], 1, 6)
        move(browsers.ChromiumPage(page), 0, False)
        answer(browsers.ChromiumPage(page), 0, by_mouse=False)


def middle(box):
    return [round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)]


def shown(page, number):
    state = page.call(SHOWN, number)
    assert "sentence below" in state["alt"]  # which is read once, where it is announced
    assert state["sentence"].endswith(".")
    assert state["error"] == ""
    assert state["kept"], "the <img> was replaced"
    return state


def keys(page, number, name, *pressed):
    page.call(PART, PANEL, number, f"[name={name}]")
    page.press(*pressed)
    return shown(page, number)


def reset(page, number):
    page.drag(*2 * [middle(page.call(PART, PANEL, number, "button"))])
    return shown(page, number)


def move(page, number, everything):
    """Move the controls of a panel, or its first slider, and put all of it back."""
    start, controls = shown(page, number), page.call(CONTROLS, number)
    for name, kind in controls if everything else [one for one in controls if one[1] == "range"][:1]:
        low = reset(page, number)  # without hidden layers, no width matters
        if kind == "range":
            low = drag(page, number, name, 0)
            up = keys(page, number, name, "ArrowRight")
            high = drag(page, number, name, 1)
            assert low["shown"][name] < up["shown"][name] <= high["shown"][name]
            assert low["words"][name] != high["words"][name]
        else:
            high = keys(page, number, name, "Space" if kind == "checkbox" else "End")
            assert low["shown"][name] != high["shown"][name]
        # Some settings leave the picture as it is, on purpose; then the sentence says what changed.
        assert (low["picture"], low["sentence"]) != (high["picture"], high["sentence"])
    for name in page.call(HANDLES, number) if everything else []:
        move_handle(page, number, name)
    assert reset(page, number) == start
    assert page.call(ANNOUNCED, number) == ["true", "polite", None]


def drag(page, number, name, to):
    """Drag a slider's thumb to a share of its track; return what the panel then shows."""
    box, thumb = page.call(PART, PANEL, number, f"[name={name}]"), 16  # pixels
    height = middle(box)[1]
    places = [[round(box["x"] + thumb / 2 + (box["width"] - thumb) * at), height] for at in (box["at"], to)]
    page.drag(*places)
    return shown(page, number)


def move_handle(page, number, name):
    """Drag a handle along its way: its setting moves, no other, and the handle stays below the hand."""

    def place():
        return np.array(middle(page.call(PART, PANEL, number, f".handle[data-moves={name}]")))

    reset(page, number)
    keys(page, number, name, "End")
    high = place()
    start = keys(page, number, name, "Home")["shown"]
    low = place()
    goal = low + 40 * (high - low) / np.hypot(*(high - low))
    page.drag(low.tolist(), goal.tolist())
    moved = shown(page, number)["shown"]
    assert moved[name] > start[name]
    assert {**moved, name: start[name]} == start
    assert np.hypot(*(goal - place())) < 8  # half a step, and whole pixels


def play(page, number, name):
    """Play the film by key: every value comes in its order. A second press stops it, and so does the hand."""
    button = "document.querySelectorAll('.course-panel')[number].querySelector('button:nth-child(2)')"
    says = f"async (number, text) => {UNTIL}(() => {button}.textContent.startsWith(text))"

    def press(then):
        page.call(PART, PANEL, number, "button:nth-child(2)")
        page.press("Enter")
        page.call(says, number, then)

    low = keys(page, number, name, "Home")["shown"][name]
    page.call(
        """number => {
        const root = document.querySelectorAll(".course-panel")[number];
        window.seen = [];
        new MutationObserver(() => seen.push(JSON.parse(root.dataset.shown)))
            .observe(root, { attributes: true, attributeFilter: ["data-shown"] });
    }""",
        number,
    )
    press("Stop")
    page.call(says, number, "Play")
    shown(page, number)
    seen = [low, *(each[name] for each in page.call("() => seen"))]
    assert seen == sorted(seen)
    assert sorted(set(seen)) == explore.learning_to_square.controls[name].positions()
    for stop in (lambda: press("Play"), lambda: keys(page, number, name, "ArrowRight")):
        keys(page, number, name, "Home")
        press("Stop")
        stop()
        page.call(says, number, "Play")
        at = shown(page, number)["shown"][name]
        page.page.wait_for_timeout(1000)
        assert shown(page, number)["shown"][name] == at < seen[-1]


def answer(page, question, by_mouse):
    """Answer a question and keep it."""
    kind, turn, points = page.call(ASKED, question)
    part = {"text": "input", "radio": "input", "drawing": "circle[tabindex='0']"}[kind]
    box = page.call(PART, ASK, question, "svg" if by_mouse and points else part)
    if by_mouse and points:
        x, y, width, height = (box[each] for each in ("x", "y", "width", "height"))
        page.drag(*[[round(x + i * width), round(y + j * height)] for i, j in ((0.2, 0.5), (0.95, 0.3))])
    elif by_mouse:
        page.drag(middle(box), middle(box))
    if kind == "text":
        page.press("8")
    elif not by_mouse:
        page.press(*(["ArrowUp", *["ArrowRight"] * points, "End"] if points else ["Space"]))
    button = middle(page.call(PART, ASK, question, "button:not([hidden])"))
    if by_mouse:
        page.drag(button, button)
    else:
        page.press("Enter")
    said, no_error, focused = page.call(ANSWERED, question, turn)
    assert any(kept in said for kept in ("Kept: ", "You chose: ", "You answered: ")), said
    assert no_error, said
    assert focused, "the focus is lost"


def look_closely(page):
    """Run axe-core in both themes; nothing overlaps or is cut at 1024 x 768, alone and at 200 % zoom."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        assert browsers.serious_faults(page, PANEL) == browsers.serious_faults(page, ASK) == []
    command(page, "application:toggle-left-area")
    for size in ({"width": 512, "height": 384}, {"width": 1024, "height": 768}):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        assert page.evaluate(MISPLACED) == [], size
    room = page.query_selector(".jp-WindowedPanel-outer").bounding_box()["height"]
    assert all(each.bounding_box()["height"] < room for each in page.query_selector_all(PANEL))


# One page with a part of each kind ---------------------------------------------------------

DRAWN = """
from helpers.practice import predict
for one in [one for one in predict.declared().values() if hasattr(one.form, "features")]:
    display(one())
"""
LINKED = """
from helpers.practice import overview, store
store.keep(store.Answer("00_start_here", "quiz", "start_here_1", {"answer": "a", "right": False}))
overview.progress()
"""


@pytest.fixture(scope="module")
def page(browser, labs):
    lab = labs(COURSE_LAB)
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", lab[1])
    with browsers.opened(browser) as page:
        sources = [NOTHING_ANSWERED, DRAWN, THREE, PANELS[0], LINKED, LINKED]
        run_all(browsers.ChromiumPage(page), lab, sources, 1, 6 + len(DRAWINGS))
        yield page


def heights(ask):
    return ask.locator("circle").evaluate_all("all => all.map(one => Number(one.ariaValueNow))")


@pytest.mark.parametrize("question", DRAWINGS)
def test_a_curve_is_taken_as_it_was_drawn_in_one_stroke(question, page):
    asked = predict.declared()[question]
    form, curve = asked.form, functools.partial(drawn, question, "as it is")
    ask = page.locator(ASK, has=page.get_by_text(asked.question, exact=True))
    ask.get_by_role("button", name="not sure").click()
    assert "Draw the curve first" in ask.locator(".error").inner_text()
    assert "L" not in (ask.locator(".curve").get_attribute("d") or "")  # nothing is drawn yet
    ask.locator("svg").scroll_into_view_if_needed()
    box = ask.locator("svg").bounding_box()
    some = np.linspace(form.x[0], form.x[-1], 2 * len(form.x) + 8)  # none of them a point's own
    corners = [x for x in form.x if abs(np.diff(curve([x - 1e-6, x, x + 1e-6]), 2)[0]) > 1e-9]
    for number, x in enumerate(sorted([*some, *corners])):
        # As ask.js lays its picture out.
        across = 140 + (x - form.x[0]) / (form.x[-1] - form.x[0]) * (640 - 140 - 44)
        down = 20 + (form.high - curve([x])[0]) / (form.high - form.low) * (360 - 20 - 56)
        page.mouse.move(box["x"] + across / 640 * box["width"], box["y"] + down / 360 * box["height"])
        if number == 0:
            page.mouse.down()
    page.mouse.up()
    assert not ask.locator(".error").is_visible()
    off = np.abs(heights(ask) - np.clip(curve(form.x), form.low, form.high))
    assert off.max() < 0.02 * (form.high - form.low)


def test_points_are_set_and_taken_away_by_keys_and_lie_on_a_line_between(page):
    ask = page.locator(ASK).last
    ask.locator("circle").first.focus()
    steps = {
        "End ArrowRight ArrowRight ArrowRight ArrowRight PageUp": [8, 6.5, 5, 3.5, 2],
        "ArrowLeft ArrowLeft ArrowDown": [8, 6.4, 4.8, 3.4, 2],
        "Delete": [8, 6.5, 5, 3.5, 2],
    }
    for keys, expected in steps.items():
        for key in keys.split():
            page.keyboard.press(key)
        assert heights(ask) == pytest.approx(expected)
    ask.get_by_role("button", name="not sure").click()
    page.wait_for_function("() => document.activeElement.textContent === 'Change my mind'")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.closest('fieldset')")


# Run, and what it showed before is replaced.
RAN = """([cell, before, part]) =>
    !['[*]:', before].includes(cell.querySelector('.jp-InputPrompt').innerText) && !part.isConnected"""


@pytest.mark.parametrize(
    "part", [f"{ASK} input", f"{ASK} circle[tabindex='0']", f"{PANEL} input", f"{PANEL} button"]
)
def test_the_keys_that_run_a_cell_run_it_from_every_part_of_what_it_shows(part, page):
    cell = page.locator(".jp-CodeCell", has=page.locator(part)).first
    for key in ("Shift+Enter", "Control+Enter", "Alt+Enter"):
        before = cell.locator(".jp-InputPrompt").inner_text()
        place = cell.locator(part).first.element_handle()
        place.focus()
        page.keyboard.press(key)
        page.wait_for_function(RAN, arg=[cell.element_handle(), before, place])
    command(page, "notebook:delete-cell")  # which Alt+Enter made


IN_VIEW = """() => {
    const { context, content } = jupyterapp.shell.currentWidget;
    const cell = content.widgets.find((one) => one.model.sharedModel.source.includes("quiz.start_here()"));
    const { top, bottom } = cell?.node.getBoundingClientRect() ?? {};
    return context.path === "00_start_here.ipynb" && top > 0 && bottom < innerHeight;
}"""


def test_the_progress_forgets_and_leads_to_its_cells(page):
    forget = page.locator(".course-progress button").first
    forget.click()
    forget.click()  # it asks once more
    page.locator(".jp-OutputArea p:has-text('Nothing is kept yet')").wait_for()
    page.locator(".jp-OutputArea li a:has-text('00: ')").last.click()  # of the other cell
    page.wait_for_function(IN_VIEW)


@pytest.mark.parametrize("kind", ["live/panel", "practice/ask"])
def test_what_is_stored_gives_way_to_its_widget_alone_as_each_front_end_lays_them_out(kind, browser):
    """VS Code: extensions/notebook-renderers/src/index.ts; Colab: what it stores of a page."""
    style, name = (ROOT / "helpers" / f"{kind}.css").read_text("utf-8"), kind.partition("/")[2]
    live = f"<div><div class='course-{name}'><img></div></div>"
    for output in ("jp-OutputArea-child", "output_container", "display_data"):
        cells = [["<img>"], ["<img>", live], ["<img>"], ["<img>", "words"]]
        html = [[f"<div class='{output}'><div>{each}</div></div>" for each in cell] for cell in cells]
        with browsers.opened(browser) as page:
            page.set_content(f"<style>{style}</style><p>" + "<p>".join(map("".join, html)))
            seen = page.evaluate("() => [...document.images].map(image => image.checkVisibility())")
        assert seen == [True, False, True, True, True], output
