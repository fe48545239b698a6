"""Every panel of every notebook in a real browser: JupyterLab as learners start it, Chromium, mouse and keys.

Run by `course.py test browser`. One JupyterLab serves copies, so nothing is stored: 00_start_here, whole, on
this machine, and the prose and panels of all others, in one notebook, by a server's name.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api

ROOT = Path(__file__).resolve().parent.parent
FIRST, *OTHERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PANELS = "panels.ipynb"
PATIENCE = 60_000  # milliseconds for whatever trains or compiles, on a busy machine
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update"]
# A class opens the course by a server's name, over plain http, where browsers keep some of their features.
NAME = "course.example"
CHROMIUM += [f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab on 00_start_here and the panels of the others; yields its address on this machine."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / "notebooks").mkdir()
    shutil.copy(FIRST, folder / "notebooks")
    nbformat.write(in_one_notebook(panels_of(*OTHERS, prose=True)), folder / "notebooks" / PANELS)
    with serving(folder, str(ROOT / "course.py"), "lab", "--ServerApp.disable_check_xsrf=True") as address:
        yield address


@contextlib.contextmanager
def serving(folder, *command):
    """Start Python with a JupyterLab on a folder; yield its address once it answers there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", f"--ServerApp.root_dir={folder}"]
    options += ["--IdentityProvider.token=", "--ServerApp.allow_remote_access=True"]
    options += ["--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]
    options += [f"--LabApp.{name}_dir={folder / name}" for name in ("user_settings", "workspaces")]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, *command, *options], stdout=log, stderr=subprocess.STDOUT)
        address = f"http://127.0.0.1:{port}"
        try:
            began = time.monotonic()
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/api", timeout=5).close()
                    break
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() - began < 180
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def browser():
    path = shutil.which("chromium")  # or Playwright's own
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield chromium
        chromium.close()


def panels_of(*paths, prose=False):
    """Return the cells of notebooks that make a panel, or these and the prose; nbval runs all other code."""
    cells = [cell for path in paths for cell in nbformat.read(path, 4).cells]
    return [cell for cell in cells if makes_a_panel(cell) or (prose and cell.cell_type == "markdown")]


def makes_a_panel(cell):
    return cell.cell_type == "code" and cell.source.splitlines()[-1].startswith("explore.")


def in_one_notebook(cells):
    """Return a notebook of these cells, not yet run: one kernel starts once, and compiles once."""
    for number, cell in enumerate(cells):
        cell.id = str(number)
        if cell.cell_type == "code":
            cell.outputs = []
    kernel = {"name": "python3", "display_name": "Python 3 (course)", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


@contextlib.contextmanager
def opened(browser, lab, name):
    """Open a notebook, run all of it, and yield its page and the list of what the page complains about."""
    faults = []
    page = browser.new_page(viewport={"width": 1024, "height": 768})
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)) if SLOW not in str(error) else None)
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    address = lab if name == FIRST.name else lab.replace("127.0.0.1", NAME)
    page.goto(f"{address}/lab/workspaces/{name.partition('.')[0]}/tree/notebooks/{name}")
    page.wait_for_function(CONNECTED)  # or "run all" would ask which kernel to take
    command(page, "notebook:run-all-cells")
    page.wait_for_selector(f"{INDICATOR}[data-status='busy']")
    page.wait_for_selector(f"{INDICATOR}[data-status='idle']", timeout=8 * PATIENCE)
    command(page, "application:toggle-left-area")
    yield page, faults
    page.close()
    for kernel in json.load(urllib.request.urlopen(f"{lab}/api/kernels")):
        request = urllib.request.Request(f"{lab}/api/kernels/{kernel['id']}", method="DELETE")
        urllib.request.urlopen(request).close()


CONNECTED = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
INDICATOR = ".jp-Notebook-ExecutionIndicator"


def command(page, name, **arguments):
    """Run a JupyterLab command, as its menus do."""
    # What it returns is not for us, and may be the whole application.
    page.evaluate("([name, given]) => { jupyterapp.commands.execute(name, given); }", [name, arguments])


