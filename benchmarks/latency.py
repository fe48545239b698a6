"""Measure in the browser how long a panel takes from a key press to new pixels: `make bench ARGS=latency`.

JupyterLab and Chromium on this machine; a key is pressed, and the clock of the page runs from the key's
own time stamp to the frame in which the new picture is painted. The same is measured for what people
write today: `interact`, `model.fit` and `plt.show()`.
"""

import argparse
import contextlib
import datetime
import os
import sys
import tempfile
from pathlib import Path
from statistics import median

from helpers.live import explore
from helpers.words import table

import numpy as np
from run import LATENCY, README

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))
import browsers

INTRODUCTION = f"""`make bench ARGS="latency --write"`, {datetime.date.today()}, {os.cpu_count()} cores.
JupyterLab from `make lab`, Chromium at 1280×800 without a graphics card, one press of an arrow key after
another. The clock is the page's own: from the key's time stamp to the frame after the new picture has loaded.
"""
TODAY = """
import keras
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import interact

x = np.random.default_rng(0).integers(1, 1001, size=(1000, 1))

@interact(seed=(0, 19))
def today(seed=3):
    keras.utils.set_random_seed(seed)
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)]
    model = keras.Sequential([keras.Input((1,)), *layers])
    model.compile("adam", "mean_squared_error")
    model.fit(x / 1000, x**2 / 1e6, epochs=500, batch_size=100, verbose=0)
    every = np.arange(1, 1001)[:, None]
    plt.plot(every, every**2)
    plt.plot(every, model.predict(every / 1000, verbose=0) * 1e6)
    plt.show()
"""
NEW = "a shape never seen before (compile included): 04", (1200, 2000)
# From how many trained networks on: what is measured, and its targets.
WORK = [
    (20, "retrain 20 starts", (400, 800)),
    (1, "retrain a network", (120, 250)),
    (0, "redraw only", (40, 100)),
]
# Each panel's own row, and rows with settings that are chosen before: panel, settings, networks trained.
ROWS = [(name, {}, make.trains) for name, make in explore.declared().items()]
ROWS += [
    ("units_at_work", {"network": "8-8-1"}, 1),
    ("units_at_work", {"network": "8-8-1", "every_start": True}, 20),
]

# From the key's time stamp to the frame after the new picture has loaded. A panel keeps its keys to itself,
# so the listener is there before it. That a picture has loaded is told to the document, not to the window.
WATCH = """
window.took = [];
let pressed = null;
addEventListener("keydown", event => { pressed = event.timeStamp; }, true);
document.addEventListener("load", event => {
    if (event.target.tagName !== "IMG" || pressed === null) return;
    const since = pressed;
    pressed = null;
    requestAnimationFrame(() => setTimeout(() => took.push(performance.now() - since)));
}, true);
"""


def main() -> None:
    """Measure every row and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=100, help="key presses a row (100)")
    parser.add_argument("--today", type=int, default=5, help="key presses of what people write today (5)")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/README.md")
    options = parser.parse_args()
    rows = []
    with page() as tab:
        panels = dict(zip(explore.declared(), tab.query_selector_all(".course-panel"), strict=True))
        tab.set_viewport_size({"width": 1280, "height": 800})
        for name, settings, trains in ROWS:
            for setting, value in settings.items():
                control = panels[name].query_selector(f"[name={setting}]")
                if value is True:
                    control.set_checked(True)
                else:
                    control.select_option(value)
            kind, target = next((kind, target) for least, kind, target in WORK if trains >= least)
            label = ", ".join([f"{kind}: {name}", *map(str, settings.values())])
            print(label, file=sys.stderr)
            rows.append(
                (label, target, press(tab, panels[name], explore.declared()[name].press, options.repeats))
            )
        panels["units_at_work"].query_selector("[name=every_start]").set_checked(False)
        rows.append((*NEW, new_shapes(tab, panels["units_at_work"])))
        seconds = press(tab, tab.query_selector(".widget-interact"), None, options.today)
        rows.append(("today: `interact`, `model.fit` of 8-8-1 for 500 epochs, `plt.show()`", None, seconds))
    lines = []
    for name, target, took in rows:
        low, high = (f"≤ {bound:,}" for bound in target) if target else ("", "")
        late = np.percentile(took, 95)
        lines.append([name, len(took), f"{median(took):,.0f}", low, f"{late:,.0f}", high])
    text = table(["ms", "presses", "median", "target", "95th percentile", "target"], lines).data
    print(text)
    if options.write:
        before, _, _ = README.read_text("utf-8").partition(LATENCY)
        README.write_text(f"{before}{LATENCY}\n{INTRODUCTION}\n{text}\n", encoding="utf-8")


@contextlib.contextmanager
def page():
    """Yield a page of JupyterLab with the panels and the cell of today, all run."""
    cells = [f"from helpers.live import explore\n\nexplore.{panel}()" for panel in explore.declared()]
    with (
        tempfile.TemporaryDirectory() as folder,
        browsers.serving(folder, *browsers.COURSE_LAB) as address,
        browsers.chromium() as chromium,
    ):
        browsers.write_notebook(Path(folder) / "latency.ipynb", [*cells, TODAY])
        tab = chromium.new_page(viewport={"width": 1280, "height": 8000})
        tab.set_default_timeout(300_000)
        tab.add_init_script(WATCH)
        tab.goto(f"{address}/lab/tree/latency.ipynb")
        tab.evaluate(browsers.RUN_ALL)
        tab.wait_for_selector(".widget-interact img")
        tab.wait_for_timeout(3000)
        yield tab


def press(tab, root, name, repeats):
    """Return the milliseconds of `repeats` key presses on a slider, one after another."""
    root.scroll_into_view_if_needed()
    root.query_selector(f"[name={name}]" if name else "[role=slider], input").focus()
    if name:  # what people write today has room where it starts, and would be at work for half a minute
        tab.keyboard.press("Home")
        tab.wait_for_timeout(500)
        tab.wait_for_function("root => root.dataset.busy === 'no'", arg=root, polling=20)
        tab.wait_for_timeout(500)
    # Back and forth, as a slider of few positions has no room for more.
    return painted(tab, ["ArrowRight" if i % 6 < 3 else "ArrowLeft" for i in range(repeats)], 50)


def painted(tab, keys, pause):
    """Press keys one after another; return the milliseconds until each one's picture was painted."""
    tab.evaluate("took.length = 0")
    for count, key in enumerate(keys):
        tab.keyboard.press(key)
        # Not polled at every frame: that would keep a core busy.
        tab.wait_for_function("count => took.length > count", arg=count, polling=20)
        tab.wait_for_timeout(pause)
    took = tab.evaluate("took")
    print([round(ms) for ms in took], file=sys.stderr, flush=True)
    return took


def new_shapes(tab, root):
    """Return the milliseconds of the first visit to each network and activation of a panel."""
    took, networks = [], root.query_selector("[name=network]")
    for activation in ("tanh", "sigmoid", "gelu"):
        networks.select_option(index=0)
        tab.wait_for_timeout(4000)
        root.query_selector("[name=activation]").select_option(activation)
        tab.wait_for_timeout(4000)
        networks.focus()
        took += painted(tab, ["ArrowDown"] * 4, 200)
    return took


if __name__ == "__main__":
    main()
