"""Browsers for tests and benchmarks: a JupyterLab, and pages in Chromium, Firefox and WebKitGTK."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import pytest
import websocket
from axe_playwright_python.sync_playwright import Axe
from playwright import sync_api
from support import ROOT, answers_at, free_port, wait

# A class opens the course by a server's name, over plain http, where browsers keep some of their features.
NAME = "course.example"
PATIENCE = 300_000  # milliseconds for whatever trains or compiles, on a busy machine
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
CHROMIUM += ["--disable-background-networking", "--disable-component-update"]
CHROMIUM += [f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
WEBDRIVER = {"ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015"}
WEBDRIVER |= {"Home": "\ue011", "End": "\ue010", "PageDown": "\ue00f"}
WEBDRIVER |= {"Space": "\ue00d", "Enter": "\ue007", "Tab": "\ue004"}
# anywidget says so of a model that takes two seconds to begin, and helpers/page.js cures it; the second
# is Notebook's own (jupyter/notebook#7862), the third of a test that takes the network away.
HARMLESS = re.compile("Failed to initialize model|reading 'schema'|ERR_INTERNET_DISCONNECTED")

CONNECTED = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
UNTIL = """(async found => {
    for (let turn = 0; !found(); turn += 1) {
        if (turn > 15000) throw Error(`waited in vain: ${found}`);
        await new Promise(done => setTimeout(done, 20));
    }
})"""
# Runs all cells; a kernel that is not connected would make JupyterLab ask which one to take.
RUN_ALL = f"""async () => {{
    await {UNTIL}({CONNECTED});
    await jupyterapp.commands.execute("notebook:run-all-cells");
    await {UNTIL}({CONNECTED});
    return isSecureContext;
}}"""

# How many keys and presses the page has seen, those included that a question keeps to itself.
COUNT_INPUTS = """() => {
    const { stopImmediatePropagation } = Event.prototype, kinds = ["keydown", "pointerup"];
    window.inputs = 0;
    for (const kind of kinds) addEventListener(kind, () => { inputs += 1; }, true);
    Event.prototype.stopImmediatePropagation = function () {
        if (kinds.includes(this.type)) inputs += 1;
        stopImmediatePropagation.call(this);
    };
}"""
# Gives the focus back to what a test has given it to, if it has left that widget since.
REFOCUS = """() => {
    const root = window.wanted?.closest(".course-ask, .course-panel");
    if (root && !root.contains(document.activeElement)) wanted.focus();
}"""


@contextlib.contextmanager
def serving(folder, *command):
    """Start Python with a JupyterLab on a folder; yield its address once it answers there."""
    port = free_port()
    options = ["--no-browser", f"--port={port}", f"--ServerApp.root_dir={folder}"]
    options += ["--IdentityProvider.token=", "--ServerApp.allow_remote_access=True"]
    options += ["--ServerApp.port_retries=0", "--LabApp.expose_app_in_browser=True"]
    options += ["--JupyterNotebookApp.expose_app_in_browser=True"]
    options += [f"--LabApp.{name}_dir={folder}/{name}" for name in ("user_settings", "workspaces")]
    log = Path(folder, "log")
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, *command, *options], stdout=out, stderr=subprocess.STDOUT)
        try:
            wait(lambda: process.poll() is not None or answers_at(port), 180)
            assert process.poll() is None, log.read_text()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


COURSE_LAB = str(ROOT / "course.py"), "lab"
PLAIN_LAB = "-m", "jupyterlab", "--allow-root"  # as a hub starts it; it serves Notebook 7 as well


def write_notebook(path, sources):
    """Write a notebook of these cells, not yet run."""
    kernel = {"name": "python3", "display_name": "Python 3 (course)", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, path)


def command(page, name, **arguments):
    """Run a JupyterLab command, as its menus do."""
    # What it returns is not for us, and may be the whole application.
    page.evaluate("([name, given]) => { jupyterapp.commands.execute(name, given); }", [name, arguments])


@contextlib.contextmanager
def chromium():
    """Yield a Chromium, the machine's or Playwright's own."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(browser, address=None, **context):
    """Open a page in a context of its own; no error may come up while it is open."""
    faults = []
    page = browser.new_context(**{"viewport": {"width": 1024, "height": 768}} | context).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    if address:
        page.goto(address)
    yield page
    page.context.close()
    assert [fault for fault in faults if not HARMLESS.search(fault)] == []