# What a panel's element tells: its settings, what the picture belongs to, the words, and the pixels.
# anywidget complains of a model that takes two seconds to begin, as on a busy machine, and goes on; a panel
# or question that is not there fails a test by itself.
SLOW = "[anywidget] Failed to initialize model."
STATE = """root => {
    const image = root.querySelector("img");
    const inputs = [...root.querySelectorAll("input, select")];
    return {
        values: Object.fromEntries(inputs.map(i => [i.name, JSON.parse(i.dataset.value)])),
        shown: JSON.parse(root.dataset.shown),
        words: Object.fromEntries(inputs.map(i => [i.name, i.getAttribute("aria-valuetext")])),
        sentence: root.querySelector(".sentence").textContent,
        alt: image.alt,
        error: root.querySelector(".error").textContent,
        kept: image.dataset.kept === "yes",
        picture: image.src,
    };
}"""
# The picture that stays in the notebook for readers without a kernel.
KEPT = "root => root.closest('.jp-OutputArea-child').previousElementSibling"
SETTLED = """root => {
    const shown = JSON.parse(root.dataset.shown), image = root.querySelector("img");
    return image.complete && root.querySelector(".status").textContent === "" && root.dataset.busy === "no"
        && [...root.querySelectorAll("input, select")].every(
            i => JSON.stringify(shown[i.name]) === i.dataset.value);
}"""


# What screen readers hear of a busy region differs: none is busy.
ANNOUNCED = """root => {
    const [seen, heard] = [".sentence", ".announced"].map(each => root.querySelector(each));
    return seen.textContent === heard.textContent && seen.ariaHidden === "true" && heard.ariaLive === "polite"
        && !heard.closest("[aria-busy=true], [aria-hidden=true]");
}"""


class Seen:
    """A panel in the page, as a person sees it."""

    def __init__(self, page, element):
        self.page, self.element = page, element
        element.scroll_into_view_if_needed()
        element.evaluate("root => { root.querySelector('img').dataset.kept = 'yes'; }")

    def settled(self):
        """Wait until the picture belongs to the controls, and return what there is to see."""
        try:
            self.page.wait_for_function(SETTLED, arg=self.element)
        except sync_api.TimeoutError:
            pytest.fail(f"the panel never settled: {self.element.evaluate(STATE)}")
        state = self.element.evaluate(STATE)
        assert state["shown"] == state["values"]
        assert "sentence below" in state["alt"]  # which is read once, where it is announced
        assert state["sentence"].endswith(".")
        assert state["error"] == ""
        assert state["kept"], "the <img> was replaced"
        return state

    def keys(self, name, *keys):
        self.element.query_selector(f"[name={name}]").focus()
        for key in keys:
            self.page.keyboard.press(key)
        return self.settled()

    def drag(self, name, to):
        """Drag a slider's thumb to a share of its track, in many small moves."""
        slider = self.element.query_selector(f"[name={name}]")
        low, high, now = slider.evaluate("i => [i.min, i.max, i.value].map(Number)")
        box = slider.bounding_box()
        thumb = 16  # pixels; its middle runs from 8 to width - 8
        place = box["x"] + thumb / 2 + (box["width"] - thumb) * (now - low) / (high - low)
        goal = box["x"] + thumb / 2 + (box["width"] - thumb) * to
        height = box["y"] + box["height"] / 2
        self.page.mouse.move(place, height)
        self.page.mouse.down()
        for i in range(1, 16):
            self.page.mouse.move(place + (goal - place) * i / 15, height)
        self.page.mouse.up()
        return self.settled()


