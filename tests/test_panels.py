"""A panel without a browser: moves, the mailbox, errors, re-runs, and what a notebook stores."""

import base64
import io
import sys
import threading
import time
from types import ModuleType, SimpleNamespace

from helpers.checks import InputError
from helpers.live import panels
from helpers.live.canvas import View
from helpers.live.controls import Choice, Slider, Steps, Switch
from helpers.live.panels import REGISTRY, Panel
from helpers.live.server import PromptConnection
from helpers.pictures.marks import Curve, Frame
from helpers.train import stopping, training

import nbformat
import numpy as np
import pytest
from ipywidgets.widgets import widget
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from nbconvert import HTMLExporter
from PIL import Image

FRAME = Frame("x", "answer", (0, 10), (0, 100))
WAIT = 10


def line(height):
    return View(f"A line at {height}.", [[Curve("line", [0, 10], [height, height])]])


def panel_of(view_of, **controls):
    return Panel(view_of, [FRAME], **(controls or {"height": Slider("height", 3, 0, 100)}))


def browser_sets(panel, **values):
    """What a move of the hand does: the browser sends all values in one message."""
    panel.set_state({"values": panel.values | values})


def until(true):
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < WAIT
        time.sleep(0.005)


def image_of(panel):
    return Image.open(io.BytesIO(base64.b64decode(panel.picture.removeprefix("data:image/png;base64,"))))


def test_the_first_picture_is_there_at_once():
    panel = panel_of(line)
    assert panel.sentence == "A line at 3."
    assert panel.shown == panel.values == {"height": 3}
    assert image_of(panel).size == tuple(panel.size) == (900, 440)
    assert panel._worker is None


def test_a_move_in_the_browser_redraws_and_one_message_has_all_that_belongs_together():
    panel, sent = panel_of(line), []
    first = panel.picture
    panel.send_state = lambda key=None: sent.append({key} if isinstance(key, str) else set(key))
    browser_sets(panel, height=50)
    until(lambda: sent)
    assert sent == [{"picture", "sentence", "shown"}]
    assert (panel.sentence, panel.shown) == ("A line at 50.", {"height": 50})
    assert panel.picture != first
    np.testing.assert_array_equal(panel.canvas.artists[0]["line"].get_ydata(), [50, 50])
    assert not panel.working


def test_settings_reads_sets_and_waits_and_reset_goes_back():
    controls = {"height": Slider("height", 3, 0, 100), "on": Switch("on")}
    panel = panel_of(lambda height, on: line(height if on else 0), **controls)
    assert panel.settings() == {"height": 3, "on": False}
    assert panel.settings(on=True) == {"height": 3, "on": True}
    assert panel.sentence == "A line at 3."
    assert panel.settings(height=9) == panel.shown == {"height": 9, "on": True}
    assert panel.settings(**panel._start) == panel.shown == {"height": 3, "on": False}
    assert panel.sentence == "A line at 0."


def test_the_picture_moves_while_a_fast_hand_does_ends_on_its_last_value_and_nothing_queues_up():
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
    until(lambda: panel.shown == {"height": 100} and not panel.working)
    assert panel.sentence == "A line at 100."
    assert (called[0], called[-1]) == (3, 100)
    assert called == sorted(called)
    assert 3 < len(called) < 30
    assert len(seen) >= 5


@pytest.mark.parametrize("by", ["moving on", "closing"])
def test_a_long_training_is_given_up(by, monkeypatch):
    monkeypatch.setattr(panels, "PATIENCE", 0.05)
    going, stopped = threading.Event(), threading.Event()

    def long(height):
        if height == 50:
            going.set()
            until(stopping.asked_to_stop.get())
            stopped.set()
            raise training.TrainingInterrupted("Interrupted.")
        return line(height)

    panel = panel_of(long)
    browser_sets(panel, height=50)
    assert going.wait(WAIT)
    if by == "closing":
        panel.close()
        panel._worker.join(WAIT)
        assert not panel._worker.is_alive()
        assert panel.sentence == "A line at 3."
    else:
        until(lambda: panel.working)
        browser_sets(panel, height=60)
        until(lambda: panel.shown == {"height": 60})
        assert panel.error == ""
    assert stopped.is_set()


