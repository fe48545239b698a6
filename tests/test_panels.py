"""A panel without a browser: moves, the mailbox, errors, re-runs, and what a notebook stores."""

import base64
import io
import os
import sys
import threading
import time
from types import ModuleType, SimpleNamespace

from helpers.checks import InputError
from helpers.live import panels
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Steps, Switch
from helpers.live.panels import REGISTRY, Panel
from helpers.pictures.marks import Curve, Frame
from helpers.train import stopping, training

import numpy as np
import pytest
from ipywidgets.widgets import widget
from jupyter_client.manager import run_kernel
from PIL import Image
from support import ROOT, wait

FRAME = Frame("x", "answer", (0, 10), (0, 100))
HEIGHT = Slider("height", 3, 0, 100)


def line(height):
    return View(f"A line at {height}.", [[Curve("line", [0, 10], [height, height])]])


def panel_of(view_of, **controls):
    return Panel(view_of, [FRAME], **(controls or {"height": HEIGHT}))


def browser_sets(panel, **values):
    """What a move of the hand does: the browser sends all values in one message."""
    panel.set_state({"values": panel.values | values})


def image_of(png):
    return Image.open(io.BytesIO(base64.b64decode(png.removeprefix("data:image/png;base64,"))))


def test_a_move_in_the_browser_redraws_and_one_message_has_all_that_belongs_together():
    panel, sent = panel_of(line), []
    first = panel.picture
    assert panel.sentence == "A line at 3."
    assert panel.shown == panel.values == {"height": 3}
    assert image_of(first).size == tuple(panel.size) == (900, 440)
    panel.send_state = lambda key=None: sent.append({key} if isinstance(key, str) else set(key))
    browser_sets(panel, height=50)
    wait(lambda: sent)
    assert sent == [{"picture", "sentence", "shown"}]
    assert (panel.sentence, panel.shown) == ("A line at 50.", {"height": 50})
    assert panel.picture != first
    np.testing.assert_array_equal(panel.canvas.artists[0]["line"].get_ydata(), [50, 50])


def test_the_picture_follows_a_fast_hand_ends_on_its_last_value_and_nothing_queues_up():
    called, seen = [], []

    def slow(height):
        called.append(height)
        time.sleep(0.05)
        return line(height)

    panel = panel_of(slow)
    panel.observe(lambda change: seen.append(change.new["height"]), "shown")
    for height in range(4, 101):
        browser_sets(panel, height=height)
        time.sleep(0.005)
    wait(lambda: panel.shown == {"height": 100} and not panel.working)
    assert panel.sentence == "A line at 100."
    assert (called[0], called[-1]) == (3, 100)
    assert called == sorted(called)
    assert 3 < len(called) < 30
    assert len(seen) >= 5


@pytest.mark.parametrize("by", ["moving on", "closing"])
def test_a_long_training_is_given_up(by, monkeypatch):
    monkeypatch.setattr(panels, "PATIENCE", 0.05)
    monkeypatch.setattr(panels, "WORK", 0.02)
    going, stopped, working = threading.Event(), threading.Event(), []

    def long(height):
        if height == 50:
            going.set()
            wait(stopping.asked_to_stop.get())
            stopped.set()
            raise training.TrainingInterrupted("Interrupted.")
        return line(height)

    panel = panel_of(long)
    panel.observe(lambda change: working.append(change.new), "working")
    browser_sets(panel, height=50)
    assert going.wait(20)
    wait(lambda: panel.working)
    if by == "closing":
        panel.close()
        panel._worker.join(20)
        assert not panel._worker.is_alive()
        assert panel.sentence == "A line at 3."
    else:
        browser_sets(panel, height=60)
        wait(lambda: panel.shown == {"height": 60} and not panel.working)
        assert panel.error == ""
        assert working == [True, False]
    assert stopped.is_set()


@pytest.mark.parametrize("bug", [InputError("height must not be 50."), ZeroDivisionError(), SystemExit()])
def test_a_fault_is_said_in_the_panel_and_to_the_caller_and_the_last_picture_stays(bug, caplog):
    def view_of(height):
        if height == 50:
            raise bug
        return line(height)

    panel, kind = panel_of(view_of), type(bug).__name__
    panel.settings(height=40)
    kept = panel.picture, "A line at 40.", {"height": 40}
    browser_sets(panel, height=50)
    wait(lambda: panel.error)
    if isinstance(bug, InputError):
        assert panel.error == "height must not be 50."
        assert caplog.text == ""
    else:
        assert f"a fault ({kind}" in panel.error
        assert "the picture still shows the settings before" in panel.error
        assert kind in caplog.text
    assert (panel.picture, panel.sentence, panel.shown) == kept
    with pytest.raises(type(bug)):
        panel.settings(height=50)
    panel.settings(height=60)
    assert (panel.error, panel.sentence) == ("", "A line at 60.")
    with pytest.raises(type(bug)):
        panel_of(view_of, height=Slider("height", 50, 0, 100))


CONTROLS = {
    "count": Slider("count", 5, 0, 20, 5, unit="epochs"),
    "share": Slider("share", 0.1, 0, 1, 0.1),
    "width": Steps("width", 8, (1, 8, 32), unit="units"),
    "name": Choice("name", "relu", ("relu", "tanh")),
    "on": Switch("on"),
}


