"""What moves and what asks, by key and by mouse wherever else learners are: other browsers and front ends.

One plain `jupyter lab`, as a hub starts it, serves Notebook 7 as well; one notebook holds every panel and a
question of each kind, and one kernel makes them, anew for each browser. All come by a server's name, over
plain http. `course.py test browser` brings the browsers where it can; a test whose browser is not there is
skipped, and says so.
"""

import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import websocket
from playwright import sync_api
from test_browser import (
    CHROMIUM,
    CONNECTED,
    FIRST,
    NAME,
    OTHERS,
    ROOT,
    SETTLED,
    SLOW,
    STATE,
    in_one_notebook,
    panels_of,
    serving,
)
from test_browser_asks import NOTHING_ANSWERED, REVEAL, THREE

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
# Keys in WebDriver's words, and in Playwright's.
LEFT, UP, RIGHT, SPACE, ENTER = "\ue012", "\ue013", "\ue014", "\ue00d", "\ue007"
KEYS = {LEFT: "ArrowLeft", UP: "ArrowUp", RIGHT: "ArrowRight", SPACE: "Space", ENTER: "Enter"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    by_keys, by_mouse = NOTHING_ANSWERED + THREE, THREE.replace('"99"', '"98"')
    asks = [nbformat.v4.new_code_cell(source) for source in (by_keys, by_mouse, REVEAL)]
    notebook = in_one_notebook(panels_of(FIRST, *OTHERS) + asks)
    options = ["--allow-root", "--JupyterNotebookApp.expose_app_in_browser=True"]
    with serving(folder, "-m", "jupyterlab", *options) as address:
        yield address.replace("127.0.0.1", NAME), folder / "panels.ipynb", notebook


@contextlib.contextmanager
def program(found, *command):
    """Run a program until `found` returns something; yield that, and end the program with all it started."""
    process = subprocess.Popen(command, start_new_session=True)
    try:
        while not (result := found()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"{command} ended with {process.wait(0.1)}")
        yield result
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def page_of(faults, go, run, act):
    """Return what the test needs of a browser; act: takes WebDriver's list of actions."""

    def press(key):
        act(
            [{"type": "key", "id": "k", "actions": [{"type": t, "value": key} for t in ("keyDown", "keyUp")]}]
        )

    def drag(*places):
        start, end = [{"type": "pointerMove", "x": x, "y": y, "duration": 0} for x, y in places]
        down, up = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        act([{"type": "pointer", "id": "p", "actions": [start, down, end, up]}])

    return SimpleNamespace(faults=faults, go=go, run=run, press=press, drag=drag)


@contextlib.contextmanager
def chromium(_folder):
    """By Playwright."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        page, faults = browser.new_page(), []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)

        def press(key):
            page.keyboard.press(KEYS.get(key, key))

        def drag(start, end):
            page.mouse.move(*start)
            page.mouse.down()
            page.mouse.move(*end)
            page.mouse.up()

        yield SimpleNamespace(faults=faults, go=page.goto, run=page.evaluate, press=press, drag=drag)
        browser.close()


@contextlib.contextmanager
def firefox(folder):
    """By WebDriver BiDi, which Firefox speaks itself."""
    binary = FIREFOX or pytest.skip("no Firefox here")
    (folder / "user.js").write_text(f'user_pref("network.dns.localDomains", "{NAME}");')
    options = ["--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
    place, faults = folder / "WebDriverBiDiServer.json", []
    with program(lambda: place.exists() and json.loads(place.read_text()), binary, *options) as server:
        address = f"ws://{server['ws_host']}:{server['ws_port']}/session"
        line = websocket.create_connection(address, timeout=300, suppress_origin=True)

        def ask(method, **params):
            line.send(json.dumps({"id": 1, "method": method, "params": params}))
            while (said := json.loads(line.recv()))["type"] == "event":
                faults.extend([said["params"]["text"]] if said["params"]["level"] == "error" else [])
            assert said["type"] == "success", said
            return said["result"]

        ask("session.new", capabilities={})
        ask("session.subscribe", events=["log.entryAdded"])
        here = {"context": ask("browsingContext.create", type="window")["context"]}

        def run(function, given):
            call = {"functionDeclaration": function, "arguments": [{"type": "string", "value": given}]}
            answer = ask("script.callFunction", target=here, awaitPromise=True, **call)
            assert answer["type"] == "success", answer["exceptionDetails"]["text"]
            return answer["result"]["value"]

        yield page_of(
            faults,
            lambda address: ask("browsingContext.navigate", url=address, **here),
            run,
            lambda actions: ask("input.performActions", actions=actions, **here),
        )
        line.close()


@contextlib.contextmanager
def webkit(folder):
    """WebKitGTK's small browser, by WebDriver, in a place where the server's name leads to this machine."""
    binary = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
    if not (binary and shutil.which("WebKitWebDriver") and shutil.which("xvfb-run")):
        pytest.skip("no WebKitGTK with its WebDriver and Xvfb here")
    hosts, log, wrapped, faults = folder / "hosts", folder / "log", folder / "wrapped", []
    hosts.write_text(f"127.0.0.1 localhost {NAME}\n")
    place = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
    if subprocess.call([*place, "true"]):
        pytest.skip("no WebKitGTK by a server's name, as this user may not mount a file over /etc/hosts")
    options = "--automation --enable-write-console-messages-to-stdout=true"
    wrapped.write_text(f'#!/bin/sh\nexec "{binary}" {options} "$@" >"{log}" 2>&1\n')
    wrapped.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()

    def answers():
        with socket.socket() as driver:
            return not driver.connect_ex(address)

    def ask(word, **given):
        url, kind = f"http://127.0.0.1:{address[1]}/session{word}", {"Content-Type": "application/json"}
        return json.load(
            urllib.request.urlopen(urllib.request.Request(url, json.dumps(given).encode(), kind))
        )["value"]

    with program(answers, *place, "xvfb-run", "-a", "WebKitWebDriver", f"--port={address[1]}"):
        wanted = {"webkitgtk:browserOptions": {"binary": str(wrapped)}, "timeouts": {"script": 300_000}}
        here = "/" + ask("", capabilities={"alwaysMatch": wanted})["sessionId"]
        yield page_of(
            faults,
            lambda address: ask(f"{here}/url", url=address),
            lambda function, given: ask(
                f"{here}/execute/sync", script=f"return ({function})(arguments[0])", args=[given]
            ),
            lambda actions: ask(f"{here}/actions", actions=actions),
        )
        faults += re.findall("^CONSOLE .*ERROR.*", log.read_text(), re.MULTILINE)


UNTIL = """(async found => {
    for (let turn = 0; !found(); turn += 1) {
        if (turn > 6000) throw Error(`waited in vain: ${found}`);
        await new Promise(done => setTimeout(done, 20));
    }
})"""
RUN = f"""async count => {{
    await {UNTIL}({CONNECTED});
    jupyterapp.commands.execute("notebook:run-all-cells");
    await {UNTIL}(() => document.querySelectorAll(".course-panel").length === count);
    await {UNTIL}({CONNECTED});
    return isSecureContext;
}}"""
SHOWN = f"""async number => {{
    const root = document.querySelectorAll(".course-panel")[number];
    await {UNTIL}(() => ({SETTLED})(root));
    return ({STATE})(root);
}}"""
# The first slider's name, whether it can go up, and where its thumb is, and could be.
SLIDER = """number => {
    const input = document.querySelectorAll(".course-panel")[number].querySelector("input[type=range]");
    input.scrollIntoView({block: "center"});
    input.focus();
    const box = input.getBoundingClientRect(), thumb = 16, height = box.y + box.height / 2;
    const place = share => [box.x + thumb / 2 + (box.width - thumb) * share, height].map(Math.round);
    const now = (input.value - input.min) / (input.max - input.min);
    return {name: input.name, up: now < 1, places: [place(now), place(now < 0.5 ? 0.8 : 0.2)]};
}"""
# Brings a question's part to where it can be seen and used, and returns its middle.
PART = """(question, part) => {
    const found = document.querySelectorAll(".course-ask")[question].querySelector(part);
    found.scrollIntoView({block: "center"});
    found.focus();
    const box = found.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2].map(Math.round);
}"""
TOLD = f"""async question => {{
    const root = document.querySelectorAll(".course-ask")[question];
    await {UNTIL}(() => Number(root.dataset.turn) > 0);
    return root.textContent;
}}"""
# Inputs without a label, or that share it or their choices with another widget on the page.
STRAYS = """() => [...document.querySelectorAll(".course-panel, .course-ask")].flatMap(root =>
    [...root.querySelectorAll("input, select")].filter(input => !input.labels.length
        || ![...input.labels].every(label => root.contains(label))
        || input.type === "radio" && ![...document.getElementsByName(input.name)].every(e => root.contains(e))
    )).map(input => input.name)"""
STILLS = """() => [...document.querySelectorAll(".jp-OutputArea-output img")].filter(
    image => !image.closest(".course-panel") && image.checkVisibility()).length"""
# Notebook's own (jupyter/notebook#7862): it comes without a panel, too, and not at every start.
KNOWN = re.compile(r"Cannot read properties of undefined \(reading 'schema'\)|" + re.escape(SLOW))


@pytest.mark.parametrize(
    ("browser", "front_end"),
    # Notebook first: it stumbles over what a JupyterLab on its server stores of a workspace.
    # The others open a JupyterLab without any option of ours.
    [
        (chromium, "notebooks"),
        (firefox, "lab/tree"),
        (webkit, "lab/tree"),
        pytest.param(
            *(chromium, "lab/tree"),
            marks=pytest.mark.skipif(bool(FIREFOX), reason="Firefox opens it"),
        ),
    ],
    ids=["Notebook 7", "Firefox", "WebKitGTK", "a plain JupyterLab"],
)
def test_every_panel_and_question_answers_a_key_and_the_mouse(browser, front_end, server, tmp_path):
    address, path, notebook = server
    nbformat.write(notebook, path)  # without what the front end before has stored
    with browser(tmp_path) as page:

        def call(function, *given):
            wrapped = f"async given => JSON.stringify(await ({function})(...JSON.parse(given)) ?? null)"
            return json.loads(page.run(wrapped, json.dumps(given)))

        page.go(f"{address}/{front_end}/{path.name}")
        panels = len(notebook.cells) - 3  # the last ones ask, and reveal
        assert call(RUN, panels) is False  # no secure context
        for number in range(panels):
            states = [call(SHOWN, number)]
            slider = call(SLIDER, number)
            page.press(RIGHT if slider["up"] else LEFT)
            states.append(call(SHOWN, number))
            page.drag(*call(SLIDER, number)["places"])
            states.append(call(SHOWN, number))
            for before, after in itertools.pairwise(states):
                assert after["shown"][slider["name"]] != before["shown"][slider["name"]]
                assert (after["picture"], after["sentence"]) != (before["picture"], before["sentence"])
        for question, (part, key) in enumerate(2 * [("input", "8"), ("input", SPACE), ("circle", UP)]):
            by_mouse, middle = question > 2, call(PART, question, part)
            draws = part == "circle"
            if by_mouse:
                x, y = call(PART, question, "circle:last-of-type") if draws else middle
                page.drag(middle, [x, y - 40 * draws])
            if key == "8" or not by_mouse:
                page.press(key)
            if draws and not by_mouse:  # the last point, too
                call(PART, question, "circle:last-of-type")
                page.press(key)
            middle = call(PART, question, "button")
            if by_mouse:
                page.drag(middle, middle)
            else:
                page.press(ENTER)
            assert "Kept: " in call(TOLD, question)
        assert (call(STILLS), call(STRAYS)) == (0, [])
    assert [fault for fault in page.faults if not KNOWN.search(fault)] == []


@pytest.mark.parametrize("output", ["jp-OutputArea-child", "output_container", "display_data"])
@pytest.mark.parametrize("kind", ["live/panel", "practice/ask"])
def test_what_is_stored_gives_way_to_its_widget_alone_as_jupyter_vs_code_and_colab_lay_them_out(output, kind):
    """VS Code: extensions/notebook-renderers/src/index.ts; Colab: what it stores of a page."""
    style, name = (ROOT / "helpers" / f"{kind}.css").read_text("utf-8"), kind.partition("/")[2]
    cells = [
        ["<img>"],
        ["<img>", f"<div><div class='course-{name}'><img></div></div>"],
        ["<img>"],
        ["<img>", "words"],
    ]
    cells = ["".join(f"<div class='{output}'><div>{each}</div></div>" for each in cell) for cell in cells]
    with chromium(None) as page:
        page.run(
            "page => { document.body.innerHTML = page; }", f"<style>{style}</style><p>" + "<p>".join(cells)
        )
        seen = page.run("() => [...document.images].map(image => image.checkVisibility())")
    assert seen == [True, False, True, True, True]