def failing(error):
    """A view that fails at 50."""

    def view_of(height):
        if height == 50:
            raise error
        return line(height)

    return view_of


def test_bad_input_is_said_in_the_panel_and_the_last_picture_stays():
    panel = panel_of(failing(InputError("height must not be 50: move on.")))
    panel.settings(height=40)
    kept = panel.picture
    with pytest.raises(InputError, match="must not be 50"):
        panel.settings(height=50)
    assert panel.error == "height must not be 50: move on."
    assert (panel.picture, panel.sentence, panel.shown) == (kept, "A line at 40.", {"height": 40})
    panel.settings(height=60)
    assert panel.error == ""
    assert panel.sentence == "A line at 60."


@pytest.mark.parametrize("bug", [ZeroDivisionError, SystemExit])
def test_a_bug_is_said_in_the_panel_in_the_log_and_to_the_caller(bug, caplog):
    panel = panel_of(failing(bug))
    browser_sets(panel, height=50)
    until(lambda: panel.error)
    assert bug.__name__ in panel.error
    assert "the picture still shows the settings before" in panel.error
    assert bug.__name__ in caplog.text
    with pytest.raises(bug):
        panel.settings(height=50)
    panel.settings(height=51)
    assert panel.error == ""
    with pytest.raises(bug):
        panel_of(failing(bug), height=Slider("height", 50, 0, 100))


CONTROLS = {
    "count": Slider("count", 5, 0, 20, 5, unit="epochs"),
    "share": Slider("share", 0.1, 0, 1, 0.1),
    "width": Steps("width", 8, (1, 8, 32), unit="units"),
    "name": Choice("name", "relu", ("relu", "tanh")),
    "on": Switch("on"),
}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("count", 7, "from 0 to 20 in steps of 5, but is 7"),
        ("count", 25, "from 0 to 20 in steps of 5, but is 25"),
        ("count", -5, "but is -5"),
        ("count", float("nan"), "but is nan"),
        ("count", "5", "but is '5'"),
        ("count", True, "but is True"),
        ("width", 9, "one of 1, 8, 32, but is 9"),
        ("width", True, "but is True"),
        ("name", "Relu", "one of relu, tanh, but is 'Relu'"),
        ("on", 1, "True or False, but is 1"),
        ("depth", 3, "the settings of this panel are count, share, width, name, on, but got depth"),
    ],
)
def test_settings_that_a_panel_does_not_have_are_refused_in_one_sentence(name, value, sentence):
    panel = panel_of(lambda **_: line(1), **CONTROLS)
    with pytest.raises(InputError, match=sentence) as error:
        panel.settings(**{name: value})
    assert str(error.value).count(". ") == 0
    assert panel.settings()["count"] == 5


def test_every_value_of_the_controls_is_taken_but_no_start_outside_them():
    values = {"count": [0, 20, 10.0], "share": [0.7], "width": [1, 32], "name": ["tanh"], "on": [True, False]}
    for name, control in CONTROLS.items():
        for value in values[name]:
            assert control.check(name, value) == (pytest.approx(value) if name == "share" else value)
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


@pytest.mark.slow
def test_20_runs_of_the_cell_leave_one_panel_one_thread_and_one_call_a_move():
    called = []

    def counted(height):
        called.append(height)
        return line(height)

    def run_the_cell():
        panel = panel_of(counted)
        panel.settings(height=4)
        return panel

    panel = run_the_cell()
    live = len(widget._instances)
    threads = threading.active_count()
    for _ in range(20):
        panel = run_the_cell()
    # Fewer, if a thread of a test before was still ending when they were counted.
    until(lambda: threading.active_count() <= threads)
    assert len(widget._instances) == live
    called.clear()
    browser_sets(panel, height=70)
    until(lambda: panel.shown == {"height": 70})
    time.sleep(0.05)
    assert called == [70]


@pytest.fixture
def shown(monkeypatch):
    """Show a panel as a cell does; return what is stored of it."""
    outputs = []

    def show(panel):
        def display(data, *, metadata, raw):
            assert raw
            outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata))

        monkeypatch.setattr(panels, "display", display)
        panel._ipython_display_()
        return outputs

    return show