@pytest.mark.parametrize(("name", "value", "sentence"), [
    ("count", 7, "from 0 to 20 in steps of 5, but is 7"),
    ("width", 9, "one of 1, 8, 32, but is 9"),
    ("name", "Relu", "one of relu, tanh, but is 'Relu'"),
    ("on", 1, "True or False, but is 1"),
    ("depth", 3, "the settings of this panel are count, share, width, name, on, but got depth"),
])  # fmt: skip
def test_settings_that_a_panel_does_not_have_are_refused_in_one_sentence(name, value, sentence):
    panel = panel_of(lambda **_: line(1), **CONTROLS)
    with pytest.raises(InputError, match=sentence) as error:
        panel.settings(**{name: value})
    assert str(error.value).count(". ") == 0
    assert panel.settings()["count"] == 5


def test_every_value_of_the_controls_is_taken_but_no_start_outside_them():
    for name, control in CONTROLS.items():
        assert [control.check(name, value) for value in control.positions()] == control.positions()
    assert CONTROLS["share"].check("share", 0.7) == pytest.approx(0.7)
    assert CONTROLS["count"].positions() == [0, 5, 10, 15, 20]
    with pytest.raises(InputError, match="from 0 to 2"):
        panel_of(line, height=Slider("height", 3, 0, 2))


def test_what_a_view_keeps_comes_back_until_the_panel_is_at_its_start():
    def highest(height, best=0):
        best = max(best, height)
        return View(f"Best {best}.", [[]], kept={"best": best})

    panel = panel_of(highest)
    panel.settings(height=90)
    panel.settings(height=10)
    assert panel.sentence == "Best 90."
    panel.settings(**panel._start)
    assert panel.sentence == "Best 3."


def test_20_runs_of_the_cell_leave_one_panel_one_thread_and_one_call_a_move():
    called = []

    def counted(height):
        called.append(height)
        return line(height)

    def run_the_cell():
        panel = panel_of(counted)
        panel.settings(height=4)
        return panel

    run_the_cell()
    live, threads = len(widget._instances), threading.active_count()
    for _ in range(20):
        panel = run_the_cell()
    # Fewer, if a thread of a test before was still ending when they were counted.
    wait(lambda: threading.active_count() <= threads)
    assert len(widget._instances) == live
    called.clear()
    panel.settings(height=70)
    assert called == [70]


@pytest.fixture
def shown(monkeypatch):
    """What a cell stores of the panels that it shows."""
    outputs = []

    def display(data, metadata, raw):
        outputs.append(SimpleNamespace(data=data, metadata=metadata))

    monkeypatch.setattr(panels, "display", display)
    return outputs


def test_a_notebook_stores_a_picture_with_its_sentence_and_then_what_moves(shown):
    panel = panel_of(line)
    panel._ipython_display_()
    still, live = shown
    assert still.data["text/plain"] == live.data["text/plain"] == "A line at 3."
    assert still.metadata["image/png"]["alt"] == "A line at 3."
    stored = image_of(still.data["image/png"])
    assert stored.width == 900
    assert stored.height > 460
    assert live.data["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.model_id


def test_on_colab_the_widget_manager_is_found_and_a_move_is_answered_while_it_is_handled(monkeypatch, shown):
    output = ModuleType("google.colab.output")
    output._widgets = SimpleNamespace(_installed_url="https://manager")
    output.enable_custom_widget_manager = lambda: None
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.output", output)

    def view_of(height):
        if height == 80:
            raise KeyboardInterrupt
        return line(height)

    panel, sent = panel_of(view_of), []
    panel.send_state = lambda key=None: sent.append((threading.current_thread(), panel.sentence))
    browser_sets(panel, height=60)
    assert sent == [(threading.current_thread(), "A line at 60.")]
    assert panel._worker is None
    with pytest.raises(KeyboardInterrupt):  # the reader's own Stop
        browser_sets(panel, height=80)
    assert panel.settings(height=70) == {"height": 70}
    panel._ipython_display_()
    _, live = shown
    assert "https://manager" in str(live.metadata)


# The view takes its time, so that an answer from a thread would come too late.
MAKE_A_PANEL = """
import sys, time, types
sys.modules["google.colab"] = types.ModuleType("google.colab")
from test_panels import line, panel_of
panel = panel_of(lambda height: (time.sleep(0.3), line(height))[1])
print(panel.comm.comm_id)
"""


def replies(client, asked):
    """Return what a kernel says of a message until it is done with it: (kind, content) each."""
    said = []
    while ("status", {"execution_state": "idle"}) not in said:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") == asked:
            said.append((message["msg_type"], message["content"]))
    return said


@pytest.mark.slow
def test_on_colab_a_kernel_answers_a_move_before_it_is_done_with_it(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'tests'}")
    with run_kernel(kernel_name="python3") as client:
        said = replies(client, client.execute(MAKE_A_PANEL))
        (comm,) = (content["text"].strip() for kind, content in said if kind == "stream")
        for height in (50, 60):
            data = {"method": "update", "state": {"values": {"height": height}}, "buffer_paths": []}
            move = client.session.msg("comm_msg", {"comm_id": comm, "data": data})
            client.shell_channel.send(move)
            said = replies(client, move["header"]["msg_id"])
            news = [content["data"].get("state", {}) for kind, content in said if kind == "comm_msg"]
            assert f"A line at {height}." in [state.get("sentence") for state in news]


def test_a_panel_is_declared_beside_its_function():
    @panels.panel([FRAME], trains=1, height=HEIGHT, on=Switch("on"))
    def declared(height, on):
        """Draw a line."""
        return line(height)

    assert REGISTRY.declared.pop("declared") is declared
    first, second = declared(), declared()
    assert (first.comm, second.settings(height=8)) == (None, {"height": 8, "on": False})