def move_a_slider(panel, name):
    low = panel.keys(name, "Home")
    high = panel.keys(name, "ArrowRight", "PageUp", "End")
    # Some settings leave the picture as it is, on purpose; then the sentence tells what changed.
    assert (low["picture"], low["sentence"]) != (high["picture"], high["sentence"])
    assert low["words"][name] != high["words"][name]
    low, high = low["shown"][name], high["shown"][name]
    down = panel.keys(name, "PageDown", "ArrowLeft")["shown"][name]
    assert low <= down < high
    # Announced once the hand rests, not on the way.
    panel.page.wait_for_function(ANNOUNCED, arg=panel.element)
    up = panel.keys(name, "ArrowRight")["shown"][name]
    assert down < up <= high
    dragged = panel.drag(name, 0.3)["shown"][name]
    assert low <= dragged < high
    back = panel.drag(name, 0.0)["shown"][name]
    assert back == low


def move_a_handle(panel, handle):
    """Drag a handle in the picture along its way: the setting moves, and the handle stays below the hand."""
    name, ends = handle.get_attribute("data-moves"), []
    for key in ("End", "Home"):
        start = panel.keys(name, key)["shown"]
        box = handle.bounding_box()
        ends.append(np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]))
    high, low = ends
    goal = low + 40 * (high - low) / np.hypot(*(high - low))
    panel.page.mouse.move(*low)
    panel.page.mouse.down()
    panel.page.mouse.move(*goal, steps=8)
    panel.page.mouse.up()
    shown = panel.settled()["shown"]
    assert shown[name] > start[name]
    assert {**shown, name: start[name]} == start
    box = handle.bounding_box()
    off = goal - [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    assert np.hypot(*off) < 5, "the handle left the hand"


def move_a_list(panel, name, start):
    last = panel.keys(name, "End")
    assert last["shown"][name] != start["shown"][name]
    assert last["picture"] != start["picture"]
    first = panel.keys(name, "Home")
    assert first["shown"][name] != last["shown"][name]
    panel.element.query_selector(f"[name={name}]").select_option(index=1)
    assert panel.settled()["shown"][name] not in (first["shown"][name], last["shown"][name])


def move_a_switch(panel, name, start):
    turned = panel.keys(name, "Space")
    assert turned["shown"][name] is not start["shown"][name]
    assert turned["picture"] != start["picture"]
    panel.element.query_selector(f"[name={name}]").click()
    assert panel.settled()["shown"][name] is start["shown"][name]


OVERLAPS = """root => {
    const kinds = "label, input, select, button, .value, .status, img, .sentence";
    const leaves = [...root.querySelectorAll(kinds)].filter(e => !e.hidden);
    const told = e => e.outerHTML.slice(0, 80);
    const box = e => e.getBoundingClientRect();
    const faults = [];
    const outer = box(root);
    for (const [i, a] of leaves.entries()) {
        const r = box(a);
        if (r.left < outer.left - 1 || r.right > outer.right + 1 || r.bottom > outer.bottom + 1)
            faults.push(`${told(a)} sticks out`);
        if (a.scrollWidth > a.clientWidth + 1 && a.clientWidth) faults.push(`${told(a)} is cut`);
        for (const b of leaves.slice(i + 1)) {
            const s = box(b);
            if (Math.min(r.right, s.right) - Math.max(r.left, s.left) > 1
                && Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top) > 1)
                faults.push(`${told(a)} overlaps ${told(b)}`);
        }
    }
    if (root.scrollWidth > root.clientWidth + 1) faults.push("the panel is cut on the right");
    if (outer.right > innerWidth) faults.push("the panel leaves the window");
    return faults;
}"""


def serious_faults(page, context=None):
    """What axe-core complains of: its rule and the element."""
    found = Axe().run(page, context=context).response["violations"]
    return [
        (each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")
    ]


def look_closely(page):
    """axe-core in both themes; nothing overlaps or is cut at 1024 x 768, alone and at 200 % zoom."""
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        command(page, "apputils:change-theme", theme=theme)
        page.wait_for_selector(f"body[data-jp-theme-name='{theme}']", state="attached")
        assert serious_faults(page, ".course-panel") == []
    for size in ({"width": 512, "height": 384}, {"width": 1024, "height": 768}):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        for element in page.query_selector_all(".course-panel"):
            assert element.evaluate(OVERLAPS) == [], size
            height = element.bounding_box()["height"]
            room = page.query_selector(".jp-WindowedPanel-outer").bounding_box()["height"]
            assert size["width"] < 1024 or height < room


@pytest.mark.parametrize("name", [PANELS, FIRST.name])
def test_every_control_of_every_panel_by_mouse_and_by_keyboard(name, browser, lab):
    made = panels_of(*OTHERS) if name == PANELS else panels_of(FIRST)
    with opened(browser, lab, name) as (page, faults):
        page.wait_for_function(f"() => document.querySelectorAll('.course-panel').length === {len(made)}")
        assert page.query_selector("[data-mime-type='application/vnd.jupyter.error']") is None
        assert page.query_selector("[data-mime-type='application/vnd.jupyter.stderr']") is None
        assert page.evaluate("isSecureContext") is (name == FIRST.name)
        for cell, element in zip(made, page.query_selector_all(".course-panel"), strict=True):
            print(cell.source.splitlines()[-1])  # pytest shows the last of these with a failure
            move_all(Seen(page, element))
        if name == FIRST.name:
            run_the_film(Seen(page, page.query_selector(".course-panel")), "epochs")
        look_closely(page)
        if shots := os.environ.get("COURSE_SCREENSHOTS"):
            take(page, Path(shots), name.partition(".")[0])
        assert faults == []


def move_all(panel):
    """Move every control of a panel by mouse and by keyboard, and put all of it back."""
    start, root = panel.settled(), panel.element
    assert not root.evaluate_handle(KEPT).as_element().is_visible()
    for control in root.query_selector_all("input, select"):
        root.query_selector("button").click()  # reset: without hidden layers, no width matters
        before = panel.settled()
        name, kind = control.get_attribute("name"), control.evaluate("i => i.type")
        if kind == "range":
            move_a_slider(panel, name)
        else:
            (move_a_switch if kind == "checkbox" else move_a_list)(panel, name, before)
    for handle in root.query_selector_all(".handle"):
        root.query_selector("button").click()
        move_a_handle(panel, handle)
    root.query_selector("button").click()
    assert panel.settled() == start


def run_the_film(panel, name):
    """Play by key: every value comes in its order. The second press stops it, and so does the hand."""
    root, button = panel.element, panel.element.query_selector("button:not(:first-child)")
    start = panel.keys(name, "Home")["shown"][name]
    root.evaluate(
        """root => { window.seen = []; new MutationObserver(() => seen.push(JSON.parse(root.dataset.shown)))
            .observe(root, {attributes: true, attributeFilter: ["data-shown"]}); }"""
    )

    def press(then):
        button.focus()
        panel.page.keyboard.press("Enter")
        says(then)

    def says(text):
        told = "([button, text]) => button.textContent.startsWith(text)"
        panel.page.wait_for_function(told, arg=[button, text])

    press("Stop")
    says("Play")
    panel.settled()
    seen = [each[name] for each in panel.page.evaluate("seen")]
    assert seen == sorted(seen)
    steps = root.query_selector(f"[name={name}]").evaluate("i => (i.max - i.min) / i.step")
    assert len({*seen, start}) == steps + 1
    for stop in (lambda: press("Play"), lambda: panel.keys(name, "ArrowRight")):
        panel.keys(name, "Home")
        press("Stop")
        stop()
        says("Play")
        shown = panel.settled()["shown"]
        panel.page.wait_for_timeout(1000)
        assert panel.settled()["shown"] == shown
        assert shown[name] < seen[-1]


def take(page, folder, stem):
    """Keep a picture of every panel, for people: at two sizes."""
    for width, height in ((1024, 768), (1280, 800), (512, 384)):
        page.set_viewport_size({"width": width, "height": height})
        for number, element in enumerate(page.query_selector_all(".course-panel")):
            element.scroll_into_view_if_needed()
            page.wait_for_timeout(300)
            page.screenshot(path=folder / f"{stem}-{number}-{width}.png")