def test_a_stored_panel_is_a_picture_with_its_sentence_and_then_what_moves(shown):
    panel = panel_of(line)
    still, live = shown(panel)
    assert still.data["text/plain"] == live.data["text/plain"] == "A line at 3."
    assert still.metadata["image/png"]["alt"] == "A line at 3."
    stored = Image.open(io.BytesIO(base64.b64decode(still.data["image/png"])))
    assert stored.width == 900
    assert stored.height > 460
    view = "application/vnd.jupyter.widget-view+json"
    assert live.data[view]["model_id"] == panel.model_id
    state = panel.get_state()
    assert (state["picture"], state["sentence"]) == (panel.picture, "A line at 3.")


def test_a_page_made_of_the_notebook_shows_the_picture_without_the_widgets_scripts(shown):
    panel = panel_of(line)
    cell = nbformat.v4.new_code_cell("panel", outputs=shown(panel))
    state = {panel.model_id: {"model_name": "AnyModel", "model_module": "anywidget", "state": {}}}
    widgets = {"application/vnd.jupyter.widget-state+json": {"version_major": 2, "state": state}}
    page, _ = HTMLExporter().from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": widgets})
    )
    assert f'src="data:image/png;base64,{cell.outputs[0].data["image/png"][:99]}' in page
    assert "application/vnd.jupyter.widget-view+json" in page


def test_on_colab_the_widget_manager_is_found_and_a_move_is_answered_while_it_is_handled(monkeypatch, shown):
    class Output(ModuleType):
        _widgets = SimpleNamespace(_installed_url="https://manager")

        def enable_custom_widget_manager(self):
            pass

    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setitem(sys.modules, "google.colab.output", Output("google.colab.output"))

    def view_of(height):
        if height == 80:
            raise KeyboardInterrupt
        return line(1000 // (height - 50))

    panel, sent = panel_of(view_of), []
    panel.send_state = lambda key=None: sent.append((threading.current_thread(), panel.sentence))
    browser_sets(panel, height=60)
    assert sent == [(threading.current_thread(), "A line at 100.")]
    assert panel._worker is None
    browser_sets(panel, height=50)
    assert "ZeroDivisionError" in panel.error
    with pytest.raises(KeyboardInterrupt):  # the reader's own Stop
        browser_sets(panel, height=80)
    assert panel.settings(height=70) == {"height": 70}
    assert panel.sentence == "A line at 50."
    _, live = shown(panel)
    assert "https://manager" in str(live.metadata)


def test_a_panel_is_declared_beside_its_function():
    @panels.panel([FRAME], trains=1, height=Slider("height", 3, 0, 100), on=Switch("on"))
    def declared(height, on):
        """Draw a line."""
        return line(height)

    assert REGISTRY.declared.pop("declared") is declared
    assert declared.view(7, on=False).sentence == "A line at 7."
    assert (declared.__name__, declared.__doc__) == ("declared", "Draw a line.")
    assert (list(declared.controls), declared.trains, declared.press) == (["height", "on"], 1, "height")
    first, second = declared(), declared()
    assert (first.comm, second.settings(height=8)) == (None, {"height": 8, "on": False})


def test_what_takes_long_is_called_work_until_it_is_done(monkeypatch):
    monkeypatch.setattr(panels, "WORK", 0.02)
    done = threading.Event()
    panel = panel_of(lambda height: (height == 50 and done.wait(WAIT), line(height))[1])
    seen = []
    panel.observe(lambda change: seen.append(change.new), "working")
    browser_sets(panel, height=50)
    until(lambda: panel.working)
    browser_sets(panel, height=60)
    done.set()
    until(lambda: panel.shown == {"height": 60} and not panel.working)
    assert seen == [True, False]


def test_the_server_sends_an_answer_at_once(monkeypatch):
    steps = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: steps.append("connect"))
    monkeypatch.setattr(PromptConnection, "websocket_handler", SimpleNamespace(set_nodelay=steps.append))
    PromptConnection.__new__(PromptConnection).connect()
    assert steps == [True, "connect"]