def serious_faults(page, context=None):
    """Return what axe-core complains of: its rule and the element."""
    # Without preload: that would fetch the style, which a page in a file may not.
    found = Axe().run(page, context=context, options={"preload": False}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


# A page in any browser -----------------------------------------------------------------


class Page:
    """What all browsers can do; act takes WebDriver's list of actions."""

    def __init__(self, go, run, act):
        self.go, self._run, self._act = go, run, act

    def call(self, function, *given):
        """Call a JavaScript function in the page, and wait for what it returns."""
        wrapped = f"async given => JSON.stringify(await ({function})(...JSON.parse(given)) ?? null)"
        return json.loads(self._run(wrapped, json.dumps(given)))

    def press(self, *keys):
        for key in keys:
            both = [{"type": kind, "value": WEBDRIVER.get(key, key)} for kind in ("keyDown", "keyUp")]
            self._act([{"type": "key", "id": "k", "actions": both}])

    def drag(self, start, end):
        start, end = ({"type": "pointerMove", "x": x, "y": y, "duration": 0} for x, y in (start, end))
        down, up = ({"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp"))
        self._act([{"type": "pointer", "id": "p", "actions": [start, down, end, up]}])


class ChromiumPage(Page):
    """By Playwright, whose page it has."""

    def __init__(self, page):
        super().__init__(page.goto, page.evaluate, None)
        self.page = page

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    def drag(self, start, end):
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(*end, steps=8)
        self.page.mouse.up()


@contextlib.contextmanager
def in_chromium(browser, _folder):
    """In the Chromium that is there."""
    with opened(browser) as page:
        yield ChromiumPage(page)


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


@contextlib.contextmanager
def in_firefox(_browser, folder):
    """By WebDriver BiDi, which Firefox speaks itself."""
    binary = FIREFOX or pytest.skip("no Firefox here")
    (folder / "user.js").write_text(f'user_pref("network.dns.localDomains", "{NAME}");')
    options = ["--headless", "--no-remote", "--profile", str(folder), "--remote-debugging-port", "0"]
    place, faults = folder / "WebDriverBiDiServer.json", []
    with program(lambda: place.exists() and json.loads(place.read_text()), binary, *options) as server:
        address = f"ws://{server['ws_host']}:{server['ws_port']}/session"
        line = websocket.create_connection(address, timeout=600, suppress_origin=True)

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

        yield Page(
            lambda address: ask("browsingContext.navigate", url=address, **here),
            run,
            lambda actions: ask("input.performActions", actions=actions, **here),
        )
        line.close()
    assert [fault for fault in faults if not HARMLESS.search(fault)] == []


@contextlib.contextmanager
def in_webkit(_browser, folder):
    """WebKitGTK's small browser, by WebDriver, in a place where the server's name leads to this machine."""
    binary = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"), None)
    if not (binary and shutil.which("WebKitWebDriver") and shutil.which("xvfb-run")):
        pytest.skip("no WebKitGTK with its WebDriver and Xvfb here")
    hosts, log, wrapped = folder / "hosts", folder / "log", folder / "wrapped"
    hosts.write_text(f"127.0.0.1 localhost {NAME}\n")
    place = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)]
    if subprocess.call([*place, "true"]):
        pytest.skip("no WebKitGTK by a server's name, as this user may not mount a file over /etc/hosts")
    options = "--automation --enable-write-console-messages-to-stdout=true"
    wrapped.write_text(f'#!/bin/sh\nexec "{binary}" {options} "$@" >"{log}" 2>&1\n')
    wrapped.chmod(0o755)
    port = free_port()

    def ask(word, **given):
        url, kind = f"http://127.0.0.1:{port}/session{word}", {"Content-Type": "application/json"}
        request = urllib.request.Request(url, json.dumps(given).encode(), kind)
        try:
            return json.load(urllib.request.urlopen(request))["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error  # the driver's reason

    def run(function, given):
        return ask(f"{here}/execute/sync", script=f"return ({function})(arguments[0])", args=[given])

    def go(address):
        ask(f"{here}/url", url=address)
        run(COUNT_INPUTS, "")

    def act(actions):
        # WebKitGTK loses a key or a press that comes at once after the focus, and on a busy machine others.
        time.sleep(0.3 * max(1, os.getloadavg()[0] / os.cpu_count()))
        run(REFOCUS, "")
        before = run("() => inputs", "")
        for turn in range(200):
            if turn % 40 == 0:
                ask(f"{here}/actions", actions=actions)
            time.sleep(0.05)
            if run("() => inputs", "") != before:
                return
        pytest.fail(f"the page saw nothing of {actions}")

    with program(lambda: answers_at(port), *place, "xvfb-run", "-a", "WebKitWebDriver", f"--port={port}"):
        wanted = {"webkitgtk:browserOptions": {"binary": str(wrapped)}, "timeouts": {"script": 600_000}}
        here = "/" + ask("", capabilities={"alwaysMatch": wanted})["sessionId"]
        yield Page(go, run, act)
    faults = re.findall("^CONSOLE .*ERROR.*", log.read_text(), re.MULTILINE)
    assert [fault for fault in faults if not HARMLESS.search(fault)] == []
